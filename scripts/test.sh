#!/usr/bin/env bash
# Sets everything up, a browser too where it can, then runs the tests, in one process more than there are cores:
# some tests wait.
# Arguments go to pytest instead: scripts/test.sh tests/index
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/setup_browser.sh --system & # meanwhile
browser=$!
scripts/setup.sh test
wait "$browser"
scripts/setup_browser.sh
[ "$#" -gt 0 ] || set -- -n $(($(getconf _NPROCESSORS_ONLN) + 1)) --dist worksteal
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"  # threads of several processes wait for each other
exec .venv/bin/python -m pytest "$@"

#!/usr/bin/env bash
# Sets everything up, a browser too where it can, then runs the tests, in one process more than there are cores:
# some tests wait. What they write lies in memory where there is room: they need not wait for a disk.
# Arguments go to pytest instead: scripts/test.sh tests/index
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
unset PYTHONDONTWRITEBYTECODE   # or each of the many processes would compile every module
scripts/setup_browser.sh --system & # meanwhile
browser=$!
PIP_COMPILE=0 scripts/setup.sh test # of what is installed a fifth is imported, and compiled then
wait "$browser"
scripts/setup_browser.sh
[ "$#" -gt 0 ] || set -- -n $(($(getconf _NPROCESSORS_ONLN) + 1)) --dist worksteal
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"  # threads of several processes wait for each other
free_kb=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
if [ -z "${TMPDIR:-}" ] && [ -w /dev/shm ] && [ "${free_kb:-0}" -gt 8000000 ]; then
    TMPDIR=$(mktemp -d /dev/shm/tests.XXXXXX)
    chmod 755 "$TMPDIR" # some tests go on as nobody
    export TMPDIR
    trap 'rm -rf "$TMPDIR"' EXIT
fi
.venv/bin/python -m pytest -o tmp_path_retention_policy=failed "$@"

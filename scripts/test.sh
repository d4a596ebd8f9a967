#!/usr/bin/env bash
# Sets everything up, a browser too where it can, then runs the tests. Arguments go to pytest: scripts/test.sh tests/index
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/setup.sh test
scripts/setup_browser.sh
exec .venv/bin/python -m pytest "$@"

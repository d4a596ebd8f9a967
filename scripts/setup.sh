#!/usr/bin/env bash
# Sets up everything in .venv: virtual environment, pinned dependencies, the package itself.
# Safe to run again: what is there already is kept. Usage: scripts/setup.sh [EXTRA]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
extra="${1:-}"

fail() {
    echo "setup: $1" >&2
    exit 1
}

find_python() {
    local name
    for name in "${PYTHON:-}" python3 python3.13 python3.12 python3.11 python; do
        if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    return 1
}

stamp=".venv/.set-up-${extra:-base}"
if [ -x .venv/bin/recommend ] && [ -f "$stamp" ] &&
    [ "$stamp" -nt pyproject.toml ] && [ "$stamp" -nt scripts/constraints.txt ]; then
    echo "setup: .venv is up to date" >&2
    exit 0
fi

python=$(find_python) || fail "needs Python 3.11 or newer; install it, or name one: PYTHON=/path/to/python $0"
free_kb=$(df -Pk . | awk 'NR == 2 { print $4 }')
[ "$free_kb" -gt 3000000 ] || fail "needs 3 GB of free disk here, found $((free_kb / 1024)) MB; make room and run it again"

echo "setup: installing into .venv with $("$python" --version); a few minutes the first time" >&2
[ -x .venv/bin/python ] || "$python" -m venv .venv ||
    fail "could not make .venv; on Debian and Ubuntu: apt install python3-venv"
log=.venv/setup.log
if ! .venv/bin/python -m pip install --constraint scripts/constraints.txt \
    --editable ".${extra:+[$extra]}" >"$log" 2>&1; then
    if grep -qiE 'no space left' "$log"; then fail "the disk is full; make room and run it again"; fi
    if grep -qiE 'Temporary failure|NewConnectionError|Network is unreachable|Name or service|ConnectTimeout|ProxyError|Connection refused|Could not find a version' "$log"; then
        fail "could not reach the package index; check the network and run it again (details: $log)"
    fi
    tail -n 5 "$log" >&2
    fail "the installation failed (details: $log)"
fi
touch "$stamp"
echo "setup: done" >&2

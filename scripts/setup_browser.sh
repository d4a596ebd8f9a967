#!/usr/bin/env bash
# Installs what the browser tests need: Debian's Chromium with its driver, a Chinese font, and axe-core.
# Where it cannot, it says why and ends well: the tests then skip with a reason. With `--system` only what is
# no Python package is installed, for which there need be no .venv yet.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

skip() {
    echo "setup: no browser tests: $1" >&2
    exit 0
}

if ! command -v chromium >/dev/null || ! command -v chromedriver >/dev/null ||
    ! fc-list ':lang=zh' 2>/dev/null | grep -q .; then
    command -v apt-get >/dev/null || skip "there is no chromium here, and no apt-get to install it"
    [ "$(id -u)" -eq 0 ] || skip "chromium is missing, and only root may install it"
    log=$(mktemp)
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update && apt-get install -y --no-install-recommends \
        chromium chromium-driver fonts-noto-cjk fontconfig; } >"$log" 2>&1 ||
        skip "apt-get could not install chromium (details: $log)"
fi
[ "${1:-}" != --system ] || exit 0
# Without its dependencies: of the package only axe.min.js is used.
.venv/bin/python -m pip install --quiet --no-deps --constraint scripts/constraints.txt \
    axe-playwright-python >/dev/null 2>&1 || skip "axe-core could not be installed"
echo "setup: the browser tests have what they need" >&2

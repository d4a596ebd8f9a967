#!/usr/bin/env bash
# Sets everything up, then answers from the bundled sample: which papers are similar to paper 9?
# Arguments replace the question: scripts/start.sh "产教融合 治理"
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
"$here/setup.sh"
[ $# -gt 0 ] || set -- --id 9 --k 5
exec "$here/../.venv/bin/recommend" "$@"

#!/usr/bin/env bash
# The nightly job: import, rebuild without publishing, compare with the current build, publish or refuse, prune.
#
#   scripts/nightly_rebuild.sh [FILES...]       FILES are imported first; none: the library as it is
#
#   RECOMMENDER_HOME    folder of library and builds
#   RECOMMENDER_MODEL   model of the new build (default: that of the current build, else fast)
#   RECOMMENDER_PAIRS   known-similar pairs that the new build must not answer worse (optional)
#   RECOMMENDER_KEEP    builds to keep (default 7)
#   RECOMMENDER_IMPORT  further options of the import, such as: --replace --on-error=report
#   RECOMMENDER_PUBLISHED  command line to run when a new build was published, such as a mail of what is new (optional)
#   RECOMMENDER_LOG     file that gets one JSON object a line, of every step and of the night (optional)
#   RECOMMEND           the command (default: the one in .venv beside this script, or on the PATH)
#
# The verdict of the comparison stays in the new build, published or refused; recommend builds shows it.
#
# A night that failed, was refused or was ended from outside leaves nightly.failed in the home folder, until one
# succeeds. What cannot be written down, on a full disk, is said on standard error and keeps no night from its end.
# Exit codes: 0 published, or nothing had changed · 5 refused, yesterday's build stays · 6 already running ·
# anything else: a step failed, yesterday's build stays. Safe to start twice, and again after a crash.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export RECOMMENDER_HOME="${RECOMMENDER_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/recommender}"
recommend="${RECOMMEND:-$here/../.venv/bin/recommend}"
[ -x "$recommend" ] || recommend=$(command -v recommend) || { echo "nightly: the command recommend is not installed" >&2; exit 1; }

mkdir -p "$RECOMMENDER_HOME" 2>/dev/null || { echo "nightly: cannot write to $RECOMMENDER_HOME" >&2; exit 2; }
{ exec 9>"$RECOMMENDER_HOME/nightly.lock"; } 2>/dev/null || { echo "nightly: cannot write to $RECOMMENDER_HOME" >&2; exit 2; }
flock --nonblock 9 || { echo "nightly: another run is under way in $RECOMMENDER_HOME" >&2; exit 6; }
# The lock is held by this process alone, so that it ends with it: the steps run without the descriptor.
log_file="$RECOMMENDER_HOME/nightly.log"
failed_file="$RECOMMENDER_HOME/nightly.failed" # there while the last night has failed or was refused

log() {
    local line
    line="$(date -u +%Y-%m-%dT%H:%M:%SZ) $*"
    printf '%s\n' "$line" >&2
    { printf '%s\n' "$line" >> "$log_file"; } 2>/dev/null || true
}

tell() { # tell RESULT BUILD: the night as one line of JSON, where that is wanted
    [ -z "${RECOMMENDER_LOG:-}" ] || { printf '{"time": "%s", "pid": %s, "event": "night", "result": "%s", "build": "%s", "seconds": %s}\n' \
        "$(date -u +%Y-%m-%dT%H:%M:%S.000+00:00)" $$ "$1" "$2" "$SECONDS" >> "$RECOMMENDER_LOG"; } 2>/dev/null || true
}

before=
why= # what a failing step said of itself; empty: something else ended the night

end() { # whatever ends the night: leave a failure for recommend doctor and whoever watches
    local code=$1
    trap - EXIT HUP INT TERM
    if [ "$code" -ne 0 ]; then
        why=${why:-"failed: ended from outside, ${before:-nothing} stays current"}
        log "$why"
        { printf '%s exit %s, %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$code" "$why" > "$failed_file"; } 2>/dev/null || true
        tell "${why%%:*}" "$before"
    fi
    exit "$code"
}
trap 'end $?' EXIT
trap 'end 129' HUP
trap 'end 130' INT
trap 'end 143' TERM

step() { # step NAME COMMAND...: run, log every line it says and the seconds it took, keep its exit code
    local name=$1 began=$SECONDS code line
    shift
    {
        "$@" 9>&- 2>&1 1>&3 | while IFS= read -r line; do log "$name: $line"; done
        code=${PIPESTATUS[0]}
    } 3>&1
    log "$name: exit $code after $((SECONDS - began)) s"
    return "$code"
}

log "start: home $RECOMMENDER_HOME, files ${*:-none}"
before=$(cat "$RECOMMENDER_HOME/builds/CURRENT" 2>/dev/null || true)
stays="${before:-nothing} stays current"
# shellcheck disable=SC2086  # RECOMMENDER_IMPORT is a list of options
build=$(step rebuild "$recommend" rebuild --no-publish ${RECOMMENDER_IMPORT:-} "$@") || { code=$?; why="failed: $stays"; end "$code"; }
if [ "$build" = "$before" ]; then
    rm -f "$failed_file"
    log "done: nothing has changed, $stays"
    tell unchanged "$before"
    end 0
fi
step evaluate "$recommend" evaluate --gate --build "$build" ${RECOMMENDER_PAIRS:+"$RECOMMENDER_PAIRS"} || {
    code=$?
    result=failed # but for the one code that is a verdict: pairs that cannot be read say nothing of the build
    [ "$code" -ne 5 ] || result=refused
    why="$result: $build is not published, $stays"
    [ -z "$before" ] || step prune "$recommend" prune --keep "${RECOMMENDER_KEEP:-7}" || true
    end "$code"
}
step publish "$recommend" publish "$build" || { code=$?; why="failed: $stays"; end "$code"; }
step prune "$recommend" prune --keep "${RECOMMENDER_KEEP:-7}" || log "prune failed; the new build is current all the same"
[ -z "${RECOMMENDER_PUBLISHED:-}" ] || step published bash -c "$RECOMMENDER_PUBLISHED" ||
    log "what was to be done with the new build failed; it is current all the same"
rm -f "$failed_file"
log "done: $build is current"
tell published "$build"
end 0

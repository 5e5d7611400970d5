# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# TAP, the Test Anything Protocol, for tests written in bash.  Source it; a
# case is one call of ok, is, like, run_ok or skip; the script ends with
# "tap_done".

tap_run=0
tap_failed=0

# ok STATUS NAME: one case, passed when STATUS is 0.
ok() {
    tap_run=$((tap_run + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $tap_run - $2"
    else
        tap_failed=$((tap_failed + 1))
        echo "not ok $tap_run - $2"
    fi
    return "$1"
}

# is GOT WANT NAME: one case, passed when the strings are equal.
is() {
    if [ "$1" = "$2" ]; then
        ok 0 "$3"
    else
        ok 1 "$3"
        diag "$(printf 'got:  %s\nwant: %s' "$1" "$2")"
        return 1
    fi
}

# like GOT EXTENDED-REGEX NAME: one case, passed when a line of GOT matches.
like() {
    if grep -Eq -- "$2" <<< "$1"; then
        ok 0 "$3"
    else
        ok 1 "$3"
        diag "$(printf 'got:  %s\nlike: %s' "$1" "$2")"
        return 1
    fi
}

# run_ok NAME COMMAND...: one case, passed when COMMAND succeeds; its output
# is shown when it does not.
run_ok() {
    local name=$1 out status=0
    shift
    out=$("$@" 2>&1) || status=1
    [ $status -eq 0 ] || diag "$*: $out"
    ok $status "$name"
}

# skip NAME REASON: one case that this environment cannot run.
skip() {
    tap_run=$((tap_run + 1))
    echo "ok $tap_run - $1 # SKIP $2"
}

# diag TEXT: lines of diagnosis, no case.
diag() {
    printf '%s\n' "$1" | sed 's/^/# /'
}

# Prints the plan; its status is that of the script.
tap_done() {
    echo "1..$tap_run"
    [ $tap_failed -eq 0 ]
}

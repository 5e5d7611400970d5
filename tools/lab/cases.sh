# shellcheck shell=bash
# Copyright (c) 2026 The ovs-span Authors.
# SPDX-License-Identifier: Apache-2.0
#
# cases.sh - kinds of test cases that the system tests share, on top of
# tests/tap.sh.  Source it first in a system test; it brings the lab along.

_cases_folder=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=tools/lab/spand.sh
. "$_cases_folder/spand.sh"
# shellcheck source=tests/tap.sh
. "$_cases_folder/../../tests/tap.sh"

# same FILE FILE NAME: byte for byte.
same()
{
    cmp -s "$1" "$2"
    ok $? "$3" || diag "$(diff -U1 "$1" "$2" | head -40)"
}

# refuses NAME REGEX COMMAND...: exit code 1 and a sentence like REGEX.
refuses()
{
    local name=$1 regex=$2 output status
    shift 2
    output=$("$@" 2>&1)
    status=$?
    [ "$status" = 1 ] && grep -Eqi -- "$regex" <<< "$output"
    ok $? "$name" || diag "$(printf '%s\nexit code %s: %s\nlike: %s' \
                             "$*" "$status" "$output" "$regex" | cut -c1-400)"
}

# awaits SECONDS NAME COMMAND...: the command succeeds in time.
awaits()
{
    local seconds=$1 name=$2
    shift 2
    wait_for "$seconds" "$@" 2>/dev/null
    ok $? "$name" || diag "$* $("$@" 2>&1 | tail -3)"
}

# becomes SESSION STATE [NAME]: the session's state, within 5 s.
becomes()
{
    wait_for 5 lab_is_state "$1" "$2" 2>/dev/null
    ok $? "${3:-$1 becomes $2}" || diag "$1 is $(lab_state "$1")"
}

# counts SESSION KEY N NAME: a counter of the session comes to N.
counts()
{
    wait_for 5 lab_counted "$1" "$2" "$3" 2>/dev/null
    is "$(lab_counter "$1" "$2")" "$3" "$4"
}

# exact SINK N NAME [frames.py check OPTION]...: N frames of the log were sent,
# and the sink's files hold each of them once, and nothing else.
exact()
{
    local got
    got=$(lab_check "$1" "${@:4}" 2>"$LAB_DIR/check.txt")
    [ "$got" = "$(lab_perfect "$2")" ]
    ok $? "$3: $2 copies of $2 frames, 0 doubled, 0 foreign" \
        || diag "$got
$(cat "$LAB_DIR/check.txt")"
}

lab_perfect()
{
    echo "sent=$1 copies=$1 missing=0 doubled=0 altered=0 foreign=0"
}

# no_orphans NAME: nothing of ours is in the switch, no sink runs.
no_orphans()
{
    wait_for 5 lab_is_clean 2>/dev/null
    is "$(lab_orphans)" "" "$1: 0 rows, 0 flows, 0 sinks of ours left"
}

# The end of a test; after a failure with the daemon's last words.
lab_done()
{
    [ -z "$(lab_sanitizer)" ] || { ok 1 "0 reports of the sanitizers"
                                   diag "$(lab_sanitizer | cut -c1-200)"; }
    # shellcheck disable=SC2154
    if [ "$tap_failed" != 0 ] && [ -n "$LAB_DIR" ]; then
        diag "$(tail -n 20 "$LAB_DIR"/*/log/ovs-spand.log 2>/dev/null \
                | cut -c1-300)"
    fi
    tap_done
    exit
}

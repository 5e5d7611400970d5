# shellcheck shell=bash
# Copyright (c) 2026 The ovs-span Authors.
# SPDX-License-Identifier: Apache-2.0
#
# tap.sh - Test Anything Protocol for the system tests.  Source it, call ok and
# is, end with tap_done, which prints the plan and sets the exit code.

TAP_COUNT=0
TAP_FAILED=0

# ok STATUS DESCRIPTION [DIAGNOSTIC LINE]...
ok()
{
    TAP_COUNT=$((TAP_COUNT + 1))
    if [ "$1" = 0 ]; then
        echo "ok $TAP_COUNT - $2"
    else
        TAP_FAILED=$((TAP_FAILED + 1))
        echo "not ok $TAP_COUNT - $2"
        shift 2
        [ $# = 0 ] || printf '%s\n' "$@" | sed 's/^/#   /'
        return 1
    fi
}

# is GOT WANTED DESCRIPTION
is()
{
    if [ "$1" = "$2" ]; then
        ok 0 "$3"
    else
        ok 1 "$3" "got:    $1" "wanted: $2"
    fi
}

# like GOT EXTENDED-REGEX DESCRIPTION
like()
{
    if grep -Eq -- "$2" <<< "$1"; then
        ok 0 "$3"
    else
        ok 1 "$3" "got:     $1" "pattern: $2"
    fi
}

# runs DESCRIPTION COMMAND...: the command has to succeed.
runs()
{
    local what=$1 output
    shift
    if output=$("$@" 2>&1); then
        ok 0 "$what"
    else
        ok 1 "$what" "command: $*" "$output"
    fi
}

# refuses DESCRIPTION REGEX COMMAND...: exit code 1 and a sentence like REGEX.
refuses()
{
    local what=$1 regex=$2 output status
    shift 2
    output=$("$@" 2>&1)
    status=$?
    if [ "$status" = 1 ] && grep -Eqi -- "$regex" <<< "$output"; then
        ok 0 "$what"
    else
        ok 1 "$what" "command: $*" "exit code: $status" "$output"
    fi
}

# same FILE FILE DESCRIPTION
same()
{
    if cmp -s "$1" "$2"; then
        ok 0 "$3"
    else
        ok 1 "$3" "$(diff -U1 "$1" "$2" | head -40)"
    fi
}

# Prints the plan, the daemon's last words after a failure, and exits.
tap_done()
{
    echo "1..$TAP_COUNT"
    if [ "$TAP_FAILED" != 0 ] && [ -n "${LAB_DIR:-}" ]; then
        tail -n 25 "$LAB_DIR"/*/log/ovs-spand.log 2>/dev/null \
            | cut -c1-300 | sed 's/^/# /'
    fi
    [ "$TAP_FAILED" = 0 ]
    exit
}

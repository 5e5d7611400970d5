# shellcheck shell=bash
# Copyright (c) 2026 The ovs-span Authors.
# SPDX-License-Identifier: Apache-2.0
#
# capture.sh - "ovs-spanctl capture" in tests: begun, ended, and what it has
# left.  Source it behind cases.sh.

# begin OPTION...: a capture in the background that has begun.  The file is made
# empty before that one starts: the last one's word is not taken for its own.
begin()
{
    { lab_spanctl capture "$@" & } 2> "$LAB_DIR/said"
    capture=$!
    wait_for 5 has_begun
}

has_begun()
{
    grep -q ^Capturing "$LAB_DIR/said"
}

# ended SIGNAL: sends it to the capture, and waits; its exit code.
ended()
{
    kill "-$1" "$(the_pid ovs-spanctl)"
    wait "$capture"
}

# The processes of this name on the host.
the_pid()
{
    local pid
    for pid in $(ip netns pids "$(lab_ns "$LAB_HOST")"); do
        [ "$(cat "/proc/$pid/comm" 2>/dev/null)" != "$1" ] || echo "$pid"
    done
}

said()
{
    tail -1 "$LAB_DIR/said"
}

# What a capture leaves, one line each: rows, ports, rules, processes.
left()
{
    lab_orphans | grep -v '^Bridge br-span$\|^Port br-span$'
    for table in Session Source Destination Sink; do
        [ "$(lab_query "$table")" = "[]" ] || echo "row of $table"
    done
    the_pid ovs-spanctl | sed 's/^/process ovs-spanctl /'
}

is_nothing_left()
{
    [ -z "$(left)" ]
}

# nothing NAME: within 5 s.
nothing()
{
    wait_for 5 is_nothing_left 2>/dev/null
    is "$(left)" "" "$1: 0 rows, ports, rules and processes left"
}

# frames_in FILE [frames.py check OPTION]...: the file against the log.
frames_in()
{
    lab_frames check --log "$LAB_DIR/sent.json" "${@:2}" "$1" 2>/dev/null
}

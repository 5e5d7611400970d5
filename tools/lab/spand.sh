# shellcheck shell=bash
# Copyright (c) 2026 The ovs-span Authors.
# SPDX-License-Identifier: Apache-2.0
#
# spand.sh - ovs-span in the lab: the daemon, the command line, the database
# and the capture files.  Source it; it brings lab.sh along.
#
#   lab_spand_start, lab_spand_kill9, lab_spand_exit [--restart]
#   lab_spanctl COMMAND...          ovs-spanctl on the lab's host
#   lab_state SESSION               its state and reason, from the database
#   lab_counter SESSION KEY         what it has counted, of all hosts together
#   lab_await SINK N; lab_check SINK...; lab_finish SESSION SINK
#
# The programs come from $SPAN_BUILDDIR, by default _build in the checkout.

_lab_folder=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=tools/lab/lab.sh
. "$_lab_folder/lab.sh"

# lab_program NAME FOLDER: where the built program is.
lab_program()
{
    local dir
    for dir in "${SPAN_BUILDDIR:-$LAB_TOP/_build}" "$LAB_TOP"; do
        if [ -x "$dir/$2/$1" ]; then
            realpath "$dir/$2/$1"
            return
        fi
    done
    command -v "$1" || lab_die "no $1: build first, or set SPAN_BUILDDIR"
}

# lab_programs: finds the programs, or ends with a sentence.
lab_programs()
{
    OVS_SPAND=${OVS_SPAND:-$(lab_program ovs-spand plugin/daemon)} || exit
    OVS_SPAN_SINK=${OVS_SPAN_SINK:-$(lab_program ovs-span-sink plugin/sink)} \
        || exit
    OVS_SPANCTL=${OVS_SPANCTL:-$(lab_program ovs-spanctl tools/ovs-spanctl)} \
        || exit
}

# -------------------------------------------------------------- the daemon --

# Before a host's name and a command: the command sees that name.
# shellcheck disable=SC2016
lab_named=(unshare --uts sh -c 'hostname "$0" && exec "$@"')

# lab_spand_start [OPTION]...: returns when the daemon serves this host.  Where
# there are several, each has its own name.
lab_spand_start()
{
    local dir=$LAB_DIR/$LAB_HOST named=()
    [ -n "${OVS_SPANCTL:-}" ] || lab_programs
    [ -z "$LAB_DB_HOST" ] || named=("${lab_named[@]}" "$LAB_HOST")
    lab_in "$LAB_HOST" "${named[@]}" "$OVS_SPAND" -vconsole:off --pidfile \
        --detach --no-chdir --log-file --db="unix:$(lab_span_db "$LAB_HOST")" \
        --capture-dir="$dir/captures" --sink="$OVS_SPAN_SINK" "$@" \
        || lab_die "ovs-spand did not start"
    wait_for 10 lab_spand_ready || lab_die "ovs-spand does not serve the host"
}

lab_spand_ready()
{
    lab_appctl -t ovs-spand version && [ "$(lab_query Host \
        "[\"system_id\",\"==\",\"$LAB_ID-$LAB_HOST\"]")" != "[]" ]
}

lab_spand_pid()
{
    cat "$LAB_DIR/$LAB_HOST/run/ovs-spand.pid"
}

# Ends the daemon without a chance to clean up.
lab_spand_kill9()
{
    local pid
    pid=$(lab_spand_pid) || return
    kill -9 "$pid"
    wait_for 10 lab_pid_gone "$pid"
}

# lab_spand_exit [--restart]: as an administrator does.
lab_spand_exit()
{
    local pid
    pid=$(lab_spand_pid) || return
    lab_appctl -t ovs-spand exit "$@"
    wait_for 20 lab_pid_gone "$pid"
}

lab_spanctl()
{
    lab_in "$LAB_HOST" "$OVS_SPANCTL" "$@"
}

# lab_query TABLE [CONDITION]: the rows of OVS_Span as JSON.
lab_query()
{
    ovsdb-client --timeout=10 query "unix:$(lab_span_db "$LAB_HOST")" \
        '["OVS_Span",{"op":"select","table":"'"$1"'","where":['"${2:-}"']}]' \
        | jq -c '.[0].rows'
}

# lab_state SESSION: "active" or e.g. "waiting no-source"; a line for each
# host, in the order of their names.
lab_state()
{
    lab_query Binding "[\"session_name\",\"==\",\"$1\"]" \
        | jq -r 'sort_by(.system_id)[]
                 | .state + (if .reason == "" then "" else " " + .reason end)'
}

# lab_counter SESSION KEY: one of its counters; all hosts together.
lab_counter()
{
    lab_query Binding "[\"session_name\",\"==\",\"$1\"]" \
        | jq --arg key "$2" '[.[].counters[1][] | select(.[0] == $key) | .[1]]
                             | add // 0'
}

# For wait_for: lab_counted SESSION KEY N
lab_counted()
{
    [ "$(lab_counter "$1" "$2")" = "$3" ]
}

# For wait_for: lab_is_state SESSION STATE
lab_is_state()
{
    local state
    state=$(lab_state "$1")
    [ "${state%% *}" = "$2" ]
}

# ------------------------------------------------------- the capture files --

# lab_files SINK: its capture files, closed and open, oldest first.
lab_files()
{
    find "$LAB_DIR/$LAB_HOST/captures/$1" -type f \
        \( -name '*.pcapng' -o -name '*.part' \) 2>/dev/null | sort
}

# lab_count SINK [REGEX]: how many frames are in the files by now (of those
# whose "frames.py list" line is like REGEX).
lab_count()
{
    local files
    mapfile -t files < <(lab_files "$1")
    lab_frames list "${files[@]}" | grep -Ec -- "${2:-.}"
}

# lab_await SINK N: waits, but not for ever, until N frames are in the file.
# What else may come is then shown by a closed file (lab_finish).
lab_await()
{
    wait_for 8 lab_has "$1" "$2"
}

lab_has()
{
    [ "$(lab_count "$1")" -ge "$2" ]
}

# For wait_for: exactly N frames like REGEX.
lab_counts()
{
    [ "$(lab_count "$1" "$2")" = "$3" ]
}

# lab_finish SESSION SINK: deletes the session; returns with closed files.
lab_finish()
{
    lab_spanctl del "$1" || return
    wait_for 10 lab_closed "$2"
}

lab_closed()
{
    [ -n "$(lab_files "$1")" ] && ! lab_files "$1" | grep -q '\.part$'
}

# lab_check SINK [frames.py check OPTION]...: the sink's files against the log.
lab_check()
{
    local files
    mapfile -t files < <(lab_files "$1")
    lab_frames check -v --log "$LAB_DIR/sent.json" "${@:2}" "${files[@]}"
}

# ----------------------------------------------------- what is of ours left --

# Everything of ovs-span in the switch, one line each.  Nothing, when no
# session is there and the daemon has gone.
lab_orphans()
{
    local table bridge pid
    for table in Bridge Port Interface Mirror; do
        lab_vsctl --bare --columns=name find "$table" \
            "external_ids:span-owner=$LAB_ID-$LAB_HOST" \
            | sed "/^\$/d; s/^/$table /"
    done
    for bridge in $(lab_vsctl list-br); do
        lab_ofctl dump-flows --no-stats "$bridge" \
            "cookie=0x5350414e00000000/0xffffffff00000000" \
            | grep cookie | sed "s/^/flow on $bridge/"
    done
    for pid in $(ip netns pids "$(lab_ns "$LAB_HOST")"); do
        [ "$(cat "/proc/$pid/comm" 2>/dev/null)" != ovs-span-sink ] \
            || echo "process $pid ovs-span-sink"
    done
}

lab_is_clean()
{
    [ -z "$(lab_orphans)" ]
}

# How many mirrors, and sinks, of ours there are.
lab_count_mirrors()
{
    lab_orphans | grep -c '^Mirror'
}

# For wait_for: no mirror and no sink of ours.
lab_is_idle()
{
    [ "$(lab_count_mirrors) $(lab_count_sinks)" = "0 0" ]
}

lab_count_sinks()
{
    lab_orphans | grep -c '^process'
}

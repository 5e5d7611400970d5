# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A recorder on its own, for tests: a network name space with a veth pair, tx
# to rx, and a recorder on rx.  Source it from a script in tests/system.
#
#   sink_up                     makes all that; everything goes at exit
#   sink_start [OPTION]...      starts a recorder and waits until it is ready
#   sink_stop                   stops it as SIGTERM does; sets sink_status
#   sink_end                    stops it by its control socket; same
#   sink_final PATH             a value of the status it then gave
#   sink_kill                   kill -9
#   sink_get PATH               a value of its status
#   sink_rpc METHOD [PARAMS]    asks it
#   sink_files                  its capture files, in order
#   sink_in COMMAND...          in the name space
#
# $SINK_DIR is the test's directory, $SINK_DIR/c/s the recorder's.

sink_here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
sink_top=$(cd "$sink_here/../.." && pwd)
: "${SPAN_BUILDDIR:=$sink_top/_build}"
SINK_PROGRAM=$SPAN_BUILDDIR/plugin/sink/ovs-span-sink
export TSHARK_RUN_AS_ROOT=1

# shellcheck source=tests/tap.sh
. "$sink_top/tests/tap.sh"

sink_probe() { /usr/bin/python3 "$sink_here/sink-probe.py" "$@"; }
sink_frames() { /usr/bin/python3 "$sink_here/frames.py" "$@"; }
sink_in() { ip netns exec "$SINK_NS" "$@"; }
sink_in_python() {
    local script=$1
    shift
    sink_in /usr/bin/python3 "$sink_here/$script" "$@"
}

sink_down() {
    [ -z "$sink_pid" ] || kill -9 "$sink_pid" 2>/dev/null
    [ -z "$sink_other" ] || kill -9 "$sink_other" 2>/dev/null
    wait 2>/dev/null
    ip netns del "$SINK_NS" 2>/dev/null
    if [ -n "$SINK_DIR" ]; then
        umount "$SINK_DIR/c" 2>/dev/null
        rm -rf "$SINK_DIR"
    fi
}

sink_pid=
sink_other=
sink_interface=rx

sink_up() {
    [ -x "$SINK_PROGRAM" ] || { echo "Bail out! no $SINK_PROGRAM"; exit 1; }
    SINK_NS=sink-$$
    SINK_DIR=$(mktemp -d)
    chmod 755 "$SINK_DIR"
    trap sink_down EXIT
    trap 'exit 130' INT TERM HUP
    mkdir "$SINK_DIR/c"
    ip netns add "$SINK_NS"
    sink_link
}

# Makes the veth pair (again).
sink_link() {
    local i
    ip -n "$SINK_NS" link add name tx type veth peer name rx
    for i in tx rx; do
        sink_in sysctl -qw "net.ipv6.conf.$i.disable_ipv6=1"
        ip -n "$SINK_NS" link set dev "$i" mtu 65000 up
    done
}

# wait_until SECONDS COMMAND...: succeeds as soon as COMMAND does.
wait_until() {
    local end=$(($(date +%s%3N) + $1 * 1000))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$(date +%s%3N)" -lt "$end" ] || return 1
        sleep 0.02
    done
}

sink_is() { [ "$(sink_get "$1")" = "$2" ]; }
sink_at_least() { [ "$(sink_get "$1")" -ge "$2" ]; }

sink_start() {
    local sink_user=${SINK_USER-root}
    # Not by sink_in: its process, not a shell's, is wanted.  SINK_PRELOAD is
    # for the recorder only.  It stays root, whatever users there are on this
    # machine, unless SINK_USER is set: to a user, or to nothing.
    ip netns exec "$SINK_NS" env ${SINK_PRELOAD:+LD_PRELOAD="$SINK_PRELOAD"} \
        "$SINK_PROGRAM" --interface="$sink_interface" \
        --sink=s --dir="$SINK_DIR/c" --control="$SINK_DIR/ctl" \
        ${sink_user:+--user="$sink_user"} "$@" \
        2> "$SINK_DIR/stderr" &
    sink_pid=$!
    wait_until 10 sink_is state ready
}

sink_stop() {
    kill "$sink_pid"
    sink_wait
}

# Stops it by the control socket, and keeps its last status.
sink_end() {
    sink_rpc stop > "$SINK_DIR/final"
    sink_wait
}

# A value of the last status.
sink_final() {
    /usr/bin/python3 -c 'import functools, json, sys
print(functools.reduce(lambda v, k: v[k], sys.argv[2].split("."),
                       json.load(open(sys.argv[1]))))' "$SINK_DIR/final" "$1"
}

# Waits for the recorder's own end.
sink_wait() {
    sink_status=0
    wait "$sink_pid" || sink_status=$?
    sink_pid=
}

sink_kill() {
    kill -9 "$sink_pid"
    wait "$sink_pid" 2>/dev/null
    sink_pid=
}

sink_get() { sink_probe get "$SINK_DIR/ctl" "$1"; }
sink_rpc() { sink_probe rpc "$SINK_DIR/ctl" "$@"; }
sink_files() { find "$SINK_DIR/c/s" -name 's_*' ! -name '*.json' | sort; }
sink_blast() {
    sink_in_python sink-probe.py blast tx "$@" \
        || diag "the sender of $1 frames has failed"
}

# sink_sequence [FILE]...: what became of the numbers; all files by default.
sink_sequence() {
    [ $# -gt 0 ] || mapfile -t sink_all < <(sink_files)
    sink_probe sequence "${@:-${sink_all[@]}}"
}

# sink_field NAME: one number of a line of sink_sequence.
sink_field() { sed -n "s/.*\\b$1=\\([0-9]*\\).*/\\1/p"; }

# A key of the newest manifest.
sink_manifest() {
    local newest
    newest=$(find "$SINK_DIR/c/s" -name '*.json' | sort | tail -1)
    /usr/bin/python3 -c 'import functools, json, sys
print(functools.reduce(lambda v, k: v[k], sys.argv[2].split("."),
                       json.load(open(sys.argv[1]))))' "$newest" "$1"
}

# sink_readable FILE...: other programs read them without a complaint.
sink_readable() {
    local f bad=
    for f in "$@"; do
        tshark -r "$f" 2>&1 >/dev/null \
            | grep -v 'Running as user' && bad="$bad tshark:$f"
        capinfos "$f" 2>&1 >/dev/null | grep . && bad="$bad capinfos:$f"
        tcpdump -nr "$f" 2>&1 >/dev/null \
            | grep -v '^reading from file' && bad="$bad tcpdump:$f"
        mergecap -w /dev/null "$f" 2>&1 | grep . && bad="$bad mergecap:$f"
        editcap "$f" /dev/null 2>&1 | grep . && bad="$bad editcap:$f"
    done
    [ -z "$bad" ] || { diag "not readable:$bad"; return 1; }
}

# shellcheck shell=bash
# Copyright (c) 2026 The ovs-span Authors.
# SPDX-License-Identifier: Apache-2.0
#
# lab.sh - a private network to try ovs-span in: hosts with an Open vSwitch of
# their own and virtual machines, all in network namespaces.  Source it; the
# quickstart and every system test stand on it.  tools/lab/spand.sh adds the
# daemon, the command line and the capture files.
#
#   lab_up 3 [bridge option...]     one host h1, bridge br0, vm1 vm2 vm3
#   lab_fabric_up HOSTS VMS         several, on a physical switch: fabric.sh
#   lab_in HOST COMMAND...          run in a host (its OVS_RUNDIR etc. are set)
#   lab_vm_in VM COMMAND...         run in a virtual machine
#   lab_vsctl, lab_ofctl, lab_appctl, lab_switch_dump
#   wait_for SECONDS COMMAND...     poll until true or the deadline
#   lab_down                        everything away, also after an interrupt
#
# A lab is known by LAB_ID.  Its namespaces are LAB_ID + host or VM name, its
# files are in LAB_DIR, its processes carry OVS_SPAN_LAB=LAB_ID in their
# environment; nothing else is ever touched.  So several labs, and the system's
# own Open vSwitch, can live side by side, and lab_sweep finds what a killed
# test has left: labs whose owner is dead, the shell that made them or LAB_OWNER
# (a process ID).  LAB_KEEP=1 leaves LAB_DIR (logs, captures) for a look.
# LAB_IPV6=1 leaves IPv6 on.

# Version checks and manager shims must not pick another python than Debian's.
LAB_PYTHON=${LAB_PYTHON:-/usr/bin/python3}
LAB_TOP=${LAB_TOP:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
LAB_BASE=${LAB_BASE:-/tmp}      # short: socket names end at 107 characters
LAB_HOST=${LAB_HOST:-h1}        # the host that commands without one mean
LAB_DB_HOST=                    # the host that has all hosts' OVS_Span
LAB_ID=
LAB_DIR=
PATH=$PATH:/usr/sbin:/sbin

lab_die()
{
    echo "lab: $*" >&2
    exit 1
}

lab_note()
{
    echo "# $*" >&2
}

# ---------------------------------------------------------------- waiting --

# wait_for SECONDS COMMAND [ARG]...: runs COMMAND every 50 ms until it
# succeeds; fails when SECONDS have passed without.
wait_for()
{
    local limit=$1 deadline
    shift
    deadline=$(lab_ms)
    deadline=$((deadline + limit * 1000))
    while ! "$@" >/dev/null 2>&1; do
        if [ "$(lab_ms)" -ge "$deadline" ]; then
            lab_note "not within $limit s: $*"
            return 1
        fi
        sleep 0.05
    done
}

# Milliseconds of the wall clock.
lab_ms()
{
    local now=$EPOCHREALTIME
    echo $((${now%[.,]*} * 1000 + 10#${now#*[.,]} / 1000))
}

# ----------------------------------------------------------- hosts and VMs --

# Makes LAB_DIR and LAB_ID.  Asked once for a lab; lab_up does it.
lab_init()
{
    [ "$(id -u)" = 0 ] || lab_die "needs root (network namespaces)"
    LAB_DIR=$(mktemp -d "$LAB_BASE/sl.XXXXXX") || lab_die "no directory"
    LAB_ID=sl${LAB_DIR##*.}
    chmod 755 "$LAB_DIR"
    lab_own "${LAB_OWNER:-$$}"
}

# lab_own PID: the lab belongs to a process; without it, lab_sweep takes it.
lab_own()
{
    echo "$1 $(lab_start_time "$1")" > "$LAB_DIR/owner"
}

# Does the process that FILE names, as lab_own does, live?
lab_lives()
{
    local pid start
    read -r pid start 2>/dev/null < "$1" && [ -n "$start" ] \
        && [ "$(lab_start_time "$pid")" = "$start" ]
}

lab_start_time()
{
    sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20
}

# The name of the namespace of a host or virtual machine.
lab_ns()
{
    echo "$LAB_ID$1"
}

lab_new_ns()
{
    local ns
    ns=$(lab_ns "$1")
    ip netns add "$ns" || lab_die "cannot make namespace $ns"
    ip -n "$ns" link set lo up
    [ "${LAB_IPV6:-}" = 1 ] || ip netns exec "$ns" sysctl -qw \
        net.ipv6.conf.all.disable_ipv6=1 \
        net.ipv6.conf.default.disable_ipv6=1
}

# Runs a command in a host, with its Open vSwitch directories.  What a build
# with sanitizers has to say goes to a file, where lab_sanitizer looks.
lab_in()
{
    local host=$1 dir=$LAB_DIR/$1
    shift
    ip netns exec "$LAB_ID$host" env OVS_SPAN_LAB="$LAB_ID" \
        OVS_RUNDIR="$dir/run" OVS_DBDIR="$dir/db" OVS_LOGDIR="$dir/log" \
        OVS_SPAN_DB="unix:$(lab_span_db "$host")" \
        ASAN_OPTIONS="log_path=$dir/log/sanitizer:${ASAN_OPTIONS:-}" \
        UBSAN_OPTIONS="log_path=$dir/log/sanitizer:print_stacktrace=1" "$@"
}

# The socket of a host's database OVS_Span: that of LAB_DB_HOST for all, when
# it is set, else each host's own.
lab_span_db()
{
    echo "$LAB_DIR/${LAB_DB_HOST:-$1}/run/db.sock"
}

lab_sanitizer()
{
    cat "$LAB_DIR"/*/log/sanitizer.* 2>/dev/null | head -"${1:-40}"
}

lab_vm_in()
{
    local vm=$1
    shift
    ip netns exec "$LAB_ID$vm" env OVS_SPAN_LAB="$LAB_ID" "$@"
}

# lab_host NAME: a namespace with ovsdb-server (conf.db, span.db when the
# schema is there) and ovs-vswitchd; no bridge yet.
lab_host()
{
    local host=$1 dir=$LAB_DIR/$1 schema=/usr/share/openvswitch
    mkdir -p "$dir/run" "$dir/db" "$dir/log" "$dir/captures" || return
    lab_new_ns "$host"
    ovsdb-tool create "$dir/db/conf.db" "$schema/vswitch.ovsschema" \
        || lab_die "no conf.db"
    local files=("$dir/db/conf.db")
    if [ -e "$LAB_TOP/ovsdb-schema/span.ovsschema" ]; then
        ovsdb-tool create "$dir/db/span.db" \
            "$LAB_TOP/ovsdb-schema/span.ovsschema" || lab_die "no span.db"
        files+=("$dir/db/span.db")
    fi
    echo "${files[*]}" > "$dir/db/files"
    lab_ovsdb_start "$host"
    lab_vsctl_on "$host" --no-wait init -- set Open_vSwitch . \
        external_ids:system-id="$LAB_ID-$host" \
        external_ids:hostname="$host"
    lab_vswitchd_start "$host"
}

lab_ovsdb_start()
{
    local host=${1:-$LAB_HOST} dir=$LAB_DIR/${1:-$LAB_HOST} files
    read -ra files < "$dir/db/files"
    lab_in "$host" ovsdb-server -vconsole:off "${files[@]}" \
        --remote="punix:$dir/run/db.sock" --pidfile --detach --no-chdir \
        --log-file || lab_die "ovsdb-server did not start"
}

lab_vswitchd_start()
{
    local host=${1:-$LAB_HOST} dir=$LAB_DIR/${1:-$LAB_HOST}
    lab_in "$host" ovs-vswitchd -vconsole:off "unix:$dir/run/db.sock" \
        --pidfile --detach --no-chdir --log-file --disable-system \
        || lab_die "ovs-vswitchd did not start"
}

# lab_vswitchd_stop [SIGNAL]: ends ovs-vswitchd and waits until it is gone.
lab_vswitchd_stop()
{
    local pid
    pid=$(cat "$LAB_DIR/$LAB_HOST/run/ovs-vswitchd.pid") || return
    kill "-${1:-TERM}" "$pid"
    wait_for 10 lab_pid_gone "$pid"
}

# What has ended has gone, even if nobody has asked how yet.
lab_pid_gone()
{
    ! kill -0 "$1" 2>/dev/null \
        || grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null
}

lab_mac()
{
    printf '52:54:00:00:00:%02x' "$1"
}

lab_ip()
{
    echo "10.99.0.$1"
}

lab_number()
{
    echo "${1##*[!0-9]}"
}

# lab_vm_wire VM [HOST]: the namespace of a virtual machine vmN and its cable:
# interface vmN in the host, eth0 inside.  Does not attach it to a bridge.
lab_vm_wire()
{
    local vm=$1 host=${2:-$LAB_HOST} n i
    local ns=$LAB_ID$vm hns=$LAB_ID$host mtu=${LAB_MTU:-1500}
    n=$(lab_number "$vm")
    ip netns list | grep -q "^$ns\\b" || lab_new_ns "$vm"
    ip link add "$vm" netns "$hns" mtu "$mtu" type veth \
        peer name eth0 netns "$ns" mtu "$mtu" address "$(lab_mac "$n")" \
        || lab_die "no cable for $vm"
    {
        echo "link set eth0 up"
        echo "address add $(lab_ip "$n")/24 dev eth0"
        for i in $(seq 1 20); do
            echo "neigh replace $(lab_ip "$i") lladdr $(lab_mac "$i")" \
                "dev eth0 nud permanent"
        done
    } | ip -n "$ns" -batch - || lab_die "cannot configure $vm"
    # This end of the cable is the switch's: the host itself is silent on it.
    [ "${LAB_IPV6:-}" != 1 ] || ip netns exec "$hns" sysctl -qw \
        "net.ipv6.conf.$vm.disable_ipv6=1"
    ip -n "$hns" link set "$vm" up
    lab_vm_in "$vm" ethtool -K eth0 tx off rx off tso off gso off gro off \
        rxvlan off txvlan off >/dev/null 2>&1
    lab_in "$host" ethtool -K "$vm" tx off rx off tso off gso off gro off \
        >/dev/null 2>&1
}

# lab_cable HOST INTERFACE HOST INTERFACE: joins two hosts (or a host and a
# virtual machine) by a cable.
lab_cable()
{
    local mtu=${LAB_MTU:-1500}
    ip link add "$2" netns "$(lab_ns "$1")" mtu "$mtu" type veth \
        peer name "$4" netns "$(lab_ns "$3")" mtu "$mtu" \
        || lab_die "no cable from $1 to $3"
    lab_cable_end "$1" "$2"
    lab_cable_end "$3" "$4"
}

lab_cable_end()
{
    ip -n "$(lab_ns "$1")" link set "$2" up
    lab_vm_in "$1" ethtool -K "$2" tx off rx off tso off gso off gro off \
        rxvlan off txvlan off >/dev/null 2>&1
}

# Prints the ovs-vsctl arguments that attach VM to BRIDGE as libvirt does.
lab_vm_attach_args()
{
    local vm=$1 bridge=$2 n
    shift 2
    n=$(printf %012x "$(lab_number "$vm")")
    echo -- --may-exist add-port "$bridge" "$vm" "$@" \
        -- set Interface "$vm" \
        "external_ids:attached-mac=\"$(lab_mac "$(lab_number "$vm")")\"" \
        "external_ids:iface-id=1face000-0000-4000-8000-$n" \
        "external_ids:vm-id=00000000-0000-4000-8000-$n" \
        "external_ids:vm-name=$vm" external_ids:iface-status=active
}

# lab_vm_attach VM [BRIDGE [PORT COLUMN=VALUE]...]
lab_vm_attach()
{
    local vm=$1 args
    read -ra args <<< "$(lab_vm_attach_args "$vm" "${2:-br0}" "${@:3}")"
    lab_vsctl "${args[@]}"
}

# lab_vm VM [BRIDGE [PORT COLUMN=VALUE]...]: one more virtual machine.
lab_vm()
{
    lab_vm_wire "$1" && lab_vm_attach "$@"
}

# For wait_for: lab_has_ofport PORT N
lab_has_ofport()
{
    [ "$(lab_vsctl get Interface "$1" ofport)" = "$2" ]
}

lab_add_bridge()
{
    lab_vsctl --may-exist add-br "$1" -- set Bridge "$1" datapath_type=netdev \
        "${@:2}"
}

# lab_up N [BRIDGE COLUMN=VALUE]...: host h1 with bridge br0 and vm1...vmN,
# each already learned by the bridge, so that nothing is flooded later.
lab_up()
{
    local count=$1 i args=() more
    shift
    lab_init
    trap 'lab_down; trap - EXIT; exit 130' INT TERM HUP
    trap 'lab_down' EXIT
    lab_host "$LAB_HOST"
    for i in $(seq 1 "$count"); do
        lab_vm_wire "vm$i"
        read -ra more <<< "$(lab_vm_attach_args "vm$i" br0)"
        args+=("${more[@]}")
    done
    lab_add_bridge br0 "$@" "${args[@]}" || lab_die "no bridge"
    [ "${LAB_MTU:-1500}" = 1500 ] \
        || lab_vsctl set Interface br0 "mtu_request=$LAB_MTU"
    lab_learn "$count"
}

# Lets the bridge learn vm1...vmN: a ping from each to the next one.
lab_learn()
{
    local count=$1 i
    [ "$count" -ge 2 ] || return 0
    for i in $(seq 1 "$count"); do
        wait_for 10 lab_vm_in "vm$i" ping -qc1 -W1 \
            "$(lab_ip $((i % count + 1)))" || lab_die "vm$i has no network"
    done
}

# -------------------------------------------------------------- the switch --

lab_vsctl_on()
{
    local host=$1
    shift
    OVS_RUNDIR=$LAB_DIR/$host/run ovs-vsctl --timeout=20 \
        --db="unix:$LAB_DIR/$host/run/db.sock" "$@"
}

lab_vsctl()
{
    lab_vsctl_on "$LAB_HOST" "$@"
}

lab_ofctl()
{
    OVS_RUNDIR=$LAB_DIR/$LAB_HOST/run ovs-ofctl -O OpenFlow15 "$@"
}

# lab_appctl [-t TARGET] COMMAND...: to ovs-vswitchd, or TARGET.
lab_appctl()
{
    OVS_RUNDIR=$LAB_DIR/$LAB_HOST/run ovs-appctl --timeout=20 "$@"
}

# Everything that is configured in the switch, without what changes by itself:
# the two dumps before and after have to be the same, byte for byte.
lab_switch_dump()
{
    local bridge table
    lab_vsctl show
    for table in Open_vSwitch Bridge Port Interface Mirror Controller Manager \
                 QoS Queue; do
        echo "== $table"
        lab_vsctl --format=json list "$table" | jq -S '
            .headings as $h
            | [.data[] | [$h, .] | transpose
               | map({(.[0]): .[1]}) | add
               | del(.statistics, .next_cfg, .cur_cfg, .link_resets, .status,
                     .bfd_status, .rstp_status, .rstp_statistics)]
            | sort_by(._uuid[1])[]'
    done
    for bridge in $(lab_vsctl list-br); do
        echo "== flows of $bridge"
        lab_ofctl dump-flows --no-stats "$bridge" | sort
        lab_ofctl dump-groups "$bridge" | sed 1d
        lab_ofctl dump-meters "$bridge" | sed 1d
        lab_ofctl dump-ports-desc "$bridge" \
            | grep -Ev '^OFPST|curr:|speed:|supported:'
    done
    echo "== links"
    ip -n "$(lab_ns "$LAB_HOST")" -br link | awk '{ print $1 }' | sort
}

# How many answers to pings have come to a machine since it is there.
lab_echo_replies()
{
    lab_vm_in "$1" awk '/^Icmp:/ { for (i = 2; i <= NF; i++) {
        if ($i == "InEchoReps") { c = i; next } } print $c }' /proc/net/snmp
}

# For wait_for: have so many come since there were OLD?
lab_answered()
{
    [ $(($(lab_echo_replies "$1") - $2)) -ge "$3" ]
}

# lab_ping FROM TO COUNT [PING OPTION]...: prints how many replies came.  ping
# waits for the last one just for twice the longest that it has waited before, or
# an interval; on a busy machine that is too short, so that what it has not seen
# is waited for by the kernel's count.
lab_ping()
{
    local old got
    old=$(lab_echo_replies "$1")
    got=$(lab_vm_in "$1" ping -q -n -i "${LAB_PING_INTERVAL:-0.01}" -W1 \
          -c "$3" "${@:4}" "$(lab_ip "$(lab_number "$2")")" \
          | sed -n 's/.* \([0-9]*\) received.*/\1/p')
    if [ "$got" != "$3" ] && wait_for 1 lab_answered "$1" "$old" "$3"; then
        got=$3
    fi
    echo "$got"
}

# -------------------------------------------------------------- the frames --

# lab_send VM [frames.py send OPTION]...: numbered frames of a VM, logged in
# LAB_DIR/sent.json unless --log says otherwise.
lab_send()
{
    lab_vm_in "$1" "$LAB_PYTHON" "$LAB_TOP/tools/lab/frames.py" send \
        --src "$(lab_mac "$(lab_number "$1")")" --log "$LAB_DIR/sent.json" \
        "${@:2}" >/dev/null
}

# The same in the background; the pid is in LAB_SENDER.  It ends by itself or
# with lab_send_stop.
lab_send_start()
{
    ip netns exec "$LAB_ID$1" env OVS_SPAN_LAB="$LAB_ID" "$LAB_PYTHON" \
        "$LAB_TOP/tools/lab/frames.py" send \
        --src "$(lab_mac "$(lab_number "$1")")" --log "$LAB_DIR/sent.json" \
        "${@:2}" >/dev/null 2>&1 &
    LAB_SENDER=$!
}

# lab_send_stop [PID]: ends it; the log then has the exact number.
lab_send_stop()
{
    kill "${1:-$LAB_SENDER}"
    wait "${1:-$LAB_SENDER}"
}

lab_frames()
{
    "$LAB_PYTHON" "$LAB_TOP/tools/lab/frames.py" "$@"
}

# lab_tcpdump_at VM|NODE INTERFACE FILE [OPTION]... [FILTER]: what an interface
# sees, both ways, as a witness beside the system under test.  Ready when it
# returns.
lab_tcpdump_at()
{
    # Before it starts: what one before it said, to the same file, must not be
    # taken for its own word that it is ready.
    : > "$3.log"
    rm -f "$3"
    ip netns exec "$(lab_ns "$1")" env OVS_SPAN_LAB="$LAB_ID" tcpdump -n \
        -Z root -U -B 32768 -i "$2" -w "$3" "${@:4}" 2>> "$3.log" &
    echo $! > "$3.pid"
    disown
    wait_for 10 grep -q 'listening on' "$3.log"
}

# lab_tcpdump VM FILE [OPTION]... [FILTER]: the same, of a VM's interface.
lab_tcpdump()
{
    lab_tcpdump_at "$1" eth0 "$2" --immediate-mode "${@:3}"
}

# lab_tcpdump_stop FILE: ends it, with everything written that came before.  What
# is on the way, or in its socket buffer, would be dropped otherwise: waits until
# nothing more comes, at most 4 s.
lab_tcpdump_stop()
{
    local size now
    now=$(stat -c %s "$1")
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        size=$now
        sleep 0.4
        now=$(stat -c %s "$1")
        [ "$now" != "$size" ] || break
    done
    kill -INT "$(cat "$1.pid")"
    wait_for 10 lab_pid_gone "$(cat "$1.pid")"
}

# --------------------------------------------------------------- going away --

# lab_pids ID [VARIABLE]: the processes of a lab, by what they carry in their
# environment.
lab_pids()
{
    local file pid
    grep -lzsx "${2:-OVS_SPAN_LAB}=$1" /proc/[0-9]*/environ 2>/dev/null \
    | while read -r file; do
        pid=${file#/proc/}
        pid=${pid%/environ}
        [ "$pid" = "$$" ] || [ "$pid" = "$BASHPID" ] || echo "$pid"
    done
}

# lab_destroy ID DIR: ends all of a lab's processes and takes its namespaces
# and files away.  Can be repeated.
lab_destroy()
{
    local id=$1 dir=$2 ns pids i
    [ -n "$id" ] && [ -n "$dir" ] || return 0
    # Twice: a daemon may just be starting something.
    for i in 1 2; do
        pids=$(lab_pids "$id"
               for ns in $(lab_namespaces "$id"); do ip netns pids "$ns"; done)
        [ -z "$pids" ] && [ "$i" = 2 ] && break
        # shellcheck disable=SC2086
        [ -z "$pids" ] || kill -9 $pids 2>/dev/null
    done
    for ns in $(lab_namespaces "$id"); do
        ip netns del "$ns"
    done
    if [ "${LAB_KEEP:-}" = 1 ]; then
        lab_note "kept: $dir"
        rm -f "$dir/owner"
    else
        rm -rf "$dir"
    fi
}

lab_namespaces()
{
    ip netns list | awk -v id="$1" 'index($1, id) == 1 { print $1 }'
}

lab_down()
{
    lab_destroy "$LAB_ID" "$LAB_DIR"
    LAB_ID=
    LAB_DIR=
}

# Takes away the labs whose shell is dead.
lab_sweep()
{
    local file dir
    for file in "$LAB_BASE"/sl.*/owner; do
        [ -s "$file" ] && ! lab_lives "$file" || continue
        dir=${file%/owner}
        LAB_KEEP="" lab_destroy "sl${dir##*.}" "$dir"
    done
}

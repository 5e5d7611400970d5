# shellcheck shell=bash
# Copyright (c) 2026 The ovs-span Authors.
# SPDX-License-Identifier: Apache-2.0
#
# scenarios.sh - a scenario for each kind of session, in the lab of fabric.sh.
# It adds a session (or a promiscuous port), makes traffic, captures at the
# receiving end, compares byte for byte, and says in a few lines what happened.
#
#   scenario NAME...|all            exit code 1 if one is not as it should be
#   scenario_list                   their names, a line each
#
# vm1 is watched, vm2 is beside it on h1; "far" is the first virtual machine of
# h2, "farther" the second.  The traffic of all scenarios, at 500 frames/s:
#
#   100 numbered frames vm1 > far, 100 far > vm1, 20 pings of vm1 to far: these
#   100 vm2 > far, 100 far > vm2: and none of these

_scenarios_folder=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=tools/lab/fabric.sh
. "$_scenarios_folder/fabric.sh"

scenarios=(
    "local              a VM to the port of another VM"
    "sink               a VM to a recorder and its file"
    "filter             UDP only, 64 bytes of each frame, to port and file"
    "rspan-source       a VM to a VLAN on the uplink"
    "rspan-destination  that VLAN, on another host, to port and file"
    "erspan-source      a VM to a collector, by ERSPAN type III"
    "mixed              a VM to port, file and VLAN at once"
    "promiscuous        a VM that sees all frames of another, no session"
)

scenario_list()
{
    printf '  %s\n' "${scenarios[@]}"
}

# -------------------------------------------------------------- the runner --

scenario()
{
    local names=("$@") name bad=0
    [ $# != 0 ] || wrong "scenario: which?  $(scenario_names | xargs), or all"
    [ "$*" != all ] || mapfile -t names < <(scenario_names)
    for name in "${names[@]}"; do
        scenario_names | grep -qxe "$name" || wrong "no scenario \"$name\""
    done
    [ "$(lab_fabric_hosts | wc -l)" -ge 2 ] \
        && [ "$(lab_fabric_vms h1 | wc -l)" -ge 2 ] \
        || lab_die "scenarios need two hosts with two virtual machines each"
    scenario_enter
    for name in "${names[@]}"; do
        scenario_run "$name" || bad=1
    done
    return "$bad"
}

scenario_names()
{
    printf '%s\n' "${scenarios[@]%% *}"
}

# One at a time in a lab.  All that scenarios start carries a mark, so that
# the next one finds what a killed one has left.
scenario_enter()
{
    local lock
    exec {lock}< "$LAB_DIR"
    flock "$lock"
    ! lab_lives "$LAB_DIR/scenario" || lab_die "a scenario runs in this lab"
    echo "$$ $(lab_start_time $$)" > "$LAB_DIR/scenario"
    exec {lock}<&-
    export SPAN_LAB_SCENARIO=$LAB_ID
    trap 'scenario_clean; rm -f "$LAB_DIR/scenario"' EXIT
    trap 'exit 130' INT TERM HUP
    scenario_clean
}

# Takes away what a scenario has added and started.
scenario_clean()
{
    local names pids host
    pids=$(lab_pids "$LAB_ID" SPAN_LAB_SCENARIO)
    # shellcheck disable=SC2086
    [ -z "$pids" ] || kill $pids 2>/dev/null
    mapfile -t names < <(lab_query Session \
                         | jq -r '.[].name | select(startswith("lab-"))')
    [ "${#names[@]}" = 0 ] || lab_spanctl del "${names[@]}"
    mapfile -t names < <(lab_query Port_Group \
                         | jq -r '.[].name | select(startswith("lab-"))')
    [ "${#names[@]}" = 0 ] || lab_spanctl group-del "${names[@]}"
    for host in $(lab_fabric_hosts); do
        rm -rf "$LAB_DIR/$host/captures"/lab-*
    done
}

scenario_run()
{
    local far farther seen=$LAB_DIR/seen/$1 failed=0 slice=
    far=$(lab_fabric_vms h2 | sed -n 1p)
    farther=$(lab_fabric_vms h2 | sed -n 2p)
    rm -rf "$seen"
    [ -d "${seen%/*}" ] || mkdir "${seen%/*}"
    mkdir "$seen" || lab_die "lab \"$LAB_ID\" has gone"
    # The switches know where everybody is, so that nothing is flooded.
    lab_learn "$(lab_fabric_vms | wc -l)"
    echo "== $1"
    "scenario_${1//-/_}" || failed=1
    scenario_clean
    [ "$failed" = 0 ] && echo "$1: as it should be" || echo "$1: WRONG"
    echo "The frames: $seen"
    echo
    return "$failed"
}

# ----------------------------------------------------- steps of a scenario --

# span HOST NAME ARGUMENT...: adds a session, which has to become active there.
span()
{
    local host=$1 state
    shift
    echo "$ ovs-spanctl add $*"
    lab_spanctl add "$@" || { failed=1; return 1; }
    state=$(lab_query Binding "[\"session_name\",\"==\",\"$1\"]" \
            | jq -r --arg id "$LAB_ID-$host" \
                 '.[] | select(.system_id == $id).state')
    expect "$state" active "session $1 is active on $host"
}

# expect GOT WANT TEXT
expect()
{
    if [ "$1" = "$2" ]; then
        echo "  yes    $3"
    else
        echo "  WRONG  $3: $1 instead of $2"
        failed=1
    fi
}

# watch MACHINE [FILTER]: what arrives there, into $seen/MACHINE.pcap.
watch()
{
    lab_tcpdump "$1" "$seen/$1.pcap" -Q in "${@:2}" || failed=1
}

# unwatch MACHINE COUNT: when COUNT frames have come, or not.
unwatch()
{
    wait_for 5 has_frames "$1" "$2"
    lab_tcpdump_stop "$seen/$1.pcap"
    rm -f "$seen/$1.pcap.pid" "$seen/$1.pcap.log"
}

has_frames()
{
    [ "$(lab_frames list "$seen/$1.pcap" | wc -l)" -ge "$2" ]
}

# recorded HOST SINK COUNT SESSION: the session ends when COUNT frames are in
# the file, or not; the file is then $seen/SINK.pcapng.
recorded()
{
    local LAB_HOST=$1 files
    lab_await "$2" "$3"
    lab_finish "$4" "$2" || failed=1
    mapfile -t files < <(lab_files "$2")
    expect "${#files[@]}" 1 "one capture file in $1:captures/$2"
    [ "${#files[@]}" != 1 ] || cp "${files[0]}" "$seen/$2.pcapng"
}

traffic()
{
    local log=$seen/sent.json i=0 pair from to
    for pair in "vm1 $far" "$far vm1" "vm2 $far" "$far vm2"; do
        read -r from to <<< "$pair"
        i=$((i + 1))
        lab_vm_in "$from" "$LAB_PYTHON" "$LAB_TOP/tools/lab/frames.py" send \
            --src "$(lab_mac "${from#vm}")" --dst "$(lab_mac "${to#vm}")" \
            --count 100 --rate 500 --size 200 --stream "$i" --log "$log" \
            > /dev/null || failed=1
    done
    echo "  vm1 and $far sent each other 100 frames, so did vm2 and $far"
    expect "$(lab_ping vm1 "$far" 20)" 20 "20 answers to 20 pings of vm1"
}

# copies PLACE PINGS FILE [VLAN]: the 200 frames of vm1, each once and byte for
# byte (of the first $slice bytes), and so many requests and replies of its
# pings; with the tag of VLAN in front; and nothing else.
copies()
{
    local log=$seen/expected.json pings=$(($2 * 2)) tag=${4:-}
    jq -c --arg tag "$tag" 'if $tag == "" then . else
        .vlan = ["8100:" + $tag] + .vlan | .size += 4 end' \
        "$seen/sent.json" > "$log"
    expect "$(lab_frames check --log "$log" --stream 1 --stream 2 \
              --snaplen "${slice:-0}" "$3")" \
        "sent=200 copies=200 missing=0 doubled=0 altered=0 foreign=$pings" \
        "$1: 200 of 200 frames, once, as sent${slice:+, $slice bytes}${tag:+\
, behind tag $tag}"
    expect "$(shark "$3" "icmp.type == 8") $(shark "$3" "icmp.type == 0")" \
        "$2 $2" "$1: $2 requests and $2 replies of ping, nothing else"
    [ -z "$tag" ] || expect "$(shark "$3" "vlan.id == $tag")" \
        $((200 + pings)) "$1: all in VLAN $tag, says tshark"
}

# shark FILE FILTER: how many frames of the file tshark finds.
shark()
{
    TSHARK_RUN_AS_ROOT=1 tshark -n -r "$1" -Y "$2" 2>/dev/null | wc -l
}

# ----------------------------------------------------------- the scenarios --

scenario_local()
{
    span h1 lab-local source=vm:vm1 dest=port:vm2 || return
    watch vm2
    traffic
    unwatch vm2 240
    copies vm2 20 "$seen/vm2.pcap"
    cat <<END
A Mirror row on br1 copied both directions of vm1 to the private bridge
br-span, and a rule there handed the copies back to vm2's port.  What $far sent
to vm2 itself did not arrive: a destination port carries copies only, unless
the session has normal_traffic=true.
END
}

scenario_sink()
{
    span h1 lab-sink source=vm:vm1 dest=sink:lab-sink || return
    traffic
    recorded h1 lab-sink 240 lab-sink
    copies file 20 "$seen/lab-sink.pcapng"
    expect "$(shark "$seen/lab-sink.pcapng" "eth.addr == $(lab_mac 2)")" 0 \
        "file: 0 frames of vm2"
    cat <<END
The copies went to a capture port on br-span, where ovs-span-sink took them
from the kernel's ring into a pcapng file.  vm2 is on the same bridge and
talked to the same machine; nothing of that was copied.
END
}

scenario_filter()
{
    local slice=64
    span h1 lab-filter source=vm:vm1 filter=udp snaplen=64 dest=port:vm2 \
        dest=sink:lab-filter || return
    watch vm2
    traffic
    unwatch vm2 200
    recorded h1 lab-filter 200 lab-filter
    copies vm2 0 "$seen/vm2.pcap"
    copies file 0 "$seen/lab-filter.pcapng"
    cat <<END
A rule on br-span let UDP through and dropped the 40 frames of ping before they
were copied to a destination; each destination got 64 of 200 bytes.  vSphere's
sessions can slice, but not filter.
END
}

scenario_rspan_source()
{
    span h1 lab-rspan source=vm:vm1 dest=rspan:up1 \
        "encap_vlan=$LAB_RSPAN_VLAN" || return
    watch collector "vlan $LAB_RSPAN_VLAN"
    traffic
    unwatch collector 240
    copies collector 20 "$seen/collector.pcap" "$LAB_RSPAN_VLAN"
    cat <<END
The copies left h1 through up1 with the tag of VLAN $LAB_RSPAN_VLAN in front, and the
switch brought them to every port of that VLAN, the collector's among them.
vm1's own frames took the same cable, untagged, and arrived.
END
}

scenario_rspan_destination()
{
    span h2 lab-far type=rspan-destination strip_vlan=true \
        "source=vlan:$LAB_RSPAN_VLAN,from,bridge=br2" \
        "dest=port:$farther" dest=sink:lab-far || return
    span h1 lab-rspan source=vm:vm1 dest=rspan:up1 \
        "encap_vlan=$LAB_RSPAN_VLAN" || return
    watch "$farther"
    traffic
    unwatch "$farther" 240
    recorded h2 lab-far 240 lab-far
    copies "$farther" 20 "$seen/$farther.pcap"
    copies "file on h2" 20 "$seen/lab-far.pcapng"
    cat <<END
One session put the copies into VLAN $LAB_RSPAN_VLAN on h1, another took them
out of it on h2, where strip_vlan=true removed the tag: the analyzer on another
host sees vm1's frames as vm1's port saw them.
END
}

scenario_erspan_source()
{
    local pcap=$seen/collector.pcap ip=172.16.0.$LAB_COLLECTOR direction
    span h1 lab-erspan source=vm:vm1 "dest=erspan3:$ip,id=7" || return
    watch collector "proto gre"
    traffic
    unwatch collector 240
    # Ethernet, IP, GRE with a sequence number, ERSPAN: 54 bytes.
    editcap -F pcap -C 54 "$pcap" "$seen/inner.pcap" || failed=1
    copies collector 20 "$seen/inner.pcap"
    for direction in 0 1; do
        expect "$(shark "$pcap" "erspan.version == 2 && erspan.spanid == 7 \
                  && erspan.direction == $direction")" 120 \
            "collector: 120 of type III, session ID 7, direction $direction"
    done
    cat <<END
A rule on br-span wrote the session ID and the direction (0 from vm1, 1 to it)
into the headers, and the copies left h1 through br1u, the bridge with the
host's address, as IP packets to $ip.
END
}

scenario_mixed()
{
    span h1 lab-mixed type=mixed source=vm:vm1 dest=port:vm2 \
        dest=sink:lab-mixed dest=rspan:up1 "encap_vlan=$LAB_RSPAN_VLAN" \
        || return
    watch vm2
    watch collector "vlan $LAB_RSPAN_VLAN"
    traffic
    unwatch vm2 240
    unwatch collector 240
    recorded h1 lab-mixed 240 lab-mixed
    copies vm2 20 "$seen/vm2.pcap"
    copies file 20 "$seen/lab-mixed.pcapng"
    copies collector 20 "$seen/collector.pcap" "$LAB_RSPAN_VLAN"
    cat <<END
One mirror, three destinations: br-span copied each frame to the capture port
and sent it back once; on br1 a rule gave it to vm2's port, then put the tag in
front and sent it out of up1.
END
}

scenario_promiscuous()
{
    local mac
    mac=$(lab_mac 1)
    echo "$ ovs-spanctl isolate vm:vm1 with vm:vm2 name=lab-promiscuous"
    lab_spanctl isolate vm:vm1 with vm:vm2 name=lab-promiscuous \
        reason="a scenario" || { failed=1; return; }
    watch vm2
    traffic
    unwatch vm2 340
    TSHARK_RUN_AS_ROOT=1 tshark -n -r "$seen/vm2.pcap" -F pcap \
        -Y "eth.addr == $mac" -w "$seen/vm1.pcap" 2>/dev/null || failed=1
    copies vm2 20 "$seen/vm1.pcap"
    expect "$(shark "$seen/vm2.pcap" "eth.addr != $mac")" 100 \
        "vm2: its own 100 frames from $far, each once, and nothing else"
    echo "$ ovs-spanctl isolate --undo lab-promiscuous"
    lab_spanctl isolate --undo lab-promiscuous || failed=1
    watch vm2
    expect "$(lab_ping vm1 "$far" 20)" 20 "20 answers to 20 pings of vm1"
    expect "$(lab_ping vm2 "$far" 1)" 1 "1 answer to a ping of vm2"
    unwatch vm2 1
    expect "$(shark "$seen/vm2.pcap" "eth.addr == $mac")" 0 \
        "vm2: after that 0 frames of vm1"
    cat <<END
A port group of vm1 and vm2 was made, in which vm2's port is promiscuous by its
override, as in vSphere.  Four mirrors and rules on br1 brought vm2 what vm1 sent
and got, in the middle of its own traffic, each frame once and as vm1's port saw
it; no session and no destination is needed.  It would have ended by itself
after an hour, and who asked for it stands in the events (db-list Event).
END
}

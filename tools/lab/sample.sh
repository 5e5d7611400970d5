# shellcheck shell=bash
# Copyright (c) 2026 The ovs-span Authors.
# SPDX-License-Identifier: Apache-2.0
#
# sample.sh - what the tests of samples that relays take have in common, on top
# of cases.sh, which it brings along: a session's counters, whether they add up,
# and a collector beside the host.
#
#   h1 br0: up1 -- r0 ----------------------------------+ of the
#      br-phy (172.31.9.1) -- ph0 -- c0 (172.31.9.2) ---+ collector

_sample_folder=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=tools/lab/cases.sh
. "$_sample_folder/cases.sh"

counter()
{
    lab_spanctl show "$1" | sed -n "s/^ *$2: \([0-9]*\)$/\1/p"
}

counter_is() { [ "$(counter "$1" "$2")" = "$3" ]; }

# counters SESSION NAME...: these, in this order.
counters()
{
    local name all
    all=$(lab_spanctl show "$1")
    for name in "${@:2}"; do
        sed -n "s/^ *$name: \([0-9]*\)$/\1/p" <<< "$all"
    done | xargs
}

# add_up SESSION MIRRORED: every one of so many copies is in one counter.
add_up()
{
    local m rx port unknown out ps un tx relayed handed metered
    read -r m rx port unknown out ps un tx relayed handed metered <<< "$(
        counters "$1" mirrored_packets relay_rx relay_port_drop relay_unknown \
            sampled_out relay_ps_drop relay_undelivered relay_tx_drop \
            relayed handed_packets metered)"
    [ "$m" = "$2" ] && [ $((rx + port + unknown)) = "$m" ] \
        && [ $((out + ps + un + tx + relayed)) = "$rx" ] \
        && [ $((handed + ${metered:-0})) -ge "$relayed" ] \
        && [ $((handed + ${metered:-0})) -le $((relayed + unknown)) ]
}

# adds_up SESSION MIRRORED NAME
adds_up()
{
    wait_for 8 add_up "$1" "$2"
    ok $? "$3" || diag "$(lab_spanctl show "$1")"
}

# within N WANTED VARIANCE NAME: four standard deviations; with three, one run
# in 370 would fail by chance.
within()
{
    awk -v n="$1" -v w="$2" -v v="$3" \
        'BEGIN { d = n - w; exit !(d * d <= 16 * v) }'
    ok $? "$4: $1"
}

collector_in()
{
    ip netns exec "$(lab_ns col)" env OVS_SPAN_LAB="$LAB_ID" "$@"
}

underlay()
{
    local h c
    h=$(lab_ns h1)
    c=$(lab_ns col)
    lab_new_ns col
    lab_cable h1 ph0 col c0
    lab_cable h1 up1 col r0
    ip -n "$c" address add 172.31.9.2/24 dev c0
    lab_add_bridge br-phy -- add-port br-phy ph0 -- add-port br0 up1
    ip -n "$h" address add 172.31.9.1/24 dev br-phy
    ip -n "$h" link set br-phy up
    wait_for 10 collector_in ping -qc1 -W1 172.31.9.1
    collector_is_known
}

# Until Open vSwitch has the collector's MAC address it drops what goes there.
collector_is_known()
{
    lab_appctl tnl/neigh/set br-phy 172.31.9.2 \
        "$(collector_in cat /sys/class/net/c0/address)" >/dev/null
}

# look VM|col INTERFACE FILE FILTER; stop_looking FILE N: when N are there.
look()
{
    lab_tcpdump_at "$1" "$2" "$3" -Q in "$4"
}

in_file() { tcpdump -nr "$1" 2>/dev/null | wc -l; }
has_come() { [ "$(in_file "$1")" -ge "$2" ]; }

stop_looking()
{
    wait_for 8 has_come "$1" "$2"
    sleep 0.2       # for those that must not come
    lab_tcpdump_stop "$1"
}

relay_pid()
{
    lab_appctl -t ovs-spand sink/show "relay:$1" >/dev/null \
        && pgrep -f -- "--control=$LAB_DIR/h1/run/span-sink.relay:$1.ctl"
}

# Nothing of sessions is on the switch, no recorder and no relay runs.
no_session() { [ -z "$(lab_orphans | grep -v ' br-span$')" ]; }

no_sinks() { [ "$(lab_count_sinks)" = 0 ]; }

# sample_up: the lab, the collector and the daemon.
sample_up()
{
    lab_up 3
    underlay
    lab_switch_dump > "$LAB_DIR/before"
    echo '{"collectors": ["172.31.9.0/24"], "uplinks": ["up1"]}' \
        > "$LAB_DIR/policy.json"
    lab_spand_start --policy="$LAB_DIR/policy.json"
}

sample_down()
{
    lab_spand_exit
    no_orphans "after exit"
    lab_switch_dump > "$LAB_DIR/after"
    same "$LAB_DIR/before" "$LAB_DIR/after" "the switch is as it was before"
    lab_done
}

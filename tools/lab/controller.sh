# shellcheck shell=bash
# Copyright (c) 2026 The ovs-span Authors.
# SPDX-License-Identifier: Apache-2.0
#
# controller.sh - an SDN controller for bridge br0: simple-switch.py, which
# learns, floods, and installs flows.  Source it after lab.sh.

log=
controller_start()
{
    log=$LAB_DIR/switch.log
    : > "$log"
    ip netns exec "$(lab_ns "$LAB_HOST")" env OVS_SPAN_LAB="$LAB_ID" \
        SIMPLE_SWITCH_LOG="$log" osken-manager --ofp-listen-host 127.0.0.1 \
        --ofp-tcp-listen-port 6653 "$LAB_TOP/tools/lab/simple-switch.py" \
        > "$LAB_DIR/controller.log" 2>&1 &
    disown
    lab_vsctl set-fail-mode br0 secure -- set-controller br0 \
        tcp:127.0.0.1:6653
    wait_for 20 grep -q '^switch' "$log" || diag "no controller"
}

# What a controller does that starts afresh: all flows go.
controller_wipes()
{
    lab_ofctl del-flows br0
    lab_ofctl add-flow br0 priority=0,actions=CONTROLLER:65535
}

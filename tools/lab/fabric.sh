# shellcheck shell=bash
# Copyright (c) 2026 The ovs-span Authors.
# SPDX-License-Identifier: Apache-2.0
#
# fabric.sh - several hosts on a physical switch, as dvSwitch hosts are: each
# with its own Open vSwitch and ovs-spand, and virtual machines, all with one
# database OVS_Span, that of h1.  Source it; it brings spand.sh along.
#
#   h1: vm1 vm2 ─ br1 ─ up1 ── trunk ──┐           ┌── trunk ── up2 ─ br2 ─ vm3
#                 br1u ─ nic1 ─────────┤ br0 of sw ├───────── nic2 ─ br2u  vm4
#                                      └─────┬─────┘
#                                   eth0 of the collector
#
# VMs are in no VLAN.  VLAN 200 crosses the trunks for RSPAN; the switch sends
# it everywhere and learns no addresses there.  Host N is 172.16.0.N and
# fd16::N in a VLAN of the switch, where nicN and the collector are.
#
#   lab_fabric_up HOSTS VMS         VMS virtual machines on each host
#   lab_fabric_hosts, lab_fabric_vms [HOST]
#   lab_fabric_dead                 daemons that should run and do not

_fabric_folder=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=tools/lab/spand.sh
. "$_fabric_folder/spand.sh"

LAB_RSPAN_VLAN=200
LAB_UNDERLAY_VLAN=100
LAB_MOST_VMS=20         # whose addresses each of them knows: lab_vm_wire
LAB_COLLECTOR=100       # the last part of its addresses

lab_fabric_hosts()
{
    seq -f 'h%g' 1 "$(sed -n 1p "$LAB_DIR/fabric")"
}

# lab_fabric_vms [HOST]: all virtual machines, or those of a host.
lab_fabric_vms()
{
    local vms host=${1:-}
    vms=$(sed -n 2p "$LAB_DIR/fabric")
    if [ -n "$host" ]; then
        seq -f 'vm%g' $(((${host#h} - 1) * vms + 1)) $((${host#h} * vms))
    else
        seq -f 'vm%g' 1 $(($(sed -n 1p "$LAB_DIR/fabric") * vms))
    fi
}

# In lab_init's LAB_DIR; the caller sees to lab_down.
lab_fabric_up()
{
    local host i
    printf '%s\n' "$1" "$2" > "$LAB_DIR/fabric"
    # shellcheck disable=SC2034
    LAB_DB_HOST=h1
    lab_programs
    lab_fabric_switch
    for host in $(lab_fabric_hosts); do
        LAB_HOST=$host lab_fabric_host
    done
    lab_fabric_collector
    lab_learn $(($1 * $2))
    for host in $(lab_fabric_hosts); do
        LAB_HOST=$host lab_spand_start --policy="$LAB_DIR/policy.json"
    done
    for i in $(lab_fabric_hosts); do
        wait_for 10 lab_vm_in "$i" ping -qc1 -W1 "172.16.0.$LAB_COLLECTOR" \
            || lab_die "$i does not reach the collector"
    done
}

lab_fabric_switch()
{
    cat > "$LAB_DIR/policy.json" <<END
{ "uplinks": ["up*"], "collectors": ["172.16.0.0/24", "fd16::/64"] }
END
    lab_host sw
    LAB_HOST=sw lab_add_bridge br0 "flood_vlans=$LAB_RSPAN_VLAN"
}

# A host with its bridges, cables and virtual machines.
lab_fabric_host()
{
    local n=${LAB_HOST#h} vm args=() more
    lab_host "$LAB_HOST"
    lab_cable "$LAB_HOST" "up$n" sw "up$n"
    lab_cable "$LAB_HOST" "nic$n" sw "nic$n"
    for vm in $(lab_fabric_vms "$LAB_HOST"); do
        lab_vm_wire "$vm"
        # VLAN 0: what is untagged, and no copies that fill the trunk.
        read -ra more <<< "$(lab_vm_attach_args "$vm" "br$n" tag=0)"
        args+=("${more[@]}")
    done
    lab_add_bridge "br$n" "flood_vlans=$LAB_RSPAN_VLAN" \
        -- add-port "br$n" "up$n" "${args[@]}" \
        || lab_die "no bridge br$n"
    lab_add_bridge "br${n}u" -- add-port "br${n}u" "nic$n"
    LAB_HOST=sw lab_vsctl add-port br0 "up$n" \
        -- add-port br0 "nic$n" "tag=$LAB_UNDERLAY_VLAN"
    lab_fabric_address "$LAB_HOST" "br${n}u" "$n"
}

lab_fabric_address()
{
    lab_vm_in "$1" sysctl -qw "net.ipv6.conf.$2.disable_ipv6=0"
    ip -n "$(lab_ns "$1")" -batch - <<END || lab_die "no address for $1"
link set $2 up
address add 172.16.0.$3/24 dev $2
address add fd16::$3/64 dev $2 nodad
END
}

# Sees tunnels untagged, and what is in the VLAN for RSPAN with its tag.
lab_fabric_collector()
{
    lab_new_ns collector
    lab_cable collector eth0 sw collector
    LAB_HOST=sw lab_vsctl add-port br0 collector vlan_mode=native-untagged \
        "tag=$LAB_UNDERLAY_VLAN" "trunks=$LAB_RSPAN_VLAN"
    lab_fabric_address collector eth0 "$LAB_COLLECTOR"
}

lab_fabric_dead()
{
    local host daemon
    for host in $(lab_fabric_hosts) sw; do
        for daemon in ovsdb-server ovs-vswitchd ovs-spand; do
            [ "$host $daemon" != "sw ovs-spand" ] || continue
            ! lab_pid_gone "$(cat "$LAB_DIR/$host/run/$daemon.pid" \
                              2>/dev/null)" || echo "$host: $daemon"
        done
    done
}

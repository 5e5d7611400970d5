# shellcheck shell=bash
# Copyright (c) 2026 The ovs-span Authors.
# SPDX-License-Identifier: Apache-2.0
#
# ovn.sh - an OVN cluster of one host: the northbound and southbound databases,
# ovn-northd and ovn-controller, all in the lab's namespaces and files.  Source
# it after lab.sh.
#
#   lab_ovn_up                      on LAB_HOST; OVN makes its br-int
#   lab_nbctl, lab_sbctl COMMAND... --wait=hv waits for flows in the switch
#   lab_ovn_controller_stop, lab_ovn_controller_start
#   lab_ovn_port SWITCH VM IP       a logical port for what lab_vm_attach gives
#                                   the switch
#   lab_iface_id VM                 its external_ids:iface-id

# lab_ovn_in COMMAND...: on the host, with OVN's directories.
lab_ovn_in()
{
    local dir=$LAB_DIR/$LAB_HOST/ovn
    lab_in "$LAB_HOST" env OVN_RUNDIR="$dir" OVN_DBDIR="$dir" \
        OVN_LOGDIR="$dir" "$@"
}

lab_ovn_up()
{
    local dir=$LAB_DIR/$LAB_HOST/ovn db
    mkdir -p "$dir"
    for db in nb sb; do
        ovsdb-tool create "$dir/$db.db" "/usr/share/ovn/ovn-$db.ovsschema" \
            || lab_die "no OVN: install ovn-central and ovn-host"
        lab_ovn_in ovsdb-server -vconsole:off "$dir/$db.db" \
            --remote="punix:$dir/$db.sock" --unixctl="$dir/$db.ctl" \
            --pidfile="$dir/$db.pid" --log-file="$dir/$db.log" --detach \
            --no-chdir || lab_die "no OVN database $db"
    done
    lab_ovn_in ovn-northd -vconsole:off --ovnnb-db="unix:$dir/nb.sock" \
        --ovnsb-db="unix:$dir/sb.sock" --pidfile --detach --no-chdir \
        --log-file="$dir/ovn-northd.log" || lab_die "ovn-northd did not start"
    lab_vsctl set Open_vSwitch . \
        external_ids:ovn-remote="unix:$dir/sb.sock" \
        external_ids:ovn-encap-type=geneve \
        external_ids:ovn-encap-ip=127.0.0.1 \
        external_ids:ovn-bridge-datapath-type=netdev
    lab_ovn_controller_start
    lab_nbctl --wait=hv sync || lab_die "OVN does not get to the switch"
}

lab_ovn_controller_start()
{
    lab_ovn_in ovn-controller -vconsole:off \
        "unix:$LAB_DIR/$LAB_HOST/run/db.sock" --pidfile --detach --no-chdir \
        --log-file="$LAB_DIR/$LAB_HOST/ovn/ovn-controller.log" \
        || lab_die "ovn-controller did not start"
}

# As a package's upgrade does: OVN's ports and flows stay meanwhile.
lab_ovn_controller_stop()
{
    local pid
    pid=$(cat "$LAB_DIR/$LAB_HOST/ovn/ovn-controller.pid") || return
    lab_ovn_in ovn-appctl -t ovn-controller exit --restart
    wait_for 10 lab_pid_gone "$pid"
}

lab_nbctl()
{
    ovn-nbctl --timeout=20 --db="unix:$LAB_DIR/$LAB_HOST/ovn/nb.sock" "$@"
}

lab_sbctl()
{
    ovn-sbctl --timeout=20 --db="unix:$LAB_DIR/$LAB_HOST/ovn/sb.sock" "$@"
}

lab_iface_id()
{
    printf '1face000-0000-4000-8000-%012x' "$(lab_number "$1")"
}

lab_ovn_port()
{
    local id
    id=$(lab_iface_id "$2")
    lab_nbctl lsp-add "$1" "$id" -- lsp-set-addresses "$id" \
        "$(lab_mac "$(lab_number "$2")") $3"
}

# shellcheck shell=bash
# Copyright (c) 2026 The ovs-span Authors.
# SPDX-License-Identifier: Apache-2.0
#
# groups.sh - a port group "hub" of vm1, vm2 and so on, and who gets which
# frames there.  Source it after cases.sh.

# What matrix.py has to know of a VM besides, by the VM's number: ",tag=10".
tags=()

# ports MEMBERS PROMISCUOUS LAST: what matrix.py has to know of vm1...vmLAST.
ports()
{
    local i role
    for i in $(seq 1 "$3"); do
        role=
        [ "$i" -gt "$1" ] || role=,member
        [ "$i" -gt "$2" ] || role=,promiscuous
        echo "vm$i=$(lab_ns "vm$i"),eth0,$(lab_mac "$i")$role${tags[$i]:-}"
    done
}

# matrix NAME MEMBERS PROMISCUOUS LAST [OPTION]...: each VM's frames of each
# kind, and who has got them.
matrix()
{
    local name=$1 port args=() got
    while read -r port; do
        args+=("$port")
    done < <(ports "$2" "$3" "$4")
    got=$("$LAB_PYTHON" "$LAB_TOP/tools/lab/matrix.py" "${args[@]}" "${@:5}")
    [[ $got == *" wrong=0" ]]
    ok $? "$name: ${got##*$'\n'}" || diag "$(head -12 <<< "$got")"
}

names()
{
    seq -f 'port:vm%g' -s ' ' 1 "$1"
}

# group_add MEMBERS PROMISCUOUS [ARGUMENT]...
group_add()
{
    local args=() name
    for name in $(names "$1"); do
        args+=("member=$name")
    done
    name=$(names "$2")
    lab_spanctl group-add hub bridge=br0 "${args[@]}" \
        "promiscuous_ports=${name// /,}" "${@:3}"
}

forget()
{
    lab_appctl fdb/flush br0 >/dev/null
}

# active GROUP [NAME]: the group's policy holds, within 5 s.
active()
{
    wait_for 5 lab_group_is "$1" active 2>/dev/null
    ok $? "${2:-group $1 is active}" || diag "$(lab_spanctl group-list)"
}

lab_group_is()
{
    [ "$(lab_query Binding "[\"group_name\",\"==\",\"$1\"]" \
            | jq -r '.[0].state')" = "$2" ]
}

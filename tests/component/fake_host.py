# SPDX-License-Identifier: Apache-2.0
#
# A host for testing ovs-spanctl: reports on sessions and port groups in
# OVS_Span as ovs-spand does, but has no switch.  The verdict is in the name, or
# in the session's filter, or the group's bridge or members:
#
#   name refuse*, filter "icmp", or bridge "refuse"   refused
#   member port:busy                 degraded: VspanPortMove
#   name wait*                       waiting
#   name degrade*                    degraded
#   name big*                        active, and estimated to be too much
#   name new*                        active, and not estimated yet
#   disabled                         disabled
#   all others                       active
#
# usage: fake_host.py DB SYSTEM_ID [--mute] [--lag SECONDS]
#
# --mute: has a Host row and never follows.  Ends with SIGTERM, and leaves its
# rows, as a killed daemon does.

import argparse
import json
import os
import subprocess
import sys
import time


def transact(db, *operations):
    output = subprocess.run(
        ["ovsdb-client", "transact", db, json.dumps(["OVS_Span", *operations])],
        check=True, capture_output=True, text=True).stdout
    results = json.loads(output)
    for result in results:
        if result and "error" in result:
            raise RuntimeError(output)
    return results


def verdict(session):
    name = session["name"]
    if session["enabled"] is False:
        return "disabled", "disabled", "Enable it to mirror again."
    if name.startswith("refuse") or session["filter"] == "icmp":
        return "refused", "VspanDestPortConflict", "The port is taken."
    if name.startswith("wait"):
        return "waiting", "no-source", "No such port is here now."
    if name.startswith("degrade"):
        return "degraded", "no-ofport", "Some of it is missing."
    return "active", "", ""


def estimate(session):
    name = session["name"]
    if name.startswith("big"):
        return [["unknown_ports", "0"], ["reason", "oversubscribed"],
                ["text", "Estimate: too much."]]
    if name.startswith("new"):
        return [["unknown_ports", "1"], ["text", "Estimate: not known yet."]]
    return [["unknown_ports", "0"], ["text", "Estimate: little."]]


def group_verdict(group):
    if "port:busy" in json.dumps(group["members"]):
        return "degraded", "VspanPortMove", "It takes part in a session."
    if group["bridge"] == "refuse":
        return "refused", "VspanPortgroupPromiscChange", "A member is busy."
    return verdict({"name": group["name"], "enabled": True, "filter": ""})


def group_ports(group):
    """Each selector of a port is a port, those with overrides promiscuous."""
    overrides = dict(group["overrides"][1])
    members = group["members"]
    members = members[1] if members[0] == "set" else [members]
    return [[text[5:], "promiscuous" if text in overrides else "member"]
            for text in members if text.startswith("port:")]


def report(system_id, table, session, index):
    group = table == "Port_Group"
    state, reason, detail = (group_verdict if group else verdict)(session)
    name_column = "group_name" if group else "session_name"
    row = {"state": state, "reason": reason, "detail": detail,
           "since": int(time.time() * 1000),
           "estimate": ["map", estimate(session)],
           "counters": ["map", [["mirrored", 7]]]}
    if group and state in ("active", "degraded"):
        row["ports"] = ["map", group_ports(session)]
    where = [[name_column, "==", session["name"]],
             ["system_id", "==", system_id]]
    if session["bound"]:
        return [{"op": "update", "table": "Binding", "where": where,
                 "row": row}]
    name = "%s%d" % ("g" if group else "b", index)
    row.update({name_column: session["name"], "system_id": system_id,
                "group" if group else "session": session["_uuid"],
                "host": HOST})
    return [{"op": "insert", "table": "Binding", "uuid-name": name,
             "row": row},
            {"op": "mutate", "table": table,
             "where": [["_uuid", "==", session["_uuid"]]],
             "mutations": [["bindings", "insert",
                            ["set", [["named-uuid", name]]]]]}]


def follow(db, system_id, done):
    next_cfg, sessions, groups, bindings = transact(
        db,
        {"op": "select", "table": "Span_Global", "where": []},
        {"op": "select", "table": "Session", "where": []},
        {"op": "select", "table": "Port_Group", "where": []},
        {"op": "select", "table": "Binding",
         "where": [["system_id", "==", system_id]]})
    cfg = next_cfg["rows"][0]["next_cfg"] if next_cfg["rows"] else 0
    if cfg == done:
        return done
    operations = []
    for table, rows, column in (("Session", sessions["rows"], "session_name"),
                                ("Port_Group", groups["rows"], "group_name")):
        bound = {row[column] for row in bindings["rows"]}
        for index, row in enumerate(rows):
            row["bound"] = row["name"] in bound
            operations += report(system_id, table, row, index)
    operations.append({"op": "update", "table": "Host",
                       "where": [["system_id", "==", system_id]],
                       "row": {"cur_cfg": cfg}})
    transact(db, *operations)
    return cfg


parser = argparse.ArgumentParser()
parser.add_argument("db")
parser.add_argument("system_id")
parser.add_argument("--mute", action="store_true")
parser.add_argument("--lag", type=float, default=0)
args = parser.parse_args()

rows = transact(args.db, {"op": "select", "table": "Host", "where": [
    ["system_id", "==", args.system_id]]})[0]["rows"]
HOST = rows[0]["_uuid"] if rows else transact(
    args.db, {"op": "insert", "table": "Host",
              "row": {"system_id": args.system_id,
                      "name": "name-of-" + args.system_id}})[0]["uuid"]
with open(os.path.join(os.environ["OVS_RUNDIR"],
                       "fake-%s.ready" % args.system_id), "w"):
    pass
seen = 0
while True:
    if not args.mute:
        time.sleep(args.lag)
        try:
            seen = follow(args.db, args.system_id, seen)
        except (RuntimeError, subprocess.CalledProcessError) as error:
            # A session was deleted under us, or the server is gone.
            print(error, file=sys.stderr)
    time.sleep(0.03)

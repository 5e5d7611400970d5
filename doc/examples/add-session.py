#!/usr/bin/python3
# Copyright (c) 2026 The ovs-span Authors.
# SPDX-License-Identifier: Apache-2.0
"""A session of one's own, in Python: adds it to the database OVS_Span, waits
until the hosts have applied it, says how it went, and deletes it when standard
input ends.

  add-session.py unix:/var/run/openvswitch/db.sock web1 vm:web1 web1

names the database, the session, its source and the sink that records it.  Needs
python3-openvswitch, and the schema that ovs-span installs.  Exit code 0: the
session ran; 1: it did not, or something failed.
"""

import os
import sys
import time

import ovs.db.idl
import ovs.poller

SCHEMA = os.environ.get("OVS_SPAN_SCHEMA",
                        "/usr/local/share/ovs-span/span.ovsschema")

# The hosts have so many seconds to apply a change.
PATIENCE = 30

# Only what is used here: the database may hold many files and events.
COLUMNS = {
    "Span_Global": ["next_cfg"],
    "Host": ["name", "cur_cfg"],
    "Sink": ["name"],
    "Session": ["name", "owner", "sources", "destinations", "bindings"],
    "Source": ["selector"],
    "Destination": ["kind", "target"],
    "Binding": ["host", "state", "reason", "detail"],
}


class Database:
    """The database OVS_Span at REMOTE."""

    def __init__(self, remote):
        helper = ovs.db.idl.SchemaHelper(SCHEMA)
        for table, columns in COLUMNS.items():
            helper.register_columns(table, columns)
        self.idl = ovs.db.idl.Idl(remote, helper)
        self.wait_until(self.idl.has_ever_connected, f"{remote}: no answer")

    def rows(self, table):
        """All rows of a table."""
        return list(self.idl.tables[table].rows.values())

    def find(self, table, name):
        """The row of that name, or None."""
        return next((row for row in self.rows(table) if row.name == name),
                    None)

    def wait_until(self, condition, complaint):
        """Follows the database until the condition is true."""
        deadline = time.monotonic() + PATIENCE
        while True:
            self.idl.run()
            left = deadline - time.monotonic()
            if condition():
                return
            if left <= 0:
                sys.exit(complaint)
            poller = ovs.poller.Poller()
            self.idl.wait(poller)
            poller.timer_wait(left * 1000)
            poller.block()

    def change(self, change):
        """Stores what CHANGE(transaction) does, and waits until all hosts
        have applied it."""
        txn = ovs.db.idl.Transaction(self.idl)
        change(txn)
        roots = self.rows("Span_Global")
        root = (roots[0] if roots
                else txn.insert(self.idl.tables["Span_Global"]))
        root.increment("next_cfg")
        if txn.commit_block() != ovs.db.idl.Transaction.SUCCESS:
            sys.exit(f"not stored: {txn.get_error()}")
        cfg = txn.get_increment_new_value()
        self.wait_until(lambda: all(host.cur_cfg >= cfg
                                    for host in self.rows("Host")),
                        "a host does not answer")


def add(database, name, selector, sink):
    """Adds the session; returns its bindings."""
    def insert(txn):
        tables = database.idl.tables
        if not database.find("Sink", sink):
            txn.insert(tables["Sink"]).name = sink
        source = txn.insert(tables["Source"])
        source.selector = selector
        destination = txn.insert(tables["Destination"])
        destination.kind = "sink"
        destination.target = sink
        session = txn.insert(tables["Session"])
        session.name = name
        session.owner = "add-session.py"
        session.sources = [source]
        session.destinations = [destination]

    database.change(insert)
    return database.find("Session", name).bindings


def main():
    """Returns the exit code."""
    if len(sys.argv) != 5:
        sys.exit(f"usage: {sys.argv[0]} DATABASE NAME SELECTOR SINK")
    _, remote, name, selector, sink = sys.argv
    database = Database(remote)
    if database.find("Session", name):
        sys.exit(f"there is a session {name} already")

    refused = False
    for binding in add(database, name, selector, sink):
        host = binding.host[0].name if binding.host else "a host"
        print(f"{name} on {host}: " + ": ".join(
            filter(None, (binding.state, binding.reason, binding.detail))),
              flush=True)
        refused = refused or binding.state == "refused"
    if not refused:
        sys.stdin.read()        # It runs.
    database.change(lambda txn: database.find("Session", name).delete())
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())

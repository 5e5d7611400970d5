#!/usr/bin/python3
# Copyright (c) 2026 The ovs-span Authors.
# SPDX-License-Identifier: Apache-2.0
"""Metrics as their readers see them, and readers that mean no good.

  metrics.py samples FILE...
      Reads OpenMetrics text as Prometheus's own client does; prints a line for
      each sample.  "FILE.prom" is in Prometheus's older text.
  metrics.py describe FILE
      The same, a line for each family: name of its samples, type, labels.
  metrics.py document MARKDOWN
      The same, out of the tables of doc/metrics.md.
  metrics.py dashboard JSON FILE...
      What is wrong with a Grafana dashboard: what a dashboard has to have, and
      names in its queries that no FILE, of metrics, has.  Nothing if it is fit.
  metrics.py attack SOCKET
      Asks wrongly, in many ways at once, until standard input ends; prints
      what came of it as a line of JSON.
"""

import collections
import json
import re
import select
import socket
import sys
import time

from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics

# What Prometheus adds to each sample.
ADDED = {"instance", "job"}


def families(name):
    """The metric families of a file, however they are written."""
    with open(name, encoding="utf-8", newline="\n") as file:
        text = file.read()
    kind = parser if name.endswith(".prom") else openmetrics
    return list(kind.text_string_to_metric_families(text))


def labels_text(labels):
    return "{%s}" % ",".join('%s="%s"' % item for item in labels.items())


def samples(*names):
    for family in (family for name in names for family in families(name)):
        for sample in family.samples:
            print("%s%s %d" % (sample.name, labels_text(sample.labels)
                               if sample.labels else "", sample.value))


def describe(name):
    lines = []
    for family in families(name):
        suffix = {"counter": "_total", "info": "_info"}.get(family.type, "")
        labels = family.samples[0].labels
        lines.append(" ".join([family.name + suffix, family.type, *labels]))
    print("\n".join(sorted(lines)))


def document(name):
    lines = []
    with open(name, encoding="utf-8") as file:
        for line in file:
            cells = [cell.strip() for cell in line.split("|")]
            if len(cells) == 6 and cells[1].startswith("`ovs_span"):
                lines.append(" ".join([cells[1], cells[2], cells[3]])
                             .replace("`", "").replace(",", "").strip())
    print("\n".join(sorted(lines)))


# ---------------------------------------------------------- the dashboard --

def known_names(files):
    """Each sample's name, and the labels that it comes with."""
    known = collections.defaultdict(set)
    for name in files:
        for family in families(name):
            for sample in family.samples:
                known[sample.name] |= set(sample.labels) | ADDED
    return known


def wrong_in_query(expr, known):
    """What of the query 'expr' does not exist."""
    names = set(re.findall(r"\b(ovs_span\w*)\b(?!\s*[=!]~?\s*\")", expr))
    used = set()
    for name in names:
        if name not in known:
            yield "no metric %s" % name
        used |= known.get(name, set())
        for selector in re.findall(re.escape(name) + r"\{([^}]*)\}", expr):
            for label in re.findall(r"(\w+)\s*[=!]~?\s*\"", selector):
                if label not in known.get(name, ()):
                    yield "%s has no label %s" % (name, label)
    for group in re.findall(r"\b(?:by|on|group_left)\s*\(([^)]*)\)", expr):
        for label in re.findall(r"\w+", group):
            if label not in used:
                yield "no label %s" % label
    if not names:
        yield "no metric at all"


def wrong_in_panel(panel, known):
    where = "%s: " % panel.get("title")
    for key in ("id", "title", "type", "gridPos"):
        if key not in panel:
            yield where + "no " + key
    if panel.get("type") == "row":
        return
    for place in [panel] + panel.get("targets", []):
        if place.get("datasource", {}).get("uid") != "${datasource}":
            yield where + "another data source"
    if not panel.get("targets"):
        yield where + "no query"
    for target in panel.get("targets", []):
        labels = set()
        for name, has in known.items():
            if name in target["expr"]:
                labels |= has
        for label in re.findall(r"\{\{\s*(\w+)\s*\}\}",
                                target.get("legendFormat", "")):
            if label not in labels:
                yield where + "a legend with no label " + label
        for wrong in wrong_in_query(target["expr"], known):
            yield where + wrong


def wrong_on_grid(panels):
    """Panels that are on the same place, or beside the grid's 24 columns."""
    taken = {}
    for panel in panels:
        place = panel["gridPos"]
        if place["x"] + place["w"] > 24:
            yield "%s: too far to the right" % panel["title"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                if taken.setdefault((x, y), panel["id"]) != panel["id"]:
                    yield "%s: not alone on its place" % panel["title"]
                    return


def dashboard(name, files):
    known = known_names(files)
    with open(name, encoding="utf-8") as file:
        board = json.load(file)
    wrong = ["no " + key for key in ("uid", "title", "schemaVersion", "time",
                                     "templating", "panels")
             if not board.get(key)]
    text = json.dumps(board["panels"])
    for variable in board["templating"]["list"]:
        if "$" + variable["name"] not in text.replace("${", "$"):
            wrong.append("variable %s is not used" % variable["name"])
        if variable["type"] == "query":
            match = re.match(r"label_values\((\w+)(\{.*\})?, (\w+)\)$",
                             variable["query"]["query"])
            if not match or match[3] not in known.get(match[1], ()):
                wrong.append("variable %s has no values" % variable["name"])
    if len({panel["id"] for panel in board["panels"]}) < len(board["panels"]):
        wrong.append("a panel's id is not its own")
    wrong += wrong_on_grid(board["panels"])
    for panel in board["panels"]:
        wrong += wrong_in_panel(panel, known)
    print("\n".join(wrong), end="")


# ------------------------------------------------------------- the attack --

def connect(path):
    client = socket.socket(socket.AF_UNIX)
    client.connect(path)                # Waits if many do so.
    client.settimeout(2)
    return client


def ask_for_much(path):
    """A request of a megabyte: returns the status line of the answer."""
    with connect(path) as client:
        try:
            client.sendall(b"GET /metrics HTTP/1.1\r\nX: " + b"x" * 1000000)
        except OSError:
            pass                        # It need not be read to its end.
        try:
            return client.recv(4096).split(b"\r\n")[0].decode()
        except OSError as error:
            return str(error)


def attack(path):
    """A hundred connections that never ask, and twenty that ask a byte at a
    time, each replaced when it is dropped."""
    begun = time.monotonic()
    result = {"much": ask_for_much(path), "silent_dropped": 0, "slow": 0}
    silent = [connect(path) for _ in range(100)]
    slow = []
    while not select.select([sys.stdin], [], [], 0.02)[0]:
        slow = [client for client in slow if drip(client)]
        while len(slow) < 20:
            slow.append(connect(path))
            result["slow"] += 1
    for client in slow:
        client.close()
    deadline = time.monotonic() + 10
    for client in silent:
        client.settimeout(max(0.01, deadline - time.monotonic()))
        try:
            result["silent_dropped"] += client.recv(1) == b""
        except TimeoutError:
            pass
    result["seconds"] = round(time.monotonic() - begun, 1)
    print(json.dumps(result))


def drip(client):
    """Sends a byte; returns whether the client is still connected."""
    try:
        client.send(b"G")
        return True
    except OSError:
        client.close()
        return False


COMMANDS = {"samples": samples, "describe": describe, "document": document,
            "dashboard": lambda name, *files: dashboard(name, files),
            "attack": attack}

if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    COMMANDS[sys.argv[1]](*sys.argv[2:])

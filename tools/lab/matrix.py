#!/usr/bin/python3
# Copyright (c) 2026 The ovs-span Authors.
# SPDX-License-Identifier: Apache-2.0
"""Who receives what: sends numbered frames of each kind between ports and
compares what every port receives with what it ought to, frame by frame.

  matrix.py PORT... [--count N] [--vlan V] [--flood] [--kinds K,...]

  PORT    NAME=NAMESPACE,DEVICE,MAC[,member][,promiscuous][,tag=V][,silent]
          A virtual machine.  `member': of the port group; `promiscuous': gets
          every frame that a member sends or gets, once; `tag': an access port
          of that VLAN, others are trunks; `silent': never sends.
  --vlan  frames of trunk ports are tagged with this VLAN; access ports of
          another one take no part
  --flood the switch has learned nothing: a unicast frame may reach anybody
          else, and reaches promiscuous ports once all the same
  --kinds unicast, broadcast, multicast, unknown; the default is all

Prints a line for each combination that is wrong, at last
  frames=N deliveries=N wrong=N
and exits with 1 if something is wrong.  System python only: no packages.
"""

import argparse
import collections
import ctypes
import os
import select
import socket
import struct
import sys
import time

MAGIC = b"MTRX"
ETHERTYPE = 0x88b5                      # for experiments, IEEE 802
NUMBER = struct.Struct("!4sIII")        # magic, run, what, sequence number
AUXDATA = struct.Struct("IIIHHHH")
BROADCAST = "ff:ff:ff:ff:ff:ff"
MULTICAST = "01:00:5e:11:22:33"
UNKNOWN = "52:54:00:ee:ee:ee"
SOL_PACKET, PACKET_AUXDATA = 263, 8
VLAN_VALID = 0x10


def mac_bytes(text):
    """The six bytes of an Ethernet address."""
    return bytes(int(part, 16) for part in text.split(":"))


class Port:
    """A virtual machine, with a socket in its network namespace."""

    def __init__(self, text):
        self.name, rest = text.split("=", 1)
        words = rest.split(",")
        self.netns, self.device, self.mac = words[:3]
        self.tag = 0
        for word in words[3:]:
            if word.startswith("tag="):
                self.tag = int(word[4:])
        self.member = "member" in words or "promiscuous" in words
        self.promiscuous = "promiscuous" in words
        self.silent = "silent" in words
        self.socket = self.open()

    def open(self):
        """A socket for all frames of the device, with much room."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/self/ns/net", encoding="ascii") as here, \
                open("/run/netns/" + self.netns, encoding="ascii") as there:
            if libc.setns(there.fileno(), 0x40000000):
                raise OSError(ctypes.get_errno(), self.netns)
            sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                 socket.htons(3))
            sock.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)
            sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
            # All that arrives, also what is for another address.
            sock.bind((self.device, 3))
            index = socket.if_nametoindex(self.device)
            sock.setsockopt(SOL_PACKET, 1, struct.pack("iHH8s", index, 1, 0,
                                                       b""))
            libc.setns(here.fileno(), 0x40000000)
        sock.setblocking(False)
        return sock

    def takes_part(self, vlan):
        """Does the port carry the VLAN that this is about?"""
        return not self.tag or self.tag == vlan

    def tag_on_wire(self, vlan):
        """The VLAN of the tag that its frames have."""
        return 0 if self.tag else vlan

    def send(self, dst, vlan, number):
        """Sends one frame."""
        tag = self.tag_on_wire(vlan)
        frame = mac_bytes(dst) + mac_bytes(self.mac)
        if tag:
            frame += struct.pack("!HH", 0x8100, tag)
        frame += struct.pack("!H", ETHERTYPE) + number
        self.socket.send(frame.ljust(64, b"\0"))

    def receive(self):
        """Yields (run, what, sequence number, VLAN) of what has arrived."""
        while True:
            try:
                frame, aux, _, address = self.socket.recvmsg(2048, 64)
            except BlockingIOError:
                return
            if address[2] == socket.PACKET_OUTGOING:
                continue
            tag = 0
            for level, kind, data in aux:
                if level == SOL_PACKET and kind == PACKET_AUXDATA:
                    values = AUXDATA.unpack(data[:AUXDATA.size])
                    tag = values[5] & 0xfff if values[0] & VLAN_VALID else 0
            at = frame.find(MAGIC, 12, 40)
            if at >= 0:
                if frame[12:14] == b"\x81\0":
                    tag = struct.unpack("!H", frame[14:16])[0] & 0xfff
                yield NUMBER.unpack(frame[at:at + NUMBER.size])[1:] + (tag,)


Case = collections.namedtuple("Case", "kind sender target dst")


def make_cases(ports, vlan, kinds):
    """Every kind of frame from every port that sends."""
    cases = []
    for sender in ports:
        if sender.silent or not sender.takes_part(vlan):
            continue
        if "unicast" in kinds:
            cases += [Case("unicast", sender, p, p.mac) for p in ports
                      if p is not sender and p.takes_part(vlan)]
        cases += [Case(kind, sender, None, dst)
                  for kind, dst in (("broadcast", BROADCAST),
                                    ("multicast", MULTICAST),
                                    ("unknown", UNKNOWN)) if kind in kinds]
    return cases


def expected(case, port, vlan, flood):
    """How many copies of each frame of the case the port gets: a set."""
    if port is case.sender or not port.takes_part(vlan):
        return {0}
    flooded = case.target is None
    if flooded or port is case.target:
        return {1}
    # A frame that may have been flooded reaches every member then.
    if port.promiscuous and (case.sender.member or case.target.member):
        return {1}
    return {0, 1} if flood else {0}


def drain(ports, run, seen, quiet=0.4, limit=20):
    """Counts what arrives, until nothing has for a while."""
    end = time.monotonic() + limit
    sockets = {p.socket.fileno(): p for p in ports}
    while time.monotonic() < end:
        ready = select.select(list(sockets), [], [], quiet)[0]
        if not ready:
            return
        for fd in ready:
            port = sockets[fd]
            for its_run, what, number, tag in port.receive():
                if its_run == run:
                    seen[port.name, what, number, tag] += 1


def judge(cases, ports, count, vlan, flood, seen):
    """Prints what is wrong; returns how many, and all deliveries."""
    wrong = 0
    for what, case in enumerate(cases):
        for port in ports:
            allowed = expected(case, port, vlan, flood)
            copies = collections.Counter(
                seen.pop((port.name, what, number, port.tag_on_wire(vlan)), 0)
                for number in range(count))
            bad = sum(n for many, n in copies.items() if many not in allowed)
            if bad:
                wrong += bad
                target = case.target.name if case.target else case.dst
                print("%s %s -> %s: %s got %s, not %s" % (
                    case.kind, case.sender.name, target, port.name,
                    " ".join("%dx%d" % (n, many)
                             for many, n in sorted(copies.items())),
                    sorted(allowed)))
    for (name, what, number, tag), many in sorted(seen.items())[:10]:
        print("%s %s: %s got frame %d with tag %d, %d times" % (
            cases[what].kind, cases[what].sender.name, name, number, tag,
            many))
    return wrong + len(seen)


def main():
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("ports", nargs="+", type=Port)
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--vlan", type=int, default=0)
    parser.add_argument("--flood", action="store_true")
    parser.add_argument("--kinds",
                        default="unicast,broadcast,multicast,unknown")
    args = parser.parse_args()
    run = struct.unpack("!I", os.urandom(4))[0]
    cases = make_cases(args.ports, args.vlan, args.kinds.split(","))
    seen = collections.Counter()
    for number in range(args.count):
        for what, case in enumerate(cases):
            case.sender.send(case.dst, args.vlan,
                             NUMBER.pack(MAGIC, run, what, number))
            if what % 64 == 63:
                drain(args.ports, run, seen, 0)
        drain(args.ports, run, seen, 0.01)
    drain(args.ports, run, seen)
    deliveries = sum(seen.values())
    wrong = judge(cases, args.ports, args.count, args.vlan, args.flood, seen)
    print("frames=%d deliveries=%d wrong=%d" % (
        len(cases) * args.count, deliveries, wrong))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()

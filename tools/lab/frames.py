#!/usr/bin/python3
# Copyright (c) 2026 The ovs-span Authors.
# SPDX-License-Identifier: Apache-2.0
"""Numbered Ethernet frames: send them, and find them again in a capture.

  frames.py send -i eth0 --count 100 --rate 1000 --log sent.json [what]
      Sends exactly COUNT frames (0: until SIGTERM), each with a stream and a
      sequence number, and appends what it sent to the log.
  frames.py check --log sent.json [--snaplen N] CAPTURE...
      Makes the frames of the log again and compares them with the captures,
      byte for byte.  Prints one line:
      sent=100 copies=100 missing=0 doubled=0 altered=0 foreign=0
  frames.py list CAPTURE...
      A line for each frame: length, addresses, VLAN tags, protocol.
  frames.py compare [--snaplen N] --with CAPTURE CAPTURE...
      Compares two captures as multisets of frames.

Reads pcapng and pcap; a file that is still being written is read up to its
last whole block.  System python only: no packages.
"""

import argparse
import collections
import json
import os
import signal
import socket
import struct
import sys
import time

MAGIC = b"SPAN"
SHOWN = 5                               # wrong frames that -v describes
NUMBER = struct.Struct("!4sIQ")         # magic, stream, sequence number


# ------------------------------------------------------------- the frames --

def mac_bytes(text):
    """The six bytes of an Ethernet address."""
    return bytes(int(part, 16) for part in text.split(":"))


def checksum(data):
    """The Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ip4(src, dst, proto, payload):
    """An IPv4 packet."""
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0x4000,
                       64, proto, 0, socket.inet_aton(src),
                       socket.inet_aton(dst))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def ip6(src, dst, proto, payload):
    """An IPv6 packet."""
    return struct.pack("!IHBB16s16s", 6 << 28, len(payload), proto, 64,
                       socket.inet_pton(socket.AF_INET6, src),
                       socket.inet_pton(socket.AF_INET6, dst)) + payload


def udp(args, payload):
    """A UDP datagram without a checksum, which IPv4 allows."""
    return struct.pack("!HHHH", args["sport"], args["dport"],
                       8 + len(payload), 0) + payload


def udp6(args, payload):
    """A UDP datagram with the checksum that IPv6 asks for."""
    pseudo = (socket.inet_pton(socket.AF_INET6, args["src6"])
              + socket.inet_pton(socket.AF_INET6, args["dst6"])
              + struct.pack("!IHH", 8 + len(payload), 0, 17))
    plain = udp(args, payload)
    return (plain[:6] + struct.pack("!H", checksum(pseudo + plain) or 0xffff)
            + plain[8:])


def icmp(payload):
    """An ICMP echo request."""
    head = struct.pack("!BBHHH", 8, 0, 0, 1, 1)
    return (head[:2] + struct.pack("!H", checksum(head + payload))
            + head[4:] + payload)


HEADERS = {"udp": 28, "icmp": 28, "udp6": 48, "raw": 0}


def make_frame(args, number):
    """Frame NUMBER of the stream that ARGS describe."""
    head = mac_bytes(args["dst"]) + mac_bytes(args["src"])
    for tag in args["vlan"]:
        tpid, vid = tag.split(":")
        head += struct.pack("!HH", int(tpid, 16), int(vid))
    space = max(args["size"] - len(head) - 2 - HEADERS[args["kind"]],
                NUMBER.size)
    payload = NUMBER.pack(MAGIC, args["stream"], number)
    payload += (bytes((number + i) & 0xff for i in range(256))
                * (space // 256 + 1))[:space - NUMBER.size]
    if args["kind"] == "udp":
        return head + b"\x08\0" + ip4(args["src4"], args["dst4"], 17,
                                      udp(args, payload))
    if args["kind"] == "icmp":
        return head + b"\x08\0" + ip4(args["src4"], args["dst4"], 1,
                                      icmp(payload))
    if args["kind"] == "udp6":
        return head + b"\x86\xdd" + ip6(args["src6"], args["dst6"], 17,
                                        udp6(args, payload))
    return head + b"\x88\xb5" + payload         # "local experimental" type


# -------------------------------------------------------------- send them --

def send_stream(sock, args, what, stop):
    """Sends the stream WHAT until STOP is not empty; how many frames."""
    begin = time.monotonic()
    sent = errors = 0
    while not stop and (args.count == 0 or sent < args.count):
        ahead = begin + sent / args.rate - time.monotonic()
        if ahead > 0:
            time.sleep(ahead)
        try:
            sock.send(make_frame(what, args.start + sent))
            sent += 1
        except OSError as error:
            errors += 1
            if errors > 1000:
                sys.exit("frames.py: %s: %s" % (args.interface, error))
            time.sleep(0.001)
    return sent


def send(args):
    """Sends streams; the return value is the exit code."""
    stop = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.append(True))
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sock.bind((args.interface, 0))
    what = {key: getattr(args, key) for key in
            ("stream", "start", "kind", "size", "src", "dst", "src4", "dst4",
             "src6", "dst6", "sport", "dport", "vlan")}
    src, total = int(args.src.replace(":", ""), 16), 0
    for more in range(args.sources):
        what["stream"] = args.stream + more
        what["src"] = (src + more).to_bytes(6, "big").hex(":")
        sent = send_stream(sock, args, what, stop)
        total += sent
        if args.log:
            with open(args.log, "a", encoding="ascii") as log:
                log.write(json.dumps(dict(what, count=sent)) + "\n")
    print("sent=%d" % total)
    return 0


# ---------------------------------------------------------- read captures --

def read_pcapng(data, order=None):
    """Yields the frames of a pcapng file, up to the last whole block."""
    at = 0
    while at + 12 <= len(data):
        if data[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            order = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
        kind, size = struct.unpack_from(order + "II", data, at)
        if size < 12 or at + size > len(data):
            return
        if kind == 6:                           # Enhanced Packet Block
            length, = struct.unpack_from(order + "I", data, at + 20)
            yield data[at + 28:at + 28 + length]
        elif kind == 3:                         # Simple Packet Block
            length, = struct.unpack_from(order + "I", data, at + 8)
            yield data[at + 12:at + min(12 + length, size - 4)]
        at += size


def read_pcap(data):
    """Yields the frames of a classic capture file."""
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") \
        else ">"
    at = 24
    while at + 16 <= len(data):
        length, = struct.unpack_from(order + "I", data, at + 8)
        if at + 16 + length > len(data):
            return
        yield data[at + 16:at + 16 + length]
        at += 16 + length


def read_frames(names):
    """Yields the frames of several capture files."""
    for name in names:
        with open(name, "rb") as file:
            data = file.read()
        if data[:4] == b"\x0a\x0d\x0d\x0a":
            yield from read_pcapng(data)
        elif len(data) >= 24:
            yield from read_pcap(data)


# --------------------------------------------------------------- look at --

def find_number(frame):
    """(stream, sequence number) of a frame of ours, or None."""
    at = frame.find(MAGIC, 14)
    if at < 0 or at + NUMBER.size > len(frame):
        return None
    _, stream, number = NUMBER.unpack_from(frame, at)
    return stream, number


def check(args):
    """Compares captures with the log; 0 if all is exactly there."""
    logged = []
    for name in args.log:
        with open(name, encoding="ascii") as log:
            logged += [json.loads(line) for line in log]
    wanted = {}
    for what in logged:
        if args.stream is None or what["stream"] in args.stream:
            for number in range(what["start"], what["start"] + what["count"]):
                wanted[what["stream"], number] = what
    seen = collections.Counter()
    altered = foreign = 0
    for frame in read_frames(args.capture):
        key = find_number(frame)
        if key not in wanted:
            foreign += 1
            if args.verbose and foreign <= SHOWN:
                print("# foreign:", describe(frame), file=sys.stderr)
            continue
        seen[key] += 1
        expected = make_frame(wanted[key], key[1])
        if frame != (expected[:args.snaplen] if args.snaplen else expected):
            altered += 1
            if args.verbose and altered <= SHOWN:
                print("# altered:", describe(frame), frame[:64].hex(),
                      "instead of", expected[:64].hex(), file=sys.stderr)
    missing = len(wanted) - len(seen)
    doubled = sum(seen.values()) - len(seen)
    print("sent=%d copies=%d missing=%d doubled=%d altered=%d foreign=%d"
          % (len(wanted), sum(seen.values()), missing, doubled, altered,
             foreign))
    return 1 if missing or doubled or altered or foreign else 0


def describe(frame):
    """One line about a frame."""
    if len(frame) < 14:
        return "%d short" % len(frame)
    words = [str(len(frame)), frame[6:12].hex(":"), ">", frame[:6].hex(":")]
    at, kind = 14, frame[12:14]
    while kind in (b"\x81\0", b"\x88\xa8") and at + 4 <= len(frame):
        tci, = struct.unpack_from("!H", frame, at)
        words.append("vlan=%s:%d" % (kind.hex(), tci & 0xfff))
        kind = frame[at + 2:at + 4]
        at += 4
    names = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmp6"}
    if kind == b"\x08\0" and at + 20 <= len(frame):
        words.append(names.get(frame[at + 9], "ip-%d" % frame[at + 9]))
        words += [socket.inet_ntoa(frame[at + 12:at + 16]), ">",
                  socket.inet_ntoa(frame[at + 16:at + 20])]
    elif kind == b"\x86\xdd" and at + 40 <= len(frame):
        words.append(names.get(frame[at + 6], "ip6-%d" % frame[at + 6]) + "/6")
        words += [socket.inet_ntop(socket.AF_INET6, frame[at + 8:at + 24]),
                  ">",
                  socket.inet_ntop(socket.AF_INET6, frame[at + 24:at + 40])]
    else:
        words.append({b"\x08\x06": "arp"}.get(kind, "type-" + kind.hex()))
    number = find_number(frame)
    if number:
        words.append("stream=%d number=%d" % number)
    return " ".join(words)


def list_frames(args):
    """Prints every frame of the captures."""
    for frame in read_frames(args.capture):
        print(describe(frame))
    return 0


def compare(args):
    """Compares captures as multisets of frames; 0 if they are the same."""
    cut = args.snaplen or None
    here = collections.Counter(f[:cut] for f in read_frames(args.capture))
    there = collections.Counter(f[:cut] for f in read_frames([args.other]))
    missing, foreign = there - here, here - there
    print("wanted=%d copies=%d missing=%d foreign=%d"
          % (sum(there.values()), sum(here.values()), sum(missing.values()),
             sum(foreign.values())))
    if args.verbose:
        for frame in list(foreign)[:SHOWN]:
            print("# foreign:", describe(frame), file=sys.stderr)
    return 1 if missing or foreign else 0


def main():
    """Reads the command line and does what it says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)

    sub = commands.add_parser("send")
    sub.set_defaults(run=send)
    sub.add_argument("-i", "--interface", default="eth0")
    sub.add_argument("--count", type=int, default=100)
    sub.add_argument("--rate", type=float, default=1000, help="frames/s")
    sub.add_argument("--log")
    sub.add_argument("--stream", type=int, default=1)
    sub.add_argument("--start", type=int, default=0)
    sub.add_argument("--kind", choices=sorted(HEADERS), default="udp")
    sub.add_argument("--size", type=int, default=100, help="without FCS")
    sub.add_argument("--vlan", action="append", default=[],
                     help="TPID:VID, outermost first")
    sub.add_argument("--src", default="52:54:00:00:00:01")
    sub.add_argument("--sources", type=int, default=1,
                     help="streams one after the other, each with the next\n"
                     "source address and number of a stream")
    sub.add_argument("--dst", default="52:54:00:00:00:02")
    # Addresses that no VM has: nobody answers, so nothing is foreign.
    sub.add_argument("--src4", default="10.98.0.1")
    sub.add_argument("--dst4", default="10.98.0.2")
    sub.add_argument("--src6", default="fd98::1")
    sub.add_argument("--dst6", default="fd98::2")
    sub.add_argument("--sport", type=int, default=4000)
    sub.add_argument("--dport", type=int, default=4001)

    sub = commands.add_parser("check")
    sub.set_defaults(run=check)
    sub.add_argument("--log", action="append", required=True)
    sub.add_argument("--stream", type=int, action="append")
    sub.add_argument("--snaplen", type=int, default=0)
    sub.add_argument("-v", "--verbose", action="store_true")
    sub.add_argument("capture", nargs="*")

    sub = commands.add_parser("list")
    sub.set_defaults(run=list_frames)
    sub.add_argument("capture", nargs="*")

    sub = commands.add_parser("compare")
    sub.set_defaults(run=compare)
    sub.add_argument("--with", dest="other", required=True)
    sub.add_argument("--snaplen", type=int, default=0)
    sub.add_argument("-v", "--verbose", action="store_true")
    sub.add_argument("capture", nargs="*")

    args = parser.parse_args()
    try:
        return args.run(args)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    sys.exit(main())

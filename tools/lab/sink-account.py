#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Does a recorder account for every frame?

  sink-account.py send INTERFACE [mix|vlan|large|cut] COUNT START
      Sends numbered frames: mix is 64 to 1514 bytes, vlan 100 bytes with a
      tag, large 65 KB to be segmented later (one number each), cut the same
      with a number for each of its 64 segments (COUNT is of segments).
  sink-account.py tap INTERFACE
      Makes a tap.  For each line "mix COUNT START" on its standard input (or
      vlan, or large) lets such frames arrive there, and prints how many were
      taken.  Ends with the standard input.
  sink-account.py check STATUS SENT CAPTURE...
      Frames 0 to SENT - 1 were sent.  STATUS has the last status of the
      recorder.  Prints what does not add up between these, the captures and
      their manifests.  A frame must have come after the last loss.
  sink-account.py status STATUS PATH
      Prints one value of the status, as in counters.written.
"""

import errno
import fcntl
import json
import os
import socket
import struct
import sys
import time

HEADER = bytes.fromhex("525400000002525400000001")
NUMBER = struct.Struct("!Q")
SEGMENTS, SEGMENT = 64, 1000
COUNTERS = ("rx", "port_drop", "filter_reject", "ps_recv", "ps_drop",
            "delivered", "undelivered", "queued", "ring_drop", "cap_drop",
            "written", "write_drop", "noted")


# ------------------------------------------------------------- the frames --

def checksum(data):
    """The Internet checksum (RFC 1071), not complemented."""
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


def plain(number, size):
    """A frame of an experimental protocol."""
    return (HEADER + b"\x88\xb5" + NUMBER.pack(number)).ljust(size, b"\xa5")


def large(numbers):
    """A TCP segment over IPv4 that is to be cut, as virtio describes it."""
    payload = b"".join(NUMBER.pack(n).ljust(SEGMENT, b"\xa5")
                       for n in numbers)
    src, dst = bytes((10, 98, 0, 1)), bytes((10, 98, 0, 2))
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40 + len(payload), 1, 0x4000,
                     64, 6, 0, src, dst)
    ip = ip[:10] + struct.pack("!H", ~checksum(ip) & 0xffff) + ip[12:]
    pseudo = checksum(src + dst + struct.pack("!HH", 6, 20 + len(payload)))
    tcp = struct.pack("!HHIIBBHHH", 4000, 4001, 1, 0, 0x50, 0x10, 8192,
                      pseudo, 0)
    # Checksum to be done, TCPv4, length of the headers, of a segment, where
    # the checksum starts and is.
    virtio = struct.pack("=BBHHHH", 1, 1, 54, SEGMENT, 34, 16)
    return virtio + HEADER + b"\x08\0" + ip + tcp + payload


def make(kind, count, start):
    """Yields frames of a kind, each behind a header of virtio."""
    for i in range(start, start + count, SEGMENTS if kind == "cut" else 1):
        if kind == "mix":
            yield bytes(10) + plain(i, 64 + i * 37 % 1451)
        elif kind == "vlan":
            frame = plain(i, 100)
            yield bytes(10) + frame[:12] + b"\x81\0\0\x05" + frame[12:]
        elif kind == "large":
            yield large([i] + [0] * (SEGMENTS - 1))
        else:
            yield large(range(i, i + SEGMENTS))


def send(interface, kind, count, start):
    """Sends frames."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sock.setsockopt(263, 15, 1)         # SOL_PACKET, PACKET_VNET_HDR
    sock.bind((interface, 0))
    for frame in make(kind, int(count), int(start)):
        while True:
            try:
                sock.send(frame)
                break
            except OSError as e:
                if e.errno != errno.ENOBUFS:
                    raise
                time.sleep(0.001)


def tap(interface):
    """Lets frames arrive at a tap."""
    fd = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(fd, 0x400454ca,         # TUNSETIFF: TAP, NO_PI, VNET_HDR
                struct.pack("16sH22x", interface.encode(), 0x5002))
    for line in sys.stdin:
        kind, count, start = line.split()
        taken = 0
        for frame in make(kind, int(count), int(start)):
            try:
                os.write(fd, frame)
                taken += 1
            except OSError as e:
                if e.errno != errno.EIO:
                    raise
        print(taken, flush=True)


# -------------------------------------------------------------- the check --

def find_number(frame):
    """The number of a frame, or None if it is not one of ours."""
    at = 16 if frame[12:14] == b"\x81\0" else 12
    if frame[:12] != HEADER:
        return None
    if frame[at:at + 2] == b"\x88\xb5":
        return NUMBER.unpack_from(frame, at + 2)[0]
    return NUMBER.unpack_from(frame, 54)[0]


def records(name):
    """Yields (frame, losses noted) of a pcapng file of this machine."""
    with open(name, "rb") as file:
        data = file.read()
    offset = 0
    while offset + 12 <= len(data):
        kind, size = struct.unpack_from("=II", data, offset)
        if kind == 6:
            caplen = struct.unpack_from("=I", data, offset + 20)[0]
            start = offset + 28
            option = start + (caplen + 3) // 4 * 4
            noted = 0
            if option + 16 <= offset + size:
                noted = struct.unpack_from("=Q", data, option + 4)[0]
            yield data[start:start + caplen], noted
        offset += size


def last_summary(name):
    """The counters of the last interface statistics block, by option."""
    with open(name, "rb") as file:
        data = file.read()
    offset, found = 0, {}
    while offset + 12 <= len(data):
        kind, size = struct.unpack_from("=II", data, offset)
        if kind == 5:
            at, found = offset + 20, {}
            while at + 4 < offset + size - 4:
                code, length = struct.unpack_from("=HH", data, at)
                if length == 8:
                    found[code] = struct.unpack_from("=Q", data, at + 4)[0]
                at += 4 + (length + 3) // 4 * 4
        offset += size
    return found


def balance(c, what):
    """Prints the equations that do not hold for the counters 'c'."""
    for left, right in (
            ("rx", ("filter_reject", "ps_recv")),
            ("ps_recv", ("ps_drop", "delivered", "undelivered")),
            ("delivered", ("queued", "ring_drop", "cap_drop")),
            ("queued", ("written", "write_drop"))):
        total = sum(c[name] for name in right)
        if c[left] != total:
            print("%s: %s is %d, %s is %d"
                  % (what, left, c[left], " + ".join(right), total))


def lost(c):
    """What the files should note."""
    return (c["ps_drop"] + c["ring_drop"] + c["cap_drop"] + c["write_drop"])


def read_file(name, seen):
    """Reads a capture; returns (packets, losses noted) and checks them
    against its manifest, whose counters it returns too."""
    packets, gaps = 0, []
    for frame, noted in records(name):
        if noted:
            gaps.append((packets, noted))
        packets += 1
        number = find_number(frame)
        if number is not None:
            if number in seen:
                print("number %d twice" % number)
            seen.add(number)
    noted = sum(n for _, n in gaps)
    if not os.path.exists(name + ".json"):
        return packets, noted, None
    with open(name + ".json", encoding="ascii") as file:
        m = json.load(file)
    for what, want in (("packets", packets), ("lost", noted),
                       ("gaps", len(gaps)), ("bytes", os.stat(name).st_size)):
        if m[what] != want:
            print("%s: %s is %d, not %d" % (name, what, m[what], want))
    if [(g["after_packet"], g["lost"]) for g in m["gap_list"]] != gaps[:1000]:
        print("%s: gap_list is %s, not %s" % (name, m["gap_list"], gaps))
    balance(m["counters"], name)
    balance(m["counters_since_open"], name)
    if m["counters_since_open"]["written"] != packets:
        print("%s: written since it was opened is %d, not %d"
              % (name, m["counters_since_open"]["written"], packets))
    return packets, noted, m


def check_manifests(manifests, c):
    """The last manifest says what the status does, and all together too."""
    if not manifests:
        return
    for name in COUNTERS:
        total = sum(m["counters_since_open"][name] for m in manifests)
        last = manifests[-1]["counters"][name]
        if last != c[name] or total != c[name]:
            print("%s is %d, in the last manifest %d, in all together %d"
                  % (name, c[name], last, total))


def check(status, sent, *names):
    """Prints what does not add up."""
    with open(status, encoding="utf-8") as file:
        c = json.load(file)["counters"]
    seen, packets, noted, manifests = set(), 0, 0, []
    for name in names:
        n, more, manifest = read_file(name, seen)
        packets, noted = packets + n, noted + more
        if manifest:
            manifests.append(manifest)
    balance(c, "counters")
    check_manifests(manifests, c)
    summary = last_summary(names[-1])
    for code, name in ((4, "rx"), (5, "port_drop"), (6, "ps_recv"),
                       (7, "ps_drop")):
        if summary.get(code) != c[name]:
            print("%s: %s in the last summary, not %d"
                  % (name, summary.get(code), c[name]))
    missing = int(sent) - len(seen)
    for what, got, want in (
            ("undelivered", c["undelivered"], 0),
            ("rx + port_drop", c["rx"] + c["port_drop"], int(sent)),
            ("written", c["written"], packets),
            ("frames that are none of ours", packets - len(seen), 0),
            ("noted", c["noted"], noted),
            ("noted of what was lost", noted, lost(c)),
            ("missing numbers", missing,
             c["port_drop"] + c["filter_reject"] + lost(c))):
        if got != want:
            print("%s: %d, not %d" % (what, got, want))


def status(name, path):
    """Prints a value of a status."""
    with open(name, encoding="utf-8") as file:
        value = json.load(file)
    for key in path.split("."):
        value = value[key]
    print(value)


COMMANDS = {"send": send, "tap": tap, "check": check, "status": status}

if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    COMMANDS[sys.argv[1]](*sys.argv[2:])

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What tests of the recorder need beside frames.py.

  sink-probe.py rpc SOCKET METHOD [PARAMS]
      Asks the recorder; prints the result, or "error: SENTENCE".
  sink-probe.py get SOCKET PATH
      Prints one value of the status, as in counters.written.
  sink-probe.py blast INTERFACE COUNT SIZE [START [RATE]]
      Sends frames with sequence numbers as fast as it can, or RATE a second.
  sink-probe.py gso INTERFACE COUNT
      Sends TCP segments of 65000 bytes, as hosts with segmentation offload do.
  sink-probe.py delay INTERFACE COUNT CAPTURE
      Sends a frame a second, and prints after how many milliseconds at most
      one was in CAPTURE, which is being written.
  sink-probe.py tap INTERFACE COUNT SIZE
      Makes a tap, and when a line comes in on the standard input, lets frames
      with sequence numbers arrive there.  Ends with the standard input.
  sink-probe.py sip INTERFACE
      Makes a tap and reads the frames with sequence numbers that are sent to
      it.  For each line that comes in, prints how many there were in all.
  sink-probe.py sequence CAPTURE...
      Prints what became of the sequence numbers, and the losses noted:
      frames=9 first=0 last=9 missing=1 doubled=0 disordered=0 noted=1
  sink-probe.py window SECONDS CAPTURE
      Prints the most bytes that the records of any SECONDS have together, by
      their time stamps.
  sink-probe.py status-stream SOCKET SECONDS
      Prints how many notifications came in that time.
"""

import collections
import errno
import fcntl
import json
import os
import select
import socket
import struct
import sys
import time

HEADER = bytes.fromhex("525400000002525400000001") + b"\x88\xb5"
NUMBER = struct.Struct("!Q")


def read_message(sock, text=""):
    """Yields the JSON objects that arrive on 'sock'."""
    decoder = json.JSONDecoder()
    while True:
        text = text.lstrip()
        try:
            message, end = decoder.raw_decode(text)
            text = text[end:]
            yield message
            continue
        except ValueError:
            pass
        data = sock.recv(65536)
        if not data:
            return
        text += data.decode()


def connect(path):
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(20)
    sock.connect(path)
    return sock


def call(path, method, params):
    """Returns (result, error) of a call."""
    sock = connect(path)
    request = {"method": method, "params": params, "id": 7}
    sock.sendall(json.dumps(request).encode())
    for message in read_message(sock):
        if message.get("id") == 7:
            return message["result"], message["error"]
    return None, "no answer"


def rpc(path, method, params="[]"):
    result, error = call(path, method, json.loads(params))
    print("error: " + error if error else json.dumps(result))


def get(path, what):
    value, _ = call(path, "status", [])
    for key in what.split("."):
        value = value[key] if value is not None else None
    print(json.dumps(value) if not isinstance(value, str) else value)


def frame(number, size):
    return (HEADER + NUMBER.pack(number)).ljust(size, b"\xa5")


def blast(interface, count, size, start="0", rate="0"):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sock.bind((interface, 0))
    begin = time.monotonic()
    for number in range(int(start), int(start) + int(count)):
        if rate != "0":
            due = begin + (number - int(start)) / float(rate)
            ahead = due - time.monotonic()
            if ahead > 0.001:
                time.sleep(ahead)
        while True:
            try:
                sock.send(frame(number, int(size)))
                break
            except OSError as e:
                if e.errno != errno.ENOBUFS:
                    raise
                time.sleep(0.001)


def gso(interface, count):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sock.setsockopt(263, 15, 1)         # SOL_PACKET, PACKET_VNET_HDR
    sock.bind((interface, 0))
    size = 65000 - 54                   # With its headers, below 64 KiB.
    tcp = struct.pack("!HHIIBBHHH", 1000, 2000, 1, 1, 0x50, 0x10, 512, 0, 0)
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40 + size, 1, 0, 64, 6, 0,
                     bytes(4), bytes(4))
    # Checksum to be filled in at offset 16 of the TCP header; TCPv4, 1448.
    offload = struct.pack("=BBHHHH", 1, 1, 54, 1448, 34, 16)
    ethernet = HEADER[:12] + b"\x08\x00"
    for _ in range(int(count)):
        sock.send(offload + ethernet + ip + tcp + bytes(size))


def delay(interface, count, name):
    longest = 0
    for number in range(int(count)):
        # Another moment of the recorder's round each time.
        time.sleep(1 + 0.037 * number % 0.25)
        start = time.monotonic()
        blast(interface, 1, 100, number)
        while sum(1 for _ in records(name)) <= number:
            if time.monotonic() > start + 5:
                sys.exit("frame %d is not in the file" % number)
            time.sleep(0.005)
        longest = max(longest, time.monotonic() - start)
    print(round(longest * 1000))


def make_tap(interface):
    fd = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(fd, 0x400454ca,         # TUNSETIFF: IFF_TAP | IFF_NO_PI
                struct.pack("16sH22x", interface.encode(), 0x1002))
    return fd


def sip(interface):
    fd = make_tap(interface)
    count = 0
    while True:
        ready = select.select([fd, sys.stdin], [], [])[0]
        if fd in ready:
            count += os.read(fd, 65536)[:14] == HEADER
        elif not sys.stdin.readline():
            return
        else:
            print(count, flush=True)


def tap(interface, count, size):
    fd = make_tap(interface)
    for _ in sys.stdin:
        for number in range(int(count)):
            os.write(fd, frame(number, int(size)))
        print("sent", flush=True)


def records(name):
    """Yields (frame, losses noted) of a pcapng or pcap file of this machine,
    up to its last whole record."""
    with open(name, "rb") as file:
        data = file.read()
    if data[:4] == b"\x4d\x3c\xb2\xa1":
        offset = 24
        while offset + 16 <= len(data):
            size = struct.unpack_from("=8xI", data, offset)[0]
            if offset + 16 + size > len(data):
                return
            yield data[offset + 16:offset + 16 + size], 0
            offset += 16 + size
        return
    offset = 0
    while offset + 12 <= len(data):
        kind, size = struct.unpack_from("=II", data, offset)
        if size < 12 or offset + size > len(data):
            return
        if kind == 6:
            caplen = struct.unpack_from("=I", data, offset + 20)[0]
            start = offset + 28
            option = start + (caplen + 3) // 4 * 4
            noted = 0
            if option + 16 <= offset + size:
                noted = struct.unpack_from("=Q", data, option + 4)[0]
            yield data[start:start + caplen], noted
        offset += size


def sequence(*names):
    seen = set()
    frames = doubled = disordered = noted = 0
    previous = -1
    for name in names:
        for data, lost in records(name):
            noted += lost
            if data[:14] != HEADER:
                continue
            number = NUMBER.unpack_from(data, 14)[0]
            frames += 1
            doubled += number in seen
            disordered += number < previous
            seen.add(number)
            previous = number
    first, last = (min(seen), max(seen)) if seen else (0, -1)
    print("frames=%d first=%d last=%d missing=%d doubled=%d disordered=%d "
          "noted=%d" % (frames, first, last, last - first + 1 - len(seen),
                        doubled, disordered, noted))


def window(seconds, name):
    with open(name, "rb") as file:
        data = file.read()
    recent, total, most, offset = collections.deque(), 0, 0, 0
    while offset + 12 <= len(data):
        kind, size = struct.unpack_from("=II", data, offset)
        if kind == 6:
            high, low = struct.unpack_from("=II", data, offset + 12)
            when = (high << 32 | low) / 1e9
            recent.append((when, size))
            total += size
            while recent[0][0] <= when - float(seconds):
                total -= recent.popleft()[1]
            most = max(most, total)
        offset += size
    print(most)


def status_stream(path, seconds):
    sock = connect(path)
    end = time.monotonic() + float(seconds)
    count = 0
    for message in read_message(sock):
        count += message.get("method") == "status"
        if time.monotonic() >= end:
            break
    print(count)


COMMANDS = {"rpc": rpc, "get": get, "blast": blast, "gso": gso,
            "delay": delay, "tap": tap, "sip": sip, "sequence": sequence,
            "window": window, "status-stream": status_stream}

if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    COMMANDS[sys.argv[1]](*sys.argv[2:])

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A file system in memory that can stand still, by the kernel's FUSE protocol.

  fuse-disk.py DIR STALL
      Serves DIR until it is unmounted.  As long as the file STALL is there, it
      answers nothing.  Says "ready" on the standard output.

It has what a recorder needs: directories, files, links; no times, no owners.
"""

import ctypes
import errno
import os
import stat
import struct
import sys
import time

LOOKUP, FORGET, GETATTR, SETATTR = 1, 2, 3, 4
MKDIR, UNLINK, RMDIR, RENAME = 9, 10, 11, 12
OPEN, READ, WRITE, STATFS, RELEASE = 14, 15, 16, 17, 18
FSYNC, FLUSH, INIT, OPENDIR, READDIR = 20, 25, 26, 27, 28
RELEASEDIR, FSYNCDIR, ACCESS, CREATE = 29, 30, 34, 35
BATCH_FORGET, RENAME2 = 42, 45

IN = struct.Struct("=IIQQIIII")
OUT = struct.Struct("=IiQ")
SIZE = 1 << 30


class Node:
    def __init__(self, number, mode):
        self.number = number
        self.mode = mode
        self.data = bytearray()
        self.names = {}


class Disk:
    def __init__(self):
        self.nodes = {1: Node(1, stat.S_IFDIR | 0o777)}
        self.next = 2

    def make(self, mode):
        node = Node(self.next, mode)
        self.nodes[node.number] = node
        self.next += 1
        return node

    @staticmethod
    def attributes(node):
        size = len(node.data)
        return struct.pack("=6Q10I", node.number, size, (size + 511) // 512,
                           0, 0, 0, 0, 0, 0, node.mode, 1, os.getuid(),
                           os.getgid(), 0, 4096, 0)

    def entry(self, node):
        return (struct.pack("=4Q2I", node.number, 0, 0, 0, 0, 0)
                + self.attributes(node))

    def child(self, parent, name):
        number = self.nodes[parent].names.get(name)
        if number is None:
            raise OSError(errno.ENOENT, "")
        return self.nodes[number]

    def lookup(self, node, body):
        return self.entry(self.child(node, body.rstrip(b"\0")))

    def getattr(self, node, _):
        return struct.pack("=QII", 0, 0, 0) + self.attributes(
            self.nodes[node])

    def setattr(self, node, body):
        valid, _, _, size = struct.unpack_from("=IIQQ", body)
        mode = struct.unpack_from("=I", body, 68)[0]
        target = self.nodes[node]
        if valid & 1:
            target.mode = stat.S_IFMT(target.mode) | stat.S_IMODE(mode)
        if valid & 8:
            del target.data[size:]
            target.data.extend(bytes(size - len(target.data)))
        return self.getattr(node, body)

    def mkdir(self, node, body):
        mode = struct.unpack_from("=I", body)[0]
        name = body[8:].rstrip(b"\0")
        if name in self.nodes[node].names:
            raise OSError(errno.EEXIST, "")
        made = self.make(stat.S_IFDIR | stat.S_IMODE(mode))
        self.nodes[node].names[name] = made.number
        return self.entry(made)

    def unlink(self, node, body):
        name = body.rstrip(b"\0")
        self.child(node, name)
        del self.nodes[node].names[name]
        return b""

    def rename(self, node, body, head=8):
        target = struct.unpack_from("=Q", body)[0]
        flags = struct.unpack_from("=I", body, 8)[0] if head == 16 else 0
        old, new = body[head:].rstrip(b"\0").split(b"\0")
        number = self.child(node, old).number
        if flags & 1 and new in self.nodes[target].names:
            raise OSError(errno.EEXIST, "")
        del self.nodes[node].names[old]
        self.nodes[target].names[new] = number
        return b""

    def rename2(self, node, body):
        return self.rename(node, body, 16)

    def open(self, node, _):
        return struct.pack("=QII", node, 0, 0)

    def create(self, node, body):
        flags, mode = struct.unpack_from("=II", body)
        name = body[16:].rstrip(b"\0")
        if name in self.nodes[node].names:
            if flags & os.O_EXCL:
                raise OSError(errno.EEXIST, "")
            made = self.child(node, name)
        else:
            made = self.make(stat.S_IFREG | stat.S_IMODE(mode))
            self.nodes[node].names[name] = made.number
        return self.entry(made) + self.open(made.number, body)

    def read(self, node, body):
        _, offset, size = struct.unpack_from("=QQI", body)
        return bytes(self.nodes[node].data[offset:offset + size])

    def write(self, node, body):
        _, offset, size = struct.unpack_from("=QQI", body)
        data = self.nodes[node].data
        if len(data) < offset:
            data.extend(bytes(offset - len(data)))
        data[offset:offset + size] = body[40:40 + size]
        return struct.pack("=II", size, 0)

    def readdir(self, node, body):
        _, offset, size = struct.unpack_from("=QQI", body)
        out = b""
        names = sorted(self.nodes[node].names.items())
        for index, (name, number) in enumerate(names):
            if index < offset:
                continue
            kind = stat.S_IFMT(self.nodes[number].mode) >> 12
            entry = struct.pack("=QQII", number, index + 1, len(name),
                                kind) + name
            entry += bytes(-len(entry) % 8)
            if len(out) + len(entry) > size:
                break
            out += entry
        return out

    def statfs(self, _node, _body):
        used = sum(len(node.data) for node in self.nodes.values())
        free = max(0, SIZE - used) // 4096
        return struct.pack("=5Q4I24x", SIZE // 4096, free, free, 1 << 20,
                           1 << 20, 4096, 255, 4096, 0)

    def nothing(self, _node, _body):
        return b""

    def init(self, _node, body):
        readahead = struct.unpack_from("=III", body)[2]
        return struct.pack("=IIIIHHIIHHI28x", 7, 31, readahead, 0, 12, 9,
                           1 << 20, 1, 256, 0, 0)


HANDLERS = {LOOKUP: Disk.lookup, GETATTR: Disk.getattr,
            SETATTR: Disk.setattr, MKDIR: Disk.mkdir, UNLINK: Disk.unlink,
            RMDIR: Disk.unlink, RENAME: Disk.rename, OPEN: Disk.open,
            READ: Disk.read, WRITE: Disk.write, STATFS: Disk.statfs,
            RELEASE: Disk.nothing, FSYNC: Disk.nothing, FLUSH: Disk.nothing,
            INIT: Disk.init, OPENDIR: Disk.open, READDIR: Disk.readdir,
            RELEASEDIR: Disk.nothing, FSYNCDIR: Disk.nothing,
            ACCESS: Disk.nothing, CREATE: Disk.create,
            RENAME2: Disk.rename2}


def answer(disk, code, node, body):
    """Returns (error, data)."""
    handler = HANDLERS.get(code)
    if not handler:
        return errno.ENOSYS, b""
    try:
        return 0, handler(disk, node, body)
    except OSError as e:
        return e.errno, b""
    except KeyError:
        return errno.ENOENT, b""


def serve(fd, stall):
    disk = Disk()
    while True:
        try:
            message = os.read(fd, (1 << 20) + 65536)
        except OSError as e:
            if e.errno == errno.ENODEV:
                return
            if e.errno in (errno.EINTR, errno.ENOENT, errno.EAGAIN):
                continue
            raise
        _, code, unique, node = IN.unpack_from(message)[:4]
        while code != INIT and os.path.exists(stall):
            time.sleep(0.01)
        if code in (FORGET, BATCH_FORGET):
            continue
        error, data = answer(disk, code, node, message[IN.size:])
        try:
            os.write(fd, OUT.pack(OUT.size + len(data), -error, unique)
                     + data)
        except OSError as e:
            if e.errno == errno.ENODEV:
                return
            if e.errno != errno.ENOENT:
                raise


def main():
    directory, stall = sys.argv[1:]
    fd = os.open("/dev/fuse", os.O_RDWR)
    options = "fd=%d,rootmode=40000,user_id=%d,group_id=%d,allow_other" % (
        fd, os.getuid(), os.getgid())
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"fuse-disk", directory.encode(), b"fuse", 0,
                  options.encode()):
        sys.exit("mount: " + os.strerror(ctypes.get_errno()))
    print("ready", flush=True)
    serve(fd, stall)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main()

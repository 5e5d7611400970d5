# SPDX-License-Identifier: Apache-2.0
"""Where recorders write: a directory on the disk, or a tmpfs.  Emptied before
and after each trial."""

import mmap
import os
import re
import shutil
import subprocess
import time

MIB = 1 << 20

# What the kernel may keep of a file in memory while a rate is looked for.  A
# short trial then meets the disk, as a long recording does with any limit.
DIRTY = {"dirty_background_bytes": 128 * MIB, "dirty_bytes": 512 * MIB}


class Place:
    def __init__(self, name, path):
        self.name = name
        self.path = path
        self.empty()

    def empty(self):
        shutil.rmtree(self.path, ignore_errors=True)
        os.makedirs(self.path)
        # The recorder writes as a user of its own.
        os.chmod(self.path, 0o777)
        # Deleting is work for the disk too, and must be over.
        fd = os.open(self.path, os.O_RDONLY)
        os.fsync(fd)
        os.close(fd)
        subprocess.run(["sync", "-f", self.path], check=True)

    def free(self):
        stat = os.statvfs(self.path)
        return stat.f_bavail * stat.f_frsize

    def file(self, name):
        return os.path.join(self.path, name)

    def captures(self):
        """All captures, in the order of their names' numbers."""
        def key(name):
            return [int(part) if part.isdigit() else part
                    for part in re.split(r"(\d+)", name)]

        return sorted((self.file(name) for name in os.listdir(self.path)
                       if ".log" not in name and not name.endswith(".json")),
                      key=key)

    def size(self):
        total = 0
        for name in self.captures():
            try:
                total += os.stat(name).st_size
            except FileNotFoundError:       # Just renamed.
                pass
        return total


class Tmpfs(Place):
    """Goes with the mount namespace."""

    def __init__(self, path, size):
        os.makedirs(path, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%d" % size,
                        "bench", path], check=True)
        super().__init__("tmpfs", os.path.join(path, "captures"))


def available_memory():
    with open("/proc/meminfo") as file:
        for line in file:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return 0


class WarmMemory:
    """Memory that was touched and is held, to be given to the kernel just
    before a trial fills the page cache or a tmpfs.  In a virtual machine a
    page that was not used for seconds is slow when it is next touched, up to
    ten times as slow as the rest of the work, and whoever fills memory would
    look worse than he is."""

    PIECE = 256 * MIB
    FLAGS = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE

    def __init__(self):
        self.pieces = []

    def hold(self, size):
        """Sees to it that 'size' bytes are held, unless that were more than
        half of what there is."""
        while (len(self.pieces) * self.PIECE < size
               and available_memory() > len(self.pieces) * self.PIECE):
            self.pieces.append(mmap.mmap(-1, self.PIECE, flags=self.FLAGS))

    def give(self, size):
        """Gives 'size' bytes to the kernel, if they are held."""
        for _ in range((size + self.PIECE - 1) // self.PIECE):
            if self.pieces:
                self.pieces.pop().close()


def direct_rate(place, size):
    """Bytes per second that dd writes around the page cache, in pieces as
    large as our recorder's."""
    name = place.file("dd")
    start = time.monotonic()
    subprocess.run(["dd", "if=/dev/zero", "of=" + name, "bs=8M",
                    "count=%d" % (size // (8 * MIB)), "oflag=direct"],
                   check=True, stderr=subprocess.DEVNULL)
    rate = os.stat(name).st_size / (time.monotonic() - start)
    place.empty()
    return rate


def buffered_rate(place, size, memory):
    """The same through the page cache, with the time to write it back."""
    name = place.file("dd")
    memory.hold(size)
    memory.give(size)
    start = time.monotonic()
    subprocess.run(["dd", "if=/dev/zero", "of=" + name, "bs=1M",
                    "count=%d" % (size // MIB), "conv=fdatasync"],
                   check=True, stderr=subprocess.DEVNULL)
    rate = os.stat(name).st_size / (time.monotonic() - start)
    place.empty()
    return rate


class DirtyLimits:
    """The kernel's limits of what is not on the disk yet; they are as before
    when the 'with' block is left."""

    # Of each pair the one that is in force is not 0; writing one puts the
    # other out of force.
    NAMES = ["dirty_background_bytes", "dirty_background_ratio",
             "dirty_bytes", "dirty_ratio"]

    def read(self):
        values = {}
        for name in self.NAMES:
            with open("/proc/sys/vm/" + name) as file:
                values[name] = int(file.read())
        return values

    def write(self, values):
        for name, value in values.items():
            if value and self.read()[name] != value:
                with open("/proc/sys/vm/" + name, "w") as file:
                    file.write("%d\n" % value)

    def __enter__(self):
        self.before = self.read()
        return self

    def lower(self):
        self.write(DIRTY)

    def __exit__(self, *_):
        self.write(self.before)

# SPDX-License-Identifier: Apache-2.0
"""The wire: a veth pair, tx to rx, in this network namespace, and the sender
at its one end.  What arrived at rx is what recorders are measured against; a
frame that the kernel lost before that is nobody's loss."""

import json
import os
import socket
import subprocess

SENDER_CPU = "0"


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def set_up():
    """Makes the pair.  It goes with the namespace."""
    run("ip", "link", "add", "name", "tx", "type", "veth",
        "peer", "name", "rx")
    for name in ("tx", "rx"):
        path = "/proc/sys/net/ipv6/conf/%s/disable_ipv6" % name
        if os.path.exists(path):
            with open(path, "w") as file:
                file.write("1")
        run("ip", "link", "set", "dev", name, "up")
    # The sender's trains are to be taken apart before they arrive.
    run("ethtool", "-K", "tx", "tx-udp-segmentation", "off")


def arrived():
    """Frames that have arrived at rx so far."""
    with open("/proc/self/net/dev") as file:
        for line in file:
            name, _, counters = line.partition(":")
            if name.strip() == "rx":
                return int(counters.split()[1])
    raise OSError("there is no interface rx")


def is_listened_to():
    """Is there a packet socket on rx, and running?"""
    index = str(socket.if_nametoindex("rx"))
    with open("/proc/self/net/packet") as file:
        for line in file:
            fields = line.split()
            if fields[4] == index and fields[5] == "1":
                return True
    return False


class Traffic:
    """What is to be sent: frames of 'size' bytes or "imix", 'rate' per second
    (0: as many as can be), 'count' frames or for 'seconds'."""

    def __init__(self, size, rate=0, count=0, seconds=0):
        self.size = size
        self.rate = rate
        self.count = count
        self.seconds = seconds

    def send(self, builddir):
        """Sends it.  Returns what the sender says: sent, bytes, seconds, rate
        and late_ms, the most that a train came too late."""
        command = [os.path.join(builddir, "tests/bench/send-frames"),
                   "--interface=tx", "--size=%s" % self.size,
                   "--rate=%d" % self.rate, "--cpu=" + SENDER_CPU]
        command.append("--count=%d" % self.count if self.count
                       else "--seconds=%g" % self.seconds)
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        return json.loads(done.stdout)

# SPDX-License-Identifier: Apache-2.0
"""The recorders that are compared, each with the options its manual gives for
recording much: 256 MiB of buffer for all, and otherwise its own defaults."""

import os
import shutil
import signal
import subprocess
import time

import link

RECORDER_CPU = 1
BUFFER_MIB = 256


class Recorder:
    # Seconds after which the kernel hands over a part of its buffer that is
    # not full.
    patience = 0.3

    def __init__(self, builddir):
        self.program = shutil.which(self.name)

    def start(self, place, snaplen=0, rotation=None, group=None, prefix=()):
        """Starts it, on a processor of its own, and waits until it listens.
        'rotation' is None, "second" or "MiB"; 'group' a ShareGroup."""
        def prepare():
            os.sched_setaffinity(0, {RECORDER_CPU})
            if group:
                group.enter()

        command = self.command(place, snaplen, rotation)
        self.log = open(place.file("recorder.log"), "w+")
        self.process = subprocess.Popen(
            [*prefix, self.program, *command], cwd=place.path,
            preexec_fn=prepare, stdin=subprocess.DEVNULL, stdout=self.log,
            stderr=subprocess.STDOUT)
        self.wait_until_ready()

    def wait_until_ready(self):
        deadline = time.monotonic() + 30
        quiet = None
        while quiet is None or time.monotonic() < quiet + 0.3:
            before = self.cpu()
            time.sleep(0.05)
            if self.process.poll() is not None:
                raise RuntimeError("%s: %s" % (self.name, self.last_words()))
            if time.monotonic() > deadline:
                raise RuntimeError("%s is not ready" % self.name)
            if not link.is_listened_to() or self.cpu() - before > 2000000:
                quiet = None
            elif quiet is None:
                quiet = time.monotonic()

    def last_words(self):
        self.log.seek(0)
        return self.log.read()[-500:].strip()

    def cpu(self):
        """Nanoseconds of processor that its threads have had."""
        total = 0
        tasks = "/proc/%d/task" % self.process.pid
        try:
            for task in os.listdir(tasks):
                with open("%s/%s/schedstat" % (tasks, task)) as file:
                    total += int(file.read().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            pass
        return total

    def stop(self):
        """Ends it as a person would."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(60)
        finally:
            self.kill()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()


class Ours(Recorder):
    name = "ovs-span-sink"

    def __init__(self, builddir):
        self.program = os.path.join(builddir, "plugin/sink/ovs-span-sink")

    def command(self, place, snaplen, rotation):
        rotations = {None: [], "second": ["--seconds=1"],
                     "MiB": ["--filesize=1MiB"]}
        return ["--interface=rx", "--write=" + place.file("c.pcapng"),
                "--buffer=%dMiB" % BUFFER_MIB,
                "--snaplen=%d" % snaplen] + rotations[rotation]


class Tcpdump(Recorder):
    name = "tcpdump"
    patience = 1.2

    def command(self, place, snaplen, rotation):
        # -C counts in millions; it numbers the files itself.
        rotations = {None: ["-w", place.file("c.pcap")],
                     "second": ["-G", "1", "-w", place.file("c-%s.pcap")],
                     "MiB": ["-C", "1", "-w", place.file("c.pcap")]}
        return ["-i", "rx", "-B", str(BUFFER_MIB * 1024), "-Z", "root",
                "-n", "-s", str(snaplen)] + rotations[rotation]


class Dumpcap(Recorder):
    name = "dumpcap"
    patience = 0.5

    def command(self, place, snaplen, rotation):
        rotations = {None: [], "second": ["-b", "duration:1"],
                     "MiB": ["-b", "filesize:1024"]}
        return ["-q", "-i", "rx", "-B", str(BUFFER_MIB), "-s", str(snaplen),
                "-w", place.file("c.pcapng")] + rotations[rotation]


class NetsniffNg(Recorder):
    name = "netsniff-ng"

    def command(self, place, snaplen, rotation):
        rotations = {None: ["--out", place.file("c.pcap")],
                     "second": ["--out", place.path, "--interval", "1sec"],
                     "MiB": ["--out", place.path, "--interval", "1MiB"]}
        command = ["--in", "rx", "--silent", "--no-sock-mem", "--ring-size",
                   "%dMiB" % BUFFER_MIB] + rotations[rotation]
        if snaplen:
            # It has no option for that, but a filter's result cuts.
            name = place.file("cut.log")
            with open(name, "w") as file:
                file.write("{ 0x6, 0, 0, 0x%08x },\n" % snaplen)
            command += ["--filter", name]
        return command


PEERS = [Tcpdump, Dumpcap, NetsniffNg]


def find(builddir):
    """Ours and those of the peers that are installed."""
    found = [kind(builddir) for kind in [Ours] + PEERS]
    return [recorder for recorder in found if recorder.program]


# Where control groups may be, version 1 and 2.
GROUP_ROOTS = ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup"]


class ShareGroup:
    """A control group that may use 'percent' of one processor.  'usable' is
    false where there are no such groups."""

    PERIOD_US = 100000

    def __init__(self, percent):
        self.percent = percent
        self.path = None
        self.usable = False

    def __enter__(self):
        name = os.environ["SPAN_BENCH_GROUP"]
        quota = self.PERIOD_US * self.percent // 100
        settings = [{"cpu.cfs_period_us": self.PERIOD_US,
                     "cpu.cfs_quota_us": quota},
                    {"cpu.max": "%d %d" % (quota, self.PERIOD_US)}]
        for root, files in zip(GROUP_ROOTS, settings):
            path = os.path.join(root, name)
            try:
                os.mkdir(path)
            except OSError:
                continue
            self.path = path
            if all(os.path.exists(os.path.join(path, f)) for f in files):
                for file, value in files.items():
                    with open(os.path.join(path, file), "w") as f:
                        f.write(str(value))
                self.usable = True
                break
            os.rmdir(path)
        return self

    def enter(self):
        """Puts the calling process in."""
        with open(os.path.join(self.path, "cgroup.procs"), "w") as file:
            file.write("0")

    def __exit__(self, *_):
        if self.usable:
            # Whoever was in it may take a moment to be gone.
            for _ in range(100):
                try:
                    os.rmdir(self.path)
                    break
                except OSError:
                    time.sleep(0.02)

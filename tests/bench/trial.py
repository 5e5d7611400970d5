# SPDX-License-Identifier: Apache-2.0
"""One trial: a recorder, some traffic, and what is in the files after it."""

import json
import os
import subprocess
import time

import link

# Nothing happens any more: less processor than this in QUIET seconds.
QUIET = 0.4
QUIET_NS = 3000000


def settle(recorder, place, begin):
    """Waits until the recorder has nothing to do.  Returns when it last
    wrote, in seconds since 'begin'."""
    wrote = time.monotonic()
    size = place.size()
    cpu, since = recorder.cpu(), time.monotonic()
    deadline = since + 120
    patience = recorder.patience + QUIET
    while time.monotonic() < since + patience:
        time.sleep(0.05)
        now_size, now_cpu = place.size(), recorder.cpu()
        if now_size != size:
            size = now_size
            wrote = since = time.monotonic()
            cpu = now_cpu
        elif now_cpu - cpu > QUIET_NS:
            cpu, since = now_cpu, time.monotonic()
        if time.monotonic() > deadline:
            raise RuntimeError("%s does not come to rest" % recorder.name)
    return wrote - begin


def count(builddir, files):
    """What is in the capture files."""
    done = subprocess.run([os.path.join(builddir, "tests/bench/count-frames"),
                           *files], check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def run(builddir, recorder, place, traffic, snaplen=0, rotation=None,
        group=None, memory=None, filled=0):
    """Runs it.  The files, or their place in the page cache, will take
    'filled' bytes of 'memory', a WarmMemory.  Returns a dict:

    sent, rate   frames sent, and how many a second
    port         of those, not arrived at the interface
    arrived      frames that the recorder had the chance to see
    lost, loss   of those, not in the files, and as a fraction
    cpu          nanoseconds of processor for each frame that arrived
    left         fraction of the work not done yet when the last frame came
    disk_rate    bytes per second that were written
    files        how many
    sound        the files are whole, without doubled or disordered frames
    """
    place.empty()
    memory.hold(filled)
    recorder.start(place, snaplen, rotation, group)
    try:
        memory.give(filled)
        before, cpu_before = link.arrived(), recorder.cpu()
        begin = time.monotonic()
        sent = traffic.send(builddir)
        cpu_then = recorder.cpu()
        wrote = settle(recorder, place, begin)
        cpu_after = recorder.cpu()
        arrived = link.arrived() - before
        recorder.stop()
        files = place.captures()
        size = place.size()
        found = count(builddir, files)
    finally:
        recorder.kill()
        place.empty()
        # At once, before it is cold again.
        memory.hold(filled)
    lost = arrived - found["distinct"]
    return {
        "recorder": recorder.name,
        "sent": sent["sent"],
        "rate": sent["rate"],
        "late_ms": sent["late_ms"],
        "port": sent["sent"] - arrived,
        "arrived": arrived,
        "lost": lost,
        "loss": lost / max(arrived, 1),
        "cpu": (cpu_after - cpu_before) / max(arrived, 1),
        "left": (cpu_after - cpu_then) / max(cpu_after - cpu_before, 1),
        "disk_rate": size / max(wrote, 0.001),
        "bytes": size,
        "files": len(files),
        "sound": (found["whole"] and not found["disordered"]
                  and found["frames"] == found["distinct"]),
    }

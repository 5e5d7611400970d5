# SPDX-License-Identifier: Apache-2.0
"""What is measured.  A part is a function that returns its results as a dict;
report.py makes them readable."""

import os
import re
import shutil
import statistics
import subprocess

import link
import place
import recorders
import trial

GB = 10 ** 9

# A recorder keeps up if it loses nothing, and when the last frame comes has no
# more than this part of its work before it.  Without the second, a trial of
# seconds would only find out how long the buffer lasts.
LEFT_MAX = 0.05

# Of one processor, in part "share".
SHARE_PERCENT = 5

# What is looked for in part "rates": frames, cut to.
CASES = [(64, 0), (512, 0), (1514, 0), ("imix", 0), (1514, 96)]


class Bench:
    """Where and with whom."""

    def __init__(self, builddir, captures, smoke, n_rounds):
        self.builddir = builddir
        self.smoke = smoke
        self.n_rounds = n_rounds
        self.disk = place.Place("disk", os.path.join(captures, "disk"))
        self.tmpfs = place.Tmpfs(os.path.join(captures, "tmpfs"),
                                 min(8 << 30, place.available_memory() // 2))
        self.recorders = recorders.find(builddir)
        self.memory = place.WarmMemory()

    def need(self, size):
        """Stops if the disk has less than 'size' bytes, and a reserve."""
        if self.disk.free() < size + 3 * GB:
            raise SystemExit("bench: needs %d GB free in %s" % (
                (size + 3 * GB) // GB, self.disk.path))

    def trial(self, recorder, where, traffic, **kwargs):
        """A trial, said on the terminal."""
        if self.smoke:
            kwargs["filled"] = 0
        try:
            result = trial.run(self.builddir, recorder, where, traffic,
                               memory=self.memory, **kwargs)
        except (RuntimeError, OSError, subprocess.SubprocessError) as error:
            print("  once more: %s" % error, flush=True)
            result = trial.run(self.builddir, recorder, where, traffic,
                               memory=self.memory, **kwargs)
        print("  %-13s %-5s %s%s: %8.0f/s, lost %6.2f %%, %4.0f ns, "
              "%4.0f MB/s, %4.1f %% left%s%s" % (
                  recorder.name, where.name, traffic.size,
                  "/%d" % kwargs["snaplen"] if kwargs.get("snaplen") else "",
                  result["rate"], result["loss"] * 100, result["cpu"],
                  result["disk_rate"] / 1e6, result["left"] * 100,
                  ", %d not arrived" % result["port"] if result["port"]
                  else "", "" if result["sound"] else ", FILE NOT SOUND"),
              flush=True)
        return result

    def compared(self):
        """The recorders to compare."""
        return self.recorders[:1] if self.smoke else self.recorders

    def rounds(self, n, where, traffic, among=None, **kwargs):
        """Each recorder 'n' times, in turn.  Returns {name: [result]}."""
        among = among or self.compared()
        results = {recorder.name: [] for recorder in among}
        for _ in range(n):
            for recorder in among:
                results[recorder.name].append(
                    self.trial(recorder, where, traffic, **kwargs))
        return results


def median(results, key):
    return statistics.median(r[key] for r in results)


def disk(bench):
    """Six million large frames at full speed."""
    n = 20000 if bench.smoke else 6000000
    size = n * 1550
    bench.need(size)
    dd = []
    results = {recorder.name: [] for recorder in bench.recorders}
    for _ in range(bench.n_rounds or 2):
        dd.append(place.direct_rate(bench.disk, max(size, 64 << 20)))
        print("  dd, O_DIRECT: %.0f MB/s" % (dd[-1] / 1e6))
        found = bench.rounds(1, bench.disk, link.Traffic(1514, count=n),
                             among=bench.recorders, filled=size)
        for name in results:
            results[name] += found[name]
    out = {"frames": n, "direct": dd, "full": results,
           "buffered": place.buffered_rate(bench.disk,
                                           max(size // 3, 64 << 20),
                                           bench.memory)}

    # If more was sent than the disk takes, also a rate that it must take.
    rate = 0.9 * statistics.median(dd) / 1550
    if median(results["ovs-span-sink"], "rate") > rate:
        out["paced"] = bench.rounds(
            1, bench.disk, link.Traffic(1514, rate=rate, count=n // 2),
            among=bench.recorders, filled=size // 2)
        out["pace"] = rate
    return out


def cpu(bench):
    """Small frames at full speed: processor for each."""
    n = 20000 if bench.smoke else 3000000
    traffic = link.Traffic(64, count=n)
    bench.need(n * 120)
    return {"frames": n,
            "disk": bench.rounds(bench.n_rounds or 3, bench.disk, traffic,
                                 filled=n * 200),
            "tmpfs": bench.rounds(bench.n_rounds or 2, bench.tmpfs, traffic,
                                  filled=n * 200)}


def keeps_up(result):
    return result["lost"] == 0 and result["left"] <= LEFT_MAX


def highest(probe, tries, exact):
    """Looks for the highest rate at which probe(rate) keeps up, until it is
    known to 'exact'.  Returns a dict: rate; failed, the lowest rate that was
    too high, or None if even full speed (rate 0) was not."""
    first = probe(0)
    if keeps_up(first):
        return {"rate": first["rate"], "failed": None, "loss": 0}
    low, high = 0, first["rate"]
    # So much was done while frames came.
    rate = high * (1 - first["loss"]) * (1 - first["left"])
    for _ in range(tries):
        result = probe(rate)
        if keeps_up(result):
            low = result["rate"]
        else:
            high = min(high, rate)
        if low and high <= low * (1 + exact):
            break
        if not low:
            rate = high * 0.8
        elif high > low * 1.3:
            rate = low * 1.15
        else:
            rate = (low + high) / 2
    return {"rate": low, "failed": high, "loss": first["loss"]}


def look_for_rates(bench, where, cases, **kwargs):
    out = []
    seconds = 0.2 if bench.smoke else 2
    tries = 1 if bench.smoke else 4
    for size, snaplen in cases:
        for recorder in bench.compared():
            def probe(rate):
                # A tmpfs is small: what it cannot hold is not asked for.
                return bench.trial(
                    recorder, where,
                    link.Traffic(size, rate=rate, seconds=seconds),
                    snaplen=snaplen,
                    filled=3 * GB, **kwargs)
            found = highest(probe, tries, 0.08)
            found.update(size=size, snaplen=snaplen, place=where.name,
                         recorder=recorder.name)
            out.append(found)
    return out


def rates(bench):
    """The highest rate without loss."""
    cases = CASES[:1] if bench.smoke else CASES
    bench.need(8 * GB if not bench.smoke else 0)
    out = look_for_rates(bench, bench.tmpfs, cases)
    with place.DirtyLimits() as limits:
        if not bench.smoke:
            limits.lower()
        out += look_for_rates(bench, bench.disk, cases)
    return {"rates": out}


def share(bench):
    """The same where the processor is the limit."""
    with recorders.ShareGroup(SHARE_PERCENT) as group:
        if not group.usable:
            return {"skipped": "there is no control group for processors"}
        return {"percent": SHARE_PERCENT,
                "rates": look_for_rates(bench, bench.disk, CASES[:1],
                                        group=group)}


def rotation(bench):
    """A new file each second, and for each MiB, at full speed."""
    out = []
    for size, n in [(64, 3000000), (1514, 2000000)]:
        n = 20000 if bench.smoke else n
        bench.need(n * 1550)
        for how in (None, "second", "MiB"):
            for recorder in bench.compared():
                result = bench.trial(recorder, bench.disk,
                                     link.Traffic(size, count=n),
                                     rotation=how, filled=n * (size + 40))
                result.update(size=size, rotation=how)
                out.append(result)
    return {"trials": out}


def callgrind(bench, recorder, n):
    """Instructions of each thread of 'recorder' for 'n' frames."""
    prefix = ["valgrind", "--tool=callgrind", "--separate-threads=yes",
              "--callgrind-out-file=" + bench.disk.file("callgrind.log")]
    bench.disk.empty()
    recorder.start(bench.disk, prefix=prefix)
    try:
        before = link.arrived()
        link.Traffic(64, rate=10000, count=n).send(bench.builddir)
        trial.settle(recorder, bench.disk, 0)
        arrived = link.arrived() - before
        recorder.stop()
        found = trial.count(bench.builddir, bench.disk.captures())
        threads = {}
        for name in os.listdir(bench.disk.path):
            if name.startswith("callgrind.log"):
                with open(bench.disk.file(name)) as file:
                    total = re.search(r"^(?:totals|summary): (\d+)",
                                      file.read(), re.M)
                threads[name] = int(total.group(1)) if total else 0
    finally:
        recorder.kill()
        bench.disk.empty()
    if not arrived == found["distinct"] == n:
        raise RuntimeError("%s lost frames under valgrind" % recorder.name)
    return threads


def instructions(bench):
    """Instructions for a frame, of the thread that captures and of all."""
    if not shutil.which("valgrind"):
        return {"skipped": "valgrind is not installed"}
    few, many = (500, 1500) if bench.smoke else (5000, 45000)
    out = {}
    for recorder in bench.compared()[:2]:
        a = callgrind(bench, recorder, few)
        b = callgrind(bench, recorder, many)
        each = {name: (b[name] - a.get(name, 0)) / (many - few) for name in b}
        out[recorder.name] = {"capture": max(each.values()),
                              "all": sum(each.values())}
        print("  %-13s %.1f instructions for a frame, %.1f with all threads"
              % (recorder.name, out[recorder.name]["capture"],
                 out[recorder.name]["all"]))
    return {"instructions": out}


def plan(bench):
    """How long the daemon thinks."""
    command = [os.path.join(bench.builddir, "tests/bench/bench-plan")]
    if bench.smoke:
        command += ["10", "100"]
    text = subprocess.run(command, check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    print("  " + text.strip().replace("\n", "\n  "))
    return {"text": text}


PARTS = {"disk": disk, "cpu": cpu, "rates": rates, "share": share,
         "rotation": rotation, "instructions": instructions, "plan": plan}

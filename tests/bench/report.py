# SPDX-License-Identifier: Apache-2.0
"""The results as tables in Markdown, with ratios and verdicts."""

import statistics

OURS = "ovs-span-sink"

# Asked for: processor for a small frame, against each peer's.
CPU_RATIOS = {"tcpdump": 0.8, "dumpcap": 0.2}

# Asked for: what of the disk's own rate must be reached before a loss is the
# disk's fault.
DISK_FRACTION = 0.9

# If others use more of the processors than this, it is said.
BUSY = 0.03


def table(head, rows):
    lines = [head, ["---"] + ["--:"] * (len(head) - 1)] + rows
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def spread(values, form="%.0f"):
    """The median, and the lowest and highest if they differ from it."""
    values = sorted(values)
    middle = form % statistics.median(values)
    ends = form % values[0], form % values[-1]
    if ends == (middle, middle):
        return middle
    return "%s (%s–%s)" % (middle, *ends)


def values_of(results, key, factor=1):
    return [result[key] * factor for result in results]


def median_of(results, key):
    return statistics.median(values_of(results, key))


def percent(loss):
    """A loss is never said to be 0 if it is not."""
    return "0" if not loss else "%.2f %%" % max(loss * 100, 0.01)


def verdict(good, text):
    return "**%s**: %s\n" % ("yes" if good else "NO", text)


def loads(results):
    """One line for each recorder under the same load."""
    return table(
        ["", "sent, 1000/s", "lost", "written, MB/s", "CPU, ns/frame",
         "times ours"],
        [[name,
          spread(values_of(found, "rate", 1e-3)),
          "%s (%s–%s)" % (percent(median_of(found, "loss")),
                          percent(min(values_of(found, "loss"))),
                          percent(max(values_of(found, "loss"))))
          if len(found) > 1 else percent(found[0]["loss"]),
          spread(values_of(found, "disk_rate", 1e-6)),
          spread(values_of(found, "cpu")),
          "%.2f" % (median_of(found, "cpu")
                    / median_of(results[OURS], "cpu"))]
         for name, found in results.items()])


def disk(r):
    direct = statistics.median(r["direct"])
    ours = r["full"][OURS]
    lost = sum(values_of(ours, "lost"))
    rate = median_of(ours, "disk_rate")
    good = not lost or rate >= DISK_FRACTION * direct
    text = ("The disk itself: %s MB/s around the page cache (dd "
            "oflag=direct), %.0f MB/s through it with fdatasync.\n\n"
            % (spread([d / 1e6 for d in r["direct"]]),
               r["buffered"] / 1e6))
    text += "%d frames of 1514 bytes as fast as can be:\n\n" % r["frames"]
    text += loads(r["full"])
    text += "\n" + verdict(good, "ours lost %d frames; it wrote %.0f %% of "
                           "the disk's rate" % (lost, 100 * rate / direct))
    if "paced" in r:
        paced = r["paced"][OURS]
        lost = sum(values_of(paced, "lost"))
        text += "\nThe same at 90 %% of the disk's rate, %.0f/s:\n\n" % (
            r["pace"])
        text += loads(r["paced"])
        text += "\n" + verdict(not lost, "ours lost %d frames" % lost)
    return text


def cpu(r):
    text = ""
    for where in ("disk", "tmpfs"):
        text += "%d frames of 64 bytes as fast as can be, to %s:\n\n" % (
            r["frames"], where)
        text += loads(r[where]) + "\n"
        for peer, most in CPU_RATIOS.items():
            if peer in r[where]:
                ratio = (median_of(r[where][OURS], "cpu")
                         / median_of(r[where][peer], "cpu"))
                text += verdict(ratio <= most, "ours needs %.2f of %s's, "
                                "asked for is %.1f" % (ratio, peer, most))
        text += "\n"
    return text


def found_rate(found):
    if found["failed"] is None:
        return "≥ %.0f" % (found["rate"] / 1e3)
    if not found["rate"]:
        return "< %.0f" % (found["failed"] / 1e3)
    return "%.0f" % (found["rate"] / 1e3)


def rate_ratio(row):
    """Ours by the best peer's, as far as the sender let us know."""
    ours = row[OURS]
    peers = [f for name, f in row.items() if name != OURS]
    best = max(peers, key=lambda f: f["rate"], default=None)
    if not best or not best["rate"]:
        return ""
    ratio = "%.2f" % (ours["rate"] / best["rate"])
    if ours["failed"] is None:
        return "" if best["failed"] is None else "≥ " + ratio
    return ratio if best["failed"] else "≤ " + ratio


def rate_table(found):
    names = list(dict.fromkeys(f["recorder"] for f in found))
    rows = {}
    for f in found:
        case = "%s%s, %s" % (f["size"],
                             " cut to %d" % f["snaplen"] if f["snaplen"]
                             else "", f["place"])
        rows.setdefault(case, {})[f["recorder"]] = f
    lines = []
    for case, row in rows.items():
        lines.append([case] + [found_rate(row[n]) for n in names]
                     + [rate_ratio(row)])
    return table(["1000 frames/s"] + names + ["ours / best peer"], lines)


def rates(r):
    return ("Highest rate at which nothing is lost and the recorder keeps "
            "up; ≥: the sender could do no more.\n\n" + rate_table(r["rates"]))


def share(r):
    if "skipped" in r:
        return "Skipped: %s.\n" % r["skipped"]
    return ("The same with %d %% of one processor for the recorder.\n\n"
            % r["percent"] + rate_table(r["rates"]))


def rotation(r):
    names = list(dict.fromkeys(t["recorder"] for t in r["trials"]))
    rows, bad = {}, 0
    for t in r["trials"]:
        how = {None: "one file", "second": "each second",
               "MiB": "each MiB"}[t["rotation"]]
        cell = "%s in %d" % (percent(t["loss"]), t["files"])
        if not t["sound"]:
            cell += ", disordered"
        rows.setdefault("%d, %s" % (t["size"], how), {})[t["recorder"]] = cell
    base = {t["size"]: t["lost"] for t in r["trials"]
            if t["recorder"] == OURS and t["rotation"] is None}
    for t in r["trials"]:
        if t["recorder"] == OURS and t["rotation"]:
            bad += max(0, t["lost"] - base[t["size"]]) + (not t["sound"])
    return ("Lost, in how many files, at full speed:\n\n"
            + table([""] + names, [[how] + [row.get(n, "") for n in names]
                                   for how, row in rows.items()])
            + "\n" + verdict(not bad, "rotation made ours lose %d frames"
                             % bad))


def instructions(r):
    if "skipped" in r:
        return "Skipped: %s.\n" % r["skipped"]
    found = r["instructions"]
    return ("In user space, for a frame of 64 bytes (callgrind):\n\n"
            + table(["", "capture thread", "all threads", "times ours"],
                    [[name, "%.1f" % f["capture"], "%.1f" % f["all"],
                      "%.2f" % (f["capture"] / found[OURS]["capture"])]
                     for name, f in found.items()]))


def plan(r):
    return "```\n" + r["text"].strip() + "\n```\n"


TITLES = {
    "disk": (disk, "Large frames to disk"),
    "cpu": (cpu, "Processor for small frames"),
    "rates": (rates, "Highest rate without loss"),
    "share": (share, "With a share of a processor"),
    "rotation": (rotation, "Rotation"),
    "instructions": (instructions, "Instructions"),
    "plan": (plan, "The daemon's thinking"),
}


def report(results):
    """Returns all of 'results', by part, as text."""
    text = [results["machine"] + ".\n"]
    for part, (write, title) in TITLES.items():
        if part in results:
            r = results[part]
            text.append("### %s\n\n%s" % (title, write(r)))
            if r["others"] > BUSY:
                text.append("Measured while others used %d %% of the "
                            "processors.\n" % (r["others"] * 100))
    return "\n".join(text)

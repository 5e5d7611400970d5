#!/usr/bin/python3
# Copyright (c) 2026 The ovs-span Authors.
# SPDX-License-Identifier: Apache-2.0
"""Sums up what tests/bench/promiscuous has measured.

Standard input has a line for each measurement: number of the round, size of
the frames, "none", "plain" or "promiscuous", frames per second to the
receiver, the same with copies, nanoseconds of a processor for a frame, frames
lost at the rate of that, flows in the datapath.  Prints the medians, and how
promiscuous and plain compare in the same round: median, least and greatest.
"""

import collections
import statistics
import sys

Trial = collections.namedtuple("Trial", "fast every time lost flows")
COMPARED = (
    ("promiscuous/plain, frames/s to vm2", "promiscuous", "plain", "fast"),
    ("promiscuous/plain, frames/s in all", "promiscuous", "plain", "every"),
    ("plain/promiscuous, time for a frame", "plain", "promiscuous", "time"),
)


def read(lines):
    """Trials by size, kind and round."""
    trials = collections.defaultdict(lambda: collections.defaultdict(dict))
    for line in lines:
        number, size, kind, *values = line.split()
        trials[int(size)][kind][int(number)] = Trial(*map(int, values))
    return trials


def describe(trials):
    """The medians of trials of one kind, as text."""
    text = "%8.0f frames/s to vm2, %8.0f in all; %6.0f ns/frame; %d flows" % (
        statistics.median(trial.fast for trial in trials),
        statistics.median(trial.every for trial in trials),
        statistics.median(trial.time for trial in trials),
        statistics.median(trial.flows for trial in trials))
    lost = sum(trial.lost for trial in trials)
    return text + ("; %d lost: a lower RATE says more" % lost if lost else "")


def main():
    """Prints it."""
    for size, kinds in sorted(read(sys.stdin).items()):
        for kind, rounds in sorted(kinds.items()):
            print("%5d bytes  %-12s%s" % (size, kind,
                                          describe(rounds.values())))
        for name, above, below, what in COMPARED:
            ratios = [getattr(trial, what)
                      / max(getattr(kinds[below][number], what), 1)
                      for number, trial in kinds[above].items()]
            print("%5d bytes  %s: %.3f (%.3f-%.3f)" % (
                size, name, statistics.median(ratios), min(ratios),
                max(ratios)))


if __name__ == "__main__":
    main()

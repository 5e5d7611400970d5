# Copyright (c) 2026 The ovs-span Authors.
# SPDX-License-Identifier: Apache-2.0
"""A page of the documentation: its blocks of commands, and what they should
print.  The form is described in tests/doc/run."""

import os
import re
import time

WORLD = re.compile(r"<!-- commands: (\w+) -->$")
FENCE = re.compile(r"(\s*)```(\w*) *(.*)$")
PROMPT = re.compile(r"([a-z][a-z0-9]*|)# (.*)$")
BY_HAND = re.compile(r"\*Not run by the tests: (.*)\.\*$")
LINK = re.compile(r"\]\(([^)#: ]+)(#[^)]*)?\)")

# Blocks that show files and pictures; commands there would not be run.
SHOWN = ("", "c", "json", "python", "text", "yaml")

# Commands that only look: they can be repeated.
LOOKS = re.compile(
    r"(ovs-spanctl (show|list|files|events|locate|graph|top|plan|verify"
    r"|(sink|group)-(list|show)|db-(list|find|get))\b"
    r"|ovs-vsctl (--\S+ )*(show|list|find|get)\b"
    r"|ovs-ofctl (-O \S+ )?dump-|ovs-appctl "
    r"|tshark (-\S )*-r |capinfos |ls |cat |grep |jq |curl )[^>]*$")
PATIENCE = 10           # for these, in seconds
LIMIT = 60              # for a command

# What tshark says to root whatever it does.
NOISE = re.compile(r'Running as user "root" and group "root"\. .*')


class Step:
    """A command, and what it should do."""

    def __init__(self, line, machine, text):
        self.line = line
        self.machine = machine
        self.command = [text]
        self.output = []
        self.status = 0

    def run(self, shell):
        """Runs it; returns what is wrong, as lines: none if nothing is."""
        text = "\n".join(self.command)
        end = time.monotonic() + (PATIENCE if LOOKS.match(text) else 0)
        while True:
            status, printed = shell.run(text, LIMIT)
            wrong = self.compare(status, printed)
            if not wrong or time.monotonic() >= end:
                return wrong
            time.sleep(0.2)

    def compare(self, status, printed):
        printed = [line.rstrip() for line in printed
                   if not NOISE.fullmatch(line)]
        wrong = []
        if status != self.status:
            wrong.append(f"exit code {status}, not {self.status}")
        if not re.fullmatch(expression(self.output),
                            "".join(line + "\n" for line in printed)):
            wrong.append("the page has")
            wrong += ["  " + line for line in self.output]
            wrong.append("and it printed")
            wrong += ["  " + line for line in printed[:60]]
        return wrong


def expression(lines):
    """The regular expression of what LINES stand for.  How wide the columns of
    tables are depends on what is in them."""
    parts = []
    for line in lines:
        if line.strip() == "…":
            parts.append(r"(?:.*\n)*?")
        else:
            text = ".*".join(re.escape(p) for p in line.split("…"))
            text = re.sub(r"(\\ )+", " +", text)
            parts.append(re.sub(r"(\\-){3,}", "-{3,}", text) + r"\n")
    return "".join(parts)


class Block:
    def __init__(self, line, kind, options, reason):
        self.line = line
        self.kind = kind
        self.options = options
        self.reason = reason
        self.lines = []

    @property
    def by_hand(self):
        return self.kind == "sh"

    def steps(self):
        steps = []
        for i, line in enumerate(self.lines, self.line + 1):
            match = PROMPT.match(line)
            if match:
                steps.append(Step(i, match[1], match[2]))
            elif line.startswith("> ") and steps and not steps[-1].output:
                steps[-1].command.append(line[2:])
            elif steps:
                steps[-1].output.append(line.rstrip())
        if steps and self.options.startswith("exit="):
            steps[-1].status = int(self.options[5:])
        return steps

    def fault(self):
        if self.kind == "console":
            if not self.lines or not PROMPT.match(self.lines[0]):
                return "a console block begins with a prompt"
            if not re.fullmatch(r"(exit=[1-9][0-9]*)?", self.options):
                return f"a console block has no option \"{self.options}\""
        elif self.kind == "sh":
            if not self.reason:
                return "the line before does not say why it is not run"
        elif self.kind not in SHOWN:
            return f"what is a block of kind \"{self.kind}\"?"
        elif any(PROMPT.match(line) or line.startswith("$ ")
                 for line in self.lines):
            return "commands in a block that is not run"
        return None


class Page:
    def __init__(self, path, top):
        self.path = os.path.realpath(path)
        self.name = os.path.relpath(self.path, top)
        with open(self.path, encoding="utf-8") as file:
            self.text = file.read()
        lines = self.text.splitlines()
        match = WORLD.match(lines[0]) if lines else None
        self.world = match[1] if match else None
        self.blocks = list(self.read(lines))

    @staticmethod
    def read(lines):
        block = None
        indent = last = ""
        for number, line in enumerate(lines, 1):
            fence = FENCE.match(line)
            if block is not None:
                if fence and not fence[2]:
                    yield block
                    block = None
                else:
                    block.lines.append(line.removeprefix(indent))
            elif fence:
                indent = fence[1]
                why = BY_HAND.match(last)
                block = Block(number, fence[2], fence[3], why and why[1])
            if line.strip():
                last = line.strip()

    def steps(self):
        for block in self.blocks:
            if block.kind == "console":
                yield from block.steps()

    def faults(self):
        """What is wrong with the page's form, as (line, sentence)."""
        for block in self.blocks:
            fault = block.fault()
            if fault:
                yield block.line, fault
        if self.world is None and any(b.kind == "console"
                                      for b in self.blocks):
            yield 1, "no line <!-- commands: ... -->, but commands"
        if self.world not in (None, "tree", "lab", "host", "installed"):
            yield 1, f"what is a \"{self.world}\" to run commands in?"

    def links(self):
        """The files that it refers to."""
        prose = re.sub(r"```.*?```", "", self.text, flags=re.S)
        return {match[1] for match in LINK.finditer(prose)}

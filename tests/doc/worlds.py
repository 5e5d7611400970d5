# Copyright (c) 2026 The ovs-span Authors.
# SPDX-License-Identifier: Apache-2.0
"""Where the commands of the documentation are run: the source tree, a lab of
tools/lab/span-lab, a host that runs Open vSwitch.  A world makes shells for
its machines, knows the state that a page has to leave behind, and goes away
with all that was started in it."""

import difflib
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

worlds = []         # that are there


class Failure(Exception):
    """A world could not be made, or a command does not end."""


def end_all():
    """After an interrupt: what is left goes, too."""
    for world in list(worlds):
        world.end()


def difference(before, after):
    return list(difflib.unified_diff(before.splitlines(), after.splitlines(),
                                     "before", "after", lineterm="", n=1))


class Shell:
    """A shell that reads commands, in a session of its own."""

    def __init__(self, argv, env, cwd):
        self.process = subprocess.Popen(
            argv, env=env, cwd=cwd, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True)
        self.mark = f"--{id(self):x}-{time.monotonic_ns():x}--"

    def run(self, text, limit):
        """Returns exit code and lines; what does not end is ended."""
        script = (f"{{ {text}\n}} < /dev/null\n"
                  f"printf '\\n%s %s\\n' '{self.mark}' $?\n")
        try:
            self.process.stdin.write(script.encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            return -1, ["the shell has ended"]
        return self.read(time.monotonic() + limit)

    def read(self, end):
        printed = b""
        mark = b"\n" + self.mark.encode() + b" "
        while not (mark in printed and printed.endswith(b"\n")):
            left = end - time.monotonic()
            ready = left > 0 and select.select([self.process.stdout], [], [],
                                               left)[0]
            data = os.read(self.process.stdout.fileno(), 65536) if ready \
                else b""
            if not data:
                self.end()
                return -1, printed.decode(errors="replace").splitlines() + [
                    "(the command did not end)"]
            printed += data
        text, status = printed.rsplit(mark, 1)
        return int(status), text.decode(errors="replace").splitlines()

    def end(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.stdout.close()
        # Jobs in the background are of the same session.
        for pid in os.listdir("/proc"):
            if pid.isdigit() and session_of(pid) == self.process.pid:
                try:
                    os.kill(int(pid), signal.SIGKILL)
                except ProcessLookupError:
                    pass
        self.process.wait()


def session_of(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8",
                  errors="replace") as file:
            return int(file.read().rsplit(") ", 1)[1].split()[3])
    except (OSError, IndexError):
        return None


class World:
    """The shells' environment, and their place: a folder that looks like the
    source tree with its _build, wherever they are."""

    def __init__(self, top, work):
        self.top = top
        self.work = tempfile.mkdtemp(dir=work)
        self.tree = os.path.join(self.work, "ovs-span")
        os.mkdir(self.tree)
        build = os.environ.get("SPAN_BUILDDIR", os.path.join(top, "_build"))
        for name in os.listdir(top):
            if not name.startswith("_b"):
                os.symlink(os.path.join(top, name),
                           os.path.join(self.tree, name))
        os.symlink(os.path.realpath(build), os.path.join(self.tree, "_build"))
        self.env = dict(os.environ, LC_ALL="C.UTF-8", TERM="dumb", TZ="UTC",
                        SHELL="/bin/bash", HOME=self.work,
                        SPAN_BUILDDIR=os.path.realpath(build),
                        LAB_BASE=self.work, LAB_OWNER=str(os.getpid()))
        worlds.append(self)

    def __enter__(self):
        self.begin()
        return self

    def __exit__(self, *_):
        self.end()

    def begin(self):
        pass

    def end(self):
        if self in worlds:
            worlds.remove(self)
            self.away()
            shutil.rmtree(self.work, ignore_errors=True)

    def away(self):
        pass

    def tidy(self):
        pass

    def call(self, *argv):
        """Output of a command, which has to succeed."""
        done = subprocess.run(argv, env=self.env, cwd=self.tree,
                              stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, check=False,
                              stderr=subprocess.STDOUT, timeout=60)
        if done.returncode:
            raise Failure(f"{' '.join(argv)}:\n{done.stdout}")
        return done.stdout


class Tree(World):
    """The source tree, in which a page makes a lab of its own."""

    span_lab = "tools/lab/span-lab"

    def state(self):
        return self.call(self.span_lab, "list")

    def shell(self, machine):
        if machine == "":
            return Shell(["/bin/bash"], self.env, self.tree)
        return Shell([self.span_lab, "in", machine], self.env, self.tree)

    def away(self):
        subprocess.run([self.span_lab, "down"], env=self.env, cwd=self.tree,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       check=False)


# The private bridge stays between sessions.
ASK_STATE = """
for bridge in $(ovs-vsctl list-br | grep -v br-span); do
    echo bridge "$bridge" $(ovs-vsctl list-ports "$bridge" | sort)
done
ovs-vsctl --columns=name list Mirror
ip -br link | sed 's/[@ ].*//' | grep -v br-span | sort
"""
ASK_ROWS = ("ovs-spanctl --no-headings --columns=name db-list Session;"
            " ovs-spanctl --no-headings --columns=name db-list Sink;"
            " ovs-spanctl --no-headings --columns=name db-list Port_Group")


class Lab(Tree):
    """A lab that is there, and is to be as before after each page."""

    hosts = ("h1", "h2")

    def begin(self):
        self.call(self.span_lab, "up")

    def ask(self, host, command):
        return self.call(self.span_lab, "in", host, "sh", "-c", command)

    def state(self):
        return "\n".join([self.ask("h1", ASK_ROWS)]
                         + [self.ask(host, ASK_STATE) for host in self.hosts])

    def tidy(self):
        for host in self.hosts:
            self.ask(host, 'rm -rf "${OVS_RUNDIR%/run}"/captures/*')


class Host(World):
    """A host with Open vSwitch, in namespaces of its own: tests/doc/host."""

    machine = None
    id = None

    def begin(self):
        self.machine = subprocess.Popen(
            ["unshare", "--mount", "--uts",
             os.path.join(self.top, "tests/doc/host")],
            env=self.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True)
        self.id = self.machine.stdout.readline().strip()
        if not self.id:
            raise Failure("tests/doc/host did not make a host")

    def enter(self, machine):
        return ["nsenter", f"--target={self.machine.pid}", "--mount", "--uts",
                f"--wd={self.tree}", "ip", "netns", "exec", self.id + machine]

    def ask(self, command):
        return self.call(*self.enter("h1"), "sh", "-c", command)

    def state(self):
        return self.ask(ASK_STATE + "getent passwd span;"
                        " find /usr/local -type f | sort")

    def shell(self, machine):
        return Shell(self.enter(machine or "h1") + ["/bin/bash"], self.env,
                     self.tree)

    def away(self):
        if self.machine:
            self.machine.stdin.close()
            self.machine.wait()


class Installed(Host):
    """The same, and ovs-span is installed and runs there."""

    def begin(self):
        super().begin()
        self.ask("make -s -C _build install >/dev/null 2>&1"
                 " && ovs-span-setup start")

    def state(self):
        return super().state() + self.ask(ASK_ROWS)

    def tidy(self):
        self.ask("rm -rf /var/lib/ovs-span/captures/* /etc/ovs-span"
                 " && ovs-span-setup restart")

    def away(self):
        if self.id:
            subprocess.run([*self.enter("h1"), "ovs-span-setup", "stop"],
                           env=self.env, check=False)
        super().away()


KINDS = {"tree": Tree, "lab": Lab, "host": Host, "installed": Installed}

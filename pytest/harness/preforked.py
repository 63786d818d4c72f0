# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs of tshark and sharkd that begin where all dissectors are registered already: see prefork.c.

It is the same program with the same main(); what is not done again is registration, which takes longer than most tests' captures.
In a run of the tests only; GAPFILL_START=afresh has each command start anew.
"""

import array
import atexit
import collections
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
from pathlib import Path

SOURCE = Path(__file__).with_name("prefork.c")
# Options for which main() does all that they mean after dissectors are registered; of the long ones no others are asked for.
_LATE = ("--disable-protocol", "--enable-protocol", "--disable-heuristic", "--enable-heuristic", "--export-objects", "--color", "--no-duplicate-keys")
# Those for which it does not: profiles, reports, scripts, interfaces, help; alone or behind others that have no value.
_EARLY = re.compile("-[2lnqxPQSV]*[CDGLXhiv]")


def is_possible(tool, arguments):
    """Whether this command can be run like this."""
    if "GAPFILL_RUN" not in os.environ or os.environ.get("GAPFILL_START") == "afresh":
        return False
    if tool == "sharkd":
        return list(arguments) == ["-"]
    return tool == "tshark" and "-r" in arguments and not any(map(_is_early, arguments))


def _is_early(argument):
    """In doubt it is: a value may look like an option."""
    return not argument.startswith(_LATE) if argument.startswith("--") else bool(_EARLY.match(argument))


def _library():
    """prefork.c, built once a run."""
    library = Path(os.environ["GAPFILL_RUN"]) / "prefork.so"
    if not library.exists():
        made = library.with_suffix(f".{os.getpid()}")
        subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-o", made, SOURCE, "-ldl"], check=True)
        made.rename(library)
    return library


class Run:
    """A command that runs, as subprocess.Popen has it: stdin, stdout, wait(), poll(), kill(), returncode."""

    def __init__(self, connection, command):
        self._connection, self._command = connection, command
        self.stdin = self.stdout = self.returncode = None

    def wait(self, timeout=None):
        if self.returncode is None:
            self._connection.settimeout(timeout)
            try:
                answer = self._connection.recv(4, socket.MSG_WAITALL)
            except TimeoutError as error:
                raise subprocess.TimeoutExpired(self._command, timeout) from error
            except BlockingIOError:     # of poll()
                return None
            self._connection.close()
            status = os.waitstatus_to_exitcode(struct.unpack("=i", answer)[0]) if len(answer) == 4 else -signal.SIGKILL     # with its server
            self.returncode = 128 - status if status < 0 else status        # as bwrap has it
        return self.returncode

    def poll(self):
        return self.wait(0)

    def kill(self):
        """Whoever runs it sees that nobody waits."""
        if self.returncode is None:
            self._connection.close()
            self.returncode = 128 + signal.SIGKILL


def _memory():
    return os.fdopen(os.memfd_create("printed"), "w+b")


def _content(file):
    file.seek(0)
    return file.read()


class Server:
    """A process that has registered all dissectors, and runs what it is asked for."""

    def __init__(self, command_of):
        """command_of: the command line of the tool that starts, with more of an environment."""
        self._folder = tempfile.mkdtemp(prefix="prefork-", dir=os.environ["GAPFILL_RUN"])
        os.chmod(self._folder, 0o777)
        self._path = os.path.join(self._folder, "socket")
        self._runs = []
        self._errors = open(os.path.join(self._folder, "errors"), "w+b")
        self._process = subprocess.Popen(command_of(_library(), self._path), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                         stderr=self._errors)
        end = time.monotonic() + 120
        while not os.path.exists(self._path):
            assert self._process.poll() is None and time.monotonic() < end, f"it does not start: {self.stderr()}"
            time.sleep(0.01)

    def stderr(self):
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace")

    def popen(self, command, files):
        connection = socket.socket(socket.AF_UNIX)
        while True:
            try:
                connection.connect(self._path)      # between bind() and listen() it is refused
                break
            except ConnectionRefusedError:
                assert self._process.poll() is None, f"it has ended: {self.stderr()}"
                time.sleep(0.01)
        text = b"".join(os.fsencode(part) + b"\0" for part in (os.getcwd(), *command))
        connection.sendmsg([struct.pack("=I", len(text))], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files))])
        connection.sendall(text)
        self._runs = [run for run in self._runs if run.poll() is None]
        self._runs.append(Run(connection, command))
        return self._runs[-1]

    def is_idle(self):
        return all(run.poll() is not None for run in self._runs)

    def piped(self, command, stderr, is_asked=False):
        """With its standard output, and its input if it is asked for something, to read and to write here."""
        output, theirs = os.pipe()
        question, ours = os.pipe() if is_asked else (os.open(os.devnull, os.O_RDONLY), None)
        run = self.popen(command, (question, theirs, stderr.fileno()))
        os.close(question)
        os.close(theirs)
        run.stdout, run.stdin = os.fdopen(output, "rb"), os.fdopen(ours, "wb") if is_asked else None
        return run

    def run(self, command, timeout):
        """subprocess's result, in bytes."""
        with open(os.devnull, "rb") as nothing, _memory() as out, _memory() as errors:
            run = self.popen(command, (nothing.fileno(), out.fileno(), errors.fileno()))
            try:
                run.wait(timeout)
            finally:
                run.kill()
            return subprocess.CompletedProcess(command, run.returncode, *map(_content, (out, errors)))

    def is_running(self):
        return self._process.poll() is None

    def end(self):
        self._process.stdin.close()
        self._process.kill()
        self._process.wait()
        self._errors.close()
        shutil.rmtree(self._folder, ignore_errors=True)


class Servers:
    """Those that run, by what they are; one is started for the second command that is asked of it.

    Beyond so many, that which nothing was asked of for longest ends, if what it runs has ended: a sharkd may be kept open.
    """

    _MANY = 8 if int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1)) <= 4 else 4     # each takes 70 to 150 MB

    def __init__(self):
        self._asked = set()
        self._servers = collections.OrderedDict()
        atexit.register(self.end)

    def of(self, key, command_of):
        """None for the first command."""
        if key in self._servers and not self._servers[key].is_running():
            self._servers.pop(key).end()
        if key in self._servers:
            self._servers.move_to_end(key)
        elif key not in self._asked:
            self._asked.add(key)
            return None
        else:
            idle = [other for other, server in self._servers.items() if server.is_idle()]
            if len(self._servers) >= self._MANY and idle:
                self._servers.pop(idle[0]).end()
            self._servers[key] = Server(command_of)
        return self._servers[key]

    def end(self):
        while self._servers:
            self._servers.popitem()[1].end()

# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs of tshark and sharkd that begin where all dissectors are registered already: see prefork.c.

It is the same program with the same main(); what is not done again is registration, which takes longer than most tests' captures.
In a run of the tests only; GAPFILL_START=afresh has each command start anew.
"""

import array
import fcntl
import hashlib
import os
import re
import signal
import socket
import struct
import subprocess
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


def library(root):
    """prefork.c, built once a run for the C library that is below this folder."""
    made = Path(os.environ["GAPFILL_RUN"]) / f"prefork-{hashlib.sha256(str(root).encode()).hexdigest()[:8]}.so"
    if not made.exists():
        unfinished = made.with_suffix(f".{os.getpid()}")
        subprocess.run(["gcc", f"--sysroot={root}", "-shared", "-fPIC", "-O2", "-o", unfinished, SOURCE, "-ldl"], check=True)
        unfinished.rename(made)
    return made


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
    """A process that has registered all dissectors, and runs what it is asked for by any process of a run of the tests.

    It ends with the run, and when for half a minute it had nothing to do (prefork.c); who asks then starts it anew.
    """

    def __init__(self, folder, command_of):
        """command_of: of the path of its socket, the command line of the tool that starts, with library() before its libraries."""
        self._folder, self._path, self._command_of = folder, str(folder / "socket"), command_of
        self.process = None

    def is_there(self):
        return os.path.exists(self._path)

    def stderr(self):
        return (self._folder / "errors").read_text(errors="replace")

    def popen(self, command, files):
        connection = self._connected() or self._started()
        text = b"".join(os.fsencode(part) + b"\0" for part in (os.getcwd(), *command))
        connection.sendmsg([struct.pack("=I", len(text))], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files))])
        connection.sendall(text)
        return Run(connection, command)

    def _connected(self):
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(self._path)
            return connection
        except (FileNotFoundError, ConnectionRefusedError):     # refused: it has ended, or is between bind() and listen()
            connection.close()
            return None

    def _started(self):
        with open(self._folder / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            connection = self._connected()      # another process was faster
            if not connection:
                self._start()
            end = time.monotonic() + 120
            while not connection:
                assert self.process.poll() is None and time.monotonic() < end, f"it does not start: {self.stderr()}"
                connection = self._connected() or time.sleep(0.01)
            return connection

    def _start(self):
        Path(self._path).unlink(missing_ok=True)
        with open(alive_file(), "rb") as alive, open(self._folder / "errors", "wb") as errors:
            self.process = subprocess.Popen(self._command_of(self._path), stdin=alive, stdout=subprocess.DEVNULL, stderr=errors)

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

    def end(self):
        if self.process:
            self.process.kill()
            self.process.wait()


def alive_file():
    """What the process of a run that began it holds open as long as it is there."""
    return os.path.join(os.environ["GAPFILL_RUN"], "alive")


def hold_alive():
    os.mkfifo(alive_file())
    return os.open(alive_file(), os.O_RDWR)


class Servers:
    """Those of a run, by what they are; one is started for the second command that any process asks of it."""

    def __init__(self, whose="", many=24):
        """whose: others have others. many: so many run at a time; each takes 70 to 150 MB."""
        self._whose, self._many, self.known = whose, many, {}

    def of(self, key, command_of):
        """None for the first command, and where there are too many."""
        run = Path(os.environ["GAPFILL_RUN"])
        folder = run / f"server-{hashlib.sha256(repr((self._whose, key)).encode()).hexdigest()[:24]}"
        try:
            folder.mkdir()
            folder.chmod(0o777)
            return None
        except FileExistsError:
            server = self.known.setdefault(key, Server(folder, command_of))
        if not server.is_there() and len(list(run.glob("server-*/socket"))) >= self._many:
            return None
        return server

    def end(self):
        for server in self.known.values():
            server.end()

# SPDX-License-Identifier: GPL-2.0-or-later
"""A plugin of pytest that runs some of the collected tests many times over, each time in a process forked from where all is collected and tshark has started.

What tests print alike is asked for once in such a process, and not kept for the next one. Which faults' functions ran (schemata.py) is noted by file of tests,
since what one test of a file asked for may serve another one.
"""

import inspect
import json
import math
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

import pytest


def words_in(text):
    return set(re.findall(r"[a-z]{3,}", re.sub(r"[A-Z]{3,}", lambda m: m[0].lower(), text)))


class Words:
    """How alike texts and tests are: by the words that both have, the rarer the more."""

    def __init__(self, items):
        sources = {item.function: words_in(f"{item.name} {inspect.getsource(item.function)}") for item in items}
        self._of = {item: sources[item.function] for item in items}
        count = Counter(word for words in sources.values() for word in words)
        self._weight = {word: math.log(len(sources) / number) for word, number in count.items()}

    def nearest(self, text, items, count):
        words = words_in(text)
        return sorted(items, key=lambda item: -sum(self._weight[word] for word in words & self._of[item]) / math.sqrt(20 + len(self._of[item])))[:count]


class Reach:
    """Which faults' functions ran in which tests and, where all tests of a file were run, in none of the file."""

    def __init__(self, kept, names):
        """kept: a file. names: of the faults, by number."""
        self._kept, self._names = kept, names
        self.by_test, self.seconds = defaultdict(set), {}
        for line in kept.read_text().splitlines() if kept.exists() else ():
            test, seconds, ran = line.split("\t")
            self._note(test, float(seconds), ran.split())

    def _note(self, test, seconds, ran):
        self.seconds[test] = min(seconds, self.seconds.get(test, seconds))
        self.by_test[test].update(ran)

    def note(self, test, seconds, numbers):
        ran = {self._names[number] for number in numbers if number < len(self._names)}
        if test not in self.seconds or not ran <= self.by_test[test]:
            with open(self._kept, "a") as out:
                out.write(f"{test}\t{seconds:.2f}\t{' '.join(sorted(ran))}\n")
        self._note(test, seconds, ran)

    def ordered(self, items, fault, rank):
        """The items that may run the fault's function: where it is known to run, then the others by the rank of their file, without files that do not run it.

        fault: None if it is in no function.
        """
        files = defaultdict(list)
        for item in items:
            files[item.nodeid.partition("::")[0]].append(item)
        chosen = []
        for file, own in files.items():
            runs = [item for item in own if fault in self.by_test[item.nodeid]]
            if runs or fault is None or not all(item.nodeid in self.seconds for item in own):
                quickest = min((self.seconds[item.nodeid] for item in runs), default=0)
                own.sort(key=lambda item: (fault not in self.by_test[item.nodeid], item.nodeid in self.seconds, self.seconds.get(item.nodeid, 0)))
                chosen.append(((not runs, rank(file), quickest, file), own))
        return [item for _, own in sorted(chosen, key=lambda entry: entry[0]) for item in own]


class Judge:
    def __init__(self, work, shared):
        """work(judge): is called with all tests collected."""
        self._work, self._shared = work, shared
        self._failed = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        self.session = session
        self._warm()
        self._work(self)
        return True

    def _warm(self):
        """Starts the servers that the forked processes share."""
        self._tshark = sys.modules["harness.tshark"]
        plain = self._tshark.Wireshark("4.0")
        for plugin in self.session.config.pluginmanager.get_plugins():
            if hasattr(plugin, "_prove_loaded"):
                plugin._prove_loaded(plain)
        for _ in range(2):
            plain.execute("tshark", "-r", "/dev/null")
            plain.sharkd().end()
        self._tshark.Wireshark._results._kept.clear()
        self.at_start = self._shared.ran()
        self.words = Words(self.session.items)

    def pytest_runtest_logreport(self, report):
        self._failed = self._failed or report.failed

    def run(self, items, seconds, build=None, afresh=False, stops=True, note=lambda *_: None):
        """The names of the tests that failed, the first one if it stops there, or "no time". build: other plugins. afresh: tshark is started anew.

        note(test, passed, seconds, numbers of the faults whose functions ran)
        """
        folder = tempfile.mkdtemp(prefix="gapfill-run-")
        os.chmod(folder, 0o755)
        library = Path(os.environ.get("GAPFILL_RUN", folder)) / "prefork.so"
        if library.parent != Path(folder) and library.exists():
            shutil.copy(library, folder)
        reads, writes = os.pipe()
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            os.close(reads)
            try:
                os.setsid()
                self._run(items, folder, build, afresh, stops, writes)
            finally:
                os._exit(0)
        os.close(writes)
        failed = self._hear(reads, child, time.monotonic() + seconds, note)
        shutil.rmtree(folder, ignore_errors=True)
        return failed

    def _run(self, items, folder, build, afresh, stops, writes):
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        os.environ["GAPFILL_RUN"] = folder
        if build:
            self._tshark.BUILD = Path(build)
        if afresh:
            self._tshark._servers._servers.clear()
        for item, following in zip(items, [*items[1:], None]):
            self._failed, begin = False, time.monotonic()
            self._shared.forget()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            os.write(writes, json.dumps([item.nodeid, self._failed, time.monotonic() - begin, sorted(self._shared.ran())]).encode() + b"\n")
            if self._failed and stops:
                return

    def _hear(self, reads, child, ends, note):
        failed, rest = [], b""
        os.set_blocking(reads, False)
        while True:
            try:
                got = os.read(reads, 1 << 16)
            except BlockingIOError:
                if time.monotonic() > ends:
                    failed.append("no time")
                    break
                time.sleep(0.02)
                continue
            if not got:
                break
            *lines, rest = (rest + got).split(b"\n")
            for line in lines:
                test, has_failed, seconds, ran = json.loads(line)
                note(test, not has_failed, seconds, ran)
                failed += [test] * has_failed
        os.close(reads)
        try:
            os.killpg(child, signal.SIGKILL)
        except ProcessLookupError:
            pass
        os.waitpid(child, 0)
        return failed

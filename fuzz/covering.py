# SPDX-License-Identifier: GPL-2.0-or-later
"""A plugin of pytest: which of the plugins' functions each test runs, of a build with -DGAPFILL_COVERAGE=FOLDER.

Lines of a test, a source and a function are added to the file that GAPFILL_COVERED_BY names. What tests print alike is asked for once
(harness/tshark.py): of the tests that need it, the first has the functions.
"""

import os
import struct
from pathlib import Path

FUNCTION, COUNTERS = 0x01000000, 0x01a10000


def _word(data, at):
    return struct.unpack_from("<I", data, at)[0]


def _string(data, at):
    length = _word(data, at)
    return data[at + 4:at + 4 + length].rstrip(b"\0").decode(), at + 4 + length


def functions_of(notes):
    """{ident: (source, name)} of a .gcno file of GCC 12."""
    data = notes.read_bytes()
    _, at = _string(data, 16)
    at, found = at + 4, {}
    while at + 8 <= len(data):
        tag, length = struct.unpack_from("<Ii", data, at)
        if tag == FUNCTION and length > 0:
            name, after = _string(data, at + 20)
            found[_word(data, at + 8)] = (_string(data, after + 4)[0], name)
        at += 8 + max(length, 0)
    return found


def sums_of(counts):
    """{ident: how often anything in it ran} of a .gcda file."""
    data, at, ident, found = counts.read_bytes(), 16, None, {}
    while at + 8 <= len(data):
        tag, length = struct.unpack_from("<Ii", data, at)
        if tag == FUNCTION and length > 0:
            ident = _word(data, at + 8)
        elif tag == COUNTERS and length > 0:
            found[ident] = sum(struct.unpack_from(f"<{length // 8}q", data, at + 8))
        at += 8 + max(length, 0)
    return found


class Covering:
    def __init__(self, build, folder, out):
        self._folder, self._out = folder, out
        self._names = {str(notes).replace("/", "#")[:-5]: functions_of(notes) for notes in build.glob("4.0/plugins/**/*.gcno")}
        self._before = self._sums()

    def _sums(self):
        return {(file.stem, ident): total for file in self._folder.glob("*.gcda") for ident, total in sums_of(file).items()}

    def pytest_runtest_logfinish(self, nodeid):
        now = self._sums()
        changed = {self._names[stem][ident] for (stem, ident), total in now.items() if total != self._before.get((stem, ident))}
        self._before = now
        with open(self._out, "a") as out:
            out.writelines(f"{nodeid}\t{source}\t{name}\n" for source, name in sorted(changed))


def pytest_configure(config):
    build, folder, out = (os.environ[name] for name in ("GAPFILL_BUILD", "GAPFILL_COVERAGE", "GAPFILL_COVERED_BY"))
    config.pluginmanager.register(Covering(Path(build), Path(folder), out))

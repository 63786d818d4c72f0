# SPDX-License-Identifier: GPL-2.0-or-later
"""gcc -fanalyzer, clang --analyze and cppcheck find nothing in the plugins' sources but what analyzers.tsv says is false, and why.

A run looks at a part of the sources, always the same one; with --full at all of them, and then each line of the list has to be found.
"""

import collections
import os
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.planted import host_or_skip
from harness.tshark import BUILD, TOP
from house import analyzers

pytestmark = pytest.mark.static
ONE_IN = {"gcc": 24, "clang": 40, "cppcheck": 8}      # by what a source takes: 0.8, 3 and 0.3 s


@pytest.fixture
def sources(pytestconfig):
    host = host_or_skip(pytestconfig)
    return analyzers.compilations(BUILD / host.series)


def need(tool):
    if analyzers.version(tool) != analyzers.VERSIONS[tool]:
        pytest.skip(f"the false findings of {tool} {analyzers.VERSIONS[tool]} are listed, not those of {analyzers.version(tool) or 'none, which is here'}")


def chosen(sources, tool, config):
    one_in = 1 if config.getoption("--full") else ONE_IN[tool]
    return [(path, how) for path, how in sorted(sources.items()) if zlib.crc32(path.encode()) % one_in == 0]


@pytest.mark.parametrize("tool", analyzers.TOOLS)
def test_no_finding_but_the_false_ones(tool, sources, pytestconfig):
    need(tool)
    part = chosen(sources, tool, pytestconfig)
    assert part
    with ThreadPoolExecutor(os.cpu_count() if pytestconfig.getoption("--full") else 1) as pool:
        reports = [report for found in pool.map(lambda item: analyzers.analyze(tool, *item), part) for report in found]
    known = {finding for finding in analyzers.false_findings() if finding.tool == tool}
    new = [str(report) for report in reports if report.finding not in known]
    assert not new, "\n".join(new)
    if pytestconfig.getoption("--full"):
        assert known == {report.finding for report in reports}


def test_each_false_finding_has_a_reason():
    lines = [line for line in analyzers.FALSE_FINDINGS.read_text().splitlines() if not line.startswith("#")]
    assert len(lines) == len(analyzers.false_findings())
    for finding, why in analyzers.false_findings().items():
        assert finding.tool in analyzers.TOOLS and (TOP / finding.file).is_file() and len(why.split()) > 3, finding
        assert finding.function == "-" or finding.function.endswith(".h") or finding.function in (TOP / finding.file).read_text(), finding


PLANTED = """
#include <stdlib.h>

int planted(int size);

int
planted(int size)
{
    char *piece = malloc(16);
    int  *none = NULL;

    if (size > 3)
        return 1;
    piece[0] = 0;
    if (size == 3)
        return *none;
    free(piece);
    return 0;
}
"""


@pytest.mark.parametrize("tool, checkers", [("gcc", {"analyzer-malloc-leak", "analyzer-possible-null-dereference", "analyzer-null-dereference"}),
                                            ("clang", {"unix.Malloc", "core.NullDereference"}), ("cppcheck", {"memleak", "nullPointer"})])
def test_planted_faults_are_found(tool, checkers, sources, tmp_path, monkeypatch):
    """As the plugins' sources are looked at; in the function that has them."""
    need(tool)
    path, (command, folder) = next(iter(sources.items()))
    monkeypatch.setattr(analyzers, "TOP", tmp_path)
    planted = tmp_path / "planted.c"
    planted.write_text(PLANTED)
    command = [str(planted) if Path(word) == TOP / path else word for word in command]
    found = collections.Counter(report.finding[1:] for report in analyzers.analyze(tool, "planted.c", (command, folder)))
    assert set(found) >= {(checker, "planted.c", "planted") for checker in checkers}, found

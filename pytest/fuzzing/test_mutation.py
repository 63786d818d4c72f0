# SPDX-License-Identifier: GPL-2.0-or-later
"""fuzz/mutation.py: the faults that its rules make, which are drawn, and which tests they meet."""

import importlib
import os
import subprocess
import sys
from collections import Counter

import pytest

from harness.tshark import TOP

pytestmark = pytest.mark.static


def module(name):
    """A program of fuzz/, which is no package."""
    sys.path.insert(0, str(TOP / "fuzz"))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.pop(0)


@pytest.fixture(scope="module")
def mutation():
    return module("mutation")


@pytest.fixture(scope="module")
def schemata():
    return module("schemata")


@pytest.fixture(scope="module")
def judging():
    return module("judging")


SOURCE = """\
#define ROWS_MAX    (16 * 4)    /* not 17 */

static bool
is_ours(const flow_packet_t *packet, unsigned n)
{
    if (n < 3 && packet->srcport == 9) {    /* a < b */
        count(n + 1, "a < b");
        return true;
    }
    case DISCARD:
        break;
    if (!PINFO_FD_VISITED(packet->pinfo))
}
"""
MADE = {("range end", "n <= 3"), ("and, or", "3 || packet"), ("equality", "srcport != 9"), ("direction", "packet->dstport"), ("truth", "return false;"),
        ("sum", "n - 1"), ("bound", "(32 * 4)"), ("lost statement", "        ;"), ("lost case", ""), ("other pass", "if (true)"),
        ("dropped condition", "if (true || n < 3"), ("condition never met", "if (false && n < 3"), ("constant", "n + 2")}


def test_rules_make_faults_of_code_alone(mutation, tmp_path, monkeypatch):
    monkeypatch.setattr(mutation, "TOP", tmp_path)
    (tmp_path / "plugins/x").mkdir(parents=True)
    source = tmp_path / "plugins/x/x.c"
    source.write_text(SOURCE)
    faults = list(mutation.faults_of(source))
    for rule, part in MADE:
        assert any(fault.rule == rule and part in fault.after for fault in faults), (rule, [f.after for f in faults if f.rule == rule])
    assert all(fault.after.count("a < b") == fault.before.count("a < b") and "not 17" in fault.after or "17" not in fault.before
               for fault in faults if fault.rule != "lost statement")
    assert len({fault.name for fault in faults}) == len(faults) and {rule for rule, *_ in mutation.RULES} == {fault.rule for fault in faults}


def test_the_same_are_drawn_of_each_plugin_and_rule(mutation):
    faults = list(mutation.all_faults())
    drawn = [mutation.drawn(faults, 180, "1") for _ in range(2)]
    assert drawn[0] == drawn[1] != mutation.drawn(faults, 180, "2")
    assert {fault.rule for fault in drawn[0]} == {name for name, *_ in mutation.RULES}
    numbers, all_numbers = (Counter(fault.plugin for fault in some) for some in (drawn[0], faults))
    assert min(numbers.values()) == mutation.FEWEST and 180 <= sum(numbers.values()) <= 180 + 2 * mutation.FEWEST
    assert all(abs(number - 180 * all_numbers[plugin] / len(faults)) <= mutation.FEWEST for plugin, number in numbers.items())


def test_nearest_tests_come_first(mutation):
    def of(file):
        fault = mutation.Fault(file, 0, "", "", "", 0)
        files = [f"{path.parent.name}/{path.name}" for folder in mutation.folders_of(TOP, fault) for path in (TOP / "pytest" / folder).glob("test_*.py")]
        return sorted(files, key=mutation.rank_of(TOP, fault))

    assert of("plugins/ftp-session/ftp-export.c")[0] == "ftp_session/test_export.py"
    assert of("plugins/common/flow.c")[0] == "common/test_flow.py"
    assert {name.partition("/")[0] for name in of("plugins/ftp-session/ftp-export.c")} == {"ftp_session", "common"}
    assert mutation.plugins_with(TOP, "plugins/common/mime.c") == ["openpgp"]
    assert {"acme", "hkp", "openpgp"} == set(mutation.plugins_with(TOP, "plugins/common/http-1.c"))
    assert len(mutation.plugins_with(TOP, "plugins/common/standin.c")) == len(list(TOP.glob("plugins/*/CMakeLists.txt")))


PROGRAM = """\
#include <stdio.h>

static int
sum_of(const int numbers[2],
        int (*change)(int))
{
    return change(numbers[0] + numbers[1]);     /* a + b */
}

static int
twice(int n)
{
    return 2 * n;
}

static void
say(int n)
{
    printf("%d", n);
}

int
main(void)
{
    const int numbers[] = { 3, 4 };
    static int times = 1;

    say(times * sum_of(numbers, twice));
    return 0;
}
"""
FAULTS = {5: (6, "    return change(numbers[0] - numbers[1]);"), 6: (6, "    return change(numbers[0]);"), 9: (12, "    return 3 * n;"), 12: (18, ""), 13: (24, "")}


@pytest.mark.parametrize("number, printed", [(-1, "14"), (5, "-2"), (6, "6"), (9, "21"), (12, "")])
def test_faults_of_one_build(schemata, mutation, tmp_path, number, printed):
    """Each is chosen as the program runs, and functions that ran are known. What has variables of its own that last is left out."""
    made, put = schemata.with_faults(PROGRAM, mutation.code_of(PROGRAM), FAULTS)
    assert put == {5, 6, 9, 12}
    (tmp_path / "x.c").write_text(made)
    (tmp_path / "faulty.h").write_text(schemata.header_text(tmp_path / "shared"))
    subprocess.run(["gcc", "-Wall", "-Wno-redundant-decls", "-include", "faulty.h", "x.c", "-o", "x"], cwd=tmp_path, check=True)
    shared = schemata.Shared(tmp_path / "shared")
    shared.choose(number)
    assert subprocess.run([tmp_path / "x"], capture_output=True, text=True).stdout == printed
    assert shared.ran() == ({5, 9, 12} if number == 5 else put)
    shared.forget()
    assert shared.ran() == set()


class Item:
    def __init__(self, nodeid):
        self.nodeid = nodeid


def test_tests_that_run_the_function_come_first(judging, tmp_path):
    """And of a file that is known to run it in none of its tests, none is run."""
    items = [Item(f"{file}::test_{n}") for file in ("a", "b", "c", "d") for n in (1, 2)]
    reach = judging.Reach(tmp_path / "reach.tsv", ["one", "two"])
    for test, seconds, numbers in (("b::test_1", 9, [1]), ("b::test_2", 1, []), ("c::test_1", 1, [0]), ("c::test_2", 3, [0, 1]), ("d::test_1", 1, [])):
        reach.note(test, seconds, numbers)
    for known in (reach, judging.Reach(tmp_path / "reach.tsv", [])):
        ordered = [item.nodeid for item in known.ordered(items, "one", lambda file: file == "a")]
        assert ordered == ["c::test_1", "c::test_2", "d::test_2", "d::test_1", "a::test_1", "a::test_2"]
        assert known.ordered(items, "two", lambda file: 0)[0].nodeid == "c::test_2"
        assert len(known.ordered(items, None, lambda file: 0)) == len(items)


JUDGED = """\
import time
def test_passes(): pass
def test_fails(): assert False
def test_takes_long(): time.sleep(60)
"""


def test_what_tests_say_of_a_fault(schemata, judging, tmp_path):
    (tmp_path / "test_some.py").write_text(JUDGED)
    found, noted = {}, []

    class Alone(judging.Judge):
        def _warm(self):
            pass

    def work(judge):
        passes, fails, takes_long = judge.session.items
        found["failed"] = judge.run([passes, fails, takes_long], 60, note=lambda test, passed, *_: noted.append((test.partition("::")[2], passed)))
        found["passed"], found["no time"] = judge.run([passes], 60), judge.run([takes_long, fails], 1)

    pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), "-c", os.devnull, str(tmp_path)],
                plugins=[Alone(work, schemata.Shared(tmp_path / "shared"))])
    assert [name.partition("::")[2] for name in found["failed"]] == ["test_fails"] and found["passed"] == [] and found["no time"] == ["no time"]
    assert noted == [("test_passes", True), ("test_fails", False)]


def test_every_explanation_is_of_a_fault_that_can_be_made(mutation):
    names = {fault.name for fault in mutation.all_faults()}
    assert set(mutation.explained()) <= names

# SPDX-License-Identifier: GPL-2.0-or-later
"""fuzz/mutation.py: the faults that its rules make, which are drawn, and which tests they meet."""

import importlib
import importlib.util
import subprocess
import sys
from collections import Counter

import pytest

from harness.tshark import TOP

pytestmark = pytest.mark.static


@pytest.fixture(scope="module")
def mutation():
    spec = importlib.util.spec_from_file_location("mutation", TOP / "fuzz/mutation.py")
    module = sys.modules["mutation"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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


def test_nearest_tests_come_first(mutation, tmp_path, monkeypatch):
    def of(file):
        return mutation.tests_of(TOP, mutation.Fault(file, 0, "", "", "", 0))

    monkeypatch.setattr(mutation, "COVERED", tmp_path / "none")
    assert of("plugins/ftp-session/ftp-export.c")[0] == ["pytest/ftp_session/test_export.py"]
    assert sum(map(len, of("plugins/ftp-session/ftp-export.c"))) == len(list((TOP / "pytest/ftp_session").glob("test_*.py")))
    assert mutation.plugins_with(TOP, "plugins/common/mime.c") == ["openpgp"]
    assert {"acme", "hkp", "openpgp"} == set(mutation.plugins_with(TOP, "plugins/common/http-1.c"))
    assert len(mutation.plugins_with(TOP, "plugins/common/standin.c")) == len(list(TOP.glob("plugins/*/CMakeLists.txt")))


COUNTED = """\
static int never(int n) { return n + 1; }
static int twice(int n) { return n * 2; }
int main(int argc, char **argv) { (void)argv; return argc > 5 ? never(argc) : twice(argc) - 2; }
"""


def test_functions_that_ran_are_read_from_gcov_files(tmp_path):
    """fuzz/covering.py: of a program with three functions one does not run."""
    sys.path.insert(0, str(TOP / "fuzz"))
    covering = importlib.import_module("covering")
    (tmp_path / "x.c").write_text(COUNTED)
    subprocess.run(["gcc", "-O0", "--coverage", "-c", "x.c", "-o", "x.o"], cwd=tmp_path, check=True)
    subprocess.run(["gcc", "--coverage", "x.o", "-o", "x"], cwd=tmp_path, check=True)
    assert subprocess.run([tmp_path / "x"]).returncode == 0
    names = covering.functions_of(tmp_path / "x.gcno")
    assert set(names.values()) == {("x.c", "never"), ("x.c", "twice"), ("x.c", "main")}
    assert {names[ident][1] for ident, total in covering.sums_of(tmp_path / "x.gcda").items() if total} == {"twice", "main"}


def test_tests_that_run_the_function_come_first(mutation, tmp_path, monkeypatch):
    covered = tmp_path / "by-test.tsv"
    source = TOP / "plugins/arp-snap/packet-arp-snap.c"
    covered.write_text(f"arp_snap/test_arp_snap.py::test_pairs[wireshark-4.0]\t{source}\tencapsulation_of\n"
                       f"arp_snap/test_arp_snap.py::test_types[wireshark-4.0]\t{source}\tsomething_else\n")
    monkeypatch.setattr(mutation, "COVERED", covered)
    mutation.covered.cache_clear()
    fault = next(fault for fault in mutation.faults_of(source) if "CARRIER_SAP)" in fault.before)
    assert mutation.function_of(TOP, fault) == "encapsulation_of"
    assert mutation.tests_of(TOP, fault)[0] == ["pytest/arp_snap/test_arp_snap.py::test_pairs"]
    mutation.covered.cache_clear()


def test_every_explanation_is_of_a_fault_that_can_be_made(mutation):
    names = {fault.name for fault in mutation.all_faults()}
    assert set(mutation.explained()) <= names

# SPDX-License-Identifier: GPL-2.0-or-later
"""fuzz/mutation.py: the faults that its rules make, which are drawn, and which tests they meet."""

import importlib.util
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
    drawn = [list(mutation.drawn(faults, 26, "1")) for _ in range(2)]
    assert drawn[0] == drawn[1] != list(mutation.drawn(faults, 26, "2"))
    assert set(Counter(fault.plugin for fault in drawn[0]).values()) == {26}
    assert len({fault.rule for fault in drawn[0]}) == len(mutation.RULES)


def test_nearest_tests_come_first(mutation):
    def of(file):
        return mutation.tests_of(TOP, mutation.Fault(file, 0, "", "", "", 0))

    assert of("plugins/ftp-session/ftp-export.c")[0] == ["pytest/ftp_session/test_export.py"]
    assert sum(map(len, of("plugins/ftp-session/ftp-export.c"))) == len(list((TOP / "pytest/ftp_session").glob("test_*.py")))
    assert mutation.plugins_with(TOP, "plugins/common/mime.c") == ["openpgp"]
    assert {"acme", "hkp", "openpgp"} == set(mutation.plugins_with(TOP, "plugins/common/http-1.c"))
    assert len(mutation.plugins_with(TOP, "plugins/common/standin.c")) == len(list(TOP.glob("plugins/*/CMakeLists.txt")))


def test_every_explanation_is_of_a_fault_that_can_be_made(mutation):
    names = {fault.name for fault in mutation.all_faults()}
    assert set(mutation.explained()) <= names

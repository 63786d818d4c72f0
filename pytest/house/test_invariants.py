# SPDX-License-Identifier: GPL-2.0-or-later
"""The invariants of ARCHITECTURE.md hold, and each check reports a violation that is planted.

    1  includes go down only                        here
    2  state is written on the first pass only      test_first_pass.py
    3  nothing depends on loading order, on other plugins, on a display filter      pytest/no_harm
    4  only standin.c touches entries of others     here
    5  sizes                                        here
    6  compat.h is empty for the newest Wireshark   here
    7  warnings                                     here; Wireshark's checkers: test_checkers.py
    8  commits                                      here

known_violations.txt is what is still to be mended: it may only shrink, so a line whose violation is gone has to go too.
"""

import json
import re
import shlex
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest

from harness.tshark import BUILD
from house import house_checks as checks

TOP = Path(__file__).resolve().parents[2]
PLUGINS = TOP / "plugins"
KNOWN = Path(__file__).with_name("known_violations.txt")
NEWEST = "4.6"
RULES_SINCE = "d7876c6791fd13f56a99d19631e0675c6925dcad"     # commits after this one keep rule 8


def known(*kinds):
    lines = [line for line in KNOWN.read_text().splitlines() if line and not line.startswith("#")]
    return {line for line in lines if line.split()[0] in kinds}


def expect_known(found, *kinds):
    found = set(found)
    listed = known(*kinds)
    assert not found - listed, "new violations:\n" + "\n".join(sorted(found - listed))
    assert not listed - found, f"these are gone, so remove their lines from {KNOWN.name}:\n" + "\n".join(sorted(listed - found))


def expect_known_sizes(found, kind):
    """Listed sizes are ceilings."""
    listed = {line.rpartition(" ")[0]: int(line.rpartition(" ")[2]) for line in known(kind)}
    grown = [f"{name} {size}" for name, size in found.items() if size > listed.get(name, 0)]
    assert not grown, "too large, and larger than known:\n" + "\n".join(grown)
    gone = sorted(listed.keys() - found.keys())
    assert not gone, f"these are small enough now, so remove their lines from {KNOWN.name}:\n" + "\n".join(gone)


@pytest.fixture(scope="module")
def files():
    found = checks.sources(PLUGINS)
    assert found
    return found


# 1

@pytest.mark.static
def test_includes_make_no_circles(files):
    expect_known(checks.circles(files), "circle")


@pytest.mark.static
def test_no_plugin_includes_from_another(files):
    expect_known(checks.crossings(files), "crossing")


@pytest.mark.static
def test_planted_circles_and_crossings_are_found():
    good = {"common/flow.h": "", "a/roof.c": '#include "floor.h"\n', "a/floor.h": "int floor_height(void);\n",
            "a/floor.c": '#include "floor.h"\n#include "flow.h"\nint\nfloor_height(void)\n{\n    return 1;\n}\n', "b/b.h": ""}
    assert checks.circles(good) == checks.crossings(good) == []
    by_include = {**good, "a/floor.h": '#include "roof.h"\n', "a/roof.h": ""}
    assert checks.circles(by_include) == ["circle a/floor", "circle a/roof"]
    by_call = {**good, "a/roof.c": good["a/roof.c"] + "int\nroof_height(void)\n{\n    return floor_height();\n}\n",
               "a/floor.c": good["a/floor.c"] + "int\ndouble_height(void)\n{\n    return roof_height();\n}\n"}
    assert checks.circles(by_call) == ["circle a/floor", "circle a/roof"]
    assert checks.crossings({**good, "a/roof.c": '#include "b.h"\n'}) == ["crossing a/roof.c includes b/b.h"]
    assert checks.crossings({**good, "common/flow.h": '#include "../b/b.h"\n'}) == ["crossing common/flow.h includes b/b.h"]


# 4

@pytest.mark.static
def test_only_standin_touches_entries_of_others(files):
    expect_known(checks.table_entries(files), "entry")


@pytest.mark.static
def test_planted_entries_are_found():
    for call in ('dissector_add_uint("tcp.port", 21, mine);', 'dissector_change_string("media_type", "a/b", mine);',
                 'dissector_delete_uint("udp.port", 53, theirs);', 'dissector_reset_uint("mpls.label", 16);',
                 "entry->dissector = mine;", 'register_ber_oid_dissector("1.2.3", mine, proto, "name");'):
        assert checks.table_entries({"a/a.c": f"void\nf(void)\n{{\n    {call}\n}}\n"}) != [], call
        assert checks.table_entries({"common/standin.c": f"    {call}\n"}) == []
    assert checks.table_entries({"a/a.c": '/* dissector_add_uint("tcp.port", 21, mine); */ if (entry->dissector == mine) {}\n'}) == []
    for name, function, given in checks.OWN_ENTRIES:
        assert checks.table_entries({name.replace("*", "any"): f"    {function}({given}, handle);\n"}) == []
        assert checks.table_entries({"other/other.c": f"    {function}({given}, handle);\n"}) != []


def test_own_entries_are_free_in_stock_wireshark(ws):
    """A key that libwireshark registers is a string in it."""
    library = next(ws.root.glob("usr/lib/*/libwireshark.so.*")).read_bytes()
    assert all(key + b"\0" in library for key in (b"application/dns-message", b"2.5.29.17"))
    assert [key for key in checks.OWN_KEYS if key.encode() + b"\0" in library] == []


# 5

@pytest.mark.static
def test_files_are_one_room(files):
    expect_known_sizes(checks.long_files(files), "lines")


@pytest.mark.static
def test_headers_declare_few_functions(files):
    expect_known_sizes(checks.wide_headers(files), "functions")


@pytest.mark.static
def test_planted_sizes_are_found():
    table = "    static hf_register_info hf[] = {\n" + "        { 0 },\n" * 500 + "    };\n"
    assert checks.long_files({"a/a.c": "x\n" * checks.FILE_LINES + table}) == {}
    assert checks.long_files({"a/a.c": "x\n" * (checks.FILE_LINES + 1) + table}) == {"lines a/a.c": checks.FILE_LINES + 1}
    functions = [f"const char *\nname_{n}(int a,\n        int b);\n" for n in range(checks.HEADER_FUNCTIONS + 1)]
    inline = "static inline int\nf(void)\n{\n    return g();\n}\n#define h(a) g(a);\ntypedef int (*t)(void);\n"
    assert checks.wide_headers({"a/a.h": inline + "".join(functions[1:])}) == {}
    assert checks.wide_headers({"a/a.h": inline + "".join(functions)}) == {"functions a/a.h": checks.HEADER_FUNCTIONS + 1}


# 6

def compile_commands(series):
    """The compiler's command line for each source, without its output and without the source itself."""
    path = BUILD / series / "compile_commands.json"
    assert path.exists(), f"{path}: build for Wireshark {series} first"
    return {entry["file"]: [word for word in shlex.split(entry["command"].split(" -o ")[0]) if word != "-c"]
            for entry in json.loads(path.read_text())}


@pytest.fixture
def newest(pytestconfig):
    wanted = pytestconfig.getoption("--wireshark")
    if wanted != "all" and NEWEST not in wanted.split(","):
        pytest.skip(f"needs Wireshark {NEWEST}, which --wireshark leaves out")
    return compile_commands(NEWEST)


@pytest.mark.static
def test_compat_is_empty_for_the_newest_wireshark(newest, tmp_path):
    command = next(iter(newest.values()))
    header = PLUGINS / checks.compat_name(checks.sources(PLUGINS))
    assert checks.left_of_compat(command, header) == []
    planted = tmp_path / "compat.h"
    for text in ("#define tvb_get_uint8 tvb_get_guint8\n", "typedef int ws_int_t;\n"):
        planted.write_text(header.read_text() + text)
        assert checks.left_of_compat(command, planted) == [text.strip()]


def without_compat(commands, folder):
    """What the compiler says about a copy of the sources in which compat.h is empty."""
    compat = checks.compat_name(checks.sources(folder))
    (folder / compat).write_text("")
    said = []
    for source, command in commands.items():
        words = [word.replace(str(PLUGINS), str(folder)) for word in [*command, "-fsyntax-only", source]]
        if source.startswith(str(PLUGINS)) and Path(words[-1]).exists():
            done = subprocess.run(words, text=True, capture_output=True)
            said += [] if done.returncode == 0 else [done.stderr]
    return said


@pytest.mark.static
def test_sources_compile_without_compat(newest, tmp_path, pytestconfig):
    """A third of them, always the same; with --full all."""
    shutil.copytree(PLUGINS, tmp_path / "plugins")
    chosen = newest if pytestconfig.getoption("--full") else \
        {source: command for source, command in newest.items() if zlib.crc32(Path(source).name.encode()) % 3 == 0}
    assert len(chosen) > 50 and without_compat(chosen, tmp_path / "plugins") == []
    one = next(source for source in newest if source.endswith("packet-discard.c"))
    copy = tmp_path / "plugins" / Path(one).relative_to(PLUGINS)
    copy.write_text(copy.read_text() + "\nuint32_t planted(tvbuff_t *tvb) { return tvb_get_guint8(tvb, 0); }\n")
    (said,) = without_compat({one: newest[one]}, tmp_path / "plugins")
    assert "tvb_get_guint8" in said


@pytest.mark.static
def test_versions_are_asked_for_in_compat_only(files):
    expect_known(checks.version_tests(files), "version")
    assert checks.version_tests({"common/compat.h": "#if GAPFILL_WS_VERSION < 406\n", "a/a.c": "#if GAPFILL_WS_VERSION < 406\n"}) \
        == ["version a/a.c"]


# 7

WARNINGS = {
    "shadow": "int x; int f(void); int f(void) { int x = 1; return x; }",
    "vla": "int f(int n); int f(int n) { char a[n]; a[0] = 1; return a[0]; }",
    "redundant-decls": "int f(void); int f(void);",
    "logical-op": "int f(int a); int f(int a) { return a && a; }",
    "pointer-arith": "void *f(void *p); void *f(void *p) { return p + 1; }",
    "discarded-qualifiers": "char *f(void); char *f(void) { return \"constant\"; }",
    "strict-prototypes": "int f();",
    "old-style-definition": "int f(int a); int f(a) int a; { return a; }",
    "missing-prototypes": "int f(void) { return 1; }",
    "unused-const-variable=": "static const int x = 1;",
    "endif-labels": "#ifdef X\n#endif X",
    "duplicated-branches": "int f(int a); int f(int a) { if (a) return 1; else return 1; }",
    "sign-compare": "int f(int a, unsigned b); int f(int a, unsigned b) { return a < b; }",
    "implicit-function-declaration": "int f(void); int f(void) { return g(); }",
}


@pytest.mark.static
def test_wiresharks_warnings_are_on(pytestconfig):
    wanted = pytestconfig.getoption("--wireshark")
    series = NEWEST if wanted == "all" else wanted.split(",")[-1]
    commands = compile_commands(series)
    lines = {tuple(word for word in command if word.startswith("-W")) for command in commands.values()}
    assert len(lines) == 1, "not all sources are compiled with the same warnings"
    for name, text in WARNINGS.items():
        command = next(iter(commands.values()))
        done = subprocess.run([*command, "-S", "-o", "/dev/null", "-x", "c", "-"], input=text + "\n", text=True, capture_output=True)
        # What is an error anyway, as some are for newer compilers, has no -Werror in it.
        assert done.returncode != 0 and re.search(rf"error: .*\[-W(error=)?{re.escape(name)}\]", done.stderr), (name, done.stderr)


@pytest.mark.static
def test_no_warning_is_silenced(files):
    assert checks.silenced_warnings(files) == []
    assert checks.silenced_warnings({"a/a.c": '#pragma GCC diagnostic ignored "-Wshadow"\n'}) == ["pragma a/a.c"]


@pytest.mark.static
def test_attributes_are_for_compilers_that_have_them(files):
    guarded = "#ifdef __GNUC__\n__attribute__((always_inline))\n#endif\nstatic inline int\nf(void)\n"
    assert checks.attributes_for_one_compiler(files) == []
    assert checks.attributes_for_one_compiler({"a/a.c": guarded, "b/b.c": guarded.replace("#ifdef __GNUC__\n", "").replace("#endif\n", "")}) == ["attribute b/b.c"]


# 8

def git(*arguments):
    return subprocess.run(["git", "-c", "safe.directory=*", "-C", TOP, *arguments], text=True, capture_output=True)


@pytest.mark.static
def test_commits_have_topic_subject_and_body():
    if not (TOP / ".git").exists() or not shutil.which("git"):
        pytest.skip("there is no history here: no .git, or no git")
    assert git("cat-file", "-e", RULES_SINCE).returncode == 0, "the history is not whole: git fetch --unshallow"
    commits = git("log", "--no-merges", "--format=%h %B%x00", f"{RULES_SINCE}..HEAD").stdout.split("\0")
    found = []
    for commit in filter(None, map(str.strip, commits)):
        number, _, message = commit.partition(" ")
        found += [f"{number}: {fault}" for fault in checks.commit_faults(message)]
    assert found == []


@pytest.mark.static
def test_planted_commits_are_found():
    assert checks.commit_faults("flow: ports of quotes\n\nA quote may be cut.\n") == []
    assert checks.commit_faults("flow: " + "x" * 67 + "\n\nWhy.\n") == ["a subject of 73 characters"]
    assert checks.commit_faults("Ports of quotes\n\nWhy.\n") == ["no topic before a colon"]
    assert checks.commit_faults("flow: ports of quotes\n") == ["no body that says why"]


# Style

STYLE = ("tab", "blanks", "width", "copyright", "modelines", "underscore", "guard")


@pytest.mark.static
def test_files_are_of_one_style(files):
    expect_known(checks.style_faults(files), *STYLE)


@pytest.mark.static
def test_planted_faults_of_style_are_found():
    good = ("/* a.h\n * A header.\n *\n * Copyright 2026, the Gapfill authors\n */\n\n#ifndef GAPFILL_A_H\n#define GAPFILL_A_H\n\n"
            "int f(void);\n\n#endif /* GAPFILL_A_H */\n")
    assert checks.style_faults({"a/a.h": good}) == []
    planted = {"tab": good.replace("int f", "\tint f"), "blanks": good.replace("(void);", "(void); "),
               "width": good.replace("(void)", "(" + "int a, " * 20 + "int b)"), "copyright": re.sub(r" \* Copyright.*\n", "", good),
               "modelines": good.replace(" * A header.", " * Editor modelines"), "guard": good.replace("GAPFILL_A_H", "__A_H__")}
    assert set(planted) | {"underscore"} == set(STYLE)
    for kind, text in planted.items():
        assert checks.style_faults({"a/a.h": text}) == [f"{kind} a/a.h"]
    assert checks.style_faults({"a/a_b.c": good}) == ["underscore a/a_b.c"]


@pytest.mark.static
def test_known_violations_are_of_known_kinds():
    kinds = {line.split()[0] for line in KNOWN.read_text().splitlines() if line and not line.startswith("#")}
    assert kinds <= {"circle", "crossing", "entry", "lines", "functions", "version", *STYLE}

# SPDX-License-Identifier: GPL-2.0-or-later
"""upstream/: the series for Wireshark's own tree is what the script makes of the sources as they are now.

The script needs a few files of Wireshark's source; packaging/wireshark-tools.sh brings them with the checkers.
"""

import re
import subprocess

import pytest

from harness.tshark import TOP
from house.test_checkers import CHECKERS, source
from house.test_invariants import NEWEST, newest     # noqa: F401, newest is a fixture

UPSTREAM = TOP / "upstream"
SERIES = UPSTREAM / "series"

pytestmark = pytest.mark.static


def made_of(upstream, folder):
    """The series that the script in a folder makes: its files with their text, or what the script says."""
    done = subprocess.run([upstream / "make-patches.sh", CHECKERS, folder], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=300)
    return {file.name: file.read_text() for file in sorted(folder.iterdir())} if done.returncode == 0 else done.stderr


def added(text):
    """What a patch adds, without where: that is the same whatever version it is made for."""
    return [line for line in text.splitlines() if re.match(r"\+(?!\+\+)", line)]


def differences(kept, made):
    assert isinstance(made, dict), made
    if kept["BASE"] == made["BASE"]:
        return [name for name in sorted(kept.keys() | made.keys()) if kept.get(name) != made.get(name)]
    kept, made = ({name: added(text) for name, text in files.items() if re.match(r"\d\d\w?-(?!not-)", name)} for files in (kept, made))
    return [name for name in sorted(kept.keys() | made.keys()) if kept.get(name) != made.get(name)]


def need_source():
    """Fails where there is none; skips where it is older than the one that the series is for."""
    line, complaint = source()
    if line is None:
        pytest.fail(complaint, pytrace=False)
    base = (SERIES / "BASE").read_text().strip()
    have = re.search(r"source (\d+\.\d+\.\d+)", line)[1]
    if [int(part) for part in have.split(".")] < [int(part) for part in base.split(".")]:
        pytest.skip(f"the series is for Wireshark {base}, and {line}")


def kept_series():
    return {file.name: file.read_text() for file in sorted(SERIES.iterdir())}


def test_series_is_what_the_script_makes(tmp_path):
    need_source()
    stale = differences(kept_series(), made_of(UPSTREAM, tmp_path))
    assert stale == [], "make the series anew: upstream/make-patches.sh WIRESHARK_SOURCE"


def test_planted_change_is_found():
    kept = kept_series()
    name = next(name for name in kept if name.startswith("01-"))
    changed = {**kept, name: kept[name].replace("\n+static", "\n+extern", 1)}
    assert differences(kept, changed) == [name]
    assert differences(kept, {**changed, "BASE": "9.9.9\n"}) == [name]
    assert differences(kept, {**kept, "BASE": "9.9.9\n"}) == []
    assert differences(kept, {key: text for key, text in kept.items() if key != name}) == [name]


def test_nothing_of_a_plugin_is_left():
    """Hubs, older versions and what the plugins call themselves have no place in Wireshark's tree."""
    left = re.compile(r"^\+.*(?:\bstandin_|\bflow_|compat\.h|api_bool|GAPFILL|[Tt]he plugin\b)", re.M)
    kept = kept_series()
    assert [(name, found[0]) for name, text in kept.items() if "not-for-upstream" not in name for found in [left.search(text)] if found] == []
    assert left.search("+    standin_call(&standin, tvb);\n") and left.search('+#include "compat.h"\n')


def complaints(command, folder):
    """What the compiler says about the C files of a folder, with the options of a plugin but without the plugins' own headers."""
    words = [word for word in command if not word.startswith(f"-I{TOP}/plugins")]
    headers = TOP / "build" / "roots" / NEWEST / "usr/include/wireshark"       # config.h
    options = [f"-I{folder}", *([f"-I{headers}"] if headers.is_dir() else []), "-fsyntax-only"]
    done = [subprocess.run([*words, *options, file], text=True, capture_output=True) for file in sorted(folder.glob("*.c"))]
    assert done
    return [one.stderr for one in done if one.returncode]


def test_new_files_compile_for_the_newest_wireshark(newest, tmp_path):    # noqa: F811
    patch = SERIES / "01-openpgp.patch"
    subprocess.run(["git", "apply", "--include=epan/dissectors/*openpgp*", "--include=epan/dissectors/tcp-ends.h", patch], cwd=tmp_path, check=True)
    folder = tmp_path / "epan/dissectors"
    command = next(command for file, command in newest.items() if file.endswith("packet-openpgp.c"))
    assert complaints(command, folder) == []
    (folder / "openpgp-work.c").write_text((folder / "openpgp-work.c").read_text().replace("openpgp-work.h", "compat.h"))
    (said,) = complaints(command, folder)
    assert "compat.h" in said


def test_every_hook_and_test_belongs_to_a_patch():
    numbers = {file.name.partition("-")[0] for file in (UPSTREAM / "patches").iterdir()}
    assert {file.stem for file in (UPSTREAM / "hooks").glob("*.patch")} <= numbers
    named = re.findall(r"^Test: *(\S+)$", "\n".join(file.read_text() for file in (UPSTREAM / "patches").iterdir()), re.M)
    assert {file.name for file in (UPSTREAM / "tests").glob("*.py")} == set(named)


def names_of_tests(file):
    return set(re.findall(r"^def (test_\w+)", file.read_text(), re.M)) if file.exists() else set()


def unknown_of_left_out(text):
    """Lines that name no test of ours, or have no reason: nobody would see that they do nothing."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    known = [re.fullmatch(r"(pytest/\w+/test_\w+\.py)::(test_\w+)(\[.+\])?\t(\S.+)", line) for line in lines]
    return [line for line, found in zip(lines, known, strict=True) if not found or found[2] not in names_of_tests(TOP / found[1])] + \
        sorted({line for line in lines if sum(other.partition("\t")[0] == line.partition("\t")[0] for other in lines) > 1})


def test_what_is_left_out_names_tests():
    text = (UPSTREAM / "left-out.tsv").read_text()
    assert unknown_of_left_out(text) == [] and text.startswith("# ")
    last = text.splitlines()[-1]
    for wrong in (last, last.replace("::test_", "::test_no_such_"), last.partition("\t")[0], "pytest/hkp/test_none.py::test_x\twhy"):
        assert wrong in unknown_of_left_out(text + wrong + "\n")

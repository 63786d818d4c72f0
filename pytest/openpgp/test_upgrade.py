# SPDX-License-Identifier: GPL-2.0-or-later
"""Beside an hkp.so of before, which had openpgp.so in it."""

import itertools
import shutil
import subprocess

import pytest

from harness.earlier import EARLIER, earlier  # noqa: F401
from harness.tshark import TOP, Wireshark
from openpgp.craft import fingerprint
from openpgp.key_servers import key_answer


@pytest.mark.static
def test_earlier_files_are_listed():
    """packaging/earlier-files.tsv names what that commit made."""
    lines = (TOP / "packaging/earlier-files.tsv").read_text().splitlines()
    listed = {line.split("\t")[0] for line in lines if not line.startswith("#")}
    made = subprocess.run(["git", "-C", TOP, "ls-tree", "-r", "--name-only", EARLIER, "plugins/"], capture_output=True, text=True)
    if made.returncode != 0:
        pytest.skip(f"commit {EARLIER} is not in this repository's history")
    assert listed == {name.split("/")[1] + ".so" for name in made.stdout.splitlines() if name.count("/") == 2 and name.endswith("/CMakeLists.txt")}


def folder_of(path, series, *files):
    """A plugin folder with these files, copied in this order: (name, file)."""
    epan = path / series / "epan"
    epan.mkdir(parents=True)
    for name, file in files:
        shutil.copy(file, epan / name)
    for part in (path, path / series, epan):
        part.chmod(0o755)
    return path


def starts(ws, system, personal, capture):
    """What tshark says on stderr and shows, with these two plugin folders, each of which may be None."""
    w = Wireshark(ws.series, plugins=bool(personal), plugin_dir=personal, env={"WIRESHARK_PLUGIN_DIR": str(system)} if system else {})
    done = w.execute("tshark", "-n", "-r", capture, "-Y", "hkp || openpgp", "-T", "fields", "-e", "hkp.found", "-e", "openpgp.key.fingerprint")
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.decode().splitlines() if line.strip()]
    return lines, [tuple(line.replace("True", "1").split("\t")) for line in done.stdout.decode().splitlines()]


@pytest.mark.mixed
@pytest.mark.parametrize("split", ["one folder", "old for all users", "old for oneself"])
def test_upgrade_from_a_bundled_hkp(ws, tmp_path, earlier, split):
    """Whatever is left of before: Wireshark starts, the keys are shown once, and one line says what does nothing."""
    ident, capture = key_answer(ws, tmp_path)
    old, new = earlier(ws.series), ws.plugin_dir / ws.series / "epan"
    files = [("hkp.so", old / "hkp.so"), ("openpgp.so", new / "openpgp.so")]
    places = []
    if split == "one folder":       # in either order of loading, and with names that sort either way
        for number, order in enumerate(itertools.permutations(files)):
            places += [(None, folder_of(tmp_path / f"a{number}", ws.series, *order))]
        for number, name in enumerate(("aa.so", "zz.so")):
            places += [(None, folder_of(tmp_path / f"n{number}", ws.series, (name, old / "hkp.so"), files[1]))]
    else:
        whole = [("hkp.so", new / "hkp.so"), files[1]]
        for number, rest in enumerate((files[1:], whole)):
            before = folder_of(tmp_path / f"old{number}", ws.series, files[0])
            now = folder_of(tmp_path / f"new{number}", ws.series, *rest)
            places += [(before, now) if split == "old for all users" else (now, before)]
    for system, personal in places:
        lines, rows = starts(ws, system, personal, capture)
        assert [row for row in rows if row[0]] == [("1", fingerprint(ident))], (system, personal, rows)
        said = [line for line in lines if "openpgp.so does nothing" in line]
        assert len(said) <= 1 and all("openpgp" in line or "found in multiple" in line or "hkp" in line for line in lines), lines
        if split == "one folder":
            assert len(said) == 1 and len(lines) == 1, lines

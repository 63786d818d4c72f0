# SPDX-License-Identifier: GPL-2.0-or-later
"""packaging/release.sh: what it makes is the same in every folder, holds what it should, and installs itself."""

import gzip
import hashlib
import json
import os
import re
import subprocess
import tarfile
from pathlib import Path

import pytest

from harness.release import clone, release
from harness.tshark import BUILD, HOST_SERIES, SERIES, TOP, Wireshark, hiding_installed

pytestmark = pytest.mark.static
PLUGINS = {folder.parent.name for folder in TOP.glob("plugins/*/CMakeLists.txt")}
FEW = "arp-snap,discard"


def files_of(dist):
    return {file.name: file.read_bytes() for file in dist.iterdir()}


def unpacked(dist, series, folder):
    tarball, = dist.glob(f"gapfill-*-wireshark-{series}-linux-x86_64.tar.gz")
    with tarfile.open(tarball) as tar:
        tar.extractall(folder)
    top, = folder.iterdir()
    assert top.name == tarball.name.removesuffix(".tar.gz")
    return top


def test_two_folders_give_the_same_bytes(tmp_path, pytestconfig):
    """Of plugins that each kind of source goes into; of all plugins with --full."""
    chosen = [] if pytestconfig.getoption("--full") else ["--plugins", FEW]
    trees = clone(tmp_path / "a"), clone(tmp_path / "another folder, longer")
    for tree in trees:
        release(tree, "--wireshark", HOST_SERIES, *chosen)
    one, other = (files_of(tree / "dist") for tree in trees)
    assert one.keys() == other.keys() and len(one) >= 3
    assert [name for name in one if one[name] != other[name]] == []
    top = unpacked(trees[0] / "dist", HOST_SERIES, tmp_path / "unpacked")
    plugins = list(top.glob("lib/*/epan/*.so"))
    assert {so.stem for so in plugins} == (set(FEW.split(",")) if chosen else PLUGINS)
    for so in plugins:
        assert os.fsencode(tmp_path) not in so.read_bytes(), so
    ws = Wireshark(HOST_SERIES, plugin_dir=top / "lib")
    assert ws.plugins() >= {so.stem for so in plugins}


def test_sums_and_contents(dist):
    for line in (dist / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((dist / name).read_bytes()).hexdigest() == digest
    version = re.search(r"^project\(gapfill VERSION (\S+)", (TOP / "CMakeLists.txt").read_text(), re.M)[1]
    with tarfile.open(dist / f"gapfill-{version}.tar.gz") as tar:
        names = {name.removeprefix(f"gapfill-{version}/") for name in tar.getnames()}
    tracked = subprocess.run(["git", "-C", TOP, "ls-tree", "-r", "--name-only", "HEAD"], capture_output=True, text=True, check=True).stdout
    assert set(tracked.split("\n")) - {""} <= names


@pytest.mark.parametrize("series", SERIES)
def test_tarball_of_a_series(dist, tmp_path, series):
    tarball, = dist.glob(f"gapfill-*-wireshark-{series}-linux-x86_64.tar.gz")
    with tarfile.open(tarball) as tar:
        members = tar.getmembers()
    assert [m.name for m in members] == sorted((m.name for m in members), key=lambda name: name.split("/"))
    assert {(m.uid, m.gid, m.mtime) for m in members} == {(0, 0, members[0].mtime)}
    assert gzip.decompress(tarball.read_bytes()) and tarball.read_bytes()[4:8] == b"\0\0\0\0"   # no time in gzip's header
    top = unpacked(dist, series, tmp_path)
    assert {so.stem for so in (top / "lib" / series / "epan").iterdir()} == PLUGINS
    lines = (top / "INSTALL").read_text().splitlines()
    assert len(lines) == 2 and max(map(len, lines)) <= 80 and (top / "LICENSE").exists()


def documents_of_the_package(dist, folder):
    deb, = dist.glob("*deb12*.deb")
    subprocess.run(["dpkg-deb", "-x", deb, folder], check=True)
    return folder / "usr/share/doc/wireshark-gapfill"


@pytest.mark.parametrize("kind", ["tarball", "package"])
def test_links_of_the_documents_lead_somewhere(dist, tmp_path, kind):
    top = unpacked(dist, HOST_SERIES, tmp_path) if kind == "tarball" else documents_of_the_package(dist, tmp_path)
    pages = list(top.rglob("*.md"))
    assert len(pages) > len(PLUGINS)
    for page in pages:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.relative_to(top)}: {link}"


def test_wrong_arguments(tmp_path):
    tree = clone(tmp_path / "tree")
    for arguments, words in ((["--wireshark", "4.2"], "not one of 4.0, 4.4, 4.6"), (["--dist"], "wants a value"), (["--nonsense", "x"], "unknown option")):
        done = subprocess.run([tree / "packaging/release.sh", *arguments], capture_output=True, text=True)
        assert done.returncode == 1 and words in done.stderr and len(done.stderr.splitlines()) == 1
    assert not (tree / "dist").exists()


def test_what_a_user_has_built_stays(tmp_path):
    """The folder of README's `cmake --preset default`."""
    tree = clone(tmp_path / "tree")
    preset, = (one for one in json.loads((tree / "CMakePresets.json").read_text())["configurePresets"] if one["name"] == "default")
    made = Path(preset["binaryDir"].replace("${sourceDir}", str(tree))) / "cmake_install.cmake"
    made.parent.mkdir(parents=True)
    made.write_text("# what installs it\n")
    release(tree, "--wireshark", HOST_SERIES, "--plugins", "discard", "--built", BUILD)
    assert made.exists()


def git(tree, *command):
    run = ["git", "-C", tree, "-c", "user.name=A", "-c", "user.email=a@example.org", *command]
    return subprocess.run(run, capture_output=True, text=True, check=True).stdout


def test_tag_wants_a_changelog_with_the_version_and_a_date(tmp_path):
    tree = clone(tmp_path / "tree")
    git(tree, "config", "user.name", "A"), git(tree, "config", "user.email", "a@example.org")
    version = re.search(r"^project\(gapfill VERSION (\S+)", (tree / "CMakeLists.txt").read_text(), re.M)[1]
    changelog = re.sub(r"\n## .*?(?=\n## |\Z)", "", (tree / "CHANGELOG.md").read_text(), count=1, flags=re.S)

    def tagging(heading):
        (tree / "CHANGELOG.md").write_text(f"# Changelog\n\n## {heading}\n\n- New.\n\n{changelog.removeprefix('# Changelog')}")
        git(tree, "commit", "-qam", heading)
        return subprocess.run([tree / "packaging/release.sh", "--tag", "--plugins", "discard", "--wireshark", HOST_SERIES, "--built",
                               BUILD], capture_output=True, text=True)

    for heading in ("Unreleased", "9.9.9 (2026-11-29)", version):
        done = tagging(heading)
        assert done.returncode == 1 and f'begins with "{heading}"' in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr
    assert git(tree, "tag") == "" and not (tree / "dist").exists()
    done = tagging(f"{version} (2026-11-29)")
    assert done.returncode == 0, done.stderr
    assert git(tree, "rev-list", "-1", f"v{version}") == git(tree, "rev-parse", "HEAD") and (tree / "dist/SHA256SUMS").exists()
    done = tagging(f"{version} (2026-11-30)")
    assert done.returncode == 1 and "there is a tag" in done.stderr


# install-plugins.sh

def as_user(home, *command, path="/usr/bin:/bin", uid=1000, options=()):
    user = ["bwrap", "--bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-user", "--uid", str(uid), "--gid", str(uid),
            "--clearenv", "--setenv", "HOME", home, "--setenv", "PATH", path, "--setenv", "LC_ALL", "C.UTF-8", *hiding_installed(), *options]
    return subprocess.run([*map(str, user), *map(str, command)], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)


@pytest.fixture
def home(tmp_path):
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def program(folder, name, script):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def assert_one_clear_line(done, *words):
    lines = done.stderr.splitlines()
    assert done.returncode == 1 and len(lines) == 1 and lines[0].startswith("install-plugins.sh: "), done.stderr
    assert all(word in lines[0] for word in words), lines[0]


def test_installing_upgrading_and_removing(dist, tmp_path, home):
    top = unpacked(dist, HOST_SERIES, tmp_path / "unpacked")
    epan = home / ".local/lib/wireshark/plugins" / HOST_SERIES / "epan"
    epan.mkdir(parents=True)
    (epan / "hkp.so").write_text("of an earlier version")
    for _ in range(2):
        done = as_user(home, top / "install-plugins.sh")
        assert done.returncode == 0 and f"loaded by Wireshark {HOST_SERIES}" in done.stdout, done.stderr
        assert {so.name for so in epan.iterdir()} == {f"{name}.so" for name in PLUGINS}
        assert (epan / "hkp.so").read_bytes() == (top / "lib" / HOST_SERIES / "epan/hkp.so").read_bytes()
    profile = home / ".config/wireshark/profiles/Gapfill"
    assert {file.name for file in profile.iterdir()} >= {"colorfilters", "dfilter_buttons", "preferences"}
    (epan / "another.so").write_text("somebody else's")
    done = as_user(home, top / "install-plugins.sh", "--uninstall")
    assert done.returncode == 0 and done.stdout.count(".so") == len(PLUGINS)
    assert [so.name for so in epan.iterdir()] == ["another.so"]
    assert not profile.exists()
    assert as_user(home, top / "install-plugins.sh", "--uninstall").stdout.startswith("Nothing to remove")


@pytest.mark.parametrize("said, words", [
    ("TShark (Wireshark) 4.2.6 (Git v4.2.6).", ("4.2", "not supported", "4.0, 4.4, 4.6")),
    ("TShark (Wireshark) 4.6.0.", (f"are for Wireshark {HOST_SERIES}", "here is Wireshark 4.6", "download for 4.6")),
    ("nothing that is understood", ("unknown version",))])
def test_another_wireshark(dist, tmp_path, home, said, words):
    top = unpacked(dist, HOST_SERIES, tmp_path / "unpacked")
    program(tmp_path / "bin", "tshark", f"case $1 in --version) echo '{said}';; *) printf 'Personal Plugins:\\t{home}/p\\n';; esac")
    assert_one_clear_line(as_user(home, top / "install-plugins.sh", path=f"{tmp_path}/bin:/usr/bin:/bin"), *words)
    assert list(home.iterdir()) == []


def test_plugins_that_do_not_load_are_taken_back(dist, tmp_path, home):
    """As where a library is missing: told with what Wireshark says, and nothing is left."""
    top = unpacked(dist, HOST_SERIES, tmp_path / "unpacked")
    (top / "lib" / HOST_SERIES / "epan/hkp.so").write_text("not a library")
    assert_one_clear_line(as_user(home, top / "install-plugins.sh"), "does not load hkp.so", "file too short")
    assert list(home.rglob("*.so*")) == []


def test_another_processor(dist, tmp_path, home):
    top = unpacked(dist, HOST_SERIES, tmp_path / "unpacked")
    program(tmp_path / "bin", "uname", "case $1 in -s) echo Linux;; *) echo aarch64;; esac")
    assert_one_clear_line(as_user(home, top / "install-plugins.sh", path=f"{tmp_path}/bin:/usr/bin:/bin"), "Linux x86_64", "Linux aarch64")


def test_without_any_wireshark(dist, tmp_path, home):
    top = unpacked(dist, HOST_SERIES, tmp_path / "unpacked")
    for name in ("bash", "env", "dirname", "basename", "id", "sed"):
        (tmp_path / "bin").mkdir(exist_ok=True)
        (tmp_path / "bin" / name).symlink_to(f"/usr/bin/{name}")
    assert_one_clear_line(as_user(home, top / "install-plugins.sh", path=tmp_path / "bin"), "there is no Wireshark here")


def test_the_window_without_tshark(dist, tmp_path, home):
    """Debian's package wireshark can be there without tshark: its version decides, and that nothing is proved is said."""
    top = unpacked(dist, HOST_SERIES, tmp_path / "unpacked")
    program(tmp_path / "bin", "wireshark", f"echo 'Wireshark {HOST_SERIES}.9 (Git v{HOST_SERIES}.9).'")
    for name in ("bash", "env", "sh", "dirname", "basename", "id", "sed", "awk", "sort", "getent", "grep", "paste", "mkdir", "mv", "rm", "ln",
                 "install", "comm", "cat", "mktemp", "uname", "df", "find", "ls", "cmp", "tee", "sha256sum"):
        (tmp_path / "bin" / name).symlink_to(f"/usr/bin/{name}")
    done = as_user(home, top / "install-plugins.sh", path=tmp_path / "bin")
    assert done.returncode == 0 and "no tshark to prove" in done.stdout, done.stderr
    assert {so.stem for so in (home / ".local/lib/wireshark/plugins" / HOST_SERIES / "epan").iterdir()} == PLUGINS

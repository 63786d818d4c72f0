# SPDX-License-Identifier: GPL-2.0-or-later
"""install.sh: what it does twice is done once, and what it cannot do it says in one line, leaving nothing behind."""

import fcntl
import os
import subprocess

import pytest

from gapfill_tshark import HOST_SERIES, TOP

pytestmark = pytest.mark.static
PLUGINS = {folder.parent.name for folder in TOP.glob("plugins/*/CMakeLists.txt")}


def as_user(home, *args, path="/usr/bin:/bin"):
    """install.sh, run by an ordinary user with this home."""
    user = ["bwrap", "--bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-user", "--uid", "1000", "--gid", "1000",
            "--clearenv", "--setenv", "HOME", str(home), "--setenv", "PATH", path, "--setenv", "LC_ALL", "C.UTF-8"]
    with open(TOP / "build" / "install.lock", "w") as lock:     # all build in one folder
        fcntl.flock(lock, fcntl.LOCK_EX)
        return subprocess.run([*user, str(TOP / "install.sh"), *map(str, args)], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=600)


def assert_one_clear_line(done, *words):
    assert done.returncode != 0
    lines = done.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("install.sh: "), done.stderr
    assert all(word in lines[0] for word in words), lines[0]


@pytest.fixture
def folders(tmp_path):
    """A home, and a folder in front of PATH."""
    (tmp_path / "home").mkdir()
    (tmp_path / "bin").mkdir()
    return tmp_path / "home", tmp_path / "bin"


def test_personal_installation_and_its_removal(folders):
    home, _ = folders
    target = home / ".local/lib/wireshark/plugins" / HOST_SERIES / "epan"
    for _ in range(2):
        done = as_user(home, "--personal", "--no-demo")
        assert done.returncode == 0, done.stderr
        assert f"loaded by Wireshark {HOST_SERIES}" in done.stdout
        assert {so.name for so in target.iterdir()} == {f"{name}.so" for name in PLUGINS}
    assert as_user(home, "--uninstall").stdout.count(".so") == len(PLUGINS)
    assert list(target.iterdir()) == []
    done = as_user(home, "--uninstall")
    assert done.returncode == 0 and "Nothing to remove" in done.stdout


def test_unsupported_wireshark(folders):
    home, programs = folders
    (programs / "tshark").write_text("#!/bin/sh\necho 'TShark (Wireshark) 3.6.2.'\n")
    (programs / "tshark").chmod(0o755)
    assert_one_clear_line(as_user(home, path=f"{programs}:/usr/bin:/bin"), "3.6", "not supported")
    assert list(home.iterdir()) == []


def test_folder_that_cannot_be_written(folders):
    home, _ = folders
    (home / ".local").write_text("a file in the way")
    assert_one_clear_line(as_user(home, "--personal"), "cannot be written")
    assert os.listdir(home) == [".local"]


def test_plugin_that_does_not_build(folders):
    home, programs = folders
    (programs / "cmake").write_text("#!/bin/sh\necho 'packet.h: fatal error: epan/packet.h: No such file' >&2\nexit 1\n")
    (programs / "cmake").chmod(0o755)
    assert_one_clear_line(as_user(home, "--personal", path=f"{programs}:/usr/bin:/bin"), "fatal error: epan/packet.h")
    assert not list(home.rglob("*.so"))


def test_missing_package_that_may_not_be_installed(folders):
    home, programs = folders
    (programs / "dpkg-query").write_text("#!/bin/sh\nexit 1\n")
    (programs / "sudo").write_text("#!/bin/sh\nexit 1\n")
    for program in programs.iterdir():
        program.chmod(0o755)
    assert_one_clear_line(as_user(home, "--personal", path=f"{programs}:/usr/bin:/bin"), "apt-get install", "wireshark-dev")


def test_wrong_arguments(folders):
    home, _ = folders
    assert_one_clear_line(as_user(home, "--sistem"), "unknown option --sistem")
    assert_one_clear_line(as_user(home, "--system", "--personal"), "exclude each other")
    assert_one_clear_line(as_user(home, "/nonexistent.pcap"), "/nonexistent.pcap")


def test_each_plugin_has_a_demonstration():
    """What is shown at the end comes from each plugin's demo.tsv."""
    assert {path.parent.name for path in TOP.glob("plugins/*/demo.tsv")} == PLUGINS

# SPDX-License-Identifier: GPL-2.0-or-later
"""install.sh: what it does twice is done once, and what it cannot do it says in one line, leaving nothing behind."""

import fcntl
import os
import signal
import subprocess

import pytest

from gapfill_tshark import HOST_SERIES, TOP, Wireshark

pytestmark = pytest.mark.static
PLUGINS = {folder.parent.name for folder in TOP.glob("plugins/*/CMakeLists.txt")}


def as_user(home, *args, path="/usr/bin:/bin"):
    """install.sh, run by an ordinary user with this home."""
    user = ["bwrap", "--bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-user", "--uid", "1000", "--gid", "1000",
            "--clearenv", "--setenv", "HOME", str(home), "--setenv", "PATH", path, "--setenv", "LC_ALL", "C.UTF-8"]
    with open(TOP / "build" / "install.lock", "w") as lock:     # all build in one folder
        fcntl.flock(lock, fcntl.LOCK_EX)
        return subprocess.run([*user, str(TOP / "install.sh"), *map(str, args)], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=600, preexec_fn=_with_hangups)


def _with_hangups():
    """Under nohup, hangups would be ignored for good."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


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


@pytest.fixture
def upgrade(folders):
    """A home with older plugins, and a cmake that finds the new ones built already; runs install.sh with a program spoilt."""
    home, programs = folders
    target = home / ".local/lib/wireshark/plugins" / HOST_SERIES / "epan"
    target.mkdir(parents=True)
    for name in PLUGINS - {"hkp"}:
        (target / f"{name}.so").write_text(f"old {name}")
    before = {so.name: so.read_text() for so in target.iterdir()}

    def run(program, script):
        (programs / program).write_text(f"#!/bin/sh\n{script}\nexec /usr/bin/{program} \"$@\"\n")
        (programs / program).chmod(0o755)
        done = as_user(home, "--personal", path=f"{programs}:/usr/bin:/bin")
        assert {so.name: so.read_bytes() for so in target.iterdir()} == {name: text.encode() for name, text in before.items()}
        return done
    return run


@pytest.mark.parametrize("program, file", [("install", "*/.ldp-extras.so.new"), ("mv", "*/.hkp.so.new"),
                                                ("mv", "*/.whole-session.so.new")])
def test_a_copy_that_fails_leaves_the_old_plugins(upgrade, program, file):
    script = f'for word; do case $word in {file}) echo "no space left" >&2; exit 1;; esac; done'
    assert_one_clear_line(upgrade(program, script), "cannot be written", "nothing is changed")


@pytest.mark.parametrize("sent, status", [("TERM", 143), ("HUP", 129)])
@pytest.mark.parametrize("program, file", [("install", "*/.hkp.so.new"), ("mv", "*/.hkp.so.new")])
def test_an_interrupted_installation_leaves_the_old_plugins(upgrade, program, file, sent, status):
    script = f"for word; do case $word in {file}) kill -{sent} $PPID;; esac; done"
    assert upgrade(program, script).returncode == status


def test_plugins_that_are_not_loaded_are_taken_back(upgrade):
    done = upgrade("tshark", 'case "$*" in *plugins*) echo "hkp.so: undefined symbol" >&2; exit 0;; esac')
    assert_one_clear_line(done, "does not load acme.so")


def test_a_wireshark_that_apt_would_bring_is_looked_at_first(folders):
    home, programs = folders
    (programs / "apt-cache").write_text("#!/bin/sh\nprintf 'tshark:\\n  Installed: (none)\\n  Candidate: 3.4.16-0+deb11u1\\n'\n")
    (programs / "apt-get").write_text(f"#!/bin/sh\ntouch {home}/asked\n")
    for program in programs.iterdir():
        program.chmod(0o755)
    for name in ("bash", "sh", "sed", "dirname", "basename", "id", "env"):
        (programs / name).symlink_to(f"/usr/bin/{name}")
    assert_one_clear_line(as_user(home, path=str(programs)), "3.4 is not supported")
    assert list(home.iterdir()) == []


def test_removal_where_wireshark_is_gone_already(folders):
    home, programs = folders
    so = home / ".local/lib/wireshark/plugins/4.4/epan/hkp.so"
    so.parent.mkdir(parents=True)
    so.touch()
    for name in ("bash", "dirname", "basename", "id", "rm", "find", "env"):
        (programs / name).symlink_to(f"/usr/bin/{name}")
    assert as_user(home, "--uninstall", path=str(programs)).stdout == f"Removed:\n  {so}\n"
    assert as_user(home, "--uninstall", path=str(programs)).stdout.startswith("Nothing to remove")


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


def test_a_demonstration_goes_on_after_an_unreadable_capture(captures, tmp_path):
    ws = Wireshark(HOST_SERIES)
    (tmp_path / "broken.pcap").write_text("this is not a capture")
    cut = tmp_path / "cut short.pcap"
    cut.write_bytes((captures / "small-services/small-services.pcap").read_bytes()[:-1])
    done = ws.execute("env", "/usr/bin/python3", TOP / "packaging/demo.py", tmp_path / "broken.pcap", cut)
    out = done.stdout.decode()
    assert done.returncode == 1 and "tshark cannot show" in out, out
    # What is shown is a command that can be copied.
    assert f"$ tshark -2 -r '{cut}' -Y 'discard'" in out


def test_each_plugin_has_a_demonstration():
    """What is shown at the end comes from each plugin's demo.tsv."""
    assert {path.parent.name for path in TOP.glob("plugins/*/demo.tsv")} == PLUGINS

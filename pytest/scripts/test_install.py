# SPDX-License-Identifier: GPL-2.0-or-later
"""install.sh: what it does twice is done once, and what it cannot do it says in one line, leaving nothing behind."""

import fcntl
import os
import re
import shlex
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from harness.earlier import earlier  # noqa: F401
from harness.tshark import BUILD, HOST_SERIES, TOP, Wireshark, hiding_installed

pytestmark = pytest.mark.static
PLUGINS = {folder.parent.name for folder in TOP.glob("plugins/*/CMakeLists.txt")}


# test.sh has it keep what it compiled.
_CCACHE = [word for name, value in os.environ.items() if name.startswith("CCACHE_") or name == "CMAKE_C_COMPILER_LAUNCHER" for word in ("--setenv", name, value)]


def sandbox(home, *options, path="/usr/bin:/bin", uid=1000):
    """What leads a command that is to be run by this user with this home."""
    return ["bwrap", "--bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-user", "--uid", str(uid), "--gid", str(uid),
            "--clearenv", "--setenv", "HOME", str(home), "--setenv", "PATH", path, "--setenv", "LC_ALL", "C.UTF-8", *_CCACHE, *hiding_installed(),
            *map(str, options)]


def _prepare():
    """Warnings are errors as in test.sh's build: what that has compiled alike need not be compiled again."""
    folder = TOP / f"build/install-{HOST_SERIES}"
    if _CCACHE and not (folder / "CMakeCache.txt").exists():
        subprocess.run(["cmake", "-G", "Ninja", "-S", TOP, "-B", folder, "-DGAPFILL_WERROR=ON", "-DGAPFILL_PLUGINS=all"], capture_output=True, check=True)


def as_user(home, *args, path="/usr/bin:/bin", options=(), uid=1000):
    """install.sh, run by an ordinary user with this home."""
    user = sandbox(home, *options, path=path, uid=uid)
    with open(TOP / "build" / "install.lock", "w") as lock:     # all build in one folder
        fcntl.flock(lock, fcntl.LOCK_EX)
        _prepare()
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
    before_upgrade = home / ".local/lib/wireshark/plugins/3.6/epan/hkp.so"
    before_upgrade.parent.mkdir(parents=True)
    before_upgrade.touch()
    for _ in range(2):
        done = as_user(home, "--personal", "--no-demo")
        assert done.returncode == 0, done.stderr
        assert f"loaded by Wireshark {HOST_SERIES}" in done.stdout
        assert {so.name for so in target.iterdir()} == {f"{name}.so" for name in PLUGINS}
        assert f"{before_upgrade.parent} are for Wireshark 3.6 alone; if it is gone: rm {before_upgrade}\n" in done.stdout
    assert as_user(home, "--uninstall").stdout.count(".so") == len(PLUGINS) + 1
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


# Installed elsewhere already

def personal_folder(home, series=HOST_SERIES):
    return home / ".local/lib/wireshark/plugins" / series


def global_folder():
    told = subprocess.run(["/usr/bin/tshark", "-G", "folders"], capture_output=True, text=True).stdout
    return Path(re.search(r"^Global Plugins:\s*(.*)$", told, re.M)[1])


def put_by_hand(folder, *names):
    """Plugins of the bundle, built for the tests, in a folder."""
    folder.mkdir(parents=True)
    for name in names:
        shutil.copy(BUILD / HOST_SERIES / "plugins" / HOST_SERIES / "epan" / f"{name}.so", folder)
    return folder


def complaints(home, options):
    command = [*sandbox(home, *options), "tshark", "-G", "plugins"]
    return re.findall(r"'(.*)' was found in multiple directories", subprocess.run(command, capture_output=True, text=True).stderr)


def follow(home, done, options):
    """Does what install.sh says is to be done first, and returns it."""
    remedy = done.stderr.strip().partition("; first: ")[2]
    assert remedy.startswith(("rm ", "sudo rm ")), done.stderr
    subprocess.run([*sandbox(home, *options, uid=0), "bash", "-c", remedy.replace("sudo ", "")], check=True)
    return remedy


def test_personal_after_system(folders, tmp_path):
    home, _ = folders
    epan = put_by_hand(tmp_path / "epan", "hkp", "acme")
    options = ["--bind", epan, global_folder() / "epan"]
    done = as_user(home, "--personal", "--no-demo", options=options)
    assert_one_clear_line(done, f"{global_folder()}/epan already", "find them twice")
    assert list(home.iterdir()) == []
    follow(home, done, options)
    assert list(epan.iterdir()) == []
    assert as_user(home, "--personal", "--no-demo", options=options).returncode == 0
    assert complaints(home, options) == []
    put_by_hand(tmp_path / "again", "hkp")
    assert complaints(home, ["--bind", tmp_path / "again", global_folder() / "epan"]) == ["hkp.so"]


def test_system_after_personal(folders, tmp_path):
    """Also of another user: for whom Wireshark would complain, though not for root."""
    home, programs = folders
    alice = put_by_hand(personal_folder(tmp_path / "alice's home") / "epan", "hkp", "acme", "discard")
    (tmp_path / "epan").mkdir()
    (programs / "getent").write_text(f"#!/bin/sh\necho 'root:x:0:0::{home}:/bin/sh'\necho \"alice:x:1001:1001::{tmp_path}/alice's home:/bin/sh\"\n")
    (programs / "getent").chmod(0o755)
    put_by_hand(personal_folder(home) / "epan", "hkp")      # root's own are never read
    options = ["--bind", tmp_path / "epan", global_folder() / "epan"]
    done = as_user(home, "--system", "--no-demo", options=options, path=f"{programs}:/usr/bin:/bin", uid=0)
    assert_one_clear_line(done, "alice's home/", "find them twice")
    assert "{acme,discard,hkp}.so" in follow(home, done, options)
    assert list(alice.iterdir()) == [] == list((tmp_path / "epan").iterdir())
    (programs / "cmake").write_text("#!/bin/sh\necho 'error: this is as far as it should come' >&2\nexit 1\n")
    (programs / "cmake").chmod(0o755)
    done = as_user(home, "--system", "--no-demo", options=options, path=f"{programs}:/usr/bin:/bin", uid=0)
    assert_one_clear_line(done, "this is as far as it should come")


@pytest.mark.parametrize("kind", ["wiretap", "codecs"])
def test_put_by_hand_into_another_folder_that_wireshark_reads(folders, kind):
    home, _ = folders
    folder = put_by_hand(personal_folder(home) / kind, "discard")
    done = as_user(home, "--personal", "--no-demo")
    assert_one_clear_line(done, f"{folder} already", f"first: rm {folder}/discard.so")


def test_a_folder_of_ones_own_in_the_environment(folders, tmp_path):
    home, _ = folders
    put_by_hand(tmp_path / "mine" / HOST_SERIES / "epan", "hkp")
    options = ["--setenv", "WIRESHARK_PLUGIN_DIR", tmp_path / "mine"]
    assert_one_clear_line(as_user(home, "--personal", "--no-demo", options=options), f"first: rm {tmp_path}/mine/{HOST_SERIES}/epan/hkp.so")


# Beside an earlier version


@pytest.mark.parametrize("scope", ["personal", "system"])
def test_upgrade_from_an_earlier_version(folders, tmp_path, earlier, scope):
    """Its hkp.so, which had OpenPGP in it, is replaced, and Wireshark has nothing to complain of."""
    home, _ = folders
    epan = personal_folder(home) / "epan" if scope == "personal" else tmp_path / "epan"
    epan.mkdir(parents=True)
    shutil.copy(earlier(HOST_SERIES) / "hkp.so", epan)
    options = [] if scope == "personal" else ["--bind", epan, global_folder() / "epan"]
    uid = 1000 if scope == "personal" else 0
    assert not openpgp_is_apart(home, options, uid)
    done = as_user(home, f"--{scope}", "--no-demo", options=options, uid=uid)
    assert done.returncode == 0, done.stderr
    assert {so.name for so in epan.iterdir()} == {f"{name}.so" for name in PLUGINS} and openpgp_is_apart(home, options, uid)


def openpgp_is_apart(home, options, uid):
    """Whether tshark starts without a word, with openpgp.so."""
    done = subprocess.run([*sandbox(home, *options, uid=uid), "tshark", "-G", "plugins"], capture_output=True, text=True)
    # Of root, and of a user whom this machine does not know, a program of Wireshark's has something to say.
    said = [line for line in done.stderr.splitlines() if not line.startswith("Running as user") and "getpwuid_r(): failed" not in line]
    return said == [] and "openpgp.so" in done.stdout


@pytest.mark.parametrize("scope", ["personal", "system"])
def test_earlier_version_in_the_other_folder(folders, tmp_path, earlier, scope):
    """Named, with the command that removes it; nothing is installed before that."""
    home, programs = folders
    (programs / "getent").write_text(f"#!/bin/sh\necho 'alice:x:1000:1000::{home}:/bin/sh'\n")
    (programs / "getent").chmod(0o755)
    old, new = (tmp_path / "epan", personal_folder(home) / "epan") if scope == "personal" else (personal_folder(home) / "epan", tmp_path / "epan")
    for folder in (old, *([new] if scope == "system" else [])):
        folder.mkdir(parents=True)
    shutil.copy(earlier(HOST_SERIES) / "hkp.so", old)
    run = {"options": ["--bind", tmp_path / "epan", global_folder() / "epan"], "uid": 1000 if scope == "personal" else 0}
    done = as_user(home, f"--{scope}", "--no-demo", path=f"{programs}:/usr/bin:/bin", **run)
    assert_one_clear_line(done, "already, and Wireshark would find them twice; first: ", "hkp.so")
    assert not new.exists() or list(new.iterdir()) == []
    follow(home, done, run["options"])
    assert as_user(home, f"--{scope}", "--no-demo", **run).returncode == 0
    assert openpgp_is_apart(home, **run)


def test_a_file_that_today_has_none_of_is_removed(folders, tmp_path):
    home, _ = folders
    epan = put_by_hand(personal_folder(home) / "epan", "hkp", "acme")
    (epan / "acme.so").rename(epan / "formerly.so")
    listed = tmp_path / "earlier-files.tsv"
    listed.write_text((TOP / "packaging/earlier-files.tsv").read_text() + "formerly.so\t0.0.9\treplaced\n")
    done = as_user(home, "--personal", "--no-demo", options=["--ro-bind", listed, TOP / "packaging/earlier-files.tsv"])
    assert done.returncode == 0 and "Removed, of an earlier version: formerly.so" in done.stdout, done.stderr
    assert {so.name for so in epan.iterdir()} == {f"{name}.so" for name in PLUGINS}


def test_after_an_upgrade_the_demonstration_says_to_install_again(folders):
    home, _ = folders
    put_by_hand(personal_folder(home, "3.6") / "epan", "hkp")
    done = subprocess.run([*sandbox(home), "python3", TOP / "packaging/demo.py"], capture_output=True, text=True)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr == (f"Wireshark {HOST_SERIES} has none of the plugins: those in {personal_folder(home, '3.6')}/epan are for Wireshark 3.6; "
                           "run ./install.sh again.\n")


def test_a_full_disk(folders):
    home, _ = folders
    done = as_user(home, "--personal", "--no-demo", options=["--size", "400000", "--tmpfs", home])
    assert_one_clear_line(done, "the disk is full", "nothing is changed")


def test_wrong_arguments(folders):
    home, _ = folders
    assert_one_clear_line(as_user(home, "--sistem"), "unknown option --sistem")
    assert_one_clear_line(as_user(home, "--system", "--personal"), "exclude each other")
    assert_one_clear_line(as_user(home, "/nonexistent.pcap"), "/nonexistent.pcap")


def test_a_demonstration_goes_on_after_an_unreadable_capture(captures, tmp_path):
    (tmp_path / "broken.pcap").write_text("this is not a capture")
    cut = tmp_path / "cut short.pcap"
    cut.write_bytes((captures / "small-services/small-services.pcap").read_bytes()[:-1])
    done = demonstrated(tmp_path / "broken.pcap", cut)
    out = done.stdout.decode()
    assert done.returncode == 1 and "tshark cannot show" in out, out
    assert re.search(rf"\$ tshark -2 -n[ \\\n]+-r '{re.escape(str(cut))}'[ \\\n]+-Y discard", out), out


def test_root_too_is_shown_what_wireshark_says_alone(folders, tmp_path):
    """Wireshark heeds no WIRESHARK_PLUGIN_DIR of root's."""
    home, programs = folders
    epan = put_by_hand(tmp_path / "epan", *PLUGINS)
    root = [*sandbox(home, "--bind", epan, global_folder() / "epan", path=f"{programs}:/usr/bin:/bin", uid=0)]
    capture = TOP / "test-captures/arp-snap/arp-snap.pcap"

    def said():
        done = subprocess.run([*root, "python3", TOP / "packaging/demo.py", capture], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        before, after = done.stdout.split("arp-snap: ")[1].split("With the plugin:")
        assert "ARP-SNAP Who has" in after, done.stdout
        return before

    before = said()
    assert re.search(r"LLC|ARP Who has", before) and "ARP-SNAP" not in before, before
    (programs / "unshare").write_text("#!/bin/sh\nexit 1\n")
    (programs / "unshare").chmod(0o755)
    assert "(cannot be asked by root here)" in said()


def demonstrated(*arguments):
    """What the demonstration prints on 80 columns."""
    ws = Wireshark(HOST_SERIES, env={"COLUMNS": "80"})
    return ws.execute("env", "/usr/bin/python3", TOP / "packaging/demo.py", *arguments, cwd=TOP)


def test_what_is_demonstrated_is_what_its_commands_print():
    """Each command, as a shell takes it, prints the lines below it, cut off at 80 columns; alone, Wireshark says something else."""
    done = demonstrated()
    assert done.returncode == 0, done.stdout
    shown = {}
    for part in re.findall(r"^([a-z-]+): .*\n((?:  .*\n)+)", done.stdout.decode(), re.M):
        shown[part[0]] = re.fullmatch(r"  Wireshark alone.*:\n((?:.*\n)+)  With the plugin:\n  \$ ((?:.* \\\n)*.*)\n((?:.*\n)+)", part[1]).groups()
    assert shown.keys() == PLUGINS
    ws = Wireshark(HOST_SERIES)
    for name, (alone, command, printed) in shown.items():
        rows = [line for line in printed.splitlines() if not line.startswith("  \u2026")]
        words = shlex.split(command.replace("\\\n", ""))
        assert words[0] == "tshark" and alone.splitlines()[:len(rows)] != rows, name
        lines = ws.execute(*words, cwd=TOP).stdout.decode().splitlines()[:len(rows)]
        for row, line in zip(rows, lines, strict=True):
            assert len(row) <= 80 and ("  " + line.expandtabs().rstrip()).startswith(row.removesuffix("\u2026")), (name, row, line)


def test_keys_for_captures_that_are_demonstrated(captures):
    tls = captures / "acme-api/certbot.pcap"
    without, with_keys = (demonstrated(*keys, tls).stdout.decode() for keys in ((), ("--keys", tls.with_suffix(".keys"))))
    assert "authority" not in without and "tls.keylog_file:" in with_keys and with_keys.count("\nacme: ") == 1
    assert len(with_keys) > len(without)


def test_a_failed_demonstration_has_a_status_of_its_own(folders, tmp_path):
    home, _ = folders
    (tmp_path / "broken.pcap").write_text("this is not a capture")
    done = as_user(home, "--personal", tmp_path / "broken.pcap")
    assert done.returncode == 3 and done.stdout.endswith("All is installed; only the demonstration failed.\n"), done.stdout
    assert_one_clear_line(as_user(home, "--personal", "--keys", "/nonexistent.log"), "/nonexistent.log")


def test_each_plugin_has_a_demonstration():
    """What is shown at the end comes from each plugin's demo.tsv."""
    assert {path.parent.name for path in TOP.glob("plugins/*/demo.tsv")} == PLUGINS

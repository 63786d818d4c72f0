# SPDX-License-Identifier: GPL-2.0-or-later
"""test.sh: the command lines that it makes are those that pytest takes, and what goes wrong shows in its exit status.

It runs on a copy that builds nothing; pytest only collects two of its files. What apt and the network answer is acted,
but for a namespace that has no network.
"""

import functools
import http.server
import os
import re
import shutil
import subprocess
import tarfile
import threading

import pytest

from harness.tshark import HOST_SERIES, SERIES, TOP

pytestmark = [pytest.mark.static, pytest.mark.skipif(HOST_SERIES is None, reason="no Wireshark is installed on the host")]
OTHER = [series for series in SERIES if series != HOST_SERIES]


def stub(program, script):
    program.unlink(missing_ok=True)
    program.write_text(f"#!/bin/bash\n{script}\n")
    program.chmod(0o755)


@pytest.fixture
def script(tmp_path):
    """Runs test.sh; returns its exit status, and what it prints in each of pytest's runs."""
    tree, programs = tmp_path / "tree", tmp_path / "programs"
    for folder in (tree / "packaging", programs):
        folder.mkdir(parents=True)
    (tree / "test.sh").symlink_to(TOP / "test.sh")
    for name in ("pytest.ini", "conftest.py", *(f"harness/{n}.py" for n in ("__init__", "tshark", "preforked", "craft", "earlier", "test_harness")),
                 "harness/prefork.c", "scripts/__init__.py", "scripts/test_install.py"):
        (tree / "pytest" / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / "pytest" / name).symlink_to(TOP / "pytest" / name)
    for name in ("packages.sh", "private-apt.sh", "say.sh"):
        (tree / "packaging" / name).symlink_to(TOP / "packaging" / name)
    for series in SERIES:
        (tree / "build" / series / "plugins" / series / "epan").mkdir(parents=True)
        (tree / "build/roots" / series / "usr/lib").mkdir(parents=True)
        (tree / "build/roots" / series / "usr/lib/WiresharkConfig.cmake").touch()
    for program in (programs / "cmake", programs / "ninja", *(tree / "packaging" / n for n in ("wireshark-root.sh", "wireshark-tools.sh"))):
        stub(program, f"echo ${{0##*/}} $* >>{tmp_path}/calls")

    def run(*args, status=0, leader=()):
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "GAPFILL"))}
        environment |= {"PATH": f"{programs}:/usr/bin:/bin", "PYTEST_ADDOPTS": "--collect-only -p no:cacheprovider", "GAPFILL_JOBS": "0"}
        (tmp_path / "calls").write_text("")
        done = subprocess.run([*leader, "bash", tree / "test.sh", *args], cwd=tmp_path, env=environment, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=120)
        assert done.returncode == status, done.stdout[-3000:] + done.stderr
        run.calls = (tmp_path / "calls").read_text()
        return done.stdout if status == 0 else done.stderr
    run.programs = programs
    run.packaging = tree / "packaging"
    run.tree = tree
    return run


def collected(out):
    """The series that tests are named after, and how many of test_each_series_runs_with_its_plugins there are."""
    return set(re.findall(r"\[wireshark-([\d.]+)[\]-]", out)), out.count("test_each_series_runs_with_its_plugins")


def test_everything_runs_on_all_series_and_under_sanitizers(script):
    out = script()
    assert collected(out) == (set(SERIES), 3) and "test_wrong_arguments" in out
    assert script.calls.count("-DGAPFILL_SANITIZE=ON") == 1 and script.calls.count("-DCMAKE_SYSROOT=") == 2
    assert f"Built for Wireshark {HOST_SERIES} under ASan and UBSan" in out


@pytest.mark.parametrize("spelling", (["--wireshark", OTHER[0]], [f"--wireshark={OTHER[0]}"]), ids=" ".join)
def test_another_series_alone(script, spelling):
    out = script(*spelling)
    assert collected(out) == ({OTHER[0]}, 1) and "No plugins under sanitizers" in out and "SANITIZE" not in script.calls


def test_pytest_arguments_reach_pytest(script):
    assert collected(script("--wireshark", HOST_SERIES, "-k", "each_series_runs", "--durations=3")) == ({HOST_SERIES}, 1)
    assert "-DGAPFILL_SANITIZE=ON" in script.calls
    assert "test_wrong_arguments" in script("--wireshark", HOST_SERIES, "-k", "test_wrong_arguments")    # for which no sanitizer is needed
    assert "SANITIZE" not in script.calls


def test_a_test_file_alone(script):
    file = TOP / "pytest/harness/test_harness.py"
    out = script("--wireshark", HOST_SERIES, file)
    assert collected(out) == ({HOST_SERIES}, 1) and "test_wrong_arguments" not in out
    out = script("--wireshark", HOST_SERIES, f"{file}::test_statistics")
    assert "test_statistics" in out and collected(out)[1] == 0
    assert "test_statistics" in script("--wireshark", HOST_SERIES, "pytest/harness")


def test_what_goes_wrong_shows_in_the_exit_status(script):
    assert "3.6: not one of" in script("--wireshark", "3.6", status=1)
    assert "--wireshark wants" in script("--wireshark", status=1)
    script("--no-such-option", status=1)
    assert "leave no test over" in script("--wireshark", HOST_SERIES, "-k", "mistyped", status=1)
    (script.programs / "ninja").write_text("#!/bin/sh\ncase $* in *sanitize*) echo 'x.c: error: planted' >&2; exit 1;; esac\n")
    assert "x.c: error: planted" in script("--wireshark", HOST_SERIES, "-k", "each_series_runs", status=1)
    stub(script.packaging / "wireshark-root.sh", "echo wireshark-root.sh: planted >&2; exit 1")
    assert script("--wireshark", OTHER[0], status=1) == "wireshark-root.sh: planted\n"


# What a chosen test needs

def test_one_file_for_one_series_fetches_nothing(script):
    script("--wireshark", HOST_SERIES, TOP / "pytest/harness/test_harness.py")
    assert "wireshark-" not in script.calls and "roots" not in script.calls


def test_only_the_series_of_the_chosen_tests_are_fetched_and_built(script):
    script("-k", f"test_statistics and {OTHER[0]}")
    assert script.calls.count("wireshark-root.sh") == 1 and f"wireshark-root.sh {OTHER[0]}" in script.calls
    assert "SANITIZE" not in script.calls and f"-B build/{OTHER[1]} " not in script.calls
    script(TOP / "pytest/scripts/test_install.py")      # which is about scripts
    assert "wireshark-" not in script.calls and "-DGAPFILL_SANITIZE" not in script.calls


def test_without_any_source_the_checkers_fail_by_name_and_all_others_run(script):
    for name in ("conftest.py", "harness/tshark.py", "house/__init__.py", "house/test_checkers.py"):
        (script.tree / "pytest" / name).parent.mkdir(exist_ok=True)
        (script.tree / "pytest" / name).unlink(missing_ok=True)
        shutil.copy(TOP / "pytest" / name, script.tree / "pytest" / name)
    (script.tree / "pytest/test_other.py").write_text("import pytest\n@pytest.mark.static\ndef test_other(): pass\n")
    stub(script.packaging / "wireshark-tools.sh", "echo wireshark-tools.sh: no network: planted >&2; exit 1")
    done = subprocess.run(["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", "house/test_checkers.py", "test_other.py"],
                          cwd=script.tree / "pytest", env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True)
    names = re.findall(r"^_+ (\w+)\[([\w-]+)\] _+\nwireshark-tools.sh: no network: planted$", done.stdout, re.M)
    assert len(names) == 16 and len({check for _, check in names}) == 8 and "16 failed, 1 passed" in done.stdout, done.stdout


# Packages

UNREACHABLE = "Temporary failure resolving 'archive.example'"
NO_INDEX = f"Ign:1 http://archive.example x InRelease\nErr:1 http://archive.example x InRelease\n  {UNREACHABLE}\n" \
           f"W: Failed to fetch http://archive.example/dists/x/InRelease  {UNREACHABLE}"
REACHED = "Hit:1 http://archive.example x InRelease"
THIRD = f"{REACHED}\nErr:2 http://third.example x Release\n  404  Not Found [IP: 192.0.2.1 80]\n" \
        "E: The repository 'http://third.example x Release' does not have a Release file."
UNKNOWN = "E: Unable to locate package valgrind"
GONE = "Err:1 http://archive.example x/main valgrind\n  404  Not Found [IP: 192.0.2.1 80]\n" \
       "E: Failed to fetch http://archive.example/valgrind.deb  404  Not Found [IP: 192.0.2.1 80]\n" \
       "E: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?"
FULL = "E: You don't have enough free space in /var/cache/apt/archives/."


@pytest.fixture
def apt(script, tmp_path):
    """Lets valgrind be missing and apt-get answer: the first installation, the update, the second one."""
    def run(first, update, second, status=0, leader=()):
        answers = {"install1": first, "update1": update, "install2": second}
        for name, (code, text) in answers.items():
            (tmp_path / name).write_text(text + "\n")
            (tmp_path / f"{name}.status").write_text(str(code))
        stub(script.programs / "dpkg-query", f'case "$*" in *" valgrind") [ -e {tmp_path}/installed ] || exit 1 ;; esac\necho "ii "')
        stub(script.programs / "apt-get", f"""
for word; do case $word in install|update) verb=$word ;; esac; done
echo $verb >>{tmp_path}/asked
answer={tmp_path}/$verb$(grep -c $verb {tmp_path}/asked)
cat $answer; exit $(cat $answer.status)""")
        (tmp_path / "asked").write_text("")
        out = script("--wireshark", HOST_SERIES, "-k", "test_statistics", status=status, leader=leader)
        return out, (tmp_path / "asked").read_text().split()
    return run


def as_uid(uid, *options):
    return ["bwrap", "--bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-user", "--uid", str(uid), "--gid", str(uid),
            *map(str, options)]


as_root = as_uid(0)


@pytest.mark.parametrize("first, update", [((100, GONE), (0, REACHED)), ((100, UNKNOWN), (0, REACHED)), ((100, UNKNOWN), (100, THIRD))],
                         ids=["stale index", "no index", "broken list of a third party"])
def test_apt_installs_after_an_update(apt, first, update):
    assert apt(first, update, (0, ""), leader=as_root)[1] == ["install", "update", "install"]


def test_an_index_that_is_there_needs_no_update(apt):
    assert apt((0, ""), (1, ""), (1, ""), leader=as_root)[1] == ["install"]


@pytest.mark.parametrize("first, update, second, reason", [
    ((100, GONE), (0, REACHED), (100, GONE), "the archive names http://archive.example/valgrind.deb, and does not have it (404)"),
    ((100, UNKNOWN), (100, THIRD), (100, UNKNOWN), "Unable to locate package valgrind"),
    ((100, UNKNOWN), (0, NO_INDEX), (100, UNKNOWN), f"no network: Failed to fetch http://archive.example/dists/x/InRelease  {UNREACHABLE}"),
    ((100, FULL), (0, REACHED), (100, FULL), "the disk is full: You don't have enough free space in /var/cache/apt/archives/."),
], ids=["404 for good", "unknown package", "no network", "full disk"])
def test_apt_fails_with_one_true_line(apt, first, update, second, reason):
    assert apt(first, update, second, status=1, leader=as_root)[0] == f"test.sh: apt-get could not install valgrind: {reason}\n"


def test_without_sudo(apt, script):
    stub(script.programs / "sudo", "exit 1")
    out, asked = apt((0, ""), (0, ""), (0, ""), status=1, leader=as_uid(1000))
    assert out == "test.sh: sudo is not allowed here; have root run: apt-get install valgrind\n" and asked == []
    (script.programs / "sudo").unlink()
    for name in ("bash", "sed", "dirname", "basename", "id", "grep", "mkdir"):
        (script.programs / name).symlink_to(f"/usr/bin/{name}")
    out, asked = apt((0, ""), (0, ""), (0, ""), status=1, leader=as_uid(1000, "--setenv", "PATH", script.programs))
    assert out == "test.sh: run this as root first: apt-get install valgrind\n" and asked == []


# No network, and a full disk

def complete_root(root):
    for name in ("usr/bin/tshark", "usr/bin/sharkd", "usr/include/nghttp2/nghttp2.h", "usr/include/gnutls/gnutls.h", "usr/include/bzlib.h",
                 "usr/lib/WiresharkConfig.cmake", "usr/lib/WiresharkTargets.cmake"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        stub(root / name, 'set(x "/usr/lib/libx.so")')


@pytest.mark.parametrize("uid", [0, 1000], ids=["root", "ordinary user"])
def test_without_network_where_everything_is_there(script, uid):
    """The same commands for root and for others, and none of apt's."""
    (script.packaging / "wireshark-root.sh").unlink()
    (script.packaging / "wireshark-root.sh").symlink_to(TOP / "packaging/wireshark-root.sh")
    for series in OTHER:
        complete_root(script.tree / "build/roots" / series)
    for name in ("apt-get", "sudo"):
        stub(script.programs / name, "echo not asked for >&2; exit 1")
    assert collected(script(leader=as_uid(uid, "--unshare-net"))) == (set(SERIES), 3)
    assert script.calls.count("cmake -G") == 4


def test_without_network_where_something_is_missing(script):
    """Debian's apt itself, in a namespace without network."""
    listed = subprocess.run(["apt-get", "indextargets", "--format", "$(ORIGIN)", "Created-By: Packages"], capture_output=True, text=True)
    if "Debian" not in listed.stdout:
        pytest.skip("apt has no index of Debian on this machine")
    asked = []
    for command in (["wireshark-root.sh", OTHER[0]], ["wireshark-tools.sh"]):
        (script.packaging / command[0]).unlink()
        (script.packaging / command[0]).symlink_to(TOP / "packaging" / command[0])
        asked.append(subprocess.Popen([*as_root, "--unshare-net", script.packaging / command[0], *command[1:]], stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, text=True))
    for process, wanted in zip(asked, (f"Wireshark {OTHER[0]}", "a source of Wireshark")):
        out, error = process.communicate(timeout=300)
        assert process.returncode == 1 and out == ""
        assert re.fullmatch(rf"wireshark-\w+\.sh: no network: Failed to fetch .* \(wanted: {wanted}\)\n", error), error
    assert not list((script.tree / "build").glob("*.partial"))


def test_a_full_disk(script):
    stub(script.programs / "cmake", "head -c 2000000 /dev/zero >build/fill.$$")
    build = script.tree / "build"
    out = script("--wireshark", HOST_SERIES, "-k", "test_statistics", status=1, leader=[*as_root, "--size", "1000000", "--tmpfs", str(build)])
    assert out == f"test.sh: the disk is full: {build}/{HOST_SERIES}\n"


# The source of the checkers

@pytest.fixture
def archive(script, tmp_path):
    """A mirror that has some of the sources that its index names; runs wireshark-tools.sh with what each suite names."""
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    (script.packaging / "wireshark-tools.sh").unlink()
    (script.packaging / "wireshark-tools.sh").symlink_to(TOP / "packaging/wireshark-tools.sh")
    pool = tmp_path / "pool"
    pool.mkdir()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=pool))
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def put(version, size=0):
        content = tmp_path / f"wireshark-{version}"
        for name in ("tools/checkAPIs.pl", "epan/tfs.c"):
            (content / name).parent.mkdir(parents=True)
            (content / name).write_bytes(bytes(size))
        with tarfile.open(pool / f"wireshark_{version}.orig.tar.bz2", "w:bz2") as tar:
            tar.add(content, content.name)

    def run(leader=as_root, status=0, **named):
        cases = "".join(f"*' {suite} main'*) echo \"'http://127.0.0.1:{server.server_port}/wireshark_{version}.orig.tar.bz2' "
                        f"wireshark_{version}.orig.tar.bz2 1 \" ;;\n" for suite, version in named.items())
        stub(script.programs / "apt-get", f"""
echo $1 >>{tmp_path}/asked
case $1 in
indextargets) echo 'Debian|Debian|http://127.0.0.1/' ;;
source) case $(cat ${{APT_CONFIG%/*}}/sources.list) in {cases} esac ;;
esac""")
        (tmp_path / "asked").write_text("")
        done = subprocess.run([*leader, "bash", script.packaging / "wireshark-tools.sh"], capture_output=True, text=True,
                              env={"PATH": f"{script.programs}:/usr/bin:/bin"}, timeout=120)
        assert done.returncode == status, done.stderr
        return done.stdout if status == 0 else done.stderr
    yield run, put, tmp_path / "asked"
    server.shutdown()
    server.server_close()


def test_the_newest_source_that_can_really_be_had(archive, script):
    run, put, asked = archive
    put("4.4.9")
    put("4.0.9")
    out = run(unstable="4.6.9", testing="4.6.9", stable="4.4.9", oldstable="4.0.9")
    assert re.fullmatch(r"Wireshark's source 4\.4\.9 \(no newer one can be had: unstable: the archive names \S+4\.6\.9\.orig\.tar\.bz2, "
                        r"and does not have it \(404\)\)\n", out), out
    assert (script.tree / "build/wireshark-tools/tools/checkAPIs.pl").exists()
    assert run() == out and asked.read_text() == ""     # nothing is asked a second time
    shutil.rmtree(script.tree / "build/wireshark-tools")
    assert run().startswith("Wireshark's source 4.4.9 (no newer one can be had: unstable: has no source")


def test_no_source_can_be_had(archive, script):
    out = archive[0](status=1, unstable="4.6.9", stable="4.4.9")
    assert re.fullmatch(r"wireshark-tools.sh: unstable: .*\(404\); testing: has no source of Wireshark; stable: .*\(404\); "
                        r"oldstable: has no source of Wireshark \(wanted: a source of Wireshark\)\n", out), out
    assert not (script.tree / "build/wireshark-tools").exists()


def test_a_source_that_does_not_fit_on_the_disk(archive, script):
    run, put, _ = archive
    put("4.4.9", size=2000000)
    build = script.tree / "build"
    out = run(status=1, stable="4.4.9", leader=[*as_root, "--size", "1000000", "--tmpfs", str(build)])
    assert out == f"wireshark-tools.sh: the disk is full: {build}/wireshark-tools\n"


def test_a_source_that_is_broken(archive, script):
    run, put, _ = archive
    put("4.4.9")
    (script.tree / "build/source").mkdir()
    (script.tree / "build/source/wireshark_4.4.9.orig.tar.bz2").write_text("broken")
    assert "wireshark_4.4.9.orig.tar.bz2 cannot be unpacked; remove it" in run(status=1, stable="4.4.9")

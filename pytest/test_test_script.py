# SPDX-License-Identifier: GPL-2.0-or-later
"""test.sh: the command lines that it makes are those that pytest takes, and what goes wrong shows in its exit status.

It runs on a copy that builds nothing; pytest only collects two of its files.
"""

import os
import re
import subprocess

import pytest

from gapfill_tshark import HOST_SERIES, SERIES, TOP

pytestmark = [pytest.mark.static, pytest.mark.skipif(HOST_SERIES is None, reason="no Wireshark is installed on the host")]
OTHER = [series for series in SERIES if series != HOST_SERIES]


@pytest.fixture
def script(tmp_path):
    """Runs test.sh; returns its exit status, and what it prints in each of pytest's runs."""
    tree, programs = tmp_path / "tree", tmp_path / "programs"
    for folder in (tree / "packaging", programs):
        folder.mkdir(parents=True)
    (tree / "test.sh").symlink_to(TOP / "test.sh")
    (tree / "pytest").mkdir()
    for name in ("pytest.ini", "conftest.py", "gapfill_tshark.py", "gapfill_craft.py", "test_harness.py", "test_install.py"):
        (tree / "pytest" / name).symlink_to(TOP / "pytest" / name)
    (tree / "packaging/packages.sh").symlink_to(TOP / "packaging/packages.sh")
    for series in SERIES:
        (tree / "build" / series / "plugins" / series / "epan").mkdir(parents=True)
        (tree / "build/roots" / series / "usr/lib").mkdir(parents=True)
        (tree / "build/roots" / series / "usr/lib/WiresharkConfig.cmake").touch()
    for program in (programs / "cmake", programs / "ninja", *(tree / "packaging" / n for n in ("wireshark-root.sh", "wireshark-tools.sh"))):
        program.write_text(f"#!/bin/sh\necho $* >>{tmp_path}/calls\n")
        program.chmod(0o755)

    def run(*args, status=0):
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "GAPFILL"))}
        environment |= {"PATH": f"{programs}:/usr/bin:/bin", "PYTEST_ADDOPTS": "--collect-only -p no:cacheprovider", "GAPFILL_JOBS": "0"}
        (tmp_path / "calls").write_text("")
        done = subprocess.run(["bash", tree / "test.sh", *args], cwd=tmp_path, env=environment, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=120)
        assert done.returncode == status, done.stdout[-3000:] + done.stderr
        run.calls = (tmp_path / "calls").read_text()
        return done.stdout.split("Once more for Wireshark ") if status == 0 else done.stderr
    run.programs = programs
    run.packaging = tree / "packaging"
    return run


def collected(out):
    """The series that tests are named after, and how many of test_each_series_runs_with_its_plugins there are."""
    return set(re.findall(r"\[wireshark-([\d.]+)[\]-]", out)), out.count("test_each_series_runs_with_its_plugins")


def test_everything_runs_on_all_series_and_once_more_under_sanitizers(script):
    first, second = script()
    assert collected(first) == (set(SERIES), 3) and "test_wrong_arguments" in first
    assert collected(second) == ({HOST_SERIES}, 1) and "test_wrong_arguments" not in second
    assert script.calls.count("-DGAPFILL_SANITIZE=ON") == 1 and script.calls.count("-DCMAKE_SYSROOT=") == 2


@pytest.mark.parametrize("spelling", (["--wireshark", OTHER[0]], [f"--wireshark={OTHER[0]}"]), ids=" ".join)
def test_another_series_alone(script, spelling):
    out = script(*spelling)
    assert len(out) == 1 and collected(out[0]) == ({OTHER[0]}, 1) and "No run under sanitizers" in out[0]


def test_pytest_arguments_reach_both_runs(script):
    first, second = script("--wireshark", HOST_SERIES, "-k", "each_series_runs", "--durations=3")
    assert [collected(out) for out in (first, second)] == [({HOST_SERIES}, 1)] * 2
    first, second = script("--wireshark", HOST_SERIES, "-k", "test_wrong_arguments")
    assert "test_wrong_arguments" in first and "test_wrong_arguments" not in second


def test_a_test_file_alone(script):
    file = TOP / "pytest/test_harness.py"
    first, second = script("--wireshark", HOST_SERIES, file)
    assert collected(first) == collected(second) == ({HOST_SERIES}, 1) and "test_wrong_arguments" not in first
    first, second = script("--wireshark", HOST_SERIES, f"{file}::test_statistics")
    assert "test_statistics" in first and collected(first)[1] == 0


def test_what_goes_wrong_shows_in_the_exit_status(script):
    assert "3.6: not one of" in script("--wireshark", "3.6", status=1)
    assert "--wireshark wants" in script("--wireshark", status=1)
    script("--no-such-option", status=1)
    assert "leave no test over" in script("--wireshark", HOST_SERIES, "-k", "mistyped", status=1)
    (script.programs / "ninja").write_text("#!/bin/sh\ncase $* in *sanitize*) echo 'x.c: error: planted' >&2; exit 1;; esac\n")
    assert "x.c: error: planted" in script("--wireshark", HOST_SERIES, "-k", "each_series_runs", status=1)
    (script.packaging / "wireshark-root.sh").write_text("#!/bin/sh\nexit 1\n")
    assert f"Wireshark {OTHER[0]} cannot be had" in script("--wireshark", OTHER[0], status=1)

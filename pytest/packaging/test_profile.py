# SPDX-License-Identifier: GPL-2.0-or-later
"""profile/Gapfill: each filter is one that every version takes, what failed is red, and what the user changed is kept."""

import re
import shutil
import subprocess

import pytest

from harness.tshark import TOP, hiding_installed

PROFILE = TOP / "profile/Gapfill"
COLOUR = re.compile(r"@(?P<name>[^@]+)@(?P<filter>[^@]+)@\[(?P<back>[\d,]+)\]\[(?P<text>[\d,]+)\]")
BUTTON = re.compile(r'"TRUE","(?P<name>[^"]+)","(?P<filter>[^"]+)","(?P<comment>[^"]+)"')


def lines(name, pattern):
    found = [pattern.fullmatch(line) for line in (PROFILE / name).read_text().splitlines() if not line.startswith("#")]
    assert found and all(found)
    return found


def filters():
    buttons = [line["filter"].replace("\\x22", '"') for line in lines("dfilter_buttons", BUTTON)]
    columns = re.findall(r"%Cus:([^:]+):", (PROFILE / "preferences").read_text())
    return [line["filter"] for line in lines("colorfilters", COLOUR)] + buttons + columns


def test_each_column_has_its_width():
    columns = re.findall(r'"(%[^":]+(?::[^":]+)?)[^"]*"', re.search(r"^gui\.column\.format:.*", (PROFILE / "preferences").read_text(), re.M | re.S)[0])
    widths = re.findall(r'"([^"]+)", (\d+)', (PROFILE / "recent").read_text())
    assert [name for name, _ in widths] == columns and all(50 <= int(width) <= 500 for _, width in widths)


@pytest.fixture
def chosen(ws, tmp_path):
    """Wireshark whose user can choose the profile."""
    shutil.copytree(PROFILE, tmp_path / "config/profiles/Gapfill")
    return ws.with_env(WIRESHARK_CONFIG_DIR=tmp_path / "config")


@pytest.mark.every_series
def test_each_filter_is_taken(ws):
    with ws.sharkd() as sharkd:
        for text in filters():
            assert sharkd.call("check", filter=text) == {"status": "OK"}, text
        with pytest.raises(AssertionError):
            sharkd.call("check", filter="ftp_session.no_such_field")


def printed(ws, capture, *options):
    done = ws.execute("tshark", "-n", "-2", "-C", "Gapfill", "-r", capture, *options)
    assert (done.returncode, done.stderr) == (0, b"")
    return [line.split("\t") for line in done.stdout.decode().splitlines()]


@pytest.mark.parametrize("capture, name, outcome", [
    ("ftp-servers/vsftpd-refused.pcap", "FTP: transfer failed", "refused"),
    ("acme-http01/http01-failures.pcap", "ACME: challenge or order failed", "invalid"),
    ("hkp-servers/sks-gpg.pcap", "HKP: key not found, or another one", "not found")])
def test_colours_and_columns(chosen, captures, capture, name, outcome):
    """What tshark colours is what the window colours; it complains of no file of the profile."""
    rules = printed(chosen, captures / capture, "--color", "-T", "fields", "-e", "frame.coloring_rule.name")
    columns = printed(chosen, captures / capture, "-T", "tabs")
    failed = [row for rule, row in zip(rules, columns, strict=True) if outcome in (value.strip() for value in row)]
    assert failed and {len(row) for row in columns} == {10}     # tshark has an arrow among them
    assert {rule for [rule], row in zip(rules, columns) if row in failed} == {name}


@pytest.mark.static
def test_red_and_amber_come_first():
    """So that no colour of a plugin hides what failed."""
    kinds = [line["back"] for line in lines("colorfilters", COLOUR)]
    red, amber = kinds[0], "65535,60395,46003"
    own = [n for n, kind in enumerate(kinds) if kind == red]
    assert own == list(range(len(own))) and kinds[len(own)] == amber


# Installing

def place(home, script):
    """Runs functions of place.sh for a user with this home."""
    lead = f'. {TOP}/packaging/say.sh; . {TOP}/packaging/place.sh; scope=personal; '
    done = subprocess.run(["bwrap", "--bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-user", "--uid", "1000", "--gid", "1000",
                           "--clearenv", "--setenv", "HOME", home, "--setenv", "PATH", "/usr/bin:/bin", *hiding_installed(), "bash", "-euo", "pipefail", "-c",
                           lead + script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.static
def test_what_the_user_changed_survives(tmp_path):
    home, newer = tmp_path / "home", tmp_path / "newer/Gapfill"
    home.mkdir()
    shutil.copytree(PROFILE, newer)
    (newer / "colorfilters").write_text("# newer colours\n")
    (newer / "preferences").write_text("# newer preferences\n")
    there = home / ".config/wireshark/profiles/Gapfill"
    assert f"is in {there}" in place(home, f"put_profile {PROFILE}")
    assert {file.name for file in there.iterdir()} == {"colorfilters", "dfilter_buttons", "preferences", "recent", ".gapfill-sums"}
    (there / "preferences").write_text("# the user's\n")
    for _ in range(2):
        assert "since they were changed: preferences" in place(home, f"put_profile {newer}")
        assert (there / "colorfilters").read_text() == "# newer colours\n" and (there / "preferences").read_text() == "# the user's\n"
    assert f"Kept, since it was changed: {there}" in place(home, "remove_profile Gapfill")
    assert [file.name for file in there.iterdir()] == ["preferences"]
    assert place(home, "remove_profile Gapfill") == ""


@pytest.mark.static
def test_what_nobody_changed_is_removed(tmp_path):
    there = tmp_path / ".config/wireshark/profiles/Gapfill"
    place(tmp_path, f"put_profile {PROFILE}")
    (there / "recent").write_text("# Wireshark's own\n")
    assert place(tmp_path, "remove_profile Gapfill") == f"Removed: {there}\n"
    assert not there.exists()


@pytest.mark.static
def test_a_profile_of_this_name_that_was_the_users_stays(tmp_path):
    there = tmp_path / ".config/wireshark/profiles/Gapfill"
    there.mkdir(parents=True)
    (there / "preferences").write_text("# the user's\n")
    place(tmp_path, f"put_profile {PROFILE}")
    assert (there / "preferences").read_text() == "# the user's\n"

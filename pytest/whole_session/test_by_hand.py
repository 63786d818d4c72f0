# SPDX-License-Identifier: GPL-2.0-or-later
"""For every protocol in a capture, the packets of session.proto == "x" are those of the streams whose packets show x.

Worked out by hand (by_hand.py) from what the same plugins less whole-session show: in one pass and with -2, with a display filter and
without, and in sharkd. A sample of the project's own captures, one of each folder; all of them, and those of ../shared, with

    /usr/bin/python3 -m pytest pytest/whole_session/test_by_hand.py --full
"""

import re

import pytest

from harness.tshark import SHARED, TOP
from whole_session import by_hand

TOGETHER, LARGE = 16, 5_000_000
SUFFIXES = (".pcap", ".pcapng", ".cap")
ALONE = ("ajbanjara__Wireshark__FTPv6-1.cap",)          # mergecap finds no interface for its packets
CUT_SHORT = ("ajbanjara__Wireshark__shark.pcap",)       # tshark itself ends with an error


def captures_below(*folders):
    return [path for folder in folders for path in sorted(folder.rglob("*")) if path.suffix in SUFFIXES
            and path.name not in CUT_SHORT]


def one_of_each_folder():
    return [min(below) for folder in sorted((TOP / "test-captures").iterdir()) if (below := captures_below(folder))]


def all_groups():
    files = captures_below(TOP / "test-captures", SHARED, SHARED.parent / "cases")
    alone = [path for path in files if path.name in ALONE or path.stat().st_size > LARGE]
    rest = [path for path in files if path not in alone]
    return [[path] for path in alone] + [rest[at:at + TOGETHER] for at in range(0, len(rest), TOGETHER)]


def pytest_generate_tests(metafunc):
    if "group" in metafunc.fixturenames:
        groups = all_groups() if metafunc.config.getoption("--full") else [one_of_each_folder()]
        metafunc.parametrize("group", groups, ids=lambda group: f"{len(group)}-from-{group[0].stem}")


def test_packets_of_each_protocol(ws, group, tmp_path):
    capture = group[0]
    if len(group) > 1:
        capture = tmp_path / "joined.pcapng"
        ws.run("mergecap", "-a", "-w", capture, *group)
    found, (packets, sessions, protocols) = by_hand.faults(ws, capture)
    print(f"\n{packets} packets, {sessions} sessions, {protocols} protocols")
    assert found == {}
    assert sessions > 5 or len(group) == 1


def as_packets(*rows):
    return [by_hand.Packet((layers, tcp, "", "", ""), ("", session, names)) for layers, tcp, session, names in rows]


@pytest.mark.static
def test_faults_are_noticed():
    """A name too many, one too few, a session of two streams, a stream in two sessions; in one pass one too early."""
    good = as_packets(("eth:ip:tcp", "0", "0", "http"), ("eth:ip:tcp:http", "0", "0", "http"), ("eth:ip:tcp:tls", "1", "1", "tls"))
    assert not by_hand.wrong_names(good) and not by_hand.wrong_streams(good)
    bad = as_packets(("eth:ip:tcp", "0", "0", ""), ("eth:ip:tcp:http", "0", "0", "http"), ("eth:ip:tcp:tls", "1", "1", "tls,x509ce"))
    assert by_hand.wrong_names(bad) == {1: (set(), {"http"}), 3: ({"tls", "x509ce"}, {"tls"})}
    assert by_hand.wrong_so_far(good, good) == {1: ({"http"}, set(), set())}
    for sessions, wrong in ((("0", "0"), {"0"}), (("0", "1"), set())):
        found = by_hand.wrong_streams(as_packets(("eth:ip:tcp", "0", sessions[0], ""), ("eth:ip:tcp", "1", sessions[1], "")))
        assert set(found) == wrong
    assert set(by_hand.wrong_streams(as_packets(("eth:ip:tcp", "5", "0", ""), ("eth:ip:tcp", "5", "1", "")))) == {("tcp", "5")}
    assert not by_hand.wrong_streams(as_packets(("eth:ip:tcp", "5", "0", ""), ("eth:ip:gre:ip:tcp", "5", "1", "")))


@pytest.mark.static
def test_what_the_document_names_is_there():
    """docs/whole-session.md says which test shows what."""
    named = set(re.findall(r"`(test_\w+)`", (TOP / "docs/whole-session.md").read_text()))
    there = {name for path in (TOP / "pytest").rglob("test_*.py") for name in re.findall(r"^def (test_\w+)", path.read_text(), re.M)}
    assert len(named) > 30 and named <= there

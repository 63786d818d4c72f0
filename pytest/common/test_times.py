# SPDX-License-Identifier: GPL-2.0-or-later
"""Times of a capture can be any that 64 bits hold: differences of them overflow nothing, and are as large as they are."""

import pytest

from acme.crafted import TOKEN, Cases
from acme.test_families import V4, V6, reached, resolved, tries
from acme.test_verdicts import account_and_authorization, start
from harness.craft import Connection, ethernet, read_pcap, write_seconds
from harness.tshark import TOP

LEAST, MOST = -(1 << 63), (1 << 63) - 1


def fallback():
    """(packets, how many of them come before the validator goes on)"""
    cases = Cases()
    account_and_authorization(cases, ("http-01", TOKEN))
    start(cases, ("http-01", TOKEN))
    resolved(cases, V4, V6)
    tries(cases, 11, "RST")
    before = len(cases.packets)
    reached(cases, "on", 11)
    return list(map(ethernet, cases.packets)), before


def test_a_validator_that_goes_on_after_all_of_time(ws, tmp_path):
    frames, before = fallback()
    soon = [(1000 + number // before, frame) for number, frame in enumerate(frames)]
    late = [(MOST if number >= before else LEAST, frame) for number, frame in enumerate(frames)]
    for times, count in ((soon, 1), (late, 0)):
        path = write_seconds(tmp_path / f"{count}.pcapng", times)
        assert ws.count(path, "acme.fallback_from", True) == count


def test_an_announcement_that_nobody_has_used_for_all_of_time(ws, tmp_path):
    """What comes to its port then is not the transfer."""
    control = Connection(sport=40000, dport=21).handshake().server(b"220 x\r\n").client(b"USER a\r\n").server(b"230 ok\r\n")
    control.client(b"PASV\r\n").server(b"227 Entering Passive Mode (198,51,100,1,200,1).\r\n").client(b"RETR a\r\n").server(b"150 here\r\n")
    data = Connection(sport=41000, dport=51201).handshake().server(b"content").close()
    for then, channels in ((LEAST + 1, {"2"}), (MOST, set())):
        frames = [(LEAST, ethernet(p)) for p in control.packets] + [(then, ethernet(p)) for p in data.packets]
        path = write_seconds(tmp_path / f"{then}.pcapng", frames)
        assert {row[0] for row in ws.rows(path, ["ftp_session.channel"], "tcp.port == 51201", True)} - {""} == channels


@pytest.mark.parametrize("folder", ["acme-causes", "acme-dns01", "ftp-servers", "ftp-relay", "ldp-frr", "session-services"])
def test_times_that_leap(ws, tmp_path, folder):
    """Under sanitizers, for whom an overflow is a fault. What does not depend on times is as without the leaps."""
    capture = min((TOP / "test-captures" / folder).rglob("*.pcap*"), key=lambda path: (path.stat().st_size, path))
    linktype, frames = read_pcap(capture)
    leaping = write_seconds(tmp_path / "leaping.pcapng", [(LEAST if number % 3 else MOST, data) for number, (_, data, _) in enumerate(frames)], linktype)
    untimed = ["session.id", "session.proto", "ldp_binding.fec"]
    assert ws.rows(leaping, untimed, two_pass=True) == ws.rows(capture, untimed, two_pass=True)
    native = ["frame.time_delta", "tcp.stream", "tcp.seq", "udp.stream"]
    assert ws.rows(leaping, native, two_pass=True) == ws.without_plugins().rows(leaping, native, two_pass=True)

# SPDX-License-Identifier: GPL-2.0-or-later
"""ICMP errors behind a NAT: what they quote has other addresses than what was captured, but the same ports and sequence number."""

import ipaddress

import pytest

from harness.craft import Connection, ethernet, icmp_error, ip, tcp, udp, write_pcap
from whole_session.test_table import COLUMNS, table

NAT, INSIDE = "203.0.113.7", "10.9.9.9"
FIELDS = ["frame.number", "session.id", "session.icmp_error", "session.by_sequence"]


def rewritten(packet, src=None, dst=None):
    """As a NAT sends it on. Checksums are no matter here."""
    packed = [ipaddress.ip_address(address).packed if address else b"" for address in (src, dst)]
    size = 4 if packet[0] >> 4 == 4 else 16
    at = 12 if size == 4 else 8
    return packet[:at] + (packed[0] or packet[at:at + size]) + (packed[1] or packet[at + size:at + 2 * size]) + packet[at + 2 * size:]


def test_of_the_case(ws, shared):
    """The quote of eight bytes has the address after NAT."""
    capture = shared.parent / "cases/whole-session/icmp-nat-quote.pcap"
    for two_pass in False, True:
        rows = ws.rows(capture, FIELDS, two_pass=two_pass)
        assert {row[1] for row in rows} == {"0"} and len(rows) == 13
        assert [int(row[0]) for row in rows if row[2]] == [2, 3, 4, 5, 6]
        assert [int(row[0]) for row in rows if row[3]] == [3]


@pytest.fixture
def stories(tmp_path):
    """(capture, [(frame of an error, session or None, whether by its sequence number)])"""
    web = Connection(sport=41000, dport=81, seq=100, ack=4000000000).handshake().client(b"GET / HTTP/1.0\r\n\r\n").server(bytes(500))
    six = Connection(sport=41001, dport=82, src="2001:db8::1", dst="2001:db8::2").handshake()
    same = [Connection(sport=41002, dport=83, src=f"192.0.2.{n}", seq=7000 + n).handshake() for n in (2, 3)]
    same[0].client(b"hello")
    other = [Connection(sport=41003, dport=84, dst=f"198.51.100.{n}", seq=900000 * n).handshake() for n in (4, 5)]
    both_sides = Connection(sport=41004, dport=85).handshake().packets[:1]
    late = Connection(sport=41005, dport=81, seq=100).handshake().packets
    packets = [packet for talk in (web, six, *same, *other) for packet in talk.packets]
    packets += [both_sides[0], rewritten(both_sides[0], NAT)]
    errors = [
        (icmp_error(rewritten(web.packets[0], NAT), 8), 0, True),                       # its SYN
        (icmp_error(rewritten(web.packets[3], NAT), 20), 0, True),                      # Wireshark makes a stream of it
        (icmp_error(rewritten(web.packets[3], NAT)), 0, True),
        (icmp_error(rewritten(web.packets[4], dst=INSIDE)), 0, True),                   # the server's packet
        (icmp_error(rewritten(six.packets[2], dst="2001:db8::99"), 8), 1, True),
        (icmp_error(web.packets[3], 8), 0, False),
        (icmp_error(rewritten(same[0].packets[0], NAT), 8), 2, True),                   # of two with these ports it fits one
        (icmp_error(rewritten(same[1].packets[0], NAT), 8), None, False),               # and here both
        (icmp_error(rewritten(other[1].packets[0], NAT), 8), 5, True),
        (icmp_error(rewritten(both_sides[0], NAT)), 7, False),                          # has been captured itself
        (icmp_error(rewritten(ip(tcp(b"", 41000, 81, seq=900)), "203.0.113.8"), 8), None, False),  # was not sent so far
        (icmp_error(rewritten(ip(tcp(b"", 41000, 81, seq=99)), "203.0.113.8"), 8), None, False),   # was sent by another one
        (icmp_error(rewritten(ip(tcp(b"", 41000, 86, seq=100)), NAT), 8), None, False),
        (icmp_error(rewritten(ip(udp(b"x", 41000, 81)), NAT)), 8, False),               # UDP has no number: of its own
    ]
    expected = [(len(packets) + n, session, by) for n, (_, session, by) in enumerate(errors, 1)]
    packets += [error for error, *_ in errors] + late
    expected += [(len(packets) + 1, 9, True)]
    packets += [icmp_error(rewritten(late[0], NAT), 8)]     # looked for after others were
    return write_pcap(tmp_path / "nat.pcap", list(map(ethernet, packets))), expected


def fields_of_last(ws, path, packets):
    capture = write_pcap(path, list(map(ethernet, packets)))
    return ws.rows(capture, ["session.id", "session.by_sequence", "session.outcome"], two_pass=True)[-1]


def test_a_guess_decides_no_outcome(ws, tmp_path):
    """One address is the session's; of what is acknowledged, or was not sent so, the number is near, but proves nothing."""
    talk = Connection(sport=41000, dport=81).handshake().client(b"hello")
    in_flight = icmp_error(rewritten(talk.packets[3], NAT), 8)
    acknowledged = icmp_error(rewritten(talk.packets[0], NAT), 8)
    neither = icmp_error(rewritten(talk.packets[3], NAT, INSIDE), 8)
    assert fields_of_last(ws, tmp_path / "1.pcap", [*talk.packets, in_flight]) == ("0", "1", "icmp error")
    assert fields_of_last(ws, tmp_path / "2.pcap", [*talk.packets, acknowledged]) == ("0", "1", "established")
    assert fields_of_last(ws, tmp_path / "3.pcap", [*talk.packets, neither])[0] == ""
    capture = write_pcap(tmp_path / "4.pcap", list(map(ethernet, [*talk.packets, acknowledged])))
    assert [[row[COLUMNS.index("Outcome")], row[COLUMNS.index("ICMP errors")]] for row in table(ws, capture)] == [["established", "0"]]


def test_both_ends_have_one_address(ws, tmp_path):
    """Ports alone tell the directions apart."""
    for number, ports in enumerate(((41000, 81), (81, 41000))):
        talk = Connection(*ports, src=INSIDE, dst=INSIDE, seq=1000, ack=7000000).handshake().client(b"hello")
        for packet in talk.packets[0], talk.packets[1]:
            quote = icmp_error(rewritten(packet, NAT), 8)
            assert fields_of_last(ws, tmp_path / f"{number}.pcap", [*talk.packets, quote])[:2] == ("0", "1")


def test_an_earlier_use_of_the_ports(ws, tmp_path):
    """The number says which of two connections the quote is of; one that is of neither decides nothing."""
    old, new = (Connection(sport=41000, dport=81, seq=seq).handshake().client(b"hello") for seq in (1000, 900000000))
    lost = Connection(sport=41000, dport=81, seq=2000000000).client(b"hello")
    talks = [*old.packets, *new.packets]
    assert fields_of_last(ws, tmp_path / "1.pcap", [*talks, icmp_error(old.packets[-1], 8)]) == ("0", "", "icmp error")
    assert fields_of_last(ws, tmp_path / "2.pcap", [*talks, icmp_error(new.packets[-1], 8)]) == ("1", "", "icmp error")
    assert fields_of_last(ws, tmp_path / "3.pcap", [*talks, icmp_error(lost.packets[-1], 8)]) == ("1", "", "established")


def test_linked_where_only_one_fits(ws, stories):
    capture, expected = stories
    as_rows = [(str(frame), "" if session is None else str(session), "" if session is None else "1", "1" if by else "") for frame, session, by in expected]
    for options in {}, {"two_pass": True}, {"two_pass": True, "prefs": {"tcp.relative_sequence_numbers": "FALSE"}}:
        assert [row for row in ws.rows(capture, FIELDS, **options) if int(row[0]) in {frame for frame, *_ in expected}] == as_rows
    with ws.sharkd() as sharkd:
        sharkd.load(capture)
        assert sharkd.frames("session.by_sequence") == [frame for frame, _, by in expected if by]
    assert {row[0] for row in ws.rows(capture, ["session.outcome"], "session.id == 0", two_pass=True)} == {"", "icmp error"}


def test_nothing_fits_without_an_analysis(ws, stories):
    """Who switches it off has nothing that says what was sent."""
    capture, _ = stories
    assert ws.count(capture, "session.by_sequence", prefs={"tcp.analyze_sequence_numbers": "FALSE"}) == 0

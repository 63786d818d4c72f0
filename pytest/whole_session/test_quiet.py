# SPDX-License-Identifier: GPL-2.0-or-later
"""session.quiet leaves the item out of details where it says nothing new, and changes nothing for who asks for it."""

from harness.craft import Connection, ethernet, icmp_error, ip, udp, write_pcap
from .test_outcome import QUERY

QUIET = ["-o", "session.quiet:TRUE"]


def story(tmp_path):
    """1-3 a handshake, 4-5 HTTP, then the end of it; two packets of DNS and an error that quotes them."""
    web = Connection(sport=41003, dport=80).handshake()
    web.client(b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n").server(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    query = ip(udp(QUERY, 41001, 53))
    packets = [*web.close().packets, query, query, icmp_error(query)]
    return packets, write_pcap(tmp_path / "story.pcap", [ethernet(packet) for packet in packets])


def with_item(ws, capture, *args, two_pass):
    text = ws.run("tshark", "-n", "-r", capture, "-V", *(["-2"] if two_pass else []), *args)
    return [n for n, packet in enumerate(text.split("\nFrame "), 1) if "[Whole Session" in packet]


def test_what_says_nothing_new_is_left_out(ws, tmp_path):
    packets, capture = story(tmp_path)
    last = len(packets)
    everywhere = list(range(1, last + 1))
    assert with_item(ws, capture, two_pass=True) == everywhere
    # HTTP shows itself; the connection's last packet has the outcome, the error is not of the stream.
    quiet = with_item(ws, capture, *QUIET, two_pass=True)
    assert quiet == [n for n in everywhere if n not in (4, 5, last - 2, last - 1)]
    for asked in 'session.proto == "http"', "session":
        found = ws.rows(capture, ["frame.number"], asked, two_pass=True)
        assert len(found) >= 7 and ws.rows(capture, ["frame.number"], asked, two_pass=True, options=QUIET) == found


def test_printed_by_its_name(ws, tmp_path):
    """The text of the item, as in details, also where nobody sees them."""
    packets, capture = story(tmp_path)
    rows = ws.rows(capture, ["session"], two_pass=True)
    assert rows[3] == ("Whole Session 0: http",) and rows[len(packets) - 2][0].startswith("Whole Session 1: dns")

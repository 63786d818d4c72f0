# SPDX-License-Identifier: GPL-2.0-or-later
"""What Wireshark shows of a packet depends on whether it builds a tree, and on whether TCP puts its segments together: session.proto names
what is shown in the end, with a display filter and without one."""

import struct

import pytest

from harness.craft import CLIENT, SERVER, Connection, ip, tcp, write_pcap
from whole_session.test_exact import shown_and_named

APART = ("-o", "tcp.desegment_tcp_streams:FALSE")
RAW_IP = 101


def named_as_shown(ws, capture, *options):
    """What is shown, which is also named, whether or not the first pass builds a tree."""
    shown, named = shown_and_named(ws, capture, options=options)
    assert named == shown
    assert shown_and_named(ws, capture, options=(*options, "-R", "frame"))[1] == named
    return shown


def responses(*parts_of_each):
    packets = []
    for n, parts in enumerate(parts_of_each):
        connection = Connection(sport=40000 + n, dport=80).handshake().client(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        for part in parts:
            connection.server(part)
        packets += connection.close().packets
    return packets


def first_segment_of_a_long_answer(number):
    """DNS over TCP (RFC 7766): a response of 1,200 octets, of which the first 700 are in a segment that does not say that it is first."""
    answer = struct.pack(">HHHHHHB", 7, 0x8180, 0, 1, 0, 0, 0) + struct.pack(">HHIH", 16, 1, 0, 1177) + (b"\xff" + bytes(255)) * 4 + b"\x98" + bytes(152)
    assert len(answer) == 1200
    return tcp(struct.pack(">H", len(answer)) + answer[:700], 53, 40000 + number, seq=1)


@pytest.mark.parametrize("options", [(), APART, ("-o", "tcp.check_checksum:TRUE")], ids=["together", "apart", "checksums"])
def test_the_beginning_of_what_is_not_put_together(ws, tmp_path, options):
    """TCP notes where the next message is to begin, also in segments of which nothing is put together. It is no request for more."""
    good = ip(first_segment_of_a_long_answer(0), SERVER, CLIENT)
    bad = bytearray(ip(first_segment_of_a_long_answer(1), SERVER, CLIENT))
    bad[36] ^= 0x55
    cut = ip(first_segment_of_a_long_answer(2), SERVER, CLIENT)
    capture = write_pcap(tmp_path / "first.pcap", [good, bytes(bad), (0.1, cut[:400], len(cut))], RAW_IP)
    shown = named_as_shown(ws, capture, *options)
    dns = {"dns"}
    assert shown == {"0": dns if options == APART else set(), "1": dns if options else set(), "2": dns}


def test_more_is_asked_for_behind_one_octet(ws, tmp_path):
    """The last octet of a body, which is data, and what HTTP waits for the rest of."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    shown = named_as_shown(ws, write_pcap(tmp_path / "octet.pcap", responses((head + b"o", b"kx"), (head + b"o", b"k"), (head, b"okx")), RAW_IP))
    assert set(map(frozenset, shown.values())) == {frozenset({"http", "data"})}

# SPDX-License-Identifier: GPL-2.0-or-later
"""What later passes show otherwise than the first one: session.proto names what the pass at hand shows.

Worked out as in by_hand.py, with the packets of one conversation for each dissector that is known for it.
"""

import struct

import pytest

from harness.craft import CLIENT, Connection, ethernet, ip, raw, udp, write_pcap
from whole_session import by_hand
from whole_session.test_exact import shown_and_named

BIND = struct.pack("<BBBB4sHHI", 5, 0, 11, 3, b"\x10\0\0\0", 72, 0, 1) + struct.pack("<HHIB3x", 4280, 4280, 0, 1) + \
    struct.pack("<HBx", 0, 1) + bytes.fromhex("c84f324b7016d30112785a47bf6ee18803000000045d888aeb1cc9119fe808002b10486002000000")


def transact(part, mid):
    """SMB's TransactNmPipe with a part of a DCE/RPC message ([MS-CIFS] section 2.2.5.6)."""
    name = "\\PIPE\\\0".encode("utf-16-le")
    header = b"\xffSMB\x25" + bytes(4) + b"\x08\x01\xc0" + bytes(12) + struct.pack("<HHHH", 1, 1, 1, mid)
    words, at = 16, 32 + 1 + 32 + 2 + 1 + len(name)
    body = struct.pack("<BHHHHBBHIHHHHHBBHH", words, 0, len(part), 0, 1024, 0, 0, 0, 0, 0, 0, at, len(part), at, 2, 0, 0x26, 0x4000)
    smb = header + body + struct.pack("<H", 1 + len(name) + len(part)) + b"\0" + name + part
    return struct.pack(">I", len(smb)) + smb


def in_pieces(*sizes):
    connection, at = Connection(sport=40000 + len(sizes), dport=445).handshake(), 0
    for number, size in enumerate(sizes):
        connection.client(transact(BIND[at:at + size], number + 1))
        at += size
    assert at == len(BIND)
    return connection.close().packets


def conversations():
    """[(what, packets, what later passes show)]"""
    giop, ziop = b"GIOP\1\2\0\5\0\0\0\0", b"ZIOP\1\2\0\0\0\0\0\x10\0\1\0\0\0\0\0\x20" + bytes(8)
    hello = bytes.fromhex("0000080300640a00636973636f000000c0000203")
    imap = Connection(sport=40010, dport=143).handshake().server(b"* 2 EXISTS\r\n").client(b"DONE\r\n").server(b"11 OK Idle\r\n")
    orb = [Connection(sport=40011 + n, dport=5000).handshake().client(giop) for n in range(3)]
    smb = {"nbss", "smb", "dcerpc"}
    return [
        ("two parts of a message in a pipe", in_pieces(40, 32), smb | {"data"}),
        ("three, of which the first pass shows one as data", in_pieces(40, 20, 12), smb | {"data"}),
        ("a whole message", in_pieces(72), smb),
        ("a line that IMAP takes for TLS", imap.client(b"12 NOOP\r\n").close().packets, {"imap"}),
        ("GIOP between which is ZIOP", orb[0].server(ziop).client(giop).close().packets, {"giop"}),
        ("ZIOP last", orb[1].server(ziop).close().packets, {"ziop"}),
        ("GIOP alone", orb[2].server(giop).close().packets, {"giop"}),
        ("HSRP to a host", [ip(udp(hello, 1985, 1985), CLIENT, "192.0.2.2")] * 2, set()),
        ("HSRP", [ip(udp(hello, 1985, 1985), CLIENT, "224.0.0.2")] * 2, {"hsrp"}),
    ]


def greetings():
    """[(what, packets, what later passes show)] of a server that greets like FTP on another port."""
    hello = bytes.fromhex("160301002f" "0100002b0303" + "5a" * 32 + "00" "0002" "c02f" "0100" "0000")
    stories = [("nothing", None, {"ftp"}), ("octets", b"\1\2\3\4\5\6", {"data"}), ("text", b"hello there\r\n", {"data"}), ("TLS", hello, {"ftp", "tls"}),
               ("HTTP", b"GET / HTTP/1.0\r\nHost: a\r\n\r\n", {"http", "data"}), ("SMTP", b"EHLO a.example\r\n", {"data"}), ("FTP", b"USER a\r\n", {"ftp"})]
    found = []
    for number, (what, line, shown) in enumerate(stories):
        connection = Connection(sport=41000 + number, dport=4021).handshake().server(b"220 Our FTP Server ready\r\n")
        found.append((what, (connection.client(line).server(b"500 what?\r\n") if line else connection).close().packets, shown))
    return found


def test_a_copy_in_a_tunnel(ws, tmp_path):
    """Wireshark takes it for retransmissions, in which it shows nothing: it has the names of the pass at hand as well."""
    giop, ziop = conversations()[4][1], conversations()[5][1]
    frames = [ethernet(frame) for packet in giop + ziop for frame in (packet, ip(raw(47, struct.pack(">HH", 0, 0x0800) + packet)))]
    rows = ws.rows(write_pcap(tmp_path / "copies.pcap", frames), ["tcp.stream", "session.id", "session.proto"], two_pass=True)
    assert {(stream, session) for stream, session, _ in rows} == {("0", "0"), ("0", "1"), ("1", "2"), ("1", "3")}
    assert {(stream, names) for stream, _, names in rows} == {("0", "giop"), ("1", "ziop")}


def assert_passes_at_hand(ws, capture, stories):
    expected = {str(number): names for number, (_, _, names) in enumerate(stories)}
    for display_filter in (), ("-R", "frame"):
        shown, named = shown_and_named(ws, capture, options=display_filter)
        assert shown == expected and named == expected, display_filter
    stock = ws.subset(*(ws.built() - {"whole-session"}))
    once, twice = (by_hand.packets(stock.rows(capture, by_hand.STOCK_FIELDS, two_pass=two_pass),
                                   ws.rows(capture, by_hand.OUR_FIELDS, two_pass=two_pass)) for two_pass in (False, True))
    assert by_hand.wrong_so_far(once, twice) == by_hand.wrong_names(twice) == {}


@pytest.mark.parametrize("stories", [conversations, greetings])
def test_the_pass_at_hand(ws, tmp_path, stories):
    """With greetings: FTP guesses by one, and what the client says then may refute that. Only the first pass shows the guess."""
    capture = write_pcap(tmp_path / "passes.pcap", [ethernet(packet) for _, packets, _ in stories() for packet in packets])
    assert_passes_at_hand(ws, capture, stories())

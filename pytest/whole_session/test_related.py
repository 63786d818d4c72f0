# SPDX-License-Identifier: GPL-2.0-or-later
"""Conversations that others have announced: session.related, session.match_related."""

import struct

import pytest

from harness.craft import CLIENT, SERVER, Connection, ethernet, ip, udp, write_pcap


@pytest.fixture
def ftp(tmp_path):
    """Two passive transfers of one control connection; the second one is reset. And a stranger. ({name: [frames]})"""
    control = Connection(sport=40000, dport=21).handshake().server(b"220 x\r\n").client(b"USER a\r\n").server(b"230 ok\r\n")
    frames, numbers = [], {"control": [], "first": [], "second": [], "stranger": []}

    def flush(name, connection):
        for packet in connection.packets:
            frames.append(ethernet(packet))
            numbers[name].append(len(frames))
        connection.packets.clear()

    for name, port, file in (("first", 50001, b"one"), ("second", 50002, b"two")):
        control.client(b"PASV\r\n").server(b"227 Entering Passive Mode (%s,%d,%d).\r\n" % (SERVER.replace(".", ",").encode(), port >> 8, port & 255))
        control.client(b"RETR " + file + b"\r\n").server(b"150 here\r\n")
        flush("control", control)
        data = Connection(sport=41000 + port % 10, dport=port).handshake().server(b"content of " + file)
        if name == "second":
            data._add(1, flags="RA")
        else:
            data.close()
        flush(name, data)
        control.server(b"226 done\r\n")
    flush("control", control.close())
    flush("stranger", Connection(sport=43000, dport=50009).handshake().client(b"x").close())
    return write_pcap(tmp_path / "ftp.pcap", frames), numbers


def test_ftp(ws, ftp):
    capture, numbers = ftp
    for only in ws, ws.subset("whole-session"):
        for two_pass in False, True:
            assert only.frames(capture, "session.related == 0", two_pass) == sorted(numbers["first"] + numbers["second"])
        assert only.count(capture, "session.related", True) == len(numbers["first"] + numbers["second"])


@pytest.mark.parametrize("display_filter, alone, with_related", [
    ("tcp.flags.reset == 1", ["second"], ["second", "control"]),
    ("ftp.response.code == 220", ["control"], ["control", "first", "second"]),
    ("tcp.port == 43000", ["stranger"], ["stranger"]),
])
def test_matching_what_is_related(ws, ftp, display_filter, alone, with_related):
    capture, numbers = ftp
    for related, expected in (("FALSE", alone), ("TRUE", with_related)):
        prefs = {"session.match": display_filter, "session.match_related": related}
        assert ws.frames(capture, "session.matched", True, prefs=prefs) == sorted(sum((numbers[name] for name in expected), []))


def test_rtp_is_of_the_call(ws, shared):
    capture = shared / "general/timetology__misc__The_Ultimate_PCAP_v20200224.pcapng"
    found = set(ws.rows(capture, ["session.related"], 'session.proto == "rtp" and session.related', two_pass=True))
    callers = set(ws.rows(capture, ["session.id"], 'session.proto == "sip"', two_pass=True))
    assert found and found <= callers


def test_a_tftp_transfer(ws, tmp_path):
    """The request goes to port 69, the answer comes from another one."""
    capture = write_pcap(tmp_path / "tftp.pcap", [ethernet(p) for p in [
        ip(udp(b"\0\1file\0octet\0", 40000, 69)), ip(udp(b"\0\3\0\1abc", 50000, 40000), SERVER, CLIENT), ip(udp(b"\0\4\0\1", 40000, 50000)),
        ip(udp(b"\0\4\0\1", 40001, 50000))]])
    assert ws.rows(capture, ["session.id", "session.related", "session.outcome"], two_pass=True) == [
        ("0", "", "established"), ("1", "0", ""), ("1", "0", "established"), ("2", "", "unanswered")]


def rtp(number, side):
    """A datagram of sound, from the one who calls or (1) from the one who is called."""
    payload = struct.pack(">BBHII", 0x80, 0, number, 160 * number, 0x1234 + side) + bytes(160)
    return ip(udp(payload, 30000, 20000), SERVER, CLIENT) if side else ip(udp(payload, 20000, 30000))


def sip(first, host, port):
    body = f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\n"
    return (f"{first}\r\nVia: SIP/2.0/UDP {CLIENT};branch=z9hG4bK1\r\nFrom: <sip:a@x.example>;tag=1\r\nTo: <sip:b@x.example>\r\nCall-ID: 1\r\n"
            f"CSeq: 1 INVITE\r\nContent-Type: application/sdp\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()


def test_rtp_before_its_announcement(ws, tmp_path):
    """It shows data, but is of a session that has RTP; 4.0 and 4.4 mark it so in -2 as 4.6 does."""
    invite = ip(udp(sip("INVITE sip:b@x.example SIP/2.0", CLIENT, 20000), 5060, 5060))
    ok = ip(udp(sip("SIP/2.0 200 OK", SERVER, 30000), 5060, 5060), SERVER, CLIENT)
    packets = [rtp(1, 1), rtp(1, 0), invite, rtp(2, 0), ok, rtp(2, 1), rtp(3, 0)]
    capture = write_pcap(tmp_path / "early.pcap", [ethernet(packet) for packet in packets])
    for display_filter in None, "frame":
        rows = ws.rows(capture, ["frame.number", "session.id", "session.proto", "rtp"], display_filter, two_pass=True)
        of_rtp = [int(row[0]) for row in rows if "rtp" in row[2].split(",")]
        assert of_rtp == [1, 2, 4, 6, 7] and [int(row[0]) for row in rows if row[3]][0] == 4
        assert {row[1] for row in rows if int(row[0]) in of_rtp} == {"0"}
    with ws.sharkd() as sharkd:
        sharkd.load(capture)
        assert sharkd.frames('session.proto == "rtp"') == [1, 2, 4, 6, 7]


def test_a_call_that_nobody_answers(ws, tmp_path):
    """Sound that goes where an INVITE has announced it is no answer to the INVITE, from whomever it comes; one on its way back is."""
    invite = ip(udp(sip("INVITE sip:b@x.example SIP/2.0", CLIENT, 20000), 5060, 5060))
    trying = ip(udp(b"SIP/2.0 100 Trying\r\nContent-Length: 0\r\n\r\n", 5060, 5060), SERVER, CLIENT)
    for packets, outcome in (([invite, rtp(1, 1), rtp(1, 0)], "unanswered"), ([invite, rtp(1, 1), trying], "established")):
        capture = write_pcap(tmp_path / f"{outcome}.pcap", [ethernet(packet) for packet in packets])
        assert ws.rows(capture, ["session.outcome"], "session.outcome and session.id == 0", two_pass=True) == [(outcome,)]
        assert ws.count(capture, "session.related == 0", True) == sum(packet in (rtp(1, 1), rtp(1, 0)) for packet in packets)

# SPDX-License-Identifier: GPL-2.0-or-later
"""session.outcome: which resets count, and what establishes a connection."""

import struct

from harness.craft import CLIENT, SERVER, Connection, conversation, ethernet, ip, tcp, write_pcap
from whole_session.test_outcome import outcomes
from whole_session.test_sessions import sctp

WEB = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 204 No\r\n\r\n"


def client(flags, seq=1000, ack=0, sport=40000):
    return ip(tcp(b"", sport, 80, seq, ack, flags))


def server(flags, seq=5000, ack=1001, sport=40000):
    return ip(tcp(b"", 80, sport, seq, ack, flags), SERVER, CLIENT)


def last_outcome(ws, path, packets):
    """That of the conversation which ends the capture: 4.4 begins another one where a SYN follows a reset."""
    return outcomes(ws, write_pcap(path, list(map(ethernet, packets))), True)[-1][2]


def test_a_reset_that_ended_nothing(ws, tmp_path):
    """Forged, of an old connection, or before another try: the conversation goes on, in both directions."""
    blind = Connection().handshake().client(WEB[0])._add(1, flags="R", seq=3000000000).server(WEB[1]).close().packets
    near = Connection().handshake().client(WEB[0])._add(1, flags="R").server(WEB[1]).close().packets
    old_ack = [client("S"), server("RA", 0, 555), *conversation(*WEB)]
    half_open = [client("S"), server("A", 777777, 424242), client("R", 424242), *conversation(*WEB)]
    again = [client("S"), server("RA", 0), *conversation(*WEB)]
    for name, packets in {"blind": blind, "near": near, "old-ack": old_ack, "half-open": half_open, "again": again}.items():
        assert last_outcome(ws, tmp_path / f"{name}.pcap", packets) == "established", name
    capture = write_pcap(tmp_path / "blind.pcap", list(map(ethernet, blind)))
    assert outcomes(ws, capture, False) == [(8, 0, "established")]       # in one pass where both sides have closed it


def test_a_reset_that_counts(ws, tmp_path):
    """What was in flight, a SYN that is sent again, and a reset far from the last one refute nothing."""
    talk = Connection().handshake().client(WEB[0])
    in_flight = [*talk.packets, *Connection(seq=1001 + len(WEB[0]))._add(1, flags="R", seq=5001).client(b"more").packets]
    refused = [client("S"), server("RA", 0)] * 3
    for name, packets, outcome in ("flight", in_flight, "reset"), ("thrice", refused, "refused"), \
            ("wrong", [client("S"), server("RA", 0, 555)], "unanswered"), ("old", [client("S"), server("A", 7, 9)], "unanswered"):
        assert last_outcome(ws, tmp_path / f"{name}.pcap", packets) == outcome, name
    capture = write_pcap(tmp_path / "blind.pcap", list(map(ethernet, [*talk.packets, server("R", 3000000000)])))
    assert outcomes(ws, capture, True) == [(5, 0, "established")]
    off = {"tcp.analyze_sequence_numbers": "FALSE"}     # nothing tells that the number is not the connection's
    assert ws.rows(capture, ["session.outcome"], "session.outcome", two_pass=True, prefs=off) == [("reset",)]


def test_nothing_that_establishes(ws, tmp_path):
    """SYN and SYN-ACK alone; segments that acknowledge nothing; two of SCTP's four. A simultaneous open is established."""
    init, init_ack = (struct.pack(">BBHIIHHI", kind, 0, 20, tag, 65535, 1, 1, 1) for kind, tag in ((1, 0xa1), (2, 0xb1)))
    echo, echoed = struct.pack(">BBHI", 10, 0, 8, 0x1234), struct.pack(">BBH", 11, 0, 4)
    there = ip(sctp(5000, 2905, 0, init)), ip(sctp(5000, 2905, 0xb1, echo))
    back = [ip(sctp(2905, 5000, 0xa1, chunk), SERVER, CLIENT) for chunk in (init_ack, echoed)]
    stories = [
        ([client("S"), *[server("SA")] * 3], "unanswered"), ([server("SA")], "unanswered"),
        ([client("F")], "unanswered"), ([client("FPU")], "unanswered"), ([client("")], "unanswered"), ([client("A", ack=1)], "established"),
        ([there[0], back[0], there[1]], "unanswered"), ([there[0], back[0], there[1], back[1]], "established"),
        ([client("S"), server("S", ack=0), client("SA", ack=5001), server("SA")], "established"),
        ([client("S"), server("S", ack=0), client("SA", ack=5001)], "unanswered"),
        ([client("S"), server("SA"), client("R", 1001)], "reset")]
    for number, (packets, outcome) in enumerate(stories):
        assert last_outcome(ws, tmp_path / f"{number}.pcap", packets) == outcome, number


def test_flags_that_were_not_captured(ws, tmp_path):
    """A chunk of SCTP that was cut off says nothing of the association, so nothing is said of it."""
    frame = ethernet(ip(sctp(5000, 2905, 0, struct.pack(">BBHIIHHI", 1, 0, 20, 0xa1, 65535, 1, 1, 1))))
    capture = write_pcap(tmp_path / "cut.pcap", [(1.0, frame[:14 + 20 + 12], len(frame))])
    assert outcomes(ws, capture, True) == [] and ws.count(capture, "session", True) == 1


def test_an_association_that_is_cut_stays_the_same(ws, tmp_path):
    """Without a tag only the first pass knows which association waits for one."""
    def init(tag):
        return struct.pack(">BBHIIHHI", 1, 0, 20, tag, 65535, 1, 1, 1)

    answer = ethernet(ip(sctp(2905, 5001, 0xa2, struct.pack(">BBHIIHHI", 2, 0, 20, 0xb2, 65535, 1, 1, 1)), SERVER, CLIENT))
    first, later = (ethernet(ip(sctp(5001, 2905, 0, init(tag)))) for tag in (0xa2, 0xa3))
    cut = 14 + 20 + 12
    capture = write_pcap(tmp_path / "cut.pcap", [(1.0, first[:cut], len(first)), (1.1, answer), (1.2, later[:cut], len(later))])
    once, twice = (ws.rows(capture, ["frame.number", "session.id"], two_pass=two_pass) for two_pass in (False, True))
    assert once == twice and once[0][1] == "0"

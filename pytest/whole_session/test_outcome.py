# SPDX-License-Identifier: GPL-2.0-or-later
"""What was tried and what became of it: session.expected, session.outcome; every fragment of a session."""

import ipaddress
import struct

import pytest

from harness.craft import Connection, ethernet, icmp_error, ip, ipv4, ipv6, raw, tcp, udp, write_pcap
from whole_session.test_sessions import association, sctp

FIELDS = ["frame.number", "session.id", "session.expected", "session.outcome"]
QUERY = bytes.fromhex("12340100000100000000000007" "6578616d706c65" "036f7267" "0000010001")


def outcomes(ws, capture, two_pass):
    """[(frame, session, outcome)]"""
    rows = ws.rows(capture, ["frame.number", "session.id", "session.outcome"], "session.outcome", two_pass=two_pass)
    return [(int(frame), int(session), outcome) for frame, session, outcome in rows]


def test_failed_connections(ws, shared):
    capture = shared.parent / "cases/whole-session/failed-connections.pcap"
    expected = {0: "ldp", 1: "ldp", 2: "bgp", 3: "tls"}
    decided = [(2, 0, "refused"), (5, 1, "icmp error"), (7, 2, "refused")]
    for two_pass in False, True:
        rows = ws.rows(capture, ["session.id", "session.expected", "session.proto"], two_pass=two_pass)
        assert {(int(session), name, proto) for session, name, proto in rows} == {(n, name, "") for n, name in expected.items()}
        assert ws.frames(capture, 'session.expected == "ldp"', two_pass) == [1, 2, 3, 4, 5]
    assert outcomes(ws, capture, False) == decided
    assert outcomes(ws, capture, True) == [*decided, (10, 3, "established")]
    with ws.sharkd() as sharkd:
        sharkd.load(capture)
        assert sharkd.rows(FIELDS) == ws.rows(capture, FIELDS, two_pass=True)


def tcp_stories():
    """(packets, outcome, the packet that decides it in one pass, from 0; None: it stays open)"""
    def conn(n):
        return Connection(sport=40000 + n, dport=646)

    def segment(connection, side, flags):
        connection._add(side, flags=flags)
        return connection

    return [
        (conn(1)._add(0, flags="S")._add(1, flags="RA").packets, "refused", 1),
        (conn(2)._add(0, flags="S").packets * 3, "unanswered", None),
        (conn(3).handshake().packets, "established", None),
        (conn(4).handshake().client(b"x")._add(1, flags="RA").packets, "reset", 4),
        (conn(5).handshake().close().packets, "established", 4),
        (segment(conn(6).handshake().close(), 0, "R").packets, "established", 4),
        (conn(7)._add(0, flags="S")._add(0, flags="R").packets, "unanswered", None),
        (conn(8).handshake()._add(0, flags="FA")._add(1, flags="R").packets, "reset", 4),
        (conn(9).client(b"x").packets, "established", None),
        (conn(10)._add(1, flags="R").packets, "reset", 0),
        (conn(11)._add(0, flags="S")._add(1, flags="SA")._add(0, flags="R").packets, "reset", 2),
    ]


def other_stories():
    query, late, web = ip(udp(QUERY, 41001, 53)), ip(udp(QUERY, 41002, 53)), Connection(sport=41003, dport=80).handshake()
    long = Connection(sport=41005, dport=80).handshake().client(b"x" * 1400)
    long6, time6 = (Connection(sport=port, dport=80, src="2001:db8::1", dst="2001:db8::2").handshake() for port in (41006, 41007))
    return [
        ([query, icmp_error(query)], "icmp error", 1),
        ([late, late], "unanswered", None),
        ([ip(udp(QUERY, 5353, 5353), "192.0.2.1", "224.0.0.251")], "established", None),
        ([ip(udp(QUERY, 5353, 5353), "2001:db8::1", "ff02::fb")], "established", None),
        ([ip(udp(QUERY, 41004, 53)), ip(udp(QUERY, 53, 41004), "198.51.100.1", "192.0.2.1")], "established", None),
        ([*web.packets, icmp_error(web.packets[0], kind=5, code=1)], "established", None),      # a redirect
        ([*long.packets, icmp_error(long.packets[-1], kind=3, code=4), icmp_error(long.packets[-1], kind=4, code=0)], "established", None),
        ([*long6.packets, icmp_error(long6.packets[-1], kind=2, code=0)], "established", None),        # packet too big
        ([*time6.packets, icmp_error(time6.packets[0], kind=3, code=0)], "icmp error", 3),
        ([*web.packets, icmp_error(web.packets[0], kind=11, code=0)], "icmp error", None),
    ]


def test_outcomes(ws, tmp_path):
    """Once a session: in one pass where it is decided, with -2 on the last packet, whatever came last."""
    frames, last, decided = [], [], []
    stories = tcp_stories() + other_stories()
    for number, (packets, outcome, deciding) in enumerate(stories[:-1]):
        if deciding is not None:
            decided.append((len(frames) + deciding + 1, number, outcome))
        frames += packets
        last.append((len(frames), number, outcome))
    capture = write_pcap(tmp_path / "stories.pcap", list(map(ethernet, frames)))
    assert outcomes(ws, capture, False) == decided
    assert outcomes(ws, capture, True) == last
    error = write_pcap(tmp_path / "error.pcap", list(map(ethernet, stories[-1][0])))
    assert outcomes(ws, error, True) == [(len(stories[-1][0]), 0, "icmp error")]


def test_sctp(ws, tmp_path):
    """INIT that is answered by ABORT or by nothing; ABORT behind a SACK, as RFC 9260 section 3.3.7 allows; a shutdown."""
    sack, abort = bytes.fromhex("03000010000000010000ffff00000000"), bytes.fromhex("06000004")

    def from_server(port, *chunks):
        return ip(sctp(2905, port, 0x11111111, b"".join(chunks)), "192.0.2.2", "192.0.2.1")

    stories = [
        (association(ports=(5000, 2905)), "established"),
        (association(ports=(5001, 2905))[:1] + [from_server(5001, abort)], "refused"),
        (association(ports=(5002, 2905))[:1] * 3, "unanswered"),
        (association(ports=(5003, 2905))[:5] + [from_server(5003, abort)], "reset"),
        (association(ports=(5004, 2905))[:5] + [from_server(5004, sack, abort)], "reset"),
        (association(ports=(5005, 2905))[:5] + [from_server(5005, sack, b"\x0a\0\0\0")], "established"),
        (association(ports=(5006, 2905)) + [from_server(5006, abort)], "established")]
    capture = write_pcap(tmp_path / "sctp.pcap", [ethernet(packet) for packets, _ in stories for packet in packets])
    assert [outcome for _, _, outcome in outcomes(ws, capture, True)] == [outcome for _, outcome in stories]


def test_what_expects_no_answer_in_its_conversation(ws, tmp_path):
    """To a group or to all, and what answers that from another address (DHCP, SSDP); a tunnel. Not what only has a port in common."""
    search = b"M-SEARCH * HTTP/1.1\r\n\r\n"
    arp = bytes.fromhex("ffffffffffff" "020000000001" "0806" "0001080006040001" "020000000001" "c0000201" "000000000000" "c0000202")
    packets = [
        (ip(udp(bytes(240), 68, 67), "0.0.0.0", "255.255.255.255"), "established"),
        (ip(udp(bytes(240), 67, 68), "192.0.2.1", "192.0.2.50"), "established"),
        (ip(udp(bytes(240), 67, 69), "192.0.2.1", "192.0.2.50"), "unanswered"),
        (ip(udp(search, 40000, 1900), "192.0.2.1", "239.255.255.250"), "established"),
        (ip(udp(b"HTTP/1.1 200 OK\r\n\r\n", 50000, 40000), "198.51.100.9", "192.0.2.1"), "established"),
        (ip(udp(search, 50000, 40001), "198.51.100.9", "192.0.2.1"), "unanswered"),
        (ip(udp(search, 40002, 1900), "2001:db8::1", "ff02::c"), "established"),
        (ip(udp(b"HTTP/1.1 200 OK\r\n\r\n", 1900, 40002), "2001:db8::9", "2001:db8::1"), "established"),
        (ip(udp(bytes(50), 137, 137), "192.0.2.1", "192.0.2.15"), "established"),
        (ip(udp(bytes(50), 137, 137), "192.0.2.9", "192.0.2.1"), "unanswered"),
        (ip(udp(b"\x08\0\0\0\0\0\5\0" + arp, 50000, 4789)), "established")]
    capture = write_pcap(tmp_path / "no-answer.pcap", [
        ethernet(packet, dst="ff:ff:ff:ff:ff:ff" if number == 8 else "02:00:00:00:00:02") for number, (packet, _) in enumerate(packets)])
    assert outcomes(ws, capture, True) == [(number + 1, number, outcome) for number, (_, outcome) in enumerate(packets)]


def test_an_address_that_ends_with_255(ws, tmp_path):
    """A host's in a frame to one station; to all in a frame that is for all, or where the link has no addresses."""
    query = ip(udp(bytes(50), 40000, 137), "10.1.0.1", "10.1.2.255")
    links = [(ethernet(query, dst=dst), linktype) for dst, linktype in (("02:00:00:00:00:02", 1), ("ff:ff:ff:ff:ff:ff", 1))] + [(query, 101)]
    found = []
    for number, (frame, linktype) in enumerate(links):
        capture = write_pcap(tmp_path / f"{number}.pcap", [frame], linktype=linktype)
        found += [outcome for _, _, outcome in outcomes(ws, capture, True)]
    assert found == ["unanswered", "established", "established"]


def test_an_address_that_ends_with_255_in_a_tunnel(ws, tmp_path):
    """The frame is the tunnel's, to one station, unless the tunnel carries frames of its own."""
    query = ip(udp(bytes(50), 40000, 138), "10.1.0.1", "10.1.2.255")
    gre, ppp = struct.pack(">HH", 0, 0x0800) + query, struct.pack(">BBHHH", 0x11, 0, 1, 2 + len(query), 0x21) + query
    inner, to_all = [ethernet(query, dst=dst) for dst in ("02:00:00:00:00:09", "ff:ff:ff:ff:ff:ff")]
    cases = [
        (ethernet(ip(raw(47, gre))), "established"), (ethernet(ip(raw(4, query))), "established"),
        (ethernet(ppp, 0x8864), "established"),
        (ethernet(ip(udp(b"\x08\0\0\0\0\0\5\0" + inner, 50000, 4789))), "unanswered"),
        (ethernet(ip(udp(b"\x08\0\0\0\0\0\5\0" + to_all, 50000, 4789))), "established"),
        (ethernet(ip(udp(b"\x08\0\0\0\0\0\5\0" + inner, 50000, 4789), dst="192.0.2.15"), dst="ff:ff:ff:ff:ff:ff"), "unanswered")]
    for number, (frame, expected) in enumerate(cases):
        capture = write_pcap(tmp_path / f"{number}.pcap", [frame])
        (outcome,), = ws.rows(capture, ["session.outcome"], two_pass=True)
        found = outcome.split(",")      # 4.6 names the inner one first
        assert found.count("unanswered") == (expected == "unanswered") and {*found} <= {"established", "unanswered"}, number


def test_an_error_about_a_packet_in_a_tunnel(ws, tmp_path):
    """The message is in front of all headers that it quotes: whatever the tunnel's addresses are, they are no type and code."""
    syn, syn6 = ip(tcp(b"", 40000, 80, flags="S")), ip(tcp(b"", 40000, 80, flags="S"), "2001:db8::1", "2001:db8::2")
    tunnels = [ipv4(raw(4, syn), "10.1.0.1"), ipv4(raw(41, syn6), "3.1.0.1"), ipv4(raw(47, b"\0\0\x08\0" + syn), "11.1.0.1"),
               ip(udp(b"\x08\0\0\0\0\0\5\0" + ethernet(syn), 50000, 4789), "10.1.0.1")]
    for number, packet in enumerate(tunnels):
        for kind, code, is_error in ((3, 3, True), (3, 4, False), (5, 1, False)):
            capture = write_pcap(tmp_path / f"{number}-{kind}-{code}.pcap", [ethernet(packet), ethernet(icmp_error(packet, kind=kind, code=code))])
            found = ws.rows(capture, ["session.outcome"], "session.outcome", two_pass=True)
            assert any("icmp error" in outcome for outcome, in found) == is_error, (number, kind, code)


def test_too_big_for_a_segment_routing_header(ws, tmp_path):
    """RFC 8754, five segments; its packet's destination is not the header's."""
    segments = [ipaddress.ip_address(f"2001:db8::{n}").packed for n in (2, 70, 71, 72, 73)]
    data = tcp(b"x" * 20, 40800, 80, 1000, 1).bytes("2001:db8::1", "2001:db8::2")
    payload = struct.pack(">BBBBBBH", 6, 10, 4, 4, 4, 0, 0) + b"".join(segments) + data
    packet = struct.pack(">IHBB", 6 << 28, len(payload), 43, 64) + ipaddress.ip_address("2001:db8::1").packed + segments[4] + payload
    capture = write_pcap(tmp_path / "srh.pcap", [ethernet(packet), ethernet(icmp_error(packet, kind=2, code=0))])
    assert {row[2] for row in outcomes(ws, capture, True)} == {"established"}


def test_nothing_but_an_error_that_is_none(ws, tmp_path):
    """Nothing is said of a conversation of which nothing was captured itself."""
    data = ip(tcp(b"x" * 30, 40000, 80))
    capture = write_pcap(tmp_path / "alone.pcap", [ethernet(icmp_error(data, kind=5, code=1)), ethernet(icmp_error(data, kind=3, code=4))])
    assert outcomes(ws, capture, True) == [] and ws.count(capture, "session.icmp_error", True) >= 1


def test_a_request_to_who_has_sent_to_all(ws, tmp_path):
    """A DHCP server that offers to all has asked nothing."""
    offer = ip(udp(bytes(240), 67, 68), "10.0.0.1", "255.255.255.255")
    renewal = ip(udp(bytes(240), 68, 67), "10.0.0.5", "10.0.0.1")
    capture = write_pcap(tmp_path / "renewal.pcap", [ethernet(offer, dst="ff:ff:ff:ff:ff:ff"), ethernet(renewal), ethernet(renewal)])
    assert [row[2] for row in outcomes(ws, capture, True)] == ["established", "unanswered"]


def test_a_reset_alone(ws, tmp_path):
    """All that was captured of a conversation: with sequence number 0 it answers what should have opened it."""
    packets = [ip(tcp(b"", 80, 40000, seq=0, ack=1001, flags="RA")), ip(tcp(b"", 80, 40001, seq=5001, ack=1001, flags="RA")),
               ip(tcp(b"", 80, 40002, seq=0, flags="R"))]
    capture = write_pcap(tmp_path / "resets.pcap", list(map(ethernet, packets)))
    for two_pass in False, True:
        assert outcomes(ws, capture, two_pass) == [(1, 0, "refused"), (2, 1, "reset"), (3, 2, "reset")]


def test_small_servers_that_are_not_there(ws, captures):
    """With the server stopped: refused connections and datagrams that met an ICMP error, each with what was tried."""
    rows = ws.rows(captures / "small-services/small-services.pcap", FIELDS[2:] + ["session.proto"], "session.outcome", two_pass=True)
    tried = [(expected or proto, outcome) for expected, outcome, proto in rows if outcome in ("refused", "icmp error")]
    assert sorted(tried) == [("discard", "icmp error")] * 5 + [("discard", "refused")] * 2 + [("echo", "icmp error")] * 2


def test_expected_is_what_the_server_s_port_says(ws, tmp_path):
    """
    Who opened the connection is no server, whichever port is the lower one; its port is asked last (FTP's data from port 20), and not
    at all where chance has given it a port that a protocol has as well (EtherNet/IP's).
    """
    packets = [ip(tcp(sport=179, dport=646, flags="S")), ip(tcp(sport=20, dport=40001, flags="S")), ip(udp(b"", 40000, 53)),
               ip(tcp(sport=44818, dport=60001, flags="S")), ip(tcp(sport=44818, dport=60003, flags="A"))]
    capture = write_pcap(tmp_path / "sides.pcap", list(map(ethernet, packets)))
    for two_pass in False, True:
        assert [row[0] for row in ws.rows(capture, ["session.expected"], two_pass=two_pass)] == ["ldp", "ftp-data", "dns", "", "enip"]


# Fragments


def fragments4(packet, size, identification=7):
    data, out = packet[20:], []
    for at in range(0, len(data), size):
        head = bytearray(packet[:20])
        part = data[at:at + size]
        head[2:4] = (20 + len(part)).to_bytes(2, "big")
        head[4:6] = identification.to_bytes(2, "big")
        head[6:8] = (at // 8 | (0x2000 if at + size < len(data) else 0)).to_bytes(2, "big")
        out.append(bytes(head) + part)
    return out


def fragments6(packet, size, identification=7):
    data, out = packet[40:], []
    for at in range(0, len(data), size):
        part = data[at:at + size]
        more = at + size < len(data)
        header = bytes([packet[6], 0]) + (at | more).to_bytes(2, "big") + identification.to_bytes(4, "big")
        out.append(packet[:4] + (8 + len(part)).to_bytes(2, "big") + bytes([44, packet[7]]) + packet[8:40] + header + part)
    return out


def test_fragments_of_the_case(ws, shared):
    capture = shared.parent / "cases/whole-session/fragments-no-session.pcap"
    assert ws.frames(capture, 'session.id == 0 and session.proto == "dns"', True) == [1, 2, 3, 4]
    with ws.sharkd() as sharkd:
        sharkd.load(capture)
        assert sharkd.frames('session.proto == "dns"') == [1, 2, 3, 4]


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 0, 2, 1]])
def test_every_fragment(ws, tmp_path, order):
    """In any order, IPv4 and IPv6; one that is missing leaves the others without a session."""
    body = udp(QUERY + bytes(100), 40000, 53)
    whole4, whole6 = ipv4(body), ipv6(udp(QUERY + bytes(100), 40001, 53))
    lost = ipv4(udp(QUERY + bytes(100), 40002, 53))
    parts = [fragments4(whole4, 48), fragments6(whole6, 48), fragments4(lost, 48, 8)]
    assert [len(p) for p in parts] == [3, 3, 3]
    picked = [i for i in order if i < 3]
    frames = [part[i] for part in parts[:2] for i in picked] + parts[2][1:]
    capture = write_pcap(tmp_path / "fragments.pcap", list(map(ethernet, frames)))
    rows = ws.rows(capture, ["frame.number", "session.id", "session.proto"], "session", two_pass=True)
    assert [int(row[0]) for row in rows] == [1, 2, 3, 4, 5, 6]
    assert [row[1] for row in rows] == ["0"] * 3 + ["1"] * 3 and {row[2] for row in rows} == {"dns"}
    stock = ws.without_plugins()
    for statistic in ("io,phs", "expert"):
        assert [line for line in ws.statistics(capture, statistic, two_pass=True).splitlines() if "Session" not in line] == \
            stock.statistics(capture, statistic, two_pass=True).splitlines()


def test_fragments_in_a_tunnel_are_of_both_sessions(ws, tmp_path):
    """A VXLAN datagram that was cut: each part is of the carrier's session, and of the one inside."""
    inner = ethernet(ipv4(udp(QUERY + bytes(80), 40000, 53), "10.0.0.1", "10.0.0.2"))
    outer = ipv4(udp(b"\x08\0\0\0\0\0\5\0" + inner, 50000, 4789))
    capture = write_pcap(tmp_path / "vxlan.pcap", [ethernet(p) for p in fragments4(outer, 96)])
    assert ws.frames(capture, 'session.proto == "dns"', True) == ws.frames(capture, 'session.proto == "vxlan"', True) == [1, 2]
    assert {row for row in ws.rows(capture, ["udp.stream"], "udp", True)} == {("0,1",)}


@pytest.mark.measured
@pytest.mark.one_series
def test_a_datagram_of_many_packets_in_many_fragments(ws, tmp_path):
    """150 packets multiplexed by PPP in L2TP: those of them that come first own the 8000 fragments, not all."""
    inner = [ipv4(udp(bytes(390), 30000 + n, 30000), "10.0.0.1", "10.0.0.2") for n in range(150)]
    multiplexed = b"".join((0xc000 | 1 + len(packet)).to_bytes(2, "big") + b"\x21" + packet for packet in inner)
    outer = ipv4(udp(b"\0\2\0\1\0\1\xff\3\0\x59" + multiplexed, 1701, 1701))
    capture = write_pcap(tmp_path / "many.pcap", [ethernet(part) for part in fragments4(outer, 8)])
    owners = [len(row[0].split(",")) for row in ws.rows(capture, ["session.id"], "session.id", True)]
    assert owners[:-1] == [16] * (len(outer) // 8 - 3) and owners[-1] == 150
    assert ws.consumed(capture)[1] - ws.without_plugins().consumed(capture)[1] < 20_000


def test_raw_payload_of_no_transport(ws, tmp_path):
    """What is not a fragment, and what has no session, stays as it is."""
    packets = [ipv4(raw(253, bytes(40))), *fragments4(ipv4(raw(253, bytes(90))), 48)]
    capture = write_pcap(tmp_path / "raw.pcap", list(map(ethernet, packets)))
    assert ws.count(capture, "session", True) == 0

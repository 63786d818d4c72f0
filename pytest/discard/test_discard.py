# SPDX-License-Identifier: GPL-2.0-or-later
"""plugins/discard: RFC 863 on every version, totals, ICMP errors, replies, Wake-on-LAN."""

import hashlib
import random
import struct

import pytest

from harness.craft import Connection, Segment, ethernet, icmp_error, ip, ipv4, ipv6, raw, tcp, udp, write_pcap
from harness.properties import (assert_files_do_not_leak, assert_independent_of_others, assert_passes_agree,
                                assert_same_for_all, assert_survives, encapsulations, frames_of, truncations)

SERVICES = "small-services/small-services.pcap"
FIELDS = ["discard.len", "discard.bytes_total", "discard.unreachable_packet"]
LATER = ["discard.unreachable_in"]
OWN = "discard.bytes_total || discard.unreachable_in || discard.unreachable_packet || discard.reply"
MAGIC = b"\xff" * 6 + bytes.fromhex("020000000005") * 16


def capture_of(tmp_path, packets, name="crafted.pcap", **kwargs):
    return write_pcap(tmp_path / name, [ethernet(packet) for packet in packets], **kwargs)


def totals(ws, capture, **options):
    """{frame: bytes_total}"""
    rows = ws.rows(capture, ["frame.number", "discard.bytes_total"], "discard.bytes_total", **options)
    return {int(frame): int(total) for frame, total in rows}


def links(ws, capture, **options):
    """{frame: (unreachable_in, unreachable_packet, candidates)} of -2"""
    fields = ["frame.number", "discard.unreachable_in", "discard.unreachable_packet", "discard.unreachable_candidates"]
    rows = ws.rows(capture, fields, "discard.unreachable_in || discard.unreachable_packet", two_pass=True, **options)
    return {int(row[0]): row[1:] for row in rows}


def quotes(ws, capture, **options):
    """[(packet, error)], as both sides say"""
    found = links(ws, capture, **options)
    there = [(frame, int(error)) for frame, row in found.items() for error in row[0].split(",") if error]
    back = [(int(row[1]), frame) for frame, row in found.items() if row[1]]
    assert sorted(there) == sorted(back)
    return sorted(there)


def replies(ws, capture, **options):
    return ws.frames(capture, "discard.reply", **options)


# Real servers


def test_small_services(ws, captures):
    rows = assert_passes_agree(ws, captures / SERVICES, FIELDS, OWN.replace("discard.unreachable_in", "discard"), LATER)
    served = [(10, 10), (1000, 1010), (3, 1013), (3, 3), (5, 8)]
    refused = [(6, 6), (7, 13), (8, 8)]
    sent = [(int(row[1]), int(row[2])) for row in rows if row[2]]
    assert sent == served * 2 + refused * 2


def test_small_services_unreachable(ws, captures):
    """Datagrams, an empty one and bare SYNs; of the IPv4 SYNs only the last was answered."""
    capture = captures / SERVICES
    pairs = quotes(ws, capture)
    kinds = ws.rows(capture, ["frame.number", "ipv6.src", "udp.length", "tcp.flags.syn"])
    described = {int(row[0]): (6 if row[1] else 4, row[2] or "SYN") for row in kinds}
    assert [described[packet] for packet, _ in pairs] == [
        (4, "14"), (4, "15"), (4, "8"), (4, "SYN"), (6, "14"), (6, "15"), (6, "8"), (6, "SYN"), (6, "SYN"), (6, "16")]
    assert all(error == packet + 1 for packet, error in pairs)
    assert ws.count(capture, "tcp.flags.syn == 1 && tcp.flags.ack == 0 && tcp.dstport == 9 && ip.dst == 198.51.100.9 && "
                    "!discard.unreachable_in && !icmp", two_pass=True) == 1
    assert ws.count(capture, "discard.unreachable_candidates || discard.reply", two_pass=True) == 0
    assert ws.count(capture, "(echo || daytime || chargen || time) && (discard.unreachable_in || discard.bytes_total)",
                    two_pass=True) == 0


# The protocol itself


def test_types(ws):
    fields = ws.fields()
    assert {name: fields[name] for name in fields if name.split(".")[0] == "discard"} == {
        "discard": "FT_PROTOCOL", "discard.data": "FT_BYTES", "discard.text": "FT_STRING",
        "discard.md5_hash": "FT_STRING", "discard.len": "FT_UINT32", "discard.bytes_total": "FT_UINT64",
        "discard.unreachable_in": "FT_FRAMENUM", "discard.unreachable_packet": "FT_FRAMENUM",
        "discard.unreachable_candidates": "FT_UINT32", "discard.reply": "FT_NONE"}


def test_fields_and_columns_as_in_44(ws, tmp_path):
    packets = [ip(udp(b"hello\tyou", dport=9)), *Connection(dport=9).handshake().client(b"hello").packets]
    capture = capture_of(tmp_path, packets)
    fields = ["discard.data", "discard.text", "discard.md5_hash", "discard.len"]
    assert ws.rows(capture, fields, "discard") == [
        (b"hello\tyou".hex(), "", "", "9"), (b"hello".hex(), "", "", "5")]
    ours = ws.version < (4, 4)      # what is native says no bytes
    info = ["Discard, 9 bytes", "Discard, 5 bytes"] if ours else ["Discard"] * 2
    assert [row for row in ws.columns(capture) if row[0] == "DISCARD"] == [("DISCARD", text) for text in info]
    graph = ws.statistics(capture, "io,stat,0,SUM(discard.len)discard.len,MAX(discard.len)discard.len")
    assert [[cell.strip() for cell in line.split("|")[2:4]] for line in graph.splitlines() if "<>" in line][-1] == ["14", "9"]
    prefs = {"discard.show_as_text": "TRUE", "discard.md5_hash": "TRUE"}
    assert [row[2:] for row in ws.rows(capture, fields, "discard", prefs=prefs)] == [
        (hashlib.md5(b"hello\tyou").hexdigest(), "9"), (hashlib.md5(b"hello").hexdigest(), "5")]
    assert ws.columns(capture, prefs=prefs)[-1] == ("DISCARD", "Discard, 5 bytes: hello" if ours else "Discard: hello")


def test_ports_are_the_users(ws, tmp_path):
    """Preferences and Decode As decide, for what is added as well."""
    packet = ipv4(udp(b"abc", dport=4009))
    connection = Connection(dport=4009).handshake().client(b"abcd")
    nine = ipv4(udp(b"not here", dport=9))
    capture = capture_of(tmp_path, [packet, icmp_error(packet, 8), *connection.packets, nine])
    assert totals(ws, capture) == {7: 8}
    moved = {"discard.udp.port": "4009", "discard.tcp.port": "4009"}
    assert totals(ws, capture, prefs=moved) == {1: 3, 6: 4, 7: 8}
    assert quotes(ws, capture, prefs=moved) == [(1, 2)]
    decoded = ["-d", "udp.port==4009,discard", "-d", "tcp.port==4009,discard"]
    assert totals(ws, capture, options=decoded) == {1: 3, 6: 4, 7: 8}
    assert quotes(ws, capture, options=decoded) == [(1, 2)]
    elsewhere = ["-d", "udp.port==9,echo"]
    assert totals(ws, capture, options=elsewhere) == {}


def test_client_on_the_discard_port(ws, tmp_path):
    """What goes to or from a server that Wireshark knows is that server's, as in Wireshark 4.0 without the plugin."""
    query = struct.pack(">6H", 7, 0x100, 1, 0, 0, 0) + b"\7example\3org\0" + struct.pack(">2H", 1, 1)
    answer = query[:2] + b"\x81\x80" + query[4:]
    web = Connection(sport=9, dport=80).handshake().client(b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n")
    packets = [ipv4(udp(query, sport=9, dport=53)), ipv4(udp(answer, sport=53, dport=9), "198.51.100.1", "192.0.2.1"),
               ipv4(udp(b"abc", sport=40001, dport=9)), *web.packets, ipv4(udp(query, sport=4009, dport=53))]
    capture, served = capture_of(tmp_path, packets), [1, 2, len(packets) - 1, len(packets)]
    stock = ws.without_plugins()
    if ws.version < (4, 4):
        assert ws.frames(capture, "dns || http") == served and ws.frames(capture, "discard") == [3]
        assert ws.frames(capture, OWN, two_pass=True) == [3]
        assert ws.frames(capture, "discard", options=["--disable-protocol", "dns"]) == [1, 2, 3]
    else:
        assert ws.frames(capture, "dns || http") == stock.frames(capture, "dns || http")
        assert ws.frames(capture, "discard") == stock.frames(capture, "discard")
    assert len(packets) in ws.frames(capture, "discard", options=["-d", "udp.port==4009,discard"])


def test_dns_client_on_the_discard_port(ws, shared):
    capture = shared.parent / "cases/discard/dns-client-port9.pcap"
    stock = ws.without_plugins()
    assert ws.columns(capture) == stock.columns(capture)
    assert ws.count(capture, "dns") == (2 if ws.version < (4, 4) else stock.count(capture, "dns"))


def test_extend_off_is_as_without_the_plugin(ws, captures, tmp_path):
    """On 4.0 the protocol itself is the plugin's; what it adds to what 4.4 has is gone."""
    off, stock = {"discard.extend": "FALSE"}, ws.without_plugins()
    magic = capture_of(tmp_path, [ipv4(udp(MAGIC)), ipv4(udp(b"abc")), icmp_error(ipv4(udp(b"abc")), 8)])
    for capture in (captures / SERVICES, magic):
        for passes in ((), ("-2",)):
            assert ws.count(capture, OWN, two_pass=bool(passes)) and ws.count(capture, OWN, two_pass=bool(passes), prefs=off) == 0
            if ws.version >= (4, 4):
                alone = ws.subset("discard")
                assert alone.verbose(capture, "-o", "discard.extend:FALSE", *passes) == stock.verbose(capture, *passes)
                assert alone.tshark(capture, "-o", "discard.extend:FALSE", *passes) == stock.tshark(capture, *passes)
    if ws.version == (4, 4):
        assert ws.frames(magic, "wol") == [1] and ws.frames(magic, "wol", prefs=off) == []


def test_disabled(ws, captures):
    assert ws.count(captures / SERVICES, f"discard || {OWN}", two_pass=True,
                    options=["--disable-protocol", "discard"]) == 0


# Totals


def segment(port, seq, length, flags="PA"):
    return ipv4(tcp(b"x" * length, sport=port, dport=9, seq=seq, flags=flags))


def test_tcp_bytes_against_a_model(ws, tmp_path):
    """Segments in any order, overlapping, repeated, across the wrap: each byte once."""
    rng = random.Random(863)
    packets, expected = [], []
    for port, start in ((40001, 1), (40002, 0xfffff000), (40003, 0x7ffffff0), (40004, 5)):
        seen = set()
        packets.append(segment(port, start - 1, 0, "S"))
        expected.append(None)
        packets.append(segment(port, start, 1))
        seen.add(0)
        expected.append(1)
        for _ in range(250):
            begin, length = rng.randrange(0, 9000), rng.randrange(1, 700)
            seen |= set(range(begin, begin + length))
            packets.append(segment(port, start + begin, length))
            expected.append(len(seen))
    capture = capture_of(tmp_path, packets)
    wanted = {number: value for number, value in enumerate(expected, 1) if value}
    assert totals(ws, capture) == wanted
    assert totals(ws, capture, two_pass=True) == wanted


def test_tcp_bytes_in_corners(ws, tmp_path):
    keepalive = Connection(sport=41000, dport=9).handshake().client(b"\0", seq=1000).client(b"abc").client(b"c", seq=1003).client(b"cd", seq=1003)
    early = [segment(41001, 99, 4, "S"), segment(41001, 100, 6)]
    midway = [segment(41002, 1000, 10), segment(41002, 500, 5)]
    capture = capture_of(tmp_path, keepalive.packets + early + midway)
    assert totals(ws, capture) == {5: 3, 6: 3, 7: 4, 8: 4, 9: 6, 10: 10, 11: 15}


def test_first_segment_held_back(ws, tmp_path):
    """With tcp.reassemble_out_of_order, TCP passes the first segment on with the second, which fills the hole before it."""
    packets = [segment(41003, 99, 0, "S"), segment(41003, 110, 10), segment(41003, 100, 10), segment(41003, 120, 5)]
    capture = capture_of(tmp_path, packets)
    for two_pass in (False, True):
        assert totals(ws, capture, two_pass=two_pass) == {2: 10, 3: 20, 4: 25}
        assert totals(ws, capture, two_pass=two_pass, prefs={"tcp.reassemble_out_of_order": "TRUE"}) == {3: 20, 4: 25}


def test_both_directions_and_conversations_are_apart(ws, tmp_path):
    capture = capture_of(tmp_path, [
        ipv4(udp(b"abc", sport=41000)), ipv4(udp(b"abcd", sport=41001)), ipv4(udp(b"ab", sport=41000)),
        ipv4(udp(b"abcd", sport=41000), src="192.0.2.9"), ipv6(udp(b"a", sport=41000)), ipv4(udp(b"", sport=41000))])
    assert totals(ws, capture) == {1: 3, 2: 4, 3: 5, 4: 4, 5: 1}


def test_ports_used_again(ws, tmp_path):
    """A new connection between the same ports begins at nothing."""
    first = Connection(sport=41500, dport=9).handshake().client(b"abc").close()
    second = Connection(sport=41500, dport=9, seq=900000, ack=800000).handshake().client(b"abcd").client(b"ef")
    capture = capture_of(tmp_path, first.packets + second.packets)
    assert totals(ws, capture) == {4: 3, 11: 4, 12: 6}


def test_gaps_are_bounded(ws, tmp_path):
    """1100 gaps: the oldest are closed, so that bytes for them are not counted, and later ones are."""
    packets = [segment(42000, 0, 0, "S")] + [segment(42000, 1 + 10 * n, 5) for n in range(1101)]
    packets += [segment(42000, 1 + 5, 5), segment(42000, 1 + 10 * 1090 + 5, 5)]
    found = totals(ws, capture_of(tmp_path, packets))
    assert found[1102] == 5505 and found[1103] == 5505 and found[1104] == 5510


def test_cut_short_by_the_capture(ws, tmp_path):
    datagram = ethernet(ipv4(udp(b"x" * 500)))
    capture = write_pcap(tmp_path / "snap.pcap", [(0, datagram[:60], len(datagram)), (1, datagram[:60], len(datagram))])
    assert totals(ws, capture) == {1: 500, 2: 1000}
    assert ws.count(capture, "_ws.short") == 2


def test_lengths_that_contradict_the_packet(ws, tmp_path):
    """A datagram is as long as its IP packet says, where its own length says none or more; a header that has no room for itself carries nothing."""
    def datagram(length, ipv=ipv4):
        return ipv(Segment(17, struct.pack(">HHHH", 41000, 9, length, 0) + b"abc", b"", 6))

    def headed(octets):
        packet = bytearray(ipv4(tcp(b"abc", sport=41003, dport=9)))
        packet[32] = octets // 4 << 4
        return bytes(packet)

    capture = capture_of(tmp_path, [datagram(0, ipv6), datagram(500), datagram(7), headed(16), headed(60), datagram(11)])
    assert totals(ws, capture) == {1: 3, 2: 3, 6: 6}
    assert links(ws, capture) == {}


# Errors that quote


def test_quotes(ws, tmp_path):
    """Each by its own conversation: what is quoted, and how much of it."""
    cases, expected = [], []

    def case(*packets, pairs=()):
        at = len(cases) + 1
        cases.extend(packets)
        expected.extend((at + packet, at + error) for packet, error in pairs)

    def datagram(port, payload=b"data", number=7, **kwargs):
        return ipv4(udp(payload, sport=port), identification=number, **kwargs)

    for number, quoted in enumerate((8, 12, None)):
        packet = datagram(50000 + number)
        case(packet, icmp_error(packet, quoted), pairs=[(0, 1)])
        packet = ipv6(udp(b"data", sport=50000 + number))
        case(packet, icmp_error(packet, quoted), pairs=[(0, 1)])
    packet = ipv4(tcp(sport=50010, seq=77, flags="S"))
    case(packet, icmp_error(packet, 8), pairs=[(0, 1)])
    packet = ipv6(tcp(sport=50010, seq=77, flags="S"))
    case(packet, icmp_error(packet, 8), pairs=[(0, 1)])
    packet = ipv4(tcp(b"late", sport=50011, seq=77))
    case(packet, icmp_error(packet, 8, 11, 0, src="203.0.113.1"), pairs=[(0, 1)])
    packet = datagram(50012, b"")
    case(packet, icmp_error(packet, 8), pairs=[(0, 1)])
    packet = datagram(50013, options=b"\x94\x04\0\0")
    case(packet, icmp_error(packet, 8), pairs=[(0, 1)])
    # the identification tells which of two SYNs, datagrams
    first, second = (ipv4(tcp(sport=50014, seq=5, flags="S"), identification=n) for n in (3, 4))
    case(first, second, icmp_error(second, 8), pairs=[(1, 2)])
    first, second = datagram(50015, number=5), datagram(50015, number=6)
    case(first, second, icmp_error(second, 8), icmp_error(first, 8), pairs=[(1, 2), (0, 3)])
    # some systems quote it in their own byte order
    packet = datagram(50016, number=0x1234)
    swapped = packet[:4] + b"\x34\x12" + packet[6:]
    case(packet, icmp_error(swapped, 8), pairs=[(0, 1)])
    # an error can be about nothing that was captured
    packet = datagram(50017, number=8)
    case(packet, icmp_error(datagram(50017, number=9), 8))
    case(datagram(50018), icmp_error(datagram(50018, b"longer"), 8))
    case(icmp_error(datagram(50019), 8))
    # a redirect does not say that the packet was lost
    packet = datagram(50020)
    case(packet, icmp_error(packet, 8, 5, 1))
    # two errors for one
    packet = datagram(50021)
    case(packet, icmp_error(packet, 8, src="203.0.113.1"), icmp_error(packet, 8), pairs=[(0, 1), (0, 2)])
    # checksums that the network interface filled in after the capture
    packet = ipv6(udp(b"data", sport=50022))
    offloaded = packet[:46] + b"\x12\x34" + packet[48:]
    case(offloaded, icmp_error(packet), pairs=[(0, 1)])
    packet = datagram(50023)
    offloaded = packet[:26] + b"\x12\x34" + packet[28:]
    case(offloaded, icmp_error(packet, 8), pairs=[(0, 1)])
    case(ipv6(udp(b"DATA", sport=50024)), icmp_error(ipv6(udp(b"data", sport=50024))))
    # a segment that the network interface cut up after the capture
    case(ipv4(tcp(b"x" * 3000, sport=50025, seq=1000)), icmp_error(ipv4(tcp(b"x" * 1000, sport=50025, seq=2000)), 8, 3, 4),
         pairs=[(0, 1)])
    # other services
    packet = ipv4(udp(b"data", sport=50026, dport=7))
    case(packet, icmp_error(packet, 8))
    capture = capture_of(tmp_path, cases)
    assert quotes(ws, capture) == sorted(expected)
    assert ws.count(capture, "discard.unreachable_candidates", two_pass=True) == 0
    assert ws.frames(capture, "discard.unreachable_packet") == sorted({error for _, error in expected})


def test_redirect_of_ipv6(ws, tmp_path):
    """RFC 4861: it quotes a packet that was passed on. A Parameter Problem looks alike."""
    packets = []
    for port, exact in ((50030, 0), (50031, 8)):
        packet = ipv6(udp(bytes(range(1, 1 + exact)), sport=port))
        option = bytes([4, (8 + len(packet)) // 8]) + bytes(6) + packet
        packets += [packet, ipv6(Segment(58, b"\x89\0\0\0" + bytes(4) + bytes(32), option, 2), "fe80::1", "2001:db8::1")]
    problem = ipv6(udp(b"data", sport=50032))
    packets += [problem, icmp_error(problem, kind=4, code=0)]
    capture = capture_of(tmp_path, packets)
    assert ws.count(capture, "icmpv6.type == 137 && udp.dstport == 9") == 2
    assert quotes(ws, capture) == [(5, 6)]


def test_quote_of_ipv6_extension_headers(ws, tmp_path):
    def extended(port):
        inner = Segment(17, struct.pack(">HHHH", port, 9, 11, 0), b"abc", 6).bytes("2001:db8::1", "2001:db8::2")
        return ipv6(Segment(0, bytes([60, 0, 1, 4, 0, 0, 0, 0]) + bytes([17, 0, 1, 4, 0, 0, 0, 0]), inner, None))

    packets = [extended(50040), icmp_error(extended(50040)), extended(50041), icmp_error(extended(50041), kind=2, code=0)]
    capture = capture_of(tmp_path, packets)
    assert quotes(ws, capture) == [(1, 2), (3, 4)]
    assert totals(ws, capture) == {1: 3, 3: 3}


def test_quote_filled_up_for_extensions(ws, tmp_path):
    """RFC 4884: 8 bytes of a datagram or segment, zeros up to 128, an MPLS label stack."""
    labels = bytes.fromhex("20000000" "00080101" "00010140")

    def error(quote):
        message = bytearray(struct.pack(">BBHBBH", 3, 3, 0, 0, 32, 0) + quote + bytes(128 - len(quote)) + labels)
        return ipv4(raw(1, bytes(message)), "198.51.100.1", "192.0.2.1")

    datagram = ipv4(udp(b"x" * 150, sport=50050), identification=7)
    segment = ipv4(tcp(b"x" * 150, sport=50051, seq=9), identification=8)
    other = ipv4(udp(b"x" * 150, sport=50052), identification=9)
    changed = ipv4(udp(b"y" * 150, sport=50052), identification=9)
    packets = [datagram, error(datagram[:28]), segment, error(segment[:28]), other, error(changed[:128])]
    capture = capture_of(tmp_path, packets)
    assert quotes(ws, capture) == [(1, 2), (3, 4)]


def test_a_guess_is_shown_as_one(ws, tmp_path):
    """Three datagrams that nothing tells apart, and two errors; in IPv6 there is no identification."""
    packet = ipv6(udp(b"same", sport=51000))
    capture = capture_of(tmp_path, [packet, packet, packet, icmp_error(packet), icmp_error(packet)])
    assert links(ws, capture) == {1: ("4", "", "3"), 2: ("5", "", "2"), 4: ("", "1", "3"), 5: ("", "2", "2")}
    one_by_one = capture_of(tmp_path, [packet, icmp_error(packet), packet, icmp_error(packet)], "one.pcap")
    assert links(ws, one_by_one) == {1: ("2", "", ""), 2: ("", "1", ""), 3: ("4", "", ""), 4: ("", "3", "")}


def test_errors_of_one_packet_are_bounded(ws, tmp_path):
    """Sixteen are listed; each of the others still says which packet it quotes."""
    packet = ipv4(udp(b"data", sport=51002), identification=3)
    found = links(ws, capture_of(tmp_path, [packet] + [icmp_error(packet)] * 18))
    assert found[1][0] == ",".join(str(frame) for frame in range(2, 18))
    assert [found[frame] for frame in range(2, 20)] == [("", "1", "")] * 18


def test_fragments(ws, tmp_path):
    """The error quotes the first fragment; the datagram is shown where it is whole."""
    whole = ipv4(udp(b"x" * 100, sport=51001), identification=99)
    first = bytearray(whole[:20 + 48])
    first[2:4], first[6:8] = struct.pack(">H", 68), b"\x20\0"
    second = bytearray(whole[:20] + whole[68:])
    second[2:4], second[6:8] = struct.pack(">H", len(second)), struct.pack(">H", 6)
    capture = capture_of(tmp_path, [bytes(first), bytes(second), icmp_error(bytes(first), 8)])
    assert totals(ws, capture) == {2: 100}
    assert quotes(ws, capture) == [(2, 3)]


# Replies


def test_replies(ws, tmp_path):
    talkative = Connection(sport=52000, dport=9).handshake().client(b"abc").server(b"oops").server(b"oops", seq=5000)
    backwards = Connection(sport=9, dport=52001).handshake().client(b"from 9").server(b"to 9")
    both = Connection(sport=9, dport=9).handshake().client(b"there").server(b"back")
    missed = Connection(sport=52002, dport=9, seq=7).client(b"abc").server(b"oops")
    datagrams = [
        ipv4(udp(b"abc", sport=52003)), ipv4(udp(b"oops", sport=9, dport=52003), "198.51.100.1", "192.0.2.1"),
        ipv4(udp(b"probe", sport=9, dport=52004)), ipv4(udp(b"answer", sport=52004, dport=9), "198.51.100.1", "192.0.2.1"),
        ipv4(udp(b"there", sport=9), "192.0.2.5"), ipv4(udp(b"back", sport=9), "198.51.100.1", "192.0.2.5")]
    capture = capture_of(tmp_path, [*talkative.packets, *backwards.packets, *both.packets, *missed.packets, *datagrams])
    assert replies(ws, capture) == replies(ws, capture, two_pass=True) == [5, 6, 16, 18, 20, 24]
    assert ws.rows(capture, ["_ws.expert.message"], "frame.number == 18")[0][0].startswith("Data from what looks like")
    assert totals(ws, capture) == {4: 3, 15: 5, 17: 3, 19: 3, 22: 6, 23: 5}
    severities = ws.rows(capture, ["_ws.expert.severity"], "frame.number in {5, 20}")
    assert {row[0].split(",")[-1] for row in severities} == {"6291456"}


def test_keep_alives_of_the_server_are_no_replies(ws, tmp_path):
    """RFC 9293, section 3.8.4: one byte that the client has; from a server that said nothing, that replied, and midway."""
    silent = Connection(sport=52010, dport=9).handshake().client(b"abc").server(b"\0", seq=5000)
    silent.client(b"def").server(b"\0", seq=5000)
    talkative = Connection(sport=52011, dport=9).handshake().client(b"abc").server(b"oops").server(b"s", seq=5004).server(b"!")
    midway = Connection(sport=52012, dport=9).client(b"abc").server(b"\0", seq=4999).server(b"oops").server(b"s", seq=5003)
    packets = [*silent.packets, *talkative.packets, *midway.packets]
    capture = capture_of(tmp_path, packets)
    first, second = len(silent.packets), len(silent.packets + talkative.packets)
    assert replies(ws, capture) == [first + 5, first + 7, second + 3]


def test_data_from_the_port_when_the_start_is_missing(ws, tmp_path):
    """A reply to a user's port; what has one of the system's ports is no client that is known as such."""
    packets = [packet for port in (1023, 1024) for packet in Connection(sport=9, dport=port).client(b"abc").packets]
    assert replies(ws, capture_of(tmp_path, packets)) == [2]


def test_the_text_of_a_reset_is_no_data(ws, tmp_path):
    """RFC 9293 section 3.5.2: it says why. Neither a reply of the server nor bytes of the client."""
    server = Connection(dport=9).handshake().client(b"hello")._add(1)._add(1, b"timed out", flags="RA")
    client = Connection(sport=40001, dport=9).handshake().client(b"hello")._add(1)._add(0, b"reset text", flags="RA")
    capture = capture_of(tmp_path, server.packets + client.packets)
    assert ws.count(capture, "discard.reply", two_pass=True) == 0
    assert [row[0] for row in ws.rows(capture, ["discard.bytes_total"], "discard.bytes_total", two_pass=True)] == ["5", "5"]


def test_a_quote_that_contradicts_the_segment(ws, tmp_path):
    """Another identification and payload: of a segment that was not captured."""
    def segment_of(text, number):
        return ipv4(tcp(text, 40700, 9, 1001, 5001, "PA"), identification=number)

    talk = [*Connection(sport=40700, dport=9).handshake().packets, segment_of(b"hello world", 100)]
    for text, number, count in ((b"HELLO THERE", 200, 0), (b"hello world", 200, 0), (b"hello world", 100, 1)):
        capture = capture_of(tmp_path, [*talk, icmp_error(segment_of(text, number))])
        assert ws.count(capture, "discard.unreachable_packet", two_pass=True) == count


def test_nobody_knows_the_first_datagram(ws, tmp_path):
    """A client may use port 9, and the capture may have begun within a conversation."""
    there = {"src": "192.0.2.1", "dst": "198.51.100.1"}
    back = {"src": "198.51.100.1", "dst": "192.0.2.1"}
    client_on_9 = [ipv4(udp(text, *ports), **way) for text, ports, way in (
        (b"ask", (9, 45000), there), (b"answer", (45000, 9), back), (b"ask", (9, 45000), there), (b"answer", (45000, 9), back))]
    asked = [ipv4(udp(b"abc", 45001, 9), **there), ipv4(udp(b"oops", 9, 45001), **back)]
    capture = capture_of(tmp_path, [*client_on_9, *asked])
    assert replies(ws, capture) == [6]
    assert ws.rows(capture, ["_ws.expert.message"], "frame.number == 6")[0][0].endswith(
        "Data from what looks like a Discard server; the first datagram captured was sent to its port")


# Wake-on-LAN


def test_wake_on_lan(ws, tmp_path):
    packets = [ipv4(udp(MAGIC)), ipv6(udp(MAGIC + b"secret")), ipv4(udp(MAGIC + b"pass")), ipv4(udp(b"abc" + MAGIC)),
               ipv4(udp(MAGIC[:-1] + b"\6")), ipv4(udp(MAGIC[:101])), ipv4(udp(MAGIC, sport=9, dport=9)), ipv4(udp(MAGIC, dport=4009)),
               *Connection(dport=9).handshake().client(MAGIC).packets]
    capture = capture_of(tmp_path, packets)
    for options in ([], ["-d", "udp.port==4009,discard"]):
        for two_pass in (False, True):
            assert ws.frames(capture, "wol", two_pass, options) == [1, 2, 3, 7, 8]
            assert ws.frames(capture, "discard", two_pass, options) == [4, 5, 6, 12]
            assert list(totals(ws, capture, two_pass=two_pass, options=options)) == [4, 5, 6, 12]
    assert ws.columns(capture)[1][1].endswith(", password 73:65:63:72:65:74")
    assert [row[0] for row in ws.columns(capture)[:4]] == ["WOL", "WOL", "WOL", "DISCARD"]
    assert ws.columns(capture)[0][1] == "MagicPacket for 02:00:00:00:00:05"
    own = "discard:" if ws.version >= (4, 6) else ""     # 4.6 itself comes to WOL by way of Discard
    assert ws.rows(capture, ["frame.protocols"])[0] == (f"eth:ethertype:ip:udp:{own}wol",)


def test_wake_on_lan_switched_off(ws, tmp_path):
    capture = capture_of(tmp_path, [ipv4(udp(MAGIC)), ipv4(udp(b"data"))])
    assert ws.frames(capture, "discard", options=["--disable-protocol", "wol"]) == [1, 2]
    if ws.version < (4, 6):     # whose own Discard dissector does not ask the heuristic
        assert ws.frames(capture, "discard", options=["--disable-heuristic", "wol_udp"]) == [1, 2]
    assert ws.frames(capture, "discard || data", options=["--disable-protocol", "discard"]) == [2]


def test_wake_on_lan_in_the_wild(ws, shared):
    capture = shared / "small-services/ajbanjara__Wireshark__wol.pcap"
    assert [row[0] for row in ws.columns(capture)].count("WOL") == ws.count(capture, "wol") == 4
    assert ws.count(capture, f"discard || {OWN}", two_pass=True) == 0


# Nothing invented


def test_scans(ws, tmp_path):
    """A probe without data is no Discard data."""
    packets = [ipv4(udp(b"")), ipv4(tcp(seq=5, flags="S")), ipv4(tcp(seq=5, flags="F")), ipv4(tcp(seq=5, flags="")),
               ipv4(tcp(seq=5, flags="FPU")), ipv4(tcp(sport=9, dport=40000, seq=0, ack=6, flags="RA"), "198.51.100.1", "192.0.2.1")]
    capture = capture_of(tmp_path, packets)
    assert ws.count(capture, f"discard || {OWN}", two_pass=True) == 0


def test_scans_in_the_wild(ws, shared):
    """Of three scans only xprobe's empty datagram to port 9 was answered with an error."""
    folder = shared / "small-services"
    for scan in ("chrissanders__packets__synscan.pcapng", "markofu__pcaps__xscan_capture.pcap"):
        assert ws.count(folder / scan, f"discard || {OWN}") == 0
    xprobe = folder / "markofu__pcaps__xprobe_icmp_udp_scan.pcap"
    assert quotes(ws, xprobe) == [(86, 87)]
    assert ws.count(xprobe, "discard.data || discard.bytes_total") == 0


# Properties


@pytest.fixture
def mixed(tmp_path):
    """A bit of everything."""
    packet, syn = ipv4(udp(b"abc", sport=53000)), ipv4(tcp(sport=53001, seq=1, flags="S"))
    connection = Connection(sport=53002, dport=9).handshake().client(b"abc").client(b"abcdef", seq=1001).server(b"oops").close()
    return capture_of(tmp_path, [packet, icmp_error(packet), syn, icmp_error(syn, 8), *connection.packets, ipv4(udp(MAGIC))], "mixed.pcap")


def test_passes_agree(ws, mixed):
    rows = assert_passes_agree(ws, mixed, [*FIELDS, "discard.reply"], "discard || discard.bytes_total || discard.reply", LATER)
    assert [row[0] for row in rows] == ["1", "2", "8", "9", "10"]


def test_encapsulations(ws, mixed, tmp_path):
    assert assert_same_for_all(ws, encapsulations(tmp_path, frames_of(mixed)), [*FIELDS, *LATER], OWN, two_pass=True)


@pytest.mark.one_series
def test_truncations(ws, mixed, tmp_path):
    assert_survives(ws, truncations(tmp_path / "cut.pcap", frames_of(mixed)))


@pytest.mark.one_series
def test_files_do_not_leak(ws, mixed, captures):
    assert_files_do_not_leak(ws, captures / SERVICES, mixed, [*FIELDS, *LATER], OWN)


@pytest.mark.one_series
def test_alone_and_with_others(ws, mixed):
    assert_independent_of_others(ws, "discard", mixed, [*FIELDS, *LATER], OWN, two_pass=True)

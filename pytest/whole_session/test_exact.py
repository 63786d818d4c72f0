# SPDX-License-Identifier: GPL-2.0-or-later
"""session.proto names what the packets of a session show, and nothing else, however the capture is read.

The measure: frame.protocols of the second pass above the last transport, up to where the inside of a tunnel begins. Whole captures
are in test_by_hand.py.
"""

import itertools
import random
from collections import defaultdict

import pytest

from harness.craft import CLIENT, Connection, ethernet, icmp_error, ip, raw, tcp, udp, write_pcap

TRANSPORTS = {"tcp", "udp", "sctp"}
INSIDE = {"eth", "ip", "ipv6", "wlan", "fr", "arp"}
TRAILERS = {"prp", "f5ethtrailer", "eth.trailer"}        # below the transport, if listed behind it
FIELDS = ["session.id", "frame.protocols", "session.proto", "session.outer_id", "icmp.type", "icmpv6.type"]


def above(layers):
    """What the innermost transport carries."""
    layers = layers.split(":")
    last = max((i for i, layer in enumerate(layers) if layer in TRANSPORTS), default=len(layers))
    found = []
    for layer in layers[last + 1:]:
        if layer in INSIDE:
            break
        found.append(layer)
    return set(found) - TRAILERS


def shown_and_named(ws, capture, **options):
    """By session: what its packets show, what it names."""
    shown, named = defaultdict(set), defaultdict(set)
    for session, layers, names, outer, *icmp in ws.rows(capture, FIELDS, two_pass=True, **options):
        if session and not outer and not any(icmp):
            shown[session] |= above(layers)
            named[session] |= set(names.split(",")) - {""}
    return shown, named


def test_same_with_a_display_filter_and_in_sharkd(ws, captures):
    capture = captures / "session-services/services.pcap"
    fields = ["frame.number", "session.proto", "session.expected", "session.outcome"]
    plain = ws.rows(capture, fields, two_pass=True)
    assert ws.rows(capture, fields, "frame", two_pass=True) == plain
    with ws.sharkd() as sharkd:
        sharkd.load(capture)
        assert sharkd.rows(fields) == plain


def test_data_in_a_syn_that_nobody_reads(ws, shared):
    """HTTP asks for more in one direction; what 4.4 and later show of the other is data, and nothing is HTTP."""
    capture = shared.parent / "cases/whole-session/session-http-syn-data.pcap"
    shown, named = shown_and_named(ws, capture)
    assert named == shown == {"0": {"data"} & shown["0"]}
    plain = ws.rows(capture, ["session.proto", "session.expected"], two_pass=True)
    assert ws.rows(capture, ["session.proto", "session.expected"], "frame", two_pass=True) == plain
    assert {row[1] for row in plain} == {"http"} and ws.count(capture, 'session.proto == "http"') == 0


def test_asking_with_an_item_is_no_recognition(ws, tmp_path):
    """RESP shows something of what it asks more of; the second pass shows nothing of it."""
    capture = write_pcap(tmp_path / "resp.pcap", [ethernet(p) for p in
                         Connection(sport=40000, dport=6379).handshake().client(b"*1\r\n$4").close().packets])
    assert set(ws.rows(capture, ["session.proto"], "frame", two_pass=True)) == set(ws.rows(capture, ["session.proto"], two_pass=True)) == {("",)}


@pytest.mark.parametrize("relative", ["TRUE", "FALSE"])
def test_sequence_numbers_that_begin_with_0(ws, tmp_path, relative):
    """As scripts make them, without a handshake: what is only asked for more of is found by them."""
    capture = write_pcap(tmp_path / "zero.pcap", [ip(tcp(b"GET /a HTTP/1.0\r\nHost: a\r\n", 40000 + seq, 4711, seq=seq, flags="PA")) for seq in (0, 1)], linktype=101)
    shown, named = shown_and_named(ws, capture, options=("-o", f"tcp.relative_sequence_numbers:{relative}"))
    assert named == shown and not any(named.values())


def test_insides_of_tunnels_are_not_named(ws, tmp_path):
    """L2TP carries PPP, and that IPv6: of the tunnel's own session is what is above UDP up to there."""
    router = bytes.fromhex("60000000000801ff") + bytes(31) + b"\1" + bytes(31) + b"\2" + bytes.fromhex("3a00050200000000")
    message = bytes.fromhex("0002 0001 0002 ff03 0057".replace(" ", "")) + router
    hops = ip(udp(b"\x08\0\0\0\0\0\5\0" + ethernet(ip(tcp(b"", 40000, 80, flags="S"), "10.0.0.1", "10.0.0.2")), 50000, 4789))
    capture = write_pcap(tmp_path / "inside.pcap", [ethernet(ip(udp(message, 1701, 1701))), ethernet(hops), ethernet(ip(raw(41, router)))])
    assert ws.rows(capture, ["session.proto"], "frame.number == 1", two_pass=True) == [("l2tp,ppp",)]
    assert ws.rows(capture, ["session.proto"], "frame.number == 2", two_pass=True) == [("vxlan",)]


def test_data_that_a_later_dissector_takes(ws, tmp_path):
    """TLS that is recognised by its fourth segment: to 4.0 those before it are TLS's, too, when they are looked at again."""
    hello = bytes.fromhex("160301002f" "0100002b0303" + "5a" * 32 + "00" "0002" "c02f" "0100" "0000")
    connection = Connection(sport=40000, dport=4000).handshake()
    for number in range(3):
        connection.client(bytes([number, 2, 3, 4, 5, 6, 7, 8]))
    capture = write_pcap(tmp_path / "later.pcap", list(map(ethernet, connection.client(hello).close().packets)))
    shown, named = shown_and_named(ws, capture)
    assert ws.frames(capture, "data") == [4, 5, 6] and named == shown
    assert ws.version > (4, 0) or shown == {"0": {"tls"}}


def test_a_greeting_in_front_of_tls(ws, tmp_path):
    """TLS becomes the conversation's dissector from its beginning on, and leaves text to others."""
    hello = bytes.fromhex("160301002f" "0100002b0303" + "5a" * 32 + "00" "0002" "c02f" "0100" "0000")
    frames = []
    for number, greeting in enumerate((b"NXSH-8.10.1\n", b"\1\2\3\4\5\6\7\10")):
        connection = Connection(sport=40000 + number, dport=4000).handshake().client(greeting).server(greeting).client(hello)
        frames += map(ethernet, connection.close().packets)
    capture = write_pcap(tmp_path / "greeting.pcap", frames)
    shown, named = shown_and_named(ws, capture)
    assert named == shown and named["0"] == {"data", "tls"}


def test_a_dissector_from_the_greeting_on(ws, tmp_path):
    """FTP on the port of HTTPS is certain with the client's first command, and is then FTP from its greeting on, in a later frame
    than 1. A response of HTTP that is known for one with its second segment leaves what was typed before it data."""
    greeting = [b"220-FileZilla Server version 0.9.32 beta\r\n", b"220-written by Tim\r\n", b"220 Please visit us\r\n"]
    stranger = Connection(sport=40000, dport=443).handshake().server(b"hello there\n").client(b"and to you\n").server(b"bye\n").close()
    connection = Connection(sport=40001, dport=443).handshake()
    for line in greeting:
        connection.server(line)
    connection.client(b"USER admin\r\n").server(b"331 Password required for admin\r\n").client(b"PASS admin\r\n").server(b"230 Logged on\r\n")
    typed = Connection(sport=40002, dport=27272).handshake().client(b"G").client(b"ET / HTTP")
    typed.server(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n").server(b"<html>").close()
    capture = write_pcap(tmp_path / "greeting.pcap", list(map(ethernet, stranger.packets + connection.close().packets + typed.packets)))
    shown, named = shown_and_named(ws, capture)
    assert named == shown == {"0": {"data"}, "1": {"ftp"}, "2": {"data", "http", "data-text-lines"}}


def test_a_method_that_http_does_not_know(ws, tmp_path):
    """HTTP takes it on any port, by the version behind it, and shows nothing of it: with a filter or without one. CONNECT it does know."""
    frames = []
    for number, method in enumerate((b"FROB", b"GET", b"CONNECT")):
        connection = Connection(sport=40000 + number, dport=4711).handshake()
        for _ in range(2):
            connection.client(method + b" /a HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody")
            connection.server(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        frames += map(ethernet, connection.close().packets)
    capture = write_pcap(tmp_path / "method.pcap", frames)
    shown, named = shown_and_named(ws, capture)
    assert named == shown and all("http" in names for names in named.values())
    assert ws.count(capture, 'session.proto == "data"', True) == sum(len(frames) // 3 for names in shown.values() if "data" in names)


LINES = [b"FROB /a HTTP/1.1\r\nHost: a\r\n\r\n", b"FROB /a HTTP/1.0\n\n", b"xyz", b"xyz\r\n", b"\r\n", b"\0\1\2\n\3"]
REQUESTS = [b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /a HTTP/1.1\r\nHost", b"POST /a HTTP/1.1\r\nContent-Length: 4\r\n\r\nab"]
RESPONSES = [b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<p>no", b"HTTP/1.1 200", b"220 hi\r\n"]


def test_what_http_does_not_know_until_it_has_seen_a_message(ws, tmp_path):
    """As ports are tried by programs that speak no HTTP: each pair of what either side may say, with an end or with none, on ports of HTTP
    and others."""
    said = [("client", text) for text in LINES + REQUESTS] + [("server", text) for text in LINES[:4] + RESPONSES]
    connections = [(port, pair, ends) for port in (80, 11371, 4711) for pair in itertools.product(said, said) for ends in (True, False)]
    connections += [(80, (one, two, three), True) for one, two, three in itertools.product(said[3:5] + said[-4:-2], repeat=3)]
    packets = []
    for number, (port, parts, ends) in enumerate(connections):
        connection = Connection(sport=20000 + number, dport=port).handshake()
        for side, text in parts:
            getattr(connection, side)(text)
        packets += (connection.close() if ends else connection).packets
    shown, named = shown_and_named(ws, write_pcap(tmp_path / "tried.pcap", packets, linktype=101))
    assert len(named) == len(connections)
    assert [(connections[int(stream)], shown[stream], named[stream]) for stream in named if shown[stream] != named[stream]] == []


def test_headers_that_are_cut_off_behind_an_unknown_line(ws, tmp_path):
    """Where HTTP may come to be seen, a packet may have too little of TCP to be looked into."""
    line, request = ip(tcp(b"xyz\r\n", 40000, 80, seq=1, flags="PA")), ip(tcp(b"GET /a HTTP/1.0\r\n\r\n", 40000, 80, seq=6, flags="PA"))
    frames = [(0, line), *((1 + size, request[:20 + size], len(request)) for size in range(14)), (30, request)]
    shown, named = shown_and_named(ws, write_pcap(tmp_path / "cut.pcap", frames, linktype=101))
    assert {"http", "data"} <= named["0"] and named == shown


def test_the_middle_of_a_download(ws, tmp_path):
    """HTTP on its port, without its beginning and with holes; a keep-alive is data, and HTTP shows nothing of what follows. With a
    filter or without one, and however long it goes on."""
    def server(seq, size=1400):
        return ip(tcp(bytes(range(128, 256)) * (size // 128), 80, 40000, seq=seq, flags="A"), "198.51.100.1", "192.0.2.1")

    keep_alive = ip(tcp(b"\0", 40000, 80, seq=0, ack=1401, flags="A"))
    frames = [server(1), server(1), server(5001), keep_alive, keep_alive]
    frames += [server(10001 + 2 * at) for at in range(0, 2 * 1400 * 30, 1400) for _ in range(2)]
    capture = write_pcap(tmp_path / "middle.pcap", list(map(ethernet, frames)))
    shown, named = shown_and_named(ws, capture)
    assert named == shown and ws.count(capture, 'session.proto == "http"', True) == len(frames) * ("http" in shown["0"])


def test_what_follows_a_whole_request_in_its_segment(ws, tmp_path):
    """HTTP asks for the rest of the second request, which is not captured: what the first one showed is seen either way."""
    connection = Connection(dport=80).handshake()
    connection.client(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\nPOST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n")
    capture = write_pcap(tmp_path / "two.pcap", connection.packets, linktype=101)
    plain, filtered = (ws.rows(capture, ["session.proto"], two_pass=True, options=options) for options in ((), ("-R", "frame")))
    assert plain == filtered and ("http",) in {tuple(row[0].split(",")[-1:]) for row in plain}, plain


def test_http_that_is_none_and_what_it_carries(ws, tmp_path):
    """Without a tree HTTP lists what it does not show: in a tunnel (CONNECT), and of what is no HTTP on its ports; and where it asks
    for more behind a whole message, that message has been shown."""
    cut = Connection(sport=40000, dport=80).handshake().client(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    cut.server(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\nDate: x").close()
    none = Connection(sport=40001, dport=8080).handshake().client(b":\0\0\0\xad\r\n" + bytes(range(0x80, 0xb0)) + b"\r\n\r\n")
    none.server(b"p\0\0\0\xac" + bytes(range(0xb0, 0xf0))).close()
    tunnel = Connection(sport=40002, dport=3128).handshake().client(b"CONNECT a.example:7777 HTTP/1.1\r\nHost: a.example:7777\r\n\r\n")
    tunnel.server(b"HTTP/1.1 200 Connection established\r\n\r\n").server(b"line\n" * 40).client(b"x\n").close()
    capture = write_pcap(tmp_path / "http.pcap", [*cut.packets, *none.packets, *tunnel.packets], linktype=101)
    for options in (), ("-R", "frame"):
        shown, named = shown_and_named(ws, capture, options=options)
        assert named == shown and named["0"] == {"http", "data-text-lines"} and named["2"] == {"http"}


def foreign(ports, payload):
    """On each of these ports of (transport, port) bytes of another protocol, both ways, and an ICMP error that quotes them."""
    packets = []
    for n, (transport, port) in enumerate(ports):
        server = f"10.1.{n // 200}.{n % 200 + 1}"
        if transport == "udp":
            packets += [ip(udp(payload, 33001, port), CLIENT, server), ip(udp(payload, port, 33001), server, CLIENT)]
        else:
            packets += Connection(sport=33001, dport=port, dst=server).handshake().client(payload).server(payload).close().packets
        packets.append(icmp_error(packets[-2 if transport == "udp" else -5]))
    return packets


@pytest.mark.parametrize("payload", [random.Random(7).randbytes(300), b"HELLO world 1 2 3\r\nFoo: bar\r\n\r\nxyz\r\n" * 4], ids=["octets", "text"])
def test_foreign_bytes_on_every_port(ws, tmp_path, payload):
    """Many a dissector takes them without showing anything of them: that names no protocol, in whatever way the capture is read."""
    decodes = [line.split("\t") for line in ws.run("tshark", "-G", "decodes").splitlines()]
    ports = sorted({(table.removesuffix(".port"), int(port)) for table, port, *_ in decodes if table in ("tcp.port", "udp.port") and 0 < int(port) < 65536})
    assert len(ports) > 800
    capture = write_pcap(tmp_path / "foreign.pcap", [ethernet(packet) for packet in foreign(ports, payload)])
    plain, filtered = (ws.rows(capture, ["frame.number", "session.proto"], display_filter, two_pass=True) for display_filter in (None, "frame"))
    assert len(plain) > 5 * len(ports) and [row for row, other in zip(plain, filtered) if row != other] == []

# SPDX-License-Identifier: GPL-2.0-or-later
"""plugins/whole-session and the hub below it: bugs that were found, each with the packets that show it."""

import struct

import pytest

from harness.craft import Connection, ethernet, icmp_error, ip, ipv4, raw, tcp, udp, write_pcap

GET = b"GET / HTTP/1.0\r\n\r\n"
ANSWER = b"HTTP/1.0 200 OK\r\n\r\n"
QUERY = bytes.fromhex("12340100000100000000000007" "6578616d706c65" "036f7267" "0000010001")


def vxlan(frame, vni=5):
    return ethernet(ip(udp(struct.pack(">II", 0x08000000, vni << 8) + frame, 50000, 4789), "192.0.2.1", "192.0.2.2"))


def web():
    return Connection(dport=80, src="198.51.100.1", dst="198.51.100.2").handshake().client(GET).server(ANSWER).close().packets


def test_indices_have_no_holes(ws, tmp_path):
    """A tunnel inside another: the carrier used to be looked up while the inner tunnel was current, and got a session too many."""
    inside = {"ip": lambda p: ethernet(p), "ip in ip": lambda p: ethernet(ipv4(raw(4, p), "203.0.113.1", "203.0.113.2")),
              "gre": lambda p: ethernet(ipv4(raw(47, b"\0\0\x08\0" + p), "203.0.113.1", "203.0.113.2")),
              "mpls": lambda p: ethernet(struct.pack(">I", 100 << 12 | 0x1ff) + p, 0x8847)}
    capture = write_pcap(tmp_path / "inside.pcap", [vxlan(wrap(p), vni) for vni, wrap in enumerate(inside.values()) for p in web()])
    for two_pass in False, True:
        rows = ws.rows(capture, ["session.id", "session.outer_id"], two_pass=two_pass)
        inner, outer = zip(*rows)
        assert len(set(inner)) == len(inside) and len(set(outer)) == 1
        assert set(inner) | set(outer) == set(map(str, range(len(inside) + 1)))


REJECTS = """
local p = Proto("rejects", "Rejects")
local ip = Dissector.get("ip")
function p.dissector(tvb, pinfo, tree) return 0 end
p:register_heuristic("udp", function(tvb, pinfo, tree)
    ip:call(tvb:range(%s):tvb(), pinfo, tree)
    return false
end)
"""


def test_layers_that_were_taken_away(ws, tmp_path):
    """A dissector that finds a packet in its payload and then rejects all of it: nothing is carried there."""
    script = tmp_path / "rejects.lua"
    script.write_text(REJECTS % 0)
    capture = write_pcap(tmp_path / "rejected.pcap", [ethernet(ip(udp(p, 40000, 20000), "192.0.2.1", "192.0.2.2")) for p in web()[:4]])
    for two_pass in False, True:
        rows = ws.rows(capture, ["frame.protocols", "session.outer_id", "session.proto"], two_pass=two_pass,
                       options=["-X", f"lua_script:{script}"])
        assert {row[0] for row in rows} == {"eth:ethertype:ip:udp:data"}, "Lua did not run as expected"
        assert all(row[1] == "" and "data" in row[2].split(",") for row in rows), rows


def test_layers_in_the_place_of_others(ws, tmp_path):
    """The packet inside is found at a second attempt, at another depth."""
    script = tmp_path / "rejects.lua"
    script.write_text(REJECTS % 22)
    capture = write_pcap(tmp_path / "vxlan.pcap", [vxlan(ethernet(p)) for p in web()])
    for two_pass in False, True:
        rows = ws.rows(capture, ["session.proto", "session.outer_id"], two_pass=two_pass,
                       options=["-X", f"lua_script:{script}", "-o", "udp.try_heuristic_first:TRUE"])
        assert all(row[1] for row in rows)
        assert not two_pass or all("vxlan" in row[0].split(",") for row in rows), rows


def test_timestamps_beyond_64_bits_of_nanoseconds(ws, tmp_path):
    """pcapng in whole seconds reaches further than 2262: no earlier timestamp is invented."""
    def block(kind, body):
        body += bytes(-len(body) % 4)
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

    frame = ethernet(ip(udp(QUERY, 40000, 53)))
    out = block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1))
    out += block(1, struct.pack("<HHI", 1, 0, 0) + struct.pack("<HHB3x", 9, 1, 0) + struct.pack("<HH", 0, 0))
    for seconds in (9223372036, 9223372037, 9223372038, 20000000000):
        out += block(6, struct.pack("<IIIII", 0, seconds >> 32, seconds & 0xffffffff, len(frame), len(frame)) + frame)
    capture = tmp_path / "far.pcapng"
    capture.write_bytes(out)
    for two_pass in False, True:
        assert ws.frames(capture, "session", two_pass) == [1, 2, 3, 4]
        assert ws.count(capture, "session.negative_delta", two_pass) == 0


@pytest.mark.parametrize("cut", [False, True])
def test_a_stranger_does_not_take_an_announced_connection(ws, tmp_path, cut):
    """Eight bytes of TCP, quoted or left by the snap length, to a port that FTP has announced, before its own connection comes."""
    control = Connection(sport=30000, dport=21, dst="198.51.100.1").handshake().server(b"220 hi\r\n").client(b"USER a\r\n") \
        .server(b"230 ok\r\n").client(b"PASV\r\n").server(b"227 Entering Passive Mode (198,51,100,1,195,80)\r\n").client(b"RETR x\r\n")
    lost = Connection(sport=40001, dport=50000, dst="198.51.100.1").handshake().packets[0]
    stranger = (0.5, ethernet(lost)[:14 + 20 + 8], 54) if cut else (0.5, ethernet(icmp_error(lost, 8)))
    data = Connection(sport=40002, dport=50000, dst="198.51.100.1").handshake().server(b"DATA" * 50).close()
    frames = [(0.1, ethernet(p)) for p in control.packets] + [stranger] + [(1.0, ethernet(p)) for p in data.packets]
    capture = write_pcap(tmp_path / "stranger.pcap", frames)
    for two_pass in False, True:
        args = capture, ["frame.protocols", "ftp-data.command"], "tcp.port == 40002", two_pass
        stock = ws.without_plugins().rows(*args)
        assert any("ftp-data" in row[0] for row in stock)
        assert ws.subset("whole-session").rows(*args) == stock


def test_session_of_a_quote_stays(ws, tmp_path):
    """An error outside of the tunnel in which the conversation is first seen; later the same conversation goes outside, too."""
    query = ip(udp(QUERY, 40000, 53), "198.51.100.1", "198.51.100.2")
    capture = write_pcap(tmp_path / "quote.pcap", [vxlan(ethernet(query)), ethernet(icmp_error(query)), ethernet(query), ethernet(query)])
    rows = [ws.rows(capture, ["session.id"], two_pass=two_pass) for two_pass in (False, True)]
    assert rows[0] == rows[1] and rows[0][0] == rows[0][1] != rows[0][2] == rows[0][3]


def test_asking_for_more_is_no_recognition(ws, tmp_path):
    """4.0 leaves the layer of a dissector that only asked for more where no tree is built: it is the same with and without one."""
    shell = Connection(sport=40000, dport=53).handshake().client(b"\xff\xf0" + bytes(range(100))).server(b"$ ls\r\n" * 3).close().packets
    dns = Connection(sport=40001, dport=53).handshake().client(struct.pack(">H", len(QUERY)) + QUERY[:9]).client(QUERY[9:]).close().packets
    capture = write_pcap(tmp_path / "asks.pcap", [ethernet(p) for p in shell + dns])
    plain = ws.rows(capture, ["session.proto"], two_pass=True)
    assert ws.rows(capture, ["session.proto"], "frame", two_pass=True) == plain
    assert {row[0] for row in plain[len(shell):]} == {"dns"}
    assert not any("dns" in row[0] for row in plain[:len(shell)])


@pytest.mark.one_series
def test_segments_of_any_size(ws, captures, tmp_path):
    """The streams of the small services cut anew: all protocols that Wireshark itself sees above TCP, and no others."""
    source = captures / "session-services/services.pcap"
    stock = ws.without_plugins()
    streams = {}
    for stream, sport, dport, payload in stock.rows(source, ["tcp.stream", "tcp.srcport", "tcp.dstport", "tcp.payload"],
                                                    "tcp.len > 0 && !tcp.analysis.retransmission && !icmp && !icmpv6", two_pass=True):
        streams.setdefault(stream, []).append((int(sport), int(dport), bytes.fromhex(payload.replace(":", ""))))
    frames = []
    for size in (7, 137, 1333):
        for number, segments in enumerate(streams.values()):
            sport, dport, _ = segments[0]
            connection = Connection(max(sport, dport), min(sport, dport), f"192.0.2.{10 + number}", f"198.51.100.{size % 250}").handshake()
            for sport, dport, payload in segments:
                side = connection.client if sport > dport else connection.server
                for start in range(0, len(payload), size):
                    side(payload[start:start + size])
            frames += [ethernet(packet) for packet in connection.close().packets]
    capture = write_pcap(tmp_path / "segments.pcap", frames)
    expected, found = {}, {}
    for stream, layers in stock.rows(capture, ["tcp.stream", "frame.protocols"], two_pass=True):
        above = layers.split(":")[layers.split(":").index("tcp") + 1:]
        expected.setdefault(stream, set()).update(above)
    for stream, names in ws.rows(capture, ["tcp.stream", "session.proto"], two_pass=True):
        found.setdefault(stream, set()).update(set(names.split(",")) - {""})
    assert found == expected and len(expected) == 3 * len(streams) > 20


def test_headers_that_are_cut_short(ws, tmp_path):
    """No item at the root of the tree where the transport has none: the protocol hierarchy stays."""
    frames = []
    for number, host in enumerate((("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8::2"))):
        for segment in (tcp(GET, 40000 + number, 80), udp(QUERY, 40000 + number, 53), raw(132, struct.pack(">HHII", 2905, 2905, 7, 0) + bytes(20))):
            whole = ethernet(ip(segment, *host))
            head = len(whole) - len(ip(segment, *host)) + (40 if number else 20)
            frames += [(len(frames), whole[:head + cut], len(whole)) for cut in (2, 4, 6, 8, 12)]
    capture = write_pcap(tmp_path / "cut.pcap", frames)
    for two_pass in False, True:
        assert ws.statistics(capture, "io,phs", two_pass=two_pass) == ws.without_plugins().statistics(capture, "io,phs", two_pass=two_pass)
    assert ws.count(capture, "session") > 10


def test_a_conversation_that_comes_back_late(ws, tmp_path):
    """More of them than are kept in mind: what comes after all others is found again, in either direction, and ports that are used anew."""
    hosts = [f"10.{n >> 8}.{n & 255}.1" for n in range(5000)]
    there = [ip(udp(b"?", 40000, 20000), host, "192.0.2.2") for host in hosts]
    back = [ip(udp(b"!", 20000, 40000), "192.0.2.2", host) for host in hosts]
    again = Connection(sport=40001, dport=20001, seq=10).handshake().close().packets + Connection(sport=40001, dport=20001, seq=900000).handshake().packets
    capture = write_pcap(tmp_path / "late.pcap", [ethernet(packet) for packet in there + back + again])
    for two_pass in False, True:
        rows = ws.rows(capture, ["udp.stream", "tcp.stream", "session.id"], two_pass=two_pass)
        assert rows[:10000] == [(str(n), "", str(n)) for n in range(5000)] * 2
        assert rows[10000:] == [("", "0", "5000")] * 6 + [("", "1", "5001")] * 3


def test_udp_over_frame_relay(ws, tmp_path):
    """To 4.0 all of a circuit's UDP is one stream. A query that was searched for by its ends was none's: an exception behind an ICMP error."""
    unknown = icmp_error(ipv4(tcp(GET, 40000, 8080, seq=5), "10.0.0.1", "10.0.0.2"))
    queries = [ipv4(udp(QUERY, 40000 + number, 53), "192.0.2.1", "198.51.100.1") for number in range(2)]
    packets = [(b"\x18\x41", packet) for packet in (*web(), unknown, *queries, *queries)] + [(b"\x18\x51", packet) for packet in queries]
    capture = write_pcap(tmp_path / "relay.pcap", [circuit + b"\x03\xcc" + packet for circuit, packet in packets], linktype=107)
    for two_pass in False, True:
        rows = ws.rows(capture, ["udp.stream", "session.id", "session.proto"], "dns", two_pass=two_pass)
        streams, sessions, names = map(set, zip(*rows))
        assert len(rows) == 6 and len(streams) == len(sessions) == len(set(rows)) == 2 and names == {"dns"}
    assert ws.count(capture, "_ws.malformed") == 0

# SPDX-License-Identifier: GPL-2.0-or-later
"""Whole sessions: session.proto, session.id, their notes and statistics.

The measure of what a session is comes from Wireshark without this plugin: tcp.stream, udp.stream and frame.protocols.
"""

import functools
import re
from collections import defaultdict

import pytest

from harness import craft
from harness.craft import Connection, ethernet, icmp_error, ip, ipv4, ipv6, raw, tcp, udp, write_pcap, write_seconds
from harness.tshark import Wireshark

TRANSPORTS = ("tcp", "udp", "sctp")

DNS_QUERY = bytes.fromhex("002a01000001000000000000 03777777 076578616d706c65 036f7267 00 0001 0001".replace(" ", ""))
GET = b"GET / HTTP/1.1\r\nHost: www.example.org\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
SSH = b"SSH-2.0-example\r\n"


def keylog(capture):
    keys = capture.with_suffix(".keys")
    return keys if keys.exists() else None


@functools.cache
def _without_sessions(series, plugin_dir):
    ws = Wireshark(series, plugin_dir=plugin_dir)
    others = ws.built() - {"whole-session"}
    return ws.subset(*others) if others else ws.without_plugins()


def without_sessions(ws):
    """The same Wireshark with the bundle's other plugins, of which some recognise more than it does itself."""
    return _without_sessions(ws.series, ws.plugin_dir)


def streams(ws, capture):
    """By TCP or UDP stream, without sessions and in two passes: its frames, and the protocols above it."""
    frames, protocols = defaultdict(set), defaultdict(set)
    rows = without_sessions(ws).rows(capture, ["frame.number", "frame.protocols", "tcp.stream", "udp.stream"], two_pass=True,
                                     keylog=keylog(capture))
    for number, layers, *stream in rows:
        assert "," not in "".join(stream), f"frame {number} is of several streams"
        transport = [i for i in (0, 1) if stream[i]]
        if transport:
            key = TRANSPORTS[transport[0]], stream[transport[0]]
            layers = layers.split(":")
            frames[key].add(int(number))
            protocols[key].update(layers[len(layers) - layers[::-1].index(key[0]):])
    return frames, protocols


def sessions(ws, capture, display_filter="session", two_pass=True):
    """By frame: (session.id, [session.proto...])."""
    rows = ws.rows(capture, ["frame.number", "session.id", "session.proto"], display_filter, two_pass=two_pass,
                   keylog=keylog(capture))
    return {int(number): (session, names.split(",") if names else []) for number, session, names in rows}


def assert_sessions_are_streams(ws, capture):
    frames, protocols = streams(ws, capture)
    found = sessions(ws, capture, "(tcp or udp) and session")
    identifiers = {}
    for stream, numbers in frames.items():
        for number in numbers:
            session, names = found[number]
            assert set(names) == protocols[stream], f"frame {number} of {stream}"
            assert len(names) == len(set(names))
            identifiers.setdefault(stream, set()).add(session)
    assert set(found) == set().union(*frames.values())
    assert all(len(of_stream) == 1 for of_stream in identifiers.values())
    assert len(set().union(*identifiers.values())) == len(frames)
    assert sum(map(len, frames.values())) > 0
    return protocols


def count_of_streams(ws, capture, protocol):
    """How many frames tcp.stream and udp.stream filters of those streams match that hold the protocol."""
    frames, protocols = streams(ws, capture)
    return sum(len(frames[stream]) for stream in frames if protocol in protocols[stream])


# Real captures


@pytest.mark.parametrize("name", ["session-services/services.pcap", "session-routing/routing.pcap",
                                  "small-services/small-services.pcap", "ftp-servers/vsftpd-commands.pcap",
                                  "ftp-servers/vsftpd-curl-tls.pcap"])
def test_sessions_are_streams(ws, captures, name):
    assert_sessions_are_streams(ws, captures / name)


# By protocol: how many frames there are of its conversations, and in one pass where that differs.
SERVICES = {
    "echo": 29, "daytime": 10, "time": 10, "http": 20, "http2": 21, "tls": 93, "ocsp": 29, "ssh": 28, "smtp": 43,
    "imf": 43, "dns": 14, "mdns": 4, "tftp": 2,
}
# From the first packet on in which it is recognised.
SERVICES_IN_ONE_PASS = {
    "echo": 23, "daytime": 7, "time": 7, "http": 14, "http2": 11, "tls": 66, "ocsp": 19, "ssh": 25, "smtp": 40,
    "imf": 7, "dns": 11, "mdns": 4, "tftp": 2,
}
ROUTING, ROUTING_IN_ONE_PASS = {"ldp": 65, "bfd": 90}, {"ldp": 62, "bfd": 90}


@pytest.mark.parametrize("name, expected, in_one_pass", [
    ("session-services/services.pcap", SERVICES, SERVICES_IN_ONE_PASS), ("session-routing/routing.pcap", ROUTING, ROUTING_IN_ONE_PASS)])
def test_counts_of_services(ws, captures, name, expected, in_one_pass):
    capture = captures / name
    assert {p: count_of_streams(ws, capture, p) for p in expected} == expected
    for two_pass, counts in (True, expected), (False, in_one_pass):
        found = sessions(ws, capture, two_pass=two_pass)
        assert {p: sum(p in names for _, names in found.values()) for p in counts} == counts
        assert ws.count(capture, 'session.proto == "ssh" || session.proto == "ldp"', two_pass) == \
            counts.get("ssh", 0) + counts.get("ldp", 0)


def test_bfd_refused_by_icmp(ws, captures):
    capture = captures / "session-routing/routing.pcap"
    for two_pass in False, True:
        errors = ws.frames(capture, 'session.proto == "bfd" && session.icmp_error', two_pass)
        assert errors == ws.frames(capture, "icmp || icmpv6") and len(errors) == 45
        assert ws.count(capture, "session.icmp_error") == 45


def test_every_item_of_a_tls_connection_with_stapling(ws, captures):
    """In order of appearance; the SYN knows the end of the connection."""
    capture = captures / "session-services/services.pcap"
    syn = ws.frames(capture, "tcp.port == 443 && tcp.flags.syn == 1 && tcp.flags.ack == 0")[0]
    assert sessions(ws, capture)[syn][1][0] == "tls"
    assert "ocsp" in sessions(ws, capture)[syn][1]
    assert sessions(ws, capture, two_pass=False)[syn][1] == []
    assert ws.rows(capture, ["session.expected"], f"frame.number == {syn}") == [("tls",)]


def test_gui_shows_what_two_passes_show(ws, captures):
    capture = captures / "session-services/services.pcap"
    fields = ["frame.number", "session.id", "session.proto"]
    with ws.sharkd(keylog=keylog(capture)) as sharkd:
        sharkd.load(capture)
        assert sharkd.rows(fields, "session") == ws.rows(capture, fields, "session", two_pass=True, keylog=keylog(capture))
        assert sharkd.count('session.proto == "http2"') == SERVICES["http2"]
        assert sharkd.columns(["session.proto"], "ssh")[0] == ("ssh",)


@pytest.mark.parametrize("name, data_frames", [("vsftpd-curl-pasv.pcap", None), ("vsftpd-curl-active.pcap", None)])
def test_ftp_announces_its_data(ws, captures, name, data_frames):
    """The whole data connection in one pass: Wireshark's FTP dissector has announced it."""
    capture = captures / "ftp-servers" / name
    assert count_of_streams(ws, capture, "ftp-data") > len(ws.frames(capture, "ftp-data")) > 0
    for two_pass in False, True:
        for protocol in "ftp", "ftp-data":
            either = f'session.proto == "{protocol}"' + ("" if two_pass else f' or session.expected == "{protocol}"')
            assert ws.count(capture, either, two_pass) == count_of_streams(ws, capture, protocol)


def test_quic(ws, captures):
    """The short headers and an eight-byte quote are of the QUIC connection, and of its TLS."""
    capture = captures / "session-quic/quic.pcap"
    for two_pass in False, True:
        for protocol in "quic", "tls":
            assert ws.frames(capture, f'session.proto == "{protocol}"', two_pass) == [1, 2, 3, 4, 5]
    assert ws.frames(capture, "quic") == [1, 2, 3, 4] and ws.frames(capture, "session.icmp_error") == [5]


# Crafted captures


class Scenes:
    """Frames of one capture, in time; each scene has its own addresses."""

    def __init__(self):
        self.frames, self.count = [], 0

    def add(self, packet, when=None, ethertype=None):
        self.frames.append((len(self.frames) * 0.01 if when is None else when, ethernet(packet, ethertype)))
        return len(self.frames)

    def write(self, path):
        return write_pcap(path, self.frames)


def ids_and_names(found, numbers):
    return {found[n][0] for n in numbers}, {tuple(found[n][1]) for n in numbers}


def test_quotes_of_eight_bytes(ws, tmp_path):
    scenes, expected = Scenes(), {}
    for n, (src, dst, quoted) in enumerate([("192.0.2.1", "192.0.2.2", 8), ("2001:db8::1", "2001:db8::2", 8),
                                            ("192.0.2.3", "192.0.2.4", 4), ("192.0.2.5", "192.0.2.6", None)]):
        packets = Connection(sport=40000 + n, dport=22, src=src, dst=dst).handshake().client(SSH).packets
        numbers = [scenes.add(packet) for packet in packets]
        error = icmp_error(packets[-1], quoted=quoted, code=1)
        back = icmp_error(Connection(sport=40000 + n, dport=22, src=src, dst=dst).handshake().packets[1], quoted=quoted, code=1)
        expected[n] = numbers, [scenes.add(error), scenes.add(back)]
    # Of conversations that are not in the capture: eight bytes of TCP, then two bytes of anything.
    strangers = [scenes.add(icmp_error(ip(tcp(SSH, 1, 22), "192.0.2.8", "192.0.2.9"), quoted=q, code=1)) for q in (8, 2)]
    capture = scenes.write(tmp_path / "quotes.pcap")
    for two_pass in False, True:
        found = sessions(ws, capture, two_pass=two_pass)
        for numbers, errors in expected.values():
            ids = {found[n][0] for n in numbers + errors}
            assert len(ids) == 1
            assert {tuple(found[n][1]) for n in numbers + errors} == ({("ssh",)} if two_pass else {("ssh",), ()})
        assert not set(strangers) & set(found)
        assert ws.frames(capture, "session.icmp_error", two_pass) == sorted(sum((e for _, e in expected.values()), []))
        assert len({found[n[0]][0] for n, _ in expected.values()}) == 4


def test_ports_used_again(ws, tmp_path):
    """As tcp.stream has it: by a SYN with another sequence number, and from 4.4 on by a SYN-ACK whose SYN is missing."""
    scenes = Scenes()
    for seq, payload, first in (1000, GET, 0), (70000, SSH, 0), (900000, GET, 1), (950000, SSH, 1):
        connection = Connection(sport=40000, dport=8080, seq=seq, ack=seq + 5000).handshake().client(payload)
        for packet in connection.close().packets[first:]:
            scenes.add(packet)
    capture = scenes.write(tmp_path / "again.pcap")
    streams = [int(r[0]) for r in without_sessions(ws).rows(capture, ["tcp.stream"], two_pass=True)]
    assert sorted(set(streams)) == ([0, 1] if ws.version < (4, 4) else [0, 1, 2, 3])
    for two_pass in False, True:
        rows = ws.rows(capture, ["session.id"], two_pass=two_pass)
        assert [int(r[0]) for r in rows] == streams
    assert_sessions_are_streams(ws, capture)
    names = [r[0] for r in ws.rows(capture, ["session.proto"], two_pass=True)]
    assert {n for n, stream in zip(names, streams) if stream == 0} == {"http"}
    assert {n for n, stream in zip(names, streams) if stream == 1} != {"http"}
    with ws.sharkd() as sharkd:         # frames in any order
        sharkd.load(capture)
        for number in (len(streams), 1, len(streams) // 2, 3, len(streams), 2):
            assert f"Session: {streams[number - 1]}" not in str(sharkd.tree(number))
            assert f"session.id == {streams[number - 1]}" in str(sharkd.tree(number))


def test_earlier_timestamp(ws, tmp_path):
    """Against the packet before it in its own conversation, whichever lie between; also after an ICMP error."""
    scenes = Scenes()
    one = Connection(sport=40001, dport=22).handshake().client(SSH).packets
    scenes.add(one[0], 1.0)
    scenes.add(ip(udp(DNS_QUERY, 40000, 53)), 5.0)
    scenes.add(one[1], 2.0)             # earlier than frame 2, which is of another conversation
    wrong = [scenes.add(one[2], 1.5)]
    scenes.add(one[3], 1.75)            # later than its predecessor, if not than others
    scenes.add(ip(udp(DNS_QUERY, 40000, 53)), 5.0)      # at the same time
    scenes.add(icmp_error(ip(udp(DNS_QUERY, 40000, 53))), 7.0)
    wrong.append(scenes.add(ip(udp(DNS_QUERY, 40000, 53)), 6.999999))
    capture = scenes.write(tmp_path / "time.pcap")
    for two_pass in False, True:
        assert ws.frames(capture, "session.negative_delta", two_pass) == wrong
        assert ws.rows(capture, ["frame.number", "session.time_delta"], "session.time_delta", two_pass) == [
            (str(wrong[0]), "-0.500000000"), (str(wrong[1]), "-0.000001000")]
    for two_pass in False, True:
        notes = ws.statistics(capture, "expert,note", two_pass=two_pass)
        assert len(re.findall(r"^ +2 +Sequence +Session +Earlier timestamp", notes, re.M)) == 1
        assert len(re.findall(r"^ +1 +Response +Session +ICMP error that quotes", notes, re.M)) == 1
        # In a tree that nobody sees, where no field of sessions is asked for.
        asked = ws.custom_columns(capture, ["frame.number"], '_ws.expert.message contains "Earlier timestamp"', two_pass)
        assert asked == [(str(number),) for number in wrong]


def test_earlier_by_more_than_a_time_holds(ws, tmp_path):
    """From a few seconds before the end of what nanoseconds can tell to as many after its beginning: twice as far as one of them."""
    query = ethernet(ip(udp(DNS_QUERY, 40000, 53)))
    capture = write_seconds(tmp_path / "time.pcapng", [(9223372030, query), (-9223372030, query)])
    for two_pass in False, True:
        assert ws.rows(capture, ["frame.number", "session.time_delta"], "session.negative_delta", two_pass) == [
            ("2", "-18446744060.000000000")]


def gre(packet, key=None):
    kind = 0x0800 if packet[0] >> 4 == 4 else 0x86dd
    head = kind.to_bytes(4, "big") if key is None else (0x20000000 | kind).to_bytes(4, "big") + key.to_bytes(4, "big")
    return raw(47, head + packet)


def pptp(packet, call):
    """Enhanced GRE, RFC 2637 section 4.1, with PPP in it."""
    payload = b"\xff\x03\0\x21" + packet
    return raw(47, b"\x30\x01\x88\x0b" + len(payload).to_bytes(2, "big") + call.to_bytes(2, "big") + bytes(4) + payload)


def vxlan(packet, vni, sport=50000):
    return udp(b"\x08\0\0\0" + (vni << 8).to_bytes(4, "big") + ethernet(packet), sport, 4789)


def mpls(packet, *labels):
    stack = b"".join((label << 12 | (i + 1 == len(labels)) << 8 | 64).to_bytes(4, "big") for i, label in enumerate(labels))
    return stack + packet


def in_ip(packet, src="198.51.100.1", dst="198.51.100.2"):
    return ip(raw(4 if packet[0] >> 4 == 4 else 41, packet), src, dst)


def tunnels():
    """By name: what puts a packet of either direction into a tunnel."""
    def ends(back):
        return ("198.51.100.2", "198.51.100.1") if back else ("198.51.100.1", "198.51.100.2")

    def others(back):
        return ("198.51.100.4", "198.51.100.3") if back else ("198.51.100.3", "198.51.100.4")

    return {
        "plain": lambda p, back: (p, None),
        "gre": lambda p, back: (ip(gre(p), *ends(back)), None),
        "gre, other ends": lambda p, back: (ip(gre(p), *others(back)), None),
        "gre, key 1": lambda p, back: (ip(gre(p, 1), *ends(back)), None),
        "gre, key 2": lambda p, back: (ip(gre(p, 2), *ends(back)), None),
        "gre over IPv6": lambda p, back: (ip(gre(p), *(("2001:db8::2", "2001:db8::1") if back else ("2001:db8::1", "2001:db8::2"))), None),
        "pptp, a call of each direction": lambda p, back: (ip(pptp(p, 1 + back), *ends(back)), None),
        "ip in ip": lambda p, back: (in_ip(p, *ends(back)), None),
        "ip in ip, other ends": lambda p, back: (in_ip(p, *others(back)), None),
        "ip in ip in ip": lambda p, back: (in_ip(in_ip(p, *others(back)), *ends(back)), None),
        "vxlan 1": lambda p, back: (ip(vxlan(p, 1, 50000 + back), *ends(back)), None),
        "vxlan 2": lambda p, back: (ip(vxlan(p, 2, 50000 + back), *ends(back)), None),
        "mpls, labels per direction": lambda p, back: (mpls(p, 16, 100 + back), 0x8847),
        "mpls, another": lambda p, back: (mpls(p, 16, 200 + back), 0x8847),
    }


# One session for each: UDP of the two directions of both VXLANs, which have a port of their own, come on top.
CARRIERS = 2


@pytest.mark.parametrize("inner", [("10.0.0.1", "10.0.0.2"), ("2001:db8:a::1", "2001:db8:a::2")])
def test_tunnels_are_told_apart(ws, tmp_path, inner):
    """The same addresses and ports in each; packet by packet in turns."""
    scenes, expected = Scenes(), defaultdict(list)
    packets = Connection(sport=40000, dport=22, src=inner[0], dst=inner[1]).handshake().client(SSH).server(SSH).close().packets
    for packet in packets:
        back = int(packet[12:16] == packets[1][12:16] if packet[0] >> 4 == 4 else packet[8:24] == packets[1][8:24])
        for name, wrap in tunnels().items():
            wrapped, ethertype = wrap(packet, back)
            expected[name].append(scenes.add(wrapped, ethertype=ethertype))
    capture = scenes.write(tmp_path / "tunnels.pcap")
    for two_pass in False, True:
        found = sessions(ws, capture, "session.id", two_pass)
        assert len(found) == len(scenes.frames)
        by_name = {name: {found[n][0] for n in numbers} for name, numbers in expected.items()}
        assert not {name: ids for name, ids in by_name.items() if len(ids) > 1}
        assert len(set().union(*by_name.values())) == len(tunnels())
        for name, numbers in expected.items():
            if two_pass:
                assert all("ssh" in found[n][1] for n in numbers), name
    # Wireshark's own index knows one conversation.
    assert {r[0] for r in ws.rows(capture, ["tcp.stream"])} == {"0"}
    # A tunnel's own protocol goes for all of its packets, the one inside for its own conversation alone.
    assert ws.frames(capture, 'session.proto == "vxlan"', True) == sorted(expected["vxlan 1"] + expected["vxlan 2"])
    assert len({r[0] for r in ws.rows(capture, ["session.outer_id"], "session.outer_id", True)}) == CARRIERS


def test_tunnel_in_one_direction(ws, tmp_path):
    """Popped labels, and servers that answer past the load balancer's tunnel: still one conversation."""
    scenes = Scenes()
    for n, wrap in enumerate([lambda p: (mpls(p, 17), 0x8847), lambda p: (in_ip(p), None)]):
        packets = Connection(sport=40000, dport=22, src=f"192.0.2.{10 + n}", dst="192.0.2.1").handshake().client(SSH).packets
        for i, packet in enumerate(packets):
            scenes.add(packet, ethertype=None) if i == 1 else scenes.add(wrap(packet)[0], ethertype=wrap(packet)[1])
    capture = scenes.write(tmp_path / "oneway.pcap")
    for two_pass in False, True:
        assert [r[0] for r in ws.rows(capture, ["session.id"], two_pass=two_pass)] == ["0"] * 4 + ["1"] * 4


def test_answers_go_to_their_own_tunnel(ws, tmp_path):
    """They come when there are more conversations that have none so far."""
    scenes = Scenes()
    there, back = (ip(udp(DNS_QUERY, 40000, 53))), ip(udp(DNS_QUERY, 53, 40000), craft.SERVER, craft.CLIENT)
    numbers = [scenes.add(ip(gre(packet, key))) for packet, key in ((there, 1), (there, 2), (there, 3), (back, 2), (back, 3), (back, 1))]
    found = sessions(ws, scenes.write(tmp_path / "own.pcap"))
    assert [found[number][0] for number in numbers] == ["0", "1", "2", "1", "2", "0"]


def test_what_is_no_tunnel_of_its_own(ws, tmp_path):
    """A label in GRE tells no more than that; GRE in UDP by Decode As, and labels of multicast, are as any tunnel."""
    packet = ip(udp(DNS_QUERY, 40000, 53))
    scenes = Scenes()
    for port in 50000, 50001:
        scenes.add(ip(udp(b"\0\0\x08\0" + packet, port, 4755)))
    for label in 17, 18:
        scenes.add(ip(raw(47, b"\0\0\x88\x47" + mpls(packet, label))))
    for label in 17, 18:
        scenes.add(mpls(packet, label), ethertype=0x8848)
    rows = ws.rows(scenes.write(tmp_path / "labels.pcap"), ["session.id"], "dns", options=["-d", "udp.port==4755,gre"])
    assert [row[0] for row in rows] == ["0", "0", "3", "3", "4", "5"]


def test_many_tunnels(ws, tmp_path):
    """More of them than are told apart, with the same datagram in each."""
    scenes = Scenes()
    for n in range(300):
        scenes.add(ip(gre(ip(udp(DNS_QUERY, 40000, 53)), n)))
    capture = scenes.write(tmp_path / "many.pcap")
    found = sessions(ws, capture)
    assert len(found) == 300 and len({session for session, _ in found.values()}) == 64
    assert {tuple(names) for _, names in found.values()} == {("dns",)}


def test_errors_inside_a_tunnel(ws, tmp_path):
    scenes = Scenes()
    query = ip(udp(DNS_QUERY, 40000, 53), "10.0.0.1", "10.0.0.2")
    numbers = [scenes.add(ip(vxlan(query, 5))), scenes.add(ip(vxlan(icmp_error(query), 5)))]
    capture = scenes.write(tmp_path / "inside.pcap")
    found = sessions(ws, capture, "session.id")
    assert ids_and_names(found, numbers[:1])[0] == ids_and_names(found, numbers)[0]
    assert ws.frames(capture, "session.icmp_error", True) == numbers[1:]
    assert ws.frames(capture, 'session.proto == "dns"', True) == numbers


def fragments(packet, size):
    """The fragments of an IPv4 packet without options."""
    data, out = packet[20:], []
    for at in range(0, len(data), size):
        part = data[at:at + size]
        header = bytearray(packet[:20])
        header[2:4] = (20 + len(part)).to_bytes(2, "big")
        header[6:8] = (at // 8 | (0x2000 if at + size < len(data) else 0)).to_bytes(2, "big")
        header[10:12] = bytes(2)
        header[10:12] = craft.checksum(bytes(header)).to_bytes(2, "big")
        out.append(bytes(header) + part)
    return out


def test_fragments_are_of_their_session(ws, tmp_path):
    scenes = Scenes()
    scenes.add(ip(udp(DNS_QUERY, 40000, 53)))
    answer = DNS_QUERY[:2] + b"\x81\x80" + DNS_QUERY[4:] + bytes(100)
    for part in fragments(ipv4(udp(answer, 53, 40000), craft.SERVER, craft.CLIENT), 48):
        last = scenes.add(part)
    capture = scenes.write(tmp_path / "fragments.pcap")
    assert last == 4
    assert ws.frames(capture, "session") == ws.frames(capture, "udp.stream == 0", True) == [1, last]
    assert ws.frames(capture, 'session.id == 0 and session.proto == "dns"', True) == [1, 2, 3, last]
    assert "dns" in ws.statistics(capture, "session,tree")
    assert re.search(r"dns +\| +1 \| +2 \|", ws.statistics(capture, "session,tree"))


def sctp(sport, dport, tag, chunk):
    return raw(132, sport.to_bytes(2, "big") + dport.to_bytes(2, "big") + tag.to_bytes(4, "big") + bytes(4) + chunk)


def sctp_init(tag, ack=False):
    return bytes([1 + ack, 0, 0, 20]) + tag.to_bytes(4, "big") + bytes.fromhex("0001000000010001 00000001".replace(" ", ""))


def sctp_data(payload, ppid):
    size = 16 + len(payload)
    return bytes([0, 3]) + size.to_bytes(2, "big") + bytes.fromhex("0000000100000001") + ppid.to_bytes(4, "big") + payload + bytes(-size % 4)


M3UA_HEARTBEAT = bytes.fromhex("0100030300000008")
PPID_M3UA = 3


def association(a="192.0.2.1", b="192.0.2.2", tags=(0x11111111, 0x22222222), ports=(5000, 2905), second=None):
    """INIT to SHUTDOWN COMPLETE; with second, data go between other addresses of the same two."""
    there, back = lambda tag, chunk: ip(sctp(*ports, tag, chunk), a, b), lambda tag, chunk: ip(sctp(*ports[::-1], tag, chunk), b, a)
    data = sctp_data(M3UA_HEARTBEAT, PPID_M3UA)
    middle = [ip(sctp(*ports, tags[1], data), *second), ip(sctp(*ports[::-1], tags[0], data), *second[::-1])] if second \
        else [there(tags[1], data), back(tags[0], data)]
    return [there(0, sctp_init(tags[0])), back(tags[0], sctp_init(tags[1], ack=True)), there(tags[1], bytes.fromhex("0a00000401020304")[:4]),
            back(tags[0], bytes.fromhex("0b000004")), *middle, there(tags[1], bytes.fromhex("0700000800000001")),
            back(tags[0], bytes.fromhex("08000004")), there(tags[1], bytes.fromhex("0e000004"))]


def test_sctp_associations(ws, tmp_path):
    scenes, expected = Scenes(), []
    whole = association()
    expected.append([scenes.add(p) for p in whole])
    expected.append([scenes.add(p) for p in association(tags=(0x33333333, 0x44444444))])            # the ports again
    expected.append([scenes.add(p) for p in association(second=("198.51.100.1", "198.51.100.2"), ports=(5001, 2905))])
    expected.append([scenes.add(p) for p in association(ports=(5002, 2905))[4:]])                   # from its middle
    expected.append([scenes.add(p) for p in association("2001:db8::1", "2001:db8::2", ports=(5003, 2905))])
    refused = association(ports=(5004, 2905))[0]
    expected.append([scenes.add(refused), scenes.add(icmp_error(refused, quoted=8, code=2)), scenes.add(refused)])
    reset = association(ports=(5005, 2905))[4]
    abort = ip(sctp(2905, 5005, 0x22222222, bytes.fromhex("06010004")), "192.0.2.2", "192.0.2.1")   # tag sent back
    expected.append([scenes.add(reset), scenes.add(abort)])
    # INIT of both sides at once.
    ports = (5006, 2905)
    expected.append([scenes.add(p) for p in [
        association(ports=ports)[0], ip(sctp(2905, 5006, 0, sctp_init(0x22222222)), "192.0.2.2", "192.0.2.1"), *association(ports=ports)[4:]]])
    capture = scenes.write(tmp_path / "sctp.pcap")
    for two_pass in False, True:
        found = sessions(ws, capture, two_pass=two_pass)
        assert [[found[n][0] for n in numbers] for numbers in expected] == [[str(i)] * len(n) for i, n in enumerate(expected)]
        if two_pass:
            with_data = [e for i, e in enumerate(expected) if i != 5]
            assert ws.frames(capture, 'session.proto == "m3ua"', True) == sorted(sum(with_data, []))
            assert {tuple(found[n][1]) for n in expected[5]} == {()}
        else:
            assert {tuple(n) for _, n in found.values()} == {("m3ua",), ()}
            assert ws.count(capture, 'session.expected == "m3ua" and not session.proto') == sum(not n for _, n in found.values())
    if ws.version >= (4, 4):            # as Wireshark's own index has it, which needs a preference
        index = ws.rows(capture, ["sctp.assoc_index", "session.id"], "!icmp", prefs={"sctp.association_index": "TRUE"})
        assert len(set(index)) == len({i for i, _ in index}) == len(expected)


def test_many_associations(ws, tmp_path):
    """Of several addresses, so that tags alone tell what is of which."""
    scenes, expected = Scenes(), []
    for number in range(200):
        packets = association(tags=(1000 + number, 5000 + number), ports=(6000 + number, 2905), second=("198.51.100.1", "198.51.100.2"))
        expected += [(scenes.add(packet), str(number)) for packet in packets]
    found = sessions(ws, scenes.write(tmp_path / "many.pcap"), two_pass=False)
    assert [(number, found[number][0]) for number, _ in expected] == expected


def test_keep_alives_retransmissions_and_resets(ws, tmp_path):
    scenes = Scenes()
    connection = Connection(sport=40000, dport=22).handshake().client(SSH).server(SSH)
    connection.client(b"\0", flags="A", seq=connection.next[0] - 1).client(SSH, seq=1001)._add(1, flags="R")
    for packet in connection.packets:
        scenes.add(packet)
    capture = scenes.write(tmp_path / "alive.pcap")
    assert ws.count(capture, "tcp.analysis.keep_alive") == 1 and ws.count(capture, "tcp.analysis.retransmission || tcp.analysis.spurious_retransmission") == 1
    for two_pass in False, True:
        assert ws.count(capture, 'session.proto == "ssh" or session.expected == "ssh"', two_pass) == len(scenes.frames)


def test_nothing_recognised(ws, tmp_path):
    """What the server's port lets one expect is no protocol that was seen."""
    scenes = Scenes()
    scenes.add(ip(tcp(sport=40000, dport=22, flags="S")))
    scenes.add(ip(tcp(sport=22, dport=40000, flags="RA"), craft.SERVER, craft.CLIENT))
    scenes.add(ip(tcp(sport=61233, dport=61234, flags="S")))
    capture = scenes.write(tmp_path / "nothing.pcap")
    for two_pass in False, True:
        assert ws.rows(capture, ["session.proto", "session.expected"], two_pass=two_pass) == [("", "ssh"), ("", "ssh"), ("", "")]
    assert ws.count(capture, "session.id", True) == 3


def test_in_one_pass_until_recognised(ws, tmp_path):
    """What the README says: first what the ports let one expect, then what has been seen so far."""
    scenes = Scenes()
    for packet in Connection(sport=40000, dport=80).handshake().client(GET).server(
            OK.replace(b"Length: 0", b"Length: 2\r\nContent-Type: text/plain") + b"ok").close().packets:
        scenes.add(packet)
    for packet in Connection(sport=40001, dport=80).handshake().client(SSH).close().packets:
        scenes.add(packet)
    capture = scenes.write(tmp_path / "onepass.pcap")
    names = [",".join(n) for _, n in sessions(ws, capture, two_pass=False).values()]
    assert names[:8] == [""] * 3 + ["http"] + ["http,data-text-lines"] * 4
    assert ws.frames(capture, 'session.expected == "http"')[:3] == [1, 2, 3]
    assert ws.frames(capture, 'session.expected == "http"', True) == list(range(9, 16))     # SSH on HTTP's port is not recognised
    assert [",".join(n) for _, n in sessions(ws, capture).values()][:8] == ["http,data-text-lines"] * 8
    assert names[8:11] == [""] * 3


def test_cut_short(ws, tmp_path):
    """Packets and quotes of every length: nothing but what Wireshark itself says of them."""
    packets = [*Connection(sport=40000, dport=22).handshake().client(SSH).packets, ip(udp(DNS_QUERY, 40000, 53)),
               *association(), ip(vxlan(ip(udp(DNS_QUERY, 40000, 53)), 7)), ip(gre(ip(udp(DNS_QUERY, 40000, 53)), 7)),
               icmp_error(ip(tcp(SSH, 40000, 22))), icmp_error(ipv6(udp(DNS_QUERY, 40000, 53)))]
    frames = []
    for packet in packets:
        whole = ethernet(packet)
        frames += [(len(frames) * 0.001, whole[:n], len(whole)) for n in range(14, len(whole) + 1)]
    frames += [(len(frames) * 0.001, ethernet(mpls(b"", *range(n)), 0x8847)) for n in range(40)]
    capture = write_pcap(tmp_path / "cut.pcap", frames)
    stock = without_sessions(ws)
    fields = ["frame.protocols", "tcp.stream", "udp.stream", "_ws.malformed", "_ws.short"]
    for two_pass in False, True:
        assert ws.rows(capture, fields, two_pass=two_pass) == stock.rows(capture, fields, two_pass=two_pass)
    assert "Dissector bug" not in ws.verbose(capture)


# Use


def test_fields(ws):
    fields = ws.fields()
    assert {name: fields[name] for name in fields if name == "session" or name.startswith("session.")} == {
        "session": "FT_PROTOCOL", "session.proto": "FT_STRING", "session.id": "FT_UINT32", "session.outer_id": "FT_UINT32",
        "session.expected": "FT_STRING", "session.outcome": "FT_STRING", "session.matched": "FT_BOOLEAN",
        "session.matched_by": "FT_STRING", "session.related": "FT_UINT32",
        "session.icmp_error": "FT_NONE", "session.by_sequence": "FT_NONE", "session.negative_delta": "FT_NONE",
        "session.time_delta": "FT_RELATIVE_TIME"}


def test_items_are_generated_and_below_the_transport(ws, captures):
    for packet in ws.pdml(captures / "session-services/services.pcap", "-c", "40"):
        session = packet.find(".//proto[@name='session']")
        assert session is not None and session not in list(packet)
        assert session in [c for t in TRANSPORTS for p in packet.iter("proto") if p.get("name") == t for c in p.iter("proto")]
        assert {f.get("size") for f in session.iter("field")} == {"0"}
    tree = ws.verbose(captures / "session-services/services.pcap", "-c", "1")
    assert re.search(r"^    \[Whole Session 0, echo expected\]\n        \[Session index: 0\]\n        \[Expected protocol: echo\]$", tree, re.M)
    tree = ws.verbose(captures / "session-services/services.pcap", "-2", "-c", "10")
    assert re.search(r"^    \[Whole Session 0: echo\]\n        \[Session index: 0\]\n        \[Protocol: echo\]$", tree, re.M)


def test_filters_columns_and_apply_as_filter(ws, captures):
    capture = captures / "session-routing/routing.pcap"
    assert ws.count(capture, 'session.proto in {"ldp", "bfd"}', True) == 155
    assert ws.count(capture, 'session.proto contains "ld"', True) == ROUTING["ldp"]
    assert ws.count(capture, "session", True) == ws.count(capture, "tcp || udp", True)
    assert set(ws.custom_columns(capture, ["session.proto", "session.id"], "tcp", two_pass=True)) == {("ldp", "2")}
    with ws.sharkd() as sharkd:
        sharkd.load(capture)
        filters = str(sharkd.tree(ws.frames(capture, "tcp")[0]))
        assert "'f': 'session.proto == \"ldp\"'" in filters and "'f': 'session.id == 2'" in filters


def statistics(ws, capture, **kwargs):
    rows = re.findall(r"^(\S+) +\| +(\d+) \| +(\d+) \| +(\d+) \|$", ws.statistics(capture, "session,tree", **kwargs), re.M)
    return {name: tuple(map(int, figures)) for name, *figures in rows}


@pytest.mark.parametrize("name", ["session-routing/routing.pcap", "session-services/services.pcap"])
def test_statistics(ws, captures, name):
    capture = captures / name
    expected = defaultdict(lambda: [set(), 0, 0])
    for session, names, length in ws.rows(capture, ["session.id", "session.proto", "frame.len"], "session.proto", two_pass=True,
                                          keylog=keylog(capture)):
        for protocol in names.split(","):
            expected[protocol][0].add(session)
            expected[protocol][1] += 1
            expected[protocol][2] += int(length)
    expected = {p: (len(ids), packets, size) for p, (ids, packets, size) in expected.items()}
    assert len(expected) >= 2
    for two_pass in False, True:
        found = statistics(ws, capture, two_pass=two_pass, keylog=keylog(capture))
        assert found == expected
    if "routing" in name:
        assert statistics(ws, capture)["ldp"] == (3, 65, 5536)
        assert statistics(ws, capture)["bfd"] == (2, 90, 8520)


def test_statistics_with_a_filter(ws, captures):
    capture = captures / "session-routing/routing.pcap"
    table = ws.statistics(capture, "session,tree,bfd")
    assert re.search(r"^bfd +\| +2 \| +90 \|", table, re.M) and "ldp" not in table


def test_switched_off(ws, captures):
    capture = captures / "session-routing/routing.pcap"
    for options in (["-o", "session.enabled:FALSE"], ["--disable-protocol", "session"]):
        assert ws.count(capture, "session", options=options) == 0
        assert statistics(ws, capture) and "ldp" not in ws.tshark(capture, "-q", "-z", "session,tree", *options)
    with ws.sharkd() as sharkd:         # off and on again with files in between
        for value, expected in ("FALSE", 0), ("TRUE", 155), ("FALSE", 0), ("TRUE", 155):
            sharkd.call("setconf", name="session.enabled", value=value)
            sharkd.load(capture)
            assert sharkd.count("session") == expected


def test_files_one_after_another(ws, captures, tmp_path):
    """Nothing of a file is left when the next is opened."""
    names = ["session-services/services.pcap", "session-routing/routing.pcap", "session-services/services.pcap"]
    with ws.sharkd() as sharkd:
        seen = []
        for name in names:
            sharkd.load(captures / name)
            seen.append(sharkd.rows(["session.id", "session.proto"]))
    assert seen[0] == seen[2] != seen[1]
    assert seen[1] == ws.rows(captures / names[1], ["session.id", "session.proto"], two_pass=True)


def test_ultimate_pcap(ws, shared):
    """Every packet that is of a protocol above a transport is of a session that has the protocol; some are told apart."""
    capture = shared / "general/timetology__misc__The_Ultimate_PCAP_v20200224.pcapng"
    rows = ws.rows(capture, ["frame.number", "frame.protocols", "session.proto", "session.id"], two_pass=True)
    assert len(rows) == 21933
    missing, own, ours = [], defaultdict(int), defaultdict(int)
    for number, layers, names, session in rows:
        layers, names = layers.split(":"), set(names.split(",")) - {""}
        at = [i for i, layer in enumerate(layers) if layer in TRANSPORTS]
        above = set(layers[at[-1] + 1:]) if at and session else set()
        missing += [number] if not above <= names else []
        for name in above:
            own[name] += 1
        for name in names:
            ours[name] += 1
    assert not missing
    assert all(ours[name] >= own[name] for name in own) and len(own) > 25
    assert (ours["bgp"], ours["whois"], ours["ssh"], ours["imap"], ours["telnet"]) == (465, 459, 598, 45, 162)

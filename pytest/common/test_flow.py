# SPDX-License-Identifier: GPL-2.0-or-later
"""The flow hub: one wrapper at the IP layer, of which nothing is to be seen.

Its observers' own tests show that they are called; here is what it leaves as it was, and how several plugins share it.
"""

import pytest

from harness import craft
from harness.craft import Connection, ethernet, icmp_error, ip, ipv6, raw, tcp, udp, write_pcap

# Those that use the hub.
OBSERVERS = ("discard", "ftp-session", "whole-session", "hkp", "acme", "ldp-extras")

DNS_QUERY = bytes.fromhex("002a01000001000000000000" "0377777707" "6578616d706c65" "036f726700" "00010001")
GET = b"GET / HTTP/1.1\r\nHost: www.example.org\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"

UNCHANGED = ["frame.number", "frame.protocols", "tcp.stream", "udp.stream", "ip.proto", "tcp.len", "tcp.reassembled_in", "http.response.code",
             "http.content_length", "dns.id", "_ws.malformed", "_ws.short", "icmp.type", "icmpv6.type"]


@pytest.fixture
def mixed(tmp_path):
    """Whatever may come by an IP header: reassembly, quotes, extension headers, tunnels, lengths that are wrong."""
    packets = Connection(sport=40000, dport=80).handshake().client(GET[:10]).client(GET[10:]).server(OK).server(b"ab").server(
        b"cdef").close().packets
    query = udp(DNS_QUERY, 40001, 53)
    packets += [ip(query), icmp_error(ip(query)), icmp_error(ip(query), quoted=8), icmp_error(packets[0], quoted=8),
                icmp_error(packets[4]), ip(query, craft.CLIENT6, craft.SERVER6), icmp_error(ipv6(query), quoted=8)]
    hop_by_hop = bytes([17, 0, 1, 4, 0, 0, 0, 0]) + query.bytes(craft.CLIENT6, craft.SERVER6)
    packets.append(ipv6(raw(0, hop_by_hop)))
    packets += [ip(raw(4, ip(query))), ip(raw(41, ipv6(query))), ip(raw(47, b"\0\0\x08\0" + ip(query))),
                ip(udp(b"\x08\0\0\0\0\0\x07\0" + ethernet(ip(tcp(GET, 40002, 80))), 50000, 4789)),
                ip(raw(136, query.bytes(craft.CLIENT, craft.SERVER)))]
    packets += [ip(raw(protocol, b"\0\x35\0"[:n])) for protocol in (6, 17, 132) for n in range(4)]
    packets += [ip(raw(6, bytes.fromhex("9c40005000000001000000019f180000")))]              # a header longer than the packet
    packets += [ip(raw(17, bytes.fromhex("9c4100350004 0000".replace(" ", ""))))]           # a length that is too small
    return write_pcap(tmp_path / "mixed.pcap", [ethernet(packet) for packet in packets])


def assert_unchanged(ws, capture, options=(), fields=UNCHANGED):
    stock = ws.without_plugins()
    for two_pass in False, True:
        assert ws.rows(capture, fields, two_pass=two_pass, options=options) == stock.rows(capture, fields, two_pass=two_pass, options=options)
    for arguments in ("-q", "-z", "io,phs"), ("-q", "-z", "conv,tcp"), ():
        assert ws.tshark(capture, *arguments, *options) == stock.tshark(capture, *arguments, *options)


def only(ws, *names):
    built = [name for name in names if name in ws.built()]
    assert built
    return ws.subset(*built)


def test_nothing_is_changed(ws, mixed):
    assert ws.count(mixed, "http.response.code == 200") == 1           # reassembled through the wrapper
    assert_unchanged(only(ws, "whole-session"), mixed)


@pytest.mark.parametrize("options", [
    ("--disable-protocol", "tcp"), ("--disable-protocol", "udp"), ("-d", "ip.proto==6,udp"), ("-d", "ip.proto==136,udp"),
    ("-o", "tcp.desegment_tcp_streams:FALSE"), ("-o", "ip.defragment:FALSE")], ids=lambda o: o[1])
def test_what_the_user_chose_stays(ws, mixed, options):
    plugin = only(ws, "whole-session")
    assert_unchanged(plugin, mixed, options)
    disabled = options[1] if options[0] == "--disable-protocol" else None
    if disabled:
        assert plugin.count(mixed, f"session && {disabled}", options=options) == 0
    assert plugin.count(mixed, "session && (tcp || udp)", options=options) > 0


def test_conversations_by_interface_and_vlan(ws, tmp_path):
    """Where Wireshark is told to keep VLANs apart (4.4 and later), so does the hub."""
    frames = [ethernet(packet, vlan=vlan) for packet in Connection(sport=40000, dport=80).handshake().client(GET).packets for vlan in (5, 6)]
    capture = write_pcap(tmp_path / "vlans.pcap", frames)
    plugin = only(ws, "whole-session")
    assert {r for r, in plugin.rows(capture, ["session.id"])} == {"0"}
    if ws.version >= (4, 4):
        options = ("-o", "protocols.conversation_deinterlacing_key:VM.")
        rows = plugin.rows(capture, ["vlan.id", "tcp.stream", "session.id"], options=options)
        assert {(vlan, stream) for vlan, stream, _ in rows} == {("5", "0"), ("6", "1")}
        assert all(stream == session for _, stream, session in rows)
        assert rows == plugin.rows(capture, ["vlan.id", "tcp.stream", "session.id"], options=options, two_pass=True)


@pytest.mark.one_series
def test_each_plugin_alone_and_all_together(ws, captures, mixed):
    """Whichever brings the hub: each shows alone what it shows with the others."""
    everything = {"discard": ["discard.unreachable_in", "discard.bytes_total"], "ftp-session": ["ftp_session.id", "ftp_session.channel"],
                  "whole-session": ["session.id", "session.icmp_error"]}
    built = [name for name in everything if name in ws.built()]
    together = ws.subset(*built)
    for capture in captures / "small-services/small-services.pcap", mixed:
        for name in built:
            alone = ws.subset(name).rows(capture, everything[name], two_pass=True)
            assert alone == together.rows(capture, everything[name], two_pass=True), name
        assert together.execute("tshark", "-r", capture, "-q").stderr == b""
    quoted = captures / "small-services/small-services.pcap"
    assert together.count(quoted, "session.icmp_error", True) > 0
    if "discard" in built:
        assert together.count(quoted, "discard.unreachable_in", True) > 0


def test_switched_off_in_between(ws, captures):
    """The wrapper goes with its last observer and comes back with the first, file by file."""
    capture = captures / "session-routing/routing.pcap"
    plugin = only(ws, "whole-session")
    with plugin.sharkd() as sharkd:
        for value, expected in ("FALSE", 0), ("FALSE", 0), ("TRUE", 155), ("TRUE", 155), ("FALSE", 0):
            sharkd.call("setconf", name="session.enabled", value=value)
            sharkd.load(capture)
            assert sharkd.count("session") == expected
            assert sharkd.count("bfd") == 90 and sharkd.count("tcp") == 26


def test_announced_conversations(ws, captures):
    """Wildcards: RTP announced by SIP, TFTP's changing ports and FTP's data are where Wireshark's index has them."""
    plugin = only(ws, "whole-session")
    for name in "vsftpd-curl-pasv.pcap", "vsftpd-curl-active.pcap":
        rows = plugin.rows(captures / "ftp-servers" / name, ["tcp.stream", "session.id"], "tcp")
        assert len(set(rows)) == len({stream for stream, _ in rows}) == len({session for _, session in rows})


def test_cached_conversations_are_wiresharks(ws, shared):
    """A mixed capture with wildcards and reuse: the cache of the first pass finds what full lookups find."""
    capture = shared / "general/timetology__misc__The_Ultimate_PCAP_v20200224.pcapng"
    plugin = only(ws, "whole-session")
    fields = ["frame.number", "tcp.stream", "udp.stream", "session.id"]
    whole = "session.id && (tcp || udp)"        # fragments have their datagram's, in two passes
    rows = plugin.rows(capture, fields, whole, two_pass=True)
    assert [r[3] for r in rows] == [r[3] for r in plugin.rows(capture, fields, whole)]
    pairs = {(tcp_stream, udp_stream, session) for _, tcp_stream, udp_stream, session in rows}
    streams = {pair[:2] for pair in pairs}
    # One syslog stream goes through two tunnels, which Wireshark's index does not tell apart.
    assert len(pairs) == len({session for *_, session in pairs}) == len(streams) + 1

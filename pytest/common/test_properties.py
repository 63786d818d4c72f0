# SPDX-License-Identifier: GPL-2.0-or-later
"""The property helpers: they produce what they say, and each of them can fail."""

import pytest

from harness.craft import Connection, conversation, ethernet, icmp_error, ipv4, read_pcap, tcp, udp, write_pcap
from harness.properties import (as_ipv6, as_raw_ip, as_sll, assert_files_do_not_leak, assert_independent_of_others,
                                assert_passes_agree, assert_same_for_all, assert_survives, duplications, encapsulations,
                                frames_of, readdressed, reorderings, segmentations, truncated_frames, truncations, with_vlan)

pytestmark = pytest.mark.one_series

CHECKSUMS = {"ip.check_checksum": "TRUE", "tcp.check_checksum": "TRUE", "udp.check_checksum": "TRUE"}
REQUEST = b"GET /a HTTP/1.1\r\nHost: www.example.org\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"


@pytest.fixture
def web():
    """A connection with one HTTP request and its answer."""
    return [ethernet(packet) for packet in conversation(REQUEST, ANSWER, dport=80)]


@pytest.fixture
def refused():
    """A datagram and the ICMP error that quotes it."""
    packet = ipv4(udp(b"x", dport=9))
    return [ethernet(packet), ethernet(icmp_error(packet))]


def bad_checksums(ws, capture):
    status = " || ".join(f"{p}.checksum.status == 0" for p in ("ip", "tcp", "udp", "icmp", "icmpv6"))
    return ws.frames(capture, status, prefs=CHECKSUMS)


def test_crafted_packets_are_right(ws, tmp_path, web, refused):
    six = as_ipv6(web + refused)
    connection = Connection(src="2001:db8::5", dst="2001:db8::6").handshake().client(b"odd").close()
    capture = write_pcap(tmp_path / "all.pcap", [*web, *refused, *six, *readdressed(six, 77), *map(ethernet, connection.packets)])
    assert bad_checksums(ws, capture) == []
    assert ws.count(capture, "_ws.malformed || tcp.analysis.flags") == 0
    assert ws.rows(capture, ["http.request.method", "http.response.code"], "http") == [("GET", ""), ("", "200")] * 3
    assert ws.count(capture, "icmp.type == 3 && icmp.code == 3 && udp.dstport == 9") == 1
    assert ws.count(capture, "icmpv6.type == 1 && icmpv6.code == 4 && udp.dstport == 9") == 2


def test_a_wrong_checksum_is_noticed(ws, tmp_path, web):
    broken = [web[0][:-1] + b"\xff", *web[1:]]
    assert bad_checksums(ws, write_pcap(tmp_path / "bad.pcap", broken)) == [1]


def test_pcap_is_read_as_written(tmp_path, web):
    capture = write_pcap(tmp_path / "web.pcap", web)
    assert frames_of(capture) == web
    linktype, frames = read_pcap(capture)
    assert linktype == 1 and frames[1][0] - frames[0][0] == pytest.approx(0.001, abs=1e-5)


def test_pcapng_is_read(ws, tmp_path, web):
    capture = write_pcap(tmp_path / "web.pcap", web)
    ws.run("editcap", "-F", "pcapng", capture, tmp_path / "web.pcapng")
    assert frames_of(tmp_path / "web.pcapng") == web


def test_truncations_hold_every_length_once(ws, tmp_path, web):
    variants = truncations(tmp_path / "cut.pcap", web, chosen=[3])
    assert len(variants.ranges) == len(web[3]) + 1
    sizes = [int(ws.rows(variants.capture, ["frame.cap_len"])[r.stop - 2][0]) for r in variants.ranges[1:]]
    assert sizes == list(range(len(web[3])))
    assert ws.count(variants.capture, "tcp.stream") > 0
    whole = truncated_frames(tmp_path / "frames.pcap", web[3:5])
    assert len(read_pcap(whole)[1]) == len(web[3]) + len(web[4]) + 2
    assert_survives(ws, variants)
    assert_survives(ws, whole)


def test_segmentations_cover_every_boundary(ws, tmp_path, web):
    variants = segmentations(tmp_path / "cut.pcap", web)
    assert len(variants.names) == 1 + len(REQUEST) - 1 + len(ANSWER) - 1 + 2
    assert bad_checksums(ws, variants.capture) == []
    assert ws.count(variants.capture, "tcp.analysis.flags") == 0
    assert len({stream for stream, in ws.rows(variants.capture, ["tcp.stream"])}) == len(variants.names)
    assert assert_same_for_all(ws, variants, ["http.host", "http.response.code"], two_pass=True) == {
        "http.host": ("www.example.org",), "http.response.code": ("200",)}


def test_duplications_and_reorderings(ws, tmp_path):
    frames = [ethernet(p) for p in Connection(dport=80).handshake().client(REQUEST[:9]).client(REQUEST[9:])
              .server(ANSWER).close().packets]
    twice = duplications(tmp_path / "twice.pcap", frames)
    assert len(twice.names) == 1 + 2 * len(frames)
    assert ws.count(twice.capture, "tcp.analysis.retransmission || tcp.analysis.duplicate_ack || tcp.analysis.fast_retransmission") > 4
    assert_same_for_all(ws, twice, ["http.host"])
    swapped = reorderings(tmp_path / "swapped.pcap", frames)
    assert swapped.names == ["as it was", "frames 4 and 5 exchanged", "frames 6 and 8 exchanged"]
    assert ws.count(swapped.capture, "tcp.analysis.out_of_order || tcp.analysis.lost_segment") > 0
    assert_same_for_all(ws, swapped, ["http.host"], prefs={"tcp.reassemble_out_of_order": "TRUE"})
    with pytest.raises(AssertionError, match="1 of 3 differ"):
        assert_same_for_all(ws, swapped, ["http.host"])


def exchanges(path, packets):
    """Which of the packets are exchanged, as pairs of numbers from 1; and the variants."""
    frames = list(map(ethernet, packets))
    variants = reorderings(path, frames)
    written = frames_of(variants.capture)
    assert [written[n - 1] for n in variants.ranges[0]] == frames
    for name, numbers, variant in list(zip(variants.names, variants.ranges, range(len(variants.names))))[1:]:
        moved = [n for n, frame in enumerate(readdressed(frames, variant), 1) if written[numbers[n - 1] - 1] != frame]
        assert len(moved) == 2 and name == f"frames {moved[0]} and {moved[1]} exchanged"
    return [tuple(int(word) for word in name.split() if word.isdigit()) for name in variants.names[1:]], variants


def test_reorderings_with_fin_and_with_acknowledgements(tmp_path):
    bare = Connection(dport=80).handshake().server(b"hello").client(b"", flags="A").client(REQUEST).server(b"", flags="A")
    packets = bare.server(ANSWER).server(b"more").close().packets
    # 1-3 handshake, 4 hello, 5 ACK, 6 request, 7 ACK, 8 9 answer, 10 FIN, 11 FIN, 12 ACK
    assert exchanges(tmp_path / "bare.pcap", packets)[0] == [(3, 4), (4, 5), (6, 7), (8, 9), (9, 11)]
    with_reset = Connection(dport=80).handshake().client(b"a").server(b"", flags="R").packets
    assert exchanges(tmp_path / "reset.pcap", with_reset)[0] == []


def test_reorderings_of_two_connections(ws, tmp_path):
    one, two = Connection(sport=1025, dport=80).handshake().client(REQUEST), Connection(sport=1026, dport=80).handshake()
    first = len(one.packets)
    one.server(ANSWER)
    packets = [*one.packets[:first], *two.packets, ipv4(udp(b"x")), *one.packets[first:]]
    found, variants = exchanges(tmp_path / "two.pcap", packets)
    assert found == [(4, 5)]        # not 7 and 9, for a datagram is between them
    # In order of time the two differ, connection by connection they do not.
    assert_same_for_all(ws, variants, ["tcp.srcport"], "tcp.flags.syn == 0", by="tcp.stream")
    found, variants = exchanges(tmp_path / "neighbours.pcap", [*one.packets[:first], *two.packets, *one.packets[first:]])
    assert found == [(4, 5), (7, 8)]
    with pytest.raises(AssertionError, match="2 of 3 differ"):
        assert_same_for_all(ws, variants, ["tcp.srcport"])
    assert_same_for_all(ws, variants, ["tcp.srcport"], by="tcp.stream")


def test_encapsulations(ws, tmp_path, web, refused):
    captures = encapsulations(tmp_path, web + refused)
    assert_same_for_all(ws, captures, ["http.host", "udp.dstport", "tcp.stream"])
    layers = {name: ws.rows(capture, ["frame.protocols"])[3][0] for name, capture in captures.items()}
    assert layers == {
        "Ethernet": "eth:ethertype:ip:tcp:http", "IPv6": "eth:ethertype:ipv6:tcp:http",
        "VLAN": "eth:ethertype:vlan:ethertype:ip:tcp:http",
        "two VLANs": "eth:ethertype:vlan:ethertype:vlan:ethertype:ip:tcp:http",
        "SLL": "sll:ethertype:ip:tcp:http", "raw IP": "raw:ip:tcp:http"}
    assert all(not bad_checksums(ws, capture) for capture in captures.values())
    assert len(as_raw_ip(web)) == len(as_sll(web)) == len(with_vlan(web)) == len(web)
    with pytest.raises(AssertionError, match="1 of 6 differ"):
        assert_same_for_all(ws, captures, ["sll.etype", "http.host"])


def test_passes_are_compared(ws, tmp_path, web):
    capture = write_pcap(tmp_path / "web.pcap", web)
    rows = assert_passes_agree(ws, capture, ["http.host", "http.time"], "http", later=["http.response_in"])
    assert [row[3] for row in rows] == ["5", ""]
    with pytest.raises(AssertionError, match="one pass and -2 differ"):
        assert_passes_agree(ws, capture, ["http.host", "http.response_in"], "http")
    with pytest.raises(AssertionError, match="no packet"):
        assert_passes_agree(ws, capture, ["dns.id"], "dns")


def test_files_in_one_process_are_compared(ws, tmp_path, web, refused):
    first, second = write_pcap(tmp_path / "1.pcap", web), write_pcap(tmp_path / "2.pcap", refused)
    assert_files_do_not_leak(ws, first, second, ["tcp.stream", "udp.stream", "http.host"])
    with pytest.raises(AssertionError, match="no packet"):
        assert_files_do_not_leak(ws, first, second, ["dns.id"], "dns")


def test_plugins_are_independent(ws, tmp_path, refused):
    capture = write_pcap(tmp_path / "discard.pcap", [*refused, ethernet(ipv4(tcp(b"x", dport=9)))])
    assert_independent_of_others(ws, "discard", capture, ["udp.dstport", "tcp.dstport"], "udp || tcp")


def test_a_dissector_bug_is_found(ws, tmp_path, web, monkeypatch):
    """The check looks at what tshark says; here it is made to say it."""
    capture = write_pcap(tmp_path / "web.pcap", web)
    assert_survives(ws, capture)
    execute = type(ws).execute

    def with_bug(self, tool, *args, **kwargs):
        done = execute(self, tool, *args, **kwargs)
        if self.plugin_dir:
            done.stdout += b"[Dissector bug, protocol X: planted]\n"
        return done

    monkeypatch.setattr(type(ws), "execute", with_bug)
    with pytest.raises(AssertionError, match="planted"):
        assert_survives(ws, capture)

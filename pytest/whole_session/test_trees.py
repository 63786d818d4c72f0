# SPDX-License-Identifier: GPL-2.0-or-later
"""What Wireshark shows of a packet depends on whether it builds a tree, and on whether TCP puts its segments together: session.proto names
what is shown in the end, with a display filter and without one."""

import ipaddress
import struct

import pytest

from harness.craft import CLIENT, SERVER, Connection, ip, read_pcap, tcp, udp, write_pcap
from whole_session.test_exact import shown_and_named

APART = ("-o", "tcp.desegment_tcp_streams:FALSE")
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n"
RAW_IP = 101


def named_as_shown(ws, capture, *options):
    """What is shown, which is also named, whether or not the first pass builds a tree."""
    shown, named = shown_and_named(ws, capture, options=options)
    assert named == shown
    assert shown_and_named(ws, capture, options=(*options, "-R", "frame"))[1] == named
    return shown


def tpkt(message):
    return struct.pack(">BBH", 3, 0, 4 + len(message)) + message


def alerting(address, port):
    """Q.931 ALERTING with H.225's h245Address."""
    uuie = bytes.fromhex("03 40 06 0008914a0004 00 00") + ipaddress.ip_address(address).packed + port.to_bytes(2, "big")
    return tpkt(bytes.fromhex("08 02 0001 01 7e") + (len(uuie) + 1).to_bytes(2, "big") + b"\5" + uuie)


def capability_set(parameters=b""):
    """H.245 TerminalCapabilitySet: H.264's generic capability (H.241 section 8.3), with one parameter or none."""
    capability = (b"\x20\0" if parameters else b"\0\0") + bytes.fromhex("07 00088171000001") + parameters
    return tpkt(bytes.fromhex("02 20 01 06 000881750007 00 80 0000 0c 00") + bytes([len(capability)]) + capability)


LEVEL = bytes.fromhex("01 02a2 0016")      # one parameter, collapsing 42: Wireshark adds no more than a text to an item of H.245
MASTER_SLAVE = tpkt(bytes.fromhex("01 00 3200 0001 0000"))


def test_capabilities_of_which_nothing_is_shown(ws, tmp_path):
    """H.245 announced by H.225; also long after anything new was seen in it."""
    packets = []
    for n, messages in enumerate(([capability_set(LEVEL)], [capability_set()], [MASTER_SLAVE] * 2500 + [capability_set(LEVEL)])):
        packets += Connection(sport=40000 + n, dport=1720).handshake().server(alerting(SERVER, 5000 + n)).packets
        media = Connection(sport=41000 + n, dport=5000 + n).handshake()
        for message in messages:
            media.client(message)
        packets += media.close().packets
    shown = named_as_shown(ws, write_pcap(tmp_path / "h323.pcap", packets, RAW_IP))
    assert list(shown.values()) == [{"q931", "h225"}, {"h245"}] * 3


def responses(*parts_of_each):
    packets = []
    for n, parts in enumerate(parts_of_each):
        connection = Connection(sport=40000 + n, dport=80).handshake().client(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        for part in parts:
            connection.server(part)
        packets += connection.close().packets
    return packets


def test_a_chunk_without_its_end(ws, tmp_path):
    """With a tree HTTP ends where a chunk's CRLF is missing, and shows nothing of the body; from 4.4 on also of a size with more behind it."""
    text, unknown = CHUNKED % b"text/plain", CHUNKED % b"application/octet-stream"
    whole = b"5\r\nhello\r\n0\r\n\r\n"
    each = [(head + before + size + b"\r\nhello" + end,) for head in (text, unknown) for size in (b"5", b"5x") for end in (b"", b"\r", b"\r\n")
            for before in (b"", b"6;a=b\r\nhello \r\n", whole + head)]
    shown = named_as_shown(ws, write_pcap(tmp_path / "chunks.pcap", responses(*each), RAW_IP), *APART)
    assert {"http"} in shown.values() and {"http", "data"} in shown.values() and {"http", "data-text-lines"} in shown.values()
    together = named_as_shown(ws, tmp_path / "chunks.pcap")
    assert ws.version < (4, 4) or {"http"} in together.values()


def first_segment_of_a_long_answer(number):
    """DNS over TCP (RFC 7766): a response of 1,200 octets, of which the first 700 are in a segment that does not say that it is first."""
    answer = struct.pack(">HHHHHHB", 7, 0x8180, 0, 1, 0, 0, 0) + struct.pack(">HHIH", 16, 1, 0, 1177) + (b"\xff" + bytes(255)) * 4 + b"\x98" + bytes(152)
    assert len(answer) == 1200
    return tcp(struct.pack(">H", len(answer)) + answer[:700], 53, 40000 + number, seq=1)


@pytest.mark.parametrize("options", [(), APART, ("-o", "tcp.check_checksum:TRUE")], ids=["together", "apart", "checksums"])
def test_the_beginning_of_what_is_not_put_together(ws, tmp_path, options):
    """TCP notes where the next message is to begin, also in segments of which nothing is put together. It is no request for more."""
    good = ip(first_segment_of_a_long_answer(0), SERVER, CLIENT)
    bad = bytearray(ip(first_segment_of_a_long_answer(1), SERVER, CLIENT))
    bad[36] ^= 0x55
    cut = ip(first_segment_of_a_long_answer(2), SERVER, CLIENT)
    capture = write_pcap(tmp_path / "first.pcap", [good, bytes(bad), (0.1, cut[:400], len(cut))], RAW_IP)
    shown = named_as_shown(ws, capture, *options)
    dns = {"dns"}
    assert shown == {"0": dns if options == APART else set(), "1": dns if options else set(), "2": dns}


def test_more_is_asked_for_behind_one_octet(ws, tmp_path):
    """The last octet of a body, which is data, and what HTTP waits for the rest of."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    shown = named_as_shown(ws, write_pcap(tmp_path / "octet.pcap", responses((head + b"o", b"kx"), (head + b"o", b"k"), (head, b"okx")), RAW_IP))
    assert set(map(frozenset, shown.values())) == {frozenset({"http", "data"})}


def test_what_calls_others_for_a_tree_alone(ws, tmp_path):
    """Ethernet Global Data, whose values are data, and SAIA S-Bus, which before Wireshark 4.4 takes nothing without a tree."""
    egd = struct.pack("<BBHIIQIII", 0x0D, 1, 1, 0x0A000001, 7, 0, 1, 0, 0) + b"values"
    sbus = bytes.fromhex("0000000d01000001000a205318")      # reads a firmware's version
    frames = [ip(udp(egd, 18246, 18246)), ip(udp(sbus, 5050, 5050)), ip(udp(sbus, 5050, 5050))]
    assert named_as_shown(ws, write_pcap(tmp_path / "treed.pcap", frames, RAW_IP)) == {"0": {"egd", "data"}, "1": {"sbus"}}


def test_http2_of_which_the_server_speaks_first(ws, tmp_path):
    """Its settings are data until the client's preface has come, or nothing is shown of them on a port of HTTP; later they are HTTP/2's."""
    settings = bytes(3) + b"\4" + bytes(5)
    packets = []
    for number, port in enumerate((80, 3000)):
        connection = Connection(sport=40000 + number, dport=port).handshake()
        packets += connection.server(settings).client(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings).close().packets
    elsewhere = {"http2"} if ws.version >= (4, 4) else {"data"}     # a heuristic that is off in 4.0
    assert named_as_shown(ws, write_pcap(tmp_path / "first.pcap", packets, RAW_IP)) == {"0": {"http", "http2"}, "1": elsewhere}


def test_certificates_without_the_client_s_side(ws, captures, tmp_path):
    """A capture of one direction: what the server says first brings certificates, of some parts of which nothing is shown."""
    source = captures / "session-services/services.pcap"
    frames = {int(number) for number, in ws.rows(source, ["frame.number"], "tcp.srcport == 443", two_pass=True)}
    linktype, packets = read_pcap(source)
    one_way = [(number / 1000, data) for number, (_, data, _) in enumerate(packets, 1) if number in frames]
    shown = named_as_shown(ws, write_pcap(tmp_path / "one-way.pcap", one_way, linktype))
    key = "pkixalgs" if ws.version >= (4, 6) else "pkcs-1"      # who dissects it
    assert {"tls", "x509sat", key} <= set().union(*shown.values())

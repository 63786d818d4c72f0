# SPDX-License-Identifier: GPL-2.0-or-later
"""-z session,table: a line a conversation, the same in one pass, with -2 and in sharkd."""

import struct
from collections import Counter, defaultdict

import pytest

from harness.craft import CLIENT, SERVER, Connection, ethernet, icmp_error, ip, tcp, udp, write_pcap

COLUMNS = ["First frame", "Session", "Outcome", "Transport", "Protocols", "From", "To", "Packets", "Bytes", "Start", "Duration",
           "ICMP errors", "Matched by"]
QUERY = bytes.fromhex("12340100000100000000000007" "6578616d706c65" "036f7267" "0000010001")


def table(ws, capture, **options):
    statistic = "session,table" + ("," + options.pop("filter") if "filter" in options else "")
    lines = ws.statistics(capture, statistic, **options).splitlines()
    rows = [[cell.strip() for cell in line.split("|")[:-1]] for line in lines if line.count("|") == len(COLUMNS)]
    assert rows[0] == COLUMNS
    return rows[1:]


def from_packets(ws, capture):
    """The same from the fields of the packets. A frame may be of several sessions, but not in this capture."""
    fields = ["session.id", "frame.number", "frame.protocols", "session.proto", "session.expected", "frame.len", "frame.time_relative",
              "session.outcome", "session.icmp_error"]
    packets = defaultdict(list)
    for session, *packet in ws.rows(capture, fields, "session.id", two_pass=True):
        packets[int(session)].append(packet)
    for session, found in sorted(packets.items()):
        times = [float(packet[5]) for packet in found]
        transport = next(name for name in found[0][1].split(":") if name in ("tcp", "udp", "sctp"))
        expected = f"({found[-1][3]})" if found[-1][3] else ""
        yield [found[0][0], str(session), found[-1][6], transport.upper(), ",".join(filter(None, [found[-1][2], expected])) or "-", None, None, str(len(found)),
               str(sum(int(packet[4]) for packet in found)), f"{min(times):.6f}", f"{max(times) - min(times):.6f}",
               str(sum(bool(packet[7]) for packet in found)), "-"]


@pytest.mark.parametrize("name", ["session-services/services.pcap", "session-routing/routing.pcap"])
def test_lines_are_what_the_packets_say(ws, captures, name):
    capture = captures / name
    expected = list(from_packets(ws, capture))
    for two_pass in False, True:
        found = table(ws, capture, two_pass=two_pass)
        assert [row[:5] + [None, None] + row[7:] for row in found] == expected and len(expected) > 4
    with ws.sharkd() as sharkd:
        sharkd.load(capture)
        taps = sharkd.call("tap", tap0="nstat:session,table")["taps"]
    listed = [[str(cell).strip() for cell in row] for row in taps[0]["tables"][0]["i"]]
    assert listed == found


def test_endpoints_outcomes_and_what_matched(ws, tmp_path):
    packets = [ip(tcp(b"", 40000, 646, flags="S")), ip(tcp(b"", 646, 40000, flags="RA"), SERVER, CLIENT),
               ip(udp(QUERY, 40001, 53), "2001:db8::1", "2001:db8::2"), icmp_error(ip(udp(QUERY, 40001, 53), "2001:db8::1", "2001:db8::2"), kind=1, code=4),
               *Connection(sport=40002, dport=80).handshake().client(b"GET / HTTP/1.1\r\n\r\n").close().packets]
    frames = [(packet if isinstance(packet, bytes) else bytes(packet)) for packet in packets]
    capture = write_pcap(tmp_path / "three.pcap", [ethernet(p, 0x86dd if p[0] >> 4 == 6 else 0x800) for p in frames])
    rows = table(ws, capture, prefs={"session.match": "http.request or icmpv6"}, two_pass=True)
    of = COLUMNS.index
    assert [(row[of("First frame")], row[of("Protocols")], row[of("From")], row[of("To")], row[of("Outcome")], row[of("ICMP errors")], row[of("Matched by")])
            for row in rows] == [
        ("1", "(ldp)", f"{CLIENT}:40000", f"{SERVER}:646", "refused", "0", "-"),
        ("3", "dns", "[2001:db8::1]:40001", "[2001:db8::2]:53", "icmp error", "1", "session.match"),
        ("5", "http", f"{CLIENT}:40002", f"{SERVER}:80", "established", "0", "session.match")]
    assert Counter(row[of("Packets")] for row in rows)["2"] == 2


def test_a_display_filter_and_both_tables(ws, captures):
    """The tables of one run do not get into each other's way."""
    capture = captures / "session-services/services.pcap"
    alone = table(ws, capture)
    both = ws.statistics(capture, "session,table", options=("-z", "session,tree"))
    assert "Protocols of Sessions" in both
    assert [[cell.strip() for cell in line.split("|")[:-1]] for line in both.splitlines() if line.count("|") == len(COLUMNS)][1:] == alone


def test_a_filter_for_statistics(ws, tmp_path):
    """What the packets that it leaves out tell of a session is told all the same; so is a TFTP request's answer."""
    web = Connection().handshake().client(b"GET / HTTP/1.1\r\n\r\n").server(b"HTTP/1.1 204 No\r\n\r\n").close().packets
    capture = write_pcap(tmp_path / "web.pcap", list(map(ethernet, web)))
    for two_pass in False, True:
        (row,) = table(ws, capture, two_pass=two_pass, filter="tcp.flags == 2")
        assert (row[4], row[7], row[2]) == ("http", "1", "established")
        tree = ws.statistics(capture, "session,tree,tcp.flags == 2", two_pass=two_pass)
        assert [line.replace("|", " ").split() for line in tree.splitlines() if line.startswith("http ")] == [["http", "1", "1", "54"]]
    tftp = [ip(udp(b"\0\1file\0octet\0", 50000, 69)), ip(udp(b"\0\3\0\1hello", 50001, 50000), SERVER, CLIENT), ip(udp(b"\0\4\0\1", 50000, 50001))]
    capture = write_pcap(tmp_path / "tftp.pcap", list(map(ethernet, tftp)))
    assert table(ws, capture) == table(ws, capture, two_pass=True) and {row[2] for row in table(ws, capture)} == {"established"}


def test_nothing_is_known_of_a_session(ws, tmp_path):
    """Neither its protocol, nor, where the capture has no times, when it began; a protocol's line has a point for each."""
    def block(kind, body):
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

    frames = [ethernet(ip(tcp(b"", 40000, 40001, flags="S"))), ethernet(ip(udp(QUERY, 40002, 53))), ethernet(ip(udp(QUERY, 40002, 53)))]
    capture = tmp_path / "simple.pcapng"
    capture.write_bytes(block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1)) + block(1, struct.pack("<HHI", 1, 0, 0))
                        + b"".join(block(3, struct.pack("<I", len(frame)) + frame + bytes(-len(frame) % 4)) for frame in frames))
    for two_pass in False, True:
        assert [row[3:5] + row[7:11] for row in table(ws, capture, two_pass=two_pass)] == [
            ["TCP", "-", "1", str(len(frames[0])), "-", "-"], ["UDP", "dns", "2", str(2 * len(frames[1])), "-", "-"]]
        assert ws.rows(capture, ["session.time_delta", "session.negative_delta"], "session", two_pass=two_pass) == [("", "")] * 3


def test_two_packets_of_a_session_in_one_frame(ws, tmp_path):
    """PPP Muxed, RFC 3153: the frame counts once."""
    packets = [ip(udp(QUERY, 40002, 53)) for _ in range(2)]
    muxed = b"".join(struct.pack(">BBH", 0xc0, len(packet) + 2, 0x21) + packet for packet in packets)
    frame = ethernet(b"\x11\0\0\1" + struct.pack(">HH", len(muxed) + 2, 0x59) + muxed, 0x8864)
    capture = write_pcap(tmp_path / "muxed.pcap", [frame, frame])
    (row,) = table(ws, capture)
    assert row[7:9] == ["2", str(2 * len(frame))]

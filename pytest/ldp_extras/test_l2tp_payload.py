# SPDX-License-Identifier: GPL-2.0-or-later
"""What L2TPv3 carries: guessed without the control channel, as signalled with it. RFC 3931, RFC 4719, RFC 4349."""

import itertools
import struct

import pytest

from harness.craft import ethernet, ipv4, ipv6, raw, udp, write_pcap
from harness.properties import (assert_files_do_not_leak, assert_independent_of_others, assert_passes_agree, assert_survives,
                                truncated_frames)
from ldp_extras.packets import Router, data, stack

IP, IP6 = data(), ipv6(udp(b"data", 40000, 40001))
COOKIE = bytes.fromhex("a55a3cc3b6694b96")
SUBLAYER = bytes.fromhex("40000007")        # RFC 3931 section 4.6: S bit and sequence number
FIELDS = ["l2tp_payload.kind", "l2tp_payload.offset", "frame.protocols"]

# name: (payload, kind, what it is dissected to)
PAYLOADS = {
    "Ethernet": (ethernet(IP), 1, "eth:ethertype:ip:udp:data"),
    "Ethernet, IPv6": (ethernet(IP6), 1, "eth:ethertype:ipv6:udp:data"),
    "Ethernet, ARP": (Router(1).arp(Router(2)), 1, "eth:ethertype:arp"),
    "spanning tree": (bytes.fromhex("0180c2000000020000000001") + struct.pack(">H", 38) + b"\x42\x42\x03" + bytes(35), 1, "eth:llc:stp"),
    "VLAN": (ethernet(IP, vlan=7), 6, "eth:ethertype:vlan:ethertype:ip:udp:data"),
    "Cisco HDLC": (b"\x0f\x00\x08\x00" + IP, 2, "chdlc:ip:udp:data"),
    "SLARP": (b"\x8f\x00\x80\x35" + struct.pack(">IIIHxxxx", 2, 1, 1, 0xffff), 2, "chdlc:slarp"),
    "PPP": (b"\x00\x21" + IP, 3, "ppp:ip:udp:data"),
    "PPP, address and control": (b"\xff\x03\x00\x57" + IP6, 3, "ppp:ipv6:udp:data"),
    "LCP": (bytes.fromhex("c0210101000a050661626364"), 3, "ppp:lcp"),
    "Frame Relay": (b"\x18\x41\x03\xcc" + IP, 7, "fr:ip:udp:data"),
    "Frame Relay, Cisco's": (b"\x18\x41\x08\x00" + IP, 7, "fr:ip:udp:data"),
    "AAL5": (bytes.fromhex("aaaa030000000800") + IP, 8, "llc:ip:udp:data"),
    "IPv4": (IP, 4, "ip:udp:data"),
    "IPv6": (IP6, 5, "ipv6:udp:data"),
    "text": (b"nothing that has a name, of some length or other", 0, "data"),
    "zeros": (bytes(60), 0, "data"),
    "empty": (b"", 0, None),
}
HEADERS = {0: b"", 4: COOKIE[:4], 8: COOKIE, 12: COOKIE + SUBLAYER}


def over_ip(session, payload, src="192.0.2.1", dst="192.0.2.2"):
    return ethernet((ipv6 if ":" in src else ipv4)(raw(115, struct.pack(">I", session) + payload), src, dst))


def over_udp(session, payload, src="192.0.2.1", dst="192.0.2.2"):
    """RFC 3931 section 4.1.2.1: T=0, version 3."""
    return ethernet((ipv6 if ":" in src else ipv4)(udp(struct.pack(">HHI", 3, 0, session) + payload, 1701, 1701), src, dst))


def layers(protocols):
    return protocols.partition("l2tp")[2].removeprefix(":")


def test_header_is_that_of_the_figures():
    assert over_ip(0x01020304, COOKIE + SUBLAYER)[34:] == bytes.fromhex("01020304") + COOKIE + SUBLAYER
    assert over_udp(0x01020304, COOKIE)[42:] == bytes.fromhex("0003000001020304") + COOKIE


def test_guess(ws, tmp_path):
    """Each payload at each place, over IP and UDP, IPv4 and IPv6, each a session of its own."""
    carriers = [over_ip, over_udp, lambda s, p: over_ip(s, p, "2001:db8::1", "2001:db8::2"),
                lambda s, p: over_udp(s, p, "2001:db8::1", "2001:db8::2")]
    frames, expected = [], []
    for number, (carrier, offset, name) in enumerate(itertools.product(carriers, HEADERS, PAYLOADS)):
        payload, kind, shown = PAYLOADS[name]
        frames.append(carrier(1000 + number, HEADERS[offset] + payload))
        if shown is None:
            shown = "data" if offset else ""
        expected.append((str(kind) if kind else "", str(offset) if kind else "", shown))
    path = write_pcap(tmp_path / "guess.pcap", frames)
    rows = assert_passes_agree(ws, path, FIELDS)
    assert [(kind, offset, layers(protocols)) for _, kind, offset, protocols in rows] == expected
    guesses = sum(1 for kind, _, _ in expected if kind)
    assert ws.count(path, "l2tp_payload.guessed") == ws.count(path, "l2tp_payload") == guesses
    assert ws.count(path, "_ws.malformed && l2tp_payload") == 0


def test_it_is_told_as_a_guess(ws, tmp_path):
    path = write_pcap(tmp_path / "one.pcap", [over_ip(7, COOKIE + ethernet(IP))])
    text = ws.verbose(path)
    assert "    [L2TPv3 Payload: Ethernet]" in text and "        [Offset: 8]" in text
    assert "Guessed from the payload: the control channel is not in the capture" in text
    packet, = ws.pdml(path)
    native = next(proto for proto in packet if proto.get("name") == "l2tp")
    assert [proto.get("name") for proto in native.iter("proto")] == ["l2tp", "l2tp_payload"]
    assert "l2tp_payload" not in ws.statistics(path, "io,phs")


def kinds(ws, tmp_path, frames):
    rows = assert_passes_agree(ws, write_pcap(tmp_path / "kinds.pcap", frames), FIELDS, redissect=False)
    return [" ".join(row[1:3]).strip() for row in rows]


def test_a_session_is_what_its_packets_prove(ws, tmp_path):
    """The first packet that is sure decides, for those that prove nothing as well; not for what came before, nor for other sessions."""
    unknown = COOKIE[:4] + ethernet(bytes(50), 0x9999)
    hdlc = COOKIE[:4] + PAYLOADS["Cisco HDLC"][0]
    frames = [over_ip(5, PAYLOADS["text"][0]), over_ip(5, COOKIE[:4] + ethernet(IP)), over_ip(5, unknown), over_ip(5, COOKIE[:4] + ethernet(IP, vlan=3)),
              # another session, the other direction, another pair of addresses
              over_ip(6, hdlc), over_ip(5, hdlc, "192.0.2.2", "192.0.2.1"), over_ip(5, ethernet(IP), "192.0.2.1", "192.0.2.3"),
              over_udp(5, COOKIE + b"\x00\x21" + IP, "192.0.2.9", "192.0.2.1")]
    path = write_pcap(tmp_path / "stable.pcap", frames)
    rows = assert_passes_agree(ws, path, FIELDS)
    assert [" ".join(row[1:3]).strip() for row in rows] == ["", "1 4", "1 4", "1 4", "2 4", "2 4", "1 0", "3 8"]


def hdlc(packet=None):
    return over_ip(5, b"\x0f\x00" + (packet or b"\x08\x00" + data()))


def test_a_packet_that_contradicts_its_session(ws, tmp_path):
    """It is not shown otherwise than it is, nor is one that proves nothing, until three prove the session again; copies of one do not."""
    unknown = over_ip(5, COOKIE[:4] + ethernet(bytes(50), 0x9999))

    one, two, three = (over_ip(5, COOKIE[:4] + ethernet(data())) for _ in range(3))
    for odd in (hdlc(), over_ip(5, COOKIE[:4] + b"\xff" * 60)):
        assert kinds(ws, tmp_path, [one, unknown, odd, unknown, one, one, two, unknown, three, unknown]) == [
            "1 4", "1 4", "", "", "1 4", "1 4", "1 4", "", "1 4", "1 4"]


def test_a_session_that_becomes_another(ws, tmp_path):
    """The identifier is used anew, or the first packet looked like something else: three that prove the same decide again, copies of one do not."""
    unknown, one = hdlc(b"\x99\x99" + bytes(40)), hdlc()
    for first, then in ((over_ip(5, COOKIE[:4] + ethernet(IP)), ""), (hdlc(b"\x65\x58" + ethernet(IP)), "2 0")):
        found = kinds(ws, tmp_path, [first, one, one, unknown, hdlc(), hdlc(), unknown, hdlc(), first])
        assert found == ["1 4", "", "", "", "", "2 0", "2 0", "2 0", then]


def test_sessions_that_change_too_often(ws, tmp_path):
    """Each packet is what it proves then, and no other is anything."""
    unknown = over_ip(5, COOKIE[:4] + ethernet(bytes(50), 0x9999))
    sure = [over_ip(5, COOKIE[:4] + ethernet(data())) for _ in range(60)]
    frames = [frame for n in range(0, 60, 3) for frame in (*sure[n:n + 3], *(hdlc() for _ in range(3)))]
    found = kinds(ws, tmp_path, [*frames, unknown, *sure, unknown])
    assert len(set(found[:12])) == 3 and found[len(frames)] == found[-1] == "" and len(set(found[len(frames) + 1:-1])) == 1


def test_a_cookie_is_the_same_in_all_packets(ws, tmp_path):
    """With another one it is another session, of which nothing is known until a packet proves it."""
    other = COOKIE[::-1]
    unknown, sure = ethernet(bytes(50), 0x9999), ethernet(IP)
    frames = [COOKIE + sure, COOKIE + unknown, other + unknown, other + sure, other + unknown, COOKIE + unknown]
    assert kinds(ws, tmp_path, [over_ip(5, frame) for frame in frames]) == ["1 8", "1 8", "", "1 8", "1 8", ""]


def test_likely_packets_decide_together(ws, tmp_path):
    """A known Ethernet type alone proves little; three in a row do, unless they are copies of one."""
    unsure = [over_ip(5, COOKIE[:4] + ethernet(bytes([n, *bytes(49)]), 0x8863)) for n in range(6)]
    other = over_ip(5, COOKIE + ethernet(bytes(50), 0x8863))
    for order, expected in ((unsure[:4], ["", "", "1", "1"]), ([*unsure[:2], other, *unsure[3:]], [""] * 5 + ["1"]),
                            ([unsure[0]] * 4 + unsure[:3], [""] * 6 + ["1"]), ([(2 * n, unsure[0]) for n in range(4)], ["", "", "1", "1"])):
        path = write_pcap(tmp_path / "likely.pcap", order)
        assert [row[1] for row in assert_passes_agree(ws, path, ["l2tp_payload.kind"], redissect=False)] == expected


def test_labels_do_not_hide_their_link(ws, tmp_path):
    """Of a session whose first packet is labelled: an IP packet behind the labels proves what is in front of them."""
    one, two, text = stack(17), stack(17, 18), stack(17) + PAYLOADS["text"][0]
    firsts = [(b"\x0f\x00\x88\x47" + one + IP, 2), (b"\x0f\x00\x88\x47" + two + IP6, 2), (b"\xff\x03\x02\x81" + one + IP, 3),
              (b"\x02\x81" + two + IP, 3), (b"\x18\x41\x88\x47" + two + IP, 7), (ethernet(one + IP, 0x8847), 1),
              (b"\x0f\x00\x88\x47" + text, 0), (b"\x02\x81" + text, 0), (b"\x0f\x00\x88\x47" + stack(17)[:3], 0)]
    path = write_pcap(tmp_path / "labels.pcap", [over_ip(number, first) for number, (first, _) in enumerate(firsts, 1)])
    assert [row[1:3] for row in assert_passes_agree(ws, path, FIELDS)] == [(str(kind), "0") if kind else ("", "") for _, kind in firsts]
    assert ws.count(path, "mpls && (ip.addr == 198.51.100.1 || ipv6)") >= 5


def test_the_user_decides(ws, tmp_path):
    path = write_pcap(tmp_path / "user.pcap", [over_ip(5, COOKIE + ethernet(IP)), over_ip(6, COOKIE + PAYLOADS["Cisco HDLC"][0])])
    assert ws.rows(path, ["l2tp_payload.offset", "l2tp.cookie"], prefs={"l2tp.cookie_size": "8 Byte Cookie"}) == [
        ("8", COOKIE.hex()), ("8", COOKIE.hex())]
    rule = ["-d", "l2tp.pw_type==0,chdlc"]
    assert ws.count(path, "l2tp_payload", options=rule) == 0 and ws.count(path, "chdlc", options=rule) == 2
    assert ws.rows(path, ["frame.protocols"], options=rule) == ws.without_plugins().rows(path, ["frame.protocols"], options=rule)


def test_a_sublayer_of_seven_bytes(ws, tmp_path):
    """LAPD's, whose last bytes change from packet to packet: the session is found again all the same. Also over another port."""
    frames = [over_ip(5, bytes(4) + struct.pack(">BH", 1, n) + payload) for n, payload in enumerate((ethernet(IP), ethernet(bytes(50), 0x9999)))]
    path = write_pcap(tmp_path / "lapd.pcap", frames)
    assert ws.rows(path, ["l2tp_payload.offset"], prefs={"l2tp.l2_specific": "LAPD-Specific"}) == [("7",)] * 2
    moved = [over_udp(5, COOKIE + payload).replace(struct.pack(">H", 1701), b"\x27\x10") for payload in (ethernet(IP), ethernet(bytes(50), 0x9999))]
    path = write_pcap(tmp_path / "moved.pcap", moved)
    assert ws.rows(path, ["l2tp_payload.offset"], options=["-d", "udp.port==10000,l2tp"]) == [("8",)] * 2


# With the control channel


def avp(kind, value):
    return struct.pack(">HHH", 0x8000 | (6 + len(value)), 0, kind) + value


def control(connection, kind, *avps, src="192.0.2.1", dst="192.0.2.2", ns=0):
    body = avp(0, struct.pack(">H", kind)) + b"".join(avps)
    header = struct.pack(">IHHIHH", 0, 0xc803, 12 + len(body), connection, ns, 0)
    return ethernet(ipv4(raw(115, header + body), src, dst))


def signalled(pw_type, cookie=COOKIE):
    """SCCRQ, SCCRP, ICRQ, ICRP, ICCN: sessions 0x111 and 0x222."""
    back = {"src": "192.0.2.2", "dst": "192.0.2.1"}
    sublayer = avp(69, struct.pack(">H", 1))
    return [control(0, 1, avp(61, struct.pack(">I", 1))), control(1, 2, avp(61, struct.pack(">I", 2)), **back),
            control(2, 10, avp(63, struct.pack(">I", 0x111)), avp(64, bytes(4)), avp(68, struct.pack(">H", pw_type)), avp(65, cookie), sublayer, ns=1),
            control(1, 11, avp(63, struct.pack(">I", 0x222)), avp(64, struct.pack(">I", 0x111)), avp(65, cookie), sublayer, **back, ns=1),
            control(2, 12, avp(63, struct.pack(">I", 0x111)), avp(64, struct.pack(">I", 0x222)), sublayer, ns=2)]


def test_signalled_types(ws, tmp_path):
    """Type 4 is added, and what Wireshark does by itself stays; nothing is guessed."""
    for pw_type, payload, shown in ((4, ethernet(IP, vlan=7), "eth:ethertype:vlan:ethertype:ip:udp:data"),
                                    (5, ethernet(IP), "eth:ethertype:ip:udp:data"), (6, PAYLOADS["Cisco HDLC"][0], "chdlc:ip:udp:data")):
        frames = [*signalled(pw_type), over_ip(0x222, COOKIE + SUBLAYER + payload),
                  over_ip(0x111, COOKIE + SUBLAYER + payload, "192.0.2.2", "192.0.2.1")]
        path = write_pcap(tmp_path / f"type{pw_type}.pcap", frames)
        rows = assert_passes_agree(ws, path, FIELDS, "l2tp.sid == 0x111 || l2tp.sid == 0x222", redissect=False)
        # by table Wireshark leaves the outermost of them out of frame.protocols
        assert [(row[1], layers(row[3])) for row in rows] == [("", shown if pw_type == 4 else shown.partition(":")[2])] * 2
        stock = ws.without_plugins().rows(path, ["frame.protocols"])[-2:]
        assert [row[0] for row in stock] == ([row[3] for row in rows] if pw_type != 4 else ["eth:ethertype:ip:l2tp:data"] * 2)


# Others


def test_version_2_is_left_alone(ws, shared):
    for name, packets in (("nb6-startup.pcap", 86), ("nb6-http.pcap", 19)):
        path = shared / "mpls" / f"ajbanjara__Wireshark__{name}"
        assert ws.count(path, "l2tp") == packets and ws.count(path, "l2tp_payload") == 0


def test_real_arp_over_l2tpv3(ws, shared):
    path = shared / "mpls" / "epiecs__packetlife-backup__arp_l2tpv3.cap"
    rows = assert_passes_agree(ws, path, ["l2tp_payload.kind", "l2tp_payload.offset", "l2tp.sid", "arp.opcode"], "l2tp", redissect=False)
    assert [row[1:4] for row in rows] == [("1", "4", "0x00000bb8")] * 3 and all(row[4] in ("1", "2") for row in rows)
    assert ws.without_plugins().count(path, "arp") == 0 and ws.count(path, "arp") == 3


def test_frame_relay_over_l2tp(ws, shared):
    rows = assert_passes_agree(ws, shared.parent / "cases/ldp-extras/l2tp-fr-nlpid.pcap", ["frame.protocols", "l2tp_payload.kind", "l2tp_payload.offset"], "l2tp")
    assert [row[1:] for row in rows] == [("eth:ethertype:ip:l2tp:fr:ip:udp:data", "7", "0")] * 8


def test_l2tp_in_udp_on_any_port(ws, shared):
    path = shared.parent / "cases/ldp-extras/l2tp-linux-udp5000.pcap"
    rows = assert_passes_agree(ws, path, ["frame.protocols", "l2tp_payload.kind", "l2tp_payload.offset"], "udp")
    assert [row[1:] for row in rows] == [("eth:ethertype:ip:udp:l2tp:eth:ethertype:ip:udp:data", "1", "4")] * 12
    macs = [mac.split(",")[-1] for mac, in ws.rows(path, ["eth.dst"], "udp")]
    assert macs[:3] == ["00:11:22:33:44:55", "02:11:22:33:44:55", "04:33:c2:00:00:01"] and len(set(macs)) == 12
    off = {"l2tp_payload.udp": "FALSE"}
    assert ws.rows(path, ["frame.protocols"], "udp", prefs=off) == ws.without_plugins().rows(path, ["frame.protocols"], "udp")


def test_udp_that_only_looks_like_l2tp(ws, tmp_path):
    """The header without a payload that proves it, of another version, or with a session of 0, stays what it is; so does a control message that is cut."""
    def datagram(payload):
        return ethernet(ipv4(udp(payload, 5000, 6000)))
    message = control(0, 1, avp(61, struct.pack(">I", 1)))[38:]
    frames = [datagram(struct.pack(">HHI", 3, 0, 9) + b"no payload at all" * 3), datagram(struct.pack(">HHI", 2, 0, 9) + ethernet(IP)),
              datagram(struct.pack(">HHI", 3, 0, 0) + ethernet(IP)), datagram(struct.pack(">HHI", 3, 1, 9) + ethernet(IP)),
              datagram(message[:-1]), datagram(message), datagram(struct.pack(">HHI", 3, 0, 9) + ethernet(IP))]
    path = write_pcap(tmp_path / "looks.pcap", frames)
    rows = assert_passes_agree(ws, path, ["l2tp_payload.kind"], "l2tp", redissect=False)
    assert rows == [("6", ""), ("7", "1")]


def test_udp_that_is_likely_again_and_again(ws, tmp_path):
    """On a port of others only what is proved counts: constant bytes where a header would be, and an Ethernet type further on."""
    header = struct.pack(">HHI", 3, 0, 77)
    frames = [ethernet(ipv4(udp(header + bytes([2, n, 3, 4, 5, 6, 8, 8, 9, 1, 2, n]) + b"\x88\xccgame state %02d ......." % n, 5000, 6000)))
              for n in range(5)]
    path = write_pcap(tmp_path / "likely.pcap", frames)
    assert {row[:2] for row in ws.rows(path, ["frame.protocols", "l2tp_payload.kind"], two_pass=True)} == {("eth:ethertype:ip:udp:data", "")}


@pytest.mark.one_series
def test_cut_everywhere(ws, tmp_path):
    frames = [over_ip(100 + n, HEADERS[12] + payload) for n, (payload, _, _) in enumerate(PAYLOADS.values())]
    assert_survives(ws, truncated_frames(tmp_path / "cut.pcap", frames + signalled(4)))


@pytest.mark.one_series
def test_files_and_other_plugins(ws, tmp_path):
    first = write_pcap(tmp_path / "1.pcap", [over_ip(5, COOKIE + ethernet(IP))])
    second = write_pcap(tmp_path / "2.pcap", [over_ip(5, PAYLOADS["text"][0]), over_ip(5, COOKIE + PAYLOADS["Cisco HDLC"][0])])
    assert_files_do_not_leak(ws, first, second, FIELDS[:2], "l2tp")
    assert_independent_of_others(ws, "ldp-extras", first, FIELDS[:2], "l2tp_payload")

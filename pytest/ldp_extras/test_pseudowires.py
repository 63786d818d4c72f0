# SPDX-License-Identifier: GPL-2.0-or-later
"""What pseudowires carry, dissected by what LDP signalled.

The control words are put together bit by bit as the figures of the RFCs have them: RFC 4385 figure 1 (generic) and 2
(associated channel), RFC 4448 section 4.6 (Ethernet), RFC 4618 section 4.4 (PPP, HDLC), RFC 4619 section 7.3 (Frame Relay),
RFC 4717 (ATM), RFC 4553 (SAToP), RFC 5086 (CESoPSN).
"""

import struct

import pytest

from harness.craft import ethernet, ipv4, ipv6, raw, udp, write_pcap
from harness.properties import assert_passes_agree
from ldp_extras.packets import (ETHERNET, FR_DLCI, FR_PORT, HDLC, PPP, TAGGED, Router, Session, data, labelled, mapping, prefix, pw, withdraw)

A, B, C = Router(1), Router(2), Router(3)
TUNNEL = 17
IP = data()
MACS = ("02:11:22:33:44:55", "04:11:22:33:44:55", "44:11:22:33:44:54", "60:11:22:33:44:55", "fe:11:22:33:44:55", "10:11:22:33:44:55")


def bits(*fields):
    """Bytes of (width, value) pairs, the most significant bit first."""
    value = width = 0
    for size, number in fields:
        assert 0 <= number < 1 << size
        value, width = value << size | number, width + size
    assert width % 8 == 0
    return value.to_bytes(width // 8, "big")


def generic_cw(length=0, sequence=0, flags=0, fragment=0):
    """RFC 4385 figure 1: 0000, flags, FRG, length, sequence number."""
    return bits((4, 0), (4, flags), (2, fragment), (6, length), (16, sequence))


def associated_channel(kind):
    """RFC 4385 figure 2: 0001, version, reserved, channel type."""
    return bits((4, 1), (4, 0), (8, 0), (16, kind))


def relay_cw(length, sequence, fecn=0, becn=0, de=0, cr=0):
    """RFC 4619 figure 4: 0000, F, B, D, C, FRG, length, sequence number."""
    return bits((4, 0), (1, fecn), (1, becn), (1, de), (1, cr), (2, 0), (6, length), (16, sequence))


def test_control_words_are_those_of_the_figures():
    assert generic_cw(length=33, sequence=258) == bytes.fromhex("00210102")
    assert associated_channel(0x21) == bytes.fromhex("10000021")
    assert relay_cw(46, 5, becn=1) == bytes.fromhex("042e0005")


def signalled(*mappings):
    """Frames in which B tells A about the tunnel to C, and C tells A about pseudowires."""
    link, far = Session(A, B), Session(A, C, 40001)
    return [A.hello(), B.hello(), C.hello(), *link.start(), link.say(1, mapping(prefix("203.0.113.3/32"), TUNNEL)), *far.start(),
            far.say(1, *mappings)], far


def carried(payload, value, tunnel=TUNNEL, ttl=64):
    labels = [tunnel, *([value] if isinstance(value, int) else value)]
    return labelled(A, B, labels, payload, ttl)


PPP_IP = b"\x00\x21" + IP
CISCO_IP = b"\x0f\x00\x08\x00" + IP
RELAY_IP = b"\x03\xcc" + IP
CELL = bytes(range(48))

ETH = "pwethnocw:eth:ethertype:ip:udp:data"
# pseudowire: (type, C bit), payload, what follows mpls in frame.protocols
CASES = {
    **{f"MAC address {mac}": ((ETHERNET, False), ethernet(IP, dst=mac), ETH) for mac in MACS},
    "Ethernet, control word": ((ETHERNET, True), generic_cw(sequence=5) + ethernet(IP, dst="60:00:00:00:00:01"), "pwethcw" + ETH[9:]),
    "VLAN": ((TAGGED, False), ethernet(IP, dst=MACS[3], vlan=5), "pwethnocw:eth:ethertype:vlan:ethertype:ip:udp:data"),
    "VLAN, control word": ((TAGGED, True), generic_cw() + ethernet(IP, vlan=5), "pwethcw:eth:ethertype:vlan:ethertype:ip:udp:data"),
    "Cisco HDLC": ((HDLC, False), CISCO_IP, "chdlc:ip:udp:data"),
    "SLARP": ((HDLC, False), b"\x8f\x00\x80\x35" + struct.pack(">IIIHxxxx", 2, 1, 1, 0xffff), "chdlc:slarp"),
    "Cisco HDLC, control word": ((HDLC, True), generic_cw(sequence=9) + CISCO_IP, "chdlc:ip:udp:data"),
    "PPP in HDLC": ((HDLC, False), b"\xff\x03" + PPP_IP, "pw_hdlc_nocw_hdlc_ppp:ppp:ip:udp:data"),
    "other HDLC": ((HDLC, False), b"\x01\x3f" + bytes(20), "data"),
    "PPP": ((PPP, False), PPP_IP, "ppp:ip:udp:data"),
    "PPP with address and control": ((PPP, False), b"\xff\x03" + PPP_IP, "pw_hdlc_nocw_hdlc_ppp:ppp:ip:udp:data"),
    "PPP, control word": ((PPP, True), generic_cw(sequence=1) + PPP_IP, "ppp:ip:udp:data"),
    "LCP": ((PPP, False), bytes.fromhex("c021010100040000")[:6], "ppp:lcp"),
    "Frame Relay DLCI": ((FR_DLCI, True), relay_cw(len(RELAY_IP), 7, becn=1, de=1) + RELAY_IP, "pwfr:fr:ip:udp:data"),
    "Frame Relay DLCI, Martini": ((1, True), relay_cw(len(RELAY_IP), 7) + RELAY_IP, "pwfr:fr:ip:udp:data"),
    "Frame Relay DLCI, C bit clear": ((FR_DLCI, False), relay_cw(len(RELAY_IP), 7) + RELAY_IP, "pwfr:fr:ip:udp:data"),
    "Frame Relay port": ((FR_PORT, False), b"\x18\x41" + RELAY_IP, "pw_hdlc_nocw_fr:fr:ip:udp:data"),
    "Frame Relay port, control word": ((FR_PORT, True), generic_cw() + b"\x18\x41" + RELAY_IP, "pw_hdlc_nocw_fr:fr:ip:udp:data"),
    "IP layer 2 transport": ((11, False), IP, "ip:udp:data"),
    "SONET": ((8, True), generic_cw() + bytes(80), "data"),
}


def test_dispatch(ws, tmp_path):
    """By type and C bit, with the label of its own that each of them has."""
    frames, _ = signalled(*[mapping(pw(n, kind, cbit), 100 + n) for n, ((kind, cbit), _, _) in enumerate(CASES.values())])
    first = len(frames) + 1
    frames += [carried(payload, 100 + n) for n, (_, payload, _) in enumerate(CASES.values())]
    path = write_pcap(tmp_path / "pw.pcap", frames)
    rows = assert_passes_agree(ws, path, ["frame.protocols", "ldp_binding.pw_id", "_ws.malformed"], f"frame.number >= {first}")
    below = "eth:ethertype:mpls:"
    found = {case: row[1].removeprefix(below) for case, row in zip(CASES, rows)}
    assert found == {case: layers for case, (_, _, layers) in CASES.items()}
    assert [row[2] for row in rows] == [str(n) for n in range(len(CASES))] and not any(row[3] for row in rows)
    # where no field of the control word is, and what Wireshark alone makes of it
    assert ws.rows(path, ["pwmcw.sequence_number"], "pwmcw") == [("9",), ("1",), ("0",), ("0",)]
    assert ws.rows(path, ["pwfr.becn", "pwfr.de", "pwfr.seqno"], "pwfr.becn == 1") == [("1", "1", "7")]
    plain = [row[0].removeprefix(below) for row in ws.without_plugins().rows(path, ["frame.protocols"])][first - 1:]
    wrong = {case for case, layers in zip(CASES, plain) if layers != found[case]}
    assert {"MAC address 44:11:22:33:44:54", "MAC address 60:11:22:33:44:55", "Cisco HDLC", "PPP", "Frame Relay DLCI"} <= wrong
    assert ("MAC address fe:11:22:33:44:55" in wrong) == (ws.version < (4, 4))     # later ones have a heuristic


CELL_N1 = bits((12, 0x50), (16, 33), (4, 0)) + CELL      # RFC 4717 section 8: VPI, VCI, PTI and C, then the cell's payload
CELL_11 = bytes([0x10, 0, 33]) + CELL
# type, C bit, payload, Wireshark's dissector as Decode As names it
CELLS = [
    (9, True, generic_cw(sequence=3) + CELL_N1, "mplspwatmn1cw"), (9, False, CELL_N1, "mplspwatmn1nocw"),
    (10, True, generic_cw() + CELL_N1, "mplspwatmn1cw"), (3, False, CELL_N1, "mplspwatmn1nocw"),
    (12, True, generic_cw() + CELL_11, "mplspwatm11_or_aal5pdu"), (13, True, generic_cw() + CELL_11, "mplspwatm11_or_aal5pdu"),
    (14, True, generic_cw() + CELL_11, "mplspwatm11_or_aal5pdu"), (2, True, generic_cw() + bytes(44), "mplspwatmaal5sdu"),
    (17, True, generic_cw(sequence=1) + bytes(256), "pwsatopcw"), (18, True, generic_cw() + bytes(192), "pwsatopcw"),
    (19, True, generic_cw() + bytes(1024), "pwsatopcw"), (20, True, generic_cw() + bytes(1024), "pwsatopcw"),
    (21, True, generic_cw(sequence=2) + bytes(64), "pwcesopsn"), (23, True, generic_cw() + bytes(64), "pwcesopsn"),
]


def test_atm_and_tdm(ws, tmp_path):
    """The same as if the user had chosen the right one of Wireshark's dissectors for each label."""
    frames, _ = signalled(*[mapping(pw(n, kind, cbit), 100 + n) for n, (kind, cbit, _, _) in enumerate(CELLS)])
    first = len(frames) + 1
    frames += [carried(payload, 100 + n) for n, (_, _, payload, _) in enumerate(CELLS)]
    path = write_pcap(tmp_path / "atm.pcap", frames)
    by_hand = [arg for n, (_, _, _, name) in enumerate(CELLS) for arg in ("-d", f"mpls.label=={100 + n},{name}")]
    found, plain = shown(ws, path, first), shown(ws.without_plugins(), path, first, by_hand)
    # by table Wireshark leaves the outermost of them out of frame.protocols
    assert [(layers.partition(":")[2], rest) for layers, rest in found] == plain
    assert [layers.partition(":")[0] for layers, _ in found] == [name for _, _, _, name in CELLS]
    assert plain != shown(ws.without_plugins(), path, first)


def shown(ws, path, first, options=()):
    rows = ws.rows(path, ["frame.protocols", "_ws.malformed", "pwsatop.cw.seqno", "pwcesopsn.cw.seqno", "atm.vci"], options=options)
    return [(row[0].partition("mpls:")[2], row[1:]) for row in rows[first - 1:]]


def test_padding_and_fragments(ws, tmp_path):
    """RFC 4385 section 3: the length counts the control word; what is behind it is padding. A fragment stays data."""
    short = b"\x0f\x00\x08\x00" + data(b"")
    frames, _ = signalled(mapping(pw(1, HDLC, True), 101))
    first = len(frames) + 1
    frames += [carried(generic_cw(len(short) + 4, 1) + short + b"\xee" * 9, 101),
               carried(generic_cw(63, 2) + short, 101), carried(generic_cw(0, 3) + short, 101), carried(generic_cw(2, 4) + short, 101),
               carried(generic_cw(0, 5, fragment=1) + short, 101)]
    path = write_pcap(tmp_path / "padding.pcap", frames)
    rows = ws.rows(path, ["frame.protocols", "pwmcw.length", "pwmcw.sequence_number"], f"frame.number >= {first}")
    assert [row[0].partition("mpls:")[2] for row in rows] == ["chdlc:ip:udp:pw.padding:data"] + ["chdlc:ip:udp"] * 3 + ["data"]
    assert [row[1:] for row in rows] == [(str(len(short) + 4), "1"), ("63", "2"), ("0", "3"), ("2", "4"), ("0", "5")]


def test_frame_relay_as_routers_send_it(ws, tmp_path):
    """RFC 4619 section 7.3: the length with the control word; and Cisco's encapsulation, which Wireshark knows with a DLCI only. A packet that
    is cut off within the data has no padding to look for."""
    cisco, arp = b"\x08\x00" + IP, b"\x03\0\x80\0\0\0\x08\x06" + bytes.fromhex("000f 0800 0204 0008 0000 c6336401 1881 00000000")
    long = b"\x03\xcc" + data(b"x" * (60 - 30))
    assert len(long) == 60
    frames, _ = signalled(mapping(pw(1, FR_DLCI, True), 101), mapping(pw(2, 1, True), 102))
    first = len(frames) + 1
    frames += [carried(relay_cw(len(arp) + 4, 1) + arp, 101), carried(relay_cw(0, 2) + long, 101),
               carried(relay_cw(len(cisco) + 4, 3, de=1) + cisco, 102), carried(relay_cw(len(cisco), 4, cr=1) + cisco + b"\xee" * 5, 101),
               carried(relay_cw(63, 5) + b"\x03\xcc" + IP, 101)]
    cut = carried(relay_cw(0, 6) + long, 101)
    frames.append((1, cut[:-1], len(cut)))
    path = write_pcap(tmp_path / "relay.pcap", frames)
    fields = ["frame.protocols", "pwfr.seqno", "pwfr.length", "fr.chdlctype", "_ws.malformed", "_ws.short"]
    got = assert_passes_agree(ws, path, fields, f"frame.number >= {first}", redissect=False)
    assert [(row[1].partition("mpls:")[2], row[2], row[4], bool(row[5])) for row in got] == [
        ("fr:arp", "1", "", False), ("fr:ip:udp:data", "2", "", False), ("ip:udp:data", "3", "0x0800", False),
        ("ip:udp:data:pw.padding:data", "4", "0x0800", False), ("pwfr:fr:ip:udp:data", "5", "", True), ("fr:ip:udp:data", "6", "", False)]
    assert not any(row[6] for row in got)
    assert ws.rows(path, ["pwfr.de", "pwfr.cr"], f"frame.number in {{{first + 2}, {first + 3}}}") == [("1", "0"), ("0", "1")]
    by_hand = [arg for n in (101, 102) for arg in ("-d", f"mpls.label=={n},pwfr")]
    assert [row[1] != "" for row in ws.without_plugins().rows(path, ["frame.number", "_ws.malformed"], options=by_hand)][first - 1:] == [
        True, True, True, False, True, True]


def test_fragments_of_ethernet(ws, tmp_path):
    """RFC 4623: the first one has the header of the frame, the later ones none, whatever they look like."""
    frame = ethernet(data(b"y" * 400), dst="60:00:00:00:00:01")
    frames, _ = signalled(mapping(pw(1, cbit=True), 101))
    first = len(frames) + 1
    parts = [(1, frame[:200]), (3, ethernet(IP)), (2, ethernet(IP)), (0, ethernet(IP))]
    frames += [carried(generic_cw(0, n, fragment=kind) + part, 101) for n, (kind, part) in enumerate(parts, 1)]
    path = write_pcap(tmp_path / "fragments.pcap", frames)
    got = assert_passes_agree(ws, path, ["eth.dst", "pwmcw.sequence_number", "ldp_binding.fec"], f"frame.number >= {first}", redissect=False)
    assert [row[1].count(",") for row in got] == [1, 0, 0, 1] and [row[2] for row in got] == ["", "2", "3", ""]
    assert {row[3] for row in got} == {"203.0.113.3/32,PW 1 Ethernet"}


def ping(ttl=255):
    """An LSP ping of the pseudowire, as VCCV carries it."""
    return ipv4(udp(struct.pack(">HHBBBBIIIIII", 1, 0, 1, 2, 0, 0, 1, 1, 0, 0, 0, 0), 3503, 3503), "203.0.113.1", "127.0.0.1", ttl)


def test_vccv(ws, tmp_path):
    """RFC 5085 section 5: by control word, by router alert, by TTL."""
    frames, _ = signalled(mapping(pw(1, cbit=True, vccv=(7, 2)), 101), mapping(pw(2, vccv=(6, 2)), 102))
    first = len(frames) + 1
    frame_six = ethernet(IP, dst="45:00:00:20:00:01")
    frames += [carried(associated_channel(0x21) + ping(), 101), carried(ping(), [1, 102]), carried(ping(), 102, ttl=1),
               carried(ping(), 102), carried(frame_six, 102, ttl=1), carried(frame_six, [1, 102]),
               carried(generic_cw() + ethernet(IP), 101, ttl=1)]
    path = write_pcap(tmp_path / "vccv.pcap", frames)
    layers = [row[1].partition("mpls:")[2] for row in
              assert_passes_agree(ws, path, ["frame.protocols"], f"frame.number >= {first}", redissect=False)]
    kinds = [name.removeprefix("pwach:").removeprefix("ip:") for name in layers]
    assert [name.partition(":")[0] for name in kinds] == ["udp", "udp", "udp", "udp", "pwethnocw", "pwethnocw", "pwethcw"]
    # an IP packet whose checksum is right stays what Wireshark makes of it
    assert ws.count(path, "udp.port == 3503") == 4
    assert ws.count(path, "pwach.channel_type == 0x21") == 1


def test_two_routers_use_one_label(ws, tmp_path):
    """What is carried under the same label depends on whom it is for; the same under flow labels, and where only the bytes tell."""
    link = Session(A, C, 40001)
    frames = [A.hello(), C.hello(), *link.start(), link.say(1, mapping(pw(1), 100)), link.say(0, mapping(pw(2, PPP), 100))]
    first = len(frames) + 1
    inner = ethernet(IP, dst="60:00:00:00:00:01")
    frames += [labelled(A, C, 100, inner), labelled(C, A, 100, PPP_IP), labelled(A, C, [100, 4242], inner),
               labelled(C, A, [100, 4242], PPP_IP), labelled(A, B, 4242, inner)]
    path = write_pcap(tmp_path / "two.pcap", frames)
    layers = [row[1].partition("mpls:")[2] for row in assert_passes_agree(ws, path, ["frame.protocols"], f"frame.number >= {first}")]
    assert layers[:4] == [ETH, "ppp:ip:udp:data"] * 2
    assert layers[4] == ETH


def test_a_stack_inside_a_pseudowire(ws, tmp_path):
    """A customer's MPLS inside the pseudowire, with the same innermost label and without a binding: a guess, as ever."""
    frames, _ = signalled(mapping(pw(1), 101))
    customer = ethernet(struct.pack(">I", 101 << 12 | 0x140) + IP, 0x8847, "02:00:00:00:99:01", "02:00:00:00:99:02")
    nested = labelled(A, B, [TUNNEL, 101], customer)
    frames += [nested]
    path = write_pcap(tmp_path / "nested.pcap", frames)
    (protocols, labels, fecs), = ws.rows(path, ["frame.protocols", "mpls.label", "ldp_binding.label"], f"frame.number == {len(frames)}")
    assert labels == "17,101,101" and protocols.count("pwethnocw") == 1 and "mpls:pwethnocw:eth:ethertype:mpls:" in protocols
    # the customer's label is some other router's: of pseudowires' labels there is one in the capture
    assert fecs.startswith("17,101")


def test_the_user_decides(ws, tmp_path):
    frames, _ = signalled(mapping(pw(1), 101))
    frames += [carried(ethernet(IP, dst="60:00:00:00:00:01"), 101)]
    path = write_pcap(tmp_path / "user.pcap", frames)
    number = f"frame.number == {len(frames)}"
    for rule in ("mpls.label==101,pw_hdlc_nocw_fr", *(["mpls.pfn==6,pw_hdlc_nocw_fr"] if ws.version >= (4, 4) else [])):
        (layers,), = ws.rows(path, ["frame.protocols"], number, options=["-d", rule])
        assert layers == ws.without_plugins().rows(path, ["frame.protocols"], options=["-d", rule])[-1][0]
        assert "mpls:fr" in layers
        assert ws.count(path, "ldp_binding.pw_id == 1", options=["-d", rule]) == 1


def test_without_a_binding_the_bytes_tell(ws, tmp_path):
    """No binding, an ambiguous one, one that says otherwise than the bytes, and another label's: proved, or left alone."""
    link, far, other = Session(A, B), Session(A, C, 40001), Session(A, Router(4), 40002)
    inner = ethernet(IP, dst="60:00:00:00:00:01")
    unknown = ethernet(bytes(range(40)), 0x88b5, dst="60:00:00:00:00:01")
    frames = [*link.start(), *far.start(), *other.start()]
    frames += [far.say(1, mapping(pw(1), 100)), other.say(1, mapping(pw(2, PPP), 100)), far.say(1, mapping(pw(3, cbit=True), 103))]
    frames += [labelled(A, B, value, payload) for payload in (unknown, inner) for value in (99, 100, 103, 104)]
    path = write_pcap(tmp_path / "guess.pcap", frames)
    fields = ["frame.protocols", "eth.dst"]
    ours, stock = ws.rows(path, fields, "mpls"), ws.without_plugins().rows(path, fields, "mpls")
    assert ours[:4] == stock[:4] and len(stock) == 8
    assert [row[0].partition("mpls:")[2] for row in ours[4:]] == [ETH] * 4
    rows = ws.rows(path, ["ldp_binding.fec", "ldp_binding.match", "ldp_binding.control_word_mismatch"], "mpls")
    assert rows[4:] == [("PW Ethernet", "4", ""), ("PW 1 Ethernet", "2", ""), ("PW 3 Ethernet", "2", "1"), ("PW Ethernet", "4", "")]


def test_control_word_that_looks_like_an_address(ws, tmp_path):
    """Zeros are a maker that Wireshark knows, and so may be what comes six bytes behind: as with the addresses of EVE-NG's routers."""
    addresses = [("50:00:00:01:00:00", "50:00:00:02:00:00"), ("02:00:00:00:00:03", "02:00:00:00:00:04"), ("aa:bb:cc:00:01:00", "aa:bb:cc:00:02:00")]
    frames = [labelled(A, B, 99, word + ethernet(IP, src=src, dst=dst)) for dst, src in addresses for word in (bytes(4), b"\0\0\0\7")]
    as_channel = "10:00:5a:00:00:01", "08:00:27:00:00:01"    # IBM's, as what follows a nibble of 1, which an associated channel has
    frames.append(labelled(A, B, 99, ethernet(IP, src=as_channel[1], dst=as_channel[0])))
    path = write_pcap(tmp_path / "words.pcap", frames)
    rows = ws.rows(path, ["eth.dst", "eth.src", "ip.src", "ldp_binding.fec"])
    found = [(row[0].partition(",")[2], row[1].partition(",")[2]) for row in rows]
    assert found == [*(pair for pair in addresses for _ in range(2)), as_channel]
    assert {row[2] for row in rows} == {"198.51.100.1"} and [row[3] for row in rows] == ["PW Ethernet"] * 4 + [""] * 2 + ["PW Ethernet"]
    frame = "frame.number in {5, 6}"
    assert ws.rows(path, ["frame.protocols"], frame) == ws.without_plugins().rows(path, ["frame.protocols"], frame)


def test_checksum_that_is_left_to_the_network_card(ws, tmp_path):
    """Captured where it was sent, an IP packet may have none: its length and the rest prove it. Not with a length that is wrong."""
    protocols = 0, 1, 2, 4, 6, 17, 41, 43, 44, 47, 50, 51, 58, 59, 60, 89, 103, 112, 132
    packets = [*(ipv4(raw(number, b"x" * 40)) for number in protocols), data(b"x" * 41) + b"\0", ipv4(raw(253, b"x" * 40))]
    offloaded = [packet[:10] + b"\0\0" + packet[12:] for packet in packets]
    frames = [labelled(A, B, 99 + n, ethernet(packet, dst="60:00:00:00:00:01")) for n, packet in enumerate(offloaded)]
    rows = ws.rows(write_pcap(tmp_path / "offload.pcap", frames), ["eth.dst", "ldp_binding.fec"])
    assert rows[:-2] == [(f"{B.mac},60:00:00:00:00:01", "PW Ethernet")] * len(protocols) and {row[1] for row in rows[-2:]} == {""}


def test_cut_packets_of_a_label_whose_others_were_proved(ws, tmp_path):
    """As Wireshark has it, which asks for the makers of both addresses; known ones begin with 0."""
    link, far, known = Session(A, B), Session(A, C, 40001), "00:00:0c:00:00:01"
    proved = [labelled(A, B, 99, ethernet(IP, src=known, dst=known)) for _ in range(4)]
    cut = [(1 + n, proved[0][:18 + n], len(proved[0])) for n in range(4, 14)]
    path = write_pcap(tmp_path / "cut.pcap", [*link.start(), *far.start(), far.say(1, mapping(pw(1), 100)), *proved, *cut])
    fields, own = ["frame.protocols", "mpls.label", "eth.dst"], "mpls && frame.len != frame.cap_len"
    assert len(ws.rows(path, fields, own)) == len(cut)
    assert ws.rows(path, fields, own, two_pass=True) == ws.without_plugins().rows(path, fields, own)


def test_ip_below_a_label_that_is_a_pseudowire_by_chance(ws, tmp_path):
    """Where the receiver is not known the label may be another router's, and what is IP stays IP."""
    far = Session(A, C, 40001)
    inner = ethernet(IP, dst="60:00:00:00:00:01")
    frames = [*far.start(), far.say(1, mapping(pw(1), 100)), labelled(A, B, 100, data(dst="203.0.113.3")), labelled(A, B, 100, ipv6(udp(b"x", 40000, 40001))),
              labelled(A, B, 100, inner)]
    path = write_pcap(tmp_path / "chance.pcap", frames)
    rows = ws.rows(path, ["frame.protocols", "ldp_binding.match"], "mpls")
    assert [(layers.partition("mpls:")[2].startswith("pwethnocw"), match) for layers, match in rows] == [
        (False, ""), (False, ""), (True, "2")]


def test_ethernet_and_ip_where_cells_or_circuits_were_signalled(ws, tmp_path):
    """What Wireshark alone dissects to an IP packet with the right checksum stays so, with a note; cells that carry IP are cells."""
    kinds = (3, 9, 10, 12, 13, 0x11, 0x15, 0x7fff)
    words = [word for kind in kinds for word in ((True,) if kind in (12, 13, 0x11, 0x15) else (False, True))]
    types = [kind for kind in kinds for _ in range(1 if kind in (12, 13, 0x11, 0x15) else 2)]
    frames, _ = signalled(*(mapping(pw(n, kind, word), 100 + n) for n, (kind, word) in enumerate(zip(types, words))))
    inner = ethernet(data(dst="198.51.100.7"), dst="08:00:27:00:00:01", src="08:00:27:00:00:02")
    for n in range(len(types)):
        frames += [carried(payload, 100 + n) for payload in (generic_cw() + inner, data(dst="198.51.100.7"), inner)]
    cell = bytes.fromhex("00010640aaaa030000000800") + data(b"")
    cells = len(frames)
    frames += [carried(generic_cw(sequence=9) + cell + bytes(52 - len(cell)), 100 + n) for n, kind in enumerate(types) if kind == 9 and words[n]]
    path = write_pcap(tmp_path / "cells.pcap", frames)
    fields = ["frame.number", "frame.protocols", "ldp_binding.payload_mismatch"]
    ours = ws.rows(path, fields, "mpls")
    stock = ws.without_plugins().rows(path, fields[:2], "mpls && ip.src == 198.51.100.1")
    right = {number: layers for number, layers in stock if layers.endswith("udp:data") and int(number) <= cells}
    assert len(right) == 3 * len(types)
    assert {row[0]: row[1].replace("pwethheuristic:", "") for row in ours if row[0] in right} == {
        number: layers.replace("pwethheuristic:", "") for number, layers in right.items()}
    assert all(row[2] for row in ours if row[0] in right)
    assert [("mplspwatmcell" in row[1], row[2]) for row in ours[-1:]] == [(True, "")]


def test_withdrawn_pseudowire(ws, tmp_path):
    """The last that is known of a label still tells what it carries, marked as stale."""
    frames, far = signalled(mapping(pw(1, HDLC), 101))
    frames += [*far.take_back(1, withdraw(pw(1, HDLC))), carried(CISCO_IP, 101), far.say(1, mapping(pw(9), 101)),
               carried(ethernet(IP, dst="60:00:00:00:00:01"), 101)]
    path = write_pcap(tmp_path / "withdrawn.pcap", frames)
    fields = ["ldp_binding.fec", "ldp_binding.stale", "frame.protocols"]
    rows = [row[1:] for row in assert_passes_agree(ws, path, fields, "mpls", redissect=False)]
    assert [(row[0].split(",")[1], row[1] != "", row[2].partition("mpls:")[2]) for row in rows] == [
        ("PW 1 HDLC", True, "chdlc:ip:udp:data"), ("PW 9 Ethernet", False, ETH)]


@pytest.mark.parametrize("carrier", ["MPLS", "pseudowire"])
def test_hdlc_over_l2tp_to_the_end(ws, tmp_path, carrier):
    """HDLC over L2TPv3 over IP over MPLS, and inside the L2 VPN beside it."""
    tunnelled = ipv4(raw(115, struct.pack(">I", 77) + CISCO_IP), "203.0.113.1", "203.0.113.3")
    frames, _ = signalled(mapping(pw(1), 101))
    if carrier == "MPLS":
        frames += [labelled(A, B, TUNNEL, tunnelled)]
    else:
        frames += [carried(ethernet(tunnelled, dst="60:00:00:00:00:01"), 101)]
    path = write_pcap(tmp_path / "deep.pcap", frames)
    (layers, kind, fec), = ws.rows(path, ["frame.protocols", "l2tp_payload.kind", "ldp_binding.fec"], f"frame.number == {len(frames)}",
                                   two_pass=True)
    assert layers.endswith("l2tp:chdlc:ip:udp:data") and kind == "2"
    assert fec == ("203.0.113.3/32" if carrier == "MPLS" else "203.0.113.3/32,PW 1 Ethernet")

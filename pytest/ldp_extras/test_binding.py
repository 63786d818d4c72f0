# SPDX-License-Identifier: GPL-2.0-or-later
"""What labels mean, from sessions that are put together here: RFC 5036, RFC 3478, RFC 5918, RFC 8077."""

import itertools
import struct

import pytest

from harness.craft import CLIENT, ethernet, icmp_error, ipv4, ipv6, raw, tcp, udp, write_pcap
from harness.craft import checksum as internet_checksum
from harness.properties import (assert_files_do_not_leak, assert_independent_of_others, assert_passes_agree, assert_survives,
                                truncated_frames)
from ldp_extras.packets import (ADDRESS_WITHDRAW, ETHERNET, HDLC, PPP, RELEASE, SHUTDOWN, WILDCARD, WITHDRAW, Router, Session, addresses, data, fec,
                         generalized, hello, host, initialization, labelled, mac, mapping, message, notification, p2mp,
                         packed, pdu, prefix, pw, pw_group, pw_status, release, request, shim, stack, tlv, typed_wildcard, withdraw)

TARGET = prefix("203.0.113.3/32")
FIELDS = ["ldp_binding.label", "ldp_binding.fec", "ldp_binding.lsr", "ldp_binding.advertised_in", "ldp_binding.match",
          "ldp_binding.candidates"]
EXPERTS = ["ldp_binding.stale", "ldp_binding.unknown_label", "ldp_binding.ambiguous"]


class Capture:
    """Frames, numbered as they are added."""

    def __init__(self, path):
        self.path, self.frames = path, []

    def add(self, *frames):
        """The number of the last one."""
        self.frames += [frame if isinstance(frame, (bytes, tuple)) else frame for frame in frames]
        return len(self.frames)

    def write(self, step=0.001):
        return write_pcap(self.path, self.frames, step=step)


@pytest.fixture
def capture(tmp_path):
    return Capture(tmp_path / "ldp.pcap")


@pytest.fixture
def routers():
    return [None, *(Router(n) for n in range(1, 10))]


def meanings(ws, path, fields=("ldp_binding.label", "ldp_binding.fec", "ldp_binding.match"), redissect=False):
    """{frame: values}, the same in one pass and with -2; test_every_field and others re-dissect as well."""
    rows = assert_passes_agree(ws, path, list(fields), "mpls", redissect=redissect)
    return {int(row[0]): row[1:1 + len(fields)] for row in rows}


def experts(ws, path):
    """{frame: {expert item}} of the items of this plugin."""
    rows = ws.rows(path, ["frame.number", *EXPERTS], " || ".join(EXPERTS), two_pass=True)
    assert ws.rows(path, ["frame.number", *EXPERTS], " || ".join(EXPERTS)) == rows
    return {int(row[0]): {name.rpartition(".")[2] for name, value in zip(EXPERTS, row[1:]) if value} for row in rows}


def library(ws, path, two_pass=False):
    """The rows of -z ldp_binding,table."""
    lines = ws.statistics(path, "ldp_binding,table", two_pass=two_pass).splitlines()
    rows = [tuple(cell.strip() for cell in line.split("|"))[:7] for line in lines if line.count("|") == 7]
    assert rows[0] == ("LSR", "Label", "FEC", "Advertised in", "Withdrawn in", "Packets", "Bytes")
    return rows[1:]


def up(capture, a, b, **options):
    """Hellos of both and a session from its handshake on."""
    session = Session(a, b, **options)
    capture.add(a.hello(), b.hello(), *session.start())
    return session


# Learning


def test_every_field(ws, capture, routers):
    a, b = routers[1:3]
    session = up(capture, a, b)
    told = capture.add(session.say(1, mapping(TARGET, 17)))
    packet = capture.add(labelled(a, b, 17, data()))
    gone = capture.add(*session.take_back(1, withdraw(TARGET, 17))) - 1
    late = capture.add(labelled(a, b, 17, data()))
    path = capture.write()
    rows = assert_passes_agree(ws, path, [*FIELDS, "ldp_binding.stale"], "ldp_binding", later=["ldp_binding.withdrawn_in"])
    stale = "1"
    assert rows == [(str(packet), "17", "203.0.113.3/32", b.lsr, str(told), "1", "1", "", str(gone)),
                    (str(late), "17", "203.0.113.3/32", b.lsr, str(told), "1", "1", stale, str(gone))]
    assert ws.rows(path, ["ldp_binding.withdrawn_in"], "ldp_binding") == [("",), (str(gone),)]
    size = str(len(capture.frames[packet - 1]))
    for two_pass in (False, True):      # a row of its own, with the question mark of Info, for what is over
        assert library(ws, path, two_pass) == [(b.lsr, "17", f"203.0.113.3/32{doubt}", str(told), str(gone), "1", size)
                                               for doubt in ("", "?")]
    assert [info for _, info in ws.columns(path)][packet - 1].endswith("Len=4 \u2192 203.0.113.3/32")
    assert ws.columns(path)[packet - 1][0] == ws.without_plugins().columns(path)[packet - 1][0] == "UDP"


def test_items_are_generated_and_below_the_label(ws, capture, routers):
    a, b, c = routers[1:4]
    session = up(capture, a, b)
    capture.add(session.say(1, mapping(TARGET, 17)), *(other := Session(a, c, 40001)).start(), other.say(1, mapping(pw(100), 100)))
    capture.add(labelled(a, b, [17, 100], ethernet(data())))
    packet = list(ws.pdml(capture.write()))[-1]
    shims = [proto for proto in packet if proto.get("name") == "mpls"]
    found = [[field.get("name") for field in below.iter("field")] for below in shims]
    assert ["ldp_binding.pw_id" in names for names in found] == [False, True]
    assert [[p.get("showname") for p in below.iter("proto") if p.get("name") == "ldp_binding"] for below in shims] == [
        ["LDP Binding: 203.0.113.3/32"], ["LDP Binding: PW 100 Ethernet"]]
    assert not [proto for proto in packet if proto.get("name") == "ldp_binding"]
    text = ws.verbose(capture.path)
    assert "    [LDP Binding: 203.0.113.3/32]" in text and "        [Match: Advertised by the router that receives" in text


FECS = [
    (prefix("203.0.113.0/24"), "203.0.113.0/24"),
    (prefix("0.0.0.0/0"), "0.0.0.0/0"),
    (prefix("2001:db8::/32"), "2001:db8::/32"),
    (prefix("2001:db8::5/128"), "2001:db8::5/128"),
    (host("203.0.113.77"), "203.0.113.77/32"),
    (pw(100), "PW 100 Ethernet"),
    (pw(101, HDLC), "PW 101 HDLC"),
    (pw(102, 0x7ff), "PW 102 type 2047"),
    (generalized(struct.pack(">HHI", 0, 65001, 7), packed("203.0.113.1"), packed("203.0.113.2"), PPP),
     "PW AGI 65001:7 SAII 203.0.113.1 TAII 203.0.113.2 PPP"),
    (p2mp("203.0.113.9", 5), "P2MP root 203.0.113.9 LSP 5"),
]


def test_fec_elements(ws, capture, routers):
    """Each kind of element, all in one message, in messages of one PDU, in PDUs of one segment; then withdrawn."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    first = [mapping([element for element, _ in FECS], 1000)]
    second = [mapping(element, 20 + n) for n, (element, _) in enumerate(FECS)]
    third = pdu(b.lsr, *[mapping(element, 60 + n) for n, (element, _) in enumerate(FECS)])
    capture.add(session.say(1, *first), session.say(1, *second), session.send(1, third + third + third))
    frames = [capture.add(labelled(a, b, base + n, data())) for base in (20, 60) for n in range(len(FECS))]
    shared = capture.add(labelled(a, b, 1000, data()))
    capture.add(*session.take_back(1, *[withdraw(element) for element, _ in FECS]))
    late = [capture.add(labelled(a, b, 60 + n, data())) for n in range(len(FECS))]
    path = capture.write()
    found = meanings(ws, path, FIELDS)
    texts = [text for _, text in FECS]
    assert [found[frame][1] for frame in frames] == texts * 2
    assert [found[frame][0] for frame in frames] == [str(base + n) for base in (20, 60) for n in range(len(FECS))]
    assert {found[frame][4] for frame in frames} == {"1"}
    # One label for several FECs says one of them, and that there are more.
    assert found[shared][4:] == ("1", str(len(FECS))) and found[shared][1] in texts
    assert experts(ws, path) == {shared: {"ambiguous"}, **{frame: {"stale"} for frame in late}}
    assert [(row[1], row[2]) for row in library(ws, path)][:len(FECS)] == [("1000", text) for text in texts]


def test_segmentation(ws, tmp_path, routers):
    """The stream cut at every byte: the binding is learnt once it is whole, and shown alike."""
    a, b = routers[1:3]
    stream = pdu(b.lsr, addresses(b.ip), mapping(TARGET, 17)) + pdu(b.lsr, mapping(prefix("198.51.100.0/24"), 18))
    frames, checks = [], {}
    for cut in range(1, len(stream)):
        a1, b1 = Router(1), Router(2)
        a1.lsr, b1.lsr = f"192.0.2.{cut}", "203.0.113.2"
        session = Session(a1, b1, 40000 + cut)
        frames += [session.send(1, stream[:cut]), session.send(1, stream[cut:])]
        frames += [session.send(1, pdu(b.lsr, withdraw(TARGET, 17)))] if cut < len(stream) - 1 else []
    frames += [b.hello(), labelled(a, b, 17, data()), labelled(a, b, 18, data())]
    path = write_pcap(tmp_path / "cut.pcap", frames)
    assert [row[1:4] for row in assert_passes_agree(ws, path, ["ldp_binding.label", "ldp_binding.fec"], "mpls")] == [
        ("17", "203.0.113.3/32"), ("18", "198.51.100.0/24")]
    rows = library(ws, path)
    # Every session told both: label 17 comes and goes as often as there are cuts, 18 stays from the first on.
    assert [row[1] for row in rows].count("17") == len(stream) - 1 and [row[1] for row in rows].count("18") == 1


def test_ipv6_session(ws, capture, routers):
    a, b = routers[1:3]
    session = Session(a, b, v6=True)
    capture.add(a.hello6(), b.hello6(), *session.start())
    told = capture.add(session.say(1, addresses("2001:db8::22"), mapping(prefix("2001:db8:3::/48"), 21)))
    packet = capture.add(labelled(a, b, 21, ipv6(udp(b"x", 40000, 40001), dst="2001:db8:3::9")))
    assert meanings(ws, capture.write(), FIELDS)[packet] == ("21", "2001:db8:3::/48", b.lsr, str(told), "1", "1")


def test_segments_again_and_lost(ws, capture, routers):
    """What is sent again changes nothing; after a hole what comes later counts once the other side has it."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    told = capture.add(again := session.say(1, mapping(TARGET, 17)))
    capture.add(again)
    first = capture.add(labelled(a, b, 17, data()))
    session.say(1, mapping(prefix("198.51.100.0/24"), 18))     # not captured
    later = capture.add(session.say(1, mapping(prefix("192.0.2.0/24"), 19)))
    early, lost = capture.add(labelled(a, b, 19, data())), capture.add(labelled(a, b, 18, data()))
    capture.add(session.say(0, mapping(TARGET, 3)))
    there = capture.add(labelled(a, b, 19, data()))
    path = capture.write()
    found = meanings(ws, path, FIELDS)
    assert found[first] == ("17", "203.0.113.3/32", b.lsr, str(told), "1", "1")
    assert found[early] == found[lost] == ("",) * 6 and experts(ws, path) == {}
    assert found[there] == ("19", "192.0.2.0/24", b.lsr, str(later), "1", "1")


def test_segments_out_of_order(ws, capture, routers):
    """Mapping, withdrawal and mapping arrive in each order: the last one said holds."""
    a, b = routers[1:3]
    expected = {}
    for n, order in enumerate(itertools.permutations(range(3))):
        session = up(capture, a, b, port=41000 + n)
        frames = [session.say(1, mapping(TARGET, 17)), session.say(1, withdraw(TARGET, 17)),
                  session.say(1, mapping(prefix("198.51.100.0/24"), 17))]
        sent = {which: capture.add(frames[which]) for which in order}
        expected[capture.add(labelled(a, b, 17, data()))] = ("198.51.100.0/24", str(sent[2]), "")
        capture.add(session.finish())
    found = meanings(ws, capture.write(), ["ldp_binding.fec", "ldp_binding.advertised_in", "ldp_binding.stale"])
    assert found == expected


def test_snapped_segments(ws, capture, routers):
    """A segment that was cut teaches what is there; the next PDU is found again."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    whole = session.say(1, mapping(TARGET, 17), mapping(prefix("198.51.100.0/24"), 18))
    told = capture.add((0.5, whole[:-20], len(whole)))
    capture.add(session.say(1, mapping(prefix("192.0.2.0/24"), 19)))
    frames = [capture.add((1.0 + n, labelled(a, b, n, data()))) for n in (17, 18, 19)]
    path = capture.write()
    found = meanings(ws, path, FIELDS)
    assert [found[n][1] for n in frames] == ["203.0.113.3/32", "", "192.0.2.0/24"]
    assert found[frames[0]][3] == str(told) and experts(ws, path) == {}


# Who receives the packet


def test_the_receiver_decides(ws, capture, routers):
    """Two routers use one label for different things; the destination MAC address tells them apart."""
    a, b, c = routers[1:4]
    first, second = up(capture, a, b), Session(a, c, 40001)
    capture.add(c.hello(), *second.start(), first.say(1, mapping(TARGET, 17)), second.say(1, mapping(prefix("198.51.100.0/24"), 17)))
    to_b, to_c = capture.add(labelled(a, b, 17, data())), capture.add(labelled(a, c, 17, data()))
    stranger = capture.add(labelled(a, routers[9], 17, data()))
    path = capture.write()
    found = meanings(ws, path, FIELDS)
    assert (found[to_b][1:3], found[to_c][1:3]) == (("203.0.113.3/32", b.lsr), ("198.51.100.0/24", c.lsr))
    assert found[to_b][4:] == found[to_c][4:] == ("1", "1")
    assert found[stranger][4:] == ("3", "2") and experts(ws, path) == {stranger: {"ambiguous"}}
    # What is one of several has a row of its own in the table.
    assert [(row[2], row[5]) for row in library(ws, path)] == [
        ("203.0.113.3/32", "1"), ("198.51.100.0/24", "1"), ("198.51.100.0/24?", "1")]


def test_receiver_by_arp_and_address_message(ws, capture, routers):
    a, b, c = routers[1:4]
    session, other = Session(a, b), Session(a, c, 40001)
    capture.add(*session.start(), *other.start(), session.say(1, addresses(b.ip), mapping(TARGET, 17)),
                other.say(1, mapping(prefix("198.51.100.0/24"), 17)))
    before = capture.add(labelled(a, b, 17, data()))
    capture.add(b.arp(a))
    after = capture.add(labelled(a, b, 17, data()))
    capture.add(session.say(1, addresses(b.ip, kind=ADDRESS_WITHDRAW)))
    without = capture.add(labelled(a, b, 17, data()))
    found = meanings(ws, capture.write(), FIELDS)
    assert [found[n][4:] for n in (before, after, without)] == [("3", "2"), ("1", "1"), ("3", "2")]
    assert found[after][2] == b.lsr


def test_receiver_by_neighbor_discovery(ws, capture, routers):
    a, b, c = routers[1:4]
    session, other = Session(a, b, v6=True), Session(a, c, 40001, v6=True)
    advert = struct.pack(">BBHI", 136, 0, 0, 0x60000000) + packed(b.ip6) + b"\x02\x01" + mac(b.mac)
    solicit = struct.pack(">BBHI", 135, 0, 0, 0) + packed(a.ip6) + b"\x01\x01" + mac(c.mac)
    capture.add(*session.start(), *other.start(), session.say(1, mapping(TARGET, 17)), other.say(1, mapping(TARGET, 17)))
    capture.add(ethernet(ipv6(raw(58, advert), b.ip6, a.ip6, 255), src=b.mac, dst=a.mac))
    capture.add(ethernet(ipv6(raw(58, solicit), c.ip6, a.ip6, 255), src=c.mac, dst=a.mac))
    to_b, to_c = capture.add(labelled(a, b, 17, data())), capture.add(labelled(a, c, 17, data()))
    found = meanings(ws, capture.write(), FIELDS)
    assert found[to_b][2] == b.lsr and found[to_c][2] == c.lsr and found[to_b][4:] == found[to_c][4:] == ("1", "1")


def test_only_binding(ws, capture, routers):
    """Without a Hello or ARP there is one binding of the label, or there are several."""
    a, b, c = routers[1:4]
    session = Session(a, b)
    capture.add(*session.start(), session.say(1, mapping(TARGET, 17)))
    only = capture.add(labelled(a, b, 17, data()))
    capture.add(*session.take_back(1, withdraw(TARGET, 17)))
    gone = capture.add(labelled(a, b, 17, data()))
    other = Session(a, c, 40001)
    capture.add(session.say(1, mapping(TARGET, 17)), *other.start(), other.say(1, mapping(prefix("198.51.100.0/24"), 17)))
    several = capture.add(labelled(a, b, 17, data()))
    capture.add(*session.take_back(1, withdraw(TARGET, 17)), *other.take_back(1, withdraw(prefix("198.51.100.0/24"), 17)))
    nobody = capture.add(labelled(a, b, 17, data()))
    path = capture.write()
    found = meanings(ws, path, FIELDS)
    assert [found[n][4:] for n in (only, gone, several, nobody)] == [("2", "1"), ("2", "1"), ("3", "2"), ("", "")]
    assert experts(ws, path) == {gone: {"stale"}, several: {"ambiguous"}}


def test_nobody_sends_to_itself(ws, capture, routers):
    """The receiver is not known, but the sender is: its own binding can not be meant."""
    a, b = routers[1:3]
    session = Session(a, b)
    capture.add(b.hello(), *session.start(), session.say(1, mapping(TARGET, 17)))
    packet = capture.add(labelled(b, a, 17, data()))
    assert meanings(ws, capture.write(), FIELDS)[packet] == ("",) * 6


def test_a_known_receiver_is_not_given_the_labels_of_others(ws, capture, routers):
    a, b, c = routers[1:4]
    session = up(capture, a, b)
    capture.add(c.hello(), session.say(1, mapping(TARGET, 17)))
    packet = capture.add(labelled(a, c, 17, data()))
    path = capture.write()
    assert meanings(ws, path, FIELDS)[packet] == ("",) * 6 and experts(ws, path) == {}


def test_two_routers_behind_one_mac_address(ws, capture, routers):
    a, b, c = routers[1:4]
    c.mac = b.mac
    first, second = up(capture, a, b), Session(a, c, 40001)
    capture.add(c.hello(), b.hello(), c.hello(), *second.start())
    capture.add(first.say(1, mapping(TARGET, 17)), second.say(1, mapping(prefix("198.51.100.0/24"), 17), mapping(TARGET, 18)))
    both, one = capture.add(labelled(a, b, 17, data())), capture.add(labelled(a, b, 18, data()))
    found = meanings(ws, capture.write(), FIELDS)
    assert (found[both][4:], found[one][4:]) == (("3", "2"), ("2", "1"))


def test_targeted_session_says_nothing_of_the_link(ws, capture, routers):
    a, b, c = routers[1:4]
    session = Session(a, c)
    capture.add(ethernet(ipv4(udp(hello(c.lsr, c.lsr, targeted=True), 646, 646), c.lsr, a.lsr), src=b.mac, dst=a.mac))
    capture.add(*session.start(), session.say(1, mapping(pw(100), 100)))
    packet = capture.add(labelled(a, b, 100, ethernet(data())))
    assert meanings(ws, capture.write(), FIELDS)[packet] == ("100", "PW Ethernet", "", "", "4", "1")


def test_in_ip(ws, capture, routers):
    """MPLS in GRE, in IP and in UDP: the receiver is where the packet is addressed to."""
    a, b, c = routers[1:4]
    first, second = Session(a, b), Session(a, c, 40001)
    capture.add(*first.start(), *second.start(), first.say(1, addresses(b.ip), mapping(TARGET, 17)),
                second.say(1, mapping(prefix("198.51.100.0/24"), 17)))
    inner = stack(17) + data()
    frames = [capture.add(ethernet(ipv4(segment, a.ip, b.ip), src=a.mac, dst=c.mac)) for segment in
              (raw(47, struct.pack(">HH", 0, 0x8847) + inner), raw(137, inner), udp(inner, 49152, 6635))]
    found = meanings(ws, capture.write(), FIELDS)
    assert [found[n][2] for n in frames] == [b.lsr] * 3 and {found[n][4:] for n in frames} == {("1", "1")}


def test_in_vlan(ws, capture, routers):
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(1, mapping(TARGET, 17)))
    packet = capture.add(ethernet(stack(17) + data(), 0x8847, a.mac, b.mac, vlan=[5, 6]))
    assert meanings(ws, capture.write(), FIELDS)[packet][4:] == ("1", "1")


# Stacks


def test_inner_labels(ws, capture, routers):
    """The inner label is the egress's that the outer label's FEC names, wherever the packet is."""
    a, b, c, d = routers[1:5]
    link, far, other = up(capture, a, b), Session(a, c, 40001), Session(a, d, 40002)
    capture.add(c.hello(), *far.start(), *other.start())
    capture.add(link.say(1, mapping(TARGET, 17), mapping(prefix("203.0.113.4/32"), 18), mapping(prefix("203.0.113.99/32"), 19),
                         mapping(prefix("192.0.2.128/25"), 20)),
                far.say(1, mapping(pw(100), 100), mapping(prefix("192.0.2.128/25"), 3)), other.say(1, mapping(pw(200, HDLC), 100)))
    cases = {
        capture.add(labelled(a, b, [17, 100], ethernet(data()))): ("17,100", "203.0.113.3/32,PW 100 Ethernet", "1,1"),
        capture.add(labelled(a, b, [18, 100], ethernet(data()))): ("18,100", "203.0.113.4/32,PW 200 HDLC", "1,1"),
        # an egress that never spoke LDP here, so its labels are not LDP's as far as one can see
        capture.add(labelled(a, b, [19, 100], data())): ("19", "203.0.113.99/32", "1"),
        # the egress of a network is who has it next to it
        capture.add(labelled(a, b, [20, 100], ethernet(data()))): ("20,100", "192.0.2.128/25,PW 100 Ethernet", "1,1"),
        # the last hop but one has taken the tunnel's label off
        capture.add(labelled(b, c, 100, ethernet(data()))): ("100", "PW 100 Ethernet", "1"),
        # explicit null in its place
        capture.add(labelled(b, c, [0, 100], ethernet(data()))): ("100", "PW 100 Ethernet", "1"),
        # an outer label that nobody advertised: of two pseudowires the one that carries Ethernet; what proves nothing is one of two
        capture.add(labelled(a, b, [777, 100], ethernet(data()))): ("100", "PW 100 Ethernet", "2"),
        capture.add(labelled(a, b, [777, 100], bytes.fromhex("ffee") * 20)): ("100", "PW 200 HDLC", "3"),
        # a label that the egress did not hand out by LDP, such as a VPN's
        capture.add(labelled(a, b, [17, 500], data())): ("17", "203.0.113.3/32", "1"),
    }
    assert meanings(ws, capture.write()) == cases


def test_special_labels(ws, capture, routers):
    """Entropy labels, flow labels, router alert, the generic channel and extension labels mean no binding."""
    a, b, c = routers[1:4]
    link, far = up(capture, a, b), Session(a, c, 40001)
    capture.add(*far.start(), link.say(1, mapping(TARGET, 17), mapping(prefix("198.51.100.0/24"), 18)),
                far.say(1, mapping(pw(100, flow=0x40), 100), mapping(prefix("198.51.100.0/24"), 18)))
    both = ("17,100", "203.0.113.3/32,PW 100 Ethernet")
    cases = {
        capture.add(labelled(a, b, [17, 7, 18], data())): ("17", "203.0.113.3/32"),
        capture.add(labelled(a, b, [17, 7, 18, 100], ethernet(data()))): both,
        capture.add(labelled(a, b, [17, 100, 18], ethernet(data()))): both,
        capture.add(labelled(a, b, [1, 17], data())): ("17", "203.0.113.3/32"),
        capture.add(labelled(a, b, [17, 1, 100], ethernet(data()))): both,
        capture.add(labelled(a, b, [17, 13], b"\x10\x00\x00\x07" + bytes(24))): ("17", "203.0.113.3/32"),
        capture.add(labelled(a, b, [17, 15, 18], data())): ("17", "203.0.113.3/32"),
        capture.add(labelled(a, b, [3], data())): ("", ""),
    }
    path = capture.write()
    assert meanings(ws, path, ("ldp_binding.label", "ldp_binding.fec")) == cases
    assert experts(ws, path) == {}
    flow = ws.rows(path, ["ldp_binding.pw_flow_label"], "ldp_binding.pw_flow_label")
    assert flow == [("1",)] * 3 or flow == [("True",)] * 3


def test_explicit_and_implicit_null(ws, capture, routers):
    """Explicit null of several FECs is shown as a guess where the packet fits some of them; implicit null is in the table only."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(1, mapping(prefix("203.0.113.2/32"), 0), mapping(prefix("198.51.100.0/24"), 3)))
    one = capture.add(labelled(a, b, 0, data()))
    capture.add(session.say(1, mapping(prefix("192.0.2.0/24"), 0)))
    two = capture.add(labelled(a, b, 0, data()))
    to_one, to_other, to_neither = (capture.add(labelled(a, b, 0, data(dst=dst))) for dst in ("203.0.113.2", "192.0.2.77", "10.0.0.1"))
    capture.add(session.say(1, mapping(prefix("192.0.0.0/16"), 0)))
    to_both = capture.add(labelled(a, b, 0, data(dst="192.0.2.77")))
    capture.add(*session.take_back(1, withdraw(prefix("192.0.2.0/24"), 0), withdraw(prefix("203.0.113.2/32"), 0),
                                   withdraw(prefix("192.0.0.0/16"), 0)))
    none = capture.add(labelled(a, b, 0, data()))
    path = capture.write()
    found = meanings(ws, path)
    assert [found[n] for n in (one, two, none)] == [("0", "203.0.113.2/32", "1"), ("", "", ""), ("", "", "")]
    assert [found[n] for n in (to_one, to_other, to_neither, to_both)] == [
        ("0", "203.0.113.2/32", "1"), ("0", "192.0.2.0/24", "1"), ("", "", ""), ("0", "192.0.2.0/24,192.0.0.0/16", "1")]
    assert experts(ws, path) == {}
    assert [(row[1], row[2], row[5]) for row in library(ws, path)] == [
        ("0 (IPv4 explicit null)", "203.0.113.2/32", "1"), ("3 (implicit null)", "198.51.100.0/24", "0"),
        ("0 (IPv4 explicit null)", "192.0.2.0/24", "0"), ("0 (IPv4 explicit null)", "203.0.113.2/32?", "1"),
        ("0 (IPv4 explicit null)", "192.0.2.0/24?", "2"), ("0 (IPv4 explicit null)", "192.0.0.0/16", "0")]


def test_explicit_null_of_ipv6(ws, capture, routers):
    """Of a session over IPv6; each of the two labels is for its own kind of packet."""
    a, b = routers[1:3]
    session = Session(a, b, v6=True)
    capture.add(a.hello6(), b.hello6(), *session.start())
    capture.add(session.say(1, mapping(prefix("2001:db8:1::/48"), 2), mapping(prefix("2001:db8:2::/48"), 2),
                            mapping(prefix("192.0.2.0/24"), 0)))
    used = [capture.add(labelled(a, b, value, packet)) for value, packet in (
        (2, six("2001:db8:1::7")), (2, six("2001:db8:2::7")), (2, six("2001:db8:3::7")), (2, data(dst="192.0.2.7")), (0, data(dst="192.0.2.7")))]
    found = meanings(ws, capture.write(), ("ldp_binding.label", "ldp_binding.fec"))
    assert [found[n] for n in used] == [("2", "2001:db8:1::/48"), ("2", "2001:db8:2::/48"), ("", ""), ("", ""), ("0", "192.0.2.0/24")]


def six(dst):
    return ipv6(udp(b"data", 40000, 40001), "2001:db8:ffff::1", dst)


@pytest.mark.parametrize("kind,length", [(19, 16), (29, 12)])
def test_sessions_with_a_key(ws, capture, routers, kind, length):
    """TCP's MD5 option (RFC 2385) and TCP-AO sign segments; LDP in them is as readable as ever."""
    a, b = routers[1:3]
    session = Session(a, b, options=struct.pack(">BB", kind, 2 + length) + bytes(range(length)))
    capture.add(a.hello(), b.hello(), *session.start(), session.say(1, mapping(prefix("203.0.113.3/32"), 16)))
    used = capture.add(labelled(a, b, 16, data()))
    path = capture.write()
    assert ws.count(path, f"tcp.option_kind == {kind}") == 6
    assert meanings(ws, path)[used] == ("16", "203.0.113.3/32", "1")


# Time


def test_label_reused_after_withdrawal(ws, capture, routers):
    a, b = routers[1:3]
    session = up(capture, a, b)
    expected, other = {}, prefix("198.51.100.0/24")
    for n, (element, text) in enumerate([(TARGET, "203.0.113.3/32"), (other, "198.51.100.0/24")] * 3):
        told = capture.add(session.say(1, mapping(element, 17)))
        expected[capture.add(labelled(a, b, 17, data()))] = (text, str(told), "")
        capture.add(session.say(1, withdraw(element, 17)))
        expected[capture.add(labelled(a, b, 17, data()))] = (text, str(told), "")
        capture.add(session.say(0, release(element, 17)))
        expected[capture.add(labelled(a, b, 17, data()))] = (text, str(told), "1")
    path = capture.write()
    found = meanings(ws, path, ("ldp_binding.fec", "ldp_binding.advertised_in", "ldp_binding.stale"))
    assert found == expected
    assert [(row[2], row[5]) for row in library(ws, path)] == [
        (text + doubt, packets) for text in ("203.0.113.3/32", "198.51.100.0/24") for doubt, packets in (("", "2"), ("?", "1"))] * 3


def test_what_ends_a_binding(ws, capture, routers):
    """Withdrawals with and without label, wildcards, releases, groups: one label each, and others that stay."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    elements = {20: TARGET, 21: prefix("198.51.100.0/24"), 22: prefix("2001:db8::/32"), 23: pw(1, group=5), 24: pw(2, HDLC, group=5),
                25: pw(3, group=6), 26: p2mp("203.0.113.9", 1), 27: pw(4, group=5)}

    def tell():
        capture.add(session.say(1, *[mapping(element, value) for value, element in elements.items()]))

    def withdrawn(side, told):
        """A withdrawal, and the release that answers it."""
        capture.add(session.say(side, told))
        return session.say(1 - side, struct.pack(">H", RELEASE) + told[2:])

    def stale_after(side, told):
        """Each label is used once, then all is as it was before."""
        capture.add(withdrawn(side, told) if told[:2] == struct.pack(">H", WITHDRAW) else session.say(side, told))
        numbers = {capture.add(labelled(a, b, value, data())): value for value in elements}
        capture.add(withdrawn(1, withdraw(WILDCARD)))
        tell()
        return numbers

    tell()
    cases = [
        (1, withdraw(TARGET, 20), {20}), (1, withdraw(TARGET), {20}), (1, withdraw(TARGET, 21), set()),
        (0, withdraw(TARGET, 20), set()), (0, release(TARGET, 20), {20}), (0, release(WILDCARD, 21), {21}),
        (1, withdraw(WILDCARD), set(elements)), (1, withdraw(WILDCARD, 25), {25}),
        (1, withdraw(typed_wildcard(2, b"\0\1")), {20, 21}), (1, withdraw(typed_wildcard(2, b"\0\2")), {22}),
        (1, withdraw(typed_wildcard(2, b"\0\x19")), set()), (1, withdraw(typed_wildcard(0x80, struct.pack(">H", HDLC))), {24}),
        (1, withdraw(typed_wildcard(0x80, b"\x7f\xff")), {23, 24, 25, 27}), (1, withdraw(typed_wildcard(6, b"")), {26}),
        (1, withdraw(typed_wildcard(7, b"")), set()), (1, withdraw(pw_group(ETHERNET, 5)), {23, 27}),
        (1, withdraw(pw(1, group=9, mtu=0)), {23}),
    ]
    expected = {}
    for side, told, ended in cases:
        expected.update({number: value in ended for number, value in stale_after(side, told).items()})
    path = capture.write()
    found = meanings(ws, path, ("ldp_binding.label", "ldp_binding.stale"))
    assert {number: values[1] != "" for number, values in found.items()} == expected
    assert all(values[0] for values in found.values())


def test_sessions_end(ws, capture, routers):
    """Close, reset, fatal Notification and a new connection end what was told; an advisory one does not."""
    a, b = routers[1:3]
    expected = {}

    def use(value, stale):
        expected[capture.add(labelled(a, b, value, data()))] = "1" if stale else ""

    session = up(capture, a, b)
    for n, end in enumerate((lambda: session.finish(0), lambda: session.finish(1), lambda: session.reset(0), lambda: session.reset(1),
                             lambda: session.say(1, notification(SHUTDOWN)), lambda: session.say(0, notification(SHUTDOWN)))):
        capture.add(session.say(1, mapping(TARGET, 17)))
        capture.add(session.say(0, notification(0x0000000d)))
        use(17, False)
        capture.add(end())
        use(17, True)
        session = Session(a, b, 42000 + n)
        capture.add(*session.start())
        use(17, True)
    # a new connection while the old one has never been seen to end
    capture.add(session.say(1, mapping(TARGET, 17)))
    use(17, False)
    fresh = Session(a, b, 43000)
    capture.add(*fresh.start())
    use(17, True)
    capture.add(fresh.say(1, mapping(TARGET, 17)))
    use(17, False)
    # a reset that does not belong to the connection
    forged = Session(a, b, 43000)
    forged.seq = [0x40000000, 0x50000000]
    capture.add(forged.reset(0), forged.reset(1))
    use(17, False)
    # Initialization again in the same connection
    capture.add(fresh.say(1, initialization(a.lsr)))
    use(17, True)
    assert meanings(ws, capture.write(), ["ldp_binding.stale"]) == {n: (stale,) for n, stale in expected.items()}


def test_the_sender_was_told(ws, capture, routers):
    """The label stays in use between other routers when one session ends, but not for the peer of that session."""
    a, b, c = routers[1:4]
    first, second = up(capture, a, b), Session(c, b, 40001)
    capture.add(c.hello(), *second.start())
    told_c = capture.add(second.say(1, mapping(TARGET, 17)))
    told_a = capture.add(first.say(1, mapping(TARGET, 17)))
    frames = [capture.add(labelled(sender, b, 17, data())) for sender in (a, c)]
    ended = capture.add(*first.take_back(1, withdraw(TARGET, 17))) - 1
    frames += [capture.add(labelled(sender, b, 17, data())) for sender in (a, c, routers[9])]
    path = capture.write()
    found = meanings(ws, path, ["ldp_binding.advertised_in", "ldp_binding.stale"])
    assert [found[n] for n in frames] == [(str(told_a), ""), (str(told_c), ""), (str(told_a), "1"), (str(told_c), ""), (str(told_c), "")]
    assert ws.rows(path, ["ldp_binding.withdrawn_in"], f"frame.number == {frames[2]}") == [(str(ended),)]
    assert [row[2:6] for row in library(ws, path)] == [("203.0.113.3/32", str(told_c), "-", "4"), ("203.0.113.3/32?", str(told_c), "-", "1")]


def restart(path, a, b, recovery, delay, again, ft=((5000, 0), (5000, 0))):
    """A session that breaks and comes back after delay seconds; what is used before, meanwhile and after."""
    frames, now = [], [0.0]

    def add(*more, wait=0.01):
        for frame in more:
            now[0] += wait
            frames.append((now[0], frame))
            wait = 0.01
        return len(frames)

    session = Session(a, b)
    add(a.hello(), b.hello(), *session.start(ft), session.say(1, mapping(TARGET, 17), mapping(prefix("198.51.100.0/24"), 18)))
    add(session.reset(1))
    used = [add(labelled(a, b, 17, data()))]
    fresh = Session(a, b, 40001)
    add(*fresh.start(((5000, recovery), (5000, recovery)) if ft[1] else (None, None)), wait=delay)
    used.append(add(labelled(a, b, 17, data())))
    if again:
        add(fresh.say(1, mapping(TARGET, 17)))
    used.append(add(labelled(a, b, 17, data()), wait=1.0))
    used += [add(labelled(a, b, 17, data()), wait=30.0), add(labelled(a, b, 18, data()))]
    return write_pcap(path, frames), used


RESTARTS = {
    "none": (dict(recovery=0, delay=1.0, again=True, ft=(None, None)), [1, 1, 0, 0, 1]),
    "kept and told again": (dict(recovery=20000, delay=1.0, again=True), [0, 0, 0, 0, 1]),
    "kept and not told again": (dict(recovery=20000, delay=1.0, again=False), [0, 0, 0, 1, 1]),
    "state was lost": (dict(recovery=0, delay=1.0, again=True), [0, 1, 0, 0, 1]),
    "time to recover ends before that to come back": (dict(recovery=5000, delay=1.0, again=False, ft=((120000, 0), (120000, 0))), [0, 0, 0, 1, 1]),
    "came back too late": (dict(recovery=20000, delay=6.0, again=True), [0, 1, 0, 0, 1]),
    "one side only": (dict(recovery=20000, delay=1.0, again=True, ft=(None, (5000, 0))), [1, 1, 0, 0, 1]),
}


@pytest.mark.parametrize("case", RESTARTS)
def test_graceful_restart(ws, tmp_path, routers, case):
    options, stale = RESTARTS[case]
    path, used = restart(tmp_path / "restart.pcap", routers[1], routers[2], **options)
    found = meanings(ws, path, ["ldp_binding.fec", "ldp_binding.stale"])
    assert [found[n][1] for n in used] == ["1" if s else "" for s in stale]
    assert [found[n][0] for n in used] == ["203.0.113.3/32"] * 4 + ["198.51.100.0/24"]


def test_shutdown_is_no_restart(ws, capture, routers):
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.frames.clear()
    session = Session(a, b)
    capture.add(a.hello(), b.hello(), *session.start(((5000, 0), (5000, 0))), session.say(1, mapping(TARGET, 17)))
    capture.add(session.say(1, notification(SHUTDOWN)), session.finish(1))
    packet = capture.add(labelled(a, b, 17, data()))
    assert experts(ws, capture.write()) == {packet: {"stale"}}


# Pseudowires' signalling


def test_pseudowire_parameters(ws, capture, routers):
    a, b = routers[1:3]
    session = up(capture, a, b)
    element = pw(100, cbit=True, group=3, mtu=1400, vccv=(0x07, 0x02), flow=0x40)
    asked = capture.add(session.say(0, request(pw(100))))
    answers = tlv(0x0600, struct.pack(">I", 1))
    capture.add(session.say(1, mapping(element, 100, answers, tlv(0x096a, struct.pack(">I", 0x18)))))
    first = capture.add(labelled(a, b, 100, bytes(4) + ethernet(data())))
    capture.add(session.say(1, pw_status(pw(100), 0)))
    second = capture.add(labelled(a, b, 100, bytes(4) + ethernet(data())))
    changed = capture.add(session.say(1, mapping(pw(100, mtu=1500), 100)))
    third = capture.add(labelled(a, b, 100, ethernet(data(), dst="62:00:00:00:00:01")))
    fields = ["pw_id", "pw_type", "control_word", "pw_mtu", "pw_vccv_cc", "pw_vccv_cv", "pw_flow_label", "pw_status", "requested_in"]
    path = capture.write()
    found = meanings(ws, path, [f"ldp_binding.{name}" for name in fields])
    no, yes = ws.booleans()
    values = ("100", "0x0005", yes, "1400", "0x07", "0x02", yes)
    assert found == {first: (*values, "0x00000018", str(asked)), second: (*values, "0x00000000", str(asked)),
                     third: ("100", "0x0005", no, "1500", "", "", "", "", "")}
    assert [row[3:6] for row in library(ws, path)] == [(str(changed - 4), str(changed), "2"), (str(changed), "-", "1")]


def test_generalized_parameters_come_in_a_tlv(ws, capture, routers):
    a, b = routers[1:3]
    session = up(capture, a, b)
    element = generalized(struct.pack(">HHI", 0, 65001, 7), packed(a.lsr), packed(b.lsr), cbit=True)
    capture.add(session.say(1, mapping(element, 100, tlv(0x096b, struct.pack(">BBHBBBB", 1, 4, 1450, 0x0c, 4, 1, 2)))))
    packet = capture.add(labelled(a, b, 100, bytes(4) + ethernet(data())))
    fields = ["ldp_binding.pw_id", "ldp_binding.pw_type", "ldp_binding.pw_mtu", "ldp_binding.pw_vccv_cv", "frame.protocols"]
    assert meanings(ws, capture.write(), fields)[packet] == ("", "0x0005", "1450", "0x02",
                                                             "eth:ethertype:mpls:pwethcw:eth:ethertype:ip:udp:data")


# What is not LDP's


def test_unknown_label(ws, capture, routers):
    """Only where the capture holds all that the receiver has told."""
    a, b, c = routers[1:4]
    session = up(capture, a, b)
    nothing_yet = capture.add(labelled(a, b, 99, data()))
    # the receiver has told another router already, but not yet this one
    other = Session(c, b, 40002)
    capture.add(*other.start(), other.say(1, mapping(TARGET, 17)))
    told_others = capture.add(labelled(a, b, 99, data()))
    capture.add(session.say(1, mapping(TARGET, 17)))
    unknown = capture.add(labelled(a, b, 99, data()))
    inner = capture.add(labelled(a, b, [17, 99], data()))
    other_way = capture.add(labelled(b, a, 99, data()))
    stranger = capture.add(labelled(routers[9], b, 99, data()))
    # a session of the receiver that began before the capture
    capture.add(Session(c, b, 40001).say(1, mapping(pw(5), 500)))
    partly = capture.add(labelled(a, b, 99, data()))
    path = capture.write()
    assert experts(ws, path) == {unknown: {"unknown_label"}}
    assert {nothing_yet, told_others, inner, other_way, stranger, partly}.isdisjoint(experts(ws, path))
    assert ws.rows(path, ["_ws.expert.message", "ldp_binding.label"], "ldp_binding.unknown_label") == [
        ("Label 99 was not advertised by the receiving router in its LDP sessions", "")]
    assert "[LDP Binding: none]" in ws.verbose(path, "-Y", f"frame.number == {unknown}")


def rsvp_resv(value):
    body = struct.pack(">HBBI", 8, 16, 1, value)
    return raw(46, struct.pack(">BBHBBH", 0x10, 2, 0, 255, 0, 8 + len(body)) + body)


def bgp_update(nlri, safi):
    reach = struct.pack(">HBB", 1 if safi != 65 else 25, safi, 4) + packed("203.0.113.3") + b"\0" + nlri
    attributes = struct.pack(">BBB", 0x80, 14, len(reach)) + reach
    body = struct.pack(">HH", 0, len(attributes)) + attributes
    return b"\xff" * 16 + struct.pack(">HB", 19 + len(body), 2) + body


def test_labels_of_rsvp_and_bgp_are_not_claimed(ws, capture, routers):
    """Their labels are not LDP's, and where they are at work a label that LDP did not tell is nothing special."""
    a, b = routers[1:3]
    session = Session(a, b)
    capture.add(*session.start(), session.say(1, *[mapping(prefix(f"198.51.{n}.0/24"), n) for n in range(17, 24)]))
    before = [capture.add(labelled(a, b, n, data())) for n in range(17, 24)]
    bits = struct.pack(">B", 24 + 24)
    vpn = struct.pack(">B", 24 + 64 + 24)
    capture.add(ethernet(ipv4(rsvp_resv(17), a.ip, b.ip)))
    labelled_unicast = bits + (18 << 4 | 1).to_bytes(3, "big") + packed("192.0.2.0")[:3]
    vpn_route = vpn + (19 << 4 | 1).to_bytes(3, "big") + bytes(8) + packed("192.0.2.0")[:3]
    vpls = struct.pack(">HQHHH", 17, 0, 1, 1, 2) + (20 << 4 | 1).to_bytes(3, "big")
    updates = bgp_update(labelled_unicast, 4) + bgp_update(vpn_route, 128) + bgp_update(vpls, 65)
    stream = [ethernet(ipv4(tcp(updates[:70], 41000, 179, 1), a.ip, b.ip)), ethernet(ipv4(tcp(updates[70:], 41000, 179, 71), a.ip, b.ip))]
    capture.add(*stream)
    after = [capture.add(labelled(a, b, n, data())) for n in range(17, 24)]
    path = capture.write()
    found = meanings(ws, path)
    assert [found[n][2] for n in before] == ["2"] * 7
    assert [found[n][2] for n in after] == [""] * 5 + ["2"] * 2
    assert ws.count(path, "bgp.type == 2") == 2 and ws.count(path, "rsvp") == 1
    capture.frames.clear()
    session = up(capture, a, b)
    capture.add(session.say(1, mapping(TARGET, 17)), ethernet(ipv4(rsvp_resv(5000), a.ip, b.ip)))
    capture.add(labelled(a, b, 99, data()))
    path = capture.write()
    assert meanings(ws, path)[len(capture.frames)] == ("", "", "") and experts(ws, path) == {}


def test_labels_that_are_not_shims(ws, capture, routers):
    """ATM and Frame Relay labels, upstream assigned ones (0x8848), and other label spaces."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    atm = message(0x0400, fec(TARGET), tlv(0x0201, struct.pack(">HH", 0, 17)))
    relay = message(0x0400, fec(TARGET), tlv(0x0202, struct.pack(">I", 17)))
    capture.add(session.say(1, atm, relay), session.send(1, pdu(b.lsr, mapping(TARGET, 17), space=5)))
    capture.add(labelled(a, b, 17, data()))
    capture.add(session.say(1, mapping(TARGET, 18)))
    capture.add(ethernet(stack(18) + data(), 0x8848, a.mac, b.mac))
    assert set(meanings(ws, capture.write()).values()) == {("", "", "")}


# ICMP


def icmp_with_labels(packet, entries, src, dst, length=True):
    quote = packet.ljust(128, b"\0")[:128]
    obj = struct.pack(">HBB", 4 + 4 * len(entries), 1, 1) + b"".join(shim(v, n == len(entries) - 1, 1) for n, v in enumerate(entries))
    extension = bytearray(struct.pack(">BBH", 0x20, 0, 0) + obj)
    extension[2:4] = struct.pack(">H", internet_checksum(bytes(extension)))
    if ":" in src:
        return ipv6(raw(58, struct.pack(">BBHBBH", 3, 0, 0, 16, 0, 0) + quote + bytes(extension)), src, dst)
    body = bytearray(struct.pack(">BBHBBH", 11, 0, 0, 0, 32 if length else 0, 0) + quote + bytes(extension))
    body[2:4] = struct.pack(">H", internet_checksum(bytes(body)))
    return ipv4(raw(1, bytes(body)), src, dst)


def test_icmp_extension(ws, capture, routers):
    """A traceroute: the labels are those of the router that answers."""
    a, b, c, d = routers[1:5]
    first, second, far = up(capture, a, b), Session(a, c, 40001), Session(a, d, 40002)
    capture.add(*second.start(), *far.start(), first.say(1, addresses(b.ip), mapping(prefix("203.0.113.4/32"), 17)),
                second.say(1, addresses(c.ip), addresses(b.ip6), mapping(prefix("198.51.100.0/24"), 17),
                                                                                       mapping(prefix("2001:db8::/32"), 18)), far.say(1, mapping(pw(9), 500)))
    packet, packet6 = data(), ipv6(udp(b"x", 40000, 33434))
    frames = {
        capture.add(ethernet(icmp_with_labels(packet, [17], b.ip, CLIENT))): ("17", "203.0.113.4/32", b.lsr, "1"),
        capture.add(ethernet(icmp_with_labels(packet, [17], c.ip, CLIENT, length=False))): ("17", "198.51.100.0/24", c.lsr, "1"),
        capture.add(ethernet(icmp_with_labels(packet, [17, 500], b.ip, CLIENT))):
            ("17,500", "203.0.113.4/32,PW 9 Ethernet", f"{b.lsr},{d.lsr}", "1,1"),
        capture.add(ethernet(icmp_with_labels(packet, [600], b.ip, CLIENT))): ("", "", "", ""),
        capture.add(ethernet(icmp_with_labels(packet, [17], "198.51.100.77", CLIENT))): ("17", "198.51.100.0/24", c.lsr, "3"),
        capture.add(ethernet(icmp_error(packet))): ("", "", "", ""),
    }
    six = capture.add(ethernet(icmp_with_labels(packet6, [18], b.ip6, "2001:db8::9")))
    path = capture.write()
    fields = ["ldp_binding.label", "ldp_binding.fec", "ldp_binding.lsr", "ldp_binding.match"]
    found = {int(row[0]): row[1:] for row in assert_passes_agree(ws, path, fields, "icmp.type == 11 || icmp.type == 3 || icmpv6",
                                                                 redissect=False)}
    assert found == {**frames, six: ("18", "2001:db8::/32", c.lsr, "1")}
    shown = list(ws.pdml(path, "-Y", "icmp.type == 11"))[2]
    entries = [field for field in shown.iter("field") if "Label: " in field.get("show", "") and field.find("field") is not None]
    assert [next(e.iter("proto")).get("showname") for e in entries] == ["LDP Binding: 203.0.113.4/32", "LDP Binding: PW 9 Ethernet"]
    assert [info for _, info in ws.columns(path)] == [info for _, info in ws.without_plugins().columns(path)][:len(capture.frames)]


# Robustness


def talk(a, b):
    """A bit of everything, in frames."""
    session, far = Session(a, b), Session(a, Router(3), 40001)
    return [a.hello(), b.hello(), *session.start(((5000, 0), (5000, 0))), *far.start(),
            session.say(1, addresses(b.ip, b.lsr), *[mapping(element, 30 + n) for n, (element, _) in enumerate(FECS)]),
            far.say(1, mapping(pw(7, cbit=True, vccv=(1, 2), flow=0x40), 300), mapping(pw(8, HDLC, cbit=True), 301)),
            session.say(0, request(TARGET), release(TARGET)), session.say(1, mapping(TARGET, 17), pw_status(pw(100), 6)),
            labelled(a, b, [17, 300, 400], bytes(4) + ethernet(data())), labelled(a, b, [17, 301], bytes(4) + b"\x0f\0\x08\0" + data()),
            ethernet(icmp_with_labels(data(), [17, 300], b.ip, CLIENT)), *session.take_back(1, withdraw(WILDCARD)),
            session.say(0, notification(SHUTDOWN)), session.finish(), labelled(a, b, 17, data())]


@pytest.mark.one_series
def test_cut_everywhere(ws, tmp_path, routers):
    assert_survives(ws, truncated_frames(tmp_path / "cut.pcap", talk(*routers[1:3])))


@pytest.mark.one_series
def test_noise(ws, tmp_path, routers):
    """Bytes of the messages changed at random, many times over."""
    import random
    chosen = random.Random(5)
    frames = []
    for round_ in range(150):
        for frame in talk(*routers[1:3]):
            changed = bytearray(frame)
            for _ in range(chosen.choice((0, 1, 3))):
                at = chosen.randrange(14, len(changed))
                changed[at] = chosen.randrange(256)
            frames.append(bytes(changed))
    assert_survives(ws, write_pcap(tmp_path / "noise.pcap", frames))


@pytest.mark.one_series
def test_files_and_other_plugins(ws, tmp_path, routers):
    first = write_pcap(tmp_path / "first.pcap", talk(*routers[1:3]))
    second = write_pcap(tmp_path / "second.pcap", [labelled(*routers[1:3], 17, data()), labelled(*routers[1:3], 18, data())])
    assert_files_do_not_leak(ws, first, second, ["mpls.label", "ldp_binding.fec"], "mpls")
    assert_independent_of_others(ws, "ldp-extras", first, FIELDS, "ldp_binding")


def test_ports_by_preference(ws, capture, routers):
    """Where Wireshark looks for LDP the plugin does: another port by preference, and by Decode As."""
    a, b = routers[1:3]
    session = Session(a, b)
    capture.add(b.hello(), *session.start(), session.say(1, mapping(TARGET, 17)), labelled(a, b, 17, data()))
    moved = [frame.replace(struct.pack(">H", 646), struct.pack(">H", 10646)) for frame in capture.frames]
    path = write_pcap(capture.path, moved)
    assert ws.count(path, "ldp_binding") == 0
    prefs = {"ldp.tcp.port": 10646, "ldp.udp.port": 10646}
    assert ws.rows(path, ["ldp_binding.match"], "ldp_binding", prefs=prefs) == [("1",)]
    decode_as = ["-d", "tcp.port==10646,ldp"]
    assert ws.rows(path, ["ldp_binding.match"], "ldp_binding", options=decode_as) == [("2",)]
    both = [*decode_as, "-d", "udp.port==10646,ldp"]
    assert ws.rows(path, ["ldp_binding.match"], "ldp_binding", options=both) == [("1",)]


def test_switched_off(ws, capture, routers):
    """With the protocols disabled every packet is as without the plugin."""
    off = ["--disable-protocol", "ldp_binding", "--disable-protocol", "l2tp_payload"]
    path = write_pcap(capture.path, [*talk(*routers[1:3]), ethernet(ipv4(raw(115, bytes(4) + ethernet(data()))))])
    plain = ws.without_plugins()
    assert ws.count(path, "ldp_binding || l2tp_payload", options=off) == 0 < ws.count(path, "ldp_binding && l2tp_payload || ldp_binding")
    assert ws.columns(path, options=off) == plain.columns(path)
    assert ws.rows(path, ["frame.protocols"], options=off) == plain.rows(path, ["frame.protocols"])

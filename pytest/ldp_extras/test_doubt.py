# SPDX-License-Identifier: GPL-2.0-or-later
"""Labels of which only some is known: a guess looks like one."""

import struct

from harness.craft import CLIENT, ethernet, ipv4, ipv6, raw, udp
from ldp_extras.kept_open import OTHER, experts, meanings, one_process  # noqa: F401
from ldp_extras.packets import HDLC, Session, addresses, data, hello, labelled, mapping, prefix, pw, stack, withdraw
from ldp_extras.test_binding import capture, routers  # noqa: F401
from ldp_extras.test_binding import TARGET, up


def infos(ws, path):
    return [info.rpartition("Len=4")[2].strip() for _, info in ws.columns(path)]


PW = "PW 100 Ethernet"     # of the capture


def test_one_direction_only(ws, tmp_path, captures):
    """What one router said, of a capture that has both: no label of the sender's, nor of one that is not on the link."""
    whole = captures / "ldp-frr/ldp-frr.pcap"
    fields = ["frame.time_epoch", "mpls.label", "ldp_binding.fec", "ldp_binding.lsr", "ldp_binding.stale"]
    by_time = {}
    for row in ws.rows(whole, fields, "mpls"):
        by_time.setdefault(row[0], []).append(row)
    for speaker in ("203.0.113.1", "203.0.113.2", "203.0.113.3"):
        part = tmp_path / f"only-{speaker}.pcap"
        ws.tshark(whole, "-Y", f"ip.src=={speaker} && ldp || ip.src=={speaker} && tcp || mpls || arp", "-w", part, "-F", "pcap")
        wrong = stale = explained = 0
        for row in ws.rows(part, fields, "mpls && ldp_binding"):
            explained += 1
            true = [t for t in by_time[row[0]] if t[1] == row[1]]
            fecs = {f for t in true for f in t[2].split(",")}
            # without its signalling a pseudowire is known by its payload
            wrong += not {f for f in row[2].split(",") if f != "PW Ethernet" or PW not in fecs} <= fecs
            stale += row[4] != "" and not any(t[4] for t in true)
        assert (wrong, stale) == (0, 0), speaker
        assert explained > 50, speaker


def test_a_guess_looks_like_one(ws, capture, routers):
    a, b, c = routers[1:4]
    first, second = Session(a, b), Session(a, c, 40001)
    capture.add(*first.start(), *second.start(), first.say(1, mapping(TARGET, 17), mapping(OTHER, 18)), second.say(1, mapping(OTHER, 17)))
    only, several = capture.add(labelled(a, b, 18, data())), capture.add(labelled(a, b, 17, data()))
    capture.add(b.hello(), *first.take_back(1, withdraw(OTHER, 18)))
    sure, stale = capture.add(labelled(a, b, 17, data())), capture.add(labelled(a, b, 18, data()))
    shown = infos(ws, capture.write())
    assert [shown[n - 1] for n in (only, several, sure, stale)] == [
        "→ 198.51.100.0/24?", "→ 198.51.100.0/24?", "→ 203.0.113.3/32", "→ 198.51.100.0/24?"]


def test_several_fecs_with_one_label(ws, capture, routers):
    """As routers do that have one label for each egress: all of them hold; what is below is no one's for certain, since they end apart."""
    a, b, c = routers[1:4]
    link, far = up(capture, a, b), Session(a, c, 40001)
    capture.add(*far.start(), link.say(1, mapping([TARGET, OTHER], 17)), far.say(1, mapping(pw(9), 60)))
    both = capture.add(labelled(a, b, [17, 60], ethernet(data())))
    covered = capture.add(labelled(a, b, 17, data(dst="198.51.100.9")))
    nobodys = capture.add(labelled(a, b, 17, data(dst="192.0.2.9")))
    path = capture.write()
    found = meanings(ws, path, ("ldp_binding.label", "ldp_binding.fec", "ldp_binding.match", "ldp_binding.candidates"))
    assert found[both] == ("17,60", "203.0.113.3/32,198.51.100.0/24,PW 9 Ethernet", "1,2", "2,1")
    assert found[covered] == ("17", "198.51.100.0/24,203.0.113.3/32", "1", "2") and found[nobodys] == ("",) * 4
    assert experts(ws, path) == {}


def test_several_fecs_with_a_label_of_a_router_elsewhere(ws, capture, routers):
    """A guess names all that this router has told of the label."""
    a, b, c = routers[1:4]
    far = Session(a, c)
    capture.add(*far.start(), far.say(1, mapping(TARGET, 17), mapping(OTHER, 17)))
    guess = capture.add(labelled(a, b, 17, data()))
    assert meanings(ws, capture.write(), ("ldp_binding.fec", "ldp_binding.match"))[guess] == ("203.0.113.3/32,198.51.100.0/24", "2")


def test_sender_is_never_the_receiver(ws, capture, routers):
    """Of two routers with this label one is the sender: the other is meant, at any depth of the stack."""
    a, b, c = routers[1:4]
    first, second = Session(a, b), Session(c, b, 40001)
    capture.add(b.hello(), *first.start(), *second.start(), first.say(0, mapping(TARGET, 17), mapping(pw(1), 60)),
                first.say(1, mapping(OTHER, 17), mapping(pw(2), 60)))
    packet = capture.add(labelled(b, a, 17, data()))
    inner = capture.add(labelled(b, a, [999, 60], ethernet(data())))
    capture.add(*first.take_back(0, withdraw(TARGET, 17), withdraw(pw(1), 60)))
    gone = capture.add(labelled(b, a, 17, data()))
    found = meanings(ws, capture.write(), ("ldp_binding.fec", "ldp_binding.lsr", "ldp_binding.match", "ldp_binding.candidates"))
    assert found[packet] == ("203.0.113.3/32", a.lsr, "2", "1") and found[inner] == ("PW 1 Ethernet", a.lsr, "2", "1")
    assert found[gone] == ("",) * 4


def test_what_seems_to_be_sent_to_the_sender(ws, capture, routers):
    """A frame from a router's MAC address to the same, and GRE from its address to the same: nobody sends to itself."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(1, addresses(b.ip), mapping(TARGET, 17)))
    in_gre = raw(47, b"\0\0\x88\x47" + stack(17) + data())
    itself = [capture.add(frame) for frame in (labelled(b, b, 17, data()), ethernet(ipv4(in_gre, b.ip, b.ip)))]
    other = [capture.add(frame) for frame in (labelled(a, b, 17, data()), ethernet(ipv4(in_gre, a.ip, b.ip)))]
    found = meanings(ws, capture.write())
    assert [found[n] for n in itself] == [("", "", "")] * 2
    assert [found[n] for n in other] == [("17", "203.0.113.3/32", "1")] * 2


def test_router_that_has_another_address(ws, capture, routers):
    """ARP tells the receiver's address; a router whose Address message lacks it is not the receiver."""
    a, b, c = routers[1:4]
    session = Session(a, b)
    capture.add(c.arp(a), *session.start(), session.say(1, mapping(TARGET, 17)))
    unsure = capture.add(labelled(a, c, 17, data()))
    capture.add(session.say(1, addresses(b.ip)))
    excluded = capture.add(labelled(a, c, 17, data()))
    found = meanings(ws, capture.write())
    assert (found[unsure][2], found[excluded][2]) == ("2", "")


def test_addresses_that_several_routers_have(ws, capture, routers):
    """Link-local addresses, and an anycast address that two claim by turns, tell no receiver."""
    a, b, c = routers[1:4]
    first, second = up(capture, a, b), Session(a, c, 40001)
    capture.add(*second.start(), first.say(1, addresses("198.51.100.9"), mapping(TARGET, 17)), second.say(1, mapping(OTHER, 17)))
    gre = struct.pack(">HH", 0, 0x8847) + stack(17) + data()
    owned = capture.add(ethernet(ipv4(raw(47, gre), CLIENT, "198.51.100.9")))
    capture.add(second.say(1, addresses("198.51.100.9")), first.say(1, addresses("198.51.100.9")))
    anycast = capture.add(ethernet(ipv4(raw(47, gre), CLIENT, "198.51.100.9")))
    capture.add(first.say(1, addresses("fe80::1")))
    local = capture.add(ethernet(ipv6(raw(47, gre), "fe80::2", "fe80::1")))
    found = meanings(ws, capture.write())
    assert [found[n][2] for n in (owned, anycast, local)] == ["1", "3", "3"]


def test_router_of_targeted_sessions_that_is_at_the_end_of_this_link(ws, capture, routers):
    """The link of a PE, whose neighbor has no session here: three packets prove that what the PE told is for it; not so of the other PE."""
    a, b, c = routers[1:4]
    c.mac, c.ttl = b.mac, 253       # behind the neighbor
    far = Session(a, c)
    capture.add(*[ethernet(ipv4(udp(hello(one.lsr, one.lsr, targeted=True), 646, 646), one.lsr, other.lsr), src=one.mac, dst=other.mac)
                  for one, other in ((a, c), (c, a))], *far.start())
    capture.add(*[far.say(side, mapping(pw(9), 100), mapping(pw(10, HDLC), 101), mapping(TARGET, 18)) for side in (0, 1)])
    here, there = [[capture.add(labelled(*way, 100, ethernet(data(), dst="60:00:00:00:00:01"))) for _ in range(4)]
                   for way in ((b, a), (a, b))]
    later = capture.add(labelled(b, a, 101, b"\x0f\x00\x08\x00" + data()))
    path = capture.write()
    fields = ["frame.number", "ldp_binding.fec", "ldp_binding.lsr", "ldp_binding.match"]
    told, guess = ("PW 9 Ethernet", a.lsr, "2"), ("PW Ethernet", "", "4")
    both = [{int(row[0]): row[1:] for row in ws.rows(path, fields, "mpls", two_pass=two_pass)} for two_pass in (False, True)]
    assert [both[0][n] for n in here] == [guess, guess, told, told] and [both[1][n] for n in here] == [told] * 4
    assert {one[n] for one in both for n in there} == {guess} and both[0][later] == both[1][later] == ("PW 10 HDLC", a.lsr, "2")


def test_neighbour_on_the_link_that_sends_with_another_ttl(ws, capture, routers):
    """A TTL that seems counted down says nothing of a router that greets on the link."""
    a, b = routers[1:3]
    b.ttl = 254
    session = up(capture, a, b)
    capture.add(session.say(1, mapping(TARGET, 17)))
    used = capture.add(labelled(a, b, 17, data()))
    assert meanings(ws, capture.write())[used] == ("17", "203.0.113.3/32", "1")


def test_other_bytes_than_told_prove_that_the_router_is_elsewhere(ws, capture, routers):
    a, b, c = routers[1:4]
    c.mac = b.mac
    far = Session(a, c)
    capture.add(ethernet(ipv4(udp(hello(c.lsr, c.lsr, targeted=True), 646, 646), c.lsr, a.lsr), src=c.mac, dst=a.mac), *far.start(),
                far.say(1, mapping(pw(9), 100), mapping(pw(10), 101)))
    capture.add(labelled(a, b, 101, b"\x0f\x00\x08\x00" + data()))
    used = [capture.add(labelled(a, b, 100, ethernet(data(), dst="60:00:00:00:00:01"))) for _ in range(4)]
    assert {meanings(ws, capture.write())[n] for n in used} == {("100", "PW Ethernet", "4")}


def test_a_label_for_three_hundred_fecs(ws, capture, routers):
    """All of them are listed, the one that covers the destination first, though others were told after it, and a shorter one."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    told = [f"10.{number >> 8}.{number & 255}.0/24" for number in range(300)]
    for at in range(0, 300, 100):
        capture.add(session.say(1, *(mapping(prefix(text), 17) for text in told[at:at + 100])))
    capture.add(session.say(1, mapping(prefix("0.0.0.0/0"), 17)))
    packet = capture.add(labelled(a, b, 17, data(dst="10.0.0.5")))
    found = meanings(ws, capture.write(), ("ldp_binding.fec", "ldp_binding.match"))
    fecs, match = found[packet]
    assert fecs.split(",")[0] == "10.0.0.0/24" and sorted(fecs.split(",")) == sorted([*told, "0.0.0.0/0"]) and match == "1"

# SPDX-License-Identifier: GPL-2.0-or-later
"""What routers say and what packets do, where one could be taken for the other: order, releases, sessions begun anew, addresses."""

import struct

from harness.craft import CLIENT, ethernet, ipv4, raw, udp
from ldp_extras.kept_open import ENDS, OTHER, experts, meanings, one_process, rows  # noqa: F401
from ldp_extras.packets import (KEEPALIVE, PPP, SHUTDOWN, Router, Session, addresses, data, labelled, mac, mapping, message, notification, p2mp, packed,
                                prefix, pw, pw_status, release, withdraw)
from ldp_extras.test_binding import TARGET, capture, icmp_with_labels, routers, rsvp_resv, up  # noqa: F401

FOURTH = prefix("203.0.113.4/32")


def test_session_from_before_the_capture_ends(ws, capture, routers):
    """It began before the capture; the two begin another one, and what was told in the first is over."""
    a, b = routers[1:3]
    old, new = Session(a, b), Session(a, b, 40001)
    capture.add(a.hello(), b.hello(), old.say(0, message(KEEPALIVE)), old.say(1, addresses(b.ip), mapping(TARGET, 17)))
    before = capture.add(labelled(a, b, 17, data()))
    capture.add(*new.start(), new.say(1, mapping(OTHER, 17)))
    after = capture.add(labelled(a, b, 17, data(dst="198.51.100.9")))
    found = meanings(ws, capture.write(), ("ldp_binding.fec", "ldp_binding.match"))
    assert found[before] == ("203.0.113.3/32", "1") and found[after] == ("198.51.100.0/24", "1")


def test_what_the_receiver_says_is_not_outweighed(ws, capture, routers):
    """Destinations that BGP alone knows, behind a next hop: the label is the next hop's, however many packets go there."""
    a, b, _, d = routers[1:5]
    session = up(capture, a, b)
    capture.add(d.hello(), session.say(1, mapping(TARGET, 17)))
    behind = [capture.add(labelled(a, b, 17, data(dst=d.lsr))) for _ in range(4)]
    to_it = capture.add(labelled(a, b, 17, data(dst="203.0.113.3")))
    untold = [capture.add(labelled(a, b, 18, data(dst=d.lsr))) for _ in range(3)]
    found = meanings(ws, capture.write(), ("ldp_binding.fec", "ldp_binding.match"))
    assert {found[n] for n in behind} == {("", "")} and found[to_it] == ("203.0.113.3/32", "1")
    assert {found[n] for n in untold} == {("203.0.113.4/32", "4")}


def test_copies_of_a_packet_prove_what_it_proves(ws, capture, routers):
    """A mirrored port shows one packet three times: that is not three packets, which would tell where the label leads."""
    a, b, _, d = routers[1:5]
    session, packets = up(capture, a, b), [labelled(a, b, 18, data(dst=d.lsr)) for _ in range(3)]
    capture.add(d.hello(), session.say(1, mapping(TARGET, 17)))
    copies = [capture.add(packets[0]) for _ in range(4)]
    assert {meanings(ws, capture.write(), ("ldp_binding.fec", "ldp_binding.match"))[n] for n in copies} == {("", "")}
    capture.add(packets[1], packets[1])
    assert {meanings(ws, capture.write(), ("ldp_binding.fec", "ldp_binding.match"))[n] for n in copies} == {("", "")}
    capture.add(packets[2])
    assert {meanings(ws, capture.write(), ("ldp_binding.fec", "ldp_binding.match"))[n] for n in copies} == {("203.0.113.4/32", "4")}


def test_what_is_far_behind_tells_no_packets_apart(ws, capture, routers):
    """Copies may differ in what a mirror adds or cuts; senders count within the first 96 bytes."""
    a, b, _, d = routers[1:5]

    def packet(label, place, turn):
        words = [b"\1\2", b"\3\4", b"\5\6"]
        text = bytes(place) + b"".join(words[turn:] + words[:turn]) + bytes(100)     # of the same checksum
        return labelled(a, b, label, ipv4(udp(text, 40000, 40001), "198.51.100.1", d.lsr, identification=7))
    session = up(capture, a, b)
    capture.add(d.hello(), session.say(1, mapping(TARGET, 16)))
    within, behind = ([capture.add(packet(label, place, turn)) for turn in range(3)] for label, place in ((18, 90 - 28), (19, 96 - 28)))
    found = meanings(ws, capture.write(), ("ldp_binding.fec", "ldp_binding.match"))
    assert {found[n] for n in within} == {("203.0.113.4/32", "4")} and {found[n] for n in behind} == {("", "")}


def test_guesses_refute_what_packets_tell(ws, capture, routers):
    """A packet that one binding of the capture may explain goes elsewhere than three that none does."""
    a, b, c, d = routers[1:5]
    session = Session(a, c)
    capture.add(d.hello(), *session.start(), session.say(1, mapping(TARGET, 17)))
    guess = capture.add(labelled(a, b, 17, data(dst="203.0.113.3")))
    others = [capture.add(labelled(a, b, 17, data(dst=d.lsr))) for _ in range(3)]
    found = meanings(ws, capture.write(), ("ldp_binding.fec", "ldp_binding.match"))
    assert found[guess] == ("203.0.113.3/32", "2") and {found[n] for n in others} == {("", "")}


def proxy_arp(owner, address, asker):
    body = struct.pack(">HHBBH", 1, 0x0800, 6, 4, 2) + mac(owner.mac) + packed(address) + mac(asker.mac) + packed(asker.ip)
    return ethernet(body, 0x0806, owner.mac, asker.mac)


def test_proxy_arp_makes_nobody_the_other_router(ws, capture, routers):
    """Who answers for another router's address, and speaks LDP from the same MAC address, is itself."""
    a, b, c = routers[1:4]
    first, second = Session(a, b), Session(a, c, 40001)
    capture.add(*first.start(), *second.start(), first.say(1, addresses(b.ip), mapping(TARGET, 17)),
                second.say(1, addresses("198.51.100.99"), mapping(FOURTH, 17)), proxy_arp(b, "198.51.100.99", a))
    packet = capture.add(labelled(a, b, [17, 500], data()))
    to_c = capture.add(proxy_arp(c, "198.51.100.99", a), labelled(a, c, [17, 500], data()))
    found = meanings(ws, capture.write(), ("ldp_binding.fec", "ldp_binding.match"))
    assert "1" not in found[packet][1] and found[to_c] == ("203.0.113.4/32", "1")


def test_icmp_error_about_a_large_packet(ws, capture, routers):
    """A quote is cut: that refutes nothing; where it goes still does."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(1, addresses(b.ip), mapping(TARGET, 17)))
    frames = {dst: capture.add(ethernet(icmp_with_labels(data(b"x" * 1400, dst), [17], b.ip, CLIENT)))
              for dst in ("203.0.113.3", "203.0.113.4")}
    found = dict((int(frame), (fec, match)) for frame, fec, match in rows(
        ws, capture.write(), ["frame.number", "ldp_binding.fec", "ldp_binding.match"], "icmp.type == 11"))
    assert found == {frames["203.0.113.3"]: ("203.0.113.3/32", "1"), frames["203.0.113.4"]: ("", "")}


def test_one_label_for_thousands_and_a_release_that_is_out(ws, capture, routers):
    """As routers do that have one label for each egress: nothing of that is looked through for each mapping."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(1, mapping(FOURTH, 99)), session.say(1, mapping(OTHER, 98)), session.say(1, withdraw(OTHER, 98)),
                session.acknowledge(0))
    for first in range(0, 3000, 20):
        capture.add(session.say(1, *(mapping(prefix(f"10.{n // 256}.{n % 256}.0/24"), 100) for n in range(first, first + 20))))
    packet = capture.add(labelled(a, b, 99, data(dst="203.0.113.4")))
    assert meanings(ws, capture.write())[packet] == ("99", "203.0.113.4/32", "1")


def test_withdrawn_in_the_frame_in_which_it_was_told(ws, capture, routers):
    """Both in one segment, or in two that waited for an earlier one: the release ends it."""
    a, b = routers[1:3]
    together, late = up(capture, a, b), Session(b, a, 40001)
    capture.add(together.say(1, mapping(TARGET, 17), withdraw(TARGET, 17)), together.say(0, release(TARGET, 17)))
    one = capture.add(labelled(a, b, 17, data()))
    capture.add(*late.start())
    hole = late.say(1, message(KEEPALIVE))
    capture.add(late.say(1, mapping(TARGET, 18)), late.say(1, withdraw(TARGET, 18)), hole, late.say(0, release(TARGET, 18)))
    other = capture.add(labelled(b, a, 18, data()))
    found = experts(ws, capture.write())
    assert found == {one: {"stale"}, other: {"stale"}}


def test_told_again_in_the_frame_of_its_withdrawal(ws, capture, routers):
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(1, mapping(TARGET, 17), withdraw(TARGET, 17), mapping(TARGET, 17)), session.say(0, release(TARGET, 17)))
    packet = capture.add(labelled(a, b, 17, data()))
    path = capture.write()
    assert experts(ws, path) == {} and meanings(ws, path)[packet] == ("17", "203.0.113.3/32", "1")


def test_release_of_another_label_than_was_withdrawn(ws, capture, routers):
    """The release of the first one is not in the capture; that of the second ends the second."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(1, mapping(TARGET, 17)), session.say(1, withdraw(TARGET, 17)), session.say(1, mapping(TARGET, 18)),
                session.say(0, release(TARGET, 18)))
    packet = capture.add(labelled(a, b, 18, data()))
    assert experts(ws, capture.write()) == {packet: {"stale"}}


def test_nothing_is_stale_where_a_new_session_has_gaps(ws, capture, routers):
    """It may have told the label again: in a segment that is missing, or in all of the session that is."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(1, mapping(TARGET, 17)), session.finish(1))
    over = capture.add(labelled(a, b, 17, data()))
    new = Session(a, b, 40001)
    capture.add(new.say(0, message(KEEPALIVE)), new.say(1, message(KEEPALIVE)))
    unknown = capture.add(labelled(a, b, 17, data()))
    path = capture.write()
    assert experts(ws, path) == {over: {"stale"}} and meanings(ws, path)[unknown] == ("", "", "")


def test_nothing_is_stale_where_a_segment_is_missing(ws, capture, routers):
    a, b = routers[1:3]
    session, new = up(capture, a, b), Session(a, b, 40001)
    capture.add(session.say(1, mapping(TARGET, 17)), session.finish(1), *new.start())
    new.say(1, mapping(TARGET, 17))     # not captured
    capture.add(new.say(1, mapping(OTHER, 18)), new.acknowledge(0))
    packet = capture.add(labelled(a, b, 17, data()))
    path = capture.write()
    assert packet not in experts(ws, path) and meanings(ws, path)[packet] == ("", "", "")


def test_labels_below_a_multipoint_lsp_are_its_root_s(ws, capture, routers):
    a, b, c = routers[1:4]
    session, far = up(capture, a, b), Session(a, c, 40001)
    capture.add(session.say(1, mapping(p2mp("203.0.113.1", 5), 17)), *far.start(), far.say(1, mapping(pw(7), 60)))
    packet = capture.add(labelled(a, b, [17, 60], b"\x00\x01\x02\x03" + bytes(60)))
    path = capture.write()
    assert meanings(ws, path)[packet] == ("17", "P2MP root 203.0.113.1 LSP 5", "1")
    frame = f"frame.number == {packet}"
    assert rows(ws, path, ["frame.protocols"], frame) == ws.without_plugins().rows(path, ["frame.protocols"], frame)


def wires(ws, path):
    return [[cell.strip() for cell in line.split("|")][:12] for line in
            ws.tshark(path, "-2", "-q", "-z", "ldp_binding,pseudowires").splitlines() if line.startswith("PW")]


def test_two_types_with_one_identifier(ws, capture, routers):
    """RFC 8077 section 5.1: two pseudowires, in whatever order they are told; one told once only by either side is a mistake."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(0, mapping(pw(100), 50)), session.say(0, mapping(pw(100, PPP), 51)),
                session.say(1, mapping(pw(100), 60)), session.say(1, mapping(pw(100, PPP), 61)))
    crossed = capture.add(session.say(0, mapping(pw(200), 52)), session.say(1, mapping(pw(200, PPP), 62)))
    capture.add(session.say(0, mapping(pw(200, PPP), 53)), session.say(1, mapping(pw(200), 63)))
    one = capture.add(session.say(0, mapping(pw(300), 54)), session.say(1, mapping(pw(300, PPP), 64)))
    path = capture.write()
    found = wires(ws, path)
    assert sorted((row[0], row[4], row[5], row[6], row[1]) for row in found[:4]) == [
        ("PW 100", "50", "60", "Ethernet", "up"), ("PW 100", "51", "61", "PPP", "up"),
        ("PW 200", "52", "63", "Ethernet", "up"), ("PW 200", "53", "62", "PPP", "up")]
    assert found[4][0] == "PW 300" and "type" in found[4][1] and len(found) == 5
    assert {int(frame) for frame, in rows(ws, path, ["frame.number"], "ldp_binding.pw_down")} >= {crossed, one}


def test_a_pseudowire_is_named_once_a_packet(ws, capture, routers):
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(0, mapping(pw(1), 50), mapping(pw(2), 51)))
    down = capture.add(session.say(1, mapping(pw(1, mtu=9000), 60), mapping(pw(2, mtu=9000), 61), pw_status(pw(1), 1), pw_status(pw(2), 1)))
    assert rows(ws, capture.write(), ["ldp_binding.pw"], f"frame.number == {down}") == [("PW 1,PW 2",)]


def over_vxlan(frame):
    return ethernet(ipv4(udp(b"\x08\0\0\0\0\0\x07\0" + frame, 40000, 4789), "192.0.2.101", "192.0.2.102"))


def over_l2tp(frame):
    return ethernet(ipv4(raw(115, struct.pack(">I", 9) + frame), "192.0.2.101", "192.0.2.102"))


def test_ldp_of_an_overlay_is_not_the_network_s(ws, capture, routers):
    """Customers' routers with the same identifiers, in VXLAN and in L2TPv3: nothing of the network's own session ends."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(1, mapping(TARGET, 17)))
    for number, over in enumerate((over_vxlan, over_l2tp)):
        customers = Router(1), Router(2)
        for customer in customers:
            customer.mac = f"02:00:00:00:0{number + 1}:0{customer.number}"
        inner = Session(*customers, 41000 + number)
        capture.add(*(over(customer.hello()) for customer in customers), *(over(frame) for frame in inner.start()),
                    over(inner.say(1, mapping(FOURTH, 17), mapping(OTHER, 18))))
    own, untold = capture.add(labelled(a, b, 17, data(dst="203.0.113.3"))), capture.add(labelled(a, b, 18, data()))
    found = meanings(ws, capture.write(), ("ldp_binding.fec", "ldp_binding.match"))
    assert found[own] == ("203.0.113.3/32", "1") and found[untold] == ("", "")


def test_label_that_rsvp_hands_out_since(ws, capture, routers):
    """A router has one use of a label: that LDP's ended is not in the capture. Told again by LDP, it is LDP's again."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(1, addresses(b.ip), mapping(TARGET, 17)))
    before = capture.add(labelled(a, b, 17, data()))
    capture.add(ethernet(ipv4(rsvp_resv(17), b.ip, a.ip)))
    after = capture.add(labelled(a, b, 17, data()))
    capture.add(*session.take_back(1, withdraw(TARGET, 17)), session.say(1, mapping(OTHER, 17)))
    again = capture.add(labelled(a, b, 17, data()))
    found = meanings(ws, capture.write(), ("ldp_binding.fec", "ldp_binding.match"))
    assert [found[n] for n in (before, after, again)] == [("203.0.113.3/32", "1"), ("", ""), ("198.51.100.0/24", "1")]


def test_label_that_is_handed_out_anew_after_a_restart(ws, capture, routers):
    """RFC 3478 section 3.2: what the new session tells a label for first is its only use, unless it is the old one."""
    a, b = routers[1:3]
    first, second = Session(a, b), Session(a, b, 40001)
    ft = ((60000, 20000), (60000, 20000))
    capture.add(a.hello(), b.hello(), *first.start(ft), first.say(1, mapping([TARGET, FOURTH], 17), mapping([TARGET, FOURTH], 18), mapping(pw(5), 19)))
    capture.add(first.reset(1), *second.start(ft), second.say(1, mapping(OTHER, 17), mapping(FOURTH, 18), mapping(OTHER, 18), mapping(OTHER, 19)))
    used = [capture.add(labelled(a, b, value, data())) for value in (17, 18)]
    path = capture.write()
    found = meanings(ws, path, ("ldp_binding.fec", "ldp_binding.match"))
    assert found[used[0]] == ("198.51.100.0/24", "1")
    assert sorted(found[used[1]][0].split(",")) == ["198.51.100.0/24", "203.0.113.3/32", "203.0.113.4/32"]
    assert [row[1] for row in wires(ws, path)] == ["down: told no more"]


def test_one_of_two_labels_of_a_pseudowire_is_taken_back(ws, capture, routers):
    """The other one goes on, and the pseudowire with it; the one that did not count is taken back without a word of it."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(0, mapping(pw(5), 40), mapping(pw(6), 41)))
    up_since = capture.add(session.say(1, mapping(pw(5), 50), mapping(pw(6), 60)))
    capture.add(session.say(1, mapping(pw(5), 51), mapping(pw(6), 61)))
    capture.add(*session.take_back(1, withdraw(pw(5), 51)), *session.take_back(1, withdraw(pw(6), 60)))
    path = capture.write()
    assert [(row[0], row[4], row[5], row[11], row[1]) for row in wires(ws, path)] == [
        ("PW 5", "40", "50", str(up_since), "up"), ("PW 6", "41", "61", str(up_since), "up")]
    assert not ws.frames(path, "ldp_binding.pw_down", two_pass=True)
    down = capture.add(*session.take_back(1, withdraw(pw(5), 50))) - 1
    assert ws.frames(capture.write(), "ldp_binding.pw_down", two_pass=True) == [down]


def test_what_was_told_before_the_other_side_spoke(ws, capture, routers):
    """A capture that begins in mid-session: whom the first words were for is known with the first answer."""
    a, b, c = routers[1:4]
    first, second = Session(a, b), Session(b, c, 40001)
    early = capture.add(first.say(1, mapping(pw(100), 60), mapping(TARGET, 17), mapping(OTHER, 3)))
    answer = capture.add(first.say(0, mapping(pw(100), 50)))
    capture.add(b.hello(), a.hello(), second.say(1, message(KEEPALIVE)), second.say(0, mapping(TARGET, 17)), *first.take_back(1, withdraw(TARGET, 17)))
    stale = capture.add(labelled(a, b, 17, data()))
    told = capture.add(labelled(c, b, 17, data()))
    path = capture.write()
    wire, = wires(ws, path)
    assert (wire[0], {wire[2]: wire[4], wire[3]: wire[5]}, wire[11], wire[1]) == ("PW 100", {a.lsr: "50", b.lsr: "60"}, str(answer), "up")
    found = meanings(ws, path, ("ldp_binding.fec", "ldp_binding.advertised_in", "ldp_binding.stale"))
    assert found[stale] == ("203.0.113.3/32", str(early), "1") and found[told][2] == ""


def test_segments_that_are_late_or_nobodys(ws, capture, routers):
    """Two that changed places, and one that is no part of the stream, take nothing back of what is known; one that is lost does."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(1, mapping(TARGET, 17)))
    late, early = session.say(1, mapping(OTHER, 18)), session.say(1, mapping(pw(1), 60))
    capture.add(early)
    meanwhile = capture.add(labelled(a, b, 4711, data()))
    capture.add(late)
    then = capture.add(labelled(a, b, 4711, data()))
    capture.add(session.send(1, bytes(10), seq=session.seq[1] + 0x40000000 & 0xffffffff))
    stray = capture.add(labelled(a, b, 4711, data()))
    down = capture.add(session.say(1, mapping(pw(2), 61)))
    path = capture.write()
    assert set(experts(ws, path)) >= {then, stray} and meanwhile not in experts(ws, path)
    assert down in ws.frames(path, "ldp_binding.pw_down", two_pass=True)
    assert ws.frames(path, "ldp_binding.unknown_label") == ws.frames(path, "ldp_binding.unknown_label", two_pass=True) == [then, stray]

    session.say(1, mapping(OTHER, 19))
    capture.add(session.say(1, mapping(pw(3), 62)), session.acknowledge(0))
    lost = capture.add(labelled(a, b, 4711, data()))
    path = capture.write()
    assert lost not in experts(ws, path) and ws.frames(path, "ldp_binding.pw_down", two_pass=True) == []


def test_session_that_a_stray_segment_ends_with(ws, capture, routers):
    """What waits for bytes that were never sent is not missing when the session ends."""
    a, b, c = routers[1:4]
    first, second = Session(c, b, 40001), up(capture, a, b)
    capture.add(*first.start(), first.send(1, bytes(10), seq=first.seq[1] + 0x40000000), first.finish(), second.say(1, mapping(TARGET, 17)))
    packet = capture.add(labelled(a, b, 4711, data()))
    assert experts(ws, capture.write()) == {packet: {"unknown_label"}}


def test_session_begun_anew_whose_initialization_is_lost(ws, capture, routers):
    """It is a new one all the same, where it was seen to begin: what was told before is neither claimed nor called stale. Not so an attempt."""
    a, b = routers[1:3]
    old, attempt, new = up(capture, a, b), Session(a, b, 40001), Session(a, b, 40002)
    capture.add(old.say(1, mapping([TARGET, OTHER], 17), mapping(FOURTH, 18)), *attempt.handshake(), attempt.say(1, notification(SHUTDOWN)))
    before = capture.add(labelled(a, b, 18, data()))
    capture.add(*new.start()[:3], new.say(1, mapping(OTHER, 17)), new.acknowledge(0))
    anew, unsure = capture.add(labelled(a, b, 17, data())), capture.add(labelled(a, b, 18, data()))
    found = meanings(ws, capture.write(), ("ldp_binding.fec", "ldp_binding.match", "ldp_binding.stale"))
    assert found[before] == ("203.0.113.4/32", "1", "") and found[anew] == ("198.51.100.0/24", "1", "") and found[unsure] == ("", "", "")


def test_session_begun_anew_whose_first_segments_are_missing(ws, capture, routers):
    """What is behind them can not be read yet, but it shows that there is a new session. Not so where it turns the attempt down."""
    a, b = routers[1:3]
    old, attempt, new = up(capture, a, b), Session(a, b, 40001), Session(a, b, 40002)
    capture.add(old.say(1, mapping(TARGET, 17), mapping(FOURTH, 18)), *attempt.start()[:3], attempt.say(1, notification(SHUTDOWN)))
    before = capture.add(labelled(a, b, 17, data()))
    capture.add(*new.start()[:3], new.say(1, mapping(FOURTH, 17)))
    unsure = [capture.add(labelled(a, b, labels, data(dst="203.0.113.3"))) for labels in (17, [17, 500], 18)]
    found = meanings(ws, capture.write(), ("ldp_binding.fec", "ldp_binding.match", "ldp_binding.stale"))
    assert found[before] == ("203.0.113.3/32", "1", "") and {found[n] for n in unsure} == {("", "", "")}


def test_first_segments_of_a_session_begun_anew_are_late(ws, capture, routers):
    """Then all is as if they had come in order: a graceful restart keeps what it may."""
    a, b = routers[1:3]
    for port, timers, over in ((40001, None, "1"), (40002, (60000, 20000), "")):
        old, new = Session(a, b, port), Session(a, b, port + 10)
        capture.add(*old.start((timers, timers)), old.say(1, mapping(TARGET, 17), mapping(FOURTH, 18)))
        *begin, late = new.start((timers, timers))
        capture.add(*begin, new.say(1, mapping(TARGET, 19)), late)
        kept, told = capture.add(labelled(a, b, 18, data())), capture.add(labelled(a, b, 19, data()))
        found = meanings(ws, capture.write(), ENDS)
        assert found[told] == ("203.0.113.3/32", "") and found[kept] == ("203.0.113.4/32", over)


def test_nothing_is_kept_by_who_forgets(ws, capture, routers):
    """RFC 3478 section 3.3: what two sessions of graceful restart have kept is over with a third one that keeps nothing."""
    a, b = routers[1:3]
    first, second, third = (Session(a, b, 40001 + n) for n in range(3))
    ft = ((60000, 20000), (60000, 20000))
    capture.add(*first.start(ft), first.say(1, mapping(TARGET, 17)), first.reset(1), *second.start(ft), second.say(1, mapping(FOURTH, 18)))
    kept = capture.add(labelled(a, b, 17, data()))
    capture.add(second.reset(1), *third.start(), third.say(1, mapping(OTHER, 19)))
    over = [capture.add(labelled(a, b, label, data())) for label in (17, 18)]
    found = meanings(ws, capture.write(), ENDS)
    assert found[kept] == ("203.0.113.3/32", "") and [found[n] for n in over] == [("203.0.113.3/32", "1"), ("203.0.113.4/32", "1")]


def test_two_sessions_of_which_neither_was_seen_to_begin(ws, capture, routers):
    """Two routers have one at a time: the one that is heard later is the newer one, but for what is left of one from before the capture."""
    a, b = routers[1:3]
    old, new = Session(a, b, 40001), Session(a, b, 40002)
    for session, element in ((old, TARGET), (new, OTHER)):
        capture.add(session.say(0, message(KEEPALIVE)), session.say(1, message(KEEPALIVE)), session.say(1, mapping(element, 17)))
        if session is old:
            capture.add(a.hello(), b.hello(), old.say(1, mapping(FOURTH, 18)))
    anew, unsure = [capture.add(labelled(a, b, label, data())) for label in (17, 18)]
    found = meanings(ws, capture.write(), ENDS)
    assert found[anew] == ("198.51.100.0/24", "") and found[unsure] == ("", "")

    begun, left = Session(a, b, 40003), Session(a, b, 40004)
    capture.add(*begun.start(), begun.say(1, mapping(TARGET, 19)), *(left.say(side, message(KEEPALIVE)) for side in (0, 1)))
    told = capture.add(labelled(a, b, 19, data()))
    assert meanings(ws, capture.write(), ENDS)[told] == ("203.0.113.3/32", "")


def test_a_session_by_ipv4_and_one_by_ipv6(ws, capture, routers):
    """Older routers have both, and no Initialization in the capture says which they go on with."""
    a, b = routers[1:3]
    four, six = Session(a, b, 40001), Session(a, b, 40002, v6=True)
    capture.add(*(session.say(side, message(KEEPALIVE)) for session in (four, six) for side in (0, 1)))
    capture.add(a.hello(), b.hello(), four.say(1, mapping(TARGET, 17)), six.say(1, mapping(prefix("2001:db8:7::/48"), 18)))
    packet = capture.add(labelled(a, b, 17, data()))
    assert meanings(ws, capture.write(), ENDS)[packet] == ("203.0.113.3/32", "")

# SPDX-License-Identifier: GPL-2.0-or-later
"""What LDP says in its rarer forms: groups, restarts, releases, label spaces."""

import random
import struct

import pytest

from harness.craft import CLIENT, ethernet, ipv4, ipv6, raw, udp, write_pcap
from harness.properties import assert_passes_agree
from ldp_extras.kept_open import ENDS, OTHER, experts, meanings, one_process, rows  # noqa: F401
from ldp_extras.packets import (ETHERNET, HDLC, SHUTDOWN, WILDCARD, Router, Session, addresses, data, fec, generalized,
                                initialization, labelled, mapping, message, notification, p2mp, packed, pdu, prefix, pw,
                                pw_group, pw_status, release, shim, stack, tlv, typed_wildcard, withdraw)
from ldp_extras.test_binding import capture, routers  # noqa: F401
from ldp_extras.test_binding import EXPERTS, FIELDS, TARGET, meanings as meanings_in_all_passes, rsvp_resv, up

LINKTYPE_PPP, LINKTYPE_CHDLC = 9, 104


def test_group_of_generalized_pseudowires(ws, capture, routers):
    """A withdrawal for a group leaves other groups alone; RFC 8077 section 6.2: the group is in a TLV of its own."""
    a, b = routers[1:3]
    session = up(capture, a, b)

    def wire(number):
        return generalized(struct.pack(">HHI", 0, 1, number), packed(a.lsr), packed(b.lsr))

    def group(number):
        return tlv(0x096c, struct.pack(">I", number))

    capture.add(session.say(1, *[mapping(wire(n), 100 + n, group(n)) for n in (1, 2)], mapping(wire(3), 103)))
    capture.add(*session.take_back(1, message(0x0402, fec(struct.pack(">BHB", 0x81, ETHERNET, 0)), group(1))))
    used = [capture.add(labelled(a, b, value, ethernet(data()))) for value in (101, 102, 103)]
    found = meanings(ws, capture.write(), ENDS)
    assert [found[n][1] for n in used] == ["1", "", ""]


def test_status_of_a_group(ws, capture, routers):
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(1, mapping(pw(1, group=5), 101), mapping(pw(2, group=6), 102), pw_status(pw(1), 0), pw_status(pw(2), 0),
                            pw_status(pw_group(ETHERNET, 5), 0x18)))
    used = [capture.add(labelled(a, b, value, ethernet(data()))) for value in (101, 102)]
    found = meanings(ws, capture.write(), ("ldp_binding.pw_status",))
    assert [found[n] for n in used] == [("0x00000018",), ("0x00000000",)]


def test_attributes_told_anew_after_a_restart(ws, capture, routers):
    """The C bit is what was told last, also where the label outlived the session."""
    a, b = routers[1:3]
    ft = ((60000, 0), (60000, 0))
    first, second = Session(a, b), Session(a, b, 40001)
    capture.add(a.hello(), b.hello(), *first.start(ft), first.say(1, mapping(pw(100, cbit=True), 100)), first.reset())
    told = [*second.start(((60000, 20000), (60000, 20000))), second.say(1, mapping(pw(100), 100))]
    mapped = capture.add(*told)
    packet = capture.add(labelled(a, b, 100, ethernet(data(), dst="02:00:00:00:00:07")))
    found = meanings(ws, capture.write(), ("ldp_binding.control_word", "ldp_binding.advertised_in", "ldp_binding.stale", "eth.dst"))
    assert found[packet] == ("0" if ws.version < (4, 2) else "False", str(mapped), "", f"{b.mac},02:00:00:00:00:07")


def test_request_and_the_mapping_that_answers_it(ws, capture, routers):
    """RFC 5036 section 3.5.7.1: the mapping names the request's message."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    asked = capture.add(session.say(0, message(0x0401, fec(TARGET), ident=77)))
    capture.add(session.say(1, mapping(TARGET, 17, tlv(0x0600, struct.pack(">I", 77))), mapping(TARGET, 18)))
    used = [capture.add(labelled(a, b, value, data())) for value in (17, 18)]
    found = meanings(ws, capture.write(), ("ldp_binding.requested_in",))
    assert [found[n] for n in used] == [(str(asked),), ("",)]


def test_route_distinguishers(ws, capture, routers):
    """The AGI of type 1, in each of the three forms of RFC 4364 section 4.2, and one that does not exist."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    forms = {"65001:7": struct.pack(">HHI", 0, 65001, 7), "192.0.2.1:7": struct.pack(">H", 1) + packed("192.0.2.1") + b"\0\7",
             "65001:8": struct.pack(">HIH", 2, 65001, 8), "0009000000000001": struct.pack(">HHI", 9, 0, 1)}
    capture.add(session.say(1, *[mapping(generalized(agi, packed(a.lsr), packed(b.lsr)), 100 + n) for n, agi in enumerate(forms.values())]))
    used = [capture.add(labelled(a, b, 100 + n, ethernet(data()))) for n in range(len(forms))]
    found = meanings(ws, capture.write(), ("ldp_binding.fec",))
    assert [found[n][0].split(" ")[2] for n in used] == list(forms)


def test_release_that_answers_a_withdrawal(ws, capture, routers):
    """What is told between the two stays; a release without a withdrawal before it ends the binding."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(1, mapping(TARGET, 17)), session.say(1, withdraw(WILDCARD), mapping(TARGET, 17)), session.say(0, release(WILDCARD)))
    stays = capture.add(labelled(a, b, 17, data()))
    capture.add(session.say(0, release(WILDCARD)))
    ends = capture.add(labelled(a, b, 17, data()))
    found = meanings(ws, capture.write(), ENDS)
    assert (found[stays][1], found[ends][1]) == ("", "1")


def test_told_again_before_the_release(ws, capture, routers):
    """Null labels as others; and a withdrawal of one group says nothing of when another one was told."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(1, mapping(TARGET, 0), mapping(pw(1, group=5), 101), mapping(pw(2, group=6), 102)))
    capture.add(session.say(1, withdraw(TARGET, 0), withdraw(pw_group(ETHERNET, 5))))
    again = capture.add(session.say(1, mapping(TARGET, 0), mapping(pw(1, group=5), 101)))
    capture.add(session.say(1, withdraw(pw_group(ETHERNET, 6))))
    capture.add(session.say(0, release(TARGET, 0), release(pw_group(ETHERNET, 5))), session.say(0, release(pw_group(ETHERNET, 6))))
    used = [capture.add(labelled(a, b, value, ethernet(data()) if value else data())) for value in (0, 101, 102)]
    found = meanings(ws, capture.write(), (*ENDS, "ldp_binding.advertised_in"))
    assert [found[n] for n in used[:2]] == [("203.0.113.3/32", "", str(again)), ("PW 1 Ethernet", "", str(again))]
    assert found[used[2]][:2] == ("PW 2 Ethernet", "1")


def pseudowires(ws, path, two_pass=True):
    """{pseudowire: state} of the table."""
    lines = [[cell.strip() for cell in line.split("|")] for line in ws.statistics(path, "ldp_binding,pseudowires", two_pass=two_pass).splitlines()]
    return {line[0]: line[1] for line in lines if len(line) > 11 and line[0].startswith("PW ")}


def test_pseudowire_that_is_told_again_after_a_restart(ws, capture, routers):
    """It is up with the same label and with another one; one that is not told again is down when the time is over."""
    a, b = routers[1:3]
    ft = ((60000, 20000), (60000, 20000))
    first, second = Session(a, b), Session(a, b, 40001)

    def told(session, *numbers, more=0):
        return [session.say(side, *(mapping(pw(n), 100 + n + more) for n in numbers)) for side in (0, 1)]
    capture.add(a.hello(), b.hello(), *first.start(ft), *told(first, 1, 2, 3), first.reset(), *second.start(ft))
    capture.add(*told(second, 1), *told(second, 2, more=50))
    path = capture.write()
    assert pseudowires(ws, path) == {"PW 1": "up", "PW 2": "up", "PW 3": "up"}
    assert not ws.frames(path, "ldp_binding.pw_down", two_pass=True)
    capture.add((30.0, labelled(a, b, 101, ethernet(data()))), (30.1, second.say(0, withdraw(pw(1)))))
    capture.add((30.2, second.say(1, release(pw(1)))))
    found = pseudowires(ws, capture.write())
    assert (found["PW 1"], found["PW 2"]) == (f"down: one side only ({b.lsr})", "up")


def test_pseudowire_of_which_the_capture_has_one_side(ws, capture, routers):
    """One direction, a session from its middle on, and one with a gap: whether the other side tells it is not known."""
    a, b = routers[1:3]
    others = routers[4:7]
    whole, (half, middle, holed) = up(capture, a, b), (Session(a, other, 40001 + n) for n, other in enumerate(others))
    capture.add(*(frame for frame in half.start() if frame[6:12] == mac_of(others[0])), half.say(1, mapping(pw(2), 102)))
    middle.start()
    capture.add(middle.say(0, message(0x0201)), middle.say(1, mapping(pw(3), 103)))
    capture.add(*holed.start())
    holed.say(0, mapping(pw(4), 204))
    capture.add(holed.say(1, mapping(pw(4), 104)), holed.say(0, mapping(pw(5), 205)), holed.say(1, mapping(pw(5), 105)))
    silent = capture.add(whole.say(1, mapping(pw(1), 101)))
    path = capture.write()
    found = pseudowires(ws, path)
    assert {name: state for name, state in found.items() if name != "PW 5"} == {
        "PW 1": f"down: one side only ({b.lsr})",
        **{f"PW {n}": f"not known: the capture has one side only ({other.lsr})" for n, other in zip((2, 3, 4), others)}}
    assert ws.frames(path, "ldp_binding.pw_down", two_pass=True) == [silent]


MTU = "MTU (1400 of 203.0.113.1, 1500 of 203.0.113.2)"


def test_ends_that_differ_in_the_control_word(ws, capture, routers):
    """RFC 8077 section 7.1: both send it, or the pseudowire is not there. In Info only where the preference wants it."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(0, mapping(pw(9, cbit=True), 300)), session.say(1, mapping(pw(9), 301)))
    packet = capture.add(labelled(a, b, 301, ethernet(data())))
    path = capture.write()
    assert pseudowires(ws, path) == {"PW 9": f"down: control word (yes of {a.lsr}, no of {b.lsr})"}
    infos = [ws.columns(path, prefs={"ldp_binding.columns": shown})[packet - 1][1] for shown in ("TRUE", "FALSE")]
    assert "PW 9" not in infos[1] and infos[0] == infos[1] + " → PW 9 Ethernet"


def test_pseudowire_whose_packets_refute_that_it_is_down(ws, capture, routers):
    """Who sends by it has its other side, though the capture does not; and both agree, whatever differs, if both send."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    told = capture.add(session.say(1, *(mapping(pw(n), 100 + n) for n in (1, 2, 3, 7, 8)),
                                   mapping(pw(4, mtu=1500), 104), mapping(pw(5, mtu=1500), 105)))
    differs = capture.add(session.say(0, mapping(pw(3), 203), mapping(pw(4, mtu=1400), 204), mapping(pw(5, mtu=1400), 205)))
    capture.add(*session.take_back(0, withdraw(pw(3), 203)))
    # 2 is only asked whether it works; the other side of 3 was taken back; 5 goes one way
    capture.add(*(labelled(a, b, value, ethernet(data())) for value in (101, 103, 104, 105)), labelled(b, a, 204, ethernet(data())))
    # of 8 it is a guess that the packet is its: that is enough not to claim anything
    capture.add(labelled(a, b, 102, ethernet(data()), ttl=1), labelled(Router(8), Router(9), 108, ethernet(data())))
    # what is told of another one later changes nothing of these
    capture.add(session.say(1, mapping(pw(6), 106)))
    path = capture.write()
    for two_pass in (False, True):
        found = pseudowires(ws, path, two_pass)
        assert found == {
            **{f"PW {n}": f"not known: packets use it, but the capture has one side only ({b.lsr})" for n in (1, 8)},
            **{f"PW {n}": f"down: one side only ({b.lsr})" for n in (2, 3, 6, 7)},
            "PW 4": f"not known: packets use it, but the capture has {MTU}", "PW 5": f"down: {MTU}"}, two_pass
    notes = dict(ws.rows(path, ["frame.number", "ldp_binding.pw"], "ldp_binding.pw_down", two_pass=True))
    assert notes[str(told)] == "PW 2,PW 7"
    assert notes[str(differs)] == "PW 5"


def mac_of(router):
    return bytes.fromhex(router.mac.replace(":", ""))


def test_multipoint_wildcards(ws, capture, routers):
    """A wildcard for P2MP leaves MP2MP alone."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(1, mapping(p2mp("203.0.113.9", 1), 20), mapping(b"\x07" + p2mp("203.0.113.9", 1)[1:], 21)),
                *session.take_back(1, withdraw(typed_wildcard(6, b"\0\1"))))
    used = [capture.add(labelled(a, b, value, data())) for value in (20, 21)]
    found = meanings(ws, capture.write(), ENDS)
    assert [found[n] for n in used] == [("P2MP root 203.0.113.9 LSP 1", "1"), ("MP2MP up root 203.0.113.9 LSP 1", "")]


def test_elements_that_are_cut_short(ws, capture, routers):
    """Each form of a FEC at each length, and other TLVs without their octets: they name nothing, and what was told before stays."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    multipoint = p2mp("203.0.113.9", 1)
    forms = [TARGET, struct.pack(">BHB", 3, 1, 4) + packed("203.0.113.4"), pw(5), generalized(b"area", packed(a.lsr), packed(b.lsr)), multipoint,
             b"\x08" + multipoint[1:], typed_wildcard(6, b"\0\1")]
    cut = [form[:length] for form in forms for length in range(len(form))]
    capture.add(session.say(1, mapping(TARGET, 17), mapping(b"\x08" + multipoint[1:], 18), mapping(multipoint[:8] + b"\0\3\2\0\0", 19)),
                session.say(1, *(mapping(element, 500 + n) for n, element in enumerate(cut))),
                session.say(1, message(0x0300, tlv(0x0101, b"\0")), message(0x0300, tlv(0x0101, b"\0\3" + bytes(6))), message(0x0200, tlv(0x0500, bytes(13))),
                            message(0x0200, tlv(0x0503, bytes(11)))))
    used = [capture.add(labelled(a, b, value, data())) for value in (17, 18, 19, *range(500, 500 + len(cut)))]
    found = meanings(ws, capture.write(), ("ldp_binding.fec",))
    assert [found[n][0] for n in used] == ["203.0.113.3/32", "MP2MP down root 203.0.113.9 LSP 1", "P2MP root 203.0.113.9 LSP 020000"] + [""] * len(cut)


def test_messages_on_the_wrong_transport(ws, capture, routers):
    """An Address message in a datagram, and one after the session's end, teach nothing."""
    a, b, c = routers[1:4]
    first, second = up(capture, a, b), Session(a, c, 40001)
    gre = struct.pack(">HH", 0, 0x8847) + stack(17) + data()
    capture.add(*second.start(), first.say(1, addresses("198.51.100.9"), mapping(TARGET, 17)), second.say(1, mapping(OTHER, 17)))
    capture.add(ethernet(ipv4(udp(pdu(c.lsr, addresses("198.51.100.9")), 646, 646), c.ip, a.ip)))
    capture.add(second.say(1, notification(SHUTDOWN), addresses("198.51.100.9")))
    packet = capture.add(ethernet(ipv4(raw(47, gre), CLIENT, "198.51.100.9")))
    assert meanings(ws, capture.write())[packet] == ("17", "203.0.113.3/32", "1")


def test_fin_out_of_nowhere(ws, capture, routers):
    """The end of a session counts where its sequence number can be the session's; a header of 16 bytes is none."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(1, mapping(TARGET, 17)), session._segment(0, flags="FA", seq=session.seq[0] + 1000000))
    short = bytearray(session.say(1, withdraw(TARGET, 17)))
    short[14 + 20 + 12] = 0x40
    capture.add(bytes(short))
    packet = capture.add(labelled(a, b, 17, data()))
    assert meanings(ws, capture.write(), ENDS)[packet] == ("203.0.113.3/32", "")


def test_ip_below_a_withdrawn_pseudowire(ws, capture, routers):
    """The label may be another one's by now: an IP packet is not taken for Ethernet."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(1, mapping(pw(1), 100)), *session.take_back(1, withdraw(pw(1), 100)))
    ip, wire = capture.add(labelled(a, b, 100, data())), capture.add(labelled(a, b, 100, ethernet(data(), dst="60:00:00:00:00:01")))
    path = capture.write()
    found = meanings(ws, path, ("frame.protocols", "ldp_binding.stale"))
    assert [(found[ip][0],)] == ws.without_plugins().rows(path, ["frame.protocols"], f"frame.number == {ip}")
    assert found[wire][0].startswith("eth:ethertype:mpls:pwethnocw:eth:") and found[ip][1] == found[wire][1] == "1"


def test_table_with_a_filter_and_switched_off(ws, capture, routers):
    """Where LDP itself is filtered out the end of a binding is told all the same; switched off, there is no table."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    told = capture.add(session.say(1, mapping(TARGET, 17)))
    capture.add(labelled(a, b, 17, data()))
    gone = capture.add(*session.take_back(1, withdraw(TARGET, 17))) - 1
    capture.add(labelled(a, b, 17, data()))
    path = capture.write()
    lines = ws.statistics(path, "ldp_binding,table,mpls").splitlines()
    row = [cell.strip() for cell in next(line for line in lines if line.startswith(b.lsr)).split("|")]
    assert row[1:6] == ["17", "203.0.113.3/32", str(told), str(gone), "1"]
    for protocol in ("ldp_binding", "ldp"):
        off = ["--disable-protocol", protocol]
        assert b.lsr not in ws.statistics(path, "ldp_binding,table", options=off)
        assert ws.count(path, "ldp_binding", options=off) == 0


def test_stack_within_a_pseudowire_of_the_same_label(ws, capture, routers):
    """The label of the outer stack is that of the inner one too, of another router's pseudowire."""
    a, b, c, d = routers[1:5]
    first, second = up(capture, a, b), Session(c, d, 40001)
    capture.add(d.hello(), *second.start(), first.say(1, mapping(pw(1), 100)), second.say(1, mapping(pw(2, HDLC), 100)))
    packet = capture.add(labelled(a, b, 100, labelled(c, d, 100, b"\x0f\0\x08\0" + data())))
    found = meanings(ws, capture.write(), ("frame.protocols", "ldp_binding.pw_id"))
    assert found[packet] == ("eth:ethertype:mpls:pwethnocw:eth:ethertype:mpls:chdlc:ip:udp:data", "1,2")


def test_status_codes_in_words(ws, capture, routers):
    """By name where there is one, else by number; each pass and packet says what it tells, and labels have their names."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    other = Session(a, routers[3], 40001)
    capture.add(*other.start(), session.say(1, mapping(pw(1), 3)))
    told = [(str(capture.add(of.say(1, words))), *values) for of, words, *values in (
        (session, pw_status(pw(1), 0), "0x00000028 (PW Status)", "0x00000000 (forwarding)"),
        (session, pw_status(pw(1), 0x91), "0x00000028 (PW Status)",
         "0x00000091 (not forwarding, PSN-facing transmit fault, unknown bits 0x00000080)"),
        (session, notification(0x3fffff00), "0x3fffff00 (unknown code 0x3fffff00)", ""),
        (other, notification(0xc0000009), "0xc0000009 (Hold Timer Expired, fatal, to be forwarded)", ""))]
    path = capture.write()
    found = assert_passes_agree(ws, path, ["ldp_binding.status", "ldp_binding.pw_status"],
                                "ldp_binding.status || ldp_binding.pw_status")
    assert found == [(n, status[:10], of_pseudowire[:10]) for n, status, of_pseudowire in told]
    text = ws.verbose(path, "-Y", "ldp_binding.status")
    assert all(f"[LDP status: {status}]" in text and (not other or f"[Pseudowire status: {other}]" in text) for _, status, other in told)
    table = ws.statistics(path, "ldp_binding,pseudowires")
    assert "3 (implicit null)" in table and "3 (implicit null)" in ws.statistics(path, "ldp_binding,table")


def test_many_labels_and_status_messages(ws, capture, routers):
    """Memory and time grow with the capture, not with labels times messages."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    for first in range(0, 4000, 100):
        capture.add(session.say(1, *[mapping(pw(1), 1000 + n) for n in range(first, first + 100)]))
    for first in range(0, 4000, 200):
        capture.add(session.say(1, *[pw_status(pw(1), n & 1) for n in range(first, first + 200)]))
    used = [capture.add(labelled(a, b, value, ethernet(data()))) for value in (1000, 1063, 1064, 4999)]
    path = capture.write()
    found = {int(row[0]): row[1] for row in ws.rows(path, ["frame.number", "ldp_binding.pw_status"], "mpls")}
    assert [found[n] for n in used] == ["0x00000001"] * 4


def test_icmp_with_thousands_of_labels(ws, capture, routers):
    """Each label is found where the search for the one before it ended."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(1, addresses(b.ip), mapping(TARGET, 17)))
    objects = b"".join(struct.pack(">HBB", 8, 1, 1) + shim(17 if n % 1000 == 999 else 500, True) for n in range(8000))
    packet = data()
    body = struct.pack(">BBHBBH", 11, 0, 0, 0, 32, 0) + packet.ljust(128, b"\0") + struct.pack(">BBH", 0x20, 0, 0) + objects
    capture.add(ethernet(ipv4(raw(1, body[:60000]), b.ip, CLIENT)))
    assert rows(ws, capture.write(), ["ldp_binding.label"], "icmp && ldp_binding") == [(",".join(["17"] * ((60000 - 140) // 8000)),)]


def test_label_spaces_of_interfaces(ws, capture, routers):
    """Two interfaces with label spaces of their own: the MAC address tells which one receives."""
    a, b = routers[1:3]
    macs = (b.mac, "02:00:00:00:00:b2")
    for space, (mac, target) in enumerate(zip(macs, (TARGET, OTHER)), 5):
        b.mac = mac
        capture.add(ethernet(ipv4(udp(pdu(b.lsr, message(0x0100, tlv(0x0400, struct.pack(">HH", 15, 0))), space=space), 646, 646), b.ip,
                                  "224.0.0.2", ttl=1), src=mac, dst="01:00:5e:00:00:02"))
        session = Session(a, b, 40000 + space)
        capture.add(*session.handshake(), session.say(0, initialization(b.lsr, space=space)),
                    session.send(1, pdu(b.lsr, initialization(a.lsr), mapping(target, 17), space=space)))
    used = []
    for mac in macs:
        b.mac = mac
        used.append(capture.add(labelled(a, b, 17, data())))
    found = meanings(ws, capture.write())
    assert [found[n] for n in used] == [("17", "203.0.113.3/32", "1"), ("17", "198.51.100.0/24", "1")]


def test_restart_from_another_transport_address(ws, capture, routers):
    """The session comes back between other addresses, over IPv6: it is the same two routers', so the old labels are over."""
    a, b = routers[1:3]
    first = up(capture, a, b)
    capture.add(first.say(1, mapping(TARGET, 17), mapping(OTHER, 18)))
    a.lsr6, second = a.ip6, Session(a, b, 40001, v6=True)
    dual = tlv(0x8701, struct.pack(">HH", 0x6000, 0))
    capture.add(ethernet(ipv6(udp(pdu(b.lsr, message(0x0100, tlv(0x0400, struct.pack(">HH", 15, 0)), tlv(0x0403, packed(b.ip6)), dual)), 646, 646),
                              "fe80::2", "ff02::2", 255), src=b.mac, dst="33:33:00:00:00:02"))
    mapped = capture.add(*second.start(), second.say(1, mapping(TARGET, 17)))
    again, old = capture.add(labelled(a, b, 17, data())), capture.add(labelled(a, b, 18, data()))
    found = meanings(ws, capture.write(), (*ENDS, "ldp_binding.advertised_in"))
    assert found[again] == ("203.0.113.3/32", "", str(mapped)) and found[old][:2] == ("198.51.100.0/24", "1")


def test_one_direction_of_the_session(ws, capture, routers):
    """The advertising router's segments alone: enough for its labels, not for saying that one is unknown."""
    a, b = routers[1:3]
    session = Session(a, b)
    all_of_it = [*session.start(), session.say(1, mapping(TARGET, 17), mapping(OTHER, 18))]
    capture.add(a.hello(), b.hello(), *[frame for frame in all_of_it if frame[6:12] == all_of_it[-1][6:12]])
    used, strange = capture.add(labelled(a, b, 17, data())), capture.add(labelled(a, b, 99, data()))
    capture.add(*session.take_back(1, withdraw(OTHER, 18)))
    gone = capture.add(labelled(a, b, 18, data()))
    path = capture.write()
    found = meanings(ws, path, (*ENDS, "ldp_binding.match"))
    assert (found[used], found[strange], found[gone]) == (("203.0.113.3/32", "", "1"), ("", "", ""), ("198.51.100.0/24", "1", "1"))
    assert experts(ws, path) == {gone: {"stale"}}


def test_used_before_it_is_told(ws, capture, routers):
    """A packet that comes before the mapping is not explained by it, in one pass nor in two."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    early = capture.add(labelled(a, b, [17, 100], data()))
    capture.add(session.say(1, mapping(TARGET, 17)))
    late = capture.add(labelled(a, b, 17, data()))
    path = capture.write()
    found = meanings_in_all_passes(ws, path, redissect=True)
    assert (found[early], found[late]) == (("", "", ""), ("17", "203.0.113.3/32", "1")) and experts(ws, path) == {}


def test_other_carriers(ws, capture, routers):
    """PPP, Cisco HDLC, 802.1Q, VXLAN-GPE and NSH; the receiver is known where the carrier has addresses."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    shims = stack(17) + data()
    frames = [*capture.frames, session.say(1, addresses(b.ip), mapping(TARGET, 17))]
    hdlc = b"\x0f\0\x88\x47" + shims
    vxlan = struct.pack(">BBBBI", 0x0c, 0, 0, 5, 7 << 8) + shims
    gre = raw(47, struct.pack(">HH", 0, 0x8847) + shims)
    ppp = raw(47, struct.pack(">HH", 0, 0x880b) + b"\xff\x03\x02\x81" + shims)
    carried = {
        "vlan": (ethernet(shims, 0x8847, a.mac, b.mac, vlan=5), "1"),
        "udp:mpls": (ethernet(ipv4(udp(vxlan, 40000, 4790), CLIENT, b.ip)), "1"),
        "gre": (ethernet(ipv4(gre, CLIENT, b.ip)), "1"),
        "ipv6": (ethernet(ipv6(gre, "2001:db8::9", b.ip6)), "2"),
        # another network's, for all that is known
        "ppp": (ethernet(ipv4(ppp, CLIENT, b.ip)), ""),
        "chdlc": (ethernet(stack(300) + hdlc, 0x8847, a.mac, b.mac), "1"),
    }
    frames += [session.say(1, mapping(pw(3, HDLC), 300)), *[frame for frame, _ in carried.values()]]
    found = rows(ws, write_pcap(capture.path, frames), ["frame.protocols", "ldp_binding.match"], "mpls")
    assert [row[1] for row in found] == [match for _, match in carried.values()]
    assert [name for row, name in zip(found, carried) if name not in row[0]] == []
    links = {LINKTYPE_PPP: b"\xff\x03\x02\x81", LINKTYPE_CHDLC: b"\x0f\0\x88\x47"}
    ip_on = {LINKTYPE_PPP: b"\xff\x03\0\x21", LINKTYPE_CHDLC: b"\x0f\0\x08\0"}
    for linktype, header in links.items():
        frames = [ip_on[linktype] + frame[14:] for frame in (*session.start(), session.say(1, mapping(TARGET, 17)))] + [header + shims]
        path = write_pcap(capture.path, frames, linktype)
        assert rows(ws, path, ["ldp_binding.match"], "mpls") == [("2",)]


def test_stack_of_a_customer(ws, capture, routers):
    """In a pseudowire or a tunnel there is another network with labels of its own, unless the receiver is known."""
    a, b, c, d = routers[1:5]
    link, far = up(capture, a, b), Session(a, c, 40001)
    capture.add(*far.start(), link.say(1, mapping(TARGET, 17)), far.say(1, mapping(pw(1), 101), mapping(pw(2, HDLC), 102)))
    customer = ethernet(ipv4(udp(b"x"), CLIENT), src="02:00:00:00:0c:01")
    inner = {
        ethernet(stack(17) + data(), 0x8847, "02:00:00:00:0c:01", "02:00:00:00:0c:02"): "17,101",
        # the customer's own pseudowire, as its bytes have it
        ethernet(stack(102) + customer, 0x8847, "02:00:00:00:0c:01", "02:00:00:00:0c:02"): "17,101,102",
        labelled(d, b, 17, data()): "17,101,17",
    }
    expected = {capture.add(labelled(a, b, [17, 101], frame)): labels for frame, labels in inner.items()}
    vxlan = udp(struct.pack(">II", 0x08000000, 7 << 8) + next(iter(inner)), 40000, 4789)
    expected[capture.add(ethernet(ipv4(vxlan, CLIENT, "198.51.100.9")))] = ""
    path = capture.write()
    found = meanings(ws, path, ("ldp_binding.label", "frame.protocols"))
    assert {n: row[0] for n, row in found.items()} == expected
    assert [row[1].split("mpls:")[-1] for row in found.values()][1].startswith("pweth")


@pytest.mark.parametrize("case", ["restart", "early"])
def test_passes_agree_on_what_has_ended(ws, capture, routers, case):
    """Of two bindings the one that ends later is the first; what a pass knows of the time after a packet must not matter."""
    a, b, c = routers[1:4]
    ft = ((1000, 0), (1000, 0)) if case == "restart" else (None, None)
    first, second = Session(a, b), Session(a, c, 40001)
    capture.add(*first.start(ft), first.say(1, mapping(TARGET, 17)), c.hello(), *second.start(), second.say(1, mapping(OTHER, 17)))
    if case == "restart":
        capture.add(first.reset())
        used = capture.add(labelled(c, a, 17, data()))
        capture.add(*[a.hello()] * 2000)
        capture.add(Session(a, routers[4], 40002)._segment(0, flags="S"))
    else:
        late = first.say(1, mapping(prefix("192.0.2.0/24"), 18))
        capture.add(first.say(1, withdraw(TARGET, 17)))
        used = capture.add(labelled(c, a, 17, data()))
        capture.add(late, first.say(0, release(TARGET, 17)))
    after = capture.add(labelled(c, a, 17, data()))
    found = meanings_in_all_passes(ws, capture.write(), ("ldp_binding.fec", "ldp_binding.lsr", "ldp_binding.match"))
    assert found[used] == ("203.0.113.3/32", b.lsr, "2") and found[after] == ("",) * 3


def test_candidates_are_those_that_are_possible(ws, capture, routers):
    """Three routers have the label: one sends, one has not the address that ARP tells of the receiver."""
    a, b, c = routers[1:4]
    sessions = [Session(a, b), Session(a, c, 40001)]
    capture.add(a.hello(), routers[9].arp(a), *sessions[0].start(), *sessions[1].start(), sessions[0].say(0, mapping(prefix("192.0.2.0/24"), 17)),
                sessions[0].say(1, mapping(TARGET, 17)), sessions[1].say(1, addresses(c.ip), mapping(OTHER, 17)))
    packet = capture.add(labelled(a, routers[9], 17, data()))
    path = capture.write()
    found = meanings(ws, path, ("ldp_binding.fec", "ldp_binding.match", "ldp_binding.candidates"))
    assert found[packet] == ("203.0.113.3/32", "2", "1") and experts(ws, path) == {}


def test_relabelled_without_releases(ws, capture, routers):
    """More labels for one FEC than there are kept: the latest is the one that holds."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(1, *[mapping(TARGET, 100 + n) for n in range(70)]))
    last, first = capture.add(labelled(a, b, 169, data())), capture.add(labelled(a, b, 100, data()))
    found = meanings(ws, capture.write(), ENDS)
    assert (found[last][1], found[first][1]) == ("", "1")


def test_withdrawal_of_an_unknown_fec(ws, capture, routers):
    """It is no withdrawal of everything: the release of everything that comes then is one of its own."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(1, mapping(TARGET, 17)), session.say(1, withdraw(OTHER)), session.say(0, release(WILDCARD)))
    packet = capture.add(labelled(a, b, 17, data()))
    assert meanings(ws, capture.write(), ENDS)[packet] == ("203.0.113.3/32", "1")


def test_withdrawal_of_what_was_told_before_the_capture(ws, capture, routers):
    """Its release ends nothing that was told after it."""
    a, b = routers[1:3]
    session = Session(a, b)
    capture.add(a.hello(), b.hello(), session.say(1, withdraw(TARGET, 17), mapping(TARGET, 17)), session.say(0, release(TARGET, 17)))
    packet = capture.add(labelled(a, b, 17, data()))
    assert meanings(ws, capture.write(), ENDS)[packet] == ("203.0.113.3/32", "")


def test_release_in_another_form(ws, capture, routers):
    """The withdrawal names the label, the release that answers does not."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(1, mapping(TARGET, 17)), session.say(1, withdraw(TARGET, 17)), session.say(1, mapping(TARGET, 18)),
                session.say(0, release(TARGET)))
    packet = capture.add(labelled(a, b, 18, data()))
    assert meanings(ws, capture.write(), ENDS)[packet] == ("203.0.113.3/32", "")


def test_interface_that_flaps(ws, capture, routers):
    """An address that comes and goes many times is still that router's; one of another family says nothing of it."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    gre = raw(47, struct.pack(">HH", 0, 0x8847) + stack(17) + data())
    for _ in range(20):
        capture.add(session.say(1, addresses("198.51.100.9"), addresses("198.51.100.9", kind=0x0301)))
    capture.add(session.say(1, addresses("198.51.100.9"), mapping(TARGET, 17)))
    four, six = (capture.add(ethernet(packet)) for packet in (ipv4(gre, CLIENT, "198.51.100.9"), ipv6(gre, "2001:db8::8", "2001:db8::9")))
    strange = capture.add(ethernet(ipv4(gre, CLIENT, "198.51.100.10")))
    found = meanings(ws, capture.write())
    assert [found[n][2] for n in (four, six, strange)] == ["1", "2", ""]


def test_anycast_address_told_once_by_each(ws, capture, routers):
    a, b, c = routers[1:4]
    first, second = up(capture, a, b), Session(a, c, 40001)
    capture.add(*second.start(), first.say(1, mapping(prefix("203.0.113.100/32"), 17), mapping(pw(1), 100)),
                second.say(1, mapping(pw(2, HDLC), 100)), first.say(1, addresses("203.0.113.100")), second.say(1, addresses("203.0.113.100")))
    packet = capture.add(labelled(a, b, [17, 100], ethernet(data())))
    assert meanings(ws, capture.write(), ("ldp_binding.fec", "ldp_binding.match"))[packet] == ("203.0.113.100/32,PW Ethernet", "1,4")


def sayings(chosen, routers):
    """A message, of any kind."""
    elements = [TARGET, prefix("203.0.113.2/32"), OTHER, prefix("2001:db8::/32"), pw(1), pw(1, cbit=True), pw(2, HDLC, group=3),
                p2mp("203.0.113.1", 5)]
    element, value, address = chosen.choice(elements), chosen.choice((0, 3, 16, 17, 18, 100)), chosen.choice(routers).ip
    return chosen.choice([mapping(element, value)] * 6 + [
        mapping(element, value, tlv(0x0600, struct.pack(">I", 1))), mapping(element, value, tlv(0x096a, struct.pack(">I", value))),
        withdraw(element, value), withdraw(element), release(element, value), release(element),
        *([withdraw(WILDCARD), release(WILDCARD)] if chosen.random() < 0.2 else []),
        message(0x0401, fec(element)), pw_status(pw(1), value), pw_status(pw_group(HDLC, 3), value), addresses(address, "203.0.113.100"),
        addresses(address, kind=0x0301), *([notification(chosen.choice((SHUTDOWN, 0x80000014)))] if chosen.random() < 0.2 else [])])


def carryings(chosen, routers):
    """A labelled packet, with any payload."""
    labels = [chosen.choice((0, 1, 3, 7, 16, 17, 18, 100, 500)) for _ in range(chosen.choice((1, 1, 2, 3)))]
    inside = ethernet(stack(chosen.choice((16, 17, 100))) + data(), 0x8847, "02:00:00:00:99:01", "02:00:00:00:99:02")
    payload = chosen.choice((data(), ethernet(data()), bytes(4) + ethernet(data()), b"\x0f\0\x08\0" + data(), inside))
    return labelled(chosen.choice(routers[:5]), chosen.choice(routers), labels, payload)


@pytest.mark.parametrize("seed", [1, 2])
def test_passes_agree_on_anything(ws, tmp_path, seed):
    """Routers that say and send whatever, late and lost segments, sessions that end: each field is the same in one pass and in two."""
    chosen, routers, when, late, sessions = random.Random(seed), [Router(n) for n in range(1, 8)], 0.0, [], []
    frames = [(when, router.hello()) for router in routers[:4]]
    for number in range(900):
        when += chosen.choice((0.001, 0.01, 0.5, 2.0))
        kind = chosen.random()
        if len(sessions) < 3 or kind < 0.04:
            sessions.append(Session(*chosen.sample(routers[:5], 2), 40000 + number))
            ft = chosen.choice(((None, None), ((3000, 2000), (3000, 2000)), ((3000, 0), (3000, 5000))))
            new = sessions[-1].start(ft)[chosen.choice((0, 0, 0, 3)):]
        elif kind < 0.06:
            new = [chosen.choice((chosen.choice(routers).hello(), routers[0].arp(routers[1]), chosen.choice(routers).arp(routers[0]),
                                  ethernet(ipv4(rsvp_resv(chosen.choice((16, 17))), chosen.choice(routers).ip, CLIENT))))]
        elif kind < 0.5:
            new = [chosen.choice(sessions[-3:]).say(chosen.randrange(2), sayings(chosen, routers))]
            if chosen.random() < 0.1:
                late += new
                new = []
        elif kind < 0.56 and late:
            new = [late.pop(chosen.randrange(len(late)))]
        elif kind < 0.6:
            new = [chosen.choice(sessions).acknowledge(chosen.randrange(2))]
        elif kind < 0.62:
            new = [chosen.choice((sessions[-1].finish, sessions[-1].reset))(chosen.randrange(2))]
        else:
            new = [carryings(chosen, routers)]
        frames += [(when, frame) for frame in new]
    path = write_pcap(tmp_path / "anything.pcap", frames)
    fields = ["frame.number", *FIELDS, *EXPERTS, "ldp_binding.requested_in", "ldp_binding.pw_status", "ldp_binding.control_word",
              "frame.protocols"]
    one, two = ws.rows(path, fields, "mpls"), ws.rows(path, fields, "mpls", two_pass=True)
    assert one == two and sum(row[1] != "" for row in one) > 50


def test_customers_with_the_same_names(ws, capture, routers):
    """LDP in a pseudowire is another network's: its routers, with the same identifiers and addresses, tell nothing of the carrier's
    labels, nor the carrier's of theirs."""
    a, b, c = routers[1:4]
    link, far = up(capture, a, b), Session(a, c, 40001)
    capture.add(*far.start(), link.say(1, mapping(TARGET, 17)), far.say(1, mapping(pw(1), 101)), far.say(0, mapping(pw(1), 100)))
    x, y = Router(1), Router(2)
    x.mac, y.mac = "02:00:00:00:0c:01", "02:00:00:00:0c:02"
    theirs = Session(x, y, 40002)
    said = [x.hello(), y.hello(), *theirs.start(), theirs.say(1, mapping(OTHER, 17), mapping(prefix("192.0.2.0/24"), 18))]
    capture.add(*(labelled(a, b, [17, 101], frame) for frame in said))
    expected = {
        capture.add(labelled(a, b, 17, data())): ("17", "203.0.113.3/32", "1"),
        capture.add(labelled(a, b, [17, 101], labelled(x, y, 17, data()))): ("17,101,17", "203.0.113.3/32,PW 1 Ethernet,198.51.100.0/24", "1,1,1"),
        capture.add(labelled(a, b, [17, 101], labelled(x, y, 18, data()))): ("17,101,18", "203.0.113.3/32,PW 1 Ethernet,192.0.2.0/24", "1,1,1"),
        capture.add(labelled(c, routers[5], 18, data())): ("", "", ""),
    }
    found = meanings_in_all_passes(ws, capture.write(), ("ldp_binding.label", "ldp_binding.fec", "ldp_binding.match"))
    assert {frame: found[frame] for frame in expected} == expected

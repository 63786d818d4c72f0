# SPDX-License-Identifier: GPL-2.0-or-later
"""Labels that are not LDP's: EVPN, segment routing, tunnels, labels that others took over."""

import struct

import pytest

from harness.craft import CLIENT, Segment, ethernet, ipv4, ipv6, raw, tcp
from harness.properties import assert_survives
from ldp_extras.kept_open import ENDS, OTHER, experts, meanings, one_process, rows  # noqa: F401
from ldp_extras.packets import Session, addresses, data, labelled, mapping, packed, prefix, pw, release, withdraw
from ldp_extras.test_binding import capture, routers  # noqa: F401
from ldp_extras.test_binding import TARGET, rsvp_resv, up


def attribute(kind, value):
    return struct.pack(">BBH", 0x90, kind, len(value)) + value


def bgp(family, safi, next_hop, nlri, *more):
    reach = struct.pack(">HBB", family, safi, len(next_hop)) + next_hop + b"\0" + nlri
    attributes = attribute(14, reach) + b"".join(more)
    body = struct.pack(">HH", 0, len(attributes)) + attributes
    return b"\xff" * 16 + struct.pack(">HB", 19 + len(body), 2) + body


def entry(value):
    return (value << 4 | 1).to_bytes(3, "big")


def evpn(kind, *parts):
    body = b"".join(parts)
    return struct.pack(">BB", kind, len(body)) + body


def prefix_with_label(value, path_id=b""):
    return path_id + struct.pack(">B", 24 + 24) + entry(value) + packed("192.0.2.0")[:3]


RD, ESI, TAG = bytes(8), bytes(10), bytes(4)
MPLS_TUNNEL, VXLAN = (attribute(16, struct.pack(">HIH", 0x030c, 0, kind)) for kind in (10, 8))


def test_labels_of_evpn_and_others(ws, capture, routers):
    """Each way in which BGP and RSVP-TE hand out a label; and what stands in a label's place but is none."""
    a, b = routers[1:3]
    session = Session(a, b)
    hop = packed("203.0.113.7")
    mac_ip = TAG + b"\x30" + bytes(6)
    updates = {
        20: bgp(25, 70, hop, evpn(1, RD, ESI, TAG, entry(20)), MPLS_TUNNEL),
        21: bgp(25, 70, hop, evpn(2, RD, ESI, mac_ip, b"\0", entry(21))),
        22: bgp(25, 70, hop, evpn(2, RD, ESI, mac_ip, b"\x20", packed(CLIENT), entry(1021), entry(22))),
        23: bgp(25, 70, hop, evpn(5, RD, ESI, TAG, b"\x18", packed("192.0.2.0"), bytes(4), entry(23))),
        24: bgp(25, 70, hop, evpn(3, RD, TAG, b"\x20", hop), attribute(22, b"\0\x06" + entry(24) + hop)),
        25: bgp(25, 70, hop, b"\0\0\0\x05" + evpn(1, RD, ESI, TAG, entry(25))),
        26: bgp(1, 4, hop, prefix_with_label(26, b"\0\0\0\1") + prefix_with_label(1026, b"\0\0\0\2")),
        27: bgp(2, 128, RD + packed("2001:db8::7"), struct.pack(">B", 24 + 64 + 32) + entry(27) + RD + packed("2001:db8::")[:4]),
    }
    resv = rsvp_resv(28).bytes(a.ip, b.ip)
    bundle = raw(46, struct.pack(">BBHBBH", 0x10, 12, 0, 255, 0, 8 + len(resv)) + resv)
    path_up = raw(46, struct.pack(">BBHBBH", 0x10, 1, 0, 255, 0, 16) + struct.pack(">HBBI", 8, 35, 2, 29))
    not_labels = bgp(25, 70, hop, evpn(1, RD, ESI, TAG, entry(30)), VXLAN) + bgp(25, 70, hop, evpn(4, RD, ESI, entry(31)))
    # a block of 500 labels (RFC 4761 section 3.2.2)
    updates[633] = bgp(25, 65, hop, struct.pack(">H", 17) + RD + struct.pack(">HHH", 1, 1, 500) + entry(200))
    known = [*range(20, 33), 199, 200, 264, 699, 700]
    capture.add(*session.start(), session.say(1, *[mapping(prefix(f"198.51.{n % 256}.0/24"), n) for n in known]))
    before = {n: capture.add(labelled(a, b, n, data())) for n in known}
    stream = b"".join(updates.values()) + not_labels
    for at in range(0, len(stream), 100):
        capture.add(ethernet(ipv4(tcp(stream[at:at + 100], 41000, 179, 1 + at), a.ip, b.ip)))
    capture.add(ethernet(ipv4(bundle, a.ip, b.ip)), ethernet(ipv4(path_up, a.ip, b.ip)))
    after = {n: capture.add(labelled(a, b, n, data())) for n in known}
    path = capture.write()
    found = meanings(ws, path)
    assert [n for n in known if found[before[n]][2] != "2"] == []
    assert [n for n in known if found[after[n]][2] == ""] == [*range(20, 30), 200, 264, 699]
    assert sum(len(row[0].split(",")) for row in rows(ws, path, ["bgp.type"], "bgp.type")) == len(updates) + 2


def update_of(attributes, withdrawn=0, total=None):
    body = struct.pack(">HH", withdrawn, len(attributes) if total is None else total) + attributes
    return b"\xff" * 16 + struct.pack(">HB", 19 + len(body), 2) + body


def test_what_is_cut_short_hands_out_no_label(ws, capture, routers):
    """Attributes of BGP at each length, messages of RSVP and options of neighbour discovery: a label is not read beyond the end."""
    a, b = routers[1:3]
    session = Session(a, b)
    capture.add(*session.start(), session.say(1, mapping(TARGET, 17)))
    reaches = [struct.pack(">HBB", family, safi, 4) + packed("203.0.113.7") + b"\0" + nlri
               for family, safi, nlri in ((25, 70, evpn(1, RD, ESI, TAG, entry(17))), (1, 4, prefix_with_label(17, b"\0\0\0\1")), (1, 4, prefix_with_label(17)),
                                          (25, 65, struct.pack(">H", 17) + RD + struct.pack(">HHH", 1, 1, 5) + entry(17)))]
    updates = [update_of(attribute(14, reach[:length])) for reach in reaches for length in range(len(reach))]
    updates += [update_of(attribute(14, reaches[0])[:-1], total=len(reaches[0]) + 3), update_of(b"", withdrawn=100), update_of(b"\0" * 3),
                update_of(attribute(14, reaches[0]) + attribute(16, b"\3\x0c"))[:-1]]
    for number, update in enumerate(updates):
        capture.add(ethernet(ipv4(tcp(update, 41000 + number, 179, 1), a.ip, b.ip)))
    resv = rsvp_resv(17).bytes(a.ip, b.ip)
    capture.add(*(ethernet(ipv4(raw(46, resv[:length]), a.ip, b.ip)) for length in range(1, len(resv))))
    capture.add(*(ethernet(ipv6(Segment(58, body, b"", 2), "fe80::1", "ff02::1", 255))
                  for body in (b"\x87" + bytes(9), b"\x88" + bytes(23) + b"\2\0" + bytes(6), b"\x87" + bytes(23) + b"\1\0" + bytes(6))))
    packet = capture.add(labelled(a, b, 17, data()))
    path = capture.write()
    assert_survives(ws, path)
    assert meanings(ws, path)[packet] == ("17", "203.0.113.3/32", "2")


def ospf_router_info(*tlvs):
    body = b"".join(struct.pack(">HH", kind, len(value)) + value.ljust((len(value) + 3) // 4 * 4, b"\0") for kind, value in tlvs)
    lsa = struct.pack(">HBBIIIHH", 1, 2, 10, 4 << 24, 0xcb007102, 0x80000001, 0, 20 + len(body)) + body
    header = struct.pack(">BBHIIHHQ", 2, 4, 28 + len(lsa), 0xcb007102, 0, 0, 0, 0)
    return raw(89, header + struct.pack(">I", 1) + lsa)


def isis_lsp(*subs):
    body = packed("203.0.113.2") + b"\0" + b"".join(struct.pack(">BB", kind, len(value)) + value for kind, value in subs)
    tlvs = struct.pack(">BB", 242, len(body)) + body
    lsp = b"\x83\x1b\x01\0\x12\x01\0\0" + struct.pack(">HH", 27 + len(tlvs), 1200) + bytes(8) + struct.pack(">IHB", 1, 0, 3) + tlvs
    return b"\xfe\xfe\x03" + lsp


@pytest.mark.parametrize("kind", ["ospf", "isis"])
def test_labels_of_segment_routing_are_not_unknown(ws, capture, routers, kind):
    """One that is cut off before it says so tells nothing, and stays what Wireshark makes of it."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(1, mapping(TARGET, 17)))
    if kind == "ospf":
        told = [ethernet(ipv4(ospf_router_info(*tlvs), b.ip, "224.0.0.5"))
                for tlvs in ([(1, bytes(4))], [(1, bytes(4)), (9, struct.pack(">IHH", 8000 << 8, 1, 3) + bytes(4))])]
    else:
        told = [ethernet(isis_lsp(*subs), len(isis_lsp(*subs)), b.mac, "01:80:c2:00:00:14")
                for subs in ([(19, b"\0")], [(19, b"\0"), (2, b"\xc0\0\x1f\x40\1\3\0\x3e\x80")])]
    capture.add(told[0], (0.5, told[1][:-12], len(told[1])))
    unknown = capture.add(labelled(a, b, 16005, data()))
    capture.add(told[1])
    capture.add(labelled(a, b, 16005, data()))
    path = capture.write()
    assert experts(ws, path) == {unknown: {"unknown_label"}}
    assert ws.count(path, "ospf.msg.lsupdate" if kind == "ospf" else "isis.lsp.pdu_length") == 3


def test_unknown_only_where_it_must_be_a_tunnels(ws, capture, routers):
    """Below explicit null or an entropy label, or where the tunnel's label is popped on the way, it may be a VPN's."""
    a, b, c = routers[1:4]
    session = up(capture, a, b)
    capture.add(session.say(1, mapping(TARGET, 17)))
    at_once = capture.add(labelled(a, b, 99, data()))
    for labels in ([0, 99], [2, 99], [7, 500, 99]):
        capture.add(labelled(a, b, labels, data()))
    service = capture.add(labelled(a, b, [0, 98], data()))
    capture.add(labelled(a, b, 98, data()))     # seen as one at the end of a tunnel
    capture.add(session.say(1, mapping(prefix("203.0.113.2/32"), 3)))
    capture.add(labelled(a, b, 97, data()))
    tunnel = capture.add(labelled(a, b, [97, 500], data()))
    path = capture.write()
    assert experts(ws, path) == {at_once: {"unknown_label"}, tunnel: {"unknown_label"}}
    assert service and c


def test_label_that_others_took_over(ws, capture, routers):
    """LDP gives a label back, RSVP-TE or BGP of the same router hands it out: not LDP's, nor stale; elsewhere it is."""
    a, b, c = routers[1:4]
    near, far = up(capture, a, b), Session(a, c, 40001)
    capture.add(c.hello(), *far.start())
    for session in (near, far):
        session_messages = [mapping(TARGET, 17), mapping(OTHER, 18)]
        capture.add(session.say(1, *session_messages), *session.take_back(1, withdraw(TARGET, 17), withdraw(OTHER, 18)),
                    session.say(0, release(TARGET, 17), release(OTHER, 18)))
    stale = [capture.add(labelled(a, b, value, data())) for value in (17, 18)]
    capture.add(ethernet(ipv4(rsvp_resv(17), b.ip, a.ip)), near.say(1, addresses(b.ip)),
                ethernet(ipv4(tcp(bgp(1, 4, packed(b.lsr), prefix_with_label(18)), 41000, 179), b.ip, a.ip)))
    gone = [capture.add(labelled(a, b, value, data())) for value in (17, 18)]
    elsewhere = [capture.add(labelled(a, c, value, data())) for value in (17, 18)]
    path = capture.write()
    found = meanings(ws, path, ENDS)
    assert [found[n][1] for n in (*stale, *gone, *elsewhere)] == ["1", "1", "", "", "1", "1"]
    assert [found[n][0] for n in gone] == ["", ""] and set(experts(ws, path)) == {*stale, *elsewhere}


def test_inner_label_that_ldp_gave_back(ws, capture, routers):
    """Below a tunnel's label it is a VPN's by now, whose BGP need not be in the capture; a pseudowire's is the tunnel's end's."""
    a, b, c = routers[1:4]
    link, far = up(capture, a, b), Session(a, c, 40001)
    capture.add(*far.start(), link.say(1, mapping(TARGET, 17)), far.say(1, mapping(OTHER, 50), mapping(pw(1), 51)),
                *far.take_back(1, withdraw(OTHER, 50), withdraw(pw(1), 51)))
    vpn, wire = capture.add(labelled(a, b, [17, 50], data())), capture.add(labelled(a, b, [17, 51], ethernet(data())))
    path = capture.write()
    assert [meanings(ws, path, ENDS)[n] for n in (vpn, wire)] == [("203.0.113.3/32", ""), ("203.0.113.3/32,PW 1 Ethernet", "1")]
    assert experts(ws, path) == {wire: {"stale"}}

# SPDX-License-Identifier: GPL-2.0-or-later
"""The carrier's network and that of the customers whose pseudowires it carries: what one tells says nothing of the other."""

import struct

import pytest

from harness.craft import CLIENT, checksum, ethernet, ipv4, raw, udp
from ldp_extras.kept_open import OTHER, meanings, one_process  # noqa: F401
from ldp_extras.packets import PPP, Router, Session, addresses, data, initialization, labelled, mapping, prefix, pw, stack
from ldp_extras.test_binding import TARGET, capture, icmp_with_labels, routers, up  # noqa: F401

FIELDS = ("ldp_binding.label", "ldp_binding.fec", "ldp_binding.match")
TUNNEL, WIRE, IMPLICIT_NULL = 17, 101, 3
HERE = "203.0.113.3/32"


def carrier(capture, a, b, c, kind=5):  # noqa: F811
    """A and B on the link, C at the end of a tunnel and of a pseudowire; the session of A and C is returned."""
    link, far = up(capture, a, b), Session(a, c, 40001)
    capture.add(*far.start(), link.say(1, mapping(TARGET, TUNNEL)), far.say(1, mapping(pw(1, kind), WIRE)))
    return link, far


def customers(first=1):
    """Two routers with the numbers of the carrier's, unless they are given others, and their session."""
    x, y = Router(first), Router(first + 1)
    x.mac, y.mac = f"02:00:00:00:0c:{first:02x}", f"02:00:00:00:0c:{first + 1:02x}"
    return x, y, Session(x, y, 40002)


def carried(a, b, frame):
    return labelled(a, b, [TUNNEL, WIRE], frame)


def test_hello_in_a_pseudowire_of_ppp(ws, capture, routers):  # noqa: F811
    """The frame around it is the carrier's: its router stays who it is, and the customers' is behind no MAC address."""
    a, b, c = routers[1:4]
    link, far = carrier(capture, a, b, c, PPP)
    capture.add(link.say(0, mapping(TARGET, 18)), far.say(1, mapping(pw(2), 102)))
    x, y, theirs = customers()
    said = [x.hello(), *theirs.start(), theirs.say(0, mapping(OTHER, 18))]
    capture.add(*(carried(a, b, b"\0\x21" + frame[14:]) for frame in said))
    at_pe = capture.add(labelled(b, a, 18, data()))
    y.mac, x.mac = x.mac, a.mac
    inside = capture.add(labelled(a, b, [TUNNEL, 102], labelled(y, x, 18, data())))
    found = meanings(ws, capture.write(), FIELDS)
    assert found[at_pe] == ("18", HERE, "1")
    assert found[inside] == ("17,102,18", f"{HERE},PW 2 Ethernet,{HERE}", "1,1,1")


def test_customers_link_and_the_carriers_in_one_capture(ws, capture, routers):  # noqa: F811
    """The same conversation on both: on each of them the labels are explained."""
    a, b, c = routers[1:4]
    carrier(capture, a, b, c)
    x, y, theirs = customers(11)
    for frame in x.hello(), y.hello(), *theirs.start(), theirs.say(1, mapping(OTHER, 18)):
        capture.add(frame, carried(a, b, frame))
    outside, inside = [capture.add(frame) for frame in (labelled(x, y, 18, data()), carried(a, b, labelled(x, y, 18, data())))]
    found = meanings(ws, capture.write(), FIELDS)
    assert found[outside] == ("18", "198.51.100.0/24", "1")
    assert found[inside] == ("17,101,18", f"{HERE},PW 1 Ethernet,198.51.100.0/24", "1,1,1")


def test_customers_packets_do_not_lead_to_the_carriers_routers(ws, capture, routers):  # noqa: F811
    """Three packets of theirs to an address that a router of the carrier has as its name."""
    a, b, c = routers[1:4]
    _, far = carrier(capture, a, b, c)
    capture.add(far.say(1, mapping(OTHER, 60)))
    x, y, theirs = customers(11)
    capture.add(*(carried(a, b, frame) for frame in (y.hello(), *theirs.start())))
    capture.add(*(carried(a, b, labelled(x, y, 99, data(dst=c.lsr))) for _ in range(4)))
    last = capture.add(carried(a, b, labelled(x, y, [99, 60], data())))
    found = meanings(ws, capture.write(), FIELDS)
    assert {found[n] for n in range(last - 4, last + 1)} == {("17,101", f"{HERE},PW 1 Ethernet", "1,1")}


def test_below_what_was_observed(ws, capture, routers):  # noqa: F811
    """Where a label leads was learnt from packets: so what is below it is as doubtful."""
    a, b, c = routers[1:4]
    _, far = carrier(capture, a, b, c)
    capture.add(*(labelled(a, b, 99, data(dst=c.lsr)) for _ in range(4)))
    below = capture.add(labelled(a, b, [99, WIRE], ethernet(data(), dst="60:00:00:00:00:01")))
    fields = (*FIELDS, "ldp_binding.doubtful")
    _, yes = ws.booleans()
    assert meanings(ws, capture.write(), fields)[below] == ("99,101", f"{HERE},PW 1 Ethernet", "4,1", f"{yes},{yes}")


def test_icmp_error_that_quotes_a_pseudowire(ws, capture, routers):  # noqa: F811
    """The labels in its extension are those of the network that it was sent in, not of what it quotes."""
    a, b, c = routers[1:4]
    link, _ = carrier(capture, a, b, c)
    capture.add(link.say(1, addresses(b.ip)))
    quoted = ipv4(raw(47, struct.pack(">HH", 0, 0x8847) + stack(WIRE) + ethernet(data(), dst="60:00:00:00:00:01")), CLIENT, "127.0.0.1")
    error = capture.add(ethernet(icmp_with_labels(quoted, [TUNNEL], b.ip, CLIENT)))
    rows = ws.rows(capture.write(), ["frame.number", *FIELDS], "icmp")
    assert [row[:1] + tuple(value.split(",")[-1] for value in row[1:]) for row in rows] == [(str(error), "17", HERE, "1")]


def test_customers_have_the_same_prefix(ws, capture, routers):  # noqa: F811
    """Where the carrier's path to it ends stays known."""
    a, b, c = routers[1:4]
    link, far = carrier(capture, a, b, c)
    capture.add(link.say(1, mapping(OTHER, 19)), far.say(1, mapping(OTHER, IMPLICIT_NULL)))
    x, y, theirs = customers(11)
    capture.add(*(carried(a, b, frame) for frame in (*theirs.start(), theirs.say(0, mapping(OTHER, IMPLICIT_NULL)))))
    packet = capture.add(labelled(a, b, [19, WIRE], ethernet(data(), dst="60:00:00:00:00:01")))
    assert meanings(ws, capture.write(), FIELDS)[packet] == ("19,101", "198.51.100.0/24,PW 1 Ethernet", "1,1")


def in_gre(kind, packet):
    return raw(47, struct.pack(">HH", 0, kind) + packet)


def test_tunnels_of_ip_below_a_label(ws, capture, routers):  # noqa: F811
    """What is in GRE or UDP is the carrier's own, also below a label; Ethernet in it is an overlay's."""
    a, b, c = routers[1:4]
    link, far = up(capture, a, b), Session(a, c, 40001)
    capture.add(link.say(1, mapping(TARGET, TUNNEL)))

    def below(packet):
        return labelled(a, b, TUNNEL, ipv4(packet, a.lsr, c.lsr))
    inner = stack(18) + data()
    capture.add(*(below(in_gre(0x0800, frame[14:])) for frame in (*far.start(), far.say(1, addresses(c.lsr), mapping(OTHER, 18)))))
    own = [capture.add(below(packet)) for packet in (in_gre(0x8847, inner), udp(inner, 49152, 6635), raw(137, inner))]
    x, y, theirs = customers()
    for frame in (*theirs.start(), theirs.say(1, mapping(prefix("203.0.113.4/32"), 18))):
        capture.add(below(in_gre(0x6558, frame)), below(udp(b"\x08\0\0\0\0\0\x07\0" + frame, 40000, 4789)))
    own.append(capture.add(below(in_gre(0x8847, inner))))
    found = meanings(ws, capture.write(), FIELDS)
    assert {found[n] for n in own} == {("17,18", f"{HERE},198.51.100.0/24", "1,1")}


def two_wires(capture, a, b, c):  # noqa: F811
    """Pseudowires 1 and 2 to C; what the function gives is carried in one of them."""
    link, far = carrier(capture, a, b, c)
    capture.add(far.say(1, mapping(pw(2), WIRE + 1)), far.say(0, mapping(pw(1), 201), mapping(pw(2), 202)))

    def carried_in(wire, frame, there=True):
        return labelled(a, b, [TUNNEL, WIRE - 1 + wire], frame) if there else labelled(b, a, 200 + wire, frame)
    return carried_in


@pytest.mark.parametrize("cloned", [False, True], ids=["their own MAC addresses", "the same ones"])
def test_customers_of_two_pseudowires_with_the_same_names(ws, capture, routers, cloned):  # noqa: F811
    """Routers of two customers have the same identifiers, and one label for different prefixes: neither is claimed for the other."""
    carried_in = two_wires(capture, *routers[1:4])
    before = []
    for wire, there in (1, "198.51.100.0/24"), (2, "192.0.2.0/24"):
        x, y, theirs = customers(11)
        theirs.port += wire
        if wire == 2 and not cloned:
            x.mac, y.mac = "02:00:00:00:0d:01", "02:00:00:00:0d:02"
        for frame in x.hello(), theirs.handshake()[0], theirs.handshake()[2]:
            capture.add(carried_in(wire, frame))
        for frame in y.hello(), theirs.handshake()[1], theirs.say(1, initialization(x.lsr)), theirs.say(1, mapping(prefix(there), 18)):
            capture.add(carried_in(wire, frame, False))
        before.append(capture.add(carried_in(wire, labelled(x, y, 18, data()))))
    after = [capture.add(carried_in(wire, labelled(x, y, 18, data()))) for wire in (1, 2)]
    found = meanings(ws, capture.write(), FIELDS)
    assert found[before[0]] == ("17,101,18", f"{HERE},PW 1 Ethernet,198.51.100.0/24", "1,1,1")
    assert [found[n][1] for n in (before[1], *after)] == [f"{HERE},PW {wire} Ethernet" for wire in (2, 1, 2)]


def test_customer_with_two_pseudowires(ws, capture, routers):  # noqa: F811
    """X has one to Y and one to Z: what it tells each of them is known."""
    carried_in = two_wires(capture, *routers[1:4])
    x, y, first = customers(11)
    again, z, second = customers(13)
    again.lsr, again.mac = x.lsr, "02:00:00:00:0e:01"
    second = Session(again, z, 40004)
    for wire, peer, session, there in (1, y, first, "198.51.100.0/24"), (2, z, second, "192.0.2.0/24"):
        here = session.routers[0]
        capture.add(carried_in(wire, here.hello()), carried_in(wire, peer.hello(), False), *(
            carried_in(wire, frame, n != 1) for n, frame in enumerate(session.handshake())))
        capture.add(carried_in(wire, session.say(0, initialization(peer.lsr))), carried_in(wire, session.say(1, initialization(here.lsr)), False),
                    carried_in(wire, session.say(0, mapping(prefix(there), 18))), carried_in(wire, session.say(1, mapping(prefix(there), 19)), False))
    used = [capture.add(carried_in(wire, labelled(*ends, value, data()), value == 19)) for wire, ends, value in (
        (1, (y, x), 18), (2, (z, again), 18), (1, (x, y), 19), (2, (again, z), 19))]
    found = meanings(ws, capture.write(), FIELDS)
    assert [found[n][1].split(",")[-1] for n in used] == ["198.51.100.0/24", "192.0.2.0/24"] * 2


@pytest.mark.parametrize("service", ["VPN", "pseudowire of IP"])
def test_ldp_in_what_is_ip_below_a_label(ws, capture, routers, service):  # noqa: F811
    """Sessions between a customer's sites, of routers that have the carrier's identifiers."""
    a, b, c = routers[1:4]
    link, far = carrier(capture, a, b, c, 11)
    capture.add(link.say(1, addresses(b.ip), mapping(OTHER, 19)), far.say(0, mapping(pw(1, 11), 201)))
    there, back = ([TUNNEL, WIRE], 201) if service != "VPN" else ([TUNNEL, 500], 600)
    x, y, theirs = customers()
    x.ttl = y.ttl = 254                             # as the PE has forwarded it
    for n, frame in enumerate(theirs.start()):
        capture.add(labelled(a, b, there, frame[14:]) if n in (0, 2, 3) else labelled(b, a, back, frame[14:]))
    capture.add(labelled(b, a, back, theirs.say(1, addresses("192.0.2.9"), mapping(prefix("192.0.2.0/24"), 18), mapping(prefix("10.0.0.0/8"), 19))[14:]))
    used = [capture.add(labelled(a, b, value, data())) for value in (18, 19)]
    found = meanings(ws, capture.write(), FIELDS)
    assert [found[n] for n in used] == [("", "", ""), ("19", "198.51.100.0/24", "1")]


# Labels that cost


def told_for_many(session, side, value, numbers):
    """Mappings of one label to prefixes by number."""
    for at in range(0, len(numbers), 100):
        yield session.say(side, *(mapping(prefix(f"10.{n >> 8}.{n & 255}.0/24"), value) for n in numbers[at:at + 100]))


def test_more_fecs_than_are_looked_at(ws, capture, routers):  # noqa: F811
    """One of the others may cover the destination better: what is shown is a guess then."""
    no, yes = ws.booleans()
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(1, mapping(prefix("0.0.0.0/0"), TUNNEL)), *told_for_many(session, 1, TUNNEL, range(511)))
    all_known = capture.add(labelled(a, b, TUNNEL, data(dst="10.0.0.5")))
    capture.add(session.say(1, mapping(prefix("10.0.0.0/8"), TUNNEL)))
    others = capture.add(labelled(a, b, TUNNEL, data(dst="10.0.0.5")))
    found = meanings(ws, capture.write(), ("ldp_binding.fec", "ldp_binding.match", "ldp_binding.candidates", "ldp_binding.doubtful"))
    assert [(fecs.split(",")[0], *rest) for fecs, *rest in (found[all_known], found[others])] == [
        ("10.0.0.0/24", "1", "512", no), ("10.0.0.0/24", "1", "513", yes)]


def test_a_stack_of_labels_for_many_fecs(ws, capture, routers):  # noqa: F811
    """All of which end at who reads the label: beyond a thousand FECs no more of the stack is looked up."""
    a, b = routers[1:3]
    session, hosts = up(capture, a, b), [f"198.51.{100 + n // 250}.{n % 250 + 1}" for n in range(500)]
    capture.add(session.say(1, addresses(*hosts)))
    for value in range(20, 24):
        for at in range(0, 500, 100):
            capture.add(session.say(1, *(mapping(prefix(f"{host}/32"), value) for host in hosts[at:at + 100])))
    packet = capture.add(labelled(a, b, [20, 21, 22, 23], data(dst=hosts[7])))
    capture.add(session.say(1, mapping(prefix(f"{b.lsr}/32"), 30)))
    simple = capture.add(labelled(a, b, [30] * 16, data()))
    found = meanings(ws, capture.write(), FIELDS[::2])
    assert found[packet] == ("20,21,22", "1,1,1") and found[simple] == (",".join(["30"] * 16), ",".join("1" * 16))


def with_stacks(quoted, values, src):
    """An ICMP error with a stack of one label each."""
    objects = b"".join(struct.pack(">HBB", 8, 1, 1) + stack(value) for value in values)
    extension = struct.pack(">BBH", 0x20, 0, 0) + objects
    extension = extension[:2] + struct.pack(">H", checksum(extension)) + extension[4:]
    body = struct.pack(">BBHBBH", 11, 0, 0, 0, 32, 0) + quoted.ljust(128, b"\0")[:128] + extension
    return ethernet(ipv4(raw(1, body[:2] + struct.pack(">H", checksum(body)) + body[4:]), src, CLIENT))


def test_icmp_error_with_thousands_of_stacks(ws, capture, routers):  # noqa: F811
    """Of labels for many FECs: no more of them is looked up than for a packet's own stack."""
    a, b = routers[1:3]
    session = up(capture, a, b)
    capture.add(session.say(1, addresses(b.ip), mapping(prefix("203.0.113.3/32"), 30)), *told_for_many(session, 1, TUNNEL, range(400)))
    many = capture.add(with_stacks(data(dst="10.0.0.5"), [TUNNEL] * 7000, b.ip))
    one = capture.add(with_stacks(data(dst="203.0.113.3"), [30] * 7000, b.ip))
    rows = ws.rows(capture.write(), ["frame.number", "ldp_binding.label"], "icmp")
    assert [(int(row[0]), row[1].split(",")) for row in rows] == [(many, [str(TUNNEL)] * 2), (one, ["30"] * 7000)]

# SPDX-License-Identifier: GPL-2.0-or-later
"""Label stacks that the cores of providers have, each against what its labels were handed out for."""

import struct

from harness.craft import ethernet, ipv4, ipv6, raw, udp
from ldp_extras.kept_open import experts, meanings, one_process, rows  # noqa: F401
from ldp_extras.packets import (RELEASE, REQUEST, Session, addresses, data, fec, hello, initialization, label, labelled, mapping, message, p2mp,
                                packed, pdu, prefix, pw, pw_status, shim, tlv, typed_wildcard, withdraw)
from ldp_extras.test_binding import capture, routers  # noqa: F401
from ldp_extras.test_binding import TARGET, rsvp_resv

PE, OTHER_PE, PE_6 = "203.0.113.3", "203.0.113.4", "2001:db8::3"
NOTHING = ("", "", "")
CW = b"\0\0\0\0"
LSP_PING = b"\x10\0\0\x21" + data()             # in the associated channel


def to(address, payload=b"x"):
    return data(payload, address) if ":" not in address else ipv6(udp(payload, 40000, 40001), "2001:db8:9::1", address)


def network(capture, a, b, c):
    """PE a, its neighbor b, and PE c behind that: the session of the link and a targeted one."""
    link, far = Session(a, b), Session(a, c, 40001)
    dual_stack = tlv(0x8701, struct.pack(">I", 0x40000000))
    capabilities = [tlv(0x8000 | kind, b"\x80") for kind in (0x50b, 0x508, 0x509)]     # typed wildcards, P2MP, MP2MP
    capture.add(a.hello(), b.hello(), *link.handshake(),
                link.say(0, initialization(b.lsr) + b""), link.say(1, message(0x0200, initialization(a.lsr)[8:], *capabilities)))
    targeted = pdu(c.lsr, message(0x0100, tlv(0x0400, struct.pack(">HH", 45, 0xc000)), tlv(0x0401, packed(c.lsr)), dual_stack))
    capture.add(ethernet(ipv4(udp(targeted, 646, 646), c.lsr, a.lsr, 254), src=b.mac, dst=a.mac))
    capture.add(*far.start())
    capture.add(link.say(1, addresses(b.ip), mapping(prefix(f"{b.lsr}/32"), 3), mapping(TARGET, 17), mapping(prefix(f"{OTHER_PE}/32"), 18),
                         mapping(prefix(f"{OTHER_PE}/32"), 28), mapping(prefix(f"{PE_6}/128"), 29), mapping(p2mp(OTHER_PE, 7), 30)))
    capture.add(far.say(1, mapping(TARGET, 3), mapping(pw(1, cbit=True), 60), mapping(pw(2, flow=0xc0), 61),
                        mapping(prefix("198.51.100.0/24"), 70)))
    return link, far


def test_stacks(ws, capture, routers):
    a, b, c = routers[1:4]
    network(capture, a, b, c)
    frame = ethernet(data(), dst="60:00:00:00:00:01")
    tunnel = ("17", f"{PE}/32", "1")
    multicast = ipv4(udp(b"x", 40000, 40001), "198.51.100.1", "232.0.0.1")
    cases = {
        "VPN": ([17, 500], to("192.168.6.1"), tunnel),
        "inter-AS option B: the border router's label": ([17, 501], to("192.168.6.1"), tunnel),
        "inter-AS option C: labelled unicast, then the VPN's": ([17, 502, 503], to("192.168.6.1"), tunnel),
        "6PE": ([17, 2], to("2001:db8:77::1"), tunnel),
        "6VPE": ([17, 504], to("2001:db8:77::1"), tunnel),
        "entropy label, VPN": ([17, 7, 4242, 500], to("192.168.6.1"), tunnel),
        "entropy label, VPN, entropy label": ([17, 500, 7, 4242], to("192.168.6.1"), tunnel),
        "entropy label last": ([17, 7, 4242], to(PE), tunnel),
        "entropy label last, and another destination": ([17, 7, 4242], to("192.168.6.1"), NOTHING),
        "entropy label of a pseudowire": ([17, 7, 4242, 60], CW + frame, ("17,60", f"{PE}/32,PW 1 Ethernet", "1,1")),
        "flow label": ([17, 61, 99999], frame, ("17,61", f"{PE}/32,PW 2 Ethernet", "1,1")),
        "flow label that was not agreed on": ([17, 60, 99999], CW + frame, ("17,60", f"{PE}/32,PW 1 Ethernet", "1,1")),
        "generic associated channel": ([17, 13], LSP_PING, tunnel),
        "VCCV": ([17, 60], LSP_PING, ("17,60", f"{PE}/32,PW 1 Ethernet", "1,1")),
        "ECMP, one label": (18, to(OTHER_PE), ("18", f"{OTHER_PE}/32", "1")),
        "ECMP, another": (28, to(OTHER_PE), ("28", f"{OTHER_PE}/32", "1")),
        "IPv6": (29, to(PE_6), ("29", f"{PE_6}/128", "1")),
        "IPv6 to nobody's": (29, to("2001:db8:77::1"), NOTHING),
        "IPv6, and IPv4 inside": (29, to(PE), NOTHING),
        "P2MP": (30, multicast, ("30", f"P2MP root {OTHER_PE} LSP 7", "1")),
        "another's tunnel over the neighbor": ([99, 70], to("198.51.100.9"), NOTHING),
        "BGP's destination, and the next hop's label": (17, to("192.168.6.1"), NOTHING),
        "LSP ping": (17, to("127.0.0.1"), tunnel),
        "the PE's own label is not the neighbor's": (60, CW + frame, None),
    }
    capture.add(ethernet(ipv4(rsvp_resv(99), b.ip, a.ip)))
    used = {name: capture.add(labelled(a, b, labels, payload)) for name, (labels, payload, _) in cases.items()}
    path = capture.write()
    found = meanings(ws, path)
    own = used.pop("the PE's own label is not the neighbor's")
    assert {name: found[number] for name, number in used.items()} == {name: cases[name][2] for name in used}
    assert found[own][1] != "PW 1 Ethernet" and experts(ws, path) == {}
    # what is in the pseudowires and channels
    assert {row[0] for row in rows(ws, path, ["frame.number"], "eth.dst == 60:00:00:00:00:01")} >= {
        str(used[name]) for name in ("entropy label of a pseudowire", "flow label", "flow label that was not agreed on")}
    assert {row[0] for row in rows(ws, path, ["frame.number"], "pwach")} == {str(used["generic associated channel"]), str(used["VCCV"])}


def test_signalling(ws, capture, routers):
    """What ends which label: messages that providers see at failures and changes, each on labels of its own."""
    a, b, c = routers[1:4]
    link, far = network(capture, a, b, c)
    none = [link.say(1, withdraw(TARGET, 0)), link.say(0, message(RELEASE, fec(TARGET), label(0)))]       # of another label than the FEC has
    request = link.say(0, message(REQUEST, fec(typed_wildcard(2, b"\0\1"))))
    capture.add(*none, request, link.say(1, mapping(TARGET, 0)), link.say(0, message(0x0001, tlv(0x0300, struct.pack(">IIH", 0x2f, 0, 0)))))
    before = capture.add(labelled(a, b, 17, to(PE)))
    # the IPv6 half is taken back; of two labels for one FEC one; upstream gives one back by itself
    capture.add(*link.take_back(1, withdraw(typed_wildcard(2, b"\0\2"))), *link.take_back(1, withdraw(prefix(f"{OTHER_PE}/32"), 28)),
                link.say(0, message(RELEASE, fec(p2mp(OTHER_PE, 7)), label(30))))
    cases = {17: (to(PE), ""), 18: (to(OTHER_PE), ""), 28: (to(OTHER_PE), "1"), 29: (to(PE_6), "1"), 30: (to("232.0.0.1"), "1")}
    used = {value: capture.add(labelled(a, b, value, payload)) for value, (payload, _) in cases.items()}
    frame = ethernet(data(), dst="60:00:00:00:00:01")
    states = []
    for status in (0x6, 0, 0x20, 1):
        capture.add(far.say(1, pw_status(pw(2), status)))
        states.append(capture.add(labelled(a, b, [17, 61], frame)))
    found = meanings(ws, capture.write(), ("ldp_binding.fec", "ldp_binding.stale", "ldp_binding.pw_status"))
    assert found[before][:2] == (f"{PE}/32", "")
    assert {value: found[number][1] for value, number in used.items()} == {value: stale for value, (_, stale) in cases.items()}
    assert [found[n][2] for n in states] == ["0x00000006", "0x00000000", "0x00000020", "0x00000001"]
    assert set(experts(ws, capture.path)) == {used[value] for value in (28, 29, 30)}

# SPDX-License-Identifier: GPL-2.0-or-later
"""LDP speakers and labelled packets for the tests: RFC 5036, RFC 8077, RFC 3032."""

import ipaddress
import itertools
import struct

from harness.craft import ethernet, ipv4, ipv6, tcp, udp

NOTIFICATION, HELLO, INIT, KEEPALIVE = 0x0001, 0x0100, 0x0200, 0x0201
ADDRESS, ADDRESS_WITHDRAW = 0x0300, 0x0301
MAPPING, REQUEST, WITHDRAW, RELEASE = 0x0400, 0x0401, 0x0402, 0x0403
ETHERNET, TAGGED, HDLC, PPP, FR_PORT, FR_DLCI = 5, 4, 6, 7, 15, 25


def packed(address):
    return ipaddress.ip_address(address).packed


def tlv(kind, value):
    return struct.pack(">HH", kind, len(value)) + value


def message(kind, *tlvs, ident=1):
    body = struct.pack(">I", ident) + b"".join(tlvs)
    return struct.pack(">HH", kind, len(body)) + body


def pdu(lsr, *messages, space=0):
    body = packed(lsr) + struct.pack(">H", space) + b"".join(messages)
    return struct.pack(">HH", 1, len(body)) + body


# FEC elements


def prefix(text):
    network = ipaddress.ip_network(text)
    size = (network.prefixlen + 7) // 8
    return struct.pack(">BHB", 2, 1 if network.version == 4 else 2, network.prefixlen) + network.network_address.packed[:size]


def host(address):
    data = packed(address)
    return struct.pack(">BHB", 3, 1 if len(data) == 4 else 2, len(data)) + data


WILDCARD = b"\x01"


def typed_wildcard(kind, info):
    return struct.pack(">BBB", 5, kind, len(info)) + info


def parameters(mtu=1500, vccv=None, flow=None):
    out = struct.pack(">BBH", 1, 4, mtu) if mtu else b""
    if vccv:
        out += struct.pack(">BBBB", 0x0c, 4, *vccv)
    if flow is not None:
        out += struct.pack(">BBBB", 0x17, 4, flow, 0)
    return out


def pw(ident, kind=ETHERNET, cbit=False, group=0, **more):
    info = struct.pack(">I", ident) + parameters(**more)
    return struct.pack(">BHBI", 0x80, kind | (0x8000 if cbit else 0), len(info), group) + info


def pw_group(kind=ETHERNET, group=0):
    return struct.pack(">BHBI", 0x80, kind, 0, group)


def attachment(kind, value):
    return struct.pack(">BB", kind, len(value)) + value


def generalized(agi, saii, taii, kind=ETHERNET, cbit=False):
    info = attachment(1, agi) + attachment(1, saii) + attachment(1, taii)
    return struct.pack(">BHB", 0x81, kind | (0x8000 if cbit else 0), len(info)) + info


def p2mp(root, lsp):
    opaque = struct.pack(">BHI", 1, 4, lsp)
    return struct.pack(">BHB", 6, 1, 4) + packed(root) + struct.pack(">H", len(opaque)) + opaque


# Messages


def fec(*elements):
    return tlv(0x0100, b"".join(elements))


def label(value):
    return tlv(0x0200, struct.pack(">I", value))


def mapping(elements, value, *more):
    return message(MAPPING, fec(*([elements] if isinstance(elements, bytes) else elements)), label(value), *more)


def withdraw(element, value=None):
    return message(WITHDRAW, fec(element), *([] if value is None else [label(value)]))


def release(element, value=None):
    return message(RELEASE, fec(element), *([] if value is None else [label(value)]))


def request(element):
    return message(REQUEST, fec(element))


def addresses(*ips, kind=ADDRESS):
    family = 1 if len(packed(ips[0])) == 4 else 2
    return message(kind, tlv(0x0101, struct.pack(">H", family) + b"".join(map(packed, ips))))


def initialization(receiver, ft=None, space=0):
    session = struct.pack(">HHBBH", 1, 180, 0, 0, 0) + packed(receiver) + struct.pack(">H", space)
    more = [tlv(0x0503, struct.pack(">HHII", 1, 0, *ft))] if ft else []
    return message(INIT, tlv(0x0500, session), *more)


def notification(status, *more):
    return message(NOTIFICATION, tlv(0x0300, struct.pack(">IIH", status, 0, 0)), *more)


SHUTDOWN = 0x8000000a


def pw_status(element, status):
    return notification(0x28, tlv(0x096a, struct.pack(">I", status)), fec(element))


def hello(lsr, transport=None, targeted=False):
    more = [tlv(0x0401 if len(packed(transport)) == 4 else 0x0403, packed(transport))] if transport else []
    return pdu(lsr, message(HELLO, tlv(0x0400, struct.pack(">HH", 15, 0x8000 if targeted else 0)), *more))


# Routers and the link between them


class Router:
    """A router by number: LSR ID 203.0.113.n, interface 192.0.2.n, MAC address 02:00:00:00:00:n."""

    def __init__(self, number):
        self.number = number
        self.lsr, self.ip = f"203.0.113.{number}", f"192.0.2.{number}"
        self.ip6 = f"2001:db8::{number:x}"
        self.mac, self.ttl = f"02:00:00:00:00:{number:02x}", 255

    def hello(self):
        return ethernet(ipv4(udp(hello(self.lsr, self.lsr), 646, 646), self.ip, "224.0.0.2", ttl=1), src=self.mac,
                        dst="01:00:5e:00:00:02")

    def hello6(self):
        return ethernet(ipv6(udp(hello(self.lsr, self.ip6), 646, 646), f"fe80::{self.number:x}", "ff02::2", 255), src=self.mac,
                        dst="33:33:00:00:00:02")

    def arp(self, other):
        body = struct.pack(">HHBBH", 1, 0x0800, 6, 4, 2) + mac(self.mac) + packed(self.ip) + mac(other.mac) + packed(other.ip)
        return ethernet(body, 0x0806, self.mac, other.mac)


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


class Session:
    """A TCP session between two routers: frames are returned one by one, and numbered on by the caller."""

    def __init__(self, active, passive, port=40000, v6=False, options=b""):
        self.routers, self.port, self.v6, self.options = (active, passive), port, v6, options
        self.seq = [1000, 5000]

    def _segment(self, side, payload=b"", flags="PA", seq=None):
        a, b = self.routers[side], self.routers[1 - side]
        ports = (self.port, 646) if side == 0 else (646, self.port)
        segment = tcp(payload, *ports, self.seq[side] if seq is None else seq, self.seq[1 - side], flags,
                      options=self.options)
        packet = ipv6(segment, a.ip6, b.ip6) if self.v6 else ipv4(segment, a.lsr, b.lsr, ttl=a.ttl)
        if seq is None:
            self.seq[side] += len(payload) + ("S" in flags) + ("F" in flags)
        return ethernet(packet, src=a.mac, dst=b.mac)

    def handshake(self):
        return [self._segment(0, flags="S"), self._segment(1, flags="SA"), self._segment(0, flags="A")]

    def start(self, ft=(None, None)):
        """Handshake and Initialization of both."""
        a, b = self.routers
        return [*self.handshake(), self.say(0, initialization(b.lsr, ft[0])), self.say(1, initialization(a.lsr, ft[1]))]

    def say(self, side, *messages):
        return self.send(side, pdu(self.routers[side].lsr, *messages))

    def send(self, side, data, seq=None):
        return self._segment(side, data, seq=seq)

    def take_back(self, side, *withdrawals):
        """Withdrawals, and the releases that end what was told."""
        released = [struct.pack(">H", RELEASE) + told[2:] for told in withdrawals]
        return [self.say(side, *withdrawals), self.say(1 - side, *released)]

    def acknowledge(self, side):
        return self._segment(side, flags="A")

    def finish(self, side=0):
        return self._segment(side, flags="FA")

    def reset(self, side=0):
        return self._segment(side, flags="RA")


def shim(value, bottom=False, ttl=64, exp=0):
    return struct.pack(">I", value << 12 | exp << 9 | bottom << 8 | ttl)


def stack(*labels, ttl=64):
    return b"".join(shim(value, n == len(labels) - 1, ttl) for n, value in enumerate(labels))


def labelled(sender, receiver, labels, payload, ttl=64):
    """A labelled packet on the link from one router to the other."""
    labels = [labels] if isinstance(labels, int) else labels
    return ethernet(stack(*labels, ttl=ttl) + payload, 0x8847, sender.mac, receiver.mac)


NOWHERE = "127.0.0.1"       # where LSP pings go: no FEC covers it, and none is refuted by it


_sent = itertools.count(1)


def data(text=b"data", dst=NOWHERE):
    """Each has an identification of its own, as a host counts them: none is a copy of another."""
    return ipv4(udp(text, 40000, 40001), "198.51.100.1", dst, identification=next(_sent) % 65536)

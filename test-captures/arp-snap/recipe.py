#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes arp-snap.pcap again, with scapy: one exchange in each encapsulation that ARP has been seen in.

usage: recipe.py [OUTPUT]
"""

import sys

from scapy.all import ARP, Dot1Q, Dot3, Ether, LLC, Raw, SNAP, raw, wrpcap

BROADCAST = "ff:ff:ff:ff:ff:ff"
NOBODY = "00:00:00:00:00:00"


def mac(host):
    return f"02:00:00:00:00:{host:02x}"


def address(host):
    return f"192.0.2.{host}"


def message(op, sender, target, hwtype=6, known=True):
    """hwtype 6 is IEEE 802; scapy writes MAC addresses as such for type 1 only, so it is set afterwards."""
    body = bytearray(raw(ARP(op=op, hwsrc=mac(sender), psrc=address(sender),
                             hwdst=mac(target) if known else NOBODY, pdst=address(target))))
    body[1] = hwtype
    return bytes(body)


def request(sender, target, **kwargs):
    return message(1, sender, target, known=False, **kwargs)


def reply(sender, target, **kwargs):
    return message(2, sender, target, **kwargs)


def snap(body, oui=0, code=0x0806):
    return LLC(dsap=0xaa, ssap=0xaa, ctrl=3) / SNAP(OUI=oui, code=code) / Raw(body)


def frame(sender, payload, to=None, tag=None, length=None):
    head = Dot3(src=mac(sender), dst=mac(to) if to else BROADCAST)
    if tag is None:
        head.len = len(payload) if length is None else length
        return padded(head / payload)
    tagged = Ether(src=head.src, dst=head.dst, type=0x8100) / Dot1Q(vlan=tag, type=len(payload))
    return padded(Raw(raw(tagged) + raw(payload)))


def ethernet(sender, body, to=None):
    return padded(Ether(src=mac(sender), dst=mac(to) if to else BROADCAST, type=0x0806) / Raw(body))


def padded(packet):
    data = raw(packet)
    return Ether(data + bytes(max(0, 60 - len(data))))


FRAMES = [
    # RFC 1042
    frame(1, snap(request(1, 2))), frame(2, snap(reply(2, 1)), 1),
    # IEEE 802.1H
    frame(3, snap(request(3, 4, hwtype=1), 0x0000f8)), frame(4, snap(reply(4, 3, hwtype=1), 0x0000f8), 3),
    # Cisco's OUI, one that Wireshark knows for other things, two that it does not know
    frame(5, snap(request(5, 6, hwtype=1), 0x00000c)), frame(6, snap(reply(6, 5, hwtype=1), 0x00e02b), 5),
    frame(7, snap(request(7, 8, hwtype=1), 0x00a0c9)), frame(8, snap(reply(8, 7, hwtype=1), 0x0080d3), 7),
    # LLC alone
    frame(9, LLC(dsap=0x98, ssap=0x98, ctrl=3) / Raw(request(9, 10))),
    frame(10, LLC(dsap=0x98, ssap=0x98, ctrl=3) / Raw(reply(10, 9)), 9),
    # RARP and InARP
    frame(11, snap(message(3, 11, 11), code=0x8035)), frame(12, snap(message(4, 12, 11), code=0x8035), 11),
    frame(13, snap(message(8, 13, 14)), 14), frame(14, snap(message(9, 14, 13)), 13),
    # 802.1Q in front, known OUI and unknown
    frame(15, snap(request(15, 16)), tag=10), frame(16, snap(reply(16, 15), 0x0080d4), 15, tag=10),
    # request and reply in different encapsulations, then the replier asks for itself
    frame(17, snap(request(17, 18))), ethernet(18, reply(18, 17, hwtype=1), 17),
    ethernet(19, request(19, 20, hwtype=1)), frame(20, snap(reply(20, 19)), 19),
    frame(18, snap(request(18, 17))),
    # hardware type 1; a length that counts the padding; one that cuts the message
    frame(21, snap(request(21, 22, hwtype=1))), frame(22, snap(reply(22, 21)), 21, length=46),
    frame(23, snap(request(23, 24)), length=30),
    # SNAP that is no ARP: another protocol ID, an unknown OUI with something else
    frame(25, snap(request(25, 26), 0x00a0c9, 0x0805)), frame(25, snap(bytes(28), 0x0080d5)),
]

for number, packet in enumerate(FRAMES):
    packet.time = 1700000000 + number * 0.01
wrpcap(sys.argv[1] if len(sys.argv) > 1 else "arp-snap.pcap", FRAMES)

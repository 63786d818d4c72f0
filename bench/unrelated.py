#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes a capture of traffic that no plugin has anything to do with: the same bytes each time.

    bench/unrelated.py FILE [packets]

TCP and UDP on ports of no protocol, DNS, ICMP echo and ARP; over IPv4 and IPv6.
"""

import argparse
import random
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "pytest"))

from harness.craft import Connection, checksum, ethernet, ip, ipv4, raw, udp, write_pcap  # noqa: E402

ETHERTYPE_ARP, IP_PROTO_ICMP = 0x0806, 1


def addresses(rng):
    if rng.random() < 0.2:
        return f"2001:db8::{rng.randrange(1, 65536):x}", f"2001:db8:1::{rng.randrange(1, 65536):x}"
    return f"192.0.2.{rng.randrange(1, 255)}", f"198.51.100.{rng.randrange(1, 255)}"


def noise(rng, size):
    # The first bit is set, so that no heuristic takes it for text or a small number.
    return b"\xf7" + rng.randbytes(size - 1)


def tcp_connection(rng):
    src, dst = addresses(rng)
    connection = Connection(rng.randrange(40000, 60000), rng.randrange(20000, 30000), src, dst, rng.getrandbits(32), rng.getrandbits(32))
    connection.handshake()
    for _ in range(rng.randrange(4, 40)):
        side = rng.choice((connection.client, connection.server))
        side(noise(rng, rng.randrange(20, 1400)))
        if rng.random() < 0.5:
            (connection.server if side == connection.client else connection.client)(b"", "A")
    return connection.close().packets


def datagrams(rng):
    src, dst = addresses(rng)
    sport, dport = rng.randrange(40000, 60000), rng.randrange(20000, 30000)
    return [ip(udp(noise(rng, rng.randrange(20, 1000)), sport, dport), src, dst) for _ in range(rng.randrange(2, 12))]


def name_lookup(rng):
    src, dst = addresses(rng)
    number, port = rng.getrandbits(16), rng.randrange(40000, 60000)
    host = b"\x06host%02d\x07example\x03org\0" % rng.randrange(100)
    question = host + struct.pack(">HH", 1, 1)
    answer = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 300, 4) + bytes((203, 0, 113, rng.randrange(256)))
    query = struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, 0) + question
    reply = struct.pack(">HHHHHH", number, 0x8180, 1, 1, 0, 0) + question + answer
    return [ip(udp(query, port, 53), src, dst), ip(udp(reply, 53, port), dst, src)]


def echo(rng):
    number = rng.getrandbits(16)
    packets = []
    for kind, pair in ((8, ("192.0.2.1", "198.51.100.7")), (0, ("198.51.100.7", "192.0.2.1"))):
        message = bytearray(struct.pack(">BBHHH", kind, 0, 0, number, 1) + bytes(48))
        message[2:4] = struct.pack(">H", checksum(bytes(message)))
        packets.append(ipv4(raw(IP_PROTO_ICMP, bytes(message)), *pair))
    return packets


def arp(rng):
    who = bytes((192, 0, 2, rng.randrange(1, 255)))
    return [ethernet(struct.pack(">HHBBH", 1, 0x0800, 6, 4, 1) + bytes.fromhex("020000000001c0000201") + bytes(6) + who + bytes(18),
                     ETHERTYPE_ARP, dst="ff:ff:ff:ff:ff:ff")]


def frames(count, seed=1):
    rng = random.Random(seed)
    kinds = [(tcp_connection, 0.25), (datagrams, 0.3), (name_lookup, 0.25), (echo, 0.1), (arp, 0.1)]
    out = []
    while len(out) < count:
        kind = rng.choices([k for k, _ in kinds], [w for _, w in kinds])[0]
        packets = kind(rng)
        out += packets if kind is arp else [ethernet(packet) for packet in packets]
    return out[:count]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("packets", type=int, nargs="?", default=20000)
    arguments = parser.parse_args()
    write_pcap(arguments.file, frames(arguments.packets))

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Traffic of one protocol each, always the same bytes: what a protocol that the plugins look at costs where it is none of their business.

    bench/workloads.py KIND FILE [packets]
"""

import random
import struct
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / "pytest"), str(Path(__file__).resolve().parent)]

from harness.craft import Connection, ethernet, write_pcap  # noqa: E402
from harness import http2  # noqa: E402
import unrelated  # noqa: E402

PAGE = b"<html><head><title>A page</title></head><body>" + b"<p>Words of a page that is about nothing.</p>" * 20 + b"</body></html>"


def arp(rng):
    """A request and its reply between two of 250 hosts."""
    asker, asked = rng.sample(range(1, 251), 2)

    def message(operation, sender, target, known):
        body = struct.pack(">HHBBH", 1, 0x0800, 6, 4, operation) + bytes((2, 0, 0, 0, 0, sender, 192, 0, 2, sender))
        return body + (bytes((2, 0, 0, 0, 0, target)) if known else bytes(6)) + bytes((192, 0, 2, target)) + bytes(18)
    mac = "02:00:00:00:00:{:02x}".format
    return [ethernet(message(1, asker, asked, False), unrelated.ETHERTYPE_ARP, dst="ff:ff:ff:ff:ff:ff", src=mac(asker)),
            ethernet(message(2, asked, asker, True), unrelated.ETHERTYPE_ARP, dst=mac(asker), src=mac(asked))]


def dns(rng):
    return [ethernet(packet) for packet in unrelated.name_lookup(rng)]


def tcp_short(rng):
    """A connection with one question and one answer."""
    src, dst = unrelated.addresses(rng)
    connection = Connection(rng.randrange(40000, 60000), rng.randrange(20000, 30000), src, dst, rng.getrandbits(32), rng.getrandbits(32))
    connection.handshake().client(unrelated.noise(rng, 100)).server(unrelated.noise(rng, 300))
    return [ethernet(packet) for packet in connection.close().packets]


def http1(rng):
    """A connection with ten requests for pages."""
    src, dst = unrelated.addresses(rng)
    connection = Connection(rng.randrange(40000, 60000), 80, src, dst, rng.getrandbits(32), rng.getrandbits(32)).handshake()
    for _ in range(10):
        connection.client(b"GET /pages/%d.html?session=%08x HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: browser/1.0\r\n"
                          b"Accept: text/html\r\nCookie: id=%016x\r\n\r\n" % (rng.randrange(1000), rng.getrandbits(32), rng.getrandbits(64)))
        connection.server(b"HTTP/1.1 200 OK\r\nServer: httpd\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(PAGE) + PAGE)
    return [ethernet(packet) for packet in connection.close().packets]


def frames(kind, count, seed=1):
    rng = random.Random(seed)
    out = []
    while len(out) < count:
        out += KINDS[kind](rng)
    return out[:count]


KINDS = {"arp": arp, "dns": dns, "tcp_short": tcp_short, "http1": http1}

if __name__ == "__main__":
    write_pcap(sys.argv[2], frames(sys.argv[1], int(sys.argv[3]) if len(sys.argv) > 3 else 20000))

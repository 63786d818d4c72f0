#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures made so that the plugins keep as much of them as they can: memory and time of tshark, with all plugins against none.

    bench/worst.py [--packets 100000] [KIND...]         all kinds if none is named

In one pass, with the Wireshark of this machine. docs/reliability.md has the bounds, and results.
"""

import argparse
import random
import struct
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TOP / "pytest"), str(TOP / "bench")]

from harness.craft import Connection, ethernet, ip, tcp, udp, write_pcap  # noqa: E402
from harness.tshark import HOST_SERIES, Wireshark  # noqa: E402


def host(number):
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def conversations(count):
    """Each packet is one of its own."""
    return [ethernet(ip(tcp(b"", 1024 + number % 60000, 4000, flags="S"), host(number))) for number in range(count)]


def discard(count):
    """Each datagram is a conversation of its own with the Discard port."""
    return [ethernet(ip(udp(b"x", 1024 + number % 60000, 9), host(number))) for number in range(count)]


def ftp_sessions(count):
    return [ethernet(ip(tcp(b"220 ready\r\n", 21, 1024 + number % 60000), "192.0.2.1", host(number))) for number in range(count)]


def ftp_commands(count):
    """A hundred commands in each segment, never answered."""
    connection = Connection(dport=21).handshake().server(b"220 ready\r\n")
    for _ in range(count):
        connection.client(b"RETR a\r\n" * 100)
    return [ethernet(packet) for packet in connection.packets[:count]]


def ftp_announcements(count):
    """Fifty ports in each segment, each another one; nobody answers."""
    connection = Connection(dport=21).handshake().server(b"220 ready\r\n")
    for number in range(count):
        connection.client(b"".join(b"PORT 192,0,2,1,%d,%d\r\n" % (port >> 8 & 255, port & 255) for port in range(50 * number, 50 * number + 50)))
    return [ethernet(packet) for packet in connection.packets[:count]]


def acme_tokens(count):
    """Each request is for another token, on connections of a hundred."""
    out, rng = [], random.Random(1)
    while len(out) < count:
        connection = Connection(sport=rng.randrange(1024, 60000), dport=80, src=host(rng.getrandbits(24))).handshake()
        for _ in range(100):
            connection.client(b"GET /.well-known/acme-challenge/%043x HTTP/1.1\r\nHost: %08x.example.org\r\n\r\n" % (rng.getrandbits(160), rng.getrandbits(32)))
            connection.server(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        out += map(ethernet, connection.packets)
    return out[:count]


def arp_snap(count):
    """Each asks for another address, from another one."""
    def frame(number):
        body = struct.pack(">HHBBH", 1, 0x0800, 6, 4, 1) + b"\2\0" + struct.pack(">II", number, number) + bytes(6) + struct.pack(">I", number + 1)
        return b"\xff" * 6 + b"\2\0" + struct.pack(">I", number) + struct.pack(">H", 8 + len(body)) + bytes.fromhex("aaaa030000000806") + body
    return [frame(number) for number in range(count)]


def hkp_requests(count):
    """Each asks for another key, and has no answer."""
    connection = Connection(dport=11371).handshake()
    for number in range(count):
        connection.client(b"GET /pks/lookup?op=get&search=0x%040X HTTP/1.1\r\nHost: a\r\n\r\n" % number)
    return [ethernet(packet) for packet in connection.packets[:count]]


KINDS = {function.__name__: function for function in (conversations, discard, ftp_sessions, ftp_commands, ftp_announcements, acme_tokens, arp_snap, hkp_requests)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kinds", nargs="*", help=", ".join(KINDS))
    parser.add_argument("--packets", type=int, default=100_000)
    arguments = parser.parse_args()
    unknown = set(arguments.kinds) - set(KINDS)
    if unknown:
        parser.error(f"{', '.join(unknown)}: none of {', '.join(KINDS)}")
    ws = Wireshark(HOST_SERIES)
    print(f"Wireshark {ws.series}, {arguments.packets} packets\n\n| capture | MB of it | MB stock | MB with plugins | bytes a packet more "
          "| seconds stock | with plugins |\n|---|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory(prefix="gapfill-worst-") as folder:
        Path(folder).chmod(0o755)
        for kind in arguments.kinds or KINDS:
            capture = write_pcap(Path(folder) / "worst.pcap", KINDS[kind](arguments.packets))
            (stock_seconds, stock, _), (seconds, bundle, _) = (one.consumed(capture) for one in (ws.without_plugins(), ws))
            print(f"| {kind} | {capture.stat().st_size / 1e6:.0f} | {stock / 1e3:.0f} | {bundle / 1e3:.0f} | {1024 * (bundle - stock) / arguments.packets:.0f} "
                  f"| {stock_seconds:.1f} | {seconds:.1f} |", flush=True)


if __name__ == "__main__":
    main()

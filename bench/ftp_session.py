#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What FTP sessions cost in bulk: processor time and memory, stock against ftp-session, in one pass and two.

    bench/ftp_session.py [--wireshark SERIES] connections [COUNT...]    data connections in one session
    bench/ftp_session.py [--wireshark SERIES] sessions [COUNT...]       sessions of five packets

Each COUNT is a line; 20000 and 200000 if none is given. A million connections take 700 MB of disk and 8 GB of memory.
"""

import argparse
import struct
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "pytest"))

from harness.tshark import HOST_SERIES, Wireshark  # noqa: E402

CLIENT, SERVER = bytes((192, 0, 2, 1)), bytes((198, 51, 100, 1))
SYN, FIN, ACK, PUSH = 2, 1, 16, 8
PORTS = 60000       # of the server, before they are used again


class Side:
    def __init__(self, address, port):
        self.address, self.port, self.sent = address, port, 0


def segment(source, target, flags, payload=b""):
    """An Ethernet frame; without checksums, which Wireshark does not look at unless it is asked to."""
    head = struct.pack(">HHIIBBHHH", source.port, target.port, source.sent, target.sent, 5 << 4, flags, 65535, 0, 0)
    source.sent += len(payload) + (flags & (SYN | FIN) != 0)
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(payload), 0, 0, 64, 6, 0) + source.address + target.address
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + head + payload


def greeting(client, server):
    yield segment(client, server, SYN)
    yield segment(server, client, SYN | ACK)
    yield segment(client, server, ACK)
    yield segment(server, client, ACK | PUSH, b"220 FTP ready\r\n")


def connections(count):
    client, server = Side(CLIENT, 40000), Side(SERVER, 21)
    yield from greeting(client, server)
    for n in range(count):
        here, there = Side(CLIENT, 1024 + n // PORTS), Side(SERVER, 1024 + n % PORTS)
        yield segment(client, server, ACK | PUSH, b"PASV\r\n")
        yield segment(server, client, ACK | PUSH, b"227 (198,51,100,1,%d,%d)\r\n" % divmod(there.port, 256))
        yield segment(client, server, ACK | PUSH, b"RETR f\r\n")
        yield segment(here, there, SYN)
        yield segment(there, here, SYN | ACK)
        yield segment(there, here, ACK | PUSH | FIN, b"content")
        yield segment(server, client, ACK | PUSH, b"226 done\r\n")


def sessions(count):
    for n in range(count):
        client = Side(bytes((192, 0, 2 + n // PORTS, 1)), 1024 + n % PORTS)
        server = Side(SERVER, 21)
        yield from greeting(client, server)
        yield segment(client, server, ACK | PUSH, b"USER anna\r\n")


def write(path, frames):
    count = 0
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        for count, frame in enumerate(frames, 1):
            out.write(struct.pack("<IIII", 1700000000 + count // 10000, count % 10000 * 100, len(frame), len(frame)) + frame)
    return count


def cell(ws, capture, *args):
    seconds, kilobytes, _ = ws.consumed(capture, "-q", "-z", "io,phs", *args, timeout=1800)
    return f"{seconds:.1f} s, {kilobytes / 1024:.0f} MB"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wireshark", default=HOST_SERIES)
    parser.add_argument("what", choices=["connections", "sessions"])
    parser.add_argument("count", type=int, nargs="*", default=[20000, 200000])
    args = parser.parse_args()
    ws = Wireshark(args.wireshark).subset("ftp-session")
    with tempfile.TemporaryDirectory(prefix="gapfill-") as folder:
        Path(folder).chmod(0o755)
        for count in args.count:
            capture = Path(folder) / "ftp.pcap"
            packets = write(capture, globals()[args.what](count))
            cells = cell(ws.without_plugins(), capture), cell(ws, capture), cell(ws, capture, "-2")
            print(f"| {count:,} {args.what} | {packets:,} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()

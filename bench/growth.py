#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether what an item costs grows with how many there are: processor time or instructions, and memory, with all plugins.

    bench/growth.py [--instructions] [--stock] [--sizes 10000,100000] [--plugins ftp-session,...] [KIND...]     all kinds if none is named

Start-up is taken off. --instructions: counted by valgrind, as bench/cost.py does, in place of processor time and memory; it takes thirty
times as long, but does not depend on what else the machine does. --stock: Wireshark without plugins beside it, as some of it grows by itself.
The last column is the greatest size to the least, 1.00 where an item costs the same. For the Wireshark of this machine.
"""

import argparse
import random
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TOP / "bench"), str(TOP / "pytest")]

import ftp_session  # noqa: E402  first, as pytest has a folder of that name, which the others look into before this one
import acme_dns  # noqa: E402
import cost  # noqa: E402
import unrelated  # noqa: E402
import workloads  # noqa: E402
from harness import http2  # noqa: E402
from harness.craft import ethernet, icmp_error, ipv4, tcp  # noqa: E402
from harness.tshark import HOST_SERIES, Wireshark  # noqa: E402
from ldp_extras.scale import frames_of  # noqa: E402



def of_workload(kind, count):
    """A connection each."""
    rng = random.Random(1)
    make = (workloads.UNRELATED | workloads.OWN)[kind]
    for _ in range(count):
        yield from make(rng)


def http2_streams(count):
    """A hundred in a connection."""
    for number in range(max(1, count // 100)):
        talk = http2.Http2(20000 + number % 40000, 80, src=f"192.0.2.{1 + number // 40000}", dst="198.51.100.7").begin()
        for stream in range(1, 201, 2):
            talk.client(http2.headers(stream, http2.request(f"/pages/{stream}.html", "GET", authority="www.example.org"), end=True))
            talk.server(http2.headers(stream, http2.response(200, ("content-length", "100"), kind="text/html")), http2.data(stream, bytes(100)))
        yield from map(ethernet, talk.connection.close().packets)


def icmp_errors(count):
    """Each after the attempt to connect that it is about."""
    rng = random.Random(1)
    for _ in range(count):
        src = f"10.{rng.randrange(1, 250)}.{rng.randrange(1, 250)}.{rng.randrange(1, 250)}"
        packet = ipv4(tcp(b"", rng.randrange(1024, 65535), rng.randrange(1, 1024), rng.getrandbits(32), 0, "S"), src, f"192.0.2.{rng.randrange(1, 250)}")
        yield from (ethernet(packet), ethernet(icmp_error(packet)))


KINDS = {
    "packets": unrelated.frames, "conversations": lambda count: of_workload("tcp_short", count),
    "FTP sessions": ftp_session.sessions, "data connections": ftp_session.connections,
    "LDP bindings": lambda count: frames_of(count, count // 10), "labelled packets": lambda count: frames_of(count // 10, count),
    "HKP lookups": lambda count: of_workload("hkp_index", count), "ACME names": acme_dns.frames,
    "ACME requests": lambda count: of_workload("acme_http", count), "HTTP/2 streams": http2_streams, "ICMP errors": icmp_errors,
}


def consumed(ws, capture, runs):
    """Seconds and bytes."""
    seconds, kilobytes, _ = ws.consumed(capture, timeout=3000)
    for _ in range(runs - 1):
        again, other, _ = ws.consumed(capture, timeout=3000)
        seconds, kilobytes = min(seconds, again), min(kilobytes, other)
    return seconds * 1e6, kilobytes * 1024


def counted(ws, capture, _runs):
    return (cost.instructions(ws, capture),)


def measured(ws, kind, arguments, measure, folder):
    """For each size the costs of an item."""
    capture = folder / "capture.pcap"
    costs = []
    for size in (0, *arguments.sizes):
        ftp_session.write(capture, KINDS[kind](size) if size else ())
        costs.append(measure(ws, capture, arguments.runs))
    empty, *costs = costs
    return [[(cost - start) / size for cost, start in zip(row, empty)] for size, row in zip(arguments.sizes, costs)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kinds", nargs="*", metavar="KIND", default=list(KINDS))
    parser.add_argument("--instructions", action="store_true")
    parser.add_argument("--stock", action="store_true")
    parser.add_argument("--sizes", default="10000,100000", type=lambda text: [int(float(size)) for size in text.split(",")])
    parser.add_argument("--plugins", help="these only, with a comma between them")
    parser.add_argument("--runs", type=int, default=3, help="of which the least processor time counts")
    arguments = parser.parse_args()
    if set(arguments.kinds) - set(KINDS):
        parser.error(f"kinds are: {', '.join(KINDS)}")
    ws = Wireshark(HOST_SERIES)
    ws = ws.subset(*(arguments.plugins.split(",") if arguments.plugins else ws.built()))
    units, measure = (("instructions",), counted) if arguments.instructions else (("µs", "bytes"), consumed)
    columns = [f"{unit}, {size:,}" for unit in units for size in arguments.sizes] + [f"{unit}, ratio" for unit in units]
    print(f"Wireshark {ws.series}, {', '.join(sorted(ws.built()))}: an item\n\n| items | {' | '.join(columns)} |\n| --- |{' ---: |' * len(columns)}")
    with tempfile.TemporaryDirectory(prefix="gapfill-growth-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for kind in arguments.kinds:
            for who, what in (("", ws), (", stock", ws.without_plugins()))[:1 + arguments.stock]:
                row(kind + who, measured(what, kind, arguments, measure, folder))


def row(title, costs):
    cells = [[f"{cost:.1f}" if cost < 100 else f"{cost:.0f}" for cost in column] for column in zip(*costs)]
    print(f"| {title} | {' | '.join(sum(cells, []))} | {' | '.join(f'{last / first:.2f}' for first, last in zip(costs[0], costs[-1]))} |", flush=True)


if __name__ == "__main__":
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What whole-session costs: instructions, on and off, and memory for a million conversations.

    bench/whole_session.py cost CAPTURE...      plain tshark -r of each, by valgrind's callgrind
    bench/whole_session.py memory [COUNT...]    peak memory and time with so many UDP conversations of one packet
    bench/whole_session.py table CAPTURE        packets matched by each protocol's own filter, and by session.proto

cost and memory are for the Wireshark of this machine; the last one prints the table of docs/whole-session.md.
"""

import re
import struct
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "pytest"))

from harness.tshark import HOST_SERIES, Wireshark  # noqa: E402

CALLGRIND = ("/usr/bin/valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
OFF = ("-o", "session.enabled:FALSE")
TRANSPORTS = ("tcp", "udp", "sctp")


def instructions(ws, capture, *options):
    done = ws.execute("tshark", "-n", "-r", capture, *options, wrapper=CALLGRIND, timeout=1800)
    return int(re.search(rb"Collected : (\d+)", done.stderr)[1])


def cost(captures):
    ws = Wireshark(HOST_SERIES).subset("whole-session")
    with tempfile.TemporaryDirectory(prefix="gapfill-") as folder, ThreadPoolExecutor(2) as pool:
        Path(folder).chmod(0o755)
        empty = Path(folder) / "empty.pcap"
        empty.write_bytes(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for capture in [empty, *captures]:
            runs = [pool.submit(instructions, *run) for run in
                    ((ws.without_plugins(), capture), (ws, capture), (ws, capture, *OFF))]
            stock, on, off = (run.result() for run in runs)
            if capture == empty:
                start = stock, on, off
            print(f"{Path(capture).name}: stock {stock / 1e6:.1f} M, on {on / 1e6:.1f} M ({on / stock - 1:+.2%}), "
                  f"off {off / 1e6:.1f} M ({off / stock - 1:+.2%})")
            if capture != empty:
                print(f"    after start-up: on {(on - start[1]) / (stock - start[0]) - 1:+.2%}, "
                      f"off {(off - start[2]) / (stock - start[0]) - 1:+.2%}")


def conversations(path, count):
    """UDP of no known protocol, each packet from another address and port."""
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
        for i in range(count):
            segment = struct.pack(">HHHH4s", 10000 + i % 50000, 9999, 12, 0, b"data")
            packet = struct.pack(">BBHHHBBHI4s", 0x45, 0, 20 + len(segment), 1, 0x4000, 64, 17, 0, 0x0a000000 + i // 50000,
                                 b"\xc0\0\2\1") + segment
            out.write(struct.pack("<IIII", 1700000000 + i // 1000, i % 1000 * 1000, len(packet), len(packet)) + packet)
    return path


def peak(ws, capture):
    done = ws.execute("tshark", "-n", "-r", capture, wrapper=("/usr/bin/time", "-f", "%M %U"), timeout=1800)
    kilobytes, seconds = done.stderr.split(b"\n")[-2].split()
    return int(kilobytes) * 1024, float(seconds)


def memory(counts):
    ws = Wireshark(HOST_SERIES).subset("whole-session")
    with tempfile.TemporaryDirectory(prefix="gapfill-") as folder:
        Path(folder).chmod(0o755)
        for count in counts:
            capture = conversations(Path(folder) / "conversations.pcap", count)
            (stock, stock_seconds), (ours, our_seconds) = peak(ws.without_plugins(), capture), peak(ws, capture)
            print(f"{count} conversations: stock {stock / 1e6:.0f} MB, {stock_seconds:.1f} s; with the plugin {ours / 1e6:.0f} MB, "
                  f"{our_seconds:.1f} s; {(ours - stock) / count:.0f} bytes a conversation")


def above_transports(layers):
    """What Wireshark lists above TCP, UDP or SCTP, without what is tunnelled in them."""
    at = [i for i, layer in enumerate(layers) if layer in TRANSPORTS]
    return set(layers[at[-1] + 1:]) if at else set()


def print_table(names, own, ours):
    print("| protocol | its own filter | session.proto, `-2` | session.proto, one pass |\n|---|---:|---:|---:|")
    for name in sorted(names):
        print(f"| {name} | {own[name]} | {ours[True][name]} | {ours[False][name]} |")


def table(capture):
    ws = Wireshark(HOST_SERIES).subset("whole-session")
    layers = [row[0].split(":") for row in ws.without_plugins().rows(capture, ["frame.protocols"], two_pass=True)]
    names = sorted(set().union(*map(set, layers)))
    # A protocol's own field is there in the packets that its filter matches.
    own = Counter(name for row in ws.without_plugins().rows(capture, names, two_pass=True) for name, value in zip(names, row) if value)
    ours = {two_pass: Counter(name for row in ws.rows(capture, ["session.proto"], two_pass=two_pass) for name in set(row[0].split(",")))
            for two_pass in (False, True)}
    above = set().union(*map(above_transports, layers))
    print("Above TCP, UDP or SCTP:\n")
    print_table(above, own, ours)
    print("\nNot in any conversation:\n")
    print_table(set(names) - above, own, ours)


if __name__ == "__main__":
    what, *arguments = sys.argv[1:] or ["help"]
    if what == "cost":
        cost(arguments)
    elif what == "memory":
        memory([int(n) for n in arguments] or [250000, 500000, 1000000])
    elif what == "table":
        table(arguments[0])
    else:
        print(__doc__)

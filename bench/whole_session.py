#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What whole-session costs: instructions, on and off, and memory for a million conversations.

    bench/whole_session.py cost CAPTURE...      plain tshark -r of each, by valgrind's callgrind
    bench/whole_session.py memory [COUNT...]    peak memory and time with so many UDP conversations of one packet; then
                                                with session.match and a table of filters set, too
    bench/whole_session.py linear [COUNT...]    instructions for each more of those conversations, stock, with the plugin, and with
                                                session.match and a table of filters set; other work on the machine does not matter
    bench/whole_session.py table CAPTURE        packets matched by each protocol's own filter, and by session.proto
    bench/whole_session.py match CAPTURE        session.match with twenty filters against a script of two runs

All are for the Wireshark of this machine; table and match print tables of docs/whole-session.md.
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
from whole_session.test_match import FILTERS as TWENTY_FILTERS  # noqa: E402

CALLGRIND = ("/usr/bin/valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
OFF = ("-o", "session.enabled:FALSE")
MATCHING = ("-o", "session.match:udp.srcport == 10001", "-o", 'uat:session_filters:"some","ip.src == 10.0.0.3"')
TRANSPORTS = ("tcp", "udp", "sctp")


def instructions(ws, capture, *options):
    done = ws.execute("tshark", "-n", "-r", capture, *options, wrapper=CALLGRIND, timeout=3600)
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


def peak(ws, capture, *options):
    done = ws.execute("tshark", "-n", "-r", capture, *options, wrapper=("/usr/bin/time", "-f", "%M %U"), timeout=1800)
    kilobytes, seconds = done.stderr.split(b"\n")[-2].split()
    return int(kilobytes) * 1024, float(seconds)


def memory(counts, *options):
    ws = Wireshark(HOST_SERIES).subset("whole-session")
    with tempfile.TemporaryDirectory(prefix="gapfill-") as folder:
        Path(folder).chmod(0o755)
        for count in counts:
            capture = conversations(Path(folder) / "conversations.pcap", count)
            (stock, stock_seconds), (ours, our_seconds) = peak(ws.without_plugins(), capture), peak(ws, capture, *options)
            print(f"{count} conversations: stock {stock / 1e6:.0f} MB, {stock_seconds:.1f} s; with the plugin {ours / 1e6:.0f} MB, "
                  f"{our_seconds:.1f} s; {(ours - stock) / count:.0f} bytes a conversation")


def linear(counts):
    ws = Wireshark(HOST_SERIES).subset("whole-session")
    before = None
    with tempfile.TemporaryDirectory(prefix="gapfill-") as folder:
        Path(folder).chmod(0o755)
        for count in counts:
            capture = conversations(Path(folder) / "conversations.pcap", count)
            now = [instructions(*run) for run in ((ws.without_plugins(), capture), (ws, capture), (ws, capture, *MATCHING))]
            if before:
                each = [(new - old) / (count - before[0]) for new, old in zip(now, before[1])]
                print(f"up to {count}: {each[0]:.0f} instructions a conversation; with the plugin {each[1]:.0f}; filters set {each[2]:.0f}",
                      flush=True)
            before = count, now


def asked_for(ws, capture, *arguments):
    """Processor time of a run with -2, and the first field of what it prints."""
    seconds, _, printed = ws.consumed(capture, "-2", "-T", "fields", "-E", "occurrence=a", *arguments, timeout=900)
    return seconds, [line.decode() for line in printed.splitlines()]


def by_script(ws, capture, display_filter):
    """What is done without session.match: the numbers of the conversations first, then all packets of those."""
    first, rows = asked_for(ws, capture, "-Y", display_filter, "-e", "session.id")
    sessions = {number for row in rows for number in row.split(",")} - {""}
    if not sessions:
        return first, []
    second, frames = asked_for(ws, capture, "-Y", f"session.id in {{{', '.join(sorted(sessions, key=int))}}}", "-e", "frame.number")
    return first + second, frames


def match(capture):
    ws = Wireshark(HOST_SERIES).subset("whole-session")
    total = [0, 0]
    print("| filter | packets | session.match | script |\n|---|---:|---:|---:|")
    for display_filter in TWENTY_FILTERS:
        ours, found = asked_for(ws, capture, "-o", f"session.match:{display_filter}", "-Y", "session.matched", "-e", "frame.number")
        script, expected = by_script(ws, capture, display_filter)
        assert found == expected, f"{display_filter}: {len(found)} packets, {len(expected)} by the script"
        total = [total[0] + ours, total[1] + script]
        print(f"| `{display_filter.replace('|', chr(92) + '|')}` | {len(found)} | {ours:.1f} s | {script:.1f} s |", flush=True)
    rows = [option for number, text in enumerate(TWENTY_FILTERS) for option in ("-o", f'uat:session_filters:"f{number}","{text}"')]
    together, _ = asked_for(ws, capture, *rows, "-Y", "session.matched_by", "-e", "session.matched_by")
    print(f"| all | | {total[0]:.1f} s; as session.filters in one run {together:.1f} s | {total[1]:.1f} s |")


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
        counts = [int(n) for n in arguments] or [250000, 500000, 1000000]
        memory(counts)
        print("With session.match and session.filters:")
        memory(counts, *MATCHING)
    elif what == "linear":
        linear([int(n) for n in arguments] or [10000, 40000, 160000])
    elif what == "match":
        match(arguments[0])
    elif what == "table":
        table(arguments[0])
    else:
        print(__doc__)

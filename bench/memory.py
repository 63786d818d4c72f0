#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the bundle keeps of unrelated traffic: bytes a packet of tshark's greatest resident memory, with all plugins against none.

    bench/memory.py [--packets 100000] [--plugins acme,hkp] [KIND...]       kinds: those of bench/workloads.py; http1 if none is named

Two captures of each kind, one twice as long as the other, are dissected in one pass by the Wireshark of this machine; the growth
from one to the other, divided by the packets between, is free of what start-up and the first packets take.
"""

import argparse
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TOP / "pytest"), str(TOP / "bench")]

from harness.craft import write_pcap  # noqa: E402
from harness.tshark import HOST_SERIES, Wireshark  # noqa: E402
import workloads  # noqa: E402

def bytes_a_packet(wiresharks, kind, packets):
    """For each Wireshark."""
    with tempfile.TemporaryDirectory(prefix="gapfill-memory-") as folder:
        Path(folder).chmod(0o755)
        shorter, longer = (write_pcap(Path(folder) / f"{count}.pcap", workloads.frames(kind, count)) for count in (packets, 2 * packets))
        return [1024 * (ws.consumed(longer)[1] - ws.consumed(shorter)[1]) / packets for ws in wiresharks]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kinds", nargs="*", default=["http1"])
    parser.add_argument("--packets", type=int, default=100_000)
    parser.add_argument("--plugins", help="these only, with a comma between them")
    arguments = parser.parse_args()
    ws = Wireshark(HOST_SERIES)
    if arguments.plugins:
        ws = ws.subset(*arguments.plugins.split(","))
    print(f"Wireshark {ws.series}, {arguments.packets} and {2 * arguments.packets} packets, {', '.join(sorted(ws.built()))}: bytes a packet")
    for kind in arguments.kinds:
        stock, bundle = bytes_a_packet([ws.without_plugins(), ws], kind, arguments.packets)
        print(f"{kind}: stock {stock:.0f}, with plugins {bundle:.0f}: {bundle - stock:+.0f}", flush=True)


if __name__ == "__main__":
    main()

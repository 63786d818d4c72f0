#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A day of all kinds of traffic in one capture: memory and time of tshark, with all plugins against none, and whether they stay flat a packet.

    bench/day.py [--packets 5000000] [--live]

Nine tenths are the mix of bench/unrelated.py, the rest all other kinds of bench/workloads.py, own ones included. It is a block that is said
again by other hosts, and after 25 times by the same ones with the same ports and sequence numbers. Figures are of a fifth of the capture, and of all.
--live: the same as fast as it is read, through a pipe, to a tshark that captures.
"""

import argparse
import itertools
import os
import resource
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TOP / "pytest"), str(TOP / "bench")]

from harness.tshark import HOST_SERIES, Wireshark  # noqa: E402
import workloads  # noqa: E402

BLOCK = 50_000
HOSTS = 25      # blocks before the first hosts come again
PARTS = 5
STEP = 86_400 / 5_000_000
IPV4, SOURCE, DESTINATION = b"\x08\x00", 27, 31


def block():
    kinds = [*workloads.UNRELATED, *workloads.OWN]
    others = [workloads.frames(kind, BLOCK // 10 // len(kinds)) for kind in kinds]
    rest = BLOCK - sum(map(len, others))
    return list(itertools.chain(workloads.frames("mix", rest), *others))


def of_other_hosts(frame, number):
    """Checksums are not mended: Wireshark does not look at them unless it is told to."""
    if frame[12:14] != IPV4:
        return frame
    changed = bytearray(frame)
    changed[SOURCE] ^= number
    changed[DESTINATION] ^= number
    return bytes(changed)


def write_day(path, packets):
    frames, written = block(), 0
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        while written < packets:
            hosts = written // BLOCK % HOSTS
            for frame in frames[:packets - written]:
                seconds, micros = divmod(int(written * STEP * 1e6), 1_000_000)
                frame = of_other_hosts(frame, hosts)
                out.write(struct.pack("<IIII", 1_700_000_000 + seconds, micros, len(frame), len(frame)) + frame)
                written += 1
    return path


def captured_live(ws, capture, folder):
    """Seconds of processor time and of the clock, kilobytes that any process so far has had at most, and what tshark prints."""
    pipe, before, start = folder / f"pipe-{bool(ws.plugin_dir)}", resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    os.mkfifo(pipe)
    pipe.chmod(0o644)
    command = ws.command("tshark", "-n", "-q", "-i", pipe, "-z", "io,stat,0")
    with subprocess.Popen(["dd", f"if={capture}", f"of={pipe}", "bs=1M", "status=none"]):
        printed = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime - before.ru_utime, time.monotonic() - start, used.ru_maxrss, printed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--packets", type=int, default=5_000_000)
    parser.add_argument("--live", action="store_true")
    arguments = parser.parse_args()
    ws = Wireshark(HOST_SERIES)
    print(f"Wireshark {ws.series}, {', '.join(sorted(ws.built()))}")
    with tempfile.TemporaryDirectory(prefix="gapfill-day-") as folder:
        folder = Path(folder)
        folder.chmod(0o777)
        if arguments.live:
            capture = write_day(folder / "day.pcap", arguments.packets)
            for one in ws.without_plugins(), ws:
                seconds, took, kilobytes, printed = captured_live(one, capture, folder)
                print(f"{'plugins' if one.plugin_dir else 'stock'}: {seconds:.0f} s of processor time in {took:.0f} s, {kilobytes / 1e3:.0f} MB\n{printed}", flush=True)
            return
        print("\n| packets | MB stock | MB with plugins | bytes a packet more | seconds stock | with plugins |\n|---:|---:|---:|---:|---:|---:|")
        for packets in arguments.packets // PARTS, arguments.packets:
            capture = write_day(folder / "day.pcap", packets)
            (stock_seconds, stock, _), (seconds, bundle, _) = (one.consumed(capture, "-q", "-z", "io,stat,0", timeout=3600) for one in (ws.without_plugins(), ws))
            print(f"| {packets:,} | {stock / 1e3:.0f} | {bundle / 1e3:.0f} | {1024 * (bundle - stock) / packets:.0f} | {stock_seconds:.1f} | {seconds:.1f} |",
                  flush=True)


if __name__ == "__main__":
    main()

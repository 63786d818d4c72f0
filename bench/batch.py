#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a folder of captures takes, stock against the bundle: 200 small ones (test-captures up to 40 kB, again and again) and 5 large.

    bench/batch.py count [SMALL [PACKETS]]  instructions, by valgrind: 200 small ones, large ones of 20000 packets
    bench/batch.py clock [SMALL [PACKETS]]  seconds on the clock and of the processor, one capture at a time and two

Each is read as batch/rows.sh does, -2 -Y … -T ek: with a filter that nothing matches, and with the bundle's rows. For the Wireshark of this machine.
"""

import resource
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TOP / "pytest"), str(TOP / "bench")]

import cost  # noqa: E402
import workloads  # noqa: E402
from harness.craft import write_pcap  # noqa: E402
from harness.tshark import HOST_SERIES, Wireshark  # noqa: E402

LARGE = "mix", "http1", "dns", "ftp", "acme_dns"
SMALL_BYTES = 40_000
NOTHING = ("-2", "-Y", "tcp.port == 0", "-T", "ek")
ROWS = ("-2", "-Y", "ftp_session.outcome || hkp.outcome || acme.outcome", "-T", "ek")


def small_captures(count):
    captures = sorted(path for path in (TOP / "test-captures").glob("*/*.pcap*") if path.stat().st_size <= SMALL_BYTES)
    return list(islice(cycle(captures), count))


def large_captures(folder, packets):
    return [write_pcap(folder / f"{kind}.pcap", workloads.frames(kind, packets)) for kind in LARGE]


def ways():
    ws = Wireshark(HOST_SERIES)
    ws = ws.subset(*ws.built())
    return {"stock": (ws.without_plugins(), NOTHING), "bundle": (ws, NOTHING), "bundle, its rows": (ws, ROWS)}


def count(groups, empty):
    print("| captures | way | G instructions | of which start-up | to stock |\n| --- | --- | ---: | ---: | ---: |")
    for title, captures in groups.items():
        stock = None
        for way, (ws, options) in ways().items():
            start, *counted = cost.instructions_each(ws, [empty, *captures], options)
            stock = stock or sum(counted)
            print(f"| {title} | {way} | {sum(counted) / 1e9:.2f} | {start * len(captures) / sum(counted):.1%} | {sum(counted) / stock:.4f} |", flush=True)


def clock(groups, _empty):
    print("| captures | way | at a time | s on the clock | s of the processor |\n| --- | --- | ---: | ---: | ---: |")
    for title, captures in groups.items():
        for jobs in 1, 2:
            for way, (ws, options) in ways().items():
                began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
                with ThreadPoolExecutor(jobs) as pool:
                    done = list(pool.map(lambda capture: ws.execute("tshark", "-n", "-r", capture, *options, timeout=3000).returncode, captures))
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                assert not any(done)
                used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
                print(f"| {title} | {way} | {jobs} | {time.monotonic() - began:.1f} | {used:.1f} |", flush=True)


if __name__ == "__main__":
    what, *numbers = sys.argv[1:] or ["help"]
    if what not in ("count", "clock"):
        sys.exit(__doc__)
    small, packets, *_ = [*map(int, numbers), *(200, 20000)[len(numbers):]]
    with tempfile.TemporaryDirectory(prefix="gapfill-batch-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        groups = {f"{small} small": small_captures(small), f"{len(LARGE)} of {packets} packets": large_captures(folder, packets)}
        globals()[what](groups, write_pcap(folder / "empty.pcap", []))

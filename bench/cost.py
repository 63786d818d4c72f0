#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the bundle costs on unrelated traffic: instructions after start-up, with all plugins against none.

    bench/cost.py [packets] [plugin...]     all of the plugins if none is named

valgrind's callgrind counts them, for the Wireshark of this machine; start-up is the same run over an empty capture.
"""

import re
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TOP / "pytest"), str(TOP / "bench")]

from gapfill_craft import write_pcap  # noqa: E402
from gapfill_tshark import HOST_SERIES, Wireshark  # noqa: E402
import unrelated  # noqa: E402

CALLGRIND = ("/usr/bin/valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")


def instructions(ws, capture):
    done = ws.execute("tshark", "-n", "-r", capture, wrapper=CALLGRIND, timeout=900)
    counted = re.search(rb"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not counted:
        raise RuntimeError(done.stderr[-2000:].decode(errors="replace"))
    return int(counted[1])


def measure(wiresharks, packets):
    """For each Wireshark the instructions after start-up; two runs at a time."""
    with tempfile.TemporaryDirectory(prefix="gapfill-cost-") as folder:
        Path(folder).chmod(0o755)
        empty = write_pcap(Path(folder) / "empty.pcap", [])
        traffic = write_pcap(Path(folder) / "unrelated.pcap", unrelated.frames(packets))
        with ThreadPoolExecutor(2) as pool:
            runs = [[pool.submit(instructions, ws, capture) for capture in (empty, traffic)] for ws in wiresharks]
            return [traffic.result() - start.result() for start, traffic in runs]


if __name__ == "__main__":
    packets = int(sys.argv[1]) if len(sys.argv) > 1 else 20000
    ws = Wireshark(HOST_SERIES)
    if sys.argv[2:]:
        ws = ws.subset(*sys.argv[2:])
    without, with_plugins = measure([ws.without_plugins(), ws], packets)
    print(f"Wireshark {ws.series}, {packets} packets of unrelated traffic, {', '.join(sorted(ws.built()))}:")
    print(f"without {without / 1e6:.1f} M, with {with_plugins / 1e6:.1f} M instructions after start-up, "
          f"ratio {with_plugins / without:.4f}")

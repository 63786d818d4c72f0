#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of docs/performance.md: instructions a packet after start-up, stock against the bundle, together and plugin by plugin.

    bench/table.py [--together|--ways] [--series 4.0] [packets]     2000 of each kind if no number is given

--together leaves single plugins out; --ways: other ways to run over the mix, of 50,000 packets where they are only written. For the Wireshark
of this machine if no series is named. A run takes five seconds of an idle core: all of it some nine minutes, --together two.
"""

import argparse
import datetime
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / "pytest"), str(Path(__file__).resolve().parent)]

import cost  # noqa: E402
import unrelated  # noqa: E402
import workloads  # noqa: E402
from harness.tshark import HOST_SERIES, Wireshark  # noqa: E402


def traffic(packets):
    kinds = {kind: workloads.frames(kind, packets) for kind in [*workloads.UNRELATED, *workloads.OWN]}
    return {"mix": unrelated.frames(packets), **kinds}


def row(*cells):
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def ways(ws, packets, folder):
    counter = cost.Counter(folder, {"mix": lambda: unrelated.frames(packets), "long": lambda: unrelated.frames(max(packets, 50_000))})
    row("way", "ratio")
    row("---", "---:")
    for way, options in cost.WAYS.items():
        row(f"`{way}`", f"{counter.ratio(ws, 'long' if way == '-w' else 'mix', *options):.4f}")


def together_and_singly(ws, packets, plugins):
    measured = cost.measure_kinds([ws.without_plugins(), ws, *(ws.subset(plugin) for plugin in plugins)], traffic(packets))
    row("traffic", "stock", "bundle", "ratio", *plugins)
    row("---", *["---:"] * (3 + len(plugins)))
    for kind, (stock, bundle, *single) in measured.items():
        row(kind, round(stock / packets), round(bundle / packets), f"{bundle / stock:.4f}", *(f"{count / stock:.4f}" for count in single))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--together", action="store_true")
    what.add_argument("--ways", action="store_true")
    parser.add_argument("--series", default=HOST_SERIES)
    parser.add_argument("packets", type=int, nargs="?", default=2000)
    arguments = parser.parse_args()
    ws = Wireshark(arguments.series)
    print(f"Wireshark {ws.series}, {datetime.date.today()}, {arguments.packets} packets of each kind\n")
    if arguments.ways:
        with tempfile.TemporaryDirectory(prefix="gapfill-table-") as name:
            Path(name).chmod(0o755)
            ways(ws, arguments.packets, name)
    else:
        together_and_singly(ws, arguments.packets, [] if arguments.together else sorted(ws.built()))

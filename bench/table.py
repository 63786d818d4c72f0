#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of docs/performance.md: instructions a packet after start-up, stock against the bundle, together and plugin by plugin.

    bench/table.py [--together] [packets]     2000 of each kind if no number is given; --together leaves single plugins out

For the Wireshark of this machine. A run takes five seconds of an idle core: all of it some nine minutes, --together two.
"""

import argparse
import datetime
import sys
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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--together", action="store_true")
    parser.add_argument("packets", type=int, nargs="?", default=2000)
    arguments = parser.parse_args()
    ws = Wireshark(HOST_SERIES)
    plugins = [] if arguments.together else sorted(ws.built())
    measured = cost.measure_kinds([ws.without_plugins(), ws, *(ws.subset(plugin) for plugin in plugins)], traffic(arguments.packets))
    print(f"Wireshark {ws.series}, {datetime.date.today()}, {arguments.packets} packets of each kind\n")
    row("traffic", "stock", "bundle", "ratio", *plugins)
    row("---", *["---:"] * (3 + len(plugins)))
    for kind, (stock, bundle, *single) in measured.items():
        row(kind, round(stock / arguments.packets), round(bundle / arguments.packets), f"{bundle / stock:.4f}",
            *(f"{count / stock:.4f}" for count in single))

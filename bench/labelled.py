#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What ldp-extras costs on labelled packets: instructions after start-up, with the plugin against none.

    bench/labelled.py [packets]     with the LDP sessions that hand out the labels, and without

A fifth of the packets are Ethernet pseudowires', the others IP's. By itself Wireshark makes data of most of those; "told" is Wireshark
alone, with the labels of pseudowires told by Decode As, so that it dissects the same to the end. valgrind counts, for the Wireshark of
this machine.
"""

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TOP / "pytest"), str(TOP / "bench")]

from cost import instructions  # noqa: E402
from harness.craft import write_pcap  # noqa: E402
from harness.tshark import HOST_SERIES, Wireshark  # noqa: E402
from ldp_extras.scale import frames_of  # noqa: E402

ETHERTYPE_MPLS = b"\x88\x47"
ROUTERS = 10


def told(packets):
    """Decode As for the labels that scale.py gives to pseudowires; each router has the same."""
    labels = [100 + i for i in range(packets // 10 // ROUTERS) if i % 5 == 4]
    return [word for label in labels for word in ("-d", f"mpls.label=={label},pwethnocw")]


def measure(packets):
    """{(traffic, plugins): instructions}, less those of the traffic's own LDP where there is any."""
    frames = list(frames_of(packets // 10, packets))
    labelled = [frame for frame in frames if frame[12:14] == ETHERTYPE_MPLS]
    traffic = {"empty": [], "without LDP": labelled, "with LDP": frames}
    stock, plugin = Wireshark(HOST_SERIES, plugins=False), Wireshark(HOST_SERIES).subset("ldp-extras")
    ways = {"stock": (stock, []), "told": (stock, told(packets)), "plugin": (plugin, [])}
    with tempfile.TemporaryDirectory(prefix="gapfill-cost-") as folder, ThreadPoolExecutor(2) as pool:
        Path(folder).chmod(0o755)
        paths = {name: write_pcap(Path(folder) / f"{number}.pcap", some) for number, (name, some) in enumerate(traffic.items())}
        runs = {(name, kind): pool.submit(instructions, ws, path, options) for name, path in paths.items()
                for kind, (ws, options) in ways.items()}
        counted = {key: run.result() for key, run in runs.items()}
    return len(labelled), {key: value - counted["empty", key[1]] for key, value in counted.items()}


if __name__ == "__main__":
    count, result = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 10000)
    for name in ("without LDP", "with LDP"):
        stock, by_hand, plugin = (result[name, kind] for kind in ("stock", "told", "plugin"))
        print(f"Wireshark {HOST_SERIES}, {count} labelled packets {name}: {stock / count:.0f} instructions a packet, "
              f"{by_hand / count:.0f} told, {plugin / count:.0f} with ldp-extras, ratio {plugin / stock:.3f}, of told {plugin / by_hand:.3f}")

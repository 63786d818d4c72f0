#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Time and memory a packet with many label bindings: a tenth of them and all must cost the same, each.

    pytest/ldp_extras/scale.py [SERIES [BINDINGS PACKETS]]         default: 4.4 100000 1000000

BINDINGS are those of ten routers, with a tenth withdrawn and told again while packets go on; a fifth of the packets belong to
pseudowires inside a tunnel. What an empty capture takes is subtracted; the time is the processor's, the least of some runs.
"""

import os
import struct
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.craft import ethernet  # noqa: E402
from harness.tshark import Wireshark  # noqa: E402
from ldp_extras.packets import Router, Session, data, labelled, mapping, prefix, pw, withdraw  # noqa: E402

ROUTERS = 10
MESSAGES = 40           # in one PDU
RUNS = 3


def prefix_of(router, n):
    return prefix(f"{router + 20}.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}/32")


def told(session, *messages):
    """With the acknowledgement: TCP's own analysis takes long over segments that are never acknowledged."""
    return [session.say(1, *messages), session.acknowledge(0)]


def frames_of(bindings, packets):
    sender, routers = Router(200), [Router(n) for n in range(1, ROUTERS + 1)]
    sessions = [Session(sender, router, 40000 + n) for n, router in enumerate(routers)]
    for router, session in zip(routers, sessions):
        yield router.hello()
        yield from session.start()
    each = bindings // ROUTERS
    ip, frame = data(), ethernet(data(), dst="60:00:00:00:00:01")
    for n, session in enumerate(sessions):
        for first in range(0, each, MESSAGES):
            labels = range(first, min(first + MESSAGES, each))
            yield from told(session, *[mapping(pw(i) if i % 5 == 4 else prefix_of(n, i), 100 + i) for i in labels])
        # the tunnel that each pseudowire is in ends at the router itself
        yield from told(session, mapping(prefix(f"203.0.113.{n + 1}/32"), 50))
    for p in range(packets):
        n, i = p % ROUTERS, p * 7919 // ROUTERS % each
        if i % 5 == 4:
            yield labelled(sender, routers[n], [50, 100 + i], frame)
        else:
            yield labelled(sender, routers[n], 100 + i, ip)
        if p % (10 * packets // bindings) == 0:
            again, value = prefix_of(n, i - i % 5), 100 + i - i % 5
            yield from told(sessions[n], withdraw(again, value), mapping(again, value))


def write(path, bindings, packets):
    """As write_pcap(), but a frame at a time."""
    count = 0
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        for frame in frames_of(bindings, packets) if packets else ():
            out.write(struct.pack("<IIII", 1700000000 + count // 10000, count % 10000 * 100, len(frame), len(frame)) + frame)
            count += 1
    return count


def cost(ws, path):
    """Seconds of processor time and bytes of memory."""
    seconds, kilobytes, _ = ws.consumed(path, "-Y", "mpls.label == 1048575")
    return seconds, kilobytes * 1024


def measured(tasks):
    """The least of each task's costs; the runs take turns, so that what else the machine does is shared by all."""
    best = {}
    for _ in range(RUNS):
        for name, (ws, path) in tasks.items():
            seconds, memory = cost(ws, path)
            known = best.get(name, (seconds, memory))
            best[name] = min(seconds, known[0]), min(memory, known[1])
    return best


def main():
    series = sys.argv[1] if len(sys.argv) > 1 else "4.4"
    bindings, packets = map(int, sys.argv[2:4]) if len(sys.argv) > 3 else (100000, 1000000)
    ws, counts, tasks = Wireshark(series), {}, {}
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        for name, part in (("empty", 0), ("tenth", 10), ("all", 1)):
            path = Path(folder) / f"{name}.pcap"
            counts[name] = write(path, bindings // (part or 1), packets // part if part else 0)
            tasks[name, "plugin"], tasks[name, "without"] = (ws, path), (ws.without_plugins(), path)
        results = measured(tasks)
    print(f"Wireshark {series}, {bindings} bindings, {packets} labelled packets")
    for kind in ("plugin", "without"):
        report(kind, counts, {name: results[name, kind] for name in counts})


def report(kind, counts, results):
    each = {}
    for name in ("tenth", "all"):
        seconds, memory = results[name]
        each[name] = [(value - base) / counts[name] for value, base in zip(results[name], results["empty"])]
        print(f"{kind:7} {name:5}: {counts[name]:8} frames, {seconds:6.2f} s, {memory >> 20:4} MiB; "
              f"a frame {each[name][0] * 1e6:6.2f} us, {each[name][1]:6.1f} bytes")
    print(f"{kind:7} ratio: time {each['all'][0] / each['tenth'][0]:.3f}, memory {each['all'][1] / each['tenth'][1]:.3f}")


if __name__ == "__main__":
    main()

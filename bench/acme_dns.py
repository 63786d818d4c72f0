#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a DNS message about a challenge costs: instructions a message, and bytes kept a name, with acme.so against none.

    bench/acme_dns.py [names]

Each name is asked for once and answered with a digest. Instructions are counted as cost.py does, for 1,000 names; bytes are the
difference in resident memory after two passes over so many names (50,000).
"""

import struct
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TOP / "pytest"), str(TOP / "bench")]

import cost  # noqa: E402
from harness import craft  # noqa: E402
from harness.tshark import HOST_SERIES, Wireshark  # noqa: E402

DIGEST = b"gfj9Xq-Rg85nM_b2G4hYNSmMG8MPVa6s0iVYk4NCRpU"
MEASURE = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL); " \
          "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"


def frames(names, first=0):
    for number in range(first, first + names):
        labels = ["_acme-challenge", f"host{number}", "example", "org"]
        asked = b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0" + struct.pack(">HH", 16, 1)
        record = b"\xc0\x0c" + struct.pack(">HHIH", 16, 1, 60, 44) + bytes([43]) + DIGEST
        port = 20000 + number % 40000
        for flags, answers, extra, ports, ends in ((0x0100, 0, b"", (port, 53), ("192.0.2.1", "192.0.2.53")),
                                                   (0x8580, 1, record, (53, port), ("192.0.2.53", "192.0.2.1"))):
            message = struct.pack(">HHHHHH", number & 0xffff, flags, 1, answers, 0, 0) + asked + extra
            yield craft.ethernet(craft.ip(craft.udp(message, *ports), *ends))


def resident(ws, capture, display_filter):
    """Kilobytes at the most."""
    command = ws.command("tshark", "-n", "-q", "-2", "-r", capture, "-Y", display_filter,
                         wrapper=("/usr/bin/env", "/usr/bin/python3", "-c", MEASURE))
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[-1])


if __name__ == "__main__":
    names = int(sys.argv[1]) if len(sys.argv) > 1 else 50000
    with_acme = Wireshark(HOST_SERIES).subset("acme")
    without = with_acme.without_plugins()
    with tempfile.TemporaryDirectory(prefix="gapfill-cost-") as folder:
        Path(folder).chmod(0o755)
        files = {count: craft.write_pcap(Path(folder) / f"{count}.pcap", frames(count)) for count in (10, 50, 1050, names)}
        run = {ws: cost.instructions(ws, files[1050]) - cost.instructions(ws, files[50]) for ws in (with_acme, without)}
        kept = {ws: resident(ws, files[names], "dns") - resident(ws, files[10], "dns") for ws in (with_acme, without)}
    print(f"Wireshark {HOST_SERIES}: {(run[with_acme] - run[without]) / 2000:.0f} instructions a message, "
          f"{(kept[with_acme] - kept[without]) * 1024 / names:.0f} bytes a name")

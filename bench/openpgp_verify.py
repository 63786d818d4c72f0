#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Microseconds of processor time that openpgp.so takes to verify a signature, by algorithm.

    bench/openpgp_verify.py [4.0|4.4|4.6 [KIND...]]

Many certifications of one key in a capture, each another; the least time of some runs with verification on, less that with it off.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "pytest"))

from harness.tshark import Wireshark  # noqa: E402
from openpgp.craft import CREATED, http_capture  # noqa: E402
from openpgp.sign import CURVES, Signer  # noqa: E402

NAME = b"Alice <alice@example.org>"


def seconds(ws, capture, verify):
    return min(ws.consumed(capture, "-q", "-o", f"openpgp.verify:{verify}", "-o", "openpgp.verify_work:1000000", "-Y", "openpgp")[0]
               for _ in range(5))


def main():
    ws = Wireshark(sys.argv[1] if len(sys.argv) > 1 else "4.0")
    kinds = [("RSA", 2048), ("RSA", 4096), ("DSA", 2048), ("Ed25519Legacy", 0), ("Ed448", 0), *((curve, 0) for curve in CURVES)]
    for kind, bits in kinds:
        if sys.argv[2:] and kind not in sys.argv[2:]:
            continue
        count = 300 if kind.startswith("brainpool") or kind == "secp256k1" else 1000
        signer = Signer(kind, bits=bits, version=6 if kind == "Ed448" else 4)
        over = signer.over_user_id(NAME)
        body = signer.packet() + signer.certified(NAME) + \
            b"".join(signer.sign(over, 0x13, created=CREATED + 2 + place) for place in range(count))
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)
            capture = http_capture(Path(folder) / "capture.pcap", [body])
            print(f"{kind} {bits or ''}\t{(seconds(ws, capture, 'TRUE') - seconds(ws, capture, 'FALSE')) / count * 1e6:.0f}", flush=True)


if __name__ == "__main__":
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Has the plugin verify signatures with OpenPGP keys whose numbers are crafted to hurt, and keeps each capture that does harm.

    GAPFILL_BUILD=build/sanitize fuzz/hostile_keys.py --rounds 500 [--keys 300] [--minutes 10] [--seed 1]
        [--wireshark 4.0]

Every round is a capture of many keys, each with a signature of its own whose digest is right, so that its numbers reach the libraries.
Each began as a sound key (RSA, DSA, ECDSA on all curves, EdDSA in both forms), of which numbers of key or signature were replaced: zero,
one, even, too large by one, without octets, of 65,535 bits, that share factors, points off the curve or of small order, unusual forms.
What counts as harm: what fuzz/mutate.py counts, a signature packet without a verdict, a sound key that is not good.
Exit status 1 if there was any; the captures are then in build/fuzz/.
"""

import argparse
import collections
import copy
import random
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "pytest"))

from cryptography.hazmat.primitives.asymmetric import dsa  # noqa: E402

import mutate  # noqa: E402
from harness.tshark import TOP, Wireshark  # noqa: E402
from openpgp.craft import USER_ID, http_capture, key, mpi, number, packet  # noqa: E402
from openpgp.sign import CURVES, Signer  # noqa: E402

NAME = b"Mallory <mallory@example.org>"
KINDS = ["RSA", "DSA", "Ed25519Legacy", "Ed25519", "Ed448", *CURVES]
KEYS_OF_A_ROUND = 300
GOOD, UNCHECKED = "1", ""
WORK = "openpgp.verify_work:60000"

# y of points of small order on edwards25519, and what is none at all, little-endian.
ED25519_POINTS = [bytes(32), b"\1" + bytes(31), b"\xec" + b"\xff" * 30 + b"\x7f", b"\xed" + b"\xff" * 30 + b"\x7f", b"\xff" * 32,
                  b"\1" + bytes(30) + b"\x80", bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
                  bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), b"\2" + bytes(31)]
ED25519_ORDER = 2 ** 252 + 27742317777372353535851937790883648493


def value(rng, like):
    """A number in place of this one."""
    return rng.choice((
        lambda: 0, lambda: 1, lambda: 2, lambda: 3, lambda: like - 1, lambda: like + 1, lambda: like * 2, lambda: like * 3, lambda: like // 2,
        lambda: like ^ 1 << rng.randrange(max(like.bit_length(), 1)), lambda: 1 << like.bit_length(), lambda: (1 << like.bit_length()) - 1,
        lambda: rng.getrandbits(max(like.bit_length(), 1)), lambda: rng.getrandbits(max(like.bit_length(), 1)) | 1,
        lambda: rng.getrandbits(rng.choice((8, 64, 160, 161, 255, 256, 257, 512, 1024, 4096, 4097, 8192, 8193, 16384, 65535)))))()


def integer(rng, like):
    """A multiprecision integer in place of this one, as octets: another number, or the same otherwise written."""
    form = rng.randrange(10)
    if form == 0:
        return b"\0\0"                                          # without octets
    if form == 1:
        octets = number(like, (like.bit_length() + 7) // 8 + 3)
        return number(8 * len(octets), 2) + octets              # zeros before it
    if form == 2:
        return number(rng.randrange(65536), 2) + number(like, (like.bit_length() + 7) // 8)     # a length that is wrong
    return mpi(value(rng, like))


def changed(rng, values):
    """The integers, some of them in another form or of another value."""
    which = set(rng.sample(range(len(values)), rng.choice((1, 1, 1, len(values)))))
    return b"".join(integer(rng, v) if n in which else mpi(v) for n, v in enumerate(values))


def relatives(rng, p, q, g, y):
    """DSA numbers that stand in a relation which they must not have."""
    return rng.choice(((p, p, g, y), (q, q, 2, 2), (p, q * 2, g, y), (p, p - 1, g, y), (p, 1 << 160, g, y), (p, 1 << 256, g, y), (p, 3 * (q // 3) or 3, g, y),
                       (p * 2, q, g, y), (p - 1, q, g, y), (p, q, p - 1, y), (p, q, p, p), (p, q, 1, 1), (p, q, g, 1), (p, q, g, p - 1), (q * q, q, g, y),
                       (1 << p.bit_length() - 1, q, g, y), ((1 << p.bit_length()) - 1, (1 << 256) - 1, 2, 2), (p, q, 0, 0)))


def point(rng, octets):
    """In place of a point of ECDSA."""
    size = (len(octets) - 1) // 2
    return rng.choice((
        lambda: b"\4" + bytes(2 * size), lambda: b"\4" + b"\xff" * 2 * size, lambda: octets[:-1] + bytes([octets[-1] ^ 1]),
        lambda: octets[:1] + bytes([octets[1] ^ 0x80]) + octets[2:], lambda: bytes([2 + (octets[-1] & 1)]) + octets[1:1 + size],
        lambda: b"\0", lambda: b"", lambda: octets[:-1], lambda: octets + b"\0", lambda: b"\4" + rng.randbytes(2 * size), lambda: b"\6" + octets[1:],
        lambda: b"\4" + bytes(size) + octets[1 + size:], lambda: b"\4" + octets[1:1 + size] + bytes(size), lambda: b"\x40" + rng.randbytes(size)))()


def hostile_material(rng, signer):
    """The key's part of its algorithm."""
    public = signer.secret.public_key()
    if signer.kind == "RSA":
        numbers = public.public_numbers()
        if rng.random() < 0.2:
            return mpi(numbers.n) + mpi(rng.choice((1, 3, numbers.n, numbers.n - 1, 1 << 63, (1 << 64) - 1, 1 << 64, 65536)))
        return changed(rng, [numbers.n, numbers.e])
    if signer.kind == "DSA":
        numbers = public.public_numbers()
        of = numbers.parameter_numbers
        values = [of.p, of.q, of.g, numbers.y]
        return b"".join(map(mpi, relatives(rng, *values))) if rng.random() < 0.5 else changed(rng, values)
    material = signer._material()
    if signer.kind in ("Ed25519", "Ed448"):
        return rng.choice([*ED25519_POINTS, b"", material[:-1], material + b"\0", rng.randbytes(len(material)), bytes(57), b"\xff" * 57])
    oid = material[:1 + material[0]]
    octets = rng.choice([b"\x40" + p for p in ED25519_POINTS] + [rng.choice(ED25519_POINTS), b"", b"\x40", b"\x40" + rng.randbytes(32), b"\x40" + bytes(64)]) \
        if signer.kind == "Ed25519Legacy" else point(rng, material[len(oid) + 2:])
    return oid + number(rng.choice((8 * len(octets),) * 5 + (rng.randrange(65536),)), 2) + octets


def hostile_numbers(rng, signer, octets):
    """In place of a signature's numbers."""
    if signer.kind in ("Ed25519", "Ed448"):
        half = len(octets) // 2
        return rng.choice((lambda: bytes(2 * half), lambda: b"\xff" * 2 * half, lambda: rng.randbytes(2 * half), lambda: octets[:-1], lambda: octets + b"\0",
                           lambda: b"\1" + bytes(2 * half - 1), lambda: octets[:half] + bytes(half), lambda: b""))()
    values, at = [], 0
    while at < len(octets):
        length = (int.from_bytes(octets[at:at + 2], "big") + 7) // 8
        values.append(int.from_bytes(octets[at + 2:at + 2 + length], "big"))
        at += 2 + length
    if signer.kind == "Ed25519Legacy" and rng.random() < 0.3:
        return mpi(1) + mpi(rng.choice((0, 1, ED25519_ORDER, ED25519_ORDER - 1)))
    return changed(rng, values)


def hostile(rng, signer):
    """A key with its certification, of which key, signature or both have crafted numbers."""
    mallory = copy.copy(signer)
    what = rng.choice(("key", "key", "signature", "both"))
    if what != "signature":
        mallory.body = key(hostile_material(rng, signer), signer.algorithm, signer.version, signer.created)
    if what != "key":
        mallory._numbers = lambda digest, algorithm: hostile_numbers(rng, signer, signer._numbers(digest, algorithm))
    return mallory.packet() + packet(USER_ID, NAME) + mallory.sign(mallory.over_user_id(NAME), 0x13, digest=rng.choice((8, 8, 10, 2)))


def signers(rng):
    """One of each kind, and DSA with a smaller prime."""
    made = [Signer(kind, version=6 if kind in ("Ed25519", "Ed448") else 4) for kind in KINDS]
    return [*made, Signer("DSA", secret=dsa.generate_private_key(1024)), Signer("RSA", bits=rng.choice((1024, 3072, 4096)))]


def verdicts(ws, capture, options):
    return [row[0] for row in ws.rows(capture, ["openpgp.signature.check"], "openpgp", options=options)]


def harm(ws, capture, sound, options):
    """sound: how many of the last keys are as they should be."""
    what = mutate.harm_of_ours(ws, capture, options)
    if what:
        return what, collections.Counter()
    found = verdicts(ws, capture, options)
    what += [f"verdict: none for {found.count(UNCHECKED)}"] if UNCHECKED in found else []
    what += [f"verdict: {found[-sound:]} of sound keys"] if set(found[-sound:]) != {GOOD} else []
    return what, collections.Counter(found[:-sound])


def campaign(ws, numbers, seed, size=KEYS_OF_A_ROUND, options=("-o", WORK)):
    """Yields for each round (capture or None, what went wrong, how often each check was given to a hostile key)."""
    rng = random.Random(seed)
    chosen = signers(rng)
    sound = [s.certified_key(NAME) for s in chosen]
    kept = TOP / "build" / "fuzz"
    with tempfile.TemporaryDirectory(dir="/tmp") as scratch:
        Path(scratch).chmod(0o755)
        for place in numbers:
            bodies = [hostile(rng, rng.choice(chosen)) for _ in range(size)] + sound
            capture = http_capture(Path(scratch) / f"keys-{seed}-{place}.pcap", bodies)
            what, checks = harm(ws, capture, len(sound), list(options))
            if what:
                kept.mkdir(parents=True, exist_ok=True)
                shutil.copy(capture, kept)
            yield kept / capture.name if what else None, what, checks
            capture.unlink()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--keys", type=int, default=KEYS_OF_A_ROUND, help="of a round")
    parser.add_argument("--minutes", type=float, help="end after this time, even if not all rounds are done")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--wireshark", default="4.0")
    arguments = parser.parse_args()
    ws = Wireshark(arguments.wireshark)
    if "openpgp" not in ws.plugins():
        sys.exit(f"openpgp is not loaded: {ws.plugins()}")
    rounds, failures, total = mutate.Rounds(arguments.rounds, arguments.minutes), 0, collections.Counter()
    for capture, what, checks in campaign(ws, rounds, arguments.seed, arguments.keys):
        total += checks
        if capture:
            failures += 1
            print(f"{capture}: " + "\n".join(what[:5]) + "\n", flush=True)
    print(f"{rounds.done} rounds, {failures} with harm; hostile keys by check: {dict(sorted(total.items()))}; under sanitizers: "
          f"{'openpgp' in ws.sanitized()}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every verdict of openpgp.so on whole keyrings, against what GnuPG says of the same bytes at the same time.

    /usr/bin/python3 bench/openpgp_keyrings.py [--wireshark 4.0] [--now SECONDS] [--every N] KEYRING...

A keyring is a file of binary keys, such as Debian's packages have in /usr/share/keyrings. Each key is a body of HTTP, in a capture of that
time; the limit of work is raised. Who made which signature is read here, apart from the plugin. Prints a line for each keyring, with
processor seconds of both, and each difference that has no known reason; docs/openpgp-verify.md has results and the known reasons.
Exit status 1: there were differences without one.
"""

import argparse
import base64
import collections
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "pytest"))

from harness import craft  # noqa: E402
from harness.tshark import Wireshark  # noqa: E402
from openpgp.craft import PUBLIC_KEY, PUBLIC_SUBKEY, SIGNATURE, http_frames, keys_of, packets_in  # noqa: E402

GOOD, BAD, NO_KEY, ALGORITHM, LIMIT, TEXT, REFUSED = "1", "2", "3", "4", "5", "6", "7"
SIGNS = {GOOD: "!", BAD: "-", NO_KEY: "?"}
STATES = {"1": "-", "2": "e", "3": "r", "4": "i", "5": "i"}
UNUSABLE = ("e", "r", "i")
EMBEDDED = 32


def keys_in_file(data):
    """The bytes of each key, each once."""
    if data.startswith(b"-----BEGIN"):
        data = base64.b64decode(data.partition(b"\n\n")[2].partition(b"\n=")[0])
    return list(dict.fromkeys(keys_of(data)))


def subpackets(octets):
    at = 0
    while at < len(octets):
        first = octets[at]
        size = 1 if first < 192 else 2 if first < 255 else 5
        length = first if size == 1 else (first - 192 << 8) + octets[at + 1] + 192 if size == 2 else int.from_bytes(octets[at + 1:at + 5], "big")
        yield octets[at + size] & 127, octets[at + size + 1:at + size + length]
        at += size + length


def statement(body):
    """(issuer, time, type) as GnuPG has them, and how many signatures are within."""
    if body[0] < 4:
        return (body[7:15].hex().upper(), str(int.from_bytes(body[3:7], "big")), f"{body[2]:02x}"), 0
    length = int.from_bytes(body[4:6], "big")
    hashed = list(subpackets(body[6:6 + length]))
    rest = body[6 + length:]
    unhashed = list(subpackets(rest[2:2 + int.from_bytes(rest[:2], "big")]))
    made = next((str(int.from_bytes(value, "big")) for kind, value in hashed if kind == 2), "0")
    issuers = [value.hex().upper() if kind == 16 else value[-8:].hex().upper() for kind, value in hashed + unhashed if kind in (16, 33)]
    within = sum(kind == EMBEDDED for kind, _ in hashed + unhashed)
    return (issuers[0] if issuers else "0" * 16, made, f"{body[1]:02x}"), within


def cpu_of(function, *args):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = function(*args)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return result, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def gpg_verdicts(folder, ring, now):
    """
    {key ID: (validity, {(issuer, time, type): signs})}, and the validity of each key and subkey. Without --no-sig-cache, with which
    GnuPG 2.2.40 frees something twice at the first third-party signature: the ring has no trust packets, where results are cached.
    """
    home = folder / "gnupg"
    home.mkdir(mode=0o700)
    out = subprocess.run(["gpg", "--homedir", home, "--no-default-keyring", "--keyring", ring, "--no-auto-check-trustdb", "--trust-model",
                          "always", "--allow-weak-key-signatures", "--allow-weak-digest-algos", "--faked-system-time", f"{now}!",
                          "--with-colons", "--check-sigs"], capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL).stdout
    found, validity = {}, {}
    for line in out.splitlines():
        field = line.split(":")
        if field[0] == "pub":
            signs = collections.defaultdict(list)
            found[field[4]] = field[1], signs
        if field[0] in ("pub", "sub"):
            validity[field[4]] = field[1]
        elif field[0] in ("sig", "rev"):
            signs[field[4], field[5], field[10][:2]].append(field[1])
    return found, validity


def rows_of(ws, capture):
    return ws.rows(capture, ["openpgp.key.keyid", "openpgp.key.state", "openpgp.signature.check"], "openpgp", two_pass=True,
                   prefs={"openpgp.verify_work": "1000000"})


def our_verdicts(rows, keys):
    """Like gpg_verdicts(), with checks in place of signs."""
    found = {}
    for key, (keyids, states, checks) in zip(keys, rows, strict=True):
        checks = checks.split(",") if checks else []
        said = collections.defaultdict(list)
        for tag, _, body in packets_in(key):
            if tag != SIGNATURE:
                continue
            what, within = statement(body)
            del checks[:within]         # those within are shown first
            said[what].append(checks.pop(0))
        if checks:
            raise SystemExit(f"{len(checks)} signatures too many in {keyids}")
        found[keyids.split(",")[0]] = states.split(",")[0], said
    return found


class Comparison:
    def __init__(self, ours, theirs, validity):
        self.counts, self.differences = collections.Counter(), []
        self.validity = validity
        self.states = 0
        for keyid in ours.keys() | theirs.keys():
            if keyid not in ours or keyid not in theirs:
                self.differ(f"{keyid}: only {'GnuPG' if keyid in theirs else 'the plugin'} has this key")
                continue
            self.compare_state(keyid, ours[keyid][0], theirs[keyid][0])
            self.compare_signatures(keyid, ours[keyid][1], theirs[keyid][1])

    def differ(self, text):
        self.counts["unexplained"] += 1
        self.differences.append(text)

    def compare_state(self, keyid, ours, theirs):
        if STATES.get(ours) == theirs:
            self.states += 1
        else:
            self.differ(f"{keyid}: state {ours}, GnuPG says {theirs}")

    def compare_signatures(self, keyid, ours, theirs):
        for what in ours.keys() | theirs.keys():
            checks, signs = list(ours.get(what, [])), list(theirs.get(what, []))
            for check in list(checks):
                if SIGNS.get(check) in signs:
                    signs.remove(SIGNS[check])
                    checks.remove(check)
                    self.counts[check] += 1
            self.explain(keyid, what, sorted(checks), sorted(signs))

    def explain(self, keyid, what, checks, signs):
        """Known: an issuer that has expired or was revoked by now is none for GnuPG; a certification without a user ID before it."""
        for check in list(checks):
            if check == GOOD and "?" in signs and self.validity.get(what[0], "?") in UNUSABLE:
                reason, sign = "issuer unusable by now", "?"
            elif check == TEXT and ("%" in signs or "?" in signs and what[0] not in self.validity):
                reason, sign = "no user ID before it", "%" if "%" in signs else "?"
            elif check == REFUSED and self.validity.get(what[0], "?") in UNUSABLE + ("-",):
                reason, sign = "refused for its size", signs[0]
            elif check == ALGORITHM and "%" in signs:
                reason, sign = "no library for it", "%"
            else:
                continue
            self.counts[reason] += 1
            checks.remove(check)
            signs.remove(sign)
        if checks or signs:
            self.differ(f"{keyid}: {what}: checks {','.join(checks) or 'none'}, GnuPG {','.join(signs) or 'none'}, issuer {self.validity.get(what[0])}")


def compare(ws, path, now, every):
    keys = keys_in_file(path.read_bytes())[::every]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        folder.chmod(0o755)
        ring = folder / "ring.gpg"
        ring.write_bytes(b"".join(keys))
        capture = craft.write_pcap(folder / "keys.pcap", http_frames(keys), start=float(now))
        (theirs, validity), their_time = cpu_of(gpg_verdicts, folder, ring, now)
        rows, our_time = cpu_of(rows_of, ws, capture)
    comparison = Comparison(our_verdicts(rows, keys), theirs, validity)
    counts = comparison.counts
    print(f"{path.name}: {len(keys)} keys, {comparison.states} states equal; good {counts[GOOD]}, bad {counts[BAD]}, no key {counts[NO_KEY]}; "
          f"issuer unusable {counts['issuer unusable by now']}, no user ID {counts['no user ID before it']}, "
          f"refused {counts['refused for its size']}, no library {counts['no library for it']}; unexplained {counts['unexplained']}; "
          f"seconds {our_time:.1f}, gpg {their_time:.1f}", flush=True)
    for difference in comparison.differences:
        print("    " + difference)
    return counts["unexplained"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wireshark", default="4.0")
    parser.add_argument("--now", type=int, default=1770000000)
    parser.add_argument("--every", type=int, default=1, help="each Nth key of a keyring only")
    parser.add_argument("keyrings", nargs="+", type=Path)
    options = parser.parse_args()
    ws = Wireshark(options.wireshark)
    sys.exit(1 if sum(compare(ws, path, options.now, options.every) for path in options.keyrings) else 0)


if __name__ == "__main__":
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Dissects damaged captures with sanitized plugins and keeps each one that does harm.

    GAPFILL_BUILD=build/sanitize fuzz/mutate.py --rounds 500 [--minutes 20] [--seed 1] [--wireshark 4.0] [--by editcap] [CAPTURE...]

Without captures: all of test-captures/ and, where present, of ../shared/captures up to 300 kB. GAPFILL_BUILD names a
build with -DGAPFILL_SANITIZE=ON. A key log beside a capture (NAME.keys) is used. Every round damages one capture in one
of several ways and dissects it in two passes. --by editcap and --by randpkt have these tools of Wireshark's make them, as its own
fuzz-test.sh and randpkt-test.sh do, and Wireshark abort at its first dissector bug; randpkt has no seed.
What counts as harm: a sanitizer's report, an exit status that is not 0, "Dissector bug", more than 60 seconds.
Exit status 1 if there was any; the captures are then in build/fuzz/.
"""

import argparse
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "pytest"))

from harness.craft import read_pcap, write_pcap  # noqa: E402
from harness.tshark import BUILD, SHARED, TOP, Wireshark  # noqa: E402

HARM = re.compile(rb"Dissector bug|DISSECTOR_ASSERT|assertion failed|Assertion")
PROCESS = re.compile(rb"\*\* \(tshark:\d+\) [\d:.]+ ")     # differs from run to run
LARGEST = 300_000
SECONDS = 60
RANDPKT = ("arp", "bgp", "dns", "eth", "icmp", "ip", "ipv6", "llc", "sctp", "tcp", "tr", "udp")     # of its kinds, what the plugins have to do with
LONGEST = 10 ** 9     # seconds that a capture lasts; some have times that are nonsense


def captures():
    folders = [TOP / "test-captures", *([SHARED] if SHARED.is_dir() else [])]
    return sorted(path for folder in folders for path in folder.rglob("*")
                  if path.suffix in (".pcap", ".pcapng", ".cap") and path.stat().st_size <= LARGEST and _is_readable(path))


def _is_readable(path):
    """Whether it is a pcap or pcapng of one link type, with frames in it."""
    try:
        return bool(read_pcap(path)[1])
    except (AssertionError, struct.error, IndexError):
        return False


def flip(rng, frames):
    """Some bytes of some frames get other values; the link and IP headers less often."""
    rate = rng.choice((0.002, 0.01, 0.05))
    out = []
    for when, data, length in frames:
        changed = bytearray(data)
        for at in range(0 if rng.random() < 0.2 else min(34, len(changed)), len(changed)):
            if rng.random() < rate:
                changed[at] = rng.choice((0, 0xff, 0x7f, 0x80, rng.randrange(256), changed[at] ^ 1 << rng.randrange(8)))
        out.append((when, bytes(changed), length))
    return out


def cut(rng, frames):
    return [(when, data[:rng.randrange(len(data) + 1)] if rng.random() < 0.3 else data, length) for when, data, length in frames]


def lose(rng, frames):
    return [frame for frame in frames if rng.random() > 0.15]


def repeat(rng, frames):
    return [frame for frame in frames for _ in range(2 if rng.random() < 0.2 else 1)]


def shuffle(rng, frames):
    frames = list(frames)
    for at in range(len(frames) - 1):
        if rng.random() < 0.2:
            other = min(len(frames) - 1, at + rng.randrange(1, 6))
            frames[at], frames[other] = frames[other], frames[at]
    return frames


def splice(rng, frames):
    """The end of one frame replaces the end of another."""
    frames = list(frames)
    for at in range(len(frames)):
        if rng.random() < 0.1:
            when, data, length = frames[at]
            _, other, _ = rng.choice(frames)
            frames[at] = (when, (data[:len(data) // 2] + other[len(other) // 2:])[:65535], length)
    return frames


DAMAGES = (flip, flip, flip, cut, lose, repeat, shuffle, splice)


def damaged(rng, frames):
    start = min(when for when, _, _ in frames)
    frames = [(min(when - start, LONGEST), data, length) for when, data, length in frames]
    for damage in rng.sample(DAMAGES, rng.choice((1, 1, 2))):
        frames = damage(rng, frames)
    return [(when, data, max(length, len(data))) for when, data, length in frames]


def harm(ws, capture, options=()):
    """What went wrong in dissecting the capture: a list, each entry with its kind in front."""
    try:
        done = ws.execute("tshark", "-n", "-2", "-V", "-r", capture, *options, timeout=SECONDS)
    except AssertionError as report:
        return [f"sanitizer: {report}"]
    except subprocess.TimeoutExpired:
        return [f"time: more than {SECONDS} s"]
    wrong = [f"exit status: {done.returncode}: {done.stderr[-2000:].decode(errors='replace')}"] if done.returncode else []
    lines = [PROCESS.sub(b"", line).strip() for line in (done.stdout + done.stderr).splitlines() if HARM.search(line)]
    return wrong + [f"bug: {line.decode(errors='replace')}" for line in lines]


def _told_of_tls(ws, capture, found):
    """Options that tell Wireshark of TLS where a plugin has found some: in the packets with bugs of TLS."""
    frames = {number for what in found for number in re.findall(r"protocol TLS, in packet (\d+)", what)}
    if not frames:
        return []
    ports = {port for row in ws.rows(capture, ["tcp.srcport", "tcp.dstport"], f"frame.number in {{{','.join(frames)}}}") for port in row}
    return [option for port in sorted(ports - {""}) for option in ("-d", f"tcp.port=={port},tls")]


def harm_of_ours(ws, capture, options=()):
    """What goes wrong with the plugins only. A sanitizer's report always counts.

    A bug counts if stock does not show it as often, by itself or told which connections are TLS.
    """
    with_plugins = harm(ws, capture, options)
    stock = harm(ws.without_plugins(), capture, options) if with_plugins else []
    told = _told_of_tls(ws, capture, with_plugins)
    of_told = harm(ws.without_plugins(), capture, [*options, *told]) if told else []
    kinds = {what.partition(":")[0] for what in stock}
    return [what for what in with_plugins if what.startswith("sanitizer:")
            or what.startswith("bug:") and with_plugins.count(what) > max(stock.count(what), of_told.count(what))
            or what.startswith(("time:", "exit status:")) and what.partition(":")[0] not in kinds]


def _with_keys(source):
    keys = source.with_suffix(".keys")
    return ["-o", f"tls.keylog_file:{keys}"] if keys.exists() else []


def by_us(rng, chosen, path):
    """Writes a damaged capture; gives its source, and options for it."""
    source = rng.choice(chosen)
    linktype, frames = read_pcap(source)
    write_pcap(path, damaged(rng, frames), linktype)
    return source, _with_keys(source)


def by_editcap(rng, chosen, path):
    source = rng.choice(chosen)
    subprocess.run(["editcap", "-E", str(rng.choice((0.005, 0.02, 0.05))), "--seed", str(rng.getrandbits(31)), source, path], check=True, capture_output=True)
    return source, _with_keys(source)


def by_randpkt(rng, _, path):
    kind = rng.choice(RANDPKT)
    subprocess.run(["randpkt", "-t", kind, "-c", "300", "-b", str(rng.choice((100, 1500, 5000))), path], check=True, capture_output=True)
    return Path(kind), []


WAYS = {"us": by_us, "editcap": by_editcap, "randpkt": by_randpkt}
ABORTING = {"WIRESHARK_ABORT_ON_DISSECTOR_BUG": "1"}


def campaign(ws, chosen, numbers, seed, make=by_us):
    """Damages and dissects; yields (capture, its source, what went wrong) for each round with harm."""
    rng = random.Random(seed)
    kept = TOP / "build" / "fuzz"
    with tempfile.TemporaryDirectory(dir="/tmp") as scratch:
        Path(scratch).chmod(0o755)
        for number in numbers:
            capture = Path(scratch) / f"{seed}-{number}.pcap"
            source, options = make(rng, chosen, capture)
            capture.chmod(0o644)
            what = harm_of_ours(ws, capture, options)
            if what:
                kept.mkdir(parents=True, exist_ok=True)
                yield shutil.copy(capture, kept), source, "\n".join(what[:5])
            capture.unlink()


class Rounds:
    """Numbers from 0, until there are enough or the time is over; done says how many there were."""

    def __init__(self, most, minutes=None):
        self.most, self.end, self.done = most, time.monotonic() + minutes * 60 if minutes else float("inf"), 0

    def __iter__(self):
        while self.done < self.most and time.monotonic() < self.end:
            self.done += 1
            yield self.done - 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("captures", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--minutes", type=float, help="end after this time, even if not all rounds are done")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--wireshark", default="4.0")
    parser.add_argument("--by", default="us", choices=WAYS, help="who makes the captures")
    parser.add_argument("--unsanitized", action="store_true", help="go on with plugins that are not under ASan and UBSan")
    arguments = parser.parse_args()

    ws = Wireshark(arguments.wireshark)
    if not ws.built() or ws.built() - ws.plugins():
        sys.exit(f"built: {ws.built() or 'nothing in ' + str(BUILD)}, loaded: {ws.plugins()}")
    if ws.sanitized() != ws.built() and not arguments.unsanitized:
        sys.exit(f"not under ASan and UBSan: {', '.join(sorted(ws.built() - ws.sanitized()))} (go on with --unsanitized)")
    failures = 0
    rounds = Rounds(arguments.rounds, arguments.minutes)
    ws = ws if arguments.by == "us" else ws.with_env(**ABORTING)
    for capture, source, what in campaign(ws, arguments.captures or captures(), rounds, arguments.seed, WAYS[arguments.by]):
        failures += 1
        print(f"{capture} (from {source.name}): {what}\n", flush=True)
    print(f"{rounds.done} rounds, {failures} with harm")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

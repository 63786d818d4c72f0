#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the bundle costs on unrelated traffic: instructions after start-up, with all plugins against none.

    bench/cost.py [packets] [plugin...]     all of the plugins if none is named

valgrind counts them, for the Wireshark of this machine; start-up is the same run over an empty capture.
Wireshark's and GLib's hash tables begin with random numbers, which alone makes runs differ by 0.2 %: here they get
the same ones each time where bubblewrap can see to that.
"""

import atexit
import functools
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TOP / "pytest"), str(TOP / "bench")]

from harness.craft import write_pcap  # noqa: E402
from harness.tshark import HOST_SERIES, Wireshark, number_of_run  # noqa: E402
import unrelated  # noqa: E402

# What random numbers are replaced by.
NUMBER = 5
OTHER_NUMBERS = 1, 2
# Counts and nothing else, in half of callgrind's time.
COUNTER = ("/usr/bin/valgrind", "--tool=exp-bbv", "--instr-count-only=yes", "--bb-out-file=/dev/null")


@functools.cache
def _no_random_numbers(number):
    """Options for bubblewrap that put a file of this byte over and over in the place of /dev/urandom."""
    folder = Path(tempfile.mkdtemp(prefix="gapfill-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    (folder / "constant").write_bytes(bytes([number]) * 65536)
    return ["--ro-bind", str(folder / "constant"), "/dev/urandom"]


def _command(ws, capture, options, number):
    command = ws.command("tshark", "-n", "-r", capture, *options, wrapper=COUNTER)
    if command[0] == "bwrap":
        place = command.index("--bind")     # of /tmp, after /dev
        command[place:place] = _no_random_numbers(number)
    return command


def instructions(ws, capture, options=(), number=NUMBER):
    done = subprocess.run(_command(ws, capture, options, number), stdin=subprocess.DEVNULL, capture_output=True, timeout=1800)
    threads = re.findall(rb"Total instructions: (\d+)", done.stderr)
    if done.returncode != 0 or not threads:
        raise RuntimeError(done.stderr[-2000:].decode(errors="replace"))
    return sum(map(int, threads))


def measure_kinds(wiresharks, kinds):
    """{name: frames} gives {name: [for each Wireshark the instructions after start-up]}; two runs at a time."""
    with tempfile.TemporaryDirectory(prefix="gapfill-cost-") as folder, ThreadPoolExecutor(2) as pool:
        Path(folder).chmod(0o755)
        captures = {name: write_pcap(Path(folder) / f"{number}.pcap", frames)
                    for number, (name, frames) in enumerate({None: [], **kinds}.items())}
        runs = {name: [pool.submit(instructions, ws, capture) for ws in wiresharks] for name, capture in captures.items()}
        counted = {name: [run.result() for run in some] for name, some in runs.items()}
    return {name: [count - start for count, start in zip(counted[name], counted[None])] for name in kinds}


class Counter:
    """Counts once what is asked for again: a stock Wireshark over one capture serves many comparisons. Two runs at a time."""

    def __init__(self, folder):
        self.folder, self.pool, self.captures, self.runs = Path(folder), ThreadPoolExecutor(2), {}, {}

    def _capture(self, name, frames):
        if name not in self.captures:
            self.captures[name] = write_pcap(self.folder / f"{len(self.captures)}.pcap", frames)
        return self.captures[name]

    def begin(self, ws, name, frames, options=(), number=NUMBER):
        """The frames of one name are always the same."""
        key = (str(ws.plugin_dir), name, tuple(options), number)
        if key not in self.runs:
            capture = self._capture(name, frames)
            self.runs[key] = self.pool.submit(number_of_run, "instructions", key, lambda: instructions(ws, capture, options, number))
        return self.runs[key]

    def begin_start_up(self, ws, options=(), number=NUMBER):
        return self.begin(ws, None, [], options, number)

    def ratio(self, ws, name, frames, options=(), ours=(), number=NUMBER):
        """Bundle to stock after start-up, which takes longer with most options; ours: further ones for the bundle alone."""
        stock = ws.without_plugins()
        runs = [self.begin(ws, name, frames, (*options, *ours), number), self.begin_start_up(ws, (*options, *ours), number),
                self.begin(stock, name, frames, options, number), self.begin_start_up(stock, options, number)]
        bundle, bundle_start, plain, plain_start = (run.result() for run in runs)
        return (bundle - bundle_start) / (plain - plain_start)

    def ratio_for_gate(self, limit, ws, name, frames, options=(), ours=()):
        """The same; where it is above the limit, the middle one of three, as it differs by 0.1 % with where things lie in hash tables."""
        ratio = self.ratio(ws, name, frames, options, ours)
        if ratio <= limit:
            return ratio
        return sorted([ratio, *(self.ratio(ws, name, frames, options, ours, number) for number in OTHER_NUMBERS)])[1]

    def start_up(self, ws):
        """What the bundle adds to it."""
        return self.begin_start_up(ws).result() - self.begin_start_up(ws.without_plugins()).result()


def measure(wiresharks, packets):
    """Of unrelated traffic."""
    return measure_kinds(wiresharks, {"mix": unrelated.frames(packets)})["mix"]


if __name__ == "__main__":
    packets = int(sys.argv[1]) if len(sys.argv) > 1 else 20000
    ws = Wireshark(HOST_SERIES)
    if sys.argv[2:]:
        ws = ws.subset(*sys.argv[2:])
    without, with_plugins = measure([ws.without_plugins(), ws], packets)
    print(f"Wireshark {ws.series}, {packets} packets of unrelated traffic, {', '.join(sorted(ws.built()))}:")
    print(f"without {without / 1e6:.1f} M, with {with_plugins / 1e6:.1f} M instructions after start-up, "
          f"ratio {with_plugins / without:.4f}")

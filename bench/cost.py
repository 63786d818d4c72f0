#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the bundle costs on unrelated traffic: instructions after start-up, with all plugins against none.

    bench/cost.py [packets] [plugin...]     all of the plugins if none is named

valgrind counts them; start-up is the same run over an empty capture. It is most of a run, so one process starts and copies of it
read the captures (fork-at-open.c).
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
from harness.tshark import HOST_SERIES, Wireshark, numbers_of_run  # noqa: E402
import unrelated  # noqa: E402

# What random numbers are replaced by.
NUMBER = 5
OTHER_NUMBERS = 1, 2
# Counts and nothing else, in half of callgrind's time.
TOOL = ("--tool=exp-bbv", "--instr-count-only=yes", "--bb-out-file=/dev/null")

# Other ways to run: the options, and those that the bundle alone gets.
WAYS = {
    "session.enabled:FALSE": ((), ("-o", "session.enabled:FALSE")),
    "-2": (("-2",), ()),
    "-Y": (("-Y", "tcp.flags.syn == 1"), ()),
    "-V": (("-V",), ()),
    "-T fields": (("-T", "fields", "-e", "ip.src", "-e", "tcp.srcport"), ()),
    "-w": (("-w", "/dev/null"), ()),
}


def _temporary_folder():
    folder = Path(tempfile.mkdtemp(prefix="gapfill-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    return folder


@functools.cache
def _no_random_numbers(number):
    """Options for bubblewrap that put a file of this byte over and over in the place of /dev/urandom."""
    constant = _temporary_folder() / "constant"
    constant.write_bytes(bytes([number]) * 65536)
    return ["--ro-bind", str(constant), "/dev/urandom"]


@functools.cache
def _valgrind():
    """Where other roots have it too: in the folder for temporary files."""
    folder = _temporary_folder()
    shutil.copy("/usr/bin/valgrind.bin", folder)
    for file in Path("/usr/libexec/valgrind").iterdir():
        if file.name in ("default.supp", "exp-bbv-amd64-linux", "vgpreload_core-amd64-linux.so"):
            shutil.copy(file, folder)
    return folder


@functools.cache
def fork_at_open():
    library = _temporary_folder() / "fork-at-open.so"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, TOP / "bench/fork-at-open.c", "-ldl"], check=True)
    return library


def _command(ws, capture, options, number):
    valgrind = (_valgrind() / "valgrind.bin", *TOOL)
    command = ws.with_env(VALGRIND_LIB=str(_valgrind())).command("tshark", "-n", "-r", capture, *options, wrapper=valgrind)
    if command[0] == "bwrap":
        place = command.index("--bind")     # of /tmp, after /dev
        command[place:place] = _no_random_numbers(number)
    return command


def _count(ws, capture, options, number):
    """Of each process of a run, in the order in which they end: their threads together."""
    done = subprocess.run(_command(ws, capture, options, number), stdin=subprocess.DEVNULL, capture_output=True, timeout=1800)
    counted = {}
    for process, count in re.findall(rb"==(\d+)== .*Total instructions: (\d+)", done.stderr):
        counted[process] = counted.get(process, 0) + int(count)
    if done.returncode != 0 or not counted:
        raise RuntimeError(done.stderr[-2000:].decode(errors="replace"))
    return list(counted.values())


def instructions(ws, capture, options=(), number=NUMBER):
    """Of a run of its own."""
    return _count(ws, capture, options, number)[0]


def instructions_each(ws, captures, options=(), number=NUMBER):
    """Of a run over each capture, which starts with what all have in common."""
    together = ws.with_env(LD_PRELOAD=str(fork_at_open()), GAPFILL_CAPTURES=":".join(map(str, captures)))
    *counted, _ = _count(together, captures[0], options, number)
    assert len(counted) == len(captures)
    return counted


def after_start_up(ws, captures, options=(), number=NUMBER):
    """The same without start-up; the first capture is empty."""
    start, *counted = instructions_each(ws, captures, options, number)
    return [count - start for count in counted]


def measure_kinds(wiresharks, kinds):
    """{name: frames} gives {name: [for each Wireshark the instructions after start-up]}; two runs at a time."""
    with tempfile.TemporaryDirectory(prefix="gapfill-cost-") as folder, ThreadPoolExecutor(2) as pool:
        Path(folder).chmod(0o755)
        captures = [write_pcap(Path(folder) / f"{number}.pcap", frames) for number, frames in enumerate([[], *kinds.values()])]
        runs = [pool.submit(after_start_up, ws, captures) for ws in wiresharks]
        return {name: list(counts) for name, counts in zip(kinds, zip(*(run.result() for run in runs)))}


class Counter:
    """Counts once what is asked for again: a stock Wireshark over one capture serves many comparisons. Two runs at a time.

    traffic: a function for each name, which makes its frames. together: groups of those that one run counts, where no options are
    given. What is the first of its group may be compared with a run over it alone, as each copy of a process costs the next one
    some instructions.
    """

    def __init__(self, folder, traffic, *together):
        self.folder, self.traffic, self.together = Path(folder), traffic, together
        self.pool, self.captures, self.runs = ThreadPoolExecutor(2), {}, {}

    def _capture(self, name):
        if name not in self.captures:
            self.captures[name] = write_pcap(self.folder / f"{len(self.captures)}.pcap", self.traffic[name]() if name else [])
        return self.captures[name]

    def captures_of(self, *names):
        """None is an empty one."""
        return [self._capture(name) for name in names]

    def _begin(self, key, count):
        if key not in self.runs:
            self.runs[key] = self.pool.submit(numbers_of_run, "instructions", key, count)
        return self.runs[key]

    def begin(self, ws, name, options=(), number=NUMBER):
        """Gives a function that waits for the instructions after start-up."""
        groups = self.together if not options and number == NUMBER else ()
        names = next((group for group in groups if name in group), (name,))
        captures = self.captures_of(None, *names)
        key = str(ws.plugin_dir), names, tuple(options), number
        run = self._begin(key, lambda: after_start_up(ws, captures, options, number))
        return lambda: run.result()[names.index(name)]

    def begin_alone(self, ws, name):
        """Likewise, of a run of its own, start-up included."""
        capture = self._capture(name)
        run = self._begin((str(ws.plugin_dir), "alone", name), lambda: [instructions(ws, capture)])
        return lambda: run.result()[0]

    def ratio(self, ws, name, options=(), ours=(), number=NUMBER):
        """Bundle to stock after start-up, which takes longer with most options; ours: further ones for the bundle alone."""
        bundle, plain = self.begin(ws, name, (*options, *ours), number), self.begin(ws.without_plugins(), name, options, number)
        return bundle() / plain()

    def ratio_for_gate(self, limit, ws, name, options=(), ours=()):
        """The same; where it is above the limit, the middle one of three, as it differs by 0.1 % with where things lie in hash tables."""
        ratio = self.ratio(ws, name, options, ours)
        if ratio <= limit:
            return ratio
        return sorted([ratio, *(self.ratio(ws, name, options, ours, number) for number in OTHER_NUMBERS)])[1]

    def start_up(self, ws):
        """What the bundle adds to it: in runs of their own, as looking up names takes longer where something is preloaded.

        In a folder that has the plugins and nothing else, as users have them: Lua's part of Wireshark asks about each file that it
        finds there, and where they are built there are hundreds.
        """
        bundle, plain = self.begin_alone(ws.subset(*ws.built()), None), self.begin_alone(ws.without_plugins(), None)
        return bundle() - plain()


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

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Which lines of the plugins the tests run, by gcov, with Wireshark 4.0.

    fuzz/coverage.py --run [FOLDER...]      builds, and runs the tests of the plugins or those of some folders of pytest/
    fuzz/coverage.py --table                lines, functions and blocks of lines, those that ran and that did not, by plugin
    fuzz/coverage.py --blocks [PLUGIN...]   the lines that did not run, in blocks, each with its explanation
    fuzz/coverage.py --check                which blocks are not explained, which explanations are of none; exit status 1 if there is either

All is in build/coverage; --run adds to what earlier runs counted. A source that several plugins are built with counts once.

A block is lines of a function between two that ran. docs/coverage.tsv says of each when it would run, or what keeps a test from it, on a line of its own:
the file, the function and the text of its first line, with #2 behind the second such line of the function, and the reason. --check prints those that
lack as such lines.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from itertools import groupby
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP / "pytest/house"))
from analyzers import function_at  # noqa: E402

BUILD = TOP / "build" / "coverage"
COUNTS = Path(tempfile.gettempdir()) / f"gapfill-coverage-{os.getuid()}"       # where the tests' tools may write
EXPLAINED = TOP / "docs" / "coverage.tsv"
FOLDERS = ("common", "discard", "arp_snap", "whole_session", "hkp", "ldp_extras", "acme", "ftp_session", "openpgp")


def build():
    config = next(Path("/usr/lib").rglob("WiresharkConfig.cmake")).parent
    for command in (["cmake", "-G", "Ninja", "-S", TOP, "-B", BUILD / "4.0", f"-DGAPFILL_COVERAGE={COUNTS}", f"-DWireshark_DIR={config}"],
                    ["ninja", "-C", BUILD / "4.0"]):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stdout[-3000:] + done.stderr[-3000:])


def run(folders):
    """What fails there is for other runs of the tests to say; exit status 1 if anything does."""
    build()
    COUNTS.mkdir(exist_ok=True)
    env = {**os.environ, "GAPFILL_BUILD": str(BUILD)}
    env.pop("GAPFILL_SANITIZED", None)
    return subprocess.run(["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--wireshark=4.0",
                           *(f"pytest/{folder}" for folder in folders)], cwd=TOP, env=env).returncode != 0


def counted():
    """({source: {line: how often}}, {source: {function: how often}}), of all plugins that a source is built into."""
    lines, functions = defaultdict(Counter), defaultdict(Counter)
    notes = sorted((BUILD / "4.0/plugins").rglob("*.gcno"))
    for note in notes:
        counts = COUNTS / (str(note).replace("/", "#")[:-5] + ".gcda")
        if counts.exists():
            shutil.copy(counts, note.with_suffix(".gcda"))
    printed = subprocess.run(["gcov", "-j", "-t", *notes], cwd=BUILD, capture_output=True, text=True, check=True).stdout
    for report in filter(None, printed.splitlines()):
        for file in json.loads(report)["files"]:
            source = (BUILD / "4.0" / file["file"]).resolve()
            if source.is_relative_to(TOP / "plugins"):
                for line in file["lines"]:
                    lines[source][line["line_number"]] += line["count"]
                for function in file["functions"]:
                    functions[source][function["name"]] += function["execution_count"]
    return lines, functions


def places(source):
    """{line: (file, function, text of the line, with its number from the second such line on)}: what stays where other lines come and go."""
    lines, file = source.read_text().split("\n"), str(source.relative_to(TOP))
    found, seen = {}, Counter()
    for line, text in enumerate(lines, 1):
        place = file, function_at(lines, line), text.strip()
        seen[place] += 1
        found[line] = (*place[:2], place[2] + (f" #{seen[place]}" if seen[place] > 1 else ""))
    return found


def blocks(lines):
    """(place, lines) of each block that did not run."""
    for source, counts in sorted(lines.items()):
        place = places(source)
        for (ran, _), group in groupby(sorted(counts), lambda line: (counts[line] > 0, place[line][1])):
            numbers = list(group)
            if not ran:
                yield place[numbers[0]], numbers


def explained():
    """{place: why no test runs it}"""
    rows = (line.split("\t") for line in EXPLAINED.read_text().splitlines() if line and line[0] != "#")
    return {tuple(place): why for *place, why in rows}


def table():
    lines, functions = counted()
    reasons, total = explained(), defaultdict(Counter)
    for source, counts in lines.items():
        for plugin in (source.parent.name, "all"):
            total[plugin].update(lines=len(counts), ran=sum(count > 0 for count in counts.values()),
                                 never=sum(count == 0 for count in functions[source].values()))
    for place, _ in blocks(lines):
        for plugin in (place[0].split("/")[1], "all"):
            total[plugin].update(blocks=1, explained=place in reasons)
    print("| plugin | lines | that ran | | functions that never ran | blocks that did not run | explained |\n|---|---:|---:|---:|---:|---:|---:|")
    for plugin in [*sorted(total.keys() - {"all"}), "all"]:
        row = total[plugin]
        print(f"| {plugin} | {row['lines']:,} | {row['ran']:,} | {row['ran'] / row['lines']:.1%} | {row['never']} | {row['blocks']} | {row['explained']} |")


def show(plugins):
    reasons = explained()
    for place, numbers in blocks(counted()[0]):
        if not plugins or place[0].split("/")[1] in plugins:
            text = (TOP / place[0]).read_text().split("\n")
            print(f"\n{place[0]} {place[1]} ({len(numbers)})  {reasons.get(place, '')}")
            print("\n".join(f"{line:7} {text[line - 1]}" for line in range(numbers[0], numbers[-1] + 1)))


def check():
    reasons, found = explained(), {place for place, _ in blocks(counted()[0])}
    for place in sorted(found - reasons.keys()):
        print("not explained:", *place, sep="\t")
    for place in sorted(reasons.keys() - found):
        print("did run, or is no more:", *place, sep="\t")
    return found != reasons.keys()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--run", nargs="*", choices=FOLDERS, metavar="FOLDER")
    what.add_argument("--table", action="store_true")
    what.add_argument("--blocks", nargs="*", metavar="PLUGIN")
    what.add_argument("--check", action="store_true")
    args = parser.parse_args()
    if args.run is not None:
        sys.exit(run(args.run or FOLDERS))
    if args.check:
        sys.exit(check())
    if args.table:
        table()
    else:
        show(args.blocks)


if __name__ == "__main__":
    main()

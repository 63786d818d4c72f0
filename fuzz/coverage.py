#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Which lines of the plugins the tests run, by gcov, with Wireshark 4.0.

    fuzz/coverage.py --run [FOLDER...]      builds, and runs the tests of the plugins or those of some folders of pytest/
    fuzz/coverage.py --table                lines, lines that ran and functions that did not, by plugin
    fuzz/coverage.py --uncovered PLUGIN     the lines that did not run, in blocks

All is in build/coverage; --run adds to what earlier runs counted. A source that several plugins are built with counts once.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
BUILD = TOP / "build" / "coverage"
COUNTS = Path(tempfile.gettempdir()) / f"gapfill-coverage-{os.getuid()}"       # where the tests' tools may write
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


def table():
    lines, functions = counted()
    total = defaultdict(Counter)
    for source, counts in lines.items():
        for plugin in (source.parent.name, "all"):
            total[plugin].update(lines=len(counts), ran=sum(count > 0 for count in counts.values()),
                                 never=sum(count == 0 for count in functions[source].values()))
    print("| plugin | lines | that ran | | functions that never ran |\n|---|---:|---:|---:|---:|")
    for plugin in [*sorted(total.keys() - {"all"}), "all"]:
        row = total[plugin]
        print(f"| {plugin} | {row['lines']:,} | {row['ran']:,} | {row['ran'] / row['lines']:.1%} | {row['never']} |")


def uncovered(plugin):
    for source, counts in sorted(counted()[0].items()):
        missing = [line for line, count in sorted(counts.items()) if count == 0]
        if source.parent.name != plugin or not missing:
            continue
        text, before = source.read_text().split("\n"), None
        print(f"\n{source.relative_to(TOP)}")
        for line in missing:
            if before and line - before > 2:
                print("        ...")
            print(f"{line:7} {text[line - 1]}")
            before = line


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--run", nargs="*", choices=FOLDERS, metavar="FOLDER")
    what.add_argument("--table", action="store_true")
    what.add_argument("--uncovered", metavar="PLUGIN")
    args = parser.parse_args()
    if args.run is not None:
        sys.exit(run(args.run or FOLDERS))
    elif args.table:
        table()
    else:
        uncovered(args.uncovered)


if __name__ == "__main__":
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Shows what each plugin adds: to a sample capture of its own, or to the captures given.

    packaging/demo.py [CAPTURE...]

Each plugin's demo.tsv says what to show, with a tab between the two or three parts of a line:

    title    one line about what is seen
    capture  a file below test-captures/
    keylog   a TLS key log below test-captures/, if one is needed
    filter   a display filter
    column   heading     field
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
CAPTURES = TOP / "test-captures"
ROWS = 8
WIDEST = 44


class Unreadable(Exception):
    """A capture that tshark cannot read, with its reason."""


def loaded():
    """The names of all plugins that this tshark loads, and its series."""
    lines = subprocess.run(["tshark", "-G", "plugins"], capture_output=True, text=True, errors="replace").stdout.splitlines()
    version = subprocess.run(["tshark", "--version"], capture_output=True, text=True, errors="replace").stdout
    series = re.search(r"\(Wireshark\) (\d+\.\d+)\.", version)
    return {line.split(".so")[0].strip() for line in lines if ".so" in line}, series[1] if series else "of unknown version"


def of_another_series(names, series):
    """The folders of other Wireshark series that have plugins of these names, as after an upgrade of Wireshark."""
    told = subprocess.run(["tshark", "-G", "folders"], capture_output=True, text=True, errors="replace").stdout
    folders = [Path(folder) for folder in re.findall(r"^(?:Personal|Global) Plugins:\s*(.*)$", told, re.M)]
    return sorted({file.parent for folder in folders for name in names for file in folder.parent.glob(f"*/epan/{name}.so")
                   if file.parent.parent.name != series})


def read_demo(path):
    demo = {"name": path.parent.name, "columns": []}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        key, *values = line.split("\t")
        if key == "column" and len(values) == 2:
            demo["columns"].append(tuple(values))
        elif key in ("title", "capture", "keylog", "filter") and len(values) == 1:
            demo[key] = values[0]
        else:
            sys.exit(f"{path}:{number}: {line!r} is not understood")
    return demo


def packets(demo, capture, keylog=None):
    """The rows of the demo's columns, led by the frame's number."""
    columns = [("Frame", "frame.number"), *demo["columns"]]
    layout = ",".join(f'"{heading}","%Cus:{field}:0:R"' for heading, field in columns)
    command = ["tshark", "-n", "-2", "-r", str(capture), "-Y", demo["filter"], "-T", "tabs", "-o", f"gui.column.format:{layout}"]
    if keylog:
        command += ["-o", f"tls.keylog_file:{keylog}"]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if done.returncode and "cut short" not in done.stderr:
        complaints = [line for line in done.stderr.splitlines() if "Running as user" not in line]
        raise Unreadable(f"tshark cannot show {capture}: {' '.join(complaints[-1:])}")
    rows = [[value.strip() for value in line.split("\t")] for line in done.stdout.splitlines()]
    return [row + [""] * (len(columns) - len(row)) for row in rows]


def width(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def fitted(text, size):
    text = "".join(c if c.isprintable() else "\N{MIDDLE DOT}" for c in text)
    if width(text) > size:
        while width(text) > size - 1:
            text = text[:-1]
        text += "\N{HORIZONTAL ELLIPSIS}"
    return text + " " * (size - width(text))


def print_table(headings, rows):
    used = [i for i in range(len(headings)) if i == 0 or any(row[i] for row in rows)]
    sizes = {i: min(WIDEST, max(width(headings[i]), *(width(row[i]) for row in rows))) for i in used}
    room = shutil.get_terminal_size((110, 40)).columns - 2 * len(used) - 2
    while sum(sizes.values()) > room and max(sizes.values()) > 12:
        sizes[max(sizes, key=sizes.get)] -= 1
    print("  " + "  ".join(bold(fitted(headings[i], sizes[i])) for i in used).rstrip())
    print("  " + "  ".join("\N{BOX DRAWINGS LIGHT HORIZONTAL}" * sizes[i] for i in used))
    for row in rows:
        print("  " + "  ".join(fitted(row[i], sizes[i]) for i in used).rstrip())


def bold(text):
    return f"\033[1m{text}\033[0m" if sys.stdout.isatty() and "NO_COLOR" not in os.environ else text


def varied(rows):
    """At most ROWS of them, such as differ in more than their frame number first."""
    seen, chosen = set(), []
    for row in rows:
        if tuple(row[1:]) not in seen and len(chosen) < ROWS:
            seen.add(tuple(row[1:]))
            chosen.append(row)
    return chosen


def as_typed(path):
    """The path as one would type it from here."""
    relative = os.path.relpath(path)
    return shlex.quote(relative if not relative.startswith("..") else str(path))


def show(demo, capture, keylog, own_sample):
    rows = packets(demo, capture, keylog)
    if not rows and not own_sample:
        return False
    print()
    print(bold(f"{demo['name']}: {demo['title']}"))
    keys = f" -o tls.keylog_file:{as_typed(keylog)}" if keylog else ""
    print(f"  $ tshark -2 -r {as_typed(capture)}{keys} -Y '{demo['filter']}'")
    print()
    if rows:
        chosen = varied(rows)
        print_table(["Frame", *(heading for heading, _ in demo["columns"])], chosen)
        rest = len(rows) - len(chosen)
        if rest:
            print(f"  \N{HORIZONTAL ELLIPSIS} and {rest} more packet{'s' if rest > 1 else ''}")
    else:
        print("  (nothing)")
    return bool(rows)


def main(captures):
    """Shows all there is; whether each capture could be read."""
    readable = True
    demos = [read_demo(path) for path in sorted(TOP.glob("plugins/*/demo.tsv"))]
    present, series = loaded()
    absent = [demo["name"] for demo in demos if demo["name"] not in present]
    if len(absent) == len(demos):
        old = of_another_series(absent, series)
        print(f"Wireshark {series} has none of the plugins" + (f": those in {old[0]} are for Wireshark {old[0].parent.name}" if old else "")
              + "; run ./install.sh" + (" again." if old else "."), file=sys.stderr)
        return False
    if not captures:
        for demo in demos:
            keylog = CAPTURES / demo["keylog"] if "keylog" in demo else None
            show(demo, CAPTURES / demo["capture"], keylog, own_sample=True)
    for capture in map(Path, captures):
        print()
        print(bold(str(capture)))
        try:
            if not any([show(demo, capture, None, own_sample=False) for demo in demos]):
                print("  none of the plugins has anything to say about it")
        except Unreadable as reason:
            readable = False
            print(f"  {reason}")
    print()
    print("The same filters work in Wireshark's filter bar. README.md and plugins/*/README.md tell what else there is.")
    return readable


if __name__ == "__main__":
    try:
        sys.exit(0 if main(sys.argv[1:]) else 1)
    except BrokenPipeError:
        pass

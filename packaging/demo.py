#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Shows what each plugin adds: to a sample capture of its own, or to the captures given.

    packaging/demo.py [--keys KEYLOG] [CAPTURE...]

What Wireshark says alone stands in front of what it says with the plugin, and of the command that prints that. Each plugin's demo.tsv
says what to show, with a tab between the two parts of a line:

    title    one line about what is seen
    capture  a file below test-captures/
    keylog   a TLS key log below test-captures/, if one is needed
    filter   a display filter
    alone    the display filter for which Wireshark alone is asked, where that is not about the same packets
    field    what -T fields is to print; without any, number, protocol and Info of each packet are shown
"""

import argparse
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
ROWS = 5
LIST = ["-o", 'gui.column.format:"No.","%m","Protocol","%p","Info","%i"']
# Neither the system's plugins nor those of a user.
ALONE = {"WIRESHARK_PLUGIN_DIR": "/nonexistent", "HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent"}


def alone():
    """What leads a command without any plugins. Wireshark as root heeds no WIRESHARK_PLUGIN_DIR: it is another user in a namespace then."""
    return ["unshare", "--user", "--map-user=65534", "--map-group=65534"] if os.geteuid() == 0 else []


class Unreadable(Exception):
    """A capture that tshark cannot read, with its reason."""


def alone_is_possible(names):
    """Whether Wireshark can be asked without these plugins here; in some containers root cannot."""
    try:
        done = subprocess.run([*alone(), "tshark", "-G", "plugins"], capture_output=True, text=True, errors="replace", env={**os.environ, **ALONE})
    except OSError:
        return False
    return done.returncode == 0 and not any(f"{name}.so" in done.stdout for name in names)


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
    demo = {"name": path.parent.name, "fields": []}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        key, *values = line.split("\t")
        if key == "field" and len(values) == 1:
            demo["fields"].append(values[0])
        elif key in ("title", "capture", "keylog", "filter", "alone") and len(values) == 1:
            demo[key] = values[0]
        else:
            sys.exit(f"{path}:{number}: {line!r} is not understood")
    return demo


def arguments(demo, capture, keylog):
    chosen = ["tshark", "-2", "-n", "-r", str(capture)]
    if keylog:
        chosen += ["-o", f"tls.keylog_file:{keylog}"]
    chosen += ["-Y", demo["filter"]]
    if not demo["fields"]:
        return chosen + LIST
    return chosen + ["-T", "fields", "-E", "occurrence=f"] + [part for field in demo["fields"] for part in ("-e", field)]


def printed(command, capture, **environment):
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", env={**os.environ, **environment})
    if done.returncode and "cut short" not in done.stderr:
        complaints = [line for line in done.stderr.splitlines() if "Running as user" not in line]
        raise Unreadable(f"tshark cannot show {capture}: {' '.join(complaints[-1:])}")
    return done.stdout.splitlines()


def without_plugins(demo, capture, keylog):
    """What Wireshark alone says of the same packets, as far as they are shown."""
    wanted = demo.get("alone")
    if not wanted:
        frames = printed(arguments({**demo, "fields": ["frame.number"]}, capture, keylog), capture)[:ROWS]
        wanted = f"frame.number in {{{', '.join(frames)}}}"
    return printed([*alone(), *arguments({"filter": wanted, "fields": []}, capture, keylog)], capture, **ALONE)


def width(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def columns():
    return min(shutil.get_terminal_size((80, 40)).columns, 120)


def fitted(text, size):
    text = "".join(c if c.isprintable() else "\N{MIDDLE DOT}" for c in text.expandtabs().rstrip())
    if width(text) <= size:
        return text
    while width(text) > size - 1:
        text = text[:-1]
    return text + "\N{HORIZONTAL ELLIPSIS}"


def bold(text):
    return f"\033[1m{text}\033[0m" if sys.stdout.isatty() and "NO_COLOR" not in os.environ else text


def as_typed(path):
    """The path as one would type it from here."""
    relative = os.path.relpath(path)
    return relative if not relative.startswith("..") else str(path)


def with_values(words):
    """Each option together with its value, quoted."""
    found = []
    for word in map(shlex.quote, words):
        if found and re.fullmatch(r"-[a-zA-Z]", found[-1]) and found[-1] != "-n" and not word.startswith("-"):
            found[-1] += " " + word
        else:
            found.append(word)
    return found


def print_command(words):
    """Over several lines where it is too long for one, as a shell takes it."""
    line = "  $"
    for word in with_values(words):
        if width(line) + width(word) > columns() - 3:
            print(line + " \\")
            line = "     "
        line += " " + word
    print(line)


def print_lines(lines):
    for line in lines[:ROWS]:
        print("  " + fitted(line, columns() - 2))
    rest = len(lines) - ROWS
    if rest > 0:
        print(f"  \N{HORIZONTAL ELLIPSIS} and {rest} more line{'s' if rest > 1 else ''}")


def show_alone(demo, capture, keylog, can_be_asked):
    print(f"  Wireshark alone{', filter ' + demo['alone'] if 'alone' in demo else ''}:")
    print_lines(without_plugins(demo, capture, keylog) if can_be_asked else ["(cannot be asked by root here)"])
    print("  With the plugin:")


def show(demo, capture, keylog, own_sample, can_be_asked):
    lines = printed(arguments(demo, capture, keylog), capture)
    if not lines and not own_sample:
        return False
    print()
    print(bold(f"{demo['name']}: {demo['title']}"))
    if lines:
        show_alone(demo, capture, keylog, can_be_asked)
    print_command(arguments(demo, as_typed(capture), keylog and as_typed(keylog)))
    print_lines(lines or ["(nothing)"])
    return bool(lines)


def show_all(demos, captures, keys, can_be_asked):
    """Whether each capture could be read, and each sample shows something."""
    if not captures:
        return all([show(demo, CAPTURES / demo["capture"], CAPTURES / demo["keylog"] if "keylog" in demo else None, True, can_be_asked)
                    for demo in demos])
    readable = True
    for capture in map(Path, captures):
        print()
        print(bold(str(capture)))
        try:
            if not any([show(demo, capture, keys, False, can_be_asked) for demo in demos]):
                print("  none of the plugins has anything to say about it")
        except Unreadable as reason:
            readable = False
            print(f"  {reason}")
    return readable


def main(captures, keys):
    """Shows all there is; whether that went well."""
    demos = [read_demo(path) for path in sorted(TOP.glob("plugins/*/demo.tsv"))]
    present, series = loaded()
    absent = [demo["name"] for demo in demos if demo["name"] not in present]
    if len(absent) == len(demos):
        old = of_another_series(absent, series)
        print(f"Wireshark {series} has none of the plugins" + (f": those in {old[0]} are for Wireshark {old[0].parent.name}" if old else "")
              + "; run ./install.sh" + (" again." if old else "."), file=sys.stderr)
        return False
    well = show_all(demos, captures, keys, alone_is_possible({demo["name"] for demo in demos}))
    print()
    print("Wireshark's filter bar takes the same filters; docs/cookbook.md has more.")
    return well


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Shows what each plugin adds.")
    parser.add_argument("--keys", metavar="KEYLOG", help="a TLS key log, for all of the captures")
    parser.add_argument("captures", metavar="CAPTURE", nargs="*")
    chosen = parser.parse_args()
    try:
        sys.exit(0 if main(chosen.captures, chosen.keys) else 1)
    except BrokenPipeError:
        pass

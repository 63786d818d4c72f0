# SPDX-License-Identifier: GPL-2.0-or-later
"""What gcc -fanalyzer, clang --analyze and cppcheck say about the plugins' sources, and which of it is known to be false.

    /usr/bin/python3 pytest/house/analyzers.py BUILD [--tool gcc|clang|cppcheck] [--jobs N] [FILE...]

prints the findings, one a line, in the form of analyzers.tsv but for the reason; all sources of the build of that folder, or those named.
"""

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

TOP = Path(__file__).resolve().parents[2]
FALSE_FINDINGS = Path(__file__).with_name("analyzers.tsv")
VERSIONS = {"gcc": "12", "clang": "14", "cppcheck": "2.10"}      # those of Debian 12, whose false findings are listed
C_LOCALE = {**os.environ, "LC_ALL": "C"}
FUNCTION = re.compile(r"^(?!(?:static|extern|typedef|struct|enum|union)\b)(\w+)\(")


class Finding(NamedTuple):
    """Without the line, which other changes move."""
    tool: str
    checker: str
    file: str           # from the top folder
    function: str       # "-" outside of one; of what is in a header of a library, its name, and the file is what includes it


class Report(NamedTuple):
    finding: Finding
    line: int
    message: str

    def __str__(self):
        return "\t".join((*self.finding, f"line {self.line}: {self.message}"))


def compilations(build):
    """Of each of the plugins' sources, the first command that compiles it, by its path from the top folder."""
    found = {}
    for entry in json.loads((Path(build) / "compile_commands.json").read_text()):
        path = Path(entry["file"])
        if (TOP / "plugins") in path.parents:
            found.setdefault(str(path.relative_to(TOP)), (shlex.split(entry["command"]), entry["directory"]))
    return found


def options_of(command):
    """What every compiler understands: includes, definitions, the language."""
    kept, words = [], iter(command[1:])
    for word in words:
        if word == "-isystem":
            kept += [word, next(words)]
        elif re.match(r"-[ID]|-std=", word):
            kept.append(word)
    return kept


@lru_cache(maxsize=None)
def lines_of(path):
    return path.read_text().splitlines() if path.is_file() else []


def function_at(lines, line):
    """By this repository's style: a function's name begins the line, its end is a brace that does."""
    before = lines[:line]
    for number in range(len(before) - 1, -1, -1):
        if before[number].startswith("}") and number < line - 1:
            break
        if name := FUNCTION.match(before[number]):
            return name[1]
    return "-"


def gcc(path, command, folder):
    """As it is built, since the analyzer looks at what the optimiser has made of it."""
    command = [*command[:1], "-fanalyzer", *command[1:], "-fno-lto", "-Wno-error", "-o", "/dev/null"]
    return command, folder, r"(?P<file>\S+?):(?P<line>\d+):\d+: warning: (?P<message>.*) \[-W(?P<checker>analyzer-[\w-]+)\]$"


def clang(path, command, folder):
    command = ["clang", "--analyze", "--analyzer-output", "text", "-w", *options_of(command), str(TOP / path)]
    return command, folder, r"(?P<file>\S+?):(?P<line>\d+):\d+: warning: (?P<message>.*) \[(?P<checker>\w+(?:\.\w+)+)\]$"


def cppcheck(path, command, folder):
    """Of the library's headers it knows what its own library files say: reading them would take minutes."""
    ours = [word for word in options_of(command) if re.match(r"-D|-I" + re.escape(str(TOP)), word)]
    command = ["cppcheck", "--quiet", "--language=c", "--std=c11", "--enable=warning,portability,performance", "--library=gtk", "--library=gnu",
               "--template={file}:{line}: {id}: {message}", *ours, str(TOP / path)]
    return command, folder, r"(?P<file>\S+?):(?P<line>\d+): (?P<checker>\w+): (?P<message>.*)$"


TOOLS = {"gcc": gcc, "clang": clang, "cppcheck": cppcheck}


def analyze(tool, path, compilation):
    """Reports of one tool about one source and the headers that it includes, each once."""
    command, folder, pattern = TOOLS[tool](path, *compilation)
    done = subprocess.run(command, cwd=folder, env=C_LOCALE, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600)
    said = done.stdout + done.stderr
    if done.returncode != 0:
        raise RuntimeError(f"{shlex.join(command)}\nends with {done.returncode}: {said[-2000:]}")
    reports = {}
    for match in re.finditer("^" + pattern, said, re.M):
        file = (Path(folder) / match["file"]).resolve()
        line = int(match["line"])
        where = (str(file.relative_to(TOP)), function_at(lines_of(file), line)) if TOP in file.parents else (path, file.name)
        report = Report(Finding(tool, match["checker"], *where), line, match["message"])
        reports.setdefault((report.finding, line, report.message), report)
    return list(reports.values())


def version(tool):
    """As far as VERSIONS says it; None if there is no such program."""
    try:
        said = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        return None
    numbers = re.search(r"(\d+)\.(\d+)", said)
    return ".".join(numbers.groups()[:VERSIONS[tool].count(".") + 1])


def false_findings():
    """Each known finding with the reason why it is none."""
    rows = [line.split("\t") for line in FALSE_FINDINGS.read_text().splitlines() if line and not line.startswith("#")]
    return {Finding(*row[:4]): row[4] for row in rows}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--tool", choices=TOOLS, action="append")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("files", nargs="*")
    args = parser.parse_intermixed_args()
    found = {path: how for path, how in compilations(args.build).items() if not args.files or path in args.files}
    for tool in args.tool or TOOLS:
        with ThreadPoolExecutor(args.jobs) as pool:
            for reports in pool.map(lambda item, tool=tool: analyze(tool, *item), sorted(found.items())):
                for report in reports:
                    print(report, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

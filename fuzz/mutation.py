#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Puts one deliberate fault after the other into the plugins, and looks whether the tests notice.

    fuzz/mutation.py --run [--total 150] [--seed 1] [--only ftp-session,common] [--jobs 2] [--minutes 60]
    fuzz/mutation.py --report           the score by plugin, and each fault that was not noticed
    fuzz/mutation.py --show ID          the fault as a patch
    fuzz/mutation.py --list             how many faults the rules find, by plugin and rule

--total is shared by the plugins and plugins/common in proportion to their faults, at least FEWEST each; they are drawn by the seed, each
rule as often as the others. Results
stand in build/mutation/results.tsv, by what the fault is and the file it is in; a run goes on where one was stopped. A fault that
was not noticed is tried again with --again, after a test was added; docs/mutation.tsv says of each that is left why it is none.

The tests are those of the plugin, nearest by name first, with Wireshark 4.0 alone; of plugins/common, its own and those of the plugins that
are built with the file; A
fault that does not compile is no fault; tests that do not end notice it. What a test notices has to be the fault: it is run without it, too.
"""

import argparse
import functools
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

TOP = Path(__file__).resolve().parents[1]
WORK = TOP / "build" / "mutation"
RESULTS = WORK / "results.tsv"
EXPLAINED = TOP / "docs" / "mutation.tsv"
COVERED = TOP / "build" / "coverage" / "by-test.tsv"
LONGEST = 1800      # seconds of tests for one fault
FEWEST = 6          # faults of a plugin

# What stands in C text, less comments and strings. Each rule: name, what it looks for, what stands there instead.
RULES = (
    ("range end", r"(?<![<>=!\-&|])(<=|>=|<|>)(?![<>=])", lambda m: {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}[m[1]]),
    ("equality", r"(?<![<>=!])([!=]=)(?!=)", lambda m: {"==": "!=", "!=": "=="}[m[1]]),
    ("and, or", r"&&|\|\|", lambda m: {"&&": "||", "||": "&&"}[m[0]]),
    ("dropped condition", r"(?<=\bif )\((?=.*\)( \{)?\s*$)", lambda m: "(true || "),
    ("condition never met", r"(?<=\bif )\((?=.*\)( \{)?\s*$)", lambda m: "(false && "),
    ("constant", r"(?<![\w.\"'])(\d+)(?=[);,\]\s]|$)", lambda m: str(int(m[1]) + 1)),
    ("bound", r"^#define \w*(?:MAX|LIMIT|KEPT|BYTES|SHARE)\w*\s+\(*\d+", lambda m: re.sub(r"\d+$", lambda n: str(int(n[0]) * 2), m[0])),
    ("truth", r"\breturn (true|false);", lambda m: f"return {'false' if m[1] == 'true' else 'true'};"),
    ("sum", r" ([+-]) (?=\w)", lambda m: {"+": " - ", "-": " + "}[m[1]]),
    ("direction", r"\b(src|dst|srcport|dstport|destport)\b(?!\w)", lambda m: {"src": "dst", "dst": "src", "srcport": "dstport", "dstport": "srcport",
                                                                               "destport": "srcport"}[m[1]]),
    ("other pass", r"!?PINFO_FD_VISITED\(\w+(->\w+)?\)", lambda m: "true" if m[0][0] == "!" else "false"),
    ("lost statement", r"^\s+(?!return|break|continue|goto|case|default|else|if|for|while|static|const|struct|uint|int|char|bool|TRY|CATCH|FINALLY)"
                       r"[a-z_][\w>.\[\]-]*( [-+|&]?= |\().*;$", lambda m: re.match(r"\s*", m[0])[0] + ";"),
    ("lost case", r"^\s+case [^:]+:$", lambda m: ""),
)
NO_CODE = re.compile(r"HFILL|^\s*\{ ?&|^#include|_Static_assert|^\s*\{ .* \},?$|ws_assert|register_|\bstatic (?:int|gint|expert_field) [a-z]+_\w+( = -1)?;")


@dataclass(frozen=True)
class Fault:
    """line: from 0. before, after: the whole line. n: which of several like it in the file."""
    file: str
    line: int
    rule: str
    before: str
    after: str
    n: int

    @property
    def name(self):
        return hashlib.sha256("\0".join((self.file, self.rule, self.before, self.after, str(self.n))).encode()).hexdigest()[:10]

    @property
    def plugin(self):
        return self.file.split("/")[1]


def code_of(text):
    """The lines with spaces for comments and letters x for strings, of the same length."""
    def blank(m):
        return re.sub(r"[^\n]", "x" if m[0][0] in "\"'" else " ", m[0])
    return re.sub(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|//[^\n]*', blank, text, flags=re.S).split("\n")


def faults_of(path):
    text = path.read_text()
    lines, seen = text.split("\n"), Counter()
    name = str(path.relative_to(TOP))
    for number, code in enumerate(code_of(text)):
        if not code.strip() or NO_CODE.search(code) or NO_CODE.search(lines[number]):
            continue
        for rule, pattern, instead in RULES:
            if rule not in ("bound", "lost case") and (code.startswith("#") or not code.startswith(" ")):
                continue
            for m in re.finditer(pattern, code):
                after = lines[number][:m.start()] + instead(m) + lines[number][m.end():]
                if after == lines[number]:
                    continue
                key = rule, lines[number], after
                yield Fault(name, number, rule, lines[number], after, seen[key])
                seen[key] += 1


def all_faults():
    for path in sorted((TOP / "plugins").glob("*/*.[ch]")):
        if path.name != "compat.h":
            yield from faults_of(path)


def shares(numbers, total):
    """{plugin: its part of the total}, by {plugin: how many faults it has}; what rounding leaves goes to the largest."""
    parts = {plugin: max(FEWEST, total * number // sum(numbers.values())) for plugin, number in numbers.items()}
    parts[max(numbers, key=numbers.get)] += max(0, total - sum(parts.values()))
    return parts


def drawn(faults, total, seed):
    """Those of each plugin, spread over the whole; every rule as often as the others as far as there are enough."""
    by_plugin = defaultdict(lambda: defaultdict(list))
    for fault in faults:
        by_plugin[fault.plugin][fault.rule].append(fault)
    parts = shares({plugin: sum(map(len, rules.values())) for plugin, rules in by_plugin.items()}, total)
    placed = [((at + 0.5) / part, plugin, fault) for plugin, part in parts.items()
              for at, fault in enumerate(drawn_of(plugin, by_plugin[plugin], part, seed))]
    return [fault for _, _, fault in sorted(placed, key=lambda entry: entry[:2])]


def drawn_of(plugin, by_rule, count, seed):
    rng = random.Random(f"{seed} {plugin}")
    rules = [sorted(faults, key=lambda f: f.name) for _, faults in sorted(by_rule.items())]
    for faults in rules:
        rng.shuffle(faults)
    rng.shuffle(rules)
    left = count
    while left and any(rules):
        for faults in rules:
            if faults and left:
                yield faults.pop()
                left -= 1


# Where a fault is tried

def built_with(build, file):
    """Objects of a build that are made of this source or with this header."""
    found, made = set(), None
    for line in subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True, check=True).stdout.splitlines():
        if line[:1] not in ("", " "):
            made = line.partition(":")[0]
        elif line.endswith("/" + file):
            found.add(made)
    return found


class Place:
    """A copy of the tree with a build of it, and a folder of plugins for one fault at a time, of which only what has the fault is built."""

    def __init__(self, number):
        self.tree, self.faulty = WORK / f"tree-{number}" / "gapfill", WORK / f"faulty-{number}"
        self.build = self.tree / "build"
        self.good = {}      # tests, and whether they pass without a fault

    def prepare(self):
        self.tree.mkdir(parents=True, exist_ok=True)
        for path in self.tree.iterdir():
            if path.is_dir() and path != self.build:
                shutil.rmtree(path)
        files = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=TOP, capture_output=True, check=True).stdout
        for name in filter(None, files.decode().split("\0")):
            if (TOP / name).is_file():
                (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(TOP / name, self.tree / name)
        shared = self.tree.parent / "shared"
        if (TOP.parent / "shared").is_dir() and not shared.exists():
            shared.symlink_to((TOP.parent / "shared").resolve())
        config = next(Path("/usr/lib").rglob("WiresharkConfig.cmake")).parent
        self.run("cmake", "-G", "Ninja", "-S", self.tree, "-B", self.build / "4.0", f"-DWireshark_DIR={config}", "-DGAPFILL_PLUGINS=all", "-DGAPFILL_WERROR=ON")
        self.run("ninja", "-C", self.build / "4.0")
        (self.faulty / "objects").mkdir(parents=True, exist_ok=True)
        self.compiling = {entry["output"]: entry["command"] for entry in self.commands()}
        self.linking = {so.name: subprocess.run(["ninja", "-C", self.build / "4.0", "-t", "commands", f"plugins/4.0/epan/{so.name}"], capture_output=True, text=True,
                                                check=True).stdout.splitlines()[-1] for so in self.plugins()}

    def commands(self):
        entries = json.loads((self.build / "4.0/compile_commands.json").read_text())
        return [{**entry, "output": re.search(r" -o (\S+)", entry["command"])[1]} for entry in entries]

    def plugins(self):
        return (self.build / "4.0/plugins/4.0/epan").glob("*.so")

    def run(self, *command):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(map(str, command))}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")

    def judge(self, fault):
        """(verdict, which test noticed it): noticed, survived, or invalid."""
        path, known = self.tree / fault.file, set()
        original = path.read_text()
        lines = original.split("\n")
        assert lines[fault.line] == fault.before, f"{fault.file}:{fault.line + 1} is not what it was"
        lines[fault.line] = fault.after
        try:
            path.write_text("\n".join(lines))
            if not self.build_faulty(fault.file):
                return "invalid", ""
        finally:
            path.write_text(original)
        while True:
            test = self.tested(fault, known)
            if not test or test == "no end" or self.is_good(test):
                return ("noticed", test) if test else ("survived", "")
            known.add(test)         # it fails in any case

    def build_faulty(self, file):
        """The plugins with what has the fault compiled anew, without optimisation and warnings; whether that can be done."""
        folder, objects = self.faulty / "4.0/plugins/4.0/epan", {}
        shutil.rmtree(self.faulty / "4.0", ignore_errors=True)
        folder.mkdir(parents=True)
        for number, made in enumerate(sorted(built_with(self.build / "4.0", file))):
            objects[made] = str(self.faulty / "objects" / f"{number}.o")
            command = self.compiling[made].replace(f" -o {made} ", f" -o {objects[made]} ").replace(" -Werror ", " ")
            if not self.is_made(command + " -w -O0 -g0"):
                return False
        return all(self.link(so, folder / so.name, objects) for so in self.plugins())

    def link(self, plain, faulty, objects):
        parts = self.linking[plain.name].split()
        if not objects.keys() & set(parts):
            faulty.symlink_to(plain)
            return True
        output = parts.index("-o") + 1
        return self.is_made(" ".join([*parts[:output], str(faulty), *(objects.get(part, part) for part in parts[output + 1:])]))

    def is_made(self, command):
        return subprocess.run(command, shell=True, cwd=self.build / "4.0", capture_output=True).returncode == 0

    def is_good(self, test):
        """Whether the test passes without a fault; looked at once."""
        if test not in self.good:
            self.good[test] = not self.failing_test([test], (), LONGEST, self.build)
        return self.good[test]

    def tested(self, fault, known):
        """The first test that fails, of those that are not known to do so; None."""
        ends = time.monotonic() + LONGEST
        for tests in tests_of(self.tree, fault):
            left = ends - time.monotonic()
            test = "no end" if left <= 0 else self.failing_test(tests, known, left, self.faulty)
            if test:
                return test
        return None

    def failing_test(self, tests, known, seconds, build):
        """The first of them, without its parameters; None."""
        command = ["/usr/bin/python3", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--wireshark=4.0", "--tb=no", "-rfE",
                   *(f"--deselect={test.removeprefix('pytest/')}" for test in sorted(known)), *tests]
        env = {**os.environ, "GAPFILL_BUILD": str(build)}
        env.pop("GAPFILL_SANITIZED", None)
        process = subprocess.Popen(command, cwd=self.tree, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
        try:
            out, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return "no end"
        failed = re.search(r"^(?:FAILED|ERROR) (\S+?::.*?|\S+)(?: - |$)", out, re.M)
        if process.returncode == 1:
            assert failed, out[-2000:]
            return "pytest/" + failed[1].partition("[")[0].removeprefix("pytest/")
        assert process.returncode in (0, 5), out[-2000:]
        return None


def words_of(stem):
    return {word.rstrip("s") for word in re.split(r"[-_]", stem)} - {"packet", "tap", "test"}


def plugins_with(tree, file):
    """Those that are built with a file of plugins/common."""
    stem = Path(file).stem
    lists = (tree / "plugins/CMakeLists.txt").read_text()
    grouped = re.findall(r"set\((HTTP_HUB|OPENPGP_PARSE)\s+([^)]*)\)", lists)
    names = {f"{stem}.c", *(f"${{{name}}}" for name, files in grouped if f"{stem}.c" in files.split())}
    with_file = [path.parent.name for path in sorted(tree.glob("plugins/*/CMakeLists.txt")) if names & set(path.read_text().replace(")", " ").split())]
    return with_file or [path.parent.name for path in sorted(tree.glob("plugins/*/CMakeLists.txt"))]


@functools.cache
def covered():
    """{(source, function): tests that run it}, without their parameters."""
    tests = defaultdict(set)
    for line in COVERED.read_text().splitlines() if COVERED.exists() else ():
        test, source, function = line.split("\t")
        tests[source.rpartition("plugins/")[2], function].add("pytest/" + test.partition("[")[0].removeprefix("pytest/"))
    return tests


def function_of(tree, fault):
    """The function that the line is in, by the house's style: its name begins a line."""
    for line in reversed((tree / fault.file).read_text().split("\n")[:fault.line]):
        name = re.match(r"([a-z_]\w*)\(", line)
        if name:
            return name[1]
    return None


def covering(tree, fault):
    wanted = words_of(Path(fault.file).stem)
    tests = covered()[fault.file.removeprefix("plugins/"), function_of(tree, fault)]
    return sorted(tests, key=lambda test: (-len(wanted & words_of(Path(test.partition("::")[0]).stem)), test))


def tests_of(tree, fault):
    """Lists of tests: those that are known to run the function; the nearest files; all others of the plugins that the file is built into."""
    plugins = plugins_with(tree, fault.file) if fault.plugin == "common" else [fault.plugin]
    folders = [*(["common"] if fault.plugin == "common" else []), *(name.replace("-", "_") for name in plugins)]
    wanted, near, others = words_of(Path(fault.file).stem), [], []
    for folder in folders:
        files = sorted((tree / "pytest" / folder).glob("test_*.py"), key=lambda path: (-len(wanted & words_of(path.stem)), path.name))
        near += [path for path in files if wanted & words_of(path.stem)]
        others += [path for path in files if path not in near]
    groups = [covering(tree, fault), *([str(path.relative_to(tree)) for path in group] for group in (near, others))]
    return [group for group in groups if group]


# Results

def results():
    """{name: (verdict, test, file, line, rule, before, after)}, the latest of each."""
    if not RESULTS.exists():
        return {}
    rows = (line.split("\t") for line in RESULTS.read_text().splitlines())
    return {row[0]: tuple(row[1:]) for row in rows}


def explained():
    """{name: why it is no fault}"""
    if not EXPLAINED.exists():
        return {}
    return dict(line.split("\t")[:2] for line in EXPLAINED.read_text().splitlines() if line and line[0] != "#")


def note(fault, verdict, test):
    with open(RESULTS, "a") as out:
        out.write("\t".join((fault.name, verdict, test, fault.file, str(fault.line + 1), fault.rule, fault.before.strip(), fault.after.strip())) + "\n")
    print(f"{verdict:9} {fault.name} {fault.file}:{fault.line + 1} {fault.rule}: {fault.after.strip()[:90]}  {test}", flush=True)


def run(args):
    WORK.mkdir(parents=True, exist_ok=True)
    known, why = results(), explained()
    wanted = [fault for fault in drawn(chosen(args), args.total, args.seed) if fault.name not in why
              and (fault.name not in known or args.again and known[fault.name][0] == "survived")]
    print(f"{len(wanted)} faults to try", flush=True)
    places, ends = Queue(), time.monotonic() + args.minutes * 60
    for number in range(args.jobs):
        place = Place(number)
        place.prepare()
        places.put(place)

    def one(fault):
        if time.monotonic() > ends:
            return
        place = places.get()
        try:
            note(fault, *place.judge(fault))
        finally:
            places.put(place)

    with ThreadPoolExecutor(args.jobs) as pool:
        list(pool.map(one, wanted))


def chosen(args):
    only = set(filter(None, args.only.split(",")))
    return [fault for fault in all_faults() if not only or fault.plugin in only]


def report():
    known, why = results(), explained()
    score = defaultdict(Counter)
    for name, (verdict, _, file, *_) in known.items():
        score[file.split("/")[1]]["explained" if verdict == "survived" and name in why else verdict] += 1
    print("| plugin | faults | noticed | none, explained | not noticed | |\n|---|---|---|---|---|---|")
    for plugin, counts in [*sorted(score.items()), ("all", sum(score.values(), Counter()))]:
        real = counts["noticed"] + counts["survived"]
        print(f"| {plugin} | {real + counts['explained']} | {counts['noticed']} | {counts['explained']} | {counts['survived']} | {counts['noticed'] / max(real, 1):.0%} |")
    for name, (verdict, _, file, line, rule, before, after) in known.items():
        if verdict == "survived" and name not in why:
            print(f"\n{name} {file}:{line} {rule}\n  - {before}\n  + {after}")


def show(name):
    for fault in all_faults():
        if fault.name == name:
            print(f"{fault.file}:{fault.line + 1} {fault.rule}\n-{fault.before}\n+{fault.after}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--run", action="store_true")
    what.add_argument("--report", action="store_true")
    what.add_argument("--list", action="store_true")
    what.add_argument("--show", metavar="ID")
    parser.add_argument("--total", type=int, default=150)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", default="", help="plugins, with commas")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=60, help="no fault is begun after these")
    parser.add_argument("--again", action="store_true", help="also those that were not noticed")
    args = parser.parse_args()
    if args.run:
        run(args)
    elif args.report:
        report()
    elif args.show:
        show(args.show)
    else:
        counts = Counter((fault.plugin, fault.rule) for fault in chosen(args))
        for (plugin, rule), number in sorted(counts.items()):
            print(f"{plugin:15} {rule:20} {number}")


if __name__ == "__main__":
    main()

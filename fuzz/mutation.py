#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Puts one deliberate fault after the other into the plugins, and looks whether the tests notice.

    fuzz/mutation.py --run [--total 150] [--seed 1] [--only ftp-session,common] [--minutes 60] [--again]
    fuzz/mutation.py --report           the score by plugin, and each fault that was not noticed
    fuzz/mutation.py --show ID          the fault as a patch
    fuzz/mutation.py --list             how many faults the rules find, by plugin and rule

--total is shared by the plugins and plugins/common in proportion to their faults, at least FEWEST each; they are drawn by the seed, each
rule as often as the others. Results stand in build/mutation/results.tsv, by what the fault is and the file it is in; a run goes on where one
was stopped. All that were not noticed are tried again with --again, after a test was added; docs/mutation.tsv says of each that is left why it
is none.

The tests are those of the plugin and pytest/common, or of all plugins that a file of plugins/common is built into, with Wireshark 4.0 alone:
first those that are known to run the function, then by their name. A fault that does not compile is no fault. Where it takes more than a minute
of processor time, 6 GB of memory or 1 GB of a file, the command fails. What a test notices has to be the fault: it is run without it, too.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
import judging      # noqa: E402
import schemata     # noqa: E402

TOP = Path(__file__).resolve().parents[1]
WORK = TOP / "build" / "mutation"
RESULTS = WORK / "results.tsv"
EXPLAINED = TOP / "docs" / "mutation.tsv"
REACH = WORK / "reach.tsv"
NUMBERS = WORK / "numbers"
OPEN = WORK / "open"        # faults that took too long
LONGEST = 1800      # seconds of tests for one fault
FEWEST = 6          # faults of a plugin
NEAREST = 12        # tests that come first for the words that they share with the faulty function

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
    """By a hash of each, so that other faults of changed sources leave most of them as they are."""
    def place(text):
        return hashlib.sha256(f"{seed} {plugin} {text}".encode()).digest()

    rules = [sorted(by_rule[rule], key=lambda fault: place(fault.name), reverse=True) for rule in sorted(by_rule, key=place)]
    left = count
    while left and any(rules):
        for faults in rules:
            if faults and left:
                yield faults.pop()
                left -= 1


# Where a fault is tried

def read_deps(build):
    """{source or header of the plugins: objects of a build that are made of it}"""
    made_with, made = defaultdict(set), None
    for line in subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True, check=True).stdout.splitlines():
        if line[:1] not in ("", " "):
            made = line.partition(":")[0]
        elif "plugins/" in line:
            made_with["plugins/" + line.strip().rpartition("/plugins/")[2]].add(made)
    return made_with


class Place:
    """A copy of the tree with a build of it, and a folder of plugins for one fault at a time, of which only what has the fault is built."""

    def __init__(self):
        self.tree, self.alone, self.many = WORK / "tree-0" / "gapfill", WORK / "alone", WORK / "many"
        self.build = self.tree / "build"

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
        self.run("cmake", "-G", "Ninja", "-S", self.tree, "-B", self.build / "4.0", f"-DWireshark_DIR={config}", "-DGAPFILL_PLUGINS=all", "-DGAPFILL_WERROR=ON",
                 "-DCMAKE_INTERPROCEDURAL_OPTIMIZATION=OFF")
        self.run("ninja", "-C", self.build / "4.0")
        self.made_with = read_deps(self.build / "4.0")
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

    def put(self, texts, compile_them):
        """What compile_them() gives while the files have these texts, {file: text}."""
        originals = {file: (self.tree / file).read_text() for file in texts}
        try:
            for file, text in texts.items():
                (self.tree / file).write_text(text)
            return compile_them()
        finally:
            for file, text in originals.items():
                (self.tree / file).write_text(text)

    def text_with(self, fault):
        lines = (self.tree / fault.file).read_text().split("\n")
        assert lines[fault.line] == fault.before, f"{fault.file}:{fault.line + 1} is not what it was"
        lines[fault.line] = fault.after
        return "\n".join(lines)

    def around(self, fault):
        """The function with the comment above it, or the line."""
        text = (self.tree / fault.file).read_text()
        lines, place = text.split("\n"), schemata.function_around(code_of(text), fault.line)
        if not place:
            return fault.before
        begin = place[0]
        while begin > 0 and lines[begin - 1].strip():
            begin -= 1
        return "\n".join([fault.file, *lines[begin:place[3]]])

    def build_alone(self, fault):
        """The plugins with one fault; None if it does not compile."""
        return self.put({fault.file: self.text_with(fault)}, lambda: None if self.build_faulty([fault.file], self.alone) else self.alone)

    def build_all(self, faults, number_of, file):
        """The plugins with all that can stand in one build (schemata.py). ({their numbers}, {numbers of those that do not compile}). file: of shared memory"""
        header = WORK / "faulty.h"
        header.write_text(schemata.header_text(file))
        more, by_file, invalid = f" -include {header}", defaultdict(dict), set()
        for fault in faults:
            by_file[fault.file][number_of[fault.name]] = fault.line, fault.after

        def with_some(file, numbers):
            text = (self.tree / file).read_text()
            return schemata.with_faults(text, code_of(text), {number: by_file[file][number] for number in numbers})

        while True:
            made = {file: with_some(file, some.keys() - invalid) for file, some in by_file.items()}
            texts = {file: text for file, (text, put) in made.items() if put}
            broken = self.put(texts, lambda: self.build_faulty(texts, self.many, more))
            if not broken:
                return set().union(*(put for _, put in made.values())), invalid
            suspects = [(file, number) for file in texts for number in made[file][1] if self.made_with[file] & broken]
            worse = {number for file, number in suspects if not self.put({file: with_some(file, [number])[0]}, lambda: self.compiles(file, more))}
            assert worse, broken
            invalid |= worse

    def compiles(self, file, more):
        """Whether one object that has it does."""
        made = min(self.made_with[file])
        return self.is_made(self.compiling[made].replace(f" -o {made} ", " -fsyntax-only ").replace(" -Werror ", " ") + more + " -w -O0 -g0")

    def build_faulty(self, files, where, more=""):
        """The plugins with what has the faults compiled anew, without optimisation and warnings. The objects that cannot be made."""
        folder, objects = where / "4.0/plugins/4.0/epan", {}
        shutil.rmtree(where / "4.0", ignore_errors=True)
        folder.mkdir(parents=True)
        (where / "4.0/CMakeCache.txt").symlink_to(self.build / "4.0/CMakeCache.txt")      # a test asks it for Wireshark's place
        for made in set().union(*(self.made_with[file] for file in files)):
            objects[made] = str(where / made.replace("/", "+"))
        commands = {made: self.compiling[made].replace(f" -o {made} ", f" -o {own} ").replace(" -Werror ", " ") + more + " -w -O0 -g0" for made, own in objects.items()}
        broken = {made for made, command in commands.items() if not self.make(command, Path(objects[made]), made, files)}
        if not broken:
            assert all([self.link(so, folder / so.name, objects) for so in self.plugins()])
        return broken

    def key_of(self, command, made, files):
        """Of what an object is made of: another one is not made of the same."""
        texts = [(self.tree / file).read_text() for file in sorted(files) if made in self.made_with[file]]
        return hashlib.sha256("\0".join((command, schemata.HEADER, *texts)).encode()).hexdigest()

    def make(self, command, to, made, files):
        kept, key = to.with_name(to.name + ".key"), self.key_of(command, made, files)
        if not (to.exists() and kept.exists() and kept.read_text() == key):
            kept.unlink(missing_ok=True)
            if not self.is_made(command):
                return False
            kept.write_text(key)
        return True

    def link(self, plain, faulty, objects):
        parts = self.linking[plain.name].split()
        if not objects.keys() & set(parts):
            faulty.symlink_to(plain)
            return True
        output = parts.index("-o") + 1
        return self.is_made(" ".join([*parts[:output], str(faulty), *(objects.get(part, part) for part in parts[output + 1:])]))

    def is_made(self, command):
        return subprocess.run(command, shell=True, cwd=self.build / "4.0", capture_output=True).returncode == 0


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


def folders_of(tree, fault):
    """Folders of the tests of a fault: its plugin's, or all that the file is built into; and those of several plugins."""
    plugins = plugins_with(tree, fault.file) if fault.plugin == "common" else [fault.plugin]
    return [*(name.replace("-", "_") for name in plugins), "common"]


def rank_of(tree, fault):
    """How near a file of tests is by its name: the lowest first."""
    wanted, folders = words_of(Path(fault.file).stem), folders_of(tree, fault)
    if fault.plugin == "common":
        folders = ["common", *folders[:-1]]

    def rank(name):
        folder, _, file = name.partition("/")
        return -len(wanted & words_of(Path(file).stem)), folders.index(folder)
    return rank


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


def numbered(faults):
    """{name: number} of these and of all earlier ones: as long as they stay, what was built with them need not be built again."""
    known = NUMBERS.read_text().split() if NUMBERS.exists() else []
    known += [fault.name for fault in faults if fault.name not in known]
    NUMBERS.write_text("\n".join(known) + "\n")
    return {name: number for number, name in enumerate(known)}


def note(fault, verdict, test):
    """An open one is tried again by the next run, behind the others."""
    with open(OPEN if verdict == "open" else RESULTS, "a") as out:
        out.write("\t".join((fault.name, verdict, test, fault.file, str(fault.line + 1), fault.rule, fault.before.strip(), fault.after.strip())) + "\n")
    print(f"{time.strftime('%H:%M:%S')} {verdict:9} {fault.name} {fault.file}:{fault.line + 1} {fault.rule}: {fault.after.strip()[:90]}  {test}", flush=True)


def faults_asked_for(args):
    """Those drawn, or, by --again, all that were not noticed."""
    faults = chosen(args)
    if not args.again:
        return drawn(faults, args.total, args.seed)
    known = results()
    return [fault for fault in faults if fault.name in known and known[fault.name][0] == "survived"]


def run(args):
    WORK.mkdir(parents=True, exist_ok=True)
    known, why, faults = results(), explained(), faults_asked_for(args)
    wanted = [fault for fault in faults if fault.name not in why and (args.again or known.get(fault.name, ["not the fault"])[0] == "not the fault")]
    place, file = Place(), f"/tmp/gapfill-faulty-{hashlib.sha256(str(WORK).encode()).hexdigest()[:10]}"      # where the tests' tools may write
    print(f"{len(wanted)} faults to try", flush=True)
    place.prepare()
    number_of = numbered(faults)
    together, invalid = place.build_all([fault for fault in faults if known.get(fault.name, [""])[0] != "invalid"], number_of, file)
    print(f"{len(together)} in one build", flush=True)
    shared = schemata.Shared(file)

    def work(judge):
        judge_all(judge, Judging(place, number_of, together, invalid, shared, args.seconds), wanted, time.monotonic() + args.minutes * 60)
    try:
        os.environ["GAPFILL_BUILD"] = str(place.many)
        os.environ.pop("GAPFILL_SANITIZED", None)
        os.chdir(place.tree)
        folders = sorted(set().union(*(folders_of(place.tree, fault) for fault in wanted)))
        status = pytest.main(["-q", "-s", "-p", "no:cacheprovider", "-p", "no:xdist", "--wireshark=4.0", "--tb=no", *(f"pytest/{folder}" for folder in folders)],
                             plugins=[judging.Judge(work, shared)])
        if status not in (0, 5):
            sys.exit(f"pytest: {status}")
    finally:
        os.unlink(file)


@dataclass
class Judging:
    """together, invalid: numbers of faults. seconds: of tests, for one fault."""
    place: Place
    number_of: dict
    together: set
    invalid: set
    shared: schemata.Shared
    seconds: float


def judge_all(judge, how, faults, ends):
    reach, noticed = judging.Reach(REACH, list(how.number_of)), defaultdict(list)
    took_long = set(OPEN.read_text().split()) if OPEN.exists() else set()
    for fault in sorted(faults, key=lambda fault: (how.number_of[fault.name] not in how.together, fault.name in took_long)):    # what has to be built alone is last
        if time.monotonic() > ends:
            break
        verdict, test = judge_one(judge, how, fault, reach)
        note(fault, verdict, test)
        if verdict == "noticed":
            noticed[test].append(fault)
    how.shared.choose(-1)
    unsure = [item for item in judge.session.items if item.nodeid in noticed and item.nodeid not in reach.seconds]
    for test in judge.run(unsure, LONGEST, stops=False):        # it fails in any case
        for fault in noticed.get(test, ()):
            note(fault, "not the fault", test)


def judge_one(judge, how, fault, reach):
    """(verdict, which test noticed it): noticed, survived, invalid, or open."""
    number, folders = how.number_of[fault.name], folders_of(how.place.tree, fault)
    if number in how.invalid:
        return "invalid", ""
    broken = {test for verdict, test, *_ in results().values() if verdict == "not the fault"}
    items = [item for item in judge.session.items if item.nodeid.partition("/")[0] in folders and item.nodeid not in broken
             and not item.get_closest_marker("static")]     # these are about other things than the plugins
    is_alone = number not in how.together
    items = reach.ordered(items, None if is_alone else fault.name, rank_of(how.place.tree, fault))
    first = set(judge.words.nearest(how.place.around(fault), items, NEAREST))
    items.sort(key=lambda item: (bool(item.get_closest_marker("measured")), item not in first))      # what takes long comes last
    build = None
    if is_alone:
        build = how.place.build_alone(fault)
        if not build:
            return "invalid", ""
    how.shared.choose(-1 if is_alone else number)

    def note_reach(test, passed, took, ran):
        if passed and not is_alone:
            reach.note(test, took, ran)
    failed = judge.run(items, how.seconds, build, number in judge.at_start, note=note_reach)
    if failed == ["no time"]:
        return "open", ""
    return ("noticed", failed[0]) if failed else ("survived", "")


def chosen(args):
    only = set(filter(None, args.only.split(",")))
    return [fault for fault in all_faults() if not only or fault.plugin in only]


def report():
    known, why = results(), explained()
    score = defaultdict(Counter)
    for fault in all_faults():
        if fault.name in why and known.get(fault.name, ["survived"])[0] == "survived":
            score[fault.plugin]["explained"] += 1
    for name, (verdict, _, file, *_) in known.items():
        if verdict != "survived" or name not in why:
            score[file.split("/")[1]][verdict] += 1
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
    parser.add_argument("--minutes", type=float, default=60, help="no fault is begun after these")
    parser.add_argument("--seconds", type=float, default=LONGEST, help="of tests for one fault; what is not noticed within stays open")
    parser.add_argument("--again", action="store_true", help="those of all runs that were not noticed")
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

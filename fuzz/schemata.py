# SPDX-License-Identifier: GPL-2.0-or-later
"""Many faults in one build: each function that has some is there once more with each of them, and which one runs is said in a file of shared memory.

A function of the house's style (its name begins a line, its braces stand alone) becomes, for fault 17:

    static int f__17(int n) { with the fault }
    int f(int n) { if (FAULTY(17)) return f__17(n); as it was }

FAULTY() also notes that the function ran, so that tests that do not run it need not be run for the fault.
"""

import mmap
import os
import re
import struct

MANY = 4096         # faults of one build
HEADER = """\
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

struct faulty_shared { int chosen; unsigned char ran[%(many)d]; };
static struct faulty_shared faulty_none = { -1, { 0 } };
static struct faulty_shared *faulty_shared = &faulty_none;

/* Where there is no such file, as when plugins are looked at alone, nothing is faulty. */
__attribute__((constructor)) static void
faulty_open(void)
{
	int file = open("%(file)s", O_RDWR);
	void *shared = file < 0 ? MAP_FAILED : mmap(NULL, sizeof faulty_none, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);

	if (file >= 0)
		close(file);
	if (shared != MAP_FAILED)
		faulty_shared = shared;
}

/* What a fault makes endless ends. */
__attribute__((unused)) static int
faulty_begins(void)
{
	static int has_begun;

	if (!has_begun) {
		has_begun = 1;
		setrlimit(RLIMIT_CPU, &(struct rlimit){ %(seconds)d, %(seconds)d });
		setrlimit(RLIMIT_AS, &(struct rlimit){ 6ul << 30, 6ul << 30 });
		setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 1ul << 30, 1ul << 30 });
	}
	return 1;
}

#define FAULTY(number) ((faulty_shared->ran[number] = 1, faulty_shared->chosen == (number)) && faulty_begins())
"""
SECONDS = 60        # of the processor, for a process whose fault has run


class Shared:
    """The file of shared memory."""

    def __init__(self, path):
        with open(path, "wb") as file:
            file.write(struct.pack("=i", -1) + bytes(MANY))
        os.chmod(path, 0o666)
        with open(path, "r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 4 + MANY)

    def choose(self, number):
        """-1: none."""
        self._memory[:4] = struct.pack("=i", number)

    def forget(self):
        self._memory[4:] = bytes(MANY)

    def ran(self):
        """Numbers of the faults whose function ran since forget()."""
        return {number for number, byte in enumerate(self._memory[4:]) if byte}


def header_text(file):
    return HEADER % {"many": MANY, "file": file, "seconds": SECONDS}


def function_around(code, line):
    """(where its head begins, the line of its name, those of its braces) of the lines' code, from 0; None if the line is in no function."""
    for name in range(line, -1, -1):
        if code[name].startswith("}"):
            return None
        if re.match(r"[a-z_]\w*\(", code[name]):
            break
    else:
        return None
    first = name
    while first > 0 and code[first - 1].strip() and not code[first - 1].startswith(("#", "}", " ", "\t")) and not code[first - 1].rstrip().endswith((";", "}")):
        first -= 1
    opens = next((n for n in range(name, line + 1) if code[n].startswith("{")), None)
    if opens is None or line <= opens or first == name:
        return None
    closes = next((n for n in range(opens, len(code)) if code[n].startswith("}")), None)
    return (first, name, opens, closes) if closes and line < closes else None


def names_of_parameters(text):
    """None if there is something that cannot be handed on."""
    inner = text[text.index("(") + 1:text.rindex(")")].strip()
    if inner in ("", "void"):
        return []
    parts, depth, begin = [], 0, 0
    for at, letter in enumerate(inner + ","):
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and depth == 0:
            parts.append(inner[begin:at])
            begin = at + 1
    names = []
    for part in parts:
        part = part.replace("_U_", "").strip()
        found = re.search(r"\(\*(\w+)\)", part) or re.search(r"(\w+)(?:\s*\[[^]]*\])*$", part)
        if "..." in part or not found:
            return None
        names.append(found[1])
    return names


def with_faults(text, code, faults):
    """The text of a source with these faults, {number: (line, text of the line)}; and which of them could be put there."""
    lines, by_function = text.split("\n"), {}
    for number, (line, after) in faults.items():
        around = function_around(code, line)
        if around and names_of_parameters("\n".join(code[around[1]:around[2]])) is not None and not has_memory(code[around[2]:around[3]]):
            by_function.setdefault(around, {})[number] = line, after
    made = list(lines)
    for (first, name, opens, closes), some in sorted(by_function.items(), reverse=True):
        head = "\n".join(code[first:opens])
        returns_nothing = re.sub(r"\b(static|inline)\b", "", "\n".join(code[first:name])).split() == ["void"]
        called = re.match(r"\w+", code[name])[0]
        values = ", ".join(names_of_parameters("\n".join(code[name:opens])))
        copies, choices = [head + ";"], ""
        for number, (line, after) in some.items():
            own = re.sub(rf"^{called}\(", f"{called}__{number}(", head, flags=re.M)
            copies += [own if re.search(r"\bstatic\b", own) else "static " + own, *lines[opens:line], after, *lines[line + 1:closes + 1]]
            call = f"{called}__{number}({values})"
            choices += f" if (FAULTY({number})) {{ {call}; return; }}" if returns_nothing else f" if (FAULTY({number})) return {call};"
        made[opens] += choices
        made[first:first] = copies
    return "\n".join(made), {number for some in by_function.values() for number in some}


def has_memory(code):
    """Variables of its own that last: the copy would have others."""
    return any(re.match(r"\s+static (?!const\b)", line) for line in code)

# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules of ARCHITECTURE.md as functions over a tree of sources: each returns its violations as lines of text.

A line is what known_violations.txt has, so it names no number that changes with each edit; sizes are apart.
"""

import re
import subprocess
from collections import defaultdict

HEADER_FUNCTIONS = 12
FILE_LINES = 700
LINE_LENGTH = 132
SUBJECT_LENGTH = 72
COPYRIGHT = re.compile(r"^ \* Copyright \d{4}(-\d{4})?, the Gapfill authors$", re.M)
CALLS_ON_TABLES = re.compile(
    r"\b(dissector_(?:add|change|delete|reset)_\w+|heur_dissector_delete|register_ber_\w+|llc_add_oui)\s*\(|(\w+->dissector)\s*=(?!=)")

# What may be added to Wireshark's tables outside standin.c, as the key is free natively: file, function, arguments.
OWN_ENTRIES = {
    ("discard/discard-payload.c", "dissector_add_uint_with_preference", '"udp.port", DISCARD_PORT'),     # 4.0 only
    ("discard/discard-payload.c", "dissector_add_uint_with_preference", '"tcp.port", DISCARD_PORT'),
    ("acme/acme-tls.c", "dissector_add_string", '"ber.oid", ACME_OID'),
    ("*/packet-openpgp.c", "dissector_add_string", '"media_type", "application/pgp-keys"'),
    ("*/packet-openpgp.c", "dissector_add_string", '"media_type", "application/pgp-signature"'),
    ("*/packet-openpgp.c", "dissector_add_string", '"media_type", "application/pgp-encrypted"'),
    ("*/packet-openpgp.c", "dissector_add_for_decode_as", '"tcp.port", openpgp_stream_handle'),
    ("*/packet-openpgp.c", "dissector_add_for_decode_as", '"udp.port", openpgp_stream_handle'),
    # In tables that it makes itself, for OUIs that Wireshark has none for.
    ("arp-snap/packet-arp-snap.c", "llc_add_oui", "oui, adopted[adopted_count].table"),
    ("arp-snap/packet-arp-snap.c", "dissector_add_uint", "adopted[adopted_count].table, ETHERTYPE_ARP"),
    ("arp-snap/packet-arp-snap.c", "dissector_add_uint", "adopted[adopted_count].table, ETHERTYPE_REVARP"),
}
# Those of them that are strings.
OWN_KEYS = ["1.3.6.1.5.5.7.1.31", "application/pgp-keys", "application/pgp-signature", "application/pgp-encrypted"]


def sources(plugins):
    """All C files, by their path below plugins."""
    return {str(path.relative_to(plugins)): path.read_text() for path in sorted(plugins.glob("*/*.[ch]"))}


def code_of(text):
    """The text with comments and string contents blanked; lines stay where they are."""
    def blank(match):
        kept = match[0]
        return kept[0] + re.sub(r"[^\n]", " ", kept[1:-1]) + kept[-1] if kept[0] in "\"'" else re.sub(r"[^\n]", " ", kept)
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)


def compat_name(files):
    return next(name for name in ("common/compat.h", "common/ws_compat.h") if name in files)


# --- 1. Includes go down only ---

def module_of(name):
    return name.rpartition(".")[0]


def included(name, text, files):
    """The project's files that a file includes; a name that is found nowhere is Wireshark's or the system's."""
    folder = name.split("/")[0]
    for target in re.findall(r'^\s*#\s*include\s*["<]([^">]+)[">]', text, re.M):
        near = [f"{where}/{target}" for where in (folder, "common") if f"{where}/{target}" in files]
        elsewhere = [other for other in files if other.split("/")[-1] == target.split("/")[-1] and other.split("/")[0] != folder]
        yield from near[:1] or ([] if "epan" in target or "wsutil" in target else elsewhere[:1])


def defined_functions(text):
    """Functions with external linkage that a source file defines: their names stand at the beginning of a line."""
    lines = code_of(text).splitlines()
    for before, line in zip(lines, lines[1:]):
        match = re.match(r"(\w+)\(", line)
        if match and before.strip() and not re.search(r"\bstatic\b|[;{}#]", before):
            yield match[1]


def edges(files):
    """Which module needs which: by an include, or by a function that the other one defines."""
    home = {name: module_of(file) for file, text in files.items() if file.endswith(".c") for name in defined_functions(text)}
    needs = defaultdict(set)
    for file, text in files.items():
        needs[module_of(file)] |= {module_of(target) for target in included(file, text, files)}
        if file.endswith(".c"):
            needs[module_of(file)] |= {home[word] for word in set(re.findall(r"\w+", code_of(text))) if word in home
                                       and home[word].split("/")[0] in (file.split("/")[0], "common")}
    return {module: others - {module} for module, others in needs.items()}


def reachable(start, needs):
    seen, pending = set(), list(needs.get(start, ()))
    while pending:
        module = pending.pop()
        if module not in seen:
            seen.add(module)
            pending += needs.get(module, ())
    return seen


def circles(files):
    needs = edges(files)
    return [f"circle {module}" for module in sorted(needs) if module in reachable(module, needs)]


def crossings(files):
    """Includes from one plugin into another, and from plugins/common into any."""
    return [f"crossing {name} includes {target}" for name, text in files.items() for target in included(name, text, files)
            if target.split("/")[0] not in (name.split("/")[0], "common")]


# --- 4. Entries of others are touched by standin.c only ---

def arguments(text, at, count=2):
    """The first arguments of the call whose parenthesis opens right before at, with single blanks."""
    found, depth, start = [], 0, at
    for end in range(at, len(text)):
        if text[end] in "([{":
            depth += 1
        elif text[end] in ")]}" and depth:
            depth -= 1
        elif depth == 0 and text[end] in ",)":
            found.append(" ".join(text[start:end].split()))
            start = end + 1
            if text[end] == ")" or len(found) == count:
                break
    return ", ".join(found)


def table_entries(files):
    found = []
    for name, text in files.items():
        code = code_of(text)
        for match in CALLS_ON_TABLES.finditer(code):
            function = match[1] or match[2]
            given = arguments(text, match.end()) if match[1] else text[match.end():text.index(";", match.end())].strip()
            own = {(name, function, given), ("*/" + name.split("/")[1], function, given)} & OWN_ENTRIES
            if name != "common/standin.c" and not own:
                found.append(f"entry {name} {function} {given}")
    return found


# --- 5. Sizes ---

def registration_lines(text):
    """Lines of tables that say what is registered: fields, expert information, subtrees, taps' parameters."""
    tables = re.findall(r"^ *(?:static )?(?:const )?(?:hf_register_info|ei_register_info|int \*|tap_param|stat_tap_table_item) ?"
                        r"(?:const )?\w+\[\] = \{$.*?^ *\};$", text, re.M | re.S)
    return sum(table.count("\n") + 1 for table in tables)


def long_files(files):
    """Lines of each file that has too many."""
    counted = {name: text.count("\n") - registration_lines(text) for name, text in files.items()}
    return {f"lines {name}": lines for name, lines in counted.items() if lines > FILE_LINES}


def declared_functions(text):
    code = re.sub(r"^#.*?(?<!\\)$", "", code_of(text), flags=re.M | re.S)
    return re.findall(r"^(?!typedef|static|return)[A-Za-z_][\w\s*]*?\b\**(\w+)\s*\([^;{}]*\)\s*(?:G_GNUC_\w+[^;{]*)?;", code, re.M)


def wide_headers(files):
    counted = {name: len(declared_functions(text)) for name, text in files.items() if name.endswith(".h")}
    return {f"functions {name}": count for name, count in counted.items() if count > HEADER_FUNCTIONS}


# --- 6. compat.h ---

def version_tests(files):
    """Questions for Wireshark's version outside compat.h."""
    return [f"version {name}" for name, text in files.items() if name != compat_name(files)
            and re.search(r"WIRESHARK_VERSION_M|\bGAPFILL_WS_VERSION\b|\bVERSION_M(AJOR|INOR)\b", code_of(text))]


def preprocessed(command, text, *options):
    """What the preprocessor makes of a text with the options of a compiler's command line: a list of lines."""
    done = subprocess.run([*command, *options, "-x", "c", "-"], input=text, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if line.strip()]


def left_of_compat(command, header):
    """What the header declares, and defines besides its guard and the version's number."""
    with_it = f'#include "{header}"\n'
    macros = set(preprocessed(command, with_it, "-E", "-dM")) - set(preprocessed(command, "#include <ws_version.h>\n", "-E", "-dM"))
    return preprocessed(command, with_it, "-E", "-P") + \
        sorted(macro for macro in macros if not re.match(r"#define (GAPFILL_\w*COMPAT_H|GAPFILL_WS_VERSION)\b", macro))


# --- 7. Warnings ---

def attributes_for_one_compiler(files):
    """Attributes of GCC and Clang that others would stumble over: each has #ifdef __GNUC__ right before."""
    return [f"attribute {name}" for name, text in files.items()
            if "__attribute__" in re.sub(r"#ifdef __GNUC__\n__attribute__.*\n#endif\n", "", text)]


def silenced_warnings(files):
    return [f"pragma {name}" for name, text in files.items() if re.search(r"#\s*pragma|_Pragma|\bDIAG_OFF", code_of(text))]


# --- 8. Commits ---

def commit_faults(message):
    subject, _, body = message.strip("\n").partition("\n")
    faults = []
    if len(subject) > SUBJECT_LENGTH:
        faults.append(f"a subject of {len(subject)} characters")
    if not re.match(r"[^\s:][^:]*: \S", subject):
        faults.append("no topic before a colon")
    if not body.strip():
        faults.append("no body that says why")
    return faults


# --- Style ---

def style_faults(files):
    found = []
    for name, text in files.items():
        lines = text.splitlines()
        if any("\t" in line for line in lines):
            found.append(f"tab {name}")
        if any(line != line.rstrip() for line in lines) or not text.endswith("\n"):
            found.append(f"blanks {name}")
        if any(len(line) > LINE_LENGTH for line in lines):
            found.append(f"width {name}")
        if not COPYRIGHT.search(text):
            found.append(f"copyright {name}")
        if "Editor modelines" in text:
            found.append(f"modelines {name}")
        if "_" in name:
            found.append(f"underscore {name}")
        if name.endswith(".h") and not _has_guard(name, text):
            found.append(f"guard {name}")
    return found


def _has_guard(name, text):
    guard = "GAPFILL_" + re.sub(r"\W", "_", name.split("/")[1]).upper()
    return f"\n#ifndef {guard}\n#define {guard}\n" in text and text.endswith(f"#endif /* {guard} */\n") or name == "common/config.h"

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes docs/fields.md from what tshark says of the plugins' fields.

    tshark -G fields | packaging/fields.py >docs/fields.md
"""

import sys

# Protocol, and whose README tells more.
PROTOCOLS = {"discard": "discard", "arp_snap": "arp-snap", "openpgp": "openpgp", "hkp": "hkp", "acme": "acme",
             "ftp_session": "ftp-session", "ldp_binding": "ldp-extras", "l2tp_payload": "ldp-extras", "session": "whole-session"}

HEAD = """# All fields

Made by packaging/fields.py from `tshark -G fields`; the plugins' own pages tell more. A field that is absent is not false: what it would say is
not known. Expert items are filters too; their severity is on the plugins' pages. 4.4 and 4.6
have four of Discard's themselves: data, text, md5_hash, len.
"""


def read(lines):
    """Name, type and description of each field of ours, by its protocol; expert items have no description."""
    found = {protocol: {} for protocol in PROTOCOLS}
    for line in lines:
        kind, *columns = line.rstrip("\n").split("\t")
        if kind == "F" and columns[3] in found:
            found[columns[3]][columns[1]] = (columns[0], columns[2].removeprefix("FT_"), columns[6] if len(columns) > 6 else "")
    return found


def is_expert(field):
    return field[1] == "NONE"


def section(protocol, fields):
    """A table of the fields, and a list of the expert items."""
    lines = [f"## {protocol}", "", f"[{PROTOCOLS[protocol]}](../plugins/{PROTOCOLS[protocol]}/README.md)", ""]
    plain = {name: field for name, field in sorted(fields.items()) if not is_expert(field)}
    if plain:
        lines += ["| field | name | type | meaning |", "|---|---|---|---|"]
        lines += [f"| `{name}` | {label} | {kind} | {text.replace('|', '&#124;')} |" for name, (label, kind, text) in plain.items()]
        lines += [""]
    experts = {name: field for name, field in sorted(fields.items()) if is_expert(field)}
    if experts:
        lines += ["| expert item | says |", "|---|---|", *(f"| `{name}` | {label} |" for name, (label, _, _) in experts.items()), ""]
    return lines


def page(found):
    return HEAD + "\n" + "\n".join(line for protocol, fields in found.items() for line in section(protocol, fields)).rstrip() + "\n"


if __name__ == "__main__":
    sys.stdout.write(page(read(sys.stdin)))

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A mapping of Elasticsearch or OpenSearch for the rows of rows.py: `tshark -G fields | batch/mapping.py >mapping.json`."""

import json
import sys

from rows import KINDS

OF_PACKET = {"capture": "keyword", "frame": "long", "at": "date", "src": "ip", "dst": "ip", "kind": "keyword", "outcome": "keyword",
             "notes": "text"}
TYPES = {"FT_BOOLEAN": "boolean", "FT_ABSOLUTE_TIME": "date_nanos", "FT_RELATIVE_TIME": "double", "FT_DOUBLE": "double", "FT_FLOAT": "float",
         "FT_IPv4": "ip", "FT_IPv6": "ip", "FT_UINT64": "unsigned_long", "FT_FRAMENUM": "long",
         **{f"FT_{sign}INT{bits}": "long" for sign in ("", "U") for bits in (8, 16, 24, 32)}}


def properties(lines):
    """{name in a row: type}; of a field with several types, as some have, the widest: keyword."""
    found = dict(OF_PACKET)
    for line in lines:
        columns = line.rstrip("\n").split("\t")
        if columns[0] != "F" or columns[2].partition(".")[0] not in KINDS:
            continue
        name, kind = columns[2].replace(".", "_"), TYPES.get(columns[3], "keyword")
        if columns[3].startswith("FT_UINT") and columns[5].startswith("BASE_HEX"):
            kind = "keyword"
        found[name] = kind if found.get(name, kind) == kind else "keyword"
    return found


if __name__ == "__main__":
    mapping = {name: {"type": kind} for name, kind in sorted(properties(sys.stdin).items())}
    json.dump({"mappings": {"dynamic": False, "properties": mapping}}, sys.stdout, indent=1)
    print()

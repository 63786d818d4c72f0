#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Of what `tshark -2 -T ek` prints, a line of JSON for each thing that ended: a transfer, a lookup, a validation, a conversation.

    tshark -n -2 -r trace.pcap -Y 'ftp_session.outcome || hkp.outcome || acme.outcome' -T ek | batch/rows.py trace.pcap [KIND...]

Each row is a subtree with an outcome: a packet that ends two things gives two rows, each with its own fields. A field has its name
in display filters, with _ for each dot, and its value as tshark prints it; one that occurs several times is a list. `kind` is the
plugin, `outcome` what became of the thing; `frame`, `at`, `src` and `dst` are the packet's; `notes` are the subtree's expert items.
Without a KIND there are rows of all but conversations: of those, packets for another reason are a chance selection.
"""

import datetime
import json
import sys

KINDS = ("ftp_session", "hkp", "acme", "session")
NOTE = "_ws_expert__ws_expert_message"


def as_list(value):
    return value if isinstance(value, list) else [value]


def joined(pairs):
    """An object; Wireshark 4.0 may write a name in it more than once."""
    found = {}
    for name, value in pairs:
        found[name] = as_list(found[name]) + as_list(value) if name in found else value
    return found


def objects(value):
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(inner)


def address(layers, end):
    """That of the innermost IP header."""
    for name in ("ip", "ipv6"):
        for layer in as_list(layers.get(name, []))[::-1]:
            if f"{name}_{name}_{end}" in layer:
                return as_list(layer[f"{name}_{name}_{end}"])[-1]
    return None


def row(capture, packet, kind, subtree):
    layers, double = packet["layers"], f"{kind}_{kind}_"
    at = datetime.datetime.fromtimestamp(int(packet["timestamp"]) / 1000, datetime.timezone.utc)
    return {"capture": capture, "frame": int(layers["frame"]["frame_frame_number"]), "at": at.isoformat(timespec="milliseconds"),
            "src": address(layers, "src"), "dst": address(layers, "dst"), "kind": kind, "outcome": as_list(subtree[double + "outcome"])[0],
            **{name[len(kind) + 1:]: value for name, value in subtree.items() if name.startswith(double)},
            "notes": [note for inner in objects(subtree) for note in as_list(inner.get(NOTE, []))]}


def rows(capture, kinds, lines):
    for line in lines:
        packet = json.loads(line, object_pairs_hook=joined)
        for subtree in objects(packet.get("layers", {})):
            for kind in kinds:
                if f"{kind}_{kind}_outcome" in subtree:
                    yield row(capture, packet, kind, subtree)


if __name__ == "__main__":
    if len(sys.argv) < 2 or not set(sys.argv[2:]) <= set(KINDS):
        sys.exit(__doc__)
    for found in rows(sys.argv[1], sys.argv[2:] or KINDS[:-1], sys.stdin):
        print(json.dumps(found, ensure_ascii=False))

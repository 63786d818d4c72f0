# SPDX-License-Identifier: GPL-2.0-or-later
"""What the bundle registers for its own needs is seen by nobody: users' lists have the protocols of INTERFACE more, and nothing less."""

import pytest

from no_harm.whole_output import PROTOCOLS, findings, joined, keylog

pytestmark = pytest.mark.compared

# -G's list: which column names the protocol, field, dissector or table
LISTS = {"protocols": 2, "fields": None, "decodes": 2, "heuristic-decodes": 1, "dissectors": 0, "dissector-tables": 0}


# What belongs to a native protocol and is for users: L2TPv3 in UDP on any port.
FOR_USERS = {"heuristic-decodes": ("udp", "l2tp", "T")}


def listing(ws, name):
    return [tuple(line.split("\t")) for line in ws.run("tshark", "-G", name).splitlines() if "\t" in line]


def name_of(kind, line):
    """The name that a line of a list is about; for fields that of the protocol."""
    if kind == "fields":
        return line[2].partition(".")[0]
    return line[min(LISTS[kind], len(line) - 1)].partition(".")[0]


def internal(kind, lines):
    """Those that name no protocol of ours; one entry Gapfill in a table of Decode As may be."""
    found = [line for line in lines if name_of(kind, line) not in PROTOCOLS]
    if kind == "decodes":
        hidden = [line for line in found if line[-1] == "Gapfill"]
        found = [line for line in found if line[-1] != "Gapfill"]
        found += [line for n, line in enumerate(hidden) if line[0] in {other[0] for other in hidden[:n]}]
    return found


@pytest.mark.parametrize("kind", LISTS)
def test_lists_name_only_protocols_of_ours(ws, kind):
    if kind == "dissectors" and ws.version < (4, 4):
        pytest.skip("tshark -G dissectors came later")
    ours, stock = listing(ws, kind), listing(ws.without_plugins(), kind)
    assert len(stock) > 100
    new = {line for line in set(ours) - set(stock) if line[:3] != FOR_USERS.get(kind)}
    assert internal(kind, new) == []
    assert set(stock) - set(ours) == set()


def test_lists_have_the_protocols_of_ours(ws):
    """Without which the test above could not fail."""
    names = {line[2] for line in listing(ws, "protocols")}
    assert set(PROTOCOLS) <= names


def test_a_layer_that_is_seen_is_native_or_ours(ws):
    """frame.protocols, and so the layers that filters and statistics know."""
    native = {line[2] for line in listing(ws.without_plugins(), "protocols")}
    rows = ws.rows(joined(), ["frame.protocols"], two_pass=True, keylog=keylog())
    stock = ws.without_plugins().rows(joined(), ["frame.protocols"], two_pass=True, keylog=keylog())
    layers = {layer for row in rows for layer in row[0].split(":")}
    assert len(layers & native) > 20
    known = native | {layer for row in stock for layer in row[0].split(":")} | set(PROTOCOLS)
    assert layers - known == set()


def test_findings_cover_each_protocol(ws):
    found = findings(ws)
    shown = {name.partition(".")[0] for name, values in found.items() if any(values)}
    assert shown == set(PROTOCOLS)

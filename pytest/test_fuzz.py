# SPDX-License-Identifier: GPL-2.0-or-later
"""A few rounds of the fuzz campaign; fuzz/mutate.py does many."""

import sys

from gapfill_tshark import TOP

sys.path.insert(0, str(TOP / "fuzz"))
import mutate  # noqa: E402


def test_damaged_captures_do_no_harm(ws):
    harm = list(mutate.campaign(ws, mutate.captures(), rounds=12, seed=20261122))
    assert not harm, harm


def test_dissector_bugs_count_as_harm(ws, captures, monkeypatch):
    capture = next(captures.rglob("*.pcap"))
    assert mutate.harm(ws, capture) is None
    monkeypatch.setattr(mutate, "HARM", mutate.re.compile(rb"Transmission Control|User Datagram|Ethernet|Internet Protocol"))
    assert mutate.harm(ws, capture)

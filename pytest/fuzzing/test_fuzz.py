# SPDX-License-Identifier: GPL-2.0-or-later
"""A few rounds of the fuzz campaign; fuzz/mutate.py does many."""

import sys
import time

import pytest

from harness.tshark import TOP

sys.path.insert(0, str(TOP / "fuzz"))
import mutate  # noqa: E402

pytestmark = pytest.mark.one_series


def test_damaged_captures_do_no_harm(ws):
    """The seed is the day's, so that other damage is done each day; a failure names its capture, which is kept."""
    seed = int(time.strftime("%Y%m%d"))
    print(f"seed {seed}")
    harm = list(mutate.campaign(ws, mutate.captures(), numbers=range(12), seed=seed))
    assert not harm, harm


def test_dissector_bugs_count_as_harm(ws, captures, monkeypatch):
    capture = next(captures.rglob("*.pcap"))
    assert mutate.harm_of_ours(ws, capture) == []
    monkeypatch.setattr(mutate, "HARM", mutate.re.compile(rb"Transmission Control|User Datagram|Ethernet|Internet Protocol"))
    assert mutate.harm(ws, capture)
    assert mutate.harm_of_ours(ws, capture) == []     # stock shows the same


@pytest.mark.static
def test_harm_is_ours_unless_stock_does_the_same(monkeypatch):
    def found(with_plugins, stock):
        monkeypatch.setattr(mutate, "harm", lambda ws, *_: with_plugins if ws == "ours" else stock)
        return mutate.harm_of_ours(Ours("ours"), None)

    class Ours(str):
        def without_plugins(self):
            return "stock"

    assert found([], ["bug: a"]) == []
    assert found(["sanitizer: x"], ["sanitizer: x", "bug: a"]) == ["sanitizer: x"]
    assert found(["bug: a", "bug: b"], ["bug: a"]) == ["bug: b"]
    assert found(["bug: a", "bug: a"], ["bug: a"]) == ["bug: a", "bug: a"]
    assert found(["exit status: 1: x"], ["bug: a"]) == ["exit status: 1: x"]
    assert found(["exit status: 1: x"], ["exit status: 2: y"]) == []
    assert found(["time: more"], ["exit status: 1: x"]) == ["time: more"]

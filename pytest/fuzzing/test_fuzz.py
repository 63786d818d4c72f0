# SPDX-License-Identifier: GPL-2.0-or-later
"""A few rounds of the fuzz campaigns; fuzz/mutate.py and fuzz/hostile_keys.py do many."""

import sys

import pytest

from harness.tshark import TOP

sys.path.insert(0, str(TOP / "fuzz"))
import hostile_keys  # noqa: E402
import mutate  # noqa: E402

pytestmark = pytest.mark.one_series


def test_damaged_captures_do_no_harm(ws):
    """A failure names its capture, which is kept. Other damage is for campaigns (fuzz/README.md)."""
    seed = 20261129
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


def test_keys_with_hostile_numbers_do_no_harm(ws):
    """A failure names its capture, which is kept."""
    seed = 20261129
    print(f"seed {seed}")
    (capture, what, checks), = hostile_keys.campaign(ws, range(1), seed, size=120)
    assert not what, (seed, capture, what)
    assert sum(checks.values()) == 120 and set(checks) <= {"1", "2", "6", "7"} and checks["2"] and checks["7"]


def test_sound_keys_that_are_not_good_count_as_harm(ws):
    (capture, what, _), = hostile_keys.campaign(ws, range(1), 1, size=2, options=("-o", "openpgp.verify_work:0"))
    capture.unlink()
    assert what and what[0].startswith("verdict: ['5'")

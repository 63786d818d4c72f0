# SPDX-License-Identifier: GPL-2.0-or-later
"""What loading the plugins adds: fields of their own, and nothing else."""

from conftest import chosen_series
from harness.tshark import Wireshark
from no_harm.trees import own_of

import pytest

pytestmark = pytest.mark.compared

OWN_NAMES = ("discard", "arp_snap", "hkp", "openpgp", "acme", "ftp_session", "ldp_binding", "l2tp_payload", "session",
             "gapfill_", "ldp_extras", "whole_session")


def test_new_fields_are_in_our_namespace(ws):
    own = own_of(ws.without_plugins(), ws).names
    assert own
    assert not [name for name in own if not name.startswith(OWN_NAMES)]


def test_nothing_is_said_at_startup(ws):
    ours, stock = (w.with_env(WIRESHARK_EXTCAP_DIR="/nonexistent") for w in (ws, ws.without_plugins()))
    assert ours.execute("tshark", "-G", "plugins").stderr == stock.execute("tshark", "-G", "plugins").stderr


def test_native_fields_keep_their_types(ws):
    stock, ours = ws.without_plugins().fields(), ws.fields()
    assert {name: kind for name, kind in stock.items() if ours.get(name) != kind} == {}


def test_fields_are_the_same_on_all_versions(request, ws):
    """What the plugins add is the same here as on the other versions of this run, with what is native there."""
    for series in chosen_series(request.config):    # what else is in build/ may be of some other day
        if series == ws.series:
            continue
        other = Wireshark(series)
        here, there = ws.fields(), other.fields()
        added = own_of(other.without_plugins(), other).names | own_of(ws.without_plugins(), ws).names
        assert {n: here.get(n) for n in added} == {n: there.get(n) for n in added}, f"{ws.series} and {series}"

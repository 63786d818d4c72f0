# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures that are lost in part: what is native in what is left is as without the plugins."""

import subprocess

import pytest

from no_harm.captures import TOPS, Capture, below
from no_harm.comparing import compare

# Not ARP, ICMP or Discard: what the plugins find in these, Wireshark itself relates to other packets.
FOLDERS = ("acme-dns01", "acme-http01", "acme-tlsalpn01", "ftp-servers", "hkp-servers", "session-services")
# How captures get lost in part: editcap's options.
DAMAGES = {"cut to 60 bytes": ["-s", "60"], "cut to 90 bytes": ["-s", "90"], "wrong bytes": ["-E", "0.02", "--seed", "1"],
           "begun later": ["1-20"], "each fourth packet lost": [str(number) for number in range(3, 2000, 4)]}


def damage_to(path, damage, tmp_path):
    """The damaged capture, with the same keys beside it."""
    damaged, first = tmp_path / path.name, DAMAGES[damage][0]
    command = ["editcap", *DAMAGES[damage], path, damaged] if first[0] == "-" else ["editcap", path, damaged, *DAMAGES[damage]]
    subprocess.run(command, check=True, capture_output=True)
    keys = path.with_suffix(".keys")
    if keys.exists():
        damaged.with_suffix(".keys").write_bytes(keys.read_bytes())
    return damaged


def damaged(damage, tmp_path):
    """A capture of each folder, damaged, in one, and tshark's options for it."""
    paths = (next(iter(below(TOPS["test-captures"], (folder,)))) for folder in FOLDERS)
    return Capture("damaged", tuple(damage_to(path, damage, tmp_path) for path in paths)).prepared(tmp_path)


@pytest.mark.compared
@pytest.mark.parametrize("damage", DAMAGES)
def test_no_harm_to_damaged_captures(ws, damage, tmp_path):
    capture, options = damaged(damage, tmp_path)
    harms = compare(ws.without_plugins(), ws, capture, options, [("pdml", "", False), ("columns", "", False)])
    assert not harms, "\n".join([f"{len(harms)} differences:", *harms[:20]])


@pytest.mark.one_series
@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_captures_are_dissected(ws, damage, tmp_path):
    capture, options = damaged(damage, tmp_path)
    ws.tshark(capture, "-V", "-2", *options, timeout=900)


@pytest.mark.compared
def test_layers_that_are_not_shown_are_not_named(ws, tmp_path):
    """A request with a method that Wireshark does not know is no HTTP to it, nor HKP."""
    path = damage_to(TOPS["test-captures"] / "hkp-servers/hkp-h2c.pcap", "wrong bytes", tmp_path)
    before, after = (one.rows(path, ["frame.protocols"]) for one in (ws.without_plugins(), ws))
    assert before == after

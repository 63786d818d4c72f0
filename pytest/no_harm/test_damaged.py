# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures that are lost in part: what is native in what is left is as without the plugins."""

import subprocess

import pytest

from gapfill_tshark import TOP
from no_harm.captures import Capture, below
from no_harm.comparing import compare

# Not ARP, ICMP or Discard: what the plugins find in these, Wireshark itself relates to other packets.
FOLDERS = ("acme-dns01", "acme-http01", "acme-tlsalpn01", "ftp-servers", "hkp-servers", "session-services")
# How captures get lost in part: editcap's options.
DAMAGES = {"cut to 60 bytes": ["-s", "60"], "cut to 90 bytes": ["-s", "90"], "wrong bytes": ["-E", "0.02", "--seed", "1"],
           "begun later": ["1-20"], "each fourth packet lost": [str(number) for number in range(3, 2000, 4)]}


@pytest.mark.parametrize("damage", DAMAGES)
def test_no_harm_to_damaged_captures(ws, damage, tmp_path, request):
    damaged, first = [], DAMAGES[damage][0]
    for path in (below(TOP / "test-captures", (folder,))[0] for folder in FOLDERS):
        damaged.append(tmp_path / path.name)
        command = ["editcap", *DAMAGES[damage], path, damaged[-1]] if first[0] == "-" else ["editcap", path, damaged[-1], *DAMAGES[damage]]
        subprocess.run(command, check=True, capture_output=True)
        keys = path.with_suffix(".keys")
        if keys.exists():
            damaged[-1].with_suffix(".keys").write_bytes(keys.read_bytes())
    capture, options = Capture("damaged", tuple(damaged)).prepared(tmp_path)
    if request.config.getoption("--sanitized"):     # the other run compares; this one has all of it dissected
        ws.tshark(capture, "-V", "-2", *options, timeout=900)
        return
    harms = compare(ws.without_plugins(), ws, capture, options, [("pdml", "", False), ("columns", "", False)])
    assert not harms, "\n".join([f"{len(harms)} differences:", *harms[:20]])

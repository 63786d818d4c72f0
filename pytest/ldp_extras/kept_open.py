# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures that are loaded one after the other into one sharkd of each Wireshark."""

import pytest

from ldp_extras.packets import prefix
from ldp_extras.test_binding import EXPERTS

OTHER = prefix("198.51.100.0/24")

ENDS = ("ldp_binding.fec", "ldp_binding.stale")


_sharkd = {}


@pytest.fixture(scope="module", autouse=True)
def one_process():
    """For each module that imports it; closing looks at how the processes end."""
    yield
    while _sharkd:
        _sharkd.popitem()[1].close()


def rows(ws, path, fields, display_filter):
    if ws.series not in _sharkd:
        _sharkd[ws.series] = ws.sharkd()
    _sharkd[ws.series].load(path)
    return [tuple(",".join("1" for _ in value.split(",")) if value and name in EXPERTS else value for name, value in zip(fields, row))
            for row in _sharkd[ws.series].rows(fields, display_filter)]


def meanings(ws, path, fields=("ldp_binding.label", "ldp_binding.fec", "ldp_binding.match")):
    """{frame: values}"""
    return {int(row[0]): row[1:] for row in rows(ws, path, ["frame.number", *fields], "mpls")}


def experts(ws, path):
    """{frame: {expert item}} of the items of this plugin."""
    found = rows(ws, path, ["frame.number", *EXPERTS], " || ".join(EXPERTS))
    return {int(row[0]): {name.rpartition(".")[2] for name, value in zip(EXPERTS, row[1:]) if value} for row in found}

# SPDX-License-Identifier: GPL-2.0-or-later
"""What the whole bundle keeps of traffic that is none of its business, in bytes a packet (see bench/memory.py)."""

import sys

import pytest

from harness.planted import host_or_skip
from harness.tshark import TOP

sys.path.append(str(TOP / "bench"))

import memory  # noqa: E402

PACKETS = 20000
BUDGET = 64

pytestmark = pytest.mark.static


def test_plain_http_leaves_little_behind(request, record_property):
    ws = host_or_skip(request.config)
    stock, bundle = memory.bytes_a_packet([ws.without_plugins(), ws], "http1", PACKETS)
    record_property("bytes", bundle - stock)
    print(f"\nKept of HTTP: {stock:.0f} bytes a packet without, {bundle:.0f} with all of {', '.join(sorted(ws.built()))}")
    assert stock > 300, "else this measures nothing"
    assert bundle - stock <= BUDGET

# SPDX-License-Identifier: GPL-2.0-or-later
"""What the whole bundle keeps of traffic that is none of its business, in bytes a packet (see bench/memory.py)."""

import re
import subprocess
import sys

import pytest

from harness.planted import host_or_skip
from harness.tshark import TOP

PACKETS = 20000
BUDGET = 64

pytestmark = pytest.mark.static


def test_plain_http_leaves_little_behind(request, record_property):
    """In a process of its own: what is measured of a child begins with what its parent has."""
    host_or_skip(request.config)
    done = subprocess.run([sys.executable, TOP / "bench/memory.py", "http1", "--packets", str(PACKETS)], capture_output=True, text=True, check=True)
    print(done.stdout)
    stock, bundle = map(int, re.search(r"stock (-?\d+), with plugins (-?\d+)", done.stdout).groups())
    record_property("bytes", bundle - stock)
    assert stock > 300, "else this measures nothing"
    assert bundle - stock <= BUDGET

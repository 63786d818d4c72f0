# SPDX-License-Identifier: GPL-2.0-or-later
"""On traffic that is none of its business the whole bundle costs at most 2 % more instructions (see bench/)."""

import sys

import pytest

from harness.tshark import HOST_SERIES, TOP, Wireshark

sys.path.append(str(TOP / "bench"))

import cost  # noqa: E402
import unrelated  # noqa: E402
from harness.craft import write_pcap  # noqa: E402

PACKETS = 20000
LIMIT = 1.02

pytestmark = pytest.mark.static


def host_or_skip(config):
    wanted = config.getoption("--wireshark")
    if wanted != "all" and HOST_SERIES not in wanted.split(","):
        pytest.skip(f"Wireshark {HOST_SERIES} of this machine was left out")
    return Wireshark(HOST_SERIES)


def test_traffic_is_unrelated_and_always_the_same(request, tmp_path):
    ws = host_or_skip(request.config)
    assert unrelated.frames(3000) == unrelated.frames(3000)
    capture = write_pcap(tmp_path / "unrelated.pcap", unrelated.frames(3000))
    stray = ws.count(capture, "_ws.malformed || discard || ftp || mpls || http || tls || llc || l2tp || ldp || wol")
    assert stray == 0
    for kind in ("tcp.len > 0", "tcp.flags.syn == 1", "udp", "dns", "icmp", "arp", "ipv6"):
        assert ws.count(capture, kind) > 20, kind


def test_cost(request, record_property):
    ws = host_or_skip(request.config)
    without, with_plugins = cost.measure([ws.without_plugins(), ws], PACKETS)
    record_property("ratio", with_plugins / without)
    print(f"\nCost on unrelated traffic: {without / 1e6:.1f} M instructions without, {with_plugins / 1e6:.1f} M with all of "
          f"{', '.join(sorted(ws.built()))}: {with_plugins / without:.4f}")
    assert with_plugins <= LIMIT * without


def test_waste_is_noticed(request, monkeypatch):
    """A display filter stands for a plugin that has too much to do."""
    ws = host_or_skip(request.config)
    command = Wireshark.command

    def wasteful(self, tool, *args, **kwargs):
        return command(self, tool, *args, *(["-Y", "frame"] if self.plugin_dir else []), **kwargs)

    monkeypatch.setattr(Wireshark, "command", wasteful)
    without, with_plugins = cost.measure([ws.without_plugins(), ws.subset()], 2000)
    assert with_plugins > LIMIT * without

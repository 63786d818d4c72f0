# SPDX-License-Identifier: GPL-2.0-or-later
"""What the whole bundle costs on traffic that is none of its business, in instructions after start-up (see bench/)."""

import sys

import pytest

from harness.planted import host_or_skip
from harness.tshark import TOP, Wireshark

sys.path.append(str(TOP / "bench"))

import cost  # noqa: E402
import unrelated  # noqa: E402
import workloads  # noqa: E402
from harness.craft import write_pcap  # noqa: E402

PACKETS = 20000
LIMIT = 1.018

# Of one protocol each, ratios that were reached: they may only become smaller (docs/performance.md).
PACKETS_OF_KIND = 1000
REACHED = {"dns": 1.029, "http1": 1.065, "http2": 1.088, "arp": 1.032, "tcp_short": 1.021, "mpls_ldp": 1.237, "smtp": 1.062, "imap": 1.060}

pytestmark = pytest.mark.static


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


@pytest.fixture(scope="module")
def measured(request):
    """{kind: ratio}, with some start-up left in it for what is made with the first packets."""
    ws = host_or_skip(request.config)
    frames = {kind: workloads.frames(kind, PACKETS_OF_KIND) for kind in REACHED}
    return {kind: bundle / stock for kind, (stock, bundle) in cost.measure_kinds([ws.without_plugins(), ws], frames).items()}


@pytest.mark.parametrize("kind", REACHED)
def test_cost_of_protocols_that_are_looked_at(measured, record_property, kind):
    record_property("ratio", measured[kind])
    print(f"\nCost on {kind}: {measured[kind]:.4f}")
    assert measured[kind] <= REACHED[kind]


def test_waste_is_noticed(request, monkeypatch):
    """A display filter stands for a plugin that has too much to do."""
    ws = host_or_skip(request.config)
    command = Wireshark.command

    def wasteful(self, tool, *args, **kwargs):
        return command(self, tool, *args, *(["-Y", "frame"] if self.plugin_dir else []), **kwargs)

    monkeypatch.setattr(Wireshark, "command", wasteful)
    without, with_plugins = cost.measure([ws.without_plugins(), ws.subset()], 2000)
    assert with_plugins > LIMIT * without

# SPDX-License-Identifier: GPL-2.0-or-later
"""Items that lead to other packets: they are worked out, so the window must not colour bytes of this packet for them."""

import pytest

# Each has some of several plugins.
CAPTURES = ("acme-http01/http01.pcap", "arp-snap/arp-snap.pcap", "ftp-servers/fxp-server.pcap", "hkp-servers/onak-curl.pcap", "mpls-foreign/mpls-foreign.pcap",
            "small-services/small-services.pcap")


@pytest.mark.one_series
@pytest.mark.parametrize("name", CAPTURES)
def test_a_link_to_a_packet_covers_no_bytes(ws, captures, name):
    stock = ws.without_plugins().fields()
    links = {field for field, kind in ws.fields().items() if kind == "FT_FRAMENUM" and field not in stock}
    sizes = [(field.get("name"), field.get("size")) for packet in ws.pdml(captures / name, "-2") for field in packet.iter("field") if field.get("name") in links]
    assert sizes
    assert {pair for pair in sizes if pair[1] != "0"} == set()

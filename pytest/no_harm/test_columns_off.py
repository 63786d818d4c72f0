# SPDX-License-Identifier: GPL-2.0-or-later
"""With a plugin's preference `columns` off, Protocol and Info are those of Wireshark without it."""

import pytest

from harness.tshark import TOP
from no_harm.captures import below

pytestmark = pytest.mark.compared

# preference: plugin, what its packets have, folder of captures, versions where the plugin says anything in columns
PREFERENCES = {
    "acme.columns": ("acme", "acme", "acme-*"),
    "hkp.columns": ("hkp", "hkp", "hkp-*"),
    "arp_snap.columns": ("arp-snap", "arp_snap", "arp-snap"),
    "openpgp.columns": ("openpgp", "openpgp", "openpgp-*"),
    "discard.columns": ("discard", "discard", "small-services"),
    "ldp_binding.columns": ("ldp-extras", "ldp_binding && !ldp_binding.pw_type && !l2tp_payload", "ldp-frr"),
}
# These add to what is native, and openpgp.columns is for Decode As alone.
ALWAYS_NATIVE = ("openpgp.columns",)


def _capture(folder):
    return min(below(TOP / "test-captures", (folder,)), key=lambda path: abs(path.stat().st_size - 50_000))


@pytest.mark.parametrize("preference", PREFERENCES)
def test_columns_are_native(ws, preference):
    plugin, packets, folder = PREFERENCES[preference]
    if preference == "discard.columns" and ws.version >= (4, 4):
        pytest.skip("Discard is native there")
    path = _capture(folder)
    only = ws.subset(plugin)
    off = {preference: "FALSE"}
    keylog = path.with_suffix(".keys") if path.with_suffix(".keys").exists() else None
    frames = only.frames(path, packets, keylog=keylog)
    assert frames
    for two_pass in False, True:
        stock = ws.without_plugins().columns(path, two_pass, keylog=keylog)
        there, native = (only.columns(path, two_pass, prefs=prefs, keylog=keylog) for prefs in (None, off))
        assert [native[frame - 1] for frame in frames] == [stock[frame - 1] for frame in frames]
        assert preference in ALWAYS_NATIVE or there != native
        assert only.count(path, packets, prefs=off, keylog=keylog) == len(frames)


def test_openpgp_in_a_stream_leaves_columns(ws, tmp_path):
    """Decode As."""
    from harness.craft import Connection, ethernet, write_pcap
    key = b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEZQAAABYJKwYBBAHaRw8BAQdAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n" \
          b"-----END PGP PUBLIC KEY BLOCK-----\n"
    packets = Connection(sport=40000, dport=4711).handshake().client(key).close().packets
    capture = write_pcap(tmp_path / "key.pcap", [ethernet(packet) for packet in packets])
    options, only = ("-d", "tcp.port==4711,openpgp"), ws.subset("openpgp")
    protocols = {preference: {protocol for protocol, _ in only.columns(capture, prefs={"openpgp.columns": preference}, options=options)}
                 for preference in ("TRUE", "FALSE")}
    assert "OpenPGP" in protocols["TRUE"] and protocols["FALSE"] == {"TCP"}

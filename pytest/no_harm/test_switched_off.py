# SPDX-License-Identifier: GPL-2.0-or-later
"""A protocol that is switched off does nothing: tshark prints what it prints without the plugin, to the byte.

That is the whole dissection and the usual statistics, in one pass and with -2. On Wireshark 4.4 and 4.6 Discard is
native: there it is compared with stock where it is switched off as well.
"""

import re

import pytest

from no_harm.whole_output import PROTOCOLS, assert_same, crafted, field_names, joined, keylog, known, off, plugin_of, protocols_of, whole

pytestmark = pytest.mark.compared

PASSES = pytest.mark.parametrize("two_pass", [False, True], ids=["one pass", "-2"])
# A row of io,stat: the interval, then frames and bytes for each filter.
FRAMES_OF_STAT = re.compile(r"\|\s*(\d+) \|\s*\d+ (?=\|)")
PLUGINS = sorted(set(PROTOCOLS.values()))


def counts(ws, capture, names, *options):
    """In how many packets there is something that these filters match, as far as their fields are there."""
    rows = ws.rows(capture, names, two_pass=True, options=options, keylog=keylog())
    return {name: sum(bool(row[n]) for row in rows) for n, name in enumerate(names)}


def switched_off(ws, protocols, way, tmp_path):
    """A Wireshark and options that have these protocols switched off."""
    if way == "--disable-protocol":
        return ws, off(protocols)
    (tmp_path / "disabled_protos").write_text("".join(f"{name}\n" for name in protocols))
    tmp_path.chmod(0o755)
    for folder in tmp_path.parents[:2]:
        folder.chmod(0o755)
    return ws.with_env(WIRESHARK_CONFIG_DIR=str(tmp_path)), []


# Protocols of ours


def test_the_capture_has_something_of_each_protocol(ws):
    found = counts(ws, joined(), list(PROTOCOLS))
    assert min(found.values()) >= 8, found
    assert set(PROTOCOLS.values()) - {"openpgp"} <= ws.built()


@pytest.mark.parametrize("plugin", PLUGINS)
def test_off_is_as_without_the_plugin(ws, plugin):
    """The plugin alone, with all that it brings switched off."""
    if plugin not in ws.built():
        pytest.skip(f"{plugin}.so: its protocols are in another plugin")
    protocols, stock = protocols_of(ws, plugin), ws.without_plugins()
    assert_same(whole(ws.subset(plugin), joined(), *off(protocols), two_pass=True),
                whole(stock, joined(), *off(known(stock, protocols)), two_pass=True), plugin)


@PASSES
@pytest.mark.parametrize("way", ["--disable-protocol", "disabled_protos"])
def test_all_off_is_stock(ws, way, two_pass, tmp_path):
    stock, names = ws.without_plugins(), list(PROTOCOLS)
    quiet, options = switched_off(ws, names, way, tmp_path)
    assert_same(whole(quiet, joined(), *options, two_pass=two_pass),
                whole(stock, joined(), *off(known(stock, names)), two_pass=two_pass), way)


@pytest.mark.parametrize("plugin", PLUGINS)
def test_one_off_leaves_the_others_as_without_its_plugin(ws, plugin):
    """The whole bundle with all that one plugin brings switched off, against the bundle without that plugin."""
    if plugin not in ws.built():
        pytest.skip(f"{plugin}.so: its protocols are in another plugin")
    protocols, others = protocols_of(ws, plugin), ws.subset(*sorted(ws.built() - {plugin}))
    assert_same(whole(ws, joined(), *off(protocols), two_pass=True),
                whole(others, joined(), *off(known(ws.without_plugins(), protocols)), two_pass=True), plugin)


@pytest.mark.parametrize("protocol, sibling, name", [
    ("ldp_binding", "l2tp_payload", "ldp-frr/ldp-frr"), ("l2tp_payload", "ldp_binding", None), ("openpgp", "hkp", "openpgp-gnupg/gnupg")])
def test_off_beside_another_of_the_same_plugin(ws, captures, protocol, sibling, name):
    """Where the plugin's other protocol, which stays on, has nothing to show."""
    plugin = plugin_of(ws, protocol)
    if name:
        capture = captures / f"{name}.pcap"
    else:
        capture = crafted()
    only = ws.subset(plugin)
    found = counts(only, capture, [protocol])
    assert found[protocol] >= 8
    if sibling not in protocols_of(ws, plugin):
        sibling = None
    carriers = [] if name else ["mpls", "ldp"]
    options, stock = off([protocol, *carriers]), off(carriers)
    assert sibling is None or counts(only, capture, [sibling], *options) == {sibling: 0}
    assert_same(whole(only, capture, *options, two_pass=True), whole(ws.without_plugins(), capture, *stock, two_pass=True), protocol)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_nothing_of_a_protocol_that_is_off(ws, protocol, tmp_path):
    """None of its fields, on any packet, while all others are on."""
    quiet, options = switched_off(ws, [protocol], "disabled_protos", tmp_path)
    names = sorted(name for name in field_names(ws) if name == protocol or name.startswith(protocol + "."))
    assert len(names) >= 3
    rest = [name for name in PROTOCOLS if name not in (protocol, "session")]
    found = counts(quiet, joined(), names + rest, *options)
    assert {name: found[name] for name in names if found[name]} == {}
    assert min(found[name] for name in rest) >= 8


# Native protocols: those of a group are off at once, and none of them carries another of the same group

NATIVE = {"application": ["ftp", "dns", "bgp", "arp", "l2tp", "http2", "icmp", "icmpv6"], "below": ["http", "ldp", "llc", "ftp-data"],
          "carriers": ["mpls", "tls", "data-text-lines"], "certificates": ["x509ce", "x509sat", "pkix1explicit", "pkix1implicit", "snap"],
          "tcp": ["tcp"], "udp": ["udp"]}


@pytest.mark.parametrize("group", NATIVE)
def test_native_protocols_off_and_ours_off(ws, group):
    """What stands in for a native protocol does not call it where it is switched off."""
    stock, disabled = ws.without_plugins(), known(ws.without_plugins(), NATIVE[group])
    assert disabled
    as_stock = whole(stock, joined(), *off(disabled), *off(known(stock, PROTOCOLS)))
    assert as_stock != whole(stock, joined(), *off(known(stock, PROTOCOLS)))
    assert_same(whole(ws, joined(), *off(disabled), *off(PROTOCOLS)), as_stock, group)


# native protocol: what may not be said without it
CLAIMS = {"ftp": ["ftp_session"], "dns": ["acme.challenge.type == 3"], "http": ["acme.challenge.type == 1", "hkp && !http2"],
          "http2": ["hkp && http2"], "tls": ["acme.challenge.type == 2"], "ldp": ["ldp_binding.advertised_in", "ldp_binding.fec && ldp_binding.match != 4"],
          "mpls": ["ldp_binding"], "l2tp": ["l2tp_payload"], "arp": ["arp_snap"], "llc": ["arp_snap"],
          "tcp": ["ftp_session", "hkp", "session && tcp", "acme.challenge.type == 1", "acme.challenge.type == 2"], "udp": ["session && udp"],
          "icmp": ["discard.unreachable_packet && ip.proto == 1", "session.icmp_error && icmp"]}


def matches(ws, filters, *options):
    """How many packets each filter matches, from one run."""
    out = ws.statistics(joined(), ",".join(["io,stat,0", *filters]), options=options, keylog=keylog(), two_pass=True)
    return dict(zip(filters, (int(n) for n in FRAMES_OF_STAT.findall(out.splitlines()[-2]))))


_matched = {}


def matched(ws, group=None):
    """What all claims match, with the protocols of a group off."""
    if (ws.series, group) not in _matched:
        claims = sorted({claim for claims in CLAIMS.values() for claim in claims})
        _matched[ws.series, group] = matches(ws, claims, *off(NATIVE.get(group, [])))
    return _matched[ws.series, group]


@pytest.mark.parametrize("native", CLAIMS)
def test_nothing_is_said_without_the_native_protocol(ws, native):
    group = next(group for group, names in NATIVE.items() if native in names)
    assert {claim: matched(ws)[claim] > 0 for claim in CLAIMS[native]} == dict.fromkeys(CLAIMS[native], True)
    assert {claim: matched(ws, group)[claim] for claim in CLAIMS[native]} == dict.fromkeys(CLAIMS[native], 0)

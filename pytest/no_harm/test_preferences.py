# SPDX-License-Identifier: GPL-2.0-or-later
"""Findings stay as they are when the user changes a port or a Decode As of a protocol that a plugin stands in for.

Each change has the ports in it that the capture uses, so that stock Wireshark's dissection is the same before and after.
"""

import pytest

from no_harm.whole_output import CASES, PROTOCOLS, crafted, differing, field_types, findings, joined, keylog

pytestmark = pytest.mark.compared


# What the user changes: preferences or Decode As; ports that the capture needs stay.
CHANGES = {
    "BGP, Decode As": ["-d", "tcp.port==179,bgp"], "LDP, Decode As": ["-d", "tcp.port==646,ldp"], "LDP Hellos, Decode As": ["-d", "udp.port==646,ldp"],
    "DNS over TCP": ["-o", "dns.tcp.port:53,5300"], "DNS over TCP, Decode As": ["-d", "tcp.port==53,dns"],
    "DNS over UDP": ["-o", "dns.udp.port:53,5300,5353"], "DNS over UDP, Decode As": ["-d", "udp.port==53,dns"],
    "HTTP": ["-o", "http.tcp.port:80,3128,5002,8080,11371"], "HTTP, Decode As": ["-d", "tcp.port==5002,http", "-d", "tcp.port==11371,http"],
    "HTTP over TLS": ["-o", "http.tls.port:443,8443"], "TLS, Decode As": ["-d", "tcp.port==443,tls", "-d", "tcp.port==5001,tls"],
    "FTP": ["-o", "ftp.tcp.port:21,2100"], "FTP, Decode As": ["-d", "tcp.port==21,ftp"], "L2TP, Decode As": ["-d", "udp.port==1701,l2tp"],
    "MPLS in UDP, Decode As": ["-d", "udp.port==6635,mpls"], "MPLS, Decode As": ["-d", "ethertype==0x8847,mpls"],
    "ARP, Decode As": ["-d", "ethertype==0x0806,arp", "-d", "ethertype==0x8035,arp"],
    "TCP, Decode As": ["-d", "ip.proto==6,tcp"], "UDP, Decode As": ["-d", "ip.proto==17,udp"],
}
# Preferences with one port each: moved together with the packets that use it.
MOVED = {"BGP": ("bgp", "bgp.tcp.port", 1179), "L2TP": ("l2tp", "l2tp.udp.port", 1702), "MPLS in UDP": ("mpls", "mpls.udp.port", 6636)}


_unchanged = {}


def unchanged(ws, capture):
    """What is shown before a change, with our protocols and all expert items, which nothing false may add to."""
    key = ws.series, ws.plugin_dir, capture
    if key not in _unchanged:
        kinds = field_types(ws)
        _unchanged[key] = {name: values for name, values in findings(ws, capture=capture, two_pass=False).items()
                           if any(values) or name in PROTOCOLS or kinds[name] == "FT_NONE"}
        shown = {name.partition(".")[0] for name, values in _unchanged[key].items() if any(values)}
        assert shown == set(PROTOCOLS) or capture != joined()
    return _unchanged[key]


@pytest.mark.parametrize("change", CHANGES)
def test_findings_stay(ws, change):
    before = unchanged(ws, joined())
    assert differing(findings(ws, *CHANGES[change], fields=list(before), two_pass=False), before) == {}


@pytest.mark.parametrize("protocol", MOVED)
def test_findings_follow_the_port(ws, protocol):
    """On another port, which the preference names, there is what was on the usual one; and nothing false."""
    name, preference, port = MOVED[protocol]
    usual = unchanged(ws, crafted())
    assert any(usual["ldp_binding.match"]) and any(usual["l2tp_payload.kind"])
    ports = {name: port}
    moved = findings(ws, "-o", f"{preference}:{port}", capture=crafted(**ports), fields=list(usual), two_pass=False)
    assert differing(moved, usual) == {}
    without = ws.without_plugins().rows(crafted(**ports), ["frame.protocols"], options=["-o", f"{preference}:{port}"])
    assert without == ws.without_plugins().rows(crafted(), ["frame.protocols"])


# In one sharkd, as in the window: a change between two loads, and back.
LOADS = {"DNS": {"dns.tcp.port": "53,5300"}, "HTTP": {"http.tcp.port": "80,3128,5002,8080,11371"}, "FTP": {"ftp.tcp.port": "21,2100"}}
SHOWN = ("acme.challenge.type", "acme.domain", "acme.valid", "hkp.op", "hkp.status", "ftp_session.id", "ftp_session.transfer", "ftp_session.bytes",
         "openpgp.key.fingerprint", "arp_snap.encapsulation", "ldp_binding.fec", "ldp_binding.match", "l2tp_payload.kind", "session.id",
         "session.proto", "discard.bytes_total")


@pytest.mark.parametrize("protocol", LOADS)
def test_findings_stay_between_two_loads(ws, protocol):
    (name, value), = LOADS[protocol].items()
    seen = []
    with ws.sharkd(keylog=keylog()) as sharkd:
        default = sharkd.call("dumpconf", pref=name)["prefs"][name]["r"]
        for port in (default, value, default):
            sharkd.call("setconf", name=name, value=port)
            sharkd.load(joined())
            seen.append(sharkd.columns(SHOWN))
    before, changed, back = seen
    assert [name for n, name in enumerate(SHOWN) if not any(row[n] for row in before)] == []
    assert changed == before and back == before


@pytest.mark.parametrize("options", [["-o", "dns.tcp.port:53,5300"], ["-d", "tcp.port==53,dns"]], ids=["port", "Decode As"])
def test_case_acme_over_dns_over_tcp(ws, options, shared):
    capture = CASES / "bundle/dns-tcp-pref.pcap"
    assert ws.count(capture, "acme", two_pass=True) == 8
    assert ws.count(capture, "acme", two_pass=True, options=options) == 8

# SPDX-License-Identifier: GPL-2.0-or-later
"""Everything that tshark prints of a capture, to be compared to the byte; and captures with something for each plugin.

    stock = whole(ws.without_plugins(), capture)
    assert_same(whole(ws, capture, *off(["acme"])), stock)
"""

import atexit
import os
import shutil
import struct
import subprocess
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from harness.craft import CLIENT, SERVER, ethernet, ipv4, raw, tcp, udp, write_pcap
from harness.tshark import SHARED, TOP
from ldp_extras.packets import ETHERNET, Router, Session, addresses, data, labelled, mapping, packed, prefix, pw, release, stack, withdraw

CAPTURES = TOP / "test-captures"
CASES = SHARED.parent / "cases"

# Filter name of each protocol of ours, and the plugin that brings or extends it.
PROTOCOLS = {"discard": "discard", "arp_snap": "arp-snap", "hkp": "hkp", "openpgp": "openpgp", "acme": "acme", "ftp_session": "ftp-session",
             "ldp_binding": "ldp-extras", "l2tp_payload": "ldp-extras", "session": "whole-session"}

STATISTICS = ("io,phs", "io,stat,0", "expert", *(f"{kind},{layer}" for kind in ("conv", "endpoints") for layer in ("eth", "ip", "ipv6", "tcp", "udp")),
              "http,tree", "http_req,tree", "http_srv,tree", "dns,tree", "http2,tree", "ip_hosts,tree", "dests,tree", "follow,tcp,ascii,3")

# Captures, and which of their frames.
JOINED = (("arp-snap/arp-snap", ""), ("small-services/small-services", ""), ("hkp-servers/sks-gpg", "1-120"), ("hkp-servers/hkp-h2c", ""),
          ("openpgp-gnupg/gnupg", "1-220"), ("acme-http01/http01-failures", "1-150"), ("acme-dns01/dns01-tcp", ""), ("acme-dns01/dns01", ""),
          ("acme-tlsalpn01/tls13-keys", ""), ("acme-tlsalpn01/tls12", "1-60"), ("ftp-servers/inetd-slow-banner", ""),
          ("ftp-servers/vsftpd-curl-epsv", ""), ("ftp-servers/proftpd-curl-ccc", ""), ("session-routing/routing", "1-80"),
          ("ldp-frr/ldp-frr", "1-200"))


# Captures


def l2tp_frames(port=1701):
    """L2TPv3 over IP and in UDP, without its control channel: Ethernet, Cisco HDLC, PPP, IPv4."""
    payloads = (ethernet(data()), b"\x0f\x00\x08\x00" + data(), b"\x00\x21" + data(), data())
    over_ip = [raw(115, struct.pack(">I", number) + payload) for number, payload in enumerate(payloads, 1)]
    in_udp = [udp(struct.pack(">HHI", 3, 0, number) + payload, port, port) for number, payload in enumerate(payloads, 11)]
    return [ethernet(ipv4(packet, "192.0.2.1", "192.0.2.2")) for packet in over_ip + in_udp]


def _labelled_unicast(label):
    """A BGP Update (RFC 4271, RFC 4760, RFC 8277) that hands out a label for 192.0.2.0/24."""
    nlri = bytes([24 + 24]) + (label << 4 | 1).to_bytes(3, "big") + packed("192.0.2.0")[:3]
    reach = struct.pack(">HBB", 1, 4, 4) + packed(Router(2).lsr) + b"\0" + nlri
    attributes = struct.pack(">BBB", 0x80, 14, len(reach)) + reach
    return b"\xff" * 16 + struct.pack(">HBH", 19 + 4 + len(attributes), 2, 0) + struct.pack(">H", len(attributes)) + attributes


def mpls_frames(bgp=179, mpls=6635):
    """LDP tells labels 17 to 19, 19 a pseudowire's, and takes 18 back, which BGP hands out then; packets with each, also in UDP."""
    a, b = Router(1), Router(2)
    session, taken = Session(a, b), prefix("203.0.113.4/32")
    frames = [a.hello(), b.hello(), *session.start(), session.say(0, addresses(a.ip)), session.say(1, addresses(b.ip)),
              session.say(1, mapping(prefix("203.0.113.3/32"), 17), mapping(taken, 18), mapping(pw(1, ETHERNET), 19))]
    packets = [*(labelled(a, b, value, data()) for value in (99, 17, 18)), labelled(a, b, 19, ethernet(data())),
               ethernet(ipv4(udp(stack(17) + data(), 49152, mpls), a.ip, b.ip), src=a.mac, dst=b.mac)]
    return [*frames, *packets, session.say(1, withdraw(taken, 18)), session.say(0, release(taken, 18)), *packets,
            ethernet(ipv4(tcp(_labelled_unicast(18), 41000, bgp), b.ip, a.ip), src=b.mac, dst=a.mac), *packets]


def expert_frames():
    """A Discard server that answers, and a key whose checksum is wrong."""
    armor = b"-----BEGIN PGP PUBLIC KEY BLOCK-----\r\n\r\nmQENBFoAAAABCADAAAAA\r\n=AAAA\r\n-----END PGP PUBLIC KEY BLOCK-----\r\n"
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/pgp-keys\r\nContent-Length: %d\r\n\r\n" % len(armor) + armor
    return [ethernet(ipv4(udp(b"thrown away", 40009, 9))), ethernet(ipv4(udp(b"not thrown away", 9, 40009), SERVER, CLIENT)),
            ethernet(ipv4(tcp(answer, 80, 40080), SERVER, CLIENT))]


@cache
def _folder():
    folder = Path(tempfile.mkdtemp(prefix="gapfill-whole-"))
    folder.chmod(0o755)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def crafted(l2tp=1701, bgp=179, mpls=6635):
    """What no capture of ours has: L2TPv3, and a router that speaks LDP and BGP; on these ports."""
    return write_pcap(_folder() / f"crafted-{l2tp}-{bgp}-{mpls}.pcap", l2tp_frames(l2tp) + mpls_frames(bgp, mpls) + expert_frames())


def _extract(number, name, frames):
    """The frames of one of our captures, in a file of their own."""
    out = _folder() / f"{number}.pcapng"
    subprocess.run(["editcap", *["-r"] * bool(frames), CAPTURES / f"{name}.pcap", out, *filter(None, [frames])], check=True, capture_output=True)
    return out


@cache
def joined():
    """JOINED and what is crafted, one after the other."""
    out = _folder() / "joined.pcapng"
    parts = [_extract(number, *part) for number, part in enumerate(JOINED)]
    subprocess.run(["mergecap", "-a", "-w", out, *parts, crafted()], check=True, capture_output=True)
    return out


@cache
def keylog():
    """The key logs that lie beside them."""
    logs = [path.read_bytes() for path in (CAPTURES / f"{name}.keys" for name, _ in JOINED) if path.exists()]
    out = _folder() / "joined.keys"
    out.write_bytes(b"".join(logs))
    return out


# What is printed


_stock = {}


def whole(ws, capture, *options, two_pass=False, statistics=STATISTICS):
    """The packets in full and the statistics, in lines; those of stock are kept."""
    key = (ws.series, capture, options, two_pass, statistics)
    if ws.plugin_dir is None and key in _stock:
        return _stock[key]
    more = [argument for name in statistics for argument in ("-z", name)] + ["-2"] * two_pass
    lines = ws.tshark(capture, "-V", *more, "-o", f"tls.keylog_file:{keylog()}", *options).split("\n")
    assert len(lines) > 100
    if ws.plugin_dir is None:
        if len(_stock) >= 6:
            _stock.pop(next(iter(_stock)))
        _stock[key] = lines
    return lines


def off(protocols):
    return [argument for name in protocols for argument in ("--disable-protocol", name)]


def assert_same(ours, stock, about=""):
    if ours == stock:
        return
    at = next((n for n, (a, b) in enumerate(zip(ours, stock)) if a != b), min(len(ours), len(stock)))
    frame = next((line for line in reversed(stock[:at]) if line.startswith("Frame ")), "")
    more, less = Counter(ours) - Counter(stock), Counter(stock) - Counter(ours)
    pytest.fail("\n".join([
        f"{about}: {sum(more.values())} lines more, {sum(less.values())} fewer; the first in {frame[:40]}, after {stock[at - 1]!r}:",
        *(f"  - {line}" for line in stock[at:at + 4]), *(f"  + {line}" for line in ours[at:at + 4]),
        *(f"more, {n} times: {line}" for line, n in more.most_common(6)), *(f"fewer, {n} times: {line}" for line, n in less.most_common(6))]), pytrace=False)


# Which protocols and plugins


_fields = {}


def field_types(ws):
    """{name: type}, of protocols too."""
    key = ws.series, ws.plugin_dir
    if key not in _fields:
        _fields[key] = ws.fields()
    return _fields[key]


def field_names(ws):
    return set(field_types(ws))


def plugin_of(ws, protocol):
    """OpenPGP is hkp.so's where there is no openpgp.so."""
    plugin = PROTOCOLS[protocol]
    return "hkp" if plugin == "openpgp" and "openpgp" not in ws.built() else plugin


def protocols_of(ws, plugin):
    return [name for name in PROTOCOLS if plugin_of(ws, name) == plugin]


def known(ws, protocols):
    """Those that this Wireshark has: stock 4.0 has none of ours, later ones have Discard."""
    return [name for name in protocols if name in field_names(ws)]


def own_fields(ws):
    """The fields, protocols and expert items of ours, as INTERFACE names them; in -e's order."""
    return sorted(name for name in field_names(ws) - field_names(ws.without_plugins()) if name.partition(".")[0] in PROTOCOLS)


def preloaded(ws, library, **env):
    """The same Wireshark with a library loaded before all others, beside that of the sanitizers."""
    before = ws.environment("tshark").get("LD_PRELOAD")
    return ws.with_env(LD_PRELOAD=os.pathsep.join(filter(None, (before, str(library)))), **env)


def findings(ws, *options, two_pass=True, fields=None, capture=None):
    """{field: its values, one a packet} of all fields of ours."""
    fields = fields or own_fields(ws)
    rows = ws.rows(capture or joined(), fields, two_pass=two_pass, options=options, keylog=keylog())
    return dict(zip(fields, zip(*rows, strict=True)))


def differing(found, expected):
    """Fields that differ, with the first frame where they do; none if there are."""
    return {name: next((n, a, b) for n, (a, b) in enumerate(zip(values, expected[name], strict=True), 1) if a != b)
            for name, values in found.items() if values != expected[name]}

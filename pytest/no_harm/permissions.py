# SPDX-License-Identifier: GPL-2.0-or-later
"""What INTERFACE lets be shown otherwise: payloads that Wireshark could not read, and one line for each way of reading.

A permission names each layer and field that may go, come or change, in packets that carry our own proof (a field of the
plugin). permitted.tsv is the closed list of where they are used: capture, version, pass, permission, layers, packets.
"""

import csv
import re
from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

TABLE = Path(__file__).with_name("permitted.tsv")
HEAD = ("capture", "version", "pass", "permission", "changes", "packets")


@dataclass(frozen=True)
class Permission:
    """when: fields of ours (or field=value) that these packets have, all of them. changes: see changes.py, with *.

    instead_of: one of these changes has to be among the packet's, or nothing was read anew.

    after: instead of changes, everything beyond the last of these layers is read anew. protocols, info: what the columns
    may then say. within: conversations within the payload are new, so later ones of these kinds may have other numbers.
    """
    name: str
    plugin: str
    when: tuple
    changes: tuple = ()
    instead_of: tuple = ("*",)
    series: tuple = ("4.0", "4.4", "4.6")
    after: str = ""
    protocols: str = ".*"
    info: str = ".*"
    within: tuple = ()
    harm: str = ""

    def covers(self, change, stock, ours):
        if self.after and _is_after(self.after, change.stock_at, stock) and _is_after(self.after, change.ours_at, ours):
            return True
        return any(fnmatchcase(change.what, pattern) for pattern in self.changes)


def _is_after(name, at, layers):
    """Whether the layer at this index lies beyond the first run of layers of this name; None is no layer, so nowhere wrong."""
    names = [layer for layer, _ in layers]
    if name not in names:
        return False
    end = names.index(name)
    while end < len(names) and names[end] == name:
        end += 1
    return at is None or at >= end


# Wireshark's own items about a data connection lie beside its payload, each at the root.
FTP_DATA = ("+ftp-data", "+ftp-data.*", "+data-text-lines")
NOT_FTP_DATA = ("-ftp-data", "-ftp-data.*", "-data-text-lines")
FTP = ("+ftp", "+ftp.*")
# What TCP says of a payload that is put together now that somebody asks for that.
REASSEMBLY = ("+tcp/tcp.segment_data", "+tcp.segments", "+tcp/tcp.reassembled_in", "-tcp/tcp.payload", "~tcp/tcp.payload", "+tcp/tcp.pdu.size")
# TLS names the protocol that it hands the clear text to.
UNDER_TLS = ("+tls/tls.app_data_proto", "~tls/tls.record", "~tls/", "~tls/tls.app_data_proto")

PERMISSIONS = (
    Permission("Discard, which 4.0 lacks", "discard", ("discard",), ("-data",), ("-data",), ("4.0",), protocols="DISCARD", info="Discard.*"),
    Permission("Wake-on-LAN on port 9, which 4.4 takes for Discard", "discard", ("wol",), ("-discard", "+wol"), ("-discard",), ("4.4",),
               protocols="WOL", info="MagicPacket .*"),
    Permission("ARP over LLC/SNAP", "arp-snap", ("arp_snap",), ("-data", "+arp"), ("-data",), protocols="R?ARP-SNAP"),
    Permission("OpenPGP, a media type that Wireshark does not know", "hkp", ("openpgp",), ("-media", "-imf/media", "-imf/media.type", "~http/http"),
               ("-media", "-imf/media"),               protocols="HKP.*|OpenPGP"),
    Permission("FTP data connection", "ftp-session", ("ftp_session.channel=2",), ("-data", *FTP_DATA), ("-data",), protocols="FTP-DATA"),
    Permission("FTP data connection under TLS", "ftp-session", ("ftp_session.channel=2", "ftp_session.tls=1"),
               ("-data", *FTP_DATA, *UNDER_TLS), ("-data",), protocols="FTP-DATA|TLSv1.*|SSL.*"),
    Permission("TLS records that Wireshark read as FTP-DATA", "ftp-session", ("ftp_session.channel=2", "ftp_session.tls=1"),
               (*NOT_FTP_DATA, "~ftp-data/*", "~ftp-data.*", *FTP_DATA, "+tls", *REASSEMBLY), ("-ftp-data", "~ftp-data/*"), protocols="FTP-DATA|TCP|TLSv1.*|SSL.*", within=("tls",)),
    Permission("FTP on another port", "ftp-session", ("ftp_session.channel=1",), ("-data", *FTP), ("-data",), protocols="FTP"),
    Permission("FTP under TLS", "ftp-session", ("ftp_session.channel=1", "ftp_session.tls=1"), ("-data", *FTP, *UNDER_TLS), ("-data",), protocols="FTP"),
    Permission("TLS records that Wireshark read as FTP", "ftp-session", ("ftp_session.channel=1", "ftp_session.tls=1"),
               ("-ftp", "-ftp.*", "-ftp/*", "~ftp/*", "+ftp/*", "~ftp.*", "+tls", *REASSEMBLY), ("+tls", "-ftp"), protocols="FTP|TLSv1.*|SSL.*|TCP", within=("tls",)),
    Permission("FTP after TLS was ended", "ftp-session", ("ftp_session.channel=1", "ftp_session.tls=0"), ("-tls", *FTP), ("-tls",), protocols="FTP"),
    Permission("pseudowire", "ldp-extras", ("ldp_binding.pw_type",), after="mpls", within=("eth", "ip", "ipv6", "tcp", "udp", "sctp")),
    Permission("L2TPv3", "ldp-extras", ("l2tp_payload",), after="l2tp", within=("eth", "ip", "ipv6", "tcp", "udp", "sctp")),
    Permission("acmeIdentifier in a certificate, an extension that Wireshark does not know", "acme", ("acme.tls.critical",),
               ("-tls/", "-tls/_ws.expert", "-tls/_ws.expert.group", "-tls/_ws.expert.message", "-tls/_ws.expert.severity",
                "-tls/ber.error.oid_not_implemented"), ("-tls/ber.error.oid_not_implemented",), protocols="ACME"),
    Permission("FTP's command of a transfer, corrected", "ftp-session", ("ftp_session",),
               tuple(f"{sign}{name}{rest}" for sign in "+-~" for rest in ("", "/*")
                     for name in ("ftp-data.command", "ftp-data.command-frame", "ftp-data.setup-frame", "ftp-data.setup-method",
                                  "ftp-data.current-working-directory", "ftp.command", "ftp.command-frame", "ftp.command-response.*",
                                  "ftp.setup-frame")), protocols="FTP|FTP-DATA",
               harm="ftp-data.command and its links are native fields, with the plugin of the true command (RETR) instead of the one before it (REST)"),
    Permission("DNS from port 9, which becomes Discard", "discard", ("discard",), ("-dns",), ("-dns",), ("4.0",), protocols="DISCARD", info="Discard.*",
               harm="a DNS client may have source port 9"),
    Permission("FTP-DATA that a heuristic took for another protocol", "ftp-session", ("ftp_session.channel=2",),
               ("-lbmsrs", "-tcp/tcp.pdu.size", *FTP_DATA), ("-lbmsrs",), protocols="FTP-DATA", harm="the layer that Wireshark showed was no data"),
)


def applying(series, packet, permissions=PERMISSIONS):
    """The permissions whose proof the packet carries. packet: Packet of ours."""
    names = {name for name, _ in packet.layers}
    return [p for p in permissions if series in p.series and all(_has(packet.own, names, marker) for marker in p.when)]


def _has(own, layers, marker):
    name, equals, value = marker.partition("=")
    if not equals:
        return name in own or name in layers
    return any({"True": "1", "False": "0"}.get(one, one) == value for one in own.get(name, ()))


# What the list of layers changes by itself, and only with it.
FOLLOWS = ("frame/frame.protocols", "frame/frame.coloring_rule.")


def judge(changes, stock, ours, permissions):
    """({name of a permission that was needed: {change}}, changes that none covers)."""
    used, harms = {}, []
    fitting = [p for p in permissions if p.after or any(fnmatchcase(c.what, pattern) for c in changes for pattern in p.instead_of)]
    followed = [change for change in changes if not change.what[1:].startswith(FOLLOWS)]
    for change in followed:
        found = next((p for p in fitting if p.covers(change, stock, ours)), None)
        if found:
            used.setdefault(found.name, set()).add(change.what)
        else:
            harms.append(change)
    if not followed:
        harms += changes
    return used, harms


# What the columns of our own packets say: Protocol, Info, and whether stock's Info has to come first.


@dataclass(frozen=True)
class ColumnRule:
    plugin: str
    when: str
    protocols: str
    info: str = ".+"
    appended: bool = False      # Protocol is stock's, and Info stock's with this behind it


COLUMN_RULES = (
    ColumnRule("arp-snap", "arp_snap", "R?ARP-SNAP", r"(Who has|Gratuitous ARP|ARP Announcement|ARP Probe|[0-9.]+ is at|.*).*"),
    ColumnRule("hkp", "hkp", "HKP.*"),
    ColumnRule("hkp", "openpgp", "OpenPGP|HKP.*"),
    ColumnRule("hkp", "openpgp", "", r".+", appended=True),
    ColumnRule("acme", "acme", "ACME"),
    ColumnRule("discard", "discard", "DISCARD", "Discard.*"),
    ColumnRule("discard", "discard", "", r"(, | \[|  ).+", appended=True),
    ColumnRule("ldp-extras", "ldp_binding", "", r" +\[?(Label|label|MPLS|PW|=|\().*|.+", appended=True),
)


def columns_may_become(before, after, own, layers, permissions):
    """before, after: (Protocol, Info). own, permissions: of our packet."""
    if before == after:
        return True
    for permission in permissions:
        if re.fullmatch(permission.protocols, after[0]) and re.fullmatch(permission.info, after[1], re.DOTALL):
            return True
    for rule in COLUMN_RULES:
        if rule.when not in own:
            continue
        if rule.appended:
            if before[0] == after[0] and after[1].startswith(before[1]) and re.fullmatch(rule.info, after[1][len(before[1]):], re.DOTALL):
                return True
        elif re.fullmatch(rule.protocols, after[0]) and re.fullmatch(rule.info, after[1], re.DOTALL):
            return True
    return False


# The closed list


def read_table(path=TABLE):
    if not path.exists():
        return Counter()
    with path.open(newline="") as file:
        return Counter({tuple(row[name] for name in HEAD[:-1]): int(row["packets"]) for row in csv.DictReader(file, delimiter="\t")})


def write_table(rows, path=TABLE):
    """rows: Counter of (capture, version, pass, permission, changes)."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(HEAD)
        for row, packets in sorted(rows.items()):
            writer.writerow([*row, packets])


def table_differences(rows, listed):
    """What is used but not listed, or more or less often than listed; both only of the captures, versions and passes compared."""
    return [f"{' / '.join(key)}: {rows[key]} packets, the list says {listed[key]}"
            for key in sorted(rows.keys() | listed.keys()) if rows[key] != listed[key]]

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

    after: instead of changes, everything beyond the last of these layers is read anew, if layers of that differ.
    but_for: of what is changed (~), or is a line without a field, all has to be the same but for what this matches.
    columns: (Protocol, Info) that such a packet may have then. within: conversations in the payload are new, so
    later ones of these kinds may have other numbers. objects: lists of Export Objects that may get more.

    by_reason: layers that change are no reason by themselves. silent: layers that are nothing but a name in the list of layers.
    """
    name: str
    when: tuple
    changes: tuple = ()
    instead_of: tuple = ()
    series: tuple = ("4.0", "4.4", "4.6")
    after: str = ""
    but_for: str = ""
    columns: tuple = ()
    within: tuple = ()
    objects: tuple = ()
    by_reason: bool = False
    silent: tuple = ()

    def is_reason(self, change):
        if self.after and not self.by_reason and "/" not in change.what:
            return True
        return any(fnmatchcase(change.what, pattern) for pattern in self.instead_of)

    def covers(self, change, stock, ours):
        if self.after:
            return _is_after(self.after, change.stock_at, stock) and _is_after(self.after, change.ours_at, ours)
        return any(fnmatchcase(change.what, pattern) for pattern in self.changes) and self._is_like_before(change)

    def explains_names(self, change):
        def without(text):
            return re.sub(rf":({'|'.join(self.silent)})\b", "", text)
        return bool(self.silent) and without(change.before) == without(change.after)

    def _is_like_before(self, change):
        if not self.but_for or not (change.what.startswith("~") or change.what.endswith("/")):
            return True
        return re.sub(self.but_for, "", change.before) == re.sub(self.but_for, "", change.after)


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
# What TCP says of a payload that is put together now that somebody asks for that; EK has what is within tcp.segments beside it.
REASSEMBLY = ("+tcp/tcp.segment_data", "+tcp.segments", "+tcp/tcp.reassembled_in", "-tcp/tcp.payload", "~tcp/tcp.payload", "+tcp/tcp.pdu.size",
              "+tcp.segment", "+tcp.segment.count", "+tcp.reassembled.length", "+tcp.reassembled.data")
# TLS names the protocol that it hands the clear text to.
UNDER_TLS = ("+tls/tls.app_data_proto", "~tls/tls.record", "~tls/", "~tls/tls.app_data_proto")
TLS_NAMES = r'Application Data Protocol: [^"]*|(?<=name="tls.app_data_proto").*|(?<="tls.app_data_proto).*'
COLUMN_NOTES = r"(\[[^]]*\] ?)*"      # of TCP, in front
FTP_COLUMNS = ("FTP", COLUMN_NOTES + r"((Request|Response): .*|(Request|Response))")
FTP_DATA_COLUMNS = ("FTP-DATA", COLUMN_NOTES + r"FTP Data: \d+ bytes.*")
# Without Info: the beginning of a record that goes on in the next segment.
TLS_COLUMNS = (r"TLSv1(\.\d)?|SSL.*", "|.*(Hello|Certificate|Cipher|Finished|Application Data|Alert|Session Ticket|Continuation Data|Ignored Unknown Record|Handshake).*")
TCP_COLUMNS = ("TCP", r".*\[TCP segment of a reassembled PDU\].*|.*\d+ → \d+ \[.*")
ARP_INFO = r"(Who has|Who is) .*|.* is at .*|(Gratuitous|ARP|Inverse|Unknown) .*"

PERMISSIONS = (
    Permission("Discard, which 4.0 lacks", ("discard",), ("-data",), ("-data",), ("4.0",), columns=(("DISCARD", r"Discard, \d+ bytes?(: .*)?"),)),
    Permission("Wake-on-LAN on port 9, which 4.4 takes for Discard", ("wol",), ("-discard", "+wol"), ("-discard",), ("4.4",),
               columns=(("WOL", "MagicPacket for .*"),)),
    Permission("ARP over LLC/SNAP", ("arp_snap",), ("-data", "+arp"), ("-data",), columns=(("R?ARP-SNAP", ARP_INFO),)),
    Permission("OpenPGP, a media type that Wireshark does not know", ("openpgp",), ("-media", "-imf/media", "-imf/media.type", "~http/http"),
               ("-media", "-imf/media"), but_for=r' (size|pos)="\d+"|\[\d+, \d+\]'),
    Permission("FTP data connection", ("ftp_session.channel=2",), ("-data", *FTP_DATA), ("-data",), columns=(FTP_DATA_COLUMNS,), objects=("ftp-data",)),
    Permission("FTP data connection under TLS", ("ftp_session.channel=2", "ftp_session.tls=1"), ("-data", *FTP_DATA, *UNDER_TLS),
               ("-data", "~tls/tls.record"), but_for=TLS_NAMES, columns=(FTP_DATA_COLUMNS, TLS_COLUMNS), objects=("ftp-data",)),
    Permission("TLS records that Wireshark read as FTP-DATA", ("ftp_session.channel=2", "ftp_session.tls=1"),
               (*NOT_FTP_DATA, "~ftp-data/*", "~ftp-data.*", *FTP_DATA, "+tls", *REASSEMBLY), ("-ftp-data", "~ftp-data/*"),
               columns=(FTP_DATA_COLUMNS, TLS_COLUMNS, TCP_COLUMNS), within=("tls",), objects=("ftp-data", "x509af")),
    # Some heuristic of 4.4 and 4.6 asks for more of a Client Hello again and again, and then nothing is shown of the connection.
    Permission("TLS of a data connection, of which Wireshark shows nothing", ("ftp_session.channel=2", "ftp_session.tls=1"),
               ("-tcp/tcp.segment_data", "+tls", *FTP_DATA, *REASSEMBLY), ("-tcp/tcp.segment_data", "+tls", "+tcp/tcp.reassembled_in"), ("4.4", "4.6"),
               columns=(FTP_DATA_COLUMNS, TLS_COLUMNS, TCP_COLUMNS), within=("tls",), objects=("ftp-data", "x509af")),
    # 4.4 and 4.6 call a 229 of several lines malformed, on port 21 as well.
    Permission("FTP on another port", ("ftp_session.channel=1",), ("-data", *FTP, "+_ws.malformed"), ("-data",), columns=(FTP_COLUMNS,)),
    Permission("FTP under TLS", ("ftp_session.channel=1", "ftp_session.tls=1"), ("-data", *FTP, *UNDER_TLS), ("-data", "~tls/tls.record"),
               but_for=TLS_NAMES, columns=(FTP_COLUMNS,)),
    Permission("TLS records that Wireshark read as FTP", ("ftp_session.channel=1", "ftp_session.tls=1"),
               ("-ftp", "-ftp.*", "-ftp/*", "~ftp/*", "+ftp/*", "~ftp.*", "+ftp.command", "+ftp.command-frame", "+ftp.setup-frame",
                "+ftp.command-response.*", "+tls", *REASSEMBLY), ("+tls", "-ftp"),
               columns=(FTP_COLUMNS, TLS_COLUMNS, TCP_COLUMNS), within=("tls",)),
    Permission("FTP after TLS was ended", ("ftp_session.channel=1", "ftp_session.tls=0"), ("-tls", *FTP), ("-tls",), columns=(FTP_COLUMNS,)),
    # A reply that 4.4 and 4.6 read natively now has its request, which was read anew.
    Permission("pseudowire", ("ldp_binding.pw_type",), after="mpls", instead_of=("+icmp/icmp.resp_to", "+icmp/icmp.resp_in"), within=("eth", "ip", "ipv6", "tcp", "udp", "sctp"),
               columns=((".+", ".* → PW .+"),), silent=("pwethheuristic", "ip")),
    Permission("L2TPv3", ("l2tp_payload",), after="l2tp", within=("eth", "ip", "ipv6", "tcp", "udp", "sctp"), columns=((r"(?!L2TP).+", ".*"),)),
    Permission("L2TPv3 in UDP, by its shape", ("l2tp_payload",), after="udp", instead_of=("+l2tp",), by_reason=True,
               within=("eth", "ip", "ipv6", "tcp", "udp", "sctp"), columns=((".+", ".*"),)),
    Permission("acmeIdentifier in a certificate, an extension that Wireshark does not know", ("acme.tls.critical",),
               ("-tls/", "-tls/_ws.expert", "-tls/_ws.expert.group", "-tls/_ws.expert.message", "-tls/_ws.expert.severity",
                "-tls/ber.error.oid_not_implemented", "~tls/"), ("-tls/ber.error.oid_not_implemented",), but_for=r'^(?!text: \[).*BER: Dissector for OID.* not implemented.*$|, "BER: Dissector for OID[^"]* not implemented[^"]*"'),
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
    fitting = [p for p in permissions if any(p.is_reason(change) for change in changes)]
    followed = [change for change in changes if not change.what[1:].startswith(FOLLOWS)]
    for change in followed:
        found = next((p for p in fitting if p.covers(change, stock, ours)), None)
        if found:
            used.setdefault(found.name, set()).add(change.what)
        else:
            harms.append(change)
    for change in changes if not used else ():
        if change in followed:
            continue
        namer = next((p for p in permissions if p.explains_names(change)), None)
        if namer:
            used.setdefault(namer.name, set()).add(change.what)
        else:
            harms.append(change)
    return used, harms


# What the columns of our own packets say.


@dataclass(frozen=True)
class ColumnRule:
    """info: of what is there instead of stock's, or, if appended, of what stands behind stock's.

    With protocols "" Protocol is stock's, with info "" Info is.
    """
    when: str
    protocols: str
    info: str
    appended: bool = False

    def fits(self, before, after):
        if (not re.fullmatch(self.protocols, after[0]) if self.protocols else before[0] != after[0]):
            return False
        if not self.info:
            return before[1] == after[1]
        if self.appended and not after[1].startswith(before[1]):
            return False
        return bool(re.fullmatch(self.info, after[1][len(before[1]):] if self.appended else after[1], re.DOTALL))


HKP_OPERATIONS = ("get|index|vindex|hget|vfpget|kidget|authget|stats|health|add|replace|delete|options|hashquery|hu|policy|certs|canonical|prefixlog|v2|"
                  "upload|search|request-verify|by-.*|x-.*")
COLUMN_RULES = (
    ColumnRule("arp_snap", "R?ARP-SNAP", ""),
    ColumnRule("hkp", "HKP", rf"(.* \| )?(({HKP_OPERATIONS})([: ,].*)?|\d+ (keys?|certificates?|hashes)\b.*|.*(key|found|server|answer)\b.*)"),
    ColumnRule("openpgp", "", r"(, | \[| \(|  | )?.*(key|signature|message|certificate)s?\b.*", appended=True),
    ColumnRule("acme", "ACME", r"(HTTP-01|DNS-01|DNS-ACCOUNT-01|DNS-PERSIST-01|TLS-ALPN-01|ONION-CSR-01|DEVICE-ATTEST-01|TKAUTH-01|API) .+"),
    # What Wireshark says of a record of TLS is left as it is.
    ColumnRule("acme.challenge.type", "ACME", ""),
    ColumnRule("ldp_binding", "", r" ?( → .+)+", appended=True),
)


def columns_may_become(before, after, own, permissions):
    """before, after: (Protocol, Info). own, permissions: of our packet, the latter only if its layers are changed."""
    return before == after or any(
        re.fullmatch(protocol, after[0]) and re.fullmatch(info, after[1], re.DOTALL)
        for permission in permissions for protocol, info in permission.columns) or any(
        rule.when in own and rule.fits(before, after) for rule in COLUMN_RULES)


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

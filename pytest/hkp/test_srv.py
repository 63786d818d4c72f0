# SPDX-License-Identifier: GPL-2.0-or-later
"""SRV lookups of key servers and Web Key Directories in DNS."""

import pytest

from harness.craft import Connection, ip, udp, write_pcap
from openpgp.craft import number

SRV, A, NS, CNAME, SOA_TYPE = 33, 1, 2, 5, 6


def encoded(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"


def record(owner, kind, data, record_class=1):
    return owner + number(kind, 2) + number(record_class, 2) + number(60, 4) + number(len(data), 2) + data


def leading(answers=(), authority=(), flags=0x8180, lacking=0):
    """An answer without SRV records, with others: (type, data); lacking: records of the authority section that are not there."""
    head = number(7, 2) + number(flags, 2) + number(1, 2) + number(len(answers), 2) + number(len(authority) + lacking, 2) + bytes(2)
    return head + encoded(HKP) + number(SRV, 2) + number(1, 2) + b"".join(record(b"\xc0\x0c", kind, data) for kind, data in (*answers, *authority))


def message(name, records=None, rcode=0, kind=SRV, flags=0x8180, count=None):
    records = [] if records is None else records
    answers = len(records) if count is None else count
    head = number(7, 2) + number(flags | rcode, 2) + number(1, 2) + number(answers, 2) + bytes(4)
    body = encoded(name) + number(kind, 2) + number(1, 2)
    for target, port in records:
        data = bytes(4) + number(port, 2) + encoded(target)
        body += b"\xc0\x0c" + number(SRV, 2) + number(1, 2) + number(60, 4) + number(len(data), 2) + data
    return head + body


HKP, HKPS, WKD = "_hkp._tcp.example.org", "_hkps._tcp.example.org", "_openpgpkey._tcp.example.org"
GNUPG = "_pgpkey-https._tcp.example.org"
SOA = encoded("ns.example.org") + encoded("admin.example.org") + bytes(20)
MESSAGES = [
    # message, op, search, found, outcome, Info
    (message(HKP, flags=0x0100), "srv", HKP, "", "", f"srv {HKP}"),
    (message(HKP, [("keys.example.org", 11371), ("b.example.org", 80)]), "srv", HKP, "1", "found", "srv: keys.example.org:11371, b.example.org:80"),
    (message(GNUPG, rcode=3), "srv", GNUPG, "0", "not found", "srv: no such name"),
    (message(GNUPG.replace("https", "http"), flags=0x0100), "srv", GNUPG.replace("https", "http"), "", "", f"srv {GNUPG.replace('https', 'http')}"),
    (message(HKPS, rcode=3), "srv", HKPS, "0", "not found", "srv: no such name"),
    (message(WKD), "srv", WKD, "0", "not found", "srv: no such record"),
    (message(HKP, [("", 0)]), "srv", HKP, "0", "not found", "srv: no such service"),
    (message(HKP, rcode=2), "srv", HKP, "", "error", "srv: SERVFAIL"),
    (message(HKP, flags=0x8380), "srv", HKP, "", "unreadable", "srv: cut off"),
    (message(HKP, count=2), "srv", HKP, "", "unreadable", "srv: cut off"),
    (leading(authority=[(NS, encoded("ns.example.org"))], flags=0x8000), "srv", HKP, "", "unreadable", "srv: another server is to be asked"),
    (leading(flags=0x8000), "srv", HKP, "", "unreadable", "srv: another server is to be asked"),
    (leading(flags=0x8080), "srv", HKP, "", "unreadable", "srv: another server is to be asked"),
    (leading(flags=0x8100), "srv", HKP, "", "unreadable", "srv: another server is to be asked"),
    (leading([(CNAME, encoded("a.example.net"))], flags=0x8400), "srv", HKP, "", "unreadable", "srv: another name stands for it"),
    (leading([(CNAME, encoded("a.example.net"))], [(SOA_TYPE, SOA)]), "srv", HKP, "0", "not found", "srv: no such record"),
    (leading(authority=[(SOA_TYPE, SOA)], flags=0x8400), "srv", HKP, "0", "not found", "srv: no such record"),
    (leading(flags=0x8400), "srv", HKP, "0", "not found", "srv: no such record"),
    (leading(lacking=1), "srv", HKP, "", "unreadable", "srv: cut off"),
    (leading([(CNAME, encoded("a.example.net"))], lacking=1), "srv", HKP, "", "unreadable", "srv: cut off"),
    (message(HKP, count=1) + record(b"\xc0\x0c", SRV, bytes(6) + encoded("chaos.example.org"), record_class=3), "srv", HKP, "0", "not found", "srv: no such record"),
    (message(HKP, count=1) + record(b"\xc0\x0c", SRV, bytes(6) + b"\xff\xff"), "srv", HKP, "0", "not found", "srv: no such record"),
    (message(HKP, kind=A), "", "", "", "", None),
    (message("_ldap._tcp.example.org", [("a.example.org", 389)]), "", "", "", "", None),
    (message("x._hkp._tcp.example.org", flags=0x0100), "", "", "", "", None),
]
TRUTH = {"True": "1", "False": "0"}


@pytest.mark.parametrize("two_pass", [False, True], ids=["one pass", "-2"])
def test_lookups(ws, tmp_path, two_pass):
    ends = [{"sport": 40000, "dport": 53} if m[2] & 0x80 == 0 else {"sport": 53, "dport": 40000} for m, *_ in MESSAGES]
    capture = write_pcap(tmp_path / "srv.pcap", [ip(udp(m, **end)) for (m, *_), end in zip(MESSAGES, ends)], linktype=101)
    rows = ws.rows(capture, ["hkp.op", "hkp.search", "hkp.found", "hkp.outcome"], None, two_pass)
    assert [(*r[:2], TRUTH.get(r[2], r[2]), r[3]) for r in rows] == [m[1:5] for m in MESSAGES]
    stock = ws.without_plugins().columns(capture, two_pass)
    columns = [(protocol, info.removesuffix("[Malformed Packet]")) for protocol, info in ws.columns(capture, two_pass)]     # as stock says of the cut one
    assert columns == [("HKP", info) if info else native for (*_, info), native in zip(MESSAGES, stock)]
    assert ws.tshark(capture, "--disable-protocol", "hkp", "-Y", "hkp") == ""


def test_over_tcp(ws, tmp_path):
    asked, told = (number(len(m), 2) + m for m in (MESSAGES[0][0], MESSAGES[1][0]))
    connection = Connection(dport=53).handshake().client(asked).server(told).close()
    capture = write_pcap(tmp_path / "tcp.pcap", connection.packets, linktype=101)
    assert ws.rows(capture, ["frame.number", "hkp.outcome"], "hkp") == [("4", ""), ("5", "found")]

# SPDX-License-Identifier: GPL-2.0-or-later
"""OpenPGP keys in DNS: OPENPGPKEY (RFC 7929) and CERT (RFC 4398) records, and whose they say that they are."""

import hashlib

import pytest

from harness.craft import Connection, ip, udp, write_pcap
from openpgp.craft import USER_ID, fingerprint, key, mpi, number, packet

OPENPGPKEY, CERT, TXT = 61, 37, 16
KEY_BODY = key(mpi(0x10001) + mpi(3))
ALICE = packet(6, KEY_BODY) + packet(USER_ID, b"Alice <Alice@example.org>")
BARE = packet(6, KEY_BODY) + packet(USER_ID, b"alice@example.org")
ABROAD = packet(6, KEY_BODY) + packet(USER_ID, "Alice <alice@bücher.example>".encode())
NAMELESS = packet(6, KEY_BODY)
PGP = number(3, 2) + bytes(3)


def owner(local, domain="example.org"):
    return f"{hashlib.sha256(local.encode()).hexdigest()[:56]}._openpgpkey.{domain}"


def encoded(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def message(name, kind, *records, question=None):
    """A question, or with records (type, data, name) the answer to it."""
    head = number(7, 2) + number(0x8180 if records else 0x0100, 2) + number(1, 2) + number(len(records), 2) + bytes(4)
    body = encoded(name) + number(kind, 2) + number(1, 2)
    for record, data, at in records:
        body += (encoded(at) if at else b"\xc0\x0c") + number(record, 2) + number(1, 2) + number(300, 4) + number(len(data), 2) + data
    return head + body


HERE = None
CASES = [
    # message, keys shown, whether the owner is another
    (message(owner("alice"), OPENPGPKEY, (OPENPGPKEY, ALICE, HERE)), 1, False),
    (message(owner("Alice"), OPENPGPKEY, (OPENPGPKEY, ALICE, HERE)), 1, False),
    (message(owner("alice"), OPENPGPKEY, (OPENPGPKEY, BARE, HERE)), 1, False),
    (message(owner("bob"), OPENPGPKEY, (OPENPGPKEY, ALICE, HERE)), 1, True),
    (message(owner("alice", "example.net"), OPENPGPKEY, (OPENPGPKEY, ALICE, HERE)), 1, True),
    (message(owner("bob"), OPENPGPKEY, (OPENPGPKEY, NAMELESS, HERE)), 1, False),        # nothing to compare
    (message("alias.example.org", OPENPGPKEY, (5, encoded(owner("alice")), HERE), (OPENPGPKEY, ALICE, owner("alice"))), 1, False),
    (message(owner("alice"), 255, (OPENPGPKEY, ALICE, HERE), (OPENPGPKEY, BARE, HERE)), 2, False),
    (message("alice.example.org", CERT, (CERT, PGP + ALICE, HERE)), 1, False),
    (message("alice.example.org", CERT, (CERT, number(1, 2) + bytes(3) + ALICE, HERE)), 0, False),     # PKIX
    (message("alice.example.org", CERT, (CERT, number(6, 2) + bytes(3) + bytes(21), HERE)), 0, False),  # says where one is
    (message(owner("alice"), OPENPGPKEY, (OPENPGPKEY, b"no key at all", HERE)), 0, False),
    (message(owner("alice"), OPENPGPKEY, (OPENPGPKEY, b"", HERE)), 0, False),
    (message(owner("alice"), OPENPGPKEY), 0, False),
    (message("x.example.org", TXT, (TXT, b"\xff" + ALICE, HERE)), 0, False),
    (message(owner("alice", "xn--bcher-kva.example"), OPENPGPKEY, (OPENPGPKEY, ABROAD, HERE)), 1, False),
    (message(owner("bob", "xn--bcher-kva.example"), OPENPGPKEY, (OPENPGPKEY, ABROAD, HERE)), 1, True),
    (message(owner("alice"), OPENPGPKEY, (OPENPGPKEY, ALICE, HERE))[:-9], 0, False),                    # cut
]


def shown(rows):
    return [(len(list(filter(None, row[0].split(",")))), bool(row[1])) for row in rows]


FIELDS = ["openpgp.key.fingerprint", "openpgp.dns.owner_mismatch"]
FROM = {"src": "192.0.2.53", "dst": "192.0.2.1"}


@pytest.mark.parametrize("two_pass", [False, True], ids=["one pass", "-2"])
def test_over_udp(ws, tmp_path, two_pass):
    capture = write_pcap(tmp_path / "udp.pcap", [ip(udp(m, sport=53, dport=40000), **FROM) for m, *_ in CASES], linktype=101)
    rows = ws.rows(capture, FIELDS, None, two_pass)
    assert shown(rows) == [tuple(truth) for _, *truth in CASES]
    assert {value for row in rows for value in row[0].split(",") if value} == {fingerprint(KEY_BODY)}
    stock = ws.without_plugins().columns(capture, two_pass)
    assert ws.columns(capture, two_pass, prefs={"openpgp.columns": "FALSE"}) == stock
    state = " [key without a bound user ID]"
    assert ws.columns(capture, two_pass) == [(protocol, info + state * bool(row[0])) for (protocol, info), row in zip(stock, rows)]


def test_over_tcp(ws, tmp_path):
    """Two messages in a segment; one in two."""
    first, second = (number(len(m), 2) + m for m in (CASES[0][0], CASES[3][0]))
    connection = Connection(dport=53).handshake().client(number(len(CASES[13][0]), 2) + CASES[13][0])
    connection.server(first + second).server(first[:100]).server(first[100:]).close()
    capture = write_pcap(tmp_path / "tcp.pcap", connection.packets, linktype=101)
    assert shown(ws.rows(capture, FIELDS, "openpgp")) == [(2, True), (1, False)]


def test_switched_off(ws, tmp_path):
    capture = write_pcap(tmp_path / "off.pcap", [ip(udp(m, sport=53, dport=40000), **FROM) for m, *_ in CASES], linktype=101)
    assert ws.subset("openpgp").tshark(capture, "-V", "--disable-protocol", "openpgp") == ws.without_plugins().tshark(capture, "-V")


def test_truncated_at_every_length(ws, tmp_path):
    whole = ip(udp(CASES[7][0], sport=53, dport=40000), **FROM)
    capture = write_pcap(tmp_path / "cut.pcap", [(0, whole[:n], len(whole)) for n in range(20, len(whole))], linktype=101)
    assert ws.count(capture, '_ws.expert.message contains "Dissector bug" || openpgp.dns.owner_mismatch') == 0


def test_case(ws, shared):
    capture = shared.parent / "cases" / "openpgp" / "dns-openpgpkey.pcap"
    assert ws.rows(capture, ["frame.number", "openpgp.userid"], "openpgp.key.fingerprint") == [("2", "Alice <alice@example.org>")]
    assert ws.count(capture, "openpgp.dns.owner_mismatch") == 0


def test_real_programs(ws, captures):
    """What GnuPG and dig got from unbound; one key stands at the name of another address."""
    found = [("2", "Alice <alice@example.org>", "1", ""), ("6", "Alice <alice@example.org>", "1", ""), ("14", "Bob <bob@example.org>", "1", "1"),
             ("24", "Alice <alice@example.org>", "1", ""), ("34", "Bob <bob@example.org>", "1", "")]
    fields = ["frame.number", "openpgp.userid", "openpgp.signature.check", "openpgp.dns.owner_mismatch"]
    assert ws.rows(captures / "openpgp-dane/dane.pcap", fields, "openpgp", two_pass=True) == found

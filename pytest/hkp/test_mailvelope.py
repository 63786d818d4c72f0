# SPDX-License-Identifier: GPL-2.0-or-later
"""The REST interface of Mailvelope's key server, whose path could be anybody's; and fingerprints of 64 digits."""

import json

from harness.craft import Connection, write_pcap
from harness.http2 import Http2, data, headers, request, response
from hkp.test_answers import ADDRESS, ALICE, FINGERPRINT, JSON, PAGE, TRUTH, armored, page
from hkp.test_requests_and_answers import answer, get, write
from openpgp.craft import fingerprint, packet, rsa
from openpgp.craft import key as key_body

KEYID, OTHER = FINGERPRINT[-16:].lower(), "0123456789abcdef"
PATH = "/api/v1/key"
NONCE = "6a314915c09368224b11df0feedbc53c"
TOLD = json.dumps({"keyId": KEYID, "fingerprint": FINGERPRINT.lower(), "created": "2023-11-14T22:13:20.000Z", "algorithm": "rsaEncryptSign", "keySize": 2048,
                   "userIds": [{"name": "Alice", "email": ADDRESS, "verified": True}], "publicKeyArmored": armored(ALICE)})
SENT = json.dumps({"publicKeyArmored": armored(ALICE)}).encode()


def ask(query="", method="GET", body=b"", host="keys.example.org"):
    return get(PATH + query, method, f"Content-Type: {JSON}\r\n" if body else "", body).replace(b"keys.example.org", host.encode())


HOST = {"host": "keys.mailvelope.com"}
EXCHANGES = [
    # request, answer; operation, kind of search, found, outcome, results; or None: it could be anybody's
    (ask(f"?keyId={KEYID}"), answer(200, TOLD, JSON), ("get", "3", "1", "found", "")),
    (ask(f"?keyId={OTHER}"), answer(200, TOLD, JSON), ("get", "3", "1", "key mismatch", "")),
    (ask(f"?keyId={OTHER}"), answer(404, "Key not found"), ("get", "3", "0", "not found", "")),
    (ask(f"?keyId={OTHER}"), answer(404, "Schl\u00fcssel nicht gefunden"), ("get", "3", "0", "not found", "")),
    (ask(f"?keyId={OTHER}"), answer(503, page("Please wait"), PAGE), ("get", "3", "", "unreadable", "")),
    (ask(f"?fingerprint={FINGERPRINT.lower()}"), answer(200, TOLD, JSON), ("get", "5", "1", "found", "")),
    (ask(f"?fingerprint={KEYID}"), answer(200, TOLD, JSON), ("get", "3", "1", "found", "")),
    (ask(f"?email={ADDRESS}"), answer(200, TOLD, JSON), ("get", "1", "1", "found", "")),
    (ask("?email=bob%40example.org"), answer(200, TOLD, JSON), ("get", "1", "1", "key mismatch", "")),
    (ask("?email=bob%40example.org", **HOST), answer(404, "Key not found"), ("get", "1", "0", "not found", "")),
    (ask("?email=bob", **HOST), answer(400, "Missing parameter: keyId, fingerprint or email."), ("get", "1", "", "error", "")),
    (ask(method="POST", body=SENT), answer(200, "Upload successful. Check your inbox to verify your email address."), ("add", "", "", "accepted", "pending")),
    (ask(method="POST", body=SENT), answer(400, "Invalid PGP key: no valid user IDs found"), ("add", "", "", "refused", "")),
    (ask(method="POST", body=b'{"publicKeyArmored": "none"}'), answer(400, "Malformed PGP key."), ("add", "", "", "refused", "")),
    (ask(f"?keyId={KEYID}", "DELETE"), answer(200, "Check your inbox to verify the removal of your email address."), ("remove", "3", "", "accepted", "pending")),
    (ask(f"?email={ADDRESS}", "DELETE", **HOST), answer(404, "User ID not found"), ("remove", "1", "", "refused", "")),
    (ask(f"?op=verify&keyId={KEYID}&nonce={NONCE}"), answer(200, page(f"<h3>Email address {ADDRESS} successfully verified</h3>"), PAGE), ("verify", "3", "", "accepted", "published")),
    (ask(f"?op=verify&keyId={KEYID}&nonce={NONCE}"), answer(404, "User ID not found"), ("verify", "3", "", "refused", "")),
    (ask(f"?op=verifyRemove&keyId={KEYID}&nonce={NONCE}"), answer(200, page("<h3>E-Mail Adresse a aus dem Schl\u00fcssel Verzeichnis entfernt</h3>"), PAGE),
     ("verifyRemove", "3", "", "accepted", "deleted")),
    # of other services
    (ask("?email=bob%40example.org"), answer(404, "Key not found"), None),
    (ask("?email=bob%40example.org"), answer(200, '{"key": "publicKeyArmored"}', JSON), None),
    (ask(f"?fingerprint={FINGERPRINT}"), answer(200, '{"valid": true, "inner": {"publicKeyArmored": ""}}', JSON), None),
    (ask(f"?fingerprint={OTHER}"), answer(404, "No such licence"), None),
    (ask(f"?op=verify&fingerprint={OTHER}&nonce={NONCE}"), answer(404, "No such licence"), None),
    (ask("?id=5"), answer(200, "5"), None),
    (ask(method="POST", body=b'{"name": "x"}'), answer(201, '{"id": 5}', JSON), None),
    (ask("?id=5", "DELETE"), answer(204), None),
    (ask(f"?keyId={KEYID}", "PUT"), answer(200), None),
    (ask(f"s?keyId={KEYID}"), answer(200), None),
    (get("/api/v2/key?keyId=" + KEYID), answer(200), None),
]


def capture_of(tmp_path):
    return write(tmp_path / "mailvelope.pcap", [(asked, told) for asked, told, _ in EXCHANGES], dport=80)


def test_exchanges(ws, tmp_path):
    fields = ["tcp.stream", "hkp.op", "hkp.search.kind", "hkp.found", "hkp.outcome", "hkp.upload.result"]
    capture = capture_of(tmp_path)
    expected = [(str(n), *truth) for n, (_, _, truth) in enumerate(EXCHANGES) if truth]
    for two_pass in (False, True):
        rows = ws.rows(capture, fields, "hkp.outcome", two_pass)
        assert [(*row[:3], TRUTH[row[3]], *row[4:]) for row in rows] == expected
    asked = ws.rows(capture, ["tcp.stream", "hkp.api", "hkp.op", "hkp.variable"], "hkp && !hkp.status", two_pass=True)
    assert [row[:3] for row in asked] == [(stream, "5", op) for stream, op, *_ in expected]
    assert {row[3] for row in asked} == {"", f"nonce={NONCE}"}
    stock = ws.without_plugins().columns(capture, two_pass=True)
    assert [c for c in ws.columns(capture, two_pass=True) if c[0] != "HKP" and c not in stock] == []


def test_names_of_what_is_asked(ws, tmp_path):
    capture = capture_of(tmp_path)
    info = [text for protocol, text in ws.columns(capture, two_pass=True) if protocol == "HKP"]
    assert info[0] == f"get 0x{KEYID.upper()} (64-bit key ID)" and info[1].startswith(f"1 key: Alice <{ADDRESS}>")
    sent = [text for text in info if text.split()[0] == "add"]
    assert len(sent) == 3 and sum(text.startswith(f"add 1 key: Alice <{ADDRESS}>") for text in sent) == 2
    with ws.sharkd() as sharkd:
        sharkd.load(capture)
        assert sharkd.count("hkp.outcome") == sum(truth is not None for *_, truth in EXCHANGES)


def test_another_one_leaves_no_data_source(ws, tmp_path):
    """Bytes that Wireshark itself puts together stay; those that were made to look for a key go."""
    told = answer(200, '{"valid": true}', JSON)
    capture = write(tmp_path / "other.pcap", [(ask("?email=bob%40example.org"), told), (ask(method="POST", body=b'{"name": "x"}'), told)], dport=80)
    assert ws.tshark(capture, "-x") == ws.without_plugins().tshark(capture, "-x")


def test_nothing_of_another_one_is_kept(ws, tmp_path):
    """What nothing proves was known as if it were of a key server: heads that were put together became data sources of its packets."""
    packets = []
    for n, query in enumerate((f"?fingerprint={OTHER}", f"?email={ADDRESS}")):
        connection = Http2(sport=30000 + n, dport=80).begin()
        connection.client(headers(1, request(PATH + query), end=True)).server(headers(1, response(404)), data(1, "No such licence"))
        connection.client(headers(3, request(PATH, "POST"))).client(data(3, b'{"name"', end=False)).client(data(3, b': "x"}'))
        packets += connection.server(headers(3, response(100))).server(headers(3, response(201)), data(3, "5")).packets
        first, second = (f"GET {PATH}{query} HTTP/1.1\r\nHos".encode(), b"t: a.example.org\r\n\r\n")
        told = answer(404, "No such licence")
        packets += Connection(sport=31000 + n, dport=80).handshake().client(first).client(second).server(told[:30]).server(told[30:]).packets
    capture = write_pcap(tmp_path / "others.pcap", packets, linktype=101)
    alone, stock = ws.subset("hkp"), ws.without_plugins()
    for passes in ((), ("-2",)):
        options = *passes, "-o", "http.desegment_headers:FALSE"
        assert alone.tshark(capture, "-V", "-x", *options) == stock.tshark(capture, "-V", "-x", *options)
    # Bodies: not until the file is closed; where the path only begins like that, not at all.
    connection = Http2(sport=32000, dport=80).begin()
    for stream in range(1, 65, 2):
        connection.client(headers(stream, request(PATH, "POST")), *[data(stream, bytes(16000), end=n == 19) for n in range(20)])
        connection.server(headers(stream, response(201)), data(stream, "5"))
    connection.client(headers(65, request(PATH + "s/5", "POST")), *[data(65, bytes(16000), end=n == 599) for n in range(600)])
    capture = write_pcap(tmp_path / "bodies.pcap", connection.packets, linktype=101)
    mine, without = (w.consumed(capture)[1] for w in (alone, stock))
    assert mine - without < 6 * 1024, f"{mine - without} kB more"


# 64 digits

V5, V6 = (key_body(rsa(2048), version=version) for version in (5, 6))
NAMES = {"6": "v6", "7": "v5 or v6", "8": "v5"}


def lookups():
    """Request, answer, kind before the answer is known and with it."""
    for body, kind in ((V5, "8"), (V6, "6")):
        data, hex_digits = packet(6, body) + packet(13, b"Alice <alice@example.org>"), fingerprint(body)
        lookup = f"/pks/lookup?op=get&search=0x{hex_digits}"
        yield get(lookup), answer(200, armored(data)), "7", kind
        yield get(lookup), answer(404), "7", "7"
        yield get(f"/pks/lookup?op=get&search={'0' * 63}1"), answer(200, armored(data)), "7", "7"
        yield get(f"/pks/v2/certs/by-vfingerprint/0{body[0]}{hex_digits}"), answer(200, data, "application/pgp"), kind, kind


def test_64_digits_are_of_the_version_that_the_key_proves(ws, tmp_path):
    packets, early, late = [], [], []
    for n, (asked, told, before, then) in enumerate(lookups()):
        packets += Connection(sport=30000 + n, dport=80).handshake().client(asked).server(told).packets
        early += [before, then]
        late += [then, then]
    capture = write_pcap(tmp_path / "digits.pcap", packets, linktype=101)
    for options, kinds in ({"two_pass": False}, early), ({"two_pass": True}, late):
        assert [kind for kind, in ws.rows(capture, ["hkp.search.kind"], "hkp", **options)] == kinds
    info = [text for protocol, text in ws.columns(capture, two_pass=True) if protocol == "HKP" and "…" in text]
    assert [text.rpartition("(")[2] for text in info] == [f"{NAMES[kind]} fingerprint)" for kind in late[::2]]
    assert ws.count(capture, "hkp.key_mismatch") == 2

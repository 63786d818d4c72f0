# SPDX-License-Identifier: GPL-2.0-or-later
"""What answers prove: of the servers that there are, and of what stands before them; one outcome for each exchange."""

import base64
import gzip
import json
import re

import pytest

from harness.craft import Connection, write_pcap
from hkp.test_requests_and_answers import ID64, V4, answer, get, write
from openpgp.craft import fingerprint, mpi, packet
from openpgp.craft import key as key_body

OTHER = "0123456789ABCDEF0123456789ABCDEF01234567"
KEY_BODY = key_body(mpi(bytes(range(129, 257 - 1))) + mpi(65537))
FINGERPRINT = fingerprint(KEY_BODY)
ADDRESS = "alice@example.org"


def key(*userids):
    return packet(6, KEY_BODY) + b"".join(packet(13, uid.encode()) for uid in userids)


def armored(data, kind="PUBLIC"):
    return f"-----BEGIN PGP {kind} KEY BLOCK-----\n\n{base64.b64encode(data).decode()}\n-----END PGP {kind} KEY BLOCK-----\n"


ALICE = key(f"Alice <{ADDRESS}>")
GET, INDEX = f"/pks/lookup?op=get&search=0x{FINGERPRINT}", f"/pks/lookup?op=index&search=0x{FINGERPRINT}"
PAGE = "text/html; charset=UTF-8"
JSON = "application/json"


def page(body, title="Public Key Server"):
    return f"<!DOCTYPE html>\n<html><head><title>{title}</title><style>p {{ }}</style></head>\n<body>{body}</body></html>"


def listed(fingerprint=FINGERPRINT.lower(), uid=f"Alice <{ADDRESS}>", **more):
    return {"fingerprint": fingerprint, "longKeyID": fingerprint[-16:], "creation": "2023-11-14T22:13:20Z", "version": 4,
            "algorithm": {"name": "rsa2048", "code": 1, "bitLength": 2048}, "userIDs": [{"keywords": uid}], **more}


def html_index(fingerprint):
    return page(f'<pre><strong>pub</strong> <a href="/pks/v2/certs/by-vfingerprint/04/{fingerprint.lower()}">(4)rsa2048/{fingerprint.lower()}</a></pre>')


def sks_index(keyid, subkey=None):
    """Of SKS: op=vindex has subkeys, op=index has none."""
    sub = f"<strong>sub</strong>  2048g/{subkey} 2001-02-03            \n" if subkey else ""
    return page(f'<pre><strong>pub</strong>  1024D/<a href="/pks/lookup?op=get&amp;search=0x{keyid}">{keyid[-8:]}</a> 2001-02-03\n'
                f'<strong>uid</strong> <span class="uid">Alice (sub/01234567) &lt;{ADDRESS}&gt;</span>\n{sub}</pre>')


def zipped(body, kind):
    """Larger than a packet may be."""
    return answer(200, gzip.compress(body.encode()), kind, "Content-Encoding: gzip\r\n")


LOOKUPS = [
    # target, answer, found, outcome, findings
    (GET, answer(200, armored(ALICE)), "1", "found", ""),
    (GET, answer(200, ALICE, "application/pgp"), "1", "found", ""),
    (f"/pks/lookup?op=get&search=0x{OTHER}", answer(200, ALICE + b"\0" + ALICE, "application/pgp"), "1", "found", ""),      # nobody knows what follows
    (f"/pks/lookup?op=get&search=0x{OTHER}", answer(200, ALICE + b"\r\n", "application/pgp"), "1", "key mismatch", "key_mismatch"),
    (f"/pks/lookup?op=get&search=0x{OTHER}", answer(206, ALICE, "application/pgp", "Content-Range: bytes 0-999/9999\r\n"), "1", "found", ""),
    (INDEX, answer(206, "info:1:0\n", headers="Content-Range: bytes 0-8/99\r\n"), "", "unreadable", "unreadable"),
    # 50,000 items are read; as JSON, Wireshark itself takes seconds for them
    (INDEX, zipped(json.dumps([listed(OTHER, subKeys=[{"fingerprint": OTHER}] * 50000)]), "application/octet-stream"), "1", "found", ""),
    (GET.replace("0x", ""), answer(200, armored(ALICE)), "1", "found", ""),
    (GET.lower(), answer(200, armored(ALICE)), "1", "found", ""),
    (f"/pks/lookup?op=get&search={OTHER.lower()}", answer(200, armored(ALICE)), "1", "key mismatch", "key_mismatch"),
    # not found, in the servers' words
    (GET, answer(404, "Not Found\n"), "0", "not found", "not_found"),
    (GET, answer(200, page("Key not found\n<hr>\nProduced by onak 0.6.2", "Lookup of key"), PAGE), "0", "not found", "not_found"),
    ("/pks/lookup?op=hget&search=" + "0" * 32, answer(500, page("<h1>Error handling request</h1>Error handling request: Requested hash not found"), PAGE),
     "0", "not found", "not_found"),
    (GET, answer(200, page("<p>No matching keys in database"), PAGE), "0", "not found", "not_found"),
    (GET, answer(200, page(""), PAGE, "X-HKP-Results-Count: 0\r\n"), "0", "not found", "not_found"),
    (INDEX, answer(200, "info:1:0\n"), "0", "not found", "not_found"),
    (INDEX + "&options=json", answer(200, "[]", JSON), "0", "not found", "not_found"),
    ("/vks/v1/by-email/nobody%40example.org", answer(404, "No key found for email address nobody@example.org"), "0", "not found", "not_found"),
    # what proves nothing
    (GET, answer(200, page("Please solve the captcha", "Just a moment..."), PAGE), "", "unreadable", "unreadable"),
    (GET, answer(200, page("<script>alert('Key not found')</script><!-- No keys found -->Checking your browser"), PAGE), "", "unreadable", "unreadable"),
    (INDEX, answer(200, page(f'<a href="{INDEX}">Try again</a>'), PAGE), "", "unreadable", "unreadable"),
    (GET, answer(302, page("Moved"), PAGE, "Location: https://keys.example.org/\r\n"), "", "unreadable", "unreadable"),
    (GET, answer(503, page("Down for maintenance"), PAGE), "", "unreadable", "unreadable"),
    (GET, b"HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n", "", "not modified", ""),
    ("/pks/stats", b"HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n", "", "not modified", ""),
    (GET, answer(403, page("Access denied"), PAGE), "", "unreadable", "unreadable"),
    (GET, answer(200), "", "unreadable", "unreadable"),
    (INDEX, answer(200, '{"error": "busy"}', JSON), "", "unreadable", "unreadable"),
    # a web server that has no such path
    (GET, answer(404, "404 page not found\n"), "", "error", ""),
    (f"/vks/v1/by-email/{ADDRESS}", answer(404, "404 page not found\n"), "", "error", ""),
    (INDEX, answer(404, page("<h1>Not Found</h1><p>The requested URL /pks/lookup was not found on this server.</p>", "404 Not Found"), PAGE), "", "unreadable", "unreadable"),
    ("/.well-known/openpgpkey/hu/kei1q4tipxxu1yj79k9kfukdhfy631xe?l=alice", answer(404, "404 page not found\n"), "0", "not found", "not_found"),
    # errors that the server tells
    (GET, answer(404, "Not Found\nLegacy HKP will not return keys >v5, to protect older clients\n"), "", "error", ""),
    (GET, answer(501, "Not Implemented\n"), "", "error", ""),
    (INDEX, answer(400, "Invalid search query!"), "", "error", ""),
    (INDEX, answer(500, page("Error handling request: Too many responses, unable to process query"), PAGE), "", "error", ""),
    # indexes
    (INDEX, answer(200, html_index(FINGERPRINT), PAGE), "1", "found", ""),
    (INDEX, answer(200, html_index(OTHER), PAGE), "1", "found", ""),      # FINGERPRINT may be a subkey's
    (INDEX, answer(200, sks_index(OTHER[-16:]), PAGE), "1", "found", ""),
    (INDEX, answer(200, sks_index(OTHER[-16:], FINGERPRINT[-8:]), PAGE), "1", "found", ""),
    (INDEX, answer(200, sks_index(OTHER[-16:], OTHER[:8]), PAGE), "1", "key mismatch", "key_mismatch"),
    (INDEX, answer(200, html_index(OTHER).replace("</pre>", f"\n<strong>sub</strong> (4)rsa2048/{OTHER[::-1].lower()}</pre>"), PAGE), "1", "key mismatch", "key_mismatch"),
    (INDEX, zipped(html_index(OTHER).replace("</pre>", f"\nsub (4)rsa2048/{OTHER[::-1].lower()}</pre>{'more ' * 60000}"), PAGE), "1", "found", ""),
    (INDEX, answer(200, html_index(OTHER).replace("</pre>", f"\nsub (4)rsa2048/{FINGERPRINT.lower()}</pre>"), PAGE), "1", "found", ""),
    (INDEX, answer(200, page(f'pub <a HREF="lookup?op=get&search=0x{FINGERPRINT[-16:]}">x</a>'), PAGE), "1", "found", ""),
    (INDEX, answer(200, json.dumps([listed()]), JSON), "1", "found", ""),
    (INDEX, answer(200, json.dumps([listed(OTHER)]), JSON), "1", "found", ""),      # FINGERPRINT may be a subkey's
    (INDEX, answer(200, json.dumps([listed(OTHER, subKeys=[{"fingerprint": OTHER}])]), JSON), "1", "key mismatch", "key_mismatch"),
    (INDEX, answer(200, json.dumps([listed(OTHER, subKeys=[{"fingerprint": FINGERPRINT}])]), JSON), "1", "found", ""),
    (INDEX, answer(200, f"info:1:1\npub:{FINGERPRINT[-16:]}:1:2048:1::\n"), "1", "found", ""),
    (INDEX, answer(200, f"info:1:1\npub:{OTHER}:1:2048:1::\n"), "1", "found", ""),
    (f"/pks/v2/index/{ADDRESS}", answer(200, json.dumps([listed(), listed(OTHER, "Bob <bob@example.org>")]), JSON), "1", "found", ""),
    (f"/pks/v2/index/{ADDRESS}", answer(200, json.dumps([listed(OTHER, "Bob <bob@example.org>")]), JSON), "1", "key mismatch", "key_mismatch"),
    # e-mail addresses
    (f"/vks/v1/by-email/{ADDRESS.replace('@', '%40')}", answer(200, armored(ALICE)), "1", "found", ""),
    (f"/vks/v1/by-email/{ADDRESS.upper()}", answer(200, armored(ALICE)), "1", "found", ""),
    ("/vks/v1/by-email/lice@example.org", answer(200, armored(ALICE)), "1", "key mismatch", "key_mismatch"),
    (f"/vks/v1/by-email/{ADDRESS}", answer(200, armored(key("Bob", f"Bob, not {ADDRESS} <bob@example.org>"))), "1", "key mismatch", "key_mismatch"),
    (f"/pks/v2/certs/by-identity/{ADDRESS}", answer(200, key("Bob", ADDRESS)), "1", "found", ""),
    (f"/pks/v2/certs/by-identity/{ADDRESS}", answer(200, key(f"{ADDRESS} (work)")), "1", "found", ""),       # servers find it there, too
    (f"/pks/v2/certs/by-identity/{ADDRESS}", answer(200, key(f"Alice <{ADDRESS}> <alice@example.net>")), "1", "found", ""),
    (f"/pks/v2/certs/by-identity/{ADDRESS}", answer(200, key(f"{ADDRESS}.net (work)")), "1", "key mismatch", "key_mismatch"),
    (f"/pks/lookup?op=get&search={ADDRESS}", answer(200, armored(ALICE)), "1", "found", ""),
    (f"/pks/lookup?op=get&search={ADDRESS[1:]}", answer(200, armored(ALICE)), "1", "found", ""),        # servers look for it anywhere
    (f"/pks/lookup?op=get&search={ADDRESS}", answer(200, "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHello\n" + armored(ALICE)), "1", "found", ""),
    ("/pks/lookup?op=get&search=bob@example.org", answer(200, armored(ALICE)), "1", "key mismatch", "key_mismatch"),
    ("/pks/lookup?op=get&search=bob", answer(200, armored(ALICE)), "1", "found", ""),
    (f"/pks/lookup?op=get&options=mr&search=%3C{ADDRESS.replace('@', '%40')}%3E&exact=on", answer(200, armored(ALICE)), "1", "found", ""),      # of GnuPG
    ("/pks/lookup?op=get&options=mr&search=<bob@example.org>", answer(200, armored(ALICE)), "1", "key mismatch", "key_mismatch"),
    ("/pks/lookup?op=get&search=alice@xn--bcher-kva.example", answer(200, armored(key("Alice <alice@bücher.example>"))), "1", "found", ""),
    ("/pks/lookup?op=get&search=alice@b%C3%BCcher.example", answer(200, armored(key("alice@xn--bcher-kva.example"))), "1", "found", ""),
    ("/pks/lookup?op=get&search=bob@xn--bcher-kva.example", answer(200, armored(key("Alice <alice@bücher.example>"))), "1", "key mismatch", "key_mismatch"),
    # Web Key Directories; the host is keys.example.org
    ("/.well-known/openpgpkey/example.org/hu/kei1q4tipxxu1yj79k9kfukdhfy631xe?l=Alice", answer(200, ALICE), "1", "found", ""),
    ("/.well-known/openpgpkey/example.org/hu/kei1q4tipxxu1yj79k9kfukdhfy631xe?l=alice", answer(200, armored(ALICE)), "1", "found", "wkd_armored"),
    ("/.well-known/openpgpkey/hu/kei1q4tipxxu1yj79k9kfukdhfy631xe?l=alice", answer(200, ALICE), "1", "found", ""),      # a redirect may lead to a name below
    ("/.well-known/openpgpkey/hu/kei1q4tipxxu1yj79k9kfukdhfy631xe?l=bob", answer(200, ALICE), "1", "key mismatch", "wkd_userid_missing"),
    ("http://example.org/.well-known/openpgpkey/hu/kei1q4tipxxu1yj79k9kfukdhfy631xe?l=alice", answer(200, ALICE), "1", "found", ""),
    ("http://example.net/.well-known/openpgpkey/hu/kei1q4tipxxu1yj79k9kfukdhfy631xe?l=alice", answer(200, ALICE), "1", "key mismatch", "wkd_userid_missing"),
    ("/.well-known/openpgpkey/hu/kei1q4tipxxu1yj79k9kfukdhfy631xe", answer(200, ALICE), "1", "found", ""),
    ("/.well-known/openpgpkey/policy", answer(200, "mailbox-only\n"), "", "found", ""),
    ("/.well-known/openpgpkey/policy", answer(200, page("Welcome"), PAGE), "", "unreadable", "unreadable"),
    ("/.well-known/openpgpkey/submission-address", answer(200, "keys@example.org\n"), "", "found", ""),
    # what is no lookup
    ("/pks/stats", answer(200, page("Statistics"), PAGE), "", "accepted", ""),
    ("/pks/lookup?op=stats&options=mr", answer(200, '{"Total": 5}', JSON), "", "accepted", ""),
    ("/pks/health", answer(200, "OK"), "", "accepted", ""),
    ("/pks/health", answer(503, "down"), "", "error", ""),
    (GET, answer(200, armored(packet(5, KEY_BODY + b"\0" + b"\1" * 20) + packet(13, b"Alice"), "PRIVATE")), "1", "found", "secret_key"),
]
FINDINGS = ["not_found", "unreadable", "key_mismatch", "wkd_armored", "wkd_userid_missing", "secret_key"]
TRUTH = {"1": "1", "0": "0", "True": "1", "False": "0", "": ""}


def findings(row):
    return ",".join(name for name, value in zip(FINDINGS, row, strict=True) if value)


@pytest.mark.parametrize("two_pass", [False, True], ids=["one pass", "-2"])
def test_lookups(ws, tmp_path, two_pass):
    capture = write(tmp_path / "lookups.pcap", [(get(target), told) for target, told, *_ in LOOKUPS])
    rows = ws.rows(capture, ["hkp.found", "hkp.outcome", *(f"hkp.{name}" for name in FINDINGS)], "hkp.outcome", two_pass)
    assert len(rows) == len(LOOKUPS)
    for (target, told, *truth), row in zip(LOOKUPS, rows):
        assert [TRUTH[row[0]], row[1], findings(row[2:])] == truth, (target, told)


UPLOADS = [
    # answer, results, outcome
    (answer(200, json.dumps({"inserted": [{"version": 4, "fingerprint": FINGERPRINT}]}), JSON), "inserted", "accepted"),
    (answer(200, json.dumps({"updated": [{"fingerprint": OTHER}], "ignored": [{"fingerprint": FINGERPRINT}]}), JSON), "updated,ignored", "accepted"),
    (answer(200, json.dumps({"invalid": [{"fingerprint": FINGERPRINT, "comment": "no \"inserted\": [{"}]}), JSON), "invalid", "refused"),
    (answer(200, page("<h1>Submission Results</h1><table><tr><th><strong>Inserted</strong></th><td>x</td></tr><tr><th><strong>Updated</strong></th></table>"), PAGE),
     "inserted,updated", "accepted"),
    (answer(200, page("Key block added to key server database.\n  New public keys added: <br>2 key(s) added successfully.<br>"), PAGE), "inserted,inserted", "accepted"),
    (answer(200, page("Key block added to key server database.\n  New public keys added: 0\n"), PAGE), "", "accepted"),
    (answer(200, page("New public keys added: 0\n"), PAGE), "", "accepted"),
    (answer(200, page("New public keys added: 0<br>Add failed: Malformed Key"), PAGE), "", "refused"),
    (answer(200, page("Key block corrupt: New public keys added: <br>0 key(s)"), PAGE), "", "refused"),
    (answer(200, page("New public keys added: 0<br>The key block contained no new keys"), PAGE), "ignored", "accepted"),
    (answer(200, page("New public keys added: <br>1 key(s) added successfully.<br>Add failed: Malformed Key"), PAGE), "inserted", "accepted"),
    (answer(200, page("Add failed: identical key already exists in database<br>"), PAGE), "ignored", "accepted"),
    (answer(200, page("Add failed: Malformed Key --- unexpected packet"), PAGE), "", "refused"),
    (answer(200, "Upload successful. Please note that identity information will only be published after verification."), "unpublished", "accepted"),
    (answer(200, "Upload successful. This is a new key, a welcome email has been sent."), "inserted", "accepted"),
    (answer(201, "Upload successful. Check your inbox to verify your email address."), "pending", "accepted"),
    (answer(200, json.dumps({"key_fpr": FINGERPRINT, "status": {ADDRESS: "published", "b@example.org": "unpublished", "c@example.org": "pending"}, "token": "x"}),
            JSON), "published,unpublished,pending", "accepted"),
    (answer(200, json.dumps({"key_fpr": FINGERPRINT, "status": {ADDRESS: "revoked", "b@example.org": "lost"}, "token": "x"}), JSON), "revoked", "accepted"),
    (answer(200, json.dumps({"inserted": ["rsa2048/01234567"], "spoken": ["English"], "spent": [{"seconds": 1}]}), JSON), "inserted", "accepted"),
    (answer(400, json.dumps({"error": "We couldn't parse it"}), JSON), "", "refused"),
    (answer(422, "Unprocessable Entity\n"), "", "refused"),
    (answer(200, "ok", PAGE), "", "accepted"),
    (answer(200, page("Please solve the captcha"), PAGE), "", "unreadable"),
    (answer(302, headers="Location: /\r\n"), "", "unreadable"),
    (answer(502, page("Bad gateway"), PAGE), "", "unreadable"),
    (answer(500, "Internal Server Error"), "", "error"),
]


def test_uploads(ws, tmp_path):
    sent = get("/pks/add", "POST", "Content-Type: text/plain\r\n", armored(ALICE).encode())
    capture = write(tmp_path / "uploads.pcap", [(sent, told) for told, *_ in UPLOADS])
    for two_pass in (False, True):
        rows = ws.rows(capture, ["hkp.upload.result", "hkp.outcome"], "hkp.outcome", two_pass)
        assert [row for row, (_, *truth) in zip(rows, UPLOADS, strict=True) if row != tuple(truth)] == []
    assert ws.count(capture, "hkp.found") == 0


def test_results_of_an_upload_are_bounded(ws, tmp_path):
    capture = write(tmp_path / "many.pcap", [(get("/pks/add", "POST", body=b"keytext=x"), answer(200, json.dumps({"inserted": ["x"] * 1001}), JSON))])
    assert ws.rows(capture, ["hkp.upload.result", "hkp.outcome"], "hkp.outcome") == [(",".join(["inserted"] * 1000), "accepted")]


def cut_exchange(target, told, kept, method="GET"):
    """kept: octets of the answer that the snap length has left."""
    packets = [bytes(p) for p in Connection(sport=20000 + kept % 1000, dport=11371).handshake().client(get(target, method)).server(told).close().packets]
    return [(n * 0.001, p[:40 + kept] if told in p else p, len(p)) for n, p in enumerate(packets)]


def test_answers_that_the_snap_length_cut(ws, tmp_path):
    """A 404 of which nobody sees the words may be of a web server that has no such path; of a Web Key Directory it is all that is said."""
    head = len(answer(404, "")) + 1
    missing = answer(404, "404 page not found\n")
    sent = get("/pks/add", "POST", "Content-Type: text/plain\r\n", armored(ALICE).encode())
    hidden = missing.replace(b"Content-Type", b"Content-Encoding: zstd\r\nContent-Type")
    cases = [
        (GET, missing, head, "GET", "", "unreadable"), (GET, missing, head + 5, "GET", "", "unreadable"), (GET, missing, len(missing), "GET", "", "error"),
        (GET, missing.replace(b"Content-Type", b"X-HKP-Results-Count: 0\r\nContent-Type"), head + 24, "GET", "0", "not found"),
        ("/.well-known/openpgpkey/hu/kei1q4tipxxu1yj79k9kfukdhfy631xe?l=alice", missing, head, "GET", "0", "not found"),
        (GET, hidden, len(hidden), "GET", "", "unreadable"),
        (GET, missing[:-19], len(missing) - 19, "HEAD", "", "unreadable"), (GET, answer(404), len(answer(404)), "HEAD", "0", "not found"),
        (GET, answer(404), len(answer(404)), "GET", "0", "not found"), (INDEX, answer(200, "info:1:0\n"), len(answer(200, "")) + 4, "GET", "", "unreadable"),
    ]
    for number, (target, told, kept, method, *truth) in enumerate(cases):
        capture = write_pcap(tmp_path / f"cut{number}.pcap", cut_exchange(target, told, kept, method), linktype=101)
        for two_pass in (False, True):
            assert [[TRUTH[found], outcome] for found, outcome in ws.rows(capture, ["hkp.found", "hkp.outcome"], "hkp.status", two_pass)] == [truth], (number, two_pass)
    capture = write_pcap(tmp_path / "upload.pcap", [f for f in cut_upload(sent, answer(200, page("Add failed: Malformed Key"), PAGE))], linktype=101)
    assert ws.rows(capture, ["hkp.outcome"], "hkp.status") == [("unreadable",)]


def cut_upload(sent, told):
    packets = [bytes(p) for p in Connection(sport=20000, dport=11371).handshake().client(sent).server(told).close().packets]
    return [(n * 0.001, p[:40 + len(answer(200, "", PAGE)) + 9] if told in p else p, len(p)) for n, p in enumerate(packets)]


def test_what_browsers_ask_beforehand(ws, tmp_path):
    """Nothing is looked up or sent by OPTIONS."""
    targets = ["/pks/add", GET, INDEX, "/pks/v2/certs", "/vks/v1/upload"]
    allowed = b"HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Methods: GET, POST\r\n\r\n"
    capture = write(tmp_path / "options.pcap", [(get(target, "OPTIONS"), allowed) for target in targets])
    assert ws.rows(capture, ["hkp.op", "hkp.found", "hkp.outcome"], "hkp.outcome") == [("options", "", "accepted")] * len(targets)
    assert ws.count(capture, "hkp.unreadable || hkp.not_found") == 0


def test_keytext_in_base64(ws, tmp_path):
    def upload(keytext):
        return get("/vks/v1/upload", "POST", f"Content-Type: {JSON}\r\n", json.dumps({"keytext": keytext}).encode())
    text = base64.b64encode(ALICE).decode()
    capture = write(tmp_path / "base64.pcap", [(upload(t),) for t in (text, text.rstrip("="), base64.encodebytes(ALICE).decode(), armored(ALICE), "AAAA", "", "x" * 77)])
    shown = [info for protocol, info in ws.columns(capture) if protocol == "HKP"]
    assert shown == [f"upload 1 key: Alice <{ADDRESS}> [key without a bound user ID]"] * 4 + ["upload"] * 3


def test_outcome_stands_once_with_all_fields(ws, tmp_path):
    """An interim answer has none; a request has one where nothing answers it, which the second pass knows."""
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    capture = write(tmp_path / "once.pcap", [(get(GET), early + answer(404)), (get(f"/pks/lookup?op=get&search=0x{ID64}"),), (get(f"/pks/lookup?op=get&search=0x{V4}"), answer(404))])
    fields = ["hkp.op", "hkp.search.kind", "hkp.keyid", "hkp.fingerprint", "hkp.outcome", "hkp.status"]
    answered = [("get", "5", "", FINGERPRINT, "not found", "103,404"), ("get", "5", "", V4, "not found", "404")]
    silent = ("get", "3", ID64, "", "no response", "")
    assert ws.rows(capture, fields, "hkp.outcome") == answered
    assert ws.rows(capture, fields, "hkp.outcome", two_pass=True) == [answered[0], silent, answered[1]]
    assert ws.count(capture, "hkp.no_response") == 0 and ws.count(capture, "hkp.no_response", two_pass=True) == 1
    with ws.sharkd() as sharkd:
        sharkd.load(capture)
        assert sharkd.rows(fields[:1] + fields[4:5], "hkp.outcome") == [("get", "not found"), ("get", "no response"), ("get", "not found")]
    tree = ws.statistics(capture, "hkp,tree", two_pass=True)
    counts = dict(re.findall(r"^ ?([\w-]+(?: [\w-]+)*) {2,}(\d+) ", tree, re.M))
    assert [counts[name] for name in ("Operations", "Results", "not found", "no response", "Search kinds")] == ["3", "3", "2", "1", "3"]


def test_wkd_hash(ws, tmp_path):
    hashes = {"kei1q4tipxxu1yj79k9kfukdhfy631xe": ("alice", "ALICE"), "iy9q119eutrkn8s1mk4r39qejnbu3n5q": ("Joe.Doe",), "y" * 32: ("alice",), "short": ("alice",)}
    capture = write(tmp_path / "hash.pcap", [(get(f"/.well-known/openpgpkey/hu/{name}?l={local}"),) for name, locals in hashes.items() for local in locals])
    assert ws.rows(capture, ["hkp.wkd.hash"], "hkp.wkd_hash_mismatch") == [("y" * 32,), ("short",)]


def test_json_index_fields(ws, tmp_path):
    told = json.dumps([listed(uid="A \"quoted\" \\ <a@example.org>", expiration="2033-11-14T22:13:20Z"), listed(OTHER)], indent=1)
    capture = write(tmp_path / "json.pcap", [(get(f"/pks/v2/index/{ADDRESS}"), answer(200, told, JSON))])
    fields = ["hkp.index.keyid", "hkp.index.algorithm", "hkp.index.keylen", "hkp.index.uid"]
    assert ws.rows(capture, fields, "hkp.status") == [(f"{FINGERPRINT},{OTHER}", "1,1", "2048,2048", f"A \"quoted\" \\ <a@example.org>,Alice <{ADDRESS}>")]
    assert ws.columns(capture)[4][1] == f"2 keys: A \"quoted\" \\ <a@example.org>, Alice <{ADDRESS}>"
    when = "2033-11-14 22:13:20" + ("Z" if ws.version >= (4, 4) else "")
    assert ws.count(capture, f'hkp.index.expiration == "{when}"') == 1


@pytest.mark.one_series
def test_hostile_json_and_pages(ws, tmp_path):
    """Deep, cut, endless: no time but what they are long, and nothing wrong said."""
    bodies = [("[" * 200000, JSON), ('[{"fingerprint":' * 20000, JSON), ('[{"fingerprint": "' + "a" * 100000, JSON), ('[' + '{"fingerprint":"abcdefabcdefabcd"},' * 60000, JSON),
              ("]]]]", JSON), ('{"a"', JSON), ('["\\', JSON), ("<a " * 100000, PAGE), ("<" * 100000, PAGE), ("<!--" * 50000, PAGE), ('<a href="' * 30000, PAGE),
              ("<script" * 40000, PAGE), ("<p>/abcdef01" * 20000, PAGE)]
    frames = []
    for n, (body, kind) in enumerate(bodies):
        whole = answer(200, body, kind)
        connection = Connection(sport=20000 + n, dport=80).handshake().client(get(INDEX))
        for at in range(0, len(whole), 60000):
            connection.server(whole[at:at + 60000])
        frames += connection.packets
    capture = write_pcap(tmp_path / "hostile.pcap", frames, linktype=101)
    seconds, _, _ = ws.consumed(capture, "-V")
    assert seconds < 20
    assert ws.count(capture, "hkp.status") == len(bodies) and ws.count(capture, "hkp.found") == 1
    assert ws.count(capture, "_ws.expert.message contains \"Dissector bug\"") == 0


# Small captures with the truth

def case(shared, name):
    return shared.parent / "cases" / "hkp" / f"{name}.pcap"


FIELDS = ["frame.number", "hkp.found", "hkp.outcome", "hkp.upload.result"]
CASES = {
    "hkp-hockeypuck-html-index": [("5", "1", "found", ""), ("13", "1", "found", ""), ("21", "1", "found", ""), ("29", "1", "found", "")],
    "hkp-json-index": [("5", "1", "found", ""), ("13", "1", "found", ""), ("21", "1", "found", "")],
    "hkp-html-200": [("5", "", "unreadable", ""), ("13", "", "unreadable", "")],
    "hkp-add-private-key": [("5", "", "accepted", "")],
    "vks-upload-base64": [("5", "", "accepted", "unpublished")],
    "hkp-no-answer": [("4", "", "no response", "")],
    "wkd-armored-wrong-hash": [("5", "1", "found", ""), ("13", "1", "key mismatch", "")],
    "hkp-no-uid": [("5", "1", "found", "")],
}


@pytest.mark.parametrize("name", CASES)
def test_cases(ws, shared, name):
    rows = ws.rows(case(shared, name), FIELDS, "hkp.outcome", two_pass=True)
    assert [(row[0], TRUTH[row[1]], *row[2:]) for row in rows] == CASES[name]


def test_findings_of_cases(ws, shared):
    expected = {"hkp-html-200": ("hkp.unreadable", [5, 13]), "hkp-add-private-key": ("hkp.secret_key", [4]), "hkp-no-answer": ("hkp.no_response", [4]),
                "wkd-armored-wrong-hash": ("hkp.wkd_armored", [5])}
    for name, (field, frames) in expected.items():
        assert ws.frames(case(shared, name), field, two_pass=True) == frames
    wrong = case(shared, "wkd-armored-wrong-hash")
    assert ws.frames(wrong, "hkp.wkd_hash_mismatch") == [12] and ws.frames(wrong, "hkp.wkd_userid_missing") == [13]
    info = [text for protocol, text in ws.columns(case(shared, "hkp-no-uid"), two_pass=True) if protocol == "HKP"]
    assert info[1].endswith("without user ID [key without a bound user ID]")
    assert ws.columns(case(shared, "vks-upload-base64"))[3][1] == "upload 1 key: Alice <alice@example.org> [key not yet valid]"


def test_statistics_without_a_tree(ws, captures):
    """What nobody looks at is not read, and then nothing is said of it: -z expert has what packets show, on each pass."""
    folder = captures / "hkp-servers"
    options = ("-o", f"tls.keylog_file:{folder / 'hkps.keys'}")
    for two_pass in (), ("-2",):
        shown = len(ws.rows(folder / "hkps.pcap", ["frame.number"], "hkp.unreadable", two_pass=bool(two_pass), keylog=folder / "hkps.keys"))
        table = ws.tshark(folder / "hkps.pcap", "-q", "-z", "expert", *options, *two_pass)
        counted = [int(line.split()[0]) for line in table.splitlines() if "says nothing about keys" in line]
        assert counted == [shown] and shown == 2, two_pass

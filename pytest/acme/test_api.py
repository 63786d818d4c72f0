# SPDX-License-Identifier: GPL-2.0-or-later
"""The API of an authority with bytes of our own."""

import base64
import hashlib
import json
import struct

from acme.crafted import (BOTH, CHALLENGE, PATH, TOKEN, Cases, answer, certificate, client_hello, get, question, response,
                          server_flight, told, txt, vector)
from acme.test_servers_and_clients import yes
from harness.properties import assert_survives


def b64(data):
    return base64.urlsafe_b64encode(data if isinstance(data, bytes) else json.dumps(data).encode()).decode().rstrip("=")


def signed(url, payload, key=None, **header):
    protected = {"alg": "ES256", "nonce": "n", "url": url, **({"jwk": key} if key else {"kid": "https://ca.example.org/acct/1"}), **header}
    body = json.dumps({"protected": b64(protected), "payload": b64(payload) if payload is not None else "", "signature": "c2ln"})
    path = url.removeprefix("https://ca.example.org")
    return get(path, "ca.example.org", "POST", f"Content-Type: application/jose+json\r\nContent-Length: {len(body)}\r\n") + body.encode()


EC_KEY = {"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}
RFC_7638_KEY = {"kty": "RSA", "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3okn"
                "jhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6q"
                "MQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awap"
                "JzKnqDKgw", "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}


def test_api_without_the_directory(ws, tmp_path):
    """What the content tells, and what it does not."""
    base = "https://ca.example.org/"
    cases = Cases()
    cases.add("finalize", signed(base + "1", {"csr": "AA"}), told({"status": "processing", "authorizations": [], "finalize": base + "1"}))
    cases.add("newOrder", signed(base + "2", {"identifiers": [{"type": "dns", "value": "www.example.org"}]}), told({}))
    cases.add("newAccount", signed(base + "3", {"termsOfServiceAgreed": True}, EC_KEY), told({"status": "valid"}, "201 Created"))
    cases.add("revokeCert", signed(base + "4", {"certificate": "AA"}), answer(b""))
    cases.add("keyChange", signed(base + "5", {"protected": "e30", "payload": "e30", "signature": "AA"}), answer(b""))
    cases.add("newAuthz", signed(base + "6", {"identifier": {"type": "dns", "value": "www.example.org"}}), told({}))
    cases.add("unknown", signed(base + "7", {}), told({"status": "valid"}))
    cases.add("order", signed(base + "8", None), told({"status": "ready", "authorizations": [base + "9"], "finalize": base + "f"}))
    cases.add("authorization", signed(base + "9", None), told({"status": "valid", "identifier": {"type": "dns", "value": "www.example.org"},
              "challenges": [{"type": "http-01", "url": base + "c", "token": TOKEN}]}))
    cases.add("challenge", signed(base + "c", {}), told({"type": "http-01", "url": base + "c", "token": TOKEN, "status": "pending"}))
    found = cases.ask(ws, tmp_path / "a.pcap", ["acme.resource", "acme.resource.evidence"])
    assert found == {
        "finalize": [("14", "3"), ("11", "3")], "newOrder": [("4", "3"), ("11", "3")], "newAccount": [("3", "3"), ("9", "3")],
        "revokeCert": [("6", "3")] * 2, "keyChange": [("7", "3")] * 2, "newAuthz": [("5", "3"), ("12", "3")], "unknown": [("", "")] * 2,
        "order": [("", ""), ("11", "3")], "authorization": [("12", "2")] * 2, "challenge": [("13", "2")] * 2}


def test_orders_of_an_account(ws, tmp_path):
    """RFC 8555 sections 7.1.2 and 7.1.2.1: an account leads to its list, the list to orders that were made before the capture."""
    base = "https://ca.example.org/"
    cases = Cases()
    cases.add("account", signed(base + "3", {"termsOfServiceAgreed": True}, EC_KEY), told({"status": "valid", "orders": base + "list"}, "201 Created"))
    cases.add("list", signed(base + "list", None), told({"orders": [base + "o1", base + "o2"]}))
    cases.add("order", signed(base + "o2", None), told({"status": "ready"}))
    found = cases.ask(ws, tmp_path / "a.pcap", ["acme.resource", "acme.resource.evidence"])
    assert found == {"account": [("3", "3"), ("9", "3")], "list": [("10", "2")] * 2, "order": [("11", "2")] * 2}


def test_failures_that_are_no_problem_documents(ws, tmp_path):
    """Gateways answer in the authority's place; some problems come under another type of content."""
    url = "https://ca.example.org/order"
    page, order = b"<html>504 Gateway Time-out</html>", {"identifiers": [{"type": "dns", "value": "www.example.org"}]}
    problem = json.dumps({"type": "urn:ietf:params:acme:error:rateLimited", "detail": "too many"}).encode()
    cases = Cases()
    cases.add("gateway", signed(url, order), answer(page, "504 Gateway Time-out", "Content-Type: text/html\r\n"))
    cases.add("firewall", signed(url, order), answer(b"", "429 Too Many Requests", "Retry-After: 60\r\n"))
    cases.add("problem as text", signed(url, order), answer(problem, "429 Too Many Requests", "Content-Type: text/plain\r\n"))
    cases.add("directory", get("/directory", "ca.example.org"), told({"newNonce": "https://ca.example.org/nonce", "newAccount": "https://ca.example.org/new",
              "newOrder": url, "revokeCert": "https://ca.example.org/revoke", "keyChange": "https://ca.example.org/key"}))
    cases.add("no body to an answer of HEAD", get("/nonce", "ca.example.org", "HEAD"), answer(b"", "503 Service Unavailable", "Content-Type: application/problem+json\r\n", 120))
    cases.add("page that is none of it", get("/", "ca.example.org"), answer(page, "504 Gateway Time-out", "Content-Type: text/html\r\n"))
    for two_pass in BOTH:
        found = cases.ask(ws, tmp_path / "f.pcap", ["acme.problem.type", "_ws.expert.message", "acme.resource"], "acme.problem", two_pass=two_pass)
        assert {label: rows[0][::2] for label, rows in found.items()} == {     # what was asked for, and no order
            "gateway": ("", "4"), "firewall": ("", "4"), "problem as text": ("urn:ietf:params:acme:error:rateLimited", "4")}
        assert "HTTP status 504 without a problem document; a proxy" in found["gateway"][0][1]
        assert "HTTP status 429 without a problem document (Retry-After: 60); a proxy" in found["firewall"][0][1]


def test_api_thumbprints(ws, tmp_path):
    """RFC 7638 section 3.1 has this key and its thumbprint."""
    cases = Cases()
    okp = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}     # RFC 8037 appendix A.3
    for label, key in {"RSA": RFC_7638_KEY, "OKP": okp, "EC": EC_KEY, "oct": {"kty": "oct", "k": "AA"}, "broken": {"kty": "EC", "crv": "P-256"},
                       "quotes": {"kty": "OKP", "crv": "a\"b", "x": "c"}}.items():
        cases.add(label, signed("https://ca.example.org/new", {"contact": []}, key), told({}))
    found = cases.ask(ws, tmp_path / "a.pcap", ["acme.account.thumbprint"], "acme.account.thumbprint")
    canonical = json.dumps(EC_KEY, sort_keys=True, separators=(",", ":"))
    assert found == {"RSA": [("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",)], "OKP": [("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",)],
                     "EC": [(b64(hashlib.sha256(canonical.encode()).digest()),)]}


def test_account_key_decides_what_is_right(ws, tmp_path):
    """With the API in the clear, key authorizations and digests are compared with the account's key."""
    base = "https://ca.example.org/"
    good = b64(hashlib.sha256(json.dumps(EC_KEY, sort_keys=True, separators=(",", ":")).encode()).digest())
    authorization = f"{TOKEN}.{good}".encode()
    digest = hashlib.sha256(authorization).digest()
    cases = Cases()
    cases.add("account", signed(base + "new", {"contact": []}, EC_KEY), told({"status": "valid"}, "201 Created", extra=f"Location: {base}acct/1\r\n"))
    cases.add("authorization", signed(base + "a", None), told({"status": "pending", "identifier": {"type": "dns", "value": "www.example.org"},
              "challenges": [{"type": "http-01", "url": base + "c", "token": TOKEN}]}))
    cases.add("right", get(), answer(authorization))
    cases.add("other key", get(), answer())
    cases.add("other token", get(PATH[:-1] + "B"), answer(authorization[:42] + b"B" + authorization[43:]))
    cases.add("TLS", client_hello(), server_flight(certificate(b"\x04\x20" + digest, [(0x82, b"www.example.org")])), dport=443)
    cases.add("TLS, other key", client_hello(), server_flight(certificate(b"\x04\x20" + bytes(32), [(0x82, b"www.example.org")])), dport=443)
    asked, told_txt = question(CHALLENGE), response(CHALLENGE, txt(CHALLENGE, b64(digest)))
    cases.add("DNS", struct.pack(">H", len(asked)) + asked, struct.pack(">H", len(told_txt)) + told_txt, dport=53)
    for two_pass in (False, True):
        found = cases.ask(ws, tmp_path / "a.pcap", ["acme.valid", "acme.verified"], "acme.valid", two_pass=two_pass)
        assert {label: [(yes(valid), yes(verified)) for valid, verified in rows] for label, rows in found.items()} == {
            "right": [(True, True)], "other key": [(False, False)], "other token": [(True, None)], "TLS": [(True, True)],
            "TLS, other key": [(True, None)], "DNS": [(True, True)]}
    assert list(cases.ask(ws, tmp_path / "a.pcap", [], "acme.key_authorization_mismatch")) == ["other key"]


def test_api_damaged(ws, tmp_path):
    base = "https://ca.example.org/"
    header = b64({"alg": "ES256", "nonce": "n", "url": base + "x", "kid": "k"})

    def posted(body):
        return get("/x", "ca.example.org", "POST", f"Content-Type: application/jose+json\r\nContent-Length: {len(body)}\r\n") + body
    cases = Cases()
    cases.add("no signature", posted(json.dumps({"protected": header, "payload": ""}).encode()))
    cases.add("payload not base64url", posted(json.dumps({"protected": header, "payload": "***", "signature": "AA"}).encode()))
    cases.add("payload not JSON", posted(json.dumps({"protected": header, "payload": "AAAA", "signature": "AA"}).encode()))
    cases.add("fine", posted(json.dumps({"protected": header, "payload": "e30", "signature": "AA"}).encode()))
    for label, body in {"empty": b"", "brace": b"{", "deep": b'{"protected":' + b"[" * 30000, "wide": b"{" + b'"a":1,' * 9000 + b'"b":2}',
                        "header not base64url": json.dumps({"protected": "*", "payload": "", "signature": ""}).encode(),
                        "header not JSON": json.dumps({"protected": "AAAA", "payload": "", "signature": ""}).encode(),
                        "header array": json.dumps({"protected": b64([]), "payload": "", "signature": ""}).encode(),
                        "members of other types": json.dumps({"protected": {"a": 1}, "payload": [], "signature": 1}).encode(),
                        "zero": b'{"protected":"\0"}'}.items():
        cases.add(label, posted(body))
    found = cases.ask(ws, tmp_path / "a.pcap", ["acme.jws_malformed"])
    assert {label: bool(rows[0][0]) for label, rows in found.items()} == {
        "no signature": True, "payload not base64url": True, "payload not JSON": True, "fine": False}
    strange = Cases()
    for number, value in enumerate([{"challenges": [1, [], {"token": 3}], "identifier": 7}, {"challenges": {"a": []}, "identifier": []},
                                    {"authorizations": [1, {}, [[]]], "finalize": None}, {"newNonce": "", "newAccount": "", "newOrder": ""},
                                    {"identifiers": [1, {"value": 2}, "x"]}, {"status": {}, "error": {"type": 1}}, {"type": "urn:ietf:params:acme:error:"}, []]):
        strange.add(f"{number}", signed(base + f"s{number}", {}), told(value))
    strange.write(tmp_path / "b.pcap")
    assert_survives(ws, tmp_path / "a.pcap")
    assert_survives(ws, tmp_path / "b.pcap")
    assert len(strange.ask(ws, tmp_path / "b.pcap", ["acme.resource"], "acme.response_to")) == 8


def test_new_key_of_an_account(ws, tmp_path):
    """RFC 8555 section 7.3.5: after a key change, key authorizations are those of the new key."""
    base = "https://ca.example.org/"
    new_key = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    thumbprints = [b64(hashlib.sha256(json.dumps(key, sort_keys=True, separators=(",", ":")).encode()).digest()) for key in (EC_KEY, new_key)]
    inner = {"protected": b64({"alg": "EdDSA", "jwk": new_key, "url": base + "change"}),
             "payload": b64({"account": base + "acct/1", "oldKey": EC_KEY}), "signature": "c2ln"}

    def authorization(token):
        return told({"status": "pending", "identifier": {"type": "dns", "value": "www.example.org"},
                     "challenges": [{"type": "http-01", "url": base + token, "token": token}]})
    tokens = [letter * 43 for letter in "ABCD"]
    cases = Cases()
    cases.add("account", signed(base + "new", {"contact": []}, EC_KEY), told({"status": "valid"}, "201 Created", extra=f"Location: {base}acct/1\r\n"))
    cases.add("before", signed(base + "a1", None), authorization(tokens[0]))
    cases.add("refused", signed(base + "change", inner), told({"type": "urn:ietf:params:acme:error:malformed"}, "400 Bad", "application/problem+json"))
    cases.add("still", signed(base + "a2", None), authorization(tokens[1]))
    cases.add("change", signed(base + "change", inner), told({"status": "valid"}))
    cases.add("after", signed(base + "a3", None), authorization(tokens[2]))
    cases.add("again", signed(base + "a1", None), authorization(tokens[0]))
    for label, token, thumbprint in (("old, before", tokens[1], 0), ("new, after", tokens[2], 1), ("old, after", tokens[2], 0), ("new, asked again", tokens[0], 1)):
        cases.add(label, get("/.well-known/acme-challenge/" + token), answer(f"{token}.{thumbprints[thumbprint]}".encode()))
    found = cases.ask(ws, tmp_path / "a.pcap", ["acme.verified"], "acme.verified")
    assert {label: yes(rows[0][0]) for label, rows in found.items()} == {
        "old, before": True, "new, after": True, "old, after": False, "new, asked again": True}


def http2_frame(kind, flags, stream, payload):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def http2_message(stream, headers, *bodies):
    """HEADERS without compression, and a DATA frame for each body."""
    block = b"".join(b"\0" + vector(1, key.encode()) + vector(1, value.encode()) for key, value in headers.items())
    return http2_frame(1, 4, stream, block) + b"".join(
        http2_frame(0, int(number == len(bodies)), stream, body) for number, body in enumerate(bodies, 1))


def test_http2_answers_of_requests_that_are_not_signed(ws, tmp_path):
    """Answers belong to the requests of their streams, whichever comes first."""
    base = "https://ca.example.org/"
    window = {"suggestedWindow": {"start": "2026-01-01T00:00:00Z", "end": "2026-01-02T00:00:00Z"}}
    order = {"status": "pending", "authorizations": [], "finalize": base + "f"}
    body = signed(base + "order", {"identifiers": [{"type": "dns", "value": "www.example.org"}]}).split(b"\r\n\r\n", 1)[1]
    common = {":scheme": "https", ":authority": "ca.example.org"}
    post = http2_message(1, {":method": "POST", **common, ":path": "/order", "content-type": "application/jose+json"}, body[:50], body[50:])
    get = http2_frame(1, 5, 3, b"".join(b"\0" + vector(1, k.encode()) + vector(1, v.encode())
                                        for k, v in {":method": "GET", **common, ":path": "/window"}.items()))
    reply = {":status": "200", "content-type": "application/json"}
    cases = Cases()
    cases.add("streams", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + http2_frame(4, 0, 0, b"") + post, http2_frame(4, 0, 0, b""),
              get, http2_message(3, reply, json.dumps(window).encode()), b"", http2_message(1, reply, json.dumps(order).encode()))
    for two_pass in BOTH:
        found = cases.ask(ws, tmp_path / "h.pcap", ["frame.number", "acme.resource", "acme.status", "acme.response_to"], two_pass=two_pass)
        assert [row[1:3] for row in found["streams"]] == [("4", ""), ("11", "200")]
        assert found["streams"][1][3] == found["streams"][0][0]

# SPDX-License-Identifier: GPL-2.0-or-later
"""ACME: captures that the plugin was not written for, and a test for each thing it said wrongly about them."""

import gzip
import hashlib
import json
import struct

from gapfill_craft import Connection
from test_acme import yes
from test_acme_corners import (AUTHORIZATION, CHALLENGE, DIGEST, EC_KEY, PATH, THUMBPRINT, TOKEN, Cases, Datagrams, answer, b64,
                               certificate, client_hello, get, name, question, record, response, server_flight, signed, told, txt, vector)

BOTH = (False, True)


def chunked(*pieces, extra="", trailer=b""):
    body = b"".join(f"{len(piece):X};x=y\r\n".encode() + piece + b"\r\n" for piece in pieces)
    return f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n{extra}\r\n".encode() + body + b"0\r\n" + trailer + b"\r\n"


# HTTP-01


def test_hosts(ws, tmp_path):
    hosts = {"www.example.org:": "www.example.org", "WWW.Example.ORG:8080": "www.example.org", "[2001:DB8:0:0::5]": "2001:db8::5",
             "[2001:db8::5]:80": "2001:db8::5", "[2001:db8::5%25eth0]": "2001:db8::5%25eth0", "192.0.2.9:80": "192.0.2.9", ":80": "", "": "",
             "xn--bcher-kva.example.org": "xn--bcher-kva.example.org", "a_b.example.org.": "a_b.example.org"}
    cases = Cases()
    for host in hosts:
        cases.add(host, get(host=host), answer())
    found = cases.ask(ws, tmp_path / "a.pcap", ["acme.domain", "acme.valid"], "acme && http.response")
    assert {host: (rows[0][0], yes(rows[0][1])) for host, rows in found.items()} == {host: (domain, True) for host, domain in hosts.items()}


def test_codings(ws, tmp_path):
    packed = gzip.compress(AUTHORIZATION + b"\n")
    cases = Cases()
    good = {
        "chunked with extensions and trailer": chunked(*(AUTHORIZATION[at:at + 9] for at in range(0, 99, 9)), trailer=b"X: y\r\n"),
        "chunked and gzip": chunked(packed[:7], packed[7:], extra="Content-Encoding: gzip\r\n"),
        "x-gzip": answer(packed, extra="Content-Encoding: x-gzip\r\n"),
        "identity": answer(extra="Content-Encoding: identity\r\n"),
    }
    unknown = {
        "coding that does not exist": answer(b"\x8b" + AUTHORIZATION, extra="Content-Encoding: foo\r\n"),
        "damaged gzip": answer(packed[:2] + b"\xff" * 40, extra="Content-Encoding: gzip\r\n"),
    }
    bad = {"no chunks": chunked(), "empty": answer(b""), "vertical tab in front": answer(b"\v" + AUTHORIZATION)}
    for label, message in {**good, **unknown, **bad}.items():
        cases.add(label, get(), message)
    found = cases.ask(ws, tmp_path / "a.pcap", ["acme.valid"], "acme.status")
    assert {label: yes(rows[0][0]) for label, rows in found.items()} == {
        **dict.fromkeys(good, True), **dict.fromkeys(unknown), **dict.fromkeys(bad, False)}


def test_redirect_chain(ws, tmp_path):
    cases = Cases()
    steps = [("www.example.org", PATH, 80), ("b.example.net", "/two?x=1", 8080), ("c.example.net", "/three", 80)]
    cases.add("1", get(), answer(b"moved", "301 Moved", "Location: http://B.example.net:8080/two?x=1#y\r\n"))
    cases.add("2", get(steps[1][1], "b.example.net:8080"), answer(b"", "302 Found", "Location: http://c.example.net/two/../three\r\n"), dport=8080)
    cases.add("3", get("/three", "c.example.net"), answer(AUTHORIZATION + b"\r\n"))
    for two_pass in BOTH:
        fields = ["frame.number", "acme.domain", "acme.token", "acme.redirect_from", "acme.redirect_in", "acme.response_to", "acme.valid"]
        found = cases.ask(ws, tmp_path / "a.pcap", fields, two_pass=two_pass)
        (_, first), (second, third), (fourth, last) = (found[number] for number in "123")
        assert {(row[1], row[2]) for rows in found.values() for row in rows} == {("www.example.org", TOKEN)}
        assert (second[3], fourth[3]) == (first[0], third[0]) and last[5] == fourth[0] and yes(last[6])
        assert not first[6] and not third[6]
        if two_pass:
            assert (first[4], third[4]) == (second[0], fourth[0])


def test_retried_from_many_places(ws, tmp_path):
    cases = Cases()
    places = ["192.0.2.1", "198.51.100.1", "2001:db8::1", "192.0.2.1", "2001:db8::1", "203.0.113.9"]
    for number, src in enumerate(places):
        cases.add(f"{number}", get(host="WWW.example.org" if number % 2 else "www.example.org:80"),
                  answer(b"", "503 No") if number < 3 else answer(), src=src, dst="2001:db8::5" if ":" in src else "192.0.2.5")
    rows = cases.ask(ws, tmp_path / "a.pcap", ["acme.validators", "acme.valid"])
    assert [rows[f"{number}"][0][0] for number in range(6)] == ["1", "2", "3", "3", "3", "4"]
    assert [yes(rows[f"{number}"][1][1]) for number in range(6)] == [False] * 3 + [True] * 3


def test_validators_of_a_token_whatever_the_host(ws, tmp_path):
    """acme.validators is of the token: a validator that was sent elsewhere asks with another Host."""
    cases = Cases()
    cases.add("name", get(), answer(), src="192.0.2.1")
    cases.add("behind a proxy", get(host="backend.example.net"), answer(), src="192.0.2.2")
    found = cases.ask(ws, tmp_path / "a.pcap", ["acme.validators"], "acme.validators")
    assert found == {"name": [("1",)], "behind a proxy": [("2",)]}


# TLS-ALPN-01


def test_validators_of_unknown_domains_are_not_added_up(ws, tmp_path):
    cases = Cases()
    for number in range(3):
        cases.add(f"{number}", client_hello(None), src=f"192.0.2.{number + 1}", dport=443)
    found = cases.ask(ws, tmp_path / "t.pcap", ["acme.domain", "acme.validators"])
    assert set(map(tuple, (rows[0] for rows in found.values()))) == {("", "")}


def test_warning_alert_is_no_refusal(ws, tmp_path):
    """OpenSSL of old says unrecognized_name as a warning and goes on."""
    der = certificate(b"\x04\x20" + hashlib.sha256(AUTHORIZATION).digest(), [(0x82, b"www.example.org")])
    cases = Cases()
    for label, level, alert in (("warning", 1, 112), ("fatal", 2, 112), ("close", 1, 0)):
        connection = Connection(sport=next(cases.ports), dport=443).handshake().client(client_hello())
        connection.server(b"\x15\x03\x03\0\2" + bytes([level, alert]))
        if label == "warning":
            connection.server(server_flight(der))
        cases.names[connection.ports[0]] = label
        cases.packets += connection.close().packets
    for two_pass in BOTH:
        found = cases.ask(ws, tmp_path / "t.pcap", ["acme.valid", "acme.tls.alert"], "acme.valid", two_pass=two_pass)
        assert {label: [(yes(valid), bool(alert)) for valid, alert in rows] for label, rows in found.items()} == {
            "warning": [(True, False)], "fatal": [(False, True)], "close": [(False, True)]}


# DNS-01


def option(size=1232, extended=0):
    return b"\0" + struct.pack(">HHBBHH", 41, size, extended, 0, 0x8000, 0)


def with_option(message, **values):
    return message[:10] + struct.pack(">H", 1) + message[12:] + option(**values)


def test_dns_as_resolvers_speak_it(ws, tmp_path):
    mixed = "_aCmE-ChAlLeNgE.wWw.ExAmPlE.oRg"
    spf = "v=spf1 include:_spf.example.org ~all"
    answers = {
        "EDNS and case": (with_option(question(mixed)), with_option(response(mixed, txt(mixed, DIGEST))), True, DIGEST),
        "SPF beside it": (question(CHALLENGE), response(CHALLENGE, txt(CHALLENGE, spf), txt(CHALLENGE, DIGEST)), True, f"{spf},{DIGEST}"),
        "SPF only": (question(CHALLENGE), response(CHALLENGE, txt(CHALLENGE, spf)), False, spf),
        "strings of one": (question(CHALLENGE), response(CHALLENGE, txt(CHALLENGE, *DIGEST)), True, DIGEST),
        "empty string": (question(CHALLENGE), response(CHALLENGE, txt(CHALLENGE, "")), False, ""),
        "NXDOMAIN": (with_option(question(CHALLENGE)), with_option(response(CHALLENGE, flags=0x8583)), False, ""),
        "SERVFAIL": (with_option(question(CHALLENGE)), with_option(response(CHALLENGE, flags=0x8182)), False, ""),
        "signed": (question(CHALLENGE), response(CHALLENGE, txt(CHALLENGE, DIGEST), record(CHALLENGE, 46, bytes(40))), True, DIGEST),
        "BADVERS": (with_option(question(CHALLENGE)), with_option(response(CHALLENGE, flags=0x8180), extended=1), None, ""),
        "BADCOOKIE": (with_option(question(CHALLENGE)), with_option(response(CHALLENGE, flags=0x8187), extended=1), None, ""),
    }
    packets = Datagrams()
    for label, (asked, told_, _, _) in answers.items():
        packets.add(label, asked, told_)
    packets.add("mDNS", question("_acme-challenge.www.local"), src="192.0.2.9", dst="224.0.0.251", dport=5353)
    found = packets.ask(ws, tmp_path / "d.pcap", ["acme.valid", "acme.dns.digest", "acme.response_to"], "acme.response_to")
    assert {label: (yes(row[0]), row[1]) for label, (row,) in found.items()} == {
        label: (valid, digest) for label, (_, _, valid, digest) in answers.items()}
    info = packets.ask(ws, tmp_path / "d.pcap", ["_ws.col.Info" if ws.version < (4, 4) else "_ws.col.info"], "acme.response_to")
    assert [info[label][0][0].split(": ")[1] for label in ("BADVERS", "BADCOOKIE", "NXDOMAIN")] == ["BADVERS", "BADCOOKIE", "NXDOMAIN"]


def test_dns_delegated_in_two_answers(ws, tmp_path):
    target = "0123456789.auth.example.net"
    packets = Datagrams()
    packets.add("first", question(CHALLENGE), response(CHALLENGE, record(CHALLENGE, 5, name(target))))
    packets.add("second", question(target.upper()), response(target.upper(), txt(target, DIGEST)), dst="192.0.2.99")
    found = packets.ask(ws, tmp_path / "d.pcap", ["acme.domain", "acme.dns.cname", "acme.dns.alias", "acme.valid"], "acme.response_to")
    assert [(domain, cname, alias, yes(valid)) for domain, cname, alias, valid in found["first"] + found["second"]] == [
        ("www.example.org", target, "", None), ("www.example.org", "", target, True)]


def test_dns_over_http_pipelined(ws, tmp_path):
    """Messages of one frame at the same place in buffers of their own are told apart on later passes."""
    names = [f"_acme-challenge.n{number}.example.org" for number in range(3)]

    def posted(head, message, coding="Transfer-Encoding: chunked\r\n"):
        body = f"{len(message):x}\r\n".encode() + message + b"\r\n0\r\n\r\n"
        return (head + f"Content-Type: application/dns-message\r\n{coding}\r\n").encode() + body
    asked = b"".join(posted("POST /dns-query HTTP/1.1\r\nHost: dns.example.org\r\n", question(text, number=0)) for text in names)
    answered = b"".join(posted("HTTP/1.1 200 OK\r\n", response(text, txt(text, DIGEST), number=0)) for text in names)
    cases = Cases().add("pipelined", asked, answered)
    for two_pass in BOTH:
        rows = cases.ask(ws, tmp_path / "h.pcap", ["acme.domain", "acme.valid"], two_pass=two_pass)["pipelined"]
        assert [row[0].split(",") for row in rows] == [["n0.example.org", "n1.example.org", "n2.example.org"]] * 2
        assert [len(row[1].split(",")) for row in rows] == [1, 3]


# The API


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

# SPDX-License-Identifier: GPL-2.0-or-later
"""ACME: what real software did not send here. Own bytes; many cases in one capture, each with a port of its own."""

import base64
import gzip
import hashlib
import itertools
import json
import struct

import pytest

import gapfill_craft as craft
from gapfill_properties import (assert_files_do_not_leak, assert_independent_of_others, assert_same_for_all, assert_survives,
                                duplications, encapsulations, frames_of, segmentations, truncated_frames)
from test_acme import yes

TOKEN = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA"
THUMBPRINT = "9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI"
PATH = f"/.well-known/acme-challenge/{TOKEN}"
AUTHORIZATION = f"{TOKEN}.{THUMBPRINT}".encode()


def get(path=PATH, host="www.example.org", method="GET", extra=""):
    return f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{extra}\r\n".encode("latin-1")


def answer(body=AUTHORIZATION, status="200 OK", extra="", length=None):
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\n{extra}Content-Length: {size}\r\n\r\n".encode() + body


class Cases:
    """Connections in one capture, told apart by the client's port."""

    def __init__(self):
        self.ports = itertools.count(20000)
        self.packets, self.names = [], {}

    def add(self, name, *payloads, dport=80, **addresses):
        port = next(self.ports)
        self.names[port] = name
        self.packets += craft.conversation(*payloads, sport=port, dport=dport, **addresses)
        return self

    def write(self, path):
        return craft.write_pcap(path, [craft.ethernet(packet) for packet in self.packets])

    def ask(self, ws, path, fields, display_filter="acme", **options):
        """{case: [rows]}"""
        found = {}
        for source, to, *row in ws.rows(self.write(path), ["tcp.srcport", "tcp.dstport", *fields], display_filter, **options):
            name = self.names.get(int(source)) or self.names[int(to)]
            found.setdefault(name, []).append(tuple(row))
        return found


# HTTP-01


def test_answers(ws, tmp_path):
    cases = Cases()
    good = {
        "as it should be": answer(),
        "line end": answer(AUTHORIZATION + b"\r\n"),
        "white space": answer(AUTHORIZATION + b" \t\r\n\n\x0c"),
        "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n" + AUTHORIZATION[:5] + b"\r\n" +
                   f"{len(AUTHORIZATION) - 5:x}\r\n".encode() + AUTHORIZATION[5:] + b"\r\n0\r\n\r\n",
        "gzip": answer(gzip.compress(AUTHORIZATION), extra="Content-Encoding: gzip\r\n"),
        "html type": answer(extra="Content-Type: text/html\r\n"),
        "octet stream": answer(extra="Content-Type: application/octet-stream\r\n"),
        "until the end of the connection": b"HTTP/1.0 200 OK\r\n\r\n" + AUTHORIZATION,
    }
    bad = {
        "white space in front": answer(b" " + AUTHORIZATION),
        "text behind": answer(AUTHORIZATION + b"\nmore"),
        "two of them": answer(AUTHORIZATION + b"\n" + AUTHORIZATION),
        "byte order mark": answer(b"\xef\xbb\xbf" + AUTHORIZATION),
        "zero byte": answer(AUTHORIZATION + b"\0"),
        "short thumbprint": answer(AUTHORIZATION[:-1]),
        "long thumbprint": answer(AUTHORIZATION + b"A"),
        "padded thumbprint": answer(AUTHORIZATION + b"="),
        "standard base64": answer(AUTHORIZATION.replace(b"-", b"+").replace(b"_", b"/")),
        "token only": answer(TOKEN.encode()),
        "token and dot": answer(TOKEN.encode() + b"."),
        "other token": answer(b"A" + AUTHORIZATION[1:]),
        "token in other case": answer(AUTHORIZATION.swapcase()),
        "empty": answer(b""),
        "white space only": answer(b"\r\n"),
        "thirty thousand bytes": answer(AUTHORIZATION + b"x" * 30000),
    }
    for name, response in {**good, **bad}.items():
        cases.add(name, get(), response)
    found = cases.ask(ws, tmp_path / "a.pcap", ["acme.valid", "acme.key_authorization_mismatch"], "acme.status")
    assert {name: [yes(valid) for valid, _ in rows] for name, rows in found.items()} == {
        **{name: [True] for name in good}, **{name: [False] for name in bad}}
    assert {name for name, rows in found.items() if rows[0][1]} == set(bad)
    assert found == cases.ask(ws, tmp_path / "a.pcap", ["acme.valid", "acme.key_authorization_mismatch"], "acme.status", two_pass=True)
    authorizations = cases.ask(ws, tmp_path / "a.pcap", ["acme.key_authorization", "acme.thumbprint"], "acme.key_authorization")
    assert {name for name in authorizations} == {*good, "short thumbprint", "long thumbprint", "other token", "token in other case",
                                                 "token and dot", "text behind", "two of them"}
    assert all(authorizations[name] == [(AUTHORIZATION.decode(), THUMBPRINT)] for name in good)


def test_incomplete_answers_are_not_judged(ws, tmp_path):
    cases = Cases().add("cut off", get(), answer(AUTHORIZATION, length=5000)).add("whole", get(), answer())
    found = cases.ask(ws, tmp_path / "a.pcap", ["acme.status", "acme.valid"], "acme.status", prefs={"http.desegment_body": "FALSE"})
    assert {name: [(status, yes(valid)) for status, valid in rows] for name, rows in found.items()} == {
        "cut off": [("200", None)], "whole": [("200", True)]}


def test_statuses(ws, tmp_path):
    cases = Cases()
    for status in ("200 OK", "201 Created", "204 No Content", "206 Partial Content", "300 Multiple Choices", "304 Not Modified",
                   "400 Bad Request", "403 Forbidden", "404 Not Found", "500 Error", "503 Unavailable"):
        cases.add(status, get(), answer(status=status) if status[:3] not in ("204", "304") else f"HTTP/1.1 {status}\r\n\r\n".encode())
    cases.add("redirect to nowhere", get(), answer(b"", "302 Found"))
    cases.add("after 100", get(), b"HTTP/1.1 100 Continue\r\n\r\n" + answer())
    cases.add("HEAD", get(method="HEAD"), answer(b"", length=87))
    cases.add("POST", get(method="POST", extra="Content-Length: 0\r\n"), answer())
    found = cases.ask(ws, tmp_path / "a.pcap", ["acme.status", "acme.valid", "acme.http_error"], "acme.status")
    assert {name: [(status, yes(valid), bool(error)) for status, valid, error in rows] for name, rows in found.items()} == {
        "200 OK": [("200", True, False)], "after 100": [("200", True, False)],
        "HEAD": [("200", None, False)], "POST": [("200", None, False)], "redirect to nowhere": [("302", False, True)],
        **{name: [(name[:3], False, True)] for name in cases.names.values() if name[:3].isdigit() and name != "200 OK"}}


def test_requests(ws, tmp_path):
    cases = Cases()
    cases.add("other port", get(), answer(), dport=8888)
    cases.add("absolute", get("http://WWW.Example.ORG:80" + PATH, host="proxy.example.net"), answer())
    cases.add("host with port", get(host="WWW.EXAMPLE.ORG.:80"), answer())
    cases.add("IPv6 host", get(host="[2001:db8::5]"), answer(), src="2001:db8::1", dst="2001:db8::5")
    cases.add("IPv4 host", get(host="192.0.2.9:8080"), answer())
    cases.add("no host", f"GET {PATH} HTTP/1.0\r\n\r\n".encode(), answer())
    cases.add("query", get(PATH + "?a=b"), answer())
    cases.add("bytes", get("/.well-known/acme-challenge/\xff\x01%41"), answer())
    cases.add("slash", get("/.well-known/acme-challenge/a/b"), answer(b"", "404 No"))
    cases.add("scanner", get("/.well-known/acme-challenge/index.php"), answer(b"", "404 No"))
    cases.add("21 characters", get("/.well-known/acme-challenge/" + "A" * 21), answer(b"", "404 No"))
    cases.add("22 characters", get("/.well-known/acme-challenge/" + "A" * 22), answer(b"", "404 No"))
    cases.add("host with control characters", get(host="www\x01\x7f.example.org"), answer())
    fields = ["acme.domain", "acme.token", "acme.token_charset", "acme.token_short"]
    found = cases.ask(ws, tmp_path / "a.pcap", fields, "acme && http.request")
    assert {name: [(domain, token, bool(charset), bool(short)) for domain, token, charset, short in rows] for name, rows in found.items()} == {
        "other port": [("www.example.org", TOKEN, False, False)],
        "absolute": [("www.example.org", TOKEN, False, False)],
        "host with port": [("www.example.org", TOKEN, False, False)],
        "IPv6 host": [("2001:db8::5", TOKEN, False, False)],
        "IPv4 host": [("192.0.2.9", TOKEN, False, False)],
        "no host": [("", TOKEN, False, False)],
        "query": [("www.example.org", TOKEN, False, False)],
        "bytes": [("www.example.org", found["bytes"][0][1], True, True)],
        "slash": [("www.example.org", "a/b", True, True)],
        "scanner": [("www.example.org", "index.php", True, True)],
        "21 characters": [("www.example.org", "A" * 21, False, True)],
        "22 characters": [("www.example.org", "A" * 22, False, False)],
        "host with control characters": [(found["host with control characters"][0][0], TOKEN, False, False)],
    }
    assert found["bytes"][0][1].isprintable() and found["host with control characters"][0][0].isprintable()


def test_what_only_looks_like_it(ws, tmp_path):
    cases = Cases()
    for number, path in enumerate(["/.well-known/acme-challenge/", "/.well-known/acme-challenge", "/.well-known/acme-challenges/" + TOKEN,
                                   "/x/.well-known/acme-challenge/" + TOKEN, "//.well-known/acme-challenge/" + TOKEN,
                                   "/?u=/.well-known/acme-challenge/" + TOKEN, "/.WELL-KNOWN/ACME-CHALLENGE/" + TOKEN,
                                   "/.well-known/mud/" + TOKEN, "/.well-known/acme-challenge/?x", "/%2ewell-known/acme-challenge/" + TOKEN]):
        cases.add(f"path {number}", get(path), answer())
    cases.add("referer", get("/", extra=f"Referer: http://www.example.org{PATH}\r\n"), answer())
    cases.add("link", get("/"), answer(f"<a href='http://www.example.org{PATH}'>x</a>".encode()))
    cases.add("redirect", get("/"), answer(b"", "302 Found", f"Location: {PATH}x\r\n"))
    cases.add("json", get("/dir"), answer(json.dumps({"newNonce": "x", "newAccount": 1}).encode(), extra="Content-Type: application/json\r\n"))
    cases.add("order of another kind", get("/o"), answer(json.dumps({"authorizations": [], "finalize": "x"}).encode(),
                                                        extra="Content-Type: application/json\r\n"))
    jws = json.dumps({"protected": base64.urlsafe_b64encode(b'{"alg":"RS256"}').decode().rstrip("="), "payload": "e30", "signature": "x"})
    cases.add("other JWS", get("/j", method="POST", extra=f"Content-Type: application/jose+json\r\nContent-Length: {len(jws)}\r\n") + jws.encode(), answer())
    assert cases.ask(ws, tmp_path / "a.pcap", []) == {}
    assert len(cases.ask(ws, tmp_path / "a.pcap", [], "http.request")) == len(cases.names)


def test_pipelined_requests(ws, tmp_path):
    tokens = [letter * 43 for letter in "ABC"]
    requests = b"".join(get("/.well-known/acme-challenge/" + token) for token in tokens)
    answers = b"".join(answer(f"{token}.{THUMBPRINT}".encode()) for token in tokens)
    cases = Cases().add("good", requests, answers).add("shifted", requests, answer() + answers)
    found = cases.ask(ws, tmp_path / "a.pcap", ["acme.token", "acme.valid"], "acme.status")
    tokens = ",".join(tokens)
    assert [(token, [yes(v) for v in valid.split(",")]) for token, valid in found["good"]] == [(tokens, [True] * 3)]
    assert [(token, [yes(v) for v in valid.split(",")]) for token, valid in found["shifted"]] == [(tokens, [False] * 3)]


def test_pages_beside_a_challenge_are_not_touched(ws, tmp_path):
    cases = Cases().add("one connection", get("/index.html"), answer(b"hello"), get(), answer(), get("/other"), answer(b"hello"))
    path = cases.write(tmp_path / "a.pcap")
    assert [bool(row[0]) for row in ws.rows(path, ["acme.domain"], "http")] == [False, False, True, True, False, False]
    protocols = [protocol for protocol, _ in ws.columns(path) if protocol != "TCP"]
    assert protocols == ["HTTP", "HTTP", "ACME", "ACME", "HTTP", "HTTP"]


REDIRECTS = [
    ("/a?b=c", "www.example.org", "/a?b=c", 80),
    ("../next", "www.example.org", "/.well-known/next", 80),
    ("./../../a/./b/../next?c", "www.example.org", "/a/next?c", 80),
    ("//other.example.net/x", "other.example.net", "/x", 80),
    ("HTTP://Other.Example.Net:80/x#y", "other.example.net", "/x", 80),
    ("http://other.example.net", "other.example.net", "/", 80),
    ("http://other.example.net:8080/x", "other.example.net:8080", "/x", 8080),
    ("http://[2001:db8::9]:81/x", "[2001:db8::9]:81", "/x", 81),
    ("ftp://other.example.net/x", None, "/x", 80),
    ("mailto:x", None, "/x", 80),
    ("", None, "/", 80),
]


def test_redirects(ws, tmp_path):
    """The same address asks for the new URL once; others, and the same again, are not part of the challenge."""
    cases = Cases()
    for number, (location, host, path, port) in enumerate(REDIRECTS):
        src = f"192.0.2.{number + 10}"
        cases.add((location, "first"), get(), answer(b"", "302 Found", f"Location: {location}\r\n"), src=src)
        cases.add((location, "someone else"), get(path, host=host or "www.example.org"), answer(), dport=port, src=f"203.0.113.{number + 10}")
        cases.add((location, "follows"), get(path, host=host or "other.example.net"), answer(), dport=port, src=src)
        cases.add((location, "again"), get(path, host=host or "other.example.net"), answer(), dport=port, src=src)
    found = cases.ask(ws, tmp_path / "a.pcap", ["acme.domain", "acme.token", "acme.redirect", "acme.valid"], "acme")
    assert set(found) == {(location, "first") for location, *_ in REDIRECTS} | {(location, "follows") for location, host, *_ in REDIRECTS if host}
    assert {row[:2] for rows in found.values() for row in rows} == {("www.example.org", TOKEN)}
    for location, *_ in REDIRECTS:
        assert found[location, "first"][1][2] == location


def test_redirects_in_circles(ws, tmp_path):
    cases = Cases()
    for number in range(50):
        cases.add(f"{number}", get(), answer(b"", "302 Found", f"Location: http://www.example.org{PATH}\r\n"))
    found = cases.ask(ws, tmp_path / "a.pcap", ["acme.redirect_from", "acme.redirect_in"], "acme", two_pass=True)
    assert [bool(rows[0][0]) for rows in found.values()] == [False] + [True] * 49
    assert [bool(rows[1][1]) for rows in found.values()] == [True] * 49 + [False]


def test_validators_are_counted_by_token(ws, tmp_path):
    cases = Cases()
    for number in range(3):
        cases.add(f"first {number}", get(), answer(), src=f"192.0.2.{number + 1}")
    cases.add("same again", get(), answer(), src="192.0.2.2")
    cases.add("other token", get(PATH + "x"), answer(), src="192.0.2.4")
    found = cases.ask(ws, tmp_path / "a.pcap", ["acme.validators"], "acme.validators")
    assert [rows[0][0] for rows in found.values()] == ["1", "2", "3", "3", "1"]


def test_unanswered(ws, tmp_path):
    cases = Cases().add("silent", get()).add("answered", get(), answer())
    assert cases.ask(ws, tmp_path / "a.pcap", [], "acme.no_response", two_pass=True) == {"silent": [()]}
    assert cases.ask(ws, tmp_path / "a.pcap", [], "acme.no_response") == {}


# DNS-01


def name(text):
    return b"".join(bytes([len(label)]) + label.encode("latin-1") for label in text.split(".") if label) + b"\0"


def question(text, kind=16, flags=0x0100, number=1, klass=1):
    return struct.pack(">HHHHHH", number, flags, 1, 0, 0, 0) + name(text) + struct.pack(">HH", kind, klass)


def record(text, kind, data, klass=1):
    owner = text if isinstance(text, bytes) else name(text)
    return owner + struct.pack(">HHIH", kind, klass, 60, len(data)) + data


def txt(text, *values):
    return record(text, 16, b"".join(bytes([len(value)]) + value.encode() for value in values))


def response(text, *answers, authority=(), kind=16, flags=0x8400, number=1):
    return struct.pack(">HHHHHH", number, flags, 1, len(answers), len(authority), 0) + name(text) + struct.pack(">HH", kind, 1) + \
        b"".join(answers) + b"".join(authority)


class Datagrams:
    def __init__(self):
        self.ports = itertools.count(20000)
        self.packets, self.names = [], {}

    def add(self, label, *messages, src="192.0.2.1", dst="192.0.2.53", dport=53):
        """Messages from the client, and to it if they are answers."""
        port = next(self.ports)
        self.names[port] = label
        for message in messages:
            if message[2] & 0x80:
                self.packets.append(craft.ip(craft.udp(message, dport, port), dst, src))
            else:
                self.packets.append(craft.ip(craft.udp(message, port, dport), src, dst))
        return self

    def ask(self, ws, path, fields, display_filter="acme", **options):
        craft.write_pcap(path, [craft.ethernet(packet) for packet in self.packets])
        found = {}
        for source, to, *row in ws.rows(path, ["udp.srcport", "udp.dstport", *fields], display_filter, **options):
            label = self.names.get(int(source)) or self.names[int(to)]
            found.setdefault(label, []).append(tuple(row))
        return found


CHALLENGE = "_acme-challenge.www.example.org"
DIGEST = "gfj9Xq-Rg85nM_b2G4hYNSmMG8MPVa6s0iVYk4NCRpU"
SOA = record("example.org", 6, name("ns.example.org") + name("h.example.org") + bytes(20))
NS = record("example.org", 2, name("ns.example.org"))


def test_dns_answers(ws, tmp_path):
    answers = {
        "digest": (response(CHALLENGE, txt(CHALLENGE, DIGEST)), True, [DIGEST]),
        "compressed": (response(CHALLENGE, txt(b"\xc0\x0c", DIGEST)), True, [DIGEST]),
        "two strings": (response(CHALLENGE, txt(CHALLENGE, DIGEST[:10], DIGEST[10:])), True, [DIGEST]),
        "two records": (response(CHALLENGE, txt(CHALLENGE, DIGEST), txt(CHALLENGE, "A" * 43)), True, [DIGEST, "A" * 43]),
        "one of two": (response(CHALLENGE, txt(CHALLENGE, "hello"), txt(CHALLENGE, DIGEST)), True, ["hello", DIGEST]),
        "mixed case": (response("_aCmE-cHaLlEnGe.WwW.eXaMpLe.OrG", txt("_ACME-challenge.www.example.ORG", DIGEST)), True, [DIGEST]),
        "42 characters": (response(CHALLENGE, txt(CHALLENGE, DIGEST[:-1])), False, [DIGEST[:-1]]),
        "44 characters": (response(CHALLENGE, txt(CHALLENGE, DIGEST + "=")), False, [DIGEST + "="]),
        "standard base64": (response(CHALLENGE, txt(CHALLENGE, DIGEST.replace("-", "+"))), False, [DIGEST.replace("-", "+")]),
        "key authorization": (response(CHALLENGE, txt(CHALLENGE, AUTHORIZATION.decode())), False, [AUTHORIZATION.decode()]),
        "TXT of another name": (response(CHALLENGE, txt("other.example.org", DIGEST)), False, []),
        "NXDOMAIN": (response(CHALLENGE, flags=0x8403), False, []),
        "SERVFAIL": (response(CHALLENGE, flags=0x8182), False, []),
        "no data": (response(CHALLENGE, authority=[SOA], flags=0x8000), False, []),
        "empty from a resolver": (response(CHALLENGE, flags=0x8180), False, []),
        "referral": (response(CHALLENGE, authority=[NS], flags=0x8000), None, []),
        "empty from nobody": (response(CHALLENGE, flags=0x8000), None, []),
        "truncated": (response(CHALLENGE, flags=0x8600), None, []),
        "CNAME only": (response(CHALLENGE, record(CHALLENGE, 5, name("a.example.net"))), None, []),
        "CNAME chain": (response(CHALLENGE, txt("b.example.net", DIGEST), record("a.example.net", 5, name("b.example.net")),
                                 record(CHALLENGE, 5, name("a.example.net"))), True, [DIGEST]),
        "CNAME and TXT of the first": (response(CHALLENGE, record(CHALLENGE, 5, name("a.example.net")), txt(CHALLENGE, DIGEST)), None, []),
        "CNAME in circles": (response(CHALLENGE, record(CHALLENGE, 5, name("a.example.net")),
                                      record("a.example.net", 5, name(CHALLENGE))), None, []),
        "CNAME to the root": (response(CHALLENGE, record(CHALLENGE, 5, b"\0")), None, []),
    }
    packets = Datagrams()
    for label, (message, _, _) in answers.items():
        packets.add(label, question(CHALLENGE), message)
    found = packets.ask(ws, tmp_path / "d.pcap", ["acme.valid", "acme.dns.digest", "acme.dns.error"], "acme && dns.flags.response == 1")
    wanted = {label: (valid, ",".join(values), valid is False) for label, (_, valid, values) in answers.items()}
    assert {label: (yes(row[0]), row[1], bool(row[2])) for label, (row,) in found.items()} == wanted
    malformed = packets.ask(ws, tmp_path / "d.pcap", [], "acme.dns.digest_malformed")
    assert set(malformed) == {"one of two", "42 characters", "44 characters", "standard base64", "key authorization"}


def test_dns_names(ws, tmp_path):
    account = "_ujmmovf2vn55tgye." + CHALLENGE
    shown = {
        "plain": (question(CHALLENGE), "3", "www.example.org"),
        "wild": (question("_acme-challenge.example.org"), "3", "example.org"),
        "top level": (question("_acme-challenge.org"), "3", "org"),
        "NS": (question(CHALLENGE, kind=2), "3", "www.example.org"),
        "unknown type": (question(CHALLENGE, kind=65280), "3", "www.example.org"),
        "account": (question(account), "4", "www.example.org"),
        "control characters": (question("_acme-challenge.a\x01b.example.org"), "3", "a\\001b.example.org"),
        "other port": (question(CHALLENGE), "3", "www.example.org"),
    }
    hidden = {
        "no domain": question("_acme-challenge"),
        "longer label": question("_acme-challenges.example.org"),
        "shorter label": question("_acme-challeng.example.org"),
        "no underscore": question("acme-challenge.example.org"),
        "further down": question("a._acme-challenge.example.org"),
        "not an account": question("_ujmmovf2vn55tgy1._acme-challenge.example.org"),
        "chaos": question(CHALLENGE, klass=3),
        "update": question(CHALLENGE, flags=0x2800),
        "no question": struct.pack(">HHHHHH", 1, 0x0100, 0, 0, 0, 0) + name(CHALLENGE),
        "cut off": question(CHALLENGE)[:30],
        "pointer to itself": struct.pack(">HHHHHH", 1, 0x0100, 1, 0, 0, 0) + b"\x0f_acme-challenge\xc0\x0c" + struct.pack(">HH", 16, 1),
        "pointer ahead": struct.pack(">HHHHHH", 1, 0x0100, 1, 0, 0, 0) + b"\x0f_acme-challenge\xc0\xff" + struct.pack(">HH", 16, 1),
        "too long": question(".".join(["_acme-challenge", *["a" * 60] * 5])),
    }
    packets = Datagrams()
    for label, (message, _, _) in shown.items():
        packets.add(label, message, dport=5300 if label == "other port" else 53)
    for label, message in hidden.items():
        packets.add(label, message)
    found = packets.ask(ws, tmp_path / "d.pcap", ["acme.challenge.type", "acme.domain"], options=["-d", "udp.port==5300,dns"])
    assert found == {label: [(kind, domain)] for label, (_, kind, domain) in shown.items()}


def test_dns_aliases_belong_to_the_client_that_was_sent_there(ws, tmp_path):
    packets = Datagrams()
    redirected = response(CHALLENGE, record(CHALLENGE, 5, name("alias.example.net")))
    packets.add("before", question("alias.example.net"), response("alias.example.net", txt("alias.example.net", DIGEST)))
    packets.add("sent there", question(CHALLENGE), redirected)
    packets.add("goes there", question("alias.example.net"), response("alias.example.net", txt("alias.example.net", DIGEST)), dst="192.0.2.54")
    packets.add("other type", question("alias.example.net", kind=1))
    packets.add("other client", question("alias.example.net"), src="192.0.2.2")
    for two_pass in (False, True):
        found = packets.ask(ws, tmp_path / "d.pcap", ["acme.domain", "acme.dns.alias"], two_pass=two_pass)
        assert found == {"sent there": [("www.example.org", "")] * 2, "goes there": [("www.example.org", "alias.example.net")] * 2}


def test_dns_repeated_question_is_one(ws, tmp_path):
    packets = Datagrams().add("again", question(CHALLENGE), question(CHALLENGE), response(CHALLENGE, txt(CHALLENGE, DIGEST)),
                              question(CHALLENGE), response(CHALLENGE, flags=0x8403))
    rows = packets.ask(ws, tmp_path / "d.pcap", ["frame.number", "acme.response_in", "acme.response_to"], two_pass=True)["again"]
    assert rows == [("1", "3", ""), ("2", "3", ""), ("3", "", "1"), ("4", "5", ""), ("5", "", "4")]
    packets = Datagrams().add("alone", response(CHALLENGE, txt(CHALLENGE, DIGEST)))
    assert packets.ask(ws, tmp_path / "e.pcap", ["acme.domain", "acme.response_to"])["alone"] == [("www.example.org", "")]


def test_dns_streams(ws, tmp_path):
    """Messages in one segment, and over segment ends."""
    def framed(*messages):
        return b"".join(struct.pack(">H", len(message)) + message for message in messages)
    names = [f"_acme-challenge.n{number}.example.org" for number in range(5)]
    asked = framed(*(question(text, number=number) for number, text in enumerate(names)))
    told = framed(*(response(text, txt(text, DIGEST), number=number) for number, text in enumerate(names)))
    cases = Cases().add("whole", asked, told, dport=53)
    connection = craft.Connection(sport=next(cases.ports), dport=53).handshake()
    cases.names[20001] = "in pieces"
    for at in range(0, len(asked), 33):
        connection.client(asked[at:at + 33])
    for at in range(0, len(told), 50):
        connection.server(told[at:at + 50])
    cases.packets += connection.close().packets
    found = cases.ask(ws, tmp_path / "t.pcap", ["acme.domain", "acme.response_to"])
    for label, rows in found.items():
        domains = [domain for row in rows for domain in row[0].split(",")]
        assert domains == [f"n{number}.example.org" for number in range(5)] * 2, label
        assert sum(len(row[1].split(",")) for row in rows if row[1]) == 5


def test_dns_many_records(ws, tmp_path):
    values = [f"{number:043d}" for number in range(1000)]
    cases = Cases()
    message = response(CHALLENGE, *(txt(b"\xc0\x0c", value) for value in values))
    asked = question(CHALLENGE)
    cases.add("many", struct.pack(">H", len(asked)) + asked, struct.pack(">H", len(message)) + message, dport=53)
    found = cases.ask(ws, tmp_path / "t.pcap", ["acme.dns.digest"], "acme.valid")
    assert found["many"][0][0].split(",") == values[:512]


# TLS-ALPN-01


def vector(size, data):
    return len(data).to_bytes(size, "big") + data


def client_hello(server_name=b"www.example.org", protocols=(b"acme-tls/1",), records=1):
    extensions = b""
    if server_name is not None:
        extensions += struct.pack(">H", 0) + vector(2, vector(2, b"\0" + vector(2, server_name)))
    if protocols:
        extensions += struct.pack(">H", 16) + vector(2, vector(2, b"".join(vector(1, p) for p in protocols)))
    body = b"\x03\x03" + bytes(32) + b"\0" + vector(2, b"\xc0\x2b") + vector(1, b"\0") + vector(2, extensions)
    message = b"\x01" + vector(3, body)
    size = -(-len(message) // records)
    return b"".join(b"\x16\x03\x01" + vector(2, message[at:at + size]) for at in range(0, len(message), size))


def test_tls_client_hellos(ws, tmp_path):
    arpa6 = ".".join(reversed("20010db8000000000000000000000005")) + ".ip6.arpa"
    cases = Cases()
    cases.add("plain", client_hello(), dport=443)
    cases.add("other port", client_hello(), dport=5001)
    cases.add("upper case", client_hello(b"WWW.Example.ORG"), dport=443)
    cases.add("IPv4 address", client_hello(b"9.2.0.192.in-addr.arpa"), dport=443)
    cases.add("IPv6 address", client_hello(arpa6.encode()), dport=443, src="2001:db8::1", dst="2001:db8::5")
    cases.add("not an address", client_hello(b"999.2.0.192.in-addr.arpa"), dport=443)
    cases.add("no name", client_hello(None), dport=443)
    cases.add("others, too", client_hello(protocols=(b"h2", b"acme-tls/1")), dport=443)
    cases.add("three records", client_hello(records=3), dport=443)
    for label, protocols in {"h2": (b"h2", b"http/1.1"), "none": (), "longer": (b"acme-tls/10",), "shorter": (b"acme-tls/",), "other case": (b"ACME-TLS/1",)}.items():
        cases.add(label, client_hello(protocols=protocols), dport=443)
    cases.add("name says so", client_hello(b"acme-tls.example.org", (b"h2",)), dport=443)
    fields = ["acme.domain", "acme.tls.sni_missing", "acme.tls.alpn_others"]
    found = cases.ask(ws, tmp_path / "t.pcap", fields)
    assert {label: [(domain, bool(sni), bool(alpn)) for domain, sni, alpn in rows] for label, rows in found.items()} == {
        "plain": [("www.example.org", False, False)],
        "other port": [("www.example.org", False, False)],
        "upper case": [("www.example.org", False, False)],
        "IPv4 address": [("192.0.2.9", False, False)],
        "IPv6 address": [("2001:db8::5", False, False)],
        "not an address": [("999.2.0.192.in-addr.arpa", False, False)],
        "no name": [("", True, False)],
        "others, too": [("www.example.org", False, True)],
        "three records": [("www.example.org", False, False)],
    }
    assert len(cases.ask(ws, tmp_path / "t.pcap", [], "tls.handshake.type == 1")) == len(cases.names)


def certificate(identifier, names, critical=True):
    """As much of a certificate as the dissector needs."""
    def der(tag, *parts):
        data = b"".join(parts)
        return bytes([tag]) + (bytes([len(data)]) if len(data) < 128 else b"\x82" + len(data).to_bytes(2, "big")) + data
    def oid(text):
        return der(6, bytes.fromhex(text))
    algorithm = der(0x30, oid("2a864886f70d01010b"), der(5))
    extensions = [der(0x30, oid("551d11"), der(4, der(0x30, *(der(tag, value) for tag, value in names))))] if names else []
    if identifier is not None:
        extensions.append(der(0x30, oid("2b0601050507011f"), der(1, b"\xff") if critical else b"", der(4, identifier)))
    empty = der(0x30)
    validity = der(0x30, der(0x17, b"260101000000Z"), der(0x17, b"270101000000Z"))
    key = der(0x30, algorithm, der(3, b"\0" + der(0x30, der(2, b"\x01"), der(2, b"\x03"))))
    to_be_signed = der(0x30, der(0xa0, der(2, b"\x02")), der(2, b"\x01"), algorithm, empty, validity, empty, key,
                       der(0xa3, der(0x30, *extensions)))
    return der(0x30, to_be_signed, algorithm, der(3, b"\0\0"))


def server_flight(der, alpn=b"acme-tls/1"):
    extensions = struct.pack(">H", 16) + vector(2, vector(2, vector(1, alpn))) if alpn else b""
    hello = b"\x03\x03" + bytes(32) + b"\0" + b"\xc0\x2b" + b"\0" + (vector(2, extensions) if extensions else b"")
    messages = b"\x02" + vector(3, hello) + b"\x0b" + vector(3, vector(3, vector(3, der)))
    return b"\x16\x03\x03" + vector(2, messages)


def test_tls_certificates(ws, tmp_path):
    digest = b"\x04\x20" + hashlib.sha256(AUTHORIZATION).digest()
    dns, address = (0x82, b"www.example.org"), (0x87, bytes([192, 0, 2, 9]))
    verdicts = {
        "good": (server_flight(certificate(digest, [dns])), True),
        "upper case name": (server_flight(certificate(digest, [(0x82, b"WWW.example.org")])), True),
        "not critical": (server_flight(certificate(digest, [dns], critical=False)), False),
        "no identifier": (server_flight(certificate(None, [dns])), False),
        "two names": (server_flight(certificate(digest, [dns, (0x82, b"a.example.org")])), False),
        "other name": (server_flight(certificate(digest, [(0x82, b"a.example.org")])), False),
        "no name": (server_flight(certificate(digest, [])), False),
        "address": (server_flight(certificate(digest, [address])), False),
        "short digest": (server_flight(certificate(b"\x04\x1f" + bytes(31), [dns])), False),
        "not an octet string": (server_flight(certificate(b"\x03\x20" + bytes(32), [dns])), False),
        "other protocol": (server_flight(certificate(digest, [dns]), b"h2"), False),
        "no protocol": (server_flight(certificate(digest, [dns]), None), False),
        "alert": (b"\x15\x03\x03\x00\x02\x02\x78", False),
    }
    cases = Cases()
    for label, (flight, _) in verdicts.items():
        cases.add(label, client_hello(), flight, dport=443)
    cases.add("address asked for", client_hello(b"9.2.0.192.in-addr.arpa"), server_flight(certificate(digest, [address])), dport=443)
    cases.add("not a challenge", client_hello(protocols=(b"h2",)), server_flight(certificate(digest, [dns])), dport=443)
    found = cases.ask(ws, tmp_path / "t.pcap", ["acme.valid"], "acme.valid")
    assert {label: [yes(row[0]) for row in rows] for label, rows in found.items()} == {
        **{label: [valid] for label, (_, valid) in verdicts.items()}, "address asked for": [True]}
    found = cases.ask(ws, tmp_path / "t.pcap", ["acme.tls.digest", "acme.tls.critical"], "acme.tls.digest")
    assert {row[0].replace(":", "") for rows in found.values() for row in rows} == {digest[2:].hex()}
    assert [label for label, rows in found.items() if not yes(rows[0][1])] == ["not critical"]
    assert "not a challenge" in found       # the certificate says what it is, the connection is none
    assert set(cases.ask(ws, tmp_path / "t.pcap", [], "acme.tls.identifier_malformed")) == {"short digest", "not an octet string"}


# The API


def b64(data):
    return base64.urlsafe_b64encode(data if isinstance(data, bytes) else json.dumps(data).encode()).decode().rstrip("=")


def signed(url, payload, key=None, **header):
    protected = {"alg": "ES256", "nonce": "n", "url": url, **({"jwk": key} if key else {"kid": "https://ca.example.org/acct/1"}), **header}
    body = json.dumps({"protected": b64(protected), "payload": b64(payload) if payload is not None else "", "signature": "c2ln"})
    path = url.removeprefix("https://ca.example.org")
    return get(path, "ca.example.org", "POST", f"Content-Type: application/jose+json\r\nContent-Length: {len(body)}\r\n") + body.encode()


def told(value, status="200 OK", kind="application/json", extra=""):
    return answer(json.dumps(value).encode(), status, f"Content-Type: {kind}\r\n{extra}")


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


# Whatever the packets look like


def http_frames():
    return [craft.ethernet(packet) for packet in craft.conversation(get(), answer(), dport=80)]


def test_http_segmented_anywhere(ws, tmp_path):
    fields = ["acme.domain", "acme.token", "acme.valid", "acme.key_authorization"]
    assert_same_for_all(ws, segmentations(tmp_path / "s.pcap", http_frames(), step=3), fields, two_pass=True)


def test_client_hello_segmented_anywhere(ws, tmp_path):
    frames = [craft.ethernet(packet) for packet in craft.conversation(client_hello(), server_flight(certificate(
        b"\x04\x20" + bytes(32), [(0x82, b"www.example.org")])), dport=443)]
    assert_same_for_all(ws, segmentations(tmp_path / "s.pcap", frames, step=3), ["acme.domain", "acme.valid", "acme.tls.digest"])


def test_encapsulations_and_duplicates(ws, tmp_path):
    assert_same_for_all(ws, encapsulations(tmp_path, http_frames()), ["acme.token", "acme.valid"])
    assert_same_for_all(ws, duplications(tmp_path / "d.pcap", http_frames()), ["acme.token", "acme.valid"])


@pytest.mark.parametrize("capture", ["acme-dns01/dns01-bind.pcap", "acme-tlsalpn01/tls12.pcap"])
def test_truncated_everywhere(ws, tmp_path, captures, capture):
    frames = [frame for frame in frames_of(captures / capture) if len(frame) > 70]
    assert_survives(ws, truncated_frames(tmp_path / "t.pcap", frames[::7]))


def test_files_do_not_leak(ws, captures):
    assert_files_do_not_leak(ws, captures / "acme-dns01/dns01-tcp.pcap", captures / "acme-http01/http01-failures.pcap",
                             ["acme.domain", "acme.validators", "acme.response_to"], "acme")


def test_alone_and_with_others(ws, captures):
    assert_independent_of_others(ws, "acme", captures / "acme-http01/http01-failures.pcap", ["acme.domain", "acme.valid"], "acme")

# SPDX-License-Identifier: GPL-2.0-or-later
"""HTTP-01 with bytes of our own: what real software did not send in test-captures. Many cases in one capture, each with a port of its own."""

import base64
import gzip
import json

from acme.crafted import AUTHORIZATION, BOTH, PATH, THUMBPRINT, TOKEN, Cases, answer, get, name, response
from acme.test_servers_and_clients import yes


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
                                                 "token and dot", "text behind", "two of them", "byte order mark"}
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
        "21 characters": [("www.example.org", "A" * 21, False, True)],
        "22 characters": [("www.example.org", "A" * 22, False, False)],
        "host with control characters": [(found["host with control characters"][0][0], TOKEN, False, False)],
    }
    assert found["bytes"][0][1].isprintable() and found["host with control characters"][0][0].isprintable()


def test_who_looks_for_something_else_below_that_path(ws, tmp_path):
    """Scanners want files and folders; people try it with "test". Nothing is said of how that ends, but of what the API or the answer proves."""
    cases = Cases()
    files = ["index.php", "wp-login.php?x=1", ".env", "../../etc/passwd", "cloud/", "a" * 30 + ".txt"]
    short = ["test", "letsdebug-test", "token%2e"]
    missing = answer(b"<html>404</html>", "404 Not Found", "Content-Type: text/html\r\n")
    for token in files + short:
        cases.add(token, get("/.well-known/acme-challenge/" + token), missing)
    cases.add("page", get("/.well-known/acme-challenge/x"), answer(b"<html>Welcome</html>"))
    cases.add("silent", get("/.well-known/acme-challenge/y"))
    cases.add("sent away", get("/.well-known/acme-challenge/z"), answer(b"", "302 Found", "Location: /.well-known/acme-challenge/z\r\n"))
    cases.add("short token", get("/.well-known/acme-challenge/short"), answer(f"short.{THUMBPRINT}".encode()))
    found = cases.ask(ws, tmp_path / "s.pcap", ["acme.token_short", "acme.valid", "acme.cause", "acme.outcome", "acme.http_error", "acme.no_response"],
                      two_pass=True)
    assert set(found) == {*short, "page", "silent", "sent away", "short token"}
    assert all(rows[0][0] for rows in found.values())
    assert yes(found["short token"][1][1]) and found.pop("short token")[1][3] == "well-formed"
    assert {row[1:] for rows in found.values() for row in rows} == {("",) * 5}
    verdicts = ws.statistics(tmp_path / "s.pcap", "acme,verdicts", two_pass=True)
    assert verdicts.count("www.example.org") == 1


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


def test_request_that_its_answer_makes_interesting(ws, tmp_path):
    """It has its items in later passes, at its own place among the requests of its packet."""
    directory = answer(json.dumps({name: "x" for name in ("newNonce", "newAccount", "newOrder")}).encode(), extra="Content-Type: application/json\r\n")
    capture = Cases().add("both", get("/dir") + get(), directory + answer()).write(tmp_path / "a.pcap")
    shown = ws.verbose(capture, "-2", "-Y", "http.request")
    places = [shown.index(text) for text in ("GET /dir HTTP", "Resource: directory", f"GET {PATH} HTTP", f"Token: {TOKEN}")]
    assert places == sorted(places)


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


def chunked(*pieces, extra="", trailer=b""):
    body = b"".join(f"{len(piece):X};x=y\r\n".encode() + piece + b"\r\n" for piece in pieces)
    return f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n{extra}\r\n".encode() + body + b"0\r\n" + trailer + b"\r\n"


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

# SPDX-License-Identifier: GPL-2.0-or-later
"""Failures as users of ACME report them in public: what the capture looks like, the authority's word, and what the plugin says."""

import hashlib
import struct

import pytest

from acme.crafted import (CHALLENGE, TOKEN, Cases, answer, certificate, client_hello, get, name, question, record, response, server_flight, told,
                          txt)
from acme.test_api import b64, signed
from acme.test_dns import DIGEST, SOA
from acme.test_servers_and_clients import yes
from acme.test_verdicts import (BASE, BYTE_ORDER_MARK, CAA, CERTIFICATE, DNS_ERROR, HTTP_ERROR, LOOP, NO_ANSWER, NO_TXT, NONE, PAGE, REDIRECT, REFUSED,
                                TEXT, THUMBPRINT_DIFFERS, TXT_DIFFERS, account_and_authorization, caa, handshake, problem)
from harness import craft
from harness.tshark import TOP

SERVER = "198.51.100.1"
HTML = "Content-Type: text/html\r\n"
INVALID, VALID = "authority says invalid", "authority says valid"


class Situations(Cases):
    """Each has a name, a validator and a token of its own, an authorization before and the authority's word behind it."""

    def __init__(self):
        super().__init__()
        self.thumbprint = account_and_authorization(self, domain="account.example.org")
        self.wanted = {}

    def begin(self, label, kind, cause, text):
        number = len(self.wanted)
        self.wanted[label] = (cause, text)
        self.label, self.kind, self.host, self.src = label, kind, f"n{number}.example.org", f"192.0.2.{number + 1}"
        self.token = f"{number:02d}" + TOKEN[2:]
        self.authorization = f"{self.token}.{self.thumbprint}".encode()
        self.tell("pending")
        return self

    def tell(self, status, **members):
        one = {"type": self.kind, "url": f"{BASE}c/{self.host}", "token": self.token, "status": status, **members}
        self.add(f"{self.label}: {status}", signed(f"{BASE}z/{self.host}", None), told({
            "status": status, "identifier": {"type": "dns", "value": self.host}, "challenges": [one]}))

    def fails(self, kind="unauthorized", detail="", **members):
        self.tell("invalid", error=problem(kind, detail), **members)

    def http(self, label, cause, text, *answers, end=None):
        """Answers, with the targets of the requests that follow them."""
        self.begin(label, "http-01", cause, text)
        targets = [f"/.well-known/acme-challenge/{self.token}", *answers[1::2]]
        for number, (target, given) in enumerate(zip(targets, [*answers[0::2], None])):
            given = given(self) if callable(given) else given
            self.add(label if number == 0 else f"{label} {number}", get(target, self.host), *([given] if given else []), src=self.src, dst=SERVER)
        if end:
            end(self)
        if cause == NONE and not end:
            self.tell("valid")
        else:
            self.fails()

    def dns(self, label, cause, text, *values, message=None, kind="dns-01"):
        self.begin(label, kind, cause, text)
        owner = f"_acme-challenge.{self.host}"
        given = message(owner) if message else response(owner, *(txt(owner, value(self) if callable(value) else value) for value in values))
        self.stream(label, question(owner), given)

    def stream(self, label, *messages):
        self.add(label, *(struct.pack(">H", len(message)) + message for message in messages), dport=53, src=self.src)

    def tls(self, label, text, given):
        self.begin(label, "tls-alpn-01", CERTIFICATE, text)
        self.add(label, client_hello(self.host.encode()), given, dport=443, src=self.src, dst=SERVER)
        self.fails()

    def digest(self):
        return b64(hashlib.sha256(self.authorization).digest())


def moved(location, status="301 Moved Permanently"):
    return lambda cases: answer(b"", status, f"Location: {location.replace('HOST', cases.host).replace('TOKEN', cases.token)}\r\n")


def over_http(cases):
    def body(before, after=b"", **members):
        return lambda of: answer(before + of.authorization + after, **members)

    def closed(of):
        of.names[1000] = "HTTPS is closed 443"
        of.packets += handshake(1000, 443, of.src, SERVER, "RST")

    def plain(of):
        of.add(of.label + " 443", client_hello(of.host.encode(), ()), b"HTTP/1.1 400 Bad Request\r\n\r\n", dport=443, src=of.src, dst=SERVER)

    def middle(of):
        connection = craft.Connection(next(of.ports), 443, of.src, SERVER).handshake().client(client_hello(of.host.encode(), ()))
        connection.next[1] += 1400      # was not captured
        of.names[connection.ports[0]] = of.label + " 443"
        of.packets += connection.server(b"HTTP/1.1 or whatever is in the middle of a record").packets
    cases.http("wrong webroot", HTTP_ERROR, "HTTP status 404", answer(b"<html>404 Not Found</html>", "404 Not Found", HTML))
    cases.http("blocked by a CDN", HTTP_ERROR, "The answer by cloudflare is HTTP status 403", answer(b"<html>1020</html>", "403 Forbidden", HTML + "Server: cloudflare\r\n"))
    cases.http("login page", PAGE, "mismatch by nginx\\x1b: a page; exempt",
               answer(b"<!DOCTYPE html><title>Sign in</title>", extra=HTML + "Server: nginx\x1b\r\n"))
    cases.http("sent to a login page", PAGE, "a page; exempt", moved("/login", "302 Found"), "/login",
               answer(b"<html>Sign in</html>", extra=HTML))
    cases.wanted["sent to a login page 1"] = cases.wanted["sent to a login page"]
    cases.wanted["sent to a login page"] = (NONE, "The validator is sent elsewhere")
    cases.http("missing slash", REDIRECT, "the slash between host and path is missing", moved("https://HOST.well-known/acme-challenge/TOKEN"))
    cases.http("sent to an address", REDIRECT, "it names a private or reserved address", moved("https://198.51.100.7/x"))
    cases.http("sent to a public address", NONE, "The validator is sent elsewhere", moved("http://203.0.114.7/x"))
    cases.http("sent to a private authority's own", NONE, "The validator is sent elsewhere", moved("https://10.0.0.7/x"))
    cases.http("sent to localhost", REDIRECT, "its host is no public name", moved("http://localhost/x"))
    cases.http("sent to a name of its own network", REDIRECT, "its host is no public name", moved("http://nas.local/x"))
    cases.http("sent by 303", REDIRECT, "Redirect by status 303, which validators do not follow", moved("http://HOST/x", "303 See Other"))
    cases.http("sent by 303, and followed", NONE, "The validator is sent elsewhere", moved("http://HOST/x", "303 See Other"), "/x",
               lambda of: answer(of.authorization))
    cases.wanted["sent by 303, and followed 1"] = (NONE, "")
    cases.http("sent to a long path", REDIRECT, "a path of more than 2000 bytes", moved("http://HOST/" + "x" * 2000))
    cases.http("sent to no host", REDIRECT, "it names no host", moved("https:///x"))
    cases.http("sent to port 8443", REDIRECT, "port or scheme", moved("https://HOST:8443/x"))
    cases.http("loop", LOOP, "asked for before", moved("http://HOST/.well-known/acme-challenge/TOKEN"))
    cases.http("HTTPS is closed", NONE, "The validator is sent elsewhere", moved("https://HOST/x"), end=closed)
    cases.wanted["HTTPS is closed 443"] = (REFUSED, "Connection over IPv4 refused; open the port")
    cases.http("HTTP at port 443", NONE, "The validator is sent elsewhere", moved("https://HOST/x"), end=plain)
    cases.wanted["HTTP at port 443 443"] = (NO_ANSWER, "answers, but not in TLS")
    cases.http("HTTPS from its middle", NONE, "The validator is sent elsewhere", moved("https://HOST/x"), end=middle)
    cases.wanted["HTTPS from its middle 443"] = (NONE, "")
    cases.http("too slow", NO_ANSWER, "look for the request in the server's log", None)
    cases.http("port 80 leads to HTTPS", NO_ANSWER, "answers in TLS; let port 80 lead to the server of HTTP", b"\x15\x03\x01\0\2\2\x46")
    cases.http("another service", NO_ANSWER, "answers, but not in HTTP", b"SSH-2.0-OpenSSH_9.2\r\n")
    cases.http("cut off", NO_ANSWER, "An answer begins, but its end is not in this capture", b"HTTP/1.1 200 OK\r\nContent-Length: 87\r\n\r\neva")
    for label, acknowledged in (("from its middle", False), ("from its middle, acknowledged", True)):
        cases.begin(label, "http-01", None, "")     # it has been answered: nothing is said of what was not captured
        port = next(cases.ports)
        cases.names[port] = cases.label
        connection = craft.Connection(port, 80, cases.src, SERVER).handshake().client(get(f"/.well-known/acme-challenge/{cases.token}", cases.host))
        connection.next[1] += 87    # was not captured
        if acknowledged:
            connection.client(b"", "A")
        cases.packets += connection.server(b"SSH-2.0-OpenSSH_9.2\r\n").packets
        cases.fails()
    cases.http("other client's server", THUMBPRINT_DIFFERS, "another ACME client", lambda of: answer(f"{of.token}.{TOKEN}".encode()))
    cases.http("byte order mark", BYTE_ORDER_MARK, "plain ASCII", body(b"\xef\xbb\xbf"))
    cases.http("blank line of a script", TEXT, "in front of the key authorization", body(b"\n"))
    cases.http("hosting's comment", TEXT, "behind the key authorization", body(b"", b"\n<!-- Hosting analytics -->"))
    cases.http("newline at the end", NONE, "", body(b"", b"\r\n"))


def over_dns(cases):
    def alias(answers, flags):
        return lambda owner: response(owner, record(owner, 5, name("old.example.net")), *answers, authority=[SOA], flags=flags)
    cases.dns("in quotes", TXT_DIFFERS, "the digest in quotes", lambda of: f'"{of.digest()}"')
    cases.dns("with padding", TXT_DIFFERS, "padding (=)", lambda of: of.digest() + "=")
    cases.dns("base64", TXT_DIFFERS, "with + or /", "+" + DIGEST[1:])
    cases.dns("hexadecimal", TXT_DIFFERS, "in hexadecimal", hashlib.sha256(b"").hexdigest())
    cases.dns("white space", TXT_DIFFERS, "with white space", DIGEST + " ")
    cases.dns("key authorization", TXT_DIFFERS, "in the place of its digest", lambda of: of.authorization.decode())
    cases.dns("empty", TXT_DIFFERS, "empty value", "")
    cases.dns("of the last order", TXT_DIFFERS, " of another token or key; publish", DIGEST)
    cases.dns("old ones and the right one", NONE, "", DIGEST, "v=spf1 -all", Situations.digest)
    cases.dns("wildcard of the zone", TXT_DIFFERS, "no digest", "v=spf1 -all")
    cases.dns("alias to a zone that is gone", NO_TXT, "NXDOMAIN at old.example.net, where a CNAME leads", message=alias([], 0x8583))
    cases.dns("alias to an empty name", NO_TXT, "no TXT record at old.example.net", message=alias([], 0x8580))
    cases.dns("alias to a broken zone", DNS_ERROR, "SERVFAIL at old.example.net", message=alias([], 0x8582))
    cases.dns("signatures are broken", DNS_ERROR, "SERVFAIL; mend the zone", message=lambda owner: response(owner, flags=0x8182))
    cases.dns("not published", NO_TXT, "NXDOMAIN; publish", message=lambda owner: response(owner, authority=[SOA], flags=0x8583))
    cases.begin("CAA", "dns-01", CAA, "add a CAA record that allows this authority")
    owner = f"_acme-challenge.{cases.host}"
    cases.stream("TXT", question(owner), response(owner, txt(owner, cases.digest())))
    cases.wanted["TXT"] = (NONE, "")
    cases.stream("CAA", question(cases.host, 257), response(cases.host, caa(cases.host, "issue", "other.example"), kind=257))


def over_tls(cases):
    site = certificate(None, [(0x82, b"n0.example.org")])
    cases.tls("proxy with h2", "server does not choose acme-tls/1", server_flight(site, b"h2"))
    cases.tls("proxy without ALPN", "server does not choose acme-tls/1", server_flight(site, None))
    cases.tls("proxy that refuses", "no_application_protocol", b"\x15\x03\x03\0\2\2\x78")


@pytest.fixture(scope="module")
def cases():
    cases = Situations()
    cases.add("directory", get("/directory", "ca.example.org"), told({
        **{name: BASE + name for name in ("newNonce", "newAccount", "newOrder")}, "meta": {"caaIdentities": ["ca.example.org"]}}))
    over_http(cases)
    over_dns(cases)
    over_tls(cases)
    return cases


def test_situations(ws, tmp_path, cases):
    """The cause of each and what to do, on the packet that shows it."""
    fields = ["acme.valid", "acme.cause", "_ws.expert.message", "acme.outcome"]
    found = cases.ask(ws, tmp_path / "s.pcap", fields, "acme.response_to && !acme.resource || acme.no_response || acme.unreachable", two_pass=True)
    rows = {label: rows[-1] for label, rows in found.items()}
    assert {label: row[1] for label, row in rows.items()} == {label: cause for label, (cause, _) in cases.wanted.items() if cause is not None}
    assert {label: row[2] for label, row in rows.items() if cases.wanted[label][1] not in row[2]} == {}
    assert {label for label, row in rows.items() if row[1] and yes(row[0])} == set()
    # Where the authority has spoken, it has the last word; of what it is silent about, the account's key tells.
    outcomes = {label: row[3] for label, row in rows.items()}
    assert {label for label, outcome in outcomes.items() if outcome == VALID} == {
        "newline at the end", "sent to a public address", "sent to a private authority's own", "sent by 303, and followed 1"}
    assert {label for label, outcome in outcomes.items() if outcome == "valid"} == {"old ones and the right one", "TXT"}
    assert {label for label, outcome in outcomes.items() if outcome == ""} == {"HTTPS is closed", "HTTP at port 443", "HTTPS from its middle", "sent to a login page",
                                                                              "sent by 303, and followed"}
    assert {label for label, outcome in outcomes.items() if outcome == "invalid"} == {
        label for label, (cause, _) in cases.wanted.items() if cause in (TXT_DIFFERS, NO_TXT, DNS_ERROR, CAA)}


def test_the_readme_has_a_question_that_finds_every_failure(ws, tmp_path, cases):
    rows = (TOP / "plugins/acme/README.md").read_text().splitlines()
    asked, = [row.split("`")[1].replace("\\|", "|") for row in rows if row.startswith("| why does the authority not give me a certificate? |")]
    found = set(cases.ask(ws, tmp_path / "q.pcap", [], asked, two_pass=True))
    assert {label for label, (cause, _) in cases.wanted.items() if cause} - found == set()
    assert not found & {"newline at the end", "sent to a public address", "old ones and the right one"}


def test_what_is_no_acme(ws, tmp_path):
    """Neighbours by their path, name, protocol or form: nothing is said of them, in a capture that has ACME, too."""
    cases = Cases()
    cases.add("ACME", get(), answer())
    for path in ("security.txt", "openid-configuration", "pki-validation/fileauth.txt", "mta-sts.txt", "acme-challenge", "acme-challenge/", "acme-challenges/x",
                 "acme-challenge?x=1"):
        cases.add(path, get("/.well-known/" + path), answer(b"not found", "404 Not Found"))
    cases.add("other folder", get("/static/acme-challenge/" + TOKEN), answer(b"x"))
    cases.add("in a query", get("/login?next=/.well-known/acme-challenge/" + TOKEN), answer(b"<html>", extra=HTML))
    cases.add("in a Referer", get("/", extra="Referer: http://www.example.org/.well-known/acme-challenge/x\r\n"), answer(b"", "302 Found", "Location: /x\r\n"))
    url = "https://api.example.org/"
    objects = {"order": {"status": "pending", "total": 7, "items": []}, "problem": {"type": "about:blank", "title": "Not found", "status": 404},
               "half a directory": {"newNonce": url, "newOrder": url}, "challenge": {"type": "otp", "url": url, "status": "valid", "code": 1}}
    for label, value in objects.items():
        cases.add(label, get("/api", "api.example.org"), told(value))
    for label, protected in {"JWS without nonce": {"alg": "ES256", "kid": "1", "url": url}, "JWS without URL": {"alg": "ES256", "nonce": "n"}}.items():
        body = b'{"protected": "%s", "payload": "e30", "signature": "AA"}' % b64(protected).encode()
        cases.add(label, get("/api", "api.example.org", "POST", f"Content-Type: application/jose+json\r\nContent-Length: {len(body)}\r\n") + body,
                  told(objects["problem"], "404 Not Found", "application/problem+json"))
    for label, protocols in {"h2": (b"h2", b"http/1.1"), "acme-tls/2": (b"acme-tls/2",), "acme-tls": (b"acme-tls", b"xmpp-client")}.items():
        cases.add(label, client_hello(protocols=protocols), b"\x15\x03\x03\0\2\2\x28", dport=443)
    values = {"example.org": "v=spf1 -all", "_dmarc.example.org": "v=DMARC1; p=none", "s1._domainkey.example.org": "v=DKIM1; p=" + DIGEST,
              "_acme-challenge": DIGEST, "_acme-challenges.example.org": DIGEST, "acme-challenge.example.org": DIGEST,
              "x._acme-challenge.example.org": DIGEST, "_validation-persistence.example.org": DIGEST, "www.other.example": DIGEST}
    for owner, value in values.items():
        messages = question(owner), response(owner, txt(owner, value))
        cases.add(owner, *(struct.pack(">H", len(message)) + message for message in messages), dport=53)
        cases.packets += [craft.ip(craft.udp(messages[0], 4000, 53)), craft.ip(craft.udp(messages[1], 53, 4000), craft.SERVER, craft.CLIENT)]
        cases.packets.append(craft.ip(craft.udp(question("_acme-challenge.host.local"), 5353, 5353), dst="224.0.0.251"))
    cases.names[4000] = "DNS by UDP"
    cases.names[5353] = "mDNS"
    found = cases.ask(ws, tmp_path / "n.pcap", ["acme.outcome"], "acme", two_pass=True)
    assert found == {"ACME": [("",), ("well-formed",)]}

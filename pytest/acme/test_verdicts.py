# SPDX-License-Identifier: GPL-2.0-or-later
"""ACME: why there is no certificate. The cause of each failure on the packet that shows it, and the authority's own word."""

import hashlib
import json
import shutil
import struct

import pytest

from acme.crafted import (AUTHORIZATION, CHALLENGE, PATH, THUMBPRINT, TOKEN, Cases, answer, certificate, client_hello, get, name,
                          question, record, resolved, response, server_flight, told, txt)
from acme.test_api import EC_KEY, b64, signed
from acme.test_dns import DIGEST, SOA, Datagrams
from acme.test_servers_and_clients import yes
from harness import craft

(THUMBPRINT_DIFFERS, TOKEN_DIFFERS, BYTE_ORDER_MARK, PAGE, TOKEN_ALONE, TEXT, HTTP_ERROR, LOOP, REDIRECT, NO_ANSWER, REFUSED, NO_TXT, TXT_DIFFERS,
 DNS_ERROR, CAA, CERTIFICATE, CONTRADICTION) = (str(number) for number in range(1, 18))
NONE = ""
VERDICT = ["acme.valid", "acme.cause", "acme.outcome"]
BASE = "https://ca.example.org/"


def verdict(row):
    return (yes(row[0]), *row[1:])


@pytest.fixture
def case(ws, shared, tmp_path):
    """case(name, fields, filter): rows of a capture of cases/acme."""
    def case(label, fields, display_filter="acme", two_pass=True):
        capture = shutil.copy(shared.parent / f"cases/acme/{label}.pcap", tmp_path)
        return ws.rows(capture, fields, display_filter, two_pass)
    return case


# Cases that were wrong or silent


def test_case_well_formed_is_not_valid(case, ws):
    info = "_ws.col.Info" if ws.version < (4, 4) else "_ws.col.info"
    rows = case("http01-otherkey-valid", [*VERDICT, info], "acme.outcome")
    assert [verdict(row) for row in rows] == [(True, NONE, "well-formed", "HTTP-01 otherkey.example.org: well-formed")]


def test_case_other_frames_of_a_tls_challenge_keep_their_text(case, ws):
    info = "_ws.col.Info" if ws.version < (4, 4) else "_ws.col.info"
    assert case("tlsalpn-encrypted-alert", ["frame.number", info], "acme && frame.number >= 8") == [
        ("8", "Client Key Exchange, Change Cipher Spec, Encrypted Handshake Message"),
        ("9", "Change Cipher Spec, Encrypted Handshake Message"), ("10", "Encrypted Alert")]


def test_case_authority_says_why(case, ws):
    info = "_ws.col.Info" if ws.version < (4, 4) else "_ws.col.info"
    rows = case("acme-authz-error", ["frame.number", "acme.problem.type", "acme.problem.detail", "acme.problem.identifier", "acme.outcome", info],
                "acme.problem.type")
    kind, detail = "urn:ietf:params:acme:error:unauthorized", \
        "198.51.100.9: Invalid response from http://www.example.org/.well-known/acme-challenge/x: 404"
    assert rows == [
        ("21", kind, detail, "www.example.org", "authority says invalid",
         f"API authorization answer: HTTP 200, invalid, www.example.org, unauthorized: {detail}"),
        ("29", kind, "x", "www.example.org", "", "API challenge answer: HTTP 200, invalid, www.example.org, unauthorized: x")]


def test_case_renewal_information(case):
    assert case("acme-ari", ["frame.number", "acme.ari.certificate", "acme.ari.start", "acme.retry_after"], "acme.resource == 8") == [
        ("12", "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE", "", ""), ("13", "", "2026-12-01T00:00:00Z", "21600")]


def test_case_redirects_that_are_not_followed(case):
    rows = case("acme-redirect-loop", ["acme.domain", *VERDICT], "acme.redirect")
    loop = [("loop.example.org", False, LOOP, "")] * 10 + [("loop.example.org", False, LOOP, "invalid")]
    assert [(row[0], *verdict(row[1:])) for row in rows] == [*loop, ("port.example.org", False, REDIRECT, "invalid")]
    # In one pass nobody knows yet that the other port is not asked for, nor which redirect is the last.
    rows = case("acme-redirect-loop", ["acme.domain", *VERDICT], "acme.redirect", two_pass=False)
    assert [(row[0], *verdict(row[1:])) for row in rows] == [*loop[:10], loop[0], ("port.example.org", None, "", "")]


def test_case_persistent_record_and_caa(case):
    assert [verdict(row) for row in case("acme-dns-persist-01", [*VERDICT, "acme.challenge.type", "acme.domain"])] == [
        (None, NONE, "", "5", "example.org"), (True, NONE, "well-formed", "5", "example.org"),
        (None, NONE, "", "5", "example.org"), (False, CAA, "invalid", "5", "example.org")]


def test_case_two_thumbprints(case):
    rows = case("acme-two-thumbprints", VERDICT, "acme.status")
    assert [verdict(row) for row in rows] == [(False, CONTRADICTION, "invalid")] * 2


def test_case_faults_of_the_file(case):
    rows = case("acme-bom-html-token", ["acme.domain", *VERDICT], "acme.status")
    assert [(row[0].split(".")[0], *verdict(row[1:])) for row in rows] == [
        ("bom", False, BYTE_ORDER_MARK, "invalid"), ("html", False, PAGE, "invalid"), ("tok", False, TOKEN_ALONE, "invalid"),
        ("quoted", False, TEXT, "invalid")]


# Each cause by itself


def start(cases, *challenges, domain="www.example.org"):
    """The client says that it is ready for them."""
    for kind, token in challenges:
        url = f"{BASE}c/{domain}/{kind}/{token}"
        cases.add(f"start {kind}", signed(url, {}), told({"type": kind, "url": url, "token": token, "status": "processing"}))


def account_and_authorization(cases, *challenges, domain="www.example.org"):
    """The API in the clear: an account with EC_KEY, whose thumbprint is returned, and an authorization."""
    cases.add("account", signed(BASE + "new", {"contact": []}, EC_KEY),
              told({"status": "valid"}, "201 Created", extra=f"Location: {BASE}acct/1\r\n"))
    cases.add("authorization", signed(BASE + "a/" + domain, None), told({
        "status": "pending", "identifier": {"type": "dns", "value": domain},
        "challenges": [{"type": kind, "url": f"{BASE}c/{domain}/{kind}/{token}", "token": token} for kind, token in challenges]}))
    return b64(hashlib.sha256(json.dumps(EC_KEY, sort_keys=True, separators=(",", ":")).encode()).digest())


def test_causes_of_http(ws, tmp_path):
    answers = {
        "another thumbprint": (answer(), THUMBPRINT_DIFFERS),
        "short thumbprint": (answer(AUTHORIZATION[:-1]), THUMBPRINT_DIFFERS),
        "another token": (answer(b"A" + AUTHORIZATION[1:]), TOKEN_DIFFERS),
        "byte order mark": (answer(b"\xef\xbb\xbf" + AUTHORIZATION), BYTE_ORDER_MARK),
        "UTF-16": (answer(b"\xff\xfe" + AUTHORIZATION.decode().encode("utf-16-le")), BYTE_ORDER_MARK),
        "page": (answer(b"\n<html>Welcome</html>"), PAGE),
        "page by type": (answer(b"Hello <b>you</b>", extra="Content-Type: text/html; charset=utf-8\r\n"), PAGE),
        "token alone": (answer(TOKEN.encode() + b"\n"), TOKEN_ALONE),
        "text": (answer(b"Hello", extra="Content-Type: text/html\r\n"), TEXT),
        "empty": (answer(b""), TEXT),
        "white space in front": (answer(b" " + AUTHORIZATION), TEXT),
        "404": (answer(b"", "404 Not Found"), HTTP_ERROR),
        "503": (answer(b"<html>later</html>", "503 Later"), HTTP_ERROR),
        "redirect without a place": (answer(b"", "302 Found"), HTTP_ERROR),
        "loop": (answer(b"", "302 Found", f"Location: {PATH}\r\n"), LOOP),
        "port": (answer(b"", "302 Found", "Location: http://www.example.org:8080/x\r\n"), REDIRECT),
        "scheme": (answer(b"", "302 Found", "Location: ftp://www.example.org/x\r\n"), REDIRECT),
        "silent": (None, NO_ANSWER),
    }
    cases = Cases()
    own = account_and_authorization(cases, ("http-01", TOKEN))
    for number, (label, (message, _)) in enumerate(answers.items()):
        cases.add(label, get(host=f"n{number}.example.org"), *([message] if message else []))
    cases.add("right", get(host="right.example.org"), answer(f"{TOKEN}.{own}".encode()))
    expert = ["acme.key_authorization_mismatch", "acme.http_error", "acme.redirect_refused", "acme.no_response"]
    found = cases.ask(ws, tmp_path / "h.pcap", [*VERDICT, *expert], "acme.valid", two_pass=True)
    assert {label: verdict(row[:3]) for label, (row,) in found.items()} == {
        **{label: (False, cause, "no response" if cause == NO_ANSWER else "invalid") for label, (_, cause) in answers.items()},
        "right": (True, NONE, "valid")}
    # Whatever fails is an expert item, once, which says what to do.
    assert all(sum(map(bool, row[3:])) == 1 for label, (row,) in found.items() if label != "right")
    texts = cases.ask(ws, tmp_path / "h.pcap", ["_ws.expert.message"], "acme.cause", two_pass=True)
    assert all("; " in row[0].replace("\\;", ";") for (row,) in texts.values())
    # One pass says nothing that a later one takes back.
    early = cases.ask(ws, tmp_path / "h.pcap", VERDICT, "acme.valid")
    assert early == {label: [row[:3] if label not in ("loop",) else (*row[:2], "") for row in rows] for label, rows in found.items()
                     if label not in ("port", "silent", "scheme")}


def test_redirects_that_validators_follow_are_allowed(ws, tmp_path):
    """An authority may go to other ports; and more redirects than others are followed by some: where it ends, they were too many."""
    cases = Cases()
    cases.add("moved", get(), answer(b"", "302 Found", "Location: http://www.example.org:8080/x\r\n"))
    cases.add("there", get("/x", "www.example.org:8080"), answer(), dport=8080)
    for step in range(12):
        cases.add(f"step {step}", get(PATH if step == 0 else f"/{step}", "chain.example.org"),
                  answer(b"", "302 Found", f"Location: /{step + 1}\r\n"))
    found = cases.ask(ws, tmp_path / "r.pcap", VERDICT, "acme.status", two_pass=True)
    assert verdict(found["moved"][0]) == (None, NONE, "") and verdict(found["there"][0]) == (True, NONE, "well-formed")
    assert [found[f"step {step}"][0][1] for step in range(12)] == [NONE] * 11 + [LOOP]


def test_thumbprints_that_contradict_each_other(ws, tmp_path):
    """Without the API nobody knows which is right; another host's answers are its own affair."""
    cases = Cases()
    other = f"{TOKEN}.{THUMBPRINT[::-1]}".encode()
    cases.add("one", get(), answer())
    cases.add("other", get(), answer(other), src="192.0.2.7")
    cases.add("page", get(), answer(b"<html>"), src="192.0.2.8")
    cases.add("another host", get(host="b.example.org"), answer(other))
    found = cases.ask(ws, tmp_path / "c.pcap", VERDICT, "acme.status", two_pass=True)
    assert {label: verdict(row) for label, (row,) in found.items()} == {
        "one": (False, CONTRADICTION, "invalid"), "other": (False, CONTRADICTION, "invalid"), "page": (False, PAGE, "invalid"),
        "another host": (True, NONE, "well-formed")}


def test_causes_of_tls(ws, tmp_path):
    cases = Cases()
    own = account_and_authorization(cases, ("tls-alpn-01", TOKEN))
    right = hashlib.sha256(f"{TOKEN}.{own}".encode()).digest()

    def flight(digest, domain=b"www.example.org"):
        return server_flight(certificate(b"\x04\x20" + digest, [(0x82, domain)]))
    cases.add("right", client_hello(), flight(right), dport=443)
    cases.add("another key", client_hello(), flight(bytes(32)), dport=443)
    cases.add("another name", client_hello(), flight(right, b"b.example.org"), dport=443)
    cases.add("refused", client_hello(), b"\x15\x03\x03\0\2\2\x78", dport=443)
    cases.add("silent", client_hello(), dport=443)
    found = cases.ask(ws, tmp_path / "t.pcap", VERDICT, "acme.valid", two_pass=True)
    assert {label: verdict(row) for label, (row,) in found.items()} == {
        "right": (True, NONE, "valid"), "another key": (False, CERTIFICATE, "invalid"), "another name": (False, CERTIFICATE, "invalid"),
        "refused": (False, CERTIFICATE, "invalid"), "silent": (False, NO_ANSWER, "no response")}


def caa(owner, tag, value, flags=0):
    return record(owner, 257, bytes([flags, len(tag)]) + tag.encode() + value.encode())


PERSIST = "_validation-persist.www.example.org"


def test_causes_of_dns(ws, tmp_path):
    empty = {"authority": [SOA], "flags": 0x8580}
    answers = {
        "NXDOMAIN": (CHALLENGE, response(CHALLENGE, flags=0x8583), NO_TXT),
        "no data": (CHALLENGE, response(CHALLENGE, **empty), NO_TXT),
        "SPF": (CHALLENGE, response(CHALLENGE, txt(CHALLENGE, "v=spf1 -all")), TXT_DIFFERS),
        "SERVFAIL": (CHALLENGE, response(CHALLENGE, flags=0x8182), DNS_ERROR),
        "REFUSED": (CHALLENGE, response(CHALLENGE, flags=0x8185), DNS_ERROR),
        "silent": (CHALLENGE, None, NO_ANSWER),
        "digest": (CHALLENGE, response(CHALLENGE, txt(CHALLENGE, DIGEST)), NONE),
        "referral": (CHALLENGE, response(CHALLENGE, flags=0x8000), None),
        "persistent": (PERSIST, response(PERSIST, txt(PERSIST, "ca.example.org; accounturi=https://ca.example.org/acct/1")), NONE),
        "expired": (PERSIST, response(PERSIST, txt(PERSIST, "ca.example.org;accounturi=https://ca/1; persistUntil=1600000000")), TXT_DIFFERS),
        "until some day": (PERSIST, response(PERSIST, txt(PERSIST, "ca.example.org;accounturi=https://ca/1; persistUntil=soon")), TXT_DIFFERS),
        "no account": (PERSIST, response(PERSIST, txt(PERSIST, "ca.example.org")), TXT_DIFFERS),
        "not there": (PERSIST, response(PERSIST, **empty), NO_TXT),
    }
    packets = Datagrams()
    for label, (text, message, _) in answers.items():
        packets.add(label, question(text), *([message] if message else []))
    found = packets.ask(ws, tmp_path / "d.pcap", [*VERDICT, "acme.dns.error", "acme.no_response"], "acme.valid || dns.flags.response == 1",
                        two_pass=True)
    outcome = {NONE: "well-formed", NO_ANSWER: "no response"}
    assert {label: verdict(row[:3]) for label, (row,) in found.items()} == {
        label: (None, "", "") if cause is None else (cause == NONE, cause, outcome.get(cause, "invalid"))
        for label, (_, _, cause) in answers.items()}
    assert {label for label, (row,) in found.items() if any(row[3:])} == {label for label, (_, _, cause) in answers.items() if cause}


def test_dns_values_of_the_account(ws, tmp_path):
    """With the API, a digest is right or that of something else. Of a wildcard and its base name both are waited for at one name."""
    tokens = [letter * 43 for letter in "ABC"]
    cases = Cases()
    own = account_and_authorization(cases, ("dns-01", tokens[0]))
    cases.add("wildcard", signed(BASE + "a2", None), told({
        "status": "pending", "identifier": {"type": "dns", "value": "www.example.org"}, "wildcard": True,
        "challenges": [{"type": "dns-01", "url": BASE + "c2", "token": tokens[1]}]}))
    digests = [b64(hashlib.sha256(f"{token}.{own}".encode()).digest()) for token in tokens]

    def stream(message):
        return struct.pack(">H", len(message)) + message

    def ask(label, *values):
        cases.add(label, stream(question(CHALLENGE)), stream(response(CHALLENGE, *(txt(CHALLENGE, value) for value in values))), dport=53)
    ask("base", digests[0])
    ask("both", digests[1], digests[0])
    ask("stale", digests[2])
    ask("stale and right", digests[2], digests[1])
    cases.add("over", signed(BASE + "a2", None), told({
        "status": "valid", "identifier": {"type": "dns", "value": "www.example.org"}, "wildcard": True,
        "challenges": [{"type": "dns-01", "url": BASE + "c2", "token": tokens[1], "status": "valid"}]}))
    ask("of an order that is over", digests[1])
    for two_pass in (False, True):
        found = cases.ask(ws, tmp_path / "w.pcap", [*VERDICT, "acme.verified"], "acme.valid", two_pass=two_pass)
        assert {label: (yes(row[0]), row[1], yes(row[3])) for label, (row,) in found.items()} == {
            "base": (True, NONE, True), "both": (True, NONE, True), "stale": (False, TXT_DIFFERS, False),
            "stale and right": (True, NONE, True), "of an order that is over": (False, TXT_DIFFERS, False)}
        assert found["stale"][0][2] == ("invalid" if two_pass else "") and found["base"][0][2] == ("authority says valid" if two_pass else "")


def test_labels_of_accounts(ws, tmp_path):
    label = "_ujmmovf2vn55tgye"
    packets = Datagrams()
    for middle in ("_acme-challenge", "_acme-host-challenge", "_acme-wildcard-challenge", "_acme-domain-challenge"):
        packets.add(middle, question(f"{label}.{middle}.example.org"))
    found = packets.ask(ws, tmp_path / "a.pcap", ["acme.challenge.type", "acme.domain", "acme.dns.account_label"])
    assert len(found) == 4 and all(rows == [("4", "example.org", label)] for rows in found.values())


def test_caa(ws, tmp_path):
    """RFC 8659: who may issue is known from the record for dns-persist-01, else only that nobody may; the parent counts where there is none."""
    def persist(domain):
        text = f"_validation-persist.{domain}"
        return question(text), response(text, txt(text, "ca.example.org; accounturi=https://ca.example.org/acct/1"))
    sets = {
        "allowed": ([("issue", "CA.example.org")], NONE),
        "other authority": ([("issue", "other.example")], CAA),
        "one of two": ([("issue", "other.example"), ("issue", "ca.example.org; validationmethods=dns-persist-01")], NONE),
        "method": ([("issue", "ca.example.org; validationmethods=http-01,tls-alpn-01")], CAA),
        "account": ([("issue", "ca.example.org; accounturi=https://ca.example.org/acct/2")], CAA),
        "this account": ([("issue", "ca.example.org;accounturi=https://ca.example.org/acct/1")], NONE),
        "wildcards may": ([("issue", ";"), ("issuewild", "ca.example.org")], NONE),
        "wildcards only": ([("issuewild", ";")], NONE),
        "mail": ([("iodef", "mailto:a@example.org")], NONE),
    }
    packets = Datagrams()
    for number, (label, (records, _)) in enumerate(sets.items()):
        domain = f"n{number}.example.org"
        packets.add(f"persist {label}", *persist(domain))
        packets.add(label, question(domain, kind=257), response(domain, *(caa(domain, *entry) for entry in records), kind=257))
    packets.add("challenge", question("_acme-challenge.a.b.example.net"), response("_acme-challenge.a.b.example.net",
                                                                                   txt("_acme-challenge.a.b.example.net", DIGEST)))
    for label, domain, records in (("first", "a.b.example.net", []), ("parent", "b.example.net", []), ("top", "example.net", [("issue", ";")])):
        packets.add(label, question(domain, kind=257), response(domain, *(caa(domain, *entry) for entry in records), kind=257, flags=0x8580))
    packets.add("other client", question("b.example.net", kind=257), src="192.0.2.77")
    packets.add("other name", question("www.example.com", kind=257))
    packets.add("who", question("_acme-challenge.c.example.net"))
    packets.add("somebody", question("c.example.net", kind=257), response("c.example.net", caa("c.example.net", "issue", "ca.example"), kind=257))
    found = packets.ask(ws, tmp_path / "c.pcap", [*VERDICT, "acme.domain"], "acme && dns.qry.type == 257", two_pass=True)
    wanted = {label: cause for label, (_, cause) in sets.items()}
    wanted |= {"first": NONE, "parent": NONE, "top": CAA, "somebody": NONE}
    assert {label: rows[1][1] for label, rows in found.items()} == wanted
    assert {rows[1][3] for label, rows in found.items() if label in ("first", "parent", "top")} == {"a.b.example.net"}


def test_caa_of_the_authority_whose_directory_is_there(ws, tmp_path):
    cases = Cases()
    directory = {name: BASE + name for name in ("newNonce", "newAccount", "newOrder")} | {"meta": {"caaIdentities": ["ca.example.org"]}}
    cases.add("directory", get("/directory", "ca.example.org"), told(directory))

    def stream(message):
        return struct.pack(">H", len(message)) + message

    def ask(label, domain, *values):
        text = f"_acme-challenge.{domain}"
        cases.add("TXT " + label, stream(question(text)), stream(response(text, txt(text, DIGEST))), dport=53)
        cases.add(label, stream(question(domain, kind=257)),
                  stream(response(domain, *(caa(domain, "issue", value) for value in values), kind=257)), dport=53)
    ask("allowed", "a.example.org", "ca.example.org")
    ask("allowed to others", "b.example.org", "other.example", "third.example")
    ask("to an account", "c.example.org", "ca.example.org; accounturi=https://ca.example.org/acct/7")
    found = cases.ask(ws, tmp_path / "i.pcap", ["acme.cause"], "dns.qry.type == 257 && acme.response_to")
    assert found == {"allowed": [(NONE,)], "allowed to others": [(CAA,)], "to an account": [(NONE,)]}


# The authority's word


def problem(kind, detail=None, **members):
    return {"type": "urn:ietf:params:acme:error:" + kind, **({"detail": detail} if detail else {}), **members}


def test_details_that_quote_what_was_got(ws, tmp_path):
    """Boulder writes what a server sent as Go's %q does, with backslashes that are its own."""
    detail = r'''198.51.100.9: "<html>\n<a href=\"x\">\x8b\u00e9\\": 404'''
    cases = Cases()
    account_and_authorization(cases, ("http-01", TOKEN))
    cases.add("authorization", signed(f"{BASE}a/www.example.org", None), told({
        "status": "invalid", "identifier": {"type": "dns", "value": "www.example.org"}, "challenges": [{
            "type": "http-01", "url": f"{BASE}c/www.example.org/http-01/{TOKEN}", "token": TOKEN, "status": "invalid",
            "error": problem("unauthorized", detail)}]}))
    cases.add("document", signed(BASE + "new", {"contact": []}, EC_KEY), told(problem("malformed", detail), "400 Bad Request"))
    cases.add("no type", signed(BASE + "new", {"contact": []}, EC_KEY), told({"detail": detail}, "400 Bad Request"))
    cases.add("title", signed(BASE + "new", {"contact": []}, EC_KEY), told({"title": detail}, "400 Bad Request"))
    for two_pass in (False, True):
        found = cases.ask(ws, tmp_path / "q.pcap", ["acme.problem.detail"], "acme.problem.detail", two_pass=two_pass)
        assert found == dict.fromkeys(("authorization", "document", "no type", "title"), [(detail,)])


def test_problems_of_every_object(ws, tmp_path):
    identifiers = [{"type": "dns", "value": f"{letter}.example.org"} for letter in "ab"]
    cases = Cases()
    order = {"status": "invalid", "identifiers": identifiers, "authorizations": [BASE + "z"], "finalize": BASE + "f"}
    fields = ["acme.problem.type", "acme.problem.detail", "acme.problem.identifier", "acme.retry_after"]
    cases.add("order", signed(BASE + "o", None), told({**order, "error": problem("caa", "CAA", subproblems=[
        problem("caa", "no a", identifier=identifiers[0]), problem("dns", "no b", identifier=identifiers[1])])}))
    cases.add("one name", signed(BASE + "o1", None), told({**order, "identifiers": identifiers[:1], "error": problem("serverInternal")}))
    cases.add("authorization", signed(BASE + "z", None), told({
        "status": "invalid", "identifier": identifiers[0], "challenges": [
            {"type": "http-01", "url": BASE + "1", "token": TOKEN, "status": "invalid", "error": problem("connection", "refused")},
            {"type": "dns-01", "url": BASE + "2", "token": TOKEN}]}))
    cases.add("challenge", signed(BASE + "1", {}), told({
        "type": "http-01", "url": BASE + "1", "token": TOKEN, "status": "invalid", "error": problem("connection", "refused")}))
    cases.add("rate", signed(BASE + "n", {"identifiers": identifiers}),
              told(problem("rateLimited", "too many"), "429 Too Many", extra="Retry-After: 3600\r\n"))
    cases.add("plain", signed(BASE + "n", {"identifiers": identifiers}), told({"title": "Bad gateway"}, "502 Bad"))
    urn = "urn:ietf:params:acme:error:"
    found = cases.ask(ws, tmp_path / "p.pcap", fields, "acme.problem.type")
    assert {label: rows for label, rows in found.items()} == {
        "order": [(f"{urn}caa,{urn}caa,{urn}dns", "CAA,no a,no b", "a.example.org,b.example.org", "")],
        "one name": [(urn + "serverInternal", "", "a.example.org", "")],
        "authorization": [(urn + "connection", "refused", "a.example.org", "")],
        "challenge": [(urn + "connection", "refused", "a.example.org", "")],
        "rate": [(urn + "rateLimited", "too many", "", "3600")],
        "plain": [("about:blank", "Bad gateway", "", "")]}
    texts = cases.ask(ws, tmp_path / "p.pcap", ["_ws.expert.message"], "acme.problem.type")
    assert "Retry-After: 3600" in texts["rate"][0][0] and "wait for Retry-After" in texts["rate"][0][0]


def test_the_authority_has_the_last_word(ws, tmp_path):
    """Its word is that of later passes, on the answers that came before it; where no validator is in the capture, it stands in its object."""
    def authorization(label, domain, kind, token, status, **error):
        cases.add(label, signed(f"{BASE}a/{domain}", None), told({
            "status": status, "identifier": {"type": "dns", "value": domain},
            "challenges": [{"type": kind, "url": f"{BASE}c/{domain}", "token": token, "status": status, **error}]}))
    cases = Cases()
    own = account_and_authorization(cases, domain="other.example.org")
    tokens = [letter * 43 for letter in "ABC"]
    hosts = ["good.example.org", "bad.example.org", "unseen.example.org"]
    for host, token in zip(hosts, tokens):
        authorization(f"open {host}", host, "http-01", token, "pending")
    path = PATH[:-43]
    cases.add("good", get(path + tokens[0], hosts[0]), answer(f"{tokens[0]}.{own}".encode()))
    cases.add("good 404", get(path + tokens[0], hosts[0]), answer(b"", "404 No"), src="192.0.2.9")
    cases.add("bad", get(path + tokens[1], hosts[1]), answer(b"", "404 No"))
    cases.add("bad, silent", get(path + tokens[1], hosts[1]), src="192.0.2.9")
    error = {"error": problem("unauthorized", "404")}
    authorization("says good", hosts[0], "http-01", tokens[0], "valid")
    authorization("says bad", hosts[1], "http-01", tokens[1], "invalid", **error)
    authorization("says unseen", hosts[2], "http-01", tokens[2], "invalid", **error)
    authorization("says it again", hosts[2], "http-01", tokens[2], "invalid", **error)
    cases.add("later", get(path + tokens[0], hosts[0]), answer(f"{tokens[0]}.{own}".encode()))
    capture = tmp_path / "w.pcap"
    found = cases.ask(ws, capture, ["acme.outcome"], "acme.outcome", two_pass=True)
    assert found == {
        "good": [("authority says valid",)], "good 404": [("invalid",)], "bad": [("authority says invalid",)], "bad, silent": [("authority says invalid",)],
        "says unseen": [("authority says invalid",)], "later": [("valid",)]}
    table = ws.statistics(capture, "acme,verdicts", two_pass=True)
    rows = {line.split("|")[0].strip(): [cell.strip() for cell in line.split("|")[1:9]] for line in table.splitlines() if ".example.org" in line}
    assert rows == {
        "good.example.org": ["http-01", "authority says valid", "HTTP error", "2", "2", "0", "1", "-"],
        "bad.example.org": ["http-01", "authority says invalid", "HTTP error", "2", "1", "1", "0", "unauthorized: 404"],
        "unseen.example.org": ["http-01", "authority says invalid", "-", "0", "0", "0", "0", "unauthorized: 404"]}


def test_other_types_of_challenge_are_named(ws, tmp_path):
    kinds = ["http-01", "tls-alpn-01", "dns-01", "dns-account-01", "dns-persist-01", "onion-csr-01", "device-attest-01", "tkauth-01", "new-99"]
    cases = Cases()
    account_and_authorization(cases, *((kind, TOKEN) for kind in kinds))
    assert cases.ask(ws, tmp_path / "k.pcap", ["acme.challenge.type"], "acme.challenge.type") == {"authorization": [("1,2,3,4,5,6,7,8",)]}


def test_orders_say_what_they_want(ws, tmp_path):
    cases = Cases()
    binding = {"protected": b64({"alg": "HS256", "kid": "kid-1", "url": BASE + "new"}), "payload": b64(EC_KEY), "signature": "c2ln"}
    cases.add("account", signed(BASE + "new", {"contact": [], "externalAccountBinding": binding}, EC_KEY), told({"status": "valid"}, "201 Created"))
    cases.add("order", signed(BASE + "order", {"identifiers": [{"type": "dns", "value": "a.example.org"}], "profile": "shortlived",
                                               "replaces": "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE"}), told({}, "201 Created"))
    found = cases.ask(ws, tmp_path / "o.pcap", ["acme.eab.kid", "acme.profile", "acme.replaces"], "acme.jws.alg")
    assert found == {"account": [("kid-1", "", "")], "order": [("", "shortlived", "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE")]}


# Perspectives


@pytest.mark.parametrize("places, failing, outcome", [(1, 0, "well-formed"), (2, 1, "invalid, if 0 of 2 may fail"), (3, 1, "well-formed, if 1 of 3 may fail"),
                                                      (6, 2, "invalid, if 1 of 6 may fail"), (7, 2, "well-formed, if 2 of 7 may fail")])
def test_quorum_of_perspectives(ws, tmp_path, places, failing, outcome):
    cases = Cases()
    for number in range(places):
        cases.add(f"{number}", get(), answer(b"", "404 No") if number < failing else answer(), src=f"192.0.2.{number + 1}")
    cases.write(tmp_path / "q.pcap")
    table = ws.statistics(tmp_path / "q.pcap", "acme,verdicts", two_pass=True)
    row = [cell.strip() for line in table.splitlines() if line.startswith("www.example.org") for cell in line.split("|")]
    assert row[1:3] + row[4:8] == ["http-01", outcome, f"{places}", f"{places}", "0", f"{places - failing}"]


def test_what_each_perspective_got(ws, tmp_path):
    """Addresses of both families, one that is kept out, one that gets another body, and redirects that differ by address."""
    server, server6, cases = "198.51.100.1", "2001:db8:f::1", Cases()
    own = account_and_authorization(cases, ("http-01", TOKEN))
    start(cases, ("http-01", TOKEN))
    resolved(cases, server, server6)
    good = answer(f"{TOKEN}.{own}".encode())

    def moved(location):
        return answer(b"", "302 Found", f"Location: {location}\r\n")
    cases.add("good", get(), good, src="192.0.2.1", dst=server)
    cases.add("IPv6", get(), good, src="2001:db8::2", dst=server6)
    cases.add("other body", get(), answer(b"<html>Not in your country</html>"), src="192.0.2.3", dst=server)
    cases.packets += handshake(1004, 80, "192.0.2.4", server)
    cases.packets += handshake(1005, 80, "2001:db8::5", server6, "RST")                 # and then over IPv4
    cases.add("went on", get(), good, src="192.0.2.5", dst=server)
    cases.add("moved", get(), moved("/here"), src="192.0.2.6", dst=server)
    cases.add("moved there", get("/here"), good, src="192.0.2.6", dst=server)
    cases.add("moved elsewhere", get(), moved("https://eu.example.org/x"), src="192.0.2.7", dst=server)
    cases.add("silent", get(), src="192.0.2.8", dst=server)
    capture = cases.write(tmp_path / "p.pcap")

    def table(kind):
        lines = ws.statistics(capture, f"acme,{kind}", two_pass=True).splitlines()
        return [[cell.strip() for cell in line.split("|")][2:-1] for line in lines if line.startswith("www.example.org")]
    # The SYN that nobody answers is a validator's only once the authority says so.
    assert table("verdicts")[0][:6] == ["valid, if 2 of 7 may fail", "a page", "7", "6", "1", "4"]
    cases.add("says", signed(f"{BASE}a/www.example.org", None), told({
        "status": "invalid", "identifier": {"type": "dns", "value": "www.example.org"}, "challenges": [{
            "type": "http-01", "url": f"{BASE}c/www.example.org/http-01/{TOKEN}", "token": TOKEN, "status": "invalid",
            "error": problem("connection", f"During secondary validation: {server}: Fetching http://www.example.org{PATH}: Timeout during connect")}]}))
    cases.write(capture)
    invalid, refused = "authority says invalid", "connection refused or unanswered"
    assert {row[0]: row[1:5] for row in table("perspectives")} == {
        "192.0.2.1": [invalid, "-", server, "-"], "2001:db8::2": [invalid, "-", server6, "-"], "192.0.2.3": [invalid, "a page", server, "-"],
        "192.0.2.4": [invalid, refused, server, "-"], "2001:db8::5": ["-", refused, server6, server], "192.0.2.5": [invalid, "-", server, "-"],
        "192.0.2.6": [invalid, "-", server, "http://www.example.org/here"], "192.0.2.7": [invalid, "-", server, "-"],
        "192.0.2.8": [invalid, "no answer", server, "-"]}
    assert table("verdicts")[0][:6] == [invalid, "a page", "8", "6", "2", "4"]


# Connections that are refused or never answered


def handshake(sport, dport, src, dst, refused=None):
    """SYNs of a client; refused: by a RST or an ICMP error."""
    syn = craft.ip(craft.tcp(b"", sport, dport, seq=1, ack=0, flags="S"), src, dst)
    if refused == "RST":
        return [syn, craft.ip(craft.tcp(b"", dport, sport, seq=0, ack=2, flags="RA"), dst, src)]
    if refused == "ICMP":
        return [syn, craft.icmp_error(syn, src="192.0.2.254")]
    return [syn, syn]


def test_connections_that_the_authority_could_not_make(ws, tmp_path):
    """Its word names the address: SYNs to that address and the challenge's port, and to no other, are its validators'."""
    cases = Cases()
    account_and_authorization(cases, ("http-01", TOKEN))
    server, other = "198.51.100.2", "198.51.100.23"
    cases.packets += handshake(1000, 80, "192.0.2.10", server, "RST")      # before the client has said that it is ready
    start(cases, ("http-01", TOKEN))
    for sport, src, dst, dport, refused in ((1001, "192.0.2.11", server, 80, "RST"), (1002, "192.0.2.12", server, 80, "ICMP"),
                                            (1003, "192.0.2.13", server, 80, None), (1004, "192.0.2.11", other, 80, "RST"),
                                            (1005, "192.0.2.11", server, 443, "RST"), (1006, "192.0.2.14", server, 80, "RST")):
        if sport == 1006:
            cases.packets += craft.Connection(sport, 80, src, server).handshake().close().packets
        else:
            cases.packets += handshake(sport, dport, src, dst, refused)
    cases.add("says", signed(f"{BASE}a/www.example.org", None), told({
        "status": "invalid", "identifier": {"type": "dns", "value": "www.example.org"}, "challenges": [{
            "type": "http-01", "url": f"{BASE}c/www.example.org/http-01/{TOKEN}", "token": TOKEN, "status": "invalid",
            "error": problem("connection", f"{server}: Fetching http://www.example.org{PATH}: Connection refused")}]}))
    capture = cases.write(tmp_path / "n.pcap")
    rows = ws.rows(capture, ["ip.src", "acme.domain", "acme.token", *VERDICT, "acme.unreachable"], "acme && !http", two_pass=True)
    shown = [(src.split(",")[0], *verdict(row[2:5]), bool(row[5])) for src, *row in rows if row[0] == "www.example.org"]
    assert shown == [("192.0.2.11", None, "", "", False), (server, False, REFUSED, "authority says invalid", True),
                     ("192.0.2.12", None, "", "", False), ("192.0.2.254", False, REFUSED, "authority says invalid", True),
                     ("192.0.2.13", False, REFUSED, "authority says invalid", True)]
    assert len(rows) == len(shown) and ws.rows(capture, ["frame.number"], "acme.cause == 11") == []
    table = ws.statistics(capture, "acme,verdicts", two_pass=True)
    row = [cell.strip() for line in table.splitlines() if line.startswith("www.example.org") for cell in line.split("|")]
    assert row[1:8] == ["http-01", "authority says invalid", "connection refused or unanswered", "3", "0", "3", "0"]


def test_redirects_to_ports_that_are_closed(ws, tmp_path):
    """A validator that was sent to HTTPS, and to nothing else, connects there for the challenge."""
    cases = Cases()
    for number, refused in enumerate(("RST", None, "open")):
        src = f"192.0.2.{number + 1}"
        cases.packets += handshake(2000 + number, 443, src, "198.51.100.1", "RST")       # before it was sent there
        cases.add(f"{number}", get(host=f"n{number}.example.org"),
                  answer(b"", "301 Moved", f"Location: https://n{number}.example.org/x\r\n"), src=src, dst="198.51.100.1")
        if refused == "open":
            cases.packets += craft.Connection(3000 + number, 443, src, "198.51.100.1").handshake().close().packets
        else:
            cases.packets += handshake(3000 + number, 443, src, "198.51.100.1", refused)
    capture = cases.write(tmp_path / "r.pcap")
    found = {two_pass: ws.rows(capture, ["acme.domain", "tcp.flags.reset", *VERDICT], "acme.cause", two_pass) for two_pass in (False, True)}
    assert [(row[0], yes(row[1]), *verdict(row[2:])) for row in found[False]] == [("n0.example.org", True, False, REFUSED, "no response")]
    assert [(row[0], yes(row[1]), *verdict(row[2:])) for row in found[True]] == [
        ("n0.example.org", True, False, REFUSED, "no response"), ("n1.example.org", False, False, REFUSED, "no response")]


# The same with real software


def outcomes(ws, capture, two_pass=True):
    """{name: {(cause, outcome): how many}} of all that ended."""
    found = {}
    for domain, cause, outcome in ws.rows(capture, ["acme.domain", "acme.cause", "acme.outcome"], "acme.domain && acme.outcome", two_pass,
                                          keylog=capture.with_suffix(".keys")):
        kinds = found.setdefault(domain.removesuffix(".example.org"), {})
        kinds[cause, outcome] = kinds.get((cause, outcome), 0) + 1
    return found


def test_orders_of_certbot_that_fail(ws, captures):
    """pebble looks three times for each name; certbot's log has the same reasons (acme-causes/README.md)."""
    invalid, valid = "authority says invalid", "authority says valid"
    causes = {"bom": BYTE_ORDER_MARK, "page": PAGE, "token": TOKEN_ALONE, "quoted": TEXT, "otherkey": THUMBPRINT_DIFFERS, "othertoken": TOKEN_DIFFERS,
              "absent": HTTP_ERROR, "silent": NO_ANSWER, "loop": LOOP, "port": REDIRECT, "https": REFUSED, "closed": REFUSED}
    found = outcomes(ws, captures / "acme-causes/http.pcap")
    assert found == {"right": {(NONE, valid): 3}, **{label: {(cause, invalid): 3} for label, cause in causes.items()}}
    assert outcomes(ws, captures / "acme-causes/dns.pcap") == {
        "right": {(NONE, valid): 3}, "wrong": {(NONE, invalid): 3}, "text": {(TXT_DIFFERS, invalid): 3}, "absent": {(NO_TXT, invalid): 3},
        "broken": {(DNS_ERROR, invalid): 3}}
    # Without the API's keys the causes are the same, but that nobody knows the right key, and what certbot could not connect to.
    rows = ws.rows(captures / "acme-causes/http.pcap", ["acme.domain", "acme.cause"], "acme.outcome", True)
    causes |= {"right": NONE, "otherkey": NONE}
    assert {domain.removesuffix(".example.org"): cause for domain, cause in rows} == {
        label: cause for label, cause in causes.items() if label != "closed"}


def test_the_authority_names_each_problem(ws, captures):
    capture = captures / "acme-causes/http.pcap"
    rows = ws.rows(capture, ["acme.problem.identifier", "acme.problem.type"], "acme.problem.type", True, keylog=capture.with_suffix(".keys"))
    connection = {"silent", "loop", "port", "https", "closed", "dark"}
    names = {name.removesuffix(".example.org"): kind.rsplit(":", 1)[1] for name, kind in rows}
    assert len(rows) == len(names) == 13 and {name for name, kind in names.items() if kind == "connection"} == connection
    assert set(names.values()) == {"connection", "unauthorized"}
    table = ws.statistics(capture, "acme,verdicts", two_pass=True, keylog=capture.with_suffix(".keys"))
    lines = {line.split(".")[0]: [cell.strip() for cell in line.split("|")] for line in table.splitlines() if ".example.org" in line}
    assert len(lines) == 14 and lines["closed"][1:8] == ["http-01", "authority says invalid", "connection refused or unanswered", "1", "0", "1", "0"]
    assert lines["dark"][1:8] == ["http-01", "authority says invalid", "-", "0", "0", "0", "0"]

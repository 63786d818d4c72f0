# SPDX-License-Identifier: GPL-2.0-or-later
"""Boulder, the software of Let's Encrypt; and CAA as it asks for it: all names above a domain at once, their grammar, and who it is that asks."""

import itertools
import struct

from acme.crafted import Cases, answer, get, question, response, told, txt
from acme.test_api import EC_KEY, signed
from acme.test_dns import DIGEST, Datagrams
from acme.test_verdicts import (BASE, BYTE_ORDER_MARK, CAA, DNS_ERROR, HTTP_ERROR, LOOP, NO_ANSWER, NONE, PAGE, REDIRECT, REFUSED, TEXT, TXT_DIFFERS,
                                caa)
from harness import craft


def test_boulder_at_bind(ws, captures):
    """What Boulder says, and what the plugin makes of the same packets: it does not know who asks, unless a record of the domain tells."""
    capture = captures / "acme-boulder/caa.pcap"
    rows = ws.rows(capture, ["acme.domain", "acme.cause", "acme.outcome"], "acme.outcome || acme.cause", True)
    found = {}
    for domain, *row in rows:
        found.setdefault(domain.removesuffix(".example.org"), []).append(tuple(row))
    well, forbidden = (NONE, "well-formed"), (CAA, "invalid")
    assert found == {
        "allowed": [well], "nobody": [well, forbidden], "method": [well, forbidden], "grammar": [well, forbidden], "critical": [well, forbidden],
        "www.parent": [well, forbidden], "nearest.parent": [well], "persist": [well, forbidden], "two": [well],
        "semicolon": [(TXT_DIFFERS, "invalid")],
        "other": [well], "account": [well]}     # Boulder forbids them, to those that it is not
    one_pass = ws.rows(capture, ["acme.domain", "acme.cause"], f"acme.cause == {CAA}", False)
    assert {domain for domain, _ in one_pass} == {f"{name}.example.org" for name in ("nobody", "method", "grammar", "critical", "persist")}


def test_boulder_at_a_web_server(ws, captures):
    """Where it says valid no cause stands; else the last of each has one, and none before."""
    causes = {"bom": BYTE_ORDER_MARK, "page": PAGE, "json": TEXT, "empty": TEXT, "twice": TEXT, "head204": HTTP_ERROR, "loop": LOOP, "chain12": LOOP,
              "seeother": REDIRECT, "local": REDIRECT, "longpath": REDIRECT, "slow": NO_ANSWER, "close": NO_ANSWER, "port443": REFUSED}
    valid = {"right", "html200", "chain10", "chain11", "trailing", "gzip", "chunked", "upper", "relative", "protorel", "userinfo"}
    found = {}
    for domain, cause, outcome in ws.rows(captures / "acme-boulder/http.pcap", ["acme.domain", "acme.cause", "acme.outcome"],
                                          "acme.outcome || acme.cause", True):
        found.setdefault(domain.removesuffix(".example.org"), []).append((cause, outcome))
    silent = {NO_ANSWER, REFUSED}
    assert found == {**{name: [(cause, "no response" if cause in silent else "invalid")] for name, cause in causes.items()},
                     **{name: [(NONE, "well-formed")] for name in valid}}


class Climbs(Datagrams):
    """Each asked by a client of its own, all names at once."""

    def climb(self, label, sets, order, challenge=True):
        """sets: records by name, from the domain up; None: SERVFAIL. order: of the answers."""
        src, names, ports = f"192.0.2.{len(self.names) + 1}", list(sets), {}
        owner = f"_acme-challenge.{names[0]}"
        if challenge:
            self.add(f"{label}: challenge", question(owner), response(owner, txt(owner, DIGEST)), src=src)
        for name in names:
            ports[name] = next(self.ports)
            self.names[ports[name]] = f"{label}: {name}"
            self.packets.append(craft.ip(craft.udp(question(name, kind=257), ports[name], 53), src, "192.0.2.53"))
        for name in (names[number] for number in order):
            message = response(name, *(caa(name, *entry) for entry in sets[name] or ()), kind=257, flags=0x8182 if sets[name] is None else 0x8580)
            self.packets.append(craft.ip(craft.udp(message, 53, ports[name]), "192.0.2.53", src))


def test_all_names_asked_at_once(ws, tmp_path):
    nobody, somebody = [("issue", ";")], [("issue", "ca.example")]
    climbs = Climbs()
    for number, order in enumerate(itertools.permutations(range(3))):
        climbs.climb(f"parent {number}", {f"www.p{number}.example": [], f"p{number}.example": nobody, "example": somebody}, order)
        climbs.climb(f"own {number}", {f"www.o{number}.example": somebody, f"o{number}.example": nobody, "example": None}, order)
    climbs.climb("failing parent", {"www.f.example": [], "f.example": None, "example": somebody}, (2, 1, 0))
    climbs.climb("silent domain", {"www.s.example": [], "s.example": nobody}, (1,))
    climbs.climb("silent parent", {"www.t.example": [], "t.example": nobody}, (0,))
    climbs.climb("silent parent of its own", {"www.u.example": somebody, "u.example": nobody}, (0,))
    climbs.climb("somebody else", {"example": nobody, "f.example": None}, (0, 1), challenge=False)
    found = climbs.ask(ws, tmp_path / "c.pcap", ["acme.cause"], "acme.cause", two_pass=True)
    assert found == {**{f"parent {number}: p{number}.example": [(CAA,)] for number in range(6)},
                     "failing parent: f.example": [(DNS_ERROR,)], "silent domain: www.s.example": [(NO_ANSWER,)],
                     "silent parent: t.example": [(NO_ANSWER,)]}
    shown = climbs.ask(ws, tmp_path / "c.pcap", ["acme.domain"], "acme && dns.qry.type == 257", two_pass=True)
    assert not [label for label in shown if label.startswith("somebody else")]
    assert shown["parent 5: p5.example"] == [("www.p5.example",)] * 2


def test_what_breaks_the_grammar_permits_nobody(ws, tmp_path):
    sets = {
        "parameter without a value": "ca.example; validationmethods", "parameter without a name": "ca.example; =x", "white space": "ca.example; a=b c",
        "semicolon at the end": "ca.example; a=b;", "two names": "ca.example, other.example", "an URL": "https://ca.example/",
        "nothing at all": "", "dot at the end": "ca.example.", "hyphen at the end of a label": "ca-.example", "hyphen in front": "-ca.example",
    }
    good = {"no parameters": "ca.example;", "white space around": " ca.example ; a = b ", "no value": "ca.example; a=",
            "hyphens within": "c-a.xn--exmple-cua"}
    climbs = Climbs()
    for number, (label, value) in enumerate({**sets, **good}.items()):
        climbs.climb(label, {f"n{number}.example": [("issue", value)]}, (0,))
    climbs.climb("registered and critical", {"r.example": [("iodef", "mailto:caa@r.example", 128)]}, (0,))
    climbs.climb("no tag", {"t.example": [("", "ca.example")]}, (0,))
    climbs.climb("one is good", {"g.example": [("issue", "a b"), ("issue", "ca.example")]}, (0,))
    found = climbs.ask(ws, tmp_path / "g.pcap", ["acme.cause", "_ws.expert.message"], "acme.cause")
    assert {label.split(":")[0] for label, ((cause, _),) in found.items() if cause == CAA} == set(sets) == {label.split(":")[0] for label in found}
    assert "CAA forbids: parameter without a value; add" in found["parameter without a value: n0.example"][0][1]


def stream(message):
    return struct.pack(">H", len(message)) + message


def asked_about(cases, label, domain, value):
    """The TXT of dns-01, and CAA."""
    owner = f"_acme-challenge.{domain}"
    cases.add("TXT " + label, stream(question(owner)), stream(response(owner, txt(owner, DIGEST))), dport=53)
    cases.add(label, stream(question(domain, kind=257)), stream(response(domain, caa(domain, "issue", value), kind=257)), dport=53)


def test_methods_of_all_challenges_of_a_domain_count(ws, tmp_path):
    """Which of them the authority takes is not told."""
    cases = Cases()
    for label, methods, also in (("tried", "http-01", True), ("not tried", "tls-alpn-01", True), ("alone", "http-01", False)):
        domain = f"n{len(cases.names)}.example.org"
        if also:
            cases.add("HTTP " + label, get(host=domain), answer())
        asked_about(cases, label, domain, f"ca.example.org; validationmethods={methods}")
    assert cases.ask(ws, tmp_path / "m.pcap", ["acme.cause"], "acme.cause && dns") == {"not tried": [(CAA,)], "alone": [(CAA,)]}


def test_what_is_known_later_does_not_change_what_an_answer_said(ws, tmp_path):
    """The authority that asks is known from its directory, which comes after the question."""
    cases, domain = Cases(), "www.example.org"
    asked_about(cases, "before", domain, "other.example")
    directory = {name: BASE + name for name in ("newNonce", "newAccount", "newOrder")} | {"meta": {"caaIdentities": ["ca.example.org"]}}
    cases.add("directory", get("/directory", "ca.example.org"), told(directory))
    cases.add("order", signed(f"{BASE}z/{domain}", None), told({
        "status": "pending", "identifier": {"type": "dns", "value": domain},
        "challenges": [{"type": "dns-01", "url": f"{BASE}c/{domain}", "token": "A" * 43}]}))
    asked_about(cases, "after", domain, "other.example")
    info = "_ws.col.Info" if ws.version < (4, 4) else "_ws.col.info"
    for two_pass in (False, True):
        found = cases.ask(ws, tmp_path / "k.pcap", ["acme.cause", info], "acme && dns.qry.type == 257 && dns.flags.response == 1", two_pass=two_pass)
        (before, said), (after, forbidden) = found["before"][0], found["after"][0]
        assert (before, after) == (NONE, CAA) and "forbids" in forbidden and "forbids" not in said and "CAA answer" in said


def test_who_asks_is_known_from_the_api(ws, tmp_path):
    """Directory and account; of domains that no order here is for, another authority may ask."""
    cases = Cases()
    directory = {name: BASE + name for name in ("newNonce", "newAccount", "newOrder")} | {"meta": {"caaIdentities": ["ca.example.org"]}}
    cases.add("directory", get("/directory", "ca.example.org"), told(directory))
    cases.add("account", signed(BASE + "newAccount", {"contact": []}, EC_KEY), told({"status": "valid"}, "201 Created", extra=f"Location: {BASE}acct/1\r\n"))

    def ask(label, value, ordered=True, persistent=()):
        domain = f"n{len(cases.names)}.example.org"
        if ordered:
            cases.add("order " + label, signed(f"{BASE}z/{domain}", None), told({
                "status": "pending", "identifier": {"type": "dns", "value": domain},
                "challenges": [{"type": "dns-01", "url": f"{BASE}c/{domain}", "token": "A" * 43}]}))
        owner = f"_validation-persist.{domain}" if persistent else f"_acme-challenge.{domain}"
        cases.add("TXT " + label, stream(question(owner)), stream(response(owner, *(txt(owner, one) for one in persistent or [DIGEST]))), dport=53)
        cases.add(label, stream(question(domain, kind=257)), stream(response(domain, caa(domain, "issue", value), kind=257)), dport=53)
    ask("this account", "ca.example.org; accounturi=https://ca.example.org/acct/1")
    ask("another account", "ca.example.org; accounturi=https://ca.example.org/acct/2")
    ask("another authority", "other.example")
    ask("another authority of an order elsewhere", "other.example", ordered=False)
    own, second = "ca.example.org; accounturi=https://ca.example.org/acct/1", "other.example; accounturi=https://other.example/1"
    ask("two records", "ca.example.org", persistent=[own, second])
    ask("record for another account", "ca.example.org", persistent=["ca.example.org; accounturi=https://ca.example.org/acct/2"])
    ask("record for another authority", "ca.example.org", persistent=[second])
    cases.add("order that names its authority", signed(f"{BASE}z/p.example.org", None), told({
        "status": "pending", "identifier": {"type": "dns", "value": "p.example.org"}, "challenges": [
            {"type": "dns-persist-01", "url": f"{BASE}c/p", "status": "pending", "accounturi": f"{BASE}acct/1", "issuer-domain-names": ["name.example"]}]}))
    persist = "_validation-persist.p.example.org"
    cases.add("TXT of its name", stream(question(persist)), stream(response(persist, txt(persist, f"name.example; accounturi={BASE}acct/1"))), dport=53)
    for two_pass in (False, True):
        found = cases.ask(ws, tmp_path / "w.pcap", ["acme.cause", "_ws.expert.message"], "acme.cause && dns.flags.response == 1", two_pass=two_pass)
        causes = {label: [cause for cause, _ in rows] for label, rows in found.items()}
        assert {label: causes.get(label) for label in causes if label.startswith("TXT record")} == {
            "TXT record for another account": [TXT_DIFFERS], "TXT record for another authority": [TXT_DIFFERS]}
        assert "record for another account" in found["TXT record for another account"][0][1]
        assert {label for label in causes if not label.startswith("TXT")} == {"another account", "another authority"}

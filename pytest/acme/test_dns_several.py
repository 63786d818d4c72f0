# SPDX-License-Identifier: GPL-2.0-or-later
"""One packet of DNS for several validations, and several answers to one question: each shows what it is, in every pass."""

from acme.crafted import BOTH, CHALLENGE, name, question, record, response, txt
from acme.test_dns import DIGEST, NS, SOA, Datagrams
from acme.test_servers_and_clients import yes
from acme.test_verdicts import CAA, DNS_ERROR, NO_TXT, NONE, caa
from harness import craft

NOBODY, SOMEBODY = [("issue", ";")], [("issue", "ca.example")]


class Resolver(Datagrams):
    """Validators that share one address, as those behind a resolver do. Packets are a second apart, but for what is told otherwise."""

    def __init__(self):
        super().__init__()
        self.now, self.times = 0, []

    def send(self, message, port, back=False, src="192.0.2.1"):
        ends = ("192.0.2.53", src) if back else (src, "192.0.2.53")
        self.packets.append(craft.ip(craft.udp(message, *((53, port) if back else (port, 53))), *ends))
        self.times.append(self.now)
        self.now += 1

    def validate(self, *domains, **ends):
        for domain in domains:
            self.exchange(f"TXT {domain}", f"_acme-challenge.{domain}", [txt(f"_acme-challenge.{domain}", DIGEST)], 16, **ends)

    def asks(self, label, text, kind=257, **ends):
        port = next(self.ports)
        self.names[port] = label
        self.send(question(text, kind=kind), port, **ends)
        return port, text, kind

    def told(self, asked, records, flags=0x8580, authority=(), **ends):
        port, text, kind = asked
        records = [caa(text, *one) if isinstance(one, tuple) else one for one in records]
        self.send(response(text, *records, kind=kind, flags=flags, authority=authority), port, back=True, **ends)

    def exchange(self, label, text, records, kind=257, flags=0x8580, authority=(), **ends):
        self.told(self.asks(label, text, kind, **ends), records, flags, authority, **ends)

    def rows(self, ws, path, fields, display_filter, two_pass):
        """{label: rows}, and the capture"""
        craft.write_pcap(path, [(when, craft.ethernet(packet)) for when, packet in zip(self.times, self.packets)])
        found = {}
        for source, to, *row in ws.rows(path, ["udp.srcport", "udp.dstport", *fields], display_filter, two_pass):
            found.setdefault(self.names.get(int(source)) or self.names[int(to)], []).append(tuple(row))
        return found


def doubtful(value):
    """How many of a packet's trees are in doubt."""
    return sum(bool(yes(one)) for one in value.split(","))


def validations(resolver):
    """Each below a name of its own, so that nothing of one bears on another."""
    resolver.validate("x.two.example", "y.two.example", "z.two.example")
    for label in "xy":
        resolver.exchange(f"two {label}", f"{label}.two.example", [])
    first, second = (resolver.asks(f"two {number}", "two.example") for number in (1, 2))
    resolver.told(first, NOBODY)
    resolver.told(second, NOBODY)
    # One that has records of its own, and one that has not; both are under way when the parent is asked.
    resolver.validate("x.own.example", "y.own.example")
    resolver.exchange("own x", "x.own.example", SOMEBODY)
    resolver.exchange("own y", "y.own.example", [])
    resolver.exchange("own parent", "own.example", NOBODY)
    # One that is over.
    resolver.validate("x.over.example", "y.over.example")
    resolver.exchange("over x", "x.over.example", [])
    resolver.exchange("over x parent", "over.example", NOBODY)
    resolver.now += 30
    resolver.exchange("over y", "y.over.example", [])
    resolver.exchange("over y parent", "over.example", NOBODY)
    # The parent is validated as well: what it has is its own, whoever asks.
    resolver.validate("base.example", "www.base.example")
    resolver.exchange("base www", "www.base.example", [])
    resolver.exchange("base", "base.example", NOBODY)
    # Another client's are none of them.
    resolver.validate("x.far.example", "y.far.example")
    resolver.exchange("far x", "x.far.example", [])
    resolver.exchange("far y", "y.far.example", [], src="192.0.2.2")
    resolver.exchange("far parent", "far.example", NOBODY)


def test_what_a_parent_says_is_for_each_that_waits_for_it(ws, tmp_path):
    resolver = Resolver()
    validations(resolver)
    for two_pass in BOTH:
        found = resolver.rows(ws, tmp_path / "p.pcap", ["acme.domain", "acme.cause", "acme.doubtful"], "acme.cause", two_pass)
        told = {label: [(",".join(sorted(domains.split(","))), cause, doubtful(doubt)) for domains, cause, doubt in rows]
                for label, rows in found.items()}
        both = ("x.two.example,y.two.example", f"{CAA},{CAA}", 2)
        assert told == {
            "two 1": [both], "two 2": [both], "over x parent": [("x.over.example", CAA, 0)], "over y parent": [("y.over.example", CAA, 0)],
            "base": [("base.example,www.base.example", f"{CAA},{CAA}", 1)], "far parent": [("x.far.example", CAA, 0)],
            "own parent": [("x.own.example,y.own.example", CAA, 2)]}
    asked = resolver.rows(ws, tmp_path / "p.pcap", ["acme.domain", "acme.doubtful"], "acme && dns.flags.response == 0 && dns.qry.type == 257", True)
    domains, doubt = asked["two 1"][0]
    assert sorted(domains.split(",")) == ["x.two.example", "y.two.example"] and doubtful(doubt) == 2
    assert asked["over y parent"] == [("y.over.example", "")]


def test_how_long_a_name_waits_for_its_parent(ws, tmp_path):
    """A minute after what was told of it, and no longer."""
    resolver = Resolver()
    for label, seconds in (("just", 60), ("past", 61)):
        resolver.validate(f"www.{label}.example")
        resolver.exchange(f"{label} www", f"www.{label}.example", [])
        resolver.now += seconds - 1
        resolver.exchange(f"{label} parent", f"{label}.example", NOBODY)
    assert resolver.rows(ws, tmp_path / "w.pcap", ["acme.cause"], "acme.cause", False) == {"just parent": [(CAA,)]}


def test_guesses_look_like_guesses(ws, tmp_path):
    resolver = Resolver()
    validations(resolver)
    info = "_ws.col.Info" if ws.version < (4, 4) else "_ws.col.info"
    found = resolver.rows(ws, tmp_path / "p.pcap", [info, "_ws.expert.message"], "acme.cause", True)
    text, expert = found["two 1"][0]
    assert "x.two.example: CAA forbids?" in text and "y.two.example: CAA forbids?" in text and "if it was asked for this domain" in expert
    text, expert = found["base"][0]
    assert "base.example: CAA forbids |" in text and "www.base.example: CAA forbids?" in text
    text, expert = found["over y parent"][0]
    assert "?" not in text and "if it was asked" not in expert
    table = ws.statistics(tmp_path / "p.pcap", "acme,verdicts", two_pass=True)
    rows = {cells[0]: (cells[2], cells[3]) for cells in ([cell.strip() for cell in line.split("|")] for line in table.splitlines()) if len(cells) > 8}
    guess = ("invalid, if CAA above was asked for it", "CAA forbids?")
    assert {domain: row for domain, row in rows.items() if domain.endswith(".example")} == {
        "x.two.example": guess, "y.two.example": guess, "z.two.example": ("well-formed", "-"), "x.own.example": ("well-formed", "-"),
        "y.own.example": guess, "x.over.example": ("invalid", "CAA forbids"), "y.over.example": ("invalid", "CAA forbids"),
        "base.example": ("invalid", "CAA forbids"), "www.base.example": guess, "x.far.example": ("invalid", "CAA forbids"),
        "y.far.example": ("well-formed", "-")}
    tree = ws.statistics(tmp_path / "p.pcap", "acme,tree", two_pass=True)
    counts = {line.split()[0]: int(line.split()[1]) for line in tree.splitlines() if line.strip().startswith(("doubtful", "invalid"))}
    assert counts == {"doubtful": 6, "invalid": 4}


def test_each_answer_shows_its_own(ws, tmp_path):
    """Of two answers to one question a resolver takes one; what became of the question stands on the first that can be judged."""
    resolver = Resolver()
    resolver.validate("a.example.net", "b.example.net", "c.example.net")
    asked = resolver.asks("forbids, then permits", "a.example.net")
    resolver.told(asked, NOBODY)
    resolver.told(asked, SOMEBODY)
    asked = resolver.asks("permits, then forbids", "b.example.net")
    resolver.told(asked, SOMEBODY)
    resolver.told(asked, NOBODY)
    asked = resolver.asks("fails, then forbids", "c.example.net")
    resolver.told(asked, [], flags=0x8182)
    resolver.told(asked, NOBODY)
    asked = resolver.asks("no TXT, then TXT", CHALLENGE, 16)
    resolver.told(asked, [], flags=0x8583)
    resolver.told(asked, [txt(CHALLENGE, DIGEST)])
    asked = resolver.asks("TXT, then no TXT", CHALLENGE, 16)
    resolver.told(asked, [txt(CHALLENGE, DIGEST)])
    resolver.told(asked, [], flags=0x8583)
    asked = resolver.asks("cut off, then TXT", CHALLENGE, 16)
    resolver.told(asked, [], flags=0x8780)
    resolver.told(asked, [txt(CHALLENGE, DIGEST)])
    wanted = {
        "forbids, then permits": [(CAA, "invalid"), (NONE, "")], "permits, then forbids": [(NONE, ""), (CAA, "invalid")],
        "fails, then forbids": [(DNS_ERROR, "invalid"), (CAA, "")], "no TXT, then TXT": [(NO_TXT, "invalid"), (NONE, "")],
        "TXT, then no TXT": [(NONE, "well-formed"), (NO_TXT, "")], "cut off, then TXT": [(NONE, ""), (NONE, "well-formed")]}
    for two_pass in BOTH:
        found = resolver.rows(ws, tmp_path / "a.pcap", ["acme.cause", "acme.outcome"], "acme && dns.flags.response == 1", two_pass)
        assert {label: found[label] for label in wanted} == wanted


def test_only_a_name_that_has_no_records_passes_it_on(ws, tmp_path):
    """A resolver at the zones' own servers: what refers it elsewhere, or sends it to an alias, is no answer yet (RFC 8659 section 3)."""
    resolver = Resolver()

    def alias(label, target, told, **answer):
        resolver.validate(f"www.{label}.example")
        resolver.exchange(f"{label}: www", f"www.{label}.example", [record(f"www.{label}.example", 5, name(target))], **answer)
        if told is not None:
            resolver.exchange(f"{label}: target", target, told)
        resolver.exchange(f"{label}: parent", f"{label}.example", NOBODY)
    alias("permits", "permits.example.net", SOMEBODY)
    alias("forbids", "forbids.example.net", NOBODY)
    alias("empty", "empty.example.net", [])
    alias("in-one", "one.example.net", None, authority=[SOA])
    alias("silent", "silent.example.net", None)
    alias("gone", "gone.example.net", None, flags=0x8583)
    resolver.validate("www.referred.example", "www.later.example")
    resolver.exchange("referred: www", "www.referred.example", [], flags=0x8100, authority=[NS])
    resolver.exchange("referred: parent", "referred.example", NOBODY)
    resolver.exchange("later: www", "www.later.example", [], flags=0x8100, authority=[NS])
    resolver.exchange("later: parent", "later.example", NOBODY)
    resolver.exchange("later: www again", "www.later.example", SOMEBODY)
    for two_pass in BOTH:
        found = resolver.rows(ws, tmp_path / "l.pcap", ["acme.domain", "acme.cause"], "acme.cause && dns.flags.response == 1", two_pass)
        assert found == {f"{label}: {which}": [(f"www.{label}.example", CAA)] for label, which in (
            ("forbids", "target"), ("empty", "parent"), ("in-one", "parent"), ("gone", "parent"))}
    shown = resolver.rows(ws, tmp_path / "l.pcap", ["acme.domain"], "acme.domain && dns.qry.type == 257", True)
    assert shown["permits: target"] == [("www.permits.example",)] * 2


def test_names_that_several_aliases_lead_to(ws, tmp_path):
    """A zone for validations alone, whose name may look like that of a challenge; and a network of servers that many sites are at."""
    resolver = Resolver()

    def led(label, target, kind=16):
        owner = f"_acme-challenge.{label}" if kind == 16 else label
        resolver.exchange(f"CNAME {label}", owner, [record(owner, 5, name(target))], kind)

    alone, shared, plain = "_acme-challenge.zone.example", "_acme-challenge.both.example", "values.example"
    led("www.alone.example", alone)
    resolver.exchange("alone", alone, [txt(alone, DIGEST)], 16)
    led("a.shared.example", shared)
    led("b.shared.example", shared)
    resolver.exchange("shared", shared, [], 16, flags=0x8583)
    led("a.plain.example", plain)
    led("b.plain.example", plain)
    resolver.exchange("plain", plain, [txt(plain, DIGEST)], 16)
    resolver.now += 100
    led("c.plain.example", plain)
    resolver.exchange("plain, later", plain, [txt(plain, DIGEST)], 16)
    early = resolver.asks("asked before", "_acme-challenge.early.example", 16)
    led("a.early.example", "_acme-challenge.early.example")
    resolver.told(early, [txt("_acme-challenge.early.example", DIGEST)])
    resolver.validate("www.one.example", "www.other.example")
    led("www.one.example", "cdn.example", 257)
    led("www.other.example", "cdn.example", 257)
    resolver.exchange("CAA of both", "cdn.example", NOBODY)
    wanted = {
        "alone": ("www.alone.example", NONE, 0), "shared": ("a.shared.example,b.shared.example", f"{NO_TXT},{NO_TXT}", 2),
        "plain": ("a.plain.example,b.plain.example", NONE, 2), "plain, later": ("c.plain.example", NONE, 0),
        "asked before": ("early.example", NONE, 0), "CAA of both": ("www.one.example,www.other.example", f"{CAA},{CAA}", 0)}     # of each by itself
    for two_pass in BOTH:
        found = resolver.rows(ws, tmp_path / "s.pcap", ["acme.domain", "acme.cause", "acme.doubtful"], "acme.response_to", two_pass)
        told = {label: [(",".join(sorted(domains.split(","))), cause, doubtful(doubt)) for domains, cause, doubt in found[label]] for label in wanted}
        assert told == {label: [row] for label, row in wanted.items()}
    asked = resolver.rows(ws, tmp_path / "s.pcap", ["acme.domain", "acme.dns.alias", "acme.no_response"], "acme && dns.flags.response == 0", True)
    assert asked["alone"] == [("www.alone.example", alone, "")] and asked["asked before"] == [("early.example", "", "")]
    assert {row[2] for rows in asked.values() for row in rows} == {""}


def test_what_a_parent_says_to_a_question_that_is_not_captured(ws, tmp_path):
    """Nothing shows on whose behalf it was asked before the domain itself is; and it is no look at the challenge."""
    resolver = Resolver()
    resolver.validate("www.lost.example")
    lost = next(resolver.ports), "lost.example", 257
    resolver.names[lost[0]] = "lost"
    resolver.told(lost, NOBODY)
    resolver.validate("www.own.example")
    own = next(resolver.ports), "www.own.example", 257
    resolver.names[own[0]] = "own"
    resolver.told(own, SOMEBODY)
    for two_pass in BOTH:
        found = resolver.rows(ws, tmp_path / "q.pcap", ["acme.domain", "acme.cause"], "acme && dns.qry.type == 257", two_pass)
        assert found == {"own": [("www.own.example", NONE)]}
    table = ws.statistics(tmp_path / "q.pcap", "acme,verdicts", two_pass=True)
    rows = {cells[0]: cells[2:8] for cells in ([cell.strip() for cell in line.split("|")] for line in table.splitlines()) if len(cells) > 8}
    good = ["well-formed", "-", "1", "1", "0", "1"]
    assert {domain: row for domain, row in rows.items() if domain.endswith(".example")} == {"www.lost.example": good, "www.own.example": good}


def test_an_alias_leaves_a_domain_its_own_caa(ws, tmp_path):
    """Both are validated, and one is an alias of the other: its CAA is that of both."""
    resolver = Resolver()
    resolver.validate("www.example.org", "example.net", "www.below.example", "below.example")
    for www, target in (("www.example.org", "example.net"), ("www.below.example", "below.example")):
        resolver.exchange(f"CNAME {www}", www, [record(www, 5, name(target))])
        resolver.exchange(target, target, NOBODY)
    for two_pass in BOTH:
        found = resolver.rows(ws, tmp_path / "c.pcap", ["acme.domain", "acme.cause", "acme.doubtful"], "acme.cause", two_pass)
        told = {label: [(",".join(sorted(domains.split(","))), cause, doubtful(doubt)) for domains, cause, doubt in rows]
                for label, rows in found.items()}
        assert told == {"example.net": [("example.net,www.example.org", f"{CAA},{CAA}", 0)],
                        "below.example": [("below.example,www.below.example", f"{CAA},{CAA}", 0)]}


def test_challenges_of_one_domain_with_one_alias(ws, tmp_path):
    """Each by its type: the later one does not take the name from the earlier."""
    resolver = Resolver()
    for label in ("_acme-challenge", "_validation-persist"):
        owner = f"{label}.www.example.org"
        resolver.exchange(label, owner, [record(owner, 5, name("values.example"))], 16)
    resolver.exchange("values", "values.example", [txt("values.example", DIGEST)], 16)
    for two_pass in BOTH:
        found = resolver.rows(ws, tmp_path / "t.pcap", ["acme.challenge.type"], "acme.response_to", two_pass)
        assert [sorted(row[0].split(",")) for row in found["values"]] == [["3", "5"]]


def test_an_answer_with_all_of_it_need_not_be_followed(ws, tmp_path):
    """The target is validated as well: it may be its own question. Where an answer has the CNAME alone, the next question follows it."""
    resolver = Resolver()
    www, own = "_acme-challenge.www.example.org", "_acme-challenge.example.org"
    resolver.exchange("both in one", www, [record(www, 5, name(own)), txt(own, DIGEST)], 16)
    resolver.exchange("own or www", own, [], 16, flags=0x8583)
    sent, zone = "_acme-challenge.sent.example", "_acme-challenge.zone.example"
    resolver.exchange("CNAME", sent, [record(sent, 5, name(zone))], 16)
    resolver.exchange("follows", zone, [txt(zone, DIGEST)], 16)
    resolver.exchange("own or sent", zone, [txt(zone, DIGEST)], 16)
    wanted = {"both in one": ("www.example.org", 0), "own or www": ("example.org,www.example.org", 2), "CNAME": ("sent.example", 0),
              "follows": ("sent.example", 0), "own or sent": ("sent.example,zone.example", 2)}
    for two_pass in BOTH:
        found = resolver.rows(ws, tmp_path / "o.pcap", ["acme.domain", "acme.doubtful"], "acme.response_to", two_pass)
        assert {label: [(",".join(sorted(domains.split(","))), doubtful(doubt)) for domains, doubt in rows] for label, rows in found.items()} \
            == {label: [row] for label, row in wanted.items()}
    looks = ws.statistics(tmp_path / "o.pcap", "acme,perspectives", two_pass=True)
    looks = {cells[0]: (cells[3], cells[4]) for cells in ([cell.strip() for cell in line.split("|")] for line in looks.splitlines()) if len(cells) > 8}
    assert {domain: look for domain, look in looks.items() if "." in domain} == {
        "www.example.org": ("well-formed", "-"), "example.org": ("invalid?", "no TXT record?"),
        "sent.example": ("well-formed", "-"), "zone.example": ("well-formed?", "-")}
    table = ws.statistics(tmp_path / "o.pcap", "acme,verdicts", two_pass=True)
    outcomes = {cells[0]: cells[2] for cells in ([cell.strip() for cell in line.split("|")] for line in table.splitlines()) if len(cells) > 8}
    assert outcomes["www.example.org"] == "well-formed" and outcomes["example.org"] == "invalid?"

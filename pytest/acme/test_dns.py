# SPDX-License-Identifier: GPL-2.0-or-later
"""DNS-01 with bytes of our own: answers, names, streams, and resolvers as they speak."""

import itertools
import struct

from acme.crafted import AUTHORIZATION, BOTH, CHALLENGE, Cases, name, question, record, response, told, txt
from acme.test_servers_and_clients import yes
from harness import craft


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
        "CNAME": (question(CHALLENGE, kind=5), "3", "www.example.org"),
        "CAA": (question(CHALLENGE, kind=257), "3", "www.example.org"),
        "account": (question(account), "4", "www.example.org"),
        "control characters": (question("_acme-challenge.a\x01b.example.org"), "3", "a\\001b.example.org"),
        "other port": (question(CHALLENGE), "3", "www.example.org"),
    }
    # Named, but no challenge.
    others = {"A": question(CHALLENGE, kind=1), "NS": question(CHALLENGE, kind=2), "unknown type": question(CHALLENGE, kind=65280)}
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
    for label, message in (others | hidden).items():
        packets.add(label, message)
    found = packets.ask(ws, tmp_path / "d.pcap", ["acme.challenge.type", "acme.domain"], options=["-d", "udp.port==5300,dns"])
    assert found == {label: [(kind, domain)] for label, (_, kind, domain) in shown.items()} | {label: [("", "")] for label in others}
    assert not set(packets.ask(ws, tmp_path / "d.pcap", [], "acme.outcome || (acme && _ws.expert)")) & set(others)


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

# SPDX-License-Identifier: GPL-2.0-or-later
"""Dynamic updates of the names of challenges: their key and answer, and the questions that find the value or miss it."""

import struct

from acme.crafted import CHALLENGE, name, question, record, response, txt
from harness import craft
from harness.properties import assert_passes_agree, assert_survives, truncations

CLIENT, PRIMARY, SECONDARY, RESOLVER = "192.0.2.1", "192.0.2.53", "192.0.2.54", "192.0.2.9"
ONE, TWO = "gfj9Xq-Rg85nM_b2G4hYNSmMG8MPVa6s0iVYk4NCRpU", "LPsIwTo7o8BoG0-vjCyGQGBWSVIPxI-i_X336eUOQZo"
UPDATE, ANSWER = 0x2800, 0xa800
NONE, ANY = 254, 255


def tsig(key="acme-key", algorithm="hmac-sha256", error=0, mac=bytes(32)):
    data = name(algorithm) + bytes(6) + struct.pack(">HH", 300, len(mac)) + mac + struct.pack(">HHH", 1, error, 0)
    return record(key, 250, data, klass=ANY)


def update(*changes, number=1, flags=UPDATE, signature=b"", zone=True):
    count = 1 if zone else 0
    return struct.pack(">HHHHHH", number, flags, count, 0, len(changes), 1 if signature else 0) + \
        (name("example.org") + struct.pack(">HH", 6, 1) if zone else b"") + b"".join(changes) + signature


def add(value, owner=CHALLENGE):
    return txt(owner, value)


def delete(owner=CHALLENGE, kind=16, value=None):
    data = b"" if value is None else bytes([len(value)]) + value.encode()
    return record(owner, kind, data, klass=ANY if value is None else NONE)


class Story:
    """Messages, each at a second of its own; a port and number belong to one exchange."""

    def __init__(self):
        self.frames, self.second, self.exchange = [], 0, 0

    def _add(self, message, src, dst, sport, dport):
        self.second += 1
        packet = craft.ip(craft.udp(message, sport, dport), src, dst)
        self.frames.append((self.second, craft.ethernet(packet)))

    def sent(self, message, server=PRIMARY, client=CLIENT):
        self.exchange += 1
        self._add(message, client, server, 20000 + self.exchange, 53)
        return self

    def answered(self, message, server=PRIMARY, client=CLIENT):
        self._add(message, server, client, 53, 20000 + self.exchange)
        return self

    def updated(self, *changes, rcode=0, server=PRIMARY, **values):
        self.sent(update(*changes, **values), server)
        return self.answered(update(flags=ANSWER | rcode, **values), server)

    def asked(self, *records, server=PRIMARY, flags=0x8400, owner=CHALLENGE):
        self.sent(question(owner), server, RESOLVER)
        return self.answered(response(owner, *records, flags=flags if records else flags | 3), server, RESOLVER)

    def write(self, path):
        return craft.write_pcap(path, self.frames)


FOUND = ["frame.number", "acme.dns.update_in", "acme.dns.since_update", "acme.dns.propagated", "acme.dns.not_propagated",
         "acme.dns.not_published"]


def found(ws, path, **options):
    """{frame: (update, seconds, propagated, not propagated, not published)} of answers to questions."""
    rows = ws.rows(path, FOUND, "acme && dns.flags.response == 1 && dns.flags.opcode == 0", **options)
    return {int(row[0]): (row[1], row[2][:row[2].find(".")], row[3].replace("True", "1").replace("False", "0"), bool(row[4]), bool(row[5]))
            for row in rows}


NOTHING = ("", "", "", False, False)


def test_updates_are_named_with_key_and_answer(ws, tmp_path):
    story = Story().updated(add(ONE), signature=tsig())
    story.updated(delete(), add(TWO), signature=tsig("other", "hmac-sha512.example", mac=b""))
    story.updated(delete(kind=ANY)).updated(delete(value=ONE), zone=True)
    fields = ["frame.number", "acme.domain", "acme.challenge.type", "acme.dns.update", "acme.dns.update.value", "acme.dns.update.key",
              "acme.dns.update.algorithm", "acme.dns.update.tsig_error", "acme.dns.update.rcode", "acme.response_in", "acme.response_to"]
    domain = ("www.example.org", "3")
    for two_pass in (False, True):
        rows = ws.rows(story.write(tmp_path / "u.pcap"), fields, "acme", two_pass=two_pass)
        later = lambda frame: str(frame) if two_pass else ""
        assert rows == [
            ("1", *domain, "1", ONE, "acme-key", "hmac-sha256", "", "", later(2), ""),
            ("2", *domain, "", "", "acme-key", "hmac-sha256", "0", "0", "", "1"),
            ("3", *domain, "3,1", TWO, "other", "hmac-sha512.example", "", "", later(4), ""),
            ("4", *domain, "", "", "other", "hmac-sha512.example", "0", "0", "", "3"),
            ("5", *domain, "3", "", "", "", "", "", later(6), ""), ("6", *domain, "", "", "", "", "", "0", "", "5"),
            ("7", *domain, "2", ONE, "", "", "", "", later(8), ""), ("8", *domain, "", "", "", "", "", "0", "", "7")]


def test_refused_updates_say_what_to_do(ws, tmp_path):
    story = Story()
    refusals = [(9, tsig(error=17, mac=b""), "NOTAUTH, BADKEY", "knows no key"), (9, tsig(error=16), "NOTAUTH, BADSIG", "secret"),
                (9, tsig(error=18), "NOTAUTH, BADTIME", "clocks"), (5, b"", "REFUSED", "allow this key"), (9, b"", "NOTAUTH", "primary"),
                (10, b"", "NOTZONE", "not in the zone"), (2, b"", "SERVFAIL", "journal"), (11, b"", "RCODE 11", "log")]
    for rcode, signature, _, _ in refusals:
        story.sent(update(add(ONE), signature=tsig())).answered(update(flags=ANSWER | rcode, signature=signature, zone=False))
    rows = ws.rows(story.write(tmp_path / "u.pcap"), ["acme.dns.update.rcode", "_ws.expert.message"], "acme.dns.update_refused")
    assert len(rows) == len(refusals)
    for (rcode, message), (wanted, _, result, advice) in zip(rows, refusals):
        assert rcode == str(wanted) and f"({result})" in message and advice in message


def test_questions_find_or_miss_what_was_published(ws, tmp_path):
    story = Story().asked()                                             # 1, 2: before any
    story.updated(add(ONE))                                             # 3, 4
    story.asked(server=SECONDARY).asked(txt(CHALLENGE, ONE))            # 6: not yet; 8
    story.asked(txt(CHALLENGE, TWO), server=SECONDARY)                  # 10: an old value
    story.asked(flags=0x8002)                                           # 12: SERVFAIL says nothing of it (with NXDOMAIN's bit: 3)
    story.updated(add(TWO))                                             # 13, 14
    story.asked(txt(CHALLENGE, ONE), txt(CHALLENGE, TWO))               # 16: both
    story.updated(delete(value=ONE)).asked(txt(CHALLENGE, TWO))         # 17 to 20: one was taken back
    story.updated(delete()).asked()                                     # 21 to 24: all were
    story.updated(add(ONE), rcode=5).asked()                            # 25 to 28: refused
    story.sent(update(add(ONE))).asked(txt(CHALLENGE, ONE))             # 29 to 31: nobody answered, but it is there
    story.frames[11] = (story.frames[11][0], story.frames[11][1][:44] + b"\x84\x02" + story.frames[11][1][46:])
    wanted = {2: NOTHING, 6: ("3", "3", "0", True, False), 8: ("3", "5", "1", False, False), 10: ("3", "7", "0", True, False), 12: NOTHING,
              16: ("13,3", "3", "1,1", False, False), 20: ("13", "7", "1", False, False), 24: NOTHING, 28: ("", "", "", False, True),
              31: ("29", "2", "1", False, False)}
    for two_pass in (False, True):
        assert {frame: row for frame, row in found(ws, story.write(tmp_path / "u.pcap"), two_pass=two_pass).items()} == wanted
    rows = ws.rows(tmp_path / "u.pcap", ["frame.number", "acme.dns.found_in", "acme.dns.propagation"], "acme.dns.found_in", two_pass=True)
    assert [(row[0], row[1], float(row[2])) for row in rows] == [("3", "8", 5), ("13", "16", 3), ("29", "31", 2)]


def test_who_took_it_and_who_was_asked(ws, tmp_path):
    story = Story().updated(add(ONE)).asked(server=SECONDARY).asked().sent(update(add(TWO))).asked()
    rows = ws.rows(story.write(tmp_path / "u.pcap"), ["frame.number", "_ws.expert.message"], "acme.dns.not_propagated")
    assert [row[0] for row in rows] == ["4", "6", "9"]
    assert f"{PRIMARY} took the update, and {SECONDARY} does not have it yet" in rows[0][1]
    assert "the server that took the update does not show it" in rows[1][1] and "nothing had answered that update by then" in rows[2][1]


def test_updates_of_names_that_a_challenge_leads_to(ws, tmp_path):
    alias = "alias.keys.example.net"
    leads = record(CHALLENGE, 5, name(alias))
    story = Story().updated(add(ONE, alias)).updated(add("v=spf1 -all", alias)).updated(add(TWO, "other.example.net"))
    story.asked(leads, txt(alias, ONE)).updated(delete(alias)).asked(leads, txt(alias, ONE))
    path = story.write(tmp_path / "u.pcap")
    fields = ["frame.number", "acme.dns.update", "acme.dns.update.value", "acme.dns.found_in"]
    shown = ws.rows(path, fields, "acme && dns.flags.opcode == 5", two_pass=True)
    assert shown == [("1", "1", ONE, "8"), ("2", "", "", "")]
    assert found(ws, path)[8] == ("1", "7", "1", False, False) and found(ws, path)[12] == NOTHING


def test_repeated_update_is_one(ws, tmp_path):
    story = Story().sent(update(add(ONE)))
    story.frames += [(2, story.frames[0][1]), (3, story.frames[0][1])]
    story.answered(update(flags=ANSWER)).asked(txt(CHALLENGE, ONE))
    rows = ws.rows(story.write(tmp_path / "u.pcap"), ["frame.number", "acme.response_in", "acme.response_to", "acme.dns.update_in"], "acme",
                   two_pass=True)
    assert rows == [("1", "4", "", ""), ("2", "4", "", ""), ("3", "4", "", ""), ("4", "", "1", ""), ("5", "6", "", ""), ("6", "", "5", "1")]


def test_hostile_updates(ws, tmp_path):
    """Cut anywhere; a message with the same number that is shorter; signatures that say a wrong length."""
    whole = Story().updated(delete(), add(ONE), signature=tsig()).asked(txt(CHALLENGE, ONE))
    assert_survives(ws, truncations(tmp_path / "cut.pcap", [frame for _, frame in whole.frames]))
    long = record("key", 250, name("hmac") + bytes(8) + b"\xff\xff" + bytes(6), klass=ANY)
    story = Story().sent(update(add(ONE), signature=long))
    story._add(update(), CLIENT, PRIMARY, 20001, 53)
    rows = ws.rows(story.write(tmp_path / "u.pcap"), ["acme.dns.update.value", "acme.dns.update.key"], "acme", two_pass=True)
    assert rows == [(ONE, ""), (ONE, "")]
    assert len(ws.frames(tmp_path / "u.pcap", "acme", two_pass=True)) == 2
    assert ws.frames(tmp_path / "u.pcap", "_ws.malformed") == [1]      # says Wireshark of the signature
    others = Story().updated(add("not a digest", "www.example.org")).updated(delete("www.example.org")).updated(add(ONE, "x.example.org"))
    others.updated(record(CHALLENGE, 1, bytes(4)))
    assert not ws.frames(others.write(tmp_path / "o.pcap"), "acme", two_pass=True)


def test_certbot_and_lego_at_bind(ws, captures):
    """The capture's README has the clients' log beside this."""
    capture, keys = captures / "acme-dns-update/update.pcap", captures / "acme-dns-update/update.keys"
    shown = "acme && dns.flags.opcode == 5"
    updates = ws.rows(capture, ["acme.domain", "acme.dns.update", "acme.dns.update.key", "acme.dns.found_in"], f"{shown} && dns.flags.response == 0",
                      two_pass=True)
    found_by = {row[0].split(".")[0]: bool(row[3]) for row in updates if "1" in row[1]}
    assert found_by == {"right": True, "alias": True, "slow": True, "lego": True, "late": False, "badkey": False, "badsig": False,
                        "denied": False}
    answers = ws.rows(capture, ["acme.domain", "acme.dns.update.rcode", "acme.dns.update.tsig_error"], "acme.dns.update_refused")
    assert {(row[0].split(".")[0], *row[1:]) for row in answers} == {("badkey", "9", "17"), ("badsig", "9", "16"), ("denied", "5", "0")}
    late = ws.rows(capture, ["acme.domain", "acme.dns.propagated"], "acme.dns.not_propagated")
    assert {row[0] for row in late} == {"slow.example.org", "late.example.org"}
    fields = ["acme.dns.update_in", "acme.dns.since_update", "acme.dns.propagated", "acme.dns.not_published", "acme.dns.update"]
    assert_passes_agree(ws, capture, fields, "acme && dns && acme.domain != \"alias.example.org\"", keylog=keys)

# SPDX-License-Identifier: GPL-2.0-or-later
"""DNS answers that are not all there: truncated, cut off in the capture, broken. What is missing is held against nobody."""

import base64
import hashlib
import struct

from acme.crafted import BOTH, CHALLENGE, TOKEN, Cases, question, record, response, txt
from acme.test_dns import DIGEST, NS, SOA, Datagrams
from acme.test_servers_and_clients import yes
from acme.test_verdicts import NO_TXT, NONE, VERDICT, account_and_authorization, caa, verdict
from harness import craft

NOTHING = (None, "", "")


def truncated(message):
    return message[:2] + bytes([message[2] | 2]) + message[3:]


def promise(message, section, count):
    """More records than there are, as where the last one is cut off."""
    at = 6 + 2 * section
    return message[:at] + struct.pack(">H", count) + message[at + 2:]


def test_dns_answers_that_are_cut_off(ws, tmp_path):
    """What is missing may be what was asked for. That the name does not exist the header says."""
    digest, other = txt(CHALLENGE, DIGEST), txt(CHALLENGE, "v=spf1 -all")
    whole = response(CHALLENGE, digest)
    answers = {
        "in the record": (promise(response(CHALLENGE), 0, 1) + digest[:20], None),
        "in the length": (promise(response(CHALLENGE), 0, 1) + digest[:-1], None),
        "behind another value": (promise(response(CHALLENGE, other), 0, 2) + digest[:20], None),
        "in the authority section": (promise(response(CHALLENGE, flags=0x8580), 1, 1) + SOA[:20], None),
        "in the additional section": (promise(response(CHALLENGE, flags=0x8580), 2, 1), None),
        "there, SOA": (promise(response(CHALLENGE, authority=[SOA], flags=0x8580), 2, 1), NO_TXT),
        "there, digest": (promise(whole, 2, 1), None),
        "NXDOMAIN": (promise(response(CHALLENGE, flags=0x8583), 1, 1) + SOA[:20], NO_TXT),
        "whole": (whole, NONE),
        "truncated": (truncated(whole), None),
    }
    packets = Datagrams()
    for label, (message, _) in answers.items():
        packets.add(label, question(CHALLENGE), message)
    for two_pass in BOTH:
        found = packets.ask(ws, tmp_path / "d.pcap", [*VERDICT, "acme.dns.error"], "acme && dns.flags.response == 1", two_pass=two_pass)
        assert {label: verdict(row[:3])[:2] for label, (row,) in found.items()} == {
            label: (None, "") if cause is None else (cause == NONE, cause) for label, (_, cause) in answers.items()}
        assert {label for label, (row,) in found.items() if row[3]} == {label for label, (_, cause) in answers.items() if cause}


def test_snapshot_lengths_of_dns(ws, tmp_path):
    """The same, cut by the capture; the CAA records that may follow decide as well."""
    www = "www.example.org"
    sets = {"TXT": (CHALLENGE, 16, txt(CHALLENGE, DIGEST)), "no CAA": (www, 257, caa(www, "issue", "ca.example.org")),
            "second CAA": (www, 257, caa(www, "issue", ";"), caa(www, "issue", "ca.example.org"))}
    frames, ports = [], {}
    for port, (label, (owner, kind, *records)) in enumerate(sets.items(), 20000):
        ports[port] = label
        asked, told = craft.udp(question(owner, kind=kind), port, 53), craft.udp(response(owner, *records, kind=kind, flags=0x8580), 53, port)
        frame = craft.ethernet(craft.ip(told, craft.SERVER, craft.CLIENT))
        frames += [(port - 20000 + 0.1, craft.ethernet(craft.ip(asked))), (port - 20000 + 0.2, frame[:-8], len(frame))]
    capture = craft.write_pcap(tmp_path / "s.pcap", frames)
    for two_pass in BOTH:
        rows = ws.rows(capture, ["udp.dstport", *VERDICT, "_ws.col.Info" if ws.version < (4, 4) else "_ws.col.info"],
                       "acme && dns.flags.response == 1", two_pass)
        assert {ports[int(port)]: verdict(row[:3]) for port, *row in rows} == {label: NOTHING for label in sets}
        assert all("incomplete answer" in row[-1] for row in rows)


def test_truncated_answers_with_a_digest(ws, tmp_path):
    """The digest that is awaited is the one that was left out, and comes over TCP; where it is there, that is enough."""
    cases = Cases()
    own = account_and_authorization(cases, ("dns-01", TOKEN))
    right = base64.urlsafe_b64encode(hashlib.sha256(f"{TOKEN}.{own}".encode()).digest()).rstrip(b"=").decode()
    older, awaited = txt(CHALLENGE, DIGEST), txt(CHALLENGE, right)
    messages = {21000: truncated(response(CHALLENGE, older)), 21001: truncated(response(CHALLENGE, awaited)),
                21002: promise(response(CHALLENGE, older), 0, 2), 21003: response(CHALLENGE, older)}
    for port, message in messages.items():
        cases.packets += [craft.ip(craft.udp(question(CHALLENGE), port, 53)), craft.ip(craft.udp(message, 53, port), craft.SERVER, craft.CLIENT)]
    capture = cases.write(tmp_path / "t.pcap")
    for two_pass in BOTH:
        rows = ws.rows(capture, ["udp.dstport", "acme.valid", "acme.cause", "acme.verified"], "acme && dns.flags.response == 1", two_pass)
        assert {int(port): (yes(valid), cause, yes(verified)) for port, valid, cause, verified in rows} == {
            21000: (None, "", None), 21001: (True, "", True), 21002: (None, "", None), 21003: (False, "13", False)}


def test_soa_behind_other_records(ws, tmp_path):
    """Of a negative answer with DNSSEC, SOA is not the first; of a referral NS is not always."""
    def signature(kind):
        return record("example.org", 46, struct.pack(">HBBIIIH", kind, 13, 2, 60, 1800000000, 1600000000, 1) + b"\0" + bytes(64))
    nsec = record("example.org", 47, b"\0\0\1\x40")
    packets = Datagrams()
    for label, authority in {"NSEC first": [nsec, signature(47), SOA, signature(6)], "NS first": [NS, SOA], "referral": [signature(43), NS]}.items():
        packets.add(label, question(CHALLENGE), response(CHALLENGE, authority=authority, flags=0x8580))
    found = packets.ask(ws, tmp_path / "d.pcap", ["acme.cause"], "acme && dns.flags.response == 1")
    assert found == {"NSEC first": [(NO_TXT,)], "NS first": [(NO_TXT,)], "referral": [("",)]}

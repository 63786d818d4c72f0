# SPDX-License-Identifier: GPL-2.0-or-later
"""ACME: text from the network never turns the direction of writing, nor breaks a line."""


import pytest

from acme.crafted import AUTHORIZATION, CHALLENGE, PATH, answer, client_hello, get, question, record, response, told
from acme.test_api import signed
from harness.craft import conversation, ethernet, ip, udp, write_pcap

MARKS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
ESCAPED = "".join(f"\\x{byte:02x}" for byte in MARKS.encode())
BASE = "https://ca.example.org/"


def raw(text):
    """As get() and answer() write it byte by byte."""
    return text.encode().decode("latin-1")


@pytest.fixture
def capture(tmp_path):
    """The marks wherever a text of a challenge or of the API is shown."""
    host, path = raw(f"a{MARKS}b.example.org"), PATH + raw(MARKS)
    identifiers = [{"type": "dns", "value": f"a{MARKS}b.example.org"}]
    stories = [
        (80, get(path, host), answer(AUTHORIZATION)),
        (80, get(PATH), b"HTTP/1.1 302 Found\r\nLocation: /" + MARKS.encode() + b"\r\nContent-Length: 0\r\n\r\n"),
        (80, signed(BASE + "order", {"identifiers": identifiers}, nonce="n" + MARKS),
         told({"type": "urn:ietf:params:acme:error:" + MARKS, "detail": "no " + MARKS}, "400 Bad", "application/problem+json")),
        (80, signed(BASE + "a", {"identifiers": identifiers}),
         told({"status": "pending" + MARKS, "identifiers": identifiers, "authorizations": [], "finalize": BASE},
              extra=f"Location: {BASE}x\r\n")),
        (443, client_hello(server_name=f"a{MARKS}b.example.org".encode())),
    ]
    frames = [ethernet(frame) for number, (port, *payloads) in enumerate(stories)
              for frame in conversation(*payloads, sport=20000 + number, dport=port)]
    value = ("v" + MARKS).encode()
    answers = response(CHALLENGE, record(CHALLENGE, 16, bytes([len(value)]) + value))
    frames += [ethernet(ip(udp(question(CHALLENGE), 30000, 53), "192.0.2.1", "192.0.2.53")),
               ethernet(ip(udp(answers, 53, 30000), "192.0.2.53", "192.0.2.1"))]
    return write_pcap(tmp_path / "a.pcap", frames)


@pytest.mark.parametrize("two_pass", [False, True])
def test_marks_never_reach_fields_or_info(ws, capture, two_pass):
    strings = sorted(field for field, kind in ws.fields().items() if field.startswith("acme.") and kind == "FT_STRING")
    rows = ws.rows(capture, strings, "acme", two_pass)
    shown = {field for row in rows for field, value in zip(strings, row) if ESCAPED in value}
    assert shown == {"acme.domain", "acme.token", "acme.redirect", "acme.jws.nonce", "acme.problem.type", "acme.problem.detail",
                     "acme.identifier", "acme.object.status", "acme.dns.digest"}
    columns = [info for protocol, info in ws.columns(capture, two_pass) if protocol == "ACME"]
    assert sum(ESCAPED in info for info in columns) >= 7
    for text in ["".join(row) for row in rows] + columns:
        assert not set(text) & set(MARKS)


def test_marks_never_reach_statistics(ws, capture):
    for statistic in ("acme,tree", "expert"):
        text = ws.statistics(capture, statistic, "acme")
        assert ESCAPED in text and not set(text) & set(MARKS)


def test_marks_in_the_tree_are_others(ws, capture):
    """Below the item of ACME none is, but where the JSON dissector shows its own."""
    for packet in ws.pdml(capture, "-Y", "acme"):
        for item in packet.iter("proto"):
            if item.get("name") == "acme":
                texts = [value for node in item.iter("field") if node.get("name", "").startswith("acme.")
                         for value in (node.get("show", ""), node.get("showname", ""))] + [item.get("showname", "")]
                assert not set("".join(texts)) & set(MARKS)


def test_line_ends_and_broken_text_are_escaped(ws, tmp_path):
    frames = [ethernet(frame) for frame in conversation(
        signed(BASE + "a", {"identifiers": []}),
        told({"type": "urn:ietf:params:acme:error:x", "detail": "one\ntwo\t\u2028\u0085\x7f"}, "400 Bad", "application/problem+json"),
        sport=20000, dport=80)]
    path = write_pcap(tmp_path / "a.pcap", frames)
    detail = "one\\x0atwo\\x09\\xe2\\x80\\xa8\\xc2\\x85\\x7f"
    assert ws.rows(path, ["acme.problem.detail"], "acme.problem.detail") == [(detail,)]
    assert any(detail in info for _, info in ws.columns(path))

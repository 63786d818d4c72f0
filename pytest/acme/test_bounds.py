# SPDX-License-Identifier: GPL-2.0-or-later
"""ACME: what hostile captures cost, and what becomes of names that have no end."""

import gzip
import itertools
import json
import struct

import pytest

from acme.crafted import AUTHORIZATION, PATH, TOKEN, Cases, answer, get, name, question, record, txt, vector
from acme.test_api import http2_frame
from acme.test_dns import DIGEST, Datagrams
from acme.test_servers_and_clients import yes
from acme.test_dns_update import ANSWER, ONE, PRIMARY, RESOLVER, TWO, add, update
from harness.craft import conversation, ethernet, ip, udp, write_pcap

pytestmark = [pytest.mark.measured, pytest.mark.one_series]

CHALLENGE = "_acme-challenge.www.example.org"
MEGABYTE = 1024     # in kilobytes


def added(ws, capture):
    """Kilobytes that the plugin takes more than Wireshark without any."""
    options = ("-Y", "frame.number == 1")
    return ws.subset("acme").consumed(capture, *options)[1] - ws.without_plugins().consumed(capture, *options)[1]


@pytest.mark.parametrize("size", [20000, 8000])
def test_urls_of_directories_are_bounded_in_bytes(ws, tmp_path, size):
    """1,500 directories that name 4,500 URLs of 20 kB, or of 8 kB, which less than 1 MB holds."""
    frames = []
    for number in range(1500):
        urls = {kind: f"https://ca.example.org/{number}/{kind}/" + "a" * size for kind in ("newNonce", "newAccount", "newOrder")}
        body = gzip.compress(json.dumps(urls).encode())
        frames += conversation(get("/directory", "ca.example.org"),
                               answer(body, extra="Content-Type: application/json\r\nContent-Encoding: gzip\r\n"), sport=10000 + number)
    capture = write_pcap(tmp_path / f"{size}.pcap", [ethernet(frame) for frame in frames])
    assert ws.count(capture, "acme.resource == 1") == 1500
    assert added(ws, capture) < 25 * MEGABYTE


def test_urls_that_are_written_again_in_a_byte_are_kept_once(ws, tmp_path):
    """HTTP/2 makes a target of 3,900 bytes again from an index of one byte, 10,000 times."""
    fields = [(":method", "GET"), (":scheme", "http"), (":authority", "www.example.org"), (":path", PATH + "?" + "a" * 3700)]
    first = b"".join(b"\x40" + vector(1, k.encode()) + (vector(1, v.encode()) if len(v) < 127 else
                     b"\x7f" + long_integer(len(v) - 127) + v.encode()) for k, v in fields)
    again = b"\xc1\xc0\xbf\xbe"
    requests = [http2_frame(1, 5, 1 + 2 * n, first if n == 0 else again) for n in range(10000)]
    start = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + http2_frame(4, 0, 0, b"")
    payloads = [start, http2_frame(4, 0, 0, b"")]
    for at in range(0, len(requests), 80):
        payloads += [b"".join(requests[at:at + 80]), b""]
    capture = write_pcap(tmp_path / "a.pcap", [ethernet(frame) for frame in conversation(*payloads, sport=20000, dport=80)])
    tokens = [value for row in ws.rows(capture, ["acme.token"], "acme") for value in row[0].split(",")]
    assert set(tokens) == {TOKEN} and 1000 < len(tokens) <= 10000      # the HTTP hub keeps heads within its budget
    assert added(ws, capture) < 50 * MEGABYTE


def long_integer(value):
    """RFC 7541 section 5.1, behind a prefix that is full."""
    out = b""
    while value >= 128:
        out += bytes([value % 128 + 128])
        value //= 128
    return out + bytes([value])


def test_long_urls_are_shown_and_not_followed(ws, tmp_path):
    """A challenge asked for by a URL that is too long to keep is judged; a redirect from it leads nowhere."""
    cases = Cases()
    cases.add("long", get(PATH + "?" + "a" * 9000), answer())
    cases.add("short", get(PATH + "?" + "a" * 900), answer())
    cases.add("long redirect", get(PATH + "?" + "b" * 9000), answer(b"", "302 Found", "Location: /elsewhere\r\n"))
    cases.add("behind it", get("/elsewhere"), answer(AUTHORIZATION))
    cases.add("short redirect", get(PATH + "?" + "b" * 900), answer(b"", "302 Found", "Location: /there\r\n"))
    cases.add("behind that", get("/there"), answer(AUTHORIZATION))
    found = cases.ask(ws, tmp_path / "a.pcap", ["acme.token", "acme.valid"])
    assert {label: [(token, yes(valid)) for token, valid in rows] for label, rows in found.items()} == {
        **{label: [(TOKEN, None), (TOKEN, True)] for label in ("long", "short", "behind that")},
        **{label: [(TOKEN, None)] * 2 for label in ("long redirect", "short redirect")}}


def test_many_tokens_are_bounded_in_number(ws, tmp_path):
    """Beyond 65,536 challenges, those that are known still are shown, and new ones are not."""
    def token(number):
        return f"{number:043d}"
    numbers = [*range(66000), 5, 70000]
    requests = [get("/.well-known/acme-challenge/" + token(number), "a.example.org") for number in numbers]
    payloads = list(itertools.chain.from_iterable((b"".join(requests[at:at + 100]), b"") for at in range(0, len(requests), 100)))
    capture = write_pcap(tmp_path / "a.pcap", [ethernet(frame) for frame in conversation(*payloads, sport=20000, dport=80)])
    shown = [value for row in ws.rows(capture, ["acme.token"], "acme") for value in row[0].split(",")]
    assert shown == [*(token(number) for number in range(65536)), token(5)]
    assert added(ws, capture) < 120 * MEGABYTE


# Names in DNS messages


def pointer(offset):
    return struct.pack(">H", 0xc000 | offset)


def answered(*records, count=None):
    asked = question(CHALLENGE, flags=0x8400)
    return asked[:6] + struct.pack(">H", len(records) if count is None else count) + asked[8:] + b"".join(records)


def test_dns_names_without_an_end(ws, tmp_path):
    """Pointers to themselves, to each other, forward, in long chains, and names longer than 255 octets."""
    here = len(question(CHALLENGE))
    value = bytes([43]) + DIGEST.encode()
    to_itself = record(pointer(here), 16, value)
    forward = record(pointer(here + 12), 16, value)
    growing = b"\1a" + pointer(here)
    chain = b"".join(pointer(here + 10 + 2 * n - 2) if n else pointer(12) for n in range(200))
    label = b"\x3f" + b"a" * 63
    datagrams = Datagrams()
    cases = {
        "to itself": answered(to_itself), "forward": answered(forward), "label and back": answered(record(growing, 16, value)),
        "behind the end": answered(record(pointer(0x3fff), 16, value)), "cut": answered(b"\xc0", count=1),
        "too long": answered(record(4 * label + b"\0", 16, value)), "unknown kind of label": answered(record(b"\x80\0", 16, value)),
        "CNAME to itself": answered(record(CHALLENGE, 5, pointer(here + len(name(CHALLENGE)) + 10))),
        "CNAMEs in a circle": answered(record(CHALLENGE, 5, name("a.example.org")), record("a.example.org", 5, name(CHALLENGE))),
        "long chain": answered(record(b"\0", 99, chain), record(pointer(here + 11 + 398), 16, value)),
        "short chain": answered(record(b"\0", 99, b"".join([pointer(12), *(pointer(here + 11 + 2 * n) for n in range(100))])),
                                record(pointer(here + 11 + 200), 16, value)),
        "plain": answered(txt(CHALLENGE, DIGEST)),
    }
    for number, (case, message) in enumerate(cases.items()):
        datagrams.add(case, message)
    found = datagrams.ask(ws, tmp_path / "a.pcap", ["acme.dns.digest"])
    assert {case for case, rows in found.items() if rows[0][0]} == {"short chain", "plain"}
    assert set(found) == set(cases)


def test_dns_records_that_all_point_to_a_long_name(ws, tmp_path):
    """A message full of records costs what its octets are worth."""
    asked = question("_acme-challenge." + ".".join(["a" * 63] * 3), flags=0x8400)
    records = b"".join(pointer(12) + struct.pack(">HHIH", 16, 1, 0, 1) + b"\0" for _ in range(5000))
    message = asked[:6] + struct.pack(">H", 5000) + asked[8:] + records
    stream = struct.pack(">H", len(message)) + message
    frames = [ethernet(frame) for n in range(20)
              for frame in conversation(b"", *(stream[at:at + 1400] if at >= 0 else b"" for at in range(0, len(stream), 1400)),
                                        sport=20000 + n, dport=53)]
    capture = write_pcap(tmp_path / "a.pcap", frames)
    seconds, _, _ = ws.consumed(capture, "-Y", "acme")
    stock, _, _ = ws.without_plugins().consumed(capture, "-Y", "dns")
    assert seconds < 2 * stock + 2


# Updates


def updated(message, server=PRIMARY, client="192.0.2.1"):
    return ethernet(ip(udp(message, 5353, 53), client, server))


def replied(message, server=PRIMARY, client="192.0.2.1", port=5353):
    return ethernet(ip(udp(message, 53, port), server, client))


def test_updates_of_other_names_take_no_room(ws, tmp_path):
    """66,000 clients that register themselves, as where there is DHCP, before the one update of a challenge."""
    other = update(record("a.example.org", 1, bytes(4)))
    frames = [updated(other, client=f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}") for n in range(66000)]
    assert ws.frames(write_pcap(tmp_path / "a.pcap", [*frames, updated(update(add(ONE)))]), "acme") == [66001]


def test_update_to_a_server_that_there_is_no_room_for(ws, tmp_path):
    """Names run out just where the update and its change still have room (the first filler's length decides)."""
    def filler(number, size):
        text = f"{number:05d}" + "a" * (size - 5)
        return record(CHALLENGE, 16, b"".join(vector(1, text[at:at + 250].encode()) for at in range(0, size, 250)))
    values = [updated(update(filler(number, 8000), number=number + 10)) for number in range(4085)]
    asked = ethernet(ip(udp(question(CHALLENGE), 999, 53), RESOLVER, PRIMARY))
    missing = replied(answered(txt(CHALLENGE, TWO)), client=RESOLVER, port=999)
    last = []
    for number in range(310):
        server = f"10.0.{number >> 8}.{number & 255}"
        last += [updated(update(add(ONE)), server), replied(update(flags=ANSWER), server)]
    frames = [asked, missing, updated(update(add(ONE))), updated(update(filler(5000, 356), number=2)), *values, *last, asked, missing]
    assert ws.frames(write_pcap(tmp_path / "a.pcap", frames), "acme && dns.flags.opcode == 0") == [1, 2, len(frames) - 1, len(frames)]


def test_verdicts_of_many_addresses(ws, tmp_path):
    """A name that is asked for from 20,000 addresses: the table's work for each does not grow with those before."""
    asked, told = question(CHALLENGE), answered(txt(CHALLENGE, DIGEST))
    packets = []
    for number in range(20000):
        src = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        packets += [ip(udp(asked, 5000, 53), src, "192.0.2.53"), ip(udp(told, 53, 5000), "192.0.2.53", src)]
    capture = write_pcap(tmp_path / "v.pcap", [ethernet(packet) for packet in packets])
    plain, _, _ = ws.consumed(capture, "-q")
    seconds, _, out = ws.consumed(capture, "-q", "-z", "acme,verdicts")
    assert "20000" in (out if isinstance(out, str) else out.decode())
    assert seconds < 3 * plain + 2


def test_caa_asked_by_many_clients(ws, tmp_path):
    """Of one domain; finding a client's own climb does not take a walk over those of all others."""
    packets = [ip(udp(question(CHALLENGE), 5000, 53), "10.0.0.1", "192.0.2.53"),
               ip(udp(answered(txt(CHALLENGE, DIGEST)), 53, 5000), "192.0.2.53", "10.0.0.1")]
    asked = question("www.example.org", kind=257)
    clients = [f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}" for number in range(10000)]
    packets += [ip(udp(asked, 5000 + turn, 53), src, "192.0.2.53") for turn in range(4) for src in clients]
    capture = write_pcap(tmp_path / "c.pcap", [ethernet(packet) for packet in packets])
    stock, _, _ = ws.without_plugins().consumed(capture, "-Y", "dns")
    seconds, _, _ = ws.consumed(capture, "-Y", "acme")
    assert seconds < 2 * stock + 2

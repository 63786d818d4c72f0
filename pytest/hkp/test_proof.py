# SPDX-License-Identifier: GPL-2.0-or-later
"""What proves nothing is not claimed: whose answer it is, whether there is a key, whether there is an answer at all."""

import gzip

import pytest

from harness import http2 as h2
from harness.craft import Connection, icmp_error, ip, read_pcap, tcp, write_pcap
from hkp.test_connections import LINUX, syn
from hkp.test_exchanges import request, response
from hkp.test_requests_and_answers import V4, answer, get, write

GET, INDEX, PAGE = f"/pks/lookup?op=get&search=0x{V4}", "/pks/lookup?op=index&search=x", "text/html"
LINK = f'<a href="/pks/lookup?op=get&search=0x{V4}">'
NGINX = "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>"
TRUTH = {"1": "1", "0": "0", "True": "1", "False": "0", "": ""}


def exchanges(ws, capture, *options):
    """Search term, outcome, and the frames of both, of what has an outcome or an answer; in two passes."""
    rows = ws.rows(capture, ["frame.number", "hkp.search", "hkp.outcome", "hkp.response_to"], "hkp", two_pass=True, options=options)
    return [row for row in rows if row[2]]


def test_quoted_by_an_icmp_error(ws, tmp_path):
    """Neither the request nor the answer that it quotes is sent again."""
    connection = Connection(sport=45001, dport=80).handshake().client(request("one")).server(response(404)).client(request("two"))
    quoted = [icmp_error(packet) for packet in connection.packets[3:5]]
    connection.server(response(410))
    packets = connection.packets[:6] + quoted + connection.packets[6:]
    capture = write_pcap(tmp_path / "icmp.pcap", packets, linktype=101)
    assert exchanges(ws, capture) == [("5", "one", "not found", "4"), ("9", "two", "not found", "6")]


def test_behind_a_hole(ws, tmp_path):
    """The first answer is that to a request which is not in the capture."""
    connection = Connection(sport=45002, dport=80).handshake().client(request("zero")).server(response(404)).client(request("lost"))
    connection.packets.pop()
    connection.client(request("a")).server(response(404)).server(response(410)).client(request("b")).server(response(404))
    capture = write_pcap(tmp_path / "hole.pcap", connection.packets, linktype=101)
    assert exchanges(ws, capture) == [("5", "zero", "not found", "4"), ("10", "b", "not found", "9")]
    assert ws.count(capture, "hkp.no_response", two_pass=True) == 0


def test_sent_again(ws, tmp_path):
    """TCP hands it on where it analyses no sequence numbers; a part of it may be new."""
    connection = Connection(sport=45003, dport=80).handshake()
    begin, one = connection.next[0], request("one")
    connection.client(one).client(one, seq=begin).server(response(404))
    begin = connection.next[0]
    connection.client(request("two")).client(request("two") + request("three"), seq=begin)
    connection.server(response(410)).server(response(404))
    capture = write_pcap(tmp_path / "again.pcap", connection.packets, linktype=101)
    assert exchanges(ws, capture, "-o", "tcp.analyze_sequence_numbers:FALSE") == [
        ("6", "one", "not found", "4"), ("9", "two", "not found", "7"), ("10", "three", "not found", "8")]


def test_http2_that_cannot_be_read(ws, tmp_path):
    """A segment of the server is missing, or the head of an answer is malformed: that there is no answer is not claimed."""
    lost, bad, silent = (h2.Http2(sport=45020 + n, dport=80).begin() for n in range(3))
    for stream in (1, 3, 5):
        lost.client(h2.headers(stream, h2.request(GET), end=True)).server(h2.headers(stream, h2.response(404)), h2.data(stream, "no"))
        if stream == 3:
            lost.packets.pop()
    bad.client(h2.headers(1, h2.request(GET), end=True)).server(h2.headers(1, h2.response(404, ("bad name", "x"))), h2.data(1, "no"))
    silent.client(h2.headers(1, h2.request(GET), end=True))
    packets = lost.packets + bad.packets + silent.packets
    capture = write_pcap(tmp_path / "http2.pcap", packets, linktype=101)
    assert ws.frames(capture, "hkp.no_response", two_pass=True) == [len(packets)]
    begun = len(lost.packets)
    assert ws.rows(capture, ["hkp.response_in"], f"hkp.op && frame.number > {begun}", two_pass=True) == [(str(begun + len(bad.packets)),), ("",)]


def test_tls_that_cannot_be_decrypted(ws, captures, tmp_path):
    """The answer was captured in part: its record cannot be read, but it is there."""
    source = captures / "hkp-servers" / "hkps.pcap"
    linktype, frames = read_pcap(source)
    frames = [(when - frames[0][0], data, length) for when, data, length in frames[:17]]
    when, data, length = frames[12]
    capture = write_pcap(tmp_path / "cut.pcap", [*frames[:12], (when, data[:400], length), *frames[13:]], linktype=linktype)
    options = {"two_pass": True, "keylog": source.with_suffix(".keys")}
    assert ws.count(capture, "hkp.op && !hkp.status", **options) == 1
    assert ws.count(capture, "hkp.no_response", **options) == 0
    silent = write_pcap(tmp_path / "silent.pcap", frames[:12], linktype=linktype)
    assert ws.count(silent, "hkp.no_response", **options) == 1


def test_body_until_the_end(ws, tmp_path):
    """The first segment of it is not all of it."""
    connection = Connection(sport=45004, dport=80).handshake().client(get(INDEX))
    connection.server(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\ninfo:1:0\n").server(b"pub:" + V4.encode() + b":1:2048:1::\n").close()
    capture = write_pcap(tmp_path / "close.pcap", connection.packets, linktype=101)
    assert exchanges(ws, capture, "-o", "http.desegment_body:FALSE") == [("5", "x", "unreadable", "4")]


ANSWERS = [
    # target, answer, found, outcome
    (INDEX, answer(200, "info:1:5\n"), "", "unreadable"),
    (INDEX, answer(200, "info:1:x\n"), "", "unreadable"),
    (INDEX, answer(200, f"<h1>No results found</h1><p>Contact: {LINK}admin's key</a>", PAGE), "0", "not found"),
    (INDEX, answer(200, f"<h1>Down for maintenance</h1><p>Contact: {LINK}admin's key</a>", PAGE), "", "unreadable"),
    (GET, answer(404, NGINX, PAGE), "", "unreadable"),
    (GET, answer(404, "The resource you are looking for has been removed"), "", "error"),
    (GET, answer(503, "<h1>Maintenance</h1><p>No results found", PAGE), "", "unreadable"),
    (GET, answer(200, "<h1>Maintenance</h1><p>Yesterday searches said no results found", PAGE), "", "unreadable"),
    ("/pks/lookup?op=index&search=No+results+found", answer(200, "<p>Prove that you are human<p>No results found", PAGE), "", "unreadable"),
    ("/.well-known/openpgpkey/hu/kei1q4tipxxu1yj79k9kfukdhfy631xe?l=alice", answer(200, "<p>No key found for this shop", PAGE), "", "unreadable"),
    ("/.well-known/openpgpkey/hu/kei1q4tipxxu1yj79k9kfukdhfy631xe?l=alice", answer(404, NGINX, PAGE), "0", "not found"),
    ("/.well-known/openpgpkey/policy", answer(404), "", "not found"),
    ("/.well-known/openpgpkey/policy", answer(200, "mailbox-only\n"), "", "found"),
    ("/pks/lookup?search=x", answer(200, f"info:1:1\npub:{V4}:1:2048:1::\n"), "1", "found"),
    ("/pks/lookup?op=x-mrindex&search=x", answer(200, "info:1:0\n"), "0", "not found"),
    ("/pks/lookup?op=x-photo&search=x", answer(200, "picture"), "", "unreadable"),
]


def test_answers(ws, tmp_path):
    capture = write(tmp_path / "answers.pcap", [(get(target), told) for target, told, *_ in ANSWERS])
    rows = ws.rows(capture, ["hkp.found", "hkp.outcome"], "hkp.outcome", two_pass=True)
    assert [(TRUTH[found], outcome) for found, outcome in rows] == [row[2:] for row in ANSWERS]
    empty = write(tmp_path / "hashquery.pcap", [(get("/pks/hashquery", "POST", body=bytes(4)), answer(404, "404 Not Found"))])
    assert ws.rows(empty, ["hkp.found", "hkp.outcome"], "hkp.outcome") == [("", "error")]


UPLOADS = [
    (answer(404, "404 page not found\n"), "", "error"), (answer(407, "proxy"), "", "error"), (answer(429, "<p>Are you human?", PAGE), "", "unreadable"),
    (answer(503, '{"error": "busy"}', "application/json"), "", "error"), (answer(400, "no"), "", "refused"),
    (answer(200, '{"inserted":["rsa2048/0123"],"updated":null,"ignored":["a","b"]}', "application/json"), "inserted,ignored,ignored", "accepted"),
]


def test_uploads(ws, tmp_path):
    capture = write(tmp_path / "uploads.pcap", [(get("/pks/add", "POST", body=b"keytext=x"), told) for told, *_ in UPLOADS])
    assert ws.rows(capture, ["hkp.upload.result", "hkp.outcome"], "hkp.outcome") == [row[1:] for row in UPLOADS]


def test_tags_without_end_are_looked_through_once(ws, tmp_path):
    body = gzip.compress(b"<html>" + b"<a <a <a " * 29000)
    capture = write(tmp_path / "tags.pcap", [(get(INDEX), answer(200, body, PAGE, "Content-Encoding: gzip\r\n"))] * 10)
    plain = write(tmp_path / "plain.pcap", [(get(INDEX), answer(200, gzip.compress(b"<html>" + b"abcdefgh " * 29000), PAGE, "Content-Encoding: gzip\r\n"))] * 10)
    assert ws.consumed(capture, "-Y", "hkp")[0] < 5 * ws.consumed(plain, "-Y", "hkp")[0]


def test_the_client_goes_on(ws, tmp_path):
    """One direction alone: what the client acknowledges was sent; one attempt of Windows, which a reset does not end."""
    one_way = Connection(sport=45010, dport=11371)
    syn(one_way)
    asked = get(GET)
    seq = one_way.next[0]
    one_way.packets += [ip(tcp(data, 45010, 11371, at, ack, flags=flags), *one_way.addresses) for data, at, ack, flags in (
        (b"", seq, 5001, "A"), (asked, seq, 5001, "PA"), (b"", seq + len(asked), 5400, "A"))]
    packets = list(one_way.packets)
    client, server = one_way.addresses
    for _ in range(3):
        packets += [ip(tcp(b"", 45011, 11371, 1000, 0, "S", options=LINUX), client, server), ip(tcp(b"", 11371, 45011, 0, 1001, "RA"), server, client)]
    capture = write_pcap(tmp_path / "one-way.pcap", packets, linktype=101)
    assert ws.frames(capture, "hkp.no_response", two_pass=True) == [len(packets)]
    assert ws.frames(capture, "hkp.no_response") == [6]


@pytest.mark.measured
@pytest.mark.one_series
def test_strings_are_bounded(ws, tmp_path):
    """64 MiB are kept of what was asked, four characters of each octet that cannot be shown; what is asked behind that is not shown."""
    octets, count = 60000, 300
    asked = request("X").replace(b"X", b"\x80" * octets)
    packets = [packet for number in range(count) for packet in Connection(sport=20000 + number, dport=80).client(asked).packets]
    capture = write_pcap(tmp_path / "long.pcap", packets, linktype=101)
    kept = (64 << 20) // (4 * octets)
    assert kept - 15 < ws.count(capture, "hkp") <= kept + 1 < count     # the last one may be too much

# SPDX-License-Identifier: GPL-2.0-or-later
"""Key servers over HTTP/2: real servers and clients, and frames that are seldom seen, damaged or hostile."""

import datetime
import gzip
import ssl
import struct

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from harness import http2 as h2
from harness.craft import Connection, write_pcap
from harness.http2 import Http2, data, headers, literal, request, response
from harness.properties import assert_independent_of_others, assert_passes_agree, assert_survives

V4 = "8590F5B4ED68C399D16D9D8A14167FD36800975D"
STATS = "/pks/lookup?op=stats"
LATER = ["hkp.response_in"]
FIELDS = ["hkp.op", "hkp.search", "hkp.status", "hkp.found", "hkp.response_to", "hkp.time", "openpgp.key.fingerprint"]
INDEX = "info:1:1\npub:" + V4 + ":1:2048:1500000000::\nuid:Alice %3Calice@example.org%3E:1500000000::\n"
BY_HAND = {"prefs": {"http2.tcp.port": "8082"}}     # a port that no other protocol has


def lookup(search, op="get"):
    return f"/pks/lookup?op={op}&search={search}"


# Real ones


def test_hkps(ws, captures):
    """curl and lighttpd with onak: the same as over HTTP/1, operation by operation."""
    capture, keys = captures / "hkp-servers/hkps-h2.pcap", captures / "hkp-servers/hkps-h2.keys"
    rows = assert_passes_agree(ws, capture, FIELDS, "hkp", later=LATER, keylog=keys)
    asked = [row for row in rows if not row[3]]
    answers = {row[0]: row for row in rows if row[3]}
    assert len(asked) == 28 and len(answers) == 28
    assert all(answers[row[8]][5] == row[0] for row in asked), "response_in and response_to belong together"
    assert {row[3] for row in answers.values()} == {"200"}
    told = {(row[1], row[2]): answers[row[8]][4] for row in asked}
    truth = {"1": True, "True": True, "0": False, "False": False, "": None}
    assert truth[told["get", "0x0123456789ABCDEF0123456789ABCDEF01234567"]] is False
    assert truth[told["index", "nobody@example.net"]] is False and truth[told["vindex", "Zoë Ünïcode"]] is True
    assert truth[told["stats", ""]] is None and truth[told["hashquery", ""]] is True
    # Six streams at a time on the last connection.
    assert sum(int(row[0]) < min(int(other[8]) for other in asked[-6:]) for row in asked[-6:]) >= 5
    # What is asked for is what Wireshark's own decoder says.
    path = "http2.headers.path"
    for frame, kind, native in ws.rows(capture, ["frame.number", "hkp.op", path], f"hkp.op && !hkp.status && {path}", keylog=keys):
        assert f"op={kind}" in native or native.endswith(kind), frame
    # The key that is sent, and the one that comes.
    sent = ws.rows(capture, ["openpgp.key.fingerprint"], 'hkp.op == "add" && !hkp.status', keylog=keys)
    got = ws.rows(capture, ["openpgp.key.fingerprint"], "hkp.status && openpgp.userid contains \"alice@example.org\" && !hkp.index.keyid", keylog=keys)
    assert len(sent) == 1 and sent[0] in got and len(sent[0][0].split(",")[0]) == 40
    assert ws.rows(capture, ["hkp.index.count", "hkp.index.version"], "hkp.index.count == 4", keylog=keys) == [("4", "1")] * 2
    seconds = {row[0]: float(row[6]) for row in rows if row[6]}
    assert len(seconds) == 28 and all(0 < value < 1 for value in seconds.values())
    columns = {protocol for number, (protocol, _) in enumerate(ws.columns(capture, keylog=keys), 1) if str(number) in seconds}
    assert columns == {"HKP"}


def test_h2c(ws, captures):
    """Upgrade from HTTP/1, where the first answer comes in HTTP/2, and prior knowledge, with padding and priorities."""
    capture = captures / "hkp-servers/hkp-h2c.pcap"
    options = {"prefs": {"tcp.reassemble_out_of_order": "TRUE"}}
    rows = ws.rows(capture, ["tcp.stream", "hkp.op", "hkp.status", "hkp.found", "hkp.response_to"], "hkp", two_pass=True, **options)
    pairs = [row for row in rows if row[4]]
    # On HTTP's ports 4.0 does not put the last frame of stream 4's first segment together: the answer alone is shown, which tells what it answers.
    assert [row[0] for row in pairs] == ["0", "0", "0", "1", "2", "3", "3", "4", "5"]
    # Also where no other plugin wants the body of an answer whose request is not at its end.
    alone = ws.subset("hkp").rows(capture, ["tcp.stream", "hkp.upload.result"], "hkp.upload.result", two_pass=True, **options)
    assert alone == ws.rows(capture, ["tcp.stream", "hkp.upload.result"], "hkp.upload.result", two_pass=True, **options) and ("4", "inserted") in alone
    # The 101 is an interim answer.
    assert [(row[0], row[4]) for row in rows if row[2] == "101"] == [("0", ""), ("1", ""), ("5", "")]
    by_port = ws.rows(capture, ["hkp.op", "openpgp.userid"], "tcp.stream == 4 && hkp", prefs={"http.tcp.port": "80", "http2.tcp.port": "11371"})
    assert by_port[0] == ("add", "Alice <alice@example.org>") and len(by_port) == 2


def test_h2c_behind_a_body(ws, tmp_path):
    """The server agrees to switch before the request is whole: what is left of its body stands in front of the preface (RFC 7540 section 3.2)."""
    talk = Http2(20000, dport=80)
    talk.client(b"POST /x HTTP/1.1\r\nHost: a.example.org\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 9\r\n\r\n")
    talk.server(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
    talk.client(bytes(9), h2.PREFACE, h2.settings(), headers(3, request(lookup("a")), end=True))
    talk.server(h2.settings(), headers(1, response(404), end=True), headers(3, response(404), end=True))
    capture = write_pcap(tmp_path / "body.pcap", talk.packets, linktype=101)
    assert ws.rows(capture, ["hkp.search", "hkp.status"], "hkp", prefs={"http.desegment_body": "FALSE"}) == [("a", ""), ("a", "404")]


@pytest.mark.one_series
def test_hkp_alone_and_with_others(ws, captures):
    capture, keys = captures / "hkp-servers/hkps-h2.pcap", captures / "hkp-servers/hkps-h2.keys"
    own = [field for field in FIELDS if field.startswith("hkp.")]
    assert_independent_of_others(ws, "hkp", capture, own, "hkp", keylog=keys)
    shown = ws.subset("hkp", "openpgp").rows(capture, FIELDS, "hkp", keylog=keys)
    assert shown == ws.rows(capture, FIELDS, "hkp", keylog=keys) and any(row[-1] for row in shown)


def test_export_and_statistics(ws, captures, tmp_path):
    capture, keys = captures / "hkp-servers/hkps-h2.pcap", captures / "hkp-servers/hkps-h2.keys"
    tree = ws.tshark(capture, "-q", "-z", "hkp,tree", "-o", f"tls.keylog_file:{keys}")
    assert " not found " in tree and "v4 fingerprint" in tree
    folder = tmp_path / "keys"
    folder.mkdir()
    folder.chmod(0o777)
    ws.tshark(capture, "-q", "--export-objects", f"hkp,{folder}", "-o", f"tls.keylog_file:{keys}")
    files = list(folder.glob("*.asc"))
    assert len(files) >= 4 and all(b"BEGIN PGP PUBLIC KEY BLOCK" in file.read_bytes() for file in files)


# Made by hand: each connection's searches and the statuses of their answers, None where nothing may be said


class Talks:
    def __init__(self):
        self.packets, self.expected, self.ports = [], {}, iter(range(20000, 60000))

    def add(self, name, expected, begin=True, **options):
        talk = Http2(next(self.ports), **options)
        self.expected[name] = (str(talk.connection.ports[0]), expected)
        talk.finish = lambda: self.packets.extend(talk.packets)
        return talk.begin() if begin else talk

    def write(self, path):
        return write_pcap(path, self.packets, linktype=101)


def simple(talk, stream=1, search="a", status=404):
    return talk.client(headers(stream, request(lookup(search)), end=True)).server(headers(stream, response(status), end=True))


def make_corners():
    t = Talks()

    def case(name, expected, **options):
        talk = t.add(name, expected, **options)
        return talk

    simple(case("plain", [("a", "404")])).finish()

    talk = case("padding", [("a", "200"), ("b", "404")])
    talk.client(headers(1, request(lookup("a", "index")), end=True, padding=200), headers(3, request(lookup("b")), end=True, padding=0, weight=15))
    talk.server(headers(1, response(), padding=255), data(1, INDEX[:30], end=False, padding=7), data(1, INDEX[30:], padding=0),
                headers(3, response(404), weight=1), data(3, b"", padding=3))
    talk.finish()

    talk = case("continuation", [("a", "200"), ("b", "404")])
    fields = h2.block(request(lookup("a", "index"), "GET", ("x-long", "x" * 5000)))
    talk.client(headers(1, fields, end=True, cuts=(1, 2, 3, 20, 50, 51, len(fields) - 1)), headers(3, request(lookup("b")), end=True, cuts=(0, 5)))
    talk.server(headers(1, response(), cuts=(4,)), data(1, INDEX), headers(3, response(404), end=True, cuts=(0, 0, 0)))
    talk.finish()

    talk = case("interleaved", [("a", "200"), ("b", "404"), ("c", "500")])
    for stream, search in ((1, "a"), (3, "b"), (5, "c")):
        talk.client(headers(stream, request(lookup(search, "index")), end=True))
    talk.server(headers(5, response(500)), headers(1, response()), data(1, INDEX[:20], end=False))
    talk.server(data(5, "oh", end=False), headers(3, response(404)), data(1, INDEX[20:40], end=False), data(3, "no"))
    talk.server(data(5, "dear"), data(1, INDEX[40:]))
    talk.finish()

    talk = case("one packet", [("a", "404"), ("b", "410"), ("c", "500")])
    talk.client(*[headers(stream, request(lookup(search)), end=True) for stream, search in ((1, "a"), (3, "b"), (5, "c"))])
    talk.server(*[headers(stream, response(status), end=True) for stream, status in ((3, 410), (5, 500), (1, 404))])
    talk.finish()

    # The table: fields that only one who has followed from the beginning can know.
    talk = case("table", [("a", "404"), ("a", "410")])
    talk.client(headers(1, [*request(lookup("x"), "GET")[:3], h2.remember(":path", lookup("a"))], end=True))
    talk.server(headers(1, [(":status", "404"), h2.remember("x-kept", "1")], end=True))
    talk.client(headers(3, [*request("/", "GET")[:3], h2.indexed(62)], end=True))
    talk.server(headers(3, [(":status", "410"), h2.indexed(62)], end=True))
    talk.finish()

    talk = case("promise", [("a", "200")])      # the promised response is nobody's; its fields are in the table
    talk.client(headers(1, request(lookup("a", "index")), end=True))
    talk.server(h2.promise(1, 2, [*request("/", "GET")[:3], h2.remember(":path", lookup("pushed"))]), headers(1, [(":status", "200"), h2.remember("x-a", "b")]))
    talk.server(headers(2, [(":status", "200"), h2.indexed(63)]), data(2, INDEX), data(1, INDEX))
    talk.finish()

    talk = case("interim and trailers", [("a", "103"), ("a", "404")])
    talk.client(headers(1, request(lookup("a")), end=False), headers(1, [("x-trailer", "1")], end=True))
    talk.server(headers(1, [(":status", "103"), ("link", "</x>")]), headers(1, response(404)), data(1, "no", end=False), headers(1, [("x-end", "1")], end=True))
    talk.finish()

    talk = case("head and gzip", [("a", "200"), ("b", "200")])
    talk.client(headers(1, request(lookup("a"), "HEAD"), end=True), headers(3, request(lookup("b", "index")), end=True))
    packed = gzip.compress(INDEX.encode())
    talk.server(headers(1, response(200, ("content-length", "5000")), end=True), headers(3, response(200, ("content-encoding", "gzip"))),
                data(3, packed[:50], end=False), data(3, packed[50:]))
    talk.finish()

    talk = case("unknown frames", [("a", "404")])
    talk.client(h2.frame(0xbe, 0xff, 1, b"x" * 30), h2.frame(h2.PING, 0, 0, bytes(8)), h2.frame(h2.WINDOW_UPDATE, 0, 0, b"\0\0\1\0"))
    simple(talk).finish()

    talk = case("goaway", [("a", "404"), ("b", None)])
    talk.client(headers(1, request(lookup("a")), end=True), headers(3, request(lookup("b")), end=True))
    talk.server(h2.frame(h2.GOAWAY, 0, 0, struct.pack(">II", 1, 0)), headers(1, response(404), end=True))
    talk.finish()

    talk = case("reset by the server", [("a", "200"), ("b", "404")])      # the first answer is told as far as it goes
    talk.client(headers(1, request(lookup("a", "index")), end=True), headers(3, request(lookup("b")), end=True))
    talk.server(headers(1, response()), data(1, INDEX[:25], end=False), h2.reset(1), data(1, INDEX[25:]), headers(3, response(404), end=True))
    talk.finish()

    talk = case("reset by the client", [("a", None), ("b", "404")])
    talk.client(headers(1, request(lookup("a", "index")), end=True), headers(3, request(lookup("b")), end=True), h2.reset(1))
    talk.server(headers(1, response()), data(1, INDEX), headers(3, response(404), end=True))
    talk.finish()

    talk = case("unfinished", [("a", None)])
    talk.client(headers(1, request(lookup("a", "index")), end=True)).server(headers(1, response()), data(1, INDEX[:25], end=False))
    talk.finish()

    talk = case("a stream again", [("a", "404"), ("c", "404")])
    simple(talk)
    simple(talk, 1, "b", 500)                   # used up
    talk.client(headers(2, request(lookup("even")), end=True)).server(headers(2, response(404), end=True))
    simple(talk, 5, "c", 404)
    simple(talk, 3, "late", 500)                # below the last one
    talk.finish()

    talk = case("answer before the request ends", [("a", "413"), ("b", "404")])     # told, and its request is not
    talk.client(headers(1, request(lookup("a", "x"), "POST"))).server(headers(1, response(413), end=True)).client(data(1, "late"))
    simple(talk, 3, "b").finish()

    talk = case("settings", [("a", "404"), ("b", "410")])       # a table of no size, from its acknowledgement on
    talk.client(headers(1, [*request("/")[:3], h2.remember(":path", lookup("a"))], end=True))
    talk.server(headers(1, response(404), end=True), h2.settings((1, 8192), (1, 0), (3, 100)))
    talk.client(h2.SETTINGS_ACK, headers(3, h2.table_size(0) + h2.block([*request("/")[:3], h2.remember(":path", lookup("b"))]), end=True))
    talk.server(headers(3, response(410), end=True)).finish()

    # What cannot be relied on.
    talk = case("from the middle", [], begin=False)
    simple(talk)
    simple(talk, 3).finish()
    talk = case("from the middle, settings", [], begin=False)
    talk.client(h2.settings(), h2.SETTINGS_ACK).server(h2.settings())
    simple(talk).finish()

    talk = case("no settings", [], begin=False)
    talk.client(h2.PREFACE, headers(1, request(lookup("a")), end=True)).server(h2.settings(), headers(1, response(404), end=True))
    talk.finish()

    talk = case("index that is not in the table", [("a", None)])
    talk.client(headers(1, request(lookup("a")), end=True))
    talk.server(headers(1, [(":status", "404"), h2.indexed(90)], end=True), headers(1, response(404), end=True))
    talk.finish()

    talk = case("table larger than allowed", [("a", "404")])
    simple(talk)
    talk.client(headers(3, h2.table_size(1 << 20) + h2.block(request(lookup("b"))), end=True)).server(headers(3, response(404), end=True))
    talk.client(headers(5, request(lookup("c")), end=True)).server(headers(5, response(404), end=True))
    talk.finish()

    talk = case("frame within a block", [("a", "404")])
    simple(talk)
    talk.client(h2.frame(h2.HEADERS, h2.END_STREAM, 3, h2.block(request(lookup("b")))), h2.frame(h2.PING, 0, 0, bytes(8)),
                h2.frame(h2.CONTINUATION, h2.END_HEADERS, 3)).server(headers(3, response(404), end=True))
    simple(talk, 5, "c").finish()

    talk = case("padding longer than the frame", [("a", "404")])
    simple(talk)
    talk.client(h2.frame(h2.HEADERS, h2.PADDED | h2.END_HEADERS | h2.END_STREAM, 3, b"\xff" + h2.block(request(lookup("b")))))
    simple(talk, 5, "c").finish()

    malformed = [
        [(":method", "GET"), (":path", lookup("m"))] * 2,                               # twice
        [("accept", "*/*"), (":method", "GET"), (":path", lookup("m"))],                # behind other fields
        [(":method", "GET"), (":path", lookup("m")), ("x", "a\r\nHost: other")],        # a line of its own
        [(":method", "GET"), (":path", lookup("m") + "\r\nX: y")],
        [(":method", "G T"), (":path", lookup("m"))],
        [(":method", "GET"), (":path", "")],
        [(":method", "GET")],
        [(":status", "200"), (":method", "GET"), (":path", lookup("m"))],
        [(":method", "GET"), (":path", lookup("m")), ("bad name", "x")],
        [(":method", "GET"), (":path", lookup("m")), ("", "x")],
        [(":method", "GET"), (":path", lookup("m")), ("x", "y" * 40000)],               # too large
        [(":method", "CONNECT"), (":authority", "keys.example.org:443")],
    ]
    talk = case("malformed requests", [("a", "404")])
    for n, fields in enumerate(malformed):
        talk.client(headers(2 * n + 1, fields, end=True)).server(headers(2 * n + 1, response(404), end=True))
    simple(talk, 2 * len(malformed) + 1).finish()

    talk = case("malformed answers", [("0", None), ("1", None), ("2", None), ("3", None), ("a", "404")])
    for n, status in enumerate(("20", "2000", "abc", "")):
        talk.client(headers(2 * n + 1, request(lookup(n)), end=True)).server(headers(2 * n + 1, [(":status", status)], end=True))
    simple(talk, 9).finish()

    talk = case("lost segment", [("a", "404"), ("b", None)])
    simple(talk)
    talk.client(headers(3, request(lookup("b")), end=True)).server(h2.frame(h2.PING, 0, 0, bytes(8)))
    talk.packets.pop()
    talk.server(headers(3, response(404), end=True)).finish()

    talk = case("sent twice", [("a", "404"), ("b", "410")])
    simple(talk)
    seq = talk.connection.next[0]
    again = headers(3, request(lookup("b")), end=True)
    talk.client(again)
    talk.connection.client(again, seq=seq)
    talk.server(headers(3, response(410), end=True)).finish()

    talk = case("IPv6", [("a", "404")], src="2001:db8::1", dst="2001:db8::2")
    simple(talk).finish()

    talk = case("bytes", [("a", "200"), ("b", "404")], size=1)
    talk.client(headers(1, request(lookup("a", "index")), end=True, cuts=(9,)), headers(3, request(lookup("b")), end=True))
    talk.server(headers(1, response()), data(1, INDEX[:25], end=False, padding=3), headers(3, response(404), end=True), data(1, INDEX[25:]))
    talk.finish()
    for size in range(2, 60):
        talk = case(f"segments of {size}", [("a", "200"), ("b", "404")], size=size)
        talk.client(headers(1, request(lookup("a", "index")), end=True), headers(3, request(lookup("b")), end=True))
        talk.server(headers(1, response()), data(1, INDEX[:25], end=False), headers(3, response(404), end=True), data(1, INDEX[25:]))
        talk.finish()
    return t


@pytest.fixture(scope="module")
def corners(tmp_path_factory):
    talks = make_corners()
    return talks.write(tmp_path_factory.mktemp("http2") / "corners.pcap"), talks.expected


@pytest.mark.parametrize("two_pass", [False, True], ids=["one pass", "-2"])
def test_corners(ws, corners, two_pass):
    """Of a request that is answered before its end, later passes alone know that there is one."""
    capture, expected = corners
    untold = ("103",) if two_pass else ("103", "413")
    rows = ws.rows(capture, ["frame.number", "tcp.srcport", "tcp.dstport", "hkp.search", "hkp.status", "hkp.response_to"], "hkp", two_pass, **BY_HAND)
    searches, statuses = {}, {}
    for _, source, to, search, status, _ in rows:
        searches.setdefault(source, []).extend(filter(None, search.split(",")))
        statuses.setdefault(to, []).extend(filter(None, status.split(",")))
    for name, (port, wanted) in expected.items():
        assert sorted(searches.get(port, [])) == sorted(s for s, status in wanted if status not in untold), name
        assert sorted(statuses.get(port, [])) == sorted(status for _, status in wanted if status), name


def test_corners_pairs(ws, corners):
    """Each answer names its request."""
    capture, expected = corners
    rows = ws.rows(capture, ["frame.number", "tcp.stream", "hkp.search", "hkp.status", "hkp.response_to", "hkp.response_in"], "hkp", True, **BY_HAND)
    by_frame = {row[0]: row for row in rows}
    checked = 0
    for number, stream, search, status, to, _ in rows:
        for frame in filter(None, to.split(",")):
            assert by_frame[frame][1] == stream and number in by_frame[frame][5].split(",")
            checked += 1
    assert checked >= 150
    port = expected["unfinished"][0]
    asked, begun = ws.frames(capture, f"http2.headers && tcp.port == {port}", **BY_HAND)
    assert ws.rows(capture, ["frame.number", "hkp.response_in"], f"hkp && tcp.port == {port}", True, **BY_HAND) == [(str(asked), str(begun))]
    # In the one packet: 404 to a, 410 to b, 500 to c, in the order of the answers.
    port = expected["one packet"][0]
    assert ws.rows(capture, ["hkp.status"], f"hkp && tcp.dstport == {port}", **BY_HAND) == [("410,500,404",)]
    ids = ws.rows(capture, ["hkp.index.keyid"], "hkp.index.keyid", **BY_HAND)
    assert len(ids) == 5 + 59 and set(ids) == {(V4,)}


def test_corners_passes_agree(ws, corners):
    assert_passes_agree(ws, corners[0], FIELDS, "hkp.api || hkp.status", later=LATER, **BY_HAND)


@pytest.mark.one_series
def test_corners_survive(ws, corners):
    assert_survives(ws, corners[0], **BY_HAND)


def test_nothing_at_the_root(ws, corners):
    """Our items lie below HTTP/2's, and the layers are those of stock Wireshark."""
    options = ("-o", "http2.tcp.port:8082")
    mine, stock = (w.rows(corners[0], ["frame.number", "frame.protocols"], "tcp", options=options) for w in (ws, ws.without_plugins()))
    assert mine == stock
    hierarchy = [w.tshark(corners[0], "-q", "-z", "io,phs", *options) for w in (ws, ws.without_plugins())]
    assert hierarchy[0] == hierarchy[1]


# Without a port: heuristics, and TLS without ALPN


def test_prior_knowledge(ws, tmp_path):
    talks = Talks()
    for port in (80, 8081, 11371):
        simple(talks.add(str(port), [], dport=port)).finish()
    found = ws.rows(talks.write(tmp_path / "prior.pcap"), ["tcp.dstport"], "hkp.search && !hkp.status", two_pass=True)
    # 4.0 looks for HTTP/2 on HTTP's ports alone.
    assert found == [("80",), ("11371",)] if ws.version < (4, 4) else [("80",), ("8081",), ("11371",)]


def tls_talk(folder, alpn):
    """The packets of a TLS 1.3 connection in which HTTP/2 is spoken; its keys go into a file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "keys.example.org")])
    start = datetime.datetime(2026, 1, 1)
    certificate = x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + datetime.timedelta(9999)).sign(key, hashes.SHA256())
    pem = folder / "server.pem"
    pem.write_bytes(certificate.public_bytes(Encoding.PEM) + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    contexts = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    contexts[0].check_hostname, contexts[0].verify_mode = False, ssl.CERT_NONE
    contexts[1].load_cert_chain(pem)
    contexts[1].keylog_filename = str(folder / f"{alpn}.keys")
    pipes = [ssl.MemoryBIO() for _ in range(2)]     # to the client, to the server
    for context in contexts:
        context.set_alpn_protocols(["h2"] if alpn else [])
    ends = [contexts[0].wrap_bio(pipes[0], pipes[1]), contexts[1].wrap_bio(pipes[1], pipes[0], server_side=True)]
    connection = Connection(sport=45000 + alpn, dport=9443).handshake()
    frames = [(h2.PREFACE + h2.settings(), h2.settings() + h2.SETTINGS_ACK),
              (h2.SETTINGS_ACK + headers(1, request(lookup("a", "index")), end=True), headers(1, response()) + data(1, INDEX[:25], end=False)),
              (headers(3, request(lookup("b")), end=True), headers(3, response(404), end=True) + data(1, INDEX[25:]))]
    for _ in range(3):
        for side, say in ((0, connection.client), (1, connection.server)):
            try:
                ends[side].do_handshake()
            except ssl.SSLWantReadError:
                pass
            if pipes[1 - side].pending:
                octets = pipes[1 - side].read()
                say(octets)
                pipes[1 - side].write(octets)
    for turn in frames:
        for side, say in ((0, connection.client), (1, connection.server)):
            ends[side].write(turn[side])
            octets = pipes[1 - side].read()
            say(octets)
            pipes[1 - side].write(octets)
            ends[1 - side].read(65536)
    return connection.packets, folder / f"{alpn}.keys"


@pytest.mark.parametrize("alpn", [True, False], ids=["ALPN", "heuristic"])
def test_tls(ws, tmp_path, alpn):
    """With and without ALPN, on a port that is nobody's."""
    packets, keys = tls_talk(tmp_path, alpn)
    capture = write_pcap(tmp_path / "tls.pcap", packets, linktype=101)
    rows = assert_passes_agree(ws, capture, ["hkp.search", "hkp.status", "hkp.index.keyid"], "hkp", later=LATER, keylog=keys)
    assert [row[1:3] for row in rows] == [("a", ""), ("b", ""), ("b,a", "404,200")] and rows[2][3] == V4
    assert rows[2][0] == rows[0][4] == rows[1][4]


# Hostile


def test_heads_are_read_up_to_their_bound(ws, tmp_path):
    """32,768 octets of names and values, each with four more; one more, and the request is none."""
    talk = Http2(30000).begin()
    for number, size in enumerate((32767, 32768, 32769)):
        fields = [*request(lookup("abc"[number])), ("x-a", "a" * 16000)]
        left = size - sum(len(name) + len(value) + 4 for name, value in fields)
        talk.client(headers(2 * number + 1, [*fields, ("x-b", "b" * (left - 7))], end=True, cuts=(16000, 32000)))
    capture = write_pcap(tmp_path / "heads.pcap", talk.packets, linktype=101)
    assert ws.rows(capture, ["hkp.search"], "hkp.search", **BY_HAND) == [("a",), ("b",)]


def hostile(tmp_path, name, make, repeat):
    talk = Http2(30000).begin()
    make(talk, repeat)
    return write_pcap(tmp_path / f"{name}-{repeat}.pcap", talk.packets, linktype=101)


def header_bomb(talk, repeat):
    """An entry of 4000 octets in the table, named again and again by one octet."""
    for n in range(repeat):
        first = h2.remember("x-bomb", "b" * 3900) if n == 0 else b""
        talk.client(headers(2 * n + 1, h2.block(request(lookup("bomb"))) + first + h2.indexed(62) * (7 if n % 2 else 12000), end=True))


def continuation_flood(talk, repeat):
    talk.client(h2.frame(h2.HEADERS, 0, 1, h2.block(request(lookup("flood")))))
    for _ in range(repeat):
        talk.client(h2.frame(h2.CONTINUATION, 0, 1, literal("x", "y" * 100)) * 10)


def open_streams(talk, repeat):
    for n in range(repeat):
        talk.client(*[headers(20 * n + 2 * m + 1, request(lookup("open"), "POST")) for m in range(10)])


def settings_flood(talk, repeat):
    for n in range(repeat):
        talk.client(h2.settings((1, 0xffffffff), (1, n)) * 10)


def tiny_data(talk, repeat):
    talk.client(headers(1, request("/pks/add", "POST")))
    for _ in range(repeat):
        talk.client(data(1, b"x", end=False) * 5)


def seconds_of(w, capture):
    """Of processor time; the filter makes tshark dissect every packet."""
    seconds, _, out = w.consumed(capture, "-Y", "frame.number == 1", "-o", "http2.tcp.port:8082")
    assert out.count(b"\n") == 1
    return seconds


@pytest.mark.one_series
@pytest.mark.parametrize("make", [header_bomb, continuation_flood, open_streams, settings_flood, tiny_data])
def test_hostile(ws, tmp_path, make):
    """Four times the packets take about four times what they take more than with stock Wireshark."""
    own = {}
    for repeat in (100, 400):
        capture = hostile(tmp_path, make.__name__, make, repeat)
        mine, stock = (seconds_of(w, capture) for w in (ws, ws.without_plugins()))
        own[repeat] = max(mine - stock, 0.1)
    assert own[400] < 8 * own[100], own


# Memory for the capture

LONG = 12000        # octets of an entry in the table of a header block, which one octet repeats


def repeated(tmp_path, name, fields, requests=3000):
    """Requests that repeat the fields, which the first one puts into the table: 40 kB stand for 36 MB."""
    talk = Http2(30000).begin()
    talk.server(h2.settings((1, 65536))).client(h2.SETTINGS_ACK)
    put = h2.table_size(65536) + b"".join(h2.remember(*field) for field in fields)
    entries = b"".join(h2.indexed(61 + n) for n in range(len(fields), 0, -1))
    for n in range(0, requests, 100):
        talk.client(*[headers(2 * m + 1, entries if m else put, end=True) for m in range(n, n + 100)])
    return write_pcap(tmp_path / f"{name}.pcap", talk.packets, linktype=101)


def everything_once(path):
    return [field for field in request(path) if field[0] != ":path"] + [(":path", path)]


@pytest.mark.parametrize("name", ["scheme", "authority", "path", "method", "field"])
def test_memory_is_counted_for_the_capture(ws, tmp_path, name):
    """What HPACK repeats is not kept again and again, whichever field it is, known to an observer or not."""
    long = {"scheme": (":scheme", "s" * LONG), "authority": (":authority", "k" * LONG), "path": (":path", lookup("k" * LONG)),
            "method": (":method", "M" * LONG), "field": ("x-long", "v" * LONG)}[name]
    fields = [field for field in everything_once(lookup("a")) if field[0] != long[0]]
    if long[0].startswith(":"):
        fields.insert(0, long)
    else:
        fields.append(long)
    capture = repeated(tmp_path, name, fields)
    options = "-o", "http2.tcp.port:8082"
    assert capture.stat().st_size < 150_000
    (_, mine, out), (_, stock, _) = (w.consumed(capture, *options) for w in (ws, ws.without_plugins()))
    assert mine - stock < 20 * 1024, f"{mine - stock} kB more"
    if mine and name != "method":
        assert b"HKP" in out        # up to the bound they are shown


def test_ordinary_captures_stay_within_the_bound(ws, tmp_path):
    """Requests that clients compress as far as HPACK can, each with an answer of nothing: all are shown."""
    talk = Http2(30000).begin()
    common = [field for field in request("/") if field[0] != ":path"] + [("user-agent", "u" * 100), ("accept", "*/*")]
    count = 4000
    for n in range(count):
        block = b"".join(h2.remember(*field) if n == 0 else h2.indexed(61 + len(common) - at) for at, field in enumerate(common[:3]))
        block += h2.block([(":path", lookup(f"{n:x}"))]) + b"".join(
            h2.remember(*field) if n == 0 else h2.indexed(61 + len(common) - at) for at, field in enumerate(common[3:], 3))
        talk.client(headers(2 * n + 1, block, end=True)).server(headers(2 * n + 1, response(404), end=True))
    capture = write_pcap(tmp_path / "ordinary.pcap", talk.packets, linktype=101)
    found = ws.rows(capture, ["hkp.search"], "hkp.search && !hkp.status", prefs={"http2.tcp.port": "8082"})
    assert found == [(f"{n:x}",) for n in range(count)]

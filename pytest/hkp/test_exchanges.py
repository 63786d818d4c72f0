# SPDX-License-Identifier: GPL-2.0-or-later
"""HTTP messages and their pairs, seen through the key server requests in them."""

import gzip
import zlib

import pytest

from harness.craft import Connection, write_pcap


def request(search, method="GET", headers="", body=b"", op="get"):
    return (f"{method} /pks/lookup?op={op}&search={search} HTTP/1.1\r\nHost: keys.example.org\r\n{headers}\r\n").encode() + body


def response(status=200, body=None, headers="", length=None):
    """A server that says of 404 and 410 what is missing, which proves it."""
    if body is None:
        body = b"No such key" if status in (404, 410) and length is None else b""
    length = len(body) if length is None else length
    return f"HTTP/1.1 {status} X\r\nContent-Type: text/plain\r\n{headers}Content-Length: {length}\r\n\r\n".encode() + body


def chunked(body, size=7):
    pieces = [body[i:i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def index(uid):
    return f"info:1:1\npub:0123456789ABCDEF:1:2048:1500000000::\nuid:{uid}:1500000000::\n".encode()


# index("Coded <coded@example.org>"), by brotli 1.0.9
BROTLI = bytes.fromhex("1f5c00a815a1d20dbce6131a60f4adbe09a2e81b36e0803d8f25c6c5cf871ca144801922bd808393eb1fc1b8904a1beb7cddb45d3f80"
                       "4330e5c035b300f21f33da735e661a275603d81e3900")


class Cases:
    """Connections behind each other in one capture, and what is expected of their frames."""

    def __init__(self):
        self.packets, self.expected = [], []

    def connection(self, **kwargs):
        self.close()
        self.current = Connection(sport=41000 + len(self.packets), **kwargs).handshake()
        return self.current

    def close(self):
        if getattr(self, "current", None):
            self.packets += self.current.packets
            self.current = None

    def frame(self):
        """Number of the frame that comes next."""
        return len(self.packets) + len(self.current.packets) + 1

    def send(self, side, data, size=None, lost=False):
        """Returns the number of the last frame; None if the data is not in the capture."""
        connection = self.current
        for at in range(0, len(data), size or len(data)):
            (connection.client if side == "client" else connection.server)(data[at:at + (size or len(data))])
            if lost:
                connection.packets.pop()
        return None if lost else self.frame() - 1

    def pair(self, name, req, res, status, requests=1):
        """The request of this name is in frame req, its response in frame res; None if there is none."""
        self.expected.append((name, req, res, status))

    def exchange(self, name, req, res, status, **sizes):
        a = self.send("client", req, sizes.get("request_size"))
        b = self.send("server", res, sizes.get("response_size"))
        self.pair(name, a, b, status)

    def write(self, path):
        self.close()
        return write_pcap(path, self.packets, linktype=101)


@pytest.fixture(scope="session")
def cases(tmp_path_factory):
    c = Cases()
    for dport, addresses in ((80, {}), (11371, {}), (9999, {}), (8888, {"src": "2001:db8::1", "dst": "2001:db8::2"})):
        c.connection(dport=dport, **addresses)
        c.exchange("keep1", request("keep1"), response(404, b"no"), 404)
        c.exchange("keep2", request("keep2"), response(500, b"no"), 500)
        c.exchange("keep3", request("keep3"), response(501), 501)
        c.current.close()

    c.connection(dport=9999)                    # stock Wireshark gives all three to the last request
    a = c.send("client", request("pipe1") + request("pipe2", op="stats") + request("pipe3", op="index"))
    b = c.send("server", response(404) + response(500))
    d = c.send("server", response(410))
    for name, res, status in (("pipe1", b, 404), ("pipe2", b, 500), ("pipe3", d, 410)):
        c.pair(name, a, res, status)

    c.connection(dport=9999)                    # stock Wireshark takes the next answer for a body
    a = c.send("client", request("head1", "HEAD") + request("head2"))
    b = c.send("server", response(404, length=50))
    b = c.send("server", response(500, b"x" * 100))
    c.pair("head1", a, b, 404)
    c.pair("head2", a, b, 500)
    c.exchange("head3", request("head3"), response(410, b"yy"), 410)

    c.connection()
    c.send("client", request("continue", "POST", "Expect: 100-continue\r\nContent-Length: 10\r\n"))
    c.send("server", b"HTTP/1.1 100 Continue\r\n\r\n")
    c.exchange("continue", b"0123456789", response(500), 500)
    c.exchange("modified", request("modified"), b"HTTP/1.1 304 Not Modified\r\nContent-Length: 300\r\n\r\n", 304)
    c.exchange("content", request("content"), b"HTTP/1.1 204 No Content\r\n\r\n", 204)
    c.exchange("after", request("after"), response(404), 404)
    a = c.send("client", request("hints"))
    c.send("server", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
    b = c.send("server", response(404))
    c.pair("hints", a, b, 404)

    c.connection(dport=80)                      # segmented at every byte boundary
    c.exchange("bytes1", request("bytes1"), response(404, b"missing"), 404, request_size=1, response_size=1)
    c.exchange("bytes2", request("bytes2"), response(410, b"missing"), 410, request_size=3, response_size=2)
    body = gzip.compress(b"nothing here " * 50)
    head = f"HTTP/1.1 404 X\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    c.exchange("bytes3", request("bytes3"), head + body, 404, response_size=1)

    c.connection(dport=80)
    a = c.send("client", request("close"))
    c.send("server", b"HTTP/1.0 404 X\r\nContent-Type: text/plain\r\n\r\nno length")
    c.send("server", b", more of it")
    b = c.frame()
    c.current.server(b"", flags="FA")
    c.pair("close", a, b, 404)

    c.connection()                              # a response is missing
    c.pair("lost1", c.send("client", request("lost1")), c.send("server", response(404), lost=True), None)
    c.exchange("lost2", request("lost2"), response(410, b"2"), 410)
    c.exchange("lost3", request("lost3"), response(500, b"3"), 500)

    c.connection()                              # a request is missing
    c.exchange("miss1", request("miss1"), response(404), 404)
    c.send("client", request("miss2"), lost=True)
    c.send("server", response(500))
    c.exchange("miss3", request("miss3"), response(410), 410)

    c.connection()                              # the response to one and the next request
    c.pair("both1", c.send("client", request("both1")), c.send("server", response(404), lost=True), None)
    c.send("client", request("both2"), lost=True)
    c.send("server", response(500))
    c.exchange("both3", request("both3"), response(410), 410)

    c.connection()                              # pipelined requests, the first one missing: no pair is certain
    c.send("client", request("hole1"), lost=True)
    c.pair("hole2", c.send("client", request("hole2")), None, None)
    c.send("server", response(404))
    c.send("server", response(500))

    c.connection()                              # everything twice
    seq = c.current.next[0]
    a = c.send("client", request("twice"))
    c.current.client(request("twice"), seq=seq)
    seq = c.current.next[1]
    b = c.send("server", response(404))
    c.current.server(response(404), seq=seq)
    c.pair("twice", a, b, 404)
    c.exchange("once", request("once"), response(410), 410)

    c.close()                                   # from the middle of a connection
    c.current = Connection(sport=41000 + len(c.packets), dport=80)
    c.exchange("middle1", request("middle1"), response(404), 404)
    c.exchange("middle2", request("middle2"), response(410), 410)

    c.connection()                              # never answered
    c.pair("silence", c.send("client", request("silence")), None, None)

    c.connection()                              # empty lines before a request, LF alone, lower-case header names
    c.exchange("lines", b"\r\n" + request("lines").replace(b"\r\n", b"\n"), b"HTTP/1.1 404 X\ncontent-length: 3\n\nabc", 404)
    c.exchange("lines2", request("lines2"), response(410), 410)
    c.write(tmp_path_factory.mktemp("exchange") / "cases.pcap")
    return c


FIELDS = ["frame.number", "hkp.search", "hkp.status", "hkp.response_to", "hkp.response_in"]


def found_pairs(rows):
    """(search, request frame, response frame, status) from the rows of a second pass."""
    requests, responses = [], {}
    for number, search, status, response_to, response_in in rows:
        for s, to in zip(filter(None, status.split(",")), response_to.split(",")):
            responses.setdefault(to, []).append((int(number), int(s)))
        if search and not status:
            names = search.split(",")
            answered = [x for x in response_in.split(",") if x]
            requests += [(name, number, len(answered) == len(names)) for name in names]
    pairs = []
    for name, number, answered in requests:
        res = responses.get(number, [])
        pairs.append((name, int(number), *(res.pop(0) if answered and res else (None, None))))
    return pairs


@pytest.fixture(scope="session")
def capture(cases, tmp_path_factory):
    return cases.write(tmp_path_factory.mktemp("exchange") / "pairs.pcap")


def test_every_response_belongs_to_its_request(ws, cases, capture):
    rows = ws.rows(capture, FIELDS, "hkp", two_pass=True)
    assert found_pairs(rows) == cases.expected


def test_one_pass_says_the_same_of_responses(ws, cases, capture):
    two = [r[:4] for r in ws.rows(capture, FIELDS, "hkp", two_pass=True)]
    assert [r[:4] for r in ws.rows(capture, FIELDS, "hkp")] == two
    assert ws.count(capture, "hkp.response_in") == 0


@pytest.mark.parametrize("options", [("-o", "http.tcp.port:81"), ("-o", "tcp.relative_sequence_numbers:FALSE"),
                                     ("-d", "tcp.port==9999,http"), ("-o", "http.desegment_headers:FALSE"),
                                     ("-o", "http.desegment_body:FALSE"), ("-o", "tcp.reassemble_out_of_order:TRUE")], ids=lambda o: o[1])
def test_preferences_change_nothing(ws, cases, capture, options):
    rows = ws.rows(capture, FIELDS, "hkp", two_pass=True, options=options)
    expected = cases.expected
    if "out_of_order" in options[1]:            # what is missing stops reassembly in that direction
        rows, expected = [[p for p in pairs if not p[0].startswith(("lost", "miss", "both", "hole"))]
                          for pairs in (found_pairs(rows), cases.expected)]
        assert rows == expected
    elif "desegment" in options[1]:             # HTTP gets its bytes in other frames then, or not at all
        found = [(p[0], p[3]) for p in found_pairs(rows)]
        expected = [(p[0], p[3]) for p in expected]
        assert [name for name, _ in found] == [name for name, _ in expected]
        assert [(a, b) for a, b in zip(found, expected) if a != b and a[1] is not None] == []
        assert found == expected or "headers" in options[1]
        assert sum(status is not None for _, status in found) >= 16
    else:
        assert found_pairs(rows) == expected


def test_response_before_the_end_of_its_request(ws, tmp_path):
    """A server refuses what it has not read to its end; the pairs after that are right."""
    connection = Connection(sport=42001, dport=80).handshake()
    begun, rest = request("early", method="POST", op="add", headers="Content-Length: 8\r\n", body=b"half"), b"half"
    connection.client(begun).server(response(413)).client(rest)
    connection.client(request("next")).server(response(404)).client(request("last")).server(response(410))
    capture = write_pcap(tmp_path / "early.pcap", connection.packets, linktype=101)
    rows = ws.rows(capture, ["frame.number", "hkp.search", "hkp.status", "hkp.response_to", "hkp.response_in"], "hkp", two_pass=True)
    assert rows == [("5", "early", "413", "4", ""), ("6", "early", "", "", "5"), ("7", "next", "", "", "8"), ("8", "next", "404", "7", ""),
                    ("9", "last", "", "", "10"), ("10", "last", "410", "9", "")]
    assert ws.count(capture, "hkp.no_response", two_pass=True) == 0


def test_request_and_response_of_one_side_in_a_segment(ws, tmp_path):
    """Nobody wants the pair; what was kept of it is given back once, and later exchanges have their own."""
    odd = Connection(sport=42002, dport=80).handshake()
    for _ in range(6):
        odd.client(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    others = [Connection(sport=42010 + number, dport=80).handshake() for number in range(8)]
    packets, pairs = odd.packets + [packet for other in others for packet in other.packets], []
    for turn in range(3):
        asked = len(packets) + 1
        for number, other in enumerate(others):
            packets.append(other.client(request(f"{turn}-{number}")).packets[-1])
        for number, other in enumerate(others):
            packets.append(other.server(response(404)).packets[-1])
            pairs.append((str(len(packets)), f"{turn}-{number}", str(asked + number)))
    capture = write_pcap(tmp_path / "both.pcap", packets, linktype=101)
    assert ws.rows(capture, ["frame.number", "hkp.search", "hkp.response_to"], "hkp.status", two_pass=True) == pairs


def test_out_of_order(ws, tmp_path):
    """Two pipelined requests, the second first: with reordering both pairs; without it, nothing wrong."""
    connection = Connection(sport=42000, dport=80).handshake()
    first, second = request("first"), request("second", op="stats")
    at = connection.next[0]
    connection.client(second, seq=at + len(first))
    connection.client(first, seq=at)
    connection.next[0] += len(first + second)
    connection.server(response(404) + response(500))
    capture = write_pcap(tmp_path / "swapped.pcap", connection.packets, linktype=101)
    ordered = ws.rows(capture, ["frame.number", "hkp.op", "hkp.status", "hkp.response_to"], "hkp", two_pass=True,
                      options=("-o", "tcp.reassemble_out_of_order:TRUE"))
    assert ordered == [("5", "get,stats", "", ""), ("6", "get,stats", "404,500", "5,5")]
    assert ws.count(capture, "hkp.response_to", two_pass=True) == 0


def test_transfer_and_content_codings(ws, tmp_path):
    """The body is decoded for the plugin whatever it is wrapped in."""
    raw = zlib.compressobj(wbits=-15)
    text = index("Coded <coded@example.org>")
    deflated = raw.compress(text) + raw.flush()
    variants = {
        "plain": ("", text), "gzip": ("Content-Encoding: gzip\r\n", gzip.compress(text)),
        "x-gzip": ("Content-Encoding: x-gzip\r\n", gzip.compress(text)),
        "zlib": ("Content-Encoding: deflate\r\n", zlib.compress(text)), "deflate": ("Content-Encoding: deflate\r\n", deflated),
        "identity": ("Content-Encoding: identity\r\n", text), "br": ("Content-Encoding: br\r\n", BROTLI),
    }
    packets, expected = [], []
    for n, (name, (headers, body)) in enumerate(variants.items()):
        for m, size in enumerate((None, 7, 1)):
            connection = Connection(sport=43000 + 10 * n + m, dport=80).handshake().client(request(name, op="index"))
            answer = response(200, body, headers) if size is None else (
                f"HTTP/1.1 200 X\r\nContent-Type: text/plain\r\n{headers}Transfer-Encoding: chunked\r\n\r\n".encode() + chunked(body, size))
            for at in range(0, len(answer), 50):
                connection.server(answer[at:at + 50])
            packets += connection.close().packets
            expected.append(("True", "0123456789ABCDEF", "Coded <coded@example.org>"))
    capture = write_pcap(tmp_path / "codings.pcap", packets, linktype=101)
    rows = ws.rows(capture, ["hkp.found", "hkp.index.keyid", "hkp.index.uid"], "hkp.status")
    assert [(r[0].replace("1", "True"), *r[1:]) for r in rows] == expected


def test_requests_in_chunks(ws, tmp_path):
    """RFC 9112 section 6.3: a request's chunks are its body, also where a length says otherwise, and what is pipelined behind comes to its answer."""
    packets, asked, answered = [], ("request-verify,get", "behind", "", ""), ("request-verify,get", "behind", "200,404")
    for number, length in enumerate((b"", b"Content-Length: 0\r\n")):
        post = b"POST /vks/v1/request-verify HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + length + b"Transfer-Encoding: chunked\r\n\r\n"
        body = chunked(b'{"token": "t", "addresses": ["a@example.org"]}')
        packets += Connection(sport=44000 + number, dport=80).handshake().client(post + body + request("behind")).server(response(200) + response(404)).packets
    capture = write_pcap(tmp_path / "chunks.pcap", packets, linktype=101)
    rows = ws.rows(capture, ["hkp.op", "hkp.search", "hkp.status", "hkp.response_to"], "hkp", two_pass=True)
    again = len(packets) // 2 + 4
    assert rows == [asked, (*answered, "4,4"), asked, (*answered, f"{again},{again}")]


def test_broken_codings_are_no_answer_about_keys(ws, tmp_path):
    packets = []
    broken = {
        "size": b"zz\r\nabc\r\n0\r\n\r\n", "huge": b"ffffffffffffffff\r\nabc\r\n0\r\n\r\n", "short": b"3\r\nabcd\r\n0\r\n\r\n",
        "gzip": chunked(b"no gzip at all"),
    }
    for n, (name, body) in enumerate(broken.items()):
        coding = "Content-Encoding: gzip\r\n" if name == "gzip" else ""
        head = f"HTTP/1.1 200 X\r\nContent-Type: text/plain\r\n{coding}Transfer-Encoding: chunked\r\n\r\n".encode()
        packets += Connection(sport=44000 + n, dport=80).handshake().client(request(name)).server(head + body).close().packets
    capture = write_pcap(tmp_path / "broken.pcap", packets, linktype=101)
    assert ws.count(capture, "hkp.search && !hkp.status") == len(broken)
    assert ws.count(capture, "hkp.found == 1") == 0
    assert ws.count(capture, "hkp.found == 0") == 0
    assert ws.count(capture, "_ws.malformed && hkp") == ws.without_plugins().count(capture, "_ws.malformed")


def test_connect_and_upgrade_end_it(ws, tmp_path):
    """What goes through a tunnel or another protocol is none of the connection's HTTP messages."""
    tunnel = Connection(sport=45000, dport=3128).handshake()
    tunnel.client(b"CONNECT keys.example.org:22 HTTP/1.1\r\nHost: keys.example.org\r\n\r\n")
    tunnel.server(b"HTTP/1.1 200 Connected\r\n\r\n")
    tunnel.client(request("tunnelled"))
    upgrade = Connection(sport=45001, dport=80).handshake()
    upgrade.client(b"GET /chat HTTP/1.1\r\nHost: a.example.org\r\nConnection: Upgrade\r\nUpgrade: example\r\n\r\n")
    upgrade.server(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: example\r\n\r\n")
    upgrade.client(request("upgraded"))
    capture = write_pcap(tmp_path / "ended.pcap", tunnel.packets + upgrade.packets, linktype=101)
    assert ws.count(capture, "hkp", two_pass=True) == 0


@pytest.mark.one_series
def test_truncated_packets(ws, tmp_path):
    """Cut at every length: never more than what is there, and no malformed items but the stock ones."""
    connection = Connection(sport=46000, dport=80).handshake()
    connection.client(request("cut")).server(response(200, index("Cut <cut@example.org>") * 3))
    frames = []
    for n in range(40, len(connection.packets[4])):
        cut = Connection(sport=46000 + n, dport=80).handshake()
        cut.client(request("cut")).server(response(200, index("Cut <cut@example.org>") * 3))
        frames += [(0.001 * (len(frames) + i), p[:n], len(p)) for i, p in enumerate(cut.packets)]
    capture = write_pcap(tmp_path / "cut.pcap", frames, linktype=101)
    assert ws.count(capture, "hkp.search && !hkp.status", two_pass=True) > 5
    assert ws.count(capture, "_ws.expert.message contains \"Dissector bug\"") == 0
    assert ws.count(capture, "hkp.found == 0", two_pass=True) == 0
    assert ws.count(capture, "hkp.index_malformed && !hkp.index.uid") == 0


def same_as_stock(ws, capture, *options):
    ws = ws.subset("hkp")
    shown = ws.tshark(capture, "-V", "-x", *options)
    assert "Dissector bug" not in shown
    assert shown == ws.without_plugins().tshark(capture, "-V", "-x", *options)


@pytest.mark.parametrize("passes", [(), ("-2",)], ids=("one", "two"))
def test_tunnel_to_its_own_port_is_no_endless_recursion(ws, tmp_path, passes):
    """HTTP in a CONNECT tunnel to a port on which HTTP was found: as stock, whether it looks into that or not.

    Nor has a tunnel a TCP stream number of its own.
    """
    packets = []
    for n, (proxy, inner) in enumerate(((8888, 8888), (9999, 7777), (8888, 80), (80, 80), (80, 7777))):
        connection = Connection(sport=47000 + n, dport=proxy).handshake()
        connection.client(f"CONNECT b.example.org:{inner} HTTP/1.1\r\nHost: b\r\n\r\n".encode()).server(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(2):
            connection.client(b"GET /in HTTP/1.1\r\nHost: a\r\n\r\n").server(b"HTTP/1.1 200 X\r\nContent-Length: 2\r\n\r\nin")
        packets += connection.close().packets
    same_as_stock(ws, write_pcap(tmp_path / "own.pcap", packets, linktype=101), *passes)


def test_other_text_on_a_port_of_http_is_not_put_together(ws, tmp_path):
    """What begins like a word was carried over as a head, and made a data source of every packet behind it."""
    packets = []
    for n, port in enumerate((80, 8080)):
        connection = Connection(sport=48000 + n, dport=port).handshake()
        connection.server(b"SSH-2.0-OpenSSH_9\r\n").client(b"SSH-2.0-x\r\n").client(b"Abinary\x00\x01\x02").client(b"Bbinary\x00")
        connection.server(b"text text text").server(b"more text\r\n").server(b"and\r\nmore\r\n")
        packets += connection.close().packets
    connection = Connection(sport=48100, dport=80).handshake()
    connection.client(b"G").client(b"ET / HTTP/1.1\r\nHost: a.example.org\r\nU\r\n\r\n").server(response())
    packets += connection.close().packets
    same_as_stock(ws, write_pcap(tmp_path / "text.pcap", packets, linktype=101))


@pytest.mark.parametrize("options", [("-o", "http.tcp.port:9999"), ("-d", "tcp.port==8888,http"), ("-d", "tcp.port==80,data"),
                                     ("--disable-protocol", "http"), ("-o", "tcp.try_heuristic_first:TRUE"),
                                     ("--disable-heuristic", "http_tcp")], ids=lambda o: o[1])
def test_other_http_is_as_stock(ws, tmp_path, options):
    """Whatever the user chooses: upgrades, broken framing, prior knowledge of HTTP/2."""
    get = b"GET /a HTTP/1.1\r\nHost: a.example.org\r\n%s\r\n"
    settings = bytes.fromhex("000000040000000000")
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings
    packets = []
    for n, port in enumerate((80, 8888, 9999)):
        for m, talk in enumerate((
                (get % b"Connection: Upgrade\r\nUpgrade: websocket\r\n", b"HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
                 b"\x81\x05hello", b"\x81\x85\0\0\0\0hello", b"\x81\x03abc"),
                (get % b"Connection: Upgrade\r\nUpgrade: h2c\r\n", b"HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n" + settings, preface),
                (preface, settings),
                (get % b"", b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nabc\r\n0\r\n\r\n", get % b"", response()),
                (get % b"", b"HTTP/1.1 200 X\r\nContent-Length: 18446744073709551615\r\n\r\nabc", get % b"", response()),
                (get % b"", b"HTTP/1.1 200 X\r\nContent-Length: -5\r\n\r\nabc", get % b"" * 3, response() * 3))):
            connection = Connection(sport=49000 + 10 * n + m, dport=port).handshake()
            for turn, data in enumerate(talk):
                (connection.server if turn % 2 else connection.client)(data)
            packets += connection.close().packets
    same_as_stock(ws, write_pcap(tmp_path / "other.pcap", packets, linktype=101), *options)


def test_cut_first_request_does_not_hide_the_connection(ws, tmp_path):
    """On a port that is not HTTP's the heuristic ends with an exception then."""
    cut = Connection(sport=49900, dport=9999).handshake()
    cut.client(request("first", headers="X: " + "x" * 400 + "\r\n")).server(response(404)).client(request("second")).server(response(410))
    frames = [(0.001 * n, p[:150], len(p)) for n, p in enumerate(cut.packets)]
    capture = write_pcap(tmp_path / "first.pcap", frames, linktype=101)
    assert "second" in [r[0] for r in ws.rows(capture, ["hkp.search"], "hkp.search && !hkp.status", two_pass=True)]


def test_protocol_behind_the_first_message_of_a_segment(ws, tmp_path):
    """TCP locks the column for what follows a reassembled message: Protocol and Info are of one protocol nevertheless."""
    connection = Connection(dport=11371).handshake()
    connection.client(b"POST /other HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n1234")
    connection.client(b"5678GET /pks/lookup?op=stats HTTP/1.1\r\nHost: a\r\n\r\n")
    capture = write_pcap(tmp_path / "follows.pcap", connection.close().packets, linktype=101)
    assert ws.columns(capture)[4] == ("HKP", "stats")


def test_words_that_are_no_method_are_no_request(ws, tmp_path):
    """Wireshark takes the packet for no HTTP."""
    connection = Connection(dport=11371).handshake()
    connection.client(b"LET /pks/lookup?op=stats HTTP/1.1\r\nHost: a\r\n\r\n")
    capture = write_pcap(tmp_path / "let.pcap", connection.close().packets, linktype=101)
    stock = ws.without_plugins().rows(capture, ["frame.protocols"])
    assert ws.count(capture, "hkp") == 0 and ws.rows(capture, ["frame.protocols"]) == stock

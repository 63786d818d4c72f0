# SPDX-License-Identifier: GPL-2.0-or-later
"""OpenPGP that HTTP carries under other types than its own: openpgp.so finds it by content, whether hkp.so is there or not."""

import base64
import gzip
import json
import re
import shutil
import struct
import urllib.parse

import pytest

from harness import http2 as h2
from harness.craft import conversation, write_pcap
from harness.http2 import Http2
from openpgp.craft import CREATED, PKESK, PUBLIC_KEY, SIGNATURE, USER_ID, armor, fingerprint, http_frames, key, number, packet, rsa, signature, subpacket
from openpgp.sign import Signer

KEY = key(rsa())
BINARY = packet(PUBLIC_KEY, KEY) + packet(USER_ID, b"Alice")
ARMOR = armor(BINARY)
ARMOR = ARMOR if isinstance(ARMOR, bytes) else ARMOR.encode()
PAGE = b"<html><body><h1>Our key</h1><pre>\n" + ARMOR.replace(b"+", b"&#43;") + b"</pre></body></html>"
SIGNED = packet(SIGNATURE, signature(subpacket(2, number(1700000000, 4))))
LIST = struct.pack(">II", 1, len(BINARY)) + BINARY
FORM = b"a=1&keytext=" + urllib.parse.quote_plus(ARMOR).encode() + b"&b=%zz"
FIELDS = ["openpgp.key.fingerprint", "openpgp.userid", "openpgp.armor.crc24.status"]
FOUND = (fingerprint(KEY), "Alice")


def message(body, kind, headers="", target=None):
    """An answer; with a target a request."""
    first = f"POST {target} HTTP/1.1\r\nHost: www.example.org" if target else "HTTP/1.1 200 OK"
    kind = f"Content-Type: {kind}\r\n" if kind is not None else ""
    return f"{first}\r\n{kind}{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


def exchange(body, kind, headers="", request=False):
    if request:
        return [message(body, kind, headers, "/upload"), b"HTTP/1.1 204 No Content\r\n\r\n"]
    return [b"GET /file HTTP/1.1\r\nHost: www.example.org\r\n\r\n", message(body, kind, headers)]


def capture_of(path, *exchanges):
    return write_pcap(path, [p for n, messages in enumerate(exchanges) for p in conversation(*messages, sport=20000 + n)], linktype=101)


def chunked(body):
    return b"".join(b"%x\r\n%s\r\n" % (len(body[i:i + 50]), body[i:i + 50]) for i in range(0, len(body), 50)) + b"0\r\n\r\n"


CARRIERS = {
    "text/plain": exchange(ARMOR, "text/plain"),
    "text/plain with parameters": exchange(b"Here it is:\r\n\r\n" + ARMOR, "Text/Plain; charset=utf-8"),
    "text/plain, binary": exchange(BINARY, "text/plain"),
    "text/html": exchange(PAGE, "text/html"),
    "JSON": exchange(json.dumps({"id": 1, "say": "\\\"", "key": ARMOR.decode()}).encode(), "application/json"),
    "JSON, escaped by number": exchange(json.dumps({"key": ARMOR.decode()}).replace("\\n", "\\u000a").encode(), "application/json"),
    "keytext in base64": exchange(json.dumps({"keytext": base64.b64encode(BINARY).decode()}).encode(), "application/json", request=True),
    "form": exchange(FORM, "application/x-www-form-urlencoded", request=True),
    "armor that is called a form": exchange(ARMOR, "application/x-www-form-urlencoded", request=True),
    "octet-stream, binary": exchange(BINARY, "application/octet-stream"),
    "octet-stream, armor": exchange(ARMOR, "application/octet-stream"),
    "list": exchange(LIST, "pgp/keys"),
    "no type, binary": exchange(BINARY, None),
    "no type, armor": exchange(ARMOR, None),
    "no type, form": exchange(FORM, None, request=True),
    "no type, JSON": exchange(json.dumps({"key": ARMOR.decode()}).encode(), None),
    "gzip": exchange(gzip.compress(PAGE), "text/html", "Content-Encoding: gzip\r\n"),
    "chunks": [exchange(b"", "")[0], b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(ARMOR)],
    "its own type": exchange(BINARY, "application/pgp-keys"),
}


def sets(ws):
    return {"alone": ws.subset("openpgp"), "with hkp": ws.subset("openpgp", "hkp"), "all": ws}


@pytest.fixture(scope="module")
def carried(tmp_path_factory):
    folder = tmp_path_factory.mktemp("carried")
    for parent in (folder, folder.parent):
        parent.chmod(0o755)
    return capture_of(folder / "carried.pcap", *CARRIERS.values())


def test_every_carrier(ws, carried):
    """One key in each connection, once; alone and with others, in one pass, with -2 and in sharkd."""
    for name, w in sets(ws).items():
        for two_pass in (False, True):
            rows = w.rows(carried, ["tcp.stream", *FIELDS], "openpgp", two_pass=two_pass)
            assert [row[0] for row in rows] == [str(n) for n in range(len(CARRIERS))], (name, two_pass)
            assert {row[1:3] for row in rows} == {FOUND} and {row[3] for row in rows} == {"", "1"}, (name, two_pass, rows)
    with ws.subset("openpgp").sharkd() as sharkd:
        sharkd.load(carried)
        assert [tuple(row[:2]) for row in sharkd.rows(FIELDS, "openpgp")] == [FOUND] * len(CARRIERS)


def test_nothing_of_http_changes(ws, carried):
    """Layers, columns and HTTP's own fields are stock's but for the type that has a dissector now."""
    fields = ["frame.number", "frame.protocols", "http.content_type", "http.file_data", "http.response.code"]
    flt = "tcp && !http.content_type contains \"pgp-keys\""
    stock, alone = ws.without_plugins(), ws.subset("openpgp")
    assert alone.rows(carried, fields, flt, two_pass=True) == stock.rows(carried, fields, flt, two_pass=True)
    shown = [w.columns(carried, prefs={"openpgp.columns": "FALSE"} if w is alone else None) for w in (stock, alone)]
    assert len(shown[0]) == len(shown[1])
    differing = [pair for pair in zip(*shown) if pair[0] != pair[1]]
    assert len(differing) <= 1 and all("pgp-keys" in other[1] for _, other in differing)


OTHER = {
    "another type": exchange(ARMOR, "application/javascript"),
    "image": exchange(ARMOR, "image/png"),
    "archive": exchange(ARMOR, "application/gzip"),
    "multipart without its parts' types": exchange(b"--x\r\nContent-Type: image/png\r\n\r\n" + ARMOR + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"),
    "words about armor": exchange(b"It begins with -----BEGIN PGP PUBLIC KEY BLOCK----- and ends\n-----BEGIN PGP\n", "text/plain"),
    "a mail that quotes armor": exchange(b"> " + ARMOR.replace(b"\n", b"\n> "), "text/plain"),
    "a difference that adds armor": exchange(b"+++ b/key.asc\n+" + ARMOR.replace(b"\n", b"\n+"), "text/plain"),
    "one in JSON that takes it away": exchange(json.dumps({"patch": "@@ -1 +0,0 @@\n-" + ARMOR.decode().replace("\n", "\n-")}).encode(), "application/json"),
    "octets like a key": exchange(packet(PUBLIC_KEY, b"\4" + bytes(40)), "application/octet-stream"),
    "a key that is cut": exchange(BINARY[:60], "application/octet-stream"),
    "a key and no packet behind it": exchange(packet(PUBLIC_KEY, KEY) + b"abcd", "application/octet-stream"),
    "a signature without a time": exchange(packet(SIGNATURE, signature()), "application/octet-stream"),
    "a signature of no type": exchange(packet(SIGNATURE, signature(subpacket(2, bytes(4)), kind=0x77)), "application/octet-stream"),
    "another packet": exchange(packet(PKESK, b"\3" + bytes(8) + b"\1" + bytes(20)), "application/octet-stream"),
    "armor in a binary file": exchange(b"\x7fELF\2\1\1\0" + bytes(100) + ARMOR, "application/octet-stream"),
    "a list of something else": exchange(struct.pack(">II", 1, 40) + b"\x99" + bytes(39), "application/octet-stream"),
    "keytext that is none": exchange(json.dumps({"keytext": base64.b64encode(BINARY[1:]).decode()}).encode(), "application/json", request=True),
    "keytext of another name": exchange(json.dumps({"text": base64.b64encode(BINARY).decode()}).encode(), "application/json", request=True),
    "JSON without": exchange(b'{"a": "-----BEGIN PGP", "b": ["-----BEGIN PGP KEY-----"]', "application/json"),
}


def test_nothing_in_other_bodies(ws, tmp_path):
    capture = capture_of(tmp_path / "other.pcap", *OTHER.values())
    assert ws.rows(capture, ["tcp.stream"], "openpgp", two_pass=True) == []
    assert ws.count(capture, "http.response") == len(OTHER)


def test_a_signature_as_octets(ws, tmp_path):
    capture = capture_of(tmp_path / "signature.pcap", exchange(SIGNED, "application/octet-stream"))
    assert ws.subset("openpgp").count(capture, "openpgp.signature.type == 0x13") == 1


def test_preference(ws, carried):
    """Off: as before, only what is called OpenPGP."""
    assert ws.count(carried, "openpgp", prefs={"openpgp.http": "FALSE"}) == 1
    assert ws.count(carried, "openpgp", options=["--disable-protocol", "openpgp"]) == 0


def test_a_page_without_leaves_no_tab(ws, tmp_path):
    """Where Wireshark does not undo a coding, looking into the body leaves nothing behind."""
    capture = capture_of(tmp_path / "page.pcap", exchange(gzip.compress(b"<p>nothing</p>" * 50), "text/html", "Content-Encoding: gzip\r\n"))
    prefs = {"http.decompress_body": "FALSE"}
    options = [part for name, value in prefs.items() for part in ("-o", f"{name}:{value}")]
    shown = [w.run("tshark", "-n", "-r", capture, "-x", *options) for w in (ws.without_plugins(), ws.subset("openpgp"))]
    assert shown[0] == shown[1] and "0000" in shown[0]


def test_real_files(ws, shared, tmp_path):
    """A key and an InRelease file as text, a key as octets, as a web server of today calls them."""
    case = shutil.copy(shared.parent / "cases/openpgp/openpgp-text-plain-and-octet-stream.pcap", tmp_path)
    for w in sets(ws).values():
        rows = w.rows(case, ["frame.number", "openpgp.armor.type", "openpgp.key.fingerprint"], "openpgp", two_pass=True)
        assert [row[:2] for row in rows] == [("5", "PUBLIC KEY BLOCK"), ("13", ""), ("21", "SIGNED MESSAGE,SIGNATURE")]
        assert rows[0][2] == rows[1][2] != "" and rows[2][2] == ""


# HTTP/2


STATE = " [key without a bound user ID]"
BY_HAND = {"prefs": {"http2.tcp.port": "8082"}}


@pytest.mark.parametrize("kind", ["text/plain", "image/png"])
def test_http2(ws, tmp_path, kind):
    """A key in pieces, in the first of two answers that one segment holds; Info goes on to the second as stock's does."""
    talk = Http2(20000).begin()
    talk.client(h2.headers(1, h2.request("/key.asc"), end=True), h2.headers(3, h2.request("/other"), end=True))
    talk.server(h2.headers(1, h2.response(200, kind=kind)), h2.data(1, ARMOR[:100], end=False), h2.data(1, ARMOR[100:]),
                h2.headers(3, h2.response(404), end=True))
    capture = write_pcap(tmp_path / "http2.pcap", talk.packets, linktype=101)
    wanted = [(FOUND[0], "Alice")] if kind == "text/plain" else []
    stock = ws.without_plugins().columns(capture, **BY_HAND)
    for w in sets(ws).values():
        for two_pass in (False, True):
            assert w.rows(capture, FIELDS[:2], "openpgp", two_pass=two_pass, **BY_HAND) == wanted
        assert [(protocol, info.removesuffix(STATE)) for protocol, info in w.columns(capture, **BY_HAND)] == stock


def test_http2_body_too_large(ws, tmp_path):
    """The same with hkp.so, which wants keys of any size."""
    body = ARMOR + b"\n" * (4 << 20)
    talk = Http2(20000).begin().client(h2.headers(1, h2.request("/pks/lookup?op=get&search=Alice"), end=True))
    talk.server(h2.headers(1, h2.response(200)), *[h2.data(1, body[at:at + 16000], end=at + 16000 >= len(body)) for at in range(0, len(body), 16000)])
    capture = write_pcap(tmp_path / "large.pcap", talk.packets, linktype=101)
    for w in (ws.subset("openpgp"), ws.subset("openpgp", "hkp")):
        assert w.count(capture, "openpgp", **BY_HAND) == 0
    assert ws.count(capture, "hkp.found == 1", **BY_HAND) == 1


def test_statistics_of_expert_information_have_what_no_tree_shows(ws, captures):
    """Also without the other plugins, of which some want a tree for themselves."""
    for capture in ("openpgp-files/apt.pcap", "openpgp-mail/smtp.pcap"):
        printed = ws.subset("openpgp").statistics(captures / capture, "expert")
        assert re.findall(r"^ +(\d+) +\S+ +OpenPGP +(.+)$", printed, re.M) == [("1", "The signature is bad")], capture


def test_git_servers_show_nothing(ws, captures):
    """Clones and pushes of a repository with an armored key, signed commits and tags: packs, refs, and certificates line by line."""
    capture = captures / "openpgp-git/git.pcap"
    assert capture.read_bytes().count(b"0022-----BEGIN PGP SIGNATURE-----") == 2
    for options in ([], ["-o", "tcp.reassemble_out_of_order:TRUE"], ["-d", "tcp.port==9418,http"]):
        assert ws.frames(capture, "openpgp || hkp", two_pass=True, options=options) == []


def test_pages_that_show_blocks(ws, captures):
    """A page with a key has one; what tells of keys is none. A tag stands before its signature, a commit around it."""
    key = re.search(r"^fpr:+(\w+):", (captures / "openpgp-git/colons.txt").read_text(), re.M)[1]
    capture = captures / "openpgp-git/pages.pcap"
    pages = re.findall(r"GET /(\S+)", capture.read_bytes().decode("latin-1"))
    fields = ["tcp.stream", "openpgp.armor.type", "openpgp.key.fingerprint", "openpgp.signature.check"]
    of_key, of_tag, of_commit = ["PUBLIC KEY BLOCK", key, "1"], ["SIGNATURE", "", "1"], ["SIGNATURE", "", "6"]
    rows = [(pages[int(row[0])], list(row[1:])) for row in ws.rows(capture, fields, "openpgp", two_pass=True)]
    assert rows == [("key.html", of_key), ("tag.txt", of_tag), ("commit.txt", of_commit), ("key.html", of_key)]
    assert ws.count(capture, "openpgp.signature.bad || openpgp.key.unusable", two_pass=True) == 0


def test_text_before_a_signature(ws, tmp_path):
    """What fits was signed, with either line ends; what does not was not, and nothing is bad. Nothing of it is claimed of other parts."""
    tag = b"object 1234\ntype commit\ntag v1\n\nRelease\n"
    signer = Signer()
    made = armor(signer.sign(tag, 0x00), "SIGNATURE")
    clear = b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nx\n" + made
    bodies = [tag + made, tag.replace(b"\n", b"\r\n") + made, tag + b"\n" + made, tag.replace(b"1234", b"1235") + made, made, tag + made + tag, clear]
    frames = http_frames([armor(signer.certified_key(b"Alice")), *bodies], "text/plain")
    capture = write_pcap(tmp_path / "tags.pcap", frames, start=CREATED + 1000.0)
    for two_pass in (False, True):
        rows = ws.rows(capture, ["openpgp.signature.check"], "openpgp", two_pass=two_pass)
        assert [row[0] for row in rows] == ["1", "1", "1", "6", "6", "6", "1", "2"], two_pass

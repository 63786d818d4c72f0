# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys in key server traffic: real servers and clients, and keys in every wrapping."""

import base64
import json
import re
import subprocess
import time
import urllib.parse

import pytest

from harness.craft import Connection, write_pcap
from hkp.test_requests_and_answers import answer, get, write

SERVERS = "hkp-servers"


def folder(captures):
    return captures / SERVERS


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """Alice's and Bob's keys as armour, and Alice's fingerprint, from the recorded answers, by Wireshark alone."""
    from harness.tshark import HOST_SERIES, TOP, Wireshark
    capture = TOP / "test-captures" / SERVERS / "sks-curl.pcap"
    rows = Wireshark(HOST_SERIES).without_plugins().rows(capture, ["http.file_data"], 'http.file_data contains "PUBLIC KEY" && http.response')
    blocks = []
    for data, in rows:      # a string before 4.4, octets since then
        text = bytes.fromhex(data).decode() if re.fullmatch("[0-9a-f]+", data) else data.replace("\\n", "\n")
        block = re.search(r"-----BEGIN PGP PUBLIC KEY BLOCK-----.*?-----END PGP PUBLIC KEY BLOCK-----", text.replace("\r", "").replace("\\r", ""), re.S)
        if block and block.group(0) not in blocks:
            blocks.append(block.group(0))
    return blocks


def armor_bytes(block):
    lines = block.split("\n\n", 1)[1].split("\n-----END")[0].splitlines()
    return base64.b64decode("".join(line for line in lines if not line.startswith("=")))


ALICE, BOB, DAVE = "Alice <alice@example.org>", "Bob Example (work) <bob@example.org>", "Dave <dave@example.org>"


def summary(ws, capture, two_pass=False, keylog=None):
    fields = ["frame.number", "hkp.op", "hkp.status", "hkp.found", "hkp.response_to", "openpgp.userid", "hkp.key_mismatch"]
    return ws.rows(capture, fields, "hkp", two_pass, keylog=keylog)


def infos(ws, capture, two_pass=False, keylog=None):
    """HKP's own; openpgp adds what state keys are in."""
    shown = ws.columns(capture, two_pass, keylog=keylog)
    return [re.sub(r" \[(key [a-z ]+|\d+ of \d+ keys unusable)\]", "", info) for protocol, info in shown if protocol == "HKP"]


def shapes(texts):
    """Without what each recording has of its own."""
    return [re.sub(r"0x[0-9A-F]{4}…[0-9A-F]{4}", "0xF…P", re.sub(r"0x(?!DEADBEEF)[0-9A-F]{8,}", "0xID", text)) for text in texts]


def gpg_session(status, refreshed, sent):
    """What gpg asks for and gets: search twice, receive three, refresh, send, receive what was sent."""
    missing = f"get: not found ({status})"
    texts = ["index example.org", None, "index nobody@example.net", f"index: not found ({status})", "get 0xF…P (v4 fingerprint)", f"1 key: {ALICE}",
             "get 0xID (64-bit key ID)", f"1 key: {BOB}", "get 0xF…P (v4 fingerprint)", missing]
    for name in refreshed:
        texts += ["get 0xF…P (v4 fingerprint)", f"1 key: {name}"]
    return texts + [f"add 1 key: {DAVE}", "add: inserted", "get 0xF…P (v4 fingerprint)", f"1 key: {DAVE}" if sent else missing]


@pytest.mark.parametrize("server", ["sks", "onak"])
def test_gpg(ws, captures, server):
    """IPv4, then IPv6. onak did not have Dave's key yet when it was asked for it the first time."""
    capture = folder(captures) / f"{server}-gpg.pcap"
    texts = shapes(infos(ws, capture))
    if server == "sks":
        expected = gpg_session(404, [BOB, ALICE], True) + gpg_session(404, [DAVE, BOB, ALICE], True)
    else:
        expected = gpg_session(200, [BOB, ALICE], False) + gpg_session(200, [BOB, ALICE], True)
    assert len(texts) == len(expected)
    assert [(t, e) for t, e in zip(texts, expected) if e and t != e] == []
    for n in (1, 19):
        assert texts[n].startswith(("4 keys: ", "5 keys: ")) and texts[n].endswith(", …")
    assert ws.count(capture, "hkp && ip") == 18 and ws.count(capture, "hkp && ipv6") == len(expected) - 18
    assert ws.count(capture, "hkp.not_found") == 4 + (server == "onak")
    assert ws.count(capture, "hkp.key_mismatch || hkp.index_malformed || hkp.encoding || hkp.short_keyid") == 0


CURL = ["get 0xF…P (v4 fingerprint)", f"1 key: {ALICE}", "get 0xID (64-bit key ID)", f"1 key: {ALICE}", "get 0xID (32-bit key ID)", f"1 key: {ALICE}",
        "get 0xF…P (v4 fingerprint)", "get: not found", "get 0xDEADBEEF (32-bit key ID)", "get: not found", "get bob@example.org", f"1 key: {BOB}",
        "index example.org", None, "index alice <alice@example.org>", f"1 key: {ALICE}", "index example.org", "index: found",
        "index nobody@example.net", "index: not found", "index nobody@example.net", "index: not found", "vindex Zoë Ünïcode", "vindex: found",
        "vindex 0xF…P (v4 fingerprint)", f"1 key: {BOB}", "hget 00000000000000000000000000000000", None, "stats", "stats: answered",
        "x-example x", None, f"add 1 key: {ALICE}", "add: inserted", "hashquery 2 hashes", f"1 key: {ALICE}",
        "get 0xF…P (v4 fingerprint)", f"1 key: {ALICE}", "get 0xF…P (v4 fingerprint)", "get: not found", "index bob", f"1 key: {BOB}",
        "get 0xF…P (v4 fingerprint)", "get: unreadable"]


def curl_sessions():
    return [("sks-curl", 1), ("onak-curl", 1), ("onak-gzip", 1), ("hkps", 2)]


@pytest.mark.parametrize("name,sessions", curl_sessions(), ids=[n for n, _ in curl_sessions()])
def test_curl(ws, captures, name, sessions):
    """Every operation; for HKPS over TLS 1.3, then 1.2 on another port, decrypted by the key log."""
    capture = folder(captures) / f"{name}.pcap"
    keylog = capture.with_suffix(".keys") if name == "hkps" else None
    texts = shapes(infos(ws, capture, keylog=keylog))
    expected = CURL[:-1] if name == "sks-curl" else CURL      # SKS closes the connection on HEAD
    for session in range(sessions):
        part = texts[session * len(CURL):][:len(expected)]
        assert len(part) == len(expected)
        wrong = [(t, e) for t, e in zip(part, expected) if e and t.removesuffix(" (200)").removesuffix(" (404)") != e]
        assert wrong == []
    rows = summary(ws, capture, two_pass=True, keylog=keylog)
    requests = [r[0] for r in rows if not r[2]]
    answered = [r[4] for r in rows if r[2]]
    assert answered == (requests[:-1] if name == "sks-curl" else requests)
    assert not any(r[6] for r in rows)
    status = "404" if name == "sks-curl" else "200"
    missing = [r[2] for r in rows if r[3] in ("0", "False")]
    assert set(missing) == {status} | ({"500"} if name == "sks-curl" else set()) and len(missing) == {"sks-curl": 6, "onak-curl": 6, "onak-gzip": 6, "hkps": 14}[name]
    if name == "hkps":
        assert ws.count(capture, "hkp") == 0        # without the keys
        gpg = texts[2 * len(CURL):]
        assert len(gpg) == 18 and gpg[5] == f"1 key: {ALICE}" and gpg[-1] == f"1 key: {DAVE}"


def test_web_key_directory(ws, captures):
    capture = folder(captures) / "wkd.pcap"
    keylog = capture.with_suffix(".keys")
    fields = ["hkp.op", "hkp.search", "hkp.wkd.method", "hkp.wkd.domain", "hkp.status", "openpgp.userid"]
    rows = [r for r in ws.rows(capture, fields, "hkp", keylog=keylog)]
    assert [r[:4] for r in rows if not r[4]] == [
        ("hu", "alice", "2", "example.org"), ("hu", "nobody", "2", "example.org"), ("policy", "", "2", "example.org"),
        ("policy", "", "2", "example.org"), ("hu", "alice", "2", "example.org"), ("hu", "alice", "1", "")]
    assert [r[4:] for r in rows if r[4]] == [("200", ALICE), ("404", ""), ("200", ""), ("200", ""), ("200", ALICE), ("404", "")]
    texts = infos(ws, capture, keylog=keylog)
    assert texts[0] == "hu alice@example.org" and texts[1] == f"1 key: {ALICE}" and texts[3] == "hu: not found (404)"


def test_keys_are_found_in_answers_of_any_type(ws, exported, tmp_path):
    alice = exported[0]
    binary = armor_bytes(alice)
    html = f"<html><body><h1>Key</h1><pre>\r\n{alice}\r\n</pre></body></html>"
    bodies = [("text/plain", alice), ("text/html", html), ("application/pgp-keys", alice), ("application/octet-stream", binary),
              ("application/pgp-keys; armor=no", binary), ("application/x-unheard-of", alice), ("text/plain", binary)]
    capture = write(tmp_path / "types.pcap", [(get("/pks/lookup?op=get&search=alice"), answer(200, body, kind)) for kind, body in bodies])
    rows = ws.rows(capture, ["hkp.found", "openpgp.userid"], "hkp.status", two_pass=True)
    assert [(r[0] in ("1", "True"), r[1]) for r in rows] == [(True, ALICE)] * len(bodies)
    assert infos(ws, capture)[1::2] == [f"1 key: {ALICE}"] * len(bodies)


def test_keys_sent_to_a_server(ws, exported, tmp_path):
    alice, bob = exported[:2]
    form = "keytext=" + urllib.parse.quote_plus(alice)
    boundary = f'--x\r\nContent-Disposition: form-data; name="keytext"\r\n\r\n{alice}\r\n--x--\r\n'
    requests = [
        get("/pks/add", "POST", "Content-Type: application/x-www-form-urlencoded\r\n", form.encode()),
        get("/pks/add", "POST", "Content-Type: application/x-www-form-urlencoded\r\n", f"options=nm&{form}&x=y".encode()),
        get("/pks/add", "POST", "", form.encode()),
        get("/pks/add", "POST", "Content-Type: multipart/form-data; boundary=x\r\n", boundary.encode()),
        get("/pks/add", "POST", "Content-Type: text/plain\r\n", (alice + "\n" + bob).encode()),
        get("/pks/replace", "POST", "Content-Type: application/x-www-form-urlencoded\r\n", form.encode()),
        get("/pks/v2/certs", "POST", "Content-Type: application/pgp-keys\r\n", armor_bytes(alice)),
        get("/pks/v2/canonical/alice%40example.org", "PUT", "Content-Type: application/pgp-keys\r\n", armor_bytes(alice)),
        get("/vks/v1/upload", "POST", "Content-Type: application/json\r\n", json.dumps({"keytext": alice}).encode()),
        get("/vks/v1/upload", "POST", "Content-Type: application/json\r\n", json.dumps({"keytext": 1}).encode()),
        get("/vks/v1/upload", "POST", "Content-Type: application/json\r\n", b'{"keytext": '),
        get("/pks/add", "POST", "Content-Type: application/x-www-form-urlencoded\r\n", b"keytext=%zz%"),
    ]
    capture = write(tmp_path / "sent.pcap", [(r, answer(200, "ok")) for r in requests])
    rows = [r[0] for r in ws.rows(capture, ["openpgp.userid"], "hkp.op && !hkp.status")]
    assert rows == [ALICE] * 4 + [f"{ALICE},{BOB}"] + [ALICE] * 4 + [""] * 3
    texts = infos(ws, capture)[::2]
    assert texts[:5] == [f"add 1 key: {ALICE}"] * 4 + [f"add 2 keys: {ALICE}, {BOB}"]
    assert texts[6:9] == [f"certs 1 key: {ALICE}", f"canonical 1 key: {ALICE}", f"upload 1 key: {ALICE}"]
    assert ws.count(capture, "hkp.found || hkp.key_mismatch") == 0


def test_keys_sent_in_chunks(ws, exported, tmp_path):
    """As what reads from a pipe sends them, which knows no length beforehand."""
    form = ("keytext=" + urllib.parse.quote_plus(exported[0])).encode()
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(form[at:at + 500]), form[at:at + 500]) for at in range(0, len(form), 500)) + b"0\r\n\r\n"
    post = b"POST /pks/add HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
    capture = write(tmp_path / "chunks.pcap", [(post, answer(200, "ok"))])
    assert ws.rows(capture, ["openpgp.userid"], "hkp.op && !hkp.status") == [(ALICE,)]
    assert infos(ws, capture)[0] == f"add 1 key: {ALICE}"


def test_key_mismatch(ws, exported, tmp_path):
    alice, bob = exported[:2]
    first = write(tmp_path / "first.pcap", [(get("/pks/lookup?op=get&search=a"), answer(200, alice))])
    fingerprint, keyid = (v.split(",")[0] for v in ws.rows(first, ["openpgp.key.fingerprint", "openpgp.key.keyid"], "hkp.status")[0])
    other = "0123456789ABCDEF0123456789ABCDEF01234567"
    cases = [
        (f"/pks/lookup?op=get&search=0x{fingerprint}", alice, False), (f"/pks/lookup?op=get&search=0x{fingerprint.lower()}", alice, False),
        (f"/pks/lookup?op=get&search=0x{keyid}", alice, False), (f"/pks/lookup?op=get&search=0x{keyid[8:]}", alice, False),
        (f"/pks/lookup?op=get&search=0x{fingerprint}", bob, True), (f"/pks/lookup?op=get&search=0x{fingerprint}", bob + "\n" + alice, False),
        (f"/pks/lookup?op=get&search=0x{other}", alice, True), (f"/pks/lookup?op=get&search=0x{other[24:]}", alice, True),
        (f"/pks/lookup?op=get&search=0x{other[32:]}", alice, True), ("/pks/lookup?op=get&search=alice", bob, False),
        (f"/vks/v1/by-fingerprint/{other}", alice, True), (f"/pks/v2/certs/by-vfingerprint/04{fingerprint}", alice, False),
        (f"/pks/lookup?op=index&search=0x{other}", alice, False), (f"/pks/lookup?op=get&search=0x{other}", "no key", False),
        (f"/pks/lookup?op=get&search=0x{other}", alice.replace("\n\n", "\n\nAAAA"), False),     # unreadable
    ]
    capture = write(tmp_path / "mismatch.pcap", [(get(t), answer(200, body)) for t, body, _ in cases])
    for two_pass in (False, True):
        rows = ws.rows(capture, ["hkp.key_mismatch"], "hkp.status", two_pass)
        assert [bool(r[0]) for r in rows] == [mismatch for _, _, mismatch in cases]
    assert f"[Expert Info (Error/Security): None of the keys returned is the one asked for (0x{fingerprint})]" in ws.verbose(capture)


def test_export_objects(ws, captures, exported, tmp_path):
    """Keys that are received and sent, each once for each time, as files that gpg reads."""
    alice, bob = exported[:2]
    form = "keytext=" + urllib.parse.quote_plus(bob)
    capture = write(tmp_path / "export.pcap", [
        (get("/pks/lookup?op=get&search=a"), answer(200, alice + "\n" + bob, "text/html")),
        (get("/pks/lookup?op=get&search=a"), answer(200, armor_bytes(alice), "application/octet-stream")),
        (get("/pks/add", "POST", "", form.encode()), answer(200, "ok")), (get("/pks/lookup?op=get&search=b"), answer(404))])
    out = tmp_path / "out"
    out.mkdir(mode=0o777)
    out.chmod(0o777)
    ws.run("tshark", "-n", "-q", "-r", capture, "--export-objects", f"hkp,{out}")
    files = sorted(p.name for p in out.iterdir())
    assert len(files) == 4 and all(re.fullmatch(r"[0-9A-F]{40}(\(1\))?\.asc", name) for name in files)
    contents = [(out / name).read_text() for name in files]
    assert sorted({armor_bytes(text) for text in contents}) == sorted({armor_bytes(alice), armor_bytes(bob)})
    assert all(text.startswith("-----BEGIN PGP PUBLIC KEY BLOCK-----\n") for text in contents)
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    for name in files:
        shown = subprocess.run(["gpg", "--homedir", home, "--show-keys", "--with-colons", out / name], capture_output=True, text=True)
        assert f"fpr:::::::::{name[:40]}:" in shown.stdout


def test_ten_megabytes_of_key(ws, exported, tmp_path):
    """A key with very many user IDs, in one answer; and the same without an end."""
    binary = armor_bytes(exported[0])
    uid = bytes([0xcd, 0xff]) + (100000).to_bytes(4, "big") + b"u" * 100000
    big = binary + uid * 100
    text = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n" + base64.encodebytes(big).decode() + "-----END PGP PUBLIC KEY BLOCK-----\n"
    for n, body in enumerate((big, text.encode(), text.encode()[:-100])):
        connection = Connection(dport=11371).handshake().client(get("/pks/lookup?op=get&search=a"))
        whole = answer(200, body)
        for at in range(0, len(whole), 60000):
            connection.server(whole[at:at + 60000])
        capture = write_pcap(tmp_path / f"big{n}.pcap", connection.packets, linktype=101)
        start = time.monotonic()
        assert ws.count(capture, "hkp.found == 1") == 1
        assert time.monotonic() - start < 20


@pytest.mark.one_series
def test_truncated_at_every_length(ws, exported, tmp_path):
    """Whatever part of an answer was captured, nothing wrong is said of it."""
    alice = exported[0]
    whole = answer(200, alice)
    frames = []
    for n in range(0, len(whole), 11):
        connection = Connection(sport=20000 + n, dport=80).handshake().client(get("/pks/lookup?op=get&search=0x" + "0" * 40)).server(whole)
        frames += [(0, p, len(p)) for p in connection.packets[:-1]]
        frames.append((0, connection.packets[-1][:len(connection.packets[-1]) - n], len(connection.packets[-1])))
    capture = write_pcap(tmp_path / "cut.pcap", frames, linktype=101)
    assert ws.count(capture, "hkp.key_mismatch") == 1       # the whole one
    assert ws.count(capture, "hkp.found == 0 || hkp.not_found") == 0
    assert "Dissector bug" not in ws.tshark(capture, "-V", "-2")


def test_interfaces_to_statistics_in_real_captures(ws, captures):
    text = ws.statistics(folder(captures) / "sks-curl.pcap", "hkp,tree")
    counts = dict(re.findall(r"^ ?([\w-]+(?: [\w-]+)*) {2,}(\d+) ", text, re.M))
    assert counts["Operations"] == "22" and counts["get"] == "9" and counts["index"] == "6" and counts["vindex"] == "2"
    assert counts["found"] == "12" and counts["not found"] == "6" and counts["v4 fingerprint"] == "6"


def test_nothing_else_changes_in_real_captures(ws, captures):
    """But where a server says application/pgp-keys: that is OpenPGP now, in the place of Media Type."""
    stock = ws.without_plugins()
    for name in ("onak-gpg", "onak-gzip", "hkps"):
        capture = folder(captures) / f"{name}.pcap"
        keylog = capture.with_suffix(".keys") if name == "hkps" else None
        assert ws.statistics(capture, "io,phs", keylog=keylog) == stock.statistics(capture, "io,phs", keylog=keylog)
        fields = ["frame.protocols", "http.request.full_uri", "http.response.code", "http.request_in", "tls.app_data_proto"]
        assert ws.rows(capture, fields, two_pass=True, keylog=keylog) == stock.rows(capture, fields, two_pass=True, keylog=keylog)


@pytest.mark.one_series
def test_alone_and_with_acme(ws, captures):
    """The HTTP hub is shared by whatever plugins are loaded."""
    capture = folder(captures) / "onak-curl.pcap"
    whole = infos(ws, capture)
    assert infos(ws.subset("hkp"), capture) == whole
    if "acme" in ws.built():
        assert infos(ws.subset("hkp", "acme"), capture) == whole

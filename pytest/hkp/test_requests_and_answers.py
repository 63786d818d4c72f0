# SPDX-License-Identifier: GPL-2.0-or-later
"""Key server requests and answers: what is shown of each, what is not one, and what is wrong with some."""

import re

import pytest

from harness.craft import Connection, conversation, write_pcap

V4 = "8590F5B4ED68C399D16D9D8A14167FD36800975D"
V6 = "0123456789ABCDEF" * 4
V3 = "00112233445566778899AABBCCDDEEFF"
ID64, ID32 = V4[24:], V4[32:]


def get(target, method="GET", headers="", body=b""):
    if body:
        headers += f"Content-Length: {len(body)}\r\n"
    return f"{method} {target} HTTP/1.1\r\nHost: keys.example.org\r\n{headers}\r\n".encode() + body


def answer(status=200, body=b"", kind="text/plain", headers=""):
    body = body.encode() if isinstance(body, str) else body
    return f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


def write(path, exchanges, dport=11371):
    """One connection a pair of request and response."""
    packets = []
    for n, messages in enumerate(exchanges):
        packets += conversation(*[m for m in messages if m is not None], sport=20000 + n, dport=dport)
    return write_pcap(path, packets, linktype=101)


REQUESTS = [
    # target, op, search, kind, key ID, fingerprint, options, exact, interface, version, Info
    (f"/pks/lookup?op=get&search=0x{V4}", "get", "0x" + V4, 5, "", V4, "", "", 1, "", "get 0x8590…975D (v4 fingerprint)"),
    (f"/pks/lookup?op=get&search=0x{V4.lower()}&options=mr,nm", "get", "0x" + V4.lower(), 5, "", V4, "mr,nm", "", 1, "", "get 0x8590…975D (v4 fingerprint)"),
    (f"/pks/lookup?search=0x{ID64}&op=get", "get", "0x" + ID64, 3, ID64, "", "", "", 1, "", f"get 0x{ID64} (64-bit key ID)"),
    (f"/pks/lookup?op=get&options=mr%2cnm&search=0X{ID32}", "get", "0X" + ID32, 2, ID32, "", "mr,nm", "", 1, "", f"get 0x{ID32} (32-bit key ID)"),
    (f"/pks/lookup?op=get&search=0x{V3}", "get", "0x" + V3, 4, "", V3, "", "", 1, "", "get 0x0011…EEFF (v3 fingerprint)"),
    (f"/pks/lookup?op=get&search=0x{V6}", "get", "0x" + V6, 7, "", V6, "", "", 1, "", "get 0x0123…CDEF (v5 or v6 fingerprint)"),
    (f"/pks/v2/certs/by-vfingerprint/05{V6}", "by-vfingerprint", "05" + V6, 8, "", V6, "", "", 2, "2", "by-vfingerprint 0x0123…CDEF (v5 fingerprint)"),
    ("/pks/lookup?op=get&search=0x1234", "get", "0x1234", 1, "", "", "", "", 1, "", "get 0x1234"),
    (f"/pks/lookup?op=get&search={V4}", "get", V4, 5, "", V4, "", "", 1, "", "get 0x8590…975D (v4 fingerprint)"),
    (f"/pks/lookup?op=get&search={ID64}", "get", ID64, 1, "", "", "", "", 1, "", f"get {ID64}"),
    ("/pks/stats", "stats", "", "", "", "", "", "", 1, "", "stats"),
    ("/pks/health", "health", "", "", "", "", "", "", 1, "", "health"),
    (f"/vks/v1/by-fingerprint/0x{V4.lower()}", "by-fingerprint", "0x" + V4.lower(), 5, "", V4, "", "", 3, "1", "by-fingerprint 0x8590…975D (v4 fingerprint)"),
    ("/pks/lookup?op=index&search=alice+%3Calice%40example.org%3E&exact=on", "index", "alice <alice@example.org>", 1, "", "", "", "1", 1, "", "index alice <alice@example.org>"),
    ("/pks/lookup?op=vindex&search=Zo%c3%ab%20%2B%25&exact=off&fingerprint=on", "vindex", "Zoë +%", 1, "", "", "", "0", 1, "", "vindex Zoë +%"),
    ("/pks/lookup?op=hget&search=" + V3, "hget", V3, "", "", "", "", "", 1, "", "hget " + V3),
    ("/pks/lookup?op=stats", "stats", "", "", "", "", "", "", 1, "", "stats"),
    ("/pks/lookup?op=x-photo&search=a", "x-photo", "a", 1, "", "", "", "", 1, "", "x-photo a"),
    ("/pks/lookup", "", "", "", "", "", "", "", 1, "", "lookup"),
    ("/pks/lookup/?OP=get&Search=bob", "get", "bob", 1, "", "", "", "", 1, "", "get bob"),
    ("//pks/lookup?op=stats#top", "stats", "", "", "", "", "", "", 1, "", "stats"),
    ("http://keys.example.org:11371/pks/lookup?op=stats", "stats", "", "", "", "", "", "", 1, "", "stats"),
    ("/pks/hashquery", "hashquery", "", "", "", "", "", "", 1, "", "hashquery"),
    ("/pks/add", "add", "", "", "", "", "", "", 1, "", "add"),
    ("/pks/replace", "replace", "", "", "", "", "", "", 1, "", "replace"),
    ("/pks/delete", "delete", "", "", "", "", "", "", 1, "", "delete"),
    (f"/pks/v2/certs/by-vfingerprint/04{V4}", "by-vfingerprint", "04" + V4, 5, "", V4, "", "", 2, "2", "by-vfingerprint 0x8590…975D (v4 fingerprint)"),
    (f"/pks/v2/certs/by-vfingerprint/04/{V4}", "by-vfingerprint", "04/" + V4, 5, "", V4, "", "", 2, "2", "by-vfingerprint 0x8590…975D (v4 fingerprint)"),
    ("/pks/v2/certs/by-vfingerprint/zz", "by-vfingerprint", "zz", 1, "", "", "", "", 2, "2", "by-vfingerprint zz"),
    (f"/pks/v2/certs/by-vfingerprint/04{ID32}", "by-vfingerprint", "04" + ID32, 1, "", "", "", "", 2, "2", "by-vfingerprint 04" + ID32),
    (f"/pks/v2/certs/by-vfingerprint/06{V6}", "by-vfingerprint", "06" + V6, 6, "", V6, "", "", 2, "2", "by-vfingerprint 0x0123…CDEF (v6 fingerprint)"),
    (f"/pks/v2/certs/by-keyid/{ID64}", "by-keyid", ID64, 3, ID64, "", "", "", 2, "2", f"by-keyid 0x{ID64} (64-bit key ID)"),
    ("/pks/v2/certs/by-identity/alice%40example.org", "by-identity", "alice@example.org", 1, "", "", "", "", 2, "2", "by-identity alice@example.org"),
    ("/pks/v2/canonical/alice+b@example.org", "canonical", "alice+b@example.org", 1, "", "", "", "", 2, "2", "canonical alice+b@example.org"),
    ("/pks/v2/index/alice%40example.org", "index", "alice@example.org", 1, "", "", "", "", 2, "2", "index alice@example.org"),
    (f"/pks/v2/vfpget/04{V4}", "vfpget", "04" + V4, 5, "", V4, "", "", 2, "2", "vfpget 0x8590…975D (v4 fingerprint)"),
    (f"/pks/v2/kidget/{ID64}", "kidget", ID64, 3, ID64, "", "", "", 2, "2", f"kidget 0x{ID64} (64-bit key ID)"),
    ("/pks/v2/authget/alice%40example.org", "authget", "alice@example.org", 1, "", "", "", "", 2, "2", "authget alice@example.org"),
    (f"/pks/v2/get/0x{V4}", "get", "0x" + V4, 5, "", V4, "", "", 2, "2", "get 0x8590…975D (v4 fingerprint)"),
    ("/pks/v2/prefixlog/2026-01-01", "prefixlog", "2026-01-01", "", "", "", "", "", 2, "2", "prefixlog 2026-01-01"),
    ("/pks/v2/certs", "certs", "", "", "", "", "", "", 2, "2", "certs"),
    ("/pks/v3/sendtoken", "sendtoken", "", "", "", "", "", "", 2, "3", "sendtoken"),
    (f"/vks/v1/by-fingerprint/{V4}", "by-fingerprint", V4, 5, "", V4, "", "", 3, "1", "by-fingerprint 0x8590…975D (v4 fingerprint)"),
    (f"/vks/v1/by-keyid/{ID64}", "by-keyid", ID64, 3, ID64, "", "", "", 3, "1", f"by-keyid 0x{ID64} (64-bit key ID)"),
    ("/vks/v1/by-email/alice%40example.org", "by-email", "alice@example.org", 1, "", "", "", "", 3, "1", "by-email alice@example.org"),
    ("/vks/v1/upload", "upload", "", "", "", "", "", "", 3, "1", "upload"),
    ("/vks/v1/request-verify", "request-verify", "", "", "", "", "", "", 3, "1", "request-verify"),
    ("/.well-known/openpgpkey/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe", "hu", "Joe.Doe", 1, "", "", "", "", 4, "", "hu Joe.Doe"),
    ("/.well-known/openpgpkey/example.org/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe%2BDoe", "hu", "Joe+Doe", 1, "", "", "", "", 4, "", "hu Joe+Doe@example.org"),
    ("/.well-known/openpgpkey/policy", "policy", "", "", "", "", "", "", 4, "", "policy"),
    ("/.well-known/openpgpkey/example.org/policy", "policy", "", "", "", "", "", "", 4, "", "policy"),
    ("/.well-known/openpgpkey/submission-address", "submission-address", "", "", "", "", "", "", 4, "", "submission-address"),
]


@pytest.mark.parametrize("two_pass", [False, True], ids=["1", "2"])
def test_requests(ws, tmp_path, two_pass):
    capture = write(tmp_path / "requests.pcap", [(get(r[0]),) for r in REQUESTS], dport=8080)
    fields = ["hkp.op", "hkp.search", "hkp.search.kind", "hkp.keyid", "hkp.fingerprint", "hkp.options", "hkp.exact", "hkp.api", "hkp.version"]
    columns = ["_ws.col.Protocol", "_ws.col.Info"] if ws.version < (4, 4) else ["_ws.col.protocol", "_ws.col.info"]
    rows = ws.rows(capture, fields + columns, "hkp", two_pass)
    truth = {"1": "1", "0": "0", "True": "1", "False": "0", "": ""}
    rows = [(*r[:6], truth[r[6]], *r[7:]) for r in rows]
    assert rows == [tuple(map(str, (*r[1:10], "HKP", r[10]))) for r in REQUESTS]


def test_web_key_directory_fields(ws, tmp_path):
    hashed = "iy9q119eutrkn8s1mk4r39qejnbu3n5q"
    targets = [f"/.well-known/openpgpkey/hu/{hashed}?l=Joe.Doe", f"/.well-known/openpgpkey/example.org/hu/{hashed}", "/.well-known/openpgpkey/policy"]
    capture = write(tmp_path / "wkd.pcap", [(get(t),) for t in targets])
    assert ws.rows(capture, ["hkp.wkd.method", "hkp.wkd.domain", "hkp.wkd.hash", "hkp.search"], "hkp") == [
        ("1", "", hashed, "Joe.Doe"), ("2", "example.org", hashed, ""), ("1", "", "", "")]


def test_other_variables(ws, tmp_path):
    capture = write(tmp_path / "variables.pcap", [(get("/pks/lookup?op=index&&search=a&fingerprint=on&hash=on&x-a=%41"),)])
    assert ws.rows(capture, ["hkp.variable"], "hkp") == [("fingerprint=on,hash=on,x-a=A",)]


NOT_KEYSERVERS = ["/", "/pks", "/pks/", "/pks/lookupx?op=get&search=a", "/pks/lookup2", "/pkslookup?op=get", "/x/pks/lookup?op=get&search=a",
                  "/search?q=/pks/lookup?op=get", "/pks/v/certs", "/pks/v2", "/pks/v2/", "/pks/v0/index/a", "/pks/v300/index/a", "/pks/vx/index/a", "/vks", "/vks/v1", "/vks/x/upload",
                  "/.well-known/openpgpkey", "/.well-known/openpgpkey/", "/.well-known/openpgpkey/example.org", "/.well-known/openpgpkey//policy",
                  "/.well-known/openpgpkey/example.org/other", "/.well-known/acme-challenge/abc", "/PKS/lookup?op=get", "*", "/v", "/p"]


def test_what_is_no_key_server(ws, tmp_path):
    """Paths that only look like it, and a page that links to one."""
    page = answer(200, f'<a href="http://keys.example.org:11371/pks/lookup?op=get&amp;search=0x{V4}">key</a>', "text/html")
    capture = write(tmp_path / "others.pcap", [(get(t), page) for t in NOT_KEYSERVERS])
    assert ws.count(capture, "hkp", two_pass=True) == 0
    assert ws.count(capture, "http.request") == len(NOT_KEYSERVERS)
    form = get("/comment", "POST", "Referer: http://keys.example.org/pks/lookup?op=get\r\n", b"text=GET /pks/lookup?op=get HTTP/1.1\r\n\r\n")
    client_port = conversation(form, page, sport=11371, dport=8080)
    capture = write_pcap(tmp_path / "client.pcap", client_port, linktype=101)
    assert ws.count(capture, "hkp", two_pass=True) == 0
    assert ws.columns(capture) == ws.without_plugins().columns(capture)


@pytest.mark.parametrize("name", ["zeek__zeek__bro.org.pcap", "arkime__arkime__http-post-upload.pcap", "ajbanjara__Wireshark__shark.pcap",
                                  "epiecs__packetlife-backup__rpvstp-access.pcap.cap"])
def test_real_captures_without_hkp(ws, shared, name):
    """One of them is cut short, which tshark says in its exit status; one has a signature, of a file that is fetched."""
    capture = shared / "hkp" / name
    assert ws.tshark(capture, "-Y", "hkp", check=False) == ""
    found = ws.tshark(capture, "-Y", "openpgp", "-T", "fields", "-e", "frame.number", "-e", "openpgp.packet.tag", check=False)
    assert found == ("695\t2\n" if "bro.org" in name else "")
    assert ws.tshark(capture, "-Y", "frame.number == 1", check=False) != ""


HOSTILE = [
    # search as sent, as shown, whether that is remarkable
    ("a%20b", "a b", False), ("a+b", "a b", False), ("a%2bb", "a+b", False), ("a%252b", "a%2b", False), ("%C3%A9", "é", False),
    ("caf\u00e9", "café", False), ("%", "%", True), ("%4", "%4", True), ("%zz", "%zz", True), ("a%", "a%", True), ("%%", "%", False),
    ("a%00b", r"a\x00b", True), ("%0d%0aSet-Cookie:%20x", r"\x0d\x0aSet-Cookie: x", True), ("%1b[31m", r"\x1b[31m", True),
    ("%ff%fe", r"\xff\xfe", True), ("%c3", r"\xc3", True), ("%c3%28", r"\xc3(", True), ("%e2%80%aeexe", r"\xe2\x80\xaeexe", True),
    ("%ed%a0%80", r"\xed\xa0\x80", True), ("%c0%80", r"\xc0\x80", True), ("%f4%90%80%80", r"\xf4\x90\x80\x80", True), ("%7f", r"\x7f", True),
    ("%C2%85", r"\xc2\x85", True), ("A" * 3000, "A" * 3000, False),
]


def test_hostile_encodings(ws, tmp_path):
    capture = write(tmp_path / "hostile.pcap", [(get("/pks/lookup?op=index&search=" + s),) for s, _, _ in HOSTILE])
    rows = ws.rows(capture, ["hkp.search", "hkp.encoding"], "hkp", two_pass=True)
    shown = [(r[0], bool(r[1])) for r in rows]
    assert shown == [(text, remarkable) for _, text, remarkable in HOSTILE]
    info = [c[1] for c in ws.columns(capture) if c[0] == "HKP"]
    assert len(info) == len(HOSTILE) and max(map(len, info)) < 100 and info[-1].endswith("A…")


INDEX = (f"info:1:3\r\n"
         f"pub:{V4}:1:2048:1500000000:1600000000:r\r\n"
         "uid:Alice %3Calice%40example.org%3E:1500000001:1600000001:\r\n"
         "uid:Alice%3a second%20name:1500000002::e\r\n"
         "uat::::\r\n"
         f"pub:{ID64}:22:256:1500000003::\r\n"
         "uid:B%c3%b6b <bob@example.org>:1500000004::\r\n"
         "unknown:is ignored\r\n"
         f"pub:{ID32.lower()}:17:1024:::de\r\n"
         "uid:100%% <zoe@example.org>\r\n"
         "\r\n")


def test_index(ws, tmp_path):
    capture = write(tmp_path / "index.pcap", [(get("/pks/lookup?op=index&options=mr&search=a"), answer(200, INDEX))])
    names = ["version", "count", "keyid", "algorithm", "keylen", "flags", "uid"]
    for two_pass in (False, True):
        assert ws.rows(capture, ["hkp.index." + n for n in names] + ["hkp.found", "hkp.status"], "hkp.status", two_pass)[0][:7] == (
            "1", "3", f"{V4},{ID64},{ID32}", "1,22,17", "2048,256,1024", "r,e,de",
            "Alice <alice@example.org>,Alice: second name,Böb <bob@example.org>,100% <zoe@example.org>")
    assert ws.count(capture, "hkp.index_malformed || hkp.encoding || hkp.not_found") == 0
    assert ws.count(capture, 'hkp.found == 1 && hkp.index.creation == "2017-07-14 02:40:03" && hkp.index.expiration == "2020-09-13 12:26:40"'
                    if ws.version < (4, 4) else
                    'hkp.found == 1 && hkp.index.creation == "2017-07-14 02:40:03Z" && hkp.index.expiration == "2020-09-13 12:26:40Z"') == 1
    assert ws.columns(capture)[4] == ("HKP", "3 keys: Alice <alice@example.org>, Böb <bob@example.org>, 100% <zoe@example.org>")
    text = ws.verbose(capture)
    assert f"Key 0x{V4}, Alice <alice@example.org>" in text
    keys = re.findall(r"^( +)Key 0x", text, re.M)
    assert len(keys) == 3 and len(re.findall(f"^{keys[0]}    User ID: ", text, re.M)) == 4


MALFORMED = [
    # lines, how many findings
    ("info:1:1\npub:" + V4 + ":1:2048:1::\n", 0),
    ("info:1:2\npub:" + V4 + ":1:2048:1::\n", 1),       # announces more
    ("info:1:0\npub:" + V4 + ":1:2048:1::\n", 1),
    ("info:x:1\npub:" + V4 + ":1:2048:1::\n", 1),
    ("info:1\npub:" + V4 + ":1:2048:1::\n", 1),
    ("info:1:1\ninfo:1:1\npub:" + V4 + ":1:2048:1::\n", 1),
    ("pub:" + V4 + ":1:2048:1::\n", 0),                 # the info line may be absent
    ("pub:0x" + V4 + ":1:2048:1::\n", 0),
    ("pub:xyz:1:2048:1::\n", 1),
    ("pub:\n", 1),
    ("pub:" + V4 + ":300:2048:1::\n", 1),
    ("pub:" + V4 + ":rsa:big:soon:never:\n", 4),
    ("pub:" + V4 + ":1:4294967296:-1:99999999999999999999999:\n", 3),
    ("pub:" + V4 + ":1:2048:1::\nuid\n", 1),
    ("pub:" + V4 + ":1:2048:1::\nuid::1::\n", 1),
    ("info:1:0\nuid:nobody:1::\n", 1),                  # belongs to no key
    ("pub:" + V4 + ":1:2048:1::\nno such line\n", 1),
    ("pub:" + V4 + ":1:2048:1::\n\n\n\n", 0),
    ("pub:" + V4 + ":1:2048:1:::::::::::::\n", 0),
]


def test_malformed_index(ws, tmp_path):
    capture = write(tmp_path / "malformed.pcap", [(get("/pks/lookup?op=index&search=a"), answer(200, body)) for body, _ in MALFORMED])
    rows = ws.rows(capture, ["hkp.index_malformed"], "hkp.status", two_pass=True)
    assert [len(list(filter(None, r[0].split(",")))) for r in rows] == [n for _, n in MALFORMED]
    assert ws.count(capture, "_ws.malformed") == ws.without_plugins().count(capture, "_ws.malformed")


def test_index_cut_off(ws, tmp_path):
    """The last line of an answer that is not all there is not called malformed."""
    connection = Connection(dport=80).handshake().client(get("/pks/lookup?op=index&search=a"))
    packet = connection.server(answer(200, INDEX)).packets[-1]
    frames = [(0, p, len(p)) for p in connection.packets[:-1]]
    for n in range(1, 40):
        other = Connection(sport=30000 + n, dport=80).handshake().client(get("/pks/lookup?op=index&search=a"))
        other.server(answer(200, INDEX))
        frames += [(0, p, len(p)) for p in other.packets[:-1]] + [(0, other.packets[-1][:len(packet) - 9 * n], len(packet))]
    capture = write_pcap(tmp_path / "cut.pcap", frames, linktype=101)
    assert ws.count(capture, "hkp.index.keyid") > 10
    assert ws.count(capture, "hkp.index_malformed || hkp.not_found || hkp.found == 0") == 0


def test_an_index_of_which_nothing_is_shown(ws, tmp_path):
    """Usual lines are not taken apart then; Info and statistics say the same as where there is a tree."""
    usual = [f"pub:{V4}:1:4096:1200000000:1600000000:r\nuid:User {n} <user{n}@example.org>:1200000000::" for n in range(5)]
    odd = [f"pub:{ID64}", f"pub:0x{V4}:1:4096::", "pub:xyz:1", f"pub:{V3}:300:4096::", f"pub:{V4}:1:4096:99999999999999::", f"pub:{V4}:1:4096:12x4::",
           f"pub:{V6}:::::\nuid:Zo%c3%ab:::", f"pub:{V4}:\nuid::1:", f"pub:{ID32}\nuid:a\x01b", f"pub:{V4}::::::rd:more:of it", "uid:", "pub:", "pub", "uat::1::", "x"]
    bodies = ["\n".join(lines) + "\n" for lines in ([*usual, *odd], [*odd, *usual], usual, ["uid:alone:::", *usual], [usual[0].replace("\n", "\r\n"), *odd])]
    bodies += [f"info:1:{n}\n{line}\n" for n, line in enumerate(odd)]
    targets = ["/pks/lookup?op=index&search=user", f"/pks/lookup?op=index&search=0x{V4}", "/pks/lookup?op=index&search=user9@example.org&exact=on"]
    capture = write(tmp_path / "bare.pcap", [(get(target), answer(200, body)) for target in targets for body in bodies])
    assert ws.tshark(capture) == ws.tshark(capture, "-Y", "frame")
    bare, treed = (ws.tshark(capture, "-q", "-z", "hkp,tree", *more) for more in ((), ("-Y", "frame")))
    assert bare == treed and "found" in bare
    assert "5 keys: User 0 <user0@example.org>, User 1 <user1@example.org>, User 2 <user2@example.org>, …" in ws.tshark(capture)


def index_of(keys):
    lines = [f"info:1:{keys}\n"] + [f"pub:{n:016X}:1:2048:1500000000::\nuid:User {n} %3Cu{n}@example.org%3E:1500000000::\n" for n in range(keys)]
    return "".join(lines).encode()


def send_big(path, request, response, segment=1400):
    connection = Connection(dport=11371).handshake()
    for at in range(0, len(request), segment):
        connection.client(request[at:at + segment])
    for at in range(0, len(response), segment):
        connection.server(response[at:at + segment])
    return write_pcap(path, connection.packets, linktype=101)


def test_ten_thousand_index_lines(ws, tmp_path):
    took = {}
    for keys in (1250, 5000, 40000):
        capture = send_big(tmp_path / f"{keys}.pcap", get("/pks/lookup?op=index&options=mr&search=a"), answer(200, index_of(keys)))
        took[keys], _, out = ws.consumed(capture, "-Y", "hkp.found", "-T", "fields", "-e", "hkp.index.keyid", "-e", "hkp.index_malformed")
        assert ws.count(capture, "hkp.found") == 1      # under sanitizers, too
        ids, malformed = out.decode().rstrip("\n").split("\t")
        assert len(ids.split(",")) == min(keys, 25000)
        assert bool(malformed) == (keys > 25000)    # more lines than are shown
    assert took[5000] < 4 * took[1250] + 1


def test_many_of_everything(ws, tmp_path):
    """Bounded: no packet gets more items than Wireshark allows."""
    bad = b"pub:\n" + b"x\n" * 200000
    capture = send_big(tmp_path / "bad.pcap", get("/pks/lookup?op=index&search=a"), answer(200, bad))
    rows = ws.rows(capture, ["hkp.index_malformed", "_ws.expert.message"], "hkp.status")
    assert 900 < len(rows[0][0].split(",")) < 1100 and "tree" not in rows[0][1]
    target = "/pks/lookup?op=index&options=" + "a," * 5000 + "&" + "b&" * 5000 + "search=a"
    capture = send_big(tmp_path / "options.pcap", get(target), answer(404))
    row = ws.rows(capture, ["hkp.options", "hkp.variable"], "hkp.op")[0]
    assert len(row[0].split(",")) == 256 and len(row[1].split(",")) < 256
    hashes = (100000).to_bytes(4, "big") + bytes(400000)
    capture = send_big(tmp_path / "hashes.pcap", get("/pks/hashquery", "POST", body=hashes), answer(200, hashes))
    assert ws.rows(capture, ["hkp.hashquery.count"], "hkp") == [("100000",), ("100000",)]
    assert ws.count(capture, "_ws.expert.message contains \"tree\"") == 0


def test_pages_are_looked_at_up_to_their_bound(ws, tmp_path):
    """256 kB: what stands behind is not seen."""
    link, found = '<b>pub</b> <a href="lookup?op=get&search=0x1234567812345678">', []
    for size in (256 * 1024 - len(link), 256 * 1024):
        page = "<html>".ljust(size) + link
        capture = send_big(tmp_path / f"{size}.pcap", get("/pks/lookup?op=index&search=a"), answer(200, page, "text/html"))
        found.append(ws.count(capture, "hkp.found == 1"))
    assert found == [1, 0]


RESPONSES = [
    # request, response, status, found, not_found, Info
    (get(f"/pks/lookup?op=get&search=0x{V4}"), answer(404, "Not found"), 404, "0", True, "get: not found (404)"),
    (get(f"/pks/lookup?op=get&search=0x{V4}"), answer(200, "<html>Key not found</html>", "text/html"), 200, "0", True, "get: not found (200)"),
    (get(f"/pks/lookup?op=get&search=0x{V4}"), answer(200), 200, "", False, "get: unreadable (200)"),
    (get(f"/pks/lookup?op=get&search=0x{V4}"), answer(500, "error"), 500, "", False, "get: status 500"),
    (get(f"/pks/lookup?op=get&search=0x{V4}"), answer(302, headers="Location: /x\r\n"), 302, "", False, "get: status 302"),
    (get(f"/pks/lookup?op=get&search=0x{V4}"), answer(410), 410, "0", True, "get: not found (410)"),
    (get(f"/pks/lookup?op=get&search=0x{V4}", "HEAD"), b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 200, "", False, "get: unreadable (200)"),
    (get(f"/pks/lookup?op=get&search=0x{V4}", "HEAD"), b"HTTP/1.1 404 OK\r\nContent-Length: 5\r\n\r\n", 404, "", False, "get: status 404"),
    (get("/pks/lookup?op=index&search=a"), answer(404), 404, "0", True, "index: not found (404)"),
    (get("/pks/lookup?op=index&search=a"), answer(200, "info:1:0\n"), 200, "0", True, "index: not found (200)"),
    (get("/pks/lookup?op=index&search=a"), answer(200, "<html>No results found</html>", "text/html"), 200, "0", True, "index: not found (200)"),
    (get("/pks/lookup?op=index&search=a"), answer(200, '<b>pub</b> <a href="lookup?op=get&search=0x1234567812345678">', "text/html"), 200, "1", False, "index: found (200)"),
    (get("/pks/lookup?op=stats"), answer(200, "stats"), 200, "", False, "stats: answered (200)"),
    (get("/pks/lookup?op=stats"), answer(404), 404, "", False, "stats: status 404"),
    (get("/pks/lookup"), answer(400), 400, "", False, "lookup: status 400"),
    (get("/vks/v1/by-email/a%40example.org"), answer(404), 404, "0", True, "by-email: not found (404)"),
    (get("/vks/v1/upload", "POST", "Content-Type: application/json\r\n", b'{"keytext": "x"}'), answer(200, "{}"), 200, "", False, "upload: answered (200)"),
    (get("/.well-known/openpgpkey/hu/abc?l=a"), answer(404), 404, "0", True, "hu: not found (404)"),
    (get("/.well-known/openpgpkey/policy"), answer(200, "mailbox-only\n"), 200, "", False, "policy: found (200)"),
    (get("/.well-known/openpgpkey/policy"), answer(200), 200, "", False, "policy: found (200)"),
    (get("/.well-known/openpgpkey/policy"), answer(404), 404, "", False, "policy: not found (404)"),
    (get("/pks/v2/canonical/a%40example.org"), answer(404), 404, "0", True, "canonical: not found (404)"),
    (get("/pks/v2/canonical/a%40example.org", "PUT", body=b"x"), answer(404), 404, "", False, "canonical: status 404"),
    (get("/pks/v2/certs", "OPTIONS"), answer(200), 200, "", False, "options: answered (200)"),
    (get("/pks/hashquery", "POST", body=b"\0\0\0\1\0\0\0\x10" + bytes(16)), answer(200, b"\0\0\0\0"), 200, "0", True, "hashquery: not found (200)"),
    (get("/pks/hashquery", "POST", body=b"\0\0\0\0"), answer(200, "<html>Busy</html>", "text/html"), 200, "", False, "hashquery: unreadable (200)"),
    (get("/pks/hashquery", "POST", body=b"\0\0\0\0"), answer(200, b"\0\0\0\1\0\0\0\x10" + bytes(8)), 200, "", False, "hashquery: unreadable (200)"),
    (get("/pks/lookup?op=index&search=a"), answer(200, "\r\n info:1:0\n"), 200, "0", True, "index: not found (200)"),
    (get("/pks/lookup?op=index&search=a"), answer(200, b"\xef\xbb\xbf\n<html>No results found</html>", "text/html"), 200, "0", True, "index: not found (200)"),
    (get("/pks/lookup?op=index&search=a"), answer(200, "<b>pub</b> <a href=lookup?op=get&search=0x1234567812345678>", "text/html"), 200, "1", False, "index: found (200)"),
    (get(f"/pks/lookup?op=index&search=0x{V4}"), answer(200, "info:1:1\npub:975D:1:2048:1500000000::\n"), 200, "1", False, "1 key"),
    (get("/pks/lookup?op=index&search=a"), answer(200, '[{"fingerprint": "%s", "userIDs": [{"keywords": "A \\udc00"}]}]]' % V4.lower(), "application/json"), 200, "1", False,
     "1 key: A \\udc00"),
]


@pytest.mark.parametrize("two_pass", [False, True], ids=["1", "2"])
def test_responses(ws, tmp_path, two_pass):
    capture = write(tmp_path / "responses.pcap", [r[:2] for r in RESPONSES], dport=8080)
    rows = ws.rows(capture, ["hkp.status", "hkp.found", "hkp.not_found"], "hkp.status", two_pass)
    truth = {"1": "1", "0": "0", "True": "1", "False": "0", "": ""}
    info = [c[1] for n, c in enumerate(ws.columns(capture, two_pass)) if n % 8 == 4]
    assert [(int(r[0]), truth[r[1]], bool(r[2]), i) for r, i in zip(rows, info, strict=True)] == [r[2:] for r in RESPONSES]


def test_links_and_times(ws, tmp_path):
    connection = Connection(dport=80).handshake().client(get("/pks/lookup?op=stats")).server(answer(200, "x"))
    capture = write_pcap(tmp_path / "links.pcap", [(0.25 * n, p) for n, p in enumerate(connection.packets)], linktype=101)
    rows = ws.rows(capture, ["frame.number", "hkp.response_in", "hkp.response_to", "hkp.time"], "hkp", two_pass=True)
    assert [r[:3] for r in rows] == [("4", "5", ""), ("5", "", "4")]
    assert float(rows[1][3]) == 0.25
    text = ws.verbose(capture, "-2")
    assert "[Response in: 5]" in text and "[Response to: 4]" in text and re.search(r"\[Response time: (0\.250*|250\.0* milli)", text)
    assert "    Status: OK (200)" in text and "    Operation: stats" in text


def test_short_key_ids_are_dangerous(ws, tmp_path):
    capture = write(tmp_path / "short.pcap", [(get(f"/pks/lookup?op=get&search=0x{s}"),) for s in (ID32, ID64, V4, V3, V6)])
    assert ws.count(capture, "hkp.short_keyid") == 1
    assert ws.rows(capture, ["hkp.keyid"], "hkp.short_keyid") == [(ID32,)]
    assert "[Expert Info (Warning/Security): 32-bit key IDs collide: use a fingerprint]" in ws.verbose(capture)


def test_several_in_one_frame(ws, tmp_path):
    """Info names each; the fields follow in the same order."""
    requests = get(f"/pks/lookup?op=get&search=0x{V4}") + get("/pks/lookup?op=stats") + get("/robots.txt")
    connection = Connection(dport=80).handshake().client(requests).server(answer(404) + answer(200, "x") + answer(200, "y"))
    capture = write_pcap(tmp_path / "several.pcap", connection.packets, linktype=101)
    assert ws.columns(capture)[3:5] == [("HKP", "get 0x8590…975D (v4 fingerprint), stats"), ("HKP", "get: status 404, stats: answered (200)")]
    assert ws.rows(capture, ["hkp.op", "hkp.status"], "hkp") == [("get,stats", ""), ("get,stats", "404,200")]


def test_hashquery(ws, tmp_path):
    body = b"\0\0\0\2" + b"\0\0\0\x10" + bytes(range(16)) + b"\0\0\0\x10" + bytes(16)
    capture = write(tmp_path / "hashquery.pcap", [(get("/pks/hashquery", "POST", "Content-Type: sks/hashquery\r\n", body),)])
    row = ws.rows(capture, ["hkp.hashquery.count", "hkp.hashquery.hash"], "hkp")[0]
    assert row[0] == "2" and row[1].replace(":", "") == bytes(range(16)).hex() + "," + "00" * 16
    assert ws.columns(capture)[3] == ("HKP", "hashquery 2 hashes")


def test_statistics(ws, tmp_path):
    capture = write(tmp_path / "statistics.pcap", [r[:2] for r in RESPONSES])
    lines = [re.split(r"\s{2,}", line.strip())[:2] for line in ws.statistics(capture, "hkp,tree").splitlines()]
    counts = {line[0]: int(line[1]) for line in lines if len(line) == 2 and line[1].isdigit()}
    assert counts["Operations"] == counts["Results"] == len(RESPONSES)
    assert counts["get"] == 8 and counts["stats"] == 2 and counts["lookup"] == 1 and counts["hashquery"] == 3
    assert counts["found"] == 6 and counts["not found"] == 13 and counts["accepted"] == 3 and counts["unreadable"] == 6
    assert "refused" not in counts and counts["error"] == 4
    assert counts["Search kinds"] == counts["v4 fingerprint"] + counts["text"] and counts["v4 fingerprint"] == 9


def test_nothing_else_changes(ws, tmp_path):
    """Other protocols' statistics and fields are as they were, and so is everything in frames without HKP."""
    capture = write(tmp_path / "harm.pcap", [r[:2] for r in RESPONSES] + [(get("/robots.txt"), answer(200, "x"))])
    stock = ws.without_plugins()
    assert ws.statistics(capture, "io,phs") == stock.statistics(capture, "io,phs")
    fields = ["frame.protocols", "http.request.uri", "http.response.code", "http.request_in", "http.response_in", "tcp.pdu.size"]
    assert ws.rows(capture, fields, two_pass=True) == stock.rows(capture, fields, two_pass=True)
    ours, theirs = ws.columns(capture), stock.columns(capture)
    assert [a for a in ours if a[0] != "HKP"] == [b for a, b in zip(ours, theirs, strict=True) if a[0] != "HKP"]


def test_disabled_protocol(ws, tmp_path):
    capture = write(tmp_path / "disabled.pcap", [r[:2] for r in RESPONSES])
    assert ws.tshark(capture, "--disable-protocol", "hkp", "-Y", "hkp") == ""
    assert ws.tshark(capture, "--disable-protocol", "http", "-Y", "hkp || http") == ""


INTERFACE = {
    "hkp.op": "FT_STRING", "hkp.search": "FT_STRING", "hkp.search.kind": "FT_UINT8", "hkp.keyid": "FT_STRING",
    "hkp.fingerprint": "FT_STRING", "hkp.options": "FT_STRING", "hkp.exact": "FT_BOOLEAN", "hkp.status": "FT_UINT16",
    "hkp.found": "FT_BOOLEAN", "hkp.response_in": "FT_FRAMENUM", "hkp.response_to": "FT_FRAMENUM", "hkp.time": "FT_RELATIVE_TIME",
    "hkp.index.version": "FT_UINT32", "hkp.index.count": "FT_UINT32", "hkp.index.keyid": "FT_STRING", "hkp.index.algorithm": "FT_UINT8",
    "hkp.index.keylen": "FT_UINT32", "hkp.index.creation": "FT_ABSOLUTE_TIME", "hkp.index.expiration": "FT_ABSOLUTE_TIME",
    "hkp.index.flags": "FT_STRING", "hkp.index.uid": "FT_STRING", "hkp.short_keyid": "FT_NONE", "hkp.key_mismatch": "FT_NONE",
    "hkp.not_found": "FT_NONE", "hkp.index_malformed": "FT_NONE", "hkp.api": "FT_UINT8", "hkp.version": "FT_UINT8",
    "hkp.variable": "FT_STRING", "hkp.wkd.method": "FT_UINT8", "hkp.wkd.domain": "FT_STRING", "hkp.wkd.hash": "FT_STRING",
    "hkp.hashquery.count": "FT_UINT32", "hkp.hashquery.hash": "FT_BYTES", "hkp.encoding": "FT_NONE", "hkp": "FT_PROTOCOL",
    "hkp.outcome": "FT_STRING", "hkp.upload.result": "FT_STRING", "hkp.unreadable": "FT_NONE", "hkp.no_response": "FT_NONE",
    "hkp.secret_key": "FT_NONE", "hkp.wkd_armored": "FT_NONE", "hkp.wkd_hash_mismatch": "FT_NONE", "hkp.wkd_userid_missing": "FT_NONE",
}


def test_interface(ws):
    fields = {name: kind for name, kind in ws.fields().items() if name == "hkp" or name.startswith("hkp.")}
    assert fields == INTERFACE

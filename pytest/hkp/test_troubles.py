# SPDX-License-Identifier: GPL-2.0-or-later
"""What people report of key servers that do not work, as it looks on the wire: each says what went wrong, and nothing that is not so."""

import json

import pytest

from harness.craft import Connection, write_pcap
from hkp.test_answers import ADDRESS, ALICE, FINGERPRINT, GET, INDEX, JSON, KEY_BODY, PAGE, armored, key, page
from hkp.test_exchanges import request, response
from hkp.test_requests_and_answers import answer, get, write
from openpgp.craft import packet

HASH = "kei1q4tipxxu1yj79k9kfukdhfy631xe"          # of alice
WKD = f"/.well-known/openpgpkey/hu/{HASH}?l=alice"
SQUID = page("<h1>ERROR</h1><p>The following error was encountered while trying to retrieve the URL: <p>Connection to 192.0.2.9 failed.", "ERROR: The requested URL could not be retrieved")
CHALLENGE = page("<h1>Just a moment...</h1><p>Enable JavaScript and cookies to continue", "Just a moment...")
PORTAL = page("<h1>Welcome to the hotel</h1><p>Sign in with your room number.", "Guest network")
IGNORED = json.dumps({"inserted": None, "updated": None, "ignored": [f"rsa2048/{FINGERPRINT.lower()}"]})
LIMITED = "You have exceeded the rate limit. Try again later."
CODED = "Content-Encoding: zstd\r\n"
UPLOAD = json.dumps({"publicKeyArmored": armored(ALICE)}).encode()

TROUBLES = {
    # request, answer, found, outcome, what is said
    "key without user IDs": (get(GET), answer(200, armored(key())), "1", "found", ""),
    "key cut off behind its packet": (get(GET), answer(200, armored(ALICE + packet(2, bytes(300)))[:-120]), "1", "found", ""),
    "key cut off within its packet": (get(GET), answer(200, armored(packet(6, KEY_BODY))[:120]), "1", "found", ""),
    "user ID that is too large for GnuPG": (get(GET), answer(200, armored(key("x" * 9000, ADDRESS))), "1", "found", ""),
    "nothing sent": (get(GET), answer(200), "", "unreadable", "proves neither"),
    "proxy": (get("http://keys.example.org:11371" + GET), answer(503, SQUID, PAGE), "", "unreadable", "proves neither"),
    "proxy wants a password": (get("http://keys.example.org:11371" + GET), answer(407, SQUID, PAGE), "", "unreadable", "proves neither"),
    "captive portal": (get(INDEX), answer(200, PORTAL, PAGE), "", "unreadable", "proves neither"),
    "led to the portal": (get(GET), answer(302, b"", PAGE, "Location: http://portal.example/\r\n"), "", "unreadable", "leads elsewhere"),
    "led to https": (get(GET), answer(301, b"", PAGE, f"Location: https://keys.example.org{GET}\r\n"), "", "unreadable", "leads elsewhere"),
    "challenge": (get(GET), answer(403, CHALLENGE, PAGE), "", "unreadable", "proves neither"),
    "challenge to an upload": (get("/pks/add", "POST", body=b"keytext=x"), answer(403, CHALLENGE, PAGE), "", "unreadable", "what came of"),
    "upload that is forbidden": (get("/pks/add", "POST", body=b"keytext=x"), answer(403, "Uploads are closed."), "", "refused", ""),
    "too often": (get(GET), answer(429, LIMITED), "", "error", ""),
    "a coding of late": (get(GET), answer(200, b"\x28\xb5\x2f\xfd" + bytes(60), headers=CODED), "", "unreadable", "coding cannot be undone"),
    "page of an application for WKD": (get(WKD), answer(200, page("<div id=app></div>"), PAGE), "", "unreadable", "proves neither"),
    "WKD's hash asked of a key server": (get(f"/pks/lookup?op=get&options=mr,wkd&search={HASH}%40example.org"), answer(200, armored(ALICE)), "1", "found", ""),
    "that of another": (get(f"/pks/lookup?op=get&search={HASH[::-1]}%40example.org"), answer(200, armored(ALICE)), "1", "key mismatch", "None of the keys"),
    "that by version 2": (get(f"/pks/v2/certs/by-identity/{HASH}%40example.org"), answer(200, armored(ALICE)), "1", "found", ""),
    "that of another by version 2": (get(f"/pks/v2/certs/by-identity/{HASH[::-1]}%40example.org"), answer(200, armored(ALICE)), "1", "key mismatch", "None of the keys"),
    "upload ignored": (get("/pks/add", "POST", body=b"keytext=x"), answer(200, IGNORED, JSON), "", "accepted", ""),
    "upload of a key with bad user IDs": (get("/api/v1/key", "POST", "Content-Type: application/json\r\n", UPLOAD),
                                          answer(400, "Invalid PGP key: invalid user IDs"), "", "refused", ""),
}
TRUTH = {"1": "1", "0": "0", "True": "1", "False": "0", "": ""}


@pytest.mark.parametrize("dport", [80, 11371])
def test_troubles(ws, tmp_path, dport):
    capture = write(tmp_path / "troubles.pcap", [row[:2] for row in TROUBLES.values()], dport=dport)
    rows = ws.rows(capture, ["hkp.found", "hkp.outcome", "_ws.expert.message"], "hkp.outcome", two_pass=True)
    assert len(rows) == len(TROUBLES)
    for name, row, (*_, found, outcome, said) in zip(TROUBLES, rows, TROUBLES.values()):
        assert (TRUTH[row[0]], row[1]) == (found, outcome), name
        assert said in row[2] and bool(said) == ("keys" in row[2]), (name, row[2])


# --- A status 404 and no word ---

EMPTY = response(404, b"")


def of_host(name, host):
    return request(name).replace(b"keys.example.org", host)


@pytest.mark.parametrize("two_pass", [False, True], ids=["one pass", "-2"])
def test_a_stranger_that_has_no_word(ws, tmp_path, two_pass):
    """Any web server does so for what it does not know; one that has shown keys, has HKP's own port, or names itself, means the key."""
    packets = []
    exchanges = [(80, of_host("a", b"web"), EMPTY), (11371, of_host("b", b"web"), EMPTY), (80, of_host("c", b"named"), response(404, b"", "Server: hockeypuck/2.3\r\n")),
                 (80, of_host("d", b"keys"), EMPTY), (80, get(INDEX).replace(b"keys.example.org", b"keys"), answer(200, "info:1:0\n")), (80, of_host("e", b"keys"), EMPTY),
                 (80, of_host("f", b"web"), EMPTY), (80, request("g", "HEAD"), response(404, b""))]
    for count, (dport, asked, told) in enumerate(exchanges):
        packets += Connection(sport=47001 + count, dport=dport).handshake().client(asked).server(told).close().packets
    capture = write_pcap(tmp_path / "empty.pcap", packets, linktype=101)
    outcomes = [row[0] for row in ws.rows(capture, ["hkp.outcome"], "hkp.outcome", two_pass=two_pass)]
    assert outcomes == ["unreadable", "not found", "not found", "unreadable", "not found", "not found", "unreadable", "unreadable"]
    assert ws.count(capture, "hkp.not_found", two_pass=two_pass) == 4


def test_hosts_are_kept_up_to_512_octets(ws, tmp_path):
    """A longer name is of a host of which nothing is known."""
    packets = []
    for count, length in enumerate((512, 513)):
        for number, (asked, told) in enumerate(((get(INDEX), answer(200, "info:1:0\n")), (request("a"), EMPTY))):
            asked = asked.replace(b"keys.example.org", b"k" * length)
            packets += Connection(sport=47100 + 2 * count + number, dport=80).handshake().client(asked).server(told).close().packets
    capture = write_pcap(tmp_path / "long.pcap", packets, linktype=101)
    assert [row[0] for row in ws.rows(capture, ["hkp.outcome"], "hkp.outcome")] == ["not found", "not found", "not found", "unreadable"]


# --- A Web Key Directory that is elsewhere ---

def led(place):
    return answer(301, b"", PAGE, f"Location: {place}\r\n")


def asked_at(host, target=WKD):
    return get(target).replace(b"keys.example.org", host.encode())


def test_redirected_to_another_domain(ws, tmp_path):
    """The address is that which was asked for first, over any number of steps; without them in the capture it is that of the domain asked."""
    steps = [(asked_at("example.org"), led(f"http://hosting.example.net{WKD}")), (asked_at("hosting.example.net"), led(f"https://cdn.example.com:443{WKD}")),
             (asked_at("cdn.example.com:443"), answer(200, ALICE)), (asked_at("other.example.com"), answer(200, ALICE)),
             (asked_at("example.net"), led(f"http://more.example{WKD}")), (asked_at("more.example"), answer(200, ALICE))]
    capture = write(tmp_path / "led.pcap", steps)
    for two_pass in (False, True):
        outcomes = [row[0] for row in ws.rows(capture, ["hkp.outcome"], "hkp.outcome", two_pass=two_pass)]
        assert outcomes == ["unreadable", "unreadable", "found", "key mismatch", "unreadable", "key mismatch"]
    assert "is of alice@example.net" in ws.rows(capture, ["_ws.expert.message"], "hkp.wkd_userid_missing", two_pass=True)[1][0]

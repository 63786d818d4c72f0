# SPDX-License-Identifier: GPL-2.0-or-later
"""ACME over HTTP/2: the API between two programs written in Go, and HTTP-01 by hand."""

import json

import pytest

from harness.craft import write_pcap
from harness.http2 import Http2, data, headers, request, reset, response
from harness.properties import assert_independent_of_others, assert_passes_agree, assert_survives

BY_HAND = {"prefs": {"http2.tcp.port": "8082"}}
TOKEN = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA"
THUMBPRINT = "9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI"
PATH = "/.well-known/acme-challenge/"
LATER = ["acme.response_in", "acme.redirect_in", "acme.no_response"]
FIELDS = ["acme.resource", "acme.resource.evidence", "acme.url", "acme.status", "acme.response_to", "acme.time", "acme.replay_nonce", "acme.location",
          "acme.object.status", "acme.identifier", "acme.jws.alg", "acme.token", "acme.verified"]


@pytest.fixture
def caddy(captures):
    return captures / "acme-api/caddy.pcap", captures / "acme-api/caddy.keys"


def listed(values):
    return [value for value in values.split(",") if value]


def test_caddy(ws, caddy):
    """Two orders at a time on one connection: each answer with its own request."""
    capture, keys = caddy
    rows = ws.rows(capture, ["frame.number", *FIELDS, "acme.response_in"], "acme && http2", True, keylog=keys)
    requests = {row[0]: row for row in rows if row[-1]}
    pairs = [(to, row) for row in rows for to in listed(row[5])]
    assert len(requests) == 19 and sorted(to for to, _ in pairs) == sorted(requests)
    assert all(row[0] == requests[to][-1] for to, row in pairs)
    # Everything is named in the directory, or in an answer to what is.
    assert [(row[1], row[2]) for row in requests.values()] == [
        ("1", "3"), ("2", "1"), ("2", "1"), ("3", "1"), ("3", "1"), ("4", "1"), ("4", "1"), *[("12", "2")] * 2, *[("13", "2")] * 2,
        *[("12", "2")] * 2, *[("14", "2")] * 2, *[("11", "2")] * 2, *[("15", "2")] * 2]
    assert {row[11] for row in requests.values() if row[11]} == {"ES256"}
    assert sum(len(listed(row[7])) for row in rows) == 18       # a nonce with each answer but that of the directory
    assert {status for row in rows for status in listed(row[4])} == {"200", "201"}
    # Wireshark's own decoder agrees about the paths.
    path = "http2.headers.path"
    for url, native in ws.rows(capture, ["acme.url", path], f"acme.url && {path}", keylog=keys):
        assert url.endswith(native)


def test_caddy_passes_agree(ws, caddy):
    """But for the directory's request, which only the answer tells."""
    capture, keys = caddy
    rows = assert_passes_agree(ws, capture, FIELDS, 'acme && !(http2.headers.path == "/dir")', later=LATER, keylog=keys)
    seconds = [float(value) for row in rows for value in listed(row[6])]
    assert len(seconds) == 19 + 6 and all(0 < value < 1 for value in seconds)


def test_caddy_validations(ws, caddy):
    """The key authorizations are those of the account that the API shows."""
    capture, keys = caddy
    verdicts = ws.rows(capture, ["acme.verified"], "acme.valid", keylog=keys)
    assert len(verdicts) == 6 and {row[0] for row in verdicts} <= {"1", "True"}


@pytest.mark.one_series
def test_caddy_alone_and_with_others(ws, caddy):
    assert_independent_of_others(ws, "acme", caddy[0], FIELDS, "acme", keylog=caddy[1])


# HTTP-01 by hand


def make_cases():
    cases, packets = {}, []

    def case(name, path, *answer, method="GET", **options):
        talk = Http2(21000 + len(cases), **options).begin()
        cases[str(talk.connection.ports[0])] = name
        if path:
            talk.client(headers(1, request(path, method, authority=name + ".example.org"), end=True))
        talk.server(*answer)
        packets.extend(talk.packets)

    right = f"{TOKEN}.{THUMBPRINT}"
    ok = headers(1, response())
    case("right", PATH + TOKEN, ok, data(1, right + "\n"))
    case("pieces", PATH + TOKEN, ok, data(1, right[:20], end=False, padding=9), data(1, right[20:], end=False), data(1, b""))
    case("other", PATH + TOKEN, ok, data(1, "X" + right[1:]))
    case("empty", PATH + TOKEN, headers(1, response(), end=True))
    case("missing", PATH + TOKEN, headers(1, response(404)), data(1, "no"))
    case("head", PATH + TOKEN, headers(1, response(), end=True), method="HEAD")
    case("silent", PATH + TOKEN, b"")
    case("broken", PATH + TOKEN, ok, data(1, right[:50], end=False), reset(1))
    case("large", PATH + TOKEN, ok, *[data(1, b"x" * 1000, end=False)] * 90, data(1, "end"))
    case("unfinished", PATH + TOKEN, ok, data(1, right[:50], end=False))
    case("short", PATH + "abc", ok, data(1, "abc." + THUMBPRINT))
    case("moved", PATH + TOKEN, headers(1, response(302, ("location", "https://moved2.example.org/there"))), data(1, b""))
    case("moved2", "/there", ok, data(1, right))
    return packets, cases


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory):
    packets, cases = make_cases()
    return write_pcap(tmp_path_factory.mktemp("acme-h2") / "http01.pcap", packets, linktype=101), cases


def test_http01(ws, by_hand):
    capture, cases = by_hand
    fields = ["acme.status", "acme.valid", "acme.key_authorization_mismatch", "acme.redirect"]
    truth = {"1": True, "True": True, "0": False, "False": False, "": None}
    answers = {cases[row[0]]: (row[1], truth[row[2]], bool(row[3]), row[4])
               for row in ws.rows(capture, ["tcp.dstport", *fields], "acme.status", True, **BY_HAND)}
    assert answers == {
        "right": ("200", True, False, ""), "pieces": ("200", True, False, ""), "other": ("200", False, True, ""),
        "empty": ("200", False, True, ""), "missing": ("404", False, False, ""), "head": ("200", None, False, ""),
        "broken": ("200", None, False, ""), "large": ("200", False, True, ""), "short": ("200", True, False, ""),
        "moved": ("302", None, False, "https://moved2.example.org/there"), "moved2": ("200", True, False, "")}
    silent = ws.rows(capture, ["tcp.srcport"], "acme.no_response", True, **BY_HAND)
    assert [cases[row[0]] for row in silent] == ["silent"]
    begun = ws.rows(capture, ["tcp.srcport", "acme.response_in"], "acme.response_in", True, **BY_HAND)
    assert {cases[row[0]] for row in begun} == set(answers) | {"unfinished"}
    domains = {cases[row[0]]: row[1:] for row in ws.rows(capture, ["tcp.srcport", "acme.domain", "acme.token"], "acme && tcp.dstport == 8082", **BY_HAND)}
    assert domains["right"] == ("right.example.org", TOKEN) and domains["moved2"] == ("moved.example.org", TOKEN) and len(domains) == 13


def test_http01_passes_agree(ws, by_hand):
    assert_passes_agree(ws, by_hand[0], ["acme.domain", "acme.status", "acme.response_to", "acme.thumbprint"], "acme", later=LATER, **BY_HAND)
    assert_survives(ws, by_hand[0], **BY_HAND)


def test_other_json_is_not_acme(ws, tmp_path):
    """Large and other answers of other services are neither kept nor named."""
    talk = Http2(22000).begin()
    for n, (kind, body) in enumerate((("application/json", json.dumps({"newNonce": 1})), ("application/json", "[" + "1," * 50000 + "1]"),
                                      ("application/problem+json", json.dumps({"type": "about:blank"})))):
        stream = 2 * n + 1
        talk.client(headers(stream, request("/api", authority="api.example.org"), end=True))
        talk.server(headers(stream, response(200, kind=kind)), *[data(stream, body[at:at + 1000], end=at + 1000 >= len(body)) for at in range(0, len(body), 1000)])
    capture = write_pcap(tmp_path / "json.pcap", talk.packets, linktype=101)
    assert ws.count(capture, "http2.data.data", True, **BY_HAND) > 0 and ws.count(capture, "acme", True, **BY_HAND) == 0


@pytest.mark.parametrize("name, protocols", [("acme-http01/http01-failures", {"ACME"}), ("acme-dns01/dns01-failures", {"ACME"}), ("acme-tlsalpn01/tls12", {"ACME"}),
                                             ("hkp-servers/onak-curl", {"HKP", "OpenPGP"})], ids=lambda value: value if isinstance(value, str) else "")
def test_expert_information_is_ours(ws, captures, name, protocols):
    """In the table of expert information it is booked under the protocol that says it."""
    def table(w):
        lines = [line.split() for line in w.tshark(captures / f"{name}.pcap", "-2", "-q", "-z", "expert").splitlines()]
        return {tuple(words[2:]) for words in lines if words and words[0].isdigit()}
    own = table(ws) - table(ws.without_plugins())
    assert own and {words[0] for words in own} <= protocols

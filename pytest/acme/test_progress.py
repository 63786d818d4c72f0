# SPDX-License-Identifier: GPL-2.0-or-later
"""ACME's API over time: what becomes of orders, authorizations and challenges, nonces that are refused, certificates."""

import base64

from acme.crafted import BOTH, TOKEN, Cases, answer, certificate, get, told
from acme.test_api import EC_KEY, b64, signed
from acme.test_verdicts import BASE, problem
from harness import craft
from harness.properties import assert_survives

URN = "urn:ietf:params:acme:error:"
NAMES = [{"type": "dns", "value": "www.example.org"}]


def order(status, number=1, **members):
    return told({"status": status, "identifiers": NAMES, "authorizations": [f"{BASE}z/{number}"], "finalize": f"{BASE}f/{number}", **members},
                extra=f"Location: {BASE}o/{number}\r\n")


def authorization(status, challenge, number=1, **members):
    return told({"status": status, "identifier": NAMES[0],
                 "challenges": [{"type": "http-01", "url": f"{BASE}c/{number}", "token": TOKEN, "status": challenge, **members},
                                {"type": "dns-01", "url": f"{BASE}d/{number}", "token": TOKEN, "status": "pending"}]})


def challenge(status, number=1):
    return told({"type": "http-01", "url": f"{BASE}c/{number}", "token": TOKEN, "status": status})


def story(cases, number=1):
    """An order up to its challenge."""
    cases.add(f"new {number}", signed(BASE + "order", {"identifiers": NAMES}), order("pending", number))
    cases.add(f"asked {number}", signed(f"{BASE}z/{number}", None), authorization("pending", "pending", number))
    cases.add(f"started {number}", signed(f"{BASE}c/{number}", {}), challenge("processing", number))


def test_status_over_time(ws, tmp_path):
    """Of each object the status before, and the answers that this and the present status come from."""
    cases = Cases()
    story(cases)
    cases.add("met", signed(BASE + "z/1", None), authorization("valid", "valid"))
    cases.add("ready", signed(BASE + "o/1", None), order("ready"))
    cases.add("finalized", signed(BASE + "f/1", {"csr": "AA"}), order("processing"))
    cases.add("waiting", signed(BASE + "o/1", None), order("processing"))
    cases.add("done", signed(BASE + "o/1", None), order("valid", certificate=BASE + "cert"))
    cases.add("again", signed(BASE + "c/1", None), challenge("valid"))
    fields = ["frame.number", "acme.object.url", "acme.object.before", "acme.object.status", "acme.object.before_in", "acme.object.since",
              "acme.challenge.status"]
    capture = tmp_path / "s.pcap"
    for two_pass in BOTH:
        rows = cases.ask(ws, capture, fields, "acme.object.status", two_pass=two_pass)
        frame = {label: row[0] for label, [row] in rows.items()}
        assert {label: row[1:] for label, [row] in rows.items()} == {
            "new 1": (BASE + "o/1", "", "pending", "", "", ""),
            "asked 1": (BASE + "z/1", "", "pending", "", "", "http-01 pending,dns-01 pending"),
            "started 1": (BASE + "c/1", "pending", "processing", frame["asked 1"], "", ""),
            "met": (BASE + "z/1", "pending", "valid", frame["asked 1"], "", "http-01 valid,dns-01 pending"),
            "ready": (BASE + "o/1", "pending", "ready", frame["new 1"], "", ""),
            "finalized": (BASE + "o/1", "ready", "processing", frame["ready"], "", ""),
            "waiting": (BASE + "o/1", "processing", "processing", frame["finalized"], frame["finalized"], ""),
            "done": (BASE + "o/1", "processing", "valid", frame["waiting"], "", ""),
            "again": (BASE + "c/1", "valid", "valid", frame["met"], frame["met"], "")}
    assert cases.ask(ws, capture, [], "acme.object.stuck", two_pass=True) == {}


def test_status_that_is_too_long_to_keep(ws, tmp_path):
    """The answer is shown, and so are those that name the object; what it came to is not known."""
    cases = Cases()
    cases.add("asked", signed(BASE + "z/1", None), authorization("pending" * 1200, "pending"))
    cases.add("new", signed(BASE + "order", {"identifiers": NAMES}), order("invalid"))
    cases.add("again", signed(BASE + "o/1", None), order("invalid"))
    found = cases.ask(ws, tmp_path / "l.pcap", ["acme.resource", "acme.object.before"], "acme && http.response")
    assert found == {"asked": [("12", "")], "new": [("11", "")], "again": [("11", "invalid")]}


def test_objects_that_stay_as_they_are(ws, tmp_path):
    """What waits when the capture ends, after having been asked for again, is told on its last answer; what was asked for once is not."""
    cases = Cases()
    for number in (1, 2, 3, 4):
        story(cases, number)
    for turn in (1, 2, 3):
        cases.add(f"pending {turn}", signed(BASE + "z/1", None), authorization("pending", "processing", 1))
    cases.add("finalized", signed(BASE + "f/2", {"csr": "AA"}), order("processing", 2))
    cases.add("processing", signed(BASE + "o/2", None), order("processing", 2))
    cases.add("finalized too", signed(BASE + "f/3", {"csr": "AA"}), order("processing", 3))
    cases.add("failed", signed(BASE + "z/4", None), authorization("invalid", "invalid", 4, error=problem("connection", "refused")))
    cases.add("given up", signed(BASE + "o/4", None), order("invalid", 4))
    capture = tmp_path / "w.pcap"
    found = cases.ask(ws, capture, ["acme.object.stuck", "_ws.expert.message"], "acme.object.stuck", two_pass=True)
    assert set(found) == {"pending 3", "processing"}
    assert "authorization stays pending: 4 answers" in found["pending 3"][0][1] and "order stays processing: 2 answers" in found["processing"][0][1]
    assert cases.ask(ws, capture, [], "acme.object.stuck") == {}
    found = cases.ask(ws, capture, ["frame.number", "acme.order.failed_in"], "acme.object.status == \"invalid\"")
    assert found["given up"][0][1] == found["failed"][0][0]


def test_objects_that_go_on_elsewhere(ws, tmp_path):
    """What is asked for no more is not stuck where the challenge, or the order, tells that it came to something."""
    cases = Cases()
    for number in (1, 2, 3):
        story(cases, number)
        for turn in (1, 2):
            cases.add(f"pending {number} {turn}", signed(f"{BASE}z/{number}", None), authorization("pending", "pending", number))
    cases.add("challenge", signed(BASE + "c/1", None), challenge("valid", 1))
    cases.add("order", signed(BASE + "o/2", None), order("ready", 2))
    cases.add("still", signed(BASE + "o/3", None), order("pending", 3))
    found = cases.ask(ws, tmp_path / "e.pcap", ["_ws.expert.message"], "acme.object.stuck", two_pass=True)
    assert set(found) == {"pending 3 2"}


def test_urls_in_arrays_with_escapes(ws, tmp_path):
    """PHP writes a slash as \\/: what the array names is known by its URL all the same."""
    def escaped(message):
        head, body = message.split(b"\r\n\r\n", 1)
        body = body.replace(b"/", b"\\/")
        head = b"\r\n".join(b"Content-Length: %d" % len(body) if line.startswith(b"Content-Length") else line for line in head.split(b"\r\n"))
        return head + b"\r\n\r\n" + body
    cases = Cases()
    cases.add("new", signed(BASE + "order", {"identifiers": NAMES}), escaped(order("pending")))
    cases.add("failed", signed(BASE + "z/1", None), told({"status": "invalid"}))
    cases.add("order", signed(BASE + "o/1", None), escaped(order("invalid")))
    found = cases.ask(ws, tmp_path / "e.pcap", ["acme.resource", "acme.order.failed_in", "frame.number"], "acme && http.response")
    assert [row[0] for rows in found.values() for row in rows] == ["11", "12", "11"]
    assert found["order"][0][1] == found["failed"][0][2]


def test_status_changes_that_cannot_be(ws, tmp_path):
    """RFC 8555 section 7.1.6, where the second answer's request was sent after the first answer came; what was missed on the way is no such case."""
    cases = Cases()
    story(cases)
    cases.add("met", signed(BASE + "z/1", None), authorization("valid", "valid"))       # processing was not asked for
    cases.add("ready", signed(BASE + "o/1", None), order("ready"))
    cases.add("back", signed(BASE + "z/1", None), authorization("pending", "pending"))
    cases.add("challenge again", signed(BASE + "c/1", None), challenge("pending"))       # said already
    cases.add("done", signed(BASE + "o/1", None), order("valid"))                        # processing likewise
    cases.add("order back", signed(BASE + "o/1", None), order("processing"))
    cases.add("other word", signed(BASE + "o/1", None), order("on hold"))
    cases.add("from other word", signed(BASE + "o/1", None), order("pending"))
    other = "https://other.example.org/z/1"
    cases.add("other authority", signed(other, None), told({"status": "valid", "identifier": NAMES[0], "challenges": []}))
    cases.add("met again", signed(BASE + "z/1", None), authorization("valid", "valid"))
    # An authority that begins to count again: so the URLs of the order's authorization and challenges are those of others, too.
    cases.add("new under an old URL", signed(BASE + "order", {"identifiers": NAMES}), order("pending"))
    cases.add("of the new order", signed(BASE + "z/1", None), authorization("pending", "pending"))
    cases.add("of the new order, met", signed(BASE + "z/1", None), authorization("valid", "valid"))
    cases.add("other authority, back", signed(other, None), told({"status": "pending", "identifier": NAMES[0], "challenges": []}))
    cases.add("account", signed(BASE + "newAccount", {"contact": []}, EC_KEY), told({"status": "valid"}, "201 Created", extra=f"Location: {BASE}acct/1\r\n"))
    cases.add("account again", signed(BASE + "newAccount", {"contact": []}, EC_KEY), told({"status": "valid"}, extra=f"Location: {BASE}acct/1\r\n"))
    cases.add("back once more", signed(BASE + "z/1", None), authorization("pending", "pending"))
    for label, status in (("gone", "deactivated"), ("gone again", "valid")):
        cases.add(label, signed(BASE + "acct/1", {}), told({"status": status}))
    # Two requests that are under way together: their answers may overtake each other.
    one, other = (craft.Connection(sport=next(cases.ports)).handshake().client(signed(BASE + "c/2", None)) for _ in range(2))
    cases.packets += one.packets + other.packets
    for connection, status in ((one, "valid"), (other, "processing")):
        before = len(connection.packets)
        cases.packets += connection.server(challenge(status, 2)).packets[before:]
        cases.names[connection.ports[0]] = f"overtaken, {status}"
    capture = tmp_path / "i.pcap"
    for two_pass in BOTH:
        found = cases.ask(ws, capture, ["acme.object.before_in", "_ws.expert.message"], "acme.object.impossible", two_pass=two_pass)
        assert set(found) == {"back", "order back", "other authority, back", "back once more", "gone again"}
        text = found["back"][0][1]
        assert "The authorization was valid in frame" in text and "The challenge was valid in frame" in text
        assert f"The order was valid in frame {found['order back'][0][0]} and is processing now" in found["order back"][0][1]
    rows = cases.ask(ws, capture, ["acme.object.before"], 'acme.object.url == "https://ca.example.org/c/2"')
    assert rows == {"overtaken, valid": [("",)], "overtaken, processing": [("valid",)]}


def refused(detail="nonce", nonce=None):
    return told(problem("badNonce", detail), "400 Bad Request", "application/problem+json", extra=f"Replay-Nonce: {nonce}\r\n" if nonce else "")


def test_requests_whose_nonce_is_refused(ws, tmp_path):
    """Refusal and retry know each other; only what is not tried again is a problem."""
    cases = Cases()

    def post(label, path, nonce, reply, payload=None, **header):
        cases.add(label, signed(BASE + path, payload, nonce=nonce, **header), reply)
    directory = told({name: BASE + name for name in ("newNonce", "newAccount", "newOrder")})
    cases.add("directory", get("/directory", "ca.example.org"), directory)
    post("first", "o", "a", refused(nonce="b"), {"identifiers": NAMES})
    post("second", "o", "b", refused(nonce="c"), {"identifiers": NAMES, "profile": "made anew"})
    post("third", "o", "d", told({}, "201 Created"), {"identifiers": NAMES, "profile": "made anew"})
    post("other account", "z", "e", refused())
    post("not its retry", "z", "f", told({}), kid=BASE + "acct/2")
    post("used twice", "y", "b", refused())
    post("used twice, again", "y", "g", told({}))
    post("given up", "x", "h", refused("no more"))
    # The next run of the client is no retry of what it gave up; other clients, and what comes in the same connection, are not concerned.
    cases.add("of the same connection", signed(BASE + "w", None, nonce="i"), refused(), get("/directory", "ca.example.org"), directory,
              signed(BASE + "w", None, nonce="j"), told({}))
    post("given up, too", "v", "k", refused("no more"))
    cases.add("another run", get("/directory", "ca.example.org"), directory)
    post("run", "v", "l", told({}))
    fields = ["frame.number", "acme.retry_in", "acme.retry_of", "acme.nonce_from", "acme.nonce_used_in", "acme.problem", "acme.bad_nonce"]
    capture = tmp_path / "n.pcap"
    rows = cases.ask(ws, capture, fields, "tcp.len > 0", two_pass=True)
    asked = {label: row[0] for label, row in rows.items()}
    answers = {label: row[1] for label, row in rows.items()}
    assert {label: [bool(row[5]), bool(row[6])] for label, row in answers.items() if row[5] or row[6]} == {
        "first": [False, True], "second": [False, True], "other account": [True, False], "used twice": [False, True], "given up": [True, False],
        "of the same connection": [False, True], "given up, too": [True, False]}
    for before, after in (("first", "second"), ("second", "third"), ("used twice", "used twice, again")):
        assert answers[before][1] == asked[after][0] and asked[after][2] == answers[before][0]
    assert not any(row[1] for label, row in answers.items() if label not in ("first", "second", "used twice", "of the same connection"))
    assert not any(row[2] for label, row in asked.items() if label not in ("second", "third", "used twice, again"))
    assert asked["second"][3] == answers["first"][0] == asked["used twice"][3] and asked["used twice"][4] == asked["second"][0]
    text = cases.ask(ws, capture, ["_ws.expert.message"], "acme.bad_nonce", two_pass=True)
    assert f"was used in frame {asked['second'][0]} already" in text["used twice"][0][0]
    assert "no answer that is known to be this API's gave it out" in text["first"][0][0]
    # Without the second pass nobody knows of a retry.
    one = cases.ask(ws, capture, ["acme.retry_in", "acme.retry_of", "acme.problem", "acme.bad_nonce"], "acme.problem.type || acme.retry_of")
    assert not any(row[0] or row[2] for some in one.values() for row in some) and one["third"][0][1] == answers["second"][0]


def test_limits_of_rates_are_named(ws, tmp_path):
    link = "retry after 2026-12-01 09:06:03 UTC: see https://letsencrypt.org/docs/rate-limits/#"
    limits = {
        'too many certificates (50) already issued for "example.org" in the last 168h0m0s, ' + link + "new-certificates-per-registered-domain":
            "new certificates per registered domain",
        "too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, retry after 2026-12-01":
            "new certificates per exact set of identifiers",
        'too many failed authorizations (5) for "www.example.org" in the last 1h0m0s, ' + link + "authorization-failures-per-identifier-per-account":
            "authorization failures per identifier per account",
        'too many certificates (50) already issued for "example.org" in the last 168h0m0s': "new certificates per registered domain",
        "too many failed authorizations recently": "authorization failures per identifier per account",
        "Your account is temporarily prevented from requesting certificates for www.example.org":
            "consecutive authorization failures per identifier per account",
        "too many new registrations (10) from this IP address in the last 3h0m0s": "new registrations per IP address",
        "Service busy; retry later.": "overall requests limit",
        "limit of the tariff": "", "see https://ca.example.org/rate-limits/#": "",
    }
    cases = Cases()
    for number, detail in enumerate(limits):
        cases.add(detail, signed(f"{BASE}o{number}", {"identifiers": NAMES}), told(problem("rateLimited", detail), "429 Too Many"))
    cases.add("deactivated", signed(BASE + "od", {"identifiers": NAMES}), told(
        problem("unauthorized", 'Account is not valid, has status "deactivated"'), "403 Forbidden"))
    cases.add("no limit", signed(BASE + "oo", {"identifiers": NAMES}), told(problem("malformed", link + "new-orders"), "400 Bad"))
    secondary = "During secondary validation: 192.0.2.2: Fetching http://www.example.org/: Timeout during connect"
    cases.add("elsewhere", signed(BASE + "z/1", None), authorization("invalid", "invalid", error=problem("connection", secondary)))
    found = cases.ask(ws, tmp_path / "r.pcap", ["acme.problem.rate_limit", "_ws.expert.message"], "acme.problem.type")
    assert {label: rows[0][0] for label, rows in found.items()} == {**limits, "no limit": "", "elsewhere": "", "deactivated": ""}
    assert "see whether it is deactivated" in found["deactivated"][0][1]
    assert "another of the authority's perspectives failed" in found["elsewhere"][0][1]


def test_where_the_authority_went(ws, tmp_path):
    """Boulder's and Pebble's records of a challenge: each URL of a chain of redirects with the address that was taken."""
    def went(url, used, *resolved):
        return {"url": url, "hostname": "www.example.org", "port": "80", "addressesResolved": [*resolved], "addressUsed": used}
    records = [went("http://www.example.org/x", "2001:db8::2", "192.0.2.2", "2001:db8::2"), went("https://www.example.org/y", "192.0.2.2", "192.0.2.2")]
    cases = Cases()
    cases.add("authorization", signed(BASE + "z/1", None), authorization("valid", "valid", validationRecord=records))
    cases.add("challenge", signed(BASE + "c/1", None), told({"type": "dns-01", "url": BASE + "c/1", "token": TOKEN, "status": "valid",
                                                              "validationRecord": [{"hostname": "www.example.org"}, 7, {"addressesResolved": [1]}]}))
    cases.add("many", signed(BASE + "c/3", None), told({"type": "dns-01", "url": BASE + "c/3", "token": TOKEN, "status": "valid",
                                                         "validationRecord": [{"addressesResolved": [f"192.0.2.{n}" for n in range(20)]}]}))
    cases.add("none", signed(BASE + "c/2", None), challenge("pending", 2))
    found = cases.ask(ws, tmp_path / "v.pcap", ["acme.record.url", "acme.record.address", "acme.record.resolved"], "acme.object.status")
    assert found == {"authorization": [("http://www.example.org/x,https://www.example.org/y", "2001:db8::2,192.0.2.2", "192.0.2.2,2001:db8::2,192.0.2.2")],
                     "challenge": [("", "", "")], "none": [("", "", "")],
                     "many": [("", "", ",".join(f"192.0.2.{n}" for n in range(16)))]}


def test_what_requests_want(ws, tmp_path):
    """Deactivation, revocation with its reason, change of key, and profiles that are offered and given."""
    new_key = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    inner = {"protected": b64({"alg": "EdDSA", "jwk": new_key, "url": BASE + "change"}),
             "payload": b64({"account": BASE + "acct/1", "oldKey": EC_KEY}), "signature": "c2ln"}
    cases = Cases()
    offered = {name: BASE + name for name in ("newNonce", "newAccount", "newOrder")}
    cases.add("directory", get("/directory", "ca.example.org"), told({**offered, "meta": {"profiles": {"classic": "90 days", "short": {"a": ["b"]}, "last": 1}}}))
    cases.add("account", signed(BASE + "newAccount", {"contact": []}, EC_KEY), told({"status": "valid"}, "201 Created", extra=f"Location: {BASE}acct/1\r\n"))
    cases.add("order", signed(BASE + "order", {"identifiers": NAMES, "profile": "short"}), order("pending", profile="short"))
    cases.add("replaced", signed(BASE + "order", {"identifiers": NAMES, "replaces": "a.b"}), told(problem("alreadyReplaced", "yes"), "409 Conflict"))
    cases.add("revoked", signed(BASE + "revoke", {"certificate": b64(certificate(None, [(0x82, b"www.example.org")])), "reason": 4}), answer(b""))
    cases.add("revoked twice", signed(BASE + "revoke", {"certificate": "AA"}), told(problem("alreadyRevoked"), "400 Bad"))
    cases.add("change", signed(BASE + "change", inner), told({"status": "valid"}))
    cases.add("authorization", signed(BASE + "z/1", {"status": "deactivated"}), authorization("deactivated", "pending"))
    cases.add("deactivated", signed(BASE + "acct/1", {"status": "deactivated"}), told({"status": "deactivated"}))
    fields = ["acme.profile.offered", "acme.profile", "acme.revocation.reason", "acme.account.new_thumbprint", "acme.wanted_status", "acme.object.before",
              "acme.object.status", "acme.problem.type"]
    found = cases.ask(ws, tmp_path / "q.pcap", fields, "acme", two_pass=True)
    wanted = {label: [["".join(row[:5]) for row in rows][0], tuple(rows[-1][0:2]) + tuple(rows[-1][5:])] for label, rows in found.items()}
    deactivated, nothing = "deactivated", ("", "", "", "", "")
    assert wanted == {
        "directory": ["", ("classic,short,last", "", "", "", "")], "account": ["", ("", "", "", "valid", "")],
        "order": ["short", ("", "short", "", "pending", "")], "replaced": ["", ("", "", "", "", URN + "alreadyReplaced")],
        "revoked": ["4", nothing], "revoked twice": ["", ("", "", "", "", URN + "alreadyRevoked")],
        "change": ["kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", ("", "", "", "valid", "")],
        "authorization": [deactivated, ("", "", "", deactivated, "")], "deactivated": [deactivated, ("", "", "valid", deactivated, "")]}
    assert cases.ask(ws, tmp_path / "q.pcap", ["x509ce.dNSName"], "acme.revocation.reason") == {"revoked": [("www.example.org",)]}


def pem(der):
    return b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n"


def test_chains_of_certificates(ws, tmp_path):
    """Every certificate by Wireshark's own dissector; newer versions read the first one themselves."""
    def chain(*names):
        return b"".join(pem(certificate(None, [(0x82, text.encode())])) for text in names)

    def given(body, kind="application/pem-certificate-chain"):
        return answer(body, extra=f"Content-Type: {kind}\r\n")
    cases = Cases()
    cases.add("order", signed(BASE + "o/1", None), order("valid", certificate=BASE + "cert"))
    bodies = {"three": chain("a.example.org", "b.example.org", "c.example.org"), "many": chain(*(f"n{number}.example.org" for number in range(20))),
              "none": b"-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n", "empty": b"", "cut": chain("a.example.org")[:-10],
              "no base64": pem(b"") + b"-----BEGIN CERTIFICATE-----\n****\n-----END CERTIFICATE-----\n" + chain("d.example.org"),
              "one line": b"-----BEGIN CERTIFICATE-----END CERTIFICATE-----\n" + b"-----BEGIN CERTIFICATE-----" * 2,
              "no DER": pem(b"\x30\x82\xff\xff\x30\x80" * 9) + pem(b"x") + chain("e.example.org")}
    for label, body in bodies.items():
        cases.add(label, signed(BASE + "cert", None), given(body))
    cases.add("no such type", signed(BASE + "cert", None), given(chain("f.example.org"), "text/plain"))
    cases.add("of no order", signed("https://other.example.org/cert", None), given(chain("g.example.org")))
    capture = tmp_path / "x.pcap"
    found = cases.ask(ws, capture, ["acme.chain.length", "x509ce.dNSName"], "http.response && acme")
    names = {"three": "a.example.org,b.example.org,c.example.org", "many": ",".join(f"n{number}.example.org" for number in range(16)),
             "no base64": "d.example.org", "no DER": "e.example.org"}
    counts = {"three": "3", "many": "20", "none": "0", "no base64": "3", "no DER": "3", "cut": "0", "one line": "0"}
    assert set(counts) <= set(found)
    for label, rows in found.items():
        assert rows[0][0] == counts.get(label, "1" if label == "of no order" else ""), label
        if label in names:
            assert rows[0][1].split(",") == names[label].split(","), label
    assert_survives(ws, capture)


def test_certificates_that_are_renewed(ws, tmp_path):
    """RFC 9773: what is issued, asked about, replaced and revoked is one certificate."""
    key, serial = bytes.fromhex("69885b6b87464041e1b37b847ba0ae2cde01c8d4"), bytes.fromhex("0087654321")
    der = certificate(None, [(0x82, b"www.example.org")], authority=key, serial=serial)
    named, other = "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE", "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AQ"      # of RFC 9773 section 4.1
    urls = {name: BASE + name for name in ("newNonce", "newAccount", "newOrder", "revokeCert")} | {"renewalInfo": "http://ca.example.org/renewalInfo"}
    window = {"suggestedWindow": {"start": "2026-12-01T00:00:00Z", "end": "2026-12-02T00:00:00Z"}}
    chain = "Content-Type: application/pem-certificate-chain\r\n"

    def asked(label, identifier):
        cases.add(label, get("/renewalInfo/" + identifier, "ca.example.org"), told(window, extra="Retry-After: 21600\r\n"))
    cases = Cases()
    cases.add("directory", get("/directory", "ca.example.org"), told(urls))
    cases.add("order", signed(BASE + "o/1", None), order("valid", certificate=BASE + "cert"))
    cases.add("issued", signed(BASE + "cert", None), answer(pem(der) + pem(certificate(None, [], authority=key)), extra=chain))
    cases.add("issued again", signed(BASE + "cert", None), answer(pem(der), extra=chain))
    asked("asked", named)
    asked("asked again", named)
    asked("of another capture", other)
    cases.add("refused", signed(urls["newOrder"], {"identifiers": NAMES, "replaces": named}), told(problem("malformed", "no"), "400 Bad"))
    cases.add("replaced", signed(urls["newOrder"], {"identifiers": NAMES, "replaces": named}), order("pending", 2, replaces=named))
    cases.add("replaced twice", signed(urls["newOrder"], {"identifiers": NAMES, "replaces": named}), told(problem("alreadyReplaced"), "409 Conflict"))
    cases.add("revoked", signed(urls["revokeCert"], {"certificate": b64(der)}), answer(b""))
    for label, body in {"no key": certificate(None, []), "cut": der[:90], "no DER": b"\x30\x84\xff", "none": b"\x30\0"}.items():
        cases.add(label, signed(BASE + "cert", None), answer(pem(body), extra=chain))
    fields = ["frame.number", "acme.ari.certificate", "acme.ari.issued_in", "acme.ari.asked_in", "acme.ari.replaced_in"]
    capture = tmp_path / "a.pcap"
    for two_pass in BOTH:
        rows = cases.ask(ws, capture, fields, "acme.ari.certificate", two_pass=two_pass)
        frame = {label: row[0] for label, [row] in rows.items()}
        order_frame = cases.ask(ws, capture, ["frame.number"], "http.response && acme.replaces")["replaced"][0][0]
        issued, renewal = frame["issued"], frame["asked"]
        late = (renewal, order_frame) if two_pass else ("", "")
        assert {label: row[1:] for label, [row] in rows.items()} == {
            "issued": (named, "", *late), "issued again": (named, issued, *late),
            "asked": (named, issued, "", late[1]), "asked again": (named, issued, renewal, late[1]), "of another capture": (other, "", "", ""),
            "refused": (named, issued, renewal, late[1]), "replaced": (named, issued, renewal, late[1]),
            "replaced twice": (named, issued, renewal, order_frame), "revoked": (named, issued, renewal, order_frame)}
    assert_survives(ws, capture)


def test_an_order_is_followed_with_its_bounds(ws, tmp_path):
    """Members of other types, URLs that are none, and objects that are told twice in one answer."""
    strange = [{"status": 7}, {"status": []}, {"status": ""}, {"status": "x" * 9000}, {"authorizations": [7, {}, ""] * 200}, {"finalize": ""}]
    cases = Cases()
    for number, members in enumerate(strange):
        cases.add(f"{number}", signed(f"{BASE}s/{number}", None), told({"status": "pending", "authorizations": [], "finalize": "", **members}))
    same = {"type": "http-01", "url": BASE + "same", "token": TOKEN, "status": "valid"}
    cases.add("same", signed(BASE + "z/9", None), told({"status": "valid", "identifier": {}, "challenges": [same, {**same, "status": "invalid"}, same, {}, 1]}))
    cases.write(tmp_path / "t.pcap")
    assert_survives(ws, tmp_path / "t.pcap")
    found = cases.ask(ws, tmp_path / "t.pcap", ["acme.challenge.status"], "acme.challenge.status")
    assert found == {"same": [("http-01 valid,http-01 invalid,http-01 valid",)]}


def test_refused_nonces_of_five_clients(ws, captures):
    """certbot and dehydrated gave up, as their logs say; the others tried again (acme-clients/README.md)."""
    capture, keys = captures / "acme-clients/nonces.pcap", captures / "acme-clients/nonces.keys"
    fields = ["frame.number", "acme.retry_in", "acme.retry_of", "acme.problem", "acme.wanted_status", "acme.revocation.reason",
              "acme.account.new_thumbprint", "acme.chain.length"]
    rows = ws.rows(capture, fields, "acme.problem.type || acme.retry_of || acme.wanted_status || acme.resource in {6, 7, 15}", True, keylog=keys)
    assert [row[0] for row in rows if row[3]] == ["26", "296", "385"]
    again = {row[0]: row[1] for row in rows if row[1]}
    assert len(again) == 12 and again == {row[2]: row[0] for row in rows if row[2]}
    assert [row[4] for row in rows if row[4]] == ["deactivated"] * 2 and [row[5] for row in rows if row[5]] == ["0"]
    assert len([row for row in rows if row[6]]) == 1 and [row[7] for row in rows if row[7]] == ["2"] * 3


def test_two_servers_for_one_name(ws, captures):
    rows = ws.rows(captures / "acme-clients/servers.pcap", ["acme.domain", "acme.cause"], "acme.outcome", True)
    assert rows == [("turns.example.org", "17")] * 3

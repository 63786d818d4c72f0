# SPDX-License-Identifier: GPL-2.0-or-later
"""ACME: challenges and API as pebble, certbot, lego, dehydrated, BIND and unbound speak them."""

import base64
import hashlib
import json
import subprocess
from collections import Counter

import pytest

from harness.properties import assert_passes_agree

HTTP_01, TLS_ALPN_01, DNS_01, DNS_ACCOUNT_01 = "1", "2", "3", "4"
LATER = ["acme.response_in", "acme.redirect_in", "acme.no_response", "acme.valid", "acme.cause", "acme.outcome"]
CAPTURES = ["acme-api/certbot", "acme-api/dehydrated", "acme-dns01/dns01", "acme-dns01/dns01-bind", "acme-dns01/dns01-failures",
            "acme-dns01/dns01-tcp", "acme-http01/http01", "acme-http01/http01-failures", "acme-http01/http01-tls", "acme-tlsalpn01/tls12",
            "acme-tlsalpn01/tls13", "acme-tlsalpn01/tls13-keys"]


def yes(value):
    """A boolean field, which 4.0 prints as a number."""
    return {"1": True, "0": False, "True": True, "False": False, "": None}[value]


@pytest.fixture
def ask(ws, captures):
    """ask(capture, fields, filter): rows of -2."""
    def ask(name, fields, display_filter="acme", two_pass=True):
        keys = captures / f"{name}.keys"
        return ws.rows(captures / f"{name}.pcap", fields, display_filter, two_pass, keylog=keys if keys.exists() else None)
    return ask


def counted(rows):
    return dict(Counter(rows))


# What holds for every capture


@pytest.mark.parametrize("name", CAPTURES)
def test_each_capture(ws, captures, name):
    """One pass and two agree; question and answer name each other; the Protocol column says ACME."""
    keys = captures / f"{name}.keys"
    protocol = "_ws.col.Protocol" if ws.version < (4, 4) else "_ws.col.protocol"
    fields = ["frame.time_epoch", "acme.response_to", "acme.time", protocol, "acme.domain", "acme.challenge.type", "acme.token",
              "acme.validators"]
    # In one pass nobody knows yet that the first request is for a directory, nor whose connections were refused.
    # A resolver's questions of other types on its way to the name are no challenge.
    shown = "acme && !(dns && !acme.challenge.type) && !((http.request.method == GET || http2.headers.method == GET) && acme.resource == 1) && !(tcp.flags & 6)"
    rows = assert_passes_agree(ws, captures / f"{name}.pcap", fields, shown, later=LATER, keylog=keys if keys.exists() else None,
                               redissect=False)
    assert {row[4] for row in rows} == {"ACME"}
    rows = [(row[0], *row[1:4], row[9]) for row in rows]
    times = {frame: float(when) for frame, when, *_ in rows}
    asked = {(frame, answer) for frame, *_, answers in rows for answer in answers.split(",") if answer}
    answered = {(question, frame) for frame, _, questions, _, _ in rows for question in questions.split(",") if question}
    assert asked and asked == {(question, frame) for question, frame in answered if question in times}
    for frame, _, questions, took, _ in rows:
        for question, seconds in zip(filter(None, questions.split(",")), took.split(",")):
            if question in times:
                assert float(seconds) == pytest.approx(times[frame] - times[question], abs=2e-6)


@pytest.mark.parametrize("name", ["acme-http01/http01", "acme-api/certbot"])
def test_redissection(ws, captures, name):
    keys = captures / f"{name}.keys"
    assert_passes_agree(ws, captures / f"{name}.pcap", ["acme.domain"],
                        "acme && !(http.request.method == GET && acme.resource == 1) && !(tcp.flags & 6)",
                        later=LATER, keylog=keys if keys.exists() else None)


def test_protocol_column_of_the_others(ws, captures):
    frames = set(ws.frames(captures / "acme-dns01/dns01-bind.pcap", "acme"))
    columns = ws.columns(captures / "acme-dns01/dns01-bind.pcap")
    assert {number for number, (protocol, _) in enumerate(columns, 1) if protocol == "ACME"} == frames


def test_stock_wireshark_knows_nothing_of_it(ws, captures):
    assert not [name for name in ws.without_plugins().fields() if name.startswith("acme")]


# HTTP-01


def test_http01_outcomes(ask):
    rows = ask("acme-http01/http01", ["acme.domain", "acme.status", "acme.valid"], "acme.status")
    assert counted((domain, status, yes(valid)) for domain, status, valid in rows) == {
        ("www.example.org", "200", True): 3,
        ("lego.example.org", "200", True): 3,
        ("v6.example.org", "200", True): 3,
        ("dehydrated.example.org", "200", True): 3,
        ("perspectives.example.org", "200", True): 6,
        ("moved.example.org", "302", None): 3,
        ("moved.example.org", "200", True): 3,
        ("moved-twice.example.org", "301", None): 3,
        ("moved-twice.example.org", "302", None): 3,
        ("moved-twice.example.org", "200", True): 3,
    }
    assert all(row == (HTTP_01,) for row in ask("acme-http01/http01", ["acme.challenge.type"]))


def test_http01_key_authorization(ask):
    rows = ask("acme-http01/http01", ["acme.token", "acme.key_authorization", "acme.thumbprint"], "acme.valid")
    assert len(rows) == 24
    for token, authorization, thumbprint in rows:
        assert authorization == f"{token}.{thumbprint}" and len(thumbprint) == 43 and len(token) == 43
    # One account key each for certbot, lego and dehydrated.
    assert len({row[2] for row in rows}) == 3
    # A request's token is that of its path.
    for token, path in ask("acme-http01/http01", ["acme.token", "http.request.uri"], "acme.token && http.request && !acme.redirect_from"):
        assert path == f"/.well-known/acme-challenge/{token}"


def test_http01_over_ipv6(ask):
    rows = ask("acme-http01/http01", ["acme.domain", "acme.validators"], "acme && ipv6 && http.request")
    assert rows == [("v6.example.org", "1")] * 3


def test_http01_validators(ask):
    rows = ask("acme-http01/http01", ["ip.src", "acme.validators"], 'acme.domain == "perspectives.example.org" && http.request')
    assert rows == [("192.0.2.11", "1"), ("192.0.2.12", "2"), ("192.0.2.1", "3"), *[("192.0.2.1", "3")] * 3]


def test_http01_redirects(ask):
    follows = {(frame, source) for frame, source in ask("acme-http01/http01", ["frame.number", "acme.redirect_from"], "acme.redirect_from")}
    leads = {(target, frame) for frame, target in ask("acme-http01/http01", ["frame.number", "acme.redirect_in"], "acme.redirect")}
    assert follows == leads and len(follows) == 9
    rows = ask("acme-http01/http01", ["acme.domain", "acme.redirect", "acme.redirected"], "acme.redirect")
    assert counted((domain, url.rsplit("/", 1)[0], bool(noted)) for domain, url, noted in rows) == {
        ("moved.example.org", "http://www2.example.org:8080/answers", True): 3,
        ("moved-twice.example.org", "http://moved.example.org/.well-known/acme-challenge", True): 3,
        ("moved-twice.example.org", "http://www2.example.org:8080/answers", True): 3,
    }
    # On another port, for another host and path: still this domain and token.
    rows = ask("acme-http01/http01", ["acme.domain", "http.host"], "acme && http.request && tcp.dstport == 8080")
    assert counted(rows) == {("moved.example.org", "www2.example.org:8080"): 3, ("moved-twice.example.org", "www2.example.org:8080"): 3}


def test_http01_in_tls(ask):
    """A redirect to HTTPS, followed into the decrypted connection."""
    rows = ask("acme-http01/http01-tls", ["acme.domain", "acme.status", "acme.valid"], "acme.status && tls")
    assert [(domain, status, yes(valid)) for domain, status, valid in rows] == [("moved-tls.example.org", "200", True)] * 3
    assert len(ask("acme-http01/http01-tls", ["frame.number"], "acme.redirect_from && tls")) == 3


def test_http01_failures(ask):
    fields = ["acme.domain", "acme.status", "acme.valid", "acme.http_error", "acme.key_authorization_mismatch", "acme.redirected"]
    rows = ask("acme-http01/http01-failures", fields, "acme.status")
    assert counted((domain, status, yes(valid), bool(error), bool(mismatch), bool(redirected))
                   for domain, status, valid, error, mismatch, redirected in rows) == {
        ("html.example.org", "200", False, False, True, False): 3,
        ("otherkey.example.org", "200", True, False, False, False): 3,      # a key that only the authority knows
        ("othertoken.example.org", "200", False, False, True, False): 3,
        ("broken.example.org", "500", False, True, False, False): 3,
        ("moved-away.example.org", "301", None, False, False, True): 3,
        ("moved-away.example.org", "404", False, True, False, False): 3,
        ("absent.example.org", "404", False, True, False, False): 3,
    }


def test_http01_without_an_answer(ask):
    assert ask("acme-http01/http01-failures", ["acme.domain"], "acme.no_response") == [("silent.example.org",)] * 3
    assert ask("acme-http01/http01-failures", ["acme.domain"], "acme.no_response", two_pass=False) == []


def test_columns_switched_off(ws, captures):
    capture, off = captures / "acme-http01/http01-failures.pcap", {"acme.columns": "FALSE"}
    assert ws.columns(capture, prefs=off) == ws.without_plugins().columns(capture)
    assert ws.count(capture, "acme.cause", prefs=off) == ws.count(capture, "acme.cause")


def test_http01_info(ws, captures):
    info = {text for protocol, text in ws.columns(captures / "acme-http01/http01-failures.pcap") if protocol == "ACME"}
    assert {"HTTP-01 html.example.org: a page", "HTTP-01 othertoken.example.org: another token",
            "HTTP-01 absent.example.org: HTTP 404", "HTTP-01 broken.example.org: HTTP 500",
            "HTTP-01 moved-away.example.org: redirect to http://www2.example.org:8080/nothing-here"} <= info
    assert all(text.startswith("HTTP-01 ") for text in info)


# TLS-ALPN-01


def test_tls_alpn01_with_tls13(ask):
    rows = ask("acme-tlsalpn01/tls13", ["acme.domain", "acme.challenge.type", "acme.validators", "acme.valid"], "acme && tls.handshake.type == 1")
    assert counted(rows) == {("lego.example.org", TLS_ALPN_01, "1", ""): 3, ("v6.example.org", TLS_ALPN_01, "1", ""): 3}
    # Each TLS frame of these connections is shown, and nothing is claimed about what is encrypted.
    assert ask("acme-tlsalpn01/tls13", ["frame.number"], "tls") == ask("acme-tlsalpn01/tls13", ["frame.number"], "acme")
    assert ask("acme-tlsalpn01/tls13", ["frame.number"], "acme.valid") == []


def test_tls_alpn01_outcomes(ask):
    rows = ask("acme-tlsalpn01/tls12", ["acme.domain", "acme.valid", "acme.tls.certificate_mismatch", "acme.tls.alert"], "acme.valid")
    assert counted((domain, yes(valid), bool(mismatch), bool(alert)) for domain, valid, mismatch, alert in rows) == {
        ("dehydrated.example.org", True, False, False): 3,
        ("swapped.example.org", False, True, False): 3,     # the certificate of another name
        ("web.example.org", False, True, False): 3,         # no acmeIdentifier
        ("noname.example.org", False, False, True): 3,      # unrecognized_name
        ("http.example.org", False, False, True): 3,        # no_application_protocol
    }
    assert ask("acme-tlsalpn01/tls12", ["frame.number"], "tls") == ask("acme-tlsalpn01/tls12", ["frame.number"], "acme")


def test_tls_alpn01_digest(ask):
    rows = ask("acme-tlsalpn01/tls12", ["acme.domain", "acme.tls.digest", "acme.tls.critical"], "acme.tls.digest")
    found = counted((domain, digest.replace(":", ""), yes(critical)) for domain, digest, critical in rows)
    assert found.pop(("swapped.example.org", bytes(range(1, 33)).hex(), True)) == 3
    assert [(domain, critical, count) for (domain, _, critical), count in found.items()] == [("dehydrated.example.org", True, 3)]


def test_tls_alpn01_with_keys(ask, ws, captures):
    rows = ask("acme-tlsalpn01/tls13-keys", ["acme.domain", "acme.valid"], "acme.valid")
    assert counted((domain, yes(valid)) for domain, valid in rows) == {("keys.example.org", True): 3, ("other.example.org", False): 3}
    assert len(ask("acme-tlsalpn01/tls13-keys", ["acme.tls.digest"], "acme.tls.digest")) == 3
    assert ws.frames(captures / "acme-tlsalpn01/tls13-keys.pcap", "acme.valid || acme.tls.digest") == []


def test_tls_alpn01_info(ws, captures):
    info = {text for protocol, text in ws.columns(captures / "acme-tlsalpn01/tls12.pcap") if protocol == "ACME"}
    assert {"TLS-ALPN-01 dehydrated.example.org: Client Hello", "TLS-ALPN-01 dehydrated.example.org: certificate with acmeIdentifier",
            "TLS-ALPN-01 http.example.org: no_application_protocol", "TLS-ALPN-01 noname.example.org: unrecognized_name",
            "TLS-ALPN-01 web.example.org: certificate without acmeIdentifier"} <= info


# DNS-01


def test_dns01_outcomes(ask):
    rows = ask("acme-dns01/dns01", ["acme.domain", "acme.challenge.type", "acme.valid", "acme.dns.digest", "acme.dns.cname"], "acme.valid")
    assert counted((domain, kind, yes(valid), digests.count(",") + 1, cname) for domain, kind, valid, digests, cname in rows) == {
        ("dehydrated.example.org", DNS_01, True, 1, ""): 3,
        ("lego.example.org", DNS_01, True, 1, ""): 3,
        ("certbot.example.org", DNS_01, True, 2, ""): 6,
        ("alias.example.org", DNS_01, True, 1, "alias.validation.example.net"): 3,
    }
    assert all(len(digest) == 43 for row in rows for digest in row[3].split(","))
    rows = ask("acme-dns01/dns01-failures", ["acme.domain", "acme.valid", "acme.dns.error"], "acme.valid")
    assert counted((domain, yes(valid), bool(error)) for domain, valid, error in rows) == {
        ("absent.example.org", False, True): 3,
        ("wrong.example.org", True, False): 3,      # a digest, but of a key that only the authority knows
        ("text.example.org", False, True): 3,
        ("servfail.example.org", False, True): 3,
    }


def test_dns01_over_tcp_follows_cnames(ask):
    rows = ask("acme-dns01/dns01-tcp", ["acme.domain", "acme.dns.alias", "acme.valid"], "acme && tcp && dns.qry.type == 16")
    assert rows == [("tcp.example.org", "", ""), ("tcp.example.org", "", "1" if rows[1][2] == "1" else "True"),
                    ("tcp-alias.example.org", "tcp-alias.validation.example.net", ""),
                    ("tcp-alias.example.org", "tcp-alias.validation.example.net", rows[1][2])]


def test_dns01_from_bind(ask):
    fields = ["dns.qry.name", "acme.domain", "acme.challenge.type", "acme.valid", "acme.dns.digest", "acme.dns.cname", "acme.dns.account_label"]
    digest = "gfj9Xq-Rg85nM_b2G4hYNSmMG8MPVa6s0iVYk4NCRpU"
    two = {digest, "LPsIwTo7o8BoG0-vjCyGQGBWSVIPxI-i_X336eUOQZo"}
    rows = ask("acme-dns01/dns01-bind", fields, "acme && udp && dns.flags.response == 1 && ip")
    assert len(rows) == 10
    found = {row[0].lower().removesuffix(".example.org"): row[1:] for row in rows if row[3]}
    assert set(found.pop("_acme-challenge.www")[3].split(",")) == two
    assert {name: (domain, kind, yes(valid), *rest) for name, (domain, kind, valid, *rest) in found.items()} == {
        "_acme-challenge.strings": ("strings.example.org", DNS_01, True, digest, "", ""),
        "_acme-challenge.text": ("text.example.org", DNS_01, False, "v=spf1 -allnot a digest", "", ""),
        "_acme-challenge.chain": ("chain.example.org", DNS_01, True, digest, "hop.example.org,end.example.org", ""),
        "_ujmmovf2vn55tgye._acme-challenge.account": ("account.example.org", DNS_ACCOUNT_01, True, digest, "", "_ujmmovf2vn55tgye"),
        "_acme-challenge.missing": ("missing.example.org", DNS_01, False, "", "", ""),
        "_acme-challenge": ("example.org", DNS_01, True, digest, "", ""),
        "_acme-challenge.www.example.com": ("www.example.com", DNS_01, False, "", "", ""),
    }
    # A chain that leaves the zone, and another type: nothing is claimed.
    assert {row[0] for row in rows if not row[3]} == {"_acme-challenge.outside.example.org", "_acme-challenge.www.example.org"}


def test_dns01_looks_only_at_its_names(ask):
    rows = ask("acme-dns01/dns01-bind", ["dns.qry.name"], "dns && !acme")
    assert counted(rows) == {("acme-challenge.www.example.org",): 2, ("_acme-challenges.www.example.org",): 2,
                             ("under._acme-challenge.www.example.org",): 2}


def test_dns01_over_tls_and_pipelined_tcp(ask):
    assert [domain for domain, in ask("acme-dns01/dns01-bind", ["acme.domain"], "acme && tls")] == ["www.example.org"] * 2
    rows = ask("acme-dns01/dns01-bind", ["acme.domain", "acme.dns.alias"], "acme && tcp.port == 53 && acme.response_to")
    assert rows == [("www.example.org", ""), ("text.example.org", ""), ("chain.example.org", "end.example.org")]


def test_dns01_without_an_answer(ask):
    rows = ask("acme-dns01/dns01-bind", ["ip.dst", "acme.domain"], "acme.no_response")
    assert rows == [("192.0.2.3", "www.example.org")]


def test_dns01_validators_and_info(ws, captures, ask):
    rows = ask("acme-dns01/dns01-bind", ["acme.validators"], 'acme.validators && acme.domain == "www.example.org" && udp')
    assert rows == [("1",), ("2",), ("2",)]
    info = {text for protocol, text in ws.columns(captures / "acme-dns01/dns01-bind.pcap") if protocol == "ACME"}
    assert {"DNS-01 www.example.org: TXT question", "DNS-01 www.example.org: 2 digests", "DNS-01 www.example.org: CAA question",
            "DNS-01 missing.example.org: NXDOMAIN", "DNS-01 outside.example.org: CNAME to outside.validation.example.net",
            "DNS-ACCOUNT-01 account.example.org: digest gfj9Xq-Rg85nM_b2G4hYNSmMG8MPVa6s0iVYk4NCRpU"} <= info


# The API

DIRECTORY, NEW_NONCE, NEW_ACCOUNT, NEW_ORDER, REVOKE = "1", "2", "3", "4", "6"
ACCOUNT, ORDER, AUTHORIZATION, CHALLENGE, FINALIZE, CERTIFICATE = "9", "11", "12", "13", "14", "15"
FROM_DIRECTORY, FROM_OBJECT, FROM_CONTENT = "1", "2", "3"


def test_api_resources(ask):
    rows = ask("acme-api/certbot", ["acme.resource", "acme.resource.evidence"], "acme.resource && http.request")
    assert counted(rows) == {
        (DIRECTORY, FROM_CONTENT): 4, (NEW_NONCE, FROM_DIRECTORY): 6, (NEW_ACCOUNT, FROM_DIRECTORY): 2,
        (NEW_ORDER, FROM_DIRECTORY): 2, (REVOKE, FROM_DIRECTORY): 2, (ACCOUNT, FROM_OBJECT): 1, (ORDER, FROM_OBJECT): 1,
        (AUTHORIZATION, FROM_OBJECT): 4, (CHALLENGE, FROM_OBJECT): 2, (FINALIZE, FROM_OBJECT): 2, (CERTIFICATE, FROM_OBJECT): 1,
    }
    rows = ask("acme-api/certbot", ["acme.resource", "acme.object.status"], "acme.object.status")
    assert counted(rows) == {(ACCOUNT, "valid"): 3, (ORDER, "pending"): 2, (ORDER, "processing"): 1, (ORDER, "valid"): 1,
                             (AUTHORIZATION, "pending"): 2, (AUTHORIZATION, "valid"): 1, (AUTHORIZATION, "invalid"): 1,
                             (CHALLENGE, "pending"): 2}


def test_api_problems(ask):
    fields = ["acme.resource", "acme.status", "acme.problem.type", "acme.problem", "acme.bad_nonce", "acme.retry_in"]
    rows = ask("acme-api/certbot", fields, "acme.problem.type")
    assert counted((resource, status, kind, bool(failed), bool(refused), retry) for resource, status, kind, failed, refused, retry in rows) == {
        (FINALIZE, "400", "urn:ietf:params:acme:error:badNonce", False, True, "82"): 1,
        (REVOKE, "400", "urn:ietf:params:acme:error:badNonce", False, True, "167"): 1,
        (AUTHORIZATION, "200", "urn:ietf:params:acme:error:connection", True, False, ""): 1,
    }
    details = ask("acme-api/certbot", ["acme.problem.detail"], "acme.problem.detail && acme.status == 400")
    assert all(detail.startswith("JWS has an invalid anti-replay nonce: ") for detail, in details)


def test_api_nonces_are_used_in_turn(ask):
    rows = ask("acme-api/certbot", ["acme.replay_nonce", "acme.jws.nonce", "acme.problem.type"], "acme")
    given, used = set(), []
    for offered, sent, _ in rows:
        used += [sent] if sent else []
        given |= {offered} if offered else set()
    assert len(used) == len(set(used)) == 17 and len(given) >= 17
    assert len([nonce for nonce in used if nonce in given]) == 17


def test_api_signed_requests(ask):
    fields = ["acme.url", "acme.jws.alg", "acme.jws.kid", "acme.jws.signature", "http.request.uri", "acme.account.thumbprint"]
    rows = ask("acme-api/certbot", fields, "acme.jws.alg")
    accounts = {kid for _, _, kid, *_ in rows if kid}
    assert len(rows) == 17 and len(accounts) == 1
    for url, algorithm, _, signature, uri, _ in rows:
        assert url == f"https://ca.example.org:14000{uri}" and algorithm == "RS256" and len(signature) == 342
    # The key that signs is the one whose thumbprint the validators are shown by the web server.
    thumbprints = {thumbprint for *_, thumbprint in rows}
    assert thumbprints == {row[0] for row in ask("acme-api/certbot", ["acme.thumbprint"], "acme.thumbprint")} and len(thumbprints) == 1


def test_api_thumbprint_is_that_of_the_key(ws, captures, ask):
    """RFC 7638, computed here from the key in the newAccount request."""
    paths = "json.path_with_value" if ws.version >= (4, 4) else None
    if paths:
        values = ask("acme-api/certbot", [paths], f"acme.resource == {NEW_ACCOUNT} && acme.jws.alg")[0][0]
        protected = values.split("/protected:")[1].split(",")[0]
    else:
        body = ask("acme-api/certbot", ["http.file_data"], f"acme.resource == {NEW_ACCOUNT} && acme.jws.alg")[0][0]
        protected = body.split('"protected": "')[1].split('"')[0]
    key = json.loads(base64.urlsafe_b64decode(protected + "=="))["jwk"]
    canonical = json.dumps({name: key[name] for name in ("e", "kty", "n")}, sort_keys=True, separators=(",", ":"))
    wanted = base64.urlsafe_b64encode(hashlib.sha256(canonical.encode()).digest()).decode().rstrip("=")
    assert ask("acme-api/certbot", ["acme.account.thumbprint"], f"acme.resource == {NEW_ACCOUNT} && acme.jws.alg")[0] == (wanted,)


def test_api_payload_is_dissected_as_json(ws, captures):
    text = ws.verbose(captures / "acme-api/certbot.pcap", "-Y", f"acme.resource == {NEW_ORDER} && acme.jws.alg", "-o",
                      f"tls.keylog_file:{captures / 'acme-api/certbot.keys'}")
    assert text.count("JWS protected header\n") == 2 and text.count("JWS payload\n") == 2
    payload = text.split("JWS payload\n")[1].split("Signature")[0]
    assert "Member: identifiers" in payload and "String value: www.example.org" in payload
    assert text.count("[Identifier: www.example.org]") == 1 and text.count("[Identifier: absent.example.org]") == 1


def test_api_tokens_lead_to_their_validation(ask):
    rows = ask("acme-api/certbot", ["acme.token", "acme.verified"], "acme.verified")
    assert len(rows) == 3 and {yes(verified) for _, verified in rows} == {True}
    shown = ask("acme-api/certbot", ["acme.resource"], f'acme.token == "{rows[0][0]}" && acme.resource')
    assert counted(shown) == {(AUTHORIZATION,): 2, (CHALLENGE,): 1}


def test_api_over_http2(ask):
    fields = ["acme.resource", "acme.resource.evidence", "acme.response_in"]
    rows = ask("acme-api/dehydrated", fields, "acme.jws.alg && http2")
    assert [(resource, evidence, bool(answer)) for resource, evidence, answer in rows] == [
        (NEW_ACCOUNT, FROM_DIRECTORY, True), (NEW_ACCOUNT, FROM_DIRECTORY, True), (NEW_ORDER, FROM_DIRECTORY, True),
        (ORDER, FROM_OBJECT, True), (AUTHORIZATION, FROM_OBJECT, True), (CHALLENGE, FROM_OBJECT, True),
        (CHALLENGE, FROM_OBJECT, True), (FINALIZE, FROM_OBJECT, True), (ORDER, FROM_OBJECT, True), (CERTIFICATE, FROM_OBJECT, True)]
    assert len(ask("acme-api/dehydrated", ["frame.number"], "acme.resource == 1 && http2")) == 4
    # HEAD requests for nonces, header fields of the answers, statuses.
    assert len(ask("acme-api/dehydrated", ["frame.number"], "acme.resource == 2 && acme.replay_nonce && http2")) == 10
    assert counted(ask("acme-api/dehydrated", ["acme.status"], "acme.status && http2")) == {("200",): 20, ("201",): 2}
    assert len(ask("acme-api/dehydrated", ["frame.number"], "acme.location && http2")) == 4


def test_api_needs_the_keys(ws, captures):
    assert ws.frames(captures / "acme-api/certbot.pcap", "acme.resource || acme.jws.alg") == []


def test_api_info(ws, captures):
    keys = captures / "acme-api/certbot.keys"
    info = [text for protocol, text in ws.columns(captures / "acme-api/certbot.pcap", keylog=keys) if protocol == "ACME"]
    for wanted in ("API directory answer: HTTP 200", "API newOrder request: www.example.org", "API order answer: HTTP 201, pending, www.example.org",
                   "API certificate answer: HTTP 200, 2 certificates"):
        assert wanted in info
    assert any(text.startswith("API finalize answer: HTTP 400, badNonce: JWS has an invalid") for text in info)


# Statistics


def tree(text):
    """{path: count} of a stats tree."""
    found, path = {}, []
    for line in text.splitlines():
        head = line[:line.find("  ")] if line.strip() and line[0] != " " else line
        stripped = line.lstrip(" ")
        depth = len(line) - len(stripped)
        columns = [column for column in stripped.split("  ") if column.strip()]
        if len(columns) < 2 or not columns[1].strip().isdigit():
            continue
        path = path[:depth] + [columns[0].strip()]
        found["/".join(path)] = int(columns[1])
    return found


def test_statistics(ws, captures):
    """Each question with its answer is counted once, where it ends; that there is no answer is known on the second pass."""
    capture = captures / "acme-http01/http01-failures.pcap"
    found = tree(ws.statistics(capture, "acme,tree"))
    assert found["Outcomes"] == 21 and found["Outcomes/invalid/HTTP-01: HTTP 404/moved-away.example.org"] == 3
    assert found["Outcomes/undecided/HTTP-01: redirect/moved-away.example.org"] == 3
    assert found["Outcomes/invalid/HTTP-01: another token/othertoken.example.org"] == 3
    assert found["Outcomes/well-formed/HTTP-01: well-formed/otherkey.example.org"] == 3 and "<NULL>" not in str(found)
    later = tree(ws.statistics(capture, "acme,tree", two_pass=True))
    assert later.pop("Outcomes/no response/HTTP-01: no answer/silent.example.org") == 3 and later["Outcomes"] == 24
    assert sum(n for path, n in later.items() if path.count("/") == 1) == 24


def test_statistics_of_other_challenges(ws, captures):
    found = tree(ws.statistics(captures / "acme-dns01/dns01-failures.pcap", "acme,tree"))
    assert {path.split("DNS-01: ")[1]: n for path, n in found.items() if path.count("/") == 2 and "digest " not in path} == \
        {"no TXT record": 3, "no digest": 3, "SERVFAIL": 3}
    assert found["Outcomes/well-formed"] == 3
    found = tree(ws.statistics(captures / "acme-tlsalpn01/tls12.pcap", "acme,tree"))
    assert found["Outcomes/well-formed/TLS-ALPN-01: certificate with acmeIdentifier/dehydrated.example.org"] == 3
    assert found["Outcomes/invalid/TLS-ALPN-01: no_application_protocol/http.example.org"] == 3


# Nothing else is taken for ACME


@pytest.mark.compared
@pytest.mark.one_series
def test_no_false_positives(ws, shared, tmp_path):
    files = sorted(path for path in shared.rglob("*") if path.suffix in (".pcap", ".pcapng", ".cap"))
    assert len(files) > 100
    usable = []
    for number, path in enumerate(files):
        copy = tmp_path / f"{number}.pcapng"
        subprocess.run(["editcap", path, copy], capture_output=True)
        usable += [copy] if copy.exists() and copy.stat().st_size else []
    joined = tmp_path / "all.pcapng"
    subprocess.run(["mergecap", "-a", "-w", joined, *usable], check=True, capture_output=True)
    assert ws.frames(joined, "acme") == []


@pytest.mark.parametrize("passes", [(), ("-2",)], ids=["one pass", "-2"])
@pytest.mark.parametrize("name", CAPTURES)
def test_switched_off_nothing_is_left_of_it(ws, captures, name, passes):
    """The certificates' names, which it stands in for, are there as without it."""
    capture, keys = captures / f"{name}.pcap", captures / f"{name}.keys"
    options = [*passes, *(["-o", f"tls.keylog_file:{keys}"] if keys.exists() else [])]
    alone, stock = ws.subset("acme"), ws.without_plugins()
    as_stock = stock.verbose(capture, *options)
    assert alone.verbose(capture, *options) != as_stock
    assert alone.verbose(capture, "--disable-protocol", "acme", *options) == as_stock


def test_certificates_shown_in_answers_add_nothing_to_export_objects(ws, captures):
    """Wireshark lists those that it reads itself; ours are as what an ICMP error quotes."""
    with ws.without_plugins().sharkd() as stock:
        kinds = [kind["tap"] for kind in stock.call("info")["eo"]]
    lists = []
    for one in (ws, ws.without_plugins()):
        with one.sharkd(keylog=captures / "acme-api/certbot.keys") as sharkd:
            sharkd.load(captures / "acme-api/certbot.pcap")
            lists.append([sharkd.call("tap", tap0=kind)["taps"] for kind in kinds])
    assert lists[0] == lists[1] and any(kind[0]["objects"] for kind in lists[0])
    assert ws.count(captures / "acme-api/certbot.pcap", "acme && x509ce.dNSName", keylog=captures / "acme-api/certbot.keys") > 0

# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS-ALPN-01 with bytes of our own: hellos, certificates, alerts."""

import hashlib

from acme.crafted import AUTHORIZATION, BOTH, Cases, certificate, client_hello, server_flight, vector
from acme.test_servers_and_clients import yes
from harness.craft import Connection


def test_tls_client_hellos(ws, tmp_path):
    arpa6 = ".".join(reversed("20010db8000000000000000000000005")) + ".ip6.arpa"
    cases = Cases()
    cases.add("plain", client_hello(), dport=443)
    cases.add("other port", client_hello(), dport=5001)
    cases.add("upper case", client_hello(b"WWW.Example.ORG"), dport=443)
    cases.add("IPv4 address", client_hello(b"9.2.0.192.in-addr.arpa"), dport=443)
    cases.add("IPv6 address", client_hello(arpa6.encode()), dport=443, src="2001:db8::1", dst="2001:db8::5")
    cases.add("not an address", client_hello(b"999.2.0.192.in-addr.arpa"), dport=443)
    cases.add("no name", client_hello(None), dport=443)
    cases.add("others, too", client_hello(protocols=(b"h2", b"acme-tls/1")), dport=443)
    cases.add("three records", client_hello(records=3), dport=443)
    for label, protocols in {"h2": (b"h2", b"http/1.1"), "none": (), "longer": (b"acme-tls/10",), "shorter": (b"acme-tls/",), "other case": (b"ACME-TLS/1",)}.items():
        cases.add(label, client_hello(protocols=protocols), dport=443)
    cases.add("name says so", client_hello(b"acme-tls.example.org", (b"h2",)), dport=443)
    fields = ["acme.domain", "acme.tls.sni_missing", "acme.tls.alpn_others"]
    found = cases.ask(ws, tmp_path / "t.pcap", fields)
    assert {label: [(domain, bool(sni), bool(alpn)) for domain, sni, alpn in rows] for label, rows in found.items()} == {
        "plain": [("www.example.org", False, False)],
        "other port": [("www.example.org", False, False)],
        "upper case": [("www.example.org", False, False)],
        "IPv4 address": [("192.0.2.9", False, False)],
        "IPv6 address": [("2001:db8::5", False, False)],
        "not an address": [("999.2.0.192.in-addr.arpa", False, False)],
        "no name": [("", True, False)],
        "others, too": [("www.example.org", False, True)],
        "three records": [("www.example.org", False, False)],
    }
    assert len(cases.ask(ws, tmp_path / "t.pcap", [], "tls.handshake.type == 1")) == len(cases.names)


def test_tls_certificates(ws, tmp_path):
    digest = b"\x04\x20" + hashlib.sha256(AUTHORIZATION).digest()
    dns, address = (0x82, b"www.example.org"), (0x87, bytes([192, 0, 2, 9]))
    verdicts = {
        "good": (server_flight(certificate(digest, [dns])), True),
        "upper case name": (server_flight(certificate(digest, [(0x82, b"WWW.example.org")])), True),
        "not critical": (server_flight(certificate(digest, [dns], critical=False)), False),
        "no identifier": (server_flight(certificate(None, [dns])), False),
        "two names": (server_flight(certificate(digest, [dns, (0x82, b"a.example.org")])), False),
        "other name": (server_flight(certificate(digest, [(0x82, b"a.example.org")])), False),
        "no name": (server_flight(certificate(digest, [])), False),
        "address": (server_flight(certificate(digest, [address])), False),
        "short digest": (server_flight(certificate(b"\x04\x1f" + bytes(31), [dns])), False),
        "not an octet string": (server_flight(certificate(b"\x03\x20" + bytes(32), [dns])), False),
        "other protocol": (server_flight(certificate(digest, [dns]), b"h2"), False),
        "no protocol": (server_flight(certificate(digest, [dns]), None), False),
        "alert": (b"\x15\x03\x03\x00\x02\x02\x78", False),
    }
    cases = Cases()
    for label, (flight, _) in verdicts.items():
        cases.add(label, client_hello(), flight, dport=443)
    cases.add("address asked for", client_hello(b"9.2.0.192.in-addr.arpa"), server_flight(certificate(digest, [address])), dport=443)
    longest = b".".join([b"a" * 63] * 3 + [b"example.org"])
    cases.add("longest name", client_hello(longest), server_flight(certificate(digest, [(0x82, longest)])), dport=443)
    cases.add("not a challenge", client_hello(protocols=(b"h2",)), server_flight(certificate(digest, [dns])), dport=443)
    found = cases.ask(ws, tmp_path / "t.pcap", ["acme.valid"], "acme.valid")
    assert {label: [yes(row[0]) for row in rows] for label, rows in found.items()} == {
        **{label: [valid] for label, (_, valid) in verdicts.items()}, "address asked for": [True], "longest name": [True]}
    found = cases.ask(ws, tmp_path / "t.pcap", ["acme.tls.digest", "acme.tls.critical"], "acme.tls.digest")
    assert {row[0].replace(":", "") for rows in found.values() for row in rows} == {digest[2:].hex()}
    assert [label for label, rows in found.items() if not yes(rows[0][1])] == ["not critical"]
    assert "not a challenge" in found       # the certificate says what it is, the connection is none
    assert set(cases.ask(ws, tmp_path / "t.pcap", [], "acme.tls.identifier_malformed")) == {"short digest", "not an octet string"}


def test_validators_of_unknown_domains_are_not_added_up(ws, tmp_path):
    cases = Cases()
    for number in range(3):
        cases.add(f"{number}", client_hello(None), src=f"192.0.2.{number + 1}", dport=443)
    found = cases.ask(ws, tmp_path / "t.pcap", ["acme.domain", "acme.validators"])
    assert set(map(tuple, (rows[0] for rows in found.values()))) == {("", "")}


def test_warning_alert_is_no_refusal(ws, tmp_path):
    """OpenSSL of old says unrecognized_name as a warning and goes on."""
    der = certificate(b"\x04\x20" + hashlib.sha256(AUTHORIZATION).digest(), [(0x82, b"www.example.org")])
    cases = Cases()
    for label, level, alert in (("warning", 1, 112), ("fatal", 2, 112), ("close", 1, 0)):
        connection = Connection(sport=next(cases.ports), dport=443).handshake().client(client_hello())
        connection.server(b"\x15\x03\x03\0\2" + bytes([level, alert]))
        if label == "warning":
            connection.server(server_flight(der))
        cases.names[connection.ports[0]] = label
        cases.packets += connection.close().packets
    for two_pass in BOTH:
        found = cases.ask(ws, tmp_path / "t.pcap", ["acme.valid", "acme.tls.alert"], "acme.valid", two_pass=two_pass)
        assert {label: [(yes(valid), bool(alert)) for valid, alert in rows] for label, rows in found.items()} == {
            "warning": [(True, False)], "fatal": [(False, True)], "close": [(False, True)]}


def test_certificates_for_no_name(ws, tmp_path):
    """Without a server name nobody knows which name is right; that there are two is wrong in any case."""
    digest = b"\x04\x20" + hashlib.sha256(AUTHORIZATION).digest()
    names = [(0x82, b"www.example.org"), (0x82, b"a.example.org")]
    cases = Cases()
    for label, count in (("one", 1), ("two", 2)):
        cases.add(label, client_hello(None), server_flight(certificate(digest, names[:count])), dport=443)
    for two_pass in BOTH:
        found = cases.ask(ws, tmp_path / "t.pcap", ["acme.valid", "acme.cause"], "acme.valid", two_pass=two_pass)
        assert {label: (yes(valid), cause) for label, [(valid, cause)] in found.items()} == {"one": (True, ""), "two": (False, "16")}


def test_subject_alt_names_that_are_no_sequence(ws, tmp_path):
    """Native items are the same in each pass as without the plugin, and nothing behind them is lost."""
    digest = b"\x04\x20" + hashlib.sha256(AUTHORIZATION).digest()
    whole = certificate(digest, [(0x82, b"a")])
    names = b"\x04\x05\x30\x03\x82\x01a"
    assert whole.count(names) == 1
    for number, broken in enumerate((b"\x02\x03\x82\0\x82", b"\x30\x03\x82\0\x82", b"\x30\x82\0\0\0", b"\x30\x03\x82\x84\xff", b"\x30\x80\x82\0\x82")):
        der = whole.replace(names, b"\x04\x05" + broken)
        cases = Cases().add("broken", client_hello(), server_flight(der), dport=443)
        capture = cases.write(tmp_path / f"{number}.pcap")
        for two_pass in BOTH:
            fields = ["_ws.malformed", "tls.handshake.type", "x509af.algorithm.id", "x509ce.dNSName"]
            native = ws.without_plugins().rows(capture, fields, "tls.handshake.type == 11", two_pass)
            assert ws.rows(capture, fields, "tls.handshake.type == 11", two_pass) == native, broken
            rows = ws.rows(capture, ["acme.valid", "acme.tls.digest"], "acme.valid", two_pass)
            assert [yes(row[0]) for row in rows] == ([False] if rows else []), broken


def test_answers_that_are_no_server_hello(ws, tmp_path):
    """HTTP at the port of TLS is no answer, and said to be HTTP; a ServerHello that was lost is not said to be there."""
    http = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
    cases = Cases().add("HTTP", client_hello(), http, dport=443).add("lost", client_hello(), b"\x17\x03\x03\0\x20" + bytes(32), dport=443)
    hello = b"\x03\x03" + bytes(32) + b"\0" + b"\xc0\x2b" + b"\0"
    cases.add("no ALPN", client_hello(), b"\x16\x03\x03" + vector(2, b"\x02" + vector(3, hello)), dport=443)
    info = "_ws.col.Info" if ws.version < (4, 4) else "_ws.col.info"
    fields = ["acme.valid", "acme.cause", info, "_ws.expert.message"]
    found = cases.ask(ws, tmp_path / "t.pcap", fields, "acme.response_to || acme.no_response", two_pass=True)
    shown = {label: (yes(row[0]), *row[1:]) for label, (row,) in found.items()}
    assert {label: row[:2] for label, row in shown.items()} == {"HTTP": (False, "10"), "lost": (None, ""), "no ALPN": (False, "16")}
    assert "answers, but not in TLS" in shown["HTTP"][3] and "does not choose acme-tls/1" in shown["no ALPN"][2]
    assert "Server Hello" not in shown["lost"][2]

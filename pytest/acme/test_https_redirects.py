# SPDX-License-Identifier: GPL-2.0-or-later
"""Redirects to HTTPS that is not decrypted: where they end, as far as TLS shows."""

from acme.crafted import Cases, answer, certificate, client_hello, get, server_flight
from acme.test_servers_and_clients import yes

FIELDS = ["acme.valid", "acme.cause", "acme.outcome", "acme.tls.server_name", "_ws.expert.message"]
SERVER = "198.51.100.1"


def alert(number, level=2):
    return bytes([21, 3, 3, 0, 2, level, number])


def redirected(*answers):
    """A redirect a case; answers of the server to the ClientHello that follows."""
    cases = Cases()
    for number, (label, payloads) in enumerate(answers):
        host, src = f"n{number}.example.org", f"192.0.2.{number + 1}"
        cases.add(f"{label} redirect", get(host=host), answer(b"", "301 Moved", f"Location: https://{host}/x\r\n"), src=src, dst=SERVER)
        cases.add(label, client_hello(host.encode(), ()), *payloads, dport=443, src=src, dst=SERVER)
    return cases


def test_where_redirects_to_https_end(ws, tmp_path):
    flight = server_flight(certificate(None, []), alpn=None)
    cases = redirected(("refused", [alert(112)]), ("warned", [alert(112, 1)]), ("answered", [flight]), ("alone", []))
    path = tmp_path / "h.pcap"
    found = cases.ask(ws, path, FIELDS, "acme && tcp.port == 443", two_pass=True)
    shown = {label: [(yes(row[0]), *row[1:4]) for row in rows] for label, rows in found.items()}
    hello = [(None, "", "", f"n{number}.example.org") for number in range(4)]
    silent = [(False, "10", "no response", name) for *_, name in hello]
    assert shown == {"refused": [hello[0], (False, "10", "invalid", "")], "warned": [silent[1]], "answered": [hello[2], (None, "", "", "")],
                     "alone": [silent[3]]}
    assert "refuses: unrecognized_name" in found["refused"][1][4]
    one_pass = cases.ask(ws, path, FIELDS, "acme && tcp.port == 443")
    assert {label: [(yes(row[0]), row[1]) for row in rows] for label, rows in one_pass.items()} == {"refused": [(False, "10")]}
    # The redirect is no end any more.
    assert all(row == ("",) for label, rows in cases.ask(ws, path, ["acme.outcome"], "acme.redirect", two_pass=True).items() for row in rows)
    links = cases.ask(ws, path, ["acme.redirect_from"], "acme.redirect_from", two_pass=True)
    assert set(links) == {"refused", "warned", "answered", "alone"}


def test_validators_that_go_where_public_ones_do_not(ws, tmp_path):
    """A private authority may follow to an address, or to a name of its own network; then the redirect is no failure."""
    cases, flight = Cases(), server_flight(certificate(None, []), alpn=None)
    for number, host in enumerate((SERVER, "web", "198.51.100.99")):
        src = f"192.0.2.{number + 1}"
        cases.add(host, get(host=f"n{number}.example.org"), answer(b"", "301 Moved", f"Location: https://{host}/x\r\n"), src=src, dst=SERVER)
        cases.add(f"{host} 443", client_hello(None, ()), flight, dport=443, src=src, dst=SERVER)
    found = cases.ask(ws, tmp_path / "p.pcap", ["acme.cause"], "acme.response_to", two_pass=True)
    assert found == {SERVER: [("",)], f"{SERVER} 443": [("",)], "web": [("",)], "web 443": [("",)], "198.51.100.99": [("9",)]}


def test_addresses_in_redirects(ws, tmp_path):
    """Let's Encrypt follows to addresses; not to those of IANA's registries of special ones, of multicast, or with a zone."""
    cases, special, zone = Cases(), "it names a private or reserved address", "it names an address with a zone"
    wanted = {special: """0.0.0.1 10.255.255.255 100.127.0.1 127.0.0.1 169.254.1.1 172.31.0.1 192.0.0.9 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1
                          192.168.0.1 192.175.48.1 198.19.0.1 203.0.113.1 224.0.0.1 255.255.255.255 [::1] [::ffff:203.0.114.7] [64:ff9b::cb00:7207]
                          [64:ff9b:1::1] [100::1] [100:0:0:1::1] [2001:1ff::1] [2001:db8::1] [2002::1] [2620:4f:8000::1] [3fff:fff::1] [5f00::1]
                          [fdff::1] [febf::1] [ff02::1]""",
              zone: "[fe80::1%25eth0] [2a01::1%251]",
              "": """1.1.1.1 9.255.255.255 11.0.0.1 100.63.0.1 100.128.0.1 172.15.0.1 172.32.0.1 192.0.1.1 192.167.0.1 198.17.0.1 198.20.0.1 203.0.114.7
                     223.255.255.255 [2001:200::1] [2001:db9::1] [2003::1] [2606:4700::1111] [2620:4f:8001::1] [3fff:1000::1]"""}
    for host in " ".join(wanted.values()).split():
        cases.add(host, get(), answer(b"", "301 Moved", f"Location: http://{host}/x\r\n"), src="192.0.2.1", dst=SERVER)
    found = cases.ask(ws, tmp_path / "a.pcap", ["acme.cause", "_ws.expert.message"], "acme.redirect", two_pass=True)
    for fault, hosts in wanted.items():
        for host in hosts.split():
            assert [(cause, fault in text) for cause, text in found[host]] == [("9" if fault else "", True)], host


def test_other_connections_are_none_of_its(ws, tmp_path):
    cases = Cases().add("before", client_hello(b"www.example.org", ()), alert(112), dport=443, src="192.0.2.1", dst=SERVER)
    cases.add("redirect", get(), answer(b"", "301 Moved", "Location: https://www.example.org/x\r\n"), src="192.0.2.1", dst=SERVER)
    cases.add("other client", client_hello(b"www.example.org", ()), alert(112), dport=443, src="192.0.2.2", dst=SERVER)
    cases.add("other server", client_hello(b"www.example.org", ()), alert(112), dport=443, src="192.0.2.1", dst="198.51.100.2")
    cases.add("no TLS", b"hello", b"world", dport=443, src="192.0.2.1", dst=SERVER)
    cases.add("second", client_hello(b"www.example.org", ()), alert(112), dport=443, src="192.0.2.1", dst=SERVER)
    assert cases.ask(ws, tmp_path / "h.pcap", ["acme.cause"], "acme && tcp.port == 443", two_pass=True) == {}


def test_pebble_at_https(ws, captures):
    """The capture's README has certbot's log beside this."""
    capture = captures / "acme-paths/https.pcap"
    rows = ws.rows(capture, ["acme.domain", "acme.cause", "acme.outcome"], "acme.outcome && tcp.port == 443", True,
                   keylog=capture.with_suffix(".keys"))
    assert len(rows) == 12 and {(domain.split(".")[0], cause, outcome) for domain, cause, outcome in rows} == {
        ("https-file", "", "authority says valid"), ("https-page", "", "authority says invalid"),
        ("https-silent", "", "authority says invalid"), ("https-alert", "10", "authority says invalid")}


def test_https_that_is_decrypted_is_read(ws, captures):
    capture = captures / "acme-http01/http01-tls.pcap"
    assert ws.frames(capture, "acme.tls.server_name || acme.redirect_alert", True, keylog=capture.with_suffix(".keys")) == []

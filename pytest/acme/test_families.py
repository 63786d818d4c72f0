# SPDX-License-Identifier: GPL-2.0-or-later
"""IPv6 and IPv4 of one name: connections that fail over one of them, and validators that go on over the other."""

from acme.crafted import THUMBPRINT, TOKEN, Cases, answer, get, resolved
from acme.test_servers_and_clients import yes
from acme.test_verdicts import REFUSED, account_and_authorization, handshake
from harness import craft

NAME, V4, V6 = "www.example.org", "198.51.100.1", "2001:db8:f::1"
FIELDS = ["frame.number", "acme.domain", "acme.valid", "acme.cause", "acme.outcome", "acme.fallback_in", "acme.fallback_from",
          "_ws.expert.message"]


def reached(cases, label, number, thumbprint=THUMBPRINT):
    cases.add(label, get(), answer(f"{TOKEN}.{thumbprint}".encode()), src=f"192.0.2.{number}", dst=V4)


def tries(cases, number, refused, dst=V6, dport=80):
    src = f"2001:db8::{number}" if ":" in dst else f"192.0.2.{number}"
    syn, *rest = handshake(1000 + number, dport, src, dst, refused if refused != "ICMP" else None)
    cases.packets += [syn, craft.icmp_error(syn)] if refused == "ICMP" else [syn, *rest]


def by_frame(ws, path, display_filter, two_pass=True):
    return {int(row[0]): row[1:] for row in ws.rows(path, FIELDS, display_filter, two_pass)}


def test_validators_that_go_on_over_ipv4(ws, tmp_path):
    """Refused by a RST or an ICMP error, or not answered: the packet that shows it says IPv6, and where it went on."""
    cases = Cases()
    thumbprint = account_and_authorization(cases, ("http-01", TOKEN))
    resolved(cases, V4, V6)
    before = {}
    for number, refused in enumerate(("RST", "ICMP", None), 11):
        before[refused] = len(cases.packets) + 1
        tries(cases, number, refused)
        reached(cases, refused, number, thumbprint)
    path = cases.write(tmp_path / "f.pcap")
    requests = ws.rows(path, ["frame.number", "acme.fallback_from"], "acme.token && http.request && ip.dst == 198.51.100.1")
    assert [int(row[1]) for row in requests] == list(before.values())
    shown = by_frame(ws, path, "acme.unreachable")
    assert list(shown) == [before["RST"] + 1, before["ICMP"] + 1, before[None]]
    for (request, _), (frame, row), what in zip(requests, shown.items(), ("refused", "refused", "not answered")):
        assert (row[0], yes(row[1]), *row[2:5]) == (NAME, False, REFUSED, "", request), frame
        assert f"Connection over IPv6 {what}; the validator went on over IPv4 in frame {request}; let the server answer" in row[6]
    assert set(by_frame(ws, path, "acme.unreachable", False)) == {before["RST"] + 1, before["ICMP"] + 1}
    outcomes = ws.rows(path, ["acme.outcome"], "acme.outcome", True)
    assert outcomes == [("valid",)] * 3
    table = ws.statistics(path, "acme,verdicts", two_pass=True)
    row = [cell.strip() for line in table.splitlines() if line.startswith(NAME) for cell in line.split("|")]
    assert row[1:8] == ["http-01", "3", "3", "0", "3", "valid", "connection refused or unanswered"]


def test_the_other_way_round_and_what_is_no_fallback(ws, tmp_path):
    cases = Cases()
    account_and_authorization(cases, ("http-01", TOKEN))
    resolved(cases, V4, V6)
    tries(cases, 11, "RST", dst=V4)
    first = len(cases.packets)
    cases.add("IPv6", get(), answer(), src="2001:db8::11", dst=V6)
    tries(cases, 12, "RST", dst="2001:db8:f::2")        # of another name, or none
    tries(cases, 13, "RST", dport=443)                  # for another challenge, if for any
    tries(cases, 14, "RST", dst=V4)                     # the same family
    last = len(cases.packets)
    reached(cases, "IPv4", 14)
    path = cases.write(tmp_path / "f.pcap")
    shown = by_frame(ws, path, "acme.unreachable")
    assert list(shown) == [first, last] and shown[first][4] and not shown[last][4] and shown[last][3] == "no response"
    assert "Connection over IPv4 refused; the validator went on over IPv6" in shown[first][6]
    links = [row[0] for row in ws.rows(path, ["acme.fallback_from"], "acme.fallback_from")]
    assert links == [str(first - 1)]


def test_an_icmp_redirect_refuses_nothing(ws, tmp_path):
    cases = Cases()
    account_and_authorization(cases, ("http-01", TOKEN))
    resolved(cases, V4, V6)
    syn = handshake(1011, 80, "192.0.2.11", V4)[0]
    cases.packets += [syn, craft.icmp_error(syn, kind=5, code=1, src="192.0.2.254")]
    first = len(cases.packets) - 1
    cases.add("IPv6", get(), answer(), src="2001:db8::11", dst=V6)
    (frame, row), = by_frame(ws, cases.write(tmp_path / "f.pcap"), "acme.unreachable").items()
    assert frame == first and "Connection over IPv4 not answered; the validator went on over IPv6" in row[6]


def test_an_address_of_several_names_is_nobodys(ws, tmp_path):
    cases = Cases()
    account_and_authorization(cases, ("http-01", TOKEN))
    resolved(cases, V4, V6)
    resolved(cases, V6, host="other.example.org")       # not awaited
    tries(cases, 11, "RST")
    assert [row[0] for row in by_frame(ws, cases.write(tmp_path / "f.pcap"), "acme.unreachable").values()] == [NAME]
    hidden = Cases()
    resolved(hidden, V4, V6)                            # no API says that anything is awaited
    tries(hidden, 11, "RST")
    reached(hidden, "IPv4", 11)
    assert by_frame(ws, hidden.write(tmp_path / "h.pcap"), "acme.unreachable || acme.fallback_from") == {}


def test_faults_of_an_ipv6_address_say_so(ws, tmp_path):
    cases = Cases().add("page", get(), answer(b"<html>"), src="2001:db8::11", dst=V6)
    cases.add("error", get(), answer(b"", "404 No"), src="2001:db8::11", dst=V6).add("IPv4", get(), answer(b"", "404 No"))
    messages = [row[6] for row in by_frame(ws, cases.write(tmp_path / "f.pcap"), "acme.cause").values()]
    assert "mismatch over IPv6: " in messages[0] and "answer over IPv6 is HTTP status 404" in messages[1] and "IPv6" not in messages[2]


def test_pebble_takes_ipv6_alone(ws, captures):
    """The capture's README has certbot's log beside this."""
    capture = captures / "acme-paths/families.pcap"
    rows = ws.rows(capture, ["acme.domain", "acme.cause", "acme.outcome"], "acme.outcome && (tcp.port == 80 || icmpv6)", True,
                   keylog=capture.with_suffix(".keys"))
    found = {(domain.split(".")[0], cause, outcome) for domain, cause, outcome in rows}
    assert found == {("plain", "", "authority says valid"), ("other", "7", "authority says invalid"), ("", "11", "no response"),
                     *((name, "11", "authority says invalid") for name in ("refused", "dark", "unreachable"))} and len(rows) == 18

# SPDX-License-Identifier: GPL-2.0-or-later
"""IPv6 and IPv4 of one name: connections that fail over one of them, and validators that go on over the other."""

from acme.crafted import THUMBPRINT, TOKEN, Cases, answer, get, resolved, told
from acme.test_api import signed
from acme.test_servers_and_clients import yes
from acme.test_verdicts import BASE, REFUSED, account_and_authorization, handshake, problem, start, verdict
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
    start(cases, ("http-01", TOKEN))
    resolved(cases, V4, V6)
    before = {}
    for number, refused in enumerate(("RST", "ICMP", None), 11):
        before[refused] = len(cases.packets) + 1
        tries(cases, number, refused)
        reached(cases, refused, number, thumbprint)
    path = cases.write(tmp_path / "f.pcap")
    requests = {two_pass: ws.rows(path, ["frame.number", "acme.fallback_from"], "acme.token && http.request && ip.dst == 198.51.100.1", two_pass)
                for two_pass in (False, True)}
    assert [row[1] for row in requests[True]] == [str(frame) for frame in before.values()]
    assert [row[1] for row in requests[False]] == [str(before[refused]) if refused else "" for refused in before]      # nothing may come yet
    shown = by_frame(ws, path, "acme.unreachable")
    assert list(shown) == [before["RST"] + 1, before["ICMP"] + 1, before[None]]
    for (request, _), (frame, row), what in zip(requests[True], shown.items(), ("refused", "refused", "not answered")):
        assert (row[0], yes(row[1]), *row[2:5]) == (NAME, False, REFUSED, "", request), frame
        assert f"Connection over IPv6 {what}; the validator went on over IPv4 in frame {request}; let the server answer" in row[6]
    assert set(by_frame(ws, path, "acme.unreachable", False)) == {before["RST"] + 1, before["ICMP"] + 1}
    outcomes = ws.rows(path, ["acme.outcome"], "acme.outcome", True)
    assert outcomes == [("valid",)] * 3
    table = ws.statistics(path, "acme,verdicts", two_pass=True)
    row = [cell.strip() for line in table.splitlines() if line.startswith(NAME) for cell in line.split("|")]
    assert row[1:8] == ["http-01", "valid", "connection refused or unanswered", "3", "3", "0", "3"]


def test_the_other_way_round_and_what_is_no_fallback(ws, tmp_path):
    cases = Cases()
    account_and_authorization(cases, ("http-01", TOKEN))
    start(cases, ("http-01", TOKEN))
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
    start(cases, ("http-01", TOKEN))
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
    start(cases, ("http-01", TOKEN))
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


# What a SYN is not


def test_an_answer_that_comes_after_all_is_no_fallback(ws, tmp_path):
    """One perspective's SYN over IPv6 is under way when another's request goes by over IPv4."""
    cases = Cases()
    account_and_authorization(cases, ("http-01", TOKEN))
    start(cases, ("http-01", TOKEN))
    resolved(cases, V4, V6)
    connection = craft.Connection(1011, 80, "2001:db8::11", V6).handshake().client(get()).server(answer())
    cases.packets.append(connection.packets[0])
    reached(cases, "IPv4", 12)
    cases.packets += connection.packets[1:]
    path = cases.write(tmp_path / "f.pcap")
    for two_pass in (False, True):
        assert by_frame(ws, path, "acme.unreachable || acme.fallback_from || acme.fallback_in || acme.cause == 11", two_pass) == {}


def test_challenges_that_were_not_started_wait_for_nobody(ws, tmp_path):
    """An authorization offers several; whoever is refused at the port of another than the client has chosen is no validator."""
    cases = Cases()
    account_and_authorization(cases, ("http-01", TOKEN), ("tls-alpn-01", TOKEN))
    resolved(cases, V4)
    tries(cases, 11, "RST", dst=V4)                     # before
    start(cases, ("http-01", TOKEN))
    tries(cases, 12, "RST", dst=V4, dport=443)
    first = len(cases.packets) + 2
    tries(cases, 13, "RST", dst=V4)                     # as anybody may be
    path = cases.write(tmp_path / "f.pcap")
    for two_pass in (False, True):
        rows = ws.rows(path, ["frame.number", "acme.domain", "acme.doubtful"], "acme.cause == 11", two_pass)
        assert [(int(row[0]), row[1], yes(row[2])) for row in rows] == [(first, NAME, True)]
    table = ws.statistics(path, "acme,verdicts", two_pass=True)
    assert "connection refused or unanswered?" in table


def test_without_the_start_the_word_names_guesses(ws, tmp_path):
    """Where the client's request for the challenge is not in the capture, a scanner's SYN may be as old as a validator's."""
    cases = Cases()
    account_and_authorization(cases, ("http-01", TOKEN))
    tries(cases, 11, None, dst=V4)
    cases.add("says", signed(f"{BASE}a/{NAME}", None), told({
        "status": "invalid", "identifier": {"type": "dns", "value": NAME}, "challenges": [{
            "type": "http-01", "url": f"{BASE}c/{NAME}/http-01/{TOKEN}", "token": TOKEN, "status": "invalid",
            "error": problem("connection", f"{V4}: Timeout during connect")}]}))
    rows = ws.rows(cases.write(tmp_path / "f.pcap"), ["ip.src", "acme.domain", "acme.doubtful"], "acme.cause == 11", True)
    assert [(*row[:2], yes(row[2])) for row in rows] == [("192.0.2.11", NAME, True)]


def test_ports_that_are_used_again(ws, tmp_path):
    """After a RST the same ports are another connection; so they are hours later. An ICMP error may be followed by success."""
    cases, frames = Cases(), []
    for number, again in enumerate(("after RST", "later", "after ICMP")):
        host, src = f"n{number}.example.org", f"192.0.2.{number + 1}"
        cases.add(host, get(host=host), answer(b"", "301 Moved", f"Location: http://{host}/x\r\n"), src=src, dst=V4)
        frames += [(number * 40000 + 0.001 * at, packet) for at, packet in enumerate(cases.packets)]
        cases.packets.clear()
        refused = {"after RST": "RST", "after ICMP": "ICMP"}.get(again)
        syn, *rest = handshake(3000, 80, src, V4, refused)
        connection = craft.Connection(3000, 80, src, V4, seq=1 if again == "after ICMP" else 77).handshake()
        frames += [(number * 40000 + 1, syn), (number * 40000 + 2, rest[0] if refused else syn)]
        frames += [(number * 40000 + (18000 if again == "later" else 3), packet) for packet in connection.packets]
    path = craft.write_pcap(tmp_path / "p.pcap", [(when, craft.ethernet(packet)) for when, packet in frames])
    fields = ["acme.domain", "acme.valid", "acme.cause", "acme.outcome"]
    found = {two_pass: [(row[0], *verdict(row[1:])) for row in ws.rows(path, fields, "acme.cause == 11", two_pass)] for two_pass in (False, True)}
    assert [row[:3] for row in found[True]] == [("n0.example.org", False, REFUSED), ("n1.example.org", False, REFUSED)]
    assert [row[:3] for row in found[False]] == [("n0.example.org", False, REFUSED), ("n2.example.org", False, REFUSED)]

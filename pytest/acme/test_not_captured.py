# SPDX-License-Identifier: GPL-2.0-or-later
"""Answers over TCP that were sent, and are not all in the capture: lost, or of the other direction. Nothing is said of them."""

import re

from acme.crafted import AUTHORIZATION, Cases, answer, certificate, client_hello, get, server_flight
from acme.test_servers_and_clients import yes
from acme.test_verdicts import NO_ANSWER, VERDICT, handshake, verdict
from harness import craft

NOTHING = (None, "", "")


def lose(packets, *numbers):
    return [packet for number, packet in enumerate(packets) if number not in numbers]


def request_and_answer(port, request, *segments, acknowledged=True, dport=80):
    """0-2 the handshake, 3 the request, then segments of the server, each with the client's acknowledgement behind it, and no end."""
    connection = craft.Connection(port, dport).handshake().client(request)
    for segment in segments:
        connection.server(segment)
        if acknowledged:
            connection.client(b"", "A")
    return connection.packets


def test_http_answers_that_were_lost(ws, tmp_path):
    head, body = answer()[:-len(AUTHORIZATION)], AUTHORIZATION
    flows = {
        "dropped, acknowledged": lose(request_and_answer(21000, get(), answer()), 4),
        "first segment": lose(request_and_answer(21001, get(), head, body, acknowledged=False), 4),
        "body": lose(request_and_answer(21002, get(), head, body), 6),
        "one direction": lose(request_and_answer(21003, get(), head, body), 1, 4, 6),
        "second of three": lose(request_and_answer(21004, get(), head, body[:40], body[40:], acknowledged=False), 5),
        "silent": request_and_answer(21005, get()),
        "stops": request_and_answer(21006, get(), head, body[:40]),
        "closes": craft.Connection(21007, 80).handshake().client(get()).close().packets,
        "whole": request_and_answer(21008, get(), head, body),
        "again": lose(craft.Connection(21009, 80).handshake().client(get()).server(answer()).client(get()).server(answer()).packets, 4),
        "pipelined": request_and_answer(21010, get() + get()),
    }
    packets = [craft.ethernet(packet) for flow in flows.values() for packet in flow]
    capture = craft.write_pcap(tmp_path / "l.pcap", packets)
    rows = ws.rows(capture, ["tcp.srcport", *VERDICT, "acme.no_response"], "acme && http.request", True)
    silent, labels = (False, NO_ANSWER, "no response", True), dict(enumerate(flows, 21000))
    found = [(labels[int(port)], *(yes(valid.split(",")[0]), cause, outcome), bool(expert)) for port, valid, cause, outcome, expert in rows]
    twice = (False, f"{NO_ANSWER},{NO_ANSWER}", "no response,no response", True)
    wanted = {**{label: (*NOTHING, False) for label in flows}, "silent": silent, "stops": silent, "closes": silent, "pipelined": twice}
    assert found == [(label, *wanted[label]) for label in [*list(flows)[:-2], "again", "again", "pipelined"]]
    table = ws.statistics(capture, "acme,tree", two_pass=True)
    assert re.search(r"HTTP-01: answered, but not in this capture +6 ", table)


def test_answers_to_client_hellos_that_were_lost(ws, tmp_path):
    flight = server_flight(certificate(None, []))
    flows = {"dropped": lose(request_and_answer(21000, client_hello(), flight, dport=443), 4),
             "silent": request_and_answer(21001, client_hello(), dport=443)}
    capture = craft.write_pcap(tmp_path / "t.pcap", [craft.ethernet(packet) for flow in flows.values() for packet in flow])
    rows = ws.rows(capture, [*VERDICT, "acme.no_response"], "acme && tls.handshake.type == 1", True)
    assert [(*verdict(row[:3]), bool(row[3])) for row in rows] == [(*NOTHING, False), (False, NO_ANSWER, "no response", True)]


def test_redirects_to_https_whose_answer_was_lost(ws, tmp_path):
    cases = Cases()
    for number, lost in enumerate(((4,), (1,), (1, 4), ())):
        host, src = f"n{number}.example.org", f"192.0.2.{number + 1}"
        cases.add(host, get(host=host), answer(b"", "301 Moved", f"Location: https://{host}/x\r\n"), src=src, dst=craft.SERVER)
        connection = craft.Connection(3000 + number, 443, src, craft.SERVER).handshake().client(client_hello(host.encode(), ()))
        if number < 3:
            connection.server(server_flight(certificate(None, []), alpn=None)).client(b"", "A")
        cases.packets += lose(connection.packets, *lost)
    rows = ws.rows(cases.write(tmp_path / "r.pcap"), ["acme.domain", *VERDICT], "acme && tls.handshake.type == 1", True)
    assert [(row[0], *verdict(row[1:])) for row in rows] == [("n0.example.org", *NOTHING), ("n1.example.org", *NOTHING),
                                                             ("n2.example.org", *NOTHING), ("n3.example.org", False, NO_ANSWER, "no response")]


def test_handshakes_that_were_lost(ws, tmp_path):
    """A connection in which more than SYNs go by is answered: seen from one side, or with SYN and ACK lost."""
    cases, domains = Cases(), []
    for number, lost in enumerate(((1,), (1, 2), (1, 4), (1, 2, 3), None)):
        host, src = f"n{number}.example.org", f"192.0.2.{number + 1}"
        domains.append(host)
        cases.add(host, get(host=host), answer(b"", "301 Moved", f"Location: http://{host}/x\r\n"), src=src, dst=craft.SERVER)
        cases.packets += handshake(3000, 80, src, craft.SERVER) if lost is None else lose(
            craft.Connection(3000, 80, src, craft.SERVER).handshake().client(get("/x", host)).server(answer()).packets, *lost)
    capture = cases.write(tmp_path / "h.pcap")
    rows = ws.rows(capture, ["acme.domain", "acme.cause"], "acme && tcp.flags.syn == 1", True)
    assert rows == [(domains[-1], "11")]
    assert [row[0] for row in ws.rows(capture, ["acme.domain"], "acme.unreachable", True)] == domains[-1:]

# SPDX-License-Identifier: GPL-2.0-or-later
"""Answers that are broken off, and those that come before all of the request was sent: what came of the exchange is said."""

import pytest

from harness import http2 as h2
from harness.craft import Connection, write_pcap
from hkp.test_exchanges import request, response
from hkp.test_requests_and_answers import V4, get

BODY = b"x" * 400
WHOLE, CHUNKED = response(200, BODY), b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n190\r\n" + BODY + b"\r\n"
CLOSED, RESET, GONE = ("the server closed the connection in frame {}", "the server reset the connection in frame {}",
                       "the client reset the connection in frame {}")


def asked(name, dport=11371, sport=46001):
    return Connection(sport=sport, dport=dport).handshake().client(request(name))


def close(connection):
    return connection.server(b"", flags="FA").client(b"", flags="FA").server(b"", flags="A")


BREAKS = {
    "closed": (lambda c: close(c.server(WHOLE[:-100])), CLOSED.format(6)),
    "reset": (lambda c: c.server(WHOLE[:-100]).client(b"", flags="A").server(b"", flags="RA"), RESET.format(7)),
    "client": (lambda c: c.server(WHOLE[:-100]).client(b"", flags="R"), GONE.format(6)),
    "last": (lambda c: c.server(WHOLE[:200]).server(WHOLE[200:-100], flags="FPA"), CLOSED.format(6)),
    "chunks": (lambda c: close(c.server(CHUNKED)), CLOSED.format(6)),
    "end": (lambda c: c.server(WHOLE[:-100]), None),
    "until close": (lambda c: c.server(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nx").server(b"", flags="RA"), RESET.format(6)),
}


@pytest.mark.parametrize("kind", BREAKS)
@pytest.mark.parametrize("dport", [11371, 80])
def test_broken_off(ws, tmp_path, kind, dport):
    connection = asked("a", dport)
    what, how = BREAKS[kind]
    what(connection)
    capture = write_pcap(tmp_path / "broken.pcap", connection.packets, linktype=101)
    rows = ws.rows(capture, ["frame.number", "hkp.search", "hkp.outcome", "hkp.response_in", "_ws.expert.message"], "hkp", two_pass=True)
    told = [row[:4] for row in rows]
    assert told == [("4", "a", "unreadable", "5")]
    end = ": " + how if how else " in this capture"
    assert f"The answer (status 200) begins in frame 5 and does not come to its end{end}" in rows[0][4]
    assert ws.frames(capture, "hkp.no_response", two_pass=True) == []


def test_that_is_missing_is_not_called_broken_off(ws, tmp_path):
    """The capture lacks a segment; that the server closed before the end is not claimed."""
    connection = asked("a").server(WHOLE[:200]).server(WHOLE[200:300])
    connection.packets.pop()
    close(connection.server(WHOLE[300:]))
    capture = write_pcap(tmp_path / "missing.pcap", connection.packets, linktype=101)
    (row,) = ws.rows(capture, ["hkp.outcome", "_ws.expert.message"], "hkp.unreadable", two_pass=True)
    assert row[0] == "unreadable" and "does not come to its end in this capture" in row[1]


def test_of_several(ws, tmp_path):
    """What was answered whole stays so; requests behind the one that was broken off got nothing."""
    connection = Connection(sport=46002, dport=80).handshake().client(request("a") + request("b")).client(request("c"))
    close(connection.server(response(404, b"none") + WHOLE[:-100]))
    capture = write_pcap(tmp_path / "several.pcap", connection.packets, linktype=101)
    rows = ws.rows(capture, ["frame.number", "hkp.search", "hkp.outcome"], "hkp.outcome", two_pass=True)
    assert rows == [("4", "a,b", "unreadable"), ("5", "c", "no response"), ("6", "a", "not found")]
    assert ws.rows(capture, ["hkp.outcome"], "hkp.outcome") == [("not found",)]


def test_that_comes_whole_later(ws, tmp_path):
    connection = asked("a").server(WHOLE[:200]).server(WHOLE[200:])
    capture = write_pcap(tmp_path / "whole.pcap", connection.packets, linktype=101)
    assert ws.rows(capture, ["frame.number", "hkp.response_in", "hkp.outcome"], "hkp", two_pass=True) == [("4", "6", ""), ("6", "", "unreadable")]
    assert ws.rows(capture, ["_ws.expert.message"], "frame.number == 4 && hkp.unreadable", two_pass=True) == []


def test_table_counts_it_once(ws, tmp_path):
    connection = close(asked("a").server(WHOLE[:-100]))
    capture = write_pcap(tmp_path / "table.pcap", connection.packets, linktype=101)
    table = ws.tshark(capture, "-q", "-2", "-z", "hkp,tree")
    assert [line.split()[1] for line in table.splitlines() if line.strip().startswith("unreadable")] == ["1"]


def test_http2(ws, tmp_path):
    """The stream does not end, nor is it reset."""
    c = h2.Http2(sport=46010, dport=80).begin()
    c.client(h2.headers(1, h2.request(f"/pks/lookup?op=get&search=0x{V4}"), end=True))
    c.server(h2.headers(1, h2.response(200)), h2.data(1, "half", end=False))
    frame = len(c.packets)
    capture = write_pcap(tmp_path / "http2.pcap", c.packets, linktype=101)
    rows = ws.rows(capture, ["hkp.outcome", "hkp.response_in"], "hkp.op", two_pass=True)
    assert rows == [("unreadable", str(frame))]


# --- Before all of the request was sent ---

KEY = b"keytext=" + b"y" * 3000


def upload(expect=False, path="/pks/add"):
    return get(path, "POST", "Expect: 100-continue\r\n" if expect else "", body=KEY)


def early(status, head=None, rest=(), expect=True, dport=11371):
    """Of the upload there are the head and what is in rest when the answer comes."""
    whole = upload(expect)
    at = whole.index(b"\r\n\r\n") + 4
    connection = Connection(sport=46020, dport=dport).handshake().client(whole[:at])
    for length in rest:
        connection.client(whole[at:at + length])
        at += length
    return connection.server(response(status, b"no")), whole[at:]


@pytest.mark.parametrize("status, outcome", [(413, "refused"), (403, "refused"), (417, "error"), (503, "error"), (401, "error")])
@pytest.mark.parametrize("rest", [(), (1000, 500)])
@pytest.mark.parametrize("dport", [11371, 80])
def test_refused_by_its_head(ws, tmp_path, status, outcome, rest, dport):
    connection, _ = early(status, rest=rest, dport=dport)
    capture = write_pcap(tmp_path / "early.pcap", connection.packets, linktype=101)
    fields = ["frame.number", "hkp.op", "hkp.status", "hkp.outcome", "hkp.response_to", "hkp.response_in"]
    answered = str(5 + len(rest))
    answer = (answered, "add", str(status), outcome, "4", "")
    assert ws.rows(capture, fields, "hkp", two_pass=True) == [("4", "add", "", "", "", answered), answer]
    assert ws.rows(capture, fields, "hkp") == [answer]
    for options in ("-2",), ():
        assert tree_of(ws, capture, *options) == [("Operations", 1), ("add", 1), ("Results", 1), (outcome, 1), ("Search kinds", 0)]


def tree_of(ws, capture, *options):
    """Nodes and counts of -z hkp,tree."""
    lines = [line.split("  ") for line in ws.tshark(capture, *options, "-q", "-z", "hkp,tree").splitlines()]
    cells = [[cell.strip() for cell in line if cell.strip()] for line in lines]
    return [(row[0], int(row[1])) for row in cells if len(row) > 1 and row[1].isdigit()]


UNANSWERED = {
    "reset": (lambda c: c.server(b"", flags="RA"), ("no response", "", "No answer in this capture")),
    "the client gives up": (lambda c: c.client(b"", flags="FA").server(b"", flags="FA"), ("no response", "", "No answer in this capture")),
    "nothing": (lambda c: c.server(b"", flags="A"), ("no response", "", "No answer in this capture")),
    "cut": (lambda c: c.server(response(413, b"no" * 50)[:-10]).server(b"", flags="RA"),
            ("unreadable", "6", "The answer (status 413) begins in frame 6 and does not come to its end: the server reset the connection in frame 7")),
    "a part of its head": (lambda c: c.server(b"HTTP/1.1 413 Too").server(b"", flags="RA"), ("", "", "")),
}


@pytest.mark.parametrize("kind", UNANSWERED)
@pytest.mark.parametrize("dport", [11371, 80])
def test_that_was_not_sent_to_its_end(ws, tmp_path, kind, dport):
    """Nothing comes back to the part of an upload that was sent, or not all of an answer."""
    whole = upload()
    connection = Connection(sport=46025, dport=dport).handshake().client(whole[:1200]).client(whole[1200:2200])
    end, (outcome, begun, text) = UNANSWERED[kind]
    end(connection)
    capture = write_pcap(tmp_path / "cut.pcap", connection.packets, linktype=101)
    rows = ws.rows(capture, ["frame.number", "hkp.op", "hkp.outcome", "hkp.response_in", "_ws.expert.message"], "hkp", two_pass=True)
    assert [row[:4] for row in rows] == [("4", "add", outcome, begun)]
    assert text in rows[0][4] and ("No answer" in rows[0][4]) == ("No answer" in text)
    assert tree_of(ws, capture, "-2")[:2] == [("Operations", 1), ("add", 1)]


def test_whose_answer_is_not_in_the_capture(ws, tmp_path):
    """A part of the upload is missing, and HTTP goes on behind it: what came of it is not known."""
    connection = Connection(sport=46026, dport=80).handshake().client(upload()[:1500])
    connection.next[0] += len(upload()) - 1500
    connection.client(request("next")).server(response(404, b"none"))
    capture = write_pcap(tmp_path / "gap.pcap", connection.packets, linktype=101)
    rows = ws.rows(capture, ["frame.number", "hkp.op", "hkp.outcome"], "hkp.outcome", two_pass=True)
    assert [row for row in rows if row[2] == "no response"] == []


def test_refused_and_sent_all_the_same(ws, tmp_path):
    """The client sends the rest, and goes on with a request that is whole."""
    connection, rest = early(413)
    connection.client(rest).client(request("next")).server(response(404, b"none"))
    capture = write_pcap(tmp_path / "rest.pcap", connection.packets, linktype=101)
    rows = ws.rows(capture, ["frame.number", "hkp.op", "hkp.outcome", "hkp.response_to", "hkp.response_in"], "hkp", two_pass=True)
    assert rows == [("5", "add", "refused", "4", ""), ("6", "add", "", "", "5"), ("7", "get", "", "", "8"), ("8", "get", "not found", "7", "")]
    for options in ("-2",), ():
        assert {("Operations", 2), ("add", 1), ("get", 1), ("Results", 2)} <= set(tree_of(ws, capture, *options))


def test_continued(ws, tmp_path):
    """Of a 100 nothing comes; what counts is the answer behind."""
    connection, rest = early(100)
    connection.packets.pop()
    connection.next[1] -= len(response(100, b"no"))
    connection.server(b"HTTP/1.1 100 Continue\r\n\r\n").client(rest).server(response(200, b"Key block added to key server database."))
    capture = write_pcap(tmp_path / "continue.pcap", connection.packets, linktype=101)
    rows = ws.rows(capture, ["frame.number", "hkp.status", "hkp.outcome", "hkp.response_to"], "hkp.outcome || hkp.status", two_pass=True)
    assert rows == [("5", "100", "", ""), ("7", "200", "accepted", "6")]


def test_another_upload_is_not_meant(ws, tmp_path):
    """Neither a path of others, nor an answer that came before the server had anything of the request."""
    other = Connection(sport=46030, dport=80).handshake().client(upload(path="/other")[:-10]).server(response(413, b"no"))
    late = Connection(sport=46031, dport=80).handshake()
    late.server(response(408, b"timeout"))
    late.client(upload()[:-10]).server(response(413, b"no"))
    idle = Connection(sport=46032, dport=80).handshake().client(request("a"))
    idle.server(response(404, b"none") + response(408, b"timeout")[:-2]).client(request("next"))
    packets = other.packets + late.packets
    capture = write_pcap(tmp_path / "other.pcap", packets + idle.packets, linktype=101)
    rows = ws.rows(capture, ["frame.number", "hkp.status", "hkp.outcome"], "hkp", two_pass=True)
    last, end = len(packets), len(packets + idle.packets)
    assert rows == [(str(last - 1), "", ""), (str(last), "413", "refused"),
                    (str(end - 2), "", ""), (str(end - 1), "404", "not found"), (str(end), "", "no response")]


def test_http2_refused_by_its_head(ws, tmp_path):
    c = h2.Http2(sport=46040, dport=80).begin()
    c.client(h2.headers(1, h2.request("/pks/add", method="POST"), end=False))
    asked_in = len(c.packets)
    c.server(h2.headers(1, h2.response(413)), h2.data(1, "no"))
    capture = write_pcap(tmp_path / "http2.pcap", c.packets, linktype=101)
    rows = ws.rows(capture, ["frame.number", "hkp.op", "hkp.status", "hkp.outcome", "hkp.response_to"], "hkp", two_pass=True)
    assert rows == [(str(asked_in), "add", "", "", ""), (str(len(c.packets)), "add", "413", "refused", str(asked_in))]
    assert tree_of(ws, capture, "-2")[:4] == tree_of(ws, capture)[:4] == [("Operations", 1), ("add", 1), ("Results", 1), ("refused", 1)]

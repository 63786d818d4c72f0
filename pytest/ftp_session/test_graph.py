# SPDX-License-Identifier: GPL-2.0-or-later
"""The flow graph of FTP sessions: commands, replies and transfers as arrows, in tshark and in sharkd."""

import re

import pytest

from ftp_session.packets import Control, Scene, fetch, pasv, port_text
from harness.tshark import TOP

SERVERS = TOP / "test-captures/ftp-servers"
CLIENT, SERVER = "192.0.2.1", "198.51.100.1"


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    scene = Scene()
    c = Control(scene, CLIENT, SERVER)
    c.open()
    c.reply("220-hello", "220-200 is no reply", "220 ready")
    c.command("USER anna", "PASS secret")
    c.reply("331 password", "230 welcome")
    c.ask("PASV", pasv(SERVER, 50000))
    fetch(c, c.data(50000), "RETR /a", b"hello")
    c.ask(f"PORT {port_text(CLIENT, 50001)}", "200 ok")
    fetch(c, c.data(50001, sport=20, active=True), "STOR /b", b"hi", sender=1, code="426 gone")
    c.ask("PASV", pasv(SERVER, 50002))
    c.data(50002).syn()
    return scene.write(tmp_path_factory.mktemp("graph") / "graph.pcap")


UP, DOWN = (CLIENT, 40000, SERVER, 21), (SERVER, 21, CLIENT, 40000)
ARROWS = [
    (DOWN, "220-hello", "220-hello"), (UP, "USER anna", "USER anna"), (UP, "PASS", "PASS"), (DOWN, "331 password", "331 password"),
    (DOWN, "230 welcome", "230 welcome"), (UP, "PASV", "PASV"), (DOWN, pasv(SERVER, 50000), pasv(SERVER, 50000)),
    ((CLIENT, 50000, SERVER, 50000), "[data connection]", "transfer 1: data connection to port 50000 (PASV)"),
    (UP, "RETR /a", "RETR /a"), (DOWN, "150 here it comes.", "150 here it comes."),
    ((SERVER, 50000, CLIENT, 50000), "[data: RETR /a]", "transfer 1: first data of RETR /a"),
    (DOWN, "226 done", "226 done"), ((SERVER, 50000, CLIENT, 50000), "[complete: RETR /a]", "transfer 1: RETR /a: 5 bytes, complete"),
    (UP, "PORT 192,0,2,1,195,81", "PORT 192,0,2,1,195,81"), (DOWN, "200 ok", "200 ok"),
    ((SERVER, 20, CLIENT, 50001), "[data connection]", "transfer 2: data connection to port 50001 (PORT)"),
    (UP, "STOR /b", "STOR /b"), (DOWN, "150 here it comes.", "150 here it comes."),
    ((CLIENT, 50001, SERVER, 20), "[data: STOR /b]", "transfer 2: first data of STOR /b"),
    (DOWN, "426 gone", "426 gone"), ((CLIENT, 50001, SERVER, 20), "[incomplete: STOR /b]", "transfer 2: STOR /b: 2 bytes, incomplete"),
    (UP, "PASV", "PASV"), (DOWN, pasv(SERVER, 50002), pasv(SERVER, 50002)),
    ((CLIENT, 50000, SERVER, 50002), "[data connection]", "transfer 3: data connection to port 50002 (PASV)"),
]


def _comment(text):
    return re.sub("^FTP Session 0(: |, )", "", text)


def _drawn(ws, path, *options):
    """Ports in the order of the graph's columns (server first, which speaks first), which way the arrow points, comment, first line."""
    text = ws.run("tshark", "-n", *options, "-r", path, "-q", "-z", "flow,ftp_session,network")
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    found = []
    for label, arrow in zip(lines[::2], lines[1::2]):
        left, line, right = re.search(r"\((\d+)\)\s+(\S+)\s+\((\d+)\)", arrow).groups()
        found.append((int(left), ">" in line, int(right), _comment(label.split("|")[-1]), re.sub("[ |]", "", label)))
    return found


@pytest.mark.parametrize("passes", [(), ("-2",)], ids=["one", "two"])
def test_commands_replies_and_transfers_are_arrows(ws, capture, passes):
    expected = []
    for (source, source_port, _, target_port), _, comment in ARROWS:
        down = source == SERVER
        expected.append((source_port if down else target_port, down, target_port if down else source_port, comment))
    drawn = _drawn(ws, capture, *passes)
    assert [row[:4] for row in drawn] == expected
    assert all(label.replace(" ", "")[:12] in row[4] for row, (_, label, _) in zip(drawn, ARROWS))


def test_lines_are_drawn_once_and_whole(ws, tmp_path):
    """A banner in two segments, PASS in two, a command sent again, and two segments of a reply that are swapped."""
    scene = Scene()
    c = Control(scene, CLIENT, SERVER)
    c.open()
    c.reply("220-hello")
    c.reply("220-more of it", "220 ready")
    c.ask("USER anna", "331 password")
    c.send(0, b"PA")
    c.send(0, b"SS secret\r\n")
    c.reply("230 welcome")
    seq = c.next[0]
    c.command("NOOP")
    c.send(0, b"NOOP\r\n", seq=seq)
    seq, first = c.next[1], b"200-done\r\n"
    c.next[1] += len(first)
    c.reply("200 and done")
    c.send(1, first, seq=seq)
    drawn = [row[3] for row in _drawn(ws, scene.write(tmp_path / "lines.pcap"))]
    assert drawn == ["220-hello", "USER anna", "331 password", "PASS", "230 welcome", "NOOP", "200-done"]


def test_what_was_decrypted_is_drawn(ws):
    path = SERVERS / "vsftpd-curl-tls.pcap"
    keys = "-o", f"tls.keylog_file:{SERVERS / 'vsftpd-curl-tls.keys'}"
    with_keys, without = [[row[3] for row in _drawn(ws, path, *options)] for options in (keys, ())]
    assert "PROT P" in with_keys and "transfer 1: RETR /lines.txt: 6792 bytes, complete" in with_keys
    assert "PROT P" not in without and "AUTH SSL" in without


def test_sharkd_draws(ws, capture):
    with ws.sharkd() as sharkd:
        sharkd.load(capture)
        tap = sharkd.call("tap", tap0="seqa:ftp_session")["taps"][0]
    assert [tap["nodes"][flow["n"][0]] for flow in tap["flows"]] == [arrow[0] for arrow, _, _ in ARROWS]
    assert [(tuple(flow["pn"]), _comment(flow["c"])) for flow in tap["flows"]] \
        == [((arrow[1], arrow[3]), comment) for arrow, _, comment in ARROWS]

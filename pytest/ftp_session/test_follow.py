# SPDX-License-Identifier: GPL-2.0-or-later
"""Following an FTP session: what both sides say, in the clear and decrypted, and a line for each transfer."""

import pytest

from ftp_session.packets import Control, Scene, fetch, pasv
from harness.tshark import TOP

SERVERS = TOP / "test-captures/ftp-servers"


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    scene = Scene()
    one = Control(scene, "192.0.2.1", "198.51.100.1").begin()
    other = Control(scene, "192.0.2.2", "198.51.100.2").begin(user="bert")
    one.ask("PASV", pasv(one.server, 50000))
    fetch(one, one.data(50000), "RETR /a", b"hello")
    seq = one.next[1] - len("226 done\r\n")
    one.send(1, b"226 done\r\n", seq=seq)
    one.send(1, b"done\r\n200 and more\r\n", seq=seq + len("226 "))
    one.next[1] += len("200 and more\r\n")
    other.quit()
    one.quit()
    return scene.write(tmp_path_factory.mktemp("ftp") / "follow.pcap")


def followed(ws, path, number, *options):
    text = ws.run("tshark", "-n", *options, "-r", path, "-q", "-z", f"follow,ftp_session,raw,{number}")
    lines = [line for line in text.splitlines() if line and not line.startswith(("=", "Follow", "Filter", "Node"))]
    return [("server" if line.startswith("\t") else "client", bytes.fromhex(line.strip()).decode()) for line in lines]


EXPECTED = [
    ("server", "220 ready\r\n"), ("client", "USER anna\r\n"), ("server", "331 password\r\n"), ("client", "PASS example\r\n"),
    ("server", "230 welcome\r\n"), ("client", "PASV\r\n"), ("server", pasv("198.51.100.1", 50000) + "\r\n"), ("client", "RETR /a\r\n"),
    ("server", "150 here it comes.\r\n"), ("server", "226 done\r\n"), ("server", "[RETR /a: 5 bytes, complete]\r\n"),
    ("server", "200 and more\r\n"), ("client", "QUIT\r\n"), ("server", "221 bye\r\n"),
]


@pytest.mark.parametrize("passes", [(), ("-2",)], ids=lambda options: "".join(options) or "one pass")
def test_one_session_is_followed(ws, capture, passes):
    assert followed(ws, capture, 0, *passes) == EXPECTED
    assert ("client", "USER bert\r\n") in followed(ws, capture, 1, *passes)
    assert followed(ws, capture, 2, *passes) == []


def test_segments_in_another_order_are_followed_in_theirs(ws, tmp_path):
    """The two segments of a banner and of replies are swapped, and both are sent again in one."""
    scene = Scene()
    control = Control(scene, "192.0.2.1", "198.51.100.1")
    control.open()
    for first, second in ((b"220-one\r\n", b"220 two\r\n"), (b"331-three\r\n", b"331 four\r\n"), (b"230-five\r\n", b"230 six\r\n")):
        seq = control.next[1]
        control.next[1] += len(first)
        control.send(1, second)
        control.send(1, first, seq=seq)
        control.send(1, first + second, seq=seq)
        control.command("NOOP" if second[:1] == b"2" else "PASS example")
    said = followed(ws, scene.write(tmp_path / "swapped.pcap"), 0)
    assert [text for who, text in said if who == "server"] == [
        "220-one\r\n", "220 two\r\n", "331-three\r\n", "331 four\r\n", "230-five\r\n", "230 six\r\n"]
    assert len(said) == 9


def test_a_gap_is_filled_by_and_by(ws, tmp_path):
    scene = Scene()
    control = Control(scene, "192.0.2.1", "198.51.100.1").begin()
    seq = control.next[1]
    text = b"200-abcdef\r\n200 ghijkl\r\n"
    for begin, end in ((16, 24), (4, 8), (6, 14), (0, 24)):
        control.send(1, text[begin:end], seq=seq + begin)
    said = followed(ws, scene.write(tmp_path / "gap.pcap"), 0)
    assert "".join(text for who, text in said if who == "server")[-24:].encode() == text


def test_what_was_decrypted_is_followed(ws):
    path = SERVERS / "vsftpd-curl-tls.pcap"
    text = "".join(said for _, said in followed(ws, path, 0, "-o", f"tls.keylog_file:{SERVERS / 'vsftpd-curl-tls.keys'}"))
    assert "AUTH" in text and "PROT P" in text and "226 " in text and "[RETR" in text
    assert "PROT P" not in "".join(said for _, said in followed(ws, path, 0))


def test_sharkd_follows(ws, capture):
    with ws.sharkd() as session:
        session.load(capture)
        answer = session.call("follow", follow="FTP Session", filter="ftp_session.id == 0")
    assert len(answer["payloads"]) == len(EXPECTED)

# SPDX-License-Identifier: GPL-2.0-or-later
"""FTP sessions: a case for each bug that was found by trying to break the plugin; one capture for all."""

import re
import struct

import pytest

from ftp_packets import Control, Scene, Tcp, fetch, pasv, port_text
from gapfill_tshark import HOST_SERIES, TOP, Wireshark

FIELDS = ("id", "channel", "transfer", "evidence", "command", "path", "bytes", "complete", "reply_code", "tls")
CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    scene, known = Scene(), {}
    for number, (name, function) in enumerate(CASES.items()):
        known[name] = function(scene, f"192.0.2.{number + 1}", f"198.51.100.{number + 1}")
        scene.wait(100)
    return scene.write(tmp_path_factory.mktemp("ftp") / "found.pcap"), known


@pytest.fixture
def seen(ws, story):
    """By pass and frame, the fields without their ftp_session, and ftp-data."""
    names = [f"ftp_session.{f}" for f in FIELDS] + ["ftp-data"]
    return {two_pass: [dict(zip((*FIELDS, "ftp-data"), row)) for row in ws.rows(story[0], names, two_pass=two_pass)]
            for two_pass in (False, True)}


def frames(rows, numbers, *names):
    return [tuple(rows[n - 1][name] for name in names) for n in numbers]


def talk(tcp, *lines):
    """Both sides speak in turn, the one that has opened the connection first; returns all its frames."""
    first = tcp.open() - 2
    for turn, line in enumerate(lines):
        if line:
            tcp.send(turn % 2, line)
    return range(first, tcp.close() + 1)


def tls_record(kind, content):
    return struct.pack(">BHH", kind, 0x0303, len(content)) + content


def client_hello(alpn=None):
    extensions = b""
    if alpn:
        names = bytes([len(alpn)]) + alpn
        extensions = struct.pack(">HHH", 16, len(names) + 2, len(names)) + names
    body = b"\x03\x03" + b"\x11" * 32 + b"\0" + b"\0\2\x13\x01" + b"\1\0" + struct.pack(">H", len(extensions)) + extensions
    return tls_record(22, b"\1" + struct.pack(">I", len(body))[1:] + body)


def encrypted(scene, client, server):
    control = Control(scene, client, server).begin(user=None)
    control.ask("AUTH TLS", "234 go on")
    control.send(0, client_hello())
    control.send(1, tls_record(23, b"x" * 40))
    control.send(0, tls_record(23, b"x" * 40))
    control.send(1, tls_record(23, b"x" * 40))
    return control


@case
def older_announcement(scene, client, server):
    c = Control(scene, client, server).begin()
    for port in (50001, 50002, 50003):
        c.ask("PASV", pasv(server, port))
    second = c.data(50002)
    fetch(c, second, "RETR second", b"22")
    first = c.data(50001, sport=50100)
    fetch(c, first, "RETR first", b"1")
    c.quit()
    return second.first, first.first


def test_the_connection_made_counts_not_the_last_announcement(seen, story):
    second, first = story[1]["older_announcement"]
    assert frames(seen[True], (second, first), "path", "transfer", "reply_code") == [("second", "1", "226"), ("first", "2", "226")]


@case
def command_before_older_announcement(scene, client, server):
    c = Control(scene, client, server).begin()
    c.ask("PASV", pasv(server, 50001))
    c.ask("PASV", pasv(server, 50002))
    c.command("RETR file")
    data = c.data(50001)
    talk(data, None, b"abc")
    c.reply("226 done")
    c.quit()
    return data.first


def test_the_connection_made_after_the_command_counts(seen, story):
    assert frames(seen[True], [story[1]["command_before_older_announcement"]], "path", "reply_code") == [("file", "226")]


@case
def port_of_a_closed_session(scene, client, server):
    c = Control(scene, client, server).begin()
    c.ask("PASV", pasv(server, 50001))
    c.quit()
    scene.wait(5)
    return talk(Tcp(scene, client, 51000, server, 50001), b"GET / HTTP/1.1\r\n\r\n")


def test_announcements_end_with_their_session(seen, story):
    for rows in seen.values():
        assert not any(rows[n - 1]["id"] for n in story[1]["port_of_a_closed_session"])


@case
def stranger_comes_first(scene, client, server):
    c = Control(scene, client, server).begin()
    c.ask("PASV", pasv(server, 50001))
    stranger = talk(Tcp(scene, "203.0.113.9", 51000, server, 50001), b"SSH-2.0-x\r\n")
    data = c.data(50001)
    fetch(c, data, "RETR file", b"abc")
    c.quit()
    return stranger, data.first


def test_the_client_comes_before_a_stranger(seen, story):
    stranger, data = story[1]["stranger_comes_first"]
    assert frames(seen[True], [data], "transfer", "evidence", "path") == [("1", "1", "file")]
    assert not any(seen[True][n - 1]["id"] or seen[True][n - 1]["ftp-data"] for n in stranger)


@case
def reply_lost(scene, client, server):
    c = Control(scene, client, server).begin()
    c.command("PASV")
    c.next[1] += 200
    c.send(1, b"1,195,81).\r\n")
    c.command("RETR file")
    c.reply("150 here it comes")
    done = c.reply("226 done")
    c.quit()
    return done


def test_a_lost_reply_does_not_shift_the_others(seen, story):
    for rows in seen.values():
        assert frames(rows, [story[1]["reply_lost"]], "command", "reply_code", "complete")[0] in (
            ("RETR", "226", "1"), ("RETR", "226", "True"))


@case
def mail_server_called_ftp(scene, client, server):
    mail = talk(Tcp(scene, client, 51000, server, 2625), None, b"220 ftp.example.org ESMTP ready\r\n", b"EHLO x\r\n",
                b"250 ok\r\n", b"MAIL FROM:<a@example.org>\r\n", b"250 ok\r\n")
    return [*mail, *talk(Tcp(scene, client, 51001, server, 2626), None, b"220 ready\r\n", b"NOOP\r\n", b"250 ok\r\n",
                         b"HELO x\r\n", b"250 ok\r\n")]


def test_a_mail_server_called_ftp_is_none(seen, story):
    for rows in seen.values():
        assert not any(rows[n - 1]["id"] for n in story[1]["mail_server_called_ftp"])


@case
def first_command_without_argument(scene, client, server):
    numbers = []
    for port, first in ((2121, "FEAT"), (2122, "SYST"), (2124, "NOOP")):
        c = Control(scene, client, server, dport=port).begin("220 hello", user=None)
        c.ask(first, "211 end" if first == "FEAT" else "215 UNIX" if first == "SYST" else "200 ok")
        c.ask("USER anna", "331 password")
        numbers += range(c.first, c.quit() + 1)
    return numbers


def test_a_first_command_without_argument_is_recognised(seen, story):
    assert all(seen[True][n - 1]["channel"] == "1" for n in story[1]["first_command_without_argument"])


@case
def https_beside_ftps(scene, client, server):
    control = encrypted(scene, client, server)
    web = talk(Tcp(scene, client, 51000, server, 8443), client_hello(b"h2"), tls_record(23, b"x" * 40))
    data = talk(Tcp(scene, client, 51001, server, 40123), client_hello(b"ftp"), tls_record(23, b"x" * 40))
    more = talk(Tcp(scene, client, 51002, server, 40124), client_hello(), tls_record(23, b"x" * 40))
    shell = talk(Tcp(scene, client, 51003, server, 40125), None, b"SSH-2.0-x\r\n", b"SSH-2.0-y\r\n")
    headless = talk(Tcp(scene, client, 51004, server, 40126), None, tls_record(23, b"x" * 40), tls_record(23, b"x" * 40))
    control.close()
    return {"web": web, "data": data, "more": more, "shell": shell, "headless": headless}


def test_https_and_ssh_beside_ftps_are_not_data(seen, story):
    known = story[1]["https_beside_ftps"]
    assert not any(rows[n - 1]["id"] for rows in seen.values() for n in known["web"])
    assert not any(seen[True][n - 1]["id"] for n in known["shell"])
    for name in ("data", "more"):
        assert {v for v in frames(seen[True], known[name], "channel", "evidence")} == {("2", "3")}


def test_tls_without_its_hello_counts_no_bytes(seen, story):
    numbers = story[1]["https_beside_ftps"]["headless"]
    assert {v[1:] for v in frames(seen[True], numbers, "tls", "evidence", "bytes")} == {("3", "")}
    assert {v[0] for v in frames(seen[True], numbers, "tls")} <= {"1", "True"}


@case
def active_data_under_tls(scene, client, server):
    encrypted(scene, client, server)
    data = Tcp(scene, server, 20, client, 40123)
    return talk(data, None, client_hello(), tls_record(23, b"x" * 40))


def test_tls_from_port_20_is_not_file_data(seen, story):
    numbers = story[1]["active_data_under_tls"]
    assert {v for v in frames(seen[True], numbers, "channel", "evidence")} == {("2", "3")}
    assert not any(rows[n - 1]["ftp-data"] for rows in seen.values() for n in numbers)


@case
def refused_then_repeated(scene, client, server):
    c = Control(scene, client, server).begin()
    c.ask("PASV", pasv(server, 50001))
    refused = c.data(50001)
    refused.refuse()
    data = c.data(50001, sport=50100)
    fetch(c, data, "RETR file", b"abc")
    c.quit()
    return refused.first, data.first


def test_a_refused_connection_carried_nothing(seen, story):
    assert frames(seen[True], story[1]["refused_then_repeated"], "transfer", "command", "reply_code") == [
        ("1", "", ""), ("2", "RETR", "226")]


@case
def superseded_port_of_another_protocol(scene, client, server):
    c = Control(scene, client, server).begin()
    c.ask("EPSV", "229 ok (|||8081|)")
    c.ask("PASV", pasv(server, 50001))
    fetch(c, c.data(50001), "RETR file", b"abc")
    web = talk(Tcp(scene, client, 51000, server, 8081), b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n")
    c.quit()
    return web


def test_talk_in_both_directions_is_no_data(seen, story):
    assert not any(seen[True][n - 1]["id"] for n in story[1]["superseded_port_of_another_protocol"])


@case
def terminal_controls(scene, client, server):
    c = Control(scene, client, server).begin(user="an\x1b]0;na")
    c.ask("PORT " + port_text(client, 50001), "200 ok")
    fetch(c, c.data(50001, sport=20, active=True), "RETR a\x1b[2J\tb", b"abc")
    c.quit()


def test_the_table_is_safe_to_print(ws, story):
    table = ws.statistics(story[0], "ftp_session,transfers")
    assert "\x1b" not in table and "\t" not in table
    assert "a\\033[2J\\tb" in table


# What TCP says of a payload that is reassembled for the dissector that it now has.
PAYLOAD = re.compile(r"tcp\.(segment|reassembled|pdu|payload)")


@pytest.fixture(scope="module")
def together(story, tmp_path_factory):
    """All captures of real servers and the cases above in one file, with all key logs."""
    folder = tmp_path_factory.mktemp("ftp")
    folder.chmod(0o777)
    files = sorted((TOP / "test-captures/ftp-servers").glob("*.pcap"))
    Wireshark(HOST_SERIES).run("mergecap", "-a", "-w", folder / "all.pcapng", *files, story[0])
    (folder / "all.keys").write_bytes(b"".join(f.read_bytes() for f in sorted((TOP / "test-captures/ftp-servers").glob("*.keys"))))
    return folder / "all.pcapng", folder / "all.keys"


@pytest.mark.parametrize("two_pass", [False, True], ids=["one-pass", "two-pass"])
def test_tcp_counts_as_without_the_plugin(ws, together, two_pass):
    """Streams, completeness and all else: conversations are made by TCP, or by FTP where Wireshark has it read by itself."""
    stock = ws.without_plugins()
    names = sorted(n for n in stock.fields() if n.startswith("tcp.") and not PAYLOAD.match(n))
    assert {"tcp.stream", "tcp.completeness"} <= set(names)
    rows = [w.rows(together[0], names, two_pass=two_pass, keylog=together[1]) for w in (stock, ws)]
    assert len(rows[0]) > 4000
    assert [(n, name) for n, pair in enumerate(zip(*rows), 1) if pair[0] != pair[1]
            for name, *values in zip(names, *pair) if values[0] != values[1]] == []

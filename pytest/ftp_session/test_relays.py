# SPDX-License-Identifier: GPL-2.0-or-later
"""FTP sessions through a relay: HTTP's CONNECT and SOCKS, where Wireshark hands the inner bytes to its FTP dissector."""

import struct

import pytest

from ftp_session.packets import Control, Scene, Tcp, fetch, pasv
from ftp_session.table import table

# The relay's port.
REAL = {"http-connect": 3128, "socks5": 1080}


@pytest.mark.parametrize("options", [(), ("-2",)], ids=["one pass", "-2"])
@pytest.mark.parametrize("name", REAL)
def test_real_relays(ws, captures, name, options):
    rows = [tuple(row[key] for key in ("Outcome", "Mode", "Command", "Path", "Bytes", "Reply"))
            for row in table(ws, captures / f"ftp-relay/{name}.pcap", *options)]
    assert rows == [("complete", "EPSV", "RETR", "/lines.txt", "6792", "226"),
                    ("complete", "EPSV", "STOR", f"/in/{REAL[name]}.txt", "6792", "226"), ("complete", "PASV", "LIST", "/", "127", "226")]


@pytest.mark.parametrize("name", REAL)
def test_whole_sessions(ws, captures, name):
    """Each packet, those of the talk with the relay as well, and nobody is said to be wrong."""
    path = captures / f"ftp-relay/{name}.pcap"
    rows = ws.rows(path, ["ftp_session.id", "ftp_session.channel", "tcp.stream", "ftp_session.nat"], two_pass=True)
    assert all(session and not nat for session, _, _, nat in rows)
    assert sorted({(session, channel) for session, channel, _, _ in rows}) == [(n, c) for n in "012" for c in "12"]
    assert len({stream for _, _, stream, _ in rows}) == 6


@pytest.mark.parametrize("name", REAL)
def test_files_are_exported_without_the_talk(ws, captures, tmp_path, name):
    ws.tshark(captures / f"ftp-relay/{name}.pcap", "-q", "--export-objects", f"ftp_session,{tmp_path}")
    expected = "".join(f"line {n} of an example\n" for n in range(1, 301)).encode()
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [expected, expected]


def http(host, port):
    return f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode(), b"HTTP/1.1 200 OK\r\n\r\n", \
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"


def socks4(host, port):
    return b"\4\1" + struct.pack(">H4B", port, *map(int, host.split("."))) + b"\0", b"\0\x5a" + bytes(6), b"\0\x5b" + bytes(6)


KINDS = {"http": (http, 8080), "socks4": (socks4, 1080)}
FAR = "203.0.113.9"


def relayed(connection, kind, port, granted=True, host=FAR):
    """Opened, as far as the relay allows."""
    asked, yes, no = kind(host, port)
    connection.open()
    connection.send(0, asked)
    connection.send(1, yes if granted else no)
    return connection


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    """Of each kind: a file, one whose connection the relay refuses, one that it refuses once, and a request that is for something else."""
    scene = Scene()
    for number, (kind, relay) in enumerate(KINDS.values()):
        client, server = f"192.0.2.{number + 1}", f"198.51.100.{number + 1}"
        control = relayed(Control(scene, client, server, dport=relay), kind, 21)
        control.reply("220 ready")
        control.ask("USER anna", "230 welcome")
        control.ask("PASV", pasv(FAR, 50000))
        data = relayed(Tcp(scene, client, 50001, server, relay), kind, 50000)
        data.open = lambda: None
        fetch(control, data, "RETR /x", b"a" * 1500)
        other = relayed(Tcp(scene, client, 50002, server, relay), kind, 50009, host="203.0.113.8")
        other.send(1, b"x" * 100)
        control.ask("PASV", pasv(FAR, 50003))
        relayed(Tcp(scene, client, 50004, server, relay), kind, 50003, granted=False).close(1)
        control.ask("RETR /y", "425 no connection")
        control.ask("PASV", pasv(FAR, 50005))
        relayed(Tcp(scene, client, 50006, server, relay), kind, 50005, granted=False).close(1)
        data = relayed(Tcp(scene, client, 50007, server, relay), kind, 50005)
        data.open = lambda: None
        fetch(control, data, "RETR /z", b"a" * 1000)
        control.quit()
    return scene.write(tmp_path_factory.mktemp("ftp") / "relays.pcap")


@pytest.mark.parametrize("options", [(), ("-2",)], ids=["one pass", "-2"])
def test_rows(ws, capture, options):
    rows = [tuple(row[key] for key in ("Session", "Outcome", "Mode", "Command", "Path", "Bytes", "Reply")) for row in table(ws, capture, *options)]
    assert rows == [row for session in "01" for row in [(session, "complete", "PASV", "RETR", "/x", "1500", "226"),
                                                        (session, "refused", "PASV", "RETR", "/y", "0", "425"),
                                                        (session, "complete", "PASV", "RETR", "/z", "1000", "226")]]


def test_other_requests_are_none_of_it(ws, capture):
    assert ws.count(capture, "ftp_session && tcp.port == 50002", two_pass=True) == 0

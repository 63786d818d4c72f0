# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the captures beside it, for Wireshark's own test suite: PYTHONPATH=pytest python3 upstream/captures/recipe.py

192.0.2.1 is the client, 198.51.100.1 the server.
"""

from pathlib import Path

from harness.craft import Connection, ethernet, write_pcap

FOLDER = Path(__file__).parent
CLIENT, SERVER = "192.0.2.1", "198.51.100.1"
HELLO = bytes.fromhex("1603010031" "0100002d" "0303") + bytes(32) + bytes.fromhex("00" "0002c02f" "0100" "0002" "0000")


def control(port=40000):
    return Connection(port, 21, CLIENT, SERVER).handshake().server(b"220 ready\r\n")


def write(name, *connections):
    """Connections are cut into parts where others come between: each is a list of packets."""
    packets = [packet for connection in connections for packet in connection]
    write_pcap(FOLDER / name, [(number / 1000, ethernet(packet)) for number, packet in enumerate(packets)])


def take(connection):
    packets, connection.packets = connection.packets, []
    return packets


def data(sport, dport, src, dst, from_client, content):
    connection = Connection(sport, dport, src, dst).handshake()
    (connection.client if from_client else connection.server)(content)
    return take(connection.close())


def active():
    session = control()
    parts = [take(session.client(b"PORT 192,0,2,1,156,65\r\n").server(b"200 ok\r\n").client(b"RETR a\r\n"))]
    parts.append(data(40500, 40001, SERVER, CLIENT, True, b"from any port"))
    parts.append(take(session.server(b"226 done\r\n").client(b"EPRT |1|192.0.2.1|40002|\r\n").server(b"200 ok\r\n").client(b"RETR b\r\n")))
    parts.append(data(40501, 40002, SERVER, CLIENT, True, b"by EPRT"))
    parts.append(take(session.server(b"226 done\r\n").close()))
    write("ftp-active.pcap", *parts)


def nat():
    """The server is behind NAT, and says the address that it has there."""
    session = control()
    parts = [take(session.client(b"PASV\r\n").server(b"227 Entering Passive Mode (10,0,0,5,156,65)\r\n").client(b"RETR a\r\n"))]
    parts.append(data(40100, 40001, CLIENT, SERVER, False, b"through NAT"))
    parts.append(take(session.server(b"226 done\r\n").close()))
    write("ftp-nat.pcap", *parts)


def commands():
    lower = take(control().client(b"user me\r\n").server(b"331 password?\r\n").client(b"port 192,0,2,1,156,65\r\n")
                 .server(b"200 ok\r\n").client(b"P 192,0,2,1,156,66\r\n").server(b"500 what?\r\n").close())
    secured = [take(control(port).client(command).server(b"234 go\r\n").client(HELLO))
               for port, command in ((40010, b"AUTH TLS\r\n"), (40011, b"AUTH SSL\r\n"), (40012, b"auth tls-c\r\n"), (40013, b"AUTH KERBEROS\r\n"))]
    write("ftp-commands.pcap", lower, *secured)


def lines():
    """A reply of several lines over two segments, two replies in one, a 227 over two; two commands in one segment."""
    session = control()
    parts = [take(session.client(b"USER a\r\n").server(b"230-Welcome,\r\n here is\r\n").server(b"230 all\r\n")
                  .client(b"TYPE I\r\nPASV\r\n").server(b"200 binary\r\n227 Entering Passive Mode (198,51,100,1,156,65)\r\n")
                  .client(b"RETR a\r\n"))]
    parts.append(data(40100, 40001, CLIENT, SERVER, False, b"first"))
    parts.append(take(session.server(b"226 done\r\n").client(b"PASV\r\n").server(b"227 Entering Passive Mode (198,51,1")
                      .server(b"00,1,156,66)\r\n").client(b"RETR b\r\n")))
    parts.append(data(40101, 40002, CLIENT, SERVER, False, b"second"))
    parts.append(take(session.server(b"226 done\r\n").client(b"QUIT\r\n").server(b"221 bye\r\n").close()))
    write("ftp-lines.pcap", *parts)


def replies():
    """Commands before the greeting, several at once, one that is refused, a reply that is lost, STAT during a transfer."""
    session = Connection(40000, 21, CLIENT, SERVER).handshake().client(b"NOOP\r\nCWD /a\r\n").server(b"220 ready\r\n")
    session.server(b"200 ok\r\n250 ok\r\n").client(b"CWD b\r\nMKD c\r\n").server(b'250 ok\r\n257 "/a/b/c" created\r\n')
    session.client(b"CWD /none\r\nCWD d\r\n").server(b"550 no\r\n250 ok\r\n")
    lose(session.client(b"NOOP\r\n").server(b"200 ok\r\n")).client(b"CWD e\r\n").server(b"250 ok\r\n")
    session.client(b"RETR f\r\n").server(b"150 here\r\n").client(b"STAT\r\n").server(b"213 half\r\n").client(b"CWD g\r\n")
    session.server(b"226 done\r\n").server(b"250 ok\r\n")
    write("ftp-replies.pcap", take(session.close()))


def passive(session, port, announcement, *commands):
    """A data connection: what the client says after PASV, and the server's answers; each is a pair."""
    parts = [take(announcement(session, b"227 Entering Passive Mode (198,51,100,1,156,%d)\r\n" % (port - 39936)))]
    for command, answer in commands:
        session.client(command + b"\r\n").server(answer + b"\r\n")
    return [*parts, take(session), data(port + 100, port, CLIENT, SERVER, commands[-1][0].startswith(b"STOR"), commands[-1][0])]


def transfers():
    """Commands between announcement and transfer, both in one segment, a transfer that is refused, and two that are broken off."""
    def separate(session, reply):
        return session.client(b"PASV\r\n").server(reply)

    session, other = control(), control(40001)
    parts = passive(session, 40010, separate, (b"TYPE I", b"200 ok"), (b"REST 10", b"350 ok"), (b"RETR a", b"150 here"))
    session.server(b"226 done\r\n").client(b"PASV\r\nRETR b\r\n")
    session.server(b"227 Entering Passive Mode (198,51,100,1,156,75)\r\n150 here\r\n")
    parts += [take(session), data(40111, 40011, CLIENT, SERVER, False, b"RETR b")]
    session.server(b"226 done\r\n")
    parts += passive(session, 40012, separate, (b"RETR none", b"550 no"), (b"RETR c", b"150 here"))
    parts += passive(other, 40013, separate, (b"STOR d", b"150 go on"))
    parts += [take(other.server(b"426 broken\r\n").close())]
    session.server(b"226 done\r\n")
    parts += passive(session, 40014, separate, (b"RETR e", b"150 here"))
    parts += [take(session.server(b"150 0.3 seconds\r\n").client(b"TYPE A\r\n").server(b"200 ok\r\n").close())]
    write("ftp-transfers.pcap", *parts)


def get(name, method="GET", head="", body=b""):
    return f"{method} /{name} HTTP/1.1\r\nHost: example.org\r\n{head}\r\n".encode() + body


def answer(status, body=b"", length=None):
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(body) if length is None else length}\r\n\r\n".encode() + body


def lose(connection):
    """The last segment is not in the capture."""
    connection.packets.pop()
    return connection


def pipelined():
    """Status 2NN is for request NN; 401 for the one that it refuses."""
    def http(port):
        return Connection(port, 80, CLIENT, SERVER).handshake()

    several = http(40000).client(get("1") + get("2")).client(get("3")).server(answer(201, b"1")).server(answer(202, b"2") + answer(203))
    lost = lose(http(40001).client(get("1")).server(answer(201, b"1"))).client(get("2")).server(answer(202, b"2"))
    both = lose(http(40002).client(get("1") + get("2")).server(answer(201, b"1"))).server(answer(202, b"2"))
    both.client(get("3")).server(answer(203, b"3"))
    early = http(40003).client(get("1", "POST", "Content-Length: 8\r\n", b"half")).server(answer(401)).client(b"half")
    early.client(get("2")).server(answer(202, b"2"))
    interim = http(40004).client(get("1") + get("2", "HEAD") + get("3"))
    interim.server(b"HTTP/1.1 103 Early Hints\r\n\r\n" + answer(201, b"1") + answer(202, length=9) + answer(203, b"3"))
    write("http-pipelined.pcap", *[take(connection.close()) for connection in (several, lost, both, early, interim)])


active()
nat()
commands()
lines()
replies()
transfers()
pipelined()

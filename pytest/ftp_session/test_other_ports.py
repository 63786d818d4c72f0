# SPDX-License-Identifier: GPL-2.0-or-later
"""FTP sessions on ports that Wireshark has for other protocols: found, and the other protocol's view stays. One capture."""

import pytest

from ftp_session.packets import Control, Scene, Tcp, fetch, pasv

PORTS = (25, 53, 80, 88, 110, 143, 389, 445, 502, 990, 1433, 1521, 1883, 2123, 3306, 3389, 5060, 5432, 8080)


def session(scene, client, server, port, greeting="220 FTP server ready"):
    c = Control(scene, client, server, dport=port)
    first = c.open() - 2
    greeted = c.reply(greeting)
    c.ask("USER anna", "331 password")
    proved = scene.last
    c.ask("PASS x", "230 welcome")
    c.ask("PASV", pasv(server, 50000))
    fetch(c, c.data(50000), "RETR /a", b"hello")
    return {"first": first, "greeting": greeted, "proved": proved, "last": c.quit()}


def talk(connection, *lines):
    """Each line by the side that is named."""
    first = connection.open() - 2
    for side, line in lines:
        connection.send(side, line)
    return {"first": first, "last": connection.close()}


def found(scene, hosts):
    known = {f"port {port}": session(scene, *next(hosts), port) for port in PORTS}
    known["long greeting"] = session(scene, *next(hosts), 80, "220-" + "Welcome. " * 120 + "\r\n220-" + "All is logged. " * 90 + "\r\n220 ready")
    known["greeting in parts"] = greeting_in_parts(scene, *next(hosts))
    known["decided late"] = silent_for(scene, *next(hosts), 4)
    known["too many"] = talk(Tcp(scene, next(hosts)[0], 40000, "198.51.100.200", 80), (1, b"421 Too many FTP users, try later\r\n"))
    known["no entry"] = session(scene, *next(hosts), 80, "120 in a minute\r\n220 ready")
    return known


def silent_for(scene, client, server, count):
    """What any protocol of lines may say, then FTP."""
    idle = [(0, b"NOOP\r\n" * 10), (1, b"200 OK\r\n" * 10)] * count
    return talk(Tcp(scene, client, 40000, server, 80), (1, b"220 host ready\r\n"), *idle, (0, b"USER anna\r\n"), (1, b"331 password\r\n"))


def greeting_in_parts(scene, client, server):
    c = Control(scene, client, server, dport=8080)
    first = c.open() - 2
    c.send(1, b"220-we")
    c.send(1, b"lcome\r\n220 go on\r\n")
    c.ask("AUTH TLS", "502 no", )
    c.ask("USER anna", "331 password")
    return {"first": first, "last": c.quit()}


def never(scene, hosts):
    def on(port, *lines):
        client, server = next(hosts)
        return talk(Tcp(scene, client, 40000, server, port), *lines)

    asked, user = (0, b"USER anna\r\n"), (1, b"331 password\r\n")
    return {
        "decided too late": silent_for(scene, *next(hosts), 9),
        "mail": on(25, (1, b"220 host ready\r\n"), (0, b"EHLO x\r\n"), (1, b"250 host\r\n"), asked, user),
        "mail that says so": on(80, (1, b"220 host ESMTP\r\n"), asked, user),
        "the client first": on(80, (0, b"GET / HTTP/1.1\r\n\r\n"), (1, b"220 FTP ready\r\n"), asked, user),
        "by the initiator": on(80, (0, b"220 FTP ready\r\n"), (1, b"USER anna\r\n"), (0, b"331 password\r\n")),
        "an answer that does not fit": on(80, (1, b"220 ready\r\n"), asked, (1, b"500 what?\r\n")),
        "no answer": on(80, (1, b"220 FTP ready\r\n"), asked),
        "too late": on(80, (1, b"220 FTP ready\r\n"), (0, b"NOOP\r\n"), (1, b"200 " + b"x" * 600 + b"\r\n"), asked, user),
        "another port of the client's": on(40000, (1, b"HELLO\r\n"), (1, b"220 FTP ready\r\n"), asked, user),
    }


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    scene = Scene()
    hosts = ((f"192.0.2.{n}", f"198.51.100.{n}") for n in range(1, 200))
    known = found(scene, hosts), never(scene, hosts)
    return scene.write(tmp_path_factory.mktemp("ftp") / "ports.pcap"), *known


def ids(rows, case):
    return {rows[n - 1][1] for n in range(case["first"], case["last"] + 1)}


FIELDS = ["frame.number", "ftp_session.id", "ftp_session.other_port", "ftp_session.path", "frame.protocols"]


@pytest.fixture
def seen(ws, capture):
    return {two_pass: ws.rows(capture[0], FIELDS, two_pass=two_pass) for two_pass in (False, True)}


def test_each_packet_of_it_is_found(seen, capture):
    for name, case in capture[1].items():
        assert len(ids(seen[True], case)) == 1 and ids(seen[True], case) != {""}, name
        if "proved" in case:
            assert all(seen[False][n - 1][1] for n in range(case["proved"], case["last"] + 1)), name
            assert not any(seen[False][n - 1][1] for n in range(case["first"], case["proved"])), name


def test_nothing_else_is(seen, capture):
    for name, case in capture[2].items():
        for rows in seen.values():
            assert ids(rows, case) == {""}, name


def test_other_port_stands_on_the_greeting_or_where_it_is_known(seen, capture):
    for case in capture[1].values():
        if "proved" not in case:
            continue
        frames = range(case["first"], case["last"] + 1)
        assert [n for n in frames if seen[True][n - 1][2]] == [case["greeting"]]
        assert [n for n in frames if seen[False][n - 1][2]] == [case["proved"]]


def test_it_says_what_to_type(ws, capture):
    text = ws.run("tshark", "-n", "-2", "-r", capture[0], "-Y", f"frame.number == {capture[1]['port 80']['greeting']}", "-T", "fields",
                  "-e", "_ws.expert.message")
    assert "FTP on port 80, which Wireshark has for HTTP; to see it as FTP: -d tcp.port==80,ftp" in text


def control_packets(rows, known):
    data = {n for case in known.values() for n in range(case["first"], case["last"] + 1)}
    return [(row[0], row[4]) for row in rows if int(row[0]) in data and "ftp-data" not in row[4]]


def test_the_native_view_stays(ws, seen, capture):
    stock = dict(ws.without_plugins().rows(capture[0], ["frame.number", "frame.protocols"], two_pass=True))
    for number, protocols in control_packets(seen[True], {**capture[1], **capture[2]}):
        assert protocols == stock[number], number


def test_the_table_has_its_transfers(ws, capture):
    rows = ws.statistics(capture[0], "ftp_session,transfers")
    assert str(rows).count("/a") == len(PORTS) + 2


def test_a_preference_makes_it_ftp(ws, capture):
    rows = ws.rows(capture[0], FIELDS, two_pass=True, prefs={"ftp_session.take_over_ports": "TRUE"})
    for name, case in capture[1].items():
        if "greeting" in case:
            assert rows[case["greeting"] - 1][4].endswith(":ftp"), name
            assert not rows[case["greeting"] - 1][2], name


def test_switched_off_it_is_not_looked_for(ws, capture):
    """Nor what such a session announces."""
    assert ws.count(capture[0], "ftp_session or ftp-data", two_pass=True, prefs={"ftp_session.recognise_by_content": "FALSE"}) == 0


def test_other_connections_hide_no_greeting(ws, tmp_path):
    """Between handshake and greeting, long frames from each port to the client's: none of them is taken for this server's talk."""
    scene = Scene()
    c = Control(scene, "192.0.2.1", "198.51.100.1", dport=3333)
    c.open()
    collision = (3333 * 40503 + 40000 - 443 * 40503) % 65536
    Tcp(scene, "198.51.100.2", 443, "192.0.2.2", collision).send(0, b"x" * 300)
    Tcp(scene, "198.51.100.3", 3333, "192.0.2.3", 40000).send(0, b"x" * 300)
    c.reply("220 FTP ready" + " and waiting" * 30)
    c.ask("USER anna", "331 password")
    assert scene.last in ws.frames(scene.write(tmp_path / "hidden.pcap"), 'ftp_session.user == "anna"')

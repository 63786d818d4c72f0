# SPDX-License-Identifier: GPL-2.0-or-later
"""FTP sessions: announcements that a refused command leaves behind, and rows of transfers that but a part of the dialogue tells of. One capture."""

import pytest

from ftp_session.packets import Control, Scene, pasv, port_text
from ftp_session.test_afterwards import Half
from ftp_session.table import table

SCENES = {}


def scene(*rows):
    """Outcome, mode, command, bytes and reply of each row, in the order of commands."""
    def register(function):
        SCENES[function.__name__] = function, [tuple(text.split()) for text in rows]
        return function
    return register


def listing(control, data, sender=1):
    """LIST over a connection that is opened here, unless it was before."""
    if not data.first:
        data.open()
    control.ask("LIST", "150 here")
    data.send(sender, b"a" * 500)
    data.close(sender)
    control.reply("226 done")


@scene("failed PASV RETR - 550", "complete PASV LIST 500 226")
def refused_before_the_connection_is_made(c):
    c.ask("PASV", pasv(c.server, 50000))
    c.ask("RETR /", "550 not a plain file")
    c.ask("CWD /", "250 ok")
    listing(c, c.data(50000))


@scene("failed PASV RETR - 550", "complete PASV LIST 500 226")
def refused_after_the_connection_was_made(c):
    c.ask("PASV", pasv(c.server, 50000))
    data = c.data(50000)
    data.open()
    c.ask("RETR /", "550 not a plain file")
    listing(c, data)


@scene("failed PORT RETR - 550", "failed PORT NLST - 450", "complete PORT LIST 500 226")
def refused_twice_in_active_mode(c):
    c.ask(f"PORT {port_text(c.client, 50000)}", "200 ok")
    c.ask("RETR /", "550 not a plain file")
    c.ask("NLST x", "450 no such file")
    listing(c, c.data(50000, sport=20, active=True), sender=0)


@scene("failed PASV RETR 0 550", "complete - LIST - 226")
def refused_and_the_connection_closed(c):
    c.ask("PASV", pasv(c.server, 50000))
    data = c.data(50000)
    data.open()
    c.ask("RETR /", "550 not a plain file")
    data.close(1)
    c.ask("LIST", "150 here", "226 done")


@scene("refused PASV RETR - 425", "refused - LIST - 425")
def without_a_connection_nothing_is_left(c):
    c.ask("PASV", pasv(c.server, 50000))
    c.ask("RETR /x", "425 can't open data connection")
    c.ask("LIST", "425 use PORT or PASV first")


@scene("unused PASV - - -")
def announcements_that_nothing_comes_of_until_the_end(c):
    c.ask("EPRT |1|127.0.0.1|50000|", "500 illegal")
    c.ask("PORT 127,0,0,1,195,80", "500 illegal")
    c.ask("PASV", pasv(c.server, 50000))
    c.is_open = True


@scene("unknown PORT LIST 500 -", "unknown EPRT NLST - -")
def the_clients_half_of_active_mode(c):
    c.scene = Half(c.scene, c.client)
    c.ask(f"PORT {port_text(c.client, 50000)}", "200 ok")
    listing(c, c.data(50000, sport=20, active=True), sender=0)
    c.ask(f"EPRT |1|{c.client}|50001|", "200 ok")
    c.ask("NLST", "425 can't open data connection")


@scene("refused - - - 425", "complete - - - 226", "incomplete - - - 426")
def the_servers_half_without_data(c):
    c.scene = Half(c.scene, c.server)
    for reply in (["425 can't open data connection"], ["150 here", "226 done"], ["150 here", "426 broken"]):
        c.ask(f"PORT {port_text(c.client, 50000)}", "200 ok")
        c.ask("LIST", *reply)


@scene("complete PASV LIST 500 226")
def words_of_farewell_after_the_client_has_ended(c):
    """Pure-FTPd repeats the code of the last refusal; the client's FIN is all that was acknowledged beyond its lines."""
    c.ask("PASV", pasv(c.server, 50000))
    listing(c, c.data(50000))
    c.send(0, flags="FA")
    c.send(1, b"425 Logout.\r\n")
    c.is_open = True


@scene("incomplete PASV RETR 500 150", "aborted PASV RETR 400 150", "complete PASV RETR 300 226")
def a_preliminary_reply_that_ends(c):
    """Pure-FTPd 1.0.50, where the client closes the data connection before the end."""
    for number, (size, more) in enumerate([(500, []), (400, ["226 Since you see this ABOR must've succeeded"]), (300, None)]):
        c.ask("PASV", pasv(c.server, 50000 + number))
        data = c.data(50000 + number)
        data.open()
        c.ask("RETR x", "150-Accepted data connection", "150 2929.7 kbytes to download")
        data.send(1, b"a" * size)
        data.send(0, flags="A")
        if more is None:
            data.close(1)
            c.reply("150 it goes on", "226 0.001 seconds (measured here), 40.96 Mbytes per second")
            continue
        if more:
            c.command("ABOR")
        data.send(0, flags="RA")
        c.reply("150 0.006 seconds (measured here), 40.96 Mbytes per second")
        if more:
            c.reply(*more)


@scene("incomplete PASV RETR 700 226", "complete PASV RETR 700 226", "complete PASV RETR 700 226", "incomplete PASV RETR 600 226")
def what_is_left_after_rest(c):
    """Some servers name that in the 150 reply, others the whole size."""
    c.ask("TYPE I", "200 ok")
    for number, (rest, told, size, asked) in enumerate([(2000, 1000, 700, 0), (2000, 700, 700, 0), (2000, 2700, 700, 0), (300, 700, 600, 1000)]):
        c.ask("PASV", pasv(c.server, 50000 + number))
        if asked:
            c.ask(f"SIZE x{number}", f"213 {asked}")
        c.ask(f"REST {rest}", "350 ok")
        data = c.data(50000 + number)
        data.open()
        c.ask(f"RETR x{number}", f"150 Opening BINARY mode data connection for x ({told} bytes)")
        data.send(1, b"a" * size)
        data.send(0, flags="A")
        data.close(0)
        c.reply("226 Transfer complete")


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    made = Scene()
    for number, (function, _) in enumerate(SCENES.values()):
        control = Control(made, f"192.0.2.{number + 1}", f"198.51.100.{number + 1}")
        control.is_open = False
        control.begin()
        function(control)
        control.scene = made
        if not control.is_open:
            control.quit()
        made.wait(100)
    return made.write(tmp_path_factory.mktemp("ftp") / "refused.pcap")


@pytest.mark.parametrize("options", [(), ("-2",)], ids=["one pass", "-2"])
def test_rows(ws, capture, options):
    """In one pass nobody can know that an announcement at the end is to stay unused, nor that the next command will take a connection over."""
    found = sorted(table(ws, capture, *options), key=lambda row: int(row["Frame"]))
    for number, (name, (_, expected)) in enumerate(SCENES.items()):
        rows = [tuple(row[key] for key in ("Outcome", "Mode", "Command", "Bytes", "Reply")) for row in found if row["Session"] == str(number)]
        if not options:
            rows = [(*row[:3], "-" if row[0] == "failed" else row[3], row[4]) for row in rows]
            expected = [(*row[:3], "-" if row[0] == "failed" else row[3], row[4]) for row in expected if row[0] != "unused"]
        assert rows == expected, name


def test_outcome_once_for_each(ws, capture):
    rows = ws.rows(capture, ["ftp_session.id", "ftp_session.outcome"], "ftp_session.outcome", two_pass=True)
    for number, (name, (_, expected)) in enumerate(SCENES.items()):
        assert sorted(outcome for session, outcome in rows if session == str(number)) == sorted(row[0] for row in expected), name

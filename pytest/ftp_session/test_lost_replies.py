# SPDX-License-Identifier: GPL-2.0-or-later
"""FTP sessions: words of the server that the capture lacks, as a whole or but for their beginnings, and that it has twice. One capture."""

import pytest

from ftp_session.packets import Control, Scene, fetch, pasv
from ftp_session.test_afterwards import lost
from ftp_session.table import assert_rows
from ftp_session.test_truth import passive, row

SCENES = {}


def scene(*rows, experts=()):
    """A session from its SYN on: the rows of the table that it has to have, and notes about greetings and transfers."""
    def register(function):
        SCENES[function.__name__] = function, list(rows), sorted(experts)
        return function
    return register


def acked(control):
    """The client has got all that was said."""
    return control.send(0, flags="A")


def cut(control, *lines):
    """As with a snapshot length of 96 bytes: 42 of what was said."""
    number = control.reply(*lines)
    when, frame = control.scene.frames[number - 1]
    control.scene.frames[number - 1] = when, frame[:96], len(frame)
    return number


def log_in(control):
    control.ask("USER anna", "331 password")
    control.ask("PASS example", "230 welcome")


# --- Greetings ---

@scene()
def a_greeting_that_was_not_captured(c):
    c.open()
    lost(c, 1, "220 ready")
    acked(c)
    log_in(c)
    c.quit()


@scene()
def the_client_leaves_after_it(c):
    c.open()
    lost(c, 1, "220 ready")
    c.send(0, flags="FA")


@scene(experts=["no_banner"])
def the_client_has_got_an_end_only(c):
    c.open()
    c.next[1] += 1
    c.send(0, flags="FA")


@scene()
def an_error_after_it(c):
    c.open()
    syn_ack = c.sent[1]
    lost(c, 1, "220 ready")
    acked(c)
    c.unreachable(packet=syn_ack, router="203.0.113.200", code=0)


@scene()
def a_greeting_that_was_cut(c):
    c.open()
    cut(c, "220-" + "Welcome to this server. " * 3, "220 Go on.")
    log_in(c)
    c.quit()


# --- Replies ---

@scene(row("RETR", 700, "complete", path="x"), row("RETR", "-", "failed", path="y", reply="550"))
def replies_that_were_cut(c):
    """The port is not read: its last digit is missing."""
    c.begin()
    c.command("PASV")
    cut(c, "227 Entering Passive Mode 198,51,100,6,195,80")
    c.command("RETR x")
    cut(c, "150 Opening BINARY mode data connection for x (700 bytes)")
    data = c.data(50000)
    data.open()
    data.send(1, b"a" * 700)
    data.close(1)
    cut(c, "226 " + "Transfer complete. " * 4)
    c.command("RETR y")
    cut(c, "550 " + "There is no such file here. " * 4)
    c.quit()


@scene(row("RETR", 700, "complete", path="x"), row("STOR", 300, "complete", path="y"))
def a_reply_that_was_cut_with_another_behind_it(c):
    c.begin()
    data = passive(c)
    data.open()
    c.ask("RETR x", "150 here")
    data.send(1, b"a" * 700)
    data.close(1)
    c.command("PASV")
    cut(c, "226 " + "Transfer complete. " * 4)
    c.reply(pasv(c.server, 50001))
    fetch(c, c.data(50001), "STOR y", b"a" * 300, sender=0)
    c.quit()


@scene(row("RETR", 700, "unknown", path="x", reply="-"))
def the_final_reply_was_not_captured(c):
    c.begin()
    data = passive(c)
    data.open()
    c.ask("RETR x", "150 here")
    data.send(1, b"a" * 700)
    data.close(1)
    lost(c, 1, "226 done")
    acked(c)
    c.close()


@scene(row("RETR", 700, "incomplete", path="x", reply="-"), experts=["incomplete"])
def there_was_no_final_reply(c):
    c.begin()
    data = passive(c)
    data.open()
    c.ask("RETR x", "150 here")
    data.send(1, b"a" * 700)
    data.close(1)
    c.close(1)


@scene(row("RETR", 700, "complete", path="x"))
def lines_behind_a_hole_in_a_reply(c):
    c.begin()
    data = passive(c)
    data.open()
    c.command("RETR x")
    c.reply("150-Accepted")
    lost(c, 1, " a line that was not captured")
    acked(c)
    c.reply(" the next", "one more", "150 to download")
    data.send(1, b"a" * 700)
    data.close(1)
    c.reply("226 done")
    c.quit()


@scene(row("RETR", 700, "complete", path="x"), row("RETR", 0, "incomplete", path="y", reply="501"), experts=["incomplete"])
def commands_that_the_server_does_not_know_during_a_transfer(c):
    c.begin()
    data = passive(c)
    data.open()
    c.ask("RETR x", "150 here")
    c.ask("STAT", "502 not now")
    data.send(1, b"a" * 400)
    c.ask("NOOP", "500 what?")
    data.send(1, b"a" * 300)
    data.close(1)
    c.reply("226 done")
    data = passive(c, 50001)
    data.open()
    c.ask("RETR y", "150 here")
    c.reply("501 it can't be read")
    data.close(1)
    c.quit()


@scene(row("RETR", 700, "complete", path="x"))
def a_handshake_that_comes_twice(c):
    """The second SYN+ACK is captured late: what was read before it stays read."""
    c.begin()
    data = passive(c)
    data.open()
    c.ask("RETR x", "150 here")
    c.send(1, flags="SA", seq=5000)
    c.ask("NOOP", "200 ok")
    data.send(1, b"a" * 700)
    data.close(1)
    c.reply("226 done")
    c.quit()


def forgotten(c, size):
    """A firewall has forgotten the control connection, on which nothing was said for long; the client gives up."""
    c.begin()
    c.ask("TYPE I", "200 ok")
    data = passive(c)
    data.open()
    c.ask("RETR x", "150 Opening BINARY mode data connection for x (700 bytes)")
    c.scene.wait(1000)
    data.send(1, b"a" * size)
    data.close(1)
    c.command("NOOP")
    c.scene.wait(60)
    c.send(0, flags="RA")


@scene(row("RETR", 700, "unknown", path="x", reply="-"))
def all_has_arrived_but_the_final_reply(c):
    forgotten(c, 700)


@scene(row("RETR", 600, "incomplete", path="x", reply="-"), experts=["incomplete"])
def not_all_has_arrived(c):
    forgotten(c, 600)


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    made = Scene()
    for number, (function, _, _) in enumerate(SCENES.values()):
        function(Control(made, f"192.0.2.{number + 1}", f"198.51.100.{number + 1}"))
        made.wait(100)
    return made.write(tmp_path_factory.mktemp("ftp") / "lost.pcap")


@pytest.mark.parametrize("options", [(), ("-2",)], ids=["one pass", "-2"])
def test_rows(ws, capture, options):
    assert_rows(ws, capture, options, SCENES)


EXPERTS = ("no_banner", "incomplete")


@pytest.mark.parametrize("two_pass", [False, True])
def test_what_was_lost_is_not_said_to_have_been_missing(ws, capture, two_pass):
    rows = ws.rows(capture, ["ftp_session.id", *(f"ftp_session.{name}" for name in EXPERTS)], two_pass=two_pass)
    for number, (name, (_, _, expected)) in enumerate(SCENES.items()):
        notes = sorted(note for row in rows if row[0] == str(number) for note, value in zip(EXPERTS, row[1:]) if value)
        assert notes == expected, name

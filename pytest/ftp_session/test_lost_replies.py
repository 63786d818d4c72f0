# SPDX-License-Identifier: GPL-2.0-or-later
"""FTP sessions: words of the server that the capture lacks, as a whole or but for their beginnings, and that it has twice. One capture."""

import pytest

from ftp_session.packets import Control, Scene, fetch, pasv
from ftp_session.test_afterwards import lost
from ftp_session.test_truth import passive, row, table

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


# --- Replies ---

@scene(row("RETR", 700, "incomplete", path="x", reply="-"), experts=["incomplete"])
def there_was_no_final_reply(c):
    c.begin()
    data = passive(c)
    data.open()
    c.ask("RETR x", "150 here")
    data.send(1, b"a" * 700)
    data.close(1)
    c.close(1)


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    made = Scene()
    for number, (function, _, _) in enumerate(SCENES.values()):
        function(Control(made, f"192.0.2.{number + 1}", f"198.51.100.{number + 1}"))
        made.wait(100)
    return made.write(tmp_path_factory.mktemp("ftp") / "lost.pcap")


@pytest.mark.parametrize("options", [(), ("-2",)], ids=["one pass", "-2"])
def test_rows(ws, capture, options):
    found = table(ws, capture, *options)
    for number, (name, (_, expected, _)) in enumerate(SCENES.items()):
        rows = [row for row in found if row["Session"] == str(number)]
        assert [{key: row[key] for key in wanted} for row, wanted in zip(rows, expected)] == expected, name
        assert len(rows) == len(expected), name


EXPERTS = ("no_banner", "incomplete")


@pytest.mark.parametrize("two_pass", [False, True])
def test_what_was_lost_is_not_said_to_have_been_missing(ws, capture, two_pass):
    rows = ws.rows(capture, ["ftp_session.id", *(f"ftp_session.{name}" for name in EXPERTS)], two_pass=two_pass)
    for number, (name, (_, _, expected)) in enumerate(SCENES.items()):
        notes = sorted(note for row in rows if row[0] == str(number) for note, value in zip(EXPERTS, row[1:]) if value)
        assert notes == expected, name

# SPDX-License-Identifier: GPL-2.0-or-later
"""FTP sessions: bytes are what the receiver has got, and only a transfer's own replies end it. One capture for all scenes."""

import pytest

from ftp_session.packets import Control, Scene, fetch, pasv

SCENES = {}
GIB = 1 << 30


def scene(*expected):
    """A function that makes a session, and the rows of the table of transfers that it has to have."""
    def register(function):
        SCENES[function.__name__] = function, list(expected)
        return function
    return register


def table(ws, capture, *options):
    """The rows of -z ftp_session,transfers, by session, as dictionaries."""
    text = ws.run("tshark", "-n", "-r", capture, *options, "-q", "-z", "ftp_session,transfers")
    lines = [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if "|" in line]
    names = lines[0]
    return [{name: cell for name, cell in zip(names, line) if name} for line in lines[1:]]


def row(command, size, outcome, reply="226", path="/x", **more):
    return {"Command": command, "Path": path, "Bytes": str(size), "Reply": reply, "Outcome": outcome, **more}


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    made = Scene()
    for number, (function, _) in enumerate(SCENES.values()):
        control = Control(made, f"192.0.2.{number + 1}", f"198.51.100.{number + 1}")
        control.begin()
        control.ask("TYPE I", "200 ok")
        control.ask("PWD", '257 "/" is here')
        function(control)
        control.quit()
        made.wait(100)
    return made.write(tmp_path_factory.mktemp("ftp") / "truth.pcap")


def passive(control, port=50000):
    control.ask("PASV", pasv(control.server, port))
    return control.data(port)


def jump(data, to, acked=True):
    """The sender, which is the server, has come to position to; the capture has none of it."""
    data.next[1] = (5000 + 1 + to) & 0xffffffff
    if acked:
        data.send(0, flags="A")


# --- Bytes ---

@scene(row("RETR", 3 * GIB, "complete", Expected=str(3 * GIB)))
def a_gap_beyond_two_gib_before_the_fin(control):
    data = passive(control)
    data.open()
    control.ask("RETR x", f"150 here ({3 * GIB} bytes)")
    data.send(1, b"a" * 100)
    jump(data, 3 * GIB, acked=False)
    data.close(1)
    control.reply("226 done")


@scene(row("RETR", 5416666670, "complete"))
def gaps_beyond_four_gib_by_the_servers_last_line(control):
    data = passive(control)
    data.open()
    control.ask("RETR x", "150 here")
    data.send(1, b"a" * 100)
    jump(data, 5416666670, acked=False)
    data.close(1)
    control.reply("226 5416666670 bytes sent")


@scene(row("RETR", 6 * GIB + 7, "complete"))
def acknowledgements_that_go_on_beyond_four_gib(control):
    data = passive(control)
    data.open()
    control.ask("RETR x", "150 here")
    for position in range(GIB, 7 * GIB, GIB):
        jump(data, position)
    jump(data, 6 * GIB + 7)
    data.close(1)
    control.reply("226 done")


@scene(row("RETR", 1100, "incomplete", Expected="5000"))
def what_nobody_has_acknowledged_is_not_there(control):
    """The receiver's acknowledgements are in the capture, and say that there is a gap before the second segment."""
    data = passive(control)
    data.open()
    control.ask("RETR x", "150 here (5000 bytes)")
    data.send(1, b"a" * 1000)
    data.send(0, flags="A")
    data.send(1, b"b" * 100, seq=data.next[1] + 3000)
    data.send(1, flags="R")
    control.reply("226 done")


@scene(row("STOR", 5000, "complete"))
def an_upload_of_which_the_servers_side_was_captured(control):
    data = passive(control)
    data.next[0] += 1
    data.send(1, flags="SA")
    data.next[1] = 5001
    control.ask("STOR x", "150 go")
    for _ in range(5):
        data.next[0] += 1000
        data.send(1, flags="A")
    data.next[0] += 1
    data.send(1, flags="A")
    data.send(1, flags="FA")
    control.reply("226 done")


@scene(row("RETR", 2500, "complete"))
def gaps_filled_in_any_order(control):
    data = passive(control)
    data.open()
    control.ask("RETR x", "150 here (2500 bytes)")
    begin = data.next[1]
    for at in (2000, 1000, 0, 1500, 500, 1000):
        data.send(1, b"a" * 500, seq=begin + at)
    data.next[1] += 2500
    data.close(1)
    control.reply("226 done")


@scene(row("-", 300, "complete", path="-"))
def a_command_that_was_not_captured(control):
    data = passive(control)
    data.open()
    control.reply("150 here")
    data.send(1, b"a" * 300)
    data.close(1)
    control.reply("226 done")


@scene(row("-", 300, "unknown", reply="-", path="-"))
def neither_command_nor_replies_were_captured(control):
    data = passive(control)
    data.open()
    data.send(1, b"a" * 300)
    data.close(1)


# --- Replies ---

@scene(row("RETR", 0, "incomplete", reply="225"))
def no_transfer_in_progress(control):
    data = passive(control)
    data.open()
    control.ask("RETR x", "225 Data connection open; no transfer in progress")
    data.close(1)


@scene(row("RETR", 1000, "complete"))
def another_commands_200_does_not_end_a_transfer(control):
    data = passive(control)
    data.open()
    control.ask("RETR x", "150 here (1000 bytes)")
    control.reply("200 to a command that was not captured")
    data.send(1, b"a" * 1000)
    data.close(1)
    control.reply("226 done")


@scene(row("RETR", 1000, "complete"))
def questions_during_a_transfer(control):
    data = passive(control)
    data.open()
    control.ask("RETR x", "150 here (1000 bytes)")
    control.ask("NOOP", "200 ok")
    control.ask("STAT", "213-Status", " 226 lines inside", "226-are no replies", "213 end")
    control.ask("SYST", "215 UNIX Type: L8")
    data.send(1, b"a" * 1000)
    data.close(1)
    control.reply("226 done")


@scene(row("RETR", 10, "unknown", reply="-", path="/a"), row("RETR", 20, "complete", path="/b"))
def a_lost_final_reply_is_not_taken_from_the_next_transfer(control):
    for name, port, size, code in (("a", 50000, 10, None), ("b", 50001, 20, "226 done")):
        data = passive(control, port)
        data.open()
        control.ask(f"RETR {name}", "150 here")
        data.send(1, b"a" * size)
        data.close(1)
        if code:
            control.reply(code)


@scene(row("THMB", 5, "complete", path="-"), row("SITE INDEX", 6, "complete", path="-"))
def other_commands_that_move_data(control):
    fetch(control, passive(control), "THMB JPG 100 100 x", b"a" * 5)
    fetch(control, passive(control, 50001), "site index", b"a" * 6)


@scene(row("RETR", 7, "complete"))
def mlst_leaves_the_announcement_alone(control):
    data = passive(control)
    control.ask("MLST x", "250-Listing", " size=7; x", "250 End")
    fetch(control, data, "RETR x", b"a" * 7)


@pytest.mark.parametrize("options", [(), ("-2",)], ids=["one pass", "-2"])
def test_rows(ws, capture, options):
    found = table(ws, capture, *options)
    for number, (name, (_, expected)) in enumerate(SCENES.items()):
        rows = [row for row in found if row["Session"] == str(number)]
        assert [{key: row[key] for key in wanted} for row, wanted in zip(rows, expected)] == expected, name
        assert len(rows) == len(expected), name


def test_bytes_captured(ws, capture):
    """Beside what the receiver has got, on the last packet of each data connection."""
    rows = ws.rows(capture, ["ftp_session.id", "ftp_session.bytes", "ftp_session.bytes_captured"], "ftp_session.channel == 2", two_pass=True)
    last = {int(session): (int(size), int(captured)) for session, size, captured in rows}
    names = list(SCENES)
    assert last[names.index("a_gap_beyond_two_gib_before_the_fin")] == (3 * GIB, 100)
    assert last[names.index("acknowledgements_that_go_on_beyond_four_gib")] == (6 * GIB + 7, 0)
    assert last[names.index("what_nobody_has_acknowledged_is_not_there")] == (1100, 1100)
    assert last[names.index("an_upload_of_which_the_servers_side_was_captured")] == (5000, 0)
    assert last[names.index("gaps_filled_in_any_order")] == (2500, 2500)


CASES = {
    "u3b_gap30M": [row("RETR", 30000000, "complete", path="f")],
    "u4_acks_only_upload": [row("STOR", 5000, "complete", path="f")],
    "gap-at-end-60MB": [row("RETR", 60000000, "complete", path="/big.bin")],
    "lost-retr": [row("-", 16557, "complete", path="-")],
    "t17_225": [row("RETR", 0, "incomplete", path="f", reply="225")],
    "u10_other_verbs": [row(name, 5, "complete", path="-") for name in ("THMB", "COMB", "SITE INDEX", "AVBL", "DSIZ", "XNLST")],
}


@pytest.mark.parametrize("name", CASES)
def test_cases(ws, shared, tmp_path, name):
    path = next((shared.parent / "cases/ftp-session").glob(name + ".*"))
    rows = table(ws, path, "-d", "tcp.port==2100,ftp")
    assert [{key: found[key] for key in wanted} for found, wanted in zip(rows, CASES[name])] == CASES[name]
    assert len(rows) == len(CASES[name])


@pytest.mark.parametrize("name, captured", [("u3b_gap30M", 1460), ("u4_acks_only_upload", 0), ("gap-at-end-60MB", 786432)])
def test_cases_bytes_captured(ws, shared, name, captured):
    path = shared.parent / f"cases/ftp-session/{name}.pcap"
    assert ws.rows(path, ["ftp_session.bytes_captured"], "ftp_session.channel == 2", options=["-d", "tcp.port==2100,ftp"])[-1] == (str(captured),)

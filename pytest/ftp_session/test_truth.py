# SPDX-License-Identifier: GPL-2.0-or-later
"""FTP sessions: bytes are what the receiver has got, and only a transfer's own replies end it. One capture for all scenes."""

import pytest

from ftp_session.packets import Control, Scene, fetch, pasv, port_text
from ftp_session.table import table

SCENES = {}
GIB = 1 << 30


def scene(*expected):
    """A function that makes a session, and the rows of the table of transfers that it has to have."""
    def register(function):
        SCENES[function.__name__] = function, list(expected)
        return function
    return register


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

@scene(row("RETR", 3 * GIB, "complete"))
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


@scene(row("RETR", 25 << 20, "complete"))
def a_gap_of_25_megabytes_where_the_sender_alone_was_captured(control):
    """Nobody acknowledges anything; that the numbers go on tells that they are the stream's."""
    data = passive(control)
    data.next[0] += 1
    data.send(1, flags="SA")
    control.ask("RETR x", f"150 here ({25 << 20} bytes)")
    data.send(1, b"a" * 1000)
    jump(data, (25 << 20) - 1000, acked=False)
    data.send(1, b"b" * 500)
    data.send(1, b"b" * 500)
    data.send(1, flags="FA")
    control.reply("226 done")


@scene(row("RETR", 1000, "complete", REST="1000"), row("RETR", 200, "complete", REST="0"), row("RETR", 5000, "complete"))
def ranges_of_a_file(control):
    """RANG, as proftpd has it, then the whole after a range that was taken back."""
    control.ask("SIZE x", "213 5000")
    for port, command, reply, size in ((50000, "RANG 1000 1999", "350 Restarting at 1000", 1000), (50001, "RANG 0 199", "350 ok", 200),
                                       (50002, "RANG 1 0", "350 Restarting at 0", 5000)):
        control.ask(command, reply)
        fetch(control, passive(control, port), "RETR x", b"a" * size)
        control.ask("SIZE x", "213 5000")


def aborted(control, port, size, more=0, sender_first=False, promised=""):
    data = passive(control, port)
    data.open()
    control.ask("RETR x", "150 here" + promised)
    data.send(1, b"a" * size)
    data.send(0, flags="A")
    if sender_first:
        data.close(1)
    control.command("ABOR")
    if more:
        data.send(1, b"a" * more)
    if not sender_first:
        data.send(0, flags="FA")
        data.send(1, flags="RA")
    control.reply("226 Operation successful")


@scene(row("RETR", 0, "complete", REST="4000", Expected="3000"), row("RETR", 1000, "complete", REST="2000"))
def rest_beyond_the_end(control):
    """vsftpd sends nothing then, and names the size; SIZE had told that. Where it is less than that, it is what is left."""
    control.ask("SIZE x", "213 3000")
    for port, rest, promised, size in (50000, 4000, 3000, 0), (50001, 2000, 1000, 1000):
        control.ask(f"REST {rest}", "350 ok")
        fetch(control, passive(control, port), "RETR x", b"a" * size, size=promised)


@scene(row("RETR", 2000, "aborted"), row("RETR", 1000, "complete"), row("RETR", 1000, "complete"), row("RETR", 1000, "aborted"))
def abor_that_the_server_answers_with_226_alone(control):
    """FileZilla Server; the second one had ended before, the third has all that was promised, the last is closed after the reply."""
    aborted(control, 50000, 1000, 1000)
    aborted(control, 50001, 1000, sender_first=True)
    aborted(control, 50002, 1000, promised=" (1000 bytes)")
    data = passive(control, 50003)
    data.open()
    control.ask("RETR x", "150 here")
    data.send(1, b"a" * 1000)
    control.ask("ABOR", "226 Operation successful")
    data.send(0, flags="RA")


@scene(row("RETR", 50, "complete", path="/caf\u00e8"), row("RETR", 100, "complete", path="/caf\u00e9"), row("RETR", 70, "complete", path="/caf\u00e9"))
def names_that_are_no_utf8(control):
    """One byte tells them apart, so what is told of one is not told of the other; the last is the second in UTF-8."""
    control.send(0, b"SIZE caf\xe9\r\n")
    control.reply("213 100")
    for port, name, size in ((50000, b"caf\xe8", 50), (50001, b"caf\xe9", 100), (50002, "caf\u00e9".encode(), 70)):
        data = passive(control, port)
        data.open()
        control.send(0, b"RETR " + name + b"\r\n")
        control.reply("150 here" + (" (70 bytes)" if size == 70 else ""))
        data.send(1, b"a" * size)
        data.close(1)
        control.reply("226 done")


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


@scene(row("RETR", 2000, "complete"), row("RETR", 1000, "complete", path="/d/x"), row("RETR", 300, "complete", path="/d/x", Reply="250"))
def replies_to_others_come_first(control):
    """pyftpdlib answers what was asked meanwhile before the data has gone; 250 is of a directory then. Others end transfers with it."""
    data = passive(control)
    data.open()
    control.command("RETR x", "NOOP", "CWD d", "PWD")
    control.reply("150 here")
    data.send(1, b"a" * 1000)
    control.reply("200 nothing done", '250 "/d" is the current directory.', '257 "/d" is the current directory.')
    data.send(1, b"a" * 1000)
    data.close(1)
    control.reply("226 done")
    fetch(control, passive(control, 50001), "RETR x", b"a" * 1000)
    data = passive(control, 50002)
    data.open()
    control.command("RETR x", "CWD ..")
    control.reply("150 here")
    data.send(1, b"a" * 300)
    data.close(1)
    control.reply("250 done", "250 changed")


# --- Direction ---

@scene(row("RETR", 10, "incomplete", Direction=">"))
def data_from_the_side_that_should_receive(control):
    fetch(control, passive(control), "RETR x", b"a" * 10, size=10, sender=0)


@scene(row("STOR", 10, "incomplete", Direction="<"))
def an_upload_that_the_server_sends(control):
    fetch(control, passive(control), "STOR x", b"a" * 10, sender=1)


@scene(row("RETR", 30, "complete", Expected="20"))
def some_words_the_other_way(control):
    data = passive(control)
    data.open()
    control.ask("RETR x", "150 here (20 bytes)")
    data.send(0, b"b" * 10)
    data.send(1, b"a" * 20)
    data.close(1)
    control.reply("226 done")


# --- The table ---

@scene(row("RETR", 1000, "complete", path="/" + "p" * 29, Direction="<"))
def a_path_of_thirty_characters(control):
    control.ask(f"SIZE {'p' * 29}", "213 1000")
    fetch(control, passive(control), f"RETR {'p' * 29}", b"a" * 1000)


@scene(row("STOR", 7, "complete", Direction=">", Expected="", TLS="", REST="4294967296", path="/z"))
def what_follows_an_offset(control):
    control.ask("REST 4294967296", "350 ok")
    fetch(control, passive(control), "STOR z", b"a" * 7, sender=0)


# --- Without an answer ---

def knock(control, data, times):
    data.syn()
    for _ in range(times - 1):
        control.scene.wait(1)
        data.send(0, flags="S", seq=data.next[0] - 1)


@scene(row("-", 0, "unanswered", reply="-", path="-"), row("RETR", 4, "complete"))
def blocked_then_another_way(control):
    knock(control, passive(control), 3)
    control.ask("EPSV", "229 ok (|||50001|)")
    fetch(control, control.data(50001), "RETR x", b"a" * 4)


@scene(row("RETR", 0, "unanswered", reply="425", Mode="PORT"))
def blocked_on_the_clients_side(control):
    control.ask(f"PORT {port_text(control.client, 40001)}", "200 ok")
    control.ask("RETR x", "150 opening")
    knock(control, control.data(40001, sport=20, active=True), 4)
    control.reply("425 can't open data connection")


@scene(row("STOR", 6, "complete"))
def only_the_client_was_captured_and_its_syn_is_no_knock(control):
    data = passive(control)
    data.syn()
    data.next[1] += 1
    control.ask("STOR x", "150 go")
    data.send(0, flags="A")
    data.send(0, b"a" * 6)
    data.send(0, flags="FA")
    control.reply("226 done")


@scene(row("STOR", 1000, "complete", reply="200"), row("STOR", 500, "complete"))
def a_server_that_ends_uploads_with_200(control):
    """em-ftpd, by a public report; the second 200 answers a NOOP that was not captured."""
    fetch(control, passive(control), "STOR x", b"a" * 1000, sender=0, code="200 OK")
    data = passive(control, 50001)
    data.open()
    control.ask("STOR x", "150 here")
    data.send(0, b"a" * 500)
    data.close(0)
    control.next[0] += len("NOOP\r\n")
    control.reply("200 ok")
    control.reply("226 done")


@scene(row("RETR", 1000, "complete", Expected="", path="/12 bytes/x"), row("STOR", 100, "complete", Expected="", path="/5000 bytes"),
       row("RETR", 70, "incomplete", Expected="90", path="/5000 bytes"))
def names_that_look_like_sizes(control):
    """FileZilla Server has a path in quotes and no size, proftpd a bare name and of an upload no size."""
    for port, command, size, begin in (
            (50000, "RETR 12 bytes/x", 1000, 'data channel for file download from server of "/home with 7 bytes/12 bytes/x"'),
            (50001, "STOR 5000 bytes", 100, "BINARY mode data connection for 5000 bytes"),
            (50002, "RETR 5000 bytes", 70, 'BINARY mode data connection for "5000 bytes" (90 bytes)')):
        data, sender = passive(control, port), int(command.startswith("RETR"))
        data.open()
        control.ask(command, "150 Opening " + begin)
        data.send(sender, b"a" * size)
        data.close(sender)
        control.reply("226 done")


@scene(row("STOR", 200, "refused", reply="425"))
def a_data_connection_that_the_server_does_not_take(control):
    fetch(control, passive(control), "STOR x", b"a" * 200, sender=0, code="425 Unable to build data connection: TLS session not resumed.")


# --- Sizes that are told thereafter ---

@scene(row("STOR", 5, "mismatch"), row("STOR", 6, "complete", path="/y"))
def a_size_that_is_another_one(control):
    fetch(control, passive(control), "STOR x", b"a" * 5, sender=0)
    control.ask("SIZE x", "213 3")
    fetch(control, passive(control, 50001), "STOR y", b"a" * 6, sender=0)
    control.ask("SIZE y", "213 6")


@scene(row("STOR", 5, "complete"))
def a_size_of_a_file_that_was_replaced(control):
    fetch(control, passive(control), "STOR x", b"a" * 5, sender=0)
    control.ask("DELE x", "250 gone")
    control.ask("SIZE x", "213 3")


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


def test_outcome_once_for_each(ws, capture):
    """One packet a transfer or announcement, the last of its data connection, with its outcome and all else."""
    fields = ["session.id", "session.outcome", "session.command", "session.reply_code", "session.bytes", "session.user", "session.mode"]
    rows = ws.rows(capture, ["ftp_" + field for field in fields], "ftp_session.outcome", two_pass=True)
    for number, (name, (_, expected)) in enumerate(SCENES.items()):
        outcomes = [row[1] for row in rows if row[0] == str(number)]
        assert outcomes == [wanted["Outcome"] for wanted in expected], name
    assert all(user == "anna" and mode and size for _, _, _, _, size, user, mode in rows)
    assert ws.count(capture, "ftp_session.outcome") == 0


def test_experts(ws, capture):
    """Where one looks, and how often."""
    names = ["wrong_direction", "data_unanswered", "size_mismatch"]
    for two_pass in (False, True):
        rows = ws.rows(capture, ["ftp_session.id", *(f"ftp_session.{name}" for name in names), "_ws.expert.message"],
                       " || ".join(f"ftp_session.{name}" for name in names), two_pass=two_pass)
        found = {name: [list(SCENES)[int(row[0])] for row in rows if row[1 + at]] for at, name in enumerate(names)}
        assert found == {
            "wrong_direction": ["data_from_the_side_that_should_receive", "an_upload_that_the_server_sends", "some_words_the_other_way"],
            "data_unanswered": ["blocked_then_another_way", "blocked_on_the_clients_side"],
            "size_mismatch": ["a_size_that_is_another_one"]}
        messages = " ".join(row[4] for row in rows)
        assert "3 SYNs in 2.00" in messages and "the server, or a firewall before it" in messages and "EPSV follows in frame" in messages
        assert "4 SYNs in 3.00" in messages and "the client, or a firewall or NAT before it" in messages
    assert {row for row in ws.rows(capture, ["ftp_session.syn_count"], "ftp_session.data_unanswered")} == {("3",), ("4",)}


def test_425_of_a_connection_that_was_made(ws, capture):
    rows = ws.rows(capture, ["ftp_session.id", "_ws.expert.message"], "ftp_session.data_refused && ftp.response.code == 425")
    found = {list(SCENES)[int(number)]: message for number, message in rows}
    assert "does not take the data connection" in found["a_data_connection_that_the_server_does_not_take"]


def test_direction(ws, capture):
    rows = set(ws.rows(capture, ["ftp_session.id", "ftp_session.direction"], "ftp_session.channel == 2 && tcp.len > 0", two_pass=True))
    names = list(SCENES)
    assert (str(names.index("gaps_filled_in_any_order")), "1") in rows
    assert (str(names.index("an_upload_that_the_server_sends")), "1") in rows
    assert (str(names.index("a_size_that_is_another_one")), "2") in rows


def test_a_reply_alone_is_a_transfer(ws, tmp_path):
    """The capture begins after the command, and has no data connection: the reply is all there is to point at."""
    made = Scene()
    control = Control(made, "192.0.2.1", "198.51.100.1")
    made.wait(3)
    control.reply("150 Opening data connection for a (3 bytes)")
    rows = table(ws, made.write(tmp_path / "reply.pcap"))
    assert [(row["Frame"], row["Command"], row["Bytes"], row["Outcome"]) for row in rows] == [("1", "-", "-", "unknown")]


def test_an_alert_is_no_data(ws, shared, tmp_path):
    capture = shared.parent / "cases/ftp-session/tls_alert_counted.pcapng"
    assert [(found["Bytes"], found["Outcome"]) for found in table(ws, capture)] == [("0", "refused")]
    ws.run("tshark", "-n", "-r", capture, "-q", "--export-objects", f"ftp_session,{tmp_path}")
    assert list(tmp_path.iterdir()) == []


CASES = {
    "t18_wrong_direction": [row("RETR", 5, "incomplete", path="f")],
    "v1_blocked_passive": [row("-", 0, "unanswered", path="-", reply="-")],
    "t14_size_after_mismatch": [row("STOR", 5, "mismatch", path="f")],
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

# SPDX-License-Identifier: GPL-2.0-or-later
"""FTP sessions: commands about files that move no data, and the ledger of the files that were moved."""

import pytest

from ftp_session.packets import Control, Scene, fetch, pasv

PORT = 50000


def open_session(scene, number, server=9):
    control = Control(scene, f"192.0.2.{number}", f"198.51.100.{server}", sport=40000 + number).begin()
    control.ask("TYPE I", "200 ok")
    control.ask("PWD", '257 "/in" is here')
    return control


def move(control, command, count, before=None, **options):
    """A transfer over a passive connection, with REST in front if before is given."""
    move.port += 1
    control.ask("PASV", pasv(control.server, move.port))
    if before is not None:
        control.ask(f"REST {before}", "350 restarting")
    sender = 1 if command.startswith("RETR") else 0
    return fetch(control, control.data(move.port, sport=move.port), command, b"x" * count, sender=sender, **options)


move.port = PORT


def upload_under_another_name(control):
    move(control, "STOR part.tmp", 1500)
    control.ask("RNFR part.tmp", "350 ready")
    control.ask("RNTO ../done/file.bin", "250 renamed")


def upload_in_parts(control):
    move(control, "STOR big", 1000, code="426 gone")
    move(control, "STOR big", 500, before=1000)
    move(control, "APPE big", 250)
    control.ask("SIZE big", "213 1750")


def upload_that_is_deleted(control):
    move(control, "STOR old", 10)
    control.ask("DELE old", "250 deleted")
    control.ask("DELE old", "550 no such file")


def told_by_facts(control):
    for name, size in ("right", 20), ("wrong", 21):
        move(control, f"STOR {name}", 20)
        control.command(f"MLST {name}")
        control.reply("250-Listing", f" Type=file;Size={size};Modify=20260101000000; /in/{name} size=7", "250 end")


def directories(control):
    control.ask("MKD new", '257 "/in/new" created')
    control.ask("XMKD other", "550 exists")
    control.ask("RMD new", "250 removed")


def append_to_what_is_not_known(control):
    move(control, "APPE log", 30)


def renamed_in_vain(control):
    move(control, "STOR stays", 5)
    control.ask("RNFR stays", "350 ready")
    control.ask("RNTO /forbidden", "553 no")
    control.ask("RNTO /late", "503 RNFR first")


def two_downloads_are_two_files(control):
    move(control, "RETR twice", 7, size=7)
    move(control, "RETR twice", 7, code="226 7 bytes transferred")


SCENES = (upload_under_another_name, upload_in_parts, upload_that_is_deleted, told_by_facts, directories,
          append_to_what_is_not_known, renamed_in_vain, two_downloads_are_two_files)


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    scene = Scene()
    for number, script in enumerate(SCENES, 1):
        control = open_session(scene, number)
        script(control)
        control.quit()
    # In two sessions, and of another server with the same name.
    first, second, other = open_session(scene, 20), open_session(scene, 21), open_session(scene, 22, server=10)
    move(first, "RETR iso", 3000, code="426 gone")
    move(other, "RETR iso", 10)
    move(second, "RETR iso", 2000, before=3000)
    pieces(second, "RETR whole", [(0, 1200), (2000, 1000), (1100, 900)])
    pieces(second, "RETR holed", [(0, 1000), (2000, 1000), (1001, 999)])
    for number in range(40):
        move(second, "APPE journal" if number else "STOR journal", 10 + number)
    return scene.write(tmp_path_factory.mktemp("ftp") / "files.pcap")


def pieces(control, command, parts):
    """Where they begin, and how long they are: all but the last one of the file are cut off by the client."""
    end = max(begin + size for begin, size in parts)
    for begin, size in parts:
        move(control, command, size, before=begin, code="226 done" if begin + size == end else "426 gone")


def ledger(ws, capture, *options):
    text = ws.run("tshark", "-n", "-r", capture, *options, "-q", "-z", "ftp_session,files")
    lines = [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if "|" in line]
    names = lines[0]
    return [{name: cell for name, cell in zip(names, line) if name} for line in lines[1:]]


@pytest.mark.parametrize("passes", [(), ("-2",)], ids=lambda options: "".join(options) or "one pass")
def test_a_line_a_file(ws, capture, passes):
    rows = ledger(ws, capture, *passes)
    shown = ("File", "Direction", "Size", "Bytes", "Parts", "Verified", "Outcome")
    assert [tuple(row[name] for name in shown) for row in rows] == [
        ("/done/file.bin", "to server", "1500", "1500", "1", "-", "complete"),
        ("/in/big", "to server", "1750", "1750", "3", "-", "complete"),
        ("/in/old", "to server", "10", "10", "1", "-", "complete, deleted"),
        ("/in/right", "to server", "20", "20", "1", "MLST", "complete"),
        ("/in/wrong", "to server", "20", "20", "1", "-", "complete"),
        ("/in/log", "to server", "-", "30", "1", "-", "complete"),
        ("/in/stays", "to server", "5", "5", "1", "-", "complete"),
        ("/in/twice", "to client", "7", "7", "1", "reply 150", "complete"),
        ("/in/twice", "to client", "7", "7", "1", "final reply", "complete"),
        ("/in/iso", "to client", "5000", "5000", "2", "-", "complete"),
        ("/in/iso", "to client", "10", "10", "1", "-", "complete"),
        ("/in/whole", "to client", "3000", "3100", "3", "-", "incomplete"),
        ("/in/holed", "to client", "-", "2999", "3", "-", "incomplete"),
        ("/in/journal", "to server", "1180", "1180", "40", "-", "complete"),
    ]
    assert [row["Sessions"] for row in rows[9:11]] == ["8, 9", "10"]
    assert [len(row["Frames"].split(", ")) for row in rows[:3]] == [1, 3, 1]


@pytest.mark.parametrize("two_pass", [False, True])
def test_commands_about_files_have_paths_and_replies(ws, capture, two_pass):
    fields = ["ftp_session.command", "ftp_session.path", "ftp_session.reply_code", "ftp_session.complete", "ftp_session.outcome"]
    rows = ws.rows(capture, fields, "ftp.response.code && ftp_session.command in {'RNFR','RNTO','DELE','MKD','RMD'}".replace("'", '"'),
                   two_pass=two_pass)
    assert rows == [(command, path, code, "", "") for command, path, code in [
        ("RNFR", "/in/part.tmp", "350"), ("RNTO", "/done/file.bin", "250"),
        ("DELE", "/in/old", "250"), ("DELE", "/in/old", "550"),
        ("MKD", "/in/new", "257"), ("MKD", "/in/other", "550"), ("RMD", "/in/new", "250"),
        ("RNFR", "/in/stays", "350"), ("RNTO", "/forbidden", "553"), ("RNTO", "/late", "503")]]


def test_facts_that_differ_are_told(ws, capture):
    """MLST's size is approximate: it has its warning, and the outcome stays."""
    rows = ws.rows(capture, ["_ws.expert.message"], "ftp_session.size_mismatch")
    assert rows == [("STOR /in/wrong: the server says 21 bytes (MLST), 20 were transferred",)]


def test_names_follow_directories_and_sizes_follow_names(ws, tmp_path):
    scene = Scene()
    control = open_session(scene, 30)
    move(control, "STOR job/a", 10)
    move(control, "STOR jobless", 12)
    control.ask("RNFR job", "350 ready")
    control.ask("RNTO done", "250 renamed")
    move(control, "STOR b.tmp", 20)
    control.ask("RNFR b.tmp", "350 ready")
    control.ask("RNTO b", "250 renamed")
    control.ask("SIZE b", "213 20")
    move(control, "STOR c.tmp", 30)
    control.ask("RNFR c.tmp", "350 ready")
    control.ask("RNTO c", "250 renamed")
    control.ask("SIZE c.tmp", "213 7")
    control.ask("SIZE c", "213 29")
    control.quit()
    path = scene.write(tmp_path / "renamed.pcap")
    for passes in (), ("-2",):
        rows = ledger(ws, path, *passes)
        assert [(row["File"], row["Verified"]) for row in rows] == [
            ("/in/done/a", "-"), ("/in/jobless", "-"), ("/in/b", "SIZE"), ("/in/c", "mismatch")]
    assert len(ws.rows(path, ["frame.number"], "ftp_session.size_mismatch", two_pass=True)) == 1


def test_names_do_not_grow_with_directories_for_ever(ws, tmp_path):
    """A directory that is moved into itself, time and again; no server does that."""
    scene = Scene()
    control = open_session(scene, 30)
    move(control, "STOR d/a", 10)
    for _ in range(3):
        control.ask("RNFR d", "350 ready")
        control.ask(f"RNTO d/{'e' * 2000}", "250 renamed")
    move(control, "STOR b", 10)
    control.quit()
    rows = ledger(ws, scene.write(tmp_path / "growing.pcap"))
    assert [len(row["File"]) for row in rows] == [len("/in/d/a") + 2 * 2001, len("/in/b")]


def test_a_part_that_the_server_refuses_is_none_of_the_file(ws, tmp_path):
    """REST beyond its end, as proftpd and pyftpdlib answer it; what follows goes on with the file all the same."""
    scene = Scene()
    control = open_session(scene, 30)
    move(control, "RETR iso", 1000)
    control.ask("REST 4000", "350 go on")
    control.ask("RETR iso", "554 REST: invalid argument")
    move(control, "RETR iso", 500, before=1000)
    control.quit()
    rows = ledger(ws, scene.write(tmp_path / "refused.pcap"))
    assert [(row["File"], row["Size"], row["Parts"], row["Outcome"]) for row in rows] == [("/in/iso", "1500", "2", "complete"), ("/in/iso", "-", "1", "failed")]

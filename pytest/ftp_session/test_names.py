# SPDX-License-Identifier: GPL-2.0-or-later
"""FTP sessions: which file a command is about, by the server's own words and its system's rules. One capture for all scenes."""

import re

import pytest

from ftp_session.packets import Control, Scene, pasv
from ftp_session.table import table

SCENES = {}


def scene(*paths):
    """Lines of the client, each with the server's reply, and the paths of the transfers among them."""
    def register(function):
        SCENES[function.__name__] = function(), list(paths)
        return function
    return register


@scene("DEVCDP.LIB.MEM", "OTHER.DS(MEM)", "DEVCDP.LIB(MEM)", "/u/anna/x", "A.B.C")
def zos():
    return [("CWD 'DEVCDP.'", '250 "DEVCDP." is the working directory name prefix.'), "RETR LIB.MEM", "STOR 'OTHER.DS(MEM)'",
            ("CWD LIB", '250 The working directory "DEVCDP.LIB" is a partitioned data set'), "RETR MEM",
            ("CWD /u/anna", "250 HFS directory /u/anna is the current working directory"), "RETR x",
            ("CWD 'A.B.'", '250 "A.B." is the working directory name prefix.'), "RETR C"]


@scene("A.X", "JOB1", "JOB00023.1", "A.Y")
def jobs_of_zos_have_no_directory():
    return [("CWD 'A.'", '250 "A." is the working directory name prefix.'), "RETR X", ("SITE FILETYPE=JES", "200 SITE command was accepted"),
            "STOR JOB1", "RETR JOB00023.1", ("SITE FILE=SEQ", "200 SITE command was accepted"), "RETR Y"]


@scene("X.Y", "LIB.MEM")
def zos_by_its_name_alone():
    return [("SYST", "215 MVS is the operating system of this server. FTP Server is running on z/OS."), "RETR 'X.Y'", "RETR LIB.MEM"]


@scene("DISK$U:[ANNA]A.TXT;1", "DISK$U:[ANNA.SUB]B.TXT", "SYS$LOGIN:C.TXT", "DISK$U:[OTHER]D.TXT", "E.TXT")
def vms():
    return [("PWD", '257 "DISK$U:[ANNA]" is current directory'), "RETR A.TXT;1", ("CWD [.SUB]", "250 ok"), "RETR B.TXT",
            "RETR SYS$LOGIN:C.TXT", "RETR [OTHER]D.TXT", ("CWD UNCLEAR", "250 ok"), "RETR E.TXT"]


@scene("A.TXT")
def vms_deeper_than_any_directory():
    """Where it is, is not known any more when its name gets too long."""
    return [("PWD", '257 "DISK$U:[ANNA]" is current directory'), *[(f"CWD [.{'SUB' * 300}]", "250 ok")] * 5, "RETR A.TXT"]


@scene("QGPL/FILE.MBR", "OTHER/FILE.MBR", "MYLIB/X")
def os400():
    return [("PWD", '257 "QGPL" is current library.'), "RETR FILE.MBR", "RETR OTHER/FILE.MBR", ("CWD MYLIB", "250 Current library changed"),
            "STOR X"]


@scene(r"C:\data\in\x", r"C:\y", r"D:\z", "C:/w/v")
def dos_drives():
    return [("PWD", r'257 "C:\data" is current'), ("CWD in", "250 ok"), "RETR x", r"RETR ..\..\y", r"RETR D:\z",
            ("PWD", '257 "C:/w" is current'), "RETR v"]


@scene("/there/a", "/b/c", "/echoed/d")
def a_quoted_directory_in_the_reply_to_cwd_decides():
    return [("CWD link", '250 "/there" is current directory.'), "RETR a", ("CWD /b", "250 ok"), "RETR c", ("CWD /echoed", '250 "echoed" it is'),
            "RETR d"]


@scene("/home/anna/in/x", "/home/anna/in/new/y", "/w")
def the_answer_to_mkd_tells_where_it_was_made():
    return [("MKD in", '257 "/home/anna/in" created'), ("CWD in", "250 ok"), "RETR x", ("MKD new", '257 "/elsewhere/new" made'), ("CWD new", "250 ok"),
            "RETR y", ("CWD /", "250 ok"), "RETR w"]


@scene("in/x", "in/y")
def answers_to_mkd_that_tell_nothing():
    return [("MKD in", '257 "in" : The directory was successfully created'), ("CWD in", "250 ok"), "RETR x", ("MKD a", '257 "/b" created'), "RETR y"]


@scene("/pub/x", "/pub/deep/y", "/other one/z", "/pub/deep/w")
def the_directory_without_quotes():
    """Pure-FTPd and Serv-U."""
    return [("CWD pub", "250 OK. Current directory is /pub"), "RETR x", ("CWD link", "250 Directory changed to /pub/deep"), "RETR y",
            ("CWD more", "250 OK. Current directory is /other one"), "RETR z", ("CWD back", '250 OK. Current directory is /pub/deep'), "RETR w"]


@scene('/a "b" c/x', '/a "b" c/y', '/a"b/z', "/p/w")
def quotes_within_quotes():
    """Pure-FTPd does not double them, others do."""
    return [("PWD", '257 "/a "b" c" is your current location'), "RETR x", ("PWD", '257 "/a ""b"" c" is the current directory'), "RETR y",
            ("PWD", '257 "/a"b"'), "RETR z", ("PWD", '257 "/p" is "it"'), "RETR w"]


@scene("/pureftpd.6b0beaef.94.0000", "/b.1", "/c")
def the_name_of_stou_in_a_reply_of_several_lines():
    return [("CWD /", "250 ok"), ("STOU", "150-FILE: pureftpd.6b0beaef.94.0000\r\n150 Accepted data connection"),
            ("STOU b", "150-Hello\r\n150-FILE: b.1\r\n150 Accepted data connection"), "RETR c"]


@scene("x", "/again/y")
def words_that_are_not_understood():
    return [("PWD", '257 "#5%!" is current'), "RETR x", ("PWD", '257 "/again"'), "RETR y"]


@scene(r"/pub/a'b\c", "/pub/C:x")
def strange_names_on_posix():
    return [("CWD /pub", "250 ok"), r"RETR a'b\c", "RETR C:x"]


@scene("/pub/a\\rb", "/pub\\r/c")
def carriage_returns_in_names_are_padded():
    """RFC 2640, section 3.1."""
    return [("CWD /pub", "250 ok"), "RETR a\r\0b", ("PWD", '257 "/pub\r\0" is current'), "RETR c"]


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    made = Scene()
    for number, (lines, _) in enumerate(SCENES.values()):
        control = Control(made, f"192.0.2.{number + 1}", f"198.51.100.{number + 1}")
        control.begin()
        port = 50000
        for line in lines:
            if isinstance(line, tuple) and line[0] not in ("STOU", "STOU b"):
                control.ask(*line)
                continue
            port += 1
            control.ask("PASV", pasv(control.server, port))
            data = control.data(port)
            data.open()
            control.ask(*(line if isinstance(line, tuple) else (line, "150 go")))
            data.close(1)
            control.reply("226 done")
        control.quit()
        made.wait(100)
    return made.write(tmp_path_factory.mktemp("ftp") / "names.pcap")


def test_paths(ws, capture):
    rows = ws.rows(capture, ["ftp_session.id", "ftp_session.path"], "ftp_session.outcome", two_pass=True)
    for number, (name, (_, paths)) in enumerate(SCENES.items()):
        assert [path for session, path in rows if session == str(number)] == paths, name


CASES = {
    "s8_fluent677_zos": ["DEVCDP.LIB.MEM", "OTHER.DS(MEM)"],
    "s11_stou": ["upload.Ab12", "upload.Ab13", "20251207_FILE", "/in/FILE_00ff", "ftpsomething.1"],
}


@pytest.mark.parametrize("name", CASES)
def test_cases(ws, shared, name):
    assert [found["Path"] for found in table(ws, shared.parent / f"cases/ftp-session/{name}.pcap")] == CASES[name]


def test_lost_lines_that_can_not_have_changed_the_directory(ws, shared):
    """Among 687 files; the year that a file's name ends in is the directory's, too. From one lost CWD on, nobody can tell."""
    rows = ws.rows(shared / "ftp/zeek__zeek__cwd-navigation.pcap", ["frame.number", "ftp_session.path"],
                   'ftp_session.command == "RETR" && ftp.request.command')
    paths = [path for frame, path in rows if int(frame) < 7150]
    assert len(rows) == 687 and len(paths) == 590
    assert [path for path in paths if not re.fullmatch(r"pub/data/noaa/isd-lite/(\d{4})/[\d-]+-\1\.gz", path)] == []
    assert rows[590] == ("7156", "722020-12839-1974.gz")

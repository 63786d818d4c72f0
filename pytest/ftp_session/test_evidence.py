# SPDX-License-Identifier: GPL-2.0-or-later
"""FTP sessions: a case for each bug that was found by trying to break the plugin; one capture for all."""

import re
import struct

import pytest

from ftp_session.packets import Control, Scene, Tcp, fetch, pasv, port_text
from ftp_session.table import rows_of
from harness.tshark import HOST_SERIES, TOP, Wireshark

FIELDS = ("id", "channel", "transfer", "evidence", "command", "path", "bytes", "complete", "reply_code", "tls")
CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    scene, known = Scene(), {}
    for number, (name, function) in enumerate(CASES.items()):
        known[name] = function(scene, f"192.0.2.{number + 1}", f"198.51.100.{number + 1}")
        scene.wait(100)
    return scene.write(tmp_path_factory.mktemp("ftp") / "found.pcap"), known


@pytest.fixture
def seen(ws, story):
    """By pass and frame, the fields without their ftp_session, and ftp-data."""
    names = [f"ftp_session.{f}" for f in FIELDS] + ["ftp-data"]
    return {two_pass: [dict(zip((*FIELDS, "ftp-data"), row)) for row in ws.rows(story[0], names, two_pass=two_pass)]
            for two_pass in (False, True)}


def frames(rows, numbers, *names):
    return [tuple(rows[n - 1][name] for name in names) for n in numbers]


def talk(tcp, *lines):
    """Both sides speak in turn, the one that has opened the connection first; returns all its frames."""
    first = tcp.open() - 2
    for turn, line in enumerate(lines):
        if line:
            tcp.send(turn % 2, line)
    return range(first, tcp.close() + 1)


def tls_record(kind, content):
    return struct.pack(">BHH", kind, 0x0303, len(content)) + content


def client_hello(alpn=None, server=None):
    extensions = b""
    if server:
        extensions += struct.pack(">HHHBH", 0, len(server) + 5, len(server) + 3, 0, len(server)) + server
    if alpn:
        names = bytes([len(alpn)]) + alpn
        extensions += struct.pack(">HHH", 16, len(names) + 2, len(names)) + names
    body = b"\x03\x03" + b"\x11" * 32 + b"\0" + b"\0\2\x13\x01" + b"\1\0" + struct.pack(">H", len(extensions)) + extensions
    return tls_record(22, b"\1" + struct.pack(">I", len(body))[1:] + body)


def encrypted(scene, client, server, name=None):
    control = Control(scene, client, server).begin(user=None)
    control.ask("AUTH TLS", "234 go on")
    control.send(0, client_hello(server=name))
    control.send(1, tls_record(23, b"x" * 40))
    control.send(0, tls_record(23, b"x" * 40))
    control.send(1, tls_record(23, b"x" * 40))
    return control


def knock(data, times=3, pause=1):
    """A millisecond longer than the pause."""
    for _ in range(times):
        data.send(0, flags="S", seq=1000)
        data.scene.wait(pause)
    return data.scene.last


# How a data connection fails of which nothing but the time tells that it is one, and which side is to blame; None: nothing is said.
FAILURES = {
    "blocked": ("unanswered", "the server, or a firewall before it"),
    "blocked_at_the_client": ("unanswered", "the client, or a firewall or NAT before it"),
    "refused": ("refused", "By all appearances, a data connection was refused"),
    "prohibited": ("refused", "By all appearances, a data connection cannot be opened: communication administratively prohibited"),
    "prohibited_once": None,
    "slow": None,
    "later": None,
    "twice": None,
    "copied": None,
}


def fail(kind, c):
    c.send(1, tls_record(23, b"x" * 60))
    if kind == "later":
        c.scene.wait(0.05)
    data = c.data(51000, active=kind == "blocked_at_the_client", sport=50200)
    if kind == "refused":
        last = data.refuse()
    elif kind in ("prohibited", "prohibited_once"):
        data.syn()
        last = data.unreachable(router="203.0.113.200", code=13)
    elif kind == "copied":
        last = knock(data, 3, -0.0009)
        data.send(1, flags="SA")
    else:
        last = knock(data, 2 if kind in ("slow", "twice") else 3)
    if kind in ("slow", "prohibited_once"):
        data.next[0] = 1000
        data.open()
        data.send(1, b"SSH-2.0-other\r\n")
    c.send(0, tls_record(23, b"x" * 60))
    c.close()
    return last


@case
def failures_under_tls(scene, client, server):
    return {kind: fail(kind, encrypted(scene, f"192.0.3.{number + 1}", f"198.51.101.{number + 1}")) for number, kind in enumerate(FAILURES)}


def test_failures_under_tls_are_told_by_their_time(ws, story):
    fields = ["frame.number", "ftp_session.outcome", "ftp_session.evidence", "_ws.expert.message"]
    rows = {int(number): rest for number, *rest in ws.rows(story[0], fields, two_pass=True)}
    for kind, number in story[1]["failures_under_tls"].items():
        outcome, evidence, message = rows[number]
        if kind == "prohibited":
            outcome = rows[number - 1][0]
        if FAILURES[kind] is None:
            assert (outcome, evidence) == ("", ""), kind
        else:
            assert (outcome, evidence) == (FAILURES[kind][0], "3"), kind
            assert FAILURES[kind][1] in message, kind
    known = {row[0] for row in ws.rows(story[0], ["frame.number"], "ftp_session.data_unanswered && ftp_session.evidence == 3", two_pass=True)}
    assert {str(story[1]["failures_under_tls"][kind]) for kind in ("blocked", "blocked_at_the_client")} == known - {str(story[1]["a_guess_that_is_refuted"])}


@case
def a_guess_that_is_refuted(scene, client, server):
    """Two connections seem to be blocked; the first one is none of FTP after all, and the second one goes on."""
    guesses = []
    for number in range(2):
        c = encrypted(scene, f"192.0.4.{number + 1}", server, name=b"ftp.example")
        c.send(1, tls_record(23, b"x" * 60))
        guesses.append(c.data(51000, sport=50200))
        knock(guesses[-1])
    guesses[0].open()
    guesses[0].send(1, b"SSH-2.0-other\r\n")
    knock(guesses[1], 1)
    return guesses[1].scene.last


@pytest.mark.parametrize("two_pass", [False, True])
def test_a_guess_that_is_refuted_has_no_row(ws, story, two_pass):
    rows = [row for _, row in rows_of(ws.statistics(story[0], "ftp_session,transfers", two_pass=two_pass))]
    assert [row["Outcome"] for row in rows if row["Client"].startswith("192.0.4.")] == ["unanswered"]
    assert [row["Client"] for row in rows if row["Client"].startswith("192.0.4.")] == ["192.0.4.2"]
    # Wireshark hands nothing of an ICMP error on to tables.
    failures = [f"192.0.3.{number}" for number, kind in enumerate(FAILURES, 1)
                if FAILURES[kind] and (two_pass or kind != "prohibited")]
    assert [row["Client"] for row in rows if row["Client"].startswith("192.0.3.")] == failures


@case
def ports_that_refuse(scene, client, server):
    """One that is tried at the moment in which a data connection would be, and one that is near to the real one."""
    c = encrypted(scene, client, server)
    c.send(1, tls_record(23, b"x" * 60))
    data = c.data(50000)
    data.open()
    data.send(0, client_hello())
    data.close()
    c.send(1, tls_record(23, b"x" * 60))
    c.data(8090, sport=50200).refuse()
    tried = {}
    for number, port in enumerate((9000, 50012, 50025)):
        c.send(1, tls_record(23, b"x" * 60))
        scene.wait(1)
        tried[port] = c.data(port, sport=50300 + number)
        tried[port].refuse()
    return {port: data.first for port, data in tried.items()}


@pytest.mark.parametrize("two_pass", [False, True])
def test_ports_that_refuse_are_not_those_of_data(ws, story, two_pass):
    evidence = ws.rows(story[0], ["ftp_session.evidence"], two_pass=two_pass)
    found = {port: evidence[frame - 1][0] for port, frame in story[1]["ports_that_refuse"].items()}
    assert found == {9000: "", 50012: "3", 50025: ""}


@case
def users_in_one_segment(scene, client, server):
    """The client does not wait for the reply to REIN."""
    c = Control(scene, client, server).begin()
    c.command("REIN", "USER berta")
    c.reply("220 again", "331 password")
    after_rein = c.ask("PASS example", "230 in")
    c.command("USER carla", "REIN")
    c.reply("331 password", "220 again")
    return {"after_rein": after_rein, "before_rein": c.ask("NOOP", "200 ok")}


def test_users_before_and_after_rein(ws, story):
    users = ws.rows(story[0], ["ftp_session.user"])
    assert {name: users[frame - 1][0] for name, frame in story[1]["users_in_one_segment"].items()} == {
        "after_rein": "berta", "before_rein": ""}


@case
def older_announcement(scene, client, server):
    c = Control(scene, client, server).begin()
    for port in (50001, 50002, 50003):
        c.ask("PASV", pasv(server, port))
    second = c.data(50002)
    fetch(c, second, "RETR second", b"22")
    first = c.data(50001, sport=50100)
    fetch(c, first, "RETR first", b"1")
    c.quit()
    return second.first, first.first


def test_the_connection_made_counts_not_the_last_announcement(seen, story):
    second, first = story[1]["older_announcement"]
    assert frames(seen[True], (second, first), "path", "transfer", "reply_code") == [("second", "1", "226"), ("first", "2", "226")]


@case
def command_before_older_announcement(scene, client, server):
    c = Control(scene, client, server).begin()
    c.ask("PASV", pasv(server, 50001))
    c.ask("PASV", pasv(server, 50002))
    c.command("RETR file")
    data = c.data(50001)
    talk(data, None, b"abc")
    c.reply("226 done")
    c.quit()
    return data.first


def test_the_connection_made_after_the_command_counts(seen, story):
    assert frames(seen[True], [story[1]["command_before_older_announcement"]], "path", "reply_code") == [("file", "226")]


@case
def port_of_a_closed_session(scene, client, server):
    c = Control(scene, client, server).begin()
    c.ask("PASV", pasv(server, 50001))
    c.quit()
    scene.wait(5)
    return talk(Tcp(scene, client, 51000, server, 50001), b"GET / HTTP/1.1\r\n\r\n")


def test_announcements_end_with_their_session(seen, story):
    for rows in seen.values():
        assert not any(rows[n - 1]["id"] for n in story[1]["port_of_a_closed_session"])


@case
def stranger_comes_first(scene, client, server):
    c = Control(scene, client, server).begin()
    c.ask("PASV", pasv(server, 50001))
    stranger = talk(Tcp(scene, "203.0.113.9", 51000, server, 50001), b"SSH-2.0-x\r\n")
    data = c.data(50001)
    fetch(c, data, "RETR file", b"abc")
    c.quit()
    return stranger, data.first


def test_the_client_comes_before_a_stranger(seen, story):
    stranger, data = story[1]["stranger_comes_first"]
    assert frames(seen[True], [data], "transfer", "evidence", "path") == [("1", "1", "file")]
    assert not any(seen[True][n - 1]["id"] or seen[True][n - 1]["ftp-data"] for n in stranger)


@pytest.mark.parametrize("options", [(), ("-2",)], ids=["one", "two"])
def test_a_stranger_has_no_arrow(ws, tmp_path, options):
    """In one pass it is taken for the data connection until that comes."""
    scene = Scene()
    stranger_comes_first(scene, "192.0.2.1", "198.51.100.1")
    graph = ws.run("tshark", "-n", *options, "-r", scene.write(tmp_path / "stranger.pcap"), "-q", "-z", "flow,ftp_session,network")
    assert graph.count("data connection to port 50001") == 1 and "(50000)" in graph
    assert "(51000)" not in graph and "203.0.113.9" not in graph


@case
def reply_lost(scene, client, server):
    c = Control(scene, client, server).begin()
    c.command("PASV")
    c.next[1] += 200
    c.send(1, b"1,195,81).\r\n")
    c.command("RETR file")
    c.reply("150 here it comes")
    done = c.reply("226 done")
    c.quit()
    return done


def test_a_lost_reply_does_not_shift_the_others(seen, story):
    for rows in seen.values():
        assert frames(rows, [story[1]["reply_lost"]], "command", "reply_code", "complete")[0] in (
            ("RETR", "226", "1"), ("RETR", "226", "True"))


@case
def mail_server_called_ftp(scene, client, server):
    mail = talk(Tcp(scene, client, 51000, server, 2625), None, b"220 ftp.example.org ESMTP ready\r\n", b"EHLO x\r\n",
                b"250 ok\r\n", b"MAIL FROM:<a@example.org>\r\n", b"250 ok\r\n")
    return [*mail, *talk(Tcp(scene, client, 51001, server, 2626), None, b"220 ready\r\n", b"NOOP\r\n", b"250 ok\r\n",
                         b"HELO x\r\n", b"250 ok\r\n")]


def test_a_mail_server_called_ftp_is_none(seen, story):
    for rows in seen.values():
        assert not any(rows[n - 1]["id"] for n in story[1]["mail_server_called_ftp"])


@case
def first_command_without_argument(scene, client, server):
    numbers = []
    for port, first in ((2121, "FEAT"), (2122, "SYST"), (2124, "NOOP")):
        c = Control(scene, client, server, dport=port).begin("220 hello", user=None)
        c.ask(first, "211 end" if first == "FEAT" else "215 UNIX" if first == "SYST" else "200 ok")
        c.ask("USER anna", "331 password")
        numbers += range(c.first, c.quit() + 1)
    return numbers


def test_a_first_command_without_argument_is_recognised(seen, story):
    assert all(seen[True][n - 1]["channel"] == "1" for n in story[1]["first_command_without_argument"])


@case
def https_beside_ftps(scene, client, server):
    control = encrypted(scene, client, server)
    web = talk(Tcp(scene, client, 51000, server, 8443), client_hello(b"h2"), tls_record(23, b"x" * 40))
    data = talk(Tcp(scene, client, 51001, server, 40123), client_hello(b"ftp"), tls_record(23, b"x" * 40))
    more = talk(Tcp(scene, client, 51002, server, 40124), client_hello(), tls_record(23, b"x" * 40))
    shell = talk(Tcp(scene, client, 51003, server, 40125), None, b"SSH-2.0-x\r\n", b"SSH-2.0-y\r\n")
    headless = talk(Tcp(scene, client, 51004, server, 40126), None, tls_record(23, b"x" * 40), tls_record(23, b"x" * 40))
    control.close()
    return {"web": web, "data": data, "more": more, "shell": shell, "headless": headless}


def test_https_and_ssh_beside_ftps_are_not_data(seen, story):
    known = story[1]["https_beside_ftps"]
    assert not any(rows[n - 1]["id"] for rows in seen.values() for n in known["web"])
    assert not any(seen[True][n - 1]["id"] for n in known["shell"])
    for name in ("data", "more"):
        assert {v for v in frames(seen[True], known[name], "channel", "evidence")} == {("2", "3")}


def test_tls_without_its_hello_counts_no_bytes(seen, story):
    numbers = story[1]["https_beside_ftps"]["headless"]
    assert {v[1:] for v in frames(seen[True], numbers, "tls", "evidence", "bytes")} == {("3", "")}
    assert {v[0] for v in frames(seen[True], numbers, "tls")} <= {"1", "True"}


@case
def other_name_beside_ftps(scene, client, server):
    encrypted(scene, client, server, b"ftp.example.org")
    web = talk(Tcp(scene, client, 51000, server, 40201), client_hello(server=b"www.example.org"), tls_record(23, b"x" * 40))
    data = talk(Tcp(scene, client, 51001, server, 40202), client_hello(server=b"FTP.example.org"), tls_record(23, b"x" * 40))
    nameless = talk(Tcp(scene, client, 51002, server, 40203), client_hello(), tls_record(23, b"x" * 40))
    long = client_hello(b"h2", b"ftp.example.org")
    split = Tcp(scene, client, 51003, server, 40204)
    first = split.open() - 2
    split.send(0, long[:-3])
    split.send(0, long[-3:])
    return {"web": web, "data": [*data, *nameless, *range(first, split.close() + 1)]}


def test_another_server_name_is_another_service(seen, story):
    known = story[1]["other_name_beside_ftps"]
    assert not any(rows[n - 1]["id"] for rows in seen.values() for n in known["web"])
    assert set(frames(seen[True], known["data"], "channel", "evidence")) == {("2", "3")}


@case
def active_data_under_tls(scene, client, server):
    encrypted(scene, client, server)
    data = Tcp(scene, server, 20, client, 40123)
    return talk(data, None, client_hello(), tls_record(23, b"x" * 40))


def test_tls_from_port_20_is_not_file_data(seen, story):
    numbers = story[1]["active_data_under_tls"]
    assert {v for v in frames(seen[True], numbers, "channel", "evidence")} == {("2", "3")}
    assert not any(rows[n - 1]["ftp-data"] for rows in seen.values() for n in numbers)


@case
def refused_then_repeated(scene, client, server):
    c = Control(scene, client, server).begin()
    c.ask("PASV", pasv(server, 50001))
    refused = c.data(50001)
    refused.refuse()
    data = c.data(50001, sport=50100)
    fetch(c, data, "RETR file", b"abc")
    c.quit()
    return refused.first, data.first


def test_a_refused_connection_carried_nothing(seen, story):
    assert frames(seen[True], story[1]["refused_then_repeated"], "transfer", "command", "reply_code") == [
        ("1", "", ""), ("2", "RETR", "226")]


@case
def superseded_port_of_another_protocol(scene, client, server):
    c = Control(scene, client, server).begin()
    c.ask("EPSV", "229 ok (|||8081|)")
    c.ask("PASV", pasv(server, 50001))
    fetch(c, c.data(50001), "RETR file", b"abc")
    web = talk(Tcp(scene, client, 51000, server, 8081), b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n")
    c.quit()
    return web


def test_talk_in_both_directions_is_no_data(seen, story):
    assert not any(seen[True][n - 1]["id"] for n in story[1]["superseded_port_of_another_protocol"])


@case
def terminal_controls(scene, client, server):
    c = Control(scene, client, server).begin(user="an\x1b]0;na")
    c.ask("PORT " + port_text(client, 50001), "200 ok")
    fetch(c, c.data(50001, sport=20, active=True), "RETR a\x1b[2J\tb", b"abc")
    c.quit()


def test_the_table_is_safe_to_print(ws, story):
    table = ws.statistics(story[0], "ftp_session,transfers")
    assert "\x1b" not in table and "\t" not in table
    assert "a\\033[2J\\tb" in table


def yes(value):
    return value in ("1", "True")


@case
def announced_port_of_a_running_connection(scene, client, server):
    web = Tcp(scene, client, 45000, server, 80)
    web.open()
    first = scene.last + 1
    web.send(0, b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
    web.send(1, b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")
    c = Control(scene, client, server).begin()
    c.ask("PASV", pasv(server, 80))
    again = web.send(0, b"GET /b HTTP/1.1\r\nHost: x\r\n\r\n")
    return [first, again]


def test_a_running_connection_is_not_taken_over(ws, seen, story):
    numbers = story[1]["announced_port_of_a_running_connection"]
    assert not any(rows[n - 1]["id"] or rows[n - 1]["ftp-data"] for rows in seen.values() for n in numbers)
    for two_pass in (False, True):
        assert [int(r[0]) for r in ws.rows(story[0], ["frame.number"], "http.request.method && http.request.uri in {\"/a\", \"/b\"}", two_pass=two_pass)] == numbers


@case
def mail_server_with_ftp_in_its_name(scene, client, server):
    claimed = talk(Tcp(scene, client, 51000, server, 25), None, b"220 ftp.example.org ready\r\n", b"EHLO x\r\n", b"250 ok\r\n")
    free = talk(Tcp(scene, client, 51001, server, 2627), None, b"220 ftp.example.org ready\r\n", b"EHLO x\r\n", b"250 ok\r\n")
    lines = talk(Tcp(scene, client, 51002, server, 2628), None, b"220-ftp.example.org\r\n220 ESMTP\r\n", b"NOOP\r\n", b"250 ok\r\n")
    console = talk(Tcp(scene, client, 51003, server, 902), None, b"220 VMware Authentication Daemon Version 1.0\r\n", b"USER x\r\n",
                   b"331 password\r\n")
    return {"never": [*claimed, *lines, *console], "free": free}


def test_ports_of_others_and_the_first_command_decide(ws, seen, story):
    known = story[1]["mail_server_with_ftp_in_its_name"]
    assert not any(rows[n - 1]["id"] for rows in seen.values() for n in known["never"])
    assert not any(seen[True][n - 1]["id"] for n in known["free"])
    smtp = ws.rows(story[0], ["frame.number"], "smtp", two_pass=True)
    assert smtp == ws.without_plugins().rows(story[0], ["frame.number"], "smtp", two_pass=True) and len(smtp) >= 3
    ftp = {int(r[0]) for r in ws.rows(story[0], ["frame.number"], "ftp", two_pass=True)}
    assert not ftp & {*known["never"], *known["free"]}


def test_decode_as_wins_over_recognition(ws, story):
    numbers = story[1]["first_command_without_argument"]
    options = ("-d", "tcp.port==2121,telnet", "-d", "tcp.port==2122,telnet", "-d", "tcp.port==2124,telnet")
    assert not {int(r[0]) for r in ws.rows(story[0], ["frame.number"], "ftp || ftp_session", options=options)} & set(numbers)


def test_switched_off_it_does_nothing(ws, story):
    assert ws.count(story[0], "ftp_session", options=("--disable-protocol", "ftp_session")) == 0
    assert ws.rows(story[0], ["frame.protocols"], options=("--disable-protocol", "ftp_session")) == ws.without_plugins().rows(
        story[0], ["frame.protocols"])
    counts = [w.count(story[0], "ftp-data", options=("--disable-protocol", "ftp")) for w in (ws, ws.without_plugins())]
    assert counts[0] == counts[1]


@case
def sizes_that_prove_nothing(scene, client, server):
    c = Control(scene, client, server).begin()
    done, port = {}, 50200

    def transfer(name, command, carried, size=None, sender=1):
        nonlocal port
        port += 1
        c.ask("PASV", pasv(server, port))
        done[name] = fetch(c, c.data(port, sport=port), command, b"a" * carried, size, sender=sender)[1]

    transfer("without TYPE", "RETR /a", 500, 510)
    c.ask("TYPE A", "200 ok")
    c.ask("SIZE /b", "213 510")
    c.ask("TYPE I", "200 ok")
    transfer("SIZE under another TYPE", "RETR /b", 500)
    c.ask("ALLO 1000", "200 ok")
    transfer("ALLO", "STOR /c", 500, sender=0)
    c.ask("ALLO 1000", "202 superfluous")
    transfer("ALLO that is not needed", "STOR /d", 500, sender=0)
    c.ask("SIZE /e", "213 1000")
    transfer("written", "STOR /e", 500, sender=0)
    transfer("written since SIZE", "RETR /e", 500)
    for size in range(1016, 999, -1):
        c.ask("SIZE /f", f"213 {size}")
    transfer("the last SIZE counts", "RETR /f", 1000)
    c.ask("SIZE /g", "213 1000")
    c.ask("DELE /g", "250 ok")
    transfer("deleted since SIZE", "RETR /g", 500)
    c.ask("MODE Z", "200 ok")
    transfer("MODE Z", "RETR /h", 500, 1000)
    c.ask("MODE S", "200 ok")
    transfer("short", "RETR /i", 500, 1000)
    return done


def test_only_what_the_server_promised_is_missed(seen, story):
    done = story[1]["sizes_that_prove_nothing"]
    for rows in seen.values():
        assert {name: yes(rows[n - 1]["complete"]) for name, n in done.items()} == {name: name != "short" for name in done}


@case
def end_of_data_comes_late(scene, client, server):
    """The last segment is lost, and comes after FIN and final reply; and once it never does, though it was acknowledged."""
    c = Control(scene, client, server).begin()
    c.ask("TYPE I", "200 ok")
    first = []
    for port, comes in ((50301, True), (50302, False)):
        c.ask("PASV", pasv(server, port))
        d = c.data(port, sport=port)
        first.append(d.open() - 2)
        c.command("RETR /x")
        c.reply("150 x (2000 bytes)")
        d.send(1, b"a" * 1000)
        lost = d.next[1]
        d.next[1] += 1000
        d.send(1, flags="FA")
        c.reply("226 done")
        if comes:
            d.send(1, b"b" * 1000, seq=lost)
        d.send(0, flags="A")
    c.quit()
    return first


def test_segments_after_the_end_are_not_missed(seen, story):
    assert [(yes(c), r) for c, r in frames(seen[True], story[1]["end_of_data_comes_late"], "complete", "reply_code")] == [(True, "226")] * 2


@case
def reply_after_the_end(scene, client, server):
    """The final reply was captured after the control connection's FINs."""
    c = Control(scene, client, server).begin()
    c.ask("PASV", pasv(server, 50001))
    d = c.data(50001)
    d.open()
    c.command("RETR /x")
    c.reply("150 x")
    d.send(1, b"abc")
    d.close(1)
    late = c.next[1]
    c.next[1] += len(b"226 done\r\n")
    c.close()
    c.send(1, b"226 done\r\n", seq=late)
    return d.first


def test_a_late_reply_counts(seen, story):
    (complete, code), = frames(seen[True], [story[1]["reply_after_the_end"]], "complete", "reply_code")
    assert code == "226" and yes(complete)


@case
def refused_but_praised(scene, client, server):
    c = Control(scene, client, server).begin()
    c.ask("PORT " + port_text(client, 50001), "200 ok")
    c.data(50001, sport=20, active=True).refuse()
    c.ask("LIST", "226 done")
    return scene.last


def test_nothing_was_transferred_by_a_refused_connection(seen, story):
    for rows in seen.values():
        assert frames(rows, [story[1]["refused_but_praised"]], "reply_code", "complete")[0] in (("226", "0"), ("226", "False"))


@case
def segment_out_of_nowhere(scene, client, server):
    c = Control(scene, client, server).begin()
    c.ask("PASV", pasv(server, 50001))
    d = c.data(50001)
    d.open()
    c.command("RETR x")
    c.reply("150 x")
    d.send(1, b"a" * 500)
    d.send(1, b"zz", seq=d.next[1] + 10 ** 9)
    d.send(1, b"a" * 500)
    d.close(1)
    return c.reply("226 done")


def test_a_stray_segment_is_not_counted(seen, story):
    for rows in seen.values():
        assert rows[story[1]["segment_out_of_nowhere"] - 1]["bytes"] == "1000"


@case
def help_during_transfer(scene, client, server):
    c = Control(scene, client, server).begin()
    c.ask("PASV", pasv(server, 50001))
    d = c.data(50001)
    d.open()
    c.command("RETR x")
    c.reply("150 x")
    c.ask("HELP", "211 no help")
    d.send(1, b"abc")
    d.close(1)
    c.reply("226 done")
    return d.first


def test_help_is_not_the_answer_to_retr(seen, story):
    assert frames(seen[True], [story[1]["help_during_transfer"]], "reply_code") == [("226",)]


@case
def bounce_behind_the_server(scene, client, server):
    c = Control(scene, client, server).begin()
    low = c.ask("PORT 10,0,0,5,0,22", "200 ok")
    Tcp(scene, server, 20, "10.0.0.5", 22).refuse()
    c.ask("LIST", "425 refused")
    high = c.ask("PORT 10,0,0,5,31,64", "200 ok")
    Tcp(scene, server, 20, "10.0.0.5", 8000).refuse()
    c.ask("LIST", "425 refused")
    return [low, high]


def test_a_private_third_host_is_no_nat(ws, story):
    found = [int(r[0]) for r in ws.rows(story[0], ["frame.number"], "ftp_session.bounce && ftp.request.command == \"PORT\"", two_pass=True)]
    assert found == story[1]["bounce_behind_the_server"]


@case
def bare_cr(scene, client, server):
    c = Control(scene, client, server)
    c.open()
    c.reply("220 ready")
    c.send(0, b"USER anna\rPASS hunter2\r\n")
    c.reply("331 password", "230 in")
    c.send(0, b"RETR a\r\0b\r\n")
    c.reply("550 no")
    return scene.last


def test_a_password_after_cr_is_no_part_of_the_user(ws, seen, story):
    assert "hunter2" not in "".join(r[0] for r in ws.rows(story[0], ["ftp_session.user"], "ftp_session.user"))
    assert seen[True][story[1]["bare_cr"] - 1]["reply_code"] == "550"


@case
def greeting_with_escapes(scene, client, server):
    c = Control(scene, client, server)
    c.open()
    c.reply("530 \x1b[31mgo away")
    c.ask("PASV", pasv(server, 50001))
    d = c.data(50001)
    fetch(c, d, "RETR /\x1b[31mred", b"abc", code="426 no")


def test_what_is_shown_is_safe_to_print(ws, story):
    assert "\x1b" not in ws.tshark(story[0], "-V", "-O", "ftp_session", "-2", "-Y", "ftp_session.no_banner || ftp_session.incomplete")


@case
def paths_of_other_systems(scene, client, server):
    c = Control(scene, client, server).begin()
    c.ask("CWD ~anna/x", "250 ok")
    asked = [c.ask("RETR y", "550 no"), c.ask("RETR ~bob/z", "550 no")]
    c.ask("PWD", "257 \"'ANNA.'\" is working directory")
    asked.append(c.ask("RETR DATA.SET", "550 no"))
    return asked


def test_paths_of_home_directories_and_data_sets(seen, story):
    assert frames(seen[True], story[1]["paths_of_other_systems"], "path") == [("~anna/x/y",), ("~bob/z",), ("ANNA.DATA.SET",)]


@case
def icmp_on_fxp(scene, client, server):
    other = "203.0.113.18"
    a = Control(scene, client, server, sport=40001).begin()
    b = Control(scene, client, other, sport=40002).begin(user="berta")
    a.ask("PASV", pasv(server, 50019))
    b.ask(f"PORT {port_text(server, 50019)}", "200 ok")
    d = Tcp(scene, other, 20, server, 50019)
    b.command("STOR copy")
    a.command("RETR original")
    d.open()
    d.send(1, b"abc")
    error = d.unreachable(1, 8)
    d.send(1, b"def")
    d.close(1)
    return error


def test_an_icmp_error_on_fxp_says_the_same_for_both(ws, story):
    rows = ws.rows(story[0], ["ftp_session.id", "_ws.expert.message"], f"frame.number == {story[1]['icmp_on_fxp']}", two_pass=True)
    ids, messages = rows[0][0].split(","), rows[0][1]
    assert len(ids) == 2 and messages.count("the connection goes on") == 2 and "nothing follows" not in messages


@case
def refused_and_unused(scene, client, server):
    c = Control(scene, client, server).begin(user="otto")
    c.ask("PASV", pasv(server, 50001))
    c.data(50001).refuse()
    c.ask("EPSV", "229 ok (|||50002|)")
    c.quit()


def test_refused_and_unused_announcements_have_a_row(ws, story):
    for two_pass in (False, True):
        rows = [row for _, row in rows_of(ws.statistics(story[0], "ftp_session,transfers", two_pass=two_pass)) if row["User"] == "otto"]
        assert [(row["Mode"], row["Command"], row["Outcome"]) for row in rows] == [("PASV", "-", "refused"), ("EPSV", "-", "unused")]


@case
def announced_twice_on_another_port(scene, client, server):
    """Wireshark's own dissector, called by us, makes a conversation of each; the second has two of a port in a frame."""
    c = Control(scene, client, server, dport=2121).begin("220 FTP ready")
    c.ask("PASV", pasv(server, 50001), pasv(server, 50001))
    fetch(c, c.data(50001), "RETR file", b"abc")
    for _ in range(2):
        c.ask("PORT " + port_text(client, 50002), "200 ok")
    fetch(c, c.data(50002, sport=20, active=True), "RETR more", b"abc", sender=0)
    c.quit()


# What TCP says of a payload that is reassembled for the dissector that it now has.
PAYLOAD = re.compile(r"tcp\.(segment|reassembled|pdu|payload)")


@pytest.fixture(scope="module")
def together(story, tmp_path_factory):
    """All captures of real servers and the cases above in one file, with all key logs."""
    folder = tmp_path_factory.mktemp("ftp")
    folder.chmod(0o777)
    files = sorted((TOP / "test-captures/ftp-servers").glob("*.pcap"))
    Wireshark(HOST_SERIES).run("mergecap", "-a", "-w", folder / "all.pcapng", *files, story[0])
    (folder / "all.keys").write_bytes(b"".join(f.read_bytes() for f in sorted((TOP / "test-captures/ftp-servers").glob("*.keys"))))
    return folder / "all.pcapng", folder / "all.keys"


@pytest.mark.parametrize("two_pass", [False, True], ids=["one-pass", "two-pass"])
def test_tcp_counts_as_without_the_plugin(ws, together, two_pass):
    """Streams, completeness and all else: conversations are made by TCP, or by FTP where Wireshark has it read by itself."""
    stock = ws.without_plugins()
    names = sorted(n for n in stock.fields() if n.startswith("tcp.") and not PAYLOAD.match(n))
    assert {"tcp.stream", "tcp.completeness"} <= set(names)
    rows = [w.rows(together[0], names, two_pass=two_pass, keylog=together[1]) for w in (stock, ws)]
    assert len(rows[0]) > 4000
    assert [(n, name) for n, pair in enumerate(zip(*rows), 1) if pair[0] != pair[1]
            for name, *values in zip(names, *pair) if values[0] != values[1]] == []


def test_a_private_address_of_another_network_is_no_bounce(ws, tmp_path):
    """A client in a VPN announces the address that it has at home; one that announces its neighbour's has no such excuse."""
    scene = Scene()
    found = []
    for number, told in enumerate(("192.168.1.7", "10.8.0.9")):
        c = Control(scene, "10.8.0.2", "198.51.100.1", sport=40000 + number).begin()
        found.append(c.ask(f"PORT {port_text(told, 50000)}", "200 ok"))
        c.ask("LIST", "425 no")
        c.quit()
    capture = scene.write(tmp_path / "private.pcap")
    for expert, frame in ("nat", found[0]), ("bounce", found[1]):
        assert ws.frames(capture, f"ftp_session.{expert} && ftp.request.command", True) == [frame]

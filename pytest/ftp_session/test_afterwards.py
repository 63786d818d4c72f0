# SPDX-License-Identifier: GPL-2.0-or-later
"""Data connections whose announcement was not captured: worked out afterwards, and never where two would do. One capture."""

import pytest

from ftp_session.packets import Control, Scene, Tcp, fetch, pasv
from ftp_session.table import table

SCENES = {}


def scene(*expected):
    """A session; which connections, of those that it returns, are found, and the bytes of each."""
    def register(function):
        SCENES[function.__name__] = function, list(expected)
        return function
    return register


def lost(control, side, line):
    """Said, but not captured."""
    control.next[side] += len(line) + 2


def passive(control, port=50000, sport=50000):
    control.command("PASV")
    lost(control, 1, pasv(control.server, port))
    return control.data(port, sport=sport)


def carry(control, data, command, size=1000, sender=1, told=None, done="226 done"):
    if not data.first:
        data.open()
    control.command(command)
    control.reply("150 here" + (f" ({told} bytes)" if told is not None else ""))
    data.send(sender, b"a" * size)
    data.send(1 - sender, flags="A")
    data.close(sender)
    control.reply(done)
    return data


def other(control, port=51000, sport=51000, size=1000, sender=1, said=b""):
    data = Tcp(control.scene, control.client, sport, control.server, port)
    data.open()
    if said:
        data.send(1 - sender, said)
    data.send(sender, b"b" * size)
    data.close(sender)
    return data


@scene(1000)
def announcement_lost(c):
    return [carry(c, passive(c), "RETR /x")]


@scene(1000, 700)
def one_after_the_other(c):
    return [carry(c, passive(c), "RETR /x"), carry(c, passive(c, 50001, 50001), "STOR /y", 700, 0)]


@scene(1000)
def active_by_its_size(c):
    lost(c, 0, "PORT 192,0,2,1,195,80")
    c.reply("200 PORT ok")
    return [carry(c, c.data(50000, sport=20, active=True), "RETR /x", sender=0, told=1000)]


@scene(None, None)
def two_that_fit_equally(c):
    data = passive(c)
    data.open()
    c.command("RETR /x")
    second = other(c)
    data.send(1, b"a" * 1000)
    data.close(1)
    c.reply("226 done")
    return [data, second]


@scene(1200, None)
def two_of_which_one_has_the_size(c):
    data = passive(c)
    data.open()
    c.command("RETR /x")
    c.reply("150 here (1200 bytes)")
    second = other(c)
    data.send(1, b"a" * 1200)
    data.close(1)
    c.reply("226 done")
    return [data, second]


@scene(None)
def both_sides_talk(c):
    passive(c)
    c.command("RETR /x")
    second = other(c, said=b"hello?\r\n")
    c.reply("226 done")
    return [second]


@scene(None)
def port_of_another_protocol(c):
    passive(c)
    c.command("RETR /x")
    second = other(c, port=8080)
    c.reply("226 done")
    return [second]


@scene(None)
def wrong_direction(c):
    passive(c)
    c.command("STOR /x")
    second = other(c)
    c.reply("226 done")
    return [second]


@scene(None)
def wrong_size(c):
    c.ask("TYPE I", "200 ok")
    passive(c)
    c.command("RETR /x")
    c.reply("150 here (5000 bytes)")
    second = other(c)
    c.reply("226 done")
    return [second]


@scene(None)
def before_the_command(c):
    passive(c)
    second = other(c)
    c.ask("RETR /x", "226 done")
    return [second]


@scene(None)
def nothing_was_transferred(c):
    passive(c)
    c.command("RETR /x")
    second = other(c)
    c.reply("550 no such file")
    return [second]


@scene(None)
def nothing_is_missing(c):
    c.ask("PASV", pasv(c.server, 50000))
    second = other(c)
    c.ask("RETR /x", "150 here", "226 done")
    return [second]


@scene(None)
def two_sessions_at_once(c):
    another = Control(c.scene, c.client, c.server, sport=40001).begin()
    data = carry(c, passive(c), "RETR /x")
    another.quit()
    return [data]


@scene(1000)
def of_two_sessions_the_one_with_the_size(c):
    another = Control(c.scene, c.client, c.server, sport=40001).begin()
    data = carry(c, passive(c), "RETR /x", told=1000)
    another.quit()
    return [data]


def another_session(c):
    return Control(c.scene, c.client, c.server, sport=40001).begin()


@scene(1000)
def of_two_sessions_the_one_that_goes_on(c):
    another_session(c).quit()
    return [carry(c, passive(c), "RETR /x")]


@scene(1000)
def after_words_of_a_session_that_has_ended(c):
    another = another_session(c)
    another.quit()
    another.command("NOOP")
    another.command("NOOP")
    return [carry(c, passive(c), "RETR /x")]


@scene(1000)
def while_another_session_is_refused(c):
    """The beginning of the connection was not captured: only a transfer that waits for it finds it."""
    another = another_session(c)
    c.ask("RETR /x", "150 here (1000 bytes)")
    another.ask("RETR /y", "550 no such file")
    data = c.data(50000)
    data.next = [1001, 5001]
    data.first = data.send(1, b"a" * 1000)
    data.send(0, flags="A")
    data.close(1)
    c.reply("226 done")
    another.quit()
    return [data]


class Half(Scene):
    """Of the control connection, and all others, one side's packets only."""

    def __init__(self, whole, source):
        super().__init__()
        self.whole, self.source = whole, source

    def add(self, packet):
        from_source = packet[12:16] == bytes(int(b) for b in self.source.split("."))
        return self.whole.add(packet) if from_source else len(self.whole.frames)


@scene(1000, 700)
def only_the_clients_half(c):
    c.scene = Half(c.scene, c.client)
    first = carry(c, c.data(50000), "RETR /x")
    c.ask("PASV", pasv(c.server, 50001))
    return [first, carry(c, c.data(50001, sport=50001), "STOR /y", 700, 0)]


@scene(1000, None)
def only_the_servers_half(c):
    c.scene = Half(c.scene, c.server)
    c.ask("PORT 192,0,2,1,195,80", "200 ok")
    first = carry(c, c.data(50000, sport=20, active=True), "RETR /x", sender=0, told=1000)
    return [first, Tcp(c.scene.whole, c.client, 9, c.server, 9)]


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    made, known = Scene(), {}
    for number, (name, (function, _)) in enumerate(SCENES.items()):
        control = Control(made, f"192.0.2.{number + 1}", f"198.51.100.{number + 1}")
        control.begin()
        known[name] = [data.first for data in function(control) if data.first]
        control.scene = made
        control.quit()
        made.wait(100)
    return made.write(tmp_path_factory.mktemp("ftp") / "afterwards.pcap"), known


FIELDS = ["frame.number", "tcp.stream", "ftp_session.evidence", "ftp_session.mode", "ftp_session.bytes", "ftp_session.channel"]


@pytest.fixture
def seen(ws, capture):
    return ws.rows(capture[0], FIELDS, two_pass=True)


@pytest.mark.parametrize("name", SCENES)
def test_what_fits_alone_is_found(seen, capture, name):
    for first, expected in zip(capture[1][name], SCENES[name][1]):
        row = seen[first - 1]
        packets = [packet for packet in seen if packet[1] == row[1]]
        if expected is None:
            assert not any(packet[5] for packet in packets), first
        else:
            assert {packet[2:4] for packet in packets} == {("4", "9")}
            assert packets[-1][4] == str(expected)


def test_in_one_pass_from_where_it_is_known(ws, seen, capture):
    """Never before, and then as in later passes."""
    once = [row for row in ws.rows(capture[0], FIELDS) if row[2] == "4"]
    assert all(row[2:] == seen[int(row[0]) - 1][2:] for row in once)
    assert 0 < len(once) < len([row for row in seen if row[2] == "4"])


def test_rows_of_the_table(ws, capture):
    table = str(ws.statistics(capture[0], "ftp_session,transfers", two_pass=True))
    assert table.count("/x") == len([n for n in SCENES if n != "only_the_servers_half"])


def test_rows_of_one_pass_are_those_of_two(ws, capture):
    """What is known by the next command alone, or at the end, has no packet of its own any more."""
    one, two = ([{key: value for key, value in row.items() if key != "Frame"} for row in table(ws, capture[0], *options)] for options in ((), ("-2",)))
    assert sorted(one, key=str) == sorted(two, key=str)


@pytest.mark.parametrize("two_pass", [False, True])
def test_acknowledgements_tell_the_direction(ws, tmp_path, two_pass):
    """Of the server's half, without the commands."""
    whole = Scene()
    c = Control(Half(whole, "198.51.100.1"), "192.0.2.1", "198.51.100.1").begin()
    for port, (command, sender) in enumerate({"RETR x": 1, "STOR y": 0, "LIST": 1}.items(), 50000):
        c.ask("PASV", pasv(c.server, port))
        fetch(c, c.data(port, sport=port), command, b"x" * 1500, sender=sender)
        whole.wait(1)
    rows = table(ws, whole.write(tmp_path / "half.pcap"), *["-2"] * two_pass)
    assert [(row["Direction"], row["Bytes"]) for row in rows] == [("<", "1500"), (">", "1500"), ("<", "1500")]


def test_another_session_between_the_hosts_is_one(ws, tmp_path):
    """On a free port, its connection might be one of data until the server greets."""
    scene = Scene()
    first = Control(scene, "192.0.2.1", "198.51.100.1").begin()
    second = Control(scene, "192.0.2.1", "198.51.100.1", sport=40001, dport=2121).begin()
    second.quit()
    first.quit()
    path = scene.write(tmp_path / "two.pcap")
    assert set(ws.rows(path, ["ftp_session.id", "ftp_session.channel", "tcp.stream"], two_pass=True)) == {("0", "1", "0"), ("1", "1", "1")}


def about_to_be_found(scene):
    """A session, and its data connection, whose bytes are all that was promised: the reply is missing that tells whose they are."""
    c, between = (Control(scene, f"192.0.2.{n}", f"198.51.100.{n}").begin() for n in (1, 2))
    data = passive(c)
    data.open()
    between.ask("RETR /b", "550 no")
    c.command("RETR /a")
    c.reply("150 here (1000 bytes)")
    data.send(1, b"a" * 1000)
    return c, data


def outcomes(ws, capture, options):
    return [(row["Path"], row["Outcome"], row["Bytes"]) for row in table(ws, capture, *options)]


@pytest.mark.parametrize("options", [(), ("-2",)])
def test_a_command_outlives_the_connection_that_was_found_for_it(ws, tmp_path, options):
    """Both sides talk on it after the end of the transfer, which stands where its command is and has no bytes then."""
    scene = Scene()
    c, data = about_to_be_found(scene)
    c.reply("226 done")
    for side in (0, 1):
        data.send(side, b"not a file")
    data.close(1)
    assert outcomes(ws, scene.write(tmp_path / "refuted.pcap"), options) == [("/b", "failed", "-"), ("/a", "complete", "-")]


@pytest.mark.parametrize("options", [(), ("-2",)])
def test_an_aborted_command_outlives_the_connection_that_was_found_for_it(ws, tmp_path, options):
    """Its outcome is open until the connection closes; what went the wrong way on that is none of its."""
    scene = Scene()
    c, data = about_to_be_found(scene)
    c.command("ABOR")
    c.reply("226 done")
    data.send(0, b"not a file")
    data.send(1, b"nor this")
    data.close(1)
    assert outcomes(ws, scene.write(tmp_path / "refuted.pcap"), options) == [("/b", "failed", "-"), ("/a", "complete", "-")]

# SPDX-License-Identifier: GPL-2.0-or-later
"""FTP sessions: one that was captured on both sides of a NAT is known to be one; two are not. One capture."""

import pytest

from ftp_session.packets import Control, Scene, fetch, pasv
from ftp_session.table import table

SCENES = {}
INSIDE, OUTSIDE, SERVER, PUBLIC = "192.0.2.1", "203.0.113.1", "198.51.100.1", "203.0.113.200"


def scene(linked):
    def register(function):
        SCENES[function.__name__] = function, linked
        return function
    return register


class Both:
    """Calls go to both; of each, only the packets of the given sides are captured."""

    def __init__(self, first, second, sides=((0, 1), (0, 1))):
        self.all = first, second
        for one, kept in zip(self.all, sides):
            self.keep(one, kept)

    def keep(self, one, kept):
        scene, send = one.scene, one.send

        def only(side, payload=b"", flags="PA", seq=None):
            count, clock = len(scene.frames), scene.clock
            send(side, payload, flags, seq)
            if side not in kept:
                del scene.frames[count:]
                scene.clock = clock
            return len(scene.frames)
        one.send = only

    def __getattr__(self, name):
        if name == "data":
            return lambda *arguments, **more: Both(*(one.data(*arguments, **more) for one in self.all))
        return lambda *arguments: [getattr(one, name)(*arguments) for one in self.all][0]

    def packets(self, *turns):
        for side, text in turns:
            for one in self.all:
                one.send(side, text)
            for one in self.all:
                one.send(1 - side, flags="A")


USER = (0, b"USER anna\r\n"), (1, b"331 password\r\n"), (0, b"PASS example\r\n"), (1, b"230 in\r\n"), (0, b"QUIT\r\n"), (1, b"221 bye\r\n")


def of_scene(scene, address):
    """Each scene has hosts of its own."""
    if ":" in address:
        return address
    return f"{address.rpartition('.')[0]}.{int(address.rpartition('.')[2]) + getattr(scene, 'number', 0)}"


def two(scene, clients, servers, ports=(40000, 5072), seqs=((7, 8), (7, 8)), sides=((0, 1), (0, 1)), to=(21, 21)):
    return Both(*(Control(scene, of_scene(scene, c), of_scene(scene, s), sport=p, dport=d, seq=q, ack=a)
                  for c, s, p, d, (q, a) in zip(clients, servers, ports, to, seqs)), sides=sides)


def speak(both, greeting=b"220 here I am\r\n"):
    for side, flags in ((0, "S"), (1, "SA"), (0, "A")):
        for one in both.all:
            one.send(side, flags=flags)
    both.packets((1, greeting), *USER)


@scene(True)
def source_translated(s):
    speak(two(s, (INSIDE, OUTSIDE), (SERVER, SERVER)))


@scene(True)
def destination_translated(s):
    speak(two(s, (INSIDE, INSIDE), (PUBLIC, SERVER), ports=(40000, 40000)))


@scene(True)
def published_on_another_port(s):
    speak(two(s, (INSIDE, INSIDE), (PUBLIC, SERVER), ports=(40000, 40000), to=(2121, 21)))


@scene(True)
def on_ports_that_are_not_those_of_ftp(s):
    speak(two(s, (INSIDE, INSIDE), (PUBLIC, SERVER), ports=(40000, 40000), to=(8021, 2121)), b"220 FTP server ready\r\n")


@scene(True)
def both_translated(s):
    """As to a container, whose host masquerades the client."""
    speak(two(s, (INSIDE, OUTSIDE), (PUBLIC, SERVER), ports=(40000, 40000), seqs=((0x2f001234, 0xd0005678),) * 2))


@scene(True)
def translated_to_ipv6(s):
    speak(two(s, (f"2001:db8::{s.number}", OUTSIDE), (f"64:ff9b::{s.number}", SERVER), seqs=((0x2f001234, 0xd0005678),) * 2))


@scene(True)
def a_half_of_each(s):
    speak(two(s, (INSIDE, OUTSIDE), (SERVER, SERVER), sides=((0,), (1,))))


@scene(True)
def the_servers_half_first(s):
    speak(two(s, (INSIDE, OUTSIDE), (SERVER, SERVER), sides=((1,), (0,))))


@scene(False)
def other_numbers(s):
    speak(two(s, (INSIDE, OUTSIDE), (SERVER, SERVER), seqs=((7, 8), (7, 9))))


@scene(False)
def other_words(s):
    both = two(s, (INSIDE, OUTSIDE), (SERVER, SERVER))
    for one, greeting in zip(both.all, (b"220 here I am\r\n", b"220 here we go\r\n")):
        one.open()
        one.send(1, greeting)
        for side, text in USER:
            one.send(side, text)


@scene(False)
def other_hosts(s):
    speak(two(s, (INSIDE, OUTSIDE), (SERVER, PUBLIC)))


@scene(False)
def the_same_hosts(s):
    speak(two(s, (INSIDE, INSIDE), (SERVER, SERVER)))


@scene(False)
def halves_that_do_not_fit(s):
    both = two(s, (INSIDE, OUTSIDE), (SERVER, SERVER), sides=((0,), (1,)))
    for one, name in zip(both.all, ("a", "somebody-else")):
        one.open()
        for side, text in ((1, b"220 ready\r\n"), (0, f"USER {name}\r\n".encode()), (1, b"331 go on\r\n"), (0, b"PASS x\r\n"), (1, b"230 in\r\n")):
            one.send(side, text)
            one.send(1 - side, flags="A")


@scene(False)
def much_later(s):
    both = two(s, (INSIDE, OUTSIDE), (SERVER, SERVER))
    for one in both.all:
        one.begin("220 here I am")
        one.quit()
        s.wait(60)


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    made, known = Scene(), {}
    for number, (name, (function, _)) in enumerate(SCENES.items()):
        first = made.last + 1
        made.number = number
        function(made)
        known[name] = range(first, made.last + 1)
        made.wait(600)
    return made.write(tmp_path_factory.mktemp("ftp") / "same.pcap"), known


@pytest.fixture
def seen(ws, capture):
    return {two_pass: ws.rows(capture[0], ["frame.number", "ftp_session.id", "ftp_session.same_as"], two_pass=two_pass)
            for two_pass in (False, True)}


@pytest.mark.parametrize("name", SCENES)
def test_each_is_told_of_the_other(seen, capture, name):
    numbers = capture[1][name]
    rows = [seen[True][n - 1] for n in numbers]
    ids = {row[1] for row in rows}
    assert len(ids) == 2
    if not SCENES[name][1]:
        assert not any(seen[two_pass][n - 1][2] for two_pass in seen for n in numbers)
        return
    assert all({row[1], row[2]} == ids for row in rows)
    once = [seen[False][n - 1] for n in numbers]
    assert once[-1][2] and not once[0][2]
    assert all(row[2] in ("", rows[i][2]) for i, row in enumerate(once))


def test_files_are_counted_once(ws, tmp_path):
    scene = Scene()
    sessions = [Control(scene, client, SERVER, sport=port) for client, port in ((INSIDE, 40000), (OUTSIDE, 5072))]
    for one in sessions:
        one.open()
    for side, text in ((1, b"220 ready\r\n"), *USER[:4]):
        for one in sessions:
            one.send(side, text)
    for one in sessions:
        one.ask("PASV", pasv(SERVER, 50000))
        fetch(one, one.data(50000), "RETR /a", b"abc")
        one.quit()
    text = str(ws.statistics(scene.write(tmp_path / "files.pcap"), "ftp_session,files"))
    assert text.count("/a") == 1


@pytest.mark.parametrize("copies", [1, 2])
def test_both_sides_announce_the_outer_address(ws, tmp_path, copies):
    """On all interfaces of a host, a container's packets are captured before and after the NAT, and on its bridge again."""
    scene = Scene()
    sessions = [Control(scene, INSIDE, server) for server in (PUBLIC, *[SERVER] * copies)]

    def each(*steps):
        for step in steps:
            for one in sessions:
                step(one)
    each(lambda one: one.send(0, flags="S"), lambda one: one.send(1, flags="SA"), lambda one: one.send(0, flags="A"))
    for side, text in ((1, b"220 ready\r\n"), *USER[:4]):
        each(lambda one, side=side, text=text: one.send(side, text))
    for number in (0, 1):
        each(lambda one: one.command("PASV"), lambda one: one.reply(pasv(PUBLIC, 50000 + number)))
        for one in sessions:
            one.second = one.data(50000 + number, sport=51000, seq=3000 + number)
        each(lambda one: one.second.send(0, flags="S"), lambda one: one.second.send(1, flags="SA"), lambda one: one.second.send(0, flags="A"),
             lambda one: one.command(f"RETR {number}"), lambda one: one.reply("150 go on (2000 bytes)"),
             lambda one: one.second.send(1, b"x" * 1000), lambda one: one.second.send(1, b"x" * 1000, flags="FA"),
             lambda one: one.second.send(0, flags="FA"), lambda one: one.reply("226 done"))
    rows = [[row[name] for name in ("Session", "Server", "Path", "Bytes", "Outcome")]
            for row in table(ws, scene.write(tmp_path / "any.pcap"), "-2")]
    assert sorted(rows) == sorted([str(session), server, str(number), "2000", "complete"]
                                  for session, server in enumerate((PUBLIC, SERVER)) for number in (0, 1))


@pytest.mark.parametrize("ended", [True, False])
def test_what_begins_when_the_other_has_long_begun_is_not_the_same(ws, tmp_path, ended):
    scene = Scene()
    for client in (INSIDE, OUTSIDE):
        control = Control(scene, client, SERVER).begin()
        if ended:
            control.quit()
    path = scene.write(tmp_path / "after.pcap")
    assert ws.count(path, "ftp_session.id == 1") > 0 and ws.count(path, "ftp_session.same_as", two_pass=True) == 0

# SPDX-License-Identifier: GPL-2.0-or-later
"""FTP sessions that go on and on: what is bounded stays bounded, what is not lost is right."""


import pytest

from ftp_session.packets import Control, Scene, fetch, pasv, port_text
from harness.craft import write_pcap


@pytest.fixture(scope="module")
def long_story(tmp_path_factory):
    scene, facts = Scene(), {}

    c = Control(scene, "192.0.2.1", "198.51.100.1").begin()
    first = scene.last + 1
    for n in range(500):
        c.ask(f"PORT {port_text(c.client, 20000 + n)}", "200 ok")
    d = c.data(20499, sport=20, active=True)
    facts["last_port"] = d.syn()
    old = c.data(20100, sport=20, active=True)
    facts["old_port"] = old.syn()
    facts["ports"] = range(first, scene.last + 1)

    c = Control(scene, "192.0.2.2", "198.51.100.2").begin()
    c.command("STAT")
    for n in range(700):
        c.send(1, b"211-" + b"x" * 1396 if n == 0 else b"x" * 1400)
    c.reply("", "211 end")
    c.ask("PASV", pasv(c.server, 20001))
    facts["after_long_line"] = fetch(c, c.data(20001), "RETR after", b"abc")[1]

    c = Control(scene, "192.0.2.3", "198.51.100.3").begin()
    for n in range(150):
        c.command(*(f"NOOP {n}" for n in range(10)))
    c.ask("PASV", pasv(c.server, 20002))
    d = c.data(20002)
    facts["after_commands"] = d.syn()

    c = Control(scene, "192.0.2.4", "198.51.100.4").begin()
    facts["connections"] = []
    for n in range(2000):
        port = 30000 + n % 1000
        c.ask("PASV", pasv(c.server, port))
        d = c.data(port, sport=50000 + n // 1000)
        facts["connections"].append((d.syn(), n + 1))
        c.ask(f"RETR {n}", "226 done")

    c = Control(scene, "192.0.2.5", "198.51.100.5").begin()
    facts["crowd"] = c.send(0, b"".join(b"RETR %d\r\n" % n for n in range(1000)))

    facts["sharers"] = []
    for n in range(40):
        c = Control(scene, "192.0.2.6", "198.51.100.6", sport=40000 + n).begin(user=f"user{n}")
        c.ask("PASV", pasv(c.server, 20003))
        facts["sharers"].append(scene.last)
    d = c.data(20003)
    facts["shared_port"] = d.syn()
    return scene.write(tmp_path_factory.mktemp("ftp") / "long.pcap"), facts


@pytest.fixture
def rows(ws, long_story):
    fields = ["ftp_session.id", "ftp_session.transfer", "ftp_session.mode", "ftp_session.user", "ftp_session.path",
              "ftp_session.bytes", "ftp_session.command", "ftp_session.data_unused"]
    return ws.rows(long_story[0], fields, two_pass=True)


def test_sessions_without_end(rows, long_story):
    facts = long_story[1]

    def row(frame):
        return rows[frame - 1]
    assert row(facts["last_port"])[1:3] == ("1", "3")
    assert row(facts["old_port"])[1] == "", "announcements beyond the bound are forgotten"
    assert sum(bool(row(f)[7]) for f in facts["ports"]) >= 499
    assert row(facts["after_long_line"])[5:7] == ("3", "RETR")
    assert row(facts["after_commands"])[2] == "1"
    for frame, ordinal in facts["connections"]:
        assert row(frame)[1] == str(ordinal) and row(frame)[4] == str(ordinal - 1)
    assert row(facts["crowd"])[6].count("RETR") == 256, "no more events of a frame are shown"
    assert row(facts["shared_port"])[3] == "user39"


def test_announcements_of_one_port_are_bounded(ws, tmp_path):
    """Sixteen of one address and port wait at a time: the oldest is forgotten first."""
    scene = Scene()
    for n in range(18):
        c = Control(scene, "192.0.2.6", "198.51.100.6", sport=40000 + n).begin(user=f"user{n}")
        c.ask("PASV", pasv(c.server, 20003))
    syns = [c.data(20003, sport=50000 + n).syn() for n in range(18)]
    rows = ws.rows(scene.write(tmp_path / "sharers.pcap"), ["ftp_session.user"], two_pass=True)
    assert [rows[frame - 1][0] for frame in syns] == [f"user{n}" for n in range(17, 1, -1)] + ["", ""]


def empty(scene, c, count):
    """Nothing besides the login."""


def commands(scene, c, count):
    for n in range(count):
        c.command("PASV", f"RETR {n}", "USER u", "CWD x")
        c.reply(pasv(c.server, 1024 + n % 60000), "150 ok (100 bytes)")


def transfers_open_for_long(scene, c, count):
    """Transfers that the server calls complete, and whose connections end in the order of their opening, all at once."""
    c.ask("TYPE I", "200 ok")
    open_ones = []
    for n in range(count):
        c.command("PASV", f"RETR {n}")
        c.reply(pasv(c.server, 1024 + n % 60000), "150 ok (2000 bytes)")
        d = c.data(1024 + n % 60000)
        d.syn()
        d.send(1, b"some bytes", flags="SPA")
        c.reply("226 done")
        open_ones.append(d)
    for d in open_ones:
        d.send(1, flags="RA")


def directories(scene, c, count):
    c.command(*["CWD abc"] * count)
    c.reply(*["250 ok"] * count)


def nothings(scene, c, count):
    c.command(*["NOOP xyz"] * count)
    c.reply(*["200 ok"] * count)


SIZES = {empty: (1,), commands: (6000, 24000), transfers_open_for_long: (3000, 12000), directories: (400,), nothings: (400,)}


@pytest.fixture(scope="module")
def growing(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ftp")
    folder.chmod(0o755)
    captures = {}
    for function, sizes in SIZES.items():
        for count in sizes:
            scene = Scene()
            c = Control(scene, "192.0.2.1", "198.51.100.1").begin()
            # Commands are answered a hundred at a time, fewer than may wait.
            for part in range(count if function in (directories, nothings) else 1):
                function(scene, c, 100 if function in (directories, nothings) else count)
            captures[function, count] = write_pcap(folder / f"{function.__name__}{count}.pcap", scene.frames)
    return captures


def usage(ws, capture):
    """Seconds of processor time and kilobytes of memory."""
    return ws.consumed(capture, "-2", "-Y", "ftp_session.bounce")[:2]


def growth(seconds):
    """How much longer the larger size takes than the smaller one, by the shortest measurement of each, without what every run takes."""
    start, few, many = map(min, zip(*seconds))
    return (many - start) / max(few - start, 0.01)


@pytest.mark.measured
@pytest.mark.parametrize("kind", [commands, transfers_open_for_long])
def test_time_is_linear(ws, growing, kind):
    """
    Four times as much takes some four times the processor's time, where what is quadratic takes sixteen. What else the machine does
    makes a measurement longer, never shorter: where one is in doubt, the shortest of three tells.
    """
    captures = [growing[empty, 1], *(growing[kind, size] for size in SIZES[kind])]
    seconds = [[usage(ws, capture)[0] for capture in captures]]
    while growth(seconds) >= 8 and len(seconds) < 3:
        seconds.append([usage(ws, capture)[0] for capture in captures])
    assert growth(seconds) < 8, seconds


@pytest.mark.measured
def test_many_numbers_of_a_reply(ws, tmp_path):
    """Each may be a size, unless it is in quotes; as fast as if none could be."""
    captures = [write_pcap(tmp_path / "empty.pcap", Scene().frames)]
    for word in ("bites", "bytes"):
        scene = Scene()
        c = Control(scene, "192.0.2.1", "198.51.100.1").begin()
        for _ in range(4000):
            c.ask("RETR a", '150 "' + f"1 {word} " * 500, "226 done")
        captures.append(write_pcap(tmp_path / f"{word}.pcap", scene.frames))
    seconds = [[usage(ws, capture)[0] for capture in captures] for _ in range(5)]
    assert growth(seconds) < 2, seconds


@pytest.mark.measured
def test_commands_that_change_the_directory_leave_nothing_behind(ws, growing):
    """Each path is as long as it gets after some hundred of them."""
    changing, plain = (usage(ws, growing[kind, 400])[1] for kind in (directories, nothings))
    assert changing - plain < 20000, (changing, plain)


TRANSFERS_MAX = 250_000     # ftp-model.h
A_SEGMENT = 8000


@pytest.mark.measured
def test_transfers_are_bounded_for_the_capture(ws, tmp_path):
    """Commands that nobody answers: eight bytes each, of which tshark would keep three hundred."""
    scene = Scene()
    control = Control(scene, "192.0.2.1", "198.51.100.1").begin()
    start = scene.last
    for _ in range(2 * TRANSFERS_MAX // A_SEGMENT):
        control.send(0, b"RETR a\r\n" * A_SEGMENT)
    capture = write_pcap(tmp_path / "retr.pcap", scene.frames)
    _, kilobytes, out = ws.consumed(capture, "-Y", "ftp_session.command == RETR", "-T", "fields", "-e", "frame.number")
    assert list(map(int, out.split())) == list(range(start + 1, start + 1 + -(-TRANSFERS_MAX // A_SEGMENT)))
    assert kilobytes - ws.without_plugins().consumed(capture)[1] < 110_000


def test_a_line_is_cut_wherever_its_end_comes(ws, tmp_path):
    scene = Scene()
    line = b"USER " + b"x" * 20000 + b"\r\n"
    for number, parts in enumerate(((line,), (line[:5000], line[5000:]))):
        c = Control(scene, f"192.0.2.{number + 1}", "198.51.100.1").begin(user=None)
        for part in parts:
            c.send(0, part)
        c.reply("331 password")
    rows = ws.rows(scene.write(tmp_path / "lines.pcap"), ["ftp_session.user"], "ftp.response.code == 331")
    assert [len(user) for user, in rows] == [4096 - len("USER ")] * 2


@pytest.mark.measured
def test_replies_that_answer_nothing_are_not_looked_up_for_each_command(ws, tmp_path):
    """200,000 lines, with one command that waits and with as many as may."""
    tmp_path.chmod(0o755)
    seconds = {}
    for waiting in 1, 512:
        scene = Scene()
        c = Control(scene, "192.0.2.1", "198.51.100.1").begin()
        c.command(*(f"RETR {n}" for n in range(waiting)))
        for _ in range(700):
            c.reply(*["120"] * 285)
        seconds[waiting] = ws.consumed(scene.write(tmp_path / f"{waiting}.pcap"), "-Y", "ftp_session.bounce")[0]
    assert seconds[512] < 2 * seconds[1]

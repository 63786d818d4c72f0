# SPDX-License-Identifier: GPL-2.0-or-later
"""FTP sessions: GridFTP's parallel and striped transfers, its login, and RFC 959's default data port. One capture."""

import base64
import struct

import pytest

from ftp_session.packets import Control, Scene, pasv, port_text
from ftp_session.table import table
from ftp_session.test_truth import row

SCENES = {}


def scene(*rows):
    """A session: the rows of its table; it returns the connections that are data, and those that are not."""
    def register(function):
        SCENES[function.__name__] = function, list(rows)
        return function
    return register


def block(begin, size, descriptor=0):
    """MODE E (GFD.20, section 3): descriptor, length, place in the file, data."""
    return struct.pack(">BQQ", descriptor, size, begin) + b"a" * size


def together(connections, sender, size=1000, mode="E"):
    for data in connections:
        data.open()
    for number, data in enumerate(connections):
        head = 17 * (mode == "E")
        payload = block(number * size, size) + (block(0, 0, 0x08) if number else struct.pack(">BQQ", 0x48, 0, len(connections))) if head else b"a" * size
        data.send(sender, payload[:500])
        data.send(sender, payload[500:])
        data.send(1 - sender, flags="A")
    for data in connections:
        data.close(sender)
    return connections


def parallel(c, mode="E"):
    c.ask(f"MODE {mode}", "200 ok")
    c.ask("OPTS RETR Parallelism=4,4,4;", "200 ok")


@scene(row("STOR", 4000, "complete"))
def upload_over_four(c):
    parallel(c)
    c.ask("PASV", pasv(c.server, 50000))
    c.ask("STOR x", "150 go on")
    used = together([c.data(50000, sport=41000 + n) for n in range(4)], 0)
    c.reply("226 done")
    return used, together([c.data(50000, sport=42000)], 0)


@scene(row("RETR", 3000, "complete"))
def download_over_three(c):
    parallel(c)
    c.ask(f"PORT {port_text(c.client, 50000)}", "200 ok")
    c.ask("RETR x", "150 go on")
    used = together([c.data(50000, sport=20 + n, active=True) for n in (0, 3000, 3001)], 0)
    c.reply("226 done")
    return used, []


@scene(row("STOR", 1000, "complete"))
def in_mode_s_one_only(c):
    parallel(c, "S")
    c.ask("PASV", pasv(c.server, 50000))
    c.ask("STOR x", "150 go on")
    used = together([c.data(50000, sport=41000)], 0, mode="S")
    unused = together([c.data(50000, sport=41001)], 0)
    c.reply("226 done")
    return used, unused


@scene(row("STOR", 3000, "complete"))
def striped_passive(c):
    parallel(c)
    c.command("SPAS")
    c.reply("229-Entering Striped Passive Mode.", f" {port_text(c.server, 50000)}", f" {port_text('203.0.113.7', 50001)}", "229 End")
    c.ask("STOR x", "150 go on")
    used = together([c.data(50001, sport=41000, dst="203.0.113.7"), c.data(50000, sport=41001), c.data(50000, sport=41002)], 0)
    c.reply("226 done")
    return used, []


@scene(row("STOR", 2000, "complete"))
def striped_to_one_of_two(c):
    """Nobody has connected to the other one: nothing has come of it, but it is no announcement in vain."""
    parallel(c)
    c.command("SPAS")
    c.reply("229-Entering Striped Passive Mode.", f" {port_text(c.server, 50000)}", f" {port_text(c.server, 50001)}", "229 End")
    c.ask("STOR x", "150 go on")
    used = together([c.data(50000, sport=41000 + n) for n in range(2)], 0)
    c.reply("226 done")
    return used, []


@scene(row("STOR", 256 * 10, "complete"))
def no_more_than_so_many_connections(c):
    parallel(c)
    c.ask("PASV", pasv(c.server, 50000))
    c.ask("STOR x", "150 go on")
    connections = together([c.data(50000, sport=41000 + n) for n in range(258)], 0, 10)
    c.reply("226 done")
    return connections[:256], connections[256:]


@scene(row("RETR", 2000, "complete"))
def striped_active(c):
    parallel(c)
    c.ask(f"SPOR {port_text(c.client, 50000)} {port_text(c.client, 50001)}", "200 ok")
    c.ask("RETR x", "150 go on")
    used = together([c.data(50000, sport=2811, active=True), c.data(50001, sport=2812, active=True)], 0)
    c.reply("226 done")
    return used, []


@scene(row("RETR", 1500, "complete"), row("RETR", 0, "complete"))
def blocks_without_their_heads(c):
    """MODE B: a head over two segments that change places, a marker, the end of the file; and a file without a byte."""
    c.ask("MODE B", "200 ok")
    used = []
    for port, stream in (50000, b"\0\3\xe8" + b"a" * 1000 + b"\x10\0\5marks" + b"\x80\1\xf4" + b"b" * 500 + b"\x40\0\0"), (50001, b"\x40\0\0"):
        c.ask("PASV", pasv(c.server, port))
        data = c.data(port)
        data.open()
        c.ask("RETR x", "150 go on")
        start = data.next[1]
        for begin, end in (0, 1004), (1020, len(stream)), (1004, 1020):
            if begin < len(stream):
                data.send(1, stream[begin:end], seq=start + begin)
        data.next[1] = start + len(stream)
        data.send(0, flags="A")
        data.close(1)
        c.reply("226 done")
        used.append(data)
    return used, []


def in_blocks_with_a_hole(c, command, stream, begin, end, closing, acked=True):
    """MODE B; of what the server sends, the capture lacks a part, which the client gets all the same."""
    c.ask("MODE B", "200 ok")
    c.ask("PASV", pasv(c.server, 50000))
    data = c.data(50000)
    data.open()
    c.ask(command, "150 go on")
    data.send(1, stream[:begin])
    data.next[1] += end - begin
    if end < len(stream):
        data.send(1, stream[end:])
    if acked:
        data.send(0, flags="A")
    closing(data)
    c.reply("226 done")
    return [data], []


BLOCKS = b"\0\3\xe8" + b"a" * 1000 + b"\x80\1\xf4" + b"b" * 500 + b"\x40\0\0"


@scene(row("RETR", 1500, "complete"))
def blocks_with_a_hole_until_the_end(c):
    """Nothing but the end of the connection tells that the rest is to be read without it."""
    return in_blocks_with_a_hole(c, "RETR x", BLOCKS, 500, 600, lambda data: data.close(1), acked=False)


@scene(row("RETR", 1500, "complete"))
def blocks_with_a_hole_that_is_acknowledged(c):
    return in_blocks_with_a_hole(c, "RETR x", BLOCKS, 500, 600, lambda data: data.send(0, flags="RA"))


@scene(row("RETR", 1400, "complete"))
def a_reset_ends_blocks(c):
    """What is missing was not acknowledged."""
    return in_blocks_with_a_hole(c, "RETR x", BLOCKS, 500, 600, lambda data: data.send(1, flags="RA"), acked=False)


@scene(row("RETR", 1500, "complete"))
def blocks_of_which_the_sender_alone_was_captured(c):
    c.ask("MODE B", "200 ok")
    c.ask("PASV", pasv(c.server, 50000))
    data = c.data(50000)
    data.next[0] += 1
    data.first = data.send(1, flags="SA")
    c.ask("RETR x", "150 go on")
    data.send(1, BLOCKS[:500])
    data.next[1] += 100
    data.send(1, BLOCKS[600:])
    data.send(1, flags="FA")
    c.reply("226 done")
    return [data], []


def of_the_sender_alone(c, stream, *parts):
    """MODE B, of the data connection the server's packets; the parts in the order in which they come, the FIN where None stands."""
    c.ask("MODE B", "200 ok")
    c.ask(f"PORT {port_text(c.client, 50000)}", "200 ok")
    data = c.data(50000, sport=20, active=True)
    c.command("RETR x")
    data.syn()
    c.reply("150 go on")
    start = data.next[0]
    for part in parts:
        if part is None:
            data.send(0, flags="FA", seq=start + len(stream))
        else:
            data.send(0, stream[part[0]:part[1]], seq=start + part[0])
    c.reply("226 done")
    return [data], []


@scene(row("RETR", 1500, "complete"))
def a_head_that_comes_after_the_end(c):
    """Sent again, as the receiver lacked it too; another part of what comes before the end was not captured."""
    return of_the_sender_alone(c, BLOCKS, (0, 900), (1100, 1400), None, (900, 1100), (1450, len(BLOCKS)))


@scene(row("RETR", 1500, "complete"))
def blocks_whose_end_comes_first(c):
    """The client's packets are captured from then on, and do not acknowledge the end."""
    c.ask("MODE B", "200 ok")
    c.ask(f"PORT {port_text(c.client, 50000)}", "200 ok")
    data = c.data(50000, sport=20, active=True)
    c.command("RETR x")
    data.syn()
    c.reply("150 go on")
    start = data.next[0]
    data.send(0, BLOCKS[:900], seq=start)
    data.send(0, BLOCKS[1100:1400], seq=start + 1100)
    data.send(0, flags="FA", seq=start + len(BLOCKS))
    data.next[0] = start + 900
    data.send(1, flags="A")
    data.send(0, BLOCKS[900:1100], seq=start + 900)
    data.send(0, BLOCKS[1400:], seq=start + 1400)
    c.reply("226 done")
    return [data], []


@scene(row("RETR", len(BLOCKS) - 3, "complete"))
def a_head_that_does_not_come(c):
    return of_the_sender_alone(c, BLOCKS, (0, 900), (1100, len(BLOCKS)), None)


@scene(row("RETR", len(BLOCKS) - 3, "complete", path="/tail"))
def blocks_whose_end_was_not_captured(c):
    """How many heads are in it is not known."""
    return in_blocks_with_a_hole(c, "RETR tail", BLOCKS, 900, len(BLOCKS), lambda data: data.close(1))


@scene(row("RETR", 1500, "complete"), row("RETR", "-", "complete", path="/y"))
def another_file_over_the_same_connection(c):
    """Microsoft's IIS leaves it open. The second file is not looked for, but is none of the first either."""
    c.ask("MODE B", "200 ok")
    c.ask("PASV", pasv(c.server, 50000))
    data = c.data(50000)
    data.open()
    c.ask("RETR x", "150 go on")
    data.send(1, BLOCKS)
    data.send(0, flags="A")
    c.reply("226 done")
    c.ask("RETR y", "150 go on")
    data.send(1, BLOCKS[:700])
    data.next[1] += 100
    data.send(1, BLOCKS[800:])
    data.close(1)
    c.reply("226 done")
    return [data], []


@scene(row("LIST", 1000, "complete", path="/", Mode="default"))
def default_data_port(c):
    c.ask("LIST", "150 go on")
    used = together([c.data(c.ports[0], sport=20, active=True)], 0, mode="S")
    c.reply("226 done")
    return used, []


@scene(row("RETR", 700, "complete", Mode="default"), row("STOR", 300, "complete", Mode="default"), row("RETR", 0, "refused", Mode="default", Reply="425"))
def default_data_port_from_any_port(c):
    """GNU inetutils' ftpd connects to the default port, and not from its own."""
    c.ask("RETR x", "150 go on")
    used = together([c.data(c.ports[0], sport=45000, active=True)], 0, 700, "S")
    c.reply("226 done")
    c.ask("STOR x", "150 go on")
    used += together([c.data(c.ports[0], sport=45001, active=True)], 1, 300, "S")
    c.reply("226 done")
    refused = c.data(c.ports[0], sport=45002, active=True)
    c.command("RETR x")
    refused.refuse()
    c.reply("425 can't build data connection")
    return [*used, refused], []


@scene(row("RETR", 700, "complete", Mode="PORT"), row("RETR", 600, "complete", Mode="PORT"), row("STOR", 500, "complete", Mode="PORT"),
       row("RETR", 0, "complete", Mode="PASV"))
def a_port_that_is_used_again(c):
    """Until the client names another endpoint; the last connection here is none of it."""
    c.ask(f"PORT {port_text(c.client, 50000)}", "200 ok")
    used = []
    for number, (command, sender, size) in enumerate([("RETR x", 0, 700), ("RETR x", 0, 600), ("STOR x", 1, 500)]):
        c.ask(command, "150 go on")
        used += together([c.data(50000, sport=45000 + number, active=True)], sender, size, "S")
        c.reply("226 done")
    c.ask("PASV", pasv(c.server, 50001))
    c.command("RETR x")
    passive = c.data(50001)
    unused = together([c.data(50000, sport=45009, active=True)], 0, 100, "S")
    passive.open()
    c.reply("150 go on")
    passive.close(1)
    c.reply("226 done")
    return [*used, passive], unused


@scene()
def login_by_gssapi(c):
    token = base64.b64encode(b"x" * 6000).decode()
    c.ask("AUTH GSSAPI", "334 using it")
    c.ask(f"ADAT {token}", f"335 ADAT={token}")
    c.ask(f"ADAT {token}", f"235 ADAT={token}")
    c.ask(f"MIC {token}", f"631 {token}")
    c.ask(f"ENC {token}", f"632 {token}")
    return [], []


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    made, known = Scene(), {}
    for number, (name, (function, _)) in enumerate(SCENES.items()):
        control = Control(made, f"192.0.2.{number + 1}", f"198.51.100.{number + 1}")
        first = control.begin().first
        control.ask("TYPE I", "200 ok")
        control.ask("PWD", '257 "/" is here')
        used, unused = function(control)
        control.quit()
        known[name] = first, [data.first for data in used], [data.first for data in unused]
        made.wait(100)
    return made.write(tmp_path_factory.mktemp("ftp") / "grid.pcap"), known


@pytest.mark.parametrize("name", SCENES)
def test_the_table_has_all_of_the_transfer(ws, capture, name):
    number = list(SCENES).index(name)
    rows = [found for found in table(ws, capture[0]) if found["Session"] == str(number) and found["Command"] != "-"]
    assert len(rows) == len(SCENES[name][1])
    for found, expected in zip(rows, SCENES[name][1]):
        assert {column: found[column] for column in expected} == expected


FIELDS = ["frame.number", "tcp.stream", "ftp_session.id", "ftp_session.transfer", "ftp_session.outcome", "ftp_session.mode", "ftp_session.evidence"]


def test_each_packet_of_it_is_found(ws, capture):
    rows = ws.rows(capture[0], FIELDS, two_pass=True)
    for name, (first, used, unused) in capture[1].items():
        number = str(list(SCENES).index(name))
        of_stream = {start: [r for r in rows if r[1] == rows[start - 1][1]] for start in (first, *used, *unused)}
        assert all(r[2] == number for r in of_stream[first]), name
        for ordinal, start in enumerate(used, 1):
            assert {(r[2], r[3]) for r in of_stream[start]} == {(number, str(ordinal))}, name
        assert not any(r[2] for start in unused for r in of_stream[start]), name
        assert sum(bool(r[4]) for start in used for r in of_stream[start]) == sum(row["Bytes"] != "-" for row in SCENES[name][1]), name
    start = capture[1]["default_data_port"][1][0]
    assert rows[start - 1][5:] == ("8", "1")
    assert not any(r[4] == "unused" for r in rows)


def bytes_of(name):
    return SCENES[name][1][-1]["Bytes"]


def test_a_size_is_told_only_where_all_heads_were_read(ws, capture):
    text = ws.run("tshark", "-n", "-r", capture[0], "-q", "-z", "ftp_session,files")
    lines = [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if "|" in line]
    files = [dict(zip(lines[0], line)) for line in lines[1:]]
    sizes = {list(SCENES)[int(found["Sessions"])]: found["Size"] for found in files}
    assert {name: size for name, size in sizes.items() if name.startswith("blocks_")} == {
        name: "-" if name == "blocks_whose_end_was_not_captured" else bytes_of(name) for name in SCENES if name.startswith("blocks_")}
    assert sizes["upload_over_four"] == "4000" and sizes["no_more_than_so_many_connections"] == "-"


@pytest.mark.parametrize("two_pass", [False, True])
def test_more_connections_than_are_counted_are_told(ws, capture, two_pass):
    rows = ws.rows(capture[0], ["ftp_session.id", "_ws.expert.message", "ftp.response.code"], "ftp_session.lacks_connections", two_pass=two_pass)
    assert [(row[0], row[2]) for row in rows] == [(str(list(SCENES).index("no_more_than_so_many_connections")), "226")]
    assert "STOR /x uses more than 256 data connections" in rows[0][1]


def test_the_duration_is_that_of_all_connections(ws, tmp_path):
    """The first connection ends after a second, the other one after ten; and the final reply comes before the last data."""
    scene = Scene()
    c = Control(scene, "192.0.2.1", "198.51.100.1").begin()
    c.ask("TYPE I", "200 ok")
    parallel(c)
    c.ask("PASV", pasv(c.server, 50000))
    c.ask("STOR x", "150 go on")
    first, second = (c.data(50000, sport=41000 + n) for n in range(2))
    for data, begin, seconds in (first, 0, 1), (second, 10, 9):
        data.open()
        scene.wait(seconds)
        data.send(0, block(begin, 10))
        data.close(0)
    over_two = c.reply("226 done")
    parallel(c, "S")
    c.ask("PASV", pasv(c.server, 50001))
    c.ask("RETR y", "150 go on")
    data = c.data(50001)
    data.open()
    data.send(1, b"a" * 10)
    early = c.reply("226 done")
    scene.wait(5)
    data.send(1, b"b" * 10)
    data.close(1)
    capture = scene.write(tmp_path / "durations.pcap")
    for passes, shown in ((), [10, 0]), (("-2",), [10, 5]):
        rows = ws.rows(capture, ["ftp_session.duration"], f"frame.number in {{{over_two}, {early}}}", two_pass=bool(passes))
        assert [round(float(seconds)) for seconds, in rows] == shown
        assert [round(float(found["Seconds"])) for found in table(ws, capture, *passes)] == [10, 5]

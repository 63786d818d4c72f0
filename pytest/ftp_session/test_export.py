# SPDX-License-Identifier: GPL-2.0-or-later
"""Export Objects of ftp_session: the files of FTP's data connections, under their paths, as captured."""

import struct

import pytest

from ftp_session.packets import Control, Scene, pasv


def _objects(ws, capture, tmp_path, keylog=None, prefs=(), kind="ftp_session", options=()):
    """Name (Wireshark writes slashes as %2f) and content of each file that tshark writes."""
    tmp_path.mkdir(exist_ok=True)
    tmp_path.chmod(0o777)
    folder = tmp_path / f"objects-{kind}"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o777)
    options = [*options, *(["-o", f"tls.keylog_file:{keylog}"] if keylog else []), *(part for pref in prefs for part in ("-o", pref))]
    ws.tshark(capture, "-q", *options, "--export-objects", f"{kind},{folder}")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


LINES = 6792    # bytes of lines.txt in each lab


def _lengths(files):
    return {name: len(content) for name, content in files.items()}


def test_clear(ws, captures, tmp_path):
    """STOR, STOU, APPE and RETR, also after REST, parts joined; neither listings nor transfers without bytes."""
    files = _objects(ws, captures / "ftp-servers/vsftpd-commands.pcap", tmp_path)
    assert _lengths(files) == {"lines.txt": LINES, "pub%2fdeep%2fSTOU.1": 700, "pub%2fdeep%2fupload.txt": 5090 + 500,
                               "pub%2frecords.txt": 46893}


def test_tls_with_keys(ws, captures, tmp_path):
    """What is decrypted, not the records."""
    clear = _objects(ws, captures / "ftp-servers/vsftpd-commands.pcap", tmp_path)["lines.txt"]
    capture = captures / "ftp-servers/vsftpd-curl-tls.pcap"
    files = _objects(ws, capture, tmp_path / "tls", keylog=capture.with_suffix(".keys"))
    lines = ["lines.txt", *(f"lines({number}).txt" for number in range(1, 5))]
    assert _lengths(files) == {**dict.fromkeys(lines, LINES), "upload2.txt": LINES}
    assert {files[name] for name in lines} == {clear}


@pytest.mark.parametrize("name", ["nat-server-client-side", "nat-client-helper-outside", "vsftpd-curl-active"])
def test_nat_and_active(ws, captures, tmp_path, name):
    files = _objects(ws, captures / f"ftp-servers/{name}.pcap", tmp_path)
    assert set(_lengths(files).values()) == {LINES} and "lines.txt" in files


def test_window(ws, captures, tmp_path):
    """In sharkd, twice from the same file."""
    files = _objects(ws, captures / "ftp-servers/vsftpd-commands.pcap", tmp_path)
    with ws.sharkd() as sharkd:
        sharkd.load(captures / "ftp-servers/vsftpd-commands.pcap")
        for _ in range(2):
            objects = sharkd.call("tap", tap0="eo:ftp_session")["taps"][0]["objects"]
            assert sorted(thing["len"] for thing in objects) == sorted(map(len, files.values()))
            # Selecting one leads to where its data begin.
            assert {(thing["filename"], thing["pkt"], thing["hostname"]) for thing in objects} == {
                ("lines.txt", 216, "192.0.2.2"), ("pub/records.txt", 75, "192.0.2.2"), ("pub/deep/upload.txt", 159, "192.0.2.1"),
                ("pub/deep/STOU.1", 196, "192.0.2.1")}
            assert {"pub/records.txt", "pub/deep/STOU.1"} <= {thing["filename"] for thing in objects}


def test_window_over_one_packet(ws, tmp_path):
    """All that is exported is in one packet, so that the second run over the packets begins where the first one ended."""
    scene = Scene()
    control = login(scene, "198.51.100.1")
    control.passive("RETR one").send(1, CONTENT[:700])
    capture = scene.write(tmp_path / "one.pcap")
    with ws.sharkd() as sharkd:
        sharkd.load(capture)
        for _ in range(3):
            objects = sharkd.call("tap", tap0="eo:ftp_session")["taps"][0]["objects"]
            assert [(thing["filename"], thing["len"]) for thing in objects] == [("d/one", 700)]


# What a server or client may call a file, and what it is called here.
NAMES = {"../../etc/passwd": "etc%2fpasswd", "/a/../../../b": "b", "..\\..\\c:\\d": "c_%2fd", "..": "unnamed", "/. ./ .. /...": "unnamed",
         "e\x1b[2J": "e%25x1b[2J", "f\u202egpj.exe": "f%25xe2%25x80%25xaegpj.exe", "~root": "~root"}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    scene = Scene()
    control = Control(scene, "192.0.2.1", "198.51.100.1").begin()
    for number, path in enumerate(NAMES):
        control.ask("PASV", pasv("198.51.100.1", 50000 + number))
        data = control.data(50000 + number)
        data.open()
        control.ask(f"RETR {path}", "150 ok")
        data.send(1, str(number).encode())
        data.close(1)
        control.reply("226 done")
    return scene.write(tmp_path_factory.mktemp("names") / "names.pcap")


def test_no_name_leaves_the_folder(ws, hostile, tmp_path):
    hostile.parent.chmod(0o755)
    with ws.sharkd() as sharkd:
        sharkd.load(hostile)
        names = [thing["filename"] for thing in sharkd.call("tap", tap0="eo:ftp_session")["taps"][0]["objects"]]
    assert len(names) == len(NAMES)
    for name in names:
        parts = name.split("/")
        assert name == name.strip("/") and not any(c in name for c in "\\:\0\n") and all(part.strip(". ") for part in parts)
    assert [name.replace("%", "%25").replace("/", "%2f") for name in names] == list(NAMES.values())


@pytest.fixture(scope="module")
def disorder(tmp_path_factory):
    """A file of 6,000 bytes: segments that change places, are sent twice, overlap; and of another the middle is missing."""
    scene = Scene()
    control = Control(scene, "192.0.2.1", "198.51.100.1").begin()
    content = bytes(number % 251 for number in range(6000))
    for port, order in ((50001, (0, 2, 1, 1, 3, 5, 4)), (50002, (0, 1, 4, 5))):
        control.ask("PASV", pasv("198.51.100.1", port))
        data = control.data(port)
        data.open()
        control.ask(f"RETR {port}", "150 ok")
        start = data.next[1]
        for number in order:
            data.send(1, content[number * 1000:number * 1000 + 1000 + (500 if number in (0, 1) else 0)], seq=start + number * 1000)
        data.next[1] = start + 6000
        data.close(1)
        control.reply("226 done")
    return scene.write(tmp_path_factory.mktemp("disorder") / "disorder.pcap"), content


def test_bytes_as_captured_in_order(ws, disorder, tmp_path):
    disorder[0].parent.chmod(0o755)
    content = disorder[1]
    assert _objects(ws, disorder[0], tmp_path) == {"50001": content, "50002": content[:2500] + content[4000:]}


# Parts of files. Content repeats only after 251 * 256 bytes, so that a part at a wrong place is seen.
CONTENT = bytes((number >> 8) + number % 251 & 255 for number in range(60000))
PARTS = {}


def parts(name, *expected):
    """A server of its own: what is exported under that name, one or several."""
    def register(function):
        PARTS[function.__name__] = function, name, list(expected)
        return function
    return register


class Client(Control):
    """A logged-in session in TYPE I that begins transfers without waiting for their end."""

    def passive(self, command, sport=41000):
        port = self.ports[0] + 10000 + len(self.sent)
        self.ask("PASV", pasv(self.server, port))
        data = self.data(port, sport=sport)
        data.open()
        self.ask(command, "150 go on")
        return data

    def move(self, command, content, side=1, code="226 done"):
        data = self.passive(command)
        for at in range(0, len(content), 1000):
            data.send(side, content[at:at + 1000])
        data.close(side)
        self.reply(code)


def login(scene, server, sport=40000):
    control = Client(scene, "192.0.2.1", server, sport=sport).begin()
    control.ask("TYPE I", "200 ok")
    control.ask("CWD /d", "250 ok")
    return control


def block(position, content, descriptor=0, extended=True):
    head = bytes([descriptor]) + (len(content).to_bytes(8, "big") + position.to_bytes(8, "big") if extended else len(content).to_bytes(2, "big"))
    return head + content


@parts("resumed", CONTENT[:6000])
def what_follows_a_break_goes_on(login):
    c = login()
    c.move("RETR resumed", CONTENT[:3500], code="426 gone")
    c = login(40001)
    c.ask("REST 3000", "350 go on")
    c.move("RETR resumed", CONTENT[3000:6000])


@parts("log", CONTENT[:5000])
def appending_begins_where_the_server_says_that_the_file_ends(login):
    """The client has sent more than has arrived."""
    c = login()
    c.move("STOR log", CONTENT[:2400], side=0, code="426 gone")
    c.ask("SIZE log", "213 2000")
    c.move("APPE log", CONTENT[2000:4000], side=0)
    c.move("APPE log", CONTENT[4000:5000], side=0)


@parts("again", CONTENT[:2000], CONTENT[1000:3000])
def what_begins_anew_is_another_file(login):
    c = login()
    c.move("RETR again", CONTENT[:2000])
    c.move("RETR again", CONTENT[1000:3000])


@parts("text", CONTENT[:2000], CONTENT[500:900])
def offsets_in_text_are_no_bytes(login):
    c = login()
    c.ask("TYPE A", "200 ok")
    c.move("RETR text", CONTENT[:2000])
    c.ask("REST 500", "350 go on")
    c.move("RETR text", CONTENT[500:900])


@parts("segments", CONTENT[:9000])
def segments_at_the_same_time_are_one_file(login):
    """Three sessions, the one from the beginning is neither the first nor the last; more comes than was wanted, one is aborted."""
    controls = [login(40000 + n) for n in range(3)]
    starts = 6000, 0, 3000
    data = []
    for control, start in zip(controls, starts):
        if start:
            control.ask(f"REST {start}", "350 go on")
        data.append(control.passive("RETR segments", sport=41000 + start))
    for step in range(0, 3000, 500):
        for connection, start in zip(data, starts):
            connection.send(1, CONTENT[start + step:start + step + 500])
    data[1].send(1, CONTENT[3000:3500])
    for connection, control in zip(data, controls):
        connection.close(0)
        control.reply("426 gone")


@parts("hole", CONTENT[:1000] + CONTENT[2000:3000] + CONTENT[3500:4000])
def what_no_segment_brought_is_left_out(login):
    first, second = login(), login(40001)
    first_data = first.passive("RETR hole")
    second.ask("REST 2000", "350 go on")
    second_data = second.passive("RETR hole", sport=41001)
    second_data.send(1, CONTENT[2000:3000])
    first_data.send(1, CONTENT[:1000])
    second_data.next[1] += 500
    second_data.send(1, CONTENT[3500:4000])
    for data, control in ((first_data, first), (second_data, second)):
        data.close(0)
        control.reply("426 gone")


@parts("grid", CONTENT[:8000])
def blocks_over_several_connections(login):
    """MODE E: blocks of any order, a head over two segments, segments that change places."""
    c = login()
    c.ask("MODE E", "200 ok")
    one = c.passive("RETR grid")
    two = c.data(one.ports[1], sport=41001)
    two.open()
    one.send(1, block(4000, CONTENT[4000:6000]) + block(0, CONTENT[:500])[:7])
    two.send(1, block(6000, CONTENT[6000:8000]))
    start = one.next[1]
    rest = block(0, CONTENT[:500])[7:] + block(500, CONTENT[500:2000])
    one.next[1] += len(rest)
    one.send(1, rest[1000:], seq=start + 1000)
    one.send(1, rest[:1000], seq=start)
    two.send(1, block(2000, CONTENT[2000:4000]) + block(0, b"", 8))
    one.send(1, block(2, b"", 0x48))
    one.close(1)
    two.close(1)
    c.reply("226 done")


@parts("blocks", CONTENT[:1200] + CONTENT[1300:1500])
def blocks_of_one_connection(login):
    """MODE B: a restart marker, a hole within a block, the end of the file."""
    c = login()
    c.ask("MODE B", "200 ok")
    data = c.passive("RETR blocks")
    data.send(1, block(0, CONTENT[:1000], 0, False) + block(0, b"42", 16, False) + block(0, CONTENT[1000:1500], 0, False)[:203])
    data.next[1] += 100
    data.send(1, CONTENT[1300:1500] + block(0, b"", 64, False))
    data.close(1)
    c.reply("226 done")


@pytest.fixture(scope="module")
def joined(tmp_path_factory):
    scene = Scene()
    for number, (function, _, _) in enumerate(PARTS.values()):
        function(lambda sport=40000, server=f"198.51.100.{number + 1}": login(scene, server, sport))
        scene.wait(400)
    return scene.write(tmp_path_factory.mktemp("parts") / "parts.pcap")


@pytest.mark.parametrize("passes", [(), ("-2",)], ids=["one", "two"])
def test_parts_are_one_file(ws, joined, tmp_path, passes):
    joined.parent.chmod(0o755)
    files = _objects(ws, joined, tmp_path, options=passes)
    for name, expected in ((name, expected) for _, name, expected in PARTS.values()):
        names = [f"d%2f{name}", *(f"d%2f{name}({n})" for n in range(1, len(expected)))]
        assert [files.pop(part) for part in names] == expected, name
    assert not files


def test_room_that_is_asked_for_is_bounded(ws, tmp_path, tmp_path_factory):
    """Two segments at once, the second from far away: neither memory for what lies between, nor one file with nothing there."""
    scene = Scene()
    controls = [login(scene, "198.51.100.1", sport=40000 + number) for number in range(2)]
    data = []
    for number, control in enumerate(controls):
        control.ask(f"REST {number * 999999999999}", "350 go on")
        data.append(control.passive("RETR far", sport=41000 + number))
        data[-1].send(1, b"%d" % number)
    data[0].send(1, b"00")
    capture = scene.write(tmp_path_factory.mktemp("far") / "far.pcap")
    capture.parent.chmod(0o755)
    assert _objects(ws, capture, tmp_path) == {"d%2ffar": b"000", "d%2ffar(1)": b"1"}


def test_limit(ws, tmp_path, tmp_path_factory):
    """export_max is megabytes of all files together."""
    scene = Scene()
    control = Control(scene, "192.0.2.1", "198.51.100.1").begin()
    for number in range(2):
        control.ask("PASV", pasv("198.51.100.1", 50000 + number))
        data = control.data(50000 + number)
        data.open()
        control.ask(f"RETR {number}", "150 ok")
        for _ in range(40):
            data.send(1, b"x" * 20000)
        data.close(1)
        control.reply("226 done")
    capture = scene.write(tmp_path_factory.mktemp("limit") / "limit.pcap")
    capture.parent.chmod(0o755)
    files = _objects(ws, capture, tmp_path, prefs=["ftp_session.export_max:1"])
    assert _lengths(files) == {"0": 800000, "1": 240000}
    everything = _objects(ws, capture, tmp_path_factory.mktemp("all"), prefs=["ftp_session.export_max:0"])
    assert _lengths(everything) == {"0": 800000, "1": 800000}


@pytest.mark.measured
def test_holes_without_number_are_closed_at_once(ws, tmp_path):
    """MODE E, every second byte: a file of as many pieces as it has bytes."""
    tmp_path.chmod(0o777)
    count, scene = 60000, Scene()
    c = Control(scene, "192.0.2.1", "198.51.100.1").begin()
    c.ask("TYPE I", "200 ok")
    c.ask("MODE E", "200 ok")
    c.ask("PASV", pasv(c.server, 50000))
    c.ask("STOR x", "150 go on")
    data = c.data(50000)
    data.open()
    blocks = [struct.pack(">BQQ", 0, 1, at) + b"a" for at in (2 * count, *range(1, 2 * count, 2))]
    for at in range(0, len(blocks), 80):
        data.send(0, b"".join(blocks[at:at + 80]))
    data.close(0)
    c.reply("226 done")
    capture = scene.write(tmp_path / "pieces.pcap")
    taken = [ws.consumed(capture, *more)[0] for more in ((), ("--export-objects", f"ftp_session,{tmp_path}"))]
    assert (tmp_path / "x").read_bytes() == b"a" * (count + 1)
    assert taken[1] < 3 * taken[0]

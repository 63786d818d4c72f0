# SPDX-License-Identifier: GPL-2.0-or-later
"""Export Objects of ftp_session: the files of FTP's data connections, under their paths, as captured."""

import pytest

from ftp_session.packets import Control, Scene, pasv


def _objects(ws, capture, tmp_path, keylog=None, prefs=(), kind="ftp_session"):
    """Name (Wireshark writes slashes as %2f) and content of each file that tshark writes."""
    tmp_path.mkdir(exist_ok=True)
    tmp_path.chmod(0o777)
    folder = tmp_path / f"objects-{kind}"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o777)
    options = [*(["-o", f"tls.keylog_file:{keylog}"] if keylog else []), *(part for pref in prefs for part in ("-o", pref))]
    ws.tshark(capture, "-q", *options, "--export-objects", f"{kind},{folder}")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


LINES = 6792    # bytes of lines.txt in each lab


def _lengths(files):
    return {name: len(content) for name, content in files.items()}


def test_clear(ws, captures, tmp_path):
    """STOR, STOU, APPE and RETR, also after REST; neither listings nor transfers without bytes."""
    files = _objects(ws, captures / "ftp-servers/vsftpd-commands.pcap", tmp_path)
    assert _lengths(files) == {"lines.txt": LINES, "pub%2fdeep%2fSTOU.1": 700, "pub%2fdeep%2fupload.txt": 5090,
                               "pub%2fdeep%2fupload(1).txt": 500, "pub%2frecords.txt": 46893, "pub%2frecords(1).txt": 1000}
    assert files["pub%2frecords(1).txt"] == files["pub%2frecords.txt"][45893:]


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
            assert {"pub/records.txt", "pub/deep/STOU.1"} <= {thing["filename"] for thing in objects}


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

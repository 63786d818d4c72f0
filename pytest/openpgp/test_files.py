# SPDX-License-Identifier: GPL-2.0-or-later
"""OpenPGP in files: FTP's data connections, and Debian's Release with its signature beside it."""

import pytest

from harness.craft import Connection, conversation, ethernet, write_pcap
from openpgp.craft import LITERAL, PKESK, PUBLIC_KEY, armor, packet
from openpgp.sign import Signer
from openpgp.test_http import message

SIGNER = Signer()
KEY = SIGNER.certified_key(b"Archive <archive@example.org>")
RING = b"".join(Signer().certified_key(b"Key %d" % n) for n in range(12))
RELEASE = b"Origin: Debian\nSuite: stable\nSHA256:\n" + b" 00 1 main/Packages\n" * 200


# --- FTP ---

def control(number):
    """An FTP session that announces a data connection, and the socket of that."""
    port = 50000 + number
    session = Connection(sport=20000 + number, dport=21).handshake().server(b"220 Hello\r\n").client(b"PASV\r\n")
    session.server(b"227 Entering Passive Mode (198,51,100,1,%d,%d)\r\n" % (port >> 8, port & 255)).client(b"RETR file\r\n")
    return session.server(b"150 Here it comes\r\n").packets, Connection(sport=30000 + number, dport=port).handshake()


def retrieved(count, *segments, lost=()):
    """The file in these segments, but for those of which the number is in lost."""
    packets, data = control(count)
    for number, segment in enumerate(segments):
        before = len(data.packets)
        data.server(segment)
        if number in lost:
            del data.packets[before:]
    return packets + data.close().packets


def cut(data, size):
    return [data[at:at + size] for at in range(0, len(data), size)]


FILES = [
    # segments, segments that are lost, keys that are found
    ([KEY], (), 1), ([armor(KEY)], (), 1), (cut(KEY, 50), (), 1), (cut(armor(KEY), 50), (), None), ([b"# A comment\n" + armor(KEY)[:200], armor(KEY)[200:]], (), 1),
    (cut(RING, 700), (), 12), (cut(armor(RING), 1000), (), 12), ([KEY, RING], (), 13),      # the first segment ends with a packet
    (cut(RING, 700), (1,), 0), ([b"words\n" * 99, armor(KEY)], (), 0), ([KEY[:-9]], (), 0), ([b"\x99\1\0" + bytes(256)], (), 0), ([KEY, b"\x7fELF"], (), None),
    # A first octet that others have as well: only keys and signatures are taken for such by how they begin.
    ([packet(LITERAL, b"b\0" + bytes(4) + b"words" * 9) + KEY], (), 0),
]


@pytest.fixture(scope="module")
def transferred(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    for parent in (folder, folder.parent):
        parent.chmod(0o755)
    packets = [p for n, (segments, lost, _) in enumerate(FILES) for p in retrieved(n, *segments, lost=lost)]
    return write_pcap(folder / "files.pcap", [ethernet(p) for p in packets])


def test_files_of_ftp(ws, transferred):
    """A file is one thing, with the packet that completes it; in sharkd as with -2."""
    rows = ws.rows(transferred, ["tcp.dstport", "tcp.srcport", "openpgp.key.fingerprint"], "openpgp && ftp-data", two_pass=True)
    found = {int(row[1]) - 50000: len(row[2].split(",")) for row in rows}
    assert len(found) == len(rows)
    expected = {n: keys for n, (_, _, keys) in enumerate(FILES) if keys}
    assert {n: keys for n, keys in found.items() if FILES[n][2] is not None} == expected
    with ws.subset("openpgp").sharkd() as sharkd:
        sharkd.load(transferred)
        assert len(sharkd.frames("openpgp")) == len(rows)


HANDSHAKE = 3       # packets of a data connection before its first segment


def test_segments_that_come_late(ws, tmp_path):
    """Any two of a file swapped, the first and the last ones, too; one that comes after all others; and one that does not come."""
    segments = cut(armor(RING), 1000)
    moves = [*((n + 1, n) for n in range(len(segments) - 1)), (0, len(segments) - 1), (1, len(segments) - 1)]
    packets = []
    for number, (start, to) in enumerate(moves):
        session, data = control(number)
        for segment in segments:
            data.server(segment)
        data.packets.insert(HANDSHAKE + to, data.packets.pop(HANDSHAKE + start))
        packets += session + data.close().packets
    packets += retrieved(len(moves), *segments, lost=(1,))
    capture = write_pcap(tmp_path / "late.pcap", [ethernet(p) for p in packets])
    for prefs in ({}, {"tcp.reassemble_out_of_order": "FALSE"}, {"tcp.reassemble_out_of_order": "TRUE"}, {"tcp.relative_sequence_numbers": "FALSE"}):
        for two_pass in (False, True):
            rows = ws.rows(capture, ["tcp.srcport", "openpgp.key.fingerprint"], "openpgp", two_pass=two_pass, prefs=prefs)
            assert [(int(port) - 50000, len(keys.split(","))) for port, keys in rows] == [(n, 12) for n in range(len(moves))], (prefs, two_pass)
    whole = write_pcap(tmp_path / "whole.pcap", [ethernet(p) for p in retrieved(0, *segments)])
    assert ws.count(whole, "openpgp.key.fingerprint", prefs={"tcp.analyze_sequence_numbers": "FALSE"}) == 1


def test_ftp_data_stays(ws, transferred):
    fields = ["frame.number", "frame.protocols", "ftp-data.command", "data-text-lines"]
    assert ws.rows(transferred, fields, "ftp || ftp-data", two_pass=True) == ws.without_plugins().rows(transferred, fields, "ftp || ftp-data", two_pass=True)
    assert ws.count(transferred, "openpgp", prefs={"openpgp.ftp": "FALSE"}) == 0


def test_real_files(ws, captures):
    rows = ws.rows(captures / "openpgp-files/ftp.pcap", ["openpgp.key.fingerprint", "openpgp.signature.check"], "openpgp", two_pass=True)
    assert [len(keys.split(",")) if keys else 0 for keys, _ in rows] == [1, 13, 13, 0, 0]
    assert [set(checks.split(",")) for _, checks in rows] == [{"1"}] * 5


# --- FTP: files with their signatures ---

DOSSIER = b"one line\nand another\n" * 400
DOS = DOSSIER.replace(b"\n", b"\r\n")
BINARY, TEXT = armor(SIGNER.sign(DOSSIER, 0x00), "SIGNATURE"), armor(SIGNER.sign(DOS, 0x01), "SIGNATURE")
LOGIN = [(b"USER a", b"331 Password"), (b"PASS b", b"230 In"), (b"TYPE I", b"200 Binary")]


class Ftp:
    """A session with transfers, each of a data connection."""
    sessions = 0

    def __init__(self, login=LOGIN, src="192.0.2.1"):
        Ftp.sessions += 1
        self.number, self.port = Ftp.sessions, 40000 + 50 * Ftp.sessions
        self.control = Connection(sport=20000 + Ftp.sessions, dport=21, src=src).handshake().server(b"220 Hello\r\n")
        self.taken, self.frames, self.src = 0, [], src
        for command, reply in login:
            self.say(command, reply)

    def flush(self):
        self.frames += self.control.packets[self.taken:]
        self.taken = len(self.control.packets)

    def say(self, command, *replies):
        self.control.client(command + b"\r\n")
        for reply in replies:
            self.control.server(reply + b"\r\n")
        self.flush()
        return self

    def get(self, name, body, how="PASV", verb="RETR", lost=(), ends=True, between=(), final=b"226 Done"):
        """lost: packets of the data connection that were not captured; between: what is said before the command."""
        self.port += 1
        numbers = b"%d,%d" % (self.port >> 8, self.port & 255)
        active = how in ("PORT", "EPRT")
        self.say(*{"PASV": (b"PASV", b"227 Entering Passive Mode (10,0,0,9," + numbers + b")."), "EPSV": (b"EPSV", b"229 Here (|||%d|)" % self.port),
                   "PORT": (b"PORT 192,0,2,1," + numbers, b"200 Good"), "EPRT": (b"EPRT |1|192.0.2.1|%d|" % self.port, b"200 Good")}[how])
        name = name.replace(".bin", f"{self.number}.bin").replace(".txt", f"{self.number}.txt")     # each session has files of its own
        for command, reply in between:
            self.say(command, reply)
        self.say(verb.encode() + b" " + name.encode(), b"150 Here it comes")
        data = Connection(sport=20, dport=self.port, src="198.51.100.1", dst=self.src) if active else Connection(sport=50000 + self.port % 1000, dport=self.port, src=self.src)
        data.handshake()
        send = data.client if active or verb == "STOR" else data.server
        for at in range(0, len(body), 1000):
            send(body[at:at + 1000])
        packets = (data.close() if ends else data).packets
        self.frames += [p for n, p in enumerate(packets) if n not in lost]
        self.control.server(final + b"\r\n")
        self.flush()
        return self


def signed_sessions():
    """(what, session, checks in one pass, checks in two)."""
    altered, other = DOSSIER.replace(b"another", b"Another", 1), LOGIN[:2]
    return [
        ("file, then signature", Ftp().get("f.bin", DOSSIER).get("f.bin.sig", BINARY), "1", "1"),
        ("names are of whatever kind", Ftp().get("notes", DOSSIER, "EPSV").get("notes.asc", BINARY, "EPSV"), "1", "1"),
        ("active", Ftp().get("f.bin", DOSSIER, "PORT").get("f.bin.sig", BINARY, "EPRT"), "1", "1"),
        ("signature first", Ftp().get("f.bin.sig", BINARY).get("f.bin", DOSSIER).say(b"NOOP", b"200 Fine"), "6", "1"),
        ("sent to the server", Ftp().get("f.bin", DOSSIER, verb="STOR").get("f.bin.sig", BINARY, verb="STOR"), "1", "1"),
        ("altered", Ftp().get("f.bin", altered).get("f.bin.sig", BINARY), "2", "2"),
        ("altered, signature first", Ftp().get("f.bin.sig", BINARY).get("f.bin", altered).say(b"NOOP", b"200 Fine"), "6", "2"),
        ("Debian", Ftp().say(b"CWD /debian/dists/x", b"250 There").get("Release", DOSSIER).get("/debian/dists/x/Release.gpg", BINARY), "1", "1"),
        ("its twin elsewhere", Ftp().say(b"CWD /debian/dists/y", b"250 There").get("Release", altered).say(b"CWD /debian/dists/z", b"250 There").get("Release.gpg", BINARY), "6", "6"),
        ("a directory that is not entered", Ftp().get("f.bin", DOSSIER).say(b"CWD sub", b"550 No").get("f.bin.sig", BINARY), "1", "1"),
        ("where the server says", Ftp().say(b"CWD sub", b"250 Yes").say(b"PWD", b'257 "/pub/sub" is it').get("f.bin", DOSSIER).get("/pub/sub/f.bin.sig", BINARY), "1", "1"),
        ("up", Ftp().get("f.bin", DOSSIER).say(b"CDUP", b"250 Up").get("f.bin.sig", BINARY), "6", "6"),
        ("as text, lines were ended otherwise", Ftp(other).get("t.txt", DOS).get("t.txt.sig", BINARY), "1", "1"),
        ("as text, signed as text", Ftp(other).get("t.txt", DOS).get("t.txt.sig", TEXT), "1", "1"),
        ("as text, another one proves nothing", Ftp(other).get("t.txt", b"x" + DOS).get("t.txt.sig", BINARY), "6", "6"),
        ("from the middle", Ftp().say(b"REST 100", b"350 Yes").get("f.bin", DOSSIER[100:]).get("f.bin.sig", BINARY), "6", "6"),
        ("from the beginning", Ftp().say(b"REST 0", b"350 Yes").get("f.bin", DOSSIER).get("f.bin.sig", BINARY), "1", "1"),
        ("a hole", Ftp().get("f.bin", DOSSIER, lost=[5]).get("f.bin.sig", BINARY), "6", "6"),
        ("without its beginning", Ftp().get("f.bin", DOSSIER, lost=[0, 1, 2, 3]).get("f.bin.sig", BINARY), "6", "6"),
        ("without its end", Ftp().get("f.bin", DOSSIER[:5000], ends=False).get("f.bin.sig", BINARY), "6", "6"),
        ("without its end, but whole", Ftp().get("f.bin", DOSSIER, ends=False).get("f.bin.sig", BINARY), "1", "1"),
        ("commands that do not wait", Ftp().say(b"NOOP\r\nNOOP", b"200 Yes", b"200 Yes").get("f.bin", altered).get("f.bin.sig", BINARY), "6", "6"),
        ("compressed on the way", Ftp().say(b"MODE Z", b"200 Yes").get("f.bin", altered).get("f.bin.sig", BINARY), "6", "6"),
        ("of another user", Ftp().get("g.bin", altered).say(b"USER c", b"331 Password").say(b"PASS d", b"230 In").get("g.bin.sig", BINARY), "6", "6"),
        ("without login", Ftp([]).get("h.bin", altered).get("h.bin.sig", BINARY), "6", "6"),
        ("no port in a command", Ftp().get("f.bin", DOSSIER, between=[(b"EPRT", b"501 No")]).get("f.bin.sig", BINARY), "1", "1"),
        ("no port in an answer", Ftp().get("f.bin", DOSSIER, between=[(b"EPSV", b"229 Here (")]).get("f.bin.sig", BINARY), "1", "1"),
        ("broken off, and the rest of it", Ftp().get("f.bin", DOSSIER[:5000], final=b"426 Broken off")
            .get("f.bin", DOSSIER[5000:], between=[(b"REST 5000", b"350 Yes")]).get("f.bin.sig", BINARY), "6", "6"),
        ("a later one with a hole", Ftp().get("f.bin", altered).get("f.bin.sig", BINARY).get("f.bin", DOSSIER, lost=[5])
            .get("f.bin.sig", BINARY), "2 6", "2 6"),
        ("the file that came last", Ftp().get("f.bin", altered).get("f.bin", DOSSIER).get("f.bin.sig", BINARY), "1", "1"),
    ]


def test_files_of_ftp_and_their_signatures(ws, tmp_path):
    """Verified over the file of the same server, user and path; a file that may be another one than was signed is never called badly signed."""
    sessions = signed_sessions()
    packets = [p for p in retrieved(0, KEY)]
    for number, (_, session, _, _) in enumerate(sessions):
        packets += session.frames
    capture = write_pcap(tmp_path / "signed.pcap", [ethernet(p) for p in packets])
    for two_pass in (False, True):
        found = [row[0] for row in ws.rows(capture, ["openpgp.signature.check"], "openpgp.armor.type == \"SIGNATURE\"", two_pass=two_pass)]
        expected = [(s[0], check) for s in sessions for check in s[2 + two_pass].split()]
        assert [(what, check) for (what, _), check in zip(expected, found)] == expected and len(found) == len(expected)
    with ws.sharkd() as sharkd:
        sharkd.load(capture)
        assert len(sharkd.frames("openpgp.signature.verified == 1 && openpgp.armor.type")) == sum(s[3] == "1" for s in sessions)


def test_many_signatures_of_a_large_file(ws, tmp_path):
    """Five of one file, which has room for four times."""
    session, large = Ftp(), DOSSIER * 450
    session.get("f.bin", large)
    for _ in range(5):
        session.get("f.bin.sig", armor(SIGNER.sign(large, 0x00), "SIGNATURE"))
    capture = write_pcap(tmp_path / "large.pcap", [ethernet(p) for p in retrieved(0, KEY) + session.frames])
    assert 3 << 20 < len(large) < 4 << 20
    assert [row[0] for row in ws.rows(capture, ["openpgp.signature.check"], "openpgp.armor.type == \"SIGNATURE\"")] == ["1"] * 5


def test_another_connection_to_the_port(ws, tmp_path):
    """It is not of the transfer before, and nobody knows what it carries."""
    session = Ftp().get("f.bin", DOSSIER, "PORT")
    again = Connection(sport=20, dport=session.port, src="198.51.100.1", dst="192.0.2.1", seq=90000000, ack=70000000).handshake()
    session.frames += again.client(b"something else\n").close().packets
    session.get("f.bin.sig", BINARY)
    capture = write_pcap(tmp_path / "again.pcap", [ethernet(p) for p in retrieved(0, KEY) + session.frames])
    assert ws.rows(capture, ["openpgp.signature.check"], "openpgp.armor.type == \"SIGNATURE\"") == [("1",)]
    assert ws.count(capture, "ftp-data && tcp.len == 15") == 1


@pytest.mark.one_series
def test_a_file_that_seems_whole_with_each_segment(ws, tmp_path):
    """Reading all of it again each time took time with the square of its length: 256 MB of that are the end."""
    size = 60000
    segment = (b"x" * (size - 30) + b"\n-----END PGP NOTHING-----").ljust(size, b"\n")
    one = armor(KEY).ljust(size, b"\n")[:-30] + b"-----END PGP NOTHING-----".ljust(30, b"\n")
    packets = [p for n in range(3) for p in retrieved(n, one, *[segment] * 65)]
    capture = write_pcap(tmp_path / "seems.pcap", [ethernet(p) for p in packets])
    read = sum(size * n for n in range(1, 67))
    assert 2 * read < 256 << 20 < 3 * read
    rows = ws.rows(capture, ["tcp.srcport", "openpgp.key.fingerprint", "tcp.seq"], "openpgp", two_pass=True)
    assert [int(row[0]) - 50000 for row in rows] == [0, 1, 2], rows
    assert [int(row[2]) // size for row in rows] == [65, 65, next(n for n in range(70) if 2 * read + size * (n + 1) * (n + 2) // 2 > 256 << 20) - 1], rows


def without_end(tag, version, size):
    """The beginning of a packet that is longer than the file."""
    return (bytes([0x82 | tag << 2]) + (size + 1).to_bytes(4, "big") + bytes([version])).ljust(size, b"\0")


@pytest.mark.one_series
def test_what_is_kept_of_keys_is_bounded_for_the_capture(ws, tmp_path):
    """32 MB of those that do not end, 4 MB of a file; messages are no keys and do not count."""
    megabytes = 4 << 20
    keys = [without_end(PUBLIC_KEY, 4, megabytes)] * 7 + [without_end(PUBLIC_KEY, 4, megabytes - len(KEY) - 9)]
    longer = KEY + packet(60, bytes(megabytes - len(KEY) - 5))
    assert len(longer) == megabytes + 1
    files = [longer, *[without_end(PKESK, 3, megabytes)] * 8, KEY, *keys, KEY]
    capture = write_pcap(tmp_path / "kept.pcap", [ethernet(p) for n, file in enumerate(files) for p in retrieved(n, *cut(file, 60000))])
    assert ws.rows(capture, ["tcp.srcport"], "openpgp") == [(str(50000 + files.index(KEY)),)]


@pytest.mark.one_series
def test_directories_of_a_session_cost_no_memory(ws, tmp_path):
    """Besides what Wireshark itself keeps of them."""
    session = Connection(dport=21).handshake().server(b"220 Hello\r\n")
    for _ in range(8000):
        session.client(b"CWD /" + b"d" * 900 + b"\r\n").server(b"250 There\r\n")
    capture = write_pcap(tmp_path / "moves.pcap", session.packets, linktype=101)
    used = [tshark.consumed(capture)[1] for tshark in (ws.subset("openpgp"), ws.without_plugins())]
    assert used[0] - used[1] < 2000, f"{used} kB"


# --- Release ---

def fetched(count, path, body, host="deb.example.org", status="200 OK", kind="application/octet-stream", src="192.0.2.1"):
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    return conversation(request, message(body, kind).replace(b"200 OK", status.encode()), sport=20000 + count, src=src)


def test_files_and_their_signatures(ws, tmp_path):
    """Verified over the file of the same client, host and folder that came last before it, as it stands there, else over the first one after it, in later passes."""
    signed, place = armor(SIGNER.sign(RELEASE, 0x00), "SIGNATURE"), "/debian/dists/stable/"
    cases = [("/key.asc", armor(KEY), {}, "1"), (place + "Release.gpg", signed, {}, "6"), (place + "Release", RELEASE, {}, None), (place + "Release.gpg", signed, {}, "1"),
             ("/other/Release.gpg", signed, {}, "6"), (place + "Release.gpg", signed, {"host": "else.example.org"}, "6"),
             ("/other/Release", b"not here", {"status": "404 No"}, None), ("/other/Release.gpg", signed, {}, "6"),
             (place + "Release", RELEASE + b"x", {}, None), (place + "Release.gpg", signed, {}, "2"), ("/a/xRelease", RELEASE, {}, None), ("/a/xRelease.gpg", signed, {}, "6"),
             ("/app.tar.gz", RELEASE, {}, None), ("/app.tar.gz.sig", SIGNER.sign(RELEASE, 0x00), {}, "1"), ("/app.tar.gz.asc?mirror=1", signed, {}, "1"), ("/app.tar.xz.asc", signed, {}, "6"),
             ("/SHA256SUMS?a=b", RELEASE, {}, None), ("/SHA256SUMS.sign", signed, {}, "1"), ("/page", RELEASE, {}, None), ("/page.sig", signed, {}, "6"),
             ("/app.tar.gz", RELEASE, {"kind": "application/x-tar\r\nContent-Encoding: identity"}, None), ("/app.tar.gz.sig", signed, {}, "6"),
             ("/SHA512SUMS", RELEASE, {}, None), ("/SHA512SUMS.sign", signed, {"src": "192.0.2.2"}, "6"), ("/SHA512SUMS", RELEASE + b"x", {"src": "192.0.2.2"}, None),
             ("/SHA512SUMS.sign", signed, {}, "1"), ("/part.zip", RELEASE[:-1], {"status": "206 Partial Content"}, None), ("/part.zip.sig", signed, {}, "6")]
    packets = [p for n, (path, body, more, _) in enumerate(cases) for p in fetched(n, path, body, **more)]
    capture = write_pcap(tmp_path / "release.pcap", [ethernet(p) for p in packets])
    expected = [(str(n), check) for n, (_, _, _, check) in enumerate(cases) if check]
    assert ws.rows(capture, ["tcp.stream", "openpgp.signature.check"], "openpgp") == expected
    expected[1] = ("1", "1")
    expected = [(n, "2" if cases[int(n)][0] == "/SHA512SUMS.sign" and check == "6" else check) for n, check in expected]
    assert ws.rows(capture, ["tcp.stream", "openpgp.signature.check"], "openpgp", two_pass=True) == expected


def test_signatures_that_may_be_of_another_file(ws, tmp_path):
    """Another query, a file that came after its signature the last time, one that ends with its connection: what does not fit is not called bad."""
    signed, other = (armor(SIGNER.sign(text, 0x00), "SIGNATURE") for text in (RELEASE, RELEASE + b"x"))
    cases = [("/key.asc", armor(KEY), {}, "1"),
             ("/plain/SHA256SUMS?h=v1", RELEASE, {}, None), ("/plain/SHA256SUMS.asc?h=v2", other, {}, "6"), ("/plain/SHA256SUMS.asc?h=v1", signed, {}, "1"),
             ("/plain/SHA256SUMS.asc?h=v1", other, {}, "2"),
             ("/latest/SHA256SUMS.asc", signed, {}, "1"), ("/latest/SHA256SUMS", RELEASE, {}, None), ("/latest/SHA256SUMS.asc", other, {}, "6"),
             ("/latest/SHA256SUMS", RELEASE + b"x", {}, None)]
    packets = [p for n, (path, body, more, _) in enumerate(cases) for p in fetched(n, path, body, **more)]
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + RELEASE[:-9]
    put = b"PUT /a.jar HTTP/1.1\r\nHost: archive.example.org\r\nContent-Length: 1\r\n\r\nx"
    get = b"GET %s HTTP/1.1\r\nHost: archive.example.org\r\n\r\n"
    sent = message(signed, "text/plain")
    packets += [p for port, (asked, told) in enumerate([(put, message(b"Stored", "text/plain")), (get % b"/a.jar.asc", sent), (get % b"/b.jar", answer),
                                                        (get % b"/b.jar.asc", sent)], 42000)
                for p in conversation(asked, told, sport=port)]
    capture = write_pcap(tmp_path / "another.pcap", [ethernet(p) for p in packets])
    rows = ws.rows(capture, ["tcp.stream", "openpgp.signature.check"], "openpgp.signature.check", two_pass=True)
    first = len(cases)
    assert rows == [(str(n), check) for n, (_, _, _, check) in enumerate(cases) if check] + [(str(first + 1), "6"), (str(first + 3), "6")]


def test_signatures_with_their_media_type(ws, tmp_path):
    """application/pgp-signature, as web servers call .asc and .sig: shown before anybody knows what it is over, which later passes do."""
    signed, typed = armor(SIGNER.sign(RELEASE, 0x00), "SIGNATURE"), {"kind": "application/pgp-signature"}
    cases = [("/key.asc", armor(KEY), {}), ("/a.tar.gz", RELEASE, {}), ("/a.tar.gz.asc", signed, typed), ("/b.tar.gz.asc", signed, typed), ("/b.tar.gz", RELEASE + b"x", {}),
             ("/c.tar.gz.asc", signed, typed)]
    packets = [p for n, (path, body, more) in enumerate(cases) for p in fetched(n, path, body, **more)]
    capture = write_pcap(tmp_path / "typed.pcap", [ethernet(p) for p in packets])
    rows = ws.rows(capture, ["tcp.stream", "openpgp.signature.check"], "openpgp.armor.type == \"SIGNATURE\"", two_pass=True)
    assert rows == [("2", "1"), ("3", "2"), ("5", "6")]
    with ws.sharkd() as sharkd:
        sharkd.load(capture)
        assert len(sharkd.frames("openpgp.signature.verified == 1 && openpgp.armor.type == \"SIGNATURE\"")) == 1


def test_apt(ws, captures):
    """What apt says: two repositories are good, the third has a bad signature."""
    rows = ws.rows(captures / "openpgp-files/apt.pcap", ["openpgp.armor.type", "openpgp.signature.check"], "openpgp", two_pass=True)
    assert rows == [("PUBLIC KEY BLOCK", "1"), ("SIGNED MESSAGE,SIGNATURE", "1"), ("SIGNATURE", "1"), ("SIGNATURE", "2")]

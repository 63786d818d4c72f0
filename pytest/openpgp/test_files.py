# SPDX-License-Identifier: GPL-2.0-or-later
"""OpenPGP in files: FTP's data connections, and Debian's Release with its signature beside it."""

import pytest

from harness.craft import Connection, conversation, ethernet, write_pcap
from openpgp.craft import armor
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


def test_ftp_data_stays(ws, transferred):
    fields = ["frame.number", "frame.protocols", "ftp-data.command", "data-text-lines"]
    assert ws.rows(transferred, fields, "ftp || ftp-data", two_pass=True) == ws.without_plugins().rows(transferred, fields, "ftp || ftp-data", two_pass=True)
    assert ws.count(transferred, "openpgp", prefs={"openpgp.ftp": "FALSE"}) == 0


def test_real_files(ws, captures):
    rows = ws.rows(captures / "openpgp-files/ftp.pcap", ["openpgp.key.fingerprint", "openpgp.signature.check"], "openpgp", two_pass=True)
    assert [len(keys.split(",")) if keys else 0 for keys, _ in rows] == [1, 13, 13, 0, 0]
    assert [set(checks.split(",")) for _, checks in rows] == [{"1"}, {"1"}, {"1"}, {"6"}, {"1"}]


# --- Release ---

def fetched(count, path, body, host="deb.example.org", status="200 OK", kind="application/octet-stream"):
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    return conversation(request, message(body, kind).replace(b"200 OK", status.encode()), sport=20000 + count)


def test_files_and_their_signatures(ws, tmp_path):
    """Verified over the file of the same host and folder that came last before it, as it stands there; else its text is not captured."""
    signed, place = armor(SIGNER.sign(RELEASE, 0x00), "SIGNATURE"), "/debian/dists/stable/"
    cases = [("/key.asc", armor(KEY), {}, "1"), (place + "Release.gpg", signed, {}, "6"), (place + "Release", RELEASE, {}, None), (place + "Release.gpg", signed, {}, "1"),
             ("/other/Release.gpg", signed, {}, "6"), (place + "Release.gpg", signed, {"host": "else.example.org"}, "6"),
             ("/other/Release", b"not here", {"status": "404 No"}, None), ("/other/Release.gpg", signed, {}, "6"),
             (place + "Release", RELEASE + b"x", {}, None), (place + "Release.gpg", signed, {}, "2"), ("/a/xRelease", RELEASE, {}, None), ("/a/xRelease.gpg", signed, {}, "6"),
             ("/app.tar.gz", RELEASE, {}, None), ("/app.tar.gz.sig", SIGNER.sign(RELEASE, 0x00), {}, "1"), ("/app.tar.gz.asc?mirror=1", signed, {}, "1"), ("/app.tar.xz.asc", signed, {}, "6"),
             ("/SHA256SUMS?a=b", RELEASE, {}, None), ("/SHA256SUMS.sign", signed, {}, "1"), ("/page", RELEASE, {}, None), ("/page.sig", signed, {}, "6"),
             ("/app.tar.gz", RELEASE, {"kind": "application/x-tar\r\nContent-Encoding: identity"}, None), ("/app.tar.gz.sig", signed, {}, "6"),
             ("/part.zip", RELEASE[:-1], {"status": "206 Partial Content"}, None), ("/part.zip.sig", signed, {}, "6")]
    packets = [p for n, (path, body, more, _) in enumerate(cases) for p in fetched(n, path, body, **more)]
    capture = write_pcap(tmp_path / "release.pcap", [ethernet(p) for p in packets])
    expected = [(str(n), check) for n, (_, _, _, check) in enumerate(cases) if check]
    for two_pass in (False, True):
        assert ws.rows(capture, ["tcp.stream", "openpgp.signature.check"], "openpgp", two_pass=two_pass) == expected, two_pass


def test_apt(ws, captures):
    """What apt says: two repositories are good, the third has a bad signature."""
    rows = ws.rows(captures / "openpgp-files/apt.pcap", ["openpgp.armor.type", "openpgp.signature.check"], "openpgp", two_pass=True)
    assert rows == [("PUBLIC KEY BLOCK", "1"), ("SIGNED MESSAGE,SIGNATURE", "1"), ("SIGNATURE", "1"), ("SIGNATURE", "2")]

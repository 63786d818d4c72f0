# SPDX-License-Identifier: GPL-2.0-or-later
"""Digests that a server tells of a file: compared with the bytes of a transfer that was captured as a whole, and with no other."""

import hashlib
import zlib

import pytest

from ftp_session.packets import Control, Scene, fetch, pasv
from ftp_session.test_files import ledger

CONTENT = bytes(range(256)) * 20
CRC, OTHER_CRC = (f"{zlib.crc32(content):08X}" for content in (CONTENT, CONTENT[1:]))
MD5, SHA1, SHA256, SHA512 = (getattr(hashlib, name)(CONTENT).hexdigest() for name in ("md5", "sha1", "sha256", "sha512"))
OTHER = hashlib.sha256(CONTENT[1:]).hexdigest()
FEATURES = ["211-Features:", " MLST size*;", " HASH SHA-256*;MD5", " XCRC filename;start;end", " XMD5", " XSHA1", "211 End"]
LENGTH = len(CONTENT)

# Name, the question, the answer, and what the ledger says that the file is verified by.
CASES = [
    ("not-offered", "XSHA512 not-offered", f"250 {OTHER}{OTHER}", "-"),
    ("offered-now", "XSHA512 offered-now", f"250 {SHA512}", "XSHA512"),
    ("a", "XCRC a", f"250 {CRC}", "XCRC"),
    ("b", "XCRC b", f"250 {OTHER_CRC}", "mismatch"),
    ("c", "XMD5 c", f"250 {MD5.upper()}", "XMD5"),
    ("d", "HASH d", f"213 SHA-256 0-{LENGTH} {SHA256} d", "HASH"),
    ("e", "HASH e", f"213 SHA-256 0-{LENGTH - 1} {OTHER} e", "mismatch"),
    ("f", "HASH f", f"213 MD5 {MD5} f", "HASH"),
    ("g", "XSHA1 g", f'250 "g" {SHA1}', "XSHA1"),
    ("h", 'XMD5 "h"', f"250 {MD5}", "XMD5"),
    ("only-a-part", "HASH only-a-part", f"213 SHA-256 0-10 {OTHER} only-a-part", "-"),
    ("range", f"XCRC range 0 {LENGTH - 1}", f"250 {OTHER_CRC}", "-"),
    ("no-digest", "XMD5 no-digest", "250 none", "-"),
    ("refused", "XMD5 refused", "550 no", "-"),
]


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    scene = Scene()
    c = Control(scene, "192.0.2.1", "198.51.100.9").begin()
    c.ask("TYPE I", "200 ok")
    c.ask("CWD /d", "250 ok")
    c.command("FEAT")
    c.reply(*FEATURES)
    frames = {}

    def transfer(name, port, **options):
        c.ask("PASV", pasv(c.server, port))
        fetch(c, c.data(port), f"RETR {name}", CONTENT, **options)

    for number, (name, question, answer, _) in enumerate(CASES):
        transfer(name, 50000 + number)
        c.command(question)
        frames[name] = c.reply(answer)
    transfer("lost", 51000)
    del scene.frames[-8]    # a segment of its data
    c.ask("XCRC lost", f"250 {OTHER_CRC}")
    c.ask("REST 100", "350 ok")
    c.ask("PASV", pasv(c.server, 51001))
    fetch(c, c.data(51001), "RETR rest", CONTENT[100:])
    c.ask("XCRC rest", f"250 {OTHER_CRC}")
    c.quit()
    return scene.write(tmp_path_factory.mktemp("digests") / "digests.pcap"), frames


@pytest.mark.parametrize("passes", [(), ("-2",)], ids=["one", "two"])
def test_files_are_verified_by_digests(ws, capture, passes):
    found = {row["File"]: row["Verified"] for row in ledger(ws, capture[0], *passes)}
    assert found == {**{f"/d/{name}": verified for name, _, _, verified in CASES}, "/d/lost": "-", "/d/rest": "-"}


def test_another_digest_is_a_mismatch(ws, capture):
    rows = ws.rows(capture[0], ["frame.number", "_ws.expert.message"], "ftp_session.size_mismatch", two_pass=True)
    frames = capture[1]
    assert [(int(frame), message) for frame, message in rows] == [
        (frames["b"], f"RETR /d/b: the server says CRC32 {OTHER_CRC.lower()} (XCRC), the {LENGTH} bytes captured have {CRC.lower()}"),
        (frames["e"], f"RETR /d/e: the server says SHA-256 {OTHER} (HASH), the {LENGTH} bytes captured have {SHA256}")]

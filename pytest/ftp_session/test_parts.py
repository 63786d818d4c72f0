# SPDX-License-Identifier: GPL-2.0-or-later
"""
Real servers and clients that carry files in parts, tell their digests, and use data ports that nobody announces. What is expected here is what the
servers' logs and a comparison of the files said when test-captures/ftp-parts/record.sh ran.
"""

import hashlib

import pytest

from ftp_session.test_export import _objects
from ftp_session.test_files import ledger
from ftp_session.table import table

# Outcome, mode, command, path, bytes and reply of each transfer.
TRANSFERS = {
    "gridftp": [("complete", mode, command, f"~/pub/{name}.bin", "60000", "226")
                for mode, command, name in [("PORT", "RETR", "sixty"), ("PASV", "STOR", "up"), ("PORT", "RETR", "sixty"), ("PASV", "STOR", "up2")]],
    "default-port": [*2 * [("complete", "default", "RETR", "lines.txt", "6801", "226"), ("complete", "default", "LIST", "-", None, "226"),
                           ("complete", "default", "STOR", "reuse.txt", "292", "226")],
                     *3 * [("complete", "PORT", "RETR", "lines.txt", "6801", "226")]],
    "pureftpd-broken-off": [("incomplete", "PASV", "RETR", "/pub/large.bin", None, "150"), ("complete", "PASV", "STOU", None, "700", "226"),
                            ("aborted", "PASV", "RETR", "/pub/large.bin", None, "150"), ("complete", "PASV", "STOU", None, "700", "226")],
    "several-sessions": [("complete", "PASV", "RETR", "/pub/large.bin", size, "226") for size in ("150000", "50000", "100000")]
                        + [("complete", "PASV", command, "/parts.bin", size, "226") for command, size in [("STOR", "3000"), ("STOR", "2000"), ("APPE", "500")]],
    "proftpd-digests": [*8 * [("complete", "PASV", "RETR", "lines.txt", "6792", "226")],
                        *[("complete", "PASV", "STOR", f"{name}.txt", "1500", "226") for name in ("CRC32", "MD5", "SHA-256")],
                        ("mismatch", "PASV", "RETR", "lines.txt", "6792", "226")],
}
# File, size, parts, by what it is verified and sessions.
FILES = {
    "gridftp": [("~/pub/sixty.bin", "60000", "1", "-", "0"), ("~/pub/up.bin", "60000", "1", "-", "1"), ("~/pub/sixty.bin", "60000", "1", "-", "2"),
                ("~/pub/up2.bin", "60000", "1", "-", "3")],
    "several-sessions": [("/pub/large.bin", "150000", "3", "reply 150", "0, 2, 1"), ("/parts.bin", "5500", "3", "-", "3, 4")],
    "proftpd-digests": [("lines.txt", "6792", "1", word, "0") for word in ("HASH", "XCRC", "XMD5", "XSHA", "XSHA1", "XSHA256", "XSHA512", "MD5")]
                       + [(f"{name}.txt", "1500", "1", "HASH", "0") for name in ("CRC32", "MD5", "SHA-256")]
                       + [("lines.txt", "6792", "1", "mismatch", "0")],
}


@pytest.fixture
def parts(captures):
    return captures / "ftp-parts"


@pytest.mark.parametrize("name", TRANSFERS)
def test_transfers(ws, parts, name):
    columns = ("Outcome", "Mode", "Command", "Path", "Bytes", "Reply")
    rows = [tuple(row[column] for column in columns) for row in table(ws, parts / f"{name}.pcap", "-2")]
    expected = TRANSFERS[name]
    assert [tuple(cell and found for cell, found in zip(*pair)) for pair in zip(expected, rows)] == expected and len(rows) == len(expected)


@pytest.mark.parametrize("name", FILES)
def test_files(ws, parts, name):
    rows = ledger(ws, parts / f"{name}.pcap", "-2")
    assert [tuple(row[column] for column in ("File", "Size", "Parts", "Verified", "Sessions")) for row in rows] == FILES[name]


@pytest.mark.parametrize("name", TRANSFERS)
def test_each_packet_is_in_a_session(ws, parts, name):
    """The names that Pure-FTPd gave to STOU's files are in the same run."""
    rows = ws.rows(parts / f"{name}.pcap", ["ftp_session", "ftp_session.outcome", "ftp_session.path"], two_pass=True)
    assert all(session for session, _, _ in rows)
    stou = {path for _, outcome, path in rows if outcome and "/pub/pureftpd." in path}
    assert len(stou) == (2 if name == "pureftpd-broken-off" else 0)


def test_parts_are_one_object(ws, parts, tmp_path):
    """In any order (lftp's pget), over sessions, and in blocks of MODE E: the four GridFTP copies are of one file."""
    objects = _objects(ws, parts / "several-sessions.pcap", tmp_path)
    assert {name: len(content) for name, content in objects.items()} == {"pub%2flarge.bin": 150000, "parts.bin": 5500}
    assert objects["parts.bin"] == b"a" * 3000 + b"b" * 2000 + b"c" * 500
    copies = _objects(ws, parts / "gridftp.pcap", tmp_path / "grid").values()
    assert [len(content) for content in copies] == 4 * [60000] and len({hashlib.sha256(content).digest() for content in copies}) == 1

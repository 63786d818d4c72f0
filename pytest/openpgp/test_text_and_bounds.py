# SPDX-License-Identifier: GPL-2.0-or-later
"""Text of keys that turns the direction, and compression that makes much of little."""

import shutil
import zlib

import pytest

from hkp.test_requests_and_answers import answer, get, write
from openpgp.craft import COMPRESSED, PUBLIC_KEY, USER_ID, armor, http_capture, key, packet, rsa

HIDDEN = ["\u061c", "\u200e", "\u200f", *map(chr, range(0x202a, 0x202f)), *map(chr, range(0x2066, 0x206a)), "\u2028", "\u2029"]


def test_text_that_turns_the_direction(ws, tmp_path):
    """No such character comes through, neither raw nor in names, and what it was can be read."""
    name = "a" + "".join(HIDDEN) + "b"
    escaped = "a" + "".join(f"\\x{byte:02x}" for byte in "".join(HIDDEN).encode()) + "b"
    armored = armor(packet(PUBLIC_KEY, key(rsa())) + packet(USER_ID, name.encode()))
    index = b"info:1:1\npub:0123456789ABCDEF:1:2048:1700000000::\nuid:" + name.encode() + b":1700000000::\n"
    quoted = "".join(f"%{byte:02x}" for byte in name.encode())
    capture = write(tmp_path / "bidi.pcap", [(get("/pks/lookup?op=get&search=" + quoted), answer(200, armored)),
                                             (get("/pks/lookup?op=index&options=mr&search=x"), answer(200, index))])
    def values(field):
        return [row[0] for row in ws.rows(capture, [field], field)]
    assert values("openpgp.userid") == [escaped]
    assert ws.count(capture, "openpgp.text.suspicious") == 1
    assert values("hkp.search") == [escaped, escaped, "x", "x"] and values("hkp.index.uid") == [escaped]
    shown = [info for protocol, info in ws.columns(capture) if protocol == "HKP"]
    assert len(shown) == 4 and any("a\\xd8\\x9c" in info for info in shown), shown
    assert not any(c in text for c in HIDDEN for text in [*shown, ws.statistics(capture, "hkp,tree")])


def test_shared_case_of_direction(ws, shared, tmp_path):
    case = shutil.copy(shared.parent / "cases/bounds/bidi-marks.pcap", tmp_path)
    shown = [text for row in ws.rows(case, ["hkp.search", "hkp.index.uid", "openpgp.userid"], "hkp || openpgp") for text in row]
    shown += [info for _, info in ws.columns(case)]
    assert any("\\x" in text for text in shown) and not any(c in text for c in HIDDEN for text in shown)


def nested_bomb(size):
    """Some two kB that make size octets of packets, by compression within compression."""
    return packet(COMPRESSED, b"\2" + zlib.compress(packet(COMPRESSED, b"\2" + zlib.compress(bytes(size), 9)), 9))


def test_many_small_bombs(ws, tmp_path):
    """What all of them make together grows with the capture alone: 64 octets for one of the body, and 64 KiB a body."""
    bomb = nested_bomb(40 << 20)
    assert len(bomb) < 2000
    capture = http_capture(tmp_path / "bombs.pcap", [bomb] * 50)
    made = [sum(map(int, row[0].split(","))) for row in ws.rows(capture, ["openpgp.compressed.uncompressed_length"], "openpgp")]
    assert len(made) == 50 and set(made) == {(64 << 10) + 64 * len(bomb)}
    assert ws.count(capture, "openpgp.limit") == 50
    seconds, _, _ = ws.consumed(capture, "-V")
    assert seconds < 5


@pytest.mark.measured
def test_shared_case_of_bombs(ws, shared, tmp_path):
    case = shutil.copy(shared.parent / "cases/bounds/tiny20.pcap", tmp_path)
    stock, _, _ = ws.without_plugins().consumed(case, "-V")
    seconds, _, _ = ws.consumed(case, "-V")
    assert seconds - stock < 0.02 * 20 + 0.5, f"{seconds} s, and {stock} s without the plugins"


def test_much_compressed_text_is_whole(ws, tmp_path):
    """The bound is no limit for messages: 1 MB that compresses more than 10 times."""
    text = b"".join(b"%06d the quick brown fox jumps over the lazy dog again and again and again and again\n" % n for n in range(13000))
    inner = packet(11, b"b\0" + bytes(4) + text)
    body = packet(COMPRESSED, b"\2" + zlib.compress(inner))
    assert len(inner) > 1 << 20 and len(inner) > 10 * len(body)
    capture = http_capture(tmp_path / "text.pcap", [body])
    assert ws.rows(capture, ["openpgp.compressed.uncompressed_length"], "openpgp") == [(str(len(inner)),)]
    assert ws.count(capture, "openpgp.limit || openpgp.compressed.incomplete") == 0

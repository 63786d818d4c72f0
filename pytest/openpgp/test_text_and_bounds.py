# SPDX-License-Identifier: GPL-2.0-or-later
"""Text of keys that turns the direction, and compression that makes much of little."""

import bz2
import shutil
import zlib

import pytest

from harness.craft import Connection, write_pcap
from hkp.test_requests_and_answers import answer, get, write
from openpgp.craft import COMPRESSED, PUBLIC_KEY, USER_ID, armor, http_capture, key, packet, partial, rsa
from openpgp.test_packets import has_bzip2

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


def test_data_sources_of_a_packet_are_bounded(ws, tmp_path):
    """Each body in parts of partial length is a tab of the window; those beyond 256 are told, not shown."""
    parts = packet(PUBLIC_KEY, key(rsa())), partial(11, b"b\0" + bytes(4) + bytes(600))
    capture = http_capture(tmp_path / "sources.pcap", [parts[0] + parts[1] * count for count in (256, 257)])
    assert [row[0] for row in ws.rows(capture, ["openpgp.limit"], "openpgp", two_pass=True)] == ["", "1"]


def broken_bzip2():
    """A block that says to begin beyond its end, which is seen when all of it has been worked out."""
    stream = bz2.compress(bytes(890000))
    behind = 8 * len(stream) - (32 + 48 + 32 + 1) - 24
    return (int.from_bytes(stream, "big") | 0xffffff << behind).to_bytes(len(stream), "big")


def test_broken_bzip2_is_bounded_by_its_work(ws, tmp_path):
    """Nothing comes out of these fifty octets each, so what comes out cannot be what bounds them."""
    with pytest.raises(OSError):
        bz2.decompress(broken_bzip2())
    capture = http_capture(tmp_path / "broken.pcap", [packet(PUBLIC_KEY, key(rsa())) + packet(COMPRESSED, b"\3" + broken_bzip2()) * 600])
    fields = ["openpgp.compressed.uncompressed_length", "openpgp.compressed.incomplete", "openpgp.limit"]
    [row] = [[len(list(filter(None, cell.split(",")))) for cell in row] for row in ws.rows(capture, fields, "openpgp")]
    assert row == ([600, 3, 597] if has_bzip2(ws) else [0, 0, 0])


@pytest.mark.measured
def test_what_wireshark_inflated_is_not_read_for_each_small_body(ws, tmp_path):
    """Bodies of 18 octets say that they are as long as another one of the same frame, which is not looked at for each of them."""
    size = 4 << 20
    compressor = zlib.compressobj(9, wbits=31)
    large = compressor.compress(bytes(size)) + compressor.flush()
    head = b"HTTP/1.1 200 X\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    captures = []
    for said in (size, size + 1):
        small = b"\x1f\x8b\x08\0\0\0\0\0\0\3" + b"\1\2\3\4" + said.to_bytes(4, "little")
        connection = Connection(dport=80).handshake().client(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 501)
        connection.server(head % len(large) + large + (head % 18 + small) * 500)
        captures.append(write_pcap(tmp_path / f"{said}.pcap", connection.packets, linktype=101))
    as_long, another = (min(ws.consumed(capture)[0] for _ in range(4)) for capture in captures)
    assert as_long < another + 0.15, (as_long, another)

# SPDX-License-Identifier: GPL-2.0-or-later
"""FTP sessions of real servers as other captures might have them: out of order, twice, in another wrapping: the same rows."""

import random
import struct

import pytest

from ftp_session.table import table
from harness.craft import read_pcap, write_pcap

CAPTURES = "ftp-servers/vsftpd-commands.pcap", "ftp-servers/proftpd-commands6.pcap"
SYN, ACK = 2, 16


def read(path):
    """(seconds since the first, frame)."""
    _, frames = read_pcap(path)
    return [(when - frames[0][0], frame) for when, frame, _ in frames]


def ends(frame):
    """Where TCP begins, and who sends to whom: Ethernet, IP without options, TCP."""
    tcp, size = (34, 4) if frame[12] == 8 else (54, 16)
    return tcp, (frame[tcp - 2 * size:tcp - size], frame[tcp:tcp + 2]), (frame[tcp - size:tcp], frame[tcp + 2:tcp + 4])


def first(pair):
    return pair[0]


def shuffled(seed, places):
    def change(frames):
        order = random.Random(seed)
        placed = [(number + order.random() * places, frame) for number, frame in enumerate(frames)]
        return [frame for _, frame in sorted(placed, key=first)]
    return change


def skewed(seconds):
    """What one side sends was captured by a clock that goes otherwise."""
    def change(frames):
        client = ends(frames[0][1])[1][0]
        return sorted(((when + (seconds if ends(frame)[1][0] != client else 0), frame) for when, frame in frames), key=first)
    return change


def tagged(frame):
    return frame[:12] + b"\x81\0\0\x64" + frame[12:]


def twice(second, delay=3e-6):
    def change(frames):
        return sorted([*frames, *((when + delay, second(frame)) for when, frame in frames)], key=first)
    return change


def further(frame):
    """A hop later."""
    at = 22 if frame[12] == 8 else 21
    return frame[:at] + bytes([frame[at] - 1]) + frame[at + 1:]


def wrapped(before):
    """Each direction's sequence numbers begin so many bytes before they wrap around."""
    def change(frames):
        begins, changed = {}, []
        for when, frame in frames:
            tcp, source, target = ends(frame)
            seq, ack = struct.unpack_from(">II", frame, tcp + 4)
            if frame[tcp + 13] & SYN:
                begins[source, target] = seq
            seq = (seq - begins[source, target] - before) & 0xffffffff
            if frame[tcp + 13] & ACK:
                ack = (ack - begins[target, source] - before) & 0xffffffff
            changed.append((when, frame[:tcp + 4] + struct.pack(">II", seq, ack) + frame[tcp + 12:]))
        return changed
    return change


def each(function):
    return lambda frames: [(when, function(frame)) for when, frame in frames]


def without_length(frame):
    """As a network card sees it that cuts segments by itself."""
    return frame[:16] + b"\0\0" + frame[18:] if frame[12] == 8 and len(frame) > 600 else frame


def in_gre(frame):
    head = struct.pack(">BBHHHBBH8B", 0x45, 0, 10 + len(frame), 0, 0, 64, 47, 0, 10, 9, 9, 1, 10, 9, 9, 2)
    return frame[:12] + b"\x08\0" + head + b"\0\0" + frame[12:]


CHANGES = {
    "shuffled": shuffled(1, 3), "shuffled otherwise": shuffled(2, 3), "shuffled a little": shuffled(3, 2),
    "the server's are late": skewed(2e-5), "the server's are early": skewed(-3e-5),
    "copies": twice(bytes), "copies later": twice(bytes, 0.002), "copies with a tag": twice(tagged),
    "copies of another hop": twice(further),
    "numbers wrap soon": wrapped(20), "numbers wrap": wrapped(600), "tagged": each(tagged), "no length": each(without_length),
    "padded, with a checksum": each(lambda frame: frame.ljust(60, b"\0") + b"\xde\xad\xbe\xef"), "in GRE": each(in_gre),
}


def facts(rows):
    return [{name: value for name, value in row.items() if name not in ("Frame", "Start", "Seconds")} for row in rows]


def expect_a_new_stream(request, ws, name, change):
    """For 4.4 and 4.6 a copy of a SYN after the connection's end begins another one, which takes what has just been announced."""
    if change == "copies later" and "vsftpd" in name and ws.version >= (4, 4):
        request.applymarker(pytest.mark.xfail(strict=True, raises=AssertionError, reason="a late copy of an old SYN takes a new announcement of its port"))


@pytest.mark.parametrize("name", CAPTURES)
@pytest.mark.parametrize("change", CHANGES)
def test_rows_are_the_same(request, ws, captures, tmp_path, name, change):
    expect_a_new_stream(request, ws, name, change)
    expected = facts(table(ws, captures / name, "-2"))
    changed = write_pcap(tmp_path / "changed.pcap", CHANGES[change](read(captures / name)))
    assert len(expected) == 12
    assert [facts(table(ws, changed, *options)) for options in ((), ("-2",))] == [expected] * 2

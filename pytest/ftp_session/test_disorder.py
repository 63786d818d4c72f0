# SPDX-License-Identifier: GPL-2.0-or-later
"""FTP sessions of real servers as other captures might have them: out of order, twice, in another wrapping: the same rows."""

import random
import struct

import pytest

from ftp_session.packets import Control, Scene, fetch, pasv
from ftp_session.table import table
from harness.craft import ip, read_pcap, tcp, write_pcap

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


@pytest.mark.parametrize("name", CAPTURES)
@pytest.mark.parametrize("change", CHANGES)
def test_rows_are_the_same(ws, captures, tmp_path, name, change):
    expected = facts(table(ws, captures / name, "-2"))
    changed = write_pcap(tmp_path / "changed.pcap", CHANGES[change](read(captures / name)))
    assert len(expected) == 12
    assert [facts(table(ws, changed, *options)) for options in ((), ("-2",))] == [expected] * 2


def two_files(path, **second):
    """Both over the same ports, as the server announces them; the client begins every connection with the same number."""
    scene = Scene()
    control = Control(scene, "192.0.2.1", "198.51.100.1").begin()
    control.ask("PASV", pasv("198.51.100.1", 50001))
    fetch(control, control.data(50001), "RETR one", b"1")
    control.ask("PASV", pasv("198.51.100.1", 50001))
    late = scene.frames[-1][0]
    fetch(control, control.data(50001, **second), "RETR two", b"22")
    control.quit()
    scene.write(path)
    return late, scene.frames


def test_same_number_again(ws, tmp_path):
    """Only the server's number tells the second connection from a copy of the first; to the TCP of 4.0, they are one."""
    two_files(tmp_path / "two.pcap", ack=777000)
    size = "2" if ws.version >= (4, 4) else "-"
    for options in (), ("-2",):
        rows = table(ws, tmp_path / "two.pcap", *options)
        assert [(row["Path"], row["Bytes"], row["Outcome"]) for row in rows] == [("one", "1", "complete"), ("two", size, "complete")]


@pytest.mark.parametrize("copies", [1, 2])
def test_whole_connection_again(ws, tmp_path, copies):
    """All of the first connection's packets, after the second announcement: they are no second file, nor shown as FTP's."""
    when, frames = two_files(tmp_path / "two.pcap", seq=888000, ack=777000)
    former = [frame for second, frame in frames if second < when and (50001).to_bytes(2, "big") in (frame[34:36], frame[36:38])]
    again = [(when + 1e-5 * (number + 1), frame) for number, frame in enumerate(former * copies)]
    path = write_pcap(tmp_path / "again.pcap", sorted([*frames, *again], key=first))
    assert len(former) == 7
    for options in (), ("-2",):
        assert facts(table(ws, path, *options)) == facts(table(ws, tmp_path / "two.pcap", *options))


def with_stray_acknowledgment(path, ahead):
    """The server acknowledges, once, what was never sent; the client's next command, in two segments, is captured out of order."""
    scene = Scene()
    control = Control(scene, "192.0.2.1", "198.51.100.1").begin()
    control.ask("CWD /pub", "250 done")
    if ahead:
        segment = tcp(b"", 21, control.ports[0], control.next[1], (control.next[0] + ahead) % 2**32, "A")
        scene.add(ip(segment, "198.51.100.1", "192.0.2.1"))
    control.send(0, b"CWD s")
    control.send(0, b"ub\r\nTYPE I\r\n")
    scene.frames[-2:] = [(when, frame) for (when, _), (_, frame) in zip(scene.frames[-2:], reversed(scene.frames[-2:]))]
    control.reply("250 done")
    control.reply("200 done")
    control.ask("PASV", pasv("198.51.100.1", 50001))
    fetch(control, control.data(50001), "RETR one", b"1")
    control.quit()
    return scene.write(path)


@pytest.mark.parametrize("ahead", [1 << 28, 1 << 30])
def test_what_was_never_sent_is_acknowledged(ws, tmp_path, ahead):
    """RFC 9293 section 3.10.7.4: such a segment is dropped; no command is taken for lost by it."""
    path = with_stray_acknowledgment(tmp_path / "stray.pcap", ahead)
    expected = table(ws, with_stray_acknowledgment(tmp_path / "plain.pcap", 0), "-2")
    assert [row["Path"] for row in expected] == ["/pub/sub/one"]
    assert [facts(table(ws, path, *options)) for options in ((), ("-2",))] == [facts(expected)] * 2

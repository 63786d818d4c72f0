# SPDX-License-Identifier: GPL-2.0-or-later
"""The bytes of a TCP connection in order (plugins/common/tcp-stream.c), seen through what LDP says in them."""

import random

import pytest

from harness.craft import ethernet, ipv4, tcp, write_pcap
from ldp_extras.packets import Router, Session, labelled, data, mapping, pdu, prefix, withdraw
from ldp_extras.test_binding import Capture, experts, library, up

A, B = Router(1), Router(2)
LABELS = range(20, 40)


def target(n):
    return prefix(f"198.51.100.{n}/32")


def story():
    """A PDU a label: told, and of every third taken back."""
    return b"".join(pdu(B.lsr, mapping(target(n), n), *([withdraw(target(n), n)] if n % 3 == 0 else [])) for n in LABELS)


def labels_told(ws, path):
    """{label: whether it was withdrawn} by the table."""
    return {int(row[1]): row[4] != "-" for row in library(ws, path) if row[0] == B.lsr}


EVERYTHING = {n: n % 3 == 0 for n in LABELS}


def segments(stream, start, sizes):
    at, out = 0, []
    while at < len(stream):
        size = next(sizes)
        out.append((start + at, stream[at:at + size]))
        at += size
    return out


@pytest.fixture
def capture(tmp_path):
    return Capture(tmp_path / "stream.pcap")


@pytest.mark.parametrize("first", [5000, 2**32 - 1, 2**32 - 200, 2**31 - 100, 0])
def test_sequence_numbers_wrap_around(ws, capture, first):
    """In order, and with neighbours exchanged, wherever the numbers are when they begin anew."""
    for shuffled in (False, True):
        capture.frames.clear()
        session = Session(A, B)
        session.seq[1] = first
        capture.add(*session.handshake())
        session.seq[1] = (first + 1) % 2**32
        capture.add(session.say(0))
        parts = segments(story(), session.seq[1], iter(lambda: 33, None))
        if shuffled:
            parts = [part for i in range(0, len(parts), 3) for part in reversed(parts[i:i + 3])]
        for seq, part in parts:
            capture.add(session.send(1, part, seq=seq % 2**32))
        assert labels_told(ws, capture.write()) == EVERYTHING


@pytest.mark.parametrize("seed", range(4))
def test_any_order_with_repetitions(ws, capture, seed):
    """Segments of any size, up to twenty before their turn, repeated in other pieces: the same as in order."""
    chosen = random.Random(seed)
    session = up(capture, A, B)
    stream, start = story(), session.seq[1]
    parts = segments(stream, start, iter(lambda: chosen.randint(1, 90), None))
    for _ in range(10):
        at = chosen.randrange(len(stream))
        parts.append((start + at, stream[at:at + chosen.randint(1, 200)]))
    order = sorted(range(len(parts)), key=lambda i: parts[i][0] + chosen.randint(0, 400))
    for i in order:
        capture.add(session.send(1, parts[i][1], seq=parts[i][0]))
    assert labels_told(ws, capture.write()) == EVERYTHING


@pytest.mark.parametrize("early", [False, True])
def test_the_first_bytes_count(ws, capture, early):
    """Retransmissions that say something else, of bytes that were read already and of bytes that wait."""
    session = up(capture, A, B)
    true, false = (pdu(B.lsr, mapping(target(n), n)) for n in (20, 21))
    start, filler = session.seq[1], pdu(B.lsr, mapping(target(30), 30))
    if early:
        capture.add(session.send(1, true, seq=start + len(filler)), session.send(1, false, seq=start + len(filler)),
                    session.send(1, filler, seq=start))
    else:
        capture.add(session.send(1, filler, seq=start), session.send(1, true, seq=start + len(filler)),
                    session.send(1, false, seq=start + len(filler)))
    tail = pdu(B.lsr, mapping(target(31), 31))
    capture.add(session.send(1, false + tail, seq=start + len(filler)))
    assert labels_told(ws, capture.write()) == {30: False, 20: False, 31: False}


@pytest.mark.parametrize("by", ["acknowledgement", "close", "too many"])
def test_holes(ws, capture, by):
    """What is missing is given up when it can't come any more; then all after it is read, and the session counts as not wholly known."""
    session = up(capture, A, B)
    parts = [pdu(B.lsr, mapping(target(n % 256), n)) for n in range(20, 100)]
    start, size = session.seq[1], len(parts[0])
    count = {"too many": 70}.get(by, 10)
    for n in range(count):
        if n != 2:
            capture.add(session.send(1, parts[n], seq=start + n * size))
    session.seq[1] = start + count * size
    before = capture.add(labelled(A, B, 29, data()))
    capture.add({"acknowledgement": session.acknowledge, "close": session.finish, "too many": session.acknowledge}[by](0))
    after = capture.add(labelled(A, B, 29, data()))
    unknown = capture.add(labelled(A, B, 22, data()))
    path = capture.write()
    assert labels_told(ws, path) == {20 + n: by == "close" for n in range(count) if n != 2}
    assert ws.frames(path, "ldp_binding.fec") == ([before] if by == "too many" else []) + [after]
    assert unknown not in experts(ws, path)


def test_a_hole_amid_a_pdu(ws, capture):
    """The beginning that was kept is forgotten with the hole; reading goes on where a segment begins a PDU."""
    session = up(capture, A, B)
    parts = [pdu(B.lsr, mapping(target(n), n)) for n in range(20, 24)]
    start, size = session.seq[1], len(parts[0])
    stream = b"".join(parts)
    for low, high in ((0, size + 10), (size + 20, 2 * size + 5), (2 * size + 5, 3 * size), (3 * size, 4 * size)):
        capture.add(session.send(1, stream[low:high], seq=start + low))
    session.seq[1] = start + len(stream)
    capture.add(session.acknowledge(0))
    assert labels_told(ws, capture.write()) == {20: False, 23: False}


def test_bytes_that_wait_are_bounded_for_the_capture(ws, tmp_path):
    """Forty sides of sessions with sixty segments of 60,000 bytes behind a hole each: 144 MB of which at most 64 are kept."""
    frames = []
    for n in range(40):
        session = Session(Router(1), Router(2), 40000 + n)
        frames += session.start()
        for i in range(60):
            frames.append(ethernet(ipv4(tcp(bytes(60000), 646, session.port, session.seq[1] + 10 + 60000 * i, session.seq[0]),
                                        B.lsr, A.lsr), src=B.mac, dst=A.mac))
    path = write_pcap(tmp_path / "waiting.pcap", frames)
    nowhere = ("-Y", "frame.number == 0")
    _, kilobytes, _ = ws.subset("ldp-extras").consumed(path, *nowhere)
    _, base, _ = ws.without_plugins().consumed(path, *nowhere)
    assert kilobytes - base < 100 << 10

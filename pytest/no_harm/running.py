# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs stock and ours side by side, and reads what they print, packet by packet."""

import re
import tempfile

BLOCK = 1 << 20
# Times of messages and process numbers.
_VARYING = re.compile(rb"\d\d:\d\d:\d\d\.\d+|tshark:\d+|sharkd:\d+")


def complaints(text):
    """What was written to stderr, without what differs from run to run."""
    return [_VARYING.sub(b"", line).decode(errors="replace") for line in text.splitlines()]


class Streaming:
    """One tshark whose output is read while it runs. problem: of the two ends, see same_end()."""

    def __init__(self, ws, capture, *arguments):
        self._errors = tempfile.TemporaryFile()
        self._process = ws.popen("tshark", ("-n", "-r", str(capture), *arguments), self._errors)
        self.stdout = self._process.stdout

    def end(self):
        """Exit status and what it complained about; its output has been read, or is not wanted any more."""
        self.stdout.close()
        status = self._process.wait(120)
        self._errors.seek(0)
        with self._errors:
            return status, complaints(self._errors.read())


def both(stock, ours, capture, arguments, split):
    """(frame, stock's packet, ours), as split() cuts them, None where one has ended; then ("end", end, end)."""
    runs = [Streaming(ws, capture, *arguments) for ws in (stock, ours)]
    streams = [split(run.stdout) for run in runs]
    number = 0
    try:
        while True:
            pair = [next(stream, None) for stream in streams]
            if pair == [None, None]:
                break
            number += 1
            yield number, *pair
            if None in pair:
                break
    finally:
        ends = [run.end() for run in runs]
    yield "end", *ends


def _pieces(stream, separator):
    rest = b""
    while block := stream.read(BLOCK):
        *whole, rest = (rest + block).split(separator)
        yield from whole
    if rest:
        yield rest


def pdml_packets(stream):
    for piece in _pieces(stream, b"</packet>\n"):
        at = piece.find(b"<packet>")
        if at >= 0:
            yield piece[at:]


def json_packets(stream):
    """The text of each object of the array."""
    for piece in _pieces(stream, b"\n  },\n"):
        text = piece.strip()
        if text.startswith(b"["):
            text = text[1:].lstrip()
        if text.endswith(b"]"):
            text = text[:-1].rstrip()
            if text.endswith(b"}"):
                text = text[:-1].rstrip()
        if text:
            yield text + b"\n}"


def ek_packets(stream):
    for line in _pieces(stream, b"\n"):
        if line and not line.startswith(b'{"index"'):
            yield line


def lines(stream):
    yield from _pieces(stream, b"\n")

# SPDX-License-Identifier: GPL-2.0-or-later
"""HTTP/2 connections from frames written by hand (RFC 9113), header blocks without Huffman coding (RFC 7541).

    talk = Http2()
    talk.client(PREFACE, settings()).server(settings())
    talk.client(headers(1, request("/pks/lookup?op=stats"), end=True))
"""

import struct

from harness.craft import Connection

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS, PADDED, WEIGHTED = 1, 1, 4, 8, 0x20


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def integer(value, bits, first=0):
    """RFC 7541 section 5.1, behind the flags of the first octet."""
    limit = (1 << bits) - 1
    if value < limit:
        return bytes([first | value])
    out, value = [first | limit], value - limit
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def string(text):
    text = text.encode() if isinstance(text, str) else text
    return integer(len(text), 7) + text


def literal(name, value):
    """Neither in a table before nor afterwards."""
    return b"\0" + string(name) + string(value)


def remember(name, value):
    """Goes into the dynamic table, as entry 62 for now."""
    return b"\x40" + string(name) + string(value)


def indexed(index):
    return integer(index, 7, 0x80)


def table_size(size):
    return integer(size, 5, 0x20)


def block(fields):
    return b"".join(field if isinstance(field, bytes) else literal(*field) for field in fields)


def request(path, method="GET", *more, authority="keys.example.org", scheme="https"):
    return [(":method", method), (":scheme", scheme), (":authority", authority), (":path", path), *more]


def response(status=200, *more, kind="text/plain"):
    return [(":status", str(status)), ("content-type", kind), *more]


def settings(*pairs):
    return frame(SETTINGS, 0, 0, b"".join(struct.pack(">HI", *pair) for pair in pairs))


SETTINGS_ACK = frame(SETTINGS, ACK, 0)


def headers(stream, fields, end=False, padding=None, weight=None, cuts=(), kind=HEADERS, before=b""):
    """HEADERS, or PUSH_PROMISE with the promised stream in before; cut into CONTINUATION frames at the offsets."""
    whole = fields if isinstance(fields, bytes) else block(fields)
    bounds = [0, *cuts, len(whole)]
    parts = [whole[a:b] for a, b in zip(bounds, bounds[1:])]
    first = before + (b"\0\0\0\0" + bytes([weight]) if weight is not None else b"") + parts[0]
    flags = (END_STREAM if end else 0) | (WEIGHTED if weight is not None else 0) | (0 if cuts else END_HEADERS)
    if padding is not None:
        first, flags = bytes([padding]) + first + bytes(padding), flags | PADDED
    out = frame(kind, flags, stream, first)
    for number, part in enumerate(parts[1:], 2):
        out += frame(CONTINUATION, END_HEADERS if number == len(parts) else 0, stream, part)
    return out


def promise(stream, promised, fields):
    return headers(stream, fields, kind=PUSH_PROMISE, before=struct.pack(">I", promised))


def data(stream, body, end=True, padding=None):
    body = body.encode() if isinstance(body, str) else body
    if padding is None:
        return frame(DATA, END_STREAM if end else 0, stream, body)
    return frame(DATA, PADDED | (END_STREAM if end else 0), stream, bytes([padding]) + body + bytes(padding))


def reset(stream):
    return frame(RST_STREAM, 0, stream, struct.pack(">I", 8))


class Http2:
    """A connection; what a side says in one call is one segment, or segments of `size` octets."""

    def __init__(self, sport, dport=8082, size=None, **addresses):
        self.size = size
        self.connection = Connection(sport=sport, dport=dport, **addresses).handshake()

    def _say(self, speak, frames):
        octets = b"".join(frames)
        size = self.size or 50000
        for at in range(0, len(octets), size):
            speak(octets[at:at + size])
        return self

    def client(self, *frames):
        return self._say(self.connection.client, frames)

    def server(self, *frames):
        return self._say(self.connection.server, frames)

    def begin(self):
        """The preface is in one segment: stock Wireshark 4.0 does not put it together."""
        self.connection.client(PREFACE)
        return self.client(settings()).server(settings(), SETTINGS_ACK).client(SETTINGS_ACK)

    @property
    def packets(self):
        return self.connection.packets

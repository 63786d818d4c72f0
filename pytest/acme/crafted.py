# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests, answers, certificates and DNS messages of ACME, and captures of many cases."""

import ipaddress
import itertools
import json
import struct

from harness import craft

TOKEN = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA"
THUMBPRINT = "9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI"
PATH = f"/.well-known/acme-challenge/{TOKEN}"
AUTHORIZATION = f"{TOKEN}.{THUMBPRINT}".encode()


def get(path=PATH, host="www.example.org", method="GET", extra=""):
    return f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{extra}\r\n".encode("latin-1")


def answer(body=AUTHORIZATION, status="200 OK", extra="", length=None):
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\n{extra}Content-Length: {size}\r\n\r\n".encode() + body


class Cases:
    """Connections in one capture, told apart by the client's port."""

    def __init__(self):
        self.ports = itertools.count(20000)
        self.packets, self.names = [], {}

    def add(self, name, *payloads, dport=80, **addresses):
        port = next(self.ports)
        self.names[port] = name
        self.packets += craft.conversation(*payloads, sport=port, dport=dport, **addresses)
        return self

    def write(self, path):
        return craft.write_pcap(path, [craft.ethernet(packet) for packet in self.packets])

    def ask(self, ws, path, fields, display_filter="acme", **options):
        """{case: [rows]}"""
        found = {}
        for source, to, *row in ws.rows(self.write(path), ["tcp.srcport", "tcp.dstport", *fields], display_filter, **options):
            name = self.names.get(int(source)) or self.names[int(to)]
            found.setdefault(name, []).append(tuple(row))
        return found


def name(text):
    return b"".join(bytes([len(label)]) + label.encode("latin-1") for label in text.split(".") if label) + b"\0"


def question(text, kind=16, flags=0x0100, number=1, klass=1):
    return struct.pack(">HHHHHH", number, flags, 1, 0, 0, 0) + name(text) + struct.pack(">HH", kind, klass)


def record(text, kind, data, klass=1):
    owner = text if isinstance(text, bytes) else name(text)
    return owner + struct.pack(">HHIH", kind, klass, 60, len(data)) + data


def txt(text, *values):
    return record(text, 16, b"".join(bytes([len(value)]) + value.encode() for value in values))


def response(text, *answers, authority=(), kind=16, flags=0x8400, number=1):
    return struct.pack(">HHHHHH", number, flags, 1, len(answers), len(authority), 0) + name(text) + struct.pack(">HH", kind, 1) + \
        b"".join(answers) + b"".join(authority)


def resolved(cases, *addresses, host="www.example.org"):
    """What DNS has for a name, asked and told."""
    for number, text in enumerate(addresses):
        packed = ipaddress.ip_address(text).packed
        kind = 1 if len(packed) == 4 else 28
        asked, told = question(host, kind), response(host, record(b"\xc0\x0c", kind, packed), kind=kind)
        cases.packets += [craft.ip(craft.udp(asked, 5000 + number, 53)), craft.ip(craft.udp(told, 53, 5000 + number), craft.SERVER, craft.CLIENT)]


CHALLENGE = "_acme-challenge.www.example.org"


def vector(size, data):
    return len(data).to_bytes(size, "big") + data


def client_hello(server_name=b"www.example.org", protocols=(b"acme-tls/1",), records=1):
    extensions = b""
    if server_name is not None:
        extensions += struct.pack(">H", 0) + vector(2, vector(2, b"\0" + vector(2, server_name)))
    if protocols:
        extensions += struct.pack(">H", 16) + vector(2, vector(2, b"".join(vector(1, p) for p in protocols)))
    body = b"\x03\x03" + bytes(32) + b"\0" + vector(2, b"\xc0\x2b") + vector(1, b"\0") + vector(2, extensions)
    message = b"\x01" + vector(3, body)
    size = -(-len(message) // records)
    return b"".join(b"\x16\x03\x01" + vector(2, message[at:at + size]) for at in range(0, len(message), size))


def certificate(identifier, names, critical=True, authority=None, serial=b"\x01"):
    """As much of a certificate as the dissector needs."""
    def der(tag, *parts):
        data = b"".join(parts)
        return bytes([tag]) + (bytes([len(data)]) if len(data) < 128 else b"\x82" + len(data).to_bytes(2, "big")) + data
    def oid(text):
        return der(6, bytes.fromhex(text))
    algorithm = der(0x30, oid("2a864886f70d01010b"), der(5))
    extensions = [der(0x30, oid("551d11"), der(4, der(0x30, *(der(tag, value) for tag, value in names))))] if names else []
    if identifier is not None:
        extensions.append(der(0x30, oid("2b0601050507011f"), der(1, b"\xff") if critical else b"", der(4, identifier)))
    if authority:
        extensions.append(der(0x30, oid("551d23"), der(4, der(0x30, der(0x80, authority)))))
    empty = der(0x30)
    validity = der(0x30, der(0x17, b"260101000000Z"), der(0x17, b"270101000000Z"))
    key = der(0x30, algorithm, der(3, b"\0" + der(0x30, der(2, b"\x01"), der(2, b"\x03"))))
    to_be_signed = der(0x30, der(0xa0, der(2, b"\x02")), der(2, serial), algorithm, empty, validity, empty, key,
                       der(0xa3, der(0x30, *extensions)))
    return der(0x30, to_be_signed, algorithm, der(3, b"\0\0"))


def server_flight(der, alpn=b"acme-tls/1"):
    extensions = struct.pack(">H", 16) + vector(2, vector(2, vector(1, alpn))) if alpn else b""
    hello = b"\x03\x03" + bytes(32) + b"\0" + b"\xc0\x2b" + b"\0" + (vector(2, extensions) if extensions else b"")
    messages = b"\x02" + vector(3, hello) + b"\x0b" + vector(3, vector(3, vector(3, der)))
    return b"\x16\x03\x03" + vector(2, messages)


def told(value, status="200 OK", kind="application/json", extra=""):
    return answer(json.dumps(value).encode(), status, f"Content-Type: {kind}\r\n{extra}")


BOTH = (False, True)

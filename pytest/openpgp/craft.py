# SPDX-License-Identifier: GPL-2.0-or-later
"""OpenPGP packets from bytes, captures that carry them, and what Wireshark shows of them, packet by packet."""

import base64
import hashlib

from harness import craft

PUBLIC_KEY, PUBLIC_SUBKEY, SECRET_KEY, USER_ID, USER_ATTRIBUTE, SIGNATURE = 6, 14, 5, 13, 17, 2
PKESK, SKESK, ONE_PASS, COMPRESSED, SED, MARKER, LITERAL, TRUST, SEIPD, MDC, AEAD, PADDING = 1, 3, 4, 8, 9, 10, 11, 12, 18, 19, 20, 21
CREATED = 1700000000


def number(value, size):
    return value.to_bytes(size, "big")


def new_length(size, octets=None):
    octets = octets or (1 if size < 192 else 2 if size < 8384 else 5)
    if octets == 1:
        return bytes([size])
    return number(size - 192 + 0xc000, 2) if octets == 2 else b"\xff" + number(size, 4)


def packet(tag, body=b"", octets=None):
    """New format."""
    return bytes([0xc0 | tag]) + new_length(len(body), octets) + body


def old_packet(tag, body=b"", octets=2):
    """Old format; octets 0: of indeterminate length."""
    return bytes([0x80 | tag << 2 | {1: 0, 2: 1, 4: 2, 0: 3}[octets]]) + (number(len(body), octets) if octets else b"") + body


def partial(tag, body, exponent=9):
    """New format, in parts of two to the power of the exponent."""
    size, out = 1 << exponent, bytes([0xc0 | tag])
    while len(body) >= size:
        out, body = out + bytes([224 + exponent]) + body[:size], body[size:]
    return out + new_length(len(body)) + body


def mpi(value):
    value = int.from_bytes(value, "big") if isinstance(value, bytes) else value
    return number(value.bit_length(), 2) + number(value, (value.bit_length() + 7) // 8)


def subpacket(kind, body, critical=False, octets=None):
    return new_length(1 + len(body), octets) + bytes([kind | critical << 7]) + body


def signature(hashed=b"", unhashed=b"", material=mpi(0x1234), kind=0x13, algorithm=1, digest=8, version=4, salt=bytes(16)):
    size = 4 if version == 6 else 2
    return bytes([version, kind, algorithm, digest]) + number(len(hashed), size) + hashed + number(len(unhashed), size) + \
        unhashed + b"\xab\xcd" + (bytes([len(salt)]) + salt if version == 6 else b"") + material


def key(material, algorithm=1, version=4, created=CREATED, secret=b""):
    """The body of a key packet."""
    days = b"\0\0" if version < 4 else b""
    length = number(len(material), 4) if version > 4 else b""
    return bytes([version]) + number(created, 4) + days + bytes([algorithm]) + length + material + secret


def rsa(bits=1024, seed=1):
    """n and e; n is no product of two primes, which nobody here looks at."""
    n = int.from_bytes(b"".join(hashlib.sha256(bytes([seed, i])).digest() for i in range(bits // 256 + 1))[:bits // 8], "big")
    return mpi(n | 1 << (bits - 1) | 1) + mpi(65537)


def fingerprint(body):
    """Of the body of a public key packet, in upper-case hex; computed apart from the plugin."""
    if body[0] == 4:
        return hashlib.sha1(b"\x99" + number(len(body), 2) + body).hexdigest().upper()
    if body[0] in (5, 6):
        return hashlib.sha256(bytes([0x95 + body[0]]) + number(len(body), 4) + body).hexdigest().upper()
    integers, at = b"", 8
    while at < len(body):
        size = (int.from_bytes(body[at:at + 2], "big") + 7) // 8
        integers, at = integers + body[at + 2:at + 2 + size], at + 2 + size
    return hashlib.md5(integers).hexdigest().upper()


def keyid(body):
    if body[0] in (2, 3):
        size = (int.from_bytes(body[8:10], "big") + 7) // 8
        return body[10:10 + size][-8:].hex().upper()
    return fingerprint(body)[-16:] if body[0] == 4 else fingerprint(body)[:16]


def crc24(data):
    crc = 0xb704ce
    for octet in data:
        crc ^= octet << 16
        for _ in range(8):
            crc = crc << 1 ^ (0x1864cfb if crc & 0x800000 else 0)
    return crc & 0xffffff


def armor(data, kind="PUBLIC KEY BLOCK", headers=(), crc=None, end=True, eol=b"\n"):
    """crc: a number, or False for none."""
    text = base64.b64encode(data)
    lines = [f"-----BEGIN PGP {kind}-----".encode(), *(h.encode() for h in headers), b""]
    lines += [text[at:at + 64] for at in range(0, len(text), 64)]
    if crc is not False:
        lines.append(b"=" + base64.b64encode(number(crc24(data) if crc is None else crc, 3)))
    if end:
        lines.append(f"-----END PGP {kind}-----".encode())
    return eol.join(lines) + eol


def http_frames(bodies, content_type="application/pgp-keys", target="/key"):
    """A connection for each body, which its answer carries; their tcp.stream is the place in the list."""
    frames = []
    for place, body in enumerate(bodies):
        kind = content_type
        if isinstance(body, tuple):
            body, kind = body
        answer = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        connection = craft.Connection(sport=10000 + place % 50000, src=f"192.0.2.{1 + place // 50000}").handshake()
        connection.client(f"GET {target} HTTP/1.1\r\nHost: example.org\r\n\r\n".encode())
        for at in range(0, len(answer), 60000):
            connection.server(answer[at:at + 60000])
        frames += [craft.ethernet(p) for p in connection.close().packets]
    return frames


def http_capture(path, bodies, content_type="application/pgp-keys"):
    return craft.write_pcap(path, http_frames(bodies, content_type))


def packets_of(element):
    """The OpenPGP packets below a PDML element, in order: a dictionary of lists each, nested packets apart."""
    found = []

    def collect(node, values):
        for child in node:
            if child.find("field[@name='openpgp.packet.tag']") is not None:
                walk(child)
            else:
                if child.get("name"):
                    values.setdefault(child.get("name"), []).append(child.get("show"))
                    if child.get("value"):
                        values.setdefault(child.get("name") + " raw", []).append(child.get("value"))
                collect(child, values)

    def walk(node):
        values = {}
        found.append(values)
        collect(node, values)

    collect(element, {})
    return found


def blocks_of(packet):
    """The OpenPGP packets of each OpenPGP item of a PDML packet."""
    return [packets_of(proto) for proto in packet.iter("proto") if proto.get("name") == "openpgp"]


def packets_in(data):
    """(tag, whole packet, body); lengths as they stand in keyrings."""
    at = 0
    while at < len(data):
        head = data[at]
        if head & 0x40:
            first = data[at + 1]
            size = 2 if first < 192 else 3 if first < 224 else 6
            length = first if size == 2 else (first - 192 << 8) + data[at + 2] + 192 if size == 3 else int.from_bytes(data[at + 2:at + 6], "big")
            tag = head & 63
        else:
            size = 1 + (1 << (head & 3))
            length, tag = int.from_bytes(data[at + 1:at + size], "big"), head >> 2 & 15
        yield tag, data[at:at + size + length], data[at + size:at + size + length]
        at += size + length


def keys_of(data):
    """The bytes of each key of a binary keyring, without GnuPG's own trust packets."""
    found = []
    for tag, whole, _ in packets_in(data):
        if tag == PUBLIC_KEY:
            found.append(b"")
        if tag != 12:
            found[-1] += whole
    return found

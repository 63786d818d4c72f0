#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes quic.pcap again: two QUIC Initial packets (RFC 9000, RFC 9001) with a real TLS ClientHello of Python's ssl, the
acknowledgement of the first, two short-header packets of random bytes, and an ICMP error that quotes one of them.

No QUIC software is packaged for Debian 12, so the protection of the Initials (RFC 9001, section 5) is done here, with
python3-cryptography. usage: make.py
"""

import hashlib
import hmac
import os
import ssl
import struct
import sys
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "pytest"))
from harness.craft import ethernet, icmp_error, ip, udp, write_pcap  # noqa: E402

SALT = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")
CLIENT_ID, SERVER_ID = bytes.fromhex("0001020304050607"), bytes.fromhex("08090a0b0c0d0e0f")
CLIENT, SERVER = "192.0.2.1", "192.0.2.2"


def expand(secret, label, length):
    label = b"tls13 " + label
    info = struct.pack(">HB", length, len(label)) + label + b"\0"
    return hmac.new(secret, info + b"\1", hashlib.sha256).digest()[:length]


def keys(label):
    initial = hmac.new(SALT, CLIENT_ID, hashlib.sha256).digest()
    secret = expand(initial, label, 32)
    return expand(secret, b"quic key", 16), expand(secret, b"quic iv", 12), expand(secret, b"quic hp", 16)


def initial(label, destination, source, frames, size):
    key, iv, protection = keys(label)
    head = b"\xc0" + struct.pack(">I", 1) + bytes([len(destination)]) + destination + bytes([len(source)]) + source + b"\0"
    frames += bytes(max(0, size - len(head) - 2 - 1 - 16 - len(frames)))
    head += struct.pack(">H", 0x4000 | 1 + len(frames) + 16) + b"\0"            # length, packet number 0 in one byte
    sealed = AESGCM(key).encrypt(iv, frames, head)
    mask = Cipher(algorithms.AES(protection), modes.ECB()).encryptor().update(sealed[3:19])
    return bytes([head[0] ^ mask[0] & 0x0f]) + head[1:-1] + bytes([head[-1] ^ mask[1]]) + sealed


def client_hello():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["h3"])
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname="www.example.org")
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()[5:]


hello = client_hello()
crypto = b"\x06\0" + struct.pack(">H", 0x4000 | len(hello)) + hello
there = lambda data: ip(udp(data, 50000, 443), CLIENT, SERVER)  # noqa: E731
back = lambda data: ip(udp(data, 443, 50000), SERVER, CLIENT)  # noqa: E731
packets = [there(initial(b"client in", CLIENT_ID, b"", crypto, 1200)), back(initial(b"server in", b"", SERVER_ID, b"\x02\0\0\0\0", 1200)),
           there(b"\x40" + SERVER_ID + os.urandom(30)), back(b"\x40" + os.urandom(40))]
packets.append(icmp_error(packets[3], quoted=8))
write_pcap(Path(__file__).with_name("quic.pcap"), [ethernet(packet) for packet in packets])

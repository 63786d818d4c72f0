#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Traffic of one kind each, always the same bytes.

    bench/workloads.py KIND FILE [packets]

UNRELATED: protocols that the plugins look at, where it is none of their business. OWN: what they are for.
"""

import argparse
import base64
import random
import struct
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / "pytest"), str(Path(__file__).resolve().parent)]

from harness.craft import Connection, ethernet, write_pcap  # noqa: E402
from harness import http2  # noqa: E402
import acme_dns  # noqa: E402
import unrelated  # noqa: E402
from ldp_extras.scale import frames_of  # noqa: E402

PAGE = b"<html><head><title>A page</title></head><body>" + b"<p>Words of a page that is about nothing.</p>" * 20 + b"</body></html>"


def arp(rng):
    """A request and its reply between two of 250 hosts."""
    asker, asked = rng.sample(range(1, 251), 2)

    def message(operation, sender, target, known):
        body = struct.pack(">HHBBH", 1, 0x0800, 6, 4, operation) + bytes((2, 0, 0, 0, 0, sender, 192, 0, 2, sender))
        return body + (bytes((2, 0, 0, 0, 0, target)) if known else bytes(6)) + bytes((192, 0, 2, target)) + bytes(18)
    mac = "02:00:00:00:00:{:02x}".format
    return [ethernet(message(1, asker, asked, False), unrelated.ETHERTYPE_ARP, dst="ff:ff:ff:ff:ff:ff", src=mac(asker)),
            ethernet(message(2, asked, asker, True), unrelated.ETHERTYPE_ARP, dst=mac(asker), src=mac(asked))]


def dns(rng):
    return [ethernet(packet) for packet in unrelated.name_lookup(rng)]


def tcp_short(rng):
    """A connection with one question and one answer."""
    src, dst = unrelated.addresses(rng)
    connection = Connection(rng.randrange(40000, 60000), rng.randrange(20000, 30000), src, dst, rng.getrandbits(32), rng.getrandbits(32))
    connection.handshake().client(unrelated.noise(rng, 100)).server(unrelated.noise(rng, 300))
    return [ethernet(packet) for packet in connection.close().packets]


def http1(rng):
    """Ten requests for pages on a connection."""
    src, dst = unrelated.addresses(rng)
    connection = Connection(rng.randrange(40000, 60000), 80, src, dst, rng.getrandbits(32), rng.getrandbits(32)).handshake()
    for _ in range(10):
        connection.client(b"GET /pages/%d.html?session=%08x HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: browser/1.0\r\n"
                          b"Accept: text/html\r\nCookie: id=%016x\r\n\r\n" % (rng.randrange(1000), rng.getrandbits(32), rng.getrandbits(64)))
        connection.server(b"HTTP/1.1 200 OK\r\nServer: httpd\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(PAGE) + PAGE)
    return [ethernet(packet) for packet in connection.close().packets]


def http2_pages(rng):
    """A connection with ten requests for pages, as a browser asks."""
    src, dst = unrelated.addresses(rng)
    talk = http2.Http2(rng.randrange(40000, 60000), 80, src=src, dst=dst, seq=rng.getrandbits(32), ack=rng.getrandbits(32)).begin()
    for stream in range(1, 21, 2):
        talk.client(http2.headers(stream, http2.request(f"/pages/{rng.randrange(1000)}.html?session={rng.getrandbits(32):08x}",
            "GET", ("user-agent", "browser/1.0"), ("accept", "text/html"), ("cookie", f"id={rng.getrandbits(64):016x}"),
            authority="www.example.org"), end=True))
        talk.server(http2.headers(stream, http2.response(200, ("server", "httpd"), ("content-length", str(len(PAGE))),
            kind="text/html")), http2.data(stream, PAGE))
    return [ethernet(packet) for packet in talk.connection.close().packets]


def ftp(rng):
    """A session in which two files are fetched."""
    src, dst = unrelated.addresses(rng)
    while ":" in src:
        src, dst = unrelated.addresses(rng)
    control = Connection(rng.randrange(40000, 60000), 21, src, dst, rng.getrandbits(32), rng.getrandbits(32)).handshake()
    control.server(b"220 Ready\r\n")
    for command, reply in ((b"USER anonymous", b"331 Password?"), (b"PASS guest@", b"230 Logged in"), (b"TYPE I", b"200 Done")):
        control.client(command + b"\r\n").server(reply + b"\r\n")
    for _ in range(2):
        fetch(rng, control, src, dst)
    control.client(b"QUIT\r\n").server(b"221 Bye\r\n")
    return [ethernet(packet) for packet in control.close().packets]


def fetch(rng, control, src, dst):
    port = rng.randrange(20000, 30000)
    data = Connection(rng.randrange(40000, 60000), port, src, dst, rng.getrandbits(32), rng.getrandbits(32)).handshake()
    control.client(b"PASV\r\n").server(b"227 Entering (%s,%d,%d)\r\n" % (dst.replace(".", ",").encode(), port >> 8, port & 255))
    control.packets += data.packets
    data.packets.clear()
    control.client(b"RETR file%d\r\n" % rng.randrange(1000)).server(b"150 Here it comes\r\n")
    for _ in range(3):
        data.server(unrelated.noise(rng, 1000))
    control.packets += data.close().packets
    control.server(b"226 Sent\r\n")


def hkp_index(rng):
    """A search for keys, which finds eight."""
    src, dst = unrelated.addresses(rng)
    connection = Connection(rng.randrange(40000, 60000), 11371, src, dst, rng.getrandbits(32), rng.getrandbits(32)).handshake()
    name = f"user{rng.randrange(1000)}"
    keys = "".join(f"pub:{rng.getrandbits(160):040X}:1:4096:{rng.randrange(1200000000, 1600000000)}::\n"
                   f"uid:{name} <{name}@host{number}.example.org>:{rng.randrange(1200000000, 1600000000)}::\n"
                   for number in range(8)).encode()
    index = b"info:1:8\n" + keys
    connection.client(b"GET /pks/lookup?op=index&options=mr&search=%s HTTP/1.1\r\nHost: keys.example.org:11371\r\n"
                      b"User-Agent: gpg\r\n\r\n" % name.encode())
    connection.server(b"HTTP/1.1 200 OK\r\nServer: httpd\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(index) + index)
    return [ethernet(packet) for packet in connection.close().packets]


def acme_http(rng):
    """An authority fetches what a challenge wants, and gets it."""
    src, dst = unrelated.addresses(rng)
    connection = Connection(rng.randrange(40000, 60000), 80, src, dst, rng.getrandbits(32), rng.getrandbits(32)).handshake()
    token = text_of(rng, 43)
    body = token + b"." + text_of(rng, 43)
    connection.client(b"GET /.well-known/acme-challenge/%s HTTP/1.1\r\nHost: host%d.example.org\r\nUser-Agent: validator\r\n"
                      b"Accept: */*\r\nConnection: close\r\n\r\n" % (token, rng.randrange(100000)))
    connection.server(b"HTTP/1.1 200 OK\r\nServer: httpd\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    return [ethernet(packet) for packet in connection.close().packets]


def acme_dns_names(rng):
    return list(acme_dns.frames(1, rng.randrange(1 << 20)))


def arp_snap(rng):
    """As arp(), in LLC/SNAP."""
    return [frame[:12] + struct.pack(">H", len(frame) - 14 - 18 + 8) + bytes.fromhex("aaaa030000000806") + frame[14:-8]
            for frame in arp(rng)]


def mpls_ldp(_rng):
    """Labels of ten routers, told by LDP; a fifth of the packets are Ethernet within, which Wireshark alone does not get to."""
    return list(frames_of(100, 900))


def mail(rng):
    """A letter of 3 KB with a picture of 20 KB, dots at the beginning of lines doubled."""
    words = [rng.choice(["hello", "invoice", "meeting", "tomorrow", "world"]) for _ in range(400)]
    text = "\r\n".join(" ".join(words[at:at + 10]) for at in range(0, 400, 10)).encode()
    picture = base64.encodebytes(rng.randbytes(20000)).replace(b"\n", b"\r\n")
    fields = b"From: Alice <alice@example.org>\r\nTo: Bob <bob@example.org>\r\nSubject: Letter %d\r\nMIME-Version: 1.0\r\n" % rng.randrange(1000)
    return fields + b"Content-Type: multipart/mixed; boundary=\"=_border\"\r\n\r\n--=_border\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text + \
        b"\r\n--=_border\r\nContent-Type: image/jpeg; name=picture.jpg\r\nContent-Transfer-Encoding: base64\r\n\r\n" + picture + b"--=_border--\r\n"


def in_segments(send, data, acknowledge):
    for at in range(0, len(data), 1400):
        send(data[at:at + 1400])
        if at // 1400 % 2:
            acknowledge()


def smtp(rng):
    """A letter that is handed over."""
    src, dst = unrelated.addresses(rng)
    connection = Connection(rng.randrange(40000, 60000), 25, src, dst, rng.getrandbits(32), rng.getrandbits(32)).handshake()
    connection.server(b"220 mail.example.org ESMTP\r\n")
    for command, reply in ((b"EHLO client.example.org", b"250-mail.example.org\r\n250 8BITMIME"), (b"MAIL FROM:<alice@example.org>", b"250 Ok"),
                           (b"RCPT TO:<bob@example.org>", b"250 Ok"), (b"DATA", b"354 Go on")):
        connection.client(command + b"\r\n").server(reply + b"\r\n")
    in_segments(connection.client, mail(rng) + b".\r\n", lambda: connection.server(b""))
    connection.server(b"250 Ok: queued\r\n").client(b"QUIT\r\n").server(b"221 Bye\r\n")
    return [ethernet(packet) for packet in connection.close().packets]


def imap(rng):
    """A letter that is fetched."""
    src, dst = unrelated.addresses(rng)
    connection = Connection(rng.randrange(40000, 60000), 143, src, dst, rng.getrandbits(32), rng.getrandbits(32)).handshake()
    connection.server(b"* OK ready\r\n").client(b"a1 LOGIN bob password\r\n").server(b"a1 OK done\r\n").client(b"a2 SELECT INBOX\r\n")
    connection.server(b"* 1 EXISTS\r\na2 OK done\r\n").client(b"a3 FETCH 1 (UID BODY.PEEK[])\r\n")
    letter = mail(rng)
    in_segments(connection.server, b"* 1 FETCH (UID 5 BODY[] {%d}\r\n" % len(letter) + letter + b")\r\na3 OK done\r\n", lambda: connection.client(b""))
    connection.client(b"a4 LOGOUT\r\n").server(b"* BYE\r\na4 OK done\r\n")
    return [ethernet(packet) for packet in connection.close().packets]


def text_of(rng, length):
    """In base64url."""
    return bytes(rng.choices(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", k=length))


def frames(kind, count, seed=1):
    """Of "mix", what unrelated.py makes."""
    if kind == "mix":
        return unrelated.frames(count, seed)
    rng = random.Random(seed)
    out = []
    while len(out) < count:
        out += (UNRELATED | OWN)[kind](rng)
    return out[:count]


UNRELATED = {"dns": dns, "http1": http1, "http2": http2_pages, "arp": arp, "tcp_short": tcp_short, "smtp": smtp, "imap": imap}
OWN = {"hkp_index": hkp_index, "acme_http": acme_http, "acme_dns": acme_dns_names, "arp_snap": arp_snap, "mpls_ldp": mpls_ldp,
       "ftp": ftp}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", metavar="KIND", choices=["mix", *UNRELATED, *OWN])
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("packets", type=int, nargs="?", default=20000)
    arguments = parser.parse_args()
    write_pcap(arguments.file, frames(arguments.kind, arguments.packets))

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the inputs that fuzzing starts from, of the captures in test-captures/: a folder for each target of fuzz/targets.

    fuzz/seeds.py FOLDER

An input is a list of records (fuzz/targets/records.h). The same captures give the same files.
"""

import base64
import re
import struct
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "pytest"))

from harness.craft import ethernet, ipv4, read_pcap, tcp, udp  # noqa: E402

MOST = 24               # inputs of a target
LONGEST = 16_000
SEGMENTS = 24           # of a connection
WINDOW = 48             # frames of a sequence
STREAMS = {21: "ftp", 80: "acme-http", 443: "acme-tls", 646: "ldp", 11371: "hkp", 5002: "acme-http", 5001: "acme-tls", 14000: "acme-http"}
DATAGRAMS = {53: ("dns", 0), 9: ("discard", 0), 646: ("ldp", 1), 1701: ("l2tp", 1)}
PROTOCOLS = (6, 17, 132, 1, 47, 4, 41, 50)      # kinds of the target whole-session
ENCAPS = {1: 0, 101: 1, 113: 2}                 # link type: kind of the target sequence
ARMOR = re.compile(rb"-----BEGIN PGP [^\r\n]*-----\r?\n.*?-----END PGP [^\r\n]*-----", re.DOTALL)


def record(data, kind=0, reply=False, fate=0):
    return bytes([reply | fate << 1 | kind << 4]) + struct.pack("<H", len(data)) + data


@dataclass(frozen=True)
class Packet:
    """What is around an IP packet's payload. ports: None where there are none."""
    src: bytes
    dst: bytes
    protocol: int
    body: bytes
    ports: tuple = None
    payload: bytes = b""


def ip_packet(frame):
    """Of an Ethernet frame with IPv4 or IPv6 in it; None for others."""
    ethertype, at = struct.unpack(">H", frame[12:14])[0], 14
    if ethertype == 0x0800 and len(frame) > at + 20:
        header, length = frame[at] % 16 * 4, struct.unpack(">H", frame[at + 2:at + 4])[0]
        src, dst, protocol, body = frame[at + 12:at + 16], frame[at + 16:at + 20], frame[at + 9], frame[at + header:at + length]
    elif ethertype == 0x86dd and len(frame) > at + 40:
        src, dst, protocol, body = frame[at + 8:at + 24], frame[at + 24:at + 40], frame[at + 6], frame[at + 40:]
    else:
        return None
    if protocol == 6 and len(body) >= 20:
        return Packet(src, dst, protocol, body, struct.unpack(">HH", body[:4]), body[body[12] // 16 * 4:])
    if protocol == 17 and len(body) >= 8:
        return Packet(src, dst, protocol, body, struct.unpack(">HH", body[:4]), body[8:])
    return Packet(src, dst, protocol, body)


class Corpus:
    def __init__(self):
        self.inputs = defaultdict(dict)

    def add(self, target, records):
        """An input of these records, less those at its end that make it too long."""
        data = b""
        for one in records:
            if len(data) + len(one) > LONGEST:
                break
            data += one
        if data:
            self.inputs[target].setdefault(data)

    def write(self, folder):
        for target, inputs in self.inputs.items():
            (folder / target).mkdir(parents=True, exist_ok=True)
            chosen = list(inputs)
            for number, data in enumerate(chosen[::-(-len(chosen) // MOST)]):
                (folder / target / f"seed-{number:02}").write_bytes(data)


def windows(corpus, linktype, frames):
    for start in range(0, min(len(frames), 4 * WINDOW), WINDOW):
        corpus.add("sequence", [record(frame, ENCAPS[linktype]) for frame in frames[start:start + WINDOW]])


def streams(corpus, packets):
    """Connections, by the port of their server; OpenPGP data and mail in what they carried."""
    connections = defaultdict(list)
    for packet in packets:
        if packet.protocol == 6 and packet.payload:
            ends = (packet.src, packet.ports[0]), (packet.dst, packet.ports[1])
            connections[min(ends, key=lambda end: end[1]), max(ends, key=lambda end: end[1])].append(packet)
    for (server, _), segments in connections.items():
        if server[1] in STREAMS:
            corpus.add(STREAMS[server[1]], [record(p.payload, reply=p.ports[0] == server[1]) for p in segments[:SEGMENTS]])
        for reply in (False, True):
            contents(corpus, b"".join(p.payload for p in segments if (p.ports[0] == server[1]) == reply))


def contents(corpus, data):
    for armor in ARMOR.findall(data):
        corpus.add("openpgp", [record(armor)])
        text = re.split(rb"\r?\n\r?\n", armor, maxsplit=1)[-1]
        octets = b"".join(re.findall(rb"^[A-Za-z0-9+/]+=*(?=\r?$)", text, re.MULTILINE))
        corpus.add("openpgp", [record(base64.b64decode(octets[:len(octets) // 4 * 4]))])
    for mail in re.findall(rb"\r\nDATA\r\n(.*?)\r\n\.\r\n", data, re.DOTALL):
        corpus.add("mail", [record(mail)])


def datagrams(corpus, packets):
    for number, packet in enumerate(packets):
        if packet.protocol in PROTOCOLS:
            kind = PROTOCOLS.index(packet.protocol)
            corpus.add("whole-session", [record(p.body, kind) for p in packets[number:number + 4] if p.protocol == packet.protocol])
        if packet.protocol == 17 and set(packet.ports) & set(DATAGRAMS):
            port = next(port for port in DATAGRAMS if port in packet.ports)
            target, kind = DATAGRAMS[port]
            corpus.add(target, [record(packet.payload, kind, packet.ports[0] == port)])
        if packet.protocol == 6 and 9 in packet.ports:
            corpus.add("discard", [record(packet.payload, 1, packet.ports[0] == 9)])


def link_layers(corpus, frames):
    ldp = [frame for frame in frames if (packet := ip_packet(frame)) and packet.ports and 646 in packet.ports and packet.payload]
    for frame in frames:
        ethertype = struct.unpack(">H", frame[12:14])[0]
        if ethertype == 0x8847:
            corpus.add("labels", [record(frame[14:])])
            corpus.add("labels", [*(record(one, 15) for one in ldp[:30]), record(frame[14:])])
        elif ethertype <= 1500:
            corpus.add("arp-snap", [record(frame[14:])])


def by_hand(corpus):
    """What no capture has: L2TPv3 with each kind of payload, FTP's data connections with the addresses of the target, TCP's header
    cut off where HTTP may come to be seen."""
    inner = ethernet(ipv4(udp(b"data", dport=53)))
    for head in (b"\0\0\0\5", b"\0\0\0\5\1\2\3\4", b"\0\0\0\5\1\2\3\4\x40\0\0\1"):
        corpus.add("l2tp", [record(head + inner)])
        corpus.add("l2tp", [record(b"\0\3\0\0" + head + inner, 1)])
    session, icrq = struct.pack(">HHHI", 0x800a, 0, 63, 5), struct.pack(">HHHH", 0x8008, 0, 68, 5)
    control = b"\x80\x08\0\0\0\0\0\x0a" + icrq + session
    corpus.add("l2tp", [record(b"\0\0\0\0\xc8\x03" + struct.pack(">HIHH", 12 + len(control), 1, 0, 0) + control), record(b"\0\0\0\5" + inner)])
    login = [record(b"220 ready\r\n", reply=True), record(b"USER a\r\n"), record(b"331 password\r\n", reply=True), record(b"PASS b\r\n"),
             record(b"230 in\r\n", reply=True), record(b"TYPE I\r\n"), record(b"200 ok\r\n", reply=True)]
    after = [record(b"150 opening\r\n", reply=True), record(b"octets of a file", 1, True), record(b"226 done\r\n", reply=True)]
    corpus.add("ftp", [*login, record(b"PORT 10,0,0,1,156,65\r\n"), record(b"200 ok\r\n", reply=True), record(b"RETR /a/file\r\n"), *after])
    for passive in (b"227 Entering Passive Mode (10,0,0,2,195,80)\r\n", b"229 ok (|||50000|)\r\n"):
        ask = b"PASV\r\n" if passive.startswith(b"227") else b"EPSV\r\n"
        corpus.add("ftp", [*login, record(ask), record(passive, reply=True), record(b"STOR name\r\n"), after[0], record(b"octets", 2), after[2]])
    line = tcp(b"xyz\r\n", 40000, 80).bytes("10.0.0.1", "10.0.0.2")
    answer = tcp(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 80, 40000, ack=6).bytes("10.0.0.2", "10.0.0.1")
    corpus.add("whole-session", [record(line), record(answer, reply=True), record(line[:8]), record(line[:12])])


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    corpus = Corpus()
    by_hand(corpus)
    for path in sorted((TOP / "test-captures").rglob("*.pcap")):
        linktype, captured = read_pcap(path)
        frames = [data for _, data, _ in captured if len(data) > 14]
        if linktype in ENCAPS:
            windows(corpus, linktype, frames)
        if linktype == 1:
            packets = [packet for packet in map(ip_packet, frames) if packet]
            streams(corpus, packets)
            datagrams(corpus, packets)
            link_layers(corpus, frames)
    corpus.write(Path(sys.argv[1]))


if __name__ == "__main__":
    main()

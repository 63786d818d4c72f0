# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets and captures from bytes: no more than tests need, and quick.

    write_pcap(path, [ethernet(ipv4(tcp(b"data", sport=1, dport=2)))])
    conversation(b"request", b"answer") is a whole TCP connection
Addresses are of the documentation ranges unless given.
"""

import ipaddress
import struct
from pathlib import Path

LINKTYPE_ETHERNET, LINKTYPE_RAW, LINKTYPE_SLL = 1, 101, 113
CLIENT, SERVER = "192.0.2.1", "198.51.100.1"
CLIENT6, SERVER6 = "2001:db8::1", "2001:db8::2"
TCP_FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16, "U": 32}


def write_pcap(path, frames, linktype=LINKTYPE_ETHERNET, start=1700000000.0, step=0.001):
    """Writes the frames; one that is a pair (time, bytes) has its own time stamp, in seconds after start.

    A frame may also be (time, bytes, length on the wire).
    """
    out = [struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, linktype)]
    for number, frame in enumerate(frames):
        when, data, *length = frame if isinstance(frame, tuple) else (number * step, frame)
        seconds, micros = divmod(round((start + when) * 1000000), 1000000)
        out.append(struct.pack("<IIII", seconds, micros, len(data), length[0] if length else len(data)) + data)
    path = Path(path)
    path.write_bytes(b"".join(out))
    return path


def write_seconds(path, frames, linktype=LINKTYPE_ETHERNET):
    """A pcapng of (seconds, frame), with any of the seconds that 64 bits hold."""
    def block(kind, body):
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

    out = [block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1)),
           block(1, struct.pack("<HHIHHB3xHH", linktype, 0, 262144, 9, 1, 0, 0, 0))]        # if_tsresol: whole seconds
    for seconds, data in frames:
        high, low = divmod(seconds % (1 << 64), 1 << 32)
        out.append(block(6, struct.pack("<IIIII", 0, high, low, len(data), len(data)) + data + bytes(-len(data) % 4)))
    path = Path(path)
    path.write_bytes(b"".join(out))
    return path


def read_pcap(path):
    """(linktype, [(seconds, bytes, length on the wire)]) of a pcap file; of a pcapng, its enhanced packets."""
    data = Path(path).read_bytes()
    if data[:4] == b"\x0a\x0d\x0d\x0a":
        return _read_pcapng(data)
    magic = struct.unpack("<I", data[:4])[0]
    order = "<" if magic in (0xa1b2c3d4, 0xa1b23c4d) else ">"
    scale = 1e-9 if 0xa1b23c4d in (magic, struct.unpack(">I", data[:4])[0]) else 1e-6
    linktype = struct.unpack(order + "I", data[20:24])[0] & 0xffff
    frames, at = [], 24
    while at + 16 <= len(data):
        seconds, fraction, caplen, length = struct.unpack(order + "IIII", data[at:at + 16])
        frames.append((seconds + fraction * scale, data[at + 16:at + 16 + caplen], length))
        at += 16 + caplen
    return linktype, frames


def _read_pcapng(data):
    order = "<" if data[8:12] == b"\x4d\x3c\x2b\x1a" else ">"
    linktypes, frames, at = [], [], 0
    while at + 12 <= len(data):
        kind, size = struct.unpack(order + "II", data[at:at + 8])
        if kind == 1:
            linktypes.append(struct.unpack(order + "H", data[at + 8:at + 10])[0])
        elif kind == 6:
            _, high, low, caplen, length = struct.unpack(order + "IIIII", data[at + 8:at + 28])
            frames.append(((high << 32 | low) / 1e6, data[at + 28:at + 28 + caplen], length))
        at += size
    assert len(set(linktypes)) == 1, f"one link type only, not {linktypes}"
    return linktypes[0], frames


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def _packed(address):
    return ipaddress.ip_address(address).packed


def ethernet(packet, ethertype=None, src="02:00:00:00:00:01", dst="02:00:00:00:00:02", vlan=None):
    """A frame around an IP packet, or anything else if the type is given; vlan is one tag or several."""
    if ethertype is None:
        ethertype = 0x0800 if packet[0] >> 4 == 4 else 0x86dd
    tags = [] if vlan is None else [vlan] if isinstance(vlan, int) else vlan
    head = bytes.fromhex(dst.replace(":", "")) + bytes.fromhex(src.replace(":", ""))
    return head + b"".join(struct.pack(">HH", 0x8100, tag) for tag in tags) + struct.pack(">H", ethertype) + packet


def linux_cooked(packet):
    """The same for LINKTYPE_SLL."""
    return struct.pack(">HHH8sH", 0, 1, 6, bytes.fromhex("0200000000010000"), 0x0800 if packet[0] >> 4 == 4 else 0x86dd) + packet


class Segment:
    """A transport header and payload that gets its checksum from the IP header around it."""

    def __init__(self, protocol, header, payload, checksum_at, src=None, dst=None):
        self.protocol, self.header, self.payload = protocol, header, payload
        self.checksum_at, self.src, self.dst = checksum_at, src, dst

    def bytes(self, src, dst):
        whole = bytearray(self.header + self.payload)
        if self.checksum_at is not None:
            pseudo = _packed(src) + _packed(dst) + struct.pack(">IBBBB", len(whole), 0, 0, 0, self.protocol)
            value = checksum(pseudo + bytes(whole)) or 0xffff
            whole[self.checksum_at:self.checksum_at + 2] = struct.pack(">H", value)
        return bytes(whole)


def udp(payload=b"", sport=40000, dport=9):
    return Segment(17, struct.pack(">HHHH", sport, dport, 8 + len(payload), 0), payload, 6)


def tcp(payload=b"", sport=40000, dport=9, seq=1, ack=1, flags="PA", window=64240, options=b""):
    bits = sum(TCP_FLAGS[f] for f in flags)
    options += b"\0" * (-len(options) % 4)
    header = struct.pack(">HHIIBBHHH", sport, dport, seq & 0xffffffff, (ack if bits & 16 else 0) & 0xffffffff,
                         (20 + len(options)) // 4 << 4, bits, window, 0, 0) + options
    return Segment(6, header, payload, 16)


def raw(protocol, payload):
    """Any other protocol above IP."""
    return Segment(protocol, b"", payload, None)


def ipv4(segment, src=CLIENT, dst=SERVER, ttl=64, identification=1, options=b""):
    data = segment.bytes(src, dst) if isinstance(segment, Segment) else segment
    protocol = segment.protocol if isinstance(segment, Segment) else 255
    header = bytearray(struct.pack(">BBHHHBBH4s4s", 0x45 + len(options) // 4, 0, 20 + len(options) + len(data), identification,
                                   0x4000, ttl, protocol, 0, _packed(src), _packed(dst)) + options)
    header[10:12] = struct.pack(">H", checksum(bytes(header)))
    return bytes(header) + data


def ipv6(segment, src=CLIENT6, dst=SERVER6, hop_limit=64):
    data = segment.bytes(src, dst) if isinstance(segment, Segment) else segment
    protocol = segment.protocol if isinstance(segment, Segment) else 59
    return struct.pack(">IHBB16s16s", 6 << 28, len(data), protocol, hop_limit, _packed(src), _packed(dst)) + data


def ip(segment, src=CLIENT, dst=SERVER):
    """IPv4 or IPv6, as the addresses are."""
    return (ipv6 if ":" in src else ipv4)(segment, src, dst)


def icmp_error(packet, quoted=None, kind=3, code=3, src=None, dst=None):
    """The IP packet with the ICMP or ICMPv6 error about this one; quoted is how many bytes after the IP header it keeps.

    kind and code are those of ICMP: port unreachable by default, which is (1, 4) in ICMPv6.
    """
    version = packet[0] >> 4
    header = (packet[0] & 15) * 4 if version == 4 else 40
    quote = packet if quoted is None else packet[:header + quoted]
    if version == 4:
        back, to = (str(ipaddress.ip_address(packet[a:a + 4])) for a in (16, 12))
        message = bytearray(struct.pack(">BBHI", kind, code, 0, 0) + quote)
        message[2:4] = struct.pack(">H", checksum(bytes(message)))
        return ipv4(raw(1, bytes(message)), src or back, dst or to)
    back, to = (str(ipaddress.ip_address(packet[a:a + 16])) for a in (24, 8))
    kind, code = {(3, 3): (1, 4)}.get((kind, code), (kind, code))
    return ipv6(Segment(58, struct.pack(">BBHI", kind, code, 0, 0), quote, 2), src or back, dst or to)


class Connection:
    """The IP packets of one TCP connection, written down as the two sides speak."""

    def __init__(self, sport=40000, dport=80, src=CLIENT, dst=SERVER, seq=1000, ack=5000):
        self.ports, self.addresses = (sport, dport), (src, dst)
        self.next = [seq, ack]
        self.packets = []

    def _add(self, side, payload=b"", flags="A", seq=None):
        segment = tcp(payload, self.ports[side], self.ports[1 - side], self.next[side] if seq is None else seq,
                      self.next[1 - side], flags)
        self.packets.append(ip(segment, self.addresses[side], self.addresses[1 - side]))
        if seq is None:
            self.next[side] += len(payload) + ("S" in flags) + ("F" in flags)
        return self

    def handshake(self):
        return self._add(0, flags="S")._add(1, flags="SA")._add(0)

    def client(self, payload, flags="PA", seq=None):
        """A segment from the client; with seq it is sent there and moves nothing (a retransmission, a hole)."""
        return self._add(0, payload, flags, seq)

    def server(self, payload, flags="PA", seq=None):
        return self._add(1, payload, flags, seq)

    def close(self):
        return self._add(0, flags="FA")._add(1, flags="FA")._add(0)


def conversation(*payloads, **addresses):
    """The IP packets of a whole connection: client and server take turns, from the client on."""
    connection = Connection(**addresses).handshake()
    for turn, payload in enumerate(payloads):
        (connection.server if turn % 2 else connection.client)(payload)
    return connection.close().packets

# SPDX-License-Identifier: GPL-2.0-or-later
"""Properties that hold for every plugin, to be called with a capture (or frames) and fields:

    assert_passes_agree(ws, capture, fields, "discard", later=["discard.unreachable_in"])
    assert_survives(ws, truncations(tmp_path / "cut.pcap", frames))
    assert_same_for_all(ws, segmentations(tmp_path / "cut.pcap", frames), ["ftp_session.command"])
    assert_same_for_all(ws, duplications(...) / reorderings(...) / encapsulations(...), fields)
    assert_files_do_not_leak(ws, first, second, fields, "hkp")
    assert_independent_of_others(ws, "hkp", capture, fields, "hkp")

`frames` are whole frames of Ethernet and IP (from harness.craft, or frames_of(capture)). Variants of them go into ONE
capture, each with addresses, and so streams, of its own: one run of tshark tests thousands. The generated addresses
differ from the frames' own in the second and third byte (IPv6: fifth and sixth); MAC addresses stay as they are.
"""

import itertools
import struct
from dataclasses import dataclass
from pathlib import Path

from harness import craft
from harness.tshark import Sharkd

ETHERTYPE_IPV4, ETHERTYPE_IPV6, ETHERTYPE_VLAN = 0x0800, 0x86dd, 0x8100
IP_PROTO_ICMP, IP_PROTO_TCP, IP_PROTO_UDP, IP_PROTO_ICMPV6 = 1, 6, 17, 58


def frames_of(capture):
    """The frames of an Ethernet capture, as bytes."""
    linktype, frames = craft.read_pcap(capture)
    assert linktype == craft.LINKTYPE_ETHERNET, f"link type {linktype} is not Ethernet"
    return [frame[1] for frame in frames]


# Looking into frames


def _network(frame):
    """Where the network layer begins, and its Ethernet type."""
    at = 12
    while frame[at:at + 2] == struct.pack(">H", ETHERTYPE_VLAN):
        at += 4
    return at + 2, int.from_bytes(frame[at:at + 2], "big")


@dataclass
class Tcp:
    """Where things are in a frame that holds an unfragmented TCP segment."""
    network: int
    transport: int
    payload: int
    end: int

    @classmethod
    def find(cls, frame):
        at, ethertype = _network(frame)
        if ethertype == ETHERTYPE_IPV4 and frame[at + 9] == IP_PROTO_TCP:
            transport, end = at + (frame[at] & 15) * 4, at + int.from_bytes(frame[at + 2:at + 4], "big")
        elif ethertype == ETHERTYPE_IPV6 and frame[at + 6] == IP_PROTO_TCP:
            transport, end = at + 40, at + 40 + int.from_bytes(frame[at + 4:at + 6], "big")
        else:
            return None
        return cls(at, transport, transport + (frame[transport + 12] >> 4) * 4, min(end, len(frame)))


def _tcp_payload(frame):
    tcp = Tcp.find(frame)
    return frame[tcp.payload:tcp.end] if tcp else b""


def _tcp_slice(frame, start, stop):
    """The frame with only these bytes of its TCP payload, at their place in the sequence."""
    tcp = Tcp.find(frame)
    out = bytearray(frame[:tcp.payload] + frame[tcp.payload + start:min(tcp.payload + stop, tcp.end)])
    size = len(out) - tcp.network
    if out[tcp.network] >> 4 == 4:
        out[tcp.network + 2:tcp.network + 4] = struct.pack(">H", size)
    else:
        out[tcp.network + 4:tcp.network + 6] = struct.pack(">H", size - 40)
    sequence = int.from_bytes(out[tcp.transport + 4:tcp.transport + 8], "big") + start
    out[tcp.transport + 4:tcp.transport + 8] = struct.pack(">I", sequence & 0xffffffff)
    if stop < tcp.end - tcp.payload:
        out[tcp.transport + 13] &= ~craft.TCP_FLAGS["F"]
    return _with_checksums(bytes(out))


def _endpoints(frame):
    """Address and port that a TCP segment comes from, and those that it goes to; None for any other frame."""
    tcp = Tcp.find(frame)
    if not tcp:
        return None
    at, size = (tcp.network + 12, 4) if frame[tcp.network] >> 4 == 4 else (tcp.network + 8, 16)
    ports = frame[tcp.transport:tcp.transport + 4]
    return frame[at:at + size] + ports[:2], frame[at + size:at + 2 * size] + ports[2:]


def _tcp_flags(frame):
    return frame[Tcp.find(frame).transport + 13]


def _renumber(packet, number):
    """The IP packet with other addresses, in the ICMP quote as well."""
    out = bytearray(packet)
    version = packet[0] >> 4 if packet else 0
    places = (13, 17) if version == 4 else (12, 28) if version == 6 else ()
    for place in places:
        if place + 2 <= len(out):
            changed = int.from_bytes(out[place:place + 2], "big") ^ number
            out[place:place + 2] = struct.pack(">H", changed)
    if version == 4 and len(out) > 20:
        header = (out[0] & 15) * 4
        if out[9] == IP_PROTO_ICMP and len(out) > header and out[header] in (3, 4, 5, 11, 12):
            out[header + 8:] = _packet_with_checksums(_renumber(bytes(out[header + 8:]), number))
    elif version == 6 and len(out) > 48 and out[6] == IP_PROTO_ICMPV6 and out[40] < 128:
        out[48:] = _packet_with_checksums(_renumber(bytes(out[48:]), number))
    return bytes(out)


def _with_checksums(frame):
    """The frame with its IPv4, TCP, UDP and ICMP checksums right, if it is whole."""
    at, ethertype = _network(frame)
    if ethertype not in (ETHERTYPE_IPV4, ETHERTYPE_IPV6):
        return frame
    return frame[:at] + _packet_with_checksums(frame[at:])


def _packet_with_checksums(packet):
    out = bytearray(packet)
    if len(out) < (20 if out[:1] and out[0] >> 4 == 4 else 40):
        return packet
    if out[0] >> 4 == 4:
        header, end, protocol = (out[0] & 15) * 4, int.from_bytes(out[2:4], "big"), out[9]
        addresses = bytes(out[12:20])
        if len(out) < header or int.from_bytes(out[6:8], "big") & 0x3fff:
            return bytes(out)
        out[10:12] = b"\0\0"
        out[10:12] = struct.pack(">H", craft.checksum(bytes(out[:header])))
    else:
        header, end, protocol = 40, 40 + int.from_bytes(out[4:6], "big"), out[6]
        addresses = bytes(out[8:40])
    place = {IP_PROTO_TCP: 16, IP_PROTO_UDP: 6, IP_PROTO_ICMP: 2, IP_PROTO_ICMPV6: 2}.get(protocol)
    if place is None or end > len(out) or header + place + 2 > end:
        return bytes(out)
    pseudo = b"" if protocol == IP_PROTO_ICMP else addresses + struct.pack(">IBBBB", end - header, 0, 0, 0, protocol)
    out[header + place:header + place + 2] = b"\0\0"
    value = craft.checksum(pseudo + bytes(out[header:end])) or 0xffff
    out[header + place:header + place + 2] = struct.pack(">H", value)
    return bytes(out)


def readdressed(frames, number):
    """The frames with other IP addresses, the same for the same number (0 to 65535; 0 changes nothing)."""
    assert number < 65536, "too many variants for one capture: choose fewer frames, or a step"
    out = []
    for frame in frames:
        at, ethertype = _network(frame)
        if ethertype in (ETHERTYPE_IPV4, ETHERTYPE_IPV6):
            frame = _with_checksums(frame[:at] + _renumber(frame[at:], number))
        out.append(frame)
    return out


# Variants, in one capture


@dataclass
class Variants:
    """A capture that holds the frames in many forms, one after the other; the first is the original."""
    capture: Path
    ranges: list        # of frame numbers, one a variant
    names: list

    def rows(self, ws, fields, display_filter=None, by=None, **options):
        """For each variant, for each field, its values in order, without direct repetitions.

        by: a field with a number (such as tcp.stream); packets with a lower one are taken first.
        """
        assert by not in fields, f"{by} is asked for twice, which tshark does not answer"
        asked = ["frame.number", *fields] + ([by] if by else [])
        found = ws.rows(self.capture, asked, display_filter, **options)
        return self._grouped(found, len(fields), bool(by))

    def _grouped(self, found, width, sort):
        groups, at = [], 0
        for numbers in self.ranges:
            begin = at
            while at < len(found) and int(found[at][0]) < numbers.stop:
                at += 1
            packets = found[begin:at]
            if sort:
                packets = sorted(packets, key=lambda packet: int(packet[-1].partition(",")[0] or -1))
            values = [[] for _ in range(width)]
            for packet in packets:
                for column, value in zip(values, packet[1:]):
                    if value and (not column or column[-1] != value):
                        column.append(value)
            groups.append(tuple(map(tuple, values)))
        return groups


def _write_variants(path, named):
    """Writes (name, frames) pairs, each with its own addresses; frames may be (bytes, length on the wire)."""
    everything, ranges, names = [], [], []
    for number, (name, frames) in enumerate(named):
        renumbered = readdressed([f[0] if isinstance(f, tuple) else f for f in frames], number)
        first = len(everything) + 1
        for frame, renewed in zip(frames, renumbered):
            length = frame[1] if isinstance(frame, tuple) else len(renewed)
            everything.append((len(everything) / 1000, renewed, length))
        ranges.append(range(first, len(everything) + 1))
        names.append(name)
    return Variants(craft.write_pcap(path, everything), ranges, names)


def truncations(path, frames, chosen=None, snapped=True):
    """Every truncation of each frame (or of those whose indexes are chosen), after the frames before it.

    snapped: cut by the capture, the length on the wire is as it was; otherwise the frame itself is short.
    """
    def variants():
        yield "whole", frames
        for index in range(len(frames)) if chosen is None else chosen:
            for size in range(len(frames[index])):
                cut = (frames[index][:size], len(frames[index]) if snapped else size)
                yield f"frame {index + 1} cut to {size} bytes", [*frames[:index], cut]
    return _write_variants(path, variants())


def truncated_frames(path, frames):
    """Every truncation of every frame, without context: one frame each, all with the same addresses."""
    cut = [(0, frame[:size], len(frame)) for frame in frames for size in range(len(frame) + 1)]
    return craft.write_pcap(path, [(number / 1000, *frame[1:]) for number, frame in enumerate(cut)])


def segmentations(path, frames, chosen=None, step=1):
    """The conversation with each TCP payload cut in two, at each byte boundary; and all of it byte by byte."""
    def variants():
        yield "as it was", frames
        indexes = [i for i in (range(len(frames)) if chosen is None else chosen) if len(_tcp_payload(frames[i])) > 1]
        for index in indexes:
            size = len(_tcp_payload(frames[index]))
            for cut in range(1, size, step):
                yield (f"frame {index + 1} cut after {cut} bytes",
                       [*frames[:index], *_parts(frames[index], [0, cut, size]), *frames[index + 1:]])
        for index in indexes:
            size = len(_tcp_payload(frames[index]))
            yield (f"frame {index + 1} byte by byte",
                   [*frames[:index], *_parts(frames[index], range(size + 1)), *frames[index + 1:]])
    return _write_variants(path, variants())


def _parts(frame, bounds):
    return [_tcp_slice(frame, start, stop) for start, stop in itertools.pairwise(bounds)]


def duplications(path, frames):
    """The conversation with each frame sent twice: at once, and again at the end."""
    def variants():
        yield "as it was", frames
        for index, frame in enumerate(frames):
            yield f"frame {index + 1} twice", [*frames[:index + 1], frame, *frames[index + 1:]]
        for index, frame in enumerate(frames):
            yield f"frame {index + 1} again at the end", [*frames, frame]
    return _write_variants(path, variants())


def reorderings(path, frames):
    """The conversation with two TCP segments exchanged, each of

    - two of one direction that hold data, where no data is between them, or of which the second is a FIN without any;
    - two neighbours, one with data and the other one a bare acknowledgement in the other direction;
    - two neighbours of different connections.
    Wireshark sorts data with the preference tcp.reassemble_out_of_order.
    """
    def variants():
        yield "as it was", frames
        for first, second in itertools.combinations(range(len(frames)), 2):
            between = frames[first + 1:second]
            if _may_be_exchanged(frames[first], frames[second], between):
                swapped = [*frames[:first], frames[second], *between, frames[first], *frames[second + 1:]]
                yield f"frames {first + 1} and {second + 1} exchanged", swapped
    return _write_variants(path, variants())


def _may_be_exchanged(first, second, between):
    ends, ends_of_second = _endpoints(first), _endpoints(second)
    if not ends or not ends_of_second:
        return False
    if ends == ends_of_second:
        follows = _tcp_payload(second) or _tcp_flags(second) & craft.TCP_FLAGS["F"]
        return bool(_tcp_payload(first) and follows and not any(map(_tcp_payload, between)))
    if between:
        return False
    if ends != ends_of_second[::-1]:
        return True
    return any(_tcp_payload(data) and not _tcp_payload(ack) and _tcp_flags(ack) == craft.TCP_FLAGS["A"]
               for data, ack in ((first, second), (second, first)))


# The same packets in other clothes


def as_ipv6(frames):
    """IPv4 packets as IPv6, with ICMP errors as ICMPv6 ones; addresses in payloads stay as they are."""
    out = []
    for frame in frames:
        at, ethertype = _network(frame)
        if ethertype == ETHERTYPE_IPV4:
            frame = frame[:at - 2] + struct.pack(">H", ETHERTYPE_IPV6) + _packet_as_ipv6(frame[at:])
        out.append(frame)
    return out


def _packet_as_ipv6(packet):
    header, end, protocol = (packet[0] & 15) * 4, int.from_bytes(packet[2:4], "big"), packet[9]
    payload = packet[header:min(end, len(packet))]
    addresses = [bytes.fromhex("20010db8") + bytes(8) + packet[place:place + 4] for place in (12, 16)]
    missing = end - header - len(payload)
    if protocol == IP_PROTO_ICMP:
        protocol = IP_PROTO_ICMPV6
        kind = {(3, 3): (1, 4), (3, 1): (1, 3), (3, 0): (1, 0), (3, 13): (1, 1), (11, 0): (3, 0)}
        new = kind.get((payload[0], payload[1]))
        if new:
            payload = bytes(new) + payload[2:8] + _packet_as_ipv6(payload[8:])
        else:
            payload = bytes({8: [128], 0: [129]}.get(payload[0], [127])) + payload[1:]
    head = struct.pack(">IHBB", 6 << 28, len(payload) + missing, protocol, packet[8])
    return _packet_with_checksums(head + b"".join(addresses) + payload)


def with_vlan(frames, tag=100):
    """With an IEEE 802.1Q tag."""
    return [frame[:12] + struct.pack(">HH", ETHERTYPE_VLAN, tag) + frame[12:] for frame in frames]


def as_sll(frames):
    """As Linux's `-i any` captures them (link type SLL)."""
    return [struct.pack(">HHH", 0, 1, 6) + frame[6:12] + b"\0\0" + frame[12:] for frame in frames]


def as_raw_ip(frames):
    """IP packets without a link layer (link type raw)."""
    return [frame[_network(frame)[0]:] for frame in frames if _network(frame)[1] in (ETHERTYPE_IPV4, ETHERTYPE_IPV6)]


def encapsulations(folder, frames):
    """{name: capture}: the frames over IPv6, with one and two VLAN tags, as SLL, as raw IP, and as they are."""
    folder = Path(folder)
    return {
        "Ethernet": craft.write_pcap(folder / "ethernet.pcap", frames),
        "IPv6": craft.write_pcap(folder / "ipv6.pcap", as_ipv6(frames)),
        "VLAN": craft.write_pcap(folder / "vlan.pcap", with_vlan(frames)),
        "two VLANs": craft.write_pcap(folder / "vlans.pcap", with_vlan(with_vlan(frames), 200)),
        "SLL": craft.write_pcap(folder / "sll.pcap", as_sll(frames), craft.LINKTYPE_SLL),
        "raw IP": craft.write_pcap(folder / "raw.pcap", as_raw_ip(frames), craft.LINKTYPE_RAW),
    }


# Assertions


def assert_passes_agree(ws, capture, fields, display_filter=None, later=(), prefs=None, keylog=None, redissect=True):
    """One pass, -2 and re-dissection give the same fields; what is `later` one pass may not know yet.

    display_filter must hold for the same frames in one pass, so no later field belongs into it.
    Returns the rows of -2, so that the caller can see that there are any.
    """
    options = {"prefs": prefs, "keylog": keylog}
    everything = [*fields, *later]
    two = ws.rows(capture, ["frame.number", *everything], display_filter, two_pass=True, **options)
    one = ws.rows(capture, ["frame.number", *everything], display_filter, **options)
    assert two, f"no packet for {display_filter}"
    stable = 1 + len(fields)
    assert [row[:stable] for row in one] == [row[:stable] for row in two], "one pass and -2 differ"
    for first, second in zip(one, two):
        for name, early, late in zip(later, first[stable:], second[stable:]):
            assert early in ("", late) or late.startswith(early + ","), f"frame {first[0]}: {name} was {early}, then {late}"
    if redissect:
        with ws.sharkd(**options) as sharkd:
            sharkd.load(capture)
            for attempt in ("first", "second"):
                assert sharkd.columns(["frame.number", *everything], display_filter) == \
                    ws.custom_columns(capture, ["frame.number", *everything], display_filter, two_pass=True, **options), \
                    f"the {attempt} re-dissection and -2 differ"
    return two


def assert_survives(ws, capture, prefs=None, keylog=None):
    """Everything is dissected, in one pass and in two, without a dissector bug that is not there without the plugins."""
    capture = capture.capture if isinstance(capture, Variants) else capture
    for two_pass in (False, True):
        found = _dissector_bugs(ws, capture, two_pass, prefs, keylog)
        if found:
            # A preference of a plugin is an error where the plugin is not loaded.
            known = [] if prefs else _dissector_bugs(ws.without_plugins(), capture, two_pass, None, keylog)
            assert found == known, "\n".join(found[:20])


def _dissector_bugs(ws, capture, two_pass, prefs, keylog):
    arguments = ["-V"] + (["-2"] if two_pass else [])
    for name, value in (prefs or {}).items():
        arguments += ["-o", f"{name}:{value}"]
    if keylog:
        arguments += ["-o", f"tls.keylog_file:{keylog}"]
    done = ws.execute("tshark", "-n", "-r", capture, *arguments)
    assert done.returncode == 0, f"tshark exits {done.returncode}: {done.stderr[-2000:].decode(errors='replace')}"
    lines = (done.stdout + done.stderr).decode(errors="replace").splitlines()
    return [line.strip() for line in lines if "Dissector bug" in line or "DISSECTOR_ASSERT" in line or "CRITICAL" in line]


def assert_same_for_all(ws, variants, fields, display_filter=None, ignore=(), **options):
    """Each variant gives the fields that the first one gives: values in order, direct repetitions counting once.

    variants: what segmentations(), duplications() and so on return, or the dictionary of encapsulations().
    by, among the options: see Variants.rows().
    ignore: names of variants that may differ. Returns the first one's values.
    """
    if isinstance(variants, Variants):
        named = list(zip(variants.names, variants.rows(ws, fields, display_filter, **options)))
    else:
        named = []
        for name, capture in variants.items():
            whole = Variants(capture, [range(1, 1 << 31)], [name])
            named.append((name, whole.rows(ws, fields, display_filter, **options)[0]))
    wanted = named[0][1]
    assert any(wanted), f"the original has none of {fields}"
    wrong = [f"{name}: {dict(zip(fields, found))}" for name, found in named if found != wanted and name not in ignore]
    assert not wrong, "\n".join([f"{len(wrong)} of {len(named)} differ from {dict(zip(fields, wanted))}:", *wrong[:20]])
    return dict(zip(fields, wanted))


def assert_files_do_not_leak(ws, first, second, fields, display_filter=None, prefs=None, keylog=None):
    """A file that is opened after another in the same process shows what it shows alone; the first one again, too."""
    def shown(sharkd: Sharkd, capture):
        sharkd.load(capture)
        return sharkd.columns(["frame.number", *fields], display_filter)

    alone = []
    for capture in (first, second):
        with ws.sharkd(prefs, keylog) as sharkd:
            alone.append(shown(sharkd, capture))
    assert any(alone), f"no packet for {display_filter} in either file"
    with ws.sharkd(prefs, keylog) as sharkd:
        assert shown(sharkd, first) == alone[0]
        assert shown(sharkd, second) == alone[1], "the second file shows something of the first"
        assert shown(sharkd, first) == alone[0], "the first file, opened again, shows something else"


def subsets(ws, plugin):
    """{name: Wireshark} with the plugin alone, with each one of the others, and with all of them."""
    others = sorted(ws.built() - {plugin})
    return {"alone": ws.subset(plugin), **{f"with {other}": ws.subset(plugin, other) for other in others}, "with all": ws}


def assert_independent_of_others(ws, plugin, capture, fields, display_filter=None, **options):
    """The plugin shows the same whichever of the other plugins are there."""
    shown = {name: some.rows(capture, ["frame.number", *fields], display_filter, **options)
             for name, some in subsets(ws, plugin).items()}
    assert shown["alone"], f"no packet for {display_filter}"
    for name, rows in shown.items():
        assert rows == shown["alone"], f"{name} it differs from alone"

# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions worked out by hand: what the packets of each stream show without whole-session, against what it says of them.

Without the plugin Wireshark says of a packet which protocols it has (frame.protocols) and of which streams it is. For every protocol
x, the packets of `session.proto == "x"` are to be those of the streams in which a packet shows x. Session numbers are used only
where streams cannot tell: the same stream in two tunnels, SCTP, headers that are cut short; and a session is of one stream, which is checked.
"""

from collections import defaultdict

TRANSPORTS = {"tcp", "udp", "sctp"}
INSIDE = {"eth", "ip", "ipv6", "wlan", "fr", "arp"}
NETWORKS = {"ip", "ipv6"}
TUNNELS = {"gre", "mpls"}
TRAILERS = {"prp", "f5ethtrailer", "eth.trailer"}       # below the transport, if listed behind it
STOCK_FIELDS = ["frame.protocols", "tcp.stream", "udp.stream", "ip.reassembled_in", "ipv6.reassembled.in"]
OUR_FIELDS = ["session.outer_id", "session.id", "session.proto"]


def transports(layers):
    """[(transport, {protocols that it carries})], from the outermost one on."""
    found = []
    for layer in layers.split(":"):
        if layer in TRANSPORTS:
            found.append((layer, set()))
            is_above = True
        elif layer in INSIDE:
            is_above = False
        elif found and is_above and layer not in TRAILERS:
            found[-1][1].add(layer)
    return found


def split(values):
    return values.split(",") if values else []


class Packet:
    """What one run without the plugin, and one with it, say of a packet."""

    def __init__(self, stock, ours):
        layers, tcp, udp, *reassembled = stock
        self.layers = layers.split(":")
        self.carried = transports(layers)
        self.names = set(split(ours[2]))
        self.sessions = split(ours[0]) + split(ours[1])
        self.parts_of = [int(frame) for frames in reassembled for frame in split(frames)]
        left = {"tcp": split(tcp), "udp": split(udp), "sctp": []}
        self.streams = [(kind, left[kind].pop(0)) if left[kind] else None for kind, _ in self.carried]
        self.is_plain = len(self.carried) == len(self.sessions)
        self.is_error = bool({"icmp", "icmpv6"} & set(self.layers))
        self.is_in_tunnel = sum(layer in NETWORKS for layer in self.layers) > 1 or bool(TUNNELS & set(self.layers))

    def each(self):
        """(session, stream, protocols) of each transport; nothing where it is not clear which is which."""
        return zip(self.sessions, self.streams, (names for _, names in self.carried)) if self.is_plain else ()


def packets(stock_rows, our_rows):
    assert len(stock_rows) == len(our_rows)
    return [Packet(stock, ours) for stock, ours in zip(stock_rows, our_rows)]


def wrong_streams(found):
    """Sessions of several streams, and streams in several sessions where no tunnel is."""
    streams, sessions, tunnels = defaultdict(set), defaultdict(set), set()
    for packet in found:
        if packet.is_error:
            continue
        for session, stream, _ in packet.each():
            if stream:
                streams[session].add(stream)
                sessions[stream].add(session)
                if packet.is_in_tunnel:
                    tunnels.add(stream)
    wrong = {session: names for session, names in streams.items() if len(names) > 1}
    return wrong | {stream: names for stream, names in sessions.items() if len(names) > 1 and stream not in tunnels}


def shown_by_session(found):
    """{session: protocols}; one that shows nothing has what the same stream shows elsewhere."""
    shown, of_stream, streams = defaultdict(set), defaultdict(set), {}
    for packet in found:
        for session, stream, names in packet.each():
            shown[session] |= names
            if stream:
                streams[session] = stream
                of_stream[stream] |= names
    return {session: names or of_stream[streams.get(session)] for session, names in shown.items()}


def sessions_of(found):
    """[sessions], also of fragments, by what they are put together in."""
    return [set(packet.sessions) or {session for frame in packet.parts_of for session in found[frame - 1].sessions} for packet in found]


def wrong_names(found):
    """{frame: (names, what they should be)}, when all of the capture is known."""
    shown = shown_by_session(found)
    wrong = {}
    for number, (packet, sessions) in enumerate(zip(found, sessions_of(found)), 1):
        expected = set().union(*(shown.get(session, set()) for session in sessions))
        if packet.names != expected:
            wrong[number] = packet.names, expected
    return wrong


def wrong_so_far(once, twice):
    """The same for one pass: what has been shown up to here. Names may go once it is known what a packet really is, so only those
    have to be there that the second pass shows as well, and none may be there that was not shown."""
    ever, certain, wrong = defaultdict(set), defaultdict(set), {}
    of_stream = defaultdict(set)
    for number, (packet, later) in enumerate(zip(once, twice), 1):
        for (session, stream, names), (_, _, again) in zip(packet.each(), later.each()):
            ever[session] |= names
            certain[session] |= names & again
            of_stream[stream] |= names
        most = set().union(*(ever[session] for session in packet.sessions), *(of_stream[stream] for stream in packet.streams if stream))
        least = set().union(*(certain[session] for session in packet.sessions)) if packet.is_plain else set()
        if not least <= packet.names <= most and packet.is_plain:
            wrong[number] = packet.names, least, most
    return wrong


def faults(ws, capture):
    """{what: {frame or session: details}} of all that is wrong, and how many sessions and protocols there were."""
    stock = ws.subset(*(ws.built() - {"whole-session"}))
    shown = {two_pass: stock.rows(capture, STOCK_FIELDS, two_pass=two_pass) for two_pass in (False, True)}
    ours = {(two_pass, display_filter): ws.rows(capture, OUR_FIELDS, display_filter, two_pass=two_pass)
            for two_pass in (False, True) for display_filter in (None, "frame")}
    with ws.sharkd() as sharkd:
        sharkd.load(capture)
        in_sharkd = sharkd.columns(OUR_FIELDS)
    twice = packets(shown[True], ours[True, None])
    once = packets(shown[False], ours[False, None])
    found = {
        "streams": wrong_streams(twice), "-2": wrong_names(twice),
        "-2 -Y": wrong_names(packets(shown[True], ours[True, "frame"])),
        "sharkd": wrong_names(packets(shown[True], in_sharkd)),
        "one pass": wrong_so_far(once, twice), "one pass -Y": wrong_so_far(packets(shown[False], ours[False, "frame"]), twice)}
    names = set().union(*(packet.names for packet in twice))
    return {what: wrong for what, wrong in found.items() if wrong}, \
        (len(twice), len({session for packet in twice for session in packet.sessions}), len(names))

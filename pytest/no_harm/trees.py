# SPDX-License-Identifier: GPL-2.0-or-later
"""One form for PDML, JSON, EK and sharkd: a packet is a list of layers, and a layer a list of lines.

A line is its depth, its name and its value. Our own elements are cut out, with all that is below them. An element that has
only such children left counts as one without children.
"""

import functools
import json
import re
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Own:
    """Fields and protocols that exist with the plugins only."""
    names: frozenset = frozenset()
    keys: frozenset = frozenset()       # as EK writes them: protocol_field
    known: dict = field(default_factory=dict, hash=False, compare=False)    # every field's name by what JSON and EK call it

    @functools.cached_property
    def pattern(self):
        """What an own element, or an expert item, begins with in PDML."""
        first = sorted({re.escape(name.partition(".")[0]) for name in self.names}) or ["(?!)"]
        return re.compile(rb'\n( *)<(?:proto|field) name="((?:' + "|".join(first).encode() + rb'|_ws\.expert)[^"]*)"')


_lists = {}


def _listed(ws):
    """(name, EK's key) of each field and protocol that this Wireshark knows."""
    key = (ws.series, ws.plugin_dir)
    if key not in _lists:
        _lists[key] = _read_list(ws)
    return _lists[key]


def _read_list(ws):
    found = set()
    for line in ws.run("tshark", "-G", "fields").splitlines():
        kind, _, name, *rest = line.split("\t")
        key = name if kind == "P" else f"{rest[1]}_{name}"
        found.add((name, key.replace(".", "_")))
    return found


def own_of(stock, ours):
    before, after = _listed(stock), _listed(ours)
    return Own(frozenset({name for name, _ in after} - {name for name, _ in before}),
               frozenset({key for _, key in after} - {key for _, key in before}),
               {key: name for name, key in after} | {name: name for name, _ in after})


@dataclass
class Packet:
    """layers: [(name, [line])]. own: names of our fields in this packet, with their values."""
    layers: list
    own: dict = field(default_factory=dict)


# PDML

_CONTINUATION = re.compile(rb"\n(?! *<)")     # values may have line ends of their own
_NAME = re.compile(rb' name="([^"]*)"')
_OWN_VALUE = re.compile(rb' name="([^"]*)"[^>]*? show="([^"]*)"')


def cut_own(packet, own):
    """The PDML of a packet without our own elements, and those."""
    kept, cut, at = [], [], 0
    for found in own.pattern.finditer(packet):
        if found.start() < at:
            continue
        end = _end_of_element(packet, found)
        name = found[2].decode()
        if name in own.names or name == "_ws.expert" and _has_own_name(packet[found.end():end], own):
            kept.append(packet[at:found.start()])
            cut.append(packet[found.start():end])
            at = end
    kept.append(packet[at:])
    return b"".join(kept), b"".join(cut)


def _end_of_element(packet, found):
    """The index of the line end after it."""
    line_end = packet.index(b">\n", found.end()) + 1
    if packet[line_end - 2:line_end] == b"/>":
        return line_end
    return packet.index(b">", packet.index(b"\n" + found[1] + b"</", line_end - 1)) + 1


def _has_own_name(text, own):
    return any(name.decode() in own.names for name in _NAME.findall(text))


def own_values(cut):
    """{name: [value]} of our elements."""
    values = {}
    for name, value in _OWN_VALUE.findall(cut):
        values.setdefault(name.decode(), []).append(value.decode(errors="replace"))
    for name in _NAME.findall(cut):
        values.setdefault(name.decode(), [])
    return values


def pdml_layers(packet):
    layers = []
    for line in _CONTINUATION.sub(b" ", packet).split(b"\n"):
        text = line.lstrip()
        if not text or text.startswith((b"</", b"<packet>")):
            continue
        name = _NAME.search(line)
        name = name[1].decode() if name else ""
        if line.startswith(b"  <proto "):
            layers.append([name, []])
            if name == "fake-field-wrapper":
                continue
        elif layers and layers[-1][0] == "fake-field-wrapper":
            layers[-1][0] = name        # Wireshark puts items at the root in there, each alone
        if layers:
            depth = len(line) - len(text)
            layers[-1][1].append((depth, name, text.replace(b"/>", b">").rstrip().decode(errors="replace")))
    return [layer for layer in layers if layer[0] != "fake-field-wrapper"]


# JSON and EK


def json_layers(layers, own, known, ek=False):
    """layers: of load(). EK puts layers of one name together, those after the first come last here; and fields of
    one name, which are in order of names here."""
    kept = _without_own(layers, own.keys if ek else own.names)
    if ek:
        several = [(name, value) for name, value in kept if isinstance(value, list) and not isinstance(value, Pairs)]
        kept = [(name, value[0] if (name, value) in several else value) for name, value in kept] + [
            (name, one) for name, value in several for one in value[1:]]
    layers = [[known.get(name, name), _json_lines(name, value, 0, known)] for name, value in kept]
    return [[name, lines[:1] + sorted(lines[1:])] for name, lines in layers] if ek else layers


class Pairs(list):
    """An object with its members in order, several of one name too."""


def load(text):
    return json.loads(text, object_pairs_hook=Pairs, strict=False)


def _without_own(pairs, names):
    kept = []
    for name, value in pairs:
        if name in names or name.endswith("_tree") and name[:-5] in names:
            continue
        is_expert = name in ("_ws.expert", "_ws_expert")
        if isinstance(value, Pairs):
            if is_expert and any(member in names for member, _ in value):
                continue
            value = _without_own(value, names)
            if not value and name.endswith("_tree"):
                continue
        elif isinstance(value, list):
            value = [_without_own(one, names) if isinstance(one, Pairs) else one for one in value
                     if not (is_expert and isinstance(one, Pairs) and any(member in names for member, _ in one))]
            if not value:
                continue
            if len(value) == 1:
                value = value[0]
        kept.append((name, value))
    return Pairs(kept)


def _json_lines(name, value, depth, known):
    if isinstance(value, Pairs):
        lines = [_json_line(name, "", depth, known)]
        for member, one in value:
            lines += _json_lines(member, one, depth + 1, known)
        return lines
    if isinstance(value, list) and any(isinstance(one, Pairs) for one in value):
        return [line for one in value for line in _json_lines(name, one, depth, known)]
    return [_json_line(name, "" if value in ("", None) else value if isinstance(value, str) else json.dumps(value), depth, known)]


def _json_line(name, value, depth, known):
    """An item without a field has a text where others have their name."""
    plain = name[:-5] if name.endswith("_tree") else name
    return (depth, known[plain], value) if plain in known else (depth, "", f"{name}: {value}")


# sharkd

# What a node is; not its number in the list of subtree types, which plugins that register more shift, nor the worst
# severity of what is below it, for that is compared itself.
NODE = ("l", "t", "f", "h", "v", "fnum", "g", "url")


def sharkd_layers(nodes, own):
    layers = []
    for node in nodes:
        if not _is_own_node(node, own):
            layers.append([_node_name(node), _node_lines(node, own, 0)])
    return layers


def _node_name(node):
    name = node.get("f", "").partition(" ")[0]
    if not name and re.match(r"\d+ Reassembled TCP Segments", node.get("l", "")):
        return "tcp.segments"       # which has no value to filter by
    return "" if name.startswith("frame[") else name     # a text's bytes


def _is_own_node(node, own):
    name = _node_name(node)
    return name in own.names or name == "_ws.expert" and any(_node_name(child) in own.names for child in node.get("n", []))


def _node_lines(node, own, depth):
    children = [child for child in node.get("n", []) if not _is_own_node(child, own)]
    lines = [(depth, _node_name(node), json.dumps([node.get(key) for key in NODE if key in node]))]
    for child in children:
        lines += _node_lines(child, own, depth + 1)
    return lines

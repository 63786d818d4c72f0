# SPDX-License-Identifier: GPL-2.0-or-later
"""What has changed between two forms of one packet, in words: "-data", "+ftp-data", "~tcp/tcp.len".

- and + are layers or fields (layer/field) that are gone or new, ~ a field with another value. Stream numbers, which may
be one to one and yet others, are told apart from all that.
"""

import difflib
import re
from dataclasses import dataclass

STREAM_INDEX = re.compile(r"^(?:(eth|ip|ipv6|tcp|udp|tls|sctp)[._](?:(?:eth|ip|ipv6|tcp|udp|tls)_)?stream|sctp[._](?:sctp_)?assoc_index)$")


@dataclass(frozen=True)
class Change:
    """at: the index of the layer, in stock's packet or, if new, in ours. before, after: the first line of it."""
    what: str
    layer: str
    stock_at: int | None
    ours_at: int | None
    before: str = ""
    after: str = ""

    def __str__(self):
        return f"{self.what} ({self.before[:150]!r} has become {self.after[:150]!r})"


def without_streams(layers):
    """The packet with stream numbers blotted out, and those: [(kind, number)]."""
    numbers, blotted = [], []
    for layer, lines in layers:
        kept = []
        for line in lines:
            kind = STREAM_INDEX.match(line[1])
            if kind:
                numbers.append((kind[1] or "sctp", _number_of(line[2])))
                line = (line[0], line[1], "")
            kept.append(line)
        blotted.append([layer, kept])
    return blotted, numbers


def _number_of(text):
    found = re.search(r' show="(\d+)"', text) or re.search(r"(\d+)", text)
    return int(found[1])


def changes_between(stock, ours):
    """[Change] of two lists of layers."""
    found = []
    before, after = ([_hashable(layer) for layer in layers] for layers in (stock, ours))
    for tag, i1, i2, j1, j2 in _opcodes(before, after):
        if tag == "equal":
            continue
        names = [[name for name, _ in layers] for layers in (before[i1:i2], after[j1:j2])]
        for tag, a1, a2, b1, b2 in _opcodes(*names):
            a1, a2, b1, b2 = i1 + a1, i1 + a2, j1 + b1, j1 + b2
            if tag == "equal":
                for a, b in zip(range(a1, a2), range(b1, b2)):
                    found += _changes_of_lines(before[a][0], before[a][1], after[b][1], a, b)
            else:
                found += [Change("-" + before[a][0], before[a][0], a, None, _text(before[a][1])) for a in range(a1, a2)]
                found += [Change("+" + after[b][0], after[b][0], None, b, "", _text(after[b][1])) for b in range(b1, b2)]
    return found


def _hashable(layer):
    return layer[0], tuple(layer[1])


def _text(lines):
    return lines[0][2] if lines else ""


def _opcodes(before, after):
    return difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()


def _changes_of_lines(layer, before, after, stock_at, ours_at):
    found = []
    for tag, i1, i2, j1, j2 in _opcodes(before, after):
        if tag == "equal":
            continue
        lost, new = list(before[i1:i2]), list(after[j1:j2])
        for line in list(lost):
            other = next((one for one in new if one[:2] == line[:2]), None)
            if other:
                lost.remove(line)
                new.remove(other)
                found.append(Change(f"~{layer}/{line[1]}", layer, stock_at, ours_at, line[2], other[2]))
        found += [Change(f"-{layer}/{line[1]}", layer, stock_at, ours_at, line[2]) for line in lost]
        found += [Change(f"+{layer}/{line[1]}", layer, stock_at, ours_at, "", line[2]) for line in new]
    return found

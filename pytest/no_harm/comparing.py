# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares all outputs of one capture, with and without the plugins.

    for difference in compare(stock, ours, capture): ...                what is not permitted, as text
    comparison = Comparison(stock, ours, capture, options).run(FULL)    and what was permitted, counted
"""

import difflib
import html
import re
import shutil
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from no_harm import running
from no_harm.changes import changes_between, without_streams
from no_harm.permissions import FOLLOWS, PERMISSIONS, applying, columns_may_become, judge
from no_harm.trees import Own, Packet, cut_own, json_layers, load, own_of, own_values, pdml_layers, sharkd_layers

# A filter that every packet passes and that asks for fields of many layers.
FILTER = ("-Y", "frame || ip.addr || tcp.port || ftp.request.command || http.request.method || mpls.label || dns.qry.name")
CONVERSATIONS = ("eth", "ip", "ipv6", "tcp", "udp", "sctp", "wlan", "tr")
FOLLOW = [*(f"tcp,ascii,{n}" for n in range(6)), *(f"udp,hex,{n}" for n in range(3)), *(f"tls,ascii,{n}" for n in range(3)),
          *(f"http,ascii,{n}" for n in range(3))]
STREAM_FIELDS = {"eth": "eth.stream", "ip": "ip.stream", "ipv6": "ipv6.stream", "tcp": "tcp.stream", "udp": "udp.stream",
                 "tls": "tls.stream", "sctp": "sctp.assoc_index"}
# sharkd's names of tables, and whose conversations they count
TABLES = {"Ethernet": "eth", "IPv4": "ip", "IPv6": "ipv6", "TCP": "tcp", "UDP": "udp", "SCTP": "sctp"}
FOLLOWED = 3
# Of an exported object that is still encrypted: a record of a handshake.
TLS_RECORD = b"\x16\x03"
PLACES = 20
SHOWN = 300
# Outputs, and which of -2 and -Y they are compared with; sharkd is one of its own.
FULL = tuple((output, passes, filtered) for passes in ("", "-2") for filtered in (False, True)
             for output in ("pdml", "columns", "json", "ek", "statistics", "expert", "export")) + (("sharkd", "", False),)
SAMPLE = (("pdml", "", False), ("columns", "", False), ("statistics", "", False), ("expert", "", False), ("ek", "", True),
          ("pdml", "-2", False), ("columns", "-2", True), ("json", "-2", True), ("export", "-2", False), ("sharkd", "", False))


def compare(stock, ours, capture, options=(), outputs=SAMPLE, permissions=PERMISSIONS):
    """What differs and may not, as a list of texts."""
    return Comparison(stock, ours, capture, options, permissions).run(outputs).harms


class Comparison:
    """harms: texts. used: Counter of (pass, permission, changes). compared: packets, or lines of statistics, by output."""

    def __init__(self, stock, ours, capture, options=(), permissions=PERMISSIONS):
        self.stock, self.ours, self.capture, self.options = stock, ours, Path(capture), list(options)
        self.own = own_of(stock, ours)
        self.permissions = permissions
        self.harms, self.used, self.compared = [], Counter(), Counter()
        self._packets = {}      # pass -> {frame: Packet of ours without layers, but with what it may}
        self._own_experts = {}  # pass -> Counter of messages

    def run(self, outputs=SAMPLE, sharkds=None):
        for output, passes, filtered in sorted(outputs, key=lambda o: (o[0] != "pdml", o[2])):
            label = " ".join(filter(None, (output, passes, "-Y" if filtered else "")))
            arguments = [*self.options, *passes.split(), *(FILTER if filtered else ())]
            if output != "pdml" and output != "sharkd" and passes not in self._packets:
                self._trees("pdml", " ".join(filter(None, ("pdml", passes))), passes, [*self.options, *passes.split()], True)
            if output in ("pdml", "json", "ek"):
                self._trees(output, label, passes, arguments, output == "pdml" and passes not in self._packets)
            elif output == "sharkd":
                self._sharkd(label, sharkds)
            else:
                getattr(self, "_" + output)(label, passes, arguments)
        return self

    def _harm(self, label, text, frame=None):
        self.harms.append(f"{label}{f', frame {frame}' if frame else ''}: {text}")

    # Packet by packet

    def _trees(self, output, label, passes, arguments, first):
        """first: what is permitted is counted, and remembered for the other outputs of this pass."""
        split = {"pdml": running.pdml_packets, "json": running.json_packets, "ek": running.ek_packets}[output]
        packets = self._packets.setdefault(passes, {}) if first else self._packets[passes]
        experts = self._own_experts.setdefault(passes, Counter())
        streams = Streams(first)
        for number, before, after in running.both(self.stock, self.ours, self.capture, ["-T", output, *arguments], split):
            if number == "end":
                self._ends(label, before, after)
                break
            self.compared[label] += 1
            if before == after:
                continue
            if before is None or after is None:
                self._harm(label, "the packet is there in one of the two runs only", number)
                break
            if output == "pdml":
                after, cut = cut_own(after, self.own)
                if first:
                    packets[number] = OwnPart(cut)
                    experts.update(_expert_messages(cut))
                if before == after:
                    continue
                layers = pdml_layers(before), pdml_layers(after)
            else:
                layers = self._of_json(before, Own(), output), self._of_json(after, self.own, output)
            self._judge(label, passes, number, *layers, packets, streams, first)
        self._check_streams(label, arguments, streams)

    def _of_json(self, text, own, output):
        top = dict(load(text))
        layers = top["layers"] if output == "ek" else dict(top["_source"])["layers"]
        return json_layers(layers, own, self.own.known, output == "ek")

    def _judge(self, label, passes, number, before, after, packets, streams, first):
        (before, old), (after, new) = without_streams(before), without_streams(after)
        changes = changes_between(before, after)
        part = packets.get(number) or OwnPart(b"")
        if first:
            part.permissions = applying(self.ours.series, Packet(after, part.own), self.permissions)
            part.changed = bool(changes)
            packets[number] = part
        if changes:
            used, harms = judge(changes, before, after, part.permissions)
            if harms and label.startswith("ek"):
                harms = self._without_order(before, after, part, harms)
            for harm in harms:
                self._harm(label, str(harm), number)
            if first:
                part.used = tuple(p for p in part.permissions if p.name in used)
                part.layers = {change.layer for change in changes}
                self.used.update((passes, name, _shortened(what)) for name, what in used.items())
        streams.add(number, old, new, changes, [p for p in part.used if p.within])

    @staticmethod
    def _without_order(before, after, part, harms):
        """EK's layers are members of one object, whose order says nothing, and lack what has no field.

        So which may differ beyond some layer is known from PDML, and so is the reason why a payload was read anew.
        """
        by_name = sorted(before), sorted(after)
        harms = min(harms, judge(changes_between(*by_name), *by_name, part.permissions)[1], key=len)
        return [harm for harm in harms if not (any(p.after for p in part.used) and harm.layer in part.layers)
                and not any(not p.after and p.covers(harm, before, after) for p in part.used)
                and not (part.used and harm.what[1:].startswith(FOLLOWS))]

    def _check_streams(self, label, arguments, streams):
        for text in streams.problems:
            self._harm(label, text)
        if not streams.renumbered or not streams.first:
            return
        kinds = sorted(streams.renumbered)
        pairs = [self._stream_numbers(ws, kinds, arguments) for ws in (self.stock, self.ours)]
        for kind, at in zip(kinds, range(len(kinds))):
            rows = [(number, a[at], b[at]) for number, (a, b) in enumerate(zip(*pairs), 1)]
            # That both have one is compared packet by packet.
            for text in not_one_to_one([row for row in rows if all(row) and row[0] not in streams.read_anew]):
                self._harm(label, f"{STREAM_FIELDS[kind]} {text}")
            self.used[("-2" if "-2" in arguments else "", f"other numbers of {STREAM_FIELDS[kind]}, one to one", "")] += streams.renumbered[kind]

    def _stream_numbers(self, ws, kinds, arguments):
        fields = [argument for kind in kinds for argument in ("-e", STREAM_FIELDS[kind])]
        out = ws.tshark(self.capture, "-T", "fields", *fields, *arguments, timeout=1800)
        return [line.split("\t") for line in out.split("\n")[:-1]]

    def _ends(self, label, before, after):
        if before != after:
            self._harm(label, f"tshark ends with {after[0]} instead of {before[0]}, and writes {after[1][-5:]} instead of {before[1][-5:]}")

    # Columns

    def _columns(self, label, passes, arguments):
        packets = self._packets[passes]
        for number, before, after in running.both(self.stock, self.ours, self.capture, ["-T", "tabs", *arguments], running.lines):
            if number == "end":
                self._ends(label, before, after)
                break
            self.compared[label] += 1
            if before == after:
                continue
            if before is None or after is None:
                self._harm(label, "there is another number of lines", number)
                break
            before, after = (_columns_of(line) for line in (before, after))
            self._judge_columns(label, number, before, after, packets.get(number) or OwnPart(b""))

    def _judge_columns(self, label, number, before, after, part):
        """before, after: No., Time, Source, Destination, Protocol, Length, Info."""
        same = (0, 1, 5) if any(p.after for p in part.used) else (0, 1, 2, 3, 5)     # addresses may be those of a packet within
        if any(before[n] != after[n] for n in same) or not columns_may_become(
                (before[4], before[6]), (after[4], after[6]), part.own, part.used):
            self._harm(label, f"{before} has become {after}", number)

    # Statistics

    def _statistics(self, label, passes, arguments):
        anew = self._read_anew(passes)
        tunnels = {number for number in anew if any(p.after for p in self._packets[passes][number].used)}
        kinds = [f"{table},{kind}" for table in ("conv", "endpoints") for kind in CONVERSATIONS] + ["http,tree"]
        asked = [kind + _but_for(tunnels) for kind in kinds]
        asked += ["io,phs" + _but_for(anew)]
        asked += ["follow," + what for what in FOLLOW if not self._renumbered(passes, what.partition(",")[0])]
        self._compare_text(label, ["-q", *_taps(asked), *arguments])

    def _renumbered(self, passes, kind):
        """Whether the numbers of these conversations may be others."""
        within = {kind for part in self._packets[passes].values() for p in part.used for kind in p.within}
        return kind in within or kind == "http" and within >= {"tcp"} or kind in ("tls", "http") and "tls" in within

    def _read_anew(self, passes):
        return {number for number, part in self._packets[passes].items() if part.changed}

    def _compare_text(self, label, arguments):
        done = [ws.execute("tshark", "-n", "-r", self.capture, *arguments, timeout=1800) for ws in (self.stock, self.ours)]
        self._ends(label, *((one.returncode, running.complaints(one.stderr)) for one in done))
        before, after = (one.stdout.decode(errors="replace").splitlines() for one in done)
        self.compared[label] += len(before)
        if before != after:
            for place in _places(before, after)[:PLACES]:
                self._harm(label, "{!r} has become {!r}".format(*place))

    def _expert(self, label, passes, arguments):
        """What our own items add is known from the trees; everything else has to be there as often as before."""
        anew = self._read_anew(passes)
        done = [ws.execute("tshark", "-n", "-r", self.capture, "-q", "-z", "expert" + _but_for(anew), *arguments, timeout=1800)
                for ws in (self.stock, self.ours)]
        self._ends(label, *((one.returncode, running.complaints(one.stderr)) for one in done))
        before, after = (expert_table(one.stdout.decode(errors="replace")) for one in done)
        self.compared[label] += len(before)
        left = Counter(self._own_experts.get(passes))
        for key in sorted(before.keys() | after.keys()):
            more, message = after[key] - before[key], key[-1]
            if more > 0 and left[message] >= more:
                left[message] -= more
            elif more:
                self._harm(label, f"{key}: {after[key]} instead of {before[key]}")

    # Export Objects

    def _export(self, label, passes, arguments):
        folders = []
        try:
            for ws in (self.stock, self.ours):
                folders.append(Path(tempfile.mkdtemp(prefix="objects-")))
                folders[-1].chmod(0o777)
                kinds = object_kinds(self.stock)
                wanted = [argument for kind in kinds for argument in ("--export-objects", f"{kind},{folders[-1] / kind}")]
                ws.execute("tshark", "-n", "-r", self.capture, "-q", *wanted, *arguments, timeout=1800)
            before, after = (_objects(folder) for folder in folders)
        finally:
            for folder in folders:
                shutil.rmtree(folder, ignore_errors=True)
        self.compared[label] += len(before)
        lost, more = before - after, after - before
        used = {p for part in self._packets[passes].values() for p in part.used}
        decrypted = {name for name, _ in more if any(name.partition("/")[0] in p.objects and "-ftp-data" in p.changes for p in used)}
        growing = {kind for p in used for kind in p.objects}
        for name, content in sorted(lost):
            longer = name.partition("/")[0] in growing and any(name == other and content in whole for other, whole in more)
            if not longer and (name not in decrypted or not content.startswith(TLS_RECORD)):
                self._harm(label, f"{name}, {len(content)} bytes {content[:40]!r}, is gone")
        for name, content in sorted(more):
            if name.partition("/")[0] not in growing and not any(p.after for p in used):
                self._harm(label, f"{name}, {len(content)} bytes {content[:40]!r}, is new")

    # sharkd

    def _sharkd(self, label, sharkds):
        if sharkds:
            return self._in_sharkd(label, *sharkds)
        prefs = dict(option.split(":", 1) for flag, option in zip(self.options, self.options[1:]) if flag == "-o")
        with self.stock.sharkd(prefs) as stock, self.ours.sharkd(prefs) as ours:
            self._in_sharkd(label, stock, ours)
        self._ends(label, *((0, running.complaints(sharkd.stderr())) for sharkd in (stock, ours)))

    def _in_sharkd(self, label, stock, ours):
        for sharkd in (stock, ours):
            sharkd.load(self.capture)
        lists = [sharkd.call("frames") for sharkd in (stock, ours)]
        if len(lists[0]) != len(lists[1]):
            return self._harm(label, f"{len(lists[1])} frames instead of {len(lists[0])}")
        packets, streams = self._packets.setdefault("sharkd", {}), Streams(True)
        for before, after in zip(*lists):
            number = before["num"]
            self.compared[label] += 1
            trees = [sharkd.call("frame", frame=number, proto=True) for sharkd in (stock, ours)]
            layers = sharkd_layers(trees[0]["tree"], Own()), sharkd_layers(trees[1]["tree"], self.own)
            packets[number] = OwnPart(b"", sharkd_own(trees[1]["tree"], self.own))
            if layers[0] != layers[1]:
                self._judge(label, "sharkd", number, *layers, packets, streams, True)
            else:
                streams.same(number, without_streams(layers[0])[1])
            if trees[0].get("fol") != trees[1].get("fol") and not packets[number].changed and not streams.renumbered:
                self._harm(label, f"what can be followed: {trees[0].get('fol')} has become {trees[1].get('fol')}", number)
            if before["c"] != after["c"]:
                self._judge_columns(label, number, before["c"], after["c"], packets[number])
        for text in [*streams.problems, *streams.not_one_to_one()]:
            self._harm(label, text)
        self._taps_in_sharkd(label, stock, ours, streams)

    def _taps_in_sharkd(self, label, stock, ours, streams):
        info = stock.call("info")
        used = {p for part in self._packets["sharkd"].values() for p in part.used}
        within, objects = ({kind for p in used for kind in kinds(p)} for kinds in (lambda p: p.within, lambda p: p.objects))
        taps = [f"{what}:{kind}" for what in ("conv", "endpt") for kind in TABLES if TABLES[kind] not in within]
        if not any(p.after for p in used):
            taps += ["stat:http", "stat:http_req", "stat:dns", *(eo["tap"] for eo in info["eo"] if eo["tap"].partition(":")[2] not in objects)]
        for at in range(0, len(taps), 8):
            some = {f"tap{n}": tap for n, tap in enumerate(taps[at:at + 8])}
            before, after = (sharkd.call("tap", **some) for sharkd in (stock, ours))
            self.compared[label + " taps"] += len(some)
            if before != after:
                self._harm(label, _first_difference(before["taps"], after["taps"], "tap"))
        for old, new in streams.of("tcp"):
            before, after = (sharkd.call("follow", follow="TCP", filter=f"tcp.stream=={n}") for sharkd, n in ((stock, old), (ours, new)))
            if before != after:
                self._harm(label, f"follow TCP {old}: {str(before)[:SHOWN]} has become {str(after)[:SHOWN]}")


class OwnPart:
    """What of a packet is ours, read when it is asked for."""

    def __init__(self, cut, own=None):
        self._cut, self._own = cut, own
        self.permissions, self.used, self.changed, self.layers = (), (), False, set()

    @property
    def own(self):
        if self._own is None:
            self._own = own_values(self._cut)
        return self._own


class Streams:
    """Stream numbers that differ: only after a payload that was read anew."""

    def __init__(self, first):
        self.first = first
        self.renumbered, self.read_anew, self.problems, self._allowed = Counter(), set(), [], set()
        self._rows = defaultdict(list)      # kind -> [(frame, stock's number, ours)]

    def same(self, number, numbers):
        for kind, one in numbers:
            self._rows[kind].append((number, one, one))

    def add(self, number, before, after, changes, permissions):
        """permissions: by which conversations within this packet may be new."""
        for permission in permissions:
            self._allowed.update(permission.within)
            self.read_anew.add(number)
        if permissions:
            return
        if [kind for kind, _ in before] != [kind for kind, _ in after]:
            if not changes:
                self.problems.append(f"frame {number}: streams {before} have become {after}")
            return
        for (kind, old), (_, new) in zip(before, after):
            self._rows[kind].append((number, old, new))
            if old != new and kind in self._allowed:
                self.renumbered[kind] += 1
            elif old != new:
                self.problems.append(f"frame {number}: {STREAM_FIELDS[kind]} {old} has become {new}, with nothing read anew before")

    def not_one_to_one(self):
        return [f"{STREAM_FIELDS[kind]} {text}" for kind, rows in self._rows.items() for text in not_one_to_one(rows)]

    def of(self, kind):
        """The first few streams: [(stock's number, ours)]."""
        return list({old: new for _, old, new in self._rows[kind]}.items())[:FOLLOWED]


def not_one_to_one(rows):
    """rows: (frame, stock's numbers, ours). Texts on numbers that stand for two, or two for one."""
    forth, back, found = {}, {}, []
    for frame, old, new in rows:
        if forth.setdefault(old, new) != new:
            found.append(f"{old} is both {forth[old]} and {new} (frame {frame})")
        elif back.setdefault(new, old) != old:
            found.append(f"{new} stands for both {back[new]} and {old} (frame {frame})")
    return found


_COLUMNS = 8


def _columns_of(line):
    """The default columns, without the arrow that tshark puts between the addresses."""
    values = [value.strip() for value in line.decode(errors="replace").split("\t", _COLUMNS - 1)]
    values += [""] * (_COLUMNS - len(values))
    return values[:3] + values[4:]


def _taps(asked):
    return [argument for tap in asked for argument in ("-z", tap)]


def _but_for(numbers):
    return f",!({as_set(numbers)})" if numbers else ""


def as_set(numbers):
    """A filter for these frames, with ranges."""
    ranges = []
    for number in sorted(numbers):
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return "frame.number in {" + ", ".join(f"{a}..{b}" if b > a else str(a) for a, b in ranges) + "}"


def _places(before, after):
    """[(text, text)], one for each place where these lines differ."""
    codes = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return [("\n".join(before[i1:i2])[:SHOWN], "\n".join(after[j1:j2])[:SHOWN]) for tag, i1, i2, j1, j2 in codes if tag != "equal"]


def _expert_messages(cut):
    return Counter(html.unescape(message.decode(errors="replace")) for message in re.findall(rb'name="_ws\.expert\.message"[^>]*? show="([^"]*)"', cut))


def expert_table(text):
    """Counter of (severity, group, protocol, summary)."""
    found, severity = Counter(), ""
    for line in text.splitlines():
        head = re.fullmatch(r"(\w+) \(\d+\)", line)
        row = re.fullmatch(r" *(\d+) +(\S+) +(.*?)  (\S.*)", line)
        if head:
            severity = head[1]
        elif row:
            found[severity, row[2], row[3], row[4]] += int(row[1])
    return found


_kinds = defaultdict(list)


def object_kinds(ws):
    """What this Wireshark can export."""
    if ws.series not in _kinds:
        done = ws.execute("tshark", "--export-objects", "help")
        _kinds[ws.series] = re.findall(r"^     (\S+)$", (done.stdout + done.stderr).decode(), re.MULTILINE)
    return _kinds[ws.series]


def _objects(folder):
    """Counter of (name, bytes); the number that tells files of one name apart depends on how many there are."""
    return Counter((re.sub(r"\(\d+\)(?=\.|$)", "", str(path.relative_to(folder))), path.read_bytes())
                   for path in folder.rglob("*") if path.is_file())


def _first_difference(before, after, key):
    for one, other in zip(before, after):
        if one != other:
            return f"{one.get(key)}: {str(one)[:SHOWN]} has become {str(other)[:SHOWN]}"
    return f"{len(before)} have become {len(after)}"


def sharkd_own(nodes, own):
    """{name: [value]} of our nodes."""
    found, pending = {}, list(nodes)
    while pending:
        node = pending.pop()
        name, equals, value = node.get("f", "").partition(" == ")
        name = name.partition(" ")[0]
        if name in own.names:
            found.setdefault(name, []).extend([value] if equals else [])
        pending += node.get("n", [])
    return found


def _shortened(changes):
    """Layers are listed by name, without what lies beside ftp and ftp-data; of fields, which layer they are in."""
    return " ".join(sorted({re.sub(r"/.*", "/…", re.sub(r"^(.ftp(-data)?)\..*", r"\1.…", change)) for change in changes}))

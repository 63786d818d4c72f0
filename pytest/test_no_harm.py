# SPDX-License-Identifier: GPL-2.0-or-later
"""First, do no harm: with the plugins, everything else is shown as it is without them.

For each capture in test-captures/ and ../shared/captures: the full dissection (PDML) is the one without the plugins
plus our own fields; Protocol and Info change only where INTERFACE says so; `-z io,phs` is the same, and so is what is
written to stderr. Captures are taken folder by folder, each folder's joined into one; --full takes each on its own.
Our own captures are compared in one pass and with -2; one of each folder also in sharkd, where one process loads them
one after the other. --full does all of that with ../shared too.
"""

import re
import subprocess
import tempfile
from dataclasses import dataclass, field

import pytest

from conftest import chosen_series
from gapfill_tshark import FIELD_END, SHARED, TOP, Wireshark

OWN_NAMES = ("discard", "arp_snap", "hkp", "openpgp", "acme", "ftp_session", "ldp_binding", "l2tp_payload", "session",
             "gapfill_", "ldp_extras", "whole_session")
SUFFIXES = (".pcap", ".pcapng", ".cap")


# Which captures


def _captures_below(folder):
    return sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES) if folder.is_dir() else []


def pytest_generate_tests(metafunc):
    if "harmless" not in metafunc.fixturenames:
        return
    full = metafunc.config.getoption("--full")
    sets = {}
    for top, label in ((TOP / "test-captures", ""), (SHARED, "shared/")):
        for path in _captures_below(top):
            name = label + path.parent.name + (f"/{path.name}" if full else "")
            for passes in ("", "-2") if full or not label else ("",):
                sets.setdefault((name, passes), []).append(path)
    metafunc.parametrize(("harmless", "passes"), [(paths, passes) for (_, passes), paths in sets.items()],
                         ids=[f"{name} {passes}".strip() for name, passes in sets])


def _one_of_each_folder(paths):
    by_size = sorted(paths, key=lambda path: path.stat().st_size)
    return list({path.parent: path for path in by_size}.values())


def _joined(paths, tmp_path):
    """One capture with the packets of all, one file after the other; from files that are cut short, what they have."""
    if len(paths) == 1:
        return paths[0]
    whole = []
    for number, path in enumerate(paths):
        whole.append(tmp_path / f"{number}.pcapng")
        subprocess.run(["editcap", path, whole[-1]], capture_output=True)
    out = tmp_path / "joined.pcapng"
    subprocess.run(["mergecap", "-a", "-w", out, *whole], check=True, capture_output=True)
    return out


def _options(paths, tmp_path):
    """The key logs that lie beside the captures."""
    keys = b"".join(path.with_suffix(".keys").read_bytes() for path in paths if path.with_suffix(".keys").exists())
    (tmp_path / "all.keys").write_bytes(keys)
    return ["-o", f"tls.keylog_file:{tmp_path / 'all.keys'}"] if keys else []


# What may change


@dataclass
class Permission:
    """INTERFACE: these packets' payload is shown otherwise, since Wireshark could not identify it.

    markers: what all of these packets have, with the plugins: a field, or field=value.
    gone: layers of the stock version that may be replaced; changed: such as stay, with other contents.
    items: such as may differ, or be absent, in whichever layer. after: with ANYTHING, the layer up to which all is the
    same. protocols: what the Protocol column may say then.
    """
    name: str
    plugin: str
    markers: tuple
    gone: tuple
    series: tuple = ("4.0", "4.4", "4.6")
    changed: tuple = ()
    items: tuple = ()
    after: str = ""
    protocols: str = ".*"


ANYTHING = ("*",)
# Wireshark's own items about a data connection lie beside its payload, each at the root.
FTP_DATA = ("data", "ftp-data", "ftp-data.setup-frame", "ftp-data.setup-method", "ftp-data.command", "ftp-data.command-frame",
            "ftp-data.current-working-directory", "ftp.current-working-directory", "data-text-lines")
FTP_ABOUT_DATA = ("ftp.setup-frame", "ftp.setup-method", "ftp.command", "ftp.command-frame", "ftp.command-response.frames",
                  "ftp.command-response.bytes", "ftp.command-response.duration", "ftp.command-response.bitrate",
                  "ftp.command-response.first-frame-num", "ftp.command-response.last-frame-num", "ftp.current-working-directory")
# What TCP says of a payload that is reassembled, now that somebody asks for that.
REASSEMBLY = (b' name="tcp.segment', b' name="tcp.reassembled', b' name="tcp.pdu', b' name="tcp.payload"',
              b"Reassembled PDU in frame", b"reassembled PDU")
# Conversations within a payload that only the plugins can read are counted too, so later ones have other indices.
STREAM_INDEX = re.compile(rb' name="(eth|ip|ipv6|tcp|udp)\.stream"')
# TLS in FTP that Wireshark does not see counts as well.
TLS_INDEX = b' name="tls.stream"'
PERMISSIONS = [
    Permission("Discard, which 4.0 lacks", "discard", ("discard",), ("data",), ("4.0",), protocols="DISCARD"),
    Permission("Wake-on-LAN on port 9, which 4.4 takes for Discard", "discard", ("wol",), ("discard",), ("4.4",), protocols="WOL"),
    Permission("ARP over LLC/SNAP", "arp-snap", ("arp_snap",), ("data",), changed=("llc",), protocols="R?ARP-SNAP"),
    Permission("OpenPGP keys", "openpgp", ("openpgp",), ("data", "media", "data-text-lines"), changed=("http",)),
    Permission("FTP data connections", "ftp-session", ("ftp_session.channel=2",), FTP_DATA),
    Permission("FTP on other ports", "ftp-session", ("ftp_session.channel=1",), ("data",), protocols="FTP"),
    Permission("FTP after TLS was ended", "ftp-session", ("ftp_session.channel=1", "ftp_session.tls=0"), ("tls",), protocols="FTP"),
    Permission("what FTP's control packets say of the data connection", "ftp-session", ("ftp_session.channel=1",), (), items=FTP_ABOUT_DATA,
               protocols="FTP"),
    Permission("FTP under TLS", "ftp-session", ("ftp_session.tls=1",), (*FTP_DATA, "ftp"), changed=("tls",)),
    Permission("pseudowires", "ldp-extras", ("ldp_binding.pw_type",), ANYTHING, after="mpls"),
    Permission("acmeIdentifier in certificates, an object that Wireshark does not know", "acme", ("acme.tls.critical",), (),
               changed=("tls",)),
    Permission("L2TPv3", "ldp-extras", ("l2tp_payload",), ANYTHING, after="l2tp"),
]
# Protocol and Info of these packets are ours; and Info may end in something of ours.
COLUMN_MARKERS = {"arp-snap": {"arp_snap": "R?ARP-SNAP"}, "hkp": {"hkp": "HKP.*"}, "openpgp": {"openpgp": "OpenPGP|HKP.*"}, "acme": {"acme": "ACME.*"}}
INFO_END_MARKERS = {"ldp-extras": ("mpls",)}


@dataclass
class Allowed:
    """What may change in one capture: frame numbers, found with the plugins."""
    payload: dict = field(default_factory=dict)     # frame -> its permissions
    columns: dict = field(default_factory=dict)     # frame -> what its Protocol column may say
    info_end: set = field(default_factory=set)
    renumbered: float = float("inf")    # the first frame with a payload that has conversations of its own
    tls_renumbered: float = float("inf")

    def allow(self, number, permission):
        self.payload.setdefault(number, []).append(permission)
        self.allow_columns(number, permission.protocols)
        if permission.gone == ANYTHING:
            self.renumbered = min(self.renumbered, number)
        if permission.plugin == "ftp-session" and "tls" in permission.changed:
            self.tls_renumbered = min(self.tls_renumbered, number)

    def allow_columns(self, number, protocols):
        self.columns.setdefault(number, []).append(protocols)

    def columns_may_be(self, number, protocol):
        return any(re.fullmatch(protocols, protocol) for protocols in self.columns.get(number, ()))


@dataclass
class Summary:
    """Protocol and Info, which markers each packet has, and the protocol hierarchy."""
    columns: list
    markers: list
    hierarchy: str


def _summary(ws, capture, options, markers):
    column = ("_ws.col.Protocol", "_ws.col.Info") if ws.version < (4, 4) else ("_ws.col.protocol", "_ws.col.info")
    fields = [argument for name in (*column, *markers) for argument in ("-e", name)]
    out = ws.tshark(capture, "-T", "fields", "-E", f"separator={FIELD_END}", *fields, "-z", "io,phs", *options, timeout=900)
    rows, _, hierarchy = out.partition("\n====")
    split = [row.split(FIELD_END) for row in rows.split("\n") if FIELD_END in row]
    return Summary([tuple(row[:2]) for row in split],
                   [_found(markers, row[2:]) for row in split], hierarchy)


def _found(markers, values):
    """Which fields there are, and field=value for each of their values."""
    present = [(name, value) for name, value in zip(markers, values) if value]
    plain = {"True": "1", "False": "0"}
    return {name for name, _ in present} | {f"{name}={plain.get(one, one)}" for name, value in present for one in value.split(",")}


def _allowed(ws, summary):
    allowed, loaded = Allowed(), ws.built()
    permissions = [p for p in PERMISSIONS if p.plugin in loaded and ws.series in p.series]
    columns = {marker: protocols for plugin in COLUMN_MARKERS if plugin in loaded for marker, protocols in COLUMN_MARKERS[plugin].items()}
    info_ends = {marker for plugin in INFO_END_MARKERS if plugin in loaded for marker in INFO_END_MARKERS[plugin]}
    for number, found in enumerate(summary.markers, 1):
        for permission in permissions:
            if found.issuperset(permission.markers):
                allowed.allow(number, permission)
        for marker in found.intersection(columns):
            allowed.allow_columns(number, columns[marker])
        if found.intersection(info_ends):
            allowed.info_end.add(number)
    return allowed


def _markers(ws):
    """The fields that permissions go by, as far as their plugins are there."""
    rules = [*((p.plugin, p.markers) for p in PERMISSIONS), *COLUMN_MARKERS.items(), *INFO_END_MARKERS.items()]
    return sorted({marker.partition("=")[0] for plugin, markers in rules if plugin in ws.built() for marker in markers})


# PDML, compared as text: each element is a line, and its indentation says where it belongs


_own = {}


def _own_fields(ws):
    """Fields and protocols that exist with the plugins only."""
    key = (ws.series, ws.plugin_dir)
    if key not in _own:
        _own[key] = set(ws.fields()) - set(ws.without_plugins().fields())
    return _own[key]


_NAME = re.compile(rb' name="([^"]*)"')
_CONTINUATION = re.compile(rb"\n(?! *<)")     # values may have line ends of their own


def _name(line):
    found = _NAME.search(line)
    return found[1].decode() if found else ""


def _indent(line):
    return len(line) - len(line.lstrip(b" "))


def _stripped(packet, own):
    """The lines of a packet without our own elements, in a form in which an item with no children left is a leaf."""
    lines, out, at = _CONTINUATION.sub(b" ", packet).split(b"\n"), [], 0
    while at < len(lines):
        line = lines[at]
        name = _name(line)
        if name in own or name == "_ws.expert" and _is_own_expert(lines, at, own):
            at = _end_of(lines, at)
            continue
        if not line.lstrip().startswith((b"</field>", b"</proto>")):
            out.append(line.replace(b"/>", b">").rstrip())
        at += 1
    return out


def _end_of(lines, at):
    """The index after the element that begins at this line."""
    indent = _indent(lines[at])
    if lines[at].rstrip().endswith(b"/>"):
        return at + 1
    at += 1
    while at < len(lines) and _indent(lines[at]) > indent:
        at += 1
    return at + 1


def _is_own_expert(lines, at, own):
    return any(_name(line) in own for line in lines[at:_end_of(lines, at)])


def _layers(lines):
    """[[protocol, lines]] of a stripped packet; what depends on the list of protocols is left out."""
    layers = []
    for line in lines:
        if line.startswith(b"  <proto "):
            layers.append([_name(line), []])
        elif layers and layers[-1][0] == "fake-field-wrapper":
            layers[-1][0] = _name(line)
        if layers and b' name="frame.protocols"' not in line:
            layers[-1][1].append(line)
    return layers


def _unexplained(number, stock, ours, allowed):
    """Why the packet may not differ as it does; None if it may."""
    first = next((pair for pair in zip(stock, ours) if pair[0] != pair[1]), (stock[-1], ours[-1]))
    difference = f"frame {number}: {first[0].strip()[:300]!r} has become {first[1].strip()[:300]!r}"
    if number in allowed.payload:
        stock, ours = ([line for line in lines if not any(r in line for r in REASSEMBLY)] for lines in (stock, ours))
    if number >= allowed.renumbered:
        stock, ours = ([line for line in lines if not STREAM_INDEX.search(line)] for lines in (stock, ours))
    if number >= allowed.tls_renumbered:
        stock, ours = ([line for line in lines if TLS_INDEX not in line] for lines in (stock, ours))
    if stock == ours:
        return None
    permissions = allowed.payload.get(number, ())
    if any(_is_permitted(permission, _layers(stock), _layers(ours)) for permission in [*permissions, *_together(permissions)]):
        return None
    return "; ".join([difference, *(f"{p.name}: only {p.gone} may be shown otherwise" for p in permissions)])


def _together(permissions):
    """Several permissions for one packet, as one."""
    some = [p for p in permissions if p.gone != ANYTHING]
    if len(some) > 1:
        yield Permission("together", "", (), sum((p.gone for p in some), ()), changed=sum((p.changed for p in some), ()),
                         items=sum((p.items for p in some), ()))


def _is_permitted(permission, stock, ours):
    """Whether each layer that the permission does not name is still there, in the same order."""
    if permission.gone == ANYTHING:
        names = [name for name, _ in stock]
        if permission.after not in names:
            return False
        end = names.index(permission.after)
        while end < len(names) and names[end] == permission.after:
            end += 1
        return stock[:end] == ours[:end]
    if permission.items:
        # Some lie at the root, each a layer of its own.
        stock, ours = ([(name, [line for line in lines if _name(line) not in permission.items]) for name, lines in layers
                        if name not in permission.items] for layers in (stock, ours))
    at = 0
    for name, lines in stock:
        if name == "fake-field-wrapper" and len(lines) <= 1:
            continue
        found = next((n for n in range(at, len(ours)) if ours[n][0] == name and (ours[n][1] == lines or name in permission.changed)), None)
        if found is not None:
            at = found + 1
        elif name not in permission.gone:
            return False
    return True


def _packets(stream):
    rest = b""
    while block := stream.read(1 << 20):
        *whole, rest = (rest + block).split(b"</packet>\n")
        for packet in whole:
            yield packet[packet.find(b"<packet>"):]
    if b"<packet>" in rest:
        yield rest


def _differences(ws, capture, options, own, allowed):
    """Packets whose dissection differs otherwise than by our own fields, and what is written to stderr."""
    plain = ws.without_plugins()
    commands = [w.command("tshark", "-n", "-r", capture, "-T", "pdml", *options) for w in (plain, ws)]
    errors = [tempfile.TemporaryFile() for _ in commands]
    processes = [subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=error)
                 for command, error in zip(commands, errors)]
    wrong, number, streams = [], 0, [_packets(p.stdout) for p in processes]
    try:
        while True:
            stock, ours = (next(stream, None) for stream in streams)
            if stock is None and ours is None:
                break
            number += 1
            if stock is None or ours is None:
                wrong.append(f"frame {number} is there in one of the two runs only")
                break
            if stock != ours:
                stock, ours = _stripped(stock, ()), _stripped(ours, own)
                if stock != ours:
                    reason = _unexplained(number, stock, ours, allowed)
                    if reason:
                        wrong.append(reason)
    finally:
        for process in processes:
            process.stdout.close()
    statuses, messages = [process.wait(60) for process in processes], [_complaints(error) for error in errors]
    if statuses[0] != statuses[1] or messages[0] != messages[1]:
        wrong.append(f"tshark ends with {statuses}, and writes {messages[1][-20:]} instead of {messages[0][-20:]}")
    return wrong, number


def _complaints(file):
    """What tshark has written to stderr, without times and process numbers."""
    file.seek(0)
    return [re.sub(rb"\d\d:\d\d:\d\d\.\d+|tshark:\d+", b"", line) for line in file.read().splitlines()]


def _as_set(numbers):
    """A filter for these frames, with ranges."""
    ranges = []
    for number in sorted(numbers):
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return "frame.number in {" + ", ".join(f"{a}..{b}" if b > a else str(a) for a, b in ranges) + "}"


def test_no_harm(ws, harmless, passes, request, tmp_path):
    capture, options = _joined(harmless, tmp_path), [*_options(harmless, tmp_path), *passes.split()]
    if request.config.getoption("--sanitized"):     # the other run compares; this one has all of it dissected
        ws.tshark(capture, "-V", *options, timeout=900)
    else:
        assert_no_harm(ws, capture, options)


# How captures get lost in part: editcap's options.
DAMAGES = {"cut to 60 bytes": ["-s", "60"], "cut to 90 bytes": ["-s", "90"], "wrong bytes": ["-E", "0.02", "--seed", "1"],
           "begun later": ["1-20"], "each fourth packet lost": [str(number) for number in range(3, 2000, 4)]}

# What the plugins find in these, ARP or ICMP, Wireshark itself relates to other packets; and Discard comes before heuristics.
ALONE = ("arp-snap", "ldp-frr", "small-services")


@pytest.mark.parametrize("damage", DAMAGES)
def test_no_harm_to_damaged_captures(ws, damage, tmp_path):
    paths = [path for path in _one_of_each_folder(_captures_below(TOP / "test-captures")) if path.parent.name not in ALONE]
    options, damaged = _options(paths, tmp_path), []
    for path in paths:
        damaged.append(tmp_path / path.name)
        first, *rest = DAMAGES[damage]
        command = ["editcap", *DAMAGES[damage], path, damaged[-1]] if first[0] == "-" else ["editcap", path, damaged[-1], first, *rest]
        subprocess.run(command, check=True, capture_output=True)
    assert_no_harm(ws, _joined(damaged, tmp_path), options)


def assert_no_harm(ws, capture, options):
    plain, markers = ws.without_plugins(), _markers(ws)
    stock = _summary(plain, capture, options, [])
    ours = _summary(ws, capture, options, markers)
    allowed = _allowed(ws, ours)
    wrong, packets = _differences(ws, capture, options, _own_fields(ws), allowed)
    assert packets == len(stock.columns) == len(ours.columns) > 0
    wrong += _changed_columns(stock, ours, allowed)
    if allowed.payload:
        statistic = f"io,phs,!({_as_set(allowed.payload)})"
        hierarchies = [w.statistics(capture, statistic, options=options) for w in (plain, ws)]
    else:
        hierarchies = [stock.hierarchy, ours.hierarchy]
    if hierarchies[0] != hierarchies[1]:
        wrong.append(f"-z io,phs: {hierarchies[0]} has become {hierarchies[1]}")
    assert not wrong, "\n".join([f"{len(wrong)} differences in {packets} packets:", *wrong[:20]])


def _changed_columns(stock, ours, allowed):
    rows = enumerate(zip(stock.columns, ours.columns), 1)
    return [f"frame {n}: {before} has become {after}" for n, (before, after) in rows if not _may_become(n, before, after, allowed)]


def _may_become(number, before, after, allowed):
    """before, after: Protocol and Info."""
    return before == after or allowed.columns_may_be(number, after[0]) or \
        number in allowed.info_end and before[0] == after[0] and after[1].startswith(before[1])


# Re-dissection, one file after the other in one process

FRAMES = 60
# A node's fields by their names in the protocol: what a click shows, not what a plugin adds to it.
NODE = ("l", "t", "f", "h", "v", "fnum", "g", "url")
NATIVE_STREAM = re.compile(r"(eth|ip|ipv6|tcp|udp)\.stream ")


def _nodes(nodes, own, without_streams):
    """The protocol tree without our own items."""
    kept = []
    for node in nodes:
        name = node.get("f", "").split(" ")[0]
        children = node.get("n", [])
        if name in own or name == "_ws.expert" and any(child.get("f", "").split(" ")[0] in own for child in children):
            continue
        if not (without_streams and NATIVE_STREAM.match(node.get("f", ""))):
            kept.append([*(node.get(key) for key in NODE), _nodes(children, own, without_streams)])
    return kept


def _first_difference(before, after):
    """The labels of the first nodes that differ."""
    for one, other in zip(before, after):
        if one != other:
            return _first_difference(one[-1], other[-1]) if one[:-1] == other[:-1] else f"{one[:-1]} has become {other[:-1]}"
    return f"{[node[0] for node in before[len(after):]]} has become {[node[0] for node in after[len(before):]]}"


def _harm_in_sharkd(stock, ours, allowed, own, frames):
    wrong, columns = [], [[frame["c"] for frame in sharkd.call("frames")] for sharkd in (stock, ours)]
    for number, (before, after) in enumerate(zip(*columns, strict=True), 1):
        # Number, time and length; the addresses may be those of a packet within.
        others = [row[:2] + ([] if number >= allowed.renumbered else row[2:-3]) + row[-2:-1] for row in (before, after)]
        if others[0] != others[1] or not _may_become(number, (before[-3], before[-1]), (after[-3], after[-1]), allowed):
            wrong.append(f"frame {number}: {before} has become {after}")
    for number in range(1, min(len(columns[0]), frames) + 1):
        if number not in allowed.payload:
            without_streams = number >= allowed.renumbered
            before, after = _nodes(stock.tree(number), (), without_streams), _nodes(ours.tree(number), own, without_streams)
            if before != after:
                wrong.append(f"frame {number}: {_first_difference(before, after)}")
    return wrong


def test_no_harm_in_sharkd(ws, request, tmp_path):
    full = request.config.getoption("--full")
    paths = _captures_below(TOP / "test-captures")
    paths = [*paths, *_captures_below(SHARED)] if full else _one_of_each_folder(paths)
    options, own, markers, plain = _options(paths, tmp_path), _own_fields(ws), _markers(ws), ws.without_plugins()
    keylog = options[1].partition(":")[2]
    wrong, frames = [], 0
    with plain.sharkd(keylog=keylog) as stock, ws.sharkd(keylog=keylog) as ours:
        for path in paths:
            allowed = _allowed(ws, _summary(ws, path, [*options, "-2"], markers))
            stock.load(path)
            ours.load(path)
            wrong += [f"{path.name}, {what}" for what in _harm_in_sharkd(stock, ours, allowed, own, 10**9 if full else FRAMES)]
            frames += len(stock.frames())
    assert frames > len(paths) > 1
    assert not wrong, "\n".join([f"{len(wrong)} differences in {frames} packets of {len(paths)} captures:", *wrong[:20]])


# The namespace


def test_new_fields_are_in_our_namespace(ws):
    foreign = [name for name in _own_fields(ws) if not name.startswith(OWN_NAMES)]
    assert not foreign


def test_nothing_is_said_at_startup(ws):
    ours, stock = (w.with_env(WIRESHARK_EXTCAP_DIR="/nonexistent") for w in (ws, ws.without_plugins()))
    assert ours.execute("tshark", "-G", "plugins").stderr == stock.execute("tshark", "-G", "plugins").stderr


def test_native_fields_keep_their_types(ws):
    stock, ours = ws.without_plugins().fields(), ws.fields()
    assert {name: kind for name, kind in stock.items() if ours.get(name) != kind} == {}


def test_fields_are_the_same_on_all_versions(request, ws):
    """What the plugins add is the same here as on the other versions of this run, with what is native there."""
    for series in chosen_series(request.config):    # what else is in build/ may be of some other day
        if series == ws.series:
            continue
        other = Wireshark(series)
        here, there = ws.fields(), other.fields()
        added = _own_fields(other) | _own_fields(ws)
        assert {n: here.get(n) for n in added} == {n: there.get(n) for n in added}, f"{ws.series} and {series}"


# The comparison can fail

STOCK = [b"<packet>", b'  <proto name="frame" showname="Frame 1">', b'    <field name="frame.protocols" show="eth:ip:udp:data"/>',
         b"  </proto>", b'  <proto name="udp" showname="UDP">', b'    <field name="udp.port" show="9"/>', b"  </proto>",
         b'  <proto name="fake-field-wrapper">', b'    <field name="data" show="78">', b'      <field name="data.len" show="1"/>',
         b"    </field>", b"  </proto>"]
EXPERT = [b'    <field name="_ws.expert" showname="Expert Info">', b'      <field name="discard.reply" show=""/>', b"    </field>"]


def _with(lines, at, *more):
    return b"\n".join([*lines[:at], *more, *lines[at:]])


def _permitting(*gone, changed=()):
    allowed = Allowed()
    allowed.allow(1, Permission("a test", "", (), gone, changed=changed))
    return allowed


@pytest.mark.static
def test_own_fields_are_stripped():
    own = {"discard.len", "discard.reply"}
    plain = _stripped(b"\n".join(STOCK), ())
    assert _stripped(_with(STOCK, 6, b'    <field name="discard.len" show="1"/>'), own) == plain
    assert _stripped(_with(STOCK, 6, *EXPERT), own) == plain
    as_parent = [*STOCK[:5], b'    <field name="udp.port" show="9">', b'      <field name="discard.len" show="1"/>', b"    </field>", *STOCK[6:]]
    assert _stripped(b"\n".join(as_parent), own) == plain


@pytest.mark.static
def test_anything_else_is_noticed():
    own = {"discard.len", "discard.reply"}
    plain = _stripped(b"\n".join(STOCK), ())
    for changed in (_with(STOCK, 6, b'    <field name="udp.other" show="1"/>'), _with(STOCK, 6, *EXPERT).replace(b"discard.reply", b"udp.x"),
                    b"\n".join(STOCK).replace(b'show="9"', b'show="10"')):
        assert _stripped(changed, own) != plain
        assert _unexplained(1, plain, _stripped(changed, own), Allowed()) is not None
        assert _unexplained(1, plain, _stripped(changed, own), _permitting("data")) is not None
    unknown = [*STOCK[:7], b'  <proto name="ftp-data">', b"  </proto>"]
    assert _unexplained(1, plain, _stripped(b"\n".join(unknown), own), _permitting("data")) is None
    assert _unexplained(1, plain, _stripped(b"\n".join(unknown), own), _permitting("http")) is not None


@pytest.mark.static
def test_what_a_permission_does_not_name_has_to_stay():
    plain = _stripped(b"\n".join(STOCK), ())
    without = [line for line in plain if b"data" not in line]
    other = [line.replace(b'show="78"', b'show="79"') for line in plain]
    assert _unexplained(1, plain, without, _permitting("data")) is None
    assert _unexplained(1, plain, without, _permitting(changed=("data",))) is not None
    assert _unexplained(1, plain, other, _permitting(changed=("data",))) is None
    for lines, after in ((without, "udp"), (other, "udp")):
        allowed = _permitting(*ANYTHING)
        allowed.payload[1][0].after = after
        assert _unexplained(1, plain, lines, allowed) is None
        allowed.payload[1][0].after = "data"
        assert _unexplained(1, plain, lines, allowed) is not None
    assert _found(["a", "b", "c"], ["", "False,True", "2"]) == {"b", "b=0", "b=1", "c", "c=2"}


class Altered(Wireshark):
    """With options that stand for plugins which change what is shown."""
    more = ()

    def command(self, tool, *args, **kwargs):
        return super().command(tool, *args, *(self.more if self.plugin_dir and tool == "tshark" else ()), **kwargs)


@pytest.mark.parametrize("protocol, name", [("ftp", "ftp-servers/vsftpd-curl-epsv.pcap"), ("ftp", "ftp-servers/vsftpd-curl-tls.pcap"),
                                            ("tls", "acme-tlsalpn01/tls12.pcap"),
                                            ("mpls", "ldp-frr/ldp-frr.pcap"), ("http", "hkp-servers/sks-curl.pcap")])
def test_a_native_protocol_switched_off_is_noticed(ws, captures, tmp_path, protocol, name):
    altered = Altered(ws.series)
    altered.more = ("--disable-protocol", protocol)
    path, own = captures / name, _own_fields(ws)
    options = _options([path], tmp_path)
    allowed = _allowed(ws, _summary(ws, path, options, _markers(ws)))
    assert _differences(ws, path, options, own, allowed)[0] == []
    assert _differences(altered, path, options, own, allowed)[0]


def test_a_changed_dissection_is_noticed(ws, tmp_path):
    """A preference stands for a plugin that changes what is shown."""
    from gapfill_craft import ethernet, ipv4, udp, write_pcap
    capture = write_pcap(tmp_path / "udp.pcap", [ethernet(ipv4(udp(b"x", dport=40001)))])
    own, altered = _own_fields(ws), Altered(ws.series)
    altered.more = ("-o", "ip.decode_tos_as_diffserv:FALSE")
    wrong, packets = _differences(altered, capture, [], own, Allowed())
    assert packets == 1 and len(wrong) == 1 and "ip." in wrong[0]
    assert _differences(ws, capture, [], own, Allowed()) == ([], 1)
    with ws.without_plugins().sharkd() as stock, ws.sharkd() as same, ws.sharkd({"ip.decode_tos_as_diffserv": "FALSE"}) as changed:
        for sharkd in (stock, same, changed):
            sharkd.load(capture)
        assert _harm_in_sharkd(stock, same, Allowed(), own, 1) == []
        wrong = _harm_in_sharkd(stock, changed, Allowed(), own, 1)
        assert len(wrong) == 1 and "ip." in wrong[0]

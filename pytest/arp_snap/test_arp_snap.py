# SPDX-License-Identifier: GPL-2.0-or-later
"""plugins/arp-snap: ARP and RARP in LLC frames, their encapsulation, pairs and senders."""

import random
import re
import struct
import subprocess

import pytest

from harness.craft import LINKTYPE_SLL, ethernet, ipv4, raw, udp, write_pcap
from harness.properties import (assert_files_do_not_leak, assert_independent_of_others, assert_passes_agree,
                                assert_survives, frames_of, truncations)

CRAFTED = "arp-snap/arp-snap.pcap"
LINKTYPE_SLL2 = 276
LINKTYPE_80211 = 105
LINKTYPE_FDDI = 10
HEADER = ["arp_snap.encapsulation", "arp_snap.oui", "arp_snap.pid", "arp_snap.heuristic"]
LINKS = ["arp_snap.response_to", "arp_snap.time", "arp_snap.ethernet_frame"]
EXPERT = ["arp_snap.mixed_encapsulation", "arp_snap.hw_type", "arp_snap.length_mismatch"]
ANY = "arp_snap || arp_snap.response_in || arp_snap.response_to"


def mac(host):
    return bytes([2, 0, 0, 0, 0, host])


def message(op, sender, target, hardware=6, protocol=0x0800, hardware_length=6, protocol_length=4, known=True):
    return struct.pack(">HHBBH", hardware, protocol, hardware_length, protocol_length, op) \
        + mac(sender) + bytes([192, 0, 2, sender]) + (mac(target) if known else bytes(6)) + bytes([192, 0, 2, target])


def request(sender, target, **kwargs):
    return message(1, sender, target, known=False, **kwargs)


def reply(sender, target, **kwargs):
    return message(2, sender, target, **kwargs)


def snap(body, oui=0, pid=0x0806, control=b"\x03"):
    return b"\xaa\xaa" + control + oui.to_bytes(3, "big") + struct.pack(">H", pid) + body


def sap(body):
    return b"\x98\x98\x03" + body


def frame(payload, sender=1, length=None, tags=b""):
    data = b"\xff" * 6 + mac(sender) + tags + struct.pack(">H", len(payload) if length is None else length) + payload
    return data + bytes(max(0, 60 - len(data)))


def ethernet2(body, sender=1, tags=b""):
    data = b"\xff" * 6 + mac(sender) + tags + b"\x08\x06" + body
    return data + bytes(max(0, 60 - len(data)))


def column(ws, capture, name, display_filter=None, **options):
    return [row[0] for row in ws.rows(capture, [name], display_filter, **options)]


def numbers(rows):
    """Booleans are 1 and 0 on 4.0, True and False later."""
    return [tuple({"True": "1", "False": "0"}.get(value, value) for value in row) for row in rows]


def pairs(ws, capture, **options):
    """[(request, reply)], as both sides say; a request names its first reply only."""
    rows = ws.rows(capture, ["frame.number", "arp_snap.response_in", "arp_snap.response_to"], two_pass=True, **options)
    forward = {int(row[0]): int(row[1]) for row in rows if row[1]}
    back = {int(row[0]): int(row[2]) for row in rows if row[2]}
    assert all(back[second] == first for first, second in forward.items())
    assert set(back.values()) == set(forward)
    return sorted((first, second) for second, first in back.items())


# All encapsulations


def test_types(ws):
    fields = ws.fields()
    assert {name: kind for name, kind in fields.items() if name.split(".")[0] == "arp_snap"} == {
        "arp_snap": "FT_PROTOCOL", "arp_snap.encapsulation": "FT_UINT8", "arp_snap.oui": "FT_UINT24",
        "arp_snap.pid": "FT_UINT16", "arp_snap.heuristic": "FT_BOOLEAN", "arp_snap.response_in": "FT_FRAMENUM",
        "arp_snap.response_to": "FT_FRAMENUM", "arp_snap.time": "FT_RELATIVE_TIME", "arp_snap.ethernet_frame": "FT_FRAMENUM",
        "arp_snap.mixed_encapsulation": "FT_NONE", "arp_snap.hw_type": "FT_NONE", "arp_snap.length_mismatch": "FT_NONE"}


def test_encapsulations(ws, captures):
    rows = numbers(ws.rows(captures / CRAFTED, ["frame.number", *HEADER], "arp_snap"))
    rfc1042, ieee, cisco = ("1", "0", "0x0806", "0"), ("2", "248", "0x0806", "0"), ("3", "12", "0x0806", "1")
    rarp, alone = ("1", "0", "0x8035", "0"), ("4", "", "", "0")
    expected = [rfc1042] * 2 + [ieee] * 2 + [cisco, ("3", "57387", "0x0806", "1"), ("3", "41161", "0x0806", "1"),
                                             ("3", "32979", "0x0806", "1")] + [alone] * 2 + [rarp] * 2 + [rfc1042] * 3
    expected += [("3", "32980", "0x0806", "1"), rfc1042] + [rfc1042] * 5
    frames = [*range(1, 18), *range(20, 25)]
    assert rows == [(str(number), *row) for number, row in zip(frames, expected)]


def test_columns(ws, captures):
    """Protocol says how it came; Info stays as it was where Wireshark dissects the message."""
    capture = captures / CRAFTED
    shown, stock = ws.columns(capture), ws.without_plugins().columns(capture)
    expected = ["ARP-SNAP"] * 10 + ["RARP-SNAP"] * 2 + ["ARP-SNAP"] * 5 + ["ARP"] * 2 + ["ARP-SNAP"] * 5 + ["LLC"] * 2
    assert [row[0] for row in shown] == expected
    unknown_to_stock = {5, 6, 7, 8, 9, 10, 16}
    for number, (own, native) in enumerate(zip(shown, stock), 1):
        if number not in unknown_to_stock:
            assert own[1] == native[1], f"frame {number}"
    assert shown[4][1] == "Who has 192.0.2.6? Tell 192.0.2.5"
    assert shown[9][1] == "192.0.2.10 is at 02:00:00:00:00:0a"


def test_native_layers_stay(ws, captures):
    capture = captures / CRAFTED
    assert ws.count(capture, "arp_snap && !arp") == ws.count(capture, "arp_snap && !llc") == 0
    protocols = column(ws, capture, "frame.protocols")
    assert protocols[0] == protocols[4] == protocols[8] == "eth:llc:arp"
    assert protocols[15] == "eth:ethertype:vlan:llc:arp" and protocols[24] == protocols[25] == "eth:llc:data"
    fields = ["arp.opcode", "arp.hw.type", "arp.src.hw_mac", "arp.src.proto_ipv4", "arp.dst.hw_mac", "arp.dst.proto_ipv4",
              "eth.padding", "llc.oui", "llc.dsap"]
    native = "frame.number in {1,2,3,4,11,12,13,14,15,17,18,19,20,21,22,23}"
    assert ws.rows(capture, fields, native) == ws.without_plugins().rows(capture, fields, native)
    assert ws.rows(capture, ["arp.opcode", "arp.src.proto_ipv4", "llc.pid"], "frame.number == 7") == [("1", "192.0.2.7", "0x0806")]


def test_protocol_hierarchy(ws, captures):
    """No root item of its own."""
    assert "arp_snap" not in ws.statistics(captures / CRAFTED, "io,phs")


def test_pairs(ws, captures):
    capture = captures / CRAFTED
    assert pairs(ws, capture) == [(n, n + 1) for n in (1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 22)]
    assert set(column(ws, capture, "arp_snap.time", "arp_snap.time")) == {"0.010000000"}


def test_expert_items(ws, captures):
    capture = captures / CRAFTED
    found = {name: ws.frames(capture, name, two_pass=True) for name in EXPERT}
    assert found == {EXPERT[0]: [17, 20, 21], EXPERT[1]: [22], EXPERT[2]: [23, 24]}
    assert ws.frames(capture, EXPERT[0]) == [20, 21]      # 17 cannot know its reply yet
    severity = {"mixed_encapsulation": 4194304, "hw_type": 2097152, "length_mismatch": 6291456}
    for name, frames in found.items():
        rows = ws.rows(capture, ["_ws.expert.severity", "_ws.expert.message"], f"frame.number == {frames[-1]}", two_pass=True)
        assert str(severity[name.split(".")[1]]) in rows[0][0].split(",")
    assert ws.rows(capture, ["arp_snap.ethernet_frame"], "frame.number == 21") == [("18",)]


def test_zeek(ws, shared):
    """A real exchange, captured on two interfaces."""
    capture = shared / "arp/zeek__zeek__snap-arp.pcapng"
    assert numbers(ws.rows(capture, HEADER)) == [("1", "0", "0x0806", "0")] * 4
    assert ws.columns(capture)[2] == ("ARP-SNAP", "10.0.0.2 is at c2:3c:19:6c:00:01")
    assert pairs(ws, capture) == [(1, 3), (2, 4)]
    assert column(ws, capture, "arp_snap.time") == ["", "", "0.031000000", "0.031000000"]
    assert ws.count(capture, " || ".join(EXPERT), two_pass=True) == 0


# Where nothing may be claimed


@pytest.mark.compared
@pytest.mark.one_series
def test_no_false_positives(ws, shared, tmp_path):
    """802.11, FDDI, Token Ring, ATM, ARCNET, Ethernet II, storms: of all these captures, three are of SNAP on Ethernet."""
    joined = tmp_path / "joined.pcapng"
    names = [path for folder in ("arp", "general") for path in sorted((shared / folder).iterdir())
             if "zeek__snap-arp" not in path.name]
    subprocess.run(["mergecap", "-a", "-w", joined, *names], check=True, capture_output=True)
    assert ws.count(joined, ANY) == 0


def test_only_the_shape_of_arp(ws, tmp_path):
    """Under OUIs and SAPs where Wireshark does not expect ARP, one wrong number is enough to leave it as data."""
    good = {"plain": {}, "Ethernet": {"hardware": 1}}
    bad = {"hardware": {"hardware": 9}, "hardware 0": {"hardware": 0}, "protocol": {"protocol": 0x86dd}, "protocol 0": {"protocol": 0},
           "hardware length": {"hardware_length": 5}, "protocol length": {"protocol_length": 6}}
    bodies = [request(1, 2, **changes) for changes in (*good.values(), *bad.values())]
    bodies += [message(op, 1, 2) for op in (0, 3, 4, 10, 25, 257, 65535)] + [request(1, 2)[:27], request(1, 2) + bytes(60)]
    frames = [frame(snap(body, oui)) for oui in (0x00000c, 0x00a0c9) for body in bodies] + [
        frame(sap(body)) for body in [*bodies[:8], message(0, 1, 2), message(10, 1, 2), request(1, 2)[:27]]]
    frames += [frame(snap(message(1, 1, 2), 0x00a0c9, 0x8035)), frame(snap(message(3, 1, 2), 0x00a0c9, 0x8035))]
    frames += [frame(snap(request(1, 2), 0x00a0c9, control=b"\xe3")), frame(b"\xaa\x98\x03" + request(1, 2))]
    capture = write_pcap(tmp_path / "shape.pcap", frames)
    per_oui = len(bodies)
    assert ws.frames(capture, "arp_snap") == ws.frames(capture, "arp") == [
        1, 2, per_oui + 1, per_oui + 2, 2 * per_oui + 1, 2 * per_oui + 2, len(frames) - 2]
    assert set(column(ws, capture, "_ws.col.Protocol" if ws.version < (4, 4) else "_ws.col.protocol", "!arp")) == {"LLC"}


def test_other_pids_of_a_met_oui_stay_data(ws, tmp_path):
    frames = [frame(snap(b"before" * 5, 0x00a0c9, 1)), frame(snap(request(1, 2), 0x00a0c9)), frame(snap(b"after" * 6, 0x00a0c9, 1)),
              frame(snap(bytes(28), 0x00a0c9))]
    capture = write_pcap(tmp_path / "oui.pcap", frames)
    stock = ws.without_plugins()
    for number in (1, 3, 4):
        shown, native = (some.tshark(capture, "-V", "-Y", f"frame.number == {number}") for some in (ws, stock))
        assert shown == native


def test_tables_of_ouis(ws):
    """Each OUI that Wireshark has a table for is left alone: a new table here means a new OUI for known_ouis."""
    tables = {line.split("\t")[0] for line in ws.without_plugins().run("tshark", "-G", "dissector-tables").splitlines()}
    names = "apple_atalk apple_awdl bluetooth cimetrics cisco extreme force10 foundry hpteam iana nortel wfa wlccp"
    assert {table for table in tables if "llc" in table and table.endswith("pid")} == {
        *(f"llc.{name}_pid" for name in names.split()), "locamation-im.llc.pid"}


def test_ouis_with_tables(ws, tmp_path):
    """ARP under OUIs whose protocol IDs Wireshark knows, this one not among them."""
    frames = [frame(snap(request(1, 2), oui)) for oui in (0x080007, 0x0040d6, 0x00005e, 0x00e02b, 0x00805f, 0x0020f6, 0x0080c2)]
    capture = write_pcap(tmp_path / "tables.pcap", frames)
    assert ws.frames(capture, "arp_snap.heuristic == 1") == [1, 2, 3, 4, 5]
    assert ws.frames(capture, "arp") == [1, 2, 3, 4, 5]


def test_tunnels(ws, tmp_path):
    """Ethernet frames in GRE, with the same OUI in an earlier frame and without."""
    met, inside = frame(snap(request(1, 2), 0x3a3a3a)), frame(snap(request(3, 4), 0x3a3a3a))
    tunnel = ethernet(ipv4(raw(47, b"\0\0\x65\x58" + inside)))
    both = write_pcap(tmp_path / "both.pcap", [tunnel, met, tunnel])
    alone = write_pcap(tmp_path / "alone.pcap", [tunnel])
    for two_pass in (False, True):
        assert ws.frames(both, "arp_snap", two_pass) == [1, 2, 3]
        assert [row[0] for row in ws.columns(both, two_pass)] == ["ARP-SNAP"] * 3
    assert_files_do_not_leak(ws, both, alone, ["frame.protocols", *HEADER])


def test_frames_before_do_not_matter(ws, tmp_path):
    """An OUI that was met once in Ethernet does not change frames of another medium, which nobody looks into."""
    met = write_pcap(tmp_path / "met.pcap", [frame(snap(request(1, 2), 0x3b3b3b))])
    fddi = write_pcap(tmp_path / "fddi.pcap", [b"\x50" + bytes(range(2, 14)) + snap(request(3, 4), 0x3b3b3b)], linktype=LINKTYPE_FDDI)
    assert ws.frames(met, "arp_snap") == [1]
    assert ws.columns(fddi)[0][0] == "LLC"
    assert_files_do_not_leak(ws, met, fddi, ["frame.protocols", *HEADER])
    assert_files_do_not_leak(ws, fddi, met, ["frame.protocols", *HEADER])


@pytest.mark.parametrize("off", ["tte_eth", "tte_eth fp_eth", "tte_eth fp_eth f5fileinfo"])
def test_heuristics_that_are_switched_off(ws, tmp_path, off):
    """Looking for unknown OUIs needs none of Ethernet's own heuristics."""
    capture = write_pcap(tmp_path / "oui.pcap", [frame(snap(request(1, 2), 0x3c3c3c)), frame(snap(request(1, 2), 0))])
    options = [part for name in off.split() for part in ("--disable-heuristic", name)]
    assert ws.frames(capture, "arp_snap", options=options) == [1, 2]


def test_damaged_frames_as_without_the_plugin(ws, tmp_path):
    """Bytes by chance under unknown OUIs: what is no ARP message is shown as ever, and nothing breaks."""
    rng = random.Random(1042)
    frames = []
    for number in range(1500):
        data = bytearray(frame(snap(message(rng.randrange(1, 10), 1, 2), rng.choice((0, 0xf8, 0x0c, 0x4b4b4b, 0x5c5c5c)),
                                    rng.choice((0x0806, 0x8035))), tags=rng.choice((b"", bytes.fromhex("8100000a")))))
        for _ in range(rng.randrange(4)):
            data[rng.randrange(12, 46)] = rng.choice((0, 1, 6, 8, 0xaa, 0xff, rng.randrange(256)))
        frames.append((number / 1000, bytes(data[:rng.choice((60, 60, rng.randrange(14, 60)))]), 60))
    capture = write_pcap(tmp_path / "damaged.pcap", frames)
    assert_survives(ws, capture)
    others = ["-Y", "!arp", "-T", "pdml"]
    shown, native = ws.tshark(capture, *others), ws.without_plugins().tshark(capture, *others)
    ours = set(ws.frames(capture, "arp"))
    stock = {number: packet for number, packet in by_number(native).items() if number not in ours}
    assert by_number(shown) == stock and len(stock) > 100 and ws.count(capture, "arp_snap.encapsulation == 3") > 100


def by_number(pdml):
    """{frame: its PDML}, but for the time since the frame shown before, which need not be the same one."""
    pdml = re.sub(r".*frame\.time_delta_displayed.*\n", "", pdml)
    packets = re.findall(r"<packet>.*?</packet>", pdml, re.DOTALL)
    return {int(re.search(r'name="frame.number".*?show="(\d+)"', packet)[1]): packet for packet in packets}


def test_many_ouis(ws, tmp_path):
    """256 unknown OUIs in one process; what comes after them is left as data."""
    frames = [frame(snap(request(1, 2), 0xaa0000 + number)) for number in range(300)]
    capture = write_pcap(tmp_path / "ouis.pcap", frames)
    assert ws.frames(capture, "arp_snap") == list(range(1, 257))
    assert ws.count(capture, "data") == 44


def test_switches(ws, captures):
    capture = captures / CRAFTED
    assert ws.frames(capture, "arp_snap.heuristic == 1", prefs={"arp_snap.find_unknown_ouis": "FALSE"}) == [5, 6]
    without = ["--disable-protocol", "arp_snap"]
    assert ws.count(capture, ANY, options=without) == 0
    assert ws.columns(capture, options=without) == ws.without_plugins().columns(capture)
    assert ws.count(capture, "arp || arp_snap", options=["--disable-protocol", "arp"]) == 0


def test_columns_switched_off(ws, captures):
    """They are as without the plugin, also where Wireshark does not dissect the message; its fields and ours are there all the same."""
    capture, off = captures / CRAFTED, {"arp_snap.columns": "FALSE"}
    assert ws.columns(capture, prefs=off) == ws.without_plugins().columns(capture)
    assert ws.rows(capture, ["frame.number", *HEADER, "arp.opcode"], "arp", prefs=off) == ws.rows(capture, ["frame.number", *HEADER, "arp.opcode"], "arp")
    assert ws.frames(capture, "arp_snap.heuristic == 1 && arp.opcode", prefs=off)


# Media


def cooked(payload, hardware=1):
    return struct.pack(">HHH8sH", 0, hardware, 6, mac(1) + b"\0\0", 4) + payload


def cooked2(payload, hardware=1):
    return struct.pack(">HHIHBB8s", 4, 0, 1, hardware, 0, 6, mac(1) + b"\0\0") + payload


def wireless(payload):
    return b"\x08\x00\x00\x00" + b"\xff" * 6 + mac(1) + mac(3) + b"\0\0" + payload


def test_media(ws, tmp_path):
    """Linux's cooked captures tell the medium. On 802.11 SNAP is the rule, and a preference asks for the mark."""
    payload = snap(request(1, 2))
    for name, linktype, make in (("sll", LINKTYPE_SLL, cooked), ("sll2", LINKTYPE_SLL2, cooked2)):
        capture = write_pcap(tmp_path / f"{name}.pcap", [make(payload), make(payload, 801), make(payload, 774),
                                                           make(snap(request(1, 2), 0x00a0c9))], linktype)
        assert ws.frames(capture, "arp") == [1, 2, 3, 4]
        assert ws.frames(capture, "arp_snap") == [1, 4]
        assert ws.count(capture, "arp_snap.length_mismatch") == 0
    capture = write_pcap(tmp_path / "wlan.pcap", [wireless(payload), wireless(snap(request(1, 2), 0x00000c))], LINKTYPE_80211)
    assert ws.frames(capture, ANY) == [] and ws.frames(capture, "arp") == [1]
    assert ws.columns(capture)[0][0] == "ARP"
    everywhere = {"arp_snap.mark_all_media": "TRUE"}
    assert ws.frames(capture, "arp_snap", prefs=everywhere) == [1, 2]
    assert [row[0] for row in ws.columns(capture, prefs=everywhere)] == ["ARP-SNAP"] * 2


def test_media_of_their_own(ws, tmp_path):
    """FDDI, Token Ring and ATM (RFC 2684), where nothing is marked unless asked for. RFC 1042 is not about FDDI and ATM."""
    atm = message(1, 1, 2, hardware=19)
    payloads = [snap(request(1, 2, hardware=1)), snap(reply(2, 1)), snap(request(3, 4), 0xf8), snap(request(5, 6), 0x0c),
                sap(request(7, 8)), snap(atm)]
    media = {"fddi": (10, b"\x50" + b"\xff" * 6 + mac(1), []), "tr": (6, b"\x10\x40" + b"\xff" * 6 + mac(1), [1, 6]), "llc": (11, b"", [])}
    for name, (linktype, header, hardware) in media.items():
        capture = write_pcap(tmp_path / f"{name}.pcap", [header + payload for payload in payloads], linktype)
        assert ws.frames(capture, ANY) == [] and ws.frames(capture, "arp") == [1, 2, 3, 6]
        assert ws.columns(capture) == ws.without_plugins().columns(capture)
        everywhere = {"arp_snap.mark_all_media": "TRUE"}
        rows = numbers(ws.rows(capture, HEADER, "arp_snap", prefs=everywhere))
        assert [row[0] for row in rows] == ["1", "1", "2", "3", "4", "1"] and [row[3] for row in rows] == list("000100")
        assert pairs(ws, capture, prefs=everywhere) == [(1, 2)]
        assert ws.frames(capture, "arp_snap.hw_type", prefs=everywhere) == hardware
        assert ws.count(capture, "arp_snap.length_mismatch", prefs=everywhere) == 0


def test_media_in_the_wild(ws, shared):
    everywhere = {"arp_snap.mark_all_media": "TRUE"}
    capture = shared / "arp/zeek__zeek__arp-who-has-radiotap.pcap"
    assert ws.count(capture, "arp") == 2 and ws.count(capture, ANY) == 0
    assert ws.count(capture, "arp_snap", prefs=everywhere) == 2


def test_tags(ws, tmp_path):
    """In front of LLC, one and two; inside SNAP; a tag keeps networks apart."""
    one, other = bytes.fromhex("8100000a"), bytes.fromhex("8100000b")
    frames = [frame(snap(request(1, 2)), tags=one), frame(snap(reply(2, 1)), 2, tags=other), frame(snap(reply(2, 1)), 2, tags=one),
              frame(snap(request(3, 4), 0x0080d3), tags=bytes.fromhex("88a80014") + one), frame(sap(request(5, 6)), tags=one),
              frame(snap(b"\0\x0a\x08\x06" + request(7, 8), pid=0x8100))]
    capture = write_pcap(tmp_path / "tags.pcap", frames)
    assert numbers(ws.rows(capture, HEADER, "arp_snap")) == [
        ("1", "0", "0x0806", "0")] * 3 + [("3", "32979", "0x0806", "1"), ("4", "", "", "0"), ("1", "0", "0x8100", "0")]
    assert pairs(ws, capture) == [(1, 3)]
    assert ws.count(capture, "arp_snap.length_mismatch") == 0


def test_bridged(ws, tmp_path):
    """An Ethernet frame in SNAP (OUI 00:80:C2) counts for what is in it."""
    inside = [frame(snap(request(1, 2))), ethernet2(request(3, 4))]
    frames = [frame(snap(b"\0\0" + whole, 0x0080c2, 7)) for whole in inside]
    capture = write_pcap(tmp_path / "bridged.pcap", frames)
    assert ws.frames(capture, "arp") == [1, 2]
    assert numbers(ws.rows(capture, HEADER, "arp_snap")) == [("1", "0", "0x0806", "0")]


# Lengths and hardware types


def test_lengths(ws, tmp_path):
    body = request(1, 2)
    lengths = [36, 35, 37, 46, 1500, 8, 36]
    frames = [frame(snap(body), length=length) for length in lengths[:-1]] + [
        frame(snap(body, control=b"\0\0"))[:60], frame(snap(body, 0xf8), length=40), frame(sap(body)), frame(sap(body), length=46)]
    capture = write_pcap(tmp_path / "length.pcap", frames)
    assert ws.frames(capture, "arp_snap.length_mismatch") == [2, 3, 4, 5, 8, 10]
    assert ws.frames(capture, "arp_snap") == [1, 2, 3, 4, 5, 7, 8, 9, 10]


def test_hardware_types(ws, tmp_path):
    frames = [frame(snap(request(1, 2, hardware=hardware), oui)) for oui in (0, 0xf8, 0x0c, 0x0080d3) for hardware in (6, 1)]
    frames += [frame(sap(request(1, 2, hardware=1))), ethernet2(request(1, 2, hardware=1))]
    capture = write_pcap(tmp_path / "hardware.pcap", frames)
    assert ws.frames(capture, "arp_snap.hw_type") == [2]


# Pairs and senders


def test_inverse_arp(ws, tmp_path):
    """RFC 2390: what is asked for is a protocol address; the question carries the hardware address."""
    asked, answer = message(8, 1, 2)[:24] + bytes(4), message(9, 2, 1)
    frames = [frame(snap(asked)), frame(snap(message(9, 3, 1)), 3), frame(snap(answer), 2), frame(snap(message(8, 4, 5)[:24] + bytes(4), 0x3a3a3a)),
              ethernet2(message(9, 5, 4), 5)]
    capture = write_pcap(tmp_path / "inarp.pcap", frames)
    assert pairs(ws, capture) == [(1, 3), (4, 5)]
    assert {row[0] for row in ws.columns(capture)[:4]} == {"ARP-SNAP"}


def test_what_is_no_pair(ws, tmp_path):
    frames = [
        frame(snap(reply(2, 1))),                                       # 1: before the request
        frame(snap(request(1, 2))), frame(snap(request(1, 2))),         # 2, 3
        frame(snap(reply(2, 1))), frame(snap(reply(2, 1))), frame(snap(reply(2, 1))),   # 4-6: answers 3, then 2, then none
        frame(snap(message(1, 3, 3, known=False))), frame(snap(message(2, 3, 3))),      # 7, 8: announcements
        frame(snap(request(4, 5))), frame(snap(reply(6, 4))),           # 9, 10: someone else
        ethernet2(request(7, 8)), ethernet2(reply(8, 7)),               # 11, 12: both Ethernet II: none of ours
        (1.0, frame(snap(request(9, 10)))), (62.0, frame(snap(reply(10, 9)))),          # 13, 14: too late
    ]
    capture = write_pcap(tmp_path / "pairs.pcap", frames)
    assert pairs(ws, capture) == [(2, 5), (3, 4)]


def test_probe_and_two_owners(ws, tmp_path):
    """A probe has no address of its own yet; a second host answers as well."""
    probe = request(1, 2)[:14] + bytes(4) + request(1, 2)[18:]
    answer = reply(2, 1)[:24] + bytes(4)
    other = answer[:8] + mac(99) + answer[14:]
    capture = write_pcap(tmp_path / "probe.pcap", [frame(snap(probe)), frame(snap(answer)), frame(snap(other))])
    assert pairs(ws, capture) == [(1, 2), (1, 3)]
    assert ws.rows(capture, ["arp_snap.response_in"], "frame.number == 1", two_pass=True) == [("2",)]


def test_native_duplicate_detection_stays(ws, tmp_path):
    taken = request(2, 3)[:8] + mac(9) + request(2, 3)[14:]
    frames = [frame(snap(request(2, 3, hardware=1))), frame(snap(b"\0\1" + taken[2:]))]
    capture = write_pcap(tmp_path / "twice.pcap", frames)
    assert ws.frames(capture, "arp.duplicate-address-detected") == [2]
    assert ws.columns(capture)[1][1].endswith("(duplicate use of 192.0.2.2 detected!)")


def test_senders(ws, tmp_path):
    """The last Ethernet II frame of the same sender, before this one, gratuitous or not."""
    frames = [frame(snap(request(1, 9))), ethernet2(message(2, 1, 1, hardware=1)), frame(snap(request(1, 9))),
              frame(snap(request(2, 9))), ethernet2(request(1, 8)), frame(sap(reply(1, 7)))]
    capture = write_pcap(tmp_path / "senders.pcap", frames)
    assert column(ws, capture, "arp_snap.ethernet_frame") == ["", "", "2", "", "", "5"]
    assert ws.frames(capture, "arp_snap.mixed_encapsulation") == [3, 6]


def test_other_operations_tell_nothing_of_senders(ws, tmp_path):
    """IANA's list goes on behind InARP, with what is not about addresses of Ethernet: 9 is the last that counts."""
    frames = [frame(snap(request(7, 8)))]
    for sender, operation in enumerate((0, 9, 10, 25), 1):
        frames += [ethernet2(message(operation, sender, 6, hardware=1)), frame(snap(request(sender, 6)))]
    capture = write_pcap(tmp_path / "operations.pcap", frames)
    assert column(ws, capture, "arp_snap.ethernet_frame", "arp_snap")[1:] == ["", "4", "", ""]


def test_storm(ws, tmp_path):
    """One question without end keeps pairing with its latest repetition."""
    frames = [frame(snap(request(1, 2)))] * 2000 + [frame(snap(reply(2, 1)))]
    capture = write_pcap(tmp_path / "storm.pcap", frames, step=0.0001)
    assert pairs(ws, capture) == [(2000, 2001)]


@pytest.mark.one_series
def test_questions_are_bounded(ws, tmp_path):
    """65536 different ones are remembered (arp-exchange.h), the next one is not."""
    def ask(number, op, sender, target):
        body = struct.pack(">HHBBH", 1, 0x0800, 6, 4, op) + mac(sender[0]) + sender + (mac(target[0]) if op == 2 else bytes(6)) + target
        return frame(snap(body), sender=number % 2 + 1)
    def address(number):
        return struct.pack(">I", 0x01000000 | number)
    asked = bytes([2, 0, 0, 1])
    count = 65536
    frames = [ask(1, 1, address(number), asked) for number in range(count + 1)]
    frames += [ask(2, 2, asked, address(number)) for number in (0, count - 1, count)]
    assert pairs(ws, write_pcap(tmp_path / "many.pcap", frames, step=0.0001), display_filter="frame.number > 65530 || frame.number == 1") == [
        (1, count + 2), (count, count + 3)]


@pytest.mark.one_series
def test_senders_are_bounded(ws, tmp_path):
    """65536 in Ethernet II are remembered, each by its latest frame also when there is no room for others."""
    def asks(number):
        return struct.pack(">HHBBHHI4s", 1, 0x0800, 6, 4, 1, 0x0200, number, bytes([192, 0, 2, 1])) + bytes(6) + bytes([192, 0, 2, 2])
    count = 65536
    frames = [frame(snap(asks(count + 9))), *[ethernet2(asks(number)) for number in [*range(count + 1), 0]]]
    capture = write_pcap(tmp_path / "many.pcap", frames + [frame(snap(asks(number))) for number in (0, 1, count)], step=0.0001)
    assert column(ws, capture, "arp_snap.ethernet_frame", f"frame.number > {len(frames)}") == [str(len(frames)), "3", ""]


@pytest.mark.measured
@pytest.mark.one_series
def test_what_is_found_out_is_bounded(ws, tmp_path):
    """Of 262144 frames: what comes later has no links, and takes no memory for them."""
    count = 262144
    frames = [ethernet2(request(1, 2))] + [frame(snap(request(1, 2)))] * (count + 1) + [frame(snap(reply(2, 1)))]
    capture = write_pcap(tmp_path / "links.pcap", frames, step=0.0001)
    assert column(ws, capture, "arp_snap.ethernet_frame", f"frame.number >= {count}") == ["1", "1", "", ""]
    assert column(ws, capture, "arp_snap.response_to", f"frame.number > {count}") == [""] * 3


@pytest.mark.one_series
@pytest.mark.parametrize("between, hardware", [(0, 6), (3, 6), (66000, 6), (66000, 1)])
def test_ethernet_before_the_first_in_llc(ws, tmp_path, between, hardware):
    """What came in Ethernet II before anything in LLC counts all the same, also where one cannot be noted down, and more than is."""
    asked = ethernet2(request(1, 2, hardware=1))
    other = [ethernet2(request(3, 4, hardware=1)), ethernet2(request(5, 6, hardware=hardware)), ethernet2(reply(4, 3, hardware=1))]
    frames = [asked, *[other[number % 3] for number in range(between)], frame(snap(reply(2, 1, hardware=1))),
              frame(snap(request(3, 9)))]
    capture = write_pcap(tmp_path / "late.pcap", frames, step=0.0001)
    assert pairs(ws, capture) == [(1, between + 2)]
    assert column(ws, capture, "arp_snap.ethernet_frame", "arp_snap")[1:] == [str(between - 1) if between else ""]


# Properties


def test_passes_agree(ws, captures):
    rows = assert_passes_agree(ws, captures / CRAFTED, [*HEADER, *LINKS, *EXPERT[1:]], ANY.replace("arp_snap.response_in", "arp"),
                               ["arp_snap.response_in", EXPERT[0]])
    assert len(rows) == 24


@pytest.mark.one_series
def test_truncations(ws, captures, tmp_path):
    assert_survives(ws, truncations(tmp_path / "cut.pcap", frames_of(captures / CRAFTED)))


@pytest.mark.one_series
def test_files_do_not_leak(ws, captures, tmp_path):
    """An OUI that was met in one file is known in the next one, but no frame is."""
    second = write_pcap(tmp_path / "second.pcap", [frame(snap(reply(2, 1))), frame(snap(request(18, 17))),
                                                   frame(snap(request(7, 8), 0x00a0c9)), ethernet(ipv4(udp(b"x")))])
    assert_files_do_not_leak(ws, captures / CRAFTED, second, [*HEADER, *LINKS, "arp_snap.response_in"], "arp")


@pytest.mark.one_series
def test_alone_and_with_others(ws, captures):
    assert_independent_of_others(ws, "arp-snap", captures / CRAFTED, [*HEADER, *LINKS], "arp_snap")

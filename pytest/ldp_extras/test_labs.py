# SPDX-License-Identifier: GPL-2.0-or-later
"""ldp-extras: labels of LDP, BGP and segment routing in one network, each judged against the routers' own tables."""

import struct
from collections import Counter

import pytest

from harness.craft import write_pcap
from harness.tshark import TOP

LAB = TOP / "test-captures" / "mpls-foreign"
IP, LDP, BGP, OSPF = b"\x08\x00", 646, 179, 89


def truth():
    """{IP identification: [(label, table, FEC) from the outermost label on]}"""
    lines = (line.split("\t") for line in (LAB / "truth.tsv").read_text().splitlines())
    return {int(number): [(label, *meaning.split(":")) for label, meaning in (word.split("=") for word in words)]
            for number, _, *words in lines}


def frames():
    data, offset, found = (LAB / "mpls-foreign.pcap").read_bytes(), 24, []
    while offset < len(data):
        length = struct.unpack_from("<I", data, offset + 8)[0]
        found.append(data[offset + 16:offset + 16 + length])
        offset += 16 + length
    return found


def protocol(frame):
    if frame[12:14] == b"\x88\x47":
        return "mpls"
    if frame[12:14] != IP:
        return "isis" if frame[14:17] == b"\xfe\xfe\x03" else "other"
    ports = struct.unpack_from("!HH", frame, 14 + (frame[14] & 15) * 4)
    return "ospf" if frame[23] == OSPF else "bgp" if BGP in ports else "ldp" if LDP in ports else "other"


def judge(ws, path, two_pass):
    """How many labels are right, silent and wrong, by the table that each is from."""
    counts, labs = Counter(), truth()
    fields = ["ip.id", "mpls.label", "ldp_binding.label", "ldp_binding.fec", "ldp_binding.stale", "ldp_binding.unknown_label"]
    for number, stack, labels, fecs, stale, unknown in ws.rows(path, fields, "mpls", two_pass=two_pass):
        meant = labs[int(number, 16)]
        assert stack.split(",") == [label for label, _, _ in meant]
        claims = list(zip(labels.split(","), fecs.split(","))) if labels else []
        for label, table, fec in meant:
            claim = claims.pop(0)[1] if claims and claims[0][0] == label else None
            right = claim == fec and table not in ("vpn", "lu")
            counts[table, "silent" if claim is None else "right" if right else "wrong"] += 1
        counts["warned"] += bool(stale or unknown)
        assert not claims
    return {key: number for key, number in counts.items() if number}


LABELS = {"ldp": 24, "ospf-sr": 16, "isis-sr": 16, "vpn": 32, "lu": 8}

# What is left of the capture, and what is then known: where packets of a label go tells where it leads.
WITHOUT = {
    "all there": (set(), {"ldp", "ospf-sr", "isis-sr"}),
    "nobody tells of other labels": ({"bgp", "ospf", "isis"}, {"ldp", "ospf-sr", "isis-sr"}),
    "LDP was not captured": ({"ldp"}, set()),
}


@pytest.mark.parametrize("case", WITHOUT)
def test_labels_of_others_are_never_taken_for_those_of_ldp(ws, tmp_path, case):
    left_out, known = WITHOUT[case]
    path = write_pcap(tmp_path / "lab.pcap", [frame for frame in frames() if protocol(frame) not in left_out])
    expected = {(table, "right" if table in known else "silent"): number for table, number in LABELS.items()}
    assert judge(ws, path, True) == expected


def test_in_one_pass_they_are_known_from_the_packet_on_that_proves_them(ws):
    counts = judge(ws, LAB / "mpls-foreign.pcap", False)
    assert counts["ldp", "right"] == LABELS["ldp"] and not [key for key in counts if "wrong" in key or key == "warned"]
    assert counts["ospf-sr", "silent"] == counts["isis-sr", "silent"] == 2 * 2


def test_labels_by_which_a_switch_forwards(ws, captures):
    """Open vSwitch brings each packet where its labels lead: to its destination, or to the other customer's router."""
    counts, to_r3 = Counter(), {"02:00:00:00:12:02", "02:00:00:00:23:03"}
    fields = ["mpls.label", "ldp_binding.fec", "ip.dst", "eth.src", "eth.dst"]
    for labels, fecs, ip, sources, destinations in ws.rows(captures / "ldp-frr" / "ldp-frr.pcap", fields, "mpls", two_pass=True):
        right = destinations.split(",")[0] in to_r3
        customer = sources.split(",")[1:]
        assert customer in ([], ["02:00:00:00:0c:01" if right else "62:00:00:00:0c:03"])
        tunnel = [f"203.0.113.{3 if right else 1}/32"] if labels.count(",") else []
        meant = [*tunnel, "PW 100 Ethernet"] if customer else [f"{ip.split(',')[0]}/32"]
        counts["right" if fecs.split(",") == meant else "wrong" if fecs else "silent"] += len(meant)
    assert counts == {"right": 414}

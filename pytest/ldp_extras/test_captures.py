# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures of real routers: FRR's ldpd with Open vSwitch (test-captures/ldp-frr), Cisco and others (../shared)."""

import re
import subprocess
from collections import Counter

import pytest

from harness.properties import assert_independent_of_others, assert_passes_agree, assert_survives

FIELDS = ["ldp_binding.label", "ldp_binding.fec", "ldp_binding.lsr", "ldp_binding.match", "ldp_binding.stale"]
R1, R2, R3 = "203.0.113.1", "203.0.113.2", "203.0.113.3"
LEFT1, LEFT2, RIGHT2, RIGHT3 = "02:00:00:00:12:01", "02:00:00:00:12:02", "02:00:00:00:23:02", "02:00:00:00:23:03"
PW = "PW 100 Ethernet"


def library(ws, path, two_pass=False):
    lines = ws.statistics(path, "ldp_binding,table", two_pass=two_pass).splitlines()
    return [tuple(cell.strip() for cell in line.split("|"))[:7] for line in lines if line.count("|") == 7][1:]


# FRR and Open vSwitch


def frr(captures):
    return captures / "ldp-frr" / "ldp-frr.pcap"


def test_every_labelled_packet_is_explained(ws, captures):
    """Each of them has all its labels explained by the router that receives it: there is one match, and it is 1."""
    path = frr(captures)
    assert_passes_agree(ws, path, FIELDS, "mpls")
    rows = ws.rows(path, ["frame.number", "mpls.label", "eth.dst", *FIELDS], "mpls")
    assert len(rows) == 286
    assert all(row[1] == row[3] and set(row[6].split(",")) == {"1"} for row in rows)
    assert ws.count(path, "ldp_binding") == 286
    assert ws.count(path, "ldp_binding.ambiguous || ldp_binding.unknown_label") == 0
    meanings = Counter((row[2].split(",")[0], row[3], row[4], row[5]) for row in rows)
    assert meanings == {
        (LEFT2, "17,16", f"203.0.113.3/32,{PW}", f"{R2},{R3}"): 64, (RIGHT3, "16", PW, R3): 64,
        (RIGHT2, "16,16", f"203.0.113.1/32,{PW}", f"{R2},{R1}"): 64, (LEFT1, "16", PW, R1): 64,
        (LEFT2, "17", "203.0.113.3/32", R2): 4, (LEFT2, "18", "203.0.113.33/32", R2): 23, (LEFT2, "19", "203.0.113.34/32", R2): 3}


def test_withdrawal_reset_and_relabelling_with_traffic(ws, captures):
    path = frr(captures)
    both = [ws.rows(path, ["ldp_binding.fec", "_ws.expert.message"], "ldp_binding.stale", two_pass) for two_pass in (False, True)]
    own = [[(fec, re.findall("Label [^,]*", text)[0]) for fec, text in rows] for rows in both]
    assert own[0] == own[1] and Counter(own[0]) == {
        # withdrawn while pings went on; r2 and r1 reset their session; r3 and r1 ended theirs with the pseudowire
        ("203.0.113.33/32", "Label 18 is used after it was withdrawn"): 11,
        (f"203.0.113.3/32,{PW}", "Label 17 is used after the LDP session was closed"): 6,
        (f"203.0.113.3/32,{PW}", "Label 16 is used after the LDP session was closed"): 7,
        (f"203.0.113.1/32,{PW}", "Label 16 is used after the LDP session was closed"): 8,
        (PW, "Label 16 is used after the LDP session was closed"): 15}
    ended_in = Counter(frame for frame, in ws.rows(path, ["ldp_binding.withdrawn_in"], "ldp_binding.stale"))
    assert ended_in == {"423": 11, "750": 6, "1047": 30}
    assert ws.rows(path, ["ldp.msg.type"], "frame.number in {423, 750, 1047}") == [("0x0402",), ("0x0001",), ("0x0001",)]
    # the label that 203.0.113.33 had is given out again
    versions = [row for row in library(ws, path) if row[1:3] == ("18", "203.0.113.33/32") and row[0] == R2]
    assert [(row[3], row[4], row[5]) for row in versions] == [("274", "509", "9"), ("690", "1311", "3")]


def test_label_information_base(ws, captures):
    path = frr(captures)
    rows = library(ws, path)
    assert rows == library(ws, path, two_pass=True) and len(rows) == 31
    assert sum(int(row[5]) for row in rows) == sum(len(row[0].split(",")) for row in ws.rows(path, ["ldp_binding.label"], "ldp_binding"))
    # penultimate-hop popping: who is the egress hands out implicit null, and nobody sends it
    assert {row[0] for row in rows if row[1:3] == ("3 (implicit null)", f"{R3}/32")} == {R3}
    assert all(row[5] == "0" for row in rows if row[1].startswith("3 "))


def test_mac_address_like_ipv6_in_the_pseudowire(ws, captures):
    """ce3's address begins with 6: Wireshark alone takes the packets to it for IPv6."""
    path = frr(captures)
    to_ce3 = "eth.dst == 62:00:00:00:0c:03 && mpls"
    assert ws.without_plugins().count(path, to_ce3) == 0
    assert ws.count(path, to_ce3) == ws.count(path, f"{to_ce3} && (icmp || arp)") == 124
    assert ws.count(path, "mpls && ipv6.version == 6 && !eth.dst[0:2] == 33:33 && !icmpv6") == 0


def test_info(ws, captures):
    infos = [info for protocol, info in ws.columns(frr(captures)) if "\u2192 203.0.113" in info or "\u2192 PW" in info]
    assert len([info for info in infos if info.endswith(f" \u2192 203.0.113.3/32 \u2192 {PW}")]) > 50
    assert ws.count(frr(captures), "ldp_binding") == len([i for i in infos if i.split("\u2192 ")[-1].rstrip("?") in (PW, "203.0.113.3/32", "203.0.113.33/32", "203.0.113.34/32")])


@pytest.mark.one_series
def test_with_other_plugins(ws, captures):
    assert_independent_of_others(ws, "ldp-extras", frr(captures), FIELDS, "ldp_binding")


# Others' routers


def test_cisco_sessions(ws, shared):
    """What the label information base holds, of sessions without labelled packets."""
    for name, router, labels in (
            ("epiecs__packetlife-backup__LDP_adjacency.cap", "10.0.1.1", 6), ("ntop__nDPI__ldp.pcap", "10.0.1.1", 6),
            ("epiecs__packetlife-backup__mpls_address_label_mapping.pcapng.cap", "66.6.6.6", 14)):
        path = shared / "mpls" / name
        rows = library(ws, path)
        assert sum(row[0] == router for row in rows) == labels, rows
        assert all(row[5:] == ("0", "0") for row in rows) and ws.count(path, "ldp_binding") == 0
    # each Label Mapping of each capture is in the table, and nothing else
    path = shared / "mpls" / "epiecs__packetlife-backup__LDP_adjacency.cap"
    mapped = ws.rows(path, ["ldp.msg.tlv.generic.label"], "ldp.msg.type == 0x0400")
    assert sorted(int(row[1].split()[0]) for row in library(ws, path)) == sorted(int(v, 0) for m, in mapped for v in m.split(","))


# capture: labelled packets
FOREIGN = {
    "ajbanjara__Wireshark__LDP_Over_RSVP_3-Layers_Label.cap": 100, "ajbanjara__Wireshark__mpls-basic.cap": 17,
    "ajbanjara__Wireshark__mpls-exp.cap": 11, "ajbanjara__Wireshark__mpls-te.cap": 0, "ajbanjara__Wireshark__mpls-twolevel.cap": 15,
    "epiecs__packetlife-backup__BGP_redist.cap": 1, "epiecs__packetlife-backup__EoMPLS_802.1q.pcap.cap": 10,
    "epiecs__packetlife-backup__MPLS_encapsulation.cap": 5,
    "the-tcpdump-group__tcpdump__arista_ether.pcap": 7, "the-tcpdump-group__tcpdump__lspping-fec-ldp.pcap": 8,
    "the-tcpdump-group__tcpdump__lspping-fec-rsvp.pcap": 5, "the-tcpdump-group__tcpdump__mpls-over-udp.pcap": 2,
    "the-tcpdump-group__tcpdump__mpls-traceroute.pcap": 9, "zeek__zeek__mixed-vlan-mpls.pcap": 11, "zeek__zeek__mpls-in-vlan.pcap": 2,
    "snort3__snort3_demo__json.pcap": 8,
}


def joined(tmp_path, shared, names):
    out = tmp_path / "joined.pcapng"
    subprocess.run(["mergecap", "-a", "-I", "none", "-w", out, *(shared / "mpls" / name for name in names)], check=True, capture_output=True)
    return out


@pytest.mark.one_series
def test_labelled_packets_without_ldp_are_left_alone(ws, shared, tmp_path):
    """Mobile cores, RSVP-TE, VPNs and pseudowires whose signalling is not there: not a packet is shown otherwise."""
    path = joined(tmp_path, shared, FOREIGN)
    fields = ["frame.interface_id", "mpls.label", "frame.protocols"]
    rows = ws.rows(path, [*fields, "ldp_binding.label", "l2tp_payload.kind"])
    labelled = Counter(int(row[0]) for row in rows if row[1])
    one_more = {"the-tcpdump-group__tcpdump__arista_ether.pcap": int(ws.version >= (4, 6))}     # knows another of Arista's headers
    assert [labelled[n] for n in range(len(FOREIGN))] == [count + one_more.get(name, 0) for name, count in FOREIGN.items()]
    assert [row[:3] for row in rows] == ws.without_plugins().rows(path, fields)
    assert not any(row[3] or row[4] for row in rows)


def test_frame_relay_that_nobody_signalled(ws, shared):
    """Wireshark alone takes it for Ethernet with addresses that are parts of IP; all ten packets prove what they are."""
    path = shared / "mpls" / "epiecs__packetlife-backup__Frame-Relay_over_MPLS.pcap.cap"
    fields = ["frame.protocols", "eth.dst", "ldp_binding.fec", "ldp_binding.match", "ldp_binding.control_word"]
    rows = assert_passes_agree(ws, path, fields, "mpls", redissect=False)
    _, yes = ws.booleans()
    assert [row[1].partition("mpls:")[2] for row in rows] == ["pwfr:fr:ip:icmp:data"] * 10
    assert all("," not in row[2] and row[3:] == ("PW Frame Relay DLCI", "4", yes) for row in rows)
    assert "03:cc:45:00:00:64" in {mac for row in ws.without_plugins().rows(path, ["eth.dst"], "mpls") for mac in row[0].split(",")}


MALFORMED = ("ldp-infinite-loop", "ldp-ldp_tlv_print-oobr", "ldp_tlv_print-oobr", "mpls-label-heapoverflow", "l2tp-avp-overflow")


def test_malformed_captures(ws, shared, tmp_path):
    path = joined(tmp_path, shared, [f"the-tcpdump-group__tcpdump__{name}.pcap" for name in MALFORMED])
    assert library(ws, path) == [] and ws.count(path, "ldp_binding || l2tp_payload") == 0
    assert_survives(ws, path)

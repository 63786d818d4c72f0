# SPDX-License-Identifier: GPL-2.0-or-later
"""Small captures with the truth of each packet (../shared/cases/ldp-extras): labels and pseudowires."""

import re

from harness.properties import assert_passes_agree

FIELDS = ["ldp_binding.label", "ldp_binding.fec", "ldp_binding.lsr", "ldp_binding.match"]
ETHERNET = "pwethnocw:eth:ethertype:ip:udp:data"
MACS = ["00:11:22:33:44:55", "02:11:22:33:44:55", "04:33:c2:00:00:01", "4c:11:22:33:44:55", "62:11:22:33:44:55", "6c:11:22:33:44:55",
        "0e:11:22:33:44:55", "14:11:22:33:44:55", "f4:11:22:33:44:55", "01:80:c2:00:00:00", "ff:ff:ff:ff:ff:ff", "33:33:00:00:00:01"]
ONE, TWO = "203.0.113.1", "203.0.113.2"


def case(shared, name):
    return shared.parent / "cases" / "ldp-extras" / f"{name}.pcap"


def table(ws, path, name, two_pass=False):
    """The rows of a table, with the heads of its columns first."""
    lines = ws.statistics(path, f"ldp_binding,{name}", two_pass=two_pass).splitlines()
    return [[cell.strip() for cell in line.split("|")][:-1] for line in lines if line.count("|") > 5]


def inner_macs(ws, path, display_filter):
    return [mac.split(",")[-1] for mac, in ws.rows(path, ["eth.dst"], display_filter)]


# Labels


def test_packets_tell_where_labels_of_a_core_link_lead(ws, shared):
    """The PEs' session is itself labelled here: what they told each other is not for this link, but three packets tell of each label."""
    for name, first in (("targeted-over-p-link", 1), ("targeted-over-p-link-hello", 3)):
        path = case(shared, name)
        rows = ws.rows(path, ["mpls.label", *FIELDS, "ldp_binding.observed_in"], "mpls", two_pass=True)
        to = {"19": (TWO, first), "18": (ONE, first + 1)}
        assert len(rows) == 12
        for labels, label, fec, lsr, match, observed in rows:
            router, seen = to[labels.split(",")[0]]
            wire = labels.endswith(",16")
            assert label == labels and observed == str(seen)
            assert (fec, lsr, match) == ((f"{router}/32,PW 10 Ethernet", router, "4,1") if wire else (f"{router}/32", "", "4"))
        assert inner_macs(ws, path, "mpls.label == 16") == ["62:11:22:33:44:55", "4c:11:22:33:44:55"]
        assert ws.count(path, "ldp_binding.ambiguous || ldp_binding.unknown_label || ldp_binding.stale", two_pass=True) == 0
        # in one pass from the third packet of each label on, and never anything else
        told = ws.rows(path, ["frame.number", *FIELDS], "mpls")
        later = {row[0]: row for row in ws.rows(path, ["frame.number", *FIELDS], "mpls", two_pass=True)}
        assert [row[1] != "" for row in told] == [False] * 5 + [True] * 7
        assert all(row == later[row[0]] for row in told if row[1])


def test_one_label_for_many_fecs(ws, shared):
    path = case(shared, "one-label-many-fecs")
    fecs = ["203.0.113.3/32", "192.0.2.3/32", "192.0.2.13/32", "192.0.2.23/32"]
    rows = assert_passes_agree(ws, path, [*FIELDS, "ldp_binding.doubtful"], "mpls")
    no = "0" if ws.version < (4, 2) else "False"
    assert [row[1:] for row in rows] == [
        ("20065", ",".join(fecs), TWO, "1", no), ("20065", ",".join([fecs[2], *fecs[:2], fecs[3]]), TWO, "1", no),
        *[("20065,600", ",".join([*fecs, "PW 5 Ethernet"]), f"{TWO},203.0.113.3", "1,1", f"{no},{no}")] * 2]
    assert ws.count(path, "ldp_binding.ambiguous") == 0
    assert inner_macs(ws, path, "mpls.label == 600") == ["4c:11:22:33:44:55", "62:11:22:33:44:55"]
    assert [(row[2], row[4], row[5]) for row in table(ws, path, "table") if row[1] == "20065"] == [
        (fecs[0], "-", "3"), (fecs[1], "-", "0"), (fecs[2], "-", "1"), (fecs[3], "-", "0")]
    infos = [re.sub(".*Len=[0-9]* → ", "", info) for _, info in ws.columns(path)[16:]]
    assert infos == [fecs[0], fecs[2], *[f"{fecs[0]} → PW 5 Ethernet"] * 2]


def test_a_label_is_good_until_its_release(ws, shared):
    path = case(shared, "withdraw-release-inflight")
    for two_pass in (False, True):
        rows = ws.rows(path, ["frame.number", "ldp_binding.fec", "ldp_binding.stale"], "mpls", two_pass=two_pass)
        assert rows == [("9", "203.0.113.3/32", ""), ("11", "203.0.113.3/32", ""), ("13", "203.0.113.3/32", "1")]
        assert ws.rows(path, ["ldp_binding.withdrawn_in"], "mpls", two_pass=two_pass)[1:] == [("10",), ("10",)]


# Pseudowires


def test_control_word_that_was_not_signalled(ws, shared):
    """The bytes decide, as Wireshark alone reads them; each packet says that it is against what was signalled."""
    path = case(shared, "cw-sent-not-signalled")
    rows = assert_passes_agree(ws, path, ["frame.protocols", "ldp_binding.fec", "ldp_binding.control_word_mismatch"], "mpls")
    assert {row[1].partition("mpls:")[2] for row in rows} == {"pwethcw:eth:ethertype:ip:udp:data"}
    assert {row[2:] for row in rows} == {("PW 9 Ethernet", "1")}
    macs = inner_macs(ws, path, "mpls")
    assert macs == inner_macs(ws.without_plugins(), path, "mpls") == ["4c:11:22:33:44:55"] * 6 + ["ff:ff:ff:ff:ff:ff"] * 2


def test_bytes_that_are_not_what_was_signalled(ws, shared):
    """An IP pseudowire with Ethernet frames in it: neither data nor a false IPv4 packet, and a note; IP itself is as signalled."""
    path = case(shared, "pw-ip-carries-ethernet")
    rows = assert_passes_agree(ws, path, ["frame.protocols", "ldp_binding.fec", "ldp_binding.payload_mismatch"], "mpls")
    assert [row[1].partition("mpls:")[2] for row in rows][:2] == [ETHERNET] * 2 and rows[2][1].endswith(":ip:udp:data")
    assert [row[2:] for row in rows] == [("PW 12 IP", "1")] * 2 + [("PW 12 IP", "")]
    assert inner_macs(ws, path, "frame.number in {9, 10}") == ["00:e0:4c:68:00:01", "4c:11:22:33:44:55"]


def test_every_mac_address_without_signalling(ws, shared):
    """No control word, no LDP: whatever the first nibble is, the checksum of the IP packet within proves Ethernet."""
    path = case(shared, "pw-nocw-no-ldp")
    rows = assert_passes_agree(ws, path, ["frame.protocols", *FIELDS, "ldp_binding.observed_in", "ldp_binding.pw_type"], "mpls")
    assert inner_macs(ws, path, "mpls") == MACS
    assert {row[1].partition("mpls:")[2] for row in rows} == {ETHERNET}
    assert {row[2:] for row in rows} == {("16", "PW Ethernet", "", "4", "1", "0x0005")}
    # each of them was wrong
    assert not set(MACS) & set(inner_macs(ws.without_plugins(), path, "mpls"))


def test_why_a_pseudowire_does_not_come_up(ws, shared):
    path = case(shared, "pw-parity")
    for two_pass in (False, True):
        heads, *rows = table(ws, path, "pseudowires", two_pass)
        rows = [dict(zip(heads, row)) for row in rows]
        assert [row["Pseudowire"] for row in rows] == ["PW 1", "PW 2", "PW 3"]
        assert {(row["LSR"], row["Peer"], row["Control word"], row["Group"], row["Up since"]) for row in rows} == {(ONE, TWO, "no", "0", "-")}
        assert [(row["Label"], row["Peer's label"]) for row in rows] == [("-", "900"), ("910", "901"), ("911", "902")]
        assert [row["Type"] for row in rows] == ["Ethernet", "Ethernet", "Ethernet tagged / Ethernet"]
        assert [row["MTU"] for row in rows] == ["1500", "9000 / 1500", "1500"]
        assert [row["Status"] for row in rows] == ["forwarding", "forwarding / not forwarding", "forwarding"]
        assert [re.findall("one side only|type|MTU|control word|status", row["State"]) for row in rows] == [
            ["one side only"], ["MTU", "status"], ["type"]]
    # that nobody answers is known at the end only
    expected = {"9": ["PW 2 is down: MTU", "PW 3 is down: type"], "10": ["PW 2 is down: MTU"]}
    for two_pass, told in ((False, expected), (True, {"8": ["PW 1 is down: one side only"], **expected})):
        rows = ws.rows(path, ["frame.number", "_ws.expert.message"], "ldp_binding.pw_down", two_pass)
        assert {number: re.findall("PW [0-9] is down: (?:one side only|[A-Za-z]+)", text) for number, text in rows} == told

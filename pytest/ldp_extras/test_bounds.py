# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures that are made to cost: what ldp-extras keeps and does for them is bounded for the whole capture."""

import struct

import pytest

from harness.craft import ethernet, ipv4, raw, write_pcap
from ldp_extras.packets import (HDLC, WILDCARD, Router, Session, data, fec, label, labelled, mapping, message, pdu, prefix, pw,
                         pw_group, pw_status, release, typed_wildcard, withdraw)

pytestmark = [pytest.mark.measured, pytest.mark.one_series]

MESSAGES = 300          # of about 200 bytes, in a PDU
A, B = Router(1), Router(2)
TARGET = prefix("203.0.113.3/32")
NOWHERE = ("-Y", "frame.number == 0")


def told(session, messages):
    """With acknowledgements: TCP's own analysis takes long over segments that are never acknowledged."""
    out = []
    for at in range(0, len(messages), MESSAGES):
        out += [session.say(1, *messages[at:at + MESSAGES]), session.acknowledge(0)]
    return out


def capture_of(path, *stories):
    """A session that tells TARGET 17; then each story, between two packets with that label. Their frame numbers too."""
    session = Session(A, B)
    frames = [A.hello(), B.hello(), *session.start(), session.say(1, mapping(TARGET, 17))]
    packets = []
    for story in stories:
        frames.append(labelled(A, B, 17, data()))
        packets.append(len(frames))
        frames += story(session)
    frames.append(labelled(A, B, 17, data()))
    return write_pcap(path, frames), [*packets, len(frames)]


def cost(ws, path, *options):
    """Seconds and megabytes more than without ldp-extras, and what it prints."""
    seconds, kilobytes, out = ws.subset("ldp-extras").consumed(path, *(options or NOWHERE))
    base_seconds, base_kilobytes, _ = ws.without_plugins().consumed(path, *NOWHERE)
    return seconds - base_seconds, (kilobytes - base_kilobytes) / 1024, out


def pseudowires(count, kind=5):
    return lambda session: told(session, [mapping(pw(n, kind, group=1), 100 + n) for n in range(count)])


def again(element, times, make=withdraw):
    return lambda session: told(session, [make(element) for _ in range(times)])


VAIN = {
    "typed wildcard": (again(typed_wildcard(0x80, struct.pack(">H", HDLC)), 1500), True),
    "typed wildcard without pseudowires": (again(typed_wildcard(6, b"\0\1"), 1500), False),
    "label": (lambda session: told(session, [withdraw(WILDCARD, 99)] * 1500), True),
    "group": (again(pw_group(group=7), 1500), False),
    "release of what was told since": (lambda session: told(session, [withdraw(typed_wildcard(0x80, b"\x7f\xff"))] * 1500)
                                       + pseudowires(8000)(session)
                                       + [session.say(0, *[release(typed_wildcard(0x80, b"\x7f\xff"))] * 1000) for _ in range(3)], True),
    "status of a group": (lambda session: told(session, [pw_status(pw_group(group=1), n & 1) for n in range(1500)]), True),
}


@pytest.mark.parametrize("case", VAIN)
def test_wildcards_and_groups_work_no_longer_than_the_bound(ws, tmp_path, case):
    """Twelve million bindings to look at in vain: after four million, labels are not explained any more; no other answer is given."""
    story, too_much = VAIN[case]
    path, (first, middle, last) = capture_of(tmp_path / "vain.pcap", pseudowires(8000), story)
    fields = ["frame.number", "mpls.label", "ldp_binding.fec", "ldp_binding.stale", "ldp_binding.unknown_label"]
    seconds, megabytes, out = cost(ws, path, "-Y", "mpls", "-T", "fields", *[word for field in fields for word in ("-e", field)])
    assert seconds < 2
    assert megabytes < 150
    explained = [first, middle] if too_much else [first, middle, last]
    expected = [(str(n), "17", "203.0.113.3/32" if n in explained else "", "", "") for n in (first, middle, last)]
    assert [tuple(line.split("\t")) for line in out.decode().split("\n")[:-1]] == expected
    if case == "label":
        assert ws.rows(path, fields, "mpls", two_pass=True) == expected


def test_groups_still_work_among_many(ws, tmp_path):
    """A group is found directly: fifteen thousand bindings of other groups are no work, however often groups change."""
    def flap(session):
        return told(session, [m for n in range(500) for m in (mapping(pw(90000, group=9), 90000), pw_status(pw_group(group=9), n),
                                                             withdraw(pw_group(group=9)))])
    path, numbers = capture_of(tmp_path / "groups.pcap", pseudowires(15000), flap)
    assert cost(ws, path)[0] < 2
    assert ws.frames(path, "ldp_binding.match == 1 && ldp_binding.label == 17") == numbers


def flood(count):
    """Mappings of one label to many prefixes, in messages as long as they can be."""
    def story(session):
        elements = [prefix(f"{10 + (n >> 16 & 127)}.{n >> 8 & 255}.{n & 255}.1/32") for n in range(count)]
        out = []
        for at in range(0, count, 7000):
            body = message(0x0400, fec(*elements[at:at + 7000]), label(100 + at))
            out += [session.send(1, pdu(B.lsr, body)), session.acknowledge(0)]
        return out
    return story


def test_bindings_and_rows_of_the_table_are_bounded_in_bytes(ws, tmp_path):
    """Half a million bindings in four megabytes: half a gigabyte is kept, and 96 megabytes of rows; another one says so."""
    path, (first, last) = capture_of(tmp_path / "flood.pcap", flood(500000))
    seconds, megabytes, out = cost(ws, path, "-Y", "mpls", "-T", "fields", "-e", "frame.number", "-e", "ldp_binding.label",
                                   "-z", "ldp_binding,table")
    assert megabytes < 512 + 96 + 100
    assert seconds < 10
    lines = out.decode().splitlines()
    assert [line.split("\t") for line in lines if line.count("\t")] == [[str(first), "17"], [str(last), ""]]
    rows = [line.split("|") for line in lines if line.count("|") == 7 and "(more are left out)" not in line][1:]
    assert sum("(more are left out)" in line for line in lines) == 1
    # seven cells of 24 bytes, their place, the count of bytes, label and frame as text, what it takes to allocate six things
    sizes = [7 * 24 + 8 + 24 + 2 * 16 + 6 * 16 + len(row[0].strip()) + 1 + len(row[2].strip()) + 1 for row in rows]
    assert (96 << 20) < sum(sizes) < (96 << 20) + max(sizes)


def test_addresses_and_requests_are_bounded_in_bytes(ws, tmp_path):
    """Each is four or eight bytes of a message, and a hundred times that to remember."""
    def story(session):
        out = []
        for at in range(0, 2400000, 16000):
            listed = b"".join(struct.pack(">I", 0x0b000000 + n) for n in range(at, at + 16000))
            out += [session.say(1, message(0x0300, struct.pack(">HHH", 0x0101, 2 + len(listed), 1) + listed)), session.acknowledge(0)]
        return out
    path, (first, last) = capture_of(tmp_path / "addresses.pcap", story)
    seconds, megabytes, _ = cost(ws, path)
    assert megabytes < 700
    assert seconds < 10
    assert ws.frames(path, "ldp_binding") == [first]


def test_labels_of_others_are_bounded_in_bytes(ws, tmp_path):
    """RSVP-TE hands out each label six times, from other addresses."""
    def resv(n):
        body = struct.pack(">BBHBBH", 0x10, 2, 0, 255, 0, 8 + 8 * 7490)
        return raw(46, body + b"".join(struct.pack(">HBBI", 8, 16, 1, (n * 7490 + i) % 1048576) for i in range(7490)))
    path, (first, last) = capture_of(tmp_path / "resv.pcap", lambda session: [
        ethernet(ipv4(resv(n), f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}", B.ip)) for n in range(950)])
    seconds, megabytes, _ = cost(ws, path)
    assert megabytes < 700
    assert ws.frames(path, "ldp_binding.label == 17") == [first]


def test_sessions_of_l2tp_are_bounded_in_bytes(ws, tmp_path):
    """A session a packet; those that begin after the bound stay data, and the first is still known at the end."""
    inner = ethernet(data())

    def packet(session):
        return ethernet(ipv4(raw(115, struct.pack(">I", session) + inner)))
    path = write_pcap(tmp_path / "l2tp.pcap", [packet(n) for n in range(1, 90001)] + [packet(1), packet(90000)])
    seconds, megabytes, _ = cost(ws, path)
    assert megabytes < 100
    found = ws.frames(path, "l2tp_payload.kind == 1")
    assert found[0] == 1 and found[-1] == 90001
    assert 30000 < len(found) < 89000

# SPDX-License-Identifier: GPL-2.0-or-later
"""The authority's word on challenges that are known by their domain alone: which looks it is about."""

from acme.crafted import BOTH, CHALLENGE, Cases, question, response, told, txt
from acme.test_api import signed
from acme.test_dns import DIGEST
from acme.test_verdicts import BASE, problem
from harness import craft

NAME = "www.example.org"
VALID, INVALID, WELL = "authority says valid", "authority says invalid", "well-formed"


class Story:
    def __init__(self):
        self.frames, self.cases, self.ports = [], Cases(), iter(range(30000, 31000))

    def _take(self, when):
        self.frames += [(when + 0.001 * at, craft.ethernet(packet)) for at, packet in enumerate(self.cases.packets)]
        self.cases.packets.clear()

    def says(self, when, number, status):
        challenge = {"type": "dns-01", "url": f"{BASE}c/{number}", "token": "T" * 43, "status": status}
        if status == "invalid":
            challenge["error"] = problem("unauthorized", "no")
        self.cases.add("says", signed(f"{BASE}a/{number}", None), told({
            "status": status, "identifier": {"type": "dns", "value": NAME}, "challenges": [challenge]}))
        self._take(when)
        return self

    def look(self, when):
        port = next(self.ports)
        self.cases.packets += [craft.ip(craft.udp(question(CHALLENGE), port, 53)),
                               craft.ip(craft.udp(response(CHALLENGE, txt(CHALLENGE, DIGEST)), 53, port), craft.SERVER, craft.CLIENT)]
        self._take(when)
        return self

    def outcomes(self, ws, path, two_pass=True):
        capture = craft.write_pcap(path, self.frames)
        return [row[0] for row in ws.rows(capture, ["acme.outcome"], "acme.outcome && dns", two_pass)]


def test_a_word_is_about_what_came_before_it(ws, tmp_path):
    """Months later it is about another order."""
    story = Story().says(0, 1, "pending").look(1).says(3, 1, "valid").look(5).says(8000000, 2, "pending").says(8000002, 2, "invalid")
    assert story.outcomes(ws, tmp_path / "l.pcap") == [VALID, WELL]
    assert "authority says invalid" in ws.statistics(tmp_path / "l.pcap", "acme,verdicts", two_pass=True)


def test_words_that_disagree_are_nobodys(ws, tmp_path):
    """A wildcard and its base name have one name in DNS, and two challenges: a look may be about either."""
    story = Story().says(0, 1, "pending").says(1, 2, "pending").look(2).says(3, 1, "valid").says(4, 2, "invalid")
    assert story.outcomes(ws, tmp_path / "d.pcap") == [WELL]
    story = Story().says(0, 1, "pending").says(1, 2, "pending").look(2).says(3, 1, "invalid").says(4, 2, "invalid")
    assert story.outcomes(ws, tmp_path / "a.pcap") == [INVALID]
    story = Story().says(0, 1, "pending").look(2).says(3, 1, "invalid").says(4, 2, "pending").look(5).says(6, 2, "valid")
    assert story.outcomes(ws, tmp_path / "n.pcap") == [INVALID, VALID]      # the second order was made afterwards


def test_words_are_told_once_each(ws, tmp_path):
    """Without validators in the capture they stand in their objects; two that are polled in turn say nothing new."""
    story = Story().says(0, 1, "pending").says(1, 2, "pending")
    for turn in range(3):
        story.says(2 + turn, 1, "valid").says(2.5 + turn, 2, "valid")
    capture = craft.write_pcap(tmp_path / "o.pcap", story.frames)
    for two_pass in BOTH:
        assert ws.rows(capture, ["acme.outcome"], "acme.outcome", two_pass) == [(VALID,)] * 2

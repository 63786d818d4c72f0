# SPDX-License-Identifier: GPL-2.0-or-later
"""A running Hockeypuck, which curl and GnuPG ask: what each answer was is written beside the capture by who recorded it."""

import csv
import re

TRUTH = {"1": "1", "0": "0", "True": "1", "False": "0", "": ""}
# What it was about: found, outcome, result of an upload
MEANING = {"found": ("1", "found", ""), "missing": ("0", "not found", ""), "legacy": ("", "error", ""), "unknown": ("", "error", ""), "wrong": ("", "error", ""),
           "page": ("", "accepted", ""), "replaced": ("", "accepted", "updated"), **{word: ("", "accepted", word) for word in ("inserted", "updated", "ignored", "deleted")}}


def meaning(about, method):
    """A lookup that is refused is an error; keys that are, are refused."""
    if about != "refused":
        return MEANING[about]
    return ("", "error" if method == "GET" else "refused", "")


def answers(captures):
    with open(captures / "hkp-hockeypuck" / "answers.tsv") as file:
        return list(csv.reader(file, delimiter="\t"))


def test_each_answer_to_curl(ws, captures):
    asked = answers(captures)
    capture = captures / "hkp-hockeypuck" / "hockeypuck.pcap"
    for two_pass in (False, True):
        rows = ws.rows(capture, ["hkp.found", "hkp.outcome", "hkp.upload.result", "hkp.status"], "hkp.outcome", two_pass)
        told = [((TRUTH[found], outcome, result), status) for found, outcome, result, status in rows[:len(asked)]]
        expected = [(meaning(about, method), status) for about, method, status, *_ in asked]
        assert [(a, e, row[-1]) for a, e, row in zip(told, expected, asked, strict=True) if a != e] == []


def test_answers_to_gnupg(ws, captures):
    """Search twice, receive twice, refresh; of another keyring, send and receive."""
    capture = captures / "hkp-hockeypuck" / "hockeypuck.pcap"
    rows = ws.rows(capture, ["hkp.op", "hkp.outcome"], "hkp.outcome")[len(answers(captures)):]
    assert rows == [("index", "found"), ("index", "not found"), ("get", "found"), ("get", "not found"), ("get", "found"), ("add", "accepted"), ("get", "found")]


def test_what_is_said_of_keys(ws, captures):
    """Expired and revoked ones; that of version 6; the browser's question beforehand is no upload; a name that Hockeypuck leaves without its percent sign."""
    capture = captures / "hkp-hockeypuck" / "hockeypuck.pcap"
    rows = [row for row in ws.rows(capture, ["hkp.search", "openpgp.key.state"], "hkp.status && openpgp.key.state") if row[1].split(",")[0] != "1"]
    assert rows == [("expired@example.org", "2")]
    sent = [(op, len(set(states.split(",")) - {"1"})) for op, states in ws.rows(capture, ["hkp.op", "openpgp.key.state"], "!hkp.status && openpgp.key.state")]
    assert [op for op, bad in sent if bad] == ["add"]      # the expired one; what revokes comes without its key
    assert ws.rows(capture, ["hkp.op"], 'http.request.method == "OPTIONS"') == [("options",)]
    assert ws.count(capture, 'openpgp.key.version == 6 && hkp.found == 1') == 2
    assert {tuple(row) for row in ws.rows(capture, ["hkp.op"], "hkp.encoding && hkp.status")} == {("index",)}
    assert ws.count(capture, "hkp.key_mismatch || hkp.index_malformed || hkp.unreadable || openpgp.signature.bad") == 0
    assert ws.count(capture, 'openpgp.signature.verified == 1 && hkp.op == "add"') > 5


def test_statistics(ws, captures):
    counts = dict(re.findall(r"^ ?([\w-]+(?: [\w-]+)*) {2,}(\d+) ", ws.statistics(captures / "hkp-hockeypuck" / "hockeypuck.pcap", "hkp,tree", two_pass=True), re.M))
    assert counts["Operations"] == counts["Results"] == str(len(answers(captures)) + 7)

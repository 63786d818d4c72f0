# SPDX-License-Identifier: GPL-2.0-or-later
"""Expert Information names our protocol beside our items, not the layer from which the plugin was called."""

import re

import pytest

from no_harm.whole_output import CASES, field_types, joined, keylog, own_fields

pytestmark = pytest.mark.compared

ROW = re.compile(r"\s*(\d+)\s+(\S+)\s+(\S.*?)\s\s+(\S.*)")
# Short names, as the Protocol columns of lists have them.
NAMES = {"discard": "DISCARD", "arp_snap": "ARP-SNAP", "hkp": "HKP", "openpgp": "OpenPGP", "acme": "ACME", "ftp_session": "FTP Session",
         "ldp_binding": "LDP Binding", "session": "Session"}


def messages(ws, capture):
    """{protocol: the texts of its expert items in this capture}"""
    kinds = field_types(ws)
    items = [name for name in own_fields(ws) if kinds[name] == "FT_NONE" and "." in name]
    texts = {}
    for packet in ws.pdml(capture, "-2", "-Y", " || ".join(items), "-o", f"tls.keylog_file:{keylog()}"):
        for expert in packet.iter("field"):
            name = expert.get("name")
            if name == "_ws.expert":
                inner = [child.get("name") for child in expert]
                for own in set(items).intersection(inner):
                    texts.setdefault(own.partition(".")[0], set()).update(
                        child.get("show") for child in expert if child.get("name") == "_ws.expert.message")
    return texts


_messages = {}


def said(ws, capture):
    key = ws.series, capture
    if key not in _messages:
        _messages[key] = messages(ws, capture)
    return _messages[key]


def expert_rows(ws, capture):
    """[(protocol, text)] of Expert Information."""
    out = ws.statistics(capture, "expert", two_pass=True, keylog=keylog())
    return [(found[3], found[4]) for found in map(ROW.fullmatch, out.splitlines()) if found and found[1].isdigit()]


@pytest.mark.parametrize("protocol", NAMES)
def test_expert_information_names_our_protocol(ws, protocol):
    texts = said(ws, joined()).get(protocol, set())
    assert texts, f"no expert item of {protocol}: the test proves nothing"
    rows = [row for row in expert_rows(ws, joined()) if row[1] in texts]
    assert {row[1] for row in rows} == texts
    assert {row[0].upper() for row in rows} == {NAMES[protocol].upper()}


@pytest.fixture(scope="module")
def sharkds():
    kept = {}
    yield kept
    for sharkd in kept.values():
        sharkd.close()


@pytest.mark.parametrize("protocol", NAMES)
def test_the_window_names_our_protocol(ws, protocol, sharkds):
    """As sharkd's tap says, which the dialog's table shows too."""
    if ws.series not in sharkds:
        sharkds[ws.series] = ws.sharkd(keylog=keylog())
        sharkds[ws.series].load(joined())
    texts = said(ws, joined()).get(protocol, set())
    details = sharkds[ws.series].call("tap", tap0="expert")["taps"][0]["details"]
    rows = [row for row in details if row["m"] in texts]
    assert rows
    assert {row["p"].upper() for row in rows} == {NAMES[protocol].upper()}


def test_case_ftp_session_is_not_ipv4(ws, shared):
    capture = CASES / "bundle/expert-protocol-ipv4.pcap"
    texts = said(ws, capture)["ftp_session"]
    assert {row[0] for row in expert_rows(ws, capture) if row[1] in texts} == {"FTP Session"}

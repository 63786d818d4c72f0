# SPDX-License-Identifier: GPL-2.0-or-later
"""What a user reads in the details and in a table: a data connection's item says what it is for, numbers have their words, and sort."""

import re

import pytest

from harness.tshark import TOP


def items(ws, capture, *options):
    return [line.strip() for line in ws.tshark(capture, "-V", *options).splitlines()]


def test_item_of_a_data_connection_says_what_became_of_it(ws, captures):
    found = items(ws, captures / "ftp-servers/vsftpd-commands.pcap", "-2", "-Y", "ftp_session.channel == 2")
    said = {line for line in found if line.startswith("[FTP Session 0, data connection")}
    assert {"[FTP Session 0, data connection: RETR /pub/records.txt, complete]", "[FTP Session 0, data connection: MLSD /pub, failed]"} <= said
    assert not [line for line in said if "undecided" in line or line.endswith(": ]")]


def test_item_of_a_data_connection_in_one_pass_says_what_is_known_by_then(ws, captures):
    found = items(ws, captures / "ftp-servers/vsftpd-commands.pcap", "-Y", "ftp_session.channel == 2 && ftp_session.command == \"LIST\"")
    said = [line for line in found if line.startswith("[FTP Session 0, data connection")]
    assert said[0] == "[FTP Session 0, data connection: LIST /pub]"


def test_status_of_http_has_its_words(ws, captures):
    found = items(ws, captures / "hkp-servers/sks-curl.pcap", "-Y", "hkp.status")
    assert {"Status: OK (200)", "Status: Not Found (404)"} <= set(found)
    assert "Status: Not Found (404)" in items(ws, captures / "acme-http01/http01-failures.pcap", "-Y", "acme.status == 404")


def test_bits_of_a_pseudowires_status_have_their_words(ws, captures):
    found = items(ws, captures / "ldp-frr/ldp-frr.pcap", "-Y", "ldp_binding.pw_status")
    assert {"[Pseudowire status: 0x00000000 (forwarding)]", "[Pseudowire status: 0x00000001 (not forwarding)]"} <= set(found)


@pytest.mark.static
def test_every_plugin_says_which_version_it_is(ws):
    version = re.search(r"^project\(gapfill VERSION (\S+)", (TOP / "CMakeLists.txt").read_text(), re.M)[1]
    told = ws.execute("tshark", "-G", "plugins").stdout.decode()
    lines = {line.split("\t")[0].strip(): line.split("\t")[1] for line in told.splitlines() if line.count("\t") >= 3}
    assert {lines[f"{name}.so"] for name in ws.built()} == {version}


@pytest.mark.parametrize("capture, field, fingerprint", [
    ("hkp-servers/sks-gpg.pcap", "hkp.fingerprint", "780CC76EB07E01367E03EB6291D0D51BE0A3C0F3"),
    ("openpgp-gnupg/gnupg.pcap", "openpgp.key.fingerprint", "318A0D7E2875A5979440F57F8B30D7EAA98B7585")])
def test_fingerprints_match_in_either_case(ws, captures, capture, field, fingerprint):
    """With `matches`, as the plugins' pages say."""
    frames = ws.frames(captures / capture, f'{field} == "{fingerprint}"')
    assert frames and frames == ws.frames(captures / capture, f'{field} matches "^{fingerprint.lower()[:8]}"')
    assert frames == ws.frames(captures / capture, f'{field} matches "^{fingerprint}$"')


TABLES = {
    "ftp_session,transfers": ("ftp-servers/vsftpd-commands.pcap", {"Frame Start", "Session Client<User@Server", "Bytes/Expected Seconds"}),
    "ftp_session,files": ("ftp-servers/vsftpd-commands.pcap", {"Bytes", "Parts"}),
    "acme,verdicts": ("acme-http01/http01-failures.pcap", {"Asked", "Answered", "Not answered", "Good", "First", "Last"}),
    "session,table": ("session-services/services.pcap", {"First frame", "Session", "Packets", "Bytes", "ICMP errors"}),
    "openpgp,keys": ("openpgp-gnupg/gnupg.pcap", {"First frame", "Times"}),
    "ldp_binding,table": ("ldp-frr/ldp-frr.pcap", {"Advertised in", "Packets", "Bytes"}),
}


def number(cell):
    """Of a cell; - stands for none, and is less than any."""
    found = re.match(r"\d+(\.\d+)?", str(cell).strip())
    return float(found[0]) if found else -1.0


def columns_and_rows(ws, capture, table):
    with ws.sharkd() as sharkd:
        sharkd.load(capture)
        stat, = sharkd.call("tap", tap0=f"nstat:{table}")["taps"]
    return [field["c"] for field in stat["fields"]], [row for part in stat["tables"] for row in part["i"]]


@pytest.mark.parametrize("table", TABLES)
def test_numbers_of_tables_are_sorted_as_numbers(ws, captures, table):
    """The window sorts cells that are text as text: 10 stands before 9 there unless they are equally long."""
    capture, wanted = TABLES[table]
    columns, rows = columns_and_rows(ws, captures / capture, table)
    assert len(rows) > 3 and wanted <= set(columns)
    for name in wanted:
        cells = [row[columns.index(name)] for row in rows if row[columns.index(name)] is not None]
        assert len({type(cell) for cell in cells}) == 1, (name, cells)
        assert [number(cell) for cell in sorted(cells)] == sorted(map(number, cells)), (name, cells)


OUTCOMES = {
    "ftp_session,transfers": ("ftp-servers/vsftpd-commands.pcap", "Outcome Reply"),
    "ftp_session,files": ("ftp-servers/vsftpd-commands.pcap", "Outcome"),
    "acme,verdicts": ("acme-http01/http01-failures.pcap", "Outcome"),
    "acme,perspectives": ("acme-http01/http01-failures.pcap", "Outcome"),
    "session,table": ("session-services/services.pcap", "Outcome"),
    "openpgp,keys": ("openpgp-gnupg/gnupg.pcap", "State"),
    "ldp_binding,pseudowires": ("ldp-frr/ldp-frr.pcap", "State"),
}


@pytest.mark.parametrize("table", OUTCOMES)
def test_outcomes_are_seen_without_scrolling(ws, captures, table):
    """The window of a table is as wide as 90 characters when it is opened first."""
    capture, outcome = OUTCOMES[table]
    columns, rows = columns_and_rows(ws, captures / capture, table)
    widths = [max(len(str(cell).strip()) for cell in (name, *(row[at] for row in rows))) for at, name in enumerate(columns)]
    assert rows and sum(widths[:columns.index(outcome) + 1]) <= 90

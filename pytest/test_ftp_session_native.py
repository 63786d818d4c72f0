# SPDX-License-Identifier: GPL-2.0-or-later
"""Wireshark's own fields of FTP: what it says of commands and data connections stays, in each pass and in the window."""

import pytest

# Connections whose data is not under TLS, and whose command Wireshark itself takes for the right one but where told.
CAPTURES = {"vsftpd-commands": {133, 137, 141}, "vsftpd-two-sessions": set(), "proftpd-commands6": set(), "fxp-client": set()}
LINKS = ("ftp.command || ftp.command-frame || ftp.command-response.frames || ftp.setup-frame")


def _fields(ws):
    return sorted(name for name in ws.without_plugins().fields() if name.startswith(("ftp.", "ftp-data.")))


def _changed(stock, ours):
    """Numbers of the packets in which a field of stock's is absent, or has another value."""
    assert len(stock) == len(ours)
    return {number for number, pair in enumerate(zip(stock, ours), 1) if any(a and a != b for a, b in zip(*pair))}


@pytest.mark.parametrize("two_pass", [False, True], ids=["one pass", "-2"])
@pytest.mark.parametrize("name", CAPTURES)
def test_no_field_is_lost(ws, captures, name, two_pass):
    """But REST, which stock (not 4.6) takes for the command that the data answers: it is RETR's, in these packets."""
    capture, fields = captures / f"ftp-servers/{name}.pcap", _fields(ws)
    changed = _changed(ws.without_plugins().rows(capture, fields, two_pass=two_pass), ws.rows(capture, fields, two_pass=two_pass))
    assert changed <= CAPTURES[name]
    if ws.version < (4, 4):
        assert changed == (CAPTURES[name] if two_pass else CAPTURES[name] & {141})


@pytest.mark.parametrize("name", ["vsftpd-commands", "vsftpd-two-sessions"])
def test_links_are_in_the_window_too(ws, captures, name):
    capture = captures / f"ftp-servers/{name}.pcap"
    with ws.sharkd() as ours, ws.without_plugins().sharkd() as stock:
        ours.load(capture)
        stock.load(capture)
        linked = set(stock.frames(LINKS))
        assert len(linked) >= 4
        assert linked - set(ours.frames(LINKS)) <= {137}

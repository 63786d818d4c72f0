# SPDX-License-Identifier: GPL-2.0-or-later
"""The harness itself."""


def test_each_series_runs_with_its_plugins(ws):
    assert ws.run("tshark", "--version").startswith(f"TShark (Wireshark) {ws.series}.")
    assert ws.plugins() >= {"discard"}
    assert "discard" not in ws.without_plugins().plugins()

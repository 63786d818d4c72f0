# SPDX-License-Identifier: GPL-2.0-or-later
"""Lets this project's tests ask a tshark that was built from the patched source, without the plugins.

    PYTHONPATH=upstream GAPFILL_PATCHED=FOLDER/run [GAPFILL_UNPATCHED=FOLDER/run] python3 -m pytest -p patched --wireshark=4.4 pytest/hkp

What a test asks a Wireshark without plugins is asked GAPFILL_UNPATCHED; without that, the one that the tests are for. The folders are those
of a build: upstream/check.sh.

Tests of what the patches leave out, or do otherwise on purpose, are in left-out.tsv, by name and with the reason. Each of them has to fail:
one that passes is a fault as well as any other that fails.
"""

import os
from pathlib import Path

import pytest

PATCHED, UNPATCHED = (os.environ.get(name) and Path(os.environ[name]).resolve() for name in ("GAPFILL_PATCHED", "GAPFILL_UNPATCHED"))
PROTOCOLS = {"openpgp", "hkp"}
LEFT_OUT = Path(__file__).resolve().parent / "left-out.tsv"


def _asks_build(original):
    def command(self, tool, *args, **kwargs):
        folder = PATCHED if self.plugin_dir else UNPATCHED
        if not folder:
            return original(self, tool, *args, **kwargs)
        root, self.root = self.root, Path("/")
        try:
            words = original(self, tool, *args, **kwargs)
        finally:
            self.root = root
        return [str(folder / tool) if word == f"/usr/bin/{tool}" else word for word in words]
    return command


def _prove_patched(ws):
    there = {line.split("\t")[2] for line in ws.run("tshark", "-G", "protocols").splitlines()}
    assert PROTOCOLS <= there, f"{PATCHED} is not built from the patched source"
    return PROTOCOLS


def pytest_configure(config):
    from harness.tshark import Wireshark
    Wireshark.command = _asks_build(Wireshark.command)
    Wireshark.subset = lambda self, *names: self
    conftest = next(plugin for plugin in config.pluginmanager.get_plugins() if hasattr(plugin, "_prove_loaded"))
    conftest._prove_loaded, conftest._state_of_build = _prove_patched, lambda ws: None
    conftest._built = type("Any", (dict,), {"__missing__": lambda self, key: None})()


def pytest_collection_modifyitems(items):
    """A line with a test's name alone stands for each of its cases."""
    reasons = dict(line.split("\t") for line in LEFT_OUT.read_text().splitlines() if not line.startswith("#"))
    for item in items:
        name = f"{item.path.relative_to(LEFT_OUT.parents[1])}::{item.nodeid.partition('::')[2]}"
        reason = reasons.get(name) or reasons.get(name.partition("[")[0])
        if reason:
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))

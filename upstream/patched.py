# SPDX-License-Identifier: GPL-2.0-or-later
"""Lets this project's tests ask a tshark that was built from the patched source, without the plugins.

    PYTHONPATH=upstream GAPFILL_PATCHED=FOLDER/run GAPFILL_UNPATCHED=FOLDER/run python3 -m pytest -p patched --wireshark=4.4 pytest/hkp

What a test asks a Wireshark without plugins is asked GAPFILL_UNPATCHED. The folders are those of a build: upstream/check.sh.
Tests fail that are about what the patches leave out; docs/upstream.md says which these are.
"""

import os
from pathlib import Path

PATCHED, UNPATCHED = (Path(os.environ[name]).resolve() for name in ("GAPFILL_PATCHED", "GAPFILL_UNPATCHED"))
PROTOCOLS = {"openpgp", "hkp"}


def _asks_build(original):
    def command(self, tool, *args, **kwargs):
        root, self.root = self.root, Path("/")
        try:
            words = original(self, tool, *args, **kwargs)
        finally:
            self.root = root
        program = (PATCHED if self.plugin_dir else UNPATCHED) / tool
        return [str(program) if word == f"/usr/bin/{tool}" else word for word in words]
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

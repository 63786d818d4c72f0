# SPDX-License-Identifier: GPL-2.0-or-later
"""Each field says what it means, and docs/fields.md has them all."""

import importlib.util

import pytest

from harness.tshark import TOP

_spec = importlib.util.spec_from_file_location("fields", TOP / "packaging/fields.py")
script = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(script)
NATIVE = {"discard.data", "discard.text", "discard.md5_hash", "discard.len"}    # on 4.4 and later


@pytest.fixture
def found(ws):
    return script.read(ws.run("tshark", "-G", "fields").splitlines())


def test_each_field_says_what_it_means(ws, found):
    own = {name: field for fields in found.values() for name, field in fields.items() if ws.version < (4, 4) or name not in NATIVE}
    assert len(own) > 400 and all(found.values())
    without = {name for name, (label, kind, text) in own.items() if kind != "NONE" and (not text or text.casefold() == label.casefold())}
    assert without == set()
    assert {name for name, (label, _, _) in own.items() if not label} == set()


def test_page_of_fields(ws, found):
    """It is what the script makes; Discard's own fields are another on later versions."""
    written = (TOP / "docs/fields.md").read_text()
    made = script.page(found)
    if ws.version < (4, 4):
        assert made == written, "make it anew: tshark -G fields | packaging/fields.py >docs/fields.md"
    else:
        native = [f"| `{name}`" for name in NATIVE]
        assert [line for line in made.splitlines() if not line.startswith(tuple(native))] \
            == [line for line in written.splitlines() if not line.startswith(tuple(native))]

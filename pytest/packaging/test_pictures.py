# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/img: the script still makes the pictures, in which what failed is red with the plugins alone."""

import re
import struct
import subprocess
import sys

import pytest

from harness.tshark import TOP

sys.path.append(str(TOP / "packaging"))

import pictures  # noqa: E402

pytestmark = pytest.mark.static
FILES = [f"{name}-{when}.png" for name in pictures.PICTURES for when in ("before", "after")]


def size(file):
    data = file.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", data[16:24])


def test_pictures_of_the_document_are_there():
    text = (TOP / "docs/pictures.md").read_text()
    assert re.findall(r"!\[[^]]+\]\(img/([^)]+)\)", text) == FILES
    assert sorted(file.name for file in (TOP / "docs/img").iterdir()) == sorted(FILES)
    for name in FILES:
        assert size(TOP / "docs/img" / name) == (pictures.WIDTH, pictures.HEIGHT)
        assert (TOP / "docs/img" / name).stat().st_size < 150_000, name


def red(file):
    """How many pixels have the colour that the profile gives to failures."""
    colours = subprocess.run(["convert", file, "-fuzz", "2%", "-fill", "black", "+opaque", "#ffcccc", "-fill", "white", "-opaque", "#ffcccc",
                              "-format", "%[fx:mean*w*h]", "info:"], capture_output=True, text=True, check=True).stdout
    return float(colours)


def test_script_makes_them(window, tmp_path):
    subprocess.run([sys.executable, TOP / "packaging/pictures.py", "--into", tmp_path, "acme"], check=True)
    assert size(tmp_path / "acme-before.png") == (pictures.WIDTH, pictures.HEIGHT)
    assert red(tmp_path / "acme-before.png") == 0 and red(tmp_path / "acme-after.png") > 10_000
    assert red(TOP / "docs/img/acme-after.png") > 10_000

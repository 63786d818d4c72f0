# SPDX-License-Identifier: GPL-2.0-or-later
"""What release.sh packs, once for all tests of a process; and whether there is a window."""

import sys

import pytest

from harness.release import clone, release
from harness.tshark import BUILD, SERIES, TOP

sys.path.append(str(TOP / "packaging"))

import pictures  # noqa: E402


@pytest.fixture(scope="session")
def dist(tmp_path_factory):
    """All series packed from what the tests have built."""
    folder = tmp_path_factory.mktemp("release")
    built = ",".join(series for series in SERIES if (BUILD / series / "plugins").is_dir())
    said = release(clone(folder / "tree"), "--wireshark", built, "--built", BUILD, "--dist", folder / "dist")
    assert set(said) == {file.name for file in (folder / "dist").iterdir()}
    return folder / "dist"


@pytest.fixture
def window():
    """A test that takes this is skipped, by name, where there is no window of Wireshark or nothing that takes pictures of it."""
    missing = pictures.missing_tools()
    if missing:
        pytest.skip(f"needs Wireshark's window and what takes pictures of it: {', '.join(missing)}")

# SPDX-License-Identifier: GPL-2.0-or-later
"""What release.sh packs, once for all tests of a process."""

import pytest

from harness.release import clone, release
from harness.tshark import BUILD, SERIES


@pytest.fixture(scope="session")
def dist(tmp_path_factory):
    """All series packed from what the tests have built."""
    folder = tmp_path_factory.mktemp("release")
    built = ",".join(series for series in SERIES if (BUILD / series / "plugins").is_dir())
    said = release(clone(folder / "tree"), "--wireshark", built, "--built", BUILD, "--dist", folder / "dist")
    assert set(said) == {file.name for file in (folder / "dist").iterdir()}
    return folder / "dist"

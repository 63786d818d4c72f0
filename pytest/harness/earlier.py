# SPDX-License-Identifier: GPL-2.0-or-later
"""Plugins of an earlier version, which users may have beside those of today."""

import subprocess
from pathlib import Path

import pytest

from harness.tshark import HOST_SERIES, ROOTS, TOP

# The last commit in which hkp.so had OpenPGP built in.
EARLIER = "d7876c6"


@pytest.fixture(scope="session")
def earlier(tmp_path_factory):
    """earlier(series): the folder of the plugins as they were; hkp.so of it is built from the repository's history."""
    built = {}

    def build(series):
        if series in built:
            return built[series]
        source = tmp_path_factory.mktemp(f"earlier-{series}")
        archive = subprocess.run(["git", "-C", TOP, "archive", EARLIER], capture_output=True)
        if archive.returncode != 0:
            pytest.skip(f"commit {EARLIER} is not in this repository's history")
        subprocess.run(["tar", "-x", "-C", source], input=archive.stdout, check=True)
        root = ROOTS / series
        where = ["-DCMAKE_SYSROOT=" + str(root)] if series != HOST_SERIES else []
        top = root / "usr/lib" if where else Path("/usr/lib")
        config = next(top.rglob("WiresharkConfig.cmake")).parent
        subprocess.run(["cmake", "-G", "Ninja", "-S", source, "-B", source / "build", "-DGAPFILL_PLUGINS=hkp", f"-DWireshark_DIR={config}",
                        *where], capture_output=True, check=True)
        subprocess.run(["ninja", "-C", source / "build"], capture_output=True, check=True)
        built[series] = source / "build/plugins" / series / "epan"
        assert (built[series] / "hkp.so").exists()
        return built[series]
    return build

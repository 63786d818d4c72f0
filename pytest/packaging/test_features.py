# SPDX-License-Identifier: GPL-2.0-or-later
"""cmake/wireshark-features.cmake: what a Wireshark lacks is found by looking, so that versions that nobody has tried can be built for."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from harness.release import clone
from harness.tshark import BUILD, SERIES, TOP

pytestmark = pytest.mark.static
OF_4_4 = {"CONVERSATION_STRAT_XTD", "DATA_SOURCE_BY_NAME", "PNTOHU", "TRY_UINT_WITH_DATA", "VAL_TO_STR_POOL"}
OF_4_0 = OF_4_4 | {"CONVERSATION_STRAT", "DEINTERLACING", "DEPENDENT_FRAMES_OF_FRAME", "DF_ERROR", "FILTER_USER_DATA", "FOLLOW_COUNT", "FORMAT_TEXT_CHAR", "PLUGIN_DESCRIBE",
                   "TVB_GET_UINT8", "UNCOMPRESS_ZLIB", "UNS"}
LACKING = {"4.0": OF_4_0, "4.4": OF_4_4, "4.6": set()}


@pytest.mark.parametrize("series", SERIES)
def test_what_each_version_lacks(series):
    commands = (BUILD / series / "compile_commands.json").read_text()
    assert set(re.findall(r"WS_LACKS_(\w+)", commands)) == LACKING[series]


def test_compat_asks_for_what_is_looked_for():
    asked = set(re.findall(r"WS_LACKS_(\w+)", (TOP / "plugins/common/compat.h").read_text()))
    looked_for = set(re.findall(r"^\s*gapfill_need\((\w+)", (TOP / "cmake/wireshark-features.cmake").read_text(), re.M))
    assert asked - {"X"} == looked_for - {"HEADERS"} == OF_4_0


def test_a_version_that_nobody_has_tried(tmp_path):
    """The headers of this machine under another number: it is built, and said to be untested."""
    real = next(Path("/usr/lib").rglob("WiresharkConfig.cmake")).parent
    (tmp_path / "WiresharkConfig.cmake").write_text(f'include("{real}/WiresharkConfig.cmake")\nset(Wireshark_MINOR_VERSION 2)\n'
                                                    'set(Wireshark_VERSION "4.2.9")\n')
    (tmp_path / "WiresharkConfigVersion.cmake").write_text('set(PACKAGE_VERSION "4.2.9")\nset(PACKAGE_VERSION_COMPATIBLE TRUE)\n')
    build = tmp_path / "build"
    done = subprocess.run(["cmake", "-G", "Ninja", "-S", TOP, "-B", build, f"-DWireshark_DIR={tmp_path}", "-DGAPFILL_PLUGINS=arp-snap"],
                          capture_output=True, text=True)
    assert done.returncode == 0 and "Wireshark 4.2.9 is untested" in " ".join(done.stderr.split()), done.stdout + done.stderr
    subprocess.run(["ninja", "-C", build], check=True, capture_output=True)
    assert (build / "plugins/4.2/epan/arp-snap.so").exists()


def test_commands_of_the_readme_for_other_systems(tmp_path):
    """As they stand there, with one plugin; they install into a folder, and Wireshark is in /usr."""
    readme = (TOP / "README.md").read_text()
    blocks = re.findall(r"(?:^    cmake .*\n(?:^    .*\n)*)", readme, re.M)
    assert len(blocks) == 2 and "sudo cmake --install" in blocks[0] and "=PREFIX" in blocks[1]
    for number, block in enumerate(blocks):
        tree = clone(tmp_path / str(number))
        script = block.replace("sudo ", "").replace("PREFIX\n", "/usr\n").replace("--preset default", "--preset default -DGAPFILL_PLUGINS=arp-snap", 1)
        done = subprocess.run(["bash", "-ec", script], cwd=tree, env={**os.environ, "DESTDIR": str(tmp_path / "root")}, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        assert list(tree.glob("build/release/plugins/*/epan/arp-snap.so"))
    assert list(tmp_path.glob("root/usr/lib/*/wireshark/plugins/*/epan/arp-snap.so"))


def test_tested_versions_are_not_called_untested(tmp_path):
    done = subprocess.run(["cmake", "-G", "Ninja", "-S", TOP, "-B", tmp_path, "-DGAPFILL_PLUGINS=arp-snap"], capture_output=True, text=True)
    assert done.returncode == 0 and "untested" not in done.stderr

# SPDX-License-Identifier: GPL-2.0-or-later
"""CONTRIBUTING.md's example is built as it stands there, and its own test holds."""

import re
import subprocess
import textwrap

import pytest

from harness.tshark import HOST_SERIES, TOP, Wireshark

pytestmark = pytest.mark.static


def blocks(beginning):
    """The indented blocks of the page that begin with this."""
    page = (TOP / "CONTRIBUTING.md").read_text()
    found = re.findall(r"(?:^       .*\n|^\n)+", page, re.M)
    return [block for block in (textwrap.dedent(text).strip() + "\n" for text in found) if block.startswith(beginning)]


def test_example_of_a_plugin(tmp_path):
    if HOST_SERIES is None:
        pytest.skip("no Wireshark is installed")
    folder, build = tmp_path / "tftp-note", tmp_path / "build"
    folder.mkdir()
    for name, beginning in (("CMakeLists.txt", "gapfill_add_plugin("), ("packet-tftp-note.c", "/* packet-tftp-note.c")):
        text, = blocks(beginning)
        (folder / name).write_text(text)
    for command in (["cmake", "-G", "Ninja", "-S", TOP, "-B", build, "-DGAPFILL_WERROR=ON", "-DGAPFILL_PLUGINS=tftp-note",
                     f"-DGAPFILL_MORE_PLUGINS={folder}"], ["ninja", "-C", build]):
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    ws = Wireshark(HOST_SERIES, plugin_dir=build / "plugins")
    assert ws.plugins() >= ws.built() == {"tftp-note"}
    test, = blocks("# SPDX-License-Identifier: GPL-2.0-or-later\n\"\"\"plugins/tftp-note")
    names = {}
    exec(compile(test, "CONTRIBUTING.md", "exec"), names)
    names["test_size_of_a_read_request"](ws, tmp_path)

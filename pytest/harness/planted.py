# SPDX-License-Identifier: GPL-2.0-or-later
"""A plugin with a fault that a test planted in it, to show that the fault is noticed."""

import subprocess

import pytest

from harness.tshark import HOST_SERIES, TOP, Wireshark


def host_or_skip(config):
    """The Wireshark of this machine; the test is skipped by name where --wireshark leaves that out."""
    wanted = config.getoption("--wireshark")
    if wanted != "all" and HOST_SERIES not in wanted.split(","):
        pytest.skip(f"Wireshark {HOST_SERIES} of this machine was left out")
    return Wireshark(HOST_SERIES)


def dissector_of_udp(port, dissect):
    """A packet-planted.c that gives what UDP carries on this port to dissect, the source of dissect_planted()."""
    return """
#include <config.h>
#include <wireshark.h>
#include <epan/packet.h>
#include <compat.h>

static int proto_planted = -1;

void proto_register_planted(void);
void proto_reg_handoff_planted(void);
""" + dissect + """
void
proto_register_planted(void)
{
    proto_planted = proto_register_protocol("Planted", "PLANTED", "planted");
}

void
proto_reg_handoff_planted(void)
{
    dissector_add_uint("udp.port", """ + str(port) + """, create_dissector_handle(dissect_planted, proto_planted));
}
"""


def build_planted(folder, source, *options):
    """The plugins' folder of a build for this machine with planted.so alone; source is its packet-planted.c, options are CMake's."""
    for top in (folder, folder.parent):
        top.chmod(0o755)
    (folder / "packet-planted.c").write_text(source)
    (folder / "CMakeLists.txt").write_text("gapfill_add_plugin(planted packet-planted.c)\n")
    build = folder / "build"
    for command in (["cmake", "-G", "Ninja", "-S", TOP, "-B", build, *options, "-DGAPFILL_PLUGINS=planted", f"-DGAPFILL_MORE_PLUGINS={folder}"],
                    ["ninja", "-C", build]):
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    return build / "plugins"

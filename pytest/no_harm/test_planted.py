# SPDX-License-Identifier: GPL-2.0-or-later
"""The comparison can fail: a plugin that does harm when it is told to, and each kind of it is reported."""

import subprocess

import pytest

from gapfill_craft import Connection, ethernet, write_pcap
from gapfill_tshark import HOST_SERIES, TOP, Wireshark
from no_harm.comparing import Comparison, Streams, compare, not_one_to_one

# The harm is GAPFILL_HARM; GAPFILL_HARM_IN is what the command line has to have for it.
PLANTED = r"""
#define WS_BUILD_DLL
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <unistd.h>
#include <fcntl.h>
#include <epan/packet.h>

void proto_register_planted(void);
void proto_reg_handoff_planted(void);

static const char *harm;
static char command_line[4096];

static void
read_command_line(void)
{
    int fd = open("/proc/self/cmdline", O_RDONLY);
    ssize_t length = read(fd, command_line, sizeof command_line - 1);

    for (ssize_t i = 0; i < length - 1; i++) {
        if (!command_line[i])
            command_line[i] = ' ';
    }
    close(fd);
}

static proto_item *
find(proto_tree *tree, const char *name)
{
    for (proto_node *node = tree ? tree->first_child : NULL; node; node = node->next) {
        proto_item *below = find(node, name);

        if (below)
            return below;
        if (node->finfo && strcmp(node->finfo->hfinfo->abbrev, name) == 0)
            return node;
    }
    return NULL;
}

static void
exchange_layers(proto_tree *tree)
{
    proto_node *first = tree->first_child, *second = first->next;

    first->next = second->next;
    second->next = first;
    tree->first_child = second;
    if (tree->last_child == second)
        tree->last_child = first;
}

static void
lose(proto_item *item)
{
    proto_node *parent = item->parent, *before = parent->first_child;

    while (before && before->next != item)
        before = before->next;
    if (before)
        before->next = item->next;
}

static int
dissect_planted(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    const char *where = getenv("GAPFILL_HARM_IN");

    (void)data;
    if (!harm || pinfo->num != 4 || (where && !strstr(command_line, where)))
        return 0;
    if (strcmp(harm, "stderr") == 0)
        fprintf(stderr, "harm\n");
    if (strcmp(harm, "protocol") == 0)
        col_set_str(pinfo->cinfo, COL_PROTOCOL, "HARM");
    if (strcmp(harm, "info") == 0) {
        col_clear_fence(pinfo->cinfo, COL_INFO);
        col_set_str(pinfo->cinfo, COL_INFO, "harm");
    }
    if (!tree)
        return 0;
    if (strcmp(harm, "changed") == 0 && find(tree, "ip.ttl"))
        proto_tree_add_uint(find(tree, "ip.ttl")->parent, proto_registrar_get_id_byname("ip.ttl"), tvb, 0, 0, 99), lose(find(tree, "ip.ttl"));
    if (strcmp(harm, "lost") == 0 && find(tree, "ip.ttl"))
        lose(find(tree, "ip.ttl"));
    if (strcmp(harm, "added") == 0 && find(tree, "ip"))
        proto_tree_add_uint(find(tree, "ip"), proto_registrar_get_id_byname("ip.ttl"), tvb, 0, 0, 99);
    if (strcmp(harm, "order") == 0)
        exchange_layers(tree);
    if (strcmp(harm, "stream") == 0 && find(tree, "tcp"))
        lose(find(tree, "tcp.stream")), proto_tree_add_uint(find(tree, "tcp"), proto_registrar_get_id_byname("tcp.stream"), tvb, 0, 0, 7);
    return 0;
}

void
proto_register_planted(void)
{
    harm = getenv("GAPFILL_HARM");
    read_command_line();
    register_postdissector(create_dissector_handle(dissect_planted, proto_register_protocol("Planted", "Planted", "planted")));
}

void
proto_reg_handoff_planted(void)
{
}
"""

# harm -> the outputs that have to say so
HARMS = {"changed": ("pdml", "json", "ek", "sharkd"), "lost": ("pdml", "json", "ek", "sharkd"), "added": ("pdml", "json", "ek", "sharkd"),
         "order": ("pdml",), "stream": ("pdml",), "protocol": ("columns", "sharkd"), "info": ("columns", "sharkd"),
         "stderr": ("pdml", "columns", "statistics", "sharkd")}
# An output alone: what its command line has.
ALONE = {"-T json": ("json", ""), "-T ek": ("ek", ""), "-2": ("pdml", "-2"), "sharkd": ("sharkd", "")}


@pytest.fixture(scope="module")
def planted(request, tmp_path_factory):
    wanted = request.config.getoption("--wireshark")
    if wanted != "all" and HOST_SERIES not in wanted.split(","):
        pytest.skip(f"Wireshark {HOST_SERIES} of this machine was left out")
    top = tmp_path_factory.mktemp("harm")
    top.chmod(0o755)
    top.parent.chmod(0o755)
    (top / "packet-planted.c").write_text(PLANTED)
    (top / "CMakeLists.txt").write_text("gapfill_add_plugin(planted packet-planted.c)\n")
    build = top / "build"
    for command in (["cmake", "-G", "Ninja", "-S", TOP, "-B", build, "-DGAPFILL_PLUGINS=planted", f"-DGAPFILL_MORE_PLUGINS={top}"],
                    ["ninja", "-C", build]):
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    ws = Wireshark(HOST_SERIES, plugin_dir=build / "plugins")
    assert "planted" in ws.plugins()
    return ws


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"
    packets = Connection(sport=40000, dport=80).handshake().client(b"GET /a.txt HTTP/1.1\r\nHost: example.org\r\n\r\n").server(answer).close().packets
    return write_pcap(tmp_path_factory.mktemp("http") / "http.pcap", [ethernet(packet) for packet in packets])


def differences(ws, capture, *outputs):
    return compare(ws.without_plugins(), ws, capture, outputs=[output if isinstance(output, tuple) else (output, "", False) for output in outputs])


def test_no_harm_is_no_difference(planted, capture):
    assert differences(planted, capture, "pdml", "json", "ek", "columns", "statistics", "expert", "export", "sharkd") == []


@pytest.mark.parametrize("harm", HARMS)
def test_each_kind_is_reported(planted, capture, harm):
    found = differences(planted.with_env(GAPFILL_HARM=harm), capture, *HARMS[harm])
    for output in HARMS[harm]:
        assert any(text.startswith(output) for text in found), (output, found)


@pytest.mark.parametrize("alone", ALONE)
def test_harm_in_one_output_alone_is_reported(planted, capture, alone):
    output, passes = ALONE[alone]
    ws = planted.with_env(GAPFILL_HARM="changed", GAPFILL_HARM_IN=alone)
    assert differences(ws, capture, (output, passes, False))
    assert differences(ws, capture, "pdml") == []


class Altered(Wireshark):
    """With options that stand for plugins which change what is shown."""
    more = ()

    def command(self, tool, *args, **kwargs):
        return super().command(tool, *args, *(self.more if self.plugin_dir and tool == "tshark" and "-r" in args else ()), **kwargs)


@pytest.mark.parametrize("output", ["export", "statistics", "expert"])
def test_without_http_statistics_and_objects_are_missed(planted, capture, output):
    altered = Altered(HOST_SERIES, plugin_dir=planted.plugin_dir)
    altered.more = ("--disable-protocol", "http")
    comparison = Comparison(altered.without_plugins(), altered, capture)
    comparison._packets[""] = {}
    getattr(comparison, "_" + output)(output, "", [])
    assert any(text.startswith(output) for text in comparison.harms)


@pytest.mark.static
def test_streams_have_to_be_one_to_one_and_after_what_is_read_anew():
    assert not_one_to_one([(1, "0", "0"), (2, "1", "2"), (3, "1", "2")]) == []
    assert not_one_to_one([(1, "0", "0"), (2, "1", "0")])
    assert not_one_to_one([(1, "0", "0"), (2, "0", "1")])
    streams = Streams(True)
    streams.add(1, [("ip", 1)], [("ip", 2)], [], [])
    assert streams.problems

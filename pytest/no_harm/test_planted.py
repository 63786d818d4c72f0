# SPDX-License-Identifier: GPL-2.0-or-later
"""The comparison can fail: a plugin that does harm when it is told to, and each kind of it is reported."""

import re
import tempfile
from pathlib import Path

import pytest

from harness.craft import Connection, ethernet, write_pcap
from harness.planted import build_planted, host_or_skip
from harness.tshark import HOST_SERIES, Wireshark
from no_harm.comparing import SAMPLE, Comparison, Streams, compare, not_one_to_one

pytestmark = [pytest.mark.compared, pytest.mark.one_series]

# GAPFILL_HARM: one or more, each FRAME KIND FIELD WHERE and a semicolon. WHERE: what the command line has to have for it, or
# a star.
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

static const char *harms;
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

static proto_node *
before(proto_node *node)
{
    proto_node *other = node->parent->first_child;

    while (other && other->next != node)
        other = other->next;
    return other == node ? NULL : other;
}

static void
lose(proto_node *node)
{
    proto_node *other = before(node);

    if (other)
        other->next = node->next;
    else
        node->parent->first_child = node->next;
    if (node->parent->last_child == node)
        node->parent->last_child = other;
}

/* The same field with another value, at its place. */
static void
change(proto_node *node, tvbuff_t *tvb, uint32_t value)
{
    proto_node *other, *new_node = proto_tree_add_uint(node->parent, node->finfo->hfinfo->id, tvb, 0, 0, value);

    lose(new_node);
    other = before(node);
    new_node->next = node->next;
    if (other)
        other->next = new_node;
    else
        node->parent->first_child = new_node;
    if (node->parent->last_child == node)
        node->parent->last_child = new_node;
}

static void
harm_columns(packet_info *pinfo, const char *kind)
{
    if (strcmp(kind, "protocol") == 0)
        col_set_str(pinfo->cinfo, COL_PROTOCOL, "HARM");
    if (strcmp(kind, "info") == 0) {
        col_clear_fence(pinfo->cinfo, COL_INFO);
        col_set_str(pinfo->cinfo, COL_INFO, "harm");
    }
}

static void
harm_tree(proto_tree *tree, tvbuff_t *tvb, const char *kind, const char *field)
{
    proto_node *node = find(tree, field);

    if (strcmp(kind, "order") == 0)
        exchange_layers(tree);
    if (!node)
        return;
    if (strcmp(kind, "changed") == 0)
        change(node, tvb, 7);
    if (strcmp(kind, "lost") == 0)
        lose(node);
    if (strcmp(kind, "added") == 0)
        proto_tree_add_uint(node->parent, node->finfo->hfinfo->id, tvb, 0, 0, 99);
}

static void
do_harm(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const char *kind, const char *field)
{
    if (strcmp(kind, "stderr") == 0)
        fprintf(stderr, "harm\n");
    if (strcmp(kind, "length") == 0)
        pinfo->fd->pkt_len += 1000;
    if (strcmp(kind, "bytes") == 0)     /* of the payload's end, once all is dissected */
        ((unsigned char *)tvb_get_ptr(tvb, 0, -1))[tvb_captured_length(tvb) - 1] = 'X';
    harm_columns(pinfo, kind);
    if (tree)
        harm_tree(tree, tvb, kind, field);
}

static int
dissect_planted(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    const char *at = harms;
    char kind[32], field[64], where[64];
    unsigned frame;

    (void)data;
    for (; at && sscanf(at, "%u %31s %63s %63[^;]", &frame, kind, field, where) == 4; at = strchr(at, ';') + 1) {
        if (frame == pinfo->num && (strcmp(where, "*") == 0 || strstr(command_line, where)))
            do_harm(tvb, pinfo, tree, kind, field);
    }
    return 0;
}

void
proto_register_planted(void)
{
    harms = getenv("GAPFILL_HARM");
    read_command_line();
    register_postdissector(create_dissector_handle(dissect_planted, proto_register_protocol("Planted", "Planted", "planted")));
}

void
proto_reg_handoff_planted(void)
{
}
"""

# What each harm is, where it is done, and which outputs have to say so of its frame; "": of no frame in particular.
TREES = {"pdml", "ek -Y", "pdml -2", "json -2 -Y", "sharkd"}
HARMS = {
    "changed": ("changed ip.ttl *", TREES), "lost": ("lost ip.ttl *", TREES), "added": ("added ip.ttl *", TREES),
    "another stream": ("changed tcp.stream *", TREES), "protocol": ("protocol - *", {"columns", "columns -2 -Y", "sharkd"}),
    "info": ("info - *", {"columns", "columns -2 -Y", "sharkd"}), "order": ("order - *", TREES - {"ek -Y"}),      # members of an object have none
    "in JSON alone": ("changed ip.ttl -T json", {"json -2 -Y"}), "in EK alone": ("lost ip.ttl -T ek", {"ek -Y"}),
    "with -2 alone": ("lost ftp.command -2", {"pdml -2", "json -2 -Y"}), "in sharkd alone": ("added ip.ttl /usr/bin/sharkd", {"sharkd"}),
    "in PDML alone": ("lost ip.ttl -T pdml", {"pdml", "pdml -2"}),
}
STATISTICS = {"order - io,phs": ("  ip  .*frames",), "length - conv,": (r"192\.0\.2\.1:\d+ +<->", r"192\.0\.2\.1  "), "bytes - follow,": ("hello",)}


@pytest.fixture(scope="module")
def planted(request, tmp_path_factory):
    host_or_skip(request.config)
    # Which harm it does depends on the command line, which it reads when it registers.
    ws = Wireshark(HOST_SERIES, plugin_dir=build_planted(tmp_path_factory.mktemp("harm"), PLANTED), env={"GAPFILL_START": "afresh"})
    assert "planted" in ws.plugins()
    return ws


@pytest.fixture(scope="module")
def capture():
    """HTTP, often enough for a harm each, and a transfer by FTP."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"
    packets = []
    for port in range(40000, 40004):
        asked = Connection(sport=port, dport=80).handshake().client(b"GET /a.txt HTTP/1.1\r\nHost: example.org\r\n\r\n")
        packets += asked.server(answer).close().packets
    control = Connection(sport=41000, dport=21).handshake().server(b"220 ready\r\n").client(b"PASV\r\n")
    control.server(b"227 Entering Passive Mode (198,51,100,1,200,10)\r\n").client(b"RETR a.txt\r\n").server(b"150 now\r\n")
    packets += control.packets
    packets += Connection(sport=41001, dport=51210).handshake().server(b"hello").close().packets
    with tempfile.TemporaryDirectory(prefix="harm_") as folder:     # no name with -2 in it
        Path(folder).chmod(0o755)
        yield write_pcap(Path(folder) / "http.pcap", [ethernet(packet) for packet in packets])


@pytest.fixture(scope="module")
def frames(planted, capture):
    """A frame for each harm."""
    stock = planted.without_plugins()
    linked = stock.frames(capture, "ftp.command", two_pass=True)
    assert linked, "Wireshark itself links no command with its transfer"
    others = iter(stock.frames(capture, "tcp && !ftp"))
    return {harm: linked[0] if "ftp.command" in what else next(others) for harm, (what, _) in HARMS.items()}


@pytest.fixture(scope="module")
def found(planted, capture, frames):
    """[(output, frame or None, text)] of one comparison that all these harms are done to."""
    harms = "".join(f"{frames[harm]} {what};" for harm, (what, _) in HARMS.items())
    return differences(planted.with_env(GAPFILL_HARM=harms), capture)


def differences(ws, capture, outputs=SAMPLE):
    texts = compare(ws.without_plugins(), ws, capture, outputs=outputs)
    return [(found[1], int(found[2]) if found[2] else None, found[3])
            for found in (re.fullmatch(r"(.*?)(?:, frame (\d+))?: (.*)", text, re.DOTALL) for text in texts)]


def test_no_harm_is_no_difference(planted, capture):
    assert differences(planted, capture) == []


@pytest.mark.parametrize("harm", HARMS)
def test_each_kind_is_reported(found, frames, harm):
    """By these outputs and no others."""
    texts = [(output, text) for output, frame, text in found if frame == frames[harm] or f"frame {frames[harm]}:" in text]
    assert {output for output, _ in texts} == HARMS[harm][1], texts


@pytest.mark.parametrize("harm", STATISTICS)
def test_statistics_alone_are_reported(planted, capture, harm):
    frame = planted.without_plugins().frames(capture, "http.response")[0]
    ws = planted.with_env(GAPFILL_HARM=f"{frame} {harm};")
    texts = differences(ws, capture, [("pdml", "", False), ("statistics", "", False)])
    assert {output for output, _, _ in texts} == {"statistics"}
    for wanted in STATISTICS[harm]:
        assert any(re.search(wanted, text) for _, _, text in texts), texts


def test_other_bytes_of_an_object_are_reported(planted, capture):
    frame = planted.without_plugins().frames(capture, "http.response")[0]
    texts = differences(planted.with_env(GAPFILL_HARM=f"{frame} bytes - --export-objects;"), capture, [("export", "", False)])
    assert [(output, "hellX" in text or "hello" in text) for output, _, text in texts] == [("export", True)] * 2


def test_a_message_is_reported(planted, capture):
    texts = differences(planted.with_env(GAPFILL_HARM="5 stderr - *;"), capture, [(one, "", False) for one in ("pdml", "columns", "statistics", "sharkd")])
    assert {output for output, _, text in texts if "harm" in text} == {"pdml", "columns", "statistics", "sharkd"}


class Altered(Wireshark):
    """With options that stand for plugins which change what is shown."""
    more = ()

    def command(self, tool, *args, **kwargs):
        return super().command(tool, *args, *(self.more if self.plugin_dir and tool == "tshark" and "-r" in args else ()), **kwargs)


@pytest.mark.parametrize("output", ["export", "statistics", "expert"])
def test_statistics_objects_and_information_of_a_protocol_are_missed(planted, capture, output):
    """HTTP has no expert information of its own since 4.2."""
    altered = Altered(HOST_SERIES, plugin_dir=planted.plugin_dir)
    altered.more = ("--disable-protocol", "tcp" if output == "expert" else "http")
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

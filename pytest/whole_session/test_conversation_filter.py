# SPDX-License-Identifier: GPL-2.0-or-later
"""Analyze > Conversation Filter, which only the window has: what it makes of a packet are that packet's session's packets."""

import shutil
from collections import defaultdict

import pytest

from harness.planted import build_planted, host_or_skip
from harness.tshark import HOST_SERIES, Wireshark

pytestmark = [pytest.mark.static, pytest.mark.one_series]

# Asks as the window does, of each packet, when all of it is dissected.
ASKING = """
#include <config.h>
#include <wireshark.h>
#include <epan/packet.h>
#include <epan/conversation_filter.h>
#include <epan/tap.h>
#include <compat.h>

#ifdef WS_LACKS_FILTER_USER_DATA
#define ASK(filter, function, pinfo) (filter)->function(pinfo)
#else
#define ASK(filter, function, pinfo) (filter)->function(pinfo, (filter)->user_data)
#endif

void proto_register_planted(void);
void proto_reg_handoff_planted(void);

static tap_packet_status
ask(void *data _U_, packet_info *pinfo, epan_dissect_t *edt _U_, const void *of_frame _U_, tap_flags_t flags _U_)
{
    for (GList *one = packet_conv_filter_list; one; one = one->next) {
        conversation_filter_t *filter = (conversation_filter_t *)one->data;
        char *text;

        if (!strstr(filter->proto_name, "session") || !ASK(filter, is_filter_valid, pinfo))
            continue;
        text = ASK(filter, build_filter_string, pinfo);
        fprintf(stderr, "asked\\t%u\\t%s\\t%s\\n", pinfo->num, filter->proto_name, text);
        g_free(text);
    }
    return TAP_PACKET_DONT_REDRAW;
}

void
proto_register_planted(void)
{
    proto_register_protocol("Planted", "PLANTED", "planted");
}

void
proto_reg_handoff_planted(void)
{
    static char subject;

    if (register_tap_listener("frame", &subject, NULL, TL_REQUIRES_PROTO_TREE, NULL, ask, NULL, NULL))
        abort();
}
"""


@pytest.fixture(scope="module")
def ws(request, tmp_path_factory):
    host = host_or_skip(request.config)
    plugins = build_planted(tmp_path_factory.mktemp("asking"), ASKING)
    for so in (host.plugin_dir / HOST_SERIES / "epan").glob("*.so"):
        shutil.copy(so, plugins / HOST_SERIES / "epan")
    return Wireshark(HOST_SERIES, plugin_dir=plugins, env={"GAPFILL_START": "afresh"})


def asked(ws, capture, *options):
    """{plugin: {filter: the frames for which it was made}}"""
    found = defaultdict(lambda: defaultdict(list))
    done = ws.execute("tshark", "-r", capture, "-V", *options)      # as a packet that is selected has its details
    for line in done.stderr.decode().split("\n"):
        if line.startswith("asked\t"):
            _, frame, plugin, text = line.split("\t")
            found[plugin][text].append(int(frame))
    return found


@pytest.mark.parametrize("options", [(), ("-2",)], ids=["one pass", "two passes"])
def test_filter_of_a_packet_has_the_packets_of_its_session(ws, captures, options):
    capture = captures / "ftp-servers/vsftpd-commands.pcap"
    found = asked(ws, capture, *options)
    assert len(found["session"]) > 1 and len(found["ftp_session"]) == 1
    for filters in found.values():
        for text, frames in filters.items():
            assert frames == ws.frames(capture, text, two_pass=True), text
    # Every packet of the capture is one of a session.
    assert sorted(sum(found["session"].values(), [])) == ws.frames(capture, "session.id", two_pass=True)

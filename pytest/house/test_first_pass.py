# SPDX-License-Identifier: GPL-2.0-or-later
"""State is written on the first pass only: what a packet shows later does not depend on which packets were looked at
in between, how often and in which order. In the window that is every click, in sharkd every request."""

import json
import random
import shlex
import subprocess

import pytest

from harness.tshark import BUILD, TOP, Wireshark

pytestmark = pytest.mark.compared

SEED = 20260101
FRAMES = 150        # of each capture, those that show something of ours, spread evenly
# One for each plugin, with what it has to show there.
CAPTURES = {
    "small-services/small-services.pcap": "discard",
    "arp-snap": "arp_snap",
    "hkp-servers/onak-gpg.pcap": "hkp",
    "acme-http01/http01.pcap": "acme",
    "ftp-servers": "ftp_session",
    "ldp-frr": "ldp_binding",
    "session-services": "session",
    "openpgp-gnupg": "openpgp",
    "openpgp-mail/imap.pcap": "openpgp",
}


def capture_of(name):
    path = TOP / "test-captures" / name
    return path if path.is_file() else min(path.glob("*.pcap*"), key=lambda file: (-file.stat().st_size, file.name))


def ours(ws):
    return set(ws.fields()) - set(ws.without_plugins().fields())


def shown(sharkd, frame, names):
    """The labels of the items of these fields, in order."""
    found, pending = [], list(sharkd.tree(frame))
    while pending:
        node = pending.pop(0)
        if node.get("f", "").split(" ")[0] in names:
            found.append((node["f"], node.get("l")))
        pending[:0] = node.get("n", [])
    return found


def differing(ws, capture, display_filter, names):
    """Frames that show something else when packets are looked at in random order, and how many were looked at."""
    with ws.sharkd() as sharkd:
        sharkd.load(capture)
        frames = sharkd.frames(display_filter)
        frames = frames[::max(1, len(frames) // FRAMES)]
        in_order = {frame: shown(sharkd, frame, names) for frame in frames}
        order = frames * 2
        random.Random(SEED).shuffle(order)
        return {frame for frame in order if shown(sharkd, frame, names) != in_order[frame]}, \
            sum(bool(items) for items in in_order.values())


@pytest.mark.parametrize("name", CAPTURES)
def test_any_order_of_looking_shows_the_same(ws, name):
    found, looked_at = differing(ws, capture_of(name), CAPTURES[name], ours(ws))
    assert looked_at > 0
    assert found == set()


@pytest.mark.parametrize("name", CAPTURES)
def test_second_pass_shows_the_same_as_sharkd(ws, name):
    """tshark -2 dissects the second time in order, sharkd frame by frame."""
    capture, names = capture_of(name), sorted(ours(ws))
    with ws.sharkd() as sharkd:
        sharkd.load(capture)
        again = sharkd.columns(names, CAPTURES[name])
    assert again
    assert again == ws.custom_columns(capture, names, CAPTURES[name], two_pass=True)


# A plugin that counts how often it was called, instead of how many packets it has seen on the first pass

PLANTED = """
#include "config.h"
#include <epan/packet.h>

#define WS_BUILD_DLL
WS_DLL_PUBLIC_DEF const char plugin_version[] = "0";
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;
WS_DLL_PUBLIC_DEF void plugin_register(void);
WS_DLL_PUBLIC_DEF uint32_t plugin_describe(void);

static int proto_planted = -1;
static int hf_planted_calls = -1;
static unsigned calls;

static int
dissect_planted(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    if (CONDITION)
        calls++;
    (void)pinfo;
    proto_tree_add_uint(tree, hf_planted_calls, tvb, 0, 0, calls);
    return tvb_captured_length(tvb);
}

static void
register_planted(void)
{
    static hf_register_info hf[] = {
        { &hf_planted_calls, { "Calls", "planted.calls", FT_UINT32, BASE_DEC, NULL, 0x0, NULL, HFILL } },
    };

    proto_planted = proto_register_protocol("Planted", "Planted", "planted");
    proto_register_field_array(proto_planted, hf, array_length(hf));
    register_postdissector(create_dissector_handle(dissect_planted, proto_planted));
}

static void
handoff_planted(void)
{
}

void
plugin_register(void)
{
    static proto_plugin plug;

    plug.register_protoinfo = register_planted;
    plug.register_handoff = handoff_planted;
    proto_register_plugin(&plug);
}

uint32_t
plugin_describe(void)
{
    return 1;
}
"""


def with_planted(ws, folder, condition):
    entry = json.loads((BUILD / ws.series / "compile_commands.json").read_text())[0]
    options = [word for word in shlex.split(entry["command"].split(" -o ")[0]) if word != "-c"]
    into = folder / ws.series / "epan"
    into.mkdir(parents=True)
    source = folder / "planted.c"
    source.write_text("#include <ws_version.h>\n" + PLANTED.replace("CONDITION", condition))
    subprocess.run([*options, "-Wno-error", "-w", "-shared", "-o", into / "planted.so", source], check=True)
    return Wireshark(ws.series, plugin_dir=folder)


def test_planted_state_of_later_passes_is_found(ws, tmp_path):
    capture = capture_of("small-services/small-services.pcap")
    tmp_path.chmod(0o755)
    found, looked_at = differing(with_planted(ws, tmp_path / "bad", "1"), capture, None, {"planted.calls"})
    assert looked_at > 1 and len(found) > 1
    found, looked_at = differing(with_planted(ws, tmp_path / "good", "0"), capture, None, {"planted.calls"})
    assert looked_at > 1 and found == set()

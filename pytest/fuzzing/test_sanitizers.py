# SPDX-License-Identifier: GPL-2.0-or-later
"""Planted bugs: plugins under ASan and UBSan fail whichever way a test asks, so the run under sanitizers is not blind."""

import subprocess

import pytest

from harness.craft import ethernet, ipv4, udp, write_pcap
from harness.planted import build_planted, dissector_of_udp, host_or_skip
from harness.tshark import HOST_SERIES, SERIES, TOP, Wireshark

pytestmark = pytest.mark.static
PORT = 40001
PLANTED = dissector_of_udp(PORT, r"""
static int
dissect_planted(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    /* volatile: the compiler forgets their sizes, so that it is ASan that has to notice */
    char *volatile heap = g_malloc(16), *volatile pool = wmem_alloc(pinfo->pool, 16), *volatile file = wmem_alloc(wmem_file_scope(), 16);
    volatile int number = INT_MAX;
    volatile unsigned end = 16, bits = 40;

    proto_tree_add_item(tree, proto_planted, tvb, 0, -1, ENC_NA);
    switch (tvb_get_ntohs(tvb, 0)) {
    case 1: heap[end] = 1; break;
    case 2: pool[end] = 1; break;
    case 3: file[end] = 1; break;
    case 4: number += (int)end; break;
    case 5: number = 1 << bits; break;
    }
    g_free(heap);
    if (tvb_get_ntohs(tvb, 0) == 6) {
        heap[0] = 1;
    }
    return (int)tvb_captured_length(tvb);
}
""")
BUGS = {1: "heap-buffer-overflow", 2: "heap-buffer-overflow", 3: "heap-buffer-overflow", 4: "signed integer overflow",
        5: "shift exponent", 6: "heap-use-after-free"}


@pytest.fixture
def planted(request, tmp_path):
    """Wireshark with a plugin of six bugs, made with the flags of the others."""
    host_or_skip(request.config)
    folder = tmp_path / "planted"
    folder.mkdir()
    ws = Wireshark(HOST_SERIES, plugin_dir=build_planted(folder, PLANTED, "-DGAPFILL_SANITIZE=ON", "-DGAPFILL_WERROR=ON"))
    assert ws.built() == ws.sanitized() == {"planted"} <= ws.plugins()
    return ws


def asked_in_every_way(ws, capture):
    def by_sharkd():
        with ws.sharkd() as sharkd:
            sharkd.load(capture)
            sharkd.frames()

    return {"fields": lambda: ws.rows(capture, ["udp.length"]), "two passes": lambda: ws.count(capture, "udp", two_pass=True),
            "pdml": lambda: list(ws.pdml(capture)), "status ignored": lambda: ws.run("tshark", "-r", capture, check=False),
            "sharkd": by_sharkd}


def test_planted_bugs_are_reported(planted, tmp_path):
    captures = {bug: write_pcap(tmp_path / f"{bug}.pcap", [ethernet(ipv4(udp(bug.to_bytes(2, "big") + bytes(38), dport=PORT)))])
                for bug in (0, *BUGS)}
    assert planted.count(captures[0], "planted") == 1
    for ask in asked_in_every_way(planted, captures[0]).values():
        ask()
    for bug in BUGS:
        assert_reported(bug, "fields", lambda: planted.rows(captures[bug], ["udp.length"]))
    for way, ask in asked_in_every_way(planted, captures[2]).items():
        assert_reported(2, way, ask)


def test_first_look_at_a_capture_is_under_sanitizers(planted, tmp_path):
    """In each way of asking; what is asked of it afterwards is asked of the others, which have no bug here."""
    both = Wireshark(HOST_SERIES, sanitized_dir=planted.plugin_dir)
    for number, way in enumerate(asked_in_every_way(both, None)):
        capture = write_pcap(tmp_path / f"{number}.pcap", [ethernet(ipv4(udp(b"\0\2" + bytes([number] * 38), dport=PORT)))])
        assert_reported(2, way, asked_in_every_way(both, capture)[way])
        if way == "fields":
            assert both.rows(capture, ["udp.srcport", "udp.length"], "udp") == [("40000", "48")]
        if way == "two passes":
            assert_reported(2, "another preference", lambda: both.count(capture, "udp", two_pass=True, prefs={"udp.check_checksum": "TRUE"}))


def assert_reported(bug, way, ask):
    try:
        ask()
    except AssertionError as error:
        assert BUGS[bug] in str(error), f"bug {bug}, {way}: {error}"
    else:
        pytest.fail(f"bug {bug} ({BUGS[bug]}) is not noticed: {way}")


def test_other_series_cannot_run_sanitized_plugins(tmp_path):
    """Their package roots have no libasan: CMake says so, and so does the harness; neither goes on without plugins."""
    done = subprocess.run(["cmake", "-G", "Ninja", "-S", TOP, "-B", tmp_path / "build", "-DGAPFILL_SANITIZE=ON",
                           f"-DCMAKE_SYSROOT={tmp_path}"], capture_output=True, text=True)
    assert done.returncode != 0 and "GAPFILL_SANITIZE is for the Wireshark of this machine" in done.stderr
    other = next(series for series in SERIES if series != HOST_SERIES)
    so = tmp_path / "plugins" / other / "epan/planted.so"
    so.parent.mkdir(parents=True)
    so.write_bytes(b"__asan_init")
    with pytest.raises(AssertionError, match=f"Wireshark {HOST_SERIES} only, not in {other}"):
        Wireshark(other, plugin_dir=tmp_path / "plugins")

# SPDX-License-Identifier: GPL-2.0-or-later
"""fuzz/targets: every target starts from its seeds and does some inputs of libFuzzer; fuzz/campaign.sh does many."""

import re
import shutil
import struct
import subprocess

import pytest

from harness.craft import ethernet, ip, read_pcap, udp
from harness.planted import build_planted, dissector_of_udp, host_or_skip
from harness.tshark import TOP

TARGETS = {"openpgp", "mail", "dns", "labels", "l2tp", "discard", "arp-snap", "whole-session", "hkp", "acme-http", "acme-tls", "ftp", "ldp", "sequence"}
PLANTED = dissector_of_udp(40000, r"""
static int
dissect_planted(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree _U_, void *data _U_)
{
    static char *volatile of_packet;
    char *volatile file = (char *)wmem_alloc(wmem_file_scope(), 16);
    volatile unsigned end = 16;

    switch (tvb_get_guint8(tvb, 0)) {
    case '1': file[end] = 1; break;
    case '2': DISSECTOR_ASSERT_NOT_REACHED(); break;
    case '4': file = (char *)g_malloc(100); file[0] = 1; break;
    case '6': wmem_free(wmem_file_scope(), file); file[0] = 1; break;
    case '7':
        if (of_packet)
            *of_packet = 1;
        of_packet = (char *)wmem_alloc(pinfo->pool, 16);
        break;
    case '8': file = (char *)wmem_realloc(wmem_file_scope(), file, 5000); file[5000] = 1; break;
    case '3': while (++end < 2000000000u) {} break;
    }
    return (int)tvb_captured_length(tvb);
}
""")


@pytest.fixture
def clang(pytestconfig):
    host_or_skip(pytestconfig)
    if not shutil.which("clang"):
        pytest.skip("clang is absent (Debian: clang, libclang-rt-dev), so nothing can be fuzzed")


@pytest.mark.static
def test_no_target_has_a_fault_in_its_first_inputs(clang):
    """Each target's seeds and 20 inputs more, always the same."""
    command = [TOP / "fuzz/campaign.sh", "--afresh", "--minutes", "60", "--runs", "20", "--seed", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1800)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split() for line in done.stdout.splitlines()[1:]]
    assert {row[0] for row in rows} == TARGETS
    for name, executions, _, covered, *_ in rows:
        seeds = len(list((TOP / "build/fuzz/seeds" / name).iterdir()))
        assert int(executions) >= seeds + 20 and int(covered) > 300, name


def record(data, fate=0, reply=False):
    return bytes([reply | fate << 1]) + struct.pack("<H", len(data)) + data


@pytest.mark.static
def test_planted_faults_are_found(clang, tmp_path):
    """Beyond the end of a piece of memory, small or large; a piece that was freed, alone or with its packet; a dissector's bug, a leak, a slow
    input; and what an input becomes is what it says."""
    programs = build_planted(tmp_path, PLANTED, "-DCMAKE_C_COMPILER=clang", "-DGAPFILL_FUZZ=ON").parent / "bin"

    def run(data, leaks=0, **environment):
        (tmp_path / "input").write_bytes(data)
        return subprocess.run([programs / "discard", f"-detect_leaks={leaks}", tmp_path / "input"], cwd=tmp_path, capture_output=True,
                              text=True, env={"PATH": "/usr/bin:/bin", **environment})

    for byte, said in ((b"1", "use-after-poison"), (b"6", "use-after-poison"), (b"7", "use-after-poison"), (b"8", "heap-buffer-overflow"),
                       (b"2", "FAULT: .*Dissector bug")):
        done = run(record(byte))
        assert done.returncode != 0 and re.search(said, done.stderr), done.stderr
    tolerated = tmp_path / "tolerated"
    tolerated.write_text("# none\npacket-planted.c\n")
    assert run(record(b"2"), GAPFILL_FUZZ_TOLERATED=str(tolerated)).returncode == 0
    assert run(record(b"1"), GAPFILL_FUZZ_STOCK="1").returncode == 0
    done = run(record(b"4"), leaks=1)
    assert done.returncode != 0 and "LeakSanitizer: detected memory leaks" in done.stderr, done.stderr
    assert run(record(b"5"), leaks=1).returncode == 0
    done = run(record(b"3"), GAPFILL_FUZZ_SLOW=str(tmp_path))
    assert done.returncode == 0 and "SLOW" in done.stderr and list(tmp_path.glob("discard-*-ms-4"))
    made = tmp_path / "made.pcap"
    done = run(record(b"late", 3) + record(b"twice", 1) + record(b"lost", 2) + record(b"snapped", 4), GAPFILL_FUZZ_PCAP=str(made))
    assert done.returncode == 0, done.stderr
    frames = [(data[42:], length) for _, data, length in read_pcap(made)[1]]
    assert frames == [(b"twice", 47), (b"late", 46), (b"twice", 47), (b"snap", 49)]
    assert len(ethernet(ip(udp(b"twice")))) == 47

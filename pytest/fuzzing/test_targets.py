# SPDX-License-Identifier: GPL-2.0-or-later
"""fuzz/targets: every target starts from its seeds and does some inputs more; fuzz/campaign.sh does many, with libFuzzer."""

import re
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from harness.craft import ethernet, ip, read_pcap, udp
from harness.planted import build_planted, dissector_of_udp, host_or_skip
from harness.tshark import TOP

STATELESS = {"openpgp", "mail", "dns", "labels", "l2tp", "discard", "arp-snap", "whole-session"}
TARGETS = STATELESS | {"hkp", "acme-http", "acme-tls", "ftp", "ldp", "sequence"}
LIBFUZZER = list(Path("/usr/lib").glob("llvm-*/lib/clang/*/lib/*/libclang_rt.fuzzer-*"))
PLANTED = dissector_of_udp(9, r"""
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
    case '9': fprintf(stderr, PINFO_FD_VISITED(pinfo) ? "later\n" : "first\n"); break;
    case '3': while (++end < 2000000000u) {} break;
    }
    return (int)tvb_captured_length(tvb);
}
""")


@pytest.fixture
def clang(pytestconfig):
    host_or_skip(pytestconfig)
    if not shutil.which("clang") or not LIBFUZZER:
        pytest.skip("libFuzzer is absent (Debian: clang, libclang-rt-dev)")


@pytest.fixture(scope="session")
def seeds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seeds")
    subprocess.run([TOP / "fuzz/seeds.py", folder], check=True)
    assert {path.name for path in folder.iterdir()} == TARGETS
    return folder


@pytest.mark.one_series
@pytest.mark.sanitized
def test_no_target_has_a_fault_in_its_first_inputs(ws, seeds):
    """Each target's seeds and some changes of each, always the same; the plugins are those that were built by GCC under ASan and UBSan."""
    if not ws.sanitized_dir:
        pytest.skip("no plugins under sanitizers")
    programs = ws.sanitized_dir.parent / "bin"
    for name in sorted(TARGETS):
        inputs = sorted((seeds / name).iterdir())
        changes = 20 if name in STATELESS else 4
        done = run_target(programs / name, changes, *inputs, GAPFILL_FUZZ_TOLERATED=str(TOP / "fuzz/targets/stock-bugs.txt"))
        assert done.returncode == 0, (name, done.stderr)
        assert inputs and done.stdout == f"{len(inputs) * (changes + 1)} inputs\n", name


def run_target(program, *args, **environment):
    return subprocess.run([program, *map(str, args)], capture_output=True, text=True, env={"PATH": "/usr/bin:/bin", **environment}, timeout=600)


def record(data, fate=0, reply=False):
    return bytes([reply | fate << 1]) + struct.pack("<H", len(data)) + data


FAULTS = {b"1": "use-after-poison", b"6": "use-after-poison", b"7": "use-after-poison", b"8": "heap-buffer-overflow", b"2": "FAULT: .*Dissector bug"}


@pytest.fixture(scope="module")
def planted(pytestconfig, tmp_path_factory):
    """The targets with the planted plugin, built by GCC."""
    host_or_skip(pytestconfig)
    return build_planted(tmp_path_factory.mktemp("planted"), PLANTED, "-DGAPFILL_SANITIZE=ON").parent / "bin"


@pytest.mark.static
def test_planted_faults_are_found_without_libfuzzer(planted, tmp_path):
    """And by what becomes of an input that has none."""
    def run(data, changes=0):
        (tmp_path / "input").write_bytes(data)
        return run_target(planted / "discard", changes, tmp_path / "input", GAPFILL_FUZZ_WHOLE="1", ASAN_OPTIONS="detect_leaks=0")

    for byte, said in FAULTS.items():
        done = run(record(byte))
        assert done.returncode != 0 and re.search(said, done.stderr), (byte, done.stderr)
    done = run(record(b"5"))
    assert (done.returncode, done.stdout) == (0, "1 inputs\n"), done.stderr
    done = run(record(b"0000"), changes=2000)
    assert done.returncode != 0 and re.search("|".join(FAULTS.values()), done.stderr), done.stderr


@pytest.mark.static
def test_planted_faults_are_found(clang, tmp_path):
    """Beyond the end of a piece of memory, small or large; a piece that was freed, alone or with its packet; a dissector's bug, a leak, a slow
    input; and what an input becomes is what it says."""
    programs = build_planted(tmp_path, PLANTED, "-DCMAKE_C_COMPILER=clang", "-DGAPFILL_FUZZ=ON").parent / "bin"

    def run(data, leaks=0, **environment):
        (tmp_path / "input").write_bytes(data)
        return run_target(programs / "discard", f"-detect_leaks={leaks}", f"-artifact_prefix={tmp_path}/", tmp_path / "input",
                          GAPFILL_FUZZ_WHOLE="1", **environment)

    for byte, said in FAULTS.items():
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


@pytest.mark.static
def test_some_inputs_have_later_passes(planted, tmp_path):
    """One in 16 where an input needs nothing of another, one in 4 elsewhere; all of them where that is asked for."""
    inputs = {"discard": [], "sequence": []}
    for number in range(64):
        for target, data in (("discard", record(b"9%d" % number)), ("sequence", record(ethernet(ip(udp(b"9%d" % number, dport=9)))))):
            inputs[target].append(tmp_path / f"{target}-{number}")
            inputs[target][-1].write_bytes(data)

    def passes(target, **environment):
        done = run_target(planted / target, 0, *inputs[target], ASAN_OPTIONS="detect_leaks=0", **environment)
        assert done.returncode == 0, done.stderr
        assert done.stderr.count("first") == 64
        return done.stderr

    for target, least, most in (("discard", 1, 12), ("sequence", 8, 28)):
        assert least <= passes(target).count("later") <= most
        assert passes(target, GAPFILL_FUZZ_WHOLE="1").count("later") == 64

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Dissects captures under valgrind's memcheck, in two passes with all text and statistics, and says what it finds in the plugins.

    fuzz/valgrind.py [CAPTURE...]       a capture of each kind in test-captures if none is named

What is invalid or not initialized is told wherever the plugins are on the stack, and what is lost where they are who asked for it. It finds
what the sanitizers do not see: what Wireshark's own libraries make of memory that the plugins give them. Exit status 1 if there is anything.
"""

import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "pytest"))

from harness.tshark import HOST_SERIES, Wireshark  # noqa: E402

CAPTURES = ("acme-dns01", "acme-http01", "acme-tlsalpn01", "arp-snap", "ftp-servers", "hkp-servers", "mpls-foreign", "openpgp-gnupg", "openpgp-mail", "session-services",
            "small-services")
STATISTICS = ("acme,perspectives", "acme,verdicts", "ftp_session,files", "ftp_session,transfers", "hkp,tree", "ldp_binding,pseudowires", "ldp_binding,table", "openpgp,keys",
              "session,table", "session,tree")
MEMCHECK = ("valgrind", "--leak-check=full", "--show-leak-kinds=definite", "--num-callers=40", "--read-var-info=no")
GIVERS = re.compile(r"vgpreload_memcheck|lib(glib|gcrypt|gnutls|nettle|hogweed|gmp|c|wsutil|z|bz2|nghttp2)[-.]")
# Each block of memory by itself, as valgrind knows malloc() and not Wireshark's pools.
ALONE = {"WIRESHARK_DEBUG_WMEM_OVERRIDE": "simple", "G_SLICE": "always-malloc", "GNUTLS_CPUID_OVERRIDE": "0x1"}


def smallest(folder):
    return min((TOP / "test-captures" / folder).rglob("*.pcap*"), key=lambda path: path.stat().st_size)


def is_ours(report, names):
    """Whether we are on the stack; of what is lost, whether we asked for it, by way of whom ever."""
    frames = [line for line in report.splitlines() if re.match(r" +(at|by) 0x", line)]
    if " lost in loss record " in report:
        frames = [frame for frame in frames if not GIVERS.search(frame)][:1]
    return any(re.search(rf"[(\s]({names})[:)]", frame) for frame in frames)


def findings(ws, capture):
    """Reports that are about the plugins, and whether tshark came to its end."""
    names = "|".join(map(re.escape, {so.name for so in (ws.plugin_dir / ws.series / "epan").glob("*.so")} | sources()))
    keys = capture.with_suffix(".keys")
    options = [part for statistic in STATISTICS for part in ("-z", statistic)] + (["-o", f"tls.keylog_file:{keys}"] if keys.exists() else [])
    command = ws.with_env(**ALONE).command("tshark", "-n", "-r", capture, "-2", "-V", *options, wrapper=MEMCHECK)
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace")
    reports = re.sub(r"^==\d+== ?", "", done.stderr, flags=re.M).split("\n\n")
    return [report for report in reports if is_ours(report, names)], done.returncode == 0


def sources():
    return {path.name for path in (TOP / "plugins").rglob("*.[ch]")}


def main():
    ws, found = Wireshark(HOST_SERIES), False
    for capture in map(Path, sys.argv[1:] or map(smallest, CAPTURES)):
        reports, is_whole = findings(ws, capture.resolve())
        print(f"{capture.name}: {len(reports)} findings{'' if is_whole else ', and tshark fails'}", flush=True)
        print("\n\n".join(reports))
        found |= bool(reports) or not is_whole
    sys.exit(found)


if __name__ == "__main__":
    main()

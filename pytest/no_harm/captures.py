# SPDX-License-Identifier: GPL-2.0-or-later
"""Which captures are compared: each on its own, or a fixed sample of a few that are joined."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from harness.tshark import SHARED, TOP

SUFFIXES = (".pcap", ".pcapng", ".cap")
CASES = SHARED.parent / "cases"
TOPS = {"test-captures": TOP / "test-captures", "shared": SHARED, "cases": CASES}
# Of the sample, by name: (top, patterns, largest size in bytes). As few as possible: each costs the start of 20 programs.
SAMPLES = {
    "test-captures": (("test-captures", ("acme-*", "hkp-*", "openpgp-*", "arp-snap", "small-services", "session-services"), 20_000),
                      ("test-captures", ("acme-tlsalpn01/tls13.pcap", "ftp-servers/fxp-*", "ftp-servers/nat-server-*"), 22_000),
                      ("test-captures", ("ftp-servers/vsftpd-*", "ftp-servers/pure*", "ftp-servers/proftpd-curl-ccc.pcap"), 25_000)),
    "LDP": (("test-captures", ("ldp-frr",), 200_000),),
    "cases and shared": (("cases", ("acme", "bundle/d*", "bundle/e*", "discard", "ftp-session", "hkp", "openpgp", "whole-session"), 10_000),
                         ("shared", ("arp", "ftp", "hkp", "published", "small-services"), 3_500)),
    # Apart: conversations within a tunnel would be those of other captures.
    "cases of MPLS": (("cases", ("ldp-extras/cw-*", "ldp-extras/l2tp-linux-*", "ldp-extras/one-*", "ldp-extras/with*"), 12_000),),
}


@dataclass(frozen=True)
class Capture:
    """One or several files that are compared as one. name: as the table of permissions has it."""
    name: str
    paths: tuple

    def prepared(self, folder):
        """(file, options): joined if there are several; with the key logs that lie beside them."""
        keys = [path.with_suffix(".keys") for path in self.paths if path.with_suffix(".keys").exists()]
        options = []
        if keys:
            log = folder / "all.keys"
            log.write_bytes(b"".join(key.read_bytes() for key in keys))
            options = ["-o", f"tls.keylog_file:{log}"]
        if len(self.paths) > 1:
            return joined(self.paths, folder), options
        return Path(shutil.copy(self.paths[0], folder)), options      # every Wireshark can read it there


def joined(paths, folder):
    """One capture with the packets of all, one file after the other; from files that are cut short, what they have."""
    whole = []
    for number, path in enumerate(paths):
        one = folder / f"{number}.pcapng"
        subprocess.run(["editcap", "-F", "pcapng", path, one], capture_output=True)
        whole.append(one if one.exists() else path)      # editcap writes none that has secrets in it
    out = folder / "joined.pcapng"
    subprocess.run(["mergecap", "-a", "-w", out, *whole], check=True, capture_output=True)
    for path in set(whole) - set(paths):
        path.unlink()
    return out


def below(folder, patterns=("*",), largest=None):
    """The captures in these folders below, smallest first, so that the first results come soon."""
    found = {path for pattern in patterns for top in folder.glob(pattern) for path in (top.rglob("*") if top.is_dir() else (top,))
             if path.suffix in SUFFIXES and path.is_file()}
    return sorted((path for path in found if largest is None or path.stat().st_size <= largest),
                  key=lambda path: (path.stat().st_size, str(path)))


def sample():
    """Those of the sample that are there: Capture, several files in each."""
    for name, parts in SAMPLES.items():
        paths = {path for top, patterns, largest in parts for path in below(TOPS[top], patterns, largest)}
        if paths:
            yield Capture(f"sample: {name}", tuple(sorted(paths)))


def all_captures(folders=()):
    """Each on its own: of test-captures/, ../shared and the folders."""
    tops = {**TOPS, **{Path(folder).name: Path(folder).resolve() for folder in folders}}
    found = [(path.stat().st_size, Capture(f"{label}/{path.relative_to(top)}", (path,))) for label, top in tops.items() for path in below(top)]
    return [capture for _, capture in sorted(found, key=lambda one: (one[0], one[1].name))]


def joined_by_folder(captures, largest):
    """Those of one folder as one, up to so many bytes, as most of the time goes into starting programs; larger ones on their own."""
    groups, size = {}, 0
    for capture in sorted(captures, key=lambda one: one.name.split("/")[:2]):       # stable: smallest first
        folder, bytes_here = "/".join(capture.name.split("/")[:2]), capture.paths[0].stat().st_size
        parts = groups.setdefault(folder, [])
        if not parts or size + bytes_here > largest:
            parts.append([])
            size = 0
        parts[-1].append(capture)
        size += bytes_here
    for folder, parts in groups.items():
        for number, part in enumerate(parts, 1):
            name = part[0].name if len(part) == 1 else f"{folder} ({len(part)} joined, part {number})"
            yield Capture(name, tuple(path for capture in part for path in capture.paths))

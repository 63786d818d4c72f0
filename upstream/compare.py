#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares what the plugins and a patched tshark without them say of the same packets.

    PYTHONPATH=pytest upstream/compare.py FOLDER/run [--all] [GROUP...]      FOLDER: a build of the patched source, see check.sh

Fields of the two have other names where Wireshark has a protocol of its own: the table below. All is read in two passes, of all
captures in test-captures. A line a pair and group: on how many packets either has something, and on how many both have the same.
--all: a line for each packet that is not the same.
"""

import subprocess
import sys
from pathlib import Path

from harness.tshark import TOP, Wireshark

# What is read, which packets (a filter that Wireshark without either understands), and pairs: the plugin's field, the patch's.
GROUPS = [
    ("discard", "discard", "small-services", [("discard.bytes_total", "discard.bytes_total"), ("discard.reply", "discard.reply")]),
    ("arp", "arp", "arp-snap", [("arp_snap.encapsulation", "arp.encapsulation"), ("arp_snap.response_in", "arp.response_in"),
                                ("arp_snap.response_to", "arp.response_to"), ("arp_snap.time", "arp.time")]),
    ("ftp", "ftp || ftp-data", "ftp-*", [("ftp_session.id", "ftp.session")]),
    ("ftp-data", "ftp-data", "ftp-*", [("ftp_session.command", "ftp-data.command"), ("ftp_session.reply_code", "ftp-data.reply-code")]),
    ("hkp", "http || http2", "hkp-*", [(name, name) for name in ("hkp.op", "hkp.search", "hkp.status", "hkp.found", "hkp.outcome", "hkp.response_in",
                                                                "hkp.response_to", "hkp.index.count", "hkp.upload.result")]),
    ("openpgp", "http", "openpgp-*", [(name, name) for name in ("openpgp.packet.tag", "openpgp.key.fingerprint", "openpgp.userid",
                                                               "openpgp.signature.check", "openpgp.key.state")]),
]


def captures(pattern):
    return sorted(path for folder in (TOP / "test-captures").glob(pattern) for path in folder.iterdir() if path.suffix in (".pcap", ".pcapng"))


def keys_of(capture):
    keys = capture.with_suffix(".keys")
    return ["-o", f"tls.keylog_file:{keys}"] if keys.exists() else []


def control_ports(ws, capture):
    """The plugin knows FTP on any port; the native dissector has to be told."""
    command = ws.command("tshark", "-2", "-n", "-r", str(capture), *keys_of(capture), "-Y", "ftp_session.channel == 1 && tcp", "-T", "fields",
                         "-e", "tcp.srcport", "-e", "tcp.dstport")
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {min(int(port) for port in line.split("\t")) for line in done.stdout.splitlines() if "," not in line} - {21}


def words(field, text):
    """What a patch has in one field is a command with its argument; the plugin has these apart."""
    return text.split(" ")[0].upper() if field == "ftp-data.command" else text


def read(command, capture, wanted, fields, more=()):
    """The fields of each packet by its number; packets that have none of them are left out."""
    options = ["-2", "-n", "-r", str(capture), *keys_of(capture), *more, "-Y", wanted, "-T", "fields", "-e", "frame.number"]
    for field in fields:
        options += ["-e", field]
    done = subprocess.run(command(*options), capture_output=True, text=True, check=True)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return {int(row[0]): [words(field, text) for field, text in zip(fields, row[1:])] for row in rows}


def compare(patched, ws, wanted, pattern, pairs):
    """For each pair the packets that have something, those where both have the same, and the others."""
    found = [[0, 0, []] for _ in pairs]
    for capture in captures(pattern):
        ports = control_ports(ws, capture) if pattern.startswith("ftp") else ()
        told = [word for port in ports for word in ("-d", f"tcp.port=={port},ftp")]
        ours = read(lambda *options: ws.command("tshark", *options), capture, wanted, [pair[0] for pair in pairs])
        theirs = read(lambda *options: [patched, *options], capture, wanted, [pair[1] for pair in pairs], told)
        for number in sorted(ours.keys() | theirs.keys()):
            nothing = [""] * len(pairs)
            for result, one, other in zip(found, ours.get(number, nothing), theirs.get(number, nothing)):
                if one or other:
                    result[0] += 1
                    result[1] += one == other
                    if one != other:
                        result[2].append(f"{capture.parent.name}/{capture.name} {number}: {one!r}, patched {other!r}")
    return found


def main(run, *options):
    patched, ws = str(Path(run).resolve() / "tshark"), Wireshark("4.4")
    only = [option for option in options if not option.startswith("-")]
    for name, wanted, pattern, pairs in GROUPS:
        if only and name not in only:
            continue
        for (ours, theirs), (either, same, others) in zip(pairs, compare(patched, ws, wanted, pattern, pairs)):
            print(f"{name}: {ours}{'' if ours == theirs else f', {theirs}'}: {same} of {either} packets the same")
            if "--all" in options:
                print(*(f"    {line}" for line in others), sep="\n")


main(*sys.argv[1:])

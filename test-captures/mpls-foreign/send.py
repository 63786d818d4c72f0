#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Sends packets with the labels that the routers' own tables have, and prints what each label means.

    send.py FOLDER NAME     tables in FOLDER, as recipe.sh has asked for them; namespaces NAME-r1 ...

A line a packet: the IP identification, the link (from and to), and for each label the table it is from and its FEC.
"""

import ctypes
import json
import os
import re
import socket
import struct
import sys
from pathlib import Path

CLONE_NEWNET = 0x40000000
MAC = {(1, 2): ("02:00:00:00:12:01", "02:00:00:00:12:02", "x12"), (2, 1): ("02:00:00:00:12:02", "02:00:00:00:12:01", "x21"),
       (2, 3): ("02:00:00:00:23:02", "02:00:00:00:23:03", "x23"), (3, 2): ("02:00:00:00:23:03", "02:00:00:00:23:02", "x32")}
folder, name = Path(sys.argv[1]), sys.argv[2]


def table(file):
    return json.loads((folder / file).read_text())


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


def ipv4(number, src, dst):
    echo = struct.pack("!BBHHH", 8, 0, 0, number, 1) + b"gapfill!" * 2
    echo = echo[:2] + struct.pack("!H", checksum(echo)) + echo[4:]
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(echo), number, 0, 64, 1, 0) + socket.inet_aton(src) + socket.inet_aton(dst)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + echo


def send(link, labels, packet):
    here, there, interface = MAC[link]
    frame = bytes.fromhex((there + here).replace(":", "")) + b"\x88\x47"
    for n, label in enumerate(labels):
        frame += struct.pack("!I", label << 12 | (n == len(labels) - 1) << 8 | 64)
    if os.fork() == 0:
        with open(f"/run/netns/{name}-r{link[0]}") as space:
            ctypes.CDLL(None).setns(space.fileno(), CLONE_NEWNET)
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
            raw.bind((interface, 0))
            raw.send(frame + packet)
        os._exit(0)
    os.wait()


def ldp_of(router):
    """{prefix: label} that this router has told, as its own table says."""
    found = {}
    for entry in table(f"ldp{router}.json")["bindings"]:
        if entry["localLabel"].isdigit():
            found[entry["prefix"]] = int(entry["localLabel"])
    return found


def labels_in(data):
    """All labels in what bgpd says of a prefix."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key.lower() in ("remotelabel", "labels") and not isinstance(value, (dict, list)):
                yield int(value)
            yield from labels_in(value)
    elif isinstance(data, list):
        for value in data:
            yield from labels_in(value)


def ospf_segment(router, far):
    """The label that the router takes packets to the other one with, as ospfd has it."""
    nodes = {node["routerID"]: node for node in table(f"ospf-sr{router}.json")["srNodes"]}
    return nodes[f"203.0.113.{router}"]["srgbLabel"] + nodes[f"203.0.113.{far}"]["extendedPrefix"][0]["sid"]


def isis_segment(router, far):
    """As isisd has it: the router's block, and what the other one says of its prefix."""
    text = (folder / f"isis-sr{router}.txt").read_text()
    block = int(re.search(rf"0000\.0000\.000{router}\s+(\d+) - ", text)[1])
    said = re.search(rf"^r{far}\.00-00.*?Reachability: 203\.0\.113\.{far}/32.*?SID Index: (\d+)", text, re.S | re.M)
    return block + int(said[1])


def main():
    ldp = {router: ldp_of(router) for router in (1, 2, 3)}
    told = {}
    for kind in ("vpn", "lu"):
        for far in (1, 3):
            told[kind, far] = next(labels_in(table(f"{kind}{far}.json")))
    number = 0

    def say(link, src, dst, *meanings):
        nonlocal number
        for _ in range(4):
            number += 1
            send(link, [label for label, _, _ in meanings], ipv4(number, src, dst))
            print(number, f"{link[0]}{link[1]}", *(f"{label}={kind}:{fec}" for label, kind, fec in meanings), sep="\t")

    for near, far in ((1, 3), (3, 1)):
        loop, source = f"203.0.113.{far}", f"203.0.113.{near}"
        tunnel = ldp[2][f"{loop}/32"], "ldp", f"{loop}/32"
        segments = [(ospf_segment(2, far), "ospf-sr", f"{loop}/32"), (isis_segment(2, far), "isis-sr", f"{loop}/32")]
        say((near, 2), source, loop, tunnel)
        for segment in segments:
            say((near, 2), source, loop, segment)
        net, dst = f"10.{far}.0.0/24", f"10.{far}.0.5"
        say((near, 2), source, dst, (ldp[2][net], "ldp", net))
        say((near, 2), source, dst, (told["lu", far], "lu", net))
        vpn = told["vpn", far], "vpn", net
        for outer in (tunnel, *segments):
            say((near, 2), source, dst, outer, vpn)
        say((2, far), source, dst, vpn)


main()

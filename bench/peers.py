#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What others cost on the same traffic, and how much of it they find: the tables of docs/performance.md.

    bench/peers.py cost [packets]       instructions after start-up, of 2000 packets of FTP, HTTP and the mix
    bench/peers.py found                data connections in test-captures/ftp-servers; lookups and validations in those of HKP and ACME

Peers are Wireshark alone, MATE (ftp-data.mate), a postdissector in Lua (ftp-data.lua), a script that runs tshark twice, and of
Debian's packages nDPI's ndpiReader and tcpdump, if they are installed. For the Wireshark of this machine; what all of them do alike is
in none of their ways: Decode As for the lab's ports, and key logs.
"""

import getpass
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TOP / "pytest"), str(TOP / "bench")]

import cost  # noqa: E402
import workloads  # noqa: E402
from harness.craft import write_pcap  # noqa: E402
from harness.tshark import HOST_SERIES, Wireshark  # noqa: E402

KINDS = "ftp", "http1", "mix"
# Ports of the servers in test-captures/ftp-servers; each connection to another one is a data connection.
CONTROL = "21", "990", "2121", "2122", "2199"
DECODED = [word for port in CONTROL[2:] for word in ("-d", f"tcp.port=={port},ftp")]
ANNOUNCED = "ftp.passive.port || ftp.active.port || ftp.epsv.port || ftp.eprt.port"
NAMES = ("ftp.passive.ip", "ftp.active.cip", "ftp.eprt.ip", "ftp.eprt.ipv6", "ip.src", "ipv6.src", "ftp.passive.port", "ftp.active.port",
         "ftp.eprt.port", "ftp.epsv.port")
OTHERS = {"nDPI": ("ndpiReader", "-i"), "tcpdump": ("tcpdump", "-Z", getpass.getuser(), "-n", "-r")}
DATA = "2"          # of ftp_session.channel
LOOKUP = " || ".join(f'{field} contains "{path}"' for field in ("http.request.uri", "http2.headers.path")
                     for path in ("/pks/", "/vks/", "/.well-known/openpgpkey/"))
VALIDATION = 'http.request.uri contains "/.well-known/acme-challenge/" || dns.flags.response == 0 && dns.qry.name contains "_acme-challenge" ' \
    '|| tls.handshake.extensions_alpn_str == "acme-tls/1" && tls.handshake.type == 1'


def filter_of_announced(ws, capture, options):
    """The script's first run: a filter for all connections to addresses and ports that were announced."""
    ends = set()
    for row in ws.rows(capture, NAMES, ANNOUNCED, options=options):
        address = next(value for value in row[:6] if value)
        port = next((value for value in row[6:] if value), "")
        ends.add((address, port.split(",")[0]))
    return " || ".join(f"(ip{'v6' * (':' in address)}.addr == {address} && tcp.port == {port})" for address, port in sorted(ends)) or "tcp.port == 0"


class Scripts:
    """Where Wireshark finds them."""

    def __init__(self, folder):
        for name in ("ftp-data.lua", "ftp-data.mate"):
            shutil.copy(TOP / "bench" / name, folder)
        self.lua = ("-X", f"lua_script:{folder}/ftp-data.lua")
        self.mate = ("-o", f"mate.config:{folder}/ftp-data.mate")


def cost_of_other(name, capture, empty):
    def counted(file):
        done = subprocess.run(["/usr/bin/valgrind", *cost.TOOL, *OTHERS[name], file], capture_output=True, check=True)
        return sum(map(int, re.findall(rb"Total instructions: (\d+)", done.stderr)))
    return counted(capture) - counted(empty)


def cost_of_script(stock, captures):
    first = cost.after_start_up(stock, captures, ("-T", "fields", "-e", "ftp.passive.ip", "-e", "ftp.passive.port", "-Y", ANNOUNCED))
    second = [cost.after_start_up(stock, [captures[0], capture], ("-Y", filter_of_announced(stock, capture, ())))[0] for capture in captures[1:]]
    return [sum(pair) for pair in zip(first, second)]


def counts_of_each(captures, scripts):
    """A peer and its instructions for each capture but the empty one."""
    ws = Wireshark(HOST_SERIES)
    stock = ws.without_plugins()
    yield "Wireshark alone", cost.after_start_up(stock, captures)
    yield "Gapfill", cost.after_start_up(ws, captures)
    yield "MATE", cost.after_start_up(stock, captures, scripts.mate)
    yield "Lua postdissector", cost.after_start_up(stock, captures, scripts.lua)
    for other in OTHERS:
        if shutil.which(OTHERS[other][0]):
            yield other, [cost_of_other(other, capture, captures[0]) for capture in captures[1:]]
    yield "script of two runs", cost_of_script(stock, captures)


def costs(packets):
    print(f"Wireshark {HOST_SERIES}, {packets} packets of each kind, instructions a packet\n")
    print(f"| | {' | '.join(KINDS)} |\n| --- |{' ---: |' * len(KINDS)}")
    with tempfile.TemporaryDirectory(prefix="gapfill-peers-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        kinds = [workloads.frames(kind, packets) for kind in KINDS]
        captures = [write_pcap(folder / f"{number}.pcap", frames) for number, frames in enumerate([[], *kinds])]
        plain = None
        for peer, counts in counts_of_each(captures, Scripts(folder)):
            plain = plain or counts
            ratios = (f"{count / packets:.0f} ({count / stock:.3f})" for count, stock in zip(counts, plain))
            print(f"| {peer} | {' | '.join(ratios)} |", flush=True)


def keys_of(captures):
    """Of all that have a key log, in one."""
    return "".join(capture.with_suffix(".keys").read_text() for capture in captures if capture.with_suffix(".keys").exists())


def rows(ws, captures, fields, *options):
    """Of all captures, one after the other; the first of several values."""
    together = ws.with_env(LD_PRELOAD=str(cost.fork_at_open()), GAPFILL_CAPTURES=":".join(map(str, captures)))
    asked = [word for field in fields for word in ("-e", field)]
    command = together.command("tshark", "-n", "-r", captures[0], *options, "-T", "fields", "-E", "occurrence=f", *asked)
    printed = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout
    return [line.split("\t") for line in printed.splitlines()]


def by_stream(ws, captures, fields, *options):
    """{(capture's number, tcp.stream): rows of the fields}."""
    number, found = -1, {}
    for frame, stream, *values in rows(ws, captures, ["frame.number", "tcp.stream", *fields], *options):
        number += frame == "1"
        found.setdefault((number, stream), []).append(values)
    return {key: values for key, values in found.items() if key[1]}


def with_value(streams, column, *wanted):
    """The streams that have one there, or one of these."""
    return {key for key, values in streams.items() if any(row[column] in wanted if wanted else row[column] for row in values)}


def by_script(streams):
    """Two runs: where 227, 229, PORT and EPRT announced an address and port, then the connections that go there."""
    ends = {(capture, next(filter(None, row[:6])), next(filter(None, row[6:10])))
            for (capture, _), values in streams.items() for row in values if any(row[6:10])}
    return {key for key, values in streams.items() for row in values
            if {(key[0], row[4] or row[5], row[10]), (key[0], row[11] or row[12], row[13])} & ends}


def by_ndpi(captures):
    done = [subprocess.run([*OTHERS["nDPI"], capture, "-v", "2"], capture_output=True, text=True, check=True).stdout for capture in captures]
    return sum(len(re.findall(r"^\t\d+\tTCP .*/FTP_DATA\]", printed, re.MULTILINE)) for printed in done)


def data_connections(ws, stock, folder):
    """By each peer: how many it tells, then with how many of them it tells the command."""
    captures, scripts, keys = sorted((TOP / "test-captures/ftp-servers").glob("*.pcap")), Scripts(folder), folder / "keys"
    keys.write_text(keys_of(captures))
    options = [*DECODED, "-o", f"tls.keylog_file:{keys}"]
    plain = by_stream(stock, captures, [*NAMES, "tcp.srcport", "ip.dst", "ipv6.dst", "tcp.dstport", "ftp-data", "ftp-data.command"], *options)
    true = {key for key, values in plain.items() if not {values[0][10], values[0][13]} & set(CONTROL)}
    ours = by_stream(ws, captures, ["ftp_session.channel", "ftp_session.command"], *options)
    mate = by_stream(stock, captures, ["mate.data", "mate.ftp_ses"], *options, *scripts.mate)
    lua = by_stream(stock, captures, ["peer.setup_frame"], *options, *scripts.lua)
    told = {
        "truth": (true, true), "Gapfill": (with_value(ours, 0, DATA), with_value(ours, 0, DATA) & with_value(ours, 1)),
        "Wireshark alone": (with_value(plain, 14), with_value(plain, 15)), "MATE": (with_value(mate, 0), set()),
        "Lua postdissector": (with_value(lua, 0), set()), "script of two runs": (by_script(plain), set()),
    }
    counts = {peer: [len(true & some) for some in pair] + [len(pair[0] - true)] for peer, pair in told.items()}
    return counts | ({"nDPI": [by_ndpi(captures), 0, 0]} if shutil.which(OTHERS["nDPI"][0]) else {})


def total(ws, folder, beginning, display_filter):
    """Packets of test-captures/BEGINNING* that the filter matches."""
    captures, keys = sorted((TOP / "test-captures").glob(f"{beginning}*/*.pcap")), folder / "keys"
    keys.write_text(keys_of(captures))
    return len(rows(ws, captures, ["frame.number"], "-2", "-Y", display_filter, "-o", f"tls.keylog_file:{keys}"))


def found():
    ws = Wireshark(HOST_SERIES)
    stock = ws.without_plugins()
    with tempfile.TemporaryDirectory(prefix="gapfill-peers-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        print("| FTP data connections | told | with their command | others taken for one |\n| --- | ---: | ---: | ---: |")
        for peer, numbers in data_connections(ws, stock, folder).items():
            print(f"| {peer} | {' | '.join(map(str, numbers))} |")
        print("\n| packets | Wireshark alone: requests | Gapfill: with an outcome |\n| --- | ---: | ---: |", flush=True)
        for what, beginning, plain, ours in (("HKP", "hkp-", LOOKUP, "hkp.outcome"), ("ACME", "acme-", VALIDATION, "acme.outcome")):
            print(f"| {what} | {total(stock, folder, beginning, plain)} | {total(ws, folder, beginning, ours)} |", flush=True)


if __name__ == "__main__":
    what, *numbers = sys.argv[1:] or ["help"]
    if what == "cost":
        costs(*map(int, numbers or [2000]))
    elif what == "found":
        found()
    else:
        print(__doc__)

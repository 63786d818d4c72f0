# SPDX-License-Identifier: GPL-2.0-or-later
"""A process that goes on for long, as the window does: what is opened and asked for again and again takes no more memory each time than with stock."""

import json
import re
import struct
import subprocess
from pathlib import Path

import pytest

from harness.craft import Connection, ethernet, write_pcap
from openpgp.craft import subpacket
from openpgp.sign import Signer
from openpgp.test_http import message

CAPTURES = ("acme-http01/http01.pcap", "arp-snap/arp-snap.pcap", "hkp-servers/onak-curl.pcap", "openpgp-gnupg/gnupg.pcap", "session-services/services.pcap")
TABLES = ("acme,perspectives", "acme,verdicts", "ftp_session,files", "ftp_session,transfers", "ldp_binding,pseudowires", "ldp_binding,table", "openpgp,keys",
          "session,table", "session,tree")
FILES = 150


class Asked:
    """A sharkd that answers, started anew as all that is measured: those of the harness are forked, and have no process of their own to look at."""

    def __init__(self, ws):
        self.process = subprocess.Popen(ws.command("sharkd", "-"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.count = 0

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.kill()
        self.process.communicate()

    def ask(self, requests):
        for method, params in requests:
            self.count += 1
            self.process.stdin.write(json.dumps({"jsonrpc": "2.0", "id": self.count, "method": method, "params": params}).encode() + b"\n")
            self.process.stdin.flush()
            answer = json.loads(self.process.stdout.readline().decode(errors="replace"), strict=False)
            assert answer["id"] == self.count and "result" in answer, answer

    def greatest_kilobytes(self):
        """Until now, of sharkd itself, which is what was started last."""
        pid = self.process.pid
        while children := Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            pid = children[-1]
        status = Path(f"/proc/{pid}/status").read_text()
        assert status.startswith("Name:\tsharkd\n"), status
        return int(re.search(r"^VmHWM:\s+(\d+) kB$", status, re.M)[1])


def kilobytes_each(ws, first, again, times):
    """By which it grows with each time that all of again is asked for. What is lost each time is lost in both of two stretches: where it grows less, counts."""
    stretch = times * 2 // 5
    with Asked(ws) as sharkd:
        sharkd.ask([*first, *again * (times - 2 * stretch)])
        sizes = [sharkd.greatest_kilobytes()]
        for _ in range(2):
            sharkd.ask(again * stretch)
            sizes.append(sharkd.greatest_kilobytes())
    return min(after - before for before, after in zip(sizes, sizes[1:])) / stretch


def files_asked_for():
    connection = Connection(dport=21).handshake().server(b"220 ready\r\n")
    for number in range(FILES):
        connection.client(b"RETR a-file-with-a-long-name-%04d\r\n" % number).server(b"550 No such file.\r\n")
    return [ethernet(packet) for packet in connection.packets]


@pytest.fixture
def loads(captures, tmp_path):
    own = write_pcap(tmp_path / "files.pcap", files_asked_for())
    return [("load", {"file": str(path)}) for path in (own, *(captures / name for name in CAPTURES))]


def test_captures_one_after_the_other(ws, loads):
    times = 10 if ws.version < (4, 4) else 35      # 4.0 itself loses 12 MB with a capture, more or less
    stock, ours = (kilobytes_each(one, [], loads, times) for one in (ws.without_plugins(), ws))
    print(f"\n{len(loads)} captures: stock {stock:.1f} kB more each time, with plugins {ours:.1f}")
    assert ours < stock + max(12 * len(loads), stock / 50)


def mac_bytes(number):
    return bytes((2, 0, 0, 0, 0, number))


def questions_of_arp():
    """Between hosts of Ethernet, none in LLC."""
    def question(number):
        body = struct.pack(">HHBBH", 1, 0x0800, 6, 4, 1) + mac_bytes(number) + bytes((192, 0, 2, number)) + bytes(6) + bytes((192, 0, 2, 250))
        return ethernet(body, 0x0806, mac_bytes(number).hex(":"), "ff:ff:ff:ff:ff:ff")
    return [question(number) for number in range(1, 240)]


def signatures_without_files():
    """From a web server; what they are over does not come."""
    made, connection = Signer().sign(b"anything", 0, unhashed=subpacket(100, bytes(1000))), Connection(dport=80).handshake()
    for number in range(25):
        connection.client(b"GET /%d.tar.gz.sig HTTP/1.1\r\nHost: a.example.org\r\n\r\n" % number).server(message(made, "application/octet-stream"))
    return [ethernet(packet) for packet in connection.packets]


@pytest.mark.one_series
@pytest.mark.parametrize("name", [*CAPTURES[::2], "arp and signatures"])
def test_packets_looked_at_again(ws, captures, tmp_path, name):
    """Nothing is learnt from a packet but when it is first seen."""
    path = captures / name if name in CAPTURES else write_pcap(tmp_path / "own.pcap", [*questions_of_arp(), *signatures_without_files()])
    load, look = ("load", {"file": str(path)}), ("frames", {"column0": "frame.protocols:0"})
    stock, ours = (kilobytes_each(one, [load], [look], 180) for one in (ws.without_plugins(), ws))
    print(f"\n{name}: stock {stock:.1f} kB more each time, with plugins {ours:.1f}")
    assert ours < stock + 8


@pytest.mark.one_series
def test_tables_filled_again(ws, loads):
    """What stock's sharkd itself loses with a table is in the comparison."""
    tables = [("tap", {"tap0": f"nstat:{table}"}) for table in TABLES]
    native = [("tap", {"tap0": "nstat:dhcp,stat"})] * len(TABLES)
    stock, ours = kilobytes_each(ws.without_plugins(), loads[:1], native, 40), kilobytes_each(ws, loads[:1], tables, 40)
    print(f"\n{len(tables)} tables: stock {stock:.1f} kB more each time, with plugins {ours:.1f}")
    assert ours < stock + 15

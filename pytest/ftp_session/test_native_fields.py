# SPDX-License-Identifier: GPL-2.0-or-later
"""The first law for FTP: each of Wireshark's own fields of FTP is in each packet what it is without the plugins.

Also where what they say is not the truth, which ftp_session's fields tell. They may differ, and be there where they were
not, only in payloads that are read anew: what was data, and TLS records that were read as FTP. These are counted here.
"""

import shutil
import struct
import subprocess

import pytest

from ftp_session.packets import Control, Scene, pasv

SUFFIXES = (".pcap", ".pcapng", ".cap")
DATA, RECORDS, CLEARED = "was data", "TLS records read as FTP", "lines after CCC"
# By folder and capture: how many packets differ, and why they may.
READ_ANEW = {
    "ftp-servers": {
        "fxp-client.pcap": {DATA: 28}, "fxp-server.pcap": {DATA: 19}, "inetd-slow-banner.pcap": {DATA: 23},
        "lftp-tls.pcap": {RECORDS: 44, DATA: 209}, "nat-server-client-side.pcap": {DATA: 5},
        "nat-server-masquerade-server-side.pcap": {DATA: 23}, "proftpd-abort.pcap": {DATA: 65},
        "proftpd-commands6.pcap": {DATA: 154}, "proftpd-curl-active.pcap": {DATA: 46},
        "proftpd-curl-ccc.pcap": {DATA: 42, CLEARED: 2}, "proftpd-ftplib-tls.pcap": {DATA: 160, CLEARED: 4},
        "proftpd-two-sessions.pcap": {DATA: 66}, "pureftpd-pipelined.pcap": {DATA: 16}, "tnftp.pcap": {DATA: 147},
        "vsftpd-curl-implicit.pcap": {DATA: 46}, "vsftpd-curl-tls.pcap": {RECORDS: 167, DATA: 5}},
    "captures": {"markofu__pcaps__HackChallenge_Cmas2011.pcap": {DATA: 386}, "zeek__zeek__ipv4.pcap": {DATA: 2}},
    # Joined, they have connections in common, which 4.0 tells apart in another way.
    "cases": {"g1_gridftp_parallel.pcap": {DATA: 3}, "p_ctl2123.pcap": {DATA: 1}, "s11_stou.pcap": {DATA: 2}, "t12_snap96.pcap": {DATA: 8},
              "u10_other_verbs.pcap": {DATA: 2}, "u3b_gap30M.pcap": {DATA: 1}},
}
CASES_SINCE_4_4 = {
    "g1_gridftp_parallel.pcap": {DATA: 3}, "p_ctl2123.pcap": {DATA: 1}, "p_ctl80.pcap": {DATA: 1},
    "s11_stou.pcap": {DATA: 1}, "s8_fluent677_zos.pcap": {DATA: 2}, "t14_size_after_mismatch.pcap": {DATA: 1},
    "t18_wrong_direction.pcap": {DATA: 1}, "t2c_start_after_227.pcap": {DATA: 10}, "u10_other_verbs.pcap": {DATA: 5},
    "u3b_gap30M.pcap": {DATA: 2}}
# Under TLS with the keys inside, which cannot be joined with others.
ALONE = "tls_alert_counted.pcapng"

_joined = {}


def _folder(name, captures, shared):
    return {"ftp-servers": captures / "ftp-servers", "captures": shared / "ftp", "cases": shared.parent / "cases/ftp-session"}[name]


def _fields(ws):
    own = sorted(name for name in ws.without_plugins().fields() if name.startswith(("ftp.", "ftp-data.")))
    assert len(own) > 30
    return ["ftp", "ftp-data", *own]


def _join(folder, tmp_path):
    """One capture with the packets of all of the folder, whose each packet is from, and the key logs beside them."""
    paths = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES and path.name != ALONE)
    parts = [tmp_path / f"{number}.pcapng" for number in range(len(paths))]
    for path, part in zip(paths, parts):
        subprocess.run(["editcap", path, part], capture_output=True)
    counted = subprocess.run(["capinfos", "-TMrc", *parts], capture_output=True, text=True, check=True).stdout.splitlines()
    owners = [path.name for path, line in zip(paths, counted, strict=True) for _ in range(int(line.split()[-1]))]
    subprocess.run(["mergecap", "-a", "-w", tmp_path / "joined.pcapng", *parts], check=True, capture_output=True)
    (tmp_path / "joined.keys").write_bytes(b"".join(path.read_bytes() for path in sorted(folder.glob("*.keys"))))
    return tmp_path / "joined.pcapng", owners, tmp_path / "joined.keys"


@pytest.fixture
def joined(captures, shared, tmp_path_factory):
    """By name of the folder; each is joined once."""
    def join(name):
        if name not in _joined:
            _joined[name] = _join(_folder(name, captures, shared), tmp_path_factory.mktemp(name))
        return _joined[name]
    return join


def _reason(stock, ours):
    """Why the fields of a packet may differ; None if they may not. Rows begin with layers, channel and whether there is TLS."""
    layers, channel, tls = stock[0].split(":"), ours[1], ours[2] in ("1", "True")
    if not channel:
        return None
    if not any(stock[3:]):
        return DATA if layers[-1] in ("data", "tcp") else CLEARED if layers[-1] == "tls" and not tls else None
    return RECORDS if tls and not any(name == "data" for name in layers) else None


def _differences(ws, capture, **how):
    """(index, reason) of each packet in which a field of FTP differs."""
    plain, fields = ws.without_plugins(), _fields(ws)
    stock = plain.rows(capture, ["frame.protocols", "frame.number", "frame.number", *fields], **how)
    ours = ws.rows(capture, ["frame.protocols", "ftp_session.channel", "ftp_session.tls", *fields], **how)
    assert len(stock) == len(ours) > 0
    return [(number, _reason(a, b)) for number, (a, b) in enumerate(zip(stock, ours)) if a[3:] != b[3:]]


@pytest.mark.parametrize("two_pass", [False, True], ids=["one pass", "-2"])
@pytest.mark.parametrize("name", READ_ANEW)
def test_fields_are_those_without_the_plugins(ws, joined, name, two_pass):
    capture, owners, keys = joined(name)
    found = {}
    for number, reason in _differences(ws, capture, two_pass=two_pass, keylog=keys, options=["-d", "tcp.port==2100,ftp"]):
        counts = found.setdefault(owners[number], {})
        counts[reason] = counts.get(reason, 0) + 1
    assert found == (CASES_SINCE_4_4 if name == "cases" and ws.version >= (4, 4) else READ_ANEW[name])


@pytest.mark.parametrize("two_pass", [False, True], ids=["one pass", "-2"])
def test_fields_with_keys_inside(ws, shared, tmp_path, two_pass):
    capture = shutil.copy(shared.parent / "cases/ftp-session" / ALONE, tmp_path)
    assert {reason for _, reason in _differences(ws, capture, two_pass=two_pass)} == {DATA}


# REST and TYPE between announcement and command; NAT; EPRT; data that is refused; two servers.
IN_THE_WINDOW = "vsftpd-commands", "vsftpd-curl-pasv", "vsftpd-curl-active", "nat-server-client-side", "vsftpd-refused"


def _rows_in_the_window(sharkd, capture, fields):
    sharkd.load(capture)
    return sharkd.rows(fields)


def test_fields_in_the_window(ws, captures):
    fields = _fields(ws)
    with ws.sharkd() as ours, ws.without_plugins().sharkd() as stock:
        for name in IN_THE_WINDOW:
            capture = captures / f"ftp-servers/{name}.pcap"
            seen, known = _rows_in_the_window(ours, capture, fields), _rows_in_the_window(stock, capture, fields)
            layers = stock.rows(["data"])
            assert len(seen) == len(known) > 0
            assert sum(any(row) for row in known) > 10
            changed = [number for number, pair in enumerate(zip(known, seen)) if pair[0] != pair[1]]
            assert [number for number in changed if any(known[number]) or not layers[number][0]] == [], name


def test_the_truth_is_beside_them(ws, captures):
    """REST between 229 and RETR: Wireshark (not 4.6) takes it for the command, ftp_session does not."""
    rows = ws.rows(captures / "ftp-servers/vsftpd-commands.pcap", ["ftp-data.command", "ftp_session.command", "ftp_session.path"],
                   "frame.number == 141", two_pass=True)
    native = "RETR records.txt" if ws.version >= (4, 6) else "REST 45893"
    assert rows == [(native, "RETR", "/pub/records.txt")]


def test_what_another_dissector_claims_stays_its_own(ws, shared, tmp_path):
    """Data on a connection that FTP announced, on a port that is not FTP's: part of it is another protocol's to Wireshark."""
    capture, fields = shutil.copy(shared.parent / "cases/ftp-session/gap-at-end-60MB.pcap", tmp_path), ["frame.protocols"]
    stock, ours = ws.without_plugins().rows(capture, fields), ws.rows(capture, fields)
    claimed = [(a[0].split(":"), b[0].split(":")) for a, b in zip(stock, ours) if not a[0].endswith((":tcp", ":data"))]
    assert all(a == b for a, b in claimed)
    assert ws.version > (4, 0) or [a[-1] for a, _ in claimed] == ["lbmsrs"]
    assert ws.count(capture, "lbmsrs") == ws.without_plugins().count(capture, "lbmsrs")
    assert ws.count(capture, "ftp-data") >= 22


@pytest.mark.parametrize("ports, protocol, message", [
    ((2000, 3306), "mysql", struct.pack("<III", 12, 0, 0x100) + b"12345678"),
    ((1433, 5432), "pgsql", b"R" + struct.pack(">II", 8, 0)),
], ids=["mysql", "pgsql"])
def test_the_port_of_the_server_comes_first(ws, tmp_path, ports, protocol, message):
    """As in packet-tcp.c, where the handshake tells which one it is; the client's has a dissector too."""
    scene = Scene()
    control = Control(scene, "192.0.2.1", "198.51.100.1", dport=3333).begin("220 FTP ready")
    control.ask("PASV", pasv(control.server, ports[1]))
    data = control.data(ports[1], sport=ports[0])
    data.open()
    control.ask("RETR x", "150 go on")
    frame = data.send(1, message)
    capture = scene.write(tmp_path / "ports.pcap")
    stock, ours = (run.rows(capture, ["frame.protocols"], f"frame.number == {frame}")[0][0].split(":")
                   for run in (ws.without_plugins(), ws))
    assert stock[-1] == protocol and [layer for layer in ours if layer != "ftp-data"] == stock

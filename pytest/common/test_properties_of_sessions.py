# SPDX-License-Identifier: GPL-2.0-or-later
"""The properties of harness/properties.py, applied to FTP sessions, HKP's exchanges and whole sessions.

What costs a run of tshark for each variant is done once for all three, on a capture with a conversation of each.
Fields with frame numbers are left out of comparisons of variants, for there the numbers differ.
"""

import urllib.parse

import pytest

from ftp_session.packets import Control, Scene, pasv
from harness.craft import Connection, ethernet, icmp_error, ip, udp, write_pcap
from harness.properties import (assert_files_do_not_leak, assert_passes_agree, assert_same_for_all, assert_survives,
                                duplications, encapsulations, reorderings, segmentations, truncated_frames, truncations)
from openpgp.craft import USER_ID, armor, fingerprint, key, mpi, packet

OURS = ("ftp-session", "hkp", "whole-session")
IN_ORDER = {"tcp.reassemble_out_of_order": "TRUE"}
CLIENT, SERVER, NAT = "192.0.2.1", "198.51.100.1", "203.0.113.77"


# FTP: a passive transfer, a listing, a data connection refused by ICMP


def ftp_frames(announced=SERVER):
    """A session whose PASV reply gives this address; variants have other addresses around it, so it is NAT's for them."""
    scene = Scene()
    control = Control(scene, CLIENT, SERVER)
    control.open()
    control.reply("220 x")
    control.send(0, flags="A")
    control.ask("USER anna", "331 x")
    control.ask("PASS x", "230 x")
    control.ask("CWD /pub", "250 x")
    control.ask("TYPE I", "200 x")
    control.ask("SIZE a", "213 12")
    control.ask("PASV", pasv(announced, 50001))
    data = control.data(50001, 50002)
    data.open()
    control.ask("RETR a", "150 x")
    data.send(1, b"one")
    data.send(0, flags="A")
    data.send(1, b"two three")
    control.reply("226 x")
    data.close(1)
    control.ask("EPSV", "229 x (|||50003|)")
    control.command("LIST")
    listing = control.data(50003, 50004)
    listing.open()
    control.reply("150 x")
    listing.send(1, b"a\r\n")
    listing.close(1)
    control.reply("226 x")
    control.ask("EPSV", "229 x (|||50005|)")
    refused = control.data(50005, 50006)
    refused.syn()
    refused.unreachable()
    control.ask("RETR b", "425 x")
    control.quit()
    return [frame for _, frame in scene.frames]


FTP_FIELDS = [f"ftp_session.{name}" for name in (
    "channel", "transfer", "mode", "evidence", "user", "command", "path", "type", "size_expected", "complete", "reply_code",
    "icmp_error", "data_refused", "no_banner", "incomplete", "bounce")]


# HKP: a key, an index, a key sent, a key that is not there, over one connection


KEY_BODY = key(mpi(0x10001) + mpi(3))
KEY = armor(packet(6, KEY_BODY) + packet(USER_ID, b"A <a@example.org>"))
INDEX = (b"info:1:2\npub:0123456789ABCDEF:1:2048:1500000000::\nuid:B <b@example.org>:1500000000::\n"
         b"pub:89ABCDEF01234567:22:::1600000000:r\n")


def lookup(op, search):
    return f"GET /pks/lookup?op={op}&search={search} HTTP/1.1\r\nHost: k\r\n\r\n".encode()


def answer(body, status=200):
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def hkp_frames():
    connection = Connection(sport=41371, dport=11371).handshake()
    body = b"keytext=" + urllib.parse.quote_plus(KEY).encode()
    added = f"POST /pks/add HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    connection.client(lookup("get", "0x" + fingerprint(KEY_BODY))).server(b"", flags="A").server(answer(KEY)).client(b"", flags="A")
    connection.client(lookup("index&options=mr", "b%40example.org")).server(answer(INDEX)[:60]).server(answer(INDEX)[60:])
    connection.client(added[:50]).client(added[50:]).server(answer(b"ok"))
    connection.client(lookup("get", "none")).server(answer(b"no", 404)).close()
    return list(map(ethernet, connection.packets))


HKP_FIELDS = [f"hkp.{name}" for name in ("op", "search", "search.kind", "fingerprint", "options", "status", "found",
                                         "index.version", "index.count", "index.keyid", "index.algorithm", "index.keylen",
                                         "index.creation", "index.expiration", "index.flags", "index.uid", "key_mismatch",
                                         "not_found", "index_malformed")]
OPENPGP_FIELDS = ["openpgp.key.fingerprint", "openpgp.userid"]


# Whole sessions: UDP, ports that are used again, ICMP errors


GET = b"GET /a HTTP/1.1\r\nHost: www.example.org\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
DNS = bytes.fromhex("002a01000001000000000000036e7331076578616d706c65036f72670000010001")


def session_frames():
    query, late = ip(udp(DNS, 40001, 53)), ip(udp(DNS, 40002, 53))
    ssh = Connection(sport=40003, dport=22).handshake().server(b"SSH-2.0-x\r\n").client(b"", flags="A").client(b"SSH-2.0-y\r\n")
    spoken = len(ssh.packets)
    ssh.close()
    web = Connection(sport=40004, dport=80).handshake().client(GET)
    lost = web.packets[-1]
    web.server(OK).close()
    again = Connection(sport=40004, dport=80, seq=900000, ack=800000).handshake().client(GET).server(JSON).close()
    packets = [query, *ssh.packets[:spoken], ip(udp(DNS[:2] + b"\x81" + DNS[3:], 53, 40001), SERVER, CLIENT), late,
               *web.packets[:4], icmp_error(lost, 8, 11, 0, "198.51.100.9"), *web.packets[4:], icmp_error(late),
               *again.packets, *ssh.packets[spoken:]]
    return list(map(ethernet, packets))


SESSION_FIELDS = ["session.proto", "session.icmp_error", "session.negative_delta"]


# Variants of one conversation


CONVERSATIONS = {
    "ftp": (ftp_frames(NAT), [*FTP_FIELDS, "session.proto"], {"by": "tcp.stream"}),
    "hkp": (hkp_frames(), [*HKP_FIELDS, *OPENPGP_FIELDS, "session.proto"], {"prefs": IN_ORDER}),
    "sessions": (session_frames(), SESSION_FIELDS, {"by": "session.id", "prefs": IN_ORDER}),
}
each_conversation = pytest.mark.parametrize("name", CONVERSATIONS)


def same(ws, name, variants, ignore=()):
    _, fields, options = CONVERSATIONS[name]
    return assert_same_for_all(ws, variants, fields, two_pass=True, ignore=ignore, **options)


def more_streams(ws, variants):
    """The names of the variants in which Wireshark itself counts more TCP connections than in the original."""
    counts = [len(set(streams)) for streams, in variants.rows(ws.without_plugins(), ["tcp.stream"], "tcp && !icmp")]
    return {name for name, count in zip(variants.names, counts) if count > counts[0]}


# What the originals show; FTP's ICMP error, which is of no tcp.stream, first.
EXPECTED = {
    "ftp": {"ftp_session.channel": ("2", "1", "2"), "ftp_session.evidence": ("1", "2", "1", "2", "1"),
            "ftp_session.path": ("/pub/b", "/pub/a", "/pub", "/pub/b", "/pub/a", "/pub", "/pub/b"),
            "ftp_session.complete": ("0", "1", "0", "1", "0"), "ftp_session.reply_code": ("425", "226", "425", "226", "425"),
            "session.proto": ("ftp", "ftp-data,data-text-lines")},
    "hkp": {"hkp.op": ("get", "index", "add", "get"), "hkp.status": ("200", "404"), "hkp.found": ("1", "0"),
            "hkp.index.keyid": ("0123456789ABCDEF,89ABCDEF01234567",), "openpgp.key.fingerprint": (fingerprint(KEY_BODY),),
            "hkp.key_mismatch": (), "hkp.index_malformed": ()},
    "sessions": {"session.proto": ("dns", "ssh", "dns", "http", "http,json")},
}
# The last octets of a file and the reply after them; an announcement and the SYN that uses it; data and FIN; ACK and greeting.
EXCHANGED = [f"frames {first} and {second} exchanged" for first, second in ((25, 26), (43, 44), (37, 38), (3, 4))]
# Of which frames every truncation is tried, after what was before them.
TELLING = {
    "ftp": [17, 45],            # reply to PASV, ICMP error
    "hkp": [4, 9, 11],          # get, the beginning of the index, the end of the key sent
    "sessions": [14, 19],       # ICMP errors
}


@pytest.mark.one_series
@each_conversation
def test_segmented(ws, tmp_path, name):
    variants = segmentations(tmp_path / "s.pcap", CONVERSATIONS[name][0], step=3)
    found = same(ws, name, variants)
    plain = {"True": "1", "False": "0"}         # since 4.2
    assert {field: tuple(plain.get(value, value) for value in found[field]) for field in EXPECTED[name]} == EXPECTED[name]
    if name == "ftp":
        assert_bytes_and_session(ws, variants)


@each_conversation
def test_duplicated(ws, tmp_path, name):
    variants = duplications(tmp_path / "d.pcap", CONVERSATIONS[name][0])
    sessions = set()
    if name == "ftp" and ws.version >= (4, 4):      # to which a SYN after the end is another connection, and so another session
        sessions = {f"frame {number} again at the end" for number in (1, 2)}
        assert sessions <= more_streams(ws, variants)
    same(ws, name, variants, sessions)
    if name == "ftp":
        assert_bytes_and_session(ws, variants, sessions)


@each_conversation
def test_reordered(ws, tmp_path, name):
    variants = reorderings(tmp_path / "r.pcap", CONVERSATIONS[name][0])
    same(ws, name, variants)
    if name == "ftp":
        assert_bytes_and_session(ws, variants)
        assert set(EXCHANGED) <= set(variants.names)


def assert_bytes_and_session(ws, variants, with_another=()):
    """Each variant is a session, or two; what its data connections have carried when the client has seen their ends."""
    telling = "tcp.port == 21 && tcp.flags.syn == 1 || tcp.flags.fin == 1 && tcp.dstport in {50001, 50003}"
    found = variants.rows(ws, ["ftp_session.id", "ftp_session.bytes"], telling, two_pass=True, by="tcp.stream")
    seen = set()
    for name, (sessions, carried) in zip(variants.names, found):
        assert carried == ("12", "3") and len(sessions) == (2 if name in with_another else 1) and not seen & set(sessions), name
        seen |= set(sessions)
    assert len(seen) == len(variants.names) + len(with_another)


@pytest.mark.one_series
@each_conversation
def test_truncated(ws, tmp_path, name):
    assert_survives(ws, truncations(tmp_path / "t.pcap", CONVERSATIONS[name][0], [number - 1 for number in TELLING[name]]))


# All of them in one capture


def everything():
    return [*ftp_frames(), *hkp_frames(), *session_frames()]


@pytest.fixture
def capture(tmp_path):
    return write_pcap(tmp_path / "everything.pcap", everything())


IN_ONE_PASS = {
    "ftp-session": [f"ftp_session.{name}" for name in ("id", "channel", "control_stream", "mode", "setup_frame", "bytes",
                                                       "icmp_error", "data_refused", "tls", "banner_time")],
    "hkp": [*HKP_FIELDS, "hkp.response_to", "hkp.time"],
    "whole-session": ["session.id", "session.icmp_error", "session.negative_delta"],
}
LATER = {
    "ftp-session": [f"ftp_session.{name}" for name in ("user", "transfer", "evidence", "command", "path", "type", "size_expected",
                                                       "complete", "reply_code", "command_frame", "duration")],
    "hkp": ["hkp.response_in"],
    "whole-session": ["session.proto"],
}


def fields_of(plugins):
    return [field for plugin in OURS if plugin in plugins for field in IN_ONE_PASS[plugin] + LATER[plugin]]


def test_passes_agree(ws, capture):
    stable, later = ([field for plugin in OURS for field in part[plugin]] for part in (IN_ONE_PASS, LATER))
    later.remove("session.proto")       # in one pass that of the port, where in the end there is nothing
    rows = assert_passes_agree(ws, capture, stable, "ftp_session || hkp || session", later)
    assert len(rows) == len(everything()) and sum(bool(row[1]) for row in rows) == len(ftp_frames())
    with ws.sharkd() as sharkd:
        sharkd.load(capture)
        assert sharkd.columns(["session.proto"]) == ws.custom_columns(capture, ["session.proto"], two_pass=True)


def test_encapsulated(ws, tmp_path):
    frames = [*ftp_frames(NAT), *hkp_frames(), *session_frames()]
    found = assert_same_for_all(ws, encapsulations(tmp_path, frames), fields_of(OURS), two_pass=True)
    assert {"1", "2"} <= set(found["ftp_session.evidence"])


@pytest.mark.one_series
def test_truncated_without_context(ws, tmp_path):
    assert_survives(ws, truncated_frames(tmp_path / "t.pcap", [frame for frame in everything() if len(frame) > 60]))


@pytest.mark.one_series
def test_files_do_not_leak(ws, tmp_path, capture):
    """The second file lacks what the first one has: announcements, requests, the beginnings of connections."""
    frames = everything()
    ftp = len(ftp_frames())
    rest = write_pcap(tmp_path / "rest.pcap", [*frames[20:ftp], *frames[ftp + 5:]])
    assert_files_do_not_leak(ws, capture, rest, fields_of(OURS))


def shown(ws, capture, plugins):
    """{field: its values, packet by packet} of those of our plugins that are among these."""
    fields = fields_of(plugins)
    return dict(zip(fields, zip(*ws.rows(capture, fields, two_pass=True)))) if fields else {}


def test_any_subset(ws, capture):
    """Each of the three alone, without the others, and absent show what all plugins show."""
    built = ws.built()
    wanted = shown(ws, capture, built)
    assert built > set(OURS) and all(any(wanted[field]) for field in ("ftp_session.id", "hkp.found", "session.id"))
    for subset in [*({plugin} for plugin in OURS), set(OURS), *(built - {plugin} for plugin in OURS)]:
        for field, values in shown(ws.subset(*subset), capture, subset).items():
            assert values == wanted[field], f"{field} with {sorted(subset)} only"

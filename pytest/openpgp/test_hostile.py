# SPDX-License-Identifier: GPL-2.0-or-later
"""OpenPGP that is cut, damaged or made to hurt: expert information, and always the next packet."""

import random
import zlib

import pytest

from harness import craft
from harness.properties import assert_survives
from openpgp.craft import (COMPRESSED, CREATED, LITERAL, MARKER, PADDING, PUBLIC_KEY, SIGNATURE, TRUST, USER_ATTRIBUTE, USER_ID, armor, fingerprint, http_capture, key, mpi,
                           number, old_packet, packet, partial, rsa, signature, subpacket)

pytestmark = pytest.mark.one_series

OCTETS = bytes(range(200))
BODY = key(rsa(1024))
HEAD = packet(PUBLIC_KEY, BODY)
AFTER = packet(USER_ID, b"after")


def assert_survives_everywhere(ws, capture):
    """Also where no tree is made."""
    assert_survives(ws, capture)
    out = ws.execute("tshark", "-n", "-r", capture)
    assert out.returncode == 0 and b"Dissector bug" not in out.stdout


def streams(ws, capture, display_filter):
    return [int(r[0]) for r in ws.rows(capture, ["tcp.stream"], display_filter)]


def test_truncated_at_every_length(ws, tmp_path, captures):
    """A key is there only if all of it is; what was whole before the cut is shown."""
    small = packet(PUBLIC_KEY, key(OCTETS[:32], 27, 6)) + packet(USER_ID, b"Alice") + packet(SIGNATURE, signature(
        subpacket(2, number(CREATED, 4)) + subpacket(33, b"\6" + OCTETS[:32]), version=6, algorithm=27, material=OCTETS[:64]))
    first = 2 + len(key(OCTETS[:32], 27, 6))
    capture = http_capture(tmp_path / "cut.pcap", [small[:n] for n in range(1, len(small) + 1)])
    for two_pass in (False, True):
        found = ws.rows(capture, ["tcp.stream", "openpgp.key.fingerprint", "openpgp.userid", "openpgp.ed25519.signature"], "openpgp", two_pass)
        ident = fingerprint(key(OCTETS[:32], 27, 6))
        assert found == [(str(n - 1), ident, "Alice" if n >= first + 7 else "Alice"[:n - first - 2] if n > first + 2 else "",
                          OCTETS[:64].hex() if n == len(small) else "") for n in range(first, len(small) + 1)]
    cut = [n for n in range(first + 1, len(small)) if n not in (first + 7,)]
    assert streams(ws, capture, "openpgp.truncated") == [n - 1 for n in cut]
    # The same in armor, where the end line is missing too.
    text = armor(small)
    capture = http_capture(tmp_path / "armor.pcap", [text[:n] for n in range(1, len(text) + 1)])
    assert_survives_everywhere(ws, capture)
    found = {int(r[0]): r[1] for r in ws.rows(capture, ["tcp.stream", "openpgp.key.fingerprint"], "openpgp")}
    body = text.index(b"\n\n") + 2
    needs = -(-first * 4 // 3)
    assert [n for n, f in found.items() if f == ident] == list(range(body + needs + needs // 64 - 1, len(text))) or \
        min(n for n, f in found.items() if f == ident) in range(body + needs - 4, body + needs + 6)
    assert streams(ws, capture, "openpgp.armor.no_end")[-1] < len(text) - 1


def test_snapped_captures(ws, tmp_path):
    """Cut by the capture instead: nothing is said about it but what is there."""
    frames = []
    data = HEAD + packet(USER_ID, b"Alice") + packet(SIGNATURE, signature(subpacket(2, number(CREATED, 4))))
    whole = craft.ethernet(craft.ip(craft.udp(data, 20000, 7777)))
    for size in range(42, len(whole) + 1):
        frames.append((size / 1000, whole[:size], len(whole)))
    capture = craft.write_pcap(tmp_path / "snap.pcap", frames)
    options = ("-d", "udp.port==7777,openpgp")
    found = ws.rows(capture, ["frame.cap_len", "openpgp.key.fingerprint"], "openpgp.key.fingerprint", options=options)
    assert found == [(str(size), fingerprint(BODY)) for size in range(42 + len(HEAD), len(whole) + 1)]
    out = ws.tshark(capture, "-V", *options)
    assert "Dissector bug" not in out and "Malformed" not in out
    assert ws.count(capture, "openpgp.truncated or openpgp.malformed", options=options) == 0


def test_compressed_data_that_the_capture_cuts_off(ws, tmp_path):
    """They are not damaged; the same octets are where nothing was cut off."""
    squeeze = zlib.compressobj(wbits=-15)
    data = packet(COMPRESSED, b"\1" + squeeze.compress(packet(LITERAL, b"b\0" + bytes(4) + bytes(random.Random(7).randbytes(600)))) + squeeze.flush())
    whole = craft.ethernet(craft.ip(craft.udp(data, 20000, 7777)))
    damaged = craft.ethernet(craft.ip(craft.udp(packet(COMPRESSED, data[3:400]), 20000, 7777)))
    capture = craft.write_pcap(tmp_path / "snap.pcap", [(0, whole[:442], len(whole)), (1, whole), (2, damaged)])
    options = ("-d", "udp.port==7777,openpgp")
    assert ws.frames(capture, "openpgp.compressed.uncompressed_length > 300", options=options) == [2, 3]
    assert ws.frames(capture, "openpgp.compressed.incomplete", options=options) == [3]
    assert ws.frames(capture, "openpgp.literal.data", options=options) == [1, 2, 3]
    assert ws.frames(capture, "openpgp.malformed or openpgp.truncated", options=options) == [3]


def test_what_the_capture_cuts_off_within_compressed_data(ws, tmp_path):
    """Whatever packet, of whatever kind of length, at whatever depth it is."""
    noise = random.Random(9).randbytes(900)

    def squeezed(data):
        squeeze = zlib.compressobj(wbits=-15)
        return packet(COMPRESSED, b"\1" + squeeze.compress(data) + squeeze.flush())

    literal = b"b\0" + bytes(4) + noise
    inner = [packet(LITERAL, literal), partial(LITERAL, literal), old_packet(LITERAL, literal, 0), packet(SIGNATURE, signature(subpacket(100, noise))), packet(USER_ID, noise),
             packet(PUBLIC_KEY, key(mpi(noise) + mpi(3))), packet(MARKER, noise), squeezed(packet(LITERAL, literal))]
    bodies = [squeezed(data) for data in inner]
    bodies += [packet(COMPRESSED, b"\0" + data) for data in inner[:4]]
    whole = [craft.ethernet(craft.ip(craft.udp(body, 20000, 7777))) for body in bodies]
    capture = craft.write_pcap(tmp_path / "within.pcap", [(n, frame[:500], len(frame)) for n, frame in enumerate(whole)])
    options = ("-d", "udp.port==7777,openpgp")
    assert ws.count(capture, "openpgp.packet.tag == 8", options=options) == len(bodies)
    assert ws.count(capture, "openpgp.malformed or openpgp.truncated or openpgp.compressed.incomplete", options=options) == 0
    assert ws.frames(capture, "openpgp.compressed.uncompressed_length", options=options) == []
    assert ws.count(capture, "openpgp.packet.length > 400 and openpgp.packet.length < 900", options=options) == 0


def test_the_next_packet_is_shown(ws, tmp_path):
    """Whatever is wrong inside a packet."""
    wrong = [packet(PUBLIC_KEY, b""), packet(PUBLIC_KEY, b"\4"), packet(PUBLIC_KEY, BODY[:20]), packet(PUBLIC_KEY, BODY[:6] + b"\xff\xff" + BODY[8:]),
             packet(SIGNATURE, b""), packet(SIGNATURE, signature()[:9]), packet(SIGNATURE, b"\4\x10\1\x08\xff\xff" + bytes(50)),
             packet(SIGNATURE, b"\6\x10\1\x08\xff\xff\xff\xff" + bytes(50)), packet(PUBLIC_KEY, b"\6" + bytes(4) + b"\x1b\xff\xff\xff\xff" + bytes(32)),
             packet(LITERAL, b"b"), packet(LITERAL, b"b\xff" + bytes(20)), packet(1, b"\3"), packet(3, b"\4\7"), packet(4, b"\3"), packet(18, b""),
             packet(19, b"short"), packet(10, b"NOT"), packet(USER_ATTRIBUTE, b"\xff\xff\xff\xff\xff\1"), packet(USER_ATTRIBUTE, b"\xc0"), packet(COMPRESSED, b""),
             packet(SIGNATURE, signature(b"\xff\xff\xff\xff\xff\2")), packet(SIGNATURE, signature(b"\0\0\0")), packet(SIGNATURE, signature(subpacket(20, b"\x80"))),
             packet(SIGNATURE, signature(subpacket(20, bytes(4) + b"\xff\xff\xff\xff"))), packet(SIGNATURE, signature(subpacket(16, b"short"))),
             packet(SIGNATURE, signature(subpacket(33, b""))), packet(SIGNATURE, signature(subpacket(32, b"\4"))), packet(SIGNATURE, signature(subpacket(2, b"\0")))]
    capture = http_capture(tmp_path / "wrong.pcap", [HEAD + w + AFTER for w in wrong])
    for two_pass in (False, True):
        found = ws.rows(capture, ["tcp.stream", "openpgp.userid"], "openpgp", two_pass)
        assert found == [(str(n), "after") for n in range(len(wrong))]
    assert streams(ws, capture, "openpgp.malformed") == list(range(len(wrong)))
    # A key that is not whole has no fingerprint.
    assert [r[0] for r in ws.rows(capture, ["openpgp.key.fingerprint"], "openpgp")] == [fingerprint(BODY)] * len(wrong)
    assert_survives_everywhere(ws, capture)


def test_empty_packets(ws, tmp_path):
    capture = http_capture(tmp_path / "empty.pcap", [HEAD + b"".join(packet(tag) + old_packet(tag & 15) for tag in range(64)) + AFTER, HEAD + packet(USER_ID) * 2000 + AFTER,
                                                     HEAD + packet(USER_ID), HEAD + b"\xcd\xff" + bytes(4)])
    assert_survives_everywhere(ws, capture)
    found = ws.rows(capture, ["openpgp.packet.tag", "openpgp.packet.length"], "openpgp")
    tags = [row[0].split(",") for row in found]
    assert [len(t) for t in tags] == [130, 2002, 2, 2] and [t[-1] for t in tags] == ["13"] * 4
    assert [r[1].split(",")[-1] for r in found] == ["5", "5", "0", "0"]


def test_partial_lengths_that_lie(ws, tmp_path):
    literal = bytes([0xc0 | LITERAL])
    bodies = [literal + b"\xe9" + b"b\0" + bytes(4) + b"x" * 506 + b"\xfe" + b"more", literal + b"\xfe" + b"b\0" + bytes(20), literal + b"\xe9" + b"b\0" + bytes(510),
              literal + b"\xe9" + b"b\0" + bytes(510) + b"\xff\xff", literal + b"\xe0b" * 1 + b"\xe0\0" * 2000 + b"\0", HEAD + literal + b"\xe9b\0" + bytes(510) + b"\0" + AFTER,
              literal + b"\xe9b\0" + bytes(510) + b"\xff\xff\xff\xff\xff", bytes([0xc0 | PUBLIC_KEY]) + b"\xe5" + BODY[:32] + bytes([len(BODY) - 32]) + BODY[32:]]
    capture = http_capture(tmp_path / "partial.pcap", bodies)
    assert_survives_everywhere(ws, capture)
    found = {int(r[0]): r[1:] for r in ws.rows(capture, ["tcp.stream", "openpgp.packet.length", "openpgp.userid", "openpgp.key.fingerprint"], "openpgp")}
    assert found[0][0] == "516" and found[1][0] == "22" and found[2][0] == found[3][0] == found[6][0] == "512" and found[4][0] == "2001"
    assert found[5] == (f"{len(BODY)},512,5", "after", fingerprint(BODY))
    assert found[7][2] == fingerprint(BODY)
    assert streams(ws, capture, "openpgp.truncated") == [0, 1, 2, 3, 6]
    assert streams(ws, capture, "openpgp.packet.partial_invalid") == [4, 7]


def test_integers_that_lie(ws, tmp_path):
    bodies = [packet(PUBLIC_KEY, key(b"\0\0" + mpi(3))), packet(PUBLIC_KEY, key(b"\0\x09\0\1" + mpi(3))), packet(PUBLIC_KEY, key(b"\0\1\xff" + mpi(3))),
              packet(PUBLIC_KEY, key(b"\xff\xff" + b"\xff" * 8192 + mpi(3)))]
    capture = http_capture(tmp_path / "mpi.pcap", bodies)
    assert [r[0] for r in ws.rows(capture, ["openpgp.mpi.bits"], "openpgp")] == ["0,2", "9,2", "1,2", "65535,2"]
    assert streams(ws, capture, "openpgp.mpi.not_minimal") == [1, 2, 3]


def test_nesting_is_bounded(ws, tmp_path):
    inner = AFTER
    levels = []
    for _ in range(12):
        inner = packet(COMPRESSED, b"\2" + zlib.compress(inner))
        levels.append(inner)
    plain = AFTER
    for _ in range(100):
        plain = packet(COMPRESSED, b"\0" + plain)
    embedded = signature()
    for _ in range(30):
        embedded = signature(subpacket(32, embedded))
    capture = http_capture(tmp_path / "nested.pcap", levels + [plain, packet(SIGNATURE, embedded)])
    found = ws.rows(capture, ["openpgp.packet.tag", "openpgp.userid", "openpgp.signature.version"], "openpgp")
    assert [r[0].count("8") for r in found] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9, 9, 0]
    assert [r[1] for r in found] == ["after"] * 8 + [""] * 6
    assert found[-1][2] == ",".join(["4"] * 9)
    assert streams(ws, capture, "openpgp.limit") == list(range(8, 14))
    assert_survives_everywhere(ws, capture)


def measured(ws, capture, *options):
    """Seconds and kilobytes of one run."""
    seconds, kilobytes, out = ws.consumed(capture, *options)
    assert out and b"Dissector bug" not in out and b"[Malformed Packet" not in out
    return seconds, kilobytes


def test_bombs_are_bounded(ws, tmp_path):
    """200 MB in 200 kB, alone, many times and nested: 64 octets come out for one of the body, and 32 MB at most."""
    compressor = zlib.compressobj(9)
    bomb = b"".join(compressor.compress(bytes(1 << 20)) for _ in range(200)) + compressor.flush()
    bodies = [packet(COMPRESSED, b"\2" + bomb) * 5, packet(COMPRESSED, b"\2" + zlib.compress(packet(COMPRESSED, b"\2" + bomb) * 3))]
    capture = http_capture(tmp_path / "bomb.pcap", bodies)
    seconds, kilobytes = measured(ws, capture, "-V")
    assert seconds < 60 and kilobytes < 1000000, (seconds, kilobytes)
    found = ws.rows(capture, ["openpgp.compressed.uncompressed_length"], "openpgp")
    assert [sum(int(n) for n in r[0].split(",")) for r in found] == [32 << 20, (64 << 10) + 64 * len(bodies[1])]
    assert streams(ws, capture, "openpgp.limit") == [0, 1]


def big(count):
    """A key with this many certifications, as if flooded."""
    certification = packet(SIGNATURE, signature(subpacket(2, number(CREATED, 4)) + subpacket(33, b"\4" + OCTETS[:20]) + subpacket(27, b"\3"),
                                                subpacket(16, OCTETS[:8]), mpi(b"\xff" * 256)))
    return HEAD + AFTER + certification * count


@pytest.mark.parametrize("how", ["binary", "armor"])
def test_ten_megabytes_of_key(ws, tmp_path, how):
    """Shown up to a limit, with the key and all that belongs to it recognised; time and memory grow in proportion."""
    body = big(32500)
    assert 10e6 < len(body)
    small, large = (http_capture(tmp_path / f"{n}.pcap", [b if how == "binary" else armor(b, crc=False)]) for n, b in enumerate((big(3250), body)))
    options = ("-Y", "openpgp", "-T", "fields", "-e", "openpgp.key.fingerprint", "-e", "openpgp.userid", "-o", "tcp.reassemble_out_of_order:FALSE")
    some, _ = measured(ws, small, *options)
    more, kilobytes = measured(ws, large, *options)
    assert more < 20 * some + 5, (some, more)
    assert kilobytes < 1500000, kilobytes
    assert ws.rows(large, ["openpgp.key.fingerprint", "openpgp.userid"], "openpgp") == [(fingerprint(BODY), "after")]
    assert ws.count(large, "openpgp.limit") == 1 and ws.count(small, "openpgp.limit") == 0


def test_many_small_things(ws, tmp_path):
    """Ten megabytes of the smallest packets, subpackets, pieces, blocks and lines."""
    megabyte = 1 << 20
    area = subpacket(100, b"") * 32000
    bodies = [HEAD + packet(USER_ID) * (2 * megabyte), HEAD + packet(SIGNATURE, signature(area)) * 40, bytes([0xc0 | LITERAL]) + b"\xe0b" + b"\xe0\0" * megabyte + b"\0",
              b"-----BEGIN PGP MESSAGE-----\n" * (megabyte // 14) + armor(HEAD), b"-----BEGIN PGP SIGNED MESSAGE-----\n\n" * (megabyte // 18),
              armor(AFTER, "MESSAGE") * (megabyte // 50), b"-----BEGIN PGP MESSAGE-----\n" + b"A: b\n" * (megabyte // 3),
              b"-----BEGIN PGP MESSAGE-----\n\n" + b"A\n" * megabyte, HEAD + packet(COMPRESSED, b"\2" + zlib.compress(AFTER)) * 30000,
              HEAD + b"".join(partial(LITERAL, b"b\0" + bytes(4), 1) for _ in range(100000)), b"-" * (2 * megabyte), armor(HEAD).replace(b"\n", b"\n\n") + b"\n" * megabyte]
    for place, body in enumerate(bodies):
        capture = http_capture(tmp_path / f"{place}.pcap", [body])
        seconds, kilobytes = measured(ws, capture, "-V", "-O", "openpgp", "-o", "tcp.reassemble_out_of_order:FALSE")
        assert seconds < 40 and kilobytes < 2000000, (place, seconds, kilobytes)


def test_beginnings_in_a_long_line(ws, tmp_path):
    """Looking for the end of the line at each of them took time with the square of their number."""
    megabyte = 1 << 20
    begins = (b"-----BEGIN PGP MESSAGE-----", b"-----BEGIN PGP MESSAGE----- ", b"-----BEGIN PGP MESSAGE")
    capture = http_capture(tmp_path / "line.pcap", [begin * (megabyte // len(begin)) + b".\n" + armor(HEAD) for begin in begins])
    seconds, _ = measured(ws, capture, "-o", "tcp.reassemble_out_of_order:FALSE")
    assert seconds < 40
    assert ws.rows(capture, ["openpgp.key.fingerprint"], "openpgp") == [(fingerprint(BODY),)] * 3


def test_blocks_that_break_off_behind_other_text(ws, tmp_path):
    """Each block made room for all of the text behind it."""
    count = 25000
    capture = http_capture(tmp_path / "blocks.pcap", [armor(HEAD) + b"> -----BEGIN PGP MESSAGE-----\nAAAA\n#######\n" * count])
    seconds, kilobytes = measured(ws, capture, "-o", "tcp.reassemble_out_of_order:FALSE", "-Y", "openpgp")
    assert seconds < 40 and kilobytes < 2000000
    rows = ws.rows(capture, ["openpgp.armor.type", "openpgp.key.fingerprint"], "openpgp")
    assert [(r[0].count("MESSAGE"), r[1]) for r in rows] == [(count, fingerprint(BODY))]


def test_what_signatures_are_over_is_hashed_once(ws, tmp_path):
    """However many of them there are, and whatever stands between them: each time cost another run over all of it."""
    from openpgp.sign import Signer
    signer = Signer()
    made, document = signer.sign(b"", 0), packet(LITERAL, b"b\0" + bytes(4) + bytes(4 << 20))
    large = packet(PUBLIC_KEY, key(bytes(4 << 20), 99, 6))
    bodies = {"nothing": document + made * 2000, "trust": document + (packet(TRUST, b"ab") + made) * 2000, "user ID": document + (packet(USER_ID, b"a") + made) * 2000,
              "key": large + (packet(USER_ID, b"a") + made) * 2000}
    used = {name: measured(ws, http_capture(tmp_path / "once.pcap", [body]), "-o", "tcp.reassemble_out_of_order:FALSE")[0] for name, body in bodies.items()}
    assert max(used.values()) < used["nothing"] + 2, used


def test_attributes_of_no_length(ws, tmp_path):
    """They have no type either: what follows is not taken for one."""
    bodies = [HEAD + packet(USER_ATTRIBUTE, octets) for octets in (b"\0" + subpacket(100, b"x"), subpacket(100, b"x") + b"\0", b"\0")]
    capture = http_capture(tmp_path / "attributes.pcap", bodies)
    assert ws.rows(capture, ["openpgp.attribute.length", "openpgp.attribute.type", "openpgp.attribute.data"], "openpgp") == [("2", "100", "78")] * 2 + [("", "", "")]
    assert streams(ws, capture, "openpgp.malformed") == [0, 1, 2]


def test_padding_in_parts(ws, tmp_path):
    """RFC 9580, 4.2.1.4: only data may come in parts."""
    capture = http_capture(tmp_path / "padding.pcap", [HEAD + partial(tag, b"b\0" + bytes(1000)) for tag in (PADDING, LITERAL)])
    assert streams(ws, capture, "openpgp.packet.partial_invalid") == [0]


def test_lines_of_a_revocation_reason(ws, tmp_path):
    """GnuPG asks for several lines: an end of line is nothing suspicious there, other control characters are."""
    bodies = [HEAD + packet(SIGNATURE, signature(subpacket(29, b"\0" + text), kind=0x20)) for text in (b"one\ntwo", b"", b"one\x1b[2J", b"\xff")] + \
        [HEAD + packet(USER_ID, b"one\ntwo")]
    capture = http_capture(tmp_path / "reason.pcap", bodies)
    texts = [r[0] for r in ws.rows(capture, ["openpgp.signature.revocation_text"], "openpgp.signature.type")]
    assert texts[0] in ("one\\ntwo", "one\ntwo") and texts[1] == "" and len(texts) == 4
    assert streams(ws, capture, "openpgp.text.suspicious") == [2, 3, 4]


def test_noise(ws, tmp_path, captures):
    """GnuPG's own answers with random octets changed."""
    source = random.Random(1)
    linktype, frames = craft.read_pcap(captures / "openpgp-gnupg/gnupg.pcap")
    out = []
    for number_of_copy in range(12):
        for when, frame, _ in frames:
            frame = bytearray(frame)
            for _ in range(0 if len(frame) < 600 else 1 + len(frame) // 150):
                frame[source.randrange(500, len(frame))] = source.randrange(256)
            frame[28] = number_of_copy
            out.append((len(out) / 1000, bytes(frame)))
    capture = craft.write_pcap(tmp_path / "noise.pcap", out, linktype)
    assert_survives_everywhere(ws, capture)
    assert ws.count(capture, "openpgp.malformed") > 30


def test_text_is_no_openpgp(ws, tmp_path):
    """Other data with a key's media type stay what they were."""
    source = random.Random(2)
    bodies = [b"\xff\xd8\xff\xe0\0\x10JFIF\0" + OCTETS, b"\x89PNG\r\n\x1a\n" + OCTETS, b"\x1f\x8b\x08" + OCTETS, b"PK\3\4" + OCTETS, b"\xef\xbb\xbftext", b"\xfe\xff\0t\0e\0x\0t",
              "Ärger\n".encode(), "\u2014 dash".encode(), "Über\n".encode("latin-1"), b"\x80\x81\x82", b"\x30\x82\1\1" + OCTETS, b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"]
    bodies += [source.randbytes(200) for _ in range(300)]
    capture = http_capture(tmp_path / "other.pcap", bodies)
    # Random octets can look like a short packet now and then.
    assert [s for s in streams(ws, capture, "openpgp") if s < 12] == []
    assert ws.count(capture, "openpgp") < 6


def test_attributes_of_zero_octets(ws, tmp_path):
    """Many subpackets without even a type are one finding with a count, in time that grows with their number."""
    def body(octets):
        return HEAD + packet(USER_ATTRIBUTE, bytes(octets) + subpacket(100, b"x") + b"\xff\0\0\0\0" + b"\0" * octets) + AFTER
    area = bytes(30000) + subpacket(2, number(CREATED, 4))
    capture = http_capture(tmp_path / "few.pcap", [body(1), body(2), HEAD + packet(SIGNATURE, signature(area))])
    text = ws.tshark(capture, "-V", "-Y", "openpgp")
    for count in (2, 3, 30000):
        assert f"Malformed OpenPGP data: {count} subpackets without content" in text
    assert [len(row[0].split(",")) for row in ws.rows(capture, ["openpgp.malformed"], "openpgp")] == [2, 2, 1]
    assert [row[0] for row in ws.rows(capture, ["openpgp.attribute.type"], "openpgp")] == ["100", "100", ""]
    small, large = (http_capture(tmp_path / f"{n}.pcap", [body(n)]) for n in (90000, 900000))
    some, _ = measured(ws, small, "-Y", "openpgp.malformed")
    more, _ = measured(ws, large, "-Y", "openpgp.malformed")
    assert more < 5 * some + 3, (some, more)
    assert ws.count(large, "openpgp.malformed && openpgp.userid == \"after\"") == 1


def test_signatures_without_all_of_their_head_say_nothing(ws, tmp_path):
    """Nothing is checked by what ends before its numbers begin; what ends in them may have been good. It names no issuer."""
    whole = signature()
    capture = http_capture(tmp_path / "heads.pcap", [HEAD + AFTER + packet(SIGNATURE, whole[:length]) for length in range(len(whole) + 1)])
    rows = ws.rows(capture, ["openpgp.signature.check", "openpgp.key.state"], "openpgp")
    before_numbers = len(whole) - len(mpi(0x1234))
    assert rows == [("", "4")] * before_numbers + [("7", "6")] * (len(whole) - before_numbers) + [("3", "4")]

# SPDX-License-Identifier: GPL-2.0-or-later
"""OpenPGP by hand: the RFC's samples, every version, every field, armor of all kinds, and its carriers."""

import bz2
import datetime
import re
import subprocess
import zlib

import pytest

from harness import craft
from harness.properties import assert_passes_agree, assert_survives, encapsulations, segmentations, assert_same_for_all
from openpgp.craft import (AEAD, COMPRESSED, CREATED, LITERAL, MARKER, MDC, ONE_PASS, PADDING, PKESK, PUBLIC_KEY, PUBLIC_SUBKEY,
                           SECRET_KEY, SED, SEIPD, SIGNATURE, SKESK, TRUST, USER_ATTRIBUTE, USER_ID, armor, crc24,
                           fingerprint, http_capture, http_frames, key, keyid, mpi, number, old_packet, packet, partial, rsa,
                           signature, subpacket)
from openpgp.sign import Signer

OCTETS = bytes(range(200))


def is_time(shown, seconds):
    """4.6 writes times in ISO 8601, the others as "Jan  2, 2024 03:04:05.000000000 UTC"."""
    when = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return shown.startswith((when.strftime("%Y-%m-%dT%H:%M:%S"), when.strftime("%b %e, %Y %H:%M:%S")))


def rows(ws, capture, *fields, **options):
    """For each stream that has OpenPGP, the fields' values, each a list."""
    return [[v.split(",") if v else [] for v in row] for row in ws.rows(capture, fields, "openpgp", **options)]


def one(ws, tmp_path, body, *fields, kind="application/pgp-keys"):
    """The fields' values, each a list, of one body."""
    found = rows(ws, http_capture(tmp_path / "one.pcap", [(body, kind)]), *fields)
    assert len(found) <= 1
    return found[0] if found else None


# The RFC's samples


@pytest.fixture
def samples(captures):
    parts = re.split(r"(?m)^# (A\.\d+) .*\n", (captures / "openpgp-rfc9580/vectors.txt").read_text())[1:]
    return dict(zip(parts[::2], (body.encode() for body in parts[1::2])))


def test_samples_of_the_rfc(ws, tmp_path, samples):
    capture = http_capture(tmp_path / "rfc.pcap", samples.values())
    names = ("openpgp.packet.tag", "openpgp.key.version", "openpgp.key.fingerprint", "openpgp.key.keyid",
             "openpgp.signature.version", "openpgp.signature.type", "openpgp.signature.issuer_fingerprint")
    for two_pass in (False, True):
        found = dict(zip(samples, rows(ws, capture, *names, two_pass=two_pass)))
        primary = "CB186C4F0609A697E4D52DFA6C722B0C1F1E27C18A56708F6525EC27BAD9ACC9"
        subkey = "12C83F1E706F6308FE151A417743A1F033790E93E9978488D1DB378DA9930885"
        assert found["A.1"][:4] == [["6"], ["4"], ["C959BDBAFA32A2F89A153B678CFDE12197965A9A"], ["8CFDE12197965A9A"]]
        assert found["A.2"] == [["2"], [], [], [], ["4"], ["0x00"], []]
        for name, tags in (("A.3", ["6", "2", "14", "2"]), ("A.4", ["5", "2", "7", "2"]), ("A.5", ["5", "2", "7", "2"])):
            assert found[name] == [tags, ["6", "6"], [primary, subkey], [primary[:16], subkey[:16]], ["6", "6"],
                                   ["0x1f", "0x18"], [primary, primary]]
        assert found["A.6"] == [["2"], [], [], [], ["6"], ["0x01"], [primary]]
        assert found["A.7"] == [["4", "11", "2"], [], [], [], ["6"], ["0x01"], [primary]]
        assert [found[name][0] for name in ("A.8", "A.9", "A.10", "A.11", "A.12")] == [["1", "18"]] + [["3", "18"]] * 4


def test_protection_of_the_samples(ws, tmp_path, samples):
    capture = http_capture(tmp_path / "rfc.pcap", samples.values())
    names = ("openpgp.secret.usage", "openpgp.secret.cipher", "openpgp.secret.aead", "openpgp.s2k.type", "openpgp.s2k.salt",
             "openpgp.s2k.memory", "openpgp.secret.iv", "openpgp.encrypted.iv", "openpgp.encrypted.aead",
             "openpgp.encrypted.chunk_size", "openpgp.pkesk.fingerprint", "openpgp.ed25519.secret", "openpgp.one_pass.salt")
    found = dict(zip(samples, rows(ws, capture, *names)))
    assert found["A.4"][0] == ["0", "0"]
    assert found["A.4"][11] == ["1972817b12be707e8d5f586ce61361201d344eb266a2c82fde6835762b65b0b7"]
    assert found["A.5"][:7] == [["253", "253"], ["9", "9"], ["2", "2"], ["4", "4"],
                                ["5d6fd71c9e096d1eb6917b6e6e1eecae", "0e61846829da869abe0ea61545dc14cc"], ["21", "21"],
                                ["b4a8a9274fabe632f875a706592021", "2e13ca9ff4e724fb1c2eb1df860209"]]
    assert found["A.7"][12] == ["76495f50218890f7f5e2ee3c1822514f70500f551d86e5c921e404e34a53fbac"]
    assert found["A.8"][10] == ["12C83F1E706F6308FE151A417743A1F033790E93E9978488D1DB378DA9930885"]
    assert found["A.9"][7:10] == [["69224f919993b3506fa3b59a6a73cff8"], ["1", "1"], ["6"]]
    assert found["A.10"][7:10] == [["cfcc5c11664edb9db42590d7dc46b0"], ["2", "2"], ["6"]]
    assert found["A.11"][7:10] == [["b42e7c483ef4884457cb3726"], ["3", "3"], ["6"]]
    assert found["A.12"][3:6] == [["4"], ["9c52f83c27f95e50d535440ecdff3136"], ["21"]]


def test_cleartext_signature(ws, tmp_path, samples):
    assert one(ws, tmp_path, samples["A.6"], "openpgp.armor.type", "openpgp.cleartext", "openpgp.armor.crc24.status") == [
        ["SIGNED MESSAGE", "SIGNATURE"],
        [r"What we need from the grocery store:\n\n- - tofu\n- - vegetables\n- - noodles\n\n"], ["3"]]


# Keys of every version and algorithm


def oid_key(oid, point, kdf=b""):
    oid = bytes.fromhex(oid)
    return bytes([len(oid)]) + oid + mpi(point) + kdf


KEYS = {
    # algorithm, material, bits, curve
    "RSA": (1, rsa(2048), 2048, ""),
    "RSA encrypt": (2, rsa(1024, 2), 1024, ""),
    "RSA sign": (3, rsa(1024, 3), 1024, ""),
    "Elgamal": (16, mpi(b"\x9f" + OCTETS[:127]) + mpi(5) + mpi(OCTETS[1:100]), 1024, ""),
    "DSA": (17, mpi(b"\x8f" + OCTETS[:127]) + mpi(OCTETS[1:21]) + mpi(2) + mpi(OCTETS[1:90]), 1024, ""),
    "Elgamal sign": (20, mpi(b"\x9e" + OCTETS[:127]) + mpi(5) + mpi(OCTETS[1:100]), 1024, ""),
    "ECDH P-384": (18, oid_key("2b81040022", b"\4" + OCTETS[:96], b"\3\1\x09\x08"), 384, "NIST P-384"),
    "ECDSA P-521": (19, oid_key("2b81040023", b"\4" + OCTETS[:132]), 521, "NIST P-521"),
    "EdDSA": (22, oid_key("2b06010401da470f01", b"\x40" + OCTETS[:32]), 255, "Ed25519Legacy"),
    "ECDH X448": (18, oid_key("2b656f", b"\x40" + OCTETS[:56], b"\3\1\x0a\x09"), 448, "X448"),
    "EdDSA Ed448": (22, oid_key("2b6571", b"\x40" + OCTETS[:57]), 448, "Ed448"),
    "EdDSA Ed25519": (22, oid_key("2b6570", b"\x40" + OCTETS[:32]), 255, "Ed25519"),
    "ECDH X25519": (18, oid_key("2b656e", b"\x40" + OCTETS[:32], b"\3\1\x0a\x09"), 255, "X25519"),
    "unknown curve": (19, oid_key("2b8104000b", b"\4" + OCTETS[:60]), 0, ""),
    "X25519": (25, OCTETS[:32], 255, ""),
    "X448": (26, OCTETS[:56], 448, ""),
    "Ed25519": (27, OCTETS[:32], 255, ""),
    "Ed448": (28, OCTETS[:57], 448, ""),
    "unknown": (99, OCTETS[:50], 0, ""),
    "LibrePGP's Kyber": (8, oid_key("2b2403030208010107", b"\4" + OCTETS[:64]) + number(1184, 4) + bytes(1184), 0, ""),
    **{f"post-quantum {algorithm}": (algorithm, OCTETS[:1] * length, 0, "") for algorithm, length in zip(range(30, 37), (1984, 2649, 32, 32, 64, 1216, 1624))},
    "post-quantum of an earlier draft": (30, OCTETS[:70], 0, ""),
}


def test_every_algorithm_in_every_version(ws, tmp_path):
    bodies, wanted = [], []
    for version in (2, 3, 4, 5, 6):
        for name, (algorithm, material, bits, curve) in KEYS.items():
            if version < 4 and not name.startswith("RSA"):
                continue
            body = key(material, algorithm, version, CREATED + len(bodies))
            bodies.append(packet(PUBLIC_KEY, body))
            wanted.append([[str(version)], [str(algorithm)], [str(bits)] if bits else [], [curve] if curve else [],
                           [fingerprint(body)], [keyid(body)], [str(CREATED + len(bodies) - 1)]])
    capture = http_capture(tmp_path / "keys.pcap", bodies)
    names = ("openpgp.key.version", "openpgp.key.algorithm", "openpgp.key.bits", "openpgp.ecc.curve", "openpgp.key.fingerprint",
             "openpgp.key.keyid")
    for two_pass in (False, True):
        assert rows(ws, capture, *names, two_pass=two_pass) == [w[:6] for w in wanted]
    created = [p.find(".//field[@name='openpgp.key.creation']").get("value") for p in ws.pdml(capture, "-Y", "openpgp")]
    assert [str(int(value, 16)) for value in created] == [w[6][0] for w in wanted]
    assert ws.count(capture, f'openpgp.key.creation == "2023-11-14 22:13:2{3}Z"') == 1
    assert ws.count(capture, "openpgp.ecc.unknown") == 3


def test_material_as_fields(ws, tmp_path):
    fields = {
        "RSA": {"openpgp.rsa.n": rsa(2048)[2:258].hex(), "openpgp.rsa.e": "010001"},
        "Elgamal": {"openpgp.elgamal.p": (b"\x9f" + OCTETS[:127]).hex(), "openpgp.elgamal.g": "05", "openpgp.elgamal.y": OCTETS[1:100].hex()},
        "DSA": {"openpgp.dsa.p": (b"\x8f" + OCTETS[:127]).hex(), "openpgp.dsa.q": OCTETS[1:21].hex(), "openpgp.dsa.g": "02",
                "openpgp.dsa.y": OCTETS[1:90].hex()},
        "ECDH P-384": {"openpgp.ecc.oid": "1.3.132.0.34", "openpgp.ecc.point": (b"\4" + OCTETS[:96]).hex(), "openpgp.ecdh.kdf_length": "3",
                       "openpgp.ecdh.kdf_format": "1", "openpgp.ecdh.kdf_hash": "9", "openpgp.ecdh.kdf_cipher": "8"},
        "X25519": {"openpgp.x25519.public": OCTETS[:32].hex()},
        "X448": {"openpgp.x448.public": OCTETS[:56].hex()},
        "Ed25519": {"openpgp.ed25519.public": OCTETS[:32].hex()},
        "Ed448": {"openpgp.ed448.public": OCTETS[:57].hex()},
        "unknown": {"openpgp.material": OCTETS[:50].hex()},
    }
    capture = http_capture(tmp_path / "keys.pcap", [packet(PUBLIC_KEY, key(KEYS[n][1], KEYS[n][0])) for n in fields])
    for wanted, found in zip(fields.values(), rows(ws, capture, *(f for w in fields.values() for f in w))):
        names = [f for w in fields.values() for f in w]
        assert {n: v[0] for n, v in zip(names, found) if v} == wanted


def protected(usage, *parts):
    return bytes([usage]) + b"".join(parts)


def checksum(data):
    return number(sum(data) & 0xffff, 2)


SECRETS = {
    "RSA": mpi(OCTETS[1:129]) + mpi(OCTETS[1:65]) + mpi(OCTETS[2:66]) + mpi(OCTETS[3:67]),
    "Elgamal": mpi(OCTETS[1:50]), "DSA": mpi(OCTETS[1:21]), "ECDH P-384": mpi(OCTETS[1:49]),
    "X25519": OCTETS[32:64], "X448": OCTETS[56:112], "Ed25519": OCTETS[32:64], "Ed448": OCTETS[57:114],
}


def secret_bodies():
    bodies = [key(KEYS[n][1], KEYS[n][0], 4, CREATED, protected(0, s, checksum(s))) for n, s in SECRETS.items()]
    material = KEYS["RSA"][1]
    s2k = bytes([3, 8]) + OCTETS[:8] + b"\x60"
    bodies += [
        key(material, 1, 4, CREATED, protected(0, SECRETS["RSA"], b"\xba\xad")),
        key(material, 1, 4, CREATED, protected(254, b"\x09", s2k, OCTETS[:16], b"encrypted")),
        key(material, 1, 4, CREATED, protected(255, b"\x03", b"\0\2", OCTETS[:8], b"encrypted")),
        key(material, 1, 4, CREATED, protected(253, b"\x09\x02", s2k, OCTETS[:15], b"encrypted")),
        key(material, 1, 4, CREATED, protected(7, OCTETS[:16], b"encrypted")),
        key(material, 1, 4, CREATED, protected(255, b"\0", b"\x65\0GNU\1")),
        key(material, 1, 4, CREATED, protected(255, b"\0", b"\x65\0GNU\2\4card")),
        key(material, 1, 4, CREATED, protected(254, b"\x09", b"\x50", b"what is this")),
        key(material, 1, 3, CREATED, protected(1, OCTETS[:8], b"encrypted")),
        key(material, 1, 5, CREATED, protected(254, bytes([1 + len(s2k) + 16]), b"\x09", s2k, OCTETS[:16], number(9, 4), b"encrypted")),
        key(material, 1, 5, CREATED, protected(0, b"\0", number(len(SECRETS["RSA"]), 4), SECRETS["RSA"], checksum(SECRETS["RSA"]))),
        key(OCTETS[:32], 27, 6, CREATED, protected(254, bytes([2 + len(s2k) + 16]), b"\x09", bytes([len(s2k)]), s2k, OCTETS[:16], b"encrypted")),
    ]
    return [packet(SECRET_KEY, body) for body in bodies]


def test_secret_keys(ws, tmp_path):
    capture = http_capture(tmp_path / "secret.pcap", secret_bodies())
    names = ("openpgp.secret.usage", "openpgp.secret.checksum.status", "openpgp.secret.cipher", "openpgp.s2k.type",
             "openpgp.secret.iv", "openpgp.secret.encrypted", "openpgp.s2k.gnu_mode", "openpgp.s2k.card_serial")
    found = rows(ws, capture, *names)
    assert [r[:2] for r in found[:8]] == [[["0"], ["1"]]] * 8
    encrypted = [b"encrypted".hex()]
    assert found[8:] == [
        [["0"], ["0"], [], [], [], [], [], []],
        [["254"], [], ["9"], ["3"], [OCTETS[:16].hex()], encrypted, [], []],
        [["255"], [], ["3"], ["0"], [OCTETS[:8].hex()], encrypted, [], []],
        [["253"], [], ["9"], ["3"], [OCTETS[:15].hex()], encrypted, [], []],
        [["7"], [], ["7"], [], [OCTETS[:16].hex()], encrypted, [], []],
        [["255"], [], ["0"], ["101"], [], [], ["1"], []],
        [["255"], [], ["0"], ["101"], [], [], ["2"], [b"card".hex()]],
        [["254"], [], ["9"], ["80"], [], [], [], []],
        [["1"], [], ["1"], [], [OCTETS[:8].hex()], encrypted, [], []],
        [["254"], [], ["9"], ["3"], [OCTETS[:16].hex()], encrypted, [], []],
        [["0"], ["1"], [], [], [], [], [], []],
        [["254"], [], ["9"], ["3"], [OCTETS[:16].hex()], encrypted, [], []],
    ]
    assert ws.frames(capture, "openpgp.secret.checksum.bad") == [5 + 8 * 8]
    # The fingerprint of a secret key is that of its public part.
    public = key(KEYS["RSA"][1], 1, 4, CREATED)
    assert rows(ws, capture, "openpgp.key.fingerprint")[0] == [[fingerprint(public)]]
    plain = [{"rsa.d": OCTETS[1:129], "rsa.p": OCTETS[1:65], "rsa.q": OCTETS[2:66], "rsa.u": OCTETS[3:67]}, {"elgamal.x": OCTETS[1:50]},
             {"dsa.x": OCTETS[1:21]}, {"ecc.secret": OCTETS[1:49]}, {"x25519.secret": OCTETS[32:64]}, {"x448.secret": OCTETS[56:112]},
             {"ed25519.secret": OCTETS[32:64]}, {"ed448.secret": OCTETS[57:114]}]
    names = [n for fields in plain for n in fields]
    found = rows(ws, capture, *("openpgp." + n for n in names))
    assert [{n: v[0] for n, v in zip(names, row) if v} for row in found[:8]] == [{n: v.hex() for n, v in fields.items()} for fields in plain]


def test_what_gnupg_keeps_elsewhere(ws, tmp_path):
    """Its own specifiers say so; another one of the same private number says nothing, and what its agent stored is a secret key."""
    material, s2k = KEYS["RSA"][1], bytes([3, 8]) + OCTETS[:8] + b"\x60"
    specifiers = [b"\x65\0GNU\1", b"\x65\0GNU\2\4card", b"\x65\0GNU\3(11:private-key)", b"\x65\0XYZ\1some key", s2k + OCTETS[:8] + b"encrypted"]
    bodies = [packet(SECRET_KEY, key(material, 1, 4, CREATED, protected(255, b"\3", specifier))) for specifier in specifiers]
    short = [bytes([2 + len(s2k) + 16 + more]) + b"\x09" + bytes([len(s2k)]) + s2k + OCTETS[:16] for more in (0, 1)]
    bodies += [packet(SECRET_KEY, key(OCTETS[:32], 27, 6, CREATED, protected(254, parameters))) for parameters in short]
    capture = http_capture(tmp_path / "gnu.pcap", bodies)
    found = rows(ws, capture, "openpgp.s2k.gnu_mode", "openpgp.s2k.gnu", "openpgp.secret.encrypted", "openpgp.material")
    assert found[:5] == [[["1"], ["GNU"], [], []], [["2"], ["GNU"], [], []], [["3"], ["GNU"], [b"(11:private-key)".hex()], []],
                         [[], [], [], [b"\0XYZ\1some key".hex()]], [[], [], [b"encrypted".hex()], []]]
    assert ws.frames(capture, "openpgp.secret_key") == [21, 29, 37, 45, 53]
    assert ws.frames(capture, "openpgp.malformed") == [53]


def test_how_a_secret_key_is_protected(ws, tmp_path):
    """Only what is known is said: not of modes that GnuPG has not got, nor of the same number or another one in private use."""
    s2k, unknown = bytes([3, 8]) + OCTETS[:8] + b"\x60", "Secret key on the wire, protected in a way that is not known"
    ways = [(255, b"\x65\0GNU\3(11:private-key)", "Secret key on the wire, as GnuPG's agent stores it"), (255, b"\x65\0GNU\0more", unknown), (255, b"\x65\0GNU\7", unknown),
            (255, b"\x65\0XYZ\1some key", unknown), (255, b"\x65\0XY", unknown), (254, b"\x50what is this", unknown),
            (254, s2k + OCTETS[:8] + b"encrypted", "Secret key on the wire, encrypted with a passphrase")]
    bodies = [packet(SECRET_KEY, key(KEYS["RSA"][1], 1, 4, CREATED, protected(usage, b"\3", specifier))) for usage, specifier, _ in ways]
    capture = http_capture(tmp_path / "ways.pcap", bodies)
    found = ws.rows(capture, ["_ws.expert.message"], "openpgp.secret_key")
    assert [[text for text in ("as GnuPG's agent stores it", "protected in a way that is not known", "encrypted with a passphrase") if text in row[0]] for row in found] == \
        [[text.partition(", ")[2]] for *_, text in ways]
    assert ws.count(capture, "openpgp.malformed") == 0
    # The capture ends within the specifier: what it is is not known.
    data = packet(SECRET_KEY, key(KEYS["RSA"][1], 1, 4, CREATED, protected(255, b"\3", b"\x65\0GNU\1")))
    frame = craft.ethernet(craft.ip(craft.udp(data, 20000, 7777)))
    capture = craft.write_pcap(tmp_path / "snapped.pcap", [(cut, frame[:len(frame) - cut], len(frame)) for cut in range(6)])
    assert ws.frames(capture, "openpgp.packet.tag == 5", options=("-d", "udp.port==7777,openpgp")) == [1, 2, 3, 4, 5, 6]
    assert ws.count(capture, "openpgp.secret_key or openpgp.malformed", options=("-d", "udp.port==7777,openpgp")) == 0


# Signatures


SUBPACKETS = [
    # type, body, {field: value}
    (2, number(CREATED, 4), {}),
    (3, number(86400, 4), {"openpgp.signature.validity": ["86400"]}),
    (4, b"\0", {"openpgp.signature.exportable": [False]}),
    (5, b"\2\x78", {"openpgp.signature.trust_level": ["2"], "openpgp.signature.trust_amount": ["120"]}),
    (6, b"<[^>]+[@.]example\\.org>$\0", {"openpgp.signature.regex": [r"<[^>]+[@.]example\.org>$"]}),
    (7, b"\1", {"openpgp.signature.revocable": [True]}),
    (9, number(31536000, 4), {"openpgp.signature.key_validity": ["31536000"]}),
    (11, b"\x09\x07", {"openpgp.signature.preferred_cipher": ["9", "7"]}),
    (12, b"\xc0\x16" + OCTETS[:20], {"openpgp.signature.revocation_key.class": ["0xc0"],
                                     "openpgp.signature.revocation_key.sensitive": [True],
                                     "openpgp.signature.revocation_key.algorithm": ["22"],
                                     "openpgp.signature.revocation_key.fingerprint": [OCTETS[:20].hex().upper()]}),
    (16, OCTETS[10:18], {"openpgp.signature.issuer_keyid": [OCTETS[10:18].hex().upper()]}),
    (20, b"\x80\0\0\0" + number(15, 2) + number(6, 2) + b"who@example.orgvalue!",
     {"openpgp.notation.flags": ["0x80000000"], "openpgp.notation.human_readable": [True], "openpgp.notation.name": ["who@example.org"],
      "openpgp.notation.value": ["value!"]}),
    (20, bytes(4) + number(1, 2) + number(2, 2) + b"b\xff\xfe", {"openpgp.notation.flags": ["0x00000000"], "openpgp.notation.human_readable": [False],
                                                             "openpgp.notation.name": ["b"], "openpgp.notation.bytes": ["fffe"]}),
    (21, b"\x0a\x08", {"openpgp.signature.preferred_hash": ["10", "8"]}),
    (22, b"\2\1\0", {"openpgp.signature.preferred_compression": ["2", "1", "0"]}),
    (23, b"\x80", {"openpgp.signature.keyserver_prefs": ["0x80"], "openpgp.signature.keyserver_prefs.no_modify": [True]}),
    (24, b"hkps://keys.example.org", {"openpgp.signature.preferred_keyserver": ["hkps://keys.example.org"]}),
    (25, b"\1", {"openpgp.signature.primary_userid": [True]}),
    (26, b"https://example.org/", {"openpgp.signature.policy_uri": ["https://example.org/"]}),
    (27, b"\xbf\x04", {"openpgp.signature.key_flags": ["0xbf"], "openpgp.signature.key_flags.more": ["04"],
                       "openpgp.signature.key_flags.adsk": [True], "openpgp.signature.key_flags.timestamp": [False],
                       **{"openpgp.signature.key_flags." + n: [True] for n in ("certify", "sign", "encrypt_communications", "encrypt_storage",
                                                                               "split", "authenticate", "shared")}}),
    (28, b"alice@example.org", {"openpgp.signature.signer_userid": ["alice@example.org"]}),
    (29, b"\2stolen", {"openpgp.signature.revocation_reason": ["2"], "openpgp.signature.revocation_text": ["stolen"]}),
    (30, b"\x09\1", {"openpgp.signature.features": ["0x09"], "openpgp.signature.features.seipd1": [True],
                     "openpgp.signature.features.aead": [False], "openpgp.signature.features.v5": [False],
                     "openpgp.signature.features.seipd2": [True], "openpgp.signature.features.more": ["01"]}),
    (31, b"\1\x08" + OCTETS[:32], {"openpgp.signature.target.algorithm": ["1"], "openpgp.signature.target.hash_algorithm": ["8"],
                                   "openpgp.signature.target.hash": [OCTETS[:32].hex()]}),
    (33, b"\4" + OCTETS[:20], {"openpgp.signature.issuer_version": ["4"], "openpgp.signature.issuer_fingerprint": [OCTETS[:20].hex().upper()]}),
    (34, b"\2\3", {"openpgp.signature.preferred_aead": ["2", "3"]}),
    (35, b"\6" + OCTETS[:32], {"openpgp.signature.recipient_version": ["6"], "openpgp.signature.recipient_fingerprint": [OCTETS[:32].hex().upper()]}),
    (39, b"\x09\2\x07\3", {"openpgp.signature.suite.cipher": ["9", "7"], "openpgp.signature.suite.aead": ["2", "3"]}),
    (100, b"private", {"openpgp.subpacket.data": [b"private".hex()]}),
    (37, b"attested", {"openpgp.subpacket.data": [b"attested".hex()]}),
]


def truth(value):
    return value in ("1", "True")


@pytest.mark.parametrize("version", [4, 6])
def test_every_subpacket(ws, tmp_path, version):
    # Each in the hashed area, critical; with lengths in one, two and five octets.
    bodies = [packet(SIGNATURE, signature(subpacket(kind, body, True, 5 if n % 3 == 0 else None), version=version))
              for n, (kind, body, _) in enumerate(SUBPACKETS)]
    capture = http_capture(tmp_path / "sub.pcap", bodies, "application/pgp-signature")
    names = sorted({name for _, _, fields in SUBPACKETS for name in fields})
    found = rows(ws, capture, "openpgp.subpacket.type", "openpgp.subpacket.length", "openpgp.subpacket.critical", *names)
    for (kind, body, fields), values in zip(SUBPACKETS, found, strict=True):
        assert values[:2] == [[str(kind)], [str(len(body) + 1)]] and truth(values[2][0])
        shown = {n: [truth(x) for x in v] if type(fields.get(n, [""])[0]) is bool else v for n, v in zip(names, values[3:]) if v}
        assert shown == fields, kind
    assert ws.count(capture, "openpgp.subpacket.critical_unknown") == 2
    assert ws.count(capture, "openpgp.malformed") == 0


def test_versions_of_signatures(ws, tmp_path):
    old = b"\3\5\x13" + number(CREATED, 4) + OCTETS[:8] + b"\1\x08\x12\x34" + mpi(OCTETS[1:50])
    bodies = [packet(SIGNATURE, b) for b in (old, b"\2" + old[1:], signature(), signature(version=5), signature(version=6), b"\x09" + OCTETS[:20],
                                             b"\3\6" + old[2:])]
    capture = http_capture(tmp_path / "v.pcap", bodies, "application/pgp-signature")
    names = ("openpgp.signature.version", "openpgp.signature.type", "openpgp.signature.issuer_keyid", "openpgp.signature.hash_algorithm",
             "openpgp.signature.left16", "openpgp.signature.salt", "openpgp.signature.hashed_octets")
    ancient = [["0x13"], [OCTETS[:8].hex().upper()], ["8"], ["0x1234"], [], ["5"]]
    modern = [["0x13"], [], ["8"], ["0xabcd"]]
    # A body of an unknown version is not recognised as OpenPGP by itself.
    assert rows(ws, capture, *names) == [[["3"], *ancient], [["2"], *ancient], [["4"], *modern, [], []], [["5"], *modern, [], []],
                                         [["6"], *modern, ["00" * 16], []], [["3"], *ancient[:-1], ["6"]]]
    assert ws.count(capture, "openpgp.malformed") == 1


def test_material_of_signatures(ws, tmp_path):
    kinds = {
        1: (mpi(OCTETS[1:129]), {"openpgp.rsa.signature": OCTETS[1:129].hex()}),
        3: (mpi(OCTETS[1:99]), {"openpgp.rsa.signature": OCTETS[1:99].hex()}),
        17: (mpi(OCTETS[1:21]) + mpi(OCTETS[2:22]), {"openpgp.dsa.r": OCTETS[1:21].hex(), "openpgp.dsa.s": OCTETS[2:22].hex()}),
        19: (mpi(OCTETS[1:33]) + mpi(OCTETS[2:34]), {"openpgp.ecdsa.r": OCTETS[1:33].hex(), "openpgp.ecdsa.s": OCTETS[2:34].hex()}),
        20: (mpi(OCTETS[1:33]) + mpi(OCTETS[2:34]), {"openpgp.elgamal.a": OCTETS[1:33].hex(), "openpgp.elgamal.b": OCTETS[2:34].hex()}),
        22: (mpi(OCTETS[1:33]) + mpi(OCTETS[2:34]), {"openpgp.eddsa.r": OCTETS[1:33].hex(), "openpgp.eddsa.s": OCTETS[2:34].hex()}),
        27: (OCTETS[:64], {"openpgp.ed25519.signature": OCTETS[:64].hex()}),
        28: (OCTETS[:114], {"openpgp.ed448.signature": OCTETS[:114].hex()}),
        98: (OCTETS[:30], {"openpgp.material": OCTETS[:30].hex()}),
    }
    capture = http_capture(tmp_path / "m.pcap", [packet(SIGNATURE, signature(material=m, algorithm=a)) for a, (m, _) in kinds.items()])
    names = sorted({n for _, fields in kinds.values() for n in fields})
    found = rows(ws, capture, "openpgp.signature.algorithm", *names)
    assert [({n: v[0] for n, v in zip(names, r[1:]) if v}, r[0]) for r in found] == [(f, [str(a)]) for a, (_, f) in kinds.items()]


def test_expirations(ws, tmp_path):
    """Of the signature from its own creation; of the key from the key's, where the key itself says so."""
    body = key(rsa(), created=CREATED - 1000)
    sub = key(rsa(seed=9), created=CREATED - 500)
    own = subpacket(33, b"\4" + bytes.fromhex(fingerprint(body)))
    other = subpacket(33, b"\4" + OCTETS[:20])
    times = subpacket(9, number(100, 4)) + subpacket(3, number(50, 4)) + subpacket(2, number(CREATED, 4))
    head = packet(PUBLIC_KEY, body) + packet(USER_ID, b"Alice <alice@example.org>")
    bodies = [
        head + packet(SIGNATURE, signature(times + own)),
        head + packet(SIGNATURE, signature(times + other)),
        head + packet(SIGNATURE, signature(times, subpacket(16, bytes.fromhex(keyid(body))))),
        head + packet(PUBLIC_SUBKEY, sub) + packet(SIGNATURE, signature(times + own, kind=0x18)),
        head + packet(SIGNATURE, signature(times + own, kind=0x20)),
        # What is not hashed does not count, as anybody can add it; 0 means never.
        head + packet(SIGNATURE, signature(subpacket(2, number(CREATED, 4)) + own, subpacket(2, number(1, 4)) + subpacket(3, number(50, 4)))),
        head + packet(SIGNATURE, signature(subpacket(2, number(CREATED, 4)) + own + subpacket(9, bytes(4)) + subpacket(3, bytes(4)))),
        packet(SIGNATURE, signature(times + own)),
        # Nor do times of five octets, which are malformed: what stands before them holds.
        head + packet(SIGNATURE, signature(times + own + subpacket(9, bytes(5)) + subpacket(3, b"\0\0\0\1\0") + subpacket(2, bytes(5)))),
    ]
    capture = http_capture(tmp_path / "e.pcap", bodies)

    values = [{f.get("name"): (f.get("value"), f.get("show")) for f in p.iter("field")} for p in ws.pdml(capture, "-Y", "openpgp")]
    assert [v["openpgp.signature.key_validity"][0] if "openpgp.signature.key_validity" in v else None for v in values] == \
        ["00000064"] * 5 + [None, "00000000", "00000064", "00000000"]
    ends = [[v[f"openpgp.signature.{name}"][1] if f"openpgp.signature.{name}" in v else None for v in values] for name in ("expiration", "key_expiration")]
    for shown, wanted in zip(ends, ([50] * 5 + [None, None, 50, 50], [-900, None, -900, -400, None, None, None, None, -900])):
        assert [is_time(s, CREATED + w) if s and w else s == w for s, w in zip(shown, wanted)] == [True] * 9, (shown, wanted)


# Messages


MESSAGES = {
    "PKESK RSA": packet(PKESK, b"\3" + OCTETS[:8] + b"\1" + mpi(OCTETS[1:129])),
    "PKESK Elgamal": packet(PKESK, b"\3" + OCTETS[:8] + b"\x10" + mpi(OCTETS[1:129]) + mpi(OCTETS[2:99])),
    "PKESK ECDH": packet(PKESK, b"\3" + OCTETS[:8] + b"\x12" + mpi(b"\4" + OCTETS[:64]) + b"\x28" + OCTETS[:40]),
    "PKESK X25519": packet(PKESK, b"\3" + OCTETS[:8] + b"\x19" + OCTETS[:32] + b"\x29\x09" + OCTETS[:40]),
    "PKESK X448": packet(PKESK, b"\6\x21\6" + OCTETS[:32] + b"\x1a" + OCTETS[:56] + b"\x28" + OCTETS[:40]),
    "PKESK anonymous": packet(PKESK, b"\6\0\x1a" + OCTETS[:56] + b"\x28" + OCTETS[:40]),
    "PKESK unknown": packet(PKESK, b"\3" + OCTETS[:8] + b"\x63" + OCTETS[:40]),
    "SKESK 5": packet(SKESK, b"\5\7\2\3\x08" + OCTETS[:8] + b"\x90" + OCTETS[:15] + OCTETS[:32]),
    "AEAD": packet(AEAD, b"\1\7\2\x0e" + OCTETS[:15] + b"encrypted"),
    "AEAD 2": packet(AEAD, b"\1\7\2\x0e" + OCTETS[:15] + b"encrypted") + packet(AEAD, b"\2what"),
    "SED": packet(MARKER, b"PGP") + packet(SED, b"encrypted"),
    "SEIPD 2": packet(SEIPD, b"\2\7\2\6" + OCTETS[:32] + b"encrypted"),
    "one pass": packet(ONE_PASS, b"\3\0\x08\1" + OCTETS[:8] + b"\1") + packet(LITERAL, b"u\4nameTIME" + b"text") + packet(SIGNATURE, signature(kind=0)),
    "MDC": packet(LITERAL, b"b\0" + bytes(4)) + packet(MDC, OCTETS[:20]) + packet(PADDING, b"padding") + packet(TRUST, b"\6\1"),
    "uncompressed": packet(COMPRESSED, b"\0" + packet(LITERAL, b"b\0" + bytes(4) + b"text")),
}


def test_messages(ws, tmp_path):
    capture = http_capture(tmp_path / "messages.pcap", MESSAGES.values(), "application/pgp-keys")
    names = ["openpgp." + n for n in ("packet.tag", "pkesk.version", "pkesk.keyid", "pkesk.algorithm", "encrypted.aead", "encrypted.data",
                                      "encrypted.version")]
    found = dict(zip(MESSAGES, rows(ws, capture, *names), strict=True))
    recipient = [OCTETS[:8].hex().upper()]
    for name, algorithm in (("RSA", 1), ("Elgamal", 16), ("ECDH", 18), ("X25519", 25), ("unknown", 99)):
        assert found["PKESK " + name][:4] == [["1"], ["3"], recipient, [str(algorithm)]]
    assert found["PKESK X448"][:4] == found["PKESK anonymous"][:4] == [["1"], ["6"], [], ["26"]]
    encrypted = [b"encrypted".hex()]
    assert found["AEAD"] == [["20"], [], [], [], ["2"], encrypted, ["1"]]
    assert found["AEAD 2"][6] == ["1", "2"]
    assert found["SED"][5] == encrypted and found["SED"][0] == ["10", "9"]
    assert found["SEIPD 2"][5:] == [encrypted, ["2"]]
    assert found["uncompressed"][0] == ["8", "11"]
    fields = {
        "PKESK RSA": {"rsa.encrypted": OCTETS[1:129].hex()},
        "PKESK Elgamal": {"elgamal.c1": OCTETS[1:129].hex(), "elgamal.c2": OCTETS[2:99].hex()},
        "PKESK ECDH": {"ecdh.ephemeral": (b"\4" + OCTETS[:64]).hex(), "ecdh.wrapped_key": OCTETS[:40].hex()},
        "PKESK X25519": {"x25519.ephemeral": OCTETS[:32].hex(), "session_key.cipher": "9", "session_key.wrapped": OCTETS[:40].hex()},
        "PKESK X448": {"x448.ephemeral": OCTETS[:56].hex(), "session_key.wrapped": OCTETS[:40].hex(), "pkesk.recipient_length": "33",
                       "pkesk.key_version": "6", "pkesk.fingerprint": OCTETS[:32].hex().upper()},
        "PKESK anonymous": {"x448.ephemeral": OCTETS[:56].hex(), "session_key.wrapped": OCTETS[:40].hex(), "pkesk.recipient_length": "0"},
        "SKESK 5": {"skesk.version": "5", "skesk.encrypted": OCTETS[:32].hex(), "encrypted.iv": OCTETS[:15].hex()},
        "SEIPD 2": {"encrypted.salt": OCTETS[:32].hex(), "encrypted.chunk_size": "6"},
        "AEAD 2": {"version_data": b"what".hex(), "encrypted.iv": OCTETS[:15].hex(), "encrypted.chunk_size": "14"},
        "one pass": {"one_pass.keyid": OCTETS[:8].hex().upper(), "one_pass.last": "1", "one_pass.type": "0x00", "one_pass.hash_algorithm": "8",
                     "literal.filename": "name", "literal.data": b"text".hex(), "literal.format": "0x75", "literal.filename_length": "4"},
        "MDC": {"mdc.hash": OCTETS[:20].hex(), "padding": b"padding".hex(), "trust": "0601", "literal.filename_length": "0", "literal.format": "0x62"},
    }
    names = sorted({n for f in fields.values() for n in f})
    found = dict(zip(MESSAGES, rows(ws, capture, *("openpgp." + n for n in names))))
    for message, wanted in fields.items():
        assert {n: v[0] for n, v in zip(names, found[message]) if v} == wanted, message


def test_post_quantum_sizes(ws, tmp_path):
    """draft-ietf-openpgp-pqc: two parts of fixed lengths. Those of another length, as in its earlier drafts, are left as they are."""
    secret = {30: (32, 32), 31: (57, 32), 32: (64,), 33: (64,), 34: (128,), 35: (32, 64), 36: (56, 64)}
    signed = {30: (64, 3309), 31: (114, 4627), 32: (7856,), 33: (17088,), 34: (29792,)}
    wrapped = {35: (32, 1088), 36: (56, 1568)}
    bodies, lengths = [], []
    for algorithm, parts in secret.items():
        bodies.append(packet(SECRET_KEY, key(KEYS[f"post-quantum {algorithm}"][1], algorithm, 6) + b"\0" + bytes(sum(parts))))
        lengths.append(parts)
    for algorithm, parts in signed.items():
        for missing in (0, 1):
            bodies.append(packet(SIGNATURE, signature(material=bytes(sum(parts) - missing), algorithm=algorithm, version=6)))
            lengths.append((sum(parts) - 1,) if missing else parts)
    unknown = range(len(secret) + 1, len(bodies), 2)
    for algorithm, parts in wrapped.items():
        for version, head in ((3, b"\3" + bytes(8)), (6, b"\6\0")):
            key_of_session = b"\x09" * (version == 3) + bytes(40)
            bodies.append(packet(PKESK, head + bytes([algorithm]) + bytes(sum(parts)) + bytes([len(key_of_session)]) + key_of_session))
            lengths.append((*parts, 40))
    bodies.append(packet(7, key(KEYS["post-quantum 35"][1], 35, 4) + b"\0" + bytes(32 + 64) + b"\0\0"))
    lengths.append((32, 64))     # and a subkey that stands alone
    capture = http_capture(tmp_path / "pqc.pcap", bodies)
    names = [f"openpgp.{name}" for name in (
        "ed25519.secret", "ed25519.signature", "ed448.secret", "ed448.signature", "x25519.secret", "x25519.ephemeral", "x448.secret",
        "x448.ephemeral", "mldsa.secret", "mldsa.signature", "slhdsa.secret", "slhdsa.signature", "mlkem.secret", "mlkem.ciphertext",
        "session_key.wrapped", "material")]
    found = rows(ws, capture, *names)
    assert [sorted(len(v) // 2 for field in row for v in field) for row in found] == [sorted(n) for n in lengths]
    assert [place for place, row in enumerate(found) if row[-1]] == list(unknown)
    assert ws.count(capture, "openpgp.malformed || openpgp.trailing_data || openpgp.secret.checksum.bad") == 0


def test_what_belongs_to_a_key_stands_alone(ws, tmp_path):
    """In binary as in armor."""
    me, subkey = Signer(), packet(PUBLIC_SUBKEY, Signer().body)
    bodies = [subkey, packet(USER_ID, b"Alice <alice@example.org>"), me.certified(b"Al"), packet(7, me.body + b"\0" * 3)]
    wanted = [["14"], ["13"], ["13", "2"], ["7"]]
    other = [packet(USER_ID, b"Al") + b"ice", packet(USER_ID, b"\x01l"), b"\xcd"]
    capture = http_capture(tmp_path / "alone.pcap", bodies + [armor(body) for body in bodies] + other)
    assert [row[0] for row in rows(ws, capture, "openpgp.packet.tag")] == wanted * 2


def has_bzip2(ws):
    told = subprocess.run(["readelf", "-d", ws.plugin_dir / ws.series / "epan/openpgp.so"], capture_output=True, text=True, check=True).stdout
    return "libbz2" in told


def test_compressed(ws, tmp_path):
    inner = packet(LITERAL, b"b\0" + bytes(4) + b"text" * 500)
    raw = zlib.compressobj(wbits=-15)
    bodies = [packet(COMPRESSED, b"\1" + raw.compress(inner) + raw.flush()), packet(COMPRESSED, b"\2" + zlib.compress(inner)),
              packet(COMPRESSED, b"\3BZh"), packet(COMPRESSED, b"\x09what"), packet(COMPRESSED, b"\2" + zlib.compress(inner)[:-6]),
              packet(COMPRESSED, b"\2not zlib"), packet(COMPRESSED, b"\2"),
              old_packet(COMPRESSED, b"\2" + zlib.compress(inner), 0), packet(COMPRESSED, b"\3" + bz2.compress(inner)),
              packet(COMPRESSED, b"\3" + bz2.compress(inner)[:-6])]
    capture = http_capture(tmp_path / "z.pcap", bodies)
    found = rows(ws, capture, "openpgp.packet.tag", "openpgp.compressed.algorithm", "openpgp.compressed.uncompressed_length", "openpgp.compressed.incomplete",
                 "openpgp.compressed.unavailable")
    whole = str(len(inner))
    bzip2 = [found.pop(2), *found[-2:]]
    del found[-2:]
    if has_bzip2(ws):
        assert [r[:4] for r in bzip2] == [[["8"], ["3"], ["0"], bzip2[0][3]], [["8", "11"], ["3"], [whole], []], [["8", "11"], ["3"], [whole], bzip2[0][3]]]
        assert bzip2[0][3] and not any(r[4] for r in bzip2)
    else:
        assert [[*r[:4], bool(r[4])] for r in bzip2] == [[["8"], ["3"], [], [], True]] * 3
    # An unknown algorithm is not recognised by itself. What has come out before the end is shown.
    cut = found[2][2]
    assert 1000 < int(cut[0]) < len(inner)
    assert [r[:3] for r in found] == [[["8", "11"], ["1"], [whole]], [["8", "11"], ["2"], [whole]],
                                      [["8", "11"], ["2"], cut], [["8"], ["2"], ["0"]], [["8"], ["2"], []], [["8", "11"], ["2"], [whole]]]
    assert [bool(r[3]) for r in found] == [False, False, True, True, False, False]


# User IDs and attributes


def test_user_ids(ws, tmp_path):
    head = packet(PUBLIC_KEY, key(rsa()))
    texts = [b"Alice <alice@example.org>", "Zoë Ωmega <zoe@example.org>".encode(), b"", b"new\nline", b"\x1b[31mred\x1b[0m", b"nul\0nul",
             b"latin \xe9", b"cut \xe2\x82", b"\xed\xa0\x80 surrogate", b"\xff\xfe", b"del\x7f", b"x" * 5000,
             "Jürgen Größl <j@example.org>".encode("latin-1"), "Ïñigo".encode("latin-1"), "Иван <i@example.org>".encode("koi8-r"),
             "é".encode() + b" \xe9", "é".encode("utf-16"), "Zoë \x85".encode("latin-1")]
    capture = http_capture(tmp_path / "uid.pcap", [head + packet(USER_ID, t) for t in texts])
    found = []
    for element in ws.pdml(capture, "-Y", "openpgp"):
        found.append(element.find(".//field[@name='openpgp.userid']"))
    assert [f.get("show") for f in found[:2]] == ["Alice <alice@example.org>", "Zoë Ωmega <zoe@example.org>"]
    assert [f.get("value", "") for f in found] == [t.hex() for t in texts]
    suspicious = ws.frames(capture, "openpgp.text.suspicious")
    assert suspicious == [5 + 8 * n for n in (3, 4, 5, 7, 8, 9, 10, 14, 15, 16, 17)]
    assert ws.frames(capture, "openpgp.userid.not_utf8") == [5 + 8 * 6, *(5 + 8 * n for n in range(12, 14))]
    shown = ws.rows(capture, ["openpgp.userid"], "openpgp")
    assert [s[0] for s in shown[3:11]] == [r"new\x0aline", r"\x1b[31mred\x1b[0m", r"nul\x00nul", "latin é", r"cut \xe2\x82",
                                          r"\xed\xa0\x80 surrogate", r"\xff\xfe", r"del\x7f"]
    assert len(shown[11][0]) == 5000
    assert [s[0] for s in shown[12:]] == ["Jürgen Größl <j@example.org>", "Ïñigo", r"\xe9\xd7\xc1\xce <i@example.org>", r"é \xe9",
                                         r"\xff\xfe\xe9\x00", r"Zo\xeb \x85"]


def test_names_of_keys(ws, tmp_path):
    """What the item says of the whole: the first user ID of each key, with control characters escaped."""
    def one_key(seed, *uids):
        return packet(PUBLIC_KEY, key(rsa(seed=seed))) + b"".join(packet(USER_ID, u) for u in uids)
    bodies = [one_key(1, b"Alice", b"Alice again"), one_key(1, b"Alice") + one_key(2) + one_key(3, b"Carol") + one_key(4, b"Dave"),
              one_key(1, b"bad\x1bname"), packet(SIGNATURE, signature())]
    capture = http_capture(tmp_path / "names.pcap", bodies)
    labels = [p.find("proto[@name='openpgp']").get("showname") for p in ws.pdml(capture, "-Y", "openpgp")]
    ident = keyid(key(rsa(seed=2)))
    assert labels == ["OpenPGP, 1 key: Alice", f"OpenPGP, 4 keys: Alice, {ident}, Carol, \u2026", "OpenPGP, 1 key: bad\\x1bname", "OpenPGP"]


def test_user_attributes(ws, tmp_path):
    image = b"\x10\0\1\1" + bytes(12) + b"\xff\xd8\xff\xe0JFIF"
    head = packet(PUBLIC_KEY, key(rsa()))
    bodies = [head + packet(USER_ATTRIBUTE, a) for a in (
        subpacket(1, image), subpacket(1, image, octets=5) + subpacket(100, b"other"), subpacket(1, b"\x10\0\2\1" + bytes(12)), b"\0\0", b"\x20\1")]
    capture = http_capture(tmp_path / "uat.pcap", bodies)
    names = ("attribute.type", "attribute.length", "attribute.image.header_length", "attribute.image.version", "attribute.image.encoding",
             "attribute.image.data", "attribute.data")
    found = rows(ws, capture, *("openpgp." + n for n in names))
    jpeg = image[16:].hex()
    assert found[:2] == [[["1"], [str(len(image) + 1)], ["16"], ["1"], ["1"], [jpeg], []],
                         [["1", "100"], [str(len(image) + 1), "6"], ["16"], ["1"], ["1"], [jpeg], [b"other".hex()]]]
    assert found[2][3:5] == [["2"], []]
    assert ws.frames(capture, "openpgp.malformed") == [29, 37]


# Packets


def test_formats_and_lengths(ws, tmp_path):
    literal = b"b\0" + bytes(4) + b"x" * 3000
    bodies = [old_packet(LITERAL, literal, 2), old_packet(LITERAL, literal, 4), old_packet(LITERAL, literal, 0), old_packet(LITERAL, literal[:100], 1),
              packet(LITERAL, literal), packet(LITERAL, literal, 5), packet(LITERAL, literal[:100]), packet(LITERAL, literal[:1000]),
              partial(LITERAL, literal), partial(LITERAL, literal, 11), partial(LITERAL, literal, 3), partial(SIGNATURE, signature(OCTETS[:0], material=mpi(b"\1" * 700)))]
    capture = http_capture(tmp_path / "formats.pcap", bodies)
    found = rows(ws, capture, "openpgp.packet.new_format", "openpgp.packet.length_type", "openpgp.packet.length", "openpgp.packet.partial_length",
                 "openpgp.packet.partial_invalid", "openpgp.literal.data")
    assert [truth(r[0][0]) for r in found] == [False] * 4 + [True] * 8
    assert [r[1] for r in found] == [["1"], ["2"], ["3"], ["0"]] + [[]] * 8
    assert [r[2] for r in found] == [[str(n)] for n in (3006, 3006, 3006, 100, 3006, 3006, 100, 1000, 3006, 3006, 3006)] + [[str(len(signature(material=mpi(b"\1" * 700))))]]
    assert [r[3] for r in found[8:11]] == [["512"] * 5, ["2048"], ["8"] * 375]
    assert [bool(r[4]) for r in found] == [False] * 10 + [True, True]
    assert [len(r[5][0]) // 2 for r in found[:11]] == [3000] * 3 + [94, 3000, 3000, 94, 994] + [3000] * 3


def test_unknown_is_shown_as_such(ws, tmp_path):
    head = packet(PUBLIC_KEY, key(rsa()))
    bodies = [head + packet(40, b"critical unknown") + packet(USER_ID, b"after"), head + packet(60, b"private") + packet(0, b""),
              head + packet(PUBLIC_SUBKEY, b"\x09" + OCTETS[:20]), head + packet(SIGNATURE, b"\x07" + OCTETS[:20]),
              head + packet(SKESK, b"\x09" + OCTETS[:20]) + packet(ONE_PASS, b"\x09" + OCTETS[:20]) + packet(PKESK, b"\x09" + OCTETS[:20]),
              head + b"\x00\x01\x02 not a packet"]
    capture = http_capture(tmp_path / "unknown.pcap", bodies)
    found = rows(ws, capture, "openpgp.packet.tag", "openpgp.packet.data", "openpgp.userid", "openpgp.key.data", "openpgp.signature.data", "openpgp.version_data",
                 "openpgp.key.fingerprint")
    body = OCTETS[:20].hex()
    ident = [fingerprint(key(rsa()))]
    assert found == [[["6", "40", "13"], [b"critical unknown".hex()], ["after"], [], [], [], ident],
                     [["6", "60", "0"], [b"private".hex()], [], [], [], [], ident],
                     [["6", "14"], [], [], [body], [], [], ident], [["6", "2"], [], [], [], [body], [], ident],
                     [["6", "3", "4", "1"], [], [], [], [], [body] * 3, ident], [["6"], [], [], [], [], [], ident]]
    assert ws.count(capture, "openpgp.unknown") == 5
    assert ws.count(capture, "openpgp.no_packet") == 1


def test_trailing_data(ws, tmp_path):
    bodies = [packet(PUBLIC_KEY, key(rsa()) + b"more"), packet(PUBLIC_KEY, key(OCTETS[:32] + b"more", 27, 6)), packet(PUBLIC_KEY, key(OCTETS[:32], 27, 6) + b"more"),
              packet(SIGNATURE, signature() + b"more"), packet(SECRET_KEY, key(OCTETS[:32], 27, 6, secret=b"\0" + OCTETS[:32] + b"more"))]
    capture = http_capture(tmp_path / "trailing.pcap", bodies + [packet(PUBLIC_KEY, key(rsa()))])
    assert ws.frames(capture, "openpgp.trailing_data") == [5, 13, 21, 29, 37]


def test_octets_behind_the_numbers_of_a_key(ws, tmp_path):
    """Up to version 4 nothing counts them: GnuPG leaves them out of fingerprint and signatures, others refuse the key. Integers that
    are shorter than they say GnuPG writes anew: there the fingerprint depends on whom one asks, and none is told."""
    me, odd = Signer("RSA"), Signer("RSA")
    certified, odd_certified = me.certified(b"Alice"), odd.certified(b"Bob")
    longer = mpi(7)[:1] + b"\x08\x07"
    bodies = [packet(PUBLIC_KEY, me.body + b"\0\1\1more") + certified, packet(PUBLIC_KEY, key(rsa(), version=3) + b"more"),
              packet(PUBLIC_KEY, odd.body[:-5] + number(24, 2) + b"\1\0\1") + odd_certified,
              packet(PUBLIC_KEY, odd.body[:-5] + number(32, 2) + b"\0\1\0\1") + odd_certified, packet(PUBLIC_KEY, key(rsa() + longer, algorithm=17))]
    capture = http_capture(tmp_path / "behind.pcap", bodies)
    found = rows(ws, capture, "openpgp.key.fingerprint", "openpgp.signature.check", "openpgp.trailing_data", "openpgp.mpi.not_minimal")
    assert [row[:2] for row in found] == [[[fingerprint(me.body)], ["1"]], [[fingerprint(key(rsa(), version=3))], []], [[], ["7"]], [[], ["7"]], [[], []]]
    assert ws.frames(capture, "openpgp.trailing_data") == [5, 13]
    assert ws.frames(capture, "openpgp.mpi.not_minimal") == [21, 29, 37]


def test_who_signed_may_be_a_key_that_is_disputed(ws, tmp_path):
    """Nobody knows its ID, so none can be said to lack; of another algorithm it is not. A subkey of that kind takes nothing from its primary key."""
    me, odd, other = Signer(), Signer("RSA"), Signer("P-256")
    head = me.certified_key(b"Alice")
    body = odd.body[:-5] + number(24, 2) + b"\1\0\1"
    signed = [head + signer.sign(me.over_user_id(b"Alice"), 0x10) for signer in (odd, other)]
    bound = head + packet(PUBLIC_SUBKEY, body) + me.sign(me.over_subkey(odd), 0x18)
    capture = craft.write_pcap(tmp_path / "disputed.pcap", http_frames([signed[0], packet(PUBLIC_KEY, body), *signed, bound]), start=CREATED + 1000.0)
    for two_pass, first in ((False, "3"), (True, "5")):
        found = ws.rows(capture, ["openpgp.signature.check", "openpgp.key.state"], "openpgp", two_pass)
        assert found == [(f"1,{first}", "1"), ("", "6"), ("1,5", "1"), ("1,3", "1"), ("1,7", "1,6")]


# Armor


KEY = packet(PUBLIC_KEY, key(rsa())) + packet(USER_ID, b"Alice <alice@example.org>") + packet(SIGNATURE, signature())


def test_armor(ws, tmp_path):
    good = armor(KEY, headers=("Version: Example 1.0", "Comment: two  words"))
    lines = good.split(b"\n")
    bodies = [
        good, armor(KEY, crc=0x123456), armor(KEY, crc=False), armor(KEY, eol=b"\r\n"), armor(KEY, end=False), armor(KEY, crc=False, end=False),
        b"mail before\n\n" + good + b"\ntext between\n" + armor(packet(SIGNATURE, signature()), "SIGNATURE") + b"behind",
        b"<html><body><h1>Key</h1><pre>\n" + good + b"</pre></body></html>\n",
        b"<p>" + good.replace(b"+", b"&#43;").replace(b"/", b"&#x2F;").replace(b"=", b"&#61;").replace(b"\n", b"<br>\n") + b"</p>",
        b'{"keytext": "' + good.replace(b"\n", b"\\n").replace(b"/", b"\\/") + b'"}',
        b"\n".join(b"  " + line + b" \t" for line in lines),
        b"\n".join([*lines[:6], lines[6][:10] + b"!" + lines[6][10:], *lines[7:]]),
        armor(KEY, "PRIVATE KEY BLOCK"), armor(KEY, "MESSAGE, PART 1/2"), armor(b""),
        good.replace(b"\n\n", b"\n"),
        good.replace(b"\n=" , b"\n=A"),
        b"-----BEGIN PGP PUBLIC KEY BLOCK----- is how a key begins, and -----END PGP PUBLIC KEY BLOCK----- how it ends.\n",
        b"-----BEGIN PGP PUBLIC KEY BLOCK-----\nThis is: not armor at all, is it?\n\n(no)\n" + good,
        b"plain text",
    ]
    capture = http_capture(tmp_path / "armor.pcap", bodies, "application/pgp-keys")
    names = ("tcp.stream", "openpgp.armor.type", "openpgp.armor.header", "openpgp.armor.crc24", "openpgp.armor.crc24.status", "openpgp.packet.tag", "openpgp.userid")
    found = {int(r[0][0]): r[1:] for r in rows(ws, capture, *names)}
    block, headers, crc = ["PUBLIC KEY BLOCK"], ["Version: Example 1.0", "Comment: two  words"], [f"0x{crc24(KEY):06x}"]
    content = [["6", "13", "2"], ["Alice <alice@example.org>"]]
    whole = [block, headers, crc, ["1"], *content]
    assert found == {
        0: whole, 1: [block, [], ["0x123456"], ["0"], *content], 2: [block, [], [], ["3"], *content],
        3: [block, [], crc, ["1"], *content], 4: [block, [], crc, ["1"], *content], 5: [block, [], [], ["3"], *content],
        6: [block + ["SIGNATURE"], headers, crc + [f"0x{crc24(packet(SIGNATURE, signature())):06x}"], ["1", "1"], content[0] + ["2"], content[1]],
        7: whole, 8: whole, 9: whole, 10: whole, 11: whole, 12: [["PRIVATE KEY BLOCK"], [], crc, ["1"], *content],
        13: [["MESSAGE", " PART 1/2"], [], crc, ["1"], *content], 14: [block, [], [], [], [], []], 15: whole,
        16: [block, headers, [], ["4"], *content], 18: whole,
    }
    stream = {name: [s for s in range(len(bodies)) if 5 + 8 * s in ws.frames(capture, "openpgp.armor." + name)] for name in ("crc24.bad", "crc24.malformed", "no_end", "foreign")}
    assert stream == {"crc24.bad": [1], "crc24.malformed": [16], "no_end": [4, 5], "foreign": [11]}


def test_armor_between_others(ws, tmp_path):
    """Many blocks, and blocks inside a cleartext signature, which are text there."""
    blocks = b"".join(armor(packet(PUBLIC_KEY, key(rsa(seed=n))) + packet(USER_ID, b"user %d" % n)) + b"\n" for n in range(50))
    quoted = b"\n".join(b"- " + line if line.startswith(b"-") else line for line in armor(KEY).split(b"\n"))
    signed = b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" + quoted + b"\n" + armor(packet(SIGNATURE, signature(kind=1)), "SIGNATURE")
    unsigned = b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nno signature\n"
    capture = http_capture(tmp_path / "many.pcap", [blocks, signed, unsigned])
    found = rows(ws, capture, "openpgp.armor.type", "openpgp.userid", "openpgp.armor.no_end", "openpgp.armor.header")
    assert found[0][:2] == [["PUBLIC KEY BLOCK"] * 50, [f"user {n}" for n in range(50)]]
    assert found[1] == [["SIGNED MESSAGE", "SIGNATURE"], [], [], ["Hash: SHA256"]]
    assert found[2][0] == ["SIGNED MESSAGE"] and found[2][2]


# Carriers


def test_media_types(ws, tmp_path):
    boundary = b"--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\n" + \
        armor(packet(SIGNATURE, signature()), "SIGNATURE", eol=b"\r\n") + b"\r\n--b--\r\n"
    bodies = [(KEY, "application/pgp-keys"), (armor(KEY), "application/pgp-keys; charset=utf-8"), (armor(packet(SIGNATURE, signature()), "SIGNATURE"), "application/pgp-signature"),
              (b"Version: 1\r\n", "application/pgp-encrypted"), (boundary, 'multipart/encrypted; protocol="application/pgp-encrypted"; boundary="b"'), (KEY, "application/octet-stream"),
              (b"no key at all", "application/pgp-keys")]
    capture = http_capture(tmp_path / "media.pcap", bodies)
    assert rows(ws, capture, "tcp.stream", "openpgp.packet.tag", "openpgp.mime.version") == [
        [["0"], ["6", "13", "2"], []], [["1"], ["6", "13", "2"], []], [["2"], ["2"], []], [["3"], [], ["1"]], [["4"], ["2"], ["1"]],
        [["5"], ["6", "13", "2"], []]]
    # What is not recognised is left as it was.
    plain = ws.without_plugins().rows(capture, ["frame.protocols"], "tcp.stream == 6")
    assert ws.rows(capture, ["frame.protocols"], "tcp.stream == 6") == plain
    # Columns stay with the carrier.
    assert [c[0].split("/")[0] for c in ws.columns(capture) if c[0].startswith("HTTP")] == ["HTTP"] * 2 * len(bodies)


def test_decode_as(ws, tmp_path):
    asc, small = armor(KEY * 3), KEY
    frames = []
    for place, (data, size) in enumerate(((asc, 100), (small, 3), (small, 10000), (old_packet(COMPRESSED, b"\2" + zlib.compress(KEY), 0), 50))):
        connection = craft.Connection(sport=20000 + place, dport=7777).handshake()
        for at in range(0, len(data), size):
            connection.client(data[at:at + size])
        frames += [craft.ethernet(p) for p in connection.close().packets]
    frames += [craft.ethernet(craft.ip(craft.udp(KEY, 20000, 7777))), craft.ethernet(craft.ip(craft.udp(b"other", 20000, 7777)))]
    capture = craft.write_pcap(tmp_path / "as.pcap", frames)
    assert ws.count(capture, "openpgp") == 0
    options = ("-d", "tcp.port==7777,openpgp", "-d", "udp.port==7777,openpgp")
    info = "_ws.col.Info" if ws.version < (4, 4) else "_ws.col.info"
    for two_pass in (False, True):
        found = ws.rows(capture, ["openpgp.packet.tag", info], "openpgp", two_pass, options)
        alice = "Alice <alice@example.org>"
        found = [(tags, text.partition(" [")[0]) for tags, text in found]
        assert found == [("6,13,2,6,13,2,6,13,2", f"3 keys: {alice}, {alice}, {alice}"), ("6,13,2", f"1 key: {alice}"), ("6,13,2", f"1 key: {alice}"),
                         ("8,6,13,2", f"1 key: {alice}"), ("6,13,2", f"1 key: {alice}")]


@pytest.mark.one_series
def test_passes_and_segments_agree(ws, tmp_path, captures):
    assert_passes_agree(ws, captures / "openpgp-gnupg/gnupg.pcap", ["openpgp.packet.tag", "openpgp.key.fingerprint", "openpgp.userid",
                                                                    "openpgp.signature.issuer_keyid"], "openpgp")
    frames = http_frames([armor(packet(PUBLIC_KEY, key(OCTETS[:32], 27)) + packet(USER_ID, b"Al"))])
    fields = ["openpgp.armor.type", "openpgp.key.fingerprint", "openpgp.userid"]
    assert_same_for_all(ws, segmentations(tmp_path / "cut.pcap", frames, chosen=[4], step=3), fields, "openpgp")
    folder = tmp_path / "other"
    folder.mkdir()
    assert_same_for_all(ws, encapsulations(folder, frames), fields, "openpgp")


# The whole of it


def post_quantum():
    """Each kind of part once: secret keys, signatures, an encrypted session key."""
    return [*(packet(SECRET_KEY, key(KEYS[f"post-quantum {a}"][1], a, 6) + b"\0" + bytes(n)) for a, n in ((30, 64), (32, 64), (35, 96))),
            *(packet(SIGNATURE, signature(material=bytes(n), algorithm=a, version=6)) for a, n in ((30, 64 + 3309), (32, 7856))),
            packet(PKESK, b"\6\0" + bytes([35]) + bytes(32 + 1088) + bytes([40]) + bytes(40))]


def everything(samples):
    embedded = signature(subpacket(32, signature(kind=0x19)), kind=0x18)
    return [*samples.values(), *(packet(PUBLIC_KEY, key(m, a, v)) for v in (3, 5, 6) for a, m, _, _ in KEYS.values() if v > 3 or a == 1), *secret_bodies(),
            *post_quantum(), *(packet(SIGNATURE, signature(subpacket(k, b) + subpacket(2, number(CREATED, 4)))) for k, b, _ in SUBPACKETS), packet(SIGNATURE, embedded),
            *(packet(SIGNATURE, signature(material=OCTETS[1:150], algorithm=a)) for a in (27, 28, 98)),
            *(packet(SIGNATURE, signature(material=mpi(5) + mpi(6), algorithm=a)) for a in (17, 19, 20, 22)),
            packet(SIGNATURE, b"\3\5\x13" + number(CREATED, 4) + OCTETS[:8] + b"\1\x08\x12\x34" + mpi(77)),
            *MESSAGES.values(), packet(PUBLIC_KEY, key(rsa())) + packet(USER_ATTRIBUTE, subpacket(1, b"\x10\0\1\1" + bytes(12) + b"\xff\xd8") + subpacket(9, b"x")),
            packet(PUBLIC_KEY, key(rsa())) + packet(USER_ID, b"Alice") + packet(40, b"x") + packet(PUBLIC_SUBKEY, b"\x09x") + packet(SIGNATURE, b"\x09x"),
            partial(COMPRESSED, b"\2" + zlib.compress(KEY + OCTETS * 20, 0)), old_packet(LITERAL, b"b\1x" + bytes(4) + b"data"),
            Signer("RSA", bits=1024).certified_key(b"Alice"), armor(KEY, headers=("Comment: x",)), (b"Version: 1\r\n", "application/pgp-encrypted"),
            packet(PUBLIC_KEY, key(rsa())) + packet(SIGNATURE, signature(subpacket(9, number(5, 4)) + subpacket(3, number(5, 4)) + subpacket(2, number(9, 4)) + subpacket(
                33, b"\4" + bytes.fromhex(fingerprint(key(rsa()))))))]


def test_every_field_is_filled(ws, tmp_path, samples, captures):
    """No field is registered that nothing shows; expert items have tests of their own."""
    capture = http_capture(tmp_path / "everything.pcap", everything(samples))
    registered = {name for name, kind in ws.fields().items() if name.startswith("openpgp.")}
    experts = {n for n in registered if n.endswith((".bad", ".no_end", ".foreign", ".malformed", ".unknown", ".limit", ".truncated", ".trailing_data", ".no_packet",
                                                    ".suspicious", ".incomplete", ".unusable", ".secret_key", ".partial_invalid", ".critical_unknown", ".not_minimal",
                                                    ".owner_mismatch", ".addr_mismatch", ".not_utf8", ".unavailable", ".mail.compressed"))}
    filled = {f.get("name") for carrier in (capture, captures / "openpgp-mail/smtp.pcap") for p in ws.pdml(carrier, "-Y", "openpgp") for f in p.iter("field")}
    assert registered - experts - filled == set()
    assert len(registered) > 150


TYPES = {
    "openpgp.armor.type": "FT_STRING", "openpgp.armor.header": "FT_STRING", "openpgp.armor.crc24": "FT_UINT24", "openpgp.armor.crc24.status": "FT_UINT8",
    "openpgp.packet.tag": "FT_UINT8", "openpgp.packet.length": "FT_UINT32", "openpgp.key.version": "FT_UINT8", "openpgp.key.creation": "FT_ABSOLUTE_TIME",
    "openpgp.key.algorithm": "FT_UINT8", "openpgp.key.bits": "FT_UINT16", "openpgp.key.fingerprint": "FT_STRING", "openpgp.key.keyid": "FT_STRING",
    "openpgp.userid": "FT_STRING", "openpgp.signature.version": "FT_UINT8", "openpgp.signature.type": "FT_UINT8", "openpgp.signature.hash_algorithm": "FT_UINT8",
    "openpgp.signature.creation": "FT_ABSOLUTE_TIME", "openpgp.signature.issuer_keyid": "FT_STRING", "openpgp.signature.issuer_fingerprint": "FT_STRING",
}


def test_types_of_fields(ws):
    fields = ws.fields()
    assert {name: fields.get(name) for name in TYPES} == TYPES


@pytest.mark.one_series
def test_everything_survives(ws, tmp_path, samples):
    assert_survives(ws, http_capture(tmp_path / "everything.pcap", everything(samples)))

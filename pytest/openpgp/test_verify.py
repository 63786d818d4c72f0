# SPDX-License-Identifier: GPL-2.0-or-later
"""Which OpenPGP signatures are good, against GnuPG on the same bytes, RFC 9580, and keys made here."""

import collections
import gzip
import re
import subprocess
import zlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from harness import craft
from openpgp.craft import (COMPRESSED, CREATED, LITERAL, ONE_PASS, PUBLIC_KEY, PUBLIC_SUBKEY, USER_ID, armor, blocks_of, http_capture, http_frames, key,
                           keyid, keys_of, mpi, packet, subpacket)
from openpgp.sign import CURVES, Signer

GOOD, BAD, NO_KEY, ALGORITHM, LIMIT, TEXT, REFUSED, OFF, KIND, CHANGED = map(str, range(1, 11))
KEYRINGS = Path("/usr/share/keyrings")
NAME = b"Alice <alice@example.org>"
KINDS = ["RSA", "DSA", "Ed25519Legacy", *CURVES]


def one(packet, name):
    return packet.get(name, [None])[-1]


def checks(ws, capture, *options):
    """Of each body, of each signature packet: check, verified, weak."""
    return [[(one(p, "openpgp.signature.check"), one(p, "openpgp.signature.verified"), "openpgp.signature.weak" in p)
             for p in block if p["openpgp.packet.tag"][0] == "2"]
            for pdml in ws.pdml(capture, "-Y", "openpgp", *options) for block in blocks_of(pdml)]


def codes(ws, capture, *options):
    return [[check for check, _, _ in block] for block in checks(ws, capture, *options)]


def gpg_verdicts(tmp_path, ring, now):
    """{key ID: (validity, {(issuer, time, type): {sign of GnuPG: how often}})}"""
    home = tmp_path / "gnupg"
    home.mkdir(mode=0o700)
    out = subprocess.run(["gpg", "--homedir", home, "--no-default-keyring", "--keyring", ring, "--no-auto-check-trustdb", "--trust-model", "always",
                          "--allow-weak-key-signatures", "--allow-weak-digest-algos", "--faked-system-time", f"{now}!", "--with-colons",
                          "--check-sigs"], capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL).stdout
    found = {}
    for line in out.splitlines():
        field = line.split(":")
        if field[0] == "pub":
            counted = collections.Counter()
            found[field[4]] = field[1], counted
        elif field[0] in ("sig", "rev"):
            counted[field[4], field[5], field[10][:2], field[1]] += 1
    return found


def our_verdicts(ws, capture):
    found = {}
    for pdml in ws.pdml(capture, "-Y", "openpgp.key.state", "-2", "-o", "openpgp.verify_work:100000"):
        for block in blocks_of(pdml):
            for p in block:
                tag = p["openpgp.packet.tag"][0]
                if tag == "6":
                    counted = collections.Counter()
                    found[one(p, "openpgp.key.keyid")] = one(p, "openpgp.key.state"), counted
                elif tag == "2":
                    kind = p["openpgp.signature.type"][0][2:]
                    issuer = list(found)[-1] if kind == "18" else p["openpgp.signature.issuer_keyid"][0]
                    counted[issuer, str(int(p["openpgp.signature.creation raw"][0], 16)), kind, one(p, "openpgp.signature.check")] += 1
    return found


def test_every_verdict_and_state_of_debians_archive_keys_is_that_of_gnupg(ws, tmp_path):
    """Several hundred signatures: RSA and DSA of two decades, third-party ones, revocation keys, expired keys."""
    now = 1770000000
    data = b"".join((KEYRINGS / name).read_bytes() for name in ("debian-archive-keyring.gpg", "debian-archive-removed-keys.gpg"))
    keys = list({key: None for key in keys_of(data)})
    (tmp_path / "ring.gpg").write_bytes(b"".join(keys))
    theirs = gpg_verdicts(tmp_path, tmp_path / "ring.gpg", now)
    ours = our_verdicts(ws, craft.write_pcap(tmp_path / "keys.pcap", http_frames(keys), start=now))
    assert len(theirs) >= 20 and theirs.keys() == ours.keys()
    said = collections.Counter()
    for keyid, (state, counted) in ours.items():
        assert {"1": "-", "2": "e", "3": "r", "5": "i"}[state] == theirs[keyid][0], keyid
        translated = collections.Counter()
        for (*rest, check), times in counted.items():
            translated[(*rest, {GOOD: "!", BAD: "-", NO_KEY: "?"}[check])] += times
            said[check] += times
        assert translated == theirs[keyid][1], keyid
    assert said[GOOD] > 100 and said[NO_KEY] > 50


@pytest.fixture(scope="module")
def signers():
    return {kind: Signer(kind) for kind in KINDS} | {
        "Ed25519 v6": Signer("Ed25519", version=6), "Ed448 v6": Signer("Ed448", version=6), "Ed25519 v5": Signer("Ed25519Legacy", version=5)}


def test_each_algorithm_and_each_wrong_bit(ws, tmp_path, signers):
    """Of each key: as it is; with a bit of the user ID, of the signature's own data, of its numbers turned."""
    bodies = []
    for signer in signers.values():
        hash_number = 10 if signer.kind in ("P-521", "brainpoolP512r1", "Ed448") else 8
        user_id, made = packet(USER_ID, NAME), signer.sign(signer.over_user_id(NAME), 0x13, digest=hash_number)
        for wrong in ("", "user ID", "hashed", "numbers"):
            at = {"hashed": made.index(signer.issuer) - 1, "numbers": len(made) - 3}.get(wrong)
            changed = made if at is None else made[:at] + bytes([made[at] ^ 4]) + made[at + 1:]
            bodies.append(signer.packet() + (packet(USER_ID, NAME.lower()) if wrong == "user ID" else user_id) + changed)
    for options in ((), ("-2",)):
        found = checks(ws, http_capture(tmp_path / "algorithms.pcap", bodies), *options)
        assert found == [[expected] for _ in signers for expected in
                         [(GOOD, ws_true(ws), False)] + 3 * [(BAD, ws_false(ws), False)]]


def ws_true(ws):
    return "1" if ws.version < (4, 4) else "True"


def ws_false(ws):
    return "0" if ws.version < (4, 4) else "False"


def test_each_hash_and_what_is_weak(ws, tmp_path):
    signer, short = Signer("RSA"), Signer("RSA", bits=1024)
    bodies = [signer.packet() + signer.certified(NAME, digest=digest) for digest in (1, 2, 8, 9, 10, 11, 12, 14)] + \
        [short.packet() + short.certified(NAME)]
    assert checks(ws, http_capture(tmp_path / "hashes.pcap", bodies)) == \
        [[(GOOD, ws_true(ws), weak)] for weak in (True, True, False, False, False, False, False, False, True)]


def test_what_a_policy_forbids_is_not_badly_signed(ws, tmp_path):
    """GnuTLS may be told to refuse what it knows: those who look at captures want to see it all the same, or that it could not be looked at."""
    policy = tmp_path / "policy"
    policy.write_text("[overrides]\ninsecure-sig = EdDSA-Ed25519\ninsecure-hash = SHA1\n")
    signers = Signer(), Signer("P-256")
    bodies = [signer.packet() + signer.certified(NAME, digest=digest) for signer in signers for digest in (8, 2)]
    capture = http_capture(tmp_path / "policy.pcap", bodies)
    found = codes(ws.with_env(GNUTLS_SYSTEM_PRIORITY_FILE=str(policy)), capture)
    assert len(found) == 4 and all(check in (GOOD, ALGORITHM) for (check,) in found), found


def rsa_key(p, q):
    d = pow(65537, -1, (p - 1) * (q - 1))
    return rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), rsa.RSAPublicNumbers(65537, p * q)).private_key()


def test_rsa_signatures_that_begin_with_zeros(ws, tmp_path):
    """With this key those of two times do: their numbers are an octet shorter than the key's."""
    signer = Signer("RSA", secret=rsa_key(
        0xf9f5e2cad75bc2db37e835072717aecb22e65572bbb2a47b4181878f0fcf49f4b425bb3e9c4824ceefdeffbd67d2e1630bfc211546c417689d4b9c8f8dc670a1,
        0xc6ba51d185c2943aa8ba96c1149fb4555076f42f3cd3afaaf346f76def453cf67e07815363ed42d43c54cfe72815180d6dbf9384a5a45288e98fd12927029e51))
    usual, *short = [signer.packet() + signer.certified(NAME, created=CREATED + after) for after in (0, 27, 162)]
    assert [len(usual) - len(body) for body in short] == [1, 1]
    assert codes(ws, http_capture(tmp_path / "zeros.pcap", short)) == [[GOOD], [GOOD]]


def test_subkeys_back_signatures_and_revocations(ws, tmp_path):
    signer, subkey, other = Signer(), Signer("P-256"), Signer()
    whole = signer.packet() + signer.sign(signer.hashed_key(), 0x1f) + signer.certified(NAME) + \
        signer.sign(signer.over_user_id(NAME), 0x30) + signer.bound(subkey, back=True) + signer.sign(signer.over_subkey(subkey), 0x28)
    revoked = signer.packet() + signer.sign(signer.hashed_key(), 0x20) + signer.certified(NAME)
    moved = other.packet() + signer.certified(NAME) + signer.bound(subkey, back=True)
    capture = http_capture(tmp_path / "subkeys.pcap", [whole, revoked, moved])
    blocks = [block for pdml in ws.pdml(capture, "-Y", "openpgp") for block in blocks_of(pdml)]
    assert [[p["openpgp.signature.check"] for p in block if p["openpgp.packet.tag"][0] == "2"] for block in blocks] == [
        [[GOOD], [GOOD], [GOOD], [GOOD, GOOD], [GOOD]], [[GOOD], [GOOD]], [[BAD], [BAD, BAD]]]
    assert ws.count(capture, "openpgp.signature.bad") == 1


def test_the_subkey_makes_the_back_signature_whoever_it_names(ws, tmp_path):
    """The issuer is not under the signature, and some write the primary key's there, or nobody's."""
    class Nameless(Signer):
        issuer = b""
    signer, subkey = Signer(), Nameless("P-256")
    bodies = []
    for name in (signer.issuer, subpacket(16, bytes.fromhex("AAAABBBBCCCCDDDD")), b""):
        back = subkey.signature(signer.over_subkey(subkey), 0x19, unhashed=name)
        altered = subkey.signature(signer.over_subkey(signer), 0x19, unhashed=name)
        bodies += [signer.packet() + signer.certified(NAME) + subkey.packet(PUBLIC_SUBKEY) +
                   signer.sign(signer.over_subkey(subkey), 0x18, unhashed=subpacket(32, within)) for within in (back, altered)]
    capture = http_capture(tmp_path / "back.pcap", bodies)
    assert ws.rows(capture, ["openpgp.signature.check"], "openpgp") == [(f"{GOOD},{GOOD},{GOOD}",), (f"{GOOD},{BAD},{GOOD}",)] * 3


def test_a_text_that_its_carrier_may_have_written_otherwise_is_not_badly_signed(ws, tmp_path):
    """Whether the key comes before it or after it."""
    signer = Signer()
    text = b"-----BEGIN PGP SIGNED MESSAGE-----\n\na &lt; b<br>\n" + armor(signer.sign(b"a < b", 1), "SIGNATURE")
    bodies = [(text, "text/html"), (signer.packet(), "application/pgp-keys"), (text, "text/html")]
    assert codes(ws, http_capture(tmp_path / "after.pcap", bodies), "-2") == [[CHANGED], [], [CHANGED]]


def test_what_carriers_write_otherwise(ws, tmp_path):
    """Tags, quoted-printable and strings of JSON; not what is only like them."""
    signer = Signer()
    made = armor(signer.sign(b"signed", 1), "SIGNATURE")
    changed = b"a <b>bold</b>", b"<p class=x>", b"end</p>", b"J=C3=BCrgen", b"soft=\nbreak", b"one\\ntwo", b"a &amp; b"
    plain = b"a < b > c", b"Alice <alice@example.org>", b"a=b c==d e=f0", b"a\\b", b"plain"
    texts = dict.fromkeys(changed, CHANGED) | dict.fromkeys(plain, BAD)
    bodies = [(signer.packet(), "application/pgp-keys")]
    bodies += [(b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" + text + b"\n" + made, "text/plain") for text in texts]
    assert [dict(zip(texts, [check for (check,) in codes(ws, http_capture(tmp_path / "otherwise.pcap", bodies))[1:]]))] == [texts]


def test_third_party_signature_whose_key_comes_later(ws, tmp_path):
    signer, other = Signer(), Signer("RSA")
    bodies = [signer.packet() + signer.certified(NAME) + other.sign(signer.over_user_id(NAME), 0x10), other.packet()]
    capture = http_capture(tmp_path / "later.pcap", bodies)
    assert codes(ws, capture) == [[GOOD, NO_KEY], []]
    assert codes(ws, capture, "-2") == [[GOOD, GOOD], []]
    assert codes(ws, http_capture(tmp_path / "first.pcap", bodies[::-1])) == [[], [GOOD, GOOD]]
    with ws.sharkd() as sharkd:
        sharkd.load(capture)
        assert [value for (value,) in sharkd.rows(["openpgp.signature.check"], "openpgp.signature.check")] == ["1,1"]


def test_documents_whose_text_was_captured(ws, tmp_path):
    signer = Signer()
    text = b"First line  \n- -----BEGIN dashes\n\nlast\n"
    signed = b"First line\r\n-----BEGIN dashes\r\n\r\nlast"
    made = armor(signer.sign(signed, 1), "SIGNATURE")
    head = b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n"
    literal = b"b\0" + bytes(4)
    bare, unescaped = head.replace(b"\n\n", b"\n"), head.replace(b"Hash", b"NotDashEscaped: You need GnuPG\nHash")
    bodies = [(signer.packet(), "application/pgp-keys")] + [(body, "text/plain") for body in (
        head + text + made, head + text.replace(b"last", b"lost") + made, bare + text + made, unescaped + text + made)] + [(body, "application/pgp-signature") for body in (
            packet(LITERAL, literal + b"data") + signer.sign(b"data", 0), packet(LITERAL, literal + b"dada") + signer.sign(b"data", 0),
            packet(LITERAL, b"t\0" + bytes(4) + b"a\nb\n") + signer.sign(b"a\r\nb\r\n", 1), signer.sign(b"data", 0))]
    assert codes(ws, http_capture(tmp_path / "documents.pcap", bodies)) == \
        [[], [GOOD], [BAD], [TEXT], [TEXT], [GOOD], [BAD], [GOOD], [TEXT]]


def test_line_ends_and_headers_of_signed_texts(ws, tmp_path):
    """Whatever has put a carriage return more before each line feed, or before some, of armor as well; a header that only looks like the framing's is not signed,
    though it is read as if it were: what is signed then is not known (RFC 9580, section 7)."""
    signer = Signer()
    lines = [b"-----BEGIN PGP SIGNED MESSAGE-----", b"Hash: SHA256", b"", b"First line", b"", b"last", *armor(signer.sign(b"First line\r\n\r\nlast", 1), "SIGNATURE").split(b"\n")]
    ends = [end.join(lines) for end in (b"\n", b"\r\n", b"\r\r\n", b"\r\r\r\n")] + [b"\n".join(lines[:at] + [lines[at] + b"\r\r"] + lines[at + 1:]) for at in range(7)]
    headers = [b"\n".join(lines[:1] + more + lines[1:]) for more in ([b"Hash: SHA1,SHA512"], [b"Comment: pay 100 more"], [b"Charset: utf-8"])]
    key = armor(signer.certified_key(NAME)).replace(b"\n\n", b"\nComment: x\n\n").replace(b"\n", b"\r\r\n")
    bodies = [(key, "text/plain")] + [(text, "text/plain") for text in ends + headers]
    assert codes(ws, http_capture(tmp_path / "ends.pcap", bodies)) == [[GOOD]] * (len(ends) + 2) + [[TEXT]] * 2


def test_documents_of_version_5(ws, tmp_path):
    """Format, name and date of literal data are signed with them; of cleartext and of detached signatures they are zeros."""
    signer = Signer(version=5)
    head, other = b"b\5a.txt" + bytes([1, 2, 3, 4]), b"b\5b.txt" + bytes([1, 2, 3, 4])
    made = signer.sign(b"data", 0, literal_head=head)
    clear = b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\ntext\n" + armor(signer.sign(b"text", 1), "SIGNATURE")
    as_gnupg = clear.partition(b"-----BEGIN PGP SIGNATURE")[0] + armor(signer.sign(b"text", 1, literal_head=b"t\0" + bytes(4)), "SIGNATURE")
    bodies = [(signer.packet(), "application/pgp-keys"), (clear, "text/plain"), (as_gnupg, "text/plain"), (clear.replace(b"text", b"test"), "text/plain")] + [
        (body, "application/pgp-signature") for body in (
            packet(LITERAL, head + b"data") + made, packet(LITERAL, other + b"data") + made, packet(LITERAL, head + b"date") + made, made,
            packet(LITERAL, b"t\0" + bytes(4) + b"a\n") + signer.sign(b"a\r\n", 1, literal_head=b"t\0" + bytes(4)))]
    capture = craft.write_pcap(tmp_path / "v5.pcap", http_frames(bodies) + fetched_with_signatures(
        "/a.tar.gz", b"whole file", signer.sign(b"whole file", 0), signer.sign(b"hole file", 0)))
    assert codes(ws, capture) == [[], [GOOD], [GOOD], [BAD], [GOOD], [BAD], [BAD], [TEXT], [GOOD], [GOOD], [BAD]]


def fetched_with_signatures(target, file, *signatures):
    """Frames of a file and detached signatures of it, one after the other."""
    fetched = craft.Connection(sport=9999).handshake()
    for path, body in [(target, file)] + [(target + ".sig", made) for made in signatures]:
        fetched.client(f"GET {path} HTTP/1.1\r\nHost: example.org\r\n\r\n".encode())
        fetched.server(f"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
    return [craft.ethernet(p) for p in fetched.packets]


def sections(path):
    """{title: bytes} of a file whose titles are lines after a number sign."""
    parts = re.split(r"^# (\S+).*\n", path.read_text(), flags=re.M)
    return {title: text.encode() for title, text in zip(parts[1::2], parts[2::2])}


def test_version_5_of_gnupg(ws, captures, tmp_path):
    """Made by GnuPG 2.4.7; what it says of them, and of another text."""
    made = sections(captures / "openpgp-librepgp" / "vectors.txt")
    bodies = [made[name] for name in ("key", "inline", "text", "clear")] + [made["clear"].replace(b"data", b"date")]
    capture = craft.write_pcap(tmp_path / "gnupg.pcap", http_frames(bodies, "text/plain") + fetched_with_signatures("/data.txt", b"data\n", made["detached"]))
    assert codes(ws, capture) == [[GOOD], [GOOD], [GOOD], [GOOD], [BAD], [GOOD]]


def test_samples_of_rfc_9580(ws, captures, tmp_path):
    sample = sections(captures / "openpgp-rfc9580" / "vectors.txt")
    bodies = [sample[number] for number in ("A.2", "A.3", "A.4", "A.5", "A.6", "A.7")]
    assert codes(ws, http_capture(tmp_path / "rfc.pcap", bodies, "text/plain")) == \
        [[TEXT], [GOOD, GOOD], [GOOD, GOOD], [GOOD, GOOD], [GOOD], [GOOD]]


def test_preferences_switch_off_and_bound(ws, tmp_path):
    signer = Signer("RSA")
    bodies = [signer.packet() + signer.certified(NAME, created=CREATED + place) for place in range(40)]
    capture = http_capture(tmp_path / "preferences.pcap", bodies)
    assert codes(ws, capture, "-o", "openpgp.verify:FALSE") == 40 * [[OFF]]
    assert codes(ws, capture, "-o", "openpgp.verify_work:0") == 40 * [[LIMIT]]
    found = [check for block in codes(ws, capture, "-o", "openpgp.verify_work:1") for check in block]
    good = found.count(GOOD)
    assert 10 < good < 40 and found == good * [GOOD] + (40 - good) * [LIMIT]
    assert codes(ws, http_capture(tmp_path / "again.pcap", 40 * bodies[:1]), "-o", "openpgp.verify_work:1") == 40 * [[GOOD]]


def test_keys_that_make_libraries_abort(ws, shared, tmp_path):
    files = sorted((shared.parent / "cases" / "openpgp" / "hostile").glob("*.gpg"))
    capture = http_capture(tmp_path / "hostile.pcap", [file.read_bytes() for file in files])
    expected = {"dsa": [REFUSED], "ed2": [BAD]}
    assert codes(ws, capture) == codes(ws, capture, "-2") == [expected[file.name[:3]] for file in files] and len(files) >= 6


def test_parameters_that_no_honest_key_has(ws, tmp_path):
    """RSA with an even or huge modulus or exponent, zero or one; points that are on no curve; numbers out of range."""
    p256, brainpool, user_id = bytes.fromhex("082a8648ce3d030107"), bytes.fromhex("092b2403030208010107"), packet(USER_ID, NAME)

    def crafted(material, algorithm, numbers):
        signer = Signer()
        signer.body, signer.algorithm = signer.body[:5] + bytes([algorithm]) + material, algorithm
        signer._numbers = lambda digest, name: numbers
        return signer.packet() + user_id + signer.sign(signer.over_user_id(NAME), 0x13)

    odd = (1 << 2047) + 1
    cases = [(crafted(mpi(n) + mpi(e), 1, mpi(s)), expected) for n, e, s, expected in (
        (0, 65537, 1, REFUSED), (1, 65537, 1, REFUSED), (odd + 1, 65537, 1, REFUSED), (odd, 0, 1, REFUSED), (odd, 1, 1, REFUSED),
        (odd, 65536, 1, REFUSED), (odd, (1 << 64) + 1, 1, REFUSED), ((1 << 8192) + 1, 3, 1, REFUSED), (odd, 3, 0, BAD),
        (odd, 3, 1 << 4000, BAD), (odd, 3, odd, BAD))]
    point = Signer("P-256").body[-64:]
    other = Signer("brainpoolP256r1").body[-64:]
    for oid, good in ((p256, point), (brainpool, other)):
        cases += [(crafted(oid + mpi(b"\4" + at), 19, mpi(r) + mpi(s)), expected) for at, r, s, expected in (
            (bytes(64), 1, 1, REFUSED + BAD), (b"\xff" * 64, 1, 1, REFUSED + BAD), (good[:63] + bytes([good[63] ^ 1]), 1, 1, REFUSED + BAD),
            (good[:40], 1, 1, REFUSED), (good, 0, 1, BAD), (good, 1, 0, BAD), (good, 1 << 300, 1, BAD), (good, 1, 1, BAD))]
    found = codes(ws, http_capture(tmp_path / "crafted.pcap", [body for body, _ in cases]))
    assert len(found) == len(cases) and all(check in expected for (check,), (_, expected) in zip(found, cases))


@pytest.mark.one_series
@pytest.mark.large
def test_signatures_that_have_no_room_to_wait_do_not_count_as_without_a_key(ws, tmp_path):
    """64 MiB of signatures wait for a key that may come later; of those beyond nobody knows whether it does."""
    me, later = Signer("Ed25519", version=6), Signer("Ed25519", version=6)
    over, large = me.over_user_id(NAME), subpacket(100, bytes(4 * 1024 * 1024))
    head = me.packet() + packet(USER_ID, NAME)
    bodies = [head + later.sign(over, 0x10, large, created=CREATED + n) for n in range(17)] + [later.packet()]
    kind = "application/pgp-keys\r\nContent-Encoding: gzip"
    capture = http_capture(tmp_path / "waiting.pcap", [gzip.compress(body) for body in bodies], kind)
    found = ws.rows(capture, ["openpgp.signature.check"], "openpgp.signature.check", two_pass=True, prefs={"openpgp.verify_work": "1000000"})
    assert [row[0] for row in found] == [GOOD] * 15 + [LIMIT] * 2


def old_key(number):
    """Of version 3, where the key ID is the end of the modulus, so that anybody can make one like another."""
    modulus = (1 << 1023) + (number << 80) + 0x1122334455667789
    return key(mpi(modulus) + mpi(65537), version=3)


def test_keys_that_share_an_id(ws, tmp_path):
    """Of version 3 none that does not fit is the one; of more of them than are tried, that may be among the others: it is not bad."""
    few, many = Signer(), b"".join(packet(PUBLIC_KEY, old_key(n)) for n in range(1, 5))
    class Named(Signer):
        issuer = subpacket(16, (0x1122334455667789).to_bytes(8, "big"))
    made = few.packet() + packet(USER_ID, NAME) + Named("RSA", bits=1024).sign(few.over_user_id(NAME), 0x10)
    for more, expected in ((b"", NO_KEY), (packet(PUBLIC_KEY, old_key(5)), LIMIT)):
        assert codes(ws, http_capture(tmp_path / "same.pcap", [many + more, made])) == [[], [expected]]


@pytest.mark.one_series
@pytest.mark.large
def test_keys_that_have_no_room_do_not_count_as_missing(ws, tmp_path):
    """32 MiB of keys are kept; whether one that comes then is that of a signature nobody knows."""
    me, later = Signer(), Signer("Ed25519", version=6)
    made = me.packet() + packet(USER_ID, NAME) + later.sign(me.over_user_id(NAME), 0x10)
    filling = [b"".join(packet(PUBLIC_KEY, key(mpi(1 << 65000 | n << 40 | part) + mpi(65537))) for n in range(600)) for part in range(8)]
    filling.append(b"".join(packet(PUBLIC_KEY, key(n.to_bytes(32, "big"), 27, 6)) for n in range(60)))
    kind = "application/pgp-keys\r\nContent-Encoding: gzip"
    capture = http_capture(tmp_path / "full.pcap", [gzip.compress(body) for body in [made, *filling, later.packet(), made]], kind)
    for two_pass, expected in ((False, [NO_KEY, LIMIT]), (True, [LIMIT, LIMIT])):
        assert [row[0] for row in ws.rows(capture, ["openpgp.signature.check"], "openpgp.signature.check", two_pass)] == expected


def test_types_of_which_nobody_knows_what_they_are_over(ws, tmp_path):
    """Whether the key is there or not; what an attestation is over is known."""
    signer, other = Signer(), Signer()
    head = signer.packet() + signer.certified(NAME)
    bodies = [head + signer.sign(signer.over_user_id(NAME), kind) for kind in (0x16, 0x40, 0x50, 0x77)] + [head + other.sign(b"", 0x50)]
    capture = craft.write_pcap(tmp_path / "types.pcap", http_frames(bodies), start=CREATED + 100.0)
    assert codes(ws, capture) == [[GOOD, GOOD]] + [[GOOD, KIND]] * 4
    assert ws.count(capture, "openpgp.key.state == 1") == len(bodies)


def test_attestation_of_sequoia(ws, captures, tmp_path):
    made = sections(captures / "openpgp-sequoia" / "vectors.txt")["attested"]
    (row,) = ws.rows(http_capture(tmp_path / "attested.pcap", [made]), ["openpgp.signature.type", "openpgp.signature.check"], "openpgp.signature.type == 0x16")
    found = dict(zip(*(cell.split(",") for cell in row)))
    assert found["0x16"] == found["0x13"] == GOOD and found["0x10"] == NO_KEY


class Ed448Legacy(Signer):
    """Of EdDSALegacy; its signature is one integer, which has an octet before it or not, or two."""

    def __init__(self, form, version=4):
        self.form = form
        super().__init__("Ed448", version=version)
        self.algorithm = 22
        prefix = b"\x40" if form == "prefixed" else b""
        self.body = key(bytes.fromhex("032b6571") + mpi(prefix + super()._material()), 22, version)

    def _numbers(self, digest, algorithm):
        made = self.secret.sign(digest)
        if self.form == "two":
            return mpi(made[:57]) + mpi(made[57:])
        return mpi((b"\x40" if self.form == "prefixed" else b"") + made) + mpi(0)


def test_ed448_before_rfc_9580(ws, tmp_path):
    """As GnuPG 2.4 writes it, and as drafts had it."""
    signers = [Ed448Legacy(form, version) for form in ("one", "two", "prefixed") for version in (4, 5)]
    bodies = [signer.certified_key(NAME) for signer in signers] + [signers[4].packet() + packet(USER_ID, b"Bob") + signers[4].certified(NAME)[2 + len(NAME):]]
    assert codes(ws, http_capture(tmp_path / "ed448.pcap", bodies)) == [[GOOD]] * len(signers) + [[BAD]]


class ByKeyId(Signer):
    """Its signatures name it by its key ID alone, as those before GnuPG 2.1.16."""

    @property
    def issuer(self):
        return subpacket(16, bytes.fromhex(keyid(self.body)))


class Nameless(Signer):
    issuer = b""


def test_keys_that_are_made_to_have_an_id(ws, tmp_path):
    """A modulus of version 3 that ends in any key ID takes no time to make: that it does not fit proves nothing, in whatever order keys come, and how often."""
    alice = Signer()
    for number, maker in enumerate((ByKeyId("RSA"), ByKeyId())):
        forged = packet(PUBLIC_KEY, key(mpi(b"\x81" + bytes(range(119)) + bytes.fromhex(keyid(maker.body))) + mpi(65537), 1, 3))
        body = alice.packet() + alice.certified(NAME) + maker.sign(alice.over_user_id(NAME), 0x10)
        altered = alice.packet() + alice.certified(NAME) + maker.sign(alice.over_user_id(NAME + b"x"), 0x10)
        for order, truth in (((forged, body, maker.packet()), GOOD), ((maker.packet(), forged, body), GOOD), ((body, forged, maker.packet()), GOOD),
                             ((forged * 17, body), NO_KEY), ((forged, altered, maker.packet()), BAD)):
            made = http_capture(tmp_path / "forged.pcap", order)
            assert [codes for codes in codes(ws, made, "-2") if codes] == [[GOOD, truth]], (number, order)


def test_signatures_that_name_nobody(ws, tmp_path):
    """What does not fit the primary key is of somebody else; a binding is of that key or of none."""
    alice, other, sub = Nameless(), Nameless(), Signer()
    body = alice.packet() + alice.certified(NAME) + other.sign(alice.over_user_id(NAME), 0x10) + sub.packet(PUBLIC_SUBKEY) + other.sign(alice.over_subkey(sub), 0x18)
    assert codes(ws, http_capture(tmp_path / "nobody.pcap", [other.packet(), body])) == [[], [GOOD, NO_KEY, BAD]]


def test_messages_whose_signature_stands_elsewhere(ws, tmp_path):
    """Before them, or behind a compressed one (RFC 9580 section 10.3)."""
    signer = Signer()
    literal, wrong = (packet(LITERAL, b"b\0" + bytes(4) + text) for text in (b"hello", b"hallo"))
    squeezed, wrongly = (packet(COMPRESSED, b"\2" + zlib.compress(text)) for text in (literal, wrong))
    made, one_pass = signer.sign(b"hello", 0), packet(ONE_PASS, bytes([3, 0, 8, 22]) + bytes.fromhex(keyid(signer.body)) + b"\1")
    bodies = [signer.packet(), made + literal, made + wrong, made + squeezed, made + wrongly, one_pass + squeezed + made, one_pass + wrongly + made, made, made + made + literal]
    assert codes(ws, http_capture(tmp_path / "elsewhere.pcap", bodies)) == [[], [GOOD], [BAD], [GOOD], [BAD], [GOOD], [BAD], [TEXT], [GOOD, GOOD]]


def test_cleartext_that_is_indented(ws, tmp_path):
    """By who quotes it: nobody knows what it was, where all its lines are."""
    signer, head = Signer(), b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n"
    good = head + b"Hello\n  world\n" + armor(signer.sign(b"Hello\r\n  world", 1), "SIGNATURE")
    indented = b"".join(b"    " + line for line in good.splitlines(keepends=True))
    bodies = [signer.packet(), good, indented, good.replace(b"Hello", b"Hallo")]
    assert codes(ws, http_capture(tmp_path / "indented.pcap", bodies, content_type="text/plain")) == [[], [GOOD], [CHANGED], [BAD]]


def test_armor_within_a_signed_text(ws, tmp_path):
    """Behind blanks no dash is escaped, and the line is one of the text; where all is indented, it ends the text."""
    signer, head = Signer(), b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n"
    text = b"My key:\n  -----BEGIN PGP PUBLIC KEY BLOCK-----\n\n  mDME\n\t-----END PGP PUBLIC KEY BLOCK-----\nbye"
    good = head + text + b"\n" + armor(signer.sign(b"\r\n".join(line.rstrip() for line in text.split(b"\n")), 1), "SIGNATURE")
    plain = head + b"Hello\n" + armor(signer.sign(b"Hello", 1), "SIGNATURE")
    bodies = [signer.packet(), good, good.replace(b"bye", b"bya"), b"some text\r\n" + good.replace(b"\n", b"\r\n"), b"  " + plain.replace(b"\n", b"\n  "),
              head + b"Hello\n  " + armor(signer.packet()).replace(b"\n", b"\n  ")]
    capture = http_capture(tmp_path / "within.pcap", bodies, content_type="text/plain")
    assert codes(ws, capture) == [[], [GOOD], [BAD], [GOOD], [CHANGED], []]
    rows = ws.rows(capture, ["openpgp.key.keyid", "openpgp.armor.type"], "openpgp")
    assert rows[1:] == [("", "SIGNED MESSAGE,SIGNATURE")] * 4 + [(signer.keyid(), "SIGNED MESSAGE,PUBLIC KEY BLOCK")]
    shown, = ws.rows(capture, ["openpgp.cleartext"], "openpgp && tcp.stream == 1")[0]
    assert shown.count("PGP PUBLIC KEY BLOCK") == 2 and "bye" in shown
    assert [row[0] for row in ws.rows(capture, ["tcp.stream"], "openpgp.armor.no_end")] == ["5"]


def test_armor_that_has_no_end(ws, tmp_path):
    """The certification may have been behind it."""
    signer = Signer()
    body = armor(signer.packet() + packet(USER_ID, NAME), crc=False)
    cut = body[:body.index(b"-----END")]
    capture = http_capture(tmp_path / "no-end.pcap", [body, cut], content_type="text/plain")
    assert ws.rows(capture, ["openpgp.key.state"], "openpgp") == [("4",), ("6",)]
    assert ws.frames(capture, "openpgp.key.unusable") == ws.frames(capture, "openpgp && tcp.stream == 0")

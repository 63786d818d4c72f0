# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether OpenPGP keys could be used when they were captured, secret keys on the wire, the table and the export of keys."""

import pytest

from harness import craft
from openpgp.craft import (CREATED, LITERAL, PUBLIC_SUBKEY, SECRET_KEY, USER_ID, armor, blocks_of, fingerprint, http_capture,
                           http_frames, number, packet, signature, subpacket)
from openpgp.sign import Signer, lasting

USABLE, EXPIRED, REVOKED, NO_USER_ID, NOT_YET, UNKNOWN = map(str, range(1, 7))
DAY = 86400
NOW = CREATED + 100 * DAY
NAME, OTHER = b"Alice <alice@example.org>", b"Alice <alice@example.net>"


def after(days):
    return CREATED + days * DAY


def states(ws, capture, *options):
    """Of each body: of each key packet."""
    return [[p["openpgp.key.state"][0] for p in block if "openpgp.key.state" in p]
            for pdml in ws.pdml(capture, "-Y", "openpgp", *options) for block in blocks_of(pdml)]


def capture_of(path, bodies, start=NOW):
    return craft.write_pcap(path, http_frames(bodies), start=float(start))


def test_of_several_times_the_last_one_counts(ws, tmp_path, me):
    """RFC 9580 section 5.2.3.9; what is shown with the subpacket and the state say the same."""
    orders = [(10, 200), (200, 10)]
    bodies = [me.packet() + me.certified(NAME, lasting(a * DAY) + lasting(b * DAY)) for a, b in orders]
    capture = capture_of(tmp_path / "several.pcap", bodies)
    ends = [[p["openpgp.signature.key_expiration raw"] for p in block if "openpgp.signature.key_expiration" in p]
            for pdml in ws.pdml(capture, "-Y", "openpgp") for block in blocks_of(pdml)]
    assert ends == [[[f"{b * DAY:08x}"]] for _, b in orders]
    assert states(ws, capture) == [[USABLE], [EXPIRED]]


@pytest.fixture(scope="module")
def me():
    return Signer()


def test_state_of_a_primary_key(ws, tmp_path, me):
    stranger, revoker = Signer(), Signer()
    key, six = me.packet(), Signer("Ed25519", version=6)
    direct = subpacket(12, b"\x80" + bytes([revoker.algorithm]) + bytes.fromhex(fingerprint(revoker.body)))
    revocation = me.sign(me.hashed_key(), 0x20)
    by_revoker = revoker.sign(me.hashed_key(), 0x20, created=after(3))
    certified = me.certified(NAME)
    wrong = bytes([certified[-1] ^ 1])
    cases = {
        "with a user ID": (key + certified, USABLE),
        "without one": (key, NO_USER_ID),
        "whose user ID nobody certified": (key + packet(USER_ID, NAME), NO_USER_ID),
        "whose user ID somebody else certified": (key + packet(USER_ID, NAME) + stranger.sign(me.over_user_id(NAME), 0x13), NO_USER_ID),
        "certified before it was made": (key + me.certified(NAME, created=CREATED - DAY), NO_USER_ID),
        "certified before, and once more": (key + me.certified(NAME, created=CREATED - DAY) + me.certified(NAME), USABLE),
        "whose certification is bad": (key + certified[:-1] + wrong, NO_USER_ID),
        "whose user ID was revoked": (key + me.certified(NAME) + me.sign(me.over_user_id(NAME), 0x30, created=after(2)), USABLE),
        "of which only the revocation of the user ID came": (key + packet(USER_ID, NAME) + me.sign(me.over_user_id(NAME), 0x30), NO_USER_ID),
        "certified again since": (key + certified + me.sign(me.over_user_id(NAME), 0x30, created=after(2)) +
                                  me.sign(me.over_user_id(NAME), 0x13, created=after(3)), USABLE),
        "one of whose user IDs was revoked": (key + certified + me.sign(me.over_user_id(NAME), 0x30) + me.certified(OTHER), USABLE),
        "that has ended": (key + me.certified(NAME, lasting(10 * DAY)), EXPIRED),
        "that has not ended yet": (key + me.certified(NAME, lasting(200 * DAY)), USABLE),
        "that was made to last longer": (key + me.certified(NAME, lasting(10 * DAY)) +
                                         me.sign(me.over_user_id(NAME), 0x13, lasting(200 * DAY), created=after(5)), USABLE),
        "that was made to end sooner": (key + me.sign(me.hashed_key(), 0x1f) + me.certified(NAME, lasting(200 * DAY)) +
                                        me.sign(me.over_user_id(NAME), 0x13, lasting(50 * DAY), created=after(5)), EXPIRED),
        "that will be made to last longer": (key + me.certified(NAME, lasting(10 * DAY)) +
                                             me.sign(me.over_user_id(NAME), 0x13, created=after(101)), EXPIRED),
        "whose certification has ended": (key + me.certified(NAME, subpacket(3, number(DAY, 4))), NO_USER_ID),
        "that a direct-key signature ends": (key + me.sign(me.hashed_key(), 0x1f, lasting(10 * DAY)) + certified, EXPIRED),
        "that was revoked": (key + revocation + certified, REVOKED),
        "revoked by a stranger": (key + stranger.sign(me.hashed_key(), 0x20) + certified, USABLE),
        "retired after this": (key + me.sign(me.hashed_key(), 0x20, subpacket(29, b"\3"), created=after(101)) + certified, USABLE),
        "lost after this": (key + me.sign(me.hashed_key(), 0x20, subpacket(29, b"\2"), created=after(101)) + certified, REVOKED),
        "with a revoker": (key + me.sign(me.hashed_key(), 0x1f, direct) + certified, USABLE),
        "revoked by its revoker": (key + by_revoker + me.sign(me.hashed_key(), 0x1f, direct) + certified, REVOKED),
        "revoked by one that is none": (key + by_revoker + certified, USABLE),
        "not made yet": (Signer(created=after(101)).packet(), NO_USER_ID),
        "with a critical subpacket that is unknown": (key + me.certified(NAME, subpacket(99, b"", critical=True)), NO_USER_ID),
        "of version 6 without a user ID": (six.packet(), NO_USER_ID),
        "of version 6 that signed itself": (six.packet() + six.sign(six.hashed_key(), 0x1f), USABLE),
    }
    later = Signer(created=after(101))
    cases["made later"] = later.packet() + later.certified(NAME), NOT_YET
    capture = capture_of(tmp_path / "states.pcap", [stranger.packet(), revoker.packet(), *(body for body, _ in cases.values())])
    expected = [[NO_USER_ID], [NO_USER_ID], *([state] for _, state in cases.values())]
    for options in ((), ("-2",)):
        found = dict(zip(["stranger", "revoker", *cases], states(ws, capture, *options)))
        assert found == dict(zip(["stranger", "revoker", *cases], expected))
    unusable = sum(state in (EXPIRED, REVOKED, NO_USER_ID, NOT_YET) for (state,) in expected)
    assert ws.count(capture, "openpgp.key.unusable") == unusable
    ends = [info.rpartition(" [")[2] for _, info in ws.columns(capture) if "[key " in info]
    words = {EXPIRED: "expired", REVOKED: "revoked", NO_USER_ID: "without a bound user ID", NOT_YET: "not yet valid"}
    assert ends == [f"key {words[state]}]" for (state,) in expected if state in words]
    assert not [info for _, info in ws.columns(capture, prefs={"openpgp.columns": "FALSE"}) if "[key " in info]


def test_state_in_info_where_a_key_server_answers(ws, tmp_path, me):
    """Whoever shows the carrier writes Info after OpenPGP in it was shown, or before."""
    good, bad = me.packet() + me.certified(NAME), me.packet() + me.certified(NAME, lasting(DAY))
    bodies = [armor(bad), armor(good), armor(bad + Signer().certified_key(OTHER)), armor(me.packet())]
    for carrier in ("application/pgp-keys", "text/plain"):
        frames = http_frames(bodies, carrier, target="/pks/lookup?op=get&search=alice")
        capture = craft.write_pcap(tmp_path / "info.pcap", frames, start=float(NOW))
        for two_pass in (False, True):
            shown = [info for protocol, info in ws.columns(capture, two_pass) if protocol == "HKP" and "key" in info and "get" not in info]
            assert [info.partition(" [")[2] for info in shown] == ["key expired]", "", "1 of 2 keys unusable]", "key without a bound user ID]"]


def test_state_of_subkeys(ws, tmp_path, me):
    one, two, three, four = Signer(), Signer(), Signer(), Signer()
    body = me.packet() + me.certified(NAME) + me.bound(one) + me.bound(two, lasting(DAY)) + me.bound(three) + \
        me.sign(me.over_subkey(three), 0x28) + four.packet(PUBLIC_SUBKEY)
    five, signs = Signer(), subpacket(27, b"\2")      # that it may sign it does not say itself
    body += me.bound(five, signs) + me.sign(me.over_subkey(five), 0x28) + one.packet(PUBLIC_SUBKEY) + me.sign(me.over_subkey(one), 0x28)
    gone = me.packet() + me.sign(me.hashed_key(), 0x20) + me.certified(NAME) + me.bound(one)
    assert states(ws, capture_of(tmp_path / "subkeys.pcap", [body, gone])) == \
        [[USABLE, USABLE, EXPIRED, REVOKED, UNKNOWN, REVOKED, REVOKED], [REVOKED, REVOKED]]


def test_state_of_subkeys_that_may_sign(ws, tmp_path, me):
    """Only with a good signature of theirs within the binding (RFC 9580, 5.2.1.9)."""
    subkey, signs, encrypts = Signer(), subpacket(27, b"\2"), subpacket(27, b"\x0c")
    other = subpacket(32, subkey.signature(me.over_subkey(subkey), 0x18))
    bodies = [me.bound(subkey, signs, back=True), me.bound(subkey, signs), me.bound(subkey, encrypts), me.bound(subkey),
              subkey.packet(PUBLIC_SUBKEY) + me.sign(me.over_subkey(subkey), 0x18, signs, subpacket(32, Signer().signature(me.over_subkey(subkey), 0x19))),
              subkey.packet(PUBLIC_SUBKEY) + me.sign(me.over_subkey(subkey), 0x18, signs, other)]
    capture = capture_of(tmp_path / "signing.pcap", [me.packet() + me.certified(NAME) + body for body in bodies])
    assert states(ws, capture) == [[USABLE, state] for state in (USABLE, UNKNOWN, USABLE, USABLE, UNKNOWN, UNKNOWN)]


def test_back_signatures_beside_others(ws, tmp_path, me):
    """Anybody can put another one into what is not signed: each has its verdict, and one that is good is enough."""
    subkey, signs = Signer(), subpacket(27, b"\2")
    good, bogus = (subpacket(32, by.signature(me.over_subkey(subkey), 0x19)) for by in (subkey, Signer()))
    orders = [[bogus, good], [good, bogus], [bogus, subpacket(32, b""), subpacket(32, b"\4\x19"), good], [bogus, bogus]]
    bodies = [me.packet() + me.certified(NAME) + subkey.packet(PUBLIC_SUBKEY) + me.sign(me.over_subkey(subkey), 0x18, signs, b"".join(order)) for order in orders]
    capture = capture_of(tmp_path / "beside.pcap", bodies)
    for options in ((), ("-2",)):
        assert states(ws, capture, *options) == [[USABLE, USABLE], [USABLE, USABLE], [USABLE, USABLE], [USABLE, UNKNOWN]]
    checks = ws.rows(capture, ["openpgp.signature.check"], "openpgp")
    assert checks == [("1,2,1,1",), ("1,1,2,1",), ("1,2,1,1",), ("1,2,2,1",)]      # of the user ID, of those within, of what they are in


def test_state_that_cannot_be_known(ws, tmp_path, me):
    capture = capture_of(tmp_path / "unknown.pcap", [me.packet() + me.certified(NAME)])
    assert states(ws, capture, "-o", "openpgp.verify:FALSE") == states(ws, capture, "-o", "openpgp.verify_work:0") == [[UNKNOWN]]


def test_subkeys_whose_newest_binding_is_not_known(ws, tmp_path, me):
    """They may last longer by what is missing, or was not verified; that they were revoked holds."""
    one, two = Signer(), Signer()
    longer = me.sign(me.over_subkey(one), 0x18, created=after(3))
    whole = me.packet() + me.certified(NAME) + me.bound(one, lasting(DAY)) + longer
    revoked = me.packet() + me.certified(NAME) + me.bound(two, lasting(DAY)) + me.sign(me.over_subkey(two), 0x28) + longer
    unknown = me.signature(me.over_subkey(one), 0x18, created=after(3))
    unknown = packet(2, unknown[:3] + b"\x63" + unknown[4:])          # a hash that nobody has
    bodies = [whole, whole[:-len(longer)], whole[:-9], whole[:-len(longer)] + unknown, revoked[:-9]]
    capture = capture_of(tmp_path / "newest.pcap", bodies)
    assert states(ws, capture) == [[USABLE, USABLE], [USABLE, EXPIRED], [UNKNOWN, UNKNOWN], [UNKNOWN, UNKNOWN], [UNKNOWN, REVOKED]]
    table = ws.statistics(capture_of(tmp_path / "end.pcap", bodies[3:4]), "openpgp,keys")
    assert table.count("unknown") == 2 and "never" not in table


def test_revokers_of_whom_nothing_is_known(ws, tmp_path, me):
    """Whoever may revoke the key says so, and cannot be verified, or proves no more than a key ID: the key may be revoked. Others do not matter."""
    class Named(Signer):
        issuer = property(lambda self: subpacket(16, bytes.fromhex(self.keyid())))
    revoker, named, stranger, wrong = Signer(), Named(), Signer(), Signer()

    def direct(who, kind=b"\x80"):
        return me.sign(me.hashed_key(), 0x1f, subpacket(12, kind + bytes([who.algorithm]) + bytes.fromhex(fingerprint(who.body))))

    def key_with(revocation, allowed):
        return me.packet() + revocation + allowed + me.certified(NAME)
    by = {who: who.sign(me.hashed_key(), 0x20, created=after(3)) for who in (revoker, named, stranger, wrong)}
    bad = by[wrong][:-1] + bytes([by[wrong][-1] ^ 1])
    cases = [(key_with(by[revoker], direct(revoker)), UNKNOWN), (key_with(by[stranger], direct(revoker)), USABLE), (key_with(by[named], direct(named)), UNKNOWN),
             (key_with(by[wrong], direct(wrong)), REVOKED), (key_with(bad, direct(wrong)), USABLE), (key_with(by[wrong], direct(wrong, b"\0")), USABLE),
             (key_with(revoker.sign(me.hashed_key(), 0x20, subpacket(29, b"\3"), created=after(101)), direct(revoker)), USABLE)]
    capture = capture_of(tmp_path / "revokers.pcap", [named.packet(), wrong.packet(), *(body for body, _ in cases)])
    assert states(ws, capture)[2:] == [[state] for _, state in cases]


def test_more_revokers_than_are_looked_at(ws, tmp_path, me):
    """64 of them, each once: beyond that who has revoked the key may be one of the others."""
    def direct(*revokers):
        return me.sign(me.hashed_key(), 0x1f, b"".join(subpacket(12, b"\x80\1" + revoker) for revoker in revokers))

    def key_with(*more):
        return me.packet() + b"".join(more) + me.certified(NAME)
    names = [number(n + 1, 20) for n in range(72)]
    fours = [direct(*names[at:at + 4]) for at in range(0, 72, 4)]
    stranger, revoker = Signer(), Signer()
    revoked = stranger.sign(me.hashed_key(), 0x20)
    by_revoker, named = revoker.sign(me.hashed_key(), 0x20), direct(bytes.fromhex(fingerprint(revoker.body)))
    bodies = [key_with(revoked, *fours[:16]), key_with(revoked, *fours), key_with(*fours), key_with(revoked, *fours[:16] * 3),
              key_with(by_revoker, named, *fours), key_with(by_revoker, *fours[:16], named)]
    capture = capture_of(tmp_path / "more.pcap", [revoker.packet(), *bodies])
    assert states(ws, capture)[1:] == [[state] for state in (USABLE, UNKNOWN, USABLE, USABLE, REVOKED, UNKNOWN)]


def test_revokers_and_revocations_cost_their_sum(ws, tmp_path):
    """Not their product: of both a cheap key can have thousands."""
    me = Signer("RSA", bits=1024)
    directs = b"".join(me.sign(me.hashed_key(), 0x1f, b"".join(subpacket(12, b"\x80\1" + number(n * 4 + i, 20)) for i in range(4))) for n in range(3000))
    claims = b"".join(packet(2, signature(subpacket(2, number(CREATED + 5, 4)), subpacket(16, number((1 << 40) + n, 8)), kind=0x20)) for n in range(20000))
    parts = {"both": directs + claims, "directs": directs, "claims": claims}
    used = {}
    for name, part in parts.items():
        capture = capture_of(tmp_path / f"{name}.pcap", [me.packet() + part + me.certified(NAME)])
        used[name], _, state = ws.subset("openpgp").consumed(capture, "-o", "openpgp.verify_work:100000", "-Y", "openpgp", "-T", "fields", "-e", "openpgp.key.state")
        assert state.split() == [UNKNOWN.encode() if name == "both" else USABLE.encode()]
    assert used["both"] < used["directs"] + used["claims"], used         # which have the start of the program twice


def test_state_of_keys_whose_end_is_missing(ws, tmp_path, me):
    """The user ID may be certified in what is not there."""
    whole = me.packet() + me.certified(NAME)
    bodies = [whole[:-9], armor(whole[:-9]), armor(whole)[:-120], whole + whole[:-9], armor(whole[:-9]) + armor(me.packet()), whole + me.packet()[:-9]]
    assert states(ws, capture_of(tmp_path / "end.pcap", bodies)) == \
        [[UNKNOWN], [UNKNOWN], [UNKNOWN], [USABLE, UNKNOWN], [UNKNOWN, NO_USER_ID], [USABLE]]


def test_certifications_that_stand_elsewhere(ws, tmp_path, me):
    """Behind a subkey, or another user ID: as GnuPG puts them right, the key is not one without a user ID."""
    subkey, key = Signer(), me.packet()
    one, other = me.sign(me.over_user_id(NAME), 0x13), me.sign(me.over_user_id(OTHER), 0x13)
    binding = me.sign(me.over_subkey(subkey), 0x18)
    swapped = key + packet(USER_ID, NAME) + binding + subkey.packet(PUBLIC_SUBKEY) + one
    crossed = key + packet(USER_ID, NAME) + other + packet(USER_ID, OTHER) + one
    alone = key + one + subkey.packet(PUBLIC_SUBKEY) + binding          # its user ID was left out, as key servers do
    assert states(ws, capture_of(tmp_path / "elsewhere.pcap", [swapped, crossed, alone])) == [[UNKNOWN, UNKNOWN], [UNKNOWN], [NO_USER_ID, NO_USER_ID]]


def test_state_of_keys_behind_which_is_something_else(ws, tmp_path, me):
    """A user ID may follow on what is no packet, but not on a line end; nor on more packets than are looked at."""
    key, name = me.packet(), me.certified(NAME)
    bodies = [key + b"\0" + name, armor(key + b"\0" + name), key + b"\r\n", armor(key + b"\0") + armor(key + name)]
    assert states(ws, capture_of(tmp_path / "rest.pcap", bodies)) == [[UNKNOWN], [UNKNOWN], [NO_USER_ID], [NO_USER_ID, USABLE]]
    flooded = capture_of(tmp_path / "flood.pcap", [key + packet(12) * 250000 + name])
    assert ws.rows(flooded, ["openpgp.key.state"], "openpgp.key.state") == [(UNKNOWN,)]


def test_secret_keys_on_the_wire(ws, tmp_path, me):
    from openpgp.craft import mpi
    secret = mpi(bytes(range(1, 33)))
    plain = packet(SECRET_KEY, me.body + b"\0" + secret + number(sum(secret) & 0xffff, 2))
    locked = packet(SECRET_KEY, me.body + b"\xfe\x09\x03\x08" + bytes(8) + b"\x60" + bytes(16) + bytes(40))
    card = packet(SECRET_KEY, me.body + b"\xff\x09\x65\x02GNU\x01")
    capture = capture_of(tmp_path / "secret.pcap", [plain, locked, card, me.packet()])
    fields = ["openpgp.secret.protection", "openpgp.secret.s2k", "openpgp.secret.cipher"]
    assert ws.rows(capture, fields, "openpgp") == [("0", "", ""), ("254", "3", "9"), ("255", "101", "9"), ("", "", "")]
    assert ws.rows(capture, ["tcp.stream"], "openpgp.secret_key") == [("0",), ("1",)]


def test_secret_keys_of_which_not_all_can_be_read(ws, tmp_path, me):
    """Secret is secret; but what could still be GnuPG's mark for a part that is elsewhere is not claimed."""
    whole = [b"\xfe\x09", b"\xfe\x09\3\x08abc", b"\xfd", b"\xff\x09\x65\2GN", b"\xfe\x09\x50"]
    unknown = number(CREATED, 4) + b"\x63" + bytes(40)
    bodies = [me.body + rest for rest in whole] + [b"\4" + unknown + b"\0" + bytes(30)]
    marks = [b"\4" + unknown + b"\xff\0\x65\0GNU" + rest for rest in (b"\1", b"\2\4card", b"\2\0")]
    capture = capture_of(tmp_path / "parts.pcap", [packet(SECRET_KEY, body) for body in (*bodies, *marks)])
    assert ws.rows(capture, ["tcp.stream"], "openpgp.packet.tag == 5") == [(str(n),) for n in range(len(bodies) + len(marks))]
    assert ws.rows(capture, ["tcp.stream"], "openpgp.secret_key") == [(str(n),) for n in range(len(bodies))]
    ways = [["encrypted with" in row[0], "not known" in row[0]] for row in ws.rows(capture, ["_ws.expert.message"], "openpgp.secret_key")]
    assert ways == [[way, not way] for way in (False, True, False, False, False, False)]
    locked = packet(SECRET_KEY, me.body + b"\xfe\x09\x03\x08" + bytes(8) + b"\x60" + bytes(16) + bytes(40))
    frame = craft.ethernet(craft.ip(craft.udp(locked, 20000, 7777)))
    cuts = {50: True, 65: True, 66: True, 67: False, 68: False}           # octets that the capture lacks: 66 behind the specifier's type
    snapped = craft.write_pcap(tmp_path / "snapped.pcap", [(n, frame[:len(frame) - cut], len(frame)) for n, cut in enumerate(cuts)])
    assert ws.frames(snapped, "openpgp.secret_key", options=("-d", "udp.port==7777,openpgp")) == [n + 1 for n, secret in enumerate(cuts.values()) if secret]


def test_table_of_keys(ws, tmp_path, me):
    other = Signer("RSA")
    first = me.packet() + me.certified(NAME) + me.bound(other)
    bodies = [first, first, me.packet() + me.certified(NAME), other.packet() + other.certified(OTHER, lasting(DAY))]
    rows = [[cell.strip() for cell in line.split("|")] for line in
            ws.statistics(capture_of(tmp_path / "table.pcap", bodies), "openpgp,keys").splitlines() if line[:8].isalnum()]
    assert [row[:1] + row[2:6] + row[1:2] + row[7:10] for row in rows if len(row) > 9 and row[0] != "Fingerprint"] == [
        [fingerprint(me.body), NAME.decode(), "EdDSALegacy 255, RSA 2048", "2023-11-14", "never", "usable", "3", "198.51.100.1",
         "198.51.100.1: 1 user ID, 0 subkeys, 1 signature"],
        [fingerprint(other.body), OTHER.decode(), "RSA 2048", "2023-11-14", "2023-11-15", "expired", "1", "198.51.100.1", ""]]


def test_addresses_that_end_alike(ws, tmp_path, me):
    """Each is listed, and so is what it has: none is a part of another."""
    key = me.packet() + me.certified(NAME)
    packets = [p for n, (server, body) in enumerate((("203.0.113.9", key + me.certified(OTHER)), ("198.51.100.10", key), ("8.51.100.10", key)))
               for p in craft.conversation(b"GET /key HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Type: application/pgp-keys\r\nContent-Length: "
                                           b"%d\r\n\r\n" % len(body) + body, sport=20000 + n, dst=server)]
    table = ws.statistics(craft.write_pcap(tmp_path / "alike.pcap", [craft.ethernet(p) for p in packets]), "openpgp,keys")
    assert "203.0.113.9, 198.51.100.10, 8.51.100.10" in table and ", 8.51.100.10: 1 user ID" in table, table


def test_each_key_signature_and_message_is_exported_once(ws, tmp_path, me):
    key = me.packet() + me.certified(b"../../etc/passwd <a/b>")
    made, message = me.sign(b"data", 0), packet(LITERAL, b"b\0" + bytes(4) + b"data")
    capture = capture_of(tmp_path / "export.pcap", [key, armor(key), made, message + made, key])
    folder = tmp_path / "exported"
    folder.mkdir()
    folder.chmod(0o777)
    ws.tshark(capture, "-q", "--export-objects", f"openpgp,{folder}")
    found = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert len(found) == 3 and found[fingerprint(me.body) + ".gpg"].count(me.body) == 1
    assert sorted(name.rpartition(".")[2] for name in found) == ["gpg", "pgp", "sig"]
    with ws.sharkd() as sharkd:         # which makes the list anew each time it is asked, and does not say so
        for _ in range(2):
            sharkd.load(capture)
            lists = [sharkd.call("tap", tap0="eo:openpgp")["taps"][0]["objects"] for _ in range(2)]
            assert [len(objects) for objects in lists] == [3, 3]
    again = http_capture(tmp_path / "again.pcap", list(found.values()))
    assert sorted(ws.rows(again, ["openpgp.key.fingerprint", "openpgp.signature.creation"], "openpgp")) == \
        sorted(ws.rows(capture, ["openpgp.key.fingerprint", "openpgp.signature.creation"], "openpgp && tcp.stream != 1 && tcp.stream < 4"))

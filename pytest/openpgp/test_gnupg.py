# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys, signatures and messages that GnuPG made, against what GnuPG itself says about the same bytes."""

import datetime
import re
import shutil
import subprocess

import pytest

from harness import craft
from openpgp.craft import blocks_of

CURVES = {"nistp256": "NIST P-256", "nistp384": "NIST P-384", "nistp521": "NIST P-521", "ed25519": "Ed25519Legacy",
          "cv25519": "Curve25519Legacy"}


@pytest.fixture
def folder(captures):
    return captures / "openpgp-gnupg"


_shown = {}


@pytest.fixture
def shown(ws, folder):
    """{file name: its packets}"""
    if ws.series not in _shown:
        found, uri = {}, None
        for packet in ws.pdml(folder / "gnupg.pcap", "-Y", "http"):
            request = packet.find(".//field[@name='http.request.uri']")
            if request is not None and packet.find(".//field[@name='http.response.code']") is None:
                uri = request.get("show").lstrip("/")
            blocks = blocks_of(packet)
            if blocks:
                assert len(blocks) == 1
                found[uri] = blocks[0]
        _shown[ws.series] = found
    return _shown[ws.series]


def sections(path):
    found, name = {}, None
    for line in path.read_text().splitlines():
        if re.fullmatch(r"# [\w.-]+", line):
            name = line[2:]
            found[name] = []
        else:
            found[name].append(line)
    return found


def plain(text):
    """GnuPG's quoting of user IDs undone."""
    return re.sub(r"(?:\\x[0-9a-f]{2})+", lambda m: bytes.fromhex(m[0].replace("\\x", "")).decode(), text)


def listed_packets(lines):
    """gpg --list-packets: a dictionary for each packet."""
    # One line of GnuPG's lacks its end.
    found = []
    for line in "\n".join(lines).replace("# off=", "\n# off=").split("\n"):
        start = re.match(r"# off=\d+ ctb=([0-9a-f]+) tag=(\d+) hlen=\d+ plen=(\d+)(.*)", line)
        if start:
            found.append({"new": int(start[1], 16) >= 0xc0, "tag": start[2], "length": start[3], "bits": [], "subpackets": []})
            found[-1]["sized"] = not start[4].replace(" new-ctb", "")
            continue
        packet = found[-1] if found else {}
        for pattern, names in (
                (r"\tversion (\d), algo (\d+), created (\d+), expires", ("version", "algorithm", "created")),
                (r"\tkeyid: (\w+)", ("keyid",)),
                (r":signature packet: algo (\d+), keyid (\w+)", ("algorithm", "keyid")),
                (r"\tversion (\d), created (\d+), md5len 0, sigclass (0x\w+)", ("version", "created", "type")),
                (r"\tdigest algo (\d+), begin of digest (\w\w \w\w)", ("hash", "left16")),
                (r':user ID packet: "(.*)"', ("userid",)),
                (r":pubkey enc packet: version (\d), algo (\d+), keyid (\w+)", ("version", "algorithm", "keyid")),
                (r":symkey enc packet: version (\d), cipher (\d+), (?:aead \d+,)?\s*s2k (\d+), hash (\d+)",
                 ("version", "cipher", "s2k", "hash")),
                (r"\tsalt (\w+)(?:, count (\d+))?", ("salt", "count")),
                (r"\tmode \w \((\w+)\), created (\d+), name=\"(.*)\"", ("mode", "created", "name")),
                (r":compressed packet: algo=(\d)", ("compression",)),
                (r":onepass_sig packet: keyid (\w+)", ("keyid",)),
                (r"\tversion (\d), sigclass (0x\w+), digest (\d+), pubkey (\d+), last=(\d)",
                 ("version", "type", "hash", "algorithm", "last")),
                (r"\tmdc_method: (\d)", ("mdc",)),
        ):
            match = re.match(pattern, line)
            if match:
                packet.update(zip(names, match.groups()))
        bits = re.match(r"\t(?:pkey|skey|data)(?:\[\d\])?: \[(\d+) bits\](?: (\w+) \(([\d.]+)\))?", line)
        if bits:
            packet["bits"].append(int(bits[1]))
            if bits[3]:
                packet["curve"], packet["oid"] = bits[2], bits[3]
        sub = re.match(r"\t(critical )?(hashed )?subpkt (\d+) len (\d+)", line)
        if sub:
            packet["subpackets"].append((bool(sub[1]), int(sub[3]), int(sub[4])))
    return found


def first(packet, name):
    return packet[name][0]


def raw(packet, name):
    return str(int(first(packet, name + " raw"), 16))


def check_key(gpg, packet):
    assert first(packet, "openpgp.key.version") == gpg["version"]
    assert first(packet, "openpgp.key.algorithm") == gpg["algorithm"]
    assert raw(packet, "openpgp.key.creation") == gpg["created"]
    assert first(packet, "openpgp.key.keyid") == gpg["keyid"]
    assert first(packet, "openpgp.key.fingerprint").endswith(gpg["keyid"])
    bits = [int(b) for b in packet.get("openpgp.mpi.bits", [])]
    if "oid" in gpg:
        # GnuPG counts the OID and the KDF parameters as integers, with their length octets.
        assert first(packet, "openpgp.ecc.oid") == gpg["oid"]
        assert first(packet, "openpgp.ecc.curve") == CURVES.get(gpg["curve"], gpg["curve"])
        gpg["bits"].pop(0)
        if gpg["algorithm"] == "18":
            assert gpg["bits"].pop(1) == 8 * (1 + int(first(packet, "openpgp.ecdh.kdf_length")))
    assert bits[:len(gpg["bits"])] == gpg["bits"]


def check_signature(gpg, packet):
    assert first(packet, "openpgp.signature.version") == gpg["version"]
    assert first(packet, "openpgp.signature.type") == gpg["type"]
    assert first(packet, "openpgp.signature.algorithm") == gpg["algorithm"]
    assert first(packet, "openpgp.signature.hash_algorithm") == gpg["hash"]
    assert raw(packet, "openpgp.signature.creation") == gpg["created"]
    assert packet["openpgp.signature.left16"][-1] == "0x" + gpg["left16"].replace(" ", "")
    assert first(packet, "openpgp.signature.issuer_fingerprint").endswith(gpg["keyid"])
    subpackets = [(c in ("1", "True"), int(t), int(n) - 1) for c, t, n in zip(
        packet["openpgp.subpacket.critical"], packet["openpgp.subpacket.type"], packet["openpgp.subpacket.length"])]
    bits = [int(b) for b in packet["openpgp.mpi.bits"]]
    if (False, 32) in [s[:2] for s in gpg["subpackets"]]:
        # Ours also holds what is in the embedded signature, directly behind its subpacket.
        place = [s[:2] for s in subpackets].index((False, 32)) + 1
        inside = len(subpackets) - len(gpg["subpackets"])
        assert inside == 3 and bits[-len(gpg["bits"]):] == gpg["bits"]
        assert gpg["keyid"] in packet["openpgp.signature.issuer_keyid"]
        del subpackets[place:place + inside]
    else:
        assert packet["openpgp.signature.issuer_keyid"] == [gpg["keyid"]]
        assert bits == gpg["bits"]
    assert subpackets == gpg["subpackets"]


def check_packet(gpg, packet):
    assert first(packet, "openpgp.packet.tag") == gpg["tag"]
    assert (first(packet, "openpgp.packet.new_format") in ("1", "True")) == gpg["new"]
    if gpg["sized"]:
        assert first(packet, "openpgp.packet.length") == gpg["length"]
    tag = int(gpg["tag"])
    if tag in (5, 6, 7, 14):
        check_key(gpg, packet)
    elif tag == 2:
        check_signature(gpg, packet)
    elif tag == 13:
        assert first(packet, "openpgp.userid") == plain(gpg["userid"])
    elif tag == 1:
        assert [first(packet, "openpgp.pkesk." + n) for n in ("version", "algorithm", "keyid")] == \
            [gpg[n] for n in ("version", "algorithm", "keyid")]
        # GnuPG's second integer of ECDH is the wrapped key with its length.
        assert [int(b) for b in packet["openpgp.mpi.bits"]] == (gpg["bits"][:1] if gpg["algorithm"] == "18" else gpg["bits"])
    elif tag == 3:
        assert [first(packet, "openpgp." + n) for n in ("skesk.version", "encrypted.cipher", "s2k.type", "s2k.hash")] == \
            [gpg[n] for n in ("version", "cipher", "s2k", "hash")]
        assert first(packet, "openpgp.s2k.salt").replace(":", "").upper() == gpg["salt"]
        if gpg["count"]:
            assert first(packet, "openpgp.s2k.count") == gpg["count"]
    elif tag == 4:
        assert [first(packet, "openpgp.one_pass." + n) for n in ("keyid", "version", "type", "hash_algorithm", "algorithm", "last")] == \
            [gpg["keyid"], gpg["version"], f"0x{int(gpg['type'], 16):02x}", gpg["hash"], gpg["algorithm"], gpg["last"]]
    elif tag == 8:
        assert first(packet, "openpgp.compressed.algorithm") == gpg["compression"]
    elif tag == 11:
        assert first(packet, "openpgp.literal.format") == "0x" + gpg["mode"]
        assert raw(packet, "openpgp.literal.date") == gpg["created"]
        assert packet.get("openpgp.literal.filename", [""])[0] == plain(gpg["name"])
    elif tag == 18:
        assert first(packet, "openpgp.encrypted.version") == "1"
    elif tag not in (9, 17):
        raise AssertionError(f"nothing checked for tag {tag}")


def test_every_packet_as_gpg_lists_it(ws, folder, shown):
    listed = sections(folder / "list-packets.txt")
    assert set(shown) == set(listed)
    checked = 0
    for name, lines in listed.items():
        gpg = listed_packets(lines)
        if name == "clearsigned.asc":
            # For cleartext GnuPG makes packets up and does not list the signatures.
            assert [first(p, "openpgp.packet.tag") for p in shown[name]] == ["2", "2"]
            continue
        assert len(shown[name]) == len(gpg), name
        for expected, packet in zip(gpg, shown[name]):
            check_packet(expected, packet)
            checked += 1
    assert checked == 185


def expirations(packets, place):
    """When the key at this place expires, from the newest self-signature about it."""
    found = ""
    for packet in packets[place + 1:]:
        if first(packet, "openpgp.packet.tag") in ("5", "6", "7", "14"):
            break
        if "openpgp.signature.key_expiration" in packet:
            found = first(packet, "openpgp.signature.key_expiration")
    return found


def is_time(shown, seconds):
    """4.6 writes times in ISO 8601, the others as "Jan  2, 2024 03:04:05.000000000 UTC"."""
    when = datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc)
    return shown.startswith((when.strftime("%Y-%m-%dT%H:%M:%S"), when.strftime("%b %e, %Y %H:%M:%S")))


def test_every_key_as_gpg_shows_it(ws, folder, shown):
    checked = 0
    for name, lines in sections(folder / "colons.txt").items():
        records = [line.split(":") for line in lines]
        keys = [r for r in records if r[0] in ("pub", "sub", "sec", "ssb")]
        fingerprints = [r[9] for r in records if r[0] == "fpr"]
        packets = shown[name]
        places = [n for n, p in enumerate(packets) if first(p, "openpgp.packet.tag") in ("5", "6", "7", "14")]
        assert len(keys) == len(fingerprints) == len(places), name
        for record, wanted, place in zip(keys, fingerprints, places):
            packet = packets[place]
            assert first(packet, "openpgp.key.fingerprint") == wanted
            assert [first(packet, "openpgp.key." + n) for n in ("bits", "algorithm", "keyid")] == record[2:5]
            assert raw(packet, "openpgp.key.creation") == record[5]
            expires = expirations(packets, place)
            assert is_time(expires, record[6]) if record[6] else expires == "", (name, record, expires)
            checked += 1
        assert sorted({first(p, "openpgp.userid") for p in packets if "openpgp.userid" in p}) == \
            sorted({r[9].replace("\\x3a", ":") for r in records if r[0] == "uid"}), name
    assert checked == 56


def served(folder):
    """{file name: body} of the capture."""
    streams = {}
    for _, frame, _ in craft.read_pcap(folder / "gnupg.pcap")[1]:
        segment = frame[14 + (frame[14] & 15) * 4:14 + int.from_bytes(frame[16:18], "big")]
        ports, data = segment[:4], segment[(segment[12] >> 4) * 4:]
        streams[ports] = streams.get(ports, b"") + data
    found = {}
    for ports, data in streams.items():
        if data.startswith(b"GET "):
            answer = streams[ports[2:] + ports[:2]]
            found[data.split(b" ")[1].decode().lstrip("/")] = answer.partition(b"\r\n\r\n")[2]
    return found


@pytest.mark.skipif(not shutil.which("gpg"), reason="gpg is not installed")
def test_the_lists_are_of_the_bytes_in_the_capture(folder, tmp_path):
    """The stored output of GnuPG belongs to the stored capture."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    listed, colons = sections(folder / "list-packets.txt"), sections(folder / "colons.txt")
    bodies = served(folder)
    assert set(bodies) == set(listed) == set(colons)

    def gpg(*options):
        return subprocess.run(["gpg", "--homedir", home, "--batch", "--no-tty", "--quiet", *options], capture_output=True,
                              env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}, stdin=subprocess.DEVNULL).stdout.decode()
    for name in ("bob.asc", "two.asc", "secret.asc", "brainpoolP512r1.pgp", "notation.sig", "old.pgp"):
        path = tmp_path / name
        path.write_bytes(bodies[name])
        now = gpg("--pinentry-mode", "cancel", "--list-packets", path).splitlines()
        assert listed_packets(now) == listed_packets(listed[name]), name
        now = [line.split(":") for line in gpg("--with-colons", "--with-subkey-fingerprint", "--show-keys", path).splitlines()]
        stored = [line.split(":") for line in colons[name]]
        assert [(r[0], r[2:7], r[9]) for r in now] == [(r[0], r[2:7], r[9]) for r in stored], name
    subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], capture_output=True)


def test_switched_off_its_media_types_are_as_without_it(ws, folder):
    capture = folder / "gnupg.pcap"
    stock = ws.without_plugins().verbose(capture)
    alone, both = ws.subset("openpgp"), ws.subset("hkp", "openpgp")
    assert alone.verbose(capture) != stock and both.verbose(capture) != stock
    assert alone.verbose(capture, "--disable-protocol", "openpgp") == stock
    assert both.verbose(capture, "--disable-protocol", "openpgp", "--disable-protocol", "hkp") == stock

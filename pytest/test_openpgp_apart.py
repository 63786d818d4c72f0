# SPDX-License-Identifier: GPL-2.0-or-later
"""openpgp.so and hkp.so, each without the other, both, and beside an hkp.so of before, which had openpgp.so in it."""

import itertools
import shutil
import subprocess
import zlib

import pytest

from gapfill_tshark import HOST_SERIES, ROOTS, TOP, Wireshark
from openpgp_craft import COMPRESSED, PUBLIC_KEY, USER_ID, armor, fingerprint, http_capture, key, packet, rsa
from test_hkp import answer, get, write

# The last commit in which hkp.so had OpenPGP built in.
EARLIER = "d7876c6"
HIDDEN = ["\u061c", "\u200e", "\u200f", *map(chr, range(0x202a, 0x202f)), *map(chr, range(0x2066, 0x206a)), "\u2028", "\u2029"]


def own_fields(ws, prefix):
    return sorted(name for name, kind in ws.fields().items() if name.startswith(prefix + ".") and kind != "FT_NONE")


# Each without the other


@pytest.mark.parametrize("name, keys", [("sks-curl", None), ("sks-gpg", None), ("onak-curl", None), ("hkps", "hkps"), ("wkd", "wkd")])
def test_hkp_needs_no_openpgp(ws, captures, name, keys):
    """Found, mismatch, counts, names in Info: hkp.so says the same of keys when nobody shows them."""
    capture = captures / f"hkp-servers/{name}.pcap"
    keylog = captures / f"hkp-servers/{keys}.keys" if keys else None
    alone, both = ws.subset("hkp"), ws.subset("hkp", "openpgp")
    fields = own_fields(both, "hkp")
    assert own_fields(alone, "hkp") == fields and len(fields) > 25
    wanted = both.rows(capture, fields, "hkp", True, keylog=keylog)
    assert alone.rows(capture, fields, "hkp", True, keylog=keylog) == wanted and any(map(any, wanted))
    assert alone.columns(capture, True, keylog=keylog) == both.columns(capture, True, keylog=keylog)
    assert both.count(capture, "openpgp.key.fingerprint", keylog=keylog) > 0
    assert "openpgp" not in alone.fields()
    statistics = [w.statistics(capture, "hkp,tree", keylog=keylog) for w in (alone, both)]
    assert statistics[0] == statistics[1] and "found" in statistics[0]


def test_shared_hkp_captures_alike(ws, shared):
    """The same over every shared capture: of key servers, and of what might be taken for one."""
    alone, both = ws.subset("hkp"), ws.subset("hkp", "openpgp")
    fields = ["frame.number", *own_fields(both, "hkp")]
    seen = 0
    for capture in sorted(path for folder in (shared, shared.parent / "cases") for path in (folder / "hkp").glob("*.pcap*")):
        shown = [w.run("tshark", "-n", "-r", capture, "-Y", "hkp", "-T", "fields", *(part for field in fields for part in ("-e", field)),
                       check=False) for w in (alone, both)]      # some are cut short, which tshark says by its exit status
        assert shown[0] == shown[1], capture.name
        seen += shown[0].count("\n")
    assert seen > 0


def test_openpgp_needs_no_hkp(ws, captures):
    capture = captures / "openpgp-gnupg/gnupg.pcap"
    alone, all_of_them = ws.subset("openpgp"), ws
    fields = own_fields(alone, "openpgp")
    wanted = all_of_them.rows(capture, fields, "openpgp", True)
    assert alone.rows(capture, fields, "openpgp", True) == wanted and len(wanted) > 0 and any(map(any, wanted))
    assert "hkp" not in alone.fields()


def key_answer(ws, tmp_path):
    body = key(rsa())
    armored = armor(packet(PUBLIC_KEY, body) + packet(USER_ID, b"Alice"))
    return body, write(tmp_path / "key.pcap", [(get("/pks/lookup?op=get&search=0x" + fingerprint(body)), answer(200, armored))])


def test_openpgp_switched_off(ws, tmp_path):
    """Switched off, openpgp shows nothing below HKP, and hkp says what it said."""
    _, capture = key_answer(ws, tmp_path)
    off = ["--disable-protocol", "openpgp"]
    assert ws.count(capture, "openpgp") == 1 and ws.count(capture, "openpgp", options=off) == 0
    assert ws.count(capture, "hkp.found == 1 && !hkp.key_mismatch", options=off) == 1


def test_layers_stay_the_carriers(ws, tmp_path):
    """Keys below HKP are no layer of the packet."""
    _, capture = key_answer(ws, tmp_path)
    (layers,), = ws.rows(capture, ["frame.protocols"], "openpgp")
    assert layers == ws.without_plugins().rows(capture, ["frame.protocols"], "http.response")[0][0]


def test_one_name_for_an_algorithm(ws, tmp_path):
    index = b"info:1:1\npub:0123456789ABCDEF:22:255:1700000000::\n"
    capture = write(tmp_path / "names.pcap", [(get("/pks/lookup?op=index&options=mr&search=a"), answer(200, index))])
    assert ws.custom_columns(capture, ["hkp.index.algorithm"], "hkp.index.algorithm") == [("EdDSALegacy",)]


# Text, and bounds


def test_text_that_turns_the_direction(ws, tmp_path):
    """No such character comes through, neither raw nor in names, and what it was can be read."""
    name = "a" + "".join(HIDDEN) + "b"
    escaped = "a" + "".join(f"\\x{byte:02x}" for byte in "".join(HIDDEN).encode()) + "b"
    armored = armor(packet(PUBLIC_KEY, key(rsa())) + packet(USER_ID, name.encode()))
    index = b"info:1:1\npub:0123456789ABCDEF:1:2048:1700000000::\nuid:" + name.encode() + b":1700000000::\n"
    quoted = "".join(f"%{byte:02x}" for byte in name.encode())
    capture = write(tmp_path / "bidi.pcap", [(get("/pks/lookup?op=get&search=" + quoted), answer(200, armored)),
                                             (get("/pks/lookup?op=index&options=mr&search=x"), answer(200, index))])
    def values(field):
        return [row[0] for row in ws.rows(capture, [field], field)]
    assert values("openpgp.userid") == [escaped]
    assert ws.count(capture, "openpgp.text.suspicious") == 1
    assert values("hkp.search") == [escaped, "x"] and values("hkp.index.uid") == [escaped]
    shown = [info for protocol, info in ws.columns(capture) if protocol == "HKP"]
    assert len(shown) == 4 and any("a\\xd8\\x9c" in info for info in shown), shown
    assert not any(c in text for c in HIDDEN for text in [*shown, ws.statistics(capture, "hkp,tree")])


def test_shared_case_of_direction(ws, shared, tmp_path):
    case = shutil.copy(shared.parent / "cases/bounds/bidi-marks.pcap", tmp_path)
    shown = [text for row in ws.rows(case, ["hkp.search", "hkp.index.uid", "openpgp.userid"], "hkp || openpgp") for text in row]
    shown += [info for _, info in ws.columns(case)]
    assert any("\\x" in text for text in shown) and not any(c in text for c in HIDDEN for text in shown)


def nested_bomb(size):
    """Some two kB that make size octets of packets, by compression within compression."""
    return packet(COMPRESSED, b"\2" + zlib.compress(packet(COMPRESSED, b"\2" + zlib.compress(bytes(size), 9)), 9))


def test_many_small_bombs(ws, tmp_path):
    """What all of them make together grows with the capture alone: 64 octets for one of the body, and 64 KiB a body."""
    bomb = nested_bomb(40 << 20)
    assert len(bomb) < 2000
    capture = http_capture(tmp_path / "bombs.pcap", [bomb] * 50)
    made = [sum(map(int, row[0].split(","))) for row in ws.rows(capture, ["openpgp.compressed.uncompressed_length"], "openpgp")]
    assert len(made) == 50 and set(made) == {(64 << 10) + 64 * len(bomb)}
    assert ws.count(capture, "openpgp.limit") == 50
    seconds, _, _ = ws.consumed(capture, "-V")
    assert seconds < 5


@pytest.mark.measured
def test_shared_case_of_bombs(ws, shared, tmp_path):
    case = shutil.copy(shared.parent / "cases/bounds/tiny20.pcap", tmp_path)
    stock, _, _ = ws.without_plugins().consumed(case, "-V")
    seconds, _, _ = ws.consumed(case, "-V")
    assert seconds - stock < 0.02 * 20 + 0.5, f"{seconds} s, and {stock} s without the plugins"


def test_much_compressed_text_is_whole(ws, tmp_path):
    """The bound is no limit for messages: 1 MB that compresses more than 10 times."""
    text = b"".join(b"%06d the quick brown fox jumps over the lazy dog again and again and again and again\n" % n for n in range(13000))
    inner = packet(11, b"b\0" + bytes(4) + text)
    body = packet(COMPRESSED, b"\2" + zlib.compress(inner))
    assert len(inner) > 1 << 20 and len(inner) > 10 * len(body)
    capture = http_capture(tmp_path / "text.pcap", [body])
    assert ws.rows(capture, ["openpgp.compressed.uncompressed_length"], "openpgp") == [(str(len(inner)),)]
    assert ws.count(capture, "openpgp.limit || openpgp.compressed.incomplete") == 0


# Beside an hkp.so of before


@pytest.fixture(scope="session")
def earlier(tmp_path_factory):
    """earlier(series): the folder of the plugins as they were; hkp.so of it is built from the repository's history."""
    built = {}

    def build(series):
        if series in built:
            return built[series]
        source = tmp_path_factory.mktemp(f"earlier-{series}")
        archive = subprocess.run(["git", "-C", TOP, "archive", EARLIER], capture_output=True)
        if archive.returncode != 0:
            pytest.skip(f"commit {EARLIER} is not in this repository's history")
        subprocess.run(["tar", "-x", "-C", source], input=archive.stdout, check=True)
        root = ROOTS / series
        where = ["-DCMAKE_SYSROOT=" + str(root)] if series != HOST_SERIES else []
        top = root / "usr/lib" if where else TOP.__class__("/usr/lib")
        config = next(top.rglob("WiresharkConfig.cmake")).parent
        subprocess.run(["cmake", "-G", "Ninja", "-S", source, "-B", source / "build", "-DGAPFILL_PLUGINS=hkp", f"-DWireshark_DIR={config}",
                        *where], capture_output=True, check=True)
        subprocess.run(["ninja", "-C", source / "build"], capture_output=True, check=True)
        built[series] = source / "build/plugins" / series / "epan"
        assert (built[series] / "hkp.so").exists()
        return built[series]
    return build


@pytest.mark.static
def test_earlier_files_are_listed():
    """packaging/earlier-files.tsv names what that commit made."""
    lines = (TOP / "packaging/earlier-files.tsv").read_text().splitlines()
    listed = {line.split("\t")[0] for line in lines if not line.startswith("#")}
    made = subprocess.run(["git", "-C", TOP, "ls-tree", "-r", "--name-only", EARLIER, "plugins/"], capture_output=True, text=True)
    if made.returncode != 0:
        pytest.skip(f"commit {EARLIER} is not in this repository's history")
    assert listed == {name.split("/")[1] + ".so" for name in made.stdout.splitlines() if name.count("/") == 2 and name.endswith("/CMakeLists.txt")}


def folder_of(path, series, *files):
    """A plugin folder with these files, copied in this order: (name, file)."""
    epan = path / series / "epan"
    epan.mkdir(parents=True)
    for name, file in files:
        shutil.copy(file, epan / name)
    for part in (path, path / series, epan):
        part.chmod(0o755)
    return path


def starts(ws, system, personal, capture):
    """What tshark says on stderr and shows, with these two plugin folders, each of which may be None."""
    w = Wireshark(ws.series, plugins=bool(personal), plugin_dir=personal, env={"WIRESHARK_PLUGIN_DIR": str(system)} if system else {})
    done = w.execute("tshark", "-n", "-r", capture, "-Y", "hkp || openpgp", "-T", "fields", "-e", "hkp.found", "-e", "openpgp.key.fingerprint")
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.decode().splitlines() if line.strip()]
    return lines, [tuple(line.replace("True", "1").split("\t")) for line in done.stdout.decode().splitlines()]


@pytest.mark.mixed
@pytest.mark.parametrize("split", ["one folder", "old for all users", "old for oneself"])
def test_upgrade_from_a_bundled_hkp(ws, tmp_path, earlier, split):
    """Whatever is left of before: Wireshark starts, the keys are shown once, and one line says what does nothing."""
    ident, capture = key_answer(ws, tmp_path)
    old, new = earlier(ws.series), ws.plugin_dir / ws.series / "epan"
    files = [("hkp.so", old / "hkp.so"), ("openpgp.so", new / "openpgp.so")]
    places = []
    if split == "one folder":       # in either order of loading, and with names that sort either way
        for number, order in enumerate(itertools.permutations(files)):
            places += [(None, folder_of(tmp_path / f"a{number}", ws.series, *order))]
        for number, name in enumerate(("aa.so", "zz.so")):
            places += [(None, folder_of(tmp_path / f"n{number}", ws.series, (name, old / "hkp.so"), files[1]))]
    else:
        whole = [("hkp.so", new / "hkp.so"), files[1]]
        for number, rest in enumerate((files[1:], whole)):
            before = folder_of(tmp_path / f"old{number}", ws.series, files[0])
            now = folder_of(tmp_path / f"new{number}", ws.series, *rest)
            places += [(before, now) if split == "old for all users" else (now, before)]
    for system, personal in places:
        lines, rows = starts(ws, system, personal, capture)
        assert [row for row in rows if row[0]] == [("1", fingerprint(ident))], (system, personal, rows)
        said = [line for line in lines if "openpgp.so does nothing" in line]
        assert len(said) <= 1 and all("openpgp" in line or "found in multiple" in line or "hkp" in line for line in lines), lines
        if split == "one folder":
            assert len(said) == 1 and len(lines) == 1, lines

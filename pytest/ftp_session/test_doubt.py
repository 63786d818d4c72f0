# SPDX-License-Identifier: GPL-2.0-or-later
"""FTP sessions: what the packets do not prove is not said.

Settings, offsets and directories that lost lines leave open, refusals that are taken back, TLS whose beginning is captured late,
and words of a relay.
"""

import struct

import pytest

from ftp_session.packets import Control, Scene, Tcp, fetch, pasv
from ftp_session.table import assert_rows, table
from ftp_session.test_afterwards import lost
from ftp_session.test_evidence import client_hello, tls_record
from ftp_session.test_files import ledger
from ftp_session.test_truth import passive

SCENES = {}
EXPERTS = ("incomplete", "size_mismatch", "data_unanswered", "data_refused")


def scene(*rows, experts=()):
    """The rows of the table that a session has to have, and notes of these kinds."""
    def register(function):
        SCENES[function.__name__] = function, list(rows), sorted(experts)
        return function
    return register


def row(command, size, outcome, path="x", reply="226"):
    return {"Command": command, "Path": path, "Bytes": str(size), "Reply": reply, "Outcome": outcome}


def later(c):
    """A session of which the capture has nothing but what follows."""
    c.next[0] += 100
    c.next[1] += 300


def hole(c):
    """Commands and replies of a second or so, none of which were captured."""
    c.next[0] += 60
    c.next[1] += 200
    c.ask("NOOP", "200 ok")


def download(c, size, told=None, port=50000, command="RETR x"):
    data = passive(c, port)
    fetch(c, data, command, b"a" * size, told)
    return data


def sized(c, size=10000):
    c.ask("TYPE I", "200 ok")
    c.ask("SIZE x", f"213 {size}")


# --- MODE and STRU ---

@scene(row("RETR", 3000, "complete"))
def a_mode_from_before_the_capture(c):
    later(c)
    sized(c)
    download(c, 3000)
    c.ask("SIZE x", "213 10000")


@scene(row("RETR", 3000, "complete"))
def a_mode_from_before_a_hole(c):
    c.begin()
    c.ask("MODE Z", "200 ok")
    hole(c)
    sized(c)
    download(c, 3000)
    c.ask("SIZE x", "213 10000")


@scene(row("RETR", 3000, "complete"))
def a_mode_within_a_hole(c):
    c.begin()
    hole(c)
    sized(c)
    download(c, 3000)


@scene(row("RETR", 3000, "complete"))
def a_mode_that_was_lost(c):
    c.begin()
    lost(c, 0, "MODE Z")
    c.reply("200 ok")
    sized(c)
    download(c, 3000)


@scene(row("RETR", 3000, "complete"))
def a_mode_whose_reply_was_lost(c):
    c.begin()
    c.command("MODE Z")
    lost(c, 1, "200 ok")
    sized(c)
    download(c, 3000)


@scene(row("RETR", 3000, "incomplete"), experts=["incomplete"])
def settings_that_are_known_again(c):
    c.begin()
    hole(c)
    c.ask("REST 0", "350 ok")
    c.ask("MODE S", "200 ok")
    c.ask("STRU F", "200 ok")
    sized(c)
    download(c, 3000)


@scene(row("RETR", 3000, "incomplete"), experts=["incomplete"])
def the_defaults_after_rein(c):
    c.begin()
    c.ask("MODE Z", "200 ok")
    hole(c)
    c.ask("REIN", "220 ready")
    c.ask("USER anna", "230 welcome")
    sized(c)
    download(c, 3000)


# --- Offsets ---

@scene(row("RETR", 5000, "complete"))
def a_rest_whose_reply_was_lost(c):
    c.begin()
    sized(c)
    c.ask("PASV", pasv(c.server, 50000))
    c.command("REST 5000")
    lost(c, 1, "350 restarting")
    fetch(c, c.data(50000), "RETR x", b"a" * 5000)


@scene(row("RETR", 5000, "complete"))
def a_rest_that_was_lost(c):
    c.begin()
    sized(c)
    c.ask("PASV", pasv(c.server, 50000))
    lost(c, 0, "REST 5000")
    c.reply("350 restarting")
    fetch(c, c.data(50000), "RETR x", b"a" * 5000)


@scene(row("RETR", 5000, "incomplete"), experts=["incomplete"])
def a_350_that_was_of_rnfr(c):
    c.begin()
    lost(c, 0, "RNFR a")
    c.reply("350 ready")
    c.ask("RNTO b", "250 renamed")
    sized(c)
    download(c, 5000)


@scene(row("RETR", 3000, "incomplete", reply="-"), experts=["incomplete"])
def a_reset_behind_an_offset(c):
    c.begin()
    sized(c)
    c.ask("PASV", pasv(c.server, 50000))
    c.ask("REST 5000", "350 restarting")
    data = c.data(50000)
    data.open()
    c.ask("RETR x", "150 here")
    data.send(1, b"a" * 3000)
    data.send(0, flags="A")
    data.send(1, flags="RA")


# --- Names ---

@scene(row("STOR", 100, "complete", path="a"))
def a_rename_across_a_hole(c):
    c.begin()
    fetch(c, passive(c), "STOR a", b"a" * 100, sender=0)
    c.ask("RNFR a", "350 ready")
    lost(c, 0, "RNTO b")
    lost(c, 1, "250 ok")
    lost(c, 0, "RNFR c")
    lost(c, 1, "350 ok")
    c.ask("RNTO d", "250 ok")


@scene(row("RETR", 10, "complete", path="/home/anna/in/f"), row("RETR", 10, "complete", path="f"))
def another_user(c):
    c.begin()
    c.ask("PWD", '257 "/home/anna"')
    c.ask("CWD in", "250 ok")
    download(c, 10, command="RETR f")
    c.ask("USER bob", "331 password")
    c.ask("PASS example", "230 welcome")
    download(c, 10, port=50001, command="RETR f")


@scene(row("RETR", 10, "complete", path="/home/anna/in/f"))
def a_user_who_is_welcomed_twice(c):
    c.begin()
    c.ask("PWD", '257 "/home/anna"')
    c.ask("CWD in", "250 ok")
    c.ask("PASS example", "230 already logged in")
    download(c, 10, command="RETR f")


@scene(row("RETR", 10, "complete", path="f"))
def a_lost_reply_that_may_name_a_directory_or_none(c):
    c.begin()
    c.ask("PWD", '257 "/"')
    reply = '250 CWD successful. "/pub" is current directory.'
    c.ask("CWD /pub", reply)
    c.command("CWD abc")
    failed = '550 CWD failed. "/pub/abc": directory not found.'
    assert len(failed) == len(reply)
    lost(c, 1, failed)
    download(c, 10, command="RETR f")


@scene(row("RETR", 10, "complete", path="/pub/abc/f"))
def a_lost_reply_in_the_words_of_the_others(c):
    c.begin()
    c.ask("PWD", '257 "/"')
    c.ask("CWD /pub", "250 Directory successfully changed.")
    c.command("CWD abc")
    lost(c, 1, "250 Directory successfully changed.")
    download(c, 10, command="RETR f")


# --- Refused or not answered ---

def open_again(data):
    """The SYN is sent again, and is answered."""
    data.send(0, flags="S", seq=1000)
    data.send(1, flags="SA")
    data.send(0, flags="A")


@scene(row("RETR", 0, "complete"))
def unreachable_once(c):
    c.begin()
    data = passive(c)
    data.syn()
    data.unreachable(router="203.0.113.200", code=1)
    open_again(data)
    c.ask("RETR x", "150 here")
    data.close(1)
    c.reply("226 done")


@scene(row("RETR", 1500, "complete"), experts=["data_refused"])
def refused_once(c):
    """By a packet filter; the end of a connection is not the RST of the beginning."""
    c.begin()
    sized(c, 1500)
    data = passive(c)
    data.syn()
    data.send(1, flags="RA", seq=0)
    open_again(data)
    c.ask("RETR x", "150 here")
    data.send(1, b"a" * 1000)
    c.reply("226 done")
    data.send(1, b"a" * 500)
    data.close(1)


@scene(row("LIST", "-", "complete", path="-"), row("RETR", "-", "complete"), row("RETR", "-", "complete", path="y"))
def a_capture_of_the_control_connection_and_syns(c):
    c.begin()
    passive(c).syn()
    c.ask("LIST", "150 here", "226 done")
    passive(c, 50001).syn()
    c.ask("RETR x", "150 here (700 bytes)", "226 done")
    data = passive(c, 50002)
    data.syn()
    data.send(0, flags="S", seq=1000)
    c.ask("RETR y", "150 here", "226 done")


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    made = Scene()
    for number, (function, _, _) in enumerate(SCENES.values()):
        control = Control(made, f"192.0.2.{number + 1}", f"198.51.100.{number + 1}")
        function(control)
        control.quit()
        made.wait(100)
    return made.write(tmp_path_factory.mktemp("ftp") / "doubt.pcap")


@pytest.mark.parametrize("options", [(), ("-2",)], ids=["one pass", "-2"])
def test_rows(ws, capture, options):
    assert_rows(ws, capture, options, SCENES)


@pytest.mark.parametrize("two_pass", [False, True])
def test_experts(ws, capture, two_pass):
    rows = ws.rows(capture, ["ftp_session.id", *(f"ftp_session.{name}" for name in EXPERTS)], two_pass=two_pass)
    for number, (name, (_, _, expected)) in enumerate(SCENES.items()):
        notes = sorted({note for row in rows if row[0] == str(number) for note, value in zip(EXPERTS, row[1:]) if value})
        # An ICMP error is not taken back on the packet that it was in before the answer came.
        assert notes == (["data_refused"] if name == "unreachable_once" and not two_pass else expected), name


def files(ws, capture):
    """The last line of each scene in the table of files."""
    return {list(SCENES)[int(row["Sessions"])]: row for row in ledger(ws, capture)}


def test_an_unknown_offset_is_not_the_beginning(ws, capture):
    found = files(ws, capture)
    for name in ("a_rest_whose_reply_was_lost", "a_rest_that_was_lost"):
        assert (found[name]["Size"], found[name]["Bytes"]) == ("-", "5000"), name
    for name in ("a_mode_from_before_the_capture", "a_mode_within_a_hole", "a_mode_that_was_lost"):
        assert found[name]["Size"] == "-", name


def test_a_file_keeps_its_name_where_it_is_not_known_what_was_renamed(ws, capture):
    assert files(ws, capture)["a_rename_across_a_hole"]["File"] == "a"


def test_how_far_a_transfer_had_come(ws, capture):
    rows = ws.rows(capture, ["_ws.expert.message"], "ftp_session.incomplete && tcp.flags.reset == 1")
    assert [message.rsplit(": ")[-1] for message, in rows] == ["The data connection was reset after 8000 of 10000 bytes"]


# --- Ends that were not captured ---

@pytest.mark.parametrize("sender", [0, 1])
@pytest.mark.parametrize("missing", [("fin",), ("tail", "fin"), ("fin", "other fin"), ("tail", "fin", "other fin"), ("tail",), ("other fin",),
                                     ("tail", "fin", "ack of the fin", "other fin")])
def test_a_fin_that_was_not_captured_is_no_byte(ws, tmp_path, sender, missing):
    """What acknowledges it has one more than the bytes."""
    scene = Scene()
    c = Control(scene, "192.0.2.1", "198.51.100.1").begin()
    c.ask("PASV", pasv(c.server, 50000))
    data = c.data(50000)
    data.open()
    c.ask(f"{'RETR' if sender else 'STOR'} x", "150 go on")
    data.send(sender, b"x" * 1000)
    data.send(1 - sender, flags="A")
    number = {"tail": data.send(sender, b"x" * 500)}
    data.send(1 - sender, flags="A")
    number["fin"] = data.send(sender, flags="FA")
    number["ack of the fin"] = data.send(1 - sender, flags="A")
    number["other fin"] = data.send(1 - sender, flags="FA")
    data.send(sender, flags="A")
    c.reply("226 done")
    c.quit()
    for lost_one in sorted((number[name] for name in missing), reverse=True):
        del scene.frames[lost_one - 1]
    capture = scene.write(tmp_path / "ends.pcap")
    for options in (), ("-2",):
        assert [(row["Outcome"], row["Bytes"]) for row in table(ws, capture, *options)] == [("complete", "1500")]


def test_sizes_of_a_type_that_is_not_known(ws, tmp_path):
    """What was lost may have been TYPE. A size holds for the type under which it was told, whichever that is, and for no other one."""
    scene = Scene()
    for number, command in enumerate(("NOOP", "TYPE", "TYPE I"), 1):
        c = Control(scene, f"192.0.2.{number}", f"198.51.100.{number}").begin()
        c.ask("TYPE A", "200 ok")
        lost(c, 0, "TYPE I")
        c.reply("200 ok")
        c.ask(f"SIZE {number}", "213 5")
        c.command(command)
        lost(c, 1, "200 ok")
        c.ask("PASV", pasv(c.server, 50000))
        fetch(c, c.data(50000), f"RETR {number}", b"hello")
    path = scene.write(tmp_path / "type.pcap")
    fields = ["ftp_session.path", "ftp_session.type", "ftp_session.size_expected"]
    assert ws.rows(path, fields, "ftp.request.command == RETR") == [("1", "", "5"), ("2", "", "5"), ("3", "", "")]


# --- TLS whose beginning is captured late ---

def secured(scene, number, *lines, late=False, twice=False):
    """Under TLS from AUTH to CCC; the 234 is captured late, or comes again, or twice. The session, and its frames in the clear since."""
    c = Control(scene, f"192.0.2.{number}", f"198.51.100.{number}").begin(user=None)
    c.command("AUTH TLS")
    answer = b"234 go on\r\n"
    at = c.next[1]
    c.next[1] += len(answer)
    if not late:
        c.send(1, answer, seq=at)
    c.send(0, client_hello())
    clear = [c.send(1, answer, seq=at)]
    for side in (1, 0, 1):
        c.send(side, tls_record(23, b"x" * 40))
    if twice:
        clear.append(c.send(1, answer, seq=at))
    for command, reply in lines:
        clear.append(c.command(command))
        if reply:
            clear.append(c.reply(reply))
    return c, clear


def record_first(c, port, *records, sender=1):
    """A data connection of which the capture has these records, and not the ClientHello."""
    data = c.data(port)
    data.open()
    c.command("RETR x")
    data.next[0] += len(client_hello())
    data.next[1] += 100 * (not records[0].startswith(b"\x16\x03"))
    for record in records:
        data.send(sender, record)
    data.close(sender)
    return data


PROTECTED = [("PBSZ 0", "200 ok"), ("PROT P", "200 ok")]


@pytest.fixture(scope="module")
def secret(tmp_path_factory):
    """Names of what is in the capture, and the frames that matter."""
    scene, known = Scene(), {}
    for number, late in enumerate((True, False), 1):
        c, clear = secured(scene, number, late=late, twice=not late)
        first = scene.last
        for side in (0, 1):
            c.send(side, tls_record(23, b"x" * 40))
        known["late" if late else "again"] = clear, range(first + 1, scene.last + 1)
        c.close()
    c, _ = secured(scene, 3, *PROTECTED, ("PASV", pasv("198.51.100.3", 50000)))
    known["headless"] = record_first(c, 50000, tls_record(22, b"\2" * 90), tls_record(23, b"x" * 400)).first
    c.reply("226 done")
    c.close()
    c, _ = secured(scene, 4, *PROTECTED, ("PASV", pasv("198.51.100.4", 50000)))
    data = c.data(50000)
    data.open()
    c.command("RETR x")
    hello = client_hello()
    data.next[0] += len(hello)
    data.send(1, tls_record(22, b"\2" * 90))
    known["late hello"] = data.send(0, hello, seq=1001)
    data.send(1, tls_record(23, b"x" * 400))
    data.close(1)
    c.reply("226 done")
    c.close()
    c, _ = secured(scene, 5, ("PBSZ 0", "200 ok"), ("PROT C", "200 ok"), ("PROT P", None))
    lost(c, 1, "200 ok")
    c.ask("PASV", pasv("198.51.100.5", 50000))
    known["protected again"] = record_first(c, 50000, tls_record(22, b"\2" * 90)).first
    c.close()
    c, _ = secured(scene, 6, ("PBSZ 0", "200 ok"), ("PROT C", "200 ok"))
    lost(c, 0, "PROT P")
    lost(c, 1, "200 ok")
    c.ask("PASV", pasv("198.51.100.6", 50000))
    data = c.data(50000)
    data.open()
    known["hello after PROT C"] = data.send(0, hello)
    data.close(1)
    c.close()
    c, _ = secured(scene, 7, *PROTECTED, ("PASV", pasv("198.51.100.7", 50000)))
    known["amid a record"] = record_first(c, 50000, b"x" * 1400, tls_record(23, b"x" * 400)).first
    c.reply("226 done")
    c.close()
    for number, (level, missing) in enumerate({"C": 100, "P": 0}.items(), 8):
        c, _ = secured(scene, number, ("PBSZ 0", "200 ok"), (f"PROT {level}", "200 ok"), ("PASV", pasv(f"198.51.100.{number}", 50000)))
        data = c.data(50000)
        known[f"PROT {level}"] = data.open()
        c.command("RETR x")
        data.next[1] += missing
        data.send(1, b"x" * 1400)
        data.close(1)
        c.reply("226 done")
        c.close()
    return scene.write(tmp_path_factory.mktemp("ftp") / "secret.pcap"), known


def truth(value):
    return value in ("1", "True")


@pytest.mark.parametrize("two_pass", [False, True])
@pytest.mark.parametrize("kind", ["late", "again"])
def test_a_line_from_before_does_not_end_tls(ws, secret, kind, two_pass):
    """Wireshark hands nothing on of what its analysis takes for sent again."""
    rows = ws.rows(secret[0], ["ftp_session.tls", "ftp", "tls"], two_pass=two_pass, prefs={"tcp.analyze_sequence_numbers": "FALSE"})
    clear, after = secret[1][kind]
    assert [(truth(rows[number - 1][0]), bool(rows[number - 1][1])) for number in clear] == [(False, True)] * len(clear)
    assert {(truth(rows[number - 1][0]), bool(rows[number - 1][2])) for number in after} == {(True, True)}


@pytest.mark.parametrize("kind, size", [("PROT C", "1500"), ("PROT P", "1400")])
def test_data_that_is_not_under_tls(ws, secret, kind, size):
    """PROT C; and PROT P, but the first bytes of the connection were captured, and are no record."""
    stream = ws.rows(secret[0], ["tcp.stream"])[secret[1][kind] - 1][0]
    rows = ws.rows(secret[0], ["ftp_session.tls", "ftp_session.bytes"], f"tcp.stream == {stream}", two_pass=True)
    assert (truth(rows[-1][0]), rows[-1][1]) == (False, size)


@pytest.mark.parametrize("kind", ["headless", "late hello", "protected again", "hello after PROT C", "amid a record"])
def test_data_that_is_under_tls(ws, secret, kind):
    stream = ws.rows(secret[0], ["tcp.stream"])[secret[1][kind] - 1][0]
    rows = ws.rows(secret[0], ["ftp_session.tls", "ftp_session.bytes"], f"tcp.stream == {stream}", two_pass=True)
    assert {(truth(tls), size) for tls, size in rows} == {(True, "")}, kind


def test_tls_begins_with_a_hello_that_comes_late(ws, secret):
    assert ws.count(secret[0], f"tls && tcp.port == 50000 && ip.addr == 192.0.2.4 && frame.number > {secret[1]['late hello']}") == 1


# --- Relays ---

def of_socks5(port, address=b"\1\xcb\0\x71\x09"):
    return b"\5\1\0\1\xcb\0\x71\x09" + struct.pack(">H", port), b"\5\0\0" + address + struct.pack(">H", port)


def of_http(port):
    return f"CONNECT 203.0.113.9:{port} HTTP/1.1\r\n\r\n".encode(), b"HTTP/1.1 200 OK\r\nVia: 1.1 relay\r\n\r\n"


NAMED = b"\3\x0bexample.org"
CONTENT = bytes(range(256)) * 5
# The relay's port, its answer, and where that and the file are cut into segments, beside its end; the first one was right before.
ANSWERS = {
    "http": (8080, of_http, [0]),
    "http with the file": (8080, of_http, [700]),
    "http in two": (8080, of_http, [-20, 0]),
    "http in two, with the file": (8080, of_http, [-1, 700]),
    "socks5 with the file": (1080, of_socks5, [700]),
    "socks5 with a name and the file": (1080, lambda port: of_socks5(port, NAMED), [700]),
}


def ask_relay(connection, kind, port):
    if kind is not of_http:
        connection.send(0, b"\5\1\0")
        connection.send(1, b"\5\0")
    connection.send(0, kind(port)[0])


def relayed(scene, number, relay, kind, cuts):
    client, server = f"192.0.2.{number}", f"198.51.100.{number}"
    control = Control(scene, client, server, dport=relay)
    control.open()
    ask_relay(control, of_http if kind is of_http else of_socks5, 21)
    control.send(1, (of_http if kind is of_http else of_socks5)(21)[1])
    control.reply("220 ready")
    control.ask("USER anna", "230 welcome")
    control.ask("TYPE I", "200 ok")
    control.ask("PASV", pasv("203.0.113.9", 50000))
    data = Tcp(scene, client, 50001, server, relay)
    data.open()
    ask_relay(data, kind, 50000)
    control.ask("RETR /x", f"150 here ({len(CONTENT)} bytes)")
    granted = kind(50000)[1]
    said = granted + CONTENT
    places = [0, *(len(granted) + cut for cut in cuts), len(said)]
    for begin, end in zip(places, places[1:]):
        data.send(1, said[begin:end])
    data.close(1)
    control.reply("226 done")
    control.quit()


@pytest.fixture(scope="module")
def relays(tmp_path_factory):
    scene = Scene()
    for number, (relay, kind, cuts) in enumerate(ANSWERS.values(), 1):
        relayed(scene, number, relay, kind, cuts)
    return scene.write(tmp_path_factory.mktemp("ftp") / "relays.pcap")


@pytest.mark.parametrize("options", [(), ("-2",)], ids=["one pass", "-2"])
def test_data_in_the_segment_of_the_relays_consent(ws, relays, options):
    rows = table(ws, relays, *options)
    assert [(row["Bytes"], row["Outcome"]) for row in rows] == [(str(len(CONTENT)), "complete")] * len(ANSWERS)


def test_export_begins_behind_the_relays_consent(ws, relays, tmp_path):
    tmp_path.chmod(0o777)
    ws.tshark(relays, "-q", "--export-objects", f"ftp_session,{tmp_path}")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [CONTENT] * len(ANSWERS)

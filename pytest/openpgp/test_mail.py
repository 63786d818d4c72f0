# SPDX-License-Identifier: GPL-2.0-or-later
"""OpenPGP in mail: SMTP, POP and IMAP, whole messages and parts, with the encodings and damages of their carriers."""

import base64
import itertools
import quopri

import pytest

from harness.craft import Connection, ethernet, write_pcap
from openpgp.craft import CREATED, armor, fingerprint, http_frames
from openpgp.sign import Signer

SIGNER = Signer()
KEY = SIGNER.certified_key(b"Alice <alice@example.org>")
ARMOR = armor(KEY, eol=b"\r\n")
FINGERPRINT = fingerprint(SIGNER.body)
FIELDS = ["openpgp.key.fingerprint", "openpgp.signature.type", "openpgp.signature.check", "openpgp.armor.crc24.status"]
OF_KEY = (FINGERPRINT, "0x13", "1", "1")
PORTS = itertools.count(20000)
TEXT = b"Content-Type: text/plain\r\n\r\nHello,\r\n.a line\r\n..another\r\n.\r\nend\r\n"


def mail(*fields, body=b""):
    head = ["From: Alice <alice@example.org>", "Subject: test", *fields]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def multipart(kind, *parts, parameters=""):
    body = b"".join(b"--limit\r\n" + part + b"\r\n" for part in parts) + b"--limit--\r\n"
    return mail(f"Content-Type: multipart/{kind}; boundary=limit{parameters}", body=body)


def encoded(data, encoding, kind="application/pgp-keys"):
    data = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring}.get(encoding, bytes)(data)
    data = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + data


def signed(text=TEXT, over=TEXT):
    signature = armor(SIGNER.sign(over, 0x00), "SIGNATURE", eol=b"\r\n")
    return multipart("signed", text, b"Content-Type: application/pgp-signature\r\n\r\n" + signature, parameters='; protocol="application/pgp-signature"')


def dotted(message):
    return message.replace(b"\r\n.", b"\r\n..") + (b"" if message.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def connection_to(port):
    return Connection(sport=next(PORTS), dport=port).handshake()


def smtp(message):
    connection = connection_to(25)
    for client, server in ((b"EHLO a\r\n", b"250 b\r\n"), (b"MAIL FROM:<a@b>\r\n", b"250 OK\r\n"), (b"DATA\r\n", b"354 Go\r\n")):
        connection.client(client).server(server)
    for piece in message if isinstance(message, list) else [dotted(message)]:
        connection.client(piece)
    return connection.server(b"250 OK\r\n").client(b"QUIT\r\n").close().packets


def capture_of(path, *connections):
    return write_pcap(path, [ethernet(p) for packets in connections for p in packets])


def shown(ws, capture, fields=FIELDS, **options):
    return [tuple(row) for row in ws.rows(capture, ["tcp.stream", *fields], "openpgp", **options)]


CARRIERS = {
    "as it is": mail("Content-Type: application/pgp-keys", body=ARMOR),
    "alone, base64": mail("Content-Type: application/pgp-keys; name=a.asc", "Content-Transfer-Encoding: base64", body=base64.encodebytes(ARMOR).replace(b"\n", b"\r\n")),
    "quoted-printable": multipart("mixed", TEXT, encoded(ARMOR, "quoted-printable")),
    "base64": multipart("mixed", TEXT, encoded(ARMOR, "base64")),
    "octet-stream": multipart("mixed", TEXT, encoded(ARMOR, "base64", "application/octet-stream")),
    "plain text": mail(body=b"My key:\r\n\r\n" + ARMOR),
    "HTML": mail("Content-Type: text/html", "Content-Transfer-Encoding: quoted-printable", body=quopri.encodestring(b"<p>It is:</p><pre>" + ARMOR + b"</pre>").replace(b"\n", b"\r\n")),
    "forwarded": mail("Content-Type: multipart/mixed; boundary=outer", body=b"--outer\r\nContent-Type: message/rfc822\r\n\r\n" + multipart(
        "mixed", TEXT, encoded(ARMOR, "quoted-printable")) + b"\r\n--outer--\r\n"),
    "by its file name": multipart("mixed", TEXT, encoded(ARMOR, "base64", "application/x-unknown; name=\"key.asc\"")),
}


@pytest.fixture(scope="module")
def carried(tmp_path_factory):
    folder = tmp_path_factory.mktemp("carried")
    for parent in (folder, folder.parent):
        parent.chmod(0o755)
    return capture_of(folder / "carried.pcap", *(smtp(m) for m in CARRIERS.values()))


def test_every_encoding(ws, carried):
    """One key a mail, which is never malformed; in one pass, with -2 and in sharkd."""
    expected = [(str(n), *OF_KEY) for n in range(len(CARRIERS))]
    for two_pass in (False, True):
        assert shown(ws, carried, two_pass=two_pass) == expected, two_pass
    assert ws.count(carried, "openpgp && (_ws.malformed || openpgp.no_packet || openpgp.armor.crc24.malformed)") == 0
    with ws.subset("openpgp").sharkd() as sharkd:
        sharkd.load(carried)
        assert [tuple(row) for row in sharkd.rows(FIELDS[:3], "openpgp")] == [OF_KEY[:3]] * len(CARRIERS)


def test_a_tree_that_has_too_many_items(ws, tmp_path):
    """Somewhere in these mails, each a line longer, OpenPGP finds the tree full: what comes behind is shown as if that had not been."""
    mails = [mail("Content-Type: application/pgp-keys", body=b"a\r\n" * lines + ARMOR) for lines in range(180, 340)]
    frames = [ethernet(p) for m in mails for p in smtp(m)] + http_frames([KEY])
    capture, few = write_pcap(tmp_path / "items.pcap", frames), {"gui.max_tree_items": "400"}
    last = str(len(mails)), FINGERPRINT
    for two_pass in (False, True):
        rows = shown(ws, capture, FIELDS[:1], two_pass=two_pass, prefs=few)
        assert rows[-1] == last, two_pass
        assert 1 < sum(row[1] == FINGERPRINT for row in rows) < len(mails)


def test_native_layers_stay(ws, carried):
    """All that Wireshark shows of a mail is as without the plugin, and what has a type is of OpenPGP."""
    fields = ["frame.number", "imf.subject", "imf.content.type", "mime_multipart.header.content-type", "smtp.req.command", "data-text-lines"]
    stock = ws.without_plugins()
    assert ws.rows(carried, fields, "smtp", two_pass=True) == stock.rows(carried, fields, "smtp", two_pass=True)
    assert ws.count(carried, "frame.protocols contains \"mime_multipart:data-text-lines:openpgp\"") == 2


def test_preference(ws, carried):
    """Off: only parts with the type, as they were encoded."""
    assert ws.count(carried, "openpgp.mime.type", prefs={"openpgp.mail": "FALSE"}) == 0
    assert ws.count(carried, "openpgp.key.fingerprint", prefs={"openpgp.mail": "FALSE"}) == 3
    assert ws.count(carried, "openpgp", options=["--disable-protocol", "openpgp"]) == 0


FIRST = 9       # packet of the message in what smtp() makes


def pieces_of(message, size=60):
    return [message[at:at + size] for at in range(0, len(message), size)]


def in_disorder(pieces):
    """The connection of these pieces, in which two of them are swapped."""
    packets = smtp(pieces)
    packets[FIRST + 2], packets[FIRST + 3] = packets[FIRST + 3], packets[FIRST + 2]
    return packets


def without(pieces, number):
    packets = smtp(pieces)
    del packets[FIRST + number]
    return packets


def test_signed_mail(ws, tmp_path):
    """The signature is over the part before it, without the dots of SMTP; also where segments come late, which TCP does not hand over
    before 4.6 by default."""
    pieces = pieces_of(dotted(signed()))
    alone = Connection(sport=next(PORTS), dport=25)
    for piece in [b"DATA\r\n", *pieces]:
        alone.client(piece)
    altered = signed(text=TEXT.replace(b"Hello", b"Hallo"))
    capture = capture_of(tmp_path / "signed.pcap", smtp(CARRIERS["as it is"]), smtp(signed()), smtp(pieces), smtp(altered), in_disorder(pieces),
                         without(pieces, 3), alone.packets)
    for ordered, checks in (("FALSE", "1112161"), ("TRUE", "11121-1")):     # -: TCP waits for what is missing
        for two_pass in (False, True):
            rows = shown(ws, capture, ["openpgp.signature.check"], two_pass=two_pass, prefs={"tcp.reassemble_out_of_order": ordered})
            assert rows == [(str(n), check) for n, check in enumerate(checks) if check != "-"], (ordered, two_pass)


def swapped(pieces, first, second):
    packets = smtp(pieces)
    packets[FIRST + first], packets[FIRST + second] = packets[FIRST + second], packets[FIRST + first]
    return packets


def read(ws, capture, **options):
    return [tuple(row) for row in ws.rows(capture, ["tcp.stream", "openpgp.signature.check"], "openpgp.armor.type", **options)]


def test_segments_that_come_late(ws, tmp_path):
    """Any two of a mail, the last with one before it, too, and one that comes after all others: each part is shown once, as in order."""
    for size in (60, 110):
        pieces = pieces_of(dotted(signed()), size)
        mails = [swapped(pieces, n, n + 1) for n in range(1, len(pieces) - 1)]
        late = smtp(pieces)
        late.insert(FIRST + len(pieces) - 1, late.pop(FIRST + 1))
        capture = capture_of(tmp_path / f"late{size}.pcap", smtp(CARRIERS["as it is"]), *mails, late)
        for absolute in ("TRUE", "FALSE"):
            for two_pass in (False, True):
                rows = read(ws, capture, two_pass=two_pass, prefs={"tcp.relative_sequence_numbers": absolute})
                assert rows == [(str(n), "1") for n in range(len(mails) + 2)], (size, absolute, two_pass)


def test_segments_that_are_lost(ws, tmp_path):
    """What Wireshark makes of a mail with a hole is not shown beside what is read of it."""
    pieces = pieces_of(dotted(signed()), 60)
    mails = [without(pieces, n) for n in range(1, len(pieces) - 1)]
    capture = capture_of(tmp_path / "lost.pcap", smtp(CARRIERS["as it is"]), *mails)
    for two_pass in (False, True):
        rows = read(ws, capture, two_pass=two_pass)
        numbers = [int(number) for number, _ in rows]
        assert numbers == sorted(set(numbers)) and {1, 2, 3} <= set(numbers), two_pass
        assert {check for _, check in rows[1:]} <= {"6", ""} and rows[0] == ("0", "1"), two_pass


def test_boundaries_that_are_written_in_other_ways(ws, tmp_path):
    """In pieces (RFC 2231), with escapes, comments and blanks."""
    ways = ["boundary=limit", 'boundary*0="li"; boundary*1=mit', 'boundary*1=mit;\r\n boundary*0=li', 'BOUNDARY="l\\imit" (a comment)', "boundary = limit; x*0=y"]
    mails = [signed().replace(b"boundary=limit", way.encode()) for way in ways] + [signed().replace(b"boundary=limit", b"boundary*1=limit")]
    assert all(m.count(b"--limit") == 3 for m in mails)
    capture = capture_of(tmp_path / "boundaries.pcap", smtp(mail(body=ARMOR)), *map(smtp, mails))
    assert [row[1] for row in shown(ws, capture, ["openpgp.signature.check"], two_pass=True)][1:] == ["1"] * len(ways)


def test_mail_with_a_hole(ws, tmp_path):
    """What it signs inline is not bad, nor is its key without a user ID: something may be missing there."""
    text, lines = b"Hello,\r\nthis is\r\nsigned", ARMOR.splitlines(keepends=True)
    made = armor(SIGNER.sign(text, 0x01), "SIGNATURE", eol=b"\r\n")
    inline = [mail(body=b"-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\nHello,\r\n"), b"this is\r\n", b"signed\r\n" + made + b".\r\n"]
    key = [mail(body=b"".join(lines[:-4])), lines[-4], b"".join(lines[-3:]) + b".\r\n"]
    mails = smtp(mail(body=ARMOR)), smtp(inline), smtp(inline[:1] + inline[2:]), without(inline, 1), smtp(key), without(key, 1)
    capture = write_pcap(tmp_path / "hole.pcap", [ethernet(p) for packets in mails for p in packets], start=CREATED + 1000.0)
    for two_pass in (False, True):
        rows = shown(ws, capture, ["openpgp.signature.check", "openpgp.key.state"], two_pass=two_pass, prefs={"tcp.reassemble_out_of_order": "FALSE"})
        assert rows[:5] == [("0", "1", "1"), ("1", "1", ""), ("2", "2", ""), ("3", "6", ""), ("4", "1", "1")] and rows[5][::2] == ("5", "6"), (two_pass, rows)


def test_key_that_comes_later(ws, tmp_path):
    capture = capture_of(tmp_path / "later.pcap", smtp(signed()), smtp(CARRIERS["base64"]))
    assert shown(ws, capture, ["openpgp.signature.check"]) == [("0", "3"), ("1", "1")]
    assert shown(ws, capture, ["openpgp.signature.check"], two_pass=True) == [("0", "1"), ("1", "1")]


def bdat(message):
    connection = connection_to(25).client(b"MAIL FROM:<a@b>\r\n").server(b"250 OK\r\n")
    half = len(message) // 2
    connection.client(b"BDAT %d\r\n" % half + message[:half]).server(b"250 OK\r\n")
    return connection.client(b"BDAT %d LAST\r\n" % (len(message) - half) + message[half:]).server(b"250 OK\r\n").close().packets


def in_bdat(message, sizes, zero):
    """In chunks of these sizes; zero: the last one is empty."""
    connection = connection_to(25).client(b"MAIL FROM:<a@b>\r\n").server(b"250 OK\r\n")
    for n, size in enumerate(sizes):
        last = b" LAST" if not zero and n == len(sizes) - 1 else b""
        connection.client(b"BDAT %d%s\r\n" % (size, last) + message[sum(sizes[:n]):sum(sizes[:n + 1])]).server(b"250 OK\r\n")
    if zero:
        connection.client(b"BDAT 0 LAST\r\n").server(b"250 OK\r\n")
    return connection.client(b"QUIT\r\n").server(b"221 bye\r\n").close().packets


def test_empty_last_chunk(ws, tmp_path):
    """RFC 3030: it ends the mail, whose signature is shown once, with that packet; a mail without a last chunk is shown where the capture ends."""
    message = signed()
    half = len(message) // 2
    ends = in_bdat(message, [len(message)], True), in_bdat(message, [half, len(message) - half], True), in_bdat(message, [half, len(message) - half], False)
    open_end = in_bdat(message, [len(message), 0], False)[:8]
    capture = capture_of(tmp_path / "bdat.pcap", smtp(mail(body=ARMOR)), *ends, open_end)
    last = [n + 1 for n, packet in enumerate(p for packets in ends for p in packets) if b"BDAT" in bytes(packet) and b"LAST" in bytes(packet)]
    before = len(smtp(mail(body=ARMOR)))
    for two_pass in (False, True):
        rows = ws.rows(capture, ["frame.number", "openpgp.signature.check"], "openpgp && tcp.stream >= 1 && tcp.stream <= 3", two_pass=two_pass)
        assert rows == [(str(before + n), "1") for n in last], two_pass
    assert shown(ws, capture, ["openpgp.signature.check"], two_pass=True)[-1] == ("4", "1")


def apart(head, text, *others, sections=(b"BODY[HEADER]", b"BODY[TEXT]"), numbers=(1, 1), uids=(b"UID 7 ", b"UID 7 "), between=b"", cut=None):
    """Head and text in an answer each; others: answers in front of them; between: what the server says; cut: the text comes in chunks."""
    connection = connection_to(143).server(b"* OK hello\r\n")
    for data in others:
        connection.server(data)
    answers = [(sections[0], head, numbers[0], uids[0])]
    size = cut or len(text)
    for at in range(0, len(text), size):
        where = b"<%d>" % at if cut else b""
        answers.append((sections[1] + where, text[at:at + size], numbers[1], uids[1]))
    for n, (section, data, number, uid) in enumerate(answers):
        question = section.replace(b"BODY[", b"BODY.PEEK[").replace(b">", b".%d>" % size) if cut else section
        connection.client(b"a%d FETCH %d (UID %s)\r\n" % (n, number, question))
        connection.server(b"* %d FETCH (%s%s {%d}\r\n" % (number, uid, section, len(data)) + data + b")\r\n" + (between if n == 0 else b"") + b"a%d OK\r\n" % n)
    return connection.close().packets


def test_head_and_text_that_are_fetched_apart(ws, tmp_path):
    """In one answer or two they are one mail if they are of the same message; of another, its text was not captured."""
    message, altered = signed(), signed(text=TEXT.replace(b"Hello", b"Hallo"))
    at = message.index(b"\r\n\r\n") + 4
    head, text, wrong = message[:at], message[at:], altered[at:]
    fields = b"".join(line for line in head.splitlines(keepends=True) if line.startswith((b"Content-", b"\r\n")))
    both = b"* 3 FETCH (BODY[HEADER] {%d}\r\n" % len(head) + head + b" BODY[TEXT] {%d}\r\n" % len(text) + text + b" UID 9)\r\n"
    old = b"BODY[HEADER.FIELDS (FROM CONTENT-TYPE)]"
    nested = b"BODY[2.HEADER]", b"BODY[2.TEXT]"
    cases = {
        "two answers": (apart(head, text), "1"), "altered": (apart(head, wrong), "2"), "one answer": (connection_to(143).server(b"* OK\r\n").server(both).close().packets, "1"),
        "RFC822": (apart(head, text, sections=(b"RFC822.HEADER", b"RFC822.TEXT")), "1"), "some fields": (apart(fields, text, sections=(old, b"BODY[TEXT]")), "1"),
        "without type": (apart(b"From: a@b\r\n\r\n", text, sections=(old, b"BODY[TEXT]")), "6"), "nested": (apart(head, text, sections=nested), "1"),
        "other section": (apart(head, text, sections=(b"BODY[HEADER]", b"BODY[2.TEXT]")), "6"), "no UID": (apart(head, text, uids=(b"", b"UID 7 ")), "1"),
        "other number": (apart(head, wrong, numbers=(1, 2), uids=(b"", b"")), "6"), "other UID": (apart(head, wrong, uids=(b"UID 7 ", b"UID 8 ")), "6"),
        "expunged": (apart(head, wrong, between=b"* 1 EXPUNGE\r\n"), "6"), "other mailbox": (apart(head, wrong, between=b"* OK [UIDVALIDITY 5] new\r\n"), "6"),
        "in chunks": (apart(head, text, cut=200), "1"), "chunks, altered": (apart(head, wrong, cut=200), "2"),
    }
    capture = capture_of(tmp_path / "apart.pcap", smtp(mail(body=ARMOR)), *(packets for packets, _ in cases.values()))
    for two_pass in (False, True):
        rows = {row[0]: row[1] for row in shown(ws, capture, ["openpgp.signature.check"], two_pass=two_pass)}
        assert {name: rows.get(str(n + 1)) for n, name in enumerate(cases)} == {name: check for name, (_, check) in cases.items()}


def test_autocrypt_of_a_head_that_is_fetched_apart(ws, tmp_path):
    """Once, with the head."""
    message = signed().replace(b"Subject:", autocrypt("alice@example.org").split(b"\r\n\r\n")[0].split(b"test\r\n")[1] + b"\r\nSubject:")
    at = message.index(b"\r\n\r\n") + 4
    capture = capture_of(tmp_path / "head.pcap", apart(message[:at], message[at:]))
    assert [row[1:] for row in shown(ws, capture, ["openpgp.autocrypt.addr", "openpgp.signature.check"])] == [("alice@example.org", "1"), ("", "1")]


def refused(message):
    """DATA is not taken the first time."""
    connection = connection_to(25).client(b"DATA\r\n").server(b"503 No\r\n").client(b"RSET\r\n").server(b"250 OK\r\n")
    connection.client(b"DATA\r\n").server(b"354 Go\r\n").client(dotted(message)).server(b"250 OK\r\n")
    return connection.close().packets


def pop(message):
    connection = connection_to(110).server(b"+OK hello\r\n").client(b"CAPA\r\n").server(b"+OK\r\nTOP\r\nUIDL\r\n.\r\n")
    return connection.client(b"RETR 1\r\n").server(b"+OK %d octets\r\n" % len(message) + dotted(message)).close().packets


def fetch(section, data, untagged=b"* 1 FETCH (UID 7 %s {%d}\r\n"):
    connection = connection_to(143).server(b"* OK hello\r\n").client(b"a FETCH 1 (UID " + section + b")\r\n")
    answer = untagged % (section, len(data)) + data + b")\r\na OK done\r\n"
    return connection.server(answer[:100]).server(answer[100:]).close().packets


def append(message):
    connection = connection_to(143).server(b"* OK hello\r\n").client(b"a APPEND Sent (\\Seen) {%d}\r\n" % len(message))
    return connection.server(b"+ OK\r\n").client(message[:50]).client(message[50:] + b"\r\n").server(b"a OK done\r\n").close().packets


BASE64, QUOTED = CARRIERS["base64"], CARRIERS["quoted-printable"]
WAYS = {
    "BDAT": bdat(QUOTED), "refused DATA": refused(QUOTED), "POP": pop(QUOTED), "FETCH BODY[]": fetch(b"BODY[]", QUOTED), "RFC822": fetch(b"RFC822", BASE64),
    "APPEND": append(QUOTED), "BODY[2]": fetch(b"BODY[2]", ARMOR), "BODY[2], base64": fetch(b"BODY[2]", base64.encodebytes(ARMOR).replace(b"\n", b"\r\n")),
    "BODY[2], quoted-printable": fetch(b"BODY[2]", quopri.encodestring(ARMOR)), "BODY[TEXT]": fetch(b"BODY[TEXT]", ARMOR),
}


def test_every_way_of_a_mail(ws, tmp_path):
    capture = capture_of(tmp_path / "ways.pcap", *WAYS.values())
    found = {row[0]: row[1:] for row in shown(ws, capture, two_pass=True)}
    assert [(name, found.get(str(n))) for n, name in enumerate(WAYS)] == [(name, OF_KEY) for name in WAYS]


def in_chunks(message, size, known=False, asks=True, skip=(), last=b"z LOGOUT\r\n", whole=False):
    """As clients fetch long mails; known: the server tells the size of all; skip: chunks of which the answer was not captured; whole: all asked at once."""
    connection = connection_to(143).server(b"* OK hello\r\n")
    chunks = [(at, message[at:at + size]) for at in range(0, len(message), size)]
    questions = [b"a%d UID FETCH 7 (UID RFC822.SIZE BODY.PEEK[]<%d.%d>)\r\n" % (at, at, size) for at, _ in chunks]
    if asks and whole:
        connection.client(b"".join(questions))
    for question, (at, chunk) in zip(questions, chunks):
        if asks and not whole:
            connection.client(question)
        told = b" RFC822.SIZE %d" % len(message) if known else b""
        answer = b"* 1 FETCH (UID 7%s BODY[]<%d> {%d}\r\n" % (told, at, len(chunk)) + chunk + b")\r\na%d OK done\r\n" % at
        connection.server(answer)
        if at // size in skip:
            connection.packets.pop()
    if asks:
        connection.client(last).server(b"* BYE\r\nz OK\r\n")
    return connection.close().packets


def test_mail_that_is_fetched_in_chunks(ws, tmp_path):
    """It is read when the last one has come; where that is not known, or one is missing, nothing is said to be bad."""
    good, altered = signed(), signed(text=TEXT.replace(b"Hello", b"Hallo"))
    assert len(good) % 300 and len(good) == len(altered)
    padded = [message + b" " * (-len(message) % 4) for message in (good, altered)]
    size = len(padded[0]) // 4
    part = fetch(b"BODY[2]<0>", ARMOR)
    cases = {
        "short last chunk": (in_chunks(good, 300), "1"), "altered": (in_chunks(altered, 300), "2"), "all at once": (in_chunks(altered, 300, whole=True), "2"),
        "one chunk": (in_chunks(altered, 5000), "2"), "size known": (in_chunks(padded[1], size, known=True), "2"),
        "even, good": (in_chunks(padded[0], size), "1"), "even, altered": (in_chunks(padded[1], size), "6"),
        "server alone, good": (in_chunks(good, 5000, asks=False), "1"), "server alone, altered": (in_chunks(altered, 5000, asks=False), "6"),
        "server alone, size known": (in_chunks(altered, 300, asks=False, known=True), "2"),
    }
    capture = capture_of(tmp_path / "chunks.pcap", smtp(mail(body=ARMOR)), *(packets for packets, _ in cases.values()), part)
    for two_pass in (False, True):
        rows = {row[0]: row[1] for row in shown(ws, capture, ["openpgp.signature.check"], two_pass=two_pass)}
        assert {name: rows.get(str(n + 1)) for n, name in enumerate(cases)} == {name: check for name, (_, check) in cases.items()}
        assert rows[str(len(cases) + 1)] == "1"
    broken = [in_chunks(message, 150, skip=skip) for message in (good, altered) for skip in ((0,), (1,), (2,))]
    capture = capture_of(tmp_path / "skipped.pcap", smtp(mail(body=ARMOR)), *broken)
    assert "2" not in [row[1] for row in shown(ws, capture, ["openpgp.signature.check"], prefs={"tcp.reassemble_out_of_order": "FALSE"})]
    keys = [in_chunks(mail(body=ARMOR), 200), in_chunks(mail(body=ARMOR)[:300], 300), in_chunks(mail(body=ARMOR), 200, last=b"b NOOP\r\n")]
    capture = write_pcap(tmp_path / "keys.pcap", [ethernet(p) for packets in keys for p in packets], start=CREATED + 1000.0)
    assert shown(ws, capture, ["openpgp.key.fingerprint", "openpgp.key.state"]) == [("0", FINGERPRINT, "1"), ("1", FINGERPRINT, "6"), ("2", FINGERPRINT, "1")]


def left_off(message, flags, ends="server", acknowledged=False):
    """The first of its chunks are fetched; then one side ends the connection."""
    connection = connection_to(143).server(b"* OK hello\r\n")
    for at in range(0, len(message), 200):
        connection.client(b"a%d UID FETCH 7 (BODY.PEEK[]<%d.200>)\r\n" % (at, at))
        chunk = message[at:at + 200]
        connection.server(b"* 1 FETCH (UID 7 BODY[]<%d> {%d}\r\n" % (at, len(chunk)) + chunk + b")\r\na%d OK done\r\n" % at)
    connection._add(ends == "server", flags=flags)
    return (connection._add(0) if acknowledged else connection).packets


def test_chunks_that_wait_when_the_connection_ends(ws, tmp_path):
    """They are shown with its end, as a mail of which something may be missing; a client that only sends no more may still get them, so that theirs
    are left when the capture ends, and stand with the last packet that brought some,
    in later passes."""
    message = mail(body=ARMOR)
    message += b" " * (-len(message) % 200)
    connections = [left_off(message, "FA"), left_off(message, "R"), left_off(message, "RA", "client"), left_off(message, "FA", "client"), smtp(mail(body=ARMOR))]
    capture = write_pcap(tmp_path / "ended.pcap", [ethernet(p) for packets in connections for p in packets], start=CREATED + 1000.0)
    last = [sum(map(len, connections[:n + 1])) for n in range(4)]
    last[3] -= 1
    for two_pass in (False, True):
        found = ws.rows(capture, ["frame.number", "openpgp.key.fingerprint", "openpgp.signature.check"], "openpgp && !smtp", two_pass=two_pass)
        assert found == [(str(n), FINGERPRINT, "1") for n in last[:4 if two_pass else 3]]
    assert ws.count(capture, "openpgp.malformed || openpgp.truncated || openpgp.key.unusable") == 0
    with ws.subset("openpgp").sharkd() as sharkd:
        sharkd.load(capture)
        assert sharkd.frames("openpgp && !smtp") == last
    assert ws.count(capture, "openpgp", prefs={"openpgp.mail": "FALSE"}) == 0


def test_capture_that_ends_within_a_mail(ws, tmp_path):
    """A key that is there, a signature of which the text is, and one of which it is not; a text that is not over is not badly signed."""
    key, good = mail(body=ARMOR), signed()
    broken = [connection_to(25).server(b"220 hello\r\n").client(b"DATA\r\n").server(b"354 go on\r\n").client(m).packets for m in (key, dotted(good)[:-3], dotted(good)[:-9])]
    altered = connection_to(110).server(b"+OK hello\r\n").client(b"RETR 1\r\n").server(b"+OK 900 octets\r\n" + dotted(signed(text=TEXT.replace(b"Hello", b"Hallo")))[:-3]).packets
    counted = connection_to(143).client(b"a FETCH 1 BODY[]\r\n").server(b"* 1 FETCH (BODY[] {%d}\r\n" % (len(key) + 500) + key).packets
    pieces = left_off(signed() + b" " * (-len(signed()) % 200), "A")[:-1]
    connections = [*broken, altered, counted, pieces]
    capture = capture_of(tmp_path / "broken.pcap", *connections)
    fields = ["openpgp.key.fingerprint", "openpgp.signature.check"]
    assert shown(ws, capture, fields) == []
    rows = dict((row[0], row[1:]) for row in shown(ws, capture, fields, two_pass=True))
    assert rows == {"0": (FINGERPRINT, "1"), "1": ("", "1"), "2": ("", "1"), "3": ("", "6"), "4": (FINGERPRINT, "1"), "5": ("", "1")}, rows
    assert ws.count(capture, "openpgp.signature.bad || openpgp.key.unusable", two_pass=True) == 0
    with ws.subset("openpgp").sharkd() as sharkd:
        sharkd.load(capture)
        assert len(sharkd.frames("openpgp")) == len(connections)


def test_connection_that_ends_within_a_chunk(ws, tmp_path):
    """What has come is shown, of the chunks before, too; segments that come after the end, as they were overtaken, still count."""
    message = multipart("mixed", encoded(ARMOR, "base64"), TEXT * 20)
    behind = message.index(b"Hello")
    assert behind > 400

    def broken_off(flags):
        connection = connection_to(143).server(b"* OK hello\r\n")
        for at, size in ((0, 200), (200, len(message) - 201)):
            connection.client(b"a%d UID FETCH 7 (BODY.PEEK[]<%d.%d>)\r\n" % (at, at, size))
            chunk = message[at:at + size]
            answer = b"* 1 FETCH (UID 7 BODY[]<%d> {%d}\r\n" % (at, size) + chunk
            if at == 0:
                connection.server(answer + b")\r\na0 OK done\r\n")
            else:
                connection.server(answer[:behind - 100]).server(answer[behind - 100:behind + 100])
        return connection._add(True, flags=flags).packets

    connections = [broken_off("R"), broken_off("FA"), smtp(mail(body=ARMOR))]
    capture = write_pcap(tmp_path / "within.pcap", [ethernet(p) for packets in connections for p in packets], start=CREATED + 1000.0)
    ends = [str(sum(map(len, connections[:n + 1]))) for n in range(2)]
    for two_pass in (False, True):
        assert ws.rows(capture, ["frame.number", "openpgp.key.fingerprint", "openpgp.key.state"], "openpgp && !smtp", two_pass=two_pass) == \
            [(end, FINGERPRINT, "6") for end in ends]
    assert ws.count(capture, "openpgp.signature.bad || openpgp.key.unusable || openpgp.malformed") == 0
    # The end overtakes the last chunk.
    message = mail(body=ARMOR)
    late = left_off(message + b" " * (-len(message) % 200 + 100), "FA")
    late[-2:] = late[-2:][::-1]
    broken = left_off(message + b" " * (-len(message) % 200 + 200), "FA", acknowledged=True)
    broken[-3:-1] = broken[-3:-1][::-1]
    for number, (packets, prefs) in enumerate(((late, {"tcp.no_subdissector_on_error": "FALSE"}), (broken, None))):
        capture = write_pcap(tmp_path / f"late{number}.pcap", list(map(ethernet, packets)))
        rows = ws.rows(capture, ["frame.number", "openpgp.key.fingerprint"], "openpgp", two_pass=True, prefs=prefs)
        # 4.6 takes what comes behind a FIN for a retransmission, and hands it to nobody.
        seen = len(packets) if number or ws.version < (4, 6) else len(packets) - 2
        assert rows == [(str(seen), FINGERPRINT)]


CLEAR = b"Dear all,\r\n\r\n From here it is a long way, and this line has more words than fit into the width of a line of mail.\r\n- -- \r\nAlice"


def inline(text, over=CLEAR.replace(b"- --", b"--")):
    over = b"\r\n".join(line.rstrip(b" ") for line in over.split(b"\r\n"))
    return b"-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\n" + text + b"\r\n" + armor(SIGNER.sign(over, 0x01), "SIGNATURE", eol=b"\r\n")


def test_signed_text_that_is_flowed(ws, tmp_path):
    """RFC 3676: a mail program may break lines after they were signed; what it undoes is tried, and what fits nothing proves nothing."""
    stuffed = CLEAR.replace(b"\r\n From", b"\r\n  From")
    broken, deleted = (stuffed.replace(b"way, and", b"way, " + more + b"\r\nand").replace(b"more words", b"more " + more + b"\r\nwords") for more in (b"", b" "))
    flowed, fixed = ('Content-Type: text/plain; charset="utf-8"; format=flowed', "Content-Type: text/plain")
    cases = [
        (flowed, CLEAR, "1"), (flowed, stuffed, "1"), (flowed, broken, "1"), (flowed + "; delsp=yes", deleted, "1"),
        (flowed, broken.replace(b"long", b"short"), "10"), (fixed, broken, "2"), (fixed, CLEAR, "1"), (flowed.replace("flowed", "fixed"), stuffed, "2"),
        (flowed, deleted, "10"), (flowed + "; delsp=no", deleted, "10"), (flowed + "; DelSp=Yes", broken, "10"),
    ]
    capture = capture_of(tmp_path / "flowed.pcap", smtp(mail(body=ARMOR)), *(smtp(mail(kind, body=inline(text))) for kind, text, _ in cases),
                         fetch(b"BODY[1]", inline(broken)), fetch(b"BODY[1]", inline(CLEAR.replace(b"long", b"short"))),
                         smtp(mail(flowed, body=ARMOR.replace(b"\r\n=", b"\r\n="))))
    rows = shown(ws, capture, ["openpgp.signature.check"])
    assert [row[1] for row in rows] == ["1", *(check for *_, check in cases), "1", "10", "1"]


def test_lines_are_put_together_only_as_the_head_says(ws, tmp_path):
    """A blank that is taken away joins words, so that what was signed says something else."""
    said, changed = b"It is nowhere else than in this line of a letter.", b"It is now \r\nhere else than in this line of a letter."
    kinds = [f"Content-Type: text/plain; format=flowed{more}" for more in ("; delsp=yes", "", "; delsp=no")]
    capture = capture_of(tmp_path / "words.pcap", smtp(mail(body=ARMOR)), *(smtp(mail(kind, body=inline(changed, said))) for kind in kinds),
                         fetch(b"BODY[1]", inline(changed, said)))
    assert [row[1] for row in shown(ws, capture, ["openpgp.signature.check"])] == ["1", "1", "10", "10", "10"]


def test_what_is_no_cleartext_is_hashed_once(ws, tmp_path):
    """The limit of the work is for that: 1000 microseconds, and 600 for this document."""
    text = b"Content-Type: application/octet-stream\r\n\r\n" + (b"x" * 62 + b"\r\n") * 1875
    signature = b"Content-Type: text/plain; format=flowed\r\n\r\n" + armor(SIGNER.sign(text, 0x00), "SIGNATURE", eol=b"\r\n")
    message = multipart("signed", text, signature)
    capture = capture_of(tmp_path / "once.pcap", smtp(mail(body=ARMOR)), smtp([message[at:at + 1400] for at in range(0, len(message), 1400)] + [b".\r\n"]))
    assert [row[1] for row in shown(ws, capture, ["openpgp.signature.check"], prefs={"openpgp.verify_work": "1"})] == ["1", "1"]


def test_dots_between_line_feeds_alone(ws, tmp_path):
    """They are of the text (RFC 5321 4.1.1.4, 2.3.8), save where all lines end so; however the octets come."""
    text = b"Content-Type: text/plain\r\n\r\nHello\r\nx\n.\ny\n.\r\nz\r\n"
    mails = [signed(text, text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")), mail(body=b"hi\n.\nRSET\r\n\r\n" + ARMOR), mail(body=b"hi\n.\r\nRSET\r\n\r\n" + ARMOR)]
    bare = (mail(body=ARMOR) + b".\r\n").replace(b"\r\n", b"\n")
    packets = [smtp(m) for m in mails] + [smtp(pieces_of(dotted(m), 1)) for m in mails] + [smtp([bare])]
    capture = capture_of(tmp_path / "feeds.pcap", smtp(mail(body=ARMOR)), *packets)
    rows = [(row[0], row[3]) for row in shown(ws, capture, two_pass=True)]
    assert rows == [(str(n), "1") for n in range(8)]


def test_mail_with_nothing_in_it(ws, tmp_path):
    """The one behind it begins with its own head."""
    connection = connection_to(25)
    for message in (b".\r\n", dotted(mail(body=ARMOR)), b".\r\n", dotted(mail(body=ARMOR))):
        for client, server in ((b"MAIL FROM:<a@b>\r\n", b"250 OK\r\n"), (b"DATA\r\n", b"354 Go\r\n"), (message, b"250 OK\r\n")):
            connection.client(client).server(server)
    capture = capture_of(tmp_path / "empty.pcap", connection.close().packets)
    assert shown(ws, capture, two_pass=True) == [("0", *OF_KEY)] * 2


def test_nothing_in_other_mail(ws, tmp_path):
    """Words about armor, pictures, commands that look like mail, and a part that nobody asked for."""
    mails = [mail(body=b"It begins with -----BEGIN PGP PUBLIC KEY BLOCK----- and ends\r\n"),
             multipart("mixed", TEXT, encoded(bytes(range(256)) * 9, "base64", "image/png")),
             multipart("mixed", TEXT, encoded(b"\x99\0\0" + bytes(99), "base64", "application/octet-stream")),
             multipart("signed", TEXT, b"Content-Type: application/pkcs7-signature\r\n\r\nAAAA")]
    capture = capture_of(tmp_path / "other.pcap", *(smtp(m) for m in mails), fetch(b"BODY[2.MIME]", ARMOR))
    assert shown(ws, capture, two_pass=True) == []
    assert ws.count(capture, "imf") == len(mails) + 1


def autocrypt(address, keydata=KEY, more=""):
    folded = base64.encodebytes(keydata).decode().strip().replace("\n", "\r\n ")
    return mail(f"Autocrypt: addr={address}; {more}keydata=\r\n {folded}", body=b"Hello.\r\n")


def test_autocrypt(ws, tmp_path):
    mails = [autocrypt("alice@example.org", more="prefer-encrypt=mutual; "), autocrypt("eve@example.org"), mail("Autocrypt: addr=a@b; keydata=AAAA"),
             *(autocrypt("alice@example.org").replace(b"Alice <alice@example.org>", sender) for sender in (
                 b"alice@example.org (Alice)", b"alice@example.org (at <work> (now))", b"\"Alice (\" <alice@example.org>", b"<alice@example.org> (Alice \\) )"))]
    capture = capture_of(tmp_path / "autocrypt.pcap", *(smtp(m) for m in mails))
    fields = ["openpgp.autocrypt.addr", "openpgp.autocrypt.mutual", "openpgp.key.fingerprint"]
    rows = [tuple(value.replace("True", "1").replace("False", "0") for value in row) for row in shown(ws, capture, fields, two_pass=True)]
    assert rows == [("0", "alice@example.org", "1", FINGERPRINT), ("1", "eve@example.org", "0", FINGERPRINT),
                    *((str(n), "alice@example.org", "0", FINGERPRINT) for n in range(3, 7))]
    assert ws.frames(capture, "openpgp.autocrypt.addr_mismatch") == ws.frames(capture, "tcp.stream == 1 && openpgp") != []


def test_hostile_mail(ws, tmp_path):
    """Parts without end, within each other, beyond count: bounded, and what comes before is shown."""
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2000))
    many = b"--limit\r\n\r\n\r\n" * 20000
    mails = [mail("Content-Type: multipart/mixed; boundary=limit", body=b"--limit\r\n" + encoded(ARMOR, "base64") + b"\r\n" + many),
             mail("X: y", body=b"") + b"\r\n", deep, b"Content-Type: multipart/mixed; boundary=\"\r\n\r\n--\r\n", b"\r\n", b":\r\n" * 1000,
             mail("Content-Type: multipart/mixed; boundary=limit", body=b"--limit\r\n" + encoded(ARMOR, "base64"))]
    packets = [smtp(pieces_of(dotted(m), 1400)) for m in mails]
    capture = capture_of(tmp_path / "hostile.pcap", *packets)
    assert [row[0] for row in shown(ws, capture, two_pass=True)] == ["0", str(len(mails) - 1)]


def test_connections_that_alternate_cost_no_memory(ws, tmp_path):
    """Two of them in one place of the table: each packet left a copy of its addresses behind."""
    pair = [Connection(sport=20000 + n, dport=25, src="2001:db8::1", dst="2001:db8::2").handshake() for n in (0, 64)]
    for connection in pair:
        for _ in range(10000):
            connection.client(b"NOOP\r\n")
    first, second = (connection.packets for connection in pair)
    used = []
    for name, packets in (("apart", [*first, *second]), ("by-turns", [packet for both in zip(first, second, strict=True) for packet in both])):
        capture = write_pcap(tmp_path / f"{name}.pcap", packets, linktype=101)
        used.append(ws.subset("openpgp").consumed(capture)[1])
    assert used[1] - used[0] < 800, f"{used} kB"


def test_mails_that_have_only_begun_are_counted(ws, tmp_path):
    """4096 octets each, which are taken before the first one comes: with 64 MB of them nothing more is read until one ends."""
    whole = [fetch(b"BODY[]", mail(body=ARMOR)) for _ in range(3)]
    begun = [Connection(sport=1024 + n, dport=143, src="192.0.2.9") for n in range(8192)]
    for connection in begun:
        connection.client(b"a APPEND x {9}\r\n").server(b"* 1 FETCH (BODY[] {9}\r\n")
    *most, last = (connection.packets[:] for connection in begun)
    end = begun[0].client(b"A: b\r\n\r\nc").packets[2:]
    capture = capture_of(tmp_path / "begun.pcap", *most, whole[0], last, whole[1], end, whole[2])
    assert [row[0] for row in shown(ws, capture)] == ["8191", "8194"]


def test_compressed_imap_is_said(ws, tmp_path):
    """RFC 4978: what follows the answer is compressed in both directions, and cannot be read; a refusal changes nothing."""
    import zlib
    fetched = b"* 1 FETCH (BODY[] {%d}\r\n" % len(mail(body=ARMOR)) + mail(body=ARMOR) + b")\r\na3 OK done\r\n"
    packets = []
    for command, answer in ((b"a2 COMPRESS DEFLATE\r\n", b"a2 OK active\r\n"), (b"a2 compress deflate\r\n", b"a2 NO\r\n"), (b"a2 NOOP\r\n", b"a2 OK\r\n")):
        squeeze = zlib.compressobj(wbits=-15) if answer.startswith(b"a2 OK active") else None
        data = squeeze.compress(fetched) + squeeze.flush() if squeeze else fetched
        connection = connection_to(143).server(b"* OK ready\r\n").client(command).server(answer)
        packets.append(connection.client(b"\x0a\x0d\x0a" if squeeze else b"a3 FETCH 1 BODY[]\r\n").server(data).server(fetched if squeeze else b"").close().packets)
    capture = capture_of(tmp_path / "compressed.pcap", *packets)
    for two_pass in (False, True):
        assert ws.rows(capture, ["frame.number", "tcp.stream"], "openpgp.mail.compressed", two_pass=two_pass) == [("6", "0")]
        assert [row[0] for row in shown(ws, capture, two_pass=two_pass)] == ["1", "2"]


# --- Real programs ---

CAPTURES = {"smtp": 10, "imap": 12, "pop": 10, "imaps": 9}
CHECKS = {"signed": "1", "signed-text": "1", "signed-altered": "2", "inline": "1"}


@pytest.mark.parametrize("name", CAPTURES)
def test_real_programs(ws, captures, name):
    """Made by gpg and Python, sent by smtplib, swaks and dovecot: every key is sound, one signed text of four was altered."""
    folder = captures / "openpgp-mail"
    keylog = folder / "imaps.keys" if name == "imaps" else None
    rows = ws.rows(folder / f"{name}.pcap", ["imf.subject", "openpgp.signature.check", "openpgp.armor.crc24.status", "openpgp.key.fingerprint"], "openpgp",
                   two_pass=True, keylog=keylog)
    assert len(rows) == CAPTURES[name]
    for subject, checks, crcs, keys in rows:
        assert set(crcs.split(",")) <= {"", "1"}, subject
        assert subject not in CHECKS or checks == CHECKS[subject], subject
        assert not keys or set(checks.split(",")) == {"1"}, subject
    assert [row[1] for row in rows].count("2") == 1
    assert ws.count(folder / f"{name}.pcap", "_ws.malformed || openpgp.no_packet || openpgp.truncated", keylog=keylog) == 0


@pytest.mark.parametrize("name, keys", [("smtp-key-quoted-printable", 1), ("smtp-mixed-five-parts", 5)])
def test_cases(ws, shared, name, keys):
    rows = ws.rows(shared.parent / "cases/openpgp" / f"{name}.pcap", ["openpgp.key.creation", "openpgp.armor.crc24.status"], "openpgp && imf", two_pass=True)
    assert len(rows) == 1 and len(rows[0][0].split(",")) >= keys and set(rows[0][1].split(",")) == {"1"}

# SPDX-License-Identifier: GPL-2.0-or-later
"""Mails with OpenPGP, made with gpg and Python's email package: mails.py FOLDER. Each is FOLDER/NAME.eml, with CR LF."""

import base64
import pathlib
import quopri
import subprocess
import sys

FOLDER = pathlib.Path(sys.argv[1])
TEXT = "Hello Bob,\r\n.this line begins with a dot\r\n..this one with two\r\n.\r\ncaf=C3=A9\r\n-- \r\nAlice\r\n"


def gpg(*options, data=b""):
    command = ["gpg", "--batch", "--quiet", "--yes", "--trust-model", "always", "--pinentry-mode", "loopback", "--passphrase", "", *options]
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout


def crlf(data):
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def mail(name, content, body, *fields):
    head = ["From: Alice <alice@example.org>", "To: Bob <bob@example.org>", f"Subject: {name}", "MIME-Version: 1.0", *fields, *content]
    (FOLDER / f"{name}.eml").write_bytes("\r\n".join(head).encode() + b"\r\n\r\n" + crlf(body))


def multipart(kind, *parts, parameters=""):
    body = b"".join(b"--=_limit\r\n" + crlf(part) + b"\r\n" for part in parts) + b"--=_limit--\r\n"
    return [f'Content-Type: multipart/{kind};{parameters} boundary="=_limit"'], body


def part(kind, data, *fields):
    return "\r\n".join([f"Content-Type: {kind}", *fields]).encode() + b"\r\n\r\n" + data


def signed(altered=False, options=()):
    text = part("text/plain; charset=utf-8", TEXT.encode(), "Content-Transfer-Encoding: quoted-printable")
    signature = gpg("--armor", "--detach-sign", "-u", "alice@example.org", *options, data=text)
    text = text.replace(b"Hello", b"Hullo") if altered else text
    return multipart("signed", text, part('application/pgp-signature; name="signature.asc"', signature),
                     parameters=' micalg=pgp-sha256; protocol="application/pgp-signature";\r\n')


armored = gpg("--armor", "--export", "alice@example.org")
binary = gpg("--export", "--export-options", "export-minimal", "alice@example.org")
bob = gpg("--armor", "--export", "bob@example.org")
keydata = base64.encodebytes(binary).decode().strip().replace("\n", "\r\n ")

mail("key-quoted-printable", *multipart("mixed", part("text/plain", b"My key.\r\n"), part(
    'application/pgp-keys; name="alice.asc"', quopri.encodestring(armored), "Content-Transfer-Encoding: quoted-printable")))
mail("key-base64-octets", *multipart("mixed", part("text/plain", b"My key.\r\n"), part(
    "application/octet-stream", base64.encodebytes(binary), "Content-Transfer-Encoding: base64", 'Content-Disposition: attachment; filename="alice.gpg"')))
mail("key-alone", ["Content-Type: application/pgp-keys"], bob)
mail("signed", *signed())
mail("signed-altered", *signed(altered=True))
mail("signed-text", *signed(options=["--textmode"]))
mail("encrypted", *multipart(
    "encrypted", part("application/pgp-encrypted", b"Version: 1\r\n"),
    part('application/octet-stream; name="encrypted.asc"', gpg("--armor", "--encrypt", "-r", "bob@example.org", "-r", "alice@example.org", data=b"Secret.")),
    parameters=' protocol="application/pgp-encrypted";\r\n'))
clear = gpg("--clearsign", "-u", "bob@example.org", data=b"An inline text, caf\xc3\xa9 = coffee.\n- a list\n")
mail("inline", ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable"],
     quopri.encodestring(clear).replace(b"-----BEGIN", b"=2D----BEGIN"))
mail("autocrypt", ["Content-Type: text/plain"], b"Nothing but text.\r\n",
     f"Autocrypt: addr=alice@example.org; prefer-encrypt=mutual; keydata=\r\n {keydata}")

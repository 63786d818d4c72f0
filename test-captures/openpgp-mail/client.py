# SPDX-License-Identifier: GPL-2.0-or-later
"""Mail programs: client.py smtp FILE, client.py imap FILE, client.py pop. From 192.0.2.1 to 192.0.2.2."""

import imaplib
import pathlib
import poplib
import smtplib
import sys

SERVER = "192.0.2.2"


def smtp(path):
    with smtplib.SMTP(SERVER, source_address=("192.0.2.1", 0)) as client:
        client.sendmail("alice@example.org", ["bob@example.org"], pathlib.Path(path).read_bytes())


def imap(path):
    """All mails as a whole, then their first parts alone, then one that is stored."""
    client = imaplib.IMAP4(SERVER)
    client.login("bob", "secret")
    client.select()
    numbers = client.search(None, "ALL")[1][0].split()
    for number in numbers:
        client.fetch(number, "(RFC822)")
    for number in numbers:
        client.fetch(number, "(BODY.PEEK[1])")
    client.append("INBOX", "(\\Seen)", None, pathlib.Path(path).read_bytes())
    client.logout()


def pop():
    client = poplib.POP3(SERVER)
    client.user("bob")
    client.pass_("secret")
    for number in range(len(client.list()[1])):
        client.retr(number + 1)
    client.quit()


{"smtp": smtp, "imap": imap, "pop": pop}[sys.argv[1]](*sys.argv[2:])

# SPDX-License-Identifier: GPL-2.0-or-later
"""Answers of a key server with one key."""

from hkp.test_requests_and_answers import answer, get, write
from openpgp.craft import PUBLIC_KEY, USER_ID, armor, fingerprint, key, packet, rsa


def key_answer(ws, tmp_path):
    body = key(rsa())
    armored = armor(packet(PUBLIC_KEY, body) + packet(USER_ID, b"Alice"))
    return body, write(tmp_path / "key.pcap", [(get("/pks/lookup?op=get&search=0x" + fingerprint(body)), answer(200, armored))])

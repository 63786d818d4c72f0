#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Ends TLS before a server and begins it anew, so that the keys of clients that write no key log can be had.

tls-relay.py ADDRESS:PORT SERVER:PORT CERTIFICATE KEY KEYLOG [PROTOCOL]: both sides speak HTTP/2, or that (ALPN); octets stay what they are.
"""

import select
import socket
import ssl
import sys
import threading


def address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


def serve(client, server):
    sides = [inside.wrap_socket(client, server_side=True),
             outside.wrap_socket(socket.create_connection(server), server_hostname=server[0])]
    other = dict(zip(sides, reversed(sides)))
    while True:
        for side in [side for side in sides if side.pending()] or select.select(sides, [], [])[0]:
            octets = side.recv(65536)
            if not octets:
                for each in sides:
                    each.close()
                return
            other[side].sendall(octets)


listen, server, certificate, key, keylog = sys.argv[1:6]
inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
inside.load_cert_chain(certificate, key)
inside.keylog_filename = keylog
outside = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
outside.load_verify_locations(certificate)
for context in (inside, outside):
    context.set_alpn_protocols([sys.argv[6] if len(sys.argv) > 6 else "h2"])
with socket.create_server(address(listen)) as listener:
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0], address(server)), daemon=True).start()

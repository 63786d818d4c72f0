#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Answers TLS-ALPN-01 with the certificates that dehydrated makes, or wrongly, depending on the name asked for.

alpn-server.py FOLDER TLS_VERSION [KEYLOG]
"""

import socket
import ssl
import sys
import threading

folder, version = sys.argv[1], {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}[sys.argv[2]]


def context(certificate, key, alpn=("acme-tls/1",)):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = made.maximum_version = version
    made.load_cert_chain(certificate, key)
    if alpn:
        made.set_alpn_protocols(list(alpn))
    if len(sys.argv) > 3:
        made.keylog_filename = sys.argv[3]
    return made


def choose(connection, name, first):
    if name.startswith(("web.", "other.")):
        return None
    try:
        connection.context = context(f"{folder}/{name}.crt.pem", f"{folder}/{name}.key.pem")
    except OSError:
        return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
    return None


def serve(connection, first):
    try:
        connection.settimeout(2)
        with first.wrap_socket(connection, server_side=True) as tls:
            tls.recv(1)
    except OSError:
        pass


default = context(f"{folder}/default.crt", f"{folder}/default.key", alpn=("acme-tls/1",) if version == ssl.TLSVersion.TLSv1_2 else None)
default.sni_callback = choose
listener = socket.create_server(("::", 443), family=socket.AF_INET6, dualstack_ipv6=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0], default), daemon=True).start()

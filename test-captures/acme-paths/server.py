# SPDX-License-Identifier: GPL-2.0-or-later
"""server.py FOLDER CERTIFICATE KEY: certbot's files on 192.0.2.2 port 80, a page of another site on [2001:db8::3], and HTTPS beside them.

Names that begin with "https" are sent to HTTPS, which answers by what is in the name: a file, a page, an alert, nothing.
"""

import http.server
import socket
import ssl
import sys
import threading
import time

FOLDER, CERTIFICATE, KEY = sys.argv[1:]


class Handler(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *args):
        super().__init__(*args, directory=FOLDER)

    def do_GET(self):
        host = self.headers["Host"].split(":")[0]
        secure = isinstance(self.connection, ssl.SSLSocket)
        if host.startswith("https") and not secure:
            self.send_response(301)
            self.send_header("Location", f"https://{host}{self.path}")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.server.address_family == socket.AF_INET6 or host.startswith("https-page"):
            self.send_error(404)
        elif host.startswith("https-silent"):
            time.sleep(30)
        else:
            super().do_GET()

    def log_message(self, *args):
        pass


class Ipv6(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6


def choose(connection, name, context):
    return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME if name and name.startswith("https-alert") else None


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(CERTIFICATE, KEY)
context.sni_callback = choose
secure = http.server.ThreadingHTTPServer(("192.0.2.2", 443), Handler)
secure.socket = context.wrap_socket(secure.socket, server_side=True, do_handshake_on_connect=False)
for server in (http.server.ThreadingHTTPServer(("192.0.2.2", 80), Handler), Ipv6(("2001:db8::3", 80), Handler), secure):
    threading.Thread(target=server.serve_forever).start()

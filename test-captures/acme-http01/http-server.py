#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The client's web server, whose behaviour depends on the host asked for: files of a folder, or a failure.

http-server.py PORT FOLDER [CERTIFICATE KEY KEYLOG]
"""

import http.server
import socket
import ssl
import sys
import time


class Handler(http.server.SimpleHTTPRequestHandler):
    def answer(self, body, status=200, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def version_string(self):
        return "example"

    def do_GET(self):
        host = self.headers.get("Host", "")
        name, token = host.split(".")[0], self.path.rsplit("/", 1)[-1]
        if name == "html":
            self.answer(b"<html><body>Welcome</body></html>\n")
        elif name == "otherkey":
            self.answer(f"{token}.{'A' * 43}".encode())
        elif name == "othertoken":
            self.answer(b"evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI")
        elif name == "broken":
            self.answer(b"internal error\n", 500)
        elif name == "moved":
            self.answer(b"", 302, Location=f"http://www2.example.org:8080/answers/{token}")
        elif name == "moved-twice":
            self.answer(b"", 301, Location=f"http://moved.example.org{self.path}")
        elif name == "moved-away":
            self.answer(b"", 301, Location="http://www2.example.org:8080/nothing-here")
        elif name == "moved-tls" and not isinstance(self.connection, ssl.SSLSocket):
            self.answer(b"", 307, Location=f"https://moved-tls.example.org/answers/{token}")
        elif name == "silent":
            time.sleep(0.3)
            self.close_connection = True
        elif self.path.startswith("/answers/"):
            self.path = "/.well-known/acme-challenge/" + token
            super().do_GET()
        else:
            super().do_GET()


class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6


server = Server(("::", int(sys.argv[1])), lambda *a: Handler(*a, directory=sys.argv[2]))
if len(sys.argv) > 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    context.keylog_filename = sys.argv[5]
    server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()

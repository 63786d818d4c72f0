#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The client's web server, which spoils the answer in the way that the host's first label says.

faulty-server.py ADDRESS PORT FOLDER
"""

import http.server
import sys
import time
from pathlib import Path

folder = Path(sys.argv[3])


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, body, status=200, kind="text/plain", **headers):
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def version_string(self):
        return "example"

    def do_GET(self):
        host = self.headers.get("Host", "").split(":")[0]
        token = self.path.rsplit("/", 1)[-1]
        file = folder / self.path.lstrip("/")
        right = file.read_bytes() if file.is_file() else b""
        spoilt = {
            "right": right, "bom": b"\xef\xbb\xbf" + right, "token": token.encode() + b"\n", "quoted": b'"' + right + b'"',
            "otherkey": f"{token}.{'A' * 43}".encode(), "othertoken": b"A" * 43 + right[43:],
        }
        fault = host.split(".")[0]
        if fault in spoilt:
            self.answer(spoilt[fault])
        elif fault == "page":
            self.answer(b"<!DOCTYPE html><html><body>Welcome</body></html>\n", kind="text/html")
        elif fault == "loop":
            self.answer(b"", 301, Location=f"http://{host}{self.path}")
        elif fault == "port":
            self.answer(b"", 302, Location=f"https://{host}:8443{self.path}")
        elif fault == "https":
            self.answer(b"", 302, Location=f"https://{host}{self.path}")
        elif fault == "silent":
            time.sleep(0.3)
            self.close_connection = True
        else:
            self.answer(b"not here\n", 404)


http.server.ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Handler).serve_forever()

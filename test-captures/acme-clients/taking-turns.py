#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Two web servers behind one address, in turn: one has the file, the other answers for any token with an account of its own.

taking-turns.py ADDRESS PORT FOLDER
"""

import http.server
import itertools
import sys
from pathlib import Path

folder = Path(sys.argv[3])
turn = itertools.count()


class Handler(http.server.BaseHTTPRequestHandler):
    def version_string(self):
        return "example"

    def do_GET(self):
        token = self.path.rsplit("/", 1)[-1]
        body = (folder / self.path.lstrip("/")).read_bytes() if next(turn) % 2 else f"{token}.{'B' * 43}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


http.server.ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Handler).serve_forever()

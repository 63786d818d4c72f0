#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Answers an HTTP-01 request by the first label of its host; server.py ADDRESS KEY-AUTHORIZATION"""

import gzip
import http.server
import sys
import time

KEY = sys.argv[2].encode()
REDIRECTS = {
    "seeother": ("http://seeother.example.org/final", 303), "local": ("http://nas.local/x", 302), "longpath": ("/" + "x" * 2001, 302),
    "upper": ("HTTP://UPPER.EXAMPLE.ORG/final", 302), "relative": ("/final", 301), "protorel": ("//protorel.example.org/final", 307),
    "userinfo": ("http://user:pw@userinfo.example.org/final", 308), "port443": ("http://port443.example.org:443/final", 302),
}
ANSWERS = {
    "bom": (b"\xef\xbb\xbf" + KEY, 200, {}), "page": (b"<!DOCTYPE html><html>Welcome</html>", 200, {"Content-Type": "text/html"}),
    "html200": (KEY, 200, {"Content-Type": "text/html"}), "trailing": (KEY + b"\r\n \t\n", 200, {}),
    "json": (b'{"error":"not found"}', 200, {"Content-Type": "application/json"}), "empty": (b"", 200, {}),
    "gzip": (gzip.compress(KEY), 200, {"Content-Encoding": "gzip"}), "head204": (b"", 204, {}), "twice": (KEY + b"\n" + KEY, 200, {}),
}


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def give(self, body, status=200, headers={}):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def redirect(self, where, status=302):
        self.give(b"", status, {"Location": where})

    def chain(self, length):
        step = int(self.path[2:]) if self.path.startswith("/s") else 0
        self.give(KEY) if step == length else self.redirect(f"/s{step + 1}")

    def do_GET(self):
        name = self.headers["Host"].split(".")[0].lower()
        if self.path == "/final":
            self.give(KEY)
        elif name.startswith("chain"):
            self.chain(int(name[5:]))
        elif name in REDIRECTS:
            self.redirect(*REDIRECTS[name])
        elif name == "loop":
            self.redirect(self.path)
        elif name == "slow":
            time.sleep(30)
        elif name == "chunked":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(KEY), KEY))
        elif name != "close":
            self.give(*ANSWERS.get(name, (KEY,)))


http.server.ThreadingHTTPServer((sys.argv[1], 80), Handler).serve_forever()

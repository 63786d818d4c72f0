#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""relay.py PORT: a relay for HTTP CONNECT and SOCKS 5 without authentication, on 127.0.0.1; ends with its shell."""

import contextlib
import socket
import socketserver
import sys
import threading


def pump(source, target):
    while True:
        data = source.recv(65536)
        if not data:
            break
        target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def line_by_line(stream):
    while (line := stream.readline().strip()):
        yield line.decode()


class Relay(socketserver.StreamRequestHandler):
    rbufsize = 0

    def wanted(self):
        """The far end that is asked for, and what to answer when it is there."""
        first = self.rfile.read(1)
        if first != b"\5":
            method, target, _ = (first.decode() + next(line_by_line(self.rfile))).split()
            list(line_by_line(self.rfile))
            assert method == "CONNECT"
            host, _, port = target.rpartition(":")
            return (host.strip("[]"), int(port)), b"HTTP/1.1 200 Connection established\r\n\r\n"
        self.rfile.read(self.rfile.read(1)[0])
        self.wfile.write(b"\5\0")
        kind = self.rfile.read(4)[3]
        host = socket.inet_ntoa(self.rfile.read(4)) if kind == 1 else self.rfile.read(self.rfile.read(1)[0]).decode()
        return (host, int.from_bytes(self.rfile.read(2), "big")), b"\5\0\0\1\0\0\0\0\0\0"

    def handle(self):
        target, answer = self.wanted()
        with socket.create_connection(target) as far:
            self.wfile.write(answer)
            back = threading.Thread(target=pump, args=(far, self.request))
            back.start()
            pump(self.request, far)
            back.join()


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("127.0.0.1", int(sys.argv[1])), Relay).serve_forever()

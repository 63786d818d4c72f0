# SPDX-License-Identifier: GPL-2.0-or-later
"""Speaks to the small services; the argument says whether they run."""

import socket
import sys
import time

FAMILIES = ((socket.AF_INET, "192.0.2.2", "198.51.100.9"), (socket.AF_INET6, "2001:db8::2", "2001:db8:ffff::9"))
PORTS = {"echo": 7, "discard": 9, "daytime": 13, "chargen": 19, "time": 37}


def tcp(family, host, service):
    with socket.socket(family, socket.SOCK_STREAM) as s:
        s.settimeout(2)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)     # chargen never stops
        s.connect((host, PORTS[service]))
        if service == "discard":
            for size in (10, 1000, 3):
                s.sendall(b"x" * size)
                time.sleep(0.05)
            return
        if service == "echo":
            s.sendall(b"echo this\r\n")
        s.recv(200)


def udp(family, host, service, payloads=(b"one", b"three")):
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.settimeout(0.3)
        s.connect((host, PORTS[service]))
        for payload in payloads:
            s.send(payload)
            try:
                s.recv(2000)
            except (TimeoutError, ConnectionRefusedError, OSError):
                pass


def served():
    for family, host, _ in FAMILIES:
        for service in PORTS:
            tcp(family, host, service)
            udp(family, host, service)


def refused():
    for family, host, unreachable in FAMILIES:
        udp(family, host, "discard", (b"nobody", b"listens", b""))
        udp(family, host, "echo", (b"nobody",))
        for where in (host, unreachable):
            try:
                tcp(family, where, "discard")
            except OSError:
                pass
        udp(family, unreachable, "discard", (b"no route",))


served() if sys.argv[1] == "served" else refused()

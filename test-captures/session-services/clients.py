# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients for what has no client program of its own. usage: clients.py small|starttls|keepalive|refused ADDRESS"""

import os
import smtplib
import socket
import ssl
import sys
import time


def small(address):
    """openbsd-inetd's echo, daytime and time, over TCP and UDP."""
    for port, data in (7, b"hello\r\n"), (13, b""), (37, b""):
        with socket.create_connection((address, port)) as tcp:
            if data:
                tcp.sendall(data)
            tcp.recv(100)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(1)
            udp.connect((address, port))
            udp.send(data or b"\n")
            udp.recv(100)


def starttls(address):
    """A message after STARTTLS; ssl writes SSLKEYLOGFILE."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.keylog_filename = os.environ["SSLKEYLOGFILE"]
    with smtplib.SMTP(address, local_hostname="client.example.org") as smtp:
        smtp.starttls(context=context)
        smtp.sendmail("a@example.org", ["b@example.org"], "Subject: Test\r\n\r\nHello\r\n")


def keepalive(address):
    """A connection to echo that is kept alive while nothing is said."""
    with socket.create_connection((address, 7)) as tcp:
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
        tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
        tcp.sendall(b"one\r\n")
        tcp.recv(100)
        time.sleep(2.5)
        tcp.sendall(b"two\r\n")
        tcp.recv(100)


def refused(address):
    """DNS and SNMP where nothing listens, which is answered by an ICMP error, and HTTP, by a reset."""
    query = bytes.fromhex("002a01000001000000000000037777770765 78616d706c65036f72670000010001".replace(" ", ""))
    for port in 5353, 69:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.sendto(query if port == 5353 else b"\0\1file\0octet\0", (address, port))
            time.sleep(0.1)
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as udp:
        udp.sendto(query, ("2001:db8::2", 5353))
        time.sleep(0.1)
    try:
        socket.create_connection((address, 8080))
    except ConnectionRefusedError:
        pass


globals()[sys.argv[1]](sys.argv[2])

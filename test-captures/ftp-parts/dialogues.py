# SPDX-License-Identifier: GPL-2.0-or-later
"""FTP dialogues about parts of files: dialogues.py SCENARIO HOST PORT [ARGUMENT]; and a server for those that inetd starts."""

import ftplib
import io
import signal
import socket
import subprocess
import sys
import time

USER, PASSWORD = "gfalice", "example"


def login(host, port):
    ftp = ftplib.FTP(timeout=10)
    ftp.connect(host, int(port))
    ftp.login(USER, PASSWORD)
    ftp.voidcmd("TYPE I")
    return ftp


def discard(data):
    pass


def digests(host, port, served):
    """Each digest that the server offers, of a download and an upload; then the file changes behind the client's back."""
    ftp = login(host, port)
    ftp.sendcmd("FEAT")
    for command in ("HASH", "XCRC", "XMD5", "XSHA", "XSHA1", "XSHA256", "XSHA512", "MD5"):
        ftp.retrbinary("RETR lines.txt", discard)
        ftp.sendcmd(f"{command} lines.txt")
    for algorithm in ("CRC32", "MD5", "SHA-256"):
        ftp.sendcmd(f"OPTS HASH {algorithm}")
        ftp.storbinary(f"STOR {algorithm}.txt", io.BytesIO(b"abc" * 500))
        ftp.sendcmd(f"HASH {algorithm}.txt")
    ftp.retrbinary("RETR lines.txt", discard)
    with open(served, "a") as file:
        file.write("one more\n")
    ftp.sendcmd("XSHA256 lines.txt")
    ftp.quit()


def upload_in_parts(host, port):
    """The connection breaks, and another session goes on with REST and APPE."""
    ftp = login(host, port)
    ftp.storbinary("STOR parts.bin", io.BytesIO(b"a" * 3000))
    ftp.close()
    ftp = login(host, port)
    ftp.storbinary("STOR parts.bin", io.BytesIO(b"b" * 2000), rest=3000)
    ftp.storbinary("APPE parts.bin", io.BytesIO(b"c" * 500))
    ftp.size("parts.bin")
    ftp.quit()


def same_port(host, port):
    """PORT once, for three transfers."""
    ftp = login(host, port)
    listener = socket.create_server((ftp.sock.getsockname()[0], 0))
    ftp.sendport(*listener.getsockname())
    for _ in range(3):
        ftp.sendcmd("RETR lines.txt")
        data, _ = listener.accept()
        while data.recv(65536):
            pass
        data.close()
        ftp.voidresp()
    ftp.quit()


def broken_off(host, port):
    """The client closes the data connection, or says ABOR; STOU, whose name comes in a first line of two."""
    for abort in (False, True):
        ftp = login(host, port)
        ftp.cwd("pub")
        target = ftp.makepasv()
        data = socket.socket()
        data.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        data.connect(target)
        ftp.sendcmd("RETR large.bin")
        data.recv(1000)
        time.sleep(0.3)
        if abort:
            ftp.sock.sendall(b"ABOR\r\n")
            time.sleep(0.3)
        data.close()
        print("  ", ftp.getmultiline())
        if abort:
            print("  ", ftp.getmultiline())
        print("  ", ftp.storbinary("STOU", io.BytesIO(b"x" * 700)))
        ftp.close()


def inetd(port, *command):
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listener = socket.create_server(("0.0.0.0", int(port)))
    while True:
        connection, _ = listener.accept()
        subprocess.Popen(command, stdin=connection, stdout=connection, stderr=subprocess.DEVNULL)
        connection.close()


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])

# SPDX-License-Identifier: GPL-2.0-or-later
"""FTP dialogues that no ordinary client has: client.py SCENARIO HOST PORT USER PASSWORD [ARGUMENT]"""

import ftplib
import io
import re
import socket
import ssl
import sys
import time

LINES = b"".join(b"line %d from the client\r\n" % n for n in range(200))


def login(host, port, user, password):
    ftp = ftplib.FTP(timeout=10)
    ftp.connect(host, port)
    ftp.login(user, password)
    return ftp


def attempt(call, *args):
    try:
        return call(*args)
    except (ftplib.Error, OSError) as error:
        print("  ", error)


def commands(host, port, user, password):
    """Working directory, size, restart, every kind of transfer, and those that fail."""
    ftp = login(host, port, user, password)
    discard = lambda data: None
    ftp.cwd("pub")
    ftp.pwd()
    ftp.retrlines("LIST", discard)
    ftp.retrlines("NLST", discard)
    attempt(ftp.retrlines, "MLSD", discard)
    attempt(ftp.sendcmd, "MLST records.txt")
    ftp.voidcmd("TYPE I")
    size = ftp.size("records.txt")
    ftp.retrbinary("RETR records.txt", discard)
    ftp.retrbinary("RETR records.txt", discard, rest=size - 1000)
    ftp.cwd("deep")
    ftp.storbinary("STOR upload.txt", io.BytesIO(LINES))
    ftp.storbinary("APPE upload.txt", io.BytesIO(LINES[:500]))
    attempt(ftp.storbinary, "STOU", io.BytesIO(LINES[:700]))
    ftp.sendcmd("CDUP")
    ftp.pwd()
    ftp.retrbinary("RETR ../lines.txt", discard)
    attempt(ftp.retrbinary, "RETR absent.txt", discard)
    attempt(ftp.storbinary, "STOR /absent/upload.txt", io.BytesIO(LINES))
    ftp.makepasv()
    ftp.cwd("/")
    ftp.quit()


def two(host, port, user, password):
    """Two sessions between the same hosts, whose transfers cross."""
    first, second = (login(host, port, user, password) for _ in range(2))
    targets = [ftp.makepasv() for ftp in (first, second)]
    second_data = socket.create_connection(targets[1])
    first_data = socket.create_connection(targets[0])
    second.sendcmd("RETR lines.txt")
    first.sendcmd("RETR pub/records.txt")
    for data in (second_data, first_data):
        while data.recv(65536):
            pass
        data.close()
    first.voidresp()
    second.voidresp()
    second.quit()
    first.quit()


def abort(host, port, user, password):
    """ABOR in the middle of a download that the client does not read."""
    ftp = login(host, port, user, password)
    ftp.voidcmd("TYPE I")
    data = ftp.transfercmd("RETR pub/large.bin")
    data.recv(1000)
    time.sleep(0.3)
    ftp.sock.sendall(b"ABOR\r\n")
    time.sleep(0.3)
    data.close()
    print("  ", ftp.getmultiline())
    attempt(lambda: print("  ", ftp.getmultiline()))
    ftp.sock.close()


def fxp(host, port, user, password, other):
    """A file goes from one server to the other: the client only speaks to both."""
    source, target = login(host, port, user, password), login(other, port, user, password)
    for ftp in (source, target):
        ftp.voidcmd("TYPE I")
    numbers = re.search(r"\(([\d,]+)\)", source.sendcmd("PASV")).group(1)
    target.sendcmd("PORT " + numbers)
    source.putcmd("RETR lines.txt")
    target.putcmd("STOR from-the-other.txt")
    for ftp in (target, source):
        print("  ", ftp.getresp())
    for ftp in (target, source):
        print("  ", ftp.voidresp())
        ftp.quit()


def pipelined(host, port, user, password):
    """All commands of a login and of a transfer in one segment each, in lower case."""
    control = socket.create_connection((host, port), timeout=10)
    replies = control.makefile("rb")
    replies.readline()
    control.sendall(f"user {user}\r\npass {password}\r\ntype i\r\nepsv\r\n".encode())
    while not (line := replies.readline()).startswith(b"229"):
        pass
    data = socket.create_connection((host, int(line.split(b"|||")[1].split(b"|")[0])))
    control.sendall(b"retr lines.txt\r\nnoop\r\nquit\r\n")
    while data.recv(65536):
        pass
    data.close()
    while replies.readline():
        pass
    control.close()


def refused(host, port, user, password):
    """PORT to a port on which nobody listens, and a passive port that nobody uses."""
    ftp = login(host, port, user, password)
    own = ftp.sock.getsockname()[0]
    ftp.sendport(own, 50999) if ":" not in own else ftp.sendeprt(own, 50999)
    attempt(ftp.sendcmd, "LIST")
    ftp.makepasv()
    ftp.quit()


class ReusingFTP(ftplib.FTP_TLS):
    """Resumes the control connection's TLS session on data connections."""

    def ntransfercmd(self, cmd, rest=None):
        data, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        if self._prot_p:
            data = self.context.wrap_socket(data, server_hostname=self.host, session=self.sock.session)
        return data, size


def tls(host, port, user, password, key_log):
    """AUTH TLS in TLS 1.2 and 1.3, PROT P and C, then CCC."""
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.keylog_filename = key_log
        context.minimum_version = context.maximum_version = version
        ftp = ReusingFTP(context=context, timeout=10)
        ftp.connect(host, port)
        ftp.login(user, password)
        ftp.prot_p()
        attempt(ftp.retrbinary, "RETR lines.txt", lambda data: None)
        ftp.prot_c()
        attempt(ftp.retrbinary, "RETR lines.txt", lambda data: None)
        attempt(ftp.ccc)
        attempt(ftp.pwd)
        attempt(ftp.quit)


if __name__ == "__main__":
    scenario, host, port, *rest = sys.argv[1:]
    globals()[scenario](host, int(port), *rest)

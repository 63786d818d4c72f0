# SPDX-License-Identifier: GPL-2.0-or-later
"""An SMTP server that takes every mail and forgets it: smtp-server.py ADDRESS PORT."""

import asyncore
import smtpd
import sys


class Server(smtpd.SMTPServer):
    def process_message(self, peer, mailfrom, rcpttos, data, **options):
        return None


server = Server((sys.argv[1], int(sys.argv[2])), None, decode_data=False)
asyncore.loop()

# SPDX-License-Identifier: GPL-2.0-or-later
"""An SMTP server with STARTTLS, of python3-aiosmtpd. usage: smtpd.py ADDRESS PORT CERTIFICATE KEY"""

import ssl
import sys
import time

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

address, port, certificate, key = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
controller = Controller(Sink(), hostname=address, port=int(port), server_hostname="mail.example.org", tls_context=context)
controller.start()
time.sleep(600)

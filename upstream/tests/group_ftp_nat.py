#
# Wireshark tests
#
# SPDX-License-Identifier: GPL-2.0-or-later
#
'''FTP dissector tests: data connections of hosts behind NAT'''

import subprocess


class TestFtpNat:
    def test_passive_server_behind_nat(self, cmd_tshark, capture_file, test_env):
        '''227 names an address that only the server's own network knows'''
        stdout = subprocess.check_output((cmd_tshark, '-r', capture_file('ftp-nat.pcap'), '-Y', 'ftp-data',
            '-Tfields', '-etcp.stream', '-eftp-data.setup-method', '-eftp-data.command'), encoding='utf-8', env=test_env)
        assert stdout.splitlines() == ['1\tPASV\tRETR a']

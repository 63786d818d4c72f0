#
# Wireshark tests
#
# SPDX-License-Identifier: GPL-2.0-or-later
#
'''FTP dissector tests: active data connections'''

import subprocess


class TestFtpActive:
    def test_data_connections(self, cmd_tshark, capture_file, test_env):
        '''After PORT and EPRT, from ports other than 20'''
        stdout = subprocess.check_output((cmd_tshark, '-r', capture_file('ftp-active.pcap'), '-Y', 'ftp-data',
            '-Tfields', '-etcp.stream', '-eftp-data.setup-method', '-eftp-data.command'), encoding='utf-8', env=test_env)
        assert stdout.splitlines() == ['1\tPORT\tRETR a', '2\tEPRT\tRETR b']

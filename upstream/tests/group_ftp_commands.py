#
# Wireshark tests
#
# SPDX-License-Identifier: GPL-2.0-or-later
#
'''FTP dissector tests: commands in any case, and mechanisms of AUTH'''

import subprocess


class TestFtpCommands:
    def fields(self, cmd_tshark, capture, env, display_filter, *names):
        command = [cmd_tshark, '-r', capture, '-Y', display_filter, '-Tfields']
        for name in names:
            command += ['-e', name]
        return subprocess.check_output(command, encoding='utf-8', env=env).splitlines()

    def test_lower_case(self, cmd_tshark, capture_file, test_env):
        ports = self.fields(cmd_tshark, capture_file('ftp-commands.pcap'), test_env, 'ftp.active.port', 'ftp.request.command', 'ftp.active.port')
        assert ports == ['port\t40001']

    def test_tls_after_auth(self, cmd_tshark, capture_file, test_env):
        '''TLS, SSL and TLS-C lead to TLS, another mechanism does not'''
        hellos = self.fields(cmd_tshark, capture_file('ftp-commands.pcap'), test_env, 'tls.handshake.type == 1', 'tcp.stream')
        assert hellos == ['1', '2', '3']

#
# Wireshark tests
#
# SPDX-License-Identifier: GPL-2.0-or-later
#
'''FTP dissector tests: the command of a data connection'''

import subprocess

from suite_dissectors.group_ftp_lines import fields


class TestFtpTransfers:
    def check(self, cmd_tshark, capture_file, env, *more):
        rows = fields(cmd_tshark, capture_file('ftp-transfers.pcap'), env, 'ftp-data', 'tcp.stream', 'ftp-data.command', more=more)
        assert rows == [['1', 'RETR a'], ['2', 'RETR b'], ['3', 'RETR c'], ['5', 'STOR d'], ['6', 'RETR e']]

    def test_commands(self, cmd_tshark, capture_file, test_env):
        '''After TYPE and REST, in one segment with PASV, after a refusal'''
        self.check(cmd_tshark, capture_file, test_env)

    def test_commands_in_two_passes(self, cmd_tshark, capture_file, test_env):
        self.check(cmd_tshark, capture_file, test_env, '-2')

    def test_files(self, cmd_tshark, capture_file, test_env, tmp_path):
        subprocess.check_call([cmd_tshark, '-q', '-r', capture_file('ftp-transfers.pcap'),
            '--export-objects', f'ftp-data,{tmp_path / "objects"}'], env=test_env)
        assert {file.name: file.read_text() for file in (tmp_path / 'objects').iterdir()} == {
            'a': 'RETR a', 'b': 'RETR b', 'c': 'RETR c', 'd': 'STOR d', 'e': 'RETR e'}

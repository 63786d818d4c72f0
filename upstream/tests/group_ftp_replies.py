#
# Wireshark tests
#
# SPDX-License-Identifier: GPL-2.0-or-later
#
'''FTP dissector tests: which command a reply answers'''

from suite_dissectors.group_ftp_lines import fields


class TestFtpReplies:
    def check(self, cmd_tshark, capture_file, env, *more):
        '''The directory after each reply'''
        rows = fields(cmd_tshark, capture_file('ftp-replies.pcap'), env, 'ftp.response == 1',
            'ftp.response.code', 'ftp.current-working-directory', more=more)
        assert rows == [['220', ''], ['200,250', '/a'], ['250,257', '/a/b'], ['550,250', '/a/b/d'], ['250', '/a/b/d/e'],
            ['150', '/a/b/d/e'], ['213', '/a/b/d/e'], ['226', '/a/b/d/e'], ['250', '/a/b/d/e/g']]

    def test_directories(self, cmd_tshark, capture_file, test_env):
        self.check(cmd_tshark, capture_file, test_env)

    def test_directories_in_two_passes(self, cmd_tshark, capture_file, test_env):
        self.check(cmd_tshark, capture_file, test_env, '-2')

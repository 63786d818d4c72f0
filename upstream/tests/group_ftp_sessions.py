#
# Wireshark tests
#
# SPDX-License-Identifier: GPL-2.0-or-later
#
'''FTP dissector tests: sessions, and what became of transfers'''

from suite_dissectors.group_ftp_lines import fields


class TestFtpSessions:
    def test_sessions(self, cmd_tshark, capture_file, test_env):
        '''A number for a control connection and its data connections'''
        rows = fields(cmd_tshark, capture_file('ftp-transfers.pcap'), test_env, 'ftp || ftp-data', 'ftp.session', 'tcp.stream')
        assert {tuple(row) for row in rows} == {('0', '0'), ('0', '1'), ('0', '2'), ('0', '3'), ('0', '6'), ('1', '4'), ('1', '5')}

    def test_replies(self, cmd_tshark, capture_file, test_env):
        '''Of each transfer; the last one got a second 150 instead of a 426'''
        rows = fields(cmd_tshark, capture_file('ftp-transfers.pcap'), test_env, 'ftp-data',
            'ftp-data.command', 'ftp-data.reply-code', more=('-2',))
        assert rows == [['RETR a', '226'], ['RETR b', '226'], ['RETR c', '226'], ['STOR d', '426'], ['RETR e', '150']]

    def test_reply_frame(self, cmd_tshark, capture_file, test_env):
        replies = fields(cmd_tshark, capture_file('ftp-transfers.pcap'), test_env,
            'ftp.response.code in {226, 426} || ftp.response.arg contains "seconds"', 'frame.number')
        rows = fields(cmd_tshark, capture_file('ftp-transfers.pcap'), test_env, 'ftp-data', 'ftp-data.reply-frame', more=('-2',))
        assert sorted(row[0] for row in rows) == sorted(row[0] for row in replies)

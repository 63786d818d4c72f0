#
# Wireshark tests
#
# SPDX-License-Identifier: GPL-2.0-or-later
#
'''FTP dissector tests: commands and replies that do not begin and end with their segments'''

import subprocess


def fields(cmd_tshark, capture, env, display_filter, *names, more=()):
    command = [cmd_tshark, '-r', capture, '-Y', display_filter, '-Tfields', *more]
    for name in names:
        command += ['-e', name]
    return [line.split('\t') for line in subprocess.check_output(command, encoding='utf-8', env=env).splitlines()]


class TestFtpLines:
    def check(self, cmd_tshark, capture, env, more=()):
        codes = fields(cmd_tshark, capture, env, 'ftp.response == 1', 'ftp.response.code', more=more)
        assert [code for row in codes for code in row[0].split(',')] == ['220', '230', '200', '227', '226', '227', '226', '221']
        data = fields(cmd_tshark, capture, env, 'ftp-data', 'tcp.stream', 'ftp-data.command', more=more)
        assert data == [['1', 'RETR a'], ['2', 'RETR b']]

    def test_replies(self, cmd_tshark, capture_file, test_env):
        '''A greeting and a reply in one segment, a 227 behind another reply, a 227 over two segments'''
        self.check(cmd_tshark, capture_file('ftp-lines.pcap'), test_env)

    def test_replies_in_two_passes(self, cmd_tshark, capture_file, test_env):
        self.check(cmd_tshark, capture_file('ftp-lines.pcap'), test_env, more=('-2',))

    def test_pipelined_commands(self, cmd_tshark, capture_file, test_env):
        commands = fields(cmd_tshark, capture_file('ftp-lines.pcap'), test_env, 'ftp.request.command == "TYPE"', 'ftp.request.command')
        assert commands == [['TYPE,PASV']]

    def test_switched_off(self, cmd_tshark, capture_file, test_env):
        '''Half a 227 names no port'''
        ports = fields(cmd_tshark, capture_file('ftp-lines.pcap'), test_env, 'ftp.passive.port', 'ftp.passive.port',
            more=('-o', 'ftp.desegment:FALSE'))
        assert ports == [['40001']]

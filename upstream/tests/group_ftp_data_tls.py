#
# Wireshark tests
#
# SPDX-License-Identifier: GPL-2.0-or-later
#
'''FTP dissector tests: data connections under TLS'''

import subprocess


class TestFtpDataTls:
    def fields(self, cmd_tshark, capture, env, display_filter, *names, more=()):
        command = [cmd_tshark, '-r', capture, '-d', 'tcp.port==2121,ftp', '-Y', display_filter, '-Tfields', *more]
        for name in names:
            command += ['-e', name]
        return [line.split('\t') for line in subprocess.check_output(command, encoding='utf-8', env=env).splitlines()]

    def files(self, cmd_tshark, capture_file, env, tmp_path, *more):
        '''The sizes of what Export Objects has.'''
        subprocess.check_call([cmd_tshark, '-q', '-r', capture_file('ftp-data-tls.pcap'), '-d', 'tcp.port==2121,ftp',
            '--export-objects', f'ftp-data,{tmp_path / "objects"}', *more], env=env)
        return sorted(file.stat().st_size for file in (tmp_path / 'objects').iterdir())

    def keys(self, capture_file):
        return '-o', f'tls.keylog_file:{capture_file("ftp-data-tls.keys")}'

    def check(self, cmd_tshark, capture_file, env, *more):
        '''PROT P with TLS 1.2, PROT C, and PROT P with TLS 1.3'''
        rows = self.fields(cmd_tshark, capture_file('ftp-data-tls.pcap'), env, 'ftp-data', 'tcp.stream', 'tls', 'ftp-data.command',
            more=(*self.keys(capture_file), *more))
        assert {tuple(row) for row in rows} == {('1', 'tls', 'RETR lines.txt'), ('2', '', 'RETR lines.txt'), ('4', 'tls', 'RETR lines.txt')}

    def test_data_in_tls(self, cmd_tshark, capture_file, test_env):
        self.check(cmd_tshark, capture_file, test_env)

    def test_data_in_tls_in_two_passes(self, cmd_tshark, capture_file, test_env):
        self.check(cmd_tshark, capture_file, test_env, '-2')

    def test_without_keys(self, cmd_tshark, capture_file, test_env):
        '''The announcements are under TLS, too'''
        assert self.fields(cmd_tshark, capture_file('ftp-data-tls.pcap'), test_env, 'ftp-data', 'frame.number') == []

    def test_files(self, cmd_tshark, capture_file, test_env, tmp_path):
        '''The file, three times, and not the records that it was in'''
        assert self.files(cmd_tshark, capture_file, test_env, tmp_path, *self.keys(capture_file)) == [6792] * 3

#
# Wireshark tests
#
# SPDX-License-Identifier: GPL-2.0-or-later
#
'''HKP dissector tests'''

import subprocess
import pytest


class TestHkp:
    def fields(self, cmd_tshark, capture_file, env, *names, more=(), capture='hkp.pcap'):
        '''Values of the requests and answers, a list per packet.'''
        command = [cmd_tshark, '-r', capture_file(capture), '-Y', 'hkp', '-Tfields', *more]
        for name in names:
            command += ['-e', name]
        return [line.split('\t') for line in subprocess.check_output(command, encoding='utf-8', env=env).splitlines()]

    def check(self, cmd_tshark, capture_file, env, *more):
        '''A key, an index, one of nothing, and a key that is sent; SKS, asked by curl'''
        rows = self.fields(cmd_tshark, capture_file, env, 'hkp.op', 'hkp.outcome', more=more)
        assert rows == [['get', ''], ['get', 'found'], ['index', ''], ['index', 'found'], ['index', ''], ['index', 'not found'],
            ['add', ''], ['add', 'accepted']]

    def test_outcomes(self, cmd_tshark, capture_file, test_env):
        self.check(cmd_tshark, capture_file, test_env)

    def test_outcomes_in_two_passes(self, cmd_tshark, capture_file, test_env):
        self.check(cmd_tshark, capture_file, test_env, '-2')

    def test_pairs(self, cmd_tshark, capture_file, test_env):
        rows = self.fields(cmd_tshark, capture_file, test_env, 'frame.number', 'hkp.response_in', 'hkp.response_to', more=('-2',))
        assert len(rows) == 8
        for request, answer in zip(rows[::2], rows[1::2]):
            assert request == [request[0], answer[0], ''] and answer == [answer[0], '', request[0]]

    def test_index(self, cmd_tshark, capture_file, test_env):
        uids = [row[0] for row in self.fields(cmd_tshark, capture_file, test_env, 'hkp.index.uid') if row[0]]
        assert uids == ['Dave <dave@example.org>,Zo\u00eb \u00dcn\u00efcode: 100% <zoe@example.org>,Bob Example (work) <bob@example.org>,'
            'Alice <alice@example.org>,Expired <expired@example.org>']

    def test_keys_are_openpgp(self, cmd_tshark, capture_file, test_env):
        '''The body is shown by the dissector of its media type'''
        rows = self.fields(cmd_tshark, capture_file, test_env, 'hkp.op', 'openpgp.armor.type')
        assert ['get', 'PUBLIC KEY BLOCK'] in rows

    def test_keys_are_exported(self, cmd_tshark, capture_file, test_env, tmp_path):
        subprocess.check_call([cmd_tshark, '-q', '-r', capture_file('hkp.pcap'), '--export-objects', f'hkp,{tmp_path / "objects"}'], env=test_env)
        files = sorted((tmp_path / 'objects').iterdir())
        assert len(files) == 2 and all(file.read_text().startswith('-----BEGIN PGP PUBLIC KEY BLOCK-----') for file in files)

    def test_http2(self, cmd_tshark, features, capture_file, test_env):
        '''A stream, and two that answers come for in the other order'''
        if not features.have_nghttp2:
            pytest.skip('Requires nghttp2.')
        for more in (), ('-2',):
            rows = self.fields(cmd_tshark, capture_file, test_env, 'tcp.stream', 'hkp.op', 'hkp.outcome', more=more, capture='hkp-h2c.pcap')
            assert rows == [['0', 'get', ''], ['0', 'get', 'found'], ['1', 'get,get', ''], ['1', 'get', 'not found'], ['1', 'get', 'found']]

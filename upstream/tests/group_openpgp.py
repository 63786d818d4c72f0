#
# Wireshark tests
#
# SPDX-License-Identifier: GPL-2.0-or-later
#
'''OpenPGP dissector tests'''

import subprocess


def fields(cmd_tshark, capture, env, *names):
    '''Values of the packets that have OpenPGP, a list per packet.'''
    command = [cmd_tshark, '-r', capture, '-Y', 'openpgp', '-Tfields']
    for name in names:
        command += ['-e', name]
    stdout = subprocess.check_output(command, encoding='utf-8', env=env)
    return [line.split('\t') for line in stdout.splitlines()]


class TestOpenPGP:
    def test_key_of_a_key_server(self, cmd_tshark, features, capture_file, test_env):
        '''An armored Ed25519 key with an encryption subkey, and a compressed message'''
        key = fields(cmd_tshark, capture_file('openpgp.pcap'), test_env,
            'openpgp.armor.type', 'openpgp.armor.crc24.status', 'openpgp.key.version', 'openpgp.key.algorithm', 'openpgp.packet.tag')[0]
        assert key == ['PUBLIC KEY BLOCK', '1', '4,4', '22,18', '6,13,2,14,2']

    def test_signatures_are_verified(self, cmd_tshark, features, capture_file, test_env):
        '''Both self-signatures of the key: good with GnuTLS, else not checked'''
        check = fields(cmd_tshark, capture_file('openpgp.pcap'), test_env, 'openpgp.signature.check')[0]
        assert check == ['1,1' if features.have_gnutls else '4,4']

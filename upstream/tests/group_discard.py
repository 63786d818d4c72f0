#
# Wireshark tests
#
# SPDX-License-Identifier: GPL-2.0-or-later
#
'''Discard dissector tests: Wake-on-LAN packets to the port of Discard'''

import subprocess

MAGIC = 'ff' * 6 + '020000000005' * 16


def dissect(cmd_text2pcap, cmd_tshark, result_file, env, payload, transport):
    '''Protocols above the transport of one packet to port 9.'''
    dump, capture = result_file('discard.txt'), result_file('discard.pcap')
    with open(dump, 'w') as hexdump:
        hexdump.write('000000 ' + ' '.join(payload[at:at + 2] for at in range(0, len(payload), 2)) + '\n')
    subprocess.check_call((cmd_text2pcap, '-q', '-4', '192.0.2.1,192.0.2.2', transport, '40000,9', dump, capture), env=env)
    stdout = subprocess.check_output((cmd_tshark, '-r', capture, '-Tfields', '-eframe.protocols'), encoding='utf-8', env=env)
    return stdout.strip().split(':')[3:]


class TestDiscardAndWakeOnLan:
    def test_magic_packet(self, cmd_text2pcap, cmd_tshark, result_file, test_env):
        protocols = dissect(cmd_text2pcap, cmd_tshark, result_file, test_env, MAGIC, '-u')
        assert 'wol' in protocols

    def test_almost_a_magic_packet(self, cmd_text2pcap, cmd_tshark, result_file, test_env):
        protocols = dissect(cmd_text2pcap, cmd_tshark, result_file, test_env, MAGIC[:-2], '-u')
        assert protocols[-1] == 'discard'

    def test_magic_packet_over_tcp(self, cmd_text2pcap, cmd_tshark, result_file, test_env):
        protocols = dissect(cmd_text2pcap, cmd_tshark, result_file, test_env, MAGIC, '-T')
        assert protocols[-1] == 'discard'

#
# Wireshark tests
#
# SPDX-License-Identifier: GPL-2.0-or-later
#
'''ARP dissector tests: messages in LLC frames'''

import subprocess

SENDER, TARGET = '020000000001', '020000000002'
MESSAGE = '0001' '0800' '06' '04' '0001' + SENDER + 'c0000201' + '000000000000' + 'c0000202'


def frame(header, message=MESSAGE):
    '''An Ethernet frame: an LLC header needs the length before it, an Ethertype does not.'''
    llc = header not in ('0806', '8035')
    length = f'{(len(header) + len(message)) // 2:04x}' if llc else ''
    return (TARGET + SENDER + length + header + message).ljust(120, '0')


class TestArpInLlc:
    def check(self, cmd_text2pcap, cmd_tshark, result_file, env, header, expected):
        dump, capture = result_file('arp.txt'), result_file('arp.pcap')
        octets = frame(header)
        with open(dump, 'w') as hexdump:
            hexdump.write('000000 ' + ' '.join(octets[at:at + 2] for at in range(0, len(octets), 2)) + '\n')
        subprocess.check_call((cmd_text2pcap, '-q', dump, capture), env=env)
        stdout = subprocess.check_output((cmd_tshark, '-r', capture, '-Tfields', '-earp.dst.proto_ipv4', '-earp.encapsulation'),
            encoding='utf-8', env=env)
        assert stdout.rstrip('\n').split('\t') == expected

    def test_ethernet_ii(self, cmd_text2pcap, cmd_tshark, result_file, test_env):
        self.check(cmd_text2pcap, cmd_tshark, result_file, test_env, '0806', ['192.0.2.2', ''])

    def test_rfc1042(self, cmd_text2pcap, cmd_tshark, result_file, test_env):
        self.check(cmd_text2pcap, cmd_tshark, result_file, test_env, 'aaaa03' '000000' '0806', ['192.0.2.2', '1'])

    def test_8021h(self, cmd_text2pcap, cmd_tshark, result_file, test_env):
        self.check(cmd_text2pcap, cmd_tshark, result_file, test_env, 'aaaa03' '0000f8' '0806', ['192.0.2.2', '2'])

    def test_cisco(self, cmd_text2pcap, cmd_tshark, result_file, test_env):
        self.check(cmd_text2pcap, cmd_tshark, result_file, test_env, 'aaaa03' '00000c' '0806', ['192.0.2.2', '3'])

    def test_sap(self, cmd_text2pcap, cmd_tshark, result_file, test_env):
        self.check(cmd_text2pcap, cmd_tshark, result_file, test_env, '989803', ['192.0.2.2', '4'])

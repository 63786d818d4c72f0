#
# Wireshark tests
#
# SPDX-License-Identifier: GPL-2.0-or-later
#
'''ARP dissector tests: requests and replies'''

import subprocess
import time

ASKER, REPLIER, OTHER = ('020000000001', 'c0000201'), ('020000000002', 'c0000202'), ('020000000003', 'c0000202')
NOBODY = '0' * 12


def message(operation, sender, target_mac, target_ip):
    octets = 'f' * 12 + sender[0] + '0806' + '0001' '0800' '0604' + operation + sender[0] + sender[1] + target_mac + target_ip
    return octets.ljust(120, '0')


REQUEST = message('0001', ASKER, NOBODY, REPLIER[1])
REPLY = message('0002', REPLIER, *ASKER)


class TestArpExchange:
    def links(self, cmd_text2pcap, cmd_tshark, result_file, env, packets, seconds=0):
        dump, capture = result_file('arp.txt'), result_file('arp.pcap')
        with open(dump, 'w') as hexdump:
            for number, octets in enumerate(packets):
                hexdump.write(time.strftime('%Y-%m-%d %H:%M:%S\n000000 ', time.gmtime(1000000000 + number * seconds)))
                hexdump.write(' '.join(octets[at:at + 2] for at in range(0, len(octets), 2)) + '\n')
        subprocess.check_call((cmd_text2pcap, '-q', '-t', '%Y-%m-%d %H:%M:%S', dump, capture), env=env)
        stdout = subprocess.check_output((cmd_tshark, '-2', '-r', capture, '-Tfields', '-earp.response_in', '-earp.response_to'),
            encoding='utf-8', env=env)
        return [tuple(line.split('\t')) for line in stdout.splitlines()]

    def test_pair(self, cmd_text2pcap, cmd_tshark, result_file, test_env):
        assert self.links(cmd_text2pcap, cmd_tshark, result_file, test_env, [REQUEST, REPLY]) == [('2', ''), ('', '1')]

    def test_latest_request(self, cmd_text2pcap, cmd_tshark, result_file, test_env):
        found = self.links(cmd_text2pcap, cmd_tshark, result_file, test_env, [REQUEST, REQUEST, REPLY])
        assert found == [('', ''), ('3', ''), ('', '2')]

    def test_two_repliers(self, cmd_text2pcap, cmd_tshark, result_file, test_env):
        second = message('0002', OTHER, *ASKER)
        found = self.links(cmd_text2pcap, cmd_tshark, result_file, test_env, [REQUEST, REPLY, second])
        assert found == [('2', ''), ('', '1'), ('', '1')]

    def test_too_late(self, cmd_text2pcap, cmd_tshark, result_file, test_env):
        found = self.links(cmd_text2pcap, cmd_tshark, result_file, test_env, [REQUEST, REPLY], seconds=61)
        assert found == [('', ''), ('', '')]

    def test_gratuitous(self, cmd_text2pcap, cmd_tshark, result_file, test_env):
        announcement = message('0001', ASKER, NOBODY, ASKER[1])
        found = self.links(cmd_text2pcap, cmd_tshark, result_file, test_env, [announcement, message('0002', ASKER, *ASKER)])
        assert found == [('', ''), ('', '')]

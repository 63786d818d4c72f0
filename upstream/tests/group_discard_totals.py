#
# Wireshark tests
#
# SPDX-License-Identifier: GPL-2.0-or-later
#
'''Discard dissector tests: what was thrown away, and what should not have been sent'''

import subprocess


def rows(cmd_tshark, capture, env, display_filter, *fields, more=()):
    command = [cmd_tshark, '-r', capture, '-Y', display_filter, '-Tfields', *more]
    for field in fields:
        command += ['-e', field]
    stdout = subprocess.check_output(command, encoding='utf-8', env=env)
    return [line.split('\t') for line in stdout.splitlines()]


class TestDiscardTotals:
    def check_totals(self, cmd_tshark, capture, env, more=()):
        found = rows(cmd_tshark, capture, env, 'discard and not icmp and not icmpv6', 'discard.len', 'discard.bytes_total', more=more)
        served = [['10', '10'], ['1000', '1010'], ['3', '1013'], ['3', '3'], ['5', '8']]
        refused = [['6', '6'], ['7', '13']]
        assert [row for row in found if row[0] != '8'] == served * 2 + refused * 2

    def test_totals(self, cmd_tshark, capture_file, test_env):
        '''A connection and a UDP conversation, over IPv4 and IPv6'''
        self.check_totals(cmd_tshark, capture_file('discard.pcap'), test_env)

    def test_totals_in_two_passes(self, cmd_tshark, capture_file, test_env):
        self.check_totals(cmd_tshark, capture_file('discard.pcap'), test_env, more=('-2',))

    def test_quotes_of_icmp_errors_do_not_count(self, cmd_tshark, capture_file, test_env):
        found = rows(cmd_tshark, capture_file('discard.pcap'), test_env, '(icmp or icmpv6) and discard', 'discard.len', 'discard.bytes_total')
        assert found and not any(row[1] for row in found)


class TestDiscardReply:
    def packets(self, cmd_text2pcap, result_file, env, directions):
        dump, capture = result_file('reply.txt'), result_file('reply.pcap')
        with open(dump, 'w') as hexdump:
            hexdump.write(''.join(f'{direction}\n000000 61 62 63\n' for direction in directions))
        subprocess.check_call((cmd_text2pcap, '-q', '-D', '-4', '192.0.2.1,192.0.2.2', '-u', '40000,9', dump, capture), env=env)
        return capture

    def test_reply_of_a_server(self, cmd_text2pcap, cmd_tshark, result_file, test_env):
        capture = self.packets(cmd_text2pcap, result_file, test_env, 'IOI')
        assert rows(cmd_tshark, capture, test_env, 'discard', 'discard.bytes_total', 'discard.reply') == [['3', ''], ['', '1'], ['6', '']]

    def test_client_on_the_port(self, cmd_text2pcap, cmd_tshark, result_file, test_env):
        '''Who speaks first from port 9 may be a client'''
        capture = self.packets(cmd_text2pcap, result_file, test_env, 'OI')
        assert rows(cmd_tshark, capture, test_env, 'discard', 'discard.bytes_total', 'discard.reply') == [['', ''], ['', '']]

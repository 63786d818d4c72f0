#
# Wireshark tests
#
# SPDX-License-Identifier: GPL-2.0-or-later
#
'''HTTP dissector tests: which request a response answers'''

import subprocess
import xml.etree.ElementTree as tree

# Status 2NN is for request NN; 401 is for the request 1 that it refuses.
PAIRS = [
    ('0', '201', '/1'), ('0', '202', '/2'), ('0', '203', '/3'),     # pipelined, two responses in a segment
    ('1', '202', '/2'),                                             # the first response is not in the capture
    ('2', '202', ''), ('2', '203', '/3'),                           # nor is it here, where the requests were pipelined
    ('3', '401', '/1'), ('3', '202', '/2'),                         # before the end of its request
    ('4', '103', '/1'), ('4', '201', '/1'), ('4', '202', '/2'), ('4', '203', '/3'),     # interim; HEAD
]


class TestHttpPairing:
    def pairs(self, cmd_tshark, capture, env, *more):
        '''Streams, status codes and targets of the responses, as they are in each of them'''
        command = [cmd_tshark, '-r', capture, '-Y', 'http.response', '-Tpdml', *more]
        found = []
        for packet in tree.fromstring(subprocess.check_output(command, encoding='utf-8', env=env)):
            stream = packet.find(".//field[@name='tcp.stream']").get('show')
            for message in packet.findall("proto[@name='http']"):
                code = message.find(".//field[@name='http.response.code']")
                target = message.find("field[@name='http.request.uri']")
                if code is not None:
                    found.append((stream, code.get('show'), '' if target is None else target.get('show')))
        return found

    def test_responses_in_two_passes(self, cmd_tshark, capture_file, test_env):
        assert self.pairs(cmd_tshark, capture_file('http-pipelined.pcap'), test_env, '-2') == PAIRS

    def test_responses_in_one_pass(self, cmd_tshark, capture_file, test_env):
        '''That of a request which is not complete yet is not known to be one'''
        expected = [('3', '401', '') if pair == ('3', '401', '/1') else pair for pair in PAIRS]
        assert self.pairs(cmd_tshark, capture_file('http-pipelined.pcap'), test_env) == expected

    def test_requests(self, cmd_tshark, capture_file, test_env):
        '''The first two have no response that is known to be theirs'''
        command = [cmd_tshark, '-2', '-r', capture_file('http-pipelined.pcap'), '-Y', 'http.request && tcp.stream == 2', '-Tfields',
            '-e', 'http.request.uri', '-e', 'http.response_in']
        rows = [line.split('\t') for line in subprocess.check_output(command, encoding='utf-8', env=test_env).splitlines()]
        assert [(uri, frames != '') for uri, frames in rows] == [('/1,/2', False), ('/3', True)]

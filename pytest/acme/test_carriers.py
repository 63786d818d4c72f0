# SPDX-License-Identifier: GPL-2.0-or-later
"""ACME in segments, tunnels and captures that are cut."""

import pytest

from acme.crafted import answer, certificate, client_hello, get, server_flight
from harness import craft
from harness.properties import (assert_files_do_not_leak, assert_independent_of_others, assert_same_for_all, assert_survives,
                                duplications, encapsulations, frames_of, segmentations, truncated_frames)


def http_frames():
    return [craft.ethernet(packet) for packet in craft.conversation(get(), answer(), dport=80)]


@pytest.mark.one_series
def test_http_segmented_anywhere(ws, tmp_path):
    fields = ["acme.domain", "acme.token", "acme.valid", "acme.key_authorization"]
    assert_same_for_all(ws, segmentations(tmp_path / "s.pcap", http_frames(), step=3), fields, two_pass=True)


@pytest.mark.one_series
def test_client_hello_segmented_anywhere(ws, tmp_path):
    frames = [craft.ethernet(packet) for packet in craft.conversation(client_hello(), server_flight(certificate(
        b"\x04\x20" + bytes(32), [(0x82, b"www.example.org")])), dport=443)]
    assert_same_for_all(ws, segmentations(tmp_path / "s.pcap", frames, step=3), ["acme.domain", "acme.valid", "acme.tls.digest"])


def test_encapsulations_and_duplicates(ws, tmp_path):
    assert_same_for_all(ws, encapsulations(tmp_path, http_frames()), ["acme.token", "acme.valid"])
    assert_same_for_all(ws, duplications(tmp_path / "d.pcap", http_frames()), ["acme.token", "acme.valid"])


@pytest.mark.one_series
@pytest.mark.parametrize("capture", ["acme-dns01/dns01-bind.pcap", "acme-tlsalpn01/tls12.pcap"])
def test_truncated_everywhere(ws, tmp_path, captures, capture):
    frames = [frame for frame in frames_of(captures / capture) if len(frame) > 70]
    assert_survives(ws, truncated_frames(tmp_path / "t.pcap", frames[::7]))


@pytest.mark.one_series
def test_files_do_not_leak(ws, captures):
    assert_files_do_not_leak(ws, captures / "acme-dns01/dns01-tcp.pcap", captures / "acme-http01/http01-failures.pcap",
                             ["acme.domain", "acme.validators", "acme.response_to"], "acme")


@pytest.mark.one_series
def test_alone_and_with_others(ws, captures):
    assert_independent_of_others(ws, "acme", captures / "acme-http01/http01-failures.pcap", ["acme.domain", "acme.valid"], "acme")

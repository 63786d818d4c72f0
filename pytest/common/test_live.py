# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets that come through a pipe, as a live capture's do, and files of a ring buffer."""

import os
import subprocess

import pytest

FIELDS = ("frame.number", "frame.protocols", "session.proto", "session.outcome", "ftp_session.outcome", "ftp_session.bytes", "openpgp.key.fingerprint",
          "hkp.outcome", "acme.domain", "acme.outcome", "ldp_binding.fec", "discard.len")
CAPTURES = ("acme-http01/http01-failures.pcap", "ftp-servers/fxp-server.pcap", "hkp-servers/onak-curl.pcap", "ldp-frr/ldp-frr.pcap", "session-services/services.pcap")


PRINTED = ("-T", "fields", *(part for field in FIELDS for part in ("-e", field)))


@pytest.fixture
def place(tmp_path):
    """Where an ordinary user may write."""
    tmp_path.chmod(0o777)
    return tmp_path


def captured_live(ws, capture, place, *options):
    """What tshark prints of packets that somebody else writes into a pipe."""
    pipe = place / f"pipe-{bool(ws.plugin_dir)}"
    os.mkfifo(pipe)
    pipe.chmod(0o644)
    tshark = subprocess.Popen(ws.command("tshark", "-n", "-i", pipe, *options), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    writing = subprocess.Popen(["dd", f"if={capture}", f"of={pipe}", "status=none"])
    try:
        printed, complaints = tshark.communicate(timeout=60)
    finally:
        tshark.kill()
        writing.kill()
        writing.wait()
    assert tshark.returncode == 0, complaints
    return printed.splitlines()


@pytest.mark.parametrize("name", CAPTURES)
def test_captured_live_as_read_from_a_file(ws, captures, place, name):
    read = ws.tshark(captures / name, *PRINTED).splitlines()
    assert len(read) > 30
    assert captured_live(ws, captures / name, place, *PRINTED) == read


def test_files_of_a_ring_buffer(ws, captures, place):
    """All packets are printed that stock Wireshark prints, and each file is as any that begins in the midst."""
    capture = captures / "ftp-servers/fxp-server.pcap"
    to_a_ring = "-b", "packets:10", "-w", place / "ring.pcapng", "-P", "-T", "fields", "-e", "frame.number", "-e", "ip.src"
    assert captured_live(ws, capture, place, *to_a_ring) == captured_live(ws.without_plugins(), capture, place, *to_a_ring)
    files = sorted(place.glob("ring_*.pcapng"))
    assert len(files) == 8
    assert sum(ws.count(file, "ftp_session") for file in files) > 0

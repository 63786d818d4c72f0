# SPDX-License-Identifier: GPL-2.0-or-later
"""session.match: whole conversations by any display filter.

The measure is a script of two runs without the preference: the session.id of what matches, then all packets of those.
"""

import struct

import pytest

from harness.craft import CLIENT, SERVER, Connection, ethernet, icmp_error, ip, ipv4, tcp, udp, write_pcap

QUERY = bytes.fromhex("12340100000100000000000007" "6578616d706c65" "036f7267" "0000010001")
ANSWER = b"HTTP/1.1 %d Word\r\nContent-Length: 0\r\n\r\n"

FILTERS = [
    "http.response.code >= 400",
    "tls.handshake.type == 11",
    "tcp.analysis.retransmission || tcp.flags.reset == 1",
    "icmp.type == 3 or icmpv6.type == 1",
    "frame contains 47:45:54",
    "ssh && tcp.len > 500",
    "udp.length in {30..60}",
    "dns.flags.response == 0 && ip.ttl < 255",
    "tcp.time_delta > 0.001",
    "!(tcp) && udp",
    "tls.alert_message",
    "smtp.req.command",
    "tcp.port == 8080",
    "ipv6",
    "http.content_type",
    "dns.qry.type == 28",
    "tcp.analysis.flags",
    "tcp.stream == 3",
    "sctp",
    "frame.len > 1000 && tcp",
]


def named(*rows):
    return [option for name, display_filter in rows for option in ("-o", f'uat:session_filters:"{name}","{display_filter}"')]


def by_script(ws, capture, display_filter):
    """The frames of the sessions in which a packet matches, as the second pass has it."""
    found = {session for row in ws.rows(capture, ["session.id"], display_filter, two_pass=True) for session in row[0].split(",")} - {""}
    if not found:
        return []
    return ws.frames(capture, f"session.id in {{{', '.join(sorted(found))}}}", True)


def matched(ws, capture, display_filter, two_pass=True):
    return ws.frames(capture, "session.matched", two_pass, prefs={"session.match": display_filter})


def test_twenty_filters_against_a_script(ws, captures):
    """All of them in one run, by the table of named filters; one of them by the preference, too."""
    capture = captures / "session-services/services.pcap"
    assert len(FILTERS) == 20
    sessions = ws.rows(capture, ["frame.number", "session.id"], "session", two_pass=True)
    expected = {}
    for number, display_filter in enumerate(FILTERS):
        found = {session for row in ws.rows(capture, ["session.id"], display_filter, two_pass=True) for session in row[0].split(",")} - {""}
        expected[f"f{number}"] = [int(frame) for frame, ids in sessions if found & set(ids.split(","))]
    rows = ws.rows(capture, ["frame.number", "session.matched_by"], "session", two_pass=True,
                   options=named(*((f"f{number}", display_filter) for number, display_filter in enumerate(FILTERS))))
    matches = {name: [int(frame) for frame, names in rows if name in names.split(",")] for name in expected}
    assert matches == expected
    assert len(set(map(len, expected.values()))) > 10 and sum(map(bool, expected.values())) >= 15
    assert matched(ws, capture, FILTERS[2]) == by_script(ws, capture, FILTERS[2]) == expected["f2"]


@pytest.fixture
def web(tmp_path):
    """Three conversations, mixed; of the second one an ICMP error tells. Of which is which frame: {name: [frames]}"""
    packets = {"good": Connection(sport=40000, dport=80).handshake().client(b"GET / HTTP/1.1\r\n\r\n").server(ANSWER % 200).close().packets,
               "bad": Connection(sport=40001, dport=80).handshake().client(b"GET / HTTP/1.1\r\n\r\n").server(ANSWER % 503).close().packets}
    frames, numbers = [], {"good": [], "bad": [], "dns": []}
    for good, bad in zip(packets["good"], packets["bad"]):
        frames += [ethernet(good), ethernet(bad)]
        numbers["good"].append(len(frames) - 1)
        numbers["bad"].append(len(frames))
    frames += [ethernet(ip(udp(QUERY, 40002, 53))), ethernet(icmp_error(ip(udp(QUERY, 40002, 53))))]
    numbers["dns"] += [len(frames) - 1, len(frames)]
    return write_pcap(tmp_path / "web.pcap", frames), numbers


def test_all_packets_of_a_conversation(ws, web):
    capture, numbers = web
    assert matched(ws, capture, "http.response.code >= 500") == numbers["bad"]
    first = ws.frames(capture, "http.response.code >= 500")[0]
    assert matched(ws, capture, "http.response.code >= 500", False) == [n for n in numbers["bad"] if n >= first]
    assert matched(ws, capture, "icmp") == matched(ws, capture, "dns && !icmp") == numbers["dns"]
    assert matched(ws, capture, "http.response.code == 404") == matched(ws, capture, "  ") == []


def test_written_out(ws, web, tmp_path):
    """The conversations cut out of the capture."""
    capture, numbers = web
    tmp_path.chmod(0o777)
    ws.tshark(capture, "-2", "-o", "session.match:http.response.code >= 500", "-Y", "session.matched", "-w", tmp_path / "out.pcapng")
    assert ws.count(tmp_path / "out.pcapng", "tcp.port == 40001") == ws.count(tmp_path / "out.pcapng", "frame") == len(numbers["bad"])


def test_in_sharkd_anew(ws, web):
    """The preference may change while a file is open, and another file be opened."""
    capture, numbers = web
    with ws.sharkd() as sharkd:
        for display_filter, expected in (("http.response.code == 503", "bad"), ("http.response.code == 200", "good"), ("", None), ("dns", "dns")):
            sharkd.call("setconf", name="session.match", value=display_filter)
            sharkd.load(capture)
            assert sharkd.frames("session.matched") == numbers.get(expected, [])
            assert sharkd.frames("session.matched") == numbers.get(expected, [])


@pytest.mark.parametrize("display_filter, why", [
    ("htttp.code", "htttp"), ("tcp.port ==", ""), ('session.proto == "http"', '"session.proto" is what'), ("tcp && session", '"session" is what'),
    ('_ws.col.info contains "x"', "_ws.col.info"), ("ip.src == ${ip.dst}", "selected"), (".session.id == 0", '"session.id" is what'),
    ("${no_such_macro}", "no_such_macro"),
])
def test_refused_with_a_message(ws, web, display_filter, why):
    capture, _ = web
    run = ws.execute("tshark", "-n", "-2", "-r", capture, "-o", f"session.match:{display_filter}", "-Y", "session.matched")
    said = run.stderr.decode()
    assert run.stdout == b""
    assert said.count("of session.match is not used: ") == 1 and why in said


def test_names_in_quotation_marks_are_no_fields(ws, web):
    capture, numbers = web
    display_filter = 'frame contains "session.id" or frame contains "_ws.col.info" or http.response.code == 503'
    assert matched(ws, capture, display_filter) == numbers["bad"]


def test_what_looks_like_a_name_and_is_none(ws, web):
    """A range has a hyphen, as some names have, and a name may have a point before it."""
    capture, numbers = web
    assert matched(ws, capture, "frame[12-13] == 08:00") == sorted(sum(numbers.values(), []))
    assert matched(ws, capture, ".http.response.code == 503") == numbers["bad"]


def test_tunnels_match_inside(ws, tmp_path):
    """What VXLAN carries matches for its own conversation, not for the tunnel and all else in it."""
    def vxlan(packet):
        return ethernet(ip(udp(b"\x08\0\0\0\0\0\5\0" + ethernet(packet), 50000, 4789), "192.0.2.1", "192.0.2.2"))

    inside = [ipv4(udp(QUERY, port, 53), "10.0.0.1", "10.0.0.2") for port in (40000, 40001, 40000)]
    capture = write_pcap(tmp_path / "vxlan.pcap", [vxlan(packet) for packet in inside])
    assert matched(ws, capture, "udp.port == 40000 && frame.number == 3") == [1, 3]


def test_names_stay_the_same(ws, captures):
    """The trees that a filter makes Wireshark build change nothing of what is known of sessions."""
    capture = captures / "session-services/services.pcap"
    plain = ws.rows(capture, ["frame.number", "frame.protocols", "session.id", "session.proto"], two_pass=True)
    with_filter = ws.rows(capture, ["frame.number", "frame.protocols", "session.id", "session.proto"], two_pass=True, prefs={"session.match": "dns"})
    assert with_filter == plain


def test_switched_off(ws, web):
    capture, _ = web
    run = ws.rows(capture, ["frame.number"], "session.matched", two_pass=True, options=("--disable-protocol", "session"), prefs={"session.match": "http"})
    assert run == []
    assert ws.rows(capture, ["frame.number"], "session.matched", two_pass=True, prefs={"session.match": "http", "session.enabled": "FALSE"}) == []


def test_a_name_twice_registered(ws, web):
    """TCP's ports are known by several fields of one name; a hyphen may be part of a name."""
    capture, numbers = web
    assert matched(ws, capture, "tcp.port==40001") == numbers["bad"]
    assert matched(ws, capture, "data-text-lines or http.response.code==503") == numbers["bad"]
    assert matched(ws, capture, "tcp.srcport==80&&tcp.dstport==40000") == numbers["good"]


def test_reset_and_syn_alone(ws, tmp_path):
    capture = write_pcap(tmp_path / "reset.pcap", [ethernet(ip(tcp(b"", 40000, 646, flags="S"))), ethernet(ip(tcp(b"", 40001, 646, flags="S"))),
                                                   ethernet(ip(tcp(b"", 646, 40000, flags="RA"), SERVER, CLIENT))])
    assert matched(ws, capture, "tcp.flags.reset == 1") == [1, 3]


def test_what_a_fragment_says(ws, tmp_path):
    """Which session the first fragment is of is known with the last one only."""
    answer = ipv4(udp(QUERY[:2] + b"\x81\x80" + QUERY[4:] + bytes(100), 53, 40000), SERVER, CLIENT)
    header, data = answer[:20], answer[20:]
    parts = [header[:6] + struct.pack(">H", (start // 8) | (0x2000 if start + 64 < len(data) else 0)) + header[8:] + data[start:start + 64]
             for start in range(0, len(data), 64)]
    parts = [part[:2] + struct.pack(">H", len(part)) + part[4:] for part in parts]
    frames = [ip(udp(QUERY, 40000, 53)), ip(udp(QUERY, 40001, 53)), *parts, parts[0]]
    capture = write_pcap(tmp_path / "fragments.pcap", [ethernet(frame) for frame in frames])
    for display_filter in "ip.flags.mf == 1 && ip.frag_offset == 0", "ip.flags.mf == 1 && ip.frag_offset > 0", "frame.number == 3":
        assert matched(ws, capture, display_filter) == by_script(ws, capture, display_filter) == [1, 3, 4, 5]
    assert matched(ws, capture, "frame.number == 6") == by_script(ws, capture, "frame.number == 6") == []


def test_named_filters(ws, web):
    capture, numbers = web
    options = named(("failed", "http.response.code >= 500"), ("web", "http"), ("names", "dns"))
    expected = {n: "failed,web" for n in numbers["bad"]} | {n: "web" for n in numbers["good"]} | {n: "names" for n in numbers["dns"]}
    rows = ws.rows(capture, ["frame.number", "session.matched_by", "session.matched"], two_pass=True, options=options)
    assert rows == [(str(n), names, "") for n, names in sorted(expected.items())]
    assert ws.frames(capture, 'session.matched_by == "failed"', True, options) == numbers["bad"]
    by = ws.statistics(capture, "session,table", options=options, prefs={"session.match": "dns"}, two_pass=True)
    assert [line.split("|")[-2].strip() for line in by.splitlines() if line.count("|") == 13][1:] == ["web", "failed,web", "session.match,names"]


@pytest.mark.parametrize("name, display_filter, why", [
    ("", "tcp", "needs a name"), ("x", "", "it is empty"), ("x", "session.id == 1", "what the sessions themselves come to"), ("x", "htttp.x", "htttp.x")])
def test_bad_rows_are_refused(ws, web, name, display_filter, why):
    capture, _ = web
    run = ws.execute("tshark", "-n", "-2", "-r", capture, *named((name, display_filter)), "-Y", "session.matched_by")
    assert why in run.stderr.decode() and run.stdout == b""


def test_more_filters_than_there_is_room_for(ws, web):
    capture, numbers = web
    options = named(*((f"f{n}", "dns" if n in (30, 31) else "tcp.port == 1") for n in range(33)))
    run = ws.execute("tshark", "-n", "-2", "-r", capture, *options, "-T", "fields", "-e", "session.matched_by", "-Y", "session.matched_by")
    assert b"only the first 31 filters" in run.stderr
    assert run.stdout.decode().split() == ["f30"] * len(numbers["dns"])

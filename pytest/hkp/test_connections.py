# SPDX-License-Identifier: GPL-2.0-or-later
"""Connections to TCP port 11371 that are refused or never answered."""

from harness.craft import Connection, icmp_error, ip, tcp, write_pcap
from hkp.test_requests_and_answers import V4, answer, get


MSS = bytes.fromhex("020405b4")
LINUX = MSS + bytes.fromhex("0402080a0000000100000000") + bytes.fromhex("01030307")


def syn(connection, options=LINUX):
    """As an operating system sends it."""
    client, server = connection.ports
    packet = ip(tcp(b"", client, server, connection.next[0], 0, "S", options=options), *connection.addresses)
    connection.next[0] += 1
    connection.packets.append(packet)


def attempts():
    """Packets, and what is said of them: frame, the first SYN's frame, text."""
    packets, truth = [], []

    def frame(packet):
        packets.append(packet)
        return len(packets)

    def syns(port, times, dport=11371):
        connection = Connection(sport=port, dport=dport)
        connection.next[0] += len(packets)                  # each has an initial number of its own
        syn(connection)
        return connection, [frame(connection.packets[0]) for _ in range(times)]

    connection, sent = syns(40001, 1)                       # refused by a reset
    connection._add(1, flags="RA")
    truth.append((frame(connection.packets[1]), sent[0], "refuses the connection"))
    connection, sent = syns(40002, 3)                       # never answered
    truth.append((sent[-1], sent[0], "does not answer"))
    connection, sent = syns(40003, 1)                       # an ICMP error
    for kind, code in ((5, 1), (4, 0), (3, 4)):                 # but no redirect, source quench, or word of a shorter way
        frame(icmp_error(connection.packets[0], kind=kind, code=code))
    truth.append((frame(icmp_error(connection.packets[0])), sent[0], "cannot be reached"))
    connection, sent = syns(40004, 2)                       # answered at last, and used
    connection._add(1, flags="SA")._add(0).client(get("/pks/lookup?op=stats")).server(answer(200, "x"))
    for packet in connection.packets[1:]:
        frame(packet)
    connection, sent = syns(40001, 1)                       # the first port again, answered
    connection._add(1, flags="SA")._add(0)._add(1, flags="RA")
    for packet in connection.packets[1:]:
        frame(packet)
    connection, sent = syns(40005, 2, dport=8080)           # another port
    connection._add(1, flags="RA")
    frame(connection.packets[1])
    connection, sent = syns(40006, 1)                       # one SYN alone
    truth.append((sent[0], 0, "does not answer"))
    return packets, truth


def test_refused_and_unanswered(ws, tmp_path):
    packets, truth = attempts()
    capture = write_pcap(tmp_path / "attempts.pcap", packets, linktype=101)
    fields = ["frame.number", "hkp.response_to", "hkp.outcome", "_ws.expert.message"]
    rows = ws.rows(capture, fields, "hkp.no_response", two_pass=True)
    expected = [(str(n), str(first) if first else "", text) for n, first, text in sorted(truth)]
    assert [(r[0], r[1], next((text for text in ("does not answer", "refuses the connection", "cannot be reached") if text in r[3]), r[3])) for r in rows] == expected
    assert {r[2] for r in rows} == {"no response"}
    assert ws.frames(capture, "hkp.no_response") == [n for n, first, text in sorted(truth) if text != "does not answer"]
    with ws.sharkd() as sharkd:
        sharkd.load(capture)
        assert sharkd.frames("hkp.no_response") == [n for n, *_ in sorted(truth)]
    columns = ws.columns(capture, two_pass=True)
    first = truth[0][0]
    assert columns[first - 1][0] == "HKP" and columns[first - 1][1].endswith("port 11371 refuses the connection")
    others = {n for n, *_ in truth} | {n for n, (protocol, _) in enumerate(columns, 1) if protocol == "HKP"}
    stock = ws.without_plugins().columns(capture, two_pass=True)
    assert [c for n, c in enumerate(columns, 1) if n not in others] == [c for n, c in enumerate(stock, 1) if n not in others]


def test_a_search_for_open_ports_is_none_for_key_servers(ws, tmp_path):
    """SYNs without the options that operating systems send, refused and unanswered."""
    packets = []
    for port, options in enumerate((b"", MSS, MSS), 41000):
        connection = Connection(sport=port, dport=11371)
        syn(connection, options)
        packets += (connection._add(1, flags="RA") if port < 41002 else connection).packets
    capture = write_pcap(tmp_path / "scan.pcap", packets, linktype=101)
    assert ws.count(capture, "hkp", two_pass=True) == 0 and ws.count(capture, "tcp.dstport == 11371") == 3


def test_a_client_with_few_options(ws, tmp_path):
    """One more than the segment size, in as many bytes as it takes."""
    connection = Connection(sport=41003, dport=11371)
    syn(connection, MSS + bytes.fromhex("01010402"))
    assert ws.frames(write_pcap(tmp_path / "few.pcap", connection.packets, linktype=101), "hkp.no_response", two_pass=True) == [1]


def test_attempts_are_bounded(ws, tmp_path):
    """65,536 of them; what follows is left out, and so is what its end says."""
    packets = []
    for number in range(65538):
        connection = Connection(sport=1024 + number % 60000, dport=11371, src=f"192.0.2.{1 + number // 60000}")
        syn(connection)
        packets += connection.packets
    packets += connection._add(1, flags="RA").packets[1:]
    frames = ws.frames(write_pcap(tmp_path / "many.pcap", packets, linktype=101), "hkp.no_response", two_pass=True)
    assert frames == list(range(1, 65537))


def test_a_segment_that_is_cut_off_in_its_header(ws, tmp_path):
    """It belongs to the exchange, and tells nothing."""
    connection = Connection(sport=41004, dport=11371).handshake().client(get("/pks/lookup?op=get&search=a")).server(answer(404, "Not found")).close()
    frames = [(0, packet[:30] if number == 6 else packet, len(packet)) for number, packet in enumerate(connection.packets, 1)]
    capture = write_pcap(tmp_path / "cut.pcap", frames, linktype=101)
    assert ws.rows(capture, ["frame.number", "hkp.outcome"], "hkp", two_pass=True) == [("4", ""), ("5", "not found")]


def test_columns_off(ws, tmp_path):
    capture = write_pcap(tmp_path / "attempts.pcap", attempts()[0], linktype=101)
    assert ws.columns(capture, two_pass=True, prefs={"hkp.columns": "FALSE"}) == ws.without_plugins().columns(capture, two_pass=True)
    assert ws.tshark(capture, "--disable-protocol", "hkp", "-2", "-Y", "hkp") == ""


def test_each_is_counted_once(ws, tmp_path):
    capture = write_pcap(tmp_path / "attempts.pcap", attempts()[0], linktype=101)
    tree = ws.statistics(capture, "hkp,tree", two_pass=True)
    line = next(line for line in tree.splitlines() if line.strip().startswith("no response"))
    assert line.replace("no response", "").split()[0] == "4"


def test_an_answer_that_is_cut_off_is_one(ws, tmp_path):
    """The capture ends, or has a hole, in it; silence after a whole answer is silence."""
    lookup, whole = get(f"/pks/lookup?op=get&search=0x{V4}"), answer(200, "x" * 3000)
    packets, silent = [], []
    for n, (talk, unanswered) in enumerate((
            ([whole[:1000]], 0), ([whole[:10]], 0), ([], 1), ([answer(404), lookup], 1), ([answer(404), lookup, whole[:1000]], 0))):
        connection = Connection(sport=42000 + n, dport=80).handshake().client(lookup)
        for turn, data in enumerate(talk):
            (connection.client if turn % 2 else connection.server)(data)
        if unanswered:
            silent.append(len(packets) + len(connection.packets))
        packets += connection.packets
        packets += [p for p in connection.close().packets[len(connection.packets) - 3:]] if unanswered else []
    capture = write_pcap(tmp_path / "cut.pcap", packets, linktype=101)
    assert ws.frames(capture, "hkp.no_response", two_pass=True) == silent
    assert ws.frames(capture, 'hkp.outcome == "no response"', two_pass=True) == silent

# SPDX-License-Identifier: GPL-2.0-or-later
"""FTP sessions: captures of real servers and clients, the project's own and those of others."""

import functools
from collections import Counter

import pytest

from harness.tshark import HOST_SERIES, SHARED as SHARED_CAPTURES, Wireshark

EXPERTS = ("no_banner", "slow_banner", "icmp_error", "data_refused", "data_unused", "incomplete", "nat", "bounce")
FIELDS = ["frame.number", "tcp", "ftp_session", "ftp_session.id", "ftp_session.channel", "ftp_session.transfer", "ftp_session.mode",
          "ftp_session.evidence", "tcp.stream", "tcp.len", *(f"ftp_session.{e}" for e in EXPERTS)]
PASV, EPSV, PORT, EPRT, UNKNOWN = range(1, 6)

# Name: packets (TCP, and ICMP errors about it), sessions, {(mode, evidence): data connections}, experts in two passes, packets
# that one pass cannot know: handshakes, and greetings that do not say FTP, on a port that is not FTP's.
OWN = {
    "fxp-client": (48, 2, {}, {}, 6),
    "fxp-server": (39, 1, {(PORT, 1): 1}, {}, 3),
    "inetd-slow-banner": (49, 3, {(PASV, 1): 1}, {"slow_banner": 1}, 3),
    "lftp-tls": (711, 7, {(PORT, 1): 3, (PASV, 1): 6, (EPSV, 1): 1}, {}, 12),
    "nat-client-helper-inside": (45, 1, {(PORT, 1): 1}, {}, 0),
    "nat-client-helper-outside": (45, 1, {(PORT, 1): 1}, {}, 0),
    "nat-server-client-side": (45, 1, {(PASV, 2): 1}, {"nat": 1}, 0),
    "nat-server-masquerade-server-side": (43, 1, {(PASV, 2): 1}, {"nat": 1}, 3),
    "proftpd-abort": (104, 1, {(PASV, 1): 1}, {"incomplete": 1}, 3),
    "proftpd-commands6": (263, 1, {(EPSV, 1): 11}, {"data_unused": 2}, 3),
    "proftpd-curl-active": (86, 2, {(EPRT, 1): 1, (PORT, 1): 1}, {}, 6),
    "proftpd-curl-ccc": (101, 2, {(PASV, 1): 1}, {}, 6),
    "proftpd-ftplib-tls": (365, 4, {(PASV, 1): 4, (EPSV, 1): 4}, {}, 12),
    "proftpd-two-sessions": (124, 2, {(PASV, 1): 2}, {}, 6),
    "pureftpd-pipelined": (38, 1, {(EPSV, 1): 1}, {}, 3),
    "tnftp": (387, 6, {(EPRT, 1): 3, (PASV, 1): 6}, {}, 12),
    "vsftpd-commands": (261, 1, {(PASV, 1): 11}, {"data_unused": 2}, 0),
    "vsftpd-curl-active": (131, 3, {(EPRT, 1): 2, (PORT, 1): 1}, {}, 0),
    "vsftpd-curl-epsv": (126, 3, {(EPSV, 1): 3}, {}, 0),
    "vsftpd-curl-implicit": (139, 2, {(EPSV, 1): 1, (PASV, 1): 1}, {}, 6),
    "vsftpd-curl-pasv": (117, 3, {(PASV, 1): 3}, {}, 0),
    "vsftpd-curl-tls": (398, 6, {(PASV, 1): 2, (EPSV, 1): 4}, {}, 0),
    "vsftpd-no-banner": (36, 2, {}, {"no_banner": 15, "icmp_error": 13}, 0),
    "vsftpd-passive-rejected": (46, 2, {(EPSV, 1): 1, (PASV, 1): 1}, {"icmp_error": 3, "data_refused": 3}, 0),
    "vsftpd-refused": (50, 2, {(EPRT, 1): 1, (PORT, 1): 1}, {"data_refused": 4, "data_unused": 4}, 0),
    "vsftpd-two-sessions": (120, 2, {(PASV, 1): 2}, {}, 0),
}

# Name: packets in sessions, sessions, data connections, experts in two passes. What is not in sessions are other protocols.
SHARED = {
    "OISF__suricata-verify__TLPW1-tcp-110.37.219.134-10.12.14.101-tcp-990-49254.pcap": (0, 0, {}, {}),
    "OISF__suricata-verify__bug-3519-input.pcap": (40, 1, {}, {}),
    "OISF__suricata-verify__ftp-active-mode.pcap": (43, 1, {(PORT, 1): 1}, {}),
    "OISF__suricata-verify__ftp-bounce-test.pcap": (34, 2, {}, {"bounce": 1}),
    "OISF__suricata-verify__ftp-passive-mode.pcap": (43, 1, {(PASV, 1): 1}, {}),
    "OISF__suricata-verify__ftp-too-long-response.pcap": (255, 1, {}, {}),
    "OISF__suricata-verify__output-eve-ftp-data-input.pcap": (56, 1, {(PORT, 1): 2}, {}),
    "OISF__suricata-verify__ruletype-firewall-116-ftp-all-data-ipv4-input.pcap": (254, 2, {(PASV, 1): 7, (PORT, 1): 7}, {}),
    "OISF__suricata-verify__ruletype-firewall-117-ftp-all-data-ipv6-input.pcap": (262, 2, {(EPSV, 1): 7, (EPRT, 1): 7}, {}),
    "OISF__suricata-verify__ruletype-firewall-118-ftp-stou-no-filename-active-input.pcap": (31, 1, {(PORT, 1): 1}, {}),
    "ajbanjara__Wireshark__FTPv6-1.cap": (17, 1, {}, {}),
    "ajbanjara__Wireshark__HEYFE0002_CPE_FTP1MEGdownload_Mirrored.pcap": (1319, 1, {(PORT, 1): 1}, {}),
    "ajbanjara__Wireshark__Lab-3B--de-Telem_tica.pcap": (39, 1, {(PORT, 1): 1}, {}),
    "ajbanjara__Wireshark__ftp-guesspassword.cap": (36, 1, {}, {}),
    "ajbanjara__Wireshark__ftp_2.pcap": (2318, 1, {(PORT, 1): 6}, {}),
    "ajbanjara__Wireshark__iseries.cap": (52, 1, {(PASV, 1): 1}, {}),
    "arkime__arkime__ftp.pcap": (10, 1, {}, {}),
    "chrissanders__packets__ppa1e-ftp-crack.pcap": (19730, 714, {}, {}),
    "chrissanders__packets__ppa1e-ftp-uploadfailed.pcap": (0, 0, {}, {}),
    "chrissanders__packets__ppa1e-ftp.pcap": (35, 1, {(PASV, 1): 1}, {}),
    "chrissanders__packets__ppa1e-ftpclientdenied.pcap": (3, 1, {}, {}),
    "chrissanders__packets__ppa1e-ftpserverdenied.pcap": (3, 1, {}, {}),
    "cisco__mercury__ftp_exposed_creds.pcap": (1, 1, {}, {}),
    "markofu__pcaps__FTP_BOUNCE_SCAN.pcap": (11060, 1, {(PORT, 1): 999}, {"data_refused": 996, "data_unused": 2, "incomplete": 996}),
    "markofu__pcaps__HackChallenge_Cmas2011.pcap": (482, 1, {(PORT, 1): 1}, {}),
    "ntop__nDPI__ftp.pcap": (209, 1, {(PASV, 1): 2}, {}),
    "ntop__nDPI__ftp_failed.pcap": (18, 1, {}, {}),
    "samuelito1218__ParcialTelematicos2__ftps.pcap": (112, 1, {(UNKNOWN, 3): 3}, {}),
    "snort3__snort3_demo__ftp_xpwd_cmd.pcap": (19, 1, {}, {}),
    "zeek__zeek__bruteforce.pcap": (606, 30, {}, {}),
    "zeek__zeek__cwd-navigation.pcap": (8317, 1, {}, {"data_unused": 2, "nat": 689}),
    "zeek__zeek__fake-long-commands.pcap": (40, 1, {}, {"incomplete": 1}),
    "zeek__zeek__ftp-auth-tls.pcap": (84, 1, {}, {}),
    "zeek__zeek__ftp-invalid-reply-code.pcap": (23, 1, {}, {}),
    "zeek__zeek__ftp-missing-reply-code.pcap": (23, 1, {}, {}),
    "zeek__zeek__ftp-missing-space-after-reply-code.pcap": (23, 1, {}, {"incomplete": 1}),
    "zeek__zeek__ipv4.pcap": (95, 1, {(PORT, 1): 2, (PASV, 1): 2}, {}),
    "zeek__zeek__ipv6-multiline-reply.pcap": (50, 1, {}, {}),
    "zeek__zeek__ipv6-retr-samba.pcap": (37, 1, {}, {}),
    "zeek__zeek__ipv6-violation.pcap": (19, 1, {}, {}),
    "zeek__zeek__retr.pcap": (67, 1, {(EPSV, 1): 1}, {}),
    "zeek__zeek__var-services-std-ports.pcap": (31, 1, {}, {"slow_banner": 1}),
}


def own(captures, name):
    capture = captures / "ftp-servers" / f"{name}.pcap"
    keys = capture.with_suffix(".keys")
    return capture, keys if keys.exists() else None


@functools.lru_cache(maxsize=256)
def rows_of(ws, capture, two_pass, keylog):
    return ws.rows(capture, FIELDS, two_pass=two_pass, keylog=keylog)


def rows(ws, capture, two_pass=True, keylog=None):
    return [dict(zip(FIELDS, row)) for row in rows_of(ws, capture, two_pass, keylog)]


def survey(rows):
    found = [r for r in rows if r["ftp_session"]]
    connections = {(r["ftp_session.id"], r["tcp.stream"].split(",")[0], r["ftp_session.mode"], r["ftp_session.evidence"])
                   for r in found if r["ftp_session.channel"] == "2" and r["tcp.stream"]}
    return (len(found), len({r["ftp_session.id"] for r in found}),
            dict(Counter((int(c[2]), int(c[3])) for c in connections)),
            {e: n for e in EXPERTS if (n := sum(bool(r[f"ftp_session.{e}"]) for r in found))})


# One pass is tried where there is something that it cannot know, and once where there is not.
@pytest.mark.parametrize("name", OWN)
def test_own_captures(ws, captures, name):
    capture, keys = own(captures, name)
    packets, sessions, connections, experts, unknown = OWN[name]
    two = rows(ws, capture, keylog=keys)
    assert survey(two) == (packets, sessions, connections, experts)
    assert len(two) == packets, "all packets of the capture are in a session"
    if unknown == 0 and not name.endswith("pasv"):
        return
    one = rows(ws, capture, False, keys)
    missing = [r for r in one if not r["ftp_session"]]
    assert len(missing) == unknown
    assert sum(int(r["tcp.len"] or 0) > 0 for r in missing) <= sessions, "no more than a greeting a session"


@pytest.mark.parametrize("name", [n for n in OWN if "tls" in n or "ccc" in n or "implicit" in n])
def test_own_captures_without_keys(ws, captures, name):
    """All packets still; what cannot be read is inferred and says so."""
    two = rows(ws, own(captures, name)[0])
    packets, sessions = OWN[name][:2]
    found, known, connections, experts = survey(two)
    assert (found, known) == (packets, sessions)
    assert all(evidence == 3 or mode in (PASV, EPSV) for mode, evidence in connections)
    assert any(evidence == 3 for mode, evidence in connections) or name == "proftpd-curl-ccc"
    assert sum(connections.values()) == sum(OWN[name][2].values())


# A NetMon capture, which mergecap of Wireshark 4.0 cannot read.
NOT_MERGEABLE = "ajbanjara__Wireshark__FTPv6-1.cap"


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    """All captures of others in one file, one after the other, and how many packets each has."""
    if not SHARED_CAPTURES.is_dir():
        pytest.skip("../shared/captures is absent")
    together = tmp_path_factory.mktemp("ftp") / "others.pcapng"
    files = [SHARED_CAPTURES / "ftp" / name for name in SHARED if name != NOT_MERGEABLE]
    together.parent.chmod(0o777)
    ws = Wireshark(HOST_SERIES)
    ws.run("mergecap", "-a", "-w", together, *files)
    counts = ws.run("capinfos", "-T", "-c", "-M", "-r", *files).splitlines()
    return together, [int(line.split("\t")[1]) for line in counts]


@pytest.mark.parametrize("two_pass", [True, False], ids=["two-pass", "one-pass"])
def test_captures_of_others(ws, others, two_pass):
    """In one pass all the same, but for the handshakes of inferred data connections."""
    capture, counts = others
    all_rows, at = rows(ws, capture, two_pass), 0
    wanted = [item for item in SHARED.items() if item[0] != NOT_MERGEABLE]
    for (name, (found, sessions, connections, experts)), count in zip(wanted, counts, strict=True):
        got = survey(all_rows[at:at + count])
        at += count
        if name.endswith("ftp-crack.pcap") and ws.version >= (4, 4):
            sessions = 1411     # the capture holds its packets twice, which 4.4 takes for new connections
        if "BOUNCE" in name and ws.version >= (4, 4):
            experts = {**experts, "data_refused": 2988}
            connections = {(PORT, 1): 2991}     # and each further try after a reset
        if two_pass:
            assert (name, *got) == (name, found, sessions, connections, experts)
        else:
            inferred = sum(n for (_, evidence), n in connections.items() if evidence == 3)
            assert (name, *got[1:3]) == (name, sessions, connections)
            assert found - 3 * inferred <= got[0] <= found, name
    assert at == len(all_rows)


def test_ipv6_in_ipv4(ws, shared):
    assert survey(rows(ws, shared / "ftp" / NOT_MERGEABLE)) == SHARED[NOT_MERGEABLE]


def test_nothing_found_is_another_protocol(ws, shared):
    """Captures with FTP among others: what else is in them has nothing to do with the FTP servers' ports."""
    for name in ("markofu__pcaps__HackChallenge_Cmas2011.pcap", "zeek__zeek__var-services-std-ports.pcap"):
        others = "http || ssh || smtp || smb || tcp.port in {22,25,80,139,445}"
        assert ws.count(shared / "ftp" / name, f"ftp_session && ({others})", two_pass=True) == 0


def test_the_server_that_did_not_greet(ws, shared):
    """The published case, twice: what a person looks for is on the packet that he looks at."""
    fields = ["frame.number", "ftp_session.id", "ftp_session.no_banner", "ftp_session.icmp_error", "_ws.expert.message"]
    got = ws.rows(shared / "published" / "ftp-no-banner-monitor.pcap", fields, two_pass=True)
    assert [r[1] for r in got] == ["0"] * 7
    assert [int(r[0]) for r in got if r[2]] == [4, 6]
    assert "gave up after 60.003 seconds without a greeting" in got[3][4]
    assert "221 You could at least say goodbye." in got[5][4]
    got = ws.rows(shared / "published" / "ftp-no-banner-icmp.pcap", fields, two_pass=True)
    assert [r[1] for r in got] == ["0"] * 4
    assert [int(r[0]) for r in got if r[2]] == [int(r[0]) for r in got if r[3]] == [4]
    for words in ("200.0.113.145 says: network unreachable", "the server's SYN+ACK (frame 2)", "had arrived", "client's frame 3",
                  "no greeting ever comes", "nothing follows", "No greeting ever reaches the client"):
        assert words in got[3][4]
    got = ws.rows(shared / "published" / "ftp-no-banner-icmp.pcap", fields)
    assert "No greeting has reached the client" in got[3][4]


def test_zeeks_checklist(ws, shared):
    """Replies without a code, with a wrong one, without a space; the transfer's reply is not mistaken for another's."""
    fields = ["frame.number", "ftp_session.command", "ftp_session.reply_code", "ftp_session.complete", "ftp_session.user"]

    def commands(name):
        return [r for r in ws.rows(shared / "ftp" / name, fields, "ftp_session.command", two_pass=True)]
    assert commands("zeek__zeek__ftp-missing-reply-code.pcap") == []
    retr = commands("zeek__zeek__ftp-missing-space-after-reply-code.pcap")
    # Its 230 is no word about a transfer, but a login's.
    assert [r[1:3] for r in retr] == [("RETR", "")] and retr[0][3] in ("0", "False")
    retr = commands("zeek__zeek__retr.pcap")
    assert {r[2] for r in retr} == {"226"} and all(r[4] == "anonymous" for r in retr)


def test_decrypted_view(ws, captures):
    """With a key log, control and data connections decrypt: Wireshark's own fields, ours, Export Objects."""
    for name, retrieved in (("vsftpd-curl-implicit", 2), ("proftpd-ftplib-tls", 8), ("lftp-tls", 7)):
        capture, keys = own(captures, name)
        assert ws.count(capture, "tls && ftp.request.command == \"USER\"", keylog=keys) >= retrieved // 4
        data = ws.rows(capture, ["ftp-data.command", "ftp_session.bytes", "ftp_session.size_expected", "ftp_session.reply_code"],
                       "tls && ftp-data && ftp_session.command == \"RETR\"", two_pass=True, keylog=keys)
        assert data and all(r[0].startswith("RETR ") and r[3] == "226" for r in data)


def test_objects_out_of_tls(ws, captures, tmp_path):
    tmp_path.chmod(0o777)
    capture, keys = own(captures, "vsftpd-curl-implicit")
    ws.tshark(capture, "-q", "-o", f"tls.keylog_file:{keys}", "--export-objects", f"ftp-data,{tmp_path}")
    files = sorted(tmp_path.iterdir())
    assert [len(p.read_bytes()) for p in files] == [6792, 6792]


def test_clear_again(ws, captures):
    """CCC: the control connection is under TLS for a while only."""
    capture, keys = own(captures, "proftpd-curl-ccc")
    for log in (keys, None):
        got = ws.rows(capture, ["tls", "ftp", "ftp_session.tls", "tcp.len"], "ftp_session.id == 0 && ftp_session.channel == 1",
                      two_pass=True, keylog=log)
        states = [r[2] in ("1", "True") for r in got]
        assert states[0] is False and any(states) and states[-1] is False
        assert sum(a != b for a, b in zip(states, states[1:])) == 2
        assert [r for r in got if int(r[3]) and r[2] not in ("1", "True") and not r[1]] == [], "lines in the clear are FTP's"
    # What follows CCC is read: the announcement, and so the data connection, without keys.
    assert ws.count(capture, "ftp_session.evidence == 1 && ftp_session.mode == 1", two_pass=True) > 0


def test_auth_ssl_is_tls(ws, captures):
    """curl begins with AUTH SSL: no TLS record is shown as FTP in the clear."""
    capture, _ = own(captures, "vsftpd-curl-tls")
    assert ws.count(capture, "ftp.request.command == \"AUTH\"") >= 4
    payloads = [r[0] for r in ws.rows(capture, ["tcp.payload"], "ftp && !tls && tcp.port == 21")]
    assert len(payloads) == 18 and not any(p[:4] in ("1403", "1503", "1603", "1703") for p in payloads)

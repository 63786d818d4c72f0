# SPDX-License-Identifier: GPL-2.0-or-later
"""Standing in front of native dissectors: nothing of it is seen, and preferences, Decode As, the order of loading and
switching off find what they find without it."""

import re
import shutil
import subprocess

import pytest

from harness.craft import Connection, ethernet, write_pcap
from harness.tshark import BUILD, HOST_SERIES, SHARED, TOP, Wireshark, _scratch

CASES = SHARED.parent / "cases"
LISTS = ("protocols", "dissector-tables", "decodes", "heuristic-decodes")
OWN = {"discard", "arp_snap", "hkp", "openpgp", "acme", "ftp_session", "ldp_binding", "l2tp_payload", "session"}


def case(name):
    """A copy of the case, where every Wireshark can read it."""
    if not (CASES / name).exists():
        pytest.skip(f"../shared/cases/{name} is not there")
    copy = _scratch / name.replace("/", "-")
    if not copy.exists():
        shutil.copy(CASES / name, copy)
    return copy


def listed(ws, what):
    return set(ws.run("tshark", "-G", what).splitlines())


# What users see

def test_nothing_internal_is_listed(ws):
    """New lines are about the bundle's own protocols, which INTERFACE has, and nothing is missing."""
    stock = ws.without_plugins()
    for what in LISTS:
        with_plugins, without = listed(ws, what), listed(stock, what)
        assert not without - with_plugins, what
        # A heuristic of L2TP's that users may switch, as INTERFACE has it.
        new = {line for line in with_plugins - without if not line.startswith("udp\tl2tp\tT")}
        assert all(OWN & set(re.split(r"[\t.]", line)) for line in new), (what, new)
    names = {line.split("\t")[2] for line in listed(ws, "protocols") - listed(stock, "protocols")}
    assert names <= OWN
    assert ws.execute("tshark", "-G", "protocols").stderr == b""


def test_own_protocols_alone_are_fields(ws):
    new = {name for name, kind in ws.fields().items() if kind == "FT_PROTOCOL"} - set(ws.without_plugins().fields())
    assert new <= OWN and len(new) >= 8


@pytest.mark.parametrize("capture", ["arp-snap", "acme-lab", "ldp-frr/ldp-frr.pcap", "ftp-servers"])
def test_no_layer_of_ours(ws, captures, capture):
    """frame.protocols is stock's wherever stock recognises the payload."""
    path = captures / capture
    files = sorted(path.glob("*.pcap"))[:2] if path.is_dir() else [path]
    for file in files:
        if not file.exists():
            pytest.skip(f"{file.name} is not there")
        mine = [p for p, in ws.rows(file, ["frame.protocols"], two_pass=True)]
        stock = [p for p, in ws.without_plugins().rows(file, ["frame.protocols"], two_pass=True)]
        assert len(mine) == len(stock) > 0
        assert not any(re.search("gapfill|_standin|ldp_extras", p) for p in mine)
        changed = [(a, b) for a, b in zip(stock, mine) if a != b]
        assert all(a.endswith(("data", "tcp", "llc", "tls")) or "mpls" in a or "ftp" in b for a, b in changed), changed[:3]


def test_expert_information_names_the_plugin(ws):
    """Its Protocol column has the plugin's name, not the native layer's."""
    capture = case("bundle/expert-protocol-ipv4.pcap")
    rows = [line.split() for line in ws.statistics(capture, "expert", two_pass=True).splitlines()]
    text = "\n".join(" ".join(row) for row in rows)
    stock = ws.without_plugins().statistics(capture, "expert", two_pass=True)
    new = [line for line in ws.statistics(capture, "expert", two_pass=True).splitlines() if line not in stock.splitlines()]
    assert any("FTP Session" in line for line in new), text
    assert not any(re.search(r"\b(IPv4|IPv6|LLC|Ethertype)\b", line) for line in new), new


# Preferences and Decode As

@pytest.mark.parametrize("options", [(), ("-o", "dns.tcp.port:53,5300"), ("-d", "tcp.port==53,dns")], ids=str)
def test_acme_over_dns_in_tcp(ws, options):
    capture = case("bundle/dns-tcp-pref.pcap")
    assert ws.count(capture, "acme", options=options) == 8
    assert ws.count(capture, "acme", two_pass=True, options=options) == 8


def test_between_two_files_with_another_preference(ws):
    """One process: the port is changed, and changed back; wherever stock finds DNS, its challenges are found."""
    capture = case("bundle/dns-tcp-pref.pcap")
    with ws.sharkd() as sharkd, ws.without_plugins().sharkd() as stock:
        for value in "53", "53,5300", "5300", "53":
            for process in sharkd, stock:
                process.call("setconf", name="dns.tcp.port", value=value)
                process.load(capture)
            assert sharkd.count("dns") == stock.count("dns"), value
            assert sharkd.count("acme") == (8 if stock.count("dns") else 0), value


def http_exchange(port):
    packets = Connection(sport=40000, dport=port).handshake().client(b"GET /pks/lookup?op=get&search=0x12345678 HTTP/1.1\r\nHost: k\r\n\r\n").server(
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").close().packets
    return [ethernet(packet) for packet in packets]


@pytest.mark.parametrize("port, options, expected", [
    (80, (), 2), (80, ("-o", "http.tcp.port:80,8080"), 2), (4321, ("-d", "tcp.port==4321,http"), 2),
    (80, ("-d", "tcp.port==80,echo"), 0), (80, ("--disable-protocol", "hkp"), 0), (80, ("--disable-protocol", "http"), 0)],
    ids=lambda v: str(v))
def test_http_wherever_the_user_has_it(ws, tmp_path, port, options, expected):
    capture = write_pcap(tmp_path / "http.pcap", http_exchange(port))
    assert ws.count(capture, "hkp", options=options) == expected
    if expected:
        assert ws.count(capture, "http", options=options) == 2


@pytest.mark.parametrize("options", [(), ("-o", "bgp.tcp.port:179,1790"), ("-d", "tcp.port==179,bgp")], ids=str)
def test_labels_of_bgp_stay_those_of_bgp(ws, captures, options):
    """LDP's bindings of the capture do not change with BGP's ports."""
    capture = captures / "ldp-frr/ldp-frr.pcap"
    fields = ["frame.number", "ldp_binding.fec", "ldp_binding.label", "ldp_binding.match"]
    plain = ws.rows(capture, fields, "ldp_binding", two_pass=True)
    assert len(plain) > 10
    assert ws.rows(capture, fields, "ldp_binding", two_pass=True, options=options) == plain


@pytest.mark.parametrize("options", [("-o", "ldp.tcp.port:646,6460"), ("-d", "tcp.port==646,ldp"), ("-o", "mpls.udp.port:6635,6636")], ids=str)
def test_ldp_with_another_preference(ws, captures, options):
    capture = captures / "ldp-frr/ldp-frr.pcap"
    fields = ["frame.number", "ldp_binding.fec", "ldp_binding.label"]
    assert ws.rows(capture, fields, "ldp_binding", options=options) == ws.rows(capture, fields, "ldp_binding") != []


# The order of loading

def folder_with(ws, tmp_path, names, order):
    """Plugins whose files are named so that a folder listed by name or in the order of making has them in this order."""
    folder = tmp_path / f"order-{order}"
    epan = folder / ws.series / "epan"
    epan.mkdir(parents=True)
    for number, name in enumerate(names):
        shutil.copy((ws.plugin_dir / ws.series / "epan" / f"{name}.so").resolve(), epan / f"{number}-{name}.so")
    for path in [tmp_path, folder, folder / ws.series, epan]:
        path.chmod(0o755)
    return Wireshark(ws.series, plugin_dir=folder)


@pytest.mark.parametrize("capture", ["bundle/load-order-mpls.pcap", "bundle/expert-protocol-ipv4.pcap"])
def test_order_of_loading(ws, tmp_path, capture):
    path = case(capture)
    names = ["ldp-extras", "whole-session", "arp-snap", "acme", "hkp", "ftp-session", "discard"]
    first, second = (folder_with(ws, tmp_path, order, number) for number, order in enumerate((names, names[::-1])))
    results = [w.tshark(path, "-V", "-2") for w in (first, second, ws)]
    assert results[0] == results[1] == results[2]
    if "mpls" in capture:
        assert {label: session for label, session in ws.rows(path, ["mpls.label", "session.id"])} == {"100": "0", "200": "1"}


# Switched off

@pytest.mark.parametrize("protocol, capture", [
    ("acme", "acme/acme-disabled-san.pcap"), ("acme", "acme/acme-not-disabled.pcap"), ("acme", "bundle/dns-tcp-pref.pcap"),
    ("session", "bundle/load-order-mpls.pcap"), ("ldp_binding", "ldp-extras/one-label-many-fecs.pcap"),
    ("l2tp_payload", "ldp-extras/l2tp-fr-nlpid.pcap"), ("ftp_session", "ftp-session/ftp-passive-native-fields.pcap"),
    ("hkp", "hkp/hkp-html-200.pcap")])
def test_switched_off_is_stock(ws, protocol, capture):
    """With the only plugin that has the protocol loaded, to the byte."""
    path = case(capture)
    plugin = {"acme": "acme", "session": "whole-session", "ldp_binding": "ldp-extras", "l2tp_payload": "ldp-extras",
              "ftp_session": "ftp-session", "hkp": "hkp"}[protocol]
    others = {"ldp-extras": ["ldp_binding", "l2tp_payload"]}.get(plugin, [protocol])
    off = [word for name in others for word in ("--disable-protocol", name)]
    alone = ws.subset(plugin)
    for arguments in ("-V",), ("-V", "-2"), ("-2",), ("-q", "-z", "io,phs"):
        assert alone.tshark(path, *arguments, *off) == ws.without_plugins().tshark(path, *arguments), arguments


def test_subject_alt_names_with_acme(ws):
    path = case("acme/acme-disabled-san.pcap")
    for options in (), ("--disable-protocol", "acme"):
        names = [n for n, in ws.rows(path, ["x509ce.dNSName"], options=options)]
        assert names == [n for n, in ws.without_plugins().rows(path, ["x509ce.dNSName"])]
        assert any(names)


# Plugins of two versions side by side

@pytest.fixture(scope="module")
def another_layout(tmp_path_factory):
    """hkp.so of a tree in which http_observer_t has one member more, at its beginning."""
    if HOST_SERIES not in ("4.0", "4.4", "4.6"):
        pytest.skip("this machine has no Wireshark to build for")
    top = tmp_path_factory.mktemp("layout")
    for name in "plugins", "cmake", "CMakeLists.txt":
        source = TOP / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, top / name)
    header = top / "plugins/common/http.h"
    text = header.read_text()
    assert "typedef struct http_observer {\n" in text
    header.write_text(text.replace("typedef struct http_observer {\n", "typedef struct http_observer {\n    const char *first;\n"))
    # Positional, and now with one member more.
    hkp = top / "plugins/hkp/packet-hkp.c"
    hkp.write_text(hkp.read_text().replace("hkp_observer = { &proto_hkp", 'hkp_observer = { "first", &proto_hkp'))
    config = next(p for p in BUILD.glob(f"{HOST_SERIES}/CMakeCache.txt"))
    where = re.search(r"^Wireshark_DIR:\w+=(.*)$", config.read_text(), re.M)[1]
    subprocess.run(["cmake", "-G", "Ninja", "-S", top, "-B", top / "build", f"-DWireshark_DIR={where}", "-DGAPFILL_PLUGINS=hkp", "-DCMAKE_BUILD_TYPE=Debug"],
                   check=True, capture_output=True)
    subprocess.run(["ninja", "-C", top / "build"], check=True, capture_output=True)
    return top / f"build/plugins/{HOST_SERIES}/epan/hkp.so"


@pytest.mark.parametrize("older_first", [True, False])
def test_two_layouts_side_by_side(ws, another_layout, tmp_path, captures, older_first):
    if ws.series != HOST_SERIES:
        pytest.skip("the other layout is built for this machine's Wireshark")
    epan = tmp_path / "mixed" / ws.series / "epan"
    epan.mkdir(parents=True)
    order = [another_layout] + [ws.plugin_dir / ws.series / "epan" / f"{n}.so" for n in ("acme", "whole-session", "ftp-session")]
    for number, so in enumerate(order if older_first else order[::-1]):
        shutil.copy(so.resolve(), epan / f"{number}-{so.name}")
    for path in tmp_path, tmp_path / "mixed", tmp_path / "mixed" / ws.series, epan:
        path.chmod(0o755)
    mixed = Wireshark(ws.series, plugin_dir=tmp_path / "mixed")
    capture = write_pcap(tmp_path / "http.pcap", http_exchange(80))
    assert mixed.count(capture, "hkp") == ws.count(capture, "hkp") == 2
    assert mixed.count(capture, "session") == ws.count(capture, "session") > 0
    http01 = next(captures.glob("acme-http01/*.pcap"))
    fields = ["frame.number", "acme.domain", "acme.response_in", "session.id"]
    assert mixed.rows(http01, fields, two_pass=True) == ws.rows(http01, fields, two_pass=True)
    assert mixed.count(http01, "acme") == ws.count(http01, "acme") > 0

# SPDX-License-Identifier: GPL-2.0-or-later
"""The harness itself: each way of asking gives what the others give, and an error is seen as one."""

import os
import re
import signal
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness import preforked, tshark
from harness.craft import ethernet, ipv4, tcp, udp, write_pcap
from harness.tshark import HOST_SERIES, SERIES, Wireshark


@pytest.fixture
def two_captures(tmp_path):
    """Two small files: three datagrams to port 7 (echo), and one to port 13 (daytime)."""
    first = [ethernet(ipv4(udp(b"x" * n, dport=7))) for n in (1, 2, 3)]
    second = [ethernet(ipv4(udp(b"what time\\ is \"it\"", dport=13)))]
    return write_pcap(tmp_path / "first.pcap", first), write_pcap(tmp_path / "second.pcap", second)


@pytest.mark.static
def test_sample_of_all_tests(pytestconfig):
    """Each test is left in the first series and one of the others or under sanitizers; few tests, or all with --full, are whole. What was not chosen is out."""
    conftest = pytestconfig.pluginmanager.get_plugin(str(tshark.TOP / "pytest/conftest.py"))
    names = [(f"test_{number}", series) for number in range(conftest.MANY) for series in SERIES]
    plain = []      # not under sanitizers in the first series

    def chosen(names, markers=(), **options):
        plain.clear()
        items = [SimpleNamespace(nodeid=f"{name}[{series}]", callspec=SimpleNamespace(params={"ws": series}), get_closest_marker=markers.__contains__,
                                 add_marker=lambda mark, name=name: plain.append(name))
                 for name, series in names]
        config = SimpleNamespace(getoption={"--wireshark": "all", "--full": False, **options}.get,
                                 hook=SimpleNamespace(pytest_deselected=lambda items: None))
        conftest.pytest_collection_modifyitems(config, items)
        return [(item.nodeid.partition("[")[0], item.callspec.params["ws"]) for item in items]

    sample = chosen(names)
    assert sample == chosen(names)
    assert {name for name, series in sample if series == SERIES[0]} == {f"test_{number}" for number in range(conftest.MANY)}
    assert set(Counter(name for name, _ in sample).values()) == {1, 2}
    counted = Counter(series for _, series in sample)
    assert counted[SERIES[0]] == conftest.MANY and min(counted.values()) > conftest.MANY / 4
    assert sorted(plain) == sorted(name for name, series in sample if series != SERIES[0])
    assert chosen(names[:30]) == names[:30] and chosen(names, **{"--full": True}) == names
    assert plain == []
    assert chosen(names, ["every_series"]) == names
    assert chosen(names, ["sanitized"]) == sample and plain == []
    assert chosen(names, ["large"]) == sample and len(plain) == conftest.MANY
    assert chosen(names[:30], ["large"]) == names[:30] and plain == []
    backwards = chosen(names, **{"--wireshark": "4.6,4.4,4.0"})
    assert {name for name, series in backwards if series == "4.6"} == {f"test_{number}" for number in range(conftest.MANY)}
    assert chosen(names, **{"--wireshark": "4.0,4.6"}) == [(name, series) for name, series in names if series != "4.4"]


def test_each_series_runs_with_its_plugins(ws):
    assert ws.run("tshark", "--version").startswith(f"TShark (Wireshark) {ws.series}.")
    assert ws.plugins() >= ws.built() >= {"discard"}
    assert not ws.without_plugins().plugins() & ws.built()


def test_subset_loads_only_what_it_names(ws):
    assert ws.subset("discard").plugins() & ws.built() == {"discard"}
    assert not ws.subset().plugins() & ws.built()


def test_one_pass_two_passes_and_sharkd_agree(ws, two_captures):
    fields = ["udp.length", "echo.data"]
    wanted = [("9", "78"), ("10", "7878"), ("11", "787878")]
    assert ws.rows(two_captures[0], fields) == ws.rows(two_captures[0], fields, two_pass=True) == wanted
    with ws.sharkd() as sharkd:
        sharkd.load(two_captures[0])
        assert [(r[0], r[1].replace(":", "")) for r in sharkd.rows(fields)] == wanted
        assert sharkd.frames("udp.length > 9") == ws.frames(two_captures[0], "udp.length > 9") == [2, 3]
        assert sharkd.columns(fields) == ws.custom_columns(two_captures[0], fields)


def test_sharkd_forgets_the_first_file(ws, two_captures):
    with ws.sharkd() as sharkd:
        sharkd.load(two_captures[0])
        assert sharkd.count("echo") == 3
        sharkd.load(two_captures[1])
        assert sharkd.count("echo") == 0
        assert sharkd.rows(["daytime.string"], "daytime") == ws.rows(two_captures[1], ["daytime.string"], "daytime")


def test_preferences_reach_every_tool(ws, two_captures):
    prefs = {"daytime.udp.port" if ws.version >= (4, 4) else "ip.decode_tos_as_diffserv": "7" if ws.version >= (4, 4) else "FALSE"}
    display_filter = "daytime" if ws.version >= (4, 4) else "ip.tos"
    assert ws.count(two_captures[0], display_filter) == 0
    assert ws.count(two_captures[0], display_filter, prefs=prefs) == 3
    with ws.sharkd(prefs=prefs) as sharkd:
        sharkd.load(two_captures[0])
        assert sharkd.count(display_filter) == 3


def test_pdml_holds_every_packet(ws, two_captures):
    protocols = [[proto.get("name") for proto in packet.findall("proto")] for packet in ws.pdml(two_captures[0])]
    assert protocols == [["geninfo", "frame", "eth", "ip", "udp", "echo"]] * 3


def test_statistics(ws, two_captures):
    statistics = [line.split() for line in ws.statistics(two_captures[0], "io,phs").splitlines()]
    assert ["udp", "frames:3", "bytes:132"] in statistics


def test_results_are_not_kept_when_the_file_changes(ws, tmp_path):
    capture = tmp_path / "growing.pcap"
    write_pcap(capture, [ethernet(ipv4(tcp(b"", flags="S")))])
    assert ws.count(capture, "tcp") == 1
    write_pcap(capture, [ethernet(ipv4(tcp(b"", flags="S")))] * 2)
    assert ws.count(capture, "tcp") == 2


def test_an_error_is_an_error(ws, two_captures):
    with pytest.raises(AssertionError, match="exits"):
        ws.count(two_captures[0], "no.such.field")
    with pytest.raises(AssertionError):
        ws.count(two_captures[0].with_name("absent.pcap"), "tcp")
    with pytest.raises(AssertionError), ws.sharkd() as sharkd:
        sharkd.load(two_captures[0].with_name("absent.pcap"))


@pytest.mark.skipif(HOST_SERIES is None, reason="no Wireshark is installed on the host")
def test_without_user_namespaces(monkeypatch, two_captures, ws):
    """Where bubblewrap does not work, tshark runs as nobody and still loads the plugins."""
    import os
    from harness import tshark
    if not all(os.stat(p).st_mode & 0o005 == 0o005 for p in [tshark.TOP, *tshark.TOP.parents]):
        pytest.skip("nobody may not read this folder")
    monkeypatch.setattr(tshark, "_has_user_namespaces", lambda: False)
    if tshark.hiding_installed():
        pytest.skip("the bundle is installed on this machine, and nothing hides it here")
    for folder in two_captures[0].parents:
        if folder.stat().st_mode & 0o005 != 0o005:
            folder.chmod(0o755)
    alone = Wireshark(ws.series)
    assert alone.command("tshark")[0] != "bwrap"
    assert alone.execute("tshark", "-G", "plugins").stdout.decode().count(f"{ws.series}/epan/discard.so") == 1
    assert alone.count(two_captures[0], "echo", prefs={"udp.check_checksum": "TRUE"}) == 3


def test_an_installed_bundle_is_hidden(monkeypatch, tmp_path):
    monkeypatch.setattr(tshark, "Path", lambda name: tmp_path if name == "/usr/lib" else Path(name))
    folder = tmp_path / "x/wireshark/plugins/4.0/epan"
    folder.mkdir(parents=True)
    (folder / "mate.so").touch()
    tshark.hiding_installed.cache_clear()
    assert tshark.hiding_installed() == []
    (folder / "hkp.so").touch()
    tshark.hiding_installed.cache_clear()
    assert tshark.hiding_installed() == ["--tmpfs", str(folder), "--ro-bind", str(folder / "mate.so"), str(folder / "mate.so")]
    tshark.hiding_installed.cache_clear()


@pytest.fixture
def run_of_tests(monkeypatch, tmp_path):
    monkeypatch.setenv("GAPFILL_RUN", str(tmp_path))


def test_processes_of_a_run_share_what_was_printed(run_of_tests):
    """Two of each stand for two processes."""
    here, there = tshark.Results(), tshark.Results()
    here.put(("4.0", "-V"), b"printed")
    assert there.get(("4.0", "-V")) == b"printed"
    assert there.get(("4.4", "-V")) is None
    here, there = tshark.Once("read"), tshark.Once("read")
    assert [who.is_new("a") for who in (here, here, there, there)] == [True, False, False, False]
    assert there.is_new("b") and tshark.Once("written").is_new("a")


def test_a_number_is_counted_by_one_process_of_a_run(run_of_tests):
    counted = []
    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda _: tshark.numbers_of_run("instructions", "mix", lambda: counted.append(0) or [7, 9]), range(4)))
    assert numbers == [[7, 9]] * 4 and len(counted) == 1
    assert tshark.numbers_of_run("instructions", "dns", lambda: [8]) == [8]


def test_without_a_run_nothing_is_shared(monkeypatch):
    monkeypatch.delenv("GAPFILL_RUN", raising=False)
    here, there = tshark.Results(), tshark.Results()
    here.put("key", b"printed")
    assert here.get("key") == b"printed" and there.get("key") is None
    assert tshark.Once("read").is_new("a") and tshark.Once("read").is_new("a")
    assert [tshark.numbers_of_run("instructions", "mix", lambda n=n: [n]) for n in (1, 2)] == [[1], [2]]


def test_a_subset_is_the_same_for_all(ws):
    first, second = ws.subset("discard", "hkp"), ws.subset("hkp", "discard")
    assert first.plugin_dir == second.plugin_dir != ws.subset("discard").plugin_dir


@pytest.fixture
def begins(monkeypatch):
    """Commands begin where dissectors are registered, also in a run that starts all others anew."""
    monkeypatch.delenv("GAPFILL_START", raising=False)
    assert preforked.is_possible("tshark", ("-r", "a")) and preforked.is_possible("sharkd", ("-",)), "no run of the tests"


@pytest.fixture
def servers(begins, monkeypatch, tmp_path):
    """None at first, and none is left."""
    made = preforked.Servers(whose=str(tmp_path), many=1000)
    monkeypatch.setattr(tshark, "_servers", made)
    yield made
    made.end()


@pytest.fixture
def real_and_begun(ws, begins, monkeypatch):
    """Runs a command as a process of its own and by one that has registered all dissectors; gives both results."""
    def run(tool, *args):
        begun = [ws.execute(tool, *args) for _ in range(3)][-1]
        with monkeypatch.context() as changed:
            changed.setenv("GAPFILL_START", "afresh")
            return ws.execute(tool, *args), begun
    return run


@pytest.mark.parametrize("options", [["-V"], ["-T", "fields", "-e", "frame.number", "-e", "udp.srcport", "-Y", "echo"], ["-T", "pdml", "-2"],
                                     ["-q", "-z", "io,phs"], ["-d", "udp.port==7,dns", "-V"], ["-o", "ip.check_checksum:TRUE", "-x"], ["-n", "-T", "json"],
                                     ["-Y", "no such filter"], ["-O", "udp"], ["-o", "no.such:preference"], ["--disable-protocol", "echo"]], ids=" ".join)
def test_begun_beforehand_is_as_started_anew(real_and_begun, two_captures, options):
    """What is printed, what is complained of and how it ends."""
    real, begun = real_and_begun("tshark", "-r", str(two_captures[0]), *options)
    assert isinstance(begun.args, tuple) and not isinstance(real.args, tuple), "both were run alike"
    printed = [re.sub(rb' time="[^"]*"', b"", done.stdout) for done in (begun, real)]       # PDML says when it was made
    assert printed[0] == printed[1] and begun.stderr == real.stderr and begun.returncode == real.returncode


@pytest.mark.parametrize("options", [["-V"], ["-n", "-V"], ["-N", "mt", "-V"],
                                     ["-N", "mt", "-T", "fields", "-e", "_ws.col.Info", "-e", "eth.src_resolved", "-e", "dhcpv6.vendorclass.enterprise"]],
                         ids=" ".join)
def test_names_are_those_of_a_start(real_and_begun, tmp_path, options):
    """Of ports, makers of addresses and enterprises: read once for all files."""
    class_of_cisco = b"\x01\x00\x00\x01" + b"\x00\x10\x00\x08\x00\x00\x00\x09\x00\x02ab"
    frames = [ethernet(ipv4(udp(class_of_cisco, 546, 547))), ethernet(ipv4(tcp(b"", 40000, 1433, flags="S")))]
    cisco = [frame[:6] + b"\0\0\x0c\1\2\3" + frame[12:] for frame in frames]
    real, begun = real_and_begun("tshark", "-r", str(write_pcap(tmp_path / "names.pcap", cisco)), *options)
    assert begun.stdout == real.stdout and begun.stderr == real.stderr
    names = [name in real.stdout for name in (b"Cisco_01:02:03", b"ms-sql-s")]
    assert names == ["-n" not in options, "-N" in options] and (b"ciscoSystems" in real.stdout) == ("-V" in options)


@pytest.mark.static
def test_options_that_are_looked_at_before_dissectors_are_registered(begins):
    """Commands with these start anew, also behind other letters and with values that only look like them."""
    for option in ("-C", "-nC", "-VCmine", "-X", "-2X", "-Gfields", "-i-", "--global-profile", "--log-level", "--log-lev", "--version", "-h"):
        assert not preforked.is_possible("tshark", ("-r", "a", option)), option
    for option in ("-V", "-nr", "-2", "-Y", "-d", "-O", "-xV", "--disable-protocol", "--export-objects=http,x"):
        assert preforked.is_possible("tshark", ("-r", "a", option)), option
    assert not preforked.is_possible("tshark", ("-V",)) and not preforked.is_possible("rawshark", ("-r", "a"))


def _deepest_child(process):
    below = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return _deepest_child(below[-1]) if below else int(process)


def test_a_sharkd_that_is_killed_is_seen(ws, servers):
    for _ in range(2):
        sharkd = ws.sharkd(prefs={"udp.check_checksum": "TRUE"})
    server, = servers.known.values()
    os.kill(_deepest_child(server.process.pid), signal.SIGKILL)
    with pytest.raises(AssertionError, match="exits 137"):
        sharkd.end()


def test_a_server_that_is_gone_is_replaced(ws, two_captures, servers):
    for length in 3, 2, 1:
        assert ws.execute("tshark", "-r", two_captures[0], "-Y", f"echo and udp.length >= {length + 8}").returncode == 0
        for server in servers.known.values():
            if server.process:
                os.kill(_deepest_child(server.process.pid), signal.SIGKILL)
                server.process.wait()


def test_a_server_is_there_for_all_processes(ws, two_captures, servers, monkeypatch, tmp_path):
    """What one has started runs the commands of another."""
    def ask(length):
        assert ws.execute("tshark", "-r", two_captures[0], "-Y", f"echo and udp.length >= {length}").returncode == 0
    ask(9)
    ask(10)
    first, = servers.known.values()
    another = preforked.Servers(whose=str(tmp_path), many=1000)
    monkeypatch.setattr(tshark, "_servers", another)
    ask(11)
    second, = another.known.values()
    assert first.process.poll() is None and second.process is None and second.is_there()


def test_a_server_that_has_nothing_to_do_ends(ws, two_captures, servers):
    ws = ws.with_env(GAPFILL_PREFORK_IDLE="1")
    for length in 9, 10, 11:
        assert ws.execute("tshark", "-r", two_captures[0], "-Y", f"echo and udp.length >= {length}").returncode == 0
    for server in servers.known.values():       # plain, and under sanitizers
        assert not server.process or server.process.wait(30) == 0 and not server.is_there()
    assert any(server.process for server in servers.known.values())
    assert ws.execute("tshark", "-r", two_captures[0], "-Y", "echo and udp.length >= 8").returncode == 0


def test_a_file_that_is_written_is_whole(ws, two_captures, tmp_path):
    tmp_path.chmod(0o777)
    for number in range(3):
        assert ws.execute("tshark", "-r", two_captures[0], "-w", tmp_path / f"{number}.pcap", "-F", "pcap").returncode == 0
    assert len({(tmp_path / f"{number}.pcap").read_bytes() for number in range(3)}) == 1


def test_an_end_that_was_not_meant_is_seen(ws, tmp_path):
    """A command whose time is over is ended, also where it was begun beforehand."""
    large = write_pcap(tmp_path / "large.pcap", [ethernet(ipv4(udp(bytes(n % 1400), dport=7))) for n in range(50_000)])
    for _ in range(3):
        with pytest.raises(subprocess.TimeoutExpired):
            ws.execute("tshark", "-r", large, "-V", timeout=0.5)
    assert ws.execute("tshark", "-r", large, "-c", "1").returncode == 0

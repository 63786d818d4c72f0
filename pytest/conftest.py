# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures: a test that takes `ws` runs once for each Wireshark series, with the plugins proved loaded.

GAPFILL_SANITIZED names a folder with a build for this machine's series under ASan and UBSan, which then is the first to read
each capture, but for tests with a mark of PLAIN.
"""

import os
import zlib
from pathlib import Path

import pytest

from harness.tshark import BUILD, HOST_SERIES, SERIES, SHARED, TOP, Wireshark, begin_run

PLAIN = ("static", "mixed", "measured", "compared", "sampled")
MANY = 1000


def pytest_addoption(parser):
    parser.addoption("--wireshark", default="all", help="4.0, 4.4, 4.6 (several with a comma), or all")
    parser.addoption("--full", action="store_true", help="what is sampled else: each test on each series, every pair of plugins")
    parser.addoption("--write-needs", metavar="FILE", help="writes there which builds the chosen tests need: series, and sanitize")


def pytest_configure(config):
    """Before there are processes that do the tests, which find it in their environment."""
    if not hasattr(config, "workerinput"):
        begin_run()


def chosen_series(config):
    wanted = config.getoption("--wireshark")
    chosen = SERIES if wanted == "all" else tuple(wanted.split(","))
    unknown = set(chosen) - set(SERIES)
    if unknown:
        raise pytest.UsageError(f"--wireshark {wanted}: not one of {', '.join(SERIES)}, all")
    return chosen


def pytest_generate_tests(metafunc):
    """What has to hold whatever the version is tested on one, this machine's if it is among them: see one_series in pytest.ini."""
    if "ws" in metafunc.fixturenames:
        series = chosen_series(metafunc.config)
        if metafunc.definition.get_closest_marker("one_series") and not metafunc.config.getoption("--full"):
            series = series[:1]
        metafunc.parametrize("ws", series, indirect=True, ids=lambda s: f"wireshark-{s}")


def _needs(item, chosen):
    """The series that a test is about; one about sources or scripts at most uses the Wireshark of this machine."""
    series = {value for value in getattr(item, "callspec", None) and item.callspec.params.values() or () if value in SERIES}
    if series or not item.get_closest_marker("static"):
        return series or set(chosen)
    return {HOST_SERIES} & set(chosen)


def pytest_collection_modifyitems(config, items):
    """What is about another series is left out. Where as good as all tests are chosen, the first series has each of them; a third each, always the same,
    are for the other two and for plugins under sanitizers."""
    chosen = chosen_series(config)
    later = () if config.getoption("--full") or len(chosen) < len(SERIES) or len(items) < MANY else chosen[1:]
    left_out, kept = [], []
    for item in items:
        series, third = _series_of(item), _third_of(item, later)
        sampled_out = series in later and series != third and not item.get_closest_marker("every_series")
        (kept if not sampled_out and _needs(item, chosen) <= set(chosen) else left_out).append(item)
        if later and series == chosen[0] and (third or item.get_closest_marker("large")) and not item.get_closest_marker("sanitized"):
            item.add_marker(pytest.mark.sampled)
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept


def _series_of(item):
    return item.callspec.params.get("ws") if hasattr(item, "callspec") else None


def _third_of(item, later):
    """That of the later series which has the test as well, or None: that third reads captures under sanitizers first."""
    series = _series_of(item)
    return (*later, None)[zlib.crc32(item.nodeid.replace(series, "").encode()) % (len(later) + 1)] if series else None


def pytest_collection_finish(session):
    file = session.config.getoption("--write-needs")
    if file:
        chosen = chosen_series(session.config)
        needed = set().union(*(_needs(item, chosen) for item in session.items))
        sanitized = any("ws" in item.fixturenames and HOST_SERIES in _needs(item, chosen) and not _is_plain(item) for item in session.items)
        Path(file).write_text("".join(f"{series}\n" for series in chosen if series in needed) + "sanitize\n" * sanitized)


def _is_plain(item):
    return any(map(item.get_closest_marker, PLAIN))


def pytest_terminal_summary(terminalreporter):
    """What a test has to say of the whole run, once: record_property("note", text)."""
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    for note in sorted({value for report in reports for name, value in getattr(report, "user_properties", ()) if name == "note"}):
        terminalreporter.write_line(note)


_loaded = {}
_built = {}
_instrumented = {}


def _state_of_build(ws):
    return {so.name: (so.stat().st_mtime_ns, so.stat().st_size) for so in (ws.plugin_dir / ws.series / "epan").glob("*.so")}


def _sanitized_dir(request):
    """The plugins under sanitizers that the test has read captures first; None if there are none or it wants plain ones."""
    if request.param != HOST_SERIES or "GAPFILL_SANITIZED" not in os.environ or _is_plain(request.node):
        return None
    return Path(os.environ["GAPFILL_SANITIZED"]).resolve() / request.param / "plugins"


def _prove_loaded(ws):
    """Once a process: what is built is loaded, and what should be under sanitizers is."""
    if (ws.series, ws.plugin_dir) not in _loaded:
        _built[ws.plugin_dir] = _state_of_build(ws)
        _loaded[ws.series, ws.plugin_dir] = ws.plugins()
        _instrumented[ws.plugin_dir] = ws.sanitized()
    built = ws.built()
    assert built, f"no plugins are built for {ws.series} in {ws.plugin_dir}"
    missing = built - _loaded[ws.series, ws.plugin_dir]
    assert not missing, f"not loaded: {missing}"
    return built


@pytest.fixture
def ws(request):
    ws = Wireshark(request.param, sanitized_dir=_sanitized_dir(request))
    built = _prove_loaded(ws)
    if ws.sanitized_dir:
        sanitized = ws.under_sanitizers()
        assert _prove_loaded(sanitized) == built == _instrumented[sanitized.plugin_dir], f"not all of {built} are under ASan and UBSan"
    yield ws
    assert _state_of_build(ws) == _built[ws.plugin_dir], f"plugins in {BUILD} were built anew while the tests ran"


@pytest.fixture
def captures():
    """The project's own captures."""
    return TOP / "test-captures"


@pytest.fixture
def shared():
    """The captures of ../shared; a test that takes this is skipped where they are absent."""
    if not SHARED.is_dir():
        pytest.skip("../shared/captures is absent")
    return SHARED

# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures: a test that takes `ws` runs once for each Wireshark series, with the plugins proved loaded."""

from pathlib import Path

import pytest

from harness.tshark import BUILD, HOST_SERIES, SERIES, SHARED, TOP, Wireshark


def pytest_addoption(parser):
    parser.addoption("--wireshark", default="all", help="4.0, 4.4, 4.6 (several with a comma), or all")
    parser.addoption("--full", action="store_true", help="test_load_order: every pair of plugins on each version, not a third of them")
    parser.addoption("--sanitized", action="store_true", help="the plugins in GAPFILL_BUILD have to be under ASan and UBSan")
    parser.addoption("--write-needs", metavar="FILE", help="writes there which Wireshark series the chosen tests need")


def chosen_series(config):
    wanted = config.getoption("--wireshark")
    chosen = SERIES if wanted == "all" else tuple(wanted.split(","))
    unknown = set(chosen) - set(SERIES)
    if unknown:
        raise pytest.UsageError(f"--wireshark {wanted}: not one of {', '.join(SERIES)}, all")
    return chosen


def pytest_generate_tests(metafunc):
    """A file with ONE_SERIES is about sizes and times, or about the tests themselves: the first of the chosen series has it."""
    if "ws" in metafunc.fixturenames:
        series = chosen_series(metafunc.config)
        if getattr(metafunc.module, "ONE_SERIES", False):
            series = series[:1]
        metafunc.parametrize("ws", series, indirect=True, ids=lambda s: f"wireshark-{s}")


def _needs(item, chosen):
    """The series that a test is about; one about sources or scripts at most uses the Wireshark of this machine."""
    series = {value for value in getattr(item, "callspec", None) and item.callspec.params.values() or () if value in SERIES}
    if series or not item.get_closest_marker("static"):
        return series or set(chosen)
    return {HOST_SERIES} & set(chosen)


def pytest_collection_finish(session):
    file = session.config.getoption("--write-needs")
    if file:
        chosen = chosen_series(session.config)
        needed = set().union(*(_needs(item, chosen) for item in session.items))
        Path(file).write_text("".join(f"{series}\n" for series in chosen if series in needed))


def pytest_terminal_summary(terminalreporter):
    """What a test has to say of the whole run, once: record_property("note", text)."""
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    for note in sorted({value for report in reports for name, value in getattr(report, "user_properties", ()) if name == "note"}):
        terminalreporter.write_line(note)


_loaded = {}
_built = {}


def _state_of_build(ws):
    return {so.name: (so.stat().st_mtime_ns, so.stat().st_size) for so in (ws.plugin_dir / ws.series / "epan").glob("*.so")}


@pytest.fixture
def ws(request):
    ws = Wireshark(request.param)
    built = ws.built()
    assert built, f"no plugins are built for {request.param} in {BUILD}"
    if request.param not in _loaded:
        if request.config.getoption("--sanitized"):
            assert ws.sanitized() == built, f"not under ASan and UBSan: {built - ws.sanitized()}"
        _built[request.param] = _state_of_build(ws)
        _loaded[request.param] = ws.plugins()
    assert built <= _loaded[request.param], f"not loaded: {built - _loaded[request.param]}"
    yield ws
    assert _state_of_build(ws) == _built[request.param], f"plugins in {BUILD} were built anew while the tests ran"


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

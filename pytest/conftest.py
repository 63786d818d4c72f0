# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures: a test that takes `ws` runs once for each Wireshark series, with the plugins proved loaded."""

import pytest

from gapfill_tshark import BUILD, SERIES, SHARED, TOP, Wireshark


def pytest_addoption(parser):
    parser.addoption("--wireshark", default="all", help="4.0, 4.4, 4.6 (several with a comma), or all")
    parser.addoption("--full", action="store_true", help="test_no_harm: each capture on its own, to its last packet")


def chosen_series(config):
    wanted = config.getoption("--wireshark")
    chosen = SERIES if wanted == "all" else tuple(wanted.split(","))
    unknown = set(chosen) - set(SERIES)
    if unknown:
        raise pytest.UsageError(f"--wireshark {wanted}: not one of {', '.join(SERIES)}, all")
    return chosen


def pytest_generate_tests(metafunc):
    if "ws" in metafunc.fixturenames:
        metafunc.parametrize("ws", chosen_series(metafunc.config), indirect=True, ids=lambda s: f"wireshark-{s}")


_loaded = {}


@pytest.fixture
def ws(request):
    ws = Wireshark(request.param)
    if request.param not in _loaded:
        _loaded[request.param] = ws.plugins()
    built = ws.built()
    assert built, f"no plugins are built for {request.param} in {BUILD}"
    assert built <= _loaded[request.param], f"not loaded: {built - _loaded[request.param]}"
    return ws


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

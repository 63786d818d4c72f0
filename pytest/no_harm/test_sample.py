# SPDX-License-Identifier: GPL-2.0-or-later
"""A fixed sample of the matrix: nothing native is changed but for what the closed list has, and that exactly as often."""

from collections import Counter

import pytest

from harness.tshark import SHARED
from no_harm import permissions
from no_harm.__main__ import result_of
from no_harm.captures import SAMPLES, sample
from no_harm.comparing import SAMPLE
from no_harm.report import merged

NAMES = [f"sample: {name}" for name in SAMPLES]


def of_sample(name):
    if any(part[0] != "test-captures" for part in SAMPLES[name.removeprefix("sample: ")]) and not SHARED.is_dir():
        pytest.skip("../shared is absent")
    capture = next(capture for capture in sample() if capture.name == name)
    print(*(path.name for path in capture.paths), sep="\n")
    return capture


@pytest.fixture
def result(request, ws):
    return result_of(ws, of_sample(request.param), SAMPLE)


@pytest.mark.one_series
@pytest.mark.parametrize("name", NAMES)
def test_sample_is_dissected(ws, name, tmp_path):
    """Each item of it, under sanitizers."""
    path, options = of_sample(name).prepared(tmp_path)
    for passes in ([], ["-2"]):
        ws.tshark(path, "-V", *options, *passes, timeout=1800)


@pytest.mark.compared
@pytest.mark.parametrize("result", NAMES, indirect=True)
def test_everything_native_is_as_without_the_plugins(result):
    assert sum(result["compared"].values()) > 100
    assert not result["harms"], "\n".join([f"{len(result['harms'])} differences:", *result["harms"][:30]])


@pytest.mark.compared
@pytest.mark.parametrize("result", NAMES, indirect=True)
def test_permissions_are_used_as_listed(result):
    here = (result["capture"], result["version"])
    listed = Counter({key: packets for key, packets in permissions.read_table().items() if key[:2] == here})
    wrong = permissions.table_differences(merged([result]), listed)
    assert not wrong, "\n".join(wrong)

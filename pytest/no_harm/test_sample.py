# SPDX-License-Identifier: GPL-2.0-or-later
"""A fixed sample of the matrix: nothing native is changed but for what the closed list has, and that exactly as often.

The known harms are marked in permissions.py; each has a test here that fails once it is gone, so that its mark goes as well.
"""

from collections import Counter

import pytest

from gapfill_tshark import SHARED
from no_harm import permissions
from no_harm.__main__ import result_of
from no_harm.captures import SAMPLES, sample
from no_harm.comparing import SAMPLE
from no_harm.report import merged

NAMES = [f"sample: {name}" for name in SAMPLES]


@pytest.fixture
def result(request, ws):
    name = request.param
    if SAMPLES[name.removeprefix("sample: ")][0] != "test-captures" and not SHARED.is_dir():
        pytest.skip("../shared is absent")
    capture = next(capture for capture in sample() if capture.name == name)
    print(*(path.name for path in capture.paths), sep="\n")
    if request.config.getoption("--sanitized"):     # the other run compares; this one has all of it dissected
        pytest.skip("the run without sanitizers compares")
    return result_of(ws, capture, SAMPLE)


@pytest.mark.parametrize("result", NAMES, indirect=True)
def test_everything_native_is_as_without_the_plugins(result):
    assert sum(result["compared"].values()) > 100
    assert not result["harms"], "\n".join([f"{len(result['harms'])} differences:", *result["harms"][:30]])


@pytest.mark.parametrize("result", NAMES, indirect=True)
def test_permissions_are_used_as_listed(result):
    here = (result["capture"], result["version"])
    listed = Counter({key: packets for key, packets in permissions.read_table().items() if key[:2] == here})
    wrong = permissions.table_differences(merged([result]), listed)
    assert not wrong, "\n".join(wrong)


@pytest.mark.static
@pytest.mark.parametrize("permission", [p for p in permissions.PERMISSIONS if p.harm], ids=lambda p: p.name)
def test_known_harms_are_still_listed_as_such(permission):
    """When one has been mended, it is in no regenerated list any more: its mark goes, and this stands as it is."""
    assert any(key[3] == permission.name for key in permissions.read_table())


@pytest.mark.static
@pytest.mark.parametrize("permission", [pytest.param(p, marks=pytest.mark.xfail(strict=True, reason=p.harm))
                                        for p in permissions.PERMISSIONS if p.harm], ids=lambda p: p.name)
def test_no_known_harm(permission):
    used = [key for key in permissions.read_table() if key[3] == permission.name]
    assert not used

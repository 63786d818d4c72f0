# SPDX-License-Identifier: GPL-2.0-or-later
"""openpgp.so and hkp.so, each without the other, and both."""

import pytest

from hkp.test_requests_and_answers import answer, get, write
from openpgp.key_servers import key_answer


def own_fields(ws, prefix):
    return sorted(name for name, kind in ws.fields().items() if name.startswith(prefix + ".") and kind != "FT_NONE")


@pytest.mark.parametrize("name, keys", [("sks-curl", None), ("sks-gpg", None), ("onak-curl", None), ("hkps", "hkps"), ("wkd", "wkd")])
def test_hkp_needs_no_openpgp(ws, captures, name, keys):
    """Found, mismatch, counts, names in Info: hkp.so says the same of keys when nobody shows them."""
    capture = captures / f"hkp-servers/{name}.pcap"
    keylog = captures / f"hkp-servers/{keys}.keys" if keys else None
    alone, both = ws.subset("hkp"), ws.subset("hkp", "openpgp")
    fields = own_fields(both, "hkp")
    assert own_fields(alone, "hkp") == fields and len(fields) > 25
    wanted = both.rows(capture, fields, "hkp", True, keylog=keylog)
    assert alone.rows(capture, fields, "hkp", True, keylog=keylog) == wanted and any(map(any, wanted))
    assert alone.columns(capture, True, keylog=keylog) == both.columns(capture, True, keylog=keylog)
    assert both.count(capture, "openpgp.key.fingerprint", keylog=keylog) > 0
    assert "openpgp" not in alone.fields()
    statistics = [w.statistics(capture, "hkp,tree", keylog=keylog) for w in (alone, both)]
    assert statistics[0] == statistics[1] and "found" in statistics[0]


def test_shared_hkp_captures_alike(ws, shared):
    """The same over every shared capture: of key servers, and of what might be taken for one."""
    alone, both = ws.subset("hkp"), ws.subset("hkp", "openpgp")
    fields = ["frame.number", *own_fields(both, "hkp")]
    seen = 0
    for capture in sorted(path for folder in (shared, shared.parent / "cases") for path in (folder / "hkp").glob("*.pcap*")):
        shown = [w.run("tshark", "-n", "-r", capture, "-Y", "hkp", "-T", "fields", *(part for field in fields for part in ("-e", field)),
                       check=False) for w in (alone, both)]      # some are cut short, which tshark says by its exit status
        assert shown[0] == shown[1], capture.name
        seen += shown[0].count("\n")
    assert seen > 0


def test_openpgp_needs_no_hkp(ws, captures):
    capture = captures / "openpgp-gnupg/gnupg.pcap"
    alone, all_of_them = ws.subset("openpgp"), ws
    fields = own_fields(alone, "openpgp")
    wanted = all_of_them.rows(capture, fields, "openpgp", True)
    assert alone.rows(capture, fields, "openpgp", True) == wanted and len(wanted) > 0 and any(map(any, wanted))
    assert "hkp" not in alone.fields()


def test_openpgp_switched_off(ws, tmp_path):
    """Switched off, openpgp shows nothing below HKP, and hkp says what it said."""
    _, capture = key_answer(ws, tmp_path)
    off = ["--disable-protocol", "openpgp"]
    assert ws.count(capture, "openpgp") == 1 and ws.count(capture, "openpgp", options=off) == 0
    assert ws.count(capture, "hkp.found == 1 && !hkp.key_mismatch", options=off) == 1


def test_layers_stay_the_carriers(ws, tmp_path):
    """Keys below HKP are no layer of the packet."""
    _, capture = key_answer(ws, tmp_path)
    (layers,), = ws.rows(capture, ["frame.protocols"], "openpgp")
    assert layers == ws.without_plugins().rows(capture, ["frame.protocols"], "http.response")[0][0]


def test_one_name_for_an_algorithm(ws, tmp_path):
    index = b"info:1:1\npub:0123456789ABCDEF:22:255:1700000000::\n"
    capture = write(tmp_path / "names.pcap", [(get("/pks/lookup?op=index&options=mr&search=a"), answer(200, index))])
    assert ws.custom_columns(capture, ["hkp.index.algorithm"], "hkp.index.algorithm") == [("EdDSALegacy",)]

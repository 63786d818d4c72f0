# SPDX-License-Identifier: GPL-2.0-or-later
"""fuzz/coverage.py and docs/coverage.tsv: blocks of lines that no test runs, each with the reason."""

import importlib.util

import pytest

from harness.tshark import TOP

pytestmark = pytest.mark.static

SOURCE = """\
static bool
is_ours(int n)
{
    if (n < 3)
        return false;
    if (n > 9)
        return false;

    log(n);
    return true;
}

static void
never(void)
{
    log(0);
}
"""
RAN = {2: 4, 4: 4, 5: 0, 6: 4, 7: 0, 9: 0, 10: 0, 14: 0, 16: 0}


@pytest.fixture
def coverage():
    """Not by its name, which a package of Python has, too."""
    spec = importlib.util.spec_from_file_location("gapfill_coverage", TOP / "fuzz" / "coverage.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def source_in(tmp_path, text):
    source = tmp_path / "plugins/x/x.c"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(text)
    return source


def blocks_of(coverage, source, counts):
    return [(place[1:], numbers) for place, numbers in coverage.blocks({source: counts})]


def test_blocks_end_where_a_line_ran_and_with_the_function(coverage, tmp_path, monkeypatch):
    monkeypatch.setattr(coverage, "TOP", tmp_path)
    found = blocks_of(coverage, source_in(tmp_path, SOURCE), RAN)
    assert found == [(("is_ours", "return false;"), [5]), (("is_ours", "return false; #2"), [7, 9, 10]), (("never", "never(void)"), [14, 16])]


def test_a_block_keeps_its_place_where_lines_move(coverage, tmp_path, monkeypatch):
    monkeypatch.setattr(coverage, "TOP", tmp_path)
    places = [place for place, _ in blocks_of(coverage, source_in(tmp_path, SOURCE), RAN)]
    moved = source_in(tmp_path, "/* Two\n * more. */\n" + SOURCE)
    assert [place for place, _ in blocks_of(coverage, moved, {line + 2: count for line, count in RAN.items()})] == places


def test_what_is_not_explained_and_what_is_explained_in_vain(coverage, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(coverage, "TOP", tmp_path)
    monkeypatch.setattr(coverage, "EXPLAINED", tmp_path / "coverage.tsv")
    source = source_in(tmp_path, SOURCE)
    monkeypatch.setattr(coverage, "counted", lambda: ({source: RAN}, {}))
    coverage.EXPLAINED.write_text("# Why\nplugins/x/x.c\tis_ours\treturn false;\tNone is so small.\nplugins/x/x.c\tis_ours\tlog(n);\tIt ran.\n")
    assert coverage.check()
    assert capsys.readouterr().out.splitlines() == [
        "not explained:\tplugins/x/x.c\tis_ours\treturn false; #2", "not explained:\tplugins/x/x.c\tnever\tnever(void)",
        "did run, or is no more:\tplugins/x/x.c\tis_ours\tlog(n);"]
    coverage.EXPLAINED.write_text("".join("\t".join(place) + "\tWhy.\n" for place, _ in coverage.blocks({source: RAN})))
    assert not coverage.check()


def test_every_explanation_is_of_lines_that_there_are(coverage):
    places = {place for source in (TOP / "plugins").glob("*/*.[ch]") for place in coverage.places(source).values()}
    explained = coverage.explained()
    assert set(explained) <= places
    lines = [line for line in coverage.EXPLAINED.read_text().splitlines() if line[:1] != "#"]
    assert len(lines) == len(explained), "each block has one line"

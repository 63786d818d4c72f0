# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/cookbook.md: each command prints what stands there. README.md and the manual page: their filters and tables are there."""

import re
import shlex

import pytest

from harness.tshark import TOP


def tasks():
    """Title, command and printed lines of each task; a line … stands for any lines."""
    found = []
    for part in re.split(r"^## ", (TOP / "docs/cookbook.md").read_text(), flags=re.M)[1:]:
        block = [line[4:] for line in part.splitlines() if line.startswith("    ")]
        assert block[0].startswith("$ tshark "), part
        found.append((part.splitlines()[0], block[0][2:], block[1:]))
    return found


def squeezed(line):
    """Versions set the columns of a table otherwise."""
    return re.sub(r" *\| *", "|", line.strip())


@pytest.mark.static
def test_twelve_tasks():
    assert [int(title.partition(".")[0]) for title, _, _ in tasks()] == list(range(1, 13))


@pytest.mark.every_series
@pytest.mark.parametrize("title, command, lines", tasks(), ids=lambda value: value.partition(".")[0] if isinstance(value, str) else "")
def test_task(ws, monkeypatch, title, command, lines):
    monkeypatch.chdir(TOP)
    done = ws.execute(*shlex.split(command))
    assert (done.returncode, done.stderr) == (0, b"")
    printed = [squeezed(line) for line in done.stdout.decode().strip("\n").split("\n")]
    wanted = [squeezed(line) for line in lines]
    if wanted[-1] == "…":
        wanted.pop()
        assert len(printed) > len(wanted)
        printed = printed[:len(wanted)]
    assert len(wanted) > 1 and printed == wanted, "\n".join(printed)


def named_filters():
    """What README's first table and the manual page tell to type: filters, and names of tables."""
    table = re.search(r"^\| what you see .*?\n\n", (TOP / "README.md").read_text(), re.M | re.S)[0]
    told = [code for line in table.splitlines()[2:] for code in re.findall(r"`([^`]+)`", line)]
    page = (TOP / "docs/gapfill.7").read_text().replace("\\-", "-")
    told += re.findall(r"-Y '?([^'\n]+)'?$", page, re.M) + re.findall(r"(-z \S+)", page)
    return [code for code in told if not code.startswith("-z")], {code.split()[1] for code in told if code.startswith("-z")}


@pytest.mark.every_series
def test_filters_and_tables_that_documents_name(ws):
    filters, tables = named_filters()
    assert len(filters) > 12 and len(tables) >= 5
    with ws.sharkd() as sharkd:
        for text in filters:
            assert sharkd.call("check", filter=text) == {"status": "OK"}, text
    known = ws.execute("tshark", "-z", "help").stdout.decode() + ws.execute("tshark", "-z", "help").stderr.decode()
    assert [table for table in tables if not re.search(rf"^\s+{table}\b", known, re.M)] == []

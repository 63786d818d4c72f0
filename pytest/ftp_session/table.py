# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of FTP transfers, read back."""

import re


def apart(cells):
    """The facts of a row, of which several share a cell, one by one."""
    outcome, reply = (*cells["Outcome Reply"].split(" "), "226" if cells["Outcome Reply"] == "complete" else "-")[:2]
    frame, start = cells["Frame Start"].split(" ")
    session, client, direction, server = re.fullmatch(r"(\d+) ([^<>-]*)([<>-])(.*)", cells["Session Client<User@Server"]).groups()
    user, _, server = server.rpartition("@")
    mode, command, path = re.fullmatch(r"(\S+) (SITE \S+|\S+) (.+)", cells["Mode+TLS Command+REST Path"]).groups()
    mode, _, tls = mode.partition("+")
    command, _, rest = command.partition("+")
    sizes, _, seconds = (cells["Bytes/Expected Seconds"] or "-").partition(" ")
    size, _, expected = sizes.partition("/")
    return {"Outcome": outcome, "Reply": reply, "Frame": frame, "Start": start, "Session": session, "Client": client,
            "Direction": direction, "Server": server, "User": user, "Mode": mode, "TLS": tls, "Command": command, "REST": rest,
            "Path": path, "Bytes": size, "Expected": expected, "Seconds": seconds or "-"}


def lines_of(text):
    """Of what -z ftp_session,transfers prints: each line of it, and its cells."""
    lines = [line for line in text.splitlines() if " |" in line]
    names = [name.strip() for name in lines[0].split(" |")]
    return [(line, {name: cell.strip() for name, cell in zip(names, line.split(" |")) if name}) for line in lines[1:]]


def rows_of(text):
    """Each transfer's row as it stands, and what it says, if need be by a row of its session's own."""
    lines = lines_of(text)
    own = [cells["Session Client<User@Server"] for _, cells in lines if cells["Outcome Reply"] == "session"]
    rows = [(line, apart(cells)) for line, cells in lines if cells["Outcome Reply"] != "session"]
    for _, row in rows:
        if not row["Client"]:
            [ends] = [ends for ends in own if ends.startswith(row["Session"] + " ")]
            row["Client"], user, row["Server"] = re.fullmatch(r"\d+ ([^-]+)-(?:(.*)@)?(.*)", ends).groups()
            row["User"] = user or ""
    return rows


def table(ws, capture, *options):
    """The rows of -z ftp_session,transfers, by session, as dictionaries."""
    return [row for _, row in rows_of(ws.run("tshark", "-n", "-r", capture, *options, "-q", "-z", "ftp_session,transfers"))]


def assert_rows(ws, capture, options, scenes):
    """scenes: by name what is first the function that made a session, in this order, and then the rows that this has to have."""
    found = table(ws, capture, *options)
    for number, (name, (_, expected, *_)) in enumerate(scenes.items()):
        rows = [row for row in found if row["Session"] == str(number)]
        assert [{key: row[key] for key in wanted} for row, wanted in zip(rows, expected)] == expected, name
        assert len(rows) == len(expected), name

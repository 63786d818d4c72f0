# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of FTP transfers, read back."""

import re


def apart(cells):
    """The facts of a row, of which several share a cell, one by one."""
    outcome, reply = (*cells["Outcome Reply"].split(" "), "-")[:2]
    client, direction, server = re.fullmatch(r"([^<>-]+)([<>-])(.*)", cells["Client<User@Server"]).groups()
    user, _, server = server.rpartition("@")
    mode, command = cells["Mode+TLS Command+REST"].split(" ", 1)
    mode, _, tls = mode.partition("+")
    command, _, rest = command.partition("+")
    return {"Outcome": outcome, "Reply": reply, "Client": client, "Direction": direction, "Server": server, "User": user,
            "Mode": mode, "TLS": tls, "Command": command, "REST": rest, "Expected": cells.get("Expected", ""),
            **{name: cells[name] for name in ("Frame", "Start", "Session", "Path", "Bytes", "Seconds")}}


def rows_of(text):
    """Of what -z ftp_session,transfers prints: each row as it stands, and what it says."""
    lines = [line for line in text.splitlines() if " |" in line]
    names = [name.strip() for name in lines[0].split(" |")]
    return [(line, apart({name: cell.strip() for name, cell in zip(names, line.split(" |")) if name})) for line in lines[1:]]


def table(ws, capture, *options):
    """The rows of -z ftp_session,transfers, by session, as dictionaries."""
    return [row for _, row in rows_of(ws.run("tshark", "-n", "-r", capture, *options, "-q", "-z", "ftp_session,transfers"))]

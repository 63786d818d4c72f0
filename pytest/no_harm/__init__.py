# SPDX-License-Identifier: GPL-2.0-or-later
"""First, do no harm: with the plugins, everything that is native is shown as it is without them.

    captures.py     which captures, joined or each on its own
    running.py      runs stock and ours side by side, and reads what they print, packet by packet
    trees.py        one form for PDML, JSON, EK and sharkd: layers of lines, without our own fields
    permissions.py  what INTERFACE lets be shown otherwise, and the closed list of where that happens
    comparing.py    compare(): all outputs of one capture
    report.py       differences and figures, as text and in docs
    __main__.py     the whole matrix, resumable
"""

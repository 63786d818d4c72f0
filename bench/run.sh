#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# bench/run.sh [--together|--ways] [--series 4.0] [packets]: what is in docs/performance.md, of what is built; see bench/table.py
exec /usr/bin/python3 "$(dirname "$0")/table.py" "$@"

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Prints the rows of one capture: see rows.py. Its exit status is tshark's, which is not 0 for a capture that ends amidst a packet.
#
#   batch/rows.sh CAPTURE [tshark arguments]
#
# WANTED is the display filter; a key log beside the capture, CAPTURE.keys, is used.
set -u
[ $# -gt 0 ] || { sed -n '3,7s/^# \{0,1\}//p' "$0"; exit 1; }
capture=$1
shift
[ ! -e "$capture.keys" ] || set -- -o "tls.keylog_file:$capture.keys" "$@"
printed=$(mktemp)
trap 'rm -f "$printed"' EXIT
tshark -n -2 -r "$capture" -Y "${WANTED:-ftp_session.outcome || hkp.outcome || acme.outcome}" -T ek "$@" >"$printed"
status=$?
"$(dirname "$0")/rows.py" "$capture" <"$printed" || exit
exit "$status"

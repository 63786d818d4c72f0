#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Prints the rows of one capture: see rows.py. Its exit status is tshark's, which is not 0 for a capture that ends amidst a packet.
#
#   batch/rows.sh CAPTURE [tshark arguments]
#
# WANTED is the display filter: rows are of those outcomes that it names, or of all but session.outcome if it names none.
# A key log beside the capture, CAPTURE.keys, is used.
set -u
wanted=${WANTED:-ftp_session.outcome || hkp.outcome || acme.outcome}
[ $# -gt 0 ] || { sed -n '3,8s/^# \{0,1\}//p' "$0"; exit 1; }
capture=$1
shift
[ ! -e "$capture.keys" ] || set -- -o "tls.keylog_file:$capture.keys" "$@"
printed=$(mktemp)
trap 'rm -f "$printed"' EXIT
tshark -n -2 -r "$capture" -Y "$wanted" -T ek "$@" >"$printed"
status=$?
kinds=
for kind in ftp_session hkp acme session; do
	case " $wanted" in *[!_]$kind.outcome*) kinds="$kinds $kind" ;; esac
done
# shellcheck disable=SC2086	# each is an argument
"$(dirname "$0")/rows.py" "$capture" $kinds <"$printed" || exit
exit "$status"

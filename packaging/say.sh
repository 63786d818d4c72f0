# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced: what went wrong, told in one true line.
#
#   stop MESSAGE                       ends the script with one line on stderr
#   reason_to_write_not FOLDER [TEXT]  prints why nothing can be written there; TEXT is what the failed program said

stop() {
	echo "$(basename "$0"): $*" >&2
	exit 1
}

reason_to_write_not() {
	local folder=$1 free
	while [ ! -e "$folder" ]; do
		folder=$(dirname "$folder")
	done
	free=$(df -Pk "$folder" 2>/dev/null | awk 'NR == 2 { print $4 }')
	if [ "${free:-1024}" -lt 64 ] || [[ ${2-} = *"No space left on device"* ]]; then
		echo "the disk is full: $1"
	else
		echo "$1 cannot be written"
	fi
}

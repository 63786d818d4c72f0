#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Puts the plugins beside this script into the Wireshark of this computer. Nothing is built, and nothing is fetched.
#
#   ./install-plugins.sh [--system | --personal] [--uninstall]
#
#   --system     for all users: the default for root, since Wireshark as root ignores personal plugins
#   --personal   for you alone: the default for everybody else
#   --uninstall  remove them again
set -euo pipefail
top=$(cd "$(dirname "$0")" && pwd)
. "$top/lib/say.sh"
. "$top/lib/place.sh"
earlier_files=$top/lib/earlier-files.tsv

scope=
action=install
while [ $# -gt 0 ]; do
	case $1 in
		--system|--personal)
			[ -z "$scope" ] || [ "$scope" = "${1#--}" ] || stop "--system and --personal exclude each other"
			scope=${1#--} ;;
		--uninstall) action=uninstall ;;
		-h|--help) sed -n '3,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
		*) stop "unknown argument $1 (see ./install-plugins.sh --help)" ;;
	esac
	shift
done
choose_scope

plugin_names() {
	local so
	for so in "$top"/lib/*/epan/*.so; do
		basename "$so" .so
	done
}

if [ "$action" = uninstall ]; then
	uninstall
	remove_profile Gapfill
	exit 0
fi

# What is here is for one series of Wireshark and one kind of processor.
check_what_is_here() {
	local here=("$top"/lib/*/epan) machine
	here=$(basename "$(dirname "${here[0]}")")
	[ "$series" = "$here" ] || stop "these plugins are for Wireshark $here, and here is Wireshark $series: take the download for $series"
	read -r machine <"$top/lib/machine"
	[ "$(uname -s) $(uname -m)" = "$machine" ] || stop "these plugins are for $machine, and here is $(uname -s) $(uname -m)"
}

find_target
check_what_is_here
check_other_folders
errors=$(mktemp 2>/dev/null) || stop "$(reason_to_write_not "${TMPDIR:-/tmp}")"
put_in_place "$top/lib/$series/epan"
rm -f "$errors"
say_installed
put_profile "$top/lib/profile/Gapfill"
echo "Restart Wireshark to use them. README.md says what to type."

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the plugins for the Wireshark of this machine, installs them, and shows what each of them adds.
#
#   ./install.sh [--system | --personal] [--uninstall] [--no-demo] [--keys KEYLOG] [CAPTURE...]
#
#   --system     for all users: the default for root, since Wireshark as root ignores personal plugins
#   --personal   for you alone: the default for everybody else
#   --uninstall  remove them again
#   --no-demo    do not show anything afterwards
#   CAPTURE      show what the plugins add to these captures, rather than to samples of our own
#   --keys       a TLS key log for them
#
# Exit status: 0, all is done; 3, all is installed and the demonstration failed; else nothing is changed.
set -euo pipefail
top=$(cd "$(dirname "$0")" && pwd)
. "$top/packaging/packages.sh"
. "$top/packaging/place.sh"
builds_untested=yes
earlier_files=$top/packaging/earlier-files.tsv

scope=
action=install
demo=yes
keys=
captures=()
while [ $# -gt 0 ]; do
	case $1 in
		--system|--personal)
			[ -z "$scope" ] || [ "$scope" = "${1#--}" ] || stop "--system and --personal exclude each other"
			scope=${1#--} ;;
		--uninstall) action=uninstall ;;
		--no-demo) demo=no ;;
		--keys) [ $# -gt 1 ] || stop "--keys wants a key log"; keys=$2; shift ;;
		--keys=*) keys=${1#*=} ;;
		-h|--help) sed -n '3,14s/^# \{0,1\}//p' "$0"; exit 0 ;;
		--) shift; captures+=("$@"); break ;;
		-*) stop "unknown option $1 (see ./install.sh --help)" ;;
		*) captures+=("$1") ;;
	esac
	shift
done
for capture in "${captures[@]}" ${keys:+"$keys"}; do
	[ -r "$capture" ] && [ ! -d "$capture" ] || stop "$capture: no such file, or it may not be read"
done
choose_scope

plugin_names() {
	local folder
	for folder in "$top"/plugins/*/CMakeLists.txt; do
		basename "$(dirname "$folder")"
	done
}

if [ "$action" = uninstall ]; then
	uninstall
	remove_profile Gapfill
	exit 0
fi

# Known before anything is installed: the Wireshark that is there decides, or else the one that apt would bring.
if command -v tshark >/dev/null; then
	series=$(series_of_wireshark)
	supported "$series"
else
	offered=$(apt-cache policy tshark 2>/dev/null | sed -n 's/^ *Candidate: \([0-9]*\.[0-9]*\)\..*/\1/p')
	[ -z "$offered" ] || supported "$offered"
fi
need_packages "what the build needs" "${build_packages[@]}"
find_target
check_other_folders

build=$top/build/install-$series
mkdir -p "$build" 2>/dev/null && [ -w "$build" ] || stop "$(reason_to_write_not "$build")"
log=$build/build.log
# How far ninja is, on one line of a terminal.
progress() {
	if [ -t 1 ]; then
		awk '/^\[[0-9]+\/[0-9]+\]/ { printf "\r  %s ", $1; fflush(); any = 1 } END { if (any) printf "\r%20s\r", "" }'
	else
		cat >/dev/null
	fi
}

echo "Building for Wireshark $series$(! is_untested "$series" || echo ", which is untested"), which takes about a minute ..."
status=0
{ cmake -G Ninja -S "$top" -B "$build" -DGAPFILL_PLUGINS=all && ninja -C "$build"; } 2>&1 | tee "$log" | progress || status=$?
if [ "$(id -u)" -eq 0 ]; then	# the owner of this folder will want to build here as well
	chown --reference="$top" "$top/build"
	chown -R --reference="$top" "$build"
fi
if [ "$status" -ne 0 ]; then
	reason=$(reason_to_write_not "$build" "$(tail -c 4000 "$log")")
	case $reason in "the disk is full"*) stop "$reason" ;; esac
	reason=$(grep -m1 -E 'fatal error|error:|CMake Error' "$log" || tail -1 "$log")
	stop "the build fails: ${reason:-no reason given} (all of it: $log)"
fi
made=$build/plugins/$series/epan
for name in $(plugin_names); do
	[ -e "$made/$name.so" ] || stop "the headers in use are not of Wireshark $series: $name.so was not made for it"
done

errors=$build/install.err
put_in_place "$made"
say_installed
put_profile "$top/profile/Gapfill"

if [ "$demo" = yes ]; then
	python3 "$top/packaging/demo.py" ${keys:+--keys "$keys"} -- "${captures[@]}" ||
		{ echo "All is installed; only the demonstration failed."; exit 3; }
fi

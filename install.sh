#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the plugins for the Wireshark of this machine, installs them, and shows what each of them adds.
#
#   ./install.sh [--system | --personal] [--uninstall] [--no-demo] [CAPTURE...]
#
#   --system     for all users: the default for root, since Wireshark as root ignores personal plugins
#   --personal   for you alone: the default for everybody else
#   --uninstall  remove them again
#   --no-demo    do not show anything afterwards
#   CAPTURE      show what the plugins add to these captures, rather than to samples of our own
set -euo pipefail
top=$(cd "$(dirname "$0")" && pwd)
. "$top/packaging/packages.sh"

scope=
action=install
demo=yes
captures=()
while [ $# -gt 0 ]; do
	case $1 in
		--system|--personal)
			[ -z "$scope" ] || [ "$scope" = "${1#--}" ] || stop "--system and --personal exclude each other"
			scope=${1#--} ;;
		--uninstall) action=uninstall ;;
		--no-demo) demo=no ;;
		-h|--help) sed -n '3,11s/^# \{0,1\}//p' "$0"; exit 0 ;;
		--) shift; captures+=("$@"); break ;;
		-*) stop "unknown option $1 (see ./install.sh --help)" ;;
		*) captures+=("$1") ;;
	esac
	shift
done
for capture in "${captures[@]}"; do
	[ -r "$capture" ] && [ ! -d "$capture" ] || stop "$capture: no such capture, or it may not be read"
done
if [ -z "$scope" ]; then
	[ "$(id -u)" -eq 0 ] && scope=system || scope=personal
fi
[ "$scope" = system ] || [ "$(id -u)" -ne 0 ] || stop "Wireshark ignores root's personal plugins: use --system, or run this as yourself"
unset WIRESHARK_PLUGIN_DIR

plugin_names() {
	local folder
	for folder in "$top"/plugins/*/CMakeLists.txt; do
		basename "$(dirname "$folder")"
	done
}

series_of_tshark() {
	tshark --version 2>/dev/null | sed -n '1s/.*(Wireshark) \([0-9]*\.[0-9]*\)\..*/\1/p'
}

plugin_folder() {	# system | personal
	local label=Global
	[ "$1" = system ] || label=Personal
	tshark -G folders 2>/dev/null | sed -n "s/^$label Plugins:[[:space:]]*//p" | head -1
}

# Runs a command with the rights that the plugin folder needs.
with_rights() {
	if [ "$scope" = system ] && [ "$(id -u)" -ne 0 ]; then
		sudo "$@"
	else
		"$@"
	fi
}

check_rights() {
	if [ "$scope" = system ] && [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null || stop "--system needs root: run it as root, or use --personal"
		if [ -t 0 ]; then sudo true; else sudo -n true 2>/dev/null; fi || stop "--system needs root, and sudo is not allowed here: use --personal"
	fi
	local folder=$1
	while [ ! -e "$folder" ]; do
		folder=$(dirname "$folder")
	done
	{ [ -d "$folder" ] && with_rights test -w "$folder"; } || stop "$1 cannot be written"
}

uninstall() {
	local folders=() removed=() name so
	if command -v tshark >/dev/null; then
		folders=("$(plugin_folder "$scope")")
		[ -n "${folders[0]}" ] || stop "tshark does not say where its plugins are"
		folders=("$(dirname "${folders[0]}")")
	elif [ "$scope" = system ]; then
		folders=(/usr/lib/*/wireshark/plugins)	# Wireshark itself may have been removed before
	else
		folders=("$HOME/.local/lib/wireshark/plugins")
	fi
	for name in $(plugin_names); do
		# The folders of other versions lie beside the one of this version.
		while read -r so; do
			with_rights rm -f "$so" 2>/dev/null || stop "$so cannot be removed"
			removed+=("$so")
		done < <(find "${folders[@]}" -maxdepth 3 -path "*/epan/$name.so" 2>/dev/null)
	done
	if [ ${#removed[@]} -eq 0 ]; then
		echo "Nothing to remove in ${folders[*]}."
	else
		echo "Removed:"
		printf '  %s\n' "${removed[@]}"
	fi
}

if [ "$action" = uninstall ]; then
	uninstall
	exit 0
fi

supported() {
	case $1 in 4.0|4.4|4.6) ;; *) stop "Wireshark ${1:-of unknown version} is not supported: the plugins are for 4.0, 4.4 and 4.6" ;; esac
}

# Known before anything is installed: the Wireshark that is there decides, or else the one that apt would bring.
if command -v tshark >/dev/null; then
	supported "$(series_of_tshark)"
else
	offered=$(apt-cache policy tshark 2>/dev/null | sed -n 's/^ *Candidate: \([0-9]*\.[0-9]*\)\..*/\1/p')
	[ -z "$offered" ] || supported "$offered"
fi
need_packages "what the build needs" \
	cmake ninja-build gcc libc6-dev python3 tshark wireshark-dev libwireshark-dev libgcrypt20-dev libnghttp2-dev zlib1g-dev
series=$(series_of_tshark)
supported "$series"
folder=$(plugin_folder "$scope")
[ -n "$folder" ] || stop "tshark does not say where its plugins are"
[ "$(basename "$folder")" = "$series" ] || folder=$folder/$series
target=$folder/epan
check_rights "$target"
if [ "$scope" = personal ]; then
	installed=$(plugin_folder system)
	for name in $(plugin_names); do
		[ ! -e "$installed/epan/$name.so" ] || stop "$name.so is installed for all users already, in $installed/epan"
	done
fi

build=$top/build/install-$scope-$series
mkdir -p "$build" 2>/dev/null && [ -w "$build" ] || stop "$build cannot be written"
log=$build/build.log
echo "Building for Wireshark $series ..."
status=0
{ cmake -G Ninja -S "$top" -B "$build" -DGAPFILL_PLUGINS=all && ninja -C "$build"; } >"$log" 2>&1 || status=$?
if [ "$(id -u)" -eq 0 ]; then	# the owner of this folder will want to build here as well
	chown --reference="$top" "$top/build"
	chown -R --reference="$top" "$build"
fi
if [ "$status" -ne 0 ]; then
	reason=$(grep -m1 -E 'fatal error|error:|CMake Error' "$log" || tail -1 "$log")
	stop "the build fails: ${reason:-no reason given} (all of it: $log)"
fi
made=$build/plugins/$series/epan
for name in $(plugin_names); do
	[ -e "$made/$name.so" ] || stop "the headers in use are not of Wireshark $series: $name.so was not made for it"
done

# All at once or not at all: copied beside, then renamed; the old ones stay as .NAME.so.old meanwhile. Until all is proved,
# leaving this script in whatever way brings them back, which needs no room on the disk.
with_rights mkdir -p "$target" 2>/dev/null || stop "$target cannot be written"
replaced=()
clean_up() {
	local name
	for name in $(plugin_names); do
		with_rights rm -f "$target/.$name.so.new" "$target/.$name.so.old"
	done
}
roll_back() {
	local status=$? name
	set +e
	trap '' INT TERM HUP
	for name in "${replaced[@]}"; do
		if [ -e "$target/.$name.so.old" ]; then
			[ "$target/.$name.so.old" -ef "$target/$name.so" ] || with_rights mv -f "$target/.$name.so.old" "$target/$name.so"
		else
			with_rights rm -f "$target/$name.so"
		fi
	done
	clean_up
	return "$status"
}
trap roll_back EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
clean_up
for name in $(plugin_names); do
	with_rights install -m 644 "$made/$name.so" "$target/.$name.so.new" 2>/dev/null || stop "$target cannot be written: nothing is changed"
	[ ! -e "$target/$name.so" ] || with_rights ln "$target/$name.so" "$target/.$name.so.old" 2>/dev/null ||
		with_rights cp -p "$target/$name.so" "$target/.$name.so.old" 2>/dev/null || stop "$target cannot be written: nothing is changed"
done
for name in $(plugin_names); do
	replaced+=("$name")
	with_rights mv -f "$target/.$name.so.new" "$target/$name.so" 2>/dev/null || stop "$target cannot be written: nothing is changed"
done
loaded=$(tshark -G plugins 2>/dev/null || true)
for name in $(plugin_names); do
	if ! grep -qF "$target/$name.so" <<<"$loaded"; then
		complaint=$(tshark -G plugins 2>&1 >/dev/null | grep -i -m1 -e "$name" || true)
		stop "Wireshark does not load $name.so${complaint:+: $complaint}"
	fi
done
trap - EXIT INT TERM HUP
clean_up
echo "Installed in $target, and loaded by Wireshark $series:"
printf '  %s\n' "$(plugin_names | paste -sd ' ')"

if [ "$demo" = yes ]; then
	python3 "$top/packaging/demo.py" "${captures[@]}" || echo "All is installed; only the demonstration failed."
fi

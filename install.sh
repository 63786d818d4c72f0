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
own_plugin_dir=${WIRESHARK_PLUGIN_DIR-}
unset WIRESHARK_PLUGIN_DIR

plugin_names() {
	local folder
	for folder in "$top"/plugins/*/CMakeLists.txt; do
		basename "$(dirname "$folder")"
	done
}

earlier_names() {
	local file rest
	while IFS=$'\t' read -r file rest; do
		case $file in *.so) echo "${file%.so}" ;; esac
	done <"$top/packaging/earlier-files.tsv"
}

# Those of today, and of earlier versions what has no successor.
known_names() {
	local today name
	today=$(plugin_names)
	echo "$today"
	while read -r name; do
		case $'\n'$today$'\n' in *$'\n'"$name"$'\n'*) ;; *) echo "$name" ;; esac
	done < <(earlier_names)
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
	for name in $(known_names); do
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
need_packages "what the build needs" "${build_packages[@]}"
series=$(series_of_tshark)
supported "$series"

# Plugins that Wireshark finds elsewhere as well: it takes one copy, perhaps the older, and complains at every start.
folders_of() {	# system | personal: those that Wireshark reads
	if [ "$1" = system ]; then
		with_series "${own_plugin_dir:-$(plugin_folder system)}"
	elif [ "$scope" = personal ]; then
		with_series "$(plugin_folder personal)"
	else
		{ [ "$(id -u)" -eq 0 ] || echo "$HOME"; getent passwd | awk -F: '$3 != 0 { print $6 }'; } | sort -u |
			sed "s#/*\$#/.local/lib/wireshark/plugins/$series#"
	fi
}

with_series() {
	[ "$(basename "$1")" = "$series" ] && echo "$1" || echo "$1/$series"
}

names_in() {	# FOLDER: those of our plugins that are there
	local name
	for name in $(known_names); do
		! with_rights test -e "$1/$name.so" || echo "$name"
	done
}

files_in() {	# FOLDER NAME...: as one would type them in the shell
	local folder=$1
	shift
	[ $# -eq 1 ] && printf '%q/%s.so' "$folder" "$1" || printf '%q/{%s}.so' "$folder" "$(paste -sd , < <(printf '%s\n' "$@"))"
}

check_other_folders() {
	local folder kind names remedy='' where='' root=
	[ "$(id -u)" -eq 0 ] || root="sudo "
	while read -r folder; do
		for kind in epan wiretap codecs; do
			[ "$folder/$kind" != "$target" ] && with_rights test -d "$folder/$kind" || continue
			mapfile -t names < <(names_in "$folder/$kind")
			[ ${#names[@]} -gt 0 ] || continue
			where+="${where:+ and }$folder/$kind"
			remedy+="${remedy:+ && }$([ -w "$folder/$kind" ] || echo "$root")rm $(files_in "$folder/$kind" "${names[@]}")"
		done
	done < <({ folders_of system; folders_of personal; } | sort -u)
	[ -z "$where" ] || stop "the plugins are in $where already, and Wireshark would find them twice; first: $remedy"
}

# Another series of Wireshark, perhaps the one before an upgrade, has its own folder.
name_leftovers() {
	local other names
	for other in "$(dirname "$folder")"/*/; do
		other=${other%/}
		[ "$other" != "$folder" ] || continue
		mapfile -t names < <(names_in "$other/epan")
		[ ${#names[@]} -eq 0 ] || echo "Those in $other/epan are for Wireshark $(basename "$other") alone; if it is gone: rm $(files_in "$other/epan" "${names[@]}")"
	done
}

folder=$(plugin_folder "$scope")
[ -n "$folder" ] || stop "tshark does not say where its plugins are"
folder=$(with_series "$folder")
target=$folder/epan
check_rights "$target"
check_other_folders

build=$top/build/install-$scope-$series
mkdir -p "$build" 2>/dev/null && [ -w "$build" ] || stop "$(reason_to_write_not "$build")"
log=$build/build.log
echo "Building for Wireshark $series ..."
status=0
{ cmake -G Ninja -S "$top" -B "$build" -DGAPFILL_PLUGINS=all && ninja -C "$build"; } >"$log" 2>&1 || status=$?
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

# All at once or not at all: copied beside, then renamed; the old ones stay as .NAME.so.old meanwhile. Until all is proved,
# leaving this script in whatever way brings them back, which needs no room on the disk.
with_rights mkdir -p "$target" 2>/dev/null || stop "$(reason_to_write_not "$target")"
replaced=()
removed=
clean_up() {
	local name
	for name in $(known_names); do
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
keep_old() {	# NAME
	[ ! -e "$target/$1.so" ] || with_rights ln "$target/$1.so" "$target/.$1.so.old" 2>/dev/null ||
		with_rights cp -p "$target/$1.so" "$target/.$1.so.old" 2>/dev/null || stop "$(reason_to_write_not "$target"): nothing is changed"
}
clean_up
for name in $(plugin_names); do
	# Not in a subshell: a signal is for this script, whose traps bring the old ones back.
	with_rights install -m 644 "$made/$name.so" "$target/.$name.so.new" 2>"$build/install.err" ||
		stop "$(reason_to_write_not "$target" "$(cat "$build/install.err")"): nothing is changed"
	keep_old "$name"
done
for name in $(plugin_names); do
	replaced+=("$name")
	with_rights mv -f "$target/.$name.so.new" "$target/$name.so" 2>/dev/null || stop "$(reason_to_write_not "$target"): nothing is changed"
done
for name in $(comm -13 <(plugin_names | sort) <(known_names | sort)); do	# there were such, and there are none today
	[ -e "$target/$name.so" ] || continue
	keep_old "$name"
	replaced+=("$name")
	with_rights rm -f "$target/$name.so" 2>/dev/null || stop "$(reason_to_write_not "$target"): nothing is changed"
	removed+=" $name.so"
done
loaded=$(tshark -G plugins 2>/dev/null || true)
said=$(tshark -G plugins 2>&1 >/dev/null || true)
for name in $(plugin_names); do
	if ! grep -qF "$target/$name.so" <<<"$loaded"; then
		complaint=$(grep -i -m1 -e "$name" <<<"$said" || true)
		stop "Wireshark does not load $name.so${complaint:+: $complaint}"
	fi
done
twice=$(grep -m1 -F "found in multiple directories" <<<"$said" || true)
[ -z "$twice" ] || stop "Wireshark finds plugins twice: ${twice#*: }"
trap - EXIT INT TERM HUP
clean_up
echo "Installed in $target, and loaded by Wireshark $series:"
printf '  %s\n' "$(plugin_names | paste -sd ' ')"
[ -z "$removed" ] || echo "Removed, of an earlier version:$removed"
name_leftovers

if [ "$demo" = yes ]; then
	python3 "$top/packaging/demo.py" "${captures[@]}" || echo "All is installed; only the demonstration failed."
fi

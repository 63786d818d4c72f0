#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Brings tools/ of Wireshark's source package, the one source that the checkers read, and the files that
# upstream/make-patches.sh reads, into build/wireshark-tools.
#
#   packaging/wireshark-tools.sh
#
# The newest source is taken that the archive not only names, but has, or else one that is in build/source already. The
# checkers stay as they are until build/wireshark-tools is removed. The line that is printed says which source it is.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/packages.sh
. packaging/private-apt.sh

target=$PWD/build/wireshark-tools
kept=$PWD/build/source
apt=$PWD/build/apt-source.partial
trap 'rm -rf "$apt"' EXIT
suites="unstable testing stable oldstable"	# whatever Debian calls them today, newest first

kept_source() {
	find "$kept" -maxdepth 1 -name 'wireshark_*.orig.tar.*' ! -name '*.partial' 2>/dev/null | sort -V | tail -1
}

# What could not be had, and why, goes to `refused`.
fetch_from() {	# SUITE
	local suite=$1 uri archive hash
	rm -rf "$apt"
	private_apt "$apt" deb-src "$suite" || { refused+=("$suite: $trouble"); return 1; }
	read -r uri archive hash < <(apt-get source -qq --print-uris --only-source wireshark 2>"$apt/source.log" |
		awk '$2 ~ /\.orig\.tar\.[a-z0-9]+$/ { gsub("\047", "", $1); print $1, $2, $4 }') ||
		{ refused+=("$suite: has no source of Wireshark"); return 1; }
	case " ${tried[*]} " in *" $archive "*) return 1 ;; esac
	tried+=("$archive")
	[ ! -e "$kept/$archive" ] || return 0
	if ! /usr/lib/apt/apt-helper download-file "$uri" "$kept/$archive.partial" "$hash" >"$apt/source.log" 2>&1 </dev/null; then
		rm -f "$kept/$archive.partial"
		refused+=("$suite: $(trouble_of_apt "$apt/source.log")")
		return 1
	fi
	mv "$kept/$archive.partial" "$kept/$archive"
}

# Sets `source`.
find_source() {
	local suite
	mkdir -p "$kept" 2>/dev/null || stop "$(reason_to_write_not "$kept")"
	for suite in $suites; do
		if fetch_from "$suite"; then
			source=$kept/${tried[-1]}
			return 0
		fi
		case ${refused[-1]-} in *": no network: "*|*": the disk is full: "*) refused=("${refused[-1]#*: }"); break ;; esac
	done
	source=$(kept_source)
	[ -n "$source" ] || stop "$(joined "${refused[@]}") (wanted: a source of Wireshark)"
}

joined() {
	local text
	text=$(printf '%s; ' "$@")
	echo "${text%; }"
}

wanted=(tools epan/tfs.c)
[ ! -e upstream ] || mapfile -t -O ${#wanted[@]} wanted < <(upstream/make-patches.sh --needs)

# An older Wireshark has not got all of them.
is_unpacked() {
	[ -e "$target/SOURCE" ] && [ "$(cat "$target/WANTED" 2>/dev/null)" = "${wanted[*]}" ]
}

unpack() {	# ARCHIVE
	local reason said version
	rm -rf "$target" "$target.partial"
	mkdir -p "$target.partial" 2>/dev/null || stop "$(reason_to_write_not "$target")"
	said=$(tar -x -f "$1" -C "$target.partial" --strip-components=1 --no-same-owner \
		--wildcards --no-wildcards-match-slash "${wanted[@]/#/*/}" 2>&1 |
		grep -v -e 'Not found in archive' -e 'Exiting with failure status' || true)
	if [ -n "$said" ] || [ ! -d "$target.partial/tools" ]; then
		reason=$(reason_to_write_not "$target" "$said")
		rm -rf "$target.partial"
		case $reason in "the disk is full"*) stop "$reason" ;; esac
		stop "$1 cannot be unpacked; remove it to have it fetched again"
	fi
	version=${1##*/wireshark_}
	{ echo "Wireshark's source ${version%%.orig.tar.*}${refused[*]:+ (no newer one can be had: $(joined "${refused[@]}"))}"; } > "$target.partial/SOURCE"
	echo "${wanted[*]}" > "$target.partial/WANTED"
	mv "$target.partial" "$target"
}

tried=()
refused=()
if ! is_unpacked; then
	find_source
	unpack "$source"
fi
cat "$target/SOURCE"

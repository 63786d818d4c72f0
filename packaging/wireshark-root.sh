#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Brings another Wireshark series from Debian's packages into build/roots/SERIES, to build and to test with.
#
#   packaging/wireshark-root.sh 4.0|4.4|4.6
#
# Nothing is installed on the machine: the packages are unpacked into a folder. The newest version of the series that
# the archive has is taken. A root that is there already stays as it is; remove the folder to have it made again.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/packages.sh
. packaging/private-apt.sh

series=${1:?which series?}
case $series in
	4.0) suites="bookworm bookworm-updates" ;;
	4.4) suites="trixie" ;;
	4.6) suites="forky sid" ;;
	*) stop "Wireshark $series: no Debian suite is known to have it" ;;
esac
root=$PWD/build/roots/$series
made=$root.partial
apt=$PWD/build/apt-$series.partial
trap 'rm -rf "$apt"' EXIT

is_complete() {
	[ -x "$1/usr/bin/tshark" ] && [ -x "$1/usr/bin/sharkd" ] && [ -e "$1/usr/include/nghttp2/nghttp2.h" ] &&
		[ -e "$1/usr/include/gnutls/gnutls.h" ] && [ -e "$1/usr/include/bzlib.h" ] && config_of "$1" >/dev/null
}

config_of() {
	local found
	found=$(find "$1/usr/lib" -name WiresharkConfig.cmake -print -quit)
	[ -n "$found" ] && dirname "$found"
}

# The CMake package names libraries by absolute paths, which have to lie in the root.
point_into_root() {
	local targets
	targets=$(config_of "$root")/WiresharkTargets.cmake
	if ! grep -qF "$root/usr/" "$targets"; then
		[ -e "$targets.orig" ] || cp "$targets" "$targets.orig"
		sed "s#\([\";]\)/usr/#\1$root/usr/#g" "$targets.orig" > "$targets.new"
		mv "$targets.new" "$targets"
	fi
}

# Fails with `trouble` set where the suite cannot be read, or where its packages cannot be had.
download_from() {	# SUITE
	local candidate
	rm -rf "$apt"
	private_apt "$apt" deb "$1" || return 1
	candidate=$(apt-cache policy wireshark-dev | awk '$1 == "Candidate:" { print $2 }')
	case $candidate in
		"$series".*) ;;
		*) trouble="has ${candidate:-no Wireshark}"; return 1 ;;
	esac
	apt-get install -q -y --download-only "${root_packages[@]}" >"$apt/install.log" 2>&1 </dev/null ||
		{ trouble=$(trouble_of_apt "$apt/install.log"); return 1; }
}

# A 404 says that the index was older than the archive: then once more.
download() {
	local suite refused=
	for suite in $suites; do
		if download_from "$suite" || { [[ $trouble = *"(404)" ]] && download_from "$suite"; }; then
			return 0
		fi
		case $trouble in "no network: "*|"the disk is full: "*) stop "$trouble (wanted: Wireshark $series)" ;; esac
		refused+="${refused:+; }$suite: $trouble"
	done
	stop "Wireshark $series cannot be had from this machine's mirror ($refused)"
}

unpack() {
	local deb reason
	rm -rf "$made"
	mkdir -p "$made"/usr/{bin,lib,lib64,sbin} 2>/dev/null || stop "$(reason_to_write_not "$made")"
	for deb in bin lib lib64 sbin; do
		ln -s "usr/$deb" "$made/$deb"
	done
	for deb in "$apt"/cache/archives/*.deb; do
		if ! { dpkg-deb --fsys-tarfile "$deb" |
			tar -x -C "$made" --keep-directory-symlink --no-same-owner --delay-directory-restore --exclude='./dev/*'; } 2>"$apt/unpack.log"; then
			reason=$(reason_to_write_not "$made" "$(cat "$apt/unpack.log")")
			rm -rf "$made"
			case $reason in "the disk is full"*) stop "$reason" ;; esac
			stop "$(basename "$deb") cannot be unpacked into $made"
		fi
	done
}

if ! is_complete "$root"; then
	download
	unpack
	is_complete "$made" || stop "Wireshark $series: Debian's packages lack tshark, sharkd, a header or the CMake files"
	rm -rf "$root"
	mv "$made" "$root"
fi
point_into_root
echo "Wireshark $series: $root"

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
. packaging/private-apt.sh

series=${1:?which series?}
case $series in
	4.0) suites="bookworm bookworm-updates" ;;
	4.4) suites="trixie" ;;
	4.6) suites="forky sid" ;;
	*) echo "Wireshark $series: no Debian suite is known to have it" >&2; exit 1 ;;
esac
root=$PWD/build/roots/$series
made=$root.partial
apt=$PWD/build/apt-$series.partial

is_complete() {
	[ -x "$1/usr/bin/tshark" ] && [ -x "$1/usr/bin/sharkd" ] && [ -e "$1/usr/include/nghttp2/nghttp2.h" ] && config_of "$1" >/dev/null
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

find_suite() {
	local suite candidate
	for suite in $suites; do
		rm -rf "$apt"
		private_apt "$apt" deb "$suite" || continue
		candidate=$(apt-cache policy wireshark-dev | awk '$1 == "Candidate:" { print $2 }')
		case $candidate in "$series".*) return 0 ;; esac
	done
	echo "Wireshark $series: none of Debian's suites $suites has it on this machine's mirror" >&2
	return 1
}

unpack() {
	local deb
	rm -rf "$made"
	mkdir -p "$made"/usr/{bin,lib,lib64,sbin}
	for deb in bin lib lib64 sbin; do
		ln -s "usr/$deb" "$made/$deb"
	done
	for deb in "$apt"/cache/archives/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" |
			tar -x -C "$made" --keep-directory-symlink --no-same-owner --delay-directory-restore --exclude='./dev/*'
	done
}

if ! is_complete "$root"; then
	find_suite
	apt-get install -q -y --download-only tshark wireshark-dev libwireshark-dev libc6-dev libgcrypt20-dev libnghttp2-dev zlib1g-dev \
		>"$apt/install.log" 2>&1 </dev/null || { tail -3 "$apt/install.log" >&2; exit 1; }
	unpack
	is_complete "$made" || { echo "Wireshark $series: Debian's packages lack tshark, sharkd, a header or the CMake files" >&2; exit 1; }
	rm -rf "$root"
	mv "$made" "$root"
	rm -rf "$apt"
fi
point_into_root
echo "Wireshark $series: $root"

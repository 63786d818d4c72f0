#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Brings tools/ of Wireshark's source package, and the one source that the checkers read, into build/wireshark-tools.
#
#   packaging/wireshark-tools.sh
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/private-apt.sh

target=$PWD/build/wireshark-tools
apt=$PWD/build/apt-source.partial

if [ ! -e "$target/tools/checkAPIs.pl" ] || [ ! -e "$target/epan/tfs.c" ]; then
	rm -rf "$apt" "$target" "$target.partial"
	# The source of 4.4 has all of the checkers; 4.0 lacks two.
	private_apt "$apt" deb-src trixie
	mkdir -p "$target.partial" build/source
	read -r uri archive hash < <(apt-get source -qq --print-uris --only-source wireshark |
		awk '$2 ~ /\.orig\.tar\.[a-z0-9]+$/ { gsub("\047", "", $1); print $1, $2, $4 }')
	archive=$PWD/build/source/$archive
	if [ ! -e "$archive" ]; then
		/usr/lib/apt/apt-helper download-file "$uri" "$archive.partial" "$hash" >"$apt/source.log" 2>&1 </dev/null ||
			{ tail -3 "$apt/source.log" >&2; exit 1; }
		mv "$archive.partial" "$archive"
	fi
	tar -x -f "$archive" -C "$target.partial" --strip-components=1 --wildcards '*/tools' '*/epan/tfs.c'
	mv "$target.partial" "$target"
	rm -rf "$apt"
fi
echo "Wireshark's checkers: $target/tools"

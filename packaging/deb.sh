#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Packs the plugins for one series as a Debian package; release.sh calls it.
#
#   packaging/deb.sh SERIES FOLDER SOURCE VERSION DIST     FOLDER has the .so files, SOURCE the documents
#
# Prints the name of the package's file in DIST. Debian's release of the series says how libraries are called there; the
# package of libwireshark has another name in each series, so that apt never leaves the plugins beside a Wireshark that they
# are not for. SOURCE_DATE_EPOCH is the time of everything in it.
set -euo pipefail
. "$(dirname "$0")/say.sh"

[ $# -eq 5 ] || stop "wants SERIES FOLDER SOURCE VERSION DIST"
series=$1 epan=$2 source=$3 version=$4 dist=$5
package=wireshark-gapfill
case $series in
	4.0) release=12 suite=bookworm wireshark="libwireshark16 libwsutil14" libraries="libglib2.0-0 libgnutls30" ;;
	4.4) release=13 suite=trixie wireshark="libwireshark18 libwsutil16" libraries="libglib2.0-0t64 libgnutls30t64" ;;
	4.6) release=14 suite=forky wireshark="libwireshark19 libwsutil17" libraries="libglib2.0-0t64 libgnutls30t64" ;;
	*) stop "Wireshark $series: no release of Debian is known to have it" ;;
esac
libraries+=" libgcrypt20 libnghttp2-14 zlib1g"
if objdump -p "$epan"/*.so | grep 'NEEDED *libbz2' >/dev/null; then	# the build may have been without it
	libraries+=" libbz2-1.0"
fi
full=$version-0deb$release
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
date=$(date -u -R -d "@$SOURCE_DATE_EPOCH")
maintainer="The Gapfill authors <maintainers@users.noreply.github.com>"
doc=$root/usr/share/doc/$package

packed() {	# FILE: what is read, compressed
	gzip -9n >"$1"
}

needed_libc() {
	objdump -T "$epan"/*.so | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -1 | sed 's/GLIBC_//'
}

depends() {
	local name
	echo -n "libc6 (>= $(needed_libc))"
	for name in $libraries; do
		echo -n ", $name"
	done
	for name in $wireshark; do
		echo -n ", $name (>= $series.0)"
	done
	echo
}

install -d "$root/usr/lib/x86_64-linux-gnu/wireshark/plugins/$series/epan" "$doc" "$root/usr/share/man/man7" "$root/DEBIAN"
install -m 644 "$epan"/*.so "$root/usr/lib/x86_64-linux-gnu/wireshark/plugins/$series/epan/"
install -D -m 644 -t "$root/usr/share/wireshark/profiles/Gapfill" "$source"/profile/Gapfill/*
(cd "$source" && cp --parents -r README.md ARCHITECTURE.md CONTRIBUTING.md SECURITY.md docs plugins/*/README.md "$doc/")
packed "$root/usr/share/man/man7/gapfill.7.gz" <"$source/docs/gapfill.7"
rm "$doc/docs/gapfill.7"
packed "$doc/changelog.gz" <"$source/CHANGELOG.md"
packed "$doc/changelog.Debian.gz" <<END
$package ($full) $suite; urgency=medium

  * Gapfill $version for Wireshark $series; changelog.gz says what is new.

 -- $maintainer  $date
END
cat >"$doc/copyright" <<END
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Gapfill

Files: *
Copyright: 2026 the Gapfill authors
License: GPL-2.0-or-later
 This program is free software; you can redistribute it and/or modify it under the terms of the GNU General Public
 License as published by the Free Software Foundation; either version 2 of the License, or (at your option) any later
 version.
 .
 This program is distributed in the hope that it will be useful, but WITHOUT ANY WARRANTY; without even the implied
 warranty of MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE. See the GNU General Public License for more details.
 .
 On Debian systems, the complete text of the GNU General Public License version 2 can be found in
 "/usr/share/common-licenses/GPL-2".
END
cat >"$root/DEBIAN/control" <<END
Package: $package
Version: $full
Architecture: amd64
Maintainer: $maintainer
Installed-Size: $(du -sk --apparent-size "$root/usr" | cut -f1)
Depends: $(depends)
Recommends: wireshark | tshark
Enhances: tshark, wireshark
Section: net
Priority: optional
Description: plugins that show what Wireshark $series does not
 Eight plugins for Wireshark and tshark. They show whole sessions of FTP with
 their data connections, what MPLS labels and pseudowires of LDP stand for, why
 a certificate authority has refused a certificate (ACME), what OpenPGP key
 servers are asked and answer, OpenPGP keys and whether signatures are good,
 ARP in LLC/SNAP frames, the Discard protocol, and all packets of the
 conversations in which a protocol was seen.
 .
 The profile Gapfill, which users can choose in Wireshark, has colours, buttons
 and columns for them; gapfill(7) says what to type.
END
(cd "$root" && find usr -type f -printf '%P\n' | sort | sed 's#^#usr/#' | xargs -d '\n' md5sum >DEBIAN/md5sums)
find "$root" -type d -exec chmod 755 {} +
find "$root" -type f -exec chmod 644 {} +
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
name=${package}_${full}_amd64.deb
dpkg-deb --root-owner-group -Zxz --build "$root" "$dist/$name" >/dev/null
echo "$name"

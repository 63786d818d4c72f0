#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes what users download, from what is committed, into dist/.
#
#   packaging/release.sh [--wireshark 4.0|4.4|4.6|all] [--plugins NAME,...] [--built FOLDER] [--dist FOLDER] [--tag]
#
#   --plugins  only these
#   --built    packs what is in FOLDER/SERIES (as test.sh builds it) rather than build: quick, to try the packing
#   --dist     where to, rather than dist/
#   --tag      marks the commit as this version for git, where CHANGELOG.md has the version with a date and nothing after it
#
#   gapfill-VERSION.tar.gz                                the sources
#   gapfill-VERSION-wireshark-SERIES-linux-x86_64.tar.gz  plugins for a series, with install-plugins.sh
#   wireshark-gapfill_VERSION-0debN_amd64.deb             the same for the release of Debian that has the series
#   SHA256SUMS                                            of these
#
# The same commit gives the same bytes, in whichever folder, as long as compiler and Wireshark's headers are the same: all
# times are the commit's (or SOURCE_DATE_EPOCH). A series that this machine does not have is taken from build/roots, and
# fetched into it if need be. The version is that of CMakeLists.txt.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top"
. packaging/packages.sh

wanted=all
plugins=all
built=
dist=$top/dist
tag=
while [ $# -gt 0 ]; do
	if [ "$1" = --tag ]; then
		tag=yes
		shift
		continue
	fi
	[ "$1" = -h ] || [ "$1" = --help ] || [ $# -gt 1 ] || stop "$1 wants a value (see packaging/release.sh --help)"
	case $1 in
		--wireshark) wanted=$2 ;;
		--plugins) plugins=${2//,/;} ;;
		--built) built=$(realpath "$2") ;;
		--dist) dist=$(realpath -m "$2") ;;
		-h|--help) sed -n '3,19s/^# \{0,1\}//p' "$0"; exit 0 ;;
		*) stop "unknown option $1 (see packaging/release.sh --help)" ;;
	esac
	shift 2
done
[ "$wanted" != all ] || wanted=4.0,4.4,4.6
for series in ${wanted//,/ }; do
	case $series in 4.0|4.4|4.6) ;; *) stop "--wireshark $series: not one of 4.0, 4.4, 4.6, all" ;; esac
done

git rev-parse -q --verify HEAD >/dev/null 2>&1 || stop "this is no clone of the repository: the commit's time and files are needed"
[ -z "$(git status --porcelain --untracked-files=no)" ] || echo "Not in it: changes that are not committed." >&2
version=$(git show HEAD:CMakeLists.txt | sed -n 's/^project(gapfill VERSION \([0-9.]*\) .*/\1/p')
if [ -n "$tag" ]; then
	newest=$(git show HEAD:CHANGELOG.md | sed -n 's/^## //p' | sed -n 1p)
	[[ $newest =~ ^"$version"\ \([0-9]{4}-[0-9]{2}-[0-9]{2}\)$ ]] ||
		stop "CHANGELOG.md begins with \"$newest\", not with \"$version (DATE)\": nothing is tagged"
	! git rev-parse -q --verify "refs/tags/v$version" >/dev/null || stop "there is a tag v$version already"
fi
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH LC_ALL=C TZ=UTC
umask 022
machine="$(uname -s) $(uname -m)"
system=$(tr 'A-Z ' 'a-z-' <<<"$machine")

work=$top/build/packing	# build/release is what README has users build in
mkdir -p "$work" "$dist" 2>/dev/null && [ -w "$work" ] && [ -w "$dist" ] || stop "$(reason_to_write_not "$dist")"
rm -rf "$work"/*

packed() {	# FOLDER FILE: the folder as a tar file that depends on nothing but what is in it
	tar -C "$(dirname "$1")" --sort=name --format=gnu --owner=0 --group=0 --numeric-owner --mode=u+rw,go=rX \
		--mtime="@$SOURCE_DATE_EPOCH" -cf - "$(basename "$1")" | gzip -9n >"$2"
}

wireshark_of() {	# SERIES: sets `options` of CMake
	local host root=$top/build/roots/$1 log=$work/root.log
	host=$(/usr/bin/tshark --version 2>/dev/null | sed -n '1s/.*(Wireshark) \([0-9]*\.[0-9]*\)\..*/\1/p')
	if [ "$1" = "$host" ]; then
		root=
		options=()
	else
		packaging/wireshark-root.sh "$1" >"$log" || exit 1	# it has said why
		options=("-DCMAKE_SYSROOT=$root")
	fi
	options+=("-DWireshark_DIR=$(dirname "$(find "$root/usr/lib" -name WiresharkConfig.cmake -print -quit)")")
	mapped="\"-ffile-prefix-map=$source=.\" \"-ffile-prefix-map=$work=.\"${root:+ \"-ffile-prefix-map=$root=\"}"	# a folder may have blanks in its name
}

# Flags: no folder of the build in the files, and what Debian hardens its own programs with.
build() {	# SERIES
	local folder=$work/$1 log=$work/$1.log options mapped
	wireshark_of "$1"
	if ! { cmake -G Ninja -S "$source" -B "$folder" "${options[@]}" "-DGAPFILL_PLUGINS=$plugins" -DCMAKE_SKIP_RPATH=ON \
			-DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS_RELEASE="-O2 -DNDEBUG -D_FORTIFY_SOURCE=2" \
			-DCMAKE_C_FLAGS="-fstack-protector-strong $mapped" -DCMAKE_MODULE_LINKER_FLAGS=-Wl,-z,relro,-z,now &&
			ninja -C "$folder"; } >"$log" 2>&1; then
		grep -E -A12 'FAILED|error|CMake Error' "$log" >&2 || tail -30 "$log" >&2
		stop "the build for Wireshark $1 fails; all of it is in $log"
	fi
}

# Sets `epan` to the folder with the plugins as they are packed.
make_plugins() {	# SERIES
	local so
	epan=$work/$1/plugins/$1/epan
	if [ -z "$built" ]; then
		build "$1"
	else
		mkdir -p "$epan"
		for so in "$built/$1/plugins/$1/epan"/*.so; do
			[ "$plugins" != all ] && [[ ";$plugins;" != *";$(basename "$so" .so);"* ]] || cp "$so" "$epan/"
		done
	fi
	chmod 644 "$epan"/*.so
	strip --strip-unneeded --remove-section=.comment --remove-section=.note "$epan"/*.so
}

tarball() {	# SERIES
	local name=gapfill-$version-wireshark-$1-$system stage
	stage=$work/$name
	mkdir -p "$stage/lib/$1/epan"
	cp "$epan"/*.so "$stage/lib/$1/epan/"
	cp "$source"/packaging/{say.sh,place.sh,earlier-files.tsv} "$stage/lib/"
	cp -r "$source/profile" "$stage/lib/"
	echo "$machine" >"$stage/lib/machine"
	cp "$source/packaging/install-plugins.sh" "$stage/"
	documents "$stage"
	cat >"$stage/INSTALL" <<-END
		./install-plugins.sh              installs for Wireshark $1 (as root: for all)
		./install-plugins.sh --uninstall  removes it; restart Wireshark after either
	END
	packed "$stage" "$dist/$name.tar.gz"
}

# Where the repository has them, so that their links lead somewhere.
documents() {	# FOLDER
	(cd "$source" && cp --parents -r LICENSE *.md docs plugins/*/README.md "$1/")
}

source=$work/gapfill-$version
git archive --format=tar --prefix="gapfill-$version/" HEAD | tar -x -C "$work"
git archive --format=tar --prefix="gapfill-$version/" HEAD | gzip -9n >"$dist/gapfill-$version.tar.gz"
made=("gapfill-$version.tar.gz")
for series in ${wanted//,/ }; do
	make_plugins "$series"
	tarball "$series"
	made+=("gapfill-$version-wireshark-$series-$system.tar.gz")
	[ "$machine" != "Linux x86_64" ] || made+=("$(packaging/deb.sh "$series" "$epan" "$source" "$version" "$dist")")
done
(cd "$dist" && sha256sum "${made[@]}" >SHA256SUMS)
rm -rf "$work"
[ -z "$tag" ] || git tag -a -m "Gapfill $version" "v$version" HEAD
printf '%s\n' "${made[@]}" SHA256SUMS

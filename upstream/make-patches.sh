#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes patches for Wireshark's own tree, a series for git am, from the plugins' sources.
#
#   upstream/make-patches.sh WIRESHARK_SOURCE [FOLDER]     FOLDER: upstream/series if none is given
#   upstream/make-patches.sh --needs                       the files of Wireshark's that are read, one a line
#
# WIRESHARK_SOURCE is an unpacked source of Wireshark, or a folder with those files, and stays as it is. A manifest per patch
# is in upstream/patches; upstream/README.md says what its lines mean. Needs cmake, git, python3, tshark and unifdef. The same
# sources give the same bytes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$here")
. "$top/packaging/say.sh"

dissectors=epan/dissectors

# What is touched by any patch, and what else is looked into.
touched() {
	echo $dissectors/CMakeLists.txt
	find "$here/hooks" -name '*.patch' -exec sed -n 's/^--- a\/\([^\t]*\).*/\1/p' {} +
}

needs() {
	touched
	echo CMakeLists.txt
	grep -v '^#' "$here/compat.tsv" | cut -f2
}

[ "${1-}" != --needs ] || { needs | sort -u; exit 0; }
[ $# -ge 1 ] && [ $# -le 2 ] || { sed -n '3,10s/^# \{0,1\}//p' "$0"; exit 2; }
[ -e "$1/$dissectors/CMakeLists.txt" ] || stop "$1: not a source of Wireshark"
wireshark=$(cd "$1" && pwd)
output=${2:-$here/series}
for tool in cmake git python3 tshark unifdef; do
	command -v $tool >/dev/null || stop "$tool is missing"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree

# Nothing of who makes the patches, and when, is in them; a manifest's own author and date would be in its header.
export GIT_AUTHOR_NAME="The Gapfill authors" GIT_AUTHOR_EMAIL="gapfill@users.noreply.example" GIT_AUTHOR_DATE="2026-11-28 00:00:00 +0000"
export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL GIT_COMMITTER_DATE=$GIT_AUTHOR_DATE
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null LC_ALL=C

# --- Manifests ---

values() {	# MANIFEST KEY
	sed -n "/^\$/q;s/^$2: *//p" "$1"
}

body() {	# MANIFEST
	sed '1,/^$/d' "$1"
}

# --- Files of a plugin ---

# The text of a file as it is in Wireshark's tree.
in_tree() {	# FILE MANIFEST
	local renames status=0
	renames=$(values "$2" Rename | awk '{ printf "s/(^|[^-[:alnum:]_])%s\\.([ch])\\b/\\1%s.\\2/g;", $1, $2 }')
	unifdef -DGAPFILL_IN_TREE "$1" > "$work/text" || status=$?
	[ $status -le 1 ] || stop "unifdef cannot read $1"
	sed -E -f "$here/rewrite.sed" -e "$renames" "$work/text" | cat -s
	cat "$here/modelines.txt"
}

name_in_tree() {	# FILE MANIFEST
	basename "$1" | sed -E "$(values "$2" Rename | awk '{ printf "s/^%s\\.([ch])$/%s.\\1/;", $1, $2 }')"
}

# A plugin's sources that belong to the patch, below plugins/.
sources_of() {	# MANIFEST
	local plugin without
	without=" $(values "$1" Without | tr '\n' ' ') "
	for plugin in $(values "$1" Plugin); do
		cmake -DPLUGIN="$plugin" -P "$here/lists.cmake"
	done | while read -r file; do
		case $without in *" $(basename "$file") "*) ;; *) echo "$file" ;; esac
	done
}

# Those, and what the patch has of its own; with their folders.
c_files_of() {	# MANIFEST
	values "$1" File | sed -n "/\.c\$/s,^,$here/files/,p"
	sources_of "$1" | sed "s,^,$top/plugins/,"
}

# A file of the patch's own that takes the place of the plugin's header of a name.
own_header() {	# NAME MANIFEST
	values "$2" File | grep -Fx -- "$(name_in_tree "$1" "$2")" | sed "s,^,$here/files/,"
}

# The headers that a file includes as it is in the tree, wherever the plugins have them.
included_by() {	# FILE MANIFEST
	local folder=${1%/*} name own
	own=$(values "$2" File | sed -n '/\.h$/p')
	unifdef -DGAPFILL_IN_TREE "$1" | sed -E -f "$here/rewrite.sed" | sed -n 's/^#include "\(.*\.h\)"$/\1/p' | while read -r name; do
		for name in ${own:+"$(own_header "$name" "$2")"} "$folder/$name" "$top/plugins/common/$name"; do
			if [ -e "$name" ] && [ "${name##*/}" != config.h ]; then
				echo "$name"
				break
			fi
		done
	done
}

with_headers() {	# MANIFEST; absolute names from stdin, each file once
	local file pending=() seen=" "
	mapfile -t pending
	while [ ${#pending[@]} -gt 0 ]; do
		file=${pending[0]}
		pending=("${pending[@]:1}")
		case $seen in *" $file "*) continue ;; esac
		seen+="$file "
		echo "$file"
		mapfile -t -O ${#pending[@]} pending < <(included_by "$file" "$1")
	done
}

# --- Build lists ---

# Adds files to a list in CMakeLists.txt, in its order. Where the list is of generated sources too, they stay where they are.
add_to_list() {	# LIST FILE...
	python3 - "$tree/$dissectors/CMakeLists.txt" "$@" <<-'END'
		import sys
		path, name, *files = sys.argv[1:]
		lines = open(path).read().splitlines(keepends=True)
		first = lines.index(f"set({name}\n") + 1
		last = lines.index(")\n", first)
		for line in sorted(f"\t${{CMAKE_CURRENT_SOURCE_DIR}}/{file}\n" for file in files):
		    here = next((at for at in range(first, last) if "_SRC}" in lines[at] or lines[at] > line), last)
		    lines.insert(here, line)
		    last += 1
		open(path, "w").writelines(lines)
	END
}

add_to_lists() {	# names of C files in the tree from stdin
	local name roofs=() rooms=()
	while read -r name; do
		case $name in packet-*) roofs+=("$name") ;; *) rooms+=("$name") ;; esac
	done
	[ ${#roofs[@]} -eq 0 ] || add_to_list DISSECTOR_SRC "${roofs[@]}"
	[ ${#rooms[@]} -eq 0 ] || add_to_list DISSECTOR_SUPPORT_SRC "${rooms[@]}"
}

# --- One patch ---

add_plugin() {	# MANIFEST
	local file name added=()
	while read -r file; do
		name=$(name_in_tree "$file" "$1")
		[ ! -e "$tree/$dissectors/$name" ] || continue		# an earlier patch has brought it
		[ ! -e "$wireshark/$dissectors/$name" ] || stop "$wireshark has $name already: it has to be an unpatched source"
		in_tree "$file" "$1" > "$tree/$dissectors/$name"
		case $name in *.c) added+=("$name") ;; esac
	done < <(c_files_of "$1" | with_headers "$1")
	[ ${#added[@]} -eq 0 ] || printf '%s\n' "${added[@]}" | add_to_lists
}

# A capture as it is, or the packets of it that a display filter of Wireshark's own leaves.
add_captures() {	# MANIFEST
	local name from filter
	while read -r name from filter; do
		mkdir -p "$tree/test/captures"
		if [ -n "$filter" ]; then
			WIRESHARK_PLUGIN_DIR=$work/none XDG_CONFIG_HOME=$work/none \
				tshark -r "$top/$from" -Y "$filter" -F pcap -w "$tree/test/captures/$name" 2>"$work/tshark.log" ||
				stop "$from: $(tail -1 "$work/tshark.log")"
		else
			cp "$top/$from" "$tree/test/captures/$name"
		fi
	done < <(values "$1" Capture)
}

add_tests() {	# MANIFEST
	local name
	for name in $(values "$1" Test); do
		mkdir -p "$tree/test/suite_dissectors"
		cp "$here/tests/$name" "$tree/test/suite_dissectors/"
	done
}

add_hooks() {	# NUMBER
	[ -e "$here/hooks/$1.patch" ] || return 0
	git -C "$tree" apply --whitespace=nowarn "$here/hooks/$1.patch" || stop "upstream/hooks/$1.patch does not apply to $wireshark"
}

message_of() {	# MANIFEST
	values "$1" Subject
	echo
	body "$1"
}

# Below the message, where git am does not read: what the merge request needs besides.
notes_of() {	# MANIFEST
	values "$1" Needs | sed 's/^/Needs: /'
	values "$1" Release-note | sed 's/^/Release note: /'
	values "$1" Capture | sed 's/^\([^ ]*\).*/Sample capture: test\/captures\/\1/'
}

make_patch() {	# MANIFEST NUMBER FILE
	add_plugin "$1"
	add_captures "$1"
	add_tests "$1"
	add_hooks "$2"
	git -C "$tree" add -A .
	message_of "$1" | git -C "$tree" commit -q -F -
	git -C "$tree" format-patch -1 --stdout --zero-commit --no-signature --full-index --binary --subject-prefix=PATCH -N > "$work/patch"
	notes_of "$1" > "$work/notes"
	awk -v notes="$work/notes" '{ print } /^---$/ && !done { done = 1; while ((getline line < notes) > 0) print line; print "" }' \
		"$work/patch" > "$3"
}

# --- What is not for upstream: the newest API for an older source ---

lacking() {
	local macro header text
	grep -v '^#' "$here/compat.tsv" | while IFS=$'\t' read -r macro header text; do
		grep -qF -- "$text" "$wireshark/$header" || echo "WS_LACKS_$macro"
	done
}

# All that the series will add is compiled with compat.h in front, where the source is an older one.
compat_properties() {
	local options=$1 manifest
	printf '\n# The patches that follow are written for the newest API.\nset_source_files_properties(\n'
	for manifest in "$here"/patches/*; do
		c_files_of "$manifest" | while read -r file; do
			printf '\t${CMAKE_CURRENT_SOURCE_DIR}/%s\n' "$(name_in_tree "$file" "$manifest")"
		done
	done | sort -u
	printf '\tPROPERTIES COMPILE_OPTIONS "%s"\n)\n' "$options"
}

make_compat() {	# FILE
	local lacks options="-include;compat.h" macro
	lacks=$(lacking)
	[ -n "$lacks" ] || return 0
	for macro in $lacks; do
		options+=";-D$macro"
	done
	sed -E 's/^(#ifndef|#define|#endif \/\*) GAPFILL_(\w+_H)\b/\1 __\2__/' "$top/plugins/common/compat.h" > "$tree/$dissectors/compat.h"
	compat_properties "$options" >> "$tree/$dissectors/CMakeLists.txt"
	git -C "$tree" add -A .
	git -C "$tree" commit -q -m "NOT FOR UPSTREAM: the newest API for an older source" \
		-m "The patches that follow are written for Wireshark's newest API. This lets them be compiled and tested where no newer source is at hand."
	git -C "$tree" format-patch -1 --stdout --zero-commit --no-signature --full-index --subject-prefix=PATCH -N > "$1"
}

# --- The series ---

# Only what is touched is looked at: a repository of the whole source takes long to make.
make_tree() {
	mkdir -p "$tree/$dissectors"
	touched | sort -u | while read -r file; do
		[ -e "$wireshark/$file" ] || continue		# another patch brings it
		mkdir -p "$tree/$(dirname "$file")"
		cp "$wireshark/$file" "$tree/$file"
	done
	git -C "$tree" init -q -b base
	git -C "$tree" config core.autocrlf false
	git -C "$tree" add -A .
	git -C "$tree" commit -q -m base
}

# The source that the series is for.
version() {
	sed -n -E 's/^set\(PROJECT_(MAJOR|MINOR|PATCH)_VERSION ([0-9]+)\)$/\2/p' "$wireshark/CMakeLists.txt" | paste -sd.
}

mkdir -p "$output" 2>/dev/null || stop "$(reason_to_write_not "$output")"
rm -f "$output"/*.patch
version > "$output/BASE"
make_tree
make_compat "$output/00-not-for-upstream-compat.patch"
for manifest in "$here"/patches/*; do
	name=$(basename "$manifest")
	make_patch "$manifest" "${name%%-*}" "$output/$name.patch"
	echo "$name: $(values "$manifest" Subject)"
done

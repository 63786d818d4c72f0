#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Proves the series: each patch alone, and all of them, on a source of Wireshark.
#
#   upstream/check.sh WIRESHARK_SOURCE [--build]
#
# The series is what make-patches.sh makes. Each patch applies with git am to the source with nothing but the patches that it
# needs (and compat, where the source is older than the API that the patches are written for); its objects compile with
# Wireshark's own flags and -Werror, so do those that include a header it changes; tools/pre-commit and
# validate-commit.py pass, and the checkers of tools/ that Wireshark's CI runs have nothing new to say about what it touches.
# Then all of it for the whole series.
#
# --build: tshark and what the suite needs are built too, unpatched and patched, without optimization; Wireshark's own tests
# run before and after, and ours of what the patches bring ask the patched tshark, without the plugins (patched.py); the plugins of build/4.4
# and the patches have to say the same of as many packets as compared.txt has. That takes an hour or more on one core. What fails before and
# after alike is not a fault.
#
# All work is in build/upstream; the source stays as it is. What is printed goes to docs/upstream-check.txt.
# JOBS: how many compilers at a time (1). SUITE: which of Wireshark's tests (test). ONLY: numbers of patches, of which each is looked at
# alone; the others then are not, nor is whether the series is what the script makes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$here")
. "$top/packaging/say.sh"

[ $# -ge 1 ] || { sed -n '3,21s/^# \{0,1\}//p' "$0"; exit 2; }
source=$(cd "$1" && pwd)
build=no
[ "${2-}" != --build ] || build=yes
jobs=${JOBS:-1}
work=$top/build/upstream
tree=$work/tree
objects=$work/objects
whole=$work/whole
series=$here/series
failures=0

say() {
	printf '%s\n' "$*"
}

fault() {
	say "FAULT: $*"
	failures=$((failures + 1))
}

# --- Tree and build folder ---

tree_git() {
	git -C "$tree" -c user.name=check -c user.email=check@localhost -c gc.auto=0 -c core.hooksPath=/dev/null "$@"
}

make_tree() {
	[ ! -e "$tree/.git" ] || return 0
	say "copying the source"
	mkdir -p "$work"
	rm -rf "$tree"
	cp -R "$source" "$tree"
	rm -rf "$tree/.git"
	git init -q -b base "$tree"
	tree_git add -A .
	tree_git commit -q -m base
	tree_git tag unpatched
}

configure() {	# FOLDER TREE [CMake arguments]
	local folder=$1 from=$2
	shift 2
	[ ! -e "$folder/build.ninja" ] || return 0
	mkdir -p "$folder"
	cmake -G Ninja -S "$from" -B "$folder" -DENABLE_WERROR=ON -DENABLE_CCACHE=ON -DBUILD_wireshark=OFF -DBUILD_stratoshark=OFF \
		-DENABLE_LUA=OFF -DENABLE_PLUGINS=OFF "$@" > "$folder.log" 2>&1 || stop "cmake fails; all of it is in $folder.log"
}

# --- One state of the tree ---

needs_of() {	# PATCH
	sed -n '/^---$/,/^$/s/^Needs: //p' "$series/$1.patch"
}

patches() {
	find "$series" -name '[0-9]*.patch' ! -name '00-*' -printf '%f\n' | sort | sed 's/\.patch$//'
}

# The unpatched source, and what stands in for the newest API.
reset_tree() {
	tree_git am --abort 2>/dev/null || true
	tree_git checkout -q -f -B checked unpatched
	tree_git clean -qfd
	[ ! -e "$series/00-not-for-upstream-compat.patch" ] || tree_git am -q "$series/00-not-for-upstream-compat.patch"
	tree_git tag -f before >/dev/null
}

apply() {	# PATCH...
	local patch
	for patch in "$@"; do
		tree_git am -q "$series/$patch.patch" >"$work/am.log" 2>&1 || { tree_git am --abort; return 1; }
	done
}

touched() {	# SUFFIX...
	tree_git diff --name-only before HEAD -- "$@"
}

# --- What is looked at ---

# Sources that are touched, or include a header that is.
to_compile() {
	local header
	{
		touched 'epan/dissectors/*.c'
		for header in $(touched 'epan/dissectors/*.h'); do
			grep -l "^#include \"${header##*/}\"" "$tree"/epan/dissectors/*.c | sed "s,^$tree/,,"
		done
	} | sort -u
}

compile() {
	local targets
	mapfile -t targets < <(to_compile | sed 's,epan/dissectors/\(.*\),epan/dissectors/CMakeFiles/dissectors.dir/\1.o,')
	compiled=${#targets[@]}
	[ "$compiled" -eq 0 ] || nice ninja -k0 -j"$jobs" -C "$objects" "${targets[@]}" >"$work/ninja.log" 2>&1
}

# What Wireshark's CI looks at a file with; what tools/pre-commit runs is among it.
look_at() {	# FILE...
	local file
	for file in "$@"; do
		[ -e "$tree/$file" ] || continue		# it is new
		(cd "$tree" && perl tools/checkhf.pl "$file"; perl tools/checkAPIs.pl -p "$file" || echo "checkAPIs: $file"
			perl tools/fix-encoding-args.pl "$file"; perl tools/checkfiltername.pl "$file" || echo "checkfiltername: $file") 2>&1
		case $file in *.c) (cd "$tree" && python3 tools/check_typed_item_calls.py --file "$file" --consecutive --label --mask --check-bitmask-fields
			python3 tools/check_tfs.py --file "$file" --check-value-strings; python3 tools/check_val_to_str.py --file "$file"
			python3 tools/check_col_apis.py --file "$file") 2>&1 | grep -E 'Warning:|Error:|Traceback' || true ;;
		esac
	done | sed -e 's/:[0-9]*:/:/g' -e '/^$/d' | sort
}

# Findings of files that Wireshark has are there before, too; only new ones count.
new_findings() {
	local files after
	mapfile -t files < <(touched '*.c' '*.h')
	after=$(look_at "${files[@]}")
	tree_git diff --check before HEAD || true
	tree_git checkout -q --detach before
	comm -13 <(look_at "${files[@]}") <(printf '%s\n' "$after" | sed '/^$/d')
	tree_git checkout -q checked
}

# The hook as it is, of what is between before and the index.
pre_commit() {
	(cd "$tree" && tools/pre-commit before) > "$work/pre-commit.log" 2>&1
}

examine() {	# NAME PATCH...
	local name=$1 findings
	shift
	reset_tree
	if ! apply "$@"; then
		fault "$name does not apply: $(tail -1 "$work/am.log")"
		return
	fi
	compile || fault "$name does not compile: $(grep -m1 -E 'error:' "$work/ninja.log" || tail -1 "$work/ninja.log")"
	findings=$(new_findings)
	[ -z "$findings" ] || fault "$name: $findings"
	pre_commit || fault "$name: pre-commit: $(tail -1 "$work/pre-commit.log")"
	(cd "$tree" && tools/validate-commit.py) > "$work/message.log" 2>&1 || fault "$name: message: $(tail -1 "$work/message.log")"
	say "$name: applies, $compiled objects compiled, $(touched | wc -l) files touched, checkers ${findings:+not }silent"
}

# --- Whole builds ---

# One line a test, but for those that pass.
run_suite() {	# WHAT
	local status=0
	(cd "$tree" && nice /usr/bin/python3 -m pytest -q -p no:cacheprovider -o addopts= -rfE --tb=no --program-path="$work/run-$1" \
		--disable-capture --disable-gui --skip-missing-programs=all ${SUITE:-test} > "$work/suite-$1.log" 2>&1) || status=$?
	sed -n -E 's/^(FAILED|ERROR) ([^ ]*).*/\2/p' "$work/suite-$1.log" | sort > "$work/suite-$1.failed"
	tail -1 "$work/suite-$1.log"
	[ "$status" -le 1 ]	# tests fail, or all pass; else it has not run
}

build_and_test() {	# WHAT
	nice ninja -j"$jobs" -C "$whole" tshark text2pcap editcap mergecap capinfos sharkd > "$work/whole.log" 2>&1 ||
		{ fault "$1: the build fails: see $work/whole.log"; return; }
	rm -rf "$work/run-$1"
	cp -a "$whole/run" "$work/run-$1"
	local summary
	summary=$(run_suite "$1") || fault "$1: Wireshark's suite does not run to its end: see $work/suite-$1.log"
	say "$1: tshark, text2pcap, editcap, mergecap, capinfos, sharkd built; Wireshark's suite: $summary"
}

compare_suites() {
	local new
	new=$(comm -13 "$work/suite-unpatched.failed" "$work/suite-patched.failed")
	[ -z "$new" ] || fault "fails with the patches only: $new"
}

# What the patches leave out has to fail, by name: left-out.tsv.
run_our_tests() {	# FOLDER
	local status=0
	(cd "$top" && PYTHONPATH=$here GAPFILL_PATCHED=$work/run-patched GAPFILL_UNPATCHED=$work/run-unpatched nice /usr/bin/python3 -m pytest -q \
		-p no:cacheprovider -p patched -rfE --tb=line --wireshark=4.4 "pytest/$1" > "$work/ours-$1.log" 2>&1) || status=$?
	[ "$status" -eq 0 ] || fault "our tests, pytest/$1, fail otherwise than upstream/left-out.tsv says: see $work/ours-$1.log"
	say "our tests, pytest/$1, with the patched tshark and no plugins: $(tail -1 "$work/ours-$1.log")"
}

# What plugins and patches say of the same packets, of ARP and FTP too, whose fields have other names: compared.txt.
compare_fields() {
	local differs
	differs=$(cd "$top" && PYTHONPATH=$top/pytest nice /usr/bin/python3 upstream/compare.py "$work/run-patched" 2>&1 | diff "$here/compared.txt" -) ||
		fault "compare.py says otherwise than upstream/compared.txt: $differs"
	say "fields of plugins and patches, packet by packet: $(grep -c . "$here/compared.txt") pairs, ${differs:+not }as compared.txt says"
}

say "Checked on $(date -u +%F) with Wireshark $(cat "$series/BASE"), $(gcc --version | head -1), CMake $(cmake --version | sed -n '1s/[^0-9]*//p')"
if [ -z "${ONLY-}" ]; then
	rm -rf "$work/made"
	"$here/make-patches.sh" "$source" "$work/made" >/dev/null
	diff -rq "$work/made" "$series" || fault "the series is not what make-patches.sh makes"
fi
make_tree
reset_tree
configure "$objects" "$tree"
mapfile -t all < <(patches)
for patch in "${all[@]}"; do
	case " ${ONLY:-${patch%%-*}} " in *" ${patch%%-*} "*) ;; *) continue ;; esac
	mapfile -t needed < <(for number in $(needs_of "$patch"); do find "$series" -name "$number-*.patch" -printf '%f\n' | sed 's/\.patch$//'; done)
	examine "$patch alone${needed:+ with ${needed[*]}}" "${needed[@]}" "$patch"
done
examine "the series" "${all[@]}"
if [ $build = yes ]; then
	reset_tree
	configure "$whole" "$tree" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG=-O0 -DCMAKE_CXX_FLAGS_DEBUG=-O0
	build_and_test unpatched
	apply "${all[@]}"
	build_and_test patched
	compare_suites
	run_our_tests openpgp
	run_our_tests hkp
	run_our_tests discard
	compare_fields
fi
[ $failures -eq 0 ] || stop "$failures faults"
say "no faults"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the plugins for each Wireshark series and runs all tests against each.
#
#   ./test.sh [--wireshark 4.0|4.4|4.6|all] [pytest arguments, test files or folders]
#
# Missing packages are installed. What only some tests need is fetched into build/ when they are chosen: the series that
# this machine does not have come from Debian's packages, and Wireshark's checkers from its source package.
# All tests run with 4.0, and a third of them each, always the same, with 4.4, with 4.6, and with plugins under ASan and UBSan as the first
# to read each capture (built for the Wireshark of this machine); with --full, or where few are chosen, all of them.
set -euo pipefail
cd "$(dirname "$0")"
. packaging/packages.sh

usage() {
	sed -n '3,11s/^# \{0,1\}//p' "$0"
}

wanted=all
arguments=()
paths=()
while [ $# -gt 0 ]; do
	case $1 in
		--wireshark) [ $# -gt 1 ] || stop "--wireshark wants 4.0, 4.4, 4.6 or all"; wanted=$2; shift ;;
		--wireshark=*) wanted=${1#*=} ;;
		-h|--help) usage; exit 0 ;;
		*.py|*.py::*|pytest/*) paths+=("$1") ;;
		*) arguments+=("$1") ;;
	esac
	shift
done
[ "$wanted" != all ] || wanted=4.0,4.4,4.6
for series in ${wanted//,/ }; do
	case $series in 4.0|4.4|4.6) ;; *) stop "--wireshark $series: not one of 4.0, 4.4, 4.6, all" ;; esac
done
chosen=$((${#arguments[@]} + ${#paths[@]}))
[ ${#paths[@]} -gt 0 ] || paths=(pytest)

mkdir -p build 2>/dev/null && [ -w build ] || stop "$(reason_to_write_not "$PWD/build")"
need_packages "what the tests need" "${test_packages[@]}"

# What several folders compile alike is compiled once; which headers that depends on the compiler says, without a run of the preprocessor alone.
if command -v ccache >/dev/null; then
	export CMAKE_C_COMPILER_LAUNCHER=ccache CCACHE_DIR=${CCACHE_DIR:-$PWD/build/ccache} CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1
fi

host=$(/usr/bin/tshark --version 2>/dev/null | sed -n '1s/.*(Wireshark) \([0-9]*\.[0-9]*\)\..*/\1/p')
echo "Wireshark $host: this machine's"

# Whoever owns this folder will want to build and test here without being root.
give_back() {
	[ "$(id -u)" -ne 0 ] || [ -O . ] || chown -R --reference=. build
}
# Builds that still run, by name, and the folder of what they say.
declare -A running=()
said=
at_end() {
	local pid
	for pid in "${running[@]}"; do
		kill -- "-$pid" 2>/dev/null || true	# it may have ended
	done
	[ -z "$said" ] || rm -rf "$said"
	give_back
}
trap at_end EXIT

# What the chosen tests are about, as pytest finds them: series, and "sanitize"; nothing if the arguments are wrong or leave no test over.
needed_builds() {
	local file
	file=$(mktemp -p build needed.XXXXXX 2>/dev/null) || stop "$(reason_to_write_not "$PWD/build")"
	/usr/bin/python3 -m pytest -q --collect-only --wireshark="$wanted" "${arguments[@]}" --write-needs="$PWD/$file" "${paths[@]}" >/dev/null 2>&1 || true
	cat "$file"
	rm -f "$file"
}

build() {	# NAME SERIES [CMake arguments]
	local folder=build/$1 series=$2 log root=$PWD/build/roots/$2 reason
	shift 2
	if [ "$series" != "$host" ]; then
		set -- "-DCMAKE_SYSROOT=$root" "$@" \
			"-DWireshark_DIR=$(dirname "$(find "$root/usr/lib" -name WiresharkConfig.cmake -print -quit)")"
	else
		set -- "-DWireshark_DIR=$(dirname "$(find /usr/lib -name WiresharkConfig.cmake -print -quit)")" "$@"
	fi
	mkdir -p "$folder" 2>/dev/null && [ -w "$folder" ] || stop "$(reason_to_write_not "$PWD/$folder")"
	log=$folder/build.log
	if ! { cmake -G Ninja -S . -B "$folder" -DGAPFILL_WERROR=ON -DGAPFILL_PLUGINS=all "$@" && ninja -j "$(nproc)" -C "$folder"; } >"$log" 2>&1; then
		reason=$(reason_to_write_not "$PWD/$folder" "$(tail -c 4000 "$log")")
		case $reason in "the disk is full"*) stop "$reason" ;; esac
		grep -E -A12 'FAILED|error|CMake Error' "$log" >&2 || tail -30 "$log" >&2
		stop "the build for Wireshark $series fails; all of it is in $log"
	fi
}

# Brings what a build needs, makes it, and says so. NAME: a series, or "sanitize".
prepare() {	# NAME
	if [ "$1" = sanitize ]; then
		build "sanitize/$host" "$host" -DGAPFILL_SANITIZE=ON
		echo "Built for Wireshark $host under ASan and UBSan: these plugins are the first to read captures."
	else
		[ "$1" = "$host" ] || packaging/wireshark-root.sh "$1" || exit 1	# it has said why
		build "$1" "$1"
		echo "Built for Wireshark $1: $(cd "build/$1/plugins/$1/epan" && ls -- *.so | tr '\n' ' ')"
	fi
}

# All of it side by side, as each leaves cores idle while it fetches, configures and links. With the first of them that fails all end.
prepare_all() {	# NAME...
	local name status=0
	said=$(mktemp -d)	# not in build, whose disk may be full
	set -m		# each a process group of its own, which can be ended as a whole
	for name in "$@"; do
		prepare "$name" >"$said/$name" 2>"$said/$name.errors" &
		running[$name]=$!
	done
	set +m
	for name in "$@"; do
		wait "${running[$name]}" || status=$?
		unset "running[$name]"
		cat "$said/$name"
		cat "$said/$name.errors" >&2
		[ "$status" -eq 0 ] || exit 1
	done
}

needed=$(needed_builds)
prepare_all $needed
if [[ $needed = *sanitize* ]]; then
	export GAPFILL_SANITIZED=$PWD/build/sanitize
elif [[ ,$wanted, != *,"$host",* ]]; then
	echo "No plugins under sanitizers: Wireshark $host of this machine was left out."
fi

status=0
# One more than there are cores: some tests wait.
GAPFILL_BUILD=$PWD/build /usr/bin/python3 -m pytest -q -n "${GAPFILL_JOBS:-$(($(nproc) + 1))}" --wireshark="$wanted" "${arguments[@]}" "${paths[@]}" || status=$?
# 5: no test is left over.
[ "$status" -ne 5 ] || [ "$chosen" -eq 0 ] || stop "these arguments leave no test over: ${arguments[*]} ${paths[*]}"
[ "$status" -eq 0 ]

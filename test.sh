#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the plugins for each Wireshark series and runs all tests against each.
#
#   ./test.sh [--wireshark 4.0|4.4|4.6|all] [pytest arguments, test files or folders]
#
# Missing packages are installed. What only some tests need is fetched into build/ when they are chosen: the series that
# this machine does not have come from Debian's packages, and Wireshark's checkers from its source package.
# After that all tests run once more with the plugins under ASan and UBSan, for the Wireshark of this machine.
set -euo pipefail
cd "$(dirname "$0")"
. packaging/packages.sh

usage() {
	sed -n '3,10s/^# \{0,1\}//p' "$0"
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

host=$(/usr/bin/tshark --version 2>/dev/null | sed -n '1s/.*(Wireshark) \([0-9]*\.[0-9]*\)\..*/\1/p')
echo "Wireshark $host: this machine's"

# Whoever owns this folder will want to build and test here without being root.
give_back() {
	[ "$(id -u)" -ne 0 ] || [ -O . ] || chown -R --reference=. build
}
trap give_back EXIT

# The series that the chosen tests are about, as pytest finds them; nothing if the arguments are wrong or leave no test over.
needed_series() {	# pytest's arguments
	local file
	file=$(mktemp -p build needed.XXXXXX 2>/dev/null) || stop "$(reason_to_write_not "$PWD/build")"
	/usr/bin/python3 -m pytest -q --collect-only "$@" "${arguments[@]}" --write-needs="$PWD/$file" "${paths[@]}" >/dev/null 2>&1 || true
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
	if ! { cmake -G Ninja -S . -B "$folder" -DGAPFILL_WERROR=ON -DGAPFILL_PLUGINS=all "$@" && ninja -C "$folder"; } >"$log" 2>&1; then
		reason=$(reason_to_write_not "$PWD/$folder" "$(tail -c 4000 "$log")")
		case $reason in "the disk is full"*) stop "$reason" ;; esac
		grep -E -A12 'FAILED|error|CMake Error' "$log" >&2 || tail -30 "$log" >&2
		stop "the build for Wireshark $series fails; all of it is in $log"
	fi
}

needed=$(needed_series --wireshark="$wanted")
for series in $needed; do
	[ "$series" = "$host" ] || packaging/wireshark-root.sh "$series" || exit 1	# it has said why
done
for series in $needed; do
	build "$series" "$series"
	echo "Built for Wireshark $series: $(cd "build/$series/plugins/$series/epan" && ls -- *.so | tr '\n' ' ')"
done

run_pytest() {
	local status=0
	/usr/bin/python3 -m pytest -q -n "${GAPFILL_JOBS:-2}" "$@" "${arguments[@]}" "${paths[@]}" || status=$?
	# 5: the arguments leave no test over for this run; so it may be with one run, not with all of them.
	if [ "$status" -eq 5 ] && [ "$chosen" -gt 0 ]; then
		return 0
	fi
	ran=yes
	return "$status"
}

status=0
ran=no
GAPFILL_BUILD=$PWD/build run_pytest --wireshark="$wanted" || status=1
if [[ ,$wanted, = *,"$host",* ]]; then
	sanitized=(--wireshark="$host" --sanitized -m "not static and not mixed and not measured and not compared")
	if [ -n "$(needed_series "${sanitized[@]}")" ]; then
		build "sanitize/$host" "$host" -DGAPFILL_SANITIZE=ON
		echo "Once more for Wireshark $host, with the plugins under ASan and UBSan:"
		GAPFILL_BUILD=$PWD/build/sanitize run_pytest "${sanitized[@]}" || status=1
	fi
else
	echo "No run under sanitizers: Wireshark $host of this machine was left out."
fi
[ "$ran" = yes ] || stop "these arguments leave no test over: ${arguments[*]} ${paths[*]}"
exit "$status"

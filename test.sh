#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the plugins for each Wireshark series and runs all tests against each.
#
#   ./test.sh [--wireshark 4.0|4.4|4.6|all] [pytest arguments, test files]
#
# Missing packages are installed; the series that this machine does not have come from Debian's packages into build/.
# After that all tests run once more with the plugins under ASan and UBSan, for the Wireshark of this machine.
set -euo pipefail
cd "$(dirname "$0")"
. packaging/packages.sh

usage() {
	sed -n '3,9s/^# \{0,1\}//p' "$0"
}

wanted=all
arguments=()
paths=()
while [ $# -gt 0 ]; do
	case $1 in
		--wireshark) [ $# -gt 1 ] || stop "--wireshark wants 4.0, 4.4, 4.6 or all"; wanted=$2; shift ;;
		--wireshark=*) wanted=${1#*=} ;;
		-h|--help) usage; exit 0 ;;
		*.py|*.py::*) paths+=("$1") ;;
		*) arguments+=("$1") ;;
	esac
	shift
done
[ "$wanted" != all ] || wanted=4.0,4.4,4.6
for series in ${wanted//,/ }; do
	case $series in 4.0|4.4|4.6) ;; *) stop "--wireshark $series: not one of 4.0, 4.4, 4.6, all" ;; esac
done

need_packages "what the tests need" \
	cmake ninja-build gcc libc6-dev binutils tshark wireshark-dev libwireshark-dev libgcrypt20-dev libnghttp2-dev zlib1g-dev \
	bubblewrap util-linux python3 python3-pytest python3-pytest-xdist python3-scapy python3-cryptography \
	perl bzip2 xz-utils valgrind debian-archive-keyring openssl gnupg

host=$(/usr/bin/tshark --version 2>/dev/null | sed -n '1s/.*(Wireshark) \([0-9]*\.[0-9]*\)\..*/\1/p')
echo "Wireshark $host: this machine's"

build() {	# NAME SERIES [CMake arguments]
	local folder=build/$1 series=$2 log root=$PWD/build/roots/$2
	shift 2
	if [ "$series" != "$host" ]; then
		set -- "-DCMAKE_SYSROOT=$root" "$@" \
			"-DWireshark_DIR=$(dirname "$(find "$root/usr/lib" -name WiresharkConfig.cmake -print -quit)")"
	else
		set -- "-DWireshark_DIR=$(dirname "$(find /usr/lib -name WiresharkConfig.cmake -print -quit)")" "$@"
	fi
	mkdir -p "$folder"
	log=$folder/build.log
	if ! { cmake -G Ninja -S . -B "$folder" -DGAPFILL_WERROR=ON -DGAPFILL_PLUGINS=all "$@" && ninja -C "$folder"; } >"$log" 2>&1; then
		grep -E -A12 'FAILED|error|CMake Error' "$log" >&2 || tail -30 "$log" >&2
		stop "the build for Wireshark $series fails; all of it is in $log"
	fi
}

sanitize=no
for series in ${wanted//,/ }; do
	if [ "$series" = "$host" ]; then
		sanitize=yes
	else
		packaging/wireshark-root.sh "$series" || stop "Wireshark $series cannot be had; leave it out with --wireshark if you must"
	fi
done
packaging/wireshark-tools.sh
for series in ${wanted//,/ }; do
	build "$series" "$series"
	echo "Built for Wireshark $series: $(cd "build/$series/plugins/$series/epan" && ls -- *.so | tr '\n' ' ')"
done

run_pytest() {
	local status=0
	/usr/bin/python3 -m pytest -q -n "${GAPFILL_JOBS:-2}" "$@" "${arguments[@]}" "${paths[@]}" || status=$?
	# 5: the arguments leave no test over for this run; so it may be with one run, not with all of them.
	if [ "$status" -eq 5 ] && [ $((${#arguments[@]} + given)) -gt 0 ]; then
		return 0
	fi
	ran=yes
	return "$status"
}

status=0
ran=no
given=${#paths[@]}
[ "$given" -gt 0 ] || paths=(pytest)
GAPFILL_BUILD=$PWD/build run_pytest --wireshark="$wanted" || status=1
if [ "$sanitize" = yes ]; then
	build "sanitize/$host" "$host" -DGAPFILL_SANITIZE=ON
	echo "Once more for Wireshark $host, with the plugins under ASan and UBSan:"
	GAPFILL_BUILD=$PWD/build/sanitize run_pytest --wireshark="$host" --sanitized -m "not static and not measured" || status=1
else
	echo "No run under sanitizers: Wireshark $host of this machine was left out."
fi
[ "$ran" = yes ] || stop "these arguments leave no test over: ${arguments[*]} ${paths[*]}"
exit "$status"

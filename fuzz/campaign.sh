#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Fuzzes all targets of fuzz/targets in turn, with libFuzzer, ASan and UBSan.
#
#   fuzz/campaign.sh [--minutes 30] [--runs N] [--goal N] [--seed N] [--afresh] [TARGET...]
#
# The minutes are for all targets together, runs for each; a target that has had so many executions in all as the goal is left out. What one
# run has learnt is kept in build/fuzz/corpus, so that the next goes on from there; with --afresh one starts from the seeds alone and keeps
# nothing. libFuzzer draws its own seed unless one is given. A target whose run ends in a fault goes on with another seed while it has time left.
# Says of each target: executions, executions a second, blocks covered (of the plugins' and the harness's own), inputs of more than 100 ms
# of processor time, executions of all runs, faults; adds that, with the date, to build/fuzz/results.tsv. Faults and slow inputs are in
# build/fuzz/found.
# A fault that stock Wireshark has too is said to be so; a dissector bug of its own is tolerated by a line in fuzz/targets/stock-bugs.txt.
# Exit status 1 if there is a fault that is ours.
set -euo pipefail
# libFuzzer leaves the look at leaks when a target ends to LeakSanitizer, which finds stock Wireshark's as well: see docs/fuzzing.md.
export ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=32:malloc_context_size=4${ASAN_OPTIONS:+:$ASAN_OPTIONS}
cd "$(dirname "$0")/.."
stop() { echo "$*" >&2; exit 2; }

all=(openpgp mail dns labels l2tp discard arp-snap whole-session hkp acme-http acme-tls ftp ldp sequence)
stateless=(openpgp mail dns labels l2tp discard arp-snap whole-session)
minutes=30 runs= goal= seed= afresh= targets=()
while [ $# -gt 0 ]; do
	case $1 in
		--minutes|--runs|--goal|--seed) [ $# -gt 1 ] || stop "$1 wants a number"; declare "${1#--}=$2"; shift ;;
		--afresh) afresh=1 ;;
		-h|--help) sed -n '3,15s/^# \{0,1\}//p' "$0"; exit 0 ;;
		*) [[ " ${all[*]} " = *" $1 "* ]] || stop "$1: none of ${all[*]}"; targets+=("$1") ;;
	esac
	shift
done
[ ${#targets[@]} -gt 0 ] || targets=("${all[@]}")
command -v clang >/dev/null || stop "clang is needed, with its libFuzzer (Debian: clang, libclang-rt-dev)"

folder=build/fuzz
mkdir -p "$folder"
if ! { cmake -G Ninja -S . -B "$folder" -DCMAKE_C_COMPILER=clang -DGAPFILL_FUZZ=ON \
		"-DWireshark_DIR=$(dirname "$(find /usr/lib -name WiresharkConfig.cmake -print -quit)")" && ninja -C "$folder"; } >"$folder/build.log" 2>&1; then
	grep -E -A5 'FAILED|error:|CMake Error' "$folder/build.log" >&2 || tail -5 "$folder/build.log" >&2
	stop "the build fails; all of it is in $folder/build.log"
fi
rm -rf "$folder/seeds"
fuzz/seeds.py "$folder/seeds"
mkdir -p "$folder/found"
export GAPFILL_FUZZ_SLOW=$folder/found GAPFILL_FUZZ_TOLERATED=fuzz/targets/stock-bugs.txt

final() {	# LOG NAME
	sed -n "s/^stat::$2: *//p" "$1" | tail -1
}

is_fault_of_stock() {	# TARGET FILE
	! GAPFILL_FUZZ_STOCK=1 GAPFILL_FUZZ_SLOW= "$folder/bin/$1" -detect_leaks=0 "$2" >/dev/null 2>&1
}

executed() {	# TARGET: of all runs
	awk -v target="$1" '$2 == target { sum += $3 } END { print sum + 0 }' "$folder/results.tsv"
}

faults=0
touch "$folder/results.tsv"
seconds=$((minutes * 60 / ${#targets[@]}))
printf '%-14s %12s %8s %8s %6s %12s %s\n' target executions a-second covered slow in-all faults
for target in "${targets[@]}"; do
	[ -z "$goal" ] || { runs=$((goal - $(executed "$target"))); [ "$runs" -gt 0 ] || continue; }
	[[ " ${stateless[*]} " = *" $target "* ]] && longest=4096 || longest=16384
	corpus=$folder/corpus/$target log=$folder/$target.log
	executions=0 ours=0 theirs=0 covered=0 start=$SECONDS left=$seconds
	slow_before=$(find "$folder/found" -name "$target-*-ms-*" | wc -l)
	[ -z "$afresh" ] || { corpus=$folder/afresh/$target; rm -rf "$corpus"; }
	mkdir -p "$corpus"
	start_files=$(find "$corpus" "$folder/seeds/$target" -type f | wc -l)
	while [ "$left" -gt 0 ]; do
		options=(-detect_leaks=0 -timeout=60 -rss_limit_mb=4096 "-max_len=$longest" -entropic=0 -print_funcs=0 -print_final_stats=1 "-artifact_prefix=$folder/found/$target-"
			"-max_total_time=$left" ${runs:+"-runs=$((start_files + runs))"} ${seed:+"-seed=$((seed + ours + theirs))"})
		"$folder/bin/$target" "${options[@]}" "$corpus" "$folder/seeds/$target" >"$log" 2>&1 && failed=0 || failed=1
		executions=$((executions + $(final "$log" number_of_executed_units || echo 0)))
		covered=$(grep -oE ' cov: [0-9]+' "$log" | tail -1 | grep -oE '[0-9]+' || echo "$covered")
		[ "$failed" -eq 1 ] || break
		file=$(sed -n 's/.*Test unit written to //p' "$log" | tail -1)
		[ -n "$file" ] || stop "$target does not run: $(tail -3 "$log")"
		if is_fault_of_stock "$target" "$file"; then
			theirs=$((theirs + 1))
			echo "$target: stock Wireshark has this fault, too: $file"
		else
			ours=$((ours + 1))
			echo "$target: $file"
		fi
		grep -E -m3 'FAULT|ERROR: |runtime error' "$log" | sed 's/^/    /'
		left=$((seconds - (SECONDS - start)))
		[ -z "$runs" ] || break
	done
	took=$((SECONDS - start > 0 ? SECONDS - start : 1))
	slow=$(($(find "$folder/found" -name "$target-*-ms-*" | wc -l) - slow_before))
	faults=$((faults + ours))
	printf '%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\n' "$(date -u +%F)" "$target" "$executions" "$took" "$covered" "$slow" "$ours" "$theirs" >>"$folder/results.tsv"
	printf '%-14s %12d %8d %8d %6d %12d %s\n' "$target" "$executions" $((executions / took)) "$covered" "$slow" "$(executed "$target")" \
		"$ours$([ "$theirs" -eq 0 ] || echo ", and $theirs of stock Wireshark")"
done
[ "$faults" -eq 0 ]

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes the pictures of the merge requests: Wireshark's window with the libraries that were built from the patched source.
#
#   upstream/pictures.sh FOLDER/run [NAME...]        FOLDER: a build of the patched source, see check.sh; pictures go to upstream/img
#
# The window itself is the installed one, which has to be of the same series: check.sh builds none. What it wants of libraries that are built
# without Lua, Kerberos and plugins does nothing. Not as root. Needs apt-get install wireshark xvfb xdotool imagemagick gcc.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/packaging/say.sh"
[ $# -ge 1 ] || { sed -n '3,10s/^# \{0,1\}//p' "$0"; exit 2; }
libraries=$(cd "$1" && pwd)
shift
wanted=" $* "
into=$top/upstream/img
width=1280 height=600
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$work"' EXIT
for program in wireshark Xvfb xdotool import convert gcc; do
	command -v "$program" >/dev/null || stop "$program is missing"
done

for name in plugins_get_descriptions read_keytab_file wslua_plugins_get_descriptions wslua_reload_plugins; do
	echo "int $name(void); int $name(void) { return 0; }"
done > "$work/rest.c"
gcc -shared -fPIC -o "$work/rest.so" "$work/rest.c"
mkdir -p "$into" "$work/configuration"
printf 'gui.geometry_main_%s\n' 'x: 0' 'y: 0' "width: $width" "height: $height" > "$work/configuration/recent_common"
echo 'gui.geometry_main_upper_pane: 150' > "$work/configuration/recent"
Xvfb -displayfd 3 -noreset -screen 0 "${width}x${height}x24" -dpi 96 3> "$work/display" 2>/dev/null &
until [ -s "$work/display" ]; do sleep 0.2; done
DISPLAY=:$(cat "$work/display")
export DISPLAY QT_QPA_PLATFORM=xcb WIRESHARK_CONFIG_DIR=$work/configuration

wait_for_window() {	# TITLE
	local tries
	for tries in $(seq 240); do
		! xdotool search --name "$1" >/dev/null 2>&1 || return 0
		sleep 0.5
	done
	stop "no window with $1"
}

# Until the screen does not change any more.
still() {	# FILE
	local before=
	while import -window root -depth 8 "$1" && [ "$before" != "$(cksum < "$1")" ]; do
		before=$(cksum < "$1")
		sleep 1
	done
}

take() {	# NAME CAPTURE FILTER FRAME [-o or -d OPTION]... KEY... (pressed in the details)
	local name=$1 capture=$top/$2 filter=$3 frame=$4 process key options=(-o gui.update.enabled:FALSE -o gui.layout_content_3:NONE)
	shift 4
	[[ $wanted = "  " || $wanted = *" $name "* ]] || return 0
	while [[ ${1-} = -[od] ]]; do
		options+=("$1" "$2")
		shift 2
	done
	[ ! -e "${capture%.pcap}.keys" ] || options+=(-o "tls.keylog_file:${capture%.pcap}.keys")
	LD_PRELOAD=$work/rest.so LD_LIBRARY_PATH=$libraries wireshark "${options[@]}" -n -r "$capture" -Y "$filter" -g "$frame" >/dev/null 2>&1 &
	process=$!
	wait_for_window "$(basename "$capture")"
	sleep 2
	xdotool mousemove $((width / 2)) $((height - 100)) click 1
	for key in "$@"; do
		xdotool key "$key"
		sleep 0.3
	done
	still "$work/$name.png"
	kill "$process"
	wait "$process" 2>/dev/null || true
	convert "$work/$name.png" -strip -colors 64 -define png:compression-level=9 "PNG8:$into/$name.png"
}

take 01-openpgp test-captures/openpgp-gnupg/gnupg.pcap http 8 End Right Down Right End
take 02b-discard test-captures/small-services/small-services.pcap discard 28 ctrl+Right End
take 03-arp test-captures/arp-snap/arp-snap.pcap arp 2 ctrl+Right End
take 05-ftp-nat upstream/captures/ftp-nat.pcap 'ftp || ftp-data' 11 ctrl+Right End
take 07b-ftp-replies upstream/captures/ftp-replies.pcap 'ftp || ftp-data' 8 ctrl+Right End
take 07c-ftp-transfers upstream/captures/ftp-transfers.pcap 'ftp || ftp-data' 16 ctrl+Right End
take 08-ftp-data-tls test-captures/ftp-servers/proftpd-ftplib-tls.pcap 'ftp || ftp-data' 41 -d tcp.port==2121,ftp End
take 09a-http-pairing upstream/captures/http-pipelined.pcap http 6 ctrl+Right End
take 10-hkp test-captures/hkp-servers/sks-curl.pcap hkp 8 End Up Right End

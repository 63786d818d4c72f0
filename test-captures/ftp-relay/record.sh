#!/bin/sh
# Records the captures of this folder: curl through a relay, with vsftpd behind it, all on one host.
# As root on Debian 12 with vsftpd, curl and dumpcap: unshare -n ./record.sh
#
# SPDX-License-Identifier: GPL-2.0-or-later

HERE=$(cd "$(dirname "$0")" && pwd)
LAB=$(mktemp -d)
trap 'kill $SERVER $HTTP $SOCKS 2>/dev/null; rm -rf "$LAB"' EXIT
ip link set lo up
mkdir -p "$LAB/pub/in" "$LAB/empty"
chmod 755 "$LAB"; chown ftp "$LAB/pub/in"
seq -f 'line %g of an example' 1 300 >"$LAB/pub/lines.txt"
cat >"$LAB/vsftpd.conf" <<EOF
listen=YES
background=NO
anonymous_enable=YES
anon_root=$LAB/pub
anon_upload_enable=YES
write_enable=YES
pam_service_name=other
seccomp_sandbox=NO
isolate=NO
isolate_network=NO
secure_chroot_dir=$LAB/empty
EOF
chown root "$LAB/vsftpd.conf"
vsftpd "$LAB/vsftpd.conf" & SERVER=$!
/usr/bin/python3 "$HERE/relay.py" 3128 & HTTP=$!
/usr/bin/python3 "$HERE/relay.py" 1080 & SOCKS=$!
sleep 2

record() { # FILE PORT CURL'S OPTIONS
	file=$1 port=$2; shift 2
	dumpcap -q -i lo -P -f "tcp port $port" -w "$LAB/$file" 2>/dev/null & DUMP=$!
	sleep 2
	(cd "$LAB" && timeout 20 curl -sS "$@" -o got ftp://127.0.0.1/lines.txt && timeout 20 curl -sS "$@" -T got ftp://127.0.0.1/in/$port.txt \
		&& timeout 20 curl -sS --disable-epsv "$@" ftp://127.0.0.1/)
	sleep 2
	kill -INT $DUMP; wait $DUMP
	cp "$LAB/$file" "$HERE/$file"
}
record http-connect.pcap 3128 -p -x http://127.0.0.1:3128
record socks5.pcap 1080 -x socks5://127.0.0.1:1080

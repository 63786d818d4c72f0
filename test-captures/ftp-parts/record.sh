#!/bin/sh
# Records the captures of this folder: files that are carried in parts, their digests, and data ports that nobody announces.
# As root on Debian 12: ./record.sh. Servers and clients are unpacked into a scratch folder, not installed.
#
# SPDX-License-Identifier: GPL-2.0-or-later

HERE=$(cd "$(dirname "$0")" && pwd)
. "$HERE/../ftp-servers/lab.sh"
PACKAGES='proftpd-core proftpd-mod-crypto pure-ftpd pure-ftpd-common ftpd-ssl inetutils-ftpd inetutils-ftp lftp libmemcached11 libhashkit2
	libmemcachedutil2 globus-gridftp-server-progs globus-gass-copy-progs'
ROOT=$LAB/unpacked
export PROFTPD_MODULES=$ROOT/usr/lib/proftpd LD_LIBRARY_PATH=$ROOT/usr/lib/x86_64-linux-gnu:$ROOT/usr/lib/x86_64-linux-gnu/lftp PATH=$ROOT/usr/sbin:$ROOT/usr/bin:$PATH
# What Globus looks up about itself.
export GLOBUS_LOCATION=$ROOT/usr GLOBUS_HOSTNAME=192.0.2.1 HOME=$LAB

end_of_lab() {
	for host in gf-client gf-server; do
		kill $(ip netns pids $host) 2>/dev/null
		ip netns del $host
		rm -rf /etc/netns/$host
	done
	userdel $USER_NAME
	rm -rf "$LAB"
}
trap end_of_lab EXIT

on_client() { (cd "$LAB/client" && ip netns exec gf-client $RUN "$@" || echo "  $* fails"); }
record() { start_capture gf-client client0 "$1"; }

# From inetd's hands: PORT, then the server and its arguments.
on_server() { ip netns exec gf-server unshare -u sh -c 'hostname server && exec "$@"' - "$@"; }
from_inetd() { on_server /usr/bin/python3 "$HERE/dialogues.py" inetd "$@" >"$LAB/inetd.log" 2>&1 & }

globus=$(apt-get install -s --no-install-recommends globus-gridftp-server-progs globus-gass-copy-progs | sed -n 's/^Inst \(lib[^ ]*\) .*/\1/p')
mkdir -p "$LAB/packages" && chmod 755 "$LAB"
(cd "$LAB/packages" && apt-get download -qq $PACKAGES $globus 2>/dev/null)
for deb in "$LAB"/packages/*.deb; do dpkg -x "$deb" "$ROOT"; done
rm -r "$LAB/packages"
# Linux lets nobody listen on a connection's port, unless all sockets of it say so: for clients that want the default data port.
cc -shared -fPIC -o "$LAB/reuse.so" "$HERE/reuse.c" -ldl
make_files
head -c 60000 /dev/urandom >"$LAB/home/pub/sixty.bin"
head -c 150000 /dev/urandom >"$LAB/home/pub/large.bin"
chmod -R a+rwX "$LAB/home"
for host in gf-client gf-server; do
	make_host $host
	mkdir -p /etc/netns/$host
	printf '127.0.0.1 localhost\n192.0.2.1 client.example.org\n192.0.2.2 server.example.org\n' >/etc/netns/$host/hosts
done
echo "192.0.2.2 server $(hostname)" >>/etc/netns/gf-server/hosts
echo "192.0.2.1 $(hostname)" >>/etc/netns/gf-client/hosts
link_hosts gf-client client0 gf-server server0 192.0.2.1 2001:db8::1 192.0.2.2 2001:db8::2

start_proftpd gf-server proftpd 2121 'LoadModule mod_digest.c' 'TLSOptions NoSessionReuseRequired'
start_pure_ftpd gf-server 2122
from_inetd 2141 in.ftpd -l
from_inetd 2142 "$ROOT/usr/sbin/ftpd" -l
on_server env GLOBUS_TCP_PORT_RANGE=43000,43050 globus-gridftp-server -aa -anonymous-user $USER_NAME -anonymous-names-allowed '*' \
	-p 2811 -home-dir "$LAB/home" -control-interface 192.0.2.2 -data-interface 192.0.2.2 -hostname 192.0.2.2 \
	-log-transfer "$LAB/gridftp.log" >"$LAB/gridftp.out" 2>&1 &
sleep 2

record proftpd-digests.pcap
on_client /usr/bin/python3 "$HERE/dialogues.py" digests 192.0.2.2 2121 "$LAB/home/lines.txt"
stop_capture

# One file over several sessions, at the same time and one after the other.
record several-sessions.pcap
on_client lftp -c "set ftp:ssl-allow no; set pget:min-chunk-size 20000; set net:limit-rate 20000; open -u $USER_NAME,$PASSWORD -p 2121 192.0.2.2; pget -n 3 pub/large.bin -o lftp.bin"
on_client /usr/bin/python3 "$HERE/dialogues.py" upload_in_parts 192.0.2.2 2121
stop_capture
cmp "$LAB/client/lftp.bin" "$LAB/home/pub/large.bin"

record gridftp.pcap
on_client globus-url-copy -bs 8192 -p 4 "ftp://192.0.2.2:2811/~/pub/sixty.bin" "file://$LAB/client/four.bin"
on_client globus-url-copy -bs 8192 -p 4 "file://$LAB/client/four.bin" "ftp://192.0.2.2:2811/~/pub/up.bin"
on_client globus-url-copy -bs 8192 -stripe -p 2 "ftp://192.0.2.2:2811/~/pub/sixty.bin" "file://$LAB/client/stripe.bin"
on_client globus-url-copy -bs 8192 -stripe -p 2 "file://$LAB/client/four.bin" "ftp://192.0.2.2:2811/~/pub/up2.bin"
stop_capture
for copy in client/four.bin client/stripe.bin home/pub/up.bin home/pub/up2.bin; do cmp "$LAB/$copy" "$LAB/home/pub/sixty.bin"; done
sed 's/.*FILE=\([^ ]*\).*\(NBYTES=[0-9]*\).*\(STREAMS=[0-9]*\).*\(TYPE=[A-Z]*\).*/\1 \2 \3 \4/' "$LAB/gridftp.log"

record default-port.pcap
for port in 2141 2142; do
	printf 'open 192.0.2.2 %s\nquote user %s\nquote pass %s\nsendport\nbinary\nget lines.txt /dev/null\nls\nput reuse.txt\nquit\n' \
		$port $USER_NAME $PASSWORD | (cd "$LAB/client"; seq 100 >reuse.txt; LD_PRELOAD=$LAB/reuse.so ip netns exec gf-client $RUN inetutils-ftp -n) >/dev/null
done
on_client /usr/bin/python3 "$HERE/dialogues.py" same_port 192.0.2.2 2121
stop_capture

# More than what waits in buffers.
head -c 3000000 /dev/zero >"$LAB/home/pub/large.bin"
record pureftpd-broken-off.pcap
on_client /usr/bin/python3 "$HERE/dialogues.py" broken_off 192.0.2.2 2122
stop_capture
chmod 644 "$HERE"/*.pcap

#!/bin/sh
# Records the captures of this folder: real FTP servers and clients in network namespaces.
# As root on Debian 12: ./record.sh
#
# SPDX-License-Identifier: GPL-2.0-or-later

HERE=$(cd "$(dirname "$0")" && pwd)
. "$HERE/lab.sh"
trap clean_up EXIT
S4=192.0.2.2 S6=2001:db8::2

on_client() { (cd "$LAB/client" && ip netns exec gf-client $RUN "$@"); }
fetch() { on_client curl -sS -m 12 -o got "$@" || echo "  curl $* fails"; }
url4() { echo "ftp://$USER_NAME:$PASSWORD@$S4:$1/$2"; }
url6() { echo "ftp://$USER_NAME:$PASSWORD@[$S6]:$1/$2"; }
dialogue() { scenario=$1; host=$2; port=$3; shift 3; on_client /usr/bin/python3 "$HERE/client.py" "$scenario" "$host" "$port" $USER_NAME $PASSWORD "$@"; }
record() { start_capture gf-client client0 "$1"; }

fetch_servers
make_files
for host in gf-client gf-server gf-other; do make_host $host; done
link_hosts gf-client client0 gf-server server0 192.0.2.1 2001:db8::1 $S4 $S6
head -c 3000000 /dev/zero >"$LAB/home/pub/large.bin"

start_vsftpd gf-server vsftpd
start_vsftpd gf-server vsftpd-implicit listen_port=990 implicit_ssl=YES pasv_min_port=40020 pasv_max_port=40039
start_proftpd gf-server proftpd 2121 'TLSOptions NoSessionReuseRequired'
start_pure_ftpd gf-server 2122
sleep 1

record vsftpd-curl-pasv.pcap
fetch --disable-epsv "$(url4 21 lines.txt)"
fetch --disable-epsv "$(url4 21 pub/)"
on_client curl -sS --disable-epsv -T got "$(url4 21 upload.txt)"
stop_capture

record vsftpd-curl-epsv.pcap
fetch "$(url4 21 lines.txt)"
fetch -g "$(url6 21 lines.txt)"
fetch -g "$(url6 21 pub/)"
stop_capture

record vsftpd-curl-active.pcap
fetch -P - --disable-eprt "$(url4 21 lines.txt)"
fetch -P - "$(url4 21 lines.txt)"
fetch -g -P - "$(url6 21 lines.txt)"
stop_capture

record proftpd-curl-active.pcap
fetch -P - --disable-eprt "$(url4 2121 lines.txt)"
fetch -g -P - "$(url6 2121 lines.txt)"
stop_capture

record vsftpd-commands.pcap
dialogue commands $S4 21
stop_capture

record proftpd-commands6.pcap
dialogue commands $S6 2121
stop_capture

record vsftpd-two-sessions.pcap
dialogue two $S4 21
stop_capture

record proftpd-two-sessions.pcap
dialogue two $S4 2121
stop_capture

record pureftpd-pipelined.pcap
dialogue pipelined $S4 2122
stop_capture

record proftpd-abort.pcap
dialogue abort $S4 2121
stop_capture

record vsftpd-refused.pcap
dialogue refused $S4 21
dialogue refused $S6 21
stop_capture

record tnftp.pcap
for port in 21 2121 2122; do
	printf 'user %s %s\nepsv4\nls\nget lines.txt /dev/null\nquit\n' $USER_NAME $PASSWORD | on_client tnftp -n $S4 $port >/dev/null
	printf 'user %s %s\npassive\nget lines.txt /dev/null\nquit\n' $USER_NAME $PASSWORD | on_client tnftp -n $S4 $port >/dev/null
done
stop_capture

export SSLKEYLOGFILE="$LAB/keys"
keys() { mv "$LAB/keys" "$HERE/$1"; }

record vsftpd-curl-tls.pcap
for version in '--tls-max 1.2' --tlsv1.3; do
	fetch -k --ssl-reqd $version --disable-epsv "$(url4 21 lines.txt)"
	fetch -k --ssl-reqd $version -g "$(url6 21 lines.txt)"
done
fetch -k --ftp-ssl-control "$(url4 21 lines.txt)"
fetch -k --ssl-reqd -T "$LAB/home/lines.txt" "$(url4 21 upload2.txt)"
stop_capture
keys vsftpd-curl-tls.keys

record vsftpd-curl-implicit.pcap
fetch -k --disable-epsv "ftps://$USER_NAME:$PASSWORD@$S4/lines.txt"
fetch -k -g "ftps://$USER_NAME:$PASSWORD@[$S6]/lines.txt"
stop_capture
keys vsftpd-curl-implicit.keys

record lftp-tls.pcap
LFTP='set net:timeout 5; set net:max-retries 1; set ssl:verify-certificate no; set ftp:ssl-force yes; set ftp:ssl-protect-data yes'
for port in 21 2121 2122; do
	on_client lftp -c "$LFTP; open -u $USER_NAME,$PASSWORD -p $port $S4; cat lines.txt; ls" >/dev/null
	on_client lftp -c "$LFTP; set ftp:passive-mode no; open -u $USER_NAME,$PASSWORD -p $port $S4; cat lines.txt" >/dev/null
done
on_client lftp -c "$LFTP; open -u $USER_NAME,$PASSWORD -p 21 [$S6]; cat lines.txt" >/dev/null
stop_capture
keys lftp-tls.keys

record proftpd-ftplib-tls.pcap
dialogue tls $S4 2121 "$LAB/keys"
dialogue tls $S6 2122 "$LAB/keys"
stop_capture
keys proftpd-ftplib-tls.keys

record proftpd-curl-ccc.pcap
fetch -k --ssl-reqd --ftp-ssl-ccc --disable-epsv "$(url4 2121 lines.txt)"
fetch -k --ssl-reqd --ftp-ssl-ccc --disable-epsv "$(url4 2122 lines.txt)"
stop_capture
keys proftpd-curl-ccc.keys
unset SSLKEYLOGFILE

# A server whose passive ports a firewall rejects, and one that is itself rejected after the handshake.
ip netns exec gf-server nft -f - <<-EOF
	table inet filter {
		chain input {
			type filter hook input priority 0
			tcp dport 40000-40039 reject
		}
	}
EOF
record vsftpd-passive-rejected.pcap
fetch --disable-epsv "$(url4 21 lines.txt)"
fetch -g "$(url6 21 lines.txt)"
stop_capture
ip netns exec gf-server nft flush ruleset

ip netns exec gf-client nft -f - <<-EOF
	table inet filter {
		chain input {
			type filter hook input priority 0
			tcp sport 21 tcp flags & (syn|psh) == psh reject with icmpx type admin-prohibited
		}
	}
EOF
record vsftpd-no-banner.pcap
on_client curl -sS -m 4 "$(url4 21 lines.txt)" -o got
on_client curl -sS -m 4 -g "$(url6 21 lines.txt)" -o got
stop_capture
ip netns exec gf-client nft flush ruleset

# A greeting that takes its time.
printf '#!/bin/sh\nsleep 6\nexec %s %s\n' "$LAB/unpacked/usr/sbin/vsftpd" "$LAB/inetd.conf.vsftpd" >"$LAB/slow-vsftpd"
chmod +x "$LAB/slow-vsftpd"
echo "2199 stream tcp nowait root $LAB/slow-vsftpd slow-vsftpd" >"$LAB/inetd.conf"
vsftpd_config "$LAB/inetd.conf.vsftpd"
sed -i s/listen_ipv6=YES/listen_ipv6=NO/ "$LAB/inetd.conf.vsftpd"
ip netns exec gf-server inetd -d "$LAB/inetd.conf" >/dev/null 2>&1 &
SERVERS="$SERVERS $!"
sleep 0.5
record inetd-slow-banner.pcap
fetch --disable-epsv "$(url4 2199 lines.txt)"
stop_capture

# A file from server to server.
link_hosts gf-client client1 gf-other other0 198.51.100.1 2001:db8:1::1 198.51.100.2 2001:db8:1::2
link_hosts gf-server server1 gf-other other1 203.0.113.1 2001:db8:2::1 203.0.113.2 2001:db8:2::2
ip -n gf-server route add 198.51.100.0/24 via 203.0.113.2
ip -n gf-other route add 192.0.2.0/24 via 203.0.113.1
start_proftpd gf-other proftpd-other 2121
sleep 1
start_capture gf-client any fxp-client.pcap
dialogue fxp $S4 2121 198.51.100.2
stop_capture
start_capture gf-other any fxp-server.pcap
dialogue fxp $S4 2121 198.51.100.2
stop_capture

# A server behind a NAT that knows nothing of FTP, one that announces its outer address, and a NAT that rewrites.
ip -n gf-client link del client1
for host in gf-router gf-inside; do make_host $host; done
link_hosts gf-client wan0 gf-router wan1 198.51.100.1 2001:db8:3::1 198.51.100.254 2001:db8:3::2
link_hosts gf-inside lan0 gf-router lan1 203.0.113.10 2001:db8:4::1 203.0.113.254 2001:db8:4::2
ip netns exec gf-router sysctl -qw net.ipv4.ip_forward=1
ip -n gf-inside route add default via 203.0.113.254
ip netns exec gf-router nft -f - <<-EOF
	table ip nat {
		ct helper ftp {
			type "ftp" protocol tcp;
		}
		chain prerouting {
			type nat hook prerouting priority -100;
			iifname wan1 tcp dport { 21, 2121, 40000-41019 } dnat to 203.0.113.10
		}
		chain postrouting {
			type nat hook postrouting priority 100;
			oifname wan1 masquerade
		}
		chain helper {
			type filter hook prerouting priority 0;
			iifname lan1 tcp dport 21 ct helper set ftp
		}
	}
EOF
start_vsftpd gf-inside vsftpd-inside
start_proftpd gf-inside proftpd-inside 2121 'MasqueradeAddress 198.51.100.254'
start_vsftpd gf-client vsftpd-outside
sleep 1
start_capture gf-client wan0 nat-server-client-side.pcap
fetch --disable-epsv ftp://$USER_NAME:$PASSWORD@198.51.100.254/lines.txt
stop_capture
start_capture gf-inside lan0 nat-server-masquerade-server-side.pcap
fetch --disable-epsv ftp://$USER_NAME:$PASSWORD@198.51.100.254:2121/lines.txt
stop_capture
for side in 'gf-inside lan0 inside' 'gf-client wan0 outside'; do
	set -- $side
	start_capture $1 $2 nat-client-helper-$3.pcap
	ip netns exec gf-inside $RUN curl -sS -m 12 -o "$LAB/client/got" -P - --disable-eprt ftp://$USER_NAME:$PASSWORD@198.51.100.1/lines.txt
	stop_capture
done
chmod 644 "$HERE"/*.pcap "$HERE"/*.keys

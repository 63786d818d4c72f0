#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes services.pcap and services.keys again: many services on one host, spoken to by their usual clients between
# two network namespaces. Needs root and, from Debian 12: dumpcap, editcap, ethtool, openssl, curl, python3,
# openbsd-inetd, lighttpd, nghttp2-server, openssh-server, openssh-client, dnsmasq-base, bind9-dnsutils,
# python3-aiosmtpd, libusrsctp-examples.
#
# usage: recipe.sh [FOLDER]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
output=$(cd "${1:-.}" && pwd)
work=$(mktemp -d)
chmod 755 "$work"
client=gapsess-c
server=gapsess-s

cleanup() {
	for pid in $(cat "$work"/*.pid 2>/dev/null); do
		kill "$pid" 2>/dev/null || true
	done
	ip netns del $client 2>/dev/null || true
	ip netns del $server 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT

# Starts a server that goes on running: serve NAME COMMAND...
serve() {
	name=$1
	shift
	ip netns exec $server "$@" >"$work/$name.log" 2>&1 </dev/null &
	echo $! >"$work/$name.pid"
}

ask() {
	ip netns exec $client timeout 5 "$@" >>"$work/clients.log" 2>&1 </dev/null || true
}

ip netns add $client
ip netns add $server
ip link add gapsess0 netns $client type veth peer name gapsess0 netns $server
ip netns exec $client ip link set gapsess0 address 02:00:00:00:00:01
ip netns exec $server ip link set gapsess0 address 02:00:00:00:00:02
for host in "$client 1" "$server 2"; do
	set -- $host
	ip netns exec "$1" ethtool -K gapsess0 tx off gso off tso off >/dev/null
	ip netns exec "$1" ip address add 192.0.2.$2/24 dev gapsess0
	ip netns exec "$1" ip -6 address add 2001:db8::$2/64 dev gapsess0 nodad
	ip netns exec "$1" ip link set lo up
	ip netns exec "$1" ip link set gapsess0 up
done

cd "$work"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 3650 \
	-subj "/CN=Example CA" 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr \
	-subj "/CN=www.example.org" 2>/dev/null
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out server.pem -days 3650 2>/dev/null
serial=$(openssl x509 -in server.pem -noout -serial | cut -d= -f2)
printf 'V\t350101000000Z\t\t%s\tunknown\t/CN=www.example.org\n' "$serial" >index.txt
openssl ocsp -issuer ca.pem -cert server.pem -reqout ocsp.req >/dev/null 2>&1
openssl ocsp -index index.txt -CA ca.pem -rsigner ca.pem -rkey ca.key -reqin ocsp.req -respout ocsp.der -ndays 3650 >/dev/null 2>&1
ssh-keygen -q -t ed25519 -N '' -f host_key
mkdir www && echo "Hello" >www/index.txt && chmod -R a+rX www

ip netns exec $client dumpcap -q -P -i gapsess0 -w all.pcap -s 2048 2>/dev/null &
echo $! >dumpcap.pid
sleep 2

for service in echo daytime time; do
	printf '%s\tstream\ttcp\tnowait\troot\tinternal\n%s\tdgram\tudp\twait\troot\tinternal\n' $service $service
done >inetd.conf
serve inetd inetd -i "$work/inetd.conf"
cat >lighttpd.conf <<L
server.document-root = "$work/www"
server.port = 80
server.bind = "192.0.2.2"
server.tag = "lighttpd"
L
serve lighttpd lighttpd -D -f "$work/lighttpd.conf"
serve nghttpd nghttpd -d "$work/www" --address=192.0.2.2 8443 server.key server.pem
serve stapling openssl s_server -accept 192.0.2.2:443 -key server.key -cert server.pem -status_file ocsp.der -www
serve dnsmasq dnsmasq -k -C /dev/null --no-resolv --no-hosts --user=root --listen-address=192.0.2.2 --listen-address=2001:db8::2 \
	--bind-interfaces --address=/example.org/192.0.2.2 --pid-file="$work/dnsmasq.run"
mkdir -p /run/sshd
serve sshd /usr/sbin/sshd -D -e -f /dev/null -h "$work/host_key" -o UsePAM=no -o PidFile=none -o ListenAddress=192.0.2.2
serve smtpd /usr/bin/python3 "$here/smtpd.py" 192.0.2.2 25 server.pem server.key
serve sctp /usr/lib/usrsctp/echo_server
sleep 2

keys=$work/services.keys
python=/usr/bin/python3
ask $python "$here/clients.py" small 192.0.2.2
ask curl -s http://192.0.2.2/index.txt
ask curl -s http://192.0.2.2/missing
ask env SSLKEYLOGFILE="$keys" curl -s --http2 -k https://192.0.2.2:8443/index.txt
for version in tls1_2 tls1_3; do
	ask sh -c "echo Q | openssl s_client -connect 192.0.2.2:443 -$version -status -servername www.example.org -keylogfile $keys"
done
ask dig +tries=1 +notcp @192.0.2.2 www.example.org A
ask dig +tries=1 +tcp @192.0.2.2 www.example.org A
ask dig +tries=1 @2001:db8::2 www.example.org A
ask ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentityAgent=none nobody@192.0.2.2 true
ask sh -c "SSLKEYLOGFILE=$keys $python $here/clients.py starttls 192.0.2.2"
ask /usr/lib/usrsctp/client 192.0.2.2 7 5007 0 0
ask $python "$here/clients.py" keepalive 192.0.2.2
# Nothing listens there.
ask $python "$here/clients.py" refused 192.0.2.2
sleep 1
kill "$(cat dumpcap.pid)"
wait "$(cat dumpcap.pid)" || true
# Neighbour discovery and the like are left out.
tshark -r all.pcap -Y "tcp or udp or sctp or icmp or icmpv6.type < 128" -w - | editcap -F pcap - "$output/services.pcap"
cp "$keys" "$output/services.keys"
[ -n "${SHOW_LOGS:-}" ] && tail -n 5 "$work"/*.log
exit 0

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes small-services.pcap again: openbsd-inetd's five small services, spoken to by Python's sockets
# between two network namespaces, and what Linux answers where nothing listens or no route leads.
# Needs root, openbsd-inetd, dumpcap, editcap, ethtool and python3 (Debian 12).
#
# usage: recipe.sh [OUTPUT]
set -eu
output=${1:-small-services.pcap}
work=$(mktemp -d)
client=gapsmall-c
server=gapsmall-s

cleanup() {
	for pid in $(cat "$work"/*.pid 2>/dev/null); do
		kill "$pid" 2>/dev/null || true
	done
	ip netns del $client 2>/dev/null || true
	ip netns del $server 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT

ip netns add $client
ip netns add $server
ip link add gapsmall0 netns $client type veth peer name gapsmall0 netns $server
ip netns exec $client ip link set gapsmall0 address 02:00:00:00:00:01
ip netns exec $server ip link set gapsmall0 address 02:00:00:00:00:02
for host in "$client 1" "$server 2"; do
	set -- $host
	ip netns exec "$1" ethtool -K gapsmall0 tx off >/dev/null
	ip netns exec "$1" ip address add 192.0.2.$2/24 dev gapsmall0
	ip netns exec "$1" ip -6 address add 2001:db8::$2/64 dev gapsmall0 nodad
	ip netns exec "$1" ip link set lo up
	ip netns exec "$1" ip link set gapsmall0 up
done
ip netns exec $client ip route add default via 192.0.2.2
ip netns exec $client ip -6 route add default via 2001:db8::2
ip netns exec $server sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
ip netns exec $server sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
ip netns exec $server ip route add unreachable 198.51.100.0/24
ip netns exec $server ip -6 route add unreachable 2001:db8:ffff::/48

for service in discard echo daytime chargen time; do
	printf '%s\t%s\t%s\t%s\troot\tinternal\n' \
		$service stream tcp nowait $service dgram udp wait \
		$service stream tcp6 nowait $service dgram udp6 wait
done >"$work/inetd.conf"

ip netns exec $client dumpcap -q -P -i gapsmall0 -w "$work/all.pcap" \
	-f 'tcp or udp or icmp or (icmp6 and ip6[40] < 128)' 2>/dev/null &
echo $! >"$work/dumpcap.pid"
sleep 2
ip netns exec $server inetd -i "$work/inetd.conf" &
echo $! >"$work/inetd.pid"
sleep 1
ip netns exec $client python3 "$(dirname "$0")/clients.py" served
kill "$(cat "$work/inetd.pid")"
sleep 1
ip netns exec $client python3 "$(dirname "$0")/clients.py" refused
sleep 1
kill "$(cat "$work/dumpcap.pid")"
wait "$(cat "$work/dumpcap.pid")" || true
editcap -F pcap "$work/all.pcap" "$output"

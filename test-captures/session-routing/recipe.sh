#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes routing.pcap again: FRR's ldpd on two routers, and FRR's bfdd on one of them, whose packets the other one
# refuses by ICMP errors, since no BFD runs there. Two network namespaces stand for the routers.
# Needs root and, from Debian 12: frr, dumpcap, tshark, editcap, ethtool.
#
# usage: recipe.sh [FOLDER]
set -eu
output=$(cd "${1:-.}" && pwd)
work=$(mktemp -d)
chmod 755 "$work"

cleanup() {
	for pid in $(cat "$work"/*.pid 2>/dev/null); do
		kill "$pid" 2>/dev/null || true
	done
	ip netns del gapsess-r1 2>/dev/null || true
	ip netns del gapsess-r2 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT

# run ROUTER DAEMON [CONFIGURATION]
run() {
	printf '%s\n' "log file $work/r$1/$2.log" "${3:-}" >"$work/r$1/$2.conf"
	chown -R frr:frr "$work/r$1"
	ip netns exec "gapsess-r$1" "/usr/lib/frr/$2" -f "$work/r$1/$2.conf" -i "$work/r$1/$2.run" \
		-z "$work/r$1/zserv" --vty_socket "$work/r$1" -A 127.0.0.1 >/dev/null 2>&1 </dev/null &
	echo $! >"$work/r$1-$2.pid"
}

ldp_configuration() {
	echo "mpls ldp
 router-id 203.0.113.$1
 discovery hello interval 1
 address-family ipv4
  discovery transport-address 203.0.113.$1
  session holdtime 15
  interface gapsess0
 exit-address-family"
}

ip netns add gapsess-r1
ip netns add gapsess-r2
ip link add gapsess0 netns gapsess-r1 type veth peer name gapsess0 netns gapsess-r2
for i in 1 2; do
	mkdir "$work/r$i"
	ip -n gapsess-r$i link set gapsess0 address 02:00:00:00:00:0$i
	ip netns exec gapsess-r$i ethtool -K gapsess0 tx off >/dev/null
	ip netns exec gapsess-r$i sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
	ip -n gapsess-r$i link set lo up
	ip -n gapsess-r$i address add 203.0.113.$i/32 dev lo
	ip -n gapsess-r$i address add 192.0.2.$i/24 dev gapsess0
	ip -n gapsess-r$i -6 address add 2001:db8::$i/64 dev gapsess0 nodad
	ip -n gapsess-r$i link set gapsess0 up
	ip -n gapsess-r$i route add 203.0.113.$((3 - i))/32 via 192.0.2.$((3 - i))
done

ip netns exec gapsess-r1 dumpcap -q -P -i gapsess0 -w "$work/all.pcap" 2>/dev/null &
echo $! >"$work/dumpcap.pid"
sleep 2
for i in 1 2; do
	run $i zebra
done
sleep 2
for i in 1 2; do
	run $i ldpd "$(ldp_configuration $i)"
done
run 1 bfdd "bfd
 peer 192.0.2.2
  transmit-interval 900
 exit
 peer 2001:db8::2 local-address 2001:db8::1
  transmit-interval 900
 exit"
sleep "${SECONDS_TO_RUN:-18}"
kill "$(cat "$work/r1-ldpd.pid")"
sleep 2
kill "$(cat "$work/dumpcap.pid")"
wait "$(cat "$work/dumpcap.pid")" || true
tshark -r "$work/all.pcap" -Y "tcp or udp or icmp or icmpv6.type < 128" -w - 2>/dev/null | editcap -F pcap - "$output/routing.pcap"
[ -n "${SHOW_LOGS:-}" ] && tail -n 8 "$work"/r?/*.log
exit 0

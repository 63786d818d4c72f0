#!/bin/bash
# HTTP-01 over IPv6 and IPv4, and redirects to HTTPS that is not decrypted, with the API's TLS keys: families.pcap, https.pcap
# SPDX-License-Identifier: GPL-2.0-or-later

DNS_NS=acme-host
. "$(dirname "$0")/../acme-lab/lab.sh"
lab_network
ip -n acme-host addr add 2001:db8::3/64 dev acme-vb nodad
# An address at which nothing answers, and one to which there is no way.
ip -n acme-ca neigh add 2001:db8::99 lladdr $(ip netns exec acme-host cat /sys/class/net/acme-vb/address) dev acme-va
ip -n acme-ca route add 2001:db8:1::/64 via 2001:db8::2
ip -n acme-host route add blackhole 2001:db8::99/128
ip netns exec acme-host sysctl -qw net.ipv6.conf.all.forwarding=1
ip -n acme-host route add unreachable 2001:db8:1::/64
lab_authority 192.0.2.2:53
mkdir -p $LAB/www
in_background $HOST python3 $HERE/server.py $LAB/www $LAB/ca.pem $LAB/ca.key
listening acme-host 443

both() { control add-a "{\"host\":\"$1.example.org.\",\"addresses\":[\"192.0.2.2\"]}"; control add-aaaa "{\"host\":\"$1.example.org.\",\"addresses\":[\"$2\"]}"; }
both refused 2001:db8::2
both dark 2001:db8::99
both unreachable 2001:db8:1::1
both other 2001:db8::3
control add-aaaa '{"host":"only-ipv6.example.org.","addresses":["2001:db8::2"]}'
control add-a '{"host":"only-ipv6.example.org.","addresses":[]}'
order() { # FILE FILTER NAMES
    export SSLKEYLOGFILE=$LAB/keys-$1
    capture $HERE/$1.pcap "$2"
    shift 2
    certbot_ --webroot -w $LAB/www $(for name in "$@"; do echo -d $name.example.org; done) || true
    capture_end
    grep -v '^#' $SSLKEYLOGFILE > ${CAPTURE%.pcap}.keys
}
order families "tcp port 14000 or port 53 or tcp port 80 or icmp6" plain refused dark unreachable other only-ipv6
order https "tcp port 14000 or tcp port 80 or tcp port 443" https-file https-page https-alert https-silent
cp $LAB/certbot.log ${LOG:-/dev/null}

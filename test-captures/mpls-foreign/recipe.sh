#!/bin/bash
# Makes mpls-foreign.pcap and truth.tsv: three routers of FRR with LDP, labelled unicast, a VPN and segment routing at once.
# Needs root, iproute2, ethtool, frr, wireshark-common, python3. Usage: recipe.sh [FOLDER]
#
#   r1 203.0.113.1 === 192.0.2.0/30 === r2 203.0.113.2 === 192.0.2.4/30 === r3 203.0.113.3
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here}
name=foreign                                    # namespaces are foreign-r1 ...
run=$(mktemp -d)
chmod 777 "$run"
export PATH=$PATH:/usr/sbin:/sbin

ns() { ip netns exec "$name-r$1" "${@:2}"; }
cli() { local r=$1 args=(); shift; for c in "$@"; do args+=(-c "$c"); done; vtysh -N "$name$r" "${args[@]}" 2>/dev/null; }

stop() {
    for pid in "$run"/*.pid /var/run/frr/$name?/*.pid; do [ -e "$pid" ] && kill "$(cat "$pid")" 2>/dev/null; done
    sleep 1
    for r in 1 2 3; do ip netns del "$name-r$r" 2>/dev/null; rm -rf "/etc/frr/$name$r" "/var/run/frr/$name$r"; done
    rm -rf "$run"
}
trap 'set +e; stop' EXIT

links() {
    for r in 1 2 3; do
        ip netns add "$name-r$r"
        ns $r ip link set lo up
        ns $r ip addr add 203.0.113.$r/32 dev lo
        ns $r ip addr add 10.$r.0.1/24 dev lo           # the VPN's, and of labelled unicast
        ns $r sysctl -qw net.ipv4.ip_forward=1
    done
    ip link add x12 netns $name-r1 address 02:00:00:00:12:01 type veth peer name x21 netns $name-r2 address 02:00:00:00:12:02
    ip link add x23 netns $name-r2 address 02:00:00:00:23:02 type veth peer name x32 netns $name-r3 address 02:00:00:00:23:03
    ns 1 ip addr add 192.0.2.1/30 dev x12; ns 2 ip addr add 192.0.2.2/30 dev x21
    ns 2 ip addr add 192.0.2.5/30 dev x23; ns 3 ip addr add 192.0.2.6/30 dev x32
    for x in "1 x12" "2 x21" "2 x23" "3 x32"; do set -- $x; ns $1 ip link set $2 up; ns $1 ethtool -K $2 tx off >/dev/null; done
}

interfaces() { case $1 in 1) echo x12;; 2) echo x21 x23;; 3) echo x32;; esac; }

# r1 and r3 have a VPN, with a label whose number LDP gives to something else; labelled unicast goes over r2, which hands out labels of its own
bgp() {
    local r=$1 far=$((4 - $1)) peers=203.0.113.2 p
    [ $r != 2 ] || peers="203.0.113.1 203.0.113.3"
    printf 'router bgp 65001\n bgp router-id 203.0.113.%s\n no bgp default ipv4-unicast\n' $r
    [ $r = 2 ] || printf ' neighbor 203.0.113.%s remote-as 65001\n neighbor 203.0.113.%s update-source 203.0.113.%s\n' $far $far $r
    for p in $peers; do printf ' neighbor %s remote-as 65001\n neighbor %s update-source 203.0.113.%s\n' $p $p $r; done
    if [ $r != 2 ]; then
        printf ' address-family ipv4 unicast\n  network 10.%s.0.0/24\n  rd vpn export 65001:%s\n  rt vpn both 65001:1\n' $r $r
        printf '  label vpn export %s\n  export vpn\n  import vpn\n exit-address-family\n' $vpn_label
        printf ' address-family ipv4 vpn\n  neighbor 203.0.113.%s activate\n exit-address-family\n' $far
    fi
    printf ' address-family ipv4 labeled-unicast\n'
    for p in $peers; do
        printf '  neighbor %s activate\n' $p
        [ $r != 2 ] || printf '  neighbor %s route-reflector-client\n  neighbor %s next-hop-self force\n' $p $p
    done
    printf ' exit-address-family\n'
}

configure() {   # the daemons of one router
    local r=$1 c=/etc/frr/$name$1 i
    mkdir -p $c /var/run/frr/$name$r
    echo "hostname r$r" > $c/zebra.conf
    {
        printf 'router ospf\n ospf router-id 203.0.113.%s\n network 203.0.113.0/24 area 0\n network 192.0.2.0/24 area 0\n' $r
        printf ' capability opaque\n router-info area\n segment-routing on\n segment-routing global-block 16000 16999\n'
        printf ' segment-routing prefix 203.0.113.%s/32 index %s\n' $r $r
        for i in $(interfaces $r); do
            printf 'interface %s\n ip ospf network point-to-point\n ip ospf hello-interval 1\n ip ospf dead-interval 4\n' $i
        done
    } > $c/ospfd.conf
    {
        printf 'hostname r%s\n' $r
        printf 'router isis 1\n net 49.0001.0000.0000.000%s.00\n is-type level-2-only\n segment-routing on\n' $r
        printf ' segment-routing global-block 20000 20999 local-block 21000 21999\n segment-routing prefix 203.0.113.%s/32 index 1%s\n' $r $r
        for i in $(interfaces $r); do
            printf 'interface %s\n ip router isis 1\n isis network point-to-point\n isis hello-interval 1\n' $i
        done
        printf 'interface lo\n ip router isis 1\n'
    } > $c/isisd.conf
    {
        printf 'mpls ldp\n router-id 203.0.113.%s\n address-family ipv4\n  discovery transport-address 203.0.113.%s\n' $r $r
        for i in $(interfaces $r); do printf '  interface %s\n' $i; done
        printf ' exit-address-family\nexit\n'
    } > $c/ldpd.conf
    bgp $r > $c/bgpd.conf
    chown -R frr:frr $c /var/run/frr/$name$r
}

routers() {
    for r in 1 2 3; do
        configure $r
        for d in zebra ospfd isisd ldpd bgpd; do
            ns $r /usr/lib/frr/$d -d -N $name$r -A 127.0.0.1 -f /etc/frr/$name$r/$d.conf -i /var/run/frr/$name$r/$d.pid >$run/r$r-$d.out 2>&1
        done
    done
}

ready() {
    cli 1 'show mpls ldp binding 10.3.0.0/24 json' | grep -q '"remoteLabel":"[0-9]' \
        && cli 3 'show mpls ldp binding 10.1.0.0/24 json' | grep -q '"remoteLabel":"[0-9]' && \
    cli 1 'show mpls ldp binding 203.0.113.3/32 json' | grep -q '"remoteLabel":"[0-9]' \
        && cli 3 'show mpls ldp binding 203.0.113.1/32 json' | grep -q '"remoteLabel":"[0-9]' \
        && cli 1 'show bgp ipv4 vpn json' | grep -q 10.3.0.0 && cli 3 'show bgp ipv4 vpn json' | grep -q 10.1.0.0 \
        && cli 1 'show bgp ipv4 labeled-unicast 10.3.0.0/24 json' | grep -qi 'remoteLabel' \
        && cli 3 'show bgp ipv4 labeled-unicast 10.1.0.0/24 json' | grep -qi 'remoteLabel'
}

vpn_label=18
links
ip netns exec $name-r2 "$(command -v dumpcap)" -q -i x21 -i x23 -w $run/all.pcapng 2>/dev/null & echo $! > $run/cap.pid
sleep 1
routers
tries=90
until ready; do sleep 1; tries=$((tries - 1)); [ $tries -gt 0 ] || { echo "routers do not agree" >&2; exit 1; }; done
sleep 2
for r in 1 2 3; do
    cli $r 'show mpls ldp binding json' > $run/ldp$r.json
    cli $r 'show isis segment-routing node' 'show isis database detail' > $run/isis-sr$r.txt
    cli $r 'show ip ospf database segment-routing json' > $run/ospf-sr$r.json
done
for x in "1 3" "3 1"; do
    set -- $x
    cli $1 "show bgp ipv4 vpn 10.$2.0.0/24 json" > $run/vpn$2.json
    cli $1 "show bgp ipv4 labeled-unicast 10.$2.0.0/24 json" > $run/lu$2.json
done
[ -z "${KEEP:-}" ] || cp -r $run $KEEP
python3 "$here/send.py" $run $name > $run/truth.tsv
sleep 2
kill -INT "$(cat $run/cap.pid)"; wait "$(cat $run/cap.pid)" 2>/dev/null || true
rm $run/cap.pid
"$(command -v tshark)" -n -r $run/all.pcapng -Y 'mpls || tcp.port == 646 || udp.port == 646 || bgp || ospf.msg.lsupdate || isis.lsp || arp' -F pcap -w $run/out.pcap
cp $run/out.pcap "$out/mpls-foreign.pcap"
cp $run/truth.tsv "$out/truth.tsv"

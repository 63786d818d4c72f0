#!/bin/bash
# Makes ldp-frr.pcap: three routers with FRR's ospfd and ldpd, Open vSwitch forwards by the labels they agree on.
# Needs root, iproute2, ethtool, frr, openvswitch-switch, tcpdump, wireshark-common. Usage: recipe.sh [FOLDER]
#
#   ce1 --- r1 ===left=== r2 ===right=== r3 --- ce3      ce1 and ce3 are joined by pseudowire 100
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here}
name=ldpfrr                                     # namespaces are ldpfrr-r1 ...
run=$(mktemp -d)
chmod 777 "$run"
export PATH=$PATH:/usr/sbin:/sbin

ns() { ip netns exec "$name-$1" "${@:2}"; }
in_ns() { ip -n "$name-$1" "${@:2}"; }
of() { OVS_RUNDIR=$run/o$1 ovs-ofctl -O OpenFlow13 "$2" "$3" "$4" 2>/dev/null; }
cli() { local r=$1 args=(); shift; for c in "$@"; do args+=(-c "$c"); done; vtysh -N "$name$r" "${args[@]}" 2>/dev/null; }

stop() {
    for pid in "$run"/*.pid "$run"/o?/*.pid /var/run/frr/$name?/*.pid; do [ -e "$pid" ] && kill "$(cat "$pid")" 2>/dev/null; done
    sleep 1
    for n in r1 r2 r3 ce1 ce3; do ip netns del "$name-$n" 2>/dev/null; done
    for r in 1 2 3; do rm -rf "/etc/frr/$name$r" "/var/run/frr/$name$r"; done
    rm -rf "$run"
}
trap 'set +e; stop' EXIT

links() {
    for n in r1 r2 r3 ce1 ce3; do ip netns add "$name-$n"; in_ns $n link set lo up; done
    for r in 1 2 3; do in_ns r$r addr add 203.0.113.$r/32 dev lo; ns r$r sysctl -qw net.ipv4.ip_forward=1; done
    for c in 1 3; do
        ip link add c$c netns $name-ce$c address 02:00:00:00:0c:0$c type veth peer name ac$c netns $name-r$c
        in_ns ce$c link set c$c mtu 1400 up
        in_ns r$c link set ac$c up
        in_ns ce$c addr add 198.51.100.$c/24 dev c$c
        ns ce$c ethtool -K c$c tx off >/dev/null
    done
    # ce3's address starts with 6, as IPv6 does: a pseudowire without control word hides it from a guess
    in_ns ce3 link set c3 down; in_ns ce3 link set c3 address 62:00:00:00:0c:03; in_ns ce3 link set c3 up
    ip link add x12 netns $name-r1 address 02:00:00:00:12:01 type veth peer name x21 netns $name-r2 address 02:00:00:00:12:02
    ip link add x23 netns $name-r2 address 02:00:00:00:23:02 type veth peer name x32 netns $name-r3 address 02:00:00:00:23:03
    for x in "1 x12" "2 x21" "2 x23" "3 x32"; do set -- $x; in_ns r$1 link set $2 up; ns r$1 ethtool -K $2 tx off >/dev/null; done
}

bridge() {      # router, bridge, its port, its address, customer port
    local db=unix:$run/o$1/db.sock mac
    mac=$(ns r$1 cat /sys/class/net/$3/address)
    ovs-vsctl --db=$db -- add-br $2 -- set bridge $2 datapath_type=netdev protocols=OpenFlow13 fail-mode=secure \
        other-config:hwaddr=\"$mac\" -- add-port $2 $3 -- set interface $3 ofport_request=1
    [ -z "${5:-}" ] || ovs-vsctl --db=$db -- add-port $2 $5 -- set interface $5 ofport_request=2
    in_ns r$1 link set $2 up
    in_ns r$1 addr add $4 dev $2
    ns r$1 ethtool -K $2 tx off >/dev/null
    of $1 add-flow $2 "priority=1,in_port=1,actions=LOCAL"
    of $1 add-flow $2 "priority=1,in_port=LOCAL,actions=1"
}

switches() {
    for r in 1 2 3; do
        local d=$run/o$r
        mkdir -p $d
        ovsdb-tool create $d/conf.db /usr/share/openvswitch/vswitch.ovsschema
        ns r$r ovsdb-server $d/conf.db --remote=punix:$d/db.sock --pidfile=$d/db.pid --detach --log-file=$d/db.log --unixctl=$d/db.ctl 2>/dev/null
        OVS_RUNDIR=$d ns r$r ovs-vswitchd unix:$d/db.sock --pidfile=$d/vs.pid --detach --log-file=$d/vs.log --unixctl=$d/vs.ctl 2>/dev/null
    done
    bridge 1 core x12 192.0.2.1/30 ac1
    bridge 2 left x21 192.0.2.2/30
    bridge 2 right x23 192.0.2.5/30
    bridge 3 core x32 192.0.2.6/30 ac3
    ovs-vsctl --db=unix:$run/o2/db.sock -- add-port left pl -- set interface pl type=patch options:peer=pr ofport_request=9 \
        -- add-port right pr -- set interface pr type=patch options:peer=pl ofport_request=9
}

configure() {   # the daemons of one router
    local r=$1 c=/etc/frr/$name$1
    mkdir -p $c /var/run/frr/$name$r
    echo "log file $run/r$r-zebra.log" > $c/zebra.conf
    {
        printf 'router ospf\n ospf router-id 203.0.113.%s\n network 203.0.113.0/24 area 0\n network 192.0.2.0/24 area 0\n' $r
        for i in core left right; do
            printf 'interface %s\n ip ospf network point-to-point\n ip ospf hello-interval 1\n ip ospf dead-interval 4\n' $i
        done
    } > $c/ospfd.conf
    {
        printf 'mpls ldp\n router-id 203.0.113.%s\n address-family ipv4\n  discovery transport-address 203.0.113.%s\n' $r $r
        if [ $r = 2 ]; then printf '  interface left\n  interface right\n'; else printf '  interface core\n'; fi
        printf ' exit-address-family\nexit\n'
        [ $r = 2 ] || printf 'l2vpn V1 type vpls\n bridge br0\n member interface ac%s\n member pseudowire mpw0\n  neighbor lsr-id 203.0.113.%s\n  pw-id 100\n  control-word exclude\n' $r $((4 - r))
    } > $c/ldpd.conf
    chown -R frr:frr $c /var/run/frr/$name$r
}

routers() {
    for r in 1 2 3; do
        configure $r
        for d in zebra ospfd ldpd; do
            ns r$r /usr/lib/frr/$d -d -N $name$r -A 127.0.0.1 -f /etc/frr/$name$r/$d.conf -i /var/run/frr/$name$r/$d.pid >$run/r$r-$d.out 2>&1
        done
    done
}

tunnel_label() { cli $1 'show mpls ldp binding' | awk -v p=$2 '$2 == p && $3 == "203.0.113.2" {print $5}'; }
pw_label() { cli $1 'show l2vpn atom binding' | awk '/Remote Label/ {print $3}'; }

wait_for() {    # command and arguments that print a label
    local tries=60
    until [[ $("$@") =~ ^[0-9]+$ ]]; do sleep 0.5; tries=$((tries - 1)); [ $tries -gt 0 ] || { echo "no label: $*" >&2; exit 1; }; done
    "$@"
}

mac() { ns r$1 cat /sys/class/net/$2/address; }

push_pw() {     # at router, in tunnel, pseudowire label, towards MAC
    of $1 add-flow core "priority=9,in_port=2,actions=encap(mpls),set_field:$3->mpls_label,set_mpls_ttl:255,encap(ethernet),set_field:$(mac $1 core)->eth_src,set_field:$4->eth_dst,push_mpls:0x8847,set_field:$2->mpls_label,output:1"
}
pop_pw() { of $1 add-flow core "priority=9,in_port=1,mpls,mpls_label=$2,mpls_bos=1,actions=decap(),decap(packet_type(ns=0,type=0)),output:2"; }
push_ip() { of 1 add-flow core "priority=9,in_port=LOCAL,icmp,nw_dst=$1,actions=push_mpls:0x8847,set_field:$2->mpls_label,output:1"; }
pop_tunnel() {  # at r2: bridge, label; the last hop but one takes the label off
    of 2 add-flow $1 "priority=9,in_port=1,mpls,mpls_label=$2,mpls_bos=0,actions=pop_mpls:0x8847,output:9"
    of 2 add-flow $1 "priority=9,in_port=1,mpls,mpls_label=$2,mpls_bos=1,actions=pop_mpls:0x0800,output:9"
}
forward() {
    of 2 add-flow right "priority=9,in_port=9,actions=set_field:$(mac 2 right)->eth_src,set_field:$(mac 3 core)->eth_dst,output:1"
    of 2 add-flow left "priority=9,in_port=9,actions=set_field:$(mac 2 left)->eth_src,set_field:$(mac 1 core)->eth_dst,output:1"
}
ping_from() { ns $1 ping -q -n -i 0.25 -W 1 -c $3 $2 >/dev/null || true; }
say() { echo "$(date +%T) $*"; }

say links; links
say switches; switches
dumpcap=$(command -v dumpcap)
ip netns exec $name-r2 $dumpcap -q -i x21 -i x23 -w $run/all.pcapng 2>/dev/null & echo $! > $run/cap.pid
sleep 1
say routers; routers
t13=$(wait_for tunnel_label 1 203.0.113.3/32); t31=$(wait_for tunnel_label 3 203.0.113.1/32)
p1=$(wait_for pw_label 1); p3=$(wait_for pw_label 3)
say "tunnel r1-r3 $t13, r3-r1 $t31; pseudowire label of r3 $p1, of r1 $p3"
forward
push_pw 1 $t13 $p1 $(mac 2 left); push_pw 3 $t31 $p3 $(mac 2 right)
pop_tunnel left $t13; pop_tunnel right $t31
pop_pw 1 $p3; pop_pw 3 $p1
push_ip 203.0.113.3 $t13
ping_from ce1 198.51.100.3 4
ping_from r1 203.0.113.3 4

say "one more address at r3, used, and taken away while traffic goes on"
in_ns r1 route add 203.0.113.33/32 via 192.0.2.2 metric 5000
in_ns r3 addr add 203.0.113.33/32 dev lo
t33=$(wait_for tunnel_label 1 203.0.113.33/32); say "label $t33"
push_ip 203.0.113.33 $t33; pop_tunnel left $t33
ping_from r1 203.0.113.33 4
ns r1 ping -q -n -i 0.25 -W 1 -c 16 203.0.113.33 >/dev/null & traffic=$!
sleep 1
in_ns r3 addr del 203.0.113.33/32 dev lo
wait $traffic || true

say "the label goes to another address"
in_ns r1 route add 203.0.113.34/32 via 192.0.2.2 metric 5000
in_ns r3 addr add 203.0.113.34/32 dev lo
t34=$(wait_for tunnel_label 1 203.0.113.34/32); say "label $t34"
push_ip 203.0.113.34 $t34; pop_tunnel left $t34
ping_from r1 203.0.113.34 3
in_ns r3 addr add 203.0.113.33/32 dev lo
t33=$(wait_for tunnel_label 1 203.0.113.33/32); say "label $t33"
push_ip 203.0.113.33 $t33; pop_tunnel left $t33
ping_from r1 203.0.113.33 3

say "the session of r1 and r2 is reset while traffic goes on"
ns ce1 ping -q -n -i 0.25 -W 1 -c 40 198.51.100.3 >/dev/null & traffic=$!
sleep 1
cli 1 'clear mpls ldp neighbor 203.0.113.2'
wait $traffic || true
wait_for tunnel_label 1 203.0.113.3/32 >/dev/null
sleep 3

say "r3 gives up the pseudowire while traffic goes on, and takes it up again"
ns ce1 ping -q -n -i 0.25 -W 1 -c 12 198.51.100.3 >/dev/null & traffic=$!
sleep 1
cli 3 'conf t' 'l2vpn V1 type vpls' 'no member pseudowire mpw0'
wait $traffic || true
cli 3 'conf t' 'l2vpn V1 type vpls' 'member pseudowire mpw0' 'neighbor lsr-id 203.0.113.1' 'pw-id 100' 'control-word exclude'
p1=$(wait_for pw_label 1); say "pseudowire label of r3 $p1"
push_pw 1 $t13 $p1 $(mac 2 left); pop_pw 3 $p1
ping_from ce1 198.51.100.3 3

say "r2's ldpd ends"
kill "$(cat /var/run/frr/${name}2/ldpd.pid)"
sleep 2
kill -INT "$(cat $run/cap.pid)"; wait "$(cat $run/cap.pid)" 2>/dev/null || true
rm $run/cap.pid
# OSPF is not of interest; pcap has no blocks about this machine
tshark -n -r $run/all.pcapng -Y 'mpls || !(ospf || igmp || mdns || ipv6)' -F pcap -w $run/out.pcap
cp $run/out.pcap "$out/ldp-frr.pcap"

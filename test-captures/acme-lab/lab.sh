# lab.sh - sourced by the recipes: a certificate authority and a client's host in two network namespaces
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Needs root and the Debian packages pebble, lego, certbot, dehydrated, unbound, bind9, bind9-dnsutils,
# iproute2, openssl, curl, python3 and wireshark-common. Everything happens in the folder $LAB.

set -e
HERE=$(cd "$(dirname "$0")" && pwd)
LAB=${LAB:-$(mktemp -d)}
mkdir -p "$LAB"
CA="ip netns exec acme-ca"
HOST="ip netns exec acme-host timeout 120"
DIRECTORY=https://ca.example.org:14000/dir
CONTROL=http://ca.example.org:8055
STARTED=""
export REQUESTS_CA_BUNDLE=$LAB/ca.pem LEGO_CA_CERTIFICATES=$LAB/ca.pem CURL_CA_BUNDLE=$LAB/ca.pem

lab_stop() {
    for pid in $STARTED $DUMPCAP; do kill "$pid" 2>/dev/null || true; done
    wait
    ip netns del acme-ca 2>/dev/null || true
    ip netns del acme-host 2>/dev/null || true
    rm -rf /etc/netns/acme-ca /etc/netns/acme-host
}

# The authority: 192.0.2.1, 2001:db8::1, and more addresses to look from. The client's host: 192.0.2.2, 2001:db8::2.
lab_network() {
    trap lab_stop EXIT
    for ns in acme-ca acme-host; do
        ip netns add $ns
        ip -n $ns link set lo up
        mkdir -p /etc/netns/$ns
        printf '127.0.0.1 localhost\n192.0.2.1 ca.example.org\n' > /etc/netns/$ns/hosts
    done
    ip link add acme-va netns acme-ca type veth peer name acme-vb netns acme-host
    for a in 192.0.2.1/24 192.0.2.11/24 192.0.2.12/24; do ip -n acme-ca addr add $a dev acme-va; done
    for a in 2001:db8::1/64 2001:db8::11/64; do ip -n acme-ca addr add $a dev acme-va nodad; done
    for a in 192.0.2.2/24 192.0.2.3/24; do ip -n acme-host addr add $a dev acme-vb; done
    ip -n acme-host addr add 2001:db8::2/64 dev acme-vb nodad
    ip -n acme-ca link set acme-va up
    ip -n acme-host link set acme-vb up
    for pair in acme-ca:acme-va acme-host:acme-vb; do
        ip netns exec ${pair%:*} ethtool -K ${pair#*:} tx off tso off gso off gro off >/dev/null
    done
}

in_background() { "$@" >> "$LAB/background.log" 2>&1 & STARTED="$STARTED $!"; LAST=$!; }
in_background_as() { log=$1; shift; "$@" >> "$LAB/$log.log" 2>&1 & STARTED="$STARTED $!"; LAST=$!; }
listening() { for _ in $(seq 100); do ip netns exec $1 ss -ltn | grep -q ":$2 " && return; sleep .1; done; return 1; }

# lab_authority [resolver]: pebble on 14000, in strict mode with STRICT=-strict; challtestsrv in the namespace $DNS_NS, control on 8055, DNS on 53
DNS_NS=${DNS_NS:-acme-ca}
lab_authority() {
    openssl req -x509 -newkey rsa:2048 -nodes -keyout $LAB/ca.key -out $LAB/ca.pem -days 30 -subj /CN=ca.example.org \
        -addext subjectAltName=DNS:ca.example.org,IP:192.0.2.1 2>/dev/null
    cat > $LAB/pebble.json <<END
{ "pebble": { "listenAddress": "192.0.2.1:14000", "managementListenAddress": "192.0.2.1:15000",
  "certificate": "$LAB/ca.pem", "privateKey": "$LAB/ca.key", "httpPort": 80, "tlsPort": 443,
  "ocspResponderURL": "", "externalAccountBindingRequired": false } }
END
    in_background ip netns exec $DNS_NS pebble-challtestsrv -defaultIPv4 192.0.2.2 -defaultIPv6 "" -http01 "" -https01 "" -tlsalpn01 "" \
        -dns01 :53 -management :8055
    export PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=${NONCEREJECT:-0} PEBBLE_AUTHZREUSE=0
    in_background $CA pebble $STRICT -config $LAB/pebble.json -dnsserver ${1:-127.0.0.1:53}
    listening acme-ca 14000
    listening $DNS_NS 8055
}

# control COMMAND JSON: tells challtestsrv what to answer
control() { ip netns exec $DNS_NS curl -sS -d "$2" http://127.0.0.1:8055/$1; }
ipv6_only() { control add-aaaa "{\"host\":\"$1.\",\"addresses\":[\"2001:db8::2\"]}"; control add-a "{\"host\":\"$1.\",\"addresses\":[]}"; }

# capture FILE FILTER [NAMESPACE INTERFACE]; capture_end
capture() {
    ip netns exec ${3:-acme-ca} dumpcap -q -P -n -i ${4:-acme-va} -f "$2" -w $LAB/new.pcap 2>> $LAB/background.log & DUMPCAP=$!
    CAPTURE=$1
    for _ in $(seq 50); do [ -s $LAB/new.pcap ] && break; sleep .1; done
    sleep .3
}
capture_end() {
    sleep 1
    kill -INT $DUMPCAP
    wait $DUMPCAP || true
    editcap -F pcap $LAB/new.pcap "$CAPTURE"    # without the names of this machine
    chmod 644 "$CAPTURE"
}

certbot_() { # certbot_ ARGUMENTS: registers and asks for one certificate
    $HOST certbot certonly -n --agree-tos -m admin@example.org --server $DIRECTORY --config-dir $LAB/cb/c \
        --work-dir $LAB/cb/w --logs-dir $LAB/cb/l "$@" >> $LAB/certbot.log 2>&1
}
lego_() { # lego_ ARGUMENTS
    $HOST lego --server $DIRECTORY -a -m admin@example.org --path $LAB/lego "$@" run >> $LAB/lego.log 2>&1
}
dehydrated_() { # dehydrated_ ARGUMENTS
    $HOST dehydrated -f $LAB/dehydrated.conf "$@" >> $LAB/dehydrated.log 2>&1
}
dehydrated_setup() {
    mkdir -p $LAB/dh $LAB/www/.well-known/acme-challenge $LAB/alpn
    cat > $LAB/hook.sh <<'END'
#!/bin/bash
case $1 in
deploy_challenge) [ "$MODE" = dns ] && curl -sS -d "{\"host\":\"_acme-challenge.$2.\",\"value\":\"$4\"}" $CONTROL/set-txt;;
clean_challenge) [ "$MODE" = dns ] && curl -sS -d "{\"host\":\"_acme-challenge.$2.\"}" $CONTROL/clear-txt;;
esac
exit 0
END
    chmod +x $LAB/hook.sh
    cat > $LAB/dehydrated.conf <<END
CA="$DIRECTORY"
BASEDIR=$LAB/dh
WELLKNOWN=$LAB/www/.well-known/acme-challenge
ALPNCERTDIR=$LAB/alpn
HOOK=$LAB/hook.sh
CONTACT_EMAIL=admin@example.org
KEY_ALGO=rsa
KEYSIZE=2048
END
    export CONTROL
}

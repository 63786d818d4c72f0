#!/bin/bash
# Records dane.pcap: gpg and dig, which ask unbound for OPENPGPKEY and CERT records.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Needs root and the Debian 12 packages gnupg, dirmngr, unbound, bind9-dnsutils, iproute2 and wireshark-common. Everything happens in
# the folder $LAB, a network namespace and a mount namespace. usage: record.sh

set -e
HERE=$(cd "$(dirname "$0")" && pwd)
LAB=${LAB:-$(mktemp -d /tmp/openpgp-dane-XXXXXX)}
if [ "$1" != inside ]; then
    LAB=$LAB exec unshare -n -m "$0" inside
fi
STARTED=""
stop_all() {
    for home in maker client; do GNUPGHOME=$LAB/$home gpgconf --kill all 2> /dev/null || true; done
    for pid in $STARTED; do kill "$pid" 2> /dev/null || true; done
    wait
}
trap stop_all EXIT
ip link set lo up
ip addr add 192.0.2.2/32 dev lo
mkdir -m 700 "$LAB/maker" "$LAB/client"
echo 'nameserver 192.0.2.2' > "$LAB/resolv.conf"
mount --bind "$LAB/resolv.conf" /etc/resolv.conf

gpg="gpg --batch --yes --quiet --trust-model always --pinentry-mode loopback --passphrase="
export GNUPGHOME=$LAB/maker
$gpg --quick-generate-key 'Alice <alice@example.org>' ed25519 default never
$gpg --quick-generate-key 'Bob <bob@example.org>' rsa4096 default never
{
    echo 'server:'
    printf ' directory: ""\n chroot: ""\n username: ""\n pidfile: ""\n use-syslog: no\n do-daemonize: no\n interface: 192.0.2.2\n access-control: 0.0.0.0/0 allow\n'
    printf ' module-config: "iterator"\n max-udp-size: 1232\n local-zone: "example.org." static\n'
    for who in alice bob; do
        hex=$($gpg --export "$who@example.org" | od -An -v -tx1 | tr -d ' \n')
        hash=$(printf %s $who | sha256sum | cut -c1-56)
        [ $who = bob ] && hash=$(printf robert | sha256sum | cut -c1-56)     # at another owner's name
        echo " local-data: '$hash._openpgpkey.example.org. 60 IN TYPE61 \\# $((${#hex} / 2)) $hex'"
        echo " local-data: '$who.example.org. 60 IN TYPE37 \\# $((${#hex} / 2 + 5)) 0003000000$hex'"
    done
} > "$LAB/unbound.conf"
unbound -c "$LAB/unbound.conf" > "$LAB/unbound.log" 2>&1 & STARTED="$STARTED $!"
dumpcap -q -P -n -i lo -f 'port 53' -w "$LAB/new.pcap" > /dev/null 2>&1 & DUMPCAP=$!; STARTED="$STARTED $!"
sleep 2
export GNUPGHOME=$LAB/client
echo 'standard-resolver' > "$GNUPGHOME/dirmngr.conf"
gpg --batch --no-auto-key-locate --auto-key-locate clear,dane --locate-external-keys alice@example.org || true
gpg --batch --auto-key-locate clear,dane --locate-external-keys carol@example.org || true
gpg --batch --auto-key-locate clear,cert --locate-external-keys alice@example.org || true
name() { printf '%s._openpgpkey.example.org' "$(printf %s "$1" | sha256sum | cut -c1-56)"; }
dig +tries=1 @192.0.2.2 "$(name robert)" TYPE61 > /dev/null                   # does not fit: again over TCP
dig +tries=1 +tcp @192.0.2.2 "$(name alice)" TYPE61 > /dev/null
dig +tries=1 +tcp @192.0.2.2 bob.example.org CERT > /dev/null
sleep 1
kill -INT $DUMPCAP
wait $DUMPCAP || true
install -m 644 "$LAB/new.pcap" "$HERE/dane.pcap"

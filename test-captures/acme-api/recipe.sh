#!/bin/bash
# The ACME API of pebble, used by certbot (HTTP/1.1) and dehydrated (HTTP/2), with the clients' TLS keys
# SPDX-License-Identifier: GPL-2.0-or-later

NONCEREJECT=25
. "$(dirname "$0")/../acme-lab/lab.sh"
lab_network
lab_authority
dehydrated_setup

export SSLKEYLOGFILE=$LAB/keys-certbot
capture $HERE/certbot.pcap "tcp port 14000 or tcp port 80"
certbot_ --standalone -d www.example.org || true
certbot_ --webroot -w $LAB/dh -d absent.example.org || true
$HOST certbot revoke -n --server $DIRECTORY --config-dir $LAB/cb/c --work-dir $LAB/cb/w --logs-dir $LAB/cb/l \
    --cert-name www.example.org --no-delete-after-revoke >> $LAB/certbot.log 2>&1 || true
$HOST certbot update_account -n --server $DIRECTORY --config-dir $LAB/cb/c --work-dir $LAB/cb/w --logs-dir $LAB/cb/l \
    -m hostmaster@example.org >> $LAB/certbot.log 2>&1 || true
capture_end
grep -v '^#' $SSLKEYLOGFILE > $HERE/certbot.keys

kill $LAST
sleep .3
PEBBLE_WFE_NONCEREJECT=0 in_background $CA pebble -config $LAB/pebble.json -dnsserver 127.0.0.1:53
listening acme-ca 14000
export SSLKEYLOGFILE=$LAB/keys-dehydrated
in_background env -u SSLKEYLOGFILE $HOST python3 $HERE/../acme-http01/http-server.py 80 $LAB/www
listening acme-host 80
capture $HERE/dehydrated.pcap "tcp port 14000 or tcp port 80"
dehydrated_ --register --accept-terms || true
dehydrated_ -c -d www.example.net || true
capture_end
grep -v '^#' $SSLKEYLOGFILE > $HERE/dehydrated.keys

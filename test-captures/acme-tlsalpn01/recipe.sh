#!/bin/bash
# TLS-ALPN-01 with lego and dehydrated against pebble
# SPDX-License-Identifier: GPL-2.0-or-later

. "$(dirname "$0")/../acme-lab/lab.sh"
lab_network
lab_authority
dehydrated_setup
openssl req -x509 -newkey rsa:2048 -nodes -keyout $LAB/alpn/default.key -out $LAB/alpn/default.crt -days 30 \
    -subj /CN=www.example.org -addext subjectAltName=DNS:www.example.org 2>/dev/null
dehydrated_ --register --accept-terms

# TLS 1.3 without keys: only the ClientHello can be seen
capture $HERE/tls13.pcap "tcp port 443"
lego_ --tls --tls.port :443 -d lego.example.org
ipv6_only v6.example.org
lego_ --tls --tls.port :443 -d v6.example.org
capture_end

capture $HERE/tls12.pcap "tcp port 443"
in_background $HOST python3 $HERE/alpn-server.py $LAB/alpn 1.2
listening acme-host 443
dehydrated_ -t tls-alpn-01 -c -d dehydrated.example.org
# the certificate of another order: the digest is wrong
sed -i "s#^deploy_challenge).*#deploy_challenge) case \$2 in swapped*) cp $LAB/old/dehydrated.example.org.* $LAB/alpn; cd $LAB/alpn; cp dehydrated.example.org.crt.pem \$2.crt.pem; cp dehydrated.example.org.key.pem \$2.key.pem;; \
    noname*) rm -f $LAB/alpn/\$2.*;; esac;;#" $LAB/hook.sh
mkdir $LAB/old
sed -i "s#^clean_challenge).*#clean_challenge) :;;#" $LAB/hook.sh
# a certificate for another name
openssl req -x509 -newkey rsa:2048 -nodes -keyout $LAB/old/dehydrated.example.org.key.pem -out $LAB/old/dehydrated.example.org.crt.pem -days 30 \
    -subj /CN=dehydrated.example.org -addext subjectAltName=DNS:dehydrated.example.org \
    -addext 1.3.6.1.5.5.7.1.31=critical,DER:04:20:$(printf '%02X:' $(seq 1 31))20 2>/dev/null
dehydrated_ -t tls-alpn-01 -c -d swapped.example.org || true
# an ordinary web server that answers with its own certificate
dehydrated_ -t tls-alpn-01 -c -d web.example.org || true
dehydrated_ -t tls-alpn-01 -c -d noname.example.org || true
kill $LAST
sleep .3
# a web server that insists on its own protocols
in_background $HOST openssl s_server -accept 443 -key $LAB/alpn/default.key -cert $LAB/alpn/default.crt -alpn http/1.1 -quiet
listening acme-host 443
dehydrated_ -t tls-alpn-01 -c -d http.example.org || true
kill $LAST
capture_end

# TLS 1.3 with the server's keys
capture $HERE/tls13-keys.pcap "tcp port 443"
in_background $HOST python3 $HERE/alpn-server.py $LAB/alpn 1.3 $LAB/keys
listening acme-host 443
dehydrated_ -t tls-alpn-01 -c -d keys.example.org
dehydrated_ -t tls-alpn-01 -c -d other.example.org || true
capture_end
grep -v '^#' $LAB/keys > $HERE/tls13-keys.keys

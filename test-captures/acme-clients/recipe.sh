#!/bin/bash
# Five clients at a pebble in strict mode that refuses one nonce in four, with TLS keys (nonces.pcap); and two servers behind
# one name that answer for different accounts, without the API (servers.pcap)
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Needs Debian's uacme and acme-tiny as well.

NONCEREJECT=25
. "$(dirname "$0")/../acme-lab/lab.sh"
lab_network
STRICT=-strict
lab_authority
PEBBLE=$LAST
dehydrated_setup
# The clients' host trusts this authority alone, for those that cannot be told.
mkdir -p /etc/netns/acme-host/ssl/certs
cp /etc/ssl/openssl.cnf /etc/netns/acme-host/ssl
cp $LAB/ca.pem /etc/netns/acme-host/ssl/certs/ca-certificates.crt
in_background $HOST python3 $HERE/../acme-http01/http-server.py 80 $LAB/www
FILES=$LAST
in_background $CA python3 $HERE/../acme-api/tls-relay.py 192.0.2.1:14443 192.0.2.1:14000 $LAB/ca.pem $LAB/ca.key $LAB/keys http/1.1
listening acme-host 80
listening acme-ca 14443

export SSLKEYLOGFILE=$LAB/keys
capture $HERE/nonces.pcap "tcp port 14000 or tcp port 14443 or tcp port 80"
certbot_ --webroot -w $LAB/www -d certbot.example.org || true
$HOST certbot unregister -n --server $DIRECTORY --config-dir $LAB/cb/c --work-dir $LAB/cb/w --logs-dir $LAB/cb/l >> $LAB/certbot.log 2>&1 || true

dehydrated_ --register --accept-terms || true
dehydrated_ -c -d dehydrated.example.org || true

cat > $LAB/uacme-hook.sh <<'HOOK'
#!/bin/bash
[ "$2" = http-01 ] || exit 1
[ "$1" != begin ] || printf %s "$5" > $WELLKNOWN/$4
HOOK
chmod +x $LAB/uacme-hook.sh
export WELLKNOWN=$LAB/www/.well-known/acme-challenge
uacme_() { $HOST uacme -v -v -y -a $DIRECTORY -c $LAB/uacme "$@" >> $LAB/uacme.log 2>&1 || true; }
uacme_ new admin@example.org
uacme_ -h $LAB/uacme-hook.sh issue uacme.example.org
uacme_ revoke $LAB/uacme/uacme.example.org/cert.pem
uacme_ newkey
uacme_ deactivate

openssl genrsa -out $LAB/tiny.key 2048 2>/dev/null
openssl req -new -newkey rsa:2048 -nodes -keyout $LAB/tiny-host.key -out $LAB/tiny.csr -subj / -addext subjectAltName=DNS:tiny.example.org 2>/dev/null
$HOST env SSL_CERT_FILE=$LAB/ca.pem acme-tiny --directory-url $DIRECTORY --account-key $LAB/tiny.key --csr $LAB/tiny.csr --acme-dir $WELLKNOWN \
    --disable-check > $LAB/tiny.pem 2>> $LAB/tiny.log || true

DIRECTORY=https://ca.example.org:14443/dir lego_ --http --http.webroot $LAB/www -d lego.example.org || true
capture_end
grep -v '^#' $LAB/keys > $HERE/nonces.keys

# Two web servers that take turns, as behind a balancer: one has the file, one answers for every token with an account of its own.
unset SSLKEYLOGFILE
kill $PEBBLE $FILES
sleep .3
PEBBLE_WFE_NONCEREJECT=0 in_background $CA pebble $STRICT -config $LAB/pebble.json -dnsserver 127.0.0.1:53
listening acme-ca 14000
in_background $HOST python3 $HERE/taking-turns.py 192.0.2.2 80 $LAB/www
listening acme-host 80
capture $HERE/servers.pcap "tcp port 80"
certbot_ --webroot -w $LAB/www -d turns.example.org || true
capture_end
cat $LAB/*.log > ${LOG:-/dev/null}

#!/bin/bash
# Orders that fail, each name for a reason of its own, with the API's TLS keys: http.pcap, dns.pcap
# SPDX-License-Identifier: GPL-2.0-or-later

DNS_NS=acme-host
. "$(dirname "$0")/../acme-lab/lab.sh"
lab_network
lab_authority 192.0.2.2:53
mkdir -p $LAB/www
# An address at which nothing answers: frames for it are sent, and dropped.
ip -n acme-ca neigh add 192.0.2.99 lladdr $(ip netns exec acme-host cat /sys/class/net/acme-vb/address) dev acme-va

in_background $HOST python3 $HERE/faulty-server.py 192.0.2.2 80 $LAB/www
listening acme-host 80
control add-a '{"host":"closed.example.org.","addresses":["192.0.2.3"]}'
control add-a '{"host":"dark.example.org.","addresses":["192.0.2.99"]}'
export SSLKEYLOGFILE=$LAB/keys-http
capture $HERE/http.pcap "tcp port 14000 or tcp port 80 or tcp port 443"
names=""
for name in right bom page token quoted otherkey othertoken absent silent loop port https closed dark; do
    names="$names -d $name.example.org"
done
certbot_ --webroot -w $LAB/www $names || true
capture_end
grep -v '^#' $SSLKEYLOGFILE > $HERE/http.keys

cat > $LAB/dns-hook.sh <<'END'
#!/bin/bash
case $CERTBOT_DOMAIN in
right.*) value=$CERTBOT_VALIDATION;;
wrong.*) value=gfj9Xq-Rg85nM_b2G4hYNSmMG8MPVa6s0iVYk4NCRpU;;
text.*) value="v=spf1 -all";;
*) exit 0;;
esac
curl -sS -d "{\"host\":\"_acme-challenge.$CERTBOT_DOMAIN.\",\"value\":\"$value\"}" http://127.0.0.1:8055/set-txt
END
chmod +x $LAB/dns-hook.sh
control set-servfail '{"host":"_acme-challenge.broken.example.org."}'
export SSLKEYLOGFILE=$LAB/keys-dns
capture $HERE/dns.pcap "tcp port 14000 or port 53"
certbot_ --manual --preferred-challenges dns --manual-auth-hook $LAB/dns-hook.sh -d right.example.org -d wrong.example.org \
    -d text.example.org -d absent.example.org -d broken.example.org || true
capture_end
grep -v '^#' $SSLKEYLOGFILE > $HERE/dns.keys
cp $LAB/certbot.log ${LOG:-/dev/null}

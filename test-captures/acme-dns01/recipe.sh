#!/bin/bash
# DNS-01 with dehydrated, lego and certbot against pebble: direct, through a resolver over TCP, and with dig from BIND
# SPDX-License-Identifier: GPL-2.0-or-later

DNS_NS=acme-host
. "$(dirname "$0")/../acme-lab/lab.sh"
lab_network
lab_authority 192.0.2.2:53
PEBBLE=$LAST
dehydrated_setup
CONTROL=http://127.0.0.1:8055
export MODE=dns
dehydrated_ --register --accept-terms
cat > $LAB/lego-hook.sh <<END
#!/bin/sh
case \$1 in
present) curl -sS -d "{\"host\":\"\$2\",\"value\":\"\$3\"}" $CONTROL/set-txt;;
cleanup) curl -sS -d "{\"host\":\"\$2\"}" $CONTROL/clear-txt;;
esac
END
cat > $LAB/certbot-hook.sh <<END
#!/bin/sh
curl -sS -d "{\"host\":\"_acme-challenge.\$CERTBOT_DOMAIN.\",\"value\":\"\$CERTBOT_VALIDATION\"}" $CONTROL/set-txt
END
chmod +x $LAB/*-hook.sh

capture $HERE/dns01.pcap "port 53"
dehydrated_ -t dns-01 -c -d dehydrated.example.org
EXEC_PATH=$LAB/lego-hook.sh lego_ --dns exec --dns.disable-cp --dns.resolvers 192.0.2.2:53 -d lego.example.org || true
certbot_ --manual --preferred-challenges dns --manual-auth-hook $LAB/certbot-hook.sh -d certbot.example.org -d '*.certbot.example.org'
# the record is kept by another zone
control set-cname '{"host":"_acme-challenge.alias.example.org.","target":"alias.validation.example.net."}'
sed -i "s#^deploy_challenge).*#deploy_challenge) curl -sS -d '{\"host\":\"alias.validation.example.net.\",\"value\":\"'\$4'\"}' $CONTROL/set-txt;;#" $LAB/hook.sh
dehydrated_ -t dns-01 -c -d alias.example.org || true
capture_end

capture $HERE/dns01-failures.pcap "port 53"
sed -i "s#^deploy_challenge).*#deploy_challenge) case \$2 in wrong*) curl -sS -d '{\"host\":\"_acme-challenge.'\$2'.\",\"value\":\"LPsIwTo7o8BoG0-vjCyGQGBWSVIPxI-i_X336eUOQZo\"}' $CONTROL/set-txt;; \
 text*) curl -sS -d '{\"host\":\"_acme-challenge.'\$2'.\",\"value\":\"v=spf1 -all\"}' $CONTROL/set-txt;; esac;;#" $LAB/hook.sh
for name in absent wrong text; do dehydrated_ -t dns-01 -c -d $name.example.org || true; done
control set-servfail '{"host":"_acme-challenge.servfail.example.org."}'
dehydrated_ -t dns-01 -c -d servfail.example.org || true
capture_end
kill $PEBBLE
sleep .3

# A resolver between pebble and the zone: over TCP, follows the CNAME itself
cat > $LAB/unbound.conf <<END
server:
    interface: 127.0.0.1
    username: ""
    chroot: ""
    directory: "$LAB"
    pidfile: ""
    do-not-query-localhost: no
    tcp-upstream: yes
    module-config: "iterator"
    do-ip6: no
remote-control:
    control-enable: no
stub-zone:
    name: "example.org"
    stub-addr: 192.0.2.2
stub-zone:
    name: "example.net"
    stub-addr: 192.0.2.2
END
in_background $CA unbound -d -c $LAB/unbound.conf
in_background $CA pebble -config $LAB/pebble.json -dnsserver 127.0.0.1:53
listening acme-ca 14000
dehydrated_setup
rm -rf $LAB/dh/accounts
dehydrated_ --register --accept-terms
capture $HERE/dns01-tcp.pcap "port 53"
dehydrated_ -t dns-01 -c -d tcp.example.org || true
control set-cname '{"host":"_acme-challenge.tcp-alias.example.org.","target":"tcp-alias.validation.example.net."}'
sed -i "s#^deploy_challenge).*#deploy_challenge) curl -sS -d '{\"host\":\"tcp-alias.validation.example.net.\",\"value\":\"'\$4'\"}' $CONTROL/set-txt;;#" $LAB/hook.sh
dehydrated_ -t dns-01 -c -d tcp-alias.example.org || true
capture_end

# BIND: several values, several strings, delegation by CNAME, dns-account-01, pipelined TCP, DNS over TLS with a key log
for pid in $STARTED; do kill $pid 2>/dev/null || true; done
sleep .5
cat > $LAB/zone <<'END'
$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A 192.0.2.2
_acme-challenge.www TXT "gfj9Xq-Rg85nM_b2G4hYNSmMG8MPVa6s0iVYk4NCRpU"
_acme-challenge.www TXT "LPsIwTo7o8BoG0-vjCyGQGBWSVIPxI-i_X336eUOQZo"
_acme-challenge.strings TXT "gfj9Xq-Rg85nM_b2G4hYN" "SmMG8MPVa6s0iVYk4NCRpU"
_acme-challenge.text TXT "v=spf1 -all" "not a digest"
_acme-challenge.chain CNAME hop
hop CNAME end
end TXT "gfj9Xq-Rg85nM_b2G4hYNSmMG8MPVa6s0iVYk4NCRpU"
_acme-challenge.outside CNAME outside.validation.example.net.
_ujmmovf2vn55tgye._acme-challenge.account TXT "gfj9Xq-Rg85nM_b2G4hYNSmMG8MPVa6s0iVYk4NCRpU"
acme-challenge.www TXT "gfj9Xq-Rg85nM_b2G4hYNSmMG8MPVa6s0iVYk4NCRpU"
_acme-challenges.www TXT "not a challenge"
under._acme-challenge.www TXT "not a challenge"
_acme-challenge TXT "gfj9Xq-Rg85nM_b2G4hYNSmMG8MPVa6s0iVYk4NCRpU"
END
cat > $LAB/named.conf <<END
tls dot { key-file "$LAB/ca.key"; cert-file "$LAB/ca.pem"; };
options { directory "$LAB"; pid-file none; recursion no; listen-on { 192.0.2.2; }; listen-on port 853 tls dot { 192.0.2.2; };
  listen-on-v6 { 2001:db8::2; }; session-keyfile none; dnssec-validation no; minimal-responses yes; version none; hostname none; server-id none; };
controls {};
zone "example.org" { type primary; file "$LAB/zone"; };
END
in_background env SSLKEYLOGFILE=$LAB/keys $HOST named -f -c $LAB/named.conf
listening acme-host 853
sleep .5
capture $HERE/dns01-bind.pcap "port 53 or port 853"
DIG="$CA dig +tries=1 +timeout=2 +nocookie"
for name in _acme-challenge.www _aCme-cHallenGe.StrinGs _acme-challenge.text _acme-challenge.chain _acme-challenge.outside \
    _ujmmovf2vn55tgye._acme-challenge.account _acme-challenge.missing acme-challenge.www _acme-challenges.www \
    under._acme-challenge.www _acme-challenge; do
    $DIG @192.0.2.2 TXT $name.example.org
done > $LAB/dig.log
$DIG @2001:db8::2 TXT _acme-challenge.www.example.org >> $LAB/dig.log
$DIG @192.0.2.2 CAA _acme-challenge.www.example.org >> $LAB/dig.log
$DIG @192.0.2.2 TXT _acme-challenge.www.example.com >> $LAB/dig.log
$DIG +tcp +keepopen @192.0.2.2 TXT _acme-challenge.www.example.org TXT _acme-challenge.text.example.org TXT end.example.org >> $LAB/dig.log
$DIG +tls @192.0.2.2 TXT _acme-challenge.www.example.org >> $LAB/dig.log
# nobody listens: no answer
$DIG @192.0.2.3 TXT _acme-challenge.www.example.org >> $LAB/dig.log || true
capture_end
grep -hv '^#' $LAB/keys > $HERE/dns01-bind.keys

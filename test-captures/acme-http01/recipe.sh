#!/bin/bash
# HTTP-01 with certbot, lego and dehydrated against pebble: http01.pcap, http01-failures.pcap, http01-tls.pcap
# SPDX-License-Identifier: GPL-2.0-or-later

. "$(dirname "$0")/../acme-lab/lab.sh"
lab_network
lab_authority
dehydrated_setup

capture $HERE/http01.pcap "tcp port 80 or tcp port 8080"
certbot_ --standalone -d www.example.org
lego_ --http --http.port :80 -d lego.example.org
ipv6_only v6.example.org
certbot_ --standalone -d v6.example.org
in_background $HOST python3 $HERE/http-server.py 80 $LAB/www
in_background $HOST python3 $HERE/http-server.py 8080 $LAB/www
listening acme-host 80
listening acme-host 8080
dehydrated_ --register --accept-terms
dehydrated_ -c -d dehydrated.example.org
# Other places of the world look as well; here curl from other addresses stands for them.
cat > $LAB/look.sh <<'END'
#!/bin/bash
for from in 192.0.2.11 192.0.2.12 192.0.2.1; do
    ip netns exec acme-ca curl -sS --interface $from --resolve $1:80:192.0.2.2 http://$1/.well-known/acme-challenge/$2
done
END
chmod +x $LAB/look.sh
sed -i 's#^deploy_challenge).*#deploy_challenge) [ "$MODE" = look ] \&\& '$LAB'/look.sh $2 $3;;#' $LAB/hook.sh
MODE=look dehydrated_ -c -d perspectives.example.org
dehydrated_ -c -d moved.example.org
dehydrated_ -c -d moved-twice.example.org
capture_end

capture $HERE/http01-failures.pcap "tcp port 80 or tcp port 8080"
for name in html otherkey othertoken broken moved-away silent; do
    dehydrated_ -c -d $name.example.org || true
done
certbot_ --webroot -w $LAB/dh -d absent.example.org || true
capture_end

# the answer is behind a redirect to HTTPS
openssl req -x509 -newkey rsa:2048 -nodes -keyout $LAB/web.key -out $LAB/web.pem -days 30 -subj /CN=moved-tls.example.org \
    -addext subjectAltName=DNS:moved-tls.example.org 2>/dev/null
in_background $HOST python3 $HERE/http-server.py 443 $LAB/www $LAB/web.pem $LAB/web.key $LAB/keys
listening acme-host 443
capture $HERE/http01-tls.pcap "tcp port 80 or tcp port 443"
dehydrated_ -c -d moved-tls.example.org || true
capture_end
grep -v '^#' $LAB/keys > $HERE/http01-tls.keys

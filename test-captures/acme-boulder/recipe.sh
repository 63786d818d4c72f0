#!/bin/bash
# Boulder's validation authority at BIND, by unbound, and at a web server: caa.pcap, CAA of many kinds; http.pcap, answers of many
# kinds. What it says goes to LOG or is printed.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# VALIDATE is validate.go, built inside Boulder's sources (letsencrypt/boulder, August 2026, with Go 1.26):
#   cp validate.go boulder/cmd/validate/main.go && cd boulder && CGO_ENABLED=0 go build -mod=vendor -o VALIDATE ./cmd/validate

. "$(dirname "$0")/../acme-lab/lab.sh"
lab_network
TOKEN=evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA
THUMBPRINT=9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI
DIGEST=$(printf %s "$TOKEN.$THUMBPRINT" | openssl dgst -sha256 -binary | base64 | tr '+/' '-_' | tr -d =)

HTTP="right bom page html200 seeother local chain10 chain11 chain12 loop longpath trailing json empty slow close gzip chunked head204 upper
    relative protorel userinfo port443 twice"
{ cat <<END
\$TTL 60
@ SOA ns.example.org. hostmaster.example.org. 1 3600 600 86400 60
@ NS ns.example.org.
\$ORIGIN example.org.
ns A 192.0.2.2
allowed CAA 0 issue "ca.example.org"
nobody CAA 0 issue ";"
other CAA 0 issue "other.example"
method CAA 0 issue "ca.example.org; validationmethods=dns-01"
account CAA 0 issue "ca.example.org; accounturi=https://ca.example.org/acct/8"
grammar CAA 0 issue "ca.example.org; validationmethods"
critical CAA 0 issue "ca.example.org"
critical CAA 128 tbs "Unknown"
parent CAA 0 issue ";"
_acme-challenge.www.parent TXT "$DIGEST"
nearest.parent CAA 0 issue "ca.example.org"
_acme-challenge.nearest.parent TXT "$DIGEST"
persist CAA 0 issue "other.example"
_validation-persist.persist TXT "ca.example.org; accounturi=https://ca.example.org/acct/7"
two CAA 0 issue "ca.example.org"
_validation-persist.two TXT "ca.example.org; accounturi=https://ca.example.org/acct/7"
_validation-persist.two TXT "third.example; accounturi=https://third.example/9"
semicolon CAA 0 issue "ca.example.org"
_validation-persist.semicolon TXT "ca.example.org; accounturi=https://ca.example.org/acct/7;"
END
for name in allowed nobody other method account grammar critical $HTTP; do echo "$name A 192.0.2.2"; done; } > $LAB/org.zone
cat > $LAB/named.conf <<END
options { directory "$LAB"; pid-file none; recursion no; listen-on { 192.0.2.2; }; listen-on-v6 { none; }; session-keyfile none;
  dnssec-validation no; minimal-responses yes; version none; hostname none; server-id none; };
controls {};
zone "org" { type primary; file "$LAB/org.zone"; };
END
openssl req -x509 -newkey rsa:2048 -nodes -keyout $LAB/doh.key -out $LAB/doh.pem -days 30 -subj /CN=resolver \
    -addext subjectAltName=IP:127.0.0.1 2>/dev/null
cat > $LAB/unbound.conf <<END
server:
  directory: "$LAB"
  username: ""
  chroot: ""
  pidfile: ""
  use-syslog: no
  interface: 127.0.0.1@8443
  https-port: 8443
  tls-service-key: "$LAB/doh.key"
  tls-service-pem: "$LAB/doh.pem"
  module-config: "iterator"
  outgoing-interface: 192.0.2.1
  do-ip6: no
remote-control:
  control-enable: no
stub-zone:
  name: "org"
  stub-addr: 192.0.2.2
END
in_background $HOST named -f -g -c $LAB/named.conf
in_background ip netns exec acme-host python3 $HERE/server.py 192.0.2.2 $TOKEN.$THUMBPRINT
in_background $CA unbound -d -c $LAB/unbound.conf
listening acme-host 53
listening acme-host 80
listening acme-ca 8443

capture $HERE/caa.pcap "tcp port 80 or port 53"
for line in "http-01 allowed" "http-01 nobody" "http-01 other" "http-01 method" "http-01 account" "http-01 grammar" "http-01 critical" \
    "dns-01 www.parent" "dns-01 nearest.parent" "dns-persist-01 persist" "dns-persist-01 two" "dns-persist-01 semicolon"; do
    echo "$line.example.org $TOKEN $THUMBPRINT"
    sleep .3
done | $CA $VALIDATE 127.0.0.1:8443 $LAB/doh.pem ca.example.org > $LAB/said
capture_end
capture $HERE/http.pcap "tcp port 80 or tcp port 443"
for name in $HTTP; do echo "http-01 $name.example.org $TOKEN $THUMBPRINT"; done \
    | $CA $VALIDATE 127.0.0.1:8443 $LAB/doh.pem ca.example.org >> $LAB/said
capture_end
grep -P '^[a-z0-9-]+-01\t' $LAB/said > ${LOG:-/dev/stdout}

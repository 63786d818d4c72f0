#!/bin/bash
# DNS-01 by dynamic updates: certbot with nsupdate, and lego, at BIND, with the API's TLS keys of certbot: update.pcap
# SPDX-License-Identifier: GPL-2.0-or-later

DNS_NS=acme-host
. "$(dirname "$0")/../acme-lab/lab.sh"
lab_network
lab_authority 192.0.2.3:53
kill $(ip netns pids acme-host)         # challtestsrv: BIND answers here
SECRET=c2VjcmV0LW9mLXRoZS1jYXNlLW9mLXVwZGF0ZXMtLS0=
OTHER=YW5vdGhlci1zZWNyZXQtb2YtdGhlLWNhc2UtLS0tLS0=

# 192.0.2.3 is asked. Of slow.example.org it is a secondary, which hears of changes five seconds later; of late.example.org, never.
for zone in example.org slow.example.org late.example.org; do
    printf '$TTL 60\n@ SOA ns.example.org. hostmaster.example.org. 1 3600 600 86400 60\n@ NS ns.example.org.\n' > $LAB/$zone.zone
done
printf 'ns A 192.0.2.3\n_acme-challenge.alias CNAME alias.keys\n' >> $LAB/example.org.zone
cp $LAB/slow.example.org.zone $LAB/slow.copy
cp $LAB/late.example.org.zone $LAB/late.copy
options() {
    cat <<END
options { directory "$LAB"; pid-file none; recursion no; listen-on { $1; }; listen-on-v6 { none; }; session-keyfile none;
  dnssec-validation no; minimal-responses yes; version none; hostname none; server-id none; notify no; query-source address $1;
  transfer-source $1; notify-source $1; };
controls {};
key acme-update { algorithm hmac-sha256; secret "$SECRET"; };
key other-key { algorithm hmac-sha512; secret "$SECRET"; };
END
}
{ options 192.0.2.3; cat <<END
zone "example.org" { type primary; file "$LAB/example.org.zone"; update-policy { grant acme-update subdomain example.org. TXT; }; };
zone "slow.example.org" { type secondary; masterfile-format text; file "$LAB/slow.copy"; primaries { 192.0.2.2; }; };
zone "late.example.org" { type secondary; masterfile-format text; file "$LAB/late.copy"; primaries { 192.0.2.2; }; };
END
} > $LAB/asked.conf
{ options 192.0.2.2; cat <<END
zone "slow.example.org" { type primary; file "$LAB/slow.example.org.zone"; allow-update { key acme-update; };
  notify explicit; also-notify { 192.0.2.3; }; };
zone "late.example.org" { type primary; file "$LAB/late.example.org.zone"; allow-update { key acme-update; }; };
END
} > $LAB/primary.conf
in_background $HOST named -f -g -c $LAB/asked.conf
in_background $HOST named -f -g -c $LAB/primary.conf
listening acme-host 53
sleep 2

cat > $LAB/hook.sh <<END
#!/bin/bash
key=hmac-sha256:acme-update:$SECRET server=192.0.2.3 name=_acme-challenge.\$CERTBOT_DOMAIN
case \$CERTBOT_DOMAIN in
badkey.*) key=hmac-sha256:nobody:$SECRET;;
badsig.*) key=hmac-sha256:acme-update:$OTHER;;
denied.*) key=hmac-sha512:other-key:$SECRET;;
slow.*|late.*) server=192.0.2.2;;
alias.*) name=alias.keys.example.org;;
esac
change="add \$name. 60 TXT \$CERTBOT_VALIDATION"
[ "\$1" = clean ] && change="delete \$name. TXT"
printf 'server %s\nzone %s\nupdate %s\nsend\n' \$server \
    \$(case \$server in 192.0.2.2) echo \$CERTBOT_DOMAIN;; *) echo example.org;; esac) "\$change" | nsupdate -y \$key
[ "\$1" = clean ] && exit 0
case \$CERTBOT_DOMAIN in
slow.*) for i in 1 2 3 4; do dig +short +nocookie @192.0.2.3 TXT \$name; sleep 2; done;;
esac
exit 0
END
chmod +x $LAB/hook.sh
export SSLKEYLOGFILE=$LAB/keys
# Only a second change within five seconds is told later.
printf 'server 192.0.2.2\nzone slow.example.org\nupdate add slow.example.org. 60 TXT first\nsend\n' |
    $HOST nsupdate -y hmac-sha256:acme-update:$SECRET
capture $HERE/update.pcap "tcp port 14000 or udp port 53 or tcp port 53" acme-host any
names=""
for name in slow right alias badkey badsig denied late; do names="$names -d $name.example.org"; done
certbot_ --manual --preferred-challenges dns --manual-auth-hook $LAB/hook.sh --manual-cleanup-hook "$LAB/hook.sh clean" $names || true
unset SSLKEYLOGFILE
RFC2136_NAMESERVER=192.0.2.3 RFC2136_TSIG_KEY=acme-update RFC2136_TSIG_ALGORITHM=hmac-sha256. RFC2136_TSIG_SECRET=$SECRET \
    lego_ --dns rfc2136 --dns.disable-cp --dns.resolvers 192.0.2.3:53 -d lego.example.org || true
capture_end
grep -v '^#' $LAB/keys > $HERE/update.keys
cp $LAB/certbot.log ${LOG:-/dev/null}

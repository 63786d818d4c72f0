#!/bin/bash
# The ACME API of pebble, used by Caddy: both are written in Go and speak HTTP/2. Neither writes its TLS keys down; a relay does
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Needs Debian's caddy as well; CADDY names the program if it is not in the path.

. "$(dirname "$0")/../acme-lab/lab.sh"
lab_network
lab_authority

in_background $CA python3 $HERE/tls-relay.py 192.0.2.1:14443 192.0.2.1:14000 $LAB/ca.pem $LAB/ca.key $LAB/keys
listening acme-ca 14443
cat > $LAB/Caddyfile <<END
{
	admin off
	acme_ca https://ca.example.org:14443/dir
	acme_ca_root $LAB/ca.pem
	email admin@example.org
	storage file_system $LAB/caddy
	ocsp_stapling off
}
caddy.example.org, www.caddy.example.org {
	tls {
		issuer acme {
			disable_tlsalpn_challenge
			dir https://ca.example.org:14443/dir
			trusted_roots $LAB/ca.pem
		}
	}
	respond "hello"
}
END
capture $HERE/caddy.pcap "tcp port 14443 or tcp port 80"
in_background_as caddy env HOME=$LAB $HOST ${CADDY:-caddy} run --config $LAB/Caddyfile
for _ in $(seq 150); do [ "$(find $LAB/caddy -name '*.crt' 2>/dev/null | wc -l)" = 2 ] && break; sleep .1; done
capture_end
grep -v '^#' $LAB/keys > $HERE/caddy.keys

#!/bin/bash
# Records the captures of this folder: real keyservers and real clients in two network namespaces.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Needs root and the Debian 12 packages sks, onak, lighttpd, lighttpd-mod-openssl, gnupg, dirmngr, curl, nghttp2-client,
# openssl, python3, iproute2, ethtool and wireshark-common. Everything happens in the folder $LAB, but for onak, which
# keeps its database in /var/lib/onak.
# usage: record.sh [sks] [onak] [hkps] [h2] [wkd]      (all of them by default)

set -e
HERE=$(cd "$(dirname "$0")" && pwd)
LAB=${LAB:-$(mktemp -d /tmp/hkp-lab-XXXXXX)}
CLIENT="ip netns exec hkp-client timeout 60"
SERVER="ip netns exec hkp-server"
STARTED=""
MISSING=0123456789ABCDEF0123456789ABCDEF01234567
chmod 755 "$LAB"

stop_all() {
    for home in "$LAB"/home-*; do GNUPGHOME=$home gpgconf --kill all 2>/dev/null || true; done
    for pid in $STARTED $DUMPCAP; do kill "$pid" 2>/dev/null || true; done
    wait
    ip netns del hkp-client 2>/dev/null || true
    ip netns del hkp-server 2>/dev/null || true
    rm -rf /etc/netns/hkp-client /etc/netns/hkp-server
}

# The client: 192.0.2.1, 2001:db8::1. The server: 192.0.2.2, 2001:db8::2, and the names below.
network() {
    trap stop_all EXIT
    for ns in hkp-client hkp-server; do
        ip netns add $ns
        ip -n $ns link set lo up
        mkdir -p /etc/netns/$ns
        printf '127.0.0.1 localhost\n192.0.2.2 keys.example.org openpgpkey.example.org\n2001:db8::2 keys6.example.org\n' > /etc/netns/$ns/hosts
        echo 'hosts: files' > /etc/netns/$ns/nsswitch.conf
        echo 'nameserver 127.0.0.1' > /etc/netns/$ns/resolv.conf
    done
    ip link add hkp-a netns hkp-client type veth peer name hkp-b netns hkp-server
    ip -n hkp-client addr add 192.0.2.1/24 dev hkp-a
    ip -n hkp-server addr add 192.0.2.2/24 dev hkp-b
    ip -n hkp-client addr add 2001:db8::1/64 dev hkp-a nodad
    ip -n hkp-server addr add 2001:db8::2/64 dev hkp-b nodad
    ip -n hkp-client link set hkp-a up
    ip -n hkp-server link set hkp-b up
    ip netns exec hkp-client ethtool -K hkp-a tx off tso off gso off gro off > /dev/null
    ip netns exec hkp-server ethtool -K hkp-b tx off tso off gso off gro off > /dev/null
}

listening() { for _ in $(seq 100); do $SERVER ss -ltn | grep -q ":$1 " && return; sleep .1; done; echo "nothing listens on $1" >&2; return 1; }
in_background() { "$@" >> "$LAB/background.log" 2>&1 & STARTED="$STARTED $!"; LAST=$!; }

# capture NAME; capture_end
capture() {
    NAME=$1
    ip netns exec hkp-client dumpcap -q -P -n -i hkp-a -f "tcp" -w "$LAB/new.pcap" 2>> "$LAB/background.log" & DUMPCAP=$!
    for _ in $(seq 50); do [ -s "$LAB/new.pcap" ] && break; sleep .1; done
    sleep .5
}
capture_end() {
    sleep 1.5
    kill -INT $DUMPCAP
    wait $DUMPCAP || true
    mv "$LAB/new.pcap" "$HERE/$NAME.pcap"
    chmod 644 "$HERE/$NAME.pcap"
}

# A client of its own, with an empty keyring.
home() {
    export GNUPGHOME=$LAB/home-$1
    mkdir -p -m 700 "$GNUPGHOME"
    printf 'standard-resolver\nlog-file %s\n' "$LAB/dirmngr.log" > "$GNUPGHOME/dirmngr.conf"
}

# dirmngr asks DNS for SRV records whatever the hosts file says: here are none.
no_srv_records() {
    cat > "$LAB/dns.py" <<'END'
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 53))
while True:
    query, client = s.recvfrom(512)
    s.sendto(query[:2] + b"\x85\x83" + query[4:6] + bytes(6) + query[12:], client)
END
    in_background ip netns exec hkp-client python3 "$LAB/dns.py"
}

generate() { gpg --batch --quiet --pinentry-mode loopback --passphrase '' --faked-system-time "$1"! --quick-gen-key "$2" "$3" "$4" "$5" 2>/dev/null; }

keys() {
    home owner
    generate 20240102T030405 'Alice <alice@example.org>' rsa2048 default 0
    generate 20240203T040506 'Bob Example (work) <bob@example.org>' ed25519 default 0
    generate 20240304T050607 'Zoë Ünïcode: 100% <zoe@example.org>' nistp256 default 20y
    generate 20200101T000000 'Expired <expired@example.org>' dsa2048 default 1y
    ALICE=$(gpg -k --with-colons alice@example.org | awk -F: '/^fpr/{print $10; exit}')
    BOB=$(gpg -k --with-colons bob@example.org | awk -F: '/^fpr/{print $10; exit}')
    gpg --batch --quiet --quick-add-uid $ALICE 'Alice <alice@mail.example.org>' --pinentry-mode loopback 2>/dev/null || true
    gpg --export > "$LAB/keys.pgp"
    gpg --export $ALICE > "$LAB/alice.pgp"
    gpg --armor --export $ALICE > "$LAB/alice.asc"
    home sender
    generate 20240405T060708 'Dave <dave@example.org>' ed25519 default 0
    DAVE=$(gpg -k --with-colons | awk -F: '/^fpr/{print $10; exit}')
}

# Everything gpg does with a keyserver.
gpg_session() {
    home reader-$NAME
    echo "== gpg, $1" >> "$LAB/clients.log"
    {
        $CLIENT gpg --batch --keyserver $1 --search-keys example.org < /dev/null
        $CLIENT gpg --batch --keyserver $1 --search-keys nobody@example.net < /dev/null
        $CLIENT gpg --batch --keyserver $1 --recv-keys $ALICE
        $CLIENT gpg --batch --keyserver $1 --recv-keys ${BOB:24:16}
        $CLIENT gpg --batch --keyserver $1 --recv-keys $MISSING
        $CLIENT gpg --batch --keyserver $1 --refresh-keys
        GNUPGHOME=$LAB/home-sender $CLIENT gpg --batch --keyserver $1 --send-keys $DAVE
        $CLIENT gpg --batch --keyserver $1 --recv-keys $DAVE
    } >> "$LAB/clients.log" 2>&1 || true
    gpgconf --kill all
    GNUPGHOME=$LAB/home-sender gpgconf --kill all
}

# Every operation, as a person would with curl; several on one connection.
curl_session() {
    local base=$1; shift
    lookup() { $CLIENT curl -sS -m 20 "${OPTIONS[@]}" -o /dev/null -w '%{http_code} %{content_type} %{size_download} %{url}\n' "$@" >> "$LAB/clients.log" 2>&1 || true; }
    OPTIONS=("$@")
    lookup "$base/pks/lookup?op=get&search=0x$ALICE"
    lookup "$base/pks/lookup?op=get&options=mr&search=0x${ALICE:24:16}"
    lookup "$base/pks/lookup?op=get&search=0x${ALICE:32:8}"
    lookup "$base/pks/lookup?op=get&search=0x$MISSING"
    lookup "$base/pks/lookup?op=get&search=0xDEADBEEF"
    lookup "$base/pks/lookup?op=get&search=bob%40example.org&exact=on"
    lookup "$base/pks/lookup?op=index&options=mr&search=example.org"
    lookup "$base/pks/lookup?op=index&options=mr&fingerprint=on&search=alice%20%3Calice@example.org%3E"
    lookup "$base/pks/lookup?op=index&search=example.org"
    lookup "$base/pks/lookup?op=index&search=nobody%40example.net"
    lookup "$base/pks/lookup?op=index&options=mr&search=nobody%40example.net"
    lookup "$base/pks/lookup?op=vindex&fingerprint=on&search=Zo%C3%AB+%C3%9Cn%C3%AFcode"
    lookup "$base/pks/lookup?op=vindex&options=mr&search=0x$BOB"
    lookup "$base/pks/lookup?op=hget&search=00000000000000000000000000000000"
    lookup "$base/pks/lookup?op=stats"
    lookup "$base/pks/lookup?op=x-example&search=x"
    lookup --data-urlencode "keytext@$LAB/alice.asc" "$base/pks/add"
    lookup --data-binary "@$LAB/hashquery.bin" -H "Content-Type: sks/hashquery" "$base/pks/hashquery"
    # Three requests on one connection.
    lookup "$base/pks/lookup?op=get&search=0x$ALICE" -o /dev/null "$base/pks/lookup?op=get&search=0x$MISSING" -o /dev/null "$base/pks/lookup?op=index&options=mr&search=bob"
    lookup -I "$base/pks/lookup?op=get&search=0x$ALICE"
}

# SKS names a key by the MD5 of its packets, sorted by tag and content; with one key packet and no duplicates that is this.
hashquery_of() {
    python3 - "$1" "$2" <<'END'
import hashlib, struct, sys
data, packets, at = open(sys.argv[1], "rb").read(), [], 0
while at < len(data):
    tag = data[at]
    if tag & 0x40:
        kind, first = tag & 0x3f, data[at + 1]
        if first < 192: n, at = first, at + 2
        elif first < 224: n, at = ((first - 192) << 8) + data[at + 2] + 192, at + 3
        else: n, at = int.from_bytes(data[at + 2:at + 6], "big"), at + 6
    else:
        kind, size = tag >> 2 & 15, 1 << (tag & 3)
        n, at = int.from_bytes(data[at + 1:at + 1 + size], "big"), at + 1 + size
    packets.append((kind, data[at:at + n]))
    at += n
whole = b"".join(struct.pack(">II", kind, len(body)) + body for kind, body in sorted(packets))
digest = hashlib.md5(whole).digest()
open(sys.argv[2], "wb").write(struct.pack(">I", 2) + struct.pack(">I", 16) + digest + struct.pack(">I", 16) + bytes(16))
END
}

sks_server() {
    mkdir -p "$LAB/sks/dump" "$LAB"/sks/var/{log,lib,run,spool}/sks
    cp "$LAB/keys.pgp" "$LAB/sks/dump/0.pgp"
    printf 'hostname: keys.example.org\nhkp_address: 192.0.2.2 2001:db8::2\nhkp_port: 11371\ninitial_stat:\n' > "$LAB/sks/sksconf"
    (cd "$LAB/sks" && sks build dump/0.pgp -basedir "$LAB/sks" -n 1 -cache 5) >> "$LAB/background.log" 2>&1
    in_background $SERVER unshare --uts sh -c "hostname keys.example.org; exec sks db -basedir $LAB/sks"
    listening 11371
}

lighttpd_server() { # lighttpd_server NAME < configuration
    { echo 'server.modules = ("mod_alias", "mod_cgi", "mod_setenv", "mod_openssl", "mod_deflate", "mod_accesslog")'; cat; } > "$LAB/$1.conf"
    mkdir -p "$LAB/www"
    in_background $SERVER lighttpd -D -f "$LAB/$1.conf"
}

onak_database() {
    chown onak "$LAB"/keys.pgp
    rm -rf /var/lib/onak/*
    setpriv --reuid=onak --regid=$(id -gn onak) --clear-groups onak -b add < "$LAB/keys.pgp" >> "$LAB/background.log" 2>&1
}

PKS='alias.url = ( "/pks/" => "/usr/lib/cgi-bin/pks/" )
$HTTP["url"] =~ "^/pks/" { cgi.assign = ( "" => "" ) }'

# An authority that the client trusts as it does the system's, and a server certificate.
certificate() {
    [ -s "$LAB/server.pem" ] && return
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$LAB/ca.key" -out "$LAB/ca.crt" -days 3650 -subj '/CN=Example Authority' 2>/dev/null
    openssl req -newkey rsa:2048 -nodes -keyout "$LAB/server.key" -out "$LAB/server.csr" -subj /CN=keys.example.org 2>/dev/null
    printf 'subjectAltName=DNS:keys.example.org,DNS:keys6.example.org,DNS:openpgpkey.example.org\n' > "$LAB/server.ext"
    openssl x509 -req -in "$LAB/server.csr" -CA "$LAB/ca.crt" -CAkey "$LAB/ca.key" -CAcreateserial -days 3650 -extfile "$LAB/server.ext" \
        -out "$LAB/server.crt" 2>/dev/null
    cat "$LAB/server.key" "$LAB/server.crt" > "$LAB/server.pem"
    mkdir -p /etc/netns/hkp-client/ssl/certs
    cp "$LAB/ca.crt" /etc/netns/hkp-client/ssl/certs/ca-certificates.crt
}

record_sks() {
    sks_server
    capture sks-gpg
    gpg_session hkp://keys.example.org:11371
    gpg_session hkp://keys6.example.org:11371
    capture_end
    capture sks-curl
    curl_session http://keys.example.org:11371
    capture_end
    kill $LAST
}

record_onak() {
    onak_database
    lighttpd_server onak <<END
server.document-root = "$LAB/www"
server.bind = "192.0.2.2"
server.port = 11371
\$SERVER["socket"] == "[2001:db8::2]:11371" { }
deflate.mimetypes = ("text/", "application/pgp-keys")
deflate.allowed-encodings = ("gzip", "deflate")
deflate.cache-dir = ""
$PKS
END
    listening 11371
    capture onak-gpg
    gpg_session hkp://keys.example.org:11371
    gpg_session hkp://keys6.example.org:11371
    capture_end
    capture onak-curl
    curl_session http://keys6.example.org:11371
    capture_end
    capture onak-gzip
    curl_session http://keys.example.org:11371 --compressed
    capture_end
    kill $LAST
}

record_hkps() {
    certificate
    onak_database
    lighttpd_server hkps <<END
server.document-root = "$LAB/www"
server.bind = "192.0.2.2"
server.port = 443
ssl.engine = "enable"
ssl.pemfile = "$LAB/server.pem"
ssl.openssl.ssl-conf-cmd = ("MinProtocol" => "TLSv1.2")
\$SERVER["socket"] == "[2001:db8::2]:11372" { ssl.engine = "enable" }
$PKS
END
    listening 443
    export SSLKEYLOGFILE=$LAB/hkps.keys
    install -m 666 /dev/null $SSLKEYLOGFILE
    capture hkps
    curl_session https://keys.example.org --cacert "$LAB/ca.crt" --http1.1
    curl_session https://keys6.example.org:11372 --cacert "$LAB/ca.crt" --tls-max 1.2 --http1.1
    gpg_session hkps://keys.example.org:443
    capture_end
    mv "$LAB/hkps.keys" "$HERE/hkps.keys"
    chmod 644 "$HERE/hkps.keys"
    unset SSLKEYLOGFILE
    kill $LAST
}

# HTTP/2: with ALPN, also many streams at a time; in clear text by upgrade and by prior knowledge, also with padding, priorities and trailers.
record_h2() {
    certificate
    onak_database
    lighttpd_server h2 <<END
server.document-root = "$LAB/www"
server.bind = "192.0.2.2"
server.port = 443
ssl.engine = "enable"
ssl.pemfile = "$LAB/server.pem"
deflate.mimetypes = ("text/", "application/pgp-keys")
deflate.allowed-encodings = ("gzip", "deflate")
deflate.cache-dir = ""
\$SERVER["socket"] == "[2001:db8::2]:11371" { ssl.engine = "disable" }
$PKS
END
    listening 443
    export SSLKEYLOGFILE=$LAB/hkps-h2.keys
    install -m 666 /dev/null $SSLKEYLOGFILE
    local base=https://keys.example.org keys='' n
    capture hkps-h2
    curl_session $base --cacert "$LAB/ca.crt" --http2
    for n in alice bob zoe nobody expired; do keys="$keys $base/pks/lookup?op=get&search=$n%40example.org -o /dev/null"; done
    lookup --cacert "$LAB/ca.crt" --http2 --compressed -Z "$base/pks/lookup?op=index&options=mr&search=example.org" -o /dev/null $keys
    capture_end
    mv "$LAB/hkps-h2.keys" "$HERE/hkps-h2.keys"
    chmod 644 "$HERE/hkps-h2.keys"
    unset SSLKEYLOGFILE
    base=http://keys6.example.org:11371
    capture hkp-h2c
    lookup --http2 "$base/pks/lookup?op=get&search=0x$ALICE" -o /dev/null "$base/pks/lookup?op=get&search=0x$MISSING" -o /dev/null "$base/pks/lookup?op=index&options=mr&search=example.org"
    lookup --http2 -I "$base/pks/lookup?op=get&search=0x$ALICE"
    lookup --http2-prior-knowledge "$base/pks/lookup?op=get&search=0x$ALICE"
    $CLIENT nghttp -n -b 100 "$base/pks/lookup?op=get&search=0x$ALICE" "$base/pks/lookup?op=get&search=0x$MISSING" >> "$LAB/clients.log" 2>&1
    $CLIENT nghttp -n -b 100 -d "$LAB/add.form" -H 'Content-Type: application/x-www-form-urlencoded' --trailer 'x-note: end' "$base/pks/add" >> "$LAB/clients.log" 2>&1
    $CLIENT nghttp -n -u "$base/pks/lookup?op=stats" >> "$LAB/clients.log" 2>&1
    capture_end
    kill $LAST
}

# A Web Key Directory is files only.
record_wkd() {
    certificate
    home owner
    hash=$(gpg --with-wkd-hash -k alice@example.org | awk '/^ +.*@example.org$/{sub("@.*", ""); print $1; exit}')
    mkdir -p "$LAB/wkd/.well-known/openpgpkey/example.org/hu"
    cp "$LAB/alice.pgp" "$LAB/wkd/.well-known/openpgpkey/example.org/hu/$hash"
    : > "$LAB/wkd/.well-known/openpgpkey/example.org/policy"
    lighttpd_server wkd <<END
server.document-root = "$LAB/wkd"
server.bind = "192.0.2.2"
server.port = 443
ssl.engine = "enable"
ssl.pemfile = "$LAB/server.pem"
mimetype.assign = ( "" => "application/octet-stream" )
END
    listening 443
    export SSLKEYLOGFILE=$LAB/wkd.keys
    install -m 666 /dev/null $SSLKEYLOGFILE
    capture wkd
    home wkd
    for user in alice nobody; do
        $CLIENT gpg --batch --auto-key-locate clear,nodefault,wkd --locate-external-keys $user@example.org >> "$LAB/clients.log" 2>&1 || true
    done
    $CLIENT curl -sS --http1.1 --cacert "$LAB/ca.crt" -o /dev/null "https://openpgpkey.example.org/.well-known/openpgpkey/example.org/policy" \
        -o /dev/null "https://openpgpkey.example.org/.well-known/openpgpkey/example.org/hu/$hash?l=alice" \
        -o /dev/null "https://openpgpkey.example.org/.well-known/openpgpkey/hu/$hash?l=alice" >> "$LAB/clients.log" 2>&1
    capture_end
    mv "$LAB/wkd.keys" "$HERE/wkd.keys"
    chmod 644 "$HERE/wkd.keys"
    unset SSLKEYLOGFILE
    kill $LAST
}

network
no_srv_records
keys
hashquery_of "$LAB/alice.pgp" "$LAB/hashquery.bin"
python3 -c 'import sys, urllib.parse; print("keytext=" + urllib.parse.quote(open(sys.argv[1]).read()), end="")' "$LAB/alice.asc" > "$LAB/add.form"
for what in ${*:-sks onak hkps h2 wkd}; do record_$what; done

#!/bin/bash
# Records hockeypuck.pcap: a Hockeypuck of one's own, with curl and GnuPG as clients. What each answer was is added to answers.tsv.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Needs root and the Debian 12 packages postgresql, gnupg, dirmngr, curl, iproute2, ethtool, python3 and wireshark-common.
# HOCKEYPUCK is a folder with the program `hockeypuck`, and `templates` of its sources. No package of Debian has it; it was built from
# hockeypuck/hockeypuck (commit 1d9b073 of August 2026), which has all that it is made of beside it, with Go 1.26:
#   cd hockeypuck/src/hockeypuck && CGO_ENABLED=0 go build -mod=vendor -o HOCKEYPUCK/hockeypuck ./server/cmd/hockeypuck
#   cp -r hockeypuck/contrib/templates HOCKEYPUCK/templates
# The client is 192.0.2.1, the server 192.0.2.2, both network namespaces. Everything else happens in a temporary folder.

set -e
HERE=$(cd "$(dirname "$0")" && pwd)
: "${HOCKEYPUCK:?folder of the program and its templates}"
LAB=$(mktemp -d /tmp/hockeypuck-lab-XXXXXX)
chmod 755 "$LAB"
CLIENT="ip netns exec hp-client timeout 60"
BASE=http://keys.example.org:11371
MISSING=0123456789ABCDEF0123456789ABCDEF01234567
POSTGRES=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
STARTED=""

stop_all() {
    for home in "$LAB"/home-*; do GNUPGHOME=$home gpgconf --kill all 2>/dev/null || true; done
    for pid in $STARTED; do kill "$pid" 2>/dev/null || true; done
    setpriv --reuid=postgres --regid=postgres --clear-groups "$POSTGRES/pg_ctl" -D "$LAB/db" -m immediate stop > /dev/null 2>&1 || true
    wait
    ip netns del hp-client 2>/dev/null || true
    ip netns del hp-server 2>/dev/null || true
    rm -rf /etc/netns/hp-client
}

network() {
    trap stop_all EXIT
    for ns in hp-client hp-server; do ip netns add $ns; ip -n $ns link set lo up; done
    mkdir -p /etc/netns/hp-client
    printf '127.0.0.1 localhost\n192.0.2.2 keys.example.org\n' > /etc/netns/hp-client/hosts
    echo 'hosts: files' > /etc/netns/hp-client/nsswitch.conf
    echo 'nameserver 127.0.0.1' > /etc/netns/hp-client/resolv.conf
    ip link add hp-a netns hp-client type veth peer name hp-b netns hp-server
    ip -n hp-client addr add 192.0.2.1/24 dev hp-a
    ip -n hp-server addr add 192.0.2.2/24 dev hp-b
    ip -n hp-client link set hp-a up
    ip -n hp-server link set hp-b up
    ip netns exec hp-client ethtool -K hp-a tx off tso off gso off gro off > /dev/null
    ip netns exec hp-server ethtool -K hp-b tx off tso off gso off gro off > /dev/null
}

# dirmngr asks DNS for SRV records whatever the hosts file says: here are none.
no_srv_records() {
    cat > "$LAB/dns.py" <<'PY'
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 53))
while True:
    query, client = s.recvfrom(512)
    s.sendto(query[:2] + b"\x85\x83" + query[4:6] + bytes(6) + query[12:], client)
PY
    ip netns exec hp-client python3 "$LAB/dns.py" & STARTED="$STARTED $!"
}

home() {
    export GNUPGHOME=$LAB/home-$1
    mkdir -p -m 700 "$GNUPGHOME"
    echo standard-resolver > "$GNUPGHOME/dirmngr.conf"
}
quiet() { gpg --batch --quiet --pinentry-mode loopback --passphrase '' "$@" 2>/dev/null; }
fingerprint() { gpg -k --with-colons "$1" | awk -F: '/^fpr/{print $10; exit}'; }
key() { quiet --faked-system-time "$1"! --quick-gen-key "$2" "$3" "$4" "$5"; }

keys() {
    home owner
    key 20240102T030405 'Alice <alice@example.org>' rsa2048 default 0
    key 20240203T040506 'Bob Example (work) <bob@example.org>' ed25519 default 0
    key 20240304T050607 'Zoë Ünïcode: 100% <zoe@example.org>' nistp256 default 20y
    key 20200101T000000 'Expired <expired@example.org>' dsa2048 default 1y
    key 20240506T070809 'Revoked <revoked@example.org>' ed25519 default 0
    key 20240607T080910 'Admin <admin@example.org>' ed25519 default 0
    for name in alice bob zoe expired revoked admin; do
        declare -g "$name=$(fingerprint $name@example.org)"
        gpg --armor --export $name@example.org > "$LAB/$name.asc"
    done
    quiet --quick-add-key $alice ed25519 sign
    gpg --export $alice > "$LAB/alice.pgp"
    gpg --armor --export $alice > "$LAB/alice.asc"
    quiet --quick-add-uid $bob 'Bob <bob@mail.example.org>'
    gpg --armor --export $bob > "$LAB/bob-later.asc"
    quiet -u $zoe --quick-sign-key $bob
    gpg --armor --export $bob > "$LAB/bob-signed.asc"
    gpg --export $zoe > "$LAB/zoe.pgp"
    # What GnuPG keeps for this purpose begins with words, and a colon before the armor.
    sed 's/^:-----/-----/; 0,/^-----BEGIN/{/^-----BEGIN/!d}' "$GNUPGHOME/openpgp-revocs.d/$revoked.rev" > "$LAB/revocation.asc"
    # The certificate of RFC 9580, A.3.
    awk '/^# /{on = /^# A.3/} on && !/^#/' "$HERE/../openpgp-rfc9580/vectors.txt" > "$LAB/v6.asc"
    gpg --dearmor < "$LAB/v6.asc" > "$LAB/v6.pgp"
    V6=CB186C4F0609A697E4D52DFA6C722B0C1F1E27C18A56708F6525EC27BAD9ACC9
    # To replace or to delete a key is to sign it, behind a line that says what to do.
    for what in replace delete; do
        { echo "/pks/$what"; cat "$LAB/bob-later.asc"; } > "$LAB/$what.txt"
        quiet -u $admin --armor --detach-sign -o "$LAB/$what.sig" "$LAB/$what.txt"
    done
    home sender
    key 20240405T060708 'Dave <dave@example.org>' ed25519 default 0
    dave=$(fingerprint dave@example.org)
}

database() {
    local as="setpriv --reuid=postgres --regid=postgres --clear-groups"
    install -d -o postgres -g postgres "$LAB/db" "$LAB/socket"
    (cd "$LAB/db"
        $as "$POSTGRES/initdb" -D "$LAB/db" -A trust -E UTF8 --no-locale
        $as "$POSTGRES/pg_ctl" -D "$LAB/db" -w -l "$LAB/socket/log" -o "-k $LAB/socket -h ''" start
        $as "$POSTGRES/createdb" -h "$LAB/socket" hkp) > "$LAB/database.log" 2>&1
}

server() {
    cat > "$LAB/hockeypuck.conf" <<CONF
[hockeypuck]
loglevel="DEBUG"
indexTemplate="$HOCKEYPUCK/templates/index.html.tmpl"
vindexTemplate="$HOCKEYPUCK/templates/index.html.tmpl"
statsTemplate="$HOCKEYPUCK/templates/stats.html.tmpl"
responseTemplate="$HOCKEYPUCK/templates/response.html.tmpl"
hostname="keys.example.org"
adminKeys=["${admin,,}"]
[hockeypuck.hkp]
bind="192.0.2.2:11371"
[hockeypuck.hkp.queries]
enableInexact=true
[hockeypuck.openpgp.db]
driver="postgres-jsonb"
dsn="dbname=hkp host=$LAB/socket user=postgres sslmode=disable"
[hockeypuck.conflux.recon]
allowCIDRs=["127.0.0.1/8"]
[hockeypuck.conflux.recon.leveldb]
path="$LAB/ptree"
CONF
    ip netns exec hp-server "$HOCKEYPUCK/hockeypuck" -config "$LAB/hockeypuck.conf" > "$LAB/hockeypuck.log" 2>&1 & STARTED="$STARTED $!"
    for _ in $(seq 100); do ip netns exec hp-server ss -ltn | grep -q :11371 && return; sleep .2; done
    tail "$LAB/hockeypuck.log" >&2; return 1
}

capture() {
    ip netns exec hp-client dumpcap -q -P -n -i hp-a -f tcp -w "$LAB/new.pcap" 2>> "$LAB/dumpcap.log" & DUMPCAP=$!
    for _ in $(seq 50); do [ -s "$LAB/new.pcap" ] && break; sleep .1; done
    sleep .5
}
capture_end() {
    sleep 1.5
    kill -INT $DUMPCAP
    wait $DUMPCAP || true
    install -m 644 "$LAB/new.pcap" "$HERE/hockeypuck.pcap"
}

# ask WHAT IT IS ABOUT (a word of the table below), then options of curl and the path
ask() {
    local about=$1; shift
    $CLIENT curl -sS -m 20 -o "$LAB/body" -w "$about\t%{method}\t%{http_code}\t%{content_type}\t${!#}\n" \
        "${@:1:$#-1}" "$BASE${!#}" >> "$HERE/answers.tsv"
}
add() { ask "$1" --data-urlencode "keytext@$LAB/$2" --data-urlencode "options=${3:-}" /pks/add; }

with_curl() {
    : > "$HERE/answers.tsv"
    for name in alice bob zoe expired revoked admin; do add inserted $name.asc; done
    add ignored alice.asc mr
    add updated bob-later.asc mr
    add updated bob-signed.asc
    add updated revocation.asc mr
    ask inserted -H 'Content-Type: application/pgp' --data-binary "@$LAB/v6.pgp" /pks/v2/certs
    ask ignored -H 'Content-Type: application/pgp' --data-binary "@$LAB/zoe.pgp" /pks/v2/certs
    printf 'no key at all' > "$LAB/nothing.asc"
    add refused nothing.asc
    ask found "/pks/lookup?op=get&search=0x$alice"
    ask found "/pks/lookup?op=get&search=0x${alice,,}"
    ask found "/pks/lookup?op=get&options=mr&search=0x${alice:24:16}"
    ask found "/pks/lookup?op=get&options=bin&search=0x$bob"
    ask missing "/pks/lookup?op=get&search=0x${alice:32:8}"
    ask missing "/pks/lookup?op=get&search=0x$MISSING"
    # Whom it was bound to was gone with the revocation.
    ask missing "/pks/lookup?op=get&search=revoked%40example.org&exact=on"
    ask found "/pks/lookup?op=get&search=expired%40example.org"
    ask legacy "/pks/lookup?op=get&search=0x$V6"
    ask legacy "/pks/lookup?op=index&options=mr&search=0x$V6"
    ask found "/pks/lookup?op=get&options=bin&search=0x$V6"
    for options in '' mr json; do
        ask found "/pks/lookup?op=index&options=$options&search=example.org"
        md5=$(grep -o '"md5": *"[0-9a-f]*"' "$LAB/body" | head -1 | grep -o '[0-9a-f]\{32\}') || true
        ask found "/pks/lookup?op=vindex&options=$options&search=0x$bob"
        ask found "/pks/lookup?op=index&options=$options&search=${zoe}"
        ask missing "/pks/lookup?op=index&options=$options&search=nobody%40example.net"
    done
    ask found "/pks/lookup?op=vindex&fingerprint=on&search=0x$revoked"
    ask found "/pks/lookup?op=hget&search=$md5"
    ask missing "/pks/lookup?op=hget&search=00000000000000000000000000000000"
    python3 -c 'import struct, sys; d = bytes.fromhex(sys.argv[1]); sys.stdout.buffer.write(struct.pack(">II", 2, 16) + d + struct.pack(">I", 16) + bytes(16))' \
        "$md5" > "$LAB/hashquery"
    ask found -H 'Content-Type: sks/hashquery' --data-binary "@$LAB/hashquery" /pks/hashquery
    ask page "/pks/lookup?op=stats"
    ask page "/pks/lookup?op=stats&options=mr"
    ask page "/pks/stats"
    ask page "/pks/health"
    ask page -I "/pks/health"
    ask refused "/pks/lookup?op=x-example&search=x"
    ask refused "/pks/lookup?op=get"
    ask found "/pks/v2/certs/by-vfingerprint/04/$alice"
    ask found "/pks/v2/certs/by-vfingerprint/06/$V6"
    ask missing "/pks/v2/certs/by-vfingerprint/04/$MISSING"
    ask found "/pks/v2/certs/by-keyid/${alice:24:16}"
    ask missing "/pks/v2/certs/by-keyid/${MISSING:24:16}"
    ask refused "/pks/v2/certs/by-keyid/${MISSING:32:8}"
    ask found "/pks/v2/certs/by-identity/zoe@example.org"
    ask missing "/pks/v2/certs/by-identity/nobody@example.net"
    ask found "/pks/v2/index/bob@example.org"
    ask missing "/pks/v2/index/nobody@example.net"
    ask page "/pks/v2/prefixlog/$(date +%F)"
    ask unknown "/pks/v2/canonical/bob@example.org"
    ask page -X OPTIONS "/pks/v2/certs"
    ask wrong -I "/pks/lookup?op=get&search=0x$alice"
    ask replaced --data-urlencode "keytext@$LAB/replace.txt" --data-urlencode "keysig@$LAB/replace.sig" /pks/replace
    ask refused --data-urlencode "keytext@$LAB/replace.txt" --data-urlencode "keysig@$LAB/delete.sig" /pks/replace
    ask deleted --data-urlencode "keytext@$LAB/delete.txt" --data-urlencode "keysig@$LAB/delete.sig" /pks/delete
    ask missing "/pks/lookup?op=get&search=0x$bob"
}

with_gnupg() {
    home reader
    for keys in "--search-keys example.org" "--search-keys nobody@example.net" "--recv-keys $alice" "--recv-keys $MISSING" --refresh-keys; do
        $CLIENT gpg --batch --keyserver hkp://keys.example.org:11371 $keys < /dev/null >> "$LAB/gnupg.log" 2>&1 || true
    done
    gpgconf --kill all
    home sender
    $CLIENT gpg --batch --keyserver hkp://keys.example.org:11371 --send-keys $dave >> "$LAB/gnupg.log" 2>&1 || true
    $CLIENT gpg --batch --keyserver hkp://keys.example.org:11371 --recv-keys $dave >> "$LAB/gnupg.log" 2>&1 || true
    gpgconf --kill all
}

network
no_srv_records
keys
database
server
capture
with_curl
with_gnupg
capture_end
echo "logs are in $LAB"

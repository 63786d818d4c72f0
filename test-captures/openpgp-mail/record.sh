#!/bin/bash
# Records the captures of this folder: mail with OpenPGP in it, by SMTP, POP and IMAP, between real programs.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Needs root and the Debian 12 packages gnupg, swaks, dovecot-imapd, dovecot-pop3d, curl, python3, openssl, iproute2 and
# wireshark-common. Everything happens in the folder $LAB and a network namespace. usage: record.sh

set -e
HERE=$(cd "$(dirname "$0")" && pwd)
LAB=${LAB:-$(mktemp -d /tmp/openpgp-mail-XXXXXX)}
NS="ip netns exec openpgp-mail"
export GNUPGHOME=$LAB/gnupg
STARTED=""
chmod 755 "$LAB"
mkdir -m 700 "$GNUPGHOME"

stop_all() {
    gpgconf --kill all 2> /dev/null || true
    for pid in $STARTED; do kill "$pid" 2> /dev/null || true; done
    wait
    ip netns del openpgp-mail
}
ip netns add openpgp-mail
trap stop_all EXIT
ip -n openpgp-mail link set lo up
ip -n openpgp-mail link set lo mtu 1500
ip -n openpgp-mail addr add 192.0.2.1/32 dev lo
ip -n openpgp-mail addr add 192.0.2.2/32 dev lo
$NS ethtool -K lo tx off tso off gso off gro off > /dev/null 2>&1 || true

in_background() { "$@" >> "$LAB/background.log" 2>&1 & STARTED="$STARTED $!"; LAST=$!; }
listening() { for _ in $(seq 100); do $NS ss -ltn | grep -q ":$1 " && return; sleep .1; done; echo "nothing listens on $1" >&2; return 1; }
capture() {
    NAME=$1
    in_background $NS dumpcap -q -P -n -i lo -f tcp -w "$LAB/new.pcap"
    DUMPCAP=$LAST
    for _ in $(seq 50); do [ -s "$LAB/new.pcap" ] && break; sleep .1; done
    sleep .5
}
capture_end() {
    sleep 1
    pkill -INT -P "$DUMPCAP" dumpcap 2> /dev/null || kill -INT "$DUMPCAP"
    wait "$DUMPCAP" || true
    mv "$LAB/new.pcap" "$HERE/$NAME.pcap"
    chmod 644 "$HERE/$NAME.pcap"
}

# Keys, and the mails with them.
gpg="gpg --batch --yes --quiet --pinentry-mode loopback --passphrase= "
$gpg --quick-generate-key 'Alice <alice@example.org>' ed25519 sign never
$gpg --quick-add-key "$(gpg --with-colons -k alice@example.org | awk -F: '/^fpr/ { print $10; exit }')" cv25519 encr never
$gpg --quick-generate-key 'Bob <bob@example.org>' rsa2048 sign,encr never
python3 "$HERE/mails.py" "$LAB"

# An SMTP server that takes everything, and one for POP and IMAP.
in_background $NS python3 -W ignore "$HERE/smtp-server.py" 192.0.2.2 25
mkdir -p "$LAB/mail/cur" "$LAB/mail/new" "$LAB/mail/tmp"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$LAB/tls.key" -out "$LAB/tls.crt" -subj /CN=mail.example.org -days 9999 2> /dev/null
cat > "$LAB/dovecot.conf" <<END
base_dir = $LAB/run
log_path = $LAB/dovecot.log
protocols = imap pop3
listen = 192.0.2.2
mail_location = maildir:$LAB/mail
disable_plaintext_auth = no
first_valid_uid = 1
ssl = yes
ssl_cert = <$LAB/tls.crt
ssl_key = <$LAB/tls.key
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$LAB/mail
}
END
for mail in "$LAB"/*.eml; do sed 's/\r$//' "$mail" > "$LAB/mail/new/$(basename "$mail" .eml)"; done
chown -R nobody:nogroup "$LAB/mail"
in_background $NS dovecot -F -c "$LAB/dovecot.conf"
listening 25; listening 143; listening 993; listening 110

capture smtp
for mail in "$LAB"/*.eml; do
    $NS python3 "$HERE/client.py" smtp "$mail"
done
gpg --export --armor alice@example.org > "$LAB/alice.asc"
gpg --export alice@example.org > "$LAB/alice.gpg"
$NS swaks --server 192.0.2.2 --local-interface 192.0.2.1 --from alice@example.org --to bob@example.org --header 'Subject: by swaks' --body 'My key.' \
    --attach-type application/pgp-keys --attach-name alice.asc --attach "@$LAB/alice.asc" --attach-type application/octet-stream --attach-name alice.gpg --attach "@$LAB/alice.gpg" > /dev/null
capture_end

capture imap
$NS python3 "$HERE/client.py" imap "$LAB/signed.eml"
capture_end

capture pop
$NS python3 "$HERE/client.py" pop
capture_end

capture imaps
rm -f "$HERE/imaps.keys"
for uid in 1 2 3 4 5 6 7 8 9; do
    SSLKEYLOGFILE=$HERE/imaps.keys $NS curl -sk --tls-max 1.2 -u bob:secret "imaps://192.0.2.2/INBOX;UID=$uid" -o /dev/null || true
done
chmod 644 "$HERE/imaps.keys"
capture_end

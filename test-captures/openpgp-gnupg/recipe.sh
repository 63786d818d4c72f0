#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes the keys, signatures and messages with GnuPG, lets Python's web server hand them out to curl on a
# loopback interface of its own, and records that. Needs gpg, curl, python3, dumpcap, editcap, ip; root.
#
# usage: recipe.sh FOLDER
set -euo pipefail

out=$(realpath "$1")
scratch=$(mktemp -d)
export GNUPGHOME=$scratch/home
www=$scratch/www
netns=openpgp-recipe
mkdir -m 700 "$GNUPGHOME"
mkdir "$www"
trap 'gpgconf --kill all; ip netns del $netns 2>/dev/null || true; rm -rf "$scratch"' EXIT

time=20240102T030405
minute=10
g() {
	gpg --batch --no-tty --quiet --yes --pinentry-mode loopback --passphrase '' --trust-model always \
		--faked-system-time "$time!" "$@" 2>>"$scratch/log"
}
# GnuPG does not replace a signature with one of the same second.
edit() {
	minute=$((minute + 1))
	time=$(printf '%s%02d00' "${time:0:11}" $minute)
	printf '%s\n' "${@:2}" | gpg --no-tty --quiet --pinentry-mode loopback --passphrase '' --trust-model always \
		--faked-system-time "$time!" --command-fd 0 --expert --edit-key "$1" >>"$scratch/log" 2>&1
}
fingerprint() {
	gpg --batch --quiet --with-colons --list-keys "$1" 2>/dev/null | awk -F: '/^fpr/ { print $10; exit }'
}

# A key of every algorithm, each with an encryption subkey of its own expiration.
keys() {
	local pair primary subkey
	for pair in rsa2048/rsa3072 dsa2048/elg2048 nistp256/nistp256 nistp384/nistp384 nistp521/nistp521 \
		brainpoolP256r1/brainpoolP256r1 brainpoolP384r1/brainpoolP384r1 brainpoolP512r1/brainpoolP512r1 \
		secp256k1/secp256k1 ed25519/cv25519; do
		primary=${pair%/*} subkey=${pair#*/}
		g --quick-gen-key "Alice ($primary) <alice-$primary@example.org>" "$primary" cert,sign 3y
		g --quick-add-key "$(fingerprint "alice-$primary@")" "$subkey" encr 1y
		g --export "$(fingerprint "alice-$primary@")" > "$www/$primary.pgp"
		g --armor --export "$(fingerprint "alice-$primary@")" > "$www/$primary.asc"
	done
}

# One key with everything that GnuPG can put into it.
rich() {
	local bob alice carol
	printf '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAA//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AN//Z' |
		base64 -d > "$scratch/photo.jpg"
	g --quick-gen-key 'Bob <bob@example.org>' ed25519 cert,sign 0
	bob=$(fingerprint bob@)
	g --quick-add-key "$bob" cv25519 encr 2y
	g --quick-add-key "$bob" ed25519 sign 2y
	g --quick-add-key "$bob" rsa2048 auth 2y
	g --quick-add-uid "$bob" 'Bob Büchner <bob.büchner@example.org>'
	g --quick-add-uid "$bob" 'Bob (old) <bob@example.net>'
	g --quick-gen-key 'Carol <carol@example.org>' nistp256 cert,sign 0
	carol=$(fingerprint carol@)
	alice=$(fingerprint alice-rsa2048@)
	time=20240203T040506
	edit "$bob" addphoto "$scratch/photo.jpg" y save
	edit "$bob" 'keyserver hkps://keys.example.org' save
	edit "$bob" 'notation colour@example.org=blue' save
	edit "$bob" addrevoker "$carol" y save
	g --quick-set-primary-uid "$bob" 'Bob <bob@example.org>'
	g --local-user "$carol" --cert-notation '!check@example.org=seen in person' --cert-policy-url 'https://example.org/policy' \
		--ask-cert-level --default-cert-level 3 --quick-sign-key "$bob" 'Bob <bob@example.org>'
	g --local-user "$alice" --quick-lsign-key "$bob" 'Bob <bob@example.org>'
	printf '%s\n' tsign n 2 1 example.org y save |
		gpg --no-tty --quiet --pinentry-mode loopback --passphrase '' --trust-model always --faked-system-time "$time!" \
			--local-user "$carol" --command-fd 0 --edit-key "$alice" >>"$scratch/log" 2>&1
	time=20240304T050607
	g --quick-revoke-uid "$bob" 'Bob (old) <bob@example.net>'
	edit "$bob" 'key 3' revkey y 3 'no longer in use' '' y save
	g --armor --export-options export-local-sigs --export "$bob" > "$www/bob.asc"
	g --armor --export "$alice" "$carol" > "$www/two.asc"
	g --quick-gen-key 'Dave <dave@example.org>' ed25519 cert,sign 1m
	sed 's/^:-----/-----/' "$GNUPGHOME/openpgp-revocs.d/$(fingerprint dave@).rev" > "$www/revocation.asc"
	g --import "$www/revocation.asc"
	g --armor --export dave@example.org > "$www/revoked.asc"
}

secrets() {
	g --quick-gen-key 'Erin <erin@example.org>' rsa2048 cert,sign 0
	g --quick-add-key "$(fingerprint erin@)" cv25519 encr 0
	g --armor --export-secret-keys erin@example.org > "$www/secret.asc"
	g --armor --export-secret-subkeys erin@example.org > "$www/secret-subkeys.asc"
	gpg --batch --no-tty --quiet --pinentry-mode loopback --passphrase 'example' --faked-system-time "$time!" \
		--quick-gen-key 'Frank <frank@example.org>' dsa2048 cert,sign 0 2>>"$scratch/log"
	gpg --batch --no-tty --quiet --pinentry-mode loopback --passphrase 'example' --faked-system-time "$time!" \
		--armor --export-secret-keys frank@example.org > "$www/secret-locked.asc" 2>>"$scratch/log"
	g --quick-gen-key 'Grace <grace@example.org>' nistp256 cert,sign 0
	g --quick-add-key "$(fingerprint grace@)" elg2048 encr 0
	g --quick-add-key "$(fingerprint grace@)" dsa2048 sign 0
	g --armor --export-secret-keys grace@example.org > "$www/secret-more.asc"
}

messages() {
	printf 'Hello, this is the text.\n- with a dash\nGood bye.\n' > "$scratch/text.txt"
	seq 1 3000 > "$scratch/long.txt"
	cd "$scratch"
	for key in rsa2048 dsa2048 nistp256 ed25519; do
		g --local-user "alice-$key@" --armor --detach-sign -o "$www/$key.sig.asc" text.txt
	done
	g --local-user alice-rsa2048@ --sig-notation 'file@example.org=text' --sig-keyserver-url 'hkp://keys.example.org' \
		--default-sig-expire 7d --detach-sign -o "$www/notation.sig" text.txt
	g --local-user alice-ed25519@ --local-user alice-rsa2048@ --clearsign -o "$www/clearsigned.asc" text.txt
	g --local-user alice-ed25519@ --armor --sign -o "$www/signed.asc" text.txt
	g --local-user alice-ed25519@ --compress-algo none --sign -o "$www/signed-plain.pgp" text.txt
	g --store --compress-algo none --set-filename naïve.txt -o "$www/literal.pgp" text.txt
	g --store --compress-algo zlib -o "$www/zlib.pgp" long.txt
	g --store --compress-algo zip -o "$www/zip.pgp" - < long.txt
	g --store --compress-algo bzip2 -o "$www/bzip2.pgp" text.txt
	g --store --compress-algo none -o "$www/partial.pgp" - < long.txt
	g --armor --recipient alice-rsa2048@ --recipient alice-dsa2048@ --recipient alice-nistp256@ --recipient alice-ed25519@ \
		--encrypt -o "$www/encrypted.asc" text.txt
	g --hidden-recipient alice-rsa2048@ --encrypt -o "$www/hidden.pgp" text.txt
	gpg --batch --no-tty --quiet --pinentry-mode loopback --passphrase 'example' --faked-system-time "$time!" \
		--symmetric -o "$www/symmetric.pgp" text.txt 2>>"$scratch/log"
	gpg --batch --no-tty --quiet --pinentry-mode loopback --passphrase 'example' --faked-system-time "$time!" --rfc2440 \
		--disable-mdc --s2k-mode 1 --cipher-algo 3DES --symmetric -o "$www/old.pgp" text.txt 2>>"$scratch/log"
	cd - > /dev/null
}

# What GnuPG itself says about the same bytes, without any keys to decrypt them.
compare() {
	local file home=$scratch/empty
	mkdir -m 700 "$home"
	for file in "$www"/*; do
		echo "# $(basename "$file")"
		gpg --homedir "$home" --batch --no-tty --quiet --pinentry-mode cancel --list-packets "$file" 2>/dev/null || true
	done > "$out/list-packets.txt"
	for file in "$www"/*; do
		echo "# $(basename "$file")"
		gpg --homedir "$home" --batch --no-tty --quiet --with-colons --with-subkey-fingerprint --show-keys "$file" \
			2>/dev/null || true
	done > "$out/colons.txt"
	gpgconf --homedir "$home" --kill all
}

serve() {
	local file
	cat > "$scratch/server.py" <<-'PYTHON'
		import http.server, pathlib, sys
		class Handler(http.server.SimpleHTTPRequestHandler):
		    protocol_version = "HTTP/1.1"
		    server_version, sys_version = "Example", ""
		    def guess_type(self, path):
		        kind = "signature" if ".sig" in path else "keys" if ".asc" in path or ".pgp" in path else None
		        return f"application/pgp-{kind}"
		http.server.ThreadingHTTPServer(("198.51.100.1", 80), Handler).serve_forever()
	PYTHON
	ip netns add $netns
	ip -n $netns link set lo up mtu 1500
	ip -n $netns address add 192.0.2.1/32 dev lo
	ip -n $netns address add 198.51.100.1/32 dev lo
	ip netns exec $netns dumpcap -q -P -i lo -f 'tcp port 80' -w "$scratch/raw.pcap" 2>>"$scratch/log" &
	local dumpcap=$!
	(cd "$www" && exec ip netns exec $netns python3 "$scratch/server.py" 2>>"$scratch/log") &
	local server=$!
	sleep 2
	for file in "$www"/*; do
		ip netns exec $netns curl --silent --interface 192.0.2.1 -o /dev/null "http://198.51.100.1/$(basename "$file")"
	done
	sleep 1
	kill $dumpcap $server
	wait $dumpcap $server 2>/dev/null || true
	editcap -F pcap "$scratch/raw.pcap" "$out/gnupg.pcap"
}

keys
rich
secrets
messages
compare
serve

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes vectors.txt anew, with a key of its own, by GnuPG 2.4 (2.4.7 of Debian 13): Ed448 keys are of version 5 there.
set -eu
GNUPGHOME=$(mktemp -d)
export GNUPGHOME
cd "$GNUPGHOME"
gpg() {
	command gpg --batch --quiet --pinentry-mode loopback --passphrase= --faked-system-time 20240102T030405! --compliance gnupg "$@"
}
gpg --quick-gen-key 'Vee Five <v5@example.org>' ed448 sign 0
echo data >data.bin
gpg --armor --export >key.asc
gpg --armor --sign --set-filename a.txt -z0 -o inline.asc data.bin
gpg --textmode --armor --sign --set-filename a.txt -z0 -o text.asc data.bin
gpg --clearsign -o clear.asc data.bin
gpg --armor --detach-sign -o detached.asc data.bin
gpgconf --kill all
for name in key inline text clear detached; do
	echo "# $name"
	cat $name.asc
	echo
done

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes vectors.txt anew, with keys of its own, by sq 0.27 (Debian 12).
set -eu
cd "$(mktemp -d)"
sq key generate --userid 'Alice <alice@example.org>' --export alice.pgp
sq key generate --userid 'Bob <bob@example.org>' --export bob.pgp
sq certify --output certified.pgp bob.pgp alice.pgp 'Alice <alice@example.org>'
sq keyring merge --output merged.pgp alice.pgp certified.pgp
sq key attest-certifications --output attested.pgp merged.pgp
echo '# attested'
sq key extract-cert attested.pgp

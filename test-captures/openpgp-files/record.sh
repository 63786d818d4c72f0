#!/bin/bash
# Records the captures of this folder: apt that updates from repositories on this machine, and curl that fetches files by FTP.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Needs root and the Debian 12 packages apt, gnupg, vsftpd, curl, python3, iproute2 and wireshark-common. Everything happens in the
# folder $LAB and a network namespace. usage: record.sh

set -e
HERE=$(cd "$(dirname "$0")" && pwd)
LAB=${LAB:-$(mktemp -d /tmp/openpgp-files-XXXXXX)}
NS="ip netns exec openpgp-files"
export GNUPGHOME=$LAB/gnupg
STARTED=""
chmod 755 "$LAB"
mkdir -m 700 "$GNUPGHOME"

stop_all() {
    gpgconf --kill all 2> /dev/null || true
    for pid in $STARTED; do kill "$pid" 2> /dev/null || true; done
    wait
    ip netns del openpgp-files
}
ip netns add openpgp-files
trap stop_all EXIT
ip -n openpgp-files link set lo up
ip -n openpgp-files link set lo mtu 1500
ip -n openpgp-files addr add 192.0.2.2/32 dev lo
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
    kill -INT "$DUMPCAP"
    wait "$DUMPCAP" || true
    mv "$LAB/new.pcap" "$HERE/$NAME.pcap"
    chmod 644 "$HERE/$NAME.pcap"
}

gpg="gpg --batch --yes --quiet --trust-model always --pinentry-mode loopback --passphrase="
$gpg --quick-generate-key 'Archive <archive@example.org>' ed25519 sign never

# inline has InRelease; apart has Release and Release.gpg; altered likewise, but its Release was changed.
for repository in inline apart altered; do
    dists=$LAB/web/$repository/dists/stable
    mkdir -p "$dists/main/binary-amd64"
    printf 'Package: hello\nVersion: 1\nArchitecture: amd64\nMaintainer: A <a@example.org>\nFilename: hello.deb\nSize: 1\nSHA256: %064d\nDescription: x\n' 0 > "$dists/main/binary-amd64/Packages"
    { printf 'Origin: %s\nSuite: stable\nCodename: stable\nDate: %s\nArchitectures: amd64\nComponents: main\nSHA256:\n' $repository "$(LC_ALL=C date -Ru | sed 's/+0000/UTC/')"
      printf ' %s %s main/binary-amd64/Packages\n' $(sha256sum < "$dists/main/binary-amd64/Packages" | cut -d' ' -f1) $(stat -c %s "$dists/main/binary-amd64/Packages"); } > "$dists/Release"
    $gpg --clearsign -o "$dists/InRelease" "$dists/Release"
    $gpg --armor --detach-sign -o "$dists/Release.gpg" "$dists/Release"
done
rm "$LAB/web/apart/dists/stable/InRelease" "$LAB/web/altered/dists/stable/InRelease"
sed -i 's/^Origin: .*/Origin: somebody/' "$LAB/web/altered/dists/stable/Release"
$gpg --armor --export > "$LAB/web/archive.asc"
$gpg --export > "$LAB/archive.gpg"
chmod -R a+rX "$LAB/web" "$LAB/archive.gpg"

in_background $NS python3 -m http.server --bind 192.0.2.2 --directory "$LAB/web" 80
listening 80
capture apt
$NS curl -s -o /dev/null http://192.0.2.2/archive.asc
mkdir -p "$LAB/apt/lists/partial" "$LAB/apt/cache/archives/partial" "$LAB/apt/parts"
touch "$LAB/apt/status"
for repository in inline apart altered; do
    echo "deb [signed-by=$LAB/archive.gpg arch=amd64] http://192.0.2.2/$repository stable main" > "$LAB/apt/$repository.list"
    $NS apt-get -o Dir::Etc::SourceList="$LAB/apt/$repository.list" -o Dir::Etc::SourceParts="$LAB/apt/parts" -o Dir::Etc::Parts="$LAB/apt/parts" \
        -o Dir::State::Lists="$LAB/apt/lists" -o Dir::State::status="$LAB/apt/status" -o Dir::Cache="$LAB/apt/cache" -o Acquire::Languages=none \
        -o APT::Sandbox::User=root -o Acquire::http::Proxy=DIRECT -o Acquire::By-Hash=no update >> "$LAB/apt.log" 2>&1 || true
done
capture_end

# Files: a key, a keyring of many segments, signatures, a signed text, and one without.
mkdir -p "$LAB/ftp/pub"
for i in $(seq 12); do $gpg --quick-generate-key "Key $i <key$i@example.org>" rsa2048 sign never; done
cp "$LAB/web/archive.asc" "$LAB/ftp/pub/archive.asc"
$gpg --export > "$LAB/ftp/pub/ring.gpg"
$gpg --armor --export > "$LAB/ftp/pub/ring.asc"
seq 20000 > "$LAB/ftp/pub/numbers.txt"
$gpg --detach-sign -o "$LAB/ftp/pub/numbers.txt.sig" "$LAB/ftp/pub/numbers.txt"
cp "$LAB/web/inline/dists/stable/InRelease" "$LAB/ftp/pub/InRelease"
chmod -R a+rX "$LAB/ftp"
mkdir -p /var/run/vsftpd/empty
printf '%s\n' listen=YES listen_address=192.0.2.2 anonymous_enable=YES anon_root="$LAB/ftp" write_enable=NO background=NO seccomp_sandbox=NO pasv_min_port=40000 pasv_max_port=40009 > "$LAB/vsftpd.conf"
in_background $NS vsftpd "$LAB/vsftpd.conf"
listening 21
capture ftp
for file in archive.asc ring.gpg ring.asc numbers.txt numbers.txt.sig InRelease; do
    $NS curl -s -o /dev/null "ftp://192.0.2.2/pub/$file"
done
capture_end

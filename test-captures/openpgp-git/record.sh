#!/bin/bash
# Records the captures of this folder: git against git-http-backend and git daemon, and web pages that show blocks of OpenPGP.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Needs root and the Debian 12 packages git, gnupg, curl, python3, iproute2 and wireshark-common. Everything happens in the folder
# $LAB and a network namespace. usage: record.sh

set -e
HERE=$(cd "$(dirname "$0")" && pwd)
LAB=${LAB:-$(mktemp -d /tmp/openpgp-git-XXXXXX)}
NS="ip netns exec openpgp-git"
export GNUPGHOME=$LAB/gnupg HOME=$LAB GIT_CONFIG_NOSYSTEM=1
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy
STARTED=""
chmod 755 "$LAB"
mkdir -m 700 "$GNUPGHOME"

stop_all() {
    gpgconf --kill all 2> /dev/null || true
    for pid in $STARTED; do kill "$pid" 2> /dev/null || true; done
    wait
    ip netns del openpgp-git
}
ip netns add openpgp-git
trap stop_all EXIT
ip -n openpgp-git link set lo up
ip -n openpgp-git link set lo mtu 1500
ip -n openpgp-git addr add 192.0.2.2/32 dev lo
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
$gpg --quick-generate-key 'Maintainer <maintainer@example.org>' ed25519 sign never
$gpg --with-colons --list-keys > "$HERE/colons.txt"
git config --global user.name Maintainer
git config --global user.email maintainer@example.org
git config --global user.signingKey maintainer@example.org
git config --global init.defaultBranch main
git config --global safe.directory '*'

# A repository with a key, a text that shows the beginning of one, signed commits and a signed tag.
work=$LAB/work
git init -q "$work"
cd "$work"
$gpg --armor --export > key.asc
printf 'Export it:\n\n    -----BEGIN PGP PUBLIC KEY BLOCK-----\n\n    mDMEY...\n    -----END PGP PUBLIC KEY BLOCK-----\n' > README
git add . && git commit -q -S -m 'The key of the maintainer'
head -c 20000 /dev/urandom > noise && git add . && git commit -q -S -m 'Noise'
git tag -s -m 'Release 1' v1
git clone -q --bare "$work" "$LAB/served/project.git"
git -C "$LAB/served/project.git" config http.receivepack true
git -C "$LAB/served/project.git" config receive.certNonceSeed secret
git -C "$LAB/served/project.git" config daemon.receivepack true
git -C "$LAB/served/project.git" update-server-info

# Pages and raw objects, as a web view of a repository serves them.
web=$LAB/web
mkdir -p "$web"
cp -r "$LAB/served/project.git" "$web/dumb.git"
page() { printf '<!DOCTYPE html><html><head><title>%s</title></head><body>\n%s\n<pre>\n' "$1" "$2"; sed 's/&/\&amp;/g;s/</\&lt;/g'; printf '</pre></body></html>\n'; }
page 'Our key' '<p>Import this:</p>' < key.asc > "$web/key.html"
page 'How to make a key' '<p>gpg --export writes -----BEGIN PGP PUBLIC KEY BLOCK----- and then lines.</p>' < README > "$web/tutorial.html"
git cat-file tag v1 > "$web/tag.txt"
git cat-file commit v1^0 > "$web/commit.txt"
git format-patch -q --stdout --root v1 -- key.asc README > "$web/patch.txt"
{ echo "<p>Line by line, with numbers, as web views have it:</p><table>"; n=0; while read -r line; do n=$((n + 1)); echo "<tr><td>$n</td><td class=\"code\">$line</td></tr>"; done < key.asc; echo "</table>"; } > "$web/lines.html"

cat > "$LAB/serve.py" << 'END'
import os, subprocess, sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer


class Handler(SimpleHTTPRequestHandler):
    """Files of the folder, and git-http-backend below /git/."""
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        return self.git() if self.path.startswith("/git/") else super().do_GET()

    def do_POST(self):
        self.git()

    def git(self):
        path, _, query = self.path[4:].partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        environment = dict(os.environ, REQUEST_METHOD=self.command, PATH_INFO=path, QUERY_STRING=query, GIT_HTTP_EXPORT_ALL="1",
                           GIT_PROJECT_ROOT=sys.argv[2], CONTENT_TYPE=self.headers.get("Content-Type", ""), CONTENT_LENGTH=str(len(body)),
                           HTTP_CONTENT_ENCODING=self.headers.get("Content-Encoding", ""), GIT_PROTOCOL=self.headers.get("Git-Protocol", ""),
                           REMOTE_USER="maintainer", REMOTE_ADDR="192.0.2.2")
        answer = subprocess.run(["git", "http-backend"], input=body, stdout=subprocess.PIPE, env=environment).stdout
        head, _, body = answer.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.send_response(int(fields.pop("Status", "200").split()[0]))
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


os.chdir(sys.argv[1])
ThreadingHTTPServer(("192.0.2.2", 80), Handler).serve_forever()
END
in_background $NS python3 "$LAB/serve.py" "$web" "$LAB/served"
in_background $NS git daemon --reuseaddr --export-all --enable=receive-pack --listen=192.0.2.2 --base-path="$LAB/served"
listening 80
listening 9418

git_in() { GIT_TERMINAL_PROMPT=0 $NS git "$@" >> "$LAB/git.log" 2>&1; }
capture git
for how in '-c protocol.version=2' '-c protocol.version=0'; do
    git_in $how clone http://192.0.2.2/git/project.git "$LAB/clone$((++clones))"
done
git_in clone http://192.0.2.2/dumb.git "$LAB/dumb"
git_in clone git://192.0.2.2/project.git "$LAB/daemon"
# Pushes, with a certificate that is signed, too.
push() {
    cd "$1"
    printf '%s\n' "$2" >> README && git commit -q -S -a -m "$2" && git tag -s -m "$2" "$2"
    git_in push $3 origin main "$2"
}
push "$LAB/clone1" v2
(cd "$LAB/clone1" && git_in pull) && push "$LAB/clone1" v3 --signed
(cd "$LAB/daemon" && git_in pull) && push "$LAB/daemon" v4 --signed
capture_end

capture pages
for file in key.html tutorial.html lines.html tag.txt commit.txt patch.txt dumb.git/info/refs; do
    $NS curl -s -o /dev/null "http://192.0.2.2/$file"
done
$NS curl -s --compressed -o /dev/null "http://192.0.2.2/key.html"
capture_end

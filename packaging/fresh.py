#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Installs Gapfill as README says in a fresh Debian, in each way and as each kind of user, and says how long that takes.

    packaging/fresh.py [--dist FOLDER] [--log FOLDER] ROOT [WAY-USER...]

ROOT is what `debootstrap --variant=minbase --include=ca-certificates,git,sudo bookworm ROOT` (or trixie) made; nothing is changed in it.
The FOLDER of --dist has what packaging/release.sh made; --log is where transcripts go. WAY-USER is tarball-root, tarball-sudo, tarball-user,
deb-root, deb-sudo, source-root, source-sudo or source-user; without any, all of them. `sudo` is a user who may use sudo, `user` one who may not.

Timed is all from the download to the output of the first filter, which is compared, as is what the installer says. Times are the clock's, and in
brackets the processor's. Tarball and package are for who has Wireshark: tshark is installed before. Needs root, and a network for
Debian's packages.
"""

import argparse
import contextlib
import functools
import http.server
import os
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
import typing
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
WAYS = [f"{way}-{user}" for way in ("tarball", "deb", "source") for user in ("root", "sudo", "user") if (way, user) != ("deb", "user")]
SERIES = {"12": "4.0", "13": "4.4"}
CAPTURE = "ftp-servers/vsftpd-refused.pcap"
FILTER = "tshark -2 -r trace.pcap -Y ftp_session.outcome -T fields -e frame.number -e ftp_session.outcome"
ROWS = ["17\trefused", "24\tunused", "42\trefused", "49\tunused"]

# In a mount namespace of its own: the root with a layer above it that takes what is written.
ENTER = """
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/root"
cd "$2/root"
mkdir -p .old
pivot_root . .old
mount -t proc proc /proc
mount --rbind /.old/dev /dev
umount -l /.old
exec su --login --shell /bin/bash "$3" --command "$4"
"""


class Took(typing.NamedTuple):
    """Seconds by the clock on the wall, and of the processor."""
    wall: float
    processor: float

    def __str__(self):
        return f"{self.wall:.1f} s ({self.processor:.1f} s)"


def processor_time():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Machine:
    """A fresh system; what commands print goes to the transcript, each command with what it took."""

    def __init__(self, root, layer, transcript):
        self.root, self.layer, self.transcript = root, layer, transcript
        for name in ("upper", "work", "root"):
            (layer / name).mkdir()
        self.said = ""

    def run(self, user, command, status=0):
        started, before = time.monotonic(), processor_time()
        done = subprocess.run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "bash", "-ec", ENTER, "enter", self.root, self.layer, user,
                               command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", stdin=subprocess.DEVNULL)
        took = Took(time.monotonic() - started, processor_time() - before)
        self.said = done.stdout
        print(f"{user}$ {command}\n{done.stdout}[{took}, status {done.returncode}]\n", file=self.transcript, flush=True)
        if done.returncode != status:
            raise SystemExit(f"{command}: status {done.returncode}, see {self.transcript.name}")
        return took

    def expect(self, *patterns):
        for pattern in patterns:
            if not re.search(pattern, self.said, re.M):
                raise SystemExit(f"nothing like {pattern!r} is said, see {self.transcript.name}")


@contextlib.contextmanager
def served(folder):
    """The address at which the folder can be downloaded from."""
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def prepare(machine, way):
    """Users, and what somebody who takes this way has already."""
    machine.run("root", "useradd -m anna && useradd -m berta && echo 'berta ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/berta && apt-get -q update")
    if way != "source":
        machine.run("root", "DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends tshark wget")
    for home in ("/root", "/home/anna", "/home/berta"):
        folder = machine.layer / "upper" / home[1:]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "trace.pcap").write_bytes((TOP / "test-captures" / CAPTURE).read_bytes())


def first_filter(machine, user, where="."):
    took = machine.run(user, f"cd {where} && {FILTER}")
    rows = [line for line in machine.said.splitlines() if "Running as user" not in line]
    if rows != ROWS:
        raise SystemExit(f"the first filter shows something else, see {machine.transcript.name}")
    return took


def by_tarball(machine, user, version, site, series):
    folder = f"gapfill-{version}-wireshark-{series}-linux-x86_64"
    option = " --system" if user == "berta" else ""
    took = machine.run(user, f"wget -q {site}/{folder}.tar.gz && tar -xf {folder}.tar.gz && cd {folder} && ./install-plugins.sh{option}")
    machine.expect(rf"^Installed in .*{'.local/lib' if user == 'anna' else 'usr/lib'}.*, and loaded by Wireshark {series}", "^The profile Gapfill is in")
    yield took
    yield first_filter(machine, user)
    machine.run(user, f"cd {folder} && ./install-plugins.sh{option} --uninstall")
    machine.expect("^Removed:")


def by_deb(machine, user, version, site, series):
    release = next(number for number, known in SERIES.items() if known == series)
    file, sudo = f"wireshark-gapfill_{version}-0deb{release}_amd64.deb", "sudo " if user == "berta" else ""
    took = machine.run(user, f"cd /tmp && wget -q {site}/{file} && {sudo}env DEBIAN_FRONTEND=noninteractive apt-get install -q -y ./{file}")
    machine.expect("^Setting up wireshark-gapfill")
    yield took
    yield first_filter(machine, user)
    machine.run(user, f"{sudo}apt-get remove -q -y wireshark-gapfill")
    machine.expect("^Removing wireshark-gapfill")


def by_source(machine, user, version, site, series):
    machine.run(user, f"git clone -q {site}/gapfill.git gapfill")
    if user == "anna":
        machine.run(user, "cd gapfill && ./install.sh", status=1)
        machine.expect(r"sudo is not allowed here; have root run: apt-get install cmake |run this as root first: apt-get install cmake ")
        packages = re.search(r"apt-get install (.*)", machine.said)[1]
        yield machine.run("root", f"DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends {packages}")
    yield machine.run(user, "cd gapfill && ./install.sh")
    machine.expect(rf"^Installed in .*, and loaded by Wireshark {series}", "^discard: ", "^whole-session: ", "^The profile Gapfill is in")
    yield first_filter(machine, user)
    machine.run(user, "cd gapfill && ./install.sh --uninstall")
    machine.expect("^Removed:")


def try_way(root, layer, log, version, site, chosen):
    way, kind = chosen.split("-")
    user = {"root": "root", "sudo": "berta", "user": "anna"}[kind]
    release = (root / "etc/debian_version").read_text().partition(".")[0]
    with (log / f"{release}-{chosen}.log").open("w") as transcript:
        machine = Machine(root, layer, transcript)
        prepare(machine, way)
        times = list({"tarball": by_tarball, "deb": by_deb, "source": by_source}[way](machine, user, version, site, SERIES[release]))
    wall = sum(took.wall for took in times)
    print(f"Debian {release}, {chosen}: {Took(wall, sum(took.processor for took in times))} = {' + '.join(map(str, times))}", flush=True)
    if way != "source" and wall >= 60:
        raise SystemExit("that is more than a minute")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dist", type=Path, default=TOP / "dist")
    parser.add_argument("--log", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("root", type=Path)
    parser.add_argument("ways", nargs="*", choices=[*WAYS, []])
    chosen = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("needs root")
    chosen.log.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=chosen.root.resolve().parent) as folder:
        site = Path(folder) / "site"
        site.mkdir()
        for file in chosen.dist.iterdir():
            (site / file.name).symlink_to(file.resolve())
        subprocess.run(["git", "clone", "-q", "--bare", TOP, site / "gapfill.git"], check=True)
        subprocess.run(["git", "-C", site / "gapfill.git", "update-server-info"], check=True)
        version = re.search(r"^project\(gapfill VERSION (\S+)", (TOP / "CMakeLists.txt").read_text(), re.M)[1]
        with served(site) as address:
            for way in chosen.ways or WAYS:
                layer = Path(folder) / way
                layer.mkdir()
                try_way(chosen.root.resolve(), layer, chosen.log, version, address, way)


if __name__ == "__main__":
    main()

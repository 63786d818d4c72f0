# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/batch.md: its commands print what stands there; a killed run goes on; a second machine gives the same rows."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

from harness.tshark import TOP

pytestmark = pytest.mark.one_series
TEXT = (TOP / "docs/batch.md").read_text()
COMMAND = re.compile(r"^( +)\$ (.*)\n((?:\1(?!\$).*\n)*)", re.M)
ROWS = next(command for _, command, _ in COMMAND.findall(TEXT) if command.startswith("parallel"))
OUTCOMES = ("ftp_session.outcome", "hkp.outcome", "acme.outcome")


@pytest.fixture
def run(ws, tmp_path):
    """Runs a command as a user would, whose tshark is this Wireshark's with the plugins."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "day").mkdir()
    program = tmp_path / "bin/tshark"
    program.write_text(f"#!/bin/sh\nexec {shlex.join(ws.command('tshark'))} \"$@\"\n")
    program.chmod(0o755)
    environment = {"PATH": f"{program.parent}:/usr/bin:/bin", "gapfill": str(TOP), "HOME": str(tmp_path), "LC_ALL": "C.UTF-8",
                   "PYTHONDONTWRITEBYTECODE": "1"}

    def run(command, **more):
        return subprocess.run(["bash", "-c", command], cwd=tmp_path / "day", env={**environment, **more}, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=200)
    run.environment, run.folder = environment, tmp_path / "day"
    return run


def put_captures(run, *kept):
    """The document's; only these are kept."""
    for _, command, _ in COMMAND.findall(TEXT)[:6]:
        assert run(command).returncode == 0, command
    for capture in (run.folder / "captures").iterdir():
        if capture.stem not in kept:
            capture.unlink()


def all_rows(folder):
    return sorted(line for file in folder.glob("*.ndjson") for line in file.read_text().splitlines())


def test_commands_print_what_stands_there(run):
    for indent, command, printed in COMMAND.findall(TEXT):
        done = run(command)
        assert done.returncode == (1 if command == ROWS else 0), (command, done.stderr)     # one capture is damaged
        assert done.stdout.splitlines() == [line.removeprefix(indent) for line in printed.splitlines()], command
    properties = json.loads((run.folder / "mapping.json").read_text())["mappings"]["properties"]
    found = list(map(json.loads, (run.folder / "rows.ndjson").read_text().splitlines()))
    assert {row["kind"] for row in found} == {"ftp_session", "hkp", "acme"}
    for row in found:
        for name, value in row.items():
            for one in value if isinstance(value, list) else [value]:
                assert fits(properties[name]["type"], one), (name, one)


def fits(kind, value):
    """Whether Elasticsearch takes the value for the type."""
    if kind in ("long", "unsigned_long"):
        return re.fullmatch(r"\d+", str(value))
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "double":
        return float(value) >= 0
    if kind in ("date", "date_nanos"):
        return re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,9}(Z|\+00:00)", value)
    if kind == "ip":
        return socket.inet_pton(socket.AF_INET6 if ":" in value else socket.AF_INET, value)
    return isinstance(value, str)


def test_a_row_for_each_thing_also_where_a_packet_ends_two(ws, captures):
    """One run of rows.py for each capture against the fields, one value each, that tshark prints."""
    several = 0
    for capture in (captures / "acme-api/caddy.pcap", captures / "ftp-servers/vsftpd-commands.pcap", captures / "acme-http01/http01-failures.pcap"):
        told = ws.rows(capture, ["frame.number", *OUTCOMES], " || ".join(OUTCOMES), two_pass=True)
        printed = ws.tshark(capture, "-2", "-Y", " || ".join(OUTCOMES), "-T", "ek")
        made = subprocess.run([sys.executable, "-B", TOP / "batch/rows.py", "x"], input=printed, capture_output=True, text=True, check=True).stdout
        found = [(row["frame"], row["outcome"]) for row in map(json.loads, made.splitlines())]
        assert sorted(found) == sorted((int(frame), value) for frame, *values in told for value in ",".join(filter(None, values)).split(","))
        several += len(found)
    assert several > 20


def test_conversations_only_where_they_are_wanted(run):
    put_captures(run, "vsftpd-refused")
    command = "batch/rows.sh captures/vsftpd-refused.pcap | jq -r .kind | sort | uniq -c"
    assert run(command).stdout.split() == ["4", "ftp_session"]
    found = run(command, WANTED="session.outcome").stdout.split()
    assert found[1:] == ["session"] and int(found[0]) > 3


def test_a_killed_run_goes_on(run):
    put_captures(run, "cut", "http01", "sks-gpg", "vsftpd-commands", "vsftpd-refused")
    process = subprocess.Popen(["bash", "-c", "exec " + ROWS.replace("--bar", "--jobs 1")], cwd=run.folder, env=run.environment,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    log = run.folder / "rows.log"
    until = time.monotonic() + 100
    while time.monotonic() < until and not (log.exists() and len(log.read_text().splitlines()) > 2):
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert 2 <= len(log.read_text().splitlines()[1:]) < 5
    run(ROWS)
    done = sorted(int(line.split("\t")[0]) for line in log.read_text().splitlines()[1:])
    assert done == [1, 1, 2, 3, 4, 5]    # the damaged one was tried again
    found = all_rows(run.folder / "rows")
    log.unlink()
    run(ROWS)
    assert found and found == all_rows(run.folder / "rows"), done.stderr


def stand_in_for_ssh(folder, environment):
    """A program that has ssh's arguments, and runs the command here in another home."""
    program = folder / "ssh"
    program.write_text("#!/bin/sh\nwhile case ${1-} in *.example.org) false;; esac; do shift; done\nshift\n[ \"$1\" != -- ] || shift\n"
                       f"cd {folder} && exec env -i PATH={environment['PATH']} LC_ALL=C.UTF-8 HOME={folder} SHELL=/bin/sh sh -c \"$*\"\n")
    program.chmod(0o755)
    return str(program)


def second_sshd(folder, environment):
    """A server on loopback under the names of the document's machines: the process, and the command that is ssh to it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    (folder / "sshd_config").write_text(f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\n"
                                        f"StrictModes no\nUsePAM no\nPidFile none\nSetEnv PATH={environment['PATH']} LC_ALL=C.UTF-8\n")
    (folder / "config").write_text(f"Host *.example.org\n  HostName 127.0.0.1\n  Port {port}\n  IdentityFile {folder}/user\n  LogLevel ERROR\n"
                                   "  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n")
    if os.geteuid() == 0:
        os.makedirs("/run/sshd", exist_ok=True)
    return subprocess.Popen(["/usr/sbin/sshd", "-D", "-f", folder / "sshd_config"], stderr=subprocess.DEVNULL), f"ssh -F {folder}/config"


@pytest.fixture(params=["stand-in for ssh", "second sshd"])
def ssh(request, run, tmp_path):
    folder = tmp_path / "there"
    folder.mkdir(mode=0o700)
    if request.param == "stand-in for ssh":
        yield stand_in_for_ssh(folder, run.environment)
    elif not os.path.exists("/usr/sbin/sshd"):
        pytest.skip("no OpenSSH server is installed, which test.sh leaves to the user")
    else:
        server, command = second_sshd(folder, run.environment)
        yield command
        server.terminate()
        server.wait()


def test_several_machines_give_the_same_rows(run, ssh):
    put_captures(run, "cut", "http01", "sks-gpg", "vsftpd-refused")
    command = re.search(r"^    (parallel --sshlogin (?:.*\\\n)+.*)", TEXT, re.M)[1]
    done = run(command.replace(":,", "").replace("gapfill-rows", str(run.folder.parent / "there/rows")), PARALLEL_SSH=ssh)
    found = all_rows(run.folder)
    hosts = [line.split("\t")[1] for line in (run.folder / "rows.log").read_text().splitlines()[1:]]
    assert len(hosts) == 4 and set(hosts) == {"one.example.org", "two.example.org"}, done.stderr
    (run.folder / "rows.log").unlink()
    run(ROWS)
    assert found and found == all_rows(run.folder / "rows"), done.stderr

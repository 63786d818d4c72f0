# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs packaging/release.sh on a clone of the repository, as far as it is committed."""

import subprocess

from harness.tshark import TOP


def clone(folder):
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", TOP, folder], check=True)
    return folder


def release(tree, *options):
    done = subprocess.run([tree / "packaging/release.sh", *options], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=1500)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout.split()

# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs packaging/release.sh on a clone of the repository, as far as it is committed."""

import os
import subprocess

from harness.tshark import TOP


def clone(folder):
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", "--no-tags", TOP, folder], check=True)
    return folder


def release(tree, *options):
    """Compiles each time, also where test.sh has ccache keep what was compiled."""
    environment = {name: value for name, value in os.environ.items() if name != "CMAKE_C_COMPILER_LAUNCHER"}
    done = subprocess.run([tree / "packaging/release.sh", *options], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=1500, env=environment)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout.split()

# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs one Wireshark's command-line tools, unprivileged, with the plugins of one build."""

import os
import subprocess
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("GAPFILL_BUILD", TOP / "build"))
ROOTS = TOP / "build" / "roots"
SHARED = TOP.parent / "shared" / "captures"
SERIES = ("4.0", "4.4", "4.6")
FIELD_END = "\x1f"
ITEM_END = "\x1e"


def _host_series():
    try:
        out = subprocess.run(["tshark", "--version"], capture_output=True, text=True).stdout
    except FileNotFoundError:
        return None
    return ".".join(out.split("(Wireshark) ", 1)[1].split(".")[:2]) if "(Wireshark) " in out else None


HOST_SERIES = _host_series()


class Wireshark:
    """One Wireshark series with the plugins built for it.

    Every tool runs as uid 1000 in a user namespace: Wireshark ignores WIRESHARK_PLUGIN_DIR for uid 0.
    """

    def __init__(self, series, plugins=True, plugin_dir=None):
        self.series = series
        self.root = Path("/") if series == HOST_SERIES else ROOTS / series
        self.plugin_dir = plugin_dir or (BUILD / series / "plugins" if plugins else Path("/nonexistent"))
        self.env = {}

    def without_plugins(self):
        return Wireshark(self.series, plugins=False)

    @property
    def version(self):
        return tuple(int(n) for n in self.series.split("."))

    def command(self, tool, *args, binds=()):
        cmd = ["bwrap"]
        if self.root == Path("/"):
            cmd += ["--ro-bind", "/", "/"]
        else:
            cmd += ["--ro-bind", str(self.root / "usr"), "/usr"]
            for name in ("bin", "sbin", "lib", "lib64"):
                cmd += ["--symlink", "usr/" + name, "/" + name]
            for d in dict.fromkeys([str(TOP.parent), *map(str, binds)]):
                cmd += ["--ro-bind", d, d]
        cmd += ["--dev", "/dev", "--proc", "/proc", "--bind", "/tmp", "/tmp"]
        cmd += ["--unshare-user", "--uid", "1000", "--gid", "1000", "--setenv", "HOME", "/tmp", "--setenv", "TZ", "UTC",
                "--setenv", "LC_ALL", "C.UTF-8", "--setenv", "WIRESHARK_PLUGIN_DIR", str(self.plugin_dir),
                "--setenv", "WIRESHARK_CONFIG_DIR", "/nonexistent"]
        for name, value in self.env.items():
            cmd += ["--setenv", name, value]
        return [*cmd, "/usr/bin/" + tool, *map(str, args)]

    def run(self, tool, *args, check=True, timeout=300, text=True, **kwargs):
        done = subprocess.run(self.command(tool, *args), capture_output=True, timeout=timeout, **kwargs)
        if check and done.returncode != 0:
            raise AssertionError(f"{tool} {args} exits {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
        return done.stdout.decode(errors="replace") if text else done.stdout

    def tshark(self, capture, *args, **kwargs):
        return self.run("tshark", "-n", "-r", capture, *args, **kwargs)

    def rows(self, capture, fields, display_filter=None, two_pass=False, options=()):
        """The values of the fields, a tuple a packet; several occurrences are joined with a comma."""
        args = ["-T", "fields", "-E", f"separator={FIELD_END}", "-E", "aggregator=,", *options]
        for field in fields:
            args += ["-e", field]
        if two_pass:
            args.append("-2")
        if display_filter:
            args += ["-Y", display_filter]
        return [tuple(line.split(FIELD_END)) for line in self.tshark(capture, *args).splitlines()]

    def frames(self, capture, display_filter, two_pass=False, options=()):
        """The numbers of the frames that the filter matches."""
        return [int(r[0]) for r in self.rows(capture, ["frame.number"], display_filter, two_pass, options)]

    def count(self, capture, display_filter, two_pass=False, options=()):
        return len(self.frames(capture, display_filter, two_pass, options))

    def plugins(self):
        """The names of the plugins that are loaded, without .so."""
        lines = self.run("tshark", "-G", "plugins").splitlines()
        return {line.split("\t")[0].strip().removesuffix(".so") for line in lines}

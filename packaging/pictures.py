#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the pictures of docs/img: Wireshark's window without and with the plugins, on captures of test-captures.

    packaging/pictures.py [--into FOLDER] [NAME...]

Takes the plugins in build/ for the Wireshark of this machine. Needs its window, Xvfb, xdotool and ImageMagick:
apt-get install wireshark xvfb xdotool imagemagick.
"""

import argparse
import contextlib
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP / "pytest"))

from harness.tshark import HOST_SERIES, Wireshark  # noqa: E402

WIDTH, HEIGHT = 1280, 500
TOOLS = ("wireshark", "Xvfb", "xdotool", "import", "convert")
OPTIONS = ("-o", "gui.update.enabled:FALSE", "-o", "gui.layout_content_3:NONE")

# Name: capture, key log or None, filter, frame, keys pressed in the details.
PICTURES = {
    "ftp": ("ftp-servers/vsftpd-curl-tls.pcap", "ftp-servers/vsftpd-curl-tls.keys", "frame.number >= 36 && frame.number <= 58", 57, ()),
    "acme": ("acme-http01/http01-failures.pcap", None, "http", 10, ()),
    "mpls": ("ldp-frr/ldp-frr.pcap", None, "mpls", 204, ("Home", "Down", "Down", "Down", "Right", "Up", "Right")),
    "openpgp": ("openpgp-gnupg/gnupg.pcap", None, "http", 8, ("End", "Right", "Down", "Right", "End")),
}


def missing_tools():
    return [tool for tool in TOOLS if not shutil.which(tool)]


@contextlib.contextmanager
def display():
    """The name of an X server of its own.

    It does not begin anew when its last client leaves, which would turn away those that come at that moment.
    """
    server = subprocess.Popen(["Xvfb", "-displayfd", "1", "-noreset", "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-dpi", "96"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        yield ":" + server.stdout.readline().decode().strip()
    finally:
        server.terminate()
        server.wait()


def configuration(folder, details):
    """A folder of preferences: the profile, and a window of our size."""
    shutil.copytree(TOP / "profile/Gapfill", folder / "profiles/Gapfill", dirs_exist_ok=True)
    widths = (TOP / "profile/Gapfill/recent").read_text()
    for profile in (folder, folder / "profiles/Gapfill"):
        (profile / "recent").write_text(f"{widths}\ngui.geometry_main_upper_pane: {100 if details else HEIGHT}\n")
    (folder / "recent_common").write_text(f"gui.geometry_main_x: 0\ngui.geometry_main_y: 0\ngui.geometry_main_width: {WIDTH}\n"
                                          f"gui.geometry_main_height: {HEIGHT}\n")
    subprocess.run(["chmod", "-R", "a+rwX", folder], check=True)
    return folder


def xdotool(screen, *arguments):
    return subprocess.run(["xdotool", *map(str, arguments)], env={"DISPLAY": screen, "PATH": "/usr/bin:/bin"}, capture_output=True, text=True).stdout


def wait_for_window(screen, title, process):
    """Until the window shows the capture."""
    until = time.monotonic() + 120
    while not xdotool(screen, "search", "--name", title):
        if process.poll() is not None or time.monotonic() > until:
            raise SystemExit(f"no window with {title}")
        time.sleep(0.3)


def still(screen, file):
    """A picture of the screen once it does not change any more."""
    before = None
    for _ in range(60):
        time.sleep(1)
        subprocess.run(["import", "-display", screen, "-window", "root", "-depth", "8", file], check=True)
        if before == file.read_bytes():
            return
        before = file.read_bytes()
    raise SystemExit("the window does not come to rest")


def take(screen, folder, name, plugins, file):
    capture, keys, display_filter, frame, pressed = PICTURES[name]
    details = bool(pressed)
    arguments = [*OPTIONS, *(() if details else ("-o", "gui.layout_content_2:NONE")),
                 *(("-o", f"tls.keylog_file:{TOP}/test-captures/{keys}") if keys else ()), *(("-C", "Gapfill") if plugins else ()),
                 "-n", "-r", TOP / "test-captures" / capture, "-Y", display_filter, "-g", frame]
    ws = Wireshark(HOST_SERIES, plugins=plugins, env={
        "DISPLAY": screen, "QT_QPA_PLATFORM": "xcb", "WIRESHARK_CONFIG_DIR": str(configuration(folder, details))})
    process = subprocess.Popen(ws.command("wireshark", *arguments), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for_window(screen, Path(capture).name, process)
        time.sleep(1)
        if details:
            xdotool(screen, "mousemove", WIDTH // 2, HEIGHT - 60, "click", 1)
        for key in pressed:
            xdotool(screen, "key", key)
        still(screen, file)
    finally:
        process.kill()
        process.wait()
    subprocess.run(["convert", file, "-strip", "-colors", "128", "-define", "png:compression-level=9", "PNG8:" + str(file)], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--into", type=Path, default=TOP / "docs/img")
    parser.add_argument("names", nargs="*", choices=[*PICTURES, []])
    chosen = parser.parse_args()
    missing = missing_tools()
    if missing:
        sys.exit(f"not installed: {', '.join(missing)}")
    chosen.into.mkdir(parents=True, exist_ok=True)
    for name in chosen.names or PICTURES:
        for plugins, when in ((False, "before"), (True, "after")):
            with display() as screen, tempfile.TemporaryDirectory() as folder:
                file = chosen.into / f"{name}-{when}.png"
                take(screen, Path(folder), name, plugins, file)
                print(file)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: GPL-2.0-or-later
"""Wireshark's window: what only it does with the tables, which is to clear them and fill them again while they are open."""

import subprocess
import sys
import time

import pytest

from harness.tshark import HOST_SERIES, TOP, Wireshark

sys.path.append(str(TOP / "packaging"))

import pictures  # noqa: E402

pytestmark = pytest.mark.static
CAPTURES = ("ftp-servers/vsftpd-commands.pcap", "openpgp-gnupg/gnupg.pcap", "ldp-frr/ldp-frr.pcap", "acme-http01/http01-failures.pcap")
TABLES = {"ftp_session,transfers": "FTP Transfers", "ftp_session,files": "FTP Files", "openpgp,keys": "OpenPGP Keys",
          "ldp_binding,table": "LDP Label Bindings", "ldp_binding,pseudowires": "LDP Pseudowires", "acme,verdicts": "ACME Verdicts",
          "acme,perspectives": "ACME Perspectives", "session,table": "Whole Sessions"}
APPLY = (-52, -53)      # the button, from the lower right corner of a table's window


class Windows:
    """The windows of tables, by title."""

    def __init__(self, screen, folder):
        self.screen, self.folder, self.ids, self.said = screen, folder, {}, folder / "said"

    def ask(self, *arguments):
        return pictures.xdotool(self.screen, *arguments).strip()

    def find(self, titles, process):
        until = time.monotonic() + 120
        while len(self.ids) < len(titles):
            assert process.poll() is None and time.monotonic() < until, f"windows: {self.ids}\n{self.said.read_text()}"
            for title in titles:
                found = self.ask("search", "--onlyvisible", "--name", f"· {title} ·").split()
                if found:
                    self.ids[title] = found[0]
            time.sleep(0.3)

    def picture(self, title):
        file = self.folder / f"{title}.png"
        self.ask("windowraise", self.ids[title])
        time.sleep(0.3)
        subprocess.run(["import", "-display", self.screen, "-window", self.ids[title], "-depth", "8", file], check=True)
        return file.read_bytes()

    def at_rest(self, title):
        """Its picture, once it does not change any more."""
        before = None
        for _ in range(30):
            now = self.picture(title)
            if now == before:
                return now
            before = now
            time.sleep(0.5)
        raise AssertionError(f"{title} does not come to rest")

    def apply(self, title):
        """Has the table read the capture again, and returns its picture."""
        geometry = dict(line.split("=") for line in self.ask("getwindowgeometry", "--shell", self.ids[title]).split("\n"))
        self.ask("windowraise", self.ids[title])
        time.sleep(0.3)
        self.ask("mousemove", "--window", self.ids[title], int(geometry["WIDTH"]) + APPLY[0], int(geometry["HEIGHT"]) + APPLY[1], "click", 1)
        time.sleep(0.5)
        return self.at_rest(title)


def ink(folder, title):
    """How much of a picture is dark."""
    done = subprocess.run(["convert", folder / f"{title}.png", "-colorspace", "Gray", "-threshold", "50%", "-format", "%[fx:(1-mean)*w*h]", "info:"],
                          capture_output=True, text=True, check=True)
    return float(done.stdout)


def test_tables_are_filled_anew_when_the_capture_is_read_again(window, tmp_path):
    capture = tmp_path / "all.pcapng"
    subprocess.run(["mergecap", "-a", "-w", capture, *(TOP / "test-captures" / name for name in CAPTURES)], check=True)
    tmp_path.chmod(0o755)
    configuration = tmp_path / "configuration"
    configuration.mkdir()
    configuration.chmod(0o777)
    with pictures.display() as screen:
        ws = Wireshark(HOST_SERIES, env={"DISPLAY": screen, "QT_QPA_PLATFORM": "xcb", "WIRESHARK_CONFIG_DIR": str(configuration)})
        options = [word for table in TABLES for word in ("-z", table)]
        windows = Windows(screen, tmp_path)
        with open(windows.said, "w") as said:
            process = subprocess.Popen(ws.command("wireshark", *pictures.OPTIONS, "-n", "-r", capture, *options, binds=[tmp_path]),
                                       stdout=subprocess.DEVNULL, stderr=said)
        try:
            windows.find(TABLES.values(), process)
            # While the capture is loaded, Wireshark fills the first table alone.
            empty = {title: ink(tmp_path, title) for title in windows.ids if windows.at_rest(title)}
            first = {title: windows.apply(title) for title in windows.ids}
            assert [title for title in list(TABLES.values())[1:] if ink(tmp_path, title) < empty[title] + 100] == []
            assert {title: windows.apply(title) for title in windows.ids} == first and process.poll() is None
        finally:
            process.kill()
            process.wait()


def test_the_display_stays_as_its_last_client_left_it(window):
    with pictures.display() as screen:
        pictures.xdotool(screen, "mousemove", 10, 20)
        assert pictures.xdotool(screen, "getmouselocation").startswith("x:10 y:20 ")

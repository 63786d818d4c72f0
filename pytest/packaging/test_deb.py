# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's packages: each is loaded by the Wireshark that it depends on, and lintian has nothing to say."""

import re
import shutil
import subprocess

import pytest

from harness.tshark import SERIES, TOP, Wireshark

pytestmark = pytest.mark.static
PLUGINS = {folder.parent.name for folder in TOP.glob("plugins/*/CMakeLists.txt")}
DEBIAN = {"4.0": 12, "4.4": 13, "4.6": 14}


def package(dist, series):
    deb, = dist.glob(f"wireshark-gapfill_*deb{DEBIAN[series]}_amd64.deb")
    return deb


def control(deb, field):
    return subprocess.run(["dpkg-deb", "-f", deb, field], capture_output=True, text=True, check=True).stdout.strip()


def dependencies(deb):
    return {re.match(r"\S+", part)[0] for part in control(deb, "Depends").split(", ")}


@pytest.mark.parametrize("series", SERIES)
def test_package_is_loaded_by_its_wireshark(dist, tmp_path, series):
    deb = package(dist, series)
    subprocess.run(["dpkg-deb", "-x", deb, tmp_path / "root"], check=True)
    folder = tmp_path / "root/usr/lib/x86_64-linux-gnu/wireshark/plugins"
    ws = Wireshark(series, plugin_dir=folder)
    assert ws.built() == PLUGINS and ws.plugins() >= PLUGINS
    assert ws.count(TOP / "test-captures/arp-snap/arp-snap.pcap", "arp_snap") > 0
    assert (tmp_path / "root/usr/share/man/man7/gapfill.7.gz").exists()
    for page in (tmp_path / "root/usr/share/doc/wireshark-gapfill").rglob("*.md"):
        assert page.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("series", SERIES)
def test_dependencies_are_what_the_plugins_are_linked_with(dist, tmp_path, series):
    """Wireshark's own libraries and GLib, which are there before any plugin, too; and the packages are in the root of that series."""
    deb = package(dist, series)
    subprocess.run(["dpkg-deb", "-x", deb, tmp_path], check=True)
    told = subprocess.run(["readelf", "-d", *tmp_path.rglob("*.so")], capture_output=True, text=True, check=True).stdout
    libraries = set(re.findall(r"NEEDED.*\[(.*)\]", told))
    root = Wireshark(series).root
    wireshark, = (path.name for path in root.glob("usr/lib/*/libwireshark.so.*") if re.fullmatch(r"libwireshark\.so\.\d+", path.name))
    libraries |= {wireshark, "libwsutil.so", "libglib-2.0.so"}
    stems = {re.sub(r"[^a-z]", "", re.sub(r"\.so.*", "", name)) for name in libraries}
    named = dependencies(deb)
    assert {re.sub(r"[^a-z]", "", name.removesuffix("t64")) for name in named} == {"zlibg" if stem == "libz" else stem for stem in stems}
    assert "libwireshark" + wireshark.removeprefix("libwireshark.so.") in named
    assert [name for name in named if not (root / "usr/share/doc" / name).exists()] == []


def test_lintian_has_nothing_to_say(dist):
    if not shutil.which("lintian"):
        pytest.skip("lintian is not installed")
    done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", *dist.glob("*.deb")], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_lintian_finds_a_planted_fault(dist, tmp_path):
    if not shutil.which("lintian"):
        pytest.skip("lintian is not installed")
    root = tmp_path / "root"
    subprocess.run(["dpkg-deb", "-R", next(dist.glob("*.deb")), root], check=True)
    (root / "usr/share/doc/wireshark-gapfill/copyright").unlink()
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", root, tmp_path / "planted.deb"], check=True, capture_output=True)
    done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", tmp_path / "planted.deb"], capture_output=True, text=True)
    assert done.returncode != 0 and "no-copyright-file" in done.stdout


def test_manual_page_is_well_formed():
    done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", TOP / "docs/gapfill.7"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")

# SPDX-License-Identifier: GPL-2.0-or-later
"""Each tshark command of README.md, the plugins' README.md and the manual page: what it prints on a capture of the tree is in commands.txt.

    /usr/bin/python3 pytest/packaging/test_commands.py      prints commands.txt anew, for review

A block of commands.txt is the capture, perhaps with a key log, that stands for the document's own; the command; what it prints,
where … stands for the rest; and the files that it writes, with the number of their packets or bytes.
"""

import re
import shlex
import struct
import sys
import tempfile
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pytest

from harness.craft import Segment, ethernet, ipv4, write_pcap
from harness.tshark import HOST_SERIES, TOP, Wireshark

EXPECTED = Path(__file__).with_name("commands.txt")
DOCUMENTS = [TOP / "README.md", *sorted(TOP.glob("plugins/*/README.md")), TOP / "docs/gapfill.7"]
SHOWN = 7       # lines
OWN = re.compile(r"(discard|arp_snap|openpgp|hkp|acme|ftp_session|ldp_binding|l2tp_payload|session)\b(\.[a-z0-9_.]+)?")


def text_of(document):
    text = document.read_text()
    return text.replace("\\-", "-") if document.suffix == ".7" else text


def commands_of(document):
    """Those that stand on lines of their own, and those in the middle of a line; a form such as -Y FILTER is none."""
    text = text_of(document)
    lines = re.sub(r" *\\\n +", " ", text)
    found = [re.sub(r" {2,}#? ?.*", "", line.strip()) for line in re.findall(r"^    (tshark .*)$", lines, re.M)]
    found += [command.replace("\\|", "|") for command in re.findall(r"`(tshark [^`]*-r [^`]*)`", text)]
    return [command for command in found if not re.search(r"FILTER|FILE|…", command) and " -r " in command]


def expected():
    """Document, capture with its key log or "", command, lines."""
    found = []
    for block in re.split(r"\n\n(?== )", EXPECTED.read_text().removesuffix("\n")):
        head, command, *lines = block.split("\n")
        document, capture, *keys = head.removeprefix("= ").split()
        found.append((document, capture, keys[0] if keys else "", command.removeprefix("$ "), lines))
    return found


def written(ws, folder, before):
    """What the command has left in the folder."""
    for file in sorted(set(folder.rglob("*")) - before):
        if file.suffix.startswith(".pcap"):
            yield f"{file.name}: {ws.count(file, 'frame')} packets"
        elif file.is_file():
            yield f"{file.parent.name}/{file.name}: {file.stat().st_size} bytes"


def ospf_in_l2tpv3(file):
    """A Hello of OSPF in Cisco HDLC in L2TPv3 over IP, of which the tree has no capture."""
    hello = struct.pack(">BBH4s4sHH8s4sHBBI4s4s", 2, 1, 44, b"\xc6\x33\x64\x01", bytes(4), 0, 0, bytes(8), b"\xff\xff\xff\xfc", 10, 2, 1, 40,
                        bytes(4), bytes(4))
    within = ipv4(Segment(89, b"", hello, None), src="198.51.100.1", dst="224.0.0.5", ttl=1)
    outside = ipv4(Segment(115, b"", struct.pack(">IHH", 7, 0x0f00, 0x0800) + within, None))
    write_pcap(file, [ethernet(outside)])


def said(ws, folder, capture, keys, command):
    """What it prints and writes, as in commands.txt."""
    words = shlex.split(command)
    folder.chmod(0o777)
    named = folder / words[words.index("-r") + 1]
    if capture == "crafted":
        ospf_in_l2tpv3(named)
    else:
        named.symlink_to(TOP / "test-captures" / capture)
    if keys:
        (folder / "keys.txt").symlink_to(TOP / "test-captures" / keys)
    before = set(folder.rglob("*"))
    done = ws.execute(*words, cwd=folder)
    assert (done.returncode, done.stderr) == (0, b""), done.stderr
    lines = [re.sub(r" {2,}", "  ", line.rstrip())[:300] for line in done.stdout.decode().strip("\n").split("\n")]
    if len(lines) > SHOWN:
        lines = [*lines[:SHOWN], f"… {len(lines) - SHOWN} more"]
    return [*lines, *written(ws, folder, before)]


@pytest.mark.static
def test_no_command_is_left_out():
    told = {(str(document.relative_to(TOP)), command) for document in DOCUMENTS for command in commands_of(document)}
    held = [(document, command) for document, _, _, command, _ in expected()]
    assert len(held) == len(set(held)) and len(held) > 45
    assert told == set(held)


@pytest.mark.static
def test_scripts_that_documents_name_can_be_run_as_named():
    """A script in the middle of a line is one of the tree; one that begins with #! is executable."""
    pages = [*TOP.glob("*.md"), *TOP.glob("docs/*.md"), *TOP.glob("plugins/*/README.md"), *TOP.glob("fuzz/*.md")]
    named = {name for page in pages for name in re.findall(r"`(?:\./)?([\w/-]+\.(?:sh|py))[` ]", page.read_text())}
    named = {name for name in named if name.startswith(("batch/", "bench/", "fuzz/", "packaging/", "upstream/"))}
    assert len(named) > 25 and [name for name in sorted(named) if not (TOP / name).exists()] == []
    scripts = [TOP / name for name in named if (TOP / name).read_text().startswith("#!")]
    assert [str(script) for script in scripts if not script.stat().st_mode & 0o100] == []


@pytest.mark.one_series
@pytest.mark.parametrize("document, capture, keys, command, lines", expected() if EXPECTED.exists() else [],
                         ids=lambda value: value if isinstance(value, str) and value.startswith("tshark") else "")
def test_command(ws, tmp_path, document, capture, keys, command, lines):
    """Versions word their own Info otherwise: what is printed is compared on that for which commands.txt was made."""
    found = said(ws, tmp_path, capture, keys, command)
    assert "".join(found) and (found == lines or ws.series != "4.0"), "\n".join(found)


def filters_of(document):
    """Code in the middle of a line that is a filter over fields of ours, or a field of ours alone."""
    lines = text_of(document)
    codes = re.findall(r"`([^`\n]+)`", lines) + re.findall(r"^    ((?!tshark|#)[a-z_.]+ [^#\n]*?)(?: +#.*)?$", lines, re.M)
    return {code.replace("\\|", "|").strip() for code in codes if re.match(rf"!?{OWN.pattern}( |$)", code) and "," not in code and "…" not in code and not code.endswith(".")}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.parent.name)
def test_each_filter_is_taken(ws, document):
    refused = []
    # Ports and tables are not among those that are printed; the Discard of 4.4 is Wireshark's own, without discard.columns.
    preferences = {"discard.tcp.port", "discard.udp.port", "session.filters", "discard.columns"}
    preferences |= set(re.findall(r"^#?([a-z0-9_.]+): ", ws.execute("tshark", "-G", "defaultprefs").stdout.decode(), re.M))
    with ws.sharkd() as sharkd:
        for text in sorted(filters_of(document)):
            try:
                sharkd.call("check", filter=text)
            except AssertionError:
                refused.append(text)
    assert [text for text in refused if re.sub(r" (TRUE|FALSE|off|on)$", "", text) not in preferences] == []


def main():
    """Captures are those that commands.txt has for each command, and for a new one the first of its document."""
    held = expected() if EXPECTED.exists() else []
    ws, blocks = Wireshark(HOST_SERIES), []
    for document in DOCUMENTS:
        name = str(document.relative_to(TOP))
        for command in commands_of(document):
            known = [(capture, keys) for document, capture, keys, one, _ in held if (document, one) == (name, command)]
            capture, keys = known[0] if known else next(((c, k) for d, c, k, _, _ in held if d == name), ("session-services/services.pcap", ""))
            with tempfile.TemporaryDirectory() as folder:
                lines = said(ws, Path(folder), capture, keys, command)
            blocks.append("\n".join([f"= {name} {capture} {keys}".rstrip(), f"$ {command}", *lines]))
    print("\n\n".join(blocks))


if __name__ == "__main__":
    main()

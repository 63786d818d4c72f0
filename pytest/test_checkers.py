# SPDX-License-Identifier: GPL-2.0-or-later
"""Wireshark's own checkers, from its source package, have nothing to say about the plugins; and each can find something.

Some report findings with exit status 0, so what they print is read.
"""

import re
import subprocess

import pytest

from gapfill_tshark import TOP

CHECKERS = TOP / "build" / "wireshark-tools"
PLUGINS = TOP / "plugins"

pytestmark = pytest.mark.static


def run(tool, *args):
    assert (CHECKERS / "tools" / tool).exists(), "run packaging/wireshark-tools.sh"
    language = ["perl"] if tool.endswith(".pl") else ["/usr/bin/python3"]
    done = subprocess.run([*language, f"tools/{tool}", *map(str, args)], cwd=CHECKERS, text=True, capture_output=True, timeout=300)
    return done.returncode, done.stdout + done.stderr


def python_checker(tool, *options):
    def findings(files):
        status, out = run(tool, *options, *(argument for file in files for argument in ("--file", file)))
        found = [line for line in out.splitlines() if re.search(r"Warning:|Error:|Traceback", line)]
        return found or ([] if status == 0 and re.search(r"^0 warnings", out, re.M) else [f"exit status {status}", out])
    return findings


def perl_checker(tool, *options, ignore=None):
    def findings(files):
        status, out = run(tool, *options, *files)
        found = [line for line in out.splitlines() if line.strip() and not (ignore and re.search(ignore, line))]
        return found or ([] if status == 0 else [f"exit status {status}"])
    return findings


def encodings(files):
    """Fixes that fix-encoding-args.pl proposes, and encodings in its list of all that are not made of ENC_ names."""
    _, proposed = run("fix-encoding-args.pl", "--action=fix-all", *files)
    _, everything = run("fix-encoding-args.pl", "--action=find-all", *files)
    listed = re.findall(r"^.*\[\[.*\]\].*$", everything, re.M)
    assert listed or not any("proto_tree_add_item(" in file.read_text() for file in files)
    return [line for line in proposed.splitlines() if line.strip()] + \
           [line for line in listed if re.search(r"\[\[(?!ENC_)[A-Z0-9]+\]\]", line)]


def filter_names(files):
    """checkfiltername.pl looks for the protocol in the same file: so each plugin's sources go to it as one."""
    return perl_checker("checkfiltername.pl", ignore=r"^\S+ \(\d+ \(of \d+\) fields\)$")(files)


CHECKS = {
    "checkAPIs": perl_checker("checkAPIs.pl", "-g", "abort", "-g", "termoutput"),
    "checkhf": perl_checker("checkhf.pl"),
    "checkfiltername": filter_names,
    "check_typed_item_calls": python_checker("check_typed_item_calls.py", "--consecutive", "--label", "--mask", "--missing-items"),
    "check_tfs": python_checker("check_tfs.py", "--check-value-strings"),
    "check_col_apis": python_checker("check_col_apis.py"),
    "check_val_to_str": python_checker("check_val_to_str.py"),
    "fix-encoding-args": encodings,
}


def sources(tmp_path, check):
    files = sorted(PLUGINS.glob("*/*.c"))
    assert files
    if check == "checkAPIs":    # headers hold code too
        return files + sorted(PLUGINS.glob("*/*.h"))
    if check != "checkfiltername":
        return files
    joined = []
    for folder in sorted({file.parent for file in files} - {PLUGINS / "common"}):
        joined.append(tmp_path / f"packet-{folder.name}.c")
        joined[-1].write_text("".join(file.read_text() for file in sorted(folder.glob("*.c"))))
    return joined


@pytest.mark.parametrize("check", CHECKS)
def test_no_findings(check, tmp_path):
    assert CHECKS[check](sources(tmp_path, check)) == []


# Each kind of finding, planted

HEAD = """
static int proto_bad = -1;
static int hf_bad_number = -1;
static int hf_bad_text = -1;

void
proto_register_bad(void)
{
    static hf_register_info hf[] = {
        { &hf_bad_number,
            { "Number", "bad.number", FT_UINT16, BASE_DEC,
              NULL, 0x0, NULL, HFILL }
        },
        { &hf_bad_text,
            { "Text", "bad.text", FT_STRING, BASE_NONE,
              NULL, 0x0, NULL, HFILL }
        },
    };
    proto_bad = proto_register_protocol("Bad", "BAD", "bad");
    proto_register_field_array(proto_bad, hf, array_length(hf));
}

static int
dissect_bad(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    proto_tree_add_item(tree, hf_bad_number, tvb, 0, 2, ENC_BIG_ENDIAN);
    proto_tree_add_item(tree, hf_bad_text, tvb, 2, 2, ENC_ASCII);
    BODY
    return 4;
}
"""
PLANTED = {
    "checkAPIs": ("BODY", "sprintf(buffer, \"%d\", 1); abort();"),
    "checkhf": ("static int hf_bad_text", "static int hf_bad_unused = -1;\nstatic int hf_bad_text"),
    "checkfiltername": ('"bad.text"', '"other.text"'),
    "check_typed_item_calls": ("hf_bad_number, tvb, 0, 2", "hf_bad_number, tvb, 0, 3"),
    "check_tfs": ("static int proto_bad", 'static const true_false_string tfs_mine = { "Yes", "No" };\nstatic int proto_bad'),
    "check_col_apis": ("BODY", 'col_append_fstr(pinfo->cinfo, COL_INFO, "constant");'),
    "check_val_to_str": ("BODY", 'name = val_to_str(1, names, "Unknown");'),
    "fix-encoding-args": ("2, ENC_BIG_ENDIAN", "2, TRUE"),
}


@pytest.mark.parametrize("check", CHECKS)
def test_planted_finding_is_found(check, tmp_path):
    good, bad = tmp_path / "packet-good.c", tmp_path / "packet-bad.c"
    good.write_text(HEAD.replace("BODY", ""))
    bad.write_text(HEAD.replace(*PLANTED[check], 1).replace("BODY", ""))
    assert CHECKS[check]([good]) == []
    assert CHECKS[check]([bad]) != []

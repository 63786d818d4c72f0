# SPDX-License-Identifier: GPL-2.0-or-later
"""Wireshark's own checkers, from its source package, have nothing to say about the plugins; and each can find something.

Some report findings with exit status 0, so what they print is read. The source is fetched when the first of these tests
runs; it is the newest that the archive has, and an older one lacks some of the checkers, which is said at the end of the run.
"""

import fcntl
import functools
import re
import subprocess

import pytest

from harness.tshark import TOP

CHECKERS = TOP / "build" / "wireshark-tools"
PLUGINS = TOP / "plugins"

# What the source of 4.0 does not have; that anything else is absent is an error.
ONLY_NEWER = {"check_col_apis.py": None, "check_val_to_str.py": None, "check_tfs.py": "--check-value-strings"}

pytestmark = pytest.mark.static


@functools.cache
def source():
    """One line that says which source the checkers are from, or None, and what packaging/wireshark-tools.sh complains about."""
    (TOP / "build").mkdir(exist_ok=True)
    with open(TOP / "build" / "source.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run([TOP / "packaging/wireshark-tools.sh"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=1800)
    return (done.stdout.splitlines()[-1], "") if done.returncode == 0 else (None, done.stderr.strip())


def is_old():
    return re.search(r"source 4\.0\.", source()[0])


def is_there(tool, option=None):
    file = CHECKERS / "tools" / tool
    return file.exists() and (option is None or option in file.read_text())


def lacking():
    return [f"{tool}'s {option}" if option and is_there(tool) else tool for tool, option in ONLY_NEWER.items() if not is_there(tool, option)]


def need(check, record_property):
    """Fails where there is no source; skips what the source of 4.0 cannot have."""
    line, complaint = source()
    if line is None:
        pytest.fail(complaint, pytrace=False)
    record_property("note", f"Checkers of {line}; it lacks {', '.join(lacking()) or 'none of them'}.")
    tool = f"{check}.py"
    if is_old() and tool in ONLY_NEWER and not is_there(tool):
        pytest.skip(f"{line} has no {tool}")


def run(tool, *args):
    assert is_there(tool), f"{CHECKERS}/tools has no {tool}"
    if is_old():
        args = [arg for arg in args if arg != ONLY_NEWER.get(tool) or is_there(tool, arg)]
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
def test_no_findings(check, tmp_path, record_property):
    need(check, record_property)
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
def test_planted_finding_is_found(check, tmp_path, record_property):
    need(check, record_property)
    good, bad = tmp_path / "packet-good.c", tmp_path / "packet-bad.c"
    good.write_text(HEAD.replace("BODY", ""))
    bad.write_text(HEAD.replace(*PLANTED[check], 1).replace("BODY", ""))
    assert CHECKS[check]([good]) == []
    assert CHECKS[check]([bad]) != []

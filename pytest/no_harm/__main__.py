# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole matrix, capture by capture: continues where it was stopped.

    pytest/no_harm --all                        every capture on every version, every output
    pytest/no_harm --all --versions 4.0,4.6     these versions
    pytest/no_harm --all --folder DIR           captures of one's own as well
    pytest/no_harm --all --only cases/acme      these captures
    pytest/no_harm --all --joined 400000        those of one folder joined, up to so many bytes: some ten times as fast
    pytest/no_harm --sample                     what CI compares
    pytest/no_harm --sample --regenerate        writes permitted.tsv anew from these results, for review

Results are kept in build/no-harm/, one file a capture and version, named by what they depend on: the plugins, the capture
and the comparer. --again forgets them.
"""

import argparse
import fcntl
import hashlib
import json
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from harness.tshark import SERIES, TOP, Wireshark, begin_run    # noqa: E402
from no_harm import permissions                                 # noqa: E402
from no_harm.captures import all_captures, joined_by_folder, sample               # noqa: E402
from no_harm.comparing import FULL, SAMPLE, Comparison          # noqa: E402
from no_harm.report import as_text, merged                      # noqa: E402

RESULTS = TOP / "build" / "no-harm"


def arguments():
    parser = argparse.ArgumentParser(prog="no_harm", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--all", action="store_true", help="each capture on its own, every output")
    which.add_argument("--sample", action="store_true", help="the captures and outputs of CI")
    parser.add_argument("--versions", default=",".join(SERIES), help="with commas")
    parser.add_argument("--folder", action="append", default=[], type=Path, help="more captures, with --all")
    parser.add_argument("--largest", type=int, help="leave out captures of more bytes, with --all")
    parser.add_argument("--joined", type=int, metavar="BYTES", help="captures of one folder as one, up to so many bytes, with --all")
    parser.add_argument("--outputs", choices=("full", "sample"), default="full", help="with --all: which outputs, with and without -Y")
    parser.add_argument("--only", default="", help="captures whose names begin so, several with commas, with --all")
    parser.add_argument("--again", action="store_true", help="also what there are results of")
    parser.add_argument("--regenerate", action="store_true", help="write permitted.tsv from these results")
    return parser.parse_args()


def key_of(ws, capture, outputs):
    """What a result depends on."""
    digest = hashlib.sha256(repr((ws.series, capture.name, outputs)).encode())
    sources = sorted(Path(__file__).parent.glob("*.py"))
    for path in [*sorted((ws.plugin_dir / ws.series / "epan").glob("*.so")), *capture.paths, *sources]:
        if path.stem not in ("report", "__main__") and not path.name.startswith("test_"):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


def result_of(ws, capture, outputs, again=False):
    """The comparison of one capture, from what is kept if it is; of several processes one makes it, and the others wait."""
    kept = RESULTS / f"{key_of(ws, capture, outputs)}.json"
    RESULTS.mkdir(parents=True, exist_ok=True)
    with open(RESULTS / "lock", "a") as lock:
        position = int(kept.stem[:8], 16)
        fcntl.lockf(lock, fcntl.LOCK_EX, 1, position)      # a byte of the file for each result
        if not kept.exists() or again:
            unfinished = kept.with_suffix(".new")
            unfinished.write_text(json.dumps(_compared(ws, capture, outputs)))
            unfinished.rename(kept)
    return json.loads(kept.read_text())


def _compared(ws, capture, outputs):
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="no-harm-") as folder:
        folder = Path(folder)
        folder.chmod(0o755)
        path, options = capture.prepared(folder)
        comparison = Comparison(ws.without_plugins(), ws, path, options).run(outputs)
    return {"capture": capture.name, "version": ws.series, "harms": comparison.harms, "compared": dict(comparison.compared),
            "used": [[*key, packets] for key, packets in sorted(comparison.used.items())],
            "seconds": round(time.monotonic() - began, 1), "date": time.strftime("%F", time.gmtime())}


def main():
    args = arguments()
    begin_run()
    captures = list(sample()) if args.sample else all_captures(args.folder)
    if args.only:
        captures = [c for c in captures if c.name.startswith(tuple(args.only.split(",")))]
    if args.largest:
        captures = [c for c in captures if sum(path.stat().st_size for path in c.paths) <= args.largest]
    if args.all and args.joined:
        captures = list(joined_by_folder(captures, args.joined))
    outputs = FULL if args.all and args.outputs == "full" else SAMPLE
    results, failed = [], []
    for version in args.versions.split(","):
        ws = Wireshark(version)
        assert ws.built() <= ws.plugins(), f"{version}: not all plugins are loaded"
        for capture in captures:
            try:
                result = result_of(ws, capture, outputs, args.again)
            except Exception as error:      # one capture must not end the run of all
                failed.append(f"{capture.name} on {version}: {type(error).__name__}: {error}"[:2000])
                print(failed[-1], flush=True)
                continue
            results.append(result)
            print(f"{version} {capture.name}: {len(result['harms'])} differences, {result['seconds']} s", flush=True)
            for harm in result["harms"][:10]:
                print("   ", harm[:600], flush=True)
    text, harms = as_text(results)
    print("\n" + text)
    rows = merged(results)
    compared = {(one["capture"], one["version"]) for one in results}
    listed = permissions.read_table()
    if args.regenerate:
        kept = {key: packets for key, packets in listed.items() if key[:2] not in compared}
        permissions.write_table({**kept, **rows})
    else:
        there = {key: packets for key, packets in listed.items() if key[:2] in compared}
        of_listed = permissions.Counter({key: packets for key, packets in rows.items() if key[0] in {one[0] for one in listed}})
        unlisted = permissions.table_differences(of_listed, permissions.Counter(there))
        print(f"{len(unlisted)} differences from permitted.tsv", *unlisted[:40], sep="\n    ")
        harms += unlisted
    sys.exit(bool(harms or failed))


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: GPL-2.0-or-later
"""Figures of a run of the matrix, as a table in Markdown."""

from collections import Counter, defaultdict


def merged(results):
    """results: of __main__.result_of. Counter of rows as in permitted.tsv."""
    return Counter({(r["capture"], r["version"], *row[:3]): row[3] for r in results for row in r["used"]})


def as_text(results):
    """What was compared, what differs by permission, and what may not."""
    lines, outputs = [], defaultdict(Counter)
    for one in results:
        for output, packets in one["compared"].items():
            outputs[output][one["version"]] += packets
    versions = sorted({one["version"] for one in results})
    captures = Counter(one["version"] for one in results)
    lines += ["| output | " + " | ".join(f"{v}: {captures[v]} captures" for v in versions) + " |", "|---" * (len(versions) + 1) + "|"]
    lines += [f"| {output} | " + " | ".join(str(outputs[output][v]) for v in versions) + " |" for output in sorted(outputs)]
    used = defaultdict(Counter)
    where = defaultdict(set)
    for (capture, version, passes, permission, _), packets in merged(results).items():
        if passes == "":
            used[permission][version] += packets
            where[permission].add(capture)
    lines += ["", "| shown otherwise, packets in one pass | captures | " + " | ".join(versions) + " |", "|---" * (len(versions) + 2) + "|"]
    lines += [f"| {name} | {len(where[name])} | " + " | ".join(str(used[name][v]) for v in versions) + " |" for name in sorted(used)]
    harms = [(one["capture"], one["version"], harm) for one in results for harm in one["harms"]]
    lines += ["", f"{len(harms)} differences that are not permitted, in {len({h[:2] for h in harms})} comparisons of {len(results)}"]
    return "\n".join(lines), harms

# SPDX-License-Identifier: GPL-2.0-or-later
"""What a plugin works out does not depend on the order in which plugins are loaded, on which others there are, or on a filter.

Wireshark loads plugins in the order of readdir. A library that is loaded first sorts what GLib reads of a folder.
"""

import itertools
import subprocess

import pytest

from harness.planted import build_planted, host_or_skip
from harness.tshark import HOST_SERIES, SERIES, Wireshark
from no_harm.whole_output import CASES, assert_same, differing, findings, joined, off, own_fields, preloaded, protocols_of, whole

pytestmark = pytest.mark.compared


ORDERS = ("ascending", "descending")
# g_dir_read_name: all names of a folder at once, sorted. g_module_open: tells which plugin is loaded.
SORTED = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef const char *(*read_t)(void *);
typedef void (*close_t)(void *);
typedef void *(*open_t)(const char *, unsigned);
static struct { void *dir; char **names; size_t count, at; } open_dirs[16];

static int compare(const void *a, const void *b)
{
    int order = strcmp(*(char *const *)a, *(char *const *)b);
    const char *wanted = getenv("GAPFILL_ORDER");
    return wanted && strcmp(wanted, "descending") == 0 ? -order : order;
}

static int find(void *dir)
{
    for (int i = 0; i < 16; i++)
        if (open_dirs[i].dir == dir)
            return i;
    return -1;
}

const char *g_dir_read_name(void *dir)
{
    read_t original = (read_t)dlsym(RTLD_NEXT, "g_dir_read_name");
    int i = find(dir);
    if (i < 0) {
        const char *name;
        i = find(NULL);
        if (i < 0)
            abort();
        open_dirs[i].dir = dir;
        open_dirs[i].at = open_dirs[i].count = 0;
        open_dirs[i].names = NULL;
        while ((name = original(dir)) != NULL) {
            open_dirs[i].names = realloc(open_dirs[i].names, (open_dirs[i].count + 1) * sizeof(char *));
            open_dirs[i].names[open_dirs[i].count++] = strdup(name);
        }
        qsort(open_dirs[i].names, open_dirs[i].count, sizeof(char *), compare);
    }
    return open_dirs[i].at < open_dirs[i].count ? open_dirs[i].names[open_dirs[i].at++] : NULL;
}

void g_dir_close(void *dir)
{
    int i = find(dir);
    if (i >= 0)
        open_dirs[i].dir = NULL;
    ((close_t)dlsym(RTLD_NEXT, "g_dir_close"))(dir);
}

void *g_module_open(const char *path, unsigned flags)
{
    if (getenv("GAPFILL_TELL") && strstr(path, "/epan/"))
        fprintf(stderr, "loaded %s\n", strrchr(path, '/') + 1);
    return ((open_t)dlsym(RTLD_NEXT, "g_module_open"))(path, flags);
}
"""


@pytest.fixture(scope="module")
def sorter(tmp_path_factory):
    folder = tmp_path_factory.mktemp("order")
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(0o755)
    (folder / "sorted.c").write_text(SORTED)
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", folder / "sorted.so", folder / "sorted.c", "-ldl"], check=True)
    return folder / "sorted.so"


def in_order(ws, sorter, order):
    return preloaded(ws, sorter, GAPFILL_ORDER=order)


def test_order_of_loading_is_ours_to_choose(ws, sorter):
    loaded = []
    for order in ORDERS:
        stderr = in_order(ws, sorter, order).with_env(GAPFILL_TELL="1").execute("tshark", "-G", "plugins").stderr.decode()
        loaded.append([line.removeprefix("loaded ") for line in stderr.splitlines() if line.startswith("loaded ")])
    ours = {f"{name}.so" for name in ws.built()}
    ascending, descending = ([name for name in names if name in ours] for names in loaded)
    assert ascending == sorted(ours) and descending == sorted(ours, reverse=True)


PASSES = pytest.mark.parametrize("two_pass", [False, True], ids=["one pass", "-2"])
_found = {}


def found_in_order(ws, sorter, order, two_pass):
    key = ws.series, order, two_pass
    if key not in _found:
        _found[key] = findings(in_order(ws, sorter, order), two_pass=two_pass)
    return _found[key]


def is_of_session(name):
    return name.partition(".")[0] == "session"


@PASSES
def test_findings_do_not_depend_on_the_order(ws, sorter, two_pass):
    one, other = (found_in_order(ws, sorter, order, two_pass) for order in ORDERS)
    one = {name: values for name, values in one.items() if not is_of_session(name)}
    assert len(one) > 100 and sum(map(any, one.values())) > 50
    assert differing(one, other) == {}


@PASSES
def test_sessions_do_not_depend_on_the_order(ws, sorter, two_pass):
    one, other = (found_in_order(ws, sorter, order, two_pass) for order in ORDERS)
    one = {name: values for name, values in one.items() if is_of_session(name)}
    assert sum(map(any, one.values())) >= 4
    assert differing(one, other) == {}


def test_native_layers_and_statistics_do_not_depend_on_the_order(ws, sorter):
    """The lines of the whole output; of sessions, above."""
    one, other = (whole(in_order(ws, sorter, order), joined(), *off(["session"]), two_pass=True) for order in ORDERS)
    assert_same(sorted(one), sorted(other), "descending and ascending")


def test_labels_and_their_sessions_do_not_depend_on_the_order(ws, sorter, shared):
    """The same addresses and ports under label 100 and under label 200 are two sessions."""
    fields = ["session.id", "tcp.stream"]
    one, other = (in_order(ws, sorter, order).rows(CASES / "bundle/load-order-mpls.pcap", fields, two_pass=True) for order in ORDERS)
    assert [row[0] for row in one] == ["0"] * 3 + ["1"] * 3
    assert one == other


def fields_by_plugin(ws):
    """{plugin: its fields}; session.* follows what other plugins show."""
    fields = {name: [field for field in own_fields(ws) if field.partition(".")[0] in protocols_of(ws, name)]
              for name in sorted(ws.built() - {"whole-session"})}
    assert all(fields.values())
    return fields


def test_findings_do_not_depend_on_other_plugins(ws, request):
    """Each plugin alone, in each pair, and in the whole; a third of the pairs on each version, all of them with --full."""
    fields, wrong = fields_by_plugin(ws), {}
    alone = {name: findings(ws.subset(name), fields=of_plugin) for name, of_plugin in fields.items()}
    for name, values in alone.items():
        assert any(map(any, values.values())), f"{name} shows nothing"
    pairs = list(itertools.combinations(sorted(ws.built()), 2))
    groups = [*(pairs if request.config.getoption("--full") else pairs[SERIES.index(ws.series)::len(SERIES)]), tuple(sorted(ws.built()))]
    for group in groups:
        found = findings(ws.subset(*group), fields=[field for name in group for field in fields.get(name, [])])
        for name in set(group) & set(alone):
            different = differing({field: found[field] for field in fields[name]}, alone[name])
            if different:
                wrong[" ".join(group) if len(group) == 2 else "all", name] = different
    assert wrong == {}


# Without a filter, tshark's first pass of two makes no trees.
FILTER = ("-Y", "frame.len || ip.ttl || ftp.request || http || dns || mpls")


@PASSES
def test_findings_do_not_depend_on_a_display_filter(ws, two_pass):
    assert differing(findings(ws, *FILTER, two_pass=two_pass), findings(ws, two_pass=two_pass)) == {}


# The tests above can fail: a plugin that depends on what it must not, as GAPFILL_PLANTED says.
PLANTED = r"""
#define WS_BUILD_DLL
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include <epan/packet.h>

void proto_register_planted(void);
void proto_reg_handoff_planted(void);

static int proto_planted;
static int hf_planted;
static bool comes_after_others;
static bool has_seen_a_tree;

static bool
depends_on(const char *what)
{
    return strcmp(getenv("GAPFILL_PLANTED"), what) == 0;
}

static int
dissect_planted(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    (void)data;
    has_seen_a_tree |= tree && pinfo->num == 1 && !PINFO_FD_VISITED(pinfo);
    if ((depends_on("order") && comes_after_others) || (depends_on("plugins") && proto_get_id_by_filter_name("hkp") >= 0)
            || (depends_on("filter") && has_seen_a_tree))
        proto_tree_add_uint(tree, hf_planted, tvb, 0, 0, 1);
    return 0;
}

void
proto_register_planted(void)
{
    static hf_register_info hf[] = {
        { &hf_planted, { "Planted", "arp_snap.planted", FT_UINT8, BASE_DEC, NULL, 0, NULL, HFILL } },
    };

    proto_planted = proto_register_protocol("Planted", "Planted", "planted");
    proto_register_field_array(proto_planted, hf, array_length(hf));
    comes_after_others = proto_get_id_by_filter_name("arp_snap") >= 0;
    register_postdissector(create_dissector_handle(dissect_planted, proto_planted));
}

void
proto_reg_handoff_planted(void)
{
}
"""


@pytest.fixture(scope="module")
def planted(request, tmp_path_factory):
    """This machine's Wireshark with the bundle and one plugin more."""
    host = host_or_skip(request.config)
    plugins = build_planted(tmp_path_factory.mktemp("dependent"), PLANTED)
    for so in (host.plugin_dir / HOST_SERIES / "epan").glob("*.so"):
        (plugins / HOST_SERIES / "epan" / so.name).symlink_to(so)
    return Wireshark(HOST_SERIES, plugin_dir=plugins)


def test_dependence_on_the_order_is_noticed(planted, sorter):
    one, other = (findings(in_order(planted.with_env(GAPFILL_PLANTED="order"), sorter, order)) for order in ORDERS)
    assert set(differing(one, other)) == {"arp_snap.planted"}


def test_dependence_on_other_plugins_is_noticed(planted):
    ws = planted.with_env(GAPFILL_PLANTED="plugins")
    alone, whole = (findings(one, fields=["arp_snap.planted"]) for one in (ws.subset("planted"), ws))
    assert set(differing(alone, whole)) == {"arp_snap.planted"}


def test_dependence_on_a_display_filter_is_noticed(planted):
    ws = planted.with_env(GAPFILL_PLANTED="filter")
    assert set(differing(findings(ws, *FILTER), findings(ws))) == {"arp_snap.planted"}


def test_every_function_is_there(ws):
    """All that plugins call is looked for when they are loaded, in the libraries that Wireshark brings along too."""
    assert ws.with_env(LD_BIND_NOW="1").plugins() >= ws.built()

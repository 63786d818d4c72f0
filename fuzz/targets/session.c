/* session.c
 * Wireshark's dissection of a list of frames, as tshark -2 and then sharkd would do it
 *
 * Copyright 2026, the Gapfill authors
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "session.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wireshark.h>
#include <wiretap/wtap.h>
#include <epan/epan.h>
#include <epan/epan_dissect.h>
#include <epan/column.h>
#include <epan/column-info.h>
#include <epan/export_object.h>
#include <epan/prefs.h>
#include <epan/proto.h>
#include <epan/stat_tap_ui.h>
#include <epan/tap.h>
#include <epan/timestamp.h>
#include <wsutil/filesystem.h>
#include <wsutil/privileges.h>
#include <wsutil/wslog.h>

#include <api-bool.h>

#include "pieces.h"

#define LOOKED_AT_AGAIN     8
#define TOLERATED_MAX       64

/* The packets of one input; before: how many there were in its file. */
struct packet_provider_data {
    frame_data frames[FRAMES_MAX];
    uint32_t   before;
    size_t     n;
};

static struct packet_provider_data provider;
static epan_t                     *epan;
static unsigned                    n_inputs;
static column_info                 columns;
static char                        tolerated[TOLERATED_MAX][256];
static size_t                      n_tolerated;

/* In place of Wireshark's own: the lists of names in its folder would be read anew for each input, which takes 100 ms. */
char *
get_datafile_path(const char *filename)
{
    return g_build_filename("/nonexistent", filename, NULL);
}

static bool
is_tolerated(const char *message)
{
    for (size_t i = 0; i < n_tolerated; i++) {
        if (strstr(message, tolerated[i])) {
            return true;
        }
    }
    return false;
}

/* A dissector's bug is a warning in Wireshark. */
#ifdef WS_LACKS_LOG_MANIFEST
static void
write_log(const char *domain, enum ws_log_level level, struct timespec timestamp _U_, const char *file _U_, long line _U_,
    const char *func _U_, const char *format, va_list args, void *data _U_)
#else
static void
write_log(const char *domain, enum ws_log_level level, const char *file _U_, long line _U_, const char *func _U_,
    const char *fatal_message _U_, ws_log_manifest_t *manifest _U_, const char *format, va_list args, void *data _U_)
#endif
{
    char *message = ws_strdup_vprintf(format, args);

    if ((level >= LOG_LEVEL_CRITICAL || strstr(message, "Dissector bug")) && !is_tolerated(message)) {
        fprintf(stderr, "FAULT: %s: %s\n", domain ? domain : "", message);
        abort();
    }
    g_free(message);
}

void
session_tolerate(const char *path)
{
    FILE *file = fopen(path, "r");

    while (file && n_tolerated < TOLERATED_MAX && fgets(tolerated[n_tolerated], sizeof tolerated[0], file)) {
        char *line = tolerated[n_tolerated];

        line[strcspn(line, "\n")] = '\0';
        n_tolerated += line[0] && line[0] != '#';
    }
    if (file) {
        fclose(file);
    }
}

static void
load_plugin(const char *folder, const char *name)
{
    char *path = g_build_filename(folder, name, NULL);
    void *plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void (*enter)(void) = plugin ? (void (*)(void))dlsym(plugin, "plugin_register") : NULL;

    if (!enter) {
        fprintf(stderr, "%s\n", dlerror());
        exit(2);
    }
    enter();
    g_free(path);
}

static void
load_plugins(const char *folder)
{
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;
    unsigned loaded = 0;

    while (dir && (name = g_dir_read_name(dir))) {
        if (g_str_has_suffix(name, ".so")) {
            load_plugin(folder, name);
            loaded++;
        }
    }
    if (loaded == 0) {
        fprintf(stderr, "no plugins in %s\n", folder);
        exit(2);
    }
    g_dir_close(dir);
}

static bool
is_ours(const char *name)
{
    static const char *const ours[] = { "acme", "discard", "ftp_session", "hkp", "ldp_binding", "openpgp", "session" };

    for (size_t i = 0; name && i < sizeof ours / sizeof ours[0]; i++) {
        if (g_str_has_prefix(name, ours[i])) {
            return true;
        }
    }
    return false;
}

static void
listen_to(const char *tap, void *data, tap_packet_cb packet, tap_reset_cb reset)
{
    GString *error = register_tap_listener(tap, data, NULL, 0, reset, packet, NULL, NULL);

    if (error) {
        fprintf(stderr, "tap %s: %s\n", tap, error->str);
        exit(2);
    }
}

static void
reset_table(void *data)
{
    stat_tap_table_ui *table = ((stat_data_t *)data)->stat_tap_data;

    reset_stat_table(table);
}

/* As tshark does it for -z. */
static api_bool_t
listen_to_table(const void *key _U_, void *value, void *userdata _U_)
{
    stat_tap_table_ui *table = value;
    stat_data_t *data;

    if (is_ours(table->tap_name)) {
        data = g_new0(stat_data_t, 1);
        data->stat_tap_data = table;
        data->user_data = data;
        table->stat_tap_init_cb(table);
        listen_to(table->tap_name, data, table->packet_func, reset_table);
    }
    return false;
}

static GSList *objects;

static void
add_object(void *gui_data _U_, export_object_entry_t *entry)
{
    objects = g_slist_prepend(objects, entry);
}

static export_object_entry_t *
get_object(void *gui_data _U_, int row)
{
    return g_slist_nth_data(objects, (unsigned)row);
}

static void
forget_objects(void *data)
{
    register_eo_t *exported = ((export_object_list_t *)data)->gui_data;

    g_slist_free_full(objects, (GDestroyNotify)eo_free_entry);
    objects = NULL;
    if (get_eo_reset_func(exported)) {
        get_eo_reset_func(exported)();
    }
}

static api_bool_t
listen_to_objects(const void *key _U_, void *value, void *userdata _U_)
{
    register_eo_t *exported = value;
    export_object_list_t *list;

    if (is_ours(get_eo_tap_listener_name(exported))) {
        list = g_new0(export_object_list_t, 1);
        *list = (export_object_list_t) { .add_entry = add_object, .get_entry = get_object, .gui_data = exported };
        listen_to(get_eo_tap_listener_name(exported), list, get_eo_packet_func(exported), forget_objects);
    }
    return false;
}

/* One list of objects serves for one kind: sessions have several, but what is kept of them is freed with all others. */
static void
listen_to_all(void)
{
    stat_tap_iterate_tables(listen_to_table, NULL);
    eo_iterate_tables(listen_to_objects, NULL);
}

static const nstime_t *
time_of(struct packet_provider_data *prov, guint32 frame_num)
{
    static nstime_t of_earlier_input;
    uint32_t at = frame_num - prov->before - 1;

    return at < prov->n ? &prov->frames[at].abs_ts : &of_earlier_input;
}

static void
report_to_nobody(const char *format, va_list args)
{
    vfprintf(stderr, format, args);
}

void
session_start(const char *plugins)
{
    e_prefs *preferences;

    g_setenv("XDG_CONFIG_HOME", "/nonexistent", TRUE);
    g_setenv("HOME", "/nonexistent", TRUE);
    if (!pieces_start()) {
        fprintf(stderr, "wmem's allocators are not what pieces.c knows\n");
        exit(2);
    }
#ifdef WS_LACKS_LOG_WITHOUT_NAME
    ws_log_init_with_writer_and_data("fuzz", write_log, NULL, NULL, report_to_nobody);
#else
    ws_log_init_with_writer_and_data(write_log, NULL, NULL, report_to_nobody);
#endif
    init_process_policies();
    timestamp_set_type(TS_RELATIVE);
    timestamp_set_precision(TS_PREC_AUTO);
    timestamp_set_seconds_type(TS_SECONDS_DEFAULT);
    wtap_init(FALSE);
    if (plugins) {
        load_plugins(plugins);
    }
    if (!epan_init(NULL, NULL, FALSE)) {
        exit(2);
    }
    preferences = epan_load_settings();
    prefs_apply_all();
    build_column_format_array(&columns, preferences->num_cols, TRUE);
    if (plugins) {
        listen_to_all();
    }
}

static void
set_record(wtap_rec *record, const frame_t *frame)
{
#ifdef WS_LACKS_RECORD_WITH_DATA
    wtap_rec_init(record);
#else
    wtap_rec_init(record, frame->captured);
    ws_buffer_append(&record->data, frame->data, frame->captured);
#endif
    record->rec_type = REC_TYPE_PACKET;
    record->presence_flags = WTAP_HAS_TS | WTAP_HAS_CAP_LEN;
    record->ts.secs = 1700000000 + frame->seconds;
    record->rec_header.packet_header.caplen = (guint32)frame->captured;
    record->rec_header.packet_header.len = (guint32)frame->length;
    record->rec_header.packet_header.pkt_encap = frame->encap;
}

static void
make_text(proto_node *node, void *data)
{
    char label[ITEM_LABEL_LENGTH];

    if (PNODE_FINFO(node) && !PNODE_FINFO(node)->rep) {
#ifdef WS_LACKS_LABEL_OFFSET
        proto_item_fill_label(PNODE_FINFO(node), label);
#else
        proto_item_fill_label(PNODE_FINFO(node), label, NULL);
#endif
    }
    proto_tree_children_foreach(node, make_text, data);
}

/* The frame of this number in the file, from 0. */
static void
dissect(epan_dissect_t *edt, const frame_t *frame, frame_data *data, bool is_shown)
{
    static nstime_t          elapsed;
    static const frame_data *reference;
    wtap_rec  record;

    reference = &provider.frames[0];
    set_record(&record, frame);
    frame_data_set_before_dissect(data, &elapsed, &reference, data > provider.frames ? data - 1 : NULL);
    (is_shown ? epan_dissect_run_with_taps : epan_dissect_run)(edt, WTAP_FILE_TYPE_SUBTYPE_UNKNOWN, &record,
#ifdef WS_LACKS_RECORD_WITH_DATA
        tvb_new_real_data(frame->data, (unsigned)frame->captured, (int)frame->length),
#endif
        data, is_shown ? &columns : NULL);
    if (is_shown) {
        epan_dissect_fill_in_columns(edt, FALSE, TRUE);
        proto_tree_children_foreach(edt->tree, make_text, NULL);
    }
    epan_dissect_reset(edt);
    wtap_rec_cleanup(&record);
}

static void
first_pass(epan_dissect_t *edt, const frame_t *frames, size_t n)
{
    guint32 bytes = 0;

    for (size_t i = 0; i < n; i++) {
        wtap_rec record;

        set_record(&record, &frames[i]);
        frame_data_init(&provider.frames[i], provider.before + (guint32)i + 1, &record, 0, bytes);
        wtap_rec_cleanup(&record);
        provider.n = i + 1;
        dissect(edt, &frames[i], &provider.frames[i], false);
        frame_data_set_after_dissect(&provider.frames[i], &bytes);
    }
}

static void
later_passes(epan_dissect_t *edt, const frame_t *frames, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        dissect(edt, &frames[i], &provider.frames[i], true);
    }
    for (size_t i = n; n > 1 && i > 0 && i + LOOKED_AT_AGAIN > n; i--) {
        dissect(edt, &frames[i - 1], &provider.frames[i - 1], false);
    }
}

static void
open_file(void)
{
    static const struct packet_provider_funcs funcs = { .get_frame_ts = time_of };

    if (!epan) {
        reset_tap_listeners();
        epan = epan_new(&provider, &funcs);
    }
}

static void
close_file(void)
{
    if (epan) {
        draw_tap_listeners(TRUE);
        epan_free(epan);
        epan = NULL;
        provider.before = 0;
        n_inputs = 0;
    }
}

static void
run_file(const frame_t *frames, size_t n, bool is_whole)
{
    epan_dissect_t *edt;

    open_file();
    edt = epan_dissect_new(epan, TRUE, FALSE);
    first_pass(edt, frames, n);
    epan_dissect_free(edt);
    if (is_whole) {
        edt = epan_dissect_new(epan, TRUE, TRUE);
        later_passes(edt, frames, n);
        epan_dissect_free(edt);
    }
    for (size_t i = 0; i < n; i++) {
        frame_data_destroy(&provider.frames[i]);
    }
    provider.before += (uint32_t)n;
    provider.n = 0;
}

void
session_run(const frames_t *frames, bool is_whole, unsigned inputs)
{
    size_t start = 0;

    for (size_t end = 1; end <= frames->n; end++) {
        if (end == frames->n || frames->all[end].starts_file) {
            run_file(frames->all + start, end - start, is_whole);
            start = end;
            if (end < frames->n) {
                close_file();
            }
        }
    }
    if (++n_inputs >= inputs) {
        close_file();
    }
}

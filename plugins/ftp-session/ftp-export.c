/* ftp-export.c
 * Export Objects: the files that FTP's data connections carried; see ftp-export.h
 *
 * An object is made with the first bytes of a data connection, and listed as soon as the command is known to move a file.
 * It holds what was captured, in the order of the sequence numbers, whatever the order of the packets; what is
 * missing from the capture is left out. A listed entry is its list's; the rest lives until the list is reset.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "config.h"

#include <string.h>

#include <epan/packet.h>
#include <epan/dissectors/packet-tcp.h>
#include <epan/export_object.h>
#include <epan/tap.h>
#include <epan/to_str.h>

#include "ftp-export.h"
#include "text.h"
#include "compat.h"

#define TCP_HEADER_MIN 20

/* Bytes that a late segment may come too late by: as many are moved to make room for it. */
#define FTP_LATE_MAX (1 << 20)

unsigned ftp_export_max = 1024;

static int ftp_export_tap = -1;

/* Bytes of a data connection in one packet. */
typedef struct ftp_export_bytes {
    const ftp_data_t *data;
    const uint8_t    *bytes;
    uint32_t          length;
    bool              has_seq;      /* else they follow what came before */
    uint32_t          seq;
} ftp_export_bytes_t;

/* Where in the stream of bytes a part of the object is from. */
typedef struct ftp_piece {
    int64_t begin;
    int64_t end;
} ftp_piece_t;

typedef struct ftp_object {
    export_object_entry_t *entry;
    GArray   *pieces;               /* of ftp_piece_t, in order, neither overlapping nor touching */
    address   sender;               /* of the first bytes */
    uint32_t  seq;                  /* of the last bytes seen, */
    int64_t   position;             /* which lie here in the stream */
    bool      listed;               /* the entry is the list's */
    bool      dropped;              /* it is no file */
} ftp_object_t;

/* const ftp_data_t * -> ftp_object_t *; NULL as long as there is none. */
static GHashTable *objects;
static uint64_t held;               /* bytes of all objects */

/* The run over the packets that they are from. */
static const void *run_list;
static uint32_t run_frame;

/* Names */

/* Neither empty nor made of dots and spaces alone, which have meanings of their own. */
static bool
is_name(const char *component)
{
    return component[strspn(component, ". ")] != '\0';
}

/* In a name that came out of text_shown(): backslashes are those of \xNN, and colons make drives and streams. */
static char *
make_safe(char *name)
{
    return g_strdelimit(g_strdelimit(name, "\\", '%'), ":", '_');
}

/* The path as names with slashes in between, below the folder that it is saved to. */
static char *
name_of(packet_info *pinfo, const ftp_transfer_t *transfer)
{
    char **components = g_strsplit_set(transfer->path ? transfer->path : transfer->argument, "/\\", 0);
    GPtrArray *names = g_ptr_array_new();
    char *name;

    for (char **component = components; *component; component++) {
        if (is_name(*component))
            g_ptr_array_add(names, make_safe(wmem_strdup(pinfo->pool,
                    text_shown(pinfo->pool, *component, strlen(*component), TEXT_LINE, NULL))));
        else if (strcmp(*component, "..") == 0 && names->len > 0)
            g_ptr_array_set_size(names, (int)names->len - 1);
    }
    g_ptr_array_add(names, NULL);
    name = names->len > 1 ? g_strjoinv("/", (char **)names->pdata) : g_strdup("unnamed");
    g_ptr_array_free(names, TRUE);
    g_strfreev(components);
    return name;
}

/* Bytes */

/* Makes room in the object, with after bytes behind, and fills it, as far as the limit allows. */
static bool
insert_bytes(ftp_object_t *object, const uint8_t *bytes, size_t length, size_t after)
{
    export_object_entry_t *entry = object->entry;
    uint8_t *at;

    if (ftp_export_max != 0 && held + length > (uint64_t)ftp_export_max << 20)
        return false;
    entry->payload_data = (uint8_t *)g_realloc(entry->payload_data, entry->payload_len + length);
    at = entry->payload_data + entry->payload_len - after;
    memmove(at + length, at, after);
    memcpy(at, bytes, length);
    entry->payload_len += length;
    held += length;
    return true;
}

/* The piece number at is the first that ends behind begin. */
static void
note_piece(GArray *pieces, unsigned at, int64_t begin, int64_t end)
{
    ftp_piece_t *before = at > 0 ? &g_array_index(pieces, ftp_piece_t, at - 1) : NULL;
    ftp_piece_t *behind = at < pieces->len ? &g_array_index(pieces, ftp_piece_t, at) : NULL;
    ftp_piece_t piece = { begin, end };

    if (before && before->end == begin && behind && behind->begin == end) {
        before->end = behind->end;
        g_array_remove_index(pieces, at);
    } else if (before && before->end == begin) {
        before->end = end;
    } else if (behind && behind->begin == end) {
        behind->begin = begin;
    } else {
        g_array_insert_val(pieces, at, piece);
    }
}

/* The first piece that ends behind begin; *after: bytes of it and those that follow. */
static unsigned
find_piece(const ftp_object_t *object, int64_t begin, size_t *after)
{
    unsigned at = object->pieces->len;

    for (*after = 0; at > 0; at--) {
        const ftp_piece_t *piece = &g_array_index(object->pieces, ftp_piece_t, at - 1);

        if (piece->end <= begin || *after > FTP_LATE_MAX)
            break;
        *after += (size_t)(piece->end - piece->begin);
    }
    return at;
}

static void
place(ftp_object_t *object, int64_t begin, int64_t end, const uint8_t *bytes)
{
    while (begin < end) {
        size_t after;
        unsigned at = find_piece(object, begin, &after);
        const ftp_piece_t *piece = at < object->pieces->len ? &g_array_index(object->pieces, ftp_piece_t, at) : NULL;
        bool known = piece && piece->begin <= begin;
        int64_t until = !piece ? end : MIN(end, known ? piece->end : piece->begin);

        if (!known) {
            if (after > FTP_LATE_MAX || !insert_bytes(object, bytes, (size_t)(until - begin), after))
                return;
            note_piece(object->pieces, at, begin, until);
        }
        bytes += until - begin;
        begin = until;
    }
}

/* Objects */

static bool
is_file(const ftp_transfer_t *transfer)
{
    return transfer->verb == FTP_RETR || transfer->verb == FTP_STOR || transfer->verb == FTP_STOU || transfer->verb == FTP_APPE;
}

static void
drop_bytes(ftp_object_t *object)
{
    held -= object->entry->payload_len;
    g_free(object->entry->payload_data);
    object->entry->payload_data = NULL;
    object->entry->payload_len = 0;
}

static void
free_object(void *value)
{
    ftp_object_t *object = (ftp_object_t *)value;

    if (!object->listed) {
        drop_bytes(object);
        g_free(object->entry);
    }
    g_array_free(object->pieces, TRUE);
    free_address(&object->sender);
    g_free(object);
}

static ftp_object_t *
object_of(packet_info *pinfo, const ftp_export_bytes_t *carried)
{
    ftp_object_t *object;

    if (!objects)
        objects = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, free_object);
    object = (ftp_object_t *)g_hash_table_lookup(objects, carried->data);
    if (object)
        return object;
    object = g_new0(ftp_object_t, 1);
    object->entry = g_new0(export_object_entry_t, 1);
    object->entry->pkt_num = pinfo->num;
    object->pieces = g_array_new(FALSE, FALSE, sizeof(ftp_piece_t));
    object->seq = carried->seq;
    copy_address(&object->sender, &pinfo->src);
    g_hash_table_insert(objects, (void *)carried->data, object);
    return object;
}

/* One entry for each data connection that has carried bytes of a file, as soon as that is known. */
static void
list_object(ftp_object_t *object, export_object_list_t *list, packet_info *pinfo, const ftp_data_t *data)
{
    const ftp_transfer_t *transfer = ftp_view_transfer(&data->view[0]);

    if (object->listed || !transfer || transfer->verb == FTP_UNKNOWN)
        return;
    if (!is_file(transfer)) {
        object->dropped = true;
        drop_bytes(object);
    } else if (object->entry->payload_len > 0) {
        object->entry->hostname = g_strdup(address_to_str(pinfo->pool, &object->sender));
        object->entry->content_type = g_strdup("FTP file");
        object->entry->filename = name_of(pinfo, transfer);
        object->listed = true;
        list->add_entry(list->gui_data, object->entry);
    }
}

void
ftp_export_reset(void)
{
    if (objects)
        g_hash_table_destroy(objects);
    objects = NULL;
    held = 0;
}

/* Not everybody says that a list is begun anew: sharkd does not. */
static void
note_run(const void *list, uint32_t frame)
{
    if (list != run_list || frame < run_frame)
        ftp_export_reset();
    run_list = list;
    run_frame = frame;
}

static tap_packet_status
export_packet(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_, const void *tapped, tap_flags_t flags _U_)
{
    const ftp_export_bytes_t *carried = (const ftp_export_bytes_t *)tapped;
    ftp_object_t *object;

    note_run(tapdata, pinfo->num);
    object = object_of(pinfo, carried);
    if (object->dropped || !addresses_equal(&object->sender, &pinfo->src))
        return TAP_PACKET_DONT_REDRAW;
    if (carried->has_seq) {
        object->position += (int32_t)(carried->seq - object->seq);
        object->seq = carried->seq;
    }
    place(object, object->position, object->position + carried->length, carried->bytes);
    if (!carried->has_seq)
        object->position += carried->length;
    list_object(object, (export_object_list_t *)tapdata, pinfo, carried->data);
    return TAP_PACKET_REDRAW;
}

/* What is tapped */

static bool
is_wanted(const ftp_data_t *data)
{
    return have_tap_listener(ftp_export_tap) && data->confirmed && !data->rejected && !data->is_part && !data->next_part
        && ftp_session_is_shown(ftp_data_session(data));
}

static ftp_export_bytes_t *
new_bytes(const ftp_data_t *data, packet_info *pinfo, tvbuff_t *tvb, int offset)
{
    ftp_export_bytes_t *carried = wmem_new0(pinfo->pool, ftp_export_bytes_t);

    carried->data = data;
    carried->length = (uint32_t)tvb_captured_length_remaining(tvb, offset);
    carried->bytes = (const uint8_t *)tvb_memdup(pinfo->pool, tvb, offset, carried->length);
    return carried;
}

void
ftp_export_segment(const ftp_data_t *data, packet_info *pinfo, tvbuff_t *tcp)
{
    uint32_t captured = tvb_captured_length(tcp);
    ftp_export_bytes_t *carried;
    uint32_t header;

    if (!is_wanted(data) || data->tls || captured < TCP_HEADER_MIN)
        return;
    header = (tvb_get_uint8(tcp, 12) >> 4) * 4u;
    if (header < TCP_HEADER_MIN || captured <= header || (tvb_get_uint8(tcp, 13) & (TH_SYN | TH_RST)))
        return;
    carried = new_bytes(data, pinfo, tcp, (int)header);
    carried->has_seq = true;
    carried->seq = tvb_get_ntohl(tcp, 4);
    tap_queue_packet(ftp_export_tap, pinfo, carried);
}

void
ftp_export_decrypted(const ftp_data_t *data, packet_info *pinfo, tvbuff_t *tvb)
{
    if (is_wanted(data) && tvb_captured_length(tvb) > 0)
        tap_queue_packet(ftp_export_tap, pinfo, new_bytes(data, pinfo, tvb, 0));
}

void
ftp_export_register(int proto)
{
    ftp_export_tap = register_export_object(proto, export_packet, ftp_export_reset);
}

/* ftp-export.c
 * Export Objects: the files that FTP's data connections carried; see ftp-export.h
 *
 * What a data connection carries is a part of a file. Until its command is known, the bytes wait with the part. Then it is the part
 * of a new file, or of one of the same name and server: by REST, by APPE, or as one of several connections of the same
 * transfer (MODE E). A file is listed with its first bytes and grows from then on; its bytes are the list's, the rest lives
 * until the list is reset.
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
#include <epan/proto_data.h>
#include <epan/tap.h>
#include <epan/to_str.h>

#include "ftp-blocks.h"
#include "ftp-export.h"
#include "ftp-export-name.h"
#include "ftp-ledger.h"
#include "ftp-outcome.h"
#include "ftp-store.h"
#include "ftp-twin.h"
#include "compat.h"

#define TCP_HEADER_MIN 20

/* Bytes of blocks that wait for something missing, before it is given up. */
#define FTP_WAIT_MAX (1 << 20)

/* What hangs from a packet while it is dissected. */
#define FTP_PACKET_IS_TAPPED 0

static int ftp_export_tap = -1;

/* Bytes of a data connection in one packet. */
typedef struct ftp_export_bytes {
    const ftp_data_t *data;
    const uint8_t    *bytes;
    uint32_t          length;
    bool              has_seq;      /* else they follow what came before */
    bool              is_end;       /* of the connection */
    uint32_t          seq;
} ftp_export_bytes_t;

typedef struct ftp_exported {
    export_object_entry_t *entry;   /* the list's once listed */
    ftp_store_t           store;
    const ftp_transfer_t *latest;   /* that is part of it */
    unsigned              open;     /* parts whose connections have not ended yet */
    bool                  listed;
} ftp_exported_t;

/* What a data connection has carried. */
typedef struct ftp_part {
    const ftp_data_t *data;
    ftp_exported_t   *file;         /* NULL as long as the command is not known */
    ftp_store_t       waiting;      /* until it is; of blocks, those that are not read yet */
    ftp_blocks_t      blocks;
    int64_t           unread;       /* first position that is of interest */
    int64_t           base;         /* where in the file it begins */
    address           sender;       /* of the first bytes */
    uint32_t          frame;        /* of them */
    uint32_t          seq;          /* of the last bytes seen, */
    int64_t           position;     /* which lie here in the stream */
    bool              is_ended;
    bool              dropped;      /* it is no file */
} ftp_part_t;

static GHashTable *parts;           /* const ftp_data_t * -> ftp_part_t * */
static GHashTable *named;           /* direction, server and path -> ftp_exported_t *, the latest of that name */
static GPtrArray  *files;           /* of ftp_exported_t * */

/* The run over the packets that they are from. */
static const void *run_list;
static uint32_t run_frame;

/* Files */

static void
free_file(void *value)
{
    ftp_exported_t *file = (ftp_exported_t *)value;

    if (!file->listed)
        g_free(file->entry);
    ftp_store_free(&file->store);
    g_free(file);
}

static ftp_exported_t *
new_file(void)
{
    ftp_exported_t *file = g_new0(ftp_exported_t, 1);

    file->entry = g_new0(export_object_entry_t, 1);
    g_ptr_array_add(files, file);
    return file;
}

static const char *
path_of(const ftp_transfer_t *transfer)
{
    return transfer->path ? transfer->path : transfer->argument;
}

/* Whether offsets in the file are numbers of bytes that were carried. */
static bool
counts_bytes(const ftp_transfer_t *transfer)
{
    return (transfer->type == 'I' || transfer->type == 'L') && transfer->is_plain && !transfer->lacks_offset;
}

static int64_t
offset(uint64_t told)
{
    return (int64_t)MIN(told, (uint64_t)INT64_MAX / 4);
}

/* Where the transfer goes on with a file that is there; false if it does not. */
static bool
goes_on_at(const ftp_exported_t *file, const ftp_transfer_t *transfer, int64_t *base)
{
    *base = 0;
    if (transfer->verb == FTP_APPE) {
        *base = transfer->has_append ? offset(transfer->append) : ftp_store_end(&file->store);
        return transfer->is_plain;
    }
    if (!counts_bytes(transfer) || !counts_bytes(file->latest))
        return false;
    if (!transfer->has_rest || transfer->rest == 0)
        return file->open > 0 && ftp_store_is_before(&file->store, 0);
    *base = offset(transfer->rest);
    return true;
}

/* Parts that grow at the same time each need a place to grow at. */
static bool
make_room(ftp_exported_t *file, int64_t base)
{
    if (ftp_store_is_before(&file->store, base))
        return ftp_store_make_room(&file->store, base, base);
    return file->open == 0 || ftp_store_make_room(&file->store, ftp_store_end(&file->store), base);
}

/* The file that the part belongs to, and where. */
static ftp_exported_t *
file_of(const ftp_transfer_t *transfer, int64_t *base)
{
    char *key = ftp_ledger_key(transfer->session, ftp_verb_direction(transfer->verb), path_of(transfer));
    ftp_exported_t *file = (ftp_exported_t *)g_hash_table_lookup(named, key);

    *base = 0;
    if (!file || (file->latest != transfer && !(goes_on_at(file, transfer, base) && make_room(file, *base)))) {
        file = new_file();
        *base = counts_bytes(transfer) && transfer->has_rest ? offset(transfer->rest) : 0;
        g_hash_table_insert(named, g_strdup(key), file);
    }
    file->latest = transfer;
    g_free(key);
    return file;
}

/* The list shows what there is by now. */
static void
show_file(ftp_exported_t *file, export_object_list_t *list, packet_info *pinfo, const ftp_part_t *part)
{
    file->entry->payload_data = file->store.bytes;
    file->entry->payload_len = file->store.length;
    if (file->listed || file->store.length == 0)
        return;
    file->entry->pkt_num = part->frame;
    file->entry->hostname = g_strdup(address_to_str(pinfo->pool, &part->sender));
    file->entry->content_type = g_strdup("FTP file");
    file->entry->filename = ftp_export_name(pinfo, path_of(file->latest));
    file->listed = true;
    file->store.is_taken = true;
    list->add_entry(list->gui_data, file->entry);
}

/* Parts */

static bool
is_file(const ftp_transfer_t *transfer)
{
    return transfer->verb == FTP_RETR || transfer->verb == FTP_STOR || transfer->verb == FTP_STOU || transfer->verb == FTP_APPE;
}

static bool
has_blocks(const ftp_transfer_t *transfer)
{
    return transfer->mode == 'B' || transfer->mode == 'E';
}

static void
free_part(void *value)
{
    ftp_part_t *part = (ftp_part_t *)value;

    ftp_store_free(&part->waiting);
    free_address(&part->sender);
    g_free(part);
}

/* A SYN tells where the stream begins; else it is where the first bytes are. */
static void
begin_stream(ftp_part_t *part, const ftp_export_bytes_t *carried, unsigned side)
{
    const ftp_half_t *half = &carried->data->flow.half[side];

    part->seq = half->syn_frame ? half->isn + 1 : carried->seq;
    part->unread = half->syn_frame || !carried->has_seq ? 0 : INT64_MIN;
}

static ftp_part_t *
part_of(const packet_info *pinfo, const ftp_export_bytes_t *carried)
{
    const ftp_flow_t *flow = &carried->data->flow;
    ftp_part_t *part = (ftp_part_t *)g_hash_table_lookup(parts, carried->data);

    if (part || carried->length == 0)
        return part;
    part = g_new0(ftp_part_t, 1);
    part->data = carried->data;
    part->frame = pinfo->num;
    copy_address(&part->sender, &pinfo->src);
    begin_stream(part, carried, pinfo->srcport == flow->port[0] && pinfo->destport == flow->port[1] ? 0 : 1);
    g_hash_table_insert(parts, (void *)carried->data, part);
    return part;
}

static void
begin_file(ftp_part_t *part, const ftp_transfer_t *transfer)
{
    part->file = file_of(transfer, &part->base);
    if (!part->is_ended)
        part->file->open++;
    ftp_blocks_begin(&part->blocks, transfer->mode == 'E');
    part->blocks.is_lost = part->unread < 0;
    if (!has_blocks(transfer))
        ftp_store_move(&part->file->store, part->base, &part->waiting);
}

/* As soon as the command is known. */
static void
find_file(ftp_part_t *part)
{
    const ftp_transfer_t *transfer = ftp_view_transfer(&part->data->view[0]);

    if (part->file || !transfer || transfer->verb == FTP_UNKNOWN)
        return;
    if (is_file(transfer)) {
        begin_file(part, transfer);
    } else {
        part->dropped = true;
        ftp_store_free(&part->waiting);
    }
}

static void
place_block(void *user, uint64_t position, const uint8_t *bytes, size_t length)
{
    ftp_part_t *part = (ftp_part_t *)user;
    ftp_store_t *store = &part->file->store;
    int64_t begin = part->base + (int64_t)position;

    /* Other connections carry what comes before. */
    if (part->blocks.is_extended && begin > ftp_store_end(store))
        ftp_store_make_room(store, ftp_store_end(store), begin);
    ftp_store_place(store, begin, bytes, length);
}

/* Whether what is missing before the next bytes can be left out, and is not to come any more. */
static bool
gives_up_gap(ftp_part_t *part, int64_t begin)
{
    return (part->is_ended || part->waiting.length > FTP_WAIT_MAX)
        && ftp_blocks_skip(&part->blocks, (uint64_t)(begin - part->unread));
}

/* Of what waits, all that follows upon what was read. */
static void
read_blocks(ftp_part_t *part)
{
    int64_t begin;
    int64_t end;
    const uint8_t *bytes;

    while ((bytes = ftp_store_first(&part->waiting, &begin, &end)) != NULL && !part->blocks.is_lost) {
        if (begin > part->unread && !gives_up_gap(part, begin))
            return;
        ftp_blocks_read(&part->blocks, bytes, (size_t)(end - begin), place_block, part);
        part->unread = end;
        ftp_store_drop_first(&part->waiting);
    }
}

static void
place(ftp_part_t *part, int64_t position, const uint8_t *bytes, size_t length)
{
    int64_t end = position + (int64_t)length;
    int64_t begin = MAX(position, part->unread);

    if (begin >= end)
        return;
    bytes += begin - position;
    if (!part->file || has_blocks(part->file->latest))
        ftp_store_place(&part->waiting, begin, bytes, (size_t)(end - begin));
    else
        ftp_store_place(&part->file->store, part->base + begin, bytes, (size_t)(end - begin));
}

static void
take_bytes(ftp_part_t *part, const ftp_export_bytes_t *carried)
{
    if (carried->has_seq) {
        part->position += (int32_t)(carried->seq - part->seq);
        part->seq = carried->seq;
    }
    place(part, part->position, carried->bytes, carried->length);
    if (!carried->has_seq)
        part->position += carried->length;
}

static void
end_part(ftp_part_t *part)
{
    if (part->is_ended)
        return;
    part->is_ended = true;
    if (part->file && --part->file->open == 0)
        ftp_store_close_room(&part->file->store);
}

/* Lists */

void
ftp_export_reset(void)
{
    if (parts) {
        g_hash_table_destroy(parts);
        g_hash_table_destroy(named);
        g_ptr_array_free(files, TRUE);
    }
    parts = NULL;
    ftp_store_reset();
}

static void
begin_run(void)
{
    if (parts)
        return;
    parts = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, free_part);
    named = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    files = g_ptr_array_new_with_free_func(free_file);
}

/* Several can be tapped in one packet; its next dissection begins with the first again. */
static bool
is_first_of_packet(packet_info *pinfo)
{
    if (p_get_proto_data(pinfo->pool, pinfo, proto_ftp_session, FTP_PACKET_IS_TAPPED))
        return false;
    p_add_proto_data(pinfo->pool, pinfo, proto_ftp_session, FTP_PACKET_IS_TAPPED, &run_list);
    return true;
}

/* Not everybody says that a list is begun anew: sharkd does not. */
static void
note_run(const void *list, packet_info *pinfo)
{
    bool is_first = is_first_of_packet(pinfo);

    if (list != run_list || pinfo->num < run_frame || (pinfo->num == run_frame && is_first))
        ftp_export_reset();
    run_list = list;
    run_frame = pinfo->num;
    begin_run();
}

static tap_packet_status
export_packet(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_, const void *tapped, tap_flags_t flags _U_)
{
    const ftp_export_bytes_t *carried = (const ftp_export_bytes_t *)tapped;
    ftp_part_t *part;

    note_run(tapdata, pinfo);
    part = part_of(pinfo, carried);
    if (!part || part->dropped)
        return TAP_PACKET_DONT_REDRAW;
    find_file(part);
    if (carried->length > 0 && !part->dropped && addresses_equal(&part->sender, &pinfo->src))
        take_bytes(part, carried);
    if (carried->is_end)
        end_part(part);
    if (!part->file)
        return TAP_PACKET_DONT_REDRAW;
    if (has_blocks(part->file->latest))
        read_blocks(part);
    show_file(part->file, (export_object_list_t *)tapdata, pinfo, part);
    return TAP_PACKET_REDRAW;
}

/* What is tapped */

static bool
is_wanted(const ftp_data_t *data)
{
    return have_tap_listener(ftp_export_tap) && data->confirmed && !data->rejected && ftp_session_is_shown(ftp_data_session(data))
        && !ftp_twin_is_told_by_other(ftp_data_session(data));
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
    /* The relay's last words may be in front. */
    const uint32_t talk = pinfo->num == data->relayed_from ? data->relayed_at : 0;
    uint32_t captured = tvb_captured_length(tcp);
    ftp_export_bytes_t *carried;
    uint32_t header;
    uint8_t flags;

    if (!is_wanted(data) || captured < TCP_HEADER_MIN)
        return;
    header = (tvb_get_uint8(tcp, 12) >> 4) * 4u;
    flags = tvb_get_uint8(tcp, 13);
    if (header < TCP_HEADER_MIN || (flags & TH_SYN))
        return;
    /* What a RST carries is no data (RFC 9293, section 3.5.3). */
    carried = new_bytes(data, pinfo, tcp, (int)(data->tls || (flags & TH_RST) ? captured : MIN(header + talk, captured)));
    carried->has_seq = true;
    carried->seq = tvb_get_ntohl(tcp, 4) + talk;
    carried->is_end = flags & (TH_FIN | TH_RST);
    if (carried->length > 0 || carried->is_end)
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

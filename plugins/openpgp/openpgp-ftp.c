/* openpgp-ftp.c
 * OpenPGP in files that FTP transfers; see openpgp-ftp.h
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
#include <epan/exceptions.h>
#include <epan/conversation.h>
#include <epan/dissectors/packet-tcp.h>

#include "api-bool.h"
#include "expert-reader.h"
#include "flow.h"
#include "openpgp-codes.h"
#include "openpgp-content.h"
#include "openpgp-ftp.h"
#include "openpgp-ftp-control.h"
#include "openpgp-late.h"
#include "openpgp-parse-armor.h"
#include "openpgp-recent.h"
#include "openpgp-signed-file.h"
#include "standin.h"
#include "tcp-stream.h"
#include "compat.h"

/* Octets at the end of a text in which its last line of armor is. */
#define TAIL            128
#define END             "-----END PGP "

/* Of Wireshark's completeness of a conversation: SYN and its answer. */
#define HANDSHAKE       0x03

/* Segments that came before their turn. */
#define WAITING_SEGMENTS    64
#define WAITING_BYTES       (1024 * 1024)

/* The layer of a segment that TCP has not handed over. */
#define LAYER_LATE      UINT_MAX

/* What was found. */
typedef struct result {
    uint32_t       frame;
    unsigned       layer;       /* of the frame's layers, the one that it belongs to */
    uint8_t       *octets;      /* in file scope */
    unsigned       length;
    const openpgp_subject_t *of;        /* what signatures in it are over; or NULL */
} result_t;

/* A data connection; one side of it sends. */
typedef struct file {
    bool          begun;        /* a segment has come */
    bool          left_out;
    bool          binary;
    bool          document;     /* there is no OpenPGP in it, but a signature may be over it */
    wmem_array_t *octets;       /* NULL: nothing has come yet */
    const conversation_t *conversation;
    const openpgp_ftp_transfer_t *transfer;     /* NULL: nobody knows which file it is */
    const struct tcp_analysis *tcp;             /* if it is directly above TCP */
    const tcp_flow_t *sender;
    uint32_t      first;
    uint32_t      next;         /* sequence number, if it is directly above TCP */
    tcp_stream_t *waiting;      /* since a segment has come before its turn; else NULL */
    unsigned      layer;        /* of the frame's, that is read */
    unsigned      walked;       /* of a binary file: where its next packet begins */
    result_t     *result;
} file_t;

static api_bool_t look_into_ftp = true;
static openpgp_show_t show_openpgp;
static openpgp_review_body_t review_openpgp;
static int proto_tcp = -1;
static int proto_tls = -1;

static wmem_map_t *files;               /* file_t by conversation, which may have other data of this protocol */
static wmem_map_t *results;             /* result_t by frame */
static wmem_map_t *documents;           /* file_t by place, that came last */
static openpgp_recent_t recent;         /* file_t */

static void after_tcp(flow_packet_t *packet);

static flow_observer_t late_observer = { .transports = FLOW_TCP, .by_port = true, .after = after_tcp };
static unsigned kept, documents_kept;
static unsigned looks_left;             /* octets of files that seem to be whole: one may seem so again and again */

/* --- Whether it is one --- */

static bool
begins_binary(openpgp_data_t data)
{
    openpgp_header_t header;

    return data.octets[0] & 0x80 && openpgp_is_binary(data, true) && openpgp_read_header(data, 0, &header) &&
        (openpgp_is_key(header.tag) || header.tag == OPENPGP_TAG_SIGNATURE);
}

static bool
has_armor(openpgp_data_t data)
{
    openpgp_armor_text_t text = openpgp_armor_text(data);
    openpgp_armor_block_t block;
    unsigned offset = 0;

    return openpgp_armor_next(&text, &offset, &block);
}

/* By its first segment. */
static void
begin_file(file_t *file, openpgp_data_t data)
{
    file->binary = begins_binary(data);
    file->document = !file->binary && !has_armor(data);
    file->left_out = file->document && !file->transfer;
    if (file->left_out)
        return;
    file->octets = wmem_array_new(wmem_file_scope(), 1);
    if (file->transfer && !file->transfer->is_signature)
        wmem_map_insert(documents, file->transfer->place, file);
}

static unsigned *
budget_of(const file_t *file)
{
    return file->document ? &documents_kept : &kept;
}

static openpgp_data_t
data_of(const file_t *file)
{
    unsigned length = wmem_array_get_count(file->octets);

    return (openpgp_data_t){ (const uint8_t *)wmem_array_get_raw(file->octets), length, length };
}

static void
forget(file_t *file)
{
    file->left_out = true;
    if (!file->octets)
        return;
    *budget_of(file) -= wmem_array_get_count(file->octets);
    wmem_destroy_array(file->octets);
    file->octets = NULL;
}

/* It is no OpenPGP. */
static void
leave_out(file_t *file)
{
    unsigned length = wmem_array_get_count(file->octets);

    if (!file->transfer || length > OPENPGP_FILES_KEPT - documents_kept) {
        forget(file);
        return;
    }
    *budget_of(file) -= length;
    file->document = true;
    *budget_of(file) += length;
}

/* Packets to the end. */
static bool
is_whole_binary(file_t *file, openpgp_data_t data)
{
    openpgp_header_t header;

    while (file->walked < data.captured) {
        if (!openpgp_read_header(data, file->walked, &header) || header.partial || header.indeterminate) {
            leave_out(file);
            return false;
        }
        if (header.size == 0 || header.length > data.captured - file->walked - header.size)
            return false;
        file->walked += header.size + header.length;
    }
    return true;
}

/* A line that ends armor, with nothing but a little behind it. */
static bool
is_whole_text(openpgp_data_t data)
{
    unsigned start = data.captured > TAIL ? data.captured - TAIL : 0;

    return g_strstr_len((const char *)data.octets + start, (gssize)(data.captured - start), END) != NULL;
}

/* --- Bytes --- */

/* In place of what stood with an earlier packet: the file went on. */
static void
set_result(file_t *file, const packet_info *pinfo, openpgp_data_t data)
{
    if (file->result) {
        wmem_map_remove(results, GUINT_TO_POINTER(file->result->frame));
        wmem_free(wmem_file_scope(), file->result->octets);
    } else {
        file->result = wmem_new(wmem_file_scope(), result_t);
    }
    file->result->frame = pinfo->num;
    file->result->layer = file->layer;
    file->result->of = NULL;
    file->result->octets = (uint8_t *)wmem_memdup(wmem_file_scope(), data.octets, data.captured);
    file->result->length = data.captured;
    wmem_map_insert(results, GUINT_TO_POINTER(pinfo->num), file->result);
}

/* --- Signatures that stand in a file of their own --- */

/*
 * From SYN to FIN, by what Wireshark found out about the connection: these two take a number of the sequence each. Its own
 * numbers are those of the wire, the file's may count from the SYN.
 */
static bool
is_captured_whole(const file_t *file)
{
    const tcp_flow_t *sender = file->sender;

    return sender && sender->tcp_analyze_seq_info && (file->tcp->conversation_completeness & HANDSHAKE) == HANDSHAKE &&
        (file->first == 1 || file->first == sender->base_seq + 1) &&
        sender->tcp_analyze_seq_info->nextseq - sender->base_seq == file->next - file->first + 2;
}

static openpgp_doubt_t
doubt_of(const file_t *file)
{
    if (file->transfer->is_text)
        return OPENPGP_DOUBT_LINES;
    return file->transfer->is_done && is_captured_whole(file) ? OPENPGP_DOUBT_NONE : OPENPGP_DOUBT_WHOLE;
}

/* For those who want it. What came last, and could not be kept, takes the place of what was there before. */
static void
offer_document(packet_info *pinfo, const char *place)
{
    const file_t *file = (const file_t *)wmem_map_lookup(documents, place);
    const openpgp_data_t none = { NULL, 0, 0 };

    if (file)
        openpgp_signed_file_add(pinfo, place, "", file->left_out ? none : data_of(file), doubt_of(file));
}

static void
note_signature(const file_t *file, packet_info *pinfo)
{
    const char *place = file->transfer->place;

    offer_document(pinfo, place);
    file->result->of = openpgp_signed_file_find(place, "");
    if (!file->result->of)
        openpgp_signed_file_expect(place, "", data_of(file), &file->result->of);
}

/* For openpgp-ftp-control.h. */
static void
transfer_ended(packet_info *pinfo, const openpgp_ftp_transfer_t *transfer)
{
    const file_t *file;

    if (transfer->is_signature || !openpgp_signed_file_is_expected(transfer->place))
        return;
    file = (const file_t *)wmem_map_lookup(documents, transfer->place);
    if (file && file->transfer == transfer && is_captured_whole(file))
        offer_document(pinfo, transfer->place);
}

/* --- Files --- */

static void
look_for_end(file_t *file, packet_info *pinfo)
{
    openpgp_data_t data = data_of(file);
    openpgp_found_t found;

    if (!(file->binary ? is_whole_binary(file, data) : is_whole_text(data)))
        return;
    if (data.captured > looks_left) {
        forget(file);
        return;
    }
    looks_left -= data.captured;
    if (openpgp_find(pinfo->pool, data, OPENPGP_CONTENT_OCTETS, &found)) {
        set_result(file, pinfo, data);
        if (file->transfer && file->transfer->is_signature)
            note_signature(file, pinfo);
    } else if (file->binary) {
        leave_out(file);
    }
}

static void
add_bytes(file_t *file, packet_info *pinfo, const uint8_t *octets, unsigned length)
{
    unsigned *budget;

    if (!file->octets)
        begin_file(file, (openpgp_data_t){ octets, length, length });
    if (file->left_out)
        return;
    budget = budget_of(file);
    if (length > OPENPGP_FTP_FILE - wmem_array_get_count(file->octets)
            || length > (file->document ? OPENPGP_FILES_KEPT : OPENPGP_FTP_KEPT) - *budget) {
        forget(file);
        return;
    }
    *budget += length;
    wmem_array_append(file->octets, octets, length);
    if (!file->document)
        look_for_end(file, pinfo);
}

static file_t *
find_file(packet_info *pinfo)
{
    conversation_t *conversation = find_or_create_conversation(pinfo);
    file_t *file = (file_t *)wmem_map_lookup(files, conversation);

    if (!file) {
        file = wmem_new0(wmem_file_scope(), file_t);
        file->conversation = conversation;
        wmem_map_insert(files, conversation, file);
    }
    return file;
}

static file_t *
file_of(packet_info *pinfo)
{
    file_t *file = (file_t *)openpgp_recent_find(&recent, pinfo);

    if (!file) {
        file = find_file(pinfo);
        openpgp_recent_note(&recent, pinfo, file);
    }
    return file;
}

/* TCP has noted who sends the packet, and its first number by whichever packet came first: the SYN, if that was captured. */
static void
note_tcp(file_t *file, uint32_t seq)
{
    file->tcp = (const struct tcp_analysis *)conversation_get_proto_data(file->conversation, proto_tcp);
    file->sender = file->tcp ? file->tcp->fwd : NULL;
    file->first = file->sender ? openpgp_late_first(file->sender, seq) : seq;
    file->next = file->first;
}

static void
begin_connection(file_t *file, packet_info *pinfo, const struct tcpinfo *tcpinfo, uint32_t seq)
{
    file->begun = true;
    file->transfer = openpgp_ftp_transfer(pinfo);
    if (tcpinfo)
        note_tcp(file, seq);
}

/* --- Segments before their turn --- */

typedef struct reading {
    file_t      *file;
    packet_info *pinfo;
} reading_t;

static size_t
take_bytes(void *user, const uint8_t *data, size_t length, uint32_t frame _U_)
{
    reading_t *reading = (reading_t *)user;

    reading->file->next += (uint32_t)length;
    if (!reading->file->left_out)
        add_bytes(reading->file, reading->pinfo, data, (unsigned)length);
    return length;
}

static void
take_hole(void *user, tcp_stream_hole_t why _U_, uint32_t missing _U_, const uint8_t *unread _U_, size_t length _U_,
        uint32_t frame _U_)
{
    forget(((reading_t *)user)->file);
}

static const tcp_stream_reader_t stream_reader = {
    .read = take_bytes, .hole = take_hole, .max_waiting = WAITING_SEGMENTS, .max_waiting_bytes = WAITING_BYTES
};

static void
read_waiting(file_t *file, packet_info *pinfo, uint32_t seq, const uint8_t *octets, unsigned length)
{
    reading_t reading = { file, pinfo };

    if (!file->waiting) {
        file->waiting = wmem_new0(wmem_file_scope(), tcp_stream_t);
        tcp_stream_begin(file->waiting, file->next);
        flow_want_port(&late_observer, (uint16_t)pinfo->srcport);
    }
    tcp_stream_segment(file->waiting, &stream_reader, seq, octets, length, length, pinfo->num, &reading);
}

/* What TCP has put into order itself goes on where the file is. */
static uint32_t
sequence_of(const file_t *file, const tvbuff_t *tvb, const struct tcpinfo *tcpinfo)
{
    return tcpinfo->is_reassembled && openpgp_late_in_order() ? file->next : tcpinfo->nxtseq - tvb_reported_length(tvb);
}

/* Sent again: nothing new. Behind a hole: what was in it may come yet. */
static void
read_segment(tvbuff_t *tvb, packet_info *pinfo, const struct tcpinfo *tcpinfo, unsigned layer)
{
    file_t *file = file_of(pinfo);
    unsigned length = tvb_captured_length(tvb);
    uint32_t seq;

    if (file->left_out || length == 0)
        return;
    if (!file->begun)
        begin_connection(file, pinfo, tcpinfo, tcpinfo ? tcpinfo->nxtseq - tvb_reported_length(tvb) : 0);
    seq = tcpinfo ? sequence_of(file, tvb, tcpinfo) : 0;
    if (tcpinfo && (int32_t)(seq - file->next) < 0)
        return;
    if (length < tvb_reported_length(tvb)) {
        forget(file);
        return;
    }
    file->layer = layer;
    if (tcpinfo && (file->waiting || seq != file->next)) {
        read_waiting(file, pinfo, seq, tvb_get_ptr(tvb, 0, length), length);
        return;
    }
    file->next = seq + length;
    add_bytes(file, pinfo, tvb_get_ptr(tvb, 0, length), length);
}

/* Of a packet of its sender. */
static bool
is_waiting(const file_t *file)
{
    return file->waiting && !file->left_out && tcp_stream_missing(file->waiting) > 0 && file->tcp && file->tcp->fwd == file->sender;
}

static void
read_late(flow_packet_t *packet)
{
    conversation_t *conversation = flow_conversation(packet);
    file_t *file = conversation ? (file_t *)wmem_map_lookup(files, conversation) : NULL;
    openpgp_late_t late;

    if (!file || !is_waiting(file) || !openpgp_late_payload(packet, file->tcp, &late) || late.captured < late.length
            || (int32_t)(late.seq - file->next) < 0)
        return;
    file->layer = LAYER_LATE;
    read_waiting(file, packet->pinfo, late.seq, late.octets, late.length);
}

/* --- Showing --- */

/* Below TCP's item, as that of the data has nothing below it, and in JSON would be another thing if it had. */
static void
show_result(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, unsigned layer)
{
    const result_t *result = (const result_t *)wmem_map_lookup(results, GUINT_TO_POINTER(pinfo->num));
    tvbuff_t *data;

    if (!result || result->layer != layer)
        return;
    data = tvb;
    if (layer != LAYER_LATE)
        tree = flow_native_subtree(tree, proto_tcp);
    if (layer == LAYER_LATE || result->length != tvb_captured_length(tvb)) {
        data = tvb_new_child_real_data(tvb, result->octets, result->length, (int)result->length);
        add_new_data_source(pinfo, data, "OpenPGP file");
    }
    if (expert_has_reader(pinfo, tree != NULL))
        show_openpgp(data, pinfo, tree, openpgp_parse(pinfo->pool, openpgp_data_of(data)), result->of);
    else
        review_openpgp(data, pinfo, result->of);
}

/* --- In front of FTP's data --- */

static int dissect_ftp_data_first(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

static standin_t ftp_data_standin = { .name = "openpgp.ftp-data", .dissect = dissect_ftp_data_first };

static int
dissect_ftp_data_first(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    const int below[] = { proto_tcp, proto_tls };
    bool above_tcp = data && standin_nearest(pinfo, below, array_length(below)) == proto_tcp;
    unsigned layer = pinfo->curr_layer_num;
    int result = standin_call(&ftp_data_standin, tvb, pinfo, tree, data);

    if (!look_into_ftp || pinfo->flags.in_error_pkt || pinfo->ptype != PT_TCP)
        return result;
    if (!PINFO_FD_VISITED(pinfo))
        read_segment(tvb, pinfo, above_tcp ? (const struct tcpinfo *)data : NULL, layer);
    show_result(tvb, pinfo, tree, layer);
    return result;
}

static void
after_tcp(flow_packet_t *packet)
{
    if (!look_into_ftp || packet->quoted || !packet->has_ports)
        return;
    if (!PINFO_FD_VISITED(packet->pinfo))
        read_late(packet);
    TRY {
        show_result(packet->tvb, packet->pinfo, flow_subtree(packet), LAYER_LATE);
    }
    CATCH_ALL {
        /* The tree is full: the packet goes on without. */
    }
    ENDTRY;
}

static void
init_ftp(void)
{
    files = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    results = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    documents = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
    openpgp_recent_forget(&recent);
    flow_want_no_ports(&late_observer);
    openpgp_late_init();
    kept = documents_kept = 0;
    looks_left = OPENPGP_FTP_LOOKS;
}

static bool
is_wanted(void)
{
    return look_into_ftp;
}

void
openpgp_register_ftp(module_t *preferences)
{
    prefs_register_bool_preference(preferences, "ftp",
            "Look for OpenPGP in files of FTP",
            "Keys, signatures and armor, where a file begins with them",
            &look_into_ftp);
}

void
openpgp_handoff_ftp(const int *proto, openpgp_show_t show, openpgp_review_body_t review)
{
    show_openpgp = show;
    review_openpgp = review;
    proto_tcp = proto_get_id_by_filter_name("tcp");
    proto_tls = proto_get_id_by_filter_name("tls");
    ftp_data_standin.proto = proto;
    standin_add(&ftp_data_standin, find_dissector("ftp-data"));
    late_observer.proto = proto;
    flow_add_observer(&late_observer);
    register_init_routine(init_ftp);
    openpgp_handoff_ftp_control(proto, is_wanted, transfer_ended);
}

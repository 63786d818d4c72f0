/* openpgp-mail.c
 * OpenPGP in mail; see openpgp-mail.h
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
#include <epan/conversation.h>
#include <epan/exceptions.h>
#include <epan/proto_data.h>
#include <epan/dissectors/packet-tcp.h>

#include "api-bool.h"
#include "flow.h"
#include "openpgp-late.h"
#include "openpgp-mail.h"
#include "openpgp-mail-items.h"
#include "openpgp-recent.h"
#include "standin.h"
#include "tcp-header.h"
#include "tcp-stream.h"
#include "compat.h"

/* Segments that came before their turn. */
#define WAITING_SEGMENTS    64
#define WAITING_BYTES       (1024 * 1024)

/* The call of a packet that ends a connection: none of a mail protocol. */
#define CALL_OF_END         UINT_MAX

static api_bool_t look_into_mail = true;
static const int *proto_openpgp;
static int proto_tcp = -1;
static int proto_tls = -1;

/* One direction of a connection. */
typedef struct side {
    tcp_stream_t  stream;
    tcp_stream_t  decrypted;
    mail_reader_t reader;
    bool          has_end;
    uint32_t      end;                  /* sequence number behind what the dissector was given last */
    uint32_t      wanted_again;         /* so much before it, with more */
    bool          has_fin;
    uint32_t      fin[2];               /* likewise behind all that it sends: as sent, and as counted from the first one */
    uint32_t      frame;                /* that is read */
    unsigned      call;
    bool          is_late;              /* the capture is over */
    uint16_t      port;                 /* it comes from */
} side_t;

typedef struct connection {
    side_t sides[2];
    bool   watched;                     /* for its end */
    struct connection *next;
} connection_t;

static void after_tcp(flow_packet_t *packet);

static flow_observer_t end_observer = { .transports = FLOW_TCP, .by_port = true, .after = after_tcp };

static unsigned running;                /* calls */
static connection_t *connections;       /* all of the file */
static openpgp_recent_t recent;         /* connection_t */

/* --- Messages --- */

static openpgp_mail_place_t
place_of(const side_t *side)
{
    return (openpgp_mail_place_t){ side->frame, side->call, side->is_late };
}

/* For the reader. */
static void
take_message(void *user, mime_octets_t message, mail_content_t content, bool cut)
{
    wmem_allocator_t *pool = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE);
    wmem_array_t *parts = openpgp_mail_parts(pool, message, content, cut);

    for (unsigned i = 0; i < wmem_array_get_count(parts); i++)
        openpgp_mail_keep(place_of((const side_t *)user), (const openpgp_mail_part_t *)wmem_array_index(parts, i));
    wmem_destroy_allocator(pool);
}

/* --- Bytes --- */

static size_t
read_bytes(void *user, const uint8_t *data, size_t length, uint32_t frame _U_)
{
    return mail_read(&((side_t *)user)->reader, data, length);
}

static void
read_hole(void *user, tcp_stream_hole_t why _U_, uint32_t missing, const uint8_t *unread _U_, size_t length _U_, uint32_t frame _U_)
{
    mail_missing(&((side_t *)user)->reader, missing);
}

static const tcp_stream_reader_t stream_reader = {
    .read = read_bytes, .hole = read_hole, .max_waiting = WAITING_SEGMENTS, .max_waiting_bytes = WAITING_BYTES
};

static connection_t *
find_connection(packet_info *pinfo, mail_protocol_t protocol)
{
    conversation_t *conversation = find_or_create_conversation(pinfo);
    connection_t *connection = (connection_t *)conversation_get_proto_data(conversation, *proto_openpgp);

    if (connection)
        return connection;
    connection = wmem_new0(wmem_file_scope(), connection_t);
    for (unsigned i = 0; i < array_length(connection->sides); i++) {
        connection->sides[i].reader.protocol = protocol;
        connection->sides[i].reader.other = &connection->sides[!i].reader;
        connection->sides[i].reader.sink = take_message;
        connection->sides[i].reader.user = &connection->sides[i];
    }
    connection->next = connections;
    connections = connection;
    conversation_add_proto_data(conversation, *proto_openpgp, connection);
    return connection;
}

static connection_t *
connection_of(packet_info *pinfo, mail_protocol_t protocol)
{
    connection_t *connection = (connection_t *)openpgp_recent_find(&recent, pinfo);

    if (connection)
        return connection;
    connection = find_connection(pinfo, protocol);
    openpgp_recent_note(&recent, pinfo, connection);
    return connection;
}

/* The dissector gets again what it wants to have with more behind it: how much of this. */
static uint32_t
wanted_again(tvbuff_t *tvb, const packet_info *pinfo)
{
    uint32_t length = tvb_reported_length(tvb);

    return pinfo->desegment_len ? length - MIN(length, (uint32_t)pinfo->desegment_offset) : 0;
}

/*
 * The sequence number of the first octet. What was wanted again is joined with the segment; where TCP puts segments into
 * order, with those that waited for this one, too.
 */
static uint32_t
sequence_of(const side_t *side, uint32_t length, const struct tcpinfo *tcpinfo)
{
    return tcpinfo->is_reassembled && openpgp_late_in_order() && side->has_end ? side->end - side->wanted_again
        : tcpinfo->nxtseq - length;
}

static void
read_segment(side_t *side, side_t *other, tvbuff_t *tvb, const packet_info *pinfo, const struct tcpinfo *tcpinfo)
{
    uint32_t length = tvb_reported_length(tvb);
    uint32_t captured = tvb_captured_length(tvb);
    uint32_t seq = sequence_of(side, length, tcpinfo);

    if (!side->has_end || (int32_t)(seq + length - side->end) > 0) {
        side->has_end = true;
        side->end = seq + length;
        side->wanted_again = wanted_again(tvb, pinfo);
    }
    tcp_stream_acknowledged(&other->stream, &stream_reader, tcpinfo->lastackseq, side->frame, other);
    tcp_stream_segment(&side->stream, &stream_reader, seq, tvb_get_ptr(tvb, 0, captured), captured, length, side->frame, side);
}

static void
read_decrypted(side_t *side, tvbuff_t *tvb, const packet_info *pinfo)
{
    uint32_t length = MIN(tvb_captured_length(tvb), tvb_reported_length(tvb) - wanted_again(tvb, pinfo));

    if (length > 0)
        tcp_stream_bytes(&side->decrypted, &stream_reader, tvb_get_ptr(tvb, 0, length), length, side->frame, side);
}

/* Pieces of a message wait for the next one, which may never come; or segments for one that comes late and is not handed over. */
static void
watch(connection_t *connection, const side_t *side, const packet_info *pinfo)
{
    if (connection->watched || !(side->reader.pieces.message || tcp_stream_missing(&side->stream) > 0))
        return;
    connection->watched = true;
    flow_want_port(&end_observer, (uint16_t)pinfo->srcport);
    flow_want_port(&end_observer, (uint16_t)pinfo->destport);
}

static void
read_call(tvbuff_t *tvb, packet_info *pinfo, mail_protocol_t protocol, unsigned call, const struct tcpinfo *tcpinfo)
{
    bool forward = openpgp_recent_is_forward(pinfo);
    connection_t *connection = connection_of(pinfo, protocol);
    side_t *side = &connection->sides[forward];
    side_t *other = &connection->sides[!forward];
    bool was_compressed;

    if (tvb_captured_length(tvb) == 0)
        return;
    side->frame = other->frame = pinfo->num;
    side->call = other->call = call;
    side->port = (uint16_t)pinfo->srcport;
    was_compressed = side->reader.state == MAIL_COMPRESSED;
    if (tcpinfo)
        read_segment(side, other, tvb, pinfo, tcpinfo);
    else
        read_decrypted(side, tvb, pinfo);
    if (side->reader.state == MAIL_COMPRESSED && !was_compressed)
        openpgp_mail_note_compression(place_of(side));
    if (tcpinfo && tcp_stream_missing(&side->stream) > 0)
        openpgp_mail_hold(place_of(side));
    watch(connection, side, pinfo);
}

/* --- In front of the mail protocols --- */

bool
openpgp_mail_is_read(void)
{
    return running > 0;
}

void
openpgp_mail_defer(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    openpgp_mail_hand_over(tvb, pinfo, tree);
}

typedef struct carrier {
    standin_t       standin;
    mail_protocol_t protocol;
    int             proto;
} carrier_t;

/* Of the calls of mail protocols for one frame, from 0 on; counted anew in each pass. */
static unsigned
count_call(packet_info *pinfo)
{
    unsigned *calls = (unsigned *)p_get_proto_data(pinfo->pool, pinfo, *proto_openpgp, 0);

    if (!calls) {
        calls = wmem_new0(pinfo->pool, unsigned);
        p_add_proto_data(pinfo->pool, pinfo, *proto_openpgp, 0, calls);
    }
    return (*calls)++;
}

/* NULL: it is not directly above TCP. */
static const struct tcpinfo *
tcpinfo_of(const packet_info *pinfo, const void *data)
{
    const int below[] = { proto_tcp, proto_tls };

    return data && standin_nearest(pinfo, below, array_length(below)) == proto_tcp ? (const struct tcpinfo *)data : NULL;
}

/* Whoever is called may throw, as where a tree has too many items. */
static void
read_and_show(const carrier_t *carrier, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, unsigned call,
        const struct tcpinfo *tcpinfo, wmem_array_t *outer)
{
    TRY {
        if (!PINFO_FD_VISITED(pinfo))
            read_call(tvb, pinfo, carrier->protocol, call, tcpinfo);
        openpgp_mail_show_call(tvb, pinfo, tree, carrier->proto, call);
        openpgp_mail_show_others(pinfo);
    }
    FINALLY {
        openpgp_mail_end_call(outer);
        running--;
    }
    ENDTRY;
}

static int
dissect_carrier(carrier_t *carrier, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    const struct tcpinfo *tcpinfo = tcpinfo_of(pinfo, data);
    wmem_array_t *outer;
    unsigned call;
    volatile int result = 0;

    if (!look_into_mail || pinfo->flags.in_error_pkt || pinfo->ptype != PT_TCP)
        return standin_call(&carrier->standin, tvb, pinfo, tree, data);
    call = count_call(pinfo);
    outer = openpgp_mail_begin_call();
    running++;
    TRY {
        result = standin_call(&carrier->standin, tvb, pinfo, tree, data);
    }
    FINALLY {
        read_and_show(carrier, tvb, pinfo, tree, call, tcpinfo, outer);
    }
    ENDTRY;
    return result;
}

/* --- What TCP does not hand over --- */

/* A segment before the last one that was handed over, which is still missing. */
static void
read_late(side_t *side, const flow_packet_t *packet, const struct tcp_analysis *tcp)
{
    openpgp_late_t late;

    if (!openpgp_late_payload(packet, tcp, &late) || !side->has_end || tcp_stream_missing(&side->stream) == 0
            || tcp_stream_distance(&side->stream, late.seq) < 0 || (int32_t)(late.seq - side->end) >= 0)
        return;
    side->frame = packet->pinfo->num;
    side->call = CALL_OF_END;
    tcp_stream_segment(&side->stream, &stream_reader, late.seq, late.octets, late.captured, late.length, side->frame, side);
}

/* --- The end of a connection --- */

/* Segments overtake each other: what comes before the end may still come, until the other side has got all. */
static bool
is_over(const side_t *side, const flow_packet_t *packet)
{
    if (!side->has_fin || !side->has_end || side->fin[0] == side->end || side->fin[1] == side->end)
        return side->has_fin;
    return packet->dstport == side->port && tcp_header_ack(packet->bytes) == side->fin[0] + 1;
}

static void
note_fin(side_t *side, const flow_packet_t *packet, const struct tcp_analysis *tcp)
{
    side->has_fin = true;
    side->fin[0] = tcp_header_seq(packet->bytes) + tvb_reported_length(packet->tvb) - tcp_header_length(packet->bytes);
    side->fin[1] = side->fin[0] - (tcp && tcp->fwd ? tcp->fwd->base_seq : 0);
}

/* A side that sends no more, or both where one resets the connection. */
static void
note_end(connection_t *connection, flow_packet_t *packet, const struct tcp_analysis *tcp)
{
    uint8_t flags = tcp_header_flags(packet->bytes);

    for (unsigned i = 0; i < array_length(connection->sides); i++) {
        side_t *side = &connection->sides[i];

        if (flags & TH_FIN && side->port == packet->srcport)
            note_fin(side, packet, tcp);
        if (!(flags & TH_RST) && !is_over(side, packet))
            continue;
        side->frame = packet->pinfo->num;
        side->call = CALL_OF_END;
        tcp_stream_finish(&side->stream, &stream_reader, side->frame, side);
        mail_ended(&side->reader);
    }
}

/* Data that come with the end have been read by now. */
static void
note_segment(flow_packet_t *packet)
{
    conversation_t *conversation = packet->captured >= TCP_HEADER_TO_FLAGS ? flow_conversation(packet) : NULL;
    connection_t *connection = conversation ? (connection_t *)conversation_get_proto_data(conversation, *proto_openpgp) : NULL;
    const struct tcp_analysis *tcp;

    if (!connection || !connection->watched)
        return;
    tcp = (const struct tcp_analysis *)conversation_get_proto_data(conversation, proto_tcp);
    for (unsigned i = 0; i < array_length(connection->sides); i++) {
        if (connection->sides[i].port == packet->srcport)
            read_late(&connection->sides[i], packet, tcp);
    }
    note_end(connection, packet, tcp);
}

static void
after_tcp(flow_packet_t *packet)
{
    if (!look_into_mail || packet->quoted || !packet->has_ports)
        return;
    if (!PINFO_FD_VISITED(packet->pinfo))
        note_segment(packet);
    TRY {
        openpgp_mail_show_call(packet->tvb, packet->pinfo, flow_subtree(packet), -1, CALL_OF_END);
    }
    CATCH_ALL {
        /* The tree is full: the packet goes on without. */
    }
    ENDTRY;
}

/*
 * What is left over when a capture ends within a message stands with the last packet of its connection, in later passes: not below
 * the mail protocol, which TCP may never call there, as it waits for more.
 */
static void
break_off(side_t *side)
{
    side->is_late = true;
    side->call = CALL_OF_END;
    flow_want_port(&end_observer, side->port);
    tcp_stream_finish(&side->stream, &stream_reader, side->frame, side);
    mail_broken_off(&side->reader);
}

static void
end_all(void)
{
    for (connection_t *connection = connections; connection; connection = connection->next) {
        for (unsigned i = 0; i < array_length(connection->sides); i++) {
            if (mail_is_within(&connection->sides[i].reader) || tcp_stream_missing(&connection->sides[i].stream) > 0)
                break_off(&connection->sides[i]);
        }
    }
}

static int dissect_smtp_first(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static int dissect_pop_first(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static int dissect_imap_first(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

static carrier_t carriers[] = {
    { { .name = "openpgp.smtp", .dissect = dissect_smtp_first }, MAIL_SMTP, -1 },
    { { .name = "openpgp.pop", .dissect = dissect_pop_first }, MAIL_POP, -1 },
    { { .name = "openpgp.imap", .dissect = dissect_imap_first }, MAIL_IMAP, -1 },
};

static int
dissect_smtp_first(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return dissect_carrier(&carriers[MAIL_SMTP], tvb, pinfo, tree, data);
}

static int
dissect_pop_first(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return dissect_carrier(&carriers[MAIL_POP], tvb, pinfo, tree, data);
}

static int
dissect_imap_first(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return dissect_carrier(&carriers[MAIL_IMAP], tvb, pinfo, tree, data);
}

/* --- Registration --- */

static void
init_mail(void)
{
    openpgp_late_init();
    openpgp_mail_items_reset();
    running = 0;
    connections = NULL;
    openpgp_recent_forget(&recent);
    flow_want_no_ports(&end_observer);
    mail_reader_reset();
    tcp_stream_reset();
}

void
openpgp_register_mail(int proto, expert_module_t *expert, module_t *preferences)
{
    openpgp_mail_items_register(proto, expert);
    prefs_register_bool_preference(preferences, "mail",
            "Look for OpenPGP in mail",
            "In SMTP, POP and IMAP. Otherwise only in parts whose type says so, as they were encoded",
            &look_into_mail);
}

void
openpgp_handoff_mail(const int *proto, openpgp_show_t show, openpgp_review_body_t review)
{
    static const char *const names[] = { "smtp", "pop", "imap" };

    openpgp_mail_items_handoff(show, review);
    proto_openpgp = proto;
    proto_tcp = proto_get_id_by_filter_name("tcp");
    proto_tls = proto_get_id_by_filter_name("tls");
    for (unsigned i = 0; i < array_length(carriers); i++) {
        carriers[i].proto = proto_get_id_by_filter_name(names[i]);
        carriers[i].standin.proto = proto;
        standin_add(&carriers[i].standin, find_dissector(names[i]));
    }
    end_observer.proto = proto;
    flow_add_observer(&end_observer);
    register_init_routine(init_mail);
    register_postseq_cleanup_routine(end_all);
}

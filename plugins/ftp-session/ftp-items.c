/* ftp-items.c
 * What packets of FTP sessions are shown with; see ftp-items.h
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

#include <epan/packet.h>

#include "ftp-data.h"
#include "ftp-describe.h"
#include "ftp-items.h"
#include "ftp-outcome.h"
#include "show.h"
#include "compat.h"

static int hf_ftp_session_id = -1;
static int hf_ftp_session_channel = -1;
static int hf_ftp_session_control_stream = -1;
static int hf_ftp_session_same_as = -1;
static int hf_ftp_session_transfer = -1;
static int hf_ftp_session_mode = -1;
static int hf_ftp_session_evidence = -1;
static int hf_ftp_session_setup_frame = -1;
static int hf_ftp_session_command_frame = -1;
static int hf_ftp_session_user = -1;
static int hf_ftp_session_command = -1;
static int hf_ftp_session_path = -1;
static int hf_ftp_session_type = -1;
static int hf_ftp_session_rest = -1;
static int hf_ftp_session_size_expected = -1;
static int hf_ftp_session_bytes = -1;
static int hf_ftp_session_bytes_captured = -1;
static int hf_ftp_session_direction = -1;
static int hf_ftp_session_duration = -1;
static int hf_ftp_session_outcome = -1;
static int hf_ftp_session_syn_count = -1;
static int hf_ftp_session_complete = -1;
static int hf_ftp_session_reply_code = -1;
static int hf_ftp_session_tls = -1;
static int hf_ftp_session_banner_time = -1;

static int ett_ftp_session = -1;
static int ett_ftp_session_transfer = -1;

static const value_string channel_vals[] = {
    { FTP_CHANNEL_CONTROL, "Control" },
    { FTP_CHANNEL_DATA, "Data" },
    { 0, NULL }
};

static const value_string mode_vals[] = {
    { FTP_MODE_PASV, "PASV" },
    { FTP_MODE_EPSV, "EPSV" },
    { FTP_MODE_PORT, "PORT" },
    { FTP_MODE_EPRT, "EPRT" },
    { FTP_MODE_UNKNOWN, "Unknown (control connection encrypted)" },
    { FTP_MODE_LPSV, "LPSV" },
    { FTP_MODE_LPRT, "LPRT" },
    { FTP_MODE_DEFAULT, "Default data port" },
    { FTP_MODE_NOT_CAPTURED, "Announcement not captured" },
    { 0, NULL }
};

static const value_string evidence_vals[] = {
    { FTP_EVIDENCE_ANNOUNCED, "Announced" },
    { FTP_EVIDENCE_OTHER_ADDRESS, "Announced with another address (NAT)" },
    { FTP_EVIDENCE_INFERRED, "Inferred" },
    { FTP_EVIDENCE_AFTERWARDS, "Worked out afterwards" },
    { 0, NULL }
};

static void
add_type(proto_tree *tree, tvbuff_t *tvb, char type)
{
    char text[2] = { type, '\0' };

    if (g_ascii_isalpha(type))
        show_string(tree, hf_ftp_session_type, tvb, text);
}

static const value_string direction_vals[] = {
    { FTP_TO_CLIENT, "To the client" },
    { FTP_TO_SERVER, "To the server" },
    { 0, NULL }
};

/* How the data connection came about. */
void
ftp_items_setup(const ftp_expect_t *expect, const ftp_view_t *view, proto_tree *tree, tvbuff_t *tvb)
{
    bool is_confirmed = view && view->data->confirmed;

    if (!tree)
        return;
    if (is_confirmed)
        show_uint(tree, hf_ftp_session_transfer, tvb, view->ordinal);
    if (expect) {
        show_uint(tree, hf_ftp_session_mode, tvb, expect->mode);
        show_uint(tree, hf_ftp_session_setup_frame, tvb, expect->frame);
    } else if (view) {
        show_uint(tree, hf_ftp_session_mode, tvb, ftp_data_mode(view->data));
    }
    if (is_confirmed)
        show_uint(tree, hf_ftp_session_evidence, tvb, view->evidence);
    if (is_confirmed && ftp_view_direction(view) != FTP_DIRECTION_UNKNOWN)
        show_uint(tree, hf_ftp_session_direction, tvb, ftp_view_direction(view));
}

/* What is known of the transfer by now: in later passes, all. */
void
ftp_items_transfer(const ftp_transfer_t *transfer, proto_tree *tree, tvbuff_t *tvb)
{
    nstime_t duration;

    if (!tree)
        return;
    if (transfer->command_frame) {
        show_string(tree, hf_ftp_session_command, tvb, transfer->name);
        show_string(tree, hf_ftp_session_path, tvb, transfer->path);
        show_uint(tree, hf_ftp_session_command_frame, tvb, transfer->command_frame);
    }
    add_type(tree, tvb, transfer->type);
    if (transfer->has_rest)
        show_uint64(tree, hf_ftp_session_rest, tvb, transfer->rest);
    if (transfer->has_expected)
        show_uint64(tree, hf_ftp_session_size_expected, tvb, transfer->expected);
    if (transfer->outcome != FTP_UNDECIDED && ftp_transfer_moves_data(transfer))
        show_boolean(tree, hf_ftp_session_complete, tvb, transfer->outcome == FTP_COMPLETE);
    if (transfer->reply_code)
        show_uint(tree, hf_ftp_session_reply_code, tvb, transfer->reply_code);
    if (transfer->reply_code && ftp_data_duration(ftp_transfer_data(transfer), &duration))
        show_time(tree, hf_ftp_session_duration, tvb, &duration);
}

proto_tree *
ftp_items_transfer_subtree(const ftp_transfer_t *transfer, const packet_info *pinfo, proto_tree *tree, tvbuff_t *tvb)
{
    proto_item *item;

    if (!tree)
        return NULL;
    tree = proto_tree_add_subtree(tree, tvb, 0, 0, ett_ftp_session_transfer, &item, ftp_describe_transfer(pinfo->pool, transfer));
    proto_item_set_generated(item);
    return tree;
}

void
ftp_items_bytes(const ftp_data_t *data, uint64_t bytes, uint64_t captured, proto_tree *tree, tvbuff_t *tvb)
{
    if (!tree || !ftp_data_knows_bytes(data))
        return;
    show_uint64(tree, hf_ftp_session_bytes, tvb, bytes);
    show_uint64(tree, hf_ftp_session_bytes_captured, tvb, captured);
}

/* In later passes, on the one packet that a transfer or announcement has for it. */
void
ftp_items_outcome(const ftp_transfer_t *transfer, const ftp_expect_t *expect, const packet_info *pinfo, proto_tree *tree,
        tvbuff_t *tvb)
{
    const ftp_data_t *data = transfer ? ftp_transfer_data(transfer) : expect ? expect->data : NULL;

    if (!PINFO_FD_VISITED(pinfo) || (transfer && !ftp_transfer_moves_data(transfer)) || (!transfer && !expect)
            || ftp_outcome_frame(transfer, expect) != pinfo->num)
        return;
    show_string(tree, hf_ftp_session_outcome, tvb, ftp_outcome_name(transfer, data));
}

proto_tree *
ftp_items_end_subtree(const ftp_expect_t *expect, proto_tree *tree, tvbuff_t *tvb)
{
    proto_item *item;

    tree = proto_tree_add_subtree_format(tree, tvb, 0, 0, ett_ftp_session_transfer, &item, "Announcement of port %u", expect->port);
    proto_item_set_generated(item);
    ftp_items_setup(expect, NULL, tree, tvb);
    return tree;
}

void
ftp_items_announcement(const ftp_expect_t *expect, proto_tree *tree, tvbuff_t *tvb)
{
    const ftp_view_t *view = ftp_expect_view(expect);

    show_uint(tree, hf_ftp_session_mode, tvb, expect->mode);
    if (view && view->data->confirmed)
        show_uint(tree, hf_ftp_session_transfer, tvb, view->ordinal);
}

void
ftp_items_tls(bool is_tls, proto_tree *tree, tvbuff_t *tvb)
{
    show_boolean(tree, hf_ftp_session_tls, tvb, is_tls);
}

void
ftp_items_banner_time(const nstime_t *waited, proto_tree *tree, tvbuff_t *tvb)
{
    show_time(tree, hf_ftp_session_banner_time, tvb, waited);
}

void
ftp_items_syn_count(uint32_t syns, proto_tree *tree, tvbuff_t *tvb)
{
    show_uint(tree, hf_ftp_session_syn_count, tvb, syns);
}

proto_tree *
ftp_items_session(const ftp_session_t *session, ftp_channel_t channel, packet_info *pinfo, proto_tree *parent,
        tvbuff_t *tvb, proto_item **item)
{
    proto_tree *tree;

    *item = NULL;
    if (!parent)
        return NULL;
    *item = proto_tree_add_protocol_format(parent, proto_ftp_session, tvb, 0, 0, "FTP Session %u, %s connection",
            session->id, channel == FTP_CHANNEL_CONTROL ? "control" : "data");
    proto_item_set_generated(*item);
    tree = proto_item_add_subtree(*item, ett_ftp_session);
    show_uint(tree, hf_ftp_session_id, tvb, session->id);
    show_uint(tree, hf_ftp_session_channel, tvb, channel);
    if (session->flow.has_stream)
        show_uint(tree, hf_ftp_session_control_stream, tvb, session->flow.stream);
    if (session->is_twin && ftp_session_is_shown(session->twin))
        show_uint(tree, hf_ftp_session_same_as, tvb, session->twin->id);
    show_string(tree, hf_ftp_session_user, tvb, ftp_session_user(session, pinfo->num, PINFO_FD_VISITED(pinfo)));
    return tree;
}

void
ftp_items_register(int proto)
{
    static hf_register_info hf[] = {
        { &hf_ftp_session_id,
            { "Session", "ftp_session.id", FT_UINT32, BASE_DEC, NULL, 0x0,
              "Sessions are numbered from 0 in the order of their control connections", HFILL }},
        { &hf_ftp_session_channel,
            { "Channel", "ftp_session.channel", FT_UINT8, BASE_DEC, VALS(channel_vals), 0x0,
              "Whether this is the control connection or a data connection", HFILL }},
        { &hf_ftp_session_control_stream,
            { "Control stream", "ftp_session.control_stream", FT_UINT32, BASE_DEC, NULL, 0x0,
              "TCP stream of the control connection", HFILL }},
        { &hf_ftp_session_same_as,
            { "Same session as", "ftp_session.same_as", FT_UINT32, BASE_DEC, NULL, 0x0,
              "Number of the session that is this one, seen on the other side of a NAT", HFILL }},
        { &hf_ftp_session_transfer,
            { "Transfer", "ftp_session.transfer", FT_UINT32, BASE_DEC, NULL, 0x0,
              "Data connections of a session are numbered from 1", HFILL }},
        { &hf_ftp_session_mode,
            { "Mode", "ftp_session.mode", FT_UINT8, BASE_DEC, VALS(mode_vals), 0x0,
              "How the data connection was announced", HFILL }},
        { &hf_ftp_session_evidence,
            { "Evidence", "ftp_session.evidence", FT_UINT8, BASE_DEC, VALS(evidence_vals), 0x0,
              "Why the data connection is taken for one of the session", HFILL }},
        { &hf_ftp_session_setup_frame,
            { "Announced in", "ftp_session.setup_frame", FT_FRAMENUM, BASE_NONE, NULL, 0x0,
              "Frame that announced the address and port of the data connection", HFILL }},
        { &hf_ftp_session_command_frame,
            { "Command in", "ftp_session.command_frame", FT_FRAMENUM, BASE_NONE, NULL, 0x0,
              "Frame of the command that the transfer carries out", HFILL }},
        { &hf_ftp_session_user,
            { "User", "ftp_session.user", FT_STRING, BASE_NONE, NULL, 0x0,
              "User of the session as the command USER gave it; absent before it, and under TLS without keys", HFILL }},
        { &hf_ftp_session_command,
            { "Command", "ftp_session.command", FT_STRING, BASE_NONE, NULL, 0x0,
              "Command that the transfer carries out", HFILL }},
        { &hf_ftp_session_path,
            { "Path", "ftp_session.path", FT_STRING, BASE_NONE, NULL, 0x0,
              "Path of the transfer, resolved against the working directory; what is no UTF-8 is read as ISO 8859-1", HFILL }},
        { &hf_ftp_session_type,
            { "Type", "ftp_session.type", FT_STRING, BASE_NONE, NULL, 0x0,
              "Representation type of the transfer as set by TYPE", HFILL }},
        { &hf_ftp_session_rest,
            { "Restart offset", "ftp_session.rest", FT_UINT64, BASE_DEC, NULL, 0x0,
              "Where in the file the transfer begins, as set by REST", HFILL }},
        { &hf_ftp_session_size_expected,
            { "Size expected", "ftp_session.size_expected", FT_UINT64, BASE_DEC, NULL, 0x0,
              "Size of the file according to SIZE, ALLO or the reply that begins the transfer", HFILL }},
        { &hf_ftp_session_bytes,
            { "Bytes carried", "ftp_session.bytes", FT_UINT64, BASE_DEC, NULL, 0x0,
              "What the receiver has got so far, captured or acknowledged; retransmissions and TLS are not counted", HFILL }},
        { &hf_ftp_session_bytes_captured,
            { "Bytes captured", "ftp_session.bytes_captured", FT_UINT64, BASE_DEC, NULL, 0x0,
              "Of the bytes carried so far, those that the capture holds", HFILL }},
        { &hf_ftp_session_direction,
            { "Direction", "ftp_session.direction", FT_UINT8, BASE_DEC, VALS(direction_vals), 0x0,
              "Where the data goes, or would go by the command", HFILL }},
        { &hf_ftp_session_duration,
            { "Duration", "ftp_session.duration", FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0,
              "From the first packet of the data connection to its last data", HFILL }},
        { &hf_ftp_session_complete,
            { "Complete", "ftp_session.complete", FT_BOOLEAN, BASE_NONE, NULL, 0x0,
              "Whether the transfer came to its end, by the server's word and by the bytes carried", HFILL }},
        { &hf_ftp_session_outcome,
            { "Outcome", "ftp_session.outcome", FT_STRING, BASE_NONE, NULL, 0x0,
              "What came of the transfer or announcement, once for each, in later passes", HFILL }},
        { &hf_ftp_session_syn_count,
            { "SYNs without an answer", "ftp_session.syn_count", FT_UINT32, BASE_DEC, NULL, 0x0,
              "How many segments that open a connection went to the announced port, with data_unanswered", HFILL }},
        { &hf_ftp_session_reply_code,
            { "Reply code", "ftp_session.reply_code", FT_UINT16, BASE_DEC, NULL, 0x0,
              "Code of the final reply to the transfer", HFILL }},
        { &hf_ftp_session_tls,
            { "TLS", "ftp_session.tls", FT_BOOLEAN, BASE_NONE, NULL, 0x0,
              "Whether this connection is under TLS", HFILL }},
        { &hf_ftp_session_banner_time,
            { "Time to greeting", "ftp_session.banner_time", FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0,
              "From the end of the handshake to the server's greeting", HFILL }},
    };
    static int *ett[] = {
        &ett_ftp_session,
        &ett_ftp_session_transfer,
    };

    proto_register_field_array(proto, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
}

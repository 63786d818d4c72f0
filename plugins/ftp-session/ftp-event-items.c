/* ftp-event-items.c
 * What happened in a packet; see ftp-event-items.h
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
#include <epan/expert.h>
#include <epan/to_str.h>
#include <wsutil/str_util.h>

#include "ftp-announce.h"
#include "ftp-describe.h"
#include "ftp-event-items.h"
#include "ftp-icmp.h"
#include "ftp-items.h"
#include "ftp-outcome.h"
#include "tap-ftp-follow.h"
#include "tap-ftp-graph.h"
#include "tap-ftp-session.h"
#include "compat.h"

unsigned ftp_slow_banner_seconds = 5;

static expert_field ei_ftp_session_no_banner = EI_INIT;
static expert_field ei_ftp_session_slow_banner = EI_INIT;
static expert_field ei_ftp_session_icmp_error = EI_INIT;
static expert_field ei_ftp_session_data_refused = EI_INIT;
static expert_field ei_ftp_session_data_unused = EI_INIT;
static expert_field ei_ftp_session_incomplete = EI_INIT;
static expert_field ei_ftp_session_lacks_connections = EI_INIT;
static expert_field ei_ftp_session_nat = EI_INIT;
static expert_field ei_ftp_session_wrong_direction = EI_INIT;
static expert_field ei_ftp_session_data_unanswered = EI_INIT;
static expert_field ei_ftp_session_size_mismatch = EI_INIT;
static expert_field ei_ftp_session_bounce = EI_INIT;
static expert_field ei_ftp_session_other_port = EI_INIT;

/* Of an announcement that nobody has used. */
static void
show_end_of_announcement(const ftp_expect_t *expect, const packet_info *pinfo, proto_tree *tree, tvbuff_t *tvb)
{
    if (tree && PINFO_FD_VISITED(pinfo) && ftp_outcome_frame(NULL, expect) == pinfo->num)
        ftp_items_outcome(NULL, expect, pinfo, ftp_items_end_subtree(expect, tree, tvb), tvb);
}

/* Whether another event of the transfer follows in the frame. */
static bool
is_last_of_transfer(const ftp_event_t *event)
{
    for (const ftp_event_t *next = event->next; next; next = next->next) {
        if (next->transfer == event->transfer && (next->kind == FTP_EVENT_COMMAND || next->kind == FTP_EVENT_REPLY))
            return false;
    }
    return true;
}

static void
show_transfer_event(const ftp_event_t *event, packet_info *pinfo, proto_tree *tree, tvbuff_t *tvb)
{
    const ftp_transfer_t *transfer = event->transfer;
    const ftp_data_t *data = ftp_transfer_data(transfer);

    tree = ftp_items_transfer_subtree(transfer, pinfo, tree, tvb);
    ftp_items_setup(transfer->expect, transfer->expect ? ftp_expect_view(transfer->expect) : data ? &data->view[0] : NULL, tree,
            tvb);
    ftp_items_transfer(transfer, tree, tvb);
    if (event->kind == FTP_EVENT_REPLY && pinfo->num == transfer->reply_frame && data)
        ftp_items_bytes(data, ftp_parts_bytes_at(data, pinfo->num), ftp_parts_captured_at(data, pinfo->num), tree, tvb);
    if (!(data && data->confirmed) && is_last_of_transfer(event))
        ftp_items_outcome(transfer, NULL, pinfo, tree, tvb);
}

/* Nothing has come of it when the capture ends. Of several that were announced at once, not all need be used. */
static bool
is_open_to_the_end(const ftp_expect_t *expect)
{
    const ftp_expect_t *leader = ftp_expect_leader((ftp_expect_t *)expect);

    return !expect->over && !expect->data && !leader->transfer && !expect->refused;
}

static void
show_announcement(const ftp_expect_t *expect, packet_info *pinfo, proto_tree *tree, proto_item *item, tvbuff_t *tvb)
{
    ftp_items_announcement(expect, tree, tvb);
    if (ftp_expect_is_bounce(expect)) {
        expert_add_info_format(pinfo, item, &ei_ftp_session_bounce,
                "FTP bounce: the client %s makes the server connect to %s, port %u",
                address_to_str(pinfo->pool, ftp_expect_listener(expect)),
                address_to_str(pinfo->pool, &expect->announced), expect->port);
    } else if (ftp_expect_is_nat(expect)) {
        expert_add_info_format(pinfo, item, &ei_ftp_session_nat,
                "The announced address %s is not the %s's, which is %s here",
                address_to_str(pinfo->pool, &expect->announced), expect->passive ? "server" : "client",
                address_to_str(pinfo->pool, ftp_expect_listener(expect)));
    }
    if (PINFO_FD_VISITED(pinfo) && ftp_expect_is_unused(expect) && expect->over_frame != pinfo->num)
        expert_add_info_format(pinfo, item, &ei_ftp_session_data_unused,
                "No data connection uses port %u (as is known in frame %u)", expect->port, expect->over_frame);
    if (!PINFO_FD_VISITED(pinfo) || !is_open_to_the_end(expect))
        return;
    ftp_items_outcome(NULL, expect, pinfo, tree, tvb);
    tap_ftp_session_queue_announcement(pinfo, expect);
}

static void
show_greeting(const ftp_session_t *session, packet_info *pinfo, proto_tree *tree, proto_item *item, tvbuff_t *tvb)
{
    if (!session->flow.established_frame)
        return;
    ftp_items_banner_time(&session->banner_time, tree, tvb);
    if (ftp_slow_banner_seconds && nstime_to_sec(&session->banner_time) > ftp_slow_banner_seconds)
        expert_add_info_format(pinfo, item, &ei_ftp_session_slow_banner,
                "The greeting took %.3f seconds", nstime_to_sec(&session->banner_time));
}

static bool
event_is_of(const ftp_event_t *event, const ftp_session_t *session)
{
    return event->session == session;
}

static void
show_icmp(const ftp_flow_t *flow, const ftp_icmp_t *icmp, packet_info *pinfo, proto_item *item)
{
    const ftp_session_t *session = (const ftp_session_t *)flow;

    expert_add_info_format(pinfo, item, &ei_ftp_session_icmp_error, "%s", ftp_describe_icmp(flow, icmp, pinfo));
    if (!ftp_icmp_is_unreachable(icmp))
        return;
    if (flow->channel == FTP_CHANNEL_DATA) {
        if (icmp->side == 0 && !flow->half[1].syn_frame)
            expert_add_info_format(pinfo, item, &ei_ftp_session_data_refused,
                    "%s cannot be opened: %s", ((const ftp_data_t *)flow)->view[0].expect ? "The data connection"
                    : "By all appearances, a data connection", ftp_icmp_name(icmp));
    } else if (flow->half[1].syn_frame && !session->tls_from && !ftp_session_greeting_arrived(session)
            && (ftp_icmp_quotes_syn(flow, icmp) || ftp_icmp_quotes_greeting(flow, icmp))) {
        expert_add_info_format(pinfo, item, &ei_ftp_session_no_banner,
                "No greeting %s the client, and this error tells the %s that the other side is out of reach",
                PINFO_FD_VISITED(pinfo) ? "ever reaches" : "has reached", ftp_side_name(flow, icmp->side));
    }
}

void
ftp_event_unanswered(const ftp_data_t *data, const ftp_expect_t *expect, packet_info *pinfo, proto_tree *tree,
        proto_item *item, tvbuff_t *tvb)
{
    expert_add_info_format(pinfo, item, &ei_ftp_session_data_unanswered, "%s", ftp_describe_unanswered(pinfo->pool, data, expect));
    ftp_items_syn_count(data->syns, tree, tvb);
}

static void
tap_transfer(const ftp_transfer_t *transfer, packet_info *pinfo)
{
    tap_ftp_follow_transfer(transfer, pinfo);
    tap_ftp_graph_transfer(transfer, pinfo);
}

static void
show_event(const ftp_event_t *event, const ftp_flow_t *flow, const ftp_session_t *session, packet_info *pinfo,
        proto_tree *tree, proto_item *item, tvbuff_t *tvb)
{
    switch (event->kind) {
    case FTP_EVENT_COMMAND:
    case FTP_EVENT_REPLY:
        show_transfer_event(event, pinfo, tree, tvb);
        tap_ftp_session_queue(pinfo, event->transfer);
        if (event->kind == FTP_EVENT_REPLY && is_last_of_transfer(event))
            tap_transfer(event->transfer, pinfo);
        break;
    case FTP_EVENT_ANNOUNCEMENT:
        show_announcement(event->expect, pinfo, tree, item, tvb);
        break;
    case FTP_EVENT_UNUSED:
        if (ftp_expect_is_unused(event->expect))
            expert_add_info_format(pinfo, item, &ei_ftp_session_data_unused,
                    "No data connection has used port %u, announced in frame %u", event->expect->port,
                    event->expect->frame);
        else if (!event->expect->data)
            break;
        if (!event->expect->data && !event->expect->transfer)
            show_end_of_announcement(event->expect, pinfo, tree, tvb);
        tap_ftp_session_queue_announcement(pinfo, event->expect);
        break;
    case FTP_EVENT_GREETING:
        show_greeting(session, pinfo, tree, item, tvb);
        break;
    case FTP_EVENT_OTHER_PORT:
        /* Where it is proved while that is not known before. */
        if (PINFO_FD_VISITED(pinfo) == (pinfo->num == session->greeted_in))
            expert_add_info_format(pinfo, item, &ei_ftp_session_other_port, "%s", event->text);
        break;
    case FTP_EVENT_WRONG_WORDS:
        expert_add_info_format(pinfo, item, &ei_ftp_session_no_banner,
                "The server's first words are not a greeting: %s",
                format_text(pinfo->pool, event->text, strlen(event->text)));
        break;
    case FTP_EVENT_GAVE_UP:
        expert_add_info_format(pinfo, item, &ei_ftp_session_no_banner, "%s", event->text);
        break;
    case FTP_EVENT_REFUSED:
        expert_add_info_format(pinfo, item, &ei_ftp_session_data_refused, "%s", event->text);
        break;
    case FTP_EVENT_INCOMPLETE:
        if (event->transfer->outcome != FTP_COMPLETE)
            expert_add_info_format(pinfo, item, &ei_ftp_session_incomplete, "%s is incomplete: %s",
                    ftp_describe_transfer(pinfo->pool, event->transfer), event->text);
        tap_ftp_session_queue(pinfo, event->transfer);
        break;
    case FTP_EVENT_LACKS_PARTS:
        expert_add_info_format(pinfo, item, &ei_ftp_session_lacks_connections,
                "%s uses more than %u data connections: those beyond are not counted, nor are their bytes",
                ftp_describe_transfer(pinfo->pool, event->transfer), FTP_PARTS_MAX);
        break;
    case FTP_EVENT_UNANSWERED:
        if (!PINFO_FD_VISITED(pinfo) && event->expect->data)
            ftp_event_unanswered(event->expect->data, event->expect, pinfo, tree, item, tvb);
        tap_ftp_session_queue_announcement(pinfo, event->expect);
        break;
    case FTP_EVENT_DATA_FOUND:
    case FTP_EVENT_SIZE_TOLD:
        tap_ftp_session_queue(pinfo, event->transfer);
        break;
    case FTP_EVENT_SIZE_MISMATCH:
        expert_add_info_format(pinfo, item, &ei_ftp_session_size_mismatch, "%s: %s",
                ftp_describe_transfer(pinfo->pool, event->transfer), event->text);
        tap_ftp_session_queue(pinfo, event->transfer);
        break;
    case FTP_EVENT_WRONG_DIRECTION:
        expert_add_info_format(pinfo, item, &ei_ftp_session_wrong_direction, "%s: data comes from the side that should receive it",
                ftp_describe_transfer(pinfo->pool, event->transfer));
        break;
    case FTP_EVENT_BOUNCE:
        if (ftp_expect_is_bounce(event->expect))
            expert_add_info_format(pinfo, item, &ei_ftp_session_bounce,
                    "FTP bounce: the server was made to connect to %s, port %u, in frame %u",
                    address_to_str(pinfo->pool, &event->expect->announced), event->expect->port, event->expect->frame);
        break;
    case FTP_EVENT_ICMP:
        show_icmp(flow, event->icmp, pinfo, item);
        break;
    }
}

void
ftp_events_show(const ftp_flow_t *flow, const ftp_session_t *session, packet_info *pinfo, proto_tree *tree,
        proto_item *item, tvbuff_t *tvb)
{
    const ftp_events_t *events = ftp_events(pinfo);

    for (const ftp_event_t *event = events ? events->first : NULL; event; event = event->next) {
        if (event_is_of(event, session))
            show_event(event, flow, session, pinfo, tree, item, tvb);
    }
}

void
ftp_events_register(int proto)
{
    static ei_register_info ei[] = {
        { &ei_ftp_session_no_banner,
            { "ftp_session.no_banner", PI_RESPONSE_CODE, PI_WARN, "No greeting from the server", EXPFILL }},
        { &ei_ftp_session_slow_banner,
            { "ftp_session.slow_banner", PI_RESPONSE_CODE, PI_NOTE, "Slow greeting", EXPFILL }},
        { &ei_ftp_session_icmp_error,
            { "ftp_session.icmp_error", PI_SEQUENCE, PI_WARN, "ICMP error about a connection of FTP", EXPFILL }},
        { &ei_ftp_session_data_refused,
            { "ftp_session.data_refused", PI_RESPONSE_CODE, PI_WARN, "Data connection refused", EXPFILL }},
        { &ei_ftp_session_data_unused,
            { "ftp_session.data_unused", PI_SEQUENCE, PI_NOTE, "Announced port without a data connection", EXPFILL }},
        { &ei_ftp_session_incomplete,
            { "ftp_session.incomplete", PI_SEQUENCE, PI_WARN, "Incomplete transfer", EXPFILL }},
        { &ei_ftp_session_lacks_connections,
            { "ftp_session.lacks_connections", PI_SEQUENCE, PI_WARN, "More data connections than are counted", EXPFILL }},
        { &ei_ftp_session_nat,
            { "ftp_session.nat", PI_PROTOCOL, PI_NOTE, "Announced address differs", EXPFILL }},
        { &ei_ftp_session_data_unanswered,
            { "ftp_session.data_unanswered", PI_RESPONSE_CODE, PI_WARN, "SYNs to the announced port without an answer", EXPFILL }},
        { &ei_ftp_session_size_mismatch,
            { "ftp_session.size_mismatch", PI_PROTOCOL, PI_WARN, "The server tells another size or digest than was transferred",
              EXPFILL }},
        { &ei_ftp_session_wrong_direction,
            { "ftp_session.wrong_direction", PI_PROTOCOL, PI_WARN, "Data from the side that should receive it", EXPFILL }},
        { &ei_ftp_session_bounce,
            { "ftp_session.bounce", PI_SECURITY, PI_WARN, "FTP bounce", EXPFILL }},
        { &ei_ftp_session_other_port,
            { "ftp_session.other_port", PI_PROTOCOL, PI_NOTE, "FTP on a port that Wireshark has for another protocol", EXPFILL }},
    };

    expert_register_field_array(expert_register_protocol(proto), ei, array_length(ei));
}

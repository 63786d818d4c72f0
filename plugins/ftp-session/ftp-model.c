/* ftp-model.c
 * What is known of FTP sessions; see ftp-model.h
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
#include <epan/proto_data.h>

#include "ftp-model.h"

int proto_ftp_session = -1;
uint32_t ftp_session_count;
unsigned ftp_transfer_count;
uint32_t ftp_tracked_ports[65536 / 32];
unsigned ftp_announcement_lifetime = 300;

/* The latest frame number with events, on the first pass: others need no search. Frames that a read filter drops share theirs. */
static uint32_t latest_frame;

void
ftp_model_reset(void)
{
    ftp_transfer_count = 0;
    latest_frame = 0;
    memset(ftp_tracked_ports, 0, sizeof ftp_tracked_ports);
    flow_want_no_ports(&ftp_tracker);
}

ftp_events_t *
ftp_events(packet_info *pinfo)
{
    if (!PINFO_FD_VISITED(pinfo) && latest_frame != pinfo->num)
        return NULL;
    return (ftp_events_t *)p_get_proto_data(wmem_file_scope(), pinfo, proto_ftp_session, 0);
}

ftp_event_t *
ftp_add_event(const ftp_session_t *session, packet_info *pinfo, ftp_event_kind_t kind)
{
    ftp_events_t *events = ftp_events(pinfo);
    bool is_seen = !events || events->count < FTP_EVENTS_MAX;
    ftp_event_t *event = wmem_new0(is_seen ? wmem_file_scope() : pinfo->pool, ftp_event_t);

    event->kind = kind;
    event->session = session;
    if (!is_seen)
        return event;
    if (!events) {
        events = wmem_new0(wmem_file_scope(), ftp_events_t);
        p_add_proto_data(wmem_file_scope(), pinfo, proto_ftp_session, 0, events);
        latest_frame = pinfo->num;
    }
    events->count++;
    if (events->last)
        events->last->next = event;
    else
        events->first = event;
    events->last = event;
    return event;
}

bool
ftp_session_is_shown(const ftp_session_t *session)
{
    return session->confirmed && (session->fits || !session->does_not_fit);
}

bool
ftp_session_greeting_arrived(const ftp_session_t *session)
{
    const ftp_half_t *half = session->flow.half;

    if (session->greeting == FTP_SILENT)
        return ftp_session_lacks_lines(session, 1);
    return !half[1].syn_frame || !half[0].has_acked || half[0].acked != half[1].isn + 1;
}

static bool
is_late_line(const ftp_session_t *session, uint32_t frame)
{
    for (unsigned i = 0; i < FTP_LATE_MAX; i++) {
        if (session->late_lines[i] == frame)
            return true;
    }
    return false;
}

bool
ftp_session_is_under_tls(const ftp_session_t *session, uint32_t frame)
{
    return session->tls_from && frame >= session->tls_from && !(session->tls_until && frame >= session->tls_until)
        && !is_late_line(session, frame);
}

const char *
ftp_session_user(const ftp_session_t *session, uint32_t frame, bool later_pass)
{
    const ftp_user_t *user = (const ftp_user_t *)as_of(session->users, frame + 1);

    if (!user && later_pass && session->users)
        user = (const ftp_user_t *)wmem_array_index(session->users, 0);
    return user ? user->name : NULL;
}

const char *
ftp_mode_name(ftp_mode_t mode)
{
    static const char *const names[] = { "-", "PASV", "EPSV", "PORT", "EPRT", "?", "LPSV", "LPRT", "default", "?" };

    return (size_t)mode < array_length(names) ? names[mode] : "-";
}

const ftp_view_t *
ftp_expect_view(const ftp_expect_t *expect)
{
    for (unsigned i = 0; expect->data && i < expect->data->views; i++) {
        ftp_expect_t *used = expect->data->view[i].expect;

        if (used && (used == expect || used->leader == expect))
            return &expect->data->view[i];
    }
    return NULL;
}

void
ftp_data_carried(ftp_data_t *data, packet_info *pinfo, uint64_t bytes, uint64_t captured)
{
    ftp_progress_t progress = {
        pinfo->num, (uint32_t)bytes, (uint32_t)(bytes >> 32), (uint32_t)captured, (uint32_t)(captured >> 32)
    };

    if (bytes == data->bytes && captured == data->captured)
        return;
    if (data->bytes == 0)
        data->first_payload_frame = pinfo->num;
    data->bytes = bytes;
    data->captured = captured;
    if (!data->progress)
        data->progress = wmem_array_sized_new(wmem_file_scope(), sizeof progress, 4);
    as_of_put(data->progress, &progress, sizeof progress);
}

uint64_t
ftp_data_bytes_at(const ftp_data_t *data, uint32_t frame)
{
    const ftp_progress_t *progress = (const ftp_progress_t *)as_of(data->progress, frame + 1);

    return progress ? (uint64_t)progress->high << 32 | progress->low : 0;
}

uint64_t
ftp_data_captured_at(const ftp_data_t *data, uint32_t frame)
{
    const ftp_progress_t *progress = (const ftp_progress_t *)as_of(data->progress, frame + 1);

    return progress ? (uint64_t)progress->captured_high << 32 | progress->captured_low : 0;
}

/* ftp-pending.c
 * Commands that wait for their replies; see ftp-pending.h
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

#include "ftp-pending.h"
#include "ftp-transfer.h"

#define FTP_PENDING_MAX   512   /* commands without a reply; the oldest is forgotten first */

ftp_pending_t *
ftp_pending_at(ftp_session_t *session, unsigned place)
{
    return &session->pending[(session->pending_first + place) % session->pending_size];
}

static void
grow_pending(ftp_session_t *session)
{
    uint16_t size = session->pending_size ? session->pending_size * 2 : 4;
    ftp_pending_t *grown = wmem_alloc_array(wmem_file_scope(), ftp_pending_t, size);

    for (unsigned i = 0; i < session->pending_count; i++)
        grown[i] = *ftp_pending_at(session, i);
    wmem_free(wmem_file_scope(), session->pending);
    session->pending = grown;
    session->pending_first = 0;
    session->pending_size = size;
}

void
ftp_pending_drop(ftp_session_t *session, unsigned place)
{
    for (; place > 0; place--)
        *ftp_pending_at(session, place) = *ftp_pending_at(session, place - 1);
    session->pending_first = (session->pending_first + 1) % session->pending_size;
    session->pending_count--;
}

void
ftp_pending_begin(ftp_session_t *session)
{
    if (session->pending_count > 0 && ftp_pending_at(session, 0)->transfer)
        ftp_transfer_begin(ftp_pending_at(session, 0)->transfer);
}

void
ftp_pending_remove(ftp_session_t *session, unsigned place)
{
    ftp_pending_drop(session, place);
    ftp_pending_begin(session);
}

ftp_pending_t *
ftp_pending_add(ftp_session_t *session)
{
    ftp_pending_t *pending;

    if (session->pending_count == FTP_PENDING_MAX) {
        if (ftp_pending_at(session, 0)->transfer)
            ftp_transfer_forget(ftp_pending_at(session, 0)->transfer);
        ftp_pending_remove(session, 0);
    }
    if (session->pending_count == session->pending_size)
        grow_pending(session);
    pending = ftp_pending_at(session, session->pending_count++);
    memset(pending, 0, sizeof *pending);
    return pending;
}

/* ftp-effect.c
 * What announcements do to a session; see ftp-effect.h
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

#include "ftp-announce.h"
#include "ftp-effect.h"
#include "ftp-hosts.h"

#define FTP_STRIPES_MAX 32      /* endpoints of a SPOR; the ring of announcements holds twice as many */

void
ftp_effect_take(ftp_session_t *session, packet_info *pinfo, ftp_expect_t *expect)
{
    if (session->current && session->current != expect) {
        session->current->successor = expect;
        ftp_expect_over(session->current, pinfo);
    }
    session->current = expect;
}

bool
ftp_effect_parse(unsigned code, const char *text, size_t length, ftp_endpoint_t *endpoint)
{
    switch (code) {
    case 227:
        return ftp_parse_port(text, length, endpoint);
    case 228:
        return ftp_parse_long_port(text, length, endpoint);
    case 229:
        return ftp_parse_epsv(text, length, endpoint);
    default:
        return false;
    }
}

void
ftp_effect_by_server(ftp_session_t *session, packet_info *pinfo, unsigned code, const ftp_endpoint_t *endpoint)
{
    ftp_mode_t mode = code == 227 ? FTP_MODE_PASV : code == 229 ? FTP_MODE_EPSV : FTP_MODE_LPSV;

    ftp_effect_take(session, pinfo, ftp_expect_add(session, pinfo, mode, endpoint));
    if (session->hosts)
        ftp_hosts_note_port(session->hosts, endpoint->port);
}

static ftp_expect_t *
add_stripe(ftp_session_t *session, packet_info *pinfo, ftp_mode_t mode, const ftp_endpoint_t *endpoint)
{
    ftp_expect_t *expect = ftp_expect_add(session, pinfo, mode, endpoint);

    expect->leader = session->stripes;
    if (!session->stripes)
        session->stripes = expect;
    return expect;
}

void
ftp_effect_stripe_by_server(ftp_session_t *session, packet_info *pinfo, const ftp_endpoint_t *endpoint)
{
    ftp_expect_t *expect = add_stripe(session, pinfo, FTP_MODE_PASV, endpoint);

    if (!expect->leader)
        ftp_effect_take(session, pinfo, expect);
}

ftp_expect_t *
ftp_effect_stripes_by_client(ftp_session_t *session, packet_info *pinfo, const char *text, size_t length)
{
    const char *end = text + length;
    ftp_endpoint_t endpoint;

    session->stripes = NULL;
    for (unsigned i = 0; text < end && i < FTP_STRIPES_MAX; i++) {
        const char *space = (const char *)memchr(text, ' ', (size_t)(end - text));
        const char *part = space ? space : end;

        if (ftp_parse_port(text, (size_t)(part - text), &endpoint))
            add_stripe(session, pinfo, FTP_MODE_PORT, &endpoint);
        text = part + 1;
    }
    return session->stripes;
}

/* acme-tls-alert.c
 * Alerts of TLS that are not encrypted; see acme-tls-alert.h
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

#include "acme-tls-alert.h"

#define TLS_ALERT_FATAL     2
#define TLS_CLOSE_NOTIFY    0

bool
acme_tls_is_alert(tvbuff_t *payload)
{
    return acme_tls_is_record(payload, 0, TLS_ALERT) && tvb_captured_length(payload) >= TLS_RECORD_HEADER + 2
        && tvb_get_ntohs(payload, 3) == 2;
}

bool
acme_tls_is_warning(tvbuff_t *payload)
{
    return tvb_get_uint8(payload, TLS_RECORD_HEADER) != TLS_ALERT_FATAL
        && tvb_get_uint8(payload, TLS_RECORD_HEADER + 1) != TLS_CLOSE_NOTIFY;
}

const char *
acme_tls_alert_name(wmem_allocator_t *pool, int alert)
{
    static const value_string names[] = {
        { TLS_CLOSE_NOTIFY, "close_notify" }, { 40, "handshake_failure" }, { 70, "protocol_version" }, { 80, "internal_error" },
        { 112, "unrecognized_name" }, { 120, "no_application_protocol" }, { 0, NULL }
    };

    return val_to_str(pool, alert, names, "alert %u");
}

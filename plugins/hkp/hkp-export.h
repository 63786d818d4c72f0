/* hkp-export.h
 * HKP's statistics and its list of Export Objects
 *
 * Source: draft-gallagher-openpgp-hkp (operations). Ownership: rows and objects are Wireshark's, what they hold is
 * copied. Errors: none; keys without a fingerprint are not exported.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HKP_EXPORT_H
#define GAPFILL_HKP_EXPORT_H

#include "hkp-answer.h"

/* What a message of an exchange is counted and exported with; valid for the packet. Of an exchange, one has the outcome. */
typedef struct hkp_tap_info {
    bool                     is_request;
    const char              *op;
    uint8_t                  kind;
    const char              *outcome;   /* NULL: none with this message */
    const char              *host;      /* may be NULL */
    const openpgp_summary_t *keys;      /* NULL if there are none */
} hkp_tap_info_t;

/* Whether anybody listens. */
bool hkp_is_tapped(void);

/* info is copied; its strings and keys live as long as the packet. */
void hkp_tap_message(packet_info *pinfo, const hkp_tap_info_t *info);

void hkp_register_export(int proto);

#endif /* GAPFILL_HKP_EXPORT_H */

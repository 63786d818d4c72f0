/* acme-issued.h
 * Certificates that an authority has issued, and what becomes of them
 *
 * Source: RFC 9773 sections 4.1 (the identifier of a certificate) and 5 (orders that replace one), RFC 5280 section 4.1.
 * Units: frames by number. Ownership and lifetime: all is in file scope and acme-issued.c's, written on the first pass only.
 * Errors: NULL where a certificate has no identifier, or a bound is reached (see acme-issued.c): then nothing is said of it.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_ISSUED_H
#define GAPFILL_ACME_ISSUED_H

#include <epan/packet.h>

/* One certificate; frames are 0 where the capture does not show them. */
typedef struct acme_issued {
    const char *id;             /* key identifier of the authority and serial number, in base64url */
    uint32_t    issued_frame;   /* of the answer that handed it out first */
    uint32_t    asked_frame;    /* of the first request for its renewal information */
    uint32_t    replaced_frame; /* of the answer with the order that takes its place */
} acme_issued_t;

void acme_register_issued(void);

/* The identifier of a certificate in DER, in pool; NULL: it has none. */
const char *acme_issued_id(wmem_allocator_t *pool, const uint8_t *der, size_t length);
/* The same for the same identifier, which may be NULL; first pass only. */
acme_issued_t *acme_issued(const char *id);

#endif /* GAPFILL_ACME_ISSUED_H */

/* ldp-status.h
 * Status codes of LDP and of pseudowires, in words, and which of them a frame tells
 *
 * RFC 5036 section 3.4.6 (Status TLV) and the registries of IANA (ldp-namespaces), RFC 8077 section 5.4.3 and RFC 6870 (PW status).
 *
 * Units: none. Ownership: what a frame tells is the file's, texts are the pool's. Lifetime: from ldp_status_reset() on; kept on
 * the first pass only. Bounds: counted in ldp-capture.h. Errors: codes and bits without a name are told by their number.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_STATUS_H
#define GAPFILL_LDP_STATUS_H

#include <stdint.h>

#include <epan/packet.h>

typedef struct ldp_told_status {
    uint32_t  value;
    bool      of_pseudowire;    /* of a PW Status TLV; else of a Status TLV, with its E and F bits */
} ldp_told_status_t;

/* proto: whose data of a frame it is. */
void ldp_status_reset(int proto);

/* The same one several times in a row is kept once. */
void ldp_status_told(uint32_t value, bool of_pseudowire, packet_info *pinfo);

/* Of ldp_told_status_t; NULL: none. */
wmem_array_t *ldp_status_of_frame(packet_info *pinfo);

const char *ldp_status_text(uint32_t status, wmem_allocator_t *pool);

/* Its bits, or "forwarding". */
const char *ldp_pw_status_text(uint32_t status, wmem_allocator_t *pool);

#endif /* GAPFILL_LDP_STATUS_H */

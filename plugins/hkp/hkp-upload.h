/* hkp-upload.h
 * What a key server says of keys that were sent to it
 *
 * Sources: answers of Hockeypuck 2.x (JSON and page), SKS 1.1.6, onak 0.6.2 and pksd (pages), Hagrid (JSON of
 * /vks/v1/upload and request-verify, text of /pks/add), and Mailvelope's key server.
 * Ownership: results belong to the packet's pool. Bounds: HKP_UPLOAD_MAX results of an answer. Nothing throws.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HKP_UPLOAD_H
#define GAPFILL_HKP_UPLOAD_H

#include "hkp-text.h"

#define HKP_UPLOAD_MAX 1000

typedef enum {
    HKP_UPLOAD_UNSAID,
    HKP_UPLOAD_ACCEPTED,
    HKP_UPLOAD_REFUSED          /* all of it */
} hkp_upload_verdict_t;

typedef struct hkp_upload {
    hkp_upload_verdict_t verdict;
    const char          *text;  /* the results, for the Info column; NULL: none */
} hkp_upload_t;

/* body: of the answer, whatever its status; fields are added below tree. */
hkp_upload_t hkp_read_upload(wmem_allocator_t *pool, tvbuff_t *body, proto_tree *tree);

void hkp_register_upload(int proto);

#endif /* GAPFILL_HKP_UPLOAD_H */

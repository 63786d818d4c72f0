/* hkp-json.h
 * JSON of key servers, read from its beginning to its end
 *
 * Source: RFC 8259. Names and values are told one after the other, without a tree of them in memory, so that an index of any size
 * takes a time in proportion to its length. What is not JSON ends it; apart from that, the grammar is not checked.
 * Units: offsets and lengths in octets. Ownership: texts are parts of the body; what is decoded belongs to the pool that is given.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HKP_JSON_H
#define GAPFILL_HKP_JSON_H

#include "hkp-text.h"

typedef enum {
    HKP_JSON_END,       /* of the text, or of what can be read of it */
    HKP_JSON_OPEN,      /* an object or array begins */
    HKP_JSON_CLOSE,
    HKP_JSON_VALUE
} hkp_json_event_t;

typedef struct hkp_json {
    hkp_text_t rest;
    hkp_text_t name;        /* of an object's member, without its quotation marks; length 0: there is none */
    hkp_text_t value;       /* of a string, without its quotation marks; of an opened object or array, its bracket */
    bool       is_string;
    unsigned   depth;       /* objects and arrays that are open: with OPEN this one, too, with CLOSE no more */
} hkp_json_t;

/* Whether the text begins like an object or array. */
bool hkp_json_begins(hkp_text_t text);

hkp_json_t hkp_json_of(hkp_text_t text);
hkp_json_event_t hkp_json_next(hkp_json_t *json);

/* The value without escapes, as text that may be shown (text.h). */
const char *hkp_json_text(wmem_allocator_t *pool, const hkp_json_t *json);

#endif /* GAPFILL_HKP_JSON_H */

/* hkp-text.h
 * Pieces of a message, and what may be shown of them
 *
 * Source: RFC 3986 section 2.1 (percent-encoding).
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HKP_TEXT_H
#define GAPFILL_HKP_TEXT_H

#include <epan/packet.h>
#include "compat.h"

/* Bytes of the message, and where they are in its tvb. */
typedef struct hkp_text {
    const char *start;
    int         length;
    int         offset;
} hkp_text_t;

/* What was captured of tvb. */
hkp_text_t hkp_text_of(tvbuff_t *tvb);

bool hkp_text_is(hkp_text_t text, const char *word);
hkp_text_t hkp_text_from(hkp_text_t text, int skip);

/* Takes the prefix off. */
bool hkp_text_take(hkp_text_t *text, const char *prefix);

/* Where the first c is, or -1. */
int hkp_text_find(hkp_text_t text, char c);

/* Takes off what is before the next c, and c itself. */
hkp_text_t hkp_text_next(hkp_text_t *text, char c);

/*
 * Undoes percent-encoding. Sets bad where a percent sign is followed by something else than two hex digits;
 * another percent sign is none: that is how SKS and onak write one in an index.
 */
char *hkp_percent_decode(wmem_allocator_t *pool, hkp_text_t text, bool plus_is_space, int *length, bool *bad);

/* The same as text that may be shown (text.h); bad is set, too, where that had to be altered. */
const char *hkp_decoded(wmem_allocator_t *pool, hkp_text_t text, bool plus_is_space, bool *bad);

/* Text that may be shown, as it is. */
const char *hkp_shown(wmem_allocator_t *pool, hkp_text_t text);

/* Not more than limit bytes, and an ellipsis if there were. */
const char *hkp_shortened(wmem_allocator_t *pool, const char *text, size_t limit);

bool hkp_is_hex(const char *text, size_t length);
char *hkp_upper_case(wmem_allocator_t *pool, const char *text);

#endif /* GAPFILL_HKP_TEXT_H */

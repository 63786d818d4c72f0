/* http-2-head.h
 * Header blocks of one direction of an HTTP/2 connection, decoded and written down as HTTP/1 would have them; for http-2.c
 *
 * Sources: RFC 7541 (HPACK), which libnghttp2 decodes; RFC 9113 sections 8.1 to 8.3 (fields, pseudo-header fields).
 *
 * Ownership: decoder and heads are in file scope and their maker's; heads are given back with http2_head_release().
 * Bounds: no head has more than 32768 bytes, and all that is kept is counted in http-budget.h. Changed on the first pass only.
 * Errors: a block that is malformed, too large, or for which there is no room any more, gives no head; one that cannot be
 * decoded ends the direction, as every later one builds on it.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HTTP_2_HEAD_H
#define GAPFILL_HTTP_2_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct http2_decoder http2_decoder_t;

typedef struct http2_head {
    char       *text;           /* "GET /target HTTP/2.0" or "HTTP/2.0 200", fields, and the empty line; NULL: none */
    int         length;         /* of text, in bytes */
    int         method_length;  /* of a request, in text; likewise target_length, behind it and a space */
    int         target_length;
    int         type;           /* where the value of Content-Type begins, in text; 0: there is none */
    int         type_length;
    bool        coded;          /* there is a Content-Encoding */
    const char *scheme;         /* of a request; NULL: it has none */
    uint16_t    status;         /* of a response, else 0 */
    size_t      taken;          /* of the budget */
} http2_head_t;

/* NULL: there is no memory for one. */
http2_decoder_t *http2_decoder_new(void);

/* What the other end has acknowledged, in bytes; larger than 1 MiB is taken for that. */
void http2_decoder_set_table_size(http2_decoder_t *decoder, uint32_t size);

/* A block begins. wanted: its fields are; else it is decoded for the sake of those that follow. */
void http2_decoder_begin(http2_decoder_t *decoder, bool wanted);

/* A part of the block. False: it cannot be decoded. */
bool http2_decoder_feed(http2_decoder_t *decoder, const uint8_t *bytes, size_t length, bool final);

/* False: there is none. */
bool http2_decoder_head(const http2_decoder_t *decoder, bool is_request, http2_head_t *head);

/* The block is over; frees what it holds. */
void http2_decoder_end(http2_decoder_t *decoder);

void http2_head_release(http2_head_t *head);

#endif /* GAPFILL_HTTP_2_HEAD_H */

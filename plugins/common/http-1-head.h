/* http-1-head.h
 * The head of a message of HTTP/1, as far as framing needs it; for http-1.c
 *
 * Source: RFC 9112 sections 2.1, 3, 4 (start lines), 6.1 and 6.2 (what tells a body's length); RFC 7540 section 3.2 (h2c).
 * Nothing is kept. Offsets and lengths are in bytes.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HTTP_1_HEAD_H
#define GAPFILL_HTTP_1_HEAD_H

#include <stdbool.h>
#include <stdint.h>

typedef struct http1_head {
    bool     is_request;
    bool     head_method;
    bool     connect_method;
    bool     chunked;
    bool     has_length;
    bool     complete;          /* up to its empty line */
    bool     h2c;               /* the upgrade is to HTTP/2 */
    uint16_t status;
    uint64_t length;            /* of the body, as the head says */
    int      size;              /* of the head, with its empty line; 0: there is none */
    int      method_length;
    int      target_length;
    int      type;              /* where the value of Content-Type begins, from the start line on; 0: there is none */
    int      type_length;
    bool     coded;             /* there is a Content-Encoding */
} http1_head_t;

/* False: no message begins here. A head that is cut off is as long as what there is. */
bool http1_read_head(const uint8_t *bytes, int offset, int end, http1_head_t *head);

/* Whether a start line is there. */
bool http1_message_begins(const uint8_t *bytes, int offset, int end);

/* Whether the text, which has no line end, can be the beginning of a start line: a word and what may be a target. */
bool http1_may_become_start_line(const char *text, int length);

#endif /* GAPFILL_HTTP_1_HEAD_H */

/* acme-json.h
 * JSON objects of ACME's messages
 *
 * Source: RFC 8259. Units: lengths are in bytes. Ownership: an object, and what is read from it, is in the pool that it was
 * parsed in.
 * Errors: an object that could not be parsed has no root, and no members then.
 * Bounds: 64 KiB of text, 4096 JSON tokens.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_JSON_H
#define GAPFILL_ACME_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include <epan/tvbuff.h>
#include <wsutil/wsjson.h>

#define ACME_MAX_JSON 65536

/* A parsed object. In pinfo->pool; reading strings changes the text, but no positions. */
typedef struct acme_json {
    char      *text;
    jsmntok_t *root;
    int        count;
} acme_json_t;

/* Whether the text is an object. */
bool acme_json_parse(wmem_allocator_t *pool, const char *text, size_t length, acme_json_t *object);
/* Likewise; body may be NULL. */
bool acme_json_parse_body(wmem_allocator_t *pool, tvbuff_t *body, acme_json_t *object);
/* Whether the name is anywhere in the body, which spares most bodies the parser; body may be NULL. */
bool acme_json_mentions(tvbuff_t *body, const char *name);

/* The value of a member of the object itself; NULL: there is none. */
const jsmntok_t *acme_json_member(const acme_json_t *object, const char *name);
bool acme_json_has(const acme_json_t *object, const char *name);
bool acme_json_has_array(const acme_json_t *object, const char *name);
/* The string of a member of an object in it, decoded; NULL: there is no such member, or it is no string. */
const char *acme_json_text(const acme_json_t *object, jsmntok_t *holder, const char *name);
/* Likewise, of the object itself. */
const char *acme_json_string(const acme_json_t *object, const char *name);
/* Likewise, of one of its tokens, such as an entry of an array; it may be NULL. */
const char *acme_json_text_of(const acme_json_t *object, const jsmntok_t *value);

#endif /* GAPFILL_ACME_JSON_H */

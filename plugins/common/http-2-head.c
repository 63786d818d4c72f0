/* http-2-head.c
 * Header blocks of HTTP/2; see http-2-head.h
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

#include <string.h>

#include <epan/packet.h>

#include <nghttp2/nghttp2.h>

#include "api-bool.h"
#include "http-2-head.h"
#include "http-budget.h"
#include "compat.h"

/* Header fields of a message, decoded; more make it one that is not told. */
#define MAX_HEAD            32768
/* The largest HPACK table that is followed; peers that ask for more seldom get it. */
#define MAX_TABLE           (1024 * 1024)
/* What a head brings with it: stream, exchange, records. */
#define HEAD_OVERHEAD       256

struct http2_decoder {
    nghttp2_hd_inflater *inflater;
    /* Of the block at hand. */
    bool                 wanted;
    bool                 unusable;          /* malformed, or too large */
    bool                 fields_begun;      /* pseudo-header fields are over */
    char                *method;
    char                *path;
    char                *scheme;
    char                *authority;
    char                *status;
    wmem_strbuf_t       *fields;            /* as lines of HTTP/1 */
    size_t               size;              /* of all fields */
    size_t               taken;             /* of the budget */
};

static api_bool_t
delete_inflater(wmem_allocator_t *scope _U_, wmem_cb_event_t event _U_, void *inflater)
{
    nghttp2_hd_inflate_del((nghttp2_hd_inflater *)inflater);
    return false;
}

http2_decoder_t *
http2_decoder_new(void)
{
    http2_decoder_t *decoder = wmem_new0(wmem_file_scope(), http2_decoder_t);

    if (nghttp2_hd_inflate_new(&decoder->inflater) != 0)
        return NULL;
    wmem_register_callback(wmem_file_scope(), delete_inflater, decoder->inflater);
    return decoder;
}

void
http2_decoder_set_table_size(http2_decoder_t *decoder, uint32_t size)
{
    nghttp2_hd_inflate_change_table_size(decoder->inflater, MIN(size, MAX_TABLE));
}

/* --- Fields --- */

static bool
is_token(const uint8_t *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (!g_ascii_isalnum(text[i]) && (text[i] == '\0' || !strchr("!#$%&'*+-.^_`|~", text[i])))
            return false;
    }
    return length > 0;
}

/* RFC 9113 section 8.2.1; such an octet would end the line. */
static bool
is_value(const uint8_t *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\r' || text[i] == '\n' || text[i] == '\0')
            return false;
    }
    return true;
}

static char *
kept_text(const uint8_t *text, size_t length)
{
    return wmem_strndup(wmem_file_scope(), (const char *)text, length);
}

static void
take_pseudo_field(http2_decoder_t *block, const nghttp2_nv *nv)
{
    struct { const char *name; char **place; } known[] = {
        { ":method", &block->method }, { ":path", &block->path }, { ":scheme", &block->scheme },
        { ":authority", &block->authority }, { ":status", &block->status },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        if (strlen(known[i].name) != nv->namelen || memcmp(known[i].name, nv->name, nv->namelen) != 0)
            continue;
        if (*known[i].place || block->fields_begun)
            block->unusable = true;
        else
            *known[i].place = kept_text(nv->value, nv->valuelen);
        return;
    }
}

static void
take_plain_field(http2_decoder_t *block, const nghttp2_nv *nv)
{
    if (!block->fields)
        block->fields = wmem_strbuf_new(wmem_file_scope(), NULL);
    block->fields_begun = true;
    wmem_strbuf_append_len(block->fields, (const char *)nv->name, nv->namelen);
    wmem_strbuf_append_len(block->fields, ": ", 2);
    wmem_strbuf_append_len(block->fields, (const char *)nv->value, nv->valuelen);
    wmem_strbuf_append_len(block->fields, "\r\n", 2);
}

static bool
make_room(http2_decoder_t *block, size_t size)
{
    block->size += size;
    if (block->size > MAX_HEAD || !http_budget_take(size))
        return false;
    block->taken += size;
    return true;
}

static void
take_field(http2_decoder_t *block, const nghttp2_nv *nv)
{
    bool pseudo = nv->namelen > 0 && nv->name[0] == ':';

    if (block->unusable || !block->wanted)
        return;
    if (!is_value(nv->value, nv->valuelen) || !is_token(nv->name + pseudo, nv->namelen - pseudo)
            || !make_room(block, nv->namelen + nv->valuelen + 4))
        block->unusable = true;
    else if (pseudo)
        take_pseudo_field(block, nv);
    else
        take_plain_field(block, nv);
}

/* --- Blocks --- */

void
http2_decoder_end(http2_decoder_t *block)
{
    wmem_allocator_t *scope = wmem_file_scope();
    nghttp2_hd_inflater *inflater = block->inflater;

    wmem_free(scope, block->method);
    wmem_free(scope, block->path);
    wmem_free(scope, block->scheme);
    wmem_free(scope, block->authority);
    wmem_free(scope, block->status);
    if (block->fields)
        wmem_strbuf_destroy(block->fields);
    http_budget_give_back(block->taken);
    memset(block, 0, sizeof *block);
    block->inflater = inflater;
}

void
http2_decoder_begin(http2_decoder_t *block, bool wanted)
{
    block->wanted = wanted;
}

bool
http2_decoder_feed(http2_decoder_t *block, const uint8_t *bytes, size_t length, bool final)
{
    for (;;) {
        nghttp2_nv field;
        int flags = 0;
        ssize_t used = nghttp2_hd_inflate_hd2(block->inflater, &field, &flags, bytes, length, final);

        if (used < 0)
            return false;
        bytes += used;
        length -= (size_t)used;
        if (flags & NGHTTP2_HD_INFLATE_EMIT)
            take_field(block, &field);
        if (flags & NGHTTP2_HD_INFLATE_FINAL) {
            nghttp2_hd_inflate_end_headers(block->inflater);
            return true;
        }
        if (!(flags & NGHTTP2_HD_INFLATE_EMIT) && length == 0)
            return !final;
    }
}

/* --- Heads --- */

static uint16_t
status_code(const char *text)
{
    if (!text || strlen(text) != 3 || text[0] < '1' || text[0] > '9' || !g_ascii_isdigit(text[1]) || !g_ascii_isdigit(text[2]))
        return 0;
    return (uint16_t)((text[0] - '0') * 100 + (text[1] - '0') * 10 + text[2] - '0');
}

static bool
block_is_request(const http2_decoder_t *block)
{
    if (!block->method || block->status || !is_token((const uint8_t *)block->method, strlen(block->method)))
        return false;
    return block->path ? block->path[0] != '\0' : block->authority && !strcmp(block->method, "CONNECT");
}

/* Ends with NULL. */
static char *
join_texts(const char *const *texts, size_t *length)
{
    char *joined, *to;

    *length = 0;
    for (unsigned i = 0; texts[i]; i++)
        *length += strlen(texts[i]);
    joined = to = (char *)wmem_alloc(wmem_file_scope(), *length + 1);
    for (unsigned i = 0; texts[i]; i++)
        to = g_stpcpy(to, texts[i]);
    return joined;
}

static void
write_head(const http2_decoder_t *block, bool is_request, http2_head_t *head)
{
    const char *fields = block->fields ? wmem_strbuf_get_str(block->fields) : "";
    const char *authority = block->authority ? block->authority : "";
    const char *const request[] = {
        block->method, " ", block->path ? block->path : authority, " HTTP/2.0\r\n", block->authority ? "host: " : "", authority,
        block->authority ? "\r\n" : "", fields, "\r\n", NULL
    };
    const char *const response[] = { "HTTP/2.0 ", block->status, "\r\n", fields, "\r\n", NULL };
    size_t length;

    head->text = join_texts(is_request ? request : response, &length);
    head->length = (int)length;
}

/* Nearly all have one of two, which need no copy. NULL: another one. */
static const char *
usual_scheme(const char *scheme)
{
    static const char *const usual[] = { "https", "http" };

    for (unsigned i = 0; i < G_N_ELEMENTS(usual); i++) {
        if (!strcmp(scheme, usual[i]))
            return usual[i];
    }
    return NULL;
}

static const char *
keep_scheme(const char *scheme)
{
    const char *usual = usual_scheme(scheme);

    return usual ? usual : wmem_strdup(wmem_file_scope(), scheme);
}

/* Fields are counted as long as they are decoded, and once more in the head that is written from them. */
bool
http2_decoder_head(const http2_decoder_t *block, bool is_request, http2_head_t *head)
{
    size_t size = block->size + HEAD_OVERHEAD;

    memset(head, 0, sizeof *head);
    if (block->unusable || (is_request ? !block_is_request(block) : !status_code(block->status)) || !http_budget_take(size))
        return false;
    head->taken = size;
    write_head(block, is_request, head);
    if (!is_request)
        head->status = status_code(block->status);
    else if (block->scheme)
        head->scheme = keep_scheme(block->scheme);
    return true;
}

void
http2_head_release(http2_head_t *head)
{
    wmem_free(wmem_file_scope(), head->text);
    if (head->scheme && !usual_scheme(head->scheme))
        wmem_free(wmem_file_scope(), (void *)head->scheme);
    http_budget_give_back(head->taken);
    memset(head, 0, sizeof *head);
}

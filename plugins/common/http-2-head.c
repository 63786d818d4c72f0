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

#include <stdlib.h>
#include <string.h>

#include <epan/packet.h>

#include <nghttp2/nghttp2.h>

#include "api-bool.h"
#include "http-2-head.h"
#include "http-body.h"
#include "http-budget.h"
#include "compat.h"

/* Header fields of a message, decoded; more make it one that is not told. */
#define MAX_HEAD            32768
/* The largest HPACK table that is followed; peers that ask for more seldom get it. */
#define MAX_TABLE           (1024 * 1024)
/* What a head brings with it: stream, exchange, records. */
#define HEAD_OVERHEAD       256

/* Room for fields that a decoder has between blocks. */
#define USUAL_ROOM          1024

/* Pseudo-header fields. */
typedef enum { METHOD, SCHEME, STATUS, PATH, AUTHORITY, PSEUDO_FIELDS } pseudo_t;

/* A piece of a block's text, which moves when it grows. */
typedef struct piece {
    bool   given;
    size_t offset;
    size_t length;
} piece_t;

struct http2_decoder {
    nghttp2_hd_inflater *inflater;
    char                *text;              /* values of pseudo-header fields, then the others as lines of HTTP/1 */
    size_t               room;              /* octets of it; text is in file scope */
    /* Of the block at hand. */
    bool                 wanted;
    bool                 unusable;          /* malformed, or too large */
    bool                 fields_begun;      /* pseudo-header fields are over */
    piece_t              pseudo[PSEUDO_FIELDS];
    size_t               fields;            /* offset of the others */
    piece_t              type;              /* value of Content-Type */
    bool                 coded;             /* there is a Content-Encoding */
    size_t               used;              /* of text */
    size_t               size;              /* of all fields */
    size_t               taken;             /* of the budget */
};

/* --- Memory for libnghttp2 --- */

/*
 * It allocates some pieces for each field and soon gives them back: kept by their size, they cost it a tenth of what GLib does.
 * What is larger is left to that.
 */
#define PIECE_STEP      32
#define PIECE_SIZES     8
/* Of each size; others go back. */
#define MAX_SPARE       64

/* What stands before what libnghttp2 gets. */
typedef struct spare_piece {
    union {
        struct spare_piece *next;   /* of a spare one */
        size_t              steps;  /* its size; PIECE_SIZES: another one */
        long double         align;  /* as of all that is allocated */
    } is;
} spare_piece_t;

static spare_piece_t *spare_pieces[PIECE_SIZES];
static unsigned spare_count[PIECE_SIZES];

static void *
take_piece(size_t size, void *user_data _U_)
{
    size_t steps = size / PIECE_STEP;
    spare_piece_t *piece = steps < PIECE_SIZES ? spare_pieces[steps] : NULL;

    if (piece) {
        spare_pieces[steps] = piece->is.next;
        spare_count[steps]--;
    } else {
        steps = MIN(steps, PIECE_SIZES);
        piece = (spare_piece_t *)g_malloc(sizeof *piece + (steps < PIECE_SIZES ? (steps + 1) * PIECE_STEP : size));
    }
    if (!piece)
        return NULL;
    piece->is.steps = steps;
    return piece + 1;
}

static void
give_piece_back(void *memory, void *user_data _U_)
{
    spare_piece_t *piece = memory ? (spare_piece_t *)memory - 1 : NULL;
    size_t steps = piece ? piece->is.steps : 0;

    if (!piece)
        return;
    if (steps == PIECE_SIZES || spare_count[steps] == MAX_SPARE) {
        g_free(piece);
        return;
    }
    piece->is.next = spare_pieces[steps];
    spare_pieces[steps] = piece;
    spare_count[steps]++;
}

static void *
take_cleared_piece(size_t count, size_t size, void *user_data)
{
    void *memory = size == 0 || count <= SIZE_MAX / size ? take_piece(count * size, user_data) : NULL;

    return memory ? memset(memory, 0, count * size) : NULL;
}

static void *
resize_piece(void *memory, size_t size, void *user_data)
{
    size_t before = memory ? ((spare_piece_t *)memory - 1)->is.steps : 0;
    void *now;

    if (memory && before == PIECE_SIZES && size / PIECE_STEP >= PIECE_SIZES) {
        spare_piece_t *piece = (spare_piece_t *)g_realloc((spare_piece_t *)memory - 1, sizeof *piece + size);

        return piece ? piece + 1 : NULL;
    }
    now = take_piece(size, user_data);
    if (now && memory)
        memcpy(now, memory, MIN(size, (MIN(before, PIECE_SIZES - 1) + 1) * PIECE_STEP));
    if (now)
        give_piece_back(memory, user_data);
    return now;
}

static nghttp2_mem piece_memory = { NULL, take_piece, give_piece_back, take_cleared_piece, resize_piece };

/* --- Decoders --- */

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

    if (nghttp2_hd_inflate_new2(&decoder->inflater, &piece_memory) != 0)
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

/* RFC 9110 section 5.6.2; a bit for each octet below 128, the lower half first. */
static const uint64_t token_chars[2] = { UINT64_C(0x03ff6cfa00000000), UINT64_C(0x57ffffffc7fffffe) };

static inline bool
is_token(const char *text, size_t length)
{
    uint64_t all = 1;

    for (size_t i = 0; i < length; i++) {
        uint8_t c = (uint8_t)text[i];

        /* Nearly all of names. */
        if ((uint8_t)(c - 'a') < 26 || c == '-')
            continue;
        all &= c < 128 ? token_chars[c / 64] >> c % 64 : 0;
    }
    return length > 0 && all;
}

/* Whether one of eight octets is below 0x10, as NUL and line ends are. */
static bool
has_low_octet(const uint8_t *text)
{
    uint64_t eight;

    memcpy(&eight, text, sizeof eight);
    eight &= UINT64_C(0xf0f0f0f0f0f0f0f0);
    return ((eight - UINT64_C(0x1010101010101010)) & ~eight & UINT64_C(0x8080808080808080)) != 0;
}

/* RFC 9113 section 8.2.1; such an octet would end the line. */
static bool
is_value(const uint8_t *text, size_t length)
{
    size_t i = 0;

    while (i < length) {
        if (length - i >= 8 && !has_low_octet(text + i)) {
            i += 8;
            continue;
        }
        if (text[i] == '\r' || text[i] == '\n' || text[i] == '\0')
            return false;
        i++;
    }
    return true;
}

static char *
append(char *to, const void *bytes, size_t length)
{
    memcpy(to, bytes, length);
    return to + length;
}

/* The block's text with room for so many octets more. */
static char *
end_of_text(http2_decoder_t *block, size_t more)
{
    if (!block->text || block->room < block->used + more) {
        block->room = MAX(USUAL_ROOM, 2 * (block->used + more));
        block->text = (char *)wmem_realloc(wmem_file_scope(), block->text, block->room);
    }
    return block->text + block->used;
}

/* PSEUDO_FIELDS: another one. */
static pseudo_t
pseudo_of(const nghttp2_nv *nv)
{
    static const struct { const char *name; size_t length; } known[PSEUDO_FIELDS] = {
        [METHOD] = { ":method", 7 }, [SCHEME] = { ":scheme", 7 }, [STATUS] = { ":status", 7 }, [PATH] = { ":path", 5 },
        [AUTHORITY] = { ":authority", 10 },
    };
    unsigned i = 0;

    while (i < PSEUDO_FIELDS && (known[i].length != nv->namelen || memcmp(known[i].name, nv->name, nv->namelen) != 0))
        i++;
    return (pseudo_t)i;
}

static void
take_pseudo_field(http2_decoder_t *block, pseudo_t which, const nghttp2_nv *nv)
{
    if (block->pseudo[which].given || block->fields_begun) {
        block->unusable = true;
        return;
    }
    append(end_of_text(block, nv->valuelen), nv->value, nv->valuelen);
    block->pseudo[which] = (piece_t){ true, block->used, nv->valuelen };
    block->used += nv->valuelen;
}

static bool
is_space(char c)
{
    return c == ' ' || c == '\t';
}

/* offset: where the value will be in the block's text. */
static void
note_type(http2_decoder_t *block, const char *value, size_t offset, size_t length)
{
    while (length > 0 && is_space(value[length - 1]))
        length--;
    for (; length > 0 && is_space(*value); value++, offset++)
        length--;
    block->type = (piece_t){ true, offset, length };
}

/* What is asked for of most messages; as http_message_header() would find it. */
static void
note_content_field(http2_decoder_t *block, const nghttp2_nv *nv)
{
    const char *name = (const char *)nv->name;

    if (nv->namelen == 12 && !block->type.given && http_is_name(name, "Content-Type", 12))
        note_type(block, (const char *)nv->value, block->used + nv->namelen + 2, nv->valuelen);
    else if (nv->namelen == 16 && http_is_name(name, "Content-Encoding", 16))
        block->coded = true;
}

static void
take_plain_field(http2_decoder_t *block, const nghttp2_nv *nv)
{
    size_t length = nv->namelen + nv->valuelen + 4;
    char *to = end_of_text(block, length);

    if (!block->fields_begun)
        block->fields = block->used;
    block->fields_begun = true;
    note_content_field(block, nv);
    to = append(to, nv->name, nv->namelen);
    to = append(to, ": ", 2);
    to = append(to, nv->value, nv->valuelen);
    append(to, "\r\n", 2);
    block->used += length;
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
    pseudo_t which = pseudo ? pseudo_of(nv) : PSEUDO_FIELDS;

    if (block->unusable || !block->wanted)
        return;
    if (!is_value(nv->value, nv->valuelen)
            || (which == PSEUDO_FIELDS && !is_token((const char *)nv->name + pseudo, nv->namelen - pseudo))
            || !make_room(block, nv->namelen + nv->valuelen + 4))
        block->unusable = true;
    else if (which != PSEUDO_FIELDS)
        take_pseudo_field(block, which, nv);
    else if (!pseudo)
        take_plain_field(block, nv);
}

/* --- Blocks --- */

void
http2_decoder_end(http2_decoder_t *block)
{
    http2_decoder_t empty = { .inflater = block->inflater, .text = block->text, .room = block->room };

    http_budget_give_back(block->taken);
    if (block->room > 2 * USUAL_ROOM) {
        wmem_free(wmem_file_scope(), block->text);
        empty.text = NULL;
        empty.room = 0;
    }
    *block = empty;
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

static const char *
value_of(const http2_decoder_t *block, pseudo_t which)
{
    return block->text + block->pseudo[which].offset;
}

/* 0: there is none. */
static uint16_t
status_code(const http2_decoder_t *block)
{
    const char *text = block->pseudo[STATUS].length == 3 ? value_of(block, STATUS) : NULL;

    if (!text || text[0] < '1' || text[0] > '9' || !g_ascii_isdigit(text[1]) || !g_ascii_isdigit(text[2]))
        return 0;
    return (uint16_t)((text[0] - '0') * 100 + (text[1] - '0') * 10 + text[2] - '0');
}

static bool
block_is_request(const http2_decoder_t *block)
{
    const piece_t *method = &block->pseudo[METHOD];

    if (!method->given || block->pseudo[STATUS].given || !is_token(value_of(block, METHOD), method->length))
        return false;
    if (block->pseudo[PATH].given)
        return block->pseudo[PATH].length > 0;
    return block->pseudo[AUTHORITY].given && method->length == 7 && !memcmp(value_of(block, METHOD), "CONNECT", 7);
}

static char *
append_pseudo(char *to, const http2_decoder_t *block, pseudo_t which)
{
    return append(to, value_of(block, which), block->pseudo[which].length);
}

/* "GET /target HTTP/2.0" and the host. */
static char *
append_request(char *to, const http2_decoder_t *block, http2_head_t *head)
{
    pseudo_t target = block->pseudo[PATH].given ? PATH : AUTHORITY;

    head->method_length = (int)block->pseudo[METHOD].length;
    head->target_length = (int)block->pseudo[target].length;
    to = append_pseudo(to, block, METHOD);
    to = append(to, " ", 1);
    to = append_pseudo(to, block, target);
    to = append(to, " HTTP/2.0\r\n", 11);
    if (!block->pseudo[AUTHORITY].given)
        return to;
    to = append(to, "host: ", 6);
    to = append_pseudo(to, block, AUTHORITY);
    return append(to, "\r\n", 2);
}

static char *
append_response(char *to, const http2_decoder_t *block)
{
    to = append(to, "HTTP/2.0 ", 9);
    to = append_pseudo(to, block, STATUS);
    return append(to, "\r\n", 2);
}

/* What is said beside the fields, at the most; the authority may be the target, too. */
#define FRAMING sizeof(" HTTP/2.0\r\nhost: \r\n\r\n ")

static void
write_head(const http2_decoder_t *block, bool is_request, http2_head_t *head)
{
    char *to;

    head->text = to = (char *)wmem_alloc(wmem_file_scope(), block->used + block->pseudo[AUTHORITY].length + FRAMING);
    to = is_request ? append_request(to, block, head) : append_response(to, block);
    if (block->type.given) {
        head->type = (int)(to - head->text + (ptrdiff_t)(block->type.offset - block->fields));
        head->type_length = (int)block->type.length;
    }
    head->coded = block->coded;
    if (block->fields_begun)
        to = append(to, block->text + block->fields, block->used - block->fields);
    to = append(to, "\r\n", 2);
    head->length = (int)(to - head->text);
}

/* Nearly all have one of two, which need no copy. NULL: another one. */
static const char *
usual_scheme(const char *scheme, size_t length)
{
    static const char *const usual[] = { "https", "http" };

    for (unsigned i = 0; i < G_N_ELEMENTS(usual); i++) {
        if (strlen(usual[i]) == length && !memcmp(scheme, usual[i], length))
            return usual[i];
    }
    return NULL;
}

static const char *
keep_scheme(const char *scheme, size_t length)
{
    const char *usual = usual_scheme(scheme, length);

    return usual ? usual : wmem_strndup(wmem_file_scope(), scheme, length);
}

/* Fields are counted as long as they are decoded, and once more in the head that is written from them. */
bool
http2_decoder_head(const http2_decoder_t *block, bool is_request, http2_head_t *head)
{
    size_t size = block->size + HEAD_OVERHEAD;

    memset(head, 0, sizeof *head);
    if (block->unusable || (is_request ? !block_is_request(block) : !status_code(block)) || !http_budget_take(size))
        return false;
    head->taken = size;
    write_head(block, is_request, head);
    if (!is_request)
        head->status = status_code(block);
    else if (block->pseudo[SCHEME].given)
        head->scheme = keep_scheme(value_of(block, SCHEME), block->pseudo[SCHEME].length);
    return true;
}

void
http2_head_release(http2_head_t *head)
{
    wmem_free(wmem_file_scope(), head->text);
    if (head->scheme && !usual_scheme(head->scheme, strlen(head->scheme)))
        wmem_free(wmem_file_scope(), (void *)head->scheme);
    http_budget_give_back(head->taken);
    memset(head, 0, sizeof *head);
}

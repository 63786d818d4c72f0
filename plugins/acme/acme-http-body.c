/* acme-http-body.c
 * What a web server answered in the place of a key authorization; see acme-http-body.h
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

#include "acme-base64url.h"
#include "acme-http-body.h"
#include "compat.h"

#define BODY_MAX_READ       4096    /* a key authorization with its white space is shorter */

static const char white_space[] = " \t\r\n\f\v";

/* A body without the white space at its end. */
static int
trimmed_length(tvbuff_t *body)
{
    int length = (int)tvb_captured_length(body);

    while (length > 0 && g_ascii_isspace(tvb_get_uint8(body, length - 1)))
        length--;
    return length;
}

/* Bytes of a byte order mark at the beginning; of UTF-16 it spoils all that follows. */
static int
mark_length(const char *text, int length)
{
    if (length >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
        return 3;
    return length >= 2 && (!memcmp(text, "\xff\xfe", 2) || !memcmp(text, "\xfe\xff", 2)) ? 2 : 0;
}

/* The length of the key authorization that a text begins with; 0: there is none. */
static size_t
key_authorization_length(const char *text)
{
    size_t token = strcspn(text, ". \t\r\n\f\v");
    size_t thumbprint;

    if (text[token] != '.' || !acme_is_base64url(text, token))
        return 0;
    thumbprint = strcspn(text + token + 1, white_space);
    return acme_is_base64url(text + token + 1, thumbprint) ? token + 1 + thumbprint : 0;
}

static bool
is_page(const char *text, bool html)
{
    text += strspn(text, white_space);
    if (text[0] == '<' && (g_ascii_isalpha(text[1]) || text[1] == '!' || text[1] == '?'))
        return true;
    return html && strchr(text, '<') && strchr(text, '>');
}

static void
set_fault(acme_body_t *read, acme_cause_t cause, const char *fault)
{
    read->cause = cause;
    read->fault = fault;
}

/* What is wrong with a text that begins with a key authorization of that length. */
static void
judge_key_authorization(wmem_allocator_t *pool, const char *text, size_t length, const char *token, acme_body_t *read)
{
    size_t dot = strcspn(text, ".");

    read->token = wmem_strndup(pool, text, dot);
    read->thumbprint = wmem_strndup(pool, text + dot + 1, length - dot - 1);
    if (strcmp(read->token, token))
        set_fault(read, ACME_CAUSE_TOKEN, "another token");
    else if (strlen(read->thumbprint) != ACME_DIGEST_LENGTH)
        set_fault(read, ACME_CAUSE_THUMBPRINT, "thumbprint is not a SHA-256 digest");
    else if (text[length])
        set_fault(read, ACME_CAUSE_TEXT, "text behind the key authorization");
    else if (read->offset > 0)
        set_fault(read, ACME_CAUSE_BYTE_ORDER_MARK, "byte order mark");
}

/* Whether a key authorization for the token is somewhere in a text. */
static bool
holds_key_authorization(const char *text, const char *token)
{
    const char *found = strstr(text, token);

    return found && found[strlen(token)] == '.';
}

static void
judge_other_text(const char *text, int mark, bool html, const char *token, acme_body_t *read)
{
    if (is_page(text, html))
        set_fault(read, ACME_CAUSE_PAGE, "a page");
    else if (mark == 2)
        set_fault(read, ACME_CAUSE_BYTE_ORDER_MARK, "byte order mark of UTF-16");
    else if (!strcmp(text, token))
        set_fault(read, ACME_CAUSE_TOKEN_ALONE, "the token alone");
    else if (holds_key_authorization(text, token))
        set_fault(read, ACME_CAUSE_TEXT, "text or white space in front of the key authorization");
    else
        set_fault(read, ACME_CAUSE_TEXT, "not a key authorization");
}

void
acme_read_body(wmem_allocator_t *pool, tvbuff_t *body, bool html, const char *token, acme_body_t *read)
{
    int length = body ? trimmed_length(body) : 0;
    int captured = MIN(length, BODY_MAX_READ);
    const char *text;
    size_t found;
    int mark;

    memset(read, 0, sizeof *read);
    read->offset = -1;
    if (length == 0) {
        set_fault(read, ACME_CAUSE_TEXT, "empty body");
        return;
    }
    text = wmem_strndup(pool, (const char *)tvb_get_ptr(body, 0, captured), captured);
    mark = mark_length(text, captured);
    found = length <= BODY_MAX_READ && (int)strlen(text) == length ? key_authorization_length(text + mark) : 0;
    if (found > 0) {
        read->offset = mark;
        judge_key_authorization(pool, text + mark, found, token, read);
    } else {
        judge_other_text(text + mark, mark, html, token, read);
    }
}

/* openpgp-mail-parts.c
 * OpenPGP in a mail; see openpgp-mail-parts.h
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

#include <glib.h>

#include "openpgp-content.h"
#include "openpgp-mail-parts.h"
#include "text.h"

/* Enough of an encoded part to see that it is neither text nor a key. */
#define SAMPLE          1024

/* In every beginning of armor, also where its first dash is written =2D. */
#define BEGIN_REST      "----BEGIN PGP "

/* Fields of a mail that are looked at: more than one is an error already. */
#define AUTOCRYPT_FIELDS    16

typedef struct finder {
    wmem_allocator_t *pool;
    wmem_array_t     *parts;    /* of the mail */
    wmem_array_t     *found;
    bool              cut;
} finder_t;

static const mime_part_t *
part_at(const finder_t *finder, int i)
{
    return (const mime_part_t *)wmem_array_index(finder->parts, (unsigned)i);
}

static const char *
shown(const finder_t *finder, const char *text)
{
    return text ? text_shown(finder->pool, text, strlen(text), TEXT_LINE, NULL) : NULL;
}

/* --- What a part is --- */

typedef struct carrier {
    const char       *type;
    openpgp_content_t content;
} carrier_t;

static const carrier_t carriers[] = {
    { "application/pgp-keys",      OPENPGP_CONTENT_KNOWN },
    { "application/pgp-signature", OPENPGP_CONTENT_KNOWN },
    { "application/pgp",           OPENPGP_CONTENT_KNOWN },    /* before RFC 2015 */
    { "text/plain",                OPENPGP_CONTENT_OCTETS },
    { "text/html",                 OPENPGP_CONTENT_TEXT },
    { "application/octet-stream",  OPENPGP_CONTENT_OCTETS },
};

static const char *
filename_of(const finder_t *finder, const mime_part_t *part)
{
    unsigned offset = 0;
    const char *disposition = mime_field(finder->pool, part->head, "Content-Disposition", &offset);
    const char *name = disposition ? mime_parameter(finder->pool, disposition, "filename") : NULL;

    return name ? name : mime_parameter(finder->pool, part->content, "name");
}

static bool
is_named_openpgp(const char *filename)
{
    static const char *const ends[] = { ".asc", ".gpg", ".pgp", ".sig", ".key" };
    size_t length = filename ? strlen(filename) : 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(ends); i++) {
        if (length > strlen(ends[i]) && !g_ascii_strcasecmp(filename + length - strlen(ends[i]), ends[i]))
            return true;
    }
    return false;
}

/* What the part is in, or NULL. */
static const mime_part_t *
multipart_of(const finder_t *finder, const mime_part_t *part, const char *type)
{
    const mime_part_t *parent = part->parent >= 0 ? part_at(finder, part->parent) : NULL;

    return parent && !strcmp(parent->type, type) ? parent : NULL;
}

/* RFC 3156 section 4: the second part, of whatever type. */
static bool
is_encrypted(const finder_t *finder, const mime_part_t *part)
{
    const mime_part_t *parent = multipart_of(finder, part, "multipart/encrypted");
    const char *protocol = parent ? mime_parameter(finder->pool, parent->content, "protocol") : NULL;

    return protocol && part->position == 1 && !g_ascii_strcasecmp(protocol, "application/pgp-encrypted");
}

static openpgp_content_t
content_of(const finder_t *finder, const mime_part_t *part)
{
    if (is_encrypted(finder, part))
        return OPENPGP_CONTENT_KNOWN;
    for (unsigned i = 0; i < G_N_ELEMENTS(carriers); i++) {
        if (!strcmp(carriers[i].type, part->type))
            return carriers[i].content;
    }
    return is_named_openpgp(filename_of(finder, part)) ? OPENPGP_CONTENT_OCTETS : OPENPGP_CONTENT_NONE;
}

static bool
has_parameter(const finder_t *finder, const mime_part_t *part, const char *name, const char *value)
{
    const char *found = mime_parameter(finder->pool, part->content, name);

    return found && !g_ascii_strcasecmp(found, value);
}

/* RFC 3676 section 4. */
static bool
is_flowed(const finder_t *finder, const mime_part_t *part)
{
    return !strcmp(part->type, "text/plain") && has_parameter(finder, part, "format", "flowed");
}

/* --- Looking --- */

static bool
has_begin(mime_octets_t text)
{
    return g_strstr_len((const char *)text.octets, (gssize)MIN(text.length, OPENPGP_SEARCH_MAX), BEGIN_REST) != NULL;
}

/* Whether it is worth decoding; nothing is lost but what nobody would look for. */
static bool
may_have(const finder_t *finder, const mime_part_t *part)
{
    mime_octets_t sample;

    if (part->encoding == MIME_QUOTED_PRINTABLE && part->body.length > SAMPLE)
        return has_begin(part->body);
    if (part->encoding != MIME_BASE64)
        return true;
    sample = mime_decode(finder->pool, part->body, MIME_BASE64, SAMPLE);
    return sample.length > 0 && (!memchr(sample.octets, '\0', sample.length)
        || openpgp_is_binary((openpgp_data_t){ sample.octets, sample.length, sample.length }, true));
}

static bool
find_in(const finder_t *finder, mime_octets_t octets, openpgp_content_t content, openpgp_mail_part_t *found)
{
    openpgp_found_t result;

    if (!openpgp_find(finder->pool, (openpgp_data_t){ octets.octets, octets.length, octets.length }, content, &result))
        return false;
    found->data = result.data;
    found->cut = finder->cut;
    return true;
}

/* What a signature that stands behind a part of multipart/signed is over; where the mail is cut, not all of it may be there. */
static mime_octets_t
document_of(const finder_t *finder, const mime_part_t *part)
{
    for (int i = part->parent + 1; part_at(finder, i) != part; i++) {
        const mime_part_t *other = part_at(finder, i);

        if (other->parent == part->parent && other->position == 0)
            return mime_canonical(finder->pool, other->whole);
    }
    return (mime_octets_t){ NULL, 0 };
}

static void
look_into(const finder_t *finder, const mime_part_t *part)
{
    openpgp_content_t content = content_of(finder, part);
    openpgp_mail_part_t found = { .type = part->type };

    if (content == OPENPGP_CONTENT_NONE || (content != OPENPGP_CONTENT_KNOWN && !may_have(finder, part)))
        return;
    if (!find_in(finder, mime_decode(finder->pool, part->body, part->encoding, part->body.length), content, &found))
        return;
    found.filename = shown(finder, filename_of(finder, part));
    found.flowed = is_flowed(finder, part);
    found.delsp = found.flowed && has_parameter(finder, part, "delsp", "yes");
    found.of_signature = part->position == 1 && multipart_of(finder, part, "multipart/signed");
    if (found.of_signature)
        found.document = document_of(finder, part);
    wmem_array_append(finder->found, &found, 1);
}

/* --- Autocrypt --- */

/* RFC 5322 section 3.2.2: comments stand in parentheses, within each other, but not in quoted strings. */
static char *
without_comments(wmem_allocator_t *pool, const char *field)
{
    wmem_strbuf_t *text = wmem_strbuf_new(pool, NULL);
    unsigned depth = 0;
    bool quoted = false;

    for (; *field; field++) {
        bool escaped = *field == '\\' && field[1];

        if (!escaped && *field == '"' && depth == 0)
            quoted = !quoted;
        depth += !escaped && !quoted && *field == '(';
        if (depth == 0)
            wmem_strbuf_append_c(text, *field);
        else if (!escaped && *field == ')')
            depth--;
        if (escaped && *++field && depth == 0)
            wmem_strbuf_append_c(text, *field);
    }
    return g_strstrip((char *)wmem_strbuf_finalize(text));
}

/* The address of a From field. */
static const char *
address_of(const finder_t *finder, mime_octets_t head)
{
    unsigned offset = 0;
    const char *field = mime_field(finder->pool, head, "From", &offset);
    const char *from = field ? without_comments(finder->pool, field) : NULL;
    const char *open = from ? strrchr(from, '<') : NULL;

    return open ? wmem_strndup(finder->pool, open + 1, strcspn(open + 1, ">")) : from;
}

static void
look_into_autocrypt(const finder_t *finder, const mime_part_t *mail, const char *value)
{
    /* The first parameter has nothing before it; the last one has blanks where the line was folded. */
    const char *parameters = wmem_strdup_printf(finder->pool, ";%s", value);
    const char *keydata = strstr(value, "keydata=");
    const char *address = mime_parameter(finder->pool, parameters, "addr");
    const char *prefers = mime_parameter(finder->pool, parameters, "prefer-encrypt");
    openpgp_mail_part_t found = { .address = shown(finder, address) };
    const char *from;

    if (!keydata || !address)
        return;
    from = address_of(finder, mail->head);
    keydata += strlen("keydata=");
    found.prefers_encryption = prefers && !strcmp(prefers, "mutual");
    found.wrong_address = from && g_ascii_strcasecmp(from, address) != 0;
    if (find_in(finder, mime_decode(finder->pool, (mime_octets_t){ (const uint8_t *)keydata, (unsigned)strcspn(keydata, ";") },
            MIME_BASE64, (unsigned)strlen(keydata)), OPENPGP_CONTENT_KNOWN, &found))
        wmem_array_append(finder->found, &found, 1);
}

static void
look_into_head(const finder_t *finder, const mime_part_t *mail)
{
    unsigned offset = 0;
    const char *value = mime_field(finder->pool, mail->head, "Autocrypt", &offset);

    for (unsigned i = 0; value && i < AUTOCRYPT_FIELDS; i++) {
        look_into_autocrypt(finder, mail, value);
        value = mime_field(finder->pool, mail->head, "Autocrypt", &offset);
    }
}

/* --- All --- */

/* As quoted-printable writes the one before a checksum. */
static bool
has_equals(mime_octets_t text)
{
    return g_strstr_len((const char *)text.octets, (gssize)text.length, "=3D") != NULL;
}

/* Nothing tells how it is encoded. */
static void
look_into_body(const finder_t *finder, mime_octets_t body)
{
    static const mime_encoding_t encodings[] = { MIME_QUOTED_PRINTABLE, MIME_BASE64, MIME_IDENTITY };

    for (unsigned i = 0; i < G_N_ELEMENTS(encodings); i++) {
        openpgp_mail_part_t found = { .flowed = true };
        mime_part_t part = { .body = body, .encoding = encodings[i] };

        if (encodings[i] == MIME_QUOTED_PRINTABLE ? !has_begin(body) || !has_equals(body) : !may_have(finder, &part))
            continue;
        if (find_in(finder, mime_decode(finder->pool, body, encodings[i], body.length), OPENPGP_CONTENT_OCTETS, &found)) {
            wmem_array_append(finder->found, &found, 1);
            return;
        }
    }
}

static bool
is_mail(const finder_t *finder, const mime_part_t *part)
{
    return part->parent < 0 || multipart_of(finder, part, "message/rfc822");
}

wmem_array_t *
openpgp_mail_parts(wmem_allocator_t *pool, mime_octets_t message, mail_content_t content, bool cut)
{
    finder_t finder = { pool, NULL, wmem_array_new(pool, sizeof(openpgp_mail_part_t)), cut };

    if (content == MAIL_BODY) {
        look_into_body(&finder, message);
        return finder.found;
    }
    finder.parts = mime_read(pool, message);
    if (content == MAIL_JOINED && !g_str_has_prefix(part_at(&finder, 0)->type, "multipart/")) {
        look_into_body(&finder, part_at(&finder, 0)->body);
        return finder.found;
    }
    for (unsigned i = 0; i < wmem_array_get_count(finder.parts); i++) {
        const mime_part_t *part = part_at(&finder, (int)i);

        if (is_mail(&finder, part) && (i > 0 || content != MAIL_JOINED))
            look_into_head(&finder, part);
        look_into(&finder, part);
    }
    return finder.found;
}

/* --- What is signed --- */

static openpgp_doubt_t
doubt_of(const openpgp_mail_part_t *part)
{
    if (part->cut)
        return OPENPGP_DOUBT_WHOLE;
    if (part->delsp)
        return OPENPGP_DOUBT_DELSP;
    return part->flowed ? OPENPGP_DOUBT_FLOWED : OPENPGP_DOUBT_NONE;
}

openpgp_subject_t *
openpgp_mail_subject(wmem_allocator_t *scope, const openpgp_mail_part_t *part)
{
    openpgp_subject_t *subject;

    if (!part->of_signature && !part->cut && !part->flowed)
        return NULL;
    subject = wmem_new0(scope, openpgp_subject_t);
    openpgp_subject_document(subject, (openpgp_octets_t){ part->document.octets, part->document.length }, doubt_of(part));
    return subject;
}

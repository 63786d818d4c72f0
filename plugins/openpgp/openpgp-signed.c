/* openpgp-signed.c
 * What OpenPGP signatures are over; see openpgp-signed.h
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
#include <wsutil/wsgcrypt.h>

#include "openpgp-codes.h"
#include "openpgp-signed.h"

/* What goes before a key, by its version, and before user IDs and attributes. */
#define KEY_OLD         0x99
#define KEY_V5          0x9a
#define KEY_V6          0x9b
#define USER_ID         0xb4
#define USER_ATTRIBUTE  0xd1

/* In which a text that may have been broken into lines is hashed, besides as it stands. */
#define WAYS_OF_FLOWED  2

/* What a type is over. */
typedef enum over {
    OVER_NOTHING,
    OVER_PRIMARY,
    OVER_SUBKEY,        /* and the primary key */
    OVER_COMPONENT,     /* likewise */
    OVER_DOCUMENT,
    OVER_UNKNOWN
} over_t;

static over_t
over_of(uint8_t type)
{
    switch (type) {
    case OPENPGP_SIG_BINARY:
    case OPENPGP_SIG_TEXT:
        return OVER_DOCUMENT;
    case OPENPGP_SIG_STANDALONE:
        return OVER_NOTHING;
    case OPENPGP_SIG_SUBKEY_BINDING:
    case OPENPGP_SIG_PRIMARY_BINDING:
    case OPENPGP_SIG_SUBKEY_REVOCATION:
        return OVER_SUBKEY;
    case OPENPGP_SIG_DIRECT_KEY:
    case OPENPGP_SIG_KEY_REVOCATION:
        return OVER_PRIMARY;
    case OPENPGP_SIG_ATTESTATION:
    case OPENPGP_SIG_CERT_REVOCATION:
        return OVER_COMPONENT;
    default:
        return type >= OPENPGP_SIG_CERT_FIRST && type <= OPENPGP_SIG_CERT_LAST ? OVER_COMPONENT : OVER_UNKNOWN;
    }
}

/* --- Subjects --- */

/* But not of the doubt about where it stands. */
static void
clear(openpgp_subject_t *subject)
{
    uint8_t doubt = subject->doubt;

    memset(subject, 0, sizeof *subject);
    subject->doubt = doubt;
}

/* Length of a literal packet's head: format, name, date. */
static unsigned
literal_head(openpgp_octets_t body)
{
    unsigned length = body.length < 2 ? 0 : 2u + body.octets[1] + 4;

    return length <= body.length ? length : 0;
}

static void
set_document(openpgp_subject_t *subject, openpgp_octets_t body)
{
    unsigned head = literal_head(body);

    clear(subject);
    if (!head)
        return;
    subject->literal_head = (openpgp_octets_t){ body.octets, head };
    subject->document = (openpgp_octets_t){ body.octets + head, body.length - head };
}

/* What follows is about a key, no matter what came before it. */
static void
leave_document(openpgp_subject_t *subject)
{
    subject->document = subject->literal_head = (openpgp_octets_t){ NULL, 0 };
    subject->is_cleartext = subject->identified = false;
}

void
openpgp_subject_packet(openpgp_subject_t *subject, uint8_t tag, openpgp_octets_t body, const openpgp_known_key_t *known,
        bool disputed)
{
    if (openpgp_is_key(tag)) {
        clear(subject);
        subject->primary = known;
        subject->primary_disputed = disputed;
    } else if (openpgp_is_subkey(tag)) {
        leave_document(subject);
        subject->subkey = known;
        subject->subkey_disputed = disputed;
        subject->component = (openpgp_octets_t){ NULL, 0 };
        subject->component_tag = 0;
    } else if (tag == OPENPGP_TAG_USER_ID || tag == OPENPGP_TAG_USER_ATTRIBUTE) {
        leave_document(subject);
        subject->subkey = NULL;
        subject->subkey_disputed = false;
        subject->component = body;
        subject->component_tag = tag;
    } else if (tag == OPENPGP_TAG_LITERAL) {
        set_document(subject, body);
    }
}

void
openpgp_subject_cleartext(openpgp_subject_t *subject, openpgp_octets_t text)
{
    clear(subject);
    subject->document = text;
    subject->is_cleartext = true;
}

bool
openpgp_signed_is_known(uint8_t type)
{
    return over_of(type) != OVER_UNKNOWN;
}

bool
openpgp_subject_has(const openpgp_subject_t *subject, const openpgp_statement_t *statement)
{
    switch (over_of(statement->type)) {
    case OVER_NOTHING:
        return true;
    case OVER_PRIMARY:
        return subject->primary != NULL;
    case OVER_SUBKEY:
        return subject->primary && subject->subkey;
    case OVER_COMPONENT:
        return subject->primary && subject->component_tag;
    case OVER_DOCUMENT:
        return subject->document.octets != NULL;
    default:
        return false;
    }
}

bool
openpgp_subject_is_disputed(const openpgp_subject_t *subject, const openpgp_statement_t *statement)
{
    over_t over = over_of(statement->type);

    return (over == OVER_SUBKEY && subject->subkey_disputed)
        || ((over == OVER_PRIMARY || over == OVER_SUBKEY || over == OVER_COMPONENT) && subject->primary_disputed);
}

static bool
may_be_flowed(const openpgp_subject_t *subject)
{
    return subject->is_cleartext && openpgp_doubts_lines(subject->doubt);
}

uint64_t
openpgp_signed_size(const openpgp_subject_t *subject, const openpgp_statement_t *statement)
{
    over_t over = over_of(statement->type);
    uint64_t size = statement->hashed.length;

    if (over == OVER_DOCUMENT)
        return size + (may_be_flowed(subject) ? 1 + WAYS_OF_FLOWED : 1) * (uint64_t)subject->document.length;
    if (subject->primary)
        size += subject->primary->body.length;
    if (over == OVER_SUBKEY && subject->subkey)
        size += subject->subkey->body.length;
    return size + subject->component.length;
}

/* --- Hashing --- */

static int
library_hash(uint8_t hash)
{
    static const struct { uint8_t hash; int library; } hashes[] = {
        { 1, GCRY_MD_MD5 }, { 2, GCRY_MD_SHA1 }, { 3, GCRY_MD_RMD160 }, { 8, GCRY_MD_SHA256 }, { 9, GCRY_MD_SHA384 },
        { 10, GCRY_MD_SHA512 }, { 11, GCRY_MD_SHA224 }, { 12, GCRY_MD_SHA3_256 }, { 14, GCRY_MD_SHA3_512 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(hashes); i++) {
        if (hashes[i].hash == hash)
            return hashes[i].library;
    }
    return GCRY_MD_NONE;
}

static void
write_octets(gcry_md_hd_t md, openpgp_octets_t octets)
{
    gcry_md_write(md, octets.octets, octets.length);
}

/* A number of so many octets. */
static void
write_number(gcry_md_hd_t md, uint64_t number, unsigned size)
{
    while (size-- > 0)
        gcry_md_putc(md, (uint8_t)(number >> 8 * size));
}

static void
write_key(gcry_md_hd_t md, const openpgp_known_key_t *key)
{
    bool old = key->version < 5;

    gcry_md_putc(md, old ? KEY_OLD : key->version == 5 ? KEY_V5 : KEY_V6);
    write_number(md, key->body.length, old ? 2 : 4);
    write_octets(md, key->body);
}

static void
write_component(gcry_md_hd_t md, const openpgp_subject_t *subject, uint8_t version)
{
    if (version > 3) {
        gcry_md_putc(md, subject->component_tag == OPENPGP_TAG_USER_ID ? USER_ID : USER_ATTRIBUTE);
        write_number(md, subject->component.length, 4);
    }
    write_octets(md, subject->component);
}

/* Behind the line's text; *next is where the next line begins. */
static unsigned
line_end(openpgp_octets_t text, unsigned start, unsigned *next)
{
    const uint8_t *feed = (const uint8_t *)memchr(text.octets + start, '\n', text.length - start);
    unsigned end = feed ? (unsigned)(feed - text.octets) : text.length;

    *next = feed ? end + 1 : end;
    if (feed && end > start && text.octets[end - 1] == '\r')
        end--;
    return end;
}

static unsigned
without_blanks(openpgp_octets_t text, unsigned start, unsigned end)
{
    while (end > start && strchr(" \t\r", text.octets[end - 1]) && text.octets[end - 1] != '\0')
        end--;
    return end;
}

/* RFC 3676 section 4.3: the line of dashes before the sender's name, also with the dash that cleartext has before dashes. */
static bool
is_separator(openpgp_octets_t line)
{
    return (line.length == 3 && !memcmp(line.octets, "-- ", 3)) || (line.length == 5 && !memcmp(line.octets, "- -- ", 5));
}

static bool
is_flowed(openpgp_octets_t line)
{
    return line.length > 0 && line.octets[line.length - 1] == ' ' && !is_separator(line);
}

/* A line behind what comes before it. */
static void
append_unflowed(GByteArray *out, openpgp_octets_t line, openpgp_unflowed_t how)
{
    if (line.length > 0 && line.octets[0] == ' ')
        line = (openpgp_octets_t){ line.octets + 1, line.length - 1 };
    if (how >= OPENPGP_UNFLOWED_LINES && is_flowed(line)) {
        g_byte_array_append(out, line.octets, line.length - (how == OPENPGP_UNFLOWED_DELETING));
    } else {
        g_byte_array_append(out, line.octets, line.length);
        g_byte_array_append(out, (const uint8_t *)"\r\n", 2);
    }
}

/* As it was before a mail program broke its lines, perhaps. */
static GByteArray *
unflow(openpgp_octets_t text, openpgp_unflowed_t how)
{
    GByteArray *out = g_byte_array_sized_new(text.length);

    for (unsigned start = 0, next; start < text.length; start = next) {
        unsigned end = line_end(text, start, &next);

        append_unflowed(out, (openpgp_octets_t){ text.octets + start, end - start }, how);
    }
    return out;
}

/* The last line end is not signed, nor are blanks at the end of a line, nor dashes before dashes. */
static void
write_cleartext(gcry_md_hd_t md, openpgp_octets_t text)
{
    unsigned start = 0;

    while (start < text.length) {
        unsigned next, end = line_end(text, start, &next);

        if (end - start >= 2 && text.octets[start] == '-' && text.octets[start + 1] == ' ')
            start += 2;
        end = without_blanks(text, start, end);
        gcry_md_write(md, text.octets + start, end - start);
        if (next < text.length)
            gcry_md_write(md, "\r\n", 2);
        start = next;
    }
}

static void
write_unflowed(gcry_md_hd_t md, openpgp_octets_t text, openpgp_unflowed_t how)
{
    GByteArray *before = unflow(text, how);

    write_cleartext(md, (openpgp_octets_t){ before->data, before->len });
    g_byte_array_free(before, TRUE);
}

/* With these line ends. */
static void
write_text(gcry_md_hd_t md, openpgp_octets_t text, const char *line_break)
{
    unsigned start = 0;

    while (start < text.length) {
        unsigned next, end = line_end(text, start, &next);

        gcry_md_write(md, text.octets + start, end - start);
        if (next > end)
            gcry_md_write(md, line_break, strlen(line_break));
        start = next;
    }
}

static void
write_document(gcry_md_hd_t md, const openpgp_subject_t *subject, uint8_t type)
{
    if (subject->is_cleartext && subject->unflowed)
        write_unflowed(md, subject->document, (openpgp_unflowed_t)subject->unflowed);
    else if (subject->is_cleartext)
        write_cleartext(md, subject->document);
    else if (type == OPENPGP_SIG_TEXT)
        write_text(md, subject->document, "\r\n");
    else if (subject->with_feeds)
        write_text(md, subject->document, "\n");
    else
        write_octets(md, subject->document);
}

static void
write_subject(gcry_md_hd_t md, const openpgp_subject_t *subject, const openpgp_statement_t *statement)
{
    over_t over = over_of(statement->type);

    if (over == OVER_DOCUMENT)
        write_document(md, subject, statement->type);
    else if (over != OVER_NOTHING)
        write_key(md, subject->primary);
    if (over == OVER_SUBKEY)
        write_key(md, subject->subkey);
    else if (over == OVER_COMPONENT)
        write_component(md, subject, statement->version);
}

/* literal_head: of version 5 over documents, else none; the trailer's length is without it. */
static void
write_trailer(gcry_md_hd_t md, const openpgp_statement_t *statement, openpgp_octets_t literal_head)
{
    write_octets(md, statement->hashed);
    if (statement->version < 4)
        return;
    write_octets(md, literal_head);
    gcry_md_putc(md, statement->version);
    gcry_md_putc(md, 0xff);
    write_number(md, statement->hashed.length, statement->version == 5 ? 8 : 4);
}

static unsigned
make_digest(const openpgp_subject_t *subject, const openpgp_statement_t *statement, openpgp_octets_t literal_head, uint8_t *digest)
{
    int hash = library_hash(statement->hash);
    gcry_md_hd_t md;
    unsigned length;

    if (hash == GCRY_MD_NONE || gcry_md_open(&md, hash, 0) != 0)
        return 0;
    write_octets(md, statement->salt);
    write_subject(md, subject, statement);
    write_trailer(md, statement, literal_head);
    length = gcry_md_get_algo_dlen(hash);
    memcpy(digest, gcry_md_read(md, hash), length);
    gcry_md_close(md);
    return length;
}

/* That of text is what GnuPG 2.4 takes for cleartext, the empty one stands for documents without literal data. */
static const uint8_t empty_head[] = { 0, 0, 0, 0, 0, 0 };
static const uint8_t text_head[] = { 't', 0, 0, 0, 0, 0 };

static openpgp_octets_t
literal_head_of(const openpgp_subject_t *subject)
{
    if (subject->literal_head.octets)
        return subject->literal_head;
    return (openpgp_octets_t){ subject->is_cleartext ? text_head : empty_head, sizeof empty_head };
}

static bool
is_other(const openpgp_statement_t *statement, const uint8_t *digest)
{
    return memcmp(digest, statement->left, OPENPGP_LEFT_OCTETS) != 0;
}

/* Only as the head of the mail says: lines that are put together otherwise make another text. */
static uint8_t
way_of_flowed(const openpgp_subject_t *subject, unsigned i)
{
    if (i == 0)
        return OPENPGP_UNFLOWED_STUFFING;
    return subject->doubt == OPENPGP_DOUBT_DELSP ? OPENPGP_UNFLOWED_DELETING : OPENPGP_UNFLOWED_LINES;
}

unsigned
openpgp_signed_digest(const openpgp_subject_t *subject, const openpgp_statement_t *statement, uint8_t *digest)
{
    openpgp_octets_t head = { NULL, 0 };
    openpgp_subject_t other = *subject;
    unsigned length;

    if (statement->version == 5 && over_of(statement->type) == OVER_DOCUMENT)
        head = literal_head_of(subject);
    length = make_digest(subject, statement, head, digest);
    if (head.octets == text_head && length > 0 && is_other(statement, digest))
        length = make_digest(subject, statement, (openpgp_octets_t){ empty_head, sizeof empty_head }, digest);
    if (subject->doubt == OPENPGP_DOUBT_LINES && length > 0 && is_other(statement, digest)) {
        other.with_feeds = true;
        length = make_digest(&other, statement, head, digest);
    }
    for (unsigned i = 0; may_be_flowed(subject) && i < WAYS_OF_FLOWED && length > 0 && is_other(statement, digest); i++) {
        other.unflowed = way_of_flowed(subject, i);
        length = make_digest(&other, statement, head, digest);
    }
    return length;
}

/* --- Identities --- */

static void
write_counted(gcry_md_hd_t md, openpgp_octets_t octets)
{
    write_number(md, octets.length, 4);
    write_octets(md, octets);
}

static void
write_identity(gcry_md_hd_t md, const openpgp_known_key_t *key)
{
    if (key)
        gcry_md_write(md, key->identity, OPENPGP_KEY_IDENTITY);
    gcry_md_putc(md, key != NULL);
}

static void
write_all(gcry_md_hd_t md, const openpgp_subject_t *subject)
{
    write_identity(md, subject->primary);
    write_identity(md, subject->subkey);
    gcry_md_putc(md, subject->primary_disputed);
    gcry_md_putc(md, subject->subkey_disputed);
    gcry_md_putc(md, subject->component_tag);
    write_counted(md, subject->component);
    gcry_md_putc(md, subject->is_cleartext);
    gcry_md_putc(md, subject->doubt);
    write_counted(md, subject->literal_head);
    write_counted(md, subject->document);
}

static void
read_identity(gcry_md_hd_t md, uint8_t *identity)
{
    memcpy(identity, gcry_md_read(md, GCRY_MD_SHA256), OPENPGP_IDENTITY);
}

static void
identify(gcry_md_hd_t md, openpgp_subject_t *subject)
{
    write_all(md, subject);
    read_identity(md, subject->identity);
    subject->identified = true;
}

void
openpgp_subject_document(openpgp_subject_t *subject, openpgp_octets_t document, openpgp_doubt_t doubt)
{
    gcry_md_hd_t md;

    clear(subject);
    subject->document = document;
    subject->doubt = (uint8_t)doubt;
    if (gcry_md_open(&md, GCRY_MD_SHA256, 0) != 0)
        return;
    identify(md, subject);
    gcry_md_close(md);
}

/* Once for all the signatures that follow each other. */
void
openpgp_signed_identity(openpgp_subject_t *subject, const openpgp_statement_t *statement, uint8_t *identity)
{
    gcry_md_hd_t md;

    memset(identity, 0, OPENPGP_IDENTITY);
    if (gcry_md_open(&md, GCRY_MD_SHA256, 0) != 0)
        return;
    if (!subject->identified) {
        identify(md, subject);
        gcry_md_reset(md);
    }
    gcry_md_write(md, subject->identity, OPENPGP_IDENTITY);
    write_octets(md, statement->body);
    read_identity(md, identity);
    gcry_md_close(md);
}

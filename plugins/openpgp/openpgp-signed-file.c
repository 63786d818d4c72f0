/* openpgp-signed-file.c
 * Files with a signature in a file of its own beside them; see openpgp-signed-file.h
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

#include <epan/wmem_scopes.h>
#include <glib.h>

#include "openpgp-review.h"
#include "openpgp-signed-file.h"

/* How a name ends. */
typedef struct ending {
    const char *text;
    size_t      length;
} ending_t;

#define ENDING(text) { text, sizeof text - 1 }

static const ending_t signatures[] = { ENDING(".sig"), ENDING(".asc"), ENDING(".sign"), ENDING(".gpg") };

static const ending_t compressed[] = {
    ENDING(".gz"), ENDING(".xz"), ENDING(".bz2"), ENDING(".zst"), ENDING(".lz"), ENDING(".tgz"), ENDING(".txz"), ENDING(".zip"),
    ENDING(".jar"), ENDING(".whl"), ENDING(".deb"), ENDING(".rpm"), ENDING(".apk"), ENDING(".dmg"), ENDING(".msi"), ENDING(".exe"),
    ENDING(".AppImage"),
};

static const ending_t plain[] = {
    ENDING("/Release"), ENDING("SUMS"), ENDING("CHECKSUM"), ENDING(".sha256"), ENDING(".sha512"), ENDING(".tar"), ENDING(".iso"),
    ENDING(".img"), ENDING(".pom"), ENDING(".module"), ENDING(".db"), ENDING(".dsc"), ENDING(".txt"), ENDING("/repomd.xml"),
};

/* A file, and the same for signatures that may be over another one of that place: those that do not fit it prove nothing. */
typedef struct signed_file {
    openpgp_subject_t subject;
    openpgp_subject_t doubted;
    const char       *query;
    bool              is_second;    /* its signature came before it, as the next one may do, too */
} signed_file_t;

/* A signature without its file. */
typedef struct expected {
    openpgp_data_t            signature;
    const char               *query;
    const openpgp_subject_t **subject;
    struct expected          *next;
} expected_t;

static wmem_map_t *files;               /* signed_file_t by place */
static unsigned kept;
static wmem_map_t *expected;            /* expected_t by place */
static unsigned expected_kept;
static bool may_end_so[32 * 32];        /* by the last octet and the last but two: few names have to be compared */

static unsigned
ending_index(const char *text, size_t length)
{
    return ((unsigned)text[length - 3] % 32) * 32 + (unsigned)text[length - 1] % 32;
}

static void
note_endings(const ending_t *endings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        may_end_so[ending_index(endings[i].text, endings[i].length)] = true;
}

void
openpgp_signed_file_reset(void)
{
    note_endings(signatures, G_N_ELEMENTS(signatures));
    note_endings(compressed, G_N_ELEMENTS(compressed));
    note_endings(plain, G_N_ELEMENTS(plain));
    files = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
    kept = 0;
    expected = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
    expected_kept = 0;
}

/* --- Names --- */

/* A query is no part of the name. */
static size_t
length_of_path(const char *target, size_t length)
{
    const char *query = (const char *)memchr(target, '?', length);

    return query ? (size_t)(query - target) : length;
}

/* The octets of that ending; 0: it has none of them. */
static size_t
ends_in(const char *target, size_t length, const ending_t *endings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (length > endings[i].length && !memcmp(target + length - endings[i].length, endings[i].text, endings[i].length))
            return endings[i].length;
    }
    return 0;
}

openpgp_asked_t
openpgp_signed_file_asked(const char *target, size_t length)
{
    length = length_of_path(target, length);
    if (length < 3 || !may_end_so[ending_index(target, length)])
        return OPENPGP_ASKED_OTHER;
    if (ends_in(target, length, signatures, G_N_ELEMENTS(signatures)))
        return OPENPGP_ASKED_SIGNATURE;
    if (ends_in(target, length, compressed, G_N_ELEMENTS(compressed)))
        return OPENPGP_ASKED_COMPRESSED;
    return ends_in(target, length, plain, G_N_ELEMENTS(plain)) ? OPENPGP_ASKED_FILE : OPENPGP_ASKED_OTHER;
}

const char *
openpgp_signed_file_query(const char *target)
{
    return wmem_strdup(wmem_file_scope(), target + length_of_path(target, strlen(target)));
}

const char *
openpgp_signed_file_place(const char *host, const char *target, openpgp_asked_t asked)
{
    size_t length = length_of_path(target, strlen(target)), host_length;
    char *place;

    if (!host)
        host = "";
    host_length = strlen(host);
    if (asked == OPENPGP_ASKED_SIGNATURE)
        length -= ends_in(target, length, signatures, G_N_ELEMENTS(signatures));
    place = (char *)wmem_alloc(wmem_file_scope(), host_length + 1 + length + 1);
    memcpy(place, host, host_length);
    place[host_length] = ' ';
    memcpy(place + host_length + 1, target, length);
    place[host_length + 1 + length] = '\0';
    return place;
}

/* --- Files --- */

static const openpgp_subject_t *
subject_of(const signed_file_t *file, const char *query)
{
    return strcmp(file->query, query) == 0 ? &file->subject : &file->doubted;
}

/* Its verdicts are those that later passes show. */
static void
settle(packet_info *pinfo, const expected_t *waiting, const signed_file_t *file)
{
    for (; waiting; waiting = waiting->next) {
        *waiting->subject = subject_of(file, waiting->query);
        if (openpgp_review_is_on())
            openpgp_review(pinfo, waiting->signature, *waiting->subject);
    }
}

/* So that files which come again do not use up the room. */
static bool
is_same(const signed_file_t *known, const char *query, openpgp_data_t file, openpgp_doubt_t doubt)
{
    const openpgp_octets_t *document = &known->subject.document;

    return known->subject.doubt == doubt && strcmp(known->query, query) == 0 && document->length == file.captured
        && file.captured > 0 && memcmp(document->octets, file.octets, file.captured) == 0;
}

static void
set_subjects(signed_file_t *signed_file, openpgp_octets_t document, openpgp_doubt_t doubt)
{
    openpgp_subject_document(&signed_file->subject, document, doubt);
    signed_file->doubted = signed_file->subject;
    if (doubt != OPENPGP_DOUBT_NONE)
        return;
    signed_file->doubted.doubt = OPENPGP_DOUBT_WHOLE;
    signed_file->doubted.identity[0] ^= UINT8_MAX;      /* its verdicts are others */
}

/* NULL: there is no room for it. */
static signed_file_t *
keep(const char *place, const char *query, openpgp_data_t file, openpgp_doubt_t doubt)
{
    signed_file_t *signed_file;
    const uint8_t *octets;

    wmem_map_remove(files, place);
    if (file.captured == 0 || file.captured > OPENPGP_FILE_MAX || file.captured > OPENPGP_FILES_KEPT - kept)
        return NULL;
    kept += file.captured;
    signed_file = wmem_new(wmem_file_scope(), signed_file_t);
    octets = (const uint8_t *)wmem_memdup(wmem_file_scope(), file.octets, file.captured);
    set_subjects(signed_file, (openpgp_octets_t){ octets, file.captured }, doubt);
    signed_file->query = query;
    wmem_map_insert(files, place, signed_file);
    return signed_file;
}

void
openpgp_signed_file_add(packet_info *pinfo, const char *place, const char *query, openpgp_data_t file, openpgp_doubt_t doubt)
{
    signed_file_t *signed_file = (signed_file_t *)wmem_map_lookup(files, place);
    const expected_t *waiting;

    if (!signed_file || !is_same(signed_file, query, file, doubt))
        signed_file = keep(place, query, file, doubt);
    if (!signed_file)
        return;
    waiting = (const expected_t *)wmem_map_remove(expected, place);
    signed_file->is_second = waiting != NULL;
    settle(pinfo, waiting, signed_file);
}

const openpgp_subject_t *
openpgp_signed_file_find(const char *place, const char *query)
{
    const signed_file_t *signed_file = (const signed_file_t *)wmem_map_lookup(files, place);

    if (!signed_file)
        return NULL;
    return signed_file->is_second ? &signed_file->doubted : subject_of(signed_file, query);
}

/* --- Signatures --- */

void
openpgp_signed_file_expect(const char *place, const char *query, openpgp_data_t signature, const openpgp_subject_t **subject)
{
    unsigned size = signature.captured;
    expected_t *entry;

    if (size > OPENPGP_EXPECTED || size > OPENPGP_EXPECTED_KEPT - expected_kept)
        return;
    expected_kept += size;
    entry = wmem_new(wmem_file_scope(), expected_t);
    entry->signature = signature;
    entry->signature.octets = (const uint8_t *)wmem_memdup(wmem_file_scope(), signature.octets, size);
    entry->query = query;
    entry->subject = subject;
    entry->next = (expected_t *)wmem_map_lookup(expected, place);
    wmem_map_insert(expected, place, entry);
}

bool
openpgp_signed_file_is_expected(const char *place)
{
    return wmem_map_size(expected) > 0 && wmem_map_lookup(expected, place) != NULL;
}

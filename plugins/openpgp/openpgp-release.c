/* openpgp-release.c
 * Debian's Release files; see openpgp-release.h
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

#include "openpgp-release.h"

#define NAME            "/Release"
#define SIGNATURE_END   ".gpg"

static wmem_map_t *releases;            /* openpgp_subject_t by place */
static unsigned kept;

void
openpgp_release_reset(void)
{
    releases = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
    kept = 0;
}

bool
openpgp_release_is_asked(const char *target, bool *is_signature)
{
    size_t length = strlen(target);
    const size_t end = strlen(SIGNATURE_END), name = strlen(NAME);

    *is_signature = length > end && !strcmp(target + length - end, SIGNATURE_END);
    length -= *is_signature ? end : 0;
    return length >= name && !strncmp(target + length - name, NAME, name);
}

const char *
openpgp_release_place(const char *host, const char *target)
{
    return wmem_strdup_printf(wmem_file_scope(), "%s %.*s", host ? host : "", (int)(strrchr(target, '/') - target), target);
}

void
openpgp_release_add(const char *place, const uint8_t *octets, unsigned length)
{
    openpgp_subject_t *subject;

    if (length == 0 || length > OPENPGP_RELEASE_MAX || length > OPENPGP_RELEASES_KEPT - kept)
        return;
    kept += length;
    subject = wmem_new(wmem_file_scope(), openpgp_subject_t);
    octets = (const uint8_t *)wmem_memdup(wmem_file_scope(), octets, length);
    openpgp_subject_document(subject, (openpgp_octets_t){ octets, length });
    wmem_map_insert(releases, place, subject);
}

const openpgp_subject_t *
openpgp_release_find(const char *place)
{
    return (const openpgp_subject_t *)wmem_map_lookup(releases, place);
}

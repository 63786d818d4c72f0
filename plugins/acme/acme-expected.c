/* acme-expected.c
 * What validators should find, as the decrypted API says; see acme-expected.h
 *
 * Bounds: 65536 tokens a capture, each with one digest a domain and key; texts are from the share of names (acme-memory.h).
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
#include <wsutil/str_util.h>

#include "acme-base64url.h"
#include "acme-expected.h"
#include "acme-memory.h"

#define MAX_EXPECTED 65536      /* tokens a capture */

/* Thumbprints by token, and a set of "domain digest"; file scope. */
static wmem_map_t *thumbprints;
static wmem_map_t *digests;

static const char *
expected_digest_key(wmem_allocator_t *pool, const char *domain, const char *digest)
{
    return wmem_strdup_printf(pool, "%s %s", wmem_ascii_strdown(pool, domain, -1), digest);
}

void
acme_expect(packet_info *pinfo, const char *domain, const char *token, const char *thumbprint)
{
    const char *known = acme_expected_thumbprint(token);
    const char *digest, *key;

    if (known ? !strcmp(known, thumbprint) : wmem_map_size(thumbprints) >= MAX_EXPECTED)
        return;
    digest = acme_sha256_base64url(pinfo->pool, wmem_strdup_printf(pinfo->pool, "%s.%s", token, thumbprint));
    key = acme_keep(ACME_NAMES, expected_digest_key(pinfo->pool, domain, digest));
    token = acme_keep(ACME_NAMES, token);
    thumbprint = acme_keep(ACME_NAMES, thumbprint);
    if (!key || !token || !thumbprint)
        return;
    wmem_map_insert(thumbprints, token, (void *)thumbprint);
    wmem_map_insert(digests, key, (void *)key);
}

const char *
acme_expected_thumbprint(const char *token)
{
    return (const char *)wmem_map_lookup(thumbprints, token);
}

bool
acme_digest_is_expected(packet_info *pinfo, const char *domain, const char *digest)
{
    return wmem_map_size(digests) > 0 && domain
        && wmem_map_lookup(digests, expected_digest_key(pinfo->pool, domain, digest)) != NULL;
}

static void
acme_expected_init(void)
{
    thumbprints = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
    digests = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
}

void
acme_register_expected(void)
{
    register_init_routine(acme_expected_init);
}

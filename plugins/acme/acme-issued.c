/* acme-issued.c
 * Certificates that an authority has issued, and what becomes of them; see acme-issued.h
 *
 * Bounds: 65536 certificates a capture, from the share of names (acme-memory.h).
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

#include <gnutls/x509.h>

#include <epan/packet.h>
#include <wsutil/str_util.h>

#include "acme-base64url.h"
#include "acme-issued.h"
#include "acme-memory.h"

#define MAX_CERTIFICATES    65536
#define ENTRY_BYTES         64      /* of a map, about */
#define MAX_PART            64      /* octets of a key identifier or serial number; RFC 5280 has at most 20 */

/* acme_issued_t by identifier; file scope. */
static wmem_map_t *certificates;

/* --- Identifiers --- */

const char *
acme_issued_id(wmem_allocator_t *pool, const uint8_t *der, size_t length)
{
    const gnutls_datum_t bytes = { (unsigned char *)der, (unsigned)length };
    gnutls_x509_crt_t certificate;
    uint8_t key[MAX_PART], serial[MAX_PART];
    size_t key_length = sizeof key, serial_length = sizeof serial;
    bool is_known;

    if (gnutls_x509_crt_init(&certificate) < 0)
        return NULL;
    is_known = gnutls_x509_crt_import(certificate, &bytes, GNUTLS_X509_FMT_DER) >= 0
        && gnutls_x509_crt_get_authority_key_id(certificate, key, &key_length, NULL) >= 0
        && gnutls_x509_crt_get_serial(certificate, serial, &serial_length) >= 0;
    gnutls_x509_crt_deinit(certificate);
    if (!is_known)
        return NULL;
    return wmem_strconcat(pool, acme_base64url(pool, key, key_length), ".", acme_base64url(pool, serial, serial_length), NULL);
}

/* --- Certificates --- */

acme_issued_t *
acme_issued(const char *id)
{
    acme_issued_t *certificate = id ? (acme_issued_t *)wmem_map_lookup(certificates, id) : NULL;

    if (certificate || !id || wmem_map_size(certificates) >= MAX_CERTIFICATES || !acme_take(ACME_NAMES, ENTRY_BYTES))
        return certificate;
    id = acme_keep(ACME_NAMES, id);
    certificate = id ? (acme_issued_t *)acme_room(ACME_NAMES, sizeof *certificate) : NULL;
    if (!certificate)
        return NULL;
    certificate->id = id;
    wmem_map_insert(certificates, id, certificate);
    return certificate;
}

/* --- Registration --- */

static void
acme_issued_init(void)
{
    certificates = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
}

void
acme_register_issued(void)
{
    register_init_routine(acme_issued_init);
}

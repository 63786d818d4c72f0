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

#include <string.h>

#include <epan/packet.h>
#include <wsutil/str_util.h>

#include "acme-base64url.h"
#include "acme-issued.h"
#include "acme-memory.h"

#define MAX_CERTIFICATES    65536
#define ENTRY_BYTES         64      /* of a map, about */

#define DER_INTEGER         0x02
#define DER_OCTET_STRING    0x04
#define DER_OID             0x06
#define DER_SEQUENCE        0x30
#define DER_KEY_IDENTIFIER  0x80    /* [0] of AuthorityKeyIdentifier */
#define DER_VERSION         0xa0    /* [0] of TBSCertificate */
#define DER_EXTENSIONS      0xa3    /* [3] of TBSCertificate */

/* What is left of an element's content. */
typedef struct der {
    const uint8_t *at;
    size_t         left;
} der_t;

/* acme_issued_t by identifier; file scope. */
static wmem_map_t *certificates;

/* --- Identifiers --- */

static bool
read_length(der_t *in, size_t *length)
{
    unsigned octets = 0;

    if (in->left == 0)
        return false;
    *length = *in->at++;
    in->left--;
    if (*length & 0x80) {
        octets = (unsigned)*length & 0x7f;
        *length = 0;
    }
    if (octets > 3 || octets > in->left)
        return false;
    for (; octets > 0; octets--, in->left--)
        *length = *length << 8 | *in->at++;
    return *length <= in->left;
}

/* The next element; false: there is none, or not all of it. */
static bool
next_element(der_t *in, uint8_t *tag, der_t *content)
{
    if (in->left == 0)
        return false;
    *tag = *in->at++;
    in->left--;
    if (!read_length(in, &content->left))
        return false;
    content->at = in->at;
    in->at += content->left;
    in->left -= content->left;
    return true;
}

/* The first element with this tag among the next ones. */
static bool
find_element(der_t *in, uint8_t wanted, der_t *content)
{
    uint8_t tag;

    while (next_element(in, &tag, content)) {
        if (tag == wanted)
            return true;
    }
    return false;
}

/* An element that has to come next. */
static bool
take_element(der_t *in, uint8_t wanted, der_t *content)
{
    uint8_t tag;

    return next_element(in, &tag, content) && tag == wanted;
}

/* RFC 5280 section 4.2.1.1. extensions: the list of them */
static bool
find_key_identifier(der_t *extensions, der_t *key)
{
    static const uint8_t oid[] = { 0x55, 0x1d, 0x23 };
    der_t extension, type, value, identifier;

    while (take_element(extensions, DER_SEQUENCE, &extension)) {
        if (!take_element(&extension, DER_OID, &type) || type.left != sizeof oid || memcmp(type.at, oid, sizeof oid))
            continue;
        return find_element(&extension, DER_OCTET_STRING, &value) && take_element(&value, DER_SEQUENCE, &identifier)
            && find_element(&identifier, DER_KEY_IDENTIFIER, key);
    }
    return false;
}

/* Behind the version, which version 1 has not, comes the serial number. */
static bool
take_serial(der_t *body, der_t *serial)
{
    uint8_t tag;

    if (!next_element(body, &tag, serial))
        return false;
    return tag == DER_INTEGER || (tag == DER_VERSION && take_element(body, DER_INTEGER, serial));
}

const char *
acme_issued_id(wmem_allocator_t *pool, const uint8_t *der, size_t length)
{
    der_t in = { der, length }, certificate, body, serial, extensions, list, key;

    if (!take_element(&in, DER_SEQUENCE, &certificate) || !take_element(&certificate, DER_SEQUENCE, &body)
            || !take_serial(&body, &serial) || !find_element(&body, DER_EXTENSIONS, &extensions)
            || !take_element(&extensions, DER_SEQUENCE, &list) || !find_key_identifier(&list, &key))
        return NULL;
    return wmem_strconcat(pool, acme_base64url(pool, key.at, key.left), ".", acme_base64url(pool, serial.at, serial.left), NULL);
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

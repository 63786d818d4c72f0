/* acme-jws.c
 * Signed requests of ACME; see acme-jws.h
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
#include "acme-jws.h"

/* RFC 7638: the members that make the key, in order of their names. */
static const char *
jwk_thumbprint(wmem_allocator_t *pool, acme_json_t *header)
{
    static const struct {
        const char *kty;
        const char *members[5];
    } types[] = {
        { "RSA", { "e", "kty", "n", NULL, NULL } },
        { "EC", { "crv", "kty", "x", "y", NULL } },
        { "OKP", { "crv", "kty", "x", NULL, NULL } },
    };
    jsmntok_t *jwk = json_get_object(header->text, header->root, "jwk");
    const char *kty = jwk ? acme_json_text(header, jwk, "kty") : NULL;
    wmem_strbuf_t *canonical = wmem_strbuf_new(pool, "{");

    for (unsigned i = 0; kty && i < array_length(types); i++) {
        if (strcmp(kty, types[i].kty))
            continue;
        for (int m = 0; types[i].members[m]; m++) {
            const char *value = acme_json_text(header, jwk, types[i].members[m]);

            if (!value || strpbrk(value, "\"\\"))
                return NULL;
            wmem_strbuf_append_printf(canonical, "%s\"%s\":\"%s\"", m ? "," : "", types[i].members[m], value);
        }
        wmem_strbuf_append_c(canonical, '}');
        return acme_sha256_base64url(pool, wmem_strbuf_get_str(canonical));
    }
    return NULL;
}

/* An ACME request is a flattened JWS whose header names its URL (RFC 8555 section 6.2); false: this is none. */
bool
acme_jws_parse(wmem_allocator_t *pool, tvbuff_t *body, acme_jws_t *jws)
{
    memset(jws, 0, sizeof *jws);
    if (!acme_json_parse_body(pool, body, &jws->outer))
        return false;
    jws->header_text = acme_base64url_decode(pool, acme_json_string(&jws->outer, "protected"), &jws->header_length);
    jws->payload_text = acme_base64url_decode(pool, acme_json_string(&jws->outer, "payload"), &jws->payload_length);
    if (!jws->header_text || !acme_json_parse(pool, jws->header_text, jws->header_length, &jws->header))
        return false;
    jws->url = acme_json_string(&jws->header, "url");
    jws->nonce = acme_json_string(&jws->header, "nonce");
    jws->kid = acme_json_string(&jws->header, "kid");
    if (!jws->url || !jws->nonce || !acme_json_string(&jws->header, "alg"))
        return false;
    if (jws->payload_length > 0)
        acme_json_parse(pool, jws->payload_text, jws->payload_length, &jws->payload);
    if (!jws->kid)
        jws->thumbprint = jwk_thumbprint(pool, &jws->header);
    return true;
}

/* RFC 8555 section 7.3.5: the payload is a JWS whose header has the new key. */
const char *
acme_jws_new_key(wmem_allocator_t *pool, const acme_jws_t *jws)
{
    acme_json_t header;
    size_t length;
    const char *text = acme_base64url_decode(pool, acme_json_string(&jws->payload, "protected"), &length);

    return text && acme_json_parse(pool, text, length, &header) ? jwk_thumbprint(pool, &header) : NULL;
}

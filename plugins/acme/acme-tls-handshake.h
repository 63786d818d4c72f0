/* acme-tls-handshake.h
 * Reading TLS handshake messages, as far as a challenge is in them
 *
 * Sources: RFC 5246 and RFC 8446 section 4 (messages), RFC 6066 section 3 (server names), RFC 7301 (protocols).
 * Units: offsets and lengths are in bytes. Ownership: texts, and buffers that are made, belong to the packet; readers are
 * the caller's. Errors: false, NULL or -1 where a message is cut off or malformed. Nothing here throws: all lengths are
 * checked first. Bounds: 128 KiB are put together from several records.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_TLS_HANDSHAKE_H
#define GAPFILL_ACME_TLS_HANDSHAKE_H

#include "flow.h"
#include "compat.h"

#define TLS_RECORD_HEADER   5
#define TLS_ALERT           21
#define TLS_CLIENT_HELLO    1
#define TLS_SERVER_HELLO    2
#define TLS_ENCRYPTED_EXTENSIONS 8
#define TLS_CERTIFICATE     11

/* Bytes that are still to be read. */
typedef struct acme_tls_reader {
    tvbuff_t *tvb;
    int       offset;
    int       end;
} acme_tls_reader_t;

typedef enum {
    ACME_ALPN_UNKNOWN, ACME_ALPN_NONE, ACME_ALPN_ACME, ACME_ALPN_OTHER
} acme_alpn_t;

/* What a ClientHello says. */
typedef struct acme_client_hello {
    const char *server_name;        /* in lower case, as it may be shown; NULL: none */
    bool        offers_acme;
    bool        offers_others;
} acme_client_hello_t;

/* What the segment carries; NULL: nothing. */
tvbuff_t *acme_tls_payload(const flow_packet_t *packet);
/* Whether a TLS record of that type begins at offset. */
bool acme_tls_is_record(tvbuff_t *tvb, int offset, uint8_t type);

/* messages: handshake messages, the first of them of the type that is looked for. */
typedef bool (*acme_tls_found_t)(packet_info *pinfo, acme_tls_reader_t *messages, void *data);

/* Tries the segment and all that was reassembled and decrypted in its frame, until found() is content. */
bool acme_tls_for_each(flow_packet_t *packet, uint8_t first_type, acme_tls_found_t found, void *data);
/* The next complete message; its type, or -1. */
int acme_tls_next(acme_tls_reader_t *messages, acme_tls_reader_t *message);

/* Whether the packet has a ClientHello, which is then read; hello is all zeros before. */
bool acme_tls_find_hello(flow_packet_t *packet, acme_client_hello_t *hello);
/* Likewise. */
void acme_tls_read_hello(wmem_allocator_t *pool, acme_tls_reader_t *message, acme_client_hello_t *hello);
/* The protocol that the server chooses; *chosen is left alone where the message does not tell. TLS 1.3 has it in the second. */
void acme_tls_read_server_hello(acme_tls_reader_t *message, acme_alpn_t *chosen);
/* Whether the message is one of certificates, of any version of TLS, by its lengths. */
bool acme_tls_is_certificate(const acme_tls_reader_t *message);
bool acme_tls_read_encrypted_extensions(acme_tls_reader_t *message, acme_alpn_t *chosen);

#endif /* GAPFILL_ACME_TLS_HANDSHAKE_H */

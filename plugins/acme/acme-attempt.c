/* acme-attempt.c
 * Nonces of signed requests, and requests that are sent again; see acme-attempt.h
 *
 * A request is the one of before if it goes to the same URL for the same account and has the same payload, or the nonce that the
 * refusal gave out. Each refusal is taken up once, the latest first, and by the same run of a client only: one that has asked for
 * the directory in between, and uses another connection, is another run.
 *
 * Bounds: 16384 nonces and 16384 refusals a capture, 16 refusals of a URL are looked through; what is kept is from the share
 * of names (acme-memory.h).
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
#include <epan/conversation.h>

#include "acme-attempt.h"
#include "acme-memory.h"
#include "acme-place.h"

#define MAX_NONCES      16384
#define MAX_REFUSALS    16384
#define MAX_BACK        16
#define ENTRY_BYTES     64      /* of a map, about */

typedef struct nonce {
    uint32_t issued_frame;
    uint32_t used_frame;        /* of the first request with it */
} nonce_t;

/* What a request is known by, beside its own story. */
typedef struct known_attempt {
    acme_attempt_t        attempt;      /* the first member, which others see */
    const char           *url;
    const char           *signer;       /* URL of the account, else thumbprint of the key; NULL: unknown */
    const char           *next;         /* nonce of the refusal */
    unsigned              payload;      /* hash */
    const conversation_t *conversation;
    const acme_place_t   *client;
    uint32_t              refused_frame;
    struct known_attempt *older;        /* refusal for this URL */
} known_attempt_t;

/* nonce_t by itself as text; the latest known_attempt_t that was refused, by URL; frames of directories by place; file scope. */
static wmem_map_t *nonces;
static wmem_map_t *refusals;
static wmem_map_t *runs;
static unsigned refusal_count;

/* --- Nonces --- */

static nonce_t *
nonce_of(const char *text)
{
    nonce_t *nonce = (nonce_t *)wmem_map_lookup(nonces, text);

    if (nonce || wmem_map_size(nonces) >= MAX_NONCES || !acme_take(ACME_NAMES, ENTRY_BYTES))
        return nonce;
    text = acme_keep(ACME_NAMES, text);
    nonce = text ? (nonce_t *)acme_room(ACME_NAMES, sizeof *nonce) : NULL;
    if (nonce)
        wmem_map_insert(nonces, text, nonce);
    return nonce;
}

void
acme_nonce_issued(packet_info *pinfo, const char *text)
{
    nonce_t *nonce = text ? nonce_of(text) : NULL;

    if (nonce && !nonce->issued_frame)
        nonce->issued_frame = pinfo->num;
}

static void
use_nonce(packet_info *pinfo, const char *text, acme_attempt_t *attempt)
{
    nonce_t *nonce = nonce_of(text);

    if (!nonce)
        return;
    attempt->issued_frame = nonce->issued_frame;
    attempt->used_frame = nonce->used_frame;
    if (!nonce->used_frame)
        nonce->used_frame = pinfo->num;
}

/* --- Requests that are sent again --- */

void
acme_attempt_new_run(packet_info *pinfo)
{
    const acme_place_t *client = acme_place(&pinfo->dst);

    if (client && (wmem_map_lookup(runs, client) || acme_take(ACME_NAMES, ENTRY_BYTES)))
        wmem_map_insert(runs, client, GUINT_TO_POINTER(pinfo->num));
}

static bool
is_same_run(const known_attempt_t *refused, const known_attempt_t *attempt)
{
    if (refused->conversation == attempt->conversation)
        return true;
    return refused->client && refused->client == attempt->client
        && GPOINTER_TO_UINT(wmem_map_lookup(runs, refused->client)) < refused->refused_frame;
}

static bool
is_again(const known_attempt_t *refused, const known_attempt_t *attempt, const char *nonce)
{
    return !refused->attempt.retry_in && refused->signer == attempt->signer && is_same_run(refused, attempt)
        && (refused->payload == attempt->payload || (refused->next && !strcmp(refused->next, nonce)));
}

static void
take_up(packet_info *pinfo, known_attempt_t *attempt, const char *nonce)
{
    known_attempt_t *refused = (known_attempt_t *)wmem_map_lookup(refusals, attempt->url);

    for (unsigned i = 0; refused && i < MAX_BACK; i++, refused = refused->older) {
        if (is_again(refused, attempt, nonce)) {
            refused->attempt.retry_in = pinfo->num;
            attempt->attempt.retry_of = refused->refused_frame;
            return;
        }
    }
}

acme_attempt_t *
acme_attempt(packet_info *pinfo, const acme_jws_t *jws)
{
    const char *url = acme_keep(ACME_URLS, jws->url);
    known_attempt_t *attempt = url ? (known_attempt_t *)acme_room(ACME_NAMES, sizeof *attempt) : NULL;

    if (!attempt)
        return NULL;
    attempt->url = url;
    attempt->signer = jws->kid ? acme_keep(ACME_URLS, jws->kid) : acme_keep(ACME_NAMES, jws->thumbprint);
    attempt->payload = jws->payload_length ? wmem_strong_hash((const uint8_t *)jws->payload_text, jws->payload_length) : 0;
    attempt->conversation = find_conversation_pinfo(pinfo, 0);
    attempt->client = acme_place(&pinfo->src);
    use_nonce(pinfo, jws->nonce, &attempt->attempt);
    if (refusal_count > 0)
        take_up(pinfo, attempt, jws->nonce);
    return &attempt->attempt;
}

void
acme_attempt_refused(packet_info *pinfo, acme_attempt_t *attempt, const char *next)
{
    known_attempt_t *known = (known_attempt_t *)attempt;

    if (!known || known->attempt.refused)
        return;
    known->attempt.refused = true;
    if (refusal_count >= MAX_REFUSALS || !acme_take(ACME_NAMES, ENTRY_BYTES))
        return;
    known->refused_frame = pinfo->num;
    known->next = acme_keep(ACME_NAMES, next);
    known->older = (known_attempt_t *)wmem_map_lookup(refusals, known->url);
    wmem_map_insert(refusals, known->url, known);
    refusal_count++;
}

/* --- Registration --- */

static void
acme_attempt_init(void)
{
    nonces = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
    refusals = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
    runs = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    refusal_count = 0;
}

void
acme_register_attempt(void)
{
    register_init_routine(acme_attempt_init);
}

/* acme-word.c
 * What the authority says of challenges; see acme-word.h
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

#include "acme-memory.h"
#include "acme-word.h"
#include "as-of.h"

/* An entry of as-of.h. */
typedef struct timed_word {
    uint32_t           frame;
    const acme_word_t *word;
} timed_word_t;

static const acme_word_t *
keep_word(acme_shared_t *shared, const acme_word_t *word)
{
    acme_word_t *kept = acme_take(ACME_NAMES, 2 * sizeof(timed_word_t)) ? (acme_word_t *)acme_room(ACME_NAMES, sizeof *kept) : NULL;
    timed_word_t entry = { word->frame, kept };

    if (!kept)
        return NULL;
    *kept = *word;
    if (!shared->words)
        shared->words = wmem_array_sized_new(wmem_file_scope(), sizeof entry, 1);
    as_of_put(shared->words, &entry, sizeof entry);
    return kept;
}

const acme_word_t *
acme_authority_says(uint8_t type, const char *domain, const char *token, const acme_word_t *word, bool *alone)
{
    const char *kept = acme_keep(ACME_NAMES, token);
    const acme_challenge_t *challenge = token ? NULL : acme_challenge(type, domain, NULL);
    acme_shared_t *shared = kept ? acme_shared_by_token(kept) : challenge ? challenge->shared : NULL;
    const timed_word_t *last = shared ? (const timed_word_t *)as_of_latest(shared->words) : NULL;

    if (!shared || (last && last->word->url == word->url && last->word->valid == word->valid))
        return NULL;
    *alone = !shared->first;
    return keep_word(shared, word);
}

const acme_word_t *
acme_authority_word(const acme_validation_t *validation)
{
    acme_shared_t *shared = validation->challenge->shared;
    uint32_t frame = MAX(validation->request_frame, validation->response_frame);
    unsigned place;

    if (!shared || !shared->words)
        return NULL;
    place = as_of_count(shared->words, frame + 1);
    return place < wmem_array_get_count(shared->words)
        ? ((const timed_word_t *)wmem_array_index(shared->words, place))->word : NULL;
}

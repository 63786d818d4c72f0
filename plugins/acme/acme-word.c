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

#include "acme-expected-start.h"
#include "acme-memory.h"
#include "acme-word.h"
#include "as-of.h"
#include "seconds.h"

#define WORD_SECONDS    600     /* in which an authority says what came of a look */
#define MAX_BACK        64      /* words that are looked through */

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

static const acme_word_t *
word_at(const acme_shared_t *shared, unsigned place)
{
    return ((const timed_word_t *)wmem_array_index(shared->words, place))->word;
}

/* Of one challenge; NULL: none. */
static const acme_word_t *
latest_word(const acme_shared_t *shared, const char *url)
{
    unsigned count = shared->words ? wmem_array_get_count(shared->words) : 0;

    for (unsigned i = 0; i < MIN(count, MAX_BACK); i++) {
        if (word_at(shared, count - 1 - i)->url == url)
            return word_at(shared, count - 1 - i);
    }
    return NULL;
}

const acme_word_t *
acme_authority_says(uint8_t type, const char *domain, const char *token, const acme_word_t *word, bool *alone)
{
    const char *kept = acme_keep(ACME_NAMES, token);
    const acme_challenge_t *challenge = token ? NULL : acme_challenge(type, domain, NULL);
    acme_shared_t *shared = kept ? acme_shared_by_token(kept) : challenge ? challenge->shared : NULL;
    const acme_word_t *last = shared ? latest_word(shared, word->url) : NULL;

    if (!shared || (last && last->valid == word->valid))
        return NULL;
    *alone = !shared->first;
    return keep_word(shared, word);
}

/* Without a question in the capture its time is unknown. */
static bool
is_soon(const acme_validation_t *validation, const acme_word_t *word)
{
    return !validation->request_frame || seconds_since(word->when, validation->request_time.secs) <= WORD_SECONDS;
}

/* Whether another challenge of this domain that there was when it was looked at came to something else. */
static bool
is_contested(const acme_shared_t *shared, unsigned place, const acme_validation_t *validation)
{
    const acme_word_t *word = word_at(shared, place);
    unsigned count = wmem_array_get_count(shared->words);

    for (unsigned i = place + 1; i < MIN(count, place + MAX_BACK); i++) {
        const acme_word_t *other = word_at(shared, i);
        uint32_t known = acme_expected_since(other->url);

        if (other->url != word->url && other->valid != word->valid && is_soon(validation, other) && known
                && known <= MAX(validation->request_frame, validation->response_frame))
            return true;
    }
    return false;
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
    if (place == wmem_array_get_count(shared->words))
        return NULL;
    if (validation->challenge->token)
        return word_at(shared, place);
    return is_soon(validation, word_at(shared, place)) && !is_contested(shared, place, validation) ? word_at(shared, place) : NULL;
}

/* acme-verdict.c
 * What a validation came to, of all that is known by now; see acme-verdict.h
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

#include "acme-verdict.h"
#include "acme-word.h"

/*
 * What public authorities do not follow, others may: whether this one does is known when the capture is, by where its validator
 * goes, or by its word.
 */
static bool
is_known(const acme_validation_t *validation, bool later_pass)
{
    const acme_word_t *word;

    if (!validation->judged || !validation->refutable)
        return validation->judged;
    word = later_pass ? acme_authority_word(validation) : NULL;
    return later_pass && !validation->passed_on && !(word && word->valid);
}

/* There is an answer, and it is not in the capture. */
static bool
is_lost(const acme_validation_t *validation)
{
    return !validation->response_frame && validation->reply == ACME_REPLY_LOST;
}

bool
acme_verdict_is_known(const acme_validation_t *validation, bool later_pass)
{
    if (validation->doubtful || is_lost(validation))
        return false;
    return validation->response_frame ? is_known(validation, later_pass) : later_pass;
}

acme_cause_t
acme_verdict_cause(const acme_validation_t *validation, bool later_pass)
{
    if (validation->doubtful || is_lost(validation))
        return ACME_CAUSE_NONE;
    if (!validation->response_frame)
        return !later_pass ? ACME_CAUSE_NONE : validation->connection ? ACME_CAUSE_REFUSED : ACME_CAUSE_NO_ANSWER;
    if (!is_known(validation, later_pass))
        return ACME_CAUSE_NONE;
    if (validation->cause == ACME_CAUSE_NONE && validation->challenge->contradicted && validation->check != ACME_CHECK_FITS)
        return ACME_CAUSE_CONTRADICTION;
    return (acme_cause_t)validation->cause;
}

static bool
is_redirect(const acme_validation_t *validation)
{
    return validation->passed_on || validation->cause == ACME_CAUSE_LOOP || validation->cause == ACME_CAUSE_REDIRECT;
}

/* Without the authority. */
static const char *
own_outcome(const acme_validation_t *validation, bool later_pass)
{
    if (is_lost(validation))
        return NULL;
    if (!validation->response_frame || validation->connection)
        return "no response";
    if (!is_known(validation, later_pass))
        return NULL;
    if (acme_verdict_cause(validation, later_pass) != ACME_CAUSE_NONE)
        return "invalid";
    return validation->check == ACME_CHECK_FITS ? "valid" : "well-formed";
}

const char *
acme_verdict_outcome(const acme_validation_t *validation, bool later_pass)
{
    const acme_word_t *word = acme_authority_word(validation);

    /* Whether a redirect is the end is known when the capture is. */
    if (!later_pass && (!validation->response_frame || is_redirect(validation)))
        return NULL;
    if (validation->passed_on || validation->doubtful)
        return NULL;
    if (word && !word->valid)
        return "authority says invalid";
    if (word && (validation->response_frame || is_lost(validation))
            && acme_verdict_cause(validation, later_pass) == ACME_CAUSE_NONE)
        return "authority says valid";
    return own_outcome(validation, later_pass);
}

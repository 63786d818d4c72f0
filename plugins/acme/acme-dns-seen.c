/* acme-dns-seen.c
 * Questions of DNS about challenges, and what each message of them says by itself; see acme-dns-seen.h
 *
 * Messages are found again on later passes by their frames, which ascend in one array; all that a frame has is next to each other.
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

#include <epan/packet.h>

#include "acme-dns-seen.h"
#include "acme-memory.h"
#include "as-of.h"

/* acme_dns_seen_t at one below its place; file scope. */
static wmem_array_t *seen;
static acme_dns_seen_t *all;    /* what is in it */

unsigned
acme_dns_seen_new(const packet_info *pinfo, acme_question_t *question)
{
    acme_dns_seen_t one = { .frame = pinfo->num, .question = question, .count = 1, .alone = true };

    if (!acme_take(ACME_QUESTIONS, sizeof one))
        return 0;
    wmem_array_append_one(seen, one);
    all = (acme_dns_seen_t *)wmem_array_get_raw(seen);
    return wmem_array_get_count(seen);
}

acme_dns_seen_t *
acme_dns_seen_at(unsigned place)
{
    return &all[place - 1];
}

void
acme_dns_seen_join(unsigned place, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        acme_dns_seen_at(place + i)->count = (uint8_t)(count - i);
        acme_dns_seen_at(place + i)->alone = count == 1;
    }
}

/* below: one less than the place. 0: it is of another frame. */
static unsigned
place_if_in(unsigned below, uint32_t frame)
{
    return below < wmem_array_get_count(seen) && acme_dns_seen_at(below + 1)->frame == frame ? below + 1 : 0;
}

unsigned
acme_dns_seen_in(uint32_t frame)
{
    return place_if_in(as_of_count(seen, frame), frame);
}

unsigned
acme_dns_seen_next(unsigned place)
{
    return place_if_in(place, acme_dns_seen_at(place)->frame);
}

void
acme_dns_seen_judge(unsigned place, acme_cause_t cause)
{
    acme_dns_seen_t *one = acme_dns_seen_at(place);

    if (!one->judged && !one->question->decided) {
        one->question->decided = true;
        one->decides = true;
    }
    one->judged = true;
    one->cause = (uint8_t)cause;
}

/* Whether another answer than this one ended the question. */
static bool
is_again(const acme_dns_seen_t *one)
{
    return one->question->decided ? !one->decides : one->frame != one->question->validation.response_frame;
}

bool
acme_dns_seen_keep(unsigned place, const acme_question_t *view)
{
    acme_dns_seen_t *one = acme_dns_seen_at(place);

    one->check = view->validation.check;
    if (view->validation.judged)
        acme_dns_seen_judge(place, (acme_cause_t)view->validation.cause);
    return is_again(one);
}

acme_question_t *
acme_dns_view(wmem_allocator_t *pool, unsigned place)
{
    const acme_dns_seen_t *one = acme_dns_seen_at(place);
    acme_question_t *view = wmem_new(pool, acme_question_t);

    *view = *one->question;
    view->validation.judged = one->judged;
    view->validation.cause = one->judged ? one->cause : ACME_CAUSE_NONE;
    view->validation.check = one->check;
    view->validation.again = one->question->validation.response_frame && is_again(one);
    return view;
}

/* --- Registration --- */

static void
acme_dns_seen_init(void)
{
    seen = wmem_array_new(wmem_file_scope(), sizeof(acme_dns_seen_t));
}

void
acme_register_dns_seen(void)
{
    register_init_routine(acme_dns_seen_init);
}

/* acme-memory.h
 * Text that ACME keeps for a capture, each once, and how much of it
 *
 * Every map of the plugin has its keys from here, so that all of them together are bounded in bytes, whatever the
 * capture says how often. HTTP/2 for one writes a long URL again in a byte.
 *
 * Units: bytes. Ownership and lifetime: what is kept is in file scope, and goes with the capture.
 * Errors: NULL or false where the share is used up: then the caller does without, and what is new is not shown.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_MEMORY_H
#define GAPFILL_ACME_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* What is kept has a share of the bytes for its kind, see acme-memory.c. */
typedef enum {
    ACME_NAMES,         /* domains, tokens, addresses, thumbprints, and keys that are made of them */
    ACME_URLS,
    ACME_QUESTIONS,     /* of DNS */
    ACME_CONNECTIONS,   /* that may be validators', and their ends */
    ACME_SHARES
} acme_share_t;

void acme_register_memory(void);

/* For maps whose keys are text: with numbers that are random in each process, at a tenth of wmem_str_hash()'s price. */
unsigned acme_hash_text(const void *text);

/*
 * The text as it is kept: the same pointer for the same text. NULL stays NULL; NULL also where it has more than ACME_MAX_TEXT
 * bytes or does not fit any more. First pass only.
 */
#define ACME_MAX_TEXT 8192
const char *acme_keep(acme_share_t share, const char *text);

/* Takes that many bytes from a share for something else that is kept; false: there are not so many. First pass only. */
bool acme_take(acme_share_t share, size_t bytes);

/* Gives back what was taken so. */
void acme_give(acme_share_t share, size_t bytes);

/* So many bytes from a share, all zeros, aligned for pointers and numbers; for small structures that are many. First pass only. */
void *acme_room(acme_share_t share, size_t bytes);

#endif /* GAPFILL_ACME_MEMORY_H */

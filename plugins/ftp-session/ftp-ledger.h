/* ftp-ledger.h
 * What became of each file that FTP sessions moved: parts joined, the final name
 *
 * RFC 959 (APPE, REST, RNFR, RNTO, DELE), RFC 3659 section 5 (REST)
 *
 * A ledger belongs to its maker; transfers are those of the model, and outlive it. Sizes are bytes of the file.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_LEDGER_H
#define GAPFILL_FTP_LEDGER_H

#include <glib.h>

#include "ftp-model.h"

typedef struct ftp_sum ftp_sum_t;

typedef struct ftp_file {
    const char     *name;       /* final, NULL if unknown */
    ftp_direction_t direction;
    bool            deleted;
    GPtrArray      *parts;      /* of const ftp_transfer_t *, in the order of their replies; at least one */
    unsigned        number;     /* in the ledger, from 0 */
    char           *own_name;   /* name, if it is of a directory that was renamed; else NULL */
    ftp_sum_t      *settled;    /* what the older parts come to, where there are many; else NULL */
} ftp_file_t;

typedef struct ftp_ledger ftp_ledger_t;

/* What tells files from each other; to be freed with g_free(). */
char *ftp_ledger_key(const ftp_session_t *session, ftp_direction_t direction, const char *name);

ftp_ledger_t *ftp_ledger_new(void);
void ftp_ledger_free(ftp_ledger_t *ledger);

/* Something is known of a command: the file whose line is new or changes, or NULL. May be called again for the same one. */
const ftp_file_t *ftp_ledger_note(ftp_ledger_t *ledger, const ftp_transfer_t *transfer);

/* Calls back for each file that has another name since, as a directory was renamed. */
void ftp_ledger_foreach_renamed(ftp_ledger_t *ledger, void (*callback)(const ftp_file_t *file, void *user), void *user);

/* All bytes that were moved; false if they are not known. */
bool ftp_file_bytes(const ftp_file_t *file, uint64_t *bytes);

/* The size that follows from the parts; false if it does not: ASCII, a part that is missing, data under TLS. */
bool ftp_file_size(const ftp_file_t *file, uint64_t *size);

/* What confirms that size: a command or reply, "mismatch" if one contradicts it, or NULL. */
const char *ftp_file_verified(const ftp_file_t *file);

#endif /* GAPFILL_FTP_LEDGER_H */

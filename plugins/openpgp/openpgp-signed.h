/* openpgp-signed.h
 * What OpenPGP signatures are over: keys, user IDs and attributes, documents
 *
 * Sources: RFC 9580 sections 5.2.4 (computing signatures), 5.2.1 (types), 7 (cleartext); RFC 4880 for versions 3 and 4;
 * draft-koch-librepgp section 5.2.4 for version 5: of documents its trailer has format, name and date of the literal data, or
 * zeros; of cleartext, zeros or what GnuPG 2.4 writes, whichever fits the digest's first octets that the signature tells.
 *
 * Lengths are in octets. Nothing is kept.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_SIGNED_H
#define GAPFILL_OPENPGP_SIGNED_H

#include "openpgp-keyring.h"

#define OPENPGP_DIGEST_MAX      64
#define OPENPGP_IDENTITY        16

/* Why a document may be another one than was signed, so that what does not fit proves nothing. */
typedef enum openpgp_doubt {
    OPENPGP_DOUBT_NONE,
    OPENPGP_DOUBT_WHOLE,        /* not all of it may have been captured */
    OPENPGP_DOUBT_LINES,        /* the same, and its line ends may have been LF */
    OPENPGP_DOUBT_FLOWED,       /* cleartext alone: its lines may have been broken since (RFC 3676) */
    OPENPGP_DOUBT_DELSP         /* the same, with a blank that does not belong to it (DelSp=yes) */
} openpgp_doubt_t;

/* RFC 3676: what a reader of mail undoes. */
typedef enum openpgp_unflowed {
    OPENPGP_UNFLOWED_NOT,
    OPENPGP_UNFLOWED_STUFFING,  /* a blank before a line */
    OPENPGP_UNFLOWED_LINES,     /* likewise, and lines go on where they end in a blank */
    OPENPGP_UNFLOWED_DELETING   /* likewise, without that blank */
} openpgp_unflowed_t;

/* Whether it is the text's lines alone that are in doubt. */
static inline bool
openpgp_doubts_lines(uint8_t doubt)
{
    return doubt == OPENPGP_DOUBT_FLOWED || doubt == OPENPGP_DOUBT_DELSP;
}

/* What the signatures at a place of a block are about; what is not there is NULL. Begin with all zeros. */
typedef struct openpgp_subject {
    const openpgp_known_key_t *primary;
    const openpgp_known_key_t *subkey;
    bool                       primary_disputed;    /* it is NULL as nobody knows which octets of it are signed */
    bool                       subkey_disputed;
    openpgp_octets_t           component;       /* user ID or attribute */
    uint8_t                    component_tag;
    openpgp_octets_t           document;        /* literal data, or cleartext as it stands */
    openpgp_octets_t           literal_head;    /* format, name and date; NULL: no literal data */
    bool                       is_cleartext;
    uint8_t                    doubt;           /* openpgp_doubt_t, of all that is here or comes in its place */
    bool                       with_feeds;      /* it is hashed with LF for line ends */
    uint8_t                    unflowed;        /* cleartext is hashed as a mail reader shows it; openpgp_unflowed_t */
    bool                       identified;      /* the next one is of what is here */
    uint8_t                    identity[OPENPGP_IDENTITY];
} openpgp_subject_t;

/*
 * Makes the subject that of what follows a packet. known: the packet's key, or NULL where it is none, or not whole, or
 * disputed (openpgp-public-key.h).
 */
void openpgp_subject_packet(openpgp_subject_t *subject, uint8_t tag, openpgp_octets_t body, const openpgp_known_key_t *known,
                            bool disputed);
void openpgp_subject_cleartext(openpgp_subject_t *subject, openpgp_octets_t text);

/*
 * That of signatures which stand apart from what they are over. It is hashed, and from then on the octets are needed only for
 * verdicts that nobody has asked for yet.
 */
void openpgp_subject_document(openpgp_subject_t *subject, openpgp_octets_t document, openpgp_doubt_t doubt);

/* Whether it is known what a signature of this type is over. */
bool openpgp_signed_is_known(uint8_t type);

/* Whether there is all that a signature of this type is over. */
bool openpgp_subject_has(const openpgp_subject_t *subject, const openpgp_statement_t *statement);

/* Whether it is over a key that is disputed. */
bool openpgp_subject_is_disputed(const openpgp_subject_t *subject, const openpgp_statement_t *statement);

/* Octets that a signature of this type hashes, about. */
uint64_t openpgp_signed_size(const openpgp_subject_t *subject, const openpgp_statement_t *statement);

/* Returns the digest's octets in digest; 0: the hash is not to be had. */
unsigned openpgp_signed_digest(const openpgp_subject_t *subject, const openpgp_statement_t *statement, uint8_t *digest);

/* The same signature over the same things, wherever it comes from. */
void openpgp_signed_identity(openpgp_subject_t *subject, const openpgp_statement_t *statement, uint8_t *identity);

#endif /* GAPFILL_OPENPGP_SIGNED_H */

/* openpgp-subpacket.h
 * Shows the subpackets of OpenPGP signatures, and the parts of older signatures that are subpackets today
 *
 * Sources: RFC 9580 section 5.2.3, RFC 4880 section 5.2.3; draft-koch-librepgp for the preferred encryption modes.
 *
 * Nothing is kept. Data that end too soon throw, but within a subpacket.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_SUBPACKET_H
#define GAPFILL_OPENPGP_SUBPACKET_H

#include "openpgp-items.h"

/* A subpacket of which more can be told when the whole signature is known. tvb is NULL where there is none. */
typedef struct openpgp_subpacket {
    proto_tree *tree;
    tvbuff_t   *tvb;
} openpgp_subpacket_t;

/*
 * What is learnt of a signature while it is shown. Of several hashed subpackets of a type the last one counts (RFC 9580 section
 * 5.2.3.9), as in openpgp-statement.h.
 */
typedef struct openpgp_shown_signature {
    openpgp_context_t   *context;
    uint8_t              version;
    uint8_t              type;
    bool                 hashed;        /* what is read now is under the signature; nothing else says when it ends */
    bool                 has_creation;
    uint32_t             creation;
    openpgp_subpacket_t  validity;
    openpgp_subpacket_t  key_validity;
    const char          *issuer;        /* fingerprint or key ID: the first one, as what is hashed comes first */
    /* Shows a signature that fills tvb. */
    void               (*dissect_embedded)(openpgp_context_t *context, tvbuff_t *tvb, proto_tree *tree, proto_item *item);
} openpgp_shown_signature_t;

/* Subpackets that fill tvb; name says which ones they are. */
void openpgp_dissect_subpackets(openpgp_shown_signature_t *signature, proto_tree *tree, tvbuff_t *tvb, const char *name);

/* What those of version 3 have at a fixed place. */
void openpgp_add_creation(openpgp_shown_signature_t *signature, proto_tree *tree, tvbuff_t *tvb);
void openpgp_add_issuer_keyid(openpgp_shown_signature_t *signature, proto_tree *tree, tvbuff_t *tvb, unsigned offset);

/* When the signature and its key end, once all subpackets are known. */
void openpgp_finish_validity(const openpgp_shown_signature_t *signature);

void openpgp_register_subpacket(int proto, expert_module_t *expert);

#endif /* GAPFILL_OPENPGP_SUBPACKET_H */

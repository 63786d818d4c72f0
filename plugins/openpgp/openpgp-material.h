/* openpgp-material.h
 * Shows what OpenPGP packets hold of the mathematics of an algorithm, and string-to-key specifiers
 *
 * Each function returns the offset behind, or throws where tvb ends too soon. 0: unknown, shown to the end.
 *
 * Source: RFC 9580 sections 3.7, 5.5.5 and 9, RFC 6637. Units: offsets in octets.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_MATERIAL_H
#define GAPFILL_OPENPGP_MATERIAL_H

#include "openpgp-items.h"

/* What the algorithm's part of a public key says. */
typedef struct openpgp_material {
    uint16_t    bits;           /* 0: unknown */
    const char *curve;          /* NULL: no curve, or none with a name */
} openpgp_material_t;

/* What a string-to-key specifier says by GnuPG's private extension. */
typedef enum openpgp_gnu {
    OPENPGP_GNU_NONE,           /* nothing */
    OPENPGP_GNU_ELSEWHERE,      /* the secret part is not here */
    OPENPGP_GNU_HERE,           /* it is, in a form of GnuPG's own */
    OPENPGP_GNU_UNKNOWN         /* a mode that nobody knows, or somebody else's extension of that number */
} openpgp_gnu_t;

openpgp_gnu_t openpgp_gnu_mode(tvbuff_t *tvb, unsigned offset);

/* behind: so many octets at most follow in tvb. */
unsigned openpgp_public_material(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned offset,
                                 uint8_t algorithm, unsigned behind, openpgp_material_t *material);
unsigned openpgp_secret_material(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned offset,
                                 uint8_t algorithm);
unsigned openpgp_signature_material(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned offset,
                                    uint8_t algorithm);
unsigned openpgp_session_key_material(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned offset,
                                      uint8_t algorithm, uint8_t version);
unsigned openpgp_s2k(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned offset, uint8_t *type);
void openpgp_register_material(int proto, expert_module_t *expert);

#endif /* GAPFILL_OPENPGP_MATERIAL_H */

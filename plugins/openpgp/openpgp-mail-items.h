/* openpgp-mail-items.h
 * What was found in mail, kept by packet on the first pass, and shown in all
 *
 * Ownership: what is kept is of the file, up to OPENPGP_MAIL_KEPT octets of it; what a signature of PGP/MIME is over only until it
 * is verified. Showing may throw, as where a tree has too many items; then all items have been looked at nevertheless.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_MAIL_ITEMS_H
#define GAPFILL_OPENPGP_MAIL_ITEMS_H

#include <epan/expert.h>

#include "openpgp-http.h"
#include "openpgp-mail-parts.h"

typedef struct openpgp_mail_place {
    uint32_t frame;
    unsigned call;      /* of the frame's calls of a mail protocol, from 0 on; or any number that is asked for again */
    bool     late;      /* the first pass is over: it is for later ones alone */
} openpgp_mail_place_t;

/* A part of a message that ends there. */
void openpgp_mail_keep(openpgp_mail_place_t place, const openpgp_mail_part_t *part);

/* From there on nothing can be read. */
void openpgp_mail_note_compression(openpgp_mail_place_t place);

/* What Wireshark hands over in this call is not shown: the mail is read when what is missing has come, or is given up. */
void openpgp_mail_hold(openpgp_mail_place_t place);

/* Around the call of a mail protocol, which may be within another one; what the first returns is for the second. */
wmem_array_t *openpgp_mail_begin_call(void);
void openpgp_mail_end_call(wmem_array_t *outer);

/* A part that Wireshark has found, with a type of OpenPGP: shown below tree once the call is over. */
void openpgp_mail_hand_over(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree);

/* What is kept for the call: below the mail, or below the protocol that carries it, if they stand in the tree. */
void openpgp_mail_show_call(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, int proto_carrier, unsigned call);

/* What was handed over, and the mail was not read for: as anywhere else. */
void openpgp_mail_show_others(packet_info *pinfo);

/* A file is opened. */
void openpgp_mail_items_reset(void);

void openpgp_mail_items_register(int proto, expert_module_t *expert);
void openpgp_mail_items_handoff(openpgp_show_t show, openpgp_review_body_t review);

#endif /* GAPFILL_OPENPGP_MAIL_ITEMS_H */

/* openpgp-mail.h
 * OpenPGP in mail: SMTP, POP and IMAP
 *
 * Sources: as in openpgp-mail-reader.h (messages) and openpgp-mail-parts.h (what is in them).
 *
 * A message is read once, on the first pass, from the bytes of its connection; in which packets there is OpenPGP is kept in file
 * scope, with its octets freed of their encoding, at most OPENPGP_MAIL_KEPT of them. Later passes show these alone. It stands with
 * the packet that ends the message: below the item that Wireshark made for a part of that type, else below that of the mail.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_MAIL_H
#define GAPFILL_OPENPGP_MAIL_H

#include <epan/expert.h>
#include <epan/prefs.h>

#include "openpgp-http.h"

/*
 * For the dissector of OpenPGP's media types: in a mail, Wireshark hands over a part with its encoding and without what it is
 * about, so it is shown once the mail was read: below tree. To be called where a mail is read.
 */
void openpgp_mail_defer(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree);

/* Whether the dissector of a mail protocol is at work. */
bool openpgp_mail_is_read(void);

void openpgp_register_mail(int proto, expert_module_t *expert, module_t *preferences);
void openpgp_handoff_mail(const int *proto, openpgp_show_t show, openpgp_review_body_t review);

#endif /* GAPFILL_OPENPGP_MAIL_H */

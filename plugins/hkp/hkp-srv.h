/* hkp-srv.h
 * SRV lookups of key servers and Web Key Directories in DNS
 *
 * Sources: RFC 2782 (SRV; a target of "." says that there is no such service); draft-ietf-openpgp-hkp for _hkp._tcp and _hkps._tcp;
 * draft-koch-openpgp-webkey-service up to version 7 for _openpgpkey._tcp.
 * Messages are read as dns-message.h does, over UDP, TCP, TLS and HTTP, anew in each pass. Nothing is kept, and nothing throws.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HKP_SRV_H
#define GAPFILL_HKP_SRV_H

#include "hkp-answer.h"

/* A question, or the answer to one; strings are in the packet's pool and may be shown. */
typedef struct hkp_srv {
    bool          is_answer;
    const char   *name;         /* _hkp._tcp.example.org */
    const char   *text;         /* of an answer: what it says */
    hkp_found_t   found;
    hkp_outcome_t outcome;
} hkp_srv_t;

/* Called for each, after the DNS dissector; tree is DNS's own, or NULL. */
typedef void (*hkp_srv_shown_t)(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const hkp_srv_t *srv);

/* For the handoff routine. */
void hkp_srv_watch(const int *proto, hkp_srv_shown_t show);

#endif /* GAPFILL_HKP_SRV_H */

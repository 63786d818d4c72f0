/* hkp-connect.h
 * Connections to the port of key servers that are refused or never answered
 *
 * Sources: IANA's assignment of TCP port 11371 to HKP; RFC 9293 section 3.5 (handshake and reset); RFC 792 and RFC 4443 (errors
 * that quote a SYN).
 * A refusal is shown where it is seen, silence on the last SYN in passes after the first. Ownership and lifetime: in file scope,
 * written on the first pass only. Bounds: HKP_CONNECT_MAX attempts of a capture, those that are answered not counted. No errors.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HKP_CONNECT_H
#define GAPFILL_HKP_CONNECT_H

#include "hkp-begun.h"

#define HKP_CONNECT_MAX 65536

/* An attempt that failed, in the packet that shows it. */
typedef struct hkp_failure {
    bool        refused;        /* else never answered */
    bool        unreachable;    /* refused by an ICMP error */
    uint32_t    syn_frame;      /* the first of its SYNs */
    unsigned    syns;
    const char *server;         /* address and port, in the packet's pool */
} hkp_failure_t;

/* Called for each, after TCP; tree is TCP's for generated items, or NULL. */
typedef void (*hkp_failure_shown_t)(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const hkp_failure_t *failure);

/* For the handoff routine, also of what hkp-begun.h and hkp-talk.h have to see. */
void hkp_connect_watch(const int *proto, hkp_failure_shown_t show, hkp_begun_shown_t show_begun);

#endif /* GAPFILL_HKP_CONNECT_H */

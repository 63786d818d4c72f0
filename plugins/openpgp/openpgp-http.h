/* openpgp-http.h
 * OpenPGP in bodies of HTTP messages
 *
 * Source: RFC 9110 section 8.3 (Content-Type). What is looked for by the media type is openpgp-content.h's.
 *
 * State: of an exchange in whose bodies there is OpenPGP that there is, written on the first pass, in file scope; later passes
 * look at these alone. Of bodies in HTTP/2, which have to be put together, OPENPGP_HTTP2_BODIES octets of a capture are looked at.
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * Copyright 2026, the Gapfill authors
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_HTTP_H
#define GAPFILL_OPENPGP_HTTP_H

#include <epan/packet.h>
#include <epan/prefs.h>

#include "openpgp-parse.h"
#include "openpgp-signed.h"

/* The largest body of HTTP/2 that is looked at, and all of them together. */
#define OPENPGP_HTTP2_BODY   (4 * 1024 * 1024)
#define OPENPGP_HTTP2_BODIES (64 * 1024 * 1024)

/* Shows what was found in tvb below tree, which may be NULL; returns its own. of: what signatures are over, or NULL. */
typedef proto_tree *(*openpgp_show_t)(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const openpgp_summary_t *summary,
                                      const openpgp_subject_t *of);

/* Finds out what is kept and what Info says, and tells statistics, where nothing is shown. */
typedef void (*openpgp_review_body_t)(tvbuff_t *tvb, packet_info *pinfo, const openpgp_subject_t *of);

/* To be called when whoever shows the carrier has written the columns. */
typedef void (*openpgp_info_again_t)(packet_info *pinfo);

/* Whether that would do something. */
typedef bool (*openpgp_has_info_t)(const packet_info *pinfo);

/* Of a body that its media type's dissector shows: what a signature in it is over, after the first pass. NULL: not known. */
const openpgp_subject_t *openpgp_http_subject(packet_info *pinfo, tvbuff_t *tvb);

void openpgp_register_http(module_t *preferences);
void openpgp_handoff_http(const int *proto, openpgp_show_t show, openpgp_review_body_t review, openpgp_info_again_t again,
    openpgp_has_info_t has);

#endif /* GAPFILL_OPENPGP_HTTP_H */

/* openpgp-items.h
 * What the parts of the OpenPGP dissector share
 *
 * Offsets and lengths are in octets. Memory is from pinfo->pool. Where data end too soon tvbuffs throw, and the packet's
 * dissector makes that expert information.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_ITEMS_H
#define GAPFILL_OPENPGP_ITEMS_H

#include <epan/packet.h>
#include <epan/expert.h>

#include "openpgp-codes.h"
#include "openpgp-parse.h"
#include "openpgp-review.h"
#include "text.h"

/* New buffers (armor, partial lengths, compressed data) of one body that are shown as data sources. */
#define OPENPGP_MAX_DATA_SOURCES 256

/*
 * Packets, subpackets and list elements of one body that are shown: each has an octet at least, so that only what
 * compressed data make is ever more than the octets of the body and these.
 */
#define OPENPGP_MIN_PARTS 1000
#define OPENPGP_MAX_PARTS 500000

/* State while one body is shown, or the packets of a nested one. */
typedef struct openpgp_context {
    packet_info         *pinfo;
    unsigned             nesting;
    unsigned             packets;
    uint32_t             inflate_left;      /* octets that compressed data may still make */
    unsigned             data_sources;
    unsigned             parts_left;        /* see openpgp_has_room() */
    const openpgp_key_t *primary;           /* what the packets belong to, or NULL */
    const openpgp_key_t *key;               /* the nearest primary key or subkey before, or NULL */
    openpgp_review_t    *review;            /* or NULL */
    const openpgp_judged_t *judged;        /* of the signature that is shown, or NULL */
    bool                 clipped;           /* it has been said that not everything is shown */
    bool                 snapped;           /* the packets are in compressed data of which the capture lacks the end */
    /* Shows all packets in tvb: for armor and compressed data. */
    void               (*dissect_packets)(struct openpgp_context *context, tvbuff_t *tvb, proto_tree *tree);
} openpgp_context_t;

/* One packet, its partial lengths joined. */
typedef struct openpgp_packet {
    uint8_t   tag;
    tvbuff_t *body;
    bool      cut;              /* the body is shorter than the header says, in the capture at least */
    bool      short_data;       /* and not only in the capture */
} openpgp_packet_t;

extern expert_field ei_openpgp_malformed;
extern expert_field ei_openpgp_truncated;
extern expert_field ei_openpgp_unknown;
extern expert_field ei_openpgp_limit;
extern expert_field ei_openpgp_trailing;
extern expert_field ei_openpgp_text;
extern expert_field ei_openpgp_checksum;

/* Whether more may be shown in this packet: Wireshark gives up a packet with too many items. */
bool openpgp_has_room(openpgp_context_t *context, proto_tree *tree);

/* A buffer (in pinfo->pool) as a tvbuff with a data source; tree becomes NULL where there are too many of these. */
tvbuff_t *openpgp_new_tvb(openpgp_context_t *context, tvbuff_t *parent, const uint8_t *data, unsigned length,
                          const char *name, proto_tree **tree);

/* Text as it may be shown (text.h), which is returned; what had to be altered is expert information. */
const char *openpgp_add_text(openpgp_context_t *context, proto_tree *tree, int hf, tvbuff_t *tvb, unsigned offset,
                             unsigned length, text_form_t form);

/* Hex digits in upper case. */
const char *openpgp_hex(packet_info *pinfo, tvbuff_t *tvb, unsigned offset, unsigned length);

/* A field of bytes from offset to the end, if there are any. */
void openpgp_add_rest(proto_tree *tree, int hf, tvbuff_t *tvb, unsigned offset);

/* Length of a subpacket (signature or user attribute) at offset; moves offset behind the length. */
uint32_t openpgp_subpacket_length(tvbuff_t *tvb, unsigned *offset);

/*
 * Skips subpackets that have not even a type, and says how many there are: one finding, as there can be as many as
 * octets. False: there is none at offset.
 */
bool openpgp_skip_empty_subpackets(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned *offset, unsigned end);

void openpgp_register_items(expert_module_t *expert);

#endif /* GAPFILL_OPENPGP_ITEMS_H */

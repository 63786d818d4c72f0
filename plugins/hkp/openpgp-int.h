/* openpgp-int.h
 * What the parts of the OpenPGP dissector share
 *
 * Each part has its own fields and a function that registers them.
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef __OPENPGP_INT_H__
#define __OPENPGP_INT_H__

#include <epan/packet.h>
#include <epan/expert.h>

#include "packet-openpgp.h"

/* Compressed data within compressed data, embedded signatures within embedded signatures. */
#define OPENPGP_MAX_NESTING 8

/* Bytes that all the compressed data of one body may make together: a bound against bombs. */
#define OPENPGP_MAX_INFLATED (32 * 1024 * 1024)

/* New buffers (armor, partial lengths, compressed data) of one body that are shown as data sources. */
#define OPENPGP_MAX_DATA_SOURCES 256

/* Packets of one body that are looked at. */
#define OPENPGP_MAX_PACKETS 250000

/* Packets, subpackets and list elements of one body that are shown. */
#define OPENPGP_MAX_PARTS 500000

#define OPENPGP_KEY_ID_LENGTH   8
#define OPENPGP_CRC24_LENGTH    3

#define OPENPGP_TAG_PKESK           1
#define OPENPGP_TAG_SIGNATURE       2
#define OPENPGP_TAG_SKESK           3
#define OPENPGP_TAG_ONE_PASS        4
#define OPENPGP_TAG_SECRET_KEY      5
#define OPENPGP_TAG_PUBLIC_KEY      6
#define OPENPGP_TAG_SECRET_SUBKEY   7
#define OPENPGP_TAG_COMPRESSED      8
#define OPENPGP_TAG_SED             9
#define OPENPGP_TAG_MARKER          10
#define OPENPGP_TAG_LITERAL         11
#define OPENPGP_TAG_TRUST           12
#define OPENPGP_TAG_USER_ID         13
#define OPENPGP_TAG_PUBLIC_SUBKEY   14
#define OPENPGP_TAG_USER_ATTRIBUTE  17
#define OPENPGP_TAG_SEIPD           18
#define OPENPGP_TAG_MDC             19
#define OPENPGP_TAG_AEAD            20
#define OPENPGP_TAG_PADDING         21

#define OPENPGP_ALGO_RSA            1
#define OPENPGP_ALGO_RSA_ENCRYPT    2
#define OPENPGP_ALGO_RSA_SIGN       3
#define OPENPGP_ALGO_ELGAMAL        16
#define OPENPGP_ALGO_DSA            17
#define OPENPGP_ALGO_ECDH           18
#define OPENPGP_ALGO_ECDSA          19
#define OPENPGP_ALGO_ELGAMAL_SIGN   20
#define OPENPGP_ALGO_EDDSA_LEGACY   22
#define OPENPGP_ALGO_X25519         25
#define OPENPGP_ALGO_X448           26
#define OPENPGP_ALGO_ED25519        27
#define OPENPGP_ALGO_ED448          28

#define OPENPGP_SIG_CERT_FIRST      0x10
#define OPENPGP_SIG_CERT_LAST       0x13
#define OPENPGP_SIG_SUBKEY_BINDING  0x18
#define OPENPGP_SIG_DIRECT_KEY      0x1f

/* State of one call of openpgp_dissect_all(), or of the packets of one nested body. */
typedef struct openpgp_context {
    packet_info       *pinfo;
    openpgp_summary_t *summary;
    unsigned           nesting;
    uint32_t           inflated;        /* bytes that compressed data have made */
    unsigned           data_sources;
    unsigned           parts;
    int                primary;         /* index into summary->keys: what the packets belong to, or -1 */
    int                key;             /* the nearest primary key or subkey before, or -1 */
    unsigned           loose_signatures;/* not in a key */
    bool               message;         /* one of the packets makes this block a message */
    bool               clipped;         /* it has been said that not everything is shown */
} openpgp_context_t;

/* One packet, its partial lengths joined. */
typedef struct openpgp_packet {
    uint8_t   tag;
    tvbuff_t *body;
    bool      cut;              /* the body is shorter than the header says, in the capture at least */
    bool      short_data;       /* and not only in the capture */
} openpgp_packet_t;

/* What the algorithm's part of a public key says. */
typedef struct openpgp_material {
    uint16_t    bits;           /* 0: unknown */
    const char *curve;          /* NULL: no curve, or none with a name */
} openpgp_material_t;

extern expert_field ei_openpgp_malformed;
extern expert_field ei_openpgp_truncated;
extern expert_field ei_openpgp_unknown;
extern expert_field ei_openpgp_limit;
extern expert_field ei_openpgp_trailing;
extern expert_field ei_openpgp_text;
extern expert_field ei_openpgp_checksum;

/* openpgp-codes.c */
extern const value_string openpgp_tags[];
extern const value_string openpgp_public_key_algorithms[];
extern const value_string openpgp_symmetric_algorithms[];
extern const value_string openpgp_hash_algorithms[];
extern const value_string openpgp_compression_algorithms[];
extern const value_string openpgp_aead_algorithms[];
extern const value_string openpgp_signature_types[];
unsigned openpgp_cipher_block_size(uint8_t algorithm);
unsigned openpgp_aead_nonce_size(uint8_t algorithm);

/* packet-openpgp.c */

/* Whether more may be shown in this packet: Wireshark gives up a packet with too many items. */
bool openpgp_has_room(openpgp_context_t *context, proto_tree *tree);

/* A buffer (in pinfo->pool) as a tvbuff with a data source; tree becomes NULL where there are too many of these. */
tvbuff_t *openpgp_new_tvb(openpgp_context_t *context, tvbuff_t *parent, const uint8_t *data, unsigned length,
                          const char *name, proto_tree **tree);

/* Text as valid UTF-8 without NUL; what is not so, or is a control character, is expert information. */
proto_item *openpgp_add_text(openpgp_context_t *context, proto_tree *tree, int hf, tvbuff_t *tvb, unsigned offset,
                             unsigned length, const char **text);

/* The same for text that may have several lines. */
proto_item *openpgp_add_lines(openpgp_context_t *context, proto_tree *tree, int hf, tvbuff_t *tvb, unsigned offset,
                              unsigned length);

/* Hex digits in upper case. */
const char *openpgp_hex_of(packet_info *pinfo, const uint8_t *bytes, unsigned length);
const char *openpgp_hex(packet_info *pinfo, tvbuff_t *tvb, unsigned offset, unsigned length);

/* A field of bytes from offset to the end, if there are any. */
void openpgp_add_rest(proto_tree *tree, int hf, tvbuff_t *tvb, unsigned offset);

/* All packets in tvb; key spans are relative to it. */
void openpgp_dissect_packets(openpgp_context_t *context, tvbuff_t *tvb, proto_tree *tree);

/* After the packets of a block: what it was, for the summary. */
void openpgp_end_block(openpgp_context_t *context);

/* openpgp-armor.c */
bool openpgp_has_armor(tvbuff_t *tvb);
/* Armour that has begun and not ended. */
bool openpgp_armor_is_cut(tvbuff_t *tvb);
void openpgp_dissect_armor(openpgp_context_t *context, tvbuff_t *tvb, proto_tree *tree);
void openpgp_register_armor(int proto, expert_module_t *expert);

/* openpgp-material.c; each returns the offset behind, or throws where tvb ends too soon. 0: unknown, shown to the end. */
unsigned openpgp_public_material(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned offset,
                                 uint8_t algorithm, openpgp_material_t *material);
unsigned openpgp_secret_material(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned offset,
                                 uint8_t algorithm);
unsigned openpgp_signature_material(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned offset,
                                    uint8_t algorithm);
unsigned openpgp_session_key_material(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned offset,
                                      uint8_t algorithm, uint8_t version);
unsigned openpgp_s2k(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned offset, uint8_t *type);
void openpgp_register_material(int proto, expert_module_t *expert);

/* openpgp-key.c */
void openpgp_dissect_key(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item);
void openpgp_dissect_user_id(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item);
void openpgp_dissect_user_attribute(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree,
                                    proto_item *item);
void openpgp_register_key(int proto);

/* openpgp-signature.c */
void openpgp_dissect_signature(openpgp_context_t *context, tvbuff_t *tvb, proto_tree *tree, proto_item *item);
/* Length of a subpacket (signature or user attribute) at offset; moves offset behind the length. */
uint32_t openpgp_subpacket_length(tvbuff_t *tvb, unsigned *offset);
/*
 * Skips subpackets that have not even a type, and says how many there are: one finding, as there can be as many as
 * octets. False: there is none at offset.
 */
bool openpgp_skip_empty_subpackets(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned *offset, unsigned end);
void openpgp_register_signature(int proto, expert_module_t *expert);

/* openpgp-message.c */
void openpgp_dissect_pkesk(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item);
void openpgp_dissect_skesk(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item);
void openpgp_dissect_one_pass(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item);
void openpgp_dissect_compressed(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree,
                                proto_item *item);
void openpgp_dissect_encrypted(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item);
void openpgp_dissect_literal(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item);
void openpgp_dissect_mdc(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item);
void openpgp_dissect_marker(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item);
void openpgp_register_message(int proto, expert_module_t *expert);

#endif /* __OPENPGP_INT_H__ */

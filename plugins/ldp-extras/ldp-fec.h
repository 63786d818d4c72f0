/* ldp-fec.h
 * Forwarding equivalence classes: what FEC elements say, and one record for each FEC of the capture
 *
 * RFC 5036 section 3.4.1 (wildcard, prefix, host), RFC 5918 and RFC 6667 (typed wildcard), RFC 8077 sections 5 and
 * 6 (PWid and generalized PWid), RFC 6388 section 2 (P2MP and MP2MP), RFC 5085 and RFC 6391 (interface parameters).
 *
 * Units: MTU in bytes. Ownership: an element is the caller's, and its text the pool's; FECs are the file's.
 * Lifetime: from ldp_fec_reset() on. Bounds: counted in ldp-capture.h. Errors: an element that is not as its RFC
 * has it, or longer than LDP_FEC_KEY_MAX, is not parsed, nor is what follows it in the same TLV.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_FEC_H
#define GAPFILL_LDP_FEC_H

#include <epan/packet.h>

#include "ldp-scope.h"

/* Pseudowire attributes as signalled in one Label Mapping. */
typedef struct ldp_pw {
    uint16_t  type;
    bool      control_word;
    bool      has_id;               /* FEC 128 */
    uint32_t  id;
    uint32_t  group;
    uint16_t  mtu;                  /* 0: not signalled */
    uint8_t   vccv_cc;
    uint8_t   vccv_cv;
    bool      has_vccv;
    bool      has_flow_label;
    bool      flow_label;           /* the advertiser can receive one */
} ldp_pw_t;

typedef enum {
    LDP_FEC_IPV4,
    LDP_FEC_IPV6,
    LDP_FEC_PW_ID,
    LDP_FEC_PW_GENERALIZED,
    LDP_FEC_MULTIPOINT,
    LDP_FEC_OTHER,
    LDP_FEC_KINDS
} ldp_fec_kind_t;

#define LDP_FEC_KEY_MAX 280

/* What a FEC element says. */
typedef struct ldp_element {
    uint8_t         type;
    ldp_fec_kind_t  kind;
    uint8_t         wildcard_type;  /* typed wildcard: the type it stands for */
    bool            group_only;     /* PW FEC without a PW: all of its group */
    bool            host;
    address         host_address;   /* points into key */
    ldp_pw_t        pw;
    uint8_t         key[LDP_FEC_KEY_MAX];
    unsigned        key_length;     /* 0: of many FECs */
    const char     *text;           /* in the pool given */
} ldp_element_t;

/* A forwarding equivalence class, the same for all who bind labels to it. */
typedef struct ldp_fec {
    uint32_t        number;         /* from 1 */
    ldp_fec_kind_t  kind;
    uint8_t         type;           /* of the element */
    const char     *text;
    bool            host;           /* one address: names its egress */
    address         host_address;
    uint8_t         prefix_bits;    /* of IPv4 and IPv6: which addresses they are */
    uint8_t         prefix[16];
    const uint8_t  *key;            /* the element's */
    ldp_scope_t     egresses;       /* bindings of implicit or explicit null, */
    ldp_scope_t    *customers_egresses;     /* and customers'; NULL: none */
} ldp_fec_t;

extern const value_string ldp_pw_type_short_vals[];
extern const value_string ldp_special_label_vals[];

/* The number, with its name where it has one. */
char *ldp_label_text(uint32_t label, wmem_allocator_t *pool);

void ldp_fec_reset(void);

/* Returns how many bytes the element takes, 0 if it is not one that can be understood. */
int ldp_fec_parse(tvbuff_t *tvb, int offset, int length, wmem_allocator_t *pool, ldp_element_t *element);
void ldp_parse_interface_parameters(tvbuff_t *tvb, int offset, int length, ldp_pw_t *pw);
bool ldp_element_is_pw(const ldp_element_t *element);
bool ldp_fec_is_prefix(const ldp_fec_t *fec);
bool ldp_fec_covers(const ldp_fec_t *fec, const address *addr);

/* Of an element that names one FEC. ldp_fec_find() returns NULL where nobody has spoken of it. */
ldp_fec_t *ldp_fec_find(const ldp_element_t *element);
ldp_fec_t *ldp_fec_get(const ldp_element_t *element);

#endif /* GAPFILL_LDP_FEC_H */

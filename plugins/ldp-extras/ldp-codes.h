/* ldp-codes.h
 * Code points of LDP and of pseudowires (IANA: ldp-namespaces, pwe3-parameters)
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_CODES_H
#define GAPFILL_LDP_CODES_H

#define LDP_PORT                        646
#define LDP_VERSION                     1

/* Message types */
#define LDP_NOTIFICATION                0x0001
#define LDP_HELLO                       0x0100
#define LDP_INITIALIZATION              0x0200
#define LDP_KEEPALIVE                   0x0201
#define LDP_ADDRESS                     0x0300
#define LDP_ADDRESS_WITHDRAW            0x0301
#define LDP_LABEL_MAPPING               0x0400
#define LDP_LABEL_REQUEST               0x0401
#define LDP_LABEL_WITHDRAW              0x0402
#define LDP_LABEL_RELEASE               0x0403

/* Of the messages of a session those that a router sends once it has had the other's Initialization. */
#define LDP_FOLLOWS_INITIALIZATION(type) \
    ((type) == LDP_KEEPALIVE || ((type) >= LDP_ADDRESS && (type) <= LDP_LABEL_RELEASE))

#define LDP_MESSAGE_TYPE_MASK           0x7fff
#define LDP_TLV_TYPE_MASK               0x3fff

/* TLV types */
#define LDP_TLV_FEC                     0x0100
#define LDP_TLV_ADDRESS_LIST            0x0101
#define LDP_TLV_GENERIC_LABEL           0x0200
#define LDP_TLV_ATM_LABEL               0x0201
#define LDP_TLV_FRAME_RELAY_LABEL       0x0202
#define LDP_TLV_STATUS                  0x0300
#define LDP_TLV_COMMON_HELLO            0x0400
#define LDP_TLV_IPV4_TRANSPORT          0x0401
#define LDP_TLV_IPV6_TRANSPORT          0x0403
#define LDP_TLV_COMMON_SESSION          0x0500
#define LDP_TLV_FT_SESSION              0x0503
#define LDP_TLV_REQUEST_ID              0x0600
#define LDP_TLV_PW_STATUS               0x096a
#define LDP_TLV_PW_PARAMETERS           0x096b
#define LDP_TLV_PW_GROUP                0x096c

/* Status TLV */
#define LDP_STATUS_FATAL                0x80000000
#define LDP_STATUS_FORWARD              0x40000000
#define LDP_STATUS_CODE_MASK            0x3fffffff
#define LDP_STATUS_HOLD_TIMER_EXPIRED   0x00000009
#define LDP_STATUS_KEEPALIVE_EXPIRED    0x00000014
#define LDP_STATUS_TEMPORARY_SHUTDOWN   0x00000020

/* Label values with a meaning of their own: RFC 3032, RFC 6790, RFC 5586, RFC 3429, RFC 7274 */
#define LDP_SPECIAL_LABELS \
    { 0,  "IPv4 explicit null" }, \
    { 1,  "router alert" }, \
    { 2,  "IPv6 explicit null" }, \
    { 3,  "implicit null" }, \
    { 4,  "reserved" }, \
    { 5,  "reserved" }, \
    { 6,  "reserved" }, \
    { 7,  "entropy label indicator" }, \
    { 8,  "reserved" }, \
    { 9,  "reserved" }, \
    { 10, "reserved" }, \
    { 11, "reserved" }, \
    { 12, "reserved" }, \
    { 13, "generic associated channel" }, \
    { 14, "OAM alert" }, \
    { 15, "extension" }

#define LDP_HELLO_TARGETED              0x8000
#define LDP_FT_LEARN_FROM_NETWORK       0x0001

/* FEC element types */
#define LDP_ELEMENT_WILDCARD            0x01
#define LDP_ELEMENT_PREFIX              0x02
#define LDP_ELEMENT_HOST                0x03
#define LDP_ELEMENT_TYPED_WILDCARD      0x05
#define LDP_ELEMENT_P2MP                0x06
#define LDP_ELEMENT_MP2MP_UP            0x07
#define LDP_ELEMENT_MP2MP_DOWN          0x08
#define LDP_ELEMENT_PW_ID               0x80
#define LDP_ELEMENT_PW_GENERALIZED      0x81

/* Pseudowire types */
#define PW_FR_DLCI_MARTINI              0x0001
#define PW_ATM_AAL5_SDU                 0x0002
#define PW_ATM_TRANSPARENT              0x0003
#define PW_ETHERNET_TAGGED              0x0004
#define PW_ETHERNET                     0x0005
#define PW_HDLC                         0x0006
#define PW_PPP                          0x0007
#define PW_SONET_MPLS                   0x0008
#define PW_ATM_N1_VCC                   0x0009
#define PW_ATM_N1_VPC                   0x000a
#define PW_IP                           0x000b
#define PW_ATM_11_VCC                   0x000c
#define PW_ATM_11_VPC                   0x000d
#define PW_ATM_AAL5_PDU                 0x000e
#define PW_FR_PORT                      0x000f
#define PW_SONET_PACKET                 0x0010
#define PW_SATOP_E1                     0x0011
#define PW_SATOP_T1                     0x0012
#define PW_SATOP_E3                     0x0013
#define PW_SATOP_T3                     0x0014
#define PW_CESOPSN                      0x0015
#define PW_TDMOIP_AAL1                  0x0016
#define PW_CESOPSN_CAS                  0x0017
#define PW_TDMOIP_AAL2                  0x0018
#define PW_FR_DLCI                      0x0019

#define PW_TYPE_MASK                    0x7fff
#define PW_CONTROL_WORD                 0x8000

/* Interface parameters */
#define PW_PARAMETER_MTU                0x01
#define PW_PARAMETER_VCCV               0x0c
#define PW_PARAMETER_FLOW_LABEL         0x17
#define PW_FLOW_LABEL_RECEIVE           0x40

/* Status: RFC 6870, standby and request to switch over */
#define PW_STATUS_STANDBY_BITS          0x60u

#endif /* GAPFILL_LDP_CODES_H */

/* arp-body.h
 * Reading an ARP, RARP or InARP message, and telling one by its shape
 *
 * RFC 826 (ARP), RFC 903 (RARP), RFC 1931 (DRARP), RFC 2390 (InARP).
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ARP_BODY_H
#define GAPFILL_ARP_BODY_H

#include <epan/packet.h>

#define ARP_HEADER_LENGTH 8

#define ARP_HARDWARE_ETHERNET 1
#define ARP_HARDWARE_IEEE802  6
#define ARP_HARDWARE_ATM     19

#define ARP_REQUEST        1
#define ARP_REPLY          2
#define RARP_REQUEST       3
#define RARP_REPLY         4
#define DRARP_REQUEST      5
#define DRARP_REPLY        6
#define DRARP_ERROR        7
#define INARP_REQUEST      8
#define INARP_REPLY        9

/* Longer addresses are not compared. */
#define ARP_MAX_HARDWARE   8
#define ARP_MAX_PROTOCOL  16

typedef struct arp_address {
    uint8_t bytes[ARP_MAX_PROTOCOL];    /* zero beyond its length */
} arp_address_t;

typedef struct arp_body {
    uint16_t hardware;
    uint16_t protocol;
    uint8_t  hardware_length;
    uint8_t  protocol_length;
    uint16_t operation;
    bool     has_addresses;     /* captured, and short enough to compare */
    arp_address_t sender_hardware;
    arp_address_t sender_protocol;
    arp_address_t target_hardware;
    arp_address_t target_protocol;
} arp_body_t;

/* False where not even the fixed part was captured. */
bool arp_body_read(tvbuff_t *tvb, arp_body_t *body);

/* The same of octets. */
bool arp_body_read_bytes(const uint8_t *bytes, unsigned captured, arp_body_t *body);

/* Bytes that a message with these address lengths takes; 0 for ATM, whose messages are built differently. */
unsigned arp_body_length(const arp_body_t *body);

/* RARP and DRARP rather than ARP and InARP. */
bool arp_body_is_reverse(const arp_body_t *body);

/*
 * Whether the bytes can hardly be anything but an ARP message: hardware, protocol and operation exist,
 * the lengths of the addresses are theirs, the operation belongs to the protocol ID (0: to any),
 * and no more than padding follows.
 */
bool arp_body_has_shape(tvbuff_t *tvb, uint16_t pid);

#endif /* GAPFILL_ARP_BODY_H */

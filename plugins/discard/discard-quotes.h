/* discard-quotes.h
 * Finding the packet that an ICMP or ICMPv6 error quotes
 *
 * A quote holds at least the IP header and 8 bytes of transport header (RFC 792; RFC 1812 section
 * 4.3.2.3 and RFC 4443 ask for more). That is enough for addresses, ports, IPv4 identification, and
 * the UDP length and checksum or the TCP sequence number, but not always enough to tell two packets
 * apart: then the number of candidates says that the answer is a guess.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_DISCARD_QUOTES_H
#define GAPFILL_DISCARD_QUOTES_H

#include <epan/packet.h>

#include "flow.h"

/* How far back among packets alike is searched. */
#define QUOTES_MAX_CANDIDATES 64
/* How many errors are noted for one packet. */
#define QUOTES_MAX_ERRORS 16
/* Bytes of payload that are kept to compare. */
#define QUOTES_PAYLOAD 16

/* What tells a packet from others; read from the packet itself or from a quote of it. */
typedef struct quotes_identity {
    uint8_t  src[16];
    uint8_t  dst[16];
    uint16_t srcport;
    uint16_t dstport;
    uint32_t transport;
    uint32_t number;        /* TCP: sequence number; UDP: length */
    /* What follows is not part of the key. */
    bool     has_id;
    uint16_t id;            /* IPv4 identification */
    uint16_t checksum;      /* UDP; 0 where there is none */
    uint8_t  payload_length;
    uint8_t  payload[QUOTES_PAYLOAD];
} quotes_identity_t;

typedef struct quotes_error {
    uint32_t frame;
    uint32_t candidates;    /* 1: it quotes this very packet; more: one of so many */
    struct quotes_error *next;
} quotes_error_t;

/* A packet that may be quoted. File scope; errors are added on the first pass. */
typedef struct quotes_packet {
    quotes_identity_t     identity;
    uint32_t              frame;
    uint32_t              payload_bytes;
    unsigned              error_count;
    quotes_error_t       *errors;
    struct quotes_packet *older;        /* of the same key */
    struct quotes_packet *previous;     /* of the same conversation */
} quotes_packet_t;

/* Registration time: makes the table, which is emptied with every file. */
void quotes_register(void);

/* False where too little was captured to tell. */
bool quotes_read_identity(const flow_packet_t *packet, quotes_identity_t *identity);

/* First pass: remembers a packet. last is the one before it in the conversation, or NULL. */
void quotes_remember(quotes_packet_t *packet, quotes_packet_t *last);

/*
 * First pass: finds the packet of a quote and notes the error with it. last is the newest packet of
 * the conversation, or NULL. Returns NULL where the packet is not in the capture.
 */
quotes_packet_t *quotes_match(const quotes_identity_t *quote, quotes_packet_t *last, uint32_t error_frame,
        uint32_t *candidates);

#endif /* GAPFILL_DISCARD_QUOTES_H */

/* http-input.h
 * What the rooms of the HTTP hub pass to each other: the bytes of one call of a native dissector, and who hears of messages
 *
 * Everything here is valid during the call only. Sequence numbers are TCP's, as Wireshark counts them; offsets and lengths are
 * in bytes.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HTTP_INPUT_H
#define GAPFILL_HTTP_INPUT_H

#include "http.h"

typedef enum { OVER_TCP, OVER_TLS, HTTP2_OVER_TCP, HTTP2_OVER_TLS, HTTP_TRANSPORTS } http_transport_t;

/* How messages reach the plugins; of http-hub.c. */
typedef struct http_listeners {
    /* On the first pass: bits of the observers that want the message of this exchange. */
    unsigned (*who_wants)(const http_glance_t *glance, const http_exchange_t *exchange);
    /* Calls these observers. */
    void     (*tell)(http_message_t *message, unsigned wanting);
    /* The largest number of octets of the body that an observer wants to see. */
    unsigned (*body_wanted)(const http_glance_t *glance, const http_exchange_t *exchange);
    /* Tells them of a request of which there is only the head yet. */
    void     (*begins)(http_message_t *message);
    /* How many observers keep something about the exchange. */
    unsigned (*known_by)(const http_exchange_t *exchange);
} http_listeners_t;

/* On passes after the first, as it is the exchange that tells who does. */
#define HTTP_ALL_WANT UINT_MAX

typedef struct http_input {
    tvbuff_t        *tvb;
    packet_info     *pinfo;
    proto_tree      *tree;          /* what the native dissector was given */
    proto_node      *next;          /* its items that have not been looked at begin here */
    int              native;        /* protocol of those items */
    http_transport_t transport;
    const uint8_t   *bytes;         /* of tvb */
    int              captured;
    int              consumed;      /* reported bytes that the dissector does not want to see again */
    int              offset;        /* of the first byte that was not read */
    unsigned         side;          /* 0 or 1, of the sender */
    bool             gap;           /* bytes are missing before these */
    uint32_t         missing;       /* how many; 0 or garbage if they came again */
    bool             has_seq;
    bool             fin;
    uint32_t         seq;           /* of bytes */
    uint32_t         ack;
    uint32_t         fin_seq;       /* of the byte behind this segment */
    int              keeper;        /* protocol under which a packet keeps its data */
    const http_listeners_t *hub;
} http_input_t;

/* Keys of a packet's data: what a room keeps while the packet is dissected, for each transport; far from those of others. */
typedef enum { HTTP1_POSITION, HTTP2_HELD, HTTP2_POSITION, HTTP_KEYS } http_key_t;

static inline uint32_t
http_input_key(const http_input_t *in, http_key_t what)
{
    return 0x48540000u + (unsigned)in->transport * HTTP_KEYS + what;
}

/* The native dissector's next item, which is passed over; NULL: there is none. */
static inline proto_node *
http_input_item(http_input_t *in)
{
    proto_node *node = in->next;

    while (node && !(node->finfo && node->finfo->hfinfo && node->finfo->hfinfo->id == in->native))
        node = node->next;
    in->next = node ? node->next : NULL;
    return node;
}

#endif /* GAPFILL_HTTP_INPUT_H */

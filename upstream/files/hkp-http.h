/* hkp-http.h
 * HTTP messages as the HKP dissector reads them
 *
 * Source: RFC 9110, RFC 9112, RFC 9113; what the HTTP dissector hands to the list http.message (packet-http.h).
 * Units: bytes, frame numbers. Ownership: a message is valid for the call; what hangs on a request is its dissector's, in file
 * scope. Errors: a message whose request is not known is not told.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef __HKP_HTTP_H__
#define __HKP_HTTP_H__

#include <epan/packet.h>

#include "packet-http.h"

/* A request and its response; a frame is 0 as long as it is not known. */
typedef struct http_exchange {
    uint32_t request_frame;
    uint32_t response_frame;
    nstime_t request_time;
    bool     unread;
    uint16_t status;                /* of a response that only begins */
    uint32_t begun_frame;           /* where it begins; always 0: such a response is not told yet */
} http_exchange_t;

typedef struct http_message {
    const http_message_data_t *data;
    const http_exchange_t *exchange;
    packet_info *pinfo;
    proto_tree  *tree;
    bool         is_request;
    const char  *method;            /* of a request, else NULL */
    const char  *target;            /* likewise */
    uint16_t     status;            /* of a response, else 0 */
    bool         interim;           /* a 1xx response */
    bool         complete;          /* the whole body was captured */
    tvbuff_t    *frame;             /* one that lives as long as the packet */
    tvbuff_t    *tvb;               /* what the HTTP dissector was given; in HTTP/2 the start line, as HTTP/1 would have it */
    int          offset;            /* of the start line in tvb */
    int          head_length;       /* in tvb */
    int          target_offset;     /* of a request's target in tvb */
    int          target_length;
    int          body_length;
    unsigned     unproved;          /* not 0: who is told keeps data, and does not know yet whether it is a key server's */
    tvbuff_t    *body;              /* NULL if there is none that can be decoded */
} http_message_t;

/* data: what hangs on the request, NULL at first. */
typedef void (*hkp_http_told_t)(http_message_t *message, void **data);

/* For the handoff routine. Called for each message that may be of a key server, on each pass. */
void hkp_http_watch(int proto, hkp_http_told_t told);

/* Bytes of the message in its tvb, from its offset on. */
int http_message_length(const http_message_t *message);

/* Value of the header field of that name (case does not matter), trimmed; NULL if there is none. */
char *http_message_header(const http_message_t *message, const char *name);

/* NULL if there is no body, or none that can be decoded. */
tvbuff_t *http_message_body(http_message_t *message);

/* HTTP decodes the body for its own tabs, so that having looked at it leaves nothing to take back. */
static inline void
http_message_drop_body(http_message_t *message _U_, unsigned sources _U_)
{
}

#endif /* __HKP_HTTP_H__ */

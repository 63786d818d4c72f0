/* http.h
 * Seeing every HTTP/1.x and HTTP/2 message after Wireshark's own dissectors have shown it, each response
 * paired with its request, also where requests are pipelined or interleaved.
 *
 * One hub serves all plugins of the bundle that are loaded, whichever of them comes first: it stands
 * in front of the HTTP dissectors (standin.h) wherever TCP or TLS would call these. Nothing is done for traffic that is not
 * HTTP, and no tree is needed or asked for.
 *
 * Sources: RFC 9110 (what both versions have in common); for RFC 9112 see http-1.h, http-pairing.h and http-body.h, for RFC 9113
 * and RFC 7541 http-2.h and http-2-head.h.
 *
 * Units: bytes, frame numbers, times of the capture. Ownership and lifetime: an exchange and a message are the hub's, see below;
 * what an observer hangs on an exchange is its own. What the hub itself keeps is bounded for the whole capture: http-budget.h.
 * Errors: a message that cannot be read, or for which there is no room, is not told; no function fails otherwise than by NULL.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HTTP_H
#define GAPFILL_HTTP_H

#include <epan/packet.h>

#define HTTP_EXCHANGE_MAX_OBSERVERS 4

/*
 * A request and its response. Lives as long as the capture file is open, if an observer has hung data on it by the time its
 * response has been told; else until then. What a pass after the first reads is final. Written by the hub only, but for data,
 * which belongs to the observers.
 */
typedef struct http_exchange {
    uint32_t  request_frame;    /* 0: the request is not in the capture, or cannot be told */
    /* 0: not in the capture, or not yet; of the final response, not of a 1xx; in HTTP/2 of its head where it has no end */
    uint32_t  response_frame;
    nstime_t  request_time;
    nstime_t  response_time;
    uint16_t  status;           /* of the final response, also of one that only begins */
    uint32_t  begun_frame;      /* a final response begins there that has not been told: its end is not known; 0: none */
    bool      unread;           /* there may be a response that is not known as such: bytes cannot be followed, or are missing */
    void     *data[HTTP_EXCHANGE_MAX_OBSERVERS];
} http_exchange_t;

/* Where the first lines of a head begin, so that it is gone through once for all fields that are asked for. */
#define HTTP_LINES 24
typedef struct http_lines {
    unsigned count;             /* 0: not looked for yet */
    bool     has_type;          /* it was looked for */
    const char *type;
    int      start[HTTP_LINES]; /* from the message's offset on */
} http_lines_t;

/*
 * One message, request or response. Valid during the callback only; strings are in pinfo->pool.
 */
typedef struct http_message {
    http_exchange_t *exchange;
    packet_info     *pinfo;
    /* Wireshark's HTTP item of this message, in HTTP/2 of the frame that ends it; NULL without a tree */
    proto_tree      *tree;
    bool             is_request;
    const char      *method;    /* of a request, else NULL; bytes as sent */
    const char      *target;    /* likewise */
    uint16_t         status;    /* of a response, else 0 */
    bool             interim;   /* a 1xx response other than 101: another one follows */
    bool             complete;  /* the whole body was captured; in HTTP/2 also wanted */
    const char      *scheme;    /* of a request, http or https; in HTTP/2 what it says itself */
    tvbuff_t        *tvb;       /* what the HTTP dissector was given; in HTTP/2 the head, as HTTP/1 would have it */
    int              offset;    /* of the start line in tvb */
    http_lines_t    *lines;             /* for http_message_header() */
    int              head_length;       /* up to and including the empty line */
    int              target_offset;     /* of a request's target in tvb; its length is in target_length */
    int              target_length;
    int              body_length;       /* bytes of the body, transfer coding included */
    bool             chunked;
    tvbuff_t        *payload;           /* of HTTP/2: the body as sent, or NULL */
    bool             payload_is_new;    /* it is not a part of what the dissector was given */
    unsigned         unproved;          /* counted up by observers that keep data and do not know yet whether it is theirs */
    bool             body_decoded;      /* use http_message_body() */
    tvbuff_t        *body;
} http_message_t;

/*
 * What a first look at a message tells, so that most need no second one. Valid during the call only; texts are as sent, and not
 * ended by a NUL. Lengths are in octets.
 */
typedef struct http_glance {
    packet_info   *pinfo;
    bool           is_request;
    bool           is_http2;
    bool           interim;         /* as in http_message_t */
    uint16_t       status;          /* of a response, else 0 */
    const char    *target;          /* of a request, else NULL */
    size_t         target_length;
    const char    *type;            /* value of Content-Type; NULL: there is none */
    size_t         type_length;
    int            body_length;     /* transfer coding included */
    const uint8_t *body;            /* all of it, with no coding to be undone, else NULL */
} http_glance_t;

/*
 * What a plugin wants to see. Owned by the plugin, which keeps it for the life of the process.
 *
 * message is called once for every message that wants() says is wanted in the first pass, in the order of the packets, after
 * the native dissector, with columns and tree as that left them; in later passes for those of exchanges on which an observer has
 * hung data, and perhaps for others. On the first pass (!PINFO_FD_VISITED) a request comes before its response. data is this
 * observer's own place in the exchange, shared by
 * request and response, NULL at first: hang file-scope memory on it on the first pass, and read it later.
 * An exception that message throws is shown in the tree as usual.
 */
typedef struct http_observer {
    const int *proto;           /* of the plugin: not called where it is switched off; items and expert info are its */
    void     (*message)(http_message_t *message, void **data);
    /* Asked on the first pass for each message: false where message() would do nothing. A quick look, which does not throw. */
    bool     (*wants)(const http_glance_t *glance, const void *data);
    /*
     * Of HTTP/2, where bodies come in pieces that have to be kept, asked on the first pass with the head alone (no body): the
     * largest body that is worth it, in octets; 0: none.
     */
    unsigned (*body_wanted)(const http_glance_t *glance, const void *data);
    /*
     * NULL, or told on the first pass of a request whose body may never come whole, as a server may answer the head alone: what
     * is hung on the exchange is there for that answer, and for the request if it is told later. Nothing is to be shown.
     */
    void     (*begins)(http_message_t *message, void **data);
} http_observer_t;

/* For an observer that wants a body whatever its size. */
#define HTTP_BODY_MAX (32 * 1024 * 1024)

/*
 * Call it in the handoff routine; adding the same observer again does nothing. Observers are called in the order of their
 * protocols' filter names.
 */
void http_exchange_add_observer(const http_observer_t *observer);

/* Whether Content-Type is this one, whatever its parameters. */
bool http_glance_is_type(const http_glance_t *glance, const char *type);

/* Bytes of the message in its tvb, from its offset on. */
int http_message_length(const http_message_t *message);

/* Value of the first header field of that name (case does not matter), trimmed; NULL if there is none. */
char *http_message_header(const http_message_t *message, const char *name);

/* The same of Content-Type, which several observers want. */
const char *http_message_type(const http_message_t *message);

/*
 * The body with transfer and content codings undone, with a data source of its own where that
 * made new bytes (or Wireshark's, if it made the same). NULL if there is no body, or none that can be decoded.
 * An incomplete body that has no coding is returned as far as it goes.
 */
tvbuff_t *http_message_body(http_message_t *message);

/*
 * A body in which nobody found anything leaves no data source that was not there before. sources: how many there were before
 * http_message_body().
 */
void http_message_drop_body(http_message_t *message, unsigned sources);

/* Whether the packet has a tab of these bytes. */
bool http_is_data_source(const packet_info *pinfo, const tvbuff_t *tvb);

#endif /* GAPFILL_HTTP_H */

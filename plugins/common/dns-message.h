/* dns-message.h
 * Reading a DNS message from its bytes: the question, names and records
 *
 * Wireshark's DNS dissector hands nothing of a message on, and has no hook for records; so a plugin reads them
 * again, but only of the messages that it cares for.
 *
 * Sources: RFC 1035 sections 3.2 (records), 4.1 (format of messages), 4.1.4 (compression) and 4.2.2 (streams);
 * RFC 6891 section 6.1.3 (upper bits of the RCODE).
 * Units: offsets and lengths are in octets, offsets from the beginning of tvb; all numbers are in host order.
 * Ownership: structures are the caller's; names belong to pool, as long as that lives. Nothing is kept here.
 * Errors: whatever is cut off, broken or longer than RFC 1035 allows gives false or NULL. Nothing here throws an exception:
 * only captured bytes are read, after a look at how many there are.
 * Bounds: a name has at most 255 octets, and each of its compression pointers leads back behind all that came before in
 * it, so that it ends; 128 are followed. DNS_MAX_RECORDS of a section are read.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_DNS_MESSAGE_H
#define GAPFILL_DNS_MESSAGE_H

#include <string.h>

#include <epan/packet.h>

#include "compat.h"

#define DNS_HEADER_LENGTH   12
#define DNS_MAX_RECORDS     512

#define DNS_TYPE_A          1
#define DNS_TYPE_NS         2
#define DNS_TYPE_CNAME      5
#define DNS_TYPE_SOA        6
#define DNS_TYPE_TXT        16
#define DNS_TYPE_AAAA       28
#define DNS_TYPE_OPT        41
#define DNS_TYPE_TSIG       250
#define DNS_TYPE_ANY        255
#define DNS_TYPE_CAA        257
#define DNS_CLASS_IN        1
#define DNS_CLASS_NONE      254
#define DNS_CLASS_ANY       255

#define DNS_FLAG_RESPONSE   0x8000
#define DNS_FLAGS_OPCODE    0x7800
#define DNS_OPCODE_UPDATE   0x2800
#define DNS_FLAG_AUTHORITATIVE 0x0400
#define DNS_FLAG_TRUNCATED  0x0200
#define DNS_FLAG_DESIRED    0x0100  /* recursion, by who asked */
#define DNS_FLAG_RECURSION  0x0080
#define DNS_FLAGS_RCODE     0x000f

#define DNS_RCODE_NXDOMAIN  3
#define DNS_RCODE_BADVERS   16
#define DNS_RCODE_BADCOOKIE 23

typedef enum {
    DNS_ANSWER, DNS_AUTHORITY, DNS_ADDITIONAL, DNS_SECTIONS
} dns_section_t;

/* A message with one question. */
typedef struct dns_message {
    tvbuff_t   *tvb;
    uint16_t    id;
    uint16_t    flags;
    uint16_t    records[DNS_SECTIONS];  /* that the header promises */
    const char *name;                   /* of the question; see dns_name() */
    uint16_t    type;
    uint16_t    question_class;
    int         end;                    /* offset behind the question */
} dns_message_t;

typedef struct dns_record {
    dns_section_t section;
    const char   *name;         /* see dns_name() */
    uint16_t      type;
    uint16_t      record_class; /* of OPT: what RFC 6891 makes of it; likewise ttl */
    uint32_t      ttl;          /* seconds */
    int           offset;       /* of the data */
    int           length;
} dns_record_t;

/* A place between the records of a message. */
typedef struct dns_cursor {
    dns_section_t section;
    unsigned      read;         /* records of this section */
    int           offset;
} dns_cursor_t;

/* Whether tvb begins with the header of a standard query, or of the answer to one, and its one question is whole. */
bool dns_message_read(wmem_allocator_t *pool, tvbuff_t *tvb, dns_message_t *message);

/*
 * Likewise of a dynamic update, or of the answer to one (RFC 2136): the question is the zone, and in some answers there is none
 * (name is NULL). The sections are then prerequisites, updates and additional records.
 */
bool dns_update_read(wmem_allocator_t *pool, tvbuff_t *tvb, dns_message_t *message);

/* What the DNS dissector was called for; what it finds in other ways, NetBIOS for one, is DNS_IN_NOTHING. */
typedef enum {
    DNS_IN_NOTHING, DNS_IN_DATAGRAM, DNS_IN_STREAM, DNS_IN_HTTP
} dns_carrier_t;

/* For a stand-in in front of it. below: the protocol below DNS; udp: that of UDP. */
static inline dns_carrier_t
dns_carrier(const packet_info *pinfo, int below, int udp)
{
    if (pinfo->flags.in_error_pkt)
        return DNS_IN_NOTHING;
    if (below == udp && pinfo->ptype == PT_UDP)
        return DNS_IN_DATAGRAM;
    if (pinfo->match_string && !strcmp(pinfo->match_string, "application/dns-message"))
        return DNS_IN_HTTP;
    return pinfo->ptype == PT_TCP ? DNS_IN_STREAM : DNS_IN_NOTHING;
}

/* What a look at the first question tells, for those who want few messages only. */
typedef struct dns_first_look {
    const uint8_t *bytes;       /* of tvb; NULL: its header is not whole */
    unsigned       captured;    /* octets of it */
    uint16_t       type;        /* 0: it is cut off, or its name is compressed */
} dns_first_look_t;

dns_first_look_t dns_first_look(tvbuff_t *tvb);

/*
 * The name at offset in lower case, each label followed by a dot (the root: ""); in a label, a dot and a backslash have
 * a backslash before them, and other octets than printable ASCII are \DDD. *end is set to the offset behind it.
 */
const char *dns_name(wmem_allocator_t *pool, tvbuff_t *tvb, int offset, int *end);

/* Before the first record. */
dns_cursor_t dns_first_record(const dns_message_t *message);

/*
 * The next record, whatever its section; false: there is none, it is not whole, or its section has more than
 * DNS_MAX_RECORDS.
 */
bool dns_next_record(wmem_allocator_t *pool, const dns_message_t *message, dns_cursor_t *cursor, dns_record_t *record);

/* The strings of a TXT record in one, as bytes (NUL-terminated; there may be others among them). */
const char *dns_txt_bytes(wmem_allocator_t *pool, const dns_message_t *message, const dns_record_t *record, size_t *length);

/* The RCODE, of which an OPT record has the upper bits; opt may be NULL. */
unsigned dns_rcode(const dns_message_t *message, const dns_record_t *opt);

/*
 * The message that a stream has at *offset, behind its two octets of length; the last one may be cut off. *offset is moved
 * behind it. NULL: there is no more.
 */
tvbuff_t *dns_next_in_stream(tvbuff_t *tvb, int *offset);

/* "TXT", "TYPE65280"; "NXDOMAIN", "RCODE 99". */
const char *dns_type_name(wmem_allocator_t *pool, uint16_t type);
const char *dns_rcode_name(wmem_allocator_t *pool, unsigned rcode);

#endif /* GAPFILL_DNS_MESSAGE_H */

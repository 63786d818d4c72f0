/* dns-message.c
 * Reading a DNS message from its bytes; see dns-message.h
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "config.h"

#include <string.h>

#include <epan/packet.h>
#include <wsutil/pint.h>

#include "dns-message.h"

#define MAX_NAME        255     /* octets, RFC 1035 section 2.3.4 */
#define MAX_LABEL       63
#define MAX_POINTERS    128
#define POINTER         0xc0
#define RECORD_FIXED    10      /* octets of a record between its name and its data */

static const value_string type_names[] = {
    { 1, "A" }, { DNS_TYPE_NS, "NS" }, { DNS_TYPE_CNAME, "CNAME" }, { DNS_TYPE_SOA, "SOA" }, { DNS_TYPE_TXT, "TXT" },
        { 28, "AAAA" },
    { 39, "DNAME" }, { 43, "DS" }, { 46, "RRSIG" }, { 47, "NSEC" }, { 48, "DNSKEY" }, { 65, "HTTPS" },
    { 255, "ANY" }, { DNS_TYPE_CAA, "CAA" }, { 0, NULL }
};

static const value_string rcode_names[] = {
    { 0, "NOERROR" }, { 1, "FORMERR" }, { 2, "SERVFAIL" }, { 3, "NXDOMAIN" }, { 4, "NOTIMP" }, { 5, "REFUSED" },
    { 9, "NOTAUTH" }, { DNS_RCODE_BADVERS, "BADVERS" }, { DNS_RCODE_BADCOOKIE, "BADCOOKIE" }, { 0, NULL }
};

const char *
dns_type_name(wmem_allocator_t *pool, uint16_t type)
{
    return val_to_str(pool, type, type_names, "TYPE%u");
}

const char *
dns_rcode_name(wmem_allocator_t *pool, unsigned rcode)
{
    return val_to_str(pool, rcode, rcode_names, "RCODE %u");
}

/* --- Names --- */

/* The longest: MAX_NAME octets, each written as \DDD. */
#define MAX_TEXT        (4 * MAX_NAME + 1)

static char *
append_octet(char *out, uint8_t c)
{
    if ((uint8_t)(c - '0') < 10 || c == '-') {
        *out++ = (char)c;
        return out;
    }
    if (c == '.' || c == '\\')
        *out++ = '\\';
    if (c > ' ' && c < 0x7f) {
        *out++ = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
        return out;
    }
    *out++ = '\\';
    *out++ = (char)('0' + c / 100);
    *out++ = (char)('0' + c / 10 % 10);
    *out++ = (char)('0' + c % 10);
    return out;
}

static char *
append_label(char *out, const uint8_t *label, int length)
{
    for (int i = 0; i < length; i++) {
        if ((uint8_t)(label[i] - '_') <= 'z' - '_')     /* small letters, as nearly all are, and what begins a service's name */
            *out++ = (char)label[i];
        else
            out = append_octet(out, label[i]);
    }
    *out++ = '.';
    return out;
}

const char *
dns_name(wmem_allocator_t *pool, tvbuff_t *tvb, int offset, int *end)
{
    char text[MAX_TEXT];
    char *out = text;
    int captured = (int)tvb_captured_length(tvb);
    const uint8_t *bytes = captured > 0 ? tvb_get_ptr(tvb, 0, captured) : NULL;     /* once, not for each label */
    int lowest = offset;        /* pointers lead back only, so this ends */
    int size = 1;
    int pointers = 0;

    *end = 0;
    while (offset < captured) {
        uint8_t length = bytes[offset];

        if (length == 0) {
            *end = *end ? *end : offset + 1;
            *out = '\0';
            return (const char *)wmem_memdup(pool, text, (size_t)(out - text) + 1);
        }
        if (length >= POINTER) {
            if (offset + 2 > captured)
                return NULL;
            *end = *end ? *end : offset + 2;
            offset = pntohu16(bytes + offset) & 0x3fff;
            if (offset >= lowest || ++pointers > MAX_POINTERS)
                return NULL;
            lowest = offset;
            continue;
        }
        size += length + 1;
        if (length > MAX_LABEL || size > MAX_NAME || offset + 1 + length > captured)
            return NULL;
        out = append_label(out, bytes + offset + 1, length);
        offset += 1 + length;
    }
    return NULL;
}

/* --- Messages --- */

/* Asked of every message, so without a call for each label. */
dns_first_look_t
dns_first_look(tvbuff_t *tvb)
{
    dns_first_look_t look = { .captured = tvb_captured_length(tvb) };
    unsigned offset = DNS_HEADER_LENGTH;
    uint8_t length = 0;

    if (look.captured < DNS_HEADER_LENGTH)
        return look;
    look.bytes = tvb_get_ptr(tvb, 0, (int)look.captured);
    if (look.captured == DNS_HEADER_LENGTH)
        return look;
    do {
        length = look.bytes[offset];
        offset += 1 + length;
    } while (length > 0 && length <= MAX_LABEL && offset < look.captured);
    if (length == 0 && offset + 2 <= look.captured)
        look.type = pntohu16(look.bytes + offset);
    return look;
}

static bool
read_header(tvbuff_t *tvb, uint16_t opcode, dns_message_t *message)
{
    memset(message, 0, sizeof *message);
    if (tvb_captured_length(tvb) < DNS_HEADER_LENGTH)
        return false;
    message->tvb = tvb;
    message->id = tvb_get_ntohs(tvb, 0);
    message->flags = tvb_get_ntohs(tvb, 2);
    for (unsigned i = 0; i < DNS_SECTIONS; i++)
        message->records[i] = tvb_get_ntohs(tvb, 6 + 2 * (int)i);
    message->end = DNS_HEADER_LENGTH;
    return (message->flags & DNS_FLAGS_OPCODE) == opcode;
}

static bool
read_question(wmem_allocator_t *pool, tvbuff_t *tvb, dns_message_t *message)
{
    if (tvb_get_ntohs(tvb, 4) != 1)
        return false;
    message->name = dns_name(pool, tvb, DNS_HEADER_LENGTH, &message->end);
    if (!message->name || message->end + 4 > (int)tvb_captured_length(tvb))
        return false;
    message->type = tvb_get_ntohs(tvb, message->end);
    message->question_class = tvb_get_ntohs(tvb, message->end + 2);
    message->end += 4;
    return true;
}

bool
dns_message_read(wmem_allocator_t *pool, tvbuff_t *tvb, dns_message_t *message)
{
    return read_header(tvb, 0, message) && read_question(pool, tvb, message);
}

bool
dns_update_read(wmem_allocator_t *pool, tvbuff_t *tvb, dns_message_t *message)
{
    if (!read_header(tvb, DNS_OPCODE_UPDATE, message))
        return false;
    return (message->flags & DNS_FLAG_RESPONSE && tvb_get_ntohs(tvb, 4) == 0) || read_question(pool, tvb, message);
}

/* --- Records --- */

dns_cursor_t
dns_first_record(const dns_message_t *message)
{
    const dns_cursor_t first = { DNS_ANSWER, 0, message->end };

    return first;
}

/* Nearly always it is a pointer to the question's. */
static const char *
record_name(wmem_allocator_t *pool, const dns_message_t *message, int offset, int *end)
{
    if (message->name && tvb_captured_length_remaining(message->tvb, offset) >= 2
            && tvb_get_ntohs(message->tvb, offset) == (POINTER << 8 | DNS_HEADER_LENGTH)) {
        *end = offset + 2;
        return message->name;
    }
    return dns_name(pool, message->tvb, offset, end);
}

static bool
read_record(wmem_allocator_t *pool, const dns_message_t *message, int *offset, dns_record_t *record)
{
    tvbuff_t *tvb = message->tvb;
    int captured = (int)tvb_captured_length(tvb);
    int end;

    record->name = record_name(pool, message, *offset, &end);
    if (!record->name || end + RECORD_FIXED > captured)
        return false;
    record->type = tvb_get_ntohs(tvb, end);
    record->record_class = tvb_get_ntohs(tvb, end + 2);
    record->ttl = tvb_get_ntohl(tvb, end + 4);
    record->length = tvb_get_ntohs(tvb, end + 8);
    record->offset = end + RECORD_FIXED;
    if (record->offset + record->length > captured)
        return false;
    *offset = record->offset + record->length;
    return true;
}

bool
dns_next_record(wmem_allocator_t *pool, const dns_message_t *message, dns_cursor_t *cursor, dns_record_t *record)
{
    while (cursor->section < DNS_SECTIONS && cursor->read == message->records[cursor->section]) {
        cursor->section = (dns_section_t)(cursor->section + 1);
        cursor->read = 0;
    }
    if (cursor->section == DNS_SECTIONS || cursor->read == DNS_MAX_RECORDS)
        return false;
    cursor->read++;
    record->section = cursor->section;
    return read_record(pool, message, &cursor->offset, record);
}

const char *
dns_txt_bytes(wmem_allocator_t *pool, const dns_message_t *message, const dns_record_t *record, size_t *length)
{
    char *bytes = (char *)wmem_alloc(pool, (size_t)record->length + 1);
    int offset = record->offset;
    int end = record->offset + record->length;

    *length = 0;
    while (offset < end) {
        int size = MIN(tvb_get_uint8(message->tvb, offset), end - offset - 1);

        tvb_memcpy(message->tvb, bytes + *length, offset + 1, size);
        *length += size;
        offset += 1 + size;
    }
    bytes[*length] = '\0';
    return bytes;
}

unsigned
dns_rcode(const dns_message_t *message, const dns_record_t *opt)
{
    unsigned upper = opt && opt->type == DNS_TYPE_OPT ? opt->ttl >> 24 : 0;

    return (message->flags & DNS_FLAGS_RCODE) | upper << 4;
}

/* --- Streams --- */

tvbuff_t *
dns_next_in_stream(tvbuff_t *tvb, int *offset)
{
    int start = *offset + 2;
    int length;

    if (tvb_captured_length_remaining(tvb, *offset) <= 2)
        return NULL;
    length = tvb_get_ntohs(tvb, *offset);
    if (length < DNS_HEADER_LENGTH || length > tvb_reported_length_remaining(tvb, start))
        return NULL;
    *offset = start + length;
    return tvb_new_subset_length(tvb, start, length);
}

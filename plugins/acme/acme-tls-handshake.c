/* acme-tls-handshake.c
 * Reading TLS handshake messages, as far as a challenge is in them; see acme-tls-handshake.h
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
#include <wsutil/str_util.h>

#include "acme-tls-handshake.h"
#include "text.h"

#define ACME_PROTOCOL       "acme-tls/1"
#define TLS_HANDSHAKE       22
#define TLS_EXT_SERVER_NAME 0
#define TLS_EXT_ALPN        16
#define TLS_EXT_VERSIONS    43
#define MAX_MESSAGE         0x20000

/* --- Reading handshake messages --- */

/* A vector with a length of size bytes at the reader's place; false: there is none, or a part only. */
static bool
read_vector(acme_tls_reader_t *reader, int size, acme_tls_reader_t *vector)
{
    uint32_t length = 0;

    if (reader->end - reader->offset < size)
        return false;
    for (int i = 0; i < size; i++)
        length = length << 8 | tvb_get_uint8(reader->tvb, reader->offset++);
    if (length > (uint32_t)(reader->end - reader->offset))
        return false;
    vector->tvb = reader->tvb;
    vector->offset = reader->offset;
    vector->end = reader->offset + (int)length;
    reader->offset = vector->end;
    return true;
}

static bool
skip_bytes(acme_tls_reader_t *reader, int length)
{
    if (reader->end - reader->offset < length)
        return false;
    reader->offset += length;
    return true;
}

static bool
read_extension(acme_tls_reader_t *extensions, uint16_t *type, acme_tls_reader_t *extension)
{
    if (extensions->end - extensions->offset < 4)
        return false;
    *type = tvb_get_ntohs(extensions->tvb, extensions->offset);
    extensions->offset += 2;
    return read_vector(extensions, 2, extension);
}

static const char *
read_server_name(wmem_allocator_t *pool, acme_tls_reader_t *extension)
{
    acme_tls_reader_t list, name;
    size_t length;
    const char *bytes;

    if (!read_vector(extension, 2, &list) || list.offset == list.end || tvb_get_uint8(list.tvb, list.offset++) != 0
            || !read_vector(&list, 2, &name))
        return NULL;
    length = (size_t)(name.end - name.offset);
    bytes = (const char *)tvb_memdup(pool, name.tvb, name.offset, length);
    return wmem_ascii_strdown(pool, text_shown(pool, bytes, length, TEXT_LINE, NULL), -1);
}

static void
read_protocols(acme_tls_reader_t *extension, bool *acme, bool *others)
{
    const int length = (int)strlen(ACME_PROTOCOL);
    acme_tls_reader_t list, name;

    if (!read_vector(extension, 2, &list))
        return;
    while (read_vector(&list, 1, &name)) {
        if (name.end - name.offset == length && tvb_memeql(name.tvb, name.offset, (const uint8_t *)ACME_PROTOCOL, length) == 0)
            *acme = true;
        else
            *others = true;
    }
}

void
acme_tls_read_hello(wmem_allocator_t *pool, acme_tls_reader_t *message, acme_client_hello_t *hello)
{
    acme_tls_reader_t skipped, extensions, extension;
    uint16_t type;

    if (!skip_bytes(message, 2 + 32) || !read_vector(message, 1, &skipped) || !read_vector(message, 2, &skipped)
            || !read_vector(message, 1, &skipped) || !read_vector(message, 2, &extensions))
        return;
    while (read_extension(&extensions, &type, &extension)) {
        if (type == TLS_EXT_SERVER_NAME && !hello->server_name)
            hello->server_name = read_server_name(pool, &extension);
        else if (type == TLS_EXT_ALPN)
            read_protocols(&extension, &hello->offers_acme, &hello->offers_others);
    }
}

/* The protocol that a server's message chooses; TLS 1.3 has it elsewhere than in the ServerHello. */
static void
read_choice(acme_tls_reader_t *extensions, bool server_hello, acme_alpn_t *chosen)
{
    acme_alpn_t found = ACME_ALPN_NONE;
    acme_tls_reader_t extension;
    uint16_t type;

    while (read_extension(extensions, &type, &extension)) {
        bool acme = false, others = false;

        if (server_hello && type == TLS_EXT_VERSIONS)
            return;
        if (type != TLS_EXT_ALPN)
            continue;
        read_protocols(&extension, &acme, &others);
        found = acme ? ACME_ALPN_ACME : ACME_ALPN_OTHER;
    }
    *chosen = found;
}

void
acme_tls_read_server_hello(acme_tls_reader_t *message, acme_alpn_t *chosen)
{
    acme_tls_reader_t skipped, extensions;

    if (!skip_bytes(message, 2 + 32) || !read_vector(message, 1, &skipped) || !skip_bytes(message, 2 + 1))
        return;
    if (message->offset == message->end)
        *chosen = ACME_ALPN_NONE;
    else if (read_vector(message, 2, &extensions))
        read_choice(&extensions, true, chosen);
}

bool
acme_tls_read_encrypted_extensions(acme_tls_reader_t *message, acme_alpn_t *chosen)
{
    acme_tls_reader_t extensions;

    if (!read_vector(message, 2, &extensions) || message->offset != message->end)
        return false;
    read_choice(&extensions, false, chosen);
    return true;
}

bool
acme_tls_is_certificate(const acme_tls_reader_t *message)
{
    acme_tls_reader_t rest = *message, context, list;

    if (read_vector(&rest, 3, &list) && rest.offset == rest.end)
        return true;
    rest = *message;
    return read_vector(&rest, 1, &context) && read_vector(&rest, 3, &list) && rest.offset == rest.end;
}

/* --- Finding handshake messages --- */

bool
acme_tls_is_record(tvbuff_t *tvb, int offset, uint8_t type)
{
    return tvb_captured_length_remaining(tvb, offset) >= TLS_RECORD_HEADER && tvb_get_uint8(tvb, offset) == type
        && tvb_get_uint8(tvb, offset + 1) == 3;
}

static void
append_part(wmem_array_t *bytes, tvbuff_t *tvb, int offset, int length)
{
    if (length > 0)
        wmem_array_append(bytes, tvb_get_ptr(tvb, offset, length), (unsigned)length);
}

/* The handshake bytes of the records from offset on, behind those of the first record. */
static void
join_more_records(wmem_allocator_t *pool, tvbuff_t *tvb, int offset, acme_tls_reader_t *joined)
{
    wmem_array_t *bytes = wmem_array_new(pool, 1);
    int count;

    append_part(bytes, tvb, joined->offset, joined->end - joined->offset);
    while (acme_tls_is_record(tvb, offset, TLS_HANDSHAKE) && wmem_array_get_count(bytes) <= MAX_MESSAGE) {
        int length = tvb_get_ntohs(tvb, offset + 3);

        offset += TLS_RECORD_HEADER;
        if (length > tvb_captured_length_remaining(tvb, offset))
            break;
        append_part(bytes, tvb, offset, length);
        offset += length;
    }
    count = (int)wmem_array_get_count(bytes);
    if (count == joined->end - joined->offset)
        return;
    joined->tvb = tvb_new_child_real_data(tvb, (const uint8_t *)wmem_array_get_raw(bytes), count, count);
    joined->offset = 0;
    joined->end = count;
}

/* The handshake bytes of the records that tvb begins with, as far as they are complete, in one piece. */
static bool
join_records(wmem_allocator_t *pool, tvbuff_t *tvb, acme_tls_reader_t *joined)
{
    joined->tvb = tvb;
    joined->offset = TLS_RECORD_HEADER;
    joined->end = TLS_RECORD_HEADER + tvb_get_ntohs(tvb, 3);
    if (joined->end > (int)tvb_captured_length(tvb))
        return false;
    if (acme_tls_is_record(tvb, joined->end, TLS_HANDSHAKE))
        join_more_records(pool, tvb, joined->end, joined);
    return true;
}

int
acme_tls_next(acme_tls_reader_t *messages, acme_tls_reader_t *message)
{
    int type;

    if (messages->end - messages->offset < 4)
        return -1;
    type = tvb_get_uint8(messages->tvb, messages->offset++);
    return read_vector(messages, 3, message) ? type : -1;
}

/* Handshake bytes at the beginning of tvb, with or without records around them. */
static bool
find_handshake(wmem_allocator_t *pool, tvbuff_t *tvb, uint8_t first_type, acme_tls_reader_t *messages)
{
    int captured = (int)tvb_captured_length(tvb);

    if (captured < 4)
        return false;
    if (acme_tls_is_record(tvb, 0, TLS_HANDSHAKE))
        return join_records(pool, tvb, messages)
            && messages->offset < messages->end && tvb_get_uint8(messages->tvb, messages->offset) == first_type;
    if (tvb_get_uint8(tvb, 0) != first_type)
        return false;
    messages->tvb = tvb;
    messages->offset = 0;
    messages->end = captured;
    return true;
}

tvbuff_t *
acme_tls_payload(const flow_packet_t *packet)
{
    int header;

    if (tvb_captured_length(packet->tvb) < 20)
        return NULL;
    header = (tvb_get_uint8(packet->tvb, 12) >> 4) * 4;
    return tvb_captured_length_remaining(packet->tvb, header) > 0 ? tvb_new_subset_remaining(packet->tvb, header) : NULL;
}

bool
acme_tls_for_each(flow_packet_t *packet, uint8_t first_type, acme_tls_found_t found, void *data)
{
    packet_info *pinfo = packet->pinfo;
    tvbuff_t *payload = acme_tls_payload(packet);
    acme_tls_reader_t messages;

    if (payload && acme_tls_is_record(payload, 0, TLS_HANDSHAKE)
            && find_handshake(pinfo->pool, payload, first_type, &messages) && found(pinfo, &messages, data))
        return true;
    for (GSList *item = pinfo->data_src ? pinfo->data_src->next : NULL; item; item = item->next) {
        tvbuff_t *tvb = get_data_source_tvb((const struct data_source *)item->data);

        if (find_handshake(pinfo->pool, tvb, first_type, &messages) && found(pinfo, &messages, data))
            return true;
    }
    return false;
}

static bool
hello_found(packet_info *pinfo, acme_tls_reader_t *messages, void *data)
{
    acme_tls_reader_t message;

    if (acme_tls_next(messages, &message) != TLS_CLIENT_HELLO)
        return false;
    acme_tls_read_hello(pinfo->pool, &message, (acme_client_hello_t *)data);
    return true;
}

bool
acme_tls_find_hello(flow_packet_t *packet, acme_client_hello_t *hello)
{
    return acme_tls_for_each(packet, TLS_CLIENT_HELLO, hello_found, hello);
}

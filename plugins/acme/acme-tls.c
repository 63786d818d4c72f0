/* acme-tls.c
 * TLS-ALPN-01 challenges: handshakes with the protocol acme-tls/1
 *
 * RFC 8737 (TLS-ALPN-01), RFC 8738 section 6 (IP addresses as server names), RFC 5246, RFC 6066 and RFC 7301
 * (handshake messages and their extensions), RFC 5280 (certificate extensions).
 *
 * A ClientHello is looked for in every TCP segment above which TLS was dissected: in the segment itself,
 * and in what was reassembled with it. If it offers acme-tls/1, the conversation gets an acme_tls_session, in
 * file scope and written on the first pass only, and from then on each of its TLS frames is shown.
 * The bitmap of ports keeps other conversations from being looked up.
 *
 * The extensions of certificates come from the X.509 dissector's table of object identifiers,
 * whatever the TLS version, as far as the handshake is readable.
 *
 * Nothing in the observer throws: all lengths are checked first.
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
#include <epan/expert.h>
#include <epan/to_str.h>
#include <epan/dissectors/packet-ber.h>
#include <wsutil/inet_addr.h>
#include <wsutil/str_util.h>

#include "acme-int.h"
#include "flow.h"
#include "standin.h"

#define ACME_ALPN           "acme-tls/1"
#define ACME_OID            "1.3.6.1.5.5.7.1.31"
#define SUBJECT_ALT_NAME_OID "2.5.29.17"
#define ACME_TLS_DIGEST_LENGTH 32

#define TLS_RECORD_HEADER   5
#define TLS_ALERT           21
#define TLS_ALERT_FATAL     2
#define TLS_CLOSE_NOTIFY    0
#define TLS_HANDSHAKE       22
#define TLS_CLIENT_HELLO    1
#define TLS_SERVER_HELLO    2
#define TLS_ENCRYPTED_EXTENSIONS 8
#define TLS_CERTIFICATE     11
#define TLS_EXT_SERVER_NAME 0
#define TLS_EXT_ALPN        16
#define TLS_EXT_VERSIONS    43
#define TLS_MAX_MESSAGE     0x20000 /* handshake message that is put together from several records */

#define PORT_BYTES          (65536 / 8)

static int proto_tls = -1;

static int hf_acme_tls_digest = -1;
static int hf_acme_tls_critical = -1;

static int ett_acme_identifier = -1;

static expert_field ei_acme_alpn_others = EI_INIT;
static expert_field ei_acme_sni_missing = EI_INIT;
static expert_field ei_acme_certificate_mismatch = EI_INIT;
static expert_field ei_acme_tls_alert = EI_INIT;
static expert_field ei_acme_identifier_malformed = EI_INIT;


/* Ports of clients that have offered acme-tls/1 in this file. */
static uint8_t client_ports[PORT_BYTES];
static bool have_sessions;

typedef enum {
    ALPN_UNKNOWN, ALPN_NONE, ALPN_ACME, ALPN_OTHER
} alpn_t;

/* A connection of a validator. */
typedef struct acme_tls_session {
    acme_validation_t *validation;
    address            client;
    uint16_t           client_port;
    bool               other_protocols;     /* offered besides acme-tls/1 */
    alpn_t             chosen;
    int                alert;               /* of the server, -1: none in the clear */
    uint32_t           alert_frame;
    uint32_t           certificate_frame;   /* 0: not seen */
    bool               name_fits;           /* the only name in the certificate is the domain */
    bool               has_names;
    bool               has_identifier;
    bool               identifier_is_good;
} acme_tls_session_t;

/* What a ClientHello says. In pinfo->pool. */
typedef struct client_hello {
    char *server_name;
    bool  offers_acme;
    bool  offers_others;
} client_hello_t;

/* --- Reading handshake messages --- */

typedef struct tls_reader {
    tvbuff_t *tvb;
    int       offset;
    int       end;
} tls_reader_t;

/* A vector with a length of size bytes at the reader's place; false: there is none, or a part only. */
static bool
read_vector(tls_reader_t *reader, int size, tls_reader_t *vector)
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
skip_bytes(tls_reader_t *reader, int length)
{
    if (reader->end - reader->offset < length)
        return false;
    reader->offset += length;
    return true;
}

static bool
read_extension(tls_reader_t *extensions, uint16_t *type, tls_reader_t *extension)
{
    if (extensions->end - extensions->offset < 4)
        return false;
    *type = tvb_get_ntohs(extensions->tvb, extensions->offset);
    extensions->offset += 2;
    return read_vector(extensions, 2, extension);
}

static char *
read_server_name(wmem_allocator_t *pool, tls_reader_t *extension)
{
    tls_reader_t list, name;

    if (!read_vector(extension, 2, &list) || list.offset == list.end || tvb_get_uint8(list.tvb, list.offset++) != 0
            || !read_vector(&list, 2, &name))
        return NULL;
    return wmem_ascii_strdown(pool, tvb_format_text(pool, name.tvb, name.offset, name.end - name.offset), -1);
}

static void
read_protocols(tls_reader_t *extension, bool *acme, bool *others)
{
    const int length = (int)strlen(ACME_ALPN);
    tls_reader_t list, name;

    if (!read_vector(extension, 2, &list))
        return;
    while (read_vector(&list, 1, &name)) {
        if (name.end - name.offset == length && tvb_memeql(name.tvb, name.offset, (const uint8_t *)ACME_ALPN, length) == 0)
            *acme = true;
        else
            *others = true;
    }
}

static void
read_client_hello(wmem_allocator_t *pool, tls_reader_t *message, client_hello_t *hello)
{
    tls_reader_t skipped, extensions, extension;
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
read_choice(tls_reader_t *extensions, bool server_hello, acme_tls_session_t *session)
{
    alpn_t found = ALPN_NONE;
    tls_reader_t extension;
    uint16_t type;

    while (read_extension(extensions, &type, &extension)) {
        bool acme = false, others = false;

        if (server_hello && type == TLS_EXT_VERSIONS)
            return;
        if (type != TLS_EXT_ALPN)
            continue;
        read_protocols(&extension, &acme, &others);
        found = acme ? ALPN_ACME : ALPN_OTHER;
    }
    session->chosen = found;
}

static void
read_server_hello(tls_reader_t *message, acme_tls_session_t *session)
{
    tls_reader_t skipped, extensions;

    if (!skip_bytes(message, 2 + 32) || !read_vector(message, 1, &skipped) || !skip_bytes(message, 2 + 1))
        return;
    if (message->offset == message->end)
        session->chosen = ALPN_NONE;
    else if (read_vector(message, 2, &extensions))
        read_choice(&extensions, true, session);
}

/* --- Finding handshake messages --- */

static bool
is_record(tvbuff_t *tvb, int offset, uint8_t type)
{
    return tvb_captured_length_remaining(tvb, offset) >= TLS_RECORD_HEADER && tvb_get_uint8(tvb, offset) == type
        && tvb_get_uint8(tvb, offset + 1) == 3;
}

/* The handshake bytes of the records that tvb begins with, as far as they are complete, in one piece. */
static bool
join_records(wmem_allocator_t *pool, tvbuff_t *tvb, tls_reader_t *joined)
{
    wmem_array_t *bytes = NULL;
    int offset = 0;

    memset(joined, 0, sizeof *joined);
    while (is_record(tvb, offset, TLS_HANDSHAKE)) {
        int length = tvb_get_ntohs(tvb, offset + 3);

        offset += TLS_RECORD_HEADER;
        if (length > tvb_captured_length_remaining(tvb, offset))
            break;
        if (!joined->tvb) {
            joined->tvb = tvb;
            joined->offset = offset;
            joined->end = offset + length;
        } else {
            if (!bytes) {
                bytes = wmem_array_new(pool, 1);
                wmem_array_append(bytes, tvb_get_ptr(tvb, joined->offset, joined->end - joined->offset),
                        joined->end - joined->offset);
            }
            wmem_array_append(bytes, tvb_get_ptr(tvb, offset, length), length);
            if (wmem_array_get_count(bytes) > TLS_MAX_MESSAGE)
                break;
        }
        offset += length;
    }
    if (bytes) {
        int count = (int)wmem_array_get_count(bytes);

        joined->tvb = tvb_new_child_real_data(tvb, (const uint8_t *)wmem_array_get_raw(bytes), count, count);
        joined->offset = 0;
        joined->end = count;
    }
    return joined->tvb != NULL;
}

/* The next complete message; its type, or -1. */
static int
next_message(tls_reader_t *messages, tls_reader_t *message)
{
    int type;

    if (messages->end - messages->offset < 4)
        return -1;
    type = tvb_get_uint8(messages->tvb, messages->offset++);
    return read_vector(messages, 3, message) ? type : -1;
}

/* Handshake bytes at the beginning of tvb, with or without records around them. */
static bool
find_handshake(wmem_allocator_t *pool, tvbuff_t *tvb, uint8_t first_type, tls_reader_t *messages)
{
    int captured = (int)tvb_captured_length(tvb);

    if (captured < 4)
        return false;
    if (is_record(tvb, 0, TLS_HANDSHAKE))
        return join_records(pool, tvb, messages)
            && messages->offset < messages->end && tvb_get_uint8(messages->tvb, messages->offset) == first_type;
    if (tvb_get_uint8(tvb, 0) != first_type)
        return false;
    messages->tvb = tvb;
    messages->offset = 0;
    messages->end = captured;
    return true;
}

static tvbuff_t *
segment_payload(const flow_packet_t *packet)
{
    int header;

    if (tvb_captured_length(packet->tvb) < 20)
        return NULL;
    header = (tvb_get_uint8(packet->tvb, 12) >> 4) * 4;
    return tvb_captured_length_remaining(packet->tvb, header) > 0 ? tvb_new_subset_remaining(packet->tvb, header) : NULL;
}

typedef bool (*handshake_found_t)(packet_info *pinfo, tls_reader_t *messages, void *data);

/* Tries the segment and all that was reassembled and decrypted in its frame, until found() is content. */
static bool
for_each_handshake(flow_packet_t *packet, uint8_t first_type, handshake_found_t found, void *data)
{
    packet_info *pinfo = packet->pinfo;
    tvbuff_t *payload = segment_payload(packet);
    tls_reader_t messages;

    if (payload && is_record(payload, 0, TLS_HANDSHAKE)
            && find_handshake(pinfo->pool, payload, first_type, &messages) && found(pinfo, &messages, data))
        return true;
    for (GSList *item = pinfo->data_src ? pinfo->data_src->next : NULL; item; item = item->next) {
        tvbuff_t *tvb = get_data_source_tvb((const struct data_source *)item->data);

        if (find_handshake(pinfo->pool, tvb, first_type, &messages) && found(pinfo, &messages, data))
            return true;
    }
    return false;
}

/* --- Sessions --- */

static void
mark_port(uint16_t port)
{
    client_ports[port / 8] |= 1 << port % 8;
    have_sessions = true;
}

static bool
port_is_marked(uint16_t port)
{
    return client_ports[port / 8] & (1 << port % 8);
}

/* RFC 8738 section 6: the name of an address in in-addr.arpa or ip6.arpa stands for that address. */
static const char *
ipv4_of_name(wmem_allocator_t *pool, const char *name)
{
    unsigned b[4];
    int end = 0;

    if (sscanf(name, "%3u.%3u.%3u.%3u.in-addr.arpa%n", &b[0], &b[1], &b[2], &b[3], &end) != 4 || !end || name[end])
        return NULL;
    if (b[0] > 255 || b[1] > 255 || b[2] > 255 || b[3] > 255)
        return NULL;
    return wmem_strdup_printf(pool, "%u.%u.%u.%u", b[3], b[2], b[1], b[0]);
}

static const char *
ipv6_of_name(wmem_allocator_t *pool, const char *name)
{
    ws_in6_addr address = { { 0 } };

    for (int i = 31; i >= 0; i--) {
        if (!g_ascii_isxdigit(name[0]) || name[1] != '.')
            return NULL;
        address.bytes[i / 2] |= g_ascii_xdigit_value(name[0]) << (i % 2 ? 0 : 4);
        name += 2;
    }
    if (strcmp(name, "ip6.arpa"))
        return NULL;
    return ip6_to_str(pool, &address);
}

static const char *
domain_of_server_name(wmem_allocator_t *pool, const char *name)
{
    const char *address;

    if (!name)
        return NULL;
    address = ipv4_of_name(pool, name);
    if (!address)
        address = ipv6_of_name(pool, name);
    return address ? address : name;
}

static acme_tls_session_t *
find_session(flow_packet_t *packet)
{
    conversation_t *conversation = flow_conversation(packet);

    return conversation ? (acme_tls_session_t *)conversation_get_proto_data(conversation, proto_acme) : NULL;
}

static void
start_session(flow_packet_t *packet, const client_hello_t *hello)
{
    packet_info *pinfo = packet->pinfo;
    conversation_t *conversation = flow_conversation(packet);
    acme_tls_session_t *session;

    if (!conversation || conversation_get_proto_data(conversation, proto_acme))
        return;
    session = wmem_new0(wmem_file_scope(), acme_tls_session_t);
    session->validation = acme_validation_new(pinfo, ACME_TLS_ALPN_01,
            domain_of_server_name(pinfo->pool, hello->server_name), NULL, &pinfo->src, true);
    acme_validation_asked(pinfo, session->validation);
    copy_address_wmem(wmem_file_scope(), &session->client, &pinfo->src);
    session->client_port = packet->srcport;
    session->other_protocols = hello->offers_others;
    session->alert = -1;
    conversation_add_proto_data(conversation, proto_acme, session);
    mark_port(packet->srcport);
}

static bool
hello_found(packet_info *pinfo, tls_reader_t *messages, void *data)
{
    tls_reader_t message;

    if (next_message(messages, &message) != TLS_CLIENT_HELLO)
        return false;
    read_client_hello(pinfo->pool, &message, (client_hello_t *)data);
    return true;
}

static void
look_for_client_hello(flow_packet_t *packet)
{
    client_hello_t hello = { NULL, false, false };

    if (for_each_handshake(packet, TLS_CLIENT_HELLO, hello_found, &hello) && hello.offers_acme)
        start_session(packet, &hello);
}

/* --- The server's side --- */

static bool
server_hello_found(packet_info *pinfo, tls_reader_t *messages, void *data)
{
    acme_tls_session_t *session = (acme_tls_session_t *)data;
    tls_reader_t message;
    int type;

    while ((type = next_message(messages, &message)) != -1) {
        if (type == TLS_SERVER_HELLO)
            read_server_hello(&message, session);
        else if (type == TLS_CERTIFICATE && !session->certificate_frame)
            session->certificate_frame = pinfo->num;
    }
    return true;
}

static bool
encrypted_extensions_found(packet_info *pinfo _U_, tls_reader_t *messages, void *data)
{
    tls_reader_t message, extensions;

    if (next_message(messages, &message) != TLS_ENCRYPTED_EXTENSIONS || !read_vector(&message, 2, &extensions)
            || message.offset != message.end)
        return false;
    read_choice(&extensions, false, (acme_tls_session_t *)data);
    return true;
}

static bool
is_alert_in_the_clear(tvbuff_t *payload)
{
    return is_record(payload, 0, TLS_ALERT) && tvb_captured_length(payload) >= TLS_RECORD_HEADER + 2
        && tvb_get_ntohs(payload, 3) == 2;
}

/* The handshake goes on after a warning, as servers that do not know a name may send, but not after close_notify. */
static bool
is_warning(tvbuff_t *payload)
{
    return tvb_get_uint8(payload, TLS_RECORD_HEADER) != TLS_ALERT_FATAL
        && tvb_get_uint8(payload, TLS_RECORD_HEADER + 1) != TLS_CLOSE_NOTIFY;
}

static void
note_alert(const flow_packet_t *packet, acme_tls_session_t *session)
{
    tvbuff_t *payload = segment_payload(packet);

    if (session->alert != -1 || !payload || !is_alert_in_the_clear(payload) || is_warning(payload))
        return;
    session->alert = tvb_get_uint8(payload, TLS_RECORD_HEADER + 1);
    session->alert_frame = packet->pinfo->num;
}

/* Whether the segment has nothing but a warning. */
static bool
is_warning_alone(const flow_packet_t *packet)
{
    tvbuff_t *payload = segment_payload(packet);

    return payload && tvb_captured_length(payload) == TLS_RECORD_HEADER + 2 && is_alert_in_the_clear(payload)
        && is_warning(payload);
}

static bool
is_from_client(const flow_packet_t *packet, const acme_tls_session_t *session)
{
    return packet->srcport == session->client_port && addresses_equal(&packet->pinfo->src, &session->client);
}

static void
note_server_packet(flow_packet_t *packet, acme_tls_session_t *session)
{
    if (is_warning_alone(packet))
        return;
    acme_validation_answered(packet->pinfo, session->validation);
    note_alert(packet, session);
    if (session->chosen == ALPN_UNKNOWN)
        for_each_handshake(packet, TLS_SERVER_HELLO, server_hello_found, session);
    if (session->chosen == ALPN_UNKNOWN)
        for_each_handshake(packet, TLS_ENCRYPTED_EXTENSIONS, encrypted_extensions_found, session);
}

/* --- Certificates --- */

/* The session whose server's frame is dissected now, on the first pass; NULL: none. */
static acme_tls_session_t *
session_of_certificate(packet_info *pinfo)
{
    conversation_t *conversation;

    if (!have_sessions || PINFO_FD_VISITED(pinfo) || pinfo->ptype != PT_TCP || !port_is_marked(pinfo->destport))
        return NULL;
    conversation = find_conversation_pinfo(pinfo, 0);
    return conversation ? (acme_tls_session_t *)conversation_get_proto_data(conversation, proto_acme) : NULL;
}

/* The extension's value is behind its critical flag, which DER writes only if it is true. */
static bool
is_critical(tvbuff_t *tvb)
{
    static const uint8_t critical_true[] = { 0x01, 0x01, 0xff };
    tvbuff_t *source = tvb_get_ds_tvb(tvb);
    int before = (int)tvb_raw_offset(tvb) - 2 - (int)sizeof critical_true;

    return before >= 0 && tvb_memeql(source, before, critical_true, sizeof critical_true) == 0;
}

static int
dissect_acme_identifier(tvbuff_t *tvb, packet_info *pinfo, proto_tree *parent, void *data _U_)
{
    acme_tls_session_t *session = session_of_certificate(pinfo);
    bool good = tvb_captured_length(tvb) >= 2 + ACME_TLS_DIGEST_LENGTH && tvb_get_ntohs(tvb, 0) == 0x0420;
    bool critical = is_critical(tvb);
    proto_item *item = proto_tree_add_item(parent, proto_acme, tvb, 0, good ? 2 + ACME_TLS_DIGEST_LENGTH : -1, ENC_NA);
    proto_tree *tree = proto_item_add_subtree(item, ett_acme_identifier);
    const char *saved = standin_speak_as(pinfo, "ACME");

    proto_item_append_text(item, ", identifier in a certificate");
    if (good)
        proto_tree_add_item(tree, hf_acme_tls_digest, tvb, 2, ACME_TLS_DIGEST_LENGTH, ENC_NA);
    else
        expert_add_info(pinfo, item, &ei_acme_identifier_malformed);
    pinfo->current_proto = saved;
    item = proto_tree_add_boolean(tree, hf_acme_tls_critical, tvb, 0, 0, critical);
    proto_item_set_generated(item);
    if (session && !session->has_identifier) {
        session->certificate_frame = pinfo->num;
        session->has_identifier = true;
        session->identifier_is_good = good && critical;
        if (good && acme_digest_is_expected(pinfo, session->validation->challenge->domain,
                    acme_base64url(pinfo->pool, tvb_get_ptr(tvb, 2, ACME_TLS_DIGEST_LENGTH), ACME_TLS_DIGEST_LENGTH)))
            session->validation->check = ACME_CHECK_FITS;
    }
    return good ? 2 + ACME_TLS_DIGEST_LENGTH : (int)tvb_captured_length(tvb);
}

/* Whether a GeneralName is the domain. */
static bool
name_is_domain(packet_info *pinfo, tvbuff_t *tvb, int offset, int length, int tag, const char *domain)
{
    ws_in6_addr ipv6;

    if (tag == 2)
        return !g_ascii_strcasecmp(tvb_format_text(pinfo->pool, tvb, offset, length), domain);
    if (tag != 7)
        return false;
    if (length == 4)
        return !strcmp(tvb_ip_to_str(pinfo->pool, tvb, offset), domain);
    if (length != 16)
        return false;
    tvb_get_ipv6(tvb, offset, &ipv6);
    return !strcmp(ip6_to_str(pinfo->pool, &ipv6), domain);
}

/* RFC 8737 section 3: the certificate must have one name, that of the domain. */
static void
compare_names(tvbuff_t *tvb, packet_info *pinfo, acme_tls_session_t *session)
{
    const char *domain = session->validation->challenge->domain;
    int8_t class;
    ws_ber_bool_t constructed, indefinite;
    int32_t tag;
    uint32_t length;
    int offset, end;
    unsigned names = 0, fitting = 0;

    offset = get_ber_identifier(tvb, 0, &class, &constructed, &tag);
    offset = get_ber_length(tvb, offset, &length, &indefinite);
    end = offset + (int)MIN(length, (uint32_t)tvb_captured_length_remaining(tvb, offset));
    while (offset < end) {
        offset = get_ber_identifier(tvb, offset, &class, &constructed, &tag);
        offset = get_ber_length(tvb, offset, &length, &indefinite);
        if (indefinite || length > (uint32_t)(end - offset))
            break;
        names++;
        if (domain && name_is_domain(pinfo, tvb, offset, (int)length, tag, domain))
            fitting++;
        offset += (int)length;
    }
    session->has_names = true;
    session->name_fits = names == 1 && fitting == 1;
}

static int dissect_subject_alt_name(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

static standin_t subject_alt_name_standin = {
    .name = "acme.subjectAltName", .dissect = dissect_subject_alt_name, .proto = &proto_acme
};

static int
dissect_subject_alt_name(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    acme_tls_session_t *session = session_of_certificate(pinfo);
    int length = standin_call(&subject_alt_name_standin, tvb, pinfo, tree, data);

    if (session && !session->has_names) {
        session->certificate_frame = pinfo->num;
        compare_names(tvb, pinfo, session);
    }
    return length;
}

/* --- Showing it --- */

/* What is wrong with the certificate; NULL: nothing. */
static const char *
certificate_fault(const acme_tls_session_t *session)
{
    if (session->chosen == ALPN_NONE || session->chosen == ALPN_OTHER)
        return "server does not choose acme-tls/1";
    if (!session->has_identifier)
        return "certificate without acmeIdentifier";
    if (!session->identifier_is_good)
        return "acmeIdentifier malformed or not critical";
    if (!session->name_fits)
        return "certificate is not for this name alone";
    return NULL;
}

static void
show_certificate(flow_packet_t *packet, proto_tree *tree, proto_item *item, const acme_tls_session_t *session)
{
    const char *fault = certificate_fault(session);
    const char *outcome = fault ? fault : "certificate";
    bool valid = !fault;

    acme_add_response(packet->tvb, packet->pinfo, tree, item, session->validation, &valid, outcome);
    if (fault)
        expert_add_info_format(packet->pinfo, item, &ei_acme_certificate_mismatch, "Challenge not met: %s", fault);
    acme_columns(packet->pinfo, session->validation->challenge, fault ? fault : "certificate with acmeIdentifier");
}

static const char *
alert_name(packet_info *pinfo, int alert)
{
    static const value_string names[] = {
        { TLS_CLOSE_NOTIFY, "close_notify" }, { 40, "handshake_failure" }, { 70, "protocol_version" }, { 80, "internal_error" },
        { 112, "unrecognized_name" }, { 120, "no_application_protocol" }, { 0, NULL }
    };

    return val_to_str(pinfo->pool, alert, names, "alert %u");
}

static void
show_alert(flow_packet_t *packet, proto_tree *tree, proto_item *item, const acme_tls_session_t *session)
{
    const char *name = alert_name(packet->pinfo, session->alert);
    bool valid = false;

    acme_add_response(packet->tvb, packet->pinfo, tree, item, session->validation, &valid, name);
    expert_add_info_format(packet->pinfo, item, &ei_acme_tls_alert, "Server refuses: %s", name);
    acme_columns(packet->pinfo, session->validation->challenge, name);
}

static void
show_client_hello(flow_packet_t *packet, proto_tree *tree, proto_item *item, const acme_tls_session_t *session)
{
    acme_add_request(packet->tvb, packet->pinfo, tree, item, session->validation);
    if (!session->validation->challenge->domain)
        expert_add_info(packet->pinfo, item, &ei_acme_sni_missing);
    if (session->other_protocols)
        expert_add_info(packet->pinfo, item, &ei_acme_alpn_others);
    acme_columns(packet->pinfo, session->validation->challenge, "Client Hello");
}

/* The first answer of a server that hides the rest. */
static void
show_first_answer(flow_packet_t *packet, proto_tree *tree, proto_item *item, const acme_tls_session_t *session)
{
    bool hidden = !session->certificate_frame && session->alert == -1;

    acme_add_response(packet->tvb, packet->pinfo, tree, item, session->validation, NULL,
            hidden ? "encrypted answer" : NULL);
    acme_columns(packet->pinfo, session->validation->challenge, hidden ? "Server Hello, rest encrypted" : "Server Hello");
}

static void
show_session(flow_packet_t *packet, const acme_tls_session_t *session)
{
    packet_info *pinfo = packet->pinfo;
    const acme_validation_t *validation = session->validation;
    proto_item *item;
    proto_tree *tree = acme_add_tree(packet->tvb, 0, 0, pinfo, flow_native_subtree(packet->tree, proto_tls),
            validation->challenge, &item);

    if (pinfo->num == validation->request_frame)
        show_client_hello(packet, tree, item, session);
    else if (pinfo->num == session->certificate_frame)
        show_certificate(packet, tree, item, session);
    else if (pinfo->num == session->alert_frame && !session->certificate_frame)
        show_alert(packet, tree, item, session);
    else if (pinfo->num == validation->response_frame)
        show_first_answer(packet, tree, item, session);
    else
        acme_columns(pinfo, validation->challenge, is_from_client(packet, session) ? "handshake, client" : "handshake, server");
}

static void
after_tcp(flow_packet_t *packet)
{
    wmem_list_frame_t *last = wmem_list_tail(packet->pinfo->layers);
    bool tracked = have_sessions && (port_is_marked(packet->srcport) || port_is_marked(packet->dstport));
    acme_tls_session_t *session;

    if (!tracked && (!last || GPOINTER_TO_INT(wmem_list_frame_data(last)) != proto_tls))
        return;
    if (packet->quoted || !flow_has_layer(packet, proto_tls))
        return;
    if (!PINFO_FD_VISITED(packet->pinfo) && (!tracked || !find_session(packet)))
        look_for_client_hello(packet);
    session = find_session(packet);
    if (!session || packet->pinfo->num < session->validation->request_frame)
        return;
    if (!PINFO_FD_VISITED(packet->pinfo) && !is_from_client(packet, session))
        note_server_packet(packet, session);
    show_session(packet, session);
}

/* --- Registration --- */

static void
acme_tls_init(void)
{
    memset(client_ports, 0, sizeof client_ports);
    have_sessions = false;
}

void
acme_register_tls(expert_module_t *expert)
{
    static hf_register_info hf[] = {
        { &hf_acme_tls_digest,
          { "Digest", "acme.tls.digest", FT_BYTES, BASE_NONE, NULL, 0,
            "SHA-256 of the key authorization, from the certificate", HFILL } },
        { &hf_acme_tls_critical,
          { "Critical", "acme.tls.critical", FT_BOOLEAN, BASE_NONE, NULL, 0,
            "The extension is marked critical, as RFC 8737 demands", HFILL } },
    };
    static int *ett[] = { &ett_acme_identifier };
    static ei_register_info ei[] = {
        { &ei_acme_alpn_others,
          { "acme.tls.alpn_others", PI_PROTOCOL, PI_WARN, "Other protocols are offered besides acme-tls/1", EXPFILL } },
        { &ei_acme_sni_missing,
          { "acme.tls.sni_missing", PI_PROTOCOL, PI_WARN, "No server name, so the domain is unknown", EXPFILL } },
        { &ei_acme_certificate_mismatch,
          { "acme.tls.certificate_mismatch", PI_PROTOCOL, PI_WARN, "Certificate does not meet the challenge", EXPFILL } },
        { &ei_acme_tls_alert,
          { "acme.tls.alert", PI_RESPONSE_CODE, PI_WARN, "Server refuses", EXPFILL } },
        { &ei_acme_identifier_malformed,
          { "acme.tls.identifier_malformed", PI_MALFORMED, PI_WARN, "acmeIdentifier is not an OCTET STRING of 32 bytes", EXPFILL } },
    };

    proto_register_field_array(proto_acme, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert, ei, array_length(ei));
    register_init_routine(acme_tls_init);
}

void
acme_handoff_tls(void)
{
    static const flow_observer_t observer = { .proto = &proto_acme, .transports = FLOW_TCP, .after = after_tcp };
    static standin_place_t identifier = { .table = "ber.oid", .text = ACME_OID, .proto = &proto_acme };

    proto_tls = proto_get_id_by_filter_name("tls");
    if (proto_tls == -1)
        return;
    flow_add_observer(&observer);
    identifier.handle = standin_handle(dissect_acme_identifier);
    standin_take_place(&identifier);
    standin_add(&subject_alt_name_standin, standin_find("ber.oid", 0, SUBJECT_ALT_NAME_OID));
}

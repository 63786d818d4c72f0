/* openpgp-http.c
 * OpenPGP in bodies of HTTP messages; see openpgp-http.h
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * Copyright 2026, the Gapfill authors
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "config.h"

#include <string.h>

#include <epan/packet.h>
#include <epan/to_str.h>

#include "api-bool.h"
#include "expert-reader.h"
#include "http.h"
#include "openpgp-content.h"
#include "openpgp-http.h"
#include "openpgp-review.h"
#include "openpgp-signed-file.h"
#include "compat.h"

/* Of an exchange. */
typedef struct bodies {
    bool found[2];              /* in the response, in the request */
    bool of_key_server;
    openpgp_asked_t asked;
    const char *place;          /* of what is signed, if the request was for that or for its signature */
    const char *query;          /* of that request */
    const openpgp_subject_t *subject;   /* what that signature is over, or NULL */
} bodies_t;

static api_bool_t look_into_http = true;
static openpgp_show_t show_openpgp;
static openpgp_review_body_t review_openpgp;
static openpgp_info_again_t info_again;
static openpgp_has_info_t has_info;
static wmem_map_t *typed;       /* bodies_t by name_of_typed() */
static unsigned http2_left;     /* octets of bodies that may still be looked at */

/* --- Which bodies --- */

typedef struct carrier {
    const char        *type;
    size_t             length;
    openpgp_content_t  content;
} carrier_t;

#define CARRIER(type) type, sizeof type - 1

/* Wireshark hands the first three to the dissector of the media type. */
static const carrier_t carriers[] = {
    { CARRIER("application/pgp-keys"),               OPENPGP_CONTENT_KNOWN },
    { CARRIER("application/pgp-signature"),          OPENPGP_CONTENT_KNOWN },
    { CARRIER("application/pgp-encrypted"),          OPENPGP_CONTENT_KNOWN },
    { CARRIER("text/plain"),                         OPENPGP_CONTENT_OCTETS },   /* what servers call what they do not know */
    { CARRIER("text/html"),                          OPENPGP_CONTENT_TEXT },
    { CARRIER("application/json"),                   OPENPGP_CONTENT_JSON },
    { CARRIER("application/x-www-form-urlencoded"),  OPENPGP_CONTENT_FORM },
    { CARRIER("application/octet-stream"),           OPENPGP_CONTENT_OCTETS },
    { CARRIER("pgp/keys"),                           OPENPGP_CONTENT_OCTETS },
};

/* Without parameters. */
static size_t
length_of_name(const char *type, size_t length)
{
    size_t n = 0;

    while (n < length && type[n] != ';' && type[n] != ' ' && type[n] != '\t' && type[n] != '\0')
        n++;
    return n;
}

static openpgp_content_t
content_of_type(const char *type, size_t length)
{
    length = length_of_name(type, length);
    for (unsigned i = 0; i < array_length(carriers); i++) {
        if (carriers[i].length == length
                && (!memcmp(carriers[i].type, type, length) || !g_ascii_strncasecmp(carriers[i].type, type, length)))
            return carriers[i].content;
    }
    return length > 0 ? OPENPGP_CONTENT_NONE : OPENPGP_CONTENT_ANY;
}

/* draft-gallagher-openpgp-hkp: there, keys come in bodies of whatever type. */
static bool
is_of_key_server(const http_message_t *message, const bodies_t *bodies)
{
    return message->is_request ? message->target && g_str_has_prefix(message->target, "/pks/") : bodies && bodies->of_key_server;
}

static bool
is_key_server_target(const http_glance_t *glance)
{
    return glance->target_length >= 5 && !memcmp(glance->target, "/pks/", 5);
}

static openpgp_content_t
content_of_message(const http_message_t *message, const bodies_t *bodies)
{
    const char *type = http_message_type(message);
    openpgp_content_t content = type ? content_of_type(type, strlen(type)) : OPENPGP_CONTENT_ANY;

    return content == OPENPGP_CONTENT_NONE && is_of_key_server(message, bodies) ? OPENPGP_CONTENT_ANY : content;
}

static openpgp_content_t
content_of_glance(const http_glance_t *glance, const bodies_t *bodies)
{
    openpgp_content_t content = glance->type ? content_of_type(glance->type, glance->type_length) : OPENPGP_CONTENT_ANY;

    if (content == OPENPGP_CONTENT_NONE && (glance->is_request ? is_key_server_target(glance) : bodies && bodies->of_key_server))
        content = OPENPGP_CONTENT_ANY;
    return content;
}

static bodies_t *
bodies_of(bodies_t **bodies)
{
    if (!*bodies)
        *bodies = wmem_new0(wmem_file_scope(), bodies_t);
    return *bodies;
}

/* By the media type. */
static bool
is_shown_already(const http_message_t *message, openpgp_content_t content)
{
    return content == OPENPGP_CONTENT_KNOWN && proto_is_frame_protocol(message->pinfo->layers, "openpgp");
}

/* --- Looking --- */

/* Another plugin may want larger bodies. */
static bool
http2_body_is_paid(const http_message_t *message)
{
    unsigned length;

    if (!message->payload || PINFO_FD_VISITED(message->pinfo))
        return true;
    length = tvb_reported_length(message->payload);
    if (length > MIN(http2_left, OPENPGP_HTTP2_BODY))
        return false;
    http2_left -= length;
    return true;
}

/* The octets with OpenPGP in them, or NULL. */
static tvbuff_t *
find_in_body(http_message_t *message, openpgp_content_t content, openpgp_found_t *found)
{
    unsigned sources = g_slist_length(message->pinfo->data_src);
    tvbuff_t *body = http_message_body(message);

    if (body && openpgp_find(message->pinfo->pool, openpgp_data_of(body), content, found))
        return found->name ? tvb_new_child_real_data(body, found->data.octets, found->data.captured,
            (int)found->data.reported) : body;
    http_message_drop_body(message, sources);
    return NULL;
}

/* On the first pass in every body that may have some, later where there was some. */
static tvbuff_t *
find_in_message(http_message_t *message, bodies_t **bodies, openpgp_found_t *found)
{
    openpgp_content_t content;
    tvbuff_t *tvb;

    if (PINFO_FD_VISITED(message->pinfo) && !(*bodies && (*bodies)->found[message->is_request]))
        return NULL;
    content = content_of_message(message, *bodies);
    if (content == OPENPGP_CONTENT_NONE || is_shown_already(message, content) || !http2_body_is_paid(message))
        return NULL;
    tvb = find_in_body(message, content, found);
    if (tvb && !PINFO_FD_VISITED(message->pinfo))
        bodies_of(bodies)->found[message->is_request] = true;
    return tvb;
}

/* --- Files that are signed --- */

/* Of each client for itself: what another one fetched at another time may be another release. */
static void
note_file_request(const http_message_t *message, bodies_t **bodies)
{
    openpgp_asked_t asked = message->target ? openpgp_signed_file_asked(message->target, strlen(message->target))
        : OPENPGP_ASKED_OTHER;
    const char *host = http_message_header(message, "Host");

    if (asked == OPENPGP_ASKED_OTHER || strcmp(message->method, "GET") != 0)
        return;
    host = wmem_strdup_printf(message->pinfo->pool, "%s %s", address_to_str(message->pinfo->pool, &message->pinfo->src),
        host ? host : "");
    bodies_of(bodies)->asked = asked;
    bodies_of(bodies)->place = openpgp_signed_file_place(host, message->target, asked);
    bodies_of(bodies)->query = openpgp_signed_file_query(message->target);
}

/* Whether it is the file as it stands, and all of it. */
static bool
is_file(const http_message_t *message, const bodies_t *bodies)
{
    return message->status == 200 && message->complete && message->body_length <= OPENPGP_FILE_MAX &&
        (bodies->asked != OPENPGP_ASKED_COMPRESSED || !http_message_header(message, "Content-Encoding"));
}

/* What ends with its connection may have been broken off. */
static openpgp_doubt_t
doubt_of_file(http_message_t *message)
{
    bool has_end = message->payload || message->chunked || http_message_header(message, "Content-Length");

    return has_end ? OPENPGP_DOUBT_NONE : OPENPGP_DOUBT_WHOLE;
}

static void
note_file(http_message_t *message, bodies_t *bodies)
{
    unsigned sources = g_slist_length(message->pinfo->data_src);
    unsigned length;
    tvbuff_t *body;

    if (bodies->asked == OPENPGP_ASKED_SIGNATURE) {
        bodies->subject = openpgp_signed_file_find(bodies->place, bodies->query);
        return;
    }
    body = is_file(message, bodies) ? http_message_body(message) : NULL;
    length = body && tvb_captured_length(body) == tvb_reported_length(body) ? tvb_captured_length(body) : 0;
    if (length > 0 || message->status == 200)
        openpgp_signed_file_add(message->pinfo, bodies->place, bodies->query,
            (openpgp_data_t){ length > 0 ? tvb_get_ptr(body, 0, (int)length) : NULL, length, length }, doubt_of_file(message));
    http_message_drop_body(message, sources);
}

/* --- Showing --- */

static bool
is_shown(const http_message_t *message)
{
    return expert_has_reader(message->pinfo, message->tree != NULL);
}

/* Of a request what its answer has to be told, of an answer what others have to be. */
static void
note_message(http_message_t *message, bodies_t **bodies)
{
    if (message->is_request) {
        if (is_of_key_server(message, NULL))
            bodies_of(bodies)->of_key_server = true;
        note_file_request(message, bodies);
    } else if (*bodies && (*bodies)->place && message->body_length > 0) {
        note_file(message, *bodies);
    }
}

/* Its file may come later. */
static void
note_signature(const http_message_t *message, bodies_t *bodies, openpgp_data_t signature)
{
    if (!message->is_request && bodies->asked == OPENPGP_ASKED_SIGNATURE && !bodies->subject)
        openpgp_signed_file_expect(bodies->place, bodies->query, signature, &bodies->subject);
}

/* What the dissector of the media type showed is of that frame, and of these octets. */
static const char *
name_of_typed(const packet_info *pinfo, openpgp_data_t data)
{
    char *digest = g_compute_checksum_for_data(G_CHECKSUM_SHA1, data.octets, data.captured);
    const char *name = wmem_strdup_printf(pinfo->pool, "%u %s", pinfo->num, digest);

    g_free(digest);
    return name;
}

/* A signature that was shown by its media type, when nobody knew yet what it is over: later passes know. */
static void
note_typed(http_message_t *message, bodies_t *bodies)
{
    unsigned sources = g_slist_length(message->pinfo->data_src);
    tvbuff_t *body = http_message_body(message);
    openpgp_data_t data;

    if (body && tvb_captured_length(body) <= OPENPGP_EXPECTED) {
        data = openpgp_data_of(body);
        note_signature(message, bodies, data);
        if (bodies->subject)
            openpgp_review(message->pinfo, data, bodies->subject);
        wmem_map_insert(typed, wmem_strdup(wmem_file_scope(), name_of_typed(message->pinfo, data)), bodies);
    }
    http_message_drop_body(message, sources);
}

static bool
is_typed_signature(const http_message_t *message, const bodies_t *bodies)
{
    return !message->is_request && bodies && bodies->asked == OPENPGP_ASKED_SIGNATURE
        && is_shown_already(message, content_of_message(message, bodies));
}

const openpgp_subject_t *
openpgp_http_subject(packet_info *pinfo, tvbuff_t *tvb)
{
    openpgp_data_t data = openpgp_data_of(tvb);
    const bodies_t *bodies = NULL;

    if (PINFO_FD_VISITED(pinfo) && wmem_map_size(typed) > 0 && data.captured <= OPENPGP_EXPECTED)
        bodies = (const bodies_t *)wmem_map_lookup(typed, name_of_typed(pinfo, data));
    return bodies ? bodies->subject : NULL;
}

/* A tag of git has its signature behind it. What does not fit is another text. NULL: none stands before it. */
static const openpgp_subject_t *
text_before_signature(wmem_allocator_t *pool, const openpgp_found_t *found)
{
    static const char any[] = "-----BEGIN PGP ", kind[] = "SIGNATURE-----";
    const char *text = (const char *)found->data.octets, *end = text + found->data.captured;
    const char *armor = found->name ? NULL : g_strstr_len(text, end - text, any);
    const char *behind = armor ? armor + sizeof any - 1 : NULL;
    openpgp_subject_t *subject;

    /* The only one, and alone in its line. */
    if (!armor || armor == text || armor[-1] != '\n' || (size_t)(end - behind) < sizeof kind
            || memcmp(behind, kind, sizeof kind - 1) != 0 || g_strstr_len(behind, end - behind, any))
        return NULL;
    subject = wmem_new0(pool, openpgp_subject_t);
    openpgp_subject_document(subject, (openpgp_octets_t){ found->data.octets, (unsigned)(armor - text) }, OPENPGP_DOUBT_LINES);
    return subject;
}

static void
look_into_message(http_message_t *message, bodies_t **bodies)
{
    const openpgp_subject_t *subject;
    openpgp_found_t found;
    tvbuff_t *tvb;

    if (!PINFO_FD_VISITED(message->pinfo))
        note_message(message, bodies);
    if (message->body_length == 0)
        return;
    if (!PINFO_FD_VISITED(message->pinfo) && is_typed_signature(message, *bodies))
        note_typed(message, *bodies);
    tvb = find_in_message(message, bodies, &found);
    if (!tvb)
        return;
    if (found.name)
        add_new_data_source(message->pinfo, tvb, found.name);
    if (!PINFO_FD_VISITED(message->pinfo))
        note_signature(message, *bodies, found.data);
    subject = message->is_request ? NULL : (*bodies)->subject;
    if (!subject)
        subject = text_before_signature(message->pinfo->pool, &found);
    if (is_shown(message))
        show_openpgp(tvb, message->pinfo, message->tree, found.summary, subject);
    else
        review_openpgp(tvb, message->pinfo, subject);
}

static void
http_message(http_message_t *message, void **data)
{
    if (look_into_http)
        look_into_message(message, (bodies_t **)data);
    info_again(message->pinfo);
}

/* Of HTTP/2: what is looked at is paid for here only where nothing is found in it; else it will be. */
static bool
glance_is_paid(const http_glance_t *glance)
{
    return !glance->is_http2 || (unsigned)glance->body_length <= MIN(http2_left, OPENPGP_HTTP2_BODY);
}

static bool
body_may_have_openpgp(const http_glance_t *glance)
{
    openpgp_content_t content = content_of_glance(glance, NULL);
    unsigned length = (unsigned)glance->body_length;
    openpgp_found_t found;

    if (content == OPENPGP_CONTENT_NONE || !glance_is_paid(glance)
            || (content == OPENPGP_CONTENT_KNOWN && proto_is_frame_protocol(glance->pinfo->layers, "openpgp")))
        return false;
    if (!glance->body || openpgp_find(glance->pinfo->pool, (openpgp_data_t){ glance->body, length, length }, content, &found))
        return true;
    if (glance->is_http2)
        http2_left -= length;
    return false;
}

/* An exchange of which something is known is told whole. */
static bool
wants(const http_glance_t *glance, const void *data)
{
    const bodies_t *bodies = (const bodies_t *)data;

    if (bodies || has_info(glance->pinfo))
        return true;
    if (!look_into_http)
        return false;
    if (glance->is_request && (is_key_server_target(glance)
                || openpgp_signed_file_asked(glance->target, glance->target_length) != OPENPGP_ASKED_OTHER))
        return true;
    return glance->body_length > 0 && body_may_have_openpgp(glance);
}

static unsigned
body_wanted(const http_glance_t *glance, const void *data)
{
    if (!look_into_http || content_of_glance(glance, (const bodies_t *)data) == OPENPGP_CONTENT_NONE)
        return 0;
    return MIN(http2_left, OPENPGP_HTTP2_BODY);
}

/* --- Registration --- */

static http_observer_t observer = { NULL, http_message, wants, body_wanted, NULL };

static void
init_http(void)
{
    http2_left = OPENPGP_HTTP2_BODIES;
    typed = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
    openpgp_signed_file_reset();
}

void
openpgp_register_http(module_t *preferences)
{
    prefs_register_bool_preference(preferences, "http",
            "Look for OpenPGP in bodies of HTTP",
            "In text, HTML, JSON, forms, octet-stream and bodies without a type. Otherwise only where the type says so",
            &look_into_http);
}

void
openpgp_handoff_http(const int *proto, openpgp_show_t show, openpgp_review_body_t review, openpgp_info_again_t again,
    openpgp_has_info_t has)
{
    show_openpgp = show;
    review_openpgp = review;
    info_again = again;
    has_info = has;
    observer.proto = proto;
    http_exchange_add_observer(&observer);
    register_init_routine(init_http);
}

/* acme-progress.c
 * What becomes of accounts, orders, authorizations and challenges, answer by answer; see acme-progress.h
 *
 * An object is known by its URL: the one that was asked for, the Location of a new one, of a challenge its own. The answer to
 * finalize is the order that named that URL.
 *
 * A status that cannot follow the one of before is one only where this answer's request was sent after the answer before had come:
 * answers to requests that were under way together may overtake each other.
 *
 * Bounds: 65536 objects, and what answers tell, from the share of names (acme-memory.h); 100 authorizations of an order are looked
 * at, and 64 challenges of an authorization.
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

#include "acme-challenge.h"
#include "acme-memory.h"
#include "acme-progress.h"

#define MAX_OBJECTS         65536
#define MAX_AUTHORIZATIONS  100
#define ENTRY_BYTES         64      /* of a map, about */
#define MAX_HOLDERS         2       /* of a challenge: its authorization, and the order */
#define POLLED_PROCESSING   2       /* answers in a row: "processing" is no state to rest in, */
#define POLLED_PENDING      3       /* but "pending" is told once of what is new, and once before the challenge */

/* The latest acme_told_t by URL of the object; URLs of orders by those of their finalize; file scope. */
typedef struct acme_object {
    acme_told_t        *latest;
    struct acme_object *holder;     /* of a challenge its authorization, of that the latest order that has it; NULL: unknown */
} acme_object_t;

static wmem_map_t *objects;
static wmem_map_t *orders;

/* Frames by scheme and host of an authority: its latest answer that gave something new the URL of what was before; file scope. */
static wmem_map_t *restarts;

/* What an object may come to from a status, at once or by way of others (RFC 8555 section 7.1.6). */
static const struct {
    acme_resource_t resource;
    const char     *status;
    const char     *later[6];
} changes[] = {
    { ACME_RESOURCE_CHALLENGE, "pending", { "processing", "valid", "invalid" } },
    { ACME_RESOURCE_CHALLENGE, "processing", { "valid", "invalid" } },
    { ACME_RESOURCE_CHALLENGE, "valid", { NULL } },
    { ACME_RESOURCE_CHALLENGE, "invalid", { NULL } },
    { ACME_RESOURCE_AUTHORIZATION, "pending", { "valid", "invalid", "deactivated", "expired", "revoked" } },
    { ACME_RESOURCE_AUTHORIZATION, "valid", { "deactivated", "expired", "revoked" } },
    { ACME_RESOURCE_AUTHORIZATION, "invalid", { NULL } },
    { ACME_RESOURCE_AUTHORIZATION, "deactivated", { NULL } },
    { ACME_RESOURCE_AUTHORIZATION, "expired", { NULL } },
    { ACME_RESOURCE_AUTHORIZATION, "revoked", { NULL } },
    { ACME_RESOURCE_ORDER, "pending", { "ready", "processing", "valid", "invalid" } },
    { ACME_RESOURCE_ORDER, "ready", { "processing", "valid", "invalid" } },
    { ACME_RESOURCE_ORDER, "processing", { "valid", "invalid" } },
    { ACME_RESOURCE_ORDER, "valid", { NULL } },
    { ACME_RESOURCE_ORDER, "invalid", { NULL } },
    { ACME_RESOURCE_ACCOUNT, "valid", { "deactivated", "revoked" } },
    { ACME_RESOURCE_ACCOUNT, "deactivated", { NULL } },
    { ACME_RESOURCE_ACCOUNT, "revoked", { NULL } },
};

static acme_object_t *
object_of(const char *url)
{
    acme_object_t *object = (acme_object_t *)wmem_map_lookup(objects, url);

    if (object || wmem_map_size(objects) >= MAX_OBJECTS || !acme_take(ACME_NAMES, ENTRY_BYTES))
        return object;
    object = (acme_object_t *)acme_room(ACME_NAMES, sizeof *object);
    if (object)
        wmem_map_insert(objects, url, object);
    return object;
}

static bool
is_status_of(acme_resource_t resource, const char *status)
{
    for (unsigned i = 0; i < array_length(changes); i++) {
        if (changes[i].resource == resource && !strcmp(changes[i].status, status))
            return true;
    }
    return false;
}

/* Whether an object never comes from one status to the other; of a status that is not known that cannot be told. */
static bool
is_impossible(acme_resource_t resource, const char *before, const char *status)
{
    unsigned i = 0;

    if (!strcmp(before, status) || !is_status_of(resource, status))
        return false;
    while (i < array_length(changes) && (changes[i].resource != resource || strcmp(changes[i].status, before)))
        i++;
    if (i == array_length(changes))
        return false;
    for (const char *const *later = changes[i].later; *later; later++) {
        if (!strcmp(*later, status))
            return false;
    }
    return true;
}

/* Other than an account, which is asked for by the same request again (RFC 8555 section 7.3.1). */
static bool
is_made_anew(acme_resource_t asked)
{
    return asked == ACME_RESOURCE_NEW_ORDER || asked == ACME_RESOURCE_NEW_AUTHZ;
}

/* What is made anew may have the URL of something that was before, where an authority begins to count again. */
static bool
is_new(acme_resource_t asked)
{
    return asked == ACME_RESOURCE_NEW_ACCOUNT || is_made_anew(asked);
}

static const char *
authority_of(packet_info *pinfo, const char *url)
{
    const char *host = strstr(url, "://");

    return host ? wmem_strndup(pinfo->pool, url, host - url + 3 + strcspn(host + 3, "/?#")) : "";
}

/* An authority that begins to count again, as one for tests does when it is started: what is asked for later may be new as well. */
static void
note_restart(packet_info *pinfo, const char *url)
{
    const char *authority = acme_keep(ACME_NAMES, authority_of(pinfo, url));

    if (authority && (wmem_map_contains(restarts, authority) || acme_take(ACME_NAMES, ENTRY_BYTES)))
        wmem_map_insert(restarts, authority, GUINT_TO_POINTER(pinfo->num));
}

static uint32_t
restart_frame(packet_info *pinfo, const char *url)
{
    return GPOINTER_TO_UINT(wmem_map_lookup(restarts, authority_of(pinfo, url)));
}

/* Whether the answer's request was sent when the answer before was known, and both are of one object. */
static bool
is_later(packet_info *pinfo, const acme_source_t *source, const acme_told_t *before, const char *url)
{
    return source->frame > before->frame && !is_new(source->asked) && before->frame > restart_frame(pinfo, url);
}

/* url: as it is kept */
static acme_told_t *
tell(packet_info *pinfo, const acme_source_t *source, acme_resource_t resource, const char *url, const char *status)
{
    acme_object_t *object = url && status ? object_of(url) : NULL;
    acme_told_t *told = object ? (acme_told_t *)acme_room(ACME_NAMES, sizeof *told) : NULL;
    const acme_told_t *before;

    status = told ? acme_keep(ACME_NAMES, status) : NULL;
    if (!status)
        return NULL;
    before = object->latest;
    told->object = object;
    told->url = url;
    told->status = status;
    told->before = before ? before->status : NULL;
    told->before_frame = before ? before->frame : 0;
    told->frame = pinfo->num;
    told->since_frame = before && before->status == status ? before->since_frame : pinfo->num;
    told->since_time = before && before->status == status ? before->since_time : pinfo->abs_ts;
    told->count = before && before->status == status ? before->count + 1 : 1;
    told->impossible = before && is_impossible(resource, before->status, status) && is_later(pinfo, source, before, url);
    if (before && is_made_anew(source->asked))
        note_restart(pinfo, url);
    object->latest = told;
    return told;
}

/* --- Challenges of an authorization --- */

static acme_told_t *
tell_challenge(packet_info *pinfo, const acme_source_t *source, const acme_json_t *object, jsmntok_t *challenge)
{
    const char *type = acme_json_text(object, challenge, "type");
    acme_told_t *told = tell(pinfo, source, ACME_RESOURCE_CHALLENGE,
            acme_keep(ACME_URLS, acme_json_text(object, challenge, "url")),
            acme_json_text(object, challenge, "status"));

    if (told)
        told->type = type ? acme_challenge_type(type) : 0;
    return told;
}

static acme_told_t *
tell_challenges(packet_info *pinfo, const acme_source_t *source, const acme_json_t *object, acme_object_t *holder)
{
    jsmntok_t *array = json_get_array(object->text, object->root, "challenges");
    int count = array ? MIN(json_get_array_len(array), ACME_MAX_CHALLENGES) : 0;
    acme_told_t *first = NULL, **end = &first;

    for (int i = 0; i < count; i++) {
        jsmntok_t *challenge = json_get_array_index(array, i);

        if (!challenge || challenge->type != JSMN_OBJECT || !(*end = tell_challenge(pinfo, source, object, challenge)))
            continue;
        (*end)->object->holder = holder;
        end = &(*end)->next;
    }
    return first;
}

/* --- Orders --- */

static const char *
url_of_finalize(const acme_json_t *object)
{
    const char *finalize = acme_json_string(object, "finalize");

    return finalize ? (const char *)wmem_map_lookup(orders, finalize) : NULL;
}

static void
learn_finalize(const acme_json_t *object, const char *url)
{
    const char *finalize = acme_keep(ACME_URLS, acme_json_string(object, "finalize"));

    if (finalize && !wmem_map_lookup(orders, finalize) && acme_take(ACME_NAMES, ENTRY_BYTES))
        wmem_map_insert(orders, finalize, (void *)url);
}

static bool
has_failed(const acme_told_t *told)
{
    return strcmp(told->status, "pending") && strcmp(told->status, "valid");
}

/* Takes up an order's authorizations; returns the frame that told of the first of them that came to nothing. */
static uint32_t
take_authorizations(const acme_json_t *object, acme_object_t *order)
{
    jsmntok_t *array = json_get_array(object->text, object->root, "authorizations");
    int count = array ? MIN(json_get_array_len(array), MAX_AUTHORIZATIONS) : 0;
    uint32_t failed = 0;

    for (int i = 0; i < count; i++) {
        const char *url = acme_keep(ACME_URLS, acme_json_text_of(object, json_get_array_index(array, i)));
        acme_object_t *authorization = url ? object_of(url) : NULL;

        if (!authorization)
            continue;
        authorization->holder = order;
        if (!failed && authorization->latest && has_failed(authorization->latest))
            failed = authorization->latest->since_frame;
    }
    return failed;
}

/* --- Answers --- */

static const char *
own_url(const acme_source_t *source, acme_resource_t resource, const acme_json_t *object)
{
    if (resource == ACME_RESOURCE_CHALLENGE && acme_json_string(object, "url"))
        return acme_json_string(object, "url");
    if (is_new(source->asked))
        return source->location;
    if (source->asked == ACME_RESOURCE_FINALIZE)
        return url_of_finalize(object);
    return source->asked == resource ? source->url : NULL;
}

static bool
has_progress(acme_resource_t resource)
{
    return resource == ACME_RESOURCE_ACCOUNT || resource == ACME_RESOURCE_ORDER || resource == ACME_RESOURCE_AUTHORIZATION
        || resource == ACME_RESOURCE_CHALLENGE;
}

const acme_told_t *
acme_progress(packet_info *pinfo, const acme_source_t *source, acme_resource_t resource, const acme_json_t *object)
{
    const char *url;
    acme_told_t *told;

    if (!has_progress(resource))
        return NULL;
    url = acme_keep(ACME_URLS, own_url(source, resource, object));
    told = tell(pinfo, source, resource, url, acme_json_string(object, "status"));
    if (!told)
        return NULL;
    if (resource == ACME_RESOURCE_ORDER) {
        learn_finalize(object, url);
        told->failed_frame = take_authorizations(object, told->object);
    } else if (resource == ACME_RESOURCE_AUTHORIZATION) {
        told->next = tell_challenges(pinfo, source, object, told->object);
    }
    return told;
}

/* Whether a later answer tells that the object came to something. */
static bool
is_settled_after(const acme_object_t *object, uint32_t frame)
{
    const acme_told_t *latest = object->latest;

    return latest && latest->frame > frame && strcmp(latest->status, "pending") && strcmp(latest->status, "processing");
}

/* Whether later answers about what it is part of, or about its own parts, tell that it goes on. */
static bool
goes_on(const acme_told_t *told)
{
    const acme_object_t *holder = told->object->holder;

    for (int i = 0; holder && i < MAX_HOLDERS; i++, holder = holder->holder) {
        if (holder->latest && holder->latest->frame > told->frame && strcmp(holder->latest->status, "pending"))
            return true;
    }
    for (const acme_told_t *part = told->next; part; part = part->next) {
        if (is_settled_after(part->object, told->frame))
            return true;
    }
    return false;
}

bool
acme_progress_is_stuck(const acme_told_t *told)
{
    if (told->object->latest != told || goes_on(told))
        return false;
    return (!strcmp(told->status, "processing") && told->count >= POLLED_PROCESSING)
        || (!strcmp(told->status, "pending") && told->count >= POLLED_PENDING);
}

/* --- Registration --- */

static void
acme_progress_init(void)
{
    objects = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
    orders = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
    restarts = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
}

void
acme_register_progress(void)
{
    register_init_routine(acme_progress_init);
}

/* hkp-answer.c
 * What a key server answers; see hkp-answer.h
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

#include "hkp-answer.h"
#include "hkp-index.h"
#include "hkp-json.h"
#include "hkp-json-index.h"
#include "hkp-page.h"
#include "hkp-upload.h"
#include "compat.h"

/* Names in the Info column. */
#define INFO_NAMES 3

#define NOT_MODIFIED 304
#define FORBIDDEN    403

/* An answer being read. */
typedef struct reading {
    http_message_t    *message;
    const hkp_asked_t *asked;
    tvbuff_t          *body;
    hkp_text_t         text;    /* of the body */
    proto_tree        *tree;
    hkp_answer_t      *answer;
} reading_t;

const char *
hkp_outcome_name(hkp_outcome_t outcome)
{
    static const char *const names[] = {
        NULL, "found", "not found", "key mismatch", "accepted", "refused", "unreadable", "error", "not modified",
        "no response"
    };

    return names[outcome];
}

static bool
is_positive(const http_message_t *message)
{
    return message->status >= 200 && message->status < 300;
}

static bool
is_missing(const http_message_t *message)
{
    return message->status == 404 || message->status == 410;
}

/* Nothing of it is missing, nor was a part of it asked for. */
static bool
is_whole(const http_message_t *message)
{
    return message->complete && message->status != HKP_PARTIAL_CONTENT;
}

/* Whether a body would come, had not the head alone been asked for. */
static bool
announces_body(http_message_t *message)
{
    const char *length = http_message_header(message, "Content-Length");

    return length ? strcmp(length, "0") != 0 : http_message_header(message, "Transfer-Encoding") != NULL;
}

/* --- Indexes --- */

/* The ID may be that of a subkey: few lists have those. */
static void
take_listing(const reading_t *reading, const hkp_listing_t *listing)
{
    const hkp_asked_t *asked = reading->asked;
    hkp_answer_t *answer = reading->answer;

    answer->found = listing->keys > 0 ? FOUND_YES : is_whole(reading->message) && !listing->announced ? FOUND_NO : FOUND_UNKNOWN;
    if (answer->found != FOUND_UNKNOWN)
        answer->text = hkp_listing_text(listing);
    answer->listed = true;
    if (listing->keys == 0 || listing->cut || !is_whole(reading->message))
        return;
    answer->mismatch = (asked->hex && listing->has_subkeys && !listing->has_id)
        || (asked->address && asked->whole_address && listing->names > 0 && !listing->has_address);
}

static bool
read_json_index(const reading_t *reading)
{
    hkp_json_index_t kind = hkp_json_index_kind(reading->text);
    hkp_listing_t listing;

    if (kind == HKP_JSON_NO_INDEX)
        return false;
    listing = hkp_listing_new(reading->message, reading->asked, reading->body, reading->tree);
    hkp_show_json_index(&listing, reading->text);
    take_listing(reading, &listing);
    return true;
}

static bool
read_index(const reading_t *reading)
{
    hkp_listing_t listing;

    if (!hkp_is_index(reading->text))
        return read_json_index(reading);
    listing = hkp_listing_new(reading->message, reading->asked, reading->body, reading->tree);
    hkp_show_index(&listing, reading->text);
    take_listing(reading, &listing);
    return true;
}

/* An index for people has links to keys in lines of keys. As above, one without subkeys refutes nothing. */
static bool
read_page_index(const reading_t *reading)
{
    hkp_links_t links = hkp_page_links(reading->message->pinfo->pool, reading->text, reading->asked->hex);

    if (!links.lists_keys)
        return false;
    reading->answer->found = FOUND_YES;
    reading->answer->listed = true;
    reading->answer->mismatch = is_whole(reading->message) && reading->text.length <= HKP_PAGE_MAX && reading->asked->hex
        && links.has_subkeys && !links.has_id;
    return true;
}

/* --- Keys --- */

/* The key that was asked for by 64 digits tells of which version they are. */
static uint8_t
kind_of_key(const hkp_asked_t *asked, const openpgp_summary_t *summary)
{
    for (unsigned i = 0; asked->kind == KIND_V5_OR_V6 && i < wmem_array_get_count(summary->keys); i++) {
        const openpgp_key_t *key = (const openpgp_key_t *)wmem_array_index(summary->keys, i);

        if (!strcmp(key->fingerprint, asked->hex))
            return key->version == 5 ? KIND_V5 : KIND_V6;
    }
    return KIND_NONE;
}

static void
take_keys(const reading_t *reading)
{
    const hkp_asked_t *asked = reading->asked;
    hkp_answer_t *answer = reading->answer;
    const hkp_keys_t *keys = &answer->keys;

    answer->found = FOUND_YES;
    answer->kind = kind_of_key(asked, keys->summary);
    answer->text = openpgp_keys_text(reading->message->pinfo->pool, keys->summary, INFO_NAMES);
    if (asked->expected != EXPECT_KEY || !is_whole(reading->message) || !keys->readable)
        return;
    answer->mismatch = (asked->hex && !openpgp_has_key(keys->summary, asked->hex)) || (asked->address && !keys->has_address);
}

static bool
read_keys(const reading_t *reading)
{
    hkp_answer_t *answer = reading->answer;

    answer->keys = hkp_read_keys(reading->message, reading->body, reading->asked);
    if (!answer->keys.summary || answer->keys.summary->primary_keys == 0)
        return false;
    take_keys(reading);
    return true;
}

static bool
read_hashquery(const reading_t *reading)
{
    hkp_answer_t *answer = reading->answer;
    uint32_t listed = 0;

    if (!hkp_read_hashquery(reading->message, reading->body, reading->tree, &answer->keys, &listed))
        return false;
    if (answer->keys.summary && answer->keys.summary->primary_keys > 0)
        take_keys(reading);
    else if (listed == 0)
        answer->found = FOUND_NO;
    return true;
}

/* --- Files of a Web Key Directory --- */

static void
read_file(const reading_t *reading)
{
    bool is_readable = reading->body ? !hkp_is_page(reading->text) : reading->message->body_length == 0;

    if (is_readable)
        reading->answer->found = FOUND_YES;
}

/* --- Lookups --- */

/* Of SKS; draft-shaw-openpgp-hkp section 5 has it under another name. */
static bool
counts_none(http_message_t *message)
{
    const char *count = http_message_header(message, "X-HKP-Results-Count");

    return count && !strcmp(count, "0");
}

/* Who stands before the key server says so. */
static bool
is_of_gateway(const http_message_t *message)
{
    return message->status >= 502 && message->status <= 504;
}

/* A path of a Web Key Directory is a file of it: its status is all that a server says, any words are of any page. */
static hkp_says_t
says(const reading_t *reading)
{
    hkp_says_t words = HKP_SAYS_NOTHING;

    if (reading->body && !reading->asked->of_wkd)
        words = hkp_page_says(reading->message->pinfo->pool, reading->text, reading->asked->search);
    return words == HKP_SAYS_NOT_FOUND && is_of_gateway(reading->message) ? HKP_SAYS_NOTHING : words;
}

/* Whether all words of the server are there, of which some might say that it is the path that is missing. */
static bool
is_heard(const reading_t *reading)
{
    if (reading->asked->is_head)
        return !announces_body(reading->message);
    return is_whole(reading->message) && (reading->body || reading->message->body_length == 0);
}

/* Software by which a server names itself; draft-shaw-openpgp-hkp has the port. What stands before one has other names. */
static bool
names_key_server(const reading_t *reading)
{
    static const char *const names[] = { "hockeypuck", "sks_www", "onak", "pks_www", "hagrid" };
    const packet_info *pinfo = reading->message->pinfo;
    const char *server = http_message_header(reading->message, "Server");
    const char *lower = server ? wmem_ascii_strdown(pinfo->pool, server, -1) : "";

    if (pinfo->srcport == HKP_PORT)
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strstr(lower, names[i]))
            return true;
    }
    return false;
}

/* A status with no word beside it is a key server's where there is one. */
static bool
is_silent_stranger(const reading_t *reading)
{
    return reading->message->body_length == 0 && !names_key_server(reading)
        && !hkp_is_known_server(reading->message->pinfo, reading->asked);
}

/* Of a key server a page that any web server has for what it does not know proves nothing, and nothing what was not captured. */
static bool
status_denies(const reading_t *reading)
{
    if (!is_missing(reading->message) || reading->asked->expected == EXPECT_HASHQUERY)
        return false;
    return reading->asked->of_wkd
        || (is_heard(reading) && !(reading->body && hkp_is_page(reading->text)) && !is_silent_stranger(reading));
}

static bool
may_be_index(const hkp_asked_t *asked)
{
    return asked->expected == EXPECT_INDEX || asked->expected == EXPECT_EITHER;
}

/* What is sent with success. */
static bool
read_contents(const reading_t *reading)
{
    if (!reading->body)
        return false;
    if (reading->asked->expected == EXPECT_HASHQUERY)
        return read_hashquery(reading);
    if (may_be_index(reading->asked) && read_index(reading))
        return true;
    return read_keys(reading) || (may_be_index(reading->asked) && read_page_index(reading));
}

/* An error that a server tells in its own words, or plainly; a page of an error may be anybody's. */
static bool
is_plain_error(const reading_t *reading, hkp_says_t words)
{
    bool is_heard_enough = is_heard(reading) || (reading->asked->is_head && !is_missing(reading->message));

    if (is_missing(reading->message) && is_silent_stranger(reading))
        return false;
    return words == HKP_SAYS_ERROR ||
        (reading->message->status >= 400 && is_heard_enough && !(reading->body && hkp_is_page(reading->text)));
}

static void
read_lookup(const reading_t *reading)
{
    hkp_answer_t *answer = reading->answer;
    hkp_says_t words;

    if (is_positive(reading->message) && reading->asked->is_head)
        return;
    /* What is not there may be the operation. */
    if (!is_positive(reading->message) && reading->asked->expected == EXPECT_EITHER) {
        if (reading->message->status >= 400)
            answer->outcome = HKP_OUTCOME_ERROR;
        return;
    }
    if (is_positive(reading->message) && reading->asked->expected == EXPECT_FILE)
        read_file(reading);
    else if (is_positive(reading->message) && read_contents(reading))
        return;
    else if ((words = says(reading)) == HKP_SAYS_NOT_FOUND || counts_none(reading->message) ||
            (status_denies(reading) && words == HKP_SAYS_NOTHING))
        answer->found = FOUND_NO;
    else if (is_plain_error(reading, words))
        answer->outcome = HKP_OUTCOME_ERROR;
}

static hkp_outcome_t
outcome_of_lookup(const hkp_answer_t *answer)
{
    if (answer->outcome != HKP_OUTCOME_NONE)
        return answer->outcome;
    if (answer->found == FOUND_UNKNOWN)
        return HKP_OUTCOME_UNREADABLE;
    if (answer->mismatch)
        return HKP_OUTCOME_KEY_MISMATCH;
    return answer->found == FOUND_YES ? HKP_OUTCOME_FOUND : HKP_OUTCOME_NOT_FOUND;
}

/* --- Other answers --- */

static hkp_outcome_t
outcome_of_status(const reading_t *reading)
{
    if (is_positive(reading->message))
        return HKP_OUTCOME_ACCEPTED;
    return reading->message->status < 400 ? HKP_OUTCOME_UNREADABLE : HKP_OUTCOME_ERROR;
}

/* What anybody between says: who may ask, whether there is such a path or method, how often; by a page, also that one may not. */
static bool
is_of_anybody(uint16_t status, bool is_page)
{
    static const uint16_t statuses[] = { 401, 404, 405, 407, 408, 417, 429 };

    for (size_t i = 0; i < G_N_ELEMENTS(statuses); i++) {
        if (status == statuses[i])
            return true;
    }
    return status >= 500 || (status == FORBIDDEN && is_page);
}

/* What was sent is taken where the server says so; where it says nothing at all, its status does. */
static hkp_outcome_t
outcome_of_upload(const reading_t *reading)
{
    bool is_page = reading->body && hkp_is_page(reading->text);
    uint16_t status = reading->message->status;
    hkp_upload_t upload = { HKP_UPLOAD_UNSAID, NULL };

    if (reading->body)
        upload = hkp_read_upload(reading->message->pinfo->pool, reading->body, reading->tree);
    if (upload.text)
        reading->answer->text = wmem_strdup_printf(reading->message->pinfo->pool, "%s: %s", hkp_operation_name(reading->asked),
            upload.text);
    if (upload.verdict != HKP_UPLOAD_UNSAID && status >= 500)
        return HKP_OUTCOME_ERROR;
    if (upload.verdict != HKP_UPLOAD_UNSAID)
        return upload.verdict == HKP_UPLOAD_ACCEPTED ? HKP_OUTCOME_ACCEPTED : HKP_OUTCOME_REFUSED;
    if (status >= 400 && !is_of_anybody(status, is_page))
        return HKP_OUTCOME_REFUSED;
    return is_page ? HKP_OUTCOME_UNREADABLE : outcome_of_status(reading);
}

hkp_answer_t
hkp_read_answer(http_message_t *message, const hkp_asked_t *asked, tvbuff_t *body, proto_tree *tree)
{
    hkp_answer_t answer = { .found = FOUND_UNKNOWN, .outcome = HKP_OUTCOME_NONE };
    reading_t reading = { message, asked, body, { NULL, 0, 0 }, tree, &answer };

    if (message->interim)
        return answer;
    if (body)
        reading.text = hkp_text_of(body);
    if (asked->expected == EXPECT_UPLOAD) {
        answer.outcome = outcome_of_upload(&reading);
    } else if (message->status == NOT_MODIFIED) {
        answer.outcome = HKP_OUTCOME_NOT_MODIFIED;
    } else if (asked->expected == EXPECT_NOTHING) {
        answer.outcome = outcome_of_status(&reading);
    } else {
        read_lookup(&reading);
        answer.outcome = outcome_of_lookup(&answer);
    }
    answer.proves_server = !asked->of_wkd && asked->expected != EXPECT_FILE
        && (answer.found == FOUND_YES || (answer.found == FOUND_NO && body));
    return answer;
}

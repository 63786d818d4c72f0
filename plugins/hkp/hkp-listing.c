/* hkp-listing.c
 * The keys that an index lists; see hkp-listing.h
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
#include <wsutil/utf8_entities.h>

#include "hkp-compare.h"
#include "hkp-listing.h"
#include "openpgp-codes.h"
#include "compat.h"

/* Names in the Info column. */
#define INFO_NAMES 3

static int hf_hkp_index_keyid = -1;
static int hf_hkp_index_algorithm = -1;
static int hf_hkp_index_keylen = -1;
static int hf_hkp_index_creation = -1;
static int hf_hkp_index_expiration = -1;
static int hf_hkp_index_flags = -1;
static int hf_hkp_index_uid = -1;

static int ett_hkp_index_key = -1;

hkp_listing_t
hkp_listing_new(http_message_t *message, const hkp_asked_t *asked, tvbuff_t *tvb, proto_tree *tree)
{
    return (hkp_listing_t){
        .message = message, .asked = asked, .tvb = tvb, .tree = tree, .info = wmem_strbuf_new(message->pinfo->pool, NULL)
    };
}

void
hkp_listing_count_key(hkp_listing_t *listing)
{
    listing->keys++;
    listing->first_uid = true;
}

void
hkp_listing_add_key(hkp_listing_t *listing, hkp_text_t at)
{
    hkp_listing_count_key(listing);
    listing->key_tree = proto_tree_add_subtree(listing->tree, listing->tvb, at.offset, at.length, ett_hkp_index_key,
            &listing->key_item, "Key");
}

void
hkp_listing_add_id(hkp_listing_t *listing, hkp_text_t at, const char *id, bool shown)
{
    const char *digits = hkp_upper_case(listing->message->pinfo->pool, id);

    if (digits[0] == '0' && digits[1] == 'X')
        digits += 2;
    if (listing->asked->hex && hkp_is_hex(digits, strlen(digits)) && hkp_ids_agree(digits, listing->asked->hex))
        listing->has_id = true;
    if (!shown)
        return;
    proto_item_append_text(listing->key_item, " 0x%s", digits);
    if (digits[0] != '\0')
        proto_tree_add_string(listing->key_tree, hf_hkp_index_keyid, listing->tvb, at.offset, at.length, digits);
}

void
hkp_listing_add_number(hkp_listing_t *listing, hkp_listed_number_t field, hkp_text_t at, uint32_t value)
{
    proto_tree_add_uint(listing->key_tree, field == HKP_LISTED_ALGORITHM ? hf_hkp_index_algorithm : hf_hkp_index_keylen,
            listing->tvb, at.offset, at.length, value);
}

void
hkp_listing_add_time(hkp_listing_t *listing, proto_tree *tree, hkp_listed_time_t field, hkp_text_t at, uint64_t seconds)
{
    nstime_t when = NSTIME_INIT_ZERO;

    when.secs = (time_t)seconds;
    proto_tree_add_time(tree, field == HKP_LISTED_CREATION ? hf_hkp_index_creation : hf_hkp_index_expiration, listing->tvb,
            at.offset, at.length, &when);
}

bool
hkp_listing_wants_uid(const hkp_listing_t *listing)
{
    return listing->tree || (listing->first_uid && listing->names < INFO_NAMES)
        || (listing->asked->address && !listing->has_address);
}

void
hkp_listing_skip_uid(hkp_listing_t *listing)
{
    listing->names += listing->first_uid;
    listing->first_uid = false;
}

static void
note_name(hkp_listing_t *listing, const char *uid)
{
    const char *name;

    if (!listing->key_item && listing->names >= INFO_NAMES) {
        listing->names++;
        return;
    }
    name = hkp_shortened(listing->message->pinfo->pool, uid, HKP_INFO_SEARCH);
    if (listing->key_item)
        proto_item_append_text(listing->key_item, ", %s", name);
    if (listing->names++ >= INFO_NAMES)
        return;
    if (listing->names > 1)
        wmem_strbuf_append(listing->info, ", ");
    wmem_strbuf_append(listing->info, name);
}

static bool
is_of_address(const hkp_asked_t *asked, const char *uid)
{
    return asked->whole_address ? hkp_userid_is_of(uid, asked->address) : hkp_userid_contains(uid, asked->address);
}

proto_item *
hkp_listing_add_uid(hkp_listing_t *listing, hkp_text_t at, const char *uid)
{
    proto_tree *tree = listing->key_tree ? listing->key_tree : listing->tree;

    if (listing->first_uid)
        note_name(listing, uid);
    listing->first_uid = false;
    if (listing->asked->address && !listing->has_address && is_of_address(listing->asked, uid))
        listing->has_address = true;
    return tree ? proto_tree_add_string(tree, hf_hkp_index_uid, listing->tvb, at.offset, at.length, uid) : NULL;
}

void
hkp_listing_add_flags(hkp_listing_t *listing, proto_tree *tree, hkp_text_t at, const char *flags)
{
    proto_tree_add_string(tree, hf_hkp_index_flags, listing->tvb, at.offset, at.length, flags);
}

const char *
hkp_listing_text(const hkp_listing_t *listing)
{
    return wmem_strdup_printf(listing->message->pinfo->pool, "%u key%s%s%s%s", listing->keys, plurality(listing->keys, "", "s"),
            listing->names > 0 ? ": " : "", wmem_strbuf_get_str(listing->info),
            listing->names > INFO_NAMES ? ", " UTF8_HORIZONTAL_ELLIPSIS : "");
}

void
hkp_register_listing(int proto)
{
    static hf_register_info hf[] = {
        { &hf_hkp_index_keyid,
          { "Key ID or fingerprint", "hkp.index.keyid",
            FT_STRING, BASE_NONE, NULL, 0, "Key that the line of the index is about", HFILL }},
        { &hf_hkp_index_algorithm,
          { "Algorithm", "hkp.index.algorithm",
            FT_UINT8, BASE_DEC, VALS(openpgp_public_key_algorithms), 0,
            "Public-key algorithm of the key, as a number of OpenPGP", HFILL }},
        { &hf_hkp_index_keylen,
          { "Key length", "hkp.index.keylen",
            FT_UINT32, BASE_DEC, NULL, 0, "Length of the key in bits", HFILL }},
        { &hf_hkp_index_creation,
          { "Created", "hkp.index.creation",
            FT_ABSOLUTE_TIME, ABSOLUTE_TIME_UTC, NULL, 0, "When the key was made; absent where the line does not tell", HFILL }},
        { &hf_hkp_index_expiration,
          { "Expires", "hkp.index.expiration",
            FT_ABSOLUTE_TIME, ABSOLUTE_TIME_UTC, NULL, 0,
            "When the key expires; absent where it does not, or the line does not tell", HFILL }},
        { &hf_hkp_index_flags,
          { "Flags", "hkp.index.flags",
            FT_STRING, BASE_NONE, NULL, 0, "r revoked, d disabled, e expired", HFILL }},
        { &hf_hkp_index_uid,
          { "User ID", "hkp.index.uid",
            FT_STRING, BASE_NONE, NULL, 0, "User ID of the key, percent-decoded", HFILL }},
    };
    static int *ett[] = {
        &ett_hkp_index_key,
    };

    proto_register_field_array(proto, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
}

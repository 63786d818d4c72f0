/* packet-openpgp.c
 * Routines for OpenPGP dissection
 *
 * RFC 9580 (versions 4 and 6) and RFC 4880 (version 3), with what LibrePGP adds: packets in their old and new
 * format, binary or as ASCII armor. What the data are is told by openpgp-parse.h; this file shows the packets, joins
 * partial lengths and hands each packet to the file that knows it: openpgp-key.c, openpgp-signature.c,
 * openpgp-message.c. openpgp-armor.c shows armor, openpgp-http.c finds what HTTP carries.
 *
 * All state lives in openpgp_context_t, for one body, in pinfo->pool. Each packet that ends too soon or makes no sense is
 * expert information, and the next one is looked at.
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

#define WS_LOG_DOMAIN "OpenPGP"

#include <string.h>
#include <epan/packet.h>
#include <epan/exceptions.h>
#include <epan/expert.h>
#include <epan/prefs.h>
#include <epan/proto_data.h>
#include <wsutil/wslog.h>

#include "api-bool.h"
#include "openpgp-armor.h"
#ifndef GAPFILL_IN_TREE
#include "openpgp-dns.h"
#include "openpgp-ftp.h"
#include "openpgp-http.h"
#include "openpgp-mail.h"
#endif
#include "openpgp-inflate.h"
#include "openpgp-key.h"
#include "openpgp-message.h"
#include "openpgp-parse-armor.h"
#include "openpgp-signature.h"
#include "openpgp-material.h"
#include "standin.h"
#include "tap-openpgp.h"
#include "compat.h"

#define PARTIAL_FIRST_MIN   512

/* Names in labels and in the Info column. */
#define INFO_NAMES          3

/* Of what this protocol keeps with a packet; mail and exported objects have others. */
#define INFO_DATA           1

void proto_register_openpgp(void);
void proto_reg_handoff_openpgp(void);

static int proto_openpgp = -1;
static api_bool_t show_in_columns = true;

static int hf_packet_new_format = -1;
static int hf_packet_tag = -1;
static int hf_packet_length_type = -1;
static int hf_packet_length = -1;
static int hf_packet_partial_length = -1;
static int hf_packet_data = -1;
static int hf_trust = -1;
static int hf_padding = -1;
static int hf_mime_version = -1;

static int ett_openpgp = -1;
static int ett_packet = -1;

static expert_field ei_no_packet = EI_INIT;
static expert_field ei_partial = EI_INIT;

static dissector_handle_t openpgp_handle;
static dissector_handle_t openpgp_stream_handle;

static const value_string length_types[] = {
    { 0, "One octet" },
    { 1, "Two octets" },
    { 2, "Four octets" },
    { 3, "Indeterminate" },
    { 0, NULL }
};

/* Headers */

static void
add_header(proto_tree *tree, tvbuff_t *tvb, unsigned offset, const openpgp_header_t *header)
{
    proto_tree_add_item(tree, hf_packet_new_format, tvb, offset, 1, ENC_NA);
    proto_tree_add_uint(tree, hf_packet_tag, tvb, offset, 1, header->tag);
    if (!header->new_format)
        proto_tree_add_item(tree, hf_packet_length_type, tvb, offset, 1, ENC_NA);
}

/* Bodies */

/* Cut by the capture, here or in front of this: that is no fault of the data. */
static bool
is_snapped(const openpgp_context_t *context, tvbuff_t *tvb)
{
    return context->snapped || tvb_captured_length(tvb) < tvb_reported_length(tvb);
}

static void
add_partial_lengths(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned offset,
    openpgp_header_t header, unsigned end)
{
    while (header.partial && offset + header.length < end && openpgp_has_room(context, tree)) {
        proto_tree_add_uint(tree, hf_packet_partial_length, tvb, offset - header.length_size, header.length_size,
            header.length);
        offset += header.length;
        if (!openpgp_read_part(openpgp_data_of(tvb), offset, &header))
            return;
        offset += header.length_size;
    }
}

static bool
may_be_partial(uint8_t tag)
{
    return tag == OPENPGP_TAG_COMPRESSED || tag == OPENPGP_TAG_SED || tag == OPENPGP_TAG_LITERAL ||
        tag == OPENPGP_TAG_SEIPD || tag == OPENPGP_TAG_AEAD;
}

static unsigned
join_partial(openpgp_context_t *context, proto_tree **tree, tvbuff_t *tvb, unsigned offset, const openpgp_header_t *header,
        openpgp_packet_t *packet)
{
    unsigned end;
    openpgp_data_t data = openpgp_data_of(tvb);
    unsigned total = openpgp_join_parts(data, offset, *header, NULL, &end, &packet->cut);
    uint8_t *buffer = (uint8_t *)wmem_alloc(context->pinfo->pool, MAX(total, 1));

    openpgp_join_parts(data, offset, *header, buffer, &end, &packet->cut);
    packet->short_data = packet->cut && !is_snapped(context, tvb);
    if (!packet->cut || packet->short_data)
        proto_tree_add_uint(*tree, hf_packet_length, tvb, offset - header->length_size, header->length_size, total);
    add_partial_lengths(context, *tree, tvb, offset, *header, end);
    if (header->length < PARTIAL_FIRST_MIN || !may_be_partial(header->tag))
        expert_add_info(context->pinfo, *tree, &ei_partial);
    packet->body = openpgp_new_tvb(context, tvb, buffer, total, "OpenPGP packet with partial lengths", tree);
    return end;
}

static unsigned
take_body(const openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned offset, const openpgp_header_t *header,
        openpgp_packet_t *packet)
{
    unsigned left = tvb_reported_length_remaining(tvb, offset);
    unsigned length = MIN(header->length, left);
    bool endless = header->indeterminate && context->snapped;
    proto_item *item;

    packet->cut = endless || header->length > (unsigned)tvb_captured_length_remaining(tvb, offset);
    packet->short_data = header->length > left && !context->snapped;
    packet->body = tvb_new_subset_length(tvb, offset, length);
    if (endless)
        return offset + length;
    item = proto_tree_add_uint(tree, hf_packet_length, tvb, offset - header->length_size, header->length_size, header->length);
    if (header->indeterminate)
        proto_item_set_generated(item);
    return offset + length;
}

static void
dissect_body(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item)
{
    switch (packet->tag) {
    case OPENPGP_TAG_PKESK:
        openpgp_dissect_pkesk(context, packet, tree, item);
        break;
    case OPENPGP_TAG_SIGNATURE:
        openpgp_dissect_signature(context, packet->body, tree, item);
        break;
    case OPENPGP_TAG_SKESK:
        openpgp_dissect_skesk(context, packet, tree, item);
        break;
    case OPENPGP_TAG_ONE_PASS:
        openpgp_dissect_one_pass(context, packet, tree, item);
        break;
    case OPENPGP_TAG_SECRET_KEY:
    case OPENPGP_TAG_PUBLIC_KEY:
    case OPENPGP_TAG_SECRET_SUBKEY:
    case OPENPGP_TAG_PUBLIC_SUBKEY:
        openpgp_dissect_key(context, packet, tree, item);
        break;
    case OPENPGP_TAG_COMPRESSED:
        openpgp_dissect_compressed(context, packet, tree, item);
        break;
    case OPENPGP_TAG_SED:
    case OPENPGP_TAG_SEIPD:
    case OPENPGP_TAG_AEAD:
        openpgp_dissect_encrypted(context, packet, tree, item);
        break;
    case OPENPGP_TAG_MARKER:
        openpgp_dissect_marker(context, packet, tree, item);
        break;
    case OPENPGP_TAG_LITERAL:
        openpgp_dissect_literal(context, packet, tree, item);
        break;
    case OPENPGP_TAG_TRUST:
        openpgp_add_rest(tree, hf_trust, packet->body, 0);
        break;
    case OPENPGP_TAG_USER_ID:
        openpgp_dissect_user_id(context, packet, tree, item);
        break;
    case OPENPGP_TAG_USER_ATTRIBUTE:
        openpgp_dissect_user_attribute(context, packet, tree, item);
        break;
    case OPENPGP_TAG_MDC:
        openpgp_dissect_mdc(context, packet, tree, item);
        break;
    case OPENPGP_TAG_PADDING:
        openpgp_add_rest(tree, hf_padding, packet->body, 0);
        break;
    default:
        expert_add_info(context->pinfo, item, &ei_openpgp_unknown);
        openpgp_add_rest(tree, hf_packet_data, packet->body, 0);
        break;
    }
}

static void
try_body(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item)
{
    unsigned nesting = context->nesting;

    if (packet->short_data)
        expert_add_info(context->pinfo, item, &ei_openpgp_truncated);
    TRY {
        dissect_body(context, packet, tree, item);
    }
    CATCH_BOUNDS_ERRORS {
        context->nesting = nesting;
        if (!packet->cut)
            expert_add_info(context->pinfo, item, &ei_openpgp_malformed);
    }
    ENDTRY;
}

/* What the packet means for the block */

static void
classify(openpgp_context_t *context, uint8_t tag)
{
    context->packets++;
    if (openpgp_is_key(tag) || openpgp_is_of_message(tag))
        context->primary = NULL;
    if (openpgp_is_key(tag) || openpgp_is_of_message(tag) || openpgp_is_subkey(tag))
        context->key = NULL;
}

/* Returns where the next packet begins. */
static unsigned
dissect_packet(openpgp_context_t *context, tvbuff_t *tvb, proto_tree *tree, unsigned start, const openpgp_header_t *header)
{
    openpgp_packet_t packet = { .tag = header->tag };
    proto_item *item = NULL;
    unsigned end;

    if (tree) {
        tree = proto_tree_add_subtree_format(tree, tvb, start, header->size, ett_packet, &item, "%s Packet",
            val_to_str(context->pinfo->pool, header->tag, openpgp_tags, "Unknown (%u)"));
        add_header(tree, tvb, start, header);
    }
    classify(context, header->tag);
    if (header->partial)
        end = join_partial(context, &tree, tvb, start + header->size, header, &packet);
    else
        end = take_body(context, tree, tvb, start + header->size, header, &packet);
    proto_item_set_len(item, MIN(end, tvb_captured_length(tvb)) - start);
    try_body(context, &packet, tree, item);
    return end;
}

static void
dissect_packets(openpgp_context_t *context, tvbuff_t *tvb, proto_tree *tree)
{
    unsigned length = tvb_captured_length(tvb);
    unsigned offset = 0;
    openpgp_header_t header;

    while (offset < length) {
        if (context->packets >= OPENPGP_MAX_PACKETS) {
            proto_tree_add_expert(tree, context->pinfo, &ei_openpgp_limit, tvb, offset, -1);
            return;
        }
        if (!openpgp_read_header(openpgp_data_of(tvb), offset, &header)) {
            proto_tree_add_expert(tree, context->pinfo, &ei_no_packet, tvb, offset, -1);
            return;
        }
        if (header.size == 0) {
            if (!is_snapped(context, tvb))
                proto_tree_add_expert(tree, context->pinfo, &ei_openpgp_truncated, tvb, offset, -1);
            return;
        }
        if (tree && !openpgp_has_room(context, tree))
            tree = NULL;
        offset = dissect_packet(context, tvb, tree, offset, &header);
    }
}

/* What is there; nothing is shown of it. */
static const openpgp_summary_t *
parse(tvbuff_t *tvb, packet_info *pinfo)
{
    return openpgp_parse(pinfo->pool, openpgp_data_of(tvb));
}

/* An item that was made for what is to be shown later. */
static bool
is_of_openpgp(const proto_tree *tree)
{
    return tree && PNODE_FINFO(tree) && PNODE_FINFO(tree)->hfinfo->id == proto_openpgp;
}

/* The frame that is dissected, or was before, if it added something to Info: others need not be asked. */
static uint32_t latest_with_text;

static bool
has_info(const packet_info *pinfo)
{
    return pinfo->num == latest_with_text;
}

/* What was added to Info: whoever shows the carrier, such as HKP, may have written it anew. */
static void
info_again(packet_info *pinfo)
{
    wmem_list_t *texts = !has_info(pinfo) ? NULL
        : (wmem_list_t *)p_get_proto_data(pinfo->pool, pinfo, proto_openpgp, INFO_DATA);
    wmem_list_frame_t *frame = texts ? wmem_list_head(texts) : NULL;

    for (; frame; frame = wmem_list_frame_next(frame)) {
        const char *text = (const char *)wmem_list_frame_data(frame);
        const char *info = col_get_text(pinfo->cinfo, COL_INFO);

        if (info && !strstr(info, text))
            col_append_str(pinfo->cinfo, COL_INFO, text);
    }
}

/* What keeps the keys of a body from being used. */
static void
add_to_info(packet_info *pinfo, const openpgp_review_t *review)
{
    const char *text = show_in_columns ? openpgp_review_text(review) : NULL;
    wmem_list_t *texts;

    if (!text)
        return;
    texts = (wmem_list_t *)p_get_proto_data(pinfo->pool, pinfo, proto_openpgp, INFO_DATA);
    if (!texts) {
        texts = wmem_list_new(pinfo->pool);
        p_add_proto_data(pinfo->pool, pinfo, proto_openpgp, INFO_DATA, texts);
    }
    latest_with_text = pinfo->num;
    wmem_list_append(texts, wmem_strdup_printf(pinfo->pool, " [%s]", text));
    info_again(pinfo);
}

/* Does not throw; of the columns it touches the end of Info. */
static proto_tree *
show(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const openpgp_summary_t *summary, const openpgp_subject_t *of)
{
    openpgp_context_t context = {
        .pinfo = pinfo, .inflate_left = openpgp_inflate_limit(tvb_captured_length(tvb)),
        .parts_left = MIN(OPENPGP_MIN_PARTS + tvb_captured_length(tvb), OPENPGP_MAX_PARTS), .dissect_packets = dissect_packets,
        .review = openpgp_review(pinfo, openpgp_data_of(tvb), of)
    };
    const char *saved = standin_speak_as(pinfo, "OpenPGP");
    proto_item *item = is_of_openpgp(tree) ? tree : proto_tree_add_item(tree, proto_openpgp, tvb, 0, -1, ENC_NA);
    proto_tree *openpgp_tree = proto_item_add_subtree(item, ett_openpgp);

    if (openpgp_is_binary(openpgp_data_of(tvb), false))
        dissect_packets(&context, tvb, openpgp_tree);
    else
        openpgp_dissect_armor(&context, tvb, openpgp_tree);
    pinfo->current_proto = saved;
    if (summary->primary_keys)
        proto_item_append_text(item, ", %s", openpgp_keys_text(pinfo->pool, summary, INFO_NAMES));
    add_to_info(pinfo, context.review);
    tap_openpgp_queue(pinfo, context.review);
    return openpgp_tree;
}

#ifndef GAPFILL_IN_TREE
static bool
is_for_info(const packet_info *pinfo)
{
    return show_in_columns && col_get_writable(pinfo->cinfo, COL_INFO);
}

/* Where nothing is shown but the columns. */
static void
review(tvbuff_t *tvb, packet_info *pinfo, const openpgp_subject_t *of)
{
    const openpgp_review_t *reviewed;

    if (!tap_openpgp_is_on() && !(openpgp_review_is_on() && (!PINFO_FD_VISITED(pinfo) || is_for_info(pinfo))))
        return;
    reviewed = openpgp_review(pinfo, openpgp_data_of(tvb), of);
    add_to_info(pinfo, reviewed);
    tap_openpgp_queue(pinfo, reviewed);
}
#endif

/* Dissectors */

/* RFC 3156: the first part of multipart/encrypted says "Version: 1" and nothing else. */
static int
dissect_mime_version(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    static const char name[] = "Version:";
    const unsigned start = sizeof name - 1;
    unsigned length = tvb_captured_length(tvb);
    openpgp_context_t context = { .pinfo = pinfo };
    proto_item *item;
    unsigned end;

    if (length <= start || tvb_strncaseeql(tvb, 0, name, start) != 0)
        return 0;
    item = proto_tree_add_item(tree, proto_openpgp, tvb, 0, -1, ENC_NA);
    end = start + tvb_find_line_end(tvb, start, -1, NULL, false);
    for (length = start; length < end && tvb_get_uint8(tvb, length) == ' '; length++)
        ;
    openpgp_add_text(&context, proto_item_add_subtree(item, ett_openpgp), hf_mime_version, tvb, length, end - length,
        TEXT_LINE);
    return tvb_captured_length(tvb);
}

/* Info names the media type, as it does where Wireshark shows one that it cannot read. */
static void
add_media_type(packet_info *pinfo)
{
    if (pinfo->match_string)
        col_append_fstr(pinfo->cinfo, COL_INFO, " (%s)", pinfo->match_string);
}

/* A part of a mail is shown once all of the mail is read. */
static void
show_or_defer(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const openpgp_summary_t *summary)
{
    const openpgp_subject_t *subject = NULL;

#ifndef GAPFILL_IN_TREE
    if (openpgp_mail_is_read()) {
        if (summary->present)       /* Wireshark wants an item now */
            tree = proto_item_add_subtree(proto_tree_add_item(tree, proto_openpgp, tvb, 0, -1, ENC_NA), ett_openpgp);
        openpgp_mail_defer(tvb, pinfo, tree);
        return;
    }
    subject = openpgp_http_subject(pinfo, tvb);
#endif
    if (summary->present)
        show(tvb, pinfo, tree, summary, subject);
}

static int
dissect_openpgp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    const openpgp_summary_t *summary = parse(tvb, pinfo);
    int length = tvb_captured_length(tvb);

    if (summary->present)
        add_media_type(pinfo);
    show_or_defer(tvb, pinfo, tree, summary);
    if (summary->present)
        return length;
    length = dissect_mime_version(tvb, pinfo, tree);
    if (length > 0)     /* else Wireshark does so itself */
        add_media_type(pinfo);
    return length;
}

/* Whether a stream that begins like this goes on. */
static bool
is_cut(openpgp_data_t data)
{
    uint64_t offset = 0;
    openpgp_header_t header;
    bool cut;
    unsigned end;

    if (!openpgp_is_binary(data, true))
        return openpgp_armor_is_cut(data);
    while (offset < data.captured) {
        if (!openpgp_read_header(data, (unsigned)offset, &header))
            return false;
        if (header.size == 0 || header.indeterminate)
            return true;
        offset += header.size;
        if (header.partial) {
            openpgp_join_parts(data, (unsigned)offset, header, NULL, &end, &cut);
            if (cut)
                return true;
            offset = end;
        } else {
            offset += header.length;
        }
    }
    return offset > data.captured;
}

static const char *
describe(packet_info *pinfo, const openpgp_summary_t *summary)
{
    if (summary->primary_keys)
        return openpgp_keys_text(pinfo->pool, summary, INFO_NAMES);
    return wmem_strdup_printf(pinfo->pool, "%u packet%s", summary->packets, summary->packets == 1 ? "" : "s");
}

/* Directly above TCP or UDP, where Decode As says so. In TCP it may take until the end of the connection. */
static int
dissect_openpgp_stream(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    const openpgp_summary_t *summary;

    if (pinfo->can_desegment && is_cut(openpgp_data_of(tvb))) {
        pinfo->desegment_offset = 0;
        pinfo->desegment_len = DESEGMENT_UNTIL_FIN;
        return tvb_captured_length(tvb);
    }
    summary = parse(tvb, pinfo);
    if (!summary->present)
        return 0;
    if (show_in_columns) {
        col_set_str(pinfo->cinfo, COL_PROTOCOL, "OpenPGP");
        col_add_str(pinfo->cinfo, COL_INFO, describe(pinfo, summary));
    }
    show(tvb, pinfo, tree, summary, NULL);
    return tvb_captured_length(tvb);
}

static void
register_openpgp(void)
{
    static hf_register_info hf[] = {
        { &hf_packet_new_format, { "New format", "openpgp.packet.new_format", FT_BOOLEAN, 8, NULL, 0x40,
            "Header in the OpenPGP format rather than the legacy one of PGP 2", HFILL } },
        { &hf_packet_tag, { "Tag", "openpgp.packet.tag", FT_UINT8, BASE_DEC, VALS(openpgp_tags), 0x0,
            "Packet type ID: what the packet is", HFILL } },
        { &hf_packet_length_type, { "Length type", "openpgp.packet.length_type", FT_UINT8, BASE_DEC, VALS(length_types), 0x03,
            "How many octets the length has, in the legacy format only", HFILL } },
        { &hf_packet_length, { "Length", "openpgp.packet.length", FT_UINT32, BASE_DEC, NULL, 0x0,
            "Of the body; of all parts together if it is in parts", HFILL } },
        { &hf_packet_partial_length, { "Partial length", "openpgp.packet.partial_length", FT_UINT32, BASE_DEC, NULL, 0x0,
            "Octets of this part, where a body comes in parts", HFILL } },
        { &hf_packet_data, { "Data", "openpgp.packet.data", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Body of a packet of unknown type", HFILL } },
        { &hf_trust, { "Trust data", "openpgp.trust", FT_BYTES, BASE_NONE, NULL, 0x0,
            "What an implementation has stored about trust, in a form of its own", HFILL } },
        { &hf_padding, { "Padding", "openpgp.padding", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Octets without meaning that hide the size of a message", HFILL } },
        { &hf_mime_version, { "Version", "openpgp.mime.version", FT_STRING, BASE_NONE, NULL, 0x0,
            "Of the PGP/MIME format", HFILL } },
    };
    static ei_register_info ei[] = {
        { &ei_no_packet, { "openpgp.no_packet", PI_MALFORMED, PI_WARN, "Not an OpenPGP packet", EXPFILL } },
        { &ei_partial, { "openpgp.packet.partial_invalid", PI_PROTOCOL, PI_WARN,
            "Partial lengths are not allowed for this packet, or the first one is under 512", EXPFILL } },
    };
    static int *ett[] = { &ett_openpgp, &ett_packet };
    expert_module_t *expert;
    module_t *preferences;

    proto_openpgp = proto_register_protocol("OpenPGP", "OpenPGP", "openpgp");
    expert = expert_register_protocol(proto_openpgp);
    proto_register_field_array(proto_openpgp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert, ei, array_length(ei));
    openpgp_register_items(expert);
    openpgp_register_armor(proto_openpgp, expert);
    openpgp_register_material(proto_openpgp, expert);
    openpgp_register_key(proto_openpgp, expert);
    openpgp_register_signature(proto_openpgp, expert);
    openpgp_register_message(proto_openpgp, expert);
#ifndef GAPFILL_IN_TREE
    openpgp_register_dns(expert);
#endif

    preferences = prefs_register_protocol(proto_openpgp, NULL);
    prefs_register_bool_preference(preferences, "columns",
            "Show OpenPGP in the Protocol and Info columns",
            "Otherwise they keep what the protocol below says",
            &show_in_columns);
    tap_openpgp_register(proto_openpgp);
    openpgp_register_review(preferences);
#ifndef GAPFILL_IN_TREE
    openpgp_register_http(preferences);
    openpgp_register_ftp(preferences);
    openpgp_register_mail(proto_openpgp, expert, preferences);
#endif

    openpgp_handle = register_dissector("openpgp", dissect_openpgp, proto_openpgp);
    openpgp_stream_handle = register_dissector("openpgp.stream", dissect_openpgp_stream, proto_openpgp);
}

#ifdef GAPFILL_IN_TREE
void
proto_register_openpgp(void)
{
    register_openpgp();
}

void
proto_reg_handoff_openpgp(void)
{
    dissector_add_string("media_type", "application/pgp-keys", openpgp_handle);
    dissector_add_string("media_type", "application/pgp-signature", openpgp_handle);
    dissector_add_string("media_type", "application/pgp-encrypted", openpgp_handle);
    dissector_add_for_decode_as("tcp.port", openpgp_stream_handle);
    dissector_add_for_decode_as("udp.port", openpgp_stream_handle);
}
#else
/* HTTP complains of a body's dissector that does nothing, so where OpenPGP is switched off there is none. */
static standin_place_t media_types[] = {
    { .table = "media_type", .text = "application/pgp-keys", .proto = &proto_openpgp },
    { .table = "media_type", .text = "application/pgp-signature", .proto = &proto_openpgp },
    { .table = "media_type", .text = "application/pgp-encrypted", .proto = &proto_openpgp },
};

/*
 * All is registered in the handoff: by then every other plugin has taken its names, in whatever order they were loaded.
 * Wireshark does not start if a name is taken twice, and hkp.so of Gapfill 0.1.0 has a dissector of this name built in.
 */
void
proto_register_openpgp(void)
{
}

void
proto_reg_handoff_openpgp(void)
{
    if (proto_get_id_by_filter_name("openpgp") != -1) {
        ws_warning("openpgp.so does nothing: another plugin has the protocol OpenPGP already (an hkp.so of an earlier Gapfill?)");
        return;
    }
    register_openpgp();
    for (unsigned i = 0; i < array_length(media_types); i++) {
        media_types[i].handle = openpgp_handle;
        standin_take_place(&media_types[i]);
    }
    dissector_add_for_decode_as("tcp.port", openpgp_stream_handle);
    dissector_add_for_decode_as("udp.port", openpgp_stream_handle);
    openpgp_handoff_http(&proto_openpgp, show, review, info_again, has_info);
    openpgp_handoff_dns(&proto_openpgp, show, review);
    openpgp_handoff_ftp(&proto_openpgp, show, review);
    openpgp_handoff_mail(&proto_openpgp, show, review);
}
#endif

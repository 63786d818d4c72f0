/* openpgp-items.c
 * What the parts of the OpenPGP dissector share; see openpgp-items.h
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

#include <stdio.h>

#include <epan/packet.h>
#include <epan/expert.h>
#include <epan/prefs.h>

#include "openpgp-items.h"
#include "compat.h"

expert_field ei_openpgp_malformed = EI_INIT;
expert_field ei_openpgp_truncated = EI_INIT;
expert_field ei_openpgp_unknown = EI_INIT;
expert_field ei_openpgp_limit = EI_INIT;
expert_field ei_openpgp_trailing = EI_INIT;
expert_field ei_openpgp_text = EI_INIT;
expert_field ei_openpgp_checksum = EI_INIT;

bool
openpgp_has_room(openpgp_context_t *context, proto_tree *tree)
{
    bool room = context->parts_left > 0 &&
        (!tree || PTREE_DATA(tree)->count < prefs.gui_max_tree_items / 2);

    if (context->parts_left > 0)
        context->parts_left--;
    if (!room && !context->clipped) {
        context->clipped = true;
        expert_add_info(context->pinfo, tree, &ei_openpgp_limit);
    }
    return room;
}

tvbuff_t *
openpgp_new_tvb(openpgp_context_t *context, tvbuff_t *parent, const uint8_t *data, unsigned length, const char *name,
        proto_tree **tree)
{
    tvbuff_t *tvb = tvb_new_child_real_data(parent, data, length, length);

    if (context->data_sources < OPENPGP_MAX_DATA_SOURCES) {
        context->data_sources++;
        add_new_data_source(context->pinfo, tvb, name);
    } else {
        if (!context->clipped)
            expert_add_info(context->pinfo, *tree, &ei_openpgp_limit);
        context->clipped = true;
        *tree = NULL;
    }
    return tvb;
}

const char *
openpgp_add_text(openpgp_context_t *context, proto_tree *tree, int hf, tvbuff_t *tvb, unsigned offset, unsigned length,
        text_form_t form)
{
    bool altered = false;
    const char *text = text_shown(context->pinfo->pool, (const char *)tvb_get_ptr(tvb, offset, length), length, form, &altered);
    proto_item *item = proto_tree_add_string(tree, hf, tvb, offset, length, text);

    if (altered)
        expert_add_info(context->pinfo, item, &ei_openpgp_text);
    return text;
}

const char *
openpgp_hex(packet_info *pinfo, tvbuff_t *tvb, unsigned offset, unsigned length)
{
    const uint8_t *octets = tvb_get_ptr(tvb, offset, length);
    char *text = (char *)wmem_alloc(pinfo->pool, 2 * (size_t)length + 1);
    unsigned i;

    for (i = 0; i < length; i++)
        snprintf(text + 2 * i, 3, "%02X", octets[i]);
    text[2 * length] = '\0';
    return text;
}

void
openpgp_add_rest(proto_tree *tree, int hf, tvbuff_t *tvb, unsigned offset)
{
    if (tvb_captured_length(tvb) > offset)
        proto_tree_add_item(tree, hf, tvb, offset, tvb_captured_length(tvb) - offset, ENC_NA);
}

/* Subpackets of signatures and user attributes */

uint32_t
openpgp_subpacket_length(tvbuff_t *tvb, unsigned *offset)
{
    uint8_t first = tvb_get_uint8(tvb, *offset);
    uint32_t length;

    if (first < 192) {
        *offset += 1;
        return first;
    }
    if (first < 255) {
        length = ((first - 192u) << 8) + tvb_get_uint8(tvb, *offset + 1) + 192;
        *offset += 2;
        return length;
    }
    length = tvb_get_ntohl(tvb, *offset + 1);
    *offset += 5;
    return length;
}

bool
openpgp_skip_empty_subpackets(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned *offset, unsigned end)
{
    unsigned start = *offset;
    unsigned count = 0;

    for (; *offset < end; count++) {
        uint8_t first = tvb_get_uint8(tvb, *offset);

        if (first == 0)
            *offset += 1;
        else if (first == 255 && end - *offset >= 5 && tvb_get_ntohl(tvb, *offset + 1) == 0)
            *offset += 5;
        else
            break;
    }
    if (count == 1)
        proto_tree_add_expert(tree, context->pinfo, &ei_openpgp_malformed, tvb, start, *offset - start);
    else if (count > 1)
        proto_tree_add_expert_format(tree, context->pinfo, &ei_openpgp_malformed, tvb, start, *offset - start,
                "Malformed OpenPGP data: %u subpackets without content", count);
    return count > 0;
}

void
openpgp_register_items(expert_module_t *expert)
{
    static ei_register_info ei[] = {
        { &ei_openpgp_malformed, { "openpgp.malformed", PI_MALFORMED, PI_ERROR, "Malformed OpenPGP data", EXPFILL } },
        { &ei_openpgp_truncated, { "openpgp.truncated", PI_MALFORMED, PI_WARN, "The packet ends before its length", EXPFILL } },
        { &ei_openpgp_unknown, { "openpgp.unknown", PI_UNDECODED, PI_NOTE, "Unknown type or version", EXPFILL } },
        { &ei_openpgp_limit, { "openpgp.limit", PI_UNDECODED, PI_NOTE, "Too much or too deeply nested: not all is shown",
            EXPFILL } },
        { &ei_openpgp_trailing, { "openpgp.trailing_data", PI_PROTOCOL, PI_NOTE, "Data behind what belongs here", EXPFILL } },
        { &ei_openpgp_text, { "openpgp.text.suspicious", PI_PROTOCOL, PI_NOTE,
            "Control characters, or such as turn the direction of writing, or invalid UTF-8",
            EXPFILL } },
        { &ei_openpgp_checksum, { "openpgp.secret.checksum.bad", PI_CHECKSUM, PI_ERROR, "Bad checksum", EXPFILL } },
    };

    expert_register_field_array(expert, ei, array_length(ei));
}

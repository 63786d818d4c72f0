/* ldp-status.c
 * Status codes in words; see ldp-status.h
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

#include <epan/packet.h>
#include <epan/proto_data.h>

#include "ldp-capture.h"
#include "ldp-codes.h"
#include "ldp-status.h"
#include "compat.h"

#define STATUS_KEY      2
#define ARRAY_BYTES     64      /* of an array without its entries, and of a frame's data */

static int proto_id = -1;

void
ldp_status_reset(int proto)
{
    proto_id = proto;
}

wmem_array_t *
ldp_status_of_frame(packet_info *pinfo)
{
    return (wmem_array_t *)p_get_proto_data(wmem_file_scope(), pinfo, proto_id, STATUS_KEY);
}

static bool
is_last(wmem_array_t *told, const ldp_told_status_t *status)
{
    unsigned count = told ? wmem_array_get_count(told) : 0;
    const ldp_told_status_t *last = count ? (const ldp_told_status_t *)wmem_array_index(told, count - 1) : NULL;

    return last && last->value == status->value && last->of_pseudowire == status->of_pseudowire;
}

void
ldp_status_told(uint32_t value, bool of_pseudowire, packet_info *pinfo)
{
    ldp_told_status_t status = { .value = value, .of_pseudowire = of_pseudowire };
    wmem_array_t *told = ldp_status_of_frame(pinfo);

    if (is_last(told, &status) || ldp_capture_is_full(pinfo->num))
        return;
    if (!told) {
        ldp_keep_count(ARRAY_BYTES);
        told = wmem_array_sized_new(wmem_file_scope(), sizeof status, 1);
        p_add_proto_data(wmem_file_scope(), pinfo, proto_id, STATUS_KEY, told);
    }
    ldp_keep_count(2 * sizeof status);
    wmem_array_append(told, &status, 1);
}

static void
add_word(wmem_strbuf_t *text, const char *word)
{
    if (wmem_strbuf_get_len(text))
        wmem_strbuf_append(text, ", ");
    wmem_strbuf_append(text, word);
}

/* The names are Wireshark's own. */
static const char *
code_name(uint32_t code)
{
    static const header_field_info *field;

    if (!field)
        field = proto_registrar_get_byname("ldp.msg.tlv.status.data");
    if (!field || !field->strings || (field->display & BASE_EXT_STRING))
        return NULL;
    return try_val_to_str(code, (const value_string *)field->strings);
}

const char *
ldp_status_text(uint32_t status, wmem_allocator_t *pool)
{
    uint32_t code = status & LDP_STATUS_CODE_MASK;
    const char *name = code_name(code);
    wmem_strbuf_t *text = wmem_strbuf_new(pool, name);

    if (!name)
        wmem_strbuf_append_printf(text, "unknown code 0x%08x", code);
    if (status & LDP_STATUS_FATAL)
        add_word(text, "fatal");
    if (status & LDP_STATUS_FORWARD)
        add_word(text, "to be forwarded");
    return wmem_strbuf_get_str(text);
}

const char *
ldp_pw_status_text(uint32_t status, wmem_allocator_t *pool)
{
    static const char *const bits[] = {
        "not forwarding", "local attachment circuit receive fault", "local attachment circuit transmit fault",
        "PSN-facing receive fault", "PSN-facing transmit fault", "standby", "request to switch over"
    };
    uint32_t others = status & ~((1u << array_length(bits)) - 1);
    wmem_strbuf_t *text = wmem_strbuf_new(pool, "");

    for (unsigned i = 0; i < array_length(bits); i++) {
        if (status & (1u << i))
            add_word(text, bits[i]);
    }
    if (others)
        add_word(text, wmem_strdup_printf(pool, "unknown bits 0x%08x", others));
    return status ? wmem_strbuf_get_str(text) : "forwarding";
}

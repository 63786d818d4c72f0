/* acme-inner.c
 * Another dissector's items below those of ACME; see acme-inner.h
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
#include <epan/exceptions.h>
#include <epan/show_exception.h>

#include "acme-inner.h"

/* What a dissector changes of a packet that is not its own. */
typedef struct inner_state {
    bool        writable;
    bool        in_error_pkt;
    unsigned    layers;
    uint8_t     layer_number;
    uint8_t     proto_layer_number;
    const char *media_type;
    const char *proto;
} inner_state_t;

static void
save(const packet_info *pinfo, inner_state_t *state)
{
    state->writable = col_get_writable(pinfo->cinfo, -1);
    state->in_error_pkt = pinfo->flags.in_error_pkt;
    state->layers = wmem_list_count(pinfo->layers);
    state->layer_number = pinfo->curr_layer_num;
    state->proto_layer_number = pinfo->curr_proto_layer_num;
    state->media_type = pinfo->match_string;
    state->proto = pinfo->current_proto;
}

static void
restore(packet_info *pinfo, const inner_state_t *state)
{
    col_set_writable(pinfo->cinfo, -1, state->writable);
    pinfo->flags.in_error_pkt = state->in_error_pkt;
    pinfo->match_string = state->media_type;
    pinfo->current_proto = state->proto;
    while (wmem_list_count(pinfo->layers) > state->layers)
        wmem_list_remove_frame(pinfo->layers, wmem_list_tail(pinfo->layers));
    pinfo->curr_layer_num = state->layer_number;
    pinfo->curr_proto_layer_num = state->proto_layer_number;
}

void
acme_inner_call(dissector_handle_t handle, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    inner_state_t state;

    if (!handle)
        return;
    save(pinfo, &state);
    pinfo->match_string = NULL;     /* that would be shown as the name of a JSON object */
    pinfo->flags.in_error_pkt = true;   /* taps count and export what stands on its own, not what is quoted */
    col_set_writable(pinfo->cinfo, -1, false);
    TRY {
        call_dissector_only(handle, tvb, pinfo, tree, NULL);
    }
    CATCH_NONFATAL_ERRORS {
        show_exception(tvb, pinfo, tree, EXCEPT_CODE, GET_MESSAGE);
    }
    ENDTRY;
    restore(pinfo, &state);
}

/* ldp-show.c
 * What labels mean, in the tree and in Info; see ldp-show.h
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
#include <epan/expert.h>
#include <epan/prefs.h>

#include "api-bool.h"
#include "ldp-restart.h"
#include "ldp-show.h"
#include "ldp-status.h"
#include "compat.h"

#define MEANS " \xe2\x86\x92 "      /* an arrow */

static int proto_ldp_binding = -1;
static api_bool_t show_in_columns = true;
static int hf_label = -1;
static int hf_fec = -1;
static int hf_lsr = -1;
static int hf_advertised_in = -1;
static int hf_withdrawn_in = -1;
static int hf_requested_in = -1;
static int hf_pw_id = -1;
static int hf_pw = -1;
static int hf_pw_type = -1;
static int hf_control_word = -1;
static int hf_pw_mtu = -1;
static int hf_pw_vccv_cc = -1;
static int hf_pw_vccv_cv = -1;
static int hf_pw_flow_label = -1;
static int hf_pw_status = -1;
static int hf_status = -1;
static int hf_match = -1;
static int hf_candidates = -1;
static int hf_doubtful = -1;
static int hf_observed_in = -1;

static int ett_ldp_binding = -1;
static int ett_more = -1;

static expert_field ei_stale = EI_INIT;
static expert_field ei_unknown_label = EI_INIT;
static expert_field ei_ambiguous = EI_INIT;
static expert_field ei_control_word_mismatch = EI_INIT;
static expert_field ei_payload_mismatch = EI_INIT;
static expert_field ei_pw_down = EI_INIT;

static const value_string match_vals[] = {
    { LDP_MATCH_RECEIVER,   "Advertised by the router that receives the packet" },
    { LDP_MATCH_ONLY,       "The only binding of this label in the capture" },
    { LDP_MATCH_ONE_OF,     "One of several bindings of this label" },
    { LDP_MATCH_OBSERVED,   "Learnt from the packets themselves" },
    { 0, NULL }
};

static const char *
end_text(ldp_end_t end)
{
    switch (end) {
    case LDP_WITHDRAWN:
        return "it was withdrawn";
    case LDP_RELEASED:
        return "it was released";
    case LDP_SESSION_CLOSED:
        return "the LDP session was closed";
    case LDP_SESSION_RESTARTED:
        return "the LDP session was started anew";
    case LDP_REPLACED:
        return "it was replaced";
    case LDP_NOT_RECOVERED:
        return "it was not advertised again after the restart";
    case LDP_ACTIVE:
        break;
    }
    return "it ended";
}

static void
show_generated(proto_item *item)
{
    proto_item_set_generated(item);
}

static void
show_frame(proto_tree *tree, int hf, tvbuff_t *tvb, uint32_t frame)
{
    if (frame)
        show_generated(proto_tree_add_uint(tree, hf, tvb, 0, 0, frame));
}

static void
show_pw_status(proto_tree *tree, tvbuff_t *tvb, uint32_t status, wmem_allocator_t *pool)
{
    show_generated(proto_tree_add_uint_format_value(tree, hf_pw_status, tvb, 0, 0, status, "0x%08x (%s)", status,
            ldp_pw_status_text(status, pool)));
}

static void
show_pseudowire(proto_tree *tree, tvbuff_t *tvb, const ldp_binding_t *binding, const uint32_t *status, wmem_allocator_t *pool)
{
    const ldp_pw_t *pw = binding->pw;

    if (pw->has_id)
        show_generated(proto_tree_add_uint(tree, hf_pw_id, tvb, 0, 0, pw->id));
    show_generated(proto_tree_add_uint(tree, hf_pw_type, tvb, 0, 0, pw->type));
    show_generated(proto_tree_add_boolean(tree, hf_control_word, tvb, 0, 0, pw->control_word));
    if (pw->mtu)
        show_generated(proto_tree_add_uint(tree, hf_pw_mtu, tvb, 0, 0, pw->mtu));
    if (pw->has_vccv) {
        show_generated(proto_tree_add_uint(tree, hf_pw_vccv_cc, tvb, 0, 0, pw->vccv_cc));
        show_generated(proto_tree_add_uint(tree, hf_pw_vccv_cv, tvb, 0, 0, pw->vccv_cv));
    }
    if (pw->has_flow_label)
        show_generated(proto_tree_add_boolean(tree, hf_pw_flow_label, tvb, 0, 0, pw->flow_label));
    if (status)
        show_pw_status(tree, tvb, *status, pool);
}

static proto_tree *
show_head(proto_tree *tree, tvbuff_t *tvb, uint32_t label, const char *fec, bool doubtful)
{
    proto_item *item = proto_tree_add_protocol_format(tree, proto_ldp_binding, tvb, 0, 0, "LDP Binding: %s%s", fec,
            doubtful ? "?" : "");
    proto_tree *subtree = proto_item_add_subtree(item, ett_ldp_binding);

    show_generated(item);
    show_generated(proto_tree_add_uint(subtree, hf_label, tvb, 0, 0, label));
    show_generated(proto_tree_add_string(subtree, hf_fec, tvb, 0, 0, fec));
    return subtree;
}

static void
show_certainty(proto_tree *tree, tvbuff_t *tvb, ldp_match_t match, uint32_t candidates, bool doubtful)
{
    show_generated(proto_tree_add_uint(tree, hf_match, tvb, 0, 0, match));
    show_generated(proto_tree_add_uint(tree, hf_candidates, tvb, 0, 0, candidates));
    show_generated(proto_tree_add_boolean(tree, hf_doubtful, tvb, 0, 0, doubtful));
}

static void
show_life(proto_tree *tree, tvbuff_t *tvb, const ldp_binding_t *binding, const ldp_advert_t *advert)
{
    show_frame(tree, hf_requested_in, tvb, binding->requested_in);
    show_frame(tree, hf_advertised_in, tvb, advert ? advert->advertised_in : binding->advertised_in);
    show_frame(tree, hf_withdrawn_in, tvb, advert ? advert->withdrawn_in : binding->withdrawn_in);
}

static void
show_more(proto_tree *tree, tvbuff_t *tvb, const ldp_more_t *more)
{
    for (unsigned i = 0; more && i < more->count; i++) {
        proto_item *item = proto_tree_add_string(tree, hf_fec, tvb, 0, 0, more->binding[i]->fec->text);

        show_generated(item);
        show_life(proto_item_add_subtree(item, ett_more), tvb, more->binding[i], more->advert ? more->advert[i] : NULL);
    }
}

static const char *
word_text(bool present)
{
    return present ? "with a control word" : "without a control word";
}

static void
show_mismatch(proto_item *item, packet_info *pinfo, const ldp_pw_t *signalled, const ldp_reading_t *reading)
{
    if (reading->other_word)
        expert_add_info_format(pinfo, item, &ei_control_word_mismatch, "Sent %s, signalled %s",
                word_text(!signalled->control_word), word_text(signalled->control_word));
    if (reading->other_type)
        expert_add_info_format(pinfo, item, &ei_payload_mismatch, "%s is signalled, but the packet is %s",
                val_to_str_const(signalled->type, ldp_pw_type_short_vals, "Another type"),
                reading->as == LDP_READ_NATIVE ? "IP" : val_to_str_const(reading->pw.type, ldp_pw_type_short_vals, "not"));
}

/* reading: of the pseudowire that the payload is read by, else NULL. */
static void
show_binding(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, uint32_t label, const ldp_use_t *use,
        const ldp_reading_t *reading)
{
    const ldp_binding_t *binding = use->binding;
    const ldp_advert_t *advert = use->advert;
    uint32_t lsr = g_htonl(binding->lsr->id);
    proto_tree *subtree = show_head(tree, tvb, label, binding->fec->text, ldp_use_is_doubtful(use));
    proto_item *item = proto_tree_get_parent(subtree);

    show_more(subtree, tvb, use->more);
    show_generated(proto_tree_add_ipv4(subtree, hf_lsr, tvb, 0, 0, lsr));
    if (binding->pw)
        show_pseudowire(subtree, tvb, binding,
                ldp_pw_status_at(advert ? advert->pw_status : binding->pw_status, pinfo->num), pinfo->pool);
    show_life(subtree, tvb, binding, advert);
    show_certainty(subtree, tvb, use->match, use->candidates, ldp_use_is_doubtful(use));
    if (reading && binding->pw)
        show_mismatch(item, pinfo, binding->pw, reading);
    if (use->stale)
        expert_add_info_format(pinfo, item, &ei_stale, "Label %s is used after %s", ldp_label_text(label, pinfo->pool),
                end_text(advert ? advert->end : binding->end));
    if (use->ambiguous)
        expert_add_info_format(pinfo, item, &ei_ambiguous, "%u bindings of label %u fit this packet",
                use->candidates, label);
}

static void
show_unknown(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, uint32_t label)
{
    proto_item *item = proto_tree_add_protocol_format(tree, proto_ldp_binding, tvb, 0, 0, "LDP Binding: none");

    show_generated(item);
    expert_add_info_format(pinfo, item, &ei_unknown_label,
            "Label %s was not advertised by the receiving router in its LDP sessions", ldp_label_text(label, pinfo->pool));
}

static void
show_observed(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, uint32_t label, const ldp_observed_t *observed)
{
    proto_tree *subtree = show_head(tree, tvb, label, ldp_observed_text(observed, pinfo->pool), true);

    show_frame(subtree, hf_observed_in, tvb, ldp_observed_first(observed));
    show_certainty(subtree, tvb, LDP_MATCH_OBSERVED, 1, true);
}

static const char *
worked_out_text(const ldp_reading_t *reading, wmem_allocator_t *pool)
{
    return wmem_strdup_printf(pool, "PW %s", val_to_str_const(reading->pw.type, ldp_pw_type_short_vals, "of some type"));
}

static void
show_worked_out(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, uint32_t label, const ldp_reading_t *reading)
{
    proto_tree *subtree = show_head(tree, tvb, label, worked_out_text(reading, pinfo->pool), true);

    show_generated(proto_tree_add_uint(subtree, hf_pw_type, tvb, 0, 0, reading->pw.type));
    show_generated(proto_tree_add_boolean(subtree, hf_control_word, tvb, 0, 0, reading->pw.control_word));
    show_frame(subtree, hf_observed_in, tvb, reading->first_frame);
    show_certainty(subtree, tvb, LDP_MATCH_OBSERVED, 1, true);
}

void
ldp_show_use(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, uint32_t label, const ldp_use_t *use,
        const ldp_reading_t *reading)
{
    if (use->binding)
        show_binding(tree, tvb, pinfo, label, use, reading);
    else if (use->observed)
        show_observed(tree, tvb, pinfo, label, use->observed);
    else if (use->unknown)
        show_unknown(tree, tvb, pinfo, label);
}

/* That the other side has not spoken yet is nothing: only later passes know whether it will, and what packets refute. */
static bool
is_down(const ldp_wire_t *wire, const ldp_wire_state_t *state, const packet_info *pinfo)
{
    if (ldp_wire_is_in_use(wire, pinfo->num))
        return false;
    if (state->reasons == LDP_WIRE_ONE_SIDE)
        return PINFO_FD_VISITED(pinfo) && ldp_wire_stays_alone(wire, pinfo->num)
            && ldp_pair_is_whole(state->end[0].lsr, state->end[1].lsr, pinfo->num);
    return state->reasons && state->reasons != LDP_WIRE_GONE;
}

static proto_item *
show_wire(proto_tree *tree, tvbuff_t *tvb, const ldp_wire_t *wire)
{
    proto_item *item = proto_tree_add_string(tree, hf_pw, tvb, 0, 0, wire->text);

    show_generated(item);
    return item;
}

void
ldp_show_wires(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo)
{
    wmem_array_t *touched = ldp_wire_touched(pinfo);

    for (unsigned i = 0; touched && i < wmem_array_get_count(touched); i++) {
        const ldp_wire_t *wire = *(ldp_wire_t **)wmem_array_index(touched, i);
        const ldp_wire_state_t *state = ldp_wire_after(wire, pinfo->num);

        if (state && state->frame == pinfo->num && is_down(wire, state, pinfo))
            expert_add_info_format(pinfo, show_wire(tree, tvb, wire), &ei_pw_down, "%s is down: %s", wire->text,
                    ldp_wire_reasons_text(state, pinfo->pool));
    }
}

void
ldp_show_status(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo)
{
    wmem_array_t *told = tree ? ldp_status_of_frame(pinfo) : NULL;

    for (unsigned i = 0; told && i < wmem_array_get_count(told); i++) {
        const ldp_told_status_t *status = (const ldp_told_status_t *)wmem_array_index(told, i);

        if (status->of_pseudowire)
            show_pw_status(tree, tvb, status->value, pinfo->pool);
        else
            show_generated(proto_tree_add_uint_format_value(tree, hf_status, tvb, 0, 0, status->value, "0x%08x (%s)",
                    status->value, ldp_status_text(status->value, pinfo->pool)));
    }
}

bool
ldp_is_item_of(const proto_node *node, int hf)
{
    return node->finfo && node->finfo->hfinfo && node->finfo->hfinfo->id == hf;
}

/* The item of the next label at or after node. */
static proto_node *
next_label_item(proto_node *node, int mpls_proto)
{
    while (node && !ldp_is_item_of(node, mpls_proto))
        node = node->next;
    return node;
}

/* What is carried is known from the bytes alone. */
static bool
is_worked_out(const ldp_stack_t *stack)
{
    return stack->reading.as == LDP_READ_WORKED_OUT && !stack->use[stack->count - 1].binding;
}

/* Expert information counts also where nobody looks at the tree. */
static bool
has_remarks(const ldp_stack_t *stack)
{
    for (unsigned i = 0; i < stack->count; i++) {
        if (stack->use[i].stale || stack->use[i].ambiguous || stack->use[i].unknown)
            return true;
    }
    return stack->reading.other_word || stack->reading.other_type;
}

/*
 * Wireshark makes an item for each label, one after the other, before anything of the payload; but none
 * where nothing is displayed and no filter asks for them. Then any native item serves.
 */
void
ldp_show_stack(proto_tree *tree, proto_node *before, int mpls_proto, tvbuff_t *tvb, packet_info *pinfo,
        const ldp_stack_t *stack)
{
    proto_node *node = next_label_item(before ? before->next : tree ? tree->first_child : NULL, mpls_proto);

    if (!tree && !has_remarks(stack))
        return;
    for (unsigned i = 0; i < stack->count; i++) {
        proto_tree *below = node ? node : before ? before : tree;

        ldp_show_use(below, tvb, pinfo, stack->label[i].label, &stack->use[i],
                &stack->use[i] == stack->pw ? &stack->reading : NULL);
        if (stack->label[i].bottom && is_worked_out(stack))
            show_worked_out(below, tvb, pinfo, stack->label[i].label, &stack->reading);
        if (node)
            node = next_label_item(node->next, mpls_proto);
    }
}

/* At once: each call looks for the end of Info. */
static void
append_meaning(packet_info *pinfo, const char *text, bool doubtful)
{
    col_append_lstr(pinfo->cinfo, COL_INFO, MEANS, text, doubtful ? "?" : "", COL_ADD_LSTR_TERMINATOR);
}

void
ldp_show_info(packet_info *pinfo, const ldp_stack_t *stack)
{
    if (!show_in_columns)
        return;
    for (unsigned i = 0; i < stack->count; i++) {
        const ldp_use_t *use = &stack->use[i];

        if (use->binding)
            append_meaning(pinfo, use->binding->fec->text, ldp_use_is_doubtful(use));
        else if (use->observed)
            append_meaning(pinfo, ldp_observed_text(use->observed, pinfo->pool), true);
    }
    if (is_worked_out(stack))
        append_meaning(pinfo, worked_out_text(&stack->reading, pinfo->pool), true);
}

bool
ldp_has_anything_to_say(const ldp_stack_t *stack)
{
    for (unsigned i = 0; i < stack->count; i++) {
        if (stack->use[i].binding || stack->use[i].observed || stack->use[i].unknown)
            return true;
    }
    return is_worked_out(stack);
}

void
ldp_show_register(int proto)
{
    static hf_register_info hf[] = {
        { &hf_label,
            { "Label", "ldp_binding.label", FT_UINT32, BASE_DEC | BASE_SPECIAL_VALS, VALS(ldp_special_label_vals), 0x0,
            "Label of the packet's stack whose meaning follows", HFILL }
        },
        { &hf_fec,
            { "FEC", "ldp_binding.fec", FT_STRING, BASE_NONE, NULL, 0x0,
            "What the label stands for", HFILL }
        },
        { &hf_lsr,
            { "Advertised by", "ldp_binding.lsr", FT_IPv4, BASE_NONE, NULL, 0x0,
            "Router that handed out the label", HFILL }
        },
        { &hf_advertised_in,
            { "Advertised in", "ldp_binding.advertised_in", FT_FRAMENUM, BASE_NONE, NULL, 0x0,
            "Frame of the Label Mapping that this binding comes from; absent where LDP did not tell it", HFILL }
        },
        { &hf_withdrawn_in,
            { "Withdrawn in", "ldp_binding.withdrawn_in", FT_FRAMENUM, BASE_NONE, NULL, 0x0,
            "Frame that ends this binding; absent while nothing has ended it", HFILL }
        },
        { &hf_requested_in,
            { "Requested in", "ldp_binding.requested_in", FT_FRAMENUM, BASE_NONE, NULL, 0x0,
            "Frame of the Label Request that asked for this binding; absent where none did", HFILL }
        },
        { &hf_pw_id,
            { "Pseudowire ID", "ldp_binding.pw_id", FT_UINT32, BASE_DEC, NULL, 0x0,
            "Number of the pseudowire, as signalled; absent where it has none", HFILL }
        },
        { &hf_pw,
            { "Pseudowire", "ldp_binding.pw", FT_STRING, BASE_NONE, NULL, 0,
              "On a packet of LDP, with the note that it is down: which pseudowire", HFILL } },
        { &hf_pw_type,
            { "Pseudowire type", "ldp_binding.pw_type", FT_UINT16, BASE_HEX, VALS(ldp_pw_type_short_vals), 0x0,
            "What the pseudowire is signalled to carry", HFILL }
        },
        { &hf_control_word,
            { "Control word", "ldp_binding.control_word", FT_BOOLEAN, BASE_NONE, NULL, 0x0,
            "As the C bit of the FEC signals", HFILL }
        },
        { &hf_pw_mtu,
            { "Pseudowire MTU", "ldp_binding.pw_mtu", FT_UINT16, BASE_DEC, NULL, 0x0,
            "Largest payload that the pseudowire takes, in bytes; absent where it was not signalled", HFILL }
        },
        { &hf_pw_vccv_cc,
            { "VCCV Control Channel Types", "ldp_binding.pw_vccv_cc", FT_UINT8, BASE_HEX, NULL, 0x0,
            "How packets that test the pseudowire can be sent; absent where it was not signalled", HFILL }
        },
        { &hf_pw_vccv_cv,
            { "VCCV Connectivity Verification Types", "ldp_binding.pw_vccv_cv", FT_UINT8, BASE_HEX, NULL, 0x0,
            "What tests of the pseudowire are understood; absent where it was not signalled", HFILL }
        },
        { &hf_pw_flow_label,
            { "Flow label", "ldp_binding.pw_flow_label", FT_BOOLEAN, BASE_NONE, NULL, 0x0,
            "The router can receive a flow label", HFILL }
        },
        { &hf_pw_status,
            { "Pseudowire status", "ldp_binding.pw_status", FT_UINT32, BASE_HEX, NULL, 0x0,
            "As last signalled by the router that handed out the label; on a packet of LDP, as signalled there", HFILL }
        },
        { &hf_status,
            { "LDP status", "ldp_binding.status", FT_UINT32, BASE_HEX, NULL, 0x0,
            "What a Status TLV of this packet says, with its E and F bits", HFILL }
        },
        { &hf_match,
            { "Match", "ldp_binding.match", FT_UINT8, BASE_DEC, VALS(match_vals), 0x0,
            "Why this binding is taken for the label's, the surest reason first", HFILL }
        },
        { &hf_candidates,
            { "Candidates", "ldp_binding.candidates", FT_UINT32, BASE_DEC, NULL, 0x0,
            "How many bindings fit this label; if several routers gave it a meaning, the latest is shown", HFILL }
        },
        { &hf_doubtful,
            { "Doubtful", "ldp_binding.doubtful", FT_BOOLEAN, BASE_NONE, NULL, 0x0,
            "A guess, worked out, or over by then: what Info marks with a question mark", HFILL }
        },
        { &hf_observed_in,
            { "Observed in", "ldp_binding.observed_in", FT_FRAMENUM, BASE_NONE, NULL, 0x0,
            "First of the packets that the meaning was worked out from; absent where LDP told it", HFILL }
        },
    };
    static int *ett[] = { &ett_ldp_binding, &ett_more };
    static ei_register_info ei[] = {
        { &ei_stale,
            { "ldp_binding.stale", PI_SEQUENCE, PI_WARN,
            "Label is used after its binding ended", EXPFILL }
        },
        { &ei_unknown_label,
            { "ldp_binding.unknown_label", PI_SEQUENCE, PI_NOTE,
            "Label was not advertised by the receiving router", EXPFILL }
        },
        { &ei_ambiguous,
            { "ldp_binding.ambiguous", PI_ASSUMPTION, PI_NOTE,
            "Several bindings fit this packet", EXPFILL }
        },
        { &ei_control_word_mismatch,
            { "ldp_binding.control_word_mismatch", PI_PROTOCOL, PI_WARN,
            "The control word is there, or not, against what was signalled", EXPFILL }
        },
        { &ei_payload_mismatch,
            { "ldp_binding.payload_mismatch", PI_PROTOCOL, PI_NOTE,
            "The payload is not what was signalled", EXPFILL }
        },
        { &ei_pw_down,
            { "ldp_binding.pw_down", PI_PROTOCOL, PI_NOTE,
            "The pseudowire can not come up", EXPFILL }
        },
    };

    proto_ldp_binding = proto;
    prefs_register_bool_preference(prefs_register_protocol(proto, NULL), "columns",
            "Show what labels mean in the Info column",
            "Otherwise it says what it says without the plugin",
            &show_in_columns);
    proto_register_field_array(proto, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto), ei, array_length(ei));
}

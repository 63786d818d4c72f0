/* ldp-reading.c
 * As what the bytes below a label stack are read; see ldp-reading.h
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
#include <epan/addr_resolv.h>
#include <wsutil/pint.h>

#include "ldp-capture.h"
#include "ldp-codes.h"
#include "ldp-map.h"
#include "ldp-reading.h"
#include "pw-distinct.h"
#include "compat.h"

#define NIBBLE_DATA     0
#define NIBBLE_CHANNEL  1
#define ADDRESSES_BYTES 12

/* What was proved of the packets of one label. */
typedef struct habit {
    ldp_key_t  key;         /* MAC address, the label and the one before */
    uint16_t   type;
    bool       control_word;
    bool       mixed;
    uint32_t   first_frame;
    pw_distinct_t packets;
} habit_t;

static wmem_map_t *habits;
static uint32_t habit_count;

void
ldp_reading_reset(void)
{
    habits = ldp_map_by_key();
    habit_count = 0;
}

bool
ldp_reading_is_ip(const ldp_payload_t *payload)
{
    return payload->dst.type != AT_NONE && payload->proven;
}

/* Signalled */

/* Some types always have a control word, whatever is signalled: RFC 4619 section 7.1, RFC 4717 section 5.1. */
static bool
has_control_word(const ldp_pw_t *pw)
{
    return pw->control_word || pw->type == PW_FR_DLCI || pw->type == PW_FR_DLCI_MARTINI || pw->type == PW_ATM_AAL5_SDU;
}

/* The bytes are proved to be something: as signalled, or not. */
static void
compare(ldp_reading_t *reading, const ldp_pw_t *signalled, const ldp_pw_t *proved, ldp_payload_t *carried)
{
    reading->other_type = ldp_payload_refutes_wire(carried, signalled);
    reading->other_word = !reading->other_type && has_control_word(signalled) != proved->control_word;
    if (reading->other_type || reading->other_word) {
        reading->as = LDP_READ_OTHERWISE;
        reading->pw = *proved;
    }
}

static void
judge_signalled(ldp_stack_t *stack, const ldp_pw_t *signalled)
{
    ldp_reading_t *reading = &stack->reading;
    const ldp_pw_t *proved;

    reading->as = LDP_READ_SIGNALLED;
    reading->pw = *signalled;
    if (stack->pw_alert)
        return;
    if (ldp_reading_is_ip(&stack->carried)) {
        reading->other_type = signalled->type != PW_IP && stack->carried.kind == LDP_PAYLOAD_IP;
        reading->other_word = signalled->type == PW_IP && signalled->control_word;
        if (signalled->type != PW_IP || signalled->control_word)
            reading->as = LDP_READ_NATIVE;
    } else if ((proved = ldp_payload_wire(&stack->carried)) != NULL
            && (ldp_pw_is_judged(signalled->type) || ldp_payload_refutes_wire(&stack->carried, signalled))) {
        compare(reading, signalled, proved, &stack->carried);
    }
}

/* Not signalled */

static bool
make_key(ldp_key_t *key, const ldp_stack_t *stack, const address *mac)
{
    uint32_t outer = stack->count > 1 ? stack->label[stack->count - 2].label : 0;

    if (!mac || mac->type != AT_ETHER || mac->len != 6)
        return false;
    key->owner = pntohu32(mac->data);
    key->fec = (uint32_t)pntohu16((const uint8_t *)mac->data + 4) << 16 | outer >> 4;
    key->label = (outer & 0xf) << 20 | stack->innermost;
    return true;
}

static habit_t *
habit_new(const ldp_key_t *key, const ldp_pw_t *pw, uint32_t frame)
{
    habit_t *habit;

    if (habit_count == LDP_MAX_HABITS || ldp_capture_is_full(frame))
        return NULL;
    habit_count++;
    habit = (habit_t *)ldp_keep(sizeof *habit);
    habit->key = *key;
    habit->type = pw->type;
    habit->control_word = pw->control_word;
    habit->first_frame = frame;
    ldp_map_insert(habits, &habit->key, habit);
    return habit;
}

/* pw is NULL for a packet that is IP. */
static void
learn(habit_t *habit, const ldp_key_t *key, const ldp_pw_t *pw, const pw_bytes_t *bytes, const packet_info *pinfo)
{
    if (!habit && pw)
        habit = habit_new(key, pw, pinfo->num);
    if (!habit)
        return;
    if (pw && habit->type == pw->type && habit->control_word == pw->control_word)
        pw_distinct_note(&habit->packets, bytes, pinfo);
    else
        habit->mixed = true;
}

/* What the others of the label are, where nothing speaks against it. */
static bool
is_alike(const habit_t *habit, const pw_bytes_t *bytes, ldp_pw_t *pw)
{
    unsigned nibble;

    if (!habit || habit->mixed || !pw_distinct_is_enough(&habit->packets) || bytes->captured <= PW_CONTROL_WORD_BYTES)
        return false;
    nibble = bytes->data[0] >> 4;
    if (habit->control_word ? !pw_has_control_word(bytes, true) : nibble == NIBBLE_CHANNEL)
        return false;
    pw->type = habit->type;
    pw->control_word = habit->control_word;
    return true;
}

/*
 * Wireshark takes a nibble of 0 for a control word before Ethernet, unless it knows the makers of both addresses: that of zeros it
 * does, so a control word may be taken for one.
 */
static bool
is_native(const ldp_pw_t *pw, tvbuff_t *tvb, int offset)
{
    bool plain;

    if (pw->type != PW_ETHERNET || tvb_get_uint8(tvb, offset) >> 4 != NIBBLE_DATA)
        return false;
    if (tvb_captured_length_remaining(tvb, offset) < ADDRESSES_BYTES)
        return true;
    plain = tvb_get_manuf_name_if_known(tvb, offset) && tvb_get_manuf_name_if_known(tvb, offset + 6);
    return plain != pw->control_word;
}

static void
judge_unsignalled(ldp_stack_t *stack, const ldp_hop_t *hop, tvbuff_t *tvb, packet_info *pinfo)
{
    ldp_reading_t *reading = &stack->reading;
    const pw_bytes_t *bytes = &stack->carried.bytes;
    bool is_ip = ldp_reading_is_ip(&stack->carried);
    const ldp_pw_t *proved;
    ldp_pw_t pw = { .type = 0 };
    habit_t *habit = NULL;
    ldp_key_t key;

    if (is_ip && habit_count == 0)
        return;
    proved = is_ip ? NULL : ldp_payload_wire(&stack->carried);
    if (proved)
        pw = *proved;
    if (make_key(&key, stack, hop->to_mac)) {
        habit = (habit_t *)wmem_map_lookup(habits, &key);
        if (!PINFO_FD_VISITED(pinfo) && (is_ip || proved))
            learn(habit, &key, proved, bytes, pinfo);
    }
    if (is_ip || (!proved && !is_alike(habit, bytes, &pw)) || is_native(&pw, tvb, stack->payload))
        return;
    reading->as = LDP_READ_WORKED_OUT;
    reading->pw = pw;
    reading->first_frame = habit ? habit->first_frame : pinfo->num;
}

void
ldp_reading_judge(ldp_stack_t *stack, const ldp_hop_t *hop, tvbuff_t *tvb, packet_info *pinfo)
{
    memset(&stack->reading, 0, sizeof stack->reading);
    if (!stack->payload)
        return;
    if (stack->pw)
        judge_signalled(stack, stack->pw->binding->pw);
    if (stack->pw && stack->pw->doubtful && stack->reading.other_type) {
        memset(stack->pw, 0, sizeof *stack->pw);
        memset(&stack->reading, 0, sizeof stack->reading);
        stack->pw = NULL;
    }
    if (!stack->pw && stack->innermost > LDP_LABEL_LAST_SPECIAL)
        judge_unsignalled(stack, hop, tvb, pinfo);
}

/* ldp-wire.c
 * Pseudowires with both of their directions; see ldp-wire.h
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
#include <epan/proto_data.h>

#include "as-of.h"
#include "ldp-capture.h"
#include "ldp-codes.h"
#include "ldp-status.h"
#include "ldp-wire.h"
#include "compat.h"

#define TOUCHED_KEY     1

/* Routers' own words, which packets on their way do not refute. */
#define NOT_REFUTED     (LDP_WIRE_STATUS | LDP_WIRE_GONE)

#define KEY_MAX         (LDP_FEC_KEY_MAX + 14)

/* What makes two FECs those of one pseudowire. */
typedef struct wire_key {
    uint8_t   data[KEY_MAX];
    unsigned  length;
} wire_key_t;

static wmem_map_t *wires;
static int proto_id = -1;

void
ldp_wire_reset(int proto)
{
    wires = ldp_map_by_bytes();
    proto_id = proto;
}

/* Keys */

static void
append(wire_key_t *key, const void *data, unsigned length)
{
    memcpy(key->data + key->length, data, length);
    key->length += length;
}

/* A type, a length, and so many bytes: AGI, SAII and TAII, which ldp-fec.c has checked. */
static unsigned
attachment_length(const uint8_t *attachment)
{
    return 2u + attachment[1];
}

static void
append_attachments(wire_key_t *key, const ldp_fec_t *fec)
{
    const uint8_t *agi = fec->key + 2, *saii = agi + attachment_length(agi), *taii = saii + attachment_length(saii);
    unsigned one = attachment_length(saii), other = attachment_length(taii);
    int order = one != other ? (int)one - (int)other : memcmp(saii, taii, one);

    append(key, agi, attachment_length(agi));
    append(key, order < 0 ? saii : taii, order < 0 ? one : other);
    append(key, order < 0 ? taii : saii, order < 0 ? other : one);
}

static void
make_key(wire_key_t *key, const ldp_lsr_t *lsr, const ldp_lsr_t *peer, const ldp_fec_t *fec)
{
    uint32_t low = MIN(lsr->number, peer->number), high = MAX(lsr->number, peer->number);

    key->length = 0;
    append(key, &low, sizeof low);
    append(key, &high, sizeof high);
    append(key, &fec->type, 1);
    if (fec->kind == LDP_FEC_PW_ID)
        append(key, fec->key + 3, 4);
    else
        append_attachments(key, fec);
}

/* Of the second type that a router tells with one identifier at a time. */
static void
append_type(wire_key_t *key, const ldp_fec_t *fec)
{
    append(key, fec->kind == LDP_FEC_PW_ID ? fec->key + 1 : fec->key + 2 + fec->key[1], 2);     /* see ldp-fec.c */
}

/* As the FEC is named, but for the type at the end. */
static const char *
text_of(const ldp_fec_t *fec, const ldp_pw_t *pw)
{
    const char *type = try_val_to_str(pw->type, ldp_pw_type_short_vals);
    size_t length = strlen(fec->text), tail = type ? strlen(type) + 1 : 0;
    char *text = (char *)ldp_keep_copy(fec->text, length + 1);

    if (tail < length)
        text[length - tail] = '\0';
    return text;
}

static ldp_wire_t *
wire_find(const wire_key_t *key)
{
    ldp_bytes_t bytes = { key->data, key->length };

    return (ldp_wire_t *)wmem_map_lookup(wires, &bytes);
}

static ldp_wire_t *
wire_new(const wire_key_t *key, const ldp_fec_t *fec, const ldp_pw_t *pw)
{
    ldp_wire_t *wire = (ldp_wire_t *)ldp_keep(sizeof *wire);
    ldp_bytes_t *kept = (ldp_bytes_t *)ldp_keep(sizeof *kept);

    wire->text = text_of(fec, pw);
    ldp_keep_count(4 * sizeof(ldp_wire_state_t));
    wire->states = wmem_array_sized_new(wmem_file_scope(), sizeof(ldp_wire_state_t), 2);
    kept->data = (const uint8_t *)ldp_keep_copy(key->data, key->length);
    kept->length = key->length;
    ldp_map_insert(wires, kept, wire);
    return wire;
}

/* States */

static unsigned
reasons_of(const ldp_wire_end_t *end)
{
    const ldp_pw_t *one = end[0].pw, *other = end[1].pw;
    unsigned reasons = 0;

    if (!one && !other)
        return LDP_WIRE_GONE;
    if (!one || !other)
        return LDP_WIRE_ONE_SIDE;
    if (one->type != other->type)
        reasons |= LDP_WIRE_TYPE;
    if (one->mtu && other->mtu && one->mtu != other->mtu)
        reasons |= LDP_WIRE_MTU;
    if (one->control_word != other->control_word)
        reasons |= LDP_WIRE_CONTROL_WORD;
    /* RFC 6870: on standby is not down. */
    if ((end[0].status | end[1].status) & ~PW_STATUS_STANDBY_BITS)
        reasons |= LDP_WIRE_STATUS;
    return reasons;
}

static void
touch(ldp_wire_t *wire, packet_info *pinfo)
{
    wmem_array_t *touched = ldp_wire_touched(pinfo);

    if (wire->touched_in == pinfo->num)
        return;
    wire->touched_in = pinfo->num;
    if (!touched) {
        ldp_keep_count(64);
        touched = wmem_array_sized_new(wmem_file_scope(), sizeof wire, 2);
        p_add_proto_data(wmem_file_scope(), pinfo, proto_id, TOUCHED_KEY, touched);
    }
    ldp_keep_count(2 * sizeof wire);
    wmem_array_append(touched, &wire, 1);
}

/* A run goes on while the reasons are the same. */
static void
continue_run(ldp_wire_state_t *state, unsigned reasons)
{
    if (state->run && reasons == state->reasons)
        return;
    if (state->run) {
        state->run->is_over = true;
        state->run->next = reasons;
    }
    state->run = (ldp_wire_run_t *)ldp_keep(sizeof *state->run);
}

static void
put_state(ldp_wire_t *wire, ldp_wire_state_t *state, packet_info *pinfo)
{
    unsigned reasons = reasons_of(state->end);

    continue_run(state, reasons);
    state->frame = pinfo->num;
    state->reasons = reasons;
    if (state->reasons)
        state->up_since = 0;
    else if (!state->up_since)
        state->up_since = pinfo->num;
    if (as_of_put(wire->states, state, sizeof *state))
        ldp_keep_count(2 * sizeof *state);
    touch(wire, pinfo);
}

static ldp_wire_state_t
latest_state(const ldp_wire_t *wire, const ldp_lsr_t *lsr, const ldp_lsr_t *peer)
{
    const ldp_wire_state_t *latest = (const ldp_wire_state_t *)as_of_latest(wire->states);
    ldp_wire_state_t state = { .frame = 0 };

    if (latest)
        return *latest;
    state.end[0].lsr = lsr->number < peer->number ? lsr : peer;
    state.end[1].lsr = lsr->number < peer->number ? peer : lsr;
    return state;
}

/* RFC 8077 section 5.1: the identifier together with the type is a pseudowire. Mostly there is one type, or two by mistake. */
static ldp_wire_t *
wire_of(wire_key_t *key, const ldp_lsr_t *lsr, const ldp_lsr_t *peer, const ldp_fec_t *fec)
{
    wire_key_t typed;
    ldp_wire_t *wire, *of_type = NULL;

    make_key(key, lsr, peer, fec);
    wire = wire_find(key);
    if (wire && wire->is_split) {
        typed = *key;
        append_type(&typed, fec);
        of_type = wire_find(&typed);
    }
    return of_type ? of_type : wire;
}

static bool
has_another_type(const ldp_wire_t *wire, const ldp_lsr_t *lsr, const ldp_lsr_t *peer, const ldp_pw_t *pw)
{
    ldp_wire_state_t state = latest_state(wire, lsr, peer);
    const ldp_wire_end_t *end = &state.end[state.end[0].lsr != lsr];

    return end->pw && end->pw->type != pw->type;
}

/* What the other side has told of this type is of the new one. */
static ldp_wire_t *
split(ldp_wire_t *wire, wire_key_t *key, const ldp_lsr_t *lsr, const ldp_lsr_t *peer, const ldp_fec_t *fec, const ldp_pw_t *pw,
        packet_info *pinfo)
{
    ldp_wire_state_t state = latest_state(wire, lsr, peer), state_of_type;
    unsigned other = state.end[0].lsr == lsr;
    ldp_wire_t *of_type;

    append_type(key, fec);
    of_type = wire_new(key, fec, pw);
    wire->is_split = true;
    if (state.end[other].pw && state.end[other].pw->type == pw->type) {
        state_of_type = latest_state(of_type, lsr, peer);
        state_of_type.end[other] = state.end[other];
        put_state(of_type, &state_of_type, pinfo);
        state.end[other] = (ldp_wire_end_t) { .lsr = peer };
        put_state(wire, &state, pinfo);
    }
    return of_type;
}

static ldp_wire_end_t *
end_of(ldp_wire_state_t *state, const ldp_lsr_t *lsr)
{
    return &state->end[state->end[0].lsr != lsr];
}

static void
put_word(ldp_wire_t *wire, ldp_wire_state_t *state, ldp_wire_end_t *end, ldp_wire_word_t word, packet_info *pinfo)
{
    end->taken_back = !word.pw;
    end->pw = word.pw;
    end->label = word.pw ? word.label : 0;
    end->status = word.pw ? end->status : 0;
    put_state(wire, state, pinfo);
}

ldp_wire_t *
ldp_wire_told(const ldp_lsr_t *lsr, const ldp_lsr_t *peer, const ldp_fec_t *fec, ldp_wire_word_t word, packet_info *pinfo)
{
    wire_key_t key;
    ldp_wire_t *wire = wire_of(&key, lsr, peer, fec);
    ldp_wire_state_t state;

    if (!wire)
        wire = wire_new(&key, fec, word.pw);
    else if (has_another_type(wire, lsr, peer, word.pw))
        wire = split(wire, &key, lsr, peer, fec, word.pw, pinfo);
    state = latest_state(wire, lsr, peer);
    put_word(wire, &state, end_of(&state, lsr), word, pinfo);
    return wire;
}

ldp_wire_t *
ldp_wire_taken_back(const ldp_lsr_t *lsr, const ldp_lsr_t *peer, const ldp_fec_t *fec, uint32_t label, ldp_wire_word_t other,
        packet_info *pinfo)
{
    wire_key_t key;
    ldp_wire_t *wire = wire_of(&key, lsr, peer, fec);
    ldp_wire_state_t state;
    ldp_wire_end_t *end;

    if (!wire)
        return NULL;
    state = latest_state(wire, lsr, peer);
    end = end_of(&state, lsr);
    if (end->label == label)
        put_word(wire, &state, end, other, pinfo);
    return wire;
}

void
ldp_wire_status(const ldp_lsr_t *lsr, const ldp_lsr_t *peer, const ldp_fec_t *fec, uint32_t status, packet_info *pinfo)
{
    wire_key_t key;
    ldp_wire_t *wire;
    ldp_wire_state_t state;
    ldp_wire_end_t *end;

    wire = wire_of(&key, lsr, peer, fec);
    if (!wire)
        return;
    state = latest_state(wire, lsr, peer);
    end = end_of(&state, lsr);
    if (end->status == status)
        return;
    end->status = status;
    put_state(wire, &state, pinfo);
}

void
ldp_wire_used(ldp_wire_t *wire, const ldp_lsr_t *lsr, packet_info *pinfo)
{
    const ldp_wire_state_t *state = (const ldp_wire_state_t *)as_of_latest(wire->states);
    unsigned which = state && state->end[0].lsr != lsr;

    if (!state || !state->reasons || !state->end[which].pw || state->run->used_in[which])
        return;
    state->run->used_in[which] = pinfo->num;
    touch(wire, pinfo);
}

/* Asking */

wmem_array_t *
ldp_wire_touched(packet_info *pinfo)
{
    return (wmem_array_t *)p_get_proto_data(wmem_file_scope(), pinfo, proto_id, TOUCHED_KEY);
}

const ldp_wire_state_t *
ldp_wire_after(const ldp_wire_t *wire, uint32_t frame)
{
    return (const ldp_wire_state_t *)as_of(wire->states, frame + 1);
}

bool
ldp_wire_is_in_use(const ldp_wire_t *wire, uint32_t frame)
{
    const ldp_wire_state_t *state = ldp_wire_after(wire, frame);

    if (!state || !state->reasons)
        return false;
    if (state->reasons == LDP_WIRE_ONE_SIDE) {
        unsigned told = state->end[0].pw ? 0 : 1;

        return state->run->used_in[told] && !state->end[1 - told].taken_back;
    }
    return !(state->reasons & NOT_REFUTED) && state->run->used_in[0] && state->run->used_in[1];
}

bool
ldp_wire_stays_alone(const ldp_wire_t *wire, uint32_t frame)
{
    const ldp_wire_state_t *state = ldp_wire_after(wire, frame);

    return state && (!state->run->is_over || state->run->next == LDP_WIRE_GONE);
}

/* Words */

static const char *
lsr_text(const ldp_lsr_t *lsr, wmem_allocator_t *pool)
{
    return wmem_strdup_printf(pool, "%u.%u.%u.%u", lsr->id >> 24, lsr->id >> 16 & 0xff, lsr->id >> 8 & 0xff, lsr->id & 0xff);
}

static void
add_word(wmem_strbuf_t *text, const char *word)
{
    if (wmem_strbuf_get_len(text))
        wmem_strbuf_append(text, ", ");
    wmem_strbuf_append(text, word);
}

static void
add_values(wmem_strbuf_t *text, const ldp_wire_state_t *state, wmem_allocator_t *pool, const char *what, const char *one,
        const char *other)
{
    add_word(text, wmem_strdup_printf(pool, "%s (%s of %s, %s of %s)", what, one, lsr_text(state->end[0].lsr, pool), other,
            lsr_text(state->end[1].lsr, pool)));
}

static const char *
type_text(const ldp_pw_t *pw)
{
    return val_to_str_const(pw->type, ldp_pw_type_short_vals, "another");
}

static const char *
mtu_text(const ldp_pw_t *pw, wmem_allocator_t *pool)
{
    return wmem_strdup_printf(pool, "%u", pw->mtu);
}

const char *
ldp_wire_reasons_text(const ldp_wire_state_t *state, wmem_allocator_t *pool)
{
    const ldp_wire_end_t *one = &state->end[0], *other = &state->end[1];
    wmem_strbuf_t *text = wmem_strbuf_new(pool, "");

    if (state->reasons & LDP_WIRE_GONE)
        add_word(text, "told no more");
    if (state->reasons & LDP_WIRE_ONE_SIDE)
        add_word(text, wmem_strdup_printf(pool, "one side only (%s)", lsr_text(one->pw ? one->lsr : other->lsr, pool)));
    if (state->reasons & LDP_WIRE_TYPE)
        add_values(text, state, pool, "type", type_text(one->pw), type_text(other->pw));
    if (state->reasons & LDP_WIRE_MTU)
        add_values(text, state, pool, "MTU", mtu_text(one->pw, pool), mtu_text(other->pw, pool));
    if (state->reasons & LDP_WIRE_CONTROL_WORD)
        add_values(text, state, pool, "control word", one->pw->control_word ? "yes" : "no", other->pw->control_word ? "yes" : "no");
    if (state->reasons & LDP_WIRE_STATUS)
        add_values(text, state, pool, "status", ldp_pw_status_text(one->status, pool), ldp_pw_status_text(other->status, pool));
    return wmem_strbuf_get_str(text);
}

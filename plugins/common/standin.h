/* standin.h
 * Standing in front of a native dissector, unseen
 *
 * The only file that touches another protocol's handle, heuristic or table. A stand-in is called wherever Wireshark
 * calls the native dissector (port tables, preferences, Decode As, heuristics, conversations, TLS, other
 * dissectors), with the native layer and can_desegment as the native dissector itself would find them, and
 * calls on with standin_call(). Tables, handles and protocols stay what they are: preferences and Decode As
 * work as ever, and nothing shows that anybody stands in.
 *
 * How: a handle's function is exchanged for one that calls the stand-ins of all plugins of the bundle, in the
 * order of their names, and the native function last. A stand-in whose protocol is switched off is left out, from the
 * next file (or dissection of the same file anew) on. Inside Wireshark's own tree the dissector itself would
 * call the plugin, and this file would not be there.
 *
 * Ownership: every structure below belongs to its caller, who keeps it for the life of the process (static), fills in the
 * first members, and lets this module write the others. Call all standin_add...() in the handoff routine.
 * Errors: where there is nothing to stand in front of, or this Wireshark lays its handles out in a way that is
 * not recognised, false is returned (for the latter, with one line for the user) and all is as without it.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_STANDIN_H
#define GAPFILL_STANDIN_H

#include <epan/packet.h>

#include "compat.h"

typedef struct standin {
    const char         *name;       /* PLUGIN.WHAT, its own before this dissector */
    dissector_t         dissect;
    const int          *proto;      /* of the plugin: switched off, it is left out; NULL: never */
    bool                asleep;     /* left out as well; see standin_wake() */
    dissector_t         next;       /* what it stands in front of */
    dissector_handle_t  native;
} standin_t;

/* A heuristic dissector likewise. It is not left out: its function asks whether it is wanted. */
typedef struct standin_heuristic {
    const char         *list;
    const char         *short_name;
    heur_dissector_t    dissect;
    heur_dissector_t    next;
} standin_heuristic_t;

/*
 * A key for which Wireshark has no dissector. Taken when a file is opened, if it is free then and the protocol is
 * switched on, and given back when the file is closed. In a table of Decode As its name is "Gapfill".
 */
typedef struct standin_place {
    const char         *table;
    const char         *text;       /* the key of a string table, else NULL */
    uint32_t            key;
    const int          *proto;
    dissector_handle_t  handle;     /* of standin_handle() */
    bool                taken;
} standin_place_t;

/* native may be NULL. The same stand-in can be before one dissector only. */
bool standin_add(standin_t *standin, dissector_handle_t native);

/* From now on, as often as is wanted; not while the dissector that it is before is at work. */
void standin_wake(standin_t *standin, bool awake);

/* The handle in a table of numbers, or of strings where text is not NULL; NULL: there is none. */
dissector_handle_t standin_find(const char *table, uint32_t key, const char *text);

bool standin_add_heuristic(standin_heuristic_t *heuristic);

/* A handle without a protocol, which leaves no trace in frame.protocols, for the two functions below. */
dissector_handle_t standin_handle(dissector_t dissect);

void standin_take_place(standin_place_t *place);

/* Lends a free key of a table of numbers to a handle until standin_return(), before the packet ends. */
void standin_lend(const char *table, uint32_t key, dissector_handle_t handle);
void standin_return(const char *table, uint32_t key);

/* The native dissector by its handle, but with nobody in front, for a dissector that never calls itself. */
int standin_call_native(const standin_t *standin, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

/* Whether the protocol is switched on; false for one that does not exist. */
bool standin_is_on(const int *proto);

/* What this one stands in front of. */
static inline int
standin_call(const standin_t *standin, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return standin->next(tvb, pinfo, tree, data);
}

/* The layer below the native dissector's own; NULL: there is none. Only while the stand-in has not yet called on. */
static inline wmem_list_frame_t *
standin_below(const packet_info *pinfo)
{
    wmem_list_frame_t *own = wmem_list_tail(pinfo->layers);

    return own ? wmem_list_frame_prev(own) : NULL;
}

/*
 * The protocol of that layer, or -1. Layers pile up over all that a frame holds, so for one that is called several times by
 * the same layer this may be what the time before has left: then ask standin_nearest().
 */
static inline int
standin_proto_below(const packet_info *pinfo)
{
    wmem_list_frame_t *below = standin_below(pinfo);

    return below ? GPOINTER_TO_INT(wmem_list_frame_data(below)) : -1;
}

/* Which of these protocols was called last, not counting the native dissector's own layer; -1: none. */
static inline int
standin_nearest(const packet_info *pinfo, const int *protos, unsigned count)
{
    for (wmem_list_frame_t *layer = standin_below(pinfo); layer; layer = wmem_list_frame_prev(layer)) {
        for (unsigned i = 0; i < count; i++) {
            if (GPOINTER_TO_INT(wmem_list_frame_data(layer)) == protos[i])
                return protos[i];
        }
    }
    return -1;
}

/*
 * Items and expert information are the plugin's from here on: name is its short name. Returns what
 * pinfo->current_proto has to be again afterwards.
 */
static inline const char *
standin_speak_as(packet_info *pinfo, const char *name)
{
    const char *before = pinfo->current_proto;

    pinfo->current_proto = name;
    return before;
}

#endif /* GAPFILL_STANDIN_H */

/* session-announce.c
 * Which session has announced another one; see session-announce.h
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

#include "flow-note.h"
#include "session-announce.h"
#include "compat.h"

typedef struct announcer {
    uint32_t frame;
    uint32_t session_id;
} announcer_t;

static const char *const announcer_names[] = {
    "ftp", "tftp", "sip", "sdp", "rtsp", "h225", "h245", "mgcp", "megaco", "skinny", "epm"
};

static GArray *announcers;      /* of announcer_t, by frame */

void
session_announce_init(void)
{
    for (unsigned i = 0; i < array_length(announcer_names); i++)
        protocol_set_mark(announcer_names[i], PROTOCOL_ANNOUNCES);
    protocol_set_mark("tftp", PROTOCOL_ANSWERS_BY_ANOTHER);
}

void
session_announce_reset(void)
{
    if (announcers)
        g_array_free(announcers, true);
    announcers = g_array_new(false, false, sizeof(announcer_t));
}

void
session_announce_note(uint32_t frame, uint32_t session_id)
{
    announcer_t announcer = { frame, session_id };

    g_array_append_val(announcers, announcer);
}

/* The first entry that is not of an earlier frame. */
static unsigned
find_entry(uint32_t frame)
{
    unsigned low = 0;
    unsigned high = announcers->len;

    while (low < high) {
        unsigned middle = low + (high - low) / 2;

        if (g_array_index(announcers, announcer_t, middle).frame < frame)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint32_t
session_of_frame(uint32_t frame)
{
    unsigned entry = find_entry(frame);
    const announcer_t *found = entry < announcers->len ? &g_array_index(announcers, announcer_t, entry) : NULL;

    return found && found->frame == frame ? found->session_id : SESSION_NOT_ANNOUNCED;
}

/*
 * An announcement of one endpoint, with the address of the other or without it. Asked for by its very key: find_conversation()
 * would give it to the port that is asked for.
 */
static const conversation_t *
find_announced(const flow_packet_t *packet, const address *at, uint16_t port, const address *peer)
{
    conversation_element_t end = {
        .type = CE_CONVERSATION_TYPE,
        .conversation_type_val = packet->transport == FLOW_TCP ? CONVERSATION_TCP : CONVERSATION_UDP
    };
    conversation_element_t with_peer[] = {
        { .type = CE_ADDRESS, .addr_val = *at }, { .type = CE_PORT, .port_val = port },
        { .type = CE_ADDRESS, .addr_val = *peer }, end
    };
    conversation_element_t alone[] = {
        { .type = CE_ADDRESS, .addr_val = *at }, { .type = CE_PORT, .port_val = port }, end
    };
    const conversation_t *found = find_conversation_full(packet->pinfo->num, with_peer);

    return found ? found : find_conversation_full(packet->pinfo->num, alone);
}

static uint32_t
session_of_conversation(const conversation_t *conversation, uint32_t frame)
{
    return conversation && conversation->setup_frame < frame ? session_of_frame(conversation->setup_frame) : SESSION_NOT_ANNOUNCED;
}

bool
session_announce_any(void)
{
    return announcers->len > 0;
}

uint32_t
session_announce_find(const flow_packet_t *packet, const conversation_t *conversation)
{
    uint32_t frame = packet->pinfo->num;
    uint32_t found;

    if (announcers->len == 0)
        return SESSION_NOT_ANNOUNCED;
    found = session_of_conversation(conversation, frame);
    if (found != SESSION_NOT_ANNOUNCED || !flow_may_be_announced())
        return found;
    found = session_of_conversation(find_announced(packet, &packet->dst, packet->dstport, &packet->src), frame);
    if (found == SESSION_NOT_ANNOUNCED)
        found = session_of_conversation(find_announced(packet, &packet->src, packet->srcport, &packet->dst), frame);
    return found;
}

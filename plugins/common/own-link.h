/* own-link.h
 * Whether the link-layer addresses of a packet are those of the frame that carries this very IP packet
 *
 * Wireshark keeps one pair for all that a frame holds (pinfo->dl_src, dl_dst). Around an IP packet in a tunnel without a link
 * layer of its own, or on a link without addresses inside of one (PPP), they are the tunnel's.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OWN_LINK_H
#define GAPFILL_OWN_LINK_H

#include <epan/packet.h>

/*
 * layer: of pinfo->layers, that of the IP packet or one above it; NULL: there is none. To be asked before anything inside of it is
 * dissected, or where it carries nothing with a link layer. IP below labels, but in no pseudowire, is taken for the frame's own.
 */
bool own_link_is_known(wmem_list_frame_t *layer);

#endif /* GAPFILL_OWN_LINK_H */

/* tap-ldp-pseudowire.h
 * The pseudowires of a capture as a table, both directions compared: -z ldp_binding,pseudowires
 *
 * RFC 8077. A row a pseudowire: what each of the two routers tells, and whether it can be up.
 *
 * Units: frames. Ownership: rows are the table's. Lifetime: the listener's. Bounds: LDP_PSEUDOWIRES_MAX rows; a last one says that
 * there are more. Errors: none.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_TAP_LDP_PSEUDOWIRE_H
#define GAPFILL_TAP_LDP_PSEUDOWIRE_H

#include <epan/packet.h>

#define LDP_PSEUDOWIRES_MAX     65536

/* After tap-ldp-binding.h, on whose tap it listens. */
void tap_ldp_pseudowire_register(void);

#endif /* GAPFILL_TAP_LDP_PSEUDOWIRE_H */

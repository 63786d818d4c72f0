/* hkp-mailvelope.h
 * Whether an exchange is one with Mailvelope's key server
 *
 * Source: the README and the source of Mailvelope's key server, versions 1 to 4. Its path, /api/v1/key, could be anybody's, and
 * only key IDs are unlike what others ask for: everything else has to be proved, by the host that is known, by a key in the JSON
 * of either side, or by the server's own words. What nothing proves is left alone.
 * Nothing is kept; nothing throws.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HKP_MAILVELOPE_H
#define GAPFILL_HKP_MAILVELOPE_H

#include "http.h"

/* The member of its JSON that has an armored key. */
#define HKP_MAILVELOPE_KEY "publicKeyArmored"

/* For a request, or its answer, on the first pass. A body that proves nothing leaves no data source behind. */
bool hkp_mailvelope_is_proved(http_message_t *message);

#endif /* GAPFILL_HKP_MAILVELOPE_H */

/* acme-http.h
 * HTTP-01 challenges, as the roof sees them
 *
 * Source: RFC 8555 section 8.3. Each is called once, in the routine of that name of packet-acme.c; nothing is handed over.
 * Errors: there are none; without the dissectors that it looks at, nothing is shown.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_HTTP_H
#define GAPFILL_ACME_HTTP_H

#include <epan/expert.h>

void acme_register_http(expert_module_t *expert);
void acme_handoff_http(void);

#endif /* GAPFILL_ACME_HTTP_H */

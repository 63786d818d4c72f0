/* cleanup.h
 * CLEANUP_PUSH for plugins: a function that runs also when a dissector throws.
 *
 * epan/exceptions.h has CLEANUP_PUSH and CLEANUP_CALL_AND_POP, at half the price of TRY and FINALLY; but
 * except_setup_clean(), which they need, is exported by no version. Include this header in place of that one.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_CLEANUP_H
#define GAPFILL_CLEANUP_H

#include <stddef.h>

#include <epan/exceptions.h>

/*
 * The node of a catcher that catches nothing is made into that of a cleanup function: except_setup_try() does nothing
 * but fill both in and put the node on the stack.
 */
static inline void
cleanup_setup(struct except_stacknode *node, struct except_cleanup *cleanup, void (*func)(void *), void *context)
{
    struct except_catch none;

    except_setup_try(node, &none, NULL, 0);
    cleanup->except_func = func;
    cleanup->except_context = context;
    node->except_type = XCEPT_CLEANUP;
    node->except_info.except_cleanup = cleanup;
}
#define except_setup_clean cleanup_setup

#endif /* GAPFILL_CLEANUP_H */

/* pieces.h
 * wmem's memory in pieces that ASan watches, at less than what a call of malloc() for each of them takes
 *
 * Copyright 2026, the Gapfill authors
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FUZZ_PIECES_H
#define GAPFILL_FUZZ_PIECES_H

#include <stdbool.h>

/* Has each allocator that Wireshark makes from now on give such pieces: behind one are 16 bytes or more that nobody may touch, what is
   freed is not given again for a while, and what moves moves away. False if this Wireshark's allocators are not made as is known here. */
bool pieces_start(void);

#endif /* GAPFILL_FUZZ_PIECES_H */

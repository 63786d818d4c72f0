/* session.h
 * Wireshark's dissection of a list of frames, as tshark -2 and then sharkd would do it
 *
 * Each file of the frames is an epan session of its own: everything of file scope is freed at its end, so that no input knows
 * anything of an earlier one. That takes 10 ms of processor time, under sanitizers; inputs of one packet or few, which need nothing
 * of each other, may share a session.
 *
 * Copyright 2026, the Gapfill authors
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FUZZ_SESSION_H
#define GAPFILL_FUZZ_SESSION_H

#include "frames.h"

/* Once. folder: where the plugins are, NULL: none. What is wrong with them ends the process. */
void session_start(const char *plugins);

/* A bug that a dissector reports ends the process, unless its message has one of the lines of this file in it. */
void session_tolerate(const char *file);

/* Dissects all: a first pass, and if it is whole a second one with columns, items as text and taps, and the last few packets once more,
   backwards. The last file may go on with the next input's first; so many inputs share a session at most. */
void session_run(const frames_t *frames, bool is_whole, unsigned inputs);

#endif /* GAPFILL_FUZZ_SESSION_H */

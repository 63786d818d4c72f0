/* frames.h
 * Frames of a capture, made of the records of an input: what is around their data, and what becomes of them on their way
 *
 * Copyright 2026, the Gapfill authors
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FUZZ_FRAMES_H
#define GAPFILL_FUZZ_FRAMES_H

#include "records.h"

#define FRAMES_MAX          (2 * RECORDS_MAX)

/* One frame; it owns its data. */
typedef struct frame {
    int      encap;         /* WTAP_ENCAP_... */
    bool     starts_file;
    uint32_t seconds;       /* since the first */
    size_t   length;        /* on the wire */
    size_t   captured;
    uint8_t *data;
} frame_t;

typedef struct frames {
    frame_t  all[FRAMES_MAX];
    size_t   n;
    uint32_t clock;
    uint32_t next[2];       /* sequence number to come of client and server of the TCP connection that is under way */
    unsigned more_files;    /* that may still begin */
} frames_t;

/* Puts the record's data into a frame; used through the table of targets. */
typedef void (*envelope_t)(frames_t *frames, const record_t *record);

/* What is read of an input: a record of few octets makes a packet, and one of three begins another file, which takes 10 ms. */
typedef struct frames_bounds {
    unsigned records;
    unsigned files;
} frames_bounds_t;

/* The frames of an input. frames_free() frees what they own. */
void frames_make(frames_t *frames, const uint8_t *input, size_t length, envelope_t envelope, const frames_bounds_t *bounds);
void frames_free(frames_t *frames);

/* As a pcap file, of the first one's link type. */
void frames_write(const frames_t *frames, const char *path);

/* What envelopes are made with. The data is copied. The addresses are 10.0.0.1 (client) and 10.0.0.2, or fd00::1 and fd00::2. */
void frames_add(frames_t *frames, int encap, const uint8_t *head, size_t head_length, const uint8_t *data, size_t length);
void frames_ethernet(frames_t *frames, unsigned type, const uint8_t *data, size_t length);
void frames_ip(frames_t *frames, const record_t *record, unsigned protocol, const uint8_t *head, size_t head_length);
void frames_tcp(frames_t *frames, const record_t *record, unsigned client_port, unsigned server_port);
void frames_udp(frames_t *frames, const record_t *record, unsigned client_port, unsigned server_port);

/* The data as what a dissector of this name is called with (exported PDU). */
void frames_named(frames_t *frames, const record_t *record, const char *dissector);

#endif /* GAPFILL_FUZZ_FRAMES_H */

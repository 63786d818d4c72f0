/* ftp-count.h
 * How many bytes of one direction of a TCP connection have got across
 *
 * RFC 9293 section 3.4. What the receiver has got is what it has acknowledged, and what was seen beyond that. Where no
 * acknowledgement of the receiver was captured, all that was sent counts, with its gaps. Positions are 64 bits and 0 at the first
 * byte, or at the first that is known of where the beginning was not captured.
 *
 * Ownership: the caller's struct, zeroed to begin with; gaps are in file scope, at most 64 of them. On the first pass only.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_COUNT_H
#define GAPFILL_FTP_COUNT_H

#include <stdbool.h>
#include <stdint.h>

/* Where nothing was seen, before what was. */
typedef struct ftp_gap {
    uint64_t begin;
    uint64_t end;
} ftp_gap_t;

typedef struct ftp_count {
    bool       started;
    bool       based;           /* position 0 is the first byte of the stream */
    bool       has_acks;
    bool       has_seen;        /* a packet of the sender */
    bool       has_fin;
    bool       is_fin_guessed;  /* it was not captured: the receiver has ended all, and acknowledged more than was seen */
    bool       is_ending;       /* nothing was seen of the sender, and the receiver has sent its FIN: one more byte is one too */
    bool       finished;        /* the receiver has got everything, the FIN too */
    bool       has_far;         /* a segment was left out as too far ahead: */
    uint32_t   far_seq;         /* where it begins, */
    uint32_t   far_end;         /* and ends */
    uint32_t   top_seq;         /* sequence number of */
    uint64_t   top;             /* the furthest position seen, sent or acknowledged */
    uint32_t   fin_seq;         /* of the FIN, behind the last byte, if has_fin */
    uint32_t   last_ack;        /* the highest one, if has_acks */
    uint64_t   acked;
    uint64_t   sent;            /* position behind the last byte seen */
    uint64_t   captured;        /* bytes of the segments that were seen, though the snap length may have cut them */
    ftp_gap_t *gaps;            /* by position */
    unsigned   gap_count;
} ftp_count_t;

/* The first byte of the stream, as a SYN tells it, or the acknowledgement that ends a handshake. */
void ftp_count_begin(ftp_count_t *count, uint32_t seq);

/*
 * A segment of length bytes. It is left out if it is 16 MiB ahead of all that is known by then, unless nobody acknowledges and
 * another one follows on it: then so much is missing from the capture.
 */
void ftp_count_sent(ftp_count_t *count, uint32_t seq, uint32_t length);

void ftp_count_fin(ftp_count_t *count, uint32_t seq);

/* An acknowledgement of the other side. */
void ftp_count_acked(ftp_count_t *count, uint32_t ack);

/* The sender's last packets were not captured, and the receiver ends the connection: it has acknowledged the FIN as a byte. */
void ftp_count_ended_unseen(ftp_count_t *count);

/* All that the sender, by whom nothing was captured, can have sent is a FIN, if the other side is the one that sends data. */
bool ftp_count_is_fin_alone(const ftp_count_t *count);

/* Whether the segment's number is near to what was seen of the stream. */
bool ftp_count_is_near(const ftp_count_t *count, uint32_t seq);

/* What the receiver has got, in bytes. */
uint64_t ftp_count_got(const ftp_count_t *count);

/* Whether the end was seen, and everything before it was, or has arrived all the same. */
bool ftp_count_is_whole(const ftp_count_t *count);

#endif /* GAPFILL_FTP_COUNT_H */

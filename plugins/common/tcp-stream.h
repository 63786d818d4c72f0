/* tcp-stream.h
 * The bytes of one direction of a TCP connection, in order, with what is missing of them told
 *
 * RFC 9293 section 3.4 (sequence numbers, which wrap around).
 *
 * For a plugin that has to read what a connection said in the order in which it was said, whatever Wireshark's own
 * reassembly is set to. Segments that came before their turn wait. What is missing is given up when the other side
 * has acknowledged it (the capture lacks it), when too much waits, or at the end; reading goes on behind it. Of
 * bytes that came twice, the first that were captured count.
 *
 * The reader takes as much as it can use and is offered the rest again with more behind it: a PDU or a line is
 * therefore always in one piece. To read PDUs, take all that are whole. To read lines, take each with its end, and
 * of one that grows too long, the beginning, and from then on everything up to its end. After a hole, what comes
 * next may begin anywhere: test it, and take what can not be used. Bytes that are in order by themselves, such as
 * decrypted ones, go through tcp_stream_bytes() of a stream of their own.
 *
 * Units: bytes; sequence numbers as on the wire; frames are those that hold the bytes. Ownership: the caller's
 * struct, zeroed to begin with; what waits or was not taken yet is copied to file scope and freed when it has been
 * read. Pointers given to the reader are valid during the call. Lifetime: the file's; call tcp_stream_reset() in
 * the plugin's init routine. To be called on the first pass only, in the order of the capture. Bounds: a stream
 * keeps at most what its reader says; all streams of a plugin together TCP_STREAM_KEPT_MAX bytes, beyond which
 * bytes are told as lost. Errors: segments and acknowledgements further away than the reader allows are nobody's and are left out.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_TCP_STREAM_H
#define GAPFILL_TCP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of a capture, in bytes. */
#define TCP_STREAM_KEPT_MAX     (64u << 20)

typedef enum {
    TCP_STREAM_NO_BEGIN,    /* nothing is missing as far as one knows, but the first segment may be in the middle of something */
    TCP_STREAM_CUT,         /* the snapshot length cut the end of a segment off */
    TCP_STREAM_LOST         /* segments are missing */
} tcp_stream_hole_t;

/* What a reader is told; for the life of the process. user is what was passed along. */
typedef struct tcp_stream_reader {
    /*
     * The next bytes, the ones that were not taken before first. Returns how many it takes. Called once a segment, so after a
     * hole the first byte is that of a segment.
     */
    size_t (*read)(void *user, const uint8_t *data, size_t length, uint32_t frame);
    /* Bytes are missing, if it is known how many; unread is what came before them and was not taken, and is forgotten now. */
    void   (*hole)(void *user, tcp_stream_hole_t why, uint32_t missing, const uint8_t *unread, size_t length, uint32_t frame);
    /*
     * A segment that came after its hole was given up; at_begin: of the hole, so that it goes on where the bytes
     * before stopped. NULL: such are left out, and a hole is then only given up for acknowledgements that come after it.
     */
    void   (*late)(void *user, const uint8_t *data, size_t length, bool at_begin, uint32_t frame);
    unsigned max_waiting;       /* segments */
    size_t   max_waiting_bytes;
    uint32_t furthest;          /* what is further from the next byte than this is left out; 0: nothing is */
} tcp_stream_reader_t;

typedef struct tcp_stream {
    bool      started;
    bool      has_acked;
    uint32_t  next;             /* sequence number of the next byte, if started */
    uint32_t  acked;            /* by the other side, if has_acked */
    uint32_t  hole;             /* the one given up last, hole_length bytes long */
    uint32_t  hole_length;
    struct tcp_stream_segment *waiting;     /* by sequence number */
    unsigned  waiting_count;
    size_t    waiting_bytes;
    uint8_t  *unread;
    size_t    unread_length;
    size_t    unread_size;
} tcp_stream_t;

/* A file is opened. */
void tcp_stream_reset(void);

/* The SYN told where the stream begins: seq is that of the first byte after it. Does nothing later on. */
void tcp_stream_begin(tcp_stream_t *stream, uint32_t seq);

/*
 * A segment of length bytes of payload, of which the first captured ones are there. False if it came before its turn
 * and something before it is still missing.
 */
bool tcp_stream_segment(tcp_stream_t *stream, const tcp_stream_reader_t *reader, uint32_t seq, const uint8_t *data,
        uint32_t captured, uint32_t length, uint32_t frame, void *user);

/* The other side has got everything before ack; further away than the reader allows, that was never sent: it is left out. */
void tcp_stream_acknowledged(tcp_stream_t *stream, const tcp_stream_reader_t *reader, uint32_t ack, uint32_t frame, void *user);

/* Whether the other side has got something that was not captured, at least not yet. */
bool tcp_stream_is_behind(const tcp_stream_t *stream);

/* Bytes that are missing before the first segment that waits; 0 if none waits. */
uint32_t tcp_stream_missing(const tcp_stream_t *stream);

/* The connection ends: all that waits is read. What was not taken stays, see tcp_stream_unread(). */
void tcp_stream_finish(tcp_stream_t *stream, const tcp_stream_reader_t *reader, uint32_t frame, void *user);

/* The next bytes, without a sequence number. */
void tcp_stream_bytes(tcp_stream_t *stream, const tcp_stream_reader_t *reader, const uint8_t *data, size_t length,
        uint32_t frame, void *user);

/* What the reader has not taken: of lines, one that has no end. It is forgotten with the second. */
const uint8_t *tcp_stream_unread(const tcp_stream_t *stream, size_t *length);
void tcp_stream_forget_unread(tcp_stream_t *stream);

/* How far seq is from the next byte, positive if it comes later; 0 before the stream has begun. */
int32_t tcp_stream_distance(const tcp_stream_t *stream, uint32_t seq);

#endif /* GAPFILL_TCP_STREAM_H */

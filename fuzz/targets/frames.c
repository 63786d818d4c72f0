/* frames.c
 * Frames of a capture, made of the records of an input: what is around their data, and what becomes of them on their way
 *
 * Copyright 2026, the Gapfill authors
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "frames.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wireshark.h>
#include <wiretap/wtap.h>
#include <epan/exported_pdu.h>

#define IP_HEADER       20
#define IP6_HEADER      40
#define ICMP_HEADER     8
#define ETHERNET_HEADER 14
#define IP6_KINDS       8       /* kinds from here on go over IPv6 */
#define TCP_PUSH_ACK    0x18
#define TCP_SYN         0x02
#define PAUSE           60

static void
put16(uint8_t *at, size_t number)
{
    at[0] = (uint8_t)(number >> 8);
    at[1] = (uint8_t)number;
}

static void
put32(uint8_t *at, uint32_t number)
{
    put16(at, number >> 16);
    put16(at + 2, number & 0xffff);
}

/* NULL is nothing. */
static void
copy(uint8_t *to, const uint8_t *from, size_t length)
{
    if (length > 0) {
        memcpy(to, from, length);
    }
}

void
frames_add(frames_t *frames, int encap, const uint8_t *head, size_t head_length, const uint8_t *data, size_t length)
{
    frame_t *frame = &frames->all[frames->n];

    if (frames->n == FRAMES_MAX) {
        return;
    }
    frames->n++;
    *frame = (frame_t) { .encap = encap, .seconds = frames->clock++ / 16, .length = head_length + length };
    frame->captured = frame->length;
    frame->data = malloc(frame->length + 1);
    copy(frame->data, head, head_length);
    copy(frame->data + head_length, data, length);
}

void
frames_ethernet(frames_t *frames, unsigned type, const uint8_t *data, size_t length)
{
    uint8_t head[ETHERNET_HEADER] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 };

    put16(head + 12, type);
    frames_add(frames, WTAP_ENCAP_ETHERNET, head, sizeof head, data, length);
}

static void
put_ip4(uint8_t *ip, bool reply, unsigned protocol, size_t length)
{
    memcpy(ip, (uint8_t[]) { 0x45, 0, 0, 0, 0, 1, 0x40, 0, 64, 0, 0, 0, 10, 0, 0, reply ? 2 : 1, 10, 0, 0, reply ? 1 : 2 }, IP_HEADER);
    put16(ip + 2, IP_HEADER + length);
    ip[9] = (uint8_t)protocol;
}

static void
put_ip6(uint8_t *ip, bool reply, unsigned protocol, size_t length)
{
    memset(ip, 0, IP6_HEADER);
    ip[0] = 0x60;
    put16(ip + 4, length);
    ip[6] = (uint8_t)protocol;
    ip[7] = 64;
    ip[8] = ip[24] = 0xfd;
    ip[23] = reply ? 2 : 1;
    ip[39] = reply ? 1 : 2;
}

/* Between the Ethernet header and its end: an ICMP error that quotes an IPv4 packet. */
static void
add_quote(frames_t *frames, bool reply, const uint8_t *packet, size_t length)
{
    uint8_t *error = calloc(1, IP_HEADER + ICMP_HEADER + length);

    put_ip4(error, !reply, 1, ICMP_HEADER + length);
    error[IP_HEADER] = 3;
    error[IP_HEADER + 1] = 3;
    memcpy(error + IP_HEADER + ICMP_HEADER, packet, length);
    frames_ethernet(frames, 0x0800, error, IP_HEADER + ICMP_HEADER + length);
    free(error);
}

void
frames_ip(frames_t *frames, const record_t *record, unsigned protocol, const uint8_t *head, size_t head_length)
{
    bool     is_ip6 = record->kind >= IP6_KINDS && record->fate != FATE_QUOTED;
    size_t   header = is_ip6 ? IP6_HEADER : IP_HEADER;
    uint8_t *packet = malloc(header + head_length + record->length);

    (is_ip6 ? put_ip6 : put_ip4)(packet, record->reply, protocol, head_length + record->length);
    copy(packet + header, head, head_length);
    copy(packet + header + head_length, record->data, record->length);
    frames_ethernet(frames, is_ip6 ? 0x86dd : 0x0800, packet, header + head_length + record->length);
    if (record->fate == FATE_QUOTED) {
        add_quote(frames, record->reply, packet, header + head_length + record->length);
    }
    free(packet);
}

/* The first packet of a direction has SYN; after that its numbers go on. */
void
frames_tcp(frames_t *frames, const record_t *record, unsigned client_port, unsigned server_port)
{
    uint8_t   head[20] = { 0 };
    uint32_t *sequence = &frames->next[record->reply];
    record_t  opening = *record;

    put16(head, record->reply ? server_port : client_port);
    put16(head + 2, record->reply ? client_port : server_port);
    head[12] = 0x50;
    put16(head + 14, 0xffff);
    if (*sequence == 0) {
        *sequence = 1000;
        put32(head + 4, 999);
        head[13] = TCP_SYN | (record->reply ? 0x10 : 0);
        put32(head + 8, record->reply ? frames->next[0] : 0);
        opening.length = 0;
        opening.fate = FATE_NONE;
        frames_ip(frames, &opening, 6, head, sizeof head);
    }
    head[13] = TCP_PUSH_ACK;
    put32(head + 4, *sequence);
    put32(head + 8, frames->next[!record->reply]);
    frames_ip(frames, record, 6, head, sizeof head);
    *sequence += (uint32_t)record->length;
}

void
frames_udp(frames_t *frames, const record_t *record, unsigned client_port, unsigned server_port)
{
    uint8_t head[8] = { 0 };

    put16(head, record->reply ? server_port : client_port);
    put16(head + 2, record->reply ? client_port : server_port);
    put16(head + 4, sizeof head + record->length);
    frames_ip(frames, record, 17, head, sizeof head);
}

void
frames_named(frames_t *frames, const record_t *record, const char *dissector)
{
    size_t   length = strlen(dissector);
    uint8_t *head = calloc(1, 4 + length + 4);

    put16(head, EXP_PDU_TAG_DISSECTOR_NAME);
    put16(head + 2, length);
    memcpy(head + 4, dissector, length);
    frames_add(frames, WTAP_ENCAP_WIRESHARK_UPPER_PDU, head, 4 + length + 4, record->data, record->length);
    free(head);
}

/* The frames from the first on that this record has made. */
static void
meet_fate(frames_t *frames, size_t first, const record_t *record)
{
    frame_t *last = frames->n > 0 ? &frames->all[frames->n - 1] : NULL;

    if (frames->n == first) {
        return;
    }
    switch (record->fate) {
    case FATE_TWICE:
        frames_add(frames, last->encap, last->data, last->length, NULL, 0);
        break;
    case FATE_LOST:
        free(last->data);
        frames->n--;
        break;
    case FATE_SNAPPED:
        last->captured -= record->length / 2;
        break;
    case FATE_NEW_FILE:
        frames->all[first].starts_file = frames->more_files > 0;
        frames->more_files -= frames->more_files > 0;
        break;
    default:
        break;
    }
}

/* Moves the frame that was late to behind the one that came after it. */
static void
put_late(frames_t *frames, size_t late)
{
    frame_t kept;

    if (late + 1 < frames->n) {
        kept = frames->all[late];
        frames->all[late] = frames->all[late + 1];
        frames->all[late + 1] = kept;
    }
}

void
frames_make(frames_t *frames, const uint8_t *input, size_t length, envelope_t envelope, const frames_bounds_t *bounds)
{
    static record_t records[RECORDS_MAX];
    size_t n = records_read(input, length, records), late = FRAMES_MAX;

    frames->n = 0;
    frames->clock = 0;
    frames->next[0] = frames->next[1] = 0;
    frames->more_files = bounds->files - 1;
    for (size_t i = 0; i < n && i < bounds->records; i++) {
        size_t first = frames->n;

        frames->clock += records[i].fate == FATE_PAUSE ? 16 * PAUSE : 0;
        envelope(frames, &records[i]);
        meet_fate(frames, first, &records[i]);
        put_late(frames, late);
        late = records[i].fate == FATE_LATE && frames->n > first ? frames->n - 1 : FRAMES_MAX;
    }
}

void
frames_free(frames_t *frames)
{
    for (size_t i = 0; i < frames->n; i++) {
        free(frames->all[i].data);
    }
    frames->n = 0;
}

static uint32_t
link_type_of(int encap)
{
    switch (encap) {
    case WTAP_ENCAP_RAW_IP: return 101;
    case WTAP_ENCAP_SLL: return 113;
    case WTAP_ENCAP_WIRESHARK_UPPER_PDU: return 252;
    default: return 1;
    }
}

void
frames_write(const frames_t *frames, const char *path)
{
    FILE *file = fopen(path, "wb");

    if (!file) {
        return;
    }
    fwrite((uint32_t[]) { 0xa1b2c3d4, 4 << 16 | 2, 0, 0, 0x40000, link_type_of(frames->n > 0 ? frames->all[0].encap : 0) }, 4, 6, file);
    for (size_t i = 0; i < frames->n; i++) {
        const frame_t *frame = &frames->all[i];

        fwrite((uint32_t[]) { 1700000000 + frame->seconds, 0, (uint32_t)frame->captured, (uint32_t)frame->length }, 4, 4, file);
        fwrite(frame->data, 1, frame->captured, file);
    }
    fclose(file);
}

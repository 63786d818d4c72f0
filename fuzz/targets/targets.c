/* targets.c
 * What can be fuzzed: each target has a name, and an envelope that the data of a record is put into
 *
 * Copyright 2026, the Gapfill authors
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "targets.h"

#include <string.h>

#include <wireshark.h>
#include <wiretap/wtap.h>

#define ALIKE(kind) ((kind) & 7)    /* kinds from 8 on are the same over IPv6 */

static void
openpgp(frames_t *frames, const record_t *record)
{
    frames_named(frames, record, record->kind & 1 ? "openpgp.stream" : "openpgp");
}

static void
mail(frames_t *frames, const record_t *record)
{
    frames_named(frames, record, "imf");
}

static void
hkp(frames_t *frames, const record_t *record)
{
    frames_tcp(frames, record, 40000, ALIKE(record->kind) == 1 ? 80 : 11371);
}

static void
dns(frames_t *frames, const record_t *record)
{
    frames_udp(frames, record, 40000, 53);
}

static void
acme_http(frames_t *frames, const record_t *record)
{
    frames_tcp(frames, record, 40000, ALIKE(record->kind) == 1 ? 14000 : 80);
}

static void
acme_tls(frames_t *frames, const record_t *record)
{
    frames_tcp(frames, record, 40000, 443);
}

/* Kinds 1 and 2 are data connections: one that PORT 10,0,0,1,156,65 announces, and one of 227 (10,0,0,2,195,80). */
static void
ftp(frames_t *frames, const record_t *record)
{
    uint32_t control[2] = { frames->next[0], frames->next[1] };

    switch (ALIKE(record->kind)) {
    case 1:
    case 2:
        frames->next[0] = frames->next[1] = 0;
        frames_tcp(frames, record, ALIKE(record->kind) == 1 ? 40001 : 40002, ALIKE(record->kind) == 1 ? 20 : 50000);
        memcpy(frames->next, control, sizeof control);
        break;
    default:
        frames_tcp(frames, record, 40000, 21);
    }
}

static void
ldp(frames_t *frames, const record_t *record)
{
    if (ALIKE(record->kind) == 1) {
        frames_udp(frames, record, 646, 646);
    } else {
        frames_tcp(frames, record, 40000, 646);
    }
}

static void
labels(frames_t *frames, const record_t *record)
{
    frames_ethernet(frames, ALIKE(record->kind) == 1 ? 0x8848 : 0x8847, record->data, record->length);
}

static void
l2tp(frames_t *frames, const record_t *record)
{
    if (ALIKE(record->kind) == 1) {
        frames_udp(frames, record, 1701, 1701);
    } else {
        frames_ip(frames, record, 115, NULL, 0);
    }
}

static void
discard(frames_t *frames, const record_t *record)
{
    switch (ALIKE(record->kind)) {
    case 1: frames_tcp(frames, record, 40000, 9); break;
    case 2: frames_ip(frames, record, 132, NULL, 0); break;
    default: frames_udp(frames, record, 40000, 9);
    }
}

static void
arp_snap(frames_t *frames, const record_t *record)
{
    if (ALIKE(record->kind) == 1) {
        frames_named(frames, record, "llc");
    } else {
        frames_ethernet(frames, record->length < 1500 ? (unsigned)record->length : 1500, record->data, record->length);
    }
}

static void
whole_session(frames_t *frames, const record_t *record)
{
    static const uint8_t protocols[] = { 6, 17, 132, 1, 47, 4, 41, 50 };

    frames_ip(frames, record, protocols[ALIKE(record->kind)], NULL, 0);
}

/* Frames as they are. */
static void
sequence(frames_t *frames, const record_t *record)
{
    static const int encaps[] = { WTAP_ENCAP_ETHERNET, WTAP_ENCAP_RAW_IP, WTAP_ENCAP_SLL, WTAP_ENCAP_WIRESHARK_UPPER_PDU };

    frames_add(frames, encaps[record->kind & 3], NULL, 0, record->data, record->length);
}

static const target_t targets[] = {
    { "openpgp", openpgp, true }, { "mail", mail, true }, { "dns", dns, true }, { "labels", labels, true }, { "l2tp", l2tp, true },
    { "discard", discard, true }, { "arp-snap", arp_snap, true }, { "whole-session", whole_session, true },
    { "hkp", hkp, false }, { "acme-http", acme_http, false }, { "acme-tls", acme_tls, false }, { "ftp", ftp, false },
    { "ldp", ldp, false }, { "sequence", sequence, false },
};

const target_t *
target_of_name(const char *name)
{
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        if (strcmp(targets[i].name, name) == 0) {
            return &targets[i];
        }
    }
    return NULL;
}

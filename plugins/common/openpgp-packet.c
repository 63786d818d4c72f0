/* openpgp-packet.c
 * The framing of OpenPGP packets; see openpgp-packet.h
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "config.h"

#include <string.h>

#include <wsutil/pint.h>

#include "openpgp-codes.h"
#include "openpgp-packet.h"
#include "compat.h"

openpgp_data_t
openpgp_data_of(tvbuff_t *tvb)
{
    openpgp_data_t data = { NULL, tvb_captured_length(tvb), tvb_reported_length(tvb) };

    if (data.captured > 0)
        data.octets = tvb_get_ptr(tvb, 0, (int)data.captured);
    return data;
}

/* Headers */

static unsigned
left_after(openpgp_data_t data, unsigned offset)
{
    return offset < data.captured ? data.captured - offset : 0;
}

bool
openpgp_read_part(openpgp_data_t data, unsigned offset, openpgp_header_t *header)
{
    unsigned available = left_after(data, offset);
    const uint8_t *length = data.octets + offset;

    header->partial = false;
    if (available < 1)
        return false;
    header->length_size = length[0] < 192 ? 1 : length[0] < 224 ? 2 : length[0] < 255 ? 1 : 5;
    if (available < header->length_size)
        return false;
    if (length[0] < 192) {
        header->length = length[0];
    } else if (length[0] < 224) {
        header->length = ((length[0] - 192u) << 8) + length[1] + 192;
    } else if (length[0] < 255) {
        header->length = 1u << (length[0] & 31);
        header->partial = true;
    } else {
        header->length = pntohu32(length + 1);
    }
    return true;
}

static bool
read_old_length(openpgp_data_t data, unsigned offset, unsigned type, openpgp_header_t *header)
{
    const uint8_t *length = data.octets + offset;

    header->indeterminate = type == 3;
    header->length_size = header->indeterminate ? 0 : 1u << type;
    if (left_after(data, offset) < header->length_size)
        return false;
    if (header->indeterminate)
        header->length = data.reported - offset;
    else
        header->length = type == 0 ? length[0] : type == 1 ? pntohu16(length) : pntohu32(length);
    return true;
}

bool
openpgp_read_header(openpgp_data_t data, unsigned offset, openpgp_header_t *header)
{
    uint8_t octet;
    bool whole;

    memset(header, 0, sizeof *header);
    if (left_after(data, offset) < 1)
        return false;
    octet = data.octets[offset];
    if (!(octet & 0x80))
        return false;
    header->new_format = octet & 0x40;
    header->tag = header->new_format ? octet & 0x3f : (octet >> 2) & 0xf;
    if (header->new_format)
        whole = openpgp_read_part(data, offset + 1, header);
    else
        whole = read_old_length(data, offset + 1, octet & 3, header);
    if (whole)
        header->size = 1 + header->length_size;
    return true;
}

unsigned
openpgp_join_parts(openpgp_data_t data, unsigned offset, openpgp_header_t header, uint8_t *buffer, unsigned *end, bool *cut)
{
    unsigned total = 0;
    unsigned length;
    bool more = true;

    *cut = false;
    do {
        length = MIN(header.length, left_after(data, offset));
        if (buffer && length > 0)
            memcpy(buffer + total, data.octets + offset, length);
        total += length;
        offset += length;
        if (length < header.length)
            *cut = true;
        if (*cut || !header.partial)
            more = false;
        else if (!openpgp_read_part(data, offset, &header))
            *cut = true;
        else
            offset += header.length_size;
    } while (more && !*cut);
    *end = offset;
    return total;
}

/* Recognition of binary packets */

static bool
is_start_of_block(uint8_t tag)
{
    return (openpgp_is_of_message(tag) && tag != OPENPGP_TAG_MDC) || openpgp_is_key(tag) || openpgp_is_subkey(tag) ||
        tag == OPENPGP_TAG_SIGNATURE || tag == OPENPGP_TAG_MARKER || tag == OPENPGP_TAG_USER_ID;
}

/* The first octet of the body: mostly a version. */
static bool
is_first_octet(uint8_t tag, uint8_t octet)
{
    switch (tag) {
    case OPENPGP_TAG_PKESK:
        return octet == 2 || octet == 3 || octet == 6;
    case OPENPGP_TAG_SIGNATURE:
    case OPENPGP_TAG_PUBLIC_KEY:
    case OPENPGP_TAG_SECRET_KEY:
    case OPENPGP_TAG_PUBLIC_SUBKEY:
    case OPENPGP_TAG_SECRET_SUBKEY:
        return octet >= 2 && octet <= 6;
    case OPENPGP_TAG_USER_ID:
        return octet >= ' ' && octet != 0x7f;
    case OPENPGP_TAG_SKESK:
        return octet >= 4 && octet <= 6;
    case OPENPGP_TAG_ONE_PASS:
        return octet == 3 || octet == 6;
    case OPENPGP_TAG_COMPRESSED:
        return octet <= 3;
    case OPENPGP_TAG_MARKER:
        return octet == 'P';
    case OPENPGP_TAG_LITERAL:
        return octet == 'b' || octet == 't' || octet == 'u' || octet == 'm' || octet == 'l' || octet == '1';
    case OPENPGP_TAG_SEIPD:
        return octet == 1 || octet == 2;
    case OPENPGP_TAG_AEAD:
        return octet == 1;
    default:
        return false;
    }
}

/* Of a user ID any octet may be the first: only its signature tells that it is one. */
static bool
is_followed(openpgp_data_t data, unsigned end, uint8_t tag)
{
    openpgp_header_t header;

    return openpgp_read_header(data, end, &header) && (tag != OPENPGP_TAG_USER_ID || header.tag == OPENPGP_TAG_SIGNATURE);
}

bool
openpgp_is_binary(openpgp_data_t data, bool more_to_come)
{
    openpgp_header_t header;
    uint64_t end;

    if (!openpgp_read_header(data, 0, &header) || header.size == 0 || !is_start_of_block(header.tag))
        return false;
    if (data.captured <= header.size || header.length == 0)
        return false;
    if (!is_first_octet(header.tag, data.octets[header.size]))
        return false;
    end = (uint64_t)header.size + header.length;
    if (header.partial || end == data.reported)
        return true;
    if (end > data.reported)
        return more_to_come;
    if (openpgp_is_key(header.tag) || openpgp_is_subkey(header.tag) || header.tag == OPENPGP_TAG_SIGNATURE)
        return true;
    return end >= data.captured || is_followed(data, (unsigned)end, header.tag);
}

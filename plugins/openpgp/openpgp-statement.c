/* openpgp-statement.c
 * What an OpenPGP signature says of itself; see openpgp-statement.h
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

#include <glib.h>
#include <wsutil/pint.h>

#include "openpgp-codes.h"
#include "openpgp-statement.h"
#include "compat.h"

/* Of version 3: type and creation time are hashed. */
#define V3_LENGTH       19
#define V3_HASHED       2
#define V3_HASHED_SIZE  5

#define REVOKER_HEAD    2

/* RFC 4880 section 5.2.3.15: the bit of a revocation key's class that has to be set. */
#define REVOKER_CLASS   0x80

/* Takes a subpacket's length, with its type; false: there is none. */
static bool
take_length(openpgp_octets_t *area, uint32_t *length)
{
    const uint8_t *octets = area->octets;
    unsigned size = area->length == 0 ? 1 : octets[0] < 192 ? 1 : octets[0] < 255 ? 2 : 5;

    if (area->length < size)
        return false;
    *length = size == 1 ? octets[0] : size == 2 ? ((octets[0] - 192u) << 8) + octets[1] + 192 : pntohu32(octets + 1);
    area->octets += size;
    area->length -= size;
    return *length <= area->length;
}

static void
read_revoker(openpgp_statement_t *statement, openpgp_octets_t body)
{
    if (body.length <= REVOKER_HEAD || !(body.octets[0] & REVOKER_CLASS))
        return;
    for (unsigned i = 0; i < OPENPGP_REVOKERS; i++) {
        if (!statement->revokers[i].octets) {
            statement->revokers[i] = (openpgp_octets_t){ body.octets + REVOKER_HEAD, body.length - REVOKER_HEAD };
            return;
        }
    }
}

static void
read_embedded(openpgp_statement_t *statement, openpgp_octets_t body)
{
    for (unsigned i = 0; i < OPENPGP_EMBEDDED; i++) {
        if (!statement->embedded[i].octets) {
            statement->embedded[i] = body;
            return;
        }
    }
}

/* What may stand in either area; what is hashed comes first, and holds. */
static void
read_issuer(openpgp_statement_t *statement, uint8_t type, openpgp_octets_t body)
{
    if (type == OPENPGP_SUB_ISSUER_KEYID && body.length == OPENPGP_KEY_ID_LENGTH && !statement->issuer_keyid.octets)
        statement->issuer_keyid = body;
    else if (type == OPENPGP_SUB_ISSUER_FINGERPRINT && body.length > 1 && !statement->issuer_fingerprint.octets)
        statement->issuer_fingerprint = (openpgp_octets_t){ body.octets + 1, body.length - 1 };
    else if (type == OPENPGP_SUB_EMBEDDED)
        read_embedded(statement, body);
}

static void
read_time(openpgp_octets_t body, uint32_t *seconds)
{
    if (body.length == 4)
        *seconds = pntohu32(body.octets);
}

static void
read_hashed(openpgp_statement_t *statement, uint8_t type, openpgp_octets_t body)
{
    switch (type) {
    case OPENPGP_SUB_CREATION:
        statement->has_creation |= body.length == 4;
        read_time(body, &statement->creation);
        break;
    case OPENPGP_SUB_EXPIRATION:
        read_time(body, &statement->validity);
        break;
    case OPENPGP_SUB_KEY_EXPIRATION:
        read_time(body, &statement->key_validity);
        break;
    case OPENPGP_SUB_REVOCATION_KEY:
        read_revoker(statement, body);
        break;
    case OPENPGP_SUB_REVOCATION_REASON:
        statement->reason = body.length ? body.octets[0] : 0;
        break;
    case OPENPGP_SUB_KEY_FLAGS:
        statement->key_flags = body.length ? body.octets[0] : 0;
        break;
    default:
        break;
    }
}

/* Notations that are critical are for whoever knows their name: nobody here does. */
static bool
is_understood(uint8_t type)
{
    return openpgp_subpacket_name(type) && type != OPENPGP_SUB_NOTATION;
}

/* False: malformed. */
static bool
read_area(openpgp_statement_t *statement, openpgp_octets_t area, bool hashed)
{
    while (area.length > 0) {
        uint32_t length;
        uint8_t type;
        openpgp_octets_t body;

        if (!take_length(&area, &length))
            return false;
        if (length > 0) {
            type = area.octets[0] & 0x7f;
            body = (openpgp_octets_t){ area.octets + 1, length - 1 };
            read_issuer(statement, type, body);
            if (hashed)
                read_hashed(statement, type, body);
            if (hashed && area.octets[0] & 0x80 && !is_understood(type))
                statement->unknown_critical = true;
        }
        area.octets += length;
        area.length -= length;
    }
    return true;
}

/* An area with its length before it, at *offset, which moves behind. */
static bool
take_area(openpgp_statement_t *statement, unsigned *offset, bool hashed)
{
    openpgp_octets_t body = statement->body;
    unsigned size = statement->version == 6 ? 4 : 2;
    uint32_t length;

    if (body.length - *offset < size)
        return false;
    length = size == 4 ? pntohu32(body.octets + *offset) : pntohu16(body.octets + *offset);
    *offset += size;
    if (length > body.length - *offset)
        return false;
    *offset += length;
    return read_area(statement, (openpgp_octets_t){ body.octets + *offset - length, length }, hashed);
}

static bool
take_salt(openpgp_statement_t *statement, unsigned *offset)
{
    openpgp_octets_t body = statement->body;

    if (body.length - *offset < 1 || body.octets[*offset] > body.length - *offset - 1)
        return false;
    statement->salt = (openpgp_octets_t){ body.octets + *offset + 1, body.octets[*offset] };
    *offset += 1 + statement->salt.length;
    return true;
}

static bool
read_v3(openpgp_statement_t *statement)
{
    const uint8_t *octets = statement->body.octets;

    if (statement->body.length < V3_LENGTH || octets[1] != V3_HASHED_SIZE)
        return false;
    statement->type = octets[V3_HASHED];
    statement->hashed = (openpgp_octets_t){ octets + V3_HASHED, V3_HASHED_SIZE };
    statement->creation = pntohu32(octets + V3_HASHED + 1);
    statement->has_creation = true;
    statement->issuer_keyid = (openpgp_octets_t){ octets + 7, OPENPGP_KEY_ID_LENGTH };
    statement->algorithm = octets[15];
    statement->hash = octets[16];
    memcpy(statement->left, octets + 17, OPENPGP_LEFT_OCTETS);
    statement->material = (openpgp_octets_t){ octets + V3_LENGTH, statement->body.length - V3_LENGTH };
    return true;
}

static bool
read_v4(openpgp_statement_t *statement)
{
    openpgp_octets_t body = statement->body;
    unsigned offset = 4;

    if (body.length < offset)
        return false;
    statement->type = body.octets[1];
    statement->algorithm = body.octets[2];
    statement->hash = body.octets[3];
    if (!take_area(statement, &offset, true))
        return false;
    statement->hashed = (openpgp_octets_t){ body.octets, offset };
    if (!take_area(statement, &offset, false) || body.length - offset < OPENPGP_LEFT_OCTETS)
        return false;
    memcpy(statement->left, body.octets + offset, OPENPGP_LEFT_OCTETS);
    offset += OPENPGP_LEFT_OCTETS;
    if (statement->version == 6 && !take_salt(statement, &offset))
        return false;
    statement->material = (openpgp_octets_t){ body.octets + offset, body.length - offset };
    return true;
}

bool
openpgp_read_statement(openpgp_octets_t body, openpgp_statement_t *statement)
{
    memset(statement, 0, sizeof *statement);
    statement->body = body;
    statement->version = body.length ? body.octets[0] : 0;
    if (statement->version < 2 || statement->version > 6)
        return false;
    return statement->version < 4 ? read_v3(statement) : read_v4(statement);
}

/* ftp-store.c
 * The bytes of a file as they come; see ftp-store.h
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

#include "ftp-store.h"

/* Bytes that something may come too late by: as many are moved to make place for it. */
#define FTP_BEFORE_MAX (1 << 20)

/* Pieces that are looked at to find one. */
#define FTP_PIECES_MAX 4096

/* Bytes of room that are made at once, at most. */
#define FTP_ROOM_MAX (256 << 20)

typedef struct ftp_piece {
    int64_t begin;
    int64_t end;
    bool    is_room;        /* and holds zeros */
} ftp_piece_t;

unsigned ftp_store_max = 1024;

static uint64_t held;       /* bytes of all stores */

void
ftp_store_reset(void)
{
    held = 0;
}

static unsigned
count(const ftp_store_t *store)
{
    return store->pieces ? store->pieces->len : 0;
}

static ftp_piece_t *
piece_at(const ftp_store_t *store, unsigned at)
{
    return at < count(store) ? &g_array_index(store->pieces, ftp_piece_t, at) : NULL;
}

/* Where a position is, or would be. */
typedef struct ftp_spot {
    unsigned at;            /* the first piece that ends behind it */
    size_t   before;        /* bytes that lie before that piece */
} ftp_spot_t;

/* False if it is too far behind to look for. */
static bool
find_spot(const ftp_store_t *store, int64_t position, ftp_spot_t *spot)
{
    const unsigned pieces = count(store);

    spot->before = store->length;
    for (spot->at = pieces; spot->at > 0; spot->at--) {
        const ftp_piece_t *piece = piece_at(store, spot->at - 1);

        if (piece->end <= position)
            break;
        if (pieces - spot->at == FTP_PIECES_MAX)
            return false;
        spot->before -= (size_t)(piece->end - piece->begin);
    }
    return true;
}

static void
insert_piece(ftp_store_t *store, unsigned at, int64_t begin, int64_t end, bool is_room)
{
    ftp_piece_t piece = { begin, end, is_room };

    if (!store->pieces)
        store->pieces = g_array_new(FALSE, FALSE, sizeof piece);
    g_array_insert_val(store->pieces, at, piece);
}

/* The piece number at, which is not room, and the one before it become one if they can. */
static void
join_with_previous(ftp_store_t *store, unsigned at)
{
    ftp_piece_t *before = at > 0 ? piece_at(store, at - 1) : NULL;
    ftp_piece_t *piece = piece_at(store, at);

    if (!before || !piece || before->end != piece->begin || before->is_room != piece->is_room)
        return;
    before->end = piece->end;
    g_array_remove_index(store->pieces, at);
}

static void
note_piece(ftp_store_t *store, unsigned at, int64_t begin, int64_t end, bool is_room)
{
    insert_piece(store, at, begin, end, is_room);
    join_with_previous(store, at + 1);
    join_with_previous(store, at);
}

static bool
may_hold(uint64_t more)
{
    return ftp_store_max == 0 || held + more <= (uint64_t)ftp_store_max << 20;
}

/* Bytes, or zeros for NULL, with so many before them. */
static void
insert_bytes(ftp_store_t *store, size_t before, const uint8_t *bytes, size_t length)
{
    uint8_t *at;

    store->bytes = (uint8_t *)g_realloc(store->bytes, store->length + length);
    at = store->bytes + before;
    memmove(at + length, at, store->length - before);
    if (bytes)
        memcpy(at, bytes, length);
    else
        memset(at, 0, length);
    store->length += length;
    held += length;
}

/* The part of a piece of room that is now filled is a piece of its own. */
static void
fill_room(ftp_store_t *store, const ftp_spot_t *spot, int64_t begin, int64_t end, const uint8_t *bytes)
{
    unsigned at = spot->at;
    ftp_piece_t room = *piece_at(store, at);

    memcpy(store->bytes + spot->before + (begin - room.begin), bytes, (size_t)(end - begin));
    g_array_remove_index(store->pieces, at);
    if (end < room.end)
        insert_piece(store, at, end, room.end, true);
    if (room.begin < begin)
        insert_piece(store, at++, room.begin, begin, true);
    note_piece(store, at, begin, end, false);
}

/* Nothing is there: false if it cannot be stored. */
static bool
add_bytes(ftp_store_t *store, const ftp_spot_t *spot, int64_t begin, int64_t end, const uint8_t *bytes)
{
    if (store->length - spot->before > FTP_BEFORE_MAX || !may_hold((uint64_t)(end - begin)))
        return false;
    insert_bytes(store, spot->before, bytes, (size_t)(end - begin));
    note_piece(store, spot->at, begin, end, false);
    return true;
}

void
ftp_store_place(ftp_store_t *store, int64_t begin, const uint8_t *bytes, size_t length)
{
    const int64_t end = begin + (int64_t)length;
    ftp_spot_t spot;

    while (begin < end && find_spot(store, begin, &spot)) {
        const ftp_piece_t *piece = piece_at(store, spot.at);
        bool is_there = piece && piece->begin <= begin;
        int64_t until = !piece ? end : MIN(end, is_there ? piece->end : piece->begin);

        if (is_there && piece->is_room)
            fill_room(store, &spot, begin, until, bytes);
        else if (!is_there && !add_bytes(store, &spot, begin, until, bytes))
            return;
        bytes += until - begin;
        begin = until;
    }
}

void
ftp_store_move(ftp_store_t *store, int64_t by, ftp_store_t *from)
{
    const uint8_t *bytes = from->bytes;

    held -= from->length;
    for (unsigned i = 0; i < count(from); i++) {
        const ftp_piece_t *piece = piece_at(from, i);

        ftp_store_place(store, piece->begin + by, bytes, (size_t)(piece->end - piece->begin));
        bytes += piece->end - piece->begin;
    }
    held += from->length;
    ftp_store_free(from);
}

bool
ftp_store_make_room(ftp_store_t *store, int64_t begin, int64_t end)
{
    const ftp_piece_t *next;
    ftp_spot_t spot;

    if (!find_spot(store, begin, &spot))
        return false;
    next = piece_at(store, spot.at);
    if (next)
        end = next->begin;
    if (end <= begin)
        return true;
    if (end - begin > FTP_ROOM_MAX || !may_hold((uint64_t)(end - begin)))
        return false;
    insert_bytes(store, spot.before, NULL, (size_t)(end - begin));
    note_piece(store, spot.at, begin, end, true);
    return true;
}

void
ftp_store_close_room(ftp_store_t *store)
{
    size_t from = 0;
    size_t to = 0;
    unsigned stay = 0;

    for (unsigned at = 0; at < count(store); at++) {
        const ftp_piece_t piece = *piece_at(store, at);
        size_t length = (size_t)(piece.end - piece.begin);

        if (!piece.is_room) {
            memmove(store->bytes + to, store->bytes + from, length);
            to += length;
            *piece_at(store, stay++) = piece;
        }
        from += length;
    }
    if (store->pieces)
        g_array_set_size(store->pieces, stay);
    held -= store->length - to;
    store->length = to;
}

int64_t
ftp_store_end(const ftp_store_t *store)
{
    return count(store) > 0 ? piece_at(store, count(store) - 1)->end : 0;
}

bool
ftp_store_is_before(const ftp_store_t *store, int64_t position)
{
    const ftp_piece_t *piece;
    ftp_spot_t spot;

    if (!find_spot(store, position, &spot))
        return false;
    piece = piece_at(store, spot.at);
    return piece && (piece->begin > position || piece->is_room);
}

const uint8_t *
ftp_store_first(const ftp_store_t *store, int64_t *begin, int64_t *end)
{
    const ftp_piece_t *piece = piece_at(store, 0);

    if (!piece)
        return NULL;
    *begin = piece->begin;
    *end = piece->end;
    return store->bytes;
}

void
ftp_store_drop_first(ftp_store_t *store)
{
    const ftp_piece_t *piece = piece_at(store, 0);
    size_t length = (size_t)(piece->end - piece->begin);

    g_array_remove_index(store->pieces, 0);
    memmove(store->bytes, store->bytes + length, store->length - length);
    store->length -= length;
    held -= length;
}

void
ftp_store_free(ftp_store_t *store)
{
    if (!store->is_taken) {
        held -= store->length;
        g_free(store->bytes);
    }
    if (store->pieces)
        g_array_free(store->pieces, TRUE);
    memset(store, 0, sizeof *store);
}

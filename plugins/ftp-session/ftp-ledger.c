/* ftp-ledger.c
 * Files that FTP sessions moved; see ftp-ledger.h
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

#include <epan/packet.h>
#include <epan/to_str.h>

#include "ftp-cover.h"
#include "ftp-ledger.h"
#include "ftp-outcome.h"
#include "ftp-path.h"
#include "ftp-twin.h"

#define FTP_SCANS_MAX  1000     /* directories whose new name is given to the files in them, */
#define FTP_MOVED_MAX  1000000  /* and how many such files in all */
#define FTP_PARTS_OPEN 16       /* the latest parts of a file, which may still change */

/* What parts of a file come to. */
struct ftp_sum {
    unsigned    parts;
    uint64_t    bytes;          /* that were moved */
    uint64_t    end;            /* of the part that goes furthest, */
    bool        is_ended;       /* which is complete */
    bool        lacks_bytes;    /* of a part */
    bool        lacks_size;     /* a part may lie anywhere, or is text */
    ftp_cover_t cover;
};

struct ftp_ledger {
    GPtrArray  *files;
    GHashTable *by_transfer;    /* const ftp_transfer_t * -> ftp_file_t *, or NULL for a change that has been made */
    GPtrArray  *renamed;        /* ftp_file_t *, since they were asked for */
    unsigned    scans;          /* for directories that were renamed, */
    unsigned    moved;          /* and files that were found in them */
    GHashTable *by_name;        /* direction, server and name -> ftp_file_t * */
};

static void
free_file(void *data)
{
    ftp_file_t *file = (ftp_file_t *)data;

    g_ptr_array_free(file->parts, TRUE);
    g_free(file->own_name);
    g_free(file->settled);
    g_free(file);
}

ftp_ledger_t *
ftp_ledger_new(void)
{
    ftp_ledger_t *ledger = g_new0(ftp_ledger_t, 1);

    ledger->files = g_ptr_array_new_with_free_func(free_file);
    ledger->renamed = g_ptr_array_new();
    ledger->by_transfer = g_hash_table_new(g_direct_hash, g_direct_equal);
    ledger->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return ledger;
}

void
ftp_ledger_free(ftp_ledger_t *ledger)
{
    g_hash_table_destroy(ledger->by_name);
    g_hash_table_destroy(ledger->by_transfer);
    g_ptr_array_free(ledger->renamed, TRUE);
    g_ptr_array_free(ledger->files, TRUE);
    g_free(ledger);
}

char *
ftp_ledger_key(const ftp_session_t *session, ftp_direction_t direction, const char *name)
{
    char *server = address_to_str(NULL, &session->flow.side[1]);
    char *key = g_strdup_printf("%d %s %s", direction, server, name);

    wmem_free(NULL, server);
    return key;
}

static ftp_file_t *
find_file(const ftp_ledger_t *ledger, const ftp_session_t *session, ftp_direction_t direction, const char *name)
{
    char *key = ftp_ledger_key(session, direction, name);
    ftp_file_t *file = (ftp_file_t *)g_hash_table_lookup(ledger->by_name, key);

    g_free(key);
    return file;
}

static void
name_file(ftp_ledger_t *ledger, const ftp_session_t *session, ftp_file_t *file, const char *name)
{
    file->name = name;
    if (name)
        g_hash_table_replace(ledger->by_name, ftp_ledger_key(session, file->direction, name), file);
}

static void
forget_name(ftp_ledger_t *ledger, const ftp_session_t *session, ftp_direction_t direction, const char *name)
{
    char *key = ftp_ledger_key(session, direction, name);

    g_hash_table_remove(ledger->by_name, key);
    g_free(key);
}

/* The server has refused it, and nothing was moved. */
static bool
came_to_nothing(const ftp_transfer_t *transfer)
{
    const ftp_data_t *data = ftp_transfer_data(transfer);

    return transfer->reply_code >= 400 && !transfer->started && !(data && (data->bytes > 0 || data->next_part || data->tls));
}

static ftp_file_t *
new_file(ftp_ledger_t *ledger, const ftp_transfer_t *transfer)
{
    ftp_file_t *file = g_new0(ftp_file_t, 1);

    file->direction = ftp_verb_direction(transfer->verb);
    file->parts = g_ptr_array_new();
    file->number = ledger->files->len;
    g_ptr_array_add(ledger->files, file);
    if (came_to_nothing(transfer))
        file->name = transfer->path;
    else
        name_file(ledger, transfer->session, file, transfer->path);
    return file;
}

static bool
is_on_server_of(const ftp_file_t *file, const ftp_session_t *session)
{
    const ftp_transfer_t *first = (const ftp_transfer_t *)g_ptr_array_index(file->parts, 0);

    return addresses_equal(&first->session->flow.side[1], &session->flow.side[1]);
}

static void
move_file(ftp_ledger_t *ledger, const ftp_transfer_t *change, ftp_file_t *file, const char *below)
{
    char *name = g_strconcat(change->path, below, NULL);

    ledger->moved++;
    forget_name(ledger, change->session, FTP_TO_SERVER, file->name);
    name_file(ledger, change->session, file, name);
    g_free(file->own_name);
    file->own_name = name;
    g_ptr_array_add(ledger->renamed, file);
}

static bool
may_move(const ftp_ledger_t *ledger, const ftp_transfer_t *change, const char *below)
{
    return ledger->moved < FTP_MOVED_MAX && strlen(change->path) + strlen(below) <= FTP_PATH_MAX;
}

/* No file has that name: uploads below it, if it was a directory. */
static void
rename_directory(ftp_ledger_t *ledger, const ftp_transfer_t *change)
{
    if (ledger->scans++ >= FTP_SCANS_MAX)
        return;
    for (unsigned i = 0; i < ledger->files->len; i++) {
        ftp_file_t *file = (ftp_file_t *)g_ptr_array_index(ledger->files, i);
        const char *below = file->name && file->direction == FTP_TO_SERVER ? ftp_path_below(change->renamed, file->name) : NULL;

        if (below && !file->deleted && is_on_server_of(file, change->session) && may_move(ledger, change, below))
            move_file(ledger, change, file, below);
    }
}

/* What is on the server now: uploads with that name, and what was downloaded from there. */
static const ftp_file_t *
rename_or_delete(ftp_ledger_t *ledger, const ftp_transfer_t *change)
{
    const char *name = change->verb == FTP_RNTO ? change->renamed : change->path;
    ftp_file_t *file = name ? find_file(ledger, change->session, FTP_TO_SERVER, name) : NULL;

    if (!name)
        return NULL;
    forget_name(ledger, change->session, FTP_TO_SERVER, name);
    forget_name(ledger, change->session, FTP_TO_CLIENT, name);
    if (!file && change->verb == FTP_RNTO && change->path)
        rename_directory(ledger, change);
    if (!file)
        return NULL;
    if (change->verb == FTP_RNTO)
        name_file(ledger, change->session, file, change->path);
    else
        file->deleted = true;
    return file;
}

static bool
is_change(const ftp_transfer_t *transfer)
{
    return (transfer->verb == FTP_RNTO || transfer->verb == FTP_DELE) && transfer->reply_code >= 200
        && transfer->reply_code < 400;
}

static bool
moves_file(const ftp_transfer_t *transfer)
{
    switch (transfer->verb) {
    case FTP_APPE:
    case FTP_RETR:
    case FTP_STOR:
    case FTP_STOU:
        return transfer->reply_code != 0 || transfer->outcome != FTP_UNDECIDED;
    default:
        return false;
    }
}

/* Another part goes on with the file; anything else is a file of its own. */
static ftp_file_t *
file_of(ftp_ledger_t *ledger, const ftp_transfer_t *transfer)
{
    bool goes_on = (transfer->verb == FTP_APPE || (transfer->has_rest && transfer->rest > 0)) && !came_to_nothing(transfer);
    ftp_file_t *file = goes_on && transfer->path
        ? find_file(ledger, transfer->session, ftp_verb_direction(transfer->verb), transfer->path) : NULL;

    return file ? file : new_file(ledger, transfer);
}

static const ftp_transfer_t *
part(const ftp_file_t *file, unsigned place)
{
    return (const ftp_transfer_t *)g_ptr_array_index(file->parts, place);
}

/* Nothing was moved where nothing was opened. */
static bool
bytes_of(const ftp_transfer_t *transfer, uint64_t *bytes)
{
    const ftp_data_t *data = ftp_transfer_data(transfer);

    *bytes = data && ftp_data_knows_bytes(data) ? ftp_transfer_bytes(transfer) : 0;
    return data ? ftp_data_knows_bytes(data) : transfer->outcome == FTP_INCOMPLETE;
}

static bool
counts_octets(const ftp_transfer_t *transfer)
{
    return ftp_transfer_carries_file(transfer) && (transfer->type == 'I' || transfer->type == 'L');
}

/* Where the part begins, in a file that ends there so far. False: not known. */
static bool
start_of(const ftp_transfer_t *transfer, bool is_first, uint64_t end, uint64_t *start)
{
    if (transfer->lacks_offset)
        return false;
    if (transfer->verb != FTP_APPE) {
        *start = transfer->has_rest ? transfer->rest : 0;
        return true;
    }
    *start = transfer->has_append ? transfer->append : end;
    return !is_first && *start <= end;
}

static void
add_part(ftp_sum_t *sum, const ftp_transfer_t *transfer)
{
    uint64_t bytes;
    uint64_t start;

    sum->lacks_bytes = !bytes_of(transfer, &bytes) || sum->lacks_bytes;
    sum->lacks_size = sum->lacks_size || sum->lacks_bytes || !counts_octets(transfer)
        || !start_of(transfer, sum->parts == 0, sum->end, &start) || start > UINT64_MAX - bytes;
    sum->parts++;
    sum->bytes += bytes;
    if (sum->lacks_size)
        return;
    if (start + bytes > sum->end)
        sum->is_ended = false;
    if (start + bytes >= sum->end && transfer->outcome == FTP_COMPLETE && !transfer->is_range)
        sum->is_ended = true;
    sum->end = MAX(sum->end, start + bytes);
    ftp_cover_add(&sum->cover, start, start + bytes);
}

/* Of a file with many parts, the old ones are added up once. */
static void
settle_old_parts(ftp_file_t *file)
{
    if (file->parts->len <= FTP_PARTS_OPEN)
        return;
    if (!file->settled)
        file->settled = g_new0(ftp_sum_t, 1);
    while (file->settled->parts + FTP_PARTS_OPEN < file->parts->len)
        add_part(file->settled, part(file, file->settled->parts));
}

static void
add_up(const ftp_file_t *file, ftp_sum_t *sum)
{
    if (file->settled)
        *sum = *file->settled;
    else
        memset(sum, 0, sizeof *sum);
    for (unsigned i = sum->parts; i < file->parts->len; i++)
        add_part(sum, part(file, i));
}

bool
ftp_file_bytes(const ftp_file_t *file, uint64_t *bytes)
{
    ftp_sum_t sum;

    add_up(file, &sum);
    *bytes = sum.bytes;
    return !sum.lacks_bytes;
}

bool
ftp_file_size(const ftp_file_t *file, uint64_t *size)
{
    ftp_sum_t sum;

    add_up(file, &sum);
    *size = sum.end;
    return !sum.lacks_size && sum.is_ended && ftp_cover_is_whole(&sum.cover, sum.end);
}

const ftp_file_t *
ftp_ledger_note(ftp_ledger_t *ledger, const ftp_transfer_t *transfer)
{
    void *file;

    if (ftp_twin_is_told_by_other(transfer->session))
        return NULL;
    if (g_hash_table_lookup_extended(ledger->by_transfer, transfer, NULL, &file))
        return (const ftp_file_t *)file;
    if (is_change(transfer)) {
        g_hash_table_insert(ledger->by_transfer, (void *)transfer, NULL);
        return rename_or_delete(ledger, transfer);
    }
    if (!moves_file(transfer))
        return NULL;
    file = file_of(ledger, transfer);
    g_ptr_array_add(((ftp_file_t *)file)->parts, (void *)transfer);
    settle_old_parts((ftp_file_t *)file);
    g_hash_table_insert(ledger->by_transfer, (void *)transfer, file);
    return (const ftp_file_t *)file;
}

/* By the size of the file, or by what was left of it. */
static bool
promises(const ftp_transfer_t *transfer, uint64_t size)
{
    return transfer->is_promised && (transfer->expected == size
        || (transfer->has_rest && size > transfer->rest && transfer->expected == size - transfer->rest));
}

const char *
ftp_file_verified(const ftp_file_t *file)
{
    const ftp_transfer_t *last = part(file, file->parts->len - 1);
    uint64_t size;

    if (last->mismatch)
        return "mismatch";
    if (last->told_by)
        return last->told_by;
    if (!ftp_file_size(file, &size))
        return NULL;
    for (unsigned i = file->parts->len; i > 0 && i + FTP_PARTS_OPEN > file->parts->len; i--) {
        if (promises(part(file, i - 1), size))
            return part(file, i - 1)->promised_by_size ? "SIZE" : "reply 150";
    }
    return file->parts->len == 1 && last->has_said && last->said == size ? "final reply" : NULL;
}

void
ftp_ledger_foreach_renamed(ftp_ledger_t *ledger, void (*callback)(const ftp_file_t *file, void *user), void *user)
{
    for (unsigned i = 0; i < ledger->renamed->len; i++)
        callback((const ftp_file_t *)g_ptr_array_index(ledger->renamed, i), user);
    g_ptr_array_set_size(ledger->renamed, 0);
}

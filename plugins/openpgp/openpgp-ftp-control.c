/* openpgp-ftp-control.c
 * Which file an FTP data connection carries; see openpgp-ftp-control.h
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

#include <epan/conversation.h>
#include <epan/exceptions.h>
#include <epan/dissectors/packet-tcp.h>
#include <epan/to_str.h>
#include <wsutil/str_util.h>

#include "openpgp-ftp-control.h"
#include "cleanup.h"
#include "openpgp-recent.h"
#include "openpgp-signed-file.h"
#include "standin.h"
#include "tcp-stream.h"
#include "compat.h"

/* A line that is longer, or a path, is nothing that is known. */
#define MAX_LINE        1024
#define MAX_PATH        4096

#define WAITING_SEGMENTS 32
#define WAITING_BYTES    (64 * 1024)

/* Four letters in upper case; of three the last one is nothing. */
#define COMMAND(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))
#define COMMAND_LETTERS 4

typedef struct session {
    bool        lost;           /* nothing is certain any more */
    bool        has_server, server_is_forward;  /* who replies */
    bool        waits;          /* command has no final answer yet */
    bool        binary;         /* TYPE I */
    bool        restarts;       /* not from the beginning */
    char       *user;
    char       *directory;      /* as far as it is known; without a slash at the end */
    uint16_t    port;           /* announced; 0: none */
    uint32_t    command;        /* the last one: COMMAND(); 0: none that matters */
    char       *argument;
    openpgp_ftp_transfer_t *transfer;   /* that runs, or was the last one; NULL: none */
    bool        ended;
    tcp_stream_t streams[2], decrypted[2];
    packet_info *pinfo;         /* whose lines are read */
} session_t;

static bool (*is_wanted)(void);
static openpgp_ftp_ended_t tell_end;
static int proto_tcp = -1;
static int proto_tls = -1;

static wmem_map_t *sessions;            /* session_t by conversation */
static openpgp_recent_t recent;         /* session_t */
static wmem_map_t *transfers;           /* openpgp_ftp_transfer_t by place_t, until its data come */
static unsigned transfers_left;

/* --- Ports --- */

/* Both hosts, the lower address first, and a port. */
typedef struct place {
    address  low, high;
    uint16_t port;
} place_t;

static unsigned
hash_place(const void *key)
{
    const place_t *place = (const place_t *)key;

    return add_address_to_hash(add_address_to_hash(place->port, &place->low), &place->high);
}

static gboolean
equal_places(const void *one, const void *other)
{
    const place_t *a = (const place_t *)one, *b = (const place_t *)other;

    return a->port == b->port && addresses_equal(&a->low, &b->low) && addresses_equal(&a->high, &b->high);
}

/* As long as the packet is there. */
static place_t
place_of(const packet_info *pinfo, uint16_t port)
{
    bool forward = cmp_address(&pinfo->src, &pinfo->dst) < 0;

    return (place_t){ forward ? pinfo->src : pinfo->dst, forward ? pinfo->dst : pinfo->src, port };
}

static void
keep_transfer(const packet_info *pinfo, uint16_t port, openpgp_ftp_transfer_t *transfer)
{
    place_t *place = wmem_new(wmem_file_scope(), place_t), of_packet = place_of(pinfo, port);

    copy_address_wmem(wmem_file_scope(), &place->low, &of_packet.low);
    copy_address_wmem(wmem_file_scope(), &place->high, &of_packet.high);
    place->port = port;
    wmem_map_insert(transfers, place, transfer);
}

static const openpgp_ftp_transfer_t *
take_transfer(const packet_info *pinfo, uint16_t port)
{
    const place_t place = place_of(pinfo, port);

    return wmem_map_size(transfers) > 0 ? (const openpgp_ftp_transfer_t *)wmem_map_remove(transfers, &place) : NULL;
}

/* Another connection to that port would be another file. */
const openpgp_ftp_transfer_t *
openpgp_ftp_transfer(packet_info *pinfo)
{
    const openpgp_ftp_transfer_t *transfer = take_transfer(pinfo, (uint16_t)pinfo->srcport);

    return transfer ? transfer : take_transfer(pinfo, (uint16_t)pinfo->destport);
}

/* What went over that port before does not any more. */
static void
announce(session_t *session, unsigned port)
{
    session->port = port <= 0xffff ? (uint16_t)port : 0;
    take_transfer(session->pinfo, session->port);
}

/* Up to three digits, behind blanks, and what follows them; NULL: there are none. */
static const char *
read_number(const char *text, unsigned *number)
{
    unsigned digits = 0;

    while (g_ascii_isspace(*text))
        text++;
    for (*number = 0; digits < 3 && g_ascii_isdigit(*text); digits++)
        *number = *number * 10 + (unsigned)(*text++ - '0');
    return digits > 0 ? text : NULL;
}

/* Six numbers behind each other, of which the last two are the port (RFC 959 section 4.1.2). */
static void
read_host_port(session_t *session, const char *text)
{
    unsigned numbers[6];

    text += strcspn(text, "0123456789");
    for (unsigned i = 0; i < array_length(numbers); i++) {
        if (i > 0 && *text++ != ',')
            return;
        text = read_number(text, &numbers[i]);
        if (!text)
            return;
    }
    announce(session, numbers[4] << 8 | (numbers[5] & 255));
}

/* Between delimiters, the third part is the port (RFC 2428). */
static void
read_extended_port(session_t *session, const char *text)
{
    const char *part = *text ? text : NULL;

    for (unsigned i = 0; part && i < 3; i++)
        part = strchr(part + (i > 0), *text);
    if (part)
        announce(session, (unsigned)strtoul(part + 1, NULL, 10));
}

/* --- Paths --- */

static char *
path_of(wmem_allocator_t *pool, const session_t *session, const char *name)
{
    if (g_str_has_prefix(name, "./"))
        name += 2;
    return *name == '/' ? wmem_strdup(pool, name) : wmem_strconcat(pool, session->directory, "/", name, NULL);
}

/* A place that nobody else is in. */
static const char *
unknown_directory(const packet_info *pinfo)
{
    return wmem_strdup_printf(pinfo->pool, "#%u", pinfo->num);
}

/* Only a server knows what ".." is; of a "?" others would take the rest for a query. */
static bool
is_plain(const char *name)
{
    return *name && !strstr(name, "..") && !strchr(name, '?');
}

/* A copy in file scope, in place of what was there: memory that is given back and asked for by each line leaves gaps. */
static void
set_text(char **place, const char *text)
{
    size_t size = strlen(text) + 1;

    if (!*place || strlen(*place) + 1 < size)
        *place = (char *)wmem_realloc(wmem_file_scope(), *place, size);
    memcpy(*place, text, size);
}

static void
change_directory(session_t *session, const char *to)
{
    char *path = path_of(session->pinfo->pool, session, to);
    size_t length = strlen(path);

    while (length > 0 && path[length - 1] == '/')
        path[--length] = '\0';
    if (length > MAX_PATH || !is_plain(*path ? path : "/"))
        set_text(&session->directory, unknown_directory(session->pinfo));
    else
        set_text(&session->directory, path);
}

/* 257 "/pub" is the current directory. */
static void
note_directory(session_t *session, const char *text)
{
    const char *start = strchr(text, '"');
    const char *end = start ? strchr(start + 1, '"') : NULL;

    if (end && start[1] == '/' && end[1] != '"')
        change_directory(session, wmem_strndup(session->pinfo->pool, start + 1, (size_t)(end - start - 1)));
}

/* --- Transfers --- */

static void
begin_transfer(session_t *session, const address *server)
{
    openpgp_ftp_transfer_t *transfer;
    openpgp_asked_t asked;
    const char *path, *host;

    session->transfer = NULL;
    session->ended = false;
    if (!session->port || session->restarts || !is_plain(session->argument) || transfers_left == 0)
        return;
    transfers_left--;
    path = path_of(session->pinfo->pool, session, session->argument);
    host = wmem_strconcat(session->pinfo->pool, "ftp://", session->user, "@", address_to_str(session->pinfo->pool, server), NULL);
    asked = openpgp_signed_file_asked(path, strlen(path));
    transfer = wmem_new(wmem_file_scope(), openpgp_ftp_transfer_t);
    transfer->is_signature = asked == OPENPGP_ASKED_SIGNATURE;
    transfer->is_text = !session->binary;
    transfer->is_done = false;
    transfer->place = openpgp_signed_file_place(host, path, asked);
    keep_transfer(session->pinfo, session->port, transfer);
    session->transfer = transfer;
}

/* Nothing came of it. */
static void
drop_transfer(session_t *session)
{
    if (session->transfer)
        take_transfer(session->pinfo, session->port);
    session->transfer = NULL;
}

static bool
is_transfer(const session_t *session)
{
    return session->command == COMMAND('R', 'E', 'T', 'R') || session->command == COMMAND('S', 'T', 'O', 'R');
}

/* --- Lines --- */

/* 0: none that matters. */
static uint32_t
read_command(const char *line, const char **argument)
{
    size_t length = strcspn(line, " ");
    uint32_t command = 0;

    *argument = line[length] ? line + length + 1 : "";
    if (length > COMMAND_LETTERS)
        return 0;
    for (size_t i = 0; i < COMMAND_LETTERS; i++)
        command = command << 8 | (i < length ? (uint8_t)g_ascii_toupper(line[i]) : 0);
    return command;
}

static void
take_command(session_t *session, const char *line)
{
    const char *argument;

    if (session->waits)
        session->lost = true;
    session->waits = true;
    session->command = read_command(line, &argument);
    set_text(&session->argument, argument);
    if (is_transfer(session))
        begin_transfer(session, &session->pinfo->dst);
    else if (session->command == COMMAND('P', 'O', 'R', 'T'))
        read_host_port(session, argument);
    else if (session->command == COMMAND('E', 'P', 'R', 'T'))
        read_extended_port(session, argument);
}

/* The command was done; text is what the server said to it. */
static void
take_success(session_t *session, const char *text)
{
    const char *bracket;

    switch (session->command) {
    case COMMAND('R', 'E', 'T', 'R'):
    case COMMAND('S', 'T', 'O', 'R'):
        session->ended = session->transfer != NULL;
        if (session->transfer && !session->lost)
            session->transfer->is_done = true;
        break;
    case COMMAND('M', 'O', 'D', 'E'):
        session->lost = g_ascii_toupper(session->argument[0]) != 'S';
        break;
    case COMMAND('T', 'Y', 'P', 'E'):
        session->binary = g_ascii_toupper(session->argument[0]) == 'I' || g_str_has_prefix(session->argument, "L 8");
        break;
    case COMMAND('C', 'W', 'D', '\0'):
    case COMMAND('X', 'C', 'W', 'D'):
        change_directory(session, session->argument);
        break;
    case COMMAND('C', 'D', 'U', 'P'):
    case COMMAND('X', 'C', 'U', 'P'):
        change_directory(session, "..");
        break;
    case COMMAND('P', 'W', 'D', '\0'):
    case COMMAND('X', 'P', 'W', 'D'):
        note_directory(session, text);
        break;
    case COMMAND('P', 'A', 'S', 'V'):
        read_host_port(session, text);
        break;
    case COMMAND('E', 'P', 'S', 'V'):
        bracket = strchr(text, '(');
        if (bracket)
            read_extended_port(session, bracket + 1);
        break;
    }
}

static void
take_reply(session_t *session, const char *line)
{
    bool waited = session->waits;

    if (line[0] == '1' || line[3] != ' ')
        return;
    session->waits = false;
    if (!waited)
        return;
    if (line[0] == '2')
        take_success(session, line + 4);
    else if (line[0] != '3' && is_transfer(session))
        drop_transfer(session);
    if (session->command == COMMAND('U', 'S', 'E', 'R')) {
        set_text(&session->user, session->argument);
        set_text(&session->directory, "~");
    } else if (session->command == COMMAND('R', 'E', 'S', 'T')) {
        session->restarts = line[0] == '3' && strspn(session->argument, "0") != strlen(session->argument);
    } else if (is_transfer(session)) {
        session->restarts = false;
    }
}

static bool
is_reply(const char *line)
{
    return strlen(line) > 3 && g_ascii_isdigit(line[0]) && g_ascii_isdigit(line[1]) && g_ascii_isdigit(line[2]) &&
        (line[3] == ' ' || line[3] == '-');
}

static bool
is_forward(const packet_info *pinfo)
{
    return pinfo->srcport > pinfo->destport;
}

static bool
is_of_server(const session_t *session)
{
    return is_forward(session->pinfo) == (session->has_server && session->server_is_forward);
}

static void
take_line(session_t *session, const char *line)
{
    bool reply = is_reply(line);

    if (reply && !session->has_server) {
        session->has_server = true;
        session->server_is_forward = is_forward(session->pinfo);
    }
    if (reply && is_of_server(session))
        take_reply(session, line);
    else if (!is_of_server(session) && g_ascii_isalpha(line[0]))
        take_command(session, line);
    if (session->ended && session->transfer && !session->lost)
        tell_end(session->pinfo, session->transfer);
}

/* --- Bytes --- */

/* Without white space at its end. */
static size_t
line_length(const uint8_t *line, const uint8_t *end)
{
    while (end > line && g_ascii_isspace(end[-1]))
        end--;
    return (size_t)(end - line);
}

static size_t
read_lines(void *user, const uint8_t *data, size_t length, uint32_t frame _U_)
{
    session_t *session = (session_t *)user;
    size_t taken = 0;

    while (taken < length && !session->lost) {
        const uint8_t *end = (const uint8_t *)memchr(data + taken, '\n', length - taken);
        char line[MAX_LINE + 1];
        size_t octets;

        if (!end && length - taken <= MAX_LINE)
            break;
        if (!end || end - (data + taken) > MAX_LINE) {
            session->lost = true;
            break;
        }
        octets = line_length(data + taken, end);
        memcpy(line, data + taken, octets);
        line[octets] = '\0';
        take_line(session, line);
        taken = (size_t)(end - data) + 1;
    }
    return session->lost ? length : taken;
}

static void
read_hole(void *user, tcp_stream_hole_t why, uint32_t missing _U_, const uint8_t *unread _U_, size_t length _U_, uint32_t frame _U_)
{
    if (why != TCP_STREAM_NO_BEGIN)
        ((session_t *)user)->lost = true;
}

static const tcp_stream_reader_t stream_reader = {
    .read = read_lines, .hole = read_hole, .max_waiting = WAITING_SEGMENTS, .max_waiting_bytes = WAITING_BYTES
};

static session_t *
find_session(packet_info *pinfo)
{
    conversation_t *conversation = find_or_create_conversation(pinfo);
    session_t *session = (session_t *)wmem_map_lookup(sessions, conversation);

    if (!session) {
        session = wmem_new0(wmem_file_scope(), session_t);
        set_text(&session->user, "");
        set_text(&session->directory, unknown_directory(pinfo));
        wmem_map_insert(sessions, conversation, session);
    }
    return session;
}

static session_t *
session_of(packet_info *pinfo)
{
    session_t *session = (session_t *)openpgp_recent_find(&recent, pinfo);

    if (!session) {
        session = find_session(pinfo);
        openpgp_recent_note(&recent, pinfo, session);
    }
    return session;
}

static void
read_call(tvbuff_t *tvb, packet_info *pinfo, const struct tcpinfo *tcpinfo)
{
    session_t *session = session_of(pinfo);
    bool forward = is_forward(pinfo);
    uint32_t length = tvb_reported_length(tvb), captured = tvb_captured_length(tvb);

    if (session->lost || captured == 0)
        return;
    session->pinfo = pinfo;
    if (tcpinfo) {
        tcp_stream_acknowledged(&session->streams[!forward], &stream_reader, tcpinfo->lastackseq, pinfo->num, session);
        tcp_stream_segment(&session->streams[forward], &stream_reader, tcpinfo->nxtseq - length, tvb_get_ptr(tvb, 0, (int)captured),
            captured, length, pinfo->num, session);
    } else {
        tcp_stream_bytes(&session->decrypted[forward], &stream_reader, tvb_get_ptr(tvb, 0, (int)captured), captured, pinfo->num,
            session);
    }
    session->pinfo = NULL;
}

/* --- In front of FTP --- */

static int dissect_ftp_first(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

static standin_t ftp_standin = { .name = "openpgp.ftp", .dissect = dissect_ftp_first };

typedef struct call {
    tvbuff_t             *tvb;
    packet_info          *pinfo;
    const struct tcpinfo *tcpinfo;      /* NULL below TLS */
    bool                  is_over;
} call_t;

/* Also if dissection ends with an exception; if this throws one, it is called again. */
static void
leave_call(void *context)
{
    call_t *call = (call_t *)context;

    if (call->is_over)
        return;
    call->is_over = true;
    if (is_wanted() && !call->pinfo->flags.in_error_pkt && call->pinfo->ptype == PT_TCP)
        read_call(call->tvb, call->pinfo, call->tcpinfo);
}

static int
dissect_ftp_first(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    const int below[] = { proto_tcp, proto_tls };
    call_t call = { .tvb = tvb, .pinfo = pinfo, .is_over = PINFO_FD_VISITED(pinfo) };
    int result;

    if (data && !call.is_over && standin_nearest(pinfo, below, array_length(below)) == proto_tcp)
        call.tcpinfo = (const struct tcpinfo *)data;
    CLEANUP_PUSH(leave_call, &call);
    result = standin_call(&ftp_standin, tvb, pinfo, tree, data);
    CLEANUP_CALL_AND_POP;
    return result;
}

static void
init_ftp_control(void)
{
    sessions = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    transfers = wmem_map_new(wmem_file_scope(), hash_place, equal_places);
    openpgp_recent_forget(&recent);
    transfers_left = OPENPGP_FTP_TRANSFERS;
}

void
openpgp_handoff_ftp_control(const int *proto, bool (*wanted)(void), openpgp_ftp_ended_t ended)
{
    is_wanted = wanted;
    tell_end = ended;
    proto_tcp = proto_get_id_by_filter_name("tcp");
    proto_tls = proto_get_id_by_filter_name("tls");
    ftp_standin.proto = proto;
    standin_add(&ftp_standin, find_dissector("ftp"));
    register_init_routine(init_ftp_control);
}

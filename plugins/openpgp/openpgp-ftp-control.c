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

#include "openpgp-ftp-control.h"
#include "openpgp-signed-file.h"
#include "standin.h"
#include "tcp-stream.h"
#include "compat.h"

/* A line that is longer, or a path, is nothing that is known. */
#define MAX_LINE        1024
#define MAX_PATH        4096

#define WAITING_SEGMENTS 32
#define WAITING_BYTES    (64 * 1024)

typedef struct session {
    bool        lost;           /* nothing is certain any more */
    bool        has_server, server_is_forward;  /* who replies */
    bool        waits;          /* command has no final answer yet */
    bool        binary;         /* TYPE I */
    bool        restarts;       /* not from the beginning */
    const char *user;
    const char *directory;      /* as far as it is known; without a slash at the end */
    uint16_t    port;           /* announced; 0: none */
    char        command[5];     /* the last one */
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
static wmem_map_t *transfers;           /* openpgp_ftp_transfer_t by hosts and port, until its data come */
static unsigned transfers_left;

/* --- Ports --- */

static const char *
key_of(wmem_allocator_t *pool, packet_info *pinfo, uint16_t port)
{
    bool forward = cmp_address(&pinfo->src, &pinfo->dst) < 0;
    const char *low = address_to_str(pinfo->pool, forward ? &pinfo->src : &pinfo->dst);
    const char *high = address_to_str(pinfo->pool, forward ? &pinfo->dst : &pinfo->src);

    return wmem_strdup_printf(pool, "%s %s %u", low, high, port);
}

/* Another connection to that port would be another file. */
const openpgp_ftp_transfer_t *
openpgp_ftp_transfer(packet_info *pinfo)
{
    const openpgp_ftp_transfer_t *transfer;

    if (wmem_map_size(transfers) == 0)
        return NULL;
    transfer = (const openpgp_ftp_transfer_t *)wmem_map_remove(transfers, key_of(pinfo->pool, pinfo, (uint16_t)pinfo->srcport));
    return transfer ? transfer
        : (const openpgp_ftp_transfer_t *)wmem_map_remove(transfers, key_of(pinfo->pool, pinfo, (uint16_t)pinfo->destport));
}

/* What went over that port before does not any more. */
static void
announce(session_t *session, unsigned port)
{
    session->port = port <= 0xffff ? (uint16_t)port : 0;
    wmem_map_remove(transfers, key_of(session->pinfo->pool, session->pinfo, session->port));
}

/* Six numbers behind each other, of which the last two are the port (RFC 959 section 4.1.2). */
static void
read_host_port(session_t *session, const char *text)
{
    unsigned numbers[6];
    char end;

    text += strcspn(text, "0123456789");
    if (sscanf(text, "%3u,%3u,%3u,%3u,%3u,%3u%c", &numbers[0], &numbers[1], &numbers[2], &numbers[3], &numbers[4], &numbers[5],
               &end) >= 6)
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
    return *name == '/' ? wmem_strdup(pool, name) : wmem_strdup_printf(pool, "%s/%s", session->directory, name);
}

/* A place that nobody else is in. */
static const char *
unknown_directory(const packet_info *pinfo)
{
    return wmem_strdup_printf(wmem_file_scope(), "#%u", pinfo->num);
}

/* Only a server knows what ".." is; of a "?" others would take the rest for a query. */
static bool
is_plain(const char *name)
{
    return *name && !strstr(name, "..") && !strchr(name, '?');
}

/* text: in file scope, in place of what was there. */
static void
set_text(const char **place, const char *text)
{
    wmem_free(wmem_file_scope(), (void *)*place);
    *place = text;
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
        set_text(&session->directory, wmem_strdup(wmem_file_scope(), path));
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
    host = wmem_strdup_printf(session->pinfo->pool, "ftp://%s@%s", session->user, address_to_str(session->pinfo->pool, server));
    asked = openpgp_signed_file_asked(path, strlen(path));
    transfer = wmem_new(wmem_file_scope(), openpgp_ftp_transfer_t);
    transfer->is_signature = asked == OPENPGP_ASKED_SIGNATURE;
    transfer->is_text = !session->binary;
    transfer->is_done = false;
    transfer->place = openpgp_signed_file_place(host, path, asked);
    wmem_map_insert(transfers, key_of(wmem_file_scope(), session->pinfo, session->port), transfer);
    session->transfer = transfer;
}

/* Nothing came of it. */
static void
drop_transfer(session_t *session)
{
    if (session->transfer)
        wmem_map_remove(transfers, key_of(session->pinfo->pool, session->pinfo, session->port));
    session->transfer = NULL;
}

static bool
is_command(const session_t *session, const char *name)
{
    return g_ascii_strcasecmp(session->command, name) == 0;
}

static bool
is_transfer(const session_t *session)
{
    return is_command(session, "RETR") || is_command(session, "STOR");
}

/* --- Lines --- */

static void
take_command(session_t *session, const char *line)
{
    size_t length = strcspn(line, " ");

    if (session->waits)
        session->lost = true;
    session->waits = true;
    g_strlcpy(session->command, length < sizeof session->command ? line : "", MIN(length + 1, sizeof session->command));
    wmem_free(wmem_file_scope(), session->argument);
    session->argument = wmem_strdup(wmem_file_scope(), line[length] ? line + length + 1 : "");
    if (is_transfer(session))
        begin_transfer(session, &session->pinfo->dst);
    else if (is_command(session, "PORT"))
        read_host_port(session, session->argument);
    else if (is_command(session, "EPRT"))
        read_extended_port(session, session->argument);
}

/* The command was done; text is what the server said to it. */
static void
take_success(session_t *session, const char *text)
{
    if (is_transfer(session)) {
        session->ended = session->transfer != NULL;
        if (session->transfer && !session->lost)
            session->transfer->is_done = true;
    } else if (is_command(session, "MODE")) {
        session->lost = g_ascii_toupper(session->argument[0]) != 'S';
    } else if (is_command(session, "TYPE")) {
        session->binary = g_ascii_toupper(session->argument[0]) == 'I' || g_str_has_prefix(session->argument, "L 8");
    } else if (is_command(session, "CWD") || is_command(session, "XCWD")) {
        change_directory(session, session->argument);
    } else if (is_command(session, "CDUP") || is_command(session, "XCUP")) {
        change_directory(session, "..");
    } else if (is_command(session, "PWD") || is_command(session, "XPWD")) {
        note_directory(session, text);
    } else if (is_command(session, "PASV")) {
        read_host_port(session, text);
    } else if (is_command(session, "EPSV") && strchr(text, '(')) {
        read_extended_port(session, strchr(text, '(') + 1);
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
    if (is_command(session, "USER")) {
        set_text(&session->user, wmem_strdup(wmem_file_scope(), session->argument));
        set_text(&session->directory, wmem_strdup(wmem_file_scope(), "~"));
    } else if (is_command(session, "REST")) {
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
    if (is_reply(line) && !session->has_server) {
        session->has_server = true;
        session->server_is_forward = is_forward(session->pinfo);
    }
    if (is_of_server(session) && is_reply(line))
        take_reply(session, line);
    else if (!is_of_server(session) && g_ascii_isalpha(line[0]))
        take_command(session, line);
    if (session->ended && session->transfer && !session->lost)
        tell_end(session->pinfo, session->transfer);
}

/* --- Bytes --- */

static size_t
read_lines(void *user, const uint8_t *data, size_t length, uint32_t frame _U_)
{
    session_t *session = (session_t *)user;
    size_t taken = 0;

    while (taken < length && !session->lost) {
        const uint8_t *end = (const uint8_t *)memchr(data + taken, '\n', length - taken);
        char *line;

        if (!end && length - taken <= MAX_LINE)
            break;
        if (!end || end - (data + taken) > MAX_LINE) {
            session->lost = true;
            break;
        }
        line = wmem_strndup(session->pinfo->pool, (const char *)data + taken, (size_t)(end - (data + taken)));
        take_line(session, g_strchomp(line));
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
session_of(packet_info *pinfo)
{
    conversation_t *conversation = find_or_create_conversation(pinfo);
    session_t *session = (session_t *)wmem_map_lookup(sessions, conversation);

    if (!session) {
        session = wmem_new0(wmem_file_scope(), session_t);
        session->user = wmem_strdup(wmem_file_scope(), "");
        session->directory = unknown_directory(pinfo);
        wmem_map_insert(sessions, conversation, session);
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

static int
dissect_ftp_first(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    const int below[] = { proto_tcp, proto_tls };
    bool above_tcp = data && standin_nearest(pinfo, below, array_length(below)) == proto_tcp;
    volatile int result = 0;

    TRY {
        result = standin_call(&ftp_standin, tvb, pinfo, tree, data);
    }
    FINALLY {
        if (!PINFO_FD_VISITED(pinfo) && is_wanted() && !pinfo->flags.in_error_pkt && pinfo->ptype == PT_TCP)
            read_call(tvb, pinfo, above_tcp ? (const struct tcpinfo *)data : NULL);
    }
    ENDTRY;
    return result;
}

static void
init_ftp_control(void)
{
    sessions = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    transfers = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
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

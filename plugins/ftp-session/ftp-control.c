/* ftp-control.c
 * Reading the control connection of FTP; see ftp-control.h
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

#include <wsutil/inet_addr.h>
#include <wsutil/wmem/wmem.h>

#include "ftp-control.h"

#define FTP_VERB_LONGEST 4

/* A later jump in sequence numbers than this is no hole but nonsense. */
#define FTP_HOLE_MAX (1 << 24)

static const struct {
    const char *name;
    ftp_verb_t  verb;
} verbs[] = {
    { "ABOR", FTP_ABOR }, { "ACCT", FTP_ACCT }, { "ADAT", FTP_OTHER }, { "ALLO", FTP_ALLO }, { "APPE", FTP_APPE },
    { "AUTH", FTP_AUTH }, { "AVBL", FTP_OTHER }, { "CCC", FTP_CCC }, { "CDUP", FTP_CDUP }, { "CLNT", FTP_OTHER },
    { "CONF", FTP_OTHER }, { "CPSV", FTP_PASV }, { "CSID", FTP_OTHER }, { "CWD", FTP_CWD }, { "DELE", FTP_DELE },
    { "ENC", FTP_OTHER }, { "EPRT", FTP_EPRT }, { "EPSV", FTP_EPSV }, { "FEAT", FTP_OTHER }, { "HASH", FTP_OTHER },
    { "HELP", FTP_HELP }, { "HOST", FTP_OTHER }, { "LANG", FTP_OTHER }, { "LIST", FTP_LIST }, { "LPRT", FTP_LPRT },
    { "LPSV", FTP_LPSV }, { "MDTM", FTP_OTHER }, { "MFCT", FTP_OTHER }, { "MFF", FTP_OTHER }, { "MFMT", FTP_OTHER },
    { "MIC", FTP_OTHER }, { "MKD", FTP_OTHER }, { "MLSD", FTP_MLSD }, { "MLST", FTP_MLST }, { "MODE", FTP_MODE },
    { "NLST", FTP_NLST }, { "NOOP", FTP_NOOP }, { "OPTS", FTP_OTHER }, { "PASS", FTP_PASS }, { "PASV", FTP_PASV },
    { "PBSZ", FTP_OTHER }, { "PORT", FTP_PORT }, { "PROT", FTP_PROT }, { "PWD", FTP_PWD }, { "QUIT", FTP_QUIT },
    { "RANG", FTP_OTHER }, { "REIN", FTP_REIN }, { "REST", FTP_REST }, { "RETR", FTP_RETR }, { "RMD", FTP_OTHER },
    { "RNFR", FTP_OTHER }, { "RNTO", FTP_DELE }, { "SITE", FTP_DELE }, { "SIZE", FTP_SIZE }, { "SMNT", FTP_OTHER },
    { "SPSV", FTP_OTHER }, { "SSCN", FTP_OTHER }, { "STAT", FTP_STAT }, { "STOR", FTP_STOR }, { "STOU", FTP_STOU },
    { "STRU", FTP_STRU }, { "SYST", FTP_OTHER }, { "TYPE", FTP_TYPE }, { "USER", FTP_USER }, { "XCRC", FTP_OTHER },
    { "XCUP", FTP_CDUP }, { "XCWD", FTP_CWD }, { "XMD5", FTP_OTHER }, { "XMKD", FTP_OTHER }, { "XPWD", FTP_PWD },
    { "XRMD", FTP_OTHER },
};

ftp_verb_t
ftp_verb(const char *word, size_t length)
{
    if (length < 3 || length > FTP_VERB_LONGEST)
        return FTP_UNKNOWN;
    for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++) {
        if (g_ascii_strncasecmp(word, verbs[i].name, length) == 0 && verbs[i].name[length] == '\0')
            return verbs[i].verb;
    }
    return FTP_UNKNOWN;
}

const char *
ftp_verb_name(ftp_verb_t verb)
{
    for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++) {
        /* CPSV precedes PASV but is not what people know it by. */
        if (verbs[i].verb == verb && verbs[i].verb != FTP_OTHER && strcmp(verbs[i].name, "CPSV") != 0)
            return verbs[i].name;
    }
    return "";
}

bool
ftp_verb_is_transfer(ftp_verb_t verb)
{
    switch (verb) {
    case FTP_APPE:
    case FTP_LIST:
    case FTP_MLSD:
    case FTP_NLST:
    case FTP_RETR:
    case FTP_STOR:
    case FTP_STOU:
        return true;
    default:
        return false;
    }
}

/* Lines */

void
ftp_reader_init(ftp_reader_t *reader, bool from_client, ftp_line_cb line_cb, ftp_lost_cb lost_cb)
{
    memset(reader, 0, sizeof *reader);
    reader->from_client = from_client;
    reader->line_cb = line_cb;
    reader->lost_cb = lost_cb;
}

void
ftp_reader_start(ftp_reader_t *reader, uint32_t seq)
{
    reader->started = true;
    reader->next = seq;
    reader->resync = false;
}

bool
ftp_starts_line(const uint8_t *data, size_t length, bool from_client)
{
    size_t word = 0;

    if (!from_client) {
        return length >= 4 && data[0] >= '1' && data[0] <= '6' && g_ascii_isdigit(data[1]) && g_ascii_isdigit(data[2])
            && (data[3] == ' ' || data[3] == '-' || data[3] == '\r');
    }
    while (word < length && word <= FTP_VERB_LONGEST && g_ascii_isalpha(data[word]))
        word++;
    return ftp_verb((const char *)data, word) != FTP_UNKNOWN
        && (word == length || data[word] == ' ' || data[word] == '\r' || data[word] == '\n');
}

/* A CR alone ends a line too, for many servers; in a name, NUL follows it (RFC 2640, section 3.1). */
static void
emit_line(ftp_reader_t *reader, const char *line, size_t length, void *user)
{
    const char *cr = line;

    while ((cr = (const char *)memchr(cr, '\r', length - (size_t)(cr - line))) != NULL) {
        size_t part = (size_t)(cr++ - line);

        if (part + 1 == length) {
            length--;
            break;
        }
        if (*cr == '\0')
            continue;
        reader->line_cb(user, line, part);
        length -= part + 1;
        line = cr;
    }
    reader->line_cb(user, line, length);
}

static void
keep_begin_of_line(ftp_reader_t *reader, const uint8_t *data, size_t length)
{
    if (length > FTP_LINE_MAX - reader->line_length)
        length = FTP_LINE_MAX - reader->line_length;
    if (reader->line_length + length > reader->line_size) {
        uint32_t size = reader->line_size ? reader->line_size : 128;

        while (size < reader->line_length + length)
            size *= 2;
        reader->line = (char *)wmem_realloc(wmem_file_scope(), reader->line, size);
        reader->line_size = size;
    }
    memcpy(reader->line + reader->line_length, data, length);
    reader->line_length += (uint32_t)length;
}

static void
drop_line(ftp_reader_t *reader)
{
    wmem_free(wmem_file_scope(), reader->line);
    reader->line = NULL;
    reader->line_length = 0;
    reader->line_size = 0;
}

static void
end_of_line(ftp_reader_t *reader, const uint8_t *data, size_t length, void *user)
{
    if (reader->dropping) {
        reader->dropping = false;
    } else if (reader->line_length == 0) {
        emit_line(reader, (const char *)data, length, user);
    } else {
        keep_begin_of_line(reader, data, length);
        emit_line(reader, reader->line, reader->line_length, user);
        drop_line(reader);
    }
}

void
ftp_reader_bytes(ftp_reader_t *reader, const uint8_t *data, size_t length, void *user)
{
    if (reader->resync && length > 0) {
        drop_line(reader);
        reader->dropping = !ftp_starts_line(data, length, reader->from_client);
        reader->resync = false;
    }
    while (length > 0) {
        const uint8_t *end = (const uint8_t *)memchr(data, '\n', length);
        size_t part = end ? (size_t)(end - data) : length;

        if (end) {
            end_of_line(reader, data, part, user);
            part++;
        } else if (!reader->dropping) {
            keep_begin_of_line(reader, data, part);
        }
        data += part;
        length -= part;
    }
}

static void
take(ftp_reader_t *reader, const uint8_t *data, uint32_t captured, uint32_t length, void *user)
{
    reader->next += length;
    ftp_reader_bytes(reader, data, captured, user);
    if (captured < length) {
        reader->resync = true;
        reader->lost_cb(user, reader->from_client);
    }
}

/* Takes what is new of a segment that does not begin after reader->next. */
static void
take_new(ftp_reader_t *reader, uint32_t seq, const uint8_t *data, uint32_t captured, uint32_t length, void *user)
{
    uint32_t old = reader->next - seq;

    if (old >= length)
        return;
    take(reader, captured > old ? data + old : data, captured > old ? captured - old : 0, length - old, user);
}

static void
release_held(ftp_reader_t *reader, void *user)
{
    while (reader->held && (int32_t)(reader->held->seq - reader->next) <= 0) {
        ftp_held_t *held = reader->held;

        reader->held = held->next;
        reader->held_count--;
        reader->held_bytes -= held->captured;
        take_new(reader, held->seq, held->data, held->captured, held->length, user);
        wmem_free(wmem_file_scope(), held);
    }
}

static void
give_up_hole(ftp_reader_t *reader, uint32_t seq, void *user)
{
    reader->lost_cb(user, reader->from_client);
    reader->hole = reader->next;
    reader->hole_length = seq - reader->next;
    reader->next = seq;
    reader->resync = true;
}

static void
hold(ftp_reader_t *reader, uint32_t seq, const uint8_t *data, uint32_t captured, uint32_t length)
{
    ftp_held_t **place = &reader->held;
    ftp_held_t *held;

    while (*place && (int32_t)((*place)->seq - seq) < 0)
        place = &(*place)->next;
    if (*place && (*place)->seq == seq && (*place)->captured >= captured)
        return;
    held = (ftp_held_t *)wmem_alloc(wmem_file_scope(), sizeof *held + captured);
    held->seq = seq;
    held->length = length;
    held->captured = captured;
    memcpy(held->data, data, captured);
    held->next = *place;
    *place = held;
    reader->held_count++;
    reader->held_bytes += captured;
}

/* A segment from a hole that was given up: its lines come late, but they come. */
static void
take_late(ftp_reader_t *reader, uint32_t seq, const uint8_t *data, uint32_t captured, uint32_t length, void *user)
{
    ftp_reader_t late;

    if (seq - reader->hole >= reader->hole_length || length > reader->hole_length - (seq - reader->hole))
        return;
    ftp_reader_init(&late, reader->from_client, reader->line_cb, reader->lost_cb);
    late.resync = seq != reader->hole;
    ftp_reader_bytes(&late, data, captured, user);
    drop_line(&late);
    reader->hole_length = seq - reader->hole;
}

void
ftp_reader_segment(ftp_reader_t *reader, uint32_t seq, const uint8_t *data, uint32_t captured, uint32_t length,
        void *user)
{
    int32_t ahead;

    if (!reader->started) {
        ftp_reader_start(reader, seq);
        reader->resync = true;
    }
    ahead = (int32_t)(seq - reader->next);
    if (length == 0 || ahead > FTP_HOLE_MAX || ahead < -FTP_HOLE_MAX)
        return;
    if (ahead > 0 && reader->has_acked && (int32_t)(reader->acked - seq) >= 0) {
        give_up_hole(reader, seq, user);
        ahead = 0;
    }
    if (ahead <= 0) {
        if (ahead < 0 && reader->hole_length > 0)
            take_late(reader, seq, data, captured, length, user);
        take_new(reader, seq, data, captured, length, user);
    } else {
        hold(reader, seq, data, captured, length);
        if (reader->held_count > FTP_HELD_SEGMENTS || reader->held_bytes > FTP_HELD_BYTES)
            give_up_hole(reader, reader->held->seq, user);
    }
    release_held(reader, user);
}

void
ftp_reader_acked(ftp_reader_t *reader, uint32_t seq, void *user)
{
    if (!reader->has_acked || (int32_t)(seq - reader->acked) > 0) {
        reader->has_acked = true;
        reader->acked = seq;
    }
    if (reader->held && (int32_t)(seq - reader->held->seq) > 0 && (int32_t)(reader->held->seq - reader->next) > 0) {
        give_up_hole(reader, reader->held->seq, user);
        release_held(reader, user);
    }
}

void
ftp_reader_finish(ftp_reader_t *reader, void *user)
{
    if (reader->held) {
        give_up_hole(reader, reader->held->seq, user);
        release_held(reader, user);
    }
    if (reader->line_length > 0 && !reader->dropping)
        emit_line(reader, reader->line, reader->line_length, user);
    drop_line(reader);
}

/* Commands and replies */

/* An urgent ABOR comes with Telnet's IP and Synch in front (RFC 959, section 4.1.3). */
static void
skip_telnet(const char **line, size_t *length)
{
    while (*length >= 2 && (uint8_t)(*line)[0] == 0xff) {
        /* WILL, WONT, DO and DONT name an option. */
        size_t size = (uint8_t)(*line)[1] >= 0xfb && (uint8_t)(*line)[1] <= 0xfe && *length >= 3 ? 3 : 2;

        *line += size;
        *length -= size;
    }
    while (*length >= 1 && ((uint8_t)(*line)[0] == 0xf2 || (*line)[0] == '\0')) {
        (*line)++;
        (*length)--;
    }
}

bool
ftp_parse_command(const char *line, size_t length, ftp_command_t *command)
{
    size_t word = 0;

    skip_telnet(&line, &length);
    while (word < length && g_ascii_isalpha(line[word]))
        word++;
    command->verb = ftp_verb(line, word);
    if (word < length && line[word] != ' ')
        command->verb = FTP_UNKNOWN;
    command->argument = line + word;
    command->argument_length = length - word;
    if (command->argument_length > 0 && *command->argument == ' ') {
        command->argument++;
        command->argument_length--;
    }
    return word > 0 && (word == length || line[word] == ' ');
}

bool
ftp_is_telling(const ftp_command_t *command)
{
    switch (command->verb) {
    case FTP_UNKNOWN:
    case FTP_HELP:
    case FTP_NOOP:
    case FTP_QUIT:
        return false;
    case FTP_AUTH:
        return command->argument_length >= 3 && (g_ascii_strncasecmp(command->argument, "TLS", 3) == 0
            || g_ascii_strncasecmp(command->argument, "SSL", 3) == 0);
    default:
        return true;
    }
}

void
ftp_parse_reply(const char *line, size_t length, ftp_reply_t *reply)
{
    memset(reply, 0, sizeof *reply);
    reply->text = line;
    reply->text_length = length;
    if (length < 3 || line[0] < '1' || line[0] > '6' || !g_ascii_isdigit(line[1]) || !g_ascii_isdigit(line[2])
            || (length > 3 && g_ascii_isdigit(line[3])))
        return;
    reply->code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    reply->more = length > 3 && line[3] == '-';
    reply->text += 3;
    reply->text_length -= 3;
    if (reply->text_length > 0 && (*reply->text == ' ' || *reply->text == '-')) {
        reply->text++;
        reply->text_length--;
    }
}

/* Reads decimal digits; at most 20 of them, so that nothing overflows. */
static const char *
read_number(const char *at, const char *end, uint64_t *number)
{
    const char *start = at;

    *number = 0;
    while (at < end && g_ascii_isdigit(*at) && at - start < 19)
        *number = *number * 10 + (uint64_t)(*at++ - '0');
    return at > start && (at == end || !g_ascii_isdigit(*at)) ? at : NULL;
}

bool
ftp_parse_number(const char *text, size_t length, uint64_t *number)
{
    const char *end = text + length;

    while (text < end && *text == ' ')
        text++;
    return read_number(text, end, number) != NULL;
}

/* Bytes in decimal with commas in between; returns how many there are. */
static unsigned
read_bytes(const char *at, const char *end, uint8_t *bytes, unsigned most)
{
    unsigned count = 0;

    while (count < most) {
        uint64_t number;

        at = read_number(at, end, &number);
        if (!at || number > 255)
            break;
        bytes[count++] = (uint8_t)number;
        while (at < end && *at == ' ')
            at++;
        if (at == end || *at != ',')
            break;
        at++;
        while (at < end && *at == ' ')
            at++;
    }
    return count;
}

static const char *
next_number(const char *at, const char *end)
{
    while (at < end && g_ascii_isdigit(*at))
        at++;
    while (at < end && !g_ascii_isdigit(*at))
        at++;
    return at;
}

static const char *
first_number(const char *at, const char *end)
{
    while (at < end && !g_ascii_isdigit(*at))
        at++;
    return at;
}

/* Servers differ in what is around the six numbers, so look for the numbers only. */
bool
ftp_parse_port(const char *text, size_t length, ftp_endpoint_t *endpoint)
{
    const char *end = text + length;
    uint8_t bytes[6];

    for (const char *at = first_number(text, end); at < end; at = next_number(at, end)) {
        if (read_bytes(at, end, bytes, 6) == 6) {
            memset(endpoint, 0, sizeof *endpoint);
            endpoint->family = 4;
            memcpy(endpoint->address, bytes, 4);
            endpoint->port = (uint16_t)(bytes[4] << 8 | bytes[5]);
            return endpoint->port != 0;
        }
    }
    return false;
}

/* af, length of address, address, length of port, port */
static bool
take_long_port(const uint8_t *bytes, unsigned count, ftp_endpoint_t *endpoint)
{
    unsigned size = count >= 2 ? bytes[1] : 0;

    if (!(size == 4 && bytes[0] == 4) && !(size == 16 && bytes[0] == 6))
        return false;
    if (count < 2 + size + 3 || bytes[2 + size] != 2)
        return false;
    memset(endpoint, 0, sizeof *endpoint);
    endpoint->family = bytes[0];
    memcpy(endpoint->address, bytes + 2, size);
    endpoint->port = (uint16_t)(bytes[3 + size] << 8 | bytes[4 + size]);
    return endpoint->port != 0;
}

bool
ftp_parse_long_port(const char *text, size_t length, ftp_endpoint_t *endpoint)
{
    const char *end = text + length;
    uint8_t bytes[21];

    for (const char *at = first_number(text, end); at < end; at = next_number(at, end)) {
        if (take_long_port(bytes, read_bytes(at, end, bytes, sizeof bytes), endpoint))
            return true;
    }
    return false;
}

static bool
parse_address(const char *text, size_t length, unsigned family, ftp_endpoint_t *endpoint)
{
    char buffer[64];
    ws_in4_addr v4;
    ws_in6_addr v6;

    if (length >= sizeof buffer)
        return false;
    memcpy(buffer, text, length);
    buffer[length] = '\0';
    buffer[strcspn(buffer, "%")] = '\0';
    endpoint->family = family == 1 ? 4 : 6;
    if (family == 1 && ws_inet_pton4(buffer, &v4)) {
        memcpy(endpoint->address, &v4, 4);
        return true;
    }
    if (family == 2 && ws_inet_pton6(buffer, &v6)) {
        memcpy(endpoint->address, &v6, 16);
        return true;
    }
    return false;
}

static bool
parse_port_number(const char *text, size_t length, uint16_t *port)
{
    uint64_t number;

    if (!ftp_parse_number(text, length, &number) || number == 0 || number > 65535)
        return false;
    *port = (uint16_t)number;
    return true;
}

/* <d>family<d>address<d>port<d>: finds the three fields. */
static bool
split_fields(const char *text, const char *end, const char *field[3], size_t length[3])
{
    char delimiter;

    if (text == end || *text < 33 || *text > 126 || g_ascii_isalnum(*text))
        return false;
    delimiter = *text++;
    for (int i = 0; i < 3; i++) {
        const char *stop = (const char *)memchr(text, delimiter, (size_t)(end - text));

        if (!stop)
            return false;
        field[i] = text;
        length[i] = (size_t)(stop - text);
        text = stop + 1;
    }
    return true;
}

bool
ftp_parse_eprt(const char *text, size_t length, ftp_endpoint_t *endpoint)
{
    const char *end = text + length;
    const char *field[3];
    size_t size[3];
    uint64_t family;

    while (text < end && *text == ' ')
        text++;
    memset(endpoint, 0, sizeof *endpoint);
    return split_fields(text, end, field, size) && ftp_parse_number(field[0], size[0], &family)
        && family <= 2 && parse_address(field[1], size[1], (unsigned)family, endpoint)
        && parse_port_number(field[2], size[2], &endpoint->port);
}

bool
ftp_parse_epsv(const char *text, size_t length, ftp_endpoint_t *endpoint)
{
    const char *end = text + length;
    const char *field[3];
    size_t size[3];

    memset(endpoint, 0, sizeof *endpoint);
    for (const char *at = text; at < end; at++) {
        if (*at != '(' && *at != '|')
            continue;
        if (split_fields(*at == '(' ? at + 1 : at, end, field, size)
                && parse_port_number(field[2], size[2], &endpoint->port))
            return true;
        if (*at == '|')
            break;
    }
    return false;
}

bool
ftp_parse_reply_size(const char *text, size_t length, uint64_t *size)
{
    const char *end = text + length;
    bool found = false;

    for (const char *at = first_number(text, end); at < end; at = next_number(at, end)) {
        uint64_t number;
        const char *after = read_number(at, end, &number);

        if (after && at > text && (at[-1] == '(' || at[-1] == ' ') && end - after >= 6
                && g_ascii_strncasecmp(after, " bytes", 6) == 0) {
            *size = number;
            found = true;
        }
    }
    return found;
}

char *
ftp_text(wmem_allocator_t *allocator, const char *text, size_t length)
{
    char *valid = g_utf8_make_valid(text, (gssize)length);
    char *copy = wmem_strdup(allocator, valid);

    g_free(valid);
    return copy;
}

char *
ftp_parse_quoted_path(wmem_allocator_t *allocator, const char *text, size_t length)
{
    const char *end = text + length;
    const char *at = (const char *)memchr(text, '"', length);
    GString *path;
    char *copy = NULL;

    if (!at)
        return NULL;
    path = g_string_new(NULL);
    for (at++; at < end; at++) {
        if (*at == '"') {
            if (at + 1 == end || at[1] != '"')
                break;
            at++;
        }
        g_string_append_c(path, *at);
    }
    if (at < end && path->len <= FTP_PATH_MAX)
        copy = ftp_text(allocator, path->str, path->len);
    g_string_free(path, TRUE);
    return copy;
}

char *
ftp_parse_unique_name(wmem_allocator_t *allocator, const char *text, size_t length)
{
    static const char label[] = "FILE: ";
    const size_t label_length = sizeof label - 1;

    if (length <= label_length || g_ascii_strncasecmp(text, label, label_length) != 0)
        return NULL;
    return ftp_text(allocator, text + label_length, length - label_length);
}

/* Paths */

static void
append_component(GString *path, const char *component, size_t length)
{
    bool absolute = path->len > 0 && path->str[0] == '/';
    const char *last;

    if (length == 0 || (length == 1 && component[0] == '.'))
        return;
    last = strrchr(path->str, '/');
    if (length == 2 && memcmp(component, "..", 2) == 0 && (last ? last[1] : path->str[0]) != '~') {
        if (absolute) {
            g_string_truncate(path, last == path->str ? 1 : (gsize)(last - path->str));
            return;
        }
        if (path->len > 0 && strcmp(last ? last + 1 : path->str, "..") != 0) {
            g_string_truncate(path, last ? (gsize)(last - path->str) : 0);
            return;
        }
    }
    if (path->len > 0 && path->str[path->len - 1] != '/')
        g_string_append_c(path, '/');
    g_string_append_len(path, component, (gssize)length);
}

static void
append_components(GString *path, const char *components)
{
    while (*components) {
        size_t length = strcspn(components, "/");

        append_component(path, components, length);
        components += length;
        components += *components == '/';
    }
}

char *
ftp_resolve_path(wmem_allocator_t *allocator, const char *cwd, const char *path)
{
    GString *resolved = g_string_new(NULL);
    char *copy;

    /* "~" and "~user" are where the server says. */
    if (*path == '~')
        cwd = NULL;
    if (*path == '/' || (cwd && *cwd == '/'))
        g_string_append_c(resolved, '/');
    if (cwd && *path != '/')
        append_components(resolved, cwd);
    append_components(resolved, path);
    if (resolved->len > FTP_PATH_MAX)
        g_string_truncate(resolved, FTP_PATH_MAX);
    copy = ftp_text(allocator, resolved->str, resolved->len);
    g_string_free(resolved, TRUE);
    return copy;
}

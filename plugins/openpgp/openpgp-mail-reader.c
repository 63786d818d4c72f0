/* openpgp-mail-reader.c
 * Whole messages in SMTP, POP and IMAP; see openpgp-mail-reader.h
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

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <epan/wmem_scopes.h>
#include <glib.h>

#include "openpgp-mail-line.h"
#include "openpgp-mail-reader.h"

/* A line that is longer is taken in pieces. */
#define LINE_MAX_LENGTH 8192
/* Octets for which there is room at once; so many count, even if fewer come. */
#define USUAL_LENGTH    4096
#define MAX_PARKED      (OPENPGP_MAIL_KEPT / 4)    /* so that who never goes on leaves room for others */

static unsigned kept;

void
mail_reader_reset(void)
{
    kept = 0;
    mail_heads_reset();
}

/* --- The message --- */

/* What counts of a message of that length. */
static unsigned
taken(unsigned length)
{
    return MAX(length, USUAL_LENGTH);
}

static void
begin(mail_reader_t *reader, mail_content_t content)
{
    reader->content = content;
    reader->in_line = reader->cut = reader->too_large = false;
    if (content == MAIL_NOTHING || USUAL_LENGTH > OPENPGP_MAIL_KEPT - kept)
        return;
    reader->message = wmem_array_sized_new(wmem_file_scope(), 1, USUAL_LENGTH);
    kept += USUAL_LENGTH;
}

static void
forget(mail_reader_t *reader)
{
    if (!reader->message)
        return;
    kept -= taken(wmem_array_get_count(reader->message));
    wmem_destroy_array(reader->message);
    reader->message = NULL;
}

static mime_octets_t
octets_of(wmem_array_t *message)
{
    return (mime_octets_t){ (const uint8_t *)wmem_array_get_raw(message), wmem_array_get_count(message) };
}

static void
end(mail_reader_t *reader)
{
    unsigned length = reader->message ? wmem_array_get_count(reader->message) : 0;

    if (length > 0 && !reader->too_large)
        reader->sink(reader->user, octets_of(reader->message), reader->content, reader->cut);
    forget(reader);
    reader->state = MAIL_LINES;
}

static void
add(mail_reader_t *reader, const uint8_t *data, size_t length)
{
    unsigned count = reader->message ? wmem_array_get_count(reader->message) : 0;
    unsigned more;

    if (!reader->message || reader->too_large || length == 0)
        return;
    more = length > OPENPGP_MAIL_MAX - count ? UINT_MAX : taken(count + (unsigned)length) - taken(count);
    if (more > OPENPGP_MAIL_KEPT - kept) {
        reader->too_large = true;
        return;
    }
    wmem_array_append(reader->message, data, (unsigned)length);
    kept += more;
}

/* --- Messages in pieces --- */

static void
park(mail_reader_t *reader)
{
    mail_pieces_t *pieces = &reader->pieces;

    pieces->message = reader->message;
    pieces->content = reader->content;
    pieces->cut = reader->cut;
    pieces->too_large = reader->too_large;
    reader->message = NULL;
    reader->state = MAIL_LINES;
}

static void
unpark(mail_reader_t *reader)
{
    mail_pieces_t *pieces = &reader->pieces;

    forget(reader);
    reader->message = pieces->message;
    reader->content = pieces->content;
    reader->cut = pieces->cut;
    reader->too_large = pieces->too_large;
    pieces->message = NULL;
}

/* There are no more of them: not all may be there. Something else may come just now. */
static void
end_pieces(mail_reader_t *reader)
{
    mail_reader_t saved = *reader;

    if (!reader->pieces.message)
        return;
    reader->message = NULL;
    unpark(reader);
    reader->cut = true;
    end(reader);
    saved.pieces.message = NULL;
    *reader = saved;
}

/* --- Lines --- */

static void
keep_head(mail_reader_t *reader)
{
    if (reader->half == MAIL_HEAD && reader->message && !reader->cut && !reader->too_large)
        mail_heads_keep(&reader->heads, octets_of(reader->message));
}

/* All octets that were counted are there. */
static void
end_count(mail_reader_t *reader)
{
    if (reader->last && reader->goes_on && kept < MAX_PARKED) {
        park(reader);
    } else if (reader->last) {
        reader->cut = reader->cut || reader->goes_on;
        keep_head(reader);
        end(reader);
    }
    reader->state = MAIL_LINES;
}

static void
begin_count(mail_reader_t *reader, uint64_t count, bool last)
{
    reader->left = count;
    reader->last = last;
    reader->state = MAIL_COUNTED;
    if (count == 0)
        end_count(reader);
}

static void
read_smtp_line(mail_reader_t *reader, const char *line, size_t length)
{
    uint64_t count;
    size_t size;

    if (mail_is_word(line, length, "DATA")) {
        forget(reader);
        reader->state = MAIL_FIRST_LINE;
    } else if (mail_is_word(line, length, "BDAT") && length > 5 && mail_read_count(line + 5, length - 5, &count, &size)) {
        size += 5;
        if (!reader->message)
            begin(reader, MAIL_MESSAGE);
        begin_count(reader, count, size < length && mail_is_word(line + size + 1, length - size - 1, "LAST"));
    } else if (mail_is_word(line, length, "RSET") || mail_is_word(line, length, "MAIL")) {
        forget(reader);
    }
}

static void
read_pop_line(mail_reader_t *reader, const char *line, size_t length)
{
    if (mail_is_word(line, length, "+OK"))
        reader->state = MAIL_FIRST_LINE;
}

/* What BODY[section] or BINARY[section] is; length is to the end of the line. */
static mail_content_t
content_of_section(const char *section, size_t length)
{
    size_t parts = 0;

    while (parts < length && (g_ascii_isdigit(section[parts]) || section[parts] == '.'))
        parts++;
    section += parts;
    length -= parts;
    if (length >= 4 && !g_ascii_strncasecmp(section, "TEXT", 4))
        return MAIL_BODY;
    if (length >= 6 && !g_ascii_strncasecmp(section, "HEADER", 6))
        return MAIL_MESSAGE;
    if (length == 0 || section[0] != ']')
        return MAIL_NOTHING;
    return parts ? MAIL_BODY : MAIL_MESSAGE;
}

static mail_content_t
content_of_literal(const char *line, size_t length)
{
    const char *bracket = mail_find_last(line, length, "BODY[");
    const char *binary = mail_find_last(line, length, "BINARY[");
    const char *whole = mail_find_last(line, length, "RFC822");
    const char *text = mail_find_last(line, length, "RFC822.TEXT");

    if (bracket || binary) {
        bracket = strchr(bracket ? bracket : binary, '[') + 1;
        return content_of_section(bracket, length - (size_t)(bracket - line));
    }
    if (text && text == whole)
        return MAIL_BODY;
    return whole || mail_find_last(line, length, " APPEND ") ? MAIL_MESSAGE : MAIL_NOTHING;
}

/* RFC 4978: a command, or its answer, from which on all is compressed. */
static bool
is_compression(mail_reader_t *reader, const char *line, size_t length)
{
    const char *space = (const char *)memchr(line, ' ', length);
    size_t tag = space ? (size_t)(space - line) : 0;
    bool answers;

    if (tag == 0 || tag >= MAIL_TAG_MAX)
        return false;
    if (mail_is_word(space + 1, length - tag - 1, "COMPRESS")) {
        memcpy(reader->other->compress_tag, line, tag);
        reader->other->compress_tag[tag] = '\0';
        return false;
    }
    answers = strlen(reader->compress_tag) == tag && !memcmp(reader->compress_tag, line, tag);
    if (answers)
        reader->compress_tag[0] = '\0';
    return answers && mail_is_word(space + 1, length - tag - 1, "OK");
}

typedef struct piece {
    uint64_t       from;        /* its first octet */
    uint64_t       count;
    uint64_t       size;        /* of the whole message, if the line tells that; 0: not */
    mail_content_t content;
    char           place[MAIL_PLACE_MAX];
} piece_t;

/* BODY[section]<number> at the end of the line; *section is behind the bracket. */
static bool
read_from(const char *line, size_t length, uint64_t *from, size_t *section)
{
    const char *angle;
    size_t end;

    while (length > 0 && (line[length - 1] == ' ' || line[length - 1] == '~'))
        length--;
    angle = length > 0 && line[length - 1] == '>' ? mail_find_last(line, length, "]<") : NULL;
    if (!angle || !mail_read_count(angle + 2, (size_t)(line + length - angle) - 2, from, &end) || angle[2 + end] != '>')
        return false;
    *section = (size_t)(angle - line) + 1;
    return true;
}

/*
 * BODY[], not its header, a part, or BINARY[], which is decoded: its size is what RFC822.SIZE tells.
 * section: behind the bracket.
 */
static bool
is_whole_message(const char *line, size_t section, const char *body)
{
    return section >= 2 && line[section - 2] == '[' && (body[1] == 'O' || body[1] == 'o');
}

/* 0: it is not told. */
static uint64_t
size_of(const char *line, size_t length)
{
    const char *word = mail_find_last(line, length, "RFC822.SIZE ");
    size_t offset = word ? (size_t)(word - line) + strlen("RFC822.SIZE ") : 0, end;
    uint64_t size;

    return word && mail_read_count(line + offset, length - offset, &size, &end) ? size : 0;
}

/* line: up to the count of the octets. False: they are no piece of a message. */
static bool
read_piece(const char *line, size_t length, piece_t *piece)
{
    const char *fetch = mail_find_last(line, length, " FETCH ");
    const char *body;
    size_t section;

    if (!read_from(line, length, &piece->from, &section))
        return false;
    body = mail_find_last(line, section, "BODY[");
    if (!body)
        body = mail_find_last(line, section, "BINARY[");
    if (!body)
        return false;
    piece->content = content_of_literal(line, section);
    piece->size = is_whole_message(line, section, body) ? size_of(line, section) : 0;
    snprintf(piece->place, sizeof piece->place, "%.*s %.*s", fetch ? (int)(fetch - line) : 0, line,
        (int)(line + section - body), body);
    return true;
}

static bool
continues(const mail_reader_t *reader, const piece_t *piece)
{
    const mail_pieces_t *pieces = &reader->pieces;

    return pieces->message && pieces->next == piece->from && !strcmp(pieces->place, piece->place);
}

/* Less than was asked for is the end, and so is the size of the message. */
static bool
is_last_piece(const mail_reader_t *reader, const piece_t *piece)
{
    if (piece->size > 0 && piece->from + piece->count >= piece->size)
        return true;
    if (reader->asked_count == 0)
        return piece->size == 0;
    return reader->asked_from == piece->from && piece->count < reader->asked_count;
}

/* Who asks was not captured, or what comes first: what there is is shown as it comes. */
static void
begin_piece(mail_reader_t *reader, const piece_t *piece)
{
    reader->goes_on = !is_last_piece(reader, piece);
    if (continues(reader, piece)) {
        unpark(reader);
    } else {
        end_pieces(reader);
        begin(reader, piece->from == 0 || piece->content == MAIL_NOTHING ? piece->content : MAIL_BODY);
        reader->cut = piece->from > 0;
        reader->goes_on = reader->goes_on && piece->from == 0;
        g_strlcpy(reader->pieces.place, piece->place, sizeof reader->pieces.place);
    }
    reader->pieces.next = piece->from + piece->count;
    reader->cut = reader->cut || (reader->asked_count == 0 && piece->size == 0);
}

/* BODY[section]<number.count>, of whoever asks; anything else is no question for the next piece. */
static void
note_question(mail_reader_t *answers, const char *line, size_t length)
{
    const char *angle = memchr(line, '<', length) ? mail_find_last(line, length, "]<") : NULL;
    size_t offset = angle ? (size_t)(angle - line) + 2 : 0, end, behind;
    uint64_t from, count;

    if (angle && mail_find_last(line, (size_t)(angle - line), "]<")) {
        answers->asked_count = 0;       /* several pieces: which of them is answered is not told */
        return;
    }
    if (angle && mail_read_count(line + offset, length - offset, &from, &end) && offset + end < length && line[offset + end] == '.'
            && mail_read_count(line + offset + end + 1, length - offset - end - 1, &count, &behind)) {
        answers->asked_from = from;
        answers->asked_count = count;
    } else if (answers->pieces.message) {
        end_pieces(answers);
    }
}

/* A text that comes behind its head, which was fetched apart: both are the message. */
static void
join_head(mail_reader_t *reader)
{
    mime_octets_t head = mail_heads_find(&reader->heads);

    if (!head.octets || !reader->message || wmem_array_get_count(reader->message) > 0)
        return;
    add(reader, head.octets, head.length);
    reader->content = MAIL_JOINED;
}

static void
begin_literal(mail_reader_t *reader, const char *line, size_t length, uint64_t count)
{
    piece_t piece = { .from = 0, .count = count };

    reader->goes_on = false;
    if (read_piece(line, length, &piece))
        begin_piece(reader, &piece);
    else
        begin(reader, content_of_literal(line, length));
    reader->half = mail_heads_literal(&reader->heads, line, length);
    if (reader->half == MAIL_TEXT && piece.from == 0)
        join_head(reader);
}

/* A line that ends with {count} or {count+} goes on behind so many octets. */
static void
read_imap_literal(mail_reader_t *reader, const char *line, size_t length)
{
    const char *brace = length > 2 && line[length - 1] == '}' ? mail_find_last(line, length, "{") : NULL;
    size_t offset = brace ? (size_t)(brace - line) + 1 : 0;
    size_t size;
    uint64_t count;

    if (!brace || !mail_read_count(line + offset, length - offset, &count, &size) || !strchr("+}", line[offset + size]))
        return;
    begin_literal(reader, line, offset - 1, count);
    begin_count(reader, count, true);
}

static void
read_imap_line(mail_reader_t *reader, const char *line, size_t length)
{
    if (is_compression(reader, line, length)) {
        reader->state = reader->other->state = MAIL_COMPRESSED;
        return;
    }
    note_question(reader->other, line, length);
    mail_heads_asked(&reader->other->heads, line, length);
    mail_heads_answer(&reader->heads, line, length);
    read_imap_literal(reader, line, length);
}

static void
read_line(mail_reader_t *reader, const char *line, size_t length)
{
    if (reader->protocol == MAIL_SMTP)
        read_smtp_line(reader, line, length);
    else if (reader->protocol == MAIL_POP)
        read_pop_line(reader, line, length);
    else
        read_imap_line(reader, line, length);
}

/* --- Messages that end with a dot --- */

/* What may come after DATA if there is no message, as it was refused. */
static bool
is_smtp_command(const char *line, size_t length)
{
    static const char *const commands[] = { "QUIT", "RSET", "MAIL", "RCPT", "NOOP", "EHLO", "HELO", "DATA", "BDAT", "VRFY", NULL };

    return mail_is_any_word(line, length, commands);
}

static bool
begins_message(const mail_reader_t *reader, const char *line, size_t length)
{
    if (reader->protocol == MAIL_SMTP)
        return !is_smtp_command(line, length);
    return mime_is_field((mime_octets_t){ (const uint8_t *)line, (unsigned)length });
}

/* Whether a line ends at the last of these octets. */
static bool
ends_line(const mail_reader_t *reader, const uint8_t *data, size_t length)
{
    bool returned = length > 1 ? data[length - 2] == '\r' : reader->returned;

    return data[length - 1] == '\n' && (reader->bare || returned);
}

static void
note_end(mail_reader_t *reader, const uint8_t *data, size_t length)
{
    reader->in_line = !ends_line(reader, data, length);
    reader->returned = data[length - 1] == '\r';
}

/* The line that follows a command or answer, with its end. */
static void
read_first_line(mail_reader_t *reader, const char *line, size_t text, size_t length)
{
    size_t stuffed = line[0] == '.';

    if (stuffed && text == 1) {     /* a message with nothing in it */
        reader->state = MAIL_LINES;
    } else if (begins_message(reader, line, text)) {
        begin(reader, MAIL_MESSAGE);
        add(reader, (const uint8_t *)line + stuffed, length - stuffed);
        reader->bare = length == text + 1;
        note_end(reader, (const uint8_t *)line, length);
        reader->state = MAIL_DOTTED;
    } else {
        reader->state = MAIL_LINES;
        read_line(reader, line, text);
    }
}

/* A line with its end, or a piece of one. */
static void
read_dotted(mail_reader_t *reader, const uint8_t *line, size_t text, size_t length)
{
    bool dot = !reader->in_line && line[0] == '.';

    note_end(reader, line, length);
    if (dot && text == 1 && !reader->in_line)
        end(reader);
    else
        add(reader, line + (dot ? 1 : 0), length - (dot ? 1 : 0));
}

/* --- All --- */

/* A line, with its end if it has one. Returns how much it takes. */
static size_t
take_line(mail_reader_t *reader, const uint8_t *data, size_t length)
{
    const uint8_t *feed = (const uint8_t *)memchr(data, '\n', length);
    size_t size = feed ? (size_t)(feed - data) + 1 : length;
    size_t text = feed ? size - 1 : size;

    if (!feed && length < LINE_MAX_LENGTH)
        return 0;
    if (feed && text > 0 && data[text - 1] == '\r')
        text--;
    if (reader->state == MAIL_DOTTED)
        read_dotted(reader, data, text, size);
    else if (reader->state == MAIL_FIRST_LINE)
        read_first_line(reader, (const char *)data, text, size);
    else
        read_line(reader, (const char *)data, text);
    return size;
}

/* As far as no line begins with a dot: most of a message, in one piece. */
static size_t
take_dotted(mail_reader_t *reader, const uint8_t *data, size_t length)
{
    const uint8_t *dot = data, *behind = data + length;

    if (!reader->in_line && data[0] == '.')
        return take_line(reader, data, length);
    do {
        dot++;
        dot = dot < behind ? (const uint8_t *)memchr(dot, '.', (size_t)(behind - dot)) : NULL;
    } while (dot && !ends_line(reader, data, (size_t)(dot - data)));
    if (dot)
        length = (size_t)(dot - data);
    note_end(reader, data, length);
    add(reader, data, length);
    return length;
}

static size_t
take_counted(mail_reader_t *reader, const uint8_t *data, size_t length)
{
    size_t size = (size_t)MIN(reader->left, length);

    add(reader, data, size);
    reader->left -= size;
    if (reader->left == 0)
        end_count(reader);
    return size;
}

size_t
mail_read(mail_reader_t *reader, const uint8_t *data, size_t length)
{
    size_t offset = 0, size;

    do {
        if (reader->state == MAIL_COMPRESSED)
            return length;
        if (reader->state == MAIL_COUNTED)
            size = take_counted(reader, data + offset, length - offset);
        else if (reader->state == MAIL_DOTTED && offset < length)
            size = take_dotted(reader, data + offset, length - offset);
        else
            size = offset < length ? take_line(reader, data + offset, length - offset) : 0;
        offset += size;
    } while (size > 0 && offset < length);
    return offset;
}

void
mail_ended(mail_reader_t *reader)
{
    end_pieces(reader);
    if (reader->state == MAIL_DOTTED || !reader->message)
        return;
    reader->cut = true;
    end(reader);
}

bool
mail_is_within(const mail_reader_t *reader)
{
    return reader->message || reader->pieces.message;
}

void
mail_broken_off(mail_reader_t *reader)
{
    mail_ended(reader);
    if (reader->state != MAIL_DOTTED || !reader->message)
        return;
    reader->cut = true;
    end(reader);
}

void
mail_missing(mail_reader_t *reader, uint32_t missing)
{
    if (reader->state == MAIL_COMPRESSED)
        return;
    mail_heads_forget(&reader->heads);
    reader->cut = true;
    if (reader->state == MAIL_DOTTED) {
        reader->in_line = true;
        reader->returned = false;
    } else if (reader->state == MAIL_FIRST_LINE) {
        reader->state = MAIL_LINES;
    }
    if (reader->state != MAIL_COUNTED)
        return;
    if (missing == 0 || missing > reader->left) {
        forget(reader);
        reader->state = MAIL_LINES;
    } else {
        reader->left -= missing;
    }
}

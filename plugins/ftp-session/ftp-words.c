/* ftp-words.c
 * Commands and replies of FTP; see ftp-words.h
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

#include "ftp-number.h"
#include "ftp-words.h"

#define FTP_VERB_LONGEST 7

static const struct {
    const char *name;
    ftp_verb_t  verb;
} verbs[] = {
    { "ABOR", FTP_ABOR }, { "ACCT", FTP_ACCT }, { "ADAT", FTP_OTHER }, { "ALLO", FTP_ALLO }, { "APPE", FTP_APPE },
    { "AUTH", FTP_AUTH }, { "AVBL", FTP_OTHER }, { "CCC", FTP_CCC }, { "CDUP", FTP_CDUP }, { "CLNT", FTP_OTHER },
    { "CONF", FTP_OTHER }, { "CPSV", FTP_PASV }, { "CSID", FTP_OTHER }, { "CWD", FTP_CWD }, { "DELE", FTP_DELE },
    { "ENC", FTP_OTHER }, { "EPRT", FTP_EPRT }, { "EPSV", FTP_EPSV }, { "FEAT", FTP_OTHER }, { "HASH", FTP_HASH },
    { "HELP", FTP_HELP }, { "HOST", FTP_OTHER }, { "LANG", FTP_OTHER }, { "LIST", FTP_LIST }, { "LPRT", FTP_LPRT },
    { "LPSV", FTP_LPSV }, { "MD5", FTP_HASH }, { "MDTM", FTP_OTHER }, { "MFCT", FTP_OTHER }, { "MFF", FTP_OTHER },
    { "MFMT", FTP_OTHER },
    { "MIC", FTP_OTHER }, { "MKD", FTP_MKD }, { "MLSD", FTP_MLSD }, { "MLST", FTP_MLST }, { "MODE", FTP_MODE },
    { "NLST", FTP_NLST }, { "NOOP", FTP_NOOP }, { "OPTS", FTP_OTHER }, { "PASS", FTP_PASS }, { "PASV", FTP_PASV },
    { "PBSZ", FTP_OTHER }, { "PORT", FTP_PORT }, { "PROT", FTP_PROT }, { "PWD", FTP_PWD }, { "QUIT", FTP_QUIT },
    { "RANG", FTP_RANG }, { "REIN", FTP_REIN }, { "REST", FTP_REST }, { "RETR", FTP_RETR }, { "RMD", FTP_RMD },
    { "RNFR", FTP_RNFR }, { "RNTO", FTP_RNTO }, { "SITE", FTP_SITE }, { "SIZE", FTP_SIZE }, { "SMNT", FTP_OTHER },
    { "SPAS", FTP_SPAS }, { "SPOR", FTP_SPOR },
    { "SPSV", FTP_OTHER }, { "SSCN", FTP_OTHER }, { "STAT", FTP_STAT }, { "STOR", FTP_STOR }, { "STOU", FTP_STOU },
    { "STRU", FTP_STRU }, { "SYST", FTP_SYST }, { "TYPE", FTP_TYPE }, { "USER", FTP_USER }, { "XCRC", FTP_HASH },
    { "XCUP", FTP_CDUP }, { "XCWD", FTP_CWD }, { "XMD5", FTP_HASH }, { "XMKD", FTP_MKD }, { "XPWD", FTP_PWD },
    { "XRMD", FTP_RMD }, { "XSHA", FTP_HASH }, { "XSHA1", FTP_HASH }, { "XSHA256", FTP_HASH }, { "XSHA512", FTP_HASH },
};

/* The place of the first one that begins with this letter, if any does. */
static size_t
first_verb(char letter)
{
    static uint8_t places['Z' - 'A' + 1];

    if (places['Z' - 'A'] == 0) {
        memset(places, G_N_ELEMENTS(verbs), sizeof places);
        for (size_t i = G_N_ELEMENTS(verbs); i > 0; i--)
            places[verbs[i - 1].name[0] - 'A'] = (uint8_t)(i - 1);
    }
    return places[letter - 'A'];
}

ftp_verb_t
ftp_verb(const char *word, size_t length)
{
    char first, second;     /* in upper case */
    size_t i;

    if (length < 3 || length > FTP_VERB_LONGEST)
        return FTP_UNKNOWN;
    first = (char)(word[0] & ~0x20);
    if (first < 'A' || first > 'Z')
        return FTP_UNKNOWN;
    second = (char)(word[1] & ~0x20);
    for (i = first_verb(first); i < G_N_ELEMENTS(verbs) && verbs[i].name[0] == first; i++) {
        if (verbs[i].name[1] != second)
            continue;
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

bool
ftp_verb_is_about_file(ftp_verb_t verb)
{
    switch (verb) {
    case FTP_DELE:
    case FTP_MKD:
    case FTP_MLST:
    case FTP_RMD:
    case FTP_RNFR:
    case FTP_RNTO:
        return true;
    default:
        return false;
    }
}

ftp_direction_t
ftp_verb_direction(ftp_verb_t verb)
{
    if (!ftp_verb_is_transfer(verb))
        return FTP_DIRECTION_UNKNOWN;
    return verb == FTP_STOR || verb == FTP_STOU || verb == FTP_APPE ? FTP_TO_SERVER : FTP_TO_CLIENT;
}

/* XMD5 has a digit. */
static bool
is_of_word(uint8_t byte, size_t place)
{
    return g_ascii_isalpha(byte) || (place > 0 && g_ascii_isdigit(byte));
}

bool
ftp_starts_line(const uint8_t *data, size_t length, bool from_client)
{
    size_t word = 0;

    if (!from_client) {
        return length >= 4 && data[0] >= '1' && data[0] <= '6' && g_ascii_isdigit(data[1]) && g_ascii_isdigit(data[2])
            && (data[3] == ' ' || data[3] == '-' || data[3] == '\r');
    }
    while (word < length && word <= FTP_VERB_LONGEST && is_of_word(data[word], word))
        word++;
    return ftp_verb((const char *)data, word) != FTP_UNKNOWN
        && (word == length || data[word] == ' ' || data[word] == '\r' || data[word] == '\n');
}

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
    while (word < length && is_of_word((uint8_t)line[word], word))
        word++;
    command->verb = ftp_verb(line, word);
    if (word < length && line[word] != ' ')
        command->verb = FTP_UNKNOWN;
    command->word = line;
    command->word_length = word;
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

static const char *
behind_last_quote(const char *text, const char *end)
{
    while (end > text && end[-1] != '"')
        end--;
    return end;
}

bool
ftp_parse_reply_size(const char *text, size_t length, uint64_t *size)
{
    const char *end = text + length;
    /* FileZilla Server gives a path in quotes, and no size. */
    const char *last_quote = behind_last_quote(text, end);
    const char *counted = text;
    bool is_open = false;
    bool found = false;

    for (const char *at = ftp_first_number(text, end); at < end; at = ftp_next_number(at, end)) {
        uint64_t number;
        const char *after = ftp_read_number(at, end, &number);

        for (; counted < at; counted++)
            is_open = is_open != (*counted == '"');
        if (after && (at == text || at[-1] == '(' || at[-1] == ' ') && end - after >= 6
                && g_ascii_strncasecmp(after, " bytes", 6) == 0 && !(is_open && at < last_quote)) {
            *size = number;
            found = true;
        }
    }
    return found;
}

bool
ftp_reply_tells_duration(const ftp_reply_t *reply)
{
    static const char words[] = " seconds (measured here)";
    const size_t size = sizeof words - 1;

    for (size_t i = 0; i + size <= reply->text_length; i++) {
        if (memcmp(reply->text + i, words, size) == 0)
            return true;
    }
    return false;
}

bool
ftp_parse_size_fact(const char *line, size_t length, uint64_t *size)
{
    static const char name[] = "size=";
    const char *end = line + length;

    while (line < end && *line == ' ')
        line++;
    /* What follows a blank is the file's name. */
    while (line < end && *line != ' ') {
        const char *fact = line;

        while (line < end && *line != ' ' && *line != ';')
            line++;
        if (line - fact >= (ptrdiff_t)strlen(name) && g_ascii_strncasecmp(fact, name, strlen(name)) == 0)
            return ftp_read_number(fact + strlen(name), line, size) == line;
        if (line < end && *line == ';')
            line++;
    }
    return false;
}

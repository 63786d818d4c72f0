/* openpgp-mail-head.c
 * Heads of mails apart from their text; see openpgp-mail-head.h
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

#include <epan/wmem_scopes.h>
#include <glib.h>

#include "openpgp-mail-head.h"
#include "openpgp-mail-line.h"

typedef struct mail_head {
    uint64_t  number;
    uint64_t  uid;
    char      section[MAIL_SECTION];
    uint8_t  *octets;
    unsigned  length;
    struct mail_head *next;
} mail_head_t;

static unsigned kept;   /* octets of all heads */

void
mail_heads_reset(void)
{
    kept = 0;
}

static void
free_head(mail_head_t *head)
{
    kept -= head->length;
    wmem_free(wmem_file_scope(), head->octets);
    wmem_free(wmem_file_scope(), head);
}

void
mail_heads_forget(mail_heads_t *heads)
{
    heads->number = 0;
    while (heads->first) {
        mail_head_t *head = heads->first;

        heads->first = head->next;
        free_head(head);
    }
}

/* --- Which message --- */

static uint64_t
count_behind(const char *line, size_t length, const char *word)
{
    const char *at = mail_find_last(line, length, word);
    size_t offset = at ? (size_t)(at - line) + strlen(word) : length, end;
    uint64_t count;

    return mail_read_count(line + offset, length - offset, &count, &end) ? count : 0;
}

/* Messages went, or another mailbox is open. */
static bool
renumbers(const char *line, size_t length)
{
    return mail_find_last(line, length, " EXPUNGE") || mail_find_last(line, length, " VANISHED")
        || mail_find_last(line, length, "[UIDVALIDITY ") || mail_find_last(line, length, "[CLOSED]");
}

void
mail_heads_answer(mail_heads_t *heads, const char *line, size_t length)
{
    uint64_t number;
    size_t end;

    if (length < 2 || line[0] != '*' || line[1] != ' ')
        return;
    heads->number = heads->uid = 0;
    if (mail_read_count(line + 2, length - 2, &number, &end) && mail_is_word(line + 2 + end, length - 2 - end, " FETCH")) {
        heads->number = number;
        heads->uid = count_behind(line, length, "UID ");
    } else if (renumbers(line, length)) {
        mail_heads_forget(heads);
    }
}

void
mail_heads_asked(mail_heads_t *heads, const char *line, size_t length)
{
    static const char *const commands[] = { "SELECT", "EXAMINE", "UNSELECT", "CLOSE", NULL };
    const char *space = heads->first ? (const char *)memchr(line, ' ', length) : NULL;

    if (space && mail_is_any_word(space + 1, length - (size_t)(space - line) - 1, commands))
        mail_heads_forget(heads);
}

/* --- Which half --- */

/* Whether nothing but the first octet of a piece stands behind what the literal is. */
static bool
is_at_end(const char *line, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (!g_ascii_isdigit(line[i]) && !strchr("<> ~", line[i]))
            return false;
    }
    return true;
}

/* HEADER, HEADER.FIELDS (...), HEADER.FIELDS.NOT (...) or TEXT; length: up to the bracket. */
static mail_half_t
half_of_section(const char *section, size_t length)
{
    if (length == strlen("TEXT") && mail_is_word(section, length, "TEXT"))
        return MAIL_TEXT;
    return mail_is_word(section, length, "HEADER") || mail_is_word(section, length, "HEADER.FIELDS")
        || mail_is_word(section, length, "HEADER.FIELDS.NOT") ? MAIL_HEAD : MAIL_WHOLE;
}

static mail_half_t
read_section(mail_heads_t *heads, const char *section, const char *end)
{
    const char *bracket = mail_find_last(section, (size_t)(end - section), "]");
    size_t prefix = strspn(section, "0123456789.");

    if (!bracket || prefix >= sizeof heads->section || !is_at_end(bracket + 1, (size_t)(end - bracket) - 1))
        return MAIL_WHOLE;
    memcpy(heads->section, section, prefix);
    heads->section[prefix] = '\0';
    return half_of_section(section + prefix, (size_t)(bracket - section) - prefix);
}

mail_half_t
mail_heads_literal(mail_heads_t *heads, const char *line, size_t length)
{
    const char *body = heads->number ? mail_find_last(line, length, "BODY[") : NULL;
    const char *rfc822 = heads->number ? mail_find_last(line, length, "RFC822.") : NULL;
    const char *end = line + length;

    if (body && (!rfc822 || rfc822 < body))
        return read_section(heads, body + strlen("BODY["), end);
    if (!rfc822)
        return MAIL_WHOLE;
    rfc822 += strlen("RFC822.");
    heads->section[0] = '\0';
    while (end > rfc822 && end[-1] == ' ')
        end--;
    return half_of_section(rfc822, (size_t)(end - rfc822));
}

/* --- Heads --- */

static bool
is_same(const mail_heads_t *heads, const mail_head_t *head)
{
    return head->number == heads->number && (!head->uid || !heads->uid || head->uid == heads->uid)
        && !strcmp(head->section, heads->section);
}

/* So that one more has room. */
static void
drop_last(mail_heads_t *heads)
{
    mail_head_t **last = &heads->first;
    unsigned count = 0;

    while (*last && ++count < MAIL_HEADS)
        last = &(*last)->next;
    if (!*last)
        return;
    free_head(*last);
    *last = NULL;
}

static bool
ends_with(mime_octets_t octets, const char *text)
{
    unsigned length = (unsigned)strlen(text);

    return octets.length >= length && !memcmp(octets.octets + octets.length - length, text, length);
}

/* The empty line is there, and the text may be one of several parts. */
static bool
is_worth_it(mime_octets_t head)
{
    return head.length <= MAIL_HEAD_MAX && head.length <= MAIL_HEADS_KEPT - kept
        && (ends_with(head, "\n\r\n") || ends_with(head, "\n\n"))
        && mail_find_last((const char *)head.octets, head.length, "multipart/");
}

void
mail_heads_keep(mail_heads_t *heads, mime_octets_t octets)
{
    mail_head_t *head;

    if (!is_worth_it(octets))
        return;
    drop_last(heads);
    head = wmem_new0(wmem_file_scope(), mail_head_t);
    head->number = heads->number;
    head->uid = heads->uid;
    g_strlcpy(head->section, heads->section, sizeof head->section);
    head->octets = (uint8_t *)wmem_memdup(wmem_file_scope(), octets.octets, octets.length);
    head->length = octets.length;
    kept += head->length;
    head->next = heads->first;
    heads->first = head;
}

mime_octets_t
mail_heads_find(const mail_heads_t *heads)
{
    for (const mail_head_t *head = heads->first; head; head = head->next) {
        if (is_same(heads, head))
            return (mime_octets_t){ head->octets, head->length };
    }
    return (mime_octets_t){ NULL, 0 };
}

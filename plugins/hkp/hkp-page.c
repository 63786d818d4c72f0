/* hkp-page.c
 * Pages for people; see hkp-page.h
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

#include <wsutil/str_util.h>

#include "hkp-compare.h"
#include "hkp-page.h"

static hkp_text_t
limited(hkp_text_t body)
{
    return (hkp_text_t){ body.start, MIN(body.length, HKP_PAGE_MAX), body.offset };
}

bool
hkp_is_page(hkp_text_t body)
{
    while (body.length > 0 && (g_ascii_isspace(body.start[0]) || (body.start[0] & 0x80)))     /* a byte order mark */
        body = hkp_text_from(body, 1);
    return body.length > 0 && body.start[0] == '<';
}

/* --- What is seen --- */

static bool
begins_with(hkp_text_t text, const char *word)
{
    size_t length = strlen(word);

    return (size_t)text.length >= length && !g_ascii_strncasecmp(text.start, word, length);
}

/* Behind the end of an element, comment or tag; all that is left where it does not end. */
static hkp_text_t
skip_past(hkp_text_t text, const char *end)
{
    int length = (int)strlen(end);

    while (text.length > 0 && !begins_with(text, end)) {
        int next = text.length > 1 ? hkp_text_find(hkp_text_from(text, 1), end[0]) : -1;

        text = hkp_text_from(text, next < 0 ? text.length : next + 1);
    }
    return text.length > 0 ? hkp_text_from(text, length) : text;
}

/* At an opening angle bracket. */
static hkp_text_t
skip_tag(hkp_text_t text)
{
    if (begins_with(text, "<!--"))
        return skip_past(text, "-->");
    if (begins_with(text, "<script"))
        text = skip_past(text, "</script");
    else if (begins_with(text, "<style"))
        text = skip_past(text, "</style");
    return skip_past(text, ">");
}

static void
append_seen(wmem_strbuf_t *seen, char c)
{
    size_t length = wmem_strbuf_get_len(seen);

    if (!g_ascii_isspace(c) && c != '\0')
        wmem_strbuf_append_c(seen, g_ascii_tolower(c));
    else if (length > 0 && !g_ascii_isspace(wmem_strbuf_get_str(seen)[length - 1]))
        wmem_strbuf_append_c(seen, ' ');
}

/* Where a tag was. */
static void
append_break(wmem_strbuf_t *seen, char c)
{
    if (c == ' ')
        append_seen(seen, c);
    else
        wmem_strbuf_append_c(seen, c);
}

/* tag: what stands where a tag was, a space or the end of a line. */
static const char *
page_text(wmem_allocator_t *pool, hkp_text_t body, char tag)
{
    bool is_page = hkp_is_page(body);
    hkp_text_t rest = limited(body);
    wmem_strbuf_t *seen = wmem_strbuf_new(pool, NULL);

    while (rest.length > 0) {
        if (is_page && rest.start[0] == '<') {
            append_break(seen, tag);
            rest = skip_tag(rest);
        } else {
            append_seen(seen, rest.start[0]);
            rest = hkp_text_from(rest, 1);
        }
    }
    return wmem_strbuf_get_str(seen);
}

const char *
hkp_page_text(wmem_allocator_t *pool, hkp_text_t body)
{
    return page_text(pool, body, ' ');
}

static bool
ends_with(const char *text, const char *end, const char *words)
{
    size_t length = strlen(words);

    return (size_t)(end - text) >= length && !memcmp(end - length, words, length);
}

/* In the middle of a sentence words may be of anything: theirs begin a paragraph or a heading, or stand behind such words. */
static bool
begin_sentence(const char *seen, const char *words)
{
    for (const char *at = strstr(seen, words); at; at = strstr(at + 1, words)) {
        if (at == seen || at[-1] == '\n' || ends_with(seen, at, "\n ") || ends_with(seen, at, "error handling request: ")
                || ends_with(seen, at, "error: "))
            return true;
    }
    return false;
}

hkp_says_t
hkp_page_says(wmem_allocator_t *pool, hkp_text_t body, const char *search)
{
    static const struct {
        const char *words;
        hkp_says_t  says;
    } known[] = {
        { "legacy hkp will not return keys",  HKP_SAYS_ERROR },     /* there is one, of version 6 */
        { "requested hash not found",         HKP_SAYS_NOT_FOUND },
        { "no valid key found for hash",      HKP_SAYS_NOT_FOUND },
        { "no keys found",                    HKP_SAYS_NOT_FOUND },
        { "no key found",                     HKP_SAYS_NOT_FOUND },
        { "key not found",                    HKP_SAYS_NOT_FOUND },
        { "no results found",                 HKP_SAYS_NOT_FOUND },
        { "no matching keys in database",     HKP_SAYS_NOT_FOUND },
        { "insufficiently specific words",    HKP_SAYS_ERROR },
        { "too many responses",               HKP_SAYS_ERROR },
        { "maximum number to return is",      HKP_SAYS_ERROR },
        { "error: no operation supplied",     HKP_SAYS_ERROR },
        { "error: no key to search for",      HKP_SAYS_ERROR },
        { "error handling request",           HKP_SAYS_ERROR },
        { "404 page not found",               HKP_SAYS_NO_PATH },   /* of what is written in Go */
        { "was not found on this server",     HKP_SAYS_NO_PATH },   /* of Apache */
        { "the resource you are looking for", HKP_SAYS_NO_PATH },   /* of IIS */
    };
    const char *seen = page_text(pool, body, '\n');
    const char *asked = search ? wmem_ascii_strdown(pool, search, -1) : "";
    bool is_page = hkp_is_page(body);

    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        bool said = is_page && known[i].says == HKP_SAYS_NOT_FOUND ? begin_sentence(seen, known[i].words) :
            strstr(seen, known[i].words) != NULL;

        if (said && !strstr(asked, known[i].words))
            return known[i].says;
    }
    return HKP_SAYS_NOTHING;
}

/* --- Links --- */

static int
find_word(hkp_text_t text, const char *word)
{
    const char *found = text.length > 0 ? g_strstr_len(text.start, text.length, word) : NULL;

    return found ? (int)(found - text.start) : -1;
}

/* The value of href in a tag, which begins with it or has it behind other attributes. */
static hkp_text_t
href_of(hkp_text_t tag)
{
    int at = find_word(tag, "href=");
    char quote;

    if (at < 0)
        at = find_word(tag, "HREF=");
    if (at < 0 || tag.length < at + 6)
        return hkp_text_from(tag, tag.length);
    tag = hkp_text_from(tag, at + 5);
    quote = tag.start[0];
    if (quote != '"' && quote != '\'')
        return tag;
    tag = hkp_text_from(tag, 1);
    return hkp_text_next(&tag, quote);
}

static const char *
digits_at(wmem_allocator_t *pool, hkp_text_t text)
{
    int length = 0;

    while (length < text.length && g_ascii_isxdigit(text.start[length]))
        length++;
    return length >= 8 ? wmem_strndup(pool, text.start, (size_t)length) : NULL;
}

static hkp_text_t
behind(hkp_text_t text, const char *word)
{
    int at = find_word(text, word);

    return hkp_text_from(text, at < 0 ? text.length : at + (int)strlen(word));
}

/* Behind the version of a fingerprint: 04/ or 04. */
static hkp_text_t
without_version(hkp_text_t text)
{
    if (text.length > 2 && text.start[2] == '/')
        return hkp_text_from(text, 3);
    return hkp_text_from(text, MIN(text.length, 2));
}

/* The key that a link is to; NULL: it is none to a key. */
static const char *
linked_id(wmem_allocator_t *pool, hkp_text_t href)
{
    static const char *const before[] = { "search=0x", "search=0X", "search=%200x", "by-fingerprint/", "by-keyid/" };
    bool gets = find_word(href, "op=get") >= 0;
    const char *id = digits_at(pool, without_version(behind(href, "by-vfingerprint/")));

    for (size_t i = 0; !id && i < G_N_ELEMENTS(before); i++) {
        if (gets || before[i][0] == 'b')
            id = digits_at(pool, behind(href, before[i]));
    }
    return id;
}

/* Whether subkeys are listed at all: sub 2048R/01234567, sub (4)rsa2048/0123... */
static bool
has_subkeys(const char *seen)
{
    for (const char *at = strstr(seen, " sub "); at; at = strstr(at + 1, " sub ")) {
        const char *slash = at + 5 + strcspn(at + 5, "/ ");

        if (*slash == '/' && strspn(slash + 1, "0123456789abcdefx") >= 8)
            return true;
    }
    return false;
}

/* Subkeys have no links, but stand behind their algorithm and a slash. */
static bool
names_subkey(wmem_allocator_t *pool, const char *seen, const char *hex)
{
    size_t digits = strlen(hex);

    for (const char *slash = strchr(seen, '/'); slash; slash = strchr(slash + 1, '/')) {
        size_t length = strspn(slash + 1, "0123456789abcdefx");
        const char *id = slash + 1 + (g_str_has_prefix(slash + 1, "0x") ? 2 : 0);

        length -= (size_t)(id - slash - 1);
        if ((length == 8 || length == 16 || length == digits) && hkp_ids_agree(wmem_strndup(pool, id, length), hex))
            return true;
    }
    return false;
}

hkp_links_t
hkp_page_links(wmem_allocator_t *pool, hkp_text_t page, const char *hex)
{
    hkp_links_t links = { 0, false, false, false };
    hkp_text_t rest = limited(page);
    const char *seen;

    while (rest.length > 0) {
        hkp_text_t tag;
        const char *id;

        hkp_text_next(&rest, '<');
        if (!begins_with(rest, "a ") && !begins_with(rest, "a\n"))
            continue;
        /* Where a tag has no end, the next one ends it: what is looked through here is not looked through again. */
        tag = rest;
        tag = hkp_text_next(&tag, '<');
        id = linked_id(pool, href_of(hkp_text_next(&tag, '>')));
        links.count += id != NULL;
        if (id && hex && hkp_ids_agree(id, hex))
            links.has_id = true;
    }
    if (links.count == 0)
        return links;
    seen = hkp_page_text(pool, page);
    links.lists_keys = g_str_has_prefix(seen, "pub ") || strstr(seen, " pub ");
    if (hex && !links.has_id) {
        links.has_subkeys = has_subkeys(seen);
        links.has_id = names_subkey(pool, seen, hex);
    }
    return links;
}

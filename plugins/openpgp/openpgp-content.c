/* openpgp-content.c
 * Finding OpenPGP in the contents of another protocol; see openpgp-content.h
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * Copyright 2026, the Gapfill authors
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "config.h"

#include <string.h>

#include <wsutil/pint.h>
#include <wsutil/wsjson.h>

#include "mime.h"
#include "openpgp-codes.h"
#include "openpgp-content.h"
#include "openpgp-parse-armor.h"
#include "compat.h"

#define BEGIN           "-----BEGIN PGP "
#define BEGIN_LENGTH    (sizeof BEGIN - 1)

/* What is looked at to tell text from binary data. */
#define TEXT_SAMPLE     1024
/* Longest name of a form's first field, where nothing says that it is a form. */
#define FIELD_NAME_MAX        64
/* A member of a JSON object, and how far into that it is looked for. */
#define KEYTEXT             "\"keytext\""
#define KEYTEXT_SEARCH      256
/* Keys of a list. */
#define LIST_MAX        10000

#define CREATION_TIME   2       /* signature subpacket */

/* --- Binary contents --- */

static bool
is_known(uint32_t value, const value_string *values)
{
    return try_val_to_str(value, values) != NULL;
}

/* Length of a signature subpacket, with its type; moves *offset behind the length. 0: there is none. */
static uint32_t
subpacket_length(const uint8_t *octets, unsigned length, unsigned *offset)
{
    const uint8_t *first = octets + *offset;
    unsigned size = first[0] < 192 ? 1 : first[0] < 255 ? 2 : 5;

    if (length - *offset < size)
        return 0;
    *offset += size;
    return size == 1 ? first[0] : size == 2 ? ((first[0] - 192u) << 8) + first[1] + 192 : pntohu32(first + 1);
}

/* Whether subpackets fill the octets; *has_creation: one of them says when. */
static bool
are_subpackets(const uint8_t *octets, unsigned length, bool *has_creation)
{
    unsigned offset = 0;

    while (offset < length) {
        uint32_t size = subpacket_length(octets, length, &offset);

        if (size == 0 || size > length - offset)
            return false;
        if ((octets[offset] & 0x7f) == CREATION_TIME)
            *has_creation = true;
        offset += size;
    }
    return true;
}

static bool
are_signature_codes(uint8_t type, uint8_t algorithm, uint8_t hash)
{
    return is_known(type, openpgp_signature_types) && is_known(algorithm, openpgp_public_key_algorithms) &&
        is_known(hash, openpgp_hash_algorithms);
}

/* Subpackets at *offset, behind their length in so many octets; moves behind them. */
static bool
take_subpackets(openpgp_data_t body, unsigned length_size, unsigned *offset, bool *has_creation)
{
    unsigned start = *offset + length_size;
    uint32_t length;

    if (start > body.captured)
        return false;
    length = length_size == 4 ? pntohu32(body.octets + *offset) : pntohu16(body.octets + *offset);
    if (length > body.captured - start || !are_subpackets(body.octets + start, length, has_creation))
        return false;
    *offset = start + length;
    return true;
}

/* RFC 9580 sections 5.2.2 and 5.2.3. */
static bool
is_sound_signature(openpgp_data_t body)
{
    const uint8_t *octets = body.octets;
    unsigned offset = 4;
    unsigned length_size;
    bool hashed = false, unhashed = false;

    if (body.captured < 19)
        return false;
    if (octets[0] < 4)
        return octets[0] >= 2 && octets[1] == 5 && are_signature_codes(octets[2], octets[15], octets[16]);
    length_size = octets[0] == 6 ? 4 : 2;
    return octets[0] <= 6 && are_signature_codes(octets[1], octets[2], octets[3]) &&
        take_subpackets(body, length_size, &offset, &hashed) && hashed &&
        take_subpackets(body, length_size, &offset, &unhashed) && body.captured - offset > 2;
}

static bool
is_sound_key(wmem_allocator_t *pool, uint8_t tag, openpgp_data_t body)
{
    const openpgp_key_t *key = openpgp_read_key(pool, tag, body, false);

    return key && key->fingerprint[0] != '\0' && is_known(key->algorithm, openpgp_public_key_algorithms);
}

/* A whole key or signature, and behind it nothing but a packet. */
static bool
is_sound_block(wmem_allocator_t *pool, openpgp_data_t data)
{
    openpgp_header_t header, next;
    openpgp_data_t body;
    unsigned end;

    if (!openpgp_is_binary(data, false) || !openpgp_read_header(data, 0, &header) || header.partial || header.indeterminate ||
            header.length > data.captured - header.size)
        return false;
    end = header.size + header.length;
    if (end < data.captured && (!openpgp_read_header(data, end, &next) || !is_known(next.tag, openpgp_tags)))
        return false;
    body = (openpgp_data_t){ data.octets + header.size, header.length, header.length };
    if (openpgp_is_key(header.tag))
        return is_sound_key(pool, header.tag, body);
    return header.tag == OPENPGP_TAG_SIGNATURE && is_sound_signature(body);
}

static bool
take(wmem_allocator_t *pool, openpgp_data_t data, const char *name, openpgp_found_t *found)
{
    found->data = data;
    found->name = name;
    found->summary = openpgp_parse(pool, data);
    return found->summary->present;
}

/* --- Lists: a count, then as many blocks, each with its length before it --- */

static unsigned
first_length_of_list(openpgp_data_t data)
{
    uint32_t count, length;

    if (data.captured <= 8)
        return 0;
    count = pntohu32(data.octets);
    length = pntohu32(data.octets + 4);
    return count > 0 && count <= LIST_MAX && length <= data.captured - 8 ? length : 0;
}

static openpgp_data_t
join_list(wmem_allocator_t *pool, openpgp_data_t data)
{
    uint8_t *joined = (uint8_t *)wmem_alloc(pool, data.captured);
    uint32_t left = pntohu32(data.octets);
    unsigned offset = 4, size = 0;

    for (; left > 0 && data.captured - offset >= 4; left--) {
        uint32_t length = pntohu32(data.octets + offset);

        offset += 4;
        if (length > data.captured - offset)
            break;
        memcpy(joined + size, data.octets + offset, length);
        size += length;
        offset += length;
    }
    return (openpgp_data_t){ joined, size, size };
}

static bool
find_in_list(wmem_allocator_t *pool, openpgp_data_t data, openpgp_found_t *found)
{
    unsigned length = first_length_of_list(data);

    if (length == 0 || !is_sound_block(pool, (openpgp_data_t){ data.octets + 8, length, length }))
        return false;
    return take(pool, join_list(pool, data), "OpenPGP keys of the list", found);
}

/* --- Text --- */

/* Where the next armor may begin, or length. */
static unsigned
find_begin(const char *text, unsigned offset, unsigned length)
{
    while (length - offset >= BEGIN_LENGTH) {
        const char *dash = (const char *)memchr(text + offset, '-', length - offset - (BEGIN_LENGTH - 1));

        if (!dash)
            break;
        offset = (unsigned)(dash - text);
        if (!memcmp(dash, BEGIN, BEGIN_LENGTH))
            return offset;
        offset++;
    }
    return length;
}

/* A first line with which the text ends is none of armor that has been cut: who talks about armor ends like that. */
static bool
has_armor(openpgp_data_t data)
{
    openpgp_armor_text_t text = openpgp_armor_text(data);
    openpgp_armor_block_t block;
    unsigned offset = 0;

    while (openpgp_armor_next(&text, &offset, &block)) {
        if (block.body < text.length)
            return true;
    }
    return false;
}

static bool
find_in_text(wmem_allocator_t *pool, openpgp_data_t data, openpgp_found_t *found)
{
    openpgp_data_t searched = { data.octets, MIN(data.captured, OPENPGP_SEARCH_MAX), data.reported };

    return has_armor(searched) && take(pool, data, NULL, found);
}

/* What was freed of its encoding; one below the other. */
typedef struct pieces {
    wmem_allocator_t *pool;
    wmem_array_t     *octets;   /* NULL: nothing yet */
} pieces_t;

static void
add_piece(pieces_t *pieces, const char *text, unsigned length)
{
    if (!has_armor((openpgp_data_t){ (const uint8_t *)text, length, length }))
        return;
    if (!pieces->octets)
        pieces->octets = wmem_array_new(pieces->pool, 1);
    else
        wmem_array_append(pieces->octets, "\n", 1);
    wmem_array_append(pieces->octets, text, length);
}

static bool
take_pieces(const pieces_t *pieces, const char *name, openpgp_found_t *found)
{
    unsigned length = pieces->octets ? wmem_array_get_count(pieces->octets) : 0;

    return length > 0 && take(pieces->pool, (openpgp_data_t){ (const uint8_t *)wmem_array_get_raw(pieces->octets), length, length },
        name, found);
}

/* --- JSON --- */

static bool
is_escaped(const char *text, unsigned from, unsigned offset)
{
    unsigned backslashes = 0;

    while (offset - backslashes > from && text[offset - backslashes - 1] == '\\')
        backslashes++;
    return backslashes % 2 != 0;
}

/* Behind the quotation mark that opens the string around offset; from is where the string before it ended. */
static unsigned
start_of_string(const char *text, unsigned from, unsigned offset)
{
    while (offset > from && (text[offset - 1] != '"' || is_escaped(text, from, offset - 1)))
        offset--;
    return offset;
}

static unsigned
end_of_string(const char *text, unsigned offset, unsigned length)
{
    while (offset < length && text[offset] != '"')
        offset += text[offset] == '\\' && offset + 1 < length ? 2 : 1;
    return offset;
}

static void
add_json_string(pieces_t *pieces, const char *text, unsigned length)
{
    char *string = wmem_strndup(pieces->pool, text, length);

    if (json_decode_string_inplace(string))
        add_piece(pieces, string, (unsigned)strlen(string));
    else
        add_piece(pieces, text, length);
}

/* What key servers call the key that is uploaded (VKS: POST /vks/v1/upload); it may be base64 of a binary one. */
static bool
find_in_base64(wmem_allocator_t *pool, const char *text, unsigned length, openpgp_found_t *found)
{
    char *string = wmem_strndup(pool, text, length);
    mime_octets_t key;
    openpgp_data_t data;

    if (!json_decode_string_inplace(string))
        return false;
    length = (unsigned)strlen(string);
    key = mime_decode(pool, (mime_octets_t){ (const uint8_t *)string, length }, MIME_BASE64, length);
    data = (openpgp_data_t){ key.octets, key.length, key.length };
    return key.length > 0 && is_sound_block(pool, data) && take(pool, data, "Decoded keytext", found);
}

static unsigned
skip_to_string(openpgp_data_t data, unsigned offset)
{
    while (offset < data.captured && (g_ascii_isspace(data.octets[offset]) || data.octets[offset] == ':'))
        offset++;
    return offset;
}

/* A member of that name, near the beginning. */
static bool
find_in_keytext(wmem_allocator_t *pool, openpgp_data_t data, openpgp_found_t *found)
{
    const char *text = (const char *)data.octets;
    const char *name = g_strstr_len(text, (gssize)MIN(data.captured, KEYTEXT_SEARCH), KEYTEXT);
    unsigned start = name ? skip_to_string(data, (unsigned)(name - text) + (unsigned)strlen(KEYTEXT)) : 0;

    if (start == 0 || start + 1 >= data.captured || text[start] != '"')
        return false;
    return find_in_base64(pool, text + start + 1, end_of_string(text, start + 1, data.captured) - start - 1, found);
}

static bool
find_in_json(wmem_allocator_t *pool, openpgp_data_t data, openpgp_found_t *found)
{
    const char *text = (const char *)data.octets;
    pieces_t pieces = { pool, NULL };
    unsigned end = 0, limit = MIN(data.captured, OPENPGP_SEARCH_MAX);
    unsigned begin;

    while ((begin = find_begin(text, end, limit)) < limit) {
        unsigned start = start_of_string(text, end, begin);

        end = end_of_string(text, begin, data.captured);
        add_json_string(&pieces, text + start, end - start);
        limit = data.captured;
    }
    return take_pieces(&pieces, "Decoded JSON strings", found) || find_in_keytext(pool, data, found) ||
        find_in_text(pool, data, found);
}

/* --- Forms --- */

static char
hex_octet(const char *digits)
{
    return (char)(g_ascii_xdigit_value(digits[0]) << 4 | g_ascii_xdigit_value(digits[1]));
}

static void
add_form_value(pieces_t *pieces, const char *text, unsigned length)
{
    char *value = (char *)wmem_alloc(pieces->pool, length + 1);
    unsigned size = 0;

    for (unsigned i = 0; i < length; i++) {
        char c = text[i];

        if (c == '%' && length - i > 2 && g_ascii_isxdigit(text[i + 1]) && g_ascii_isxdigit(text[i + 2])) {
            c = hex_octet(text + i + 1);
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        value[size++] = c;
    }
    add_piece(pieces, value, size);
}

static void
add_form_field(pieces_t *pieces, const char *text, unsigned length)
{
    const char *equals = (const char *)memchr(text, '=', length);
    unsigned start = equals ? (unsigned)(equals - text) + 1 : length;

    /* What is shorter than such a line is none, however it is encoded. */
    if (length - start >= BEGIN_LENGTH)
        add_form_value(pieces, text + start, length - start);
}

static bool
find_in_fields(wmem_allocator_t *pool, openpgp_data_t data, openpgp_found_t *found)
{
    const char *text = (const char *)data.octets;
    pieces_t pieces = { pool, NULL };
    unsigned offset = 0;

    while (offset < data.captured && offset < OPENPGP_SEARCH_MAX) {
        const char *next = (const char *)memchr(text + offset, '&', data.captured - offset);
        unsigned end = next ? (unsigned)(next - text) : data.captured;

        add_form_field(&pieces, text + offset, end - offset);
        offset = end + 1;
    }
    return take_pieces(&pieces, "Decoded form values", found);
}

static unsigned
skip_space(openpgp_data_t data)
{
    unsigned offset = 0;

    while (offset < data.captured && g_ascii_isspace(data.octets[offset]))
        offset++;
    return offset;
}

/* Clients that are told nothing else call whatever they send a form. */
static bool
find_in_form(wmem_allocator_t *pool, openpgp_data_t data, openpgp_found_t *found)
{
    unsigned start = skip_space(data);
    bool is_armor = data.captured - start >= BEGIN_LENGTH && !memcmp(data.octets + start, BEGIN, BEGIN_LENGTH);

    return (!is_armor && find_in_fields(pool, data, found)) || find_in_text(pool, data, found);
}

/* --- Contents of unknown kind --- */

static bool
is_text(openpgp_data_t data)
{
    return !memchr(data.octets, '\0', MIN(data.captured, TEXT_SAMPLE));
}

/* Begins with the name of a field. */
static bool
may_be_form(openpgp_data_t data)
{
    unsigned i = 0;

    while (i < data.captured && i < FIELD_NAME_MAX
            && (g_ascii_isalnum(data.octets[i]) || data.octets[i] == '_' || data.octets[i] == '-'))
        i++;
    return i > 0 && i < data.captured && data.octets[i] == '=';
}

static bool
find_in_octets(wmem_allocator_t *pool, openpgp_data_t data, openpgp_found_t *found)
{
    if (data.octets[0] & 0x80 && is_sound_block(pool, data))
        return take(pool, data, NULL, found);
    if (data.octets[0] == 0 && find_in_list(pool, data, found))
        return true;
    return is_text(data) && find_in_text(pool, data, found);
}

static bool
find_in_any(wmem_allocator_t *pool, openpgp_data_t data, openpgp_found_t *found)
{
    if (data.octets[0] == '{' || data.octets[0] == '[')
        return find_in_json(pool, data, found);
    if (may_be_form(data))
        return find_in_form(pool, data, found);
    return find_in_octets(pool, data, found);
}

bool
openpgp_find(wmem_allocator_t *pool, openpgp_data_t contents, openpgp_content_t kind, openpgp_found_t *found)
{
    if (contents.captured == 0)
        return false;
    switch (kind) {
    case OPENPGP_CONTENT_KNOWN:
        return take(pool, contents, NULL, found);
    case OPENPGP_CONTENT_TEXT:
        return find_in_text(pool, contents, found);
    case OPENPGP_CONTENT_JSON:
        return find_in_json(pool, contents, found);
    case OPENPGP_CONTENT_FORM:
        return find_in_form(pool, contents, found);
    case OPENPGP_CONTENT_OCTETS:
        return find_in_octets(pool, contents, found);
    case OPENPGP_CONTENT_ANY:
        return find_in_any(pool, contents, found);
    default:
        return false;
    }
}

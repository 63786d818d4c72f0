/* hkp-http.c
 * HTTP messages as the HKP dissector reads them; see hkp-http.h
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

#include "hkp-http.h"

/* What hangs on requests, by http_req_res_t; file scope. */
static wmem_map_t *kept;
static hkp_http_told_t tell;

/* A word of the start line. */
static const char *
next_word(http_message_t *message, int *offset, int *length)
{
    int end = message->offset + message->head_length;
    const char *word;

    while (*offset < end && tvb_get_uint8(message->tvb, *offset) == ' ')
        ++*offset;
    for (*length = 0; *offset + *length < end; ++*length) {
        uint8_t c = tvb_get_uint8(message->tvb, *offset + *length);

        if (c == ' ' || c == '\r' || c == '\n')
            break;
    }
    word = (const char *)tvb_get_string_enc(message->pinfo->pool, message->tvb, *offset, *length, ENC_ASCII);
    return *length > 0 ? word : NULL;
}

static void
read_request_line(http_message_t *message)
{
    int offset = message->offset;
    int length;

    message->method = next_word(message, &offset, &length);
    offset += length;
    message->target = next_word(message, &offset, &message->target_length);
    message->target_offset = offset;
}

static void
read_status_line(http_message_t *message)
{
    int offset = message->offset;
    int length;
    const char *word;

    next_word(message, &offset, &length);
    offset += length;
    word = next_word(message, &offset, &length);
    message->status = word ? (uint16_t)g_ascii_strtoull(word, NULL, 10) : 0;
    message->interim = message->status / 100 == 1;     /* the answer may come in HTTP/2 */
}

/* HTTP/2 has no start lines that could be pointed to: one as in HTTP/1. */
static void
make_start_line(http_message_t *message)
{
    const http_req_res_t *req_res = message->data->req_res;
    const char *line = message->is_request ?
        wmem_strdup_printf(message->pinfo->pool, "%s %s HTTP/2.0\r\n", req_res->request_method, req_res->request_uri) :
        wmem_strdup_printf(message->pinfo->pool, "HTTP/2.0 %u\r\n", req_res->response_code);

    message->head_length = (int)strlen(line);
    message->tvb = tvb_new_child_real_data(message->frame, (const uint8_t *)line, (unsigned)message->head_length,
            message->head_length);
    message->offset = 0;
}

static bool
tell_message(http_message_t *message, http_req_res_t *req_res)
{
    void *data = wmem_map_lookup(kept, req_res);
    void *before = data;

    if (!message->is_request && !data)
        return false;
    tell(message, &data);
    if (data && !before)
        wmem_map_insert(kept, req_res, data);
    else if (!data && before)
        wmem_map_remove(kept, req_res);
    if (data && !message->unproved && !message->data->tvb)
        add_new_data_source(message->pinfo, message->tvb, "HTTP/2 start line");
    return data != NULL;
}

static bool
dissect_message(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    const http_message_data_t *given = (const http_message_data_t *)data;
    http_exchange_t exchange = {
        .request_frame = given->req_res->req_framenum, .response_frame = given->req_res->res_framenum, .request_time = given->req_res->req_ts
    };
    http_message_t message = {
        .data = given, .exchange = &exchange, .pinfo = pinfo, .tree = tree,
        .is_request = given->type == MEDIA_CONTAINER_HTTP_REQUEST, .complete = given->complete, .frame = tvb, .tvb = given->tvb,
        .offset = given->offset, .head_length = given->head_length, .body_length = given->body_length,
        .body = tvb_reported_length(tvb) > 0 ? tvb : NULL
    };

    if (!given->tvb)
        make_start_line(&message);
    if (message.is_request)
        read_request_line(&message);
    else if (given->type == MEDIA_CONTAINER_HTTP_RESPONSE)
        read_status_line(&message);
    else
        return false;
    return tell_message(&message, given->req_res);
}

int
http_message_length(const http_message_t *message)
{
    return message->head_length + (message->data->tvb ? message->body_length : 0);
}

char *
http_message_header(const http_message_t *message, const char *name)
{
    wmem_map_t *fields = (wmem_map_t *)message->data->content_info->data;
    const char *value = (const char *)wmem_map_lookup(fields, wmem_ascii_strdown(message->pinfo->pool, name, -1));

    return value ? g_strstrip(wmem_strdup(message->pinfo->pool, value)) : NULL;
}

tvbuff_t *
http_message_body(http_message_t *message)
{
    return message->body;
}

void
hkp_http_watch(int proto, hkp_http_told_t told)
{
    tell = told;
    kept = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), g_direct_hash, g_direct_equal);
    heur_dissector_add("http.message", dissect_message, "HKP over HTTP", "hkp_http", proto, HEURISTIC_ENABLE);
}

/* ftp-describe.c
 * What expert information and tree items say, in words; see ftp-describe.h
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
#include <wsutil/str_util.h>

#include "compat.h"
#include "ftp-describe.h"
#include "ftp-icmp.h"

const char *
ftp_describe_transfer(wmem_allocator_t *pool, const ftp_transfer_t *transfer)
{
    const char *path = transfer->path ? transfer->path : "";

    return wmem_strdup_printf(pool, "%s%s%s", transfer->name ? transfer->name : "Transfer", path[0] ? " " : "",
        format_text(pool, path, strlen(path)));
}

/* Where packets get lost, as far as it can be seen from where the capture was made. */
static const char *
blame(const ftp_data_t *data, const ftp_expect_t *expect)
{
    bool to_server = expect ? expect->passive : addresses_equal(&data->flow.side[1], &data->view[0].session->flow.side[1]);

    if (expect && expect->foreign && addresses_equal(&data->flow.side[1], &expect->announced))
        return "the announced address is not the one of the control connection, and may be meant for another network";
    return to_server ? "the server, or a firewall before it, drops them or does not get them"
        : "the client, or a firewall or NAT before it, drops them or does not get them";
}

static void
append_announcement(wmem_strbuf_t *text, const ftp_expect_t *expect)
{
    if (expect)
        wmem_strbuf_append_printf(text, "which the %s announced in frame %u (%s)", expect->passive ? "server" : "client",
                expect->frame, ftp_mode_name(expect->mode));
    else
        wmem_strbuf_append(text, "which was announced under TLS, by all appearances");
}

const char *
ftp_describe_unanswered(wmem_allocator_t *pool, const ftp_data_t *data, const ftp_expect_t *expect)
{
    wmem_strbuf_t *text = wmem_strbuf_new(pool, NULL);
    nstime_t waited;

    nstime_delta(&waited, &data->flow.last, &data->flow.opened);
    wmem_strbuf_append_printf(text, "%u SYN%s in %.3f seconds from %s to %s, port %u, ", data->syns, data->syns == 1 ? "" : "s",
            nstime_to_sec(&waited), address_to_str(pool, &data->flow.side[0]), address_to_str(pool, &data->flow.side[1]),
            data->flow.port[1]);
    append_announcement(text, expect);
    wmem_strbuf_append_printf(text, ": nothing comes back; %s", blame(data, expect));
    if (expect && expect->successor)
        wmem_strbuf_append_printf(text, "; %s follows in frame %u", ftp_mode_name(expect->successor->mode),
                expect->successor->frame);
    return wmem_strbuf_get_str(text);
}

const char *
ftp_describe_icmp(const ftp_flow_t *flow, const ftp_icmp_t *icmp, packet_info *pinfo)
{
    wmem_strbuf_t *text = wmem_strbuf_new(pinfo->pool, NULL);

    if (icmp->router.type != AT_NONE)
        wmem_strbuf_append_printf(text, "%s says: ", address_to_str(pinfo->pool, &icmp->router));
    wmem_strbuf_append_printf(text, "%s, of ", ftp_icmp_name(icmp));
    ftp_icmp_describe_quoted(text, flow, icmp, pinfo->num);
    ftp_icmp_describe_aftermath(text, flow, pinfo);
    return wmem_strbuf_get_str(text);
}

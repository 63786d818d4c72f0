/* ftp-notes.h
 * What Wireshark's FTP dissector notes about data connections, for its own fields and for Export Objects
 *
 * packet-ftp.c alone declares these notes; the layout has not changed from 4.0 to 4.6. It makes them when it understands an
 * announcement, and takes a later line from the client for the command. Those that it made without our doing are its
 * own: nothing is written there. Where it does not find the connection, and its payload would be data, we make some, so
 * that its fields and Export Objects are there too.
 *
 * Notes hang from conversations and are in file scope; ours are written on the first pass only.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_NOTES_H
#define GAPFILL_FTP_NOTES_H

#include "ftp-model.h"

typedef struct ftp_notes {
    const char    *command;
    uint32_t       command_frame;
    const char    *setup_method;
    uint32_t       setup_frame;
    wmem_strbuf_t *current_working_directory;
    unsigned       first_frame_num;
    nstime_t       first_frame_time;
    unsigned       last_frame_num;
    nstime_t       last_frame_time;
    unsigned       frames_seen;
    unsigned       bytes_seen;
} ftp_notes_t;

/* For the handoff routine. */
void ftp_notes_init(void);

/* Notes on the data connection's conversation, whoever made them; NULL where there are none, or another connection's. */
ftp_notes_t *ftp_notes_of(const ftp_data_t *data);

/* Makes some where there are none. False if the conversation is another connection's as well. */
bool ftp_notes_make(ftp_data_t *data);

/* Wireshark's dissector is done with the control connection's frame, whose lines were read before it. */
void ftp_notes_has_read(ftp_session_t *session, packet_info *pinfo);

/*
 * A segment of length bytes, with records of TLS, of a connection that Wireshark's dissector finds by itself: counts it, as
 * FTP data, in what that dissector says on the command.
 */
void ftp_notes_count(const ftp_data_t *data, const packet_info *pinfo, uint32_t length);

/*
 * Wireshark's dissector makes the conversation of a data connection when it reads the announcement, and
 * its TCP dissector then counts streams and tcp.completeness otherwise than without it. After a line
 * that is read only because we had it dissected as FTP, takes that conversation out of the way.
 */
void ftp_notes_withdraw(const ftp_session_t *session, packet_info *pinfo, unsigned side, const uint8_t *data, size_t length);

#endif /* GAPFILL_FTP_NOTES_H */

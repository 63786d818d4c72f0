/* ftp-model.h
 * What is known of FTP sessions: control connections, announcements, data connections, transfers
 *
 * The structs that all rooms of this plugin work on, and what can be asked of them without changing them. Everything is
 * allocated from wmem_file_scope() and written on the first pass over the packets only; later passes read it, and so
 * know the end of the story. What belongs to one frame hangs from it as a list of events.
 *
 * Units: bytes, frames, ports in host order. Strings are valid UTF-8. A data connection has a view for each session that it
 * is part of.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_MODEL_H
#define GAPFILL_FTP_MODEL_H

#include <epan/packet.h>
#include <epan/conversation.h>

#include "as-of.h"
#include "flow.h"
#include "ftp-blocks.h"
#include "ftp-count.h"
#include "ftp-digest.h"
#include "ftp-endpoint.h"
#include "ftp-lines.h"
#include "ftp-path.h"
#include "ftp-words.h"
#include "tcp-stream.h"

/* Bounds of what is kept; see README.md. The rooms have those that concern themselves alone. */
#define FTP_OPEN_MAX      64    /* announcements of a session that wait for a connection; the oldest is forgotten first */
#define FTP_TRANSFERS_MAX 250000    /* of a capture; of a command that comes after them, only the command is shown */
#define FTP_PARTS_MAX     256   /* connections of a transfer in MODE E; later ones are none of it, which is said */
#define FTP_RECENT_MAX    16    /* transfers of a session that the server may still tell the size of */
#define FTP_TWIN_KEPT     32    /* first bytes of each side, to find what a NAT makes two sessions of one */
#define FTP_EVENTS_MAX    256   /* events shown of one frame */
#define FTP_LATE_MAX      4     /* frames in the clear, such as the 234, that come again when TLS has begun */

typedef enum {
    FTP_CHANNEL_NONE,           /* a connection that may turn out to be a control connection */
    FTP_CHANNEL_CONTROL,
    FTP_CHANNEL_DATA,
    FTP_CHANNEL_COPY            /* of a data connection: none of FTP's (ftp-copy.h) */
} ftp_channel_t;

typedef enum {
    FTP_MODE_NONE, FTP_MODE_PASV, FTP_MODE_EPSV, FTP_MODE_PORT, FTP_MODE_EPRT, FTP_MODE_UNKNOWN, FTP_MODE_LPSV,
    FTP_MODE_LPRT, FTP_MODE_DEFAULT, FTP_MODE_NOT_CAPTURED
} ftp_mode_t;

typedef enum {
    FTP_EVIDENCE_NONE, FTP_EVIDENCE_ANNOUNCED, FTP_EVIDENCE_OTHER_ADDRESS, FTP_EVIDENCE_INFERRED, FTP_EVIDENCE_AFTERWARDS
} ftp_evidence_t;

struct ftp_session;
struct ftp_data;
struct ftp_expect;
struct ftp_transfer;

/* One direction of a TCP connection. */
typedef struct ftp_half {
    uint32_t isn;               /* of the SYN or SYN+ACK, if syn_frame */
    uint32_t syn_frame;
    uint32_t acked_frame;       /* where the other side acknowledged that SYN first */
    uint32_t first_acked;       /* the first acknowledgement number that this side has sent, and */
    uint32_t acked;             /* highest acknowledgement number that this side has sent, if has_acked */
    uint32_t fin_frame;
    uint32_t rst_frame;
    bool     has_acked;
} ftp_half_t;

/* A TCP connection that has to do with FTP; hangs from its conversation. Side 0 has opened it. */
typedef struct ftp_flow {
    struct ftp_flow *next;              /* another one that Wireshark takes for the same conversation */
    ftp_channel_t   channel;
    bool            has_stream;
    uint16_t        port[2];
    address         side[2];
    ftp_half_t      half[2];
    conversation_t *conversation;
    uint32_t        stream;             /* Wireshark's tcp.stream */
    uint32_t        established_frame;
    nstime_t        established;        /* when the handshake ended, if established_frame */
    nstime_t        opened;             /* first packet */
    uint32_t        first_frame;
    uint32_t        last_frame;
    nstime_t        last;
} ftp_flow_t;

/* How much a data connection has carried, as of a frame (as-of.h). */
typedef struct ftp_progress {
    uint32_t frame;
    uint32_t low;
    uint32_t high;
    uint32_t captured_low;
    uint32_t captured_high;
} ftp_progress_t;

/* Whether Wireshark has a dissector for one of a data connection's ports. */
typedef enum { FTP_CLAIM_UNKNOWN, FTP_CLAIM_NONE, FTP_CLAIM_OTHER } ftp_claim_t;

/* A session's part in a data connection. */
typedef struct ftp_view {
    struct ftp_data     *data;
    struct ftp_session  *session;
    struct ftp_expect   *expect;        /* NULL if inferred */
    struct ftp_transfer *inferred;      /* stands for the transfer if inferred */
    ftp_evidence_t       evidence;
    uint32_t             ordinal;       /* in its session, from 1; once the connection is confirmed */
} ftp_view_t;

/* What a side sends in blocks, read in order. */
typedef struct ftp_block_stream {
    ftp_blocks_t blocks;
    tcp_stream_t stream;
    unsigned     side;
    bool         is_waiting;    /* the end has come, and a head before it is missing, which may come yet */
} ftp_block_stream_t;

#define FTP_VIEWS_MAX 2     /* sessions with two servers between which files are transferred (FXP) */

typedef struct ftp_data {
    ftp_flow_t           flow;          /* first, so that the two can be cast */
    ftp_view_t           view[FTP_VIEWS_MAX];   /* the first is that of the announcement that was found */
    unsigned             views;
    struct ftp_data     *next_part;     /* MODE E: another connection of the same transfer */
    bool                 is_part;       /* not the first of them */
    bool                 confirmed;     /* false while it is but suspected */
    bool                 refused;
    bool                 is_relayed;    /* through the relay that carries its session; */
    bool                 relay_consents;    /* the head of its consent has begun, and may go on; */
    uint8_t              relay_line_ends;   /* as many ends of lines were the last of it; */
    uint32_t             relayed_from;  /* frame where its consent ends and data begins, 0 before: */
    uint32_t             relayed_at;    /* bytes of that segment before the data */
    uint32_t             syns;          /* from the side that opens */
    bool                 beyond_syn;    /* it has sent more than that */
    bool                 is_elsewhere;  /* SYNs are all that was captured of it, and the server says "complete" */
    bool                 rejected;      /* no data connection after all */
    struct ftp_data     *instead_of;    /* what was taken for it before, and is none; NULL: nothing was */
    bool                 spoken[2];     /* by side: payload in the clear */
    bool                 like_tls;      /* a payload begins like a record of TLS */
    bool                 tls;
    bool                 has_hello;     /* the ClientHello was seen */
    bool                 decrypted;
    bool                 nothing;       /* an alert is all that TLS has carried */
    bool                 prompt;        /* opened right after something was said on the control connection, under TLS, */
    bool                 by_failure;    /* and confirmed by that it has failed */
    bool                 data_from[2];  /* by side: data of the file, in the clear or decrypted */
    bool                 own_notes;     /* Wireshark's notes are on the conversation by our doing, and ours to write */
    bool                 looked_at;     /* the first payload has been examined */
    ftp_claim_t          claim;
    ftp_digest_t        *digest;        /* of what it carries; NULL if nobody is to ask for it, */
    unsigned             digest_side;   /* from this side */
    ftp_block_stream_t  *blocks;        /* MODE B and E; else NULL */
    ftp_count_t          count[2];      /* by side that sends */
    uint64_t             bytes;         /* that the receiver has got, of the file: without TLS */
    uint64_t             captured;      /* of them, those that the capture holds */
    wmem_array_t        *progress;      /* of ftp_progress_t */
    uint32_t             first_payload_frame;   /* where the first bytes are, if bytes is not 0 */
    nstime_t             last_payload;
} ftp_data_t;

/* An address and port, made known by one side, where the other is to connect. */
typedef struct ftp_expect {
    struct ftp_session  *session;
    struct ftp_transfer *transfer;      /* the command that uses it, once known */
    ftp_data_t          *data;          /* the connection, once there is one */
    struct ftp_expect   *leader;        /* of several endpoints that were announced at once, the first; NULL if this is it */
    unsigned             parts;         /* connections besides the first, of all endpoints; the leader's */
    bool                 lacks_parts;   /* there were more than are counted; the leader's */
    struct ftp_expect   *successor;     /* the announcement that took its place */
    struct ftp_expect   *pasv;          /* FXP: the other session's announcement of the same endpoint */
    ftp_mode_t           mode;
    bool                 passive;       /* the server listens */
    bool                 foreign;       /* another address than the control connection's was announced */
    bool                 fxp;
    bool                 refused;       /* by the server's reply */
    bool                 over;          /* superseded or its session closed: a last resort only */
    bool                 forgotten;     /* no longer in the table */
    bool                 bounce;        /* the transfer to another host has failed */
    uint32_t             frame;
    uint32_t             over_frame;
    nstime_t             announced_at;
    uint16_t             port;
    address              announced;     /* AT_NONE if only a port was */
    void                *native_notes;  /* what Wireshark's dissector has made of it, where that is ours to write */
} ftp_expect_t;

typedef enum { FTP_UNDECIDED, FTP_COMPLETE, FTP_INCOMPLETE } ftp_outcome_t;

/* A command that moves data, and what came of it. */
typedef struct ftp_transfer {
    struct ftp_session *session;
    ftp_expect_t       *expect;
    ftp_expect_t       *left;           /* announcement that it has left to the next command, when it was refused; or NULL */
    ftp_data_t         *data;           /* if inferred; use ftp_transfer_data() */
    ftp_verb_t          verb;
    const char         *name;           /* of the command, in upper case; NULL if it was not captured */
    uint32_t            command_frame;
    uint32_t            heard_frame;    /* where it was first heard of: command_frame, else the first reply */
    nstime_t            given;          /* when that was */
    const char         *argument;
    const char         *path;
    const char         *renamed;        /* of RNTO: what the file was called before, NULL if unknown */
    char                type;           /* of TYPE: A, I, E, L; 0 if unknown */
    bool                active;         /* the server has come to it */
    bool                started;        /* 1xx seen */
    bool                has_rest;
    bool                lacks_offset;   /* it may begin anywhere in the file */
    bool                is_range;       /* RANG: from rest on, but not to the end of the file */
    bool                has_expected;
    bool                is_promised;    /* the server has named the size of just this file: fewer bytes are too few */
    char                mode;           /* of MODE, 0 for S */
    bool                is_plain;       /* MODE S and STRU F: what is carried is the file and nothing else */
    bool                is_unsure;      /* as far as is known, and another number of bytes than was promised refutes nothing */
    bool                in_blocks;      /* MODE B or E and STRU F: the file, in blocks with heads */
    bool                aborted;        /* ABOR was sent meanwhile */
    bool                mismatch;       /* the server has told another size since, */
    const char         *told_by;        /* by which command, right or wrong; NULL if it has not */
    bool                promised_by_size;   /* and not by the reply that begins the transfer */
    bool                wrong_way;      /* data came from the side that should receive it */
    ftp_outcome_t       outcome;
    unsigned            reply_code;     /* final; 0 if none yet */
    uint32_t            reply_frame;
    bool                has_said;
    bool                has_append;     /* APPE: the size of the file before, by SIZE, is */
    uint64_t            append;
    uint64_t            rest;
    uint64_t            expected;
    uint64_t            said;           /* bytes transferred, by the final reply, if has_said */
    struct ftp_transfer *next_open;     /* in the session's list of those without an outcome */
    struct ftp_transfer *previous_open;
} ftp_transfer_t;

/* A command that waits for its final reply. */
typedef struct ftp_pending {
    ftp_verb_t      verb;
    uint32_t        frame;
    nstime_t        given;
    const char     *argument;
    const char     *word;               /* of a command that is not known: it may turn out to move data */
    ftp_transfer_t *transfer;
    ftp_expect_t   *expect;
} ftp_pending_t;

#define FTP_SETTING_LOST '?'    /* what MODE or STRU has set is not known */

#define FTP_CANDIDATES_MAX 16   /* connections between two hosts that nothing explains; the oldest is forgotten first */

/* What two hosts have to do with each other; for inference. */
typedef struct ftp_hosts {
    address             host[2];
    struct ftp_session *latest;         /* the encrypted session that was active last */
    uint16_t            low;            /* server ports of passive data connections, if high */
    uint16_t            high;
    struct ftp_session *clear;          /* the session in the clear that was heard last, or has a transfer without a connection */
    unsigned            clear_sessions; /* that are open */
    struct ftp_session *wanting;        /* the one that has such a transfer, or NULL */
    struct ftp_data   **candidates;     /* ring of FTP_CANDIDATES_MAX, NULL before the first */
    unsigned            next_candidate;
    uint32_t            dropped_frame;  /* first of the newest one that was forgotten */
} ftp_hosts_t;

/* An answer to SIZE. */
typedef struct ftp_size {
    char       *path;
    uint64_t    size;
    char        type;           /* under which it was asked for (RFC 3659, section 4) */
} ftp_size_t;

/* A transfer that a size may be told of, and what its file is called by now; NULL for an empty place. */
typedef struct ftp_recent {
    ftp_transfer_t *transfer;
    const char     *path;
    char           *own_path;           /* path, if it was made for this place */
} ftp_recent_t;

typedef enum { FTP_SILENT, FTP_GREETED, FTP_WRONG_WORDS } ftp_greeting_t;

/* What the client's first command says of a connection that may be anything. */
typedef enum { FTP_NO_VERDICT, FTP_IS_FTP, FTP_IS_OTHER } ftp_verdict_t;

/* The argument of USER, as of a frame (as-of.h). */
typedef struct ftp_user {
    uint32_t    frame;
    const char *name;
} ftp_user_t;

typedef struct ftp_session {
    ftp_flow_t      flow;               /* side 0 is the client */
    uint32_t        id;
    bool            confirmed;          /* it is FTP, as far as is known */
    bool            from_start;         /* the handshake was captured */
    bool            fits;               /* something was seen that is FTP */
    bool            does_not_fit;       /* something was seen that is not */
    bool            closed;
    bool            tls_by_wireshark;   /* AUTH was understood by Wireshark's own dissector too */
    bool            clear_data;         /* PROT C */
    bool            private_data;       /* PROT P, by a command and a reply that were read */
    bool            decrypted;          /* lines come from the TLS dissector */
    bool            implicit;           /* TLS from the first byte */
    bool            is_other;           /* it was to be, and began with words that are not FTP's */
    bool            by_content;
    bool            overlay;            /* the port is another dissector's, whose view stays */
    bool            in_tunnel;          /* behind a relay, whose dissector hands the lines to Wireshark's FTP */
    bool            is_strict;          /* an answer is wanted too */
    bool            says_ftp;           /* the greeting does */
    ftp_verdict_t   verdict;
    bool            answered;           /* a command that only FTP has, by a reply that fits */
    bool            judged;             /* what has begun by its content is known to be FTP, or not to be */
    uint32_t        content[2];         /* by side: bytes of it, until then */
    uint32_t        greeted_in;         /* frame of the greeting, if by_content */
    bool            gave_up;
    const char     *server_name;        /* of the control connection's ClientHello, or NULL */
    uint32_t        unread_frame;       /* Wireshark's dissector is still to read its lines; 0 if there is none */
    uint32_t        auth_frame;         /* AUTH was accepted; 0 if not */
    uint32_t        tls_from;           /* frames of the control connection that are under TLS: from, */
    uint32_t        tls_until;          /* and before; 0 if none */
    bool            has_records[2];     /* by side: of TLS, the last of which */
    uint32_t        records_end[2];     /* end before this sequence number */
    uint32_t        late_lines[FTP_LATE_MAX];   /* ring: frames between them with a line from before; 0 if none */
    unsigned        late_next;
    uint32_t        last_payload_frame;
    nstime_t        last_payload;       /* under TLS */
    ftp_greeting_t  greeting;
    uint32_t        greeting_frame;
    nstime_t        banner_time;
    ftp_lines_t    clear[2];           /* by side */
    ftp_lines_t    plain[2];           /* decrypted */
    struct ftp_ahead *ahead;            /* the server's segments that wait for the client's; NULL before the first */
    bool            in_greeting;
    bool            lost[2];            /* by side: lines, since the last command that was seen, */
    uint32_t        lost_bytes;         /* the client's, and */
    unsigned        cwd_code;           /* of the server's last reply to CWD that was good, 0 if none, */
    uint32_t        cwd_reply_bytes;    /* and its length; 0 if that depends on the directory */
    uint32_t        explained;          /* as many bytes of commands as have been answered, but not seen */
    unsigned        multiline;          /* code of a reply that goes on */
    bool            multiline_cut;      /* a command was sent since its last line */
    bool            has_multiline_endpoint;
    ftp_endpoint_t  multiline_endpoint;
    unsigned        digests;            /* algorithms of digests that the server may tell, as bits */
    bool            has_size_fact;      /* in a line of it (RFC 3659, section 7.5.7) */
    uint64_t        size_fact;
    ftp_pending_t  *pending;            /* ring */
    uint16_t        pending_first;
    uint16_t        pending_count;
    uint16_t        pending_size;
    ftp_expect_t   *current;            /* announcement in effect */
    ftp_expect_t   *stripes;            /* the first of those that are announced at once */
    ftp_expect_t  **open;               /* ring of FTP_OPEN_MAX announcements in the table; NULL before the first */
    unsigned        open_next;
    address         nat_address;        /* announced, while the control connection's was used; AT_NONE if none */
    ftp_transfer_t *open_transfers;
    uint32_t        ordinals;
    wmem_array_t   *users;              /* of ftp_user_t */
    const char     *logged_in;          /* the user whose login was accepted last; NULL if there is none or it is not known */
    const char     *cwd;                /* NULL if unknown */
    bool            cwd_is_shared;      /* by a transfer */
    bool            has_moved;          /* since the login the directory was changed, or may have been */
    const char     *renamed;            /* by RNFR, until the next one; NULL if there was none */
    ftp_names_t     names;              /* what paths are made of on the server */
    bool            names_jobs;         /* transfers name jobs for the moment, no files */
    char            type;
    char            mode;               /* of MODE and STRU; 0 for their defaults S and F, */
    char            structure;          /* FTP_SETTING_LOST for some other one or none of them */
    bool            mode_is_known;      /* as opposed to being what it is for want of another: lines before or between were lost */
    bool            structure_is_known;
    bool            has_rest;
    bool            has_range;          /* by RANG, from rest on */
    bool            rest_is_lost;       /* REST or RANG may have set another one: it was lost, or its reply */
    bool            has_allo;
    uint64_t        rest;
    uint64_t        allo;
    ftp_size_t     *sizes;              /* ring of FTP_SIZES_MAX; NULL before the first */
    unsigned        sizes_next;
    ftp_recent_t   *recent;             /* ring of FTP_RECENT_MAX; NULL before the first */
    unsigned        recent_next;
    ftp_hosts_t    *hosts;              /* once under TLS */
    ftp_hosts_t    *pair;               /* once heard in the clear */
    bool            has_numbers;        /* the two below; for what a NAT makes two sessions of one */
    bool            is_twin;            /* so it is */
    uint8_t         twin_acks;
    unsigned        twin_segments;      /* with payload */
    uint32_t        isn[2];             /* by side: initial sequence numbers, */
    uint32_t        twin_sent[2];       /* bytes sent, as far as was captured, and */
    uint8_t         twin_kept[2];       /* how many are in */
    uint8_t         twin_bytes[2][FTP_TWIN_KEPT];
    struct ftp_session *twin;           /* NULL if there is none; not until is_twin */
    uint32_t        settled_frame;      /* where the last transfer came to its end */
} ftp_session_t;

/* Something to show in one frame. */
typedef enum {
    FTP_EVENT_COMMAND,          /* transfer */
    FTP_EVENT_REPLY,            /* transfer */
    FTP_EVENT_ANNOUNCEMENT,     /* expect */
    FTP_EVENT_UNUSED,           /* expect: no connection came, or it was refused, as is known here */
    FTP_EVENT_GREETING,
    FTP_EVENT_OTHER_PORT,       /* text; on the greeting, and where it is known to be one of FTP */
    FTP_EVENT_WRONG_WORDS,      /* text */
    FTP_EVENT_GAVE_UP,          /* text */
    FTP_EVENT_REFUSED,          /* text */
    FTP_EVENT_INCOMPLETE,       /* transfer, text */
    FTP_EVENT_LACKS_PARTS,      /* transfer: of its connections, some are not counted */
    FTP_EVENT_WRONG_DIRECTION,  /* transfer */
    FTP_EVENT_UNANSWERED,       /* expect: SYNs were sent to it */
    FTP_EVENT_DATA_FOUND,       /* transfer: its data connection is known afterwards; nothing to show but a row */
    FTP_EVENT_SIZE_TOLD,        /* transfer: the size is right */
    FTP_EVENT_SIZE_MISMATCH,    /* transfer, text */
    FTP_EVENT_BOUNCE,           /* expect */
    FTP_EVENT_ICMP              /* icmp */
} ftp_event_kind_t;

/* An ICMP or ICMPv6 error and what it quotes. */
typedef struct ftp_icmp {
    bool        v6;
    bool        has_header;     /* type, code and router are known */
    uint8_t     type;
    uint8_t     code;
    address     router;
    bool        has_seq;
    uint32_t    seq;
    unsigned    side;           /* that sent what is quoted */
} ftp_icmp_t;

typedef struct ftp_event {
    struct ftp_event *next;
    ftp_event_kind_t  kind;
    const struct ftp_session *session;
    ftp_transfer_t   *transfer;
    ftp_expect_t     *expect;
    ftp_icmp_t       *icmp;
    const char       *text;
} ftp_event_t;

typedef struct ftp_events {
    ftp_event_t *first;
    ftp_event_t *last;
    unsigned     count;
} ftp_events_t;

extern int proto_ftp_session;

/* Sessions that have a number by now. */
extern uint32_t ftp_session_count;
extern unsigned ftp_transfer_count;

/* Preference: seconds that a data connection may take to follow its announcement. */
extern unsigned ftp_announcement_lifetime;

/* Fast test in front of everything: ports that an FTP session uses or may use. */
extern uint32_t ftp_tracked_ports[65536 / 32];

static inline bool
ftp_port_is_tracked(uint16_t port)
{
    return ftp_tracked_ports[port >> 5] & (1u << (port & 31));
}

/* Who sees the packets of tracked ports after their dissection; packet-ftp-session.c has it. */
extern const flow_observer_t ftp_tracker;

static inline void
ftp_track_port(uint16_t port)
{
    ftp_tracked_ports[port >> 5] |= 1u << (port & 31);
    flow_want_port(&ftp_tracker, port);
}

static inline ftp_session_t *
ftp_data_session(const ftp_data_t *data)
{
    return data->view[0].session;
}

/* The connection that a transfer uses, or NULL. */
static inline ftp_data_t *
ftp_transfer_data(const ftp_transfer_t *transfer)
{
    return transfer->expect ? transfer->expect->data : transfer->data;
}

/* The announcement that the transfer is tied to. */
static inline ftp_expect_t *
ftp_expect_leader(ftp_expect_t *expect)
{
    return expect->leader ? expect->leader : expect;
}

static inline ftp_transfer_t *
ftp_view_transfer(const ftp_view_t *view)
{
    const ftp_expect_t *expect;

    if (!view->expect)
        return view->inferred;
    expect = ftp_expect_leader(view->expect);
    return expect->data == view->data || view->data->is_part ? expect->transfer : NULL;
}

/* Bytes under TLS that are not decrypted say little about the file; and where none was captured, there were some. */
static inline bool
ftp_data_knows_bytes(const ftp_data_t *data)
{
    return (!data->tls || data->decrypted || data->nothing) && !data->is_elsewhere;
}

/* SYNs are all that was captured of it. */
static inline bool
ftp_data_is_only_syns(const ftp_data_t *data)
{
    return data->syns > 0 && !data->beyond_syn && !data->count[1].has_seen && !data->refused;
}

/* Whether the other side has got lines that were not captured, at least not yet. Decrypted lines are not counted. */
static inline bool
ftp_session_is_behind(const ftp_session_t *session, unsigned side)
{
    return !session->decrypted && ftp_lines_is_behind(&session->clear[side]);
}

/* Likewise, and it is more than a FIN, which has a number too. */
static inline bool
ftp_session_lacks_lines(const ftp_session_t *session, unsigned side)
{
    return ftp_session_is_behind(session, side) && ftp_lines_missing(&session->clear[side]) > 1;
}

/* By a RST, or by a FIN before which all was seen, or has arrived all the same. */
static inline bool
ftp_data_is_closed(const ftp_data_t *data)
{
    return data->flow.half[0].rst_frame || data->flow.half[1].rst_frame || ftp_count_is_whole(&data->count[0])
        || ftp_count_is_whole(&data->count[1]);
}

/* A file is opened. */
void ftp_model_reset(void);

ftp_events_t *ftp_events(packet_info *pinfo);
ftp_event_t *ftp_add_event(const ftp_session_t *session, packet_info *pinfo, ftp_event_kind_t kind);

/* Whether the packets of the session are to be shown as such. */
bool ftp_session_is_shown(const ftp_session_t *session);

/* Whether the client has acknowledged more than the handshake, as far as is known. */
bool ftp_session_greeting_arrived(const ftp_session_t *session);

bool ftp_session_is_under_tls(const ftp_session_t *session, uint32_t frame);

/* As of the frame; in a later pass, before any USER, the first one that comes. NULL: unknown, as after REIN. */
const char *ftp_session_user(const ftp_session_t *session, uint32_t frame, bool later_pass);

const char *ftp_mode_name(ftp_mode_t mode);

/* The session's part in the announced connection, once there is one. */
const ftp_view_t *ftp_expect_view(const ftp_expect_t *expect);

/* The data connection has carried so many bytes by this packet, of which the capture holds some. First pass only. */
void ftp_data_carried(ftp_data_t *data, packet_info *pinfo, uint64_t bytes, uint64_t captured);

/* What had been carried as of the frame. */
uint64_t ftp_data_bytes_at(const ftp_data_t *data, uint32_t frame);
uint64_t ftp_data_captured_at(const ftp_data_t *data, uint32_t frame);

#endif /* GAPFILL_FTP_MODEL_H */

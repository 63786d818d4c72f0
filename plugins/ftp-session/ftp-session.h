/* ftp-session.h
 * What is known of FTP sessions: control connections, announcements, data connections, transfers
 *
 * Everything is allocated from wmem_file_scope() and written on the first pass over the packets only;
 * later passes read it, and so know the end of the story. What belongs to one frame hangs from it as a
 * list of events.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_SESSION_H
#define GAPFILL_FTP_SESSION_H

#include <epan/packet.h>
#include <epan/conversation.h>

#include "ftp-control.h"

/* Bounds of what a session keeps; see README.md. */
#define FTP_PENDING_MAX   512   /* commands without a reply; the oldest is forgotten first */
#define FTP_OPEN_MAX      64    /* announcements that wait for a connection; likewise */
#define FTP_CHAIN_MAX     16    /* announcements of one address and port by different sessions */
#define FTP_SIZES_MAX     16    /* answers to SIZE that are remembered */
#define FTP_PATHS_MAX     (256 << 20)   /* bytes of paths of a capture; what comes after is left relative */
#define FTP_FLOWS_MAX     64    /* connections that Wireshark takes for one conversation */
#define FTP_EVENTS_MAX    256   /* events shown of one frame */

typedef enum {
    FTP_CHANNEL_NONE,           /* a connection that may turn out to be a control connection */
    FTP_CHANNEL_CONTROL,
    FTP_CHANNEL_DATA
} ftp_channel_t;

typedef enum {
    FTP_MODE_NONE, FTP_MODE_PASV, FTP_MODE_EPSV, FTP_MODE_PORT, FTP_MODE_EPRT, FTP_MODE_UNKNOWN, FTP_MODE_LPSV,
    FTP_MODE_LPRT
} ftp_mode_t;

typedef enum {
    FTP_EVIDENCE_NONE, FTP_EVIDENCE_ANNOUNCED, FTP_EVIDENCE_OTHER_ADDRESS, FTP_EVIDENCE_INFERRED
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
    uint32_t next;              /* highest sequence number seen so far, if has_next */
    uint32_t acked;             /* highest acknowledgement number that this side has sent, if has_acked */
    uint32_t fin_frame;
    uint32_t fin_seq;           /* where the stream ends, if fin_frame */
    uint32_t rst_frame;
    bool     has_next;
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

/* How much a data connection had carried as of a frame. */
typedef struct ftp_progress {
    uint32_t frame;
    uint32_t low;
    uint32_t high;
} ftp_progress_t;

typedef struct ftp_data {
    ftp_flow_t           flow;          /* first, so that the two can be cast */
    struct ftp_session  *session;
    struct ftp_expect   *expect;        /* NULL if inferred */
    struct ftp_transfer *inferred;      /* stands for the transfer if inferred */
    struct ftp_data     *counterpart;   /* the same connection as seen by the other session of an FXP */
    ftp_evidence_t       evidence;
    uint32_t             ordinal;       /* in its session, from 1 */
    bool                 confirmed;     /* false while it is but suspected */
    bool                 primary;       /* this, not the counterpart, hangs from the conversation */
    bool                 refused;
    bool                 rejected;      /* no data connection after all */
    bool                 spoken[2];     /* by side: payload in the clear */
    bool                 like_tls;      /* a payload begins like a record of TLS */
    bool                 tls;
    bool                 decrypted;
    bool                 own_notes;     /* Wireshark's notes are on the conversation by our doing, and ours to write */
    bool                 looked_at;     /* the first payload has been examined */
    uint32_t             confirmed_frame;
    uint64_t             bytes;
    wmem_array_t        *progress;      /* of ftp_progress_t, by frame */
    nstime_t             first_payload;
    nstime_t             last_payload;
} ftp_data_t;

/* An address and port, made known by one side, where the other is to connect. */
typedef struct ftp_expect {
    struct ftp_session  *session;
    struct ftp_transfer *transfer;      /* the command that uses it, once known */
    ftp_data_t          *data;          /* the connection, once there is one */
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
    ftp_data_t         *data;           /* if inferred; else see ftp_transfer_data() */
    ftp_verb_t          verb;
    uint32_t            command_frame;
    const char         *argument;
    const char         *path;
    char                type;           /* of TYPE: A, I, E, L; 0 if unknown */
    bool                active;         /* the server has come to it */
    bool                started;        /* 1xx seen */
    bool                has_rest;
    bool                has_expected;
    bool                is_promised;    /* the server has named the size of just this file: fewer bytes are too few */
    bool                is_plain;       /* MODE S and STRU F: what is carried is the file and nothing else */
    bool                aborted;        /* ABOR was sent meanwhile */
    ftp_outcome_t       outcome;
    unsigned            reply_code;     /* final; 0 if none yet */
    uint32_t            reply_frame;
    uint64_t            rest;
    uint64_t            expected;
    bool                has_duration;
    nstime_t            duration;       /* from the first packet of the data connection to its last payload */
    struct ftp_transfer *next_open;     /* in the session's list of those without an outcome */
    struct ftp_transfer *previous_open;
} ftp_transfer_t;

/* A command that waits for its final reply. */
typedef struct ftp_pending {
    ftp_verb_t      verb;
    uint32_t        frame;
    const char     *argument;
    ftp_transfer_t *transfer;
    ftp_expect_t   *expect;
} ftp_pending_t;

/* What two hosts have to do with each other; for inference. */
typedef struct ftp_hosts {
    address             host[2];
    struct ftp_session *latest;         /* the encrypted session that was active last */
    uint16_t            low;            /* server ports of passive data connections, if high */
    uint16_t            high;
} ftp_hosts_t;

/* An answer to SIZE. */
typedef struct ftp_size {
    char       *path;
    uint64_t    size;
    char        type;           /* under which it was asked for (RFC 3659, section 4) */
} ftp_size_t;

typedef enum { FTP_SILENT, FTP_GREETED, FTP_WRONG_WORDS } ftp_greeting_t;

/* What the client's first command says of a connection that may be anything. */
typedef enum { FTP_NO_VERDICT, FTP_IS_FTP, FTP_IS_OTHER } ftp_verdict_t;

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
    bool            decrypted;          /* lines come from the TLS dissector */
    bool            implicit;           /* TLS from the first byte */
    bool            by_content;
    ftp_verdict_t   verdict;
    bool            judged;             /* what has begun by its content is known to be FTP, or not to be */
    bool            gave_up;
    const char     *server_name;        /* of the control connection's ClientHello, or NULL */
    uint32_t        unread_frame;       /* Wireshark's dissector is still to read its lines; 0 if there is none */
    uint32_t        auth_frame;         /* AUTH was accepted; 0 if not */
    uint32_t        tls_from;           /* frames of the control connection that are under TLS: from, */
    uint32_t        tls_until;          /* and before; 0 if none */
    uint32_t        last_payload_frame;
    nstime_t        last_payload;       /* under TLS */
    ftp_greeting_t  greeting;
    uint32_t        greeting_frame;
    nstime_t        banner_time;
    ftp_reader_t    clear[2];           /* by side */
    ftp_reader_t    plain[2];           /* decrypted */
    bool            in_greeting;
    bool            lost[2];            /* by side: lines, since the last command that was seen */
    unsigned        multiline;          /* code of a reply that goes on */
    bool            multiline_cut;      /* a command was sent since its last line */
    bool            has_multiline_endpoint;
    ftp_endpoint_t  multiline_endpoint;
    ftp_pending_t  *pending;            /* ring */
    uint16_t        pending_first;
    uint16_t        pending_count;
    uint16_t        pending_size;
    ftp_expect_t   *current;            /* announcement in effect */
    ftp_expect_t  **open;               /* ring of FTP_OPEN_MAX announcements in the table; NULL before the first */
    unsigned        open_next;
    address         nat_address;        /* announced, while the control connection's was used; AT_NONE if none */
    ftp_transfer_t *open_transfers;
    uint32_t        ordinals;
    wmem_tree_t    *users;              /* name by frame */
    const char     *first_user;
    const char     *cwd;                /* NULL if unknown */
    bool            cwd_is_shared;      /* by a transfer */
    bool            has_other_paths;    /* the server's paths are not made of names with slashes in between */
    char            type;
    char            mode;               /* of MODE and STRU; 0 for their defaults S and F */
    char            structure;
    bool            has_rest;
    bool            has_allo;
    uint64_t        rest;
    uint64_t        allo;
    ftp_size_t     *sizes;              /* ring of FTP_SIZES_MAX; NULL before the first */
    unsigned        sizes_next;
    ftp_hosts_t    *hosts;
} ftp_session_t;

/* Something to show in one frame. */
typedef enum {
    FTP_EVENT_COMMAND,          /* transfer */
    FTP_EVENT_REPLY,            /* transfer */
    FTP_EVENT_ANNOUNCEMENT,     /* expect */
    FTP_EVENT_UNUSED,           /* expect: no connection came, or it was refused, as is known here */
    FTP_EVENT_GREETING,
    FTP_EVENT_WRONG_WORDS,      /* text */
    FTP_EVENT_GAVE_UP,          /* text */
    FTP_EVENT_REFUSED,          /* text */
    FTP_EVENT_INCOMPLETE,       /* transfer, text */
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

const char *ftp_mode_name(ftp_mode_t mode);

extern unsigned ftp_announcement_lifetime;      /* seconds */

/* Fast test in front of everything: ports that an FTP session uses or may use. */
extern uint32_t ftp_tracked_ports[65536 / 32];

static inline bool
ftp_port_is_tracked(uint16_t port)
{
    return ftp_tracked_ports[port >> 5] & (1u << (port & 31));
}

void ftp_track_port(uint16_t port);

/* A file is opened: forget everything. */
void ftp_session_reset(void);

ftp_events_t *ftp_events(packet_info *pinfo);
ftp_event_t *ftp_add_event(const struct ftp_session *session, packet_info *pinfo, ftp_event_kind_t kind);

/* Whether the packets of the session are to be shown as such. */
bool ftp_session_is_shown(const ftp_session_t *session);

/* Sessions; flow's sides must be set. */
ftp_session_t *ftp_session_new(packet_info *pinfo, const address *client, uint16_t client_port,
        const address *server, uint16_t server_port);
void ftp_session_confirm(ftp_session_t *session);
void ftp_session_start_tls(ftp_session_t *session, packet_info *pinfo);
void ftp_session_payload(ftp_session_t *session, packet_info *pinfo, unsigned side, uint32_t seq,
        const uint8_t *data, uint32_t captured, uint32_t length);
void ftp_session_acked(ftp_session_t *session, packet_info *pinfo, unsigned by_side, uint32_t ack);
void ftp_session_decrypted(ftp_session_t *session, packet_info *pinfo, unsigned side, const uint8_t *data,
        size_t length);
void ftp_session_closing(ftp_session_t *session, packet_info *pinfo, unsigned side, bool reset);
/* Whether the client has acknowledged more than the handshake, as far as is known. */
bool ftp_session_greeting_arrived(const ftp_session_t *session);
const char *ftp_session_user(const ftp_session_t *session, uint32_t frame, bool later_pass);

/*
 * The flow of a conversation with these ports. Announcements that are not used make Wireshark put several
 * connections from a server's port 20 into one conversation, up to 4.6 at least.
 */
ftp_flow_t *ftp_flow_find(const conversation_t *conversation, uint16_t srcport, uint16_t dstport);
void ftp_flow_hang(ftp_flow_t *flow, conversation_t *conversation);

/* Hosts with an encrypted session between them; NULL if there is none. */
extern unsigned ftp_hosts_count;
ftp_hosts_t *ftp_hosts_find(const address *a, const address *b);

/* Announcements, ftp-expect.c */
void ftp_expect_reset(void);
ftp_expect_t *ftp_expect_add(ftp_session_t *session, packet_info *pinfo, ftp_mode_t mode,
        const ftp_endpoint_t *endpoint);
void ftp_expect_over(ftp_expect_t *expect, packet_info *pinfo);
void ftp_expect_forget(ftp_expect_t *expect);
ftp_expect_t *ftp_expect_find(const address *listener, uint16_t port, const address *initiator,
        const nstime_t *now);
bool ftp_expect_is_unused(const ftp_expect_t *expect);
bool ftp_expect_is_nat(const ftp_expect_t *expect);
bool ftp_expect_is_bounce(const ftp_expect_t *expect);
const address *ftp_expect_peer(const ftp_expect_t *expect);
const address *ftp_expect_listener(const ftp_expect_t *expect);

/* Data connections */
ftp_data_t *ftp_data_new(ftp_session_t *session, ftp_expect_t *expect, packet_info *pinfo,
        const address *initiator, uint16_t initiator_port, const address *listener, uint16_t listener_port);
void ftp_data_confirm(ftp_data_t *data, packet_info *pinfo);
void ftp_data_reject(ftp_data_t *data);
void ftp_data_carried(ftp_data_t *data, packet_info *pinfo, uint64_t bytes);
void ftp_data_settled(ftp_data_t *data, packet_info *pinfo);
void ftp_data_closing(ftp_data_t *data, packet_info *pinfo, unsigned side, bool reset);
uint64_t ftp_data_bytes_at(const ftp_data_t *data, uint32_t frame);
ftp_transfer_t *ftp_data_transfer(const ftp_data_t *data);
ftp_data_t *ftp_transfer_data(const ftp_transfer_t *transfer);
bool ftp_data_knows_bytes(const ftp_data_t *data);
/* The TCP connection, which the sessions of an FXP share. */
const ftp_flow_t *ftp_data_flow(const ftp_data_t *data);

/* Notes for Wireshark's dissector about a data connection, where they are ours, are given the command. */
extern void (*ftp_transfer_attached_cb)(const ftp_transfer_t *transfer);

#endif /* GAPFILL_FTP_SESSION_H */

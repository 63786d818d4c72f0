/* hkp-request.h
 * What is asked of a key server
 *
 * Sources: draft-ietf-openpgp-hkp (formerly draft-gallagher-openpgp-hkp and draft-shaw-openpgp-hkp), sections on
 * lookup, submission and the version 2 interface; draft-koch-openpgp-webkey-service section 3; the API description of the
 * Hagrid keyserver (VKS); the README of Mailvelope's key server (REST interface); for hashquery, what SKS sends.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HKP_REQUEST_H
#define GAPFILL_HKP_REQUEST_H

#include "hkp-text.h"
#include "http.h"

/* Longest search term in labels and the Info column, in bytes. */
#define HKP_INFO_SEARCH 80

/* V5_OR_V6: 64 digits that do not say of which version they are. */
enum { KIND_NONE, KIND_TEXT, KIND_KEYID32, KIND_KEYID64, KIND_V3, KIND_V4, KIND_V6, KIND_V5_OR_V6, KIND_V5 };

/* Assigned by IANA. */
#define HKP_PORT 11371

/* What a positive answer to a request holds. */
typedef enum {
    EXPECT_NOTHING,     /* such as statistics */
    EXPECT_KEY,
    EXPECT_INDEX,
    EXPECT_FILE,        /* of a Web Key Directory, but for keys */
    EXPECT_EITHER,      /* a key or an index: of a lookup by no operation that is known */
    EXPECT_HASHQUERY,
    EXPECT_UPLOAD       /* what came of keys that were sent */
} hkp_expected_t;

enum { API_HKP = 1, API_HKP_VERSIONED, API_VKS, API_WKD, API_MAILVELOPE };

extern const value_string hkp_kind_vals[];

/* A variable of the query. */
typedef struct variable {
    const char *name;
    hkp_text_t  raw;            /* name and value as sent */
    hkp_text_t  value;
} hkp_variable_t;

/* A request, taken to pieces. Strings may be shown as they are. */
typedef struct request {
    uint8_t       api;
    uint8_t       version;      /* of a versioned interface, or 0 */
    bool          doubtful;     /* others have such paths, too: hkp-mailvelope.h tells */
    hkp_text_t    path;         /* without the version */
    const char   *op;           /* NULL: none asked for */
    hkp_text_t    op_at;
    const char   *search;       /* NULL: nothing */
    hkp_text_t    search_at;
    bool          search_bad;   /* hostile or malformed encoding */
    uint8_t       kind;
    const char   *hex;          /* of kinds other than text: upper case without 0x */
    bool          is_upload;    /* by POST or PUT, keys are sent with it */
    const char   *address;      /* e-mail address that the key should have, or NULL */
    bool          whole_address;        /* else a part of the user ID will do */
    hkp_text_t    authority;    /* of the absolute form, which overrides Host; else of length 0 */
    bool          advanced;     /* WKD, else direct */
    hkp_text_t    domain;
    hkp_text_t    hash;
    wmem_array_t *variables;    /* of hkp_variable_t */
    hkp_expected_t expected;
} hkp_request_t;

/* What its response needs of a request, for the life of the file. Strings may be shown as they are. */
typedef struct asked {
    const char    *op;
    const char    *search;
    const char    *subject;     /* what was searched for, short */
    const char    *hex;
    const char    *host;
    const char    *address;
    bool           whole_address;
    bool           any_parent;  /* an address of a domain above that one will do */
    hkp_expected_t expected;
    uint8_t        kind;        /* of V5_OR_V6 what the answer proves it to be */
    bool           doubtful;    /* nothing has proved yet that it is one */
    bool           is_head;
    bool           of_wkd;
    bool           whole;       /* a request that has come to its end */
    bool           early;       /* its answer was told before that, and it is counted with it */
} hkp_asked_t;

/* A quick look at a target: false where it is of no request to a keyserver. */
bool hkp_may_be_request(const char *target, size_t length);

/* False: this is no request to a keyserver. All that request points to is in the packet's pool. */
bool hkp_read_request(http_message_t *message, hkp_request_t *request);

/* Before any file. */
void hkp_register_asked(void);

/* For the first pass: this answer proves that its host is a key server. Whether one before this packet did. */
void hkp_note_server(const packet_info *pinfo, const hkp_asked_t *asked);
bool hkp_is_known_server(const packet_info *pinfo, const hkp_asked_t *asked);

/* For the first pass: an answer of a Web Key Directory leads elsewhere. A request for that is one for the same address. */
void hkp_note_redirect(http_message_t *message, const hkp_asked_t *asked);

/* For the first pass: what is kept of a request, in file scope; NULL: 64 MiB of a capture are spent. */
hkp_asked_t *hkp_remember(http_message_t *message, const hkp_request_t *request);

/* For the first pass: nothing of it is needed any more. */
void hkp_forget(hkp_asked_t *asked);

/* For the first pass: what an answer told of the kind. */
void hkp_note_kind(hkp_asked_t *asked, uint8_t kind);

/* What was asked for, in a word; never NULL. */
const char *hkp_operation_name(const hkp_asked_t *asked);

/* Name of a kind of search term, and the kind that hex digits have by their number. */
const char *hkp_kind_name(uint8_t kind);
uint8_t hkp_kind_of_digits(size_t digits);

#endif /* GAPFILL_HKP_REQUEST_H */

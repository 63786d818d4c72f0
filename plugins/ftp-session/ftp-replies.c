/* ftp-replies.c
 * Which replies answer which commands; see ftp-replies.h
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

#include <stddef.h>

#include <glib.h>

#include "ftp-replies.h"

#define VERBS_MAX 8

/* Codes that are of some commands only, from FIRST_CODE to LAST_CODE. Verbs end with FTP_UNKNOWN. */
static const struct {
    unsigned   code;
    bool       moves_data;          /* of commands that move data too */
    bool       others;              /* of commands that are not known as well */
    ftp_verb_t verbs[VERBS_MAX];
} answers[] = {
    { 110, true,  true,  { FTP_UNKNOWN } },
    { 125, true,  true,  { FTP_UNKNOWN } },
    { 150, true,  true,  { FTP_UNKNOWN } },
    { 211, false, true,  { FTP_STAT, FTP_HELP } },
    { 212, false, true,  { FTP_STAT } },
    { 213, false, true,  { FTP_SIZE, FTP_STAT, FTP_HASH } },
    { 214, false, true,  { FTP_HELP } },
    { 215, false, true,  { FTP_SYST } },
    { 221, false, false, { FTP_QUIT } },
    { 225, true,  false, { FTP_ABOR } },
    { 226, true,  true,  { FTP_ABOR } },
    { 227, false, false, { FTP_PASV } },
    { 228, false, false, { FTP_LPSV } },
    { 229, false, false, { FTP_EPSV, FTP_SPAS } },
    { 230, false, true,  { FTP_USER, FTP_PASS, FTP_ACCT } },
    { 234, false, false, { FTP_AUTH } },
    { 250, true,  true,  { FTP_CWD, FTP_CDUP, FTP_MLST, FTP_DELE, FTP_MKD, FTP_RMD, FTP_RNTO, FTP_HASH } },
    { 257, false, true,  { FTP_PWD, FTP_MKD } },
    { 331, false, true,  { FTP_USER } },
    { 334, false, true,  { FTP_AUTH } },
    { 350, false, true,  { FTP_RANG, FTP_REST, FTP_RNFR } },
};

#define FIRST_CODE 110
#define LAST_CODE  350

/* The place of a code among the answers, one more than that; 0 if it is none of them. */
static unsigned
place_of(unsigned code)
{
    static uint8_t places[LAST_CODE - FIRST_CODE + 1];

    if (code < FIRST_CODE || code > LAST_CODE)
        return 0;
    if (places[0] == 0) {
        for (unsigned i = 0; i < G_N_ELEMENTS(answers); i++)
            places[answers[i].code - FIRST_CODE] = (uint8_t)(i + 1);
    }
    return places[code - FIRST_CODE];
}

bool
ftp_verb_is_open(ftp_verb_t verb)
{
    return verb == FTP_UNKNOWN || verb == FTP_OTHER || verb == FTP_SITE;
}

bool
ftp_reply_answers(ftp_verb_t verb, unsigned code)
{
    const unsigned place = place_of(code);
    const ftp_verb_t *verbs;

    /* Success in other words is not about data; failure is anybody's. */
    if (place == 0)
        return code >= 400 || !ftp_verb_is_transfer(verb);
    if (ftp_verb_is_transfer(verb))
        return answers[place - 1].moves_data;
    if (ftp_verb_is_open(verb))
        return answers[place - 1].others;
    verbs = answers[place - 1].verbs;
    for (unsigned v = 0; v < VERBS_MAX; v++) {
        if (verbs[v] == verb)
            return true;
    }
    return false;
}

/* 225: the connection is there, and nothing was transferred. 200 ends a transfer only where it can't be another command's. */
bool
ftp_reply_completes(unsigned code)
{
    return code == 200 || code == 226 || code == 250;
}

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

/* Codes that are of some commands only. Verbs end with FTP_UNKNOWN. */
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

bool
ftp_verb_is_open(ftp_verb_t verb)
{
    return verb == FTP_UNKNOWN || verb == FTP_OTHER || verb == FTP_SITE;
}

bool
ftp_reply_answers(ftp_verb_t verb, unsigned code)
{
    for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
        if (answers[i].code != code)
            continue;
        if (ftp_verb_is_transfer(verb))
            return answers[i].moves_data;
        if (ftp_verb_is_open(verb))
            return answers[i].others;
        for (unsigned v = 0; v < VERBS_MAX; v++) {
            if (answers[i].verbs[v] == verb)
                return true;
        }
        return false;
    }
    /* Success in other words is not about data; failure is anybody's. */
    return code >= 400 || !ftp_verb_is_transfer(verb);
}

/* 225: the connection is there, and nothing was transferred. 200 ends a transfer only where it can't be another command's. */
bool
ftp_reply_completes(unsigned code)
{
    return code == 200 || code == 226 || code == 250;
}

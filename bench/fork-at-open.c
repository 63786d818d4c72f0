/* fork-at-open.c
 * Preloaded into tshark: starts up once, and reads many captures, each in a process of its own
 *
 * When tshark has started and opens its capture, a copy of the process is made for each of those that GAPFILL_CAPTURES names, with
 * a colon between them, one after the other: what they have in common, start-up, is run once. The exit status is 1 if one of them
 * failed.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* As in wiretap/wtap.h. */
typedef struct wtap *(*open_t)(const char *filename, unsigned type, int *err, char **err_info, bool do_random);

struct wtap *wtap_open_offline(const char *filename, unsigned type, int *err, char **err_info, bool do_random);

/* In the child, the capture's name; in the parent, NULL when the child has ended. */
static const char *
fork_for(const char *capture, int *failed)
{
    pid_t child = fork();
    int status = 0;

    if (child == 0)
        return capture;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
        *failed = 1;
    return NULL;
}

struct wtap *
wtap_open_offline(const char *filename, unsigned type, int *err, char **err_info, bool do_random)
{
    open_t native = (open_t)dlsym(RTLD_NEXT, "wtap_open_offline");
    char *names = getenv("GAPFILL_CAPTURES");
    const char *capture = names ? NULL : filename;
    int failed = 0;

    fflush(NULL);
    while (names && *names && !capture)
        capture = fork_for(strsep(&names, ":"), &failed);
    if (!capture)
        _exit(failed);
    return native(capture, type, err, err_info, do_random);
}

/* reuse.c
 * To be preloaded: every TCP socket may share its port, which RFC 959's default data port takes for granted.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/socket.h>

int
socket(int domain, int type, int protocol)
{
    static int (*original)(int, int, int);
    const int on = 1;
    int made;

    if (!original)
        original = (int (*)(int, int, int))dlsym(RTLD_NEXT, "socket");
    made = original(domain, type, protocol);
    if (made >= 0 && (type & 0xf) == SOCK_STREAM) {
        setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        setsockopt(made, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    }
    return made;
}

/* prefork.c
 * Loaded into tshark or sharkd with LD_PRELOAD: starts it once and runs it many times.
 *
 * Most of what a short run takes is the registration of all dissectors, which is the same each time. Here main() runs until that
 * is done, and then waits: each request has a child, in which main() is called again, with the arguments, the folder and the files of
 * that request; only configuration_init(), wtap_init() and epan_init(), which were called already, and epan_cleanup() do nothing there.
 * (epan_cleanup() does if GAPFILL_PREFORK_IN_FULL is set.)
 * So options that are looked at while dissectors are registered (-C, -G, -X) cannot be run like this.
 * Wireshark 4.0 forgets the names of ports, enterprises and makers of addresses when it opens a file, and reads their 120,000 lines again.
 * With the first file of a child that is what was read already, so it is given back what it forgets.
 *
 * A request, on the socket that GAPFILL_PREFORK names: the length of what follows (32 bits, the host's order) with the three
 * standard files; then the folder and the arguments, each with a NUL behind. The answer is the status as waitpid() has it (32 bits). Who
 * closes the connection before that ends the child; the end of standard input ends it all, and so does half a minute without a command.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILES 3
#define MOST 64	/* commands at a time */
#define SYSTEM "/usr/share/wireshark/"

typedef int main_t(int, char **, char **);
extern char **environ;
static main_t *real_main;
static bool is_registered;
static bool ends_in_full;
static bool is_first_file;
static int idle = 30;	/* seconds, or what GAPFILL_PREFORK_IDLE says */

static void *
next_of(const char *name)
{
	void *found = dlsym(RTLD_NEXT, name);

	if (!found)
		abort();
	return found;
}

static bool
read_all(int from, void *to, size_t length)
{
	for (ssize_t got; length > 0; to = (char *)to + got, length -= (size_t)got) {
		if ((got = read(from, to, length)) <= 0)
			return false;
	}
	return true;
}

static bool
read_length_and_files(int from, uint32_t *length, int files[FILES])
{
	struct iovec data = { length, sizeof *length };
	union { char space[CMSG_SPACE(sizeof(int) * FILES)]; struct cmsghdr align; } control;
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
	struct cmsghdr *head;

	if (recvmsg(from, &message, MSG_WAITALL) != (ssize_t)sizeof *length)
		return false;
	head = CMSG_FIRSTHDR(&message);
	if (!head || head->cmsg_type != SCM_RIGHTS || head->cmsg_len != CMSG_LEN(sizeof(int) * FILES))
		return false;
	memcpy(files, CMSG_DATA(head), sizeof(int) * FILES);
	return true;
}

/* main() will look for its options from the first one on. These are the program's own copies. */
static void
forget_options(void)
{
	for (const char *const *name = (const char *const []){ "ws_optind", "ws_optreset", "ws_opterr", NULL }; *name; name++)
		*(int *)dlsym(RTLD_DEFAULT, *name) = 1;
}

static void
run(char *text, size_t length, const int files[FILES])
{
	char **arguments = calloc(length + 1, sizeof *arguments);
	int count = 0;

	for (char *at = text; at < text + length; at += strlen(at) + 1)
		arguments[count++] = at;
	for (int file = 0; file < FILES; file++) {
		dup2(files[file], file);
		close(files[file]);
	}
	if (chdir(arguments[0]) != 0)
		abort();
	forget_options();
	is_first_file = true;
	exit(real_main(count - 1, arguments + 1, environ));
}

/* A connection's child, and what tells that one of them has ended. */
struct running {
	int asker;
	int ends;
	pid_t child;
};

static struct running running[MOST];
static unsigned count;

/* Which can be read when the process has ended. */
static int
file_of(pid_t process)
{
	int file = (int)syscall(SYS_pidfd_open, process, 0);

	if (file < 0) {
		perror("pidfd_open");
		abort();
	}
	return file;
}

static void
begin(int asker)
{
	int files[FILES];
	uint32_t length;
	char *text = NULL;
	pid_t child = -1;

	if (count == MOST || !read_length_and_files(asker, &length, files)) {
		close(asker);
		return;
	}
	text = calloc(1, length + 1);
	if (text && read_all(asker, text, length)) {
		child = fork();
		if (child == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			run(text, length, files);
		}
	}
	if (child > 0)
		running[count++] = (struct running){ asker, file_of(child), child };
	else
		close(asker);
	for (int file = 0; file < FILES; file++)
		close(files[file]);
	free(text);
}

static void
finish(struct running *which)
{
	int status;

	if (waitpid(which->child, &status, 0) != which->child)
		status = SIGKILL;
	/* Nobody may be there to read it. */
	(void)!send(which->asker, &status, sizeof status, MSG_NOSIGNAL);
	close(which->asker);
	close(which->ends);
	*which = running[--count];
}

static void
look_at(const struct pollfd *askers, const struct pollfd *ends)
{
	for (unsigned at = count; at-- > 0;) {
		if (askers[at].revents)
			kill(running[at].child, SIGKILL);
		if (askers[at].revents || ends[at].revents)
			finish(&running[at]);
	}
}

static bool is_hidden;

/* Nobody finds it any more; who has found it just before is served. */
static void
be_idle(const char *path)
{
	if (is_hidden)
		_exit(0);
	unlink(path);
	is_hidden = true;
}

static void
wait_for_one(int listener, const char *path)
{
	struct pollfd looked[2 + 2 * MOST] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = listener, .events = POLLIN } };
	struct pollfd *askers = &looked[2], *ends = &looked[2 + count];
	int changed;

	for (unsigned at = 0; at < count; at++) {
		askers[at] = (struct pollfd){ .fd = running[at].asker, .events = POLLIN };
		ends[at] = (struct pollfd){ .fd = running[at].ends, .events = POLLIN };
	}
	changed = poll(looked, 2 + 2 * count, count > 0 ? -1 : is_hidden ? 0 : 1000 * idle);
	if (changed == 0)
		be_idle(path);
	if (changed <= 0)
		return;
	if (looked[0].revents)
		_exit(0);
	look_at(askers, ends);
	if (looked[1].revents)
		begin(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
}

static void
serve(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strncpy(name.sun_path, path, sizeof name.sun_path - 1);
	if (bind(listener, (struct sockaddr *)&name, sizeof name) != 0 || listen(listener, MOST) != 0)
		abort();
	unsetenv("LD_PRELOAD");
	unsetenv("GAPFILL_PREFORK");
	signal(SIGCHLD, SIG_DFL);	/* sharkd wants to hear nothing of its children */
	for (;;)
		wait_for_one(listener, path);
}

/* What is interposed; arguments that a version does not have are passed on all the same. */

int
__libc_start_main(main_t *main, int argc, char **argv, void (*init)(void), void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
	typedef int start_t(main_t *, int, char **, void (*)(void), void (*)(void), void (*)(void), void *);

	real_main = main;
	return ((start_t *)next_of("__libc_start_main"))(main, argc, argv, init, fini, rtld_fini, stack_end);
}

char *
configuration_init(const char *program, const char *more)
{
	typedef char *init_t(const char *, const char *);

	return is_registered ? NULL : ((init_t *)next_of("configuration_init"))(program, more);
}

void
wtap_init(int load_plugins)
{
	typedef void init_t(int);

	if (!is_registered)
		((init_t *)next_of("wtap_init"))(load_plugins);
}

int
epan_init(void *callback, void *data, int load_plugins)
{
	typedef int init_t(void *, void *, int);
	const char *path = getenv("GAPFILL_PREFORK");

	if (is_registered)
		return 1;
	if (!((init_t *)next_of("epan_init"))(callback, data, load_plugins))
		return 0;
	is_registered = true;
	ends_in_full = getenv("GAPFILL_PREFORK_IN_FULL") != NULL;
	if (getenv("GAPFILL_PREFORK_IDLE"))
		idle = atoi(getenv("GAPFILL_PREFORK_IDLE"));
	if (path)
		serve(path);
	return 1;
}

/* The beginning of wmem_map_t as 4.0 has it. */
struct map {
	size_t count, capacity;
	void *table, *hash, *equal;
};

/* What is read into the map that was made last, or into the last three. */
static struct list {
	const char *name;
	int maps;
	char *path;
	struct map *read[3];
} lists[] = { { .name = "services", .maps = 1 }, { .name = "manuf", .maps = 3 } };

/* And what into a hash table. */
static struct {
	void *table, *forgotten;
	char *path;
	bool is_back;
} enterprises;

static struct map *latest_maps[3];	/* the last comes first */
static void *latest_table;

void *
wmem_map_new(void *allocator, void *hash, void *equal)
{
	typedef void *new_t(void *, void *, void *);
	static new_t *real;

	if (!real)
		real = (new_t *)next_of("wmem_map_new");
	memmove(&latest_maps[1], &latest_maps[0], sizeof latest_maps - sizeof latest_maps[0]);
	return latest_maps[0] = real(allocator, hash, equal);
}

void *
g_hash_table_new_full(void *hash, void *equal, void *free_key, void *free_value)
{
	typedef void *new_t(void *, void *, void *, void *);
	static new_t *real;

	if (!real)
		real = (new_t *)next_of("g_hash_table_new_full");
	if (enterprises.forgotten) {
		enterprises.forgotten = NULL;
		enterprises.is_back = true;
		return enterprises.table;
	}
	return latest_table = real(hash, equal, free_key, free_value);
}

void
g_hash_table_destroy(void *table)
{
	typedef void destroy_t(void *);
	static destroy_t *real;

	if (!real)
		real = (destroy_t *)next_of("g_hash_table_destroy");
	if (is_first_file && table && table == enterprises.table)
		enterprises.forgotten = table;
	else
		real(table);
}

static bool
give_back(const struct list *list)
{
	for (int map = 0; map < list->maps; map++) {
		if (!latest_maps[map] || latest_maps[map]->hash != list->read[map]->hash || latest_maps[map]->equal != list->read[map]->equal)
			return false;
	}
	for (int map = 0; map < list->maps; map++)
		memcpy(latest_maps[map], list->read[map], offsetof(struct map, hash));
	return true;
}

static bool
is_back(const char *path)
{
	for (struct list *list = lists; list < lists + sizeof lists / sizeof *lists; list++) {
		if (list->path && strcmp(path, list->path) == 0)
			return give_back(list);
	}
	return enterprises.is_back && strcmp(path, enterprises.path) == 0;
}

/* Not of lists that the user has: those are read into the same maps, after the system's. Later versions have no others. */
static void
remember(const char *path)
{
	const char *name;

	if (strncmp(path, SYSTEM, strlen(SYSTEM)) != 0)
		return;
	name = path + strlen(SYSTEM);
	for (struct list *list = lists; list < lists + sizeof lists / sizeof *lists; list++) {
		if (!list->path && strcmp(name, list->name) == 0) {
			list->path = strdup(path);
			memcpy(list->read, latest_maps, sizeof latest_maps);
		}
	}
	if (!enterprises.path && strcmp(name, "enterprises.tsv") == 0) {
		enterprises.path = strdup(path);
		enterprises.table = latest_table;
	}
}

FILE *
fopen(const char *path, const char *mode)
{
	typedef FILE *open_t(const char *, const char *);
	FILE *file = ((open_t *)next_of("fopen"))(is_first_file && is_back(path) ? "/dev/null" : path, mode);

	if (file && !is_registered)
		remember(path);
	return file;
}

void *
epan_new(void *data, void *functions)
{
	typedef void *new_t(void *, void *);
	void *made = ((new_t *)next_of("epan_new"))(data, functions);

	is_first_file = false;
	return made;
}

/* What was registered is given back by the end of the process: to free all of it would copy each of its pages first. Sanitizers see it. */
void
epan_cleanup(void)
{
	if (!is_registered || ends_in_full)
		((void (*)(void))next_of("epan_cleanup"))();
}

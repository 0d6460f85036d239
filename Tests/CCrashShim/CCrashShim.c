#define _GNU_SOURCE
#include "CCrashShim.h"
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define NEXT(name) ((__typeof__(&name))next(#name))

// MARK: Steps

typedef enum { BEFORE, AFTER } moment;

static struct {
    const char *below, *kind, *when;
    moment moment;
    long at;
    int trace;
} plan;
static atomic_long steps;
static pthread_once_t planned = PTHREAD_ONCE_INIT;

static void *next(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    // Where a library is loaded later than this one, the whole program is searched.
    if (!found) found = dlsym(RTLD_DEFAULT, name);
    if (!found) abort();
    return found;
}

static void read_plan(void) {
    plan.below = getenv("CRASH_BELOW");
    plan.kind = getenv("CRASH_KIND");
    plan.when = getenv("CRASH_WHEN");
    const char *moment = getenv("CRASH_MOMENT"), *at = getenv("CRASH_AT"), *trace = getenv("CRASH_TRACE");
    plan.moment = moment && strcmp(moment, "after") == 0 ? AFTER : BEFORE;
    plan.at = at ? strtol(at, NULL, 10) : 0;
    plan.trace = trace ? open(trace, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
}

// One write, so that lines of several threads do not mix; what was written survives the process.
static void note(const char *what, const char *when, const char *which) {
    if (plan.trace < 0) return;
    char line[PATH_MAX + 64];
    int length = snprintf(line, sizeof line, "%s %s %s", what, when, which);
    if (length >= (int)sizeof line) length = sizeof line - 1;
    for (int i = 0; i < length; i++)
        if (line[i] == '\n') line[i] = ' ';
    line[length++] = '\n';
    if (write(plan.trace, line, length) != length) abort();
}

static void step(const char *kind, moment moment, const char *which) {
    pthread_once(&planned, read_plan);
    if (plan.when && access(plan.when, F_OK) != 0) return;
    note(kind, moment == BEFORE ? "before" : "after", which);
    if (!plan.kind || strcmp(plan.kind, kind) != 0 || plan.moment != moment) return;
    if (atomic_fetch_add(&steps, 1) + 1 != plan.at) return;
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static bool counts(const char *path) {
    pthread_once(&planned, read_plan);
    return !plan.below || strncmp(path, plan.below, strlen(plan.below)) == 0;
}

static bool descriptor_counts(int descriptor, char path[PATH_MAX]) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0) return false;
    path[length] = 0;
    return counts(path);
}

// MARK: Files

int rename(const char *from, const char *to) {
    bool counting = counts(from);
    if (counting) step("rename", BEFORE, from);
    int result = NEXT(rename)(from, to);
    if (counting) step("rename", AFTER, from);
    return result;
}

int unlink(const char *path) {
    bool counting = counts(path);
    if (counting) step("unlink", BEFORE, path);
    int result = NEXT(unlink)(path);
    if (counting) step("unlink", AFTER, path);
    return result;
}

static int sync_with(int (*call)(int), int descriptor) {
    char path[PATH_MAX];
    bool counting = descriptor_counts(descriptor, path);
    if (counting) step("sync", BEFORE, path);
    int result = call(descriptor);
    if (counting) step("sync", AFTER, path);
    return result;
}

int fsync(int descriptor) { return sync_with(NEXT(fsync), descriptor); }
int fdatasync(int descriptor) { return sync_with(NEXT(fdatasync), descriptor); }
int syncfs(int descriptor) { return sync_with(NEXT(syncfs), descriptor); }

// MARK: Commits
//
// SQLite asks its commit hook just before it commits, whatever the transaction began with. The call that made it do so
// returns when the commit is done.

typedef struct sqlite3 sqlite3;
typedef struct sqlite3_stmt sqlite3_stmt;
int sqlite3_open_v2(const char *, sqlite3 **, int, const char *);
int sqlite3_step(sqlite3_stmt *);
void *sqlite3_commit_hook(sqlite3 *, int (*)(void *), void *);
const char *sqlite3_sql(sqlite3_stmt *);
int sqlite3_stmt_readonly(sqlite3_stmt *);
int sqlite3_stmt_busy(sqlite3_stmt *);

static _Thread_local bool is_committing;

static int commits(void *context) {
    step("commit", BEFORE, context);
    is_committing = true;
    return 0;
}

int sqlite3_open_v2(const char *path, sqlite3 **handle, int flags, const char *vfs) {
    int result = NEXT(sqlite3_open_v2)(path, handle, flags, vfs);
    if (*handle && counts(path)) NEXT(sqlite3_commit_hook)(*handle, commits, "");
    return result;
}

int sqlite3_step(sqlite3_stmt *statement) {
    bool begins = statement && !NEXT(sqlite3_stmt_busy)(statement) && !NEXT(sqlite3_stmt_readonly)(statement);
    if (begins) {
        pthread_once(&planned, read_plan);
        note("write", "-", NEXT(sqlite3_sql)(statement));
    }
    int result = NEXT(sqlite3_step)(statement);
    if (is_committing) {
        is_committing = false;
        step("commit", AFTER, result == 101 ? "done" : "failed");
    }
    return result;
}

// MARK: The final dot

int curl_easy_send(void *easy, const void *buffer, size_t length, size_t *sent) {
    bool is_dot = length == 3 && memcmp(buffer, ".\r\n", 3) == 0;
    if (is_dot) step("dot", BEFORE, "");
    int result = NEXT(curl_easy_send)(easy, buffer, length, sent);
    if (is_dot) step("dot", AFTER, "");
    return result;
}

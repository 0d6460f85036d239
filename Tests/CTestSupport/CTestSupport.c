#define _GNU_SOURCE
#include "CTestSupport.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { mostPassed = 64 };

static void write_process_id(char *const *environment) {
    static const char name[] = "LISTEN_PID=";
    for (; *environment != NULL; environment++) {
        if (strncmp(*environment, name, sizeof name - 1) != 0) continue;
        // Without leading zeros: systemd's library would read an octal number.
        char *digits = *environment + sizeof name - 1;
        pid_t process = getpid();
        int count = 0;
        for (pid_t rest = process; rest > 0; rest /= 10) count++;
        digits[count] = 0;
        for (; count > 0; process /= 10) digits[--count] = (char)('0' + process % 10);
    }
}

static int take_identity(const struct test_spawn_request *request) {
    if (request->group != (gid_t)-1 && (setgroups(1, &request->group) != 0 || setgid(request->group) != 0)) return -1;
    if (request->user != (uid_t)-1 && setuid(request->user) != 0) return -1;
    return 0;
}

static int place_descriptors(const struct test_spawn_request *request, int *report) {
    int count = 3 + request->passed_count;
    int high[3 + mostPassed];
    // First out of the way of all targets, then each to its place.
    for (int index = 0; index < count; index++) {
        int source = index < 3 ? request->standard[index] : request->passed[index - 3];
        high[index] = fcntl(source, F_DUPFD, 3 + mostPassed);
        if (high[index] < 0) return -1;
    }
    *report = fcntl(*report, F_DUPFD_CLOEXEC, 3 + mostPassed);
    if (*report < 0) return -1;
    for (int index = 0; index < count; index++) {
        if (dup2(high[index], index) < 0) return -1;
    }
    return (int)syscall(SYS_close_range, count, ~0U, 1 << 2 /* CLOSE_RANGE_CLOEXEC */);
}

static void run_child(const struct test_spawn_request *request, pid_t parent, int report) {
    sigset_t none;
    sigemptyset(&none);
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setsid();
    struct rlimit files = {request->open_files, request->open_files};
    if (place_descriptors(request, &report) == 0 && (request->directory == NULL || chdir(request->directory) == 0)
        && (request->open_files == 0 || setrlimit(RLIMIT_NOFILE, &files) == 0) && take_identity(request) == 0
        // After the change of identity, which clears it; then the parent may be gone already.
        && prctl(PR_SET_PDEATHSIG, request->parent_death_signal) == 0) {
        if (request->parent_death_signal != 0 && getppid() != parent) _exit(127);
        write_process_id(request->environment);
        execve(request->path, request->arguments, request->environment);
    }
    int error = errno;
    (void)!write(report, &error, sizeof error);
    _exit(127);
}

static pid_t spawn_here(const struct test_spawn_request *request) {
    int report[2];
    if (request->passed_count > mostPassed) {
        errno = EMFILE;
        return -1;
    }
    if (pipe2(report, O_CLOEXEC) != 0) return -1;
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) run_child(request, parent, report[1]);
    int saved = errno;
    close(report[1]);
    int failure = 0;
    ssize_t length = 0;
    if (child > 0) {
        do length = read(report[0], &failure, sizeof failure);
        while (length < 0 && errno == EINTR);
    }
    close(report[0]);
    errno = saved;
    if (child > 0 && length == sizeof failure) {
        syscall(SYS_waitid, 1 /* P_PID */, child, NULL, 4 /* WEXITED */, NULL);
        errno = failure;
        return -1;
    }
    return child;
}

// The kernel sends the parent-death signal when the *thread* that forked ends (prctl(2)). Dispatch's and Swift's
// threads come and go, so one thread that never ends forks for all of them.
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static const struct test_spawn_request *pending;
static pid_t result;
static int result_errno;
static int answered;
static int started;

static void *serve(void *unused) {
    (void)unused;
    pthread_mutex_lock(&lock);
    for (;;) {
        while (pending == NULL) pthread_cond_wait(&changed, &lock);
        result = spawn_here(pending);
        result_errno = errno;
        pending = NULL;
        answered = 1;
        pthread_cond_broadcast(&changed);
    }
    return NULL;
}

pid_t test_spawn(const struct test_spawn_request *request) {
    pthread_mutex_lock(&turn);
    pthread_mutex_lock(&lock);
    if (!started) {
        pthread_t thread;
        int failure = pthread_create(&thread, NULL, serve, NULL);
        if (failure != 0) {
            pthread_mutex_unlock(&lock);
            pthread_mutex_unlock(&turn);
            errno = failure;
            return -1;
        }
        pthread_detach(thread);
        started = 1;
    }
    answered = 0;
    pending = request;
    pthread_cond_broadcast(&changed);
    while (!answered) pthread_cond_wait(&changed, &lock);
    pid_t child = result;
    int error = result_errno;
    pthread_mutex_unlock(&lock);
    pthread_mutex_unlock(&turn);
    errno = error;
    return child;
}

int test_process_descriptor(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

bool test_contains(const void *whole, size_t whole_count, const void *part, size_t part_count) {
    return memmem(whole, whole_count, part, part_count) != NULL;
}

#define _GNU_SOURCE
#include "CHangingNames.h"
#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t change = PTHREAD_COND_INITIALIZER;
static int waiting = 0;
static bool released = false;

static bool hangs(const char *name) {
    static const char suffix[] = ".hangs.test";
    size_t length = name ? strlen(name) : 0;
    return length >= sizeof suffix && strcmp(name + length - (sizeof suffix - 1), suffix) == 0;
}

// The program's own definition comes before the C library's, also for libcurl.
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **result) {
    static int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    if (hangs(name)) {
        pthread_mutex_lock(&lock);
        waiting++;
        while (!released) pthread_cond_wait(&change, &lock);
        waiting--;
        pthread_mutex_unlock(&lock);
        return EAI_AGAIN;
    }
    if (!next) next = (int (*)(const char *, const char *, const struct addrinfo *, struct addrinfo **))dlsym(RTLD_NEXT, "getaddrinfo");
    return next(name, service, hints, result);
}

int hanging_names_waiting(void) {
    pthread_mutex_lock(&lock);
    int count = waiting;
    pthread_mutex_unlock(&lock);
    return count;
}

void hanging_names_release(void) {
    pthread_mutex_lock(&lock);
    released = true;
    pthread_cond_broadcast(&change);
    pthread_mutex_unlock(&lock);
}

#define _GNU_SOURCE
#include "CMovedClock.h"
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

static atomic_int advance = 0;

static bool is_libcurl(const void *caller) {
    Dl_info information;
    return dladdr(caller, &information) != 0 && information.dli_fname && strstr(information.dli_fname, "libcurl");
}

// The program's own definition comes before the C library's, also for libcurl.
int clock_gettime(clockid_t clock, struct timespec *time) {
    static int (*_Atomic next)(clockid_t, struct timespec *);
    if (!next) next = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = next(clock, time);
    int seconds = atomic_load(&advance);
    if (seconds != 0 && clock == CLOCK_MONOTONIC && is_libcurl(__builtin_return_address(0))) time->tv_sec += seconds;
    return result;
}

void moved_clock_advance(int seconds) { atomic_fetch_add(&advance, seconds); }

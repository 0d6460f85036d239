#define _GNU_SOURCE
#include "Epoll.h"
#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>

_Static_assert(LINUX_READABLE == EPOLLIN && LINUX_WRITABLE == EPOLLOUT && LINUX_ONCE == EPOLLONESHOT, "epoll(7)");

int linux_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int linux_epoll_set(int epoll, int descriptor, unsigned interest, unsigned long long token, bool known) {
    struct epoll_event event = {.events = interest, .data.u64 = token};
    // Closing a descriptor removes it, and its number may be a new socket's by now.
    if (known && epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event) == 0) return 0;
    if (known && errno != ENOENT) return -1;
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

int linux_epoll_remove(int epoll, int descriptor) {
    struct epoll_event unused = {0};
    return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &unused);
}

int linux_epoll_take(int epoll, linux_ready *ready, int room) {
    struct epoll_event events[LINUX_EPOLL_BATCH];
    if (room > LINUX_EPOLL_BATCH) room = LINUX_EPOLL_BATCH;
    int count;
    do {
        count = epoll_wait(epoll, events, room, 0);
    } while (count < 0 && errno == EINTR);
    for (int i = 0; i < count; i++) ready[i] = (linux_ready){.token = events[i].data.u64, .events = events[i].events};
    return count;
}

bool linux_peer_has_closed(int descriptor) {
    struct pollfd state = {.fd = descriptor, .events = POLLRDHUP};
    return poll(&state, 1, 0) > 0;
}

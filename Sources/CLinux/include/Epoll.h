// epoll(7), whose header Swift's Glibc module does not have.
#pragma once
#include <stdbool.h>

#define LINUX_EPOLL_BATCH 64

enum { LINUX_READABLE = 0x001, LINUX_WRITABLE = 0x004, LINUX_ONCE = 1 << 30 };

typedef struct {
    unsigned long long token;
    unsigned events;
} linux_ready;

/// A new epoll instance, closed on exec. Its descriptor, or -1 with errno.
int linux_epoll_create(void);

/// Watches `descriptor` for `interest`, or changes what it is watched for when `known`. 0, or -1 with errno.
int linux_epoll_set(int epoll, int descriptor, unsigned interest, unsigned long long token, bool known);

/// Forgets `descriptor`. 0, or -1 with errno.
int linux_epoll_remove(int epoll, int descriptor);

/// Takes what is ready now, at most `room` and LINUX_EPOLL_BATCH, without waiting. Their number, or -1 with errno.
int linux_epoll_take(int epoll, linux_ready *ready, int room);

/// Whether the other side of a socket will send nothing more, even if what it sent is not read yet (POLLRDHUP).
bool linux_peer_has_closed(int descriptor);

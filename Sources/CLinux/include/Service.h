// What a service needs of the kernel besides files and connections.
#pragma once

/// Whether the process may be dumped and traced by its own user (PR_SET_DUMPABLE, prctl(2)). 0, or -1 with errno.
int linux_set_dumpable(int dumpable);

/// How many arenas malloc(3) makes for threads; before the first thread. Each keeps what others have freed in it.
void linux_limit_arenas(int count);

/// Sends `descriptor` over a datagram socket to the socket at `path` (SCM_RIGHTS, unix(7)). 0, or -1 with errno.
int linux_send_descriptor(int socket, const char *path, int descriptor);

// Kernel calls that Glibc declares only under _GNU_SOURCE, which Swift's Glibc module does not define.
#pragma once
#include <stdint.h>
#include <sys/types.h>

#include "Epoll.h"
#include "Service.h"
#include "Spawn.h"

/// Commits the file system that holds `descriptor` to its device (syncfs(2)). 0, or -1 with errno.
int linux_syncfs(int descriptor);

/// Begins to write a part of a file to its device, and does not wait for it (sync_file_range(2)). 0, or -1 with errno.
int linux_begin_writeback(int descriptor, int64_t offset, int64_t length);

/// The peer's identity on a Unix socket (SO_PEERCRED, unix(7)). 0, or -1 with errno.
int linux_peer_credentials(int descriptor, pid_t *process, uid_t *user, gid_t *group);

/// Renames without replacing an existing target (renameat2(2), RENAME_NOREPLACE). 0, or -1 with errno.
int linux_rename_noreplace(int old_directory, const char *old_path, int new_directory, const char *new_path);

/// A memory file that holds `bytes` and can no longer be changed (memfd_create(2)). A descriptor, or -1 with errno.
int linux_sealed_memory_file(const char *name, const void *bytes, size_t count);

// Starting child programs so that nothing of ours leaks into them.
#pragma once
#include <spawn.h>
#include <sys/types.h>

/// A pipe whose ends are closed in programs that are started (pipe2(2), O_CLOEXEC). 0, or -1 with errno.
int linux_pipe(int ends[2]);

/// Closes every descriptor from `first` on in the program to be started (posix_spawn_file_actions_addclosefrom_np(3)).
/// 0, or an error number.
int linux_spawn_close_from(posix_spawn_file_actions_t *actions, int first);

/// A descriptor that becomes readable when `process` has ended (pidfd_open(2)). -1 with errno.
int linux_process_descriptor(pid_t process);

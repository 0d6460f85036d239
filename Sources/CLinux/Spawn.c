#define _GNU_SOURCE
#include "Spawn.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

int linux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int linux_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

int linux_process_descriptor(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

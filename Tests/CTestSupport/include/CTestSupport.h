// Starting and watching child processes in ways that Swift cannot: the parent-death signal belongs to the thread that
// forked, and between fork and exec only async-signal-safe calls are allowed.
#pragma once
#include <stdbool.h>
#include <sys/types.h>

struct test_spawn_request {
    const char *path;
    char *const *arguments;
    /// Entries `NAME=value`. One that begins with `LISTEN_PID=` and has room for ten digits gets the child's id.
    char *const *environment;
    /// The working directory, or NULL for the parent's.
    const char *directory;
    /// The descriptors that become 0, 1 and 2.
    int standard[3];
    /// The descriptors that become 3, 4, …; all others are closed.
    const int *passed;
    int passed_count;
    /// The signal the child gets when this process ends, however it ends; 0 for none.
    int parent_death_signal;
    /// The identity taken before exec, or -1 to keep this one.
    uid_t user;
    gid_t group;
    /// RLIMIT_NOFILE, or 0 to keep this one.
    unsigned long open_files;
};

/// Starts a program as the leader of a session of its own. Returns its process id, or -1 with errno, also when exec failed.
pid_t test_spawn(const struct test_spawn_request *request);

/// A descriptor that is readable once the process has ended (pidfd_open(2)), or -1 with errno.
int test_process_descriptor(pid_t process);

/// Whether `part` stands anywhere in `whole` (memmem(3), which Swift's Glibc module does not show).
bool test_contains(const void *whole, size_t whole_count, const void *part, size_t part_count);

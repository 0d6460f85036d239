#define _GNU_SOURCE
#include "CLinux.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int linux_syncfs(int descriptor) { return syncfs(descriptor); }

int linux_peer_credentials(int descriptor, pid_t *process, uid_t *user, gid_t *group) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -1;
    *process = credentials.pid;
    *user = credentials.uid;
    *group = credentials.gid;
    return 0;
}

int linux_rename_noreplace(int old_directory, const char *old_path, int new_directory, const char *new_path) {
    return renameat2(old_directory, old_path, new_directory, new_path, RENAME_NOREPLACE);
}

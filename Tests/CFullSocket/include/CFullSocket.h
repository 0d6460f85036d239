// A socket of this process that takes nothing. The kernel's own send buffer cannot be filled so exactly that it is full
// between two records of TLS: it always has room for a few bytes more behind the last ones.
#pragma once

/// From now on `descriptor` takes nothing, as if its send buffer were full; -1: every socket takes what the kernel does.
void full_socket_set(int descriptor);

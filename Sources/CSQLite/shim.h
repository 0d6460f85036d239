#pragma once
#include <sqlite3.h>

// Variadic in C. Without it each allocation takes a mutex of the whole process, to count what nobody asks for.
static inline int csqlite_forgo_memory_statistics(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

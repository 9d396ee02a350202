// libsqlite3 for Swift: its header, plus the macros and variadic functions that Swift can't import.
#pragma once

#include <sqlite3.h>

// SQLITE_TRANSIENT: SQLite copies the bytes before the call returns.
static inline int csqlite_bind_text(sqlite3_stmt *_Nonnull statement, int index,
                                    const char *_Nullable text, int length) {
    return sqlite3_bind_text(statement, index, text, length, SQLITE_TRANSIENT);
}

static inline int csqlite_bind_blob(sqlite3_stmt *_Nonnull statement, int index,
                                    const void *_Nullable bytes, int length) {
    return sqlite3_bind_blob(statement, index, bytes, length, SQLITE_TRANSIENT);
}

static inline int csqlite_set_trusted_schema(sqlite3 *_Nonnull database, int on) {
    return sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, on, (int *)0);
}

// Switches off SQLite's count of the memory in use: each allocation takes a lock for it, and nobody reads it.
// Refused once SQLite is in use (sqlite.org/c3ref/config.html).
static inline int csqlite_disable_memory_statistics(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

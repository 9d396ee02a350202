// Linux calls that Swift's Glibc module leaves out.
#pragma once

#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

// prctl(2) is variadic. No core dumps, and no reading of our memory through /proc.
static inline int clinux_forbid_dumps(void) {
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static inline int clinux_eventfd(void) {
    return eventfd(0, EFD_CLOEXEC);
}

// The thread's name, at most 15 characters, as ps(1) and gdb show it.
static inline int clinux_name_thread(const char *name) {
    return prctl(PR_SET_NAME, name, 0, 0, 0);
}

// In glibc since 2.34, but hidden without _GNU_SOURCE.
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

// The program gets no descriptor from `from` on, whoever opened it without close-on-exec.
static inline int clinux_close_from(posix_spawn_file_actions_t *actions, int from) {
    return posix_spawn_file_actions_addclosefrom_np(actions, from);
}

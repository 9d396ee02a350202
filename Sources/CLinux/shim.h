// Linux calls that Swift's Glibc module leaves out.
#pragma once

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

// In glibc since 2.34, but hidden without _GNU_SOURCE. Under a name and a type of our own: with <spawn.h>
// this module would claim types that belong to Glibc's.
extern int clinux_addclosefrom(void *actions, int from)
    __asm__("posix_spawn_file_actions_addclosefrom_np");

// The program gets no descriptor from `from` on, whoever opened it without close-on-exec.
static inline int clinux_close_from(void *actions, int from) {
    return clinux_addclosefrom(actions, from);
}

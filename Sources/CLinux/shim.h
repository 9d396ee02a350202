// Linux calls that Swift's Glibc module leaves out.
#pragma once

#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/vfs.h>
#include <syslog.h>

// prctl(2) is variadic. No core dumps, and no reading of our memory through /proc.
static inline int clinux_forbid_dumps(void) {
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

// The kind of the file system that a file lies on (statfs(2)); 0 when that can't be said.
static inline unsigned clinux_file_system(const char *path) {
    struct statfs system;
    return statfs(path, &system) == 0 ? (unsigned)system.f_type : 0;
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

// execvp(3) with an environment, hidden without _GNU_SOURCE like the above.
extern int clinux_execvpe(const char *_Nonnull file, char *_Nullable const *_Nonnull arguments,
                          char *_Nullable const *_Nonnull environment) __asm__("execvpe");

// syslog(3) is variadic. The name of the program must stay where it is. For eyes that may see who works
// with whose token: LOG_AUTHPRIV.
static inline void clinux_log_notice(const char *_Nonnull program, const char *_Nonnull line) {
    openlog(program, LOG_PID, LOG_AUTHPRIV);
    syslog(LOG_NOTICE, "%s", line);
}

// mallopt(3), whose header would claim <stdio.h>'s types; M_ARENA_MAX is -8. glibc gives each thread a heap of
// its own, up to eight for each core, and what one thread frees another can't use.
extern int clinux_mallopt(int parameter, int value) __asm__("mallopt");

static inline void clinux_limit_heaps(int count) {
    clinux_mallopt(-8, count);
}

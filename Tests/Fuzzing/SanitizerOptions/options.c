// What AddressSanitizer reads at start, in every program of the sanitized build: the tests run programs
// with environments of their own, so variables would not reach them.

#include "sanitizer_options.h"

// Swift's caches are never freed, and our programs forbid the tracing that a search for leaks needs.
// The limit on core dumps is ours to set.
const char *__asan_default_options(void) { return "detect_leaks=0:disable_coredump=0"; }

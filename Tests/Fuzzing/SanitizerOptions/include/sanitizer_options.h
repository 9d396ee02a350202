// The names that AddressSanitizer looks for.
#pragma once

const char *__asan_default_options(void);
const char *__asan_default_suppressions(void);

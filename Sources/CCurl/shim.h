// libcurl for Swift, loaded when the first request is sent. Linked as usual, it and the twenty libraries
// behind it cost every start 6 ms, and most runs send nothing. The header is used, so types are checked.
#pragma once

#include <curl/curl.h>

// What of libcurl is called.
#define CCURL_FUNCTIONS(X) \
    X(easy_cleanup) X(easy_getinfo) X(easy_header) X(easy_init) X(easy_setopt) X(easy_strerror) \
    X(global_init) \
    X(multi_add_handle) X(multi_cleanup) X(multi_info_read) X(multi_init) X(multi_perform) \
    X(multi_poll) X(multi_remove_handle) X(multi_setopt) \
    X(share_cleanup) X(share_init) X(share_setopt) X(version_info)

// Without libcurl's own macros, which check arguments and then call the function by its name.
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt
#undef curl_share_setopt

typedef struct {
#define CCURL_MEMBER(name) __typeof__(&curl_##name) _Nonnull name;
    CCURL_FUNCTIONS(CCURL_MEMBER)
#undef CCURL_MEMBER
} __attribute__((swift_attr("@Sendable"))) ccurl_library;

// Not by <dlfcn.h>, whose types belong to Swift's Glibc module.
extern void *_Nullable ccurl_dlopen(const char *_Nonnull file, int mode) __asm__("dlopen");
extern void *_Nullable ccurl_dlsym(void *_Nonnull library, const char *_Nonnull name) __asm__("dlsym");

// NULL when the library or one of its functions is missing: dlerror(3) says which.
static inline const ccurl_library *_Nullable ccurl_load(void) {
    static ccurl_library functions;
    const int lazily = 1;
    void *library = ccurl_dlopen("libcurl.so.4", lazily);
    if (!library) return NULL;
#define CCURL_LOOK_UP(name) \
    functions.name = (__typeof__(&curl_##name))ccurl_dlsym(library, "curl_" #name); \
    if (!functions.name) return NULL;
    CCURL_FUNCTIONS(CCURL_LOOK_UP)
#undef CCURL_LOOK_UP
    return &functions;
}

static inline curl_version_info_data *_Nullable ccurl_version(ccurl_library curl) {
    return curl.version_info(CURLVERSION_NOW);
}

static inline const char *_Nonnull ccurl_error_text(ccurl_library curl, CURLcode code) {
    return curl.easy_strerror(code);
}

// Swift can't call variadic C functions, so there is one stand-in per argument type. `long`, never int
// or bool: libcurl reads a long from the argument list.

typedef size_t (*ccurl_write_callback)(char *_Nonnull bytes, size_t size, size_t count,
                                       void *_Nullable context);

static inline CURLcode ccurl_set_long(ccurl_library curl, CURL *_Nonnull handle,
                                      CURLoption option, long value) {
    return curl.easy_setopt(handle, option, value);
}

static inline CURLcode ccurl_set_string(ccurl_library curl, CURL *_Nonnull handle,
                                        CURLoption option, const char *_Nullable value) {
    return curl.easy_setopt(handle, option, value);
}

static inline CURLcode ccurl_set_pointer(ccurl_library curl, CURL *_Nonnull handle,
                                         CURLoption option, void *_Nullable value) {
    return curl.easy_setopt(handle, option, value);
}

static inline CURLcode ccurl_set_headers(ccurl_library curl, CURL *_Nonnull handle,
                                         struct curl_slist *_Nullable list) {
    return curl.easy_setopt(handle, CURLOPT_HTTPHEADER, list);
}

static inline CURLcode ccurl_set_write_callback(ccurl_library curl,
                                                CURL *_Nonnull handle,
                                                ccurl_write_callback _Nonnull callback) {
    return curl.easy_setopt(handle, CURLOPT_WRITEFUNCTION, callback);
}

static inline CURLcode ccurl_set_socket_callbacks(ccurl_library curl, CURL *_Nonnull handle,
                                                  curl_sockopt_callback _Nonnull opened,
                                                  curl_closesocket_callback _Nonnull closed) {
    CURLcode code = curl.easy_setopt(handle, CURLOPT_SOCKOPTFUNCTION, opened);
    if (code != CURLE_OK) return code;
    return curl.easy_setopt(handle, CURLOPT_CLOSESOCKETFUNCTION, closed);
}

static inline CURLMcode ccurl_multi_set_long(ccurl_library curl,
                                             CURLM *_Nonnull handle, CURLMoption option,
                                             long value) {
    return curl.multi_setopt(handle, option, value);
}

static inline CURLcode ccurl_get_long(ccurl_library curl, CURL *_Nonnull handle,
                                      CURLINFO info, long *_Nonnull value) {
    return curl.easy_getinfo(handle, info, value);
}

static inline CURLcode ccurl_get_offset(ccurl_library curl, CURL *_Nonnull handle,
                                        CURLINFO info, curl_off_t *_Nonnull value) {
    return curl.easy_getinfo(handle, info, value);
}

static inline CURLSHcode ccurl_share_long(ccurl_library curl, CURLSH *_Nonnull share,
                                          CURLSHoption option, long value) {
    return curl.share_setopt(share, option, value);
}

// The result of a finished transfer sits in a union that Swift imports under no name.
static inline CURLcode ccurl_message_result(const CURLMsg *_Nonnull message) {
    return message->data.result;
}

// libcurl for Swift. Swift can't call variadic C functions, so there is one stand-in per argument
// type. `long`, never int or bool: libcurl reads a long from the argument list.
#pragma once

#include <curl/curl.h>

typedef size_t (*ccurl_write_callback)(char *_Nonnull bytes, size_t size, size_t count,
                                       void *_Nullable context);

static inline CURLcode ccurl_set_long(CURL *_Nonnull handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode ccurl_set_string(CURL *_Nonnull handle, CURLoption option,
                                        const char *_Nullable value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode ccurl_set_pointer(CURL *_Nonnull handle, CURLoption option,
                                         void *_Nullable value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode ccurl_set_headers(CURL *_Nonnull handle, struct curl_slist *_Nullable list) {
    return curl_easy_setopt(handle, CURLOPT_HTTPHEADER, list);
}

static inline CURLcode ccurl_set_write_callback(CURL *_Nonnull handle,
                                                ccurl_write_callback _Nonnull callback) {
    return curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, callback);
}

static inline CURLMcode ccurl_multi_set_long(CURLM *_Nonnull handle, CURLMoption option,
                                             long value) {
    return curl_multi_setopt(handle, option, value);
}

static inline CURLcode ccurl_get_long(CURL *_Nonnull handle, CURLINFO info,
                                      long *_Nonnull value) {
    return curl_easy_getinfo(handle, info, value);
}

// The result of a finished transfer sits in a union that Swift imports under no name.
static inline CURLcode ccurl_message_result(const CURLMsg *_Nonnull message) {
    return message->data.result;
}

static inline curl_version_info_data *_Nullable ccurl_version(void) {
    return curl_version_info(CURLVERSION_NOW);
}

static inline CURLcode ccurl_get_offset(CURL *_Nonnull handle, CURLINFO info,
                                        curl_off_t *_Nonnull value) {
    return curl_easy_getinfo(handle, info, value);
}

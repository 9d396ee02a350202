// The limit of libcurl: one multi loop with the settings that proved best, no JSON, nothing stored.
//
// multi URL CA TOKENS CONCURRENCY 1|2: redeems the refresh tokens of the file, one a line, over
// HTTP/1.1 or HTTP/2, prints how many worked.
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Four HTTP/2 connections carry 500 requests; more were no faster.
enum { HTTP2_CONNECTIONS = 4 };

static size_t discard(char *bytes, size_t size, size_t count, void *context) {
    (void)bytes;
    (void)context;
    return size * count;
}

static CURL *transfer(const char *url, const char *ca, int http2) {
    CURL *handle = curl_easy_init();
    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_CAINFO, ca);
    // Debian sets a directory, and with one libcurl parses the roots for every connection anew.
    curl_easy_setopt(handle, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(handle, CURLOPT_HTTP_VERSION,
                     http2 ? (long)CURL_HTTP_VERSION_2TLS : (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(handle, CURLOPT_PIPEWAIT, 1L);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, discard);
    return handle;
}

// Points the handle at the next line of the file and starts it; 0 at the end of the file.
static int start(CURLM *multi, CURL *handle, FILE *tokens) {
    char line[8192], form[9000];
    if (!fgets(line, sizeof line, tokens)) return 0;
    line[strcspn(line, "\n")] = 0;
    snprintf(form, sizeof form,
             "client_id=bench&client_secret=secret&grant_type=refresh_token&refresh_token=%s", line);
    curl_easy_setopt(handle, CURLOPT_COPYPOSTFIELDS, form);
    return curl_multi_add_handle(multi, handle) == CURLM_OK;
}

int main(int count, char **arguments) {
    if (count != 6) return 64;
    int http2 = arguments[5][0] == '2';
    int concurrency = atoi(arguments[4]);
    FILE *tokens = fopen(arguments[3], "r");
    if (!tokens) return 66;

    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM *multi = curl_multi_init();
    long connections = http2 ? HTTP2_CONNECTIONS : concurrency;
    curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, connections);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, connections);
    curl_multi_setopt(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, 250L);
    int running = 0;
    long succeeded = 0;
    while (running < concurrency && start(multi, transfer(arguments[1], arguments[2], http2), tokens))
        running++;
    while (running > 0) {
        int active, queued;
        curl_multi_perform(multi, &active);
        for (CURLMsg *message; (message = curl_multi_info_read(multi, &queued));) {
            CURL *handle = message->easy_handle;
            long status = 0;
            curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
            succeeded += message->data.result == CURLE_OK && status == 200;
            curl_multi_remove_handle(multi, handle);
            if (!start(multi, handle, tokens)) running--;
        }
        if (running > 0) curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    printf("%ld\n", succeeded);
}

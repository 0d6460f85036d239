// libcurl's variadic functions, one wrapper per argument type: Swift cannot call C variadics.
#pragma once
#include <curl/curl.h>

// Swift does not see constants with casts in them.
enum { LIBCURL_AUTH_BASIC = CURLAUTH_BASIC };

static inline curl_version_info_data *libcurl_version(void) { return curl_version_info(CURLVERSION_NOW); }

static inline CURLcode libcurl_set_long(CURL *easy, CURLoption option, long value) {
    return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode libcurl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return (curl_easy_setopt)(easy, option, value);
}

// libcurl copies the text, except CURLOPT_POSTFIELDS.
static inline CURLcode libcurl_set_text(CURL *easy, CURLoption option, const char *text) {
    return (curl_easy_setopt)(easy, option, text);
}

static inline CURLcode libcurl_set_pointer(CURL *easy, CURLoption option, void *value) {
    return (curl_easy_setopt)(easy, option, value);
}

// CURLOPT_WRITEFUNCTION, CURLOPT_HEADERFUNCTION, CURLOPT_READFUNCTION.
static inline CURLcode libcurl_set_data_function(CURL *easy, CURLoption option,
                                                 size_t (*function)(char *, size_t, size_t, void *)) {
    return (curl_easy_setopt)(easy, option, function);
}

static inline CURLcode libcurl_set_open_socket_function(CURL *easy, curl_opensocket_callback function) {
    return (curl_easy_setopt)(easy, CURLOPT_OPENSOCKETFUNCTION, function);
}

static inline CURLcode libcurl_set_tls_function(CURL *easy, curl_ssl_ctx_callback function) {
    return (curl_easy_setopt)(easy, CURLOPT_SSL_CTX_FUNCTION, function);
}

static inline CURLcode libcurl_get_long(CURL *easy, CURLINFO info, long *value) {
    return (curl_easy_getinfo)(easy, info, value);
}

static inline CURLcode libcurl_get_offset(CURL *easy, CURLINFO info, curl_off_t *value) {
    return (curl_easy_getinfo)(easy, info, value);
}

static inline CURLcode libcurl_get_socket(CURL *easy, curl_socket_t *value) {
    return (curl_easy_getinfo)(easy, CURLINFO_ACTIVESOCKET, value);
}

static inline CURLcode libcurl_get_text(CURL *easy, CURLINFO info, const char **value) {
    return (curl_easy_getinfo)(easy, info, value);
}

static inline CURLcode libcurl_get_certificates(CURL *easy, struct curl_certinfo **value) {
    return (curl_easy_getinfo)(easy, CURLINFO_CERTINFO, value);
}

static inline CURLcode libcurl_get_tls_session(CURL *easy, struct curl_tlssessioninfo **value) {
    return (curl_easy_getinfo)(easy, CURLINFO_TLS_SSL_PTR, value);
}

static inline CURLMcode libcurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return (curl_multi_setopt)(multi, option, value);
}

static inline CURLMcode libcurl_multi_set_pointer(CURLM *multi, CURLMoption option, void *value) {
    return (curl_multi_setopt)(multi, option, value);
}

static inline CURLMcode libcurl_multi_set_socket_function(CURLM *multi, curl_socket_callback function) {
    return (curl_multi_setopt)(multi, CURLMOPT_SOCKETFUNCTION, function);
}

static inline CURLMcode libcurl_multi_set_timer_function(CURLM *multi, curl_multi_timer_callback function) {
    return (curl_multi_setopt)(multi, CURLMOPT_TIMERFUNCTION, function);
}

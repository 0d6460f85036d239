// The limit that fetching is measured against: one connection, one UID FETCH, one file a message, one syncfs per 200
// files and nothing else. No ledger, no identity, no recovery: what remains above it is what those cost. It writes where
// others read, who may meet half a message. With --publish it delivers as a Maildir wants it: written and synced in tmp,
// then renamed into new, and the names synced. With --headers the limit of a recovery: the header fields by which messages
// are known again, read and forgotten.
//
// usage: bare-reader HOST PORT USER PASSWORD DIRECTORY [--publish]
//        bare-reader HOST PORT USER PASSWORD --headers
// Prints: messages, octets, syncs.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { buffer_size = 1 << 18, files_per_sync = 200 };

static SSL *tls;
static char buffer[buffer_size];
static int start, end;

static void fail(const char *what) {
    fprintf(stderr, "bare-reader: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void fill(void) {
    if (start == end) start = end = 0;
    if (end == buffer_size) {
        memmove(buffer, buffer + start, end - start);
        end -= start;
        start = 0;
    }
    int got = SSL_read(tls, buffer + end, buffer_size - end);
    if (got <= 0) fail("read");
    end += got;
}

// The next line with its line end; valid until the next call.
static char *line(int *length) {
    for (;;) {
        char *newline = memchr(buffer + start, '\n', end - start);
        if (newline) {
            char *first = buffer + start;
            *length = (int)(newline - first) + 1;
            start += *length;
            return first;
        }
        if (end - start == buffer_size) fail("line too long");
        fill();
    }
}

static void send_line(const char *text) {
    if (SSL_write(tls, text, (int)strlen(text)) <= 0) fail("write");
}

static void await(const char *tag) {
    int length;
    for (;;) {
        char *text = line(&length);
        if (strncmp(text, tag, strlen(tag)) == 0) {
            if (strncmp(text + strlen(tag) + 1, "OK", 2) != 0) fail(text);
            return;
        }
    }
}

static int dial(const char *host, const char *port) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *addresses;
    if (getaddrinfo(host, port, &hints, &addresses) != 0) fail("getaddrinfo");
    int descriptor = socket(addresses->ai_family, SOCK_STREAM, 0);
    if (descriptor < 0 || connect(descriptor, addresses->ai_addr, addresses->ai_addrlen) != 0) fail("connect");
    freeaddrinfo(addresses);
    return descriptor;
}

static void open_inbox(const char *user, const char *password) {
    char text[4096];
    int length;
    line(&length);
    snprintf(text, sizeof text, "a LOGIN %s %s\r\n", user, password);
    send_line(text);
    await("a");
    send_line("b EXAMINE INBOX\r\n");
    await("b");
}

static void read_headers(void) {
    long messages = 0;
    long long octets = 0;
    int length;
    send_line("c UID FETCH 1:* (UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID DATE FROM TO SUBJECT LIST-ID "
              "DELIVERED-TO)])\r\n");
    for (;;) {
        char *response = line(&length);
        if (response[0] == 'c') break;
        char *brace = memrchr(response, '{', length);
        if (!brace) continue;
        long long rest = atoll(brace + 1);
        octets += rest;
        while (rest > 0) {
            if (start == end) fill();
            int part = end - start < rest ? end - start : (int)rest;
            start += part;
            rest -= part;
        }
        line(&length);
        messages++;
    }
    printf("%ld %lld 0\n", messages, octets);
}

// Makes the files from `first` on durable, and gives them to readers if they were written elsewhere.
static void sync_files(int directory, const char *place, long first, long end, int publish) {
    if (syncfs(directory) != 0) fail("syncfs");
    if (!publish) return;
    char from[4096], to[4096];
    for (long message = first; message < end; message++) {
        snprintf(from, sizeof from, "%s/tmp/%ld.bare", place, message);
        snprintf(to, sizeof to, "%s/new/%ld.bare", place, message);
        if (rename(from, to) != 0) fail(to);
    }
    snprintf(to, sizeof to, "%s/new", place);
    int new = open(to, O_RDONLY | O_DIRECTORY);
    if (new < 0 || fsync(new) != 0) fail(to);
    close(new);
}

int main(int count, char **arguments) {
    if (count < 6) return 64;
    int publish = count > 6 && strcmp(arguments[6], "--publish") == 0;
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    tls = SSL_new(context);
    SSL_set_fd(tls, dial(arguments[1], arguments[2]));
    if (SSL_connect(tls) != 1) fail("TLS");

    open_inbox(arguments[3], arguments[4]);
    if (strcmp(arguments[5], "--headers") == 0) {
        read_headers();
        send_line("d LOGOUT\r\n");
        return 0;
    }

    int length;
    char path[4096];
    const char *directories[] = {"", "/tmp", "/new", "/cur"};
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s%s", arguments[5], directories[i]);
        if (mkdir(path, 0700) != 0 && errno != EEXIST) fail(path);
    }
    int directory = open(arguments[5], O_RDONLY | O_DIRECTORY);
    long messages = 0, synced = 0, syncs = 0;
    long long octets = 0;
    send_line("c UID FETCH 1:* (UID BODY.PEEK[])\r\n");
    for (;;) {
        char *response = line(&length);
        if (response[0] == 'c') break;
        char *brace = memrchr(response, '{', length);
        if (!brace) continue;
        long long rest = atoll(brace + 1);
        snprintf(path, sizeof path, "%s/%s/%ld.bare", arguments[5], publish ? "tmp" : "new", messages);
        int file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
        if (file < 0) fail(path);
        octets += rest;
        while (rest > 0) {
            if (start == end) fill();
            int part = end - start < rest ? end - start : (int)rest;
            if (write(file, buffer + start, part) != part) fail("write");
            start += part;
            rest -= part;
        }
        close(file);
        line(&length);
        if (++messages - synced < files_per_sync) continue;
        sync_files(directory, arguments[5], synced, messages, publish);
        synced = messages;
        syncs++;
    }
    sync_files(directory, arguments[5], synced, messages, publish);
    syncs++;
    send_line("d LOGOUT\r\n");
    printf("%ld %lld %ld\n", messages, octets, syncs);
    return 0;
}

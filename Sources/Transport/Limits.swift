/// What bounds this module.
enum Limits {
    /// libcurl searches a multi handle's connections one by one at each send and receive: 0.5 µs at 100, 82 at 9,000.
    static let connectionsPerMulti = 500
    /// Multi handles without connections that a loop keeps.
    static let emptyMultis = 4
    /// The most that one `read` returns, and so the most that one connection keeps its event loop from the others.
    static let chunk = 256 * 1024
    /// What one `curl_easy_send` is given: OpenSSL reports no progress before all of it is accepted.
    static let writePiece = 64 * 1024
    /// What one system call takes from the socket under TLS.
    static let readAhead = 64 * 1024
    /// All lines of a server before signing in.
    static let preamble = 64 * 1024
    /// A file of added certificates.
    static let caFile = 4 * 1024 * 1024
    /// The descriptions that libcurl writes (CURL_ERROR_SIZE).
    static let errorText = 256
    /// A server's line in a failure.
    static let serverLine = 1000
    /// Addresses of one name that are remembered.
    static let triedAddresses = 16
    /// All header fields of an HTTP response.
    static let responseHeaders = 64 * 1024
    /// What is read ahead of a request's body that comes from a file.
    static let bodyPiece = 64 * 1024
    /// HTTPS connections that are kept open for the next request, for each trust.
    static let keptHTTPSConnections = 8
    /// What an epoll instance hands out at a time, and how often before other work gets its turn.
    static let readyBatch = 64
    static let readyRounds = 8
}

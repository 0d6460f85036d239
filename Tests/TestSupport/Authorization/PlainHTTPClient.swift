import Foundation

/// One HTTP request on a connection of its own, for tests of the servers themselves.
public enum PlainHTTPClient {
    public struct Answer: Sendable {
        public let status: Int
        public let headers: [String: String]
        public let body: String
        /// Whether all of the announced body came.
        public let isComplete: Bool

        /// The members of a JSON object that are texts or numbers, all as texts.
        public var members: [String: String] {
            let object = try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
            return object?.compactMapValues { ($0 as? String) ?? ($0 as? NSNumber)?.stringValue } ?? [:]
        }
    }

    /// - Parameter form: Encoded here; `nil` sends a GET.
    /// - Returns: `nil` when the server closed without a word.
    public static func send(
        _ url: String, form: [(String, String)]?, headers: [String: String] = [:]
    ) async throws -> Answer? {
        try await send(
            url, body: form?.map { "\(encode($0))=\(encode($1))" }.joined(separator: "&"), headers: headers)
    }

    /// - Parameters:
    ///   - method: `nil`: POST with a body, else GET.
    ///   - body: of a form, unless `headers` say something else.
    public static func send(
        _ url: String, method: String? = nil, body: String?, headers: [String: String] = [:]
    ) async throws -> Answer? {
        guard let match = url.firstMatch(of: /^http:\/\/([^:]+):(\d+)(\/.*)$/), let port = Int(match.2) else {
            preconditionFailure("\(url) is no address of a test server")
        }
        let client = try await LineClient(port: port)
        var request =
            "\(method ?? (body == nil ? "GET" : "POST")) \(match.3) HTTP/1.1\r\nHost: \(match.1):\(port)\r\n"
        request += "Connection: close\r\n"
        for (name, value) in headers { request += "\(name): \(value)\r\n" }
        if let body {
            if headers["Content-Type"] == nil { request += "Content-Type: application/x-www-form-urlencoded\r\n" }
            request += "Content-Length: \(body.utf8.count)\r\n"
        }
        try client.send(bytes: Array((request + "\r\n" + (body ?? "")).utf8))
        return try await answer(client)
    }

    /// Percent-encodes everything but RFC 3986's unreserved characters.
    public static func encode(_ text: String) -> String {
        let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        return text.utf8.map { byte in
            if unreserved.contains(byte) { return String(UnicodeScalar(byte)) }
            return (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }

    private static func answer(_ client: LineClient) async throws -> Answer? {
        guard let statusLine = try await client.line() else { return nil }
        var headers: [String: String] = [:]
        while let line = try await client.line(), !line.isEmpty {
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            if parts.count == 2 { headers[parts[0].lowercased()] = parts[1] }
        }
        let length = headers["content-length"].flatMap { Int($0) }
        var body = ""
        if let length {
            // Not every server closes, whatever it says.
            body = String(decoding: try await client.octets(length), as: UTF8.self)
        } else {
            var lines: [String] = []
            while let line = try await client.line() { lines.append(line) }
            body = lines.joined(separator: "\n")
        }
        let status = Int(statusLine.split(separator: " ")[1]) ?? 0
        let isComplete = length == body.utf8.count
        return Answer(status: status, headers: headers, body: body, isComplete: isComplete)
    }
}

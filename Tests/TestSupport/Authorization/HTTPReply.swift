/// What a test server does with a request.
public enum HTTPReply: Sendable {
    case complete(HTTPAnswer)
    /// The head and half of the body, then the connection is closed.
    case half(HTTPAnswer)
    /// Nothing; the connection is closed.
    case close
}

/// A status, headers and a body.
public struct HTTPAnswer: Sendable {
    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    public init(_ status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public static func json(_ value: JSONValue, status: Int = 200) -> HTTPAnswer {
        let headers = [
            (name: "Content-Type", value: "application/json; charset=utf-8"),
            (name: "Cache-Control", value: "no-store"),
        ]
        return HTTPAnswer(status, headers: headers, body: value.bytes)
    }
}

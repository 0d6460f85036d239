import Authorization
import Diagnostics
import MailModel
import TestSupport

/// A provider that answers what a test says, and remembers what it was asked.
final class ScriptedProvider: TokenTransport {
    struct Request: Sendable {
        var url: String
        var form: [String: String]
        subscript(_ name: String) -> String? { form[name] }
    }

    typealias Answer = @Sendable (Request, Int) async throws -> TokenReply

    private let received = Watched<[Request]>([])
    private let answer = Watched<Answer> { _, number in .token("access-\(number)") }

    init(_ answer: Answer? = nil) { if let answer { answers(answer) } }

    /// `answer` gets the request and its number, 1 for the first.
    func answers(_ answer: @escaping Answer) { self.answer.update { $0 = answer } }
    func answers(_ reply: TokenReply) { answers { _, _ in reply } }

    var requests: [Request] { received.value }

    func requests(atLeast count: Int) async throws {
        try await received.wait(for: "\(count) token requests") { $0.count >= count }
    }

    func post(_ form: Secret, to url: String, of provider: Provider, operation: String, timeout: Duration)
        async throws -> TokenReply
    {
        let request = Request(url: url, form: Self.decode(form.reveal()))
        let number = received.update { requests in
            requests.append(request)
            return requests.count
        }
        return try await answer.value(request, number)
    }

    func get(_ url: String, of provider: Provider, operation: String, timeout: Duration) async throws -> TokenReply {
        try await post(Secret(""), to: url, of: provider, operation: operation, timeout: timeout)
    }

    private static func decode(_ form: String) -> [String: String] {
        var fields: [String: String] = [:]
        for pair in form.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(decode)
            fields[parts[0]] = parts.count == 2 ? parts[1] : ""
        }
        return fields
    }

    private static func decode(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = [UInt8](hexadecimal: String(decoding: rest.prefix(2), as: UTF8.self))
            {
                bytes += value
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? 32 : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension TokenReply {
    static func json(_ status: Int = 200, _ text: String, retryAfter: String? = nil) -> TokenReply {
        TokenReply(status: status, retryAfter: retryAfter, body: Array(text.utf8))
    }

    /// A grant as Entra gives it.
    static func token(
        _ access: String, lifetime: Int = 3600, refresh: String? = nil, more: String = ""
    ) -> TokenReply {
        let rotated = refresh.map { ",\"refresh_token\":\"\($0)\"" } ?? ""
        return .json(
            200,
            "{\"token_type\":\"Bearer\",\"access_token\":\"\(access)\",\"expires_in\":\(lifetime)\(rotated)\(more)}")
    }

    static func refusal(_ error: String, status: Int = 400, _ description: String = "", more: String = "")
        -> TokenReply
    {
        .json(status, "{\"error\":\"\(error)\",\"error_description\":\"\(description)\"\(more)}")
    }
}

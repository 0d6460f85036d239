import Diagnostics
import MailModel
import MailProtocol
import Testing

/// Plays the server and the code around an `SMTPSession`: `S:` lines go in, what is sent must be the `C:` lines.
struct SMTPDialog {
    var session: SMTPSession
    /// All actions that are not `send`, in order.
    var actions: [SMTPAction] = []
    private var sent: [UInt8] = []

    init(_ capabilities: SMTPCapabilities = .everything) { session = SMTPSession(capabilities: capabilities) }

    var result: SMTPResult? {
        actions.lazy.compactMap { if case .finished(let result) = $0 { result } else { nil } }.last
    }
    var isClosed: Bool { actions.contains { if case .close = $0 { true } else { false } } }
    var signInFailure: Failure? {
        actions.lazy.compactMap { if case .signInFailed(let failure) = $0 { failure } else { nil } }.last
    }

    mutating func perform(_ new: [SMTPAction]) {
        for action in new {
            switch action {
            case .send(let line), .sendFinalDot(let line):
                sent += line.withBytes { $0 }
                if case .sendFinalDot = action { actions.append(action) }
            default: actions.append(action)
            }
        }
    }

    mutating func server(_ lines: String...) {
        perform(session.receive(lines.map { $0 + "\r\n" }.joined().utf8))
    }

    /// What was sent since this was asked, without the last CRLF.
    mutating func client() -> [String] {
        defer { sent = [] }
        let lines = String(decoding: sent, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
        return lines.dropLast().map(String.init)
    }

    /// Sends content, commits the marker, and sends the final dot, as far as the session asks for it.
    mutating func sendContent() {
        perform(session.contentSent())
        perform(session.markerCommitted())
    }
}

extension SMTPCapabilities {
    static var everything: SMTPCapabilities {
        SMTPCapabilities(
            reply: SMTPReply(
                code: 250,
                lines: [
                    "x", "PIPELINING", "SIZE 1000000", "8BITMIME", "SMTPUTF8", "AUTH XOAUTH2 OAUTHBEARER PLAIN LOGIN",
                ]))
    }
    static var nothing: SMTPCapabilities { SMTPCapabilities() }
    static func with(_ keywords: String...) -> SMTPCapabilities {
        SMTPCapabilities(reply: SMTPReply(code: 250, lines: ["x"] + keywords))
    }
}

extension SMTPEnvelope {
    static func to(_ recipients: String..., from: String? = "a@x.test", size: Int64? = 100) throws -> SMTPEnvelope {
        try SMTPEnvelope(
            reversePath: from.flatMap { MailAddress($0) }, recipients: recipients.compactMap { MailAddress($0) },
            size: size)
    }
}

extension SMTPOutcome {
    /// For comparing: the case and the reply's code.
    var short: String {
        switch self {
        case .accepted(let reply): "accepted \(reply.code)"
        case .deferred(let failure): "deferred \(failure.serverLine?.prefix(3) ?? "-")"
        case .failed(let failure): "failed \(failure.serverLine?.prefix(3) ?? "-")"
        case .inDoubt: "in doubt"
        }
    }
}

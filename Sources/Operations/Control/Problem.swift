import Diagnostics

/// Why a request was not done, as a problem document (RFC 9457) and as the exit code of the command that asked.
public struct Problem: Error, Codable, Hashable, Sendable {
    /// The kinds of interface.md §3, each with one HTTP status and one exit code.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// The request itself makes no sense.
        case usage
        /// The message is not accepted and will not be.
        case refused
        /// No such account, folder, message or sign-in.
        case notFound = "not_found"
        /// The state of what it is about does not allow it.
        case conflict
        /// What was asked for is in trouble, and somebody must act before it can be done.
        case trouble
        /// Not now; nothing was stored.
        case tryLater = "try_later"
        /// The daemon is being stopped or restarted; nothing was stored. A client waits for the next one.
        case stopping
        case notPermitted = "not_permitted"
        case configuration
        case internalError = "internal"

        /// HTTP's status code (RFC 9110 §15).
        public var status: Int {
            switch self {
            case .usage: 400
            case .refused: 422
            case .notFound: 404
            case .conflict, .trouble: 409
            case .tryLater, .stopping: 503
            case .notPermitted: 403
            case .configuration: 422
            case .internalError: 500
            }
        }

        /// As sysexits(3) has it.
        public var exitCode: Int32 {
            switch self {
            case .conflict, .trouble: 1
            case .usage: 64
            case .refused: 65
            case .notFound: 66
            case .stopping: 69
            case .internalError: 70
            case .tryLater: 75
            case .notPermitted: 77
            case .configuration: 78
            }
        }
    }

    public var kind: Kind
    /// What happened and what to do.
    public var detail: String
    /// The server's own line, where one is behind it.
    public var serverLine: String?
    /// All of them, where there are several: configuration errors as `FILE:LINE:COLUMN: message`.
    public var errors: [String]?
    /// Seconds after which another try makes sense.
    public var retryAfter: Int?

    public init(
        _ kind: Kind, _ detail: String, serverLine: String? = nil, errors: [String]? = nil, retryAfter: Int? = nil
    ) {
        self.kind = kind
        self.detail = detail
        self.serverLine = serverLine
        self.errors = errors
        self.retryAfter = retryAfter
    }

    public static func notFound(_ detail: String) -> Problem { Problem(.notFound, detail) }
    public static func refused(_ detail: String) -> Problem { Problem(.refused, detail) }

    /// What failed by itself: temporary failures are for another try, the others for somebody who acts.
    public init(_ failure: Failure) {
        let detail = "\(failure.operation): \(failure.reason)"
        switch failure.retry {
        case .now: self.init(.tryLater, detail, serverLine: failure.serverLine, retryAfter: 1)
        case .later(let wait):
            self.init(
                .tryLater, detail, serverLine: failure.serverLine,
                retryAfter: wait.map { Int($0.inSeconds.rounded(.up)) })
        case .whenReauthorized, .whenReconfigured: self.init(.trouble, detail, serverLine: failure.serverLine)
        case .never:
            let kind: Kind = failure.scope == .message ? .refused : .trouble
            self.init(kind, detail, serverLine: failure.serverLine)
        }
    }

    /// Whatever was thrown. What is neither a problem nor a failure is a fault of ours.
    public init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let failure as Failure: self.init(failure)
        default: self.init(.internalError, "\(type(of: error)): \(error)")
        }
    }

    // MARK: RFC 9457 §3.1

    private enum CodingKeys: String, CodingKey {
        case type, title, status, detail, kind
        case exitCode = "exit_code"
        case serverLine = "server_line"
        case errors
        case retryAfter = "retry_after"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode("urn:postbote:problem:\(kind.rawValue)", forKey: .type)
        try container.encode(kind.title, forKey: .title)
        try container.encode(kind.status, forKey: .status)
        try container.encode(detail, forKey: .detail)
        try container.encode(kind, forKey: .kind)
        try container.encode(kind.exitCode, forKey: .exitCode)
        try container.encodeIfPresent(serverLine, forKey: .serverLine)
        try container.encodeIfPresent(errors, forKey: .errors)
        try container.encodeIfPresent(retryAfter, forKey: .retryAfter)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        kind = try container.decode(Kind.self, forKey: .kind)
        detail = try container.decode(String.self, forKey: .detail)
        serverLine = try container.decodeIfPresent(String.self, forKey: .serverLine)
        errors = try container.decodeIfPresent([String].self, forKey: .errors)
        retryAfter = try container.decodeIfPresent(Int.self, forKey: .retryAfter)
    }
}

extension Problem.Kind {
    var title: String {
        switch self {
        case .usage: "The request makes no sense"
        case .refused: "The message was refused"
        case .notFound: "There is no such thing"
        case .conflict: "Its state does not allow that"
        case .trouble: "Somebody must act first"
        case .tryLater: "Try again later"
        case .stopping: "Postbote is stopping"
        case .notPermitted: "Not permitted"
        case .configuration: "The configuration has errors"
        case .internalError: "Postbote failed"
        }
    }
}

import Diagnostics
import Hummingbird
import MailModel

/// What routes read from a request, each value checked where it enters.
extension Request {
    func text(_ name: String, atMost octets: Int = 255) throws(Problem) -> String? {
        guard let value = uri.queryParameters[Substring(name)] else { return nil }
        guard value.utf8.count <= octets else { throw Problem(.usage, "`\(name)` is longer than \(octets) octets") }
        return String(value)
    }

    func texts(_ name: String, atMost count: Int, octets: Int) throws(Problem) -> [String] {
        let values: [String] = uri.queryParameters.getAll(name)
        guard values.count <= count else { throw Problem(.refused, "more than \(count) of `\(name)`") }
        guard values.allSatisfy({ $0.utf8.count <= octets }) else {
            throw Problem(.usage, "a `\(name)` is longer than \(octets) octets")
        }
        return values
    }

    func direction() throws(Problem) -> Direction? {
        guard let text = try text("direction") else { return nil }
        return try Direction(inRequest: text)
    }

    func flag(_ name: String) throws(Problem) -> Bool {
        switch try text(name) {
        case nil, "false": return false
        case "true": return true
        case .some(let other): throw Problem(.usage, "`\(name)` is true or false, not \(other)")
        }
    }

    func number(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
        guard let text = try text(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw Problem(.usage, "`\(name)` is a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func moment(_ name: String) throws(Problem) -> Timestamp? {
        guard let text = try text(name) else { return nil }
        guard let moment = Timestamp(utcSecond: text) else {
            throw Problem(.usage, "`\(name)` is a moment like 2026-11-21T09:30:00Z")
        }
        return moment
    }

    func accountInQuery() throws(Problem) -> AccountName? {
        guard let text = try text("account") else { return nil }
        return try AccountName(inRequest: text)
    }
}

extension Request {
    func queueState() throws(Problem) -> QueueState? {
        guard let text = try text("state") else { return nil }
        guard let state = QueueState(rawValue: text) else {
            throw Problem(.usage, "`state` is one of \(QueueState.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return state
    }
}

extension ControlContext {
    func queueID() throws -> QueueID { try QueueID(inRequest: try parameters.require("id")) }
    func account() throws -> AccountName { try AccountName(inRequest: try parameters.require("name")) }
}

extension QueueID {
    init(inRequest text: String) throws(Problem) {
        guard let id = QueueID(text) else { throw .notFound("no message has the queue id \(text)") }
        self = id
    }
}

extension Direction {
    init(inRequest text: String) throws(Problem) {
        guard let direction = Direction(rawValue: text) else {
            throw Problem(.usage, "`direction` is receive or send, not \(text)")
        }
        self = direction
    }
}

extension AccountName {
    init(inRequest text: String) throws(Problem) {
        guard let name = AccountName(text) else { throw .notFound("no account is called \(text)") }
        self = name
    }
}

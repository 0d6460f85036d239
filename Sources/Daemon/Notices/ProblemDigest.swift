import MailModel

/// The problems that one mail tells of. An app registration whose secret has ended stops thousands of accounts for one
/// reason, which is told once.
struct ProblemDigest {
    private struct Cause: Hashable {
        var state: DirectionState
        var reason: String
    }

    /// Those that concern most accounts first.
    private let groups: [(cause: Cause, accounts: [AccountName])]

    init(_ problems: [DirectionProblem]) {
        groups = Dictionary(grouping: problems) { Cause(state: $0.state, reason: $0.reason) }
            .map { cause, problems in (cause, Set(problems.map(\.account)).sorted()) }
            .sorted { ($1.1.count, $0.1[0]) < ($0.1.count, $1.1[0]) }
    }

    var subject: String {
        let accounts = Set(groups.flatMap(\.accounts))
        let states = Set(groups.map(\.cause.state))
        let words = states.count == 1 ? states.first?.words ?? "" : "need somebody"
        let who = accounts.count == 1 ? accounts.first?.text ?? "" : "\(accounts.count) accounts"
        return "\(who): \(words)"
    }

    var text: String {
        var parts = groups.prefix(Limits.accountsNamed).map { group in
            let named = group.accounts.prefix(Limits.accountsNamed).map(\.text).joined(separator: ", ")
            let more = group.accounts.count - Limits.accountsNamed
            return
                "\(named)\(more > 0 ? " and \(more) more" : ""): \(group.cause.state.rawValue)\n\(group.cause.reason)\n"
        }
        let more = groups.dropFirst(Limits.accountsNamed).reduce(0) { $0 + $1.accounts.count }
        if more > 0 { parts.append("And \(more) accounts more, for other reasons.\n") }
        parts.append("All of them, with what to do: postbote status --problems, postbote status ACCOUNT\n")
        return parts.joined(separator: "\n")
    }
}

extension DirectionState {
    /// What it means, in a subject.
    fileprivate var words: String {
        switch self {
        case .needsAuthorization: "sign-in needed"
        case .needsAdmin: "the mail provider's administrator is needed"
        default: "configuration to be corrected"
        }
    }
}

import Diagnostics
import MailModel
import Operations

/// Everything about one account.
struct AccountDetails {
    private(set) var lines: [String] = []
    private let wording: Wording

    init(_ account: AccountStatus, at now: Timestamp) {
        wording = Wording(now: now)
        add("account", account.name)
        add("address", account.address)
        add(direction: "receiving", account.receive)
        if account.receive != nil { addMail(account) }
        for backfill in account.backfill { add(backfill) }
        add(direction: "sending", account.send)
        if account.send != nil { addQueue(account.queue) }
        add("sends as", account.sendingLogin.map { "\($0) (found by trying)" })
        add("token ends", moment(account.tokenValidUntil))
        add("expires next", account.expires.map { "\($0.what), \(moment($0.at) ?? "")" })
        for proof in account.clientProofs { add(proof) }
        guard !account.errors.isEmpty else { return }
        lines.append("last errors")
        for error in account.errors { add(error, indent: 2, isExplained: true) }
    }

    private mutating func add(direction name: String, _ status: DirectionStatus?) {
        guard let status else { return add(name, "not configured") }
        let activity = status.activity.map { ", \($0.rawValue)" } ?? ""
        let since = status.since.map { " since \(moment($0) ?? "")" } ?? ""
        let begins = status.state == .paused ? "resumed" : "tried again"
        let until = status.until.map { ", \(begins) \(wording.relative($0) ?? "")" } ?? ""
        add(name, "\(status.state.rawValue)\(activity)\(since)\(until)")
        if let problem = status.problem { add(problem, indent: 2) }
    }

    private mutating func addMail(_ account: AccountStatus) {
        let took = Wording.seconds(account.lastFetchSeconds).map { ", took \($0)" } ?? ""
        add("last fetch", moment(account.lastFetch).map { $0 + took })
        add("next fetch", moment(account.nextFetch))
        add("delivered", String(account.mail.delivered))
        add("too large", String(account.mail.tooLarge))
        add("quarantined", String(account.mail.quarantined))
        add("doubtful", String(account.mail.doubtful))
        add("last audit", moment(account.lastAudit))
        if account.messagesUnaccounted > 0 { add("unaccounted", String(account.messagesUnaccounted)) }
        let again = [
            (account.mail.recognised, "recognised after a move"), (account.mail.revised, "revised by the server"),
            (account.mail.duplicates, "seen in another folder"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        if !again.isEmpty { add("not again", again.joined(separator: ", ")) }
    }

    private mutating func add(_ backfill: AccountStatus.Backfill) {
        var words = ["\(backfill.folder): \(backfill.done) done, \(backfill.waiting) waiting"]
        if backfill.isPaused {
            words.append("paused" + (moment(backfill.pausedUntil).map { " until \($0)" } ?? ""))
        } else {
            if let rate = backfill.messagesPerSecond { words.append("\(Wording.rate(rate)) messages/s") }
            if let ends = moment(backfill.ends) { words.append("ready \(ends)") }
        }
        add("old mail", words.joined(separator: ", "))
    }

    private mutating func add(_ proof: AccountStatus.ClientProof) {
        let state =
            switch proof.state {
            case .inUse: "in use"
            case .refused: "refused"
            case .spare: "spare"
            }
        let ends = moment(proof.expires).map { ", ends \($0)" } ?? ""
        add("app proof", "\(proof.name) of \(proof.provider) (\(proof.place)): \(state)\(ends)")
        if let problem = proof.problem { add(problem, indent: 2) }
    }

    private mutating func addQueue(_ queue: AccountStatus.Queue) {
        let parts: [(QueueState, Int)] = [
            (.queued, queue.queued), (.deferred, queue.deferred), (.sending, queue.sending),
            (.inDoubt, queue.inDoubt), (.held, queue.held), (.failed, queue.failed),
        ]
        let text = parts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0.rawValue)" }.joined(separator: ", ")
        add("queue", text.isEmpty ? "empty" : text)
    }

    /// - Parameter isExplained: shows the entry of `postbote explain`, too.
    private mutating func add(_ error: ErrorReport, indent: Int, isExplained: Bool = false) {
        let blanks = String(repeating: " ", count: indent)
        let when = error.at.map { "\(moment($0) ?? "") " } ?? ""
        let explanation = isExplained ? error.explanation : nil
        // Many a reason begins with what the entry says, and goes on with its cure.
        let said = explanation.flatMap { error.reason.hasPrefix($0.happened.dropLast()) ? $0.happened : nil }
        lines.append(Printable("\(blanks)\(when)\(error.operation): \(said ?? error.reason)").description)
        defer {
            let details = explanation.map { ExplanationDetails($0, indent: indent + 2) }
            lines += details?.lines(withoutWhatHappened: said != nil) ?? []
        }
        if let serverLine = error.serverLine {
            lines.append(Printable("\(blanks)  server: \(serverLine)").description)
        }
    }

    private mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        lines.append(name + String(repeating: " ", count: 14 - name.count) + Printable(value).description)
    }

    private func moment(_ moment: Timestamp?) -> String? {
        moment.map { "\($0) (\(wording.relative($0) ?? ""))" }
    }
}

import Authorization
import Console
import Diagnostics
import MailModel
import Operations
import Store

/// The sign-ins with links, from the button to the result page: each belongs to one browser and takes one answer. A value:
/// the clock is the caller's. They do not survive a restart, unlike the links: people press the button again.
struct LinkSignIns: Sendable {
    /// One that waits for its answer.
    struct Waiting: Sendable {
        var digest: SignInLink.Digest
        var link: Secret
        var account: AccountName
        var request: AuthorizationRequest
    }

    /// Whether an answer belongs here.
    enum Taken: Sendable {
        case waiting(Waiting, id: String)
        case unknown
        case foreign
    }

    private enum Phase: Sendable {
        /// Exits: `answering`; forgotten when the request expires.
        case waiting(Waiting)
        /// The answer is being redeemed. Exits: `over`.
        case answering
        /// Exits: forgotten after an hour.
        case over(LinkResult, at: Timestamp)
    }

    private struct Entry: Sendable {
        /// Of the browser's key.
        var browser: String
        var digest: SignInLink.Digest
        var begun: Timestamp
        var phase: Phase

        var isWaiting: Bool { if case .waiting = phase { true } else { false } }
        var isOver: Bool { if case .over = phase { true } else { false } }
    }

    private var entries: [String: Entry] = [:]

    /// Of one link the oldest gives way, first those that are over: somebody pressed the button again and again, and must
    /// not take the room of others.
    ///
    /// - Throws: `Problem` when there are too many of all links.
    mutating func add(_ waiting: Waiting, in browser: BrowserKey, at now: Timestamp) throws(Problem) {
        forgetOld(at: now)
        let own = entries.filter { $1.digest == waiting.digest }
        var hasRoom = own.count < Limits.linkSignInsOfOne
        if !hasRoom, let oldest = LinkSignIns.oldest(own, \.isOver) ?? LinkSignIns.oldest(own, \.isWaiting) {
            entries[oldest] = nil
            hasRoom = true
        }
        guard hasRoom, entries.count < Limits.linkSignIns else {
            throw Problem(
                .tryLater, "Too many sign-ins with links are under way already.", retryAfter: 60)
        }
        entries[Secret.random().reveal()] = Entry(
            browser: browser.digest, digest: waiting.digest, begun: now, phase: .waiting(waiting))
    }

    private static func oldest(_ entries: [String: Entry], _ isMeant: (Entry) -> Bool) -> String? {
        entries.filter { isMeant($1) }.min { $0.value.begun < $1.value.begun }?.key
    }

    /// Whether somebody who came with one of these links is at the provider, or has just come back.
    func areUnderWay(_ links: Set<SignInLink.Digest>, at now: Timestamp) -> Bool {
        entries.values.contains { entry in
            guard links.contains(entry.digest) else { return false }
            return switch entry.phase {
            case .waiting(let waiting): now < waiting.request.expires
            case .answering: true
            case .over: false
            }
        }
    }

    /// The sign-in that is answered now, and never again. An answer from another browser leaves it waiting.
    mutating func take(state: Secret, in browser: BrowserKey, at now: Timestamp) -> Taken {
        forgetOld(at: now)
        for (id, entry) in entries {
            guard case .waiting(let waiting) = entry.phase, waiting.request.isAnswered(withState: state) else {
                continue
            }
            guard entry.browser == browser.digest else { return .foreign }
            entries[id]?.phase = .answering
            return .waiting(waiting, id: id)
        }
        return .unknown
    }

    mutating func end(_ id: String, _ result: LinkResult, at now: Timestamp) {
        entries[id]?.phase = .over(result, at: now)
    }

    /// The live check goes on.
    mutating func change(_ id: String, _ change: (inout OwnerCheck) -> Void) {
        guard case .over(var result, let at) = entries[id]?.phase,
            case .signedIn(let person, let isLasting, var check) = result.outcome
        else { return }
        change(&check)
        result.outcome = .signedIn(person: person, isLasting: isLasting, check: check)
        entries[id]?.phase = .over(result, at: at)
    }

    func result(_ id: String, in browser: BrowserKey) -> LinkResult? {
        guard let entry = entries[id], entry.browser == browser.digest, case .over(let result, _) = entry.phase else {
            return nil
        }
        return result
    }

    private mutating func forgetOld(at now: Timestamp) {
        entries = entries.filter { _, entry in
            switch entry.phase {
            case .waiting(let waiting): now < waiting.request.expires
            case .answering: true
            case .over(_, let at): now < at + Limits.linkResultMemory
            }
        }
    }
}
